"""What official forms say of the units: counts for `unit_counts`, held against the register."""

import pandas as pd

from sonla_analysis.definitions.input_columns import DEPRIVED
from sonla_analysis.definitions.standards import load_standard, standard_ids
from sonla_analysis.definitions.unit_names import match_unit
from sonla_analysis.indicators.poverty import MOVEMENT, STATUS_GROUP, movement
from sonla_analysis.intake.form_arithmetic import finding_at
from sonla_analysis.intake.form_lines import Line, plain
from sonla_analysis.intake.forms import Form
from sonla_analysis.tables.findings import Finding

# the columns of `unit_counts` in each kind of form; a kind goes before those under it
_COUNTS = {
    "result": {
        name: name
        for name in ("households", "population", "poor_households", "near_poor_households")
    },
    "movement_poor": {"poor_households": "end"},
    "movement_near_poor": {"near_poor_households": "end"},
    "deprivation_counts": {"poor_households": "total"},
    "near_poor_deprivation_counts": {"near_poor_households": "total"},
}
_COLUMNS = ["as_of", "unit", "unit_text", "column", "value", "kind", "file", "sheet", "cell", "row"]


def form_counts(
    forms: list[Form], units: pd.DataFrame, as_of: str, sender: str = ""
) -> pd.DataFrame:
    """Return the counts that forms give for `unit_counts`, one row a count, with its cell.

    Columns: as_of, unit (the code, "" where the name is not known), unit_text, column, value, kind
    of form, file, sheet, cell, row. Form 1 goes before forms 2 and 3, these before form 4. Where
    lines of one kind give a unit different numbers, each stands in a row: nobody knows which is
    right. A form that names no unit at all, but villages, is of its `sender`: its total counts.
    """
    rows = []
    for form in forms:
        for line, code in _lines_of_units(form, units, as_of, sender):
            for column, name in _COUNTS.get(form.kind, {}).items():
                cell = line.cells.get(name)
                if cell and cell.value is not None:
                    place = (form.kind, form.file, form.sheet, cell.place, cell.row)
                    rows.append((as_of, code, line.unit, column, cell.value, *place))
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    frame["whose"] = frame["unit"].where(frame["unit"] != "", frame["unit_text"])
    rank = frame["kind"].map(list(_COUNTS).index)
    best = rank == rank.groupby([frame["whose"], frame["column"]]).transform("min")
    frame = frame[best].drop_duplicates(["whose", "column", "value"])
    return frame[_COLUMNS].reset_index(drop=True)


def _lines_of_units(
    form: Form, units: pd.DataFrame, as_of: str, sender: str
) -> list[tuple[Line, str]]:
    """Return the lines of households that are a unit's own, each with its code, "" if unknown."""
    if form.as_of not in ("", as_of):
        return []
    lines = [line for line in form.lines if line.noun == "household"]
    own = [line for line in lines if line.level == "unit"]
    named = [match_unit(line.unit, as_of, units) for line in own]
    if sender and not any(named):
        return [(line, sender) for line in lines if line.level == "total"]
    return [(line, unit.code if unit else "") for line, unit in zip(own, named, strict=True)]


# --- against the register ----------------------------------------------------------------


def check_against_register(
    forms: list[Form], tables: dict[str, pd.DataFrame], as_of: str, units, sender: str = ""
) -> list[Finding]:
    """Return where forms differ from the register of households of the same units and day.

    Compared are households: poor and near-poor, every column of the movement, the deprivations. A
    unit without a register, or with a blank in what a count is made of, is left out.
    """
    households = tables["households"]
    households = households[households["as_of"].astype("str") == as_of]
    found = []
    for form in forms:
        lines = _lines_of_units(form, units, as_of, sender)
        own = households[households["unit"].isin([code for _, code in lines])]
        register = _register(form, own, as_of)
        for line, code in lines:
            for name in register.columns.intersection(list(line.cells)):
                known = register[name].get(code, pd.NA)
                cell = line.cells[name]
                if cell.value is not None and pd.notna(known) and cell.value != known:
                    words = {"column": name, "unit": code}
                    found.append(finding_at("register_differs", form, cell, known, **words))
    return found


def _register(form: Form, households: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Return what the register says of the columns of a form, a row a unit; missing if unknown."""
    status = "near_poor" if "near_poor" in form.kind else "poor"
    blank = households[["start_status", "status"]].isna().any(axis=1)
    known = households[~households["unit"].isin(households["unit"][blank])]
    if known.empty or form.kind.endswith("rates"):
        return pd.DataFrame()
    moves = {one: movement(known, one).set_index("unit") for one in MOVEMENT}
    if form.kind == "result":
        return pd.DataFrame({f"{one}_households": moves[one]["end"] for one in MOVEMENT})
    if form.kind.startswith("movement"):
        return moves[status][MOVEMENT[status]]
    lacking = _lacking(form, known[known["status"].map(STATUS_GROUP) == status], as_of)
    return lacking.reindex(moves[status].index, fill_value=0).assign(total=moves[status]["end"])


def _lacking(form: Form, rows: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Return how many households of a unit are deprived in what, by the columns of form 4."""
    columns = {
        name: column for name, column in _deprivations(form, as_of).items() if column in rows
    }
    deprived = rows[list(columns.values())].astype("Int64").groupby(rows["unit"])
    unknown = rows[list(columns.values())].isna().groupby(rows["unit"]).any()
    return deprived.sum().mask(unknown).set_axis(list(columns), axis=1)


def _deprivations(form: Form, as_of: str) -> dict[str, str]:
    """Return the register's column of each deprivation: by its name, else by its place.

    The standard is the one in force with as many deprivations as the form has.
    """
    names = [name for name in form.labels if name.startswith(DEPRIVED)]
    for standard in map(load_standard, standard_ids()):
        if standard.valid_from <= as_of <= standard.valid_to:
            known = standard.deprivations
            by_name = {plain(one["name"]["vi"]): one["column"] for one in known}
            if len(known) == len(names):
                return {
                    name: by_name.get(form.labels[name], one["column"])
                    for name, one in zip(names, known, strict=True)
                }
    return {}
