"""A unit's poor households over the years, and the straight line to the plan's target."""

from decimal import Decimal
from math import ceil
from typing import NamedTuple

import pandas as pd

from sonla_analysis.definitions.input_columns import POOR
from sonla_analysis.definitions.plan import Indicator
from sonla_analysis.indicators.measure import year_end_before
from sonla_analysis.tables.input_tables import was_sent

RATE = "poor_household_rate"


class Point(NamedTuple):
    """Poor households on a date; `poor` is None where nothing was reported."""

    on: str
    poor: int | None
    households: int | None
    source: str  # review | start_of_year | history


def known_points(review) -> list[Point]:
    """Return the counts of this unit up to the date: published, start of year, reviews."""
    rows = review.progress
    rows = rows[(rows["indicator"] == RATE) & (rows["unit"] == review.unit)]
    rows = rows[rows["as_of"] <= review.as_of]
    points = {}
    for row in rows.to_dict("records"):
        known = row["state"] in ("reported", "not_applicable")
        counts = (int(row["numerator"]), int(row["denominator"])) if known else (None, None)
        points[row["as_of"]] = Point(row["as_of"], *counts, "review")
    first = rows.iloc[:1]
    known = was_sent(review.tables, "households", "start_status")
    if known and len(first) and first["state"].item() == "reported":
        register = review.tables["households"]
        register = register[register["as_of"] == first["as_of"].item()]
        register = register if review.is_area else register[register["unit"] == review.unit]
        on = year_end_before(first["as_of"].item())
        poor = int(register["start_status"].isin(POOR).sum())
        points.setdefault(on, Point(on, poor, None, "start_of_year"))
    for row in _history(review):
        points.setdefault(row.on, row) if row.on in review.dates else points.update({row.on: row})
    return [points[on] for on in sorted(points)]


def _history(review) -> list[Point]:
    history = review.tables.get("history")
    if history is None:
        return []
    own = history[(history["unit"] == review.unit) & (history["as_of"] < review.as_of)]
    own = own.dropna(subset=["poor_households"]).to_dict("records")
    return [
        Point(
            row["as_of"],
            int(row["poor_households"]),
            None if pd.isna(row["households"]) else int(row["households"]),
            "history",
        )
        for row in own
    ]


class Goal(NamedTuple):
    """The straight line: poor households at the plan's start, and the most allowed at its end."""

    start: str
    start_poor: int | None
    end: str
    most: int


def path_goal(review) -> Goal | None:
    """Return the line to the target, where it judges the unit and today's households are known."""
    now, indicator, plan = review.now.loc[RATE], review.plan[RATE], review.plan
    if now["state"] != "reported" or now["reason"] in ("area_target", "no_target"):
        return None
    rows = review.progress
    rows = rows[(rows["indicator"] == RATE) & (rows["unit"] == review.unit)]
    start = rows[(rows["as_of"] == plan.start) & (rows["state"] == "reported")]["numerator"]
    paced = len(start) and indicator.counted_when != "review"  # which has no pace
    most = most_allowed(indicator, int(now["denominator"]))
    return Goal(plan.start, int(start.item()) if paced else None, plan.end, most)


def most_allowed(indicator: Indicator, total: int) -> int:
    """Return the most that an "at most" target allows of a total, judged as printed, half up.

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> most_allowed(load_plan()[RATE], 27600)  # 213 are 0.7717 %, printed 0.77
    213
    """
    if not indicator.target:
        return 0  # none is none
    half = Decimal(5).scaleb(-indicator.decimals - 1)
    return ceil(Decimal(total) * (indicator.target + half) / 100) - 1
