"""What intake tells the office: in its own words, at the cell that was sent, what to do next."""

from pathlib import Path

import openpyxl
import pytest

from sonla_analysis import cli
from sonla_analysis.definitions.plan import load_plan
from sonla_analysis.intake.answers import add_questions, read_answers
from sonla_analysis.intake.sendings import Question
from sonla_analysis.intake.start import start
from sonla_analysis.tables.findings import Finding, finding_sentence
from tests.filled_in import fill_in

pytestmark = pytest.mark.whole

FILE = "03676-xa-hua-la.xlsx"
POOR = {"village": "Bản 1", "area": "Nông thôn", "members": 1, "income_score": 110}
POOR |= {"deprivation_score": 0, "status": "nghèo về thu nhập", "household": "001"}


@pytest.fixture
def office(tmp_path, monkeypatch) -> Path:
    """The working folder of the city of 2020, in which nobody has filled in anything."""
    start(tmp_path / "office", plan="kh159_2020")
    monkeypatch.chdir(tmp_path / "office")
    return tmp_path / "office"


def told(capsys, *command: str) -> str:
    cli.main(list(command))
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("households", "Danh sách hộ"),
        ("members", "Nhân khẩu"),
        ("unit_counts", "Số liệu chung"),
        ("health_stations", "Trạm y tế"),
        ("schools", "Trường học"),
        ("funding", "Kinh phí"),
        ("history", "Các năm trước"),
    ],
)
def test_a_table_of_a_sent_file_has_the_name_of_its_sheet(table, name):
    sentence = finding_sentence(Finding("missing_column", table, file="a.xlsx", column="unit"))
    assert sentence.startswith(f"Tệp “a.xlsx”, bảng “{name}”, cột ")


def test_a_finding_stands_at_the_cell_that_was_filled_in_and_in_its_words(office, capsys):
    counts = {"children_under_1": 90, "children_under_1_vaccinated": 95}
    households = [POOR, POOR | {"status": "hộ cận nghèo"}]
    fill_in(office / "inbox" / FILE, load_plan(), households=households, unit_counts=[counts])
    listing = told(capsys, "intake")
    assert "“Số liệu chung”, ô B12: ghi 95, lớn hơn trẻ em dưới 1 tuổi = 90" in listing
    assert "“Danh sách hộ”, ô B8: dòng này lặp lại một dòng ở trên" in listing
    assert "(trùng ngày, mã đơn vị, mã hộ)" in listing
    for name in ("children_under_1", "near_poor", "as_of", "unit_counts"):
        assert name not in listing


def test_those_who_sent_nothing_stand_in_one_line_and_their_workbooks_in_another(office, capsys):
    fill_in(office / "inbox" / FILE, load_plan(), unit_counts=[{"households": 9}])
    listing = told(capsys, "intake")
    assert listing.count("phường Tô Hiệu") == 1 and listing.count("03649-phuong-to-hieu") == 1
    assert "Chưa có số liệu ngày 31/12/2020 (11 đơn vị)" in listing
    assert "11 tệp chưa điền số liệu" in listing


def test_the_listing_says_how_many_letters_lie_where(office, capsys):
    for name in (FILE, "03649-phuong-to-hieu.xlsx"):
        fill_in(office / "inbox" / name, load_plan(), households=[POOR | {"members": "ba"}])
    assert "gửi 2 thư trong thu-gop-y cho đơn vị" in told(capsys, "intake")


def test_a_workbook_as_it_was_sent_out_does_not_wait_to_be_taken_in(office, capsys):
    fill_in(office / "inbox" / FILE, load_plan(), households=[POOR])
    listing = told(capsys, "status")
    assert listing.count("Có tệp chờ tiếp nhận") == 1 and listing.count("Chưa gửi") == 11


def test_a_register_is_read_and_checked_though_nobody_has_filled_in_the_counts(office, capsys):
    fill_in(office / "inbox" / FILE, load_plan(), households=[POOR | {"members": "1,5"}])
    listing = told(capsys, "intake")
    assert "ô F7: ghi là '1,5'" in listing
    assert f"Tệp “{FILE}”, bảng “Số liệu chung”: chưa có số nào trong bảng này." in listing
    cli.main(["report", "--unit", "03676", "--to", "html"])
    assert list((office / "reports").rglob("report.html"))


def test_a_table_missing_in_one_file_is_told_with_the_file(office, capsys):
    fill_in(office / "inbox" / FILE, load_plan(), households=[POOR])
    other = office / "inbox" / "03649-phuong-to-hieu.xlsx"
    fill_in(other, load_plan(), unit_counts=[{"households": 9}])
    listing = told(capsys, "intake")
    assert f"Tệp “{FILE}”, bảng “Số liệu chung”: ngày 2020-12-31 không có dòng nào" in listing


def test_a_file_is_asked_for_its_day_and_its_unit_each_once(tmp_path):
    file = tmp_path / "answers.toml"
    day = Question("date", "x.xlsx", (), Finding("no_date", "", file="x.xlsx"))
    unit = Question("unit", "x.xlsx", (), Finding("unit_asked", "", found="x", file="x.xlsx"))
    add_questions(file, [day, unit])
    add_questions(file, [day, unit])
    text = file.read_text(encoding="utf-8")
    assert text.count('"x.xlsx" = ""') == 2
    file.write_text(text.replace('"x.xlsx" = ""', '"x.xlsx" = "?"'), encoding="utf-8")
    assert read_answers(file) == {"unit": {"x.xlsx": "?"}, "date": {"x.xlsx": "?"}}


def test_a_register_without_codes_is_told_what_it_lacks(office, capsys):
    book = openpyxl.Workbook()
    book.active.append(["STT", "Dân tộc", "Tổ", "Khẩu", "Điểm B1", "Điểm B2", "Diện hộ"])
    for n in range(1, 5):
        book.active.append([n, "Thái", "Tổ 1", 4, 130, 30, "Hộ nghèo"])
    book.save(office / "inbox" / "DS ho ngheo To Hieu.xlsx")
    assert "không có cột mã hộ" in told(capsys, "intake")


def list_of_nobody(office) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Mã hộ", "Dân tộc", "Tổ", "Khẩu", "Điểm B1", "Điểm B2", "Diện hộ"])
    book.active.append(["001", "Thái", "Tổ 1", 4, 130, 30, "Hộ nghèo"])
    book.save(office / "inbox" / "danh sach.xlsx")


@pytest.mark.parametrize("answer", ["03649", "3649", "Phường Tô Hiệu", "03649 Phường Tô Hiệu"])
def test_a_unit_is_answered_by_code_by_name_or_as_it_was_offered(office, capsys, answer):
    list_of_nobody(office)
    for section, said in (("unit", answer), ("date", "31/12/2020")):
        file = office / "answers.toml"
        line = f'"danh sach.xlsx | Sheet" = "{said}"'
        text = file.read_text(encoding="utf-8").replace(f"[{section}]", f"[{section}]\n{line}\n#")
        file.write_text(text, encoding="utf-8")
    assert "✗ danh sach.xlsx: 1 dòng (hộ 1)" in told(capsys, "intake")
    assert (office / "data" / "households.csv").read_text().splitlines()[1][11:16] == "03649"


def test_an_answer_that_is_not_understood_is_told_and_asked_again(office, capsys):
    list_of_nobody(office)
    told(capsys, "intake")
    file = office / "answers.toml"
    text = file.read_text(encoding="utf-8").replace('| Sheet" = ""', '| Sheet" = "cuối năm"')
    file.write_text(text, encoding="utf-8")
    listing = told(capsys, "intake")
    assert listing.count("câu trả lời “cuối năm” chưa hiểu được") == 2
    assert "không có hiệu lực" not in listing


def test_the_unit_and_day_of_a_title_are_read_wherever_they_stand_in_it(office, capsys):
    book = openpyxl.Workbook()
    book.active.append(["DANH SÁCH HỘ NGHÈO PHƯỜNG TÔ HIỆU TÍNH ĐẾN NGÀY 31/12/2020"])
    book.active.append(["Mã hộ", "Dân tộc", "Tổ", "Khẩu", "Điểm B1", "Điểm B2", "Diện hộ"])
    book.active.append(["001", "Thái", "Tổ 1", 4, 130, 30, "Hộ nghèo"])
    book.save(office / "inbox" / "danh sach.xlsx")
    assert "✗ danh sach.xlsx: 1 dòng (hộ 1)" in told(capsys, "intake")


def test_the_same_file_twice_is_read_once_and_what_is_no_table_is_no_sender(office, capsys):
    first = office / "inbox" / FILE
    fill_in(first, load_plan(), households=[POOR], unit_counts=[{"households": 9}])
    (office / "inbox" / "Bản sao Hua La.xlsx").write_bytes(first.read_bytes())
    (office / "inbox" / "cong van.docx").write_bytes(b"PK")
    (office / "inbox" / "hỏng.xlsx").write_bytes(b"PK")
    (office / "inbox" / f"~${FILE}").write_bytes(b"open in Excel")
    listing = told(capsys, "intake")
    assert f"nội dung giống hệt tệp {FILE}" in listing
    assert "Tệp “hỏng.xlsx”: không mở được tệp này" in listing and "BadZip" not in listing
    assert "~$" not in listing and "dùng tệp nào" not in listing
    status = told(capsys, "status")
    assert "hỏng.xlsx" in status and "cong van.docx" not in status
    assert "1/12 đơn vị đã gửi" in status and "phuong-to-hieu.xlsx" not in status


def test_while_one_of_two_files_is_to_be_chosen_nobody_is_told_that_a_register_is_missing(
    office, capsys
):
    for name, members in ((FILE, 1), ("Hua La moi.xlsx", 2)):
        (office / "inbox" / name).write_bytes((office / "inbox" / FILE).read_bytes())
        counts = {"households": 9, "poor_households": 1, "near_poor_households": 0}
        rows = [POOR | {"members": members}]
        fill_in(office / "inbox" / name, load_plan(), households=rows, unit_counts=[counts])
    listing = told(capsys, "intake")
    assert "Đơn vị 03676: gửi số liệu ngày 2020-12-31 trong nhiều tệp" in listing
    assert "không có danh sách hộ" not in listing and "không có dòng nào" not in listing


def test_outside_a_working_folder_it_is_said_whose_data_are_looked_at(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    cli.main(["check"])
    assert "dùng số liệu giả lập đi kèm" in capsys.readouterr().err
