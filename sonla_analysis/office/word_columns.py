"""How wide the columns of a table are in Word, and how large its letters; lengths in millimetres.

Word lays out fixed columns as they are told, the same in every program; how much room a text needs
is estimated from the number of its letters.
"""

from math import ceil

from sonla_analysis.sentences.table import Table

_LETTER, _BROAD = 0.44, 0.52  # width of a letter in its size: in running text; in a word
_SHORT, _NAME, _LONG = 10, 24, 60  # letters: kept on one line, on two; more ask for no more room
_POINT = 25.4 / 72
_PADDING = 3.0  # of a cell, not text
_SIZES = (12, 11, 10, 9, 8)  # points
_MANY = 6  # with more columns letters are 11 points at most


def letter_size(table: Table, room: float, depth: float = 0) -> int:
    """Return the largest size of letters, in points, at which no word breaks.

    With a `depth` (of a page) also a size, not below 9, at which all rows fit on it.
    """
    sizes = _SIZES[1:] if len(table.columns) > _MANY else _SIZES
    wide = [size for size in sizes if sum(_leasts(table, size)) <= room] or _SIZES[-1:]
    short = [size for size in wide if size >= 9 and height(table, room, size) <= depth]
    return (short or wide)[0]


def widths(table: Table, room: float, size: float) -> list[float]:
    """Return the columns' widths, together `room`.

    Every column holds its longest word; what is left goes to the columns with the most text.
    """
    least = _leasts(table, size)
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


def _lines(texts: list[str], columns: list[float], size: float) -> int:
    """Return on about how many lines a row's texts stand in columns of these widths."""
    return max(
        ceil(len(text) * _LETTER * size * _POINT / max(room - _PADDING, 1) - 0.05) or 1
        for text, room in zip(texts, columns, strict=True)
    )


def _leasts(table: Table, size: float) -> list[float]:
    """Return the columns' widths below which something breaks that must not.

    That is words, short cells, names on two lines, the parts of a form's column number.
    """
    leasts = []
    for at, column in enumerate(table.columns):
        cells = {row[at] for row in table.texts}
        parts = [word for text in (column.label, *cells) for word in text.split()]
        parts += [text for text in cells if len(text) <= _SHORT or _is_name(text, column.key)]
        parts += [text[: -(-len(text) // 2)] for text in cells if len(text) <= _NAME]
        longest = max(map(len, parts), default=0)
        longest = max(longest, 3)  # "TT" is as broad
        if table.numbers:  # in smaller letters
            longest = max(longest, 0.9 * max(map(len, table.numbers[at].split("-"))))
        leasts.append(_PADDING + longest * _BROAD * size * _POINT)
    return leasts


def _is_name(text: str, key: str) -> bool:
    return key == "unit_name" and len(text) <= _NAME


def _wishes(table: Table, size: float) -> list[float]:
    """Return the widths at which a cell stands on one line, a label on about three."""
    longest = [max(map(len, texts), default=0) for texts in zip(*table.texts, strict=True)]
    return [
        _PADDING + max(min(cell, _LONG), len(column.label) / 3) * _LETTER * size * _POINT
        for cell, column in zip(longest or [0] * len(table.columns), table.columns, strict=True)
    ]
