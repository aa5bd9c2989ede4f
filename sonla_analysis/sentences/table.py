"""A table as it is printed: raw values, and the very texts every format shows.

The one class on the way from a report's tables to every format; as a dictionary (`record`) it
stands in the output of a notebook, and is read back from there (`read_table`).
"""

from dataclasses import asdict, dataclass, field, fields
from itertools import groupby

_UPRIGHT = 8  # columns; a table of more lies on its side
_STUBS = ("order", "unit_name", "service", "trait")  # columns whose repeated cells are one


@dataclass(frozen=True)
class Column:
    """A table's column: its key, label, side (`left`, `right`) and number format (decimals)."""

    key: str
    label: str
    align: str = "left"
    format: str = ""

    @property
    def side(self) -> str:
        """Return where its texts stand on paper: order numbers in the middle."""
        return "center" if self.key == "order" else self.align


@dataclass(frozen=True)
class Head:
    """One cell of a table's head: its text, its first column, how many columns and rows it covers.

    A cell of no rows is covered by the one above it.
    """

    text: str
    place: int
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Table:
    """A printed table; `rows` and `texts` have one entry a column, in the same order.

    `stamp` says which review it was made from (`Review.stamp`). What offices expect around the
    columns of an annex: `heads`, the heading above each column ("" for none); `numbers`, an
    official form's row of column numbers with their formulas; `totals`, the places of the rows that
    are totals. `label` is what the document that it stands in calls it, such as "Bảng 1".
    """

    slug: str
    title: str
    columns: list[Column]
    rows: list[list]
    texts: list[list[str]]
    notes: list[str] = field(default_factory=list)
    annex: bool = False
    stamp: dict = field(default_factory=dict)
    heads: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    label: str = ""

    @property
    def is_form(self) -> bool:
        """Tell whether it is an official form, which has a number of its own in its title."""
        return bool(self.numbers)

    @property
    def is_landscape(self) -> bool:
        """Tell whether it lies on its side on paper: it has many columns."""
        return len(self.columns) > _UPRIGHT

    @property
    def caption(self) -> str:
        """Return the title after what the document calls the table."""
        return ". ".join(part for part in (self.label, self.title) if part)

    def labels(self, joint: str) -> list[str]:
        """Return what names each column where its head is not seen: its heading and its label."""
        heads = self.heads or [""] * len(self.columns)
        pairs = zip(heads, self.columns, strict=True)
        return [joint.join(filter(None, (head, column.label))) for head, column in pairs]

    def record(self) -> dict:
        """Return the table as plain data, as a notebook keeps it."""
        return asdict(self)

    def head_rows(self) -> list[list[Head]]:
        """Return the rows of the head: headings over several columns, then the columns' own.

        >>> columns = [Column(key, key.upper()) for key in "abc"]
        >>> for row in Table("t", "T", columns, [], [], heads=["", "X", "X"]).head_rows():
        ...     print([(one.text, one.columns, one.rows) for one in row])
        [('A', 1, 2), ('X', 2, 1)]
        [('A', 1, 0), ('B', 1, 1), ('C', 1, 1)]
        """
        labels = [Head(one.label, place) for place, one in enumerate(self.columns)]
        if not any(self.heads):
            return [labels]
        upper, lower = [], []
        for text, group in groupby(labels, key=lambda one: self.heads[one.place]):
            below = list(group)
            if text:
                upper.append(Head(text, below[0].place, columns=len(below)))
                lower += below
            else:
                upper += [Head(one.text, one.place, rows=2) for one in below]
                lower += [Head(one.text, one.place, rows=0) for one in below]
        return [upper, lower]

    def spans(self) -> list[list[int]]:
        """Return over how many rows each cell goes; 0 where it repeats the one above it.

        Only cells of the stub do, as the name of a unit that has two lines.

        >>> columns = [Column("unit_name", ""), Column("line", "")]
        >>> Table("t", "T", columns, [], [["A", "1"], ["A", "1"], ["B", "1"]]).spans()
        [[2, 1], [0, 1], [1, 1]]
        """
        spans = [[1] * len(self.columns) for _ in self.texts]
        for at, column in enumerate(self.columns):
            first = 0
            for place in range(1, len(self.texts) if column.key in _STUBS else 0):
                if self.texts[place][: at + 1] == self.texts[place - 1][: at + 1]:
                    spans[first][at] += 1
                    spans[place][at] = 0
                else:
                    first = place
        return spans


def read_table(record: dict) -> Table:
    """Return the table of a record, also one that lacks what later versions added.

    >>> made = Table("t", "T", [Column("a", "A")], [[1]], [["1"]])
    >>> read_table(made.record() | {"kind": "table"}) == made
    True
    """
    known = {one.name: record[one.name] for one in fields(Table) if one.name in record}
    keys = [one.name for one in fields(Column)]
    columns = [
        Column(**{key: column[key] for key in keys if key in column}) for column in known["columns"]
    ]
    return Table(**known | {"columns": columns})
