"""What is true of a unit at a date: its headline, a sentence for each indicator, its methods."""

import pandas as pd

from sonla_analysis import __version__
from sonla_analysis.definitions.plan import Indicator
from sonla_analysis.indicators.measure import SILENT
from sonla_analysis.indicators.of_review import progress_rows
from sonla_analysis.indicators.poverty import status_counts
from sonla_analysis.indicators.poverty_path import RATE
from sonla_analysis.indicators.since import since_last
from sonla_analysis.indicators.standing import JUDGED, by_size
from sonla_analysis.language.phrases import has, phrase
from sonla_analysis.sentences.figures import (
    day,
    figure,
    half_up,
    has_value,
    left,
    name_of,
    number,
    percent,
    status_text,
    target,
    unit_kind,
    unit_name,
    value_text,
    verdict,
)
from sonla_analysis.sentences.former import bridged
from sonla_analysis.tables.input_tables import was_sent


def sentence(review, indicator_id: str) -> str:
    """Return the one sentence about an indicator that is true of this unit on this date."""
    row, indicator = review.now.loc[indicator_id], review.plan[indicator_id]
    language, plan = review.language, review.plan
    name, remains = verdict(row), left(row, indicator, language)
    known = has_value(row)
    words = {
        "short": indicator.short[language],
        "target": target(indicator, language, words=True),
        "left": remains and f"; {remains}",
        "figure": figure(row, indicator, language) if known else "–",
        "from": day(plan.judged_from, language),
        "due": day(plan.due(indicator), language),
        "end": day(plan.span(indicator)[1], language),
    }
    if name == "incomplete":
        words |= reporting(review, indicator_id)
        name = name if known else "incomplete_nothing"
    elif name == "area_target":
        words |= area_words(review) | {"city": _of_the_city(review, indicator)}
    return phrase(f"judged.{name}", language, **words) + other_reading(review, indicator)


def other_reading(review, indicator: Indicator) -> str:
    """Return the area's result under the reading of the plan's words that is not used; or ""."""
    language, texts = review.language, []
    if not (indicator.readings and review.is_area):
        return ""
    found = review.data.other_readings
    found = found[(found["indicator"] == indicator.id) & (found["as_of"] == review.as_of)]
    for row in found.to_dict("records"):
        words = {
            "reading": indicator.readings[row["reading"]]["name"][language],
            "figure": value_text(row, indicator, language),
            "counts": phrase("counts.of", language, **_counts_of(row, language)),
            "status": status_text(row, language).lower(),
        }
        key = "reading.other" if pd.notna(row["value"]) else "reading.other_nothing"
        texts.append(phrase(key, language, **words))
    return "".join(texts)


def _counts_of(row, language: str) -> dict[str, str]:
    return {part: number(row[part], language) for part in ("numerator", "denominator")}


def area_words(review) -> dict[str, str]:
    """Return the whole area as a sentence names it: its kind (huyện, tỉnh, …), and its name.

    >>> from types import SimpleNamespace
    >>> units = pd.DataFrame({"kind": ["Huyện"], "name": ["Mai Sơn"]}, index=["125"])
    >>> area_words(SimpleNamespace(units=units, area="125", language="en"))
    {'area_kind': 'district', 'area_name': 'Mai Sơn district'}
    """
    unit, language = review.units.loc[review.area], review.language
    return {"area_kind": unit_kind(unit, language), "area_name": unit_name(unit, language)}


def _of_the_city(review, indicator: Indicator) -> str:
    """Return the area's value, never without saying that some unit is missing in it."""
    row = review.area_now.loc[indicator.id]
    value = value_text(row, indicator, review.language)
    if row["state"] != "incomplete":
        return value
    return phrase("counts.partial", review.language, value=value, **reporting(review, indicator.id))


def reporting(review, indicator_id: str) -> dict:
    units = progress_rows(review, indicator=indicator_id, level="unit")
    return {"units": len(units), "reporting": int((~units["state"].isin(SILENT)).sum())}


def headline(review) -> str:
    """Return the first paragraph: who has reported, how many targets are met, who is poor, what
    is left to do."""
    gaps = "; ".join(largest_gaps(review))
    most = phrase("headline.largest_gap", review.language, gaps=gaps) if gaps else ""
    return " ".join(filter(None, [opening(review), most]))


def opening(review) -> str:
    """Return who has reported, how many targets are met, who is poor, and what is a sum."""
    poor = _poor(review) if was_sent(review.tables, "households", "status") else ""
    of_today = (review.formers["as_of"] == review.as_of).any()
    said = [silence(review), targets_met(review), poor, bridged(review) if of_today else ""]
    return " ".join(filter(None, said))


def reported_units(review) -> dict[str, int]:
    """Return how many units the area has on the date, and how many of them sent any figure."""
    units = progress_rows(review, level="unit")
    sent = units.loc[units["state"] != "not_reported", "unit"].nunique()
    return {"units": units["unit"].nunique(), "reporting": sent}


def silence(review) -> str:
    """Return how many units have reported, where some have not: before any number of the area."""
    words = reported_units(review) if review.is_area else {}
    if len(set(words.values())) < 2:
        return ""
    return phrase("headline.reporting", review.language, **words)


def targets_met(review) -> str:
    """Return how many targets are met of those judged, and how many cannot be judged, and why."""
    language, now, plan = review.language, review.now, review.plan
    status = now["status"].value_counts()
    judged, met = (int(status.reindex(names).sum()) for names in (list(JUDGED), ["met"]))
    words = {
        "date": day(review.as_of, language, long=True),
        "unit": name_of(review, review.unit),
        "met": met,
        "judged": judged,
        "from": day(plan.judged_from, language),
        "end": day(plan.end, language),
    }
    if review.as_of < plan.judged_from or review.as_of > plan.end:
        key = "before_plan" if review.as_of < plan.judged_from else "after_plan"
        return phrase(f"headline.{key}", language, **words)
    key = "none_judged" if not judged else "all_met" if met == judged else "judged"
    key += "_single" * (judged == 1)
    said = [phrase(f"headline.{key}", language, **words), of_the_year(review), unjudged(review)]
    return " ".join(filter(None, said))


def of_the_year(review) -> str:
    """Return of which targets a year's is judged and not yet the plan's last; "" where of none."""
    plan, language = review.plan, review.language
    yearly = [one for one in plan.indicators if one.leg and one.leg.end != plan.end]
    years = sorted({one.leg.end[:4] for one in yearly})
    return " ".join(
        phrase(
            "milestone.judged",
            language,
            numbers=", ".join(one.number for one in yearly if one.leg.end[:4] == year),
            year=year,
            end=day(plan.end, language),
        )
        for year in years
    )


def unjudged(review) -> str:
    """Return how many targets cannot be judged, and why; "" where all are."""
    status, language = review.now["status"].value_counts(), review.language
    without = int((review.now["reason"] == "no_target").sum())
    rest = {
        "no_target": without,
        "not_due": int(status.get("not_due", 0)) - without,
        "undecided": int(status.get("undecided", 0)),
        "no_data": int(status.get("no_data", 0)),
    }
    texts = [phrase(f"headline.{name}", language, n=n) for name, n in rest.items() if n]
    return phrase("headline.rest", language, rest=", ".join(texts)) if texts else ""


def _poor(review) -> str:
    language, now = review.language, review.now
    rate = now.loc[RATE if RATE in now.index else now.index[0]]
    if rate["state"] in ("not_reported", "hidden", "withheld"):
        return phrase(f"headline.no_register_{rate['state']}", language)
    counts = status_counts(review.rows("households")).sum()
    words = {
        "poor": number(counts["poor_households"], language),
        "near_poor": number(counts["near_poor_households"], language),
        "rate": percent(rate["value"], language),
        "unit_kind": review.units.loc[review.unit, "kind"].lower(),
    }
    if rate["state"] == "incomplete":
        words |= reporting(review, rate.name)
        return phrase("headline.poor_part", language, **words)
    key = "poor_no_rate" if pd.isna(rate["value"]) or rate["state"] != "reported" else "poor"
    return phrase(f"headline.{key}", language, **words)


def largest_gaps(review, most: int = 3) -> list[str]:
    """Return the unmet targets that mean most households, persons or places, as short texts."""
    unmet = review.now[review.now["still_needed"].fillna(0) > 0]
    texts = []
    for name in by_size(unmet, unmet.index)[:most]:
        indicator = review.plan[name]
        text = left(unmet.loc[name], indicator, review.language)
        text = text or phrase("left.nothing_yet", review.language)
        texts.append(f"{indicator.short[review.language]} ({text})")
    return texts


def change(review, indicator_id: str) -> str:
    """Return how an indicator moved since the last review date, better or worse for its target."""
    language, now = review.language, review.now.loc[indicator_id]
    if now["state"] != "reported" or pd.isna(now["value"]):
        return phrase("change.not_now", language)
    moved = since_last(review).loc[indicator_id]
    if not moved["course"]:
        return phrase("change.unknown", language)
    words = {"before": day(moved["before"], language)}
    if moved["course"] != "same":
        words["difference"] = _difference(moved, review.plan[indicator_id], language)
    return phrase(f"change.{moved['course']}", language, **words)


def _difference(moved, indicator: Indicator, language: str, key: str = "") -> str:
    """Return a difference with its unit and, but in a column, its sign."""
    size = abs(moved["difference"])
    in_percent = indicator.unit == "percent"
    words = {"n": number(size, language, 2 if in_percent else 0)}
    if in_percent and half_up(size, 2) == 0:
        words["n"] = "<" + number(0.01, language, 2)
    words["sign"] = "+" if moved["difference"] > 0 else "−"
    return phrase(f"change.{key}{'points' if in_percent else 'number'}", language, **words)


def change_texts(review) -> pd.Series:
    """Return by indicator how it moved as a column shows it: a mark, the difference, the word.

    Its name is the date with which most are compared, as printed, "" where none is; one that is
    compared with another says with which.
    """
    found, language = since_last(review), review.language
    dates = found.loc[found["course"] != "", "before"]
    usual = "" if dates.empty else dates.max()
    texts = []
    for name, moved in found.iterrows():
        if not moved["course"]:
            texts.append("–")
            continue
        words = {"before": day(moved["before"], language)}
        text = phrase("change.column_same", language)
        if moved["course"] != "same":
            words["difference"] = _difference(moved, review.plan[name], language, "column_")
            words["mark"] = "▲" if moved["difference"] > 0 else "▼"
            text = phrase(f"change.column_{moved['course']}", language, **words)
        other = moved["before"] != usual
        texts.append(text + phrase("change.column_since", language, **words) * other)
    return pd.Series(texts, found.index, name=usual and day(usual, language))


# --- the page ----------------------------------------------------------------------------


def page_title(review, page: str = "") -> str:
    """Return the title of a report, or of another page that has one of its own."""
    unit = name_of(review, review.unit)
    if has("page_title", page):
        return phrase(f"page_title.{page}", review.language, unit=unit)
    return phrase("page.title", review.language, unit=unit)


def section(review, name: str) -> str:
    """Return a section's heading in the page's language."""
    return phrase(f"section.{name}", review.language, **area_words(review))


def page_subtitle(review) -> str:
    language, plan = review.language, review.plan
    said = phrase(
        "page.subtitle",
        language,
        date=day(review.as_of, language, long=True),
        plan=plan.number,
        issued=day(plan.issued, language),
        issuer=plan.issuer[language],
    )
    now = review.formers[review.formers["as_of"] == review.as_of]
    return f"{said} {bridged(review)}" if len(now) else said


def progress(review, *, status: str | None = None) -> list[str]:
    """Return one true sentence for each indicator, in the plan's order, or those of one status."""
    now = review.now
    names = now.index if status is None else now.index[now["status"] == status]
    return [sentence(review, name) for name in names]


def methods(review) -> list[str]:
    """Return how the figures were made, and which definitions are not official."""
    language, plan = review.language, review.plan
    unsure = [one.number for one in plan.indicators if one.certainty != "official"]
    words = {
        "start": day(plan.start, language),
        "end": day(plan.end, language),
        "numbers": ", ".join(unsure),
        **area_words(review),
    }
    hidden = "internal" if review.is_internal else "hidden"
    keys = ["counts", "precision", "missing", hidden, "pace", "comparison", "interval"]
    keys += ["spread"] if review.is_area else ["area_target"]
    keys += ["recalled"] if unsure else []
    keys = [*(["synthetic"] if review.synthetic else []), *keys]
    yearly = any(one.leg for one in plan.indicators)
    said = [
        phrase("milestone.pace" if yearly and key == "pace" else f"method.{key}", language, **words)
        for key in keys
    ]
    said += [bridged(review)] if len(review.formers) else []
    made = {"version": __version__, "plan": plan.id, "plan_mark": plan.digest}
    said.append(phrase("method.made", language, **made, data_mark=review.digest))
    return said + [_reading_used(one, language) for one in plan.indicators if one.reading]


def _reading_used(indicator: Indicator, language: str) -> str:
    name = indicator.readings[indicator.reading]["name"][language]
    return phrase("reading.used", language, number=indicator.number, reading=name)


def partial_note(review) -> list[str]:
    """Return what the star at a figure means, where one of the page has it."""
    rows = review.now.to_dict("records")
    starred = any(row["state"] == "incomplete" and has_value(row) for row in rows)
    return [phrase("index.partial", review.language)] if starred else []
