"""One table on a sheet, as offices lay it out and as it must print."""

import re
from datetime import datetime
from functools import cache
from itertools import count
from math import ceil

from sonla_analysis.language.phrases import has, phrase
from sonla_analysis.office.document import Document
from sonla_analysis.office.letterhead import Letterhead
from sonla_analysis.sentences import day, number
from sonla_analysis.sentences.table import Table

_TITLE, _HEAD, _DATA = 3, 5, 8  # rows from 0: title in A4, head from row 6, data from row 9
_WIDEST = 340  # pixels of a column; longer texts stand on several lines
_BROADER = 1.15  # letters of 12 points against those xlsxwriter measures
_LINE = 16.5  # points, with room for stacked accents
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
    "note": {"italic": True, "font_size": 11, "text_wrap": True},
    "wrapped": {"text_wrap": True},
    "head": {"bold": True, "align": "center", "text_wrap": True, "bg_color": "#EEF1F4"} | _BORDER,
    "number": {"italic": True, "align": "center", "font_size": 10, "text_wrap": True} | _BORDER,
    "cell": {"text_wrap": True} | _BORDER,
    "link": {"font_color": "#0B4F8A", "underline": 1} | _BORDER,
}


def new_workbook(file, document: Document, **properties):
    """Return an empty workbook, in which no text can become a formula or a link.

    Its date is the report's, not today's.
    """
    import xlsxwriter

    unsafe = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers")
    book = xlsxwriter.Workbook(file, {"in_memory": True} | dict.fromkeys(unsafe, False))
    when = datetime.fromisoformat(document.record.get("as_of", "2000-01-01"))
    book.set_properties({"title": document.title[:255], "created": when, **properties})
    return book


def mark_sheet(sheet, document: Document, *, before: str = "") -> None:
    """Let every printed page of a sheet say that it belongs to an internal edition, if it does."""
    if document.internal:
        sheet.set_header(f"{before}&R&B{document.internal}")


def sheet_name(title: str, language: str, taken, slug: str = "") -> str:
    """Return a sheet's name: that of its slug, else its title, as Excel allows it, used once.

    >>> sheet_name("A/B: [c]?", "vi", ["A B c"])
    'A B c 2'
    """
    known = phrase(f"sheet.{slug}", language) if has("sheet", slug) else title
    name = known or phrase("workbook.table", language)
    name = " ".join(re.sub(r"[\[\]:*?/\\']", " ", name).split())[:28].strip() or "1"
    used = {one.casefold() for one in taken}
    names = (f"{name} {number}" if number > 1 else name for number in count(1))
    return next(one for one in names if one.casefold() not in used)


class Formats:
    """The looks of a workbook's cells: by name, or `made` of what they have; each made once."""

    def __init__(self, book):
        self.made = cache(lambda **looks: book.add_format(_BASE | looks))

    def __getitem__(self, name: str):
        return self.made(**_LOOKS[name])


def write_table(
    book, formats: Formats, name: str, table: Table, document: Document, letterhead: Letterhead
) -> None:
    """Write a table on a sheet of its own, with the name of its slug for its cells."""
    from xlsxwriter.utility import xl_range_abs

    made = _TableSheet(book.add_worksheet(name), formats, table, letterhead)
    made.above(document)
    made.head()
    made.body(document.language)
    made.below()
    made.laid_out()
    mark_sheet(made.sheet, document, before="&C&P")
    if table.slug.replace("_", "").isalnum() and table.slug and table.texts:
        cells = xl_range_abs(_DATA, 0, _DATA + len(table.texts) - 1, made.last)
        book.define_name(f"sonla_{table.slug}", f"='{name}'!{cells}")


class _TableSheet:
    """A table being written on a sheet, from above; `last` is its last column."""

    def __init__(self, sheet, formats: Formats, table: Table, letterhead: Letterhead):
        self.sheet, self.formats, self.table, self.letterhead = sheet, formats, table, letterhead
        self.last, self.columns = max(len(table.columns) - 1, 1), _widths(table)
        self.end = _DATA + len(table.texts)  # the last row written
        for place, width in enumerate(self.columns):
            sheet.set_column_pixels(place, place, width, formats["text"])

    def across(self, row: int, first: int, last: int, text: str, look: str) -> None:
        """Write a text over several columns."""
        self.box((row, first, row, last), text, self.formats[look])

    def box(self, box: tuple[int, int, int, int], text: str, look) -> None:
        """Write a text into a box of cells (top, left, bottom, right); it is always a text."""
        if box[:2] != box[2:]:
            self.sheet.merge_range(*box, "", look)
        self.sheet.write_string(*box[:2], text, look)

    def above(self, document: Document) -> None:
        """Write what stands above the table: agency, motto, notice, title, date."""
        table, letterhead, last = self.table, self.letterhead, self.last
        middle = max(last // 2, 1)
        if table.is_form and last > 2:
            self.across(0, 0, middle - 1, letterhead.agency[0], "centred")
            self.across(1, 0, middle - 1, " ".join(letterhead.agency[1:]), "heading")
            self.across(0, middle, last, letterhead.word("country"), "heading")
            self.across(1, middle, last, letterhead.word("motto"), "heading")
        notices = (letterhead.internal, letterhead.synthetic)
        if notice := ". ".join(one for one in notices if one):
            self.sheet.write_string(2, 0, notice, self.formats["notice"])
        title = table.title.upper() if table.is_form else table.caption
        self.across(_TITLE, 0, last, title, "table_title")
        self.sheet.set_row(_TITLE, 40 if len(title) > 90 else 22)
        if document.record:
            date = day(document.record["as_of"], document.language)
            text = phrase("workbook.as_of", document.language, date=date)
            self.across(_TITLE + 1, 0, last, text, "italic")

    def head(self) -> None:
        """Write the head over two rows and the form's column numbers in the third."""
        rows, numbers = self.table.head_rows(), self.table.numbers
        for down, row in enumerate(rows):
            for one in filter(lambda one: one.rows, row):
                first, right = _HEAD + down, one.place + one.columns - 1
                below = first + (1 if len(rows) == 1 else one.rows - 1)
                self.box((first, one.place, below, right), one.text, self.formats["head"])
        for place, text in enumerate(numbers or [""] * len(self.columns)):
            self.sheet.write_string(_HEAD + 2, place, text, self.formats["number"])
        for down, lines in enumerate(_head_lines(rows, self.columns)):
            self.sheet.set_row(_HEAD + down, 6 + _LINE * lines)
        longest = max(map(len, numbers), default=0)
        self.sheet.set_row(_HEAD + 2, 4 if not longest else 28 if longest > 10 else 17)

    def body(self, language: str) -> None:
        """Write the rows; as the forms of movement have it, a unit's name stands over its lines."""
        table, columns = self.table, self.table.columns
        spans = table.spans() if table.is_form else [[1] * len(columns)] * len(table.texts)
        lines = zip(table.rows, table.texts, spans, strict=True)
        for row, (raw, texts, spans) in enumerate(lines, start=_DATA):
            cells = zip(columns, raw, texts, spans, strict=True)
            for at, (column, value, text, rows) in enumerate(cells):
                pattern = number_format(value, text, language)
                looks = {"align": column.side, "text_wrap": True} | _BORDER
                looks |= {"bold": row - _DATA in table.totals}
                looks |= {"num_format": pattern} if pattern else {}
                looks["indent"] = 0 if column.side == "center" else 1
                look = self.formats.made(**looks)
                if pattern and rows == 1:
                    self.sheet.write_number(row, at, value, look)
                elif rows:
                    self.box((row, at, row + rows - 1, at), text, look)
            self.sheet.set_row(row, 1 + _LINE * max(map(lines_of, texts, self.columns)))

    def below(self) -> None:
        """Write notes and, under a form, who prepared and who signs it."""
        for note in self.table.notes:
            self.across(self.end, 0, self.last, note, "note")
            self.sheet.set_row(self.end, _LINE * lines_of(note, sum(self.columns)))
            self.end += 1
        if not self.table.is_form or self.last < 4:
            return
        letterhead, row, middle = self.letterhead, self.end, max(self.last // 2, 1) + 1
        prepared = phrase("workbook.prepared", letterhead.language)
        self.across(row + 1, middle, self.last, letterhead.place_and_date, "italic")
        self.across(row + 2, 0, middle - 2, prepared, "heading")
        self.across(row + 2, middle, self.last, letterhead.on_behalf, "heading")
        self.across(row + 3, middle, self.last, letterhead.position, "heading")
        self.across(row + 8, middle, self.last, letterhead.signer, "heading")
        self.end = row + 8

    def laid_out(self) -> None:
        """Set A4, one page wide, the head on every page, frozen on the screen."""
        sheet = self.sheet
        sheet.set_paper(9)
        if self.table.is_landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 1 if len(self.table.texts) <= _ONE_PAGE else 0)
        sheet.set_margins(left=0.79, right=0.59, top=0.79, bottom=0.79)
        sheet.center_horizontally()
        sheet.repeat_rows(_HEAD, _DATA - 1)
        sheet.print_area(0, 0, self.end, self.last)
        sheet.set_header("&C&P")
        sheet.freeze_panes(_DATA, 2)
        sheet.hide_gridlines(2)


def _widths(table: Table) -> list[int]:
    """Return the columns' widths in pixels: of the longest text; labels may take three lines."""
    widths = []
    for at, column in enumerate(table.columns):
        texts = {row[at] for row in table.texts} | set(column.label.split())
        texts |= {text[: len(text) // 2 + 1] for text in table.numbers[at : at + 1]}
        widest = max(max(map(_pixels, texts)), _pixels(column.label) / 3)
        widths.append(min(round(widest), _WIDEST))
    return widths


def _pixels(text: str) -> float:
    """Return the width of a text with its cell's margins, as xlsxwriter fits columns to it."""
    from xlsxwriter.utility import cell_autofit_width

    return cell_autofit_width(text) * _BROADER


def lines_of(text: str, width: float) -> int:
    """Return how many lines a text needs in a column so many pixels wide."""
    return ceil(_pixels(text) / width - 0.05) or 1


def _head_lines(rows: list[list], columns: list[int]) -> tuple[int, int]:
    """Return how many lines the two rows of a head need; what goes over both needs their sum."""

    def lines(one) -> int:
        return lines_of(one.text, 0.9 * sum(columns[one.place : one.place + one.columns]))

    if len(rows) == 1:
        tall = max(map(lines, rows[0]), default=1)
        return ceil(tall / 2), tall // 2 or 1
    upper = max((lines(one) for one in rows[0] if one.rows == 1), default=1)
    lower = max((lines(one) for one in rows[1] if one.rows == 1), default=1)
    tall = max((lines(one) for one in rows[0] if one.rows == 2), default=1)
    return upper, max(lower, tall - upper)


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
