"""What a sender must correct or answer: the findings of an intake, by who sent the file."""

from dataclasses import dataclass, replace

from sonla_analysis.intake.sendings import Intake, Sending
from sonla_analysis.language.phrases import phrase
from sonla_analysis.office.blocks import clean
from sonla_analysis.tables.findings import Finding, told
from sonla_analysis.tables.workbook import CELL

KINDS = ("error", "question", "warning")
_MOST = 3  # points of one rule that follow each other, and cells of one point that are named


@dataclass(frozen=True)
class Point:
    """A finding as it concerns its sender: a unit's code, or the file where no unit is known.

    `kind` is one of KINDS: to correct, to answer, to look at. `candidates` are possible answers.
    """

    sender: str
    kind: str
    finding: Finding
    candidates: tuple[str, ...] = ()


def sender_of(sending: Sending) -> str:
    """Return who sent a file: the unit's code, or the file where no unit is known."""
    return sending.unit or sending.file


def points_of(intake: Intake) -> list[Point]:
    """Return all that senders must correct, answer or look at, in the order in which to go on.

    What was found in a file of which a later one has replaced all is no point any more.
    """
    asked = {one.finding: one for one in intake.questions}
    found = [finding for sending in intake.sendings for finding in sending.findings]
    points = []
    for one in dict.fromkeys([*found, *intake.findings, *asked]):
        if one.rule == "unit_in_no_table":  # who sent nothing has nothing to correct
            continue
        sending = intake.sending_of(one.file)
        if sending and sending.replaced_by and not sending.rows:
            continue
        kind = "question" if one in asked else "error" if one.severity == "error" else "warning"
        candidates = asked[one].candidates if one in asked else ()
        points.append(Point(sender_of(sending) if sending else one.unit, kind, one, candidates))
    return sorted(points, key=_order)


def _order(point: Point) -> tuple:
    one = point.finding
    cell = CELL.fullmatch(one.cell)
    place = (int(cell[2]), len(cell[1]), cell[1]) if cell else (one.row, 0, one.column)
    return point.sender, KINDS.index(point.kind), one.file, one.sheet, place, one.rule


def place_of(finding: Finding, language: str) -> str:
    """Return the cell, or the line, or a dash for a whole sheet or file."""
    line = phrase("letter.line", language, n=finding.row) if finding.row else "–"
    return clean(finding.cell) or line


def rule_of(point: Point, language: str) -> str:
    """Return what the rule says and what stands there, as a sentence begins.

    >>> point = Point("03646", "error", Finding("not_flag", "members", found="x"))
    >>> rule_of(point, "vi")
    "Ghi là 'x'; phải là có/không, 1/0 hoặc true/false."
    """
    text = phrase(f"finding.{point.finding.rule}", language, **told(point.finding, language))
    return clean(text[:1].upper() + text[1:])


def remedy_of(point: Point, language: str) -> str:
    """Return what the sender is asked to do; a question is asked with its possible answers."""
    if point.kind != "question":
        words = told(point.finding, language)
        return clean(phrase(f"remedy.{point.finding.rule}", language, **words))
    if point.candidates:
        choices = "; ".join(point.candidates)
        return clean(phrase("letter.answer", language, choices=choices))
    return phrase("letter.answer_freely", language)


def joined(points: list[Point], language: str) -> list[Point]:
    """Return one point for all that break the same rule in the same column, the first ones named.

    After three of one rule come the first three of the next, so that every rule is seen early.

    >>> cells = [Finding("not_flag", "t", column="c", found=f, cell=f"C{n}") for n, f in
    ...          enumerate(["x", "x", "?", "x"], start=7)]
    >>> one = joined([Point("a", "error", cell) for cell in cells], "vi")[0].finding
    >>> one.cell, one.found
    ('C7, C8, C9 … (4 ô)', 'x; ?')
    """
    groups = {}
    for one in points:
        key = replace(one.finding, found="", cell="", row=0, unit="")
        groups.setdefault((one.kind, one.candidates, key), []).append(one)
    made = [_joined(group, language) for group in groups.values()]
    rules = [one.finding.rule for one in made]
    turns = [rules[:at].count(rule) // _MOST for at, rule in enumerate(rules)]
    return [made[at] for at in sorted(range(len(made)), key=turns.__getitem__)]


def _joined(points: list[Point], language: str) -> Point:
    """Return the first of several points, with the cells and contents of them all."""
    if len(points) == 1:
        return points[0]
    cells = [one.finding.cell or str(one.finding.row or "") for one in points]
    cell = ", ".join(filter(None, cells[:_MOST]))
    if cell and len(cells) > _MOST:
        cell = phrase("letter.cells", language, cells=cell, n=len(cells))
    found = list(dict.fromkeys(one.finding.found for one in points))
    text = "; ".join(found[:_MOST]) + "; …" * (len(found) > _MOST)
    return replace(points[0], finding=replace(points[0].finding, cell=cell, found=text))
