"""An attacker who reads every report of every date finds no small count that a report hides."""

import numpy as np
import pandas as pd
import pytest
from attacker import System

from sonla_analysis.indicators.disclosure import small
from sonla_analysis.indicators.groups import divided
from sonla_analysis.indicators.measure import area_of, review_dates
from sonla_analysis.indicators.poverty import STATUS_GROUP
from sonla_analysis.review import Situation, review_of
from sonla_analysis.tables import POOR

PARTS = ("reached", "missed", "counted")


def statuses(where: dict, seen: set) -> dict:
    """Return a condition without the statuses that no household has."""
    return {
        name: frozenset(set(allowed) & seen) if "status" in name else allowed
        for name, allowed in where.items()
    }


def narrower(one: dict, other: dict) -> bool:
    """Whether who satisfies one condition satisfies the other."""
    return all(name in one and set(one[name]) <= set(allowed) for name, allowed in other.items())


def of_groups(situation: Situation, grouping: str) -> tuple[System, dict]:
    """Return what the reports of all dates tell of a grouping, and the counts they hide."""
    system, wanted, last = System(), {}, {}
    seen = set(situation.tables["households"][["status", "start_status"]].stack().unique())
    for date in review_dates(situation.tables):
        review = review_of(situation, area_of(situation.tables, date), date)
        units, tables = review.group_tables
        results = {one.id: one for one in divided(review.plan)}
        of_grouping = [one for one in tables if one[0] == grouping and one[2] in results]
        conditions = _read(system, wanted, of_grouping, results, seen, date, units)
        for key, terms in conditions.items():
            _totals(system, terms, units)
            for other, wider in conditions.items():
                if key != other and key[0] == other[0] and narrower(dict(key[1]), dict(other[1])):
                    for cell in terms:
                        system.within(terms[cell], wider[cell])
        _movements(system, review, conditions, of_grouping[0][1], units, seen)
        now = {cell: place for key, cells in conditions.items() if set(dict(key[1])) == {"status"}
               and set(dict(key[1])["status"]) == set(POOR) & seen for cell, place in cells.items()}
        start = {cell: place for key, cells in conditions.items() if set(dict(key[1])) == {"start_status"}
                 and set(dict(key[1])["start_status"]) == set(POOR) & seen for cell, place in cells.items()}
        if last.get("year") and last["year"] < date[:4]:
            _same(system, start, last["now"])
            last = {"year": date[:4], "now": now, "start": start}
        elif last.get("start"):
            for cell, place in start.items():
                if cell in last["start"]:
                    system.sum({place: 1, last["start"][cell]: -1}, 0)
            last["now"] = now
        else:
            last = {"year": date[:4], "now": now, "start": start}
        last["now"] = now
    return system, wanted


def _read(system, wanted, tables, results, seen, date, units) -> dict:
    """Let the told cells be known; return condition → (unit, group) → count."""
    conditions = {}
    for grouping, names, result, numerator, denominator, hidden in tables:
        one = results[result]
        keys = [
            (count.table, tuple(sorted(statuses(count.where, seen).items())))
            for count in (one.numerator, one.denominator)
        ]
        for column, name in enumerate(names):
            for row, unit in enumerate([*units, "area"]):
                cell, counts = (unit, name), (numerator[row, column], denominator[row, column])
                places = []
                for key, count in zip(keys, counts, strict=True):
                    place = system.count((date, *key, cell), count)
                    conditions.setdefault(key, {})[cell] = place
                    places.append(place)
                    if not hidden[row, column]:
                        system.tell(place)
                share = (numerator <= denominator).all()
                parts = dict(zip(PARTS, (counts[0], counts[1] - counts[0], counts[1]), strict=True))
                terms = {"reached": {places[0]: 1}, "counted": {places[1]: 1}}
                if share and places[0] != places[1]:
                    terms["missed"] = {places[1]: 1, places[0]: -1}
                for part in terms:
                    if small(parts[part]):
                        assert hidden[row, column], (date, grouping, result, cell, part)
                        wanted[date, grouping, result, cell, part] = terms[part]
    return conditions


def _totals(system, cells: dict, units: list[str]) -> None:
    """Let the totals of units, and of groups over the units, be known."""
    groups = {name for _, name in cells}
    for unit in [*units, "area"]:
        terms = {cells[unit, name]: 1 for name in groups}
        system.sum(terms, sum(system.truth[place] for place in terms))
    for name in groups:
        terms = {cells[unit, name]: 1 for unit in units}
        system.sum(terms | {cells["area", name]: -1}, 0)


def _movements(system, review, conditions, names, units, seen) -> None:
    """Let official form 2 be known: who came on and went off each unit's list in the year."""
    left = next(key for key in conditions if {"status", "start_status"} <= set(dict(key[1])))
    start = (left[0], tuple([("start_status", dict(left[1])["start_status"])]))
    now = (left[0], tuple([("status", dict(left[1])["start_status"])]))
    if now not in conditions or start not in conditions:
        return
    rows = review.rows("households")
    for unit in units:
        own = rows[rows["unit"] == unit]
        came = {}
        for name in names:
            at = (unit, name)
            s, x, n = (conditions[key][at] for key in (start, left, now))
            known = own["start_status"].isin(POOR) & (own["status"] == "absent")
            group = _group_of(own, review, name, conditions, names)
            absent = int((known & group).sum())
            came_in = int((own["status"].isin(POOR) & ~own["start_status"].isin(POOR) & group).sum())
            gone = system.count((review.as_of, "absent", at), absent)
            new = system.count((review.as_of, "new", at), came_in)
            came[name] = (gone, new)
            system.sum({n: 1, s: -1, x: 1, gone: 1, new: -1}, 0)
        for place in (0, 1):
            terms = {came[name][place]: 1 for name in names}
            system.sum(terms, sum(system.truth[one] for one in terms))


GROUPING = {}


def _group_of(own, review, name, conditions, names):
    column = GROUPING["now"]
    values = own[column].astype("str")
    if name == "other":
        return ~values.isin(names) & own[column].notna()
    return own[column].isna() if name == "blank" else values.eq(name)


def _same(system, start: dict, ended: dict) -> None:
    """Let the start of a year be the end of the last one, group by group."""
    names = {name for _, name in start}
    for (unit, name), place in start.items():
        old = [
            other
            for (where, was), other in ended.items()
            if where == unit and (was == name or (name == "other" and was not in names))
        ]
        if old and (name != "blank"):
            system.sum({place: 1} | {one: -1 for one in old}, 0)


RANGES = {"few": (1, 4), "many": (5, None), "hidden": (0, None)}
KINDS = ("poor", "near_poor", "newly_escaped", "not_poor", "absent")
# what official forms 2 and 3 tell of a unit: who went from where to where
FORMS = [
    *[[("poor", to)] for to in ("poor", "near_poor", "absent")],
    *[[("near_poor", to)] for to in ("near_poor", "poor", "absent")],
    *[[(one, "newly_escaped"), (one, "not_poor")] for one in ("poor", "near_poor")],
    *[[(start, to)] for start in KINDS[2:] for to in ("poor", "near_poor")],
]


def of_villages(situation: Situation) -> tuple[System, dict]:
    """Return what the reports of all dates tell of the villages, and the counts they hide."""
    system, wanted, ended = System(), {}, {}
    for date in review_dates(situation.tables):
        review = review_of(situation, area_of(situation.tables, date), date)
        rows = review.rows("households")
        moves = rows.assign(
            village=rows["village"].astype("str").fillna(""),
            was=rows["start_status"].astype("str").map(STATUS_GROUP),
            now=rows["status"].astype("str").map(STATUS_GROUP),
        ).groupby(["unit", "village", "was", "now"]).size()
        moves = moves.to_dict()
        last = {key[1:]: place for key, place in ended.items() if key[0] == max(
            (one[0] for one in ended if one[0][:4] < date[:4]), default="")}
        for unit, cells in review.villages.groupby("unit"):
            names = sorted(set(cells["village"]) | {name for where, name, _ in last if where == unit})
            flow = {
                (name, a, b): system.count((date, unit, name, a, b), moves.get((unit, name, a, b), 0))
                for name in names for a in KINDS for b in KINDS
            }
            for pairs in FORMS:
                terms = {flow[name, *pair]: 1 for name in names for pair in pairs}
                system.sum(terms, sum(system.truth[one] for one in terms))
            marks = cells.set_index("village")
            for group in ("poor", "near_poor"):
                column = marks[f"{group}_mark"]
                for name in names:
                    parts = {flow[name, a, group]: 1 for a in KINDS}
                    truth = sum(system.truth[one] for one in parts)
                    here = system.count((date, unit, name, group), truth)
                    system.sum(parts | {here: -1}, 0)
                    ended[date, unit, name, group] = here
                    if (unit, name, group) in last:
                        start = {flow[name, group, b]: 1 for b in KINDS}
                        system.sum(start | {last[unit, name, group]: -1}, 0)
                    missing = "hidden" if (column == "hidden").all() else ""
                    mark = column.get(name, missing)
                    if mark:
                        system.tell(here, *RANGES[mark])
                    else:
                        system.tell(here)
                        assert not small(truth)
                    if mark and small(truth):
                        wanted[date, unit, name, group] = {here: 1}
    return system, wanted


def test_no_village_of_one_to_four_is_recovered(situation):
    system, wanted = of_villages(situation)
    assert not system.recovered(wanted)


@pytest.mark.parametrize("grouping", ["ethnicity", "head_sex"])
def test_no_small_count_of_a_group_is_recovered(situation, grouping):
    GROUPING["now"] = grouping
    system, wanted = of_groups(situation, grouping)
    print(len(system.truth), len(wanted))
    assert not system.recovered(wanted)


@pytest.fixture(scope="module")
def situation():
    from sonla_analysis.review import open_situation
    from sonla_analysis.tables import sample_folder

    return open_situation(str(sample_folder()))
