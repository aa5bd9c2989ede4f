"""The number of poor households over the years, and the straight line to the plan's target."""

from datetime import date
from decimal import Decimal
from itertools import pairwise
from math import ceil
from typing import NamedTuple

import pandas as pd

from sonla_analysis.charts.base import (
    ACCENT,
    ALERT,
    GREY,
    INK,
    LINE,
    MARGIN,
    SMALL,
    WIDTH,
    Chart,
    empty_chart,
    new_sheet,
    reporting,
    styled,
    text_width,
    unit_start,
    wrapped,
)
from sonla_analysis.indicators.measure import year_end_before
from sonla_analysis.language.phrases import has, phrase
from sonla_analysis.sentences import counted, day, left, number, percent, target, verdict
from sonla_analysis.tables.input_tables import POOR, was_sent

RATE = "poor_household_rate"
HEIGHT, FLOOR, LEFT = 2.3, 0.3, 0.45


class Point(NamedTuple):
    """Poor households on a date; `poor` is None where nothing was reported."""

    on: str
    poor: int | None
    households: int | None
    source: str  # review | start_of_year | history


@styled
def poverty_path(review) -> Chart | None:
    """Return the chart of poor households from the oldest known date to the review's.

    The straight line to the target is drawn where the target judges the unit. None where the plan
    has no poverty rate and nobody sent a register.
    """
    if RATE not in review.now.index and not was_sent(review.tables, "households"):
        return None
    language = review.language
    words = {"measure": phrase("path.measure", language)}
    points = known_points(review) if RATE in review.now.index else []
    known = [point for point in points if point.poor is not None]
    words["title"] = _title(review, known) if points else phrase("path.no_indicator", language)
    if not known:
        names = {"slug": "poverty-path", "kind": "poverty_path"}
        return empty_chart(review, reason=words["title"], **words, **names)
    goal = _goal(review)
    sources = dict.fromkeys(point.source for point in known)
    marks = {source: "value" if source == "review" else "earlier" for source in sources}
    legend = [(mark, phrase(f"path.{source}", language)) for source, mark in marks.items()]
    legend += [("goal", phrase("path.goal", language))] if goal else []
    sheet = new_sheet(review, height=HEIGHT, legend=legend, note=_note(review, goal), **words)
    right = 1.72 if goal else 0.45
    first = date.fromisoformat(points[0].on)
    span = max((date.fromisoformat(goal.end if goal else review.as_of) - first).days, 1)
    top = max([point.poor for point in known] + [goal.most if goal else 1, 1])

    def x(on: str) -> float:
        return LEFT + (WIDTH - LEFT - right) * (date.fromisoformat(on) - first).days / span

    def y(poor: float) -> float:
        return FLOOR + (HEIGHT - FLOOR - 0.38) * poor / top

    sheet.write(LEFT - 0.33, FLOOR, "0", size=SMALL, color=GREY, ha="right")
    sheet.strokes(LEFT - 0.3, FLOOR, WIDTH - right + 0.3, FLOOR, color=LINE, width=0.8)
    if goal:
        _draw_goal(sheet, goal, x, y, review)
    _draw_line(sheet, known, x, y)
    at = [(x(point.on), y(point.poor), marks[point.source]) for point in known]
    sheet.marks(*zip(*at, strict=True))
    _draw_labels(sheet, points, review, x, y)
    numbers = _numbers(points, language)
    data = "; ".join(f"{day(p.on, language)}: {number(p.poor, language)}" for p in known)
    return sheet.finish(slug="poverty-path", kind="poverty_path", numbers=numbers, data=data)


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


def _goal(review) -> Goal | None:
    """Return the line to the target, where it judges the unit and today's households are known."""
    now, indicator, plan = review.now.loc[RATE], review.plan[RATE], review.plan
    if now["state"] != "reported" or now["note"] == "city_target":
        return None
    half = Decimal(5).scaleb(-indicator.decimals - 1)  # judged as printed, half up
    above = ceil(Decimal(int(now["denominator"])) * (indicator.target + half) / 100)
    rows = review.progress
    rows = rows[(rows["indicator"] == RATE) & (rows["unit"] == review.unit)]
    start = rows[(rows["as_of"] == plan.start) & (rows["state"] == "reported")]["numerator"]
    paced = len(start) and indicator.counted_when != "review"  # which has no pace
    return Goal(plan.start, int(start.item()) if paced else None, plan.end, above - 1)


# --- drawing -----------------------------------------------------------------------------


def _draw_line(sheet, known: list[Point], x, y) -> None:
    """Join the points; what was before the first review is paler."""
    ends = list(pairwise(known))
    colours = [ACCENT if before.source == "review" else "#9db8cb" for before, _ in ends]
    places = [(x(a.on), y(a.poor), x(b.on), y(b.poor)) for a, b in ends]
    if places:
        corners = [(x(p.on), y(p.poor)) for p in known]
        sheet.area([(corners[0][0], FLOOR), *corners, (corners[-1][0], FLOOR)], "#e9f0f6")
        sheet.strokes(*zip(*places, strict=True), color=colours, width=2, z=2)


def _draw_goal(sheet, goal: Goal, x, y, review) -> None:
    language, now, indicator = review.language, review.now.loc[RATE], review.plan[RATE]
    if goal.start_poor is not None:
        line = x(goal.start), y(goal.start_poor), x(goal.end), y(goal.most)
        sheet.strokes(*line, color=GREY, width=1.1, style=(0, (4, 2.5)), z=1)
    sheet.marks([x(goal.end)], [y(goal.most)], ["goal"])
    words = {"target": target(indicator, language), "most": number(goal.most, language)}
    edge, place = x(goal.end) + 0.3, max(y(goal.most), FLOOR + 0.35)
    room, remains = WIDTH - edge - MARGIN, left(now, indicator, language)
    colour = ALERT if now["status"] == "behind" else INK
    sheet.write(edge, place + 0.14, phrase("path.target", language, **words), face="Bold")
    sheet.write(edge, place, phrase("path.most", language, **words), size=SMALL, color=GREY)
    sheet.write(edge, place - 0.09, wrapped(remains, room, 8), size=8, color=colour, va="top")


def _draw_labels(sheet, points: list[Point], review, x, y) -> None:
    """Write counts and rates at the points and dates under them, as many as fit, latest first."""
    language, taken, dated, silent = review.language, [], [], []
    for point in _by_importance(points, review):
        at, when = x(point.on), day(point.on, language)
        if _fits(dated, at, text_width(when, SMALL)):
            sheet.write(at, FLOOR - 0.07, when, size=SMALL, color=GREY, ha="center", va="top")
        if point.poor is None:
            text = phrase("mark.not_reported", language)
            if _fits(silent, at, text_width(text, SMALL)):
                sheet.write(at, FLOOR + 0.1, text, size=SMALL, color=GREY, face="It", ha="center")
            continue
        count, share = number(point.poor, language), _rate(point, language)
        latest = point.on == review.as_of
        wide = text_width(count, 11 if latest else 8.5)
        rated = share and _fits(taken, at, max(wide, text_width(share, SMALL)))
        if rated or _fits(taken, at, wide):
            lift = y(point.poor) + (0.25 if rated else 0.11)
            looks = {"face": "Bold", "size": 11} if latest else {}
            sheet.write(at, lift, count, ha="center", va="baseline", **looks)
        if rated:
            looks = {"size": SMALL, "color": GREY, "ha": "center", "va": "baseline"}
            sheet.write(at, y(point.poor) + 0.11, share, **looks)


def _by_importance(points: list[Point], review) -> list[Point]:
    first = [review.as_of, review.plan.start, points[0].on]
    return sorted(points, key=lambda p: first.index(p.on) if p.on in first else 3)


def _fits(taken: list, at: float, wide: float) -> bool:
    """Say whether a text has room among those written; if so it takes the room."""
    start, end = at - wide / 2 - 0.03, at + wide / 2 + 0.03
    free = all(end <= other[0] or start >= other[1] for other in taken)
    if free:
        taken.append((start, end))
    return free


def _rate(point: Point, language: str) -> str:
    return percent(point.poor / point.households * 100, language) if point.households else ""


# --- words -------------------------------------------------------------------------------


def _title(review, known: list[Point]) -> str:
    language, now = review.language, review.now.loc[RATE]
    if not known or known[-1].on != review.as_of:
        key = now["state"] if now["state"] in ("incomplete", "withheld") else "not_reported"
        return phrase(f"path.{key}", language, unit=unit_start(review), **reporting(review, RATE))
    poor, indicator = known[-1].poor, review.plan[RATE]
    words = {
        "unit": unit_start(review),
        "n": number(poor, language),
        "counted": counted(indicator, poor, language),
    }
    year_ends = [point for point in known[:-1] if point.on.endswith("12-31")] or known[:-1]
    key = "only"
    if year_ends:
        change = poor - year_ends[-1].poor
        words |= {"change": number(abs(change), language), "date": day(year_ends[-1].on, language)}
        key = "fell" if change < 0 else "rose" if change > 0 else "same"
    if poor == 0:
        key = "none_left" if key == "fell" else "none"
    return phrase(f"path.{key}", language, **words) + _judgement(review, now, indicator)


def _judgement(review, now, indicator) -> str:
    found = verdict(now)
    found = "not_met" if found.startswith("not_met") else found
    if not has("path", found):
        return ""
    words = {"target": target(indicator, review.language)}
    return phrase(f"path.{found}", review.language, **words)


def _note(review, goal: Goal | None) -> str:
    note = phrase("path.line", review.language) if goal and goal.start_poor is not None else ""
    if goal and review.as_of < review.plan.end:
        note += " " + phrase("path.households_now", review.language)
    return note


def _numbers(points: list[Point], language: str) -> pd.DataFrame:
    names = ("date", "poor", "rate", "source")
    cells = [
        [
            day(point.on, language),
            number(point.poor, language) if known else phrase("mark.not_reported", language),
            (_rate(point, language) if known else "") or "–",
            phrase(f"path.{point.source}", language),
        ]
        for point in points
        for known in [point.poor is not None]
    ]
    return pd.DataFrame(cells, columns=[phrase(f"path.{name}", language) for name in names])
