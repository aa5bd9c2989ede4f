"""`charts/captions.xlsx`: what someone needs who takes a chart into another document.

One row a chart (files, title, subtitle, source, alt text), and a sheet with the very numbers drawn.
"""

import re
from pathlib import Path

from sonla_analysis.definitions.editions import SUFFIX, name_in
from sonla_analysis.language.phrases import phrase
from sonla_analysis.office.blocks import Picture
from sonla_analysis.office.document import Document
from sonla_analysis.office.worksheet import Formats, mark_sheet, new_workbook, number_format

NAME = "captions.xlsx"
_COLUMNS = {"file": 34, "title": 40, "subtitle": 40, "source": 40, "alt": 70}


def write_captions(document: Document, folder: str | Path) -> Path | None:
    """Write the captions of a document's charts beside their files; return the file written.

    `folder` holds the charts as `page.show` saves them, `01-slug.png`; without one there is
    nothing to describe and nothing is written.
    """
    folder = Path(folder)
    files = chart_files(document, folder)
    if not any(files.values()):
        return None
    path = folder / name_in(document.edition, NAME)
    book = new_workbook(str(path), document)
    formats = Formats(book)
    _list(book, formats, document, files)
    for place, one in enumerate(document.pictures, start=1):
        _numbers(book, formats, f"{place:02d} {one.slug}"[:31], one, document)
    book.close()
    return path


def chart_files(document: Document, folder: Path) -> dict[str, list[str]]:
    """Return the files of every chart, by its slug, in the order of the page."""
    found = sorted(path.name for path in folder.glob("[0-9]*-*.*")) if folder.is_dir() else []
    return {
        one.slug: [
            name
            for name in found
            if re.fullmatch(rf"\d+-{re.escape(one.slug)}({SUFFIX})?\.\w+", name)
        ]
        for one in document.pictures
    }


def _list(book, formats: Formats, document: Document, files: dict) -> None:
    language = document.language
    sheet = book.add_worksheet(phrase("workbook.charts", language))
    for column, (name, width) in enumerate(_COLUMNS.items()):
        sheet.set_column(column, column, width, formats["text"])
        sheet.write_string(0, column, phrase(f"workbook.chart_{name}", language), formats["head"])
    for row, one in enumerate(document.pictures, start=1):
        texts = ["; ".join(files[one.slug]), one.title, one.subtitle, one.source, one.alt]
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, formats["cell"])
        sheet.set_row(row, 17 * (1 + max(len(one.alt) // 60, len(one.title) // 34)))
    _set(sheet)
    _mark(sheet, formats, document, len(document.pictures) + 2)


def _mark(sheet, formats: Formats, document: Document, row: int) -> None:
    """Say below a sheet's rows, and above each printed page, that it is internal, if it is."""
    mark_sheet(sheet, document)
    if document.internal:
        sheet.write_string(row, 0, document.internal, formats["notice"])


def _numbers(book, formats: Formats, name: str, one: Picture, document: Document) -> None:
    """Write the numbers a chart draws: as numbers where they are, else as the texts printed."""
    sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", name))
    for column, label in enumerate(one.numbers["columns"]):
        cells = [row[column] for row in one.numbers["rows"]]
        longest = max(map(len, [label, *cells]), default=10)
        sheet.set_column(column, column, min(max(longest, 8), 60) + 2, formats["text"])
        sheet.write_string(0, column, label, formats["head"])
        for row, text in enumerate(cells, start=1):
            _write(sheet, formats, row, column, text, document.language)
    _set(sheet)
    _mark(sheet, formats, document, len(one.numbers["rows"]) + 2)


def _write(sheet, formats: Formats, row: int, column: int, text: str, language: str) -> None:
    plain = text.removeprefix("+")
    value = as_number(plain, language)
    pattern = number_format(value, plain, language)
    if pattern and plain != text:
        pattern = f"+{pattern}"
    if pattern:
        look = formats.made(num_format=pattern, align="right", border=1)
        sheet.write_number(row, column, value, look)
    else:
        sheet.write_string(row, column, text, formats["cell"])


def _set(sheet) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def as_number(text: str, language: str) -> float | int | None:
    """Return the number a text prints; None for any text that is not printed exactly so.

    >>> as_number("1.304,5", "vi"), as_number("0,77%", "vi"), as_number("03646", "vi")
    (1304.5, 0.77, None)
    """
    thousand, point = (".", ",") if language == "vi" else (",", ".")
    plain = text.removesuffix("%").replace("−", "-").replace(thousand, "").replace(point, ".")
    if not re.fullmatch(r"-?\d+(\.\d+)?", plain):
        return None
    value = float(plain) if "." in plain else int(plain)
    return value if number_format(value, text, language) else None
