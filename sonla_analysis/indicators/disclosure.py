"""Small cells: a cross-table must not point at one household.

Counts 1–4 are hidden, never written as zero; further cells are hidden until no hidden one follows
from the totals. No Vietnamese rule with a number was found: 5 is common practice.
"""

from heapq import heappop, heappush

import pandas as pd

MINIMUM = 5
# what hiding a cell costs the reader: a plain count, a zero, a figure of the whole area
_PLAIN, _ZERO, _AREA = 1.0, 3.0, 5.0


def hide_small(observed: pd.DataFrame, groups, minimum: int = MINIMUM) -> pd.DataFrame:
    """Return a breakdown with small cells hidden: state `hidden`, numbers missing.

    `observed` comes from `measure(..., by=("unit", *groups))`. A cell is hidden when its
    numerator or denominator is between 1 and minimum − 1. The total of each unit over its groups,
    and of each group over the units, is published, so the fewest further cells are hidden that
    keep a small one from being worked out. Urban or rural is a trait of the place and hides
    nobody.

    >>> observed = pd.DataFrame({"as_of": "d", "unit": "u", "level": "unit", "indicator": "i",
    ...     "ethnicity": ["Thái", "Kinh", "Mông"], "numerator": [30, 7, 2], "unknown": 0,
    ...     "denominator": [40, 9, 6], "value": [75.0, 77.8, 33.3], "state": "reported"})
    >>> hide_small(observed, ["ethnicity"])["state"].tolist()
    ['reported', 'hidden', 'hidden']
    """
    if list(groups) == ["area"]:
        return observed
    numerator, denominator = (observed[name].astype("float64") for name in _COUNTS)
    small = numerator.between(1, minimum - 1) | denominator.between(1, minimum - 1)
    hidden = small.to_numpy(copy=True)
    for places in observed.groupby(["as_of", "indicator"]).indices.values():
        if hidden[places].any():
            hidden[places] = _protected(observed.iloc[places], hidden[places], list(groups))
    hidden = pd.Series(hidden, index=observed.index)
    blanked = observed[[*_COUNTS, "value", "unknown"]].mask(hidden)
    return observed.assign(**blanked, state=observed["state"].mask(hidden, "hidden"))


_COUNTS = ("numerator", "denominator")


def _protected(rows: pd.DataFrame, small, groups: list[str]):
    """Return the cells of one table to hide.

    Seen as a network, a table's units and groups are the knots and its cells the threads between
    them: a hidden cell follows from the totals exactly when it lies on no ring of hidden cells.
    So the cheapest ring through each small cell is hidden.
    """
    city = (rows["level"] == "city").to_numpy()
    unit = pd.factorize(rows["unit"])[0]
    group = -1 - rows.groupby(groups, dropna=False).ngroup().to_numpy()
    if city.all() or not city.any():
        group[:] = -1  # no totals over the units: one knot stands for all groups
    zero = (rows["numerator"].fillna(0) == 0).to_numpy()
    cost = _PLAIN + (_ZERO - _PLAIN) * zero + (_AREA - _PLAIN) * city
    cost = cost + rows["numerator"].astype("float64").fillna(0).to_numpy() * 1e-9  # the smaller
    cost[small] = 0
    threads = {}
    for cell in (rows["state"] != "not_reported").to_numpy().nonzero()[0].tolist():
        threads.setdefault(int(unit[cell]), []).append((cell, int(group[cell])))
        threads.setdefault(int(group[cell]), []).append((cell, int(unit[cell])))
    for cell in small.nonzero()[0].tolist():
        cost[list(_ring(cell, int(unit[cell]), int(group[cell]), threads, cost))] = 0
    return cost == 0


def _ring(cell: int, start: int, goal: int, threads: dict, cost) -> tuple:
    """Return the cheapest cells that close a ring through a cell (Dijkstra), none if none do."""
    queue, done = [(0.0, start, ())], set()
    while queue:
        spent, knot, path = heappop(queue)
        if knot == goal:
            return path
        if knot in done:
            continue
        done.add(knot)
        for other, neighbour in threads[knot]:
            if other != cell and neighbour not in done:
                heappush(queue, (spent + cost[other], neighbour, (*path, other)))
    return ()
