"""A table as a web page sets it: header rows with their spans, cells with their marks."""

import re
from html import escape

from markupsafe import Markup

from sonla_analysis.office import TEMPLATES
from sonla_analysis.office.spark import spark
from sonla_analysis.sentences.table import Column, Head, Table

_MARKS = (TEMPLATES / "parts.html.j2").read_text(encoding="utf-8")
MARKED = frozenset(re.findall(r'id="mark-(\w+)"', _MARKS))  # statuses shown as a shape, too
_NUMBER = re.compile(r"[<>≤≥~]?\s?[−+-]?\d[\d.,\s]*%?|–")
_MOST_IN_CARDS = 600  # cells; of more the rows are no cards on a telephone, the table scrolls
_WIDE = 4  # a table of more columns scrolls by itself on a telephone
_TIGHT = 12  # letters: a text no longer than this stays on one line
_SHORT = 4  # letters: a column of order numbers, which names no row


def table_view(table: Table, name: str) -> dict:
    """Return a table's fields as the template needs them; `name` is the caption's id.

    >>> columns = [Column("unit", "Đơn vị"), Column("status", "")]
    >>> print(table_view(Table("", "T", columns, [["a", "met"]], [["A", "Đạt"]]), "t")["rows"][0])
    <tr><th scope=row class=named>A</th><td><span class="status met"><svg class="mark met" \
aria-hidden=true><use href="#mark-met"/></svg>Đạt</span></td></tr>
    """
    columns, texts = table.columns, table.texts
    stubs = _stubs(columns)
    named = next((place for place in range(stubs) if _names(texts, place)), 0)
    tags = ("<tr>", "<tr class=total>")
    cards = len(columns) * len(texts) <= _MOST_IN_CARDS
    labels = table.labels(": ") if cards else [""] * len(columns)
    opening = [
        _opening(place, column, stubs, named, labels[place]) for place, column in enumerate(columns)
    ]
    return vars(table) | {
        "id": name,
        "heads": _header_rows(table),
        "rows": [
            _row(columns, raw, line, [tags[place in table.totals], *opening])
            for place, (raw, line) in enumerate(zip(table.rows, texts, strict=True))
        ],
        "wide": len(columns) > _WIDE,
        "cards": cards,
    }


def missed_view(table: Table, name: str) -> dict:
    """Return the targets not met as a list: each with what is still to do before its figures."""
    keys = [column.key for column in table.columns]
    since = {column.key: column.label for column in table.columns}["change"]
    rows = [dict(zip(keys, line, strict=True)) for line in table.texts]
    return vars(table) | {"id": name, "since": since, "rows": rows}


def numbers_view(numbers: dict, title: str, name: str) -> dict | None:
    """Return the table of the numbers a chart draws; later columns of mere numbers stand right."""
    if not (rows := numbers["rows"]):
        return None
    sides = [
        "right" if place and all(_NUMBER.fullmatch(str(row[place])) for row in rows) else "left"
        for place in range(len(numbers["columns"]))
    ]
    columns = [
        Column("", label, side) for label, side in zip(numbers["columns"], sides, strict=True)
    ]
    return table_view(Table("", title, columns, rows, rows), name)


def _stubs(columns: list[Column]) -> int:
    """Return how many columns on the left name the rows: at least one, all before the numbers."""
    sides = [column.align for column in columns]
    return sides.index("right") if "right" in sides[1:] and sides[0] == "left" else 1


def _names(texts: list[list[str]], place: int) -> bool:
    return any(len(str(line[place])) > _SHORT for line in texts)


def _opening(place: int, column: Column, stubs: int, named: int, label: str) -> str:
    """Return the tag that opens a column's cells, `label` in it for a row shown as a card."""
    right, change = column.align == "right", column.key == "change"
    looks = {"right": right, "named": place == named, "change": change}
    looks = " ".join(name for name, has in looks.items() if has)
    kind = f' class="{looks}"' if " " in looks else f" class={looks}" if looks else ""
    if label and place != named and column.key != "order":
        kind += f' data-label="{escape(label)}"'
    return f"<th scope=row{kind}>" if place < stubs else f"<td{kind}>"


def _row(columns, raw, line, opening: list[str]) -> Markup:
    """Return a row, every text escaped; written here, for a template takes ten times as long."""
    row, *tags = opening
    cells = []
    for tag, column, value, text in zip(tags, columns, raw, line, strict=True):
        shown = escape(str(text))
        if column.key == "status" and value in MARKED:
            shown = status_html(value, text)
        elif column.key == "course":
            shown = f"{spark(value, text)} <span>{shown}</span>"
        elif " " in shown and len(shown) <= _TIGHT:
            shown = f"<span class=tight>{shown}</span>"
        tag = tag if shown else "<td>"  # an empty cell names no row
        cells.append(f"{tag}{shown}</{tag[1:3]}>")
    return Markup(f"{row}{''.join(cells)}</tr>")


def status_html(name: str, text: str) -> str:
    """Return a status as shape, colour and word; `name` is one of MARKED."""
    mark = f'<svg class="mark {name}" aria-hidden=true><use href="#mark-{name}"/></svg>'
    return f'<span class="status {name}">{mark}{escape(text)}</span>'


def _header_rows(table: Table) -> list[list[tuple[Head, str]]]:
    """Return the cells of the head, row by row, and their sides: in the middle over others."""
    rows, sides = table.head_rows(), [column.align for column in table.columns]
    return [
        [
            (one, "centre" if row is not rows[-1] and one.rows == 1 else sides[one.place])
            for one in row
            if one.rows
        ]
        for row in rows
    ]
