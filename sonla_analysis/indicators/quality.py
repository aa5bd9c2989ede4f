"""Which tables and cells of a date are there, which are blank, and which are being corrected.

Nothing here tells a household: cells are counted by unit, table and column, and of the columns by
which reports are broken down it is only told whether some are blank (`PROTECTED`): with a number of
blanks a reader could work out a group that is hidden.
"""

import pandas as pd

from sonla_analysis.definitions.input_columns import KEYS, POOR
from sonla_analysis.definitions.needed import needed
from sonla_analysis.indicators.groups import GROUPINGS
from sonla_analysis.indicators.measure import leaf_units, signed_zero
from sonla_analysis.indicators.of_review import once_by
from sonla_analysis.indicators.withheld import WHOLE
from sonla_analysis.tables.findings import Finding
from sonla_analysis.tables.input_tables import was_sent

FOUND = ["as_of", "unit", "table", "column", "rule", "severity", "cells"]
PROTECTED = {"households": ("village", *GROUPINGS), "members": ("sex",)}
SENT = ("full", "blank", "none")  # states of a table that came, and is not being corrected
ABSENT = "absent"  # a household that moved away: nothing more is asked of it
_MISSING = ("unit_in_no_table", "unit_without_rows")  # told as a table that did not come


def found_in(findings: list[Finding], tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return where something was found, without what stands there; a row is a finding.

    Columns: as_of ("" where it is of every date), unit ("" of all), table, column, rule, severity,
    cells (how many it stands for).

    >>> households = pd.DataFrame({"as_of": ["2020-12-31"], "unit": ["03646"]})
    >>> wrong = Finding("not_flag", "households", "03646", 2, "hygienic_water", "maybe")
    >>> found_in([wrong], {"households": households}).values.tolist()
    [['2020-12-31', '03646', 'households', 'hygienic_water', 'not_flag', 'error', 1]]
    """
    rows = [
        (_day(one, tables), one.unit, one.table, one.column, one.rule, one.severity, one.cells)
        for one in findings
        if one.rule not in _MISSING
    ]
    return pd.DataFrame(rows, columns=FOUND).astype(dict.fromkeys(FOUND[:-1], "str"))


def _day(one: Finding, tables) -> str:
    if one.as_of or not one.unit or one.table not in tables:
        return one.as_of
    day = tables[one.table]["as_of"].get(one.row - 2) if one.row else None
    return "" if day is None or pd.isna(day) else str(day)


def found_here(review, *, earlier: bool = False) -> pd.DataFrame:
    """Return what was found in this unit (of the area: in all) on the date, or on dates before."""
    found = review.data.found
    day = found["as_of"]
    when = (day < review.as_of) & (day != "") if earlier else day.isin(["", review.as_of])
    return found[when] if review.is_area else found[when & found["unit"].isin(["", review.unit])]


@once_by("as_of")
def table_states(review) -> pd.DataFrame:
    """Return how each table of each unit came on the date; a row is a unit and a table.

    Columns: unit, table, rows, blank (cells that a figure of the plan is counted from), state:

    - `withheld`: some of it is being corrected;
    - `not_sent`: no row came;
    - `none`: no row, and signed that there is nobody to list;
    - `empty`: rows came, and every cell of them is blank;
    - `part`: of a merged unit, some former unit sent none of it;
    - `blank`: some cell is blank; - `full`.
    """
    parts = [_of_table(review, table) for table in needed(review.plan)]
    states = pd.concat(parts, ignore_index=True)
    order = {code: place for place, code in enumerate(review.leaf_units.index)}
    return states.sort_values("unit", key=lambda codes: codes.map(order), kind="stable")


def _of_table(review, table: str) -> pd.DataFrame:
    units, frame = review.leaf_units.index, review.rows(table, unit=review.area)
    cells = blank_cells(review, table, asked(review.plan, table))
    blank = (
        cells.sum(axis=1).groupby(frame["unit"].loc[cells.index].astype("str")).agg(["sum", "size"])
    )
    made = pd.DataFrame({"unit": units, "table": table})
    made["rows"] = made["unit"].map(frame["unit"].value_counts()).fillna(0).astype("int64")
    made["blank"] = made["unit"].map(blank["sum"]).fillna(0).astype("int64")
    most = made["unit"].map(blank["size"]).fillna(0) * len(cells.columns)
    doubts = review.data.doubts.query("as_of == @review.as_of and table == @table")
    never = _never_sent(review, table, review.as_of)
    held, nobody = set(doubts["unit"]) - never, _nobody(review, table, review.as_of)
    made["state"] = "full"
    made.loc[made["blank"] > 0, "state"] = "blank"
    made.loc[(made["blank"] > 0) & (made["blank"] == most), "state"] = "empty"
    made.loc[made["rows"] == 0, "state"] = "not_sent"
    made.loc[(made["rows"] == 0) & made["unit"].isin(nobody), "state"] = "none"
    if "partial" in review.tables:
        partial = review.tables["partial"].query("as_of == @review.as_of and table == @table")
        made.loc[(made["rows"] > 0) & made["unit"].isin(partial["unit"]), "state"] = "part"
    made.loc[made["unit"].isin(held), "state"] = "withheld"
    return made


def _nobody(review, table: str, date: str) -> set[str]:
    """Return the units that have nobody to list in a table: the register signed as empty.

    Persons are of poor and near-poor households; a register without any of these lists none.
    """
    if table not in PROTECTED:
        return set()
    empty = set(signed_zero(review.data.rows("unit_counts", as_of=date))["unit"])
    if table == "members":
        register = review.data.rows("households", as_of=date)
        listed = register.loc[register["status"].isin([*POOR, "near_poor"]), "unit"]
        empty |= set(register["unit"]) - set(listed)
    return empty


def _never_sent(review, table: str, date: str) -> set[str]:
    """Return the units that signed for households of which no register came."""
    found = review.data.found
    here = found["rule"].eq("register_not_sent") & found["as_of"].isin(["", date])
    return set(found.loc[here, "unit"]) if table in PROTECTED else set()


def asked(plan, table: str) -> list[str]:
    """Return the columns of a table that the plan's figures need, but for those that name a row."""
    left_out = {*KEYS[table], *PROTECTED.get(table, ())}
    return [name for name in needed(plan)[table] if name not in left_out]


def blank_cells(review, table: str, columns: list[str]) -> pd.DataFrame:
    """Return for each row of the date which of these cells are blank; a row is one of the table.

    Not those being corrected, nor any of a household that moved away.
    """
    frame = review.rows(table, unit=review.area)
    if "status" in frame and table in PROTECTED:
        frame = frame[frame["status"].ne(ABSENT).fillna(True).astype(bool)]
    blank = frame[columns].isna()
    doubts = review.data.doubts.query("as_of == @review.as_of and table == @table")
    for unit, column in zip(doubts["unit"], doubts["column"], strict=True):
        names = columns if column == WHOLE else [one for one in columns if one == column]
        blank.loc[frame["unit"] == unit, names] = False
    return blank


def blank_columns(review) -> pd.DataFrame:
    """Return the columns with blank cells in this unit (the area: in all); a row is a column.

    Columns: table, column, rows, blank, units (with a blank in it), state: `blank`, `all_blank`,
    `not_sent` (a column to break down by, that nobody sent) or `protected` (some are blank; how
    many is told in the internal edition only).
    """
    rows = [one for table in needed(review.plan) for one in _blanks(review, table)]
    return pd.DataFrame(rows, columns=["table", "column", "rows", "blank", "units", "state"])


def _blanks(review, table: str) -> list[tuple]:
    """Return the rows of one table, the columns by which reports are broken down last."""
    plain = asked(review.plan, table)
    protected = [one for one in PROTECTED.get(table, ()) if one in review.rows(table)]
    blank, unit = _own_blanks(review, table, [*plain, *protected])
    made = []
    for name, cells in blank.items():
        rows, n, units = len(blank), int(cells.sum()), unit[cells].nunique()
        state = "blank" if name in plain or review.is_internal else "protected"
        state = "all_blank" if cells.all() else state
        if name in protected and not was_sent(review.tables, table, name):
            n, units, state = rows, unit.nunique(), "not_sent"
        if n:
            made.append((table, name, rows, n, units, state))
    return made


def _own_blanks(review, table: str, columns: list[str]) -> tuple[pd.DataFrame, pd.Series]:
    """Return the blank cells of this unit's rows (the area: of all), and the rows' units."""
    blank = blank_cells(review, table, columns)
    unit = review.rows(table, unit=review.area)["unit"].loc[blank.index].astype("str")
    return (
        (blank, unit) if review.is_area else (blank[unit == review.unit], unit[unit == review.unit])
    )


def figure_states(review) -> dict[str, list[str]]:
    """Return this unit's figures by how much is known of each, in the plan's order.

    `whole`; `open` (some rows are blank); `incomplete` (the area: some units are missing);
    `withheld`, `not_reported`, `not_applicable`.
    """
    found = {name: [] for name in ("whole", "open", "incomplete", "withheld", "not_reported")}
    for name, row in review.now.iterrows():
        state = row["state"]
        if state == "reported":
            state = "open" if row["unknown"] else "whole"
        found.setdefault(state, []).append(name)
    return {state: names for state, names in found.items() if names}


def sent_on(review) -> pd.DataFrame:
    """Return how much of each table came on each date up to this one; a row is a date.

    A column is a table: of the area the units that sent it, else its rows, or the mark
    `not_reported` or `withheld`. A register signed as empty came; so did one being corrected.
    """
    tables = list(needed(review.plan))
    made = [[_came(review, table, date) for table in tables] for date in review.dates]
    return pd.DataFrame(made, review.dates, tables, dtype="object")


def _came(review, table: str, date: str):
    rows = review.data.rows(table, as_of=date)["unit"].value_counts()
    doubts = review.data.doubts.query("table == @table and as_of == @date and column == @WHOLE")
    held = set(doubts["unit"]) - _never_sent(review, table, date)
    nobody = _nobody(review, table, date)
    if review.is_area:
        units = leaf_units(review.tables, date).index
        return len({*rows.index[rows > 0], *held, *nobody}.intersection(units))
    if review.unit in held:
        return "withheld"
    n = int(rows.get(review.unit, 0))
    return n if n or review.unit in nobody else "not_reported"


def received(review) -> pd.DataFrame:
    """Return when the date's tables came, where intake wrote it down: the last sending of each.

    A row is a unit and a table: unit, table, received (ISO day), number (of the sending, or "").
    """
    sent = review.data.sources
    sent = sent[(sent["as_of"] == review.as_of) & (sent["received"] != "")]
    sent = sent if review.is_area else sent[sent["unit"] == review.unit]
    last = sent.sort_values("received").drop_duplicates(["unit", "table"], keep="last")
    return last.assign(received=last["received"].str[:10])[["unit", "table", "received", "number"]]
