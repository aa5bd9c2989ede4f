"""The sample with one thing wrong or missing: every figure, sentence and status is still true."""

import shutil

import pandas as pd
import pytest
from drawn import everything

from sonla_analysis import charts, sentences
from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.indicators.checks import check_data
from sonla_analysis.page import report_tables as forms
from sonla_analysis.review import open_review

pytestmark = pytest.mark.whole

CITY, END, POOR = "116", "2020-12-31", ["poor_income", "poor_deprivation"]
REGISTER = {"poor_household_rate", "poor_household_reduction", "hygienic_water", "tuition_support"}


@pytest.fixture(scope="module")
def sample() -> dict[str, pd.DataFrame]:
    files = sample_folder().glob("*.csv")
    return {one.stem: pd.read_csv(one, dtype=str, keep_default_na=False) for one in files}


@pytest.fixture
def folder(sample, tmp_path):
    """Return a function that writes the sample, changed, into a folder."""

    def write(change):
        tables = {name: frame.copy() for name, frame in sample.items()}
        change(tables)
        for name, frame in tables.items():
            frame.to_csv(tmp_path / f"{name}.csv", index=False)
        shutil.copy(sample_folder() / "about.toml", tmp_path)
        return tmp_path

    return write


def at(frame: pd.DataFrame, unit: str | None = None) -> pd.Series:
    here = frame["as_of"] == END
    return here if unit is None else here & (frame["unit"] == unit)


def rules(data) -> list[tuple]:
    return [(one.rule, one.unit, one.severity) for one in check_data(data)[0]]


def everything_said(review) -> str:
    """Return every sentence and title of a page."""
    shown = [charts.progress_board(review), charts.poverty_path(review), charts.overview(review)]
    shown += [charts.ranking(review), charts.spine(review)]
    titles = [everything(one) for one in shown]
    return " ".join([sentences.headline(review), *sentences.progress(review), *titles])


# --- one bad cell ------------------------------------------------------------------------


def one_bad_cell_in_two_wards(tables):
    counts = tables["unit_counts"]
    counts.loc[at(counts, "03646"), "labour_certified"] = "-5"
    counts.loc[at(counts, "03649"), "officers_trained"] = "99"


def test_a_bad_cell_withholds_the_figures_that_use_it_and_no_others(folder):
    review = open_review(folder(one_bad_cell_in_two_wards), CITY, END)
    rows = review.progress[review.progress["as_of"] == END]
    withheld = rows.loc[rows["state"] == "withheld", ["unit", "indicator"]].values.tolist()
    assert withheld == [["03646", "certified_labour"], ["03649", "officers_trained"]]
    assert set(review.data.withheld) == {"03646", "03649"}


def test_the_area_counts_the_others_for_a_withheld_figure_only(folder, sample):
    data = folder(one_bad_cell_in_two_wards)
    city = open_review(data, CITY, END)
    trained = city.now.loc["officers_trained"]
    others = sample["unit_counts"][at(sample["unit_counts"])].query("unit != '03649'")
    assert trained["numerator"] == others["officers_trained"].astype(int).sum()
    assert (trained["state"], trained["status"]) == ("incomplete", "no_data")
    assert "mới có số liệu của 11/12 xã, phường" in sentences.sentence(city, "officers_trained")
    assert city.now.loc["poor_household_rate", "state"] == "reported"
    ward = open_review(data, "03646", END)
    assert "đang chờ sửa" in sentences.sentence(ward, "certified_labour")
    assert "chưa báo cáo" not in sentences.sentence(ward, "certified_labour")
    table = forms.progress(ward)
    assert any("số liệu đang chờ sửa" in row and "Chờ sửa số liệu" in row for row in table.texts)


def test_a_wrong_register_is_withheld_in_forms_and_charts_and_the_rest_of_the_ward_stands(folder):
    def one_status_unknown(tables):
        frame = tables["households"]
        frame.loc[frame.index[at(frame, "03661")][0], "status"] = "rất nghèo"

    data = folder(one_status_unknown)
    ward, city = open_review(data, "03661", END), open_review(data, CITY, END)
    states = ward.now["state"]
    assert states[list(REGISTER)].eq("withheld").all()
    assert states["full_vaccination"] == "reported"
    form = forms.form_1(city)
    line = next(row for row in form.texts if row[1] == "Xã Chiềng Đen")
    assert line[2] != "×" and line[4] == "×"  # its households are known, its poor ones are not
    assert any("Xã Chiềng Đen (số liệu đang chờ sửa)" in note for note in form.notes)
    assert "đang chờ sửa" in charts.poverty_path(ward).title
    assert "đang chờ sửa" in sentences.headline(ward)


# --- a ward is missing -------------------------------------------------------------------


def ward_in_no_table(tables):
    for name, frame in tables.items():
        if name != "history":
            tables[name] = frame[~at(frame, "03679")]


def test_a_ward_in_no_table_is_found_and_every_number_of_the_city_says_so(folder):
    data = folder(ward_in_no_table)
    assert ("unit_in_no_table", "03679", "warning") in rules(data)
    review = open_review(data, CITY, END)
    assert review.now["state"].eq("incomplete").all()
    assert sentences.headline(review).startswith("11/12 xã, phường đã báo cáo.")
    said = everything_said(review)
    assert "Toàn thành phố còn" not in said and "thành phố Sơn La còn" not in said
    values = [row[3] for row in forms.progress(review).texts]
    assert all(value.endswith("*") or not value[:1].isdigit() for value in values)


def test_a_count_of_the_units_that_answered_is_never_printed_as_a_zero_of_the_area(folder):
    """Nobody in the eleven others lives in a poor area: "0 of 0" would be said of all twelve."""
    review = open_review(folder(ward_in_no_table), CITY, END)
    at_row = list(review.now.index).index("poor_area_information")
    table = forms.progress(review)
    assert table.texts[at_row][4:6] == ["–", "–"]
    assert table.rows[at_row][4:6] == [None, None]


# --- no rows are a number ----------------------------------------------------------------


def signed_zero_after_three(tables):
    for name in ("households", "members"):
        tables[name] = tables[name][~at(tables[name], "03652")]
    counts = tables["unit_counts"]
    counts.loc[at(counts, "03652"), ["poor_households", "near_poor_households"]] = "0"


def test_a_register_emptied_and_signed_for_zero_contradicts_the_year_before(folder):
    data = folder(signed_zero_after_three)
    assert rules(data).count(("movement_breaks", "03652", "error")) == 2  # poor, and near-poor
    city = open_review(data, CITY, END)
    assert city.now.loc["poor_household_reduction", "state"] == "incomplete"
    assert open_review(data, "03652", END).now.loc["poor_household_rate", "state"] == "withheld"


def test_a_register_that_begins_with_households_nobody_had_contradicts_the_year_before(folder):
    def emptied_a_year_before(tables):
        for name in ("households", "members"):
            frame = tables[name]
            then = (frame["as_of"] == "2019-12-31") & (frame["unit"] == "03652")
            tables[name] = frame[~then]
        counts = tables["unit_counts"]
        then = (counts["as_of"] == "2019-12-31") & (counts["unit"] == "03652")
        counts.loc[then, ["poor_households", "near_poor_households"]] = "0"

    assert ("movement_breaks", "03652", "error") in rules(folder(emptied_a_year_before))


def test_no_ward_is_said_to_miss_a_target_because_an_answer_is_not_there(folder):
    """Nobody sent health cards: Quyết Thắng has met all else, so "none has met all" is false."""

    def no_cards(tables):
        frame = tables["members"]
        frame.loc[at(frame), "health_card"] = ""

    title = charts.overview(open_review(folder(no_cards), CITY, END)).title
    assert title.startswith("Chưa xã, phường nào vừa đủ số liệu vừa đạt mọi chỉ tiêu")


# --- before, after and without the start ---------------------------------------------------


def test_after_the_plan_nothing_is_judged_and_nothing_is_called_missed(folder):
    def a_quarter_later(tables):
        homes = tables["households"]
        later = homes[at(homes) & homes["status"].isin([*POOR, "near_poor"])]
        later = later.assign(start_status=later["status"], loan_received="false")
        kept = {"households": later.assign(as_of="2021-03-31")}
        for name, frame in tables.items():
            if name in ("history", "households"):
                continue
            rows = frame[at(frame)].assign(as_of="2021-03-31")
            if name == "members":
                rows = rows[rows["household"].isin(later["household"])]
            kept[name] = rows
        for name, rows in kept.items():
            tables[name] = pd.concat([tables[name], rows])

    data = folder(a_quarter_later)
    for unit in (CITY, "03661"):
        review = open_review(data, unit, "2021-03-31")
        assert set(review.now["status"]) <= {"not_due", "not_applicable", "no_data"}
        said = everything_said(review)
        assert "đạt chỉ tiêu (" not in said.replace("theo chỉ tiêu (", "")
        assert "chậm tiến độ" not in said and "không đạt" not in said
        assert "kế hoạch đã kết thúc ngày 31/12/2020" in sentences.headline(review)


def test_without_the_start_of_the_year_met_or_not_is_judged_and_only_the_pace_is_not(folder):
    def no_start_of_the_year(tables):
        for name, frame in tables.items():
            if name != "history":
                tables[name] = frame[frame["as_of"].isin(["2020-06-30", "2020-09-30"])]

    whole = open_review(sample_folder(), CITY, "2020-09-30").now
    review = open_review(folder(no_start_of_the_year), CITY, "2020-09-30")
    now = review.now
    assert now["status"].eq("met").equals(whole["status"].eq("met"))
    paced = now["status"].isin(["on_track", "behind"])
    assert set(now.index[paced]) <= {"preferential_loans", "hygienic_toilet", "radios_supported"}
    judged = now["status"].isin(sentences.JUDGED).sum()
    assert judged == whole["status"].isin(sentences.JUDGED).sum()
    assert f"{now['status'].eq('met').sum()}/{judged} chỉ tiêu" in sentences.headline(review)


def test_at_mid_year_the_yearly_review_and_a_ward_s_one_station_are_not_called_behind():
    city = open_review(sample_folder(), CITY, "2020-06-30").now
    for name in ("poor_household_rate", "poor_household_reduction"):
        assert (city.loc[name, "status"], city.loc[name, "reason"]) == ("not_due", "review")
    rows = open_review(sample_folder(), "03661", "2020-06-30").progress
    rows = rows[rows["as_of"].between("2020-05-18", "2020-12-30") & (rows["level"] == "unit")]
    ones = rows[rows["denominator"].eq(1).fillna(False)]
    assert set(ones["status"]) <= {"met", "not_due", "not_applicable"}
    assert ones["forecast"].isna().all()


# --- blanks and other people's radios -------------------------------------------------------


def test_blanks_show_as_two_ends_in_every_place(folder):
    def water_unknown_for_twenty(tables):
        frame = tables["households"]
        rows = frame[at(frame, "03661") & frame["status"].isin(POOR)].index[:20]
        frame.loc[rows, ["hygienic_water", "deprived_water"]] = ""

    data = folder(water_unknown_for_twenty)
    review = open_review(data, "03661", END)
    row = review.now.loc["hygienic_water"]
    assert (round(row["lowest"], 1), round(row["highest"], 1)) == (43.5, 87.0)
    assert pd.isna(row["value"]) and row["unknown"] == 20
    assert "43,5%–87,0%" in sentences.sentence(review, "hygienic_water")
    assert any("43,5%–87,0%" in line for line in forms.progress(review).texts)
    board = charts.progress_board(review)
    assert any("43,5%–87,0%" in cell for cell in board.numbers.to_numpy().ravel())
    assert pd.isna(review.data.comparison[_place(review)])
    assert sentences.change(review, "hygienic_water").startswith("Số liệu kỳ này chưa đủ")
    # six answered no: whatever the twenty say, not all have water
    assert (row["status"], row["still_needed"]) == ("missed", 6)
    assert "ít nhất còn 6 hộ nghèo" in sentences.sentence(review, "hygienic_water")


def _place(review):
    rows = review.progress
    here = (rows["as_of"] == END) & (rows["unit"] == review.unit)
    return rows.index[here & (rows["indicator"] == "hygienic_water")][0]


def test_a_radio_for_a_household_that_was_never_poor_is_found_and_not_counted(folder, sample):
    def radios_for_the_near_poor(tables):
        frame = tables["households"]
        never = at(frame) & (frame["status"] == "near_poor") & ~frame["start_status"].isin(POOR)
        frame.loc[frame.index[never][:7], "radio_received"] = "true"

    data = folder(radios_for_the_near_poor)
    found = [rule for rule, _, severity in rules(data) if severity == "warning"]
    assert found.count("outside_group") == 7
    given = sample["households"][at(sample["households"])]
    counted = open_review(data, CITY, END).now.loc["radios_supported", "numerator"]
    assert counted == given["radio_received"].eq("true").sum() == 84


# --- the plan's words read another way -------------------------------------------------------


def test_the_other_reading_of_xa_stands_beside_the_one_used():
    review = open_review(sample_folder(), CITY, END)
    text = sentences.sentence(review, "school_network")
    assert "91,67% (11/12 xã, phường), không đạt" in text
    assert "Nếu tính riêng các xã: 100% (5/5), đạt." in text
    assert any("tính mọi xã, phường" in line for line in sentences.methods(review))


def test_one_line_of_the_plan_changes_the_reading(tmp_path):
    from importlib.resources import files

    source = files("sonla_analysis") / "definitions/plans/kh159_2020.toml"
    text = source.read_text(encoding="utf-8")
    plan = tmp_path / "plan.toml"
    plan.write_text(text.replace('reading = "every_unit"', 'reading = "communes"'), "utf-8")
    review = open_review(sample_folder(), CITY, END, plan=plan)
    row = review.now.loc["school_network"]
    assert (row["numerator"], row["denominator"], row["status"]) == (5, 5, "met")
    assert "Nếu tính mọi xã, phường: 91,67% (11/12)" in sentences.sentence(review, "school_network")
    ward = open_review(sample_folder(), "03646", END, plan=plan)
    assert ward.now.loc["school_network", "state"] == "not_applicable"


# --- names -----------------------------------------------------------------------------------


def test_no_name_and_no_household_number_is_in_any_file_of_a_report(folder, tmp_path):
    from zipfile import ZipFile

    from sonla_analysis.cli import main

    def named(tables):
        for name in ("households", "members"):
            tables[name]["household"] = "HOSO" + tables[name]["household"]
            tables[name]["ho_ten"] = tables[name]["ghi_chu"] = "Lò Thị Bí Mật"

    out = tmp_path / "out"
    command = ["report", str(folder(named)), "--unit", "03661", "--to", "html,docx,xlsx"]
    assert main([*command, "--out", str(out), "--jobs", "1"]) == 0
    read = []
    for file in out.rglob("*"):
        if file.suffix in (".docx", ".xlsx"):
            with ZipFile(file) as package:
                read += [package.read(name) for name in package.namelist()]
        elif file.is_file():
            read.append(file.read_bytes())
    text = b"".join(read).decode(errors="ignore")
    assert len(read) > 30 and "Chiềng Đen" in text
    assert not any(word in text for word in ("Bí Mật", "B\\u00ed M", "HOSO"))
