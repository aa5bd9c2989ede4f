"""Which unit a text means: a name as people write it, or a code, on a day.

Compared without what differs from hand to hand: the kind before the name ("P.", "phường"),
capitals, spaces, apostrophes, where a tone stands (hòa, hoà), i or y. A name without any Vietnamese
letter is compared by plain letters. What may mean two units means none; so does a name with a wrong
kind or a wrong mark ("Chiêng Ngần"): these are near misses, for a question.
"""

import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from sonla_analysis.definitions.units import refuse_unit, shipped_units, units_listed, units_on
from sonla_analysis.language.legacy import decode_legacy
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import Message
from sonla_analysis.language.vietnamese import nfc

_TONES = "\u0300\u0301\u0303\u0309\u0323"
# how a kind is written before a name, in full and short
_KINDS = {
    "phường": "phường|phuong|p",
    "xã": "xã|xa|x",
    "thị trấn": r"thị trấn|thi tran|tt|t\.t",
    "thị xã": r"thị xã|thi xa|tx|t\.x",
    "thành phố": r"thành phố|thanh pho|tp|t\.p",
    "huyện": "huyện|huyen|h",
    "tỉnh": "tỉnh|tinh",
}
_KIND = {
    kind: re.compile(rf"(?:{forms})(?:\.\s*|\s+)(?=\S)", re.I) for kind, forms in _KINDS.items()
}
_OFFICE = re.compile(r"(?:UBND|Ủy ban nhân dân|Uỷ ban nhân dân)\s+", re.I)
_CODE = re.compile(r"(\d{1,5})(?:\.0)?")
_CODE_AND_NAME = re.compile(r"(\d{1,5})\s*[-–_:.]\s*(\D+)")
_PARTS = re.compile(r"[,;()]|\s[-–]|[-–]\s")
_ONLY_Y = re.compile("((?<![aăâeêioôơuưy])|(?<=qu))y$")
_MOST = 5  # candidates of a question


@dataclass(frozen=True)
class Unit:
    """A unit and the days it is valid; an open end is ""."""

    code: str
    name: str
    kind: str
    valid_from: str = ""
    valid_to: str = ""


def match_unit(text, as_of: str, units: pd.DataFrame | list | None = None) -> Unit | None:
    """Return the one unit in force on a day that a text means, or None.

    `units` are those asked about, by default the city's that come along. "Sơn La" is a province and
    a city until June 2025 and means none; "TP Sơn La" is the city.

    >>> [match_unit(one, "2020-12-31").code for one in ("P. Chiềng Lề", "ChiÒng LÒ", "Chieng Le")]
    ['03646', '03646', '03646']
    >>> match_unit(3646.0, "2020-12-31").name, match_unit("03646", "2025-07-01").name
    ('Chiềng Lề', 'Tô Hiệu')
    >>> match_unit("Phường Chiềng Xôm", "2020-12-31"), match_unit("Chiêng Ngần", "2020-12-31")
    (None, None)
    """
    found = _meant(_clean(text), _rows(units, as_of))
    return _unit(found[0]) if len(found) == 1 else None


def units_meant(text, units: pd.DataFrame | None = None) -> list[Unit]:
    """Return all units that a text means on some day, the earliest first: for a text without date.

    >>> [(one.name, one.valid_to) for one in units_meant("3646")]
    [('Chiềng Lề', '2025-06-30'), ('Tô Hiệu', '')]
    >>> len(units_meant("Hua La")), len(units_meant("Bình Thuận"))
    (1, 0)
    """
    units = shipped_units() if units is None else units
    return list(dict.fromkeys(map(_unit, _ever_meant(_clean(text), units))))


def unit_candidates(text, as_of: str, units: pd.DataFrame | None = None) -> list[Unit]:
    """Return the units in force that a text without a match may mean, the likeliest first.

    What the text means on another day comes as the unit it became, or as those it was made of.

    >>> [one.name for one in unit_candidates("Chiêng Ngần", "2020-12-31")][:1]
    ['Chiềng Ngần']
    >>> [one.name for one in unit_candidates("Hua La", "2025-07-01")]
    ['Chiềng Cơi']
    """
    units = shipped_units() if units is None else units
    rows, cleaned = _rows(units, as_of), _clean(text)
    likely = [*_meant(cleaned, rows), *_related(cleaned, rows, units, as_of), *_like(cleaned, rows)]
    return list(dict.fromkeys(map(_unit, likely)))[:_MOST]


def unclear(text, as_of: str, units: pd.DataFrame, what: str = "unit") -> Message:
    """Return the sentence that refuses a text without a match, with the units it may mean."""
    near = unit_candidates(text, as_of, units)
    if not near:
        return refuse_unit(text, units_on(as_of, units), what)
    listed = units_listed(near, "; ")
    return message("refused.unit_unclear", found=text, date=as_of, candidates=listed)


def _related(text: str, rows: list[dict], units: pd.DataFrame, as_of: str) -> list[dict]:
    """Return the rows of what became of a unit meant on an earlier day, or made a later one."""
    meant = _ever_meant(text, units)
    became = {row["successor"] for row in meant if "" < row["valid_to"] < as_of}
    later = {row["code"] for row in meant if row["valid_from"] > as_of}
    return [row for row in rows if row["code"] in became or row["successor"] in later]


def _ever_meant(text: str, units: pd.DataFrame) -> list[dict]:
    """Return the rows that a cleaned text means, asked on a day between every two changes."""
    days = sorted({*units["valid_from"], *units["valid_to"]} - {""}) or ["9999-12-31"]
    return [row for day in days for row in _meant(text, _rows(units, day))]


def _like(text: str, rows: list[dict]) -> list[dict]:
    """Return the rows whose names are written much like the text, or end as it does."""
    name = _plain(_key(_kind_off(_parts(text)[0])[1]))
    names = {}
    for row in rows:
        names.setdefault(_plain(_key(row["name"])), []).append(row)
    same_end = [one for one in names if len(name) > 1 and one.endswith(name)]
    close = difflib.get_close_matches(name, names, n=_MOST, cutoff=0.7)
    return [row for one in dict.fromkeys([*same_end, *close]) for row in names[one]]


def rows_on(as_of: str, units: pd.DataFrame | None = None) -> list[dict]:
    """Return the units in force on a day, as `match_unit` may be given them for many texts."""
    return units_on(as_of, units).reset_index().to_dict("records")


def _rows(units: pd.DataFrame | list[dict] | None, as_of: str) -> list[dict]:
    return units if isinstance(units, list) else rows_on(as_of, units)


def _unit(row: dict) -> Unit:
    return Unit(row["code"], row["name"], row["kind"], row["valid_from"], row["valid_to"])


# --- reading a text ----------------------------------------------------------------------


def _clean(text) -> str:
    """Return a cell as a text in Unicode, nothing as ""."""
    return "" if pd.isna(text) else nfc(decode_legacy(str(text))).strip("'’ ")


def _parts(text: str) -> list[str]:
    """Return the name and the areas after it: "Chiềng Lề - TP Sơn La", "Hua La (TP Sơn La)"."""
    return [part for part in map(str.strip, _PARTS.split(text)) if part] or [""]


def _kind_off(text: str) -> tuple[str, str]:
    """Return the kind that a text begins with, "" if none, and the rest.

    >>> _kind_off("UBND P.Ninh Xá"), _kind_off("TT Hát Lót"), _kind_off("PhuongChiengLe")
    (('phường', 'Ninh Xá'), ('thị trấn', 'Hát Lót'), ('phường', 'Chieng Le'))
    """
    letters = zip(" " + text, text, strict=False)
    spaced = "".join(" " * (a.islower() and b.isupper()) + b for a, b in letters)
    spaced = _OFFICE.sub("", spaced, count=1)
    for kind, form in _KIND.items():
        if found := form.match(spaced):
            return kind, spaced[found.end() :]
    return "", spaced


# --- comparing ---------------------------------------------------------------------------


def _meant(text: str, rows: list[dict]) -> list[dict]:
    """Return the rows of the units that a cleaned text fits, by code, name, or both."""
    if code := _CODE.fullmatch(text):
        return [row for row in rows if _has_code(row, code[1])]
    if both := _CODE_AND_NAME.fullmatch(text):
        return [row for row in _named(both[2], rows) if _has_code(row, both[1])]
    return [row for row in rows if row["code"] == text] or _named(text, rows)


def _has_code(row: dict, code: str) -> bool:
    return row["code"].lstrip("0") == code.lstrip("0")


def _named(text: str, rows: list[dict]) -> list[dict]:
    """Return the rows with a name, of its kind where that is said, within the areas named."""
    name, *areas = _parts(text)
    if areas and areas[0].lower() in _KIND:  # "Hát Lót (Xã)"
        name = f"{areas.pop(0)} {name}"
    above = {row["code"]: row for row in rows}
    return [row for row in _of_name(name, rows) if all(_within(row, one, above) for one in areas)]


def _within(row: dict, area: str, above: dict[str, dict]) -> bool:
    """Return whether an area, or the unit's own code, is named truly after it."""
    if code := _CODE.fullmatch(area):
        return _has_code(row, code[1])
    higher = []
    while (row := above.get(row["parent"])) and row not in higher:
        higher.append(row)
    return bool(_of_name(area, higher))


def _of_name(text: str, rows: list[dict]) -> list[dict]:
    """Return the rows of a name with or without its kind."""
    readings = {_kind_off(text), ("", text)}
    return [row for row in rows if any(_fits(row, *reading) for reading in readings)]


def _fits(row: dict, kind: str, name: str) -> bool:
    """Return whether a row has the name, by plain letters where it is written in them."""
    if kind not in ("", row["kind"].lower()):
        return False
    here, there = _key(name), _key(row["name"])
    return here != "" and (here == there or (name.isascii() and here == _plain(there)))


@lru_cache(maxsize=2**14)
def _key(name: str) -> str:
    """Return a name as it is compared: letters, a word's tone after it.

    >>> _key("Hòa Bình") == _key("HOÀ  BÌNH"), _key("Mộc Lỵ") == _key("mộc lị"), _key("N'Drung")
    (True, True, 'ndrung')
    """
    return "".join(_word_key(word) for word in name.lower().split())


def _word_key(word: str) -> str:
    parts = unicodedata.normalize("NFD", word)
    tones = "".join(part for part in parts if part in _TONES)
    kept = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONES))
    letters = "".join(letter for letter in kept if letter.isalnum())
    return _ONLY_Y.sub("i", letters) + tones


def _plain(key: str) -> str:
    parts = unicodedata.normalize("NFD", key.replace("đ", "d"))
    return "".join(part for part in parts if part.isalnum())
