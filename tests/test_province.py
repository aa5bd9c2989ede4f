"""The synthetic province over the merger: 200 units, then 75, and the line of both."""

import pytest
from drawn import marks, texts, unreadable

from sonla_analysis import charts
from sonla_analysis.cli import main
from sonla_analysis.definitions.units import shipped_units
from sonla_analysis.indicators.poverty_path import breaks, known_points
from sonla_analysis.review import review_of
from sonla_analysis.sentences.path_findings import path_title

EARLY, LATE = "2024-12-31", "2025-12-31"
POOR = "poor_household_rate"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("province") / "data"
    asked = ["sample", "--out", str(folder), "--units", "75", "--standard", "nd07_2021"]
    assert main(asked) == 0
    return folder


@pytest.fixture(scope="module")
def data(folder):
    from sonla_analysis.review import open_data

    return open_data(folder, folder / "plan.toml")


def test_the_two_hundred_become_the_seventy_five(data):
    counts = data.tables["unit_counts"].groupby("as_of")["unit"].nunique()
    assert counts.to_dict() == {EARLY: 200, LATE: 75}


def test_nothing_in_it_must_be_corrected(data):
    assert [one for one in data.findings if one.severity == "error"] == []


def test_poor_is_who_has_the_score_and_three_deprivations_of_twelve(data):
    plan, register = data.plan, data.tables["households"]
    names = [one["column"] for one in plan.standard_data.deprivations]
    assert len(names) == 12
    assert set(register["status"]) == {"poor", "near_poor", "newly_escaped", "not_poor", "absent"}
    lacks = register[names].sum(axis=1)
    assert lacks[register["status"] == "poor"].min() >= 3
    assert lacks[register["status"] == "near_poor"].max() <= 2


def test_all_that_it_says_is_said_to_be_synthetic(folder, data):
    assert data.synthetic
    assert set(data.tables["history"]["source"].str[:7]) == {"Giả lập"}
    assert "every number is made up" in (folder / "README.md").read_text("utf-8")


def test_every_former_unit_has_a_past_of_its_own(data):
    past = data.tables["history"]
    years = past.groupby("unit")["as_of"].agg(lambda days: sorted(day[:4] for day in days))
    assert len(years) == 200
    assert all(one == ["2016", "2017", "2018", "2019"] for one in years)


def test_the_four_wards_have_their_line_back_over_the_merger_and_the_law(data):
    units = shipped_units("son_la_province")
    past = data.tables["history"]
    for ward in ("03646", "03664", "03670", "03679"):
        review = review_of(data, ward, LATE)
        points = known_points(review)
        formers = units[(units["successor"] == ward) & (units["valid_to"] == "2025-06-30")]["code"]
        was = past[past["unit"].isin(formers) & (past["as_of"] == "2016-12-31")]
        assert points[0].poor == was["poor_households"].sum()
        assert [one.on[:4] for one in points] == [
            "2016",
            "2017",
            "2018",
            "2019",
            "2023",
            "2024",
            "2025",
        ]
        found = [tuple(one) for one in breaks(review, points)]
        assert found == [("2022-01-01", "standard"), ("2025-07-01", "units")]
        assert "31/12/2024" in path_title(review, points)


def test_the_provinces_line_is_the_sum_of_its_units(data):
    points = known_points(review_of(data, "14", LATE))
    past = data.tables["history"].groupby("as_of")["poor_households"].sum()
    assert [one.poor for one in points if one.on < "2020"] == past.tolist()
    progress = data.progress[data.progress["indicator"] == POOR]
    early = progress[(progress["as_of"] == EARLY) & (progress["level"] == "area")]["numerator"]
    assert points[-2].poor == early.item()


def test_a_page_of_a_former_unit_stays_what_it_was(data):
    assert len(review_of(data, "14", EARLY).leaf_units) == 200
    assert review_of(data, "03649", EARLY).now.loc[POOR, "state"] == "reported"


@pytest.mark.parametrize("asked", [["--units", "12"], []])
def test_no_other_sample_is_of_the_decree(asked, tmp_path, capsys):
    out = ["--out", str(tmp_path / "x"), "--standard", "nd07_2021"]
    assert main(["sample", *out, *asked]) == 2
    assert "--units 75" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_an_unknown_standard_is_refused(tmp_path, capsys):
    asked = ["sample", "--out", str(tmp_path / "x"), "--standard", "nd7"]
    assert main([*asked, "--units", "75"]) == 2
    assert "nd07_2021" in capsys.readouterr().err


@pytest.mark.parametrize(("day", "units", "listed"), [(EARLY, 200, 33), (LATE, 75, 75)])
def test_on_the_map_of_the_province_every_unit_stands_once_and_can_be_read(
    data, day, units, listed
):
    chart = charts.unit_map(review_of(data, "14", day))
    assert unreadable(chart) == [] and chart.frame["lat"].notna().all()
    assert len(chart.frame) == chart.frame["unit"].nunique() == units == len(marks(chart))
    assert (f"Danh sách nêu {listed}/{units}" in chart.source) == (listed < units)
    names = set(texts(chart))
    assert set(chart.frame["short"].head(listed)) <= names
    assert set(chart.frame["number"].astype(str)) <= names
