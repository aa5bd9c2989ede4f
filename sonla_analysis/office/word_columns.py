"""How wide the columns of a table are in Word, and how large its letters; lengths in millimetres.

Word lays out fixed columns as they are told, the same in every program; how much room a text needs
is estimated from the number of its letters.
"""

import unicodedata
from functools import cache, lru_cache
from math import ceil

from sonla_analysis.sentences.table import Table

_LETTER = 0.44  # width of a letter of running text, in its size
_SHORT, _NAME, _LONG = 10, 24, 60  # letters: kept on one line, on two; more ask for no more room
_POINT = 25.4 / 72
_PADDING = 3.0  # of a cell, not text
_SIZES = (12, 11, 10, 9, 8)  # points
_MANY = 6  # with more columns letters are 11 points at most


def letter_size(table: Table, room: float, depth: float = 0, most: int = _SIZES[0]) -> int:
    """Return the largest size of letters, in points and not above `most`, that breaks no word.

    With a `depth` (of a page) also a size, not below 9, at which all rows fit on it.
    """
    most = min(most, 11) if len(table.columns) > _MANY else most
    sizes, asked = [size for size in _SIZES if size <= most], _asked(table)
    wide = [size for size in sizes if sum(_leasts(asked, size)) <= room] or _SIZES[-1:]
    short = [size for size in wide if size >= 9 and height(table, room, size) <= depth]
    return (short or wide)[0]


def shared_size(tables: list[Table], room: float, depth: float, used: float) -> int:
    """Return the largest size up to which tables one after the other take the fewest pages."""

    def pages(most: int) -> int:
        count, filled = 1, used
        for table in tables:
            high = height(table, room, letter_size(table, room, depth, most))
            count, filled = (count, filled + high) if filled + high <= depth else (count + 1, high)
        return count

    return min(_SIZES[:-1], key=lambda size: (pages(size), -size))


def widths(table: Table, room: float, size: float) -> list[float]:
    """Return the columns' widths, together `room`.

    Every column holds its longest word; what is left goes to the columns with the most text.
    """
    least = _leasts(_asked(table), size)
    wish = [max(pair) for pair in zip(least, _wishes(table, size), strict=True)]
    spare, longing = room - sum(least), sum(wish) - sum(least)
    share = min(max(spare, 0) / longing, 1) if longing > 0 else 0
    given = [low + (want - low) * share for low, want in zip(least, wish, strict=True)]
    return [one * room / sum(given) for one in given]


def height(table: Table, room: float, size: float) -> float:
    """Return about how high a table is, with its title and notes."""
    columns = widths(table, room, size)
    labels = [column.label for column in table.columns]
    lines = [_lines(labels, columns, 11) * 1.1 + bool(any(table.heads))]
    lines += [_lines(table.numbers, columns, 11)] if table.numbers else []
    lines += [_lines(row, columns, size) for row in table.texts]
    notes = sum(_lines([note], [room], 10) for note in table.notes)
    title = _lines([table.title], [room], 13)
    line = size * 1.17 * _POINT
    return sum(count * line + 0.9 for count in lines) + 4.4 + 5.6 * title + 4.8 * notes


def text_height(lines: list[str], room: float, size: float) -> float:
    """Return about how high paragraphs stand one below the other."""
    count = sum(_lines([line], [room], size) for line in lines)
    return count * size * 1.17 * _POINT + 0.8 * len(lines)


def _lines(texts: list[str], columns: list[float], size: float) -> int:
    """Return on about how many lines a row's texts stand in columns of these widths."""
    return max(
        ceil(len(text) * _LETTER * size * _POINT / max(room - _PADDING, 1) - 0.05) or 1
        for text, room in zip(texts, columns, strict=True)
    )


def _leasts(asked: list[float], size: float) -> list[float]:
    """Return the columns' widths below which something breaks that must not."""
    return [_PADDING + one * size * _POINT for one in asked]


def _asked(table: Table) -> list[float]:
    """Return how wide, by the size of letters, what must not break is in each column.

    That is words, short cells, names on two lines, the parts of a form's column number.
    """
    asked = []
    for at, column in enumerate(table.columns):
        cells = {row[at] for row in table.texts}
        parts = [word for text in (column.label, *cells) for word in text.split()]
        parts += [text for text in cells if len(text) <= _SHORT or _is_name(text, column.key)]
        longest = max(map(_ems, parts), default=0)
        halves = max((_ems(text) / 2 for text in cells if len(text) <= _NAME), default=0)
        longest = max(longest, halves + 0.5, _ems("TT"))
        if table.numbers:  # in smaller letters
            longest = max(longest, 0.9 * max(map(_ems, table.numbers[at].split("-"))))
        asked.append(longest)
    return asked


@lru_cache(maxsize=20_000)
def _ems(text: str) -> float:
    """Return how wide a text is in bold letters of Times, by their size."""
    return sum(map(_em, unicodedata.normalize("NFD", text)))


@cache
def _em(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.05 if letter == "\u031b" else 0.0  # the horn of ơ and ư
    return next((wide for wide, letters in _WIDE.items() if letter in letters), 0.56)


# widths of Times New Roman Bold; other letters 0.56
_WIDE = {
    0.28: " .,iljI|'",
    0.34: "ft:;!()[]/-–‑",
    0.45: "ercsz",
    0.5: "0123456789agovxky",
    0.74: "ABCĐDEGHKLNOPQRTUVXYw&",
    0.84: "m",
    1.0: "MW%…",
}


def _is_name(text: str, key: str) -> bool:
    return key == "unit_name" and len(text) <= _NAME


def _wishes(table: Table, size: float) -> list[float]:
    """Return the widths at which a cell or a form's number stands on one line, a label on three."""
    longest = [max(map(len, texts), default=0) for texts in zip(*table.texts, strict=True)]
    longest = longest or [0] * len(table.columns)
    numbers = [_ems(text) for text in table.numbers] or [0.0] * len(table.columns)
    return [
        _PADDING
        + max(min(cell, _LONG) * _LETTER, len(column.label) / 3 * _LETTER, number) * size * _POINT
        for cell, column, number in zip(longest, table.columns, numbers, strict=True)
    ]
