"""`charts/captions.xlsx`: what someone needs who takes a chart into another document.

One row a chart (files, title, subtitle, source, alt text), and a sheet with the very numbers drawn;
beside each chart's files its frame as CSV.
"""

import re
from pathlib import Path

from sonla_analysis.definitions.editions import SUFFIX, name_in
from sonla_analysis.language.phrases import phrase
from sonla_analysis.office.blocks import Picture
from sonla_analysis.office.data_link import frame_csv, is_number
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


def write_frames(document: Document, folder: str | Path) -> None:
    """Write what each chart draws beside its files, as `01-slug.csv`."""
    files = chart_files(document, Path(folder))
    stems = {slug: iter(sorted({Path(one).stem for one in names})) for slug, names in files.items()}
    for one in document.pictures:
        stem, content = next(stems[one.slug], None), frame_csv(one)
        if stem and content:
            Path(folder, f"{stem}.csv").write_bytes(content)


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
    """Write what a chart prints: a number as the number that it is, else the text."""
    sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", name))
    columns, texts = one.numbers["columns"], one.numbers["rows"]
    values = one.numbers.get("values") or [None] * len(columns)
    for column, (label, known) in enumerate(zip(columns, values, strict=True)):
        cells = [row[column] for row in texts]
        longest = max(map(len, [label, *cells]), default=10)
        sheet.set_column(column, column, min(max(longest, 8), 60) + 2, formats["text"])
        sheet.write_string(0, column, label, formats["head"])
        for row, text in enumerate(cells):
            value = known[row] if known else None
            _write(sheet, formats, (row + 1, column), value, text, document.language)
    _frame(sheet, formats, len(columns) + 1, one.frame)
    _set(sheet)
    lines = max(len(texts), len(one.frame.get("rows", []))) + 2
    _mark(sheet, formats, document, lines)
    sheet.print_area(0, 0, lines if document.internal else len(texts), len(columns) - 1)


def _frame(sheet, formats: Formats, first: int, frame: dict) -> None:
    """Write what is drawn to the right of what is printed, as in the chart's CSV."""
    for column, label in enumerate(frame.get("columns", []), start=first):
        sheet.write_string(0, column, label, formats["head"])
    for row, values in enumerate(frame.get("rows", []), start=1):
        for column, value in enumerate(values, start=first):
            if is_number(value):
                sheet.write_number(row, column, value, formats["cell"])
            elif value not in (None, ""):
                sheet.write_string(row, column, str(value), formats["cell"])


def _write(sheet, formats: Formats, place: tuple, value, text: str, language: str) -> None:
    """Write a number with the format that prints it as its text; a text where none does."""
    plain = text.removeprefix("+")
    if pattern := number_format(value, plain, language):
        pattern = f"+{pattern}" if plain != text else pattern
        look = formats.made(num_format=pattern, align="right", border=1)
        sheet.write_number(*place, value, look)
    else:
        sheet.write_string(*place, text, formats["cell"])


def _set(sheet) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
