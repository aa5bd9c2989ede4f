"""Sheets as offices lay them out → rows of the tables, or what is told, or what is asked."""

import pytest
from sent_tables import CHIENG_LE, asked, block, blocks, column, lines, table, told

from sonla_analysis.intake.reading import Sender

NOBODY = Sender()
ON_THE_DAY = Sender(as_of="2020-12-31")
REGISTER = """
Mã hộ | Số nhân khẩu | Phân loại | Dân tộc | B1
H1 | 4 | HN | Thái | 100
"""


def titled(title: str) -> str:
    return title + REGISTER


def days(text: str, **more) -> list[str]:
    return column(block(text, **more), "as_of")


def units(text: str, **more) -> list[str]:
    return column(block(text, **more), "unit")


# --- headings and rows -------------------------------------------------------------------

WARD = """
UBND PHƯỜNG CHIỀNG LỀ | | | CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
DANH SÁCH RÀ SOÁT HỘ NGHÈO NĂM 2020
(tính đến ngày 31/12/2020)
STT | Mã hộ | Họ và tên chủ hộ | Số nhân khẩu | Điểm | | Phân loại | | Cột kiểm tra bằng 0 thì khớp
 | | | | B1 | B2 | Đầu năm | Cuối năm |
(1) | (2) | (3) | (4) | (5) | (6) | (7) | (8) |
I | Tổ 1
1 | H1 | Lò Văn Kín | 04 khẩu | 100 | 20 | Hộ nghèo | HN | 0
2 | H2 | Lò Văn Kín | 5 | 130 | 40 | Hộ cận nghèo | cn | 0
II | Tổ 2
1 | H3 | Lò Văn Kín | 3 | 145 | 10 | HN | Hộ không nghèo | 0
3
 | Tổng cộng | | 12
Ghi chú: số liệu thử
 | | | Người lập biểu
 | | | 9 | 9 | 9 | HN | HN
"""


def test_a_wards_list_is_read_without_its_titles_numbers_sections_total_notes_and_signature():
    rows = block(WARD, NOBODY)
    names = ("as_of", "unit", "village", "household", "members", "income_score", "start_status")
    assert table(rows, *names, "status", "area") == (
        "2020-12-31 | 03646 | Tổ 1 | H1 | 4 | 100 | poor | poor | urban\n"
        "2020-12-31 | 03646 | Tổ 1 | H2 | 5 | 130 | near_poor | near_poor | urban\n"
        "2020-12-31 | 03646 | Tổ 2 | H3 | 3 | 145 | poor | not_poor | urban"
    )
    assert (asked(rows), told(rows, "columns_unread"), told(rows, "total_differs")) == ([], [], [])


def test_merged_headings_of_three_rows_tell_the_start_of_the_year_from_its_end():
    rows = block(
        """
Mã hộ | Số nhân khẩu | Phân loại | | | |
 | | Đầu năm | | Cuối năm | |
 | | HN | HCN | HN | HCN | MTN
H1 | 4 | x | | | x |
H2 | 3 | | X | | | 1
""",
        merged=[(0, 0, 2, 0), (0, 1, 2, 1), (0, 2, 0, 6), (1, 2, 1, 3), (1, 4, 1, 6)],
    )
    assert table(rows, "start_status", "status") == "poor | near_poor\nnear_poor | newly_escaped"


def test_a_merged_heading_stands_over_its_own_columns_only():
    text = """
Mã hộ | Số nhân khẩu | Thiếu hụt | | Nhà tiêu HVS | Phân loại
 | | BHYT | Nhà tiêu | |
H1 | 4 | x | không | có | HN
"""
    down = [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 0, 3), (0, 4, 1, 4), (0, 5, 1, 5)]
    names = ("deprived_health_insurance", "deprived_toilet", "hygienic_toilet")
    assert table(block(text, merged=down), *names) == "true | false | true"
    assert table(block(text), *names) == "true | false | true"  # a CSV has no merged cells


@pytest.mark.parametrize(
    "numbering",
    ["(1) | (2) | (3) | (4) | (5)", "A | B | 1 | 2 | 3=1/2*100", "1 | 2 | 3 | 4 | 5"],
)
def test_a_row_that_numbers_the_columns_is_no_data(numbering):
    heading, row = REGISTER.strip().split("\n")
    assert column(block(f"{heading}\n{numbering}\n{row}"), "household") == ["H1"]


def test_rows_that_hold_their_number_alone_are_no_rows_but_a_household_number_is():
    rows = block("STT | " + REGISTER.strip().replace("H1", "1 | H1") + "\n2\n3\nIII\n4 | 12")
    assert column(rows, "household") == ["H1", "12"]


def test_a_heading_repeated_on_the_next_page_goes_on_with_the_table_of_the_page_before():
    heading = REGISTER.strip().split("\n")[0]
    more = f"\n{heading}\nH2 | 5 | HCN | Mông | 130\nTổng cộng | 9"
    rows = block(f"Phường Chiềng Lề, ngày 31/12/2020{REGISTER.rstrip()}{more}", NOBODY)
    assert column(rows, "household") == ["H1", "H2"]
    assert column(rows, "unit") == ["03646"] * 2
    assert told(rows, "total_differs") == []


def test_two_tables_on_one_sheet_are_both_read_and_the_first_titles_nothing_of_the_second():
    first, second = blocks(
        """
TT | Đơn vị | Mã hộ | Số nhân khẩu | Phân loại | Dân tộc
1 | Hua La | H1 | 4 | Hộ nghèo | Thái

DANH SÁCH HỘ CẬN NGHÈO
TT | Mã hộ | Số nhân khẩu | B1 | B2
1 | H3 | 3 | 130 | 20
Người lập biểu
"""
    )
    assert table(first, "unit", "household", "status") == "03676 | H1 | poor"
    assert table(second, "unit", "household", "status") == "03646 | H3 | near_poor"


def test_what_follows_the_signature_is_a_table_of_its_own_only_with_a_heading():
    heading, row = REGISTER.strip().split("\n")
    signed = f"{heading}\n{row}\nNgười lập biểu\nH9 | 4 | HN | Thái | 100\n"
    assert column(block(signed), "household") == ["H1"]
    first, second = blocks(f"{signed}{heading}\nH2 | 4 | HN | Thái | 100")
    assert (column(first, "household"), column(second, "household")) == (["H1"], ["H2"])


def test_a_heading_that_means_nothing_below_one_that_does_is_passed_over():
    text = (
        "Mã hộ | Số nhân khẩu | Phân loại | Điểm |\n | (người) nay | | B1 | B2\nH1 | 4 | HN | 9 | 8"
    )
    rows = block(text)
    assert table(rows, "members", "income_score", "deprivation_score") == "4 | 9 | 8"


def test_a_line_of_the_sender_above_the_heading_is_no_part_of_it():
    rows = block(f"Đơn vị: | Phường Chiềng Lề{REGISTER}", ON_THE_DAY)
    assert rows.block.head == (1, 1) and column(rows, "unit") == ["03646"]


def test_headings_are_known_without_accents_in_capitals_and_with_the_tone_elsewhere():
    rows = block("MA HO | SO NHAN KHAU | PHAN LOAI | DAN TOC | Diem B1\nH1 | 4 | HN | Thái | 100")
    assert table(rows, "household", "members", "status") == "H1 | 4 | poor"
    rows = block("Mã hộ | Hỗ trợ vay vốn tín dụng | B1 | B2 | Phân loại\nH1 | x | 1 | 2 | HN")
    assert column(rows, "loan_received") == ["true"]
    rows = block("Dự án | Nguồn | Kế hoạch | Luỹ kế giải ngân\nĐường | TW | 12 | 7", ON_THE_DAY)
    assert column(rows, "disbursed") == ["7"]


def test_an_abbreviation_holds_only_within_its_table():
    rows = block("Tên trường | MN | TH | THCS | CQG\nA | x | không | 1 | sai")
    assert table(rows, "preschool", "primary", "meets_national_standard") == "true | false | false"
    toilets = blocks("TT | Họ tên | HN | TD | TH\n1 | Lò Văn Kín | x | | \n2 | Lò Văn Kín | | x |")
    assert all(rows.block.table != "households" for rows in toilets)


def test_a_sheet_of_texts_or_of_nothing_holds_no_table():
    assert blocks("Kính gửi: UBND thành phố\nPhường gửi danh sách hộ nghèo.") == []
    assert blocks("") == []


def test_the_counts_of_the_years_start_are_not_those_of_its_end():
    rows = block(
        """
TT | Đơn vị | Tổng số hộ | Dân số | Đầu năm | Cuối năm
 | | | | Số hộ nghèo | Số hộ nghèo
1 | Chiềng Lề | 2510 | 9000 | 50 | 40
"""
    )
    assert table(rows, "households", "poor_households") == "2510 | 40"
    assert told(rows, "columns_unread") == []
    assert [key for _, key, _ in asked(rows)] == ["unit_counts: Đầu năm > Số hộ nghèo"]


# --- counts one below the other ----------------------------------------------------------

COUNTS = """
Chỉ tiêu | 31/12/2019 | 31/12/2020
Tổng số hộ | 2.510 | 2600
Dân số | 13.389 | 9100
LLLĐ | | 5100
Cán bộ giảm nghèo | 04 cán bộ | 5
"""


def test_counts_one_below_the_other_are_a_row_for_each_column_of_figures():
    before, now = blocks(COUNTS)
    names = ("as_of", "unit", "households", "population", "labour_force", "officers")
    assert table(before, *names) == "2019-12-31 | 03646 | 2510 | 13389 |  | 4"
    assert table(now, *names) == "2020-12-31 | 03646 | 2600 | 9100 | 5100 | 5"
    assert now.block.place(0, "population") == "C3"


def test_counts_behind_a_colon_are_read_too():
    rows = block("Tổng số hộ: 2.510\nDân số: 9000\nLLLĐ: 4000\nCán bộ giảm nghèo: 04 cán bộ")
    assert table(rows, "households", "labour_force", "officers") == "2510 | 4000 | 4"


def test_three_known_words_below_one_another_are_no_table_of_counts():
    assert blocks("Tổng số hộ | 2.510\nDân số | 9000\nLLLĐ | 4000") == []


# --- what stands in a title, a section or a column's heading -----------------------------


@pytest.mark.parametrize(
    ("title", "status"),
    [
        ("DANH SÁCH HỘ NGHÈO", ["poor"]),
        ("Danh sách hộ cận nghèo", ["near_poor"]),
        ("Danh sách hộ thoát nghèo", ["newly_escaped"]),
        ("Danh sách hộ nghèo và hộ cận nghèo", None),
        ("Danh sách hộ nghèo, hộ cận nghèo", None),
    ],
)
def test_a_status_is_told_by_a_title_that_means_one(title, status):
    rows = block(f"{title}\nMã hộ | Số nhân khẩu | Dân tộc | Tổ | B1\nH1 | 4 | Thái | 1 | 100")
    assert (column(rows, "status") if "status" in rows.frame else None) == status


def test_a_status_and_an_area_are_told_by_the_rows_above_until_the_next():
    rows = block(
        """
TT | Mã hộ | Số nhân khẩu | Dân tộc | B1
A | KHU VỰC NÔNG THÔN
I | Hộ nghèo
1 | H1 | 4 | Thái | 100
II | Hộ cận nghèo
2 | H2 | 4 | Thái | 130
3 | H3 | 4 | Thái | 130
"""
    )
    assert column(rows, "status") == ["poor", "near_poor", "near_poor"]
    assert column(rows, "area") == ["rural"] * 3


def test_a_status_of_the_rows_own_goes_before_that_of_the_title():
    rows = block(titled("Danh sách hộ cận nghèo"))
    assert column(rows, "status") == ["poor"]


def test_a_row_marked_for_two_statuses_is_told_and_not_decided():
    rows = block(
        "Mã hộ | Số nhân khẩu | HN | HCN | KN\nH1 | 4 | x | x |\nH2 | 4 | 0 | - | v\nH3 | 4 | | |"
    )
    assert column(rows, "status") == ["", "not_poor", ""]
    assert told(rows, "marked_twice") == [("D2", "")]


def test_villages_stand_in_rows_of_their_own_with_or_without_a_number():
    rows = block(
        """
TT | Mã hộ | Số nhân khẩu | Phân loại | Dân tộc
I. Tổ 1
1 | H1 | 4 | HN | Thái
II | - Bản Mé Ban:
1 | H2 | 4 | HN | Thái
"""
    )
    assert column(rows, "village") == ["Tổ 1", "Bản Mé Ban"]


def test_a_part_of_a_small_list_is_no_row_of_it():
    rows = block(
        """
TT | Tên trạm y tế | Có BS
I | Phường Chiềng Lề
1 | Trạm 1 | có
B. | Xã Hua La
1 | Trạm 2 | không
2 | Trạm 3 |
""",
        ON_THE_DAY,
    )
    assert table(rows, "unit", "name", "has_doctor") == (
        "03646 | Trạm 1 | true\n03676 | Trạm 2 | false\n03676 | Trạm 3 | "
    )


# --- persons -----------------------------------------------------------------------------


def test_a_birth_year_in_the_column_of_the_sex_tells_both():
    rows = block(
        """
Mã hộ | STT người | Năm sinh | | Thẻ BHYT
 | | Nam | Nữ |
H1 | 1 | 1960 | | có
H1 | 2 | | 12/03/1965 | không
H2 | 1 | | 2001-05-06 |
"""
    )
    assert table(rows, "household", "person", "sex", "birth_year", "health_card") == (
        "H1 | 1 | male | 1960 | true\nH1 | 2 | female | 1965 | false\nH2 | 1 | female | 2001 | "
    )


FAMILIES = """
STT | Mã hộ | Họ và tên | Quan hệ với chủ hộ | Giới tính | Năm sinh | Thẻ BHYT | Phân loại | Tổ
1 | H1 | Lò Văn Kín | Chủ hộ | Nam | 1960 | có | HN | Tổ 1
 | | Lò Văn Kín | Vợ | Nữ | 1965 | có | |
 | | Lò Văn Kín | Con | Nam | 1999 | không | |
2 | H2 | Lò Văn Kín | Chủ hộ | Nữ | 1950 | có | HCN | Tổ 2
"""


def test_a_households_values_stand_on_its_heads_row_and_its_persons_on_the_rows_below():
    members, households = sorted(blocks(FAMILIES), key=lambda rows: -len(rows.frame))
    assert table(households, "household", "head_sex", "status", "village") == (
        "H1 | male | poor | Tổ 1\nH2 | female | near_poor | Tổ 2"
    )
    assert table(members, "household", "person", "sex", "birth_year", "health_card") == (
        "H1 | 1 | male | 1960 | true\nH1 | 2 | female | 1965 | true\n"
        "H1 | 3 | male | 1999 | false\nH2 | 1 | female | 1950 | true"
    )
    for rows in (households, members):
        assert told(rows, "columns_unread") == [] and asked(rows) == []


def test_the_heads_sex_is_that_of_the_column_of_its_birth_year():
    text = """
Mã hộ | Năm sinh | | Thẻ BHYT | Phân loại | B1
 | Nam | Nữ | | |
H1 | | 1960 | có | HN | 100
 | 1999 | | có | |
"""
    tables = {rows.block.table: rows for rows in blocks(text)}
    assert table(tables["households"], "household", "head_sex") == "H1 | female"
    assert table(tables["members"], "household", "sex") == "H1 | female\nH1 | male"


@pytest.mark.parametrize("more", ["Dân tộc | Tổ", "Năm sinh | Thẻ BHYT"])
def test_a_register_with_one_row_a_household_is_no_list_of_persons(more):
    text = f"Mã hộ | Giới tính | Phân loại | B1 | B2 | {more}\nH1 | Nam | HN | 3 | 2 | 1960 | x"
    assert [rows.block.table for rows in blocks(text)] == ["households"]


@pytest.mark.parametrize("last", ["Năm sinh", "Thôn", "Dân tộc"])
def test_a_list_of_persons_is_no_register(last):
    text = f"Mã hộ | Họ tên | Giới tính | {last}\nH1 | Lò Văn Kín | Nam | 1960"
    assert "households" not in [rows.block.table for rows in blocks(text)]


# --- totals ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "wrong"), [("18", []), ("9", []), ("2", []), ("17", [("B8", "17")])]
)
def test_a_total_is_checked_against_the_sum_of_all_the_part_above_or_their_number(total, wrong):
    rows = block(
        f"""
Mã hộ | Số nhân khẩu | Phân loại | Dân tộc
Tổ 1
H1 | 9 | HN | Thái
Cộng | 9
Tổ 2
H2 | 9 | HN | Thái
Tổng cộng | {total}
""".replace("Tổ 1", "Tổ 1\n").replace("\n\n", "\n |\n", 1)
    )
    assert column(rows, "household") == ["H1", "H2"]
    assert told(rows, "total_differs") == wrong


def test_a_wrong_total_is_told_with_the_sum_and_is_a_warning():
    rows = block(REGISTER + "Tổng cộng | 5")
    (finding,) = [one for one in rows.findings if one.rule == "total_differs"]
    assert (finding.found, finding.allowed, finding.severity) == ("5", "4", "warning")


def test_totals_of_money_are_read_as_their_column_is_written():
    text = """
Kinh phí phường Chiềng Lề (ĐVT: nghìn đồng)
ĐVT: nghìn đồng
Dự án | Nguồn vốn | Kế hoạch | Giải ngân
Đường | TW | 1.250.000 | 26,4
Nước | TW | 2.000 | 1.250
Cộng | | 1.252.000 | {}
"""
    rows = block(text.format("1.276,4"), is_text=True)
    assert table(rows, "planned", "disbursed") == "1250 | 0.0264\n2 | 1.25"
    assert told(rows, "total_differs") == []
    (finding,) = [
        one for one in block(text.format("1.277,4")).findings if one.rule == "total_differs"
    ]
    assert (finding.cell, finding.allowed) == ("D6", "1.2764")


# --- units -------------------------------------------------------------------------------

LISTED = """
TT | Tên xã, phường | Mã xã | Tổng số hộ | Dân số | Số hộ nghèo | Chi số kiểm tra
A | B | C | 1 | 2=3*4 | 3 | 4
I | Phường
1 | Chiềng Lề | 3646 | 2.510 | 13.389 | 4 | 0
2 | | 03649.0 | 2510 | 9 000 | 04 hộ | 0
II | Xã
1 | P. Chiềng Cọ | | 510 | 3.389 | 40 | TRUE
2 | Xã Chiềng Cọ | 3676 | 510 | 3.389 | 40 | TRUE
3 | Chiềng Ngầm | | 1 | 2 | 3 | 0
III | Toàn thành phố | | 6041 | 29169 | 91
"""


def test_units_are_told_by_code_or_name_and_what_is_none_or_two_is_asked_or_told():
    rows = block(LISTED, ON_THE_DAY)
    assert table(rows, "unit", "households", "population", "poor_households") == (
        "03646 | 2510 | 13389 | 4\n03649 | 2510 | 9000 | 4\n | 510 | 3389 | 40\n"
        "03676 | 510 | 3389 | 40\n | 1 | 2 | 3"
    )
    assert [(section, key) for section, key, _ in asked(rows)] == [
        ("unit", "P. Chiềng Cọ"),
        ("unit", "Chiềng Ngầm"),
    ]
    assert asked(rows)[1][2][0] == "03673 Xã Chiềng Ngần"
    assert rows.questions[1].finding.cell == "B9"
    (finding,) = [one for one in rows.findings if one.rule == "two_units"]
    assert (finding.cell, finding.allowed, finding.found) == ("B8", "03676", "03658")
    assert (finding.unit, finding.severity) == ("03676", "error")
    assert told(rows, "columns_unread") == told(rows, "total_differs") == []


def test_an_answer_says_which_unit_a_name_is():
    answers = {"unit": {"P. Chiềng Cọ": "Xã Chiềng Cọ", "Chiềng Ngầm": "03673"}}
    rows = block(LISTED, ON_THE_DAY, answers)
    assert column(rows, "unit") == ["03646", "03649", "03658", "03676", "03673"]
    assert asked(rows) == []


def test_an_answer_that_is_no_unit_is_asked_again():
    rows = block(
        LISTED, ON_THE_DAY, {"unit": {"P. Chiềng Cọ": "Chiềng Nào", "Chiềng Ngầm": "03673"}}
    )
    assert [key for _, key, _ in asked(rows)] == ["P. Chiềng Cọ"]


def test_units_in_rows_of_their_own_hold_until_the_next():
    rows = block(
        """
TT | Mã hộ | Số nhân khẩu | Phân loại | Dân tộc
I | Phường Chiềng Lề
 | Tổ 1
1 | H1 | 4 | HN | Thái
II | Xã Hua La
 | Bản Hịa
1 | H1 | 4 | HN | Thái
2 | H2 | 4 | HN | Thái
""",
        ON_THE_DAY,
    )
    assert table(rows, "unit", "village", "household", "area") == (
        "03646 | Tổ 1 | H1 | urban\n03676 | Bản Hịa | H1 | rural\n03676 | Bản Hịa | H2 | rural"
    )


@pytest.mark.parametrize(
    "title",
    [
        "UBND PHƯỜNG TÔ HIỆU",
        "Đơn vị: P. Tô Hiệu",
        "Tô Hiệu - TP Sơn La",
        "Danh sách hộ nghèo phường Tô Hiệu năm 2020",
        "BIỂU RÀ SOÁT (PHƯỜNG TÔ HIỆU)",
        "Tô Hiệu, ngày 31 tháng 12 năm 2020",
    ],
)
def test_a_title_names_the_unit(title):
    assert units(titled(title), sender=ON_THE_DAY) == ["03649"]


def test_a_title_against_the_sender_is_asked_and_an_answer_decides():
    text = titled("UBND phường Tô Hiệu")
    rows = block(text)
    assert column(rows, "unit") == [""]
    either = ("03646 Phường Chiềng Lề", "03649 Phường Tô Hiệu")
    assert asked(rows) == [("unit", "a.xlsx | Sheet1", either)]
    assert units(text, answers={"unit": {"a.xlsx | Sheet1": "03649"}}) == ["03649"]


def test_the_area_or_a_village_above_a_table_is_no_unit_of_it():
    rows = block(titled("UBND THÀNH PHỐ SƠN LA\nTổ 3, phường Tô Hiệu"))
    assert column(rows, "unit") == ["03646"]
    money = "UBND thành phố Sơn La\nDự án | Nguồn | Kế hoạch | Giải ngân\nĐường | TW | 12 | 7"
    assert column(block(money, ON_THE_DAY), "unit") == ["116"]


def test_a_code_is_that_of_its_day():
    text = "Ngày | Mã xã | Tổng số hộ | Dân số\n{} | 03646 | 10 | 40"
    assert units(text.format("31/12/2020")) == ["03646"]
    rows = block("Ngày | Tên xã | Tổng số hộ | Dân số\n31/12/2025 | Chiềng Lề | 10 | 40")
    assert column(rows, "unit") == [""] and asked(rows)[0][2][0] == "03646 Phường Tô Hiệu"


# --- days --------------------------------------------------------------------------------


def test_a_day_of_the_row_goes_before_titles_sheets_and_senders():
    text = "(đến ngày 30/6/2020)\nNgày rà soát | Mã hộ | B1 | B2 | Phân loại\n"
    text += "31/12/2020 | H1 | 1 | 2 | HN"
    assert days(text) == ["2020-12-31"]


def test_a_day_is_that_of_the_title_then_of_the_sheets_name_then_of_the_sender():
    june = titled("Hộ nghèo đến ngày 30 tháng 6 năm 2020")
    assert days(june, name="31-12-2019") == ["2020-06-30"]
    assert days(REGISTER, name="31-12-2019") == ["2019-12-31"]
    assert days(titled("Từ 1/1/2020 đến 31/12/2019")) == ["2020-12-31"]  # two days are none


def test_a_day_that_nobody_tells_is_asked_and_its_answer_taken():
    rows = block(REGISTER, Sender("03646"))
    assert column(rows, "as_of") == [""]
    assert asked(rows) == [("date", "a.xlsx | Sheet1", ())]
    answered = {"date": {"a.xlsx | Sheet1": "31/12/2020"}}
    assert days(REGISTER, sender=Sender("03646"), answers=answered) == ["2020-12-31"]


def test_a_day_stands_in_a_row_above_its_rows():
    text = """
Mã hộ | Số nhân khẩu | Phân loại | Dân tộc
Thời điểm 31/12/2019
H1 | 4 | HN | Thái
Thời điểm 31/12/2020
H1 | 3 | HN | Thái
"""
    assert days(text) == ["2019-12-31", "2020-12-31"]


# --- headings that are not known ---------------------------------------------------------


def test_a_heading_near_a_column_is_asked_at_its_cell_and_others_are_told():
    text = "Mã hộ | Số nhân khẫu | Phân loại | Màu nhà | B1\nH1 | 4 | HN | xanh | 100"
    rows = block(text)
    (question,) = rows.questions
    assert question.key == "households: Số nhân khẫu"
    assert question.candidates[0] == "số nhân khẩu" and question.candidates[-1] == "bỏ qua"
    assert (question.finding.cell, question.finding.found) == ("B1", "Số nhân khẫu")
    (unread,) = [one for one in rows.findings if one.rule == "columns_unread"]
    assert (unread.found, unread.severity) == ("Màu nhà", "warning")
    for answer in ("members", "Số nhân khẩu"):
        answered = {"column": {question.key: answer, "households: Màu nhà": "bỏ qua"}}
        rows = block(text, answers=answered)
        assert column(rows, "members") == ["4"]
        assert (asked(rows), told(rows, "columns_unread")) == ([], [])
    skipped = block(text, answers={"column": {question.key: "bỏ qua"}})
    assert "members" not in skipped.frame and asked(skipped) == []


def test_columns_that_must_be_there_are_told_once_a_sheet_as_an_error():
    rows = block("Tên trạm | Có BS\nA | có")
    (finding,) = rows.findings
    assert (finding.rule, finding.severity, finding.sheet) == ("column_not_sent", "error", "Sheet1")
    assert finding.found == "đạt tiêu chí quốc gia về y tế"


def test_of_households_that_are_gone_no_column_is_missed():
    text = (
        "Hộ không còn trên địa bàn\nMã hộ | Số nhân khẩu | Dân tộc | Tổ | B1\nH1 | 4 | Thái | 1 | 9"
    )
    rows = block(text)
    assert column(rows, "status") == ["absent"] and rows.findings == []


GROUPLESS = """
Mã hộ | Số nhân khẩu | Phân loại | Nước sinh hoạt | Nhà tiêu
H1 | 4 | HN | {0} | {1}
H2 | 4 | HN | {1} | {0}
"""


def test_a_deprivation_without_its_group_is_asked_unless_it_holds_points():
    rows = block(GROUPLESS.format("x", ""))
    assert "deprived_water" not in rows.frame and "deprived_toilet" not in rows.frame
    assert [key for _, key, _ in asked(rows)] == [
        "households: Nước sinh hoạt",
        "households: Nhà tiêu",
    ]
    assert all(one[2][1] == "bỏ qua" for one in asked(rows))
    rows = block(GROUPLESS.format("10", "0"))
    assert table(rows, "deprived_water", "deprived_toilet") == "true | false\nfalse | true"
    assert asked(rows) == []


def test_an_answer_says_that_a_deprivation_is_one():
    answers = {"column": dict.fromkeys(["households: Nhà tiêu"], "deprived_toilet")}
    answers["column"]["households: Nước sinh hoạt"] = "bỏ qua"
    rows = block(GROUPLESS.format("x", "không"), answers=answers)
    assert column(rows, "deprived_toilet") == ["false", "true"]
    assert "deprived_water" not in rows.frame and asked(rows) == []


# --- a mark and an empty cell ------------------------------------------------------------

MARKS = "Tên trạm | Có BS | Đạt BTCQGYT\nA | x |\nB | | X\n"


def test_an_empty_cell_beside_an_x_is_asked_once_a_file():
    rows = block(MARKS)
    assert table(rows, "has_doctor", "meets_national_criteria") == "true | \n | true"
    assert asked(rows) == [("value", "a.xlsx | (ô trống)", ("không", "chưa biết"))]


@pytest.mark.parametrize(("answer", "blank"), [("Không", "false"), ("chưa biết", "")])
def test_the_answer_says_what_an_empty_cell_is(answer, blank):
    rows = block(MARKS, answers={"value": {"a.xlsx | (ô trống)": answer}})
    assert column(rows, "has_doctor") == ["true", blank]
    assert asked(rows) == []


def test_a_legend_says_what_an_empty_cell_is():
    rows = block(MARKS + "Ghi chú: đánh dấu x nếu có, để trống nếu không")
    assert column(rows, "has_doctor") == ["true", "false"] and asked(rows) == []


def test_an_empty_cell_beside_a_yes_is_not_known():
    rows = block("Tên trạm | Có BS | Đạt BTCQGYT\nA | có | không\nB | | ✓\nC | - | …")
    assert table(rows, "has_doctor", "meets_national_criteria") == "true | false\n | true\n | "
    assert asked(rows) == []


# --- money, and contents that cannot be read ---------------------------------------------

MONEY = "Dự án | Nguồn | Kế hoạch | Giải ngân\nĐường | TW | 1.250 | 7\nNước | TW | {} | 8"


def test_a_point_that_may_be_of_thousands_or_decimals_is_asked_and_answered():
    rows = block(MONEY.format("3"))
    assert column(rows, "planned") == ["1.250", "3"]
    key = "a.xlsx | Sheet1 | planned"
    assert asked(rows) == [("number", key, (",", "."))]
    assert rows.questions[0].finding.found == "1.250"
    for sign, read in ((",", "1250"), (".", "1.25")):
        rows = block(MONEY.format("3"), answers={"number": {key: sign}})
        assert column(rows, "planned")[0] == read and asked(rows) == []
    assert asked(block(MONEY.format("3"), answers={"number": {key: "phẩy"}})) != []


def test_another_number_of_the_column_tells_what_the_point_is():
    assert column(block(MONEY.format("26,4")), "planned") == ["1250", "26.4"]
    rows = block(MONEY.format("26.4"), is_text=True)
    assert column(rows, "planned") == ["1.25", "26.4"]
    assert asked(rows) == []
    assert asked(block(MONEY.format("26.4"))) != []  # a workbook prints every number with a point


@pytest.mark.parametrize(
    ("heading", "above", "read"),
    [
        ("Kế hoạch (tỷ đồng)", "ĐVT: đồng", "12500"),
        ("Kế hoạch", "Đơn vị tính: triệu đồng", "12.5"),
        ("Kế hoạch", "ĐVT: nghìn đồng", "0.0125"),
        ("Kế hoạch", "(ĐVT: đồng)", "0.0000125"),
        ("Kế hoạch", "Chi 5 tỷ đồng", "12.5"),
    ],
)
def test_the_unit_of_money_stands_in_the_heading_or_above_the_table(heading, above, read):
    rows = block(f"{above}\nDự án | Nguồn | {heading} | Giải ngân\nĐường | TW | 12,5 | 7")
    assert column(rows, "planned") == [read]


def test_what_cannot_be_read_stays_as_it_was_sent_for_the_checks_to_find():
    rows = block("Tên trường | MN | TH\nA | lung tung | có\nB | có | hai", CHIENG_LE)
    assert table(rows, "preschool", "primary") == "lung tung | true\ntrue | hai"


def test_the_helper_makes_lines_of_one_width():
    assert lines("a | b\nc") == [["a", "b"], ["c", ""]]
