"""Who lacks much at once: counted right, and nobody to be found in what is told of it."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from attacker import System
from cities import DATE, NO_POOR, changed, nobody_poor, silence

import sonla_analysis as sonla
from sonla_analysis import sentences
from sonla_analysis.definitions.standards import load_standard
from sonla_analysis.indicators.disclosure import small
from sonla_analysis.indicators.poverty_profile import (
    group_profile,
    hidden_of_units,
    indicator_profile,
    measured,
    profile_changes,
    profile_state,
    unit_profile,
)
from sonla_analysis.indicators.profile_protection import many_within, points_within
from sonla_analysis.page import profile_tables
from sonla_analysis.review import open_review, review_of
from sonla_analysis.sample import write_sample

CITY = "116"
OLD, NEW = load_standard("qd59_2015"), load_standard("nd07_2021")
COLUMNS = [one["column"] for one in OLD.deprivations]


def ward(unit: str, *lacking: int) -> pd.DataFrame:
    """Return poor households of a unit that lack so many of the ten, the first ones."""
    rows = [[place < n for place in range(10)] for n in lacking]
    return pd.DataFrame(rows, columns=COLUMNS, dtype="boolean").assign(unit=unit)


def hidden(rows: pd.DataFrame, standard=OLD) -> tuple[pd.DataFrame, tuple]:
    found = measured(rows, rows["unit"], standard)
    return found, hidden_of_units(rows, found, standard)


# --- counted -----------------------------------------------------------------------------


def test_h_a_and_m0_of_four_households():
    found = measured(ward("u", 0, 2, 3, 5), pd.Series(["u"] * 4), OLD).loc["u"]
    assert (found["many_low"], found["points_low"], found["lacking_low"]) == (2, 3 + 5, 10)
    assert found["H_low"] == found["H_high"] == 2 / 4
    assert found["A"] == pytest.approx((3 + 5) / (2 * 10))
    assert found["M0_low"] == pytest.approx((3 + 5) / (4 * 10))


def test_a_blank_leaves_two_ends_and_no_intensity():
    rows = ward("u", 2, 3)
    rows.loc[0, COLUMNS[9]] = pd.NA
    found = measured(rows, rows["unit"], OLD).loc["u"]
    assert (found["blank"], found["H_low"], found["H_high"]) == (1, 1 / 2, 1)
    assert (found["M0_low"], found["M0_high"]) == (3 / 20, pytest.approx(6 / 20))
    assert np.isnan(found["A"])


def test_nobody_who_lacks_so_many_has_no_intensity():
    found = measured(ward("u", 0, 2), pd.Series(["u"] * 2), OLD).loc["u"]
    assert (found["H_low"], found["M0_low"]) == (0, 0) and np.isnan(found["A"])


def test_the_city_is_what_alkire_foster_gives_of_its_poor_households(city):
    rows = city["households"].query("as_of == @DATE")
    rows = rows[rows["status"].isin(["poor_income", "poor_deprivation"])]
    expected = sonla.alkire_foster(sonla.deprivation_matrix(rows), "3/10").iloc[0]
    found = unit_profile(open_review("data/sample", CITY, DATE)).loc[CITY]
    assert found[["H_low", "A", "M0_low"]].tolist() == expected[["H", "A", "M0"]].tolist()
    assert (found["many_low"], found["households"]) == (80, 212)


def test_what_the_indicators_contribute_is_m0():
    review = open_review("data/sample", CITY, DATE, edition="internal")
    table, unit = indicator_profile(review), unit_profile(review).loc[CITY]
    assert table["contribution"].sum() == pytest.approx(unit["M0_low"])
    assert table["contribution_percent"].sum() == pytest.approx(100)
    assert table["both_low"].sum() == unit["points_low"] and not table["hidden"].any()


@pytest.mark.parametrize("by", ["ethnicity", "head_sex", "area"])
def test_the_groups_add_up_to_the_unit(by):
    review = open_review("data/sample", CITY, DATE, edition="internal")
    groups, unit = group_profile(review, by), unit_profile(review).loc[CITY]
    for name in ("households", "many_low", "points_low"):
        assert groups[name].sum() == unit[name]
    shares = groups["households"] / unit["households"]
    assert (shares * groups["M0_low"]).sum() == pytest.approx(unit["M0_low"])


def test_the_villages_of_the_internal_edition_add_up_to_the_unit():
    review = open_review("data/sample", "03661", DATE, edition="internal")
    found = group_profile(review, "village")
    assert not found[["hidden_households", "hidden", "hidden_A"]].any(axis=None)
    assert found["many_low"].sum() == unit_profile(review).loc["03661", "many_low"]


def test_the_parts_of_the_change_add_up():
    for _, one in profile_changes(open_review("data/sample", CITY, DATE)):
        assert one["incidence"] + one["intensity"] == pytest.approx(one["change"])


# --- where there is nothing to count -----------------------------------------------------


def test_why_there_is_no_profile(situation):
    def state(unit, change=None, data=situation):
        return profile_state(review_of(changed(data, change) if change else data, unit, DATE))

    assert state(CITY) == "" and state(NO_POOR) == state(CITY, nobody_poor) == "nobody"
    assert state("03661", silence("03661")) == "not_reported"
    assert state(CITY, silence("03661")) == ""
    sent = situation.tables["sent"]
    tables = situation.tables | {"sent": sent[sent["column"] != COLUMNS[0]]}
    without = replace(situation, tables=tables)
    assert state(CITY, data=without) == "not_sent"


def test_a_unit_without_a_register_is_left_out_of_the_city(situation):
    whole = unit_profile(review_of(situation, CITY, DATE))
    part = unit_profile(review_of(changed(situation, silence("03661")), CITY, DATE))
    assert "03661" not in part.index
    households = whole.loc[CITY, "households"] - whole.loc["03661", "households"]
    assert part.loc[CITY, "households"] == households


def test_a_change_is_not_told_where_a_unit_was_missing_or_a_cell_is_blank(situation):
    missing = changed(situation, silence("03661", "2020-09-30"))
    found = dict(profile_changes(review_of(missing, CITY, DATE)))
    assert found["2020-09-30"] is None and found["2019-12-31"] is not None


# --- what may be told --------------------------------------------------------------------


def every_form(homes: int, columns: int, least: int) -> dict[tuple, set]:
    """Return for each form 4 of so many households who can lack much: (many, points)."""
    found = {}
    for rows in product(product((0, 1), repeat=columns), repeat=homes):
        scores = [sum(row) for row in rows]
        many = [score for score in scores if score >= least]
        form = tuple(map(sum, zip(*rows, strict=True)))
        found.setdefault(form, set()).add((len(many), sum(many)))
    return found


@pytest.mark.parametrize(("homes", "columns", "least"), [(1, 4, 2), (2, 4, 3), (3, 3, 2)])
def test_what_form_4_leaves_open_is_what_every_register_leaves_open(homes, columns, least):
    for form, pairs in every_form(homes, columns, least).items():
        lacking, n = np.array([form]), np.array([homes])
        low, high = many_within(lacking, n, least)
        assert {many for many, _ in pairs} == set(range(low[0], high[0] + 1)), form
        fewest, most = points_within(lacking, n, low, high, least)
        points = {one for _, one in pairs}
        assert fewest[0] <= min(points) and most[0] >= max(points), form


def possible(rows: pd.DataFrame, found: pd.DataFrame, least: int) -> list[set]:
    """Return for each unit every (many, points) that form 4 leaves open."""
    ways = []
    for unit, one in found.iloc[:-1].iterrows():
        form = rows.loc[rows["unit"] == unit, COLUMNS].astype("int64").sum().to_numpy()[None]
        homes = np.array([int(one["households"])])
        low, high = many_within(form, homes, least)
        ways.append(set())
        for many in range(low[0], high[0] + 1):
            at = np.array([many])
            fewest, most = points_within(form, homes, at, at, least)
            ways[-1] |= {(many, points) for points in range(fewest[0], most[0] + 1)}
    return ways


def sums(ways: list[set]) -> set:
    found = {(0, 0)}
    for way in ways:
        found = {(a + c, b + d) for a, b in found for c, d in way}
    return found


def worked_out(rows: pd.DataFrame, least: int = 3) -> list[str]:
    """Return the units of which what is told gives a small number away that form 4 does not."""
    found, (units, area) = hidden(rows)
    truth = list(zip(found["many_low"], found["points_low"], strict=True))
    ways = possible(rows, found, least)
    told = [
        {way for way in of_unit if (hide_many or way[0] == true[0])
         and (hide_points or way[1] == true[1])}
        for of_unit, true, (hide_many, hide_points) in zip(ways, truth, units, strict=False)
    ]  # fmt: skip
    exposed = []
    for place, (many, _) in enumerate(truth[:-1]):
        homes = found["households"].iloc[place]
        few = small(np.array(many)) or small(homes - many)
        if not few or len({one for one, _ in ways[place]}) == 1:
            continue
        assert units[place, 0], found.index[place]
        others = sums([one for at, one in enumerate(told) if at != place])
        whole = {one for one in told[place] for rest in others
                 if (area[0] or one[0] + rest[0] == truth[-1][0])
                 and (area[1] or one[1] + rest[1] == truth[-1][1])}  # fmt: skip
        if len({one for one, _ in whole}) < 2:
            exposed.append(found.index[place])
    return exposed


@pytest.mark.parametrize("seed", range(15))
def test_no_small_number_of_a_unit_follows_from_what_is_told(seed):
    random = np.random.default_rng(seed)
    parts = [
        ward(f"u{place}", *random.choice(6, random.integers(1, 9), p=random.dirichlet([1] * 6)))
        for place in range(random.integers(1, 5))
    ]
    rows = pd.concat(parts, ignore_index=True)
    for name in COLUMNS:  # who lacks what, in another order in each column of a ward
        rows[name] = rows.groupby("unit")[name].transform(
            lambda one: random.permutation(one.to_numpy(bool))
        ).astype("boolean")  # fmt: skip
    assert worked_out(rows) == []


def test_no_ward_of_the_city_is_found_out(city):
    poor = city["households"]["status"].isin(["poor_income", "poor_deprivation"])
    found = city["households"][poor]
    for date in found["as_of"].unique():
        rows = found[found["as_of"] == date].reset_index(drop=True)
        table, (units, area) = hidden(rows)
        many, homes = (table[name].to_numpy()[:-1] for name in ("many_low", "households"))
        unsafe = small(many) | small(homes - many)
        open_ = [len({n for n, _ in ways}) > 1 for ways in possible(rows, table, 3)]
        assert units[unsafe & open_, 0].all() and area == [False, False]
        assert (units[:, 0] <= units[:, 1]).all()


def test_what_the_law_and_form_4_tell_already_is_told():
    # both households lack all ten: form 4 says so
    assert not hidden(pd.concat([ward("a", 10, 10), ward("b", 0, 0, 0)]))[1][0].any()


def test_one_more_deprivation_than_the_fewest_points_at_a_household():
    rows = pd.concat([ward("a", *[3] * 9, 4, *[1] * 9), ward("b", *[3] * 9, *[0] * 9)])
    mixed = rows.reset_index(drop=True)
    for place, name in enumerate(COLUMNS):
        mixed[name] = np.roll(mixed[name].to_numpy(bool), 7 * place)
    found, (units, _) = hidden(mixed)
    extra = found["points_low"] - 3 * found["many_low"]
    for place, n in enumerate(extra[:-1]):
        assert not small(n) or units[place, 1]


@pytest.mark.parametrize("seed", [159, 1])
@pytest.mark.parametrize("by", ["ethnicity", "head_sex"])
def test_no_small_number_of_a_group_follows_from_what_is_told(by, seed, tmp_path):
    data = "data/sample" if seed == 159 else write_sample(tmp_path, seed=seed)
    review = open_review(data, CITY, DATE)
    units = [*unit_profile(review).index]
    found = {unit: group_profile(replace(review, unit=unit), by) for unit in units}
    system, wanted = System(), {}
    for unit, groups in found.items():
        for name, one in groups.iterrows():
            _ask(system, wanted, (unit, name), one)
    names = [*found[CITY].index]
    for part in ("homes", "many", "extra"):
        for unit in units:
            if places := [system.places[unit, name, part] for name in found[unit].index]:
                system.sum(dict.fromkeys(places, 1))
        for name in names:
            parts = {system.places[unit, name, part]: 1 for unit in units[:-1]
                     if name in found[unit].index}  # fmt: skip
            system.sum(parts | {system.places[CITY, name, part]: -1})
    assert wanted and system.found(wanted) == {}


def _ask(system: System, wanted: dict, cell: tuple, one: pd.Series) -> None:
    """Let what is told of a group be known, and ask for its small numbers."""
    truth = {"homes": one["households"], "many": one["many_low"]}
    truth["extra"] = one["points_low"] - 3 * one["many_low"]
    at = {name: system.count((*cell, name), n) for name, n in truth.items()}
    flags = {"homes": "hidden_households", "many": "hidden", "extra": "hidden_A"}
    for part, flag in flags.items():
        if not one[flag]:
            system.tell(at[part])
    system.within(at["many"], at["homes"])
    rest = {at["homes"]: 1, at["many"]: -1}
    asked = {"many": {at["many"]: 1}, "rest": rest, "extra": {at["extra"]: 1}}
    for name, terms in asked.items():
        n = sum(system.truth[place] * factor for place, factor in terms.items())
        if small(n) and cell[0] != CITY:
            assert one["hidden_A" if name == "extra" else "hidden"], (cell, name)
            wanted[(*cell, name)] = terms


def test_a_ward_that_lacks_much_altogether_tells_nothing_of_its_services():
    # all of its two households lack three or more: nobody is to know, so no service may say so
    review = open_review("data/sample", "03649", DATE)
    assert unit_profile(review).loc["03649", ["many_low", "households", "hidden"]].tolist() == [
        2, 2, True,
    ]  # fmt: skip
    table = indicator_profile(review)
    assert table["hidden"].eq(table["lacking_low"] > 0).all()


def test_every_group_has_a_row_so_that_a_row_tells_nobody_is_there():
    review = open_review("data/sample", "03649", DATE)
    for by, homes in (("ethnicity", 2), ("head_sex", 2)):
        found = group_profile(review, by)
        assert len(found) == len(group_profile(replace(review, unit=CITY), by))
        assert found["households"].sum() == homes and found["hidden_households"].all()
        told = profile_tables.groups(review).texts
        assert all(set(row[2:]) == {"ẩn"} for row in told)


def test_where_all_the_poor_of_a_ward_lack_much_form_4_says_of_what(situation):
    def change(tables):
        rows = tables["households"]
        mine = rows["unit"].eq("03661") & rows["status"].isin(["poor_income", "poor_deprivation"])
        rows.loc[mine, COLUMNS[:3]] = True
        tables["households"] = rows

    review = review_of(changed(situation, change), "03661", DATE)
    unit, table = unit_profile(review).loc["03661"], indicator_profile(review)
    assert unit["many_low"] == unit["households"] and not unit[["hidden", "hidden_A"]].any()
    assert not table["hidden"].any() and (table["both_low"] == table["lacking_low"]).all()


# --- what is said ------------------------------------------------------------------------


def said(situation, unit, change=None, language="en", edition="public") -> str:
    data = changed(situation, change) if change else situation
    return sentences.lacking_much(review_of(data, unit, DATE, language, edition))


def test_the_paragraph_of_a_report_says_what_is_true_of_the_unit(situation):
    city = said(situation, CITY)
    assert "Of 212 poor households in Sơn La city, 80 lack 3 or more of 10 services" in city
    assert "(H = 37.7%)" in city and "(A = 32.6%); M0 = H × A = 0.123" in city
    assert "living space per person (21.5%)" in city and "does not replace the official" in city
    assert "is not told" in said(situation, "03649") and "2" not in said(situation, "03649")[:9]
    assert "has no poor households" in said(situation, NO_POOR)
    assert "has not reported" in said(situation, "03661", silence("03661"))
    found = said(situation, CITY, silence("03661"))
    assert found.startswith("Of 166 poor households in the 11 of 12 wards and communes with")
    assert "80 trong 212 hộ nghèo" in said(situation, CITY, language="vi")


def one_blank(tables):
    rows = tables["households"]
    poor = rows["unit"].eq("03661") & rows["status"].eq("poor_income") & rows["as_of"].eq(DATE)
    rows.loc[poor[poor].index[0], COLUMNS[0]] = pd.NA
    tables["households"] = rows


def test_a_blank_is_said_and_gives_two_ends_or_none(situation):
    text = said(situation, CITY, one_blank, edition="internal")
    assert "blanks stand in 1 of them" in text and "A and contributions are not worked out" in text
    review = review_of(changed(situation, one_blank), CITY, DATE, "en", "internal")
    table = profile_tables.indicators(review)
    assert table.texts[0][2:4] == ["3–4", "1.4–1.9"] and table.texts[0][-2:] == ["–", "–"]
    assert profile_tables.measures(review).texts[0][5] == "…"


def test_a_standard_whose_columns_are_not_there_is_named_with_them():
    review = open_review("data/sample", CITY, DATE, language="en")
    (own, other) = profile_tables.standards(review).texts
    assert own[1:] == ["3/10", "212", "37.7"]
    assert other[2] == "…" and "the register does not ask about Employment, Dependants" in other[3]


def test_the_poor_of_one_day_under_two_standards_stand_side_by_side(situation):
    def change(tables):
        row = {"as_of": DATE, "unit": CITY, "poor_households": 900, "standard": NEW.id}
        tables["history"] = pd.concat([tables["history"], pd.DataFrame([row])])

    own, other = profile_tables.standards(review_of(changed(situation, change), CITY, DATE)).texts
    assert (own[2], other[2]) == ("212", "900")
