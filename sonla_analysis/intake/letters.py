"""Letters back: to each sender what came, what was accepted, what to correct or to answer.

A letter is a folder: a công văn in Word under Decree 30/2020/NĐ-CP that asks, a workbook of all
points, and a copy of each sent file with its cells marked. No sentence in it holds a person's name;
the marked copy holds what its sender wrote, and goes to nobody else.
"""

import io
from collections import Counter
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pandas as pd

from sonla_analysis.definitions.units import folder_name
from sonla_analysis.intake.inbox import sent_files
from sonla_analysis.intake.marked import marked_copy
from sonla_analysis.intake.points import (
    KINDS,
    Point,
    joined,
    place_of,
    points_of,
    remedy_of,
    rule_of,
    sender_of,
)
from sonla_analysis.intake.sendings import Intake, Sending
from sonla_analysis.language.phrases import label, message, phrase
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import is_date, nfc, slug
from sonla_analysis.office import TEMPLATES
from sonla_analysis.office.blocks import Entry, Listing, Paragraph, Run, clean, cleaned
from sonla_analysis.office.document import Document
from sonla_analysis.office.letterhead import Letterhead
from sonla_analysis.office.word import word_document
from sonla_analysis.office.worksheet import Formats, new_workbook, write_table
from sonla_analysis.sentences import day, number, unit_name
from sonla_analysis.sentences.shared import list_names
from sonla_analysis.sentences.table import Column, Table
from sonla_analysis.tables.findings import found_in_words
from sonla_analysis.tables.workbook import CELL

_ROWS = 15  # of a letter's table; the rest is in the workbook
_FILES = 5  # that a letter names


@dataclass(frozen=True)
class Letter:
    """What a letter is made from; `unit` is the sender in words, "" where nobody knows."""

    name: str
    unit: str
    sendings: list[Sending]
    points: list[Point]
    sheets: dict[tuple[str, str], list[str]]  # of a file that a table was read from
    office: dict
    language: str

    def word(self, name: str, /, **values) -> str:
        return phrase(f"letter.{name}", self.language, **values)

    @property
    def listing(self) -> str:
        """Return the name of the workbook of all points."""
        return self.word("listing_file", name=self.name)

    @property
    def as_of(self) -> str:
        """Return the last day the sent figures are of, "" where none says it."""
        return max((date for one in self.sendings for date in one.as_of), default="")

    def document(self, blocks: list) -> Document:
        title = self.word("title", unit=self.unit or self.sendings[0].file)
        record = {"language": self.language, "title": clean(title), "as_of": self.as_of}
        return Document(record if self.as_of else {}, [], blocks, clean(title))


def write_letters(
    intake: Intake,
    inbox: Path,
    out: Path,
    office: dict,
    units: pd.DataFrame,
    language: str = "vi",
) -> list[Path]:
    """Return the folders of the letters, one for each sender with something to correct or answer.

    `units` is indexed by code. `office` may have: superior, agency (a | begins a new line), symbol
    (behind the number), place, date, on_behalf, position, signer, recipients, contact, due, and
    `synthetic`; what it has not is left as dots. A letter that says what it said before is left as
    it lies, with what a person wrote into it; any other former letter moves, whole, to a folder
    `lan-truoc`, so what was asked and edited is kept.
    """
    letters = _letters(intake, cleaned(office), units, language)
    earlier = out / phrase("letter.earlier", language)
    listing = phrase("letter.listing_file", language, name="*")
    try:
        for former in {path.parent for path in out.glob(f"*/{listing}")}:
            if former.name not in [one.name for one in letters]:
                _set_aside(former, earlier)
        for letter in letters:
            _write(letter, inbox, out / letter.name, earlier)
    except OSError as error:
        words = {"folder": out, "reason": error.strerror or type(error).__name__}
        raise UsageError(message("letter.not_written", **words)) from None
    return [out / one.name for one in letters]


def _letters(intake: Intake, office: dict, units: pd.DataFrame, language: str) -> list[Letter]:
    points, sendings, sheets = {}, {}, {}
    for point in points_of(intake):
        points.setdefault(point.sender, []).append(point)
    for one in intake.sendings:
        sendings.setdefault(sender_of(one), []).append(one)
    for file, sheet, table in intake.letters:
        sheets.setdefault((file, table), []).append(sheet)
    letters = []
    for sender, sent in sorted(sendings.items()):
        own = points.get(sender, [])
        if any(point.kind != "warning" for point in own):
            known = sender in units.index
            name = folder_name(units.loc[sender]) if known else slug(Path(sender).stem)[:60]
            unit = unit_name(units.loc[sender], language) if known else ""
            name = _free(name or "tep", [one.name for one in letters])
            letters.append(Letter(name, unit, sent, own, sheets, office, language))
    return letters


def _free(name: str, taken) -> str:
    """Return a name that nothing has yet."""
    return next(one for n in count(1) if (one := f"{name}-{n}" if n > 1 else name) not in taken)


# --- the folder --------------------------------------------------------------------------


def _write(letter: Letter, inbox: Path, folder: Path, earlier: Path) -> None:
    """Write a letter's files, unless they are there and say the same."""
    listing = _workbook(letter)
    if folder.is_dir() and not _holds(folder / letter.listing, listing):
        _set_aside(folder, earlier)
    folder.mkdir(parents=True, exist_ok=True)
    copies = _marked_copies(letter, inbox)
    files = copies | {letter.word("letter_file", name=letter.name): _word(letter, list(copies))}
    for name, content in (files | {letter.listing: listing}).items():
        if not (folder / name).exists():
            (folder / name).write_bytes(content)


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _set_aside(folder: Path, earlier: Path) -> None:
    earlier.mkdir(exist_ok=True)
    folder.rename(earlier / _free(folder.name, [one.name for one in earlier.iterdir()]))


def _marked_copies(letter: Letter, inbox: Path) -> dict[str, bytes]:
    """Return a copy of each sent file that has cells to look at, by its new name."""
    notes = {}
    for one in letter.points:
        place = one.finding
        if CELL.fullmatch(place.cell):
            said = f"{label('point_kind', one.kind, letter.language)}: "
            said += f"{rule_of(one, letter.language)} {remedy_of(one, letter.language)}"
            cells = notes.setdefault(place.file, {}).setdefault(place.sheet, {})
            cells[place.cell] = "\n".join(filter(None, [cells.get(place.cell), said]))
    inside = sent_files(inbox)
    copies, there = {}, {nfc(path.name): path for path in inside.values()} | inside
    for file in filter(there.get, notes):
        stem = Path(file).stem[:100]
        names = (letter.word("marked_file", stem=stem, again=f"-{n}" * (n > 1)) for n in count(1))
        name = next(name for name in names if name not in copies)
        copies[name] = marked_copy(there[file], notes[file])
    return {name: content for name, content in copies.items() if content}


# --- the workbook of all points ----------------------------------------------------------


def _workbook(letter: Letter) -> bytes:
    """Return the workbook: all points, and what was received and accepted."""
    file, document, letterhead = io.BytesIO(), letter.document([]), _letterhead(letter)
    book = new_workbook(file, document, author=" ".join(letterhead.agency)[:255])
    formats = Formats(book)
    for name, table in (("points", _points(letter)), ("received", _received(letter))):
        sheet = letter.word(f"{name}_sheet")
        write_table(book, formats, sheet, table, document, letterhead)
        made = book.get_worksheet_by_name(sheet)
        made.set_landscape()
        made.fit_to_pages(1, 0)
    kind = label("point_kind", "error", letter.language)
    look = {"type": "cell", "criteria": "==", "value": f'"{kind}"'}
    red = book.add_format({"bg_color": "#FBE0D3"})
    book.worksheets()[0].conditional_format("H9:H1048576", look | {"format": red})
    book.close()
    return file.getvalue()


def _table(letter: Letter, keys: str, rows: list[list[str]], title: str = "", notes=()) -> Table:
    """Return a table of texts; `keys` are its columns."""
    names = {key: phrase(f"letter_column.{key}", letter.language) for key in keys.split()}
    columns = [
        Column(key, name, "right" if key == "rows" else "left") for key, name in names.items()
    ]
    return Table("", title, columns, rows, rows, notes=list(notes))


def _points(letter: Letter) -> Table:
    rows = []
    for order, one in enumerate(letter.points, start=1):
        place = cleaned([one.finding.file, one.finding.sheet])
        place.append(place_of(one.finding, letter.language))
        kind = label("point_kind", one.kind, letter.language)
        rows.append([str(order), *(text or "–" for text in place), *_said(one, letter), kind])
    keys = "order file sheet cell found rule remedy kind"
    title = f"{letter.word('points_title')} – {letter.unit or letter.sendings[0].file}"
    return _table(letter, keys, rows, clean(title), [letter.word("points_note")])


def _said(point: Point, letter: Letter) -> list[str]:
    """Return what stands there, the rule, what is asked."""
    texts = rule_of(point, letter.language), remedy_of(point, letter.language)
    found = found_in_words(nfc(point.finding.found), letter.language)
    return [clean(found) or "–", *texts]


def _received(letter: Letter) -> Table:
    rows = []
    for one in letter.sendings:
        for table, accepted in (one.rows or {"": 0}).items():
            sheets = ", ".join(letter.sheets.get((one.file, table), []))
            name = label("table_label", table, letter.language)
            counted = number(accepted, letter.language)
            texts = [one.file, sheets or "–", name or "–", counted, *_came(one, letter)]
            rows.append([str(len(rows) + 1), *cleaned(texts)])
    keys = "order file sheet table rows received number as_of state"
    return _table(letter, keys, rows, letter.word("received_title"))


def _came(sending: Sending, letter: Letter) -> list[str]:
    """Return when a file came, as which sending, of which days, and what became of it."""
    moment = sending.received
    when = day(moment[:10], letter.language) if is_date(moment[:10]) else "–"
    days = "; ".join(day(one, letter.language) for one in sending.as_of)
    state = letter.word("taken" if sending.rows else "not_taken")
    if sending.replaced_by:
        state = letter.word("replaced", file=sending.replaced_by)
    numbered = "–" if sending.number is None else str(sending.number)
    return [f"{when} {moment[11:16]}".strip(), numbered, days or "–", state]


# --- the công văn ------------------------------------------------------------------------


def _word(letter: Letter, copies: list[str]) -> bytes:
    """Return the letter as a Word document."""
    name = f"letter_{letter.language}.docx"
    asked = [one for one in letter.points if one.kind != "warning"]
    ask = [Paragraph([Run(letter.word("ask", unit=letter.unit or letter.word("you")))])]
    entries = [
        Entry(f"{n}.", [Run(clean(text))]) for n, text in enumerate(_asked(letter, copies), 1)
    ]
    blocks = [
        _short(letter, joined(asked, letter.language)),
        *ask,
        Listing(entries, 1),
        _deadline(letter),
    ]
    template = (TEMPLATES / name).read_bytes()
    return word_document(letter.document(blocks), _letterhead(letter), template, name)


def _short(letter: Letter, points: list[Point]) -> Table:
    """Return the table of the letter itself."""
    rows = []
    for order, one in enumerate(points[:_ROWS], start=1):
        cell = place_of(one.finding, letter.language)
        place = one.finding.sheet or letter.word("whole_file")
        if one.finding.cell:
            place = letter.word("sheet_cell", sheet=place, cell=cell)
        rows.append([str(order), clean(place) or "–", *_said(one, letter)])
    more = letter.word("more", n=len(points) - _ROWS, file=letter.listing)
    notes = [more] if len(points) > _ROWS else []
    return _table(letter, "order place reported compared remedy", rows, notes=notes)


def _asked(letter: Letter, copies: list[str]) -> list[str]:
    """Return what the sender is asked to do, one sentence or two for each thing."""
    check = letter.word("ask_check", listing=letter.listing)
    if copies:
        quoted = [f"“{name}”" for name in copies]
        check += " " + letter.word("ask_marked", files=list_names(quoted, letter.language))
    numbers = [one.number for one in letter.sendings if one.number is not None]
    again = (
        letter.word("ask_send_number", n=max(numbers) + 1) if numbers else letter.word("ask_send")
    )
    return [check, again, letter.word("ask_report")]


def _deadline(letter: Letter) -> Paragraph:
    due, office = str(letter.office.get("due") or ""), letter.office
    when = day(due, letter.language, long=True) if is_date(due) else due
    contact = office.get("contact") or letter.word("contact")
    due = when or letter.word("due_blank")
    return Paragraph([Run(letter.word("deadline", contact=contact, due=due))])


def _opening(letter: Letter) -> str:
    kinds = Counter(one.kind for one in letter.points)
    counted = [
        phrase(f"points_counted.{kind}", letter.language, n=number(kinds[kind], letter.language))
        for kind in KINDS
        if kinds[kind]
    ]
    files = [_named(one, letter) for one in letter.sendings[:_FILES]]
    if more := len(letter.sendings) - len(files):
        files.append(letter.word("files_more", n=more))
    words = {"unit": letter.unit or letter.word("you")}
    words |= {"files": list_names(files, letter.language)}
    words |= {"counted": list_names(counted, letter.language)}
    if not letter.as_of:
        return letter.word("opening", **words)
    return letter.word("opening_date", as_of=day(letter.as_of, letter.language), **words)


def _named(sending: Sending, letter: Letter) -> str:
    """Return a file's name, with the day it came and its number where they are known."""
    details = []
    if sending.number is not None:
        details.append(letter.word("sending", n=sending.number))
    if is_date(sending.received[:10]):
        date = day(sending.received[:10], letter.language)
        details.append(letter.word("received", date=date))
    if not details:
        return letter.word("file", file=sending.file)
    return letter.word("file_of", file=sending.file, details=", ".join(details))


def _letterhead(letter: Letter) -> Letterhead:
    """Return the texts around the letter: of the office where it has said them, else dots."""
    office, blank = letter.office, letter.word("blank")
    word = {"language": letter.language}
    recipients = letter.word("recipients").split("|")
    if given := list(office.get("recipients") or []):
        recipients = dict.fromkeys([letter.word("as_above"), *given])
    to = blank
    if letter.unit:
        to = phrase("office.committee", **word, unit=letter.unit)
    date = str(office.get("date") or "")
    dated = day(date, letter.language, long=True) if is_date(date) else ""
    made = Letterhead(
        language=letter.language,
        superior=office.get("superior", ""),
        agency=(office.get("agency") or blank).split("|"),
        number=letter.word("number", number="……", symbol=office.get("symbol") or "……"),
        place_and_date=f"{office.get('place') or '………'}, "
        + (dated or phrase("office.blank_date", **word)),
        subject=letter.word("subject"),
        addressee=phrase("office.addressee", **word, name=to),
        opening=_opening(letter),
        closing=letter.word("closing", unit=letter.unit or letter.word("you")),
        on_behalf=office.get("on_behalf", ""),
        position=office.get("position") or blank,
        signer=office.get("signer") or "",
        recipients=[f"- {one}" for one in recipients],
        annexed_to="",
        synthetic=phrase("office.synthetic", **word) if office.get("synthetic") else "",
        ward=letter.unit,
        date=dated,
    )
    return replace(made, **cleaned(vars(made)))
