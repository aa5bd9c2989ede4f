"""Small cells: nobody can work out what is hidden."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonla_analysis.indicators.disclosure import MINIMUM, hidden_cells, hide_small
from sonla_analysis.indicators.measure import measure


def breakdown(numbers, totals=None) -> pd.DataFrame:
    """Return a breakdown by group from a table units × groups, the city's row added."""
    numbers = np.array(numbers)
    totals = numbers + 10 if totals is None else np.array(totals)
    rows = []
    for place, unit in enumerate(np.stack([numbers, totals], axis=2)):
        rows += [(f"u{place}", "unit", f"g{g}", *cell) for g, cell in enumerate(unit)]
    sums = enumerate(zip(numbers.sum(axis=0), totals.sum(axis=0), strict=True))
    rows += [("city", "area", f"g{g}", *cell) for g, cell in sums]
    frame = pd.DataFrame(rows, columns=["unit", "level", "group", "numerator", "denominator"])
    states = np.where(frame["denominator"] == 0, "not_applicable", "reported")
    shown = {"as_of": "d", "indicator": "x", "value": 1.0, "unknown": 0, "state": states}
    return frame.astype({"numerator": "Int64", "denominator": "Int64"}).assign(**shown)


def worked_out(frame: pd.DataFrame, hidden: np.ndarray, group: str = "group") -> set[int]:
    """Return the hidden cells whose number follows from the visible ones and the totals."""
    places = np.flatnonzero(hidden)
    sums = [rows.index for _, rows in frame.groupby("unit")]
    sums += [rows.index for _, rows in frame.groupby(group, dropna=False)]
    sign = np.where(frame["level"] == "area", -1, 1)
    equations = np.array([np.isin(places, index) * sign[places] for index in sums], dtype=float)
    if not len(places):
        return set()
    _, size, directions = np.linalg.svd(equations)
    free = directions[(size > 1e-9).sum() :]
    return set(places[np.abs(free).max(axis=0, initial=0) < 1e-9].tolist())


def small_cells(frame: pd.DataFrame) -> np.ndarray:
    both = frame[["numerator", "denominator"]].astype("float64")
    return both.apply(lambda column: column.between(1, MINIMUM - 1)).any(axis=1).to_numpy()


def test_counts_of_one_to_four_are_hidden_with_all_their_numbers():
    frame = breakdown([[30, 2], [20, 4]])
    hidden = hide_small(frame, ["group"])
    small = hidden[small_cells(frame)]
    assert (small["state"] == "hidden").all()
    assert small[["numerator", "denominator", "value", "unknown"]].isna().all(axis=None)


def test_a_zero_stays_a_zero_and_is_not_hidden_as_if_it_were_small():
    hidden = hide_small(breakdown([[30, 0, 9], [20, 0, 9]]), ["group"])
    assert (hidden["state"] == "reported").all()


def test_a_second_cell_is_hidden_so_that_the_total_does_not_give_the_first_away():
    hidden = hide_small(breakdown([[30, 2, 9]] * 1), ["group"])
    assert hidden["state"].tolist()[:3] == ["reported", "hidden", "hidden"]


def test_a_small_base_hides_its_numerator_of_zero_too():
    frame = breakdown([[20, 0, 30], [25, 30, 30]], [[30, 3, 40], [40, 40, 40]])
    assert hide_small(frame, ["group"]).loc[1, "state"] == "hidden"


def test_without_small_cells_nothing_is_hidden():
    frame = breakdown([[30, 20], [9, 10]])
    pd.testing.assert_frame_equal(hide_small(frame, ["group"]), frame)


def test_urban_or_rural_is_a_trait_of_the_place_and_hides_nobody():
    frame = breakdown([[3, 20], [9, 10]]).rename(columns={"group": "area"})
    pd.testing.assert_frame_equal(hide_small(frame, ["area"]), frame)


def test_a_rest_that_was_hidden_already_stays_hidden(city, plan):
    once = hide_small(measure(city, plan, "2020-12-31", ("unit", "head_sex")), ["head_sex"])
    again = hide_small(once, ["head_sex"])
    assert (again.loc[once["state"] == "hidden", "state"] == "hidden").all()


# --- worked tables: what must be hidden, and nothing more --------------------------------------


def counts_of(*lines: str) -> tuple[np.ndarray, np.ndarray]:
    """Return reached and counted, the area added, from lines of "reached+missed" by group."""
    cells = np.array([[list(map(int, cell.split("+"))) for cell in one.split()] for one in lines])
    cells = np.vstack([cells, cells.sum(axis=0)[None]])
    return cells[..., 0], cells.sum(axis=-1)


def drawn(hidden: np.ndarray) -> list[str]:
    """Return a line per unit and one for the area: # is hidden, . is told."""
    return ["".join(".#"[cell] for cell in line) for line in hidden.astype(int)]


WITH_THE_AREA = {
    "five is not small, and nobody is no household: all is told": (
        ["9+9 5+0 0+5 0+0"],
        ["....", "...."],
    ),
    "four reached, four not reached, or four counted are small": (
        ["4+9 9+4 2+2 9+9"],
        ["###.", "###."],
    ),
    "beside one small count goes the smallest other: 7 + 9 households, not 8 + 9": (
        ["3+9 7+9 8+9"],
        ["##.", "##."],
    ),
    "1 + 2 reached are 3 of the total less what is told, so the next smallest goes with them": (
        ["1+9 2+9 20+9 30+9"],
        ["###.", "###."],
    ),
    "1 + 2 not reached likewise": (
        ["9+1 9+2 9+20 9+30"],
        ["###.", "###."],
    ),
    "one not reached of one, and the smallest other beside it": (
        ["0+1 8+8 8+8"],
        ["##.", "##."],
    ),
    "all of a unit are of one group: its line and so every column's other cell; the area is told": (
        ["9+9 0+0", "9+9 9+9"],
        ["##", "##", ".."],
    ),
    "that nobody of the one group was reached says it of each of them": (
        ["0+5"],
        ["#", "#"],
    ),
    "a group in one unit only: beside 2 its 18 are hidden, so the area must not tell them": (
        ["2+9 9+9 0+0", "9+9 0+0 9+9"],
        ["##.", "#.#", ".##"],
    ),
    "the first unit needs a second cell and the area too; a zero beside both stays told": (
        ["0+0 9+9 1+0", "9+9 9+9 0+0"],
        [".##", "##.", "#.#"],
    ),
    "the area hides other cells than the unit where the only one of a group lives: zeros as well": (
        # the unit hides groups 2–4, the area 1 and 3: no circle leads through the one household
        ["0+0 9+9 1+0 9+9", "9+9 9+4 0+0 1+9"],
        ["####", ".#.#", "####"],
    ),
    "were the last unit told, the first group would be nobody elsewhere, so 1 would be certain": (
        ["0+0 5+0", "0+0 1+0", "5+0 6+0"],
        ["##", "##", "##", ".."],
    ),
}


@pytest.mark.parametrize("name", WITH_THE_AREA)
def test_what_is_hidden_where_the_area_tells_its_groups(name):
    lines, expected = WITH_THE_AREA[name]
    reached, counted = counts_of(*lines)
    hidden = hidden_cells([(reached, counted)])
    assert drawn(hidden) == expected
    assert determined(reached, counted - reached, hidden) == []


KNOWN = {"open_counts": [False]}  # how many are counted is told elsewhere
WITHOUT_THE_AREA = {
    "each unit is for itself": (["5+9 9+9", "3+9 9+9"], {}, ["..", "##"]),
    "6 not reached and 5 not reached: no count of the line is small": (["0+6 9+5"], {}, [".."]),
    "3 may be 2, and 8 be 9, where nothing tells how many are counted": (
        ["3+0 8+0 9+11"],
        {},
        ["##."],
    ),
    "all 3 and all 8 were reached where 3 and 8 are known and 11 of 11 follow: a third is needed": (
        ["3+0 8+0 9+11"],
        KNOWN,
        ["###"],
    ),
    "none of 3 and none of 8 likewise": (["0+3 0+8 9+11"], KNOWN, ["###"]),
    "one not reached may be none, and another group's one be two, though five are counted each": (
        ["4+1 4+1 4+1 4+1 4+1 20+20"],
        KNOWN,
        ["#####."],
    ),
    "one reached likewise": (["1+4 1+4 1+4 1+4 1+4 20+20"], KNOWN, ["#####."]),
    "one of one may be none where another one may be two": (
        ["1+0 1+0 1+0 1+0 1+0 20+0"],
        {},
        ["#####."],
    ),
    "3 and 8 may not be one more: only beside the 20, which may, can they be one less": (
        ["3+0 8+0 20+0"],
        {"room": np.array([[False, False, True]] * 2)},
        ["###"],
    ),
}


@pytest.mark.parametrize("name", WITHOUT_THE_AREA)
def test_what_is_hidden_where_nothing_is_told_of_a_group_across_the_units(name):
    lines, options, expected = WITHOUT_THE_AREA[name]
    hidden = hidden_cells([counts_of(*lines)], area=False, **options)
    assert drawn(hidden) == [*expected, "#" * hidden.shape[1]]


def test_a_cell_hidden_for_another_reason_is_covered_in_its_line_and_column():
    also = np.zeros((3, 4), dtype=bool)
    also[0, 0] = True
    counts = counts_of("9+9 9+9 9+9 9+9", "9+9 9+9 9+9 9+9")
    assert drawn(hidden_cells([counts], also)) == ["##..", "##..", "...."]


def test_each_result_says_itself_whether_its_number_counted_is_told():
    counts = counts_of("9+9 9+9")
    with pytest.raises(ValueError):
        hidden_cells([counts, counts], open_counts=[None])


def test_a_breakdown_with_and_without_the_area_hides_what_its_table_hides():
    """Nothing is made of a group or unit that is not there: the area's own line stays told."""
    table = [[2, 1], [4, 6]]
    states = hide_small(breakdown(table, table), ["group"])["state"]
    assert states.tolist() == [*["hidden"] * 4, "reported", "reported"]
    frame = breakdown([[9, 9, 8], [2, 9, 8]])
    units = frame[frame["level"] == "unit"]
    assert (hide_small(units, ["group"])["state"] == "hidden").tolist() == [
        *(False, False, False),
        *(True, False, True),
    ]
    alone = breakdown([[5, 0]], [[5, 0]])  # one unit, one group: the area's line is the unit's
    alone = hide_small(alone[alone["level"] == "unit"], ["group"])
    assert alone["state"].tolist() == ["hidden", "hidden"]


def test_a_group_that_nobody_reported_is_nobody_and_hides_none_beside_it():
    """Were a blank one household, or one too few, the five beside it would be hidden."""
    frame = breakdown([[5, 9, 7]], [[5, 9, 7]])
    frame.loc[1, ["numerator", "denominator"]] = pd.NA
    frame.loc[1, "state"] = "not_reported"
    units = frame[frame["level"] == "unit"]
    states = hide_small(units, ["group"])["state"].tolist()
    assert states == ["reported", "not_reported", "reported"]


def test_a_blank_beside_a_cell_takes_nothing_from_their_sum():
    """The first unit's one group hides its line; beside its blank, 5 of the next are enough."""
    frame = breakdown([[9, 0], [9, 5], [9, 9]], [[9, 0], [9, 5], [9, 9]])
    frame.loc[1, ["numerator", "denominator"]] = pd.NA
    hidden = hide_small(frame, ["group"])["state"] == "hidden"
    assert hidden.tolist() == [*[True] * 4, *[False] * 4]


def test_what_is_only_counted_is_hidden_by_its_number_and_a_fall_like_a_rise():
    """A count has no denominator; −3 are three households more than before."""
    frame = breakdown([[3, 9, 20], [9, 9, 9]])
    frame["denominator"] = pd.array([pd.NA] * len(frame), dtype="Int64")
    fallen = frame.assign(numerator=-frame["numerator"])
    for one in (frame, fallen):
        hidden = hide_small(one[one["level"] == "unit"], ["group"])["state"] == "hidden"
        assert hidden.tolist() == [True, True, False, False, False, False]


# --- what cannot be worked out ---------------------------------------------------------------


counts = st.lists(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=3, max_size=3),
    min_size=2,
    max_size=5,
)


@settings(max_examples=60)
@given(counts)
def test_no_small_cell_can_be_worked_out_from_the_totals(cells):
    numbers = np.array([[top for top, _ in row] for row in cells])
    totals = numbers + np.array([[rest for _, rest in row] for row in cells])
    frame = breakdown(numbers, totals)
    hidden = (hide_small(frame, ["group"])["state"] == "hidden").to_numpy()
    small = small_cells(frame)
    assert hidden[small].all()
    assert not worked_out(frame, hidden) & set(np.flatnonzero(small))


@pytest.mark.parametrize("group", ["ethnicity", "head_sex"])
def test_nobody_in_the_synthetic_city_can_be_worked_out(city, plan, group):
    observed = measure(city, plan, "2020-12-31", ("unit", group))
    for _, frame in observed.groupby("indicator"):
        frame = frame.reset_index(drop=True)
        hidden = (hide_small(frame, [group])["state"] == "hidden").to_numpy()
        small = small_cells(frame)
        alone = frame.groupby("unit")["unit"].transform("size") == 1  # the unit's published total
        exposed = worked_out(frame, hidden, group) & set(np.flatnonzero(small & ~alone))
        assert not exposed


def test_villages_are_protected_within_their_unit(city, plan):
    observed = measure(city, plan, "2020-12-31", ("unit", "village"))
    hidden = hide_small(observed, ["village"])
    for _, rows in hidden.groupby(["unit", "indicator"]):
        count = (rows["state"] == "hidden").sum()
        assert count != 1 or len(rows) == 1


def test_a_small_number_of_the_area_that_its_own_line_gives_away_is_covered():
    """Were 7 told, the first group would be 17 − 7 − (6 + 0) = 4."""
    table = np.array([[2, 3, 6], [2, 4, 0], [4, 7, 6]])
    assert hidden_cells([(table, table)]).tolist() == [
        [True, True, False],
        [True, True, False],
        [True, True, True],
    ]


# --- a reader who knows every total, on small tables ------------------------------------------


def determined(reached, missed, hidden) -> list[tuple]:
    """Return the hidden small counts that the totals and the told cells leave no choice.

    The last line is the area, the sum of the units; whole numbers, none below zero.
    """
    from scipy.optimize import LinearConstraint, milp

    units, groups = hidden.shape[0] - 1, hidden.shape[1]
    size = units * groups
    equations, values = [], []

    def know(kind: int, cells, value) -> None:
        row = np.zeros(2 * size)
        for unit, group in cells:
            row[kind * size + unit * groups + group] = 1
        equations.append(row)
        values.append(value)

    for kind, counts in enumerate((reached, missed)):
        for unit in range(units):
            line = [(unit, group) for group in range(groups)]
            know(kind, line, counts[unit].sum())
            for cell in (cell for cell in line if not hidden[cell]):
                know(kind, [cell], counts[cell])
        for group in range(groups):
            if not hidden[-1, group]:
                know(kind, [(unit, group) for unit in range(units)], counts[-1, group])
    known = LinearConstraint(np.array(equations), values, values)
    found = []
    for unit, group in zip(*np.nonzero(hidden), strict=True):
        own = [unit] if unit < units else range(units)
        for name, kinds in (("reached", (0,)), ("missed", (1,)), ("counted", (0, 1))):
            count = sum((reached, missed)[kind][unit, group] for kind in kinds)
            if not 0 < count < MINIMUM:
                continue
            wanted = np.zeros(2 * size)
            for kind in kinds:
                wanted[[kind * size + one * groups + group for one in own]] = 1
            ends = [
                milp(sign * wanted, constraints=known, integrality=np.ones(2 * size)).fun
                for sign in (1, -1)
            ]
            if round(ends[0]) == round(-ends[1]):
                found.append((unit, group, name))
    return found


@pytest.mark.parametrize("seed", range(40))
def test_no_small_count_of_a_small_table_follows_from_its_totals(seed):
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(2, 4)), int(rng.integers(2, 5)))
    reached, missed = (rng.integers(0, high, shape) for high in rng.integers(4, 22, 2))
    reached, missed = (np.vstack([one, one.sum(axis=0)]) for one in (reached, missed))
    hidden = hidden_cells([(reached, reached + missed)])
    small = [(one > 0) & (one < MINIMUM) for one in (reached, missed, reached + missed)]
    assert hidden[np.any(small, axis=0)].all()
    assert determined(reached, missed, hidden) == []


def test_where_nothing_is_small_nothing_is_hidden():
    reached = np.array([[5, 9, 12], [6, 0, 7], [11, 9, 19]])
    assert not hidden_cells([(reached, reached * 2)]).any()


def test_a_line_of_one_group_is_the_total_and_hidden_where_two_groups_of_five_are_not():
    """With the area's 14 and 5 told, the other unit's numbers would be the first one's."""
    table = np.array([[9, 0], [5, 5], [14, 5]])
    assert hidden_cells([(table, table)]).tolist() == [[True, True], [True, True], [False, False]]
    table = np.array([[9, 8], [5, 5], [14, 13]])
    assert not hidden_cells([(table, table)]).any()


def test_the_smallest_larger_cell_of_the_line_is_hidden_beside_a_small_one():
    """3 of a unit is small; 7 goes with it, 20 and 30 stay; the same in the other unit's column."""
    table = np.array([[3, 7, 20, 30], [20, 8, 25, 9], [23, 15, 45, 39]])
    hidden = hidden_cells([(table, table)])
    assert hidden[0].tolist() == [True, True, False, False]
    assert hidden[:, 2].tolist() == [False, False, False]
    assert determined(table, table * 0, hidden) == []


def test_the_households_whose_group_nobody_wrote_are_a_group_like_the_others():
    observed = pd.DataFrame(
        {
            "as_of": "d", "unit": "u", "level": "unit", "indicator": "i",
            "ethnicity": ["Thái", "Kinh", None], "numerator": [30, 7, 2], "unknown": 0,
            "denominator": [40, 17, 12], "value": [75.0, 41.2, 16.7], "state": "reported",
        }
    )  # fmt: skip
    hidden = hide_small(observed, ["ethnicity"])
    assert hidden["state"].tolist() == ["reported", "hidden", "hidden"]
    assert hidden.loc[1:, ["numerator", "denominator", "value", "unknown"]].isna().all(axis=None)
    large = observed.assign(numerator=[30, 7, 6])
    assert hide_small(large, ["ethnicity"])["state"].eq("reported").all()
