"""H, A and M0 as published and as worked by hand, exactly at the cut-off, whatever the order."""

from fractions import Fraction as F
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sonla_analysis as sonla
from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.indicators.deprivation_matrix import service_weights
from sonla_analysis.indicators.exact_weights import weight_points
from sonla_analysis.language.refusals import UsageError

# Alkire and Foster, Journal of Public Economics 95 (2011): achievements and cut-offs
ACHIEVED = pd.DataFrame([(13.1, 14, 4, 1), (15.2, 7, 5, 0), (12.5, 10, 1, 0), (20, 11, 3, 1)])
FOUR = pd.Series([13, 12, 3, 1]) > ACHIEVED
GLOBAL = ["1/6"] * 4 + ["1/18"] * 6  # weights of the global MPI


def whole(deprived, cutoff, *given, **more) -> pd.Series:
    return sonla.alkire_foster(deprived, cutoff, *given, **more).iloc[-1]


def exactly(row: pd.Series) -> tuple:
    """Return H, A and M0 as fractions of the counts, after a look that the floats are these."""
    found = (
        F(row["poor_population"], row["population"]),
        F(row["points"], row["poor_population"] * row["full_points"]),
        F(row["points"], row["population"] * row["full_points"]),
    )
    assert tuple(row[["H", "A", "M0"]]) == tuple(map(float, found))
    return found


def of_indicators(deprived, cutoff, *given, **more) -> pd.DataFrame:
    found = sonla.alkire_foster_indicators(deprived, cutoff, *given, **more)
    return found[found["level"] == "whole"]


def column(frame: pd.DataFrame, name: str, *expected) -> bool:
    return frame[name].tolist() == pytest.approx([float(F(one)) for one in expected], abs=1e-15)


# --- published and worked numbers (docs/methods.md) ---------------------------------------


@pytest.mark.parametrize(
    ("cutoff", "expected", "censored", "percent"),
    [
        ("1/4", ("3/4", "7/12", "7/16"), ("1/4", "3/4", "1/4", "1/2"), (1, 3, 1, 2)),
        ("1/2", ("1/2", "3/4", "3/8"), ("1/4", "1/2", "1/4", "1/2"), (1, 2, 1, 2)),
        ("3/4", ("1/4", 1, "1/4"), ("1/4",) * 4, (1, 1, 1, 1)),
        (1, ("1/4", 1, "1/4"), ("1/4",) * 4, (1, 1, 1, 1)),
    ],
)
def test_the_example_of_alkire_and_foster(cutoff, expected, censored, percent):
    assert exactly(whole(FOUR, cutoff)) == tuple(map(F, expected))
    found = of_indicators(FOUR, cutoff)
    assert column(found, "uncensored", "1/4", "3/4", "1/4", "1/2")
    assert column(found, "censored", *censored)
    assert column(found, "contribution", *(F(one) / 4 for one in censored))
    assert column(found, "contribution_percent", *(F(100 * one, sum(percent)) for one in percent))


def test_the_same_persons_with_unequal_weights():
    weights = ["1/2", "1/4", "1/8", "1/8"]
    assert exactly(whole(FOUR, "1/2", weights)) == (F(1, 4), 1, F(1, 4))  # the second has 3/8
    found = of_indicators(FOUR, "1/2", weights)
    assert column(found, "contribution_percent", 50, 25, "25/2", "25/2")
    assert column(found, "weight", *weights)


def test_the_same_persons_with_sampling_weights():
    sampled = FOUR.assign(times=[10, 20, 30, 40])
    assert exactly(whole(sampled, "1/2", sample_weight="times")) == (F(1, 2), F(4, 5), F(2, 5))
    found = of_indicators(sampled, "1/2", sample_weight="times")
    assert column(found, "contribution_percent", "75/4", "125/4", "75/4", "125/4")
    row = whole(sampled, "1/2", sample_weight="times")
    assert row[["n", "poor", "population", "poor_population"]].tolist() == [4, 2, 100, 50]


def test_the_same_persons_in_groups():
    found = sonla.alkire_foster(FOUR, "1/2", by=["a", "a", "b", "b"])
    assert found["level"].tolist() == ["group", "group", "whole"]
    assert [exactly(row) for _, row in found.iterrows()] == [
        (F(1, 2), F(1, 2), F(1, 4)),
        (F(1, 2), 1, F(1, 2)),
        (F(1, 2), F(3, 4), F(3, 8)),
    ]
    assert column(found, "population_share", "1/2", "1/2", 1)
    assert column(found, "poverty_share", "1/3", "2/3", 1)


def test_a_group_without_poor_has_no_intensity_and_no_percentages():
    found = sonla.alkire_foster(FOUR, "1/2", by=["a", "b", "b", "a"]).set_index("group")
    assert found.loc["a", ["H", "M0"]].tolist() == [0, 0]
    assert np.isnan(found.loc["a", "A"])
    assert exactly(found.loc["b"]) == (1, F(3, 4), F(3, 4))
    shares = sonla.alkire_foster_indicators(FOUR, "1/2", by=["a", "b", "b", "a"])
    of_a = shares[shares["group"] == "a"]
    assert of_a["contribution_percent"].isna().all() and of_a["contribution"].eq(0).all()


PATTERNS = pd.DataFrame(list(product([False, True], repeat=10)))


@pytest.mark.parametrize(("cutoff", "poor"), [("1/5", 978), ("1/3", 873), ("1/2", 576)])
@pytest.mark.parametrize("order", ["forward", "backward"])
def test_of_all_1024_patterns_those_just_at_the_cutoff_are_poor(cutoff, poor, order):
    patterns = PATTERNS if order == "forward" else PATTERNS[PATTERNS.columns[::-1]]
    weights = GLOBAL if order == "forward" else GLOBAL[::-1]
    assert whole(patterns, cutoff, weights)["poor"] == poor


@pytest.mark.parametrize(
    ("cutoff", "expected"),
    [("1/3", ("5/6", "19/45", "19/54")), ("1/2", ("1/3", "1/2", "1/6"))],
)
def test_six_rows_at_and_below_the_cutoff(cutoff, expected):
    texts = "1100111000 1000111000 0000111111 1100110000 0000000000 1110000000"
    rows = pd.DataFrame([list(map(int, text)) for text in texts.split()])
    assert exactly(whole(rows, cutoff, GLOBAL)) == tuple(map(F, expected))


@pytest.mark.parametrize("indicators", [10, 12])
def test_every_number_of_equal_deprivations_is_poor_at_its_own_share(indicators):
    rows = pd.DataFrame(np.tri(indicators, dtype=bool))  # row i has i + 1 deprivations
    for count in range(1, indicators + 1):
        poor = whole(rows, f"{count}/{indicators}")["poor"]
        assert poor == indicators - count + 1, count


def test_a_cutoff_keeps_what_was_written():
    rows = pd.DataFrame([[1] * 33 + [0] * 67])
    assert whole(rows, "0.33")["poor"] == 1
    assert whole(rows, "1/3")["poor"] == 0


def test_a_printed_m0_is_not_the_product_of_printed_h_and_a():
    # as of Nepal 2006: printed 64.7 %, 54.0 % and 0.350, and 0.647 x 0.540 is 0.349
    rows = pd.DataFrame([[1, 1, 1, 0, 0, 0], [1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0]])
    found = whole(rows, "1/3", sample_weight=[4905, 1569, 3526])
    printed = f"{found['H']:.1%}", f"{found['A']:.1%}", f"{found['M0']:.3f}"
    assert printed == ("64.7%", "54.0%", "0.350")


# --- weights -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "points"),
    [
        (None, [1, 1, 1, 1]),
        ([10, 10, 10, 10], [1, 1, 1, 1]),
        ([3, 1, 1, 1], [3, 1, 1, 1]),
        (["1/2", F(1, 4), "0.125", "1/8"], [4, 2, 1, 1]),
        ({"d": 1, "c": 1, "b": 1, "a": 3}, [3, 1, 1, 1]),
        ({"x": {"a": 1}, "y": {"b": 1, "c": 1, "d": 1}}, [3, 1, 1, 1]),
        ({"x": {"a": "1/4", "b": "3/4"}, "y": {"c": 1, "d": 1}}, [1, 3, 2, 2]),
        ({"x": {"a": "1/2"}, "y": {"b": "1/6", "c": "1/6", "d": "1/6"}}, [3, 1, 1, 1]),
        ({"x": {"a": "7/10"}, "y": {"b": "1/10", "c": "1/10", "d": "1/10"}}, [7, 1, 1, 1]),
        ({"x": ("1/4", {"a": 1}), "y": ("3/4", {"b": 1, "c": 1, "d": 1})}, [1, 1, 1, 1]),
        ({"a": 1, "rest": {"b": 1, "deep": {"c": 1, "d": 1}}}, [4, 2, 1, 1]),
        (pd.Series({"b": 1, "a": 3, "c": 1, "d": 1}), [3, 1, 1, 1]),
        (np.array([3, 1, 1, 1]), [3, 1, 1, 1]),
    ],
)
def test_weights_in_any_form_are_points_over_one_denominator(weights, points):
    assert weight_points(weights, ["a", "b", "c", "d"]) == (points, sum(points))


REFUSED = [
    ({"cutoff": 0.5}, "cutoff must be a whole number"),
    ({"cutoff": True}, "cutoff must be a whole number"),
    ({"cutoff": "a third"}, "found 'a third'"),
    ({"cutoff": "1/0"}, "found '1/0'"),
    ({"cutoff": "1e999999999"}, "found '1e999999999'"),
    ({"cutoff": 3}, 'for 3 of 12 write "3/12"'),
    ({"cutoff": "3/2"}, "above 0 and at most 1; found 3/2"),
    ({"cutoff": 0}, "above 0 and at most 1; found 0"),
    ({"weights": [0.5, 0.5]}, "the weight of 'a' must be a whole number"),
    ({"weights": np.array([0.5, 0.5])}, "a float is not exactly what it shows"),
    ({"weights": ["1/2", "1/3"]}, "sum to exactly 1; found a sum of 5/6"),
    ({"weights": [1, 0]}, "the weight of 'b' must be above 0; found 0"),
    ({"weights": [1, -1]}, "must be above 0; found -1"),
    ({"weights": [1, 1, 1]}, "one weight a column, 2 of them; found 3"),
    ({"weights": "1/2"}, "one weight a column, 2 of them; found '1/2'"),
    ({"weights": 1}, "one weight a column, 2 of them; found 1"),
    ({"weights": {"a": 1}}, "indicators: a, b; found: a"),
    ({"weights": {"a": 1, "b": 1, "c": 1}}, "indicators: a, b; found: a, b, c"),
    ({"weights": {"x": {"a": 1, "b": 1}, "y": {"a": 1}}}, "found: a, b, a"),
    ({"weights": {"x": {"a": 1, "b": 1}, "y": {}}}, "found a sum of 0"),
    ({"weights": {"a": (1, 2), "b": 1}}, "found (1, 2)"),
    ({"missing": "skip"}, "missing must be one of refuse, drop"),
    ({"by": "unit"}, "by must name columns of deprived, or hold one value a row under the same"),
    ({"by": "unit"}, "found 'unit'"),
    ({"by": "x" * 99}, "found 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"),
    ({"by": ["x", "y"]}, "by must name columns of deprived"),
    ({"by": pd.Series([1, 1, 1], index=[5, 6, 7])}, "found Series (3)"),
    ({"by": pd.Series([1, 1, 1], name="H")}, "cannot be called 'H'"),
    ({"by": ["a", "b"]}, "at least one column of an indicator"),
    ({"sample_weight": ["a", "b"]}, "sample_weight must name columns of deprived"),
    ({"sample_weight": [1, 0, 1]}, "above 0 in every row; 1 rows are not, the first is 0"),
    ({"sample_weight": [1, None, 1]}, "1 rows are not, the first is nan"),
    ({"sample_weight": [1, -2, float("inf")]}, "2 rows are not, the first is -2.0"),
    ({"sample_weight": ["x", "y", "z"]}, "3 rows are not, the first is 'x'"),
]
ROWS = pd.DataFrame({"a": [1, 0, 1], "b": [True, False, False]})


@pytest.mark.parametrize(("given", "said"), REFUSED)
def test_what_cannot_be_counted_exactly_is_refused_in_one_sentence(given, said):
    with pytest.raises(UsageError) as refused:
        sonla.alkire_foster(ROWS, **({"cutoff": "1/2"} | given))
    assert said in str(refused.value)
    assert refused.value.text("vi") != str(refused.value)


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pd.DataFrame({"a": [1, 2, -1]}), "column 'a' has 2 other cells, the first is 2"),
        (pd.DataFrame({"a": [1, 0.5]}), "the first is 0.5"),
        (pd.DataFrame({"a": ["1", "0"]}), "the first is '1'"),
        (pd.DataFrame({"a": [True, "x", None]}, dtype=object), "1 other cells, the first is 'x'"),
        (pd.DataFrame([[1, 0]], columns=["a", "a"]), "'a' stands twice"),
        (pd.DataFrame(index=[0, 1]), "at least one column"),
        ([[1, 0]], "must be a DataFrame with one row a household or person; found list"),
    ],
)
def test_only_true_false_0_and_1_are_deprivations(frame, said):
    with pytest.raises(UsageError) as refused:
        sonla.alkire_foster(frame, "1/2")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "kind", ["bool", "boolean", "int8", "Int64", "float64", "Float32", object, "bool[pyarrow]"]
)
def test_deprivations_may_be_of_any_kind_of_column(kind):
    assert exactly(whole(FOUR.astype(kind), "1/2")) == (F(1, 2), F(3, 4), F(3, 8))


# --- blanks ------------------------------------------------------------------------------

OPEN = pd.DataFrame({"a": [1, 1, 0, None], "b": [1, None, 0, None], "times": [1, 2, 3, 4]})


def test_blanks_are_refused_with_their_rows_and_columns():
    with pytest.raises(UsageError, match="2 of 4 rows have blank cells, in the columns a, b;"):
        sonla.alkire_foster(OPEN, 1, sample_weight="times")


@pytest.mark.parametrize(
    ("missing", "n", "poor", "population"),
    [("drop", 2, 1, 4), ("not_deprived", 4, 1, 10), ("deprived", 4, 3, 10)],
)
def test_a_named_treatment_of_blanks_tells_how_much_was_open(missing, n, poor, population):
    row = whole(OPEN, 1, sample_weight="times", missing=missing)
    assert row[["n", "poor", "population"]].tolist() == [n, poor, population]
    assert row[["incomplete", "incomplete_share"]].tolist() == [2, 1 / 2]
    assert row["incomplete_population_share"] == 6 / 10


def test_a_group_whose_rows_are_all_left_out_is_empty_and_not_free_of_poverty():
    found = sonla.alkire_foster(OPEN, 1, by="times", missing="drop").set_index("times")
    empty = found.loc[4]
    assert empty[["n", "poor", "incomplete"]].tolist() == [0, 0, 1]
    assert empty[["H", "A", "M0", "population_share", "poverty_share"]].isna().all()
    assert found.index.dropna().tolist() == [1, 2, 3, 4]


def test_without_rows_everything_is_missing():
    row = whole(FOUR.iloc[:0], "1/2")
    assert row["n"] == 0 and row[["H", "A", "M0"]].isna().all()


def test_groups_of_several_columns_keep_a_blank_as_a_group_of_its_own():
    rows = pd.DataFrame({"a": [1, 1, 0], "year": [2020, 2020, 2019], "unit": ["x", None, "x"]})
    found = sonla.alkire_foster(rows, 1, by=["year", "unit"])
    assert found[["year", "level", "n"]].astype(object).values.tolist()[:3] == [
        [2019, "group", 1], [2020, "group", 1], [2020, "group", 1]
    ]  # fmt: skip
    assert found["unit"].isna().tolist() == [False, False, True, True]
    assert found["n"].tolist()[-1] == 3


# --- what holds for all ------------------------------------------------------------------


@st.composite
def asked(draw):
    """Return rows with deprivations a, b, c …, a group and a weight; indicator weights; a cut."""
    indicators = draw(st.integers(1, 9))
    names = list("abcdefghi"[:indicators])
    flags = st.lists(st.booleans(), min_size=indicators, max_size=indicators)
    rows = draw(st.lists(st.tuples(flags, st.sampled_from("xyz"), st.integers(1, 9)), min_size=1))
    frame = pd.DataFrame([one[0] for one in rows], columns=names)
    frame["group"], frame["times"] = [one[1] for one in rows], [one[2] for one in rows]
    weights = draw(st.lists(st.integers(1, 6), min_size=indicators, max_size=indicators))
    cutoff = F(draw(st.integers(1, sum(weights))), sum(weights))
    return frame, cutoff, weights


def by_hand(frame, cutoff, weights):
    """Return H, A and M0 and the censored headcounts, row by row in fractions."""
    names = list(frame.columns[:-2])
    shares = [F(one, sum(weights)) for one in weights]
    people = sum(frame["times"])
    poor = points = 0
    censored = [0] * len(names)
    for row in frame.itertuples(index=False):
        flags = [bool(one) for one in row[:-2]]
        score = sum(share for share, flag in zip(shares, flags, strict=True) if flag)
        if score >= cutoff:
            poor += row.times
            points += row.times * score
            censored = [one + row.times * flag for one, flag in zip(censored, flags, strict=True)]
    return (F(poor, people), F(points, poor) if poor else None, F(points, people)), censored


def result(frame, cutoff, weights):
    return sonla.alkire_foster(frame, cutoff, weights, by="group", sample_weight="times")


@settings(max_examples=20, deadline=None)
@given(asked())
def test_it_is_what_fractions_give_row_by_row(given):
    (h, a, m), censored = by_hand(*given)
    row = result(*given).iloc[-1]
    assert F(row["poor_population"], row["population"]) == h
    assert F(row["points"], row["population"] * row["full_points"]) == m == (h * a if a else 0)
    assert (a is None) == np.isnan(row["A"])
    found = sonla.alkire_foster_indicators(
        given[0].drop(columns="group"), *given[1:], sample_weight="times"
    )
    assert found["deprived_poor"].tolist() == censored
    assert found["contribution"].sum() == pytest.approx(float(m), abs=1e-12)
    if a is not None:
        assert found["contribution_percent"].sum() == pytest.approx(100)


@settings(max_examples=20, deadline=None)
@given(asked())
def test_groups_add_up_to_the_whole(given):
    found = result(*given)
    groups, total = found[:-1], found.iloc[-1]
    for name in ("n", "poor", "population", "poor_population", "points"):
        assert groups[name].sum() == total[name]
    for name in ("H", "M0"):
        assert (groups["population_share"] * groups[name]).sum() == pytest.approx(total[name])
    assert total["M0"] == 0 or groups["poverty_share"].sum() == pytest.approx(1)


@settings(max_examples=20, deadline=None)
@given(asked(), st.randoms())
def test_order_and_duplication_of_rows_and_order_of_columns_change_nothing(given, chance):
    frame, cutoff, weights = given
    named = dict(zip(frame.columns, weights, strict=False))
    rows, names = list(frame.index) * 2, list(frame.columns)
    chance.shuffle(rows)
    chance.shuffle(names)
    again = result(frame.loc[rows, names].reset_index(drop=True), cutoff, named)
    pd.testing.assert_frame_equal(
        again[["group", "H", "A", "M0"]], result(*given)[["group", "H", "A", "M0"]]
    )


@settings(max_examples=20, deadline=None)
@given(asked())
def test_one_more_who_is_not_poor_lowers_the_headcount(given):
    frame, cutoff, weights = given
    before = result(*given).iloc[-1]
    more = pd.concat([frame, frame[:1].assign(**dict.fromkeys(frame.columns[:-2], False))])
    after = result(more.reset_index(drop=True), cutoff, weights).iloc[-1]
    assert after["H"] < before["H"] if before["H"] else after["H"] == 0


@settings(max_examples=20, deadline=None)
@given(asked())
def test_a_higher_cutoff_never_raises_h_or_m0_nor_lowers_a(given):
    frame, _, weights = given
    total = sum(weights)
    cuts = range(1, total + 1, 1 + total // 8)
    rows = [result(frame, F(one, total), weights).iloc[-1] for one in cuts]
    for lower, higher in pairwise(rows):
        assert higher["H"] <= lower["H"] and higher["M0"] <= lower["M0"]
        assert np.isnan(higher["A"]) or higher["A"] >= lower["A"]


@settings(max_examples=20, deadline=None)
@given(asked())
def test_what_those_who_are_not_poor_lack_is_not_counted(given):
    frame, cutoff, weights = given
    names = frame.columns[:-2]
    score = (frame[names] * weights).sum(axis=1)
    poor = score >= cutoff * sum(weights)
    cleared = frame.assign(**{name: frame[name] & poor for name in names})
    for ask in (sonla.alkire_foster, sonla.alkire_foster_indicators):
        one, two = (ask(rows, cutoff, weights, "group", "times") for rows in (frame, cleared))
        kept = [name for name in one if name not in ("uncensored", "deprived")]
        pd.testing.assert_frame_equal(one[kept], two[kept])


@settings(max_examples=20, deadline=None)
@given(asked())
def test_the_callers_frame_is_left_as_it_is(given):
    frame, cutoff, weights = given
    before = frame.copy(deep=True)
    result(*given)
    sonla.alkire_foster_indicators(frame, cutoff, weights, "group", "times")
    pd.testing.assert_frame_equal(frame, before)
    assert frame.attrs == {}


@settings(max_examples=20, deadline=None)
@given(asked(), st.integers(1, 20))
def test_counts_beyond_64_bits_and_weights_of_any_size_stay_exact(given, power):
    frame, cutoff, weights = given
    tiny = F(1, 10**power * 7919)
    shares = [F(one, sum(weights)) for one in weights]
    if len(shares) > 1:
        shares[0], shares[1] = shares[0] - tiny * shares[0], shares[1] + tiny * shares[0]
    many = frame.assign(times=frame["times"] * 10**9)
    row = result(many, cutoff, shares).iloc[-1]
    (h, _, m), _ = by_hand_shares(frame, cutoff, shares)
    assert F(row["poor_population"], row["population"]) == h
    assert F(int(row["points"]), int(row["population"]) * int(row["full_points"])) == m


def by_hand_shares(frame, cutoff, shares):
    """Return what `by_hand` gives for weights that are fractions of 1."""
    common = F(1, np.lcm.reduce([one.denominator for one in shares], dtype=object))
    return by_hand(frame, cutoff, [int(one / common) for one in shares])


def test_sampling_weights_that_are_not_whole_are_summed_as_floats():
    row = whole(FOUR, "1/2", sample_weight=[0.1, 0.2, 0.3, 0.4])
    assert row["H"] == pytest.approx(0.5) and row["M0"] == pytest.approx(0.4)
    assert row[["n", "poor"]].tolist() == [4, 2]


def test_many_indicators_and_many_groups_are_counted_in_parts():
    chance = np.random.default_rng(5)
    frame = pd.DataFrame(chance.random((3000, 27)) < 0.3)
    group = chance.integers(0, 2900, len(frame))
    found = sonla.alkire_foster_indicators(frame, "1/3", by=group)
    poor = frame.sum(axis=1) >= 9
    expected = frame[poor].groupby(group[poor]).sum().reindex(sorted(set(group)), fill_value=0)
    groups = found[found["level"] == "group"]["deprived_poor"].to_numpy().reshape(-1, 27)
    assert (groups == expected.to_numpy()).all()
    wide = sonla.alkire_foster_indicators(
        frame.loc[frame.index.repeat(20)], "1/3", by=np.arange(60_000)
    )
    assert wide["deprived_poor"].iloc[-27:].tolist() == (frame[poor].sum() * 20).tolist()


# --- change between two dates ------------------------------------------------------------


def two_indicators(*counts: int) -> pd.DataFrame:
    """Return so many rows with none, one and both of two deprivations."""
    return pd.DataFrame(
        [[deprived > 0, deprived > 1] for deprived, n in enumerate(counts) for _ in range(n)]
    )


def test_a_change_is_split_into_how_many_and_how_much():
    # H and A from (1/2, 3/4) to (1/4, 1/2)
    before = sonla.alkire_foster(two_indicators(4, 2, 2), "1/2")
    after = sonla.alkire_foster(two_indicators(6, 2, 0), "1/2")
    row = sonla.alkire_foster_change(before, after).iloc[-1]
    parts = row[["change", "incidence", "intensity"]].tolist()
    assert parts == [-1 / 4, -5 / 32, -3 / 32]


def test_a_change_of_groups_is_split_into_within_and_shift():
    # shares (1/2, 1/2) to (3/4, 1/4), M0 (1/4, 1/2) to (1/8, 1/2)
    flags = {"a": [1, 0, 0, 0], "b": [1, 1, 0, 0]}
    before = pd.concat([pd.DataFrame({"d": one, "by": name}) for name, one in flags.items()])
    flags = {"a": [1, 1, 1] + [0] * 21, "b": [1] * 4 + [0] * 4}
    after = pd.concat([pd.DataFrame({"d": one, "by": name}) for name, one in flags.items()])
    results = [sonla.alkire_foster(rows, 1, by="by") for rows in (before, after)]
    found = sonla.alkire_foster_change(*results).set_index("by")
    assert found["M0_before"].tolist() == [1 / 4, 1 / 2, 3 / 8]
    assert found["M0_after"].tolist() == [1 / 8, 1 / 2, 7 / 32]
    assert found["within"].tolist() == [-5 / 64, 0, -5 / 64]
    assert found["shift"].tolist() == [3 / 64, -1 / 8, 3 / 64 - 1 / 8]
    assert found["change"].iloc[-1] == -5 / 32


@settings(max_examples=20, deadline=None)
@given(asked(), st.data())
def test_the_parts_of_a_change_add_up(given, data):
    frame, cutoff, weights = given
    rows = data.draw(st.lists(st.sampled_from(list(frame.index)), min_size=1, max_size=30))
    after = frame.loc[rows].reset_index(drop=True)
    found = sonla.alkire_foster_change(result(*given), result(after, cutoff, weights))
    sums = found["incidence"] + found["intensity"]
    known = sums.notna()
    assert sums[known].tolist() == pytest.approx(found["change"][known].tolist(), abs=1e-15)
    total = found.iloc[-1]
    if set(after["group"]) == set(frame["group"]):
        assert total["within"] + total["shift"] == pytest.approx(total["change"], abs=1e-15)
    else:
        assert np.isnan(total["within"]) and np.isnan(total["shift"])


def test_where_nobody_is_poor_at_one_date_only_the_change_is_told():
    before, after = (sonla.alkire_foster(pd.DataFrame({"a": one}), 1) for one in ([1, 0], [0, 0]))
    row = sonla.alkire_foster_change(before, after).iloc[-1]
    assert row["change"] == -1 / 2
    assert row[["incidence", "intensity"]].isna().all()


def test_a_group_of_one_date_only_has_no_change_and_keeps_its_row():
    rows = pd.DataFrame({"a": [1, 0], "unit": ["old", "both"]})
    before = sonla.alkire_foster(rows, 1, by="unit")
    after = sonla.alkire_foster(rows.assign(unit=["new", "both"]), 1, by="unit")
    found = sonla.alkire_foster_change(before, after)
    assert found["unit"].tolist()[:-1] == ["both", "old", "new"]
    assert found["change"].isna().tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (sonla.alkire_foster(FOUR, "3/4"), "found 2/4 and 3/4"),
        (sonla.alkire_foster(FOUR[[0, 1]], "1/2"), "found 2/4 and 1/2"),
        (sonla.alkire_foster(FOUR, "1/2", by=[1, 1, 2, 2]), r"found 2/4 and 2/4 \(group\)"),
        (FOUR, "must be a whole result of alkire_foster; missing: level, H"),
        (sonla.alkire_foster(FOUR, "1/2").iloc[:0], "missing: level = whole"),
    ],
)
def test_results_of_other_weights_cutoffs_or_groups_are_not_compared(after, said):
    with pytest.raises(UsageError, match=said):
        sonla.alkire_foster_change(sonla.alkire_foster(FOUR, "1/2"), after)


# --- standards ---------------------------------------------------------------------------


def test_the_register_of_the_sample_is_measured_under_its_standard():
    register = sonla.load_tables(sample_folder())["households"]
    poor = register[register["status"].isin(["poor_income", "poor_deprivation"])]
    poor = poor[poor["as_of"] == "2020-12-31"]
    lacking = sonla.deprivation_matrix(poor, "qd59_2015")
    found = sonla.alkire_foster(lacking, "3/10", by=poor["unit"])
    assert found["n"].iloc[-1] == len(poor) == found["n"][:-1].sum()
    scores = lacking.astype(int).sum(axis=1)
    assert found["poor"].iloc[-1] == (scores >= 3).sum()
    assert found["points"].iloc[-1] == scores[scores >= 3].sum()


def test_the_twelve_deprivations_of_decree_07_are_measured_by_service():
    columns = [one["column"] for one in sonla.load_standard("nd07_2021").deprivations]
    register = pd.DataFrame(np.tri(12, dtype=bool), columns=columns)
    lacking = sonla.deprivation_matrix(register, "nd07_2021")
    assert whole(lacking, "3/12")["poor"] == 10
    services = service_weights("nd07_2021")
    assert {len(one) for one in services.values()} == {2} and len(services) == 6
    assert whole(lacking, "1/6", services)["poor"] == 11


def test_a_register_without_the_columns_of_a_standard_is_refused_by_name():
    register = sonla.load_tables(sample_folder())["households"].drop(columns="deprived_water")
    with pytest.raises(UsageError, match="standard qd59_2015: deprived_water"):
        sonla.deprivation_matrix(register, "qd59_2015")


def test_the_official_classification_is_another_thing():
    # poor by income with no deprivation at all: poor officially, never by Alkire and Foster
    official = sonla.classify(
        pd.DataFrame({"area": ["rural"], "income_score": [115], "deprivation_score": [0]})
    )
    assert official.tolist() == ["poor_income"]
    assert whole(pd.DataFrame([[False] * 10]), "3/10")["H"] == 0


def test_the_example_in_the_methods_runs():
    text = (Path(__file__).parents[1] / "docs/methods.md").read_text(encoding="utf-8")
    code = text.partition("```python\n")[2].partition("```")[0]
    space = {}
    exec(code.replace("sonla.alkire_foster_ind", "found = sonla.alkire_foster_ind"), space)
    assert space["found"]["contribution_percent"].sum() == pytest.approx(100)
