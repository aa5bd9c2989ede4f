"""Sheets as an office lays them out, and files of them: xlsx, ods, csv, in old and new letters.

The same sheets give the same bytes: no file holds the time at which it was made.
"""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

MADE = datetime(2021, 1, 15)  # what a workbook says of its own age
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_FONTS = {"tcvn3": (".VnTime", ".VnTimeH"), "vni": ("VNI-Times", "VNI-Times")}
_ROMAN = (("X", 10), ("IX", 9), ("V", 5), ("IV", 4), ("I", 1))


@dataclass(frozen=True)
class Page:
    """A sheet: its cells are texts, numbers and dates, None where there is nothing.

    `merged` are ranges (first row and column, last row and column, from 0). `letters` writes its
    texts as `encoded` does; the rows `capitals` are then typed with the font of capitals.
    """

    name: str
    rows: list[list]
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    capitals: frozenset[int] = frozenset()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    hidden: bool = False
    letters: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a listing: its headings from the top, and a row of the table → what is written.

    `field` is the column of the table it comes from; without a `cell` it holds running numbers.
    """

    heading: tuple[str, ...]
    cell: Callable[[dict], object] | None
    field: str = ""


# --- layout ------------------------------------------------------------------------------


def listing(
    rows: list[dict],
    columns: list[Column],
    *,
    numbering: bool = False,
    section: Callable[[dict], str] | None = None,
    total: str = "",
    totals: tuple[str, ...] = (),
) -> Page:
    """Return a table: merged headings, a line a row, and what offices put among the lines.

    `numbering` adds a row of column numbers, `section` a line before the rows it names alike (a
    Roman number and that name), `total` a last line with the sums of the fields `totals`.
    """
    lines, merged = headings([one.heading for one in columns])
    if numbering:
        lines.append([f"({place})" for place in range(1, len(columns) + 1)])
    for part, (name, group) in enumerate(groupby(rows, section or (lambda row: "")), 1):
        if name:
            lines.append([roman(part), name])
        for number, row in enumerate(group, 1):
            lines.append([one.cell(row) if one.cell else number for one in columns])
    if total:
        sums = [sum(int(row[one.field] or 0) for row in rows) if one.field in totals else None
                for one in columns[2:]]  # fmt: skip
        lines.append([None, total, *sums])
    return Page("", lines, merged)


def headings(paths: list[tuple[str, ...]]) -> tuple[list[list], list[tuple[int, int, int, int]]]:
    """Return the rows of headings and their merged cells: a parent across, a single one down.

    >>> headings([("STT",), ("Điểm", "B1"), ("Điểm", "B2")])
    ([['STT', 'Điểm', None], [None, 'B1', 'B2']], [(0, 0, 1, 0), (0, 1, 0, 2)])
    """
    depth = max(map(len, paths))
    rows, merged = [[None] * len(paths) for _ in range(depth)], []
    for level in range(depth):
        alike = groupby(range(len(paths)), lambda at, level=level: _apart(paths[at], at, level))
        for _, group in alike:
            first, *others = group
            if level >= len(paths[first]):
                continue
            rows[level][first] = paths[first][level]
            bottom = level if len(paths[first]) > level + 1 else depth - 1
            if others or bottom > level:
                merged.append((level, first, bottom, others[-1] if others else first))
    return rows, merged


def _apart(path: tuple[str, ...], at: int, level: int):
    """Return what adjacent columns share that stand under one heading of this level."""
    return path[: level + 1] if len(path) > level + 1 else at


def roman(number: int) -> str:
    """Return a Roman number.

    >>> [roman(number) for number in (4, 9, 14, 28)]
    ['IV', 'IX', 'XIV', 'XXVIII']
    """
    text = ""
    for letters, worth in _ROMAN:
        text += letters * (number // worth)
        number %= worth
    return text


def stacked(name: str, *blocks: Page | list[list], **looks) -> Page:
    """Return the blocks one below the other; a list of rows is a block with nothing merged."""
    rows, merged, capitals, hidden = [], [], set(), set()
    for block in blocks:
        page, down = block if isinstance(block, Page) else Page("", block), len(rows)
        merged += [(top + down, left, end + down, right) for top, left, end, right in page.merged]
        capitals |= {row + down for row in page.capitals}
        hidden |= {row + down for row in page.hidden_rows}
        rows += page.rows
    return Page(name, rows, merged, frozenset(capitals), frozenset(hidden), **looks)


# --- letters -----------------------------------------------------------------------------


@cache
def _legacy(letters: str) -> dict[str, str]:
    table = files("sonla_analysis.language").joinpath("legacy_letters.csv")
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    return {row["letter"]: bytes.fromhex(row[letters]).decode("latin-1") for row in rows}


def encoded(text: str, letters: str, *, capitals: bool = False) -> str:
    """Return a text in other letters: "tcvn3", "vni", "nfd", or "composed" as UniKey may type it.

    A TCVN3 font of capitals draws small letters as capitals.

    >>> encoded("Phường Quyết Tâm", "tcvn3"), encoded("Phường", "vni")
    ('Ph\\xad\\xeang QuyÕt T©m', 'Phöôøng')
    """
    if letters == "nfd":
        return unicodedata.normalize("NFD", text)
    if letters == "composed":
        return "".join(map(_composed, unicodedata.normalize("NFC", text)))
    if not letters:
        return text
    if capitals and letters == "tcvn3":
        text = text.lower()
    return "".join(_legacy(letters).get(letter, letter) for letter in text)


def _composed(letter: str) -> str:
    """Return a letter with its shape, and its tone as a sign of its own."""
    parts = unicodedata.normalize("NFD", letter)
    tone = "".join(part for part in parts if part in _TONES)
    shape = "".join(part for part in parts if part not in _TONES)
    return unicodedata.normalize("NFC", shape) + tone


def _written(page: Page):
    """Yield row, column and content of each cell, texts in the page's letters."""
    for row, cells in enumerate(page.rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                cell = encoded(cell, page.letters, capitals=row in page.capitals)
            if cell is not None and cell != "":
                yield row, column, cell


# --- files -------------------------------------------------------------------------------


def xlsx(pages: list[Page]) -> bytes:
    """Return a workbook of Excel."""
    import xlsxwriter

    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": MADE})
    for page in pages:
        _xlsx_sheet(book, page)
    book.close()
    return file.getvalue()


def _xlsx_sheet(book, page: Page) -> None:
    fonts = [{"font_name": name} for name in _FONTS.get(page.letters, ("Times New Roman",) * 2)]
    small, capital = map(book.add_format, fonts)
    dated = book.add_format(fonts[0] | {"num_format": "dd/mm/yyyy"})
    middle = [book.add_format(font | {"align": "center", "text_wrap": True}) for font in fonts]
    sheet = book.add_worksheet(page.name)
    corners = {(top, left) for top, left, _, _ in page.merged}
    for area in page.merged:
        sheet.merge_range(*area, "", middle[area[0] in page.capitals])
    for row, column, cell in _written(page):
        look = middle if (row, column) in corners else (small, capital)
        sheet.write(
            row, column, cell, dated if isinstance(cell, date) else look[row in page.capitals]
        )
    for row in page.hidden_rows:
        sheet.set_row(row, options={"hidden": True})
    for column in page.hidden_columns:
        sheet.set_column(column, column, options={"hidden": True})
    if page.hidden:
        sheet.hide()


_ODS = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
_SPACES = {name: name for name in ("office", "style", "table", "text")} | {"number": "datastyle"}
_DATED = (
    '<office:automatic-styles><number:date-style style:name="day">'
    + "<number:text>/</number:text>".join(
        f'<number:{part} number:style="long"/>' for part in ("day", "month", "year")
    )
    + '</number:date-style><style:style style:name="dated" style:family="table-cell" '
    'style:data-style-name="day"/></office:automatic-styles>'
)
_MIME = "application/vnd.oasis.opendocument.spreadsheet"


def ods(pages: list[Page]) -> bytes:
    """Return a workbook of LibreOffice, in the plainest form that the format allows."""
    sheets = "".join(map(_ods_sheet, pages))
    spaces = " ".join(f'xmlns:{name}="{_ODS.format(space)}"' for name, space in _SPACES.items())
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content {spaces} '
        f'office:version="1.2">{_DATED}<office:body><office:spreadsheet>{sheets}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    entry = '<m:file-entry m:full-path="{}" m:media-type="{}"/>'
    listed = entry.format("/", _MIME) + entry.format("content.xml", "text/xml")
    space = _ODS.format("manifest")
    manifest = f'<m:manifest xmlns:m="{space}" m:version="1.2">{listed}</m:manifest>'
    return zipped({"mimetype": _MIME, "content.xml": content, "META-INF/manifest.xml": manifest})


def _ods_sheet(page: Page) -> str:
    spans = {area[:2]: area for area in page.merged}
    covered = {(row, column) for top, left, end, right in page.merged
               for row in range(top, end + 1) for column in range(left, right + 1)}  # fmt: skip
    written = {(row, column): cell for row, column, cell in _written(page)}
    lines = []
    for row, cells in enumerate(page.rows):
        width = max([len(cells), *(at[1] + 1 for at in covered if at[0] == row)])
        line = (
            "<table:covered-table-cell/>"
            if (row, column) in covered and (row, column) not in spans
            else _ods_cell(written.get((row, column)), spans.get((row, column)))
            for column in range(width)
        )
        lines.append(f"<table:table-row>{''.join(line)}</table:table-row>")
    return f"<table:table table:name={quoteattr(page.name)}>{''.join(lines)}</table:table>"


def _ods_cell(cell, span) -> str:
    kind = ""
    if isinstance(cell, date):
        kind = f' table:style-name="dated" office:value-type="date" office:date-value="{cell}"'
    elif isinstance(cell, int | float):
        kind = f' office:value-type="float" office:value="{cell}"'
    elif cell is not None:
        kind = ' office:value-type="string"'
    if span:
        top, left, end, right = span
        kind += f' table:number-rows-spanned="{end - top + 1}"'
        kind += f' table:number-columns-spanned="{right - left + 1}"'
    text = "" if cell is None else f"<text:p>{escape(str(cell))}</text:p>"
    return f"<table:table-cell{kind}>{text}</table:table-cell>"


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """Return the parts as one file, always the same bytes; the first is not packed."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number, (name, part) in enumerate(parts.items()):
            packing = zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED
            archive.writestr(zipfile.ZipInfo(name), part, packing)
    return content.getvalue()


def csv_text(page: Page, separator: str, encoding: str) -> bytes:
    """Return a sheet as text; windows-1258 has its tones as signs of their own."""
    file = io.StringIO()
    rows = [["" if cell is None else cell for cell in row] for row in page.rows]
    csv.writer(file, delimiter=separator, lineterminator="\r\n").writerows(rows)
    letters = "composed" if encoding == "cp1258" else page.letters
    begin = "\ufeff" if encoding == "utf-16-le" else ""
    return encoded(begin + file.getvalue(), letters).encode(encoding)
