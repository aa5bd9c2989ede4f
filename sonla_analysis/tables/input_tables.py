"""The input tables: what they hold, how they are read, what each cell may be.

A folder holds `<table>.csv`, `<table>.parquet` or a folder `<table>/` of Parquet
files; a workbook holds one sheet per table. Codes stay text, missing stays missing,
columns that are not part of a table are dropped (a column of names cannot travel on). What
must be there is asked by the plan (`contract.needed`); what nobody sent has no rows, or is
missing throughout, and `was_sent` tells the two apart.
"""

import re
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pandas as pd

from sonla_analysis.definitions.input_columns import (
    CARRIED,
    DEPRIVED,
    FLAGS,
    KEYS,
    LEVELS,
    NEVER_BLANK,
    SAID_INSTEAD,
    Column,
    is_carried,
)
from sonla_analysis.definitions.needed import needed
from sonla_analysis.definitions.plan import Plan, load_plan
from sonla_analysis.definitions.standards import load_standard, standard_ids
from sonla_analysis.definitions.toml_files import check_date, check_keys, parsed
from sonla_analysis.definitions.toml_files import shown as written
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import DefinitionError
from sonla_analysis.language.vietnamese import is_date, looks_like_thousands, nearest, nfc
from sonla_analysis.tables import files as sources
from sonla_analysis.tables.files import cell_text
from sonla_analysis.tables.findings import DataError, Finding, misread_findings, shown, unreadable
from sonla_analysis.tables.units_table import load_units, lost_zeros, read_units

ABOUT = "about"  # what a folder or workbook says of itself: `about.toml`, or a sheet


def load_tables(path: str | Path, plan: str | Path | Plan | None = None) -> dict[str, pd.DataFrame]:
    """Return the tables of a folder or workbook; refuse them when any cell is wrong.

    >>> from sonla_analysis.definitions.folders import sample_folder
    >>> tables = load_tables(sample_folder())
    >>> tables["unit_counts"].loc[0, "unit"]
    '03646'
    """
    tables, findings = read_tables(path, plan)
    if errors := [one for one in findings if one.severity == "error"]:
        raise DataError(errors)
    return tables


def read_tables(
    path: str | Path, plan: str | Path | Plan | None = None
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Return the tables and what is wrong with them; a wrong cell becomes missing.

    Without a `plan` that of 2020 says what must be there. Raises `DataError` only where nothing can
    be read: a table or column that the plan needs is missing.
    """
    path, plan = Path(path), load_plan() if plan is None else load_plan(plan)
    raw, findings = sources.raw_tables(path, [*KEYS, "units", ABOUT], needed(plan))
    raw_units, about = raw.pop("units", None), _about(path, raw.pop(ABOUT, None))
    return typed_tables(raw, plan, raw_units, about, findings)


def typed_tables(raw: dict, plan: Plan, raw_units=None, about=None, findings=()):
    """Return the tables of frames of text in their types, and what is wrong; see `read_tables`.

    The index of a frame is its line less two, for the findings. The frames are taken out of `raw`,
    so that the text of a province and its tables are not held side by side.
    """
    tables, findings = {}, list(findings)
    for name in list(raw):  # the text of a table is let go before the next is typed
        tables[name], found = typed(raw.pop(name), name, plan)
        findings += found
    if "unit_counts" in tables and tables["unit_counts"].empty:
        findings.append(Finding("no_rows", "unit_counts"))
    if structural := [one for one in findings if one.rule in _STRUCTURAL]:
        raise DataError(structural)
    about = pd.DataFrame([_SAYS_NOTHING]) if about is None else about
    tables = filled(tables, plan) | {ABOUT: about}
    tables["units"] = load_units()
    if raw_units is not None:
        tables["units"], found = read_units(raw_units)
        found = found or lost_zeros(tables["units"], tables)
        findings += found
        if any(one.severity == "error" for one in found):  # no code of the others can be judged
            raise DataError(findings)
    return complete(tables), findings


_STRUCTURAL = (
    *("missing_table", "empty_table", "no_rows", "missing_column", "renamed_column"),
    *("column_twice", "unreadable", "not_utf8", "cells_in_line", "quote_open"),
    *("heading_not_first", "table_twice", "renamed_table", "other_format", "too_many_columns"),
)


def filled(tables: dict[str, pd.DataFrame], plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the tables with all columns of all tables; `sent` lists those that were there.

    A table that nobody sent has no rows; a column that nobody sent is missing in every row. Columns
    of `sent`: table, column.
    """
    sent = [(table, column) for table, frame in tables.items() for column in frame]
    whole = {}
    for table in KEYS:
        frame = tables.get(table, pd.DataFrame())
        columns = {
            name: frame[name] if name in frame else _nothing(one, frame.index)
            for name, one in plan.tables[table].items()
            if name in frame or not is_carried(table, name)
        }
        whole[table] = pd.DataFrame(columns, index=frame.index)
    return whole | {"sent": pd.DataFrame(sent, columns=["table", "column"], dtype="str")}


def _nothing(column: Column, index: pd.Index) -> pd.Series:
    dtype = _CONVERT[column.kind][1]
    return pd.Series(pd.array([None] * len(index), dtype=dtype), index=index)


def was_sent(tables: dict[str, pd.DataFrame], table: str, *columns: str) -> bool:
    """Return whether somebody sent a table, or any of these columns of it, with or without rows.

    >>> from sonla_analysis.definitions.folders import sample_folder
    >>> tables = load_tables(sample_folder())
    >>> was_sent(tables, "funding"), was_sent(tables, "households", "village", "hamlet")
    (True, True)
    """
    if "sent" not in tables:  # tables that were made, not read
        return table in tables and (not columns or any(one in tables[table] for one in columns))
    there = tables["sent"].loc[tables["sent"]["table"] == table, "column"]
    return len(there) > 0 and (not columns or there.isin(columns).any().item())


_SAYS_NOTHING = {"synthetic": False, "units_of": ""}


def _about(path: Path, sheet: pd.DataFrame | None) -> pd.DataFrame:
    """Return what the data say of themselves, in one row.

    `synthetic`: they are made up. `units_of`: the day whose units a report of them is about, where
    these are not the units of its own dates ("" where it is about those).

    A folder says so in `about.toml` (`synthetic = true`, `units_of = "2025-07-01"`), a workbook in
    a sheet `about` with these headings and the values below.
    """
    source, said = path / f"{ABOUT}.toml", {}
    if sheet is not None and len(sheet):
        said = {name: str(sheet[name].iloc[0]).strip() for name in _SAYS_NOTHING if name in sheet}
        if "synthetic" in said:
            said["synthetic"] = FLAGS.get(said["synthetic"].lower(), said["synthetic"])
    elif source.is_file():
        said = parsed(source, source.name)
        check_keys(said, _SAYS_NOTHING, source.name, optional=_SAYS_NOTHING)
    said = _SAYS_NOTHING | said
    if not isinstance(said["synthetic"], bool):
        words = {"where": f"{ABOUT}: synthetic", "found": written(said["synthetic"])}
        raise DefinitionError(message("definition.condition_flag", **words))
    if said["units_of"] != "":
        check_date(said["units_of"], f"{ABOUT}: units_of")
    return pd.DataFrame({name: [said[name]] for name in _SAYS_NOTHING})


def undeclared(tables: dict[str, pd.DataFrame]) -> list[Finding]:
    """Return that names say "(giả lập)" where the data do not: a report would show them as real."""
    for table in ("health_stations", "schools"):
        names = tables[table]["name"].astype("str")
        if names.str.contains("giả lập", na=False).any() and not tables[ABOUT]["synthetic"].all():
            return [Finding("undeclared_synthetic", table, column="name", severity="warning")]
    return []


def source_files(path: str | Path) -> list[Path]:
    """Return the files a folder's tables are read from, sorted; a workbook is its own file."""
    about = Path(path) / f"{ABOUT}.toml"
    found = sources.source_files(path, [*KEYS, "units"])
    return sorted([*found, about]) if about.is_file() else found


def complete(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables with what follows from them: carried columns, school network."""
    members, schools = tables["members"], tables["schools"]
    if missing := [name for name in CARRIED if name not in members]:
        keys = KEYS["households"]
        carried = tables["households"][[*keys, *missing]].drop_duplicates(keys)
        joined = members.merge(carried, on=keys, how="left").set_axis(members.index)
        tables = tables | {"members": joined}
    return tables | {"school_network": school_network(schools)}


def school_network(schools: pd.DataFrame) -> pd.DataFrame:
    """Return one row per date and unit: which levels its schools together teach.

    A level that no school is known to teach is unknown while some school's cell is blank.

    >>> schools = pd.DataFrame({"as_of": ["2020-12-31"] * 2, "unit": ["03646"] * 2,
    ...     "preschool": [True, False], "primary": [False, True], "lower_secondary": [False, True]})
    >>> school_network(schools)[["preschool", "primary", "lower_secondary"]].values.tolist()
    [[True, True, True]]
    """
    levels = [*LEVELS]
    keys = [schools["as_of"], schools["unit"]]
    taught = schools[levels].astype("boolean")
    somewhere = taught.fillna(False).groupby(keys, observed=True).any().astype("boolean")
    blank = taught.isna().groupby(keys, observed=True).any()
    return somewhere.mask(blank & ~somewhere).reset_index()


# --- one table ---------------------------------------------------------------------------

FEW = 5  # more cells of a column that are wrong throughout the same way are one finding


def typed(
    frame: pd.DataFrame, table: str, plan: Plan | None = None
) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the table with every column in its type, and what is wrong with its cells."""
    plan = plan or load_plan()
    result, findings = converted(frame, table, plan)
    if any(one.rule in _STRUCTURAL for one in findings):
        return result, findings
    said = {(one.row, one.column) for one in findings}
    others = _rule_findings(result, table, plan)
    findings += [one for one in others if (one.row, one.column) not in said]
    return result, _by_column(findings, result) + _unused(frame, table, plan)


def converted(frame: pd.DataFrame, table: str, plan: Plan) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the table with every column in its type, and the cells that could not be."""
    kinds = {name: one.kind for name, one in plan.tables[table].items()}
    must = {*KEYS[table], *needed(plan).get(table, ())}
    frame = frame.rename(columns=_heading)
    if repeated := [name for name in frame.columns[frame.columns.duplicated()] if name in kinds]:
        return frame, [Finding("column_twice", table, column=repeated[0])]
    if missing := [name for name in kinds if name in must and name not in frame]:
        return frame, [_missing_column(name, frame, table, plan) for name in missing]
    columns, findings = {}, []
    for name in (name for name in kinds if name in frame):
        columns[name], wrong = _converted(frame[name], kinds[name])
        if wrong.any():
            findings += _cell_findings(frame[wrong], table, name, f"not_{kinds[name]}")
        if kinds[name] == "text":
            findings += misread_findings(frame[name], table, name)
    return pd.DataFrame(columns), findings


def _heading(name) -> str:
    return nfc(str(name)).lower()


def _missing_column(name: str, frame: pd.DataFrame, table: str, plan: Plan) -> Finding:
    """Return that a column is missing, and the one that may have been it.

    A deprivation is never taken for another one: only for a misspelt name that is none.
    """
    others = [other for other in frame if other not in plan.tables[table]]
    if name.startswith(DEPRIVED):
        rest = {
            other.removeprefix(DEPRIVED): other for other in others if other.startswith(DEPRIVED)
        }
        for one in map(load_standard, standard_ids()):
            for deprivation in one.deprivations:
                rest.pop(deprivation["column"].removeprefix(DEPRIVED), None)
        near = get_close_matches(name.removeprefix(DEPRIVED), rest, n=1, cutoff=0.8)
        other = rest[near[0]] if near else ""
    else:
        other = nearest(name, [other for other in others if not other.startswith(DEPRIVED)])
    rule = "renamed_column" if other else "missing_column"
    return Finding(rule, table, column=name, found=other or "")


def _unused(frame: pd.DataFrame, table: str, plan: Plan) -> list[Finding]:
    """Return the columns that look like data and go nowhere; a column of names is not one.

    They are named like a deprivation, or nearly like a column that the table has.
    """
    known, findings = plan.tables[table], []
    usual = [name for name in known if not name.startswith(DEPRIVED)]
    for name in dict.fromkeys(map(_heading, frame)):
        if name in known:
            continue
        if name.startswith(DEPRIVED):
            rule, allowed = "unused_deprivation", plan.standard_data.id
        else:
            rule, allowed = "unused_column", next(iter(get_close_matches(name, usual, 1, 0.8)), "")
        if allowed:
            findings.append(Finding(rule, table, "", 0, name, name, allowed, "warning"))
    return findings


def _converted(column: pd.Series, kind: str) -> tuple[pd.Series, pd.Series]:
    """Return the column in its type, missing where wrong, and a mask of the wrong cells.

    Each different cell is converted once: a register repeats its few values many times.
    """
    places, cells = pd.factorize(column)
    cells = cells.tolist()
    texts = ["" if unreadable(str(cell).strip()) else nfc(cell_text(cell) or "") for cell in cells]
    convert, dtype = _CONVERT[kind]
    values = [convert(text) if text else None for text in texts]
    both = zip(values, cells, strict=True)
    wrong = [value is None and nfc(str(cell)) != "" for value, cell in both]
    converted = pd.array(values, dtype=dtype).take(places, allow_fill=True)
    return (
        pd.Series(converted, index=column.index),
        pd.Series(np.array([*wrong, False])[places], index=column.index),
    )


def _date(text: str) -> str | None:
    return text if is_date(text) else None


def _count(text: str) -> int | None:
    """A whole number written plainly; '1,2', '1.234' and '04 hộ' are refused, not guessed."""
    plain = text.removesuffix(".0")  # a whole number that passed through a decimal column
    return int(plain) if re.fullmatch("[0-9]{1,15}", plain) else None


def _money(text: str) -> float | None:
    """A number with a decimal point; '1.250' is refused: 1250 to one reader, 1.25 to another."""
    plain = re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,20})?", text) and not looks_like_thousands(text)
    return float(text) if plain else None


def _flag(text: str) -> bool | None:
    return FLAGS.get({"1.0": "1", "0.0": "0"}.get(text, nfc(text).lower()))


_CONVERT = {
    "date": (_date, "str"),
    "unit": (str, "str"),
    "text": (nfc, "str"),
    "count": (_count, "Int64"),
    "money": (_money, "float64"),
    "flag": (_flag, "boolean"),
}


def _cell_findings(rows: pd.DataFrame, table: str, column: str, rule: str) -> list[Finding]:
    units = rows["unit"].astype("str").map(nfc, na_action="ignore").fillna("")
    return [
        Finding(
            unreadable(str(cell).strip()) or rule,
            table,
            unit=shown(unit),
            row=line + 2,
            column=column,
            found=shown(cell),
        )
        for line, unit, cell in zip(rows.index, units, rows[column], strict=True)
    ]


def _by_column(findings: list[Finding], frame: pd.DataFrame) -> list[Finding]:
    """Return the findings, those of a column that is wrong throughout the same way as one.

    Throughout is in all rows of the table that have something there, or in all rows of a unit.
    """
    same, result = {}, []
    for one in findings:
        key = (one.rule, one.column) if one.column in frame and one.cells == 1 else None
        same.setdefault(key, []).append(one)
    result += same.pop(None, [])
    for (_, column), alike in same.items():
        right = frame[column].notna() & ~frame.index.isin([one.row - 2 for one in alike])
        well = {shown(unit) for unit in frame.loc[right, "unit"].dropna().unique()}
        result += _one_if_throughout(alike, not right.any(), well)
    return result


def _one_if_throughout(alike: list[Finding], everywhere: bool, well: set[str]) -> list[Finding]:
    """Return one finding for all, or for each unit that is not among those with a right cell."""
    by_unit = {"": alike}
    if not everywhere:
        by_unit = {}
        for one in alike:
            by_unit.setdefault(one.unit, []).append(one)
    result = []
    for unit, here in by_unit.items():
        if len(here) > FEW and unit not in well:
            of_one_unit = len({one.unit for one in here}) == 1
            unit = here[0].unit if of_one_unit else ""
            here = [replace(here[0], unit=unit, row=0, as_of="", cells=len(here))]
        result += here
    return result


def _rule_findings(frame: pd.DataFrame, table: str, plan: Plan) -> list[Finding]:
    """Return each cell that is no choice of its column or is blank, each row that repeats a key."""
    units, findings = frame["unit"].astype("str").fillna(""), []
    for name, column in plan.tables[table].items():
        if name not in frame:
            continue
        cells, allowed = frame[name], column.choices
        blank = cells.isna() & (name in NEVER_BLANK and not is_carried(table, name))
        other = cells.notna() & ~cells.isin(allowed) & bool(allowed)
        for line in frame.index[blank | other]:
            place = (table, shown(units[line]), int(line) + 2, name)
            if blank[line]:
                findings.append(Finding("blank", *place))
                continue
            found = shown(cells[line], [*allowed, *SAID_INSTEAD])
            findings.append(Finding("not_allowed", *place, found, ", ".join(allowed)))
    keys = KEYS[table]
    again = frame.duplicated(keys) & frame[keys].notna().all(axis=1)
    findings += [
        Finding("duplicate", table, shown(units[line]), int(line) + 2, allowed=", ".join(keys))
        for line in frame.index[again]
    ]
    return findings
