"""Spread between units, whether it narrows, trends: numbers of docs/methods-comparison.md."""

from fractions import Fraction
from itertools import permutations

import counted
import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sonla_analysis.indicators.spread_between import (
    chi_square_tail,
    narrowing,
    spread_between,
    spread_of,
    statement,
)
from sonla_analysis.indicators.trend import trend, trends
from sonla_analysis.language.refusals import UsageError

PLAN = small.plan_of(direction="at_most", target="5")
BEFORE, AFTER = "2019-12-31", small.END


# --- spread ------------------------------------------------------------------------------


def test_the_spread_of_four_units_is_the_worked_one():
    found = spread_between(counted.of_units(counted.FOUR), PLAN).iloc[0]
    assert (found["units"], found["numerator"], found["denominator"]) == (4, 28, 370)
    assert found["variance"] == pytest.approx(8259 / 2738000)
    assert found["deviation"] == pytest.approx(100 * (8259 / 2738000) ** 0.5)
    assert found["variation"] == pytest.approx(0.725756, abs=5e-7)
    assert found["disparity"] == pytest.approx(17350 / 259)
    assert found["disparity_unweighted"] == pytest.approx(58.9137, abs=5e-5)
    assert found["theil"] == pytest.approx(0.311372, abs=5e-7)
    assert found["log_deviation"] == pytest.approx(0.453494, abs=5e-7)


def test_how_much_of_the_spread_chance_would_give():
    found = spread_of([3, 14, 2, 9], [40, 120, 150, 60])
    assert found["chance_variance"] == pytest.approx(0.00056715, abs=5e-9)
    assert found["excess_variance"] == pytest.approx(0.00244928, abs=1.5e-8)
    assert found["chi_square"] == pytest.approx(15.9557, abs=5e-5)
    assert found["p"] == pytest.approx(0.001158, abs=5e-7)


def test_a_unit_without_any_leaves_the_log_deviation_undefined_and_theil_not():
    found = spread_of([0, 14, 2], [40, 120, 150])
    assert np.isnan(found["log_deviation"]) and found["theil"] > 0


def test_where_nobody_counts_nothing_relative_is_defined():
    found = spread_of([0, 0, 0], [40, 120, 150])
    assert found["variance"] == 0
    assert np.isnan([found[name] for name in ("variation", "theil", "disparity", "p")]).all()


def test_two_units_have_no_spread():
    assert np.isnan(spread_of([3, 14], [40, 120])["variance"])


def test_a_yes_or_no_has_no_spread():
    assert not len(spread_between(counted.of_units({"A": (1, 1), "B": (0, 1), "C": (1, 1)}), PLAN))


@given(st.floats(0, 400), st.integers(1, 120))
def test_the_tail_of_chi_square_is_that_of_scipy(value, freedom):
    assert chi_square_tail(value, freedom) == pytest.approx(stats.chi2.sf(value, freedom), abs=1e-9)


UNITS = st.lists(st.tuples(st.integers(0, 50), st.integers(50, 400)), min_size=3, max_size=8)


@given(UNITS, st.randoms())
def test_the_order_of_units_changes_no_spread(units, random):
    mixed = random.sample(units, len(units))
    here, there = (spread_of(*zip(*rows, strict=True)) for rows in (units, mixed))
    assert list(here.values()) == pytest.approx(list(there.values()), nan_ok=True)


@given(UNITS)
def test_the_variance_is_what_the_chi_square_test_sees(units):
    found = spread_of(*zip(*units, strict=True))
    numbers, totals = map(np.array, zip(*units, strict=True))
    if numbers.sum():
        expected = stats.chi2_contingency([numbers, totals - numbers], correction=False)
        assert found["chi_square"] == pytest.approx(expected.statistic, abs=1e-9)
        assert found["p"] == pytest.approx(expected.pvalue, abs=1e-9)


# --- narrowing ---------------------------------------------------------------------------


def two_dates(before: dict, after: dict) -> pd.DataFrame:
    parts = [counted.of_units(before, as_of=BEFORE), counted.of_units(after, as_of=AFTER)]
    return pd.concat(parts, ignore_index=True)


def narrowed(before: dict, after: dict) -> pd.Series:
    return narrowing(two_dates(before, after), PLAN, BEFORE, AFTER).iloc[0]


def of(*percents, size: int) -> dict:
    return {f"U{place}": (size * value // 100, size) for place, value in enumerate(percents)}


def test_narrower_in_points_and_wider_as_a_ratio_is_neither():
    # 40 % and 10 % became 20 % and 4 %: 30 → 16 points, but 4 → 5 times
    before, after = of(40, 10, 25, size=1000), of(20, 4, 12, size=1000)
    found = narrowed(before, after)
    assert (found["in_points"], found["in_ratio"]) == ("narrower", "wider")
    assert found["statement"] == statement("narrower", "wider") == "mixed"


def test_narrower_both_ways_and_clear_in_large_units():
    found = narrowed(of(40, 10, 25, size=1000), of(22, 18, 20, size=1000))
    assert found["statement"] == "narrower" and found["clear"]
    assert min(found["sure_points"], found["sure_ratio"]) > 0.99
    assert found["points_before"] == pytest.approx(100 * (2 * 0.15**2 / 3) ** 0.5)
    assert found["ratio_before"] == pytest.approx((2 * 0.15**2 / 3) ** 0.5 / 0.25)


def test_the_same_change_in_small_units_is_not_clear():
    found = narrowed(of(40, 20, 30, size=10), of(30, 20, 20, size=10))
    assert found["in_points"] == "narrower" and not found["clear"]


def test_all_of_very_few_is_not_sure_to_be_all_again():
    found = narrowed({"A": (2, 5), "B": (5, 5), "C": (5, 5)}, dict.fromkeys("ABC", (5, 5)))
    assert found["statement"] == "narrower" and not found["clear"]
    assert found["sure_points"] < 0.9


def test_a_spread_that_was_chance_itself_does_not_narrow_clearly():
    # rates near one half vary most by chance, those near all least
    before = {f"U{place:02}": (9 + place % 3, 16) for place in range(12)}
    after = {unit: (15 if unit == "U00" else 16, 16) for unit in before}
    found = narrowed(before, after)
    assert found["statement"] == "narrower"
    assert min(found["sure_points"], found["sure_ratio"]) > 0.95
    assert found["p_before"] > 0.9 and not found["clear"]


def test_wider_is_said_only_if_both_say_so():
    found = narrowed(of(22, 18, 20, size=1000), of(40, 10, 25, size=1000))
    assert found["statement"] == "wider" and found["clear"]


def test_unchanged_is_the_same():
    assert narrowed(counted.FOUR, counted.FOUR)["statement"] == "same"


def test_of_two_units_only_the_difference_is_told():
    found = narrowed(of(40, 10, size=1000), of(20, 4, size=1000))
    assert (found["points_before"], found["points_after"]) == pytest.approx((30, 16))
    assert pd.isna(found["ratio_before"]) and found["statement"] == "points_only"
    assert found["in_points"] == "narrower"


def test_where_nobody_is_poor_any_more_only_points_are_told():
    found = narrowed(of(4, 2, 3, size=1000), of(0, 0, 0, size=1000))
    assert (found["in_points"], found["statement"]) == ("narrower", "points_only")


def test_a_unit_known_on_one_date_only_is_left_out_of_both():
    observed = two_dates(counted.FOUR, counted.FOUR)
    observed.loc[0, "state"] = "not_reported"
    observed.loc[0, ["numerator", "denominator", "value"]] = pd.NA
    found = narrowing(observed, PLAN, BEFORE, AFTER).iloc[0]
    assert (found["units"], found["statement"]) == (3, "same")


def test_dates_of_other_units_are_refused():
    merged = {"A": (17, 160), "C": (2, 150), "D": (9, 60)}
    with pytest.raises(UsageError, match="same units") as refused:
        narrowing(two_dates(counted.FOUR, merged), PLAN, BEFORE, AFTER)
    assert "địa giới" in refused.value.text("vi") and "B" in str(refused.value)


def test_a_date_without_data_is_refused():
    with pytest.raises(UsageError, match="2018-12-31"):
        narrowing(two_dates(counted.FOUR, counted.FOUR), PLAN, "2018-12-31", AFTER)


@given(st.integers(0, 2**32))
def test_the_same_seed_and_any_order_of_rows_give_the_same_answer(order):
    observed = two_dates(of(40, 20, 30, size=50), of(30, 20, 20, size=50))
    mixed = observed.sample(frac=1, random_state=np.random.default_rng(order))
    here, there = (narrowing(rows, PLAN, BEFORE, AFTER, draws=50) for rows in (observed, mixed))
    pd.testing.assert_frame_equal(here, there)


# --- trend -------------------------------------------------------------------------------


def test_the_national_rate_fell_in_five_years():
    found = trend(range(2016, 2021), [8.23, 6.70, 5.23, 3.75, 2.75])
    assert (found.s, found.verdict) == (-10, "falling")
    assert found.p == pytest.approx(1 / 60)
    assert found.slope == pytest.approx(-1.4725)


@pytest.mark.parametrize(
    ("points", "s", "one_sided"),
    [
        *[(3, 3, "1/6"), (3, 1, "1/2"), (4, 6, "1/24"), (4, 4, "1/6"), (4, 2, "3/8")],
        *[(5, 10, "1/120"), (5, 8, "5/120"), (5, 6, "14/120"), (5, 4, "29/120"), (5, 2, "49/120")],
    ],
)
def test_the_exact_law_of_s(points, s, one_sided):
    order = next(values for values in permutations(range(points)) if score(values) == s)
    p = trend(range(points), order).p
    assert np.isnan(p) if points < 5 else p == pytest.approx(float(2 * Fraction(one_sided)))
    assert trend(range(points), order).lowest_p == pytest.approx(
        {3: 1 / 3, 4: 1 / 12, 5: 1 / 60}[points]
    )


def score(values) -> int:
    pairs = ((i, j) for j in range(len(values)) for i in range(j))
    return sum(int(np.sign(values[j] - values[i])) for i, j in pairs)


def test_four_points_fall_each_time_and_have_no_p():
    found = trend(range(2021, 2025), [21.66, 17.80, 14.41, 11.11])
    assert found.verdict == "falls_each_time" and np.isnan(found.p)
    assert trend(range(2021, 2025), [21.66, 17.80, 18.41, 11.11]).verdict == "too_few_points"
    assert trend([2023, 2024], [14.41, 11.11]).verdict == "too_few_points"


def test_one_break_in_five_points_is_no_clear_trend():
    found = trend(range(5), [5, 4, 2, 3, 1])
    assert (found.s, found.verdict) == (-8, "no_clear_trend")
    assert found.p == pytest.approx(1 / 12)


def test_equal_values_are_counted_exactly():
    found = trend(range(5), [5, 4, 4, 3, 1])
    assert (found.s, found.verdict) == (-9, "falling")
    assert found.p == pytest.approx(1 / 30)


def test_a_level_line_is_the_same():
    found = trend(range(6), [3] * 6)
    assert (found.s, found.p, found.slope, found.verdict) == (0, 1, 0, "same")


@given(st.lists(st.integers(0, 4), min_size=2, max_size=6))
def test_p_is_the_share_of_orders_that_go_as_far(values):
    scores = [abs(score(order)) for order in permutations(values)]
    found = trend(range(len(values)), values)
    as_far = sum(one >= abs(score(values)) for one in scores) / len(scores)
    assert np.isnan(found.p) or found.p == pytest.approx(as_far)
    assert found.lowest_p == pytest.approx(scores.count(max(scores)) / len(scores))


@given(st.lists(st.integers(0, 10**6), min_size=5, max_size=12, unique=True))
def test_p_is_the_exact_one_of_scipy(values):
    expected = stats.kendalltau(range(len(values)), values, method="exact").pvalue
    assert trend(range(len(values)), values).p == pytest.approx(expected)


def test_years_may_be_missing_and_stand_in_any_order():
    found = trend([2020, 2015, 2017, 2016, 2021], [5, 15, 11, 13, 3])
    assert (found.verdict, found.slope) == ("falling", -2)


def test_trends_use_the_ends_of_years_since_the_last_change_of_law():
    rates = {2016: 9, 2017: 8, 2018: 7, 2019: 6, 2020: 5, 2021: 4}
    observed = pd.concat(
        [
            counted.of_units({"A": (rate, 100)}, as_of=f"{year}-12-31")
            for year, rate in rates.items()
        ]
        + [counted.of_units({"A": (99, 100)}, as_of="2020-06-30")],
        ignore_index=True,
    )
    found = trends(observed).set_index("unit").loc["A"]
    assert tuple(found[["points", "first", "last", "verdict"]]) == (6, 2016, 2021, "falling")
    cut = trends(observed, since="2018-12-31").set_index("unit").loc["A"]
    assert tuple(cut[["points", "verdict"]]) == (4, "falls_each_time")


def test_what_was_not_reported_is_no_point():
    observed = pd.concat(
        [counted.of_units({"A": (1, 9)}, f"{year}-12-31") for year in range(2016, 2021)]
    )
    observed.loc[observed["as_of"] == "2018-12-31", "state"] = "incomplete"
    assert set(trends(observed)["points"]) == {4}
