"""What a document consists of: text, headings, lists, pictures, annexes; see also `Table`."""

import re
import unicodedata
from dataclasses import dataclass, field

from sonla_analysis.sentences.table import Table

# how a chart's subtitle ends: the unit and the date
PLACE_AND_DATE = re.compile(r"; ([^;]+\d{4})$")


@dataclass(frozen=True)
class Run:
    """A stretch of text in one look."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    link: str = ""


@dataclass(frozen=True)
class Heading:
    """A section's heading; level 1 is the first below the title.

    `mark` is its number (I., 1., a)), empty over nothing but annexes.
    """

    level: int
    runs: list[Run]
    mark: str = ""

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `plain` is what a cell of the reader's own printed, line by line.

    A `prompt` is a place that the author of a document fills in or removes.
    """

    runs: list[Run]
    plain: bool = False
    prompt: bool = False

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class Entry:
    """One entry of a list: its mark ("-" or its number), its text, the lists below it."""

    mark: str
    runs: list[Run]
    inner: list["Listing"] = field(default_factory=list)


@dataclass(frozen=True)
class Listing:
    """A list; `start` is its first number, None where it has none."""

    entries: list[Entry]
    start: int | None = None


@dataclass(frozen=True)
class Picture:
    """A chart: its texts, the very numbers drawn, and the drawing as PNG or SVG.

    `numbers` are as they are printed, with the `values` that a column prints; `frame` is what is
    drawn, raw. `label` is what the document calls it, such as "Hình 1"; `width` is how wide it
    stands on paper, in millimetres (0: as wide as the text).
    """

    slug: str
    title: str
    subtitle: str
    source: str
    alt: str
    numbers: dict
    png: bytes | None = field(default=None, repr=False)
    svg: str | None = field(default=None, repr=False)
    label: str = ""
    frame: dict = field(default_factory=dict, repr=False)
    width: float = 0

    @property
    def caption(self) -> str:
        """Return what stands below it: what the document calls it and what it shows."""
        return ". ".join(part for part in (self.label, self.subtitle or self.title) if part)


@dataclass(frozen=True)
class SmallPrint:
    """How the figures were made, in small letters on paper: a heading and its lines."""

    heading: str
    lines: list[str]


@dataclass(frozen=True)
class Glance:
    """What is read first: figures (figure, what it is), remarks to them; the same as a paragraph.

    A page shows the figures, paper the paragraph.
    """

    figures: list[tuple[str, str]]
    remarks: list[str]
    text: str


@dataclass(frozen=True)
class Explained:
    """Every figure of the plan in a sentence; a page folds them away, paper has its table.

    `figures` are those of the document's record.
    """

    figures: list[dict]


@dataclass(frozen=True)
class Annex:
    """Tables at the end of a document: "Phụ lục I", its title in capitals; then small print."""

    name: str
    title: str
    tables: list[Table]
    small_print: SmallPrint | None = None

    @property
    def is_landscape(self) -> bool:
        """Tell whether it lies on its side: one of its tables does."""
        return any(table.is_landscape for table in self.tables)


def block_data(block) -> dict:
    """Return a block, or a part of one, as a template has it: its fields, and its kind by name."""
    return {"kind": type(block).__name__.lower()} | vars(block)


def clean(text: str) -> str:
    """Return a text in NFC without the characters no document may hold; its spaces stay.

    >>> clean("Lê\\u0300 \\x0b2")
    'Lề 2'
    """
    return _FORBIDDEN.sub("", unicodedata.normalize("NFC", text))


def cleaned(value):
    """Return plain data with every text in it clean."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: cleaned(one) for key, one in value.items()}
    return [cleaned(one) for one in value] if isinstance(value, list) else value


# what XML forbids, and the private letters that mark places in a template
_FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\uf900-\ufffd\U00010000-\U0010ffff]")
