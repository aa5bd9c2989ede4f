"""One table on a sheet, as offices lay it out and as it must print."""

from sonla_analysis.language.phrases import phrase
from sonla_analysis.office.columns import (
    LANDSCAPE,
    Head,
    head_rows,
    least_room,
    line_count,
    merged_down,
    widths,
)
from sonla_analysis.office.document import Document, Grid
from sonla_analysis.office.office import Frame
from sonla_analysis.sentences import day, number

SAFE = {  # what a workbook is made with: no text can become a formula or a link
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_TITLE, _HEAD, _DATA = 3, 5, 8  # rows from 0: title in A4, head from row 6, data from row 9
_LETTERS = 1.9  # millimetres of a letter, the unit of Excel's column widths
_ROOM = {True: 257, False: 170}  # millimetres of A4 between the margins, on its side and upright
_ONE_PAGE = 40  # rows: so many are printed on one page
_BASE = {"font_name": "Times New Roman", "font_size": 12, "valign": "vcenter"}
_BORDER = {"border": 1}
_LOOKS = {
    "text": {},
    "bold": {"bold": True},
    "title": {"bold": True, "font_size": 14},
    "centred": {"align": "center"},
    "heading": {"bold": True, "align": "center"},
    "table_title": {"bold": True, "font_size": 14, "align": "center", "text_wrap": True},
    "italic": {"italic": True, "align": "center"},
    "notice": {"bold": True, "font_color": "#9C0006"},
    "note": {"italic": True, "font_size": 11},
    "wrapped": {"text_wrap": True},
    "head": {"bold": True, "align": "center", "text_wrap": True, "bg_color": "#EEF1F4"} | _BORDER,
    "number": {"italic": True, "align": "center", "font_size": 10, "text_wrap": True} | _BORDER,
    "cell": {"text_wrap": True} | _BORDER,
    "link": {"font_color": "#0B4F8A", "underline": 1} | _BORDER,
}


class Formats:
    """The looks of a workbook's cells, each made once."""

    def __init__(self, book):
        self._book = book
        self._made = {}

    def __getitem__(self, name: str):
        return self.made(**_LOOKS[name])

    def made(self, **looks):
        """Return the format of these looks."""
        key = tuple(sorted(looks.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(_BASE | looks)
        return self._made[key]


def write_table(
    book, formats: Formats, name: str, grid: Grid, document: Document, frame: Frame
) -> None:
    """Write a table on a sheet of its own, with the name of its slug for its cells."""
    sheet = book.add_worksheet(name)
    across, last = len(grid.columns) > LANDSCAPE, max(len(grid.columns) - 1, 1)
    columns = widths(grid, max(_ROOM[across], least_room(grid, 12)), 12)
    for place, width in enumerate(columns):
        sheet.set_column(place, place, width / _LETTERS, formats["text"])
    _frame(sheet, formats, grid, document, frame, last)
    _head(sheet, formats, grid, columns)
    end = _body(sheet, formats, grid, columns, document.language)
    end = _below(sheet, formats, grid, frame, end, last)
    _print(sheet, across, end, last, 1 if len(grid.texts) <= _ONE_PAGE else 0)
    if grid.slug.replace("_", "").isalnum() and grid.slug and grid.texts:
        cells = f"='{name}'!$A${_DATA + 1}:${_letters(last)}${_DATA + len(grid.texts)}"
        book.define_name(f"sonla_{grid.slug}", cells)


def _frame(
    sheet, formats: Formats, grid: Grid, document: Document, frame: Frame, last: int
) -> None:
    """Write what stands above the table: agency, motto, notice, title, date."""
    middle = max(last // 2, 1)
    if grid.numbers and last > 2:
        _across(sheet, 0, 0, middle - 1, frame.agency[0], formats["centred"])
        _across(sheet, 1, 0, middle - 1, " ".join(frame.agency[1:]), formats["heading"])
        _across(sheet, 0, middle, last, frame.word("country"), formats["heading"])
        _across(sheet, 1, middle, last, frame.word("motto"), formats["heading"])
    if frame.synthetic:
        sheet.write_string(2, 0, frame.synthetic, formats["notice"])
    title = grid.title.upper() if grid.numbers else grid.title
    _across(sheet, _TITLE, 0, last, title, formats["table_title"])
    sheet.set_row(_TITLE, 40 if len(title) > 90 else 22)
    if document.record:
        date = day(document.record["as_of"], document.language)
        text = phrase("workbook.as_of", document.language, date=date)
        _across(sheet, _TITLE + 1, 0, last, text, formats["italic"])


def _across(sheet, row: int, first: int, last: int, text: str, look) -> None:
    """Write a text over several columns; it is always a text."""
    if first < last:
        sheet.merge_range(row, first, row, last, "", look)
    sheet.write_string(row, first, text, look)


def _head(sheet, formats: Formats, grid: Grid, columns: list[float]) -> None:
    """Write the head over two rows and the form's column numbers in the third."""
    rows, look = head_rows(grid), formats["head"]
    tall = 2 if len(rows) == 1 else 1
    for down, row in enumerate(rows):
        for one in row:
            first, below = _HEAD + down, _HEAD + down + max(one.rows, tall) - 1
            right = one.place + one.columns - 1
            if below > first or right > one.place:
                sheet.merge_range(first, one.place, below, right, "", look)
            sheet.write_string(first, one.place, one.text, look)
    for place, text in enumerate(grid.numbers or [""] * len(grid.columns)):
        sheet.write_string(_HEAD + 2, place, text, formats["number"])
    for down, lines in enumerate(_head_lines(rows, columns)):
        sheet.set_row(_HEAD + down, 6 + 16.5 * lines)
    longest = max(map(len, grid.numbers), default=0)
    sheet.set_row(_HEAD + 2, 4 if not longest else 28 if longest > 10 else 17)


def _head_lines(rows: list[list[Head]], columns: list[float]) -> tuple[int, int]:
    """Return how many lines the two rows of a head need; what goes over both needs their sum."""
    upper, lower = [1], [1]
    tall = 1
    for one in [one for row in rows for one in row]:
        width = sum(columns[one.place : one.place + one.columns])
        lines = line_count([one.text], [width * 0.9], 12)
        if one.rows == 2 or len(rows) == 1:
            tall = max(tall, lines)
        else:
            (upper if one in rows[0] else lower).append(lines)
    return max(upper), max(*lower, tall - max(upper))


def _body(sheet, formats: Formats, grid: Grid, columns: list[float], language: str) -> int:
    """Write the rows; return the first free one."""
    for place, (raw, texts) in enumerate(zip(grid.rows, grid.texts, strict=True)):
        bold = place in grid.totals
        for at, (value, text, column) in enumerate(zip(raw, texts, grid.columns, strict=True)):
            pattern = number_format(value, text, language)
            side = "center" if column["key"] == "order" else column["align"]
            looks = {"align": side, "text_wrap": True, "bold": bold} | _BORDER
            looks["indent"] = 0 if side == "center" else 1
            look = formats.made(**looks, **({"num_format": pattern} if pattern else {}))
            if pattern:
                sheet.write_number(_DATA + place, at, value, look)
            else:
                sheet.write_string(_DATA + place, at, text, look)
        lines = line_count(texts, columns, 12)
        sheet.set_row(_DATA + place, 1 + 16.5 * lines)  # room for stacked accents
    _merge_pairs(sheet, formats, grid)
    return _DATA + len(grid.texts)


def _merge_pairs(sheet, formats: Formats, grid: Grid) -> None:
    """Merge a unit's name over its two lines, as the forms of movement have it."""
    if not grid.numbers:
        return
    for place in range(1, len(grid.texts)):
        for at in range(2):
            if merged_down(grid, place, at):
                side = "center" if at == 0 else "left"
                bold = place in grid.totals
                looks = {"align": side, "text_wrap": True, "bold": bold, "indent": at}
                look = formats.made(**looks, **_BORDER)
                sheet.merge_range(_DATA + place - 1, at, _DATA + place, at, "", look)
                sheet.write_string(_DATA + place - 1, at, grid.texts[place][at], look)


def number_format(value, text: str, language: str) -> str:
    """Return the number format that prints a value as its text; empty when none does.

    >>> number_format(0.77, "0,77%", "vi"), number_format(1304, "1.304", "vi")
    ('#,##0.00"%"', '#,##0')
    >>> number_format(99.999, ">99,99%", "vi"), number_format(None, "…", "vi")
    ('', '')
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    sign = "%" if text.endswith("%") else ""
    for decimals in (0, 1, 2):
        if number(value, language, decimals) + sign == text:
            return "#,##0" + ("." + "0" * decimals if decimals else "") + ('"%"' if sign else "")
    return ""


def _below(sheet, formats: Formats, grid: Grid, frame: Frame, row: int, last: int) -> int:
    """Write notes and, under a form, who prepared and who signs it; return the last row."""
    for note in grid.notes:
        sheet.write_string(row, 0, note, formats["note"])
        row += 1
    if not grid.numbers or last < 4:
        return row
    middle = max(last // 2, 1) + 1
    _across(sheet, row + 1, middle, last, frame.place_and_date, formats["italic"])
    _across(
        sheet,
        row + 2,
        0,
        middle - 2,
        phrase("workbook.prepared", frame.language),
        formats["heading"],
    )
    _across(sheet, row + 2, middle, last, frame.on_behalf, formats["heading"])
    _across(sheet, row + 3, middle, last, frame.position, formats["heading"])
    _across(sheet, row + 8, middle, last, frame.signer, formats["heading"])
    return row + 8


def _print(sheet, across: bool, end: int, last: int, pages: int) -> None:
    """Set A4, one page wide, the head on every page, frozen on the screen."""
    sheet.set_paper(9)
    if across:
        sheet.set_landscape()
    sheet.fit_to_pages(1, pages)
    sheet.set_margins(left=0.79, right=0.59, top=0.79, bottom=0.79)
    sheet.center_horizontally()
    sheet.repeat_rows(_HEAD, _DATA - 1)
    sheet.print_area(0, 0, end, last)
    sheet.set_header("&C&P")
    sheet.freeze_panes(_DATA, 2)
    sheet.hide_gridlines(2)


def _letters(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return xl_col_to_name(column)
