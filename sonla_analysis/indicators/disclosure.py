"""Small cells: a breakdown must not point at one household.

A cell of a breakdown is a group of a unit with three counts: reached, not reached, and both
together (counted). Each is small from 1 to 4 and is then hidden, never written as zero, with
further cells until no hidden one follows from what is told. No Vietnamese rule with a number was
found: 5 is common practice.

The reader we guard against knows: every total of a unit and of the area (they are published), every
cell that is told, that counts are whole numbers and not negative, and what was told on earlier
dates. A cell is safe when its counts could be other ones and all of that would still be true.
"""

import numpy as np
import pandas as pd

MINIMUM = 5
_COUNTS = ["numerator", "denominator"]
_NUMBERS = [*_COUNTS, "value", "unknown", "lowest", "highest"]


def small(counts):
    """Return where a count is 1 to 4.

    >>> small(np.array([0, 1, 4, 5])).tolist()
    [False, True, True, False]
    """
    return (counts > 0) & (counts < MINIMUM)


def hide_small(observed: pd.DataFrame, groups) -> pd.DataFrame:
    """Return a breakdown with small cells hidden: state `hidden`, numbers missing.

    `observed` comes from `measure(..., by=("unit", *groups))`. The total of each unit over its
    groups, and of each group over the units, is published; `hidden_cells` says what may be told
    beside them. Urban or rural is a trait of the place and hides nobody.

    >>> observed = pd.DataFrame({"as_of": "d", "unit": "u", "level": "unit", "indicator": "i",
    ...     "ethnicity": ["Thái", "Kinh", "Mông"], "numerator": [30, 7, 2], "unknown": 0,
    ...     "denominator": [40, 17, 12], "value": [75.0, 41.2, 16.7], "state": "reported"})
    >>> hide_small(observed, ["ethnicity"])["state"].tolist()
    ['reported', 'hidden', 'hidden']
    """
    if list(groups) == ["area"]:
        return observed
    hidden = pd.Series(False, index=observed.index)
    for _, rows in observed.groupby(["as_of", "indicator"]):
        hidden[rows.index] = _hidden_rows(rows, list(groups))
    return hide(observed, hidden)


def hide(observed: pd.DataFrame, hidden: pd.Series) -> pd.DataFrame:
    """Return the observations without a number in the hidden rows, their state `hidden`."""
    blanked = observed[[name for name in _NUMBERS if name in observed]].mask(hidden)
    return observed.assign(**blanked, state=observed["state"].mask(hidden, "hidden"))


def _hidden_rows(rows: pd.DataFrame, groups: list[str]) -> np.ndarray:
    """Return which rows of one indicator's table, units by groups, may not be told."""
    of_area = (rows["level"] == "area").to_numpy()
    unit = pd.factorize(rows["unit"].where(~of_area))[0]  # -1 for the area: the last line
    group = rows.groupby(groups, dropna=False).ngroup().to_numpy()
    tables = []
    for name in _COUNTS:
        counts = rows[name].fillna(rows["numerator"]).astype("float64").abs().fillna(0)
        table = np.zeros((unit.max() + 2, group.max() + 1), dtype="int64")
        table[unit, group] = np.rint(counts)
        if not of_area.any():  # nothing is told of a group across the units
            table[-1] = table.sum(axis=0)
        tables.append(table)
    return hidden_cells([tables], area=of_area.any())[unit, group]


def hidden_cells(results, also=False, open_counts=None, room=True, area: bool = True) -> np.ndarray:
    """Return which cells of some results may not be told: units (the area last) by groups.

    A result is (numerator, denominator) or (numerator, denominator, households behind them); all
    have the same cells, told or hidden together. `also` are cells hidden for another reason,
    `open_counts` holds for each result those of which no other table tells the number counted
    (None: all), `room` those in which it could be one more; `area` is whether groups are told
    across the units.

    Hidden are 1 to 4 reached, not reached, counted, or households; then the next smaller cells
    until what is hidden of a total is at least two cells that together hold none or 5 of each
    count, and each small count could be another one. Where that cannot be had, the whole line is
    hidden, zeros as well; a line with one group only is the total and says what everybody
    belongs to, so it is hidden too.

    >>> table = np.array([[30, 7, 2], [20, 9, 8], [50, 16, 10]])
    >>> hidden_cells([(table, table * 2)]).tolist()
    [[False, True, True], [False, True, True], [False, False, False]]
    """
    parts = [(one[0], one[1] - one[0]) for one in results]
    opened = [True if one is None else one for one in open_counts or [None] * len(results)]
    counted = np.maximum.reduce([one[1] for one in results])
    hidden = np.zeros_like(counted, dtype=bool) | also
    for result in results:
        for part in (*result, result[1] - result[0]):
            hidden |= small(part)
    hidden[(counted > 0).sum(axis=1) == 1] = True
    if not area:
        hidden[-1] = True
    before = None
    while before is None or (hidden != before).any():
        before = hidden.copy()
        _cover_lines(hidden, parts, counted)
        if (hidden == before).all():
            for cell in _exposed(hidden, parts, opened, room):
                _hide_beside(cell, hidden, counted)
    return hidden


def _cover_lines(hidden: np.ndarray, parts: list[tuple], counted: np.ndarray) -> None:
    """Hide further cells of units and groups until the totals tell no hidden one."""
    counts = [*(part for pair in parts for part in pair), *(sum(pair) for pair in parts)]
    for row in np.flatnonzero(hidden.any(axis=1)):
        if not _cover(hidden[row], [part[row] for part in counts], counted[row]):
            hidden[row] = True
    for column in np.flatnonzero(~hidden[-1] & hidden.any(axis=0)):
        line = slice(None, -1), column
        if not _cover(hidden[line], [part[line] for part in counts], counted[line]):
            hidden[-1, column] = True


def _cover(hidden: np.ndarray, counts: list[np.ndarray], counted: np.ndarray) -> bool:
    """Hide the smallest told cells of a line until its total tells no hidden one, if that works."""
    while hidden.sum() < 2 or any(small(part[hidden].sum()) for part in counts):
        smallest = _smallest_told(hidden, counted)
        if smallest is None:
            return False
        hidden[smallest] = True
    return True


def _smallest_told(hidden: np.ndarray, counted: np.ndarray) -> int | None:
    """Return the place of a line's smallest told cell; None where none told holds anybody."""
    told = np.flatnonzero(counted * ~hidden)
    return told[counted[told].argmin()] if len(told) else None


def _hide_beside(cell: tuple[int, int], hidden: np.ndarray, counted: np.ndarray) -> None:
    """Hide what may free an exposed cell: more of its unit, then of its group, then the area.

    Nothing changes where all of that is hidden: what the published totals tell stays told.
    """
    row, column = cell
    for line in ((row, slice(None)), (slice(None, -1), column)):
        smallest = _smallest_told(hidden[line], counted[line])
        if smallest is not None:
            hidden[line][smallest] = True
            return
    hidden[row], hidden[-1] = True, True


def _exposed(hidden: np.ndarray, parts: list[tuple], opened: list, room) -> list[tuple[int, int]]:
    """Return the hidden cells with a small count that what is told leaves no choice.

    Units, groups and the area are nodes, hidden cells the ways between them. Totals stay true when
    a household more in one cell is a household less in the next, round a circle: from unit to
    group where one more is possible, from group to unit where one less is. A count could be another
    one when its cell is on such a circle of three ways or more.
    """
    found = set()
    for (reached, missed), free in zip(parts, opened, strict=True):
        free = hidden & free
        up = {"exchanged": hidden & (missed > 0)}  # one more reached is one less not reached
        down = {"exchanged": hidden & (reached > 0)}
        for name, part in (("reached", reached), ("missed", missed)):
            up[name], down[name] = free & room, free & (part > 0)
        moving = {name: _Circles(up[name], down[name]) for name in up}
        wanted = {
            ("exchanged", "reached"): small(reached),
            ("exchanged", "missed"): small(missed),
            ("reached", "missed"): small(reached + missed) & free,
        }
        for ways, cells in wanted.items():
            for cell in map(tuple, np.argwhere(cells & hidden)):
                if cell not in found and not any(moving[way].holds(*cell) for way in ways):
                    found.add(cell)
    return sorted(found)


class _Circles:
    """The ways along which counts can be exchanged without a total noticing."""

    def __init__(self, up: np.ndarray, down: np.ndarray):
        up, down = up.copy(), down.copy()
        up[-1], down[-1] = down[-1].copy(), up[-1].copy()  # the area is the sum of the units
        self.to_groups = [np.flatnonzero(line).tolist() for line in up]
        self.to_units = [np.flatnonzero(line).tolist() for line in down.T]

    def holds(self, row: int, column: int) -> bool:
        """Whether a cell lies on a circle: back from its group to its unit, or the other way."""
        unit, group = ("unit", row), ("group", column)
        return (column in self.to_groups[row] and self._lead(group, unit)) or (
            row in self.to_units[column] and self._lead(unit, group)
        )

    def _lead(self, start: tuple[str, int], end: tuple[str, int]) -> bool:
        """Whether ways lead from one end of a cell to its other end without that cell."""
        seen, waiting = {start}, [start]
        while waiting:
            node = waiting.pop()
            side, place = node
            onward = self.to_groups[place] if side == "unit" else self.to_units[place]
            for other in (("group" if side == "unit" else "unit", one) for one in onward):
                if other == end and node != start:
                    return True
                if other not in seen and other != end:
                    seen.add(other)
                    waiting.append(other)
        return False
