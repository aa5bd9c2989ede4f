"""The brief as a Word document: two pages, each filled by its picture."""

import io

import docx
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.table import CT_Tbl
from docx.shared import Mm, Pt
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph

from sonla_analysis.office import shipped_template
from sonla_analysis.office.brief import WIDE, Brief, brief_of
from sonla_analysis.office.document import Document
from sonla_analysis.office.docx import WordExporter
from sonla_analysis.office.exporter import OfficeExporter
from sonla_analysis.office.letterhead import Letterhead
from sonla_analysis.office.word import finished
from sonla_analysis.office.word_body import WordBody
from sonla_analysis.office.word_table import word_table

_SHADE = "EAF0F5"  # behind the figures


class BriefExporter(OfficeExporter):
    """An executed notebook → its brief in Word, the same bytes for the same notebook."""

    output_mimetype = WordExporter.output_mimetype
    extension = ".docx"

    def written(self, document: Document) -> bytes:
        """Return the brief of a document."""
        word = docx.Document(io.BytesIO(shipped_template(document.language)))
        _cleared(word)
        letterhead = self.letterhead(document)
        for element in _elements(brief_of(document), WordBody(word, letterhead), letterhead):
            word.element.body[-1].addprevious(element)
        return finished(word, document, letterhead)


def _cleared(word) -> None:
    """Leave nothing of the template but its styles; the brief has margins of 20 mm all round."""
    for element in list(word.element.body)[:-1]:
        word.element.body.remove(element)
    section = word.sections[0]
    for side in ("left", "right", "top", "bottom"):
        setattr(section, f"{side}_margin", Mm(20))


def _elements(brief: Brief, body: WordBody, letterhead: Letterhead) -> list:
    """Return the two pages: figures and board; what is missed, the path, what changed."""
    first = [body.text("SonlaAnnex", brief.title), body.text("SonlaAnnexReference", brief.lead)]
    first += [body.text("SonlaNotice", one) for one in [letterhead.synthetic] if one]
    first += [_figures(brief.figures, body), body.gap()] if brief.figures else []
    first += [body.text("SonlaSmall", remark) for remark in brief.remarks]
    first += _picture(brief.board, body)
    title = brief.missed.title if brief.missed else brief.left_out
    second = [body.text("SonlaTableTitle", title, page_break_before=True)]
    if brief.missed:
        second += [word_table(brief.missed, body.parent, WIDE, most=10)]
        notes = [brief.left_out, *brief.missed.notes]
        second += [body.text("SonlaNote", note) for note in notes if note] or [body.gap()]
    for path in brief.paths:
        second += _picture(path, body)
    if brief.changes:
        second += [body.text("SonlaTableTitle", brief.changed), _changes(brief.changes, body)]
        second.append(body.gap())
    return first + second


def _picture(picture, body: WordBody) -> list:
    """Return a picture without a caption: its title is drawn in it."""
    if picture is None:
        return []
    drawn = body.picture(picture, picture.width)[0]
    Paragraph(drawn, None).paragraph_format.keep_with_next = False
    return [drawn]


def _grid(rows: int, columns: int, body: WordBody) -> WordTable:
    made = WordTable(CT_Tbl.new_tbl(rows, columns, Mm(WIDE)), body.parent)
    made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for row in made.rows:
        for cell in row.cells:
            cell.width = Mm(WIDE / columns)
            cell.paragraphs[0]._p.style = "SonlaCell"
    return made


def _figures(figures: list[tuple[str, str]], body: WordBody):
    """Return the figures in a row, each over what it is."""
    made = _grid(1, len(figures), body)
    for cell, (figure, what) in zip(made.rows[0].cells, figures, strict=True):
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.TOP
        properties = cell._tc.get_or_add_tcPr()
        shade = {qn("w:val"): "clear", qn("w:color"): "auto", qn("w:fill"): _SHADE}
        properties.insert_element_before(OxmlElement("w:shd", shade), "w:vAlign")
        for text, size, bold in ((figure, 20, True), (what, 9, False)):
            paragraph = cell.paragraphs[0] if bold else cell.add_paragraph()
            paragraph._p.style, paragraph.alignment = "SonlaCell", WD_ALIGN_PARAGRAPH.CENTER
            run = paragraph.add_run(text)
            run.font.size, run.bold = Pt(size), bold or None
    return made._tbl


def _changes(changes: list[str], body: WordBody):
    """Return the changes in two columns, read down the first."""
    half = (len(changes) + 1) // 2
    made = _grid(half, 2, body)
    for place, text in enumerate(changes):
        run = made.cell(place % half, place // half).paragraphs[0].add_run(text)
        run.font.size = Pt(10)
    return made._tbl
