"""Checks across tables: does what the wards sent agree with itself?

Each check is a rule with a name; its sentence, and what to do about it, stand in
`sentences`. Nothing here repairs anything.
"""

from itertools import pairwise
from pathlib import Path

import pandas as pd

from sonla_analysis.definitions.folders import locate
from sonla_analysis.definitions.input_columns import CHOICES, KEYS, OF_ANY_LEVEL, POOR
from sonla_analysis.definitions.plan import Count, Plan, load_plan
from sonla_analysis.definitions.units import full_name, units_on
from sonla_analysis.indicators.measure import (
    decided,
    leaf_units,
    listed_in,
    review_dates,
    signed_zero,
    year_end_before,
)
from sonla_analysis.indicators.poverty import classify, status_counts
from sonla_analysis.indicators.withheld import WHOLE, doubted, without
from sonla_analysis.language.vietnamese import nearest, nfc
from sonla_analysis.tables.findings import DataError, Finding, shown
from sonla_analysis.tables.input_tables import read_tables, undeclared, was_sent

# part ≤ whole within unit_counts
_PARTS = {
    "poor_households": "households",
    "near_poor_households": "households",
    "labour_certified": "labour_force",
    "labour_force": "population",
    "children_under_1_vaccinated": "children_under_1",
    "children_under_5_underweight": "children_under_5_measured",
    "officers_trained": "officers",
    "poor_area_households_informed": "poor_area_households",
    "poor_area_households": "households",
}
_WARNINGS = {"water_contradicts", "outside_group", "disbursed_above_planned"}
_WARNINGS |= {"unit_in_no_table", "unit_without_rows", "fewer_facilities"}
# what else a fault leaves in doubt, by its rule
_PERSONS = (("members", WHOLE),)
_REGISTER = (("households", WHOLE), *_PERSONS)
_DOUBTS = dict.fromkeys(("no_members", "members_differ"), _PERSONS)
_DOUBTS |= dict.fromkeys(("register_not_sent", "register_differs", "movement_breaks"), _REGISTER)
_DOUBTS |= {"poor_above_households": _REGISTER}


def check_data(data, plan: str | Path = "kh159_2020") -> tuple[list[Finding], pd.DataFrame]:
    """Return everything wrong with a folder or workbook, and its units by code."""
    loaded = load_plan(plan)
    try:
        tables, findings = read_tables(locate(data), loaded)
    except DataError as error:
        return error.findings, units_on(loaded.end)
    dates = tables["unit_counts"]["as_of"].dropna()
    units = units_on(dates.max() if len(dates) else loaded.end, tables["units"])
    return findings + undeclared(tables) + check_tables(tables, loaded, findings), units


def check_tables(tables: dict[str, pd.DataFrame], plan: Plan, found=()) -> list[Finding]:
    """Return everything that does not agree, under the plan's poverty standard.

    `found` are the errors already known: what merely follows from one of them is not said again,
    and what they leave in doubt is not looked at. Nothing is while a code belongs to no unit.
    """
    if any(
        one.cells > 1 and not one.unit and one.column in KEYS.get(one.table, ()) for one in found
    ):
        return []  # the rows of a table belong to no date or unit: what follows says nothing
    wrong = _units_and_dates(tables)
    if any(one.rule == "unknown_unit" for one in wrong):
        return wrong
    doubts = doubted([*found, *wrong], tables)
    sound = without(tables, doubts)
    households = sound["households"]
    return [
        *wrong,
        *_silent_units(tables),
        *_scores(households, plan.standard_data),
        *_statuses(households, plan),
        *_other_standard(households, plan),
        *_members(sound, doubts),
        *_register_and_counts(sound),
        *_parts(sound["unit_counts"]),
        *_movement(sound),
        *_outside_group(sound, plan),
        *_spending(sound["funding"]),
        *_fewer_facilities(sound, [*found, *wrong]),
    ]


def _finding(rule: str, *place, doubts=(), **words) -> Finding:
    """Return a finding as grave as its rule is, with what it leaves in doubt."""
    severity = "warning" if rule in _WARNINGS else "error"
    return Finding(rule, *place, severity=severity, doubts=doubts or _DOUBTS.get(rule, ()), **words)


def _rows(frame, wrong, table, column, rule, allowed="", doubts=()) -> list[Finding]:
    """One finding for each row where `wrong` is true (unknown is not wrong)."""
    wrong = wrong.fillna(False).astype(bool).to_numpy()
    if not wrong.any():
        return []
    rows = frame[wrong]
    allowed = allowed if isinstance(allowed, pd.Series) else pd.Series(allowed, index=frame.index)
    choices = CHOICES.get(column, ())
    cells = zip(rows.index, rows["as_of"], rows["unit"], rows[column], allowed[wrong], strict=True)
    findings = []
    for line, date, unit, cell, one in cells:
        place = (table, shown(unit), line + 2, column, shown(cell, choices), str(one))
        findings.append(_finding(rule, *place, as_of=str(date), doubts=doubts))
    return findings


def _units_and_dates(tables) -> list[Finding]:
    """Each date must be one that units reported for, each unit one in force on that date."""
    reported = set(tables["unit_counts"]["as_of"].dropna())
    findings, known = [], {}
    for name in (name for name in KEYS if name in tables):
        pairs = tables[name][["as_of", "unit"]].dropna().drop_duplicates()
        for line, date, unit in zip(pairs.index, pairs["as_of"], pairs["unit"], strict=True):
            if date not in known:
                in_force = units_on(date, tables["units"])
                known[date] = in_force, set(in_force["parent"])
            place = (name, shown(unit), int(line) + 2)
            in_force, parents = known[date]
            if unit not in in_force.index:
                likely = _likely_unit(unit, in_force)
                findings.append(Finding("unknown_unit", *place, "unit", shown(unit), likely))
            elif unit in parents and name not in OF_ANY_LEVEL:
                findings.append(Finding("unit_above", *place, "unit", unit))
            if date not in reported and name != "history":
                dates = ", ".join(sorted(reported))
                findings.append(Finding("unknown_date", *place, "as_of", date, dates))
    return findings


def _likely_unit(found: str, in_force: pd.DataFrame) -> str:
    """Return the code that was probably meant, by code or by name, or the first codes allowed."""
    names = {row["name"].lower(): code for code, row in in_force.iterrows()}
    names |= {full_name(row).lower(): code for code, row in in_force.iterrows()}
    by_name = names.get(nfc(str(found)).lower())
    codes = [code for code in in_force.index if code not in set(in_force["parent"])]
    listed = ", ".join(codes[:12]) + (", …" if len(codes) > 12 else "")
    return by_name or nearest(found, codes) or listed


def _scores(households, standard) -> list[Finding]:
    """Return scores that the standard's deprivations do not make, and water that contradicts."""
    score, findings = households["deprivation_score"], []
    names = [one["column"] for one in standard.deprivations]
    flags = households.reindex(columns=names)
    if points := standard.score.get("points_per_deprivation"):
        most, column = points * len(standard.deprivations), "deprivation_score"
        expected = (flags.astype("Int64").sum(axis=1) * points).where(flags.notna().all(axis=1))
        not_ten = (score % points != 0) | (score > most)
        contradicts = (score != expected) & ~not_ten
        for wrong, rule, allowed in (
            (not_ten, "score_not_ten", f"0, {points}, …, {most}"),
            (contradicts, "score_contradicts", expected),
        ):
            doubts = tuple(("households", name) for name in names)
            findings += _rows(households, wrong, "households", column, rule, allowed, doubts)
    if "deprived_water" in flags:
        wrong, column = flags["deprived_water"] == households["hygienic_water"], "hygienic_water"
        findings += _rows(households, wrong, "households", column, "water_contradicts")
    return findings


def _statuses(households, plan) -> list[Finding]:
    if not plan.standard_data.score:  # its score lines are not known yet
        return []
    expected = classify(households, plan.standard_data)
    status = households["status"].where(households["status"] != "newly_escaped", "not_poor")
    wrong = (status != expected) & (status != "absent") & expected.notna()
    wrong &= ~status.isin(POOR) | status.isin(plan.standard_data.poor_statuses)  # `_other_standard`
    title = plan.standard_data.law
    allowed = expected.map(lambda one: f"{one} ({title})", na_action="ignore")
    return _rows(households, wrong, "households", "status", "status_contradicts", allowed)


def _other_standard(households, plan) -> list[Finding]:
    """Return poor households of another standard: the plan would count none of them as poor."""
    own = plan.standard_data.poor_statuses
    findings, allowed = [], f"{', '.join(own)} ({plan.standard_data.law})"
    for column in ("status", "start_status"):
        wrong = households[column].isin(POOR) & ~households[column].isin(own)
        findings += _rows(households, wrong, "households", column, "other_standard", allowed)
    return findings


def _members(tables, doubts) -> list[Finding]:
    households, members = tables["households"], tables["members"]
    if not (was_sent(tables, "households") and was_sent(tables, "members")):
        return []
    listed = doubts[(doubts["table"] == "members") & (doubts["column"] == WHOLE)]
    keys = ["as_of", "unit", "household"]
    households = households[~listed_in(households[keys[:2]].astype("str"), listed, keys[:2])]
    persons = members.groupby(keys, observed=True).size()
    counted = households.merge(
        persons.rename("persons").reset_index(), on=keys, how="left"
    ).set_axis(households.index)
    there = households["status"].isin([*POOR, "near_poor"])
    persons = counted["persons"].astype("Int64")
    unlisted = persons.isna() & there
    differs = persons.notna() & (persons != households["members"])
    orphans = ~listed_in(members[keys].astype("str"), households[keys].astype("str"), keys)
    orphans = pd.Series(orphans, index=members.index)
    return [
        *_rows(households, unlisted, "households", "members", "no_members"),
        *_rows(households, differs, "households", "members", "members_differ", persons),
        *_rows(members, orphans, "members", "household", "member_without_household"),
    ]


def _parts(counts) -> list[Finding]:
    findings = []
    for part, whole in _PARTS.items():
        if part in counts:
            wrong = counts[part] > counts[whole]
            allowed = counts[whole].map(lambda n, whole=whole: f"{whole} = {n}", na_action="ignore")
            doubts = (("unit_counts", whole),)
            findings += _rows(
                counts, wrong, "unit_counts", part, "part_above_whole", allowed, doubts
            )
    return findings


def _register_and_counts(tables) -> list[Finding]:
    """Return where the register and the counts of the same unit and date do not agree."""
    counts = tables["unit_counts"]
    if not was_sent(tables, "households"):
        return []
    keys = ["as_of", "unit"]
    register = status_counts(tables["households"], "status")
    joined = counts[keys].merge(register.reset_index(), on=keys, how="left").set_axis(counts.index)
    registered = joined.drop(columns=keys).fillna(0).astype("Int64")
    poor = registered["poor_households"]
    above = poor > counts["households"]
    findings = _rows(counts, above, "unit_counts", "households", "poor_above_households", poor)
    absent = joined["poor_households"].isna()  # not one row of the unit's register came
    for name in ("poor_households", "near_poor_households"):
        if name in counts:
            stated, listed = counts[name], registered[name]
            unsent, wrong = (stated > 0) & absent, (stated != listed) & ~absent
            findings += _rows(counts, unsent, "unit_counts", name, "register_not_sent")
            findings += _rows(counts, wrong, "unit_counts", name, "register_differs", listed)
    return findings


def _movement(tables) -> list[Finding]:
    """The start of a year in the register must be the end of the year before.

    No rows are a number: a unit that signed for zero has none, and one with other households has
    none of this kind.
    """
    if not was_sent(tables, "households", "start_status"):
        return []
    known = _known_registers(tables)
    starts, ends = (
        _status_counts_of(known, tables["households"], column)
        for column in ("start_status", "status")
    )
    starts["before"] = starts["as_of"].map(year_end_before)
    both = starts.merge(ends, left_on=["before", "unit"], right_on=["as_of", "unit"])
    since = {day: units_on(day, tables["units"])["valid_from"] for day in {*known["as_of"]}}
    findings = []
    for name in ("poor_households", "near_poor_households"):
        for row in both[both[f"{name}_x"] != both[f"{name}_y"]].to_dict("records"):
            day, before, unit = row["as_of_x"], row["before"], row["unit"]
            # since July 2025 four codes mean other wards than before
            if since[day].get(unit) == since[before].get(unit):
                found, allowed = str(row[f"{name}_x"]), f"{row[f'{name}_y']} ({before})"
                place = ("households", unit, 0, name, found, allowed)
                findings.append(_finding("movement_breaks", *place, as_of=day))
    return findings


def _known_registers(tables) -> pd.DataFrame:
    """Return the units and dates whose register is known: it has rows, or zero was signed."""
    listed = tables["households"][["as_of", "unit"]]
    known = [listed]
    if "unit_counts" in tables:
        known.append(signed_zero(tables["unit_counts"])[["as_of", "unit"]])
    return pd.concat(known).dropna().drop_duplicates().astype("str")


def _status_counts_of(known: pd.DataFrame, households, column: str) -> pd.DataFrame:
    """Return the poor and near-poor households of every known register, none where no rows are."""
    counted = status_counts(households, column).reset_index()
    counted = known.merge(counted.astype({"as_of": "str", "unit": "str"}), "left")
    names = ["poor_households", "near_poor_households"]
    return counted.assign(**counted[names].fillna(0).astype("Int64"))


def _silent_units(tables) -> list[Finding]:
    """Return the units in force of which no table, or not this one, has a row on a date.

    Only where others have theirs: a register that nobody sent is not asked of every unit.
    """
    findings = []
    for date in review_dates(tables):
        there = {
            name: {*frame.loc[frame["as_of"] == date, "unit"]}
            for name, frame in tables.items()
            if name in KEYS and name not in OF_ANY_LEVEL
        }
        empty = signed_zero(tables["unit_counts"])
        there["households"] |= {*empty.loc[empty["as_of"] == date, "unit"]}
        for unit in leaf_units(tables, date).index:
            for table in ("unit_counts", "households"):
                if there[table] and unit not in there[table]:
                    nowhere = not any(unit in units for units in there.values())
                    rule = "unit_in_no_table" if nowhere else "unit_without_rows"
                    findings.append(_finding(rule, table, unit, as_of=date))
                    if nowhere:
                        break
    return findings


def _outside_group(tables, plan: Plan) -> list[Finding]:
    """Return the rows with a support that a count of the plan is about, given to somebody else."""
    findings = []
    for one in (one for one in plan.indicators if one.kind == "count"):
        count = one.numerator
        given = {column: is_in for column, is_in in count.where.items() if is_in == (True,)}
        group = {column: is_in for column, is_in in count.where.items() if is_in != (True,)}
        if not given or not (group or count.any) or count.sum:
            continue
        frame = tables[count.table]
        has, _ = decided(frame, Count(count.table, given), {})
        belongs, unknown = decided(frame, Count(count.table, group, any=count.any), {})
        wrong = pd.Series(has & ~belongs & ~unknown, index=frame.index)
        column = next(iter(given))
        findings += _rows(frame, wrong, count.table, column, "outside_group", one.number)
    return findings


def _spending(funding) -> list[Finding]:
    above = funding["disbursed"] > funding["planned"]
    allowed = funding["planned"]
    return _rows(funding, above, "funding", "disbursed", "disbursed_above_planned", allowed)


def _fewer_facilities(tables, known) -> list[Finding]:
    """Ask about units with fewer schools or health stations than the date before: a lost row?

    Only of units that report on the date and have no other finding in the table.
    """
    findings, said = [], {(one.table, one.unit) for one in known}
    reported = pd.MultiIndex.from_frame(tables["unit_counts"][["as_of", "unit"]].dropna())
    for table in ("schools", "health_stations"):
        rows = tables[table].groupby(["as_of", "unit"], observed=True).size().unstack(fill_value=0)
        rows = rows[rows.index.isin(reported.get_level_values("as_of"))]
        for before, day in pairwise(rows.index):
            fewer = rows.columns[rows.loc[day] < rows.loc[before]]
            now, then = (units_on(one, tables["units"])["valid_from"] for one in (day, before))
            for unit in fewer:
                # since July 2025 four codes mean other wards than before
                same = unit in now and now[unit] == then.get(unit)
                if same and (day, unit) in reported and (table, unit) not in said:
                    words = {"found": str(rows.loc[day, unit]), "as_of": day}
                    words["allowed"] = f"{rows.loc[before, unit]} ({before})"
                    findings.append(_finding("fewer_facilities", table, unit, **words))
    return findings
