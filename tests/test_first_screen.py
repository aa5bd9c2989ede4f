"""What a report begins with: five figures, what is missed, what changed; true at every edge."""

import re
from types import SimpleNamespace

import pandas as pd
import pytest
import small
from bs4 import BeautifulSoup

from sonla_analysis import sentences
from sonla_analysis.batch.run import report
from sonla_analysis.indicators.progress import assess
from sonla_analysis.indicators.since import poor_course, since_last
from sonla_analysis.indicators.standing import UNMET
from sonla_analysis.office.spark import spark
from sonla_analysis.page import report_tables
from sonla_analysis.review import review_of

DATES = ["2020-03-31", "2020-06-30", "2020-09-30", "2020-12-31"]
UNITS = ["116", "03646", "03652", "03661"]


@pytest.fixture(scope="module")
def data(situation):
    return situation


def moved(*rows, **rule):
    """Return how the one figure of a made-up review moved, over rows of (date, counts, state)."""
    kind = rule.get("kind", "share")
    made = [small.observation(*counts, kind=kind, as_of=date, state=state)
            for date, counts, state in rows]  # fmt: skip
    plan = small.plan_of(**rule)
    progress = assess(pd.concat(made, ignore_index=True), plan)
    now = progress[progress["as_of"] == rows[-1][0]].set_index("indicator")
    review = SimpleNamespace(
        progress=progress, now=now, plan=plan, unit=small.CITY, as_of=rows[-1][0]
    )
    return since_last(review).loc["x"]


# --- what changed ------------------------------------------------------------------------


def test_a_figure_is_compared_with_the_last_date_that_has_it_whole():
    found = moved(
        ("2020-03-31", (10, 100), "reported"),
        ("2020-06-30", (20, 100), "incomplete"),
        ("2020-09-30", (30, 100), "reported"),
    )
    assert found["before"] == "2020-03-31"
    assert found["difference"] == 30 - 10 and found["course"] == "better"


def test_a_figure_that_is_not_whole_now_is_not_compared():
    found = moved(("2020-03-31", (10, 100), "reported"), ("2020-06-30", (20, 100), "incomplete"))
    assert found["course"] == "" and pd.isna(found["difference"])


@pytest.mark.parametrize(
    ("counted_when", "course"), [("within_year", ""), ("always", "worse"), ("review", "worse")]
)
def test_what_starts_from_zero_each_year_is_not_compared_across_a_year(counted_when, course):
    rows = [("2019-12-31", (90, 100), "reported"), ("2020-03-31", (20, 100), "reported")]
    assert moved(*rows, counted_when=counted_when)["course"] == course


def test_the_column_says_which_way_how_much_and_whether_that_is_good(data):
    texts = sentences.change_texts(review_of(data, "116", "2020-12-31"))
    before, now = (
        review_of(data, "116", date).now.loc["hygienic_water"] for date in DATES[-2:]
    )  # fmt: skip
    points = now["value"] - before["value"]
    assert points > 0
    assert texts["hygienic_water"] == f"▲ {points:.2f} điểm %, tốt hơn".replace(".", ",")
    assert texts["poor_household_rate"].startswith("▼ ")
    assert texts["poor_household_rate"].endswith(", tốt hơn")
    assert texts["health_criteria"] == "= không đổi"
    assert texts["full_vaccination"].endswith("(so với 30/06/2020)")  # 30/09 is not whole


def test_the_first_date_of_all_claims_no_change(data):
    review = review_of(data, "116", "2019-12-31")
    assert set(sentences.change_texts(review)) == {"–"}
    assert sentences.glance(review)["figures"][-1][0] == "–"
    assert [one.label for one in report_tables.progress(review).columns][-1] == "So với kỳ trước"


@pytest.mark.parametrize("unit", UNITS)
def test_the_course_of_a_unit_ends_with_its_poor_households_of_today(data, unit):
    review = review_of(data, unit, "2020-12-31")
    course = poor_course(review.progress, "2020-12-31")[unit]
    assert course[-1] == review.now.loc["poor_household_rate", "numerator"]
    assert course[:-1] == poor_course(review.progress, "2020-09-30")[unit]


def test_a_date_without_figures_is_a_gap_of_the_line_and_no_zero():
    rows = [("2020-03-31", 3, "reported"), ("2020-06-30", 0, "not_reported"),
            ("2020-09-30", 0, "reported")]  # fmt: skip
    names = ["as_of", "numerator", "state"]
    progress = pd.DataFrame(rows, columns=names).assign(unit="A", indicator="poor_household_rate")
    assert poor_course(progress, "2020-12-31") == {"A": [3, None, 0]}
    drawn = spark([3, 2, None, 5], "")
    assert drawn.count("<polyline") == 1 and drawn.count("<circle") == 1
    assert drawn.count(",") == 1 + 1  # a line of two points, and the last date alone
    assert spark([None, None], "") == ""


# --- five figures ------------------------------------------------------------------------


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("date", DATES)
def test_the_five_figures_are_those_of_the_record(data, unit, date):
    review = review_of(data, unit, date)
    now, figures = review.now, [one for one, _ in sentences.glance(review)["figures"]]
    assert len(figures) == 5
    judged = now["status"].isin(["met", "on_track", "behind", "missed", "not_met"]).sum()
    met = (now["status"] == "met").sum()
    assert figures[0] == (f"{met}/{judged}" if judged else "–")
    poor = now.loc["poor_household_rate"]
    assert figures[1] == str(poor["numerator"])
    before = review.progress.query(
        "unit == @unit and indicator == 'poor_household_rate' and as_of < @date"
    ).sort_values("as_of")["numerator"].iloc[-1]  # fmt: skip
    assert int(figures[4].replace("−", "-")) == poor["numerator"] - before


def test_with_a_ward_missing_every_count_of_the_city_has_a_star_and_none_is_compared(data):
    review = review_of(data, "116", "2020-12-31")
    now = review.now.copy()
    now.loc["poor_household_rate", "state"] = "incomplete"
    review.__dict__["now"] = now
    found = sentences.glance(review)
    assert [figure[-1] for figure, _ in found["figures"][1:4]] == ["*"] * 3
    assert found["figures"][4][0] == "–"
    assert "chưa đủ số liệu" in found["figures"][4][1]
    assert "* Chưa đủ số liệu của các xã, phường." in found["remarks"]


@pytest.mark.parametrize(("state", "why"), [("not_reported", "chưa có số liệu"),
                                            ("withheld", "đang chờ sửa")])  # fmt: skip
def test_without_a_register_no_figure_of_it_is_a_zero(data, state, why):
    review = review_of(data, "03652", "2020-12-31")
    now = review.now.copy()
    now.loc["poor_household_rate", ["state", "numerator"]] = [state, 0]
    review.__dict__["now"] = now
    figures = sentences.glance(review)["figures"][1:]
    assert [one for one, _ in figures] == ["–"] * 4
    assert all(why in text for _, text in figures)


def test_where_nobody_is_poor_the_figure_is_a_zero(data):
    figures = sentences.glance(review_of(data, "03652", "2020-12-31"))["figures"]
    assert figures[1][0] == "0" and figures[2][0] == "0%"


# --- only what is missed, all of it ------------------------------------------------------


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("date", DATES)
def test_the_list_holds_what_is_not_met_and_nothing_else_largest_first(data, unit, date):
    review = review_of(data, unit, date)
    table, unmet = report_tables.missed(review), review.now[review.now["status"].isin(UNMET)]
    if unmet.empty:
        assert table is None
        return
    numbers = [review.plan[name].number for name in unmet.index]
    assert sorted(row[0] for row in table.texts) == sorted(numbers)
    needed = unmet["still_needed"].fillna(0)
    by_number = {review.plan[name].number: needed[name] for name in unmet.index}
    sizes = [by_number[row[0]] for row in table.texts]
    assert sizes == sorted(sizes, reverse=True)
    assert all(row[4] for row in table.texts)  # each says what is still to do


def test_all_met_is_said_only_where_something_was_judged(data):
    said = {unit: sentences.glance(review_of(data, unit, "2020-12-31"))["remarks"]
            for unit in ("03652", "03646")}  # fmt: skip
    assert "Mọi chỉ tiêu được đánh giá đều đạt." in said["03652"]
    assert not any("đều đạt" in one for one in said["03646"])
    early = sentences.glance(review_of(data, "03652", "2020-03-31"))["remarks"]
    assert not any("đều đạt" in one for one in early)  # before the plan nothing is judged


# --- on the page -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    report(units=["116", "03661"], out=folder, formats="html", jobs=1)
    return folder


@pytest.fixture(scope="module")
def pages(finished):
    """The city's and a ward's page of a finished folder."""
    return {
        unit: BeautifulSoup(next(finished.glob(f"{unit}-*/report.html")).read_text(), "html.parser")
        for unit in ("116", "03661")
    }


def test_a_page_begins_with_figures_picture_and_what_is_missed(pages):
    for page in pages.values():
        first = page.select_one("main > .first")
        assert len(first.select(".tiles li")) == 5
        assert len(first.select("figure")) == 1
        assert first.select(".missed li .do")
        assert page.main.select_one(".sheet") is first


def test_the_seventeen_sentences_stand_once_and_folded(pages, data):
    for unit, page in pages.items():
        said = sentences.progress(review_of(data, unit, "2020-12-31"))
        text = page.get_text()
        assert all(text.count(one) == 1 for one in said)
        assert len(page.select("details.explained details.why")) == len(said) == 17


def test_every_unit_has_a_small_line_on_the_start_page_and_the_city_s(pages, finished):
    index = BeautifulSoup((finished / "index.html").read_text(), "html.parser")
    assert len(index.select("table.units svg.spark")) == 13
    assert len(pages["116"].select("svg.spark")) == 13
    assert re.fullmatch(r"\d+( → \d+)+", index.select_one("svg.spark")["aria-label"])
