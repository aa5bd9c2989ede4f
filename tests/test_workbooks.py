"""The workbooks that units fill in: what stands in them, what they allow, what a reader finds."""

import shutil
import subprocess
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest
from filled_in import fill_in, read_back, sheet_name
from hypothesis import given, settings
from hypothesis import strategies as st

from sonla_analysis.definitions.input_columns import COLUMNS
from sonla_analysis.definitions.needed import needed
from sonla_analysis.definitions.plan import load_plan, plan_text
from sonla_analysis.definitions.units import unit_named
from sonla_analysis.intake.sheets import read_sheets
from sonla_analysis.intake.workbooks import (
    DATA,
    GIVEN,
    HEAD,
    ROOM,
    choices,
    heading,
    meaning,
    to_fill_in,
    write_workbook,
)
from sonla_analysis.language.phrases import has

WARD = unit_named("03646", "2020-12-31")
NEW_DAY, LAST_DAY = "2020-12-31", "2019-12-31"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "03646-phuong-chieng-le.xlsx"


@pytest.fixture(scope="module")
def last(city):
    """The ward's tables at the end of the year before."""
    kept = {name: city[name] for name in COLUMNS if name != "school_network"}
    return {
        name: frame[(frame["unit"] == WARD.name) & (frame["as_of"] == LAST_DAY)]
        for name, frame in kept.items()
    }


@pytest.fixture(scope="module")
def workbook(plan, last, tmp_path_factory):
    """The ward's workbook of 2020 with the lists of 2019, as openpyxl shows it, and its path."""
    path = tmp_path_factory.mktemp("sent") / "last.xlsx"
    write_workbook(path, plan, WARD, NEW_DAY, last=last)
    return openpyxl.load_workbook(path), path


def validation_at(sheet, cell: str):
    return next(one for one in sheet.data_validations.dataValidation if cell in one.sqref)


def column_of(sheet, table: str, name: str, plan) -> str:
    heads = {cell.value: cell.column_letter for cell in sheet[HEAD + 1]}
    return heads[heading(table, name, plan)]


# --- what stands in it -------------------------------------------------------------------


def test_the_notes_say_whose_workbook_it_is_in_the_words_intake_looks_for(plan, path):
    write_workbook(path, plan, WARD, NEW_DAY, number=2, synthetic=True)
    notes, *_ = read_sheets(path)
    assert notes.name == "Hướng dẫn"
    assert notes.cells[2:7, :2].tolist() == [
        ["Đơn vị", "phường Chiềng Lề"],
        ["Mã đơn vị", "03646"],
        ["Ngày số liệu", "2020-12-31"],
        ["Lần gửi", "2"],
        ["Số liệu giả lập", "có"],
    ]


def test_without_synthetic_data_the_notes_do_not_speak_of_them(plan, path):
    write_workbook(path, plan, WARD, NEW_DAY)
    texts = {text for sheet in read_sheets(path) for text in sheet.cells.ravel()}
    assert not any("giả lập" in text.lower() for text in texts)


def test_every_column_that_is_needed_has_one_heading_and_one_note(plan, workbook):
    sheets = {one.name: one for one in read_sheets(workbook[1])}
    notes = [tuple(row[:2]) for row in sheets["Hướng dẫn"].cells]
    for table, columns in needed(plan).items():
        for name in set(columns).difference(GIVEN):
            text = heading(table, name, plan)
            sheet = sheets[sheet_name(table)].cells
            here = sheet[DATA:, 0] if table == "unit_counts" else sheet[HEAD]
            assert here.tolist().count(text) == 1, text
            assert notes.count((sheet_name(table), text)) == 1


def test_a_table_has_its_unit_and_date_above_and_its_column_numbers_below_the_headings(workbook):
    cells = next(one for one in read_sheets(workbook[1]) if one.name == "Danh sách hộ").cells
    assert cells[1, 0] == "Đơn vị: Phường Chiềng Lề (mã 03646)"
    assert cells[2, 0] == "Số liệu đến ngày 31/12/2020"
    assert cells[HEAD + 1].tolist() == [f"({n + 1})" for n in range(cells.shape[1])]


@pytest.mark.parametrize("table", [name for name in COLUMNS if name != "school_network"])
def test_every_column_of_the_input_has_a_meaning_of_its_own(table, plan):
    for name in set(COLUMNS[table]).difference(GIVEN, ("status",) * (table == "members")):
        carried = table == "members" and name in ("village", "ethnicity", "head_sex", "area")
        known = has("meaning", name) or has("meaning", f"{table}_{name}")
        assert carried or known, name


def test_what_may_be_left_out_is_said_so(plan):
    assert meaning("households", "village", plan, must=False).endswith("Không bắt buộc.")
    assert "Không bắt buộc" not in meaning("households", "status", plan, must=True)


def test_a_status_is_offered_only_where_the_poverty_standard_knows_it(plan):
    offered = to_fill_in(plan)["households"]["status"]
    assert choices(offered)[:3] == ["nghèo về thu nhập", "nghèo do thiếu hụt", "hộ cận nghèo"]
    later = to_fill_in(replace(plan, standard="nd07_2021"))["households"]["status"]
    assert choices(later)[:2] == ["hộ nghèo", "hộ cận nghèo"]


# --- what may be typed -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "allowed"),
    [
        ("head_sex", "list", '"Nam,Nữ"'),
        ("hygienic_water", "list", '"Có,Không"'),
        ("members", "whole", "0"),
    ],
)
def test_a_cell_is_checked_as_it_is_typed(workbook, plan, name, kind, allowed):
    sheet = workbook[0]["Danh sách hộ"]
    letter = column_of(sheet, "households", name, plan)
    check = validation_at(sheet, f"{letter}{DATA + 1}")
    assert (check.type, check.formula1) == (kind, allowed)
    assert check.showErrorMessage and check.allow_blank and "." in check.error


def test_a_year_of_birth_is_not_in_the_future(workbook, plan):
    sheet = workbook[0]["Nhân khẩu"]
    check = validation_at(sheet, f"{column_of(sheet, 'members', 'birth_year', plan)}{DATA + 1}")
    assert (check.type, check.formula1, check.formula2) == ("whole", "1900", "2020")


def test_headings_are_locked_and_the_cells_to_fill_in_are_not(workbook):
    for sheet in workbook[0].worksheets[1:]:
        assert sheet.protection.sheet and not sheet.protection.password
        vertical = sheet.title == "Số liệu chung"
        assert sheet.cell(HEAD + 1, 1).protection.locked
        assert not sheet.cell(DATA + 1, 2 if vertical else 1).protection.locked
        assert sheet.freeze_panes is not None and sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_rows == f"${HEAD + 1}:${HEAD + 2}"


def test_the_sender_can_raise_the_number_of_the_sending_and_nothing_else_of_the_notes(workbook):
    notes = workbook[0]["Hướng dẫn"]
    unlocked = [
        cell.coordinate
        for row in notes
        for cell in row
        if cell.value and not cell.protection.locked
    ]
    assert unlocked == ["B6"] and notes["A6"].value == "Lần gửi"


def test_codes_are_typed_as_text_and_letters_are_those_of_the_office(workbook, plan):
    sheet = workbook[0]["Danh sách hộ"]
    cell = sheet[f"{column_of(sheet, 'households', 'household', plan)}{DATA + 1}"]
    assert cell.number_format == "@" and (cell.font.name, cell.font.size) == ("Times New Roman", 12)


def test_there_is_room_for_a_hundred_households_more_than_last_time(workbook, plan):
    before = read_back(workbook[1], plan)["households"]
    sheet = workbook[0]["Danh sách hộ"]
    end = DATA + len(before) + ROOM
    assert ROOM == 100 and validation_at(sheet, f"C{end}")
    assert not any(f"C{end + 1}" in one.sqref for one in sheet.data_validations.dataValidation)


LONG = """
[columns.households]
support_group = { type = "choice", name.vi = "Nhóm", choices = [%s] }
[[indicator]]
id = "supported"
name.vi = "Hộ nhóm 1"
target = "50"
direction = "at_least"
numerator = { table = "households", where = { support_group = ["nhóm đối tượng hỗ trợ, số 1"] } }
denominator = { table = "unit_counts", sum = "households" }
"""


def test_choices_too_long_for_a_cell_stand_on_a_sheet_of_their_own(path, tmp_path):
    groups = [f"nhóm đối tượng hỗ trợ, số {n}" for n in range(20)]
    own = tmp_path / "own.toml"
    quoted = ", ".join(f'"{group}"' for group in groups)
    own.write_text(plan_text("kh159_2020") + LONG % quoted, encoding="utf-8")
    write_workbook(path, load_plan(own), WARD, NEW_DAY)
    book = openpyxl.load_workbook(path)
    assert [cell.value for cell in book["Danh mục"]["A"]] == groups
    rules = book["Danh sách hộ"].data_validations.dataValidation
    assert "'Danh mục'!$A$1:$A$20" in {one.formula1 for one in rules}


# --- last period's lists -----------------------------------------------------------------


def test_a_households_last_status_is_its_status_at_the_start_and_now(workbook, plan, last):
    rows = read_back(workbook[1], plan)["households"].set_index("household")
    assert (rows["start_status"] == rows["status"]).all()
    before = last["households"].set_index("household")["status"]
    assert rows["status"].to_dict() == before[before.isin(rows["status"].unique())].to_dict()


def test_who_left_the_list_and_its_persons_are_left_out(workbook, plan, last):
    tables = read_back(workbook[1], plan)
    left = set(last["households"].query("status in ('not_poor', 'absent')")["household"])
    assert left  # in the sample somebody did
    assert not left & set(tables["households"]["household"])
    assert set(tables["members"]["household"]) <= set(tables["households"]["household"])


def test_what_accumulates_within_the_year_is_blank_again_and_what_lasts_is_kept(workbook, plan):
    tables = read_back(workbook[1], plan)
    for name in ("loan_received", "toilet_built", "radio_received"):
        assert (tables["households"][name] == "").all()
    for table, name in (("households", "loan_needed"), ("members", "health_card")):
        assert (tables[table][name] != "").any()


def test_the_signed_counts_are_never_filled_in_beforehand(workbook, plan):
    counts = read_back(workbook[1], plan)["unit_counts"]
    assert counts.empty  # a row of blanks is no row


def test_under_another_standard_the_status_is_asked_again(plan, path, last):
    later = replace(plan, standard="nd07_2021")
    write_workbook(path, later, WARD, NEW_DAY, last={"households": last["households"]})
    cells = next(one for one in read_sheets(path) if one.name == "Danh sách hộ").cells
    at = {text: place for place, text in enumerate(cells[HEAD])}
    both = set(map(tuple, cells[DATA:, [at["Phân loại đầu năm"], at["Phân loại"]]]))
    assert ("nghèo về thu nhập", "") in both and ("hộ cận nghèo", "hộ cận nghèo") in both


def test_a_text_of_the_last_period_never_becomes_a_formula(plan, path, last):
    households = last["households"].assign(village="=1+1")
    write_workbook(path, plan, WARD, NEW_DAY, last={"households": households})
    assert (read_back(path, plan)["households"]["village"] == "=1+1").all()


TYPED = st.fixed_dictionaries(
    {
        "village": st.sampled_from(["Tổ 1", "Bản Hẹo", "01"]),
        "household": st.from_regex(r"\A0[0-9]{1,6}\Z"),
        "area": st.sampled_from(["Thành thị", "Nông thôn"]),
        "members": st.integers(0, 20),
        "status": st.sampled_from(["nghèo về thu nhập", "hộ cận nghèo", "không nghèo"]),
        "hygienic_water": st.sampled_from(["Có", "Không", None]),
    }
)


@settings(max_examples=10)
@given(st.lists(TYPED, min_size=1, max_size=4))
def test_what_is_typed_is_what_is_read(tmp_path_factory, plan, lines):
    path = tmp_path_factory.mktemp("typed") / "x.xlsx"
    write_workbook(path, plan, WARD, NEW_DAY)
    fill_in(path, plan, households=lines)
    read = read_back(path, plan)["households"]
    assert read["household"].tolist() == [line["household"] for line in lines]
    assert read["members"].tolist() == [str(line["members"]) for line in lines]
    water = {"Có": "true", "Không": "false", None: ""}
    assert read["hygienic_water"].tolist() == [water[line["hygienic_water"]] for line in lines]


# --- other programs ----------------------------------------------------------------------


@pytest.mark.office
def test_libreoffice_opens_and_saves_it_without_loss(workbook, tmp_path):
    book, path = workbook
    office = shutil.which("soffice") or pytest.skip("LibreOffice is not installed")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [office, "--headless", profile, "--convert-to", "xlsx", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=120)
    saved = tmp_path / path.name
    for before, after in zip(read_sheets(path), read_sheets(saved), strict=True):
        assert before.name == after.name
        assert before.cells.tolist() == after.cells.tolist()
    again = openpyxl.load_workbook(saved)
    for sheet in book.worksheets:
        assert _rules(sheet) == _rules(again[sheet.title])
        assert again[sheet.title].protection.sheet and not again[sheet.title].protection.password


def _rules(sheet) -> dict:
    """Return how each cell of the first row to fill in is checked."""
    rows = range(1, sheet.max_row + 1) if sheet.title == "Số liệu chung" else (6, DATA + 1)
    cells = [f"{cell.column_letter}{row}" for row in rows for cell in sheet[HEAD + 1]]
    rules = sheet.data_validations.dataValidation
    return {cell: (one.type, one.formula1) for cell in cells for one in rules if cell in one.sqref}


def test_the_rows_of_the_last_period_are_not_changed(plan, path, last):
    before = {name: frame.copy() for name, frame in last.items()}
    write_workbook(path, plan, WARD, NEW_DAY, last=last)
    for name, frame in last.items():
        pd.testing.assert_frame_equal(frame, before[name])
