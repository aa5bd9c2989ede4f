"""What must be sent is asked by the plan and its standard: another district, an office's own data.

`data/own_district` is a made-up district of three units in 2023 under Decree 07/2021, its plan has
three indicators: no member, school or budget line is sent.
"""

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest
from drawn import texts
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import sonla_analysis as sonla
from sonla_analysis import charts, page, sentences
from sonla_analysis.cli import main
from sonla_analysis.definitions.needed import needed
from sonla_analysis.definitions.plan import load_plan
from sonla_analysis.indicators.checks import check_data
from sonla_analysis.language.refusals import DefinitionError
from sonla_analysis.page import report_tables as forms
from sonla_analysis.review import open_review
from sonla_analysis.sentences.listing import plan_listing
from sonla_analysis.tables.findings import DataError, finding_sentence
from sonla_analysis.tables.input_tables import load_tables, read_tables, typed, was_sent

HERE = Path(__file__).parent
DISTRICT, PLAN = HERE / "data/own_district", HERE / "data/own_district_plan.toml"
WARDS = HERE / "data/two_wards"
AREA, COMMUNE, DATE = "123", "03985", "2023-12-31"


@pytest.fixture(scope="module")
def district():
    return open_review(DISTRICT, AREA, DATE, PLAN)


@pytest.fixture
def data(tmp_path):
    """A copy of the district's data, to be changed."""
    return Path(shutil.copytree(DISTRICT, tmp_path / "data"))


def rewritten(folder: Path, table: str, change) -> Path:
    """Return the folder, the cells of one of its tables changed."""
    file = folder / f"{table}.csv"
    frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    change(frame).to_csv(file, index=False)
    return folder


def rules(folder: Path, plan: Path = PLAN) -> list[tuple[str, str, str]]:
    found, _ = check_data(folder, plan)
    return [(one.rule, one.column, one.found) for one in found]


# --- what is needed ----------------------------------------------------------------------


def test_a_plan_of_three_indicators_needs_its_own_tables_and_columns():
    must = needed(load_plan(PLAN))
    assert list(must) == ["households", "unit_counts", "health_stations"]
    assert list(must["unit_counts"]) == [
        "as_of", "unit", "households", "labour_force", "labour_certified",
    ]  # fmt: skip
    assert list(must["health_stations"]) == ["as_of", "unit", "name", "has_doctor"]


def test_with_a_status_its_standard_s_twelve_deprivations_are_needed():
    columns = needed(load_plan(PLAN))["households"]
    assert sum(name.startswith("deprived_") for name in columns) == 12
    assert {"income_score", "deprivation_score", "area"} <= set(columns)
    assert "hygienic_water" not in columns and "start_status" not in columns


def test_persons_are_needed_with_the_household_that_they_carry(plan):
    must = needed(plan)
    assert "status" in must["households"] and "status" not in must["members"]


def test_what_is_not_needed_is_not_asked_for_but_read_where_it_is_there():
    tables = load_tables(DISTRICT, PLAN)
    assert not was_sent(tables, "funding") and tables["funding"].empty
    assert was_sent(tables, "households", "village")
    assert not was_sent(tables, "members") and len(tables["members"]) == 0


def test_the_plan_of_2020_still_asks_for_its_own(tmp_path):
    with pytest.raises(DataError) as refused:
        read_tables(DISTRICT)
    asked = {(one.rule, one.table) for one in refused.value.findings}
    assert {("missing_table", "members"), ("missing_table", "schools")} <= asked


def test_a_heading_without_rows_is_a_table_without_rows(data):
    rewritten(data, "health_stations", lambda frame: frame.iloc[:0])
    tables = load_tables(data, PLAN)
    assert was_sent(tables, "health_stations") and tables["health_stations"].empty


def test_without_a_row_in_unit_counts_no_date_is_known(data):
    rewritten(data, "unit_counts", lambda frame: frame.iloc[:0])
    assert rules(data) == [("no_rows", "", "")]


def test_a_file_without_a_heading_is_refused(data):
    (data / "health_stations.csv").write_bytes(b"")
    assert rules(data) == [("empty_table", "", "")]


# --- the deprivations are the standard's -------------------------------------------------


def test_form_4_counts_all_twelve_deprivations_of_the_decree(district):
    form = forms.form_4(district)
    with (DISTRICT / "households.csv").open(encoding="utf-8", newline="") as file:
        poor = [row for row in csv.DictReader(file) if row["status"] == "poor"]
    listed = [column.key for column in form.columns if column.key.startswith("deprived_")]
    true = {name: sum(row[name] == "true" for row in poor) for name in listed}
    total = form.rows[0]
    assert len(listed) == 12
    assert total[2:4] == [83, 346] == [len(poor), sum(true.values())]
    assert total[4:] == list(true.values())
    assert [row[3] for row in form.rows[1:]] == [108, 155, 83]  # 108 + 155 + 83 = 346
    assert form.numbers[3] == "2=3+…+14"


def test_the_chart_and_its_numbers_name_all_twelve(district):
    chart = charts.deprivations(district)
    names = {one["name"]["vi"] for one in district.plan.standard_data.deprivations}
    assert set(chart.numbers.iloc[:, 0]) == names and len(names) == 12
    assert names <= set(texts(chart)) and names == set(chart.frame["name"])


def test_a_score_is_ten_points_for_each_of_the_standard_s_deprivations(data):
    def change(frame):
        frame.loc[0, "deprivation_score"] = "130"  # twelve of them make 120 at most
        frame.loc[1, "deprivation_score"] = "10"
        return frame

    rewritten(data, "households", change)
    found, _ = check_data(data, PLAN)
    said = {one.rule: one.allowed for one in found if "score" in one.rule}
    assert said == {"score_not_ten": "0, 10, …, 120", "score_contradicts": "40"}


def test_no_deprivation_is_proposed_in_another_s_place(data):
    lost = ["deprived_employment", "deprived_dependants", "deprived_nutrition"]
    rewritten(data, "households", lambda frame: frame.drop(columns=lost))  # the ten of 2015
    found, _ = check_data(data, PLAN)
    assert {(one.rule, one.found) for one in found} == {("missing_column", "")}
    assert len(found) == 3


def test_a_misspelt_deprivation_is_asked_about(data):
    def misspelt(frame):
        return frame.rename(columns={"deprived_employment": "deprived_employmnt"})

    assert rules(rewritten(data, "households", misspelt)) == [
        ("renamed_column", "deprived_employment", "deprived_employmnt")
    ]


def test_a_deprivation_of_another_standard_is_said_not_to_be_used(data):
    found, _ = check_data(data, PLAN)
    (one,) = found  # the district's register has the column deprived_health_care of 2015 too
    assert (one.rule, one.severity, one.found) == (
        "unused_deprivation", "warning", "deprived_health_care",
    )  # fmt: skip
    assert "không có trong chuẩn nghèo của kế hoạch (nd07_2021)" in finding_sentence(one)


def test_a_column_named_almost_like_a_known_one_is_a_warning(data):
    misspelt = {"village": "vilage", "start_status": "start_statu"}
    rewritten(data, "households", lambda frame: frame.rename(columns=misspelt))
    assert [one for one in rules(data) if one[0] == "unused_column"] == [
        ("unused_column", "vilage", "vilage"),
        ("unused_column", "start_statu", "start_statu"),
    ]


@pytest.mark.parametrize(
    "heading",
    ["Họ và tên", "Chủ hộ", "Tên chủ hộ", "CCCD", "Số CMND", "head_name", "full_name", "phone",
     "family.hostName", "Ghi chú", "name", "household_name", "date_of_birth"],
)  # fmt: skip
def test_a_column_of_names_stays_silently_dropped(data, heading):
    rewritten(data, "households", lambda frame: frame.assign(**{heading: "Lò Thị Mẫu"}))
    assert [one[0] for one in rules(data)] == ["unused_deprivation"]
    read = load_tables(data, PLAN)
    assert not any((table == "Lò Thị Mẫu").any(axis=None) for table in read.values())


def test_an_office_s_own_standard_may_lie_beside_its_plan(data, monkeypatch):
    from sonla_analysis.definitions.standards import _FOLDER

    text = (_FOLDER / "nd07_2021.toml").read_text(encoding="utf-8")
    (data / "own.toml").write_text(text.replace('"nd07_2021"', '"own"'), encoding="utf-8")
    plan = data / "plan.toml"
    plan.write_text(PLAN.read_text(encoding="utf-8").replace('"nd07_2021"', '"own.toml"'))
    monkeypatch.chdir(HERE)
    assert load_plan(plan).standard_data.id == "own"


def test_a_standard_without_score_lines_checks_no_score(data):
    text = PLAN.read_text(encoding="utf-8").replace("nd07_2021", "nd351_2025")
    plan = data / "plan.toml"
    plan.write_text(text, encoding="utf-8")
    assert "income_score" not in needed(load_plan(plan))["households"]
    assert {one[0] for one in rules(data, plan)} == {"unused_deprivation"}


# --- an office's own columns -------------------------------------------------------------

OWN = """
[columns.health_stations]
has_internet = "yes_no"
building = { type = "choice", choices = ["kiên cố", "tạm"], name.vi = "loại nhà" }
beds = { type = "count", name.vi = "số giường" }
opened = "date"
"""
BEDS = """
[[indicator]]
id = "beds"
number = "4"
name.vi = "Giường ở nơi có mạng"
short.vi = "Giường"
kind = "count"
unit = "units"
target = "10"
direction = "at_least"
applies_to = "area"
counted.vi = "giường"
numerator = { table = "health_stations", sum = "beds", where = { has_internet = true } }
certainty = "plan_wording"
definition = "theo kế hoạch"
frequency = "annual"
owner.vi = "Phòng Y tế"
source = "Kế hoạch 45"

[[indicator]]
id = "solid"
number = "5"
name.vi = "Trạm y tế kiên cố"
short.vi = "Kiên cố"
unit = "percent"
target = "100"
direction = "at_least"
applies_to = "area"
counted.vi = "trạm y tế"
numerator = { where = { building = "kiên cố" } }
denominator = { table = "health_stations" }
certainty = "plan_wording"
definition = "theo kế hoạch"
frequency = "annual"
owner.vi = "Phòng Y tế"
source = "Kế hoạch 45"
"""


@pytest.fixture
def own(data):
    """The data with columns of the office's own, and the plan that names them."""
    plan = data / "plan.toml"
    plan.write_text(PLAN.read_text(encoding="utf-8") + OWN + BEDS, encoding="utf-8")
    rewritten(
        data,
        "health_stations",
        lambda frame: frame.assign(
            has_internet=["có", "không", "có"],
            building=["kiên cố", "tạm", "kiên cố"],
            beds=["4", "3", "5"],
            opened=["2001-09-02", "", "2010-01-01"],
        ),
    )
    return data, plan


def test_own_columns_are_read_typed_and_measured(own):
    data, plan = own[0], load_plan(own[1])
    tables = load_tables(data, plan)
    assert tables["health_stations"]["beds"].dtype == "Int64"
    assert tables["health_stations"]["has_internet"].dtype == "boolean"
    observed = sonla.measure(tables, plan).query("unit == @AREA").set_index("indicator")
    assert observed.loc["beds", "numerator"] == 4 + 5  # of the two with internet
    assert observed.loc["solid", ["numerator", "denominator"]].tolist() == [2, 3]


@pytest.mark.parametrize(
    ("column", "cell", "rule"),
    [
        ("has_internet", "x", "not_flag"),
        ("building", "lều", "not_allowed"),
        ("beds", "4,5", "not_count"),
        ("opened", "02/09/2001", "not_date"),
    ],
)
def test_a_wrong_cell_of_an_own_column_is_found(own, column, cell, rule):
    def change(frame):
        frame.loc[1, column] = cell
        return frame

    found = rules(rewritten(own[0], "health_stations", change), own[1])
    assert [one[:2] for one in found if one[0] != "unused_deprivation"] == [(rule, column)]


def test_an_own_column_that_an_indicator_needs_must_be_sent(own):
    rewritten(own[0], "health_stations", lambda frame: frame.drop(columns=["beds", "opened"]))
    assert rules(*own) == [("missing_column", "beds", "")]


def test_a_plan_s_columns_say_their_kind_and_choices_and_have_names(own):
    plan = load_plan(own[1])
    columns = plan.tables["health_stations"]
    assert (columns["building"].kind, columns["building"].choices) == ("text", ("kiên cố", "tạm"))
    assert columns["beds"].name == {"vi": "số giường", "en": "số giường"}
    assert "tử số: tổng số giường (has_internet)" in plan_listing(plan)
    assert "trong mẫu số: loại nhà: kiên cố" in plan_listing(plan)


WRONG_COLUMNS = {
    'beds = "number"': "type must be one of",
    "beds = 1": "allowed: a table of choices, name, type",
    'beds = "choice"': "needs choices",
    'beds = { type = "choice", choices = [] }': "a list of at least one entry",
    'beds = { type = "count", choices = ["a"] }': "needs choices",
    'name = "text"': "'name' is in use already",
    'rows = "count"': "'rows' is in use already",
    '"số giường" = "count"': "lower-case letters",
}


@pytest.mark.parametrize("line", WRONG_COLUMNS)
def test_a_wrong_column_of_a_plan_is_refused(tmp_path, line):
    plan = tmp_path / "plan.toml"
    text = PLAN.read_text(encoding="utf-8") + f"\n[columns.health_stations]\n{line}\n"
    plan.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError, match=WRONG_COLUMNS[line]):
        load_plan(plan)


# --- what nobody sent is left out --------------------------------------------------------


def test_tables_that_nobody_sent_have_no_annex_and_no_chart(district):
    slugs = [one.slug for one in forms.annex(district)]
    assert "funding" not in slugs and "form_4" in slugs
    assert charts.funding(district) is None


def test_without_the_start_of_the_year_there_is_no_movement(data):
    rewritten(data, "households", lambda frame: frame.drop(columns="start_status"))
    review = open_review(data, AREA, DATE, PLAN)
    assert charts.movement(review) is None
    assert {"form_2", "form_3"}.isdisjoint(one.slug for one in forms.annex(review))
    first = charts.poverty_path(review).numbers.iloc[0, 0]
    assert first == "31/12/2023"  # no point of 31/12/2022 with nobody poor


def test_a_table_sent_without_rows_keeps_its_section(data):
    (data / "funding.csv").write_text("as_of,unit,project,source,planned,disbursed\n")
    chart = charts.funding(open_review(data, AREA, DATE, PLAN))
    assert chart.title == "Huyện Mộc Châu chưa có số liệu kinh phí"


def test_a_heading_is_left_out_with_all_that_stands_under_it(district):
    InteractiveShell.instance()
    with capture_output() as captured:
        page.show(None, under="Kinh phí")
        page.table(under="Phụ lục")
        page.table(None, forms.form_4(district), under="Phụ lục")
    InteractiveShell.clear_instance()
    heading, table = captured.outputs
    assert heading.data["text/markdown"] == "## Phụ lục"
    assert table.data["text/plain"].startswith("Biểu số 4")


def test_a_report_without_a_register_speaks_of_none(tmp_path, capsys):
    plan = tmp_path / "plan.toml"
    head, _, rest = PLAN.read_text(encoding="utf-8").partition("[[indicator]]")
    doctor = "[[indicator]]" + rest.split("[[indicator]]")[-1]
    plan.write_text(head + doctor, encoding="utf-8")
    data = Path(shutil.copytree(DISTRICT, tmp_path / "data"))
    (data / "households.csv").unlink()
    rewritten(data, "unit_counts", lambda frame: frame[["as_of", "unit"]])
    command = ["report", str(data), "--plan", str(plan), "--unit", AREA, "--to", "html"]
    assert main([*command, "--out", str(tmp_path / "out"), "--jobs", "1"]) == 0
    (report,) = (tmp_path / "out").glob("*/report.html")
    html = report.read_text(encoding="utf-8")
    assert "Trạm y tế có bác sĩ: 100% (3/3 trạm y tế)" in html
    for word in ("hộ nghèo và", "Kinh phí", "Phụ lục", "rà soát", "Thiếu hụt"):
        assert word not in html, word


# --- nobody is poor ----------------------------------------------------------------------


@pytest.fixture
def nobody_poor(tmp_path):
    """Two wards with headings without rows, and signed zeros."""
    data = Path(shutil.copytree(WARDS, tmp_path / "wards"))
    for table in ("households", "members"):
        rewritten(data, table, lambda frame: frame.iloc[:0])
    zeros = {"poor_households": "0", "near_poor_households": "0"}
    return rewritten(data, "unit_counts", lambda frame: frame.assign(**zeros))


def test_nobody_poor_is_a_number_and_shares_of_nobody_do_not_apply(nobody_poor):
    assert check_data(nobody_poor)[0] == []
    review = open_review(nobody_poor, "116", "2020-12-31")
    assert review.now.loc["poor_household_rate", ["numerator", "state"]].tolist() == [0, "reported"]
    assert review.now.loc["hygienic_water", "state"] == "not_applicable"
    assert review.now.loc["health_insurance_coverage", "state"] == "not_applicable"
    assert forms.form_4(review).rows[0][2:] == [0] * 12  # the poor, the deprivations, ten columns
    assert charts.deprivations(review).title == "Thành phố Sơn La không có hộ nghèo"


@pytest.mark.faults
def test_reports_are_built_where_nobody_is_poor(nobody_poor, tmp_path):
    command = ["report", str(nobody_poor), "--as-of", "2020-12-31", "--to", "html,docx,xlsx,png"]
    assert main([*command, "--out", str(tmp_path / "out"), "--jobs", "1"]) == 0
    assert len(list((tmp_path / "out").glob("*/report.docx"))) == 3


# --- the area in words -------------------------------------------------------------------


def test_words_follow_the_kind_of_the_area(district):
    assert sentences.section(district, "comparison") == "So sánh trong huyện"
    english = open_review(DISTRICT, COMMUNE, DATE, PLAN, "en")
    assert sentences.section(english, "comparison") == "Compared within the district"
    assert any("của huyện không dùng để xếp" in one for one in sentences.methods(
        open_review(DISTRICT, COMMUNE, DATE, PLAN)))  # fmt: skip


def test_a_report_of_a_district_goes_to_the_district_s_party_committee():
    from sonla_analysis.office.document import Document
    from sonla_analysis.office.letterhead import letterhead_of

    record = {"unit_name": "huyện Mộc Châu", "is_area": True, "parent_name": "tỉnh Sơn La"}
    assert (
        "- Thường trực Huyện ủy, HĐND huyện;"
        in letterhead_of(Document(record, [], []), {}).recipients
    )
    record = {"unit_name": "thị trấn Mộc Châu", "area_name": "huyện Mộc Châu"}
    assert "- Đảng ủy, HĐND thị trấn;" in letterhead_of(Document(record, [], []), {}).recipients


# --- made up or real ---------------------------------------------------------------------


def test_made_up_data_say_so_of_themselves(district, data):
    assert district.synthetic
    (data / "about.toml").write_text("synthetic = false\n")
    assert not open_review(data, AREA, DATE, PLAN).synthetic
    (data / "about.toml").unlink()
    assert not open_review(data, AREA, DATE, PLAN).synthetic


def test_a_school_s_name_decides_nothing_but_is_asked_about(tmp_path):
    data = Path(shutil.copytree(WARDS, tmp_path / "wards"))
    (data / "about.toml").unlink()
    assert not open_review(data, "116", "2020-12-31").synthetic
    (found,) = check_data(data)[0]
    assert (found.rule, found.severity) == ("undeclared_synthetic", "warning")


@pytest.mark.parametrize("text", ['synthetic = "x"', "synthetic = 1", "made_up = true", "= ="])
def test_a_declaration_that_cannot_be_read_is_refused(data, text):
    (data / "about.toml").write_text(text)
    with pytest.raises(DefinitionError, match=r"about"):
        read_tables(data, PLAN)


def test_the_sample_has_the_deprivations_of_its_plan_s_standard(plan):
    from sonla_analysis.sample.calibration import PROFILE

    assert list(PROFILE.index) == [one["column"] for one in plan.standard_data.deprivations]


def test_a_table_that_is_made_is_taken_as_sent():
    frame = pd.DataFrame({"as_of": ["2023-12-31"], "unit": [COMMUNE]})
    assert was_sent({"funding": frame}, "funding", "unit")
    assert not was_sent({"funding": frame}, "funding", "planned")
    assert typed(frame, "unit_counts", load_plan(PLAN))[1][0].rule == "missing_column"
