"""Checks across tables: one fault gives one finding, what follows from it is not said again."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sonla_analysis.indicators.checks import check_data, check_tables
from sonla_analysis.tables.findings import Finding
from sonla_analysis.tables.input_tables import load_tables

DATA = Path(__file__).parent / "data/two_wards"
A, B, END = "03646", "03658", "2020-12-31"


@pytest.fixture(scope="module")
def loaded():
    return load_tables(DATA)


@pytest.fixture
def tables(loaded):
    return {name: table.copy() for name, table in loaded.items()}


def found(tables, plan) -> list[tuple]:
    return [(one.rule, one.unit, one.row, one.column) for one in check_tables(tables, plan)]


def place(tables, table: str, unit: str, **cells) -> int:
    """Return the index of the row of the last date with these cells."""
    frame = tables[table]
    here = (frame["unit"] == unit) & (frame["as_of"] == END)
    for name, value in cells.items():
        here &= frame[name] == value
    return frame.index[here][0]


def test_good_data_have_no_findings(tables, plan, city):
    assert found(tables, plan) == []
    assert found(city, plan) == []


@pytest.mark.parametrize(
    ("table", "column", "value", "rule"),
    [
        ("households", "deprivation_score", 25, "score_not_ten"),
        ("households", "deprivation_score", 110, "score_not_ten"),
        ("households", "deprivation_score", 30, "score_contradicts"),
        ("households", "income_score", 125, "status_contradicts"),
        ("households", "area", "urban", None),  # 115 ≤ 140: poor by income in a ward too
        ("households", "members", 5, "members_differ"),
        ("unit_counts", "households", 1, "part_above_whole"),
        ("unit_counts", "poor_households", 3, "register_differs"),
        ("unit_counts", "near_poor_households", 0, "register_differs"),
        ("unit_counts", "labour_certified", 152, "part_above_whole"),
        ("unit_counts", "labour_force", 263, "part_above_whole"),
        ("unit_counts", "children_under_1_vaccinated", 21, "part_above_whole"),
        ("unit_counts", "children_under_5_underweight", 30, "part_above_whole"),
        ("unit_counts", "officers_trained", 5, "part_above_whole"),
        ("unit_counts", "poor_area_households_informed", 21, "part_above_whole"),
        ("unit_counts", "population", None, None),  # not known is not wrong
        ("unit_counts", "poor_households", None, None),
        ("households", "income_score", None, None),
    ],
)
def test_a_cell_that_contradicts_others_is_found(tables, plan, table, column, value, rule):
    cells = {"household": "B1"} if table == "households" else {}
    row = place(tables, table, B, **cells)
    tables[table].loc[row, column] = value
    rules = {one[0] for one in found(tables, plan)}
    assert rules - {"poor_above_households"} == ({rule} if rule else set())


def test_a_row_is_named_as_in_the_file(tables, plan):
    row = place(tables, "households", B, household="B1")
    tables["households"].loc[row, "deprivation_score"] = 25
    assert found(tables, plan) == [("score_not_ten", B, row + 2, "deprivation_score")]


def test_fewer_households_than_poor_ones_is_found_without_signed_counts(tables, plan):
    counts = tables["unit_counts"].drop(columns=["poor_households", "near_poor_households"])
    counts.loc[place(tables, "unit_counts", B), ["households", "poor_area_households"]] = [1, 0]
    counts.loc[place(tables, "unit_counts", B), "poor_area_households_informed"] = 0
    assert [one[0] for one in found(tables | {"unit_counts": counts}, plan)] == [
        "poor_above_households"
    ]


def test_b2_is_ten_times_the_deprivations(tables, plan):
    row = place(tables, "households", B, household="B1")
    tables["households"].loc[row, "deprived_health_care"] = True
    assert found(tables, plan) == [("score_contradicts", B, row + 2, "deprivation_score")]
    tables["households"].loc[row, "deprived_health_care"] = None  # unknown contradicts nothing
    assert found(tables, plan) == []


def test_water_that_contradicts_the_deprivation_is_only_a_warning(tables, plan):
    row = place(tables, "households", B, household="B1")
    tables["households"].loc[row, "hygienic_water"] = True
    (finding,) = check_tables(tables, plan)
    assert (finding.rule, finding.severity) == ("water_contradicts", "warning")


def test_more_spent_than_planned_is_only_a_warning(tables, plan):
    tables["funding"].loc[0, "disbursed"] = 99
    (finding,) = check_tables(tables, plan)
    assert (finding.rule, finding.severity) == ("disbursed_above_planned", "warning")


@pytest.mark.parametrize("table", ["schools", "health_stations"])
def test_a_unit_with_fewer_schools_or_stations_than_before_is_asked_about(tables, plan, table):
    row = place(tables, table, B)
    findings = check_tables(tables | {table: tables[table].drop(index=row)}, plan)
    asked = [one for one in findings if one.rule == "fewer_facilities"]
    before = (tables[table]["unit"] == B).sum() // 2
    assert [(one.table, one.unit, one.severity) for one in asked] == [(table, B, "warning")]
    assert (asked[0].found, asked[0].allowed) == (str(before - 1), f"{before} (2019-12-31)")


def test_what_follows_from_a_column_wrong_throughout_is_not_said(tables, plan):
    known = [Finding("not_date", "households", row=2, column="as_of", cells=11)]
    tables["households"]["as_of"] = None
    assert check_tables(tables, plan, known) == []


def test_a_person_without_household_and_a_household_without_persons(tables, plan):
    members = tables["members"]
    members.loc[members["household"] == "B4", "household"] = "B9"
    rules = [one[0] for one in found(tables, plan)]
    assert rules == ["no_members", "member_without_household"]


def test_a_member_that_brings_its_own_status_still_needs_a_household(tables, plan):
    row = place(tables, "members", B, household="B4")
    tables["members"].loc[row, ["household", "status"]] = ["B9", "poor_income"]
    assert "member_without_household" in [one[0] for one in found(tables, plan)]


def test_the_start_of_a_year_must_be_the_end_of_the_year_before(tables, plan):
    households = tables["households"]
    left = place(tables, "households", B, household="B3")
    (finding,) = check_tables(tables | {"households": households.drop(index=left)}, plan)
    assert (finding.rule, finding.column) == ("movement_breaks", "near_poor_households")
    assert (finding.found, finding.allowed) == ("0", "1 (2019-12-31)")


def emptied(tables, unit: str, day: str) -> dict:
    """Return the tables with a ward's register of one date deleted and zero signed for."""
    kept = {
        name: tables[name][(tables[name]["unit"] != unit) | (tables[name]["as_of"] != day)]
        for name in ("households", "members")
    }
    counts = tables["unit_counts"].copy()
    here = (counts["unit"] == unit) & (counts["as_of"] == day)
    counts.loc[here, ["poor_households", "near_poor_households"]] = 0
    return tables | kept | {"unit_counts": counts}


@pytest.mark.parametrize("day", ["2019-12-31", END])
def test_no_rows_are_a_number_at_both_ends_of_a_year(tables, plan, day):
    broken = [one for one in check_tables(emptied(tables, B, day), plan) if one.unit == B]
    assert {one.rule for one in broken} == {"movement_breaks"}
    assert {one.as_of for one in broken} == {END}
    poor = next(one for one in broken if one.column == "poor_households")
    assert "0" in (poor.found, poor.allowed.partition(" ")[0])


def test_nobody_poor_on_any_date_agrees_with_itself(tables, plan):
    nobody = emptied(emptied(tables, B, "2019-12-31"), B, END)
    assert [one for one in check_tables(nobody, plan) if one.unit == B] == []


def test_a_register_nobody_sent_is_not_taken_for_an_empty_one(tables, plan):
    unsent = emptied(tables, B, END)
    here = unsent["unit_counts"]["unit"].eq(B) & unsent["unit_counts"]["as_of"].eq(END)
    blank = unsent["unit_counts"]
    blank.loc[here, ["poor_households", "near_poor_households"]] = None
    assert [(one.rule, one.table, one.severity) for one in check_tables(unsent, plan)] == [
        ("unit_without_rows", "households", "warning")
    ]


def test_a_register_that_no_ward_sent_is_not_asked_of_each(tables, plan):
    """The finding says that the others have theirs."""
    nobody = {name: tables[name].iloc[:0] for name in ("households", "members")}
    counts = tables["unit_counts"].drop(columns=["poor_households", "near_poor_households"])
    rules = {one.rule for one in check_tables(tables | nobody | {"unit_counts": counts}, plan)}
    assert "unit_without_rows" not in rules


def test_a_ward_in_no_table_is_asked_for_once(tables, plan):
    gone = {
        name: frame[(frame["unit"] != B) | (frame["as_of"] != END)]
        for name, frame in tables.items()
        if "unit" in frame and name != "history"
    }
    asked = [(one.rule, one.unit, one.as_of) for one in check_tables(tables | gone, plan)]
    assert asked == [("unit_in_no_table", B, END)]


@pytest.mark.parametrize(
    ("start", "now", "asked"),
    [
        ("near_poor", "near_poor", True),
        ("not_poor", "newly_escaped", True),
        ("poor_income", "near_poor", False),  # it was poor when the list was made
        ("near_poor", "poor_income", False),  # it is poor now
    ],
)
def test_a_radio_for_a_household_that_was_never_poor_is_asked_about(plan, start, now, asked):
    from sonla_analysis.indicators.checks import _outside_group

    row = {"as_of": END, "unit": B, "start_status": start, "status": now, "radio_received": True}
    found = _outside_group({"households": pd.DataFrame([row])}, plan)
    assert [(one.rule, one.column, one.severity) for one in found] == [
        ("outside_group", "radio_received", "warning")
    ] * asked


def test_a_contradiction_says_what_else_it_leaves_in_doubt(tables, plan):
    tables["unit_counts"].loc[place(tables, "unit_counts", B), "officers_trained"] = 9
    (finding,) = check_tables(tables, plan)
    assert (finding.as_of, finding.doubts) == (END, (("unit_counts", "officers"),))
    tables["unit_counts"].loc[place(tables, "unit_counts", B), "officers_trained"] = 1
    tables["unit_counts"].loc[place(tables, "unit_counts", B), "poor_households"] = 3
    (finding,) = check_tables(tables, plan)
    assert ("households", "") in finding.doubts


def test_a_code_that_means_another_ward_than_the_year_before_is_not_compared(plan):
    from sonla_analysis.indicators.checks import _movement
    from sonla_analysis.tables.units_table import load_units

    rows = [("2024-12-31", "poor_income"), ("2025-12-31", "not_poor")]
    households = pd.DataFrame(rows, columns=["as_of", "status"])
    households = households.assign(unit="03646", household="1", start_status="not_poor")
    assert _movement({"households": households, "units": load_units()}) == []
    same = households.assign(as_of=["2023-12-31", "2024-12-31"])
    assert len(_movement({"households": same, "units": load_units()})) == 1


@pytest.mark.parametrize(
    ("code", "likely"),
    [
        ("3658", "03658"),
        ("03685", "03658"),
        ("Chiềng Cọ", "03658"),
        ("xã Chiềng Cọ", "03658"),
        ("99999", "03646, 03658"),
    ],
)
def test_an_unknown_code_is_found_with_the_one_that_was_meant(tables, plan, code, likely):
    tables["schools"].loc[3, "unit"] = code
    (finding,) = check_tables(tables, plan)
    assert (finding.rule, finding.table, finding.row, finding.allowed) == (
        "unknown_unit", "schools", 5, likely,
    )  # fmt: skip


def test_the_code_of_the_city_is_no_ward(tables, plan):
    tables["schools"].loc[3, "unit"] = "116"
    assert found(tables, plan) == [("unit_above", "116", 5, "unit")]


def test_money_and_history_may_be_the_citys(tables, plan):
    tables["funding"].loc[0, "unit"] = "116"
    assert found(tables, plan) == []


def test_a_date_that_no_unit_reported_for_is_found(tables, plan):
    tables["schools"].loc[4, "as_of"] = "2020-12-13"
    (finding,) = check_tables(tables, plan)
    assert (finding.rule, finding.allowed) == ("unknown_date", "2019-12-31, 2020-12-31")


def test_a_wrong_unit_does_not_keep_the_others_from_being_checked(tables, plan):
    tables["schools"].loc[4, "as_of"] = "2020-12-13"  # of ward A
    tables["unit_counts"].loc[place(tables, "unit_counts", B), "officers_trained"] = 9
    assert {(one[0], one[1]) for one in found(tables, plan)} == {
        ("unknown_date", A),
        ("part_above_whole", B),
    }


def test_what_follows_from_a_known_error_is_not_said_again(tables, plan):
    households = tables["households"]
    row = place(tables, "households", B, household="B1")
    households.loc[row, ["status", "deprivation_score"]] = [None, 25]
    known = [Finding("blank", "households", B, row + 2, "status")]
    assert check_tables(tables, plan, known) == []
    assert len(check_tables(tables, plan)) > 1


def test_the_register_of_a_new_standard_is_checked_by_it(tables, plan):
    row = place(tables, "households", B, household="B1")
    (finding, *_) = check_tables(tables, replace(plan, standard="nd07_2021"))
    assert finding.rule == "status_contradicts" and "Nghị định 07/2021" in finding.allowed
    assert row + 2 in {one.row for one in check_tables(tables, replace(plan, standard="nd07_2021"))}


def test_a_folder_is_checked_from_cells_to_sums():
    findings, units = check_data(DATA)
    assert findings == []
    assert units.loc["03658", "name"] == "Chiềng Cọ"


# --- every field of what is found --------------------------------------------------------

_LACKED = ["health_care", "health_insurance", "adult_education", "child_schooling", "water"]
_LACKED[4:4] = ["housing_quality", "housing_area"]
_LACKED += ["toilet", "telecommunication", "information_assets"]
SCORE = tuple(("households", f"deprived_{name}") for name in _LACKED)
REGISTER, PERSONS = (("households", ""), ("members", "")), (("members", ""),)
LAW = "Quyết định 59/2015/QĐ-TTg ngày 19/11/2015"
CELLS = {
    "15 is no ten": ("deprivation_score", 15, "score_not_ten", "0, 10, …, 100", SCORE),
    "110 is more than ten deprivations make": (
        "deprivation_score", 110, "score_not_ten", "0, 10, …, 100", SCORE,
    ),
    "two deprivations make 20": ("deprivation_score", 30, "score_contradicts", "20", SCORE),
    "100 is a ten and all that there is": (
        "deprivation_score", 100, "score_contradicts", "20", SCORE,
    ),
    "four persons are listed": ("members", 5, "members_differ", "4", PERSONS),
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_a_wrong_cell_of_a_household_is_told_with_what_is_allowed(tables, plan, name):
    column, value, rule, allowed, doubts = CELLS[name]
    tables["households"].loc[place(tables, "households", B, household="B1"), column] = value
    assert check_tables(tables, plan) == [
        Finding(
            rule, "households", B, 9, column, str(value), allowed, "error", END, doubts,
        )
    ]  # fmt: skip


def test_a_status_is_held_to_the_standard_that_is_named(tables, plan):
    row = place(tables, "households", B, household="B1")
    tables["households"].loc[row, "income_score"] = 125
    text = ("poor_income", f"near_poor ({LAW})")
    assert check_tables(tables, plan) == [
        Finding("status_contradicts", "households", B, 9, "status", *text, as_of=END)
    ]


@pytest.mark.parametrize("status", ["newly_escaped", "absent"])
def test_who_left_poverty_or_the_ward_contradicts_no_score(plan, status):
    from sonla_analysis.indicators.checks import _statuses

    row = {"as_of": END, "unit": B, "area": "rural", "income_score": 175, "deprivation_score": 0}
    scores = pd.DataFrame([row | {"status": status}])
    assert _statuses(scores, plan) == []
    poor = scores.assign(income_score=115)  # poor by income
    assert [one.rule for one in _statuses(poor, plan)] == (
        ["status_contradicts"] if status == "newly_escaped" else []
    )


def test_counts_of_a_unit_are_told_with_what_they_are_part_of(tables, plan):
    row = place(tables, "unit_counts", B)
    tables["unit_counts"].loc[row, "households"] = 1
    place_of = {"table": "unit_counts", "unit": B, "row": 5, "as_of": END}

    def above(column: str, found: str) -> Finding:
        allowed, whole = "households = 1", (("unit_counts", "households"),)
        text = {"column": column, "found": found, "allowed": allowed}
        return Finding("part_above_whole", **place_of, **text, doubts=whole)

    poor = {"column": "households", "found": "1", "allowed": "2", "doubts": REGISTER}
    assert check_tables(tables, plan) == [
        Finding("poor_above_households", **place_of, **poor),
        above("poor_households", "2"),
        above("poor_area_households", "20"),
    ]


def test_as_many_households_as_are_poor_and_a_part_that_is_the_whole_are_allowed(tables, plan):
    row = place(tables, "unit_counts", B)
    here = tables["unit_counts"].loc[row]
    for part, whole in (("labour_certified", "labour_force"), ("officers_trained", "officers")):
        tables["unit_counts"].loc[row, part] = here[whole]
    near_poor = here["near_poor_households"]
    poor_area = ["poor_area_households", "poor_area_households_informed"]
    tables["unit_counts"].loc[row, ["households", *poor_area]] = [max(2, near_poor), 1, 1]
    tables["funding"].loc[0, "disbursed"] = tables["funding"].loc[0, "planned"]
    assert found(tables, plan) == []


@pytest.mark.parametrize(("column", "right"), [("poor_households", 2), ("near_poor_households", 1)])
def test_the_signed_counts_are_those_of_the_register(tables, plan, column, right):
    row = place(tables, "unit_counts", B)
    assert tables["unit_counts"].loc[row, column] == right
    tables["unit_counts"].loc[row, column] = right + 1
    text = (column, str(right + 1), str(right))
    assert check_tables(tables, plan) == [
        Finding("register_differs", "unit_counts", B, 5, *text, as_of=END, doubts=REGISTER)
    ]


def test_the_warnings_name_their_row_and_what_would_agree(tables, plan):
    tables["funding"].loc[0, "disbursed"] = 99
    row = place(tables, "households", B, household="B1")
    tables["households"].loc[row, "hygienic_water"] = True
    water = ("households", B, 9, "hygienic_water", "True", "", "warning", END)
    money = ("funding", A, 2, "disbursed", "99.0", "20.5", "warning", "2019-12-31")
    assert check_tables(tables, plan) == [
        Finding("water_contradicts", *water),
        Finding("disbursed_above_planned", *money),
    ]


def test_codes_and_dates_are_told_once_where_they_first_stand(tables, plan):
    tables["schools"].loc[2:3, "unit"] = "03685"  # two schools of one date
    tables["schools"].loc[4, "as_of"] = "2020-12-13"
    unit = ("unit", "03685", B)
    date = ("as_of", "2020-12-13", "2019-12-31, 2020-12-31")
    assert check_tables(tables, plan) == [
        Finding("unknown_unit", "schools", "03685", 4, *unit),
        Finding("unknown_date", "schools", A, 6, *date),
    ]


def test_the_years_before_may_be_of_dates_nobody_reported_for(tables, plan):
    assert "2018-12-31" in set(tables["history"]["as_of"])
    assert found(tables, plan) == []
    tables["history"].loc[0, "unit"] = "99999"
    assert [one[0] for one in found(tables, plan)] == ["unknown_unit"]


@pytest.mark.parametrize(("n", "listed"), [(12, False), (13, True)])
def test_of_the_codes_allowed_the_first_twelve_are_listed(n, listed):
    from sonla_analysis.indicators.checks import _likely_unit

    codes = [f"0{3000 + 10 * place}" for place in range(n)]
    rows = [("116", "Sơn La", "Thành phố", "")]
    rows += [(code, f"Bản {code}", "Xã", "116") for code in codes]
    units = pd.DataFrame(rows, columns=["code", "name", "kind", "parent"]).set_index("code")
    said = _likely_unit("xyz", units)
    assert said == ", ".join(codes[:12]) + ", …" * listed
    assert "116" not in said


def test_one_cell_of_a_key_that_is_wrong_leaves_the_rest_to_be_checked(tables, plan):
    tables["unit_counts"].loc[place(tables, "unit_counts", B), "officers_trained"] = 9
    column = {"table": "schools", "column": "as_of"}
    one, of_a_unit = Finding("not_date", **column, cells=1), Finding("x", unit=A, **column, cells=9)
    other = Finding("not_count", "schools", column="preschool", cells=9)
    for known in (one, of_a_unit, other):
        assert "part_above_whole" in {said.rule for said in check_tables(tables, plan, [known])}
    assert check_tables(tables, plan, [Finding("not_date", **column, cells=2)]) == []


def test_where_the_register_breaks_from_the_year_before_both_numbers_are_told(tables, plan):
    households = tables["households"]
    row = place(tables, "households", B, household="B1")
    households.loc[row, "start_status"] = "not_poor"
    before = households[(households["unit"] == B) & (households["as_of"] != END)]
    ended = before["status"].isin(["poor_income", "poor_deprivation", "poor"]).sum()
    breaks = [one for one in check_tables(tables, plan) if one.rule == "movement_breaks"]
    place_of = ("households", B, 0, "poor_households", str(ended - 1), f"{ended} (2019-12-31)")
    assert breaks == [Finding("movement_breaks", *place_of, as_of=END, doubts=REGISTER)]


def test_a_silent_unit_is_asked_about_its_register_or_its_counts(tables, plan):
    for table in ("unit_counts", "households"):
        frame = tables[table]
        gone = {table: frame[(frame["unit"] != B) | (frame["as_of"] != END)]}
        said = check_tables(tables | gone, plan)
        asked = [one for one in said if one.rule.startswith("unit_")]
        assert asked == [Finding("unit_without_rows", table, B, severity="warning", as_of=END)], (
            table
        )


def test_a_unit_that_had_no_school_before_or_reports_none_now_is_not_asked(tables, plan):
    schools, counts = tables["schools"], tables["unit_counts"]
    now = (schools["unit"] == B) & (schools["as_of"] == END)

    def asked(changed, known=()):
        said = check_tables(tables | changed, plan, known)
        return [(one.table, one.unit) for one in said if one.rule == "fewer_facilities"]

    assert asked({"schools": schools[~now]}) == [("schools", B)]
    silent = counts[(counts["unit"] != B) | (counts["as_of"] != END)]
    assert asked({"schools": schools[~now], "unit_counts": silent}) == []
    first = schools[schools["as_of"] == END]
    assert asked({"schools": first}) == []
    known = [Finding("blank", "schools", B, 2, "name", severity="warning")]
    assert asked({"schools": schools[~now]}, known) == []
    assert asked({"schools": schools[~now]}, [Finding("blank", "schools", A, 2, "name")]) == [
        ("schools", B)
    ]


def counting(plan, **numerator):
    from sonla_analysis.definitions.plan import Count

    one = next(one for one in plan.indicators if one.kind == "count")
    return replace(plan, indicators=(replace(one, numerator=Count("households", **numerator)),))


def test_only_a_support_for_a_named_group_can_be_given_to_somebody_else(plan):
    """One counted of everybody, or a sum, is about nobody in particular."""
    from sonla_analysis.indicators.checks import _outside_group

    row = {"as_of": END, "unit": B, "status": "near_poor", "head_sex": "male", "members": 3}
    rows = pd.DataFrame([row | {"radio_received": True}, row | {"radio_received": False}])

    def asked(**numerator):
        said = _outside_group({"households": rows}, counting(plan, **numerator))
        return [(one.row, one.column, one.found) for one in said]

    radio, poor = {"radio_received": (True,)}, {"status": ("poor_income",)}
    assert asked(where=radio | poor) == [(2, "radio_received", "True")]
    assert asked(where=radio, any=poor) == [(2, "radio_received", "True")]
    assert asked(where=radio | {"status": ("near_poor",)}) == []
    assert asked(where=radio) == []
    assert asked(where=poor) == []
    assert asked(where=radio | poor, sum="members") == []
    share = replace(counting(plan, where=radio | poor).indicators[0], kind="share")
    assert _outside_group({"households": rows}, replace(plan, indicators=(share,))) == []
    unknown = rows.assign(status=None)
    assert _outside_group({"households": unknown}, counting(plan, where=radio | poor)) == []
