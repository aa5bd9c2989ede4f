"""Breakdowns: what is told of a group, of a village, and over the years, worked by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import small

from sonla_analysis.definitions.input_columns import POOR
from sonla_analysis.definitions.plan import Count, load_plan
from sonla_analysis.indicators.gaps import told_gaps
from sonla_analysis.indicators.groups import (
    Result,
    divided,
    divisible,
    folded,
    group_cells,
    group_tables,
    hidden_deprivations,
    hidden_villages,
    hiding_marks,
    named_groups,
    village_cells,
)

A, B, END = small.A, small.B, small.END

# --- one column of villages --------------------------------------------------------------

TOLD, FEW, MANY, HIDDEN = "", "few", "many", "hidden"
COLUMNS = {
    "five is no small number": ([12, 0, 5], [TOLD] * 3),
    "3 + 2 + 2 = 7 may be 1 + 4 + 2: each could be any of 1 to 4": (
        [12, 3, 2, 2], [TOLD, FEW, FEW, FEW],
    ),
    "2 + 2 + 2 = 6 may still be 4 + 1 + 1": ([12, 2, 2, 2], [TOLD, FEW, FEW, FEW]),
    "2 + 2 + 1 = 5 leaves none a 4; 6 may be 5, as 5 may not be 4": (
        [12, 5, 6, 2, 2, 1], [TOLD, TOLD, MANY, FEW, FEW, FEW],
    ),
    "3 + 3 + 3 = 9 may still be 4 + 4 + 1": ([12, 3, 3, 3], [TOLD, FEW, FEW, FEW]),
    "4 + 3 + 3 = 10 leaves none a 1; 5 may be 6": ([12, 5, 4, 3, 3], [TOLD, MANY, *[FEW] * 3]),
    "one of 4 alone is the total less the others; 5 may be 7": ([5, 12, 4], [MANY, TOLD, FEW]),
    "one of 1 may be 4 where 8 may be 5": ([8, 1], [MANY, FEW]),
    "one of 1 may not be 4 where 7 would be 4": ([7, 1], [HIDDEN, HIDDEN]),
    "the first of two that are equally large is hidden": ([9, 9, 4], [MANY, TOLD, FEW]),
    "1 + 1 = 2 and no larger number: nothing is told, not even who has none": (
        [1, 1, 0], [HIDDEN] * 3,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS)
def test_the_marks_of_a_column_whose_total_is_told(name):
    counts, marks = COLUMNS[name]
    assert hiding_marks(counts) == marks


# --- a unit's villages over the dates ----------------------------------------------------

STATUS = {
    **{"p": "poor_income", "n": "near_poor"},
    **{"e": "newly_escaped", "o": "not_poor", "a": "absent"},
}


def register(date: str, villages: dict[str, str]) -> pd.DataFrame:
    """Return households from "pp2 op1": so many by what they were at the year's start, and are."""
    rows = [
        {"as_of": date, "unit": A, "village": name, "start_status": STATUS[one[0]]}
        | {"status": STATUS[one[1]]}
        for name, moves in villages.items()
        for one in moves.split()
        for _ in range(int(one[2:]))
    ]
    return pd.DataFrame(rows)


def marks(*dates: tuple[str, dict[str, str]]) -> dict[str, tuple[str, str]]:
    cells = village_cells([register(*one) for one in dates])
    return {
        one["village"]: (one["poor_mark"], one["near_poor_mark"])
        for one in cells.to_dict("records")
    }


LAST, YEAR, NEXT, MIDDLE = "2019-12-31", END, "2021-12-31", "2020-06-30"
STEADY = {"A": "pp3", "B": "pp8"}
VILLAGES = {
    # on one date, of which alone something is known
    "A's 2 may be 1 and B's 3 be 4: one of A's may always have lived in B": (
        [(YEAR, {"A": "pp2", "B": "np3"})], {"A": FEW, "B": FEW},
    ),
    "A's 3 may be 4 and B's 6 be 5, but not 4": (
        [(YEAR, {"A": "np3", "B": "pp6"})], {"A": FEW, "B": MANY},
    ),
    "who came from no list may have come to the other village": (
        [(YEAR, {"A": "op1", "B": "pp8"})], {"A": FEW, "B": MANY},
    ),
    "a village alone is the unit, whose total is told: nothing of it, or all": (
        [(YEAR, {"A": "pp3 nn9"})], {"A": (HIDDEN, HIDDEN)},
    ),
    "a village alone with large numbers": ([(YEAR, {"A": "pp9 nn9"})], {"A": TOLD}),
    # caution: moves from one list to the other are taken for known, so these are hidden throughout
    "A's 4 of the near-poor list cannot be 5, nor with their village 3": (
        [(YEAR, {"A": "np4", "B": "pp8", "C": "pp4"})], dict.fromkeys("ABC", HIDDEN),
    ),
    "A's 1 cannot be 0, and all of B's are of the near-poor list": (
        [(YEAR, {"A": "op1", "B": "np8"})], {"A": HIDDEN, "B": HIDDEN},
    ),
    "nor may one of B have left A's list, for nobody stayed on B's": (
        [(YEAR, {"A": "op1 po1", "B": "np8"})], {"A": HIDDEN, "B": HIDDEN},
    ),
    # with the end of the year before, which is this year's start
    "the same household may have been in the other village at both ends": (
        [(LAST, STEADY), (YEAR, STEADY)], {"A": FEW, "B": MANY},
    ),
    "the start was told, but the 3 who left may have left B": (
        [(LAST, {"A": "pp6", "B": "pp8"}), (YEAR, {"A": "pp3 po3", "B": "pp8"})],
        {"A": FEW, "B": MANY},
    ),
    "one of the 3 may have left B, where one only stayed": (
        [(LAST, {"A": "pp6", "B": "pp8 nn7"}), (YEAR, {"A": "pp3 po3", "B": "pp1 pn7 np7"})],
        {"A": FEW, "B": MANY},
    ),
    "the start was told, and nobody left both lists: 6 less 3 near-poor are 3 poor": (
        [(LAST, {"A": "pp6", "B": "pp8"}), (YEAR, {"A": "pp3 pn3", "B": "pp8"})],
        {"A": (HIDDEN, HIDDEN), "B": (HIDDEN, HIDDEN)},
    ),
    "a village new on the list has its number from who came": (
        [(LAST, {"B": "pp8"}), (YEAR, {"A": "op3", "B": "pp8"})], {"A": FEW, "B": MANY},
    ),
    "a village gone from the list: its 3 of last year would follow from B's start": (
        [(LAST, STEADY), (YEAR, {"B": "pp8"})], {"B": (HIDDEN, HIDDEN)},
    ),
    "the numbers are large now, and who came and left makes up for last year's 3": (
        [(LAST, STEADY), (YEAR, {"A": "pp3 op3", "B": "pp5 po3"})], {"A": TOLD, "B": TOLD},
    ),
    "A's are all away and B has new ones: any of them may have been the other's": (
        [(LAST, STEADY), (YEAR, {"A": "pa3", "B": "pp8 op3"})], {"A": TOLD, "B": TOLD},
    ),
    "6 came from the near-poor list: told now, A's 9 and B's 8 would tell last year's 3": (
        [(LAST, STEADY), (YEAR, {"A": "pp3 np6", "B": "pp8"})], {"A": HIDDEN, "B": HIDDEN},
    ),
    "what the first date had given away already hides nothing later": (
        [(LAST, {"A": "np3"}), (YEAR, {"A": "pp3", "B": "op8"})], {"A": FEW, "B": MANY},
    ),
    "one of B's 4 cannot have been A's: none of B's is poor now, and less than none cannot be": (
        [(LAST, {"A": "pp1 nn9", "B": "pp4 nn6"}), (YEAR, {"A": "pp1 nn9", "B": "pn4 nn6"})],
        {"A": (HIDDEN, HIDDEN), "B": (HIDDEN, HIDDEN)},
    ),
    # two dates of one year have one start
    "the 3 who left since June may have left B": (
        [(MIDDLE, {"A": "pp6", "B": "pp8"}), (YEAR, {"A": "pp3 po3", "B": "pp8"})],
        {"A": FEW, "B": MANY},
    ),
    "8 were told in June and nobody left both lists, but A's 3 new ones may be B's": (
        [(MIDDLE, {"A": "pp8", "B": "pp8"}), (YEAR, {"A": "pp8 op3", "B": "pp3 pn5"})],
        {"A": MANY, "B": FEW},
    ),
    "6 were told in June and no move is open": (
        [(MIDDLE, {"A": "pp6", "B": "pp8"}), (YEAR, {"A": "pp3 pn3", "B": "pp8"})],
        {"A": (HIDDEN, HIDDEN), "B": (HIDDEN, HIDDEN)},
    ),
    "caution: where the start is not known, two dates that shift together are not thought of": (
        [(MIDDLE, STEADY), (YEAR, STEADY)],
        {"A": (HIDDEN, HIDDEN), "B": (HIDDEN, HIDDEN)},
    ),
    "who was off B's list in June may have been off A's": (
        [(MIDDLE, {"A": "pn3", "B": "po1 pp7"}), (YEAR, STEADY)], {"A": FEW, "B": MANY},
    ),
    # three dates
    "all three shift together": (
        [(LAST, STEADY), (MIDDLE, STEADY), (YEAR, STEADY)], {"A": FEW, "B": MANY},
    ),
    "three years shift together": (
        [(LAST, STEADY), (YEAR, STEADY), (NEXT, STEADY)], {"A": FEW, "B": MANY},
    ),
    "June's 3 have their number from the 5 who left": (
        [(LAST, {"A": "pp8", "B": "pp8"}), (MIDDLE, {"A": "pp3 po5", "B": "pp8"}),
         (YEAR, {"A": "pp8", "B": "pp8"})],
        {"A": TOLD, "B": TOLD},
    ),
    "June's hidden numbers leave the end of the year to shift with its start": (
        [(LAST, STEADY), (MIDDLE, {"A": "pp3 np6", "B": "pp8"}), (YEAR, STEADY)],
        {"A": FEW, "B": MANY},
    ),
    "June's 6 who came may have come to B": (
        [(LAST, STEADY), (MIDDLE, {"A": "pp3 op6", "B": "pp8"}), (YEAR, STEADY)],
        {"A": FEW, "B": MANY},
    ),
    "large numbers of two years are no bar to a move in the third": (
        [(LAST, {"A": "pp6", "B": "pp8"}), (YEAR, {"A": "pp6", "B": "pp8"}),
         (NEXT, {"A": "pp3 po3", "B": "pp8"})],
        {"A": FEW, "B": MANY},
    ),
    "6 came who may have come to B: told twice, A's 9 tell nothing of the first year's 3": (
        [(LAST, STEADY), (YEAR, {"A": "pp3 op6", "B": "pp8"}), (NEXT, {"A": "pp9", "B": "pp8"})],
        {"A": TOLD, "B": TOLD},
    ),
    "told in the third year, A's 9 would tell the 3 of the second": (
        [(LAST, STEADY), (YEAR, STEADY), (NEXT, {"A": "pp3 np6", "B": "pp8"})],
        {"A": HIDDEN, "B": HIDDEN},
    ),
    "the third year starts from the second's told 9, not from the first's hidden 3": (
        [(LAST, STEADY), (YEAR, {"A": "pp3 op6", "B": "pp8"}),
         (NEXT, {"A": "pp3 pn6", "B": "pp8"})],
        {"A": (HIDDEN, HIDDEN), "B": (HIDDEN, HIDDEN)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", VILLAGES)
def test_what_is_told_of_the_poor_of_villages_over_the_dates(name):
    """A text is the mark of the poor, a pair those of the poor and the near-poor."""
    dates, expected = VILLAGES[name]
    found = marks(*dates)
    for village, one in expected.items():
        poor, *near_poor = (one,) if isinstance(one, str) else one
        assert found[village][0] == poor
        assert not near_poor or found[village][1] == near_poor[0]
    if all(isinstance(one, str) for one in expected.values()) and "A" in found:
        near_poor = [here[1] for here in found.values()]
        assert near_poor == [TOLD] * len(near_poor)


def test_a_number_stands_where_its_mark_is_empty_and_nowhere_else():
    villages = {"A": "pp12 nn9", "B": "pp3 nn6", "C": "pp8 nn7"}
    cells = village_cells([register(YEAR, villages)]).set_index("village")
    assert cells["poor_mark"].tolist() == [TOLD, FEW, MANY]
    assert cells["poor"].isna().tolist() == [False, True, True]
    assert cells.loc["A", "poor"] == 12 and cells["near_poor"].tolist() == [9, 6, 7]


# --- differences between groups ----------------------------------------------------------


def told(number, total, group="a", grouping="head_sex", result="x") -> dict:
    value = np.nan if number is None else number / total * 100
    counts = {"numerator": number, "denominator": total, "value": value}
    return {"grouping": grouping, "result": result, "group": group, **counts}


def test_a_gap_is_that_of_the_worked_numbers():
    """56/70 against 48/80 (Newcombe 1998): 20 points, 5.2431 to 33.3873, p = 0.0125211."""
    first, second = told(48, 80), told(56, 70, "b")
    (found,) = told_gaps([first, second])
    assert (found["reference"], found["cell"]) == (first, second)
    assert (found["low"], found["high"]) == (first, second)
    limits = [found[name] for name in ("difference", "lower", "upper", "p")]
    assert limits == pytest.approx([20, 5.2431, 33.3873, 0.0125211], abs=1e-4)
    assert found["stands_for"] == 14  # 56 − 70 · 48/80
    assert found["clear"] and found["p_adjusted"] == found["p"]


def test_what_is_clear_alone_is_not_among_many():
    """p = 0.0125 is adjusted to 0.0626 among five comparisons whose others are alike."""
    alike = [told(10, 20, name, result=str(n)) for n in range(4) for name in "ab"]
    found = told_gaps([told(48, 80), told(56, 70, "b"), *alike])
    assert len(found) == 5 and not any(one["clear"] for one in found)
    assert found[0]["p_adjusted"] == pytest.approx(5 * 0.0125211, abs=1e-5)


def test_a_gap_needs_two_groups_whose_value_is_told():
    one, hidden = told(4, 20), told(None, None, "b")
    total = told(10, 20, grouping="total")
    assert told_gaps([one, hidden, total, total]) == []
    assert told_gaps([one, one | {"result": "y"}]) == []
    assert told_gaps([]) == []


# --- which results, which groups ---------------------------------------------------------


def shares(n: int, **changes):
    """Return a plan with n shares of households."""
    plan = small.plan_of(**changes)
    each = (replace(plan["x"], id=f"x{place}", number=str(place)) for place in range(n))
    return replace(plan, indicators=tuple(each))


def test_six_results_at_most_are_compared_who_left_poverty_among_them():
    for n, expected in ((0, []), (2, ["x0", "x1"]), (7, ["x0", "x1", "x2", "x3", "x4"])):
        assert [one.id for one in divisible(shares(n))] == [*expected, "left_poverty"]


def test_shares_of_households_or_of_persons_are_compared_and_nothing_else():
    plan = small.plan_of()
    of_persons = replace(
        plan["x"], numerator=Count("members"), denominator=Count("members"), id="m", number="2"
    )
    mixed = replace(of_persons, denominator=Count("households"), id="mixed", number="3")
    counts = replace(plan["x"], denominator=Count("unit_counts"), id="c", number="4")
    radios = replace(plan["x"], kind="count", denominator=None, id="radios", number="5")
    fall = replace(plan["x"], kind="reduction", id="fall", number="6")
    plan = replace(plan, indicators=(plan["x"], of_persons, mixed, counts, radios, fall))
    assert [one.id for one in divisible(plan)] == ["x", "m", "left_poverty"]
    assert [one.id for one in divided(plan)] == ["x", "m", "radios", "left_poverty"]
    radios = divided(plan)[2]
    assert radios.denominator == radios.numerator  # a count is its own base


def test_who_left_poverty_was_poor_at_the_start_and_is_not_and_not_away():
    left = divisible(load_plan())[-1]
    assert left.denominator.where == {"start_status": POOR}
    assert left.numerator.where == {
        "start_status": POOR,
        "status": ("near_poor", "newly_escaped", "not_poor"),
    }


def test_five_ethnic_groups_at_most_have_a_name_the_largest_first():
    sizes = {"Thái": 30, "Kinh": 20, "Mông": 20, "Dao": 15, "Xinh Mun": 12, "Mường": 11, "Lào": 9}
    names = [name for name, n in sizes.items() for _ in range(n)]
    assert named_groups([pd.DataFrame({"ethnicity": names})]) == [
        "Thái", "Kinh", "Mông", "Dao", "Xinh Mun",
    ]  # fmt: skip


# --- cells of groups ---------------------------------------------------------------------


def households(*rows: tuple) -> list[dict]:
    """Return households from (unit, sex of its head, status at the start, status now, how many)."""
    return [
        {"unit": unit, "head_sex": sex, "start_status": STATUS[start], "status": STATUS[now],
         "household": f"{unit}{place}-{one}", "ethnicity": "Thái"}
        for place, (unit, sex, start, now, n) in enumerate(rows)
        for one in range(n)
    ]  # fmt: skip


def by_sex(plan, rows: list[dict], place: int | None = 0, before=(), members=()) -> pd.DataFrame:
    made = small.tables(households=rows, members=members)
    of_area = {name: made[name] for name in ("households", "members")}
    tables = group_tables(of_area, plan, [A, B], ["Thái"], before)
    cells = group_cells(tables, place)
    return cells[cells["grouping"] == "head_sex"].set_index(["result", "group"])


def everywhere(*lines: tuple) -> list[tuple]:
    """Return the same households in both units."""
    return [(unit, *line) for unit in (A, B) for line in lines]


def test_groups_that_are_large_enough_are_told_with_their_interval():
    """6 of 16 men's and 8 of 14 women's households are poor, in either unit."""
    lines = [("male", "p", "p", 6), ("male", "o", "o", 10)]
    lines += [("female", "p", "p", 8), ("female", "o", "o", 6)]
    cells = by_sex(small.plan_of(), households(*everywhere(*lines)))
    assert not cells["hidden"].any()
    men, women = cells.loc[("x", "male")], cells.loc[("x", "female")]
    assert (men["numerator"], men["denominator"], men["value"]) == (6, 16, 37.5)
    assert (women["numerator"], women["denominator"]) == (8, 14)
    assert men["lower"] == pytest.approx(18.48, abs=0.01)
    assert men["upper"] == pytest.approx(61.36, abs=0.01)
    area = by_sex(small.plan_of(), households(*everywhere(*lines)), None)
    assert area.loc[("x", "male"), "numerator"] == 12


def test_a_unit_s_cells_come_with_its_total_and_the_area_s_and_none_of_urban_or_rural():
    lines = everywhere(("male", "p", "p", 6), ("female", "p", "p", 7))
    made = small.tables(households=households(*lines))
    of_area = {name: made[name] for name in ("households", "members")}
    tables = group_tables(of_area, small.plan_of(), [A, B], ["Thái"])
    unit = group_cells(tables, 0).query("result == 'x'")
    assert unit["grouping"].tolist() == [
        "total", "area_total", "ethnicity", "head_sex", "head_sex",
    ]  # fmt: skip
    assert unit["denominator"].tolist()[:2] == [13, 26]
    area = group_cells(tables).query("result == 'x'")
    assert area["grouping"].tolist() == ["total", "ethnicity", "head_sex", "head_sex", "area"]
    assert area["denominator"].tolist()[0] == 26


def test_who_left_is_hidden_where_it_would_tell_how_many_are_poor_now():
    """Of 12 men's households poor at the start 6 left and 5 moved away: 1 is poor now.

    12 and 6 are large, but with the unit's forms they tell the 1; the women's numbers would too.
    """
    lines = [("male", "p", "e", 6), ("male", "p", "a", 5), ("male", "p", "p", 1)]
    lines += [("female", "p", "e", 6), ("female", "p", "p", 6)]
    cells = by_sex(small.plan_of(), households(*everywhere(*lines)))
    assert cells.loc[("left_poverty", "male"), "hidden"]
    assert cells.loc[("left_poverty", "female"), "hidden"]
    lines[1:3] = [("male", "p", "p", 6)]
    cells = by_sex(small.plan_of(), households(*everywhere(*lines)))
    assert not cells.loc["left_poverty", "hidden"].any()


def test_a_result_that_shares_its_households_with_no_other_hides_only_what_it_must():
    """B's 3 of 4 and 3 of 3, and the area's 11 of 12 beside 15 of 15; A's all of all are told."""
    lines = [(A, "male", "o", "p", 8), (A, "female", "o", "p", 12)]
    lines += [(B, "male", "o", "p", 3), (B, "male", "o", "o", 1), (B, "female", "o", "p", 3)]
    hidden = [
        by_sex(small.plan_of(), households(*lines), place).loc["x", "hidden"].tolist()
        for place in (0, 1, None)
    ]
    assert hidden == [[False, False], [True, True], [True, True]]


TWICE_SIX = [
    *[("male", "p", "e", 6), ("male", "p", "p", 6)],
    *[("female", "p", "e", 6), ("female", "p", "p", 6)],
]


def test_what_the_last_year_hid_of_its_end_is_hidden_of_this_year_s_start():
    """A's men were hidden: so are A's women and B's men, that no total tells them, and B's women.

    The area's lines stay told, and all is where the last year told all.
    """
    rows = households(*everywhere(*TWICE_SIX))
    for men_of_a in (True, False):
        old = np.zeros((3, 2), dtype=bool)
        old[0, 1] = men_of_a  # last year the women came first
        before = [A, B], [("head_sex", ["female", "male"], "left_poverty", None, None, old)]
        hidden = [
            by_sex(small.plan_of(), rows, place, before).loc["left_poverty", "hidden"].tolist()
            for place in (0, 1, None)
        ]
        assert hidden == [[men_of_a] * 2, [men_of_a] * 2, [False, False]]


def of_poor(*rows: tuple, dry=()) -> pd.Series:
    """Return what is hidden, by sex, of hygienic water among the poor; all but the `dry` have it.

    `dry` are the households without it by the sex of their head.
    """
    plan = small.plan_of()
    among = Count("households", {"status": POOR})
    water = Count("households", {"status": POOR, "hygienic_water": (True,)})
    one = replace(plan["x"], numerator=water, denominator=among)
    wider = replace(plan["x"], id="all", number="2")
    left, homes = dict(dry), []
    for row in households(*rows):
        left[row["head_sex"]] = left.get(row["head_sex"], 0) - 1
        homes.append(row | {"hygienic_water": str(left[row["head_sex"]] < 0).lower()})
    return by_sex(replace(plan, indicators=(one, wider)), homes).loc["x", "hidden"]


def test_what_is_among_the_poor_is_hidden_where_its_number_would_tell_who_left():
    """2 of A's 14 men's households left: 12 are poor now, and the start's 14 are told."""
    assert of_poor(*everywhere(*TWICE_SIX)).tolist() == [False, False]
    lines = [("male", "p", "e", 2), ("male", "p", "p", 12), *TWICE_SIX[2:]]
    assert of_poor(*everywhere(*lines)).tolist() == [True, True]


def test_no_more_can_be_poor_of_a_group_than_it_has_households():
    """3 men's and 8 women's are poor, and have water, as all do.

    Where there are no other households, neither can be one more, so that the third group goes too;
    where there are, 3 may be 4 and 8 be 7.
    """
    lines = [(A, "male", "o", "p", 3), (A, "female", "o", "p", 8), (A, "", "o", "p", 20)]
    assert of_poor(*lines).to_dict() == {"female": True, "male": True, "blank": True}
    others = [(A, "male", "o", "o", 9), (A, "female", "o", "o", 9)]
    assert of_poor(*lines, *others).to_dict() == {"female": True, "male": True, "blank": False}
    dry = {"male": 2, "female": 3, "": 10}  # who has water may be exchanged, how many there are not
    assert of_poor(*lines, dry=dry).all()
    assert not of_poor(*lines, *others, dry=dry)["blank"]


def of_women(homes_of_men: int, women: int, men: int) -> dict[str, bool]:
    """Return what is hidden of the cards of poor women, so many of each home that a man heads.

    Eight homes are headed by a woman, of twenty nobody wrote the head; each has one woman, and as
    many men as the others. All have cards.
    """
    rows = households(
        (A, "male", "o", "p", homes_of_men), (A, "female", "o", "p", 8), (A, "", "o", "p", 20)
    )
    persons = [
        {"unit": A, "household": row["household"], "person": str(n), "health_card": "true"}
        | {"sex": sex}
        for row in rows
        for n, sex in enumerate(
            ["female"] * (women if row["head_sex"] == "male" else 1) + ["male"] * men
        )
    ]
    plan, card = small.plan_of(), {"health_card": (True,)}
    one, wider = (
        replace(
            plan["x"], id=name, number=name, numerator=Count("members", among | card),
            denominator=Count("members", among),
        )
        for name, among in (
            ("women", {"status": POOR, "sex": ("female",)}), ("all", {"status": POOR}),
        )
    )  # fmt: skip
    told = by_sex(replace(plan, indicators=(one, wider)), rows, members=persons)
    return told.loc["women", "hidden"].to_dict()


def test_women_of_a_group_can_be_as_many_as_it_has_persons_not_homes():
    """3 women of 3 homes may be 4, for 6 persons live there; 4 of 2 homes may not, without men."""
    assert of_women(3, women=1, men=1) == {"female": True, "male": True, "blank": False}
    assert of_women(2, women=2, men=0) == {"female": True, "male": True, "blank": True}


def test_the_households_whose_group_nobody_wrote_are_a_group_of_their_own():
    lines = [("", "p", "p", 5), ("", "o", "o", 6), ("male", "p", "p", 6), ("male", "o", "o", 7)]
    lines += [("female", "p", "p", 7), ("female", "o", "o", 8)]
    cells = by_sex(small.plan_of(), households(*everywhere(*lines))).loc["x"]
    assert cells["numerator"].to_dict() == {"female": 7, "male": 6, "blank": 5}
    assert cells["denominator"].to_dict() == {"female": 15, "male": 13, "blank": 11}


def test_ethnic_groups_without_a_name_of_their_own_are_the_others_and_a_blank_is_a_blank():
    rows = pd.DataFrame({"ethnicity": ["Thái", "Lào", None, "Dao"]})
    found = folded(rows, ["Thái", "Dao"])["ethnicity"]
    assert found.fillna("").tolist() == ["Thái", "other", "", "Dao"]


# --- near-poor households that lack something --------------------------------------------


def lacking(**units: tuple[int, int]) -> pd.DataFrame:
    """Return near-poor households: unit=(how many lack water, how many do not)."""
    rows = [
        {"unit": unit, "water": lacks}
        for unit, (yes, no) in units.items()
        for lacks in [True] * yes + [False] * no
    ]
    return pd.DataFrame(rows).astype({"water": "boolean"})


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        # nothing small, in no unit and not in the area
        ({"a": (6, 6), "b": (7, 9), "c": (8, 5)}, [False, False, False, False]),
        # a 4 or 4 that do not: hidden with the next smaller unit, the area is told
        ({"a": (4, 6), "b": (9, 9), "c": (8, 5)}, [True, False, True, False]),
        ({"a": (6, 6), "b": (9, 4), "c": (8, 5)}, [True, True, False, False]),
        # 3 of the area's lack it: it is hidden there, and where they live
        ({"a": (3, 6), "b": (0, 9), "c": (0, 9)}, [True, False, False, True]),
        ({"a": (6, 3), "b": (9, 0), "c": (9, 0)}, [True, False, False, True]),
        # how many near-poor there are is published: all 5 of a and all 3 of b lack it
        ({"a": (5, 0), "b": (3, 0), "c": (6, 6)}, [True, True, True, False]),
    ],
)
def test_what_form_4_tells_of_the_near_poor(numbers, expected):
    found = hidden_deprivations(lacking(**numbers), ["water"], ["a", "b", "c"])
    assert found["water"].tolist() == expected
    assert found.index.tolist() == ["a", "b", "c", "area"]


def test_a_household_of_no_unit_of_the_area_is_not_counted():
    homes = lacking(a=(6, 6), b=(7, 9), x=(0, 3))
    assert not hidden_deprivations(homes, ["water"], ["a", "b"])["water"].any()
    blank = homes.assign(water=homes["water"].where(homes["unit"] != "a"))
    assert hidden_deprivations(blank, ["water"], ["a", "b"])["water"].tolist() == [False] * 3


# --- a result by village -----------------------------------------------------------------


def village(result: Result, *rows: dict) -> dict[str, bool]:
    """Return which villages of a unit a result hides; a home has as many persons as `members`."""
    homes = [row | {"household": str(n)} for n, row in enumerate(rows)]
    persons = [
        {"household": row["household"], "person": str(n), "health_card": "true"}
        for row in homes
        for n in range(row.get("members", 0))
    ]
    made = small.tables(households=homes, members=persons)
    of_unit = {name: made[name] for name in ("households", "members")}
    return hidden_villages(of_unit, result, village_cells([of_unit["households"]]))


def homes(name: str, n: int, reached: int, **cells) -> list[dict]:
    return [
        {"village": name, "hygienic_water": str(place < reached).lower()}
        | {"start_status": "poor_income", **cells}
        for place in range(n)
    ]


WATER = {"hygienic_water": (True,)}
OF_ALL = Result("water", {}, Count("households", WATER), Count("households"))
POOR_NOW = {"status": POOR}
OF_POOR = Result("water", {}, Count("households", WATER | POOR_NOW), Count("households", POOR_NOW))


def test_villages_whose_counts_are_large_are_told():
    rows = [*homes("Một", 12, 6), *homes("Hai", 15, 10), *homes("Ba", 20, 8)]
    for result in (OF_ALL, OF_POOR):
        assert village(result, *rows) == {"Ba": False, "Hai": False, "Một": False}


def test_a_village_of_which_few_are_reached_is_hidden_with_the_smallest_other():
    rows = [*homes("Một", 12, 3), *homes("Hai", 15, 10), *homes("Ba", 20, 8)]
    assert village(OF_ALL, *rows) == {"Ba": False, "Hai": True, "Một": True}


def test_what_the_chart_of_the_poor_hides_stays_hidden_in_a_result_about_them():
    """4 poor of Một: with them goes Hai's number, 6, so that it is not 10 less what is told.

    Reached are 0 and 5 of these, not reached 4 and 1: together 5 of each, so Ba's may be told.
    """
    rows = [*homes("Một", 4, 0), *homes("Hai", 6, 5), *homes("Ba", 20, 10)]
    assert village(OF_POOR, *rows) == {"Ba": False, "Hai": True, "Một": True}
    others = {"status": "not_poor", "start_status": "not_poor"}
    more = homes("Một", 20, 10, **others) + homes("Hai", 10, 0, **others)
    assert village(OF_ALL, *rows, *more) == {"Ba": False, "Hai": False, "Một": False}


def test_the_village_that_blurs_another_in_the_chart_is_hidden_here_too():
    """Beside Một's 1 the chart hides Ba's 8, that may be 5, not Hai's 7; so does the result."""
    rows = [*homes("Một", 1, 0), *homes("Hai", 7, 0), *homes("Ba", 8, 0), *homes("Bốn", 20, 10)]
    assert village(OF_POOR, *rows) == {"Ba": True, "Bốn": False, "Hai": False, "Một": True}
    near_poor = [row | {"status": "near_poor", "start_status": "near_poor"} for row in rows]
    one = {"status": ("near_poor",)}
    result = Result("water", {}, Count("households", WATER | one), Count("households", one))
    assert village(result, *near_poor) == village(OF_POOR, *rows)


def test_persons_are_hidden_by_their_own_numbers_and_by_how_few_their_homes_are():
    """Một has 4 homes; beside it goes Ba's 20 persons, the fewest, though its 20 homes are many."""
    cards = Count("members", POOR_NOW | {"health_card": (True,)})
    result = Result("cards", {}, cards, Count("members", POOR_NOW))
    rows = [*homes("Một", 4, 0, members=5), *homes("Hai", 6, 0, members=5)]
    rows += homes("Ba", 20, 0, members=1)
    assert village(result, *rows) == {"Ba": True, "Hai": False, "Một": True}
