"""What lies in a folder or workbook, as it stands there: text cells, one frame a table."""

from pathlib import Path

import pandas as pd

from sonla_analysis.findings import DataError, Finding
from sonla_analysis.text import nfc


def raw_tables(path: Path, names: list[str], required) -> tuple[dict, list[Finding]]:
    """Return the tables found by name, unconverted, and what could not be read.

    The index counts the lines under the header, so that a finding can name the line. Lines and
    rows that are blank throughout are left out.
    """
    if not path.exists():
        raise DataError([Finding("no_data", str(path))])
    found, findings = {}, []
    sheets = _sheets(path) if path.is_file() else {}
    for name in names:
        frame = sheets.get(name)
        if path.is_dir():
            frame, wrong = _file(path, name)
            findings += wrong
            if wrong:
                continue
        if frame is not None and len(frame.columns):  # a heading without rows is a table
            found[name] = frame
        elif frame is not None or name in required:
            findings.append(Finding("missing_table" if frame is None else "empty_table", name))
    return found, findings


def source_files(path: str | Path, names: list[str]) -> list[Path]:
    """Return the files a folder's tables are read from, sorted; a workbook is its own file."""
    path = Path(path)
    if path.is_file():
        return [path]
    single = [path / f"{name}{ending}" for name in names for ending in (".csv", ".parquet")]
    many = [file for name in names for file in sorted((path / name).glob("*.parquet"))]
    return sorted([file for file in single if file.is_file()] + many)


def _file(folder: Path, name: str) -> tuple[pd.DataFrame | None, list[Finding]]:
    """Return a table of a folder, None where it is not there, and why it could not be read."""
    try:
        if (folder / f"{name}.csv").is_file():
            return _csv(folder / f"{name}.csv", name)
        for parquet in (folder / f"{name}.parquet", folder / name):
            if parquet.exists():
                options = {"dtype_backend": "numpy_nullable", "partitioning": None}
                return pd.read_parquet(parquet, **options), []
    except (ValueError, OSError) as error:  # pyarrow's own errors are both
        rule = "not_utf8" if "utf" in str(error).lower() else "unreadable"
        return None, [Finding(rule, name, found=type(error).__name__)]
    return None, []


def _csv(file: Path, name: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Return a CSV's cells as text; a line with too many or too few cells is a finding."""
    import csv

    import pyarrow
    from pyarrow import csv as arrow

    with file.open(encoding="utf-8-sig", newline="") as lines:
        first = lines.readline()
    separator = ";" if first.count(";") > first.count(",") else ","  # Excel in Vietnamese
    header = next(csv.reader([first], delimiter=separator), [])
    if not header:
        return pd.DataFrame(), []
    odd = []

    def skip(row):
        odd.append(row)
        return "skip"

    content = arrow.read_csv(
        file,
        arrow.ReadOptions(use_threads=False, skip_rows=1, column_names=header),
        arrow.ParseOptions(
            delimiter=separator,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=skip,
        ),
        arrow.ConvertOptions(column_types=dict.fromkeys(header, pyarrow.string())),
    )
    frame = content.to_pandas()
    skipped = {row.number - 2 for row in odd}
    places = [place for place in range(len(frame) + len(odd)) if place not in skipped]
    wrong = [
        Finding(
            "cells_in_line", name, "", row.number, "", str(row.actual_columns), str(len(header))
        )
        for row in odd
        if row.text.strip()
    ]
    return _without_blank(frame.set_axis(places)), wrong


def _sheets(workbook: Path) -> dict[str, pd.DataFrame]:
    """Return a workbook's sheets by name, cells as the text they would be in a CSV."""
    import python_calamine

    try:
        with python_calamine.CalamineWorkbook.from_path(str(workbook)) as book:
            cells = {
                nfc(name).lower(): book.get_sheet_by_name(name).to_python()
                for name in book.sheet_names
            }
    except (python_calamine.CalamineError, OSError) as error:
        found = type(error).__name__
        raise DataError([Finding("not_a_workbook", str(workbook), found=found)]) from None
    return {name: _frame(rows) for name, rows in cells.items()}


def _frame(rows: list[list]) -> pd.DataFrame:
    if not rows:
        return pd.DataFrame()
    header, *body = [[_cell_text(cell) for cell in row] for row in rows]
    return _without_blank(pd.DataFrame(body, columns=header, dtype="str"))


def _without_blank(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame without rows that are blank throughout, its line numbers kept."""
    maybe = frame[(frame.iloc[:, 0].str.strip() == "").to_numpy()]
    if maybe.empty:
        return frame
    blank = (maybe.apply(lambda column: column.str.strip()) == "").all(axis=1)
    return frame.drop(index=maybe.index[blank])


def _cell_text(cell) -> str:
    """Return a workbook's cell as the text it would be in a CSV.

    >>> [_cell_text(cell) for cell in (True, 3646.0, 12.5, "Tổ 1")]
    ['true', '3646', '12.5', 'Tổ 1']
    """
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat()[:10] if hasattr(cell, "isoformat") else str(cell)
