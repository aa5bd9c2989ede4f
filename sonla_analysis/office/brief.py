"""The brief: two A4 pages of a unit, the same layout for all; what the chairman gets.

First page: the figures, and the picture that tells most. Second page: only what is missed, the
path of poverty, what changed. Made from the same blocks as the report; heights are estimated here,
so that Word and PDF hold the same.
"""

from dataclasses import dataclass, replace
from math import ceil

from sonla_analysis.indicators.standing import JUDGED
from sonla_analysis.language.phrases import phrase
from sonla_analysis.office.blocks import Glance, Picture
from sonla_analysis.office.document import Document
from sonla_analysis.office.paper import shape
from sonla_analysis.office.word_columns import height
from sonla_analysis.sentences.figures import lower_start
from sonla_analysis.sentences.table import Table

WIDE, DEPTH = 170, 248  # millimetres of text on a page; a reserve is left below
_BOARDS = ("overview", "progress-board")  # the picture that tells most: the first that is there
_HEAD, _FIGURES, _HEADING, _LINE, _GAP = 26, 22, 9, 4.9, 4  # millimetres
_PATHS, _NARROW = ("poverty-path", "movement"), 120  # the second only where both are so wide
_PATH = (58, 105)  # how high the path is at least, at most
_SIZE, _LETTERS = 10, 115  # points of the tables; letters of a line of small print
_UNCHANGED = "=–"  # what a change begins with where there is none


@dataclass(frozen=True)
class Brief:
    """What stands on the two pages; pictures have their width, None where a page has none."""

    title: str
    lead: str
    figures: list[tuple[str, str]]
    remarks: list[str]
    board: Picture | None
    missed: Table | None
    left_out: str
    paths: list[Picture]
    changed: str
    changes: list[str]


def brief_of(document: Document) -> Brief:
    """Return the brief of a page that begins with its figures."""
    glance = next((one for one in document.blocks if isinstance(one, Glance)), Glance([], [], ""))
    pictures = {one.slug: one for one in document.pictures}
    board = next((pictures[slug] for slug in _BOARDS if slug in pictures), None)
    head = _HEAD + _FIGURES + _LINE * sum(_lines(one) for one in glance.remarks)
    changed, changes = _changes(document)
    low = _HEADING + _LINE * ceil(len(changes) / 2) if changes else 0
    room = DEPTH - low - _PATH[0] - _GAP
    missed, left_out = _cut(_table(document, "missed"), room, document.language)
    if missed is None:
        left_out = _nothing_missed(document)
    rest = DEPTH - low - (height(missed, WIDE, _SIZE) if missed else 2 * _HEADING) - _GAP
    return Brief(
        title=phrase("brief.title", document.language, unit=document.record.get("unit_name", "")),
        lead="".join(run.text for run in document.lead),
        figures=glance.figures,
        remarks=glance.remarks,
        board=_sized(board, DEPTH - head),
        missed=missed,
        left_out=left_out,
        paths=_paths([pictures[slug] for slug in _PATHS if slug in pictures], rest),
        changed=changed,
        changes=changes,
    )


def _lines(text: str) -> int:
    return ceil(len(text) / _LETTERS)


def _sized(picture: Picture | None, high: float) -> Picture | None:
    """Return a picture as wide as the text, or as fits below a height."""
    if picture is None:
        return None
    return replace(picture, width=round(min(WIDE, high / shape(picture)), 1))


def _paths(pictures: list[Picture], high: float) -> list[Picture]:
    """Return the path of poverty, and where a page has room for both, how households moved."""
    if not pictures:
        return []
    wide = min(WIDE, (high - _GAP * len(pictures)) / sum(map(shape, pictures)))
    if len(pictures) > 1 and wide >= _NARROW:
        return [replace(one, width=round(wide, 1)) for one in pictures]
    return [_sized(pictures[0], min(high, _PATH[1]))]


def _table(document: Document, slug: str) -> Table | None:
    return next((replace(one, label="") for one in document.tables if one.slug == slug), None)


def _cut(table: Table | None, depth: float, language: str) -> tuple[Table | None, str]:
    """Return the table of what is missed, cut where it must be, and what says so."""
    if table is None:
        return None, ""
    kept = len(table.texts)
    while kept > 1 and height(_first(table, kept), WIDE, _SIZE) + _LINE > depth:
        kept -= 1
    more = len(table.texts) - kept
    return _first(table, kept), phrase("brief.more", language, n=more) if more else ""


def _nothing_missed(document: Document) -> str:
    judged = any(one.get("status") in JUDGED for one in document.record.get("progress", []))
    return phrase(f"brief.{'nothing_missed' if judged else 'none_judged'}", document.language)


def _first(table: Table, count: int) -> Table:
    return replace(table, rows=table.rows[:count], texts=table.texts[:count])


def _changes(document: Document) -> tuple[str, list[str]]:
    """Return what changed in the targets that are not missed, and its heading."""
    language, progress = document.language, _table(document, "progress")
    keys = [column.key for column in progress.columns] if progress else []
    if "change" not in keys:
        return "", []
    at = keys.index("change")
    shorts = {one["number"]: one["short"] for one in document.record.get("progress", [])}
    missed = {row[0] for row in getattr(_table(document, "missed"), "texts", [])}
    texts = [
        phrase("brief.change", language, number=row[0], short=shorts[row[0]], change=row[at])
        for row in progress.texts
        if row[0] not in missed and row[at][:1] not in _UNCHANGED
    ]
    label, what = progress.columns[at].label, phrase("brief.changed", language)
    since = lower_start(label)
    return phrase("brief.since", language, since=since, what=what), texts
