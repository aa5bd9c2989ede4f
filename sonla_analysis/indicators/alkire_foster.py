"""Who is poor in how many dimensions, after Alkire and Foster (2011): H, A and M0, exactly.

The official classification is another thing (`poverty.classify`): it also asks for the income, and
is never called H or M0. Formulas and worked numbers: docs/methods.md.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sonla_analysis.indicators.deprived_rows import DeprivedRows, deprived_rows
from sonla_analysis.indicators.exact_weights import cutoff_points, weight_points
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError

_MEASURES = ["H", "A", "M0", "n", "poor", "population", "poor_population"]
_SHARES = ["population_share", "poverty_share"]
_BLANKS = ["incomplete", "incomplete_share", "incomplete_population_share"]
_POINTS = ["points", "cutoff_points", "full_points"]
COLUMNS = ["level", *_MEASURES, *_SHARES, *_BLANKS, *_POINTS]
_INDICATORS = [
    *("level", "indicator", "weight", "uncensored", "censored", "contribution"),
    *("contribution_percent", "deprived", "deprived_poor", "population"),
]


def alkire_foster(
    deprived: pd.DataFrame,
    cutoff,
    weights=None,
    by=None,
    sample_weight=None,
    *,
    missing: str = "refuse",
) -> pd.DataFrame:
    """Return H, A and M0 of every group and, in the last row, of the whole.

    `deprived` has one row a household or person (say which: the two give different figures) and one
    column an indicator, of True, False, 0 and 1. Somebody is poor whose weights reach the `cutoff`,
    a share of all weights; at the cut-off exactly is poor. `cutoff` and `weights` are whole
    numbers, fractions or texts such as "1/6": floats are refused. `weights` (None: all equal) are
    by column or in the columns' order; whole numbers are points, others sum to exactly 1;
    `{"health": {"a": 1, "b": 1}, …}` gives every branch the same and multiplies down. `by` and
    `sample_weight` name columns of `deprived`, or hold one value a row.

    Columns: those of `by`, level (`group`, `whole`), shares from 0 to 1: H, headcount; A, mean
    share of deprivations of the poor; M0 = H·A; counts: n rows, poor of them, population and
    poor_population the same with sampling weights; the group's population_share and poverty_share
    (of M0); incomplete: rows with a blank cell, with their share of all rows and of the population;
    points: the deprivations of the poor in points, of which cutoff_points make poor and full_points
    are everything. Missing: A where nobody is poor, all where there is no row.

    `missing` says what a blank is: `refuse` (default), `drop` (the row is not in n),
    `not_deprived` (a lower bound of H and M0) or `deprived` (an upper bound). Sampling weights
    that are not whole are summed as floats; who is poor stays exact. Small groups are not hidden.

    >>> four = pd.DataFrame([[0, 0, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1], [0, 1, 0, 0]])
    >>> alkire_foster(four, "1/2")[["H", "A", "M0", "n", "poor"]].values.tolist()
    [[0.5, 0.75, 0.375, 4.0, 2.0]]
    >>> alkire_foster(four, "1/2", by=["a", "b", "b", "a"])[["group", "H", "A"]].values.tolist()
    [['a', 0.0, nan], ['b', 1.0, 0.75], [nan, 0.5, 0.75]]
    """
    asked = _ask(deprived, cutoff, weights, by, sample_weight, missing)
    return _framed(asked.rows.groups, _measures(asked), COLUMNS)


def alkire_foster_indicators(
    deprived: pd.DataFrame,
    cutoff,
    weights=None,
    by=None,
    sample_weight=None,
    *,
    missing: str = "refuse",
) -> pd.DataFrame:
    """Return how much each indicator is in M0: one row a group (the whole last) and indicator.

    Asked as `alkire_foster`. Columns: those of `by`, level, indicator, weight; shares of the
    population from 0 to 1: uncensored (deprived) and censored (deprived and poor) headcount;
    contribution (weight · censored; they sum to M0) and contribution_percent (they sum to 100,
    missing where nobody is poor); counts: deprived, deprived_poor, population.

    Percentages of two groups may be equal where one is ten times as poor: show them beside M0.

    >>> four = pd.DataFrame([[0, 0, 0, 0], [0, 1, 0, 1], [1, 1, 1, 1], [0, 1, 0, 0]])
    >>> found = alkire_foster_indicators(four, "1/2")
    >>> found[["uncensored", "censored", "contribution"]].values.tolist()[1]
    [0.75, 0.5, 0.125]
    """
    asked = _ask(deprived, cutoff, weights, by, sample_weight, missing)
    both, censored = _headcounts(asked)
    own, names = censored * asked.points, asked.rows.names
    people = asked.counted(asked.kept.totals(asked.poor)[1][0])[:, None]
    cells = {
        "indicator": np.broadcast_to(np.array(names, dtype=object), both.shape),
        "weight": np.broadcast_to((asked.points / asked.full).astype("float64"), both.shape),
        "uncensored": _ratio(both, people),
        "censored": _ratio(censored, people),
        "contribution": _ratio(own, people * asked.full),
        "contribution_percent": _ratio(own * 100, own.sum(axis=1, keepdims=True)),
        "deprived": both,
        "deprived_poor": censored,
        "population": np.broadcast_to(people, both.shape),
    }
    cells = {name: part.ravel() for name, part in cells.items()}
    return _framed(asked.rows.groups, cells, _INDICATORS, len(names))


# --- counting: whole numbers, by group ---------------------------------------------------


@dataclass(frozen=True)
class _Asked:
    """What was asked, checked: `rows`, those `kept`, which of these are poor, with what score.

    `kind` is in what is counted: 64-bit whole numbers, Python's own where these do not hold it, or
    floats where the sampling weights are no whole numbers.
    """

    rows: DeprivedRows
    kept: DeprivedRows
    points: np.ndarray
    least: int
    full: int
    score: np.ndarray
    poor: np.ndarray
    kind: type

    def counted(self, counts: np.ndarray) -> np.ndarray:
        """Return counts as what the arithmetic is done in."""
        return (counts if self.kind is float else counts.astype("int64")).astype(self.kind)


def _ask(deprived, cutoff, weights, by, sample_weight, missing: str) -> _Asked:
    rows = deprived_rows(deprived, by, sample_weight, missing)
    _check_names(rows.groups)
    weight, full = weight_points(weights, rows.names)
    least = cutoff_points(cutoff, full)
    kept = rows.only(~rows.blank) if missing == "drop" else rows
    score = _score(kept.flags, np.array(weight, dtype=object if full >= 2**62 else "int64"))
    kind = float if not rows.whole else object if full * rows.most >= 2**53 else int
    points = np.array(weight, dtype=object).astype(kind)
    poor = (score >= least).astype(bool)
    return _Asked(rows, kept, points, least, full, score, poor, kind)


def _score(flags: list[np.ndarray], points: np.ndarray) -> np.ndarray:
    """Return the points of each row: looked up by pattern, some indicators at a time."""
    score = np.zeros(len(flags[0]), dtype=points.dtype)
    for place, pattern, bits in _patterns(flags, 12):
        score += (bits @ points[place]).take(pattern)
    return score


def _headcounts(asked: _Asked) -> list[np.ndarray]:
    """Return how many of each group are deprived in each indicator, and how many of its poor.

    Rows of one group that are alike in some indicators, and poor or not, are counted as one number.
    """
    rows, found = asked.kept, ([], [])
    place = rows.group * 2 + asked.poor
    at_once = max(1, min(6, 21 - rows.size.bit_length()))  # a table of some megabytes
    for _, pattern, bits in _patterns(rows.flags, at_once):
        cells = np.bincount(place * len(bits) + pattern, rows.times, rows.size * 2 * len(bits))
        table = cells.reshape(rows.size, 2, len(bits)) @ bits.astype(cells.dtype)
        found[0].append(table.sum(axis=1))
        found[1].append(table[:, 1])
    return [asked.counted(rows.with_whole(np.hstack(parts))) for parts in found]


def _patterns(flags: list[np.ndarray], at_once: int):
    """Yield, for some indicators at a time, their places, each row's pattern, a pattern's bits."""
    for start in range(0, len(flags), at_once):
        some = flags[start : start + at_once]
        pattern = np.zeros(len(some[0]), dtype="uint16")
        for bit, flag in enumerate(some):
            pattern |= flag.astype("uint16") << np.uint16(bit)
        bits = (np.arange(2 ** len(some))[:, None] >> np.arange(len(some))) & 1
        yield slice(start, start + len(some)), pattern, bits


# --- what the counts say -----------------------------------------------------------------


def _measures(asked: _Asked) -> dict[str, np.ndarray]:
    """Return the columns of the result: whole numbers, and each share as one division."""
    counts, weighted = asked.kept.totals(asked.poor)
    people, poor_people = asked.counted(weighted)
    incomplete = asked.rows.totals(asked.rows.blank)
    points, there = _points_of_poor(asked), people > 0
    return {
        "H": _ratio(poor_people, people),
        "A": _ratio(points, poor_people * asked.full),
        "M0": _ratio(points, people * asked.full),
        "n": counts[0],
        "poor": counts[1],
        "population": people,
        "poor_population": poor_people,
        "population_share": _ratio(people, people[-1:] * there),
        "poverty_share": _ratio(points, points[-1:] * there),
        "incomplete": incomplete[0][1],
        "incomplete_share": _ratio(incomplete[0][1], incomplete[0][0]),
        "incomplete_population_share": _ratio(incomplete[1][1], incomplete[1][0]),
        "points": points,
        "cutoff_points": asked.least,
        "full_points": asked.full,
    }


def _points_of_poor(asked: _Asked) -> np.ndarray:
    """Return the points of the poor of each group; where floats would not hold them, by pattern."""
    if asked.kind is object:
        return (_headcounts(asked)[1] * asked.points).sum(axis=1)
    rows, score = asked.kept, np.where(asked.poor, asked.score, 0).astype("float64")
    counts = np.bincount(rows.group, score if rows.times is None else score * rows.times, rows.size)
    return asked.counted(rows.with_whole(counts))


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole; missing where there is nothing to divide by."""
    empty = (whole == 0).astype(bool)
    return np.where(empty, np.nan, part / np.where(empty, 1, whole)).astype("float64")


def _framed(groups: pd.DataFrame | None, cells: dict, columns: list[str], times: int = 1):
    """Return the cells as a frame, with the keys of the groups in front; the whole has none."""
    levels = ["whole"] if groups is None else ["group"] * len(groups) + ["whole"]
    table = pd.DataFrame(cells).assign(level=np.repeat(np.array(levels, dtype=object), times))
    table = table[columns].astype({"level": "str"})
    if groups is None:
        return table
    whole = {name: "Int64" for name in groups if groups[name].dtype.kind in "iu"}
    keys = groups.astype(whole)  # a missing key would turn 2020 into 2020.0
    keys = keys.reindex(range(len(levels))).loc[np.repeat(range(len(levels)), times)]
    return pd.concat([keys.reset_index(drop=True), table], axis=1)


def _check_names(groups: pd.DataFrame | None) -> None:
    """Refuse a column of groups that is called like a column of the results."""
    taken = {*COLUMNS, *_INDICATORS} & set(() if groups is None else groups)
    if taken:
        raise UsageError(message("alkire_foster.by_taken", found=str(min(taken))))
