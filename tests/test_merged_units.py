"""A report of a ward of today over the years before it was one, and what it says of the merger."""

import pandas as pd
import pytest

import sonla_analysis as sonla
from sonla_analysis.batch.summaries import figures
from sonla_analysis.cli import main
from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.definitions.units import shipped_units
from sonla_analysis.indicators.poverty_path import breaks, comparable, known_points
from sonla_analysis.indicators.since import poor_course, since_last
from sonla_analysis.review import checked_data, review_of
from sonla_analysis.sentences.path_findings import path_note, path_title

DAY, BEFORE, POOR = "2020-12-31", "2020-09-30", "poor_household_rate"


def merged_within_2020() -> pd.DataFrame:
    """The city's units as if the merger had been on 1 December 2020, and the city had gone on."""
    days = {"2025-06-30": "2020-11-30", "2025-07-01": "2020-12-01"}
    units = shipped_units().replace(days)
    city = units["code"] == "116"
    units.loc[city, "valid_to"] = ""
    new = units["valid_from"] != ""
    return units.assign(parent=units["parent"].mask(new, "116"))


@pytest.fixture(scope="module")
def tables():
    """Four dates of the twelve units and one, 31 December 2020, of the four wards."""
    sent = sonla.load_tables(sample_folder())
    moved = sonla.bridge_tables(sent, "2021-01-01", shipped_and_continuing())
    both = sent | {"units": merged_within_2020()}
    for name in (name for name in sent if "as_of" in sent[name] and name != "history"):
        early, last = sent[name]["as_of"] < DAY, moved[name]["as_of"] == DAY
        both[name] = pd.concat([sent[name][early], moved[name][last]], ignore_index=True)
    return both


def shipped_and_continuing() -> pd.DataFrame:
    """The same list, in which the former units still report on 31 December."""
    units = merged_within_2020()
    former = units["valid_to"] == "2020-11-30"
    later = units.assign(valid_to=units["valid_to"].mask(former, DAY))
    new = units["valid_from"] == "2020-12-01"
    return later.assign(valid_from=units["valid_from"].mask(new, "2021-01-01"))


@pytest.fixture(scope="module")
def situation(tables):
    return checked_data(tables, sonla.load_plan())


def review(situation, unit="03646", as_of=DAY, language="vi"):
    return review_of(situation, unit, as_of, language)


def test_the_line_of_a_new_ward_goes_back_over_the_merger(situation):
    points = known_points(review(situation))
    assert [point.on for point in points][-2:] == [BEFORE, DAY]
    sample = sonla.open_review(sample_folder(), "116", DAY).progress
    former = sample[sample["unit"].isin(["03646", "03649", "03652", "03655"])]
    rate = former[former["indicator"] == POOR].groupby("as_of")["numerator"].sum()
    assert [point.poor for point in points if point.source == "review"] == rate.tolist()


def test_a_code_of_two_units_is_never_one_line(situation):
    """03646 was Chiềng Lề: on the line of Tô Hiệu its few poor households never stand alone."""
    course = poor_course(review(situation).progress, DAY)["03646"]
    alone = situation.progress
    alone = alone[(alone["unit"] == "03646") & (alone["indicator"] == POOR)]["numerator"]
    assert all(line > one for line, one in zip(course[:4], alone[:4], strict=True))


def test_a_review_of_an_earlier_date_stays_in_its_own_units(situation):
    before = review(situation, "03649", BEFORE)
    assert len(before.leaf_units) == 12
    assert before.now.loc[POOR, "numerator"] < review(situation).now.loc[POOR, "numerator"] + 9
    with pytest.raises(sonla.language.refusals.UsageError):
        review(situation, "03649", DAY)


def test_the_citys_counts_are_the_same_on_every_date(situation):
    sample = sonla.open_review(sample_folder(), "116", DAY).progress
    seen = situation.seen_on(DAY).progress
    keys = ["as_of", "indicator"]
    sums = [
        one[one["level"] == "area"].set_index(keys)[["numerator", "denominator"]].sort_index()
        for one in (sample, seen)
    ]
    early = sums[0].index.get_level_values("as_of") < DAY
    pd.testing.assert_frame_equal(sums[0][early], sums[1][early])


def test_the_change_since_the_last_date_is_that_of_the_sum(situation):
    moved = since_last(review(situation)).loc["health_insurance_coverage"]
    assert moved["before"] == BEFORE
    now = review(situation).progress
    rows = now[(now["unit"] == "03646") & (now["indicator"] == "health_insurance_coverage")]
    values = rows.set_index("as_of")["value"]
    assert moved["difference"] == pytest.approx(values[DAY] - values[BEFORE])


def test_what_was_published_of_the_former_wards_comes_by_the_boundaries(tables):
    """The report before was of twelve units: its figures are compared with theirs, not sums."""
    data = checked_data(tables, sonla.load_plan())
    data.publish(figures(data, BEFORE, "vi"))
    rows = review(data).changes
    rows = rows[(rows["unit"] == "03646") & (rows["indicator"] == POOR)]
    parts = rows[rows["of"] == "numerator"].set_index("part")["amount"]
    told = data.progress[(data.progress["as_of"] == BEFORE) & (data.progress["indicator"] == POOR)]
    told = told.set_index("unit")["numerator"][["03646", "03649", "03652", "03655"]].sum()
    assert parts["boundaries"] == told
    assert "corrected" not in parts
    assert parts["now"] == parts.drop("now").sum() == 11


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_break_is_drawn_and_told(situation, language):
    ward = review(situation, language=language)
    found = breaks(ward, known_points(ward))
    assert [tuple(one) for one in found] == [("2020-12-01", "units")]
    assert "phường Chiềng Lề, phường Tô Hiệu" in path_note(ward, None, found)
    chart = sonla.charts.poverty_path(ward)
    texts = [text.get_text() for text in chart.figure.axes[0].texts]
    assert {"vi": "sáp nhập", "en": "merger"}[language] in texts
    assert any("Chiềng Lề" in text for text in sonla.sentences.methods(ward))


def test_the_area_that_went_on_has_no_break(situation):
    city = review(situation, "116")
    assert breaks(city, known_points(city)) == []


def test_where_a_unit_was_divided_the_line_begins_after_it(tables):
    units = tables["units"].replace({"successor": {"03679": "03679; 03670"}})
    divided = checked_data(tables | {"units": units}, sonla.load_plan())
    ward = review(divided)
    assert [point.on for point in known_points(ward) if point.source == "review"] == [DAY]
    assert ward.now.loc[POOR, "numerator"] == 11


# --- two poverty standards ----------------------------------------------------------------


def with_past(tables, rows) -> dict:
    columns = ["as_of", "unit", "poor_households", "standard"]
    past = pd.DataFrame(rows, columns=columns).astype({"poor_households": "Int64"})
    past = past.assign(households=pd.NA, near_poor_households=pd.NA, source="Sổ cũ")
    counts = dict.fromkeys(["households", "near_poor_households"], "Int64")
    return tables | {"history": past.astype(counts)}


def test_a_change_is_never_worked_out_across_two_standards(tables):
    """Only the point under the old standard is a year's end: nothing is said to have changed."""
    past = [("2018-12-31", "116", 289, "nd07_2021"), ("2017-12-31", "116", 350, "nd07_2021")]
    city = review(checked_data(with_past(tables, past), sonla.load_plan()), "116")
    points = [point for point in known_points(city) if point.poor is not None]
    assert comparable(points[:3]) == []
    assert "giảm" not in path_title(city, points[:2] + points[-1:])
    assert [one.kind for one in breaks(city, points)] == ["standard"]
    chart = sonla.charts.poverty_path(city)
    assert "đổi chuẩn nghèo" in [text.get_text() for text in chart.figure.axes[0].texts]


def test_a_year_may_stand_under_both_standards_and_is_joined_to_neither(tables):
    past = [("2020-12-31", "116", 400, "nd07_2021")]
    data = with_past(tables, past)
    data["history"]["as_of"] = "2019-12-31"
    points = known_points(review(checked_data(data, sonla.load_plan()), "116"))
    same_day = [point for point in points if point.on == "2019-12-31"]
    assert [point.standard for point in same_day] == ["nd07_2021", "qd59_2015"]


def test_poor_households_of_another_standard_are_never_counted_as_none(tables):
    """Under Decree 07 a household is `poor`; the plan of 2020 would count it as not poor."""
    register = tables["households"]
    poor = (register["unit"] == "03664") & (register["status"] == "poor_income")
    poor &= register["as_of"] == DAY
    other = register.assign(status=register["status"].mask(poor, "poor"))
    data = checked_data(tables | {"households": other}, sonla.load_plan())
    rules = {one.rule for one in data.findings if one.unit == "03664"}
    assert "other_standard" in rules
    assert review(data, "03664").now.loc[POOR, "state"] == "withheld"


# --- the command line ---------------------------------------------------------------------


def test_a_folder_may_say_of_which_day_its_units_are(tmp_path, capsys):
    """The sample's years for the four wards of 1 July 2025, by one line in about.toml."""
    folder = tmp_path / "four"
    folder.mkdir()
    for file in sample_folder().glob("*.csv"):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "about.toml").write_text('synthetic = true\nunits_of = "2025-07-01"\n')
    out = tmp_path / "reports"
    code = main(["report", str(folder), "--unit", "03646", "--to", "html", "--out", str(out)])
    assert code == 0, capsys.readouterr().err
    page = next(out.glob("03646-phuong-to-hieu/report.html")).read_text(encoding="utf-8")
    assert "được cộng từ phường Chiềng Lề, phường Tô Hiệu" in page
    figures = pd.read_csv(out / "indicators.csv", dtype="str")
    poor = figures[figures["indicator"] == POOR].set_index("unit")["numerator"]
    assert (poor["03646"], poor["116"]) == ("11", "212")
    assert len(poor) == 5


def test_a_former_city_signs_nothing(tmp_path):
    """Its area has no committee any more: the province's reports, and stands above the wards."""
    from sonla_analysis.page import document_record

    tables = sonla.bridge_tables(sonla.load_tables(sample_folder()))
    area, ward = (sonla.open_review(tables, unit, DAY) for unit in ("116", "03646"))
    records = [document_record(one, "") for one in (area, ward)]
    above = [(one["committee_of"], one["parent_name"]) for one in records]
    assert above == [("tỉnh Sơn La", ""), ("phường Tô Hiệu", "tỉnh Sơn La")]
    assert "được cộng từ phường Chiềng Lề" in sonla.sentences.headline(ward)


def test_a_day_that_is_none_is_refused(tmp_path, capsys):
    for file in sample_folder().glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "about.toml").write_text('units_of = "1/7/2025"\n')
    assert main(["check", str(tmp_path)]) == 2
    assert "units_of" in capsys.readouterr().err
