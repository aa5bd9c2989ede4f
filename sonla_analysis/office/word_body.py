"""The report's blocks as elements of a Word document, in the template's own styles."""

import io

from docx.oxml import OxmlElement
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph as WordParagraph

from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.office.blocks import (
    Annex,
    Entry,
    Heading,
    Listing,
    Paragraph,
    Picture,
    Run,
    SmallPrint,
)
from sonla_analysis.office.letterhead import Letterhead
from sonla_analysis.office.word_columns import height, letter_size, shared_size, text_height
from sonla_analysis.office.word_parts import PAPER, PAPER_ACROSS, add_link, describe_picture
from sonla_analysis.office.word_table import word_table
from sonla_analysis.sentences.table import Table

_LONG = 12  # rows: a longer table in the text has letters of ten points at most
_MOST = 215  # millimetres a picture may be high, its caption has room below it


class WordBody:
    """Writes blocks as elements that belong to the python-docx document `word`."""

    def __init__(self, word, letterhead: Letterhead):
        self.parent = word._body
        self._letterhead = letterhead

    def blocks(self, blocks: list) -> list:
        """Return the blocks of a report, one after the other."""
        return [element for one in blocks for element in self._block(one)]

    def _block(self, block) -> list:
        if isinstance(block, Heading):
            return [self._heading(block)]
        if isinstance(block, Paragraph):
            style = "Prompt" if block.prompt else "Plain" if block.plain else "Body"
            return [self._paragraph(f"Sonla{style}", block.runs)]
        if isinstance(block, Listing):
            return [element for entry in block.entries for element in self._entry(entry)]
        if isinstance(block, Picture):
            return self.picture(block, block.width or PAPER[0])
        if isinstance(block, SmallPrint):
            return self._small(block)
        return self.table(block)

    def _heading(self, block: Heading):
        level = min(block.level, 3)
        texts = [one.text.upper() if level == 1 else one.text for one in block.runs]
        runs = [Run(text, link=one.link) for text, one in zip(texts, block.runs, strict=True)]
        return self._paragraph(f"Heading{level}", [Run(f"{block.mark} "), *runs])

    def _entry(self, entry: Entry) -> list:
        own = self._paragraph("SonlaItem", [Run(f"{entry.mark} "), *entry.runs])
        return [own, *self.blocks(entry.inner)]

    def _paragraph(self, style: str, runs: list[Run]):
        paragraph = self._new(style)
        for one in runs:
            text = _one_line(one.text)
            run = add_link(paragraph, text, one.link) if one.link else paragraph.add_run(text)
            run.bold, run.italic = one.bold or None, one.italic or None
        return paragraph._p

    def _new(self, style: str) -> WordParagraph:
        paragraph = WordParagraph(OxmlElement("w:p"), self.parent)
        paragraph._p.style = style
        return paragraph

    def text(self, style: str, text: str, **looks: bool | None):
        """Return a paragraph of plain text; `looks` are of its format, as `keep_with_next`."""
        paragraph = self._paragraph(style, [Run(text)])
        for look, value in looks.items():
            setattr(WordParagraph(paragraph, self.parent).paragraph_format, look, value)
        return paragraph

    def picture(self, chart: Picture, room: float) -> list:
        """Return a chart, `room` millimetres wide, with its caption "Hình 1. …" below."""
        paragraph = self._new("SonlaFigure")
        drawn = paragraph.add_run().add_picture(io.BytesIO(png_of(chart)), width=Mm(room))
        if drawn.height > Mm(_MOST):
            drawn.width = round(drawn.width * Mm(_MOST) / drawn.height)
            drawn.height = Mm(_MOST)
        describe_picture(drawn, chart.slug, chart.alt)
        return [paragraph._p, self.text("SonlaCaption", chart.caption)]

    def table(self, table: Table, room: float = PAPER[0]) -> list:
        """Return a table of the text, with its title "Bảng 1. …" above and its notes below."""
        title = table.title if table.annex else table.caption
        above = [self.text("SonlaTableTitle", title)] if title else []
        most = 10 if len(table.texts) > _LONG else 12
        made = word_table(table, self.parent, room, most=most)
        return [*above, made, *self._notes(table)]

    def _notes(self, table: Table) -> list:
        """Return the notes; a table is never the last thing, Word joins two that touch."""
        return [self.text("SonlaNote", note) for note in table.notes] or [self.gap()]

    def gap(self):
        """Return a low paragraph without text."""
        gap = self._new("SonlaNote")
        gap.paragraph_format.space_before = Pt(0)
        gap.paragraph_format.line_spacing = Pt(5)
        return gap._p

    def annex(self, annex: Annex) -> list:
        """Return an annex: its number and title, then its tables."""
        room, depth = PAPER_ACROSS if annex.is_landscape else PAPER
        head = [
            self.text("SonlaAnnex", annex.name),
            self.text("SonlaAnnexTitle", annex.title),
            self.text("SonlaAnnexReference", self._letterhead.annexed_to),
        ]
        if self._letterhead.synthetic:
            head.append(self.text("SonlaNotice", self._letterhead.synthetic))
        depth, used = depth - 5, 7 * len(head)  # what follows a table has room below it
        most = shared_size(annex.tables, room, depth, used)
        for table in annex.tables:
            high = height(table, room, letter_size(table, room, depth, most))  # an estimate
            begins = table is not annex.tables[0] and used + high > depth
            used = high if begins else used + high
            if len(annex.tables) > 1:
                title = self._new("SonlaTableTitle")
                title.add_run(_one_line(table.title))
                title.paragraph_format.page_break_before = begins or None
                head.append(title._p)
            head += [word_table(table, self.parent, room, depth, most), *self._notes(table)]
        if annex.small_print:
            high = text_height(annex.small_print.lines, room, 10) + 10
            head += self._small(annex.small_print, begins=used + high > depth + 10)
        return head

    def _small(self, block: SmallPrint, *, begins: bool = False) -> list:
        """Return small print, where it has no room below on a page of its own."""
        heading = self.text("SonlaTableTitle", block.heading, page_break_before=begins or None)
        first, *others = (f"- {line}" for line in block.lines)
        lines = [self.text("SonlaSmall", line) for line in others]
        return [heading, self.text("SonlaSmall", first, keep_with_next=True), *lines]


def png_of(chart: Picture) -> bytes:
    """Return the chart as PNG: as the page has it, or drawn from its SVG by typst."""
    if chart.png:
        return chart.png
    try:
        import typst
    except ImportError:
        raise UsageError(message("template.no_drawing", slug=chart.slug)) from None
    source = '#set page(width: auto, height: auto, margin: 0pt)\n#image("chart.svg")'
    files = {"main.typ": source.encode(), "chart.svg": chart.svg.encode()}
    return typst.compile(files, format="png", ppi=150)


def _one_line(text: str) -> str:
    return text.replace("\t", " ").replace("\n", " ")
