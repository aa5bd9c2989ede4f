"""Administrative units: a code means a unit only together with a date.

Sources: the General Statistics Office's codes; Resolution 1681/NQ-UBTVQH15 for the units of
1 July 2025, which re-use codes such as 03646, 03664, 03670 and 03679; `units/README.md`.
"""

from functools import cache
from importlib.resources import files

import pandas as pd

from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import Message, UsageError
from sonla_analysis.language.vietnamese import refuse, slug

KINDS = {  # of units, in English
    **{"Phường": "ward", "Xã": "commune", "Thị trấn": "township", "Đặc khu": "special zone"},
    **{"Huyện": "district", "Quận": "urban district", "Thị xã": "town"},
    **{"Thành phố": "city", "Tỉnh": "province", "Địa bàn": "area"},
}
_LISTED = 14  # units named in one sentence: a city's wards and the city
COLUMNS = ["code", "name", "kind", "area", "parent", "valid_from", "valid_to", "successor", "note"]


@cache
def _shipped(name: str) -> pd.DataFrame:
    path = files("sonla_analysis.definitions") / f"units/{name}.csv"
    with path.open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False)


def shipped_units(name: str = "son_la_city") -> pd.DataFrame:
    """Return the units that come with the package, one row per unit and validity, all text.

    An open end is "". `son_la_city` is the city's twelve and the four wards since July 2025;
    `son_la_province` is all of the province, with `lat` and `lon` of the centre where known.

    >>> len(shipped_units().query("parent == '116'"))
    12
    >>> len(units_on("2025-07-01", shipped_units("son_la_province")).query("parent == '14'"))
    75
    """
    return _shipped(name).copy()


def units_on(date: str, units: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the units in force on a date (ISO text), indexed by code.

    >>> units_on("2020-12-31").loc["03646", "name"], units_on("2025-07-01").loc["03646", "name"]
    ('Chiềng Lề', 'Tô Hiệu')
    """
    units = shipped_units() if units is None else units
    started = units["valid_from"] <= date
    not_ended = (units["valid_to"] == "") | (units["valid_to"] >= date)
    return units[started & not_ended].set_index("code")


def above(code: str, parent: dict[str, str]) -> list[str]:
    """Return the codes of all that a unit lies in, the nearest first; `parent` is of one day.

    >>> above("03646", units_on("2020-12-31")["parent"].to_dict())
    ['116', '14']
    """
    found = []
    while code := parent.get(code, ""):
        found.append(code)
    return found


def unit_named(code: str, date: str, units: pd.DataFrame | None = None) -> pd.Series:
    """Return the unit's row; refuse a code that is not in force on the date.

    >>> unit_named("3646", "2025-07-01")
    Traceback (most recent call last):
    sonla_analysis.language.refusals.UsageError: unit (in force on 2025-07-01) must be one of \
14 Sơn La province, 03646 Tô Hiệu ward, 03664 Chiềng An ward, 03670 Chiềng Cơi ward, \
03679 Chiềng Sinh ward; found '3646' (did you mean '03646'?)
    """
    in_force = units_on(date, units)
    if code not in in_force.index:
        what = message("refused.unit_on", date=date)
        raise UsageError(refuse_unit(code, in_force, what))
    return in_force.loc[code]


def refuse_unit(found, units: pd.DataFrame, what: str = "unit") -> Message:
    """Return the sentence that refuses a unit; `units` are those allowed, indexed by code.

    >>> refuse_unit("3646", units_on("2025-07-01").iloc[1:2]).vi
    "mã đơn vị phải là một trong: 03646 phường Tô Hiệu; đã nhận '3646' (có phải là '03646'?)"
    """
    rows = units.head(_LISTED).reset_index()[["code", "kind", "name"]].itertuples(index=False)
    listed = units_listed(rows, ", ", ", …" if len(units) > _LISTED else "")
    return refuse(what, found, units.index, listed=listed)


def units_listed(rows, between: str, more: str = "") -> Message:
    """Return units as a sentence lists them; a row has code, kind and name."""
    rows = list(rows)
    names = (f"{one.code} {one.name} {KINDS.get(one.kind, one.kind.lower())}" for one in rows)
    listed = Message(between.join(map(str.strip, names)) + more)
    listed.vi = between.join(f"{one.code} {one.kind.lower()} {one.name}" for one in rows) + more
    return listed


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
