"""What the cells of a column say, in the tables' own spelling: certain, or wrong, or to be asked.

A column has one convention: "1.250" is told by what else stands in it. Texts come in as the sheet
has them and go out as a CSV of the input tables would have them; "" is not known.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from sonla_analysis.definitions.input_columns import DEPRIVED, FLAGS, Column
from sonla_analysis.intake.headings import key, words
from sonla_analysis.language.phrases import label
from sonla_analysis.language.vietnamese import is_date, looks_like_thousands

_GROUPED = re.compile(r"\d{1,3}([. ]\d{3})+|\d{1,3}(,\d{3})+")
_COMMA = re.compile(r"\d+,(\d{1,2}|\d{4,})|\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}|0,\d+")
_POINT = re.compile(
    r"\d+\.(\d{1,2}|\d{4,})|\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,}|\d{4,}\.\d+|0\.\d+"
)
_EITHER = re.compile(r"[1-9]\d{0,2}([.,])\d{3}")
_DAY = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4}|\d{2})(?: 0?0:00(?::00)?)?")
_DAY_IN_WORDS = re.compile(r"(?:ngày )?(\d{1,2}) tháng (\d{1,2}) năm (\d{4})", re.IGNORECASE)
_SIGNED = re.compile(r"(,|\d+/[^\W\d_][\w-]*)\s*(ngày\s*)?$", re.IGNORECASE)  # what stands before
_SERIALS = range(32_874, 73_051)  # Excel's numbers of the days 1990–2099
_FIRST_DAY = date(1899, 12, 30)


@dataclass
class Convention:
    """How a column is written, as far as its own cells tell.

    `decimal` is the sign before its decimals ("," or "."; "" where nothing tells), `month_first`
    whether its dates begin so (None: both stand in it), `unit` one of its units of money in million
    đồng, `answers` what somebody has said of a spelling, by its key.
    """

    decimal: str = ""
    month_first: bool | None = False
    unit: Decimal = Decimal(1)
    answers: dict[str, str] = field(default_factory=dict)


def convention(texts: list[str], kind: str, typed_numbers: bool) -> Convention:
    """Return how a column's different texts are written.

    `typed_numbers`: a number of a workbook is printed with a point whatever its office writes, so
    a point tells nothing there.

    >>> convention(["26,4", "1.250"], "money", True).decimal
    ','
    """
    comma = any(_COMMA.fullmatch(text) for text in texts)
    point = not typed_numbers and any(_POINT.fullmatch(text) for text in texts)
    days = [_DAY.fullmatch(text) for text in texts] if kind == "date" else []
    american = any(day and int(day[2]) > 12 >= int(day[1]) for day in days)
    british = any(day and int(day[1]) > 12 for day in days)
    return Convention(
        decimal="" if comma == point else "," if comma else ".",
        month_first=None if american and british else american,
    )


def reader(column: Column, name: str, how: Convention) -> Callable[[str], str | None]:
    """Return what reads a cell of a column: the text of the tables, None where it cannot be.

    >>> read = reader(Column("count"), "members", Convention())
    >>> [read(text) for text in ("2", "02 khẩu", "13.389", "12,5")]
    ['2', '2', '13389', None]
    """
    if column.choices:
        known = _choices(name, column.choices) | how.answers
        return lambda text: known.get(key(text))
    if column.kind == "flag":
        points = {"10": "true"} if name.startswith(DEPRIVED) else {}
        known = _flags() | points | how.answers
        return lambda text: known.get(key(text) or text.strip())
    if column.kind == "date":
        return lambda text: day(text, how.month_first)
    if column.kind == "count":
        return count
    return (lambda text: money(text, how)) if column.kind == "money" else (lambda text: text)


def is_either(text: str) -> bool:
    """Return whether a number may be thousands to one reader, decimals to another: "1.250"."""
    return _EITHER.fullmatch(text) is not None


def is_blank(text: str) -> bool:
    """Return whether a cell says that nothing is known: empty, or a sign for it."""
    return not text or text in words()["values"]["blank"]


def _choices(name: str, allowed: tuple[str, ...]) -> dict[str, str]:
    """Return the choices of a column by the key of every spelling."""
    spelled = words()["values"].get(
        {"start_status": "status", "head_sex": "sex"}.get(name, name), {}
    )
    found = {key(text): one for one, texts in spelled.items() for text in texts if one in allowed}
    for one in allowed:
        section = "household" if "status" in name else "group"
        found |= {key(label(section, one, language)): one for language in ("vi", "en")}
        found[key(one)] = one
    return found


def _flags() -> dict[str, str]:
    found = {key(text) or text: "true" for text in words()["values"]["true"]}
    found |= {key(text): "false" for text in words()["values"]["false"]}
    return found | {text: str(value).lower() for text, value in FLAGS.items()}


def count(text: str) -> str | None:
    """Return a whole number without the point of its thousands and the word behind it, or None.

    >>> count("04 hộ"), count("1 234"), count("13.3890"), count("-3")
    ('4', '1234', None, None)
    """
    number, _, word = text.partition(" ")
    if word and key(word) in words()["values"]["counted"]:
        text = number
    text = re.sub(r"\.0+$", "", ungrouped(text))
    return str(int(text)) if re.fullmatch("[0-9]{1,15}", text) else None


def ungrouped(text: str) -> str:
    """Return a whole number without the signs of its thousands; any other text as it stands.

    >>> ungrouped("13.389"), ungrouped("1,234,567"), ungrouped("12.5")
    ('13389', '1234567', '12.5')
    """
    return re.sub("[., ]", "", text) if _GROUPED.fullmatch(text) else text


def money(text: str, how: Convention) -> str | None:
    """Return an amount in million đồng with a decimal point; None where its sign is not certain.

    >>> [money("1.250", Convention(decimal=sign)) for sign in (",", ".", "")]
    ['1250', '1.25', None]
    """
    plain = None
    if re.fullmatch(r"\d{1,15}", text):
        plain = text
    elif _EITHER.fullmatch(text) and how.decimal:
        sign = _EITHER.fullmatch(text)[1]
        plain = text.replace(sign, "." if sign == how.decimal else "")
    elif _COMMA.fullmatch(text) and how.decimal != ".":
        plain = text.replace(".", "").replace(",", ".")
    elif _POINT.fullmatch(text):
        plain = text.replace(",", "")
    return plain and decimal_text(Decimal(plain) * how.unit)


def decimal_text(number: Decimal) -> str:
    """Return a number as the tables write it: no point that may be read as that of thousands.

    >>> [decimal_text(Decimal(one)) for one in ("1.250", "1250.0", "2.125")]
    ['1.25', '1250', '2.1250']
    """
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text + "0" * looks_like_thousands(text)


def day(text: str, month_first: bool | None = False) -> str | None:
    """Return a day as year-month-day, or None.

    The day stands before the month, as everywhere in Vietnam, unless the column shows otherwise.

    >>> day("31/12/2020"), day("ngày 05 tháng 3 năm 2020"), day("44196"), day("12/2020")
    ('2020-12-31', '2020-03-05', '2020-12-31', None)
    """
    text = text.strip()
    if is_date(text[:10]) and text[10:].strip(" T0:") == "":
        return text[:10]
    if text.isdecimal() and len(text) == 5 and int(text) in _SERIALS:
        return (_FIRST_DAY + timedelta(days=int(text))).isoformat()
    if not (found := _DAY.fullmatch(text) or _DAY_IN_WORDS.fullmatch(text)):
        return None
    first, second, year = map(int, found.groups()[:3])
    if month_first is None and first < 13 and second < 13 and first != second:
        return None
    number, month = (second, first) if month_first else (first, second)
    try:
        return date(year + 2000 * (year < 100), month, number).isoformat()
    except ValueError:
        return None


def day_within(text: str) -> str | None:
    """Return the day that a title or a file's name tells, where it tells one.

    The day on which a document was signed is none of the data.

    >>> [day_within(text) for text in ("(tính đến ngày 31/12/2020)", "Hua La 2020-12-31", "2 bản")]
    ['2020-12-31', '2020-12-31', None]
    >>> signed = "Kèm theo Báo cáo số 215/BC-UBND ngày 18/12/2020", "Sơn La, ngày 5/1/2021"
    >>> [day_within(text) for text in signed]
    [None, None]
    """
    pattern = (
        rf"{_DAY_IN_WORDS.pattern}|(?<!\d)\d{{4}}-\d{{2}}-\d{{2}}(?!\d)|(?<!\d){_DAY.pattern}(?!\d)"
    )
    days = re.finditer(pattern, text, re.IGNORECASE)
    found = {day(one.group()) for one in days if not _SIGNED.search(text[: one.start()])} - {None}
    return found.pop() if len(found) == 1 else None
