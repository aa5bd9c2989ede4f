"""Every format read back and held against the document it was made from; used by test_office.

All tables, cell by cell, the numbers of headings, figures, tables and annexes, and of a form of an
office's own the figures that it names. Nothing here knows how a format was written.
"""

import io
import re
import zipfile
from collections import Counter

import openpyxl
from bs4 import BeautifulSoup
from lxml import etree

from sonla_analysis.office.blocks import clean
from sonla_analysis.office.paper import on_paper
from sonla_analysis.sentences import number

FIGURES = ("target", "value", "numerator", "denominator", "still_needed", "status")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def differences(contents: dict[str, bytes], document) -> list[str]:
    """Return what the files of a report, by their names, say otherwise than the document.

    Paper leaves out what it says twice or has no room for; of that the workbook has every number.
    """
    found, whole = [], document
    for name, content in contents.items():
        document = on_paper(whole) if name.endswith((".docx", ".pdf")) else whole
        if name.endswith(".pdf"):
            found += _missing_letters(name, pdf_letters(content), document)
        else:
            rows = {"html": _html, "docx": _docx, "xlsx": _xlsx}[name.rpartition(".")[2]]
            found += _missing_rows(name, rows(content, document.language), document)
        if not name.endswith(".xlsx"):
            found += _missing_numbers(name, content, document)
    return found


# --- tables, cell by cell -----------------------------------------------------------------


def _missing_rows(name: str, rows: list[list[str]], document) -> list[str]:
    """Return the rows of the document's tables that are not among the rows of a file."""
    there = Counter(tuple(map(_tidy, row)) for row in rows)
    found = []
    for table in document.tables:
        merged = name.endswith(".docx") or (name.endswith(".xlsx") and table.is_form)
        spans = table.spans() if merged else [[1] * len(table.columns)] * len(table.texts)
        for place, texts in enumerate(table.texts):
            row = tuple(
                _tidy(text) if span else "" for text, span in zip(texts, spans[place], strict=True)
            )
            if not there[row]:
                found.append(f"{name}: {table.slug}, row {place + 1}: {row} is not there")
            there[row] -= 1
    return found


def _html(content: bytes, language: str) -> list[list[str]]:
    page = BeautifulSoup(content, "html.parser")
    return [[cell.get_text() for cell in row.find_all(["td", "th"])] for row in page.find_all("tr")]


def _docx(content: bytes, language: str) -> list[list[str]]:
    return [
        ["".join(text.text or "" for text in cell.iter(f"{W}t")) for cell in row.iter(f"{W}tc")]
        for row in _body(content).iter(f"{W}tr")
    ]


def _body(content: bytes):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return etree.fromstring(archive.read("word/document.xml"))


def _xlsx(content: bytes, language: str) -> list[list[str]]:
    """Return the cells as they are printed, each number after its own format."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = []
    for sheet in book.worksheets[3:]:
        width = max(cell.column for cell in sheet[8] if cell.has_style)  # the row of numbers
        rows += [[_printed(cell, language) for cell in row[:width]] for row in sheet.iter_rows()]
    return rows


def _printed(cell, language: str) -> str:
    if cell.value is None or isinstance(cell.value, str):
        return cell.value or ""
    pattern = re.fullmatch(r'#,##0(?:\.(0+))?("%")?', cell.number_format)
    decimals, percent = len(pattern[1] or ""), "%" if pattern[2] else ""
    return number(cell.value, language, decimals) + percent


# --- running text -------------------------------------------------------------------------


def _missing_letters(name: str, text: str, document) -> list[str]:
    """Return the rows whose texts do not stand in a text one after the other.

    Cells that go over several rows stand elsewhere, and are looked for alone.
    """
    found = []
    for table in document.tables:
        for texts, spans in zip(table.texts, table.spans(), strict=True):
            row = [_letters(text) for text, span in zip(texts, spans, strict=True) if span == 1]
            over = [_letters(text) for text, span in zip(texts, spans, strict=True) if span != 1]
            if not all(one in text for one in ["".join(row), *over]):
                found.append(f"{name}: {table.slug}: {texts} is not there")
    return found


def _missing_numbers(name: str, content: bytes, document) -> list[str]:
    """Return the headings, captions and annexes that a file does not print with their numbers."""
    if name.endswith(".docx"):
        text = _letters("".join(one.text or "" for one in _body(content).iter(f"{W}t")))
    elif name.endswith(".html"):
        text = _letters(BeautifulSoup(content, "html.parser").get_text())
    else:
        text = pdf_letters(content)
    wanted = [f"{one.mark} {one.text}" for one in document.body if hasattr(one, "mark")]
    wanted += [one.caption for one in document.pictures]
    wanted += [one.caption for one in document.tables if not one.annex]
    wanted += [annex.name for annex in document.annexes]
    text = text.casefold()
    return [
        f"{name}: '{one}' is not there" for one in wanted if _letters(one).casefold() not in text
    ]


def pdf_letters(content: bytes) -> str:
    from pypdf import PdfReader

    pages = PdfReader(io.BytesIO(content)).pages
    return _letters("".join(one.extract_text() for one in pages))


def missing_in_form(content: bytes, document, named: set[str]) -> list[str]:
    """Return the figures that an office's form names and does not print."""
    text = _tidy(" ".join(one.text or "" for one in _body(content).iter(f"{W}t")))
    return [
        f"{figure['indicator']}.{name}"
        for figure in document.record["progress"]
        for name in FIGURES
        if f"{figure['indicator']}.{name}" in named and _tidy(figure["texts"][name]) not in text
    ]


def _tidy(text: str) -> str:
    return " ".join(clean(str(text)).replace("\xa0", " ").split())


def _letters(text: str) -> str:
    """Return a text without spaces and invisible signs."""
    return re.sub(r"[\s\u200b\xad]", "", clean(text))
