"""Progress: reached or not as the plan prints it, how many are missing, how fast it goes."""

from fractions import Fraction
from math import floor

import pandas as pd
import pytest
import small
from hypothesis import given
from hypothesis import strategies as st

from sonla_analysis.indicators.progress import assess
from sonla_analysis.language.refusals import UsageError

MIDDLE = "2020-07-01"  # 183 of the plan's 366 days


def judged(numerator, denominator=None, *, as_of=small.END, start=None, **rule) -> pd.Series:
    """Return the progress row of one made-up observation; `start` is the baseline's counts."""
    kind = rule.get("kind", "share")
    level, open_to = rule.pop("level", "area"), rule.pop("open_to", None)
    rows = [
        small.observation(
            numerator, denominator, kind=kind, as_of=as_of, level=level, open_to=open_to
        )
    ]
    if start:
        rows.insert(0, small.observation(*start, kind=kind, as_of=small.START, level=level))
    observed = pd.concat(rows, ignore_index=True)
    period = {"start": rule.pop("plan_start", small.START)}
    return assess(observed, small.plan_of(**period, **rule)).iloc[-1]


# --- met or not --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "target", "direction", "met", "note"),
    [
        ((53, 67), "79.1", "at_least", True, ""),  # 79.104…
        ((34, 43), "79.1", "at_least", True, "rounding"),  # 79.0698 prints as 79.1
        ((52, 67), "79.1", "at_least", False, ""),  # 77.6
        ((7905, 10000), "79.1", "at_least", True, "rounding"),  # 79.05 is rounded half up
        ((79049, 100000), "79.1", "at_least", False, ""),
        ((77, 10000), "0.77", "at_most", True, ""),
        ((212, 27646), "0.77", "at_most", True, ""),  # 0.7668
        ((7749, 1000000), "0.77", "at_most", True, "rounding"),  # 0.7749 prints as 0.77
        ((775, 100000), "0.77", "at_most", False, ""),  # 0.775 prints as 0.78
        ((95, 100), "95", "above", False, ""),  # "trên 95%" is strict
        ((951, 1000), "95", "above", True, ""),
        ((9501, 10000), "95", "above", True, ""),
        ((19, 20), "95", "above", False, ""),
        ((1, 3), "33.33", "above", True, ""),  # 33.333… is above by a thousandth of a third
        ((1, 3), "33.3", "at_least", True, ""),
        ((1, 3), "33.33", "at_least", True, ""),
        ((1, 3), "33.34", "at_least", False, ""),
        ((333, 1000), "33.33", "at_least", False, ""),  # 33.30
        ((3, 3), "100", "at_least", True, ""),
        ((999, 1000), "100", "at_least", False, ""),  # 100 % means all
        ((99999, 100000), "100", "at_least", False, ""),
        ((0, 7), "0", "at_most", True, ""),
        ((1, 100000), "0", "at_most", False, ""),  # 0 % means none
    ],
)
def test_a_value_is_judged_at_the_precision_of_the_printed_target(
    counts, target, direction, met, note
):
    row = judged(*counts, target=target, direction=direction)
    assert (row["status"] == "met", row["reason"]) == (met, note)


@pytest.mark.parametrize(
    ("fall", "met", "note"),
    [
        ((14, 100), False, ""),
        ((145, 1000), True, "rounding"),  # 14.5 % prints as 15 %
        ((15, 100), True, ""),
        ((20, 100), True, ""),
        ((7, 35), True, ""),  # exactly 20 %
        ((201, 1000), True, ""),  # 20.1 % prints as 20 %
        ((2049, 10000), True, ""),
        ((205, 1000), True, "above_band"),  # 20.5 % prints as 21 %
        ((-3, 100), False, ""),
    ],
)
def test_a_band_is_met_from_its_lower_bound_and_said_to_be_exceeded_above(fall, met, note):
    row = judged(*fall, kind="reduction", direction="band", target="15–20")
    assert (row["status"] == "met", row["reason"]) == (met, note)


@pytest.mark.parametrize(
    ("given_radios", "status", "missing"), [(91, "met", 0), (84, "missed", 7), (100, "met", 0)]
)
def test_a_count_is_met_by_the_whole_number(given_radios, status, missing):
    row = judged(given_radios, kind="count", target="91")
    assert (row["status"], row["still_needed"]) == (status, missing)


def test_the_upper_end_of_a_band_is_compared_as_printed():
    band = {"kind": "reduction", "direction": "band", "target": "15–90"}
    assert judged(904, 1000, **band)["reason"] == ""  # 90.4 % prints as 90 %
    assert judged(896, 1000, **band)["reason"] == ""
    assert judged(905, 1000, **band)["reason"] == "above_band"


# --- still needed ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "rule", "expected"),
    [
        ((52, 67), {"target": "79.1"}, 1),
        ((40, 100), {"target": "80"}, 40),
        ((0, 3), {"target": "100"}, 3),
        ((19, 20), {"target": "95", "direction": "above"}, 1),
        ((10, 1000), {"target": "0.77", "direction": "at_most"}, 3),  # 7 of 1000 prints as 0.70
        ((5, 5), {"target": "100"}, 0),
    ],
)
def test_still_needed_is_a_whole_number_that_an_officer_can_act_on(counts, rule, expected):
    assert judged(*counts, **rule)["still_needed"] == expected


def reached(numerator, denominator, rule) -> bool:
    """The rule in words, in exact fractions: rounded half up to the target's decimals."""
    decimals = len(rule["target"].partition(".")[2].partition("–")[0])
    target = Fraction(rule["target"].partition("–")[0])
    if rule.get("kind") == "count":
        return numerator >= target
    value = Fraction(100 * numerator, denominator)
    printed = Fraction(floor(value * 10**decimals + Fraction(1, 2)), 10**decimals)
    if rule["direction"] == "above":
        return value > target
    if rule["direction"] == "at_most":
        return value <= target if target == 0 else printed <= target
    return value >= target if target == 100 else printed >= target


rules = st.one_of(
    st.builds(
        lambda target, direction: {"target": target, "direction": direction},
        st.one_of(
            st.integers(0, 100).map(str),
            st.integers(0, 999).map(lambda tenths: f"{tenths / 10:.1f}"),
            st.integers(0, 9999).map(lambda hundredths: f"{hundredths / 100:.2f}"),
            st.sampled_from(["79.1", "0.77", "50.7", "9.5", "95", "100", "33.33"]),
        ),
        st.sampled_from(["at_least", "at_most", "above"]),
    ).filter(lambda rule: not (rule["direction"] == "above" and Fraction(rule["target"]) >= 100)),
    st.builds(
        lambda low, high: {
            "kind": "reduction",
            "direction": "band",
            "target": f"{low}–{low + high}",
        },
        st.integers(1, 50),
        st.integers(1, 50),
    ),
    st.integers(1, 500).map(lambda n: {"kind": "count", "target": str(n), "direction": "at_least"}),
)


@given(st.data(), rules)
def test_that_many_more_and_the_target_is_met_one_fewer_and_it_is_not(data, rule):
    denominator = data.draw(st.one_of(st.integers(1, 60), st.integers(1, 30_000)))
    numerator = data.draw(st.integers(-5 if rule.get("kind") == "reduction" else 0, denominator))
    row = judged(numerator, denominator, **rule)
    missing = row["still_needed"]
    assert (row["status"] == "met") == (missing == 0) == reached(numerator, denominator, rule)
    step = -1 if rule["direction"] == "at_most" else 1
    assert reached(numerator + step * missing, denominator, rule)
    if missing:
        assert not reached(numerator + step * (missing - 1), denominator, rule)


# --- path, pace, forecast ----------------------------------------------------------------


def test_the_path_is_the_straight_line_from_the_start_to_the_target():
    row = judged(50, 100, as_of=MIDDLE, start=(40, 100), target="80")
    assert row["path_value"] == 40 + (80 - 40) * 183 / 366


def test_the_forecast_goes_on_at_the_pace_since_the_start():
    row = judged(50, 100, as_of=MIDDLE, start=(40, 100), target="80")
    assert row["forecast"] == 40 + (50 - 40) / (183 / 366)


@pytest.mark.parametrize(("now", "status"), [(59, "behind"), (60, "on_track"), (79, "on_track")])
def test_on_track_is_at_or_ahead_of_the_line(now, status):
    assert judged(now, 100, as_of=MIDDLE, start=(40, 100), target="80")["status"] == status


@pytest.mark.parametrize(("now", "status"), [(16, "behind"), (15, "on_track"), (10, "met")])
def test_for_a_falling_target_lower_is_ahead(now, status):
    rule = {"target": "10", "direction": "at_most"}
    assert judged(now, 100, as_of=MIDDLE, start=(20, 100), **rule)["status"] == status


def test_a_share_is_forecast_between_nothing_and_all():
    assert judged(90, 100, as_of=MIDDLE, start=(40, 100), target="95")["forecast"] == 100
    falling = {"target": "10", "direction": "at_most"}
    assert judged(20, 100, as_of=MIDDLE, start=(90, 100), **falling)["forecast"] == 0


def test_counts_and_reductions_start_from_zero():
    radios = judged(45, kind="count", target="91", as_of=MIDDLE)
    assert (radios["path_value"], radios["forecast"]) == (91 / 2, 90)
    fall = judged(8, 100, kind="reduction", direction="band", target="15–20", as_of=MIDDLE)
    assert (fall["path_value"], fall["status"], fall["forecast"]) == (7.5, "on_track", 16)


def test_a_rise_is_forecast_as_a_rise():
    fall = judged(-8, 100, kind="reduction", direction="band", target="15–20", as_of=MIDDLE)
    assert fall["forecast"] == -16


def test_at_the_end_the_path_is_the_target_and_the_forecast_the_value():
    row = judged(50, 100, start=(40, 100), target="80")
    assert (row["path_value"], row["forecast"], row["status"]) == (80, 50, "missed")


def test_without_a_value_at_the_start_the_pace_is_not_judged_but_the_target_is():
    row = judged(50, 100, as_of=MIDDLE, target="80")
    assert (row["status"], row["reason"], row["still_needed"]) == ("not_met", "no_baseline", 30)
    assert pd.isna(row[["path_value", "forecast"]]).all()


def test_without_a_value_at_the_start_a_met_target_is_met():
    assert judged(80, 100, as_of=MIDDLE, target="80")["status"] == "met"


def test_at_the_end_a_missed_target_needs_no_value_at_the_start():
    row = judged(50, 100, target="80")
    assert (row["status"], row["reason"]) == ("missed", "")


def test_a_baseline_of_another_group_is_not_taken():
    rows = [small.observation(40, 100, as_of=small.START), small.observation(50, 100, as_of=MIDDLE)]
    observed = pd.concat(rows, ignore_index=True).assign(ethnicity=["Kinh", "Thái"])
    assert assess(observed, small.plan_of()).iloc[1]["reason"] == "no_baseline"


def test_what_accumulates_within_the_year_is_paced_from_zero_not_from_last_year_s_end():
    """60 of 100 by mid-year is ahead of half of 100, though 95 of 100 had it a year ago."""
    rule = {"target": "100", "as_of": MIDDLE, "start": (95, 100)}
    row = judged(60, 100, counted_when="within_year", **rule)
    assert (row["status"], row["path_value"], row["forecast"]) == ("on_track", 50, 100)
    assert judged(49, 100, counted_when="within_year", **rule)["status"] == "behind"
    assert judged(60, 100, **rule)["status"] == "behind"  # what stands all the time fell


def test_what_accumulates_within_the_year_starts_again_in_each_year_of_a_longer_plan():
    plan = {"plan_start": "2018-12-31", "end": "2020-12-31"}
    rule = {"counted_when": "within_year", "target": "100", "judged_from": "2019-01-01"}
    assert judged(60, 100, as_of=MIDDLE, **rule, **plan)["path_value"] == 50
    assert judged(60, 100, as_of="2019-12-31", **rule, **plan)["status"] == "missed"


@pytest.mark.parametrize("counts", [(5, 1000), (9, 1000)])
def test_what_is_counted_once_a_year_is_not_due_before_the_review_whatever_the_figure(counts):
    rule = {"counted_when": "review", "target": "0.77", "direction": "at_most"}
    row = judged(*counts, as_of=MIDDLE, start=(12, 1000), **rule)
    assert (row["status"], row["reason"]) == ("not_due", "review")
    assert pd.isna(row[["still_needed", "path_value", "forecast"]]).all()


def test_a_plan_names_the_day_from_which_its_review_is_judged():
    rule = {"counted_when": "review", "target": "0.77", "direction": "at_most"}
    rule |= {"as_of": "2020-12-15", "start": (12, 1000)}
    assert judged(9, 1000, **rule)["status"] == "not_due"
    row = judged(9, 1000, review_due="2020-12-15", **rule)
    assert (row["status"], row["reason"]) == ("not_met", "")
    assert pd.isna(row["path_value"])
    assert judged(7, 1000, review_due="2020-12-15", **rule)["status"] == "met"


def test_a_yes_or_no_is_met_as_soon_as_it_is_so_and_else_not_due_until_the_end():
    rule = {"target": "100", "applies_to": "unit", "level": "unit"}
    assert judged(1, 1, as_of=MIDDLE, start=(0, 1), **rule)["status"] == "met"
    row = judged(0, 1, as_of=MIDDLE, start=(0, 1), **rule)
    assert (row["status"], row["reason"], row["still_needed"]) == ("not_due", "until_end", 1)
    assert pd.isna(row[["path_value", "forecast"]]).all()
    assert judged(0, 1, **rule)["status"] == "missed"


def test_nothing_is_judged_before_the_day_the_plan_was_issued():
    for counts in ((90, 100), (50, 100)):
        row = judged(*counts, target="80", as_of="2020-05-17", start=(40, 100))
        assert (row["status"], row["reason"]) == ("not_due", "before_plan")
        assert pd.isna(row[["still_needed", "path_value", "forecast"]]).all()
    assert judged(90, 100, target="80", as_of="2020-05-18", start=(40, 100))["status"] == "met"


def test_a_plan_may_name_another_day_from_which_it_judges():
    row = judged(90, 100, target="80", as_of="2020-03-31", judged_from="2020-01-01")
    assert row["status"] == "met"


@pytest.mark.parametrize("counts", [(90, 100), (50, 100)])
def test_nothing_is_judged_after_the_plan_has_ended(counts):
    row = judged(*counts, target="80", as_of="2021-01-01", start=(40, 100))
    assert (row["status"], row["reason"]) == ("not_due", "after_plan")
    assert pd.isna(row["still_needed"])


def test_on_the_plans_first_day_there_is_no_pace():
    first = {"as_of": small.START, "judged_from": small.START, "target": "80"}
    row = judged(50, 100, **first)
    assert (row["status"], row["reason"]) == ("not_met", "first_day")
    assert pd.isna(row[["path_value", "forecast"]]).all()
    assert judged(80, 100, **first)["status"] == "met"


@pytest.mark.parametrize("as_of", [small.START, "2021-06-30"])
def test_a_fall_of_another_year_is_not_judged_by_this_years_target(as_of):
    rule = {"kind": "reduction", "direction": "band", "target": "15–20"}
    row = judged(20, 100, as_of=as_of, judged_from=small.START, **rule)
    assert row["status"] == "not_due"
    assert pd.isna(row["still_needed"])


# --- blanks ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "status", "still_needed"),
    [
        ("40", "met", 0),  # 43.5 to 87.0 %: whatever the twenty say
        ("80", "undecided", None),
        ("87.0", "undecided", None),  # the upper end prints as 87.0
        ("87.1", "missed", 1),  # 40 of 46 is not enough, 41 is
        ("100", "missed", 6),  # at least the six that answered no
    ],
)
def test_a_target_between_what_blanks_leave_open_is_undecided(target, status, still_needed):
    row = judged(20, 46, open_to=40, target=target)
    assert row["status"] == status
    assert (None if pd.isna(row["still_needed"]) else row["still_needed"]) == still_needed


def test_for_a_falling_target_the_blanks_count_against_it_at_the_upper_end():
    rule = {"direction": "at_most", "open_to": 12}
    assert judged(8, 100, target="12", **rule)["status"] == "met"
    assert judged(8, 100, target="11", **rule)["status"] == "undecided"
    row = judged(8, 100, target="7", **rule)
    assert (row["status"], row["still_needed"]) == ("missed", 1)


@pytest.mark.parametrize(
    ("counts", "open_to", "rule", "status", "still_needed"),
    [
        ((20, 46), 41, {"target": "100"}, "missed", 5),
        ((0, 50), 2, {"target": "0", "direction": "at_most"}, "undecided", None),
        ((1, 50), 2, {"target": "0", "direction": "at_most"}, "missed", 1),  # 0 % means none
        ((75, 1000), 90, {"target": "7", "direction": "at_most"}, "missed", 1),  # 7.5 prints as 8
        ((60, 1000), 74, {"target": "7", "direction": "at_most"}, "met", 0),  # 7.4 prints as 7
        ((60, 1000), 75, {"target": "7", "direction": "at_most"}, "undecided", None),
        ((90, 100), 95, {"target": "95", "direction": "above"}, "missed", 1),  # 95 is not above 95
        ((90, 100), 96, {"target": "95", "direction": "above"}, "undecided", None),
    ],
)
def test_each_end_of_what_blanks_leave_open_is_judged_as_a_value_is(
    counts, open_to, rule, status, still_needed
):
    row = judged(*counts, open_to=open_to, **rule)
    assert row["status"] == status
    assert (None if pd.isna(row["still_needed"]) else row["still_needed"]) == still_needed


def test_a_count_that_blanks_leave_open_is_missing_so_many_at_least():
    ends = {"lowest": 84.0, "highest": 89.0, "value": None, "unknown": 5}
    given = small.observation(84, None, kind="count").assign(**ends)
    row = assess(given, small.plan_of(kind="count", target="91")).iloc[0]
    assert (row["status"], row["still_needed"]) == ("missed", 2)
    row = assess(given, small.plan_of(kind="count", target="89")).iloc[0]
    assert row["status"] == "undecided"


def test_where_blanks_leave_open_of_how_many_the_number_still_needed_is_not_known():
    """2 of 4 for sure; a fifth may be counted, and is reached if it is: 2 of 5 to 3 of 5."""
    ends = {"lowest": 40.0, "highest": 60.0, "value": None, "unknown": 1}
    row = assess(small.observation(2, 4).assign(**ends), small.plan_of(target="100")).iloc[0]
    assert row["status"] == "missed" and pd.isna(row["still_needed"])


def test_with_blanks_the_better_end_on_the_line_is_not_called_behind():
    rule = {"as_of": MIDDLE, "start": (40, 100), "target": "80"}  # 60 on the line
    row = judged(50, 100, open_to=60, **rule)
    assert (row["status"], row["reason"]) == ("not_met", "unknown")


def test_the_pace_is_judged_only_where_every_answer_to_the_blanks_agrees():
    rule = {"as_of": MIDDLE, "start": (40, 100), "target": "80"}  # 60 on the line
    assert judged(62, 100, open_to=70, **rule)["status"] == "on_track"
    assert judged(45, 100, open_to=55, **rule)["status"] == "behind"
    row = judged(50, 100, open_to=70, **rule)
    assert (row["status"], row["reason"]) == ("not_met", "unknown")


@given(st.integers(1, 300), st.data(), rules.filter(lambda rule: "kind" not in rule))
def test_what_is_sure_among_bounds_is_what_every_possible_count_says(total, data, rule):
    least = data.draw(st.integers(0, total))
    most = data.draw(st.integers(least, total))
    each = {reached(number, total, rule) for number in range(least, most + 1)}
    row = judged(least, total, open_to=most if most > least else None, **rule)
    expected = {(True,): "met", (False,): "missed"}.get(tuple(each), "undecided")
    assert row["status"] == expected


# --- what is not judged ------------------------------------------------------------------


def test_a_city_wide_target_is_no_pass_mark_for_one_ward():
    row = judged(50, 100, level="unit", target="80")
    assert (row["status"], row["reason"]) == ("not_applicable", "area_target")
    assert pd.isna(row["still_needed"])


def test_a_target_of_every_unit_judges_the_ward():
    assert judged(50, 100, level="unit", target="80", applies_to="unit")["status"] == "missed"


@pytest.mark.parametrize(
    ("state", "status", "note"),
    [
        ("not_reported", "no_data", ""),
        ("incomplete", "no_data", "incomplete"),
        ("hidden", "no_data", ""),
        ("not_applicable", "not_applicable", ""),
    ],
)
def test_what_is_not_known_is_not_judged(state, status, note):
    observed = small.observation(0, 0, state=state)
    row = assess(observed, small.plan_of()).iloc[0]
    assert (row["status"], row["reason"]) == (status, note)
    assert pd.isna(row[["still_needed", "path_value", "forecast"]]).all()


def test_assessing_changes_no_argument_and_keeps_every_row(observed, plan):
    before = observed.copy()
    progress = assess(observed, plan)
    pd.testing.assert_frame_equal(observed, before)
    pd.testing.assert_frame_equal(progress[list(observed)], observed)


def test_observations_of_another_plan_are_refused(plan):
    with pytest.raises(UsageError, match="indicator 'x' is not in the plan kh159_2020"):
        assess(small.observation(1, 2), plan)


def test_a_breakdown_without_rows_is_assessed_to_nothing(observed, plan):
    assert assess(observed[:0], plan).empty


@pytest.mark.parametrize("direction", ["at_most", "at_least", "above"])
@pytest.mark.parametrize("level", ["area", "unit"])
@pytest.mark.parametrize("counts", [(0, 100), (50, 100), (100, 100)])
def test_without_a_target_nothing_is_judged_whatever_the_figure(counts, direction, level):
    row = judged(*counts, target="", direction=direction, level=level, start=(40, 100))
    assert (row["status"], row["reason"]) == ("not_due", "no_target")
    assert pd.isna([row["target"], row["still_needed"], row["path_value"]]).all()
