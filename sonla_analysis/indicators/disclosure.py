"""Small cells: a cross-table must not point at one household.

Counts 1–4 are hidden, never written as zero; further cells are hidden until no hidden one follows
from the totals. No Vietnamese rule with a number was found: 5 is common practice.
"""

from collections import defaultdict

import numpy as np
import pandas as pd

MINIMUM = 5
_COUNTS = ["numerator", "denominator"]


def hide_small(observed: pd.DataFrame, groups) -> pd.DataFrame:
    """Return a breakdown with small cells hidden: state `hidden`, numbers missing.

    `observed` comes from `measure(..., by=("unit", *groups))`. The total of each unit over its
    groups, and of each group over the units, is published; `hidden_cells` says what may be told
    beside them. Urban or rural is a trait of the place and hides nobody.

    >>> observed = pd.DataFrame({"as_of": "d", "unit": "u", "level": "unit", "indicator": "i",
    ...     "ethnicity": ["Thái", "Kinh", "Mông"], "numerator": [30, 7, 2], "unknown": 0,
    ...     "denominator": [40, 9, 6], "value": [75.0, 77.8, 33.3], "state": "reported"})
    >>> hide_small(observed, ["ethnicity"])["state"].tolist()
    ['reported', 'hidden', 'hidden']
    """
    if list(groups) == ["area"]:
        return observed
    hidden = pd.Series(False, index=observed.index)
    for _, rows in observed.groupby(["as_of", "indicator"]):
        hidden[rows.index] = _hidden_rows(rows, list(groups))
    blanked = observed[[*_COUNTS, "value", "unknown"]].mask(hidden)
    return observed.assign(**blanked, state=observed["state"].mask(hidden, "hidden"))


def _hidden_rows(rows: pd.DataFrame, groups: list[str]) -> np.ndarray:
    """Return which rows of one indicator's table, units by groups, may not be told."""
    of_area = (rows["level"] == "city").to_numpy()
    unit = pd.factorize(rows["unit"].where(~of_area))[0]
    unit[of_area] = unit.max() + 1
    group = rows.groupby(groups, dropna=False).ngroup().to_numpy()
    tables = []
    for name in _COUNTS:
        counts = rows[name].fillna(rows["numerator"]).astype("float64").abs().fillna(0)
        table = np.zeros((unit.max() + 1 + (not of_area.any()), group.max() + 1), dtype="int64")
        table[unit, group] = np.rint(counts)
        if not of_area.any():
            table[-1] = table[:-1].sum(axis=0)
        tables.append(table)
    return hidden_cells(*tables, tables[1])[unit, group]


def hidden_cells(numerator, denominator, households) -> np.ndarray:
    """Return which cells of one result may not be told: units (the area last) by groups.

    Hidden are 1 to 4 reached, counted, or households behind them; then the next smaller ones
    until what is hidden of a total, which is published, is at least two cells that together hold
    5 reached and 5 counted, and no cell follows from several totals together. Where that cannot
    be had, the whole line is hidden, zeros as well; a line with one group only is the total and
    says what everybody belongs to, so it is hidden too.

    >>> table = np.array([[30, 7, 2], [20, 9, 8], [50, 16, 10]])
    >>> hidden_cells(table, table, table).tolist()
    [[False, True, True], [False, True, True], [False, False, False]]
    """
    hidden = np.zeros_like(denominator, dtype=bool)
    for part in (numerator, denominator, households):
        hidden |= (part > 0) & (part < MINIMUM)
    hidden[(denominator > 0).sum(axis=1) == 1] = True
    before = None
    while before is None or (hidden != before).any():
        before = hidden.copy()
        for row in range(len(hidden)):
            if not _cover(hidden[row], numerator[row], denominator[row]):
                hidden[row] = True
        for column in np.flatnonzero(~hidden[-1]):
            line = slice(None, -1), column
            if not _cover(hidden[line], numerator[line], denominator[line]):
                hidden[-1, column] = True
        if (hidden == before).all():
            hidden[_followed(hidden)] = True
    return hidden


def _cover(hidden: np.ndarray, numerator: np.ndarray, denominator: np.ndarray) -> bool:
    """Hide the smallest told cells of a line until its total tells no hidden one, if that works."""
    while hidden.any() and not (
        hidden.sum() >= 2
        and numerator[hidden].sum() >= MINIMUM
        and denominator[hidden].sum() >= MINIMUM
    ):
        told = np.flatnonzero(~hidden & (denominator > 0))
        if not len(told):
            return False
        hidden[told[denominator[told].argmin()]] = True
    return True


def _followed(hidden: np.ndarray) -> list[int]:
    """Return the lines with a hidden cell that several totals together would tell.

    Lines and groups are the nodes of a graph, hidden cells its edges, totals its equations: a
    cell follows from them when it is a bridge, an edge on no circle.
    """
    lines, groups = np.nonzero(hidden)
    edges = list(zip(lines.tolist(), (groups + len(hidden)).tolist(), strict=True))
    return sorted({edges[one][0] for one in _bridges(edges)})


def _bridges(edges: list[tuple[int, int]]) -> list[int]:
    """Return the places of the edges without which a part of the graph would fall off.

    One walk through the depth of the graph (Tarjan 1974): an edge is a bridge when nothing behind
    it leads back to where the walk had been before.

    >>> _bridges([(1, 2), (2, 3), (3, 1), (3, 4)])
    [3]
    """
    around = defaultdict(list)
    for place, (one, other) in enumerate(edges):
        around[one].append((other, place))
        around[other].append((one, place))
    found, reached, back = [], {}, {}  # node → when the walk came to it; how far back it leads
    for start in around:
        if start in reached:
            continue
        reached[start] = back[start] = len(reached)
        path = [(start, None, iter(around[start]))]
        while path:
            node, came_by, ways = path[-1]
            for other, place in ways:
                if other not in reached:
                    reached[other] = back[other] = len(reached)
                    path.append((other, place, iter(around[other])))
                    break
                if place != came_by:
                    back[node] = min(back[node], reached[other])
            else:
                path.pop()
                if path:
                    before = path[-1][0]
                    back[before] = min(back[before], back[node])
                    if back[node] > reached[before]:
                        found.append(came_by)
    return found
