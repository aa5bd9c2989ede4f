"""A unit's poor households over the years, and the straight line to the plan's target."""

from decimal import Decimal
from itertools import pairwise
from math import ceil
from typing import NamedTuple

import pandas as pd

from sonla_analysis.definitions.input_columns import POOR
from sonla_analysis.definitions.plan import Indicator
from sonla_analysis.definitions.standards import load_standard, standard_ids, standard_on
from sonla_analysis.indicators.measure import year_end_before
from sonla_analysis.indicators.of_review import own_progress, progress_rows
from sonla_analysis.language.refusals import DefinitionError
from sonla_analysis.tables.input_tables import was_sent

RATE = "poor_household_rate"


class Point(NamedTuple):
    """Poor households on a date; `poor` is None where nothing was reported."""

    on: str
    poor: int | None
    households: int | None
    source: str  # review | start_of_year | history | made_up
    standard: str = ""  # the poverty standard that they were counted under


MADE_UP = "Giả lập"  # begins the source of a count of the past that is synthetic


def known_points(review) -> list[Point]:
    """Return the counts of this unit up to the date: published, start of year, reviews.

    A register is counted under the plan's standard, a count of the past under the one that it names
    or that was in force on the day: of one day there may be two points, one under each.
    """
    own = review.plan.standard_data.id
    rows = own_progress(review)
    rows = rows[rows["indicator"] == RATE]
    points = {}
    for row in rows.to_dict("records"):
        known = row["state"] in ("reported", "not_applicable")
        counts = (int(row["numerator"]), int(row["denominator"])) if known else (None, None)
        points[row["as_of"], own] = Point(row["as_of"], *counts, "review", own)
    first = rows.iloc[:1]
    known = was_sent(review.tables, "households", "start_status")
    if known and len(first) and first["state"].item() == "reported":
        register = review.tables["households"]
        register = register[register["as_of"] == first["as_of"].item()]
        register = register if review.is_area else register[register["unit"] == review.unit]
        on = year_end_before(first["as_of"].item())
        if register["start_status"].notna().all():
            poor = int(register["start_status"].isin(POOR).sum())
            points.setdefault((on, own), Point(on, poor, None, "start_of_year", own))
    for row in _history(review):
        key = row.on, row.standard
        points.setdefault(key, row) if row.on in review.dates else points.update({key: row})
    return sorted(points.values(), key=lambda point: (point.on, point.standard == own))


def _history(review) -> list[Point]:
    history = review.tables.get("history")
    if history is None:
        return []
    earlier = history[history["as_of"] < review.as_of]
    own = earlier[earlier["unit"] == review.unit].dropna(subset=["poor_households"])
    own = own.to_dict("records")
    if review.is_area:
        own += _summed(earlier[~earlier["as_of"].isin([row["as_of"] for row in own])], review)
    return [
        Point(
            row["as_of"],
            int(row["poor_households"]),
            None if pd.isna(row["households"]) else int(row["households"]),
            "made_up" if str(row.get("source")).startswith(MADE_UP) else "history",
            _standard_of(row),
        )
        for row in own
    ]


def _summed(history: pd.DataFrame, review) -> list[dict]:
    """Return the area's counts of the past: the sums, of days on which every unit has one."""
    units, rows = list(review.leaf_units.index), []
    for day, of_day in history[history["unit"].isin(units)].groupby("as_of"):
        standards = {_standard_of(row) for row in of_day.to_dict("records")}
        whole = of_day["poor_households"].notna().sum() == len(units) and len(standards) == 1
        if whole:
            counts = of_day[["poor_households", "households"]].sum(skipna=False)
            source = of_day["source"].iloc[0]
            rows.append({"as_of": day, **counts, "standard": standards.pop(), "source": source})
    return rows


def _standard_of(row: dict) -> str:
    """Return the standard that a count of the past names, else the one in force on its day."""
    if pd.notna(named := row.get("standard")):
        return named
    try:
        return standard_on(row["as_of"]).id
    except DefinitionError:
        return "earlier"  # than those that are written down


class Break(NamedTuple):
    """A day from which the line is another: counted otherwise, or of merged units."""

    on: str
    kind: str  # standard | units


def breaks(review, points: list[Point]) -> list[Break]:
    """Return where the line of known points is broken, oldest first."""
    known, found = [point for point in points if point.poor is not None], []
    for before, after in pairwise(known):
        if before.standard != after.standard:
            found.append(Break(_first_day(before, after), "standard"))
    since = set() if review.is_area else set(review.formers["since"])  # the area is the same
    found += [Break(day, "units") for day in since if known and known[0].on < day <= known[-1].on]
    return sorted(found)


def _first_day(before: Point, after: Point) -> str:
    """Return the first day of the later point's standard, where it lies between the two."""
    known = after.standard in standard_ids()
    first = load_standard(after.standard).valid_from if known else after.on
    return first if before.on < first <= after.on else after.on


def comparable(points: list[Point]) -> list[Point]:
    """Return the points that a change to the last one may be worked out from."""
    return [point for point in points[:-1] if point.standard == points[-1].standard]


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
    first, end = plan.span(indicator)
    start = progress_rows(review, as_of=first, unit=review.unit, indicator=RATE, state="reported")
    start = start["numerator"]
    paced = len(start) and indicator.counted_when != "review"  # which has no pace
    most = most_allowed(indicator, int(now["denominator"]))
    return Goal(first, int(start.item()) if paced else None, end, most)


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
