"""Where the tables of a sheet lie: their headings, their rows, and what only looks like a row.

Nothing is read here but what says where the data are. A `Block` is one table on a sheet.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from sonla_analysis.intake.headings import Headings, key, words
from sonla_analysis.intake.sheets import Sheet
from sonla_analysis.language.phrases import phrase

_TOP = 60  # rows among which a first heading is looked for
_TALLEST = 4  # rows of a heading
_NUMBERING = re.compile(r"\(?([A-Da-d]|\d{1,2})\)?([ =].*)?|\d{1,2}=[\d+\-*/=() ]+")
_ORDER = re.compile(r"[IVXLC]{1,9}\.?|[A-DĐ]\.?|\d{1,3}\.?")  # the number of a row or a part
_PART = re.compile(r"[IVXLC]{1,9}\.?|[A-DĐ]\.?")  # that of a part
_DOUBTFUL = re.compile(
    r"\W*(cộng|tổng|toàn|ghi chú)\b|\(?[A1]\)?$|[IVXLCBDĐ]{1,9}\.?$", re.IGNORECASE
)  # how a row may begin that is no data though most of its cells are filled
_FEW = 4  # known headings that make no list yet
_WORD = re.compile(r"[^\W\d_]{2}")
_FIGURE = re.compile(r"\d[\d.,]*( \w+)?$")
_PERSONAL = ("person", "birth_year", "sex=male", "sex=female", "health_card")


@dataclass
class Block:
    """One table on a sheet. Rows and columns count from 0.

    `fields` maps a field (see `headings.Headings`) to its column, `unknown` a column to a heading
    that means nothing to us; `rows` are those of the data, `said[row]` the texts that stood alone
    on a row above it: a unit, a village, a status. `totals` are rows of totals, `above` the texts
    over the heading, `notes` those below. A vertical table (a line a field) has one row: `upright`
    maps a field to its row, `fields` to the column of the figure. `carried`: a person's household
    stands on a row above.
    """

    sheet: Sheet
    table: str
    fields: dict[str, int]
    head: tuple[int, int]
    above: list[str]
    unknown: dict[int, str] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    said: dict[int, tuple[str, ...]] = field(default_factory=dict)
    totals: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    upright: dict[str, int] = field(default_factory=dict)
    carried: bool = False

    def cell(self, row: int, name: str) -> str:
        """Return the text of a field in a row, "" where it has no column."""
        if self.upright:
            text = self.sheet.cells[self.upright[name], self.fields[name]]
            return text.rpartition(":")[2].strip()
        return self.sheet.cells[row, self.fields[name]] if name in self.fields else ""

    def place(self, row: int, name: str) -> str:
        """Return the name in Excel of a field's cell."""
        row = self.upright.get(name, row)
        return self.sheet.place(row, self.fields[name]) if name in self.fields else ""


def find_blocks(sheet: Sheet, headings: Headings) -> list[Block]:
    """Return the tables of a sheet, from the top down; none where no heading is known."""
    if not sheet.cells.size:
        return []
    if _is_list_to_fill_in(sheet):
        return _list_to_fill_in(sheet, headings)
    starts, first = [], 0
    while head := _head(sheet, headings, first):
        if not (starts and _goes_on(starts[-1], head)):
            starts.append(head)
        first = head.head[1] + 1
    blocks = []
    for block, following in pairwise([*starts, None]):
        end = following.head[0] if following else len(sheet.cells)
        _rows(block, end)
        blocks += [block, *_persons(block, headings)]
        if following:  # what stands between the two, without the rows of the first
            last = max([block.head[1], *block.rows, *block.totals])
            following.above = _texts(sheet.cells[last + 1 : end])
    return blocks or _upright(sheet, headings)


def _goes_on(block: Block, head: Block) -> bool:
    """Return whether a heading is that of the table above again, as on a next page."""
    again, rows = (block.sheet.cells[one.head[0] : one.head[1] + 1] for one in (head, block))
    ended = any(_begins(text, "notes") for text in head.above)
    return block.table == head.table and np.array_equal(again, rows) and not ended


# --- the heading -------------------------------------------------------------------------


def _head(sheet: Sheet, headings: Headings, first: int) -> Block | None:
    """Return the next table with the most headings known, looked for from a row on.

    Of two headings that know as much the lower and shorter one is taken: titles are no part of it.
    """
    filled = (sheet.cells != "").sum(axis=1)
    best, most, looked = None, (1,), 0
    for row in np.flatnonzero(filled[first:] > 1) + first:
        looked += 1
        if looked > _TOP or (best and row > best.head[0] + _TALLEST):
            break
        if _looks_like_data(sheet.cells[row]) or _is_row(sheet.cells[row], headings):
            if best:
                break
            continue
        for last in range(row, min(row + _TALLEST, len(sheet.cells))):
            below = sheet.cells[last]
            data = _looks_like_data(below) or (best and _is_row(below, headings))
            if last > row and (data or _is_numbering(_texts(below))):
                break
            if not headings.may_be(_texts(sheet.cells[row : last + 1])):
                continue
            block = _headed(sheet, headings, int(row), last)
            if block and (fit := (_known(block.fields), row, -last)) > most:
                best, most = block, fit
    if best:
        best.above = _texts(sheet.cells[first : best.head[0]])
    return best


def _known(fields: dict[str, int]) -> float:
    """Return how many fields are known; one of which the group is missing is only half known."""
    return sum(0.5 if name.startswith("?") else 1 for name in fields)


def _looks_like_data(cells: np.ndarray) -> bool:
    """Return whether a row holds several long numbers, yes/no or x: no heading does."""
    filled = [text for text in cells if text]
    plain = [
        text for text in filled if re.fullmatch(r"[\d.,/%-]{3,}|x|X|true|false|Có|Không", text)
    ]
    return 2 * len(plain) > len(filled) or len(plain) > 3


def _is_row(cells: np.ndarray, headings: Headings) -> bool:
    """Return whether a row below a heading is one of data: a fifth of it figures or x at least."""
    filled = [text for text in cells if text]
    figures = sum(bool(re.fullmatch(r"\d[\d.,]*|[xX]", text)) for text in filled)
    most = figures >= headings.known(filled) and 5 * figures >= len(filled) > 0
    return most and not _is_numbering(filled)


def _headed(sheet: Sheet, headings: Headings, first: int, last: int) -> Block | None:
    """Return the table whose heading would be these rows, that of the most fields; or None."""
    paths = _paths(sheet, first, last)
    best = None
    for table in headings.tables:
        found = {column: headings.field(table, path) for column, path in paths.items()}
        fields, unknown = {}, {}
        for column, name in found.items():
            if name and name not in fields:
                fields[name] = column
            elif not headings.is_ignored(paths[column]):
                unknown[column] = " > ".join(paths[column])
        if not _is_table(table, fields):
            continue
        likely = (_known(fields), _named_after(sheet, table, first))
        if best is None or likely > best[0]:
            best = likely, Block(sheet, table, fields, (first, last), [], unknown)
    return best and best[1]


def list_without_code(sheet: Sheet, headings: Headings) -> str:
    """Return the list that a sheet's headings make but for the household's code, or ""."""
    found = [(_FEW, "")]
    for first in range(min(_TOP, len(sheet.cells))):
        for last in range(first, min(first + _TALLEST, len(sheet.cells))):
            if _looks_like_data(sheet.cells[last]):
                break
            paths = _paths(sheet, first, last).values()
            for table in ("households", "members"):
                known = {headings.field(table, path) for path in paths} - {None}
                found += [(len(known), table)] * ("household" not in known)
    return max(found)[1]


def _is_table(table: str, fields: dict[str, int]) -> bool:
    """Return whether these fields are enough to be the table: its own, not only unit and date."""
    own = [name for name in fields if name not in ("as_of", "unit", "unit_code")]
    must = {
        "households": ("household",),
        "members": ("household",),
        "health_stations": ("name",),
        "schools": ("name",),
        "funding": ("planned", "disbursed"),
        "history": ("as_of",),
        "unit_counts": ("unit", "unit_code", "households", "population"),
    }[table]
    enough = len(own) > 1 and any(name in fields for name in must)
    # a list of persons has a household, a sex, perhaps a village: that makes no register
    register = len(own) > 3 or any("status" in name for name in own)
    return enough and (table != "households" or register)


def _named_after(sheet: Sheet, table: str, first: int) -> int:
    """Return how well the title and the sheet's name fit a table: the letters that agree."""
    said = " ".join(map(key, [sheet.name, *_texts(sheet.cells[max(0, first - 8) : first])]))
    fitting = [len(text) for text in words()["tables"][table] if text in said]
    return max(fitting, default=0) + 100 * (key(sheet.name) == key(table))


def _paths(sheet: Sheet, first: int, last: int) -> dict[int, tuple[str, ...]]:
    """Return the headings over each column from the top one down, merged ones over all theirs."""
    cells = sheet.cells[first : last + 1].copy()
    for top, left, bottom, right in sheet.merged:
        if first <= top <= last and left < cells.shape[1]:
            cells[top - first : bottom - first + 1, left : right + 1] = sheet.cells[top, left]
    if not sheet.merged:  # a CSV has none, an .ods does not tell
        _spread(cells)
    paths = {
        column: tuple(dict.fromkeys(filter(None, texts))) for column, texts in enumerate(cells.T)
    }
    return {column: path for column, path in paths.items() if path}


def _spread(cells: np.ndarray) -> None:
    """Give an empty heading that has another below it the text at its left."""
    for row in range(len(cells) - 1):
        for column in range(1, cells.shape[1]):
            if not cells[row, column] and (cells[row + 1 :, column] != "").any():
                cells[row, column] = cells[row, column - 1]


def _texts(cells: np.ndarray) -> list[str]:
    return [text for text in cells.ravel() if text]


# --- the rows ----------------------------------------------------------------------------


def _rows(block: Block, end: int) -> None:
    """Sort the rows below a heading: data, what is said of the data below, totals, the end."""
    cells, first = block.sheet.cells, block.head[1] + 1
    filled = cells[:end] != ""
    own = filled[:, sorted(set(block.fields.values()))]
    likely, held = own.mean(axis=1) >= 0.5, own.sum(axis=1)
    opening = cells[np.arange(end), filled.argmax(axis=1)]
    heading = {text for row in cells[block.head[0] : first] for text in row if text}
    said = ()
    for row in map(int, np.flatnonzero(filled[first:].any(axis=1)) + first):
        kind = ""
        if not likely[row] or _DOUBTFUL.match(opening[row]) or opening[row] in heading:
            texts = [text for text in cells[row] if text]
            part = len(texts) == 2 and held[row] == 1 and _PART.fullmatch(texts[0])
            # a part's heading may fill half of a small list
            kind = _kind(texts, heading, likely[row] and not part)
            if not held[row] and all(map(_ORDER.fullmatch, texts)):  # its number alone
                kind = "numbering"
        if kind == "end":
            block.notes = _texts(cells[row:end])
            return
        if kind == "said":
            said = (*said, next(text for text in texts if not _ORDER.fullmatch(text)))
        elif kind == "total":
            block.totals.append(row)
        elif not kind:
            block.rows.append(row)
            block.said[row] = said


def _kind(texts: list[str], heading: set[str], likely: bool) -> str:
    """Return what a row is that may be no data: numbering, said, total, end; "" for data."""
    if _is_numbering(texts) or heading.issuperset(texts):
        return "numbering"
    plain = [text for text in texts if not _ORDER.fullmatch(text)]
    opening = plain[0] if plain else ""
    if not likely and _begins(opening, "notes"):
        return "end"
    if _begins(opening, "total", whole=likely):
        return "total"
    alone = len(set(plain)) == 1 and len(texts) - len(plain) < 2 and _WORD.search(opening)
    return "said" if not likely and alone else ""


def _is_numbering(texts: list[str]) -> bool:
    """Return whether a row numbers the columns: A, B, 1, 2, 3=1+2."""
    fitting = [bool(_NUMBERING.fullmatch(text)) for text in texts]
    return len(texts) > 1 and all(fitting) and ("1" in texts or "(1)" in texts)


def _begins(text: str, kind: str, whole: bool = False) -> bool:
    plain = key(text)
    return any(
        plain == one or (not whole and plain.startswith(f"{one} ")) for one in words()["rows"][kind]
    )


# --- a household's persons on the rows below it ------------------------------------------


def _persons(block: Block, headings: Headings) -> list[Block]:
    """Return the other table of a sheet that holds households and their persons; none elsewhere.

    The household's own cells stand on its first row; the rows below are its other members.
    """
    if block.table not in ("households", "members"):
        return []
    numbers = [block.cell(row, "household") for row in block.rows]
    paths = _paths(block.sheet, *block.head)
    related = any(
        key(text) in words()["ignored"]["relation"] for path in paths.values() for text in path
    )
    other = "members" if block.table == "households" else "households"
    found = {column: headings.field(other, path) for column, path in paths.items()}
    fields = {name: column for column, name in reversed(found.items()) if name}
    both = fields | block.fields
    by_person = related or "person" in both or "" in numbers
    register = any("status" in name for name in both)
    if not (by_person and register and _is_table(other, fields)):
        return []
    of_members = fields if other == "members" else block.fields
    if sum(name in of_members for name in _PERSONAL) < 2:
        return []
    twin = Block(block.sheet, other, fields, block.head, block.above, block.unknown)
    twin.rows, twin.said, twin.notes = list(block.rows), block.said, block.notes
    known = set(fields.values()) | set(block.fields.values())
    block.unknown = twin.unknown = {
        column: text for column, text in block.unknown.items() if column not in known
    }
    households, members = (twin, block) if other == "households" else (block, twin)
    households.rows = [row for row in households.rows if households.cell(row, "household")]
    members.carried = True
    sexes = {name: at for name, at in members.fields.items() if name.startswith("sex")}
    own = [at for at, path in paths.items() if headings.field("households", path) == "head_sex"]
    if heads := [at for at in own if at not in sexes.values()]:
        households.fields["head_sex"] = heads[0]
    elif "head_sex" not in households.fields:  # its row is the head's
        households.fields |= {f"head_{name}": at for name, at in sexes.items()}
    return [twin]


# --- one line a figure -------------------------------------------------------------------


def _upright(sheet: Sheet, headings: Headings) -> list[Block]:
    """Return the counts of a unit that stand one below the other, one block a column of figures."""
    for column in range(min(8, sheet.cells.shape[1])):
        rows = _names_down(sheet, headings, column)
        if len(rows) > 3:
            return _figures(sheet, column, rows)
    return []


def _names_down(sheet: Sheet, headings: Headings, column: int) -> dict[str, int]:
    """Return the counts named in a column, and in which row."""
    rows = {}
    for row, text in enumerate(sheet.cells[:, column]):
        name = headings.field("unit_counts", (text.partition(":")[0],)) if text else None
        if name and "=" not in name and name not in ("as_of", "unit", "unit_code"):
            rows.setdefault(name, row)
    return rows


def _is_list_to_fill_in(sheet: Sheet) -> bool:
    """Whether it is the list of counts of `workbooks`: it says so, however few are filled in."""
    heads = [phrase("fill.item", "vi"), phrase("fill.value", "vi")]
    return any(row[:2].tolist() == heads for row in sheet.cells[:_TOP])


def _list_to_fill_in(sheet: Sheet, headings: Headings) -> list[Block]:
    rows = _names_down(sheet, headings, 0)
    if not rows or not any(sheet.cells[[*rows.values()], 1]):
        return []
    return [_column_of(sheet, rows, 1)]


def _column_of(sheet: Sheet, rows: dict[str, int], at: int, said: tuple[str, ...] = ()) -> Block:
    """Return the counts of one column of figures; `rows` are their rows, `said` is its heading."""
    first = min(rows.values())
    above = _texts(sheet.cells[:first])
    block = Block(sheet, "unit_counts", dict.fromkeys(rows, at), (first - 1, first - 1), above)
    block.upright, block.rows, block.said = rows, [first], {first: said}
    return block


def _figures(sheet: Sheet, column: int, rows: dict[str, int]) -> list[Block]:
    """Return a block for each column of figures beside their names, or for those behind a colon."""
    lines, first = list(rows.values()), min(rows.values())
    inside = sum(bool(text.partition(":")[2]) for text in sheet.cells[lines, column])
    beside = [
        at
        for at in range(column + 1, sheet.cells.shape[1])
        if 2 * sum(bool(_FIGURE.match(text)) for text in sheet.cells[lines, at]) >= len(lines)
    ]
    if 2 * inside > len(lines):
        beside = [column]
    heads = {at: _texts(sheet.cells[max(0, first - 2) : first, at]) for at in beside}
    return [_column_of(sheet, rows, at, tuple(heads[at][-1:])) for at in beside]
