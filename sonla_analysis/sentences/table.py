"""A table as it is printed: raw values, and the very texts every format shows."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    """A table's column: its key, label, side (`left`, `right`) and number format (decimals)."""

    key: str
    label: str
    align: str = "left"
    format: str = ""


@dataclass(frozen=True)
class Table:
    """A printed table; `rows` and `texts` have one entry a column, in the same order.

    `stamp` says which review it was made from (`Review.stamp`).
    """

    slug: str
    title: str
    columns: list[Column]
    rows: list[list]
    texts: list[list[str]]
    notes: list[str] = field(default_factory=list)
    annex: bool = False
    stamp: dict = field(default_factory=dict)
