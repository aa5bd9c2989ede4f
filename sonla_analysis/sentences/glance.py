"""What is read first: five figures of a unit, what must be known with them, what changed."""

import pandas as pd

from sonla_analysis.indicators.of_review import own_progress
from sonla_analysis.indicators.poverty import status_counts
from sonla_analysis.indicators.poverty_path import RATE
from sonla_analysis.indicators.since import COURSES, since_last
from sonla_analysis.indicators.standing import JUDGED, UNMET
from sonla_analysis.language.phrases import phrase
from sonla_analysis.sentences.changes import plain
from sonla_analysis.sentences.figures import day, has_value, number, value_text
from sonla_analysis.sentences.statements import opening, silence, targets_met, unjudged
from sonla_analysis.tables.input_tables import was_sent

_WHOLE, _TOLD = "reported", ("reported", "incomplete")


def glance(review) -> dict:
    """Return the five figures (figure, what it is), the remarks to them, and the opening paragraph.

    A figure that cannot be told is an en dash, and says why; where a unit is missing it has a star.
    """
    return {
        "figures": [_met(review), *_poverty(review)],
        "remarks": [one for one in (silence(review), *_remarks(review)) if one],
        "text": opening(review),
    }


def _met(review) -> tuple[str, str]:
    """Return how many targets are met of those judged."""
    status, language = review.now["status"], review.language
    judged, met = int(status.isin(JUDGED).sum()), int((status == "met").sum())
    if not judged:
        return "–", phrase("glance.none_judged", language)
    of = phrase("index.of", language, n=met, total=judged)
    return of, phrase("glance.met", language)


def _poverty(review) -> list[tuple[str, str]]:
    """Return poor households, their rate, near-poor households, and the change of the first."""
    language = review.language
    if RATE not in review.now.index:
        return []
    row = review.now.loc[RATE]
    if row["state"] not in _TOLD or not was_sent(review.tables, "households", "status"):
        why = "withheld" if row["state"] == "withheld" else "not_reported"
        names = ("poor", "rate", "near_poor", "change")
        return [("–", phrase(f"glance.{one}_{why}", language)) for one in names]
    star = "*" * (row["state"] == "incomplete")
    counts = status_counts(review.rows("households")).sum()
    rate = value_text(row, review.plan[RATE], language) if has_value(row) else "–"
    texts = {
        "poor": number(counts["poor_households"], language),
        "rate": rate,
        "near_poor": number(counts["near_poor_households"], language),
    }
    told = [(text + star, phrase(f"glance.{one}", language)) for one, text in texts.items()]
    return [*told, _change(review, row)]


def _change(review, now) -> tuple[str, str]:
    """Return how many poor households there are more or fewer than on the date before."""
    language, before = review.language, _poor_before(review)
    if before is None:
        return "–", phrase("glance.no_change", language)
    words = {"date": day(before["as_of"], language)}
    if now["state"] != _WHOLE:
        return "–", phrase("glance.change_part", language, **words)
    difference = plain(now["numerator"] - before["numerator"], language, signed=True)
    return difference, phrase("glance.change", language, **words)


def _poor_before(review) -> pd.Series | None:
    rows = own_progress(review)
    rows = rows[(rows["as_of"] < review.as_of) & (rows["indicator"] == RATE)]
    rows = rows[rows["state"] == _WHOLE]
    return None if rows.empty else rows.loc[rows["as_of"].idxmax()]


def _remarks(review) -> list[str]:
    language, star = review.language, []
    if RATE in review.now.index:
        star = [phrase("index.partial", language)] * (review.now.loc[RATE, "state"] == "incomplete")
    return [*star, _not_judged(review), none_unmet(review), _moved(review)]


def _not_judged(review) -> str:
    """Return which targets are not judged, and why; outside the plan's time, that."""
    if review.as_of < review.plan.judged_from or review.as_of > review.plan.end:
        return targets_met(review)
    return unjudged(review)


def none_unmet(review) -> str:
    """Return the sentence that nothing is missed, where something is judged and nothing is."""
    status = review.now["status"]
    if not status.isin(JUDGED).any() or status.isin(UNMET).any():
        return ""
    key = "all_met" if (status[status.isin(JUDGED)] == "met").all() else "none_unmet"
    return phrase(f"glance.{key}", review.language)


def _moved(review) -> str:
    """Return how many targets moved which way since the date before."""
    language, found = review.language, since_last(review)
    dates = found.loc[found["course"] != "", "before"]
    if dates.empty:
        return ""
    date = dates.max()
    courses = found.loc[found["before"] == date, "course"].value_counts()
    parts = [
        phrase(f"glance.{course}", language, n=int(courses[course]))
        for course in COURSES
        if courses.get(course)
    ]
    words = {"date": day(date, language), "parts": ", ".join(parts)}
    return phrase("glance.moved", language, **words)


def course_text(counts: list[int | None], language: str) -> str:
    """Return the numbers of a course, oldest first, as they stand in a table.

    >>> course_text([1262, None, 260], "vi")
    '1.262 → – → 260'
    """
    return " → ".join(number(one, language) for one in counts)
