"""Is there a trend? Exact for few points, and "too few points" where no answer is possible."""

from collections import Counter
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np
import pandas as pd

from sonla_analysis.indicators.comparison import groups_of

LEVEL = 0.05


class Trend(NamedTuple):
    """What a short series says. `p` is two-sided and exact, missing where points are too few.

    `verdict`: `falling`, `rising`, `no_clear_trend`, `same` (all equal), `falls_each_time`,
    `rises_each_time` (an unbroken run of three or four points: a description, no test),
    `too_few_points`. `lowest_p`: the smallest p these points could reach at all.
    """

    points: int
    s: int
    p: float
    lowest_p: float
    slope: float
    verdict: str


def trend(years, values) -> Trend:
    """Return the trend of one value a year: exact Mann–Kendall test and Sen's slope per year.

    Years may be missing, for the test looks at the order only. Equal values are taken into
    account exactly.

    >>> found = trend(range(2016, 2021), [8.23, 6.70, 5.23, 3.75, 2.75])
    >>> found.verdict, found.s, round(found.p, 6), round(found.slope, 4)
    ('falling', -10, 0.016667, -1.4725)
    >>> trend(range(2016, 2020), [8.23, 6.70, 5.23, 3.75]).verdict
    'falls_each_time'
    """
    order = np.argsort(years, kind="stable")
    years, values = np.asarray(years)[order], np.asarray(values, "float64")[order]
    pairs = list(combinations(range(len(values)), 2))
    s = int(sum(np.sign(values[j] - values[i]) for i, j in pairs))
    slopes = [(values[j] - values[i]) / (years[j] - years[i]) for i, j in pairs]
    slope = float(np.median(slopes)) if len(values) > 2 else np.nan
    p, lowest = _chance(s, values)
    enough = lowest <= LEVEL
    same = len(values) > 2 and len(set(values)) == 1
    verdict = "same" if same else _verdict(s, p, enough, len(values))
    return Trend(len(values), s, p if enough or same else np.nan, lowest, slope, verdict)


def _verdict(s: int, p: float, enough: bool, points: int) -> str:
    way = "falls" if s < 0 else "rises"
    if enough:
        return {"falls": "falling", "rises": "rising"}[way] if p <= LEVEL else "no_clear_trend"
    unbroken = points > 2 and abs(s) == comb(points, 2)
    return f"{way}_each_time" if unbroken else "too_few_points"


def _chance(s: int, values: np.ndarray) -> tuple[float, float]:
    """Return the two-sided p of S when every order is as likely, and the smallest there could be.

    Orders of n values by the number of pairs out of order: the product of 1 + q + … + q^(m−1) for
    m up to n, divided by the same product for each set of equal values.
    """
    orders = [1]
    for size in range(2, len(values) + 1):
        orders = _times(orders, size)
    for equal in Counter(values.tolist()).values():
        for size in range(2, equal + 1):
            orders = _divided(orders, size)
    top = len(orders) - 1  # the highest S
    as_far = sum(count for place, count in enumerate(orders) if abs(top - 2 * place) >= abs(s))
    extreme = orders[0] + (orders[-1] if top else 0)
    return as_far / sum(orders), extreme / sum(orders)


def _times(orders: list[int], size: int) -> list[int]:
    """Return the polynomial times 1 + q + … + q^(size−1)."""
    length = len(orders) + size - 1
    return [sum(orders[max(0, place - size + 1) : place + 1]) for place in range(length)]


def _divided(orders: list[int], size: int) -> list[int]:
    """Return the polynomial divided by 1 + q + … + q^(size−1), which leaves nothing over."""
    found = []
    for place in range(len(orders) - size + 1):
        found.append(orders[place] - sum(found[max(0, place - size + 1) : place]))
    return found


def trends(observed: pd.DataFrame, *, since: str = "") -> pd.DataFrame:
    """Return the trend of every unit's value at the ends of the years: the fields of `Trend`.

    One row per unit, group and indicator, with `first` and `last` year. Points before the day
    `since` are left out: it is that of the last change of law or of boundaries, across which there
    is no trend.
    """
    rows = observed[(observed["state"] == "reported") & observed["value"].notna()]
    rows = rows[rows["as_of"].str.endswith("-12-31") & (rows["as_of"] >= since)]
    rows = rows.assign(year=rows["as_of"].str[:4].astype(int))
    keys = ["unit", "level", *groups_of(observed), "indicator"]
    table = [
        dict(zip(keys, key, strict=True))
        | {"first": group["year"].min(), "last": group["year"].max()}
        | trend(group["year"], group["value"])._asdict()
        for key, group in rows.groupby(keys, dropna=False, sort=False)
    ]
    return pd.DataFrame(table, columns=[*keys, "first", "last", *Trend._fields])
