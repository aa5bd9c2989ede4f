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
from sonla_analysis.office.word_elements import has_look
from sonla_analysis.office.word_fill import context_of
from sonla_analysis.office.word_marks import (
    Marks,
    bookmark_name,
    mark_pieces,
    text_of,
    texts_by_name,
)
from sonla_analysis.office.word_paper import Spot, spots_in


class Made:
    """What the data give now: the pieces that the document has places for, marked.

    `texts` are those of a template, by name; `held` and `places` what `Marks` has.
    """

    def __init__(
        self, documents: tuple[Document, Document], letterhead: Letterhead, pieces: list[str]
    ):
        document, whole = documents
        self.texts = texts_by_name(context_of(whole, letterhead))
        self.word = docx.Document(io.BytesIO(shipped_template(document.language)))
        body = WordBody(self.word, letterhead)
        if "body" not in pieces:
            document = whole = only(whole, pieces)
        documents = (document, whole)
        elements = [one for what in pieces for one in piece(what, body, documents, 160)]
        if "body" in pieces or "annexes" in pieces:
            elements += [one for annex in document.annexes for one in body.annex(annex)]
        for element in elements:  # a place in a document, for what comes before and after
            self.word.element.body.append(element)
        marks = Marks()
        mark_pieces(elements, self.word, marks)
        self.held, self.places, self._spots = marks.held, marks.places, spots_in(elements)

    def looks(self, name: str) -> list[tuple]:
        """Return a text in pieces of one look: (text, bold, italic)."""
        runs = self.spot(name).runs
        looks = [(text_of([one]), has_look(one, "w:b"), has_look(one, "w:i")) for one in runs]
        groups = groupby(looks, key=lambda one: one[1:])
        return [("".join(one[0] for one in group), *look) for look, group in groups]

    def picture(self, name: str) -> tuple[bytes, tuple[int, int], str]:
        """Return a picture's content, its size and its text for those who cannot see it."""
        spot = self.spot(name)
        size, described = (next(spot.paragraph.iter(qn(one))) for one in ("wp:extent", "wp:docPr"))
        content = self.word.part.related_parts[spot.picture.get(qn("r:embed"))].blob
        return content, (int(size.get("cx")), int(size.get("cy"))), described.get("descr", "")

    def spot(self, name: str) -> Spot:
        """Return where a text or a picture stands."""
        return self._spots[bookmark_name(name)]

    def element(self, name: str):
        """Return the paragraph that a text or a picture stands in; of a cell, its table."""
        paragraph = self.spot(name).paragraph
        return next(paragraph.iterancestors(qn("w:tbl"))) if "|" in name else paragraph

    def style(self, element):
        """Return the style that a paragraph or table is written in."""
        named = element.tblStyle_val if element.tag == qn("w:tbl") else element.style
        return self.word.styles.element.get_by_id(named)
