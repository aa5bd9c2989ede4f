"""A small city laid out again at random, as offices might send it, and read by the intake.

A seed is a case. What comes back must be the city, value by value; what does not come back must be
told: a finding or a question of its table that names the column, or the whole sheet or file. A
value other than the city's is always wrong.

Run as a program it damages the bytes of such files, in a process of its own (see `fuzz_workbook`).
"""

import csv
import json
import random
import resource
import shutil
import signal
import sys
import tempfile
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pandas as pd
from spreadsheets import (
    Column,
    Page,
    csv_text,
    listing,
    ods,
    stacked,
    xlsx,
)

from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.definitions.plan import load_plan
from sonla_analysis.sentences.listing import column_name
from sonla_analysis.tables.findings import DataError, Finding  # noqa: F401

SECONDS = 20  # of processor time for one small folder
UNITS = {"03649": "Phường Tô Hiệu", "03658": "Xã Chiềng Cọ", "03670": "Phường Chiềng Cơi"}
DATES = ("2019-12-31", "2020-12-31")
KEYS = {
    "households": ["as_of", "unit", "household"],
    "members": ["as_of", "unit", "household", "person"],
    "unit_counts": ["as_of", "unit"],
    "health_stations": ["as_of", "unit", "name"],
    "schools": ["as_of", "unit", "name"],
    "funding": ["as_of", "unit", "project", "source"],
}
SECRET = "Kín"  # a part of the names of persons in columns that are read no further


def case(seed: int, folder: Path) -> tuple[str, list[str]]:
    """Lay the city out once; return how, and what is wrong with what was read."""
    how, tables = lay_out(seed, folder)
    return f"intake {seed}: {how}", misread(tables, *_read(folder))


def share_read(seed: int, folder: Path) -> float:
    """Return how many of the values that were sent came back, as a share of all."""
    _, tables = lay_out(seed, folder)
    read, _ = _read(folder)
    whole = came = 0
    for name, rows in tables.items():
        frame = read.get(name)
        known = {} if frame is None else _by_key(frame, KEYS[name])
        for row in rows:
            found = known.get(tuple(_plain(row[key]) for key in KEYS[name]), {})
            whole += len(row)
            came += sum(found.get(field) == _plain(text) for field, text in row.items())
    return came / whole


def lay_out(seed: int, folder: Path) -> tuple[str, dict[str, list[dict[str, str]]]]:
    """Write a folder of what was sent; return how it is laid out and what it says."""
    rng = random.Random(f"intake {seed}")
    shutil.rmtree(folder, ignore_errors=True)
    tables, how = _some_of(rng, _city()), []
    for name, content in _sent(rng, tables, how).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return ", ".join(how), tables


def _read(folder: Path):
    from sonla_analysis.intake import read_folder

    try:
        return read_folder(folder)
    except DataError as error:
        return {}, error.findings


@cache
def _city() -> dict[str, list[dict[str, str]]]:
    """Return the sample's tables of a few units and two dates, without most households."""
    tables = {}
    for name in KEYS:
        with (sample_folder() / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["unit"] in UNITS]
        tables[name] = [row for row in rows if row["as_of"] in DATES]
    return tables


def _some_of(rng, city) -> dict[str, list[dict[str, str]]]:
    """Return some tables of one to three units at one or two dates, up to six households each."""
    units = rng.sample(list(UNITS), rng.choice([1, 1, 2, 3]))
    dates = rng.choice([DATES[1:], DATES[1:], DATES])
    kept = set()
    for pair in ((day, unit) for unit in units for day in dates):
        here = [row["household"] for row in city["households"]
                if (row["as_of"], row["unit"]) == pair]  # fmt: skip
        kept |= {(*pair, one) for one in rng.sample(here, min(len(here), rng.randint(2, 6)))}
    tables = {}
    for name in dict.fromkeys(["unit_counts", *rng.sample(list(KEYS), rng.randint(1, 3))]):
        rows = [dict(row) for row in city[name] if row["unit"] in units and row["as_of"] in dates]
        if "household" in rows[0]:
            rows = [row for row in rows if tuple(row[key] for key in KEYS["households"]) in kept]
        if rows:
            tables[name] = rows
    return tables  # with the counts always: nothing is read without them


# --- how headings are spelled ---------------------------------------------------------------

# as met in real workbooks; the package's own name of the column is added to each
_HEADINGS = {
    "as_of": "Thời gian rà soát|Ngày rà soát|Thời điểm|Ngày số liệu",
    "unit": "Xã|Phường/Xã|Xã/Phường|Tên xã/phường",
    "unit_code": "Mã xã|Mã PX|Mã đơn vị",
    "village": "Thôn|Thôn/Xóm|Địa bàn|Tổ, bản, tiểu khu|Tên bản|Bản/TDP|Tổ/bản/TK",
    "household": "Mã hộ|STT hộ|Mã hộ nghèo",
    "head_sex": "Giới tính|Phái|Giới tính chủ hộ",
    "ethnicity": "Dân tộc|DT",
    "area": "Khu vực",
    "households.members": "Số nhân khẩu|Số thành viên|Số khẩu|NK|Khẩu|Tổng số nhân khẩu",
    "income_score": "Phiếu B1|B1|Điểm B1|Tổng điểm B1",
    "deprivation_score": "Phiếu B2|B2|Điểm B2|Tổng điểm B2",
    "start_status": "Phân loại đầu năm|Diện hộ năm trước",
    "status": "Kết quả rà soát|Phân loại hộ|Diện hộ|Kết luận rà soát|Loại hộ",
    "hygienic_water": "Nước HVS",
    "hygienic_toilet": "Nhà tiêu HVS",
    "toilet_loan_wanted": "Có nhu cầu vay vốn xây nhà tiêu",
    "loan_needed": "Có nhu cầu vay vốn",
    "loan_eligible": "Đủ điều kiện vay vốn",
    "loan_received": "Hỗ trợ vay vốn tín dụng",
    "radio_received": "Đã được hỗ trợ radio",
    "deprived_health_insurance": "Bảo hiểm y tế|BHYT",
    "deprived_adult_education": "Trình độ học vấn người lớn",
    "deprived_child_schooling": "Trẻ em đi học",
    "deprived_housing_quality": "Nhà tạm|Chất lượng nhà ở",
    "deprived_housing_area": "Diện tích nhà ở|Diện tích chật hẹp",
    "deprived_water": "Nước sạch|Nguồn nước sinh hoạt",
    "deprived_toilet": "Hố xí|Nhà tiêu hợp vệ sinh",
    "deprived_telecommunication": "Dịch vụ viễn thông|Internet",
    "deprived_information_assets": "Phương tiện tiếp cận thông tin|Tài sản tiếp cận thông tin",
    "person": "STT thành viên hộ",
    "sex": "Giới tính|Phái",
    "birth_year": "Năm sinh",
    "health_card": "BHYT",
    "households": "Tổng số hộ|Tổng số hộ dân cư|Số hộ",
    "population": "Tổng số dân|Nhân khẩu",
    "labour_force": "LLLĐ từ 15 tuổi trở lên",
    "labour_certified": "LĐ qua ĐT có bằng cấp, chứng chỉ",
    "children_under_1": "Số trẻ <1 tuổi",
    "children_under_1_vaccinated": "Số trẻ TCĐĐ|Tiêm đủ 8 loại VX",
    "children_under_5_measured": "Số trẻ <5T được cân đo",
    "children_under_5_underweight": "SDD thể nhẹ cân|SDD CN/T",
    "officers": "Số cán bộ làm CTGN",
    "officers_trained": "Số CB được tập huấn",
    "poor_area_households": "Số hộ thuộc địa bàn nghèo",
    "poor_area_households_informed": "Số hộ được tiếp cận thông tin",
    "poor_households": "Tổng số hộ nghèo|Số hộ nghèo",
    "near_poor_households": "Tổng số hộ cận nghèo|Số hộ cận nghèo",
    "schools.name": "Tên trường",
    "preschool": "MN|Mầm non, mẫu giáo",
    "primary": "TH",
    "lower_secondary": "THCS",
    "meets_national_standard": "Đạt chuẩn quốc gia|CQG|Trường chuẩn QG",
    "health_stations.name": "Tên TYT",
    "has_doctor": "Có BS",
    "meets_national_criteria": "Đạt BTCQGYTX|Trạm y tế đạt chuẩn",
    "project": "Hạng mục|Nội dung|Tên dự án|Dự án/Tiểu dự án",
    "source": "Nguồn vốn",
    "planned": "Kế hoạch vốn|KH giao|Kế hoạch vốn giao",
    "disbursed": "Giải ngân|Giải ngân lũy kế|Luỹ kế đã giải ngân",
}
_DEPRIVED = (
    "Thiếu hụt",
    "Chỉ số thiếu hụt",
    "Thiếu hụt các dịch vụ xã hội cơ bản",
    "Thiếu hụt DVXHCB",
)
_TITLES = {
    "households": "DANH SÁCH HỘ RÀ SOÁT",
    "members": "DANH SÁCH NHÂN KHẨU",
    "unit_counts": "SỐ LIỆU CHUNG",
    "health_stations": "DANH SÁCH TRẠM Y TẾ",
    "schools": "DANH SÁCH TRƯỜNG HỌC",
    "funding": "KINH PHÍ GIẢM NGHÈO",
}
_NAMES = {
    "households": ("Hộ", "DS hộ", "Sheet1"),
    "members": ("Nhân khẩu", "Thành viên"),
    "unit_counts": ("Số liệu", "Số liệu chung"),
    "health_stations": ("Trạm y tế", "TYT"),
    "schools": ("Trường", "Trường học"),
    "funding": ("Kinh phí", "Vốn"),
}


@cache
def _columns_of(table: str):
    return load_plan().tables[table]


def _heading(rng, table: str, field: str) -> str:
    texts = _HEADINGS.get(f"{table}.{field}", _HEADINGS.get(field, "")).split("|")
    columns = _columns_of(table)
    if field in columns and field not in ("as_of", "unit", "name") and not field.startswith("depr"):
        texts.append(column_name(field, columns, "vi"))
    text = rng.choice([text for text in texts if text] or [columns[field].name.get("vi", field)])
    change = rng.choice([str, str, str, str.upper, str.lower, "{} ".format, "  {}".format])
    if " " in text and rng.random() < 0.1:
        text = text.replace(" ", rng.choice(["\n", "  ", "\u00a0"]), 1)
    return change(text)


# --- how values are spelled -----------------------------------------------------------------

_STATUSES = (
    "poor_income=N1|poor_deprivation=N2|near_poor=CN|newly_escaped=MTN|not_poor=KN",
    "poor_income=Hộ nghèo thu nhập|poor_deprivation=Hộ nghèo thiếu hụt đa chiều"
    "|near_poor=Hộ cận nghèo|newly_escaped=Hộ mới thoát nghèo|not_poor=Hộ không nghèo",
    "poor_income=nghèo về thu nhập|poor_deprivation=nghèo do thiếu hụt|near_poor=hộ cận nghèo"
    "|newly_escaped=mới thoát nghèo|not_poor=không nghèo",
)
_FLAGS = [
    ("Có", "Không"),
    ("có", "không"),
    ("CÓ", "KHÔNG"),
    ("x", 0),
    ("X", "0"),
    (1, 0),
    ("1", "0"),
]
_FLAGS += [("x", "không"), ("✓", 0), ("true", "false")]
_COUNTS = [int, int, str, "{:0>2}".format, "{} ".format, "\u00a0{}".format]


def _dotted(text: str) -> str:
    return f"{int(text):,}".replace(",", ".")


def _dated(rng):
    form = rng.choice(
        ["%d/%m/%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "date", "serial"]
    )
    if form == "date":
        return date.fromisoformat
    if form == "serial":
        return lambda day: (date.fromisoformat(day) - date(1899, 12, 30)).days
    return lambda day: date.fromisoformat(day).strftime(form)


def _spelling(rng, table: str, field: str, texts: list[str]):
    """Return what writes a column's values: one way for all of them, but for counts."""
    kind = _columns_of(table)[field].kind
    if field == "as_of":
        return _dated(rng)
    if field in ("head_sex", "sex"):
        words = rng.choice([("Nam", "Nữ"), ("nam", "nữ"), ("NAM", "NỮ")])
        return dict(zip(("male", "female"), words, strict=True)).get
    if field == "area":
        words = rng.choice([("Thành thị", "Nông thôn"), ("TT", "NT")])
        return dict(zip(("urban", "rural"), words, strict=True)).get
    if "status" in field:
        words = dict(pair.split("=") for pair in rng.choice(_STATUSES).split("|"))
        absent = "Không còn trên địa bàn" if field == "status" else "Chưa ở trên địa bàn"
        return (words | {"absent": absent}).get
    if kind == "flag":
        return dict(zip(("true", "false"), _flag(rng, field, texts), strict=True)).get
    if kind == "count" and field != "birth_year":
        ways = (
            [*_COUNTS, _dotted, _dotted]
            if max(map(int, filter(None, texts)), default=0) > 999
            else _COUNTS
        )
        chosen = rng.sample(ways, rng.choice([1, 1, 2]))
        return lambda text: rng.choice(chosen)(text)
    return str if kind != "money" else None


def _flag(rng, field: str, texts: list[str]):
    """Return how yes and no are written; a blank for no only beside an x, and if all are known."""
    ways = [*_FLAGS, (10, 0)] if field.startswith("deprived_") else _FLAGS
    if "" not in texts and "true" in texts and rng.random() < 0.15:
        return "x", None
    return rng.choice(ways)


def _money(rng):
    """Return in what amounts are written, and how."""
    return rng.choice(
        [
            ("triệu đồng", float),
            ("triệu đồng", lambda text: text.replace(".", ",")),
            ("triệu đồng", lambda text: text.replace(".", ",")),
            ("đồng", lambda text: _dotted(str(int(Decimal(text) * 1_000_000)))),
            ("đồng", lambda text: int(Decimal(text) * 1_000_000)),
            ("nghìn đồng", lambda text: _dotted(str(int(Decimal(text) * 1000)))),
        ]
    )


# --- how a table is laid out ----------------------------------------------------------------


def _table(rng, table: str, rows: list[dict], given: set[str], how: list[str]) -> list:
    """Return the blocks of one table: lines above, the table, lines below.

    `given` is what is told elsewhere (the unit, the date): those columns are left out.
    """
    fields = [name for name in rows[0] if name not in given]
    if rng.random() < 0.5 and "combined" not in how:
        rng.shuffle(fields)
    above, money = [], _money(rng)
    if table == "funding":
        above.append([f"{rng.choice(['Đơn vị tính', 'ĐVT', 'Đvt'])}: {money[0]}"])
    columns, marks = [], False
    for field in fields:
        heading, write = _field(rng, table, field, rows, money[1])
        path = (rng.choice(_DEPRIVED), heading) if field.startswith("deprived_") else (heading,)
        columns.append(Column(path, _writer(rng, field, write), field))
        marks |= _KIND[field] == "flag" and write("false") is None
    if marks and rng.random() < 0.8:
        above.append([rng.choice(_LEGENDS)])
    elif marks:
        how.append("marks or blanks")
    columns = _with_noise(rng, _under_parents(rng, columns))
    rows, columns, options = _options(rng, table, rows, columns)
    page = _torn(rng, listing(rows, columns, **options), how)
    below = [[], [rng.choice(["Ghi chú: số liệu thử", "Người lập biểu", "CHỦ TỊCH"])]]
    return [above, page, below if rng.random() < 0.5 else []]


_KIND = {name: one.kind for table in KEYS for name, one in _columns_of(table).items()}
_LEGENDS = ("(Đánh dấu x nếu có, để trống nếu không)", "Ghi chú: x là có, để trống nếu không")


def _field(rng, table: str, field: str, rows: list[dict], money):
    """Return the heading of a column and what writes its values."""
    if field == "unit":
        return _unit_column(rng, table)
    of = table if field in _columns_of(table) else "members"  # of the persons in a register
    heading = _heading(rng, of, field)
    if field in ("planned", "disbursed"):
        return heading, money
    if field == "head_sex" and "person" in rows[0]:
        heading = "Giới tính chủ hộ"
    return heading, _spelling(rng, of, field, [row[field] for row in rows])


def _with_noise(rng, columns: list[Column]) -> list[Column]:
    """Return the columns with some that are read no further, and one of running numbers."""
    for _ in range(rng.choice([0, 0, 1, 2])):
        columns.insert(rng.randrange(len(columns) + 1), _noise(rng))
    return [Column(("STT",), None), *columns] if rng.random() < 0.6 else columns


def _options(rng, table: str, rows: list[dict], columns: list[Column]):
    """Return rows and columns as `listing` takes them, what stands between the rows set by lot."""
    options = {"numbering": rng.random() < 0.4}
    if table == "households" and "person" not in rows[0] and rng.random() < 0.2:
        rows = sorted(rows, key=lambda row: row["village"])
        options["section"] = lambda row: row["village"]
    if len(columns) > 2 and columns[0].cell is None and rng.random() < 0.3:
        options |= {"total": rng.choice(["Tổng cộng", "Cộng", "TỔNG SỐ"]), "totals": ("members",)}
    return rows, columns, options


def _writer(rng, field: str, write):
    def cell(row: dict):
        text = row[field]
        if text == "":
            return None
        written = write(text)
        if isinstance(written, str) and rng.random() < 0.02:
            return f" {written} "
        return written

    return cell


def _unit_column(rng, table: str):
    if rng.random() < 0.5:
        return _heading(rng, table, "unit_code"), rng.choice([int, str])
    ways = [
        UNITS.get,
        lambda code: UNITS[code].split(" ", 1)[1],
        lambda code: UNITS[code].replace("Phường", "P.").replace("Xã", "X."),
        lambda code: UNITS[code].upper(),
        lambda code: UNITS[code].lower(),
    ]
    return _heading(rng, table, "unit"), rng.choice(ways)


def _under_parents(rng, columns: list[Column]) -> list[Column]:
    """Return the columns, some that stand together below a heading of their own."""
    if rng.random() < 0.7:
        return columns
    start = rng.randrange(len(columns))
    parent = rng.choice(["Thông tin chung", "Kết quả", "Trong đó"])
    return [
        Column((parent, *one.heading), one.cell, one.field) if start <= at < start + 3 else one
        for at, one in enumerate(columns)
    ]


def _noise(rng) -> Column:
    heading, text = rng.choice(
        [
            ("Họ và tên chủ hộ", f"Lò Thị {SECRET}"),
            ("Họ tên", f"LÒ VĂN {SECRET.upper()}"),
            ("Ghi chú", None),
            ("Ghi chú", "đã kiểm tra"),
            ("Trạng thái duyệt", "đã duyệt"),
            ("Số điện thoại", "0912345678"),
            ("", None),
        ]
    )
    return Column((heading,), lambda row: text)


def _torn(rng, page: Page, how: list[str]) -> Page:
    """Return a table with rows left blank, rows and columns hidden, or a check beside it."""
    rows, merged = [list(row) for row in page.rows], page.merged
    hidden_rows, hidden_columns = frozenset(), frozenset()
    if rng.random() < 0.1:
        how.append("blank row")
        rows.insert(rng.randrange(len(rows) - 1, len(rows) + 1), [])
    if rng.random() < 0.1:
        how.append("check beside")
        width = max(map(len, rows))
        rows = [row + [None] * (width + 1 - len(row)) for row in rows]
        rows[0].append("cột kiểm tra số bằng 0 thì khớp")
        for row in rows[-2:]:
            row.append(0)
    if rng.random() < 0.1:
        how.append("hidden row")
        hidden_rows = frozenset({len(rows) - 1})
    return Page("", rows, merged, frozenset(), hidden_rows, hidden_columns)


# --- how a folder is sent -------------------------------------------------------------------


def _sent(rng, tables, how: list[str]) -> dict[str, bytes]:
    """Return the files: one a unit, or one a table with all units."""
    files = {}
    units = sorted({row["unit"] for rows in tables.values() for row in rows})
    if rng.random() < 0.75:
        for unit in units:
            own = {
                name: [row for row in rows if row["unit"] == unit] for name, rows in tables.items()
            }
            files |= _file(rng, {name: rows for name, rows in own.items() if rows}, unit, how)
        return files
    how.append("a file a table")
    for name, rows in tables.items():
        files |= _file(rng, {name: rows}, "", how)
    return files


def _file(rng, tables, unit: str, how: list[str]) -> dict[str, bytes]:
    """Return a workbook, or a folder of CSV files, of one unit or ("") of all."""
    kind = rng.choice(["xlsx", "xlsx", "xlsx", "xlsx", "ods", "csv"])
    letters = rng.choice(["", "", "", "", "nfd", "composed", "tcvn3", "vni"])
    told = rng.choice(["column", "title", "notes", "file"]) if unit else "column"
    dated = rng.choice(["column", "column", "title", "title", "sheet"])
    if kind == "csv":
        letters = letters if letters in ("", "nfd") else ""
        told, dated = told if told != "notes" else "title", "column"
    how.append("/".join(filter(None, [kind, letters, f"unit by {told}", f"date by {dated}"])))
    if {"households", "members"} <= set(tables) and rng.random() < 0.12:
        how.append("combined")
        tables = {name: rows for name, rows in tables.items() if name != "members"} | {
            "households": _with_persons(tables)
        }
    stem = UNITS[unit] if told == "file" else rng.choice(["Báo cáo", "bao cao", "so lieu"])
    stem += "" if told == "file" else f" {unit or next(iter(tables))}"
    whole = (tables, unit, told, dated, letters)
    if told != "notes":
        return _written(rng, kind, stem, _pages(rng, *whole, 0, how))
    files = _written(rng, kind, stem, _pages(rng, *whole, 2, how))
    if rng.random() < 0.3:  # an earlier sending, which this one corrects
        how.append("sent twice")
        earlier = (_changed(tables), *whole[1:])
        files |= _written(rng, kind, f"{stem} cũ", _pages(rng, *earlier, 1, how))
    return files


def _with_persons(tables) -> list[dict]:
    """Return a row a person: what is of the household stands on its first row alone."""
    rows, members = [], list(tables["members"][0])
    for household in tables["households"]:
        key = [household[name] for name in KEYS["households"]]
        own = [
            one for one in tables["members"] if [one[name] for name in KEYS["households"]] == key
        ]
        rows.append(dict.fromkeys(members, "") | (own[0] if own else {}) | household)
        blank = dict.fromkeys(household, "") | {name: household[name] for name in ("as_of", "unit")}
        rows += [one | blank for one in own[1:]]
    return rows


def _changed(tables) -> dict[str, list[dict]]:
    """Return the tables with other figures, as an earlier sending may have had them."""
    other = {"members": "9", "population": "9999", "birth_year": "1901", "planned": "0.1"}
    return {
        name: [
            row | {field: text for field, text in other.items() if row.get(field)} for row in rows
        ]
        for name, rows in tables.items()
    }


def _pages(rng, tables, unit, told, dated, letters, number: int, how: list[str]) -> list[Page]:
    """Return the sheets of a workbook, those of one date each where the column does not tell it."""
    notes = [["SỐ LIỆU GIẢ LẬP"], ["Đơn vị", UNITS.get(unit)], ["Lần gửi", number]]
    pages = [Page("Thông tin", notes)] if told == "notes" else []
    for name, rows in tables.items():
        days = sorted({row["as_of"] for row in rows})
        parts = [(day, [row for row in rows if row["as_of"] == day]) for day in days]
        for day, part in parts if dated != "column" else [("", rows)]:
            pages.append(_sheet(rng, name, part, unit, told, day, dated, letters, how))
    if len(pages) > 1 and told == "column" and dated == "column" and rng.random() < 0.15:
        how.append("two tables on a sheet")
        pages[:2] = [stacked(pages[0].name, pages[0], [[]], pages[1], letters=letters)]
    return _named(pages)


def _written(rng, kind: str, stem: str, pages: list[Page]) -> dict[str, bytes]:
    if kind != "csv":
        return {f"{stem}.{kind}": (xlsx if kind == "xlsx" else ods)(pages)}
    encoding, separator = rng.choice(_CSVS)
    if any("✓" in str(cell) for page in pages for row in page.rows for cell in row):
        encoding = "utf-8"  # windows-1258 has no such sign
    return {f"{stem}/{page.name}.csv": csv_text(page, separator, encoding) for page in pages}


_CSVS = [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16-le", "\t"), ("cp1258", ";")]


def _sheet(rng, name, rows, unit, told, day, dated, letters, how) -> Page:
    """Return one table's sheet, with the unit and the date where they are told."""
    given = {"unit"} if told != "column" else set()
    given |= {"as_of"} if day else set()
    top = [[f"UBND {UNITS[unit]}".upper()]] if told == "title" else []
    if rng.random() < 0.3:
        top = [["UBND THÀNH PHỐ SƠN LA", None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"], *top]
    slashed = date.fromisoformat(day).strftime("%d/%m/%Y") if day else ""
    title = [[_TITLES[name]]] if rng.random() < 0.8 else []
    if day and dated == "title":
        title.append(
            [rng.choice(["(tính đến ngày {})", "Thời điểm: {}", "Đến ngày {}"]).format(slashed)]
        )
    title += [[]] * rng.randrange(3)
    sheet = rng.choice(_NAMES[name])
    if day and dated == "sheet":
        sheet = f"{sheet} {slashed.replace('/', '-')}"
    blocks = _table(rng, name, rows, given, how)
    page = stacked(sheet, top, title, *blocks, letters=letters)
    return _moved_right(page) if rng.random() < 0.1 else page


def _moved_right(page: Page) -> Page:
    """Return a sheet whose first column is left empty."""
    merged = [(top, left + 1, end, right + 1) for top, left, end, right in page.merged]
    rows = [[None, *row] for row in page.rows]
    return Page(page.name, rows, merged, page.capitals, page.hidden_rows, letters=page.letters)


def _named(pages: list[Page]) -> list[Page]:
    """Return the sheets with names of their own."""
    named, taken = [], set()
    for page in pages:
        name = page.name
        while name.lower() in taken:
            name += "_"
        taken.add(name.lower())
        named.append(Page(**vars(page) | {"name": name}))
    return named


# --- what came back -------------------------------------------------------------------------


def misread(tables, read: dict[str, pd.DataFrame], findings: list) -> list[str]:
    """Return what is wrong: a value that is another's, a row or a value lost and not told."""
    problems = set()
    for name, rows in tables.items():
        keys = KEYS[name]
        frame = read.get(name)
        came = {} if frame is None else _by_key(frame, keys)
        if frame is not None and len(came) != len(frame):
            problems.add(f"{name}: a key twice")
        wanted = {tuple(_plain(row[key]) for key in keys): row for row in rows}
        extra = [key for key in came if key not in wanted]
        if extra and not _told(findings, name, ""):
            problems.add(f"{name}: a row out of nowhere {extra[0]}")
        for key, row in wanted.items():
            if key not in came:
                if not _told(findings, name, ""):
                    problems.add(f"{name}: a row lost")
                continue
            for field, text in row.items():
                value = came[key].get(field, "")
                if value == _plain(text):
                    continue
                if value:
                    problems.add(f"{name}.{field}: {text!r} read as {value!r}")
                elif not _told(findings, name, field):
                    problems.add(f"{name}.{field}: lost and not told")
    if any(SECRET.lower() in str(vars(one)).lower() for one in findings):
        problems.add("a person's name is told")
    return sorted(problems)


def _by_key(frame: pd.DataFrame, keys: list[str]) -> dict[tuple, dict[str, str]]:
    texts = {name: [_plain(value) for value in frame[name].astype(object)] for name in frame}
    rows = [dict(zip(texts, row, strict=True)) for row in zip(*texts.values(), strict=True)]
    return {tuple(row[key] for key in keys): row for row in rows}


def _plain(value) -> str:
    """Return a value as a text that does not depend on how it was typed."""
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    if text[:1].isdigit() and text.replace(".", "", 1).isdigit() and not text.startswith("0"):
        return f"{Decimal(text).normalize():f}"
    return text if text != "0.0" else "0"


def _told(findings, table: str, column: str) -> bool:
    """Whether something is said of a column, or of the whole sheet or file that it stands on."""
    return any(
        one.rule in _OF_A_WHOLE_FILE
        or (one.table in ("", table) and (not column or one.column in ("", column)))
        for one in findings
    )


_OF_A_WHOLE_FILE = ("mark_blank",)  # asked once, for the columns of marks of all its sheets


# --- damaged bytes --------------------------------------------------------------------------


def damaged(seed: int, folder: Path) -> tuple[str, list[str]]:
    """Damage the bytes of each file; it is read, found or refused, whatever is left of it."""
    lay_out(seed, folder)
    rng = random.Random(f"damaged {seed}")
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        path.write_bytes(_broken(rng, path.read_bytes()))
    try:
        _read(folder)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return f"damaged {seed}", [f"traceback: {type(error).__name__}: {str(error)[:80]}"]
    return f"damaged {seed}", []


def _broken(rng, content: bytes) -> bytes:
    """Return bytes cut off, flipped, or with a piece lost, doubled or made of nothing."""
    how = rng.choice(
        ["cut", "flip", "flip", "flip", "lose", "double", "zero", "none", "inside", "inside"]
    )
    at = rng.randrange(len(content))
    if how == "inside":
        return _broken_part(rng, content)
    if how == "cut":
        return content[:at]
    if how == "flip":
        changed = bytearray(content)
        for _ in range(rng.choice([1, 4, 40])):
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
        return bytes(changed)
    piece = content[at : at + rng.randrange(1, 400)]
    rest = content[at + len(piece) :]
    middle = {"lose": b"", "double": piece * 2, "zero": bytes(len(piece)), "none": piece}[how]
    return content[:at] + middle + rest


def _broken_part(rng, content: bytes) -> bytes:
    """Return a workbook in which the XML of one part is altered; other files as they are."""
    import io
    import zipfile

    from spreadsheets import zipped

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile:
        return content
    name = rng.choice(list(parts))
    part = bytearray(parts[name])
    for _ in range(rng.choice([1, 3, 20])):
        at = rng.randrange(len(part))
        if rng.random() < 0.3:
            del part[at : at + rng.randrange(1, 200)]
            part = part or bytearray(b"<")
        else:
            part[at] = rng.randrange(256)
    return zipped(parts | {name: bytes(part)})


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as made:
        for one in sys.argv[1:]:
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            print(json.dumps([int(one), *damaged(int(one), Path(made) / "inbox")]), flush=True)
