"""Published intervals, what better means, and what is never compared."""

import counted
import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from sonla_analysis.indicators.against_rest import against_the_rest
from sonla_analysis.indicators.comparison import wilson_interval


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


def compared(direction, unit, rest, **rule) -> str:
    """Return the verdict on one unit against one other."""
    observed = counted.of_units({"A": unit, "B": rest})
    plan = small.plan_of(direction=direction, **rule)
    found = against_the_rest(observed, plan)["verdict"].iloc[0]
    return None if pd.isna(found) else found


@pytest.mark.parametrize(
    ("direction", "unit", "expected"),
    [
        ("at_least", (90, 100), "better"),
        ("at_least", (30, 100), "worse"),
        ("at_least", (62, 100), "no_clear_difference"),
        ("at_most", (90, 100), "worse"),  # more of what should fall
        ("at_most", (30, 100), "better"),
        ("above", (90, 100), "better"),
    ],
)
def test_better_follows_the_direction_of_the_target(direction, unit, expected):
    assert compared(direction, unit, (540, 900)) == expected


def test_one_case_more_decides_whether_the_exact_test_tells_a_unit_apart():
    """5 of 5 against 1 of 5: p = 2 · 5/210 = 0.0476; against 2 of 5: 2 · 10/120 = 0.1667."""
    assert compared("at_least", (5, 5), (1, 5)) == "better"
    assert compared("at_least", (5, 5), (2, 5)) == "no_clear_difference"
    assert compared("at_most", (5, 5), (1, 5)) == "worse"


@pytest.mark.parametrize("so_or_not", [0, 1])
def test_what_a_unit_s_one_station_has_or_has_not_is_not_compared(so_or_not):
    assert compared("at_least", (so_or_not, 1), (1, 1)) is None


@pytest.mark.parametrize("size", [2, 7, 12, 300, 1234])
def test_all_of_a_unit_beside_all_of_the_others_is_no_clear_difference(size):
    assert compared("at_least", (size, size), (5000, 5000)) == "no_clear_difference"
    assert compared("at_most", (0, size), (0, 5000)) == "no_clear_difference"


@pytest.mark.parametrize("state", ["not_reported", "not_applicable", "hidden", "withheld"])
def test_what_is_not_known_is_not_compared(state):
    observed = counted.of_units({"A": (3, 40), "B": (9, 60)}, state=state)
    assert against_the_rest(observed, small.plan_of())["verdict"].isna().all()


def test_one_unit_alone_is_not_compared():
    observed = counted.of_units({"A": (3, 40)})
    assert against_the_rest(observed, small.plan_of())["verdict"].isna().all()


def test_counts_and_reductions_are_not_compared(observed, plan):
    found = against_the_rest(observed, plan)["verdict"]
    judged = set(observed.loc[found.notna(), "indicator"])
    assert not judged & {"radios_supported", "poor_household_reduction"}
    assert (observed.loc[found.notna(), "level"] == "unit").all()
