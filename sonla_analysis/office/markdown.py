"""The blocks of a text in Markdown; raw HTML in it is taken as text."""

import mistune

from sonla_analysis.office.blocks import Entry, Heading, Listing, Paragraph, Run, clean
from sonla_analysis.sentences.table import Column, Table

_parse = mistune.create_markdown(renderer="ast", plugins=["table", "strikethrough"])


def markdown_blocks(text: str) -> list:
    """Return a text's blocks, headings one level up: the page's title is no block.

    >>> blocks = markdown_blocks("## Kết quả\\n\\n- **212** hộ")
    >>> blocks[0].level, blocks[1].entries[0].mark, blocks[1].entries[0].runs[0]
    (1, '-', Run(text='212', bold=True, italic=False, code=False, link=''))
    """
    return [block for token in _parse(text) for block in _token_blocks(token)]


def _token_blocks(token: dict) -> list:
    kind, children = token["type"], token.get("children", [])
    if kind == "heading":
        return [Heading(max(token["attrs"]["level"] - 1, 1), _runs(children))]
    if kind in ("paragraph", "block_text"):
        return [Paragraph(_runs(children))]
    if kind == "list":
        return [_listing(token)]
    if kind == "block_quote":
        return [block for child in children for block in _token_blocks(child)]
    if kind == "table":
        return [_table(children)]
    if kind in ("block_code", "block_html"):
        return plain_lines(token.get("raw", ""))
    return []


def _listing(token: dict) -> Listing:
    """Return a list; what an entry says in several paragraphs becomes as many entries."""
    attributes, entries = token.get("attrs", {}), []
    start = attributes.get("start", 1) if attributes.get("ordered", False) else None
    for place, item in enumerate(token["children"]):
        mark = "-" if start is None else f"{start + place}."
        for child in item["children"]:
            if child["type"] != "list":
                entries.append(Entry(mark, _runs(child.get("children", []))))
            elif entries:
                entries[-1].inner.append(_listing(child))
            else:
                entries += _listing(child).entries
    return Listing(entries, start)


def _table(parts: list[dict]) -> Table:
    """Return a table written in Markdown; it has neither name nor title."""
    rows = []
    for part in parts:
        lines = [part] if part["type"] == "table_head" else part["children"]
        rows += [[_plain(cell) for cell in line["children"]] for line in lines]
    sides = [cell["attrs"].get("align") or "left" for cell in parts[0]["children"]]
    columns = [
        Column(f"column_{place}", label, side)
        for place, (label, side) in enumerate(zip(rows[0], sides, strict=True), start=1)
    ]
    return Table("", "", columns, rows[1:], rows[1:])


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
            runs.append(Run(clean(token["raw"]), **look | {"code": True}))
        elif kind in ("softbreak", "linebreak"):
            runs.append(Run(" ", **look))
        elif children:
            runs += _runs(children, **look)
        elif text := token.get("raw", ""):
            runs.append(Run(clean(text), **look))
    return runs


def _safe(address: str) -> str:
    return address if address.startswith(("https://", "http://", "mailto:")) else ""


def plain_lines(text) -> list[Paragraph]:
    """Return what a cell printed, line by line."""
    lines = clean("".join(text)).strip("\n").split("\n")
    return [Paragraph([Run(line)], plain=True) for line in lines if line.strip()]
