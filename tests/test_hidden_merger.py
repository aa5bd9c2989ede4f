"""A reader of the former units' reports and of the new wards' finds nothing that either hides."""

import numpy as np
import pandas as pd
import pytest
import small
from attacker import System
from hypothesis import given
from hypothesis import strategies as st
from two_geographies import HOMES, merged_on, of_groups, of_villages, releases, village_names

import sonla_analysis as sonla
from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.definitions.units import shipped_units
from sonla_analysis.indicators.disclosure import hidden_cells
from sonla_analysis.indicators.disclosure import small as is_small
from sonla_analysis.indicators.measure import review_dates
from sonla_analysis.indicators.merged_breakdowns import at_home, hidden_as_told
from sonla_analysis.page import report_tables as forms
from sonla_analysis.review import Review, checked_data, open_data, review_of
from sonla_analysis.sentences.register_findings import villages_note

pytestmark = pytest.mark.whole

CITY, WARD, DAY = "116", "03646", "2020-12-31"  # the ward is Tô Hiệu, of four former units
FORMER = ["03646", "03649", "03652", "03655"]
GROUPINGS = ("ethnicity", "head_sex", "sex")


# --- made-up wards: worked cells ----------------------------------------------------------


def world(*rows: tuple):
    """Return the data of a city from (date, unit, sex of the head, poor households) and plan `x`.

    All are poor, were so at the start, and live in villages called after that sex.
    """
    homes = [
        {
            "as_of": day,
            "unit": unit,
            "head_sex": sex,
            "village": sex,
            "start_status": "poor_income",
            "members": 1,
        }
        for day, unit, sex, n in rows
        for _ in range(n)
    ]
    counts = [{"as_of": day, "unit": unit} for day, unit in {row[:2]: 0 for row in rows}]
    persons = [{name: one[name] for name in ("as_of", "unit")} for one in homes]
    persons = [one | {"household": str(number)} for number, one in enumerate(persons)]
    tables = small.tables(households=homes, members=persons, unit_counts=counts)
    return tables | {"units": shipped_units()}


def hidden(data, unit: str = CITY, day: str = DAY) -> dict:
    """Return which cells of poor households by sex are hidden, by (unit, sex)."""
    units, tables = review_of(data, unit, day).group_tables
    names, cells = next(
        (names, cells) for by, names, one, *_, cells in tables if (by, one) == ("head_sex", "x")
    )
    places = [(unit, name) for unit in [*units, "area"] for name in names]
    return dict(zip(places, cells.ravel().tolist(), strict=True))


def both(*rows: tuple):
    tables, plan = world(*rows), small.plan_of()
    return checked_data(tables, plan), checked_data(sonla.bridge_tables(tables), plan)


def in_wards(**numbers: tuple) -> list[tuple]:
    """Return the rows of former units with their men's and women's households; others 20 and 10."""
    found = {unit: numbers.get(f"u{unit}", (20, 10)) for unit in (*FORMER, "03664", "03667")}
    return [(DAY, unit, sex, n) for unit, pair in found.items()
            for sex, n in zip(("male", "female"), pair, strict=True)]  # fmt: skip


def test_a_former_ward_with_three_women_hides_those_of_the_ward_it_went_into():
    """03646 has 12 and 3 households, the others 20 and 10: 33 women's less 30 would be 3."""
    former, merged = both(*in_wards(u03646=(12, 3)))
    cells = hidden(former)
    assert cells["03646", "female"] and not cells["03655", "female"]
    cells = hidden(merged)
    assert cells[WARD, "female"] and cells[WARD, "male"]
    assert not cells["03664", "female"] and not cells["area", "female"]


def test_without_the_former_wards_reports_the_same_ward_would_be_told():
    tables = world(*in_wards(u03646=(12, 3)))
    rows = sonla.bridge_tables(tables)
    alone = {name: frame for name, frame in rows.items() if not name.endswith("_as_sent")}
    assert not any(hidden(checked_data(alone, small.plan_of())).values())


def test_two_former_wards_with_few_women_hide_those_of_the_ward_too():
    """4 and 4 are 8 together: told, with 20 of the two others, they would say so."""
    former, merged = both(*in_wards(u03646=(12, 4), u03649=(14, 4)))
    assert [hidden(former)[unit, "female"] for unit in FORMER] == [True, True, False, False]
    assert hidden(merged)[WARD, "female"]


def test_where_every_former_ward_tells_its_number_the_ward_tells_the_sum():
    former, merged = both(*in_wards())
    assert not any(hidden(former).values()) and not any(hidden(merged).values())
    cells = review_of(merged, WARD, DAY).groups
    cells = cells[(cells["grouping"] == "head_sex") & (cells["result"] == "x")]
    assert cells.set_index("group")["denominator"].to_dict() == {"male": 80, "female": 40}


def test_a_cell_that_covers_another_one_is_hidden_in_its_ward_too():
    """03667 has 2 women's households; Chiềng Lề's 10 are the first of the next smaller ones."""
    former, merged = both(*in_wards(u03667=(30, 2)))
    cells = hidden(former)
    assert [unit for unit in ("03667", *FORMER) if cells[unit, "female"]] == ["03667", WARD]
    cells = hidden(merged)
    assert [unit for unit in (WARD, "03664") if cells[unit, "female"]] == [WARD, "03664"]


def test_the_area_hides_in_new_units_what_it_hid_in_the_former():
    rows = [(DAY, unit, sex, n) for unit, men, women in (("03646", 12, 1), ("03664", 20, 1))
            for sex, n in (("male", men), ("female", women))]  # fmt: skip
    former, merged = both(*rows)
    assert hidden(former)["area", "female"]
    assert hidden(merged)["area", "female"]


def test_in_the_internal_edition_nothing_is_hidden():
    _, merged = both(*in_wards(u03646=(12, 3)))
    review = review_of(merged, WARD, DAY, edition="internal")
    assert not review.groups["hidden"].any()
    assert not review.villages[["poor_mark", "near_poor_mark"]].ne("").any(axis=None)


# --- any small table ----------------------------------------------------------------------

TABLES = st.lists(st.tuples(*[st.integers(0, 12)] * 3), min_size=4, max_size=4).map(np.array)
TWO = pd.DataFrame({"unit": ["N", "N", "M", "M"]}, index=["A", "B", "C", "D"])


def told(counts: np.ndarray, *geographies: tuple) -> tuple[System, dict]:
    """Return what lines of a table tell, each (lines, hidden): a line is a sum of units."""
    system = System()
    cells = [[system.count(at, n) for at, n in np.ndenumerate(counts)][i * 3 : i * 3 + 3]
             for i in range(len(counts))]  # fmt: skip
    for lines, of_lines in geographies:
        for line, marks in zip(lines, of_lines, strict=True):
            system.sum({cells[unit][group]: 1 for unit in line for group in range(3)})
            for group in np.flatnonzero(~marks):
                system.sum({cells[unit][group]: 1 for unit in line})
    few = {at: {cells[at[0]][at[1]]: 1} for at in map(tuple, np.argwhere(is_small(counts)))}
    return system, few


@given(TABLES)
def test_the_new_units_tell_nothing_that_the_former_ones_do_not(counts):
    of_units = hidden_cells([(np.vstack([counts, counts.sum(0)]),) * 2])
    frame = pd.DataFrame(of_units, index=[*TWO.index, "area"])
    of_wards = hidden_as_told(frame, TWO, ["N", "M"]).to_numpy()
    every, area = [[0], [1], [2], [3]], [0, 1, 2, 3]
    system, few = told(counts, ([*every, area], of_units))
    joint, _ = told(counts, ([*every, area], of_units), ([[0, 1], [2, 3], area], of_wards))
    assert joint.found(few).keys() == system.found(few).keys()


def test_the_attacker_finds_what_a_ward_told_by_itself_gives_away():
    """12 + 3 of A and 20 + 10 of B: the ward's 13 women's households less B's 10 are A's 3."""
    counts = np.array([[12, 3, 0], [20, 10, 0], [20, 10, 0], [20, 10, 0]])
    of_units = np.zeros((4, 3), bool)
    of_units[0, :2] = True
    every = [[0], [1], [2], [3]]
    alone, few = told(counts, (every, of_units))
    assert alone.found(few) == {}
    joint, _ = told(counts, (every, of_units), ([[0, 1], [2, 3]], np.zeros((2, 3), bool)))
    assert joint.found(few)


# --- villages -----------------------------------------------------------------------------


def test_a_village_keeps_the_mark_that_its_former_unit_gave_it():
    """Two villages of one household in one ward, 3 and 2 in the other: each by its own sum."""
    rows = [(DAY, "03646", "male", 1), (DAY, "03646", "female", 1),
            (DAY, "03649", "male", 3), (DAY, "03649", "female", 2)]  # fmt: skip
    former, merged = both(*rows)
    of_former = review_of(former, CITY, DAY).villages["poor_mark"].tolist()
    assert of_former == ["hidden", "hidden", "few", "few"]
    ward = review_of(merged, WARD, DAY)
    marks = ward.villages.set_index("village")["poor_mark"].to_dict()
    assert marks == {
        "female (phường Chiềng Lề)": "hidden",
        "male (phường Chiềng Lề)": "hidden",
        "female (phường Tô Hiệu)": "few",
        "male (phường Tô Hiệu)": "few",
    }


def test_households_without_a_village_are_one_line_hidden_where_a_part_is():
    homes = pd.DataFrame(
        {"unit": ["N", "N"], "parts": 2, "former_name": ["phường A", "phường B"]}, index=["A", "B"]
    )
    cells = pd.DataFrame(
        [("A", "", "few", ""), ("A", "Tổ 1", "few", ""), ("B", "", "", "")],
        columns=["unit", "village", "poor_mark", "near_poor_mark"],
    )
    found = at_home(cells, homes)
    assert found[["unit", "village", "poor_mark", "near_poor_mark"]].values.tolist() == [
        ["N", "", "hidden", ""],
        ["N", "Tổ 1 (phường A)", "few", ""],
        ["N", "", "hidden", ""],
    ]


# --- the sample's years, and a merger within them -----------------------------------------


@pytest.fixture(scope="module")
def over_new_year(city, plan):
    """The twelve units' last date is 2019-12-31; the four wards tell 2020."""
    data = checked_data(merged_on(city, "2019-12-31", "2020-01-01"), plan)
    dates = review_dates(data.tables)
    return releases(data, dates, data.held_on(dates[-1]))


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_no_small_count_of_a_group_is_found_over_the_merger(over_new_year, grouping):
    assert [len(one.leaf_units) for one in over_new_year] == [12, 4, 4, 4, 4, 4]
    system, wanted = of_groups(over_new_year, grouping)
    assert len(wanted) > 40
    assert system.found(wanted) == {}


def test_no_small_count_of_a_village_is_found_over_the_merger(over_new_year, city):
    system, wanted = of_villages(over_new_year, village_names(city["households"]))
    assert len(wanted) > 500
    assert system.found(wanted) == {}


def test_the_attacker_finds_what_the_new_wards_would_tell_by_themselves(city, plan, monkeypatch):
    monkeypatch.setattr(Review, "_told", None)
    data = checked_data(merged_on(city, "2019-12-31", "2020-01-01"), plan)
    dates = review_dates(data.tables)[:2]
    reviews = releases(data, dates, data.held_on(dates[-1]))
    system, wanted = of_groups(reviews, "ethnicity")
    assert system.found(wanted)
    system, wanted = of_villages(reviews, village_names(city["households"]))
    assert system.found(wanted)


@pytest.mark.privacy
@pytest.mark.parametrize("merger", [("2020-05-31", "2020-06-01"), ("2020-11-30", "2020-12-01")])
def test_nothing_is_found_over_a_merger_within_the_year(city, plan, merger):
    data = checked_data(merged_on(city, *merger), plan)
    dates = review_dates(data.tables)
    reviews = releases(data, dates, data.held_on(dates[-1]))
    for grouping in GROUPINGS:
        system, wanted = of_groups(reviews, grouping)
        assert system.found(wanted) == {}
    system, wanted = of_villages(reviews, village_names(city["households"]))
    assert system.found(wanted) == {}


# --- what pages print ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def in_four_wards(tmp_path_factory):
    """The sample in the units of 2025, by one line in about.toml."""
    folder = tmp_path_factory.mktemp("four")
    for file in sample_folder().glob("*.csv"):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "about.toml").write_text('synthetic = true\nunits_of = "2025-07-01"\n')
    return open_data(folder)


@pytest.mark.parametrize("ward", ["03646", "03664", "03670", "03679"])
def test_a_page_of_a_ward_prints_no_cell_that_a_former_ward_s_page_does_not(
    situation, in_four_wards, ward
):
    """Every number in its annex of groups is the sum of numbers in theirs."""
    pages = [printed(review_of(situation, unit, DAY)) for unit in HOMES if HOMES[unit] == ward]
    for cell, number in printed(review_of(in_four_wards, ward, DAY)).items():
        parts = [page.get(cell, 0) for page in pages]
        assert number is None or number == sum(parts), cell
        assert (number is None) == (None in parts), cell


def printed(review: Review) -> dict:
    """Return the counts in a page's annex of groups, None for a cell that is not told."""
    table = forms.groups(review)
    heads = [place for place, one in enumerate(table.columns) if one.key.endswith("_total")]
    trait, found = "", {}
    for row, texts in zip(table.rows, table.texts, strict=True):
        trait = texts[0] or trait
        for place in heads:
            number = row[place]
            found[trait, texts[1], table.columns[place].key] = (
                number if isinstance(number, int | np.integer) else None
            )
    return found


@pytest.mark.parametrize("ward", ["03646", "03664", "03670", "03679"])
def test_a_page_of_a_ward_tells_of_its_near_poor_what_all_former_wards_tell(
    situation, in_four_wards, ward
):
    parts = [unit for unit in HOMES if HOMES[unit] == ward]
    of_parts = review_of(situation, CITY, DAY).hidden_deprivations
    of_ward = review_of(in_four_wards, ward, DAY).hidden_deprivations
    assert (of_ward.loc[ward] == of_parts.loc[parts].any()).all()
    assert (of_ward.loc["area"] == of_parts.loc["area"]).all()


@pytest.mark.parametrize("by", ["village", "ethnicity"])
def test_the_panel_hides_of_a_ward_what_it_hides_of_a_former_one(situation, in_four_wards, by):
    ward = review_of(in_four_wards, WARD, DAY).hidden_groups("hygienic_water", by)
    names = village_names(situation.tables["households"])
    for unit in FORMER:
        for name, one in (
            review_of(situation, unit, DAY).hidden_groups("hygienic_water", by).items()
        ):
            assert ward[names[unit, name][1] if by == "village" else name] or not one


def test_a_former_ward_that_told_no_village_has_no_village_in_the_ward_s_chart(situation):
    """Their names would say that all its households on the list are in these."""
    rows = [(DAY, "03646", "male", 2), (DAY, "03649", "male", 3), (DAY, "03649", "female", 2)]
    ward = review_of(both(*rows)[1], WARD, DAY)
    chart = sonla.charts.villages(ward)
    assert chart.frame["village"].tolist() == ["female (phường Tô Hiệu)", "male (phường Tô Hiệu)"]
    assert any("Không nêu" in note for note in villages_note(chart.frame, 0, ward))
