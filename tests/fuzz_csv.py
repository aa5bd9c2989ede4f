"""A CSV file of the small city, damaged once: cells, header, lines, bytes, how it is written."""

import csv
import io
import random
import shutil
import sys
from pathlib import Path

import fuzz
from fuzz_oracle import KIND, Judgement, judge

TEXTS = [
    *("", " ", "-1", "1,5", "1.5", "1.250", "12.500", "1250.5", "1 250", "1e5", "0012", "12.0"),
    *("999999999999999", "9" * 16, "9" * 40, "9" * 5000, "inf", "nan", "NaN", "None", "null"),
    *("true", "TRUE", "False", "có", "Không", "co\u0301", "yes", "x", "1", "0", "2", "1.0", "٣"),
    *("2020-12-31", "2019-12-31", "2020-02-30", "2020-13-01", "31/12/2020", "12/31/2020"),
    *("2020-W53-4", "20201231", "2020-12-31 00:00:00", "2020-12-31T13:00", "44196", "0001-01-01"),
    *("2020-06-30", "9999-12-31", "2020-12-31\u200b", "03649", "3649", "03658 ", "116", "99999"),
    *("#REF!", "#N/A", "#DIV/0!", "=1+1", "=cmd|' /C calc'!A0", "+1", "@x", "'12", "12 hộ"),
    *(f"Lò Văn {fuzz.SECRET}", "không rõ", "…", "�", "\x07", "12\x07", "1\x002", "\u202e12"),
    *("a\nb", "a\r\nb", "12\n", "a,b", "a;b", 'a"b', '"', "\t", "\u00a0", "12\u00a0", "\ufeff12"),
    *("poor_income", "Poor_income", "near_poor", "poor", "hộ nghèo", "male", "nam", "urban"),
    *("x" * 300, "ộ" * 40000, "{{7*7}}", "<script>", "../../etc", "a\u0301\u0323" * 50, "😀"),
]
NAMES = ["ho_ten", "", "x", "as_of", "unit", "Ghi chú", "deprived_x", "unit ", "UNIT", "status"]


def case(seed: int, folder: Path) -> tuple[str, list[str]]:
    """Damage one file; return what was done and what is wrong with what came out."""
    rng = random.Random(f"csv {seed}")
    sound = fuzz.city(folder / "sound")
    table = rng.choice([*KIND, "households", "unit_counts"])
    text = (sound / f"{table}.csv").read_text(encoding="utf-8")
    damage = rng.choice(DAMAGES)
    content, judgement = damage(rng, table, text)
    what = f"csv {seed}: {damage.__name__.strip('_')} in {table}"
    damaged = folder / "damaged"
    shutil.copytree(sound, damaged, dirs_exist_ok=True)
    (damaged / f"{table}.csv").write_bytes(content)
    return what, fuzz.problems(damaged, table, judgement)


# --- what is done to a table as it is meant ------------------------------------------------


def _parsed(text: str, *, strict: bool = True) -> tuple[list[str], list[list[str]], list[int]]:
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(io.StringIO(text, newline=""), strict=strict)
    rows, lines, before = [], [], 0
    for row in reader:
        rows.append(row or [""])
        lines.append(before + 1)
        before = reader.line_num
    return rows[0], rows[1:], lines[1:]


def _written(header, rows, **dialect) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", **dialect).writerows([header, *rows])
    return text.getvalue()


def _judged(table: str, text: str, *, is_open: bool = False) -> Judgement:
    """Return what a table must come to that is written as an ordinary CSV file."""
    broken = False
    try:
        header, rows, lines = _parsed(text)
    except csv.Error:
        header, rows, lines = _parsed(text, strict=False)
        broken = is_open = True
    except IndexError:
        return Judgement({}, [], "nothing in the file")
    if broken and any("\n" in cell for row in rows for cell in row):
        return Judgement({}, [], "a quotation mark that does not close")
    dates = {"2019-12-31", "2020-12-31"}
    if table == "unit_counts":
        dates |= {row[0] for row in rows}
    return judge(table, header, rows, lines, fuzz.UNITS, dates, is_open=is_open)


def _meant(table: str, header, rows, *, is_open=False) -> tuple[bytes, Judgement]:
    text = _written(header, rows)
    return text.encode("utf-8"), _judged(table, text, is_open=is_open)


def cells(rng, table, text):
    """Replace one to three cells."""
    header, rows, _ = _parsed(text)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        row, column = rng.choice(rows), rng.randrange(len(header))
        row[column] = rng.choice(TEXTS) if rng.random() < 0.7 else _bent(rng, row[column])
    return _meant(table, header, rows)


def _bent(rng, cell: str) -> str:
    """Return a cell as a slip of the hand leaves it."""
    place = rng.randrange(len(cell) + 1)
    letter = rng.choice("0123456789.,;-/ xé\u200b\x01'")
    return rng.choice(
        [
            *(cell[:place] + letter + cell[place:], cell[:place] + cell[place + 1 :]),
            *(cell + letter, letter + cell, cell.upper(), cell[::-1], f" {cell} ", cell * 2),
        ]
    )


def column_of_texts(rng, table, text):
    """Replace a whole column by one text, or by its cells all bent alike."""
    header, rows, _ = _parsed(text)
    column, other, ending = rng.randrange(len(header)), rng.choice(TEXTS), rng.choice([".0", "x"])
    whole = rng.random() < 0.5
    for row in rows:
        row[column] = other if whole else row[column] + ending
    return _meant(table, header, rows)


def columns_in_another_order(rng, table, text):
    """Put the columns, headings and cells, into another order: nothing has changed."""
    header, rows, _ = _parsed(text)
    order = rng.sample(range(len(header)), len(header))
    return _meant(table, [header[n] for n in order], [[row[n] for n in order] for row in rows])


def column_renamed(rng, table, text):
    header, rows, _ = _parsed(text)
    column = rng.randrange(len(header))
    header[column] = rng.choice([rng.choice(NAMES), _bent(rng, header[column])])
    return _meant(table, header, rows)


def headings_swapped(rng, table, text):
    """Swap two headings above the same cells: found where the kinds of the cells tell it."""
    header, rows, _ = _parsed(text)
    one, other = rng.sample(range(len(header)), 2)
    header[one], header[other] = header[other], header[one]
    return _meant(table, header, rows)


def column_dropped(rng, table, text):
    header, rows, _ = _parsed(text)
    column = rng.randrange(len(header))
    for row in [header, *rows]:
        del row[column]
    return _meant(table, header, rows)


def column_doubled(rng, table, text):
    header, rows, _ = _parsed(text)
    column = rng.randrange(len(header))
    return _meant(table, [*header, header[column]], [[*row, row[column]] for row in rows])


def column_added(rng, table, text):
    header, rows, _ = _parsed(text)
    added = rng.choice(["ho_ten", "ghi_chu", "cccd", ""])
    return _meant(
        table, [*header, added], [[*row, f"Lò Văn {fuzz.SECRET}"] for row in rows], is_open=True
    )


def rows_moved(rng, table, text):
    header, rows, _ = _parsed(text)
    rng.shuffle(rows)
    return _meant(table, header, rows)


def row_doubled(rng, table, text):
    header, rows, _ = _parsed(text)
    return _meant(table, header, [*rows, rng.choice(rows)])


def blank_lines(rng, table, text):
    lines = text.splitlines(keepends=True)
    blank = ["\n", "  \n", "," * lines[0].count(",") + "\n"]
    for _ in range(rng.randint(1, 5)):
        lines.insert(rng.randrange(1, len(lines) + 1), rng.choice(blank))
    return "".join(lines).encode(), _judged(table, "".join(lines))


def nothing_but_the_header(rng, table, text):
    return _meant(table, _parsed(text)[0], [], is_open=True)


# --- what is done to a file's lines and bytes ----------------------------------------------


def _raw(table: str, content: bytes) -> tuple[bytes, Judgement]:
    """Return what damaged bytes must come to, after Python's own reader of CSV files."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content, Judgement({}, [], "not UTF-8")
    return content, _judged(table, text)


def bytes_flipped(rng, table, text):
    content = bytearray(text.encode())
    for _ in range(rng.choice([1, 1, 2, 8, 64])):
        place = rng.randrange(len(content))
        content[place] ^= 1 << rng.randrange(8)
    return _raw(table, bytes(content))


def bytes_inserted(rng, table, text):
    content = bytearray(text.encode())
    for _ in range(rng.choice([1, 1, 2, 5])):
        place = rng.randrange(len(content) + 1)
        content[place:place] = rng.choice([b"\0", b'"', b'"', b"\n", b"\r", b",", b";", b"\xff"])
    return _raw(table, bytes(content))


def cut_off(rng, table, text):
    content = text.encode()
    return _raw(table, content[: rng.choice([0, 1, 3, rng.randrange(len(content))])])


def lines_joined(rng, table, text):
    lines = text.split("\n")
    place = rng.randrange(len(lines) - 2)
    lines[place : place + 2] = [lines[place] + rng.choice(["", ",", " "]) + lines[place + 1]]
    return _raw(table, "\n".join(lines).encode())


def quotes_strewn(rng, table, text):
    """Put quotation marks at the beginning or end of cells."""
    letters = list(text)
    places = [place for place, letter in enumerate(letters) if letter in ",\n"]
    for place in rng.sample(places, rng.choice([1, 2, 2, 3])):
        letters[place] = rng.choice([letters[place] + '"', '"' + letters[place]])
    return _raw(table, "".join(letters).encode())


def part_written_twice(rng, table, text):
    content = text.encode()
    start = rng.randrange(len(content))
    end = min(len(content), start + rng.randrange(1, 400))
    return _raw(table, content[:end] + content[start:])


# --- how the same table may be written: read as it is meant, or refused --------------------


def _as_meant(table: str, text: str, content: bytes) -> tuple[bytes, Judgement]:
    return content, _judged(table, text, is_open=True)


def other_encoding(rng, table, text):
    name = rng.choice(["utf-16", "utf-16-le", "utf-32", "utf-7", "cp1252", "cp1258", "latin-1"])
    if name.startswith("utf"):
        return _as_meant(table, text, text.encode(name))
    return _raw(table, text.encode(name, "ignore"))


def other_line_ends(rng, table, text):
    end, is_open = rng.choice([("\r\n", False), ("\r", True), ("\n\n", False), ("\u2028", True)])
    content = text.replace("\n", end).encode()
    if is_open:
        return _as_meant(table, text, content)
    return content, _judged(table, content.decode())


def other_separator(rng, table, text):
    header, rows, _ = _parsed(text)
    separator = rng.choice([";", "\t", "|", ";", " "])
    written = _written(header, rows, delimiter=separator, quoting=rng.choice([0, 1]))
    first = rng.choice(["", "", f"sep={separator}\n"])
    return _as_meant(table, text, (first + written).encode())


def every_cell_quoted(rng, table, text):
    header, rows, _ = _parsed(text)
    return _written(header, rows, quoting=csv.QUOTE_ALL).encode(), _judged(table, text)


def lines_above_the_header(rng, table, text):
    above = rng.choice(["\n", "PHÒNG LĐ-TB&XH\n", ",,,\n", "\ufeff\ufeff", "Bảng 1,,,\n\n"])
    return _as_meant(table, text, (above + text).encode())


def unnamed_columns_at_the_end(rng, table, text):
    more = "," * rng.choice([1, 2, 9])
    return _as_meant(table, text, text.replace("\n", more + "\n").encode())


DAMAGES = [
    *(cells,) * 14,
    *(column_of_texts, columns_in_another_order, column_renamed, headings_swapped),
    *(column_dropped, column_doubled, column_added, rows_moved, row_doubled, blank_lines),
    *(nothing_but_the_header, bytes_flipped, bytes_flipped, bytes_inserted, bytes_inserted),
    *(cut_off, cut_off, lines_joined, quotes_strewn, quotes_strewn, part_written_twice),
    *(other_encoding, other_line_ends, other_separator, every_cell_quoted),
    *(lines_above_the_header, unnamed_columns_at_the_end),
]
