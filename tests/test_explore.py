"""The panel at the keyboard, and the chart of one indicator it shows."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from drawn import bars, marks, texts, unreadable

from sonla_analysis import charts
from sonla_analysis.charts.theme import ACCENT
from sonla_analysis.definitions.folders import shipped
from sonla_analysis.definitions.input_columns import Column
from sonla_analysis.indicators.breakdown import groupings, observations, side_by_side
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.page import explore
from sonla_analysis.review import review_of
from sonla_analysis.sentences.breakdown_findings import ranked

DATE = "2020-12-31"
CITY, COMMUNE = "116", "03661"


@pytest.fixture(scope="module")
def city(situation):
    return review_of(situation, CITY, DATE)


@pytest.fixture(scope="module")
def commune(situation):
    return review_of(situation, COMMUNE, DATE)


# --- the numbers of one indicator --------------------------------------------------------


def test_only_what_the_tables_can_divide_is_offered(city, commune):
    assert groupings(city, "poor_household_rate") == ["unit"]
    assert groupings(commune, "poor_household_rate") == []
    assert groupings(commune, "health_insurance_coverage") == [
        "village",
        "ethnicity",
        "head_sex",
        "sex",
    ]
    assert groupings(city, "hygienic_water") == ["unit", "ethnicity", "head_sex", "area"]


def test_a_division_that_the_indicator_has_not_is_refused(commune):
    with pytest.raises(UsageError, match="'sex'"):
        observations(commune, "hygienic_water", "sex")


def test_the_units_add_up_to_the_city(city):
    units = observations(city, "hygienic_water", "unit")
    assert units["numerator"].sum() == city.now.loc["hygienic_water", "numerator"]


def test_small_groups_are_hidden_and_the_others_leave_no_way_back(city):
    rows = observations(city, "health_insurance_coverage", "ethnicity")
    hidden, told = rows["state"] == "hidden", rows["state"] == "reported"
    assert hidden.sum() >= 2 and rows.loc[hidden, ["numerator", "denominator"]].isna().all(
        axis=None
    )
    assert (rows.loc[told, "denominator"] >= 5).all()


def test_over_time_a_count_keeps_to_its_year(city):
    rows = observations(city, "radios_supported")
    assert rows["as_of"].str[:4].unique().tolist() == ["2020"]
    assert len(observations(city, "hygienic_water")) == 5


def test_the_group_with_most_to_do_stands_first_and_hidden_ones_last(city):
    one = city.plan["health_insurance_coverage"]
    rows = ranked(city, one, "ethnicity", observations(city, one.id, "ethnicity"))
    told = rows["state"] == "reported"
    assert rows.loc[told, "value"].astype(float).is_monotonic_increasing
    assert told.sum() == told.idxmin()


# --- a plan's own groups -----------------------------------------------------------------


@pytest.fixture(scope="module")
def housed(situation):
    """The sample under a plan that adds a kind of house to the register, as the sample has not."""
    column = Column("text", ("kiên cố", "tạm"), {"vi": "Loại nhà", "en": "House"})
    plan = replace(situation.plan, columns={"households": {"house": column}})
    rows = situation.tables["households"]
    solid = pd.Series(range(len(rows)), index=rows.index) % 3 > 0
    house = solid.map({True: "kiên cố", False: "tạm"})
    tables = {**situation.tables, "households": rows.assign(house=house)}
    return replace(situation, plan=plan, tables=tables)


def test_a_plan_s_own_group_divides_its_households(housed):
    review = review_of(housed, CITY, DATE)
    assert "house" in groupings(review, "hygienic_water")
    assert "house" not in groupings(review, "health_insurance_coverage")  # persons of a household
    rows = observations(review, "hygienic_water", "house")
    assert rows["numerator"].sum() == review.now.loc["hygienic_water", "numerator"]
    assert charts.indicator(review, "hygienic_water", "house").title.startswith(
        "Nước hợp vệ sinh theo loại nhà: từ "
    )


def test_of_a_plan_s_own_group_the_public_learns_no_small_number_and_no_ward_s(housed):
    assert "house" not in groupings(review_of(housed, COMMUNE, DATE), "hygienic_water")
    review, told, hidden = review_of(housed, CITY, DATE), [], 0
    for one in review.plan.indicators:
        if "house" in groupings(review, one.id):
            rows = observations(review, one.id, "house")
            counts = rows.loc[rows["state"] != "hidden", ["numerator", "denominator"]]
            reached, among = counts.fillna(0).astype(int).to_numpy().T
            hidden += (rows["state"] == "hidden").sum()
            told += [*reached, *among, *(among - reached)]
    assert hidden and not [n for n in told if 0 < n < 5]


# --- several units side by side ----------------------------------------------------------


def test_units_side_by_side_have_the_numbers_of_their_own_pages(situation, city):
    reviews = [review_of(situation, unit, DATE) for unit in (COMMUNE, CITY, "03646")]
    rows = side_by_side(reviews, "hygienic_water")
    assert rows["unit"].tolist() == [COMMUNE, CITY, "03646"]
    whole = rows.set_index("unit").loc[CITY, "numerator"]
    assert whole == city.now.loc["hygienic_water", "numerator"]


def test_groups_side_by_side_hide_what_each_unit_s_own_page_hides(situation):
    reviews = [review_of(situation, unit, DATE) for unit in (COMMUNE, "03673")]
    rows = side_by_side(reviews, "hygienic_water", "ethnicity")
    for one in reviews:
        own = observations(one, "hygienic_water", "ethnicity")
        beside = rows[rows["unit"] == one.unit].reset_index(drop=True)
        pd.testing.assert_frame_equal(beside, own)


# --- the chart ---------------------------------------------------------------------------


def test_a_chart_over_time_draws_each_date_with_its_value(city):
    chart = charts.indicator(city, "poor_household_rate")
    rows = observations(city, "poor_household_rate")
    found = texts(chart)
    assert "31/12/2019" in found and "0,77%" in found and "Chỉ tiêu ≤ 0,77%" in found
    assert [y for _, y in sorted(marks(chart))] == rows["value"].tolist()
    assert len(chart.numbers) == len(rows)


def test_a_chart_by_group_has_a_bar_as_long_as_each_value(city):
    chart = charts.indicator(city, "hygienic_water", "head_sex")
    rows = observations(city, "hygienic_water", "head_sex")
    told = rows[rows["state"] == "reported"]
    assert bars(chart, ACCENT) == sorted(told["value"].astype(float))


def test_a_hidden_group_is_named_but_not_told(city):
    chart = charts.indicator(city, "hygienic_water", "ethnicity")
    hidden = chart.numbers[chart.numbers.iloc[:, -1] == "ẩn"]
    assert len(hidden) >= 2 and (hidden.iloc[:, 1:3] == "–").all(axis=None)
    assert "Ẩn:" in " ".join(texts(chart))


@pytest.mark.parametrize(
    ("unit", "date", "language"),
    [(CITY, "2020-06-30", "vi"), ("03652", DATE, "en"), (COMMUNE, "2019-12-31", "vi")],
)
def test_every_choice_gives_a_chart_that_says_something(situation, unit, date, language):
    review = review_of(situation, unit, date, language)
    for one in review.plan.indicators:
        for by in [None, *groupings(review, one.id)[:2]]:
            chart = charts.indicator(review, one.id, by)
            told = " ".join([chart.title, chart.subtitle, chart.alt, *texts(chart)])
            assert chart.title and len(chart.numbers) > 0
            assert unreadable(chart) == []
            assert not {"nan", "None", "<NA>", "NaN"} & set(told.replace(",", " ").split())


def test_a_target_of_the_whole_city_is_no_line_for_a_ward(commune):
    found = " ".join(texts(charts.indicator(commune, "hygienic_toilet", "ethnicity")))
    assert "Chỉ tiêu ≥ 80%" not in found
    assert "Chỉ tiêu chung" in " ".join(texts(charts.indicator(commune, "hygienic_toilet")))


# --- the panel ---------------------------------------------------------------------------


@pytest.fixture
def panel(situation, tmp_path):
    return explore.panel(situation, indicator="health_insurance_coverage", save_to=tmp_path)


def test_the_panel_opens_on_the_city_and_the_last_date(situation):
    opened = explore.panel(situation)
    assert (opened.unit.value, opened.as_of.value, opened.by.value) == (CITY, DATE, "")
    assert opened.indicator.label == "1a. Tỷ lệ hộ nghèo"


def test_a_choice_changes_sentence_chart_table_and_observations_at_once(panel):
    picture, table = panel._picture.value, panel._numbers.value
    panel.unit.value = COMMUNE
    assert panel.review.unit == COMMUNE
    assert "Chiềng Đen" in panel.chart.subtitle
    assert panel._picture.value != picture and panel._numbers.value != table
    assert panel.observations["unit"].unique().tolist() == [COMMUNE]
    panel.by.value = "ethnicity"
    assert "ethnicity" in panel.observations
    assert panel.chart.title in panel._sentence.value


def test_units_chosen_beside_stand_in_one_chart_by_name(panel):
    panel.indicator.value = "hygienic_water"
    panel.unit.value, panel.beside.value = COMMUNE, ("03646", CITY)
    assert panel.observations["unit_name"].tolist() == [
        "Xã Chiềng Đen", "Phường Chiềng Lề", "Thành phố Sơn La",
    ]  # fmt: skip
    assert {"Xã Chiềng Đen", "Phường Chiềng Lề"} <= set(panel.chart.frame["name"])
    assert [value for _, value in panel.by.options] == ["", "ethnicity", "head_sex"]
    panel.by.value = "ethnicity"
    assert any(name.endswith("(xã Chiềng Đen)") for name in panel.chart.frame["name"])
    panel.beside.value = ()
    assert panel.observations["unit"].unique().tolist() == [COMMUNE]


def test_choices_show_names_beside_codes_and_begin_with_the_name_that_is_typed(panel):
    assert panel.unit.options[1] == ("Phường Chiềng Lề (03646)", "03646")
    assert panel.names["03646"] == "Phường Chiềng Lề"


def test_an_earlier_date_shows_what_was_known_then(panel):
    panel.as_of.value = "2020-06-30"
    assert panel.observations["as_of"].max() == "2020-06-30"


def test_a_division_survives_where_it_is_possible_and_goes_where_it_is_not(panel):
    panel.by.value = "sex"
    panel.unit.value = COMMUNE
    assert panel.by.value == "sex"
    panel.indicator.value = "poor_household_rate"
    assert panel.by.value == "" and panel.observations["as_of"].nunique() == 5


def test_the_chart_is_saved_for_a_document_and_the_panel_says_where(panel, tmp_path):
    panel._save_and_tell()
    names = sorted(file.name for file in tmp_path.iterdir())
    stem = "2020-12-31-116-thanh-pho-son-la-health-insurance-coverage"
    assert names == [f"{stem}.png", f"{stem}.svg"]
    assert str(tmp_path / names[0]) in panel._told.value
    from PIL import Image

    assert Image.open(tmp_path / names[0]).info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_a_folder_that_cannot_be_written_is_told_not_raised(panel, tmp_path):
    (tmp_path / "taken").write_text("a file")
    panel.save_to = tmp_path / "taken"
    panel._save_and_tell()
    assert "Không lưu được" in panel._told.value


def test_a_figure_that_is_being_corrected_says_so_and_the_panel_goes_on(situation):
    rows = situation.progress
    here = (rows["unit"] == COMMUNE) & (rows["indicator"] == "poor_household_rate")
    counts = ["numerator", "denominator", "value", "lowest", "highest", "unknown"]
    held = rows.assign(state=rows["state"].mask(here, "withheld"), **rows[counts].mask(here))
    panel = explore.panel(replace(situation, progress=held))
    panel.unit.value = COMMUNE
    assert "số liệu đang chờ sửa" in panel._sentence.value
    panel.unit.value = CITY
    assert panel._picture.value and "đang chờ sửa" not in panel._sentence.value


def test_a_unit_that_is_not_of_the_date_says_why_and_the_panel_goes_on(situation):
    panel = explore.panel(situation)
    panel._refuse(UsageError("mã này chưa có hiệu lực"))
    assert "mã này chưa có hiệu lực" in panel._sentence.value and panel._picture.value == ""
    panel.unit.value = COMMUNE
    assert panel._picture.value


def test_a_hostile_village_stays_text(situation):
    attack = '"><img src=x onerror=alert(1)>'
    rows = situation.tables["households"]
    renamed = rows.assign(ethnicity=rows["ethnicity"].astype("str").replace("Thái", attack))
    hostile = replace(situation, tables={**situation.tables, "households": renamed})
    panel = explore.panel(hostile, indicator="hygienic_water", by="ethnicity")
    shown = panel._sentence.value + panel._picture.value + panel._numbers.value
    assert "<img src=x" not in shown and "&lt;img src=x" in shown


def test_the_panel_speaks_english(situation):
    panel = explore.panel(situation, language="en", unit=COMMUNE)
    assert (
        panel.indicator.label == "1a. Poverty rate"
        and "the city as a whole has" in panel._sentence.value
    )


# --- the notebook ------------------------------------------------------------------------


def test_the_notebook_is_thin_and_stored_without_outputs():
    notebook = json.loads(
        Path(shipped("notebooks", "notebooks"), "explore.ipynb").read_text("utf-8")
    )
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert 9 <= len(notebook["cells"]) <= 15
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert all("guide" in one["metadata"]["tags"] for one in notebook["cells"] if one not in code)


def test_the_notebook_runs_from_another_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    notebook = json.loads(
        Path(shipped("notebooks", "notebooks"), "explore.ipynb").read_text("utf-8")
    )
    names = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    assert isinstance(names["panel"].observations, pd.DataFrame)
    assert list(tmp_path.iterdir()) == []
