"""What stands around every chart and table: unit and date, source, notes, names in a row."""

from sonla_analysis.language.phrases import phrase
from sonla_analysis.sentences.figures import day, name_of, number
from sonla_analysis.sentences.statements import reporting
from sonla_analysis.tables.input_tables import was_sent

MOST_NAMED = 6  # units named one by one


def place_and_date(review, unit: str) -> str:
    """Return unit and date as they stand in a subtitle."""
    when = day(review.as_of, review.language, long=review.language == "en")
    return phrase("chart.place", review.language, unit=name_of(review, unit), date=when)


def unit_start(review) -> str:
    """Return the unit's name as a sentence begins with it."""
    return name_of(review, review.unit, start=True)


def incomplete_note(review, indicators=None) -> str:
    """Return the note to a star: indicators (all, or these) that some units have not reported."""
    silent = review.area_now.index[review.area_now["state"] == "incomplete"]
    silent = [name for name in silent if indicators is None or name in indicators]
    if len(silent) > 3:
        return phrase("chart.incomplete_many", review.language, n=len(silent))
    shorts = [review.plan[name].short[review.language] for name in silent]
    texts = [
        phrase("chart.incomplete", review.language, short=short, **reporting(review, name))
        for name, short in zip(silent, shorts, strict=True)
    ]
    return f"* {'; '.join(texts)}." if texts else ""


def source_text(review) -> str:
    key = "source" if was_sent(review.tables, "households") else "source_reports"
    text = phrase(f"chart.{key}", review.language, plan=review.plan.number)
    if review.synthetic:
        text += f" {phrase('mark.synthetic', review.language)}."
    if review.is_internal:
        text += f" {phrase('mark.internal', review.language)}."
    return text


def households(n: int, language: str) -> str:
    """Return a number of households in words: "3 hộ", "1 household"."""
    key = "one_household" if n == 1 else "households"
    return phrase(f"chart.{key}", language, n=number(n, language))


def list_names(names, language: str) -> str:
    """Return names as one phrase: "A", "A và B", "A, B và C".

    >>> list_names(["a", "b", "c"], "en")
    'a, b and c'
    """
    *first, last = names
    joined = ", ".join(first)
    return phrase("chart.and", language, first=joined, last=last) if first else last


def unit_names(review, codes: list[str]) -> str:
    """Return units by name; of many the first, and how many more there are."""
    names = [name_of(review, one) for one in codes if one in review.units.index]
    listed, more = ", ".join(names[:MOST_NAMED]), len(names) - MOST_NAMED
    return phrase("fact.more", review.language, units=listed, n=more) if more > 0 else listed
