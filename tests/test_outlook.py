"""Will it be reached, and who must bring what: the worked numbers of docs/methods-outlook.md."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import counted
import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import sonla_analysis as sonla
from sonla_analysis.definitions.published_rates import published_rates
from sonla_analysis.indicators.against_rest import RULE
from sonla_analysis.indicators.backtest import backtest, scores
from sonla_analysis.indicators.fair_split import RULES, by_weight, split, what_each_brings
from sonla_analysis.indicators.gaps import METHOD
from sonla_analysis.indicators.moves import (
    Rates,
    chance_at_most,
    drawn_poor,
    expected_poor,
    yearly_moves,
)
from sonla_analysis.indicators.outlook import METHODS, as_ratio, in_points, outlook
from sonla_analysis.indicators.poverty_path import RATE, most_allowed
from sonla_analysis.indicators.progress import assess, missing_to_target
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.refusals import UsageError

# --- the methods -------------------------------------------------------------------------


def years(rates: dict[int, float], size: int = 10_000) -> pd.DataFrame:
    """Return observations of the whole area, one a year at its end, from rates in percent."""
    rows = [
        small.observation(round(rate * size / 100), size, as_of=f"{year}-12-31")
        for year, rate in rates.items()
    ]
    return pd.concat(rows, ignore_index=True)


def plan_until(year: int, target: str, start: int, **rule):
    plan = small.plan_of(direction=rule.pop("direction", "at_most"), target=target, **rule)
    law = "nd07_2021"  # in force until the end of 2026
    return replace(plan, start=f"{start}-12-31", end=f"{year}-12-31", standard=law)


def answers(rates: dict, plan, as_of: str, **more) -> pd.DataFrame:
    return outlook(years(rates), plan, as_of, **more).set_index("method")


def test_the_province_in_2018_by_line_is_a_little_below_its_target():
    found = answers({2015: 34.44, 2018: 25.42}, plan_until(2020, "19.44", 2015), "2018-12-31")
    assert found["value"]["line"] == pytest.approx(19.406667, abs=5e-7)
    assert found["met"]["line"]
    assert found["reason"]["last_points"] == found["reason"]["last_ratio"] == "no_year_before"


def test_the_province_in_2024_by_every_method():
    rates = {2021: 21.66, 2022: 17.83, 2023: 14.41, 2024: 11.11}
    found = answers(rates, plan_until(2025, "9.66", 2021), "2024-12-31")
    assert found["value"]["line"] == pytest.approx(7.593333, abs=5e-7)
    assert found["value"]["last_points"] == pytest.approx(7.81)
    assert found["value"]["last_ratio"] == pytest.approx(11.11**2 / 14.41)
    assert found["met"].all() and not found["disagree"].any()
    assert as_ratio(21.66, 11.11, 3, 1) == pytest.approx(8.893361, abs=5e-7)


@pytest.mark.parametrize(
    ("before", "now", "points", "ratio"),
    [
        *[(9.88, 8.23, 6.58, 6.856), (8.23, 6.70, 5.17, 5.454)],
        *[(6.70, 5.23, 3.76, 4.083), (5.23, 3.75, 2.27, 2.689)],
    ],
)
def test_the_national_rate_a_year_ahead(before, now, points, ratio):
    assert in_points(before, now, 1, 1) == pytest.approx(points)
    assert as_ratio(before, now, 1, 1) == pytest.approx(ratio, abs=5e-4)


def test_methods_that_disagree_are_flagged():
    rates = {2019: 10, 2020: 6, 2021: 5}
    found = answers(rates, plan_until(2023, "3.0", 2019), "2021-12-31")
    assert found["value"]["line"] == pytest.approx(0)
    assert found["value"]["last_points"] == pytest.approx(3)
    assert found["value"]["last_ratio"] == pytest.approx(5 * (5 / 6) ** 2)
    assert list(found["met"]) == [True, True, False] and found["disagree"].all()


def test_a_value_at_the_end_is_judged_as_it_prints():
    found = answers({2019: 5, 2020: 3.9}, plan_until(2021, "2.8", 2019), "2020-12-31")
    assert found["value"]["line"] == pytest.approx(2.8) and found["met"]["line"]
    missed = answers({2019: 5, 2020: 3.93}, plan_until(2021, "2.8", 2019), "2020-12-31")
    assert missed["value"]["line"] == pytest.approx(2.86) and not missed["met"]["line"]


def test_a_share_stays_between_0_and_100():
    falling = answers({2019: 5, 2020: 1}, plan_until(2022, "2", 2019), "2020-12-31")
    assert falling["value"]["line"] == 0
    plan = plan_until(2022, "99", 2019, direction="at_least")
    assert answers({2019: 80, 2020: 95}, plan, "2020-12-31")["value"]["line"] == 100


@pytest.mark.parametrize(
    ("rates", "as_of", "reasons"),
    [
        ({2019: 5}, "2019-12-31", ["first_day", "no_year_before", "no_year_before"]),
        ({2020: 5}, "2020-12-31", ["no_baseline", "no_year_before", "no_year_before"]),
        ({2019: 0, 2020: 5}, "2020-12-31", ["", "", "zero"]),
    ],
)
def test_a_method_that_cannot_answer_says_why(rates, as_of, reasons):
    found = answers(rates, plan_until(2022, "2", 2019), as_of)
    assert list(found["reason"]) == reasons
    assert (found["value"].isna() == (found["reason"] != "")).all()
    assert (found["met"].isna() == found["value"].isna()).all()


def test_nothing_before_a_change_of_law_is_used():
    rates = {2020: 18.6, 2021: 21.66, 2022: 17.83}
    plan = plan_until(2025, "9.66", 2020)
    assert answers(rates, plan, "2022-12-31", since="2021-12-01")["reason"]["line"] == "no_baseline"
    cut = answers(rates, plan, "2021-12-31", since="2021-12-01")
    assert cut["reason"]["last_points"] == "no_year_before"


def test_what_accumulates_within_the_year_starts_from_nothing():
    plan = plan_until(2020, "80", 2019, direction="at_least", counted_when="within_year")
    observed = small.observation(45, 100, as_of="2020-06-30")
    found = outlook(observed, plan, "2020-06-30").set_index("method")
    assert found["value"]["line"] == pytest.approx(45 * 366 / 182)
    assert found["reason"]["last_points"] == found["reason"]["last_ratio"] == "within_year"


def test_what_is_counted_once_a_year_starts_from_the_last_review():
    plan = plan_until(2021, "2", 2018, counted_when="review")
    observed = pd.concat(
        [years({2018: 6, 2019: 5}), small.observation(400, 10_000, as_of="2020-06-30")]
    )
    found = outlook(observed, plan, "2020-06-30").set_index("method")
    assert set(found["now_on"]) == {"2019-12-31"}
    assert found["value"]["line"] == pytest.approx(3)


def test_no_outlook_after_the_end_nor_for_what_is_not_known():
    plan = plan_until(2020, "2", 2019)
    assert outlook(years({2019: 5, 2020: 3}), plan, "2020-12-31").empty
    silent = years({2019: 5}).assign(state="incomplete")
    assert outlook(silent, plan, "2019-12-31").empty


def test_a_target_of_the_city_is_none_of_a_ward():
    units = counted.of_units(counted.FOUR, as_of="2019-12-31")
    found = outlook(units, plan_until(2020, "2", 2018), "2019-12-31")
    assert set(found["level"]) == {"area"}
    own = outlook(units, plan_until(2020, "2", 2018, applies_to="unit"), "2019-12-31")
    assert set(own["unit"]) == {*counted.FOUR, small.CITY}


# --- the moves in and out ----------------------------------------------------------------


def test_two_poor_of_four_by_hand():
    assert chance_at_most(1, 2, 4, Rates(0.5, 0.25)) == pytest.approx(33 / 64, rel=1e-14)


def test_a_ward_of_900_with_30_poor():
    rates = Rates(0.3, 0.004)
    assert expected_poor(30, 900, rates) == pytest.approx(24.48)
    assert chance_at_most(22, 30, 900, rates) == pytest.approx(0.262831, abs=5e-7)


def test_the_moves_of_the_province_in_2018():
    start, end, households = 81_260, 71_798, 282_450
    exits, entries = 16_067, 1_345 + 5_260
    assert start - exits + entries == end
    rates = Rates(exits / start, entries / 196_716)
    assert rates == pytest.approx((0.197723, 0.0335763), abs=5e-7)
    shares = [100 * expected_poor(end, households, rates, ahead) / households for ahead in (1, 2)]
    assert shares == pytest.approx([22.898, 20.959], abs=5e-4)
    assert 100 * rates.settles_at == pytest.approx(14.5, abs=0.05)


@given(st.integers(0, 60), st.integers(0, 300), st.floats(0, 1), st.floats(0, 1), st.data())
def test_the_chance_is_that_of_two_binomials(poor, others, leave, come, data):
    most = data.draw(st.integers(0, poor + others))
    stayed = stats.binom.pmf(np.arange(poor + 1), poor, 1 - leave)
    expected = stayed @ stats.binom.cdf(most - np.arange(poor + 1), others, come)
    found = chance_at_most(most, poor, poor + others, Rates(leave, come))
    assert found == pytest.approx(expected, abs=1e-9)


def test_a_nation_takes_no_longer_than_a_ward():
    rates, poor, households = Rates(424_169 / 1_642_489, 0.003677), 1_304_001, 24_945_432
    mean = expected_poor(poor, households, rates)
    spread = (poor * 0.25825 * 0.74175 + (households - poor) * 0.003677 * 0.996323) ** 0.5
    assert chance_at_most(int(mean), poor, households, rates) == pytest.approx(0.5, abs=0.01)
    found = chance_at_most(int(mean + 1.645 * spread), poor, households, rates)
    assert found == pytest.approx(0.95, abs=0.001)


@given(st.integers(0, 30), st.integers(1, 200), st.floats(0.01, 0.99), st.floats(0.001, 0.9))
def test_two_years_are_one_year_twice(poor, others, leave, come):
    rates, households = Rates(leave, come), poor + others
    once = expected_poor(poor, households, rates)
    twice = once * (1 - leave) + (households - once) * come
    assert expected_poor(poor, households, rates, 2) == pytest.approx(twice)


def test_without_moves_all_stays_as_it_is():
    assert expected_poor(7, 50, Rates(0, 0), 5) == 7
    assert chance_at_most(6, 7, 50, Rates(0, 0), 5) == 0
    assert chance_at_most(7, 7, 50, Rates(0, 0), 5) == 1
    assert np.isnan(Rates(0, 0).settles_at)


def test_after_many_years_the_moves_settle_at_their_level():
    rates = Rates(0.2, 0.05)
    assert expected_poor(900, 1000, rates, 200) == pytest.approx(1000 * rates.settles_at)


@given(st.integers(1, 40_000), st.sampled_from(["0", "0.77", "5", "2.0", "100"]))
def test_the_most_allowed_is_what_the_progress_calls_met(total, target):
    plan = small.plan_of(direction="at_most", target=target)
    most = most_allowed(plan.indicators[0], total)
    counts = [count for count in (most, most + 1) if count <= total]
    missing = [missing_to_target(small.observation(one, total), plan).item() for one in counts]
    assert missing == [0, 1][: len(counts)]


def test_drawn_years_are_seeded_and_agree_with_the_exact_chance_for_one_year():
    rates = Rates(0.3, 0.004)
    drawn = drawn_poor(30, 900, [rates], draws=20_000)
    assert (drawn == drawn_poor(30, 900, [rates], draws=20_000)).all()
    assert (drawn <= 22).mean() == pytest.approx(0.262831, abs=0.015)
    assert drawn.mean() == pytest.approx(24.48, abs=0.1)


def registered(*moves: tuple[str, str], as_of=small.END) -> pd.DataFrame:
    rows = [{"as_of": as_of, "start_status": start, "status": end} for start, end in moves]
    return small.tables(households=rows)["households"]


def rate_of(*counts: tuple[str, int, int]) -> pd.DataFrame:
    rows = [small.observation(part, whole, as_of=day, level="unit") for day, part, whole in counts]
    return pd.concat(rows, ignore_index=True).assign(indicator=RATE)


MOVED = [
    *[("poor_income", "poor_income")] * 6,
    *[("poor_income", "near_poor")] * 2,
    ("poor_income", "newly_escaped"),
    ("poor_income", "absent"),
    *[("not_poor", "poor_income")] * 2,
    ("newly_escaped", "poor_deprivation"),
    ("near_poor", "poor_income"),
]


def test_exits_and_entries_are_moves_and_who_moved_away_is_neither():
    observed = rate_of(("2019-12-31", 10, 110), (small.END, 10, 120))
    found = yearly_moves(registered(*MOVED), observed).iloc[0]
    assert tuple(found[["start", "exits", "entries", "other_out", "other_in"]]) == (10, 3, 4, 1, 0)
    assert (found["leave"], found["come"]) == pytest.approx((3 / 10, 4 / 100))
    assert found["settles_at"] == pytest.approx(100 * 0.04 / 0.34)
    assert (found["households"], found["households_at"], found["reason"]) == (110, "start", "")


def test_without_last_years_households_those_of_today_are_taken_and_it_is_said():
    found = yearly_moves(registered(*MOVED), rate_of((small.END, 10, 110))).iloc[0]
    assert (found["come"], found["households_at"]) == (pytest.approx(4 / 100), "end")


def test_flows_that_do_not_lead_to_the_number_counted_give_no_chance():
    found = yearly_moves(registered(*MOVED), rate_of((small.END, 11, 110))).iloc[0]
    assert found["reason"] == "not_closed" and np.isnan(found["leave"])


def test_with_no_poor_household_at_the_start_there_is_no_rate_of_leaving():
    found = yearly_moves(registered(("not_poor", "poor_income")), rate_of((small.END, 1, 99)))
    assert found.iloc[0]["reason"] == "none_poor"


def test_the_citys_moves_are_the_sums_of_its_wards(city, observed):
    found = yearly_moves(city["households"], observed)
    sums = found[found["level"] == "unit"].groupby("as_of")[["start", "exits", "entries"]].sum()
    area = found[found["level"] == "area"].set_index("as_of")[["start", "exits", "entries"]]
    assert len(area) == 2
    pd.testing.assert_frame_equal(area, sums, check_dtype=False, check_names=False)


def test_the_outlook_of_the_city_from_the_moves_of_2019(city, observed, plan):
    moves = yearly_moves(city["households"], observed)
    found = outlook(observed, plan, "2020-06-30", moves=moves)
    rate = found[found["indicator"] == RATE].set_index("method")
    row = small.row(observed, "116", RATE, "2019-12-31")
    last = moves.query("unit == '116' and as_of == '2019-12-31'").iloc[0]
    poor, households = int(row["numerator"]), int(row["denominator"])
    rates = Rates(last["leave"], last["come"])
    most = most_allowed(plan[RATE], households)
    assert rate["chance"]["moves"] == chance_at_most(most, poor, households, rates)
    expected = 100 * expected_poor(poor, households, rates) / households
    assert rate["value"]["moves"] == pytest.approx(expected)
    assert rate["settles_at"]["moves"] == pytest.approx(last["settles_at"])
    assert rate["reason"]["moves_of_years"] == "one_year"
    assert rate["reason"]["last_points"] == "no_year_before"


def test_the_line_is_the_forecast_of_the_progress(observed, plan):
    progress = assess(observed, plan)
    keys = ["unit", "indicator"]
    forecast = progress[progress["as_of"] == "2020-06-30"].dropna(subset="forecast").set_index(keys)
    found = outlook(observed, plan, "2020-06-30").query("method == 'line' and reason == ''")
    found = found.set_index(keys)["value"]
    assert len(found) > 50
    assert list(found) == pytest.approx(list(forecast["forecast"].reindex(found.index)))


def test_the_order_of_rows_changes_no_outlook(city, observed, plan):
    moves = yearly_moves(city["households"], observed)
    mixed = observed.sample(frac=1, random_state=1)
    keys = ["indicator", "unit", "method"]
    here, there = (
        outlook(rows, plan, "2020-06-30", moves=moves).sort_values(keys, ignore_index=True)
        for rows in (observed, mixed)
    )
    pd.testing.assert_frame_equal(here, there)


# --- the fair split ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "total", "caps", "expected"),
    [
        ((9061, 7179, 5259, 3319, 1182), 26, None, (9, 7, 5, 4, 1)),  # Balinski and Young
        ((6, 6, 2), 10, None, (4, 4, 2)),
        ((6, 6, 2), 11, None, (5, 5, 1)),  # one more to bring, and the third brings less
        ((53, 24, 23), 10, None, (5, 3, 2)),
        ((1, 1, 1), 2, None, (1, 1, 0)),
        ((0, 5, 5), 3, None, (0, 2, 1)),
        ((50, 30, 20), 10, (3, 10, 10), (3, 4, 3)),
    ],
)
def test_the_published_splits(weights, total, caps, expected):
    names = "ABCDE"[: len(weights)]
    caps = dict(zip(names, caps or [total] * len(names), strict=True))
    found, _, _ = by_weight(total, dict(zip(names, weights, strict=True)), caps)
    assert tuple(found.values()) == expected


POOR = (4, 6, 5, 3, 41, 38, 52, 9, 8, 35, 33, 20)
SIZE = (3300, 3600, 3100, 2900, 1250, 1450, 1700, 2500, 2300, 1500, 1900, 2200)
TWELVE = {f"{place:02}": pair for place, pair in enumerate(zip(POOR, SIZE, strict=True))}


def claims_of_twelve(start=None) -> pd.DataFrame:
    gap = [max(Fraction(0), x - Fraction("0.0077") * n) for x, n in TWELVE.values()]
    assert sum(gap) == 142
    claims = pd.DataFrame({"unit": list(TWELVE), "has": POOR, "size": SIZE, "start": start or POOR})
    return claims.assign(gap=pd.Series(gap, dtype="object"))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("in_proportion", [1, 1, 1, 1, 7, 6, 9, 1, 1, 6, 5, 3]),
        ("by_gap", [0, 0, 0, 0, 9, 8, 12, 0, 0, 7, 5, 1]),
        ("equal_fall", [1, 1, 1, 1, 7, 6, 9, 1, 1, 6, 5, 3]),  # nobody has moved since the start
    ],
)
def test_forty_two_households_among_twelve_units(rule, expected):
    assert split(claims_of_twelve(), 42, rule)["brings"].tolist() == expected


def test_the_highest_rates_come_down_first_to_one_level():
    found = split(claims_of_twelve(), 42, "largest_gap_first").assign(size=SIZE)
    touched = found["quota"] > 0
    # 41 + 38 + 52 + 35 of 1250 + 1450 + 1700 + 1500 less 42: 124 of 5900, above 33 of 1900
    assert touched.tolist() == [place in (4, 5, 6, 9) for place in range(12)]
    level = Fraction(124, 5900)
    assert found["quota"][4] == pytest.approx(float(41 - level * 1250))
    after = (found["has"] - found["quota"]) / found["size"]
    assert after[touched].tolist() == pytest.approx([float(level)] * 4)
    assert after[~touched].max() < level


def test_who_has_fallen_already_brings_less():
    start = (4, 6, 5, 3, 82, 38, 52, 9, 8, 35, 33, 20)  # the fifth has halved since the start
    found = split(claims_of_twelve(start), 42, "equal_fall")["brings"]
    assert found[4] == 0 and found.sum() == 42


UNITS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(60, 900), st.integers(0, 90)), min_size=1, max_size=9
)


@given(UNITS, st.sampled_from(RULES), st.data())
def test_parts_add_up_and_no_unit_brings_more_than_it_has(units, rule, data):
    has, size, start = zip(*units, strict=True)
    total = data.draw(st.integers(0, sum(has)))
    claims = pd.DataFrame({"unit": [f"{place}" for place in range(len(has))], "has": has})
    claims = claims.assign(
        size=size, start=[one or own or 1 for one, own in zip(start, has, strict=True)]
    )
    claims["gap"] = pd.Series([Fraction(one) for one in has], dtype="object")
    found = split(claims, total, rule)
    assert found["brings"].sum() == total
    assert found["brings"].between(0, found["has"]).all()
    assert found["quota"].sum() == pytest.approx(total)
    assert ((found["brings"] - found["quota"]).abs() < 1 + 1e-9).all()
    mixed = split(claims.sample(frac=1, random_state=1), total, rule)
    assert mixed.loc[found.index, "brings"].tolist() == found["brings"].tolist()


def test_a_broken_tie_is_said():
    claims = pd.DataFrame({"unit": list("ABC"), "has": 5, "size": 9, "start": 5, "gap": 1})
    found = split(claims, 2, "in_proportion")
    assert found["brings"].tolist() == [1, 1, 0] and found["tie"].all()
    assert not split(claims, 3, "in_proportion")["tie"].any()


def test_more_than_there_is_cannot_be_split():
    with pytest.raises(UsageError, match="only 15") as refused:
        split(claims_of_twelve().head(3), 16, "equal_fall")
    assert "không đủ để chia" in refused.value.text("vi")


def test_without_any_weight_nothing_can_be_split():
    with pytest.raises(UsageError, match="no unit takes a part") as refused:
        by_weight(2, {"A": 0, "B": 0}, {"A": 2, "B": 2})
    assert "cách chia này" in refused.value.text("vi")


CITY_PLAN = small.plan_of(direction="at_most", target="0.77", applies_to="area")


@pytest.mark.parametrize("rule", RULES)
def test_with_what_each_brings_the_area_meets_its_target_and_with_one_less_it_does_not(rule):
    now = counted.of_units(TWELVE)
    found = what_each_brings(now, CITY_PLAN, "x", small.END, rule)
    assert found["brings"].sum() == 254 - 214  # 214 of 27,700 print as 0.77 %
    after = dict(zip(found["unit"], zip(found["numerator_after"], SIZE, strict=True), strict=True))
    reached = counted.of_units({unit: tuple(map(int, pair)) for unit, pair in after.items()})
    assert missing_to_target(reached, CITY_PLAN).iloc[-1] == 0
    one_more = dict(after) | {"00": (int(after["00"][0]) + 1, SIZE[0])}
    one_more = counted.of_units({unit: tuple(map(int, pair)) for unit, pair in one_more.items()})
    assert missing_to_target(one_more, CITY_PLAN).iloc[-1] == 1


def test_a_target_to_rise_is_brought_by_those_without():
    plan = small.plan_of(direction="at_least", target="80")
    now = counted.of_units({"A": (50, 100), "B": (90, 100)})
    found = what_each_brings(now, plan, "x", small.END, "in_proportion")
    assert found["has"].tolist() == [50, 10]
    assert found["brings"].sum() == 159 - 140  # 159 of 200 are 79.5 %, printed 80
    assert (found["numerator_after"] - found["numerator"]).tolist() == found["brings"].tolist()


def test_a_met_target_asks_nothing_more():
    now = counted.of_units({"A": (0, 1000), "B": (1, 1000)})
    assert what_each_brings(now, CITY_PLAN, "x", small.END, "by_gap")["brings"].sum() == 0


def test_a_silent_unit_is_named_and_nothing_is_split():
    now = counted.of_units(TWELVE)
    now.loc[3, "state"] = "not_reported"
    with pytest.raises(UsageError, match="03") as refused:
        what_each_brings(now, CITY_PLAN, "x", small.END, "by_gap")
    assert "chưa có số liệu" in refused.value.text("vi")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"rule": "fair"}, "equal_fall"),
        ({"indicator": "poverty"}, "x"),
        ({"as_of": "2030-12-31"}, small.END),
    ],
)
def test_a_wrong_question_is_refused_with_what_is_allowed(wrong, named):
    asked = {"indicator": "x", "as_of": small.END, "rule": "by_gap"} | wrong
    with pytest.raises(UsageError, match=named):
        what_each_brings(counted.of_units(TWELVE), CITY_PLAN, **asked)


def test_the_missing_number_is_that_of_the_progress(observed, plan):
    progress = assess(observed, plan)
    told = progress["still_needed"].notna()
    missing = missing_to_target(observed, plan)
    assert missing[told].tolist() == progress.loc[told, "still_needed"].tolist()


def test_the_sample_city_in_mid_year(city, observed, plan):
    found = what_each_brings(observed, plan, RATE, "2020-06-30", "equal_fall")
    area = small.row(observed, "116", RATE, "2020-06-30")
    left = int(area["numerator"]) - int(found["brings"].sum())
    assert left == most_allowed(plan[RATE], int(area["denominator"]))
    assert found["numerator_after"].sum() == left


# --- how the methods did -----------------------------------------------------------------


def test_the_published_series_hold_no_change_of_law_and_no_hole_at_their_end():
    for _, run in published_rates().groupby(["area", "standard", "measure"]):
        assert run["year"].is_unique
        assert any({year + 1, year + 2} <= set(run["year"]) for year in run["year"])
    assert published_rates()["source"].ne("").all()


def test_published_rates_are_those_of_their_counts():
    rates = published_rates().dropna(subset=["poor", "households"])
    off = (100 * rates["poor"] / rates["households"] - rates["value"]).abs()
    assert len(rates) > 6 and off.max() < 0.031  # printed with one decimal, some with two


def test_exits_and_entries_close_the_stock():
    rates = published_rates().set_index(["area", "standard", "measure", "year"])
    for (*key, year), row in rates.dropna(subset=["exits"]).iterrows():
        start = rates.loc[(*key, year - 1), "poor"]
        assert start - row["exits"] + row["entries"] == row["poor"]


def test_the_national_rate_is_predicted_from_what_was_known():
    found = backtest(published_rates()).query("area == 'Việt Nam' and standard == 'qd59_2015'")
    by_points = found[found["method"] == "last_points"].set_index("year")["predicted"]
    assert by_points[[2017, 2018, 2019, 2020]].tolist() == pytest.approx([6.58, 5.17, 3.76, 2.27])
    by_ratio = found[found["method"] == "last_ratio"].set_index("year")["predicted"]
    expected = [6.856, 5.454, 4.083, 2.689]
    assert by_ratio[[2017, 2018, 2019, 2020]].tolist() == pytest.approx(expected, abs=5e-4)
    assert found["year"].min() == 2017  # two years must have been known


def test_a_later_year_changes_no_earlier_prediction():
    rates = published_rates()
    early = backtest(rates[rates["year"] <= 2019])
    late = backtest(rates).query("year <= 2019")
    pd.testing.assert_frame_equal(early, late.reset_index(drop=True), check_dtype=False)


def test_no_method_is_the_best_everywhere():
    table = scores(backtest(published_rates()))
    asked = table[table["method"].isin(["line", "last_points", "last_ratio"])]
    assert (asked.groupby("method")["nearest"].sum() > 0).all()
    best = asked.loc[asked.groupby(["standard", "measure"])["mean_error"].idxmin(), "method"]
    assert best.nunique() > 1


def test_scores_say_how_few_they_are():
    table = scores(backtest(published_rates())).set_index(["standard", "measure", "method"])
    moves = table.loc[("qd59_2015", "poverty_rate", "moves")]
    assert (moves["predictions"], moves["areas"], moves["chances"]) == (1, 1, 1)
    national = table.loc[("qd59_2015", "poverty_rate", "last_points")]
    errors = [6.58 - 6.70, 5.17 - 5.23, 3.76 - 3.75, 2.27 - 2.75, 1.75 - 2.23]
    assert national["mean_error"] == pytest.approx(sum(map(abs, errors)) / 5)
    assert national["bias"] == pytest.approx(sum(errors) / 5)
    assert (national["aims"], national["right"]) == (5, 4)  # 2021 fell by 0.52 only


def test_the_score_of_brier():
    made = {"chance": [0.9, 0.8, 0.3, 0.1], "reached": [True, True, False, True], "error": 0.0}
    case = {"area": list("abcd"), "standard": "s", "measure": "m", "year": 2020, "method": "moves"}
    found = scores(pd.DataFrame(case | made).assign(foretold=True))
    assert found["brier"].item() == pytest.approx((0.1**2 + 0.2**2 + 0.3**2 + 0.9**2) / 4)


def test_the_public_names_are_as_before():
    assert not {"outlook", "funnel"} & set(sonla.__all__)


# --- words -------------------------------------------------------------------------------


NEARER = ("narrower", "same", "wider")
NAMES = {
    "verdict": ("better", "no_clear_difference", "worse"),
    "comparison_rule": (RULE, METHOD),
    "narrowing": (
        *NEARER,
        *(f"{one}_{other}" for one in NEARER for other in NEARER if one != other),
        *(f"points_{one}" for one in NEARER),
    ),
    "trend": (
        "falling",
        "rising",
        "no_clear_trend",
        "same",
        "falls_each_time",
        "rises_each_time",
        "too_few_points",
    ),
    "outlook_method": (*METHODS, "no_change"),
    "outlook_reason": (
        "no_baseline",
        "first_day",
        "no_year_before",
        "zero",
        "within_year",
        "no_moves",
        "one_year",
    ),
    "split_rule": RULES,
}


@pytest.mark.parametrize(("section", "name"), [(one, name) for one in NAMES for name in NAMES[one]])
def test_every_finding_has_its_words_in_both_languages(section, name):
    said = {phrase(f"{section}.{name}", language) for language in ("vi", "en")}
    assert len(said) == 2


def test_the_scores_printed_in_the_documentation_are_those_of_the_series():
    said = (Path(__file__).parent.parent / "docs" / "methods-outlook.md").read_text(
        encoding="utf-8"
    )
    lines = [line.split("|")[2:-1] for line in said.splitlines() if line.count("(") > 3]
    printed = [cell.strip().split(" of ")[0] for cells in lines for cell in cells[1:]]
    table = scores(backtest(published_rates()))
    made = [f"{row['mean_error']:.2f} ({row['nearest']})" for row in table.to_dict("records")]
    assert [cell for cell in printed if cell != "–"] == made
