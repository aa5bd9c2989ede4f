"""What the data give now, as the elements of a Word document, marked as in the one to refresh."""

import io
from itertools import groupby

import docx
from docx.oxml.ns import qn

from sonla_analysis.office import shipped_template
from sonla_analysis.office.document import Document
from sonla_analysis.office.letterhead import Letterhead
from sonla_analysis.office.word import only, piece
from sonla_analysis.office.word_body import WordBody
from sonla_analysis.office.word_elements import has_look, runs_between
from sonla_analysis.office.word_fill import context_of
from sonla_analysis.office.word_marks import (
    Marks,
    bookmark_name,
    mark_pieces,
    text_of,
    texts_by_name,
)


class Made:
    """What the data give now: the pieces that the document has places for, marked."""

    def __init__(
        self, documents: tuple[Document, Document], letterhead: Letterhead, pieces: list[str]
    ):
        document, whole = documents
        self.texts = texts_by_name(context_of(whole, letterhead))
        self.word = docx.Document(io.BytesIO(shipped_template(document.language)))
        self.marks = Marks()
        body = WordBody(self.word, letterhead)
        if "body" not in pieces:
            document = whole = only(whole, pieces)
        shown = {f"chart:{one.slug}" for one in (*document.pictures, *whole.pictures)} | {"body"}
        shown |= {f"table:{one.slug}" for one in (*document.tables, *whole.tables)}
        documents = (document, whole)
        elements = [
            one for what in pieces if what in shown for one in piece(what, body, documents, 160)
        ]
        if "body" in pieces or "annexes" in pieces:
            elements += [one for annex in document.annexes for one in body.annex(annex)]
        for element in elements:  # a place in a document, for what comes before and after
            self.word.element.body.append(element)
        mark_pieces(elements, self.word, self.marks)

    def looks(self, name: str) -> list[tuple]:
        """Return a text in pieces of one look: (text, bold, italic)."""
        runs = runs_between(self.marks.elements[name], bookmark_name(name))
        looks = [(text_of([one]), has_look(one, "w:b"), has_look(one, "w:i")) for one in runs]
        groups = groupby(looks, key=lambda one: one[1:])
        return [("".join(one[0] for one in group), *look) for look, group in groups]

    def picture(self, name: str) -> tuple[bytes, tuple[int, int], str]:
        """Return a picture's content, its size and its text for those who cannot see it."""
        paragraph = self.marks.elements[name]
        blip = next(paragraph.iter(qn("a:blip")))
        size = next(paragraph.iter(qn("wp:extent")))
        content = self.word.part.related_parts[blip.get(qn("r:embed"))].blob
        alt = next(paragraph.iter(qn("wp:docPr"))).get("descr", "")
        return content, (int(size.get("cx")), int(size.get("cy"))), alt

    def style(self, element):
        """Return the style that a paragraph or table is written in."""
        named = element.find(f".//{qn('w:pStyle')}")
        if element.tag == qn("w:tbl"):
            named = element.find(f".//{qn('w:tblStyle')}")
        wanted = named.get(qn("w:val")) if named is not None else None
        return next((s for s in self.word.styles.element.style_lst if s.styleId == wanted), None)
