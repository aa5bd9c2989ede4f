"""An inbox → tables, questions, the data folder and `sonla intake`; values in every spelling."""

import csv
import re
import zipfile
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from sent_tables import asked, lines, notes, page, plan, sent, taken, told
from spreadsheets import Page, csv_text, encoded, ods, xlsx

import sonla_analysis as sonla
from sonla_analysis import cli
from sonla_analysis.definitions.input_columns import Column
from sonla_analysis.definitions.units import shipped_units
from sonla_analysis.intake import answers as answers_file
from sonla_analysis.intake import run as intake_run
from sonla_analysis.intake import sheets, written
from sonla_analysis.intake.answers import add_questions, read_answers
from sonla_analysis.intake.folder import read_folder
from sonla_analysis.intake.letters import write_letters
from sonla_analysis.intake.run import Inbox
from sonla_analysis.intake.sendings import Intake, Question
from sonla_analysis.intake.sheets import read_sheets
from sonla_analysis.intake.values import Convention, convention, day, day_within, money, reader
from sonla_analysis.intake.written import write_data
from sonla_analysis.language.refusals import DefinitionError
from sonla_analysis.tables import workbook
from sonla_analysis.tables.findings import DataError, Finding, finding_sentence

NAME = "Lò Văn Kín"
LIST = f"""
Mã hộ | Họ và tên chủ hộ | Số nhân khẩu | B1 | B2 | Phân loại | Phân loại đầu năm
H1 | {NAME} | 4 | 100 | 20 | HN | HN
H2 | {NAME} | 5 | 145 | 30 | Hộ nghèo | HN
H3 | {NAME} | 3 | 130 | 20 | HCN | Hộ nghèo
"""
SHORT = "\n".join(LIST.split("\n")[:3])
LE = "Chiềng Lề - 31-12-2020.xlsx"
DAY = "31/12/2020"


def rows(found, table="households", *names) -> str:
    frame = found.tables[table]
    return "\n".join(" | ".join(row) for row in frame[list(names)].to_numpy())


def register(number="", text=LIST, unit="Chiềng Lề", made_up="") -> list[Page]:
    return [notes(unit, number, DAY, made_up), page("Hộ nghèo", text)]


# --- values ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("31/12/2020", "2020-12-31"),
        ("1.2.2020", "2020-02-01"),
        ("05-3-20", "2020-03-05"),
        ("2020-12-31", "2020-12-31"),
        ("2020-12-31 00:00:00", "2020-12-31"),
        ("31/12/2020 00:00", "2020-12-31"),
        ("ngày 05 tháng 3 năm 2020", "2020-03-05"),
        ("5 tháng 3 năm 2020", "2020-03-05"),
        ("44196", "2020-12-31"),
        ("2020", None),
        ("12/2020", None),
        ("31/02/2020", None),
        ("12/31/2020", None),
        ("2020-12-31 08:30", None),
        ("13389", None),
        ("99999", None),
    ],
)
def test_a_day_is_read_in_every_form_that_means_one(text, read):
    assert day(text) == read


def test_a_column_of_american_days_is_read_so_and_a_mixed_one_not_where_it_is_ambiguous():
    american = convention(["12/31/2020", "05/03/2020"], "date", False)
    assert day("05/03/2020", american.month_first) == "2020-05-03"
    mixed = convention(["12/31/2020", "31/12/2020", "05/03/2020"], "date", False).month_first
    read = [day(text, mixed) for text in ("05/03/2020", "31/12/2020", "05/05/2020")]
    assert read == [None, "2020-12-31", "2020-05-05"]


def test_the_day_of_a_title_is_one_or_none():
    assert day_within("Từ 01/01/2020 đến 31/12/2020") is None
    assert day_within("(đến 31.12.2020, tức 31/12/2020)") == "2020-12-31"
    assert day_within("Số 1231/12/20201") is None


@pytest.mark.parametrize(
    ("text", "read"),
    [("13.389", "13389"), ("1.234.567", "1234567"), ("1,234", "1234"), ("9 000", "9000"),
     ("2510", "2510"),
     ("04 hộ", "4"), ("12 trẻ", "12"), ("00", "0"), ("4.0", "4"), ("4 con", None), ("12,5", None),
     ("-3", None), ("1.23", None), ("12.3456", None), ("x", None), ("1" * 16, None)],
)  # fmt: skip
def test_a_count_has_points_of_thousands_a_word_or_neither(text, read):
    assert reader(Column("count"), "members", Convention())(text) == read


@pytest.mark.parametrize(
    ("text", "comma", "point"),
    [("1.250", "1250", "1.25"), ("1,250", "1.25", "1250"), ("26,4", "26.4", None),
     ("26.4", "26.4", "26.4"),
     ("1.250,5", "1250.5", None), ("1,250.5", "1250.5", "1250.5"), ("0,125", "0.125", None),
     ("0.125", "0.125", "0.125"), ("1.250.000", "1250000", None), ("7", "7", "7"),
     ("x", None, None)],
)  # fmt: skip
def test_an_amount_is_read_by_its_columns_decimal_sign(text, comma, point):
    assert [money(text, Convention(decimal=sign)) for sign in ",."] == [comma, point]


def test_an_amount_without_a_sign_that_tells_is_read_only_where_it_can_mean_one_thing():
    texts = ("1.250", "1,250", "26,4", "1.250.000", "0.125", "1250.125", "12")
    read = [money(text, Convention()) for text in texts]
    assert read == [None, None, "26.4", "1250000", "0.125", "1250.125", "12"]


def test_yes_and_no_and_choices_are_read_in_all_spellings():
    flag = reader(Column("flag"), "has_doctor", Convention())
    for yes in ("x", "X", "Có", "✓", "v", "1", "TRUE", "yes", "Đạt", "đã có", "rồi", "đúng"):
        assert flag(yes) == "true"
    for no in ("Không", "chưa", "0", "FALSE", "no", "không có", "Chưa đạt", "sai"):
        assert flag(no) == "false"
    assert [flag(other) for other in ("10", "có lẽ", "2")] == [None] * 3
    points = reader(Column("flag"), "deprived_water", Convention())
    assert [points(text) for text in ("10", "0")] == ["true", "false"]
    status = plan().tables["households"]["status"]
    read = reader(status, "status", Convention(answers={"khó khăn": "poor"}))
    spelled = ("HN", "Hộ cận nghèo", "mtn", "Thoát nghèo", "N2", "chuyển đi", "khó khăn", "giàu")
    assert [read(text) for text in spelled] == [
        *("poor", "near_poor", "newly_escaped", "newly_escaped", "poor_deprivation", "absent"),
        *("poor", None),
    ]
    few = reader(Column("text", choices=("poor",)), "start_status", Convention())
    assert [few(text) for text in ("HN", "chuyển đi")] == ["poor", None]
    sex = reader(plan().tables["households"]["head_sex"], "head_sex", Convention())
    assert [sex(text) for text in ("Nam", "NỮ", "nu", "0", "1")] == [
        *("male", "female", "female", None, None)  # a code of a program means one thing in each
    ]


# --- who sends what ----------------------------------------------------------------------


def test_poor_is_one_of_the_two_kinds_by_its_scores(tmp_path):
    found = taken(tmp_path, **{LE: [page("Hộ nghèo", LIST)]})
    assert rows(found, "households", "as_of", "unit", "household", "status") == (
        "2020-12-31 | 03646 | H1 | poor_income\n2020-12-31 | 03646 | H2 | poor_deprivation\n"
        "2020-12-31 | 03646 | H3 | near_poor"
    )
    (sending,) = found.sendings
    assert (sending.unit, sending.as_of) == ("03646", ("2020-12-31",))
    assert (sending.number, sending.rows, sending.synthetic) == (None, {"households": 3}, False)


def test_a_notes_sheet_says_who_sends_for_which_day_and_that_it_is_made_up(tmp_path):
    found = taken(tmp_path, **{"a.xlsx": register(3, made_up="Có")})
    (sending,) = found.sendings
    assert (sending.unit, sending.as_of, sending.number) == ("03646", ("2020-12-31",), 3)
    assert found.synthetic and sending.synthetic
    both = taken(tmp_path, **{"b.xlsx": register(1, SHORT, "Hua La")})
    assert not both.synthetic


def test_a_day_that_is_none_is_told_in_a_letter_and_is_no_day_of_its_file(tmp_path):
    text = "Ngày số liệu | Mã hộ | Số khẩu | Phân loại\n31/12/2020 | H1 | 4 | HN\n"
    name, inbox = "Chiềng Lề.csv", tmp_path / "inbox"
    found = taken(inbox, **{name: f"{text}31/02/2020 | H2 | 5 | HN"})
    assert found.sendings[0].as_of == ("2020-12-31",)
    assert ("A3", "31/02/2020") in told(found, "not_date")
    (letter,) = write_letters(found, inbox, tmp_path / "out", {}, found.in_force)
    assert letter.name == "03646-phuong-chieng-le"


def test_rows_of_an_unknown_unit_wait_and_come_with_the_answer(tmp_path):
    found = taken(tmp_path, **{"a.xlsx": register(unit="Chiềng Lạ")})
    assert rows(found, "households", "household") == ""
    assert asked(found) == [("unit", "a.xlsx | Hộ nghèo", ())]
    found = taken(tmp_path, {"unit": {"a.xlsx | Hộ nghèo": "3646"}})
    assert rows(found, "households", "unit", "household").startswith("03646 | H1\n03646 | H2")
    assert found.questions == []


def test_where_rows_stand_are_whole_numbers_though_another_file_waits(tmp_path):
    found = taken(tmp_path, **{"a.xlsx": register(unit="Chiềng Lạ"), LE: register()})
    assert found.places["households"]["row"].tolist() == [2, 3, 4]
    write_data(found, tmp_path / "data")
    lines = (tmp_path / "data" / "source_rows.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1] == f"households,2,{LE},Hộ nghèo,2"


def test_the_higher_sending_number_is_taken_and_the_other_told(tmp_path):
    found = taken(
        tmp_path, **{"b.xlsx": register(1), "a.xlsx": register(10, SHORT), "c.xlsx": register(9)}
    )
    assert rows(found, "households", "household") == "H1"
    first, second, third = found.sendings
    assert (first.replaced_by, second.replaced_by, third.replaced_by) == ("", "a.xlsx", "a.xlsx")
    assert [one.rule for one in second.findings] == ["replaced"]


def test_of_a_file_that_a_later_one_replaces_nothing_is_asked(tmp_path):
    old = register(1, LIST.replace("nhân khẩu", "nhân khẫu"))
    assert len(taken(tmp_path, **{"a.xlsx": old}).questions) == 1
    found = taken(tmp_path, **{"b.xlsx": register(2)})
    assert found.questions == [] and found.sendings[0].replaced_by == "b.xlsx"


@pytest.mark.parametrize("numbers", [("", ""), (1, ""), (2, 2)])
def test_two_files_that_nobody_has_put_in_order_are_asked_once_and_neither_taken(tmp_path, numbers):
    files = {"a.xlsx": register(numbers[0]), "b.xlsx": register(numbers[1], SHORT)}
    found = taken(tmp_path, **files)
    assert asked(found) == [("file", "03646 2020-12-31", ("a.xlsx", "b.xlsx"))]
    assert rows(found, "households", "household") == ""
    found = taken(tmp_path, {"file": {"03646 2020-12-31": "b.xlsx"}})
    assert rows(found, "households", "household") == "H1" and found.questions == []


def test_another_unit_or_day_or_other_households_are_no_second_sending(tmp_path):
    other = SHORT.replace("H1", "H9")
    files = {
        "a.xlsx": register(),
        "b.xlsx": register(text=other),
        "c.xlsx": register(unit="Hua La"),
    }
    found = taken(tmp_path, **files)
    assert rows(found, "households", "household") == "H1\nH2\nH3\nH9\nH1\nH2\nH3"
    assert found.questions == []


PEOPLE = f"""
Số liệu đến ngày {DAY}
TT | Tên xã, phường | Tổng số hộ | Dân số
1 | Chiềng Lề | 2.510 | {{}}
"""


def test_the_counts_of_several_departments_are_put_together_by_unit(tmp_path):
    more = "Mã xã | Trẻ dưới 1 tuổi | Số trẻ TCĐĐ\n3646 | 12 | 10\n3676 | 13 | 9"
    files = {"y te.csv": f"Ngày {DAY}\n{more}", "dan so.csv": PEOPLE.format(9000)}
    found = taken(tmp_path, **files)
    names = ("unit", "households", "population", "children_under_1", "children_under_1_vaccinated")
    assert (
        rows(found, "unit_counts", *names) == "03646 | 2510 | 9000 | 12 | 10\n03676 |  |  | 13 | 9"
    )
    assert found.questions == [] and {one.unit for one in found.sendings} == {"", "03646"}
    files = {"dan so 2.csv": PEOPLE.format(9001)}
    assert asked(taken(tmp_path, **files))[0][:2] == ("file", "03646 2020-12-31")


def test_a_unit_twice_in_one_list_is_told_and_not_joined(tmp_path):
    found = taken(tmp_path, **{"a.csv": PEOPLE.format(9000) + "2 | Chiềng Lề | 2512 | 9000"})
    assert rows(found, "unit_counts", "unit", "households") == "03646 | 2510\n03646 | 2512"
    assert "duplicate" in {one.rule for one in found.findings}
    same = taken(tmp_path, **{"a.csv": PEOPLE.format(9000) + "2 | Chiềng Lề | 2.510 | 9000"})
    assert rows(same, "unit_counts", "unit", "households") == "03646 | 2510"


# --- files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "letters", "separator"),
    [("utf-8", "", ","), ("utf-8-sig", "nfd", ";"), ("utf-16-le", "", "\t"), ("cp1258", "", ";"),
     ("latin-1", "tcvn3", ","), ("latin-1", "vni", ",")],
)  # fmt: skip
def test_a_csv_is_read_in_every_letters(tmp_path, encoding, letters, separator):
    text = f"""
Danh sách hộ nghèo
Ngày {DAY}
Tên xã/phường | Mã hộ | Số khẩu | Dân tộc | Phân loại | B1
Phường Chiềng Lề | H1 | 4 | Thái | Hộ cận nghèo | 130
Phường Quyết Thắng | H2 | 5 | Khơ Mú | Hộ nghèo | 90
"""
    content = csv_text(page("a", text, letters=letters), separator, encoding)
    found = taken(tmp_path, **{"a.csv": content})
    (sheet,) = read_sheets(tmp_path / "a.csv")
    assert sheet.cells[0, 0] == "Danh sách hộ nghèo"  # no mark of the order of bytes before it
    assert rows(found, "households", "unit", "household", "ethnicity", "status") == (
        "03646 | H1 | Thái | near_poor\n03652 | H2 | Khơ Mú | poor"
    )


def test_utf_16_without_a_mark_and_a_quote_left_open(tmp_path):
    content = csv_text(page("a", PEOPLE), ",", "utf-16-be")
    (sheet,) = read_sheets(sent(tmp_path, **{"a.csv": content}) / "a.csv")
    assert sheet.cells[2, 2] == "2.510"
    found = taken(tmp_path, **{"b.csv": b'a,b\n"' + b"x" * 200_000})
    assert [one.rule for one in found.sendings[1].findings] == ["unreadable_data"]


@pytest.mark.parametrize("write", [xlsx, ods])
def test_a_workbook_of_excel_or_libreoffice_is_read_alike_dates_typed_as_dates_too(tmp_path, write):
    cells = lines("Ngày rà soát | Mã hộ | Số nhân khẩu | B1 | Phân loại | Tên xã\n"
                  "| H1 | 4 | 100 | HCN | Chiềng Lề")  # fmt: skip
    cells[1][0], cells[1][2] = date(2020, 12, 31), 4
    found = taken(tmp_path, **{f"a.{write.__name__}": write([Page("Hộ", cells)])})
    assert rows(found, "households", "as_of", "unit", "members") == "2020-12-31 | 03646 | 4"


def test_what_cannot_be_read_is_told_file_by_file_and_the_rest_is_taken(tmp_path):
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 8_000_000)
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    locked = ole + "EncryptedPackage".encode("utf-16-le")
    files = {
        "locked.xlsx": locked,
        "old.xlsx": ole,
        "broken.xls": b"garbage",
        "text.xlsx": b"Ma ho",
    }
    files |= {
        "x/anh.docx": b"",
        "~$open.xlsx": b"",
        ".hidden": b"",
        "README.md": b"",
        LE: register(),
    }
    found = taken(tmp_path, **files)
    assert {one.file: one.findings[0].rule for one in found.sendings} == {
        "bomb.xlsx": "workbook_too_large",
        "locked.xlsx": "locked_workbook",
        "old.xlsx": "old_workbook",
        "broken.xls": "sent_broken",
        "text.xlsx": "sent_broken",
        "x/anh.docx": "not_read",
        LE: "column_not_sent",
    }
    assert found.sendings[-1].file == "x/anh.docx" and len(found.tables["households"]) == 3


def test_a_file_too_large_is_refused_by_its_size(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_BYTES", 10)
    with pytest.raises(DataError) as refused:
        read_sheets(next(sent(tmp_path, **{"a.csv": PEOPLE}).iterdir()))
    assert refused.value.findings[0].rule == "workbook_too_large"


def test_the_csv_files_of_one_folder_are_one_sending(tmp_path):
    files = {"Chiềng Lề/ho.csv": f"Ngày {DAY}{LIST}", "Chiềng Lề/ghi chu.csv": "Lần gửi | 2"}
    found = taken(tmp_path, **files)
    (sending,) = found.sendings
    assert (sending.file, sending.unit, sending.number) == ("Chiềng Lề", "03646", 2)
    assert found.places["households"].iloc[0].tolist() == ["Chiềng Lề/ho.csv", "ho", 3]


def test_hidden_rows_and_sheets_are_read_and_told_and_an_old_hidden_sheet_is_left(tmp_path):
    hidden = page("Cũ", SHORT.replace("H1", "H9"), hidden=True)
    files = {LE: [page("Mới", LIST, hidden_rows=frozenset({1})), hidden]}
    found = taken(tmp_path, **files)
    assert rows(found, "households", "household") == "H1\nH2\nH3"
    told_of = {(one.rule, one.sheet, one.found) for one in found.findings if "hidden" in one.rule}
    assert told_of == {("hidden_rows", "Mới", "1"), ("hidden_sheet_left", "Cũ", "")}
    found = taken(tmp_path, **{LE: [page("Ghi chú", "Gửi phòng Lao động"), hidden]})
    assert rows(found, "households", "household") == "H9"
    assert [one.rule for one in found.findings if "hidden" in one.rule] == ["hidden_sheet_read"]


def test_a_far_cell_and_a_sheet_without_a_table_are_told(tmp_path):
    far = lines(LIST)
    far[1] = far[1] + [""] * 1100 + ["x"]
    strange = page("Khác", "Con | Trâu | Bò\nA | 1 | 2\nB | 3 | 4\nC | 5 | 6")
    found = taken(tmp_path, **{LE: [Page("Hộ", far), strange]})
    told_of = [
        (one.rule, one.sheet)
        for one in found.findings
        if one.rule in ("far_cells", "sheet_unknown")
    ]
    assert told_of == [("far_cells", "Hộ"), ("sheet_unknown", "Khác")]
    assert len(found.tables["households"]) == 3


def test_an_error_and_a_formula_without_a_value_are_told_at_their_cell(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Hộ"
    for row in lines(LIST):
        book.active.append(row)
    book.active["C2"], book.active["D3"] = "#REF!", "=A1+1"
    book.save(tmp_path / LE)
    found = taken(tmp_path)
    places = {(one.rule, one.file, one.sheet, one.cell) for one in found.findings if one.cell}
    assert ("excel_error", LE, "Hộ", "C2") in places and ("formula", LE, "Hộ", "D3") in places


def test_the_quick_and_the_exact_reader_of_workbooks_read_the_same(tmp_path, monkeypatch):
    text = LIST + "".join(f"H{n} | {NAME} | {n} | 0100 | 2,5 | HCN\n" for n in range(4, 40))
    cells = lines(text.strip())
    cells[3][2], cells[4][2], cells[5][2] = 7, 2.5, date(2020, 12, 31)
    (tmp_path / "a.xlsx").write_bytes(xlsx([Page("Hộ", cells)]))
    (exact,) = read_sheets(tmp_path / "a.xlsx")
    monkeypatch.setattr(workbook, "_LARGE", 0)
    with workbook.Workbook(tmp_path / "a.xlsx") as book:
        assert book.is_plain("Hộ")
    (quick,) = read_sheets(tmp_path / "a.xlsx")
    assert quick.cells.tolist() == exact.cells.tolist()
    assert not quick.hidden and not exact.hidden
    assert [exact.cells[row, 2] for row in (3, 4, 5)] == ["7", "2.5", "2020-12-31"]


@pytest.mark.parametrize(
    "looks", ["merged", "hidden_rows", "error", "formula", "far", "capitals", "escaped"]
)
def test_a_sheet_that_other_readers_would_not_show_whole_is_no_plain_one(
    tmp_path, monkeypatch, looks
):
    monkeypatch.setattr(workbook, "_LARGE", 0)
    more = {"merged": [(0, 0, 0, 1)]} if looks == "merged" else {}
    more |= {"hidden_rows": frozenset({2})} if looks == "hidden_rows" else {}
    more |= {"letters": "tcvn3", "capitals": frozenset({1})} if looks == "capitals" else {}
    book = tmp_path / "a.xlsx"
    book.write_bytes(xlsx([page("Hộ", LIST.strip(), **more)]))
    if looks in ("error", "formula", "far", "escaped"):
        opened = openpyxl.load_workbook(book)
        cell = {"error": ("B2", "#REF!"), "formula": ("B2", "=A1"), "far": ("ABC2", "x")}
        place, content = cell.get(looks, ("A99999", "x"))
        opened["Hộ"][place] = content
        opened.save(book)
    with workbook.Workbook(book) as opened:
        assert not opened.is_plain("Hộ")


def test_merged_cells_hidden_sheets_and_capitals_of_an_old_font_are_seen(tmp_path):
    pages = [
        page("A", "phường chiềng lề | x\nphường | y", merged=[(2, 0, 3, 1)], letters="tcvn3",
             capitals=frozenset({0})),
        page("B", "a | b", hidden=True),
    ]  # fmt: skip
    (tmp_path / "a.xlsx").write_bytes(xlsx(pages))
    first, second = read_sheets(tmp_path / "a.xlsx")
    assert first.cells[:2, 0].tolist() == ["PHƯỜNG CHIỀNG LỀ", "phường"]
    assert (first.merged, first.hidden, second.hidden) == ([(2, 0, 3, 1)], False, True)


# --- answers.toml ------------------------------------------------------------------------


def test_questions_are_written_once_and_what_somebody_wrote_stays(tmp_path):
    found = taken(tmp_path / "in", **{"a.xlsx": register(unit="Chiềng Lạ")})
    file = tmp_path / "answers.toml"
    add_questions(file, found.questions)
    assert '"a.xlsx | Hộ nghèo" = ""' in file.read_text(encoding="utf-8")
    assert read_answers(file) == {}
    text = file.read_text(encoding="utf-8").replace(
        'Hộ nghèo" = ""', 'Hộ nghèo" = "03646"  # hỏi cô A'
    )
    file.write_text(text, encoding="utf-8")
    add_questions(file, found.questions)
    assert file.read_text(encoding="utf-8") == text
    assert read_answers(file) == {"unit": {"a.xlsx | Hộ nghèo": "03646"}}


def test_a_question_with_candidates_comes_below_its_section_or_a_new_one(tmp_path):
    found = taken(tmp_path / "in", **{"a.xlsx": register(), "b.xlsx": register(text=SHORT)})
    file = tmp_path / "answers.toml"
    file.write_text("# của tôi\n[unit]\n'P. \"Lề\"' = '03646'\n", encoding="utf-8")
    add_questions(file, found.questions)
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# của tôi\n[unit]\n'P. \"Lề\"' = '03646'\n\n[file]\n# ")
    assert text.endswith('#   a.xlsx\n#   b.xlsx\n"03646 2020-12-31" = ""\n')
    assert read_answers(file) == {"unit": {'P. "Lề"': "03646"}}


@pytest.mark.parametrize(
    ("text", "said"),
    [("[units]\n'a' = 'b'", "units"), ("[unit]\na = 3646", "phải là chữ"),
     ("unit = 'a'", "phải là chữ"),
     ("[unit\n", "answers.toml")],
)  # fmt: skip
def test_a_file_that_is_none_of_answers_is_refused_in_words(tmp_path, text, said):
    (tmp_path / "answers.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as refused:
        read_answers(tmp_path / "answers.toml")
    assert re.search(said, refused.value.text("vi"))
    assert answers_file.ANSWERS in refused.value.text("vi")


# --- the data folder and the command -----------------------------------------------------


@pytest.fixture
def office(tmp_path):
    """An inbox with every trap that may tell a person's name."""
    bad = f"""
Mã hộ | Họ tên | Số nhân khẩu | B1 | B2 | Phân loại | Dân tộc
{NAME} | 1 | {NAME} | 1 | 2 | {NAME} | Thái
"""
    inbox = sent(
        tmp_path / "inbox",
        **{
            LE: register(1, made_up="có"),
            "Hua La.xlsx": [notes("Hua La", 1, DAY, "có"), page("Hộ", bad)],
            "so lieu.csv": f"Số liệu giả lập\n{PEOPLE.format(9000)}Lập biểu: {NAME}",
            f"{NAME}.docx": b"",
        },
    )
    (inbox / f"{NAME}.docx").rename(inbox / "anh.docx")
    return tmp_path


def run(capsys, *arguments) -> tuple[int, str]:
    code = cli.main(["intake", *map(str, arguments)])
    out = capsys.readouterr()
    return code, out.out + out.err


def test_intake_writes_tables_that_load_and_say_where_each_cell_came_from(office, capsys):
    before = {file: file.read_bytes() for file in (office / "inbox").iterdir()}
    (office / "inbox" / "Hua La.xlsx").unlink()
    code, out = run(capsys, office / "inbox", "--out", office / "data")
    assert code == 1 and "✗ Chiềng Lề" in out and "3 dòng (hộ 3)" in out and "anh.docx" in out
    data = office / "data"
    assert {file: file.read_bytes() for file in (office / "inbox").iterdir()} == {
        file: content for file, content in before.items() if file.name != "Hua La.xlsx"
    }
    with (data / "households.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    with (data / "sources.csv").open(encoding="utf-8", newline="") as file:
        sources = {(one["table"], one["file"]): one for one in csv.DictReader(file)}
    with (data / "source_rows.csv").open(encoding="utf-8", newline="") as file:
        stands = list(csv.DictReader(file))
    source = sources["households", LE]
    assert [source[name] for name in ("sheet", "unit", "as_of", "number", "rows")] == [
        *("Hộ nghèo", "03646", "2020-12-31", "1", "3")
    ]
    letters = dict(one.split(":") for one in source["columns"].split())
    cells = openpyxl.load_workbook(office / "inbox" / LE)["Hộ nghèo"]
    for line, row in enumerate(table, 2):
        (place,) = [
            one for one in stands if one["table"] == "households" and one["line"] == str(line)
        ]
        for name in ("household", "members", "income_score"):
            assert cells[f"{letters[name]}{place['row']}"].value == row[name]
    assert "true" in (data / "about.toml").read_text(encoding="utf-8")
    assert not list(data.glob(".intake*"))
    assert sonla.load_tables(data)["households"]["members"].tolist() == [4, 5, 3]


def test_no_name_of_a_person_is_printed_or_written(office, capsys):
    _, out = run(capsys, office / "inbox", "--out", office / "data")
    kept = {office / "data", office}
    texts = [file.read_text(encoding="utf-8") for folder in kept for file in folder.iterdir()
             if file.is_file() and file.name != "households.csv"]  # fmt: skip
    for text in (out, *texts):
        assert "Kín" not in text
    _, findings = read_folder(office / "inbox")
    assert findings and not any("Kín" in finding_sentence(one) + one.found for one in findings)


def test_a_write_that_fails_leaves_the_data_folder_as_it_was(office, capsys, monkeypatch):
    run(capsys, office / "inbox", "--out", office / "data")
    before = {file.name: file.read_bytes() for file in (office / "data").iterdir()}

    def full(_):
        raise OSError(28, "no space")

    monkeypatch.setattr(written, "_rows", full)
    (office / "inbox" / LE).unlink()
    code, out = run(capsys, office / "inbox", "--out", office / "data")
    assert code == 2 and "không ghi được vào" in out and "ổ đĩa còn chỗ" in out
    assert {file.name: file.read_bytes() for file in (office / "data").iterdir()} == before


def test_wrong_usage_is_refused_in_vietnamese(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(capsys)[0] == 2
    code, out = run(capsys, tmp_path, "--out", tmp_path)
    assert code == 2 and "phải khác nhau" in out
    code, out = run(capsys, tmp_path / "khong-co", "--out", tmp_path / "data")
    assert code == 1 and "khong-co" in out and not (tmp_path / "data").exists()


def test_the_exit_code_says_whether_anything_is_asked_or_wrong(tmp_path, capsys, monkeypatch):
    question = Question("date", "a.xlsx | Hộ", (), Finding("no_date", "households", file="a.xlsx"))
    wrong = Finding("not_read", "", file="a.docx")
    warned = replace(wrong, severity="warning")
    for asked_now, findings, code in ([], [warned], 0), ([question], [], 1), ([], [wrong], 1):
        came = Intake({}, {}, {}, [], findings, asked_now, shipped_units())
        done = Inbox(came, tmp_path / "data", tmp_path / "answers.toml", [])
        monkeypatch.setattr(intake_run, "run_intake", lambda *_, done=done, **__: done)
        assert run(capsys, tmp_path, "--out", tmp_path / "data")[0] == code


def test_an_empty_inbox_gives_empty_tables_and_says_that_nobody_sent(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    code, out = run(capsys, tmp_path / "in", "--out", tmp_path / "data")
    assert code == 1 and "Đã đọc 0 tệp" in out
    assert (tmp_path / "data" / "households.csv").read_text(encoding="utf-8").count("\n") == 1


def test_a_question_is_printed_written_answered_and_then_gone(tmp_path, capsys):
    inbox = sent(tmp_path / "in", **{"a.xlsx": register(unit="Chiềng Lạ")})
    code, out = run(capsys, inbox, "--out", tmp_path / "data")
    assert code == 1 and "Cần trả lời 1 câu hỏi" in out and "không rõ số liệu của xã, phư" in out
    file = tmp_path / "answers.toml"
    text = file.read_text(encoding="utf-8").replace('Hộ nghèo" = ""', 'Hộ nghèo" = "3646"')
    file.write_text(text, encoding="utf-8")
    _, out = run(capsys, inbox, "--out", tmp_path / "data")
    assert "Cần trả lời" not in out and "3 dòng" in out


def test_an_old_font_in_a_notes_sheet_names_the_unit(tmp_path):
    old = notes(encoded("Chiềng Lề", "tcvn3"), 1, DAY)
    found = taken(tmp_path, **{"a.xlsx": [old, page("Hộ", LIST)]})
    assert found.sendings[0].unit == "03646" and told(found, "unit_asked") == []


def test_a_name_in_the_column_of_the_unit_is_told_masked_and_asked_nowhere(tmp_path):
    text = "Xã | Tổng số hộ | Số hộ nghèo | Số hộ cận nghèo\nLò Thị Mai | 10 | 1 | 2"
    found = taken(tmp_path, **{"a.csv": text.replace(" | ", ",").encode()})
    (told,) = [one for one in found.findings if one.rule == "unit_unknown"]
    assert "Mai" not in told.found and not [one for one in found.questions if "Mai" in one.key]


def test_a_file_named_after_its_ward_and_day_is_of_it(tmp_path):
    book = [page("Hộ nghèo", LIST)]
    found = taken(tmp_path, **{"Chieng Le 31-12-2020.xlsx": book})
    (sending,) = found.sendings
    assert (sending.unit, sending.as_of) == ("03646", ("2020-12-31",))
