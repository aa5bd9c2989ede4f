"""Questions to elements of a Word document, and how one is taken out without harm."""

import re

from docx.oxml.ns import qn

from sonla_analysis.office.word_marks import is_page_break, text_of

_SILENT = {qn("w:rPr"), qn("w:t"), qn("w:lastRenderedPageBreak")}


def has_look(run, look: str) -> bool:
    """Tell whether a run is bold (`w:b`) or italic (`w:i`) of its own."""
    return run.find(f"{qn('w:rPr')}/{qn(look)}") is not None


def says(run) -> bool:
    """Tell whether a run shows something: a text, a picture, a note."""
    return bool(text_of([run]).strip()) or any(
        child.tag not in _SILENT and not is_page_break(child) for child in run
    )


def is_alone(paragraph, spot) -> bool:
    """Tell whether a paragraph holds nothing but our text and the mark of its entry."""
    ours = set(map(id, spot.runs))
    rest = [one for one in paragraph.iter(qn("w:r")) if id(one) not in ours and says(one)]
    return not rest or re.fullmatch(r"-|\d+\.", text_of(rest).strip()) is not None


def width_of(table) -> int:
    """Return how many cells the widest row of a table has."""
    return max((len(row.tc_lst) for row in table.tr_lst), default=0)


def is_bold(row) -> bool:
    """Tell whether all that a row says is bold, as a total is."""
    runs = [one for one in row.iter(qn("w:r")) if text_of([one]).strip()]
    return bool(runs) and all(has_look(one, "w:b") for one in runs)


def take_out(element) -> None:
    """Take an element out; one that must stay, as the last of a cell or section, is emptied."""
    before = element.getprevious()
    if before is not None:
        move_section_end(element, before)
    breaks = any(map(is_page_break, element.iter(qn("w:br"))))
    if (
        breaks
        or _ends_section(element)
        or (element.getparent().tag == qn("w:tc") and before is None)
    ):
        for one in [child for child in element if not _stays(child)]:
            element.remove(one)
    else:
        element.getparent().remove(element)


def _stays(child) -> bool:
    return child.tag == qn("w:pPr") or any(map(is_page_break, child.iter(qn("w:br"))))


def _ends_section(element) -> bool:
    return element.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None


def move_section_end(element, other) -> None:
    """Let a section that ends with a paragraph end with another."""
    if _ends_section(element) and other.tag == qn("w:p"):
        other.get_or_add_pPr()._insert_sectPr(element.pPr.sectPr)
