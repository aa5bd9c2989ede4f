"""A table in Word: head repeated, rows whole, numbers right; model rows are copied, texts set."""

from copy import deepcopy
from functools import cache

from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.table import CT_Tbl
from docx.shared import Mm, Pt
from docx.table import Table as WordTable

from sonla_analysis.office.word_columns import letter_size, widths
from sonla_analysis.office.word_parts import describe_table, keep_row_whole
from sonla_analysis.sentences.table import Table

_SIDES = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
_HIGH = Pt(12)  # a row is at least as high as stacked accents need


def word_table(table: Table, parent, room: float, depth: float = 0, most: int = 12):
    """Return the element of a table `room` millimetres wide, letters of `most` points at most."""
    size = letter_size(table, room, depth, most)
    columns = [Mm(width) for width in widths(table, room, size)]
    made = WordTable(CT_Tbl.new_tbl(0, len(columns), Mm(room)), parent)
    made._tbl.tblStyle_val = "SonlaTable"
    made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(made._tbl.tblGrid.gridCol_lst, columns, strict=True):
        column.w = width
    if table.title:
        describe_table(made, table.title)
    models = _models(table, columns, size, parent)
    for row in _head(table, columns, models) + _body(table, models):
        made._tbl.append(row)
    return made._tbl


def _models(table: Table, columns: list, size: float, parent):
    """Return what gives the model row of a look; each look is made once."""

    @cache
    def model(bold=False, italic=False, head=False, keep=False):
        made = WordTable(CT_Tbl.new_tbl(1, len(columns), Mm(1)), parent)
        row = made.rows[0]
        row.height, row.height_rule = _HIGH, WD_ROW_HEIGHT_RULE.AT_LEAST
        keep_row_whole(row, repeated=head)
        for cell, column, width in zip(row.cells, table.columns, columns, strict=True):
            cell.width, cell.vertical_alignment = width, WD_CELL_VERTICAL_ALIGNMENT.CENTER
            paragraph = cell.paragraphs[0]
            paragraph._p.style = "SonlaCell"
            paragraph.alignment = _SIDES["center" if head else column.side]
            run = paragraph.add_run(" ")  # keeps the spaces of the texts set later
            run.bold, run.italic = bold or None, italic or None
            run.font.size = Pt(size - 1 if italic else size)
            if keep:
                paragraph.paragraph_format.keep_with_next = True
        return row._tr

    return model


def _row(model, texts: list[str]):
    """Return a copy of a model row with its texts set."""
    row = deepcopy(model)
    for place, text in zip(row.iter(qn("w:t")), texts, strict=True):
        place.text = text
    return row


def _head(table: Table, columns: list, models) -> list:
    rows = []
    for cells in table.head_rows():
        row = _row(models(bold=True, head=True), [column.label for column in table.columns])
        boxes = row.tc_lst
        for one in cells:
            box = boxes[one.place]
            next(box.iter(qn("w:t"))).text = one.text if one.rows else ""
            if one.rows != 1:
                box.vMerge = "restart" if one.rows else "continue"
            if one.columns > 1:
                box.grid_span = one.columns
                box.width = sum(columns[one.place : one.place + one.columns])
                for covered in boxes[one.place + 1 : one.place + one.columns]:
                    row.remove(covered)
        rows.append(row)
    if table.numbers:
        rows.append(_row(models(italic=True, head=True), table.numbers))
    return rows


def _body(table: Table, models) -> list:
    rows, spans = [], table.spans()
    for place, texts in enumerate(table.texts):
        following = spans[place + 1] if place + 1 < len(spans) else [1]
        row = _row(models(bold=place in table.totals, keep=0 in following[:2]), texts)
        if any(span != 1 for span in spans[place]):
            for box, span in zip(row.tc_lst, spans[place], strict=True):
                if span != 1:
                    box.vMerge = "restart" if span else "continue"
                if not span:
                    next(box.iter(qn("w:t"))).text = ""
        rows.append(row)
    return rows
