"""Bad input: each gives its own clear message and exit code, and leaves existing reports alone."""

import shutil
from pathlib import Path

import pytest

from sonla_analysis.cli import main

HERE = Path(__file__).parent
FAULTY = HERE / "faulty"
# fault: exit code of the check, the unit it belongs to ("" for all), Vietnamese, English
FAULTS = {
    "wrong_code": (
        1, "", "mã đơn vị '03696' không có hiệu lực vào ngày này; có phải là 03646?",
        "unit code '03696' is not in force on that date; is it 03646?",
    ),
    "lost_leading_zero": (
        1, "", "mã đơn vị '3646' không có hiệu lực vào ngày này; có phải là 03646?",
        "in Excel format the column as Text to keep leading zeros",
    ),
    "comma_in_count": (
        1, "03658", "dòng 5, cột officers: ghi là '1,2'; phải là số nguyên không âm",
        "line 5, column officers: found '1,2'; it must be a whole number",
    ),
    "comma_without_quotes": (
        1, "", "Bảng unit_counts, dòng 5: dòng này có 17 ô, dòng tiêu đề có 16 ô",
        "Table unit_counts, line 5: this line has 17 cells, the header has 16",
    ),
    "text_in_count": (
        1, "03646", "cột population: ghi là '… 380'; phải là số nguyên không âm",
        "column population: found '… 380'; it must be a whole number",
    ),
    "thousands_point": (
        1, "03646", "ghi là '1.234'; phải là số nguyên không âm, không có dấu chấm",
        "found '1.234'; it must be a whole number of 0 or more, without points",
    ),
    "negative_count": (
        1, "03646", "cột labour_force: ghi là '-3'; phải là số nguyên không âm",
        "column labour_force: found '-3'; it must be a whole number of 0 or more",
    ),
    "money_with_words": (
        1, "03646", "ghi là '22 triệu'; phải là số từ 0 trở lên (triệu đồng)",
        "found '22 triệu'; it must be a number of 0 or more (million VND)",
    ),
    "duplicate_household": (
        1, "03658", "Bảng households, dòng 13: dòng này lặp lại một dòng ở trên",
        "Table households, line 13: this line repeats an earlier one (same as_of, unit, household)",
    ),
    "missing_table": (
        1, "", "Bảng schools: không có bảng này. Bổ sung tệp schools.csv",
        "Table schools: this table is missing. Add the file schools.csv",
    ),
    "missing_column": (
        1, "", "Bảng households: thiếu cột members; có cột 'member', có phải là nó?",
        "Table households: column members is missing; is it the column 'member'?",
    ),
    "column_twice": (
        1, "", "Bảng schools: cột meets_national_standard xuất hiện hai lần",
        "Table schools: column meets_national_standard stands twice",
    ),
    "poor_above_households": (
        1, "03658", "tổng số hộ dân là 1, ít hơn 2 hộ nghèo trong danh sách",
        "there are 1 households in all, fewer than the 2 poor ones in the register",
    ),
    "wrong_date": (
        1, "03646", "ngày ghi là '31/12/2020'; phải ghi dạng năm-tháng-ngày, ví dụ 2020-12-31",
        "the date is '31/12/2020'; it must be written year-month-day, such as 2020-12-31",
    ),
    "unknown_date": (
        1, "03658", "ngày 2020-12-13 không có trong bảng unit_counts; các ngày có",
        "the date 2020-12-13 is not in the table unit_counts; dates with data: 2019-12-31",
    ),
    "empty_file": (1, "", "Bảng members: tệp trống", "Table members: the file is empty"),
    "header_only": (
        1, "03658", "dòng 3, cột poor_households: số đã ký là 2 nhưng không có danh sách hộ nào",
        "this person belongs to a household that is not in the table households",
    ),
    "not_utf8": (
        1, "", "tệp không được lưu dạng UTF-8 nên chữ tiếng Việt bị hỏng",
        "the file is not saved as UTF-8, so Vietnamese letters are broken",
    ),
    "not_a_workbook.xlsx": (
        1, "", "phải là một thư mục hoặc tệp Excel .xlsx; không đọc được tệp này",
        "this must be a folder or an Excel workbook .xlsx; the file cannot be read",
    ),
    "wrong_flag": (
        1, "03646", "cột primary: ghi là 'x'; phải là có/không, 1/0 hoặc true/false",
        "column primary: found 'x'; it must be có/không, 1/0 or true/false",
    ),
    "wrong_status": (
        1, "03658", "cột status: ghi là 'nghèo'; được phép: poor_income, poor_deprivation",
        "column status: found 'nghèo'; allowed: poor_income, poor_deprivation",
    ),
    "blank_status": (
        1, "03658", "cột status: ô trống; ô này bắt buộc phải ghi",
        "column status: the cell is blank; it must be filled in",
    ),
    "score_not_ten": (
        1, "03658", "điểm B2 là 25; chỉ nhận các giá trị 0, 10, …, 100",
        "score B2 is 25; only 0, 10, …, 100 are possible",
    ),
    "score_contradicts_flags": (
        1, "03658", "điểm B2 là 30 nhưng các chỉ số thiếu hụt cộng lại được 20",
        "score B2 is 30 but the deprivations add up to 20",
    ),
    "status_contradicts_scores": (
        1, "03658", "phân loại là 'poor_income' nhưng theo điểm B1, B2 phải là near_poor",
        "the status is 'poor_income' but scores B1 and B2 make it near_poor",
    ),
    "members_differ": (
        1, "03658", "ghi 5 nhân khẩu nhưng bảng members có 4",
        "5 members are stated but the table members has 4",
    ),
    "household_without_members": (
        1, "03658", "hộ này không có thành viên nào trong bảng members",
        "this household has no person in the table members",
    ),
    "member_without_household": (
        1, "03658", "người này thuộc một hộ không có trong bảng households",
        "this person belongs to a household that is not in the table households",
    ),
    "register_differs": (
        1, "03658", "số đã ký là 3 nhưng danh sách hộ có 1",
        "the signed count is 3 but the register has 1",
    ),
    "part_above_whole": (
        1, "03658", "cột children_under_1_vaccinated: ghi 21, lớn hơn children_under_1 = 20",
        "column children_under_1_vaccinated: found 21, more than children_under_1 = 20",
    ),
    "movement_breaks": (
        1, "03658", "đầu kỳ (near_poor_households) là 0 nhưng cuối kỳ trước là 1 (2019-12-31)",
        "the start of the period (near_poor_households) is 0 but the end of the one before was 1",
    ),
    "city_code_in_register": (
        1, "116", "mã '116' là đơn vị cấp trên; bảng này chỉ ghi số liệu của từng xã, phường",
        "code '116' is a higher unit; this table holds wards and communes only",
    ),
    "name_in_number": (
        1, "03658", "cột members: ghi là '…'; phải là số nguyên không âm",
        "column members: found '…'; it must be a whole number",
    ),
    "shifted_columns": (
        1, "", "Mã '…'", "Code '…'",
    ),
    "units_unknown_parent": (
        1, "", "Bảng units, dòng 3, cột parent: cấp trên ghi là '117' nhưng không có mã này",
        "Table units, line 3, column parent: the parent is '117', which is not in the list",
    ),
    "units_in_a_circle": (
        1, "", "đơn vị '03646' là cấp trên của chính nó", "unit '03646' is its own parent",
    ),
    "units_valid_dmy": (
        1, "", "Bảng units, dòng 4, cột valid_to: ngày ghi là '31/12/2019'; phải ghi dạng",
        "Table units, line 4, column valid_to: the date is '31/12/2019'; it must be written",
    ),
    "units_numeric_codes.xlsx": (
        1, "", "Bảng units, cột code (2 ô, từ dòng 3): mã ghi là '3646' nhưng các bảng khác ghi",
        "Table units, column code (2 cells, from line 3): the code is '3646' but the other tables",
    ),
    "money_thousands_point": (
        1, "03646", "Bảng funding, dòng 4, cột planned: ghi là '1.250'; phải là số từ 0 trở lên",
        "Table funding, line 4, column planned: found '1.250'; it must be a number of 0 or more",
    ),
    "quote_left_open": (
        1, "", "Bảng schools, dòng 4: trên dòng này có dấu ngoặc kép mở mà không đóng",
        "Table schools, line 4: on this line a quotation mark opens and does not close",
    ),
    "title_above_heading": (
        1, "", "Bảng schools, dòng 3: dòng tiêu đề (tên các cột) ở dòng này, không ở dòng đầu",
        "Table schools, line 3: the heading (the names of the columns) is in this line, not in",
    ),
    "excel_errors.xlsx": (
        1, "03646", "dòng 4, cột labour_certified: ô báo lỗi #REF! (unit_counts!F4), không có",
        "line 4, column labour_certified: the cell shows the error #REF! (unit_counts!F4)",
    ),
    "formula_without_value.xlsx": (
        1, "03646", "ô có công thức =133+0 (unit_counts!F4) nhưng không có giá trị được lưu",
        "the cell holds the formula =133+0 (unit_counts!F4) without a stored value",
    ),
    "wrong_plan_key.toml": (
        2, "", "indicator 'hygienic_water': khóa phải là một trong",
        "found 'targte' (did you mean 'target'?)",
    ),
    "unknown_plan_column.toml": (
        2, "", "đã nhận 'hygenic_water' (có phải là 'hygienic_water'?)",
        "found 'hygenic_water' (did you mean 'hygienic_water'?)",
    ),
    "unknown_plan_value.toml": (
        2, "", "where status phải là một trong: poor_income, poor_deprivation",
        "found 'pooor_deprivation' (did you mean 'poor_deprivation'?)",
    ),
    "plan_target_as_number.toml": (
        2, "", "target: ghi là 100; phải là một số trong ngoặc kép",
        "target: found 100; allowed: one number as printed, as a text",
    ),
    "broken_plan.toml": (
        2, "", "tệp TOML không đúng quy tắc: Illegal character", "this is not valid TOML: Illegal",
    ),
}  # fmt: skip
NEVER_SAID = ("Traceback", "Mẫu", "Lò")  # the last two: made-up persons in the files


@pytest.fixture
def arguments(tmp_path):
    """A function that lays a fault over the good data; returns the command's arguments."""

    def lay(fault: str) -> list[str]:
        source, data = FAULTY / fault, tmp_path / "data"
        if source.suffix == ".xlsx":
            return [str(source)]
        shutil.copytree(HERE / "data/two_wards", data)
        if source.suffix == ".toml":
            return [str(data), "--plan", str(source)]
        for file in source.iterdir():
            if file.suffix == ".removed":
                (data / file.stem).unlink()
            else:
                shutil.copy(file, data)
        return [str(data)]

    return lay


@pytest.fixture
def reports(tmp_path):
    """Reports that lie there from an earlier run."""
    for name in ("116-thanh-pho-son-la", "03646-phuong-chieng-le", "03658-xa-chieng-co"):
        (tmp_path / "out" / name).mkdir(parents=True)
        (tmp_path / "out" / name / "report.html").write_text(f"<h1>{name}</h1>", encoding="utf-8")
    return tmp_path / "out"


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_every_file_is_held_to_its_sentence():
    assert {path.name for path in FAULTY.iterdir()} - {"README.md"} == set(FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
def test_check_says_what_is_wrong_in_vietnamese(arguments, capsys, fault):
    code, _, sentence, _ = FAULTS[fault]
    assert main(["check", *arguments(fault)]) == code
    said = capsys.readouterr()
    assert sentence in (said.out if code == 1 else said.err)
    assert not any(word in said.out + said.err for word in NEVER_SAID)


# a fault of one unit goes one way through the batch: three of them in the fast tests, then all
FAST = {fault for fault, (_, unit, *_) in FAULTS.items() if not unit}
FAST |= {"comma_in_count", "duplicate_household", "register_differs"}


@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, marks=[] if fault in FAST else pytest.mark.faults) for fault in FAULTS],
)
def test_report_ends_with_1_or_2_and_writes_no_figure_that_must_be_corrected(
    arguments, reports, capsys, fault
):
    """A fault that belongs to no unit refuses all; one of a unit withholds its figures."""
    code, unit, _, sentence = FAULTS[fault]
    before = content(reports)
    command = ["report", *arguments(fault), "--out", str(reports), "--jobs", "1"]
    command += ["--as-of", "2020-12-31", "--unit", unit or "03658", "--language", "en"]
    assert main(command) == code
    said = capsys.readouterr()
    said = said.out + said.err
    assert not any(word in said for word in NEVER_SAID)
    if not unit:  # refused as a whole: nothing at all is written
        assert sentence in said or fault == "shifted_columns"  # the first five are told
        assert content(reports) == before
        return
    assert unit in said and "being corrected" in said
    page = next(reports.glob(f"{unit}-*/report.html")).read_text(encoding="utf-8")
    assert not any(word in page for word in NEVER_SAID)
    if fault != "wrong_flag":  # a flag of the year before: nothing of this date uses it
        assert "being corrected" in page


def test_the_good_data_under_the_faults_are_good(capsys):
    assert main(["check", str(HERE / "data/two_wards")]) == 0
    assert "không có gì phải sửa" in capsys.readouterr().out
