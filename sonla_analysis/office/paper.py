"""A page as it stands on paper: nothing twice, charts that fill their pages, no empty annexes.

The screen folds and scrolls, paper does not: sentences that the progress table repeats are left
out, the methods follow the annexes in small print, and a unit of very few poor households has the
findings of some charts in words. Every number stays in tables.xlsx.
"""

import re
import struct
from dataclasses import replace
from itertools import groupby

from sonla_analysis.indicators.groups import STATES
from sonla_analysis.indicators.poverty_path import RATE
from sonla_analysis.language.phrases import phrase
from sonla_analysis.office.blocks import (
    PLACE_AND_DATE,
    Glance,
    Heading,
    Paragraph,
    Picture,
    Run,
    SmallPrint,
)
from sonla_analysis.office.document import Document
from sonla_analysis.sentences.table import Table

FEW = 10  # poor households; with fewer, tables by group and charts of shares are nearly empty
_IN_WORDS = ("progress-board", "deprivations", "gaps", "funding")  # charts, where there are few
_WIDE, _DEPTH, _LEAST = 160, 251, 0.74  # millimetres of a page; how much a chart may shrink
_CAPTION, _HEADING = 12.5, 11  # millimetres: with the space around them
_VIEW_BOX = re.compile(r'viewBox="[\d.]+ [\d.]+ ([\d.]+) ([\d.]+)"')


def on_paper(document: Document, *leave_out: str) -> Document:
    """Return the document that Word and PDF print; one of a notebook of one's own as it is.

    `leave_out` are tables, by their slugs, that a format says elsewhere.
    """
    if not document.record:
        return document
    blocks = [one for one in _said_once(document) if getattr(one, "slug", "") not in leave_out]
    if is_short(document):
        blocks = _shortened(blocks)
    blocks, small_print = _without_sources(blocks, document.language)
    parts = _with_table_first(_sections(blocks))
    blocks = [one for part in parts for one in sorted(part, key=_place)]
    if is_short(document) and small_print:  # below the table of figures, where a page has room
        blocks = _after_progress(blocks, small_print)
        small_print = None
    return replace(document, blocks=fitted(blocks), small_print=small_print)


def _after_progress(blocks: list, small_print: SmallPrint) -> list:
    places = [at for at, one in enumerate(blocks) if getattr(one, "slug", "") == "progress"]
    at = places[0] + 1 if places else len(blocks)
    return [*blocks[:at], small_print, *blocks[at:]]


def is_short(document: Document) -> bool:
    """Tell whether a page is about one unit of very few poor households, or none known.

    The internal edition shows groups whole, so it is never short; nor is another page.
    """
    record = document.record
    rates = [one for one in record.get("progress", []) if one["indicator"] == RATE]
    if not rates or record.get("is_area") or document.internal or record.get("page"):
        return False
    poor = rates[0].get("numerator")
    return poor is None or poor < FEW


def _said_once(document: Document) -> list:
    """Return the blocks without what paper says elsewhere, its opening as documents have it.

    A chart's place and date are those of the report. What changed since the last date is a column
    of the page, the brief and the workbook, for which a sheet has no room; as has the table of the
    units over time.
    """
    opening = [Paragraph([Run(text)]) for text in document.prompts.get("opening", [])]
    blocks = []
    for block in document.blocks:
        if isinstance(block, Glance) and opening:
            blocks += opening
        elif isinstance(block, Table) and not block.annex:
            blocks += [] if block.slug == "poor_over_time" else [_narrowed(block)]
        elif isinstance(block, Picture):
            blocks.append(replace(block, subtitle=PLACE_AND_DATE.sub("", block.subtitle)))
        else:
            blocks.append(block)
    return blocks


def _narrowed(table: Table) -> Table:
    """Return a table without its column of changes."""
    if table.slug != "progress":
        return table
    kept = [at for at, column in enumerate(table.columns) if column.key != "change"]
    rows, texts = ([[r[at] for at in kept] for r in part] for part in (table.rows, table.texts))
    return replace(table, columns=[table.columns[at] for at in kept], rows=rows, texts=texts)


def _shortened(blocks: list) -> list:
    """Return the blocks of a unit of few: charts of shares in words, no annex but the forms."""
    made = []
    for block in blocks:
        if isinstance(block, Picture) and _is_nearly_empty(block):
            if block.slug != _IN_WORDS[0]:  # what the board finds stands in the summary
                made.append(Paragraph([Run(f"{' '.join(block.title.split())}.")]))
        elif not (isinstance(block, Table) and block.annex and not block.is_form):
            made.append(block)
    return made


def _is_nearly_empty(picture: Picture) -> bool:
    """Whether a unit of few needs no such chart: of villages, where none of them has as many."""
    if picture.slug != "villages" or not picture.frame:
        return picture.slug in _IN_WORDS
    rows = [dict(zip(picture.frame["columns"], row, strict=True)) for row in picture.frame["rows"]]
    return all((row[state] or 0) < FEW for row in rows for state in STATES)


def _without_sources(blocks: list, language: str) -> tuple[list, SmallPrint | None]:
    """Return the blocks without the section on sources, and its lines as small print."""
    heading = phrase("section.sources", language)
    kept, lines = [], []
    for part in _sections(blocks):
        if isinstance(part[0], Heading) and part[0].text == heading and len(part) > 1:
            lines += ["".join(run.text for run in one.runs) for one in part[1].entries]
            kept += part[2:]
        else:
            kept += part
    annexed = any(isinstance(one, Table) and one.annex for one in kept)
    return (kept, SmallPrint(heading, lines)) if annexed and lines else (blocks, None)


def _sections(blocks: list) -> list[list]:
    parts = [[]]
    for block in blocks:
        if isinstance(block, Heading):
            parts.append([])
        parts[-1].append(block)
    return [part for part in parts if part]


def _with_table_first(parts: list[list]) -> list[list]:
    """Return the sections, the charts before the progress table moved behind it: it flows."""
    has = [any(getattr(one, "slug", "") == "progress" for one in part) for part in parts]
    if not any(has):
        return parts
    at = has.index(True)
    early = [one for part in parts[:at] for one in part if isinstance(one, Picture)]
    kept = [[one for one in part if not isinstance(one, Picture)] for part in parts[:at]]
    return [*kept, [*parts[at][:1], *early, *parts[at][1:]], *parts[at + 1 :]]


def _place(block) -> int:
    """Return where a block stands within its section: what flows over pages before charts.

    Upright annex tables stand before those across: small print has room below one of these.
    """
    if isinstance(block, Table) and block.annex and not block.is_form:
        return 4 if block.is_landscape else 3
    return 0 if isinstance(block, Heading) else 2 if isinstance(block, Picture) else 1


# --- charts on pages ---------------------------------------------------------------------


def fitted(blocks: list) -> list:
    """Return the blocks, charts that follow each other so wide that they share pages."""
    made = []
    for is_run, group in groupby(blocks, key=lambda one: isinstance(one, Picture | Heading)):
        run = list(group)
        made += _paged(run) if is_run else run
    return made


def _paged(run: list) -> list:
    """Return headings and charts in a row, cut into pages so that the charts are largest."""
    places = [place for place, one in enumerate(run) if isinstance(one, Picture)]
    best = [(0.0, [])]  # by how many charts are placed: the cost, and the pages so far
    for end in range(1, len(places) + 1):
        choices = []
        for start in range(end):
            scale = _scale(run, places[start:end])
            if scale >= _LEAST or end - start == 1:
                cost, pages = best[start]
                choices.append((cost + 1 + (1 - scale), [*pages, (start, end, scale)]))
        best.append(min(choices, key=lambda one: one[0]))
    made = list(run)
    for start, end, scale in best[-1][1]:
        for one in range(start, end):
            made[places[one]] = replace(run[places[one]], width=round(_WIDE * scale, 1))
    return made


def _scale(run: list, places: list[int]) -> float:
    """Return by how much these charts shrink to stand on one page with what is between them."""
    first = max((p + 1 for p in range(places[0]) if isinstance(run[p], Picture)), default=0)
    between = [one for one in run[first : places[-1]] if isinstance(one, Heading)]
    room = _DEPTH - _CAPTION * len(places) - _HEADING * len(between)
    return min(1.0, room / sum(_WIDE * shape(run[place]) for place in places))


def shape(picture: Picture) -> float:
    """Return a picture's height by its width."""
    if picture.png:
        width, height = struct.unpack(">II", picture.png[16:24])
    elif box := _VIEW_BOX.search(picture.svg or ""):
        width, height = map(float, box.groups())
    else:
        return 1.0
    return height / width
