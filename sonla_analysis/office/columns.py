"""How a table is set on paper: its header rows, its column widths, the size of its letters."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import ceil

from sonla_analysis.office.document import Grid

LANDSCAPE = 8  # a table of more columns lies on its side
_EM = 0.47  # mean width of a letter, in the size of the letters
_SHORT, _NAME, _LONG = 10, 24, 60  # letters: kept on one line, on two; more ask for no more room
_MILLIMETRE = 72 / 25.4  # points
_PADDING = 3.0  # millimetres of a cell that are not text
_MANY = 6  # with more columns letters are 11 points at most
_GAP = 0.9  # millimetres between the rows' lines of text
_SIZES = (12, 11, 10, 9, 8)


@dataclass(frozen=True)
class Head:
    """One cell of a table's head: its text, how many columns and rows it covers."""

    text: str
    place: int
    columns: int = 1
    rows: int = 1


def head_rows(grid: Grid) -> list[list[Head]]:
    """Return the rows of the head: headings over several columns first, then the columns' own.

    >>> columns = [{"key": k, "label": k.upper(), "align": "left"} for k in "abc"]
    >>> for row in head_rows(Grid("t", "T", columns, [], [], heads=["", "X", "X"])):
    ...     print([(one.text, one.columns, one.rows) for one in row])
    [('A', 1, 2), ('X', 2, 1)]
    [('B', 1, 1), ('C', 1, 1)]
    """
    labels = [column["label"] for column in grid.columns]
    if not any(grid.heads):
        return [[Head(label, place) for place, label in enumerate(labels)]]
    upper, lower = [], []
    for text, group in groupby(range(len(labels)), key=lambda place: grid.heads[place]):
        places = list(group)
        if text:
            upper.append(Head(text, places[0], columns=len(places)))
            lower += [Head(labels[place], place) for place in places]
        else:
            upper += [Head(labels[place], place, rows=2) for place in places]
    return [upper, lower]


def merged_down(grid: Grid, row: int, column: int) -> bool:
    """Tell whether a cell of the stub repeats the one above it, as a unit with two lines does."""
    if row == 0 or grid.columns[column]["key"] not in ("order", "unit_name", "service", "trait"):
        return False
    return grid.texts[row][: column + 1] == grid.texts[row - 1][: column + 1]


def widths(grid: Grid, room: float, size: float) -> list[float]:
    """Return the columns' widths in millimetres, together `room`.

    Every column holds its longest word; what is left goes to the columns with the most text.
    """
    least = _leasts(grid, size)
    wish = [max(pair) for pair in zip(least, _wishes(grid, size), strict=True)]
    spare, longing = room - sum(least), sum(wish) - sum(least)
    if spare <= 0 or longing <= 0:
        return [low * room / sum(least) for low in least]
    share = min(spare / longing, 1)
    given = [low + (want - low) * share for low, want in zip(least, wish, strict=True)]
    return [one * room / sum(given) for one in given]


def least_room(grid: Grid, size: float) -> float:
    """Return the width, in millimetres, below which a word would break."""
    return sum(_leasts(grid, size))


def letter_size(grid: Grid, room: float, depth: float = 0) -> int:
    """Return the largest size of letters, in points, at which every longest word has room.

    With a `depth` (millimetres of a page) also a size, not below 9, at which all rows fit on it.
    """
    sizes = _SIZES[1:] if len(grid.columns) > _MANY else _SIZES
    wide = [size for size in sizes if least_room(grid, size) <= room] or _SIZES[-1:]
    short = [size for size in wide if size >= 9 and height(grid, room, size) <= depth]
    return (short or wide)[0]


def height(grid: Grid, room: float, size: float) -> float:
    """Return about how high a table is, in millimetres, with its title and notes."""
    columns = widths(grid, room, size)
    lines = [
        line_count([one["label"] for one in grid.columns], columns) * 1.1 + bool(any(grid.heads))
    ]
    lines += [line_count(grid.numbers, columns)] if grid.numbers else []
    lines += [line_count(row, columns, size) for row in grid.texts]
    notes = sum(line_count([note], [room], 10) for note in grid.notes)
    title = line_count([grid.title], [room], 13)
    line = size * 1.17 / _MILLIMETRE
    return sum(count * line + _GAP for count in lines) + 4.4 + 5.6 * title + 4.8 * notes


def line_count(texts: list[str], columns: list[float], size: float = 11) -> int:
    """Return on about how many lines a row's texts stand in columns of these widths."""
    pairs = zip(texts, columns, strict=True)
    return max(
        ceil(_width(text, size) / max(room - _PADDING, 1) - 0.05) or 1 for text, room in pairs
    )


def _leasts(grid: Grid, size: float) -> list[float]:
    """Return the columns' widths below which something breaks that must not."""
    return [_PADDING + max(plain * size, number * (size - 1)) / _MILLIMETRE
            for plain, number, _ in _measures(grid)]  # fmt: skip


def _wishes(grid: Grid, size: float) -> list[float]:
    """Return the widths at which a cell stands on one line, a label on about three."""
    return [_PADDING + wish * size / _MILLIMETRE for _, _, wish in _measures(grid)]


def _measures(grid: Grid) -> list[tuple[float, float, float]]:
    numbers = grid.numbers or [""] * len(grid.columns)
    cells = list(zip(*grid.texts, strict=True)) or [()] * len(grid.columns)
    return [
        _measured(tuple(set(texts)), column["label"], column["key"] == "unit_name", number)
        for texts, column, number in zip(cells, grid.columns, numbers, strict=True)
    ]


@lru_cache(maxsize=4096)
def _measured(cells: tuple, label: str, is_name: bool, number: str) -> tuple[float, float, float]:
    """Return a column's measures in the size of its letters.

    What must not break (words, short cells, names on two lines, the bold words of the label); the
    parts of its column number; what it would like.
    """
    parts = [word for text in cells for word in text.split()]
    parts += [text for text in cells if len(text) <= (_NAME if is_name else _SHORT)]
    parts += [text[: -(-len(text) // 2)] for text in cells if len(text) <= _NAME]
    plain = max(map(_ems, parts), default=0)
    bold = max((_ems(word) * 1.1 for word in label.split()), default=0)
    broken = max(map(_ems, number.split("-")))
    longest = max(map(len, cells), default=0)
    return max(plain, bold), broken, max(min(longest, _LONG), len(label) / 3) * _EM


def _width(text: str, size: float) -> float:
    return _ems(text) * size / _MILLIMETRE


@lru_cache(maxsize=16384)
def _ems(text: str) -> float:
    """Return about how wide a text is in Times New Roman.

    >>> round(_ems("99,37%"), 2)
    3.08
    """
    return sum(0.72 if one.isupper() else _EMS.get(one, _EM) for one in text)


_EMS = dict.fromkeys("0123456789", 0.5) | dict.fromkeys(",. ", 0.25)
_EMS |= dict.fromkeys("+=<>≤≥−–", 0.57) | {"%": 0.83}
