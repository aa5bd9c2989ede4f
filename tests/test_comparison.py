"""Is a difference more than chance? Published intervals, and what better means."""

import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from sonla_analysis.indicators.comparison import compare, wilson_interval


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        (81, 263, (25.53, 36.62)),  # Newcombe 1998, table I, method 3
        (15, 148, (6.24, 16.05)),
        (0, 20, (0.00, 16.11)),
        (1, 29, (0.61, 17.18)),
    ],
)
def test_intervals_are_those_published_by_newcombe(numerator, denominator, expected):
    lower, upper = wilson_interval(numerator, denominator)
    assert (round(lower, 2), round(upper, 2)) == expected


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 0), (None, 5), (1, None)])
def test_without_a_base_there_is_no_interval(numerator, denominator):
    with np.errstate(all="raise"):  # nothing is divided by it either
        interval = wilson_interval(numerator, denominator)
    assert pd.isna(pd.Series(interval)).all()


@given(st.integers(1, 5000), st.data())
def test_an_interval_holds_its_share_and_stays_within_0_and_100(denominator, data):
    numerator = data.draw(st.integers(0, denominator))
    lower, upper = wilson_interval(numerator, denominator)
    assert -1e-9 <= lower <= numerator / denominator * 100 + 1e-9
    assert numerator / denominator * 100 - 1e-9 <= upper <= 100 + 1e-9


def compared(direction, unit, city, **rule) -> str:
    rows = [small.observation(*city), small.observation(*unit, level="unit")]
    observed = pd.concat(rows, ignore_index=True)
    found = compare(observed, small.plan_of(direction=direction, **rule)).iloc[1]
    return None if pd.isna(found) else found


@pytest.mark.parametrize(
    ("direction", "unit", "expected"),
    [
        ("at_least", (90, 100), "better"),
        ("at_least", (30, 100), "worse"),
        ("at_least", (62, 100), "similar"),
        ("at_most", (90, 100), "worse"),  # more of what should fall
        ("at_most", (30, 100), "better"),
        ("above", (90, 100), "better"),
    ],
)
def test_better_follows_the_direction_of_the_target(direction, unit, expected):
    assert compared(direction, unit, (600, 1000)) == expected


@pytest.mark.parametrize(
    ("direction", "unit", "city", "expected"),
    [  # 90 of 100: 82.56–94.48 %; 30 of 100: 21.89–39.58 %
        ("at_least", (90, 100), (825, 1000), "better"),
        ("at_least", (90, 100), (826, 1000), "similar"),
        ("at_least", (30, 100), (395, 1000), "similar"),
        ("at_least", (30, 100), (396, 1000), "worse"),
        ("at_most", (30, 100), (396, 1000), "better"),
        ("at_most", (90, 100), (825, 1000), "worse"),
    ],
)
def test_a_tenth_of_a_point_decides_whether_an_interval_leaves_the_citys_value_out(
    direction, unit, city, expected
):
    assert compared(direction, unit, city) == expected


@pytest.mark.parametrize("so_or_not", [0, 1])
def test_what_a_unit_s_one_station_has_or_has_not_is_not_compared(so_or_not):
    assert compared("at_least", (so_or_not, 1), (11, 12)) is None


@pytest.mark.parametrize("size", [2, 7, 12, 300, 1234])
def test_all_of_a_unit_beside_all_of_the_city_is_similar(size):
    assert compared("at_least", (size, size), (5000, 5000)) == "similar"
    assert compared("at_most", (0, size), (0, 5000)) == "similar"


@pytest.mark.parametrize("state", ["not_reported", "not_applicable", "hidden"])
def test_what_is_not_known_is_not_compared(state):
    rows = [small.observation(6, 10), small.observation(0, 0, level="unit", state=state)]
    found = compare(pd.concat(rows, ignore_index=True), small.plan_of())
    assert found.isna().all()


def test_counts_and_reductions_are_not_compared(observed, plan):
    found = compare(observed, plan)
    judged = set(observed.loc[found.notna(), "indicator"])
    assert not judged & {"radios_supported", "poor_household_reduction"}
    assert (observed.loc[found.notna(), "level"] == "unit").all()
