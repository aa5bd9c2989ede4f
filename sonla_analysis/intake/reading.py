"""A block of a sheet → rows of an input table: every cell in the tables' spelling, or a finding."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches

import numpy as np
import pandas as pd

from sonla_analysis.definitions.input_columns import OF_ANY_LEVEL, is_carried
from sonla_analysis.definitions.needed import needed
from sonla_analysis.definitions.plan import Plan
from sonla_analysis.definitions.unit_names import Unit, match_unit, rows_on, unit_candidates
from sonla_analysis.intake.headings import Headings, key, words
from sonla_analysis.intake.layout import Block
from sonla_analysis.intake.sendings import Question
from sonla_analysis.intake.values import (
    convention,
    day,
    day_within,
    decimal_text,
    is_blank,
    is_either,
    reader,
)
from sonla_analysis.language.vietnamese import nfc, slug
from sonla_analysis.sentences.listing import column_name
from sonla_analysis.tables.findings import Finding, shown

_LONGEST = 60  # letters of what may be the name of a unit
_SKIPPED = "bỏ qua"
_KIND_AND_NAME = re.compile(  # in a title: "… phường Chiềng Lề năm 2020"
    r"\b(?:phường|xã|thị trấn) .+?(?= (?:năm|quý|tháng|tính|đến|ngày)\b|$)", re.IGNORECASE
)
_UNIT_WORD = re.compile(r"\b(phường|xã|thị trấn|khu vực|[px]\.|tt\.)", re.IGNORECASE)
_MOST = 20  # cells of one column that are told singly


@dataclass
class Sender:
    """What a file says of itself on a sheet of notes, by its name, or as the answers have it."""

    unit: str = ""
    as_of: str = ""
    number: int | None = None
    synthetic: bool = False


@dataclass
class Rows:
    """The rows of a block: `frame` in the tables' spelling, its index the row of the sheet."""

    block: Block
    frame: pd.DataFrame
    findings: list[Finding] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    readers: dict[str, Callable] = field(default_factory=dict)  # of its columns, as written


class Reader:
    """Reads blocks under a plan; `answers` are those of answers.toml, by section and key."""

    def __init__(self, plan: Plan, units: pd.DataFrame, answers: dict):
        self.plan, self.units, self.answers = plan, units, answers
        self.headings = Headings(plan)
        self._matched, self._in_force = {}, {}
        self._communes = set(units.loc[units["area"] != "", "code"])

    def unit(self, text: str, as_of: str) -> str:
        """Return the code of a unit written in any way, as answered or matched; "" if unknown."""
        asked = (text, as_of)
        if len(text) > _LONGEST:
            return ""
        if asked not in self._matched:
            unit = match_unit(text, as_of, self._units_on(as_of))
            self._matched[asked] = self._answered_unit(text, as_of) or (unit.code if unit else "")
        return self._matched[asked]

    def _answer(self, section: str, asked: str) -> str:
        """Return what somebody answered to a question, or ""."""
        return self.answers.get(section, {}).get(asked, "")

    def _answered_unit(self, asked: str, as_of: str) -> str:
        """Return the unit that somebody answered: by code, by name, or as it was offered; or ""."""
        answer, in_force = self._answer("unit", nfc(asked)), self._units_on(as_of)
        said = (match_unit(one, as_of, in_force) for one in (answer, answer.split(" ")[0]) if one)
        return next((unit.code for unit in said if unit), "")

    def _units_on(self, as_of: str) -> list[dict]:
        if as_of not in self._in_force:
            self._in_force[as_of] = rows_on(as_of, self.units)
        return self._in_force[as_of]

    def read(self, block: Block, sender: Sender) -> Rows:
        """Return the rows of a block in the tables' spelling; what cannot be read stays so."""
        columns = self.plan.tables[block.table]
        self._as_answered(block)
        rows = Rows(block, pd.DataFrame(index=pd.Index(block.rows, dtype="int64")))
        rows.frame["as_of"] = self._days(rows, sender)
        rows.frame["unit"] = self._codes(rows, sender)
        for name in columns:
            if name in ("as_of", "unit") or is_carried(block.table, name):
                continue
            if f"?{name}" in block.fields and name not in block.fields:
                self._points_only(rows, name)
            if name in block.fields:
                rows.frame[name] = self._column(rows, name)
            elif marks := [one for one in block.fields if one.startswith(f"{name}=")]:
                rows.frame[name] = self._marked(rows, name, marks)
        self._said(rows)
        if block.table == "members":
            self._persons(rows)
        self._totals(rows)
        self._lacking(rows)
        return rows

    def _as_answered(self, block: Block) -> None:
        """Take the headings that somebody has explained for what was answered."""
        for column, heading in list(block.unknown.items()):
            answer = self._answer("column", f"{block.table}: {heading}")
            name = self._named(block.table, answer)
            if name or key(answer) == key(_SKIPPED):
                del block.unknown[column]
            if name:
                block.fields.setdefault(name, column)

    def _named(self, table: str, answer: str) -> str:
        """Return the column that an answer names, by its label or its own name; "" for none."""
        columns = self.plan.tables[table]
        labels = {key(self._label(table, name)): name for name in columns}
        return answer if answer in columns else labels.get(key(answer), "")

    def _label(self, table: str, name: str) -> str:
        return column_name(name, self.plan.tables[table], "vi")

    def _lacking(self, rows: Rows) -> None:
        """Tell the columns that must be there and are not; ask of a heading that may be one."""
        block, columns = rows.block, self.plan.tables[rows.block.table]
        gone = rows.frame.get("status", pd.Series("", index=rows.frame.index)) == "absent"
        if block.upright or gone.all():  # of a household that is gone nothing else is known
            return
        absent = [
            name for name in columns if name not in rows.frame and not is_carried(block.table, name)
        ]
        labels = {key(self._label(block.table, name)): name for name in absent}
        known = {
            text: name for text, name in self.headings.tables[block.table].items() if name in absent
        } | labels
        asked, unread = {name[1:] for name in block.fields if name.startswith("?")}, []
        for column, heading in block.unknown.items():
            near = get_close_matches(key(heading).rpartition(" > ")[2], known, n=3, cutoff=0.7)
            candidates = tuple(dict.fromkeys(known[one] for one in near))
            question = f"{block.table}: {heading}"
            if candidates:
                place = {"cell": block.sheet.place(block.head[1], column), "found": heading}
                finding = self._finding(rows, "heading_asked", block.head[1], **place)
                labelled = (*(self._label(block.table, name) for name in candidates), _SKIPPED)
                rows.questions.append(Question("column", question, labelled, finding))
                asked.update(candidates)
            else:
                unread.append(heading)
        must = needed(self.plan).get(block.table, {})
        left = [label for label, name in labels.items() if name in must and name not in asked]
        untold = ("column_not_sent", left, "error"), ("columns_unread", unread, "warning")
        for rule, named, severity in untold:
            if named:
                told = {"found": ", ".join(dict.fromkeys(named)), "severity": severity}
                rows.findings.append(self._finding(rows, rule, block.head[1], **told))

    # --- columns ---

    def _texts(self, block: Block, name: str) -> pd.Series:
        if block.upright:
            return pd.Series([block.cell(row, name) for row in block.rows], index=block.rows)
        cells = block.sheet.cells[block.rows, block.fields[name]]
        return pd.Series(cells, index=block.rows, dtype=object)

    def _column(self, rows: Rows, name: str) -> pd.Series:
        """Return a column in the tables' spelling, "" where it is blank or wrong."""
        block, column = rows.block, self.plan.tables[rows.block.table][name]
        texts = self._texts(block, name)
        places, cells = pd.factorize(texts)
        filled = [text for text in cells if not is_blank(text)]
        how = convention(filled, column.kind, not block.sheet.is_text)
        if column.kind == "money":
            how.unit = _unit_of_money(block, name)
            answer = self._answer("number", f"{_of(block)} | {name}")
            how.decimal = how.decimal or (answer if answer in (",", ".") else "")
        how.answers = self._answered(block, name)
        read = rows.readers[name] = reader(column, name, how)
        values = {text: read(text) for text in filled}
        if column.kind == "money" and not how.decimal:
            self._ask_decimal(rows, name, [text for text in filled if values[text] is None])
        if column.kind == "flag" and "" in cells and _only_marks(values):
            values[""] = self._blank_mark(rows, name, asks=bool(values))
        # what cannot be read stays as it was sent: the checks of the tables find it
        known = [
            values.get(text, "") if values.get(text, "") is not None else text for text in cells
        ]
        return pd.Series(np.array([*known, ""], dtype=object)[places], index=texts.index)

    def _ask_decimal(self, rows: Rows, name: str, texts: list[str]) -> None:
        """Ask what the point of "1.250" is, where the column does not tell."""
        if either := [text for text in texts if is_either(text)]:
            head = rows.block.head[1]
            finding = self._finding(rows, "decimal_asked", head, name, found=either[0])
            asked = f"{_of(rows.block)} | {name}"
            rows.questions.append(Question("number", asked, (",", "."), finding))

    def _answered(self, block: Block, name: str) -> dict[str, str]:
        start = f"{block.table}.{name}: "
        given = self.answers.get("value", {})
        return {
            key(text.removeprefix(start)): said for text, said in given.items() if start in text
        }

    def _blank_mark(self, rows: Rows, name: str, asks: bool) -> str:
        """Return what an empty cell says in a column of x: no, where the sheet says so; or ask."""
        said = " ".join(rows.block.notes + rows.block.above).lower()
        if any(one in said for one in words()["rows"]["blank_is_no"]):
            return "false"
        asked = f"{rows.block.sheet.file} | (ô trống)"
        answer = slug(self._answer("value", asked))
        if answer in ("khong", "chua-biet"):
            return "false" if answer == "khong" else ""
        if asks and asked not in [one.key for one in rows.questions]:
            finding = self._finding(rows, "mark_blank", row=rows.block.head[1], name=name)
            rows.questions.append(Question("value", asked, ("không", "chưa biết"), finding))
        return ""

    def _marked(self, rows: Rows, name: str, marks: list[str]) -> pd.Series:
        """Return a choice told by which of several columns is filled, "" where none or two are."""
        result = pd.Series("", index=rows.frame.index, dtype=object)
        for mark in marks:
            value, texts = mark.partition("=")[2], self._texts(rows.block, mark)
            there = ~texts.map(lambda text: is_blank(text) or key(text) in ("0", "không"))
            twice = there & (result != "")
            for row in result.index[twice][:_MOST]:
                rows.findings.append(self._finding(rows, "marked_twice", row=row, name=mark))
            result = result.mask(there & ~twice, value).mask(twice, "")
        return result

    def _points_only(self, rows: Rows, name: str) -> None:
        """Take a column for a deprivation where it holds its points; else ask what its x means."""
        block = rows.block
        texts = set(self._texts(block, f"?{name}"))
        column = block.fields[f"?{name}"]
        heading = block.sheet.cells[block.head[1], column] or name
        asked = f"{block.table}: {heading}"
        answer = self.answers.get("column", {}).get(asked)
        if (answer and self._named(block.table, answer) == name) or texts <= {"10", "0", ""}:
            block.fields[name] = column
        elif answer is None and texts != {""}:
            finding = self._finding(rows, "heading_either", row=block.head[1], name=f"?{name}")
            candidates = self._label(block.table, name), _SKIPPED
            rows.questions.append(Question("column", asked, candidates, finding))

    # --- what stands elsewhere ---

    def _days(self, rows: Rows, sender: Sender) -> pd.Series:
        """Return each row's date: its own, that of a title, of the notes, or of the file's name."""
        block = rows.block
        if "as_of" in block.fields and not block.upright:
            days = self._column(rows, "as_of")
            if (days != "").any():
                return days
        titled = _last_day([block.sheet.name, *block.above])
        default = titled or sender.as_of or day(self._answer("date", _of(block))) or ""
        days = [said or default for said in _by_row(block, _last_day)]
        days = pd.Series(days, block.rows)
        if (days == "").any() and len(days):
            finding = self._finding(rows, "no_date", row=block.head[0])
            rows.questions.append(Question("date", _of(block), (), finding))
        return days.astype(object)

    def _codes(self, rows: Rows, sender: Sender) -> pd.Series:
        """Return each row's unit: by code, by name, by the row or title above, or the sender's.

        A text that is no unit is asked about, never passed over for the title's unit.
        """
        block, days = rows.block, rows.frame["as_of"]
        nothing = pd.Series("", index=block.rows, dtype=object)
        told, spoken = nothing, nothing != ""
        for name in ("unit_code", "unit"):
            if name in block.fields and not block.upright:
                texts = self._texts(block, name)
                found = self._units(texts, days)
                for row in texts[(found == "") & (texts != "")].drop_duplicates().index:
                    self._ask_unit(rows, texts[row], days[row], row, name)
                self._two_units(rows, name, told, found)
                told, spoken = told.where(told != "", found), spoken | (texts != "")
        default = self._title_unit(rows, sender, days)
        sections = _by_row(block, lambda texts: self._unit_in(texts, days))
        rest = [section or default for section in sections]
        told = told.where(spoken, pd.Series(rest, index=block.rows, dtype=object))
        if ((told == "") & ~spoken).any():
            either = [self._unit_in(block.above, days), sender.unit]
            self._ask_unit(rows, _of(block), days.iloc[0], block.head[0], "", either)
        return told

    def _title_unit(self, rows: Rows, sender: Sender, days: pd.Series) -> str:
        """Return the unit of the title or the sender; ask where they are two."""
        block = rows.block
        answered = self._answered_unit(_of(block), days.iloc[0] if len(days) else "")
        titled = self._unit_in(block.above, days)
        if titled and sender.unit and titled != sender.unit:
            return answered  # asked where it is empty
        if found := titled or sender.unit or answered:
            return found
        return self._unit_in(block.above, days, block.table in OF_ANY_LEVEL)

    def _two_units(self, rows: Rows, name: str, told: pd.Series, found: pd.Series) -> None:
        """Tell a row whose code is one unit and whose name another."""
        other = (told != "") & (found != "") & (told != found)
        for row in told.index[other][:_MOST]:
            units = {"unit": told[row], "found": found[row], "allowed": told[row]}
            rows.findings.append(self._finding(rows, "two_units", row, name, **units))

    def _units(self, texts: pd.Series, days: pd.Series) -> pd.Series:
        """Return the code of each text on its row's date, "" where there is none."""
        places, pairs = pd.MultiIndex.from_arrays([texts, days]).factorize()
        codes = [self.unit(text, at) if text else "" for text, at in pairs]
        return pd.Series(np.array([*codes, ""], dtype=object)[places], index=texts.index)

    def _unit_in(self, texts, days: pd.Series, any_level: bool = False) -> str:
        """Return the commune that titles or rows above name, the last one; "" where none does."""
        as_of = days.iloc[0] if len(days) else ""
        for text in reversed(texts):
            if _begins_with(text, "villages"):
                continue
            parts = *re.split(r" - |,|\(", text), *_KIND_AND_NAME.findall(text)
            for part in (text, text.rpartition(":")[2], *parts):
                code = self.unit(part.strip(), as_of) if part.strip() else ""
                if code in self._communes or (code and any_level):
                    return code
        return ""

    def _ask_unit(self, rows: Rows, text: str, as_of: str, row: int, name: str, either=()) -> None:
        """Ask which unit a text is; one that is like none may be anything, and is told masked."""
        near = [one for one in self._units_on(as_of) if one["code"] in either]
        near = [Unit(one["code"], one["name"], one["kind"]) for one in near]
        near = near or unit_candidates(text, as_of, self.units)
        if name and not near and not _UNIT_WORD.search(text):
            rows.findings.append(self._finding(rows, "unit_unknown", row, name, found=shown(text)))
            return
        candidates = tuple(f"{one.code} {one.kind} {one.name}" for one in near)
        rule = "unit_asked" if name else "no_unit"
        finding = self._finding(rows, rule, row, name, found=text)
        rows.questions.append(Question("unit", nfc(text), candidates, finding))

    def _said(self, rows: Rows) -> None:
        """Fill in what a title or a row above says of the rows below: village, status, area."""
        frame, block = rows.frame, rows.block
        if block.table != "households":
            return
        spoken = _by_row(block, self._spoken)
        titled = self._spoken((block.sheet.name, *block.above))
        for name in ("village", "status", "area"):
            above = [one.get(name, "") for one in spoken]
            said = [text or titled.get(name, "") for text in above]
            if name in frame:
                above = pd.Series(above, index=frame.index)
                frame[name] = frame[name].where(frame[name] != "", above)
            elif any(said):
                frame[name] = said
        if "area" not in frame:
            areas = self.units.drop_duplicates("code").set_index("code")["area"]
            frame["area"] = frame["unit"].map(areas).fillna("")

    def _spoken(self, texts: tuple[str, ...]) -> dict[str, str]:
        """Return what texts above say: the last village, status and area among them."""
        found, statuses = {}, _statuses()
        for text in texts:
            plain = key(text)
            if _begins_with(text, "villages"):
                found["village"] = re.sub(r"^[\dIVX]{1,4}[.)] *|^- *", "", text).strip(" .:")
            for area in ("urban", "rural"):
                if plain in words()["rows"][area]:
                    found["area"] = area
            fitting = [one for one in statuses if re.search(rf"\b{one}\b", plain)]
            best = max(fitting, key=len, default="")
            others = [one for one in fitting if one not in best]
            if best and not others and " và " not in plain:
                found["status"] = statuses[best]
        return found

    def _persons(self, rows: Rows) -> None:
        """Carry a household's number to its persons below, number them, take the sex by column."""
        frame, block = rows.frame, rows.block
        if block.carried:
            frame["household"] = frame["household"].replace("", None).ffill().fillna("")
        for name in ("sex=male", "sex=female"):
            if name in block.fields and "birth_year" not in block.fields:
                years = self._texts(block, name).map(_year)
                frame["birth_year"] = frame.get("birth_year", years).where(years == "", years)
        own = [name for name in frame if name not in ("as_of", "unit", "household")]
        if block.carried:  # a household none of whose persons is listed
            rows.frame = frame = frame[(frame[own] != "").any(axis=1)].copy()
        if "person" not in frame or (frame["person"] == "").any():
            order = frame.groupby(["as_of", "unit", "household"]).cumcount() + 1
            frame["person"] = order.astype("str")

    # --- findings ---

    def _totals(self, rows: Rows) -> None:
        """Tell a stated total that is none of the sums above it."""
        block, columns = rows.block, self.plan.tables[rows.block.table]
        counted = [
            name
            for name in block.fields
            if name in rows.readers and columns[name].kind in ("count", "money")
        ]
        for name in counted:
            figures = pd.to_numeric(rows.frame[name], errors="coerce")
            if (figures.isna() & (rows.frame[name] != "")).any():
                continue  # what cannot be read is told already
            figures = figures.fillna(0)
            for row in block.totals:
                text = block.sheet.cells[row, block.fields[name]]
                stated = rows.readers[name](text) if text else None
                above = figures[figures.index < row]
                sums = np.append(above[::-1].cumsum().to_numpy(), [figures.sum(), len(above)])
                if stated and not np.isclose(sums, float(Decimal(stated))).any():
                    told = {"found": shown(text, words()["tables"]), "severity": "warning"}
                    told["allowed"] = decimal_text(Decimal(str(round(sums[-2], 6))))
                    rows.findings.append(self._finding(rows, "total_differs", row, name, **told))

    def _finding(self, rows: Rows, rule: str, row: int, name: str = "", **more) -> Finding:
        """Return a finding at a cell of a block, or at its sheet where the field has no column."""
        block, frame = rows.block, rows.frame
        unit = frame.at[row, "unit"] if "unit" in frame and row in frame.index else ""
        place = {"unit": unit, "row": row + 1, "column": name.lstrip("?")}
        place |= {"file": block.sheet.file, "sheet": block.sheet.name}
        place["cell"] = block.place(row, name) if name else ""
        return Finding(rule, block.table, **(place | more))


def _of(block: Block) -> str:
    """Return the file and sheet, as questions about them all are named in answers.toml."""
    return f"{block.sheet.file} | {block.sheet.name}"


def _by_row(block: Block, read: Callable) -> list:
    """Return what is read in the texts above each row; the same texts are read once."""
    known = {texts: read(texts) for texts in set(block.said.values())}
    return [known[block.said[row]] for row in block.rows]


def _last_day(texts) -> str:
    """Return the last day that one of several texts tells, "" where none does."""
    return next(filter(None, map(day_within, reversed(texts))), "")


def _begins_with(text: str, kind: str) -> bool:
    return any(key(text).startswith(f"{one} ") for one in words()["rows"][kind])


def _only_marks(values: dict[str, str | None]) -> bool:
    """Return whether a column of yes and no holds nothing but an x, or nothing at all."""
    worded = {"có", "true", "1", "yes"}
    return set(values.values()) <= {"true"} and not worded & {key(text) for text in values}


def _statuses() -> dict[str, str]:
    spelled = words()["values"]["status"]
    return {key(text): one for one, texts in spelled.items() for text in texts if len(text) > 4}


def _year(text: str) -> str:
    """Return the year of a birth year or date, "" elsewhere."""
    found = re.fullmatch(r"(?:\d{1,2}[/.-]){0,2}(\d{4})|(\d{4})-\d{2}-\d{2}", text.strip())
    return (found[1] or found[2]) if found else ""


def _unit_of_money(block: Block, name: str) -> Decimal:
    """Return one unit of money as the heading or a line above says, in million đồng."""
    column = block.fields[name]
    heading = " ".join(block.sheet.cells[block.head[0] : block.head[1] + 1, column])
    marked = [
        text for text in block.above if re.match(r"\(?\s*(đvt|đơn vị tính|đơn vị)\b", text.lower())
    ]
    for text in (heading.lower(), *(text.lower() for text in reversed(marked))):
        fitting = [unit for unit in words()["money"] if re.search(rf"\b{unit}\b", text)]
        if fitting:
            return Decimal(words()["money"][max(fitting, key=len)])
    return Decimal(1)
