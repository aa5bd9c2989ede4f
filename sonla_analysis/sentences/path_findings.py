"""What the chart of the poverty path says."""

import pandas as pd

from sonla_analysis.indicators.poverty_path import RATE, Break, Goal, Point, comparable
from sonla_analysis.language.phrases import has, phrase
from sonla_analysis.sentences.figures import counted, day, number, percent, target, verdict
from sonla_analysis.sentences.former import former_units
from sonla_analysis.sentences.shared import unit_start
from sonla_analysis.sentences.statements import reporting


def path_rate(point: Point, language: str) -> str:
    return percent(point.poor / point.households * 100, language) if point.households else ""


def path_title(review, known: list[Point]) -> str:
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
    earlier = comparable(known)  # never across two poverty standards
    year_ends = [point for point in earlier if point.on.endswith("12-31")] or earlier
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


def path_note(review, goal: Goal | None, found: list[Break] = ()) -> str:
    """Return what stands under the chart: the lines of it, and where it is broken."""
    said = [_goal_note(review, goal), *(_break_note(review, one) for one in found)]
    return " ".join(filter(None, said))


def _break_note(review, one: Break) -> str:
    words = {"date": day(one.on, review.language)}
    if one.kind == "units":
        words["former"] = former_units(review, one.on)
    return phrase(f"path.break_{one.kind}", review.language, **words)


def _goal_note(review, goal: Goal | None) -> str:
    note = phrase("path.line", review.language) if goal and goal.start_poor is not None else ""
    if goal and review.as_of < goal.end:
        note += " " + phrase("path.households_now", review.language)
    return note.strip()


def goal_said(review, goal: Goal) -> str:
    """Return what the mark of the target stands for: that of the plan's end, or of a year's."""
    if goal.end == review.plan.end:
        return phrase("path.goal", review.language)
    return phrase("milestone.goal", review.language, year=goal.end[:4])


def path_numbers(points: list[Point], language: str) -> pd.DataFrame:
    names = ("date", "poor", "rate", "source")
    cells = [
        [
            day(point.on, language),
            number(point.poor, language) if known else phrase("mark.not_reported", language),
            (path_rate(point, language) if known else "") or "–",
            phrase(f"path.{point.source}", language),
        ]
        for point in points
        for known in [point.poor is not None]
    ]
    return pd.DataFrame(cells, columns=[phrase(f"path.{name}", language) for name in names])
