"""Checks across tables: does what the wards sent agree with itself?

Each check is a rule with a name; its sentence, and what to do about it, stand in
`wording`. Nothing here repairs anything.
"""

import pandas as pd

from sonla_analysis.indicators.poverty import classify, status_counts
from sonla_analysis.plan import Plan
from sonla_analysis.standards import load_standard
from sonla_analysis.tables import DEPRIVATIONS, POOR, Finding, shown
from sonla_analysis.text import nearest
from sonla_analysis.units import units_on

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
_LEFT = ("newly_escaped", "not_poor", "absent")


def check_tables(tables: dict[str, pd.DataFrame], plan: Plan) -> list[Finding]:
    """Return everything that does not agree, under the plan's poverty standard."""
    households = tables["households"]
    return [
        *_unknown_units(tables),
        *_scores(households),
        *_statuses(households, plan),
        *_members(tables),
        *_parts(tables["unit_counts"]),
        *_register_and_counts(tables),
        *_movement(households),
        *_spending(tables["funding"]),
    ]


def _rows(frame, wrong, table, column, rule, allowed="", severity="error") -> list[Finding]:
    """One finding for each row where `wrong` is true (unknown is not wrong)."""
    rows = frame[wrong.fillna(False).astype(bool).to_numpy()]
    allowed = allowed if isinstance(allowed, pd.Series) else pd.Series(allowed, index=frame.index)
    return [
        Finding(rule, table, row["unit"], line + 2, column, shown(row[column]), str(one), severity)
        for line, row, one in zip(
            rows.index, rows.to_dict("records"), allowed[rows.index], strict=True
        )
    ]


def _unknown_units(tables) -> list[Finding]:
    findings = []
    for name, frame in tables.items():
        if name in ("units", "school_network"):
            continue
        for date in frame["as_of"].dropna().unique():
            known = units_on(date, tables["units"]).index
            there = frame[frame["as_of"] == date]
            unknown = there[~there["unit"].isin(known) & there["unit"].notna()]
            for code, rows in unknown.groupby("unit", observed=True):
                allowed = nearest(code, known) or ", ".join(known)
                line = int(rows.index[0]) + 2
                findings.append(Finding("unknown_unit", name, code, line, "unit", code, allowed))
    return findings


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
    without = counted["persons"].isna() & there
    differs = counted["persons"].notna() & (counted["persons"] != households["members"])
    orphans = members["status"].isna()
    return [
        *_rows(households, without, "households", "members", "no_members"),
        *_rows(households, differs, "households", "members", "members_differ", counted["persons"]),
        *_rows(members, orphans, "members", "household", "member_without_household"),
    ]


def _parts(counts) -> list[Finding]:
    findings = []
    for part, whole in _PARTS.items():
        if part in counts:
            wrong = counts[part] > counts[whole]
            allowed = counts[whole].map(lambda n, whole=whole: f"{whole} = {n}", na_action="ignore")
            findings += _rows(counts, wrong, "unit_counts", part, "part_above_whole", allowed)
    return findings


def _register_and_counts(tables) -> list[Finding]:
    counts = tables["unit_counts"]
    keys = ["as_of", "unit"]
    register = status_counts(tables["households"], "status")
    joined = counts[keys].merge(register.reset_index(), on=keys, how="left").set_axis(counts.index)
    findings = []
    for name in ("poor_households", "near_poor_households"):
        if name in counts:
            in_register = joined[name].fillna(0).astype("Int64")
            wrong = counts[name] != in_register
            findings += _rows(counts, wrong, "unit_counts", name, "register_differs", in_register)
    in_register = joined["poor_households"].fillna(0).astype("Int64")
    above = in_register > counts["households"]
    return findings + _rows(
        counts, above, "unit_counts", "households", "poor_above_households", in_register
    )


def _movement(households) -> list[Finding]:
    """The start of a year in the register must be the end of the year before."""
    ends = status_counts(households, "status")
    starts = status_counts(households, "start_status")
    findings = []
    for (date, unit), start in starts.iterrows():
        before = (f"{int(date[:4]) - 1}-12-31", unit)
        for name in ("poor_households", "near_poor_households"):
            if before in ends.index and start[name] != ends.loc[before, name]:
                found, allowed = str(int(start[name])), str(int(ends.loc[before, name]))
                findings.append(
                    Finding(
                        "movement_breaks",
                        "households",
                        unit,
                        0,
                        name,
                        found,
                        f"{allowed} ({before[0]})",
                    )
                )
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
