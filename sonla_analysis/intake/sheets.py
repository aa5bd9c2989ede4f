"""What an office sent, as it lies in the file: the sheets of a workbook or a CSV, cell by cell.

Workbooks are read by python-calamine. It shows an error and a formula without a stored value as an
empty cell and lays a sheet out up to its farthest cell, so a sheet of an .xlsx that holds any such
thing is read by `tables.workbook`, which hides nothing, and the others are looked at first. Macros
are never run: only cells are read.
"""

import codecs
import contextlib
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from sonla_analysis.language.legacy import decode_block, spelled_words
from sonla_analysis.language.vietnamese import nfc
from sonla_analysis.tables.files import cell_text
from sonla_analysis.tables.findings import DataError, Finding
from sonla_analysis.tables.workbook import Workbook, column_letters

KINDS = (".xlsx", ".xlsm", ".xls", ".ods", ".csv")
MOST_BYTES = 256 * 2**20  # of a file, or of what it unpacks to
_MOST_CELLS = 50_000_000
_MOST_COLUMNS = 1000
_ENOUGH = 2000  # lines with letters beyond ASCII, to tell in which encoding a CSV is


@dataclass
class Sheet:
    """A sheet as it was sent: `cells[row, column]` is a text, "" where there is nothing.

    Rows and columns count from 0; `place(row, column)` is the cell as Excel names it. Texts are
    Unicode in form NFC, decoded where they were typed with a TCVN3 or VNI font; a date is
    "2020-12-31", a number as a CSV has it. `merged` are ranges (first row, first column, last row,
    last column) whose text stands in the first cell alone. `is_text`: a CSV, whose numbers are as
    somebody wrote them; a workbook's are numbers. `far`: how many cells lie beyond column ALL and
    are left out.
    """

    file: str
    name: str
    cells: np.ndarray
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()
    is_text: bool = False
    far: int = 0

    def place(self, row: int, column: int) -> str:
        """Return a cell's name in Excel, such as C12."""
        return f"{column_letters(column + 1)}{row + 1}"


def read_sheets(path: Path) -> list[Sheet]:
    """Return the sheets of a file, the hidden ones too; refuse with a `DataError` what is no table.

    A CSV is one sheet; it may be UTF-8, UTF-16 or windows-1258, or typed with an old font.
    """
    try:
        kind = path.suffix.lower()
        if path.stat().st_size > MOST_BYTES:
            raise _refused("workbook_too_large", path)
        if kind == ".csv":
            return [_csv(path)]
        return _xlsx(path) if kind in (".xlsx", ".xlsm") else _other(path)
    except MemoryError:
        raise _refused("workbook_too_large", path) from None
    except OSError as error:
        raise _refused("unreadable_data", path, type(error).__name__) from None


def _refused(rule: str, path: Path, found: str = "") -> DataError:
    return DataError([Finding(rule, path.name, found=found, file=nfc(path.name))])


# --- workbooks ---------------------------------------------------------------------------


def _xlsx(path: Path) -> list[Sheet]:
    """Return the sheets of a workbook of today, each by the quickest reader that hides nothing."""
    with Workbook(path) as book:
        return [
            _other(path, only=name)[0] if book.is_plain(name) else _exact(book, name)
            for name in book.names
        ]


def _exact(book: Workbook, name: str) -> Sheet:
    whole = book.sheet(name)
    dense, far = _dense(whole.rows)
    inside = {(row, at) for row, at in whole.capitals if row < len(dense) and at < dense.shape[1]}
    hidden_rows = tuple(row - 1 for row in whole.hidden_rows)
    cells, file = _decoded(dense, inside), nfc(book.path.name)
    return Sheet(file, nfc(name), cells, whole.merged, name in book.hidden, hidden_rows, far=far)


def _dense(rows: dict[int, dict[int, str]]) -> tuple[np.ndarray, int]:
    """Return the cells that hold something as a table from A1 on, and how many lie beyond it."""
    held = [(row, at, text) for row, texts in rows.items() for at, text in texts.items()]
    near = [one for one in held if one[1] <= _MOST_COLUMNS]
    height, width = max(rows, default=0), max((at for _, at, _ in near), default=0)
    if height * width > _MOST_CELLS:
        raise MemoryError
    cells = np.full((height, width), "", dtype=object)
    for row, at, text in near:
        cells[row - 1, at - 1] = text
    return cells, len(held) - len(near)


def _other(path: Path, only: str = "") -> list[Sheet]:
    """Return the sheets of a workbook, or the one of a name, as python-calamine reads them."""
    try:
        _look_before(path)
        return _by_calamine(path, only)
    except (DataError, OSError, MemoryError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a damaged file may break the reader at any place
        locked = "password" in str(error).lower() or "encrypt" in str(error).lower()
        rule = "locked_workbook" if locked else "broken_workbook"
        raise _refused(rule, path, type(error).__name__) from None


def _look_before(path: Path) -> None:
    """Refuse an .ods that would fill the memory, or has a password, before it is unpacked."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as package:
        if sum(part.file_size for part in package.infolist()) > MOST_BYTES:
            raise _refused("workbook_too_large", path)
        if "content.xml" not in package.namelist():
            return
        if b"encryption-data" in package.read("META-INF/manifest.xml"):
            raise _refused("locked_workbook", path)
        rows = package.read("content.xml").split(b"<table:table-row")[1:]
    if sum(map(_cells_of, rows)) > _MOST_CELLS:
        raise _refused("workbook_too_large", path)


def _cells_of(row: bytes) -> int:
    """Return how many cells a row of an .ods unfolds to, up to the last that holds something."""
    width = filled = 0
    for attributes, closed in re.findall(rb"<table:(?:covered-)?table-cell([^>]*?)(/?)>", row):
        again = re.search(rb'columns-repeated="(\d+)"', attributes)
        width += int(again[1]) if again else 1
        if not closed or b"office:value" in attributes:
            filled = width
    again = re.match(rb'[^>]*rows-repeated="(\d+)"', row)
    return filled * (int(again[1]) if again else 1)


def _by_calamine(path: Path, only: str) -> list[Sheet]:
    import python_calamine

    sheets, book = [], python_calamine.CalamineWorkbook.from_path(str(path))
    for one in book.sheets_metadata:
        if only and one.name != only:
            continue
        sheet = book.get_sheet_by_name(one.name)
        rows = sheet.to_python(skip_empty_area=False)
        cells = _as_texts(np.array(rows, dtype=object).reshape(len(rows), -1))
        merged = [(*first, *last) for first, last in sheet.merged_cell_ranges or []]
        hidden = one.visible != python_calamine.SheetVisibleEnum.Visible
        sheets.append(Sheet(nfc(path.name), nfc(one.name), _decoded(cells), merged, hidden))
    return sheets


def _as_texts(cells: np.ndarray) -> np.ndarray:
    """Return the values of cells as a CSV would have them, each different one of a column once."""
    for column in range(cells.shape[1]):
        places, values = pd.factorize(cells[:, column])
        texts = np.array([cell_text(value) or "" for value in values], dtype=object)
        cells[:, column] = texts[places]
    return cells


# --- CSV ---------------------------------------------------------------------------------


def _csv(path: Path) -> Sheet:
    import csv
    from io import StringIO

    text = _csv_text(path.read_bytes())
    separator = max(",;\t", key=text[:4096].count)
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:  # a cell of more than 131,072 letters: a quotation mark left open
        raise _refused("unreadable_data", path, str(error)) from None
    width = max(map(len, rows), default=0)
    cells = np.array([row + [""] * (width - len(row)) for row in rows], dtype=object)
    return Sheet(
        nfc(path.name), nfc(path.stem), _decoded(cells.reshape(len(rows), width)), is_text=True
    )


def _csv_text(content: bytes) -> str:
    """Return the text of a CSV: as its first bytes say, or as it gives the most Vietnamese."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", _utf_16(content)):
        with contextlib.suppress(UnicodeError, LookupError):
            return content.decode(encoding)
    texts = [content.decode("utf-8-sig", "replace"), content.decode("latin-1")]
    for encoding in ("cp1252", "cp1258"):
        with contextlib.suppress(UnicodeError):
            texts.append(content.decode(encoding))
    return max(reversed(texts), key=_vietnamese_words)


def _utf_16(content: bytes) -> str:
    """Return UTF-16 without a mark by where its zeros are, or nothing."""
    odd, even = content[1:4096:2].count(0), content[:4096:2].count(0)
    if odd + even < len(content[:4096]) // 8:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _vietnamese_words(text: str) -> int:
    lines = dict.fromkeys(line for line in text.splitlines() if not line.isascii())
    return spelled_words(nfc(" ".join(decode_block(list(lines)[:_ENOUGH]))))


def _decoded(cells: np.ndarray, capitals=frozenset()) -> np.ndarray:
    """Return the texts in Unicode; each different one is decoded once, beside all others."""
    places, texts = pd.factorize(cells.ravel())
    decoded = np.array([nfc(text) for text in decode_block(texts)] or [""], dtype=object)
    result = decoded[places].reshape(cells.shape) if len(texts) else cells
    for row, column in capitals:
        result[row, column] = result[row, column].upper()
    return result
