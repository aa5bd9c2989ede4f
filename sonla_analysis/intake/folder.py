"""A folder of what was sent → the input tables, and what must be corrected or asked."""

import re
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd

from sonla_analysis.definitions.input_columns import KEYS
from sonla_analysis.definitions.needed import needed
from sonla_analysis.definitions.plan import Plan, load_plan
from sonla_analysis.definitions.units import shipped_units
from sonla_analysis.indicators.checks import check_tables
from sonla_analysis.indicators.poverty import classify
from sonla_analysis.intake.form_arithmetic import form_findings
from sonla_analysis.intake.form_counts import check_against_register, form_counts
from sonla_analysis.intake.forms import read_forms
from sonla_analysis.intake.headings import key, words
from sonla_analysis.intake.inbox import as_sent_out, digest, sent_files
from sonla_analysis.intake.layout import Block, find_blocks, list_without_code
from sonla_analysis.intake.reading import Reader, Rows, Sender
from sonla_analysis.intake.sendings import Intake, Question, Sending
from sonla_analysis.intake.sheets import KINDS, Sheet, read_sheets
from sonla_analysis.intake.values import day, day_within
from sonla_analysis.language.vietnamese import is_date, nfc
from sonla_analysis.tables.findings import DataError, Finding
from sonla_analysis.tables.input_tables import typed, typed_tables, undeclared

_MISSING = ("unit_without_rows", "unit_in_no_table", "register_not_sent", "no_members")


def read_folder(path, plan=None, units=None) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Return the input tables of a folder of what was sent, typed, and what is wrong or asked.

    Tables as `load_tables` gives them. `plan` is that of 2020 by default; `units` the units that
    may send (columns of `load_units`), the package's own by default. Raises `DataError` where there
    is no such folder; a file that cannot be read is a finding.
    """
    plan = load_plan() if plan is None else load_plan(plan)
    taken, tables = _taken_in(Path(path), plan, units, {})
    return tables, [*taken.findings, *(one.finding for one in taken.questions)]


def take_in(path, plan: Plan, units: pd.DataFrame | None = None, answers=None) -> Intake:
    """Return what was sent, read, put together and checked; nothing that came is changed.

    `answers` are those of answers.toml, by section and key.
    """
    return _taken_in(Path(path), plan, units, answers or {})[0]


def _taken_in(path: Path, plan: Plan, units: pd.DataFrame | None, answers: dict):
    reader = Reader(plan, shipped_units() if units is None else units, answers)
    rows, sendings, questions, known = [], [], [], {}
    blank = as_sent_out(path.parent / "data")
    for name, files in _sent(path).items():
        sending = Sending(name, received=_received(files))
        sendings.append(sending)
        content = tuple((file.suffix, digest(file)) for file in files)
        if len(files) == 1 and content[0][1] in blank:
            continue
        if (first := known.setdefault(content, sending)) is not sending:
            _copied(sending, first)
            continue
        try:
            read = _read(sending, path, files, reader)
        except DataError as error:
            sending.findings += [_unread(one, sending.file) for one in error.findings]
            continue
        rows += [(sending, one) for one in read]
        for one in read:
            sending.findings += one.findings
            questions += one.questions
    tables, places, asked = _together(rows, reader)
    _from_forms(tables, places, sendings, reader)
    _reporting(tables, sendings)
    _complete(tables, plan)
    _filled_up(tables, places, plan)
    letters = {_of(one): _letters(one) for _, one in rows}
    taken = Intake(
        tables, places, letters, sendings, [], _asked(questions + asked, sendings), reader.units
    )
    typed, findings = _checked(taken, plan, units)
    _attributed(_decidable(findings, taken), taken)
    return taken, typed


def _copied(sending: Sending, first: Sending) -> None:
    """Note that a file is another one once more: there is nothing to choose between them."""
    sending.replaced_by, sending.unit = first.file, first.unit
    sending.warn("copied", found=first.file)


def _unread(finding: Finding, file: str) -> Finding:
    """Return why a sent file cannot be read, in words for its sender."""
    damaged = finding.rule in ("not_a_workbook", "broken_workbook")
    return replace(finding, file=file, rule="sent_broken" if damaged else finding.rule)


def _decidable(findings: list[Finding], taken: Intake) -> list[Finding]:
    """Leave out that a unit's rows are missing while it is asked which of its files is taken."""
    asked = {one.finding.unit for one in taken.questions if one.section == "file"}
    return [one for one in findings if not (one.rule in _MISSING and one.unit in asked)]


def _of(rows: Rows) -> tuple[str, str, str]:
    return rows.block.sheet.file, rows.block.sheet.name, rows.block.table


def _letters(rows: Rows) -> dict[str, str]:
    """Return the column of each field as Excel names it; the cell where each has a row."""
    block, fields = rows.block, rows.block.fields
    if block.upright:
        return {name: block.place(0, name) for name in fields}
    return {name: block.sheet.place(0, at)[:-1] for name, at in fields.items()}


def _filled_up(tables: dict, places: dict, plan: Plan) -> None:
    """Give every table that the plan needs, and its columns: blank where nobody sent them."""
    for table, columns in needed(plan).items():
        frame = tables.get(table, pd.DataFrame(columns=list(KEYS[table]), dtype="str"))
        for name in columns:
            if name not in frame:
                frame = frame.assign(**{name: ""})
        order = [name for name in plan.tables[table] if name in frame]
        tables[table] = frame[order]
        places.setdefault(table, pd.DataFrame(columns=["file", "sheet", "row"]))


def _checked(taken: Intake, plan: Plan, units: pd.DataFrame | None):
    """Return the tables typed and all that does not agree, told at the cell it was sent in."""
    about = pd.DataFrame({"synthetic": [taken.synthetic]})
    try:
        tables, findings = typed_tables(dict(taken.tables), plan, units, about)
    except DataError as error:
        cells = [one for name, table in taken.tables.items() for one in typed(table, name, plan)[1]]
        return {}, [placed_finding(one, taken) for one in dict.fromkeys([*error.findings, *cells])]
    for sending in taken.sendings:
        for as_of in sending.as_of if sending.forms else ():
            forms = sending.forms, tables, as_of, taken.units, sending.unit
            findings += check_against_register(*forms)
    findings += undeclared(tables)
    findings += check_tables(tables, plan, findings)
    return tables, [placed_finding(one, taken) for one in findings]


def _attributed(findings: list[Finding], taken: Intake) -> None:
    """Give each finding to the sending it speaks of, those of no single one to all."""
    by_unit = {one.unit: one for one in taken.sendings if one.unit and not one.replaced_by}
    for one in findings:
        sending = taken.sending_of(one.file) or by_unit.get(one.unit)
        of_all = sending and sending.rows and one.rule == "unit_without_rows"
        if not one.file and (of_all or (sending and one.table in sending.rows)):
            one = replace(one, file=sending.file)
        (sending.findings if sending else taken.findings).append(one)
    for sending in taken.sendings:
        sending.findings = [replace(one, unit=one.unit or sending.unit) for one in sending.findings]
    taken.findings += [one for sending in taken.sendings for one in sending.findings]


def _asked(questions: list[Question], sendings: list[Sending]) -> list[Question]:
    """Return each question once, without those about a file that a later one replaces."""
    gone = {one.file for one in sendings if one.replaced_by and not one.rows}
    open_ones = [one for one in questions if one.finding.file not in gone]
    return list({(one.section, one.key): one for one in open_ones}.values())


# --- files -------------------------------------------------------------------------------


def _sent(folder: Path) -> dict[str, list[Path]]:
    """Return the files by sending: a file, or the CSV files of a folder within the inbox."""
    if folder.is_file():
        return {nfc(folder.name): [folder]}
    if not folder.is_dir():
        raise DataError([Finding("no_data", str(folder))])
    sent = {}
    for inside, file in sent_files(folder).items():
        if inside.lower() in ("readme.md", "readme.txt"):
            continue
        parent = inside.rpartition("/")[0]
        name = parent if parent and file.suffix.lower() == ".csv" else inside
        sent.setdefault(name, []).append(file)
    return sent


def _received(files: list[Path]) -> str:
    latest = max(file.stat().st_mtime for file in files)
    return datetime.fromtimestamp(latest).isoformat(timespec="seconds")


def _read(sending: Sending, folder: Path, files: list[Path], reader: Reader) -> list[Rows]:
    """Return the rows of all tables of a sending, and note what it says of itself."""
    sheets = []
    for file in files:
        if file.suffix.lower() not in KINDS:
            sending.warn("not_read", file.name)
            continue
        sheets += [replace(sheet, file=_named(file, folder)) for sheet in read_sheets(file)]
    sending.synthetic = _says_synthetic(sheets)
    sending.forms = read_forms(sheets)
    sending.findings += form_findings(sending.forms)
    of_forms = {(form.file, form.sheet) for form in sending.forms}
    sheets = [sheet for sheet in sheets if (sheet.file, sheet.name) not in of_forms]
    blocks = [(sheet, _blocks(sheet, reader)) for sheet in sheets]
    sender = _sender(sending.file, [sheet for sheet, found in blocks if not found], reader)
    sending.number, sending.synthetic = sender.number, sending.synthetic or sender.synthetic
    read = [reader.read(block, sender) for _, found in blocks for block in found]
    read = [_of_somebody(one) for one in _shown_first(read, sending)]
    for sheet, found in blocks:
        sending.findings += _about_sheet(sheet, found, reader)
    units = Counter(code for one in read for code in one.frame["unit"] if code)
    sending.unit = next(iter(units)) if len(units) == 1 else sender.unit
    days = {at for one in read for at in one.frame["as_of"] if is_date(at)}
    days |= {form.as_of or sender.as_of for form in sending.forms} - {""}
    sending.as_of = tuple(sorted(days))
    return read


def _blocks(sheet: Sheet, reader: Reader) -> list[Block]:
    return [] if _is_named_notes(sheet) else find_blocks(sheet, reader.headings)


def _is_named_notes(sheet: Sheet) -> bool:
    return key(sheet.name) in words()["rows"]["notes_sheets"]


def _says_synthetic(sheets: list[Sheet]) -> bool:
    """Return whether a title of a file says that its data are made up; on notes it is a label."""
    label = words()["sender"]["synthetic"]
    titles = (
        text
        for sheet in sheets
        for text in sheet.cells[:12].ravel()
        if not (_is_named_notes(sheet) and key(text) in label)
    )
    return any("số liệu giả lập" in text.lower() for text in titles)


def _about_sheet(sheet: Sheet, blocks: list[Block], reader: Reader) -> list[Finding]:
    """Return what is to be told of a sheet as a whole: not understood, rows hidden, cells far."""
    told = {"hidden_rows": len(sheet.hidden_rows) if blocks else 0, "far_cells": sheet.far}
    table = blocks[0].table if blocks else ""
    if not blocks and not _is_notes(sheet):
        table = list_without_code(sheet, reader.headings)
        told["no_code" if table else "sheet_unknown"] = 1
    where = {"file": sheet.file, "sheet": sheet.name, "severity": "warning"}
    return [Finding(rule, table, found=str(n), **where) for rule, n in told.items() if n]


def _of_somebody(rows: Rows) -> Rows:
    """Leave out the rows of which the unit or the day is asked, until it is known."""
    known = (rows.frame["unit"] != "") & (rows.frame["as_of"] != "")
    asked = {question.section for question in rows.questions}
    if not known.all() and not asked & {"unit", "date"}:
        row = int(known.index[~known][0])
        name = "as_of" if rows.frame.at[row, "as_of"] == "" else "unit"
        place = {"row": row + 1, "cell": rows.block.place(row, name)}
        where = {"file": rows.block.sheet.file, "sheet": rows.block.sheet.name}
        rows.findings.append(Finding("blank", rows.block.table, column=name, **place, **where))
    rows.frame = rows.frame[known]
    return rows


def _named(file: Path, folder: Path) -> str:
    return nfc(file.name if folder.is_file() else file.relative_to(folder).as_posix())


def _is_notes(sheet: Sheet) -> bool:
    """Return whether a sheet is none of tables: few rows, or hardly more than one text a row."""
    filled = (sheet.cells != "").sum(axis=1) if sheet.cells.size else []
    return _is_named_notes(sheet) or sum(count > 2 for count in filled) < 3


def _shown_first(read: list[Rows], sending: Sending) -> list[Rows]:
    """Leave out the rows of a hidden sheet that a sheet shown has too; say that one was hidden."""
    shown = {pair for one in read if not one.block.sheet.hidden for pair in _of_whom(one)}
    kept = []
    for one in read:
        if one.block.sheet.hidden:
            again = [pair in shown for pair in _of_whom(one)]
            one.frame = one.frame[[not there for there in again]]
            rule = "hidden_sheet_left" if any(again) else "hidden_sheet_read"
            sending.warn(rule, one.block.table, sheet=one.block.sheet.name)
            if all(again):
                continue
        kept.append(one)
    return kept


def _of_whom(rows: Rows) -> list[tuple[str, str, str]]:
    """Return the table, unit and day of each row."""
    pairs = zip(rows.frame["unit"], rows.frame["as_of"], strict=True)
    return [(rows.block.table, *pair) for pair in pairs]


def _sender(name: str, notes: list[Sheet], reader: Reader) -> Sender:
    """Return what a sending says of itself: on sheets that hold no table, then by its name."""
    said = {}
    for sheet in notes:
        for row in sheet.cells:
            said |= {what: text for what, text in _labelled(row).items() if what not in said}
    as_of = day(said.get("as_of", "")) or day_within(name) or ""
    stem = Path(name).stem
    parts = [
        said.get("unit_code", ""),
        said.get("unit", ""),
        stem,
        *stem.replace("_", " ").split(" - "),
        re.sub(r"[\d\W_]+", " ", stem).strip(),  # "Chieng Le 31-12-2020"
    ]
    unit = next(filter(None, (reader.unit(part, as_of) for part in parts if part)), "")
    number = said.get("number", "")
    return Sender(
        unit,
        as_of,
        int(number) if number.isdecimal() else None,
        key(said.get("synthetic", "")) in words()["values"]["true"],
    )


def _labelled(row) -> dict[str, str]:
    """Return what a row says of the sender: a label and the text beside or behind it."""
    texts = [text for text in row if text]
    if not texts:
        return {}
    label, _, behind = texts[0].partition(":")
    value = behind.strip() or (texts[1] if len(texts) > 1 else "")
    return {what: value for what, known in words()["sender"].items() if key(label) in known}


# --- all together ------------------------------------------------------------------------


def _together(rows: list[tuple[Sending, Rows]], reader: Reader):
    """Return the tables of all sendings, where each row stands, and what is asked.

    Of two files of one unit, date and table the one with the higher sending number is taken.
    """
    by_table = {}
    for sending, one in rows:
        place = {"_file": one.block.sheet.file, "_sheet": one.block.sheet.name}
        place |= {"_row": one.frame.index + 1, "_sending": sending.file}
        frame = one.frame.assign(**place)
        by_table.setdefault(one.block.table, []).append(frame)
    sendings = {sending.file: sending for sending, _ in rows}
    tables, places, asked, replaced = {}, {}, [], {}
    for table in [name for name in KEYS if name in by_table]:
        whole = pd.concat(by_table[table], ignore_index=True).fillna("")
        whole = _latest(whole, table, sendings, reader, asked, replaced)
        whole = whole.sort_values(["as_of", "unit"], kind="stable", ignore_index=True)
        for name, count in whole["_sending"].value_counts().items():
            sendings[name].rows[table] = int(count)
        places[table] = whole[["_file", "_sheet", "_row"]].set_axis(
            ["file", "sheet", "row"], axis=1
        )
        tables[table] = whole[[name for name in reader.plan.tables[table] if name in whole]]
    for name, taken in replaced.items():
        _replace(sendings[name], taken)
    return tables, places, asked


def _latest(whole, table: str, sendings: dict, reader: Reader, asked: list, replaced: dict):
    """Return the rows without those of files that a later sending replaces, or that are asked."""
    pairs = whole[["unit", "as_of", "_sending"]].drop_duplicates()
    several = pairs[pairs.duplicated(["unit", "as_of"], keep=False)]
    dropped = set()
    for (unit, as_of), group in several.groupby(["unit", "as_of"]):
        files = list(group["_sending"])
        taken = _taken([sendings[name] for name in files], reader, f"{unit} {as_of}")
        if not taken and _parts_of_one(whole, table, unit, as_of):
            continue
        if taken:
            replaced |= {name: taken for name in files if name != taken}
        else:
            finding = Finding("sent_twice", table, unit=unit, as_of=as_of, found=", ".join(files))
            asked.append(Question("file", f"{unit} {as_of}", tuple(files), finding))
        dropped |= {(unit, as_of, name) for name in files if name != taken}
    if dropped:
        keys = zip(whole["unit"], whole["as_of"], whole["_sending"], strict=True)
        whole = whole[[one not in dropped for one in keys]].reset_index(drop=True)
    return _one_row_a_unit(whole) if table == "unit_counts" else whole


def _replace(sending: Sending, taken: str) -> None:
    """Note that a later file is taken instead; of one replaced as a whole no more is said."""
    sending.replaced_by = taken
    if not sending.rows:
        sending.findings = []
    sending.warn("replaced", found=taken)


def _taken(sendings: list[Sending], reader: Reader, asked: str) -> str:
    """Return the file that is taken: as answered, or that of the highest sending number; or ""."""
    files = [one.file for one in sendings]
    answered = reader.answers.get("file", {}).get(asked, "")
    if answered in files:
        return answered
    numbers = [one.number for one in sendings]
    if None in numbers or numbers.count(max(numbers)) > 1:
        return ""
    return files[numbers.index(max(numbers))]


def _parts_of_one(whole, table: str, unit: str, as_of: str) -> bool:
    """Return whether several files complete each other: no key twice, or no column filled twice."""
    here = whole[(whole["unit"] == unit) & (whole["as_of"] == as_of)]
    if table != "unit_counts":
        return not here.duplicated(KEYS[table]).any()
    columns = [name for name in here if name[0] != "_" and name not in KEYS[table]]
    return all(here.loc[here[name] != "", name].nunique() < 2 for name in columns)


def _one_row_a_unit(whole: pd.DataFrame) -> pd.DataFrame:
    """Return the counts with one row a unit and date, put together from the files of several."""
    keys = ["as_of", "unit"]
    if not whole.duplicated(keys).any():
        return whole
    filled = whole.replace("", None)
    told = [name for name in whole if name[0] != "_" and name not in keys]
    several = filled.groupby(keys)[told].transform("nunique") > 1  # the checks find these
    twice = several.any(axis=1)
    joined = filled[~twice].groupby(keys, sort=False).first().reset_index()
    return pd.concat([joined, filled[twice]], ignore_index=True).fillna("")


def _complete(tables: dict[str, pd.DataFrame], plan: Plan) -> None:
    """Fill in what follows for certain: which kind of poor a household is, by its scores."""
    households, standard = tables.get("households"), plan.standard_data
    if households is None or "status" not in households or not standard.score:
        return
    scores = ["income_score", "deprivation_score"]
    if not {"area", *scores} <= set(households):
        return
    numbers = households[scores].apply(pd.to_numeric, errors="coerce")
    kinds = classify(numbers.assign(area=households["area"]), standard)
    unsaid = (households["status"] == "poor") & kinds.isin(standard.poor_statuses)
    households["status"] = households["status"].mask(unsaid, kinds)


def _from_forms(tables: dict, places: dict, sendings: list[Sending], reader: Reader) -> None:
    """Take a unit's counts from its official forms where it sent no others, and say so."""
    counts = tables.get("unit_counts", pd.DataFrame(columns=["as_of", "unit"], dtype="str"))
    known = set(zip(counts["as_of"], counts["unit"], strict=True))
    added, stands = [], []
    for sending in sendings:
        for as_of in sending.as_of if sending.forms else ():
            told = form_counts(sending.forms, reader.units, as_of, sending.unit)
            told = told[told["unit"] != ""].drop_duplicates(["unit", "column"], keep=False)
            for unit, cells in told.groupby("unit"):
                if (as_of, unit) in known:
                    continue
                known.add((as_of, unit))
                values = dict(zip(cells["column"], cells["value"].astype("str"), strict=True))
                added.append({"as_of": as_of, "unit": unit} | values)
                stands.append(cells[["file", "sheet", "row"]].iloc[0])
                sending.unit = sending.unit or unit
                words = {"unit": unit, "file": cells["file"].iloc[0], "as_of": as_of}
                sending.warn("counts_from_forms", "unit_counts", found=as_of, **words)
                sending.rows["unit_counts"] = sending.rows.get("unit_counts", 0) + 1
    if added:
        counts = pd.concat([counts, pd.DataFrame(added)], ignore_index=True)
        tables["unit_counts"] = counts.fillna("")
        placed = [places["unit_counts"]] if "unit_counts" in places else []
        stands = pd.DataFrame(stands).astype({"row": "int64"})
        places["unit_counts"] = pd.concat([*placed, stands], ignore_index=True)


def _reporting(tables: dict, sendings: list[Sending]) -> None:
    """Where nobody sent counts, take those who sent another table as reporting; say what lacks."""
    if len(tables.get("unit_counts", ())) or not tables:
        return
    pairs = pd.concat([frame[["as_of", "unit"]] for frame in tables.values()])
    pairs = pairs.drop_duplicates().sort_values(["as_of", "unit"], ignore_index=True)
    tables["unit_counts"] = pairs
    for sending in sendings:
        if sending.rows:
            sending.warn("table_not_sent", "unit_counts")


def placed_finding(finding: Finding, taken: Intake) -> Finding:
    """Return a finding of the tables with the file, sheet and cell in which it stands."""
    places = taken.places.get(finding.table)
    if places is None or not finding.row or finding.row - 2 not in places.index:
        return finding
    file, sheet, row = places.loc[finding.row - 2]
    row = int(row)
    letters = taken.letters.get((file, sheet, finding.table), {})
    named = [finding.column] if finding.column else reversed(KEYS[finding.table])
    letter = next((letters[name] for name in named if name in letters), "")
    cell = letter if letter[-1:].isdigit() else f"{letter}{row}" * bool(letter)
    return replace(finding, file=file, sheet=sheet, row=row, cell=cell)
