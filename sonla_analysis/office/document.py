"""An executed notebook as a document: its record and its blocks in reading order, numbered.

Every office format is built from this, never from the notebook itself, so that all of them say
the same. A cell tagged `guide` speaks to the author and is left out, as on the page.
"""

import base64
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import count

from sonla_analysis.definitions.editions import INTERNAL, PUBLIC
from sonla_analysis.language.phrases import message, phrase
from sonla_analysis.language.refusals import SonlaError
from sonla_analysis.office.blocks import (
    Annex,
    Explained,
    Glance,
    Heading,
    Paragraph,
    Picture,
    Run,
    SmallPrint,
    cleaned,
)
from sonla_analysis.office.fit import check_fit, record_of
from sonla_analysis.office.markdown import markdown_blocks, plain_lines
from sonla_analysis.sentences.table import Table, read_table


@dataclass(frozen=True)
class Document:
    """A page to be written out; `record` is what `page.begin` left, empty in a foreign notebook.

    `prompts` is what `page.prompts` left, which only Word prints; `small_print` stands behind
    the annexes. Its blocks are numbered here and nowhere else, so that every format prints the
    same numbers.
    """

    record: dict
    lead: list[Run]
    blocks: list
    name: str = ""
    prompts: dict = field(default_factory=dict)
    small_print: SmallPrint | None = None

    def __post_init__(self):
        object.__setattr__(self, "blocks", _numbered(self.blocks, self.language))

    @property
    def language(self) -> str:
        return self.record.get("language", "vi")

    @property
    def edition(self) -> str:
        return self.record.get("edition", PUBLIC)

    @property
    def internal(self) -> str:
        """The mark that every page and sheet of an internal edition bears; else empty."""
        return phrase("mark.internal", self.language) if self.edition == INTERNAL else ""

    @property
    def title(self) -> str:
        return self.record.get("title") or self.name or phrase("office.untitled", "vi")

    @property
    def body(self) -> list:
        """The blocks of the report itself as paper has them.

        Without headings that have nothing but annexes below, and what only a page shows.
        """
        return [
            Paragraph([Run(block.text)]) if isinstance(block, Glance) else block
            for block in self.blocks
            if not (_is_annex(block) or isinstance(block, Explained))
            and not (isinstance(block, Heading) and not block.mark)
        ]

    @property
    def annexes(self) -> list[Annex]:
        """The annexes: the official forms make one, all other tables the next.

        What several tables of an annex note is said once, below them; the small print at the end.
        """
        parts = {}
        for table in filter(_is_annex, self.blocks):
            parts.setdefault(table.label, []).append(table)
        made = [
            _annex(name, part, self.language)
            for name, part in sorted(parts.items(), key=lambda one: not one[1][0].is_form)
        ]
        if made and self.small_print:
            made[-1] = replace(made[-1], small_print=self.small_print)
        return made

    @property
    def tables(self) -> list[Table]:
        return [block for block in self.blocks if isinstance(block, Table) and block.slug]

    @property
    def pictures(self) -> list[Picture]:
        return [block for block in self.blocks if isinstance(block, Picture)]


# --- numbers -----------------------------------------------------------------------------


def _numbered(blocks: list, language: str) -> list:
    """Return the blocks with their numbers: sections, figures, tables, annexes."""
    standing = _standing(blocks)
    levels = numbered(block.level for block in standing)
    marks = dict(zip(map(id, standing), levels, strict=True))
    with_forms = any(_is_annex(block) and block.is_form for block in blocks)
    tables, figures, made = count(1), count(1), []
    for block in blocks:
        if isinstance(block, Heading):
            block = replace(block, mark=marks.get(id(block), ""))
        elif isinstance(block, Picture):
            block = replace(block, label=phrase("office.figure", language, n=next(figures)))
        elif _is_annex(block):
            number = roman(1 if block.is_form or not with_forms else 2)
            block = replace(block, label=phrase("office.annex", language, n=number))
        elif isinstance(block, Table):
            counted = block.title and not block.is_form
            label = phrase("office.table", language, n=next(tables)) if counted else ""
            block = replace(block, label=label)
        made.append(block)
    return made


def _is_annex(block) -> bool:
    return isinstance(block, Table) and block.annex


def _annex(name: str, tables: list[Table], language: str) -> Annex:
    """Return an annex; what several of its tables note stands below the last."""
    title, counts = _annex_title(tables, language), Counter(n for one in tables for n in one.notes)
    shared = [note for note, count in counts.items() if count > 1]
    own = [replace(one, notes=[n for n in one.notes if n not in shared]) for one in tables]
    own[-1] = replace(own[-1], notes=[*own[-1].notes, *shared])
    return Annex(name, title, own)


def _annex_title(part: list[Table], language: str) -> str:
    """Return an annex's title: of its one table, or of them all."""
    if len(part) == 1:
        return part[0].title.upper()
    return phrase(f"office.annex_{'forms' if part[0].is_form else 'tables'}", language)


def _standing(blocks: list) -> list[Heading]:
    """Return the headings that have something of the report itself below them."""
    standing, follower = [], None
    for block in reversed(blocks):
        if _is_annex(block):
            continue
        if isinstance(block, Heading):
            over_nothing = isinstance(follower, Heading) and follower.level <= block.level
            if follower is None or over_nothing:
                continue
            standing.append(block)
        follower = block
    return standing[::-1]


def numbered(levels) -> list[str]:
    """Return the mark of every heading level in turn: I., 1., a) with the Vietnamese letter đ.

    >>> numbered([1, 2, 2, 3, 1, 2])
    ['I.', '1.', '2.', 'a)', 'II.', '1.']
    """
    counts, marks = [0, 0, 0], []
    for level in levels:
        level = min(level, 3)
        counts[level - 1] += 1
        counts[level:] = [0] * (3 - level)
        number = counts[level - 1]
        letter = _ALPHABET[(number - 1) % len(_ALPHABET)]
        marks.append((f"{roman(number)}.", f"{number}.", f"{letter})")[level - 1])
    return marks


def roman(number: int) -> str:
    """Return a number from 1 to 39 in Roman figures.

    >>> roman(4), roman(9), roman(12)
    ('IV', 'IX', 'XII')
    """
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text


_ALPHABET = "abcdđeghiklmnopqrstuvxy"  # điểm a), b), c), d), đ), e) …
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


# --- reading -----------------------------------------------------------------------------


def read_document(notebook, name: str = "") -> Document:
    """Return the document of an executed notebook; refuse one that is not fit to be exported.

    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> cells = [new_markdown_cell("## Kết quả\\n\\n- **212** hộ")]
    >>> page = read_document(new_notebook(cells=cells))
    >>> page.blocks[0].mark, page.blocks[0].text, page.blocks[1].entries[0].runs[0].text
    ('I.', 'Kết quả', '212')
    """
    check_fit(notebook)
    record, lead, blocks, prompts = {}, [], [], {}
    for place, cell in enumerate(notebook.cells, start=1):
        if "guide" in cell.get("metadata", {}).get("tags", []):
            continue
        if cell["cell_type"] == "markdown":
            blocks += markdown_blocks("".join(cell["source"]))
        for output in cell.get("outputs", []):
            found = cleaned(record_of(output))
            if found.get("kind") == "document":
                record, lead = found, _lead(output)
            elif found.get("kind") == "prompts":
                prompts = found
            elif found.get("kind") == "explained":
                blocks.append(Explained(record.get("progress", [])))
            else:
                blocks += _output_blocks(output, found, place)
    return Document(record, lead, blocks, name, prompts)


def _lead(output) -> list[Run]:
    """Return the paragraph under the title: what is reported, as of when."""
    blocks = markdown_blocks("".join(output["data"].get("text/markdown", "")))
    return next((block.runs for block in blocks if isinstance(block, Paragraph)), [])


def _output_blocks(output, record: dict, place: int) -> list:
    if output["output_type"] == "error":
        raise SonlaError(message("office.failed_cell", place=place, error=output["ename"]))
    if output["output_type"] == "stream":
        return plain_lines(output["text"] if output.get("name") == "stdout" else "")
    data = output["data"]
    if record.get("kind") == "table":
        return [read_table(record)]
    if record.get("kind") == "glance":
        return [Glance(list(map(tuple, record["figures"])), record["remarks"], record["text"])]
    if "image/png" in data or "image/svg+xml" in data:
        return [_picture(data, record, place)]
    if "text/markdown" in data:
        return markdown_blocks("".join(data["text/markdown"]))
    if any("widget" in mime for mime in data):
        return []
    return plain_lines(data.get("text/plain", ""))


def _picture(data: dict, record: dict, place: int) -> Picture:
    png, svg = data.get("image/png"), data.get("image/svg+xml")
    texts = {key: record.get(key, "") for key in ("slug", "title", "subtitle", "source", "alt")}
    texts["slug"] = texts["slug"] or f"figure-{place}"
    texts["alt"] = texts["alt"] or phrase("office.other_figure", "vi", n=place)
    return Picture(
        **texts,
        numbers=record.get("numbers", {"columns": [], "rows": []}),
        png=base64.b64decode("".join(png)) if png else None,
        svg="".join(svg) if svg else None,
        frame=record.get("frame", {}),
    )
