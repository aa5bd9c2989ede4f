"""A table as CSV in the form that Excel reads."""

import csv
import io

_LIVE = ("=", "+", "-", "@", "\t", "\r")  # a text that begins so becomes a formula in Excel


def as_csv(table) -> bytes:
    """Return a table as CSV in the form that Excel reads; no text becomes a formula."""
    written = table.select_dtypes(["str", "object"]).columns
    safe = table.assign(**{name: table[name].map(safe_text) for name in written})
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def rows_as_csv(columns: list, rows: list[list]) -> bytes:
    """Return rows of plain values as `as_csv` writes a table; a missing one is an empty cell.

    >>> rows_as_csv(["name", "n"], [["=1+1", 2], ["x", None]]).decode("utf-8-sig")
    "name,n\\r\\n'=1+1,2\\r\\nx,\\r\\n"
    """
    file = io.StringIO(newline="")
    csv.writer(file).writerows([safe_text(value) for value in row] for row in [columns, *rows])
    return file.getvalue().encode("utf-8-sig")


def safe_text(value):
    """Return a text that no spreadsheet takes for a formula.

    >>> safe_text("=1+1"), safe_text("phường Chiềng Lề")
    ("'=1+1", 'phường Chiềng Lề')
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_LIVE) else value
