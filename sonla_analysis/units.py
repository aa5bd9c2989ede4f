"""Administrative units: a code means a unit only together with a date.

Source: the General Statistics Office's codes; Resolution 1681/NQ-UBTVQH15 for
the wards of 1 July 2025, which re-use the codes 03646, 03664, 03670 and 03679.
"""

from importlib.resources import files
from pathlib import Path

import pandas as pd

from sonla_analysis.errors import DefinitionError, UsageError
from sonla_analysis.text import nfc, refuse, slug
from sonla_analysis.words import message

COLUMNS = ["code", "name", "kind", "area", "parent", "valid_from", "valid_to", "successor", "note"]


def load_units(path=None) -> pd.DataFrame:
    """Return the units, one row per unit and validity, all columns text ("" where open).

    `path` is a CSV with the columns of `COLUMNS`; by default Sơn La city's file.

    >>> len(load_units().query("parent == '116'"))
    12
    """
    shipped = files("sonla_analysis") / "definitions/units/son_la_city.csv"
    source = Path(path) if path else shipped
    with source.open(encoding="utf-8") as file:
        return check_units(pd.read_csv(file, dtype=str, keep_default_na=False), source)


def check_units(units: pd.DataFrame, source="units") -> pd.DataFrame:
    """Return the units with texts in NFC, or refuse a table that is not one."""
    if missing := [name for name in COLUMNS[:5] if name not in units]:
        found = ", ".join(map(str, units.columns))
        raise DefinitionError(
            message("definition.units_column", source=source, column=missing[0], found=found)
        )
    units = units.reindex(columns=COLUMNS, fill_value="").fillna("").astype("str")
    units = units.apply(lambda column: column.map(nfc))
    if repeated := units.loc[units.duplicated(["code", "valid_from"]), "code"].tolist():
        raise DefinitionError(message("definition.units_twice", source=source, code=repeated[0]))
    _check_parents(units, source)
    return units


def _check_parents(units: pd.DataFrame, source) -> None:
    """Refuse a parent that is not in the list, and a unit that lies within itself."""
    parents = {code: set() for code in units["code"]}
    for code, parent in zip(units["code"], units["parent"], strict=True):
        parents[code].add(parent)
    known = {"", *parents}
    for code, above in parents.items():
        if unknown := sorted(above - known):
            raise DefinitionError(
                message("definition.units_parent", source=source, code=code, parent=unknown[0])
            )
    reached, waiting = {""}, parents
    while there := {code for code, above in waiting.items() if above <= reached}:
        reached |= there
        waiting = {code: above for code, above in waiting.items() if code not in there}
    if waiting:
        raise DefinitionError(message("definition.units_circle", source=source, code=min(waiting)))


def units_on(date: str, units: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the units in force on a date (ISO text), indexed by code.

    >>> units_on("2020-12-31").loc["03646", "name"], units_on("2025-07-01").loc["03646", "name"]
    ('Chiềng Lề', 'Tô Hiệu')
    """
    units = load_units() if units is None else units
    started = units["valid_from"] <= date
    not_ended = (units["valid_to"] == "") | (units["valid_to"] >= date)
    return units[started & not_ended].set_index("code")


def unit_named(code: str, date: str, units: pd.DataFrame | None = None) -> pd.Series:
    """Return the unit's row; refuse a code that is not in force on the date.

    >>> unit_named("3646", "2025-07-01")
    Traceback (most recent call last):
    sonla_analysis.errors.UsageError: unit (in force on 2025-07-01) must be one of 14, 03646, \
03664, 03670, 03679; found '3646' (did you mean '03646'?)
    """
    in_force = units_on(date, units)
    if code not in in_force.index:
        what = message("refused.unit_on", date=date)
        raise UsageError(refuse(what, code, in_force.index))
    return in_force.loc[code]


def full_name(unit: pd.Series) -> str:
    """Return kind and name as in running text.

    >>> full_name(unit_named("03646", "2020-12-31"))
    'phường Chiềng Lề'
    """
    return f"{unit['kind'].lower()} {unit['name']}".strip()


def folder_name(unit: pd.Series) -> str:
    """Return the unit's folder: code, kind and name, safe on every system.

    >>> folder_name(unit_named("116", "2020-12-31"))
    '116-thanh-pho-son-la'
    """
    return f"{slug(unit.name)}-{slug(full_name(unit))}".strip("-")
