"""Which numbers of a poverty profile may not be told: they must not point at a household.

How many poor households lack many services at once is in no official form. The reader we guard
against knows form 4 (of each unit, how many poor households lack what), every total that is told
and all that is told of other units. What form 4 leaves open of a hidden small number stays as open.
"""

from typing import NamedTuple

import numpy as np

from sonla_analysis.indicators.disclosure import MINIMUM, small


class Part(NamedTuple):
    """Counts of some cells whose sum is told, with what is known of each by form 4 alone."""

    counts: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def open(self) -> np.ndarray:
        """Where form 4 does not tell the number already."""
        return self.low < self.high

    def of(self, cells: np.ndarray) -> "Part":
        return Part(*(one[cells] for one in self))


def many_within(lacking: np.ndarray, homes: np.ndarray, least: int) -> tuple:
    """Return the fewest and the most of each unit's households that can lack `least` or more.

    `lacking` has a row a unit, a column a deprivation: of its `homes`, how many lack it.

    >>> ends = many_within(np.array([[2, 2, 2], [3, 0, 0], [1, 1, 1]]), np.array([2, 3, 2]), 3)
    >>> [one.tolist() for one in ends]  # both lack all three; nobody can; one or nobody can
    [[2, 0, 0], [2, 0, 1]]
    """
    ends = [_ends(row, int(n), least) for row, n in zip(lacking, homes, strict=True)]
    low, high = np.array(ends, dtype="int64").reshape(-1, 2).T
    return low, high


def _ends(lacking: np.ndarray, homes: int, least: int) -> tuple[int, int]:
    """Return the ends of a unit: those below the cut-off can hold so much, those above so much."""
    many = np.arange(homes + 1)
    below = np.maximum(lacking - many[:, None], 0).sum(axis=1)
    above = np.minimum(lacking, many[:, None]).sum(axis=1)
    low = np.flatnonzero(below <= (least - 1) * (homes - many))[0]
    high = np.flatnonzero(above >= least * many)[-1]
    return int(low), int(max(low, high))


def points_within(lacking, homes, low, high, least: int) -> tuple:
    """Return the ends of all deprivations of those households, of which there are low to high."""
    every = lacking.sum(axis=1)
    fewest = np.maximum(least * low, every - (least - 1) * (homes - low))
    most = np.minimum(lacking, high[:, None]).sum(axis=1)
    return fewest, np.maximum(fewest, most)


def hidden_units(parts: list[Part], among: list[np.ndarray], unsafe: np.ndarray) -> np.ndarray:
    """Return which cells of a line may not be told; all of them, where its sums tell too much.

    `among` are the counts that each part is some of; `unsafe` the cells hidden in any case.

    >>> many = Part(np.array([2, 9, 9, 20]), np.zeros(4, int), np.array([4, 20, 20, 40]))
    >>> hidden_units([many], [np.array([4, 20, 20, 40])], np.array([True, False, False, False]))
    array([ True,  True, False, False])
    """
    hidden, size = unsafe.copy(), np.max([one.counts for one in parts], axis=0)
    while hidden.any() and _tells(hidden, unsafe, parts, among):
        told = np.flatnonzero(~hidden & np.any([one.open for one in parts], axis=0))
        if not len(told):
            return np.ones_like(hidden)
        hidden[told[size[told].argmin()]] = True
    return hidden


def sums_tell(parts: list[Part], among: list[np.ndarray], unsafe: np.ndarray) -> bool:
    """Whether the sums over all cells alone tell something of an unsafe one."""
    return bool(unsafe.any()) and _tells(np.ones_like(unsafe), unsafe, parts, among)


def _tells(hidden: np.ndarray, unsafe: np.ndarray, parts: list[Part], among: list) -> bool:
    """Whether the sum of the hidden cells is small, or narrows what an unsafe one can be."""
    for part, whole in zip(parts, among, strict=True):
        of = part.of(hidden & part.open)
        total = of.counts.sum()
        if small(total) or small(whole[hidden & part.open].sum() - total):
            return True
        widths = (part.high - part.low)[unsafe & part.open]
        slack = min(of.high.sum() - total, total - of.low.sum())
        if len(widths) and slack < widths.max():
            return True
    return False


def hidden_indicators(both, lacking, many: int, homes: int) -> np.ndarray:
    """Return of which deprivations it may not be told how many of the `many` lack them too.

    `both` are these, `lacking` all of the `homes` that lack it. Under five in a cell of the two by
    two is hidden, none included, unless form 4 tells it; and what covers it in their sum.

    >>> hidden_indicators(np.array([9, 2, 20, 12]), np.array([15, 6, 60, 30]), 30, 90).tolist()
    [True, True, False, False]
    """
    part = Part(both, np.maximum(0, lacking + many - homes), np.minimum(lacking, many))
    cells = np.array([both, lacking - both, many - both, homes - many - lacking + both])
    unsafe = (cells < MINIMUM).any(axis=0) & part.open
    return hidden_units([part], [np.minimum(lacking, many)], unsafe) & part.open
