"""Will it be reached, and who must bring what: as the reports of wards and city say it."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from cities import CITY, NO_POOR, POOREST, changed, silence

from sonla_analysis.definitions.plan import load_plan
from sonla_analysis.indicators.fair_split import what_each_brings
from sonla_analysis.indicators.foreseen import foreseen, past_rates, rate_trend
from sonla_analysis.indicators.moves import yearly_moves
from sonla_analysis.indicators.outlook import outlook
from sonla_analysis.indicators.poverty_path import RATE
from sonla_analysis.page import report_tables
from sonla_analysis.review import open_data, review_of
from sonla_analysis.sentences import headline, outlook_heading, to_bring
from sonla_analysis.sentences import methods as methods_said
from sonla_analysis.sentences import outlook as outlook_said
from sonla_analysis.sentences import progress as progress_said
from sonla_analysis.sentences.bring_findings import split_by_rule
from sonla_analysis.sentences.outlook_findings import chance_said, tried_on_published

HALF = "2020-06-30"
PATTERN = Path(__file__).parents[1] / "docs/examples/mau_2026_2030.toml"


@pytest.fixture(scope="module")
def data():
    from sonla_analysis.definitions.folders import sample_folder

    return open_data(sample_folder(), "kh159_2020")


def said(data, unit, as_of, language="en") -> str:
    return " ".join(outlook_said(review_of(data, unit, as_of, language)))


# --- what is foreseen ----------------------------------------------------------------------


def test_the_rate_of_the_year_before_is_the_start_of_the_first_register(data):
    rates = past_rates(review_of(data, CITY, HALF)).set_index("as_of")
    assert rates.loc["2018-12-31", ["numerator", "denominator"]].tolist() == [289, 27396]
    assert rates.loc["2018-12-31", "households_of"] == "2019-12-31"  # its own are not known
    assert "2016-12-31" not in rates.index  # nor are those of the year after


def test_the_last_years_pace_starts_from_there(data):
    found = foreseen(review_of(data, CITY, HALF)).query(f"indicator == '{RATE}'")
    value = found.set_index("method")["value"]
    assert value["last_points"] == pytest.approx(100 * (2 * 262 - 289) / 27396)
    assert value["last_ratio"] == pytest.approx(100 * 262**2 / 289 / 27396)


def test_every_method_is_told_with_its_value_and_the_chance_with_its_caveat(data):
    text = said(data, CITY, HALF)
    assert "no method reaches the target" in text
    for value in ("0.86% by last year's change", "0.87% by last year's ratio", "0.88% by last"):
        assert value in text
    assert "53 out, 27 in" in text and "the chance to reach it is <1%" in text
    assert "far less sure" in text


def test_a_single_method_is_never_told(data):
    found = foreseen(review_of(data, CITY, HALF))
    alone = found[(found["answers"] < 2) & found["value"].notna()]
    assert "hygienic_water" in set(alone["indicator"])
    table = report_tables.outlook(review_of(data, CITY, HALF))
    assert [row[0][:2] for row in table.texts] == ["1a"]
    assert "Not enough dates for an estimate of 13 targets" in said(data, CITY, HALF)


def test_a_target_that_is_met_is_not_foreseen(data):
    review = review_of(data, CITY, HALF)
    met = set(review.now.index[review.now["status"] == "met"])
    assert met and not met & set(foreseen(review)["indicator"])


@pytest.mark.parametrize("unit", [CITY, POOREST, NO_POOR])
def test_at_the_plans_end_nothing_is_foreseen(data, unit):
    review = review_of(data, unit, "2020-12-31")
    assert foreseen(review).empty and report_tables.outlook(review) is None
    assert outlook_heading(review) == ""
    assert len(outlook_said(review)) == 1  # the trend


def test_before_the_plan_judges_nothing_is_foreseen(data):
    review = review_of(data, CITY, "2020-03-31")
    assert foreseen(review).empty and outlook_said(review) == to_bring(review) == []


def test_three_years_are_a_description_and_no_test(data):
    found = rate_trend(review_of(data, CITY, "2020-12-31"))
    assert (found["points"], found["first"], found["verdict"]) == (3, 2018, "falls_each_time")
    assert pd.isna(found["p"])
    assert rate_trend(review_of(data, CITY, HALF)) is None


def test_a_ward_sees_where_its_rate_leads_and_no_verdict(data):
    found = foreseen(review_of(data, POOREST, HALF)).query(f"indicator == '{RATE}'")
    assert found["met"].isna().all() and found["chance"].isna().all()
    text = said(data, POOREST, HALF)
    assert "4.00% by last year's change" in text and "that of the whole city" in text
    assert "chance" not in text


def test_of_few_moves_no_level_is_told(data):
    assert "too few to say where they lead" in said(data, "03646", HALF)
    assert "would settle at" in said(data, POOREST, HALF)


def test_a_city_with_a_silent_ward_is_not_foreseen(data):
    silent = changed(data, silence(POOREST, "2019-12-31"))
    found = foreseen(review_of(silent, CITY, HALF))
    assert RATE not in set(found["indicator"])


def test_without_the_status_at_the_start_the_moves_are_not_told(data):
    def forget(tables):
        tables["households"] = tables["households"].assign(start_status=pd.NA)

    found = foreseen(review_of(changed(data, forget), CITY, HALF))
    assert not (found["method"].eq("moves") & found["value"].notna()).any()


def test_published_years_with_their_households_are_years_of_the_outlook(data):
    def remember(tables):
        past = pd.DataFrame(
            {
                "as_of": ["2016-12-31", "2017-12-31", "2018-12-31"],
                "unit": CITY,
                "households": pd.array([27000, 27100, 27200], "Int64"),
                "poor_households": pd.array([414, 350, 289], "Int64"),
                "near_poor_households": pd.array([247, 200, 167], "Int64"),
                "source": "Thử",
            }
        )
        tables["history"] = past

    review = review_of(changed(data, remember), CITY, "2020-12-31")
    found = rate_trend(review)
    assert (found["points"], found["verdict"]) == (5, "falling")
    assert found["p"] == pytest.approx(1 / 60)
    rates = past_rates(review).set_index("as_of")["value"]
    assert rates["2018-12-31"] == pytest.approx(100 * 289 / 27200)


def test_history_under_another_law_is_no_year_of_it(data):
    def of_another_law(tables):
        tables["history"] = tables["history"].assign(
            as_of=["2014-12-31", "2015-12-31"], households=pd.array([26000, 26500], "Int64")
        )

    rates = past_rates(review_of(changed(data, of_another_law), CITY, HALF))
    assert rates["as_of"].min() == "2018-12-31"


def test_nothing_is_foreseen_past_the_end_of_the_law(data):
    later = replace(data.plan, end="2025-12-31")
    moves = yearly_moves(data.tables["households"], data.progress)
    found = outlook(data.progress, later, HALF, moves=moves)
    of_the_poor = found[found["indicator"].isin([RATE, "hygienic_water"])]
    assert set(of_the_poor["reason"]) == {"new_law"}
    schools = found[found["indicator"] == "schools_national_standard"]
    assert "new_law" not in set(schools["reason"])


@pytest.mark.parametrize(
    ("chance", "text"), [(0.0, "<1%"), (0.0099, "<1%"), (0.5, "50%"), (0.995, ">99%"), (1, ">99%")]
)
def test_no_chance_is_told_as_if_it_were_sure(chance, text):
    assert chance_said(chance, "en") == text


def test_the_back_test_is_told_with_its_smallness():
    assert "(12 times, 4 areas)" in tried_on_published(
        "en"
    ) and "far too few" in tried_on_published("en")
    assert "off by 0.65 points" in tried_on_published("en")


# --- what each unit must bring -------------------------------------------------------------


def test_every_column_adds_up_to_what_the_city_still_needs(data):
    table = report_tables.to_bring(review_of(data, CITY, HALF))
    assert table.rows[0][3:] == [252 - 213] * 3  # 213 of 27,521 print as 0.77 %
    for column in (1, 3, 4, 5):
        assert sum(row[column] for row in table.rows[1:]) == table.rows[0][column]
    assert all(row[3] <= row[1] for row in table.rows)


def test_the_table_is_what_the_rules_give(data):
    found = split_by_rule(review_of(data, CITY, HALF))
    for rule, rows in found.items():
        observed = data.progress[["as_of", "unit", "level", *_OBSERVED]]
        own = what_each_brings(observed, data.plan, RATE, HALF, rule)
        assert rows["brings"].tolist() == own["brings"].tolist()


_OBSERVED = ["indicator", "numerator", "denominator", "value", "unknown", "lowest", "highest"]
_OBSERVED += ["state"]


def test_nothing_is_to_be_brought_where_the_target_is_met(data):
    review = review_of(data, CITY, "2020-12-31")  # 212 of 213
    assert to_bring(review) == [] and report_tables.to_bring(review) is None


def test_a_ward_is_told_of_no_split(data):
    assert to_bring(review_of(data, POOREST, HALF)) == []


def test_with_a_silent_ward_nothing_is_split_and_it_is_named(data):
    silent = changed(data, silence(POOREST, HALF))
    review = review_of(silent, CITY, HALF, "en")
    assert report_tables.to_bring(review) is None
    (text,) = to_bring(review)
    assert text == (
        "What each unit must bring cannot be told: there is no full figure of Chiềng Đen commune."
    )


def test_a_tie_is_said(data):
    def twins(tables):
        """Let all wards have the same poor of the same households: 7 poor of 400 each."""
        counts, register = tables["unit_counts"], tables["households"]
        counts["households"] = pd.array([400] * len(counts), "Int64")
        place = register.groupby(["as_of", "unit"]).cumcount()
        status = place.map(lambda at: "poor_income" if at < 7 else "near_poor")
        tables["households"] = register.assign(status=status, start_status=status)

    review = review_of(changed(data, twins), CITY, HALF, "en")
    table = report_tables.to_bring(review)
    assert any(text.endswith("*") for row in table.texts[1:] for text in row[3:])
    assert any("Equal remainders" in note for note in table.notes)


# --- a plan with a target for each year ----------------------------------------------------


@pytest.fixture(scope="module")
def five_years(tmp_path_factory, data):
    """The sample's data, six years later, under the pattern's plan with all its lines certain."""
    text = PATTERN.read_text(encoding="utf-8").replace('"recalled"', '"plan_wording"')
    text = text.replace('standard = "nd07_2021"', 'standard = "qd59_2015"')
    text = text.replace('area = "14"', 'area = "116"')
    poor = '"poor_income", "poor_deprivation"'
    text = text.replace('["poor"]', f"[{poor}]").replace('["poor", ', f"[{poor}, ")
    for year in range(2030, 2024, -1):  # 2025–2030 become 2019–2024
        text = text.replace(f'"{year}-12-31"', f'"{year - 6}-12-31"')
        text = text.replace(f'"{year}" =', f'"{year - 6}" =')
    text = text.replace("2.89", "0.40").replace("6.89", "0.77").replace("5.89", "0.70")
    text = text.replace("4.89", "0.60").replace("3.89", "0.50")
    file = tmp_path_factory.mktemp("plan") / "five_years.toml"
    file.write_text(text, encoding="utf-8")
    from sonla_analysis.definitions.folders import sample_folder

    return open_data(sample_folder(), file)


def test_the_headline_says_which_years_target_is_judged(five_years):
    text = headline(review_of(five_years, CITY, "2020-12-31", "en"))
    assert "For target 1 the level that counts now is that of the end of 2020" in text
    assert "not yet that of the end of the plan (31/12/2024)" in text


def test_every_sentence_of_a_yearly_target_names_its_year(five_years):
    review = review_of(five_years, CITY, "2020-12-31", "en")
    assert "the target (at most 0.77% by the end of 2020) is met" in progress_said(review)[0]
    assert report_tables.progress(review).texts[0][2] == "≤ 0.77% (2020)"
    assert any("through the plan's yearly targets" in one for one in methods_said(review))


def test_the_plans_last_year_is_not_said_to_be_another(five_years):
    plan = five_years.plan.on("2024-06-30")
    assert plan["poor_household_rate"].leg.end == plan.end


def test_the_next_years_target_is_foreseen_as_far_as_the_law_goes(five_years):
    found = foreseen(review_of(five_years, CITY, "2020-12-31")).query(f"indicator == '{RATE}'")
    told = found[found["value"].notna()]
    assert set(told["until"]) == {"2021-12-31"}  # the standard ends with 2021
    line = told.set_index("method")["value"]["line"]
    first, last = 100 * 262 / 27396, 100 * 212 / 27646
    assert line == pytest.approx(last + (last - first))
    assert set(found.loc[found["until"] == "2024-12-31", "reason"]) == {"new_law"}
    assert "Nothing is estimated of target 1 past 31/12/2021" in said(
        five_years, CITY, "2020-12-31"
    )


def test_a_plan_of_one_year_says_nothing_of_yearly_targets(data):
    assert load_plan().on(HALF)[RATE].leg is None
    assert "level that counts" not in headline(review_of(data, CITY, HALF, "en"))
