"""Former units in the units of a later day: worked sums, chains, what is refused, every total."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sonla_analysis as sonla
from sonla_analysis.definitions.succession import became
from sonla_analysis.definitions.units import shipped_units, units_on
from sonla_analysis.language.refusals import UsageError

DAY, MERGED = "2020-12-31", "2025-07-01"
POOR = "poor_household_rate"
FORMER = {"03646": (22, 3300), "03649": (16, 3600), "03652": (5, 3100), "03655": (3, 2900)}
NUMBERS = ["numerator", "denominator", "unknown"]


def observation(unit, number, total, *, state="reported", unknown=0, low=None, high=None, **more):
    value = None if number is None or unknown else number / total * 100 if total else None
    low, high = (value, value) if low is None else (low, high)
    row = {"as_of": DAY, "unit": unit, "level": "unit", **more, "indicator": POOR}
    row |= {"numerator": number, "denominator": total, "value": value, "unknown": unknown}
    return row | {"lowest": low, "highest": high, "state": state}


def frame(*rows) -> pd.DataFrame:
    found = pd.DataFrame(rows)
    counts = {name: "Int64" for name in NUMBERS}
    return found.astype(counts | dict.fromkeys(["value", "lowest", "highest"], "float64"))


def four(**states) -> pd.DataFrame:
    """The four former wards of Tô Hiệu; a state given by its code empties the counts."""
    rows = []
    for code, counts in FORMER.items():
        state = states.get(f"u{code}")
        unknown = None if state else 0
        counts = (None, None) if state else counts
        rows.append(observation(code, *counts, state=state or "reported", unknown=unknown))
    return frame(*rows)


@pytest.fixture(scope="module")
def tables(city):
    return city


def complete(tables) -> dict:
    """The sample without blank counts."""
    counts = tables["unit_counts"]
    numbers = counts.columns.difference(["as_of", "unit"])
    return tables | {"unit_counts": counts.assign(**counts[numbers].fillna(7))}


# --- what became of a unit ---------------------------------------------------------------


def test_every_unit_of_the_province_went_into_one_of_the_75():
    found = became(shipped_units("son_la_province"), DAY, MERGED)
    assert len(found) == 200
    assert {len(homes) for homes in found.values()} == {1}
    units = units_on(MERGED, shipped_units("son_la_province"))
    assert {homes[0] for homes in found.values()} == set(units.index[units["parent"] == "14"])


def test_every_ward_and_commune_of_the_province_has_a_centre_within_it():
    units = shipped_units("son_la_province")
    wards = units[units["code"].str.len() == 5]
    assert wards["lat"].astype("float64").between(20.5, 22.1).all()
    assert wards["lon"].astype("float64").between(103.1, 105.1).all()


def test_a_chain_of_two_mergers_is_followed_to_its_end():
    units = chain()
    assert became(units, "2018-12-31", "2026-01-01")["A"] == ("D",)
    assert became(units, "2018-12-31", "2021-01-01")["A"] == ("C",)


def chain(last: str = "D") -> pd.DataFrame:
    """A and B merge into C in 2020, C and E into D in 2025; P is the district throughout."""
    lines = [
        ("P", "", "", ""),
        ("A", "", "2019-12-31", "C"),
        ("B", "", "2019-12-31", "C"),
        ("C", "2020-01-01", "2024-12-31", last),
        ("E", "", "2024-12-31", "D"),
        ("D", "2025-01-01", "", ""),
        ("F", "2025-01-01", "", ""),
    ]
    rows = pd.DataFrame(lines, columns=["code", "valid_from", "valid_to", "successor"])
    parent = rows["code"].map(lambda code: "" if code == "P" else "P")
    return rows.assign(name=rows["code"], kind="Xã", area="rural", parent=parent, note="")


def test_counts_are_added_along_a_chain():
    rows = [
        observation(code, n, 10, as_of="2018-12-31") for code, n in (("A", 1), ("B", 2), ("E", 4))
    ]
    found = sonla.bridge(frame(*rows), "2026-01-01", chain())
    assert found[["unit", "numerator", "denominator"]].values.tolist() == [["D", 7, 30]]


# --- adding ------------------------------------------------------------------------------


def test_the_rate_of_to_hieu_is_made_from_the_sums_and_is_no_mean_of_rates():
    found = sonla.bridge(four())
    assert found[["unit", "numerator", "denominator"]].values.tolist() == [["03646", 46, 12900]]
    assert found["value"].item() == pytest.approx(100 * 23 / 6450)
    assert found["lowest"].item() == found["highest"].item() == found["value"].item()


def test_a_code_that_means_another_unit_is_never_joined():
    """03646 was Chiềng Lề, 03664 was Chiềng Xôm: alone they are parts of Tô Hiệu, Chiềng An."""
    rows = frame(observation("03646", 22, 3300), observation("03664", 30, 900))
    found = sonla.bridge(rows).set_index("unit")
    assert found["state"].to_dict() == {"03646": "incomplete", "03664": "incomplete"}
    assert sonla.bridge(frame(observation("03667", 1, 9)))["unit"].tolist() == ["03664"]


@pytest.mark.parametrize(
    ("states", "state", "number"),
    [
        ({"u03649": "not_reported"}, "incomplete", 30),
        ({"u03649": "withheld"}, "incomplete", 30),
        ({f"u{code}": "not_reported" for code in FORMER}, "not_reported", None),
        ({f"u{code}": "withheld" for code in FORMER}, "withheld", None),
        ({"u03649": "hidden"}, "hidden", None),
    ],
)
def test_what_is_not_known_of_a_former_unit_is_not_known_of_the_sum(states, state, number):
    found = sonla.bridge(four(**states))
    assert found["state"].item() == state
    assert pd.isna(found["numerator"].item()) if number is None else found["numerator"].item() == 30
    assert pd.isna(found["value"].item()) == (number is None)


def test_an_incomplete_sum_is_judged_by_nobody(plan):
    judged = sonla.assess(sonla.bridge(four(u03655="not_reported")), plan)
    assert judged["status"].item() == "no_data"


def test_empty_registers_stay_empty_and_give_no_rate():
    rows = [observation(code, 0, 0, state="not_applicable") for code in FORMER]
    found = sonla.bridge(frame(*rows))
    assert found["state"].item() == "not_applicable"
    assert found["numerator"].item() == 0
    assert pd.isna(found["value"].item())


def test_blanks_leave_the_sum_two_ends():
    """2 of 10 and 3 unknown beside 1 of 10: between 3 of 20 and 6 of 20."""
    rows = [observation("03679", 2, 10, unknown=3, low=20.0, high=50.0)]
    rows += [observation("03673", 1, 10)]
    found = sonla.bridge(frame(*rows))
    assert found[["lowest", "highest"]].values.tolist() == [[15.0, 30.0]]
    assert pd.isna(found["value"].item())
    assert found["unknown"].item() == 3


def test_where_a_denominator_is_open_the_ends_are_never_too_narrow():
    """1 of 4, one household that may be counted or not: 1/5 to 2/5; beside 1 of 2."""
    rows = [observation("03679", 1, 4, unknown=1, low=20.0, high=40.0)]
    found = sonla.bridge(frame(*rows, observation("03673", 1, 2)))
    assert found["lowest"].item() <= 100 * 2 / 7
    assert found["highest"].item() >= 100 * 3 / 7


def test_groups_stay_apart_and_a_village_keeps_its_ward():
    rows = [
        observation("03679", 1, 4, village="Tổ 1"),
        observation("03673", 2, 5, village="Tổ 1"),
    ]
    found = sonla.bridge(frame(*rows))
    assert list(found.columns[:4]) == ["as_of", "unit", "level", "village"]
    assert found["village"].tolist() == ["Tổ 1 (phường Chiềng Sinh)", "Tổ 1 (xã Chiềng Ngần)"]
    assert found["numerator"].tolist() == [1, 2]
    rows = [observation("03679", 1, 4, sex="male"), observation("03673", 2, 5, sex="male")]
    assert sonla.bridge(frame(*rows))["numerator"].tolist() == [3]


def test_later_dates_and_areas_stay_as_they_are():
    later = observation("03646", 5, 50) | {"as_of": "2025-12-31"}
    area = observation("116", 46, 12900) | {"level": "area"}
    found = sonla.bridge(frame(later, area))
    assert sorted(found["unit"]) == ["03646", "116"]
    assert found["numerator"].tolist() == [46, 5]


# --- refused -----------------------------------------------------------------------------


def test_a_divided_unit_is_refused_with_the_reason():
    rows = frame(observation("C", 118, 900, as_of="2020-12-31"))
    with pytest.raises(
        UsageError, match="C C commune was divided by 2026-01-01 between D D commune, F F"
    ):
        sonla.bridge(rows, "2026-01-01", chain("D; F"))


def test_a_unit_beside_a_part_of_a_divided_one_is_incomplete_for_ever():
    found = sonla.bridge(frame(observation("E", 4, 10)), "2026-01-01", chain("D; F"))
    assert found["state"].tolist() == ["incomplete"]


def test_a_unit_without_a_known_successor_is_refused():
    with pytest.raises(UsageError, match="does not say what it went into"):
        sonla.bridge(frame(observation("C", 1, 9)), "2026-01-01", chain(""))


def test_figures_are_never_carried_back():
    rows = frame(observation("D", 1, 9) | {"as_of": "2026-12-31"})
    with pytest.raises(UsageError, match="never back"):
        sonla.bridge(rows, "2021-01-01", chain())


def test_columns_of_a_judgement_and_days_that_are_none_are_refused(observed, plan):
    with pytest.raises(UsageError, match="assess afterwards"):
        sonla.bridge(sonla.assess(observed, plan))
    with pytest.raises(UsageError, match="1/7/2025"):
        sonla.bridge(observed, "1/7/2025")
    with pytest.raises(UsageError, match="not in force"):
        sonla.bridge(frame(observation("3646", 1, 9)))


# --- totals ------------------------------------------------------------------------------


@st.composite
def cities(draw):
    """Twelve units with any counts, some of them silent."""
    rows = []
    for code in became(shipped_units(), DAY, MERGED):
        total = draw(st.integers(0, 5000))
        number = draw(st.integers(0, total))
        unknown = draw(st.integers(0, min(3, total - number)))
        if draw(st.integers(0, 9)) == 0:
            rows.append(observation(code, None, None, state="not_reported", unknown=None))
            continue
        ends = (
            {"low": number / total * 100, "high": (number + unknown) / total * 100} if total else {}
        )
        state = "reported" if total else "not_applicable"
        rows.append(observation(code, number, total, unknown=unknown, state=state, **ends))
    return frame(*rows)


@settings(max_examples=60, deadline=None)
@given(cities(), st.randoms())
def test_every_total_is_the_same_and_every_rate_lies_between_its_ends(rows, order):
    shuffled = rows.sample(frac=1, random_state=order.randint(0, 2**31))
    found = sonla.bridge(shuffled)
    assert found[NUMBERS].sum().tolist() == rows[NUMBERS].sum().tolist()
    assert len(found) == 4
    known = found[found["numerator"].notna() & (found["denominator"] > 0)]
    share = (known["numerator"] / known["denominator"] * 100).astype("float64")
    assert np.allclose(known["lowest"], share)
    most = (known["numerator"] + known["unknown"]) / known["denominator"] * 100
    assert np.allclose(known["highest"], most.astype("float64"))
    silent = rows.loc[rows["state"] == "not_reported", "unit"]
    whole = set(found.loc[found["state"].isin(["reported", "not_applicable"]), "unit"])
    homes = became(shipped_units(), DAY, MERGED)
    assert whole.isdisjoint({homes[one][0] for one in silent})


def test_the_citys_counts_are_the_same_on_every_date(observed):
    found = sonla.bridge(observed)
    keys = ["as_of", "indicator"]
    for part in ("unit", "area"):
        sums = [one[one["level"] == part].groupby(keys)[NUMBERS].sum() for one in (observed, found)]
        pd.testing.assert_frame_equal(*sums)


# --- tables ------------------------------------------------------------------------------


def test_measuring_the_bridged_tables_gives_the_bridged_figures(tables, plan):
    whole = complete(tables)
    after = sonla.measure(sonla.bridge_tables(whole), plan)
    pd.testing.assert_frame_equal(sonla.bridge(sonla.measure(whole, plan)), after)


def test_no_row_and_no_amount_is_lost(tables):
    found = sonla.bridge_tables(tables)
    for name in ("households", "members", "schools", "health_stations"):
        assert len(found[name]) == len(tables[name])
    for name in ("planned", "disbursed"):
        sums = [one["funding"].groupby("as_of")[name].sum() for one in (tables, found)]
        pd.testing.assert_series_equal(*sums)


def test_household_numbers_that_two_wards_share_stay_two_households(tables):
    def numbers(frame):
        return frame.assign(household=frame["household"].str[-4:])

    same = tables | {name: numbers(tables[name]) for name in ("households", "members")}
    found = sonla.bridge_tables(same)
    keys = ["as_of", "unit", "household"]
    assert same["households"]["household"].str.len().max() == 4
    assert not found["households"].duplicated(keys).any()
    assert not found["members"].duplicated([*keys, "person"]).any()
    persons = found["members"].merge(found["households"], on=keys, suffixes=("", "_of"))
    assert len(persons) == len(tables["members"])
    assert (persons["village"] == persons["village_of"]).all()


def test_a_blank_count_makes_the_sum_blank(tables):
    counts = tables["unit_counts"].copy()
    counts.loc[(counts["unit"] == "03649") & (counts["as_of"] == DAY), "households"] = pd.NA
    found = sonla.bridge_tables(tables | {"unit_counts": counts})["unit_counts"]
    rows = found[found["as_of"] == DAY].set_index("unit")["households"]
    assert pd.isna(rows["03646"])
    assert rows["03679"] == 5148 + 1733


def test_a_former_unit_that_sent_nothing_leaves_the_new_one_incomplete(tables, plan):
    names = ("households", "members", "unit_counts", "health_stations", "schools")
    less = {name: tables[name][tables[name]["unit"] != "03649"] for name in names}
    found = sonla.measure(sonla.bridge_tables(tables | less), plan, DAY)
    ward = found[found["unit"] == "03646"].set_index("indicator")["state"]
    assert ward["health_insurance_coverage"] == "incomplete"
    assert ward[POOR] == "not_reported"  # the households of 03649 are not known
    area = found[found["level"] == "area"].set_index("indicator")["state"]
    assert area["health_insurance_coverage"] == "incomplete"


def test_the_past_is_added_and_blank_where_a_former_unit_is_missing(tables):
    past = pd.DataFrame(
        [("2016-12-31", code, n, 10 * n, "Sổ cũ") for n, code in enumerate(FORMER, start=1)]
        + [("2017-12-31", "03646", 9, 90, "Sổ cũ"), ("2016-12-31", "116", 300, 9000, "Báo")],
        columns=["as_of", "unit", "poor_households", "households", "source"],
    ).astype({"poor_households": "Int64", "households": "Int64"})
    past["near_poor_households"] = pd.array([pd.NA] * len(past), dtype="Int64")
    found = sonla.bridge_tables(tables | {"history": past})["history"].set_index(["as_of", "unit"])
    assert found.loc[("2016-12-31", "03646"), "poor_households"] == 10
    assert found.loc[("2016-12-31", "03646"), "source"] == "Sổ cũ"
    assert pd.isna(found.loc[("2017-12-31", "03646"), "poor_households"])
    assert found.loc[("2016-12-31", "116"), "poor_households"] == 300


def test_counts_of_the_past_under_two_standards_have_no_sum(tables):
    rows = [("2021-12-31", code, 5, 50, "Sổ cũ") for code in FORMER]
    columns = ["as_of", "unit", "poor_households", "households", "source"]
    past = pd.DataFrame(rows, columns=columns)
    past = past.astype({"poor_households": "Int64", "households": "Int64"})
    past["near_poor_households"] = pd.array([pd.NA] * 4, dtype="Int64")
    for standards, poor in ((["qd59_2015"] * 4, 20), (["qd59_2015"] * 3 + ["nd07_2021"], None)):
        history = past.assign(standard=standards)
        found = sonla.bridge_tables(tables | {"history": history})["history"]
        told = found["poor_households"].item()
        assert pd.isna(told) if poor is None else told == poor


def test_the_former_city_stays_an_area_and_its_four_wards_lie_in_it(tables):
    found = sonla.bridge_tables(tables)["units"]
    assert found.loc[found["parent"] == "116", "name"].tolist() == [
        *("Tô Hiệu", "Chiềng An", "Chiềng Cơi", "Chiềng Sinh")
    ]
    area = units_on(DAY, found).loc["116"]
    assert f"{area['kind']} {area['name']}" == "Địa bàn thành phố Sơn La cũ"


def test_the_tables_given_are_left_as_they_were(tables):
    before = {name: frame.copy() for name, frame in tables.items()}
    sonla.bridge_tables(tables)
    for name, frame_before in before.items():
        pd.testing.assert_frame_equal(tables[name], frame_before)
