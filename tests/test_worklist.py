"""Work lists: whom a unit still has to reach; exactly the rows the plan counts, and nowhere else.

Households are counted here with plain conditions on the register, not with the program's.
"""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from commands import said

from sonla_analysis.batch.folders import LISTS
from sonla_analysis.cli import main
from sonla_analysis.definitions.plan import Count, load_plan
from sonla_analysis.indicators.measure import measure
from sonla_analysis.indicators.to_reach import BLANK, TO_REACH, WITHHELD, is_open, to_reach
from sonla_analysis.review import review_of
from sonla_analysis.sentences.worklist import missing_text, need, tasks
from tests.batch import change, small_city
from tests.small import A, counts, tables

DATE = "2020-12-31"
ENDING = "-danh-sach-noi-bo.xlsx"
POOR = ("poor_income", "poor_deprivation")
TWO_WARDS = str(Path(__file__).parent / "data/two_wards")


def book(folder: Path, unit: str) -> dict[str, list[list[str]]]:
    """Return the lines of each sheet of a unit's workbook, without their empty cells."""
    (path,) = folder.glob(f"{unit}-*{ENDING}")
    return {
        sheet.title: [[one for one in row if one] for row in sheet.iter_rows(values_only=True)]
        for sheet in openpyxl.load_workbook(path)
    }


def listed(rows: pd.DataFrame, part: str = TO_REACH) -> list[str]:
    """Return the households of one part of a list."""
    return rows.loc[rows["part"] == part, "household"].tolist()


# --- all of them, and no other -----------------------------------------------------------

# targets of 100 % of the rows of a register: who is not reached, in plain words
PLAIN = {
    "health_insurance_coverage": (
        "members",
        lambda rows: rows["status"].isin([*POOR, "near_poor"]) & rows["health_card"].eq(False),
    ),
    "preferential_loans": (
        "households",
        lambda rows: (
            rows["status"].isin([*POOR, "near_poor", "newly_escaped"])
            & rows["loan_needed"].eq(True)
            & rows["loan_eligible"].eq(True)
            & rows["loan_received"].eq(False)
        ),
    ),
    "tuition_support": (
        "members",
        lambda rows: rows["tuition_entitled"].eq(True) & rows["tuition_supported"].eq(False),
    ),
    "hygienic_water": (
        "households",
        lambda rows: rows["status"].isin(POOR) & rows["hygienic_water"].eq(False),
    ),
}
NUMBERED = ["household", "person"]


@pytest.mark.parametrize("name", PLAIN)
def test_the_list_of_a_target_of_all_rows_is_what_the_report_says_is_left(situation, name):
    """For every unit on every date: the rows are those of the register, and as many as told."""
    table, is_left = PLAIN[name]
    told = situation.progress.query("indicator == @name and level == 'unit'")
    for row in told.to_dict("records"):
        register = situation.rows(table, as_of=row["as_of"], unit=row["unit"])
        found = to_reach(register, situation.plan[name], situation.plan)
        left = found[found["part"] == TO_REACH]
        expected = register[is_left(register).fillna(False).astype(bool)]
        keys = [key for key in NUMBERED if key in left]
        assert set(left[keys].itertuples(index=False)) == set(
            expected[keys].itertuples(index=False)
        )
        assert len(left) == len(expected)
        assert pd.isna(row["still_needed"]) or row["still_needed"] == len(left)
    assert told["still_needed"].notna().sum() >= 24  # of the dates on which the plan judges


@pytest.mark.parametrize("name", [*PLAIN, "hygienic_toilet", "schools_national_standard"])
def test_reached_left_and_not_known_are_together_all_that_the_target_counts(situation, name):
    one = situation.plan[name]
    for row in situation.progress.query("indicator == @name and level == 'unit'").itertuples():
        register = situation.rows(one.numerator.table, as_of=row.as_of, unit=row.unit)
        parts = to_reach(register, one, situation.plan)["part"].value_counts()
        if row.state == "reported":
            assert parts.get(BLANK, 0) == row.unknown
            assert row.numerator + parts.get(TO_REACH, 0) <= row.denominator
            assert row.denominator <= row.numerator + parts.sum()


@pytest.mark.parametrize("name", PLAIN)
def test_the_lists_of_all_units_are_together_what_the_city_has_left(situation, name):
    one, table = situation.plan[name], PLAIN[name][0]
    area = situation.progress.query("indicator == @name and level == 'area' and as_of == @DATE")
    register = situation.rows(table, as_of=DATE)
    lists = [to_reach(rows, one, situation.plan) for _, rows in register.groupby("unit")]
    assert sum(len(listed(rows)) for rows in lists) == area["still_needed"].item()


def test_a_target_is_open_on_a_day_exactly_where_the_plan_judges_it(situation):
    """What has no figures is open where the very target would be judged if it had some."""
    never = ("before_plan", "after_plan", "review", "no_target")
    rows = situation.progress.query("state == 'reported' and reason != 'area_target'")
    for row in rows.to_dict("records"):
        silent = row | {"status": "no_data", "reason": ""}
        due = is_open(silent, situation.plan[row["indicator"]], situation.plan)
        assert due == (row["reason"] not in never), row


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        ("on_track", "", True),
        ("behind", "", True),
        ("missed", "", True),
        ("not_met", "no_baseline", True),
        ("undecided", "", True),
        ("not_due", "until_end", True),
        ("not_due", "review", False),
        ("not_due", "before_plan", False),
        ("met", "rounding", False),
        ("not_applicable", "", False),
    ],
)
def test_open_is_what_is_due_and_not_reached_or_not_known(status, reason, expected):
    plan = load_plan()
    row = {"as_of": DATE, "status": status, "reason": reason}
    assert is_open(row, plan["hygienic_water"], plan) == expected


# --- worked by hand ----------------------------------------------------------------------


def households(*rows: dict) -> pd.DataFrame:
    return tables(households=list(rows))["households"]


def list_of(name: str, frame: pd.DataFrame, **options) -> pd.DataFrame:
    plan = load_plan()
    return to_reach(frame, plan[name], plan, **options)


def test_who_is_not_in_the_denominator_is_not_on_the_list():
    rows = households(
        {"household": "poor", "hygienic_water": "false"},
        {"household": "near", "hygienic_water": "false", "status": "near_poor"},
        {"household": "has", "hygienic_water": "true"},
    )
    assert listed(list_of("hygienic_water", rows)) == ["poor"]


def test_a_blank_answer_is_a_part_of_its_own_with_what_is_not_said():
    rows = households(
        {"household": "1"}, {"household": "2", "hygienic_water": "false"}, {"household": "3"}
    )
    found = list_of("hygienic_water", rows)
    assert listed(found) == ["2"] and listed(found, BLANK) == ["1", "3"]
    assert found["lacks"].tolist() == ["hygienic_water", "", ""]
    assert found["unsaid"].tolist() == ["", "hygienic_water", "hygienic_water"]


def test_who_may_belong_to_the_target_is_not_known_and_is_not_called_unreached():
    common = {"loan_eligible": "true", "loan_received": "false"}
    rows = households(
        {"household": "open", **common}, {"household": "left", "loan_needed": "true", **common}
    )
    found = list_of("preferential_loans", rows)
    assert listed(found) == ["left"] and listed(found, BLANK) == ["open"]


def test_a_column_that_is_being_corrected_is_told_apart_from_a_blank_one():
    rows = households({"household": "1"}, {"household": "2"})
    found = list_of("hygienic_water", rows, withheld=["hygienic_water"])
    assert listed(found, WITHHELD) == ["1", "2"] and listed(found, BLANK) == []


def test_what_is_missing_names_only_what_is_missing():
    wants = {"toilet_loan_wanted": "true"}
    rows = households(
        {"household": "1", "toilet_built": "true", "hygienic_toilet": "false"} | wants,
        {"household": "2", "toilet_built": "false", "hygienic_toilet": "false"} | wants,
        {"household": "3", "toilet_built": "true", "hygienic_toilet": "true"} | wants,
    )
    found = list_of("hygienic_toilet", rows)
    assert found["lacks"].tolist() == ["hygienic_toilet", "toilet_built hygienic_toilet"]


def test_where_fewer_are_better_those_counted_are_listed_with_what_they_lack():
    rows = households(
        {"household": "1", "deprived_water": "true", "deprived_toilet": "false"},
        {"household": "2", "status": "near_poor", "deprived_water": "true"},
    )
    for name in ("poor_household_rate", "poor_household_reduction"):
        found = list_of(name, rows)
        assert listed(found) == ["1"] and found["lacks"].tolist() == ["deprived_water"]


def test_a_count_lists_who_is_meant_and_has_not_got_it():
    rows = households(
        {"household": "given", "radio_received": "true"},
        {"household": "poor", "radio_received": "false"},
        {"household": "was", "radio_received": "false", "status": "newly_escaped",
         "start_status": "poor_income"},
        {"household": "never", "radio_received": "false", "status": "near_poor"},
    )  # fmt: skip
    assert sorted(listed(list_of("radios_supported", rows))) == ["poor", "was"]


def test_who_has_moved_away_is_not_to_be_reached_but_a_missing_answer_of_his_is():
    gone = {"status": "absent", "start_status": "poor_income"}
    rows = households(
        {"household": "gone", "radio_received": "false"} | gone, {"household": "open"} | gone
    )
    found = list_of("radios_supported", rows)
    assert listed(found) == [] and listed(found, BLANK) == ["open"]


def test_of_conditions_one_of_which_is_enough_all_are_missing_or_none():
    plan = load_plan()
    either = {"toilet_built": (True,), "hygienic_toilet": (True,)}
    base = Count("households", {"status": POOR})
    number = Count("households", {"status": POOR, "hygienic_water": (True,)}, any=either)
    one = replace(plan["hygienic_water"], numerator=number, denominator=base)
    rows = households(
        {"household": "1", "hygienic_water": "false", "toilet_built": "true",
         "hygienic_toilet": "false"},
        {"household": "2", "hygienic_water": "true", "toilet_built": "false",
         "hygienic_toilet": "false"},
    )  # fmt: skip
    assert to_reach(rows, one, plan)["lacks"].tolist() == [
        "hygienic_water",
        "toilet_built hygienic_toilet",
    ]


def test_villages_stand_in_the_order_of_their_numbers_and_those_of_none_come_last():
    places = ("Tổ 10", "", "Tổ 2")
    rows = households(
        *({"household": str(n), "village": one, "hygienic_water": "false"}
          for n, one in enumerate(places))
    )  # fmt: skip
    assert list_of("hygienic_water", rows)["village"].fillna("–").tolist() == [*places[::-2], "–"]


def test_no_column_of_names_that_a_plan_adds_is_listed():
    rows = households({"household": "1", "hygienic_water": "false"}).assign(name="Nguyễn Thị Thử")
    assert "name" not in list_of("hygienic_water", rows)


def test_sums_of_departments_have_no_rows():
    plan = load_plan()
    counts = tables()["unit_counts"]
    assert to_reach(counts, plan["officers_trained"], plan) is None


def test_the_list_is_counted_like_the_figure_when_a_plan_asks_something_of_its_own():
    """A plan's own share of the near-poor: 1 of 3 reached, so 2 rows are left."""
    plan = load_plan()
    base = Count("households", {"status": ("near_poor",)})
    number = replace(base, where=base.where | {"radio_received": (True,)})
    one = replace(plan["hygienic_water"], id="x", numerator=number, denominator=base)
    made = tables(households=[
        {"household": str(n), "status": "near_poor", "radio_received": "true" if n else "false"}
        for n in (0, 0.5, "")
    ] + [{"household": "poor", "radio_received": "false"}])  # fmt: skip
    made["households"]["radio_received"] = pd.array([True, False, False, False], dtype="boolean")
    numerator, denominator, _ = counts(measure(made, replace(plan, indicators=(one,))), A, "x")
    assert len(to_reach(made["households"], one, plan)) == denominator - numerator == 3 - 1


# --- what a list says --------------------------------------------------------------------


def task_of(situation, unit: str, name: str, language: str = "vi"):
    review = review_of(situation, unit, DATE, language)
    return next(one for one in tasks(review) if one.indicator.id == name), review


def with_target(situation, indicator: str, **changes):
    """Return the data under a plan with another target, assessed again."""
    from sonla_analysis.indicators.progress import assess

    plan = situation.plan
    changed = [replace(one, **changes) if one.id == indicator else one for one in plan.indicators]
    plan = replace(plan, indicators=tuple(changed))
    return replace(situation, plan=plan, progress=assess(measure(situation.tables, plan), plan))


def test_a_lower_target_says_how_many_of_those_listed_it_needs(situation):
    """39 of 46 have water; for 90.0 % it must be 42 (91.3 %; 41 are 89.1 %), so 3 of the 7."""
    from decimal import Decimal

    lower = with_target(situation, "hygienic_water", target=Decimal("90.0"))
    task, review = task_of(lower, "03661", "hygienic_water")
    assert task.to_reach == 46 - 39
    assert "Danh sách gồm tất cả 7 hộ nghèo; chỉ tiêu chỉ cần thêm 3." in need(task, review)
    task, review = task_of(lower, "03661", "hygienic_water", "en")
    assert "All 7 poor households are listed; the target needs 3 of them." in need(task, review)


def test_a_target_of_all_says_no_such_thing(situation):
    task, review = task_of(situation, "03661", "hygienic_water")
    assert need(task, review) == (
        "Chỉ tiêu: 100%. Kết quả: 84,78% (39/46 hộ nghèo). "
        "Đánh giá: chưa đạt; còn 7 hộ nghèo chưa có nước hợp vệ sinh."
    )


def test_a_target_of_the_city_says_that_the_ward_has_none_of_its_own(situation):
    task, review = task_of(situation, "03676", "radios_supported")
    said = need(task, review)
    assert said.startswith("Chỉ tiêu chung của thành phố Sơn La: 91 hộ nghèo;")
    assert "ít nhất cần hỗ trợ radio cho thêm 2 hộ nghèo" in said
    assert "Không có mức riêng cho xã, phường" in said


def test_what_is_met_has_no_list(situation):
    """The city's targets that are met are nobody's work, and neither are a ward's own."""
    review = review_of(situation, "03661", DATE)
    met = review.now.index[review.now["status"] == "met"].union(
        review.area_now.index[review.area_now["status"] == "met"]
    )
    assert len(met) and not met.isin([one.indicator.id for one in tasks(review)]).any()


def test_poor_households_are_listed_with_their_status_and_deprivations(situation):
    from decimal import Decimal

    missed = with_target(situation, "poor_household_rate", target=Decimal("0.50"))
    task, review = task_of(missed, "03676", "poor_household_rate")
    register = review.rows("households")
    assert len(task.rows) == task.to_reach == register["status"].isin(POOR).sum() == 32
    texts = [missing_text(row, task, review) for row in task.rows.itertuples()]
    assert "nghèo về thu nhập; thiếu hụt: Hố xí/nhà tiêu hợp vệ sinh" in texts


# --- the command -------------------------------------------------------------------------


def test_every_unit_gets_a_workbook_in_a_folder_of_its_own(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = said(capsys, "worklist", TWO_WARDS)
    folder = tmp_path / "danh-sach-can-ho-tro" / DATE
    assert code == 0 and f"trong {Path('danh-sach-can-ho-tro', DATE)}:" in out
    assert [path.name for path in folder.glob("*.xlsx")] == ["03658-xa-chieng-co" + ENDING]
    assert "đã đến kỳ đánh giá mà chưa đạt ở: 03646 phường Chiềng Lề" in out
    rows = [
        row for lines in book(folder, "03658").values() for row in lines[5:] if row[:1] != ["TT"]
    ]
    in_lists = [row for row in rows if row and row[0].isdigit() and len(row) < 6]
    assert f"{len(in_lists)} dòng" in out


def test_every_sheet_and_the_file_say_that_they_are_internal_and_synthetic(capsys, tmp_path):
    for language, internal in (("vi", "NỘI BỘ – CÓ MÃ HỘ, KHÔNG CÔNG BỐ"), ("en", "INTERNAL USE")):
        said(capsys, "worklist", TWO_WARDS, "--out", tmp_path / language, "--language", language)
        (path,) = (tmp_path / language).glob("*noi-bo.xlsx")
        for sheet in openpyxl.load_workbook(path):
            assert sheet["A1"].value.startswith(internal)
            assert sheet["A2"].value.startswith(("Số liệu giả lập", "Synthetic data"))
            assert "ông bố" in sheet.oddFooter.left.text or "not for" in sheet.oddFooter.left.text
            assert sheet.print_title_rows and sheet.page_setup.fitToHeight == 0


def test_the_first_sheet_lists_the_targets_with_how_many_and_where(capsys, tmp_path):
    said(capsys, "worklist", TWO_WARDS, "--out", tmp_path)
    sheets = book(tmp_path, "03658")
    first = {row[0]: row for row in sheets["Tổng hợp"] if row and row[0][:1].isdigit()}
    assert first["12"][-3:] == ["1", "0", "12 Nước hợp vệ sinh"]
    assert {row[-1] for row in first.values()} <= set(sheets)
    assert ["1", "Bản Hôm", "B1", "chưa có nước hợp vệ sinh"] in sheets["12 Nước hợp vệ sinh"]
    assert ["1", "Bản Hôm", "B1", "4", "chưa có thẻ bảo hiểm y tế"] in sheets["2 Thẻ bảo hiểm y tế"]


def test_of_schools_and_stations_it_says_which_and_what(capsys, tmp_path):
    said(capsys, "worklist", TWO_WARDS, "--out", tmp_path)
    sheets = book(tmp_path, "03658")
    school = ["1", "Trường Tiểu học Chiềng Cọ (giả lập)", "chưa đạt chuẩn quốc gia"]
    assert school in sheets["11 Trường đạt chuẩn quốc gia"]
    assert ["1", "chưa có cấp trung học cơ sở"] in sheets["10 Mạng lưới trường học"]


def test_of_a_department_s_sums_it_says_how_many_and_whom_to_ask(capsys, tmp_path):
    code, _, _ = said(capsys, "worklist", "--unit", "Hua La", "--out", tmp_path)
    rows = {row[0]: row for row in book(tmp_path, "03676")["Tổng hợp"] if row}
    owner = "Phòng Lao động - Thương binh và Xã hội"
    asked = f"Không có danh sách từng trường hợp; hỏi: {owner}"
    assert code == 0 and rows["14"][-3:] == ["1", "–", asked]
    assert rows["9"][-3] == "99"  # malnourished children: fewer are better


def test_no_text_of_a_plan_or_a_list_becomes_a_formula(situation):
    import io

    from sonla_analysis.office.worklist import workbook_bytes

    name = {"vi": "=HYPERLINK(1)", "en": "=1"}
    hostile = with_target(situation, "hygienic_water", name=name, short=name)
    task, review = task_of(hostile, "03661", "hygienic_water")
    rows = task.rows.assign(village="=cmd|' /C calc'!A0", household="+1\x0b")
    content = workbook_bytes(review, [replace(task, rows=rows)])
    cells = [
        cell
        for sheet in openpyxl.load_workbook(io.BytesIO(content))
        for row in sheet.iter_rows()
        for cell in row
    ]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert {"=HYPERLINK(1)", "=cmd|' /C calc'!A0", "+1"} <= {cell.value for cell in cells}


@pytest.fixture
def city(tmp_path):
    return small_city(tmp_path / "city")


def poor_of(frame: pd.DataFrame, unit: str) -> pd.Index:
    return frame.index[
        (frame["unit"] == unit) & (frame["as_of"] == DATE) & frame["status"].isin(POOR)
    ]


def test_cells_being_corrected_are_a_part_of_their_own_and_the_command_says_so(
    capsys, tmp_path, city
):
    def spoil(frame):
        frame.loc[poor_of(frame, "03658")[0], "hygienic_water"] = "maybe"
        frame.loc[poor_of(frame, "03679")[:2], "hygienic_water"] = ""
        frame.loc[poor_of(frame, "03679")[0], "village"] = "=1+1"

    change(city, "households", spoil)
    code, out, _ = said(capsys, "worklist", city, "--out", tmp_path / "out")
    assert code == 1 and "Số liệu đang chờ sửa ở 2 đơn vị: 03658" in out
    lines = book(tmp_path / "out", "03658")["12 Nước hợp vệ sinh"]
    assert ["I. Số liệu đang chờ sửa: 22 hộ"] in lines
    assert lines[-1][-1] == "đang chờ sửa: có nước hợp vệ sinh"
    lines = book(tmp_path / "out", "03679")["12 Nước hợp vệ sinh"]
    assert ["II. Chưa có thông tin: 2 hộ"] in lines
    assert lines[-1][1] == "(đang chờ sửa)" and lines[-1][-1] == "chưa ghi: có nước hợp vệ sinh"


def test_a_plan_of_one_s_own_gives_lists_of_its_own_columns(capsys, tmp_path, city):
    plan = tmp_path / "plan.toml"
    own = """
[columns.households]
has_internet = { type = "yes_no", name.vi = "có internet" }

[[indicator]]
id = "internet"
name.vi = "Hộ cận nghèo có internet"
target = "50"
direction = "at_least"
applies_to = "unit"
numerator = { where = { has_internet = true } }
denominator = { table = "households", where = { status = ["near_poor"] } }
"""
    source = Path(load_plan.__code__.co_filename).with_name("plans") / "kh159_2020.toml"
    text = source.read_text(encoding="utf-8")
    plan.write_text(text + own, encoding="utf-8")

    def add(frame):
        frame["has_internet"] = "true"
        near = frame.index[
            (frame["unit"] == "03679") & (frame["as_of"] == DATE) & (frame["status"] == "near_poor")
        ]
        frame.loc[near[1:], "has_internet"] = "false"

    change(city, "households", add)
    asked = (city, "--plan", plan, "--unit", "03679", "--out", tmp_path / "out")
    code, _, _ = said(capsys, "worklist", *asked)
    lines = book(tmp_path / "out", "03679")["18 Hộ cận nghèo có internet"]
    assert code == 0 and lines[7][-1] == "chưa đạt: có internet"


def test_the_area_means_all_its_units(capsys, tmp_path):
    said(capsys, "worklist", TWO_WARDS, "--out", tmp_path / "all")
    said(capsys, "worklist", TWO_WARDS, "--unit", "116", "--out", tmp_path / "area")
    names = [sorted(path.name for path in (tmp_path / one).iterdir()) for one in ("all", "area")]
    assert names[0] == names[1] and len(names[0]) == 1 + 1


def test_where_nothing_is_due_nothing_is_written(capsys, tmp_path):
    for day in ("2019-12-31", "2020-03-31"):
        code, out, _ = said(capsys, "worklist", "--as-of", day, "--out", tmp_path / "out")
        assert code == 0 and "không lập danh sách nào" in out and out.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--unit", "3661"], "đã nhận '3661' (có phải là '03661'?)"),
        (["--as-of", "2020-12-30"], "đã nhận '2020-12-30'"),
        (["--plan", "kh195_2020"], "đã nhận 'kh195_2020'"),
        (["--language", "fr"], "ngôn ngữ phải là một trong: vi, en"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_written(capsys, tmp_path, arguments, sentence):
    code, out, err = said(capsys, "worklist", "--out", tmp_path / "out", *arguments)
    assert (code, out) == (2, "") and sentence in err and not (tmp_path / "out").exists()


def test_in_a_working_folder_it_needs_no_path(capsys, tmp_path, city, monkeypatch):
    office = tmp_path / "office"
    office.mkdir()
    (office / "office.toml").touch()
    shutil.move(city, office / "data")
    source = Path(load_plan.__code__.co_filename).with_name("plans") / "kh159_2020.toml"
    shutil.copy(source, office / "plan.toml")
    monkeypatch.chdir(office)
    code, _, err = said(capsys, "worklist", "--unit", "03679")
    assert (code, err) == (0, "") and (office / "danh-sach-can-ho-tro" / DATE).is_dir()


# --- never in a report -------------------------------------------------------------------


@pytest.mark.parametrize("place", ["bc", "bc/116-son-la", "bc/a/b", "reports/x", "Reports"])
def test_a_folder_of_reports_is_refused(capsys, tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bc").mkdir()
    (tmp_path / "bc/manifest.json").write_text("{}")
    for language, sentence in (("vi", "không được nằm trong thư mục"), ("en", "must not lie in")):
        code, out, err = said(capsys, "worklist", TWO_WARDS, "--out", place, "--language", language)
        assert (code, out) == (2, "") and sentence in err and err.count("\n") == 1
    assert not list(tmp_path.rglob("*.xlsx"))


def test_an_office_that_lies_below_a_folder_named_reports_still_gets_its_lists(
    capsys, tmp_path, monkeypatch
):
    (tmp_path / "reports/office").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "reports/office")
    assert said(capsys, "worklist", TWO_WARDS)[0] == 0


def test_a_folder_of_lists_cannot_become_one_of_reports(capsys, tmp_path):
    said(capsys, "worklist", TWO_WARDS, "--out", tmp_path)
    code = main(["report", TWO_WARDS, "--out", str(tmp_path)])
    assert code == 2 and "danh sách nội bộ" in capsys.readouterr().err
    assert not (tmp_path / "manifest.json").exists()


# --- what somebody ticked ----------------------------------------------------------------


def tick(path: Path) -> bytes:
    """Write an x into a list, as an officer does; return the file's content."""
    workbook = openpyxl.load_workbook(path)
    workbook.worksheets[1]["F8"] = "x"
    workbook.save(path)
    return path.read_bytes()


def test_a_list_made_again_from_the_same_data_is_the_same_file(capsys, tmp_path):
    said(capsys, "worklist", TWO_WARDS, "--out", tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    _, out, _ = said(capsys, "worklist", TWO_WARDS, "--out", tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert "giữ với tên mới" not in out


def test_a_ticked_list_is_kept_under_another_name_and_named(capsys, tmp_path):
    said(capsys, "worklist", TWO_WARDS, "--out", tmp_path / "out")
    path = next((tmp_path / "out").glob("03658*.xlsx"))
    ticked = tick(path)
    _, out, _ = said(capsys, "worklist", TWO_WARDS, "--out", tmp_path / "out")
    (kept,) = (tmp_path / "out").glob("03658*.da-sua-*.xlsx")
    assert kept.read_bytes() == ticked and path.read_bytes() != ticked
    assert f"Tệp đã có người ghi vào, được giữ với tên mới (1): {kept.name}" in out
    _, out, _ = said(capsys, "worklist", TWO_WARDS, "--out", tmp_path / "out")
    # it stays, and no other is made
    assert len(list((tmp_path / "out").glob("*da-sua*"))) == 1 and "tên mới" not in out


def full(*_):
    raise OSError(28, "No space left on device")


def open_in_excel(beside, path, replace=os.replace):
    if str(path).endswith(".xlsx"):
        raise PermissionError(13, "Permission denied")
    replace(beside, path)


@pytest.mark.parametrize(
    ("name", "refuse", "said_of_it"),
    [("fsync", full, "No space left on device"), ("replace", open_in_excel, "Permission denied")],
)
def test_a_list_that_could_not_be_written_is_named_and_not_taken_for_a_ticked_one(
    capsys, tmp_path, monkeypatch, name, refuse, said_of_it
):
    said(capsys, "worklist", TWO_WARDS, "--out", tmp_path / "out")
    data = shutil.copytree(TWO_WARDS, tmp_path / "data")
    change(
        data, "households", lambda frame: frame.update({"hygienic_water": ["true"] * len(frame)})
    )
    with monkeypatch.context() as patched:
        patched.setattr(os, name, refuse)
        code, _, err = said(capsys, "worklist", data, "--out", tmp_path / "out")
    assert code == 1 and said_of_it in err
    code, out, _ = said(capsys, "worklist", data, "--out", tmp_path / "out")
    assert code == 0 and "tên mới" not in out
    assert not list((tmp_path / "out").glob("*da-sua*"))


def test_an_untouched_list_makes_room_for_that_of_new_data(capsys, tmp_path):
    said(capsys, "worklist", TWO_WARDS, "--out", tmp_path / "out")
    data = shutil.copytree(TWO_WARDS, tmp_path / "data")
    change(
        data, "households", lambda frame: frame.update({"hygienic_water": ["true"] * len(frame)})
    )
    _, out, _ = said(capsys, "worklist", data, "--out", tmp_path / "out")
    assert not list((tmp_path / "out").glob("*da-sua*")) and "tên mới" not in out
    assert "12 Nước hợp vệ sinh" not in book(tmp_path / "out", "03658")


@pytest.mark.parametrize("touched", [False, True])
def test_a_unit_with_nothing_left_keeps_no_list_but_one_that_was_ticked(capsys, tmp_path, touched):
    said(capsys, "worklist", TWO_WARDS, "--out", tmp_path)
    (path,) = tmp_path.glob("*.xlsx")
    content = tick(path) if touched else b""
    said(capsys, "worklist", TWO_WARDS, "--out", tmp_path, "--as-of", "2019-12-31")
    left = list(tmp_path.glob("*.xlsx"))
    assert [one.read_bytes() for one in left] == ([content] if touched else [])
    assert all("da-sua" in one.name for one in left)


def test_a_list_of_which_no_record_is_left_counts_as_written_in(capsys, tmp_path):
    said(capsys, "worklist", TWO_WARDS, "--out", tmp_path / "out")
    tick(next((tmp_path / "out").glob("03658*.xlsx")))
    (tmp_path / "out" / LISTS).write_text("{half", encoding="utf-8")
    _, out, _ = said(capsys, "worklist", TWO_WARDS, "--out", tmp_path / "out")
    assert "được giữ với tên mới (1)" in out


def test_a_place_where_nothing_can_be_written_is_one_sentence(capsys, tmp_path):
    (tmp_path / "file").touch()
    code, _, err = said(capsys, "worklist", TWO_WARDS, "--out", tmp_path / "file/out")
    assert code == 1 and err.startswith("Không ghi được ") and err.count("\n") == 1
