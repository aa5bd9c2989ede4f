"""Numbers, dates and sentences in Vietnamese and English: the one home of words.

Texts stand in `definitions/words/*.toml` (read by `words`); a function here only chooses the text
that is true of its row and fills it in.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

import pandas as pd
from babel import Locale
from babel.numbers import parse_pattern

from sonla_analysis.findings import finding_sentence as finding_sentence
from sonla_analysis.indicators.measure import SILENT
from sonla_analysis.plan import Indicator
from sonla_analysis.tables import was_sent
from sonla_analysis.words import has, phrase

# --- numbers and dates -------------------------------------------------------------------


def number(value, language: str = "vi", decimals: int = 0) -> str:
    """Return a number as it is printed, rounded half up; a missing one as an en dash.

    >>> number(1304001.5, decimals=1), number(-1304001.5, "en", 1), number(None)
    ('1.304.001,5', '−1,304,001.5', '–')
    """
    if value is None or pd.isna(value):
        return "–"
    pattern, locale = _number_format(language, decimals)
    return pattern.apply(half_up(value, decimals), locale).replace("-", "−")


@cache
def _number_format(language: str, decimals: int):
    """Parsing these is nearly all of what printing a number costs."""
    return parse_pattern("#,##0" + ("." + "0" * decimals if decimals else "")), Locale(language)


def percent(value, language: str = "vi", decimals: int = 2) -> str:
    """Return a percentage; one that is nearly 100 or nearly 0 never prints as if it were.

    >>> percent(0.77), percent(99.999), percent(100), percent(0.001, "en")
    ('0,77%', '>99,99%', '100%', '<0.01%')
    """
    if value is None or pd.isna(value):
        return "–"
    rounded, step = half_up(value, decimals), Decimal(1).scaleb(-decimals)
    if value in (0, 100):
        return number(value, language) + "%"
    if rounded == 100 and value < 100:
        return ">" + number(100 - step, language, decimals) + "%"
    if rounded == 0 and value > 0:
        return "<" + number(step, language, decimals) + "%"
    return number(value, language, decimals) + "%"


def half_up(value, decimals: int) -> Decimal:
    """Return the value rounded half up, as the targets are judged.

    >>> half_up(0.125, 2), half_up(79.104477, 1)
    (Decimal('0.13'), Decimal('79.1'))
    """
    exact = Decimal(f"{value:.9f}") if isinstance(value, float) else Decimal(str(value))
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def day(iso: str, language: str = "vi", *, long: bool = False) -> str:
    """Return a date as printed; in running text with its words (Decree 30/2020: a zero only
    before days under 10 and months 1 and 2).

    >>> day("2020-03-05"), day("2020-03-05", long=True), day("2020-03-05", "en", long=True)
    ('05/03/2020', 'ngày 05 tháng 3 năm 2020', '5 March 2020')
    """
    when = date.fromisoformat(iso)
    if not long:
        return f"{when:%d/%m/%Y}"
    if language == "en":
        return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"
    month = f"{when.month:02d}" if when.month < 3 else str(when.month)
    return f"ngày {when.day:02d} tháng {month} năm {when.year}"


_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August")
_MONTHS += ("September", "October", "November", "December")


def unit_name(unit: pd.Series, language: str = "vi", *, start: bool = False) -> str:
    """Return a unit's name with its kind, as in a sentence or (`start`) at its beginning.

    >>> ward = pd.Series({"kind": "Phường", "name": "Chiềng Lề"})
    >>> unit_name(ward), unit_name(ward, start=True), unit_name(ward, "en")
    ('phường Chiềng Lề', 'Phường Chiềng Lề', 'Chiềng Lề ward')
    """
    if language == "en":
        return f"{unit['name']} {_KINDS.get(unit['kind'], unit['kind'].lower())}".strip()
    text = f"{unit['kind'].lower()} {unit['name']}".strip()
    return text[:1].upper() + text[1:] if start else text


_KINDS = {
    **{"Phường": "ward", "Xã": "commune", "Thị trấn": "township", "Đặc khu": "special zone"},
    **{"Huyện": "district", "Quận": "urban district", "Thị xã": "town"},
    **{"Thành phố": "city", "Tỉnh": "province"},
}


def group_name(grouping: str, group: str, language: str = "vi") -> str:
    """Return the name of a group of a breakdown; those of ethnic groups are names of their own.

    >>> group_name("head_sex", "female"), group_name("ethnicity", "Thái", "en")
    ('Nữ', 'Thái')
    """
    if group in ("other", "blank"):
        return phrase(f"gaps.{group}", language)
    named = grouping in ("ethnicity", "total")
    return group if named else phrase(f"group.{group}", language)


def counted(indicator: Indicator, n, language: str) -> str:
    """Return the noun of what an indicator counts, in the number that fits.

    >>> from sonla_analysis.plan import load_plan
    >>> counted(load_plan()["officers_trained"], 1, "en")
    'officer'
    """
    return _plural(indicator.counted[language], n)


def _plural(noun: str, n) -> str:
    one, _, many = noun.partition("|")
    return one if not many or (pd.notna(n) and n == 1) else many


def target(indicator: Indicator, language: str = "vi", *, words: bool = False) -> str:
    """Return the target as printed in the plan, with its direction as a sign or in words.

    >>> from sonla_analysis.plan import load_plan
    >>> plan = load_plan()
    >>> target(plan["poor_household_rate"]), target(plan["full_vaccination"], words=True)
    ('≤ 0,77%', 'trên 95%')
    """
    sign = "%" if indicator.unit == "percent" else ""
    texts = [
        "" if value is None else number(value, language, indicator.decimals) + sign
        for value in (indicator.target, indicator.upper)
    ]
    if indicator.kind == "count":
        return f"{texts[0]} {counted(indicator, indicator.target, language)}"
    means_all = indicator.direction == "at_least" and indicator.target == 100
    name = "exactly" if means_all else indicator.direction
    section = "direction_words" if words else "direction"
    return phrase(f"{section}.{name}", language, target=texts[0], upper=texts[1])


# --- sentences about progress ------------------------------------------------------------


def figure(row, indicator: Indicator, language: str = "vi") -> str:
    """Return a row's value with the counts it came from; nothing is rounded away."""
    numerator, denominator, kind = row["numerator"], row["denominator"], indicator.kind
    words = {
        "value": value_text(row, indicator, language).lstrip("−"),
        "numerator": number(numerator, language),
        "denominator": number(denominator, language),
        "counted": counted(indicator, numerator, language),
        "of": _plural(indicator.among[language], denominator),
        "unknown": number(row["unknown"], language),
    }
    if is_open(row):
        return phrase(f"counts.open_{kind}", language, **words)
    if kind == "reduction":
        left = denominator - numerator
        words |= {"end": number(left, language), "counted": counted(indicator, left, language)}
        kind += "" if numerator > 0 else "_none" if numerator == 0 else "_rise"
    elif kind == "share":
        kind = "share_one" if denominator == 1 else "share"
    return phrase(f"counts.{kind}", language, **words)


def is_open(row) -> bool:
    """Whether blanks leave more than one value possible.

    >>> is_open({"lowest": 43.5, "highest": 87.0}), is_open({"lowest": 50.0, "highest": 50.0})
    (True, False)
    """
    return pd.notna(row.get("lowest")) and row["lowest"] != row["highest"]


def has_value(row) -> bool:
    """Whether there is a value to print, were it only its two ends."""
    return pd.notna(row["value"]) or is_open(row)


def value_text(row, indicator: Indicator, language: str = "vi", decimals: int = 2) -> str:
    """Return a value as printed: the two ends where blanks leave it open, or why there is none.

    >>> from sonla_analysis.plan import load_plan
    >>> row = {"state": "reported", "value": None, "lowest": 43.478, "highest": 86.957}
    >>> value_text(row, load_plan()["hygienic_water"])
    '43,5%–87,0%'
    """
    if not has_value(row):
        state = row["state"] if row["state"] in _NO_VALUE else "not_reported"
        return phrase(f"mark.{state}", language)
    in_percent = indicator.unit == "percent"
    if is_open(row):
        ends = (row["lowest"], row["highest"])
        texts = (percent(end, language, 1) if in_percent else number(end, language) for end in ends)
        return "–".join(texts)
    value = row["value"]
    return percent(value, language, decimals) if in_percent else number(value, language)


_NO_VALUE = ("not_applicable", "withheld", "hidden")


def verdict(row, plan) -> str:
    """Return which sentence is true of a progress row: a name of the section `judged`."""
    if row["state"] in ("not_reported", "hidden"):
        return "not_reported"
    if row["state"] != "reported":
        return row["state"]
    if row["note"] == "city_target":
        return row["note"]
    return "_".join(filter(None, (row["status"], row["note"])))


def status_key(row, plan) -> str:
    """Return the status of a row as it is marked: one of the section `status`."""
    found = verdict(row, plan)
    if found == "not_reported":
        return "no_data"
    return found if found in ("withheld", "incomplete", "city_target") else row["status"]


def status_text(row, plan, language: str = "vi") -> str:
    """Return the words for the status of a row; what is met by rounding only says so."""
    key = verdict(row, plan)
    key = key if has("status", key) else status_key(row, plan)
    return phrase(f"status.{key}", language)


def left(row, indicator: Indicator, language: str = "vi") -> str:
    """Return what is still to do, in the plan's words; empty when nothing is or it is unknown.

    Empty, too, for a ward's one health station: that it is missing is all there is to say.
    """
    n = row["still_needed"]
    if pd.isna(n) or n == 0 or _is_only_one(row, indicator):
        return ""
    text = _to_do(indicator, n, language)
    return phrase("left.or_more", language, left=text) if is_open(row) else text


def _to_do(indicator: Indicator, n, language: str) -> str:
    written = indicator.to_do.get(language)
    if written:
        return _plural(written, n).format(n=number(n, language))
    falling = indicator.lower_is_better or indicator.kind == "reduction"
    way = "at_most" if falling else "at_least"
    noun = counted(indicator, n, language)
    return phrase(f"left.{way}", language, n=number(n, language), counted=noun)


def _is_only_one(row, indicator: Indicator) -> bool:
    one = pd.notna(row["denominator"]) and row["denominator"] == 1
    return one and indicator.denominator.table in ("health_stations", "school_network")


def sentence(review, indicator_id: str) -> str:
    """Return the one sentence about an indicator that is true of this unit on this date."""
    row, indicator = review.now.loc[indicator_id], review.plan[indicator_id]
    language, plan = review.language, review.plan
    name, remains = verdict(row, plan), left(row, indicator, language)
    known = has_value(row)
    words = {
        "short": indicator.short[language],
        "target": target(indicator, language, words=True),
        "left": remains and f"; {remains}",
        "figure": figure(row, indicator, language) if known else "–",
        "from": day(plan.judged_from, language),
        "due": day(plan.review_due, language),
        "end": day(plan.end, language),
    }
    if name == "incomplete":
        words |= reporting(review, indicator_id)
        name = name if known else "incomplete_nothing"
    elif name == "city_target":
        words |= area_words(review) | {"city": _of_the_city(review, indicator)}
    return phrase(f"judged.{name}", language, **words) + other_reading(review, indicator)


def other_reading(review, indicator: Indicator) -> str:
    """Return the area's result under the reading of the plan's words that is not used; or ""."""
    language, texts = review.language, []
    if not (indicator.readings and review.is_area):
        return ""
    found = review.situation.other_readings
    found = found[(found["indicator"] == indicator.id) & (found["as_of"] == review.as_of)]
    for row in found.to_dict("records"):
        words = {
            "reading": indicator.readings[row["reading"]]["name"][language],
            "figure": value_text(row, indicator, language),
            "counts": phrase("counts.of", language, **_counts_of(row, language)),
            "status": status_text(row, review.plan, language).lower(),
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
    kind = unit["kind"]
    word = _KINDS.get(kind, kind.lower()) if language == "en" else kind.lower()
    return {"area_kind": word, "area_name": unit_name(unit, language)}


def _of_the_city(review, indicator: Indicator) -> str:
    """Return the area's value, never without saying that some unit is missing in it."""
    row = review.area_now.loc[indicator.id]
    value = value_text(row, indicator, review.language)
    if row["state"] != "incomplete":
        return value
    return phrase("counts.partial", review.language, value=value, **reporting(review, indicator.id))


def reporting(review, indicator_id: str) -> dict:
    rows = review.progress
    rows = rows[(rows["as_of"] == review.as_of) & (rows["indicator"] == indicator_id)]
    units = rows[rows["level"] == "unit"]
    return {"units": len(units), "reporting": int((~units["state"].isin(SILENT)).sum())}


def headline(review) -> str:
    """Return the first paragraph: who has reported, how many targets are met, who is poor, what
    is left to do."""
    language = review.language
    poor = [_poor(review)] if was_sent(review.tables, "households", "status") else []
    parts = [_silence(review), _targets_met(review), *poor]
    if gaps := largest_gaps(review):
        parts.append(phrase("headline.largest_gap", language, gaps="; ".join(gaps)))
    return " ".join(filter(None, parts))


def reported_units(review) -> dict[str, int]:
    """Return how many units the area has on the date, and how many of them sent any figure."""
    rows = review.progress[review.progress["as_of"] == review.as_of]
    units = rows[rows["level"] == "unit"]
    sent = units.loc[units["state"] != "not_reported", "unit"].nunique()
    return {"units": units["unit"].nunique(), "reporting": sent}


def _silence(review) -> str:
    """Return how many units have reported, where some have not: before any number of the area."""
    words = reported_units(review) if review.is_area else {}
    if len(set(words.values())) < 2:
        return ""
    return phrase("headline.reporting", review.language, **words)


JUDGED = ("met", "on_track", "behind", "missed", "not_met")


def _targets_met(review) -> str:
    """Return how many targets are met of those judged, and how many cannot be judged, and why."""
    language, now, plan = review.language, review.now, review.plan
    status = now["status"].value_counts()
    judged, met = (int(status.reindex(names).sum()) for names in (list(JUDGED), ["met"]))
    unit = unit_name(review.units.loc[review.unit], language)
    words = {
        "date": day(review.as_of, language, long=True),
        "unit": unit,
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
    rest = {
        "not_due": int(status.get("not_due", 0)),
        "undecided": int(status.get("undecided", 0)),
        "no_data": int(status.get("no_data", 0)),
    }
    texts = [phrase(f"headline.{name}", language, n=n) for name, n in rest.items() if n]
    sentence = phrase(f"headline.{key}", language, **words)
    if not texts:
        return sentence
    return f"{sentence} {phrase('headline.rest', language, rest=', '.join(texts))}"


def _poor(review) -> str:
    from sonla_analysis.indicators.poverty import status_counts

    language, now = review.language, review.now
    rate = now.loc["poor_household_rate" if "poor_household_rate" in now.index else now.index[0]]
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
    size = unmet["still_needed"].astype("int64")
    texts = []
    for name in size.sort_values(ascending=False, kind="stable").index[:most]:
        indicator = review.plan[name]
        text = left(unmet.loc[name], indicator, review.language)
        text = text or phrase("left.nothing_yet", review.language)
        texts.append(f"{indicator.short[review.language]} ({text})")
    return texts


def change(review, indicator_id: str) -> str:
    """Return how an indicator moved since the last review date, better or worse for its target."""
    language, indicator = review.language, review.plan[indicator_id]
    now = review.now.loc[indicator_id]
    earlier = review.progress[
        (review.progress["unit"] == review.unit)
        & (review.progress["indicator"] == indicator_id)
        & (review.progress["as_of"] < review.as_of)
        & (review.progress["state"] == "reported")
    ]
    if indicator.kind != "share":  # counts and reductions start from zero each year
        earlier = earlier[earlier["as_of"].str[:4] == review.as_of[:4]]
    earlier = earlier[earlier["value"].notna()]
    if now["state"] != "reported" or pd.isna(now["value"]):
        return phrase("change.not_now", language)
    if earlier.empty:
        return phrase("change.unknown", language)
    before = earlier.iloc[-1]
    difference = float(now["value"] - before["value"])
    words = {"before": day(before["as_of"], language)}
    if abs(difference) < 1e-9:
        return phrase("change.unchanged", language, **words)
    better = (difference < 0) == indicator.lower_is_better
    decimals = 2 if indicator.unit == "percent" else 0
    text = number(abs(difference), language, decimals)
    key = "change.points" if indicator.unit == "percent" else "change.number"
    words["difference"] = phrase(key, language, sign="+" if difference > 0 else "−", n=text)
    return phrase("change.better" if better else "change.worse", language, **words)


# --- the page ----------------------------------------------------------------------------


def page_title(review) -> str:
    unit = unit_name(review.units.loc[review.unit], review.language)
    return phrase("page.title", review.language, unit=unit)


def section(review, name: str) -> str:
    """Return a section's heading in the page's language."""
    return phrase(f"section.{name}", review.language, **area_words(review))


def page_subtitle(review) -> str:
    language, plan = review.language, review.plan
    return phrase(
        "page.subtitle",
        language,
        date=day(review.as_of, language, long=True),
        plan=plan.number,
        issued=day(plan.issued, language),
        issuer=plan.issuer[language],
    )


def sentences(review, *, status: str | None = None) -> list[str]:
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
    keys = ["counts", "precision", "missing", "hidden", "pace", "comparison"]
    keys += [] if review.is_area else ["city_target"]
    keys += ["recalled"] if unsure else []
    keys = [*(["synthetic"] if review.synthetic else []), *keys]
    said = [phrase(f"method.{key}", language, **words) for key in keys]
    return said + [_reading_used(one, language) for one in plan.indicators if one.reading]


def _reading_used(indicator: Indicator, language: str) -> str:
    name = indicator.readings[indicator.reading]["name"][language]
    return phrase("reading.used", language, number=indicator.number, reading=name)


def partial_note(review) -> list[str]:
    """Return what the star at a figure means, where one of the page has it."""
    rows = review.now.to_dict("records")
    starred = any(row["state"] == "incomplete" and has_value(row) for row in rows)
    return [phrase("index.partial", review.language)] if starred else []


def figure_texts(row, indicator: Indicator, plan, language: str = "vi") -> dict[str, str]:
    """Return the texts of one figure as the progress table prints them, in every format alike."""
    partial = "*" if row["state"] == "incomplete" and has_value(row) else ""
    return {
        "value": value_text(row, indicator, language) + partial,
        "numerator": number(row["numerator"], language),
        "denominator": number(row["denominator"], language),
        "target": target(indicator, language),
        "status": status_text(row, plan, language),
        "still_needed": number(row["still_needed"], language),
    }
