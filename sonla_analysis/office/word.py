"""A Word document from a template: texts filled in, pieces put in the places marked for them."""

import io
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from functools import cache

import docx
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm
from docx.text.paragraph import Paragraph

from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.office import shipped_template
from sonla_analysis.office.blocks import Picture
from sonla_analysis.office.document import Document
from sonla_analysis.office.letterhead import Letterhead
from sonla_analysis.office.package import repacked
from sonla_analysis.office.word_body import WordBody
from sonla_analysis.office.word_fill import CLOSE, OPEN, context_of, fill
from sonla_analysis.office.word_marks import Marks, mark_pieces, mark_texts
from sonla_analysis.office.word_memory import about_document, remember
from sonla_analysis.office.word_parts import PAPER, annex_section, end_section, mark_headers
from sonla_analysis.sentences.table import Table


def word_document(
    document: Document,
    letterhead: Letterhead,
    template: bytes,
    name: str,
    whole: Document | None = None,
    about: dict | None = None,
) -> bytes:
    """Return the document in a template, in which no text of it is lost.

    `whole` has the charts and tables that a template may name beside its body. With `about` (what
    made it) it remembers what was filled in, for `sonla refresh`.
    """
    whole = whole or document
    word, names = fill(template, context_of(whole, letterhead), name)
    _add_styles(word, document.language)
    body, marks = WordBody(word, letterhead), Marks()
    mark_texts(word, marks)
    pieces, made = _put_in(word, body, (document, whole), name)
    if about is not None:
        mark_pieces(made, word, marks)
        remember(word, about_document(document, pieces) | about | {"held": marks.held})
    if letterhead.synthetic and "synthetic" not in names:  # said in every template
        word.element.body.insert(0, body.text("SonlaNotice", letterhead.synthetic))
    return finished(word, document, letterhead)


def finished(word, document: Document, letterhead: Letterhead) -> bytes:
    """Return a python-docx document as a file: its edition on every page, its title, its date."""
    mark_headers(word, letterhead.internal)
    _set_properties(word, document)
    file = io.BytesIO()
    word.save(file)
    return repacked(file.getvalue())


# --- the pieces put in -------------------------------------------------------------------


def _put_in(
    word, body: WordBody, documents: tuple[Document, Document], name: str
) -> tuple[list, list]:
    """Replace every mark by its piece: of the document, else of the whole one.

    Annexes that the template has no place for follow at the end, when it has one for the body.
    Returns the names of the pieces, and their elements.
    """
    made, marks, (document, whole) = [], _marks(word.element.body, name), documents
    names = list(marks.values())
    if "body" not in names:
        document = whole = only(whole, names)
    elif "annexes" not in names and document.annexes:
        marks[word.add_paragraph()._p] = "annexes"
    for paragraph, what in marks.items():
        if what == "annexes":
            made += _put_annexes(paragraph, body, document)
            continue
        elements = piece(what, body, (document, whole), _room(paragraph))
        for element in elements:
            paragraph.addprevious(element)
        if what == "body":
            _keep_with_signature(elements)
        paragraph.getparent().remove(paragraph)
        made += elements
    return names, made


def _keep_with_signature(elements: list) -> None:
    """Let the last paragraphs of a body stand on one page with what a template has after it."""
    for element in elements[-_LAST:]:
        if element.tag == qn("w:p"):
            Paragraph(element, None).paragraph_format.keep_with_next = True


_LAST = 3  # paragraphs of a body that no page parts from the signature


def _marks(element, name: str) -> dict:
    """Return what each marked paragraph stands for; refuse a mark that does not stand alone."""
    marks = {}
    for paragraph in element.iter(qn("w:p")):
        text = "".join(one.text or "" for one in paragraph.iter(qn("w:t"))).strip()
        if OPEN not in text:
            continue
        if not (text.startswith(OPEN) and text.endswith(CLOSE)) or text.count(OPEN) > 1:
            raise UsageError(message("template.alone", file=name, found=text.strip(OPEN + CLOSE)))
        marks[paragraph] = text[1:-1]
    return marks


def only(document: Document, marks) -> Document:
    """Return the document of what a form names, numbered in its order, and of its annexes."""
    named = {_mark_of(one): one for one in document.pictures}
    named |= {_mark_of(one): replace(one, annex=False) for one in document.tables}
    pieces = [named[what] for what in dict.fromkeys(marks) if what in named]
    annexes = [table for table in document.tables if table.annex]
    return replace(document, blocks=[*pieces, *annexes])


def piece(what: str, body: WordBody, documents: tuple, room: float) -> list:
    """Return the elements of what a mark stands for: the body, a chart or a table; else none."""
    if what == "body":
        return body.blocks(documents[0].body)
    listed = [one for document in documents for one in (*document.pictures, *document.tables)]
    found = next((one for one in listed if _mark_of(one) == what), None)
    if found is None:
        return []
    return (body.picture if isinstance(found, Picture) else body.table)(found, room)


def _mark_of(one: Picture | Table) -> str:
    return f"{'chart' if isinstance(one, Picture) else 'table'}:{one.slug}"


def _room(paragraph) -> float:
    """Return the width of the cell or page a paragraph stands in, in millimetres."""
    cell = paragraph.getparent()
    if cell.tag == qn("w:tc") and cell.width:
        return cell.width.mm - 4
    section = Section(_section_after(paragraph), None)
    if None in (section.page_width, section.left_margin, section.right_margin):
        return PAPER[0]
    return (section.page_width - section.left_margin - section.right_margin) / Mm(1)


def _put_annexes(paragraph, body: WordBody, document: Document) -> list:
    """Set the annexes, each a section of its own; the report's own section ends before them."""
    for run in paragraph.r_lst:
        paragraph.remove(run)
    if not document.annexes:
        return []
    made, section = [], _section_after(paragraph)
    follows = [one for one in paragraph.itersiblings() if one is not section]
    end_section(paragraph, section)
    place = paragraph
    for annex in document.annexes:
        for element in body.annex(annex):
            place.addnext(element)
            place = element
            made.append(element)
        end = annex_section(section, landscape=annex.is_landscape)
        end_section(place, end)
    if not follows:  # the last annex's section is the document's own
        place.pPr.remove(place.pPr.sectPr)
        section.getparent().replace(section, end)
    return made


def _section_after(paragraph):
    """Return the properties of the section a paragraph lies in: the next that follow it."""
    return paragraph.xpath("following::w:sectPr | ancestor-or-self::w:p/w:pPr/w:sectPr")[0]


# --- the document's own looks ------------------------------------------------------------


def _add_styles(word, language: str) -> None:
    """Add the styles a report needs that the template does not define itself."""
    element = word.styles.element
    known = {style.styleId for style in element.style_lst}
    if not _shipped_styles(language).keys() <= known:
        for name, style in _shipped_styles(language).items():
            if name not in known:
                element.append(deepcopy(style))


@cache
def _shipped_styles(language: str) -> dict:
    """Return the styles of our own template, by their id."""
    styles = docx.Document(io.BytesIO(shipped_template(language))).styles.element.style_lst
    return {style.styleId: style for style in styles if not style.default}


def _set_properties(word, document: Document) -> None:
    """Set title, language and a date that is the report's, not today's."""
    properties = word.core_properties
    properties.title = document.title[:255]
    properties.language = {"vi": "vi-VN", "en": "en-GB"}[document.language]
    when = datetime.fromisoformat(document.record.get("as_of", "2000-01-01"))
    properties.created = properties.modified = when
