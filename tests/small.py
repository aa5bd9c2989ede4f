"""Tables of a made-up city of two wards, A and B, row by row, for worked arithmetic."""

from dataclasses import replace
from decimal import Decimal

import pandas as pd

from sonla_analysis.definitions.plan import Count, load_plan
from sonla_analysis.tables import input_tables as contract
from sonla_analysis.tables.units_table import check_units

CITY, A, B = "116", "03646", "03658"
START, END = "2019-12-31", "2020-12-31"
UNITS = pd.DataFrame(
    [
        (CITY, "Sơn La", "Thành phố", "", ""),
        (A, "Chiềng Lề", "Phường", "urban", CITY),
        (B, "Chiềng Cọ", "Xã", "rural", CITY),
    ],
    columns=["code", "name", "kind", "area", "parent"],
)
_UNITS = check_units(UNITS)
_DEFAULTS = {
    "households": {"area": "urban", "start_status": "not_poor", "status": "poor_income"},
    "members": {"household": "1"},
    "unit_counts": {"households": 100},
    "health_stations": {"name": "trạm"},
    "schools": {"name": "trường"},
    "funding": {"project": "dự án", "source": "ngân sách"},
}


_DTYPES = {"flag": "boolean", "count": "Int64", "money": "float64"}
_CELLS = {"": None, "true": True, "false": False}


def tables(**rows: list[dict]) -> dict[str, pd.DataFrame]:
    """Return typed tables; a row names only the cells that matter, the others are blank.

    Cells are written as in a file ("true", "" for blank). Both wards report counts at the end of
    2020 unless `unit_counts` is given.
    """
    rows.setdefault("unit_counts", [{"unit": A}, {"unit": B}])
    made = {}
    for name, defaults in _DEFAULTS.items():
        given = [
            {"as_of": END, "unit": A, "household": str(number), "person": str(number)}
            | defaults
            | row
            for number, row in enumerate(rows.get(name, ()))
        ]
        kinds = [(column, one.kind) for column, one in load_plan().tables[name].items()]
        carried = contract.CARRIED if name == "members" else ()
        made[name] = pd.DataFrame(
            {
                column: pd.array(
                    [_CELLS.get(cell := row.get(column, ""), cell) for row in given],
                    dtype=_DTYPES.get(kind, "str"),
                )
                for column, kind in kinds
                if column not in carried
            }
        )
    return contract.complete(made | {"units": _UNITS})


def row(observed: pd.DataFrame, unit: str, indicator: str, as_of: str = END) -> pd.Series:
    """Return one observation."""
    here = (observed["unit"] == unit) & (observed["indicator"] == indicator)
    return observed[here & (observed["as_of"] == as_of)].iloc[0]


def counts(observed: pd.DataFrame, unit: str, indicator: str, as_of: str = END) -> tuple:
    """Return (numerator, denominator, state) of one observation."""
    found = row(observed, unit, indicator, as_of)
    return found["numerator"], found["denominator"], found["state"]


def plan_of(kind: str = "share", direction: str = "at_least", target: str = "80", **changes):
    """Return the plan with one indicator only, `x`, judged as asked."""
    plan = load_plan()
    lower, _, upper = target.partition("–")
    indicator = replace(
        plan.indicators[0],
        id="x",
        kind=kind,
        direction=direction,
        unit="households" if kind == "count" else "percent",
        target=Decimal(lower) if lower else None,
        upper=Decimal(upper) if upper else None,
        applies_to=changes.pop("applies_to", "area"),
        counted_when=changes.pop("counted_when", "always" if kind == "share" else "within_year"),
        to_do=changes.pop("to_do", {}),
        denominator=None if kind == "count" else Count("households"),
    )
    return replace(plan, indicators=(indicator,), **changes)


def observation(
    numerator, denominator, *, kind="share", as_of=END, level="area", state="reported", open_to=None
):
    """Return one observation of indicator `x` as `measure` gives it.

    `open_to` is the numerator if all that is unknown counts.
    """
    value = numerator
    if kind != "count":
        value = numerator / denominator * 100 if denominator else None
    cells = {
        "as_of": as_of,
        "unit": CITY if level == "area" else A,
        "level": level,
        "indicator": "x",
        "numerator": numerator,
        "denominator": None if kind == "count" else denominator,
        "value": value,
        "unknown": 0,
        "state": state,
    }
    if open_to:
        bounds = sorted((value, open_to / denominator * 100))
        cells |= dict(zip(("lowest", "highest"), bounds, strict=True))
        cells |= {"unknown": abs(open_to - numerator), "value": None}
    frame = pd.DataFrame([cells])
    whole = frame[["numerator", "denominator"]].astype("Float64").astype("Int64")
    return frame.assign(**whole, value=frame["value"].astype("float64"))
