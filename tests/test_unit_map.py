"""The map of the units: right places by date, no circle over another, marks as in all charts."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cities import CITY, DATE, LARGEST, POOREST, changed, silence
from drawn import everything, marks, texts, unreadable

import sonla_analysis as sonla
from sonla_analysis import charts
from sonla_analysis.charts.overview import cells
from sonla_analysis.definitions.centres import centres
from sonla_analysis.definitions.units import shipped_units, units_on
from sonla_analysis.indicators.unit_map import spread_out, units_with_centres
from sonla_analysis.page import explore
from sonla_analysis.review import open_review, review_of

WARDS = ["03646", "03664", "03670", "03679"]
PROVINCE = shipped_units("son_la_province")


@pytest.fixture(scope="module")
def city(situation):
    return review_of(situation, CITY, DATE)


@pytest.fixture(scope="module")
def bridged():
    """The old city's data in the units of 2025."""
    tables = sonla.bridge_tables(sonla.load_tables("data/sample"))
    return open_review(tables, CITY, DATE)


def there(day: str, within=None) -> pd.DataFrame:
    """Return unit, lat and lon of the wards and communes of a day."""
    units = units_on(day, PROVINCE)
    units = units[units.index.str.len() == 5]
    units = units if within is None else units[units["parent"] == within]
    return centres(units, day).rename_axis("unit").reset_index()


def distances(places: pd.DataFrame) -> np.ndarray:
    at = places[["x", "y"]].to_numpy()
    far = np.hypot(*(at[:, None] - at).T)
    np.fill_diagonal(far, np.inf)
    return far


# --- places ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "within", "radius", "number"),
    [
        ("2020-12-31", CITY, 0.37, 12),
        ("2025-12-31", None, 0.155, 75),
        ("2024-12-31", None, 0.14, 200),
    ],
)
def test_no_circle_covers_another_and_each_unit_has_one(day, within, radius, number):
    units = there(day, within)
    places = spread_out(units, 6.0, 3.4, radius, 0.05)
    assert len(places) == number and places.notna().all(axis=None)
    assert distances(places).min() >= 2 * radius + 0.05 - 1e-9
    assert places["x"].between(radius - 1e-9, 6.0 - radius + 1e-9).all()


@pytest.mark.parametrize(("day", "within"), [("2020-12-31", CITY), ("2025-12-31", None)])
def test_north_is_up_and_east_is_right(day, within):
    units = there(day, within)
    places = spread_out(units, 6.0, 3.4, 0.155, 0.05)
    for axis, degrees in (("y", "lat"), ("x", "lon")):
        value = units[degrees].to_numpy()
        clearly = value[:, None] - value > (value.max() - value.min()) / 4
        ahead = places[axis].to_numpy()
        assert clearly.any() and (ahead[:, None] > ahead)[clearly].all()


def test_a_kilometre_is_as_long_eastward_as_northward():
    north = 0.1 * np.cos(np.radians(21.05))
    cross = pd.DataFrame({"unit": ["a", "b", "c"], "lat": [21.0, 21.0, 21.0 + north],
                          "lon": [104.0, 104.1, 104.0]})  # fmt: skip
    far = distances(spread_out(cross, 5, 5, 0.1, 0.05))
    assert far[0, 1] == pytest.approx(far[0, 2], rel=0.01)


def test_units_of_one_centre_part_and_the_order_of_rows_changes_nothing():
    units = there("2024-12-31").query("unit in ['03979', '03980', '03983', '04000', '04033']")
    assert units[["lat", "lon"]].drop_duplicates().shape[0] == 1
    places = spread_out(units, 5, 3, 0.2, 0.05)
    assert distances(places).min() >= 0.45 - 1e-9
    again = spread_out(units.iloc[::-1], 5, 3, 0.2, 0.05)
    pd.testing.assert_frame_equal(again.loc[places.index], places)


def test_units_without_a_centre_stand_in_a_row_below_all_others():
    units = there("2020-12-31", CITY)
    units.loc[units["unit"].isin(["03646", "03661"]), ["lat", "lon"]] = np.nan
    places = spread_out(units, 4, 3, 0.3, 0.05)
    lost = units["lat"].isna()
    assert places.loc[lost, "y"].nunique() == 1
    assert places.loc[lost, "y"].max() < places.loc[~lost, "y"].min() - 0.6
    assert distances(places).min() >= 0.65 - 1e-9


# --- the right unit ----------------------------------------------------------------------


def test_a_code_has_the_centre_of_the_unit_it_means_on_the_date(city):
    then = units_with_centres(city, "poor_household_rate").set_index("unit")
    listed = PROVINCE[PROVINCE["valid_to"] != ""].set_index("code")
    assert len(then) == 12
    for code in then.index:
        assert then.loc[code, "lat"] == float(listed.loc[code, "lat"])


def test_old_counts_added_into_new_wards_stand_where_the_new_wards_are(bridged):
    found = units_with_centres(bridged, "poor_household_rate").set_index("unit")
    listed = PROVINCE[PROVINCE["valid_from"] == "2025-07-01"].set_index("code")
    assert sorted(found.index) == WARDS
    for code in WARDS:
        assert found.loc[code, "lon"] == float(listed.loc[code, "lon"])


def test_the_four_wards_have_a_map_that_can_be_read(bridged):
    chart = charts.unit_map(bridged)
    assert unreadable(chart) == []
    assert sorted(chart.frame["unit"]) == WARDS and len(marks(chart)) == 4


def test_another_unit_of_the_same_code_is_not_put_in_its_place(situation):
    """A made-up or foreign unit may have a code of the province: its name says it is another."""

    def renamed(tables):
        units = tables["units"]
        other = units["code"].eq(POOREST)
        tables["units"] = units.assign(name=units["name"].mask(other, "Bản Khác"))

    chart = charts.unit_map(review_of(changed(situation, renamed), CITY, DATE))
    frame = chart.frame.set_index("unit")
    assert pd.isna(frame.loc[POOREST, "lat"]) and frame["y"].idxmin() == POOREST
    assert "chưa biết vị trí của 1 xã, phường" in chart.source
    assert len(marks(chart)) == 12 and unreadable(chart) == []


def test_where_no_centre_is_known_there_is_no_map_and_no_choice_of_one(situation):
    def elsewhere(tables):
        tables["units"] = tables["units"].assign(name="Nơi " + tables["units"]["code"])

    other = changed(situation, elsewhere)
    assert charts.unit_map(review_of(other, CITY, DATE)) is None
    options = [value for _, value in explore.panel(other).by.options]
    assert "unit" in options and "map" not in options


# --- what it says ------------------------------------------------------------------------


def test_every_unit_stands_as_in_the_table_of_all_targets(city):
    grid = cells(city, list(city.leaf_units.index)).set_index(["number", "unit"])
    for one in city.plan.indicators:
        for row in charts.unit_map(city, one.id).frame.itertuples(index=False):
            verdict = grid.loc[(one.number, row.unit), "verdict"]
            seen = {"untested": "", "no_data": "absent"}.get(row.mark, row.mark)
            assert seen == verdict or (row.state == "not_applicable" and verdict == "absent")


def test_statuses_and_counts_are_those_of_the_progress_table(city):
    rows = city.progress[(city.progress["as_of"] == DATE) & (city.progress["level"] == "unit")]
    for name in ("hygienic_water", "health_insurance_coverage"):
        own = rows[rows["indicator"] == name].set_index("unit")
        frame = charts.unit_map(city, name).frame.set_index("unit")
        for column in ("status", "numerator", "denominator", "value"):
            assert frame[column].to_dict() == pytest.approx(own[column].to_dict(), nan_ok=True)
        judged = frame["status"].isin(["met", "missed"])
        assert judged.any() and (frame["mark"] == frame["status"])[judged].all()


def test_order_and_figures_are_those_of_the_ranking(city):
    there, beside = charts.unit_map(city).frame, charts.ranking(city).frame
    assert list(there["unit"]) == list(beside["unit"])
    assert list(there["figure"]) == list(beside["figure"])
    assert list(there["mark"]) == list(beside["comparison"])


def test_a_target_of_the_whole_city_judges_no_ward(city):
    frame = charts.unit_map(city).frame
    assert set(frame["status"]) == {"not_applicable"}
    assert set(frame["mark"]) <= {"better", "no_clear_difference", "worse"}


def test_the_title_counts_the_marks(city):
    worse = charts.unit_map(city).frame["mark"].eq("worse").sum()
    assert charts.unit_map(city).title.startswith(f"Tỷ lệ hộ nghèo: {worse}/12 xã, phường kém hơn")
    water = charts.unit_map(city, "hygienic_water")
    met, missed = (water.frame["mark"].eq(key).sum() for key in ("met", "missed"))
    nobody = (water.frame["state"] == "not_applicable").sum()
    assert water.title == (
        f"Nước hợp vệ sinh: {met}/12 xã, phường đạt chỉ tiêu; "
        f"chưa đạt: {missed}; không áp dụng: {nobody}"
    )


def test_a_silent_ward_has_no_figure_and_is_said(situation):
    chart = charts.unit_map(review_of(changed(situation, silence(LARGEST)), CITY, DATE))
    row = chart.frame.set_index("unit").loc[LARGEST]
    assert row["mark"] == "no_data" and row["inside"] == "?" and row["number"] == 12
    assert chart.title.endswith("chưa có số liệu: 1") and "chưa báo cáo" in texts(chart)
    assert len(marks(chart, "no_data")) == 1 and len(marks(chart)) == 12


def test_a_hidden_figure_is_nowhere_in_the_chart(situation):
    rows = situation.progress
    here = (rows["unit"] == LARGEST) & (rows["indicator"] == "poor_household_rate")
    assert "5.148" in everything(charts.unit_map(review_of(situation, CITY, DATE)))
    numbers = ["numerator", "denominator", "value", "lowest", "highest", "unknown"]
    hidden = rows.assign(state=rows["state"].mask(here, "hidden"))
    hidden[numbers] = hidden[numbers].mask(here)
    found = charts.unit_map(review_of(replace(situation, progress=hidden), CITY, DATE))
    told = everything(found)
    assert "5.148" not in told and "5148" not in told
    assert found.frame.set_index("unit").loc[LARGEST, "mark"] == "no_data"


def test_where_blanks_leave_two_ends_both_are_told(situation):
    def blank(tables):
        rows = tables["households"]
        some = rows["unit"].eq(POOREST) & (rows.index % 2 == 0)
        water = rows["hygienic_water"].mask(some)
        tables["households"] = rows.assign(hygienic_water=water)

    chart = charts.unit_map(review_of(changed(situation, blank), CITY, DATE), "hygienic_water")
    row = chart.frame.set_index("unit").loc[POOREST]
    assert row["mark"] in ("undecided", "missed") and "–" in row["inside"]
    assert unreadable(chart) == []


def test_a_plan_without_the_indicator_has_no_map(city):
    assert charts.unit_map(city, "not_in_this_plan") is None


# --- explore -----------------------------------------------------------------------------


def test_the_panel_shows_the_units_of_the_city_on_a_map(situation):
    panel = explore.panel(situation, indicator="hygienic_water", by="map", language="en")
    assert panel.chart.slug == "hygienic-water-map" and len(panel.observations) == 12
    assert "charts.unit_map(panel.review, &#x27;hygienic_water&#x27;)" in panel._numbers.value
    panel.unit.value = POOREST
    assert panel.by.value == "" and "map" not in [value for _, value in panel.by.options]
