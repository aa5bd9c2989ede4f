"""What a damaged table should come to: a small judge in plain Python that imports no package code.

A table as its file shows it (a header and rows of texts) is judged cell by cell, after
data/sample/README.md: a cell is `Wrong` (it must be found, or the table refused), or has a value
that must be read just so; where it is open whether a reader mends or refuses, both are right
(`Either`).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

DEPRIVED = (
    "health_care health_insurance adult_education child_schooling housing_quality housing_area "
    "water toilet telecommunication information_assets"
)
KINDS = {
    "households": {
        "date": "as_of",
        "code": "unit",
        "name": "village household",
        "text": "ethnicity",
        "choice": "head_sex area start_status status",
        "count": "members income_score deprivation_score",
        "flag": " ".join(f"deprived_{one}" for one in DEPRIVED.split())
        + " hygienic_water hygienic_toilet toilet_loan_wanted toilet_built loan_needed"
        " loan_eligible loan_received radio_received",
    },
    "members": {
        "date": "as_of",
        "code": "unit",
        "name": "household person",
        "choice": "sex",
        "count": "birth_year",
        "flag": "health_card tuition_entitled tuition_supported",
    },
    "unit_counts": {
        "date": "as_of",
        "code": "unit",
        "count": "households population labour_force labour_certified children_under_1 "
        "children_under_1_vaccinated children_under_5_measured children_under_5_underweight "
        "officers officers_trained poor_area_households poor_area_households_informed "
        "poor_households near_poor_households",
    },
    "health_stations": {
        "date": "as_of",
        "code": "unit",
        "name": "name",
        "flag": "has_doctor meets_national_criteria",
    },
    "schools": {
        "date": "as_of",
        "code": "unit",
        "name": "name",
        "flag": "preschool primary lower_secondary meets_national_standard",
    },
    "funding": {
        "date": "as_of",
        "code": "unit",
        "text": "project source",
        "money": "planned disbursed",
    },
    "history": {
        "date": "as_of",
        "code": "unit",
        "text": "source",
        "count": "households poor_households near_poor_households",
    },
}
KIND = {
    table: {name: kind for kind, names in kinds.items() for name in names.split()}
    for table, kinds in KINDS.items()
}
KEYS = {
    "households": ("as_of", "unit", "household"),
    "members": ("as_of", "unit", "household", "person"),
    "unit_counts": ("as_of", "unit"),
    "health_stations": ("as_of", "unit", "name"),
    "schools": ("as_of", "unit", "name"),
    "funding": ("as_of", "unit", "project", "source"),
    "history": ("as_of", "unit"),
}
NEVER_BLANK = {"as_of", "unit", "household", "person", "status", "start_status", "area", "name"}
# columns that no figure of the plan and no deprivation of its standard needs: they may be missing
NOT_NEEDED = {
    *("village", "head_sex", "ethnicity", "area", "members", "income_score", "deprivation_score"),
    *("person", "sex", "birth_year", "population", "poor_households", "near_poor_households"),
    *("project", "source", "planned", "disbursed", "name"),
}
CHOICES = {
    "head_sex": {"male", "female"},
    "sex": {"male", "female"},
    "area": {"urban", "rural"},
    "status": {
        *("poor_income", "poor_deprivation", "near_poor", "newly_escaped", "not_poor", "absent")
    },
}
CHOICES["start_status"] = CHOICES["status"]
FLAGS = {"true": True, "1": True, "có": True, "false": False, "0": False, "không": False}


@dataclass(frozen=True)
class Wrong:
    """The cell must be found, or its table refused."""

    why: str


@dataclass(frozen=True)
class Value:
    """The cell must be read as this; None is blank."""

    value: object


@dataclass(frozen=True)
class Either:
    """The cell must be found, or read as one of these."""

    values: tuple


_CONTROL = {code for code in range(32) if chr(code) not in "\t\n\r"} | set(range(127, 160))
_UNSEEN = {*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF, 0xAD}


def plain(text: str) -> str:
    """Return the text as a careful clerk would copy it: NFC, single spaces, nothing unseen."""
    seen = "".join(letter for letter in text if ord(letter) not in _CONTROL | _UNSEEN)
    return " ".join(unicodedata.normalize("NFC", seen).split())


def judged(table: str, column: str, text: str, units: dict[str, bool], dates: set[str]):
    """Return what a cell must come to; `units` maps each known code to whether it is a ward."""
    tidy = plain(text)
    if not text.strip():
        return Wrong("blank") if column in NEVER_BLANK else Value(None)
    if "\n" in text.strip() or "\r" in text.strip():
        harmless = KIND[table][column] == "text" and "," not in text
        return Either((tidy,)) if harmless else Wrong("a line break in a cell")
    if not tidy:
        return Either((None,))  # nothing but what is not seen
    found = _JUDGES[KIND[table][column]](table, column, tidy, units, dates)
    if tidy != unicodedata.normalize("NFC", text) and isinstance(found, Value):
        return Either((found.value,))
    return found


def _date(table, column, text, units, dates):
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        midnight = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]00:00(:00(\.0+)?)?", text)
        return Either((midnight[1],)) if midnight else Wrong("not a date")
    try:
        date.fromisoformat(text)
    except ValueError:
        return Wrong("no such day")
    known = text in dates or table in ("history", "unit_counts")
    return Value(text) if known else Wrong("a day nobody reported for")


def _code(table, column, text, units, dates):
    if text not in units:
        return Wrong("no such unit")
    if not units[text] and table not in ("history", "funding"):
        return Wrong("not a ward")
    return Value(text)


def _text(table, column, text, units, dates):
    usual = not text.startswith(("#", "=")) and len(text) <= 200
    return Value(text) if usual else Either((text,))


def _choice(table, column, text, units, dates):
    if text in CHOICES[column]:
        return Value(text)
    if text.lower() in CHOICES[column]:
        return Either((text.lower(),))
    return Wrong("not one of the choices")


def _count(table, column, text, units, dates):
    if re.fullmatch("[0-9]{1,15}", text):
        return Value(int(text)) if str(int(text)) == text else Either((int(text),))
    if re.fullmatch(r"[0-9]{1,15}\.0+", text) and not text.endswith(".000"):
        return Either((int(text.split(".")[0]),))
    if text.isdecimal() and len(text) < 300:
        return Either((int(text),))  # very large, or digits of another script
    return Wrong("not a whole number")


def _money(table, column, text, units, dates):
    if re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,2})?", text):
        return Value(float(text))
    if re.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}", text):
        return Wrong("a point that may divide thousands")
    if re.fullmatch(r"[0-9]{1,300}(\.[0-9]+)?", text):
        return Either((float(text),))
    amount = text.isdecimal() and len(text) < 300
    return Either((float(int(text)),)) if amount else Wrong("not an amount")


def _flag(table, column, text, units, dates):
    if text.lower() in FLAGS:
        return Value(FLAGS[text.lower()])
    if text in ("1.0", "0.0"):
        return Either((text == "1.0",))
    return Wrong("neither true nor false")


_JUDGES = {
    "date": _date,
    "code": _code,
    "name": _text,
    "text": _text,
    "choice": _choice,
    "count": _count,
    "money": _money,
    "flag": _flag,
}


@dataclass(frozen=True)
class Judgement:
    """What a table must come to: cells by (row, column), and why it must be refused, if it must.

    `lines` holds where each row may be said to stand in the file. `open` says that a reader may
    refuse the table, though nothing in it is wrong. Without cells (None) all that matters is that
    it ends well.
    """

    cells: dict | None
    lines: list[tuple[int, int]]
    must: str = ""
    open: bool = False


def judge(table, header, rows, lines, units, dates, *, is_open=False) -> Judgement:
    """Return what a table must come to, from its texts as they stand in the file."""
    names = [plain(name).lower() for name in header]
    kinds = KIND[table]
    missing = [name for name in kinds if name not in names]
    if table != "history" and (needed := [name for name in missing if name not in NOT_NEEDED]):
        return Judgement({}, [], f"no column {needed[0]}")
    if [one for one in kinds if names.count(one) > 1]:
        return Judgement({}, [], "a column twice")
    if [name for name, written in zip(names, header, strict=True) if written != name]:
        is_open = True
    is_open |= bool(missing) or any(name not in kinds for name in names)
    kept = [place for place, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if odd := [lines[place] for place in kept if len(rows[place]) != len(names)]:
        return Judgement({}, [], f"line {odd[0]} has too many or too few cells")
    cells, seen = {}, set()
    for number, place in enumerate(kept):
        row = dict(zip(names, rows[place], strict=True))
        for name in kinds:
            if name in row:
                cells[number, name] = judged(table, name, row[name], units, dates)
        key = tuple(plain(row.get(name, "")) for name in KEYS[table])
        if key in seen and all(key):
            cells[number, ""] = Wrong("the same row twice")
        seen.add(key)
    places = [(lines[place], place + 2) for place in kept]
    return Judgement(cells, places, "", is_open or not kept)


def kind(table: str, column: str) -> str:
    """Return what kind of cell stands in a column."""
    return KIND[table].get(column, "row")
