"""What errors leave in doubt: one cell, its column in one ward on one date, or a whole table."""

import pandas as pd
import pytest
import small
from small import END, START, A, B

from sonla_analysis.indicators.measure import measure
from sonla_analysis.indicators.withheld import WHOLE, doubted, withheld_figures, without
from sonla_analysis.tables.findings import Finding


@pytest.fixture
def tables():
    """Two wards at two dates; ward A has two households, ward B one."""
    return small.tables(
        unit_counts=[{"unit": unit, "as_of": day} for day in (START, END) for unit in (A, B)],
        households=[
            {"unit": A, "household": "1", "hygienic_water": "true"},
            {"unit": A, "household": "2", "hygienic_water": "false"},
            {"unit": B, "household": "3", "hygienic_water": "true"},
        ],
        members=[{"unit": A, "household": "1"}],
        schools=[{"unit": A, "primary": "true"}],
    )


def doubts(finding: Finding, tables) -> list[tuple]:
    return list(doubted([finding], tables).itertuples(index=False, name=None))


def figures(found: pd.DataFrame, plan) -> set[str]:
    return set(withheld_figures(found, plan)["indicator"])


def test_a_wrong_cell_is_a_doubt_about_its_column_in_its_ward_on_its_date(tables):
    wrong = Finding("not_flag", "households", A, 2, "hygienic_water")
    assert doubts(wrong, tables) == [(END, A, "households", "hygienic_water")]


def test_a_warning_leaves_nothing_in_doubt(tables):
    warning = Finding("water_contradicts", "households", A, 2, "hygienic_water", severity="warning")
    assert doubts(warning, tables) == []


@pytest.mark.parametrize("column", ["status", "start_status", "household", ""])
def test_a_row_counted_wrongly_puts_the_whole_register_its_persons_and_its_counts_in_doubt(
    tables, column
):
    found = doubts(Finding("blank", "households", A, 2, column), tables)
    assert found == [
        (END, A, "households", WHOLE),
        (END, A, "members", WHOLE),
        (END, A, "unit_counts", "near_poor_households"),
        (END, A, "unit_counts", "poor_households"),
    ]


def test_a_finding_may_name_its_date_and_further_cells(tables):
    wrong = Finding(
        "part_above_whole", "unit_counts", B, 5, "officers_trained", as_of=START,
        doubts=(("unit_counts", "officers"),),
    )  # fmt: skip
    assert doubts(wrong, tables) == [
        (START, B, "unit_counts", "officers"),
        (START, B, "unit_counts", "officers_trained"),
    ]


def test_a_column_wrong_throughout_is_in_doubt_in_every_ward_and_on_every_date(tables):
    found = doubts(Finding("not_flag", "schools", "", 0, "primary"), tables)
    assert {one[:2] for one in found} == {(day, unit) for day in (START, END) for unit in (A, B)}


def test_a_row_of_no_date_may_be_one_of_any_and_a_row_of_no_ward_too(tables):
    no_date = doubts(Finding("unknown_date", "schools", A, 2, "as_of"), tables)
    assert {one[:2] for one in no_date} == {(START, A), (END, A)}
    no_ward = doubts(Finding("unit_above", "schools", "116", 2, "unit"), tables)
    assert {one[:2] for one in no_ward} == {(END, A), (END, B)}


def test_what_is_in_doubt_is_blank_there_and_nowhere_else(tables):
    found = doubted([Finding("not_flag", "households", A, 2, "hygienic_water")], tables)
    kept = without(tables, found)["households"]["hygienic_water"]
    assert kept.isna().tolist() == [True, True, False]
    assert tables["households"]["hygienic_water"].isna().sum() == 0  # the argument is as it was


def test_a_register_in_doubt_has_no_rows_and_its_ward_s_counts_are_blank(tables):
    kept = without(tables, doubted([Finding("blank", "households", A, 2, "status")], tables))
    assert kept["households"]["unit"].tolist() == [B]
    assert kept["members"].empty
    counts = kept["unit_counts"].set_index(["as_of", "unit"])
    assert pd.isna(counts.loc[(END, A), "poor_households"])
    assert counts.loc[(END, A), "households"] == 100


def test_a_ward_s_counts_in_doubt_keep_one_blank_row_which_says_that_it_reported(tables):
    twice = pd.concat([tables["unit_counts"], tables["unit_counts"].tail(1)], ignore_index=True)
    wrong = Finding("duplicate", "unit_counts", B, 6, as_of=END)
    kept = without(tables | {"unit_counts": twice}, doubted([wrong], tables))["unit_counts"]
    of_ward = kept[(kept["unit"] == B) & (kept["as_of"] == END)]
    assert len(of_ward) == 1 and pd.isna(of_ward["households"].item())
    assert len(kept) == 4  # the other wards and dates are as they were


def test_a_school_in_doubt_takes_the_network_of_schools_with_it(tables, plan):
    found = doubted([Finding("not_flag", "schools", A, 2, "primary")], tables)
    assert without(tables, found)["school_network"]["primary"].isna().all()
    assert figures(found, plan) == {"school_network"}


def test_the_figures_withheld_are_those_counted_from_what_is_in_doubt(tables, plan):
    water = doubted([Finding("not_flag", "households", A, 2, "hygienic_water")], tables)
    assert figures(water, plan) == {"hygienic_water"}
    register = doubted([Finding("blank", "households", A, 2, "status")], tables)
    assert figures(register, plan) == {
        *("poor_household_rate", "poor_household_reduction", "health_insurance_coverage"),
        *("preferential_loans", "tuition_support", "hygienic_water", "hygienic_toilet"),
        "radios_supported",
    }
    officers = doubted([Finding("not_count", "unit_counts", A, 2, "officers")], tables)
    assert figures(officers, plan) == {"officers_trained"}
    score = doubted([Finding("score_not_ten", "households", A, 2, "deprivation_score")], tables)
    assert figures(score, plan) == set()


def test_a_withheld_figure_has_no_number_and_the_area_counts_the_other_ward_only(tables, plan):
    found = doubted([Finding("not_flag", "households", A, 2, "hygienic_water")], tables)
    held = withheld_figures(found, plan)
    observed = measure(without(tables, found), plan, as_of=END, withheld=held)
    ward = small.row(observed, A, "hygienic_water")
    assert ward["state"] == "withheld"
    assert ward[["numerator", "denominator", "value", "lowest", "highest", "unknown"]].isna().all()
    assert small.counts(observed, small.CITY, "hygienic_water") == (1, 1, "incomplete")
    assert small.row(observed, A, "poor_household_rate")["state"] == "reported"


def test_where_every_ward_is_withheld_so_is_the_area(tables, plan):
    found = doubted([Finding("not_flag", "households", "", 0, "hygienic_water")], tables)
    held = withheld_figures(found, plan)
    observed = measure(without(tables, found), plan, as_of=END, withheld=held)
    assert small.row(observed, small.CITY, "hygienic_water")["state"] == "withheld"
