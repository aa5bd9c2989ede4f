"""Official forms as sent: read in every layout, every planted contradiction found and no other."""

import random
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sent_forms import deprivations, in_sections, moves, rate, result, sums, with_rates, write

import sonla_analysis as sonla
from sonla_analysis import page
from sonla_analysis.cli import main
from sonla_analysis.definitions.units import shipped_units
from sonla_analysis.intake.form_arithmetic import form_findings, holds_forms
from sonla_analysis.intake.form_counts import check_against_register, form_counts
from sonla_analysis.intake.forms import read_forms
from sonla_analysis.intake.sheets import Sheet, read_sheets
from sonla_analysis.language.phrases import has
from sonla_analysis.office.document import Document
from sonla_analysis.office.letterhead import letterhead_of
from sonla_analysis.office.xlsx import workbook_bytes
from sonla_analysis.page import official_forms
from sonla_analysis.review import open_review
from sonla_analysis.sentences.table import Table
from sonla_analysis.tables.findings import finding_sentence

DATE = "2020-12-31"
KINDS = ["result", "movement_poor", "movement_near_poor", "deprivation_counts"]
KINDS += ["deprivation_rates"]


def sheet(form, name="Biểu") -> Sheet:
    """Return rows and merged ranges as the sheet of a file; without ranges as a CSV has it."""
    rows, merged = form if isinstance(form, tuple) else (form, ())
    width = max(map(len, rows))
    cells = [[str(cell) for cell in row] + [""] * (width - len(row)) for row in rows]
    return Sheet("m.xlsx", name, np.array(cells, dtype=object), list(merged))


def found(*forms) -> list[tuple[str, str]]:
    """Return rule and cell of each finding in forms that stand in one file."""
    sheets = [sheet(form, f"Biểu {place}") for place, form in enumerate(forms, start=1)]
    return [(one.rule, one.cell) for one in form_findings(read_forms(sheets))]


def figures(form, noun="household") -> list[list]:
    return [
        [cell.value for cell in line.cells.values()] for line in form.lines if line.noun == noun
    ]


# --- a consistent set of forms of three units --------------------------------------------

# unit, households, persons, poor, their persons, near-poor, their persons
COUNTED = [
    ["Thị trấn Một", 400, 1600, 20, 80, 12, 50],
    ["Xã Hai", 300, 1200, 30, 120, 15, 60],
    ["Xã Ba", 13389, 50000, 45, 200, 9, 40],
]
# the nine columns of form 2 for households and persons, and of form 3 for households
POOR = [[22, 3, 2, 0, 1, 0, 2, 0, 20], [33, 5, 1, 1, 2, 1, 1, 0, 30], [50, 4, 5, 0, 1, 1, 1, 1, 45]]
PERSONS = [
    [88, 12, 8, 0, 4, 0, 8, 0, 80],
    [132, 20, 4, 4, 8, 4, 4, 0, 120],
    [220, 20, 24, 0, 6, 6, 8, 4, 200],
]
NEAR = [[12, 2, 1, 0, 3, 0, 0, 0, 12], [14, 2, 2, 0, 5, 0, 0, 0, 15], [8, 2, 1, 0, 4, 0, 0, 0, 9]]
LACKING = [[20, *range(12)], [30, *range(5, 17)], [45, *range(3, 15)]]
NAMES = [line[0] for line in COUNTED]


def form_1(lines=None):
    lines = in_sections(COUNTED[:1], COUNTED[1:]) if lines is None else lines
    return result([with_rates(line) for line in lines])


def two_lines(households=POOR, persons=PERSONS) -> list[list]:
    """Return the lines of form 2: the total above the units, each of Hộ and Nhân khẩu."""
    lines = [["", "Tổng cộng", "Hộ", *sums_of(households)]]
    lines += [["", "", "Nhân khẩu", *sums_of(persons)]]
    for place, (name, one, other) in enumerate(zip(NAMES, households, persons, strict=True), 1):
        lines += [[place, name, "Hộ", *one], ["", "", "Nhân khẩu", *other]]
    return lines


def sums_of(lines: list[list]) -> list[int]:
    return [sum(column) for column in zip(*lines, strict=True)]


def one_line(lines=NEAR) -> list[list]:
    named = [
        [place, name, *line] for place, (name, line) in enumerate(zip(NAMES, lines, strict=True), 1)
    ]
    return [*named, ["", "Tổng số", *sums_of(lines)]]


def form_2(lines=None):
    return moves(two_lines() if lines is None else lines)


def form_3(lines=None):
    return moves(one_line() if lines is None else lines, "near_poor", line_column=False)


def lacking() -> list[list]:
    named = [[name, *line] for name, line in zip(NAMES, LACKING, strict=True)]
    return in_sections(named[:1], named[1:])


def form_4(lines=None):
    return deprivations(lacking() if lines is None else lines, check=True)


def form_5(lines=None):
    return deprivations(as_rates(lacking()) if lines is None else lines, "TỶ LỆ")


def as_rates(lines: list[list]) -> list[list]:
    return [
        [*line[:3], *(f"{one / line[2] * 100:.2f}%" for one in line[3:])] if line[2] else
        [*line[:3], *["NaN%"] * 12] for line in lines
    ]  # fmt: skip


FORMS = {1: form_1, 2: form_2, 3: form_3, 4: form_4, 5: form_5}


def all_forms(**instead) -> list:
    """Return the five forms, `form_n` changed where it is given."""
    return [instead.get(f"form_{number}") or make() for number, make in FORMS.items()]


# --- reading -----------------------------------------------------------------------------


def test_the_five_forms_are_known_by_their_titles_and_agree(tmp_path):
    path = write(tmp_path / "Mẫu 08-12.xlsx", **{f"b{n}": make() for n, make in FORMS.items()})
    forms = read_forms(read_sheets(path))
    assert [form.kind for form in forms] == KINDS
    assert {form.as_of for form in forms} == {"2023-12-31"}
    assert sonla.intake.check_forms(path) == []


def test_form_1_in_the_circulars_order_is_read_with_its_sections():
    lines = in_sections(COUNTED[:1], COUNTED[1:])
    lines = [with_rates(line) for line in lines]
    lines[4][2], lines[5][2] = "13.389", "14.089"  # thousands as offices type them
    (form,) = read_forms([sheet(result(lines))])
    assert [line.level for line in form.lines] == [
        "subtotal", "unit", "subtotal", "unit", "unit", "total",
    ]  # fmt: skip
    assert [line.unit for line in form.lines][-1] == "Tổng cộng (I + II)"
    households, last = form.lines[4].cells["households"], form.lines[-1]
    assert (households.value, households.place) == (13389, "C15")
    assert last.cells["poor_households"].value == 20 + 30 + 45
    assert last.cells["near_poor_persons"].value == 50 + 60 + 40
    assert last.cells["poor_household_rate"].value == Fraction("0.67")  # 95 / 14089


@pytest.mark.parametrize("make", FORMS.values())
def test_a_csv_without_merged_cells_reads_the_same(make):
    rows, merged = make()
    (form,), (same,) = read_forms([sheet((rows, merged))]), read_forms([sheet(rows)])
    assert figures(form) == figures(same) and figures(form, "person") == figures(same, "person")
    assert [line.unit for line in form.lines] == [line.unit for line in same.lines]


def test_form_1_with_fourteen_columns_and_dotted_numbers():
    heads = [
        ["STT", "Phường/Xã", "Tổng số hộ dân cư", "Tổng số nhân khẩu", "Hộ nghèo", "",
         "Hộ cận nghèo", "", "Hộ làm nông, lâm, ngư nghiệp có mức sống trung bình", "",
         "Khẩu nghèo", "", "Khẩu cận nghèo", "", "Khẩu có mức sống trung bình", ""],
        ["", "", "", "", *["Số lượng", "Tỷ lệ (%)"] * 6],
        ["A", "B", "1", "2", "3", "4=3/1*100", "5", "6=5/1*100", "7", "8=7/1*100", "9",
         "10=9/2*100", "11", "12=11/2*100", "13", "14=13/2*100"],
    ]  # fmt: skip
    counts = {
        ("1.1", "Phường Một"): (400, 1600, 20, 12, 5, 80, 50, 20),
        ("1.2", "Xã  Đắk Hai"): (300, 1200, 30, 15, 4, 120, 60, 20),
    }
    whole = {("1", "Thành phố G"): tuple(sums_of(counts.values()))}
    lines = []
    for name, (households, persons, *parts) in (whole | counts).items():
        rates = [rate(one, households if at < 3 else persons) for at, one in enumerate(parts)]
        pairs = [cell for pair in zip(parts, rates, strict=True) for cell in pair]
        lines.append([*name, households, persons, *pairs])
    title = "TỔNG HỢP KẾT QUẢ CHÍNH THỨC HỘ NGHÈO, HỘ CẬN NGHÈO NĂM 2022"
    (form,) = read_forms([sheet([[title], *heads, *lines])])
    assert (form.kind, form.as_of, len(form.labels)) == ("result", "2022-12-31", 14)
    assert [line.level for line in form.lines] == ["total", "unit", "unit"]
    assert form.lines[2].unit == "Xã Đắk Hai"
    assert form.lines[1].cells["average_persons"].value == 20
    assert form_findings([form]) == []


def test_form_2_has_two_lines_under_one_name_and_a_check_column_beside_it():
    lines = two_lines()
    lines[1][3:7] = ["#REF!"] * 4  # the persons of the total, as a real template has them
    (form,) = read_forms([sheet(moves(lines, check=[7] * len(lines)))])
    assert len(form.labels) == 9
    assert [line.unit for line in form.lines] == ["Tổng cộng"] * 2 + [
        name for name in NAMES for _ in range(2)
    ]
    assert figures(form)[1:] == POOR and figures(form, "person")[1:] == PERSONS
    findings = form_findings([form])
    assert [(one.rule, one.cell) for one in findings] == [
        ("excel_error", f"{letter}11") for letter in "DEFG"
    ]


def test_a_movement_in_persons_says_so_in_its_heading():
    form = moves(one_line(), "near_poor", line_column=False, noun="nhân khẩu")
    (form,) = read_forms([sheet(form)])
    assert {line.noun for line in form.lines} == {"person"}


def test_a_title_over_two_rows_whose_second_names_the_year():
    heads = ["TT", "Đơn vị", "Hộ nghèo đầu năm", "Thành cận nghèo", "Vượt chuẩn cận nghèo"]
    heads += ["Số hộ khác giảm", "Số hộ cận nghèo trở thành", "Tái nghèo", "Phát sinh mới"]
    heads += ["Số hộ khác tăng", "Hộ nghèo cuối năm"]
    rows = [["BIỂU TỔNG HỢP"], ["DIỄN BIẾN HỘ NGHÈO NĂM 2020"], heads, ["1", "Xã A", *POOR[2]]]
    (form,) = read_forms([sheet(rows)])
    assert (form.as_of, figures(form)) == ("2020-12-31", [POOR[2]])
    rows[:2] = [["TỔNG HỢP DIỄN BIẾN"], ["HỘ NGHÈO NĂM 2020"]]
    (form,) = read_forms([sheet(rows)])
    assert (form.as_of, figures(form)) == ("2020-12-31", [POOR[2]])


def test_a_movement_with_headings_of_its_own_is_read_by_its_column_numbers():
    heads = [["TT", "Đơn vị", *["Số hộ"] * 9], ["A", "B", *map(str, range(1, 10))]]
    title = ["BIỂU 10. DIỄN BIẾN HỘ CẬN NGHÈO"]
    (form,) = read_forms([sheet([title, *heads, *one_line()])])
    assert figures(form)[:3] == NEAR


def test_the_older_form_of_movement_has_fewer_columns_and_rates_between():
    heads = [
        ["TT", "Thành phố/thị xã/huyện", "Tổng số hộ dân cư", "", "Số hộ nghèo đầu năm", "", "",
         "Diễn biến trong năm", "", "", "", "", "", "Số hộ nghèo cuối năm", ""],
        ["", "", "Số hộ", "Trong đó hộ DTTS", "Số hộ", "Tỷ lệ", "Số hộ DTTS", "Số hộ thoát nghèo",
         "Tỷ lệ", "Số hộ tái nghèo", "Tỷ lệ", "Số hộ phát sinh", "Tỷ lệ", "Số hộ", "Tỷ lệ"],
    ]  # fmt: skip
    line = ["", "Cả nước", 24945432, "", 1642489, "6,7", "", 424169, "1,73", 10087, "0,04"]
    rows = [["TỔNG HỢP KẾT QUẢ ĐIỀU TRA, RÀ SOÁT HỘ NGHÈO NĂM 2018"], *heads]
    rows.append([*line, 75594, "0,4", 1304001, "5,23"])
    (form,) = read_forms([sheet(rows)])
    assert form.kind == "movement_poor"
    assert figures(form) == [[1642489, 424169, 10087, 75594, 1304001]]
    assert form_findings([form]) == []  # two decisions agree to the household


@pytest.mark.parametrize(
    "title",
    [
        "DANH SÁCH HỘ NGHÈO, HỘ CẬN NGHÈO SAU KHI RÀ SOÁT",
        "TỔNG HỢP KẾT QUẢ RÀ SOÁT HỘ NGHÈO THEO DÂN TỘC",
        "TỔNG HỢP NGUYÊN NHÂN NGHÈO CỦA HỘ NGHÈO, HỘ CẬN NGHÈO",
        "TỔNG HỢP THIẾU HỤT CỦA TRẺ EM HỘ NGHÈO",
    ],
)
def test_other_forms_and_lists_are_none_of_them(title):
    rows, merged = form_1()
    rows[3] = [title]
    assert read_forms([sheet((rows, merged))]) == []


def test_a_list_of_households_under_such_a_title_is_no_form():
    heads = ["STT", "Thôn", "Họ và tên chủ hộ", "Số hộ", "Hộ nghèo", "Hộ cận nghèo"]
    rows = [["KẾT QUẢ RÀ SOÁT HỘ NGHÈO, HỘ CẬN NGHÈO NĂM 2023"], heads, ["1", "Một", "x", "1"]]
    assert read_forms([sheet(rows)]) == []


def test_a_title_whose_columns_are_strange_is_said_not_dropped():
    rows, merged = form_1()
    rows = [[str(cell).lower().replace("nghèo", "x") for cell in row] for row in rows]
    rows[3] = ["TỔNG HỢP KẾT QUẢ RÀ SOÁT HỘ NGHÈO"]
    (finding,) = form_findings(read_forms([sheet((rows, merged))]))
    assert (finding.rule, finding.cell, finding.severity) == ("form_columns", "A4", "warning")


# title, headings and lines; the levels of the lines, and the cells that are wrong
LAYOUTS = {
    "a ward's own, with groups of its lines and a remark": (
        [["STT", "Tên bản", "Tổng số hộ", "Hộ nghèo", "", "Ghi chú"],
         ["", "", "", "Số hộ", "Tỷ lệ %", ""]],
        [["1", "Bản Một", "100", "10", "10", "tăng 2"], ["2", "Bản Hai", "50", "5", "10"],
         ["", "Trong đó: DTTS", "40", "5", "12,5"], ["Tổng", "", "150", "15", "10"]],
        ["unit", "unit", "part", "total"], [],
    ),
    "sections named first and added up last, the headings again on the next page": (
        [["TT", "Xã, phường", "Tổng số hộ", "Số hộ nghèo"], ["(A)", "(B)", "(1)", "(2)"]],
        [["I", "Thành thị"], ["1", "P. A", "100", "10"], ["", "Cộng khu vực I", "100", "11"],
         ["TT", "Xã, phường", "Tổng số hộ", "Số hộ nghèo"], ["(A)", "(B)", "(1)", "(2)"],
         ["II", "Nông thôn"], ["1", "Xã C", "50", "5"], ["", "Cộng", "50", "5"],
         ["", "Tổng cộng", "150", "16"]],
        ["subtotal", "unit", "subtotal", "subtotal", "unit", "subtotal", "total"], ["D6"],
    ),
    "no numbers at all, the city above its wards": (
        [["Đơn vị", "Tổng số hộ", "Số hộ nghèo"]],
        [["Thành phố S", "200", "20"], ["Phường A", "150", "15"], ["Xã B", "60", "5"]],
        ["total", "unit", "unit"], ["B3"],
    ),
    "districts without a number above their communes": (
        [["TT", "Đơn vị", "Tổng số hộ", "Số hộ nghèo", "Tỷ lệ"]],
        [["", "Huyện A", "200", "20", "10"], ["1", "Xã B", "200", "20", "10"],
         ["", "Huyện C", "100", "20", "20"], ["1", "Xã D", "100", "21", "20.5"],
         ["", "Tổng", "300", "40", "13.33"]],
        ["subtotal", "unit", "subtotal", "unit", "total"], ["D5", "E6"],
    ),
    "number and name in one cell, the units named in the lower heading": (
        [["", "", "Hộ nghèo", "", "Hộ cận nghèo"],
         ["Đơn vị", "Tổng số hộ", "Số hộ", "Tỷ lệ", "Số hộ"]],
        [["I. Thành thị", "200", "20", "10", "1"], ["1. Phường A", "200", "20", "10", "1"],
         ["II. Nông thôn", "60", "5", "8,33", "2"], ["1. Xã B", "60", "5", "8,33", "2"],
         ["Tổng cộng: I+II", "260", "25", "9,62", "3"]],
        ["subtotal", "unit", "subtotal", "unit", "total"], [],
    ),
    "districts and communes by dotted numbers, with a total": (
        [["TT", "Đơn vị", "Tổng số hộ", "Số hộ nghèo"]],
        [["1", "Huyện A", "200", "20"], ["1.1", "Xã B", "200", "21"], ["2", "Huyện C", "100", "20"],
         ["2.1", "Xã D", "40", "10"], ["2.2", "Xã E", "60", "10"], ["", "Tổng số", "300", "40"]],
        ["subtotal", "unit", "subtotal", "unit", "unit", "total"], ["D3"],
    ),
    "the poor split by the rule that makes them so": (
        [["TT", "Đơn vị", "Tổng số hộ", "Hộ nghèo", "", ""],
         ["", "", "", "Tổng số", "Nghèo về thu nhập", "Nghèo thiếu hụt"]],
        [["1", "Phường A", "150", "15", "10", "5"]],
        ["unit"], [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_lines_are_taken_for_what_they_are(name):
    heads, lines, levels, wrong = LAYOUTS[name]
    title = [["KẾT QUẢ RÀ SOÁT HỘ NGHÈO, HỘ CẬN NGHÈO"]]
    (form,) = read_forms([sheet([*title, *heads, *lines])])
    assert [line.level for line in form.lines] == levels
    assert [one.cell for one in form_findings([form])] == wrong


def test_two_forms_on_one_sheet_are_both_read():
    (rows, _), (below, _) = form_4(), form_5()
    forms = read_forms([sheet([*rows, [""], *below])])
    assert [form.kind for form in forms] == KINDS[3:]
    assert form_findings(forms) == []


def test_names_that_are_links_without_a_value_are_said_and_still_add_up():
    lines = two_lines()
    lines[4][1] = "='[1]mẫu 08'!A11 (b2!B14)"
    (form,) = read_forms([sheet(moves(lines))])
    assert [line.unit for line in form.lines][4:6] == ["", ""]
    assert [(one.rule, one.cell) for one in form_findings([form])] == [("formula", "B14")]


def test_what_the_package_prints_is_read_back(tmp_path):
    review = open_review("data/sample", "116", DATE)
    tables = [getattr(official_forms, f"form_{number}")(review) for number in range(1, 6)]
    document = Document(page.document_record(review, "Báo cáo"), [], tables)
    path = tmp_path / "tables.xlsx"
    path.write_bytes(workbook_bytes(document, letterhead_of(document, {})))
    forms = read_forms(read_sheets(path))
    assert [(form.kind, form.as_of) for form in forms] == [(kind, DATE) for kind in KINDS]
    for form, table in zip(forms, tables, strict=True):
        assert printed(table) == [
            [cell.value for cell in line.cells.values()] for line in form.lines
        ]
    assert sonla.intake.check_forms(path) == []


def printed(table: Table) -> list[list]:
    """Return the numbers of a printed table as its cells hold them: fifteen digits."""
    first = next(at for at, column in enumerate(table.columns) if column.side == "right")
    texts = [[one if one is None else f"{one:.16g}" for one in row[first:]] for row in table.rows]
    return [[one if one is None else Fraction(one) for one in row] for row in texts]


# --- one planted contradiction, found at its cell and no other ---------------------------


def test_forms_that_agree_have_no_finding():
    assert found(*all_forms()) == []


def changed(lines: list[list], row: int, column: int, value) -> list[list]:
    lines = [list(line) for line in lines]
    lines[row][column] = value
    return lines


def lines_1() -> list[list]:
    return [with_rates(line) for line in in_sections(COUNTED[:1], COUNTED[1:])]


def test_a_total_that_is_not_the_sum():
    assert found(result(changed(lines_1(), 5, 3, 52801))) == [("form_total", "D16")]


def test_a_subtotal_that_is_not_the_sum_is_said_once_when_the_total_follows_it():
    lines = changed(lines_1(), 2, 3, 51201)
    lines = changed(lines, 5, 3, 52801)
    assert found(result(lines)) == [("form_total", "D13")]


def test_the_numbers_that_stand_for_nothing_reported_leave_a_total_open():
    lines = changed(lines_1(), 3, 2, "")  # households of a commune that has poor ones
    assert found(result(lines)) == [("form_empty_base", "C14")]
    assert found(result(changed(lines, 3, 2, "0"))) == [("form_empty_base", "C14")]
    assert found(result(changed(lines, 3, 2, "…"))) == []  # it says that it is not known


@pytest.mark.parametrize(("printed", "agrees"), [
    ("10,00", True), ("10", True), ("10.0%", True), ("9,99", False), ("10,1", False),
    ("", True), ("–", True), ("0,10", False), ("0", False), ("NaN%", False),
])  # fmt: skip
def test_a_rate_agrees_when_its_counts_round_to_it(printed, agrees):
    assert found(result(changed(lines_1(), 3, 5, printed))) == (
        [] if agrees else [("form_rate", "F14")]
    )


@pytest.mark.parametrize(("part", "whole", "printed"), [
    (2447, 10000, "24,40"), (30, 10000, "0.4"), (5415, 10000, "55.1"),  # published misprints
])  # fmt: skip
def test_published_misprints_are_found(part, whole, printed):
    line = ["1", "Xã A", whole, 4 * whole, part, printed, 4 * part, "", 0, "0", 0, "0"]
    assert found(result([line])) == [("form_rate", "F11")]


@pytest.mark.parametrize(("part", "whole", "printed"), [
    (1304001, 24945432, "5,23"), (1234465, 24945432, "4,95"),  # the country, 2018
    (71798, 282450, "25,42"), (31219, 282450, "11,05"),  # Sơn La, 2018
    (86, 2507, "3.43%"), (103, 2507, "4.11%"),  # Mỹ Thạnh, 2018
    (9604, 305860, "3,14"), (6943, 305860, "2,27"),  # Cà Mau, 2023
    (13823, 643300, "2,15"), (14441, 643300, "2,24"),  # Hải Dương, 2022
    (1, 8, "12,5"), (1, 8, "12"), (1, 8, "13"), (29, 200, "14,5"), (29, 200, "15"),
])  # fmt: skip
def test_published_rates_and_rounded_ties_agree(part, whole, printed):
    line = ["1", "Xã A", whole, 4 * whole, part, printed, 4 * part, "", 0, "0", 0, "0"]
    assert found(result([line])) == []


def test_a_column_of_shares_that_its_format_shows_as_percent_is_no_contradiction():
    lines = lines_1()
    for line in lines:
        line[5] = f"{line[4] / line[2]:.17g}"
    assert found(result(lines)) == []
    assert found(result(changed(lines, 3, 5, "0.2"))) == [("form_rate", "F14")]


def test_a_rate_above_100_of_an_empty_base_is_said_with_the_base():
    lines = changed(changed(lines_1(), 3, 2, ""), 3, 5, "2040%")
    assert found(result(lines)) == [("form_empty_base", "C14"), ("form_rate_above", "F14")]


def test_a_part_above_its_whole_is_said_once_at_the_part():
    line = ["1", "Xã A", 5, 500, 102, "2040", 408, "81,6", 0, "0", 0, "0"]
    assert found(result([line])) == [("part_above_whole", "E11")]


def test_parts_that_are_more_than_the_whole_together():
    line = ["1", "Xã A", 100, 400, 60, "60", 240, "60", 50, "50", 150, "37,5"]
    assert found(result([line])) == [("form_parts_above", "C11")]


def test_fewer_persons_than_households():
    line = ["1", "Xã A", 100, 400, 60, "60", 59, "14,75", 0, "0", 0, "0"]
    assert found(result([line])) == [("form_fewer_persons", "G11")]


def test_a_text_or_a_rate_among_the_counts_is_said_and_nothing_follows_from_it():
    for text in ("khoảng ba chục", "10,98"):
        assert found(result(changed(lines_1(), 3, 4, text))) == [("form_not_number", "E14")]


def test_the_movement_of_a_line_must_give_its_end():
    # the commune's end is 43 instead of 45; the total follows it and is wrong in itself
    lines = changed(changed(two_lines(), 6, 11, 43), 0, 11, 93)
    assert found(form_2(lines)) == [("form_movement", "L10"), ("form_movement", "L16")]


def test_an_end_without_the_other_columns_is_named_by_its_cause():
    # 1-2-3+5+6+7: 33 - 5 - 1 + 2 + 1 + 1 = 31, without the one of column 4
    lines = changed(changed(two_lines(), 4, 11, 31), 0, 11, 96)
    rules = dict(found(form_2(lines)))
    assert rules == {"form_end_without_other": "L14", "form_movement": "L10"}
    (finding,) = [one for one in form_findings(read_forms([sheet(form_2(lines))]))
                  if one.cell == "L14"]  # fmt: skip
    said = finding_sentence(finding)
    assert "cuối kỳ ghi 31" in said and "được 30" in said and "cột 4 (giảm khác)" in said


@pytest.mark.parametrize("gap", [40, 11, 7, 2])
def test_published_gaps_beside_blank_other_columns_are_named_as_such(gap):
    line = ["1", "Xã A", 500, 60, 30, "", 10, 5, 15, "", 440 + gap]
    form = moves([line], line_column=False)
    (finding,) = form_findings(read_forms([sheet(form)]))
    assert (finding.rule, finding.cell, finding.severity) == ("form_other_blank", "K10", "warning")
    assert (finding.found, finding.allowed) == (str(440 + gap), "440")
    # with columns 4 and 8 written as 0 it is a plain contradiction, with them it is the template
    zero = [0 if cell == "" else cell for cell in line]
    assert found(moves([zero], line_column=False)) == [("form_movement", "K10")]
    template = [*line[:5], gap + 9, *line[6:9], 9, 440]
    assert found(moves([template], line_column=False)) == [("form_end_without_other", "K10")]


def test_a_blank_that_cannot_explain_a_gap_leaves_a_contradiction():
    # only column 4 (decrease) is blank, and the end is too high
    line = ["1", "Xã A", 500, 60, 30, "", 10, 5, 15, 0, 447]
    assert found(moves([line], line_column=False)) == [("form_movement", "K10")]
    line[-1] = 433
    assert found(moves([line], line_column=False)) == [("form_other_blank", "K10")]
    line[3] = ""
    assert found(moves([line], line_column=False)) == [("form_flow_blank", "K10")]


def test_the_commune_that_counts_the_struck_off_among_those_who_left_agrees():
    """Quảng Thái, 30/12/2020: the start of the year is not printed."""
    poor = ["1", "Xã Quảng Thái", "", "02", "02", "01", "01", "", "", "", 108]
    poor[3] = 12
    near = ["1", "Xã Quảng Thái", "", 31, "01", ".0", 12, "", "", "", 109]
    assert found(
        moves([poor], line_column=False), moves([near], "near_poor", line_column=False)
    ) == []  # fmt: skip


def test_more_left_than_there_were_and_no_filling_makes_it_right():
    line = ["1", "Xã A", 5, 9, 0, 0, 0, 0, 0, 0, ""]
    assert found(moves([line], line_column=False)) == [("form_movement", "K10")]


def test_forms_2_and_3_mirror_each_other():
    near = [list(line) for line in NEAR]
    near[1][4], near[1][5] = 4, 1  # column 5 one lower, column 6 one higher: the line adds up
    assert found(form_2(), form_3(one_line(near))) == [
        ("form_mirror", "G11"),
        ("form_mirror", "G13"),
    ]


def test_the_form_that_differs_from_the_others_is_the_one_that_is_said():
    poor = [list(line) for line in POOR]
    poor[0][0], poor[0][8] = 23, 21
    poor[1][0], poor[1][8] = 32, 29  # the total stays
    assert found(*all_forms(form_2=form_2(two_lines(poor)))) == [
        ("form_differs", "L12"), ("form_differs", "L14"),
    ]  # fmt: skip
    lines = lines_1()
    assert found(form_1(), form_2(two_lines(poor)))[0] == ("form_differs", "L12")
    assert len(lines) == 6


def test_a_deprivation_above_the_poor_households():
    lines = lacking()
    lines[1][3], lines[0][3], lines[5][3] = 21, 21, 29
    assert found(form_4(lines)) == [("part_above_whole", "D9"), ("part_above_whole", "D10")]


def test_a_deprivation_of_no_poor_household():
    lines = [["1", "Xã A", 0, *[0] * 11, 3]]
    assert found(form_4(lines)) == [("form_empty_base", "C9")]
    assert found(form_5([["1", "Xã A", 0, *[""] * 11, "3,1%"]])) == [("form_rate", "O9")]


def test_rates_of_form_5_are_those_of_form_4():
    lines = changed(as_rates(lacking()), 3, 4, "20.47%")  # 6 of 30 are 20 %
    assert found(form_4(), form_5(lines)) == [("form_rate", "E12")]
    lines = changed(as_rates(lacking()), 3, 4, "204.7%")
    assert found(form_5(lines)) == [("form_rate_above", "E12")]


def test_all_deprivations_are_the_sum_and_the_same_in_form_5():
    heads = ["TT", "Đơn vị", "Số hộ nghèo", "Tổng số chỉ số thiếu hụt", *map(str, range(10))]
    title = "TỔNG HỢP CÁC CHỈ SỐ THIẾU HỤT CỦA HỘ NGHÈO "
    counts = ["1", "Xã A", 10, 21, *[2] * 10]
    rates = ["1", "Xã A", 10, 20, *["20,0"] * 10]
    assert found([[title + "(SỐ LƯỢNG)"], heads, counts]) == [("form_sum_of_columns", "D3")]
    counts[3] = 20
    forms = [[title + "(SỐ LƯỢNG)"], heads, counts], [[title + "(TỶ LỆ)"], heads, rates]
    assert found(*forms) == []
    for told, agrees in (("200", True), ("19", False)):  # 20 of 10 households are 200 %
        rates[3] = told
        assert found(*forms) == ([] if agrees else [("form_differs", "D3")])


def test_a_unit_that_stands_twice_is_read_twice_and_compared_with_nothing():
    lines = [["1", "Thị trấn Một", *POOR[0]], ["2", "Thị trấn Một", *POOR[1]]]
    assert found(form_1(), moves(lines, line_column=False)) == []
    two = [["1", "Xã Hai", "Hộ", *POOR[0]], ["", "", "Nhân khẩu", *PERSONS[0]],
           ["2", "Xã Hai", "Hộ", *POOR[2]], ["", "", "Nhân khẩu", *PERSONS[2]]]  # fmt: skip
    assert found(moves(two)) == []
    two[1][3:] = [19, *two[1][4:11], 11]  # 88 - 12 - 8 + 4 + 8 = 80
    assert found(moves(two)) == [("form_fewer_persons", "D11"), ("form_fewer_persons", "L11")]


def test_a_day_that_is_none_is_not_taken_for_the_day_of_a_form():
    for told, as_of in (("31/12/2022", "2022-12-31"), ("31/02/2022", "")):
        rows, merged = form_1()
        rows[4] = [f"Tính đến ngày {told}"]
        assert [form.as_of for form in read_forms([sheet((rows, merged))])] == [as_of]


def test_forms_of_another_day_or_of_other_units_are_not_compared():
    other = form_2(two_lines([[23, 3, 2, 0, 1, 0, 2, 0, 21], *POOR[1:]]))
    assert ("form_differs", "L12") in found(form_1(), other)
    rows, merged = other
    rows[4] = ["Năm rà soát: 2022"]
    assert found(form_1(), (rows, merged)) == []
    assert found(form_1(), form_2(), other) == []  # which of the two belongs to form 1?


def test_forms_in_several_files_are_compared_when_their_units_are_the_same(tmp_path):
    write(tmp_path / "7.1.xlsx", a=form_1())
    other = form_2(two_lines([[23, 3, 2, 0, 1, 0, 2, 0, 21], *POOR[1:]]))
    write(tmp_path / "7.2.xlsx", a=other)
    assert [(one.file, one.cell) for one in sonla.intake.check_forms(tmp_path)] == [
        ("7.2.xlsx", "L10"), ("7.2.xlsx", "L12"),
    ]  # fmt: skip
    write(tmp_path / "7.2 gửi lại.xlsx", a=form_2())
    assert sonla.intake.check_forms(tmp_path) == []


# --- whatever the figures are ------------------------------------------------------------

small = st.integers(0, 40)
flows = st.tuples(*[small] * 7)


def consistent(draw_flows, slack: int) -> list[int]:
    """Return nine columns that agree: the start holds whatever leaves."""
    start = sum(draw_flows[:3]) + slack
    end = slack + sum(draw_flows[3:])
    return [start, *draw_flows, end]


@given(st.lists(st.tuples(flows, small), min_size=3, max_size=3))
def test_a_consistent_movement_has_no_finding_and_any_change_has_one(drawn):
    lines = one_line([consistent(*one) for one in drawn])
    assert found(moves(lines, line_column=False)) == []
    row, column = random.Random(str(drawn)).choice([(r, c) for r in range(4) for c in range(2, 11)])
    lines[row][column] += 1
    cells = [cell for _, cell in found(moves(lines, line_column=False))]
    letter = "ABCDEFGHIJK"[column]
    assert any(cell.startswith(letter) or cell.endswith(str(row + 11)) for cell in cells)


counts_of_unit = st.tuples(*[st.integers(0, 300)] * 4, st.integers(1, 4)).map(
    lambda one: [one[0] + one[1] + one[2], (one[0] + one[1] + one[2]) * one[4] + one[3],
                 one[0], one[0] * one[4], one[1], one[1] * one[4]]
)  # fmt: skip


@given(st.lists(counts_of_unit, min_size=3, max_size=3), st.data())
def test_a_consistent_result_has_no_finding_and_any_change_has_one(drawn, data):
    named = [[name, *counts] for name, counts in zip(NAMES, drawn, strict=True)]
    lines = [with_rates(line) for line in in_sections(named[:1], named[1:])]
    assert found(result(lines)) == []
    row = data.draw(st.integers(0, 5))
    column = data.draw(st.sampled_from([2, 3, 4, 6, 8, 10]))
    lines[row][column] += 1
    cells = [cell for _, cell in found(result(lines))]
    letter = "ABCDEFGHIJKL"[column]
    assert any(cell.startswith(letter) or cell.endswith(str(row + 11)) for cell in cells)


@given(st.integers(1, 50_000), st.integers(1, 50_000), st.integers(0, 4), st.booleans())
def test_a_rate_as_any_program_prints_it_is_no_contradiction(one, other, decimals, comma):
    part, whole = sorted((one, other))
    printed = f"{part / whole * 100:.{decimals}f}"
    printed = printed.replace(".", ",") if comma else printed + "%"
    line = ["1", "Xã A", whole, 4 * whole, part, printed, 4 * part, "", 0, "0", 0, "0"]
    rules = {rule for rule, _ in found(result([line]))}
    assert not rules or (decimals == 0 and float(printed.rstrip("%").replace(",", ".")) == 0)


junk = st.sampled_from(
    ["", "x", "#REF!", "NaN%", "1e400", "9" * 5000, "=A1", "III", "Tổng cộng", "-3", "½", "1.2.3",
     "TỔNG HỢP DIỄN BIẾN HỘ NGHÈO", "Đơn vị", "Hộ", "Nhân khẩu", "kiểm tra", "0", "١٢"]
)  # fmt: skip


@given(st.integers(1, 5), st.data())
def test_damaged_forms_are_never_a_traceback(number, data):
    rows, merged = FORMS[number]()
    rows = [list(row) for row in rows]
    for _ in range(data.draw(st.integers(1, 12))):
        row = data.draw(st.sampled_from([row for row in rows if row]))
        row[data.draw(st.integers(0, len(row) - 1))] = data.draw(junk)
    if data.draw(st.booleans()):
        del rows[data.draw(st.integers(0, len(rows) - 1))]
    for one in form_findings(read_forms([sheet((rows, merged))])):
        assert finding_sentence(one, "vi") and finding_sentence(one, "en")


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_workbook_is_a_finding_or_is_read(tmp_path, seed):
    path, chance = write(tmp_path / "m.xlsx", a=form_1(), b=form_2()), random.Random(seed)
    content = bytearray(path.read_bytes())
    for _ in range(20):
        content[chance.randrange(len(content))] = chance.randrange(256)
    path.write_bytes(bytes(content[: chance.randrange(len(content))] if seed % 3 else content))
    for one in sonla.intake.check_forms(path):
        assert "m.xlsx" in finding_sentence(one)


# --- the command, the words --------------------------------------------------------------


def test_sonla_check_reads_forms(tmp_path, capsys):
    good = write(tmp_path / "tốt.xlsx", a=form_1())
    assert holds_forms(good) and main(["check", str(good)]) == 0
    capsys.readouterr()
    wrong = write(tmp_path / "sai.xlsx", a=result(changed(lines_1(), 5, 3, 52801)))
    assert main(["check", str(wrong)]) == 1
    assert "ô D16: dòng tổng ghi 52801" in capsys.readouterr().out
    assert main(["check", str(tmp_path), "--language", "en"]) == 1
    assert "cell D16: the total is 52801" in capsys.readouterr().out


def test_tables_are_no_forms(tmp_path):
    assert not holds_forms("data/sample") and not holds_forms(tmp_path / "nothing.xlsx")
    sheets = {"unit_counts": ([["as_of", "unit"]], ()), "a": form_1()}
    assert not holds_forms(write(tmp_path / "tables.xlsx", **sheets))
    (tmp_path / "broken.xlsx").write_bytes(b"PK")
    assert not holds_forms(tmp_path / "broken.xlsx")


def test_a_source_without_forms_says_so(tmp_path):
    (empty,) = sonla.intake.check_forms(tmp_path)
    (absent,) = sonla.intake.check_forms(tmp_path / "nothing")
    assert (empty.rule, absent.rule) == ("no_forms", "no_data")


def test_every_rule_has_its_sentence_and_its_remedy():
    source = Path("sonla_analysis/intake/form_arithmetic.py").read_text(encoding="utf-8")
    definitions = Path("sonla_analysis/definitions/forms.toml").read_text(encoding="utf-8")
    rules = {word for text in (source, definitions) for word in text.split('"')}
    rules = {one for one in rules if one.startswith("form_") and "{" not in one}
    assert len(rules) > 12
    assert all(has("finding", rule) and has("remedy", rule) for rule in rules)


# --- counts for the tables, and the register ---------------------------------------------

UNITS = shipped_units()


def city_forms(**instead):
    """Return forms 1, 2 and 4 of two real wards with made-up figures."""
    one = result([
        with_rates([1, "P. Chiềng Lề", 400, 1600, 2, 8, 1, 4]),
        with_rates([2, "Xã Hua La", 300, 1200, 1, 5, 0, 0]),
        with_rates([3, "Xã Không Có", 100, 400, 0, 0, 0, 0]),
    ])  # fmt: skip
    two = moves(
        [
            [1, "phường chiềng lề", 3, 1, 0, 0, 0, 0, 0, 0, 2],
            [2, "Hua La", 0, 0, 0, 0, 0, 0, 1, 0, 1],
        ],
        line_column=False,
    )
    forms = [one, two]
    for rows, _ in forms:
        rows[4] = ["Thời điểm: 31/12/2020"]
    return read_forms([sheet(form) for form in forms])


def test_counts_are_taken_from_the_forms_with_their_cells():
    counts = form_counts(city_forms(), UNITS, DATE)
    ward = counts[counts["unit"] == "03646"].set_index("column")
    assert ward["value"].to_dict() == {
        "households": 400, "population": 1600, "poor_households": 2, "near_poor_households": 1,
    }  # fmt: skip
    assert ward.loc["poor_households", ["kind", "cell", "row"]].tolist() == ["result", "E11", 11]
    assert set(counts.loc[counts["unit"] == "", "unit_text"]) == {"Xã Không Có"}
    alone = form_counts(city_forms()[1:], UNITS, DATE)
    assert alone[["unit", "column", "value"]].values.tolist() == [
        ["03646", "poor_households", 2], ["03676", "poor_households", 1],
    ]  # fmt: skip
    assert form_counts(city_forms(), UNITS, "2021-12-31").empty


def test_a_wards_own_form_by_villages_gives_its_total():
    lines = [["1", "Bản Một", *COUNTED[0][1:]], ["2", "Bản Hai", *COUNTED[1][1:]]]
    lines.append(["", "Tổng cộng", *sums([line[1:] for line in lines])])
    forms = read_forms([sheet(result([with_rates(line) for line in lines]))])
    counts = form_counts(forms, UNITS, "2023-12-31", sender="03676").set_index("column")
    assert counts.loc["poor_households", ["unit", "value"]].tolist() == ["03676", 50]


def test_two_lines_of_one_unit_that_differ_both_stand():
    lines = [
        with_rates([1, "Hua La", *COUNTED[0][1:]]),
        with_rates([2, "xã Hua La", *COUNTED[1][1:]]),
    ]
    forms = read_forms([sheet(result(lines))])
    counts = form_counts(forms, UNITS, "2023-12-31")
    assert counts.loc[counts["column"] == "poor_households", "value"].tolist() == [20, 30]


def test_forms_are_held_against_the_register():
    register = pd.DataFrame(
        [["03646", "poor_income", "poor_income"], ["03646", "poor_income", "poor_income"],
         ["03646", "near_poor", "near_poor"], ["03676", "not_poor", "poor_income"]],
        columns=["unit", "start_status", "status"],
    ).assign(as_of=DATE)  # fmt: skip
    findings = check_against_register(city_forms(), {"households": register}, DATE, UNITS)
    # form 2 of the ward: 3 at the start and 1 became near-poor; the register has 2 and none
    assert [(one.unit, one.column, one.cell, one.found, one.allowed) for one in findings] == [
        ("03646", "start", "C10", "3", "2"), ("03646", "out_to_near_poor", "D10", "1", "0"),
    ]  # fmt: skip
    register.loc[0, "status"] = None  # what a count is made of is not known
    assert check_against_register(city_forms(), {"households": register}, DATE, UNITS) == []


def test_the_printed_forms_of_the_sample_agree_with_its_register(tmp_path, city):
    review = open_review("data/sample", "116", DATE)
    tables = [getattr(official_forms, f"form_{number}")(review) for number in range(1, 6)]
    document = Document(page.document_record(review, "Báo cáo"), [], tables)
    path = tmp_path / "tables.xlsx"
    path.write_bytes(workbook_bytes(document, letterhead_of(document, {})))
    forms = read_forms(read_sheets(path))
    assert check_against_register(forms, city, DATE, UNITS) == []
    counts = form_counts(forms, UNITS, DATE).pivot(index="unit", columns="column", values="value")
    sent = city["unit_counts"].query("as_of == @DATE").set_index("unit").sort_index()
    assert (counts == sent[counts.columns].astype("int64")).all(axis=None)
    without = city | {"households": city["households"].iloc[1:]}
    assert check_against_register(forms, without, "2019-12-31", UNITS) == []
    wrong = city["households"].query("as_of == @DATE and status == 'poor_income'").index[0]
    lost = city | {"households": city["households"].drop(index=wrong)}
    columns = {one.column for one in check_against_register(forms, lost, DATE, UNITS)}
    assert {"poor_households", "end", "total"} <= columns
