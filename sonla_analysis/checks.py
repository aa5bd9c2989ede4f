"""Checks across tables: does what the wards sent agree with itself?

Each check is a rule with a name; its sentence, and what to do about it, stand in
`wording`. Nothing here repairs anything.
"""

from itertools import pairwise
from pathlib import Path

import pandas as pd

from sonla_analysis.columns import CHOICES, COLUMNS, DEPRIVATIONS, KEYS, POOR
from sonla_analysis.findings import DataError, Finding, shown
from sonla_analysis.indicators.poverty import classify, status_counts
from sonla_analysis.plan import Plan, load_plan
from sonla_analysis.standards import load_standard
from sonla_analysis.tables import locate, read_tables
from sonla_analysis.text import nearest, nfc
from sonla_analysis.units import full_name, units_on

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
_OF_ANY_LEVEL = ("history", "funding")  # the other tables hold wards and communes only


def check_data(data, plan: str | Path = "kh159_2020") -> tuple[list[Finding], pd.DataFrame]:
    """Return everything wrong with a folder or workbook, and its units by code."""
    loaded = load_plan(plan)
    try:
        tables, findings = read_tables(locate(data))
    except DataError as error:
        return error.findings, units_on(loaded.end)
    dates = tables["unit_counts"]["as_of"].dropna()
    units = units_on(dates.max() if len(dates) else loaded.end, tables["units"])
    return findings + check_tables(tables, loaded, findings), units


def check_tables(tables: dict[str, pd.DataFrame], plan: Plan, found=()) -> list[Finding]:
    """Return everything that does not agree, under the plan's poverty standard.

    `found` are the errors already known: what merely follows from one of them is not said again.
    A unit that has any is not looked at further, and no unit while a code belongs to none.
    """
    if any(one.cells > 1 and not one.unit and one.severity == "error" for one in found):
        return []  # a column is wrong throughout: what follows from it says nothing
    wrong = _units_and_dates(tables)
    if any(one.rule == "unknown_unit" for one in wrong):
        return wrong
    failing = {one.unit for one in [*found, *wrong] if one.severity == "error"}
    sound = {
        name: frame[~frame["unit"].isin(failing)] if name in COLUMNS else frame
        for name, frame in tables.items()
    }
    households = sound["households"]
    return [
        *wrong,
        *_scores(households),
        *_statuses(households, plan),
        *_members(sound),
        *_register_and_counts(sound),
        *_parts(sound["unit_counts"]),
        *_movement(sound),
        *_spending(sound["funding"]),
        *_fewer_facilities(sound),
    ]


def _rows(frame, wrong, table, column, rule, allowed="", severity="error") -> list[Finding]:
    """One finding for each row where `wrong` is true (unknown is not wrong)."""
    wrong = wrong.fillna(False).astype(bool).to_numpy()
    if not wrong.any():
        return []
    rows = frame[wrong]
    allowed = allowed if isinstance(allowed, pd.Series) else pd.Series(allowed, index=frame.index)
    choices = CHOICES.get(column, ())
    cells = zip(rows.index, rows["unit"], rows[column], allowed[wrong], strict=True)
    return [
        Finding(
            rule, table, shown(unit), line + 2, column, shown(cell, choices), str(one), severity
        )
        for line, unit, cell, one in cells
    ]


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
            elif unit in parents and name not in _OF_ANY_LEVEL:
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


def _scores(households) -> list[Finding]:
    score = households["deprivation_score"]
    flags = households[list(DEPRIVATIONS)]
    known = flags.notna().all(axis=1)
    expected = (flags.astype("Int64").sum(axis=1) * 10).where(known)
    column = "deprivation_score"
    not_ten = (score % 10 != 0) | (score > 100)
    return [
        *_rows(households, not_ten, "households", column, "score_not_ten", "0, 10, …, 100"),
        *_rows(
            households,
            (score != expected) & ~not_ten,
            "households",
            column,
            "score_contradicts",
            expected,
        ),
        *_rows(
            households,
            households["deprived_water"] == households["hygienic_water"],
            "households",
            "hygienic_water",
            "water_contradicts",
            severity="warning",
        ),
    ]


def _statuses(households, plan) -> list[Finding]:
    expected = classify(households, plan.standard)
    status = households["status"].where(households["status"] != "newly_escaped", "not_poor")
    wrong = (status != expected) & (status != "absent") & expected.notna()
    title = load_standard(plan.standard).law
    allowed = expected.map(lambda one: f"{one} ({title})", na_action="ignore")
    return _rows(households, wrong, "households", "status", "status_contradicts", allowed)


def _members(tables) -> list[Finding]:
    households, members = tables["households"], tables["members"]
    keys = ["as_of", "unit", "household"]
    persons = members.groupby(keys, observed=True).size()
    counted = households.merge(
        persons.rename("persons").reset_index(), on=keys, how="left"
    ).set_axis(households.index)
    there = households["status"].isin([*POOR, "near_poor"])
    persons = counted["persons"].astype("Int64")
    without = persons.isna() & there
    differs = persons.notna() & (persons != households["members"])
    orphans = ~_key_index(members, keys).isin(_key_index(households, keys))
    orphans = pd.Series(orphans, index=members.index)
    return [
        *_rows(households, without, "households", "members", "no_members"),
        *_rows(households, differs, "households", "members", "members_differ", persons),
        *_rows(members, orphans, "members", "household", "member_without_household"),
    ]


def _key_index(frame: pd.DataFrame, keys: list[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[keys].astype("str"))


def _parts(counts) -> list[Finding]:
    findings = []
    for part, whole in _PARTS.items():
        if part in counts:
            wrong = counts[part] > counts[whole]
            allowed = counts[whole].map(lambda n, whole=whole: f"{whole} = {n}", na_action="ignore")
            findings += _rows(counts, wrong, "unit_counts", part, "part_above_whole", allowed)
    return findings


def _register_and_counts(tables) -> list[Finding]:
    """Return where the register and the counts of the same unit and date do not agree."""
    counts = tables["unit_counts"]
    keys = ["as_of", "unit"]
    register = status_counts(tables["households"], "status")
    joined = counts[keys].merge(register.reset_index(), on=keys, how="left").set_axis(counts.index)
    registered = joined.drop(columns=keys).fillna(0).astype("Int64")
    poor = registered["poor_households"]
    above = poor > counts["households"]
    findings = _rows(counts, above, "unit_counts", "households", "poor_above_households", poor)
    for name in ("poor_households", "near_poor_households"):
        if name in counts:
            wrong = counts[name] != registered[name]
            findings += _rows(
                counts, wrong, "unit_counts", name, "register_differs", registered[name]
            )
    return findings


def _movement(tables) -> list[Finding]:
    """The start of a year in the register must be the end of the year before."""
    starts = status_counts(tables["households"], "start_status").reset_index()
    ends = status_counts(tables["households"], "status").reset_index()
    starts["before"] = starts["as_of"].map(lambda day: f"{int(day[:4]) - 1}-12-31")
    both = starts.merge(ends, left_on=["before", "unit"], right_on=["as_of", "unit"])
    since = {day: units_on(day, tables["units"])["valid_from"] for day in {*ends["as_of"]}}
    findings = []
    for name in ("poor_households", "near_poor_households"):
        for row in both[both[f"{name}_x"] != both[f"{name}_y"]].to_dict("records"):
            day, before, unit = row["as_of_x"], row["before"], row["unit"]
            # since July 2025 four codes mean other wards than before
            if since[day].get(unit) == since[before].get(unit):
                found, allowed = str(row[f"{name}_x"]), f"{row[f'{name}_y']} ({before})"
                place = ("households", unit, 0, name)
                findings.append(Finding("movement_breaks", *place, found, allowed))
    return findings


def _spending(funding) -> list[Finding]:
    above = funding["disbursed"] > funding["planned"]
    return _rows(
        funding,
        above,
        "funding",
        "disbursed",
        "disbursed_above_planned",
        funding["planned"],
        severity="warning",
    )


def _fewer_facilities(tables) -> list[Finding]:
    """Ask about units with fewer schools or health stations than the date before: a lost row?"""
    findings = []
    for table in ("schools", "health_stations"):
        rows = tables[table].groupby(["as_of", "unit"], observed=True).size().unstack(fill_value=0)
        for before, day in pairwise(rows.index):
            fewer = rows.columns[rows.loc[day] < rows.loc[before]]
            now, then = (units_on(one, tables["units"])["valid_from"] for one in (day, before))
            # since July 2025 four codes mean other wards than before
            for unit in (one for one in fewer if one in now and now[one] == then.get(one)):
                allowed = f"{rows.loc[before, unit]} ({before})"
                words = {"found": str(rows.loc[day, unit]), "allowed": allowed}
                findings.append(
                    Finding("fewer_facilities", table, unit, severity="warning", **words)
                )
    return findings
