"""`sonla intake`: an inbox → the data folder, what is asked, what is told to each sender."""

from dataclasses import dataclass, field
from pathlib import Path

from sonla_analysis.definitions.office import load_office
from sonla_analysis.definitions.plan import Plan, load_plan
from sonla_analysis.intake.answers import ANSWERS, add_questions, read_answers
from sonla_analysis.intake.folder import take_in
from sonla_analysis.intake.sendings import Intake, Question, Sending
from sonla_analysis.intake.status import write_record
from sonla_analysis.intake.written import write_data
from sonla_analysis.language.phrases import message, phrase
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.tables.findings import finding_sentence
from sonla_analysis.tables.units_table import load_units

LETTERS = "thu-gop-y"
_BLANK = 3  # workbooks not filled in that are named; the rest is counted


@dataclass
class Inbox:
    """What was taken in, and what was written: data folder, letters, the file of answers.

    `given` are the answers it was read with.
    """

    taken: Intake
    data: Path
    answers: Path
    letters: list[Path]
    given: dict[str, dict[str, str]] = field(default_factory=dict)


def run_intake(inbox: Path, data: Path, plan: str | Path | Plan, units=None, office=None) -> Inbox:
    """Read an inbox into a data folder; write what is asked, and a letter to whoever must correct.

    `units` is a CSV of units, the package's own by default; `office` the office's working folder,
    by default the one that the data folder lies in.
    """
    if inbox.resolve() == data.resolve():
        raise UsageError(message("intake.same_folder", inbox=inbox, data=data))
    known = None if units is None else load_units(units)
    folder = Path(office or data.resolve().parent)
    settings, answers = load_office(folder), folder / ANSWERS
    given = read_answers(answers)
    taken = take_in(inbox, load_plan(plan), known, given)
    try:
        write_data(taken, data)
        write_record(taken, data)
        if known is not None:
            known.to_csv(data / "units.csv", index=False, lineterminator="\n")
        if taken.questions:
            add_questions(answers, taken.questions)
    except OSError as error:
        words = {"folder": data, "reason": error.strerror or type(error).__name__}
        raise UsageError(message("intake.not_written", **words)) from None
    said = {"due": settings["due"], "synthetic": taken.synthetic}
    said |= settings["letterhead"] | settings["letter"]
    from sonla_analysis.intake.letters import write_letters  # a second for what writes documents

    letters = write_letters(taken, inbox, folder / LETTERS, said, taken.in_force)
    return Inbox(taken, data, answers, letters, given)


def intake_listing(done: Inbox, inbox: Path, language: str) -> str:
    """Return what came in, file by file, what is asked, and where the data and letters are."""
    taken = done.taken
    lines = [phrase("intake.head", language, files=len(taken.sendings), inbox=inbox)]
    blank = [one for one in taken.sendings if _is_blank(one)]
    lines += [_file_line(one, language) for one in taken.sendings if one not in blank]
    if blank:
        named = [one.file for one in blank[:_BLANK]] + ["…"] * (len(blank) > _BLANK)
        words = {"n": len(blank), "files": ", ".join(named)}
        lines.append("  " + phrase("intake.blank", language, **words))
    if taken.questions:
        words = {"n": len(taken.questions), "file": done.answers}
        lines += ["", phrase("intake.questions", language, **words)]
        for one in taken.questions:
            answer = done.given.get(one.section, {}).get(one.key, "")
            lines += _question_lines(one, answer, language)
    return "\n".join([*lines, "", *_next_lines(done, inbox, language)])


def _next_lines(done: Inbox, inbox: Path, language: str) -> list[str]:
    """Return where the data and letters are, and what to do with them."""
    lines = []
    if done.taken.questions:
        lines.append(phrase("intake.answer", language, file=done.answers))
    if done.letters:
        words = {"n": len(done.letters), "folder": done.letters[0].parent, "inbox": inbox}
        lines.append(phrase("intake.letters", language, **words))
    held = bool(done.taken.questions) or bool(done.letters)
    lines.append(phrase("intake.report_held" if held else "intake.report", language))
    written = phrase("intake.written", language, data=done.data)
    return [written, *(f"  - {line}" for line in lines)]


def _is_blank(sending: Sending) -> bool:
    """Return whether a file gave nothing and nothing is to be said of it."""
    said = any(one.file for one in sending.findings)
    return not (sending.rows or sending.replaced_by or said)


def _file_line(sending: Sending, language: str) -> str:
    errors = sum(one.severity == "error" for one in sending.findings)
    tables = [
        phrase("intake.rows_of", language, table=phrase(f"table_short.{table}", language), n=n)
        for table, n in sending.rows.items()
    ]
    rows = phrase("intake.no_rows", language)
    if tables:
        n = sum(sending.rows.values())
        rows = phrase("intake.rows", language, n=n, tables=", ".join(tables))
    elif sending.replaced_by:
        rows = phrase("intake.replaced", language, file=sending.replaced_by)
    points = phrase("intake.points", language, n=errors) if errors else ""
    mark = "✗" if errors else "✓" if sending.rows else "–"
    words = {"mark": mark, "file": sending.file, "rows": rows, "points": points}
    return "  " + phrase("intake.file", language, **words)


def _question_lines(question: Question, answer: str, language: str) -> list[str]:
    sentence = finding_sentence(question.finding, language)
    lines = [f"  ? {sentence}"]
    if answer:
        lines.append("    " + phrase("intake.not_understood", language, answer=answer))
    if question.candidates:
        listed = ", ".join(question.candidates)
        lines.append("    " + phrase("intake.candidates", language, listed=listed))
    return lines
