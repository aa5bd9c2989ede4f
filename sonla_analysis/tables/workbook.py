"""A workbook's sheets, cell by cell, so that nothing is hidden and a sheet costs what it holds.

The readers of workbooks show an error, a formula without a stored value and a text that is not
there as an empty cell, and lay a sheet out up to its farthest cell (one at XFD100000 ends the
process). So its XML is read here. What cannot be data is refused before it is unpacked.
"""

import posixpath
import re
import zipfile
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from math import isfinite
from pathlib import Path
from xml.parsers import expat

from sonla_analysis.language.vietnamese import number_text
from sonla_analysis.tables.findings import DataError, Finding, unreadable

# no workbook of ours comes near: five dates of a province unpack to 125 MB, eleven to one
MOST_BYTES, _MOST_PARTS = 256 * 2**20, 2000
_MOST_RATIO, _SMALL = 100, 4 * 2**20
_LONGEST = 32_767  # letters in a cell: Excel's own limit, as are the last row and column
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
CELL = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")  # such as C12
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NOT_CODE = re.compile(r'"[^"]*"|\[[^]]*\]|\\.|_.|\*.')  # texts, colours, signs of a number format
_CAPITALS = re.compile(r"\.Vn.*H", re.IGNORECASE)  # a TCVN3 font whose small letters are capitals
_LARGE = 4 * 2**20  # bytes of a sheet from which the quick reader is worth its looking before
_HIDES = (b't="e"', b"<f>", b"<f ", b"<f/", b"_x", b"<mergeCell ", b'hidden="', b"<!DOCTYPE")
_FAR = re.compile(rb'"[A-Z]{3}\d')
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # workbooks before 2007, and those with a password


class Workbook:
    """An open workbook: `names` of its sheets, and `rows(name)`. To be used in a `with`."""

    def __init__(self, path: Path):
        self.path, self._package = path, None
        self._first_day = datetime(1899, 12, 30)
        with self._or_refused("not_a_workbook"):
            self._open()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._package.close()

    def rows(self, name: str, most: int = LAST_ROW) -> dict[int, dict[int, str]]:
        """Return a sheet's cells that hold something: row → column → text, counted from 1.

        The text is the one a CSV would have. Where Excel has no value it says what stands there
        and in which cell: `#REF! (schools!F4)`, `=A1+B1 (schools!F4)`, `#SST!999 (schools!F4)`.
        """
        return self.sheet(name, most).rows

    def sheet(self, name: str, most: int = LAST_ROW) -> "_Cells":
        """Return a sheet: `rows` as above, and how they are laid out.

        `merged` are its merged ranges (first row and column, last row and column, from 0),
        `hidden_rows` the rows not shown (from 1), `capitals` the cells (from 0) that a .VnTimeH
        font draws in capitals.
        """
        cells = _Cells(name, self._strings, self._dates, self._first_day, self._capitals)
        with self._or_refused("broken_workbook", name):
            self._read(self._parts[name], cells.start, cells.end, lambda: cells.row > most)
        return cells

    def is_plain(self, name: str) -> bool:
        """Return whether a sheet is large and holds nothing that other readers of workbooks hide.

        Nothing is hidden where it has no error, no formula, no cell far from the others, no
        escaped character, no letters drawn as capitals, no merged cells and no row hidden.
        """
        with self._or_refused("broken_workbook", name):
            part = self._files[self._parts[name].lower()]
            if part.file_size < _LARGE or self._capitals:
                return False
            content = self._package.read(part)
        last = re.match(rb'<row [^>]*?r="(\d+)"', content[content.rfind(b"<row ") :][:200])
        rows = int(last[1]) if last else _MOST_PARTS * LAST_ROW
        far = _FAR.search(content) or rows * 30 > 40 * content.count(b"<c ")
        return not far and not any(sign in content for sign in _HIDES)

    # --- what is refused before it is unpacked ---

    @contextmanager
    def _or_refused(self, rule: str, place: str = ""):
        try:
            yield
        except DataError:
            raise
        except MemoryError:
            raise self._refused("workbook_too_large") from None
        except Exception as error:  # a damaged file may break a reader at any place
            found = ", ".join(filter(None, [place, type(error).__name__]))
            raise self._refused(rule, found) from None

    def _refused(self, rule: str, found: str = "") -> DataError:
        return DataError([Finding(rule, str(self.path), found=found)])

    def _look_before(self, file) -> None:
        """Refuse by its true name what is no workbook of today, and a list of parts too long."""
        if file.read(8) == _OLE:
            locked = "EncryptedPackage".encode("utf-16-le") in file.read(2**24)
            raise self._refused("locked_workbook" if locked else "old_workbook")
        file.seek(max(0, file.seek(0, 2) - 66_000))
        _, found, end = file.read().rpartition(b"PK\5\6")  # the end of a zip file's list
        parts, listed = int.from_bytes(end[6:8], "little"), int.from_bytes(end[8:12], "little")
        if found and (parts > _MOST_PARTS or listed > 2**20):
            raise self._refused("workbook_too_large")

    def _look_inside(self, parts: list[zipfile.ZipInfo]) -> None:
        names = {one.filename.lower() for one in parts}
        if "xl/workbook.bin" in names or {"mimetype", "content.xml"} <= names:
            raise self._refused("old_workbook")
        whole = sum(one.file_size for one in parts), sum(one.compress_size for one in parts)
        sizes = [whole, *((one.file_size, one.compress_size) for one in parts)]
        if whole[0] > MOST_BYTES or any(
            size > max(_SMALL, packed * _MOST_RATIO) for size, packed in sizes
        ):
            raise self._refused("workbook_too_large")

    # --- the parts ---

    def _open(self) -> None:
        with self.path.open("rb") as file:
            self._look_before(file)
        self._package = zipfile.ZipFile(self.path)
        self._look_inside(self._package.infolist())
        self._files = {one.filename.lower(): one for one in self._package.infolist()}
        book = next(iter(self._targets("", "/officeDocument").values()))
        self.hidden = set()
        self._parts = self._sheets(book)
        self.names = list(self._parts)
        self._strings = self._shared_strings(book)
        self._dates, self._capitals = self._styles(book)

    def _read(self, part: str, start, end=None, enough=lambda: False) -> None:
        """Read one part; `start(name, attributes)`, `end(name, text)` are told of its elements."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        pieces = []

        def begins(name, attributes):
            pieces.clear()
            start(name.rpartition(" ")[2], attributes)

        def ends(name):
            if end:
                end(name.rpartition(" ")[2], "".join(pieces))
            pieces.clear()

        def text(piece):
            pieces.append(piece)
            if sum(map(len, pieces)) > _LONGEST:
                raise self._refused("workbook_too_large")

        def declares(*_):  # a workbook declares no entities
            raise self._refused("broken_workbook", "DOCTYPE")

        parser.StartElementHandler, parser.EndElementHandler = begins, ends
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, declares
        with self._package.open(self._files[part.lower()]) as stream:
            while (piece := stream.read(2**16)) and not enough():
                parser.Parse(piece)
            parser.Parse(b"", not enough())

    def _targets(self, part: str, kind: str) -> dict[str, str]:
        """Return the parts that a part refers to, by id: those whose kind ends so."""
        folder, name = posixpath.split(part)
        found = {}

        def start(name, attributes):
            if name == "Relationship" and attributes["Type"].endswith(kind):
                target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"]))
                found[attributes["Id"]] = target.lstrip("/")

        self._read(posixpath.join(folder, f"_rels/{name}.rels"), start)
        return found

    def _sheets(self, book: str) -> dict[str, str]:
        """Return the sheets' parts by name; what is no table of cells, a chart say, is none."""
        parts, found = self._targets(book, "/worksheet"), {}

        def start(name, attributes):
            if name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
                self._first_day = datetime(1904, 1, 1)
            elif name == "sheet":
                ids = {value for key, value in attributes.items() if key.endswith(" id")}
                if known := ids & set(parts):
                    found[attributes["name"]] = parts[known.pop()]
                    if attributes.get("state", "visible") != "visible":
                        self.hidden.add(attributes["name"])

        self._read(book, start)
        return found

    def _shared_strings(self, book: str) -> list[str]:
        strings, pieces, spoken = [], [], []

        def start(name, _):
            if name == "si":
                pieces.clear()
            elif name == "rPh":  # how a word is spoken, in Japanese
                spoken.append(name)

        def end(name, text):
            if name == "t" and not spoken:
                pieces.append(text)
            elif name == "rPh":
                spoken.clear()
            elif name == "si":
                strings.append(_unescaped("".join(pieces)))

        for part in self._targets(book, "/sharedStrings").values():
            self._read(part, start, end)
        return strings

    def _styles(self, book: str) -> tuple[set[int], set[int]]:
        """Return the styles that show a number as a date, and those that draw capitals."""
        formats, styles, fonts, inside = {}, [], [], []

        def start(name, attributes):
            if name == "numFmt":
                formats[int(attributes["numFmtId"])] = attributes["formatCode"]
            elif name in ("cellXfs", "fonts"):
                inside.append(name)
            elif name == "font" and inside == ["fonts"]:
                fonts.append("")
            elif name == "name" and inside == ["fonts"] and fonts:
                fonts[-1] = attributes.get("val", "")
            elif name == "xf" and inside == ["cellXfs"]:
                ids = (attributes.get("numFmtId", 0), attributes.get("fontId", 0))
                styles.append(tuple(map(int, ids)))

        def end(name, _):
            if name in ("cellXfs", "fonts"):
                inside.clear()

        for part in self._targets(book, "/styles").values():
            self._read(part, start, end)
        dates = {number for number, code in formats.items() if is_date_format(code)}
        dates |= _DATE_FORMATS.difference(formats)
        capital = {place for place, name in enumerate(fonts) if _CAPITALS.fullmatch(name)}
        return (
            {place for place, (number, _) in enumerate(styles) if number in dates},
            {place for place, (_, font) in enumerate(styles) if font in capital},
        )


class _Cells:
    """The cells of one sheet, collected while its XML is read."""

    def __init__(self, sheet: str, strings: list[str], dates: set[int], first_day, capitals=()):
        self.sheet, self.strings, self.dates, self.first_day = sheet, strings, dates, first_day
        self.rows, self.row, self.column, self.letters = {}, 0, 0, 0
        self.merged, self.hidden_rows, self.capitals, self._drawn = [], [], set(), set(capitals)

    def start(self, name: str, attributes: dict) -> None:
        if name == "c":
            self.attributes, self.value, self.formula, self.inline = attributes, None, None, []
            self.column += 1
            if place := attributes.get("r"):
                letters, row = CELL.fullmatch(place).groups()
                self.row, self.column = int(row), _column_number(letters)
            if self.row > LAST_ROW or self.column > LAST_COLUMN:
                raise ValueError(place)
        elif name == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
            if attributes.get("hidden") in ("1", "true"):
                self.hidden_rows.append(self.row)
        elif name == "mergeCell":
            first, _, last = attributes["ref"].partition(":")
            corners = [CELL.fullmatch(corner).groups() for corner in (first, last or first)]
            (left, top), (right, bottom) = corners
            columns = _column_number(left) - 1, _column_number(right) - 1
            self.merged.append((int(top) - 1, columns[0], int(bottom) - 1, columns[1]))

    def end(self, name: str, text: str) -> None:
        if name == "v":
            self.value = text
        elif name == "f":
            self.formula = text
        elif name == "t":
            self.inline.append(text)
        elif name == "c" and (text := self.text()):
            self.letters += len(text)
            if self.letters > MOST_BYTES:
                raise MemoryError
            if self.column in (cells := self.rows.setdefault(self.row, {})):
                raise ValueError(self.column)
            cells[self.column] = text
            if self._drawn and int(self.attributes.get("s", 0)) in self._drawn:
                self.capitals.add((self.row - 1, self.column - 1))

    def text(self) -> str:
        """Return what the cell at hand holds, as the text it would be in a CSV."""
        kind, value = self.attributes.get("t", "n"), self.value
        if kind == "inlineStr":
            return _unescaped("".join(self.inline))
        if not value and self.formula is not None and (kind != "str" or value is None):
            return self.here(f"={self.formula}")
        if not value:
            return ""
        if kind == "s":
            known = value.isdecimal() and int(value) < len(self.strings)
            return self.strings[int(value)] if known else self.here(f"#SST!{value}")
        if kind == "b":
            return {"1": "true", "0": "false"}.get(value, value)
        if kind == "e":
            return self.here(value if unreadable(value) == "excel_error" else "#ERROR!")
        return _unescaped(value) if kind == "str" else self.number(value)

    def here(self, found: str) -> str:
        return f"{found} ({self.sheet}!{column_letters(self.column)}{self.row})"

    def number(self, value: str) -> str:
        try:
            number = float(value)
        except ValueError:
            return value.removesuffix("T00:00:00")  # a date as text
        if not isfinite(number):
            return self.here("#NUM!")
        if int(self.attributes.get("s", 0)) not in self.dates or not 0 <= number < 2_958_466:
            return number_text(number)
        shift = number < 60 and self.first_day.year < 1900  # 1900 had no 29 February
        day = self.first_day + timedelta(days=int(number) + shift)
        moment = day + timedelta(seconds=round(number % 1 * 86_400))
        return moment.isoformat().removesuffix("T00:00:00")


def column_letters(column: int) -> str:
    """Return a column's letters as Excel shows them.

    >>> column_letters(1), column_letters(28), column_letters(16_384)
    ('A', 'AB', 'XFD')
    """
    letters = ""
    while column:
        column, place = divmod(column - 1, 26)
        letters = chr(65 + place) + letters
    return letters


@cache
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def is_date_format(code: str) -> bool:
    """Return whether a number format shows a date or a time.

    >>> is_date_format("dd/mm/yyyy"), is_date_format('#,##0" đồng (d)"'), is_date_format("General")
    (True, False, False)
    """
    return re.search("[dmyhs]", _NOT_CODE.sub("", code), re.IGNORECASE) is not None


def _unescaped(text: str) -> str:
    """Return a text whose control characters Excel wrote as `_x000D_`."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda code: chr(int(code[1], 16)), text)
