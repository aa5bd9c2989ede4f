"""What the map of the units says: how each stands, in a mark and in words."""

import pandas as pd

from sonla_analysis.indicators.against_rest import VERDICTS
from sonla_analysis.indicators.standing import JUDGED, UNMET
from sonla_analysis.language.phrases import phrase
from sonla_analysis.sentences.breakdown_findings import breakdown_title
from sonla_analysis.sentences.figures import (
    has_value,
    is_open,
    lower_start,
    name_of,
    number,
    status_key,
    value_text,
)
from sonla_analysis.sentences.shared import list_names

# in the order of the legend
MARKED = (*JUDGED, "undecided", *VERDICTS, "untested", "no_data")
_NAMES = 5  # units named in a title at most


def map_mark(row: dict) -> str:
    """Return how a unit stands, a name of MARKED: its status, or beside the others without one.

    A target of the whole area is no pass mark for a unit: there its comparison stands.

    >>> row = {"state": "reported", "value": 5.0, "status": "not_applicable",
    ...        "reason": "area_target", "comparison": "worse"}
    >>> map_mark(row), map_mark(row | {"status": "missed", "reason": ""})
    ('worse', 'missed')
    """
    status = status_key(row)
    if status in (*JUDGED, "undecided"):
        return status
    if row["state"] == "not_applicable":
        return "untested"
    if not has_value(row):
        return "no_data"
    return row["comparison"] if pd.notna(row["comparison"]) else "untested"


def mark_word(key: str, language: str) -> str:
    """Return what a mark means, as the legend and the table of numbers say it."""
    if key in ("untested", "no_data"):
        return phrase(f"unit_map.{'no_figure' if key == 'no_data' else key}", language)
    if key == "no_clear_difference":
        return lower_start(phrase("spine.no_clear_difference", language))
    return phrase(f"overview.{key}", language)


def short_figure(row: dict, indicator, language: str) -> str:
    """Return a unit's figure as it fits into a circle: "?" where there is none to be told.

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> one, row = load_plan()["hygienic_water"], {"state": "reported", "value": 96.236}
    >>> short_figure(row, one, "vi"), short_figure({"state": "withheld", "value": None}, one, "vi")
    ('96,2%', '?')
    """
    if is_open(row):
        return "–".join(number(row[end], language) for end in ("lowest", "highest"))
    if not has_value(row):
        return "–" if row["state"] == "not_applicable" else "?"
    return value_text(row, indicator, language, 2 if abs(row["value"]) < 10 else 1)


def map_title(review, indicator, rows: pd.DataFrame) -> str:
    """Return the finding: how many units have met the target, or differ from the others."""
    language, marks = review.language, list(rows["mark"])
    words = {"short": indicator.short[language], "units": len(rows)}
    if not rows["value"].notna().any() and "undecided" not in marks:
        return phrase("unit_map.nothing", language, **words)
    if any(key in (*JUDGED, "undecided") for key in marks):
        return _judged(review, rows, words) + _silent(rows, language)
    compared = sum(key in VERDICTS for key in marks)
    if not compared:
        return breakdown_title(review, indicator, "unit", rows) + _silent(rows, language)
    return _compared(review, rows, words | {"units": compared}) + _silent(rows, language)


def _judged(review, rows: pd.DataFrame, words: dict) -> str:
    language, met = review.language, int((rows["mark"] == "met").sum())
    key = "all" if met == words["units"] else "some" if met else "none"
    title = phrase(f"unit_map.{key}_met", language, n=met, **words)
    for word, keys in (("on_track", ["on_track"]), ("behind", ["behind"]),
                       ("missed", UNMET[1:]), ("undecided", ["undecided"])):  # fmt: skip
        found = rows[rows["mark"].isin(keys)]
        named = found if set(keys) <= set(UNMET) else found[:0]
        title += _tally(phrase(f"overview.{word}", language), len(found), language)
        title += _named(review, named)
    return title


def _compared(review, rows: pd.DataFrame, words: dict) -> str:
    language, worse = review.language, rows[rows["mark"] == "worse"]
    better = int((rows["mark"] == "better").sum())
    key = "some_worse" if len(worse) else "none_worse" if better else "none_differ"
    title = phrase(f"unit_map.{key}", language, n=len(worse), **words)
    better_word = phrase("unit_map.better", language)
    return title + _named(review, worse) + _tally(better_word, better, language)


def _silent(rows: pd.DataFrame, language: str) -> str:
    """Return the tally of the units without a figure, and of those it does not apply to."""
    without = int((rows["mark"] == "no_data").sum())
    nobody = int((rows["state"] == "not_applicable").sum())
    words = {"no_figure": without, "not_applicable": nobody}
    texts = (_tally(phrase(f"unit_map.{key}", language), n, language) for key, n in words.items())
    return "".join(texts)


def _tally(word: str, n: int, language: str) -> str:
    return phrase("unit_map.tally", language, word=word, n=n) if n else ""


def _named(review, rows: pd.DataFrame) -> str:
    """Return the names of these units in brackets, where they are few; alike ones with kind."""
    if not 0 < len(rows) <= _NAMES:
        return ""
    bare = review.units["name"]
    names = [
        name_of(review, unit) if (bare == bare[unit]).sum() > 1 else bare[unit]
        for unit in rows["unit"]
    ]
    return phrase("unit_map.names", review.language, names=list_names(names, review.language))
