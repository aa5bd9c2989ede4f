"""The work list of a unit as a workbook: all open targets, then one sheet for each, to tick off.

For internal use, and every sheet and printed page says so: it has household numbers. No text can
become a formula or a link.
"""

import io

import pandas as pd

from sonla_analysis.indicators.to_reach import NAMED, PARTS, counts_against
from sonla_analysis.language.phrases import phrase
from sonla_analysis.office.blocks import clean
from sonla_analysis.office.document import Document, roman
from sonla_analysis.office.worksheet import Formats, lines_of, new_workbook, sheet_name
from sonla_analysis.sentences import (
    day,
    figure,
    has_value,
    left,
    name_of,
    number,
    status_text,
    value_text,
)
from sonla_analysis.sentences import target as target_text
from sonla_analysis.sentences.statements import area_words
from sonla_analysis.sentences.worklist import (
    Task,
    is_corrected,
    missing_text,
    need,
    part_title,
    where_text,
)

_NOTES = ("use", "blank", "data", "privacy")
# pixels of the columns; together as wide as A4 on its side
_SUMMARY = {"number": 45, "short": 165, "target": 90, "result": 200, "status": 95, "left": 215}
_SUMMARY |= {"to_reach": 65, "blank": 80, "where": 165}
_LIST = {"order": 45, "village": 150, "household": 130, "person": 65, "name": 330}
_LIST |= {"lacks": 450, "done": 65, "remarks": 230}
_ALWAYS = ("order", "lacks", "done", "remarks")
_CENTRED = ("order", "number", "to_reach", "blank", "person", "done")
_LINE = 16.5  # points
_WARNED = {"bold": True, "font_color": "#9C0006", "text_wrap": True}
_BAND = {"bold": True, "bg_color": "#EEF1F4", "border": 1, "text_wrap": True, "indent": 1}
_LINK = {"font_color": "#0B4F8A", "underline": 1, "border": 1, "text_wrap": True, "indent": 1}


def workbook_bytes(review, tasks: list[Task]) -> bytes:
    """Return the workbook of a unit's tasks; the same bytes for the same data."""
    file, language = io.BytesIO(), review.language
    title = phrase("worklist.title", language, unit=_unit(review))
    record = {"as_of": review.as_of, "language": language}
    internal = phrase("worklist.footer", language)
    book = new_workbook(file, Document(record, [], [], clean(title)), comments=internal)
    formats, first = Formats(book), phrase("worklist.first", language)
    listed = _sheets([one.indicator for one in tasks if one.is_listed], first, language)
    _summary(_Sheet(book, formats, first, _SUMMARY, review), title, tasks, listed, review)
    for task in (one for one in tasks if one.is_listed):
        widths = {key: width for key, width in _LIST.items() if key in (*_ALWAYS, *task.rows)}
        _list(_Sheet(book, formats, listed[task.indicator.id], widths, review), task, review)
    book.close()
    return file.getvalue()


def _sheets(indicators, first: str, language: str) -> dict[str, str]:
    """Return the name of each target's sheet, by the indicator's id."""
    names = {"": first}
    for one in indicators:
        names[one.id] = sheet_name(f"{one.number} {one.short[language]}", language, names.values())
    return names


def _unit(review) -> str:
    return name_of(review, review.unit)


class _Sheet:
    """A sheet that is written from the top; it begins with what it is: internal, synthetic."""

    def __init__(self, book, formats: Formats, name: str, widths: dict[str, int], review):
        self.formats, self.widths, self.row = formats, widths, 0
        self.page = book.add_worksheet(name)
        for place, width in enumerate(widths.values()):
            self.page.set_column_pixels(place, place, width)
        self.across(phrase("worklist.internal", review.language), **_WARNED)
        if review.synthetic:
            self.across(phrase("mark.synthetic", review.language), **_WARNED)

    def across(self, text: str, **looks) -> None:
        """Write a text over all columns, as high as it needs."""
        look, text = self.formats.made(**looks), clean(text)
        self.page.merge_range(self.row, 0, self.row, len(self.widths) - 1, "", look)
        self.page.write_string(self.row, 0, text, look)
        size = looks.get("font_size", 12) / 12
        lines = lines_of(text, sum(self.widths.values()) / size)
        self.page.set_row(self.row, 2 + _LINE * size * lines)
        self.row += 1

    def line(self, texts: list[str], **looks) -> None:
        """Write a text in each column."""
        texts = list(map(clean, texts))
        for place, (key, text) in enumerate(zip(self.widths, texts, strict=True)):
            side = {"align": "center"} if looks or key in _CENTRED else {"indent": 1}
            look = self.formats.made(**{"border": 1, "text_wrap": True} | side | looks)
            self.page.write_string(self.row, place, text, look)
        self.page.set_row(self.row, 5 + _LINE * max(map(lines_of, texts, self.widths.values())))
        self.row += 1

    def head(self, language: str, **others: str) -> None:
        """Write the columns' names, repeated on every printed page; set A4, one page wide."""
        keys = [others.get(key, key) for key in self.widths]
        names = [phrase(f"worklist_column.{key}", language) for key in keys]
        self.line(names, bold=True, bg_color="#EEF1F4")
        self.page.repeat_rows(self.row - 1)
        self.page.freeze_panes(self.row, 0)
        self.page.set_paper(9)
        self.page.set_landscape()
        self.page.fit_to_pages(1, 0)
        self.page.set_margins(left=0.5, right=0.4, top=0.6, bottom=0.7)
        self.page.set_footer(f"&L{phrase('worklist.footer', language)}&R&P/&N")
        self.page.hide_gridlines(2)


# --- the first sheet ---------------------------------------------------------------------


def _summary(sheet: _Sheet, title: str, tasks: list[Task], listed: dict, review) -> None:
    """Write all open targets, those of every unit first, with how many are listed where."""
    language = review.language
    sheet.across(title, bold=True, font_size=14, align="center", text_wrap=True)
    sheet.across(_place(review), italic=True, align="center")
    sheet.head(language)
    for key, of_area in (("own_targets", False), ("area_targets", True)):
        part = [task for task in tasks if task.of_area == of_area]
        if part:
            area = area_words(review)["area_name"]
            sheet.across(phrase(f"worklist.{key}", language, area=area), **_BAND)
        for task in part:
            where = where_text(task, listed.get(task.indicator.id, ""), language)
            sheet.line([*_texts(task, review), where])
            if task.is_listed:
                link = f"internal:'{where}'!A1"
                place = sheet.row - 1, len(_SUMMARY) - 1
                sheet.page.write_url(*place, link, sheet.formats.made(**_LINK), where)
    for key in _NOTES:
        sheet.across(phrase(f"worklist.{key}", language), italic=True, text_wrap=True)


def _place(review) -> str:
    words = {"unit": name_of(review, review.unit, start=True)}
    words |= {"date": day(review.as_of, review.language), "plan": review.plan.number}
    return phrase("worklist.place", review.language, **words)


def _texts(task: Task, review) -> list[str]:
    """Return the cells of a target, as the progress table prints them; the last one excepted."""
    one, language = task.indicator, review.language
    shown = (figure if has_value(task.row) else value_text)(task.row, one, language)
    counts = [number(n, language) for n in (task.to_reach, task.not_known)]
    texts = [one.number, one.short[language], target_text(one, language), shown]
    return [*texts, status_text(task.judged, language), _left(task, review), *counts]


def _left(task: Task, review) -> str:
    """Return what the target needs: of a target of the whole area, what the whole area needs."""
    remains = left(task.judged, task.indicator, review.language)
    if remains and task.of_area:
        words = {"kind": area_words(review)["area_kind"], "left": remains}
        return phrase("worklist.area_left", review.language, **words)
    return remains or "–"


# --- one sheet a target ------------------------------------------------------------------


def _list(sheet: _Sheet, task: Task, review) -> None:
    """Write the rows still to reach, part by part, with a place to tick and one for remarks."""
    one, language = task.indicator, review.language
    words = {"number": one.number, "name": one.name[language]}
    title = phrase("worklist.target", language, **words)
    sheet.across(title, bold=True, font_size=14, text_wrap=True)
    sheet.across(_place(review), italic=True)
    sheet.across(need(task, review), text_wrap=True)
    sheet.head(language, **({"lacks": "state"} if counts_against(one) else {}))
    parts = [part for part in PARTS if (task.rows["part"] == part).any()]
    for place, part in enumerate(parts, start=1):
        sheet.across(f"{roman(place)}. {part_title(task, part, language)}", **_BAND)
        rows = task.rows[task.rows["part"] == part]
        for order, row in enumerate(rows.itertuples(), start=1):
            cells = {"order": number(order, language), "lacks": missing_text(row, task, review)}
            cells |= {name: _cell(row, name, task, review) for name in NAMED if name in task.rows}
            sheet.line([cells.get(key, "") for key in sheet.widths])


def _cell(row, name: str, task: Task, review) -> str:
    """Return a row's village, number or name; where it is blank, whether it is being corrected."""
    value = getattr(row, name)
    if not pd.isna(value):
        return str(value)
    corrected = is_corrected(review, task.indicator.numerator.table, name)
    return phrase(f"worklist.{'corrected' if corrected else 'blank_cell'}", review.language)
