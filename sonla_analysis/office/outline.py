"""A page as the report that an office signs: its parts in the office's order, places to fill in."""

from dataclasses import replace

from sonla_analysis.language.phrases import phrase
from sonla_analysis.office.blocks import Entry, Heading, Listing, Paragraph, Run
from sonla_analysis.office.document import Document


def outlined(document: Document, outline: list[dict]) -> Document:
    """Return the document in the parts of an outline (`definitions.outline`).

    One without prompts (a notebook of one's own) stays as it is.
    """
    if not document.prompts:
        return document
    if "places" in document.prompts:  # another page than a report keeps its own parts
        places = [Paragraph([Run(text)], prompt=True) for text in document.prompts["places"]]
        return replace(document, blocks=[*document.blocks, *places])
    blocks = [block for part in outline for block in _part(document, part)]
    return replace(document, blocks=blocks)


def _part(document: Document, part: dict) -> list:
    """Return a part: its heading, and what it holds, each a section where it holds several."""
    several = len(part["holds"]) > 1
    blocks = [_heading(1, part["title"][document.language])]
    for piece in part["holds"]:
        if several:
            blocks.append(_heading(2, phrase(f"piece.{piece}", document.language)))
        blocks += _piece(document, piece, 2 if several else 1)
    return blocks


def _heading(level: int, text: str) -> Heading:
    return Heading(level, [Run(text)])


def _piece(document: Document, piece: str, deeper: int) -> list:
    if piece == "results":
        return [_lowered(block, deeper) for block in document.blocks]
    facts = [Entry("-", [Run(text)]) for text in document.prompts["facts"][piece]]
    places = [Paragraph([Run(text)], prompt=True) for text in document.prompts["prompts"][piece]]
    return [*([Listing(facts)] if facts else []), *places]


def _lowered(block, levels: int):
    return replace(block, level=block.level + levels) if isinstance(block, Heading) else block
