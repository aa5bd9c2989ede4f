"""What lies in a folder or workbook, as it stands there: text cells, one frame a table."""

import csv
import io
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pandas as pd

from sonla_analysis.definitions.input_columns import COLUMNS
from sonla_analysis.definitions.units import COLUMNS as UNIT_COLUMNS
from sonla_analysis.language.vietnamese import nfc, number_text
from sonla_analysis.tables.findings import DataError, Finding
from sonla_analysis.tables.workbook import Workbook, column_letters

_MOST_COLUMNS = 1000
_TOP = 30  # lines among which the heading is looked for
_OTHER_FORMATS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".txt", ".tsv", ".json", ".dbf")


def raw_tables(path: Path, names: list[str], required) -> tuple[dict, list[Finding]]:
    """Return the tables found by name, unconverted, and what could not be read.

    Cells are text. The index is the line in the file or sheet less two, so that a finding can name
    the line. Lines and rows that are blank throughout are left out.
    """
    if not path.exists():
        raise DataError([Finding("no_data", str(path))])
    try:
        if path.is_dir():
            return _tables(names, required, *_folder(path, names))
        with Workbook(path) as book:
            return _tables(names, required, *_sheets(book))
    except OSError as error:
        found = type(error).__name__
        raise DataError([Finding("unreadable_data", str(path), found=found)]) from None


def _tables(names, required, places: dict[str, list], read: Callable, heading: Callable):
    """Return the tables of a source, read where each lies, and what is wrong.

    `places` are the files or sheets by the table they are named after; `read` reads the one place
    of a table, `heading` returns a place's column names.
    """
    found, findings, missing = {}, [], []
    for name in names:
        lies = places.get(name, [])
        if len(lies) > 1:
            listed = ", ".join(sorted(map(_shown_place, lies)))
            findings.append(Finding("table_twice", name, found=listed))
        elif not lies:
            missing.append(name)
        else:
            frame, wrong = read(lies[0], name)
            findings += wrong
            if not any(one.severity == "error" for one in wrong):
                found[name] = frame
    others = [place for name, lies in places.items() if name not in names for place in lies]
    likely = _likely(others, heading, names) if missing and others else {}
    for name in missing:
        if name in likely:
            findings.append(likely[name])
        elif name in required:
            findings.append(Finding("missing_table", name))
    for name in [name for name, frame in found.items() if not len(frame.columns)]:
        del found[name]
        findings.append(Finding("empty_table", name))
    return found, findings


def _likely(places: list, heading: Callable, names: list[str]) -> dict[str, Finding]:
    """Return the places that may be a table under another name, by the table they fit best."""
    likely = {}
    for place in places:
        columns, shown = set(heading(place)), _shown_place(place)
        fits = {name: len(columns & _known_columns(name)) for name in names}
        best = max(fits, key=fits.get)
        if 2 * fits[best] > len(_known_columns(best)) or fits[best] > 5:
            likely.setdefault(best, Finding("renamed_table", best, found=shown))
        elif isinstance(place, Path) and place.suffix.lower() in _OTHER_FORMATS:
            name = nfc(place.stem).lower()
            likely.setdefault(name, Finding("other_format", name, found=shown))
    return likely


def _known_columns(table: str) -> set[str]:
    return set(UNIT_COLUMNS if table == "units" else COLUMNS.get(table, ()))


def _shown_place(place) -> str:
    return nfc(place.name if isinstance(place, Path) else place)[:60]


# --- headings ----------------------------------------------------------------------------


def _heading(lines: list[tuple[int, list[str]]], table: str) -> tuple[int, list[str], list]:
    """Return the line of the heading, its names, and what is wrong with it.

    `lines` are the first that are not blank. A heading below others is not taken for one: what
    stands above it may be data.
    """
    known = _known_columns(table)
    fits = [len(known & {nfc(cell).lower() for cell in cells}) for _, cells in lines]
    best = fits.index(max(fits))
    if best and fits[best] > 1 and fits[0] < 2:
        wrong = Finding("heading_not_first", table, row=lines[best][0], found=str(lines[0][0]))
        return *lines[best], [wrong]
    line, cells = lines[0]
    if len(cells) > _MOST_COLUMNS:
        return line, [], [Finding("too_many_columns", table, row=line, found=str(len(cells)))]
    return line, cells, []


def _named(frame: pd.DataFrame, table: str, numbers=None) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the frame without columns that have no name; one that holds something is told.

    `numbers` are the columns' places in the sheet. Rows blank in the others are left out.
    """
    nameless = [not nfc(str(name)) for name in frame.columns]
    numbers, findings = numbers or range(1, len(nameless) + 1), []
    for place, number in enumerate(numbers):
        filled = nameless[place] and frame.iloc[:, place].str.strip() != ""
        if nameless[place] and filled.any():
            row, cells = int(frame.index[filled][0]) + 2, int(filled.sum())
            words = {"found": column_letters(number), "cells": cells, "severity": "warning"}
            findings.append(Finding("unnamed_column", table, row=row, **words))
    return _without_blank(frame.loc[:, [not without for without in nameless]]), findings


def _without_blank(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame without rows that are blank throughout, its line numbers kept."""
    if not len(frame.columns):
        return frame
    maybe = frame[(frame.iloc[:, 0].str.strip() == "").to_numpy()]
    if maybe.empty:
        return frame
    blank = (maybe.apply(lambda column: column.str.strip()) == "").all(axis=1)
    return frame.drop(index=maybe.index[blank])


# --- a folder ----------------------------------------------------------------------------


def source_files(path: str | Path, names: list[str]) -> list[Path]:
    """Return the files a folder's tables are read from, sorted; a workbook is its own file."""
    path = Path(path)
    if not path.is_dir():
        return [path]
    places = _places(path)
    return sorted(
        file for name in names for place in places.get(name, []) for file in _files(place)
    )


def _files(place: Path) -> list[Path]:
    return sorted(place.glob("*.parquet")) if place.is_dir() else [place]


def _places(folder: Path) -> dict[str, list[Path]]:
    """Return the files, and folders of Parquet files, that may be tables, by the table's name."""
    places = {}
    for file in sorted(folder.iterdir()):
        kind = file.suffix.lower()
        if kind in (".csv", ".parquet") and file.is_file():
            places.setdefault(nfc(file.stem).lower(), []).append(file)
        elif file.is_dir() and any(file.glob("*.parquet")):
            places.setdefault(nfc(file.name).lower(), []).append(file)
    return places


def _folder(folder: Path, names: list[str]):
    places = _places(folder)
    others = [file for file in sorted(folder.iterdir()) if file.suffix.lower() in _OTHER_FORMATS]
    others = [file for file in others if not file.name.startswith(("~$", "."))]
    books = [file.name for file in others if file.suffix.lower() in (".xlsx", ".xlsm")]
    if books and not {*names} & {*places, *(nfc(file.stem).lower() for file in others)}:
        raise DataError([Finding("workbook_in_folder", str(folder), found=books[0])])
    return places | {file.name: [file] for file in others}, _file, _file_heading


def _file(file: Path, table: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Return a table of a folder, and what is wrong with it."""
    import pyarrow

    try:
        if file.suffix.lower() == ".csv":
            return _csv(file, table)
        return _parquet(_files(file)), []
    except (pyarrow.ArrowException, ValueError, OSError) as error:
        rule = "not_utf8" if "utf" in str(error).lower() else "unreadable"
        return pd.DataFrame(), [Finding(rule, table, found=type(error).__name__)]


def _file_heading(file: Path) -> list[str]:
    """Return the column names of a file that is named after no table; none where unreadable."""
    import pyarrow
    from pyarrow import parquet

    if file.suffix.lower() in _OTHER_FORMATS:
        return []
    try:
        if file.suffix.lower() == ".csv":
            with file.open("rb") as lines:
                top = _top(b"".join(lines.readlines(2**16)))
            return [nfc(cell).lower() for cell in top[0][1]]
        return parquet.read_schema(_files(file)[0]).names
    except (pyarrow.ArrowException, ValueError, OSError, IndexError):
        return []


# --- CSV ---------------------------------------------------------------------------------


def _csv(file: Path, table: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Return a CSV's cells as text.

    A line with too many or too few cells is a finding, and one on which a quotation mark opens and
    does not close: the lines after it would be swallowed.
    """
    import pyarrow
    from pyarrow import csv as arrow

    content = file.read_bytes().removeprefix(b"\xef\xbb\xbf")
    content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for other in ("\u2028", "\u2029", "\x85"):  # line ends of Unicode
        content = content.replace(other.encode(), b"\n")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnicodeError("UTF-16, not UTF-8")
    content.decode()  # a line that is not UTF-8 is refused here, before Arrow looks at its cells
    top = _top(content)
    if not top:
        return pd.DataFrame(), []
    line, header, wrong = _heading(top, table)
    if wrong:
        return pd.DataFrame(), wrong
    lines = content.split(b"\n", line)
    separator, body, odd = _separator(lines[line - 1]), (*lines, b"")[line], []
    open_at = [
        number + line
        for number, one in enumerate(body.split(b"\n") if b'"' in body else (), 1)
        if b'"' in one and _cells(one, separator) is None
    ]
    if _cells(lines[line - 1], separator) is None:
        open_at.insert(0, line)
    if open_at:
        return pd.DataFrame(), [Finding("quote_open", table, row=number) for number in open_at]
    if not body.strip():
        return _named(pd.DataFrame(columns=header, dtype="str"), table)

    def skip(row):
        odd.append(row)
        return "skip"

    read = arrow.read_csv(
        pyarrow.BufferReader(body),
        arrow.ReadOptions(use_threads=False, column_names=header),
        arrow.ParseOptions(delimiter=separator, ignore_empty_lines=False, invalid_row_handler=skip),
        arrow.ConvertOptions(column_types=dict.fromkeys(header, pyarrow.string())),
    )
    frame = read.to_pandas()
    skipped = {row.number - 1 for row in odd}
    places = [line - 1 + at for at in range(len(frame) + len(odd)) if at not in skipped]
    frame, findings = _named(frame.set_axis(places), table)
    return frame, findings + [
        Finding(
            "cells_in_line",
            table,
            row=row.number + line,
            found=str(row.actual_columns),
            allowed=str(len(header)),
        )
        for row in odd
        if row.text.strip(f'{separator}" \t\r\n')
    ]


def _top(content: bytes) -> list[tuple[int, list[str]]]:
    """Return the first lines that are not blank: number and cells, each by its own separator."""
    top = []
    for number, line in enumerate(io.BytesIO(content), 1):
        line = line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")
        if number == 1 and re.fullmatch(b'"?sep=.?"?[;,]*', line, re.IGNORECASE | re.DOTALL):
            continue  # said to Excel
        cells = _cells(line, _separator(line))
        cells = [line.decode("utf-8")] if cells is None else cells
        if any(cell.strip() for cell in cells):
            top.append((number, cells))
        if len(top) == _TOP:
            break
    return top


def _separator(line: bytes) -> str:
    """Return what separates the cells of a heading: a comma, or what Excel in Vietnamese writes.

    >>> _separator(b"as_of;unit;name"), _separator(b"name")
    (';', ',')
    """
    return max(",;\t", key=lambda sign: line.count(sign.encode()))


def _cells(line: bytes, separator: str) -> list[str] | None:
    """Return a line's cells, None where a quotation mark opens and does not close on it."""
    try:
        text = line.decode("utf-8").rstrip("\r\n")
        return next(csv.reader([text], delimiter=separator, strict=True), [])
    except csv.Error:
        return None


# --- Parquet -----------------------------------------------------------------------------


def _parquet(files: list[Path]) -> pd.DataFrame:
    """Return the rows of Parquet files as the text they would be in a CSV; an index is a column."""
    import pyarrow
    from pyarrow import parquet

    parts = []
    for file in files:
        with parquet.ParquetFile(file) as source:
            table = source.read()
        columns = [_plain(column) for column in table.columns]
        parts.append(pyarrow.table(columns, names=table.column_names))
    rows = pyarrow.concat_tables(parts, promote_options="default")
    kept = [name for name in rows.column_names if not name.startswith("__index_level_")]
    frame = rows.select(kept).to_pandas().fillna("").astype("str")
    return _without_blank(frame)


def _plain(column):
    """Return an Arrow column as text."""
    import pyarrow
    from pyarrow import compute, types

    if types.is_dictionary(column.type):
        return _plain(column.cast(column.type.value_type))
    if types.is_string(column.type):
        return column
    for like_text in (types.is_boolean, types.is_integer, types.is_large_string, types.is_null):
        if like_text(column.type):
            return compute.cast(column, pyarrow.string())
    if types.is_nested(column.type):
        return pyarrow.chunked_array([[str(cell) for cell in column.to_pylist()]], pyarrow.string())
    coded = column.combine_chunks().dictionary_encode()
    texts = [cell_text(cell) for cell in coded.dictionary.to_pylist()]
    return pyarrow.chunked_array([pyarrow.array(texts, pyarrow.string()).take(coded.indices)])


def cell_text(cell) -> str | None:
    """Return a cell that is no text as the text it would be in a CSV.

    >>> from datetime import date, datetime
    >>> cell_text(date(2020, 12, 31)), cell_text(datetime(2020, 12, 31)), cell_text(3646.0)
    ('2020-12-31', '2020-12-31', '3646')
    """
    if cell is None or cell != cell:
        return None
    if isinstance(cell, bytes):
        return cell.decode("utf-8")
    if hasattr(cell, "isoformat"):
        moment = cell.replace(tzinfo=None) if hasattr(cell, "tzinfo") else cell
        return moment.isoformat().removesuffix("T00:00:00")
    return number_text(float(cell)) if isinstance(cell, float | int | Decimal) else str(cell)


# --- a workbook --------------------------------------------------------------------------


def _sheets(book: Workbook):
    places = {}
    for name in book.names:
        places.setdefault(nfc(name).lower(), []).append(name)

    def read(sheet: str, table: str) -> tuple[pd.DataFrame, list[Finding]]:
        return _frame(book.rows(sheet), table)

    def heading(sheet: str) -> list[str]:
        try:
            rows = book.rows(sheet, _TOP)
        except DataError:
            return []
        return [nfc(cell).lower() for cell in rows[min(rows)].values()] if rows else []

    return places, read, heading


def _frame(rows: dict[int, dict[int, str]], table: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Return a sheet's rows below its heading, one column for each of its names."""
    filled = {row: rows[row] for row in sorted(rows) if any(map(str.strip, rows[row].values()))}
    if not filled:
        return pd.DataFrame(), []
    top = [(row, _laid_out(filled[row])) for row in list(filled)[:_TOP]]
    line, header, wrong = _heading(top, table)
    if wrong:
        return pd.DataFrame(), wrong
    below = [row for row in filled if row > line]
    width = {column for row in below for column in filled[row]}
    names = dict(enumerate(header, 1))
    columns = [
        one for one in sorted({*names, *width}) if names.get(one, "").strip() or one in width
    ]
    if len(columns) > _MOST_COLUMNS:
        wrong = Finding("too_many_columns", table, row=line, found=str(len(columns)))
        return pd.DataFrame(), [wrong]
    cells = [[filled[row].get(column, "") for row in below] for column in columns]
    frame = pd.DataFrame(dict(enumerate(cells)), index=[row - 2 for row in below], dtype="str")
    frame = frame.set_axis([names.get(column, "") for column in columns], axis=1)
    return _named(frame, table, columns)


def _laid_out(cells: dict[int, str]) -> list[str]:
    return [cells.get(column, "") for column in range(1, max(cells) + 1)]
