"""Two shares beside each other: exact test, gap with its interval, and what it stands for.

Formulas and worked numbers: docs/methods-comparison.md.
"""

from fractions import Fraction
from math import hypot, sqrt
from typing import NamedTuple

import numpy as np
import pandas as pd

from sonla_analysis.indicators.comparison import wilson_interval
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError

_EQUAL = 1 + 1e-7  # tables as probable as the observed one belong to it, whatever the rounding


class Gap(NamedTuple):
    """The gap between a share and that of a reference, with 95 % limits.

    `difference`, `lower`, `upper` in points (Newcombe's hybrid score interval); `ratio` and its
    limits by MOVER, missing where the reference has none; `stands_for`: so many more of this group
    than at the reference's rate, a fraction; `p` of Fisher's two-sided test.
    """

    difference: float
    lower: float
    upper: float
    ratio: float
    ratio_lower: float
    ratio_upper: float
    stands_for: Fraction
    p: float


def fisher_p(number: int, total: int, other: int, other_total: int) -> float:
    """Return the two-sided p of Fisher's exact test: are two shares the same?

    The sum of all tables of the same margins that are no more probable than the one observed.

    >>> round(fisher_p(56, 70, 48, 80), 7)
    0.0125211
    """
    _check(number, total)
    _check(other, other_total)
    both = number + other
    least, most = max(0, both - other_total), min(total, both)
    count = np.arange(least, most, dtype="float64")  # the steps between neighbouring tables
    up = np.log((total - count) * (both - count))
    down = np.log((count + 1) * (other_total - both + count + 1))
    logs = np.concatenate([[0.0], np.cumsum(up - down)])
    weights = np.exp(logs - logs.max())
    seen = weights[number - least]
    return float(min(1.0, weights[weights <= seen * _EQUAL].sum() / weights.sum()))


def benjamini_hochberg(p: pd.Series, within=0) -> pd.Series:
    """Return the p values adjusted for being many; what is missing is left out and stays missing.

    `within` says which of them belong together, as a number for each; all do without it.

    Adjusted p of the i-th smallest of m: the least of m/j · p(j) for j ≥ i, at most 1.

    >>> benjamini_hochberg(pd.Series([0.01, 0.04, None, 0.02])).round(4).tolist()
    [0.03, 0.04, nan, 0.03]
    """
    known = p.dropna().sort_values(kind="stable")
    belong = pd.Series(within, p.index).reindex(known.index)
    groups = known.groupby(belong)
    scaled = known * groups.transform("size") / (groups.cumcount() + 1)
    adjusted = scaled[::-1].groupby(belong[::-1]).cummin().clip(upper=1.0)
    return adjusted.reindex(p.index)


def gap_between(number: int, total: int, other: int, other_total: int) -> Gap:
    """Return the gap of `number` of `total` to `other` of `other_total`, the reference.

    >>> gap = gap_between(30, 400, 18, 420)
    >>> [round(one, 3) for one in gap[:3]]  # points; the limits lie on both sides of nothing
    [3.214, -0.029, 6.599]
    >>> gap.stands_for
    Fraction(90, 7)
    """
    _check(number, total)
    _check(other, other_total)
    here, there = number / total, other / other_total
    low, high = (limit / 100 for limit in wilson_interval(number, total))
    low2, high2 = (limit / 100 for limit in wilson_interval(other, other_total))
    difference = here - there
    return Gap(
        100 * difference,
        100 * (difference - hypot(here - low, high2 - there)),
        100 * (difference + hypot(high - here, there - low2)),
        *_ratio(here, low, high, there, low2, high2),
        number - Fraction(total * other, other_total),
        fisher_p(number, total, other, other_total),
    )


def _ratio(here, low, high, there, low2, high2) -> tuple[float, float, float]:
    """Return the ratio of two shares and its limits by MOVER (Donner and Zou 2012).

    The lower limit in the form that does not divide by what may be nothing.
    """
    if there == 0:
        return np.nan, np.nan, np.nan
    product = here * there
    below, above = low * (2 * here - low), high2 * (2 * there - high2)
    root = sqrt(max(product**2 - below * above, 0))
    lower = below / (product + root) if here else 0.0
    below, above = low2 * (2 * there - low2), high * (2 * here - high)
    upper = (product + sqrt(max(product**2 - below * above, 0))) / below
    return here / there, lower, upper


def _check(number: int, total: int) -> None:
    """Refuse what is not so many of a whole number of things."""
    whole = all(float(count).is_integer() for count in (number, total))
    if not whole or not 0 <= number <= total or total == 0:
        raise UsageError(message("refused.not_counts", found=f"{number}/{total}"))
