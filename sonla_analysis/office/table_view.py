"""A table's record as a web page sets it: header rows with their spans, cells with their marks."""

import re
from html import escape
from itertools import groupby

from markupsafe import Markup

STATUSES = frozenset(
    [
        "met",
        "on_track",
        "behind",
        "missed",
        "not_met",
        "undecided",
        "not_due",
        "withheld",
        "no_data",
        "incomplete",
        "not_applicable",
        "city_target",
    ]
)
_NUMBER = re.compile(r"[<>≤≥~]?\s?[−+-]?\d[\d.,\s]*%?|–")
_WIDE = 4  # a table of more columns scrolls by itself on a telephone
_TIGHT = 12  # letters: a text no longer than this stays on one line
_SHORT = 4  # letters: a column of order numbers, which names no row


def table_view(record: dict, name: str, *, number: str = "") -> dict:
    """Return what the template needs of a table's record; `name` is the caption's id.

    A record has columns (key, label, align), rows (raw), texts and notes; a form also has heads
    (the heading above each column), numbers (its row of column numbers), totals (places of rows).

    >>> record = {"title": "T", "columns": [{"key": "unit", "label": "Đơn vị", "align": "left"},
    ...     {"key": "status", "label": "", "align": "left"}], "rows": [["a", "met"]],
    ...     "texts": [["A", "Đạt"]], "notes": []}
    >>> print(table_view(record, "t")["rows"][0])
    <tr><th scope=row class=named>A</th><td><span class="status met"><svg class="mark met" \
aria-hidden=true><use href="#mark-met"/></svg>Đạt</span></td></tr>
    """
    columns, texts = record["columns"], record["texts"]
    stubs = _stubs(columns)
    named = next((place for place in range(stubs) if _names(texts, place)), 0)
    totals, tags = record.get("totals") or [], ("<tr>", "<tr class=total>")
    opening = [_opening(place, column, stubs, named) for place, column in enumerate(columns)]
    return {
        "id": name,
        "number": number,
        "title": record["title"],
        "heads": _header_rows(columns, record.get("heads") or []),
        "numbers": record.get("numbers") or [],
        "rows": [
            _row(columns, raw, line, [tags[place in totals], *opening])
            for place, (raw, line) in enumerate(zip(record["rows"], texts, strict=True))
        ],
        "notes": record["notes"],
        "width": len(columns),
        "wide": len(columns) > _WIDE,
    }


def numbers_view(numbers: dict, title: str, name: str) -> dict:
    """Return the table of the numbers a chart draws; later columns of mere numbers stand right."""
    rows = numbers["rows"]
    sides = [
        "right" if place and all(_NUMBER.fullmatch(str(row[place])) for row in rows) else "left"
        for place in range(len(numbers["columns"]))
    ]
    columns = [
        {"key": "", "label": label, "align": side}
        for label, side in zip(numbers["columns"], sides, strict=True)
    ]
    record = {"title": title, "columns": columns, "rows": rows, "texts": rows, "notes": []}
    return table_view(record, name)


def _stubs(columns: list[dict]) -> int:
    """Return how many columns on the left name the rows: at least one, all before the numbers."""
    sides = [column["align"] for column in columns]
    return sides.index("right") if "right" in sides[1:] and sides[0] == "left" else 1


def _names(texts: list[list[str]], place: int) -> bool:
    return any(len(str(line[place])) > _SHORT for line in texts)


def _opening(place: int, column: dict, stubs: int, named: int) -> str:
    """Return the tag that opens a column's cells."""
    looks = " ".join(
        look
        for look in ("right" * (column["align"] == "right"), "named" * (place == named))
        if look
    )
    kind = f' class="{looks}"' if " " in looks else f" class={looks}" if looks else ""
    return f"<th scope=row{kind}>" if place < stubs else f"<td{kind}>"


def _row(columns, raw, line, opening: list[str]) -> Markup:
    """Return a row, every text escaped; written here, for a template takes ten times as long."""
    row, *tags = opening
    cells = []
    for tag, column, value, text in zip(tags, columns, raw, line, strict=True):
        shown = escape(str(text))
        if column["key"] == "status" and value in STATUSES:
            shown = status_html(value, text)
        elif " " in shown and len(shown) <= _TIGHT:
            shown = f"<span class=tight>{shown}</span>"
        tag = tag if shown else "<td>"  # an empty cell names no row
        cells.append(f"{tag}{shown}</{tag[1:3]}>")
    return Markup(f"{row}{''.join(cells)}</tr>")


def status_html(name: str, text: str) -> str:
    """Return a status as shape, colour and word; `name` is one of STATUSES."""
    mark = f'<svg class="mark {name}" aria-hidden=true><use href="#mark-{name}"/></svg>'
    return f'<span class="status {name}">{mark}{escape(text)}</span>'


def _header_rows(columns: list[dict], heads: list[str]) -> list[list[dict]]:
    """Return the header cells of one row, or of two where columns share a heading."""
    labels = [
        {"text": column["label"], "align": column["align"], "across": 1, "down": 1}
        for column in columns
    ]
    if not any(heads):
        return [labels]
    above, below, place = [], [], 0
    for head, run in groupby(heads):
        across = len(list(run))
        if head:
            above.append({"text": head, "align": "centre", "across": across, "down": 1})
            below += labels[place : place + across]
        else:
            above += [label | {"down": 2} for label in labels[place : place + across]]
        place += across
    return [above, below]
