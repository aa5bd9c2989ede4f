"""A reader who holds the reports of former units and those of the units that they went into.

The same unknown counts as in `test_privacy`, of both; a new unit's count is the sum of its former
units' on a date, and what a former unit's year ended with is a part of the new unit's start.
"""

from types import SimpleNamespace

import pandas as pd
from attacker import System
from test_privacy import (
    _STATUSES,
    KINDS,
    LISTED,
    _link_form_2,
    _link_same,
    _link_totals,
    _tell_villages,
    _told,
)

import sonla_analysis as sonla
from sonla_analysis.definitions.input_columns import POOR
from sonla_analysis.definitions.succession import became
from sonla_analysis.definitions.units import full_name, shipped_units, units_on
from sonla_analysis.indicators.measure import area_of
from sonla_analysis.indicators.poverty import STATUS_GROUP
from sonla_analysis.review import CheckedData, Review, review_of

MERGED, NEW = "2025-07-01", "new "
HOMES = {code: ends[0] for code, ends in became(shipped_units(), "2020-12-31", MERGED).items()}


def merged_on(tables: dict, last: str, day: str) -> dict:
    """Return the sample's tables as if the city had gone on and its units been merged on a day.

    `last` is the day before: what is later is told by the four new wards.
    """
    both = tables | {"units": _units(last, day)}
    moved = sonla.bridge_tables(tables, "2022-01-01", _units("2021-12-31", "2022-01-01"))
    for name in (name for name in tables if "as_of" in tables[name] and name != "history"):
        early, late = tables[name]["as_of"] < day, moved[name]["as_of"] >= day
        both[name] = pd.concat([tables[name][early], moved[name][late]], ignore_index=True)
    return both


def _units(last: str, day: str) -> pd.DataFrame:
    units = shipped_units().replace({"2025-06-30": last, MERGED: day})
    units["valid_to"] = units["valid_to"].mask(units["code"] == "116", "")
    return units.assign(parent=units["parent"].mask(units["valid_from"] != "", "116"))


def releases(data: CheckedData, dates: list[str], held: CheckedData) -> list[Review]:
    """Return the reviews of each date in its own units, and in the units of today."""
    return [
        review_of(one, area_of(one.tables, date), date)
        for date in dates
        for one in ([data, held] if len(_leaves(data, date)) == len(HOMES) else [data])
    ]


def _leaves(data: CheckedData, date: str) -> pd.DataFrame:
    return review_of(data, area_of(data.tables, date), date).leaf_units


def village_names(register: pd.DataFrame) -> dict:
    """Return what ward a former unit's village is in, and its name there."""
    listed = units_on("2020-12-31", shipped_units()).apply(full_name, axis=1)
    alone = {home for home in HOMES.values() if [*HOMES.values()].count(home) == 1}
    return {
        (unit, name): (HOMES[unit], name if HOMES[unit] in alone else f"{name} ({listed[unit]})")
        for unit, name in register[["unit", "village"]].drop_duplicates().itertuples(index=False)
    }


def of_groups(reviews: list[Review], grouping: str) -> tuple[System, dict]:
    """Return what reviews of the area tell of a grouping, and the counts they hide.

    On each date the review of former units comes first.
    """
    system, wanted, starts, ends = System(), {}, {}, {}
    statuses = [one.rows("households")[name] for one in reviews for name in _STATUSES]
    seen = {one for column in statuses for one in column.unique()}
    poor = frozenset(seen & set(POOR))
    of_dates = {}
    for one in reviews:
        review, date, year = labelled(one), one.as_of, one.as_of[:4]
        cells = _told(system, wanted, review, grouping, seen)
        units = list(review.leaf_units.index)
        _link_totals(system, cells, units)
        if date in of_dates:
            _link_sums(system, cells, of_dates[date])
        of_dates.setdefault(date, cells)
        start, now = (cells.get(("households", ((name, poor),))) for name in _STATUSES)
        if start and now:
            left = next(cells[key] for key in cells if {*_STATUSES} <= {*dict(key[1])})
            _link_form_2(system, review, grouping, (start, left, now))
            last = max((one for one in ends if one[:4] < year), default="")
            for earlier in [*starts.setdefault(year, []), *ends.get(last, [])]:
                _link_starts(system, start, earlier)
            starts[year].append(start)
            ends.setdefault(date, []).append(now)
    return system, wanted


def _link_starts(system: System, start: dict, earlier: dict) -> None:
    """Let a start be what it was, in the same units or the sum of those that went into them."""
    if {unit for unit, _ in start} == {unit for unit, _ in earlier}:
        _link_same(system, start, earlier)
    else:
        _link_sums(system, {"start": start}, {"start": earlier})


def _link_sums(system: System, cells: dict, former: dict) -> None:
    for key, places in cells.items():
        for (unit, name), place in places.items():
            parts = [at for (one, was), at in former[key].items()
                     if was == name and NEW + HOMES.get(one, "") == unit]  # fmt: skip
            if parts:
                assert system.truth[place] == sum(system.truth[at] for at in parts), (key, name)
                system.sum({place: -1} | dict.fromkeys(parts, 1))


def labelled(review: Review):
    """Return a review with `NEW` before the codes of new units: a code may mean two units."""
    units, tables = review.group_tables
    label = "" if len(units) == len(HOMES) else NEW
    rows = review.rows("households")
    rows = rows.assign(unit=label + rows["unit"].astype("str"))
    units = [label + unit for unit in units]
    return SimpleNamespace(
        plan=review.plan, as_of=review.as_of, group_tables=(units, tables),
        leaf_units=pd.DataFrame(index=units), rows=lambda _: rows,
    )  # fmt: skip


def of_villages(reviews: list[Review], names: dict) -> tuple[System, dict]:
    """Return what reviews of the area tell of the villages, and the counts they hide.

    `names` are `village_names`.
    """
    system, wanted, ends = System(), {}, {}
    for review in reviews:
        date, cells = review.as_of, review.villages.assign(former="")
        if old := len(review.leaf_units) == len(HOMES):
            homes = [names[key] for key in zip(cells["unit"], cells["village"], strict=True)]
            cells["former"] = cells["unit"]
            cells[["unit", "village"]] = homes
        moves = _moves(review, names if old else {})
        last = max((one for one in ends if one[:4] < date[:4]), default="")
        for (unit, _), rows in cells.groupby(["unit", "former"]):
            here = set(rows["village"])
            gone = {one for where, one, _ in ends.get(last, ()) if where == unit} - here
            if old:
                own = {at for key, at in names.items() if key[0] == rows["former"].iloc[0]}
                gone = {one for one in gone if (unit, one) in own}
            _tell_villages(system, wanted, rows.set_index("village"), (date, unit), moves, gone)
            for name in here | gone:
                for group in LISTED:
                    key = (unit, name, group)
                    ends.setdefault(date, {})[key] = system.places[date, *key]
                    if was := ends.get(last, {}).get(key):
                        start = [system.places[date, *key, to] for to in KINDS]
                        assert sum(system.truth[one] for one in start) == system.truth[was]
                        system.sum(dict.fromkeys(start, 1) | {was: -1})
    return system, wanted


def _moves(review: Review, names: dict) -> dict:
    rows = review.rows("households")
    keys = list(zip(rows["unit"].astype("str"), rows["village"].fillna(""), strict=True))
    places = pd.DataFrame([names.get(key, key) for key in keys], index=rows.index)
    statuses = [rows[name].astype("str").map(STATUS_GROUP) for name in _STATUSES]
    return rows.groupby([places[0], places[1], *statuses]).size().to_dict()
