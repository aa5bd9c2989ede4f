"""One rule of better and worse on every page: the same verdict in chart, table and sentence."""

import shutil
from dataclasses import replace

import pandas as pd
import pytest
from cities import CITY, DATE, LARGEST, NO_POOR, POOREST, changed, nobody_poor, silence

from sonla_analysis import charts, sentences
from sonla_analysis.batch.notebooks import papermill
from sonla_analysis.charts.spine import spine_rows
from sonla_analysis.cli import main
from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.indicators.against_rest import VERDICTS
from sonla_analysis.indicators.measure import review_dates
from sonla_analysis.indicators.poverty_path import RATE
from sonla_analysis.language.phrases import phrase
from sonla_analysis.page import report_tables
from sonla_analysis.review import open_data, review_of
from sonla_analysis.sentences.comparison_findings import compared, narrowed
from sonla_analysis.sentences.why import why

pytestmark = pytest.mark.whole

FOUR = {"03646": (3, 40), "03649": (14, 120), "03652": (2, 150), "03655": (9, 60)}
LABEL = "Against the other units"
SOME_UNITS = ("03646", LARGEST, NO_POOR, POOREST)


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    """The sample in which four units alone have measured children: 28 of 370 are underweight."""
    folder = tmp_path_factory.mktemp("four") / "data"
    shutil.copytree(sample_folder(), folder, ignore=shutil.ignore_patterns("submissions"))
    counts = pd.read_csv(folder / "unit_counts.csv", dtype=str, keep_default_na=False)
    names = ["children_under_5_underweight", "children_under_5_measured"]
    counts[names] = ""
    for unit, pair in FOUR.items():
        here = (counts["unit"] == unit) & (counts["as_of"] == DATE)
        counts.loc[here, names] = [str(one) for one in pair]
    counts.to_csv(folder / "unit_counts.csv", index=False)
    return folder


def told(review, indicator: str) -> str:
    return dict(why(review, indicator)).get(LABEL, "")


# --- the worked numbers ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("03646", "3/40 against 25/330 in the other units: no clear difference (Fisher, two-sided,"
         " p = 1.0000; adjusted by Benjamini–Hochberg, p = 1.0000)"),
        ("03649", "14/120 against 14/250 in the other units: no clear difference (Fisher,"
         " two-sided, p = 0.0568; adjusted by Benjamini–Hochberg, p = 0.0757)"),
        ("03652", "2/150 against 26/220 in the other units: better than the other units (Fisher,"
         " two-sided, p < 0.0001; adjusted by Benjamini–Hochberg, p = 0.0003)"),
        ("03655", "9/60 against 19/310 in the other units: no clear difference (Fisher, two-sided,"
         " p = 0.0290; adjusted by Benjamini–Hochberg, p = 0.0581)"),
    ],
)  # fmt: skip
def test_why_tells_the_worked_numbers_of_four_units(four, capsys, unit, said):
    assert main(["why", "9", str(four), "--unit", unit, "--language", "en"]) == 0
    assert f"{LABEL}: {said}\n" in capsys.readouterr().out


def test_the_funnel_draws_the_worked_four_and_the_table_prints_the_same(four):
    review = review_of(open_data(four), CITY, DATE, "en")
    chart = charts.funnel(review, "child_malnutrition")
    assert chart.title.endswith(
        ": 1 clearly better than the other units, none clearly worse (units compared: 4)"
    )
    drawn = chart.frame.set_index("unit")
    adjusted = [1, 0.0757, 0.000322, 0.0581]
    assert drawn.loc[list(FOUR), "p_adjusted"].to_list() == pytest.approx(adjusted, rel=1e-3)
    assert drawn["centre"].unique() == pytest.approx(100 * 28 / 370)
    printed = {
        row[0]: row[1:] for row in report_tables.compared(review, "child_malnutrition").texts
    }
    assert printed["Quyết Thắng ward"] == ["1.33%", "2/150", "26/220", "p = 0.0003", "Better"]
    assert printed["Chiềng Đen commune"] == ["not reported", "–", "–", "–", "not reported"]
    (row,) = [one for one in report_tables.spread(review).rows if one[0] == "9"]
    assert row[2:7] == pytest.approx([4, 100 * 28 / 370, 5.4922, 72.5756, 0.001158], abs=1e-4)


# --- one verdict everywhere -----------------------------------------------------------------


def test_every_chart_table_and_sentence_has_the_same_verdict_of_every_unit_and_date(situation):
    words = {name: phrase(f"spine.{name}", "en") for name in VERDICTS}
    long = {name: phrase(f"verdict.{name}", "en") for name in VERDICTS}
    for day in review_dates(situation.tables):
        area = review_of(situation, CITY, day, "en")
        rows = situation.progress.assign(verdict=situation.compared["verdict"])
        rows = rows[(rows["as_of"] == day) & (rows["level"] == "unit")]
        ruled = rows.set_index(["unit", "indicator"])["verdict"].dropna().to_dict()
        poor = {unit: one for (unit, name), one in ruled.items() if name == RATE}
        assert set(poor) == set(area.leaf_units.index)
        assert charts.ranking(area).frame.set_index("unit")["comparison"].to_dict() == poor
        funnel = charts.funnel(area)
        assert funnel.frame.set_index("unit")["verdict"].to_dict() == poor
        names = funnel.frame.set_index("name")["unit"]
        assert {names[row[0]]: row[-1] for row in funnel.numbers.to_numpy()} == {
            unit: words[one] for unit, one in poor.items()
        }
        assert {names[row[0]]: row[-1] for row in report_tables.compared(area).texts} == {
            unit: words[one] for unit, one in poor.items()
        }
        numbers = {one.id: one.number for one in area.plan.indicators}
        for unit in area.leaf_units.index:
            review = review_of(situation, unit, day, "en")
            own = {name: one for (code, name), one in ruled.items() if code == unit}
            spine = spine_rows(review)[1].set_index("number")["comparison"]
            spine = spine[spine != "untested"].to_dict()
            drawn = {numbers[name]: one for name, one in own.items() if numbers[name] in spine}
            assert spine == drawn
            table = dict(zip(numbers, report_tables.compared(review).texts, strict=True))
            assert {name for name, row in table.items() if row[4] != "–"} == set(own)
            for name, one in own.items():
                assert table[name][-1] == words[one]
                assert f": {long[one]} (" in compared(review, name)


def test_the_overview_marks_a_unit_as_the_rule_does(situation):
    area = review_of(situation, CITY, DATE)
    cells = charts.overview(area).frame
    poor = cells[(cells["number"] == "1a") & (cells["unit"] != CITY)].set_index("unit")["verdict"]
    ruled = charts.funnel(area).frame.set_index("unit")["verdict"]
    assert poor.to_dict() == ruled.to_dict()


def test_the_rule_is_named_under_every_chart_that_follows_it(situation):
    for language in ("vi", "en"):
        area = review_of(situation, CITY, DATE, language)
        rule = phrase("comparison_rule.short", language)
        for draw in (charts.ranking, charts.spine, charts.overview, charts.funnel):
            assert rule in draw(area).source, draw
        assert any("Benjamini–Hochberg" in one for one in sentences.methods(area))


# --- edges ----------------------------------------------------------------------------------


def test_a_silent_unit_is_not_compared_and_is_no_part_of_the_others(situation):
    quiet = changed(situation, silence(LARGEST))
    review = review_of(quiet, CITY, DATE, "en")
    frame = charts.funnel(review).frame.set_index("unit")
    assert LARGEST not in frame.index and len(frame) == 11
    whole = frame["numerator"].sum()
    assert (frame["numerator"] + frame["rest_numerator"] == whole).all()
    assert "only 11 of 12 units" in charts.funnel(review).source
    table = report_tables.compared(review).texts
    assert [row[1] for row in table].count("not reported") == 1
    assert told(review_of(quiet, LARGEST, DATE, "en"), RATE) == ""
    assert "Only the 11 of 12 units" in sentences.spread(review)[1]


def only(unit):
    """Return a change after which only this unit has sent anything, on any date."""

    def change(tables):
        for name in ("households", "members", "unit_counts", "health_stations", "schools"):
            tables[name] = tables[name][tables[name]["unit"] == unit]

    return change


def test_one_unit_alone_is_held_against_nobody_and_the_page_says_so(situation):
    lone = changed(situation, only(POOREST))
    for unit in (CITY, POOREST):
        review = review_of(lone, unit, DATE, "en")
        chart = charts.funnel(review)
        assert chart.title == "Poverty rate: cannot be compared: only one unit has a figure"
        assert chart.frame.empty and told(review, RATE) == ""
        assert "units cannot be compared yet" in charts.ranking(review).title
        assert sentences.spread(review) == [
            "Poverty rate: whether the gap between units narrows cannot be said: no two units"
            " have figures on both dates."
        ]
        assert report_tables.spread(review) is None


def test_where_nobody_is_poor_no_unit_differs_and_nothing_narrows(situation):
    empty = changed(situation, nobody_poor)
    review = review_of(empty, CITY, DATE, "en")
    chart = charts.funnel(review)
    assert set(chart.frame["verdict"]) == {"no_clear_difference"}
    assert chart.title.startswith("Poverty rate: no unit clearly differs from the other units")
    (said,) = sentences.spread(review)
    assert "the gap between units is unchanged in points" in said and "draws" not in said
    assert report_tables.gaps(review) is None


def test_on_the_first_date_there_is_nothing_to_narrow_from(situation):
    first = review_dates(situation.tables)[0]
    (said,) = sentences.spread(review_of(situation, CITY, first, "en"))
    assert said.endswith("cannot be said: there is no earlier date to compare with.")


def test_what_accumulates_within_the_year_is_not_compared_with_another_day(situation):
    days = review_dates(situation.tables)
    plan = situation.plan
    within = [one.id for one in plan.indicators if one.counted_when == "within_year"]
    shares = [name for name in within if plan[name].kind == "share"]
    for name in shares:
        found = narrowed(review_of(situation, CITY, days[1]), name)
        assert isinstance(found, str) or found["before"][4:] == days[1][4:]


def test_a_plan_without_a_share_says_that_units_cannot_be_compared(situation):
    counts = tuple(one for one in situation.plan.indicators if one.kind == "count")
    few = replace(situation, plan=replace(situation.plan, indicators=counts))
    few = changed(few, lambda tables: None)
    review = review_of(few, CITY, DATE, "en")
    assert charts.funnel(review).title == "The plan has no share that units can be compared by"
    assert sentences.spread(review) == [] and report_tables.compared(review) is None
    assert report_tables.spread(review) is None


def test_without_the_poverty_rate_the_share_on_which_most_units_differ_is_drawn(situation):
    rest = tuple(one for one in situation.plan.indicators if one.id != RATE)
    other = replace(situation, plan=replace(situation.plan, indicators=rest))
    other = changed(other, lambda tables: None)
    review = review_of(other, CITY, DATE, "en")
    chart, spine = charts.funnel(review), charts.spine(review)
    assert chart.title.startswith(spine.title.split(" differs most")[0])


# --- what is said of the spread --------------------------------------------------------------


def test_a_change_that_may_be_chance_is_never_told_as_certain(situation):
    for unit in (CITY, *SOME_UNITS):
        review = review_of(situation, unit, DATE, "en")
        found, said = narrowed(review, RATE), sentences.spread(review)[0]
        assert found["clear"] == ("this is more than chance" in said)
        assert found["clear"] != ("may be chance" in said)


def test_numbers_that_differ_are_printed_as_different(situation):
    said = sentences.spread(review_of(situation, CITY, DATE, "en"))[0]
    found = narrowed(review_of(situation, CITY, DATE), RATE)
    assert found["in_ratio"] == "narrower" and "119.9 → 119.6% of the overall rate" in said


# --- the page --------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "language"), [(CITY, "vi"), (NO_POOR, "en")])
def test_the_comparison_page_runs_for_the_area_and_for_a_unit(unit, language):
    page = papermill.execute_notebook(
        "notebooks/comparison.ipynb", None, {"unit": unit, "language": language},
        engine_name="sonla", kernel_name="python3", progress_bar=False,
    )  # fmt: skip
    records = [
        output["metadata"]["sonla"]
        for cell in page["cells"]
        for output in cell.get("outputs", ())
        if "sonla" in output["metadata"]
    ]
    kinds = [(one["kind"], one.get("slug")) for one in records if one["kind"] != "text"]
    assert ("chart", "funnel") in kinds and ("chart", "spine") in kinds
    assert ("table", f"compared_{'units' if unit == CITY else 'figures'}") in kinds
    assert ("table", "spread") in kinds


# --- words -----------------------------------------------------------------------------------


REASONS = {
    "compare_reason": (
        *("not_share", "yes_or_no", "single", "not_counts", "no_figures", "one_unit", "open"),
    ),
    "gap_reason": ("unknown", "not_counts"),
    "spread_reason": ("one_date", "other_units", "few_units", "not_compared"),
}


@pytest.mark.parametrize(
    ("section", "name"), [(one, name) for one in REASONS for name in REASONS[one]]
)
def test_every_reason_has_its_words_in_both_languages(section, name):
    assert len({phrase(f"{section}.{name}", language) for language in ("vi", "en")}) == 2


def test_what_is_not_compared_says_why(situation):
    review = review_of(situation, POOREST, DATE, "en")
    said = {row[0]: row[-1] for row in report_tables.compared(review).texts}
    assert said["Stations with a doctor"] == "not compared: a yes or no in each unit"
    assert said["Fall in poor households"] == said["Radios given"]
    assert said["Radios given"] == "not compared: a count or a reduction"
