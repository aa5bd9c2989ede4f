"""The lines of a form and their cells: units, subtotals and totals, counts and rates as written."""

import re
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from importlib.resources import files

from sonla_analysis.definitions.toml_files import parsed
from sonla_analysis.intake.values import ungrouped
from sonla_analysis.language.vietnamese import nfc

_FILE = files("sonla_analysis") / "definitions/forms.toml"
_LONGEST_NAME = 60  # of a unit; a longer text without figures is a remark
_ROMAN = re.compile(r"(?=[IVX])X?(IX|IV|V?I{0,3})|[A-ZĐ]")
_DOTTED = re.compile(r"\d+(\.\d+)*")
_NUMBERED = re.compile(r"(\d+(?:\.\d+)*|[IVX]+)[.)] ?(\D.*)")  # "1. Xã A" in one cell


@dataclass(frozen=True)
class Cell:
    """A figure as it was sent: `value` is None where none was given or it cannot be read.

    A count is a whole number; a rate is exact, with the `decimals` that it was printed with.
    """

    text: str
    place: str
    row: int
    value: int | Fraction | None = None
    decimals: int = 0
    readable: bool = True


@dataclass
class Line:
    """A line of a form; `noun` is whom it counts, `parts` are the lines that add up to it.

    `level` is unit, subtotal, total, or part: of the line above it, not counted again.
    """

    unit: str
    level: str
    noun: str
    order: str
    cells: dict[str, Cell]
    parts: list["Line"] = field(default_factory=list, repr=False)


@cache
def definitions() -> dict:
    """Return what is known of the forms: words, the forms by kind, and what must be the same."""
    known = parsed(_FILE, "forms.toml")
    return known | {"form": {one["kind"]: one for one in known["form"]}}


def words(name: str) -> list[str]:
    """Return the words of a name.

    >>> words("rate")
    ['tỷ lệ', '%']
    """
    return definitions()["words"][name]


def plain(text: str) -> str:
    """Return a text as it is compared: small letters, one spelling of `tỷ lệ`.

    >>> plain("TỈ LỆ\\xa0 (%)")
    'tỷ lệ (%)'
    """
    return nfc(text).casefold().replace("tỉ lệ", "tỷ lệ")


def has(text: str, wanted: list[str]) -> bool:
    """Return whether a text holds one of the words."""
    return any(word in text for word in wanted)


def noun_of(text: str) -> str:
    """Return whom a heading counts: a person where it says so, also with `hộ` beside it.

    >>> noun_of("số nhân khẩu hộ nghèo"), noun_of("số hộ"), noun_of("hội đồng")
    ('person', 'household', '')
    """
    if has(text, ["khẩu", "người"]):
        return "person"
    return "household" if re.search(r"(?<!\w)hộ(?!\w)", text) else ""


# --- lines -------------------------------------------------------------------------------


def read_lines(kind: str, columns: dict[str, int], block, noun: str) -> list[Line]:
    """Return the lines under a form's headings; `noun` is whom they count if no column says it.

    `block` is where the form stands: sheet, last row of headings, end, column of the units.
    """
    nouns = next((at for at in block.columns if names_line(block, at)), None)
    lines = []
    heads = {tuple(block.sheet.cells[row]) for row in range(block.first, block.last + 1)}
    for row in range(block.last + 1, block.end):
        cells = block.sheet.cells[row]
        if any(map(_is_below, cells)):
            break
        if tuple(cells) in heads:  # printed again on the next page
            continue
        order, unit = _order_and_unit(cells, block.unit)
        who = noun if nouns is None else _line_noun(cells[nouns])
        if lines and who != lines[-1].noun and not (unit or order):
            order, unit = lines[-1].order, lines[-1].unit  # the second line of the same unit
        level = _level(order, unit)
        given = any(cells[at] for at in columns.values()) and (unit or order)
        silent = len(unit) <= _LONGEST_NAME and unit and (order or level == "subtotal")
        if who and (given or silent):
            lines.append(_line(kind, columns, block, row, (unit, level, who, order)))
    for who in ("household", "person"):
        _add_up([line for line in lines if line.noun == who])
    return lines


def _line(kind: str, columns: dict[str, int], block, row: int, what: tuple) -> Line:
    cells, sheet = {}, block.sheet
    for name, at in columns.items():
        read = rate_cell if is_rate(kind, name) else count_cell
        cells[name] = read(sheet.cells[row, at], sheet.place(row, at), row + 1)
    text = sheet.cells[row, block.unit]
    if text.startswith(("=", "#")):  # a link whose value is not stored
        cells["unit"] = Cell(text, sheet.place(row, block.unit), row + 1, readable=False)
    return Line(*what, cells)


def _order_and_unit(cells, unit: int) -> tuple[str, str]:
    """Return a line's order number and its unit; a name may stand in the column of the numbers."""
    number = nfc(cells[unit - 1]).rstrip(".") if unit else ""
    name = "" if cells[unit].startswith(("=", "#")) else nfc(cells[unit])
    if _DOTTED.fullmatch(number) or _ROMAN.fullmatch(number):
        return number, name
    name = name or nfc(" ".join(cells[:unit]))
    if numbered := _NUMBERED.fullmatch(name):
        return numbered[1], numbered[2]
    return "", name


def _is_below(text: str) -> bool:
    """Return whether a text stands under a form: remarks, who signs, place and date."""
    text = plain(text)
    day = "ngày" in text and "tháng" in text and "năm" in text
    return day or text.startswith(tuple(words("below")))


def names_line(block, at: int) -> bool:
    """Return whether a column says whom each line counts: Hộ, Nhân khẩu."""
    held = [text for text in block.sheet.cells[block.last + 1 : block.end, at] if text]
    return bool(held) and sum(map(bool, map(_line_noun, held))) * 2 > len(held)


def _line_noun(text: str) -> str:
    text = plain(text).strip(" -:")
    nouns = ("household", "person")
    return next((noun for noun in nouns if text in words(noun)), "")


def _level(order: str, unit: str) -> str:
    """Return what a line is: a total, a section's subtotal, or a unit.

    >>> _level("III", "Tổng cộng (I + II)"), _level("I", "Khu vực thành thị")
    ('total', 'subtotal')
    >>> _level("", "Cộng:"), _level("", "Cộng Hòa")
    ('total', 'unit')
    """
    text = plain(unit)
    if text.rstrip(" :.") in words("total") or _begins(unit, "total_begins"):
        return "total"
    if _ROMAN.fullmatch(order) or _begins(unit, "section_begins"):
        return "subtotal"
    return "part" if not order and _begins(unit, "part_begins") else "unit"


def _add_up(lines: list[Line]) -> None:
    """Give each total and subtotal the lines that add up to it."""
    _find_the_whole(lines)
    top, section, numbered = [], None, {}
    for at, line in enumerate(lines):
        if line.level == "total" and section and _closes(section, lines[at + 1 :]):
            line.level, line.parts = "subtotal", section.parts
            if not _says_something(section):
                top[top.index(section)] = line
            section = None
        elif line.level == "subtotal":
            top.append(line)
            section, numbered = line, {}
        elif line.level == "unit":
            above = numbered.get(line.order.rpartition(".")[0]) if "." in line.order else section
            (above.parts if above else top).append(line)
            numbered[line.order] = line
    for line in lines:
        line.level = "subtotal" if line.level == "unit" and line.parts else line.level
    top = [one for line in top for one in ([line] if _says_something(line) else line.parts)]
    totals = [line for line in lines if line.level == "total"]
    if not totals and len(top) == 1 and top[0].parts:
        top[0].level = "total"
    for line in totals:
        line.parts = top


def _closes(section: Line, following: list[Line]) -> bool:
    """Return whether a total is only that of its section: another section or total follows."""
    own = any(line.level in ("unit", "subtotal") for line in following)
    return own or (not _says_something(section) and bool(following))


def _find_the_whole(lines: list[Line]) -> None:
    """Make a line the total that alone names a whole area, without a number; several are sections.

    A town or district heads the communes under it; where all lines are such, they are the units.
    """
    areas = [one for one in lines if not one.order and _begins(one.unit, "area_begins")]
    if len(areas) == 1 and len(lines) > 2:
        areas[0].level = "total"
    elif any(one.order and one.level == "unit" for one in lines):
        for line in areas:
            line.level = "subtotal"


def _begins(unit: str, name: str) -> bool:
    return plain(unit).startswith(tuple(words(name)))


def _says_something(line: Line) -> bool:
    """Return whether a line has any figure; a section may be named only."""
    return line.level == "unit" or any(cell.text for cell in line.cells.values())


# --- cells ---------------------------------------------------------------------------


def is_rate(kind: str, name: str) -> bool:
    """Return whether a column of a kind of form holds rates."""
    form = definitions()["form"][kind]
    return name in form.get("rates", ()) or (form.get("as_rates", False) and name != "total")


def count_cell(text: str, place: str = "", row: int = 0) -> Cell:
    """Return a count as offices write it.

    >>> [count_cell(one).value for one in ("13.389", "02", "04 hộ", "2 510", "1,234", "12.0", "")]
    [13389, 2, 4, 2510, 1234, 12, None]
    >>> [count_cell(one).readable for one in ("–", "10.98", "khoảng 20", "#REF!", "-5")]
    [True, False, False, False, False]
    """
    bare = _bare(text)
    if bare in words("unknown") or not bare:
        return Cell(text, place, row)
    digits = re.sub(r"[.,]0{1,2}", "", bare) if re.fullmatch(r"\d*[.,]0{1,2}", bare) else bare
    digits = ungrouped(digits)
    if not re.fullmatch(r"[0-9]{0,15}", digits):
        return Cell(text, place, row, readable=False)
    return Cell(text, place, row, int(digits or 0))


def rate_cell(text: str, place: str = "", row: int = 0) -> Cell:
    """Return a rate as offices write it, exactly, with its decimals.

    >>> [float(rate_cell(one).value) for one in ("24,40", "10.47%", "0.7668", "5")]
    [24.4, 10.47, 0.7668, 5.0]
    >>> rate_cell("24,40").decimals, rate_cell("NaN%").value, rate_cell(">99,99").readable
    (2, None, True)
    """
    bare = _bare(text)
    undefined = re.sub(r" \(.*", "", plain(text)) in words("undefined")
    if bare in words("unknown") or not bare or undefined or re.fullmatch(r"[<>][\d,.]+", bare):
        return Cell(text, place, row)
    if not re.fullmatch(r"\d{1,15}([.,]\d{1,20})?(e-\d{1,2})?", bare):
        return Cell(text, place, row, readable=False)
    written, _, power = bare.replace(",", ".").partition("e-")
    decimals = len(written.partition(".")[2]) + int(power or 0)
    return Cell(text, place, row, Fraction(bare.replace(",", ".")), decimals)


def _bare(text: str) -> str:
    """Return a cell's text without the word or sign for what it counts."""
    bare = plain(text)
    for word in words("counted"):
        bare = bare.removesuffix(word).strip()
    return bare
