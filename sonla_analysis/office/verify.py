"""The same number everywhere: what was written is read back and compared with the record.

Every figure of the progress table is looked for in the html, Word, PDF and Excel files of a
report folder. An office's own Word form holds what it names, perhaps one figure: that is compared.
"""

import re
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import Message
from sonla_analysis.office.document import Document, clean
from sonla_analysis.office.word_fill import placeholders
from sonla_analysis.sentences import number, percent

FIGURES = ("target", "value", "numerator", "denominator", "still_needed", "status")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def verify(
    folder: str | Path, document: Document, word_template: str | Path | None = None
) -> list[Message]:
    """Return the differences between the files of a report and the document they were made from.

    Only files that are there are read; nothing found is an empty list. A page without the
    progress table has nothing to compare.
    """
    folder = Path(folder)
    figures, language = document.record.get("progress", []), document.language
    if not figures or "progress" not in [table.slug for table in document.tables]:
        return []
    differences = []
    readers = _READERS
    if word_template:
        readers = readers | {"report.docx": partial(_own_form, Path(word_template))}
    for name, compare in readers.items():
        if (folder / name).is_file():
            try:
                differences += compare(folder / name, figures, language)
            except Exception as error:
                words = {"file": name, "error": type(error).__name__}
                differences.append(message("verify.unreadable", **words))
    return differences


# --- rows of texts: html, Word, Excel ------------------------------------------------------


def _html(path: Path, figures: list, language: str) -> list:
    reader, cells = _Rows(), 2 + len(FIGURES)
    rows = re.findall(r"<tr\b.*?</tr>", path.read_text(encoding="utf-8"), re.S)
    reader.feed("".join(row for row in rows if row.count("</t") == cells + 1))
    return _compare_rows(path.name, reader.rows, figures)


def _docx(path: Path, figures: list, language: str) -> list:
    from docx import Document

    body = Document(str(path)).element.body
    rows = [
        ["".join(text.text or "" for text in cell.iter(f"{_W}t")) for cell in row.iter(f"{_W}tc")]
        for row in body.iter(f"{_W}tr")
    ]
    return _compare_rows(path.name, rows, figures)


def _own_form(template: Path, path: Path, figures: list, language: str) -> list:
    """Compare the table where an office's template has a place for it, and each figure it names."""
    from docx import Document

    named = placeholders(template.read_bytes(), template.name)
    whole = {"body", "tables.progress"} & named
    differences = _docx(path, figures, language) if whole else []
    body = Document(str(path)).element.body
    text = _tidy(" ".join(one.text or "" for one in body.iter(f"{_W}t")))
    for figure in figures:
        words = {"file": path.name, "number": figure["number"], "name": figure["name"]}
        differences += [
            message("verify.not_there", **words, what=name, expected=figure["texts"][name])
            for name in FIGURES
            if f"{figure['indicator']}.{name}" in named and _tidy(figure["texts"][name]) not in text
        ]
    return differences


def _xlsx(path: Path, figures: list, language: str) -> list:
    """Read the workbook's numbers and print them as the record does."""
    from python_calamine import CalamineWorkbook

    rows = []
    with CalamineWorkbook.from_path(str(path)) as book:
        for sheet in book.sheet_names:
            rows += book.get_sheet_by_name(sheet).to_python()
    texts = {figure["number"]: figure["texts"] for figure in figures}
    printed = [_printed(row, texts.get(str(row[0])), language) for row in rows if row]
    return _compare_rows(path.name, printed, figures)


def _printed(row: list, texts: dict | None, language: str) -> list[str]:
    """Return a row's cells as texts; a number is printed as its column prints it."""
    if texts is None:
        return [str(one) for one in row]
    cells = [str(one) for one in row[:2]]
    for name, one in zip(FIGURES, row[2:], strict=False):
        if isinstance(one, str) or name not in FIGURES[1:5]:
            cells.append(str(one))
        elif texts[name].endswith("%"):
            cells.append(percent(one, language))
        else:
            cells.append(number(one, language))
    return cells


def _compare_rows(file: str, rows: list[list[str]], figures: list) -> list:
    """Return what differs between the rows of a file and the figures, found by number and name."""
    tidy = [[_tidy(cell) for cell in row] for row in rows]
    differences = []
    for figure in figures:
        start = [_tidy(figure["number"]), _tidy(figure["name"])]
        found = [row[2:] for row in tidy if row[:2] == start and len(row) == 2 + len(FIGURES)]
        words = {"file": file, "number": figure["number"], "name": figure["name"]}
        if not found:
            differences.append(message("verify.missing", **words))
        for row in found:
            differences += _compare(words, row, figure["texts"])
    return differences


def _compare(words: dict, row: list[str], texts: dict) -> list:
    expected = [_tidy(texts[name]) for name in FIGURES]
    return [
        message("verify.differs", **words, what=name, found=one, expected=wanted)
        for name, one, wanted in zip(FIGURES, row, expected, strict=True)
        if one != wanted
    ]


class _Rows(HTMLParser):
    """Gathers the rows of all tables of a page as texts."""

    def __init__(self):
        super().__init__()
        self.rows = []
        self._in_cell = False

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag):
        if tag in ("td", "th", "tr"):
            self._in_cell = False

    def handle_data(self, data):
        if self._in_cell:
            self.rows[-1][-1] += data


# --- running text: PDF ------------------------------------------------------------------


def _pdf(path: Path, figures: list, language: str) -> list:
    """Look for each row of the table as one run of letters; read no further than needed."""
    wanted = {
        _letters(one["number"] + one["name"]): (
            one,
            "".join(_letters(one["texts"][name]) for name in FIGURES),
        )
        for one in figures
    }
    text = ""
    for page in _pages(path):
        text += page
        wanted = {start: rest for start, rest in wanted.items() if start + rest[1] not in text}
        if not wanted:
            return []
    return [_pdf_difference(path.name, text, start, *rest) for start, rest in wanted.items()]


def _pdf_difference(file: str, text: str, start: str, figure: dict, expected: str):
    words = {"file": file, "number": figure["number"], "name": figure["name"]}
    if start not in text:
        return message("verify.missing", **words)
    place = text.index(start) + len(start)
    found = text[place : place + len(expected)]
    return message("verify.differs", **words, what="", found=found, expected=expected)


def _pages(path: Path):
    """Return the letters of every page; drawings are cut out first, they take most of the time."""
    from pypdf import PdfReader
    from pypdf.generic import DecodedStreamObject, NameObject

    for page in PdfReader(path).pages:
        texts = re.findall(rb"\bBT\b.*?\bET\b", page.get_contents().get_data(), re.S)
        content = DecodedStreamObject()
        content.set_data(b"\n".join(texts))
        page[NameObject("/Contents")] = content
        yield _letters(page.extract_text())


def _tidy(text: str) -> str:
    return " ".join(clean(str(text)).replace("\xa0", " ").split())


def _letters(text: str) -> str:
    """Return a text without spaces and invisible signs."""
    return re.sub(r"[\s\u200b\xad]", "", clean(text))


_READERS = {"report.html": _html, "report.docx": _docx, "report.pdf": _pdf, "tables.xlsx": _xlsx}
