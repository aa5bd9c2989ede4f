"""What python-docx has no call for, each in a few lines of its own elements."""

from copy import deepcopy

from docx.enum.section import WD_HEADER_FOOTER, WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

PAPER, PAPER_ACROSS = (160, 257), (247, 170)  # millimetres of text: width and height
_MARGINS = {"top": 20, "right": 20, "bottom": 20, "left": 30, "header": 10, "footer": 10}
_NEAR = 7  # millimetres from the edge to a header that begins with a mark


def add_link(paragraph, text: str, address: str) -> Run:
    """Add a link to an address outside the document; return its run."""
    link = OxmlElement("w:hyperlink")
    relation = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link.set(qn("r:id"), relation)
    run = paragraph.add_run(text)
    run.underline = True
    link.append(run._r)
    paragraph._p.append(link)
    return run


def describe_picture(picture, name: str, alt: str) -> None:
    """Give a picture its name and the text for those who cannot see it."""
    for marks in picture._inline.iter(qn("wp:docPr"), qn("pic:cNvPr")):
        marks.set("name", name)
        marks.set("descr", alt)


def describe_table(table, text: str) -> None:
    """Give a table the text that a screen reader says of it."""
    caption = OxmlElement("w:tblCaption", {qn("w:val"): text})
    table._tbl.tblPr.append(caption)


def keep_row_whole(row, *, repeated: bool = False) -> None:
    """Keep a row on one page; a repeated one stands on every page of its table."""
    properties = row._tr.get_or_add_trPr()
    properties.insert(0, OxmlElement("w:cantSplit"))
    if repeated:
        properties.append(OxmlElement("w:tblHeader"))


def end_section(paragraph, section) -> None:
    """Let a section end with a paragraph: Word keeps it in the paragraph's properties."""
    paragraph.get_or_add_pPr()._insert_sectPr(deepcopy(section))


def annex_section(before, *, landscape: bool):
    """Return an annex's section: A4, its pages numbered from one, no number on its first page.

    It has the running header of the section `before` it.
    """
    made = OxmlElement("w:sectPr")
    section = Section(made, None)
    section.page_width, section.page_height = Mm(210), Mm(297)
    if landscape:
        section.page_width, section.page_height = Mm(297), Mm(210)
        section.orientation = WD_ORIENT.LANDSCAPE
    for side, length in _MARGINS.items():
        setattr(section, f"{side}_{'distance' if length == 10 else 'margin'}", Mm(length))
    start = OxmlElement("w:pgNumType", {qn("w:start"): "1"})
    made.find(qn("w:pgMar")).addnext(start)
    section.different_first_page_header_footer = True
    for one in before.findall(qn("w:headerReference")):
        if one.get(qn("w:type")) == "default":
            made.insert(0, deepcopy(one))
    return made


def mark_headers(word, text: str) -> None:
    """Set a text into a box above every page of a document; without a text nothing changes.

    Decree 30/2020/NĐ-CP wants the words on who may read a document in capitals, upright and bold,
    of 13 to 14 points, in a box of single lines.
    """
    last, parts = {}, {}
    for section in word.sections if text else ():
        section.header_distance = Mm(_NEAR)
        for kind, header in _headers(word, section).items():
            if header.is_linked_to_previous and kind in last:  # not every program follows the link
                section._sectPr.add_headerReference(kind, last[kind])
            elif header.is_linked_to_previous:
                header.is_linked_to_previous = False
        for one in section._sectPr.findall(qn("w:headerReference")):
            last[one.type_], part = one.rId, word.part.rels[one.rId].target_part
            parts[part.partname] = part  # what docxtpl put there, not what python-docx remembers
    for part in parts.values():
        part.element.insert(0, _boxed(text))


def _headers(word, section) -> dict:
    """Return the headers that the pages of a section have."""
    headers = {WD_HEADER_FOOTER.PRIMARY: section.header}
    if section.different_first_page_header_footer:
        headers[WD_HEADER_FOOTER.FIRST_PAGE] = section.first_page_header
    if word.settings.odd_and_even_pages_header_footer:
        headers[WD_HEADER_FOOTER.EVEN_PAGE] = section.even_page_header
    return headers


def _boxed(text: str):
    """Return a paragraph with a text at its right, a box round it."""
    made = Paragraph(OxmlElement("w:p"), None)
    run, look = made.add_run(f"\u00a0{text}\u00a0"), made.paragraph_format
    run.bold, run.font.size, run.font.name = True, Pt(13), "Times New Roman"
    box = {qn("w:val"): "single", qn("w:sz"): "6", qn("w:space"): "0", qn("w:color"): "000000"}
    run._r.rPr.append(OxmlElement("w:bdr", box))
    look.alignment, look.line_spacing = WD_ALIGN_PARAGRAPH.RIGHT, 1
    look.first_line_indent = look.space_before = look.space_after = 0
    return made._p
