"""Who is poor under which standard, and how households move: forms 2 and 3."""

import pandas as pd
import pytest

import sonla_analysis as sonla
from sonla_analysis.indicators.poverty import (
    MOVEMENT,
    check_movement,
    classify,
    movement,
    status_counts,
)
from sonla_analysis.language.refusals import DefinitionError, UsageError


def status(area, income_score, deprivation_score, standard="qd59_2015"):
    household = {"area": [area], "income_score": [income_score]}
    frame = pd.DataFrame(household | {"deprivation_score": [deprivation_score]})
    found = classify(frame, standard).iloc[0]
    return None if pd.isna(found) else found


# --- classification ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("area", "b1", "b2", "expected"),
    [
        ("rural", 115, 10, "poor_income"),  # published worked case, Lục Ngạn: 115 ≤ 120
        ("rural", 120, 0, "poor_income"),  # at the line, without any deprivation
        ("rural", 121, 30, "poor_deprivation"),
        ("rural", 150, 30, "poor_deprivation"),
        ("rural", 150, 20, "near_poor"),
        ("rural", 121, 0, "near_poor"),
        ("rural", 151, 80, "not_poor"),  # above the band, eight deprivations
        ("urban", 140, 0, "poor_income"),
        ("urban", 141, 30, "poor_deprivation"),
        ("urban", 175, 100, "poor_deprivation"),
        ("urban", 175, 20, "near_poor"),
        ("urban", 176, 100, "not_poor"),
        ("urban", 121, 0, "poor_income"),  # would be near-poor in a commune
    ],
)
def test_2016_to_2021_poor_is_below_the_line_or_in_the_band_with_three_deprivations(
    area, b1, b2, expected
):
    assert status(area, b1, b2) == expected


@pytest.mark.parametrize(
    ("area", "a", "b", "expected"),
    [
        ("rural", 140, 30, "poor"),
        ("rural", 140, 20, "near_poor"),  # income alone no longer makes poor
        ("rural", 0, 0, "near_poor"),
        ("rural", 141, 100, "not_poor"),
        ("urban", 175, 30, "poor"),
        ("urban", 175, 20, "near_poor"),
        ("urban", 176, 30, "not_poor"),
    ],
)
def test_since_2022_poor_needs_both_a_low_income_and_three_deprivations(area, a, b, expected):
    assert status(area, a, b, "nd07_2021") == expected


@pytest.mark.parametrize(
    ("area", "b1", "b2"),
    [("rural", None, 30), (None, 100, 30), ("rural", 130, None), ("mountain", 100, 30)],
)
def test_unknown_is_never_not_poor(area, b1, b2):
    assert status(area, b1, b2) is None


@pytest.mark.parametrize(
    ("b1", "standard", "expected"),
    [
        (100, "qd59_2015", "poor_income"),
        (151, "qd59_2015", "not_poor"),
        (141, "nd07_2021", "not_poor"),
    ],
)
def test_a_missing_b2_does_not_matter_where_the_income_decides(b1, standard, expected):
    assert status("rural", b1, None, standard) == expected


def test_a_standard_without_score_lines_classifies_nobody():
    with pytest.raises(DefinitionError, match="has no score lines yet") as refused:
        status("rural", 100, 30, "nd351_2025")
    assert "chưa có mức điểm" in refused.value.text("vi")


def test_the_sample_classifies_as_its_register_says(city):
    households = city["households"]
    stated = households["status"].replace("newly_escaped", "not_poor")
    there = stated != "absent"
    assert (classify(households)[there] == stated[there]).all()


# --- movement ----------------------------------------------------------------------------

MOVES = {
    ("poor_income", "near_poor"): "out_to_near_poor",
    ("poor_deprivation", "newly_escaped"): "out_above",
    ("poor_income", "not_poor"): "out_above",
    ("poor_income", "absent"): "out_other",
    ("near_poor", "poor_income"): "in_from_near_poor",
    ("newly_escaped", "poor_deprivation"): "in_again",
    ("not_poor", "poor_income"): "in_new",
    ("absent", "poor_income"): "in_other",
}
NEAR_MOVES = {
    ("near_poor", "not_poor"): "out_above",
    ("near_poor", "newly_escaped"): "out_above",
    ("near_poor", "poor_income"): "out_to_poor",
    ("near_poor", "absent"): "out_other",
    ("poor_deprivation", "near_poor"): "in_from_poor",
    ("newly_escaped", "near_poor"): "in_again",
    ("not_poor", "near_poor"): "in_new",
    ("absent", "near_poor"): "in_other",
}


def register(*moves, **columns):
    rows = [{"start_status": start, "status": end} for start, end in moves]
    return pd.DataFrame(rows).assign(as_of="2020-12-31", unit="03646", **columns)


@pytest.mark.parametrize(("form", "moves"), [("poor", MOVES), ("near_poor", NEAR_MOVES)])
def test_every_move_is_counted_in_one_column_of_the_form(form, moves):
    for move, column in moves.items():
        row = movement(register(move), form).iloc[0]
        counted = {name for name in MOVEMENT[form] if row[name]}
        assert counted - {"start", "end"} == {column}, move


def test_who_stays_poor_by_the_other_rule_has_not_moved():
    row = movement(register(("poor_income", "poor_deprivation"))).iloc[0]
    assert row[MOVEMENT["poor"]].tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("form", MOVEMENT)
def test_start_minus_out_plus_in_is_the_end_in_every_unit(city, form):
    for by in (("unit",), ("unit", "village"), ("ethnicity",), ()):
        assert check_movement(movement(city["households"], form, by)).empty


def test_households_of_no_written_village_are_a_group_of_their_own():
    homes = register(("poor_income", "poor_income"), ("not_poor", "poor_income"))
    homes["village"] = ["Tổ 1", None]
    rows = movement(homes, by=("unit", "village"))
    assert rows["village"].isna().tolist() == [False, True]
    assert rows["end"].tolist() == [1, 1]


def test_a_unit_that_has_no_households_has_no_row_of_counts():
    homes = register(("poor_income", "near_poor"))
    homes["unit"] = pd.Categorical(homes["unit"], ["03646", "03658"])
    counts = status_counts(homes)
    assert counts.index.tolist() == [("2020-12-31", "03646")]
    assert counts.iloc[0].tolist() == [0, 1]


def test_the_citys_form_is_the_sum_of_its_units(city):
    units = movement(city["households"]).groupby("as_of")[MOVEMENT["poor"]].sum()
    whole = movement(city["households"], by=()).set_index("as_of")
    pd.testing.assert_frame_equal(units, whole)


def test_the_line_of_persons_sums_their_households():
    moves = [("poor_income", "not_poor"), ("poor_income", "poor_income")]
    households = register(*moves, members=[3, 4]).assign(household=["1", "2"])
    then = households.assign(as_of="2019-12-31", members=[3, 5])
    row = movement(pd.concat([then, households]), count="members").iloc[-1]
    assert (row["start"], row["out_above"], row["out_other"], row["end"]) == (3 + 5, 3, 1, 4)


def test_a_unit_where_nobody_moved_or_is_poor_has_a_row_of_zeros():
    row = movement(register(("not_poor", "not_poor"))).iloc[0]
    assert row[MOVEMENT["poor"]].tolist() == [0] * 9


def test_a_household_of_unknown_status_is_in_no_column():
    form = movement(register(("poor_income", None), ("poor_income", "poor_income")))
    assert form["out_above"].item() == 0
    assert len(check_movement(form)) == 1  # and the form says so


def test_a_register_with_categories_counts_the_same(city):
    households = city["households"].astype({"status": "category", "start_status": "category"})
    pd.testing.assert_frame_equal(movement(households), movement(city["households"]))


def test_an_unknown_form_is_refused():
    with pytest.raises(UsageError, match="form must be one of poor, near_poor; found 'rich'"):
        movement(register(("poor", "poor")), "rich")


def test_poor_and_near_poor_are_counted_by_unit(city):
    counts = status_counts(city["households"]).loc["2020-12-31"]
    assert counts["poor_households"].sum() == 212


# --- published identities ----------------------------------------------------------------


def test_2018_stock_and_flow_agree_with_the_stock_published_for_2017():
    # Decisions 862/2018 and 1052/2019: 1,304,001 + 424,169 − 10,087 − 75,594 = 1,642,489
    form = {"start": 1_642_489, "out_above": 424_169, "in_again": 10_087, "in_new": 75_594}
    assert check_movement(pd.DataFrame([form | {"end": 1_304_001}])).empty


def test_a_form_that_does_not_add_up_names_what_the_end_should_be():
    form = {"start": 1_642_489, "out_above": 424_169, "in_again": 10_087, "in_new": 75_594}
    wrong = check_movement(pd.DataFrame([form | {"end": 1_304_010}]))
    assert wrong["expected_end"].tolist() == [1_304_001]


def test_a_blank_end_is_not_taken_for_agreement():
    form = pd.DataFrame([{"start": 1, "out_above": 1, "end": None}]).astype("Int64")
    assert len(check_movement(form)) == 1


@pytest.mark.parametrize(
    ("income", "deprivation", "poor"),
    [(1_429_280, 213_209, 1_642_489), (1_167_439, 136_562, 1_304_001), (716_920, 44_402, 761_322)],
    ids=["2017", "2018", "2020"],
)
def test_poor_by_income_and_by_deprivation_are_all_the_poor(income, deprivation, poor):
    moves = [("poor_income", "poor_income"), ("poor_deprivation", "poor_deprivation")]
    households = register(*moves, members=[income, deprivation]).assign(household=["1", "2"])
    assert movement(households, count="members")["end"].item() == poor


def test_the_plans_band_is_the_relative_fall_of_the_count(city, plan, observed):
    row = observed.query("unit == '116' and indicator == 'poor_household_reduction'").iloc[-1]
    assert row["value"] == (262 - 212) / 262 * 100


def test_the_public_names_are_these():
    assert sonla.movement is movement and sonla.check_movement is check_movement


def persons(moves, now, then=None) -> pd.Series:
    """Return the line of persons: households with members now, and at the year before's end."""
    households = register(*moves, members=now)
    households = households.assign(household=[str(place) for place in range(len(moves))])
    if then:
        households = pd.concat([households.assign(as_of="2019-12-31", members=then), households])
    return movement(households, count="members").iloc[-1]


STAYED, LEFT, CAME = (
    ("poor_income", "poor_income"),
    ("poor_income", "not_poor"),
    (
        "not_poor",
        "poor_income",
    ),
)


def test_persons_leave_with_the_size_of_the_year_before_and_come_with_todays():
    row = persons([STAYED, STAYED, LEFT, CAME], now=[5, 1, 9, 6], then=[2, 3, 4, 8])
    assert (row["start"], row["end"]) == (2 + 3 + 4, 5 + 1 + 6)
    assert (row["out_above"], row["in_new"]) == (4, 6)
    assert (row["in_other"], row["out_other"]) == (5 - 2, 3 - 1)


def test_persons_that_nobody_wrote_down_a_year_before_leave_open_what_rests_on_them():
    row = persons([STAYED, LEFT, CAME], now=[5, 9, 6])
    assert row[["start", "out_above", "in_other", "out_other"]].isna().all()
    assert (row["in_new"], row["end"], row["out_to_near_poor"]) == (6, 5 + 6, 0)
    row = persons([STAYED], now=[5], then=[5])
    assert (row["in_other"], row["out_other"]) == (0, 0)
