"""Numbers, dates, names and marks of one figure, as they are printed in Vietnamese and English.

Texts stand in `language/phrases/*.toml`; a function here only chooses the text that is true of its
row and fills it in.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

import pandas as pd
from babel import Locale
from babel.numbers import parse_pattern

from sonla_analysis.definitions.plan import Indicator
from sonla_analysis.definitions.units import KINDS
from sonla_analysis.language.phrases import has, phrase

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
    before days under 10 and months 1 and 2). One that is not known is left to be filled in.

    >>> day("2020-03-05"), day("2020-03-05", long=True), day("2020-03-05", "en", long=True)
    ('05/03/2020', 'ngày 05 tháng 3 năm 2020', '5 March 2020')
    """
    if not iso:
        return phrase("date.blank_long" if long else "date.blank", language)
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
        return _former_area(unit) or f"{unit['name']} {unit_kind(unit, language)}".strip()
    text = f"{unit['kind'].lower()} {unit['name']}".strip()
    return text[:1].upper() + text[1:] if start else text


def name_of(review, code: str, *, start: bool = False) -> str:
    """Return the name of one of a review's units, as `unit_name` does."""
    return unit_name(review.units.loc[code], review.language, start=start)


def lower_start(text: str) -> str:
    """Return a text as it goes on within a sentence.

    >>> lower_start("Nước sạch")
    'nước sạch'
    """
    return text[:1].lower() + text[1:]


def _former_area(unit: pd.Series) -> str:
    """Return the English name of "địa bàn thành phố Sơn La cũ"; "" of any other unit.

    >>> _former_area(pd.Series({"kind": "Địa bàn", "name": "thành phố Sơn La cũ"}))
    'former Sơn La city'
    """
    if unit["kind"] != "Địa bàn" or not unit["name"].endswith(" cũ"):
        return ""
    kinds = (kind for kind in KINDS if unit["name"].startswith(f"{kind.lower()} "))
    kind = next(kinds, "")
    bare = unit["name"].removeprefix(f"{kind.lower()} ").removesuffix(" cũ")
    return f"former {bare} {KINDS.get(kind, '')}".strip()


def unit_kind(unit: pd.Series, language: str = "vi") -> str:
    """Return what kind of unit it is, as in running text: phường, huyện; ward, district."""
    kind = unit["kind"]
    return KINDS.get(kind, kind.lower()) if language == "en" else kind.lower()


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

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> counted(load_plan()["officers_trained"], 1, "en")
    'officer'
    """
    return plural(indicator.counted[language], n)


def plural(noun: str, n) -> str:
    """Return the form of a text, "one|many" in English, that fits a number.

    >>> plural("household|households", 1), plural("hộ", 2)
    ('household', 'hộ')
    """
    one, _, many = noun.partition("|")
    return one if not many or (pd.notna(n) and n == 1) else many


def target(indicator: Indicator, language: str = "vi", *, words: bool = False) -> str:
    """Return the target as printed in the plan, with its direction as a sign or in words.

    Where the plan sets none, that.

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> plan = load_plan()
    >>> target(plan["poor_household_rate"]), target(plan["full_vaccination"], words=True)
    ('≤ 0,77%', 'trên 95%')
    """
    if indicator.target is None:
        return phrase("direction.none", language)
    sign = "%" if indicator.unit == "percent" else ""
    texts = [
        "" if value is None else number(value, language, indicator.decimals) + sign
        for value in (indicator.target, indicator.upper)
    ]
    if indicator.kind == "count":
        said = f"{texts[0]} {counted(indicator, indicator.target, language)}"
    else:
        means_all = indicator.direction == "at_least" and indicator.target == 100
        name = "exactly" if means_all else indicator.direction
        section = "direction_words" if words else "direction"
        said = phrase(f"{section}.{name}", language, target=texts[0], upper=texts[1])
    if indicator.leg is None:  # each year has no target of its own
        return said
    key = "milestone.words" if words else "milestone.sign"
    return phrase(key, language, target=said, year=indicator.leg.end[:4])


# --- sentences about progress ------------------------------------------------------------


def figure(row, indicator: Indicator, language: str = "vi") -> str:
    """Return a row's value with the counts it came from; nothing is rounded away."""
    numerator, denominator, kind = row["numerator"], row["denominator"], indicator.kind
    words = {
        "value": value_text(row, indicator, language).lstrip("−"),
        "numerator": number(numerator, language),
        "denominator": number(denominator, language),
        "counted": counted(indicator, numerator, language),
        "of": plural(indicator.among[language], denominator),
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

    >>> from sonla_analysis.definitions.plan import load_plan
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


def count_and_share(row, indicator: Indicator, language: str = "vi") -> tuple[str, str]:
    """Return whom a share counts and the share itself as two columns print them.

    A star follows both where a unit is missing; the first says why there is none.
    """
    share = value_text(row, indicator, language)
    if row["state"] not in ("reported", "incomplete"):
        return (phrase(f"mark.{row['state']}", language), "–")
    star = "*" * (row["state"] == "incomplete")
    return printed_count(row, "numerator", language) + star, share + star


def printed_count(row, part: str, language: str = "vi") -> str:
    """Return a row's count as a column prints it; where blanks leave it open, how many do.

    >>> row = {"numerator": 27, "unknown": 14, "lowest": 58.7, "highest": 89.1}
    >>> printed_count(row, "numerator"), printed_count({**row, "lowest": 89.1}, "numerator")
    ('27 (14 chưa ghi)', '27')
    """
    text = number(row[part], language)
    if part == "denominator" or not is_open(row):
        return text
    return phrase("counts.with_blanks", language, n=text, blank=number(row["unknown"], language))


def verdict(row) -> str:
    """Return which sentence is true of a progress row: a name of the section `judged`."""
    if row["state"] in ("not_reported", "hidden"):
        return "not_reported"
    if row["state"] != "reported":
        return row["state"]
    if row["reason"] == "area_target":
        return row["reason"]
    return "_".join(filter(None, (row["status"], row["reason"])))


def status_key(row) -> str:
    """Return the status of a row as it is marked: one of the section `status`."""
    found = verdict(row)
    if found == "not_reported":
        return "no_data"
    return found if found in ("withheld", "incomplete", "area_target") else row["status"]


def status_text(row, language: str = "vi") -> str:
    """Return the words for the status of a row; what is met by rounding only says so."""
    key = verdict(row)
    key = key if has("status", key) else status_key(row)
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
        return plural(written, n).format(n=number(n, language))
    falling = indicator.lower_is_better or indicator.kind == "reduction"
    way = "at_most" if falling else "at_least"
    noun = counted(indicator, n, language)
    return phrase(f"left.{way}", language, n=number(n, language), counted=noun)


def _is_only_one(row, indicator: Indicator) -> bool:
    one = pd.notna(row["denominator"]) and row["denominator"] == 1
    return one and indicator.denominator.table in ("health_stations", "school_network")


def figure_texts(row, indicator: Indicator, language: str = "vi") -> dict[str, str]:
    """Return the texts of one figure as the progress table prints them, in every format alike.

    Where some units are missing and the others have nobody to count, no count is told: the zero
    would be theirs, not the area's. Where blanks leave a figure open, what is still to do is the
    least that it can be.
    """
    partial = "*" if row["state"] == "incomplete" and has_value(row) else ""
    untold = row["state"] == "incomplete" and not has_value(row)
    counts = {
        part: number(None, language) if untold else printed_count(row, part, language)
        for part in ("numerator", "denominator")
    }
    still = number(row["still_needed"], language)
    if is_open(row) and pd.notna(row["still_needed"]) and row["still_needed"] > 0:
        still = phrase("direction.at_least", language, target=still)
    return {
        "value": value_text(row, indicator, language) + partial,
        **counts,
        "target": target(indicator, language),
        "status": status_text(row, language),
        "still_needed": still,
    }
