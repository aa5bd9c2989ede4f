"""The report's blocks as pieces of a Word document, with what was put in counted."""

import struct
from collections import Counter
from dataclasses import dataclass, field

from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.office import word_xml as xml
from sonla_analysis.office.columns import LANDSCAPE, height, letter_size
from sonla_analysis.office.document import (
    Document,
    Grid,
    Heading,
    Item,
    Paragraph,
    Picture,
    Run,
)
from sonla_analysis.office.office import Frame, annex_parts, annex_title, numbered

PAPER, PAPER_ACROSS = (160, 257), (247, 170)  # millimetres of text: width and height
MOST = 215  # millimetres a picture may be high, its caption has room below it
_FIRST = 1000  # ids of pictures begin here, after those of the template


@dataclass
class WordBody:
    """Writes blocks as WordprocessingML; `links` and `images` give the relations they need.

    `written` counts what was put in: paragraphs, tables and pictures, to be read back later.
    """

    document: Document
    frame: Frame
    links: object
    images: object
    written: Counter = field(default_factory=Counter)
    _figures: int = 0
    _tables: int = 0

    def body(self) -> str:
        """Return all blocks of the report, headings numbered I., 1., a)."""
        blocks = self.document.body
        marks = iter(numbered(one.level for one in blocks if isinstance(one, Heading)))
        return "".join(self._block(one, marks) for one in blocks)

    def _block(self, block, marks) -> str:
        if isinstance(block, Heading):
            return self._heading(block, next(marks))
        if isinstance(block, Paragraph):
            return self._paragraph("SonlaPlain" if block.plain else "SonlaBody", block.runs)
        if isinstance(block, Item):
            return self._paragraph("SonlaItem", [Run(f"{block.mark} "), *block.runs])
        if isinstance(block, Picture):
            return self.picture(block)
        return self.table(block)

    def _heading(self, block: Heading, mark: str) -> str:
        level = min(block.level, 3)
        texts = [one.text.upper() if level == 1 else one.text for one in block.runs]
        runs = [Run(text, link=one.link) for text, one in zip(texts, block.runs, strict=True)]
        return self._paragraph(f"Heading{level}", [Run(f"{mark} "), *runs])

    def _paragraph(self, style: str, runs: list[Run]) -> str:
        self.written["paragraphs"] += 1
        return xml.paragraph(style, xml.runs(runs, self.links))

    def text(self, style: str, text: str, looks: str = "") -> str:
        """Return a paragraph of plain text."""
        self.written["paragraphs"] += 1
        return xml.paragraph(style, xml.run(text), looks=looks)

    def picture(self, chart: Picture, room: float = PAPER[0]) -> str:
        """Return a chart at the width of the text, with its caption "Hình 1. …" below."""
        relation, (across, down) = self.images(chart)
        self._figures += 1
        self.written["pictures"] += 1
        self.written["paragraphs"] += 1
        high = room * down / across
        if high > MOST:
            room, high = room * MOST / high, MOST
        looks = {"width": room, "height": high, "alt": chart.alt, "name": chart.slug}
        drawing = xml.picture(relation, _FIRST + self._figures, **looks)
        caption = self.frame.word("figure", n=self._figures, text=chart.subtitle or chart.title)
        caption = caption if chart.subtitle or chart.title else caption.rstrip(". ")
        return xml.paragraph("SonlaFigure", drawing) + self.text("SonlaCaption", caption)

    def table(self, grid: Grid, room: float = PAPER[0]) -> str:
        """Return a table of the text, with its title "Bảng 1. …" above and its notes below."""
        title = self.text("SonlaTableTitle", self._title(grid)) if grid.title else ""
        return title + self._grid(grid, room) + self._notes(grid)

    def _title(self, grid: Grid) -> str:
        if grid.numbers:  # an official form has its own number
            return grid.title
        self._tables += 1
        return self.frame.word("table", n=self._tables, text=grid.title)

    def _grid(self, grid: Grid, room: float, depth: float = 0) -> str:
        self.written["tables"] += 1
        made = xml.table(grid, room, depth)
        self.written["paragraphs"] += made.count("<w:p>")
        return made

    def _notes(self, grid: Grid) -> str:
        """Return the notes; a table is never the last thing, Word joins two that touch."""
        notes = [self.text("SonlaNote", note) for note in grid.notes]
        return "".join(notes) or self.text("SonlaNote", "")

    def annexes(self, header: str) -> list[tuple[str, str]]:
        """Return every annex as its content and the section that ends it."""
        parts = zip(self.frame.annexes, annex_parts(self.document), strict=True)
        return [
            (self._annex(name, part), xml.annex_section(header, landscape=lies(part)))
            for name, part in parts
        ]

    def _annex(self, name: str, part: list[Grid]) -> str:
        room, depth = PAPER_ACROSS if lies(part) else PAPER
        head = [
            self.text("SonlaAnnex", name),
            self.text("SonlaAnnexTitle", annex_title(part, self.frame.language)),
            self.text("SonlaAnnexReference", self.frame.annexed_to),
        ]
        if self.frame.synthetic:
            head.append(self.text("SonlaNotice", self.frame.synthetic))
        breaks = new_pages(part, room, depth, 7.5 * len(head))
        for grid, new in zip(part, breaks, strict=True):
            if len(part) > 1:
                looks = "<w:pageBreakBefore/>" if new else ""
                head.append(self.text("SonlaTableTitle", grid.title, looks))
            head.append(self._grid(grid, room, depth) + self._notes(grid))
        return "".join(head)


def lies(part: list[Grid]) -> bool:
    """Tell whether an annex lies on its side: one of its tables is wide."""
    return any(len(grid.columns) > LANDSCAPE for grid in part)


def new_pages(part: list[Grid], room: float, depth: float, used: float) -> list[bool]:
    """Return which tables of an annex begin a page, because they would not fit below the others."""
    breaks = []
    for grid in part:
        high = 1.08 * height(grid, room, letter_size(grid, room, depth))  # an estimate
        breaks.append(bool(breaks) and used + high > depth)
        used = high if breaks[-1] else used + high
    return breaks


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


def png_size(content: bytes) -> tuple[int, int]:
    """Return a PNG's width and height in pixels."""
    return struct.unpack(">II", content[16:24])
