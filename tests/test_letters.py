"""Letters back: the points and no others, the sent file as it was but for its marks."""

import io
import os
import re
import subprocess
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import docx
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from sonla_analysis.definitions.units import units_on
from sonla_analysis.intake import marked
from sonla_analysis.intake.letters import write_letters
from sonla_analysis.intake.marked import marked_copy
from sonla_analysis.intake.points import joined, points_of
from sonla_analysis.intake.sendings import Intake, Question, Sending
from sonla_analysis.intake.sheets import read_sheets
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.tables.findings import Finding, shown

FILE, SHEET, NAME = "Chieng Le.xlsx", "Hộ nghèo", "Lò Thị Hương"
UNITS = units_on("2020-12-31")
YELLOW = "FFFFF2A8"


def found(rule, cell, at="", allowed="", **more):
    """Return a finding of the ward's file."""
    words = {"unit": "03646", "found": at, "allowed": allowed, "file": FILE, "sheet": SHEET}
    return Finding(rule, "households", cell=cell, **words | more)


def intake(*findings, questions=(), sendings=None):
    sent = Sending(FILE, "03646", ("2020-12-31",), 1, "2026-11-20T08:30:00", {"households": 3})
    sheets = {(FILE, SHEET, "households"): {}}
    return Intake({}, {}, sheets, sendings or [sent], list(findings), list(questions))


@pytest.fixture
def inbox(tmp_path):
    """An inbox with one workbook: names, codes, a formula with its result, a list, two sheets."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = SHEET
    sheet.append(["TT", "Họ và tên chủ hộ", "Mã hộ", "Số nhân khẩu"])
    for row in range(1, 4):
        sheet.append([row, f"{NAME} {row}", f"000{row}", row + 1])
    sheet["B2"].font = Font(name="Times New Roman", italic=True)
    sheet.merge_cells("A6:C6")
    sheet["A6"], sheet["D6"] = "Tổng cộng", "=SUM(D2:D4)"
    listed = DataValidation(type="list", formula1='"2,3,4"')
    listed.add("D2:D4")
    sheet.add_data_validation(listed)
    book.create_sheet("Ghi chú")["A1"] = "Không có gì"
    book.save(folder / FILE)
    _with_result(folder / FILE)
    return folder


def _with_result(path):
    """Store what Excel would: the result of the formula, and a part that nobody else reads."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert parts[sheet].count(b"<v />") + parts[sheet].count(b"<v></v>") == 1
    for empty in (b"<v />", b"<v></v>"):
        parts[sheet] = parts[sheet].replace(empty, b"<v>9</v>")
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in (parts | {"xl/own.bin": b"\0kept"}).items():
            archive.writestr(name, part)


def letters(tmp_path, inbox, made, office=None, language="vi"):
    return write_letters(made, inbox, tmp_path / "out", office or {}, UNITS, language)


def texts_of(folder: Path, ending: str) -> str:
    """Return all text of the one document of a letter with this ending."""
    path = next(folder.glob(ending))
    if path.suffix == ".docx":
        document = docx.Document(path)
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(one.text for one in document.paragraphs), *cells])
    sheets = openpyxl.load_workbook(path).worksheets
    return "\n".join(str(cell.value) for sheet in sheets for row in sheet.rows for cell in row)


def yellow(content) -> set[str]:
    sheets = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    return {
        cell.coordinate
        for sheet in sheets
        for row in sheet.rows
        for cell in row
        if cell.fill.fgColor.rgb == YELLOW
    }


# --- who gets a letter -------------------------------------------------------------------


def test_who_has_nothing_to_correct_or_to_answer_gets_no_letter(tmp_path, inbox):
    only_warning = found("members_differ", "D3", "3", "2", severity="warning")
    assert letters(tmp_path, inbox, intake()) == []
    assert letters(tmp_path, inbox, intake(only_warning)) == []
    assert not list((tmp_path / "out").glob("*"))


def test_each_sender_gets_a_letter_with_its_own_points_only(tmp_path, inbox):
    (inbox / "truong.csv").write_text("don vi;truong\n03646;x\n", encoding="utf-8")
    own = found("not_count", "D3", "ba")
    other = found("not_flag", "B2", "sai", file="truong.csv", sheet="truong")
    sendings = [Sending(FILE, "03646", (), 1, "", {"households": 3}), Sending("truong.csv")]
    made = letters(tmp_path, inbox, intake(own, other, sendings=sendings))
    assert [one.name for one in made] == ["03646-phuong-chieng-le", "truong"]
    ward, file = (texts_of(one, "*.docx") for one in made)
    assert "'ba'" in ward and "'sai'" not in ward
    assert "'sai'" in file and "'ba'" not in file
    assert "Kính gửi: Ủy ban nhân dân phường Chiềng Lề" in ward
    assert "Kính gửi: ……" in file


def test_what_was_found_in_a_file_that_is_replaced_is_asked_no_more():
    former = Sending("cu.xlsx", "03646", replaced_by=FILE)
    findings = found("blank", "B2", file="cu.xlsx"), found("blank", "B3")
    sendings = [former, Sending(FILE, "03646", rows={"households": 1})]
    points = points_of(intake(*findings, sendings=sendings))
    assert [one.finding.cell for one in points] == ["B3"]
    former.rows = {"households": 2}  # of another date: still in use
    assert len(points_of(intake(*findings, sendings=sendings))) == 2


def test_a_finding_in_a_file_of_a_folder_belongs_to_who_sent_the_folder():
    sendings = [Sending("xa Hua La", "03676", rows={"schools": 1})]
    one = found("blank", "B2", file="xa Hua La/schools.csv")
    assert points_of(intake(one, sendings=sendings))[0].sender == "03676"


def test_points_come_by_severity_then_by_place():
    findings = [found("blank", "AA2"), found("blank", "B10"), found("blank", "B9")]
    findings += [found("members_differ", "A1", severity="warning")]
    question = Question("unit", "P. Lề", ("03646",), found("not_unit", "A2", "P. Lề"))
    points = points_of(intake(*findings, questions=[question]))
    assert [one.finding.cell for one in points] == ["AA2", "B9", "B10", "A2", "A1"]
    assert [one.kind for one in points] == ["error"] * 3 + ["question", "warning"]


# --- the công văn ------------------------------------------------------------------------


def test_the_letter_asks_and_says_what_a_signed_report_needs(tmp_path, inbox):
    candidates = ("phường Chiềng Lề (03646)", "phường Tô Hiệu (03649)")
    question = Question("unit", "P. Lề", candidates, found("not_unit", "A2", "P. Lề"))
    office = {"agency": "ỦY BAN NHÂN DÂN|THÀNH PHỐ SƠN LA", "place": "Sơn La"}
    office |= {"due": "2026-12-05", "recipients": ["Như trên;", "Lưu: VT, LĐ."]}
    made = letters(tmp_path, inbox, intake(found("blank", "D3"), questions=[question]), office)
    text = texts_of(made[0], "*.docx")
    for said in (
        "V/v đề nghị rà soát, chỉnh sửa số liệu",
        "Số: ……/……",
        "có 1 điểm phải sửa và 1 điểm cần trả lời",
        f"tệp “{FILE}” (lần gửi 1, nhận ngày 20/11/2026)",
        "Đề nghị cho biết đúng là: phường Chiềng Lề (03646); phường Tô Hiệu (03649), hay là khác.",
        "Hộ nghèo, ô D3",
        "ghi “Lần gửi” là 2",
        "thay thế bằng báo cáo mới (khoản 3 Điều 18 Nghị định số 30/2020/NĐ-CP)",
        "trước ngày 05 tháng 12 năm 2026",
        "ỦY BAN NHÂN DÂN\nTHÀNH PHỐ SƠN LA",
        "Sơn La, ngày …… tháng …… năm ……",
        "- Như trên;",
    ):
        assert said in text, said
    assert "GIẢ LẬP" not in text and "{{" not in text and text.count("Như trên") == 1


def test_synthetic_figures_are_said_to_be_so(tmp_path, inbox):
    folder = letters(tmp_path, inbox, intake(found("blank", "D3")), {"synthetic": True})[0]
    for ending in ("*.docx", "gop-y-*.xlsx"):
        assert "SỐ LIỆU GIẢ LẬP" in texts_of(folder, ending)


def test_a_letter_names_fifteen_points_and_counts_the_rest(tmp_path, inbox):
    many = [found("score_contradicts", f"C{n}", str(n), str(n + 1)) for n in range(2, 22)]
    folder = letters(tmp_path, inbox, intake(*many))[0]
    text = texts_of(folder, "*.docx")
    assert "được 17." in text and "được 18." not in text  # 2 to 16
    assert "… và 5 nội dung khác: xem tệp “gop-y-03646-phuong-chieng-le.xlsx” kèm theo." in text
    assert "được 22." in texts_of(folder, "gop-y-*.xlsx")


def test_cells_with_one_fault_are_one_line_and_no_rule_hides_the_others():
    alike = [found("not_flag", f"C{n}", "x", column="health_card") for n in range(2, 9)]
    others = [found("score_contradicts", f"D{n}", "1", str(n)) for n in range(2, 9)]
    last = [found("blank", "E9")]
    points = points_of(intake(*alike, *others, *last))
    lines = [one.finding.cell for one in joined(points, "vi")]
    assert lines[:5] == ["C2, C3, C4 … (7 ô)", "D2", "D3", "D4", "E9"]
    assert sorted(lines[5:]) == ["D5", "D6", "D7", "D8"]


def test_the_english_letter_is_english(tmp_path, inbox):
    folder = letters(tmp_path, inbox, intake(found("blank", "D3")), language="en")[0]
    text = texts_of(folder, "*.docx")
    assert "SOCIALIST REPUBLIC OF VIET NAM" in text and "Fill it in." in text
    assert "Đề nghị" not in text


def test_what_is_only_to_look_at_is_counted_in_the_letter_and_told_in_the_workbook(tmp_path, inbox):
    warning = found("members_differ", "D4", "4", "5", severity="warning")
    folder = letters(tmp_path, inbox, intake(found("blank", "D3"), warning))[0]
    letter, listing = texts_of(folder, "*.docx"), texts_of(folder, "gop-y-*.xlsx")
    assert "1 điểm phải sửa và 1 điểm cần xem lại" in letter
    assert "bảng “Nhân khẩu” có 5" in listing and "bảng “Nhân khẩu” có 5" not in letter


# --- the workbook of all points ----------------------------------------------------------


def test_the_workbook_has_every_point_and_what_was_accepted(tmp_path, inbox):
    findings = found("not_count", "D3", "ba"), found("members_differ", "D4", "4", "5")
    folder = letters(tmp_path, inbox, intake(*findings))[0]
    book = openpyxl.load_workbook(next(folder.glob("gop-y-*.xlsx")))
    points, received = book.worksheets
    rows = [[cell.value for cell in row] for row in points.iter_rows(min_row=9, max_row=10)]
    assert [row[:5] for row in rows] == [
        ["1", FILE, SHEET, "D3", "ba"],
        ["2", FILE, SHEET, "D4", "4"],
    ]
    assert rows[0][5].startswith("Ghi là 'ba'; phải là số nguyên")
    assert rows[1][5:] == [
        "Ghi 4 nhân khẩu nhưng bảng “Nhân khẩu” có 5.",
        "Sửa số nhân khẩu hoặc bổ sung thành viên.",
        "Phải sửa",
    ]
    accepted = [cell.value for cell in received[9]]
    assert accepted == [
        "1", FILE, SHEET, "hộ trong danh sách rà soát", "3",
        "20/11/2026 08:30", "1", "31/12/2020", "đã nhận",
    ]  # fmt: skip
    assert points.page_setup.orientation == "landscape" and int(points.page_setup.paperSize) == 9


HOSTILE = ["=cmd()", "<b>x</b> & {{ y }}", "\x01\x0b+1", "@SUM(A1)", "\ue000body\ue001"]


def test_no_text_of_a_sender_comes_alive_and_no_name_is_told(tmp_path, inbox):
    hostile = [
        found("not_flag", f"D{n}", text, column=str(n)) for n, text in enumerate(HOSTILE, start=2)
    ]
    named = found("not_flag", "B3", shown(f"{NAME} 2"))
    question = Question("unit", "x", ("=1+1", "<i>"), found("not_unit", "A9", "=1", sheet="=S"))
    office = {"agency": "A & <B>", "contact": "{{ x }}", "signer": "=1"}
    made = letters(tmp_path, inbox, intake(*hostile, named, questions=[question]), office)
    for ending in ("*.docx", "gop-y-*.xlsx"):
        text = texts_of(made[0], ending)
        assert "=cmd()" in text and "<b>x</b> & {{ y }}" in text and "=1+1; <i>" in text
        assert NAME.split()[-1] not in text and "Lò" not in text
        assert not {"\x01", "\x0b", "\ue000"} & set(text)
    book = openpyxl.load_workbook(next(made[0].glob("gop-y-*.xlsx")))
    kinds = {cell.data_type for sheet in book for row in sheet.rows for cell in row}
    assert "f" not in kinds
    copy = openpyxl.load_workbook(next(made[0].glob("*-danh-dau.xlsx")))
    assert NAME not in (copy.active["B3"].comment.text)


# --- the marked copy ---------------------------------------------------------------------


def test_a_copy_has_just_the_cells_marked_and_all_else_as_sent(tmp_path, inbox):
    before = (inbox / FILE).read_bytes()
    notes = {SHEET: {"B2": "Xem lại", "D6": "Sai tổng", "D5": "Ô trống", "F9": "Ô ở xa"}}
    content = marked_copy(inbox / FILE, notes)
    assert (inbox / FILE).read_bytes() == before
    (tmp_path / "copy.xlsx").write_bytes(content)
    for own, copy in zip(
        read_sheets(inbox / FILE), read_sheets(tmp_path / "copy.xlsx"), strict=True
    ):
        assert (own.name, own.merged) == (copy.name, copy.merged)
        assert own.cells.tolist() == copy.cells.tolist()
    assert yellow(content) == {"B2", "D5", "D6", "F9"} and yellow(before) == set()
    sheet = openpyxl.load_workbook(io.BytesIO(content))[SHEET]
    assert sheet["D6"].value == "=SUM(D2:D4)"
    assert sheet["B2"].font.italic and sheet["B2"].font.name == "Times New Roman"
    assert sheet.data_validations.dataValidation[0].sqref.ranges
    assert {cell: sheet[cell].comment.text for cell in notes[SHEET]} == notes[SHEET]
    assert [cell for row in sheet.rows for cell in row if cell.comment][4:] == []


def test_no_other_part_of_the_workbook_is_touched(inbox):
    content = marked_copy(inbox / FILE, {SHEET: {"B2": "Xem lại"}})
    with zipfile.ZipFile(inbox / FILE) as own, zipfile.ZipFile(io.BytesIO(content)) as copy:
        changed = {name for name in own.namelist() if own.read(name) != copy.read(name)}
        new = set(copy.namelist()) - set(own.namelist())
        sheet = copy.read("xl/worksheets/sheet1.xml")
    assert changed == {"[Content_Types].xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"}
    assert new == {"xl/danhDau1.xml", "xl/danhDau1.vml", "xl/worksheets/_rels/sheet1.xml.rels"}
    assert b"<v>9</v>" in sheet  # the stored result of the formula


def test_an_empty_cell_that_is_marked_keeps_the_looks_of_its_row(inbox):
    book = openpyxl.load_workbook(inbox / FILE)
    book[SHEET].row_dimensions[8].font = Font(name="Times New Roman", bold=True)
    book.save(inbox / FILE)
    content = marked_copy(inbox / FILE, {SHEET: {"B8": "Ô trống"}})
    cell = openpyxl.load_workbook(io.BytesIO(content))[SHEET]["B8"]
    assert cell.font.bold and cell.fill.fgColor.rgb == YELLOW
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b'applyFill="1"' in archive.read("xl/styles.xml")


def test_two_sheets_and_a_copy_marked_again_keep_their_notes(tmp_path, inbox):
    first = tmp_path / "first.xlsx"
    first.write_bytes(marked_copy(inbox / FILE, {"Ghi chú": {"A1": "một"}}))
    second = marked_copy(first, {SHEET: {"A1": "hai"}, "Ghi chú": {"A1": "ba", "B1": "bốn"}})
    book = openpyxl.load_workbook(io.BytesIO(second))
    assert book[SHEET]["A1"].comment.text == "hai"
    assert book["Ghi chú"]["A1"].comment.text == "một"  # a sheet's own notes stay, and no others
    assert book["Ghi chú"]["B1"].comment is None
    assert yellow(second) == {"A1", "B1"}


def test_a_senders_own_notes_stay(tmp_path, inbox):
    book = openpyxl.load_workbook(inbox / FILE)
    book[SHEET]["A1"].comment = Comment("của đơn vị", "")
    book.save(inbox / FILE)
    content = marked_copy(inbox / FILE, {SHEET: {"A2": "x"}})
    sheet = openpyxl.load_workbook(io.BytesIO(content))[SHEET]
    assert sheet["A1"].comment.text == "của đơn vị" and yellow(content) == {"A2"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_csv_becomes_a_workbook_of_its_cells(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_text("mã;tên\n03646;=1+1\n03649;\n", encoding=encoding)
    content = marked_copy(path, {"a": {"B2": "Xem", "B3": "Trống"}})
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [[cell.value for cell in row] for row in sheet.rows] == [
        ["mã", "tên"],
        ["03646", "=1+1"],
        ["03649", None],
    ]
    assert sheet["B2"].data_type == "s" and yellow(content) == {"B2", "B3"}
    assert sheet["B3"].comment.text == "Trống"


def test_no_macro_is_carried_into_a_copy(tmp_path, inbox):
    with zipfile.ZipFile(inbox / FILE) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    live = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(kind, live)
    for name in ("a.xlsm", "a.xlsx"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for part, content in (parts | {"xl/vbaProject.bin": b"macro"}).items():
                archive.writestr(part, content)
        content = marked_copy(tmp_path / name, {SHEET: {"B2": "x"}})
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert "xl/vbaProject.bin" not in archive.namelist()
            assert b"macro" not in archive.read("[Content_Types].xml")
        assert yellow(content) == {"B2"}


def test_a_workbook_whose_cells_do_not_say_where_they_stand_is_copied_as_read(tmp_path, inbox):
    with zipfile.ZipFile(inbox / FILE) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = re.sub(rb'<c r="[A-Z]+\d+"', b"<c", parts[sheet])
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    content = marked_copy(tmp_path / "b.xlsx", {SHEET: {"B2": "x"}})
    assert yellow(content) == {"B2"}
    assert openpyxl.load_workbook(io.BytesIO(content))[SHEET]["B2"].value == f"{NAME} 1"


CELLS = st.builds(
    lambda column, row: f"{column}{row}", st.sampled_from("ABCDEFG"), st.integers(1, 9)
)


@given(st.sets(CELLS, min_size=1))
def test_whatever_is_marked_the_cells_read_the_same(places):
    with TemporaryDirectory() as folder:
        path, copy = Path(folder, "a.xlsx"), Path(folder, "b.xlsx")
        book = openpyxl.Workbook()
        for row in range(1, 8, 2):
            book.active.cell(row, row % 5 + 1, row)
        book.save(path)
        content = marked_copy(path, {"Sheet": dict.fromkeys(places, "x")})
        copy.write_bytes(content)
        assert read_sheets(copy)[0].cells.tolist() == read_sheets(path)[0].cells.tolist()
        assert yellow(content) == places


def test_a_file_too_large_to_copy_is_left_to_the_list_of_points(tmp_path, inbox, monkeypatch):
    monkeypatch.setattr(marked, "_MOST_BYTES", 100)
    monkeypatch.setattr(marked, "_MOST_CELLS", 3)
    folder = letters(tmp_path, inbox, intake(found("blank", "D3")))[0]
    assert not list(folder.glob("*-danh-dau.xlsx"))
    assert "tô vàng" not in texts_of(folder, "*.docx")


# --- again -------------------------------------------------------------------------------


def test_a_letter_that_says_the_same_is_left_as_a_person_edited_it(tmp_path, inbox):
    made = intake(found("blank", "D3"))
    letter = next(letters(tmp_path, inbox, made)[0].glob("*.docx"))
    letter.write_bytes(b"edited")
    assert next(letters(tmp_path, inbox, made)[0].glob("*.docx")).read_bytes() == b"edited"


def test_a_former_letter_is_kept_among_the_earlier_ones(tmp_path, inbox):
    folder = letters(tmp_path, inbox, intake(found("blank", "D3")))[0]
    next(folder.glob("*.docx")).write_bytes(b"edited")
    (tmp_path / "out" / "của tôi").mkdir()
    letters(tmp_path, inbox, intake(found("blank", "D4")))
    assert letters(tmp_path, inbox, intake()) == []
    earlier = tmp_path / "out" / "lan-truoc"
    assert sorted(os.listdir(earlier)) == [folder.name, f"{folder.name}-2"]
    assert next((earlier / folder.name).glob("*.docx")).read_bytes() == b"edited"
    assert sorted(os.listdir(tmp_path / "out")) == ["của tôi", "lan-truoc"]


def test_a_folder_that_cannot_be_written_is_refused_in_words(tmp_path, inbox):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UsageError) as refused:
        letters(tmp_path, inbox, intake(found("blank", "D3")))
    assert "Đóng các tệp đang mở" in refused.value.text("vi")


def test_the_same_intake_gives_the_same_bytes(tmp_path, inbox):
    made = intake(found("blank", "D3"), found("not_count", "D4", "ba"))
    first, second = (
        {path.name: path.read_bytes() for path in folder.iterdir()}
        for place in "ab"
        for folder in write_letters(made, inbox, tmp_path / place, {}, UNITS)
    )
    assert first == second


@pytest.mark.office
def test_libreoffice_opens_every_file_of_a_letter(tmp_path, inbox):
    findings = found("blank", "D3"), found("not_count", "D4", "ba")
    folder = letters(tmp_path, inbox, intake(*findings), {"due": "2026-12-05"})[0]
    own = f"-env:UserInstallation={(tmp_path / 'lo').as_uri()}"
    command = ["soffice", own, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, *sorted(folder.iterdir())], check=True, timeout=180)
    assert len(list(tmp_path.glob("*.pdf"))) == 3
