"""The workbook that a ward or commune fills in: a sheet a table, and what each column means.

Only what the .xlsx format describes is used: lists to choose from, checks of a cell as it is typed,
protection without a password. Headings are the words of `sentences.listing.column_name`, by which
intake finds them again.
"""

from datetime import date
from pathlib import Path

import pandas as pd

from sonla_analysis.definitions.input_columns import DEPRIVED, KEYS, POOR, Column
from sonla_analysis.definitions.needed import needed
from sonla_analysis.definitions.plan import Plan
from sonla_analysis.definitions.units import full_name
from sonla_analysis.language.phrases import has, label, phrase
from sonla_analysis.office.document import Document
from sonla_analysis.office.worksheet import Formats, lines_of, new_workbook
from sonla_analysis.sentences import day
from sonla_analysis.sentences.listing import column_name

# asked for wherever there is a register, for breakdowns and to check its sums; may be left blank
WANTED = {
    "households": ("village", "head_sex", "ethnicity"),
    "members": ("sex", "birth_year"),
    "unit_counts": ("population", "poor_households", "near_poor_households"),
}
GIVEN = ("as_of", "unit")  # stand once, above the table and on the notes sheet
VERTICAL = ("unit_counts",)  # one row a unit: filled in downwards
ROOM = 100  # rows more than the last period had
ON_THE_LIST = (*POOR, "near_poor", "newly_escaped")  # a household with such a status is kept
HEAD, DATA = 4, 6  # rows from 0: the headings, their numbers below, then the data
_LONGEST_LIST = 255  # letters that a list within a cell's check, or its message, may have
_LINE = 17  # points of a line, with room for stacked accents
_NOTES = (17, 38, 44, 66)  # letters that the columns of the notes hold
_BORDER = {"border": 1}
_HEAD_LOOKS = {"bold": True, "align": "center", "text_wrap": True, "bg_color": "#DCE6F1"} | _BORDER
_NOTE_LOOKS = {"text_wrap": True, "indent": 1} | _BORDER
_WIDTHS = {"flag": 7, "count": 8, "money": 14, "date": 12, "text": 11}
_WIDER = {"name": 40, "village": 18, "status": 20, "start_status": 20, "head_sex": 8}
_FORMATS = {"text": "@", "count": "0", "money": "#,##0.###", "date": "dd/mm/yyyy"}


def write_workbook(
    path: str | Path,
    plan: Plan,
    unit: pd.Series,
    as_of: str,
    number: int = 1,
    last: dict[str, pd.DataFrame] | None = None,
    synthetic: bool = False,
) -> None:
    """Write the workbook that a unit fills in for a date under a plan.

    `unit` is its row of `units_on`; `last` are its tables of the period before, as `load_tables`
    gives them: their lists are filled in, so that only what changed is written.
    """
    record = {"as_of": as_of, "language": "vi"}
    title = phrase("fill.title", "vi", unit=full_name(unit), date=day(as_of))
    with new_workbook(str(path), Document(record, [], []), title=title) as book:
        formats, tables = Formats(book), to_fill_in(plan)
        _notes(book, formats, plan, tables, _about(unit, as_of, number, synthetic))
        rows = carried_on(last, plan) if last else {}
        for table, columns in tables.items():
            sheet = _sheet(book, formats, table, unit, as_of, synthetic)
            write = _vertical if table in VERTICAL else _across
            write(book, sheet, formats, table, columns, plan, rows.get(table), as_of)


def to_fill_in(plan: Plan) -> dict[str, dict[str, Column]]:
    """Return the tables that a unit fills in, and of each the columns, as they stand in a form.

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> list(to_fill_in(load_plan())["unit_counts"])[:3]
    ['households', 'population', 'labour_force']
    """
    must = needed(plan)
    also = WANTED if "households" in must else {}
    tables = {}
    for table, columns in must.items():
        names = {*columns, *also.get(table, ())}.difference(GIVEN)
        names = sorted((name for name in plan.tables[table] if name in names), key=_after_scores)
        tables[table] = {name: _offered(plan, table, name) for name in names}
    return tables


def _after_scores(name: str) -> int:
    """Return a column's part of a register: the household, its deprivations, what follows."""
    first = ("village", "household", "head_sex", "ethnicity", "area", "members")
    first += ("income_score", "deprivation_score", "name", "person")
    return 0 if name in first else 1 if name.startswith(DEPRIVED) else 2


def _offered(plan: Plan, table: str, name: str) -> Column:
    """Return a column with the choices that its poverty standard knows."""
    column = plan.tables[table][name]
    if name not in ("status", "start_status"):
        return column
    others = [one for one in column.choices if one not in POOR]
    return Column(column.kind, (*plan.standard_data.poor_statuses, *others), column.name)


def carried_on(last: dict[str, pd.DataFrame], plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the lists of the last period as the new one begins; counts are made anew.

    A household's last status is that at the start and, until somebody writes another one, now; not
    where the plan's standard knows no such status. Who left the list is left out, and what
    accumulates within the year is blank again.
    """
    rows = {table: frame for table, frame in last.items() if table not in VERTICAL}
    if "households" in rows:
        households = rows["households"]
        households = households[households["status"].isin(ON_THE_LIST)]
        status, known = households["status"], _offered(plan, "households", "status").choices
        status = {"start_status": status, "status": status.where(status.isin(known))}
        rows["households"] = households.assign(**status)
        if "members" in rows:
            kept = rows["members"]["household"].isin(households["household"])
            rows["members"] = rows["members"][kept]
    again = _of_the_year(plan)
    return {
        table: frame.drop(columns=[name for of, name in again if of == table], errors="ignore")
        for table, frame in rows.items()
    }


def _of_the_year(plan: Plan) -> set[tuple[str, str]]:
    """Return the yes-or-no columns, with their tables, that count what happened within the year."""
    found = set()
    for one in plan.indicators:
        if one.counted_when == "within_year":
            table, whole = one.numerator.table, one.denominator.where if one.denominator else {}
            flags = {**one.numerator.where, **one.numerator.any}
            found |= {
                (table, name)
                for name in flags
                if name not in whole and plan.tables[table][name].kind == "flag"
            }
    return found


# --- a table -----------------------------------------------------------------------------


def heading(table: str, name: str, plan: Plan) -> str:
    """Return a column's heading.

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> heading("households", "household", load_plan())
    'Mã hộ'
    """
    text = column_name(name, plan.tables[table], "vi")
    return text[:1].upper() + text[1:]


def _sheet(book, formats: Formats, table: str, unit: pd.Series, as_of: str, synthetic: bool):
    """Return a table's sheet with its title, unit and date."""
    sheet = book.add_worksheet(phrase(f"fill_sheet.{table}", "vi"))
    sheet.set_default_row(1.1 * _LINE)
    sheet.set_row(0, 24)
    sheet.write_string(0, 0, phrase(f"fill_title.{table}", "vi"), formats["title"])
    name = full_name(unit)
    words = {"unit": name[:1].upper() + name[1:], "code": unit.name, "date": day(as_of)}
    sheet.write_string(1, 0, phrase("fill.unit", "vi", **words), formats["text"])
    sheet.write_string(2, 0, phrase("fill.date", "vi", **words), formats["text"])
    if synthetic:
        sheet.write_string(3, 0, phrase("office.synthetic", "vi"), formats["notice"])
    return sheet


def _across(book, sheet, formats: Formats, table, columns, plan, rows, as_of) -> None:
    """Write a table with a row a household, person, school …, filled in as far as it is known."""
    rows = pd.DataFrame() if rows is None else rows
    end = DATA + len(rows) + ROOM - 1
    for place, (name, column) in enumerate(columns.items()):
        looks = _HEAD_LOOKS | ({"rotation": 90} if column.kind == "flag" else {})
        _head(sheet, formats, place, heading(table, name, plan), looks)
        typed = formats.made(**_looks(column))
        sheet.set_column(place, place, _width(name, column), typed)
        sheet.data_validation(DATA, place, end, place, check(book, name, column, as_of))
        known = [written(value, column) for value in rows.get(name, ())]
        blank = [None] * (end + 1 - DATA - len(known))
        sheet.write_column(DATA, place, known + blank, formats.made(**_looks(column), **_BORDER))
    keys = [name for name in columns if name in KEYS[table]]
    sheet.set_row(HEAD, 205 if "flag" in {one.kind for one in columns.values()} else 3 * _LINE)
    _lay_out(sheet, 1 + list(columns).index(keys[0]), end, len(columns) - 1)


def _vertical(book, sheet, formats: Formats, table, columns, plan, rows, as_of) -> None:
    """Write a table of one row as a list: what is asked, and beside it the figure."""
    for place, (text, width) in enumerate((("fill.item", 62), ("fill.value", 18))):
        sheet.set_column(place, place, width)
        _head(sheet, formats, place, phrase(text, "vi"), _HEAD_LOOKS)
    sheet.set_row(HEAD, 2 * _LINE)
    for row, (name, column) in enumerate(columns.items(), start=DATA):
        typed = formats.made(**_looks(column), **_BORDER)
        sheet.set_row(row, 1.4 * _LINE)
        sheet.write_string(row, 0, heading(table, name, plan), formats["cell"])
        sheet.write_blank(row, 1, None, typed)
        sheet.data_validation(row, 1, row, 1, check(book, name, column, as_of))
    _lay_out(sheet, 1, DATA + len(columns) - 1, 1)


def _head(sheet, formats: Formats, place: int, text: str, looks: dict) -> None:
    """Write a heading and the number of its column."""
    sheet.write_string(HEAD, place, text, formats.made(**looks))
    sheet.write_string(HEAD + 1, place, f"({place + 1})", formats["number"])


def _lay_out(sheet, beside: int, end: int, last: int) -> None:
    """Set what prints and what stays in sight; protect the headings, not the rows to fill in."""
    sheet.freeze_panes(DATA, beside)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD, HEAD + 1)
    sheet.print_area(0, 0, end, last)
    sheet.set_footer("&C&P/&N")
    allowed = ("format_columns", "format_rows", "insert_rows", "delete_rows", "sort")
    sheet.protect("", dict.fromkeys(allowed, True))


# --- a cell ------------------------------------------------------------------------------


def _looks(column: Column) -> dict:
    looks = {"locked": False, "text_wrap": column.kind == "text"}
    looks |= {"align": "center"} if column.kind in ("flag", "count") else {"indent": 1}
    pattern = None if column.choices else _FORMATS.get(column.kind)
    return looks | ({"num_format": pattern} if pattern else {})


def _width(name: str, column: Column) -> float:
    return _WIDER.get(name, _WIDTHS[column.kind])


def check(book, name: str, column: Column, as_of: str) -> dict:
    """Return what Excel lets somebody type into a column's cells; a blank one is always allowed."""
    error = {
        "error_title": phrase("fill.wrong", "vi"),
        "error_message": _how(column)[:_LONGEST_LIST],
    }
    if texts := choices(column):
        return error | {"validate": "list", "source": _list(book, texts)}
    if name == "birth_year":
        return error | _between("integer", 1900, int(as_of[:4]))
    if column.kind in ("count", "money"):
        validate = "integer" if column.kind == "count" else "decimal"
        return error | {"validate": validate, "criteria": ">=", "value": 0}
    if column.kind == "date":
        return error | _between("date", date(1900, 1, 1), date(2100, 12, 31))
    return {"validate": "any"}


def _between(validate: str, lowest, highest) -> dict:
    bounds = {"minimum": lowest, "maximum": highest}
    return {"validate": validate, "criteria": "between"} | bounds


def choices(column: Column) -> list[str]:
    """Return what may be chosen in a column, in Vietnamese.

    >>> choices(Column("flag")), choices(Column("text", ("male", "female")))
    (['Có', 'Không'], ['Nam', 'Nữ'])
    """
    if column.kind == "flag":
        return [phrase(f"fill.{answer}", "vi") for answer in ("yes", "no")]
    return [in_words(choice) for choice in column.choices]


def in_words(choice: str) -> str:
    """Return a choice in Vietnamese."""
    return label("group", label("household", choice, "vi"), "vi")


def _list(book, texts: list[str]) -> list[str] | str:
    """Return a list for a cell's check: the texts or, where they are too long, where they stand."""
    if len(",".join(texts)) <= _LONGEST_LIST and not any("," in text for text in texts):
        return texts
    name = phrase("fill.lists", "vi")
    sheet = book.get_worksheet_by_name(name) or book.add_worksheet(name)
    place = 0 if sheet.dim_colmax is None else sheet.dim_colmax + 1
    sheet.write_column(0, place, texts)
    from xlsxwriter.utility import xl_range_abs

    return f"='{name}'!{xl_range_abs(0, place, len(texts) - 1, place)}"


def written(value, column: Column):
    """Return a value as it stands in the workbook; None where it is not known."""
    if value is None or pd.isna(value):
        return None
    if column.kind == "flag":
        return phrase("fill.yes" if value else "fill.no", "vi")
    if column.kind == "date":
        return date.fromisoformat(value)
    if column.kind in ("count", "money"):
        return float(value)
    return in_words(value) if column.choices else str(value)


# --- the notes ---------------------------------------------------------------------------


def _about(unit: pd.Series, as_of: str, number: int, synthetic: bool) -> dict:
    """Return whose workbook it is, by the labels under which intake looks for it."""
    about = {"unit": full_name(unit), "code": unit.name, "as_of": date.fromisoformat(as_of)}
    about |= {"number": number} | ({"synthetic": "có"} if synthetic else {})
    return {phrase(f"fill_about.{name}", "vi"): value for name, value in about.items()}


def _notes(book, formats: Formats, plan: Plan, tables: dict, about: dict) -> None:
    """Write the first sheet: whose workbook it is, how it is filled in, what each column means."""
    sheet = book.add_worksheet(phrase("fill_sheet.notes", "vi"))
    for place, width in enumerate(_NOTES):
        sheet.set_column(place, place, width)
    sheet.set_row(0, 24)
    sheet.write_string(0, 0, phrase("fill.notes", "vi"), formats["title"])
    for row, (name, value) in enumerate(about.items(), start=2):
        sheet.write_string(row, 0, name, formats.made(bold=True, **_BORDER))
        sheet.write(row, 1, value, formats.made(**_about_looks(value), **_BORDER))
        if type(value) is int:
            above_0 = {"validate": "integer", "criteria": ">", "value": 0}
            sheet.data_validation(row, 1, row, 1, above_0)
    row += 2
    for text in phrase("fill.how", "vi").split("|"):
        sheet.merge_range(row, 0, row, 3, text, formats.made(text_wrap=True))
        sheet.set_row(row, _LINE * lines_of(text, 7 * sum(_NOTES)))
        row += 1
    _meanings(sheet, formats, plan, tables, row + 1)


def _about_looks(value) -> dict:
    """Return how what stands on top is typed; only the number of the sending is for the sender."""
    if isinstance(value, date):
        return {"num_format": "dd/mm/yyyy", "align": "left"}
    is_number = type(value) is int
    return (
        {"num_format": "0", "align": "left", "locked": False} if is_number else {"num_format": "@"}
    )


def _meanings(sheet, formats: Formats, plan: Plan, tables: dict, row: int) -> None:
    """Write a row a column: where it stands, what it means, how it is filled in."""
    top, must = row, needed(plan)
    heads = [phrase(f"fill.{name}", "vi") for name in ("sheet", "column", "how_to", "meaning")]
    sheet.write_row(row, 0, heads, formats["head"])
    for table, columns in tables.items():
        for name, column in columns.items():
            row += 1
            texts = [phrase(f"fill_sheet.{table}", "vi"), heading(table, name, plan)]
            texts += [_how(column), meaning(table, name, plan, name in must[table])]
            sheet.write_row(row, 0, texts, formats.made(**_NOTE_LOOKS))
            pixels = [7 * width for width in _NOTES]
            sheet.set_row(row, 2 + _LINE * max(map(lines_of, texts, pixels)))
    _lay_out(sheet, 1, row, 3)
    sheet.freeze_panes(0, 0)
    sheet.repeat_rows(top)


def _how(column: Column) -> str:
    """Return in a sentence what may be written in a column."""
    if texts := choices(column):
        return phrase("fill_kind.choice", "vi", allowed="; ".join(texts))
    return phrase(f"fill_kind.{column.kind}", "vi")


def meaning(table: str, name: str, plan: Plan, must: bool) -> str:
    """Return in a sentence what a column means, and whether it may be left out."""
    key = name if has("meaning", name) else "deprived" if name.startswith(DEPRIVED) else "own"
    key = f"{table}_{name}" if has("meaning", f"{table}_{name}") else key
    own = plan.tables[table][name].name
    text = phrase(f"meaning.{key}", "vi", name=own.get("vi", ""))
    return text if must else f"{text} {phrase('fill.optional', 'vi')}"
