"""Fair comparison of units and groups: the worked numbers of docs/methods-comparison.md."""

from fractions import Fraction

import counted
import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import sonla_analysis as sonla
from sonla_analysis.indicators.against_rest import against_the_rest, funnel, funnel_limits
from sonla_analysis.indicators.comparison import wilson_interval
from sonla_analysis.indicators.gaps import gaps
from sonla_analysis.indicators.two_shares import benjamini_hochberg, fisher_p, gap_between
from sonla_analysis.language.refusals import UsageError

LOWER = small.plan_of(direction="at_most", target="5")
HIGHER = small.plan_of(direction="at_least")


# --- intervals ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "confidence", "expected"),
    [
        ((81, 263), 0.95, (25.52885, 36.62096)),
        ((15, 148), 0.95, (6.23864, 16.04872)),  # Newcombe 1998 prints .0624–.1605
        ((0, 20), 0.95, (0, 16.11252)),
        ((1, 29), 0.95, (0.61132, 17.17552)),
        ((1045, 5000), 0.95, (19.795549880013297, 22.049130373189027)),  # PHE's test file
        ((1045, 5000), 0.998, (19.179381799015244, 22.731562902525818)),
        ((3, 12), 0.95, (8.89417, 53.23053)),
        ((3, 12), 0.998, (5.19770, 66.95947)),
        ((12, 12), 0.95, (75.75060, 100)),
        ((0, 1), 0.95, (0, 79.34507)),
        ((1, 1), 0.95, (20.65493, 100)),
    ],
)
def test_wilson_intervals_are_the_published_ones(counts, confidence, expected):
    assert wilson_interval(*counts, confidence) == pytest.approx(expected, abs=5e-6)


@given(st.integers(1, 5000))
def test_none_is_exactly_0_and_all_exactly_100(size):
    assert wilson_interval(0, size)[0] == 0
    assert wilson_interval(size, size)[1] == 100


# --- funnel ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "at_95", "at_998"),
    [
        (1, (3.204264, 100), (0, 100)),
        (2, (25.885383, 100), (0, 100)),
        (10, (56.154344, 100), (42.032590, 100)),
        (50, (69.691035, 91.593861), (63.375595, 97.909301)),
    ],
)
def test_funnel_limits_are_those_of_public_health_england(size, at_95, at_998):
    theta = 10325813.8504 / 12804440
    assert funnel_limits(theta, size, 0.95) == pytest.approx(at_95, abs=5e-7)
    assert funnel_limits(theta, size, 0.998) == pytest.approx(at_998, abs=5e-7)


def test_the_funnel_of_the_published_example():
    drawn = funnel(counted.of_units(counted.PHE), HIGHER).set_index("unit")
    assert drawn["centre"].unique() == pytest.approx([100 * 50889 / 67762])
    limits = drawn.loc["A", ["lower_95", "upper_95", "lower_998", "upper_998"]]
    assert list(limits) == pytest.approx([74.4129, 75.7864, 74.0168, 76.1824], abs=5e-5)
    rest = drawn["rest_numerator"] / drawn["rest_denominator"]
    assert list(rest) == pytest.approx([0.7739768, 0.7468774, 0.7177604, 0.7644206], abs=5e-8)
    assert list(drawn["verdict"]) == ["worse", "better", "better", "worse"]
    assert (drawn["at_level"] == 0.002).all()


@given(st.integers(1, 400), st.integers(1, 5000), st.data(), st.sampled_from([0.95, 0.998]))
def test_a_point_lies_outside_the_funnel_where_its_interval_leaves_the_centre_out(
    size, others, data, confidence
):
    number = data.draw(st.integers(0, size))
    centre = data.draw(st.integers(1, others)) / (others + 1)
    lower, upper = funnel_limits(centre, size, confidence)
    low, high = wilson_interval(number, size, confidence)
    value, hair = 100 * number / size, 1e-9
    assert (value < lower - hair) == (high < 100 * centre - hair)
    assert (value > upper + hair) == (low > 100 * centre + hair)


# --- the unit against the rest -----------------------------------------------------------


def test_four_units_beside_the_rest_of_their_area():
    found = against_the_rest(counted.of_units(counted.FOUR), LOWER).iloc[:4]
    assert list(found["p"]) == pytest.approx([1, 0.05675, 0.0000805, 0.02903], rel=1e-3)
    assert list(found["p_adjusted"]) == pytest.approx([1, 0.0757, 0.000322, 0.0581], rel=1e-3)
    rest = [(25, 330), (14, 250), (26, 220), (19, 310)]
    assert list(zip(found["rest_numerator"], found["rest_denominator"], strict=True)) == rest
    clear = "no_clear_difference"
    assert list(found["verdict"]) == [clear, clear, "better", clear]  # fewer poor is better
    assert found["at_level"].tolist()[2] == 0.002
    assert set(found["rule"]) == {"fisher_bh"}


def test_better_follows_the_direction_of_the_target():
    observed = counted.of_units(counted.FOUR)
    assert against_the_rest(observed, HIGHER)["verdict"].iloc[2] == "worse"


def test_the_area_is_not_compared_with_itself():
    found = against_the_rest(counted.of_units(counted.FOUR), LOWER)
    assert pd.isna(found["verdict"].iloc[4]) and pd.isna(found["p"].iloc[4])
    alone = against_the_rest(counted.of_units({"A": (3, 40)}), LOWER)
    assert alone["verdict"].isna().all()


def test_one_station_per_ward_is_never_compared():
    stations = dict.fromkeys("ABCDEFGHIJK", (1, 1)) | {"L": (0, 1)}
    assert against_the_rest(counted.of_units(stations), HIGHER)["verdict"].isna().all()
    two = stations | {"L": (0, 2)}  # nor is the one ward that has two
    assert against_the_rest(counted.of_units(two), HIGHER)["verdict"].isna().all()


@pytest.mark.parametrize("state", ["not_reported", "withheld", "hidden", "not_applicable"])
def test_what_is_not_known_neither_is_compared_nor_counts_in_the_rest(state):
    observed = counted.of_units(counted.FOUR)
    observed.loc[3, ["numerator", "denominator", "value"]] = pd.NA
    observed.loc[3, "state"] = state
    found = against_the_rest(observed, LOWER)
    assert pd.isna(found["verdict"].iloc[3])
    assert tuple(found.loc[0, ["rest_numerator", "rest_denominator"]]) == (16, 270)


def test_a_value_that_blanks_leave_open_is_not_compared():
    observed = counted.of_units(counted.FOUR)
    observed.loc[0, "value"] = np.nan  # as `measure` has it
    assert pd.isna(against_the_rest(observed, LOWER)["verdict"].iloc[0])


def test_the_same_rate_everywhere_is_no_difference():
    found = against_the_rest(counted.of_units({"A": (0, 30), "B": (0, 900), "C": (0, 5)}), LOWER)
    assert list(found["verdict"].iloc[:3]) == ["no_clear_difference"] * 3
    assert list(found["p"].iloc[:3]) == [1, 1, 1]


def test_each_date_and_each_indicator_is_adjusted_alone():
    one = counted.of_units(counted.FOUR)
    other = counted.of_units(counted.PHE, as_of="2019-12-31")
    both = pd.concat([one, other], ignore_index=True)
    alone = against_the_rest(one, LOWER)["p_adjusted"]
    assert list(against_the_rest(both, LOWER)["p_adjusted"].iloc[:5].dropna()) == list(alone[:4])


@given(st.permutations(list(counted.FOUR)))
def test_the_order_of_rows_changes_no_verdict(order):
    mixed = {unit: counted.FOUR[unit] for unit in order}
    found = funnel(counted.of_units(mixed), LOWER).set_index("unit").loc[list(counted.FOUR)]
    expected = funnel(counted.of_units(counted.FOUR), LOWER).set_index("unit")
    pd.testing.assert_frame_equal(found, expected)


def test_a_breakdown_is_compared_within_each_group():
    men = counted.of_units(counted.FOUR, head_sex="male")
    women = counted.of_units(counted.PHE, head_sex="female")
    found = against_the_rest(pd.concat([men, women], ignore_index=True), LOWER)
    assert tuple(found.loc[0, ["rest_numerator", "rest_denominator"]]) == (25, 330)


def test_counts_reductions_and_stations_of_the_city_are_left_out(observed, plan):
    found = against_the_rest(observed, plan)
    judged = set(observed.loc[found["verdict"].notna(), "indicator"])
    yes_or_no = {"health_criteria", "stations_with_doctor", "school_network"}
    assert judged and not judged & {"radios_supported", "poor_household_reduction", *yes_or_no}
    assert (observed.loc[found["verdict"].notna(), "level"] == "unit").all()


# --- many comparisons --------------------------------------------------------------------


def test_the_fifteen_p_values_of_benjamini_and_hochberg():
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
    p += [0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    expected = [0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.063857, 0.063857, 0.0645, 0.0765]
    expected += [0.486, 0.581182, 0.714875, 0.753231, 0.813214, 1]
    adjusted = benjamini_hochberg(pd.Series(p))
    assert list(adjusted) == pytest.approx(expected, abs=5e-7)
    assert (adjusted <= 0.05).sum() == 4


@given(st.lists(st.one_of(st.floats(0, 1), st.none()), min_size=1, max_size=20))
def test_p_values_are_adjusted_as_scipy_adjusts_them(p):
    series = pd.Series(p, dtype="float64")
    adjusted = benjamini_hochberg(series)
    assert list(adjusted.isna()) == list(series.isna())
    known = series.dropna()
    if len(known):
        assert list(adjusted.dropna()) == pytest.approx(stats.false_discovery_control(known))


# --- two shares --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "difference", "lower", "upper", "p"),
    [
        ((56, 70, 48, 80), 20, 5.2431, 33.3873, 0.0125211),  # Newcombe 1998
        ((5, 56, 0, 29), 8.9286, -3.8137, 19.2560, 0.1606214),  # printed −.0381–.1926
        ((30, 400, 18, 420), 3.2143, -0.0290, 6.5989, 0.0539011),
    ],
)
def test_gaps_in_points_with_newcombes_limits_and_fishers_p(counts, difference, lower, upper, p):
    gap = gap_between(*counts)
    assert gap[:3] == pytest.approx((difference, lower, upper), abs=5e-5)
    assert gap.p == pytest.approx(p, abs=5e-8)


def test_the_ratio_of_zou_and_donner():
    gap = gap_between(6, 22, 112, 842)
    assert (gap.ratio_lower, gap.ratio_upper) == pytest.approx((0.973483, 3.729548), abs=5e-7)


def test_without_any_in_the_reference_there_is_no_ratio_and_without_any_here_it_begins_at_0():
    assert np.isnan(gap_between(5, 56, 0, 29)[3:6]).all()
    none = gap_between(0, 56, 4, 29)
    assert (none.ratio, none.ratio_lower) == (0, 0) and none.ratio_upper > 0


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_a_gap_lies_within_its_limits(total, other_total, data):
    number, other = (data.draw(st.integers(0, size)) for size in (total, other_total))
    gap, hair = gap_between(number, total, other, other_total), 1e-9
    assert gap.lower - hair <= gap.difference <= gap.upper + hair
    assert -100 - hair <= gap.lower and gap.upper <= 100 + hair
    back = gap_between(other, other_total, number, total)
    assert (-back.upper, -back.lower) == pytest.approx((gap.lower, gap.upper))
    if other:
        assert gap.ratio_lower - hair <= gap.ratio <= gap.ratio_upper + hair
    assert gap.stands_for == Fraction(number) - Fraction(total * other, other_total)


@given(st.integers(1, 400), st.integers(1, 4000), st.data())
def test_fishers_p_is_that_of_scipy(total, other_total, data):
    number, other = (data.draw(st.integers(0, size)) for size in (total, other_total))
    table = [[number, total - number], [other, other_total - other]]
    expected = stats.fisher_exact(table).pvalue
    assert fisher_p(number, total, other, other_total) == pytest.approx(expected, rel=1e-6)


def test_a_province_beside_a_nation_is_tested_at_once():
    assert fisher_p(52_883, 297_104, 1_004_491, 25_700_000) < 1e-300


@pytest.mark.parametrize("counts", [(5, 4), (-1, 4), (0.445, 1), (0, 0)])
def test_what_is_not_so_many_of_a_whole_number_is_refused(counts):
    with pytest.raises(UsageError) as refused:
        gap_between(*counts, 1, 2)
    assert f"{counts[0]}/{counts[1]}" in refused.value.text("vi")


# --- gaps between groups -----------------------------------------------------------------


def by_group(**counts):
    parts = [counted.of_units({"A": pair}, ethnicity=group) for group, pair in counts.items()]
    return pd.concat(parts, ignore_index=True)


def test_a_gap_says_how_many_households_it_stands_for():
    found = gaps(by_group(kinh=(808, 59128), thai=(22662, 155639)), LOWER, "kinh")
    row = found[found["level"] == "unit"].iloc[0]
    assert row["difference"] == pytest.approx(100 * (22662 / 155639 - 808 / 59128))
    assert row["stands_for"] == pytest.approx(22662 - 155639 * 808 / 59128)
    assert row["ratio"] == pytest.approx(22662 * 59128 / 808 / 155639)
    assert (row["ethnicity"], row["method"], row["reason"]) == ("thai", "newcombe_mover", "")


def test_a_hidden_group_has_no_gap():
    observed = by_group(kinh=(8, 100), thai=(30, 100))
    thai = observed["ethnicity"] == "thai"
    observed.loc[thai, ["numerator", "denominator", "value"]] = pd.NA
    observed.loc[thai, "state"] = "hidden"
    found = gaps(observed, LOWER, "kinh")
    assert found["difference"].isna().all() and set(found["reason"]) == {"unknown"}


def test_an_unknown_reference_group_is_named():
    with pytest.raises(UsageError) as refused:
        gaps(by_group(kinh=(8, 100), thai=(30, 100)), LOWER, "tay")
    assert "kinh" in str(refused.value) and "nhóm làm gốc" in refused.value.text("vi")


def test_gaps_need_one_group_column():
    with pytest.raises(UsageError, match="exactly one group"):
        gaps(counted.of_units(counted.FOUR), LOWER, "A")


def test_money_is_no_count():
    observed = by_group(kinh=(8, 100), thai=(30, 100)).astype({"numerator": "float64"})
    observed["numerator"] += 0.5
    assert set(gaps(observed, LOWER, "kinh")["reason"]) == {"not_counts"}


def test_gaps_of_the_sample_by_any_group(city, plan):
    observed = sonla.measure(city, plan, "2020-12-31", by=("unit", "head_sex"))
    found = gaps(observed, plan, "male")
    assert len(found) and set(found["head_sex"].dropna()) == {"female"}
