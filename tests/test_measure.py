"""Observations: counts first, divided last; a zero, a blank and an empty group are three things."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st

from sonla_analysis.definitions.plan import Count, Range
from sonla_analysis.indicators.measure import area_of, leaf_units, measure
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.tables.units_table import check_units

A, B, CITY = small.A, small.B, small.CITY
POOR, DEPRIVED, NEAR = "poor_income", "poor_deprivation", "near_poor"


def measured(plan, by=("unit",), **rows):
    return measure(small.tables(**rows), plan, by=by)


def test_the_citys_rate_is_the_sum_of_its_units_not_the_mean_of_their_rates(plan):
    observed = measured(
        plan,
        households=[{"unit": A}, {"unit": A, "status": DEPRIVED}, {"unit": B}],
        unit_counts=[{"unit": A, "households": 4}, {"unit": B, "households": 1}],
    )
    assert small.row(observed, CITY, "poor_household_rate")["value"] == (2 + 1) / (4 + 1) * 100


def test_poor_by_income_and_by_deprivation_are_poor_and_nobody_else(plan):
    statuses = [POOR, DEPRIVED, NEAR, "newly_escaped", "not_poor", "absent"]
    observed = measured(
        plan,
        households=[{"status": status} for status in statuses],
        unit_counts=[{"unit": A, "households": 50}],
    )
    assert small.counts(observed, A, "poor_household_rate") == (2, 50, "reported")


def test_a_zero_is_a_zero(plan):
    observed = measured(plan, households=[{"hygienic_water": "false"}] * 2)
    assert small.counts(observed, A, "hygienic_water") == (0, 2, "reported")
    assert small.row(observed, A, "hygienic_water")["value"] == 0


def test_a_blank_in_a_sum_is_not_reported(plan):
    observed = measured(
        plan,
        unit_counts=[
            {"unit": A, "children_under_1": 8, "children_under_1_vaccinated": ""},
            {"unit": B, "children_under_1": 10, "children_under_1_vaccinated": 10},
        ],
    )
    found = small.row(observed, A, "full_vaccination")
    assert found["state"] == "not_reported"
    assert pd.isna(found[["numerator", "denominator", "value"]]).all()


def test_an_empty_denominator_is_not_applicable_and_never_zero_percent(plan):
    observed = measured(
        plan,
        unit_counts=[
            {"unit": A, "poor_area_households": 0, "poor_area_households_informed": 0},
            {"unit": B, "poor_area_households": 20, "poor_area_households_informed": 19},
        ],
    )
    assert small.counts(observed, A, "poor_area_information") == (0, 0, "not_applicable")
    assert pd.isna(small.row(observed, A, "poor_area_information")["value"])
    assert small.row(observed, CITY, "poor_area_information")["value"] == 19 / 20 * 100


def test_a_city_where_a_unit_has_not_reported_is_incomplete_and_sums_the_others(plan):
    observed = measured(
        plan,
        unit_counts=[
            {"unit": A, "children_under_1": 8, "children_under_1_vaccinated": 7},
            {"unit": B},
        ],
    )
    assert small.counts(observed, CITY, "full_vaccination") == (7, 8, "incomplete")


def test_a_city_where_nobody_has_reported_has_not_reported(plan):
    observed = measured(plan)
    assert small.row(observed, CITY, "full_vaccination")["state"] == "not_reported"
    assert small.row(observed, CITY, "poor_household_rate")["state"] == "not_reported"


def test_an_empty_register_signed_as_zero_is_zero_poor_households(plan):
    signed = {"poor_households": 0, "near_poor_households": 0}
    observed = measured(
        plan, households=[{"unit": B}], unit_counts=[{"unit": A} | signed, {"unit": B}]
    )
    assert small.counts(observed, A, "poor_household_rate") == (0, 100, "reported")
    assert small.counts(observed, A, "hygienic_water") == (0, 0, "not_applicable")
    assert small.counts(observed, A, "health_insurance_coverage") == (0, 0, "not_applicable")


def test_a_register_neither_sent_nor_signed_as_empty_is_not_reported(plan):
    observed = measured(plan, households=[{"unit": B}])
    assert small.row(observed, A, "poor_household_rate")["state"] == "not_reported"
    assert small.counts(observed, CITY, "poor_household_rate") == (1, 100, "incomplete")


def test_a_register_of_households_that_left_has_no_persons_to_count(plan):
    observed = measured(plan, households=[{"status": "not_poor", "start_status": POOR}])
    assert small.counts(observed, A, "health_insurance_coverage") == (0, 0, "not_applicable")


def test_a_unit_with_several_schools_has_the_levels_they_teach_together(plan):
    first = {"name": "1", "preschool": "true", "primary": "false", "lower_secondary": "false"}
    second = {"name": "2", "preschool": "false", "primary": "true", "lower_secondary": "true"}
    observed = measured(plan, schools=[first, second, first | {"unit": B}])
    assert small.counts(observed, A, "school_network") == (1, 1, "reported")
    assert small.counts(observed, B, "school_network") == (0, 1, "reported")
    assert small.counts(observed, CITY, "school_network") == (1, 2, "reported")


def test_a_level_is_unknown_while_the_only_school_that_may_teach_it_is_blank(plan):
    school = {"name": "1", "preschool": "true", "primary": "true", "lower_secondary": ""}
    observed = measured(plan, schools=[school])
    assert small.row(observed, A, "school_network")["state"] == "not_reported"


# --- cells that are blank ----------------------------------------------------------------


def test_a_household_with_a_blank_cell_is_unknown_not_without(plan):
    cells = ["true", "false", ""]
    observed = measured(plan, households=[{"hygienic_water": cell} for cell in cells])
    found = small.row(observed, A, "hygienic_water")
    assert (found["numerator"], found["denominator"], found["unknown"]) == (1, 3, 1)


def test_when_no_cell_is_filled_in_nothing_is_reported(plan):
    observed = measured(plan, households=[{"hygienic_water": ""}] * 3)
    assert small.row(observed, A, "hygienic_water")["state"] == "not_reported"


def test_blanks_in_the_condition_do_not_undo_the_answers_that_are_there(plan):
    served = {"loan_needed": "true", "loan_eligible": "true", "loan_received": "true"}
    blank = {"loan_needed": "", "loan_eligible": "", "loan_received": ""}
    observed = measured(plan, households=[served] * 2 + [blank] * 5)
    found = small.row(observed, A, "preferential_loans")
    assert (found["numerator"], found["denominator"], found["state"]) == (2, 2, "reported")
    assert found["unknown"] == 5


def test_a_blank_beside_a_no_is_decided(plan):
    observed = measured(plan, households=[{"loan_needed": "false", "loan_eligible": ""}])
    assert small.counts(observed, A, "preferential_loans") == (0, 0, "not_applicable")


def test_one_person_of_whom_nothing_is_known_leaves_open_whether_there_is_a_rate(plan):
    observed = measured(
        plan,
        households=[{}],
        members=[{"household": "0", "tuition_entitled": "", "tuition_supported": "false"}],
    )
    assert small.row(observed, A, "tuition_support")["state"] == "not_reported"


def test_a_ward_with_a_register_but_no_word_of_its_schools_has_not_reported_them(plan):
    observed = measured(plan, households=[{"unit": A}], schools=[{"unit": B}])
    assert small.row(observed, A, "schools_national_standard")["state"] == "not_reported"


def test_an_empty_register_that_nobody_signed_is_not_zero(plan):
    """The signed counts are not sent at all: no rows of A are silence."""
    tables = small.tables(households=[{"unit": B}])
    tables["unit_counts"] = tables["unit_counts"].drop(
        columns=["poor_households", "near_poor_households"]
    )
    observed = measure(tables, plan)
    assert small.row(observed, A, "poor_household_rate")["state"] == "not_reported"


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [(Range(max=2), 2), (Range(min=3), 1), (Range(min=2, max=2), 1)],
)
def test_a_condition_may_be_open_on_one_side(plan, bounds, expected):
    few = replace(plan["poor_household_rate"], numerator=Count("households", {"members": bounds}))
    observed = measured(
        replace(plan, indicators=(few,)),
        households=[{"members": 1}, {"members": 2}, {"members": 5}],
    )
    assert small.row(observed, A, few.id)["numerator"] == expected


def test_a_unit_of_another_area_is_none_of_the_areas_units(plan):
    """03700 lies in another city of the list, which sent nothing here."""
    others = pd.DataFrame(
        [("118", "Khác", "Thành phố", "", ""), ("03700", "Khác", "Phường", "urban", "118")],
        columns=["code", "name", "kind", "area", "parent"],
    )
    tables = small.tables(households=[{"unit": A}])
    tables["units"] = check_units(pd.concat([small.UNITS, others], ignore_index=True))
    assert set(measure(tables, plan)["unit"]) == {CITY, A, B}


def test_radios_of_which_some_are_known_are_counted(plan):
    observed = measured(plan, households=[{"radio_received": cell} for cell in ("false", "", "")])
    found = small.row(observed, A, "radios_supported")
    assert (found["numerator"], found["unknown"], found["state"]) == (0, 2, "reported")


def test_radios_of_which_none_is_known_are_not_reported(plan):
    observed = measured(plan, households=[{"radio_received": ""}] * 2)
    assert small.row(observed, A, "radios_supported")["state"] == "not_reported"


def test_a_count_has_no_denominator(plan):
    observed = measured(plan, households=[{"radio_received": "true"}] * 3 + [{"unit": B}])
    found = small.row(observed, A, "radios_supported")
    assert found["value"] == 3 and pd.isna(found["denominator"])


# --- reduction ---------------------------------------------------------------------------


def test_the_reduction_is_the_fall_of_the_count_since_the_start_of_the_year(plan):
    stayed = {"start_status": POOR, "status": POOR}
    left = {"start_status": DEPRIVED, "status": "newly_escaped"}
    new = {"start_status": "not_poor", "status": POOR}
    observed = measured(plan, households=[stayed] * 6 + [left] * 4 + [new])
    assert small.counts(observed, A, "poor_household_reduction") == (10 - 7, 10, "reported")
    assert small.row(observed, A, "poor_household_reduction")["value"] == 3 / 10 * 100


def test_a_rise_is_a_negative_reduction(plan):
    stayed = {"start_status": POOR, "status": POOR}
    observed = measured(plan, households=[stayed, {"start_status": "not_poor", "status": POOR}])
    assert small.row(observed, A, "poor_household_reduction")["value"] == -1 / 1 * 100


def test_where_nobody_was_poor_at_the_start_there_is_no_reduction(plan):
    observed = measured(plan, households=[{"start_status": NEAR, "status": POOR}])
    assert small.row(observed, A, "poor_household_reduction")["state"] == "not_applicable"


# --- breakdowns --------------------------------------------------------------------------

HOMES = [
    dict(zip(("unit", "ethnicity", "head_sex", "village", "hygienic_water"), cells, strict=True))
    for cells in (
        (A, "Thái", "male", "Tổ 1", "true"),
        (A, "Kinh", "female", "Tổ 2", "true"),
        (B, "Thái", "male", "Tổ 1", "false"),
        (B, "", "female", "Bản 1", "true"),
    )
]


def test_a_group_of_the_city_is_the_sum_of_that_group_in_the_units(plan):
    observed = measured(plan, by=("unit", "ethnicity"), households=HOMES)
    thai = observed[observed["ethnicity"] == "Thái"]
    assert small.counts(thai, CITY, "hygienic_water") == (1, 2, "reported")
    assert small.counts(thai, A, "hygienic_water") == (1, 1, "reported")


def test_a_household_of_unknown_group_stays_in_the_breakdown(plan):
    observed = measured(plan, by=("unit", "ethnicity"), households=HOMES)
    unknown = observed[observed["ethnicity"].isna()]
    assert small.counts(unknown, CITY, "hygienic_water") == (1, 1, "reported")


def test_without_units_only_the_city_is_broken_down(plan):
    observed = measured(plan, by=("head_sex",), households=HOMES)
    assert set(observed["unit"]) == {CITY}
    male = observed[observed["head_sex"] == "male"]
    assert small.counts(male, CITY, "hygienic_water") == (1, 2, "reported")


def test_villages_of_the_same_name_in_two_wards_are_two_villages(plan):
    observed = measured(plan, by=("unit", "village"), households=HOMES)
    assert set(observed["level"]) == {"unit"}
    first = observed[observed["village"] == "Tổ 1"]
    assert small.counts(first, A, "hygienic_water") == (1, 1, "reported")
    assert small.counts(first, B, "hygienic_water") == (0, 1, "reported")


def test_indicators_without_the_groups_column_are_left_out(plan):
    observed = measured(plan, by=("unit", "ethnicity"), households=HOMES)
    assert "poor_household_rate" not in set(observed["indicator"])  # its denominator has no group


def test_persons_are_grouped_by_what_their_household_is(plan):
    observed = measured(
        plan,
        by=("unit", "ethnicity"),
        households=[HOMES[0] | {"household": "h"}],
        members=[{"household": "h", "health_card": cell} for cell in ("true", "false")],
    )
    assert small.counts(observed, A, "health_insurance_coverage") == (1, 2, "reported")
    assert set(observed["ethnicity"]) == {"Thái"}


def test_a_group_of_a_city_that_has_not_all_reported_is_incomplete(plan):
    observed = measured(plan, by=("unit", "ethnicity"), households=HOMES[:2])
    thai = observed[observed["ethnicity"] == "Thái"]
    assert small.row(thai, CITY, "hygienic_water")["state"] == "incomplete"


def test_two_groups_can_be_crossed(plan):
    observed = measured(plan, by=("unit", "ethnicity", "head_sex"), households=HOMES)
    cell = observed[(observed["ethnicity"] == "Kinh") & (observed["head_sex"] == "female")]
    assert small.counts(cell, A, "hygienic_water") == (1, 1, "reported")


# --- what is refused ---------------------------------------------------------------------


def test_an_unknown_group_is_refused(plan):
    with pytest.raises(UsageError, match="did you mean 'ethnicity'"):
        measured(plan, by=("unit", "ethnic"))


def test_a_date_without_data_is_refused_with_the_nearest(plan):
    with pytest.raises(UsageError, match=r"found '2020-12-13' .did you mean '2020-12-31'"):
        measure(small.tables(), plan, as_of="2020-12-13")


def test_tables_without_any_date_are_refused(plan):
    with pytest.raises(UsageError, match="no date with data"):
        measured(plan, unit_counts=[])


# --- what holds for all tables -----------------------------------------------------------


@pytest.mark.parametrize("what", ["numerator", "denominator", "unknown"])
def test_the_citys_counts_are_the_sum_of_the_units_for_each_indicator_and_date(observed, what):
    keys = ["as_of", "indicator"]
    city = observed[observed["level"] == "area"].set_index(keys)[what]
    units = observed[observed["level"] == "unit"].groupby(keys)[what].sum(min_count=1)
    assert len(city) == 17 * 5
    pd.testing.assert_series_equal(city.sort_index(), units.sort_index(), check_dtype=False)


@pytest.mark.parametrize("group", ["ethnicity", "head_sex", "area", "village"])
def test_the_groups_of_a_unit_add_up_to_the_unit(city, plan, observed, group):
    split = measure(city, plan, as_of=small.END, by=("unit", group))
    keys = ["unit", "indicator"]
    summed = split.groupby(keys)[["numerator", "denominator"]].sum(min_count=1)
    whole = observed[observed["as_of"] == small.END].set_index(keys).loc[summed.index]
    assert (summed["numerator"] == whole["numerator"]).all()
    assert (summed["denominator"] == whole["denominator"])[summed["denominator"].notna()].all()


def test_one_date_alone_measures_the_same(city, plan, observed):
    alone = measure(city, plan, as_of=small.END)
    there = observed[observed["as_of"] == small.END].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, there)


def test_the_order_of_rows_does_not_matter(city, plan, observed):
    shuffled = {
        name: table.sample(frac=1, random_state=7) if name != "units" else table
        for name, table in city.items()
    }
    pd.testing.assert_frame_equal(measure(shuffled, plan), observed)


def test_measuring_changes_no_table(plan):
    tables = small.tables(households=HOMES)
    before = {name: table.copy() for name, table in tables.items()}
    measure(tables, plan, by=("unit", "ethnicity"))
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, before[name])


home = st.fixed_dictionaries(
    {
        "unit": st.sampled_from([A, B]),
        "ethnicity": st.sampled_from(["Thái", "Kinh", ""]),
        "start_status": st.sampled_from([POOR, NEAR, "not_poor"]),
        "status": st.sampled_from([POOR, DEPRIVED, NEAR, "newly_escaped", "absent"]),
        "hygienic_water": st.sampled_from(["true", "false", ""]),
        "radio_received": st.sampled_from(["true", "false", ""]),
        "loan_needed": st.sampled_from(["true", "false", ""]),
        "loan_eligible": st.sampled_from(["true", ""]),
        "loan_received": st.sampled_from(["true", "false", ""]),
    }
)


@settings(max_examples=12)  # measuring is the slow part
@given(st.lists(home, max_size=12))
def test_shares_lie_within_0_and_100_and_the_city_is_the_sum_of_its_units(homes):
    from sonla_analysis.definitions.plan import load_plan

    observed = measure(small.tables(households=homes), load_plan())
    shares = observed[observed["indicator"] != "poor_household_reduction"]
    shares = shares[shares["indicator"] != "radios_supported"]["value"].dropna()
    assert shares.between(0, 100).all()
    for _, rows in observed.groupby("indicator"):
        units, city = rows[rows["level"] == "unit"], rows[rows["level"] == "area"].iloc[0]
        for what in ("numerator", "denominator"):
            known = units[what].dropna()
            assert (city[what] == known.sum()) if len(known) else pd.isna(city[what])


@settings(max_examples=8)
@given(st.lists(home, min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_any_order_of_any_rows_measures_the_same(homes, random):
    from sonla_analysis.definitions.plan import load_plan

    homes = [one | {"household": str(number)} for number, one in enumerate(homes)]
    by = ("unit", "ethnicity")
    first = measure(small.tables(households=homes), load_plan(), by=by)
    random.shuffle(homes)
    pd.testing.assert_frame_equal(
        measure(small.tables(households=homes), load_plan(), by=by), first
    )


def test_a_value_is_the_quotient_of_its_counts(observed):
    shares = observed[observed["denominator"].fillna(0) > 0]
    expected = shares["numerator"] / shares["denominator"] * 100
    assert np.allclose(shares["value"], expected.astype("float64"), rtol=1e-12)


# --- the two ends, the readings, the area ----------------------------------------------------


def ends(observed, unit: str, indicator: str) -> tuple:
    row = small.row(observed, unit, indicator)
    return tuple(round(row[name], 2) for name in ("lowest", "highest"))


def test_a_blank_answer_may_count_for_or_against(plan):
    homes = [{"hygienic_water": answer} for answer in ("true", "false", "")]
    observed = measure(small.tables(households=homes), plan)
    assert ends(observed, A, "hygienic_water") == (33.33, 66.67)
    row = small.row(observed, A, "hygienic_water")
    assert pd.isna(row["value"]) and row["unknown"] == 1


def test_a_blank_condition_may_belong_to_the_base_or_not(plan):
    """One of two has its loan; a third may not be eligible, and has its loan if it is."""
    base = {"loan_needed": "true"}
    homes = [
        base | {"loan_eligible": "true", "loan_received": "true"},
        base | {"loan_eligible": "true", "loan_received": "false"},
        base | {"loan_eligible": "", "loan_received": "true"},
    ]
    observed = measure(small.tables(households=homes), plan)
    assert ends(observed, A, "preferential_loans") == (50.0, 66.67)  # 1 of 2, or 2 of 3
    homes[2] |= {"loan_received": "false"}
    observed = measure(small.tables(households=homes), plan)
    assert ends(observed, A, "preferential_loans") == (33.33, 50.0)  # 1 of 3, or 1 of 2


def test_a_count_is_higher_by_what_did_not_answer(plan):
    homes = [{"radio_received": answer} for answer in ("true", "true", "")]
    observed = measure(small.tables(households=homes), plan)
    assert ends(observed, A, "radios_supported") == (2, 3)
    assert ends(observed, small.CITY, "radios_supported") == (2, 3)


def test_the_ends_of_the_area_are_those_of_the_summed_counts(plan):
    homes = [{"hygienic_water": "true"}, {"hygienic_water": ""}]
    homes += [{"unit": B, "hygienic_water": "false", "household": str(n)} for n in (7, 8)]
    observed = measure(small.tables(households=homes), plan)
    assert ends(observed, small.CITY, "hygienic_water") == (25.0, 50.0)


def test_a_radio_counts_for_who_is_poor_or_was(plan):
    homes = [
        {"radio_received": "true", "start_status": start, "status": now}
        for start, now in (
            ("poor_income", "newly_escaped"),
            ("not_poor", "poor_income"),
            ("near_poor", "near_poor"),
        )
    ]  # fmt: skip
    observed = measure(small.tables(households=homes), plan)
    assert small.row(observed, A, "radios_supported")["numerator"] == 2


def test_a_number_out_of_bounds_is_not_counted_and_a_blank_one_is_unknown(plan):
    counted = replace(plan["hygienic_water"], numerator=Count("households", {"members": Range(3)}))
    counted = replace(counted, denominator=Count("households"))
    homes = [{"members": number} for number in ("3", "2", "")]
    observed = measure(small.tables(households=homes), replace(plan, indicators=(counted,)))
    assert ends(observed, A, "hygienic_water") == (33.33, 66.67)


def test_a_reading_of_communes_alone_leaves_wards_out_of_every_count(plan):
    """A is a ward, B a commune."""
    one = replace(plan["health_criteria"], reading="communes")
    stations = [{"meets_national_criteria": "true"}]
    stations += [{"unit": B, "meets_national_criteria": "false"}]
    tables = small.tables(health_stations=stations)
    observed = measure(tables, replace(plan, indicators=(one,)))
    assert small.counts(observed, A, "health_criteria")[2] == "not_applicable"
    assert small.counts(observed, small.CITY, "health_criteria") == (0, 1, "reported")
    every = measure(tables, replace(plan, indicators=(plan["health_criteria"],)))
    assert small.counts(every, small.CITY, "health_criteria") == (1, 2, "reported")


def test_the_area_is_the_unit_above_all_that_report_and_its_leaves_are_those_below():
    assert area_of(small.tables(), small.END) == small.CITY
    assert list(leaf_units(small.tables(), small.END).index) == [A, B]
    districts = [("1", "Tỉnh", ""), ("11", "Huyện", "1"), ("12", "Huyện", "1")]
    wards = [(A, "Xã", "11"), (B, "Xã", "12")]
    units = pd.DataFrame(
        [(code, f"Tên {code}", kind, "", parent) for code, kind, parent in [*districts, *wards]],
        columns=["code", "name", "kind", "area", "parent"],
    )
    tables = small.tables() | {"units": check_units(units)}
    assert area_of(tables, small.END) == "1"
    assert list(leaf_units(tables, small.END).index) == [A, B]


def test_where_there_is_nobody_to_count_there_is_no_rate_neither_in_a_ward_nor_in_the_city(plan):
    zero = {"poor_households": "0", "near_poor_households": "0"}
    observed = measure(small.tables(unit_counts=[zero, {"unit": B} | zero]), plan)
    for unit in (A, B, small.CITY):
        row = small.row(observed, unit, "hygienic_water")
        assert (row["numerator"], row["denominator"], row["state"]) == (0, 0, "not_applicable")
        assert pd.isna(row[["value", "lowest", "highest"]]).all()
    assert small.counts(observed, small.CITY, "poor_household_rate") == (0, 200, "reported")
    assert small.row(observed, small.CITY, "radios_supported")["value"] == 0


def test_a_row_that_stands_for_several_is_summed_as_often():
    """3 households of 2 persons and 1 of 5 are 11 persons in 4 households."""
    plan = small.plan_of()
    persons = replace(
        plan["x"], kind="count", numerator=Count("households", sum="members"), denominator=None
    )
    tables = small.tables(households=[{"members": 2}, {"members": 5}])
    tables["households"]["rows"] = [3, 1]
    for one, expected in ((persons, 11), (plan["x"], 4)):
        observed = measure(tables, replace(plan, indicators=(one,)))
        assert small.counts(observed, A, "x")[0] == expected


def test_who_may_have_been_poor_at_the_start_leaves_a_fall_open_between_both_answers():
    """4 were poor and 2 are; of one more nobody wrote what it was: a fall of 2 of 4, or 3 of 5."""
    plan = small.plan_of(kind="reduction", direction="band", target="15–20")
    start = Count("households", {"start_status": (POOR,)})
    fall = replace(plan["x"], numerator=Count("households", {"status": (POOR,)}), denominator=start)
    statuses = [
        (POOR, POOR),
        (POOR, POOR),
        (POOR, "not_poor"),
        (POOR, "not_poor"),
        ("", "not_poor"),
    ]
    homes = [{"start_status": before, "status": now} for before, now in statuses]
    observed = measure(small.tables(households=homes), replace(plan, indicators=(fall,)))
    found = small.row(observed, A, "x")
    assert (found["lowest"], found["highest"]) == (50.0, 60.0)


def test_some_of_none_are_no_percentage(plan):
    counts = [{"unit": A, "officers": 0, "officers_trained": 3}]
    observed = measured(plan, unit_counts=counts)
    assert pd.isna(small.row(observed, A, "officers_trained")["value"])
