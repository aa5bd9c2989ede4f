"""An executed notebook as a document: its record and its blocks in reading order.

Every office format is built from this, never from the notebook itself, so that all of them say
the same. A cell tagged `guide` speaks to the author and is left out, as on the page.
"""

import base64
import re
import unicodedata
from dataclasses import dataclass, field

import mistune

from sonla_analysis.language.phrases import message, phrase
from sonla_analysis.language.refusals import SonlaError
from sonla_analysis.office.fit import check_fit, record_of


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
    """A section's heading; level 1 is the first below the title."""

    level: int
    runs: list[Run]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `plain` is what a cell of the reader's own printed, line by line."""

    runs: list[Run]
    plain: bool = False


@dataclass(frozen=True)
class Item:
    """One entry of a list; `mark` is "-" or its number."""

    runs: list[Run]
    mark: str = "-"
    depth: int = 0


@dataclass(frozen=True)
class Grid:
    """A table as printed; see `printed.Table` and `annex_form.Form` for the parts."""

    slug: str
    title: str
    columns: list[dict]
    rows: list[list]
    texts: list[list[str]]
    notes: list[str] = field(default_factory=list)
    annex: bool = False
    heads: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Picture:
    """A chart: its texts, the very numbers drawn, and the drawing as PNG or SVG."""

    slug: str
    title: str
    subtitle: str
    source: str
    alt: str
    numbers: dict
    png: bytes | None = field(default=None, repr=False)
    svg: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Document:
    """A page to be written out; `record` is what `page.begin` left, empty in a foreign notebook."""

    record: dict
    lead: list[Run]
    blocks: list
    name: str = ""

    @property
    def language(self) -> str:
        return self.record.get("language", "vi")

    @property
    def title(self) -> str:
        return self.record.get("title") or self.name or phrase("office.untitled", "vi")

    @property
    def body(self) -> list:
        """The blocks of the report itself, without headings that have nothing but annexes below."""
        kept = []
        for block in reversed(self.blocks):
            if isinstance(block, Grid) and block.annex:
                continue
            if isinstance(block, Heading) and not _holds(kept, block.level):
                continue
            kept.append(block)
        return kept[::-1]

    @property
    def annexes(self) -> list[Grid]:
        return [block for block in self.blocks if isinstance(block, Grid) and block.annex]

    @property
    def tables(self) -> list[Grid]:
        return [block for block in self.blocks if isinstance(block, Grid) and block.slug]

    @property
    def pictures(self) -> list[Picture]:
        return [block for block in self.blocks if isinstance(block, Picture)]


def _holds(after: list, level: int) -> bool:
    """Tell whether anything stands under a heading; `after` is what follows, the last first."""
    follower = after[-1] if after else None
    return follower is not None and not (isinstance(follower, Heading) and follower.level <= level)


def read_document(notebook, name: str = "") -> Document:
    """Return the document of an executed notebook; refuse one that is not fit to be exported.

    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> cells = [new_markdown_cell("## Kết quả\\n\\n- **212** hộ")]
    >>> page = read_document(new_notebook(cells=cells))
    >>> page.blocks[0].level, page.blocks[1].runs[0]
    (1, Run(text='212', bold=True, italic=False, code=False, link=''))
    """
    check_fit(notebook)
    record, lead, blocks = {}, [], []
    for place, cell in enumerate(notebook.cells, start=1):
        if "guide" in cell.get("metadata", {}).get("tags", []):
            continue
        if cell["cell_type"] == "markdown":
            blocks += markdown_blocks("".join(cell["source"]))
        for output in cell.get("outputs", []):
            found = record_of(output)
            if found.get("kind") == "document":
                record, lead = found, _lead(output)
            else:
                blocks += _output_blocks(output, found, place)
    return Document(record, lead, blocks, name)


def _lead(output) -> list[Run]:
    """Return the paragraph under the title: what is reported, as of when."""
    blocks = markdown_blocks("".join(output["data"].get("text/markdown", "")))
    return next((block.runs for block in blocks if isinstance(block, Paragraph)), [])


def _output_blocks(output, record: dict, place: int) -> list:
    if output["output_type"] == "error":
        raise SonlaError(message("office.failed_cell", place=place, error=output["ename"]))
    if output["output_type"] == "stream":
        return _lines(output["text"] if output.get("name") == "stdout" else "")
    data = output["data"]
    if record.get("kind") == "table":
        return [Grid(**{key: record[key] for key in Grid.__dataclass_fields__ if key in record})]
    if "image/png" in data or "image/svg+xml" in data:
        return [_picture(data, record, place)]
    if "text/markdown" in data:
        return markdown_blocks("".join(data["text/markdown"]))
    if any("widget" in mime for mime in data):
        return []
    return _lines(data.get("text/plain", ""))


def _lines(text) -> list[Paragraph]:
    lines = "".join(text).strip("\n").split("\n")
    return [Paragraph([Run(line)], plain=True) for line in lines if line.strip()]


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
    )


# --- Markdown ----------------------------------------------------------------------------

_parse = mistune.create_markdown(renderer="ast", plugins=["table", "strikethrough"])


def markdown_blocks(text: str) -> list:
    """Return a text's blocks; raw HTML in it is taken as text."""
    return [block for token in _parse(text) for block in _token_blocks(token)]


def _token_blocks(token: dict, depth: int = 0) -> list:
    kind, children = token["type"], token.get("children", [])
    if kind == "heading":
        return [Heading(max(token["attrs"]["level"] - 1, 1), _runs(children))]
    if kind in ("paragraph", "block_text"):
        return [Paragraph(_runs(children))]
    if kind == "list":
        return _items(token, depth)
    if kind == "block_quote":
        return [block for child in children for block in _token_blocks(child, depth)]
    if kind == "table":
        return [_grid(children)]
    if kind in ("block_code", "block_html"):
        return _lines(token.get("raw", ""))
    return []


def _items(token: dict, depth: int) -> list:
    blocks, ordered = [], token.get("attrs", {}).get("ordered", False)
    start = token.get("attrs", {}).get("start", 1)
    for place, item in enumerate(token["children"], start=start):
        for child in item["children"]:
            if child["type"] == "list":
                blocks += _items(child, depth + 1)
            else:
                mark = f"{place}." if ordered else "-"
                blocks.append(Item(_runs(child.get("children", [])), mark, depth))
    return blocks


def _grid(parts: list[dict]) -> Grid:
    rows = []
    for part in parts:
        lines = [part] if part["type"] == "table_head" else part["children"]
        rows += [[_plain(cell) for cell in line["children"]] for line in lines]
    sides = [cell["attrs"].get("align") or "left" for cell in parts[0]["children"]]
    columns = [
        {"key": f"column_{place}", "label": label, "align": side, "format": ""}
        for place, (label, side) in enumerate(zip(rows[0], sides, strict=True), start=1)
    ]
    return Grid("", "", columns, rows[1:], rows[1:])


def _plain(token: dict) -> str:
    return "".join(run.text for run in _runs(token.get("children", [])))


def _runs(tokens: list[dict], **look) -> list[Run]:
    runs = []
    for token in tokens:
        kind, children = token["type"], token.get("children", [])
        if kind == "strong":
            runs += _runs(children, **look | {"bold": True})
        elif kind == "emphasis":
            runs += _runs(children, **look | {"italic": True})
        elif kind == "link":
            runs += _runs(children, **look | {"link": _safe(token["attrs"]["url"])})
        elif kind == "codespan":
            runs.append(Run(token["raw"], **look | {"code": True}))
        elif kind in ("softbreak", "linebreak"):
            runs.append(Run(" ", **look))
        elif children:
            runs += _runs(children, **look)
        elif text := token.get("raw", ""):
            runs.append(Run(clean(text), **look))
    return runs


def _safe(address: str) -> str:
    return address if address.startswith(("https://", "http://", "mailto:")) else ""


def clean(text: str) -> str:
    """Return a text in NFC without the characters no document may hold; its spaces stay.

    >>> clean("Lê\\u0300 \\x0b2")
    'Lề 2'
    """
    return _FORBIDDEN.sub("", unicodedata.normalize("NFC", text))


# what XML forbids, and the private letters that mark places in a template
_FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\uf900-\ufffd\U00010000-\U0010ffff]")
