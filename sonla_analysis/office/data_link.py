"""The data beside a chart or a table: a CSV file within the page, at hand offline."""

import re
from urllib.parse import quote

from sonla_analysis.language.vietnamese import slug
from sonla_analysis.office.blocks import Picture
from sonla_analysis.office.csv_text import rows_as_csv
from sonla_analysis.sentences.table import Table

_UNSAFE = re.compile("[%#<>'\"&`\x00-\x1f\x7f\ufeff]| $")


def frame_csv(picture: Picture) -> bytes:
    """Return what a chart draws as CSV, one row per mark; empty for a drawing without numbers."""
    return _csv(picture.frame.get("columns"), picture.frame.get("rows"))


def table_csv(table: Table) -> bytes:
    """Return a table's rows as CSV: a number as it is, anything else as it is printed.

    >>> from sonla_analysis.sentences.table import Column
    >>> one = Table("t", "T", [Column("a", "A"), Column("b", "B")], [["x", 0.5]], [["X", "0,50%"]])
    >>> table_csv(one).decode("utf-8-sig")
    'A,B\\r\\nX,0.5\\r\\n'
    """
    rows = [
        [value if is_number(value) else text for value, text in zip(raw, texts, strict=True)]
        for raw, texts in zip(table.rows, table.texts, strict=True)
    ]
    return _csv(table.labels(" – "), rows)


def data_link(content: bytes, *parts: str) -> dict | None:
    """Return name and address of a file that lies in the page itself; None without content.

    It stays text, a fifth smaller than base64; what ends an attribute, a tag or an address, and
    what an address loses, is written as its code.

    >>> data_link("Số hộ\\r\\n<1".encode(), "03646", "Bảng 1")
    {'name': '03646-bang-1.csv', 'address': 'data:text/csv;charset=utf-8,Số hộ%0D%0A%3C1'}
    """
    if not content:
        return None
    text = _UNSAFE.sub(lambda one: quote(one.group()), content.decode("utf-8"))
    return {
        "name": f"{slug(' '.join(parts))}.csv",
        "address": f"data:text/csv;charset=utf-8,{text}",
    }


def _csv(columns: list | None, rows: list | None) -> bytes:
    return rows_as_csv(columns, rows) if columns and rows else b""


def is_number(value) -> bool:
    """Return whether a plain value is a number, and not missing."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value
