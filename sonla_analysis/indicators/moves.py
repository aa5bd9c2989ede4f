"""Who left poverty and who came in a year, and where these moves lead if they go on.

Every household is taken to leave, or to come, with the same chance each year, apart from the
others. Then the poor after k years are two binomial counts added: those who are poor today and
those who are not. Formulas: docs/methods-outlook.md.
"""

from collections.abc import Sequence
from math import ceil, floor, sqrt
from typing import NamedTuple

import numpy as np
import pandas as pd

from sonla_analysis.indicators.measure import year_end_before
from sonla_analysis.indicators.poverty import movement
from sonla_analysis.indicators.poverty_path import RATE

DRAWS = 2000


class Rates(NamedTuple):
    """The chance to leave for a poor household, and to come for any other, in a year."""

    leave: float
    come: float

    @property
    def settles_at(self) -> float:
        """The share of all households at which these moves keep balance; missing if none moves."""
        both = self.leave + self.come
        return self.come / both if both else np.nan

    def after(self, years: int) -> tuple[float, float]:
        """Return the chance to be poor after so many years, of who is poor today and who is not.

        >>> Rates(0.5, 0.25).after(1), Rates(0.5, 0.25).after(0)
        ((0.5, 0.25), (1.0, 0.0))
        """
        if not self.leave + self.come:
            return 1.0, 0.0
        level, kept = self.settles_at, (1 - self.leave - self.come) ** years
        return level + (1 - level) * kept, level - level * kept


def yearly_moves(households: pd.DataFrame, observed: pd.DataFrame) -> pd.DataFrame:
    """Return the moves of each year whose end is in the register: one row per year, unit and area.

    `observed` are the observations of `measure`, for the households there are. Columns: as_of,
    unit, level; start, exits (to near-poor or above), entries (new, again, from near-poor),
    other_out, other_in (died, moved away, moved in: neither), end, households (at the start of the
    year; `households_at` says `end` where only those are known), leave, come (chances in a year),
    settles_at (percent); `reason`: "" or `not_closed`: the flows do not lead to the number that
    was counted (blanks, for one), so that no chance is told; `none_poor`, `unknown`.
    """
    ends = households[households["as_of"].str.endswith("-12-31")]
    rate = observed[(observed["indicator"] == RATE) & (observed["state"] == "reported")]
    form = movement(ends)
    areas = rate.loc[rate["level"] == "area", ["as_of", "unit"]].set_index("as_of")["unit"]
    area = form.drop(columns="unit").groupby("as_of", as_index=False).sum(min_count=1)
    area = area.assign(unit=area["as_of"].map(areas)).dropna(subset="unit")
    flows = pd.concat([form, area], ignore_index=True)
    flows = pd.DataFrame(
        {
            **{name: flows[name] for name in ("as_of", "unit", "start")},
            "exits": flows["out_to_near_poor"] + flows["out_above"],
            "entries": flows["in_from_near_poor"] + flows["in_again"] + flows["in_new"],
            **{"other_out": flows["out_other"], "other_in": flows["in_other"], "end": flows["end"]},
        }
    )
    return _with_rates(flows, rate.set_index(["as_of", "unit"]))


def _with_rates(flows: pd.DataFrame, rate: pd.DataFrame) -> pd.DataFrame:
    now = pd.MultiIndex.from_frame(flows[["as_of", "unit"]])
    before = pd.MultiIndex.from_arrays([flows["as_of"].map(year_end_before), flows["unit"]])
    at_end = rate["denominator"].reindex(now).array
    at_start = pd.Series(rate["denominator"].reindex(before).array, flows.index)
    flows = flows.assign(households=at_start.fillna(pd.Series(at_end, flows.index)))
    flows["households_at"] = np.where(at_start.notna(), "start", "end")
    counted = pd.Series(rate["numerator"].reindex(now).array, flows.index)
    gone = flows["exits"] + flows["other_out"]
    closed = flows["end"].eq(counted) & flows["end"].eq(
        flows["start"] - gone + flows["entries"] + flows["other_in"]
    )
    others = flows["households"] - flows["start"]
    flows["level"] = pd.Series(rate["level"].reindex(now).array, flows.index)
    flows["reason"] = np.select(
        [counted.isna(), ~closed.fillna(False), flows["start"].eq(0) | ~others.gt(0)],
        ["unknown", "not_closed", "none_poor"],
        "",
    )
    told = flows["reason"].eq("")
    flows["leave"] = (flows["exits"] / flows["start"]).where(told).astype("float64")
    flows["come"] = (flows["entries"] / others).where(told).astype("float64")
    flows["settles_at"] = [
        100 * Rates(*pair).settles_at for pair in zip(flows["leave"], flows["come"], strict=True)
    ]
    return flows[["as_of", "unit", "level", *flows.columns.difference(_FIRST, sort=False)]]


_FIRST = ["as_of", "unit", "level"]


def expected_poor(poor: int, households: int, rates: Rates, years: int = 1) -> float:
    """Return how many are poor on average after so many years of these moves.

    >>> round(expected_poor(30, 900, Rates(0.3, 0.004)), 2)
    24.48
    """
    stay, come = rates.after(years)
    return poor * stay + (households - poor) * come


def chance_at_most(most: int, poor: int, households: int, rates: Rates, years: int = 1) -> float:
    """Return the chance that at most so many are poor after so many years of these moves; exact.

    >>> chance_at_most(1, 2, 4, Rates(0.5, 0.25)) * 64
    33.0
    """
    stay, come = rates.after(years)
    least, stayed = _binomial(poor, stay)
    fewest, came = _binomial(households - poor, come)
    room = most - least - np.arange(len(stayed)) - fewest  # for more who came, by who stayed
    cumulated = np.concatenate([[0.0], np.cumsum(came)])
    return float(min(1.0, stayed @ cumulated[np.clip(room + 1, 0, len(came))]))


def _binomial(size: int, chance: float) -> tuple[int, np.ndarray]:
    """Return the lowest count that matters, and the probabilities of it and those that follow.

    Left out is what is farther from the mean than twelve standard deviations and forty more.
    """
    if chance in (0.0, 1.0):
        return int(size * chance), np.ones(1)
    mean, far = size * chance, 12 * sqrt(size * chance * (1 - chance)) + 40
    least, most = max(0, floor(mean - far)), min(size, ceil(mean + far))
    count = np.arange(least, most, dtype="float64")
    steps = np.log((size - count) / (count + 1)) + np.log(chance) - np.log1p(-chance)
    logs = np.concatenate([[0.0], np.cumsum(steps)])
    weights = np.exp(logs - logs.max())
    return least, weights / weights.sum()


def drawn_poor(
    poor: int, households: int, past: Sequence[Rates], years: int = 1, draws: int = DRAWS, seed=159
) -> np.ndarray:
    """Return how many are poor after so many years in each of `draws`, with this seed.

    Each year of each draw takes the moves of one of the past years, by chance: wider than
    `chance_at_most`, which takes the moves to be exactly those of one year.
    """
    generator = np.random.default_rng(seed)
    leave, come = np.array(past, "float64").T
    now = np.full(draws, poor)
    for _ in range(years):
        year = generator.integers(len(past), size=draws)
        left = generator.binomial(now, leave[year])
        now = now - left + generator.binomial(households - now, come[year])
    return now
