"""The raw workbooks of the synthetic city: made by one function, and every trap is really there."""

import unicodedata
import zipfile
from datetime import datetime
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from as_written import NO_NAME
from spreadsheets import encoded, headings
from submissions import SENDERS, write_submissions

from sonla_analysis.intake.sheets import read_sheets

pytestmark = pytest.mark.whole

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
SENT = SAMPLE / "submissions"
CHIENG_LE = "P.Chieng Le - bao cao giam ngheo 2020.xlsx"
CHIENG_XOM = "chieng xom ra soat ho ngheo.xlsx"
CHIENG_AN = "P. Chiềng An/Danh sách chi tiết P. Chiềng An.xlsx"
CHIENG_SINH = "bao cao chieng sinh 2020 (ban cuoi).xlsx"
CHIENG_CO = "Xã Chiềng Cọ/Chieng Co thang 12-2020.xlsx"
TO_HIEU = "Tô Hiệu/Tô Hiệu - rà soát 2019-2020{}.xlsx"


def files() -> list[str]:
    found = (path.relative_to(SENT).as_posix() for path in SENT.rglob("*") if path.is_file())
    return sorted(name for name in found if name != "README.md")


@cache
def sheets(name: str):
    return {sheet.name: sheet for sheet in read_sheets(SENT / name)}


def raw(name: str):
    return openpyxl.load_workbook(SENT / name)


def raw_texts(name: str) -> set[str]:
    cells = (cell for sheet in raw(name) for row in sheet.iter_rows() for cell in row)
    return {cell.value for cell in cells if isinstance(cell.value, str)}


def column(name: str, sheet: str, heading: str) -> list[str]:
    """Return the texts below a heading."""
    cells = sheets(name)[sheet].cells
    row, place = next(zip(*(cells == heading).nonzero(), strict=True))
    return [text for text in cells[row + 1 :, place] if text]


def parts(path: Path) -> dict[str, bytes]:
    """Return what a file holds; packed with another zlib it may have other bytes."""
    if path.suffix not in (".xlsx", ".ods"):
        return {"": path.read_bytes()}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# --- the folder ----------------------------------------------------------------------------


def test_the_files_in_the_repository_are_those_that_the_sample_writes(tmp_path):
    made = write_submissions(SAMPLE, tmp_path)
    names = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())
    assert names == files()
    assert [name for name in names if parts(made / name) != parts(SENT / name)] == []


def test_writing_twice_gives_the_same_bytes_and_leaves_no_old_file(tmp_path):
    write_submissions(SAMPLE, tmp_path)
    first = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    (tmp_path / "old.xlsx").write_bytes(b"")
    (tmp_path / "README.md").write_text("kept", encoding="utf-8")
    write_submissions(SAMPLE, tmp_path)
    assert not (tmp_path / "old.xlsx").exists()
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "kept"
    assert {path: path.read_bytes() for path in first} == first


def test_no_workbook_says_when_it_was_made():
    for name in files():
        if name.endswith(".xlsx"):
            assert raw(name).properties.created == datetime(2021, 1, 15)


def test_the_twelve_units_and_two_departments_send_less_than_two_megabytes():
    assert len(SENDERS) == 12
    assert sum((SENT / name).stat().st_size for name in files()) < 2 * 2**20


@pytest.mark.parametrize("name", files())
def test_every_file_says_that_it_is_made_up(name):
    texts = {text for sheet in read_sheets(SENT / name) for text in sheet.cells.ravel()}
    assert any("GIẢ LẬP" in text for text in texts)


@pytest.mark.parametrize("name", files())
def test_a_column_for_names_of_persons_holds_no_name(name):
    for sheet in read_sheets(SENT / name):
        cells = sheet.cells
        named = ["Họ và tên" in text or text == "Họ tên" for text in cells.ravel()]
        for row, place in zip(*divmod(_true(named), max(1, cells.shape[1])), strict=True):
            below = {text for text in cells[row + 1 :, place] if text and not _sign(text)}
            assert below <= {NO_NAME}


def _true(flags):
    import numpy as np

    return np.flatnonzero(flags)


def _sign(text: str) -> bool:
    signed = ("Người lập biểu", "Tổng cộng", "Cộng", "Tổ ", "Bản ", "PHƯỜNG")
    return text.strip("()").isdigit() or text.startswith(signed)


def test_the_readme_names_every_sender():
    text = (SENT / "README.md").read_text(encoding="utf-8")
    assert [unit for unit in SENDERS if unit not in text] == []
    assert "SYNTHETIC DATA" in text and "SỐ LIỆU GIẢ LẬP" in text


# --- old letters ---------------------------------------------------------------------------


def fonts(name: str) -> set[str]:
    cells = (cell for sheet in raw(name) for row in sheet.iter_rows() for cell in row)
    return {cell.font.name for cell in cells if cell.value is not None}


@pytest.mark.parametrize(
    ("name", "letters", "used"),
    [
        (CHIENG_LE, "tcvn3", {".VnTime", ".VnTimeH"}),
        (CHIENG_XOM, "vni", {"VNI-Times"}),
    ],
)
def test_a_sender_with_old_letters_writes_everything_in_them(name, letters, used):
    texts = raw_texts(name)
    assert fonts(name) == used
    assert {encoded("Họ và tên chủ hộ", letters), encoded("Dân tộc", letters)} <= texts
    assert all(ord(letter) < 256 for text in texts for letter in text)


def test_the_old_letters_are_those_met_in_real_files():
    assert encoded("Họ và tên chủ hộ", "tcvn3") == "Hä vµ tªn chñ hé"
    assert encoded("Họ và tên chủ hộ", "vni") == "Hoï vaø teân chuû hoä"
    assert encoded("UBND PHƯỜNG", "tcvn3", capitals=True) == "ubnd ph\xadêng"
    assert encoded("Tổ ĐÀ", "tcvn3") == "Tæ §Aµ"


def test_old_letters_are_read_back_as_they_were_meant():
    assert "Thời điểm rà soát" in sheets(CHIENG_LE)["Danh sach ho"].cells
    assert "UBND PHƯỜNG CHIỀNG LỀ" in sheets(CHIENG_LE)["Danh sach ho"].cells
    assert {"Nam", "Nữ"} <= set(column(CHIENG_XOM, "Ho", "Giới tính"))


def test_tones_stand_apart_from_their_letters_in_two_files():
    content = parts(SENT / "Chiềng Cơi.ods")["content.xml"].decode()
    assert "Chiê\u0300ng" not in content  # a shape of the letter stays: ê with its tone behind
    assert "Ngày".replace("à", "a\u0300") in content
    ngan = raw_texts("Xa Chieng Ngan.xlsx")
    assert unicodedata.normalize("NFD", "Dân tộc") in ngan and "Dân tộc" not in ngan


def test_the_csv_files_have_three_encodings():
    folder = SENT / "Chieng Den"
    assert (folder / "ho.csv").read_bytes().startswith(b"\xff\xfe")
    assert "Dân số" in unicodedata.normalize(
        "NFC", (folder / "so lieu chung.csv").read_text(encoding="cp1258")
    )
    assert (SENT / "Trung tâm Y tế - trạm y tế.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("name", ["ho", "nhan khau", "so lieu chung", "kinh phi"])
def test_a_csv_of_any_encoding_is_read_as_it_was_written(name):
    (sheet,) = sheets(f"Chieng Den/{name}.csv").values()
    assert sheet.cells[0, 0] == "UBND XÃ CHIỀNG ĐEN"


# --- layout --------------------------------------------------------------------------------


def test_headings_are_merged_over_two_or_three_rows():
    rows, merged = headings([("TT",), ("Điểm", "B1"), ("Điểm", "B2", "x"), ("Điểm", "B2", "y")])
    assert rows == [
        ["TT", "Điểm", None, None],
        [None, "B1", "B2", None],
        [None, None, "x", "y"],
    ]
    assert merged == [(0, 0, 2, 0), (0, 1, 0, 3), (1, 1, 2, 1), (1, 2, 1, 3)]
    assert (7, 7, 7, 20) in sheets("Xa Chieng Ngan.xlsx")["31.12.2020"].merged


@pytest.mark.parametrize(
    ("name", "sheet", "said"),
    [
        (CHIENG_LE, "Danh sach ho", ["I", "II", "Ghi chú: danh sách có cả các hộ ra khỏi danh sách "
         "trong năm.", "CHỦ TỊCH", "31/12/2019"]),
        (TO_HIEU.format(""), "Hộ 2020.12.31", ["Cộng", "(1)",
         "(Tính đến ngày 31 tháng 12 năm 2020)"]),
        (TO_HIEU.format(""), "Số liệu 2020.12.31", ["1. Số hộ dân cư: 2.308 hộ"]),
        ("BIEU TONG HOP QUYET THANG.xlsx", "Biểu 1 (31.12.20)", ["4=3/1*100", "0,11", "II",
         "Tổng cộng (I + II)"]),
        ("BIEU TONG HOP QUYET THANG.xlsx", "Biểu 2 (31.12.20)", ["Nhân khẩu", "Giảm khác"]),
        ("03655 Quyết Tâm 2020-12-31.xlsx", "Hướng dẫn", ["Mã đơn vị", "03655", "Lần gửi"]),
        ("03655 Quyết Tâm 2020-12-31.xlsx", "Số liệu chung", ["Chỉ tiêu", "Số liệu"]),
        (CHIENG_CO, "Hộ thoát nghèo", ["DANH SÁCH HỘ THOÁT NGHÈO", "Tổng cộng", "✓", "NK"]),
        (CHIENG_XOM, "Ho", ["3664", "2019-12-31"]),
        (CHIENG_AN, "31-12-2020", ["PHƯỜNG CHIỀNG AN", "Nam", "Nữ", "05", "10", "0"]),
        ("Xa Chieng Ngan.xlsx", "Số liệu chung", ["7.280", "7297"]),
        ("HUA LA.xlsx", "DS ho 311220", ["cột kiểm tra số bằng 0 thì khớp", "HCN", "x",
         "Hua La, ngày 05 tháng 01 năm 2021", "(tính đến ngày 31/12/2020)"]),
        ("HUA LA.xlsx", "Kinh phi", ["Đơn vị tính: đồng", "160.800.000"]),
        (CHIENG_SINH, "Danh sách", ["44196", "4 khẩu", "3679", "N1", "KN",
         "(Đánh dấu x vào ô nếu có, để trống nếu không)"]),
        ("Phòng GD&ĐT - danh sách trường.xlsx", "Trường 31-12-2020", ["XÃ HUA LA", "Chưa đạt"]),
        ("Trung tâm Y tế - trạm y tế.csv", "Trung tâm Y tế - trạm y tế", ["X. Hua La"]),
    ],
)  # fmt: skip
def test_what_is_messy_in_a_file_is_there(name, sheet, said):
    texts = set(sheets(name)[sheet].cells.ravel())
    assert [text for text in said if text not in texts] == []


def test_the_total_of_forms_has_a_space_that_does_not_break():
    assert "III\u00a0" in raw_texts("BIEU TONG HOP QUYET THANG.xlsx")


def test_days_are_texts_dates_and_numbers():
    kinds = {
        type(cell.value)
        for name in (CHIENG_LE, CHIENG_XOM, CHIENG_SINH)
        for row in raw(name).worksheets[0].iter_rows(min_row=12, max_row=14, max_col=4)
        for cell in row[2:]
    }
    assert {str, datetime, int} <= kinds


def test_a_household_stands_on_its_first_row_alone():
    cells = sheets(CHIENG_AN)["31-12-2020"].cells
    first = next(row for row, text in enumerate(cells[:, 0]) if text.startswith("03667-"))
    assert cells[first, 2] == "1" and cells[first + 1, 2] == "2"
    assert not any(cells[first + 1, :2]) and not any(cells[first + 1, 6:12])


def test_one_sheet_is_hidden_and_one_row_of_each_register():
    assert sheets("Xa Chieng Ngan.xlsx")["Bản cũ"].hidden
    assert len(sheets("HUA LA.xlsx")["DS ho 311220"].hidden_rows) == 1


def test_the_ward_that_sent_twice_corrected_two_figures():
    first, second = (sheets(TO_HIEU.format(one)) for one in ("", " (sửa)"))
    assert [book["Thông tin"].cells[3, 1] for book in (first, second)] == ["1", "2"]
    differing = {name: (first[name].cells != second[name].cells).sum() for name in first}
    assert {name: count for name, count in differing.items() if count} == {
        "Thông tin": 1,
        "Hộ 2020.12.31": 1,
        "Số liệu 2020.12.31": 1,
    }


def test_a_mark_or_a_blank_is_used_only_where_the_sheet_says_what_a_blank_means():
    for name, shown in ((CHIENG_SINH, "Danh sách"), (CHIENG_CO, "Hộ nghèo")):
        texts = set(sheets(name)[shown].cells.ravel())
        assert any("để trống nếu không" in text for text in texts)
        absent = {"absent", "Không còn trên địa bàn"} & texts
        assert not absent  # of those nothing is known: they stand in a list without these columns
