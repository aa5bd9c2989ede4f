"""Where a unit's running targets lead, and the trend of its poverty rate: of one review."""

from dataclasses import replace

import pandas as pd

from sonla_analysis.definitions.plan import Plan
from sonla_analysis.indicators.measure import year_end_before
from sonla_analysis.indicators.moves import yearly_moves
from sonla_analysis.indicators.of_review import once_by, own_progress
from sonla_analysis.indicators.outlook import outlook
from sonla_analysis.indicators.poverty_path import RATE, known_points
from sonla_analysis.indicators.trend import trends
from sonla_analysis.tables.input_tables import was_sent

_OBSERVED = ["as_of", "unit", "level", "indicator", "numerator", "denominator", "value", "state"]


@once_by("unit", "as_of")
def foreseen(review) -> pd.DataFrame:
    """Return where the unit's running targets that are not met lead: rows of `outlook`.

    Of a whole area's poverty rate its units have rows too, but no `met` and no `chance`, for it is
    no target of theirs. Nothing before the plan judges. `answers` is how many methods have one.
    """
    plan, own = review.data.plan, _known(review)
    if review.as_of < plan.judged_from:
        own = own.iloc[:0]
    found = outlook(own, _for_units(plan), review.as_of, moves=_moves(review))
    of_the_area = [one.id for one in plan.indicators if one.applies_to == "area"]
    foreign = found["indicator"].isin(of_the_area) & (found["level"] == "unit")
    found = found[foreign | ~found["now_met"].astype(bool)]
    found = found.assign(
        met=found["met"].mask(foreign),
        chance=found["chance"].mask(foreign),
        disagree=found["disagree"] & ~foreign,
    )
    answered = found["value"].notna().groupby([found["indicator"], found["until"]])
    return found.assign(answers=answered.transform("sum")).reset_index(drop=True)


def _for_units(plan: Plan) -> Plan:
    """Return the plan with its poverty rate as a figure of the units too."""
    found = tuple(
        replace(one, applies_to="unit") if one.id == RATE else one for one in plan.indicators
    )
    return replace(plan, indicators=found)


def _known(review) -> pd.DataFrame:
    """Return the unit's figures up to the date, its poverty rate also of years before the data."""
    own, past = own_progress(review)[_OBSERVED], past_rates(review)
    past = past[~past["as_of"].isin(own["as_of"])]
    return pd.concat([past[_OBSERVED], own], ignore_index=True) if len(past) else own


@once_by("unit", "as_of")
def past_rates(review) -> pd.DataFrame:
    """Return the poverty rate at the ends of the years under the plan's law, the unit's own.

    One row per day, as `measure` gives it; `households_of` is the day of the households that the
    poor are set against: where those of the day are not known, they are those of a year later.
    """
    points = [one for one in known_points(review) if one.standard == review.plan.standard_data.id]
    points = [one for one in points if one.on.endswith("-12-31") and one.poor is not None]
    households = {one.on: one.households for one in points}
    level, rows = "area" if review.is_area else "unit", []
    for one in points:
        later = f"{int(one.on[:4]) + 1:04}-12-31"
        day = one.on if one.households else later
        if total := households.get(day):
            counts = {"numerator": one.poor, "denominator": total, "value": 100 * one.poor / total}
            about = {"as_of": one.on, "unit": review.unit, "level": level, "indicator": RATE}
            rows.append(about | counts | {"state": "reported", "households_of": day})
    return pd.DataFrame(rows, columns=[*_OBSERVED, "households_of"])


def _moves(review) -> pd.DataFrame | None:
    """Return the unit's yearly moves, or None where nobody says who was poor before."""
    known = was_sent(review.tables, "households", "start_status", "status")
    if not known or RATE not in review.now.index:
        return None
    return _own_moves(review)


@once_by("unit")
def _own_moves(review) -> pd.DataFrame:
    rows = review.progress
    if not review.is_area:  # a page of many need not count all others
        rows = rows[rows["unit"] == review.unit]
    return yearly_moves(review.rows("households", every_date=True), rows)


def rate_trend(review) -> pd.Series | None:
    """Return the trend of the unit's poverty rate over the years under one law, as `trends` does.

    None where fewer than three years are known.
    """
    rates = past_rates(review) if RATE in review.now.index else pd.DataFrame()
    if len(rates) < 3 or rates["as_of"].iloc[-1] < year_end_before(review.as_of):
        return None
    return trends(rates).iloc[0]


def last_moves(review, on: str) -> dict:
    """Return the unit's moves of the year that ends on a day: a row of `yearly_moves`, or {}."""
    moves = _moves(review)
    if moves is None:
        return {}
    here = moves[(moves["unit"] == review.unit) & (moves["as_of"] == on)]
    return here.to_dict("records")[0] if len(here) else {}
