"""The table of units, shipped or an office's own: read, typed and checked like the others."""

import re
import warnings
from operator import itemgetter
from pathlib import Path

import pandas as pd

from sonla_analysis.definitions.input_columns import SAID_INSTEAD
from sonla_analysis.definitions.units import COLUMNS, shipped_units
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import DefinitionError, Message
from sonla_analysis.language.vietnamese import is_date, nfc
from sonla_analysis.tables.findings import (
    Finding,
    finding_sentence,
    misread_findings,
    shown,
    unreadable,
)

NEEDED = COLUMNS[:5]
_AREAS = ("", "urban", "rural")
_CODE = re.compile(r"(?=.*[^\W_])[\w.-]{1,20}")
_LONGEST = 100  # letters of a name: a folder is named after it
_DATES = ("valid_from", "valid_to")


def load_units(path: str | Path | None = None) -> pd.DataFrame:
    """Return the units, one row per unit and validity, all columns text ("" where open).

    `path` is a CSV with the columns of `COLUMNS`; by default Sơn La city's file. Refused with a
    `DefinitionError` where it cannot be read or is no table of units.

    >>> len(load_units().query("parent == '116'"))
    12
    """
    if path is None:
        return shipped_units()
    try:
        with Path(path).open(encoding="utf-8-sig") as file, warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # a line with too many cells
            raw = pd.read_csv(file, dtype=str, keep_default_na=False, index_col=False)
    except (ValueError, OSError, pd.errors.ParserWarning) as error:
        said = message("definition.units_unreadable", source=path, found=type(error).__name__)
        raise DefinitionError(said) from None
    return check_units(raw, path)


def check_units(units: pd.DataFrame, source="units") -> pd.DataFrame:
    """Return the units with texts in NFC, or refuse a table that is not one."""
    checked, findings = read_units(units.reset_index(drop=True))
    if wrong := [one for one in findings if one.severity == "error"]:
        said = {language: finding_sentence(wrong[0], language) for language in ("vi", "en")}
        refused = Message(f"{source}: {said['en']}")
        refused.vi = f"{source}: {said['vi']}"
        raise DefinitionError(refused)
    return checked


def read_units(raw: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the units of a table as it was sent, and what is wrong with it.

    All columns are text, "" where blank. The index is the line less two, as `sources` gives it.
    """
    names = [nfc(str(name)).lower() for name in raw.columns]
    place = {name: names.index(name) for name in COLUMNS if name in names}
    if twice := [name for name in place if names.count(name) > 1]:
        return raw, [Finding("column_twice", "units", column=twice[0])]
    if missing := [name for name in NEEDED if name not in place]:
        found = ", ".join(map(str, raw.columns))[:200]
        return raw, [Finding("units_column", "units", column=one, found=found) for one in missing]
    if raw.empty:
        return raw, [Finding("empty_table", "units")]
    given = {name: raw.iloc[:, at].fillna("").astype("str") for name, at in place.items()}
    findings = [one for name in given for one in _cells(given[name], name)]
    for name in ("name", "note"):
        if name in given:
            findings += misread_findings(given[name], "units", name)
    clean = {name: list(map(nfc, column.tolist())) for name, column in given.items()}
    units = pd.DataFrame(clean, index=raw.index)
    units = units.reindex(columns=COLUMNS, fill_value="").astype("str")
    said = {(one.row, one.column) for one in findings}
    checks = (_names, _validity, _parents)
    others = [one for check in checks for one in check(units)]
    return units, findings + [one for one in others if (one.row, one.column) not in said]


def lost_zeros(units: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> list[Finding]:
    """Return one finding where the units' codes lack zeros that the other tables' codes have.

    Excel makes the number 3646 of the code 03646; the right codes elsewhere are not the fault.

    >>> units = load_units().replace({"code": {"03646": "3646"}})
    >>> lost_zeros(units, {"schools": pd.DataFrame({"unit": ["03646"]})})[0].allowed
    '03646'
    """
    used = {code for frame in tables.values() if "unit" in frame for code in frame["unit"].dropna()}
    without = {code.lstrip("0"): code for code in used.difference(units["code"])}
    lost = units[units["code"].isin(without)]
    if lost.empty:
        return []
    first = lost["code"].iloc[0]
    words = {"row": int(lost.index[0]) + 2, "found": first, "allowed": without[first]}
    return [Finding("lost_zeros", "units", column="code", cells=len(lost), **words)]


def _found(units: pd.DataFrame, wrong, rule: str, column: str, allowed="", found=None):
    """Return a finding for each row where `wrong` is true."""
    findings = []
    for line in units.index[wrong.to_numpy()]:
        cell = units.loc[line, column if found is None else found]
        words = {"column": column, "found": str(cell)[:60], "allowed": allowed}
        findings.append(Finding(rule, "units", row=int(line) + 2, **words))
    return findings


def _cells(column: pd.Series, name: str) -> list[Finding]:
    """Return the cells of a column that are not what it holds."""
    findings, cells = [], column.tolist()
    faults = {cell: unreadable(cell.strip()) or _fault(nfc(cell), name) for cell in {*cells}}
    for line, cell in zip(column.index, cells, strict=True):
        if rule := faults[cell]:
            allowed = ", ".join(_AREAS[1:]) if rule == "not_allowed" else ""
            near = (*_AREAS, *SAID_INSTEAD) if name == "area" else ()
            words = {"column": name, "found": shown(cell, near), "allowed": allowed}
            findings.append(Finding(rule, "units", row=int(line) + 2, **words))
    return findings


def _fault(cell: str, name: str) -> str | None:
    if name in ("code", "name") and not cell:
        return "blank"
    if name == "code" and not _CODE.fullmatch(cell):
        return "not_unit"
    if name == "area" and cell not in _AREAS:
        return "not_allowed"
    return "not_date" if name in _DATES and cell and not is_date(cell) else None


def _names(units: pd.DataFrame) -> list[Finding]:
    """Names that are too long, and those that say their kind again: "phường Phường …"."""
    whole = units["kind"].str.len() + units["name"].str.len()
    said = [
        _says_kind(name.lower(), kind.lower())
        for name, kind in zip(units["name"], units["kind"], strict=True)
    ]
    return [
        *_found(units, whole > _LONGEST, "unit_name_long", "name", str(_LONGEST)),
        *_found(units, pd.Series(said), "unit_kind_again", "name"),
    ]


def _says_kind(name: str, kind: str) -> bool:
    """Return whether a name begins with its kind, whole or as in "P. Chiềng Lề", "TP Sơn La".

    >>> _says_kind("phường tô hiệu", "phường"), _says_kind("tt. hát lót", "thị trấn")
    (True, True)
    >>> _says_kind("tô hiệu", "phường"), _says_kind("phúc", "phường")
    (False, False)
    """
    initials = "".join(word[0] for word in kind.split())
    short = re.escape(initials) + (r"[.\s]" if len(initials) > 1 else r"\.")
    return bool(kind) and re.match(rf"{re.escape(kind)}\s|{short}", name) is not None


def _validity(units: pd.DataFrame) -> list[Finding]:
    """Units that end before they begin, and codes that mean two units on one day."""
    dated = units[units[list(_DATES)].map(lambda cell: cell == "" or is_date(cell)).all(axis=1)]
    start, end = dated["valid_from"], dated["valid_to"].where(dated["valid_to"] != "", "9999")
    spans = zip(start.tolist(), end.tolist(), dated["code"].tolist(), dated.index, strict=True)
    last, twice = {}, []
    for first, until, code, line in sorted(spans, key=itemgetter(0)):
        if code in last and first <= last[code]:
            twice.append(line)
        last[code] = max(until, last.get(code, ""))
    return [
        *_found(dated, start > end, "unit_ends_before", "valid_to"),
        *_found(dated, pd.Series(dated.index.isin(twice)), "unit_twice", "code"),
    ]


def _parents(units: pd.DataFrame) -> list[Finding]:
    """Parents that are not in the list, and units that lie within themselves."""
    parents = {code: set() for code in units["code"]}
    for code, parent in zip(units["code"], units["parent"], strict=True):
        parents[code].update({parent} - {""})
    unknown = ~units["parent"].isin({"", *parents})
    circle = units["code"].map(lambda code: code in _above(code, parents))
    return [
        *_found(units, unknown, "unit_parent_unknown", "parent"),
        *_found(units, circle, "unit_within_itself", "parent", found="code"),
    ]


def _above(code: str, parents: dict[str, set]) -> set[str]:
    """Return all that a unit lies in, at any distance."""
    above, waiting = set(), set(parents[code])
    while waiting:
        one = waiting.pop()
        above.add(one)
        waiting |= parents.get(one, set()) - above
    return above
