"""What is found in the data: where, which rule, what stands there, what is allowed.

No finding carries a person's name: words in a cell that is no word of the tables are masked.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from sonla_analysis.definitions.input_columns import KEYS
from sonla_analysis.language.phrases import label, phrase
from sonla_analysis.language.refusals import SonlaError
from sonla_analysis.language.vietnamese import misread, nfc

_WORD = re.compile(r"[^\W\d_]+")
_MASKED = re.compile(r"…([\W_]*…)+")
_LONG_NUMBER = re.compile(r"\d(?:[\s.-]?\d){8,}")  # an identity or telephone number
_MOMENT = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?")
# what Excel and LibreOffice show where there is no value; `workbook` adds the cell
_ERROR = r"#(?:[A-Z][A-Z0-9/_]*[!?]|N/A|GETTING_DATA)|Err:[0-9]{3}"
_PLACE = r"(?: \(.+![A-Z]+[0-9]+\))?"
_EXCEL_ERROR, _LOST = re.compile(f"(?:{_ERROR}){_PLACE}"), re.compile(f"#SST!.*?{_PLACE}")
_FORMULA = re.compile(f"(=.*?)({_PLACE})", re.DOTALL)
_AT_FAULT = ("no_data", "not_a_workbook", "old_workbook", "locked_workbook", "broken_workbook")
_AT_FAULT += ("workbook_too_large", "workbook_in_folder", "unreadable_data")  # the whole source
_NAME = re.compile(r"(?<![\w-])[a-z][a-z0-9_]*(?![\w-])")  # of a choice or a column
_HARMLESS = {"hộ", "người", "khẩu", "cháu", "triệu", "đồng", "có", "không", "chưa", "true", "false"}


@dataclass(frozen=True)
class Finding:
    """One thing found in the data.

    `row` is the line in the file or sheet (the header is line 1), 0 for a whole table.
    An `error` withholds the figures that use its cell until it is corrected; a `warning` is shown.
    `as_of` is the date it speaks of ("" for the row's own, or for every date of a whole table);
    `doubts` are further cells that it leaves in doubt, as (table, column), "" for the whole table.
    `file`, `sheet` and `cell` (such as C12) say where it stands in what was sent.
    """

    rule: str
    table: str
    unit: str = ""
    row: int = 0
    column: str = ""
    found: str = ""
    allowed: str = ""
    severity: str = "error"
    as_of: str = ""
    doubts: tuple[tuple[str, str], ...] = ()
    cells: int = 1  # how many it stands for: a column that is wrong throughout is one finding
    file: str = ""
    sheet: str = ""
    cell: str = ""


class DataError(SonlaError):
    """Tables that cannot be used; `findings` says why, cell by cell."""

    def __init__(self, findings: list[Finding]):
        super().__init__(findings)
        self.findings = findings

    def text(self, language: str = "en") -> str:
        """Return the first findings, one a line."""
        lines = [finding_sentence(one, language) for one in self.findings[:5]]
        if more := len(self.findings) - len(lines):
            lines.append(phrase("finding.more", language, found=more))
        return "\n".join(lines)


def finding_sentence(finding: Finding, language: str = "vi") -> str:
    """Return where, what was found, what is allowed and what to do, in one or two sentences.

    >>> finding_sentence(Finding("not_count", "schools", "03646", 5, "x", "1,2"), "en")
    "Table schools, line 5, column x: found '1,2'; it must be a whole number of 0 or more, \
without points, commas or words. Write a whole number, or leave it blank if it is not known."
    """
    words = told(finding, language)
    place = "source" if finding.rule in _AT_FAULT else "table"
    if finding.rule == "sent_twice":
        place = "sent_unit"
    elif finding.file:
        place = "sent_cell" if finding.cell else "sent_sheet" if finding.sheet else "sent_file"
        if place == "sent_file" and finding.table in KEYS:
            place = "sent_column" if finding.column else "sent_table"
    elif finding.row:
        place = "cell" if finding.column else "line"
    if finding.column and finding.cells > 1 and not finding.file:
        place = "column_from" if finding.row else "column"
    where = phrase(f"where.{place}", language, **words)
    what = phrase(f"finding.{finding.rule}", language, **words)
    remedy = phrase(f"remedy.{finding.rule}", language, **words)
    return f"{where}: {what} {remedy}"


def told(finding: Finding, language: str) -> dict:
    """Return what the sentences of a finding are filled with.

    A finding of a sent file says tables, columns and choices as its sender knows them.

    >>> one = Finding("part_above_whole", "", found="9", allowed="officers = 8", file="a.xlsx")
    >>> told(one, "vi")["allowed"]
    'cán bộ làm công tác giảm nghèo = 8'
    """
    words = vars(finding) | {"found": nfc(finding.found) or "–"}
    if not finding.file:
        return words | {name: name for name in KEYS}
    words |= {name: f"“{label('fill_sheet', name, language)}”" for name in KEYS}
    words["sheet_label"] = words.get(finding.table, "")
    words["column"] = label("column_label", finding.column, language)
    listed = _NAME.sub(lambda name: _in_words(name[0], language), finding.allowed)
    words["allowed"] = ", ".join(dict.fromkeys(listed.split(", ")))
    return words | {"found": found_in_words(words["found"], language)}


def found_in_words(found: str, language: str) -> str:
    """Return what was found in a sent file, a choice as its sender knows it.

    >>> found_in_words("near_poor; True; Bản Hay", "vi")
    'hộ cận nghèo; Có; Bản Hay'
    """
    flags = {"True": phrase("fill.yes", language), "False": phrase("fill.no", language)}
    parts = (flags.get(part) or label("household", part, language) for part in found.split("; "))
    return "; ".join(parts)


def _in_words(name: str, language: str) -> str:
    """Return a choice or a column as a sender knows it."""
    for section in ("household", "group", "column_label"):
        if (word := label(section, name, language)) != name:
            return word
    return name


def unreadable(cell: str) -> str | None:
    """Return why a cell says nothing, whatever its column: the rule it breaks, or None.

    >>> [unreadable(cell) for cell in ("#REF! (schools!F4)", "=A1+B1", "Tổ 1\\nTổ 2", "12")]
    ['excel_error', 'formula', 'line_break', None]
    """
    for rule, pattern in (("string_lost", _LOST), ("excel_error", _EXCEL_ERROR)):
        if pattern.fullmatch(cell):
            return rule
    if cell.startswith("="):
        return "formula"
    return "line_break" if "\n" in cell or "\r" in cell else None


def misread_findings(cells, table: str, column: str) -> list[Finding]:
    """Return a warning for a column of texts whose letters were lost, with how many cells.

    `cells` is indexed by line less two, as `sources` gives it.
    """
    kinds = cells.map({cell: misread(str(cell)) for cell in cells.dropna().unique()})
    found = []
    for rule, alike in cells.groupby(kinds):
        row, severity = int(alike.index[0]) + 2, "warning"
        words = {"row": row, "column": column, "severity": severity, "cells": len(alike)}
        found.append(Finding(rule, table, **words))
    return found


def shown(value, allowed=()) -> str:
    """Return a cell's text for a message, masked where it may tell who somebody is.

    A code, date or number is shown as found: digits, signs and at most three letters. Words are
    kept when they are near one of those `allowed` in the column.

    >>> shown("1,2"), shown("04 hộ"), shown("Lò Thị A 12"), shown("pooor", ["poor", "near_poor"])
    ('1,2', '04 hộ', '… 12', 'pooor')
    >>> shown("O3646"), shown("2020-12-31 00:00"), shown("12tr"), shown("014180001234")
    ('O3646', '2020-12-31 00:00', '12tr', '…')
    """
    text = nfc(str(value))[:40]
    if formula := _FORMULA.fullmatch(nfc(str(value))):
        return re.sub(r"\b[^\W\d_]{2,}\b(?!\()", "…", formula[1])[:40] + formula[2]
    if unreadable(text) in ("excel_error", "string_lost") or _MOMENT.fullmatch(text):
        return text
    words = {word.lower() for word in _WORD.findall(text) if len(word) > 1}
    near = get_close_matches(text.lower(), allowed, n=1, cutoff=0.7)
    if not (words <= _HARMLESS or near or _is_number_like(text)):
        text = _MASKED.sub("…", _WORD.sub("…", text))
    return _LONG_NUMBER.sub("…", text)


def _is_number_like(text: str) -> bool:
    """Return whether at most three letters stand among digits; a word apart may be a name."""
    letters = sum(map(str.isalpha, text))
    apart = [word for word in re.findall(r"[^\W_]+", text) if word.isalpha() and len(word) > 1]
    return letters <= 3 and not apart and any(map(str.isdigit, text))
