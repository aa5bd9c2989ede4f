"""The synthetic city is what its README says, and the same code makes provinces."""

import filecmp
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from sonla_analysis import sample
from sonla_analysis.definitions.input_columns import CARRIED
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.sample import generate, write_sample
from sonla_analysis.sample.calibration import DATES, PROFILE

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
POOR = ["poor_income", "poor_deprivation"]
LISTED = [*POOR, "near_poor", "newly_escaped"]
END = "2020-12-31"
YEAR_ENDS = (DATES[0], END)


@pytest.fixture(scope="module")
def city():
    return generate()


@pytest.fixture(scope="module")
def province(tmp_path_factory):
    return write_sample(tmp_path_factory.mktemp("province"), 30, seed=1, dates=YEAR_ENDS)


@pytest.fixture(scope="module")
def province_tables():
    return generate(30, seed=1, dates=YEAR_ENDS)


def on(table, date):
    return table[table["as_of"] == date]


def poor_at(city, date, column="status"):
    return int(on(city["households"], date)[column].isin(POOR).sum())


def movement(households, date):
    """Form 2 and 3 in one: start by end, the two kinds of poor as one."""
    year = on(households, date).replace({"start_status": POOR, "status": POOR}, "poor")
    return pd.crosstab(year["start_status"], year["status"])


# --- calibration ---------------------------------------------------------------------------


def test_the_published_counts_of_2018_are_the_start_of_2019(city):
    start = on(city["households"], "2019-12-31")["start_status"]
    assert start.isin(POOR).sum() == 289
    assert (start == "near_poor").sum() == 167


def test_the_poor_fall_from_262_to_212_and_the_rate_to_the_plan(city):
    households = on(city["unit_counts"], END)["households"].sum()
    assert [poor_at(city, "2019-12-31"), poor_at(city, END)] == [262, 212]
    assert 212 / households <= 0.0077
    assert 15 <= 100 * (262 - 212) / 262 <= 20


def test_the_path_between_the_years_is_gradual(city):
    counts = [poor_at(city, date) for date in DATES]
    assert counts == sorted(counts, reverse=True)
    assert all(before - after <= 30 for before, after in pairwise(counts))


def test_some_unit_rises_on_the_way_and_some_unit_ends_without_poor(city):
    register = city["households"]
    counts = register[register["status"].isin(POOR)].groupby(["unit", "as_of"]).size().unstack()
    steps = counts.fillna(0).diff(axis=1).iloc[:, 1:]
    assert ((steps > 0).any(axis=1) & (steps < 0).any(axis=1)).sum() >= 2
    assert counts[END].isna().sum() == 1
    assert counts[END].min() == 2


def test_the_deprivations_of_the_poor_follow_the_published_profile(city):
    poor = on(city["households"], "2019-12-31").query("status in @POOR")
    shares = 100 * poor[list(PROFILE.index)].mean().astype(float)
    away = (shares - PROFILE["poor"]).abs().drop("deprived_information_assets")
    assert away.max() < 10
    assert poor["deprived_information_assets"].sum() == 91  # the plan's radios


def test_population_and_size_of_households_are_those_of_the_census(city):
    totals = on(city["unit_counts"], "2019-12-31")[["households", "population"]].sum()
    assert abs(totals["population"] / 106_052 - 1) < 0.01
    assert 3.8 <= totals["population"] / totals["households"] <= 3.9


# --- every row keeps the rules -------------------------------------------------------------


def test_every_status_follows_from_scores_and_area(city):
    rows = city["households"].query("status != 'absent'")
    line = rows["area"].map({"urban": 140, "rural": 120})
    near_line = rows["area"].map({"urban": 175, "rural": 150})
    poor = rows["income_score"] <= line
    between = ~poor & (rows["income_score"] <= near_line)
    three = rows["deprivation_score"] >= 30
    assert (poor == (rows["status"] == "poor_income")).all()
    assert ((between & three) == (rows["status"] == "poor_deprivation")).all()
    assert ((between & ~three) == (rows["status"] == "near_poor")).all()


def test_the_deprivation_score_is_ten_times_the_deprivations(city):
    rows = city["households"].query("status != 'absent'")
    deprived = rows[list(PROFILE.index)].astype(int).sum(axis=1)
    assert (rows["deprivation_score"] == 10 * deprived).all()


def test_both_kinds_of_poor_occur_and_a_few_have_no_deprivation(city):
    register = on(city["households"], END)
    by_deprivation = (register["status"] == "poor_deprivation").sum()
    without = register.query("status == 'poor_income' and deprivation_score == 0")
    assert 0 < by_deprivation < 212 / 4
    assert 0 < len(without) < 212 / 10


def test_members_agree_with_their_households(city):
    keys = ["as_of", "unit", "household"]
    persons = city["members"].groupby(keys).size()
    listed = city["households"].query("status in @LISTED").set_index(keys)["members"]
    assert persons.sort_index().equals(listed.astype("int64").sort_index())


def test_a_missing_card_and_the_deprivation_are_the_same_thing(city):
    keys = ["as_of", "unit", "household"]
    without = ~city["members"].set_index(keys)["health_card"]
    listed = city["households"].query("status in @LISTED").set_index(keys)
    deprived = listed["deprived_health_insurance"]
    assert without.groupby(level=keys).sum().eq(deprived.astype(int)).all()


def test_support_only_reaches_those_who_want_it(city):
    register, members = city["households"], city["members"]
    assert not (register["toilet_built"] & ~register["toilet_loan_wanted"]).any()
    assert not (register["toilet_built"] & ~register["hygienic_toilet"]).any()
    assert not (register["loan_received"] & ~register["loan_needed"]).any()
    assert not (members["tuition_supported"] & ~members["tuition_entitled"]).any()


@pytest.mark.parametrize("column", ["loan_received", "toilet_built", "radio_received"])
def test_what_a_household_has_received_this_year_is_not_taken_back(city, column):
    year = city["households"].query("as_of > '2019-12-31'")
    received = year.pivot(index="household", columns="as_of", values=column)
    received = received.apply(lambda row: row.dropna().is_monotonic_increasing, axis=1)
    assert received.all()


def test_parts_are_never_more_than_the_whole(city):
    counts, funding = city["unit_counts"], city["funding"]
    for part, whole in [
        ("labour_certified", "labour_force"),
        ("children_under_1_vaccinated", "children_under_1"),
        ("children_under_5_underweight", "children_under_5_measured"),
        ("officers_trained", "officers"),
        ("poor_area_households_informed", "poor_area_households"),
        ("poor_households", "households"),
    ]:
        assert not (counts[part] > counts[whole]).any(), part
    assert (funding["disbursed"] <= funding["planned"]).all()


# --- movement ------------------------------------------------------------------------------


def test_start_minus_exits_plus_entries_is_the_end_in_every_unit(city):
    for (_, date), year in city["households"].groupby(["unit", "as_of"]):
        start, end = year["start_status"].isin(POOR), year["status"].isin(POOR)
        exits, entries = (start & ~end).sum(), (~start & end).sum()
        signed = on(city["unit_counts"], date).set_index("unit")["poor_households"]
        assert start.sum() - exits + entries == signed[year["unit"].iloc[0]]


@pytest.mark.parametrize("date", DATES[1:])
def test_the_year_2020_starts_where_2019_ended(city, date):
    ended = on(city["households"], "2019-12-31").query("status in @LISTED")
    started = on(city["households"], date).query("start_status in @LISTED")
    ended = ended.groupby(["unit", "status"]).size()
    started = started.groupby(["unit", "start_status"]).size()
    assert ended.to_dict() == started.to_dict()


@pytest.mark.parametrize("state", ["poor", "near_poor"])
def test_every_column_of_forms_2_and_3_is_filled_for_the_city(city, state):
    moved = movement(city["households"], END)
    other = {"poor": "near_poor", "near_poor": "poor"}[state]
    assert (moved.loc[state, [other, "newly_escaped", "absent"]] > 0).all()
    assert (moved.loc[[other, "newly_escaped", "not_poor", "absent"], state] > 0).all()


def test_a_household_keeps_its_traits_over_the_dates(city):
    traits = ["unit", "village", "head_sex", "ethnicity", "area"]
    assert (city["households"].groupby("household")[traits].nunique() == 1).all(axis=None)


# --- the README ----------------------------------------------------------------------------


def share(numerator, denominator):
    count = f"{int(numerator):,} / {int(denominator):,}"
    return f"| {count} | {100 * numerator / denominator:.2f} |"


def plan_figures(city):
    """The plan's figures in plain pandas, as the README prints them."""
    register, members, counts, stations, schools = (
        on(city[name], END)
        for name in ("households", "members", "unit_counts", "health_stations", "schools")
    )
    status = register.set_index(["unit", "household"])["status"].rename("status")
    members = members.join(status, on=["unit", "household"])
    insured = members[members["status"].isin([*POOR, "near_poor"])]["health_card"]
    loans = register.query("status in @LISTED and loan_needed and loan_eligible")["loan_received"]
    pupils = members[members["tuition_entitled"]]["tuition_supported"]
    poor = register[register["status"].isin(POOR)]
    toilets = poor[poor["toilet_loan_wanted"]]["toilet_built"]
    network = schools.groupby("unit")[["preschool", "primary", "lower_secondary"]].any()
    start, sums = 262, counts.sum(numeric_only=True)
    standard = schools["meets_national_standard"]
    return {
        "1a": share(len(poor), sums["households"]),
        "1b": share(start - len(poor), start),
        "2": share(insured.sum(), len(insured)),
        "3": share(loans.sum(), len(loans)),
        "4": share(pupils.sum(), len(pupils)),
        "5": share(sums["labour_certified"], sums["labour_force"]),
        "6": share(stations["meets_national_criteria"].sum(), len(stations)),
        "7": share(stations["has_doctor"].sum(), len(stations)),
        "8": share(sums["children_under_1_vaccinated"], sums["children_under_1"]),
        "9": share(sums["children_under_5_underweight"], sums["children_under_5_measured"]),
        "10": share(network.all(axis=1).sum(), len(network)),
        "11": share(standard.sum(), len(standard)),
        "12": share(poor["hygienic_water"].sum(), len(poor)),
        "13": share(toilets.sum(), len(toilets)),
        "14": share(sums["officers_trained"], sums["officers"]),
        "15": share(sums["poor_area_households_informed"], sums["poor_area_households"]),
        "16": share(register["radio_received"].sum(), 91),
    }


def test_the_readme_prints_the_figures_that_the_sample_has(city):
    lines = (SAMPLE / "README.md").read_text("utf-8").splitlines()
    for number, figure in plan_figures(city).items():
        [line] = [line for line in lines if line.startswith(f"| {number} |")]
        assert figure in line


def test_the_readme_prints_the_rows_of_every_file(city):
    text = (SAMPLE / "README.md").read_text("utf-8")
    for name, table in city.items():
        assert f"| `{name}.csv` | {len(table):,} |" in text


def test_the_readme_explains_every_column(city):
    text = (SAMPLE / "README.md").read_text("utf-8")
    for name, table in city.items():
        assert [column for column in table if column not in text] == [], name


def test_two_tables_have_the_gaps_that_the_readme_names(city):
    counts = city["unit_counts"].set_index(["as_of", "unit"])
    blank = counts.isna().stack()
    blank = blank[blank].reset_index().groupby(["as_of", "unit"]).size()
    assert blank.to_dict() == {("2020-09-30", "03664"): 4, (END, "03658"): 2}


# --- files ---------------------------------------------------------------------------------


def test_the_committed_files_are_written_again_byte_for_byte(tmp_path):
    write_sample(tmp_path)
    names = sorted(path.name for path in SAMPLE.glob("*.csv"))
    assert names == sorted(path.name for path in tmp_path.glob("*.csv"))
    assert filecmp.cmpfiles(SAMPLE, tmp_path, names, shallow=False) == (names, [], [])


def test_another_seed_is_another_city_with_the_same_calibration(city):
    other = generate(seed=7)
    assert not other["households"].equals(city["households"])
    assert [poor_at(other, date) for date in (DATES[0], END)] == [262, 212]


def test_every_folder_says_in_two_languages_that_it_is_synthetic(province):
    for folder in (SAMPLE, province):
        text = (folder / "README.md").read_text("utf-8")
        assert "SYNTHETIC DATA" in text
        assert "DỮ LIỆU GIẢ LẬP" in text


def test_a_readme_that_is_there_is_kept(tmp_path):
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    write_sample(tmp_path, units=2, dates=[END])
    assert (tmp_path / "README.md").read_text("utf-8") == "mine"
    notice = Path(sample.__file__).with_name("notice.md").read_text("utf-8")
    assert "SYNTHETIC" in notice


def test_no_column_holds_a_name_of_a_person(city):
    assert not {"name", "head_name"} & {*city["households"], *city["members"]}


# --- provinces and nations -----------------------------------------------------------------


def test_a_province_is_a_tree_of_units_with_one_root(province_tables):
    units = province_tables["units"]
    root = units[units["parent"] == ""]
    parents = units[units["parent"].isin(root["code"])]
    assert [len(root), len(parents), len(units)] == [1, 2, 1 + 2 + 30]
    assert units["code"].is_unique
    assert units["parent"][len(root) :].isin(units["code"]).all()


def test_a_province_reads_back_from_parquet_with_carried_columns(province, province_tables):
    for name, table in province_tables.items():
        path = province / name
        read = pd.read_parquet(path if path.is_dir() else path.with_suffix(".parquet"))
        assert len(read) == len(table), name
        assert set(table) <= set(read), name
    assert set(CARRIED) <= set(pd.read_parquet(province / "members"))


def test_a_parquet_register_has_one_file_per_parent_sorted_by_unit(province):
    files = sorted((province / "households").glob("*.parquet"))
    units = pd.read_parquet(province / "units.parquet")
    assert [file.stem for file in files] == sorted(units.loc[units["parent"] == "99", "code"])
    for file in files:
        assert pd.read_parquet(file, columns=["unit"])["unit"].astype(str).is_monotonic_increasing


def test_every_household_of_a_unit_is_listed_when_asked_for():
    tables = generate(3, all_households=True)
    register, counts = tables["households"], tables["unit_counts"]
    present = register.query("status != 'absent'").groupby("unit").size()
    assert present.to_list() == counts["households"].to_list()
    never = register.query("status == 'not_poor' and start_status == 'not_poor'")
    assert never["income_score"].isna().all()
    assert set(register["as_of"]) == {END}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"units": 0}, "between 1 and 50000; found 0"),
        ({"dates": ["2020-06-31"]}, "found '2020-06-31'"),
    ],
)
def test_what_cannot_be_made_is_refused_in_one_sentence(options, message):
    with pytest.raises(UsageError, match=message):
        generate(**options)
