"""The synthetic city as its wards would have sent it: raw workbooks, each messy in its own way.

Every heading, abbreviation and habit here was met in real files of offices; the figures are those
of `data/sample`. No name of a person stands anywhere. One function makes the files of one sender.
"""

import csv
import re
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from sonla_analysis.definitions.input_columns import CARRIED, COLUMNS, DEPRIVED
from sonla_analysis.definitions.plan import load_plan
from sonla_analysis.definitions.units import units_on
from sonla_analysis.language.phrases import label
from sonla_analysis.sample.spreadsheets import (
    Column,
    Page,
    csv_text,
    headings,
    listing,
    ods,
    stacked,
    xlsx,
)
from sonla_analysis.sentences.listing import column_name

Rows = list[dict[str, str]]
Tables = dict[str, Rows]
Style = dict[str, Callable[[str], object]]  # kind of a column → how this sender writes its values

SYNTHETIC = "SỐ LIỆU GIẢ LẬP - không dùng làm số liệu chính thức"
NO_NAME = "(không ghi trong bản giả lập)"
_TABLES = ("households", "members", "unit_counts", "health_stations", "schools", "funding")


def write_submissions(data_folder: str | Path, out: str | Path) -> Path:
    """Return the folder `out`, emptied and filled with what the senders of a sample sent.

    `data_folder` holds the CSV files of the twelve units of `data/sample`. A README.md is kept.
    """
    out = Path(out)
    for old in out.glob("*") if out.is_dir() else ():
        if old.is_dir():
            shutil.rmtree(old)
        elif old.name != "README.md":
            old.unlink()
    for name, content in submissions(_read(Path(data_folder))).items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return out


def submissions(tables: Tables) -> dict[str, bytes]:
    """Return the files by name: those of each ward and commune, then those of two departments."""
    sent = {}
    for unit, make in SENDERS.items():
        own = {name: [row for row in rows if row["unit"] == unit] for name, rows in tables.items()}
        sent |= make(own)
    return (
        sent | _education_department(tables["schools"]) | _health_centre(tables["health_stations"])
    )


def _read(folder: Path) -> Tables:
    """Return the sample's tables as its files have them, a dictionary a row."""
    tables = {}
    for name in _TABLES:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = list(csv.DictReader(file))
    return tables


def _by_date(tables: Tables) -> dict[str, Tables]:
    """Return the tables of each date."""
    dates = sorted({row["as_of"] for row in tables["unit_counts"]})
    return {
        day: {name: [row for row in rows if row["as_of"] == day] for name, rows in tables.items()}
        for day in dates
    }


# --- how values are written ---------------------------------------------------------------


def _words(text: str) -> Callable[[str], object]:
    """Return what writes each value by its word: "male Nam, female Nữ"."""
    words = dict(pair.strip().split(" ", 1) for pair in text.split(","))
    return words.__getitem__


def _flag(yes, no) -> Callable[[str], object]:
    return {"true": yes, "false": no}.__getitem__


def _slashed(day: str) -> str:
    return date.fromisoformat(day).strftime("%d/%m/%Y")


def _serial(day: str) -> int:
    return (date.fromisoformat(day) - date(1899, 12, 30)).days


def _comma(amount: str) -> str:
    return amount.replace(".", ",")


def _dotted(count: str) -> str:
    return f"{int(count):,}".replace(",", ".")


def _sometimes_dotted(count: str) -> object:
    """Return "13.389" or 2510: both in one column, as in real tables."""
    return int(count) if int(count) % 2 else _dotted(count)


STATUS_WORDS = (
    "poor_income Hộ nghèo thu nhập, poor_deprivation Hộ nghèo thiếu hụt đa chiều, near_poor Hộ cận"
    " nghèo, newly_escaped Hộ mới thoát nghèo, not_poor Hộ không nghèo,"
    " absent Không còn trên địa bàn"
)
STATUS_SHORT = (
    "poor_income N1, poor_deprivation N2, near_poor CN, newly_escaped MTN, not_poor KN,"
    " absent Không còn trên địa bàn"
)


def _statuses(text: str) -> Style:
    """Return what writes a status; one that was absent at the start was not there yet."""
    start = text.replace("Không còn trên", "Chưa ở trên")
    return {"status": _words(text), "start_status": _words(start)}


_PLAIN: Style = {
    "date": _slashed,
    "unit": str,
    "text": str,
    "count": int,
    "money": float,
    "flag": _flag("Có", "Không"),
    "deprived": _flag("Có", "Không"),
    "sex": _words("male Nam, female Nữ"),
    "area": _words("urban Thành thị, rural Nông thôn"),
    **_statuses(STATUS_WORDS),
}
_KIND = {name: kind for table in COLUMNS.values() for name, kind in table.items()}
_KIND |= dict.fromkeys(("head_sex", "sex"), "sex")
_KIND |= {name: name for name in ("area", "start_status", "status")}


def _columns(lines: str, style: Style) -> list[Column]:
    """Return the columns that the lines describe: `Heading > Lower heading = field`.

    The field may be `#` (running numbers), `field?value` (x where it is so), `birth_year@male`
    (only in rows of that sex), `'text` (always that), `field~kind` (written as that kind), or
    nothing (an empty column).
    """
    return [_column(one, style) for one in re.split("[;\n]", lines) if one.strip()]


def _column(line: str, style: Style) -> Column:
    path, _, field = line.rpartition("=")
    heading = tuple(part.strip() for part in path.split(">"))
    field = field.strip()
    if field == "#":
        return Column(heading, None)
    if not field or field.startswith("'"):
        return Column(heading, lambda row: field[1:] or None)
    if "?" in field:
        field, value = field.split("?")
        return Column(heading, lambda row: "x" if row.get(field) == value else None)
    field, _, sex = field.partition("@")
    field, _, kind = field.partition("~")
    kind = kind or ("deprived" if field.startswith(DEPRIVED) else _KIND[field])

    def cell(row: dict):
        value = row.get(field, "")
        return style[kind](value) if value and sex in ("", row.get("sex")) else None

    return Column(heading, cell, field)


DEPRIVATIONS = [
    *("health_care", "health_insurance", "adult_education", "child_schooling", "housing_quality"),
    *("housing_area", "water", "toilet", "telecommunication", "information_assets"),
]


def _deprivations(parent: str, names: str) -> str:
    """Return the lines of the ten deprivations under one heading."""
    each = zip(names.split(", "), DEPRIVATIONS, strict=True)
    return "\n".join(f"{parent} > {name} = {DEPRIVED}{field}" for name, field in each)


OFFICIAL_NAMES = (
    "Tiếp cận các dịch vụ y tế, Bảo hiểm y tế, Trình độ giáo dục của người lớn, Tình trạng đi học"
    " của trẻ em, Chất lượng nhà ở, Diện tích nhà ở bình quân đầu người, Nguồn nước sinh hoạt,"
    " Hố xí/nhà tiêu hợp vệ sinh, Sử dụng dịch vụ viễn thông, Tài sản phục vụ tiếp cận thông tin"
)
SHORT_NAMES = (
    "Tiếp cận các dịch vụ y tế, BHYT, Trình độ học vấn người lớn, Trẻ em đi học, Nhà tạm,"
    " Diện tích chật hẹp, Nước sạch, Hố xí, Dịch vụ viễn thông, Tài sản tiếp cận thông tin"
)
NUMBERED_NAMES = ", ".join(
    f"{number}. {name}" for number, name in enumerate(OFFICIAL_NAMES.split(", "), 1)
)
NEEDS = """
Có nước hợp vệ sinh = hygienic_water; Có nhà tiêu hợp vệ sinh = hygienic_toilet
Nhà tiêu chưa hợp vệ sinh đầu kỳ, có nhu cầu vay = toilet_loan_wanted
Đã xây nhà tiêu = toilet_built; Có nhu cầu vay vốn = loan_needed
Đủ điều kiện vay vốn = loan_eligible; Được vay vốn = loan_received
Được hỗ trợ radio = radio_received
"""
SHORT_NEEDS = """
Nước HVS = hygienic_water; Nhà tiêu HVS = hygienic_toilet
Có nhu cầu vay vốn xây nhà tiêu = toilet_loan_wanted; Đã xây nhà tiêu = toilet_built
Vốn tín dụng > Có nhu cầu vay vốn = loan_needed
Vốn tín dụng > Đủ điều kiện vay vốn = loan_eligible; Hỗ trợ vay vốn tín dụng = loan_received
Đã được hỗ trợ radio = radio_received
"""
SUPPORTS = """
Thẻ BHYT = health_card; Thuộc diện miễn giảm học phí = tuition_entitled
Đã được miễn giảm, hỗ trợ = tuition_supported
"""
COUNTS = """
Số hộ dân cư = households; Dân số = population; Lực lượng lao động = labour_force
Lao động có chứng chỉ trở lên = labour_certified; Trẻ em dưới 1 tuổi = children_under_1
Trẻ em dưới 1 tuổi được tiêm đầy đủ = children_under_1_vaccinated
Trẻ em dưới 5 tuổi được cân đo = children_under_5_measured
Trẻ em dưới 5 tuổi suy dinh dưỡng = children_under_5_underweight
Cán bộ làm công tác giảm nghèo = officers; Cán bộ được tập huấn = officers_trained
Hộ dân ở địa bàn nghèo = poor_area_households
Hộ dân ở địa bàn nghèo được thông tin = poor_area_households_informed
Số hộ nghèo = poor_households; Số hộ cận nghèo = near_poor_households
"""
SHORT_COUNTS = """
Tổng số hộ = households; Tổng số dân = population; LLLĐ từ 15 tuổi trở lên = labour_force
LĐ qua ĐT có bằng cấp, chứng chỉ = labour_certified; Trẻ em > Số trẻ <1 tuổi = children_under_1
Trẻ em > Số trẻ TCĐĐ = children_under_1_vaccinated
Trẻ em > Số trẻ <5T được cân đo = children_under_5_measured
Trẻ em > SDD thể nhẹ cân = children_under_5_underweight; Số cán bộ làm CTGN = officers
Số CB được tập huấn = officers_trained; Số hộ thuộc địa bàn nghèo = poor_area_households
Số hộ được tiếp cận thông tin = poor_area_households_informed
Tổng số hộ nghèo = poor_households; Tổng số hộ cận nghèo = near_poor_households
"""
FUNDS = """
TT = #; Dự án = project; Nguồn vốn = source; Kế hoạch = planned; Giải ngân = disbursed
"""


# --- what stands above and below a table ----------------------------------------------------


def _unit_name(unit: str) -> str:
    found = units_on("2020-12-31").loc[unit]
    return f"{found['kind']} {found['name']}"


def _page(name: str, unit: str, title: str, table: Page, *lines: str, foot=(), **looks) -> Page:
    """Return a sheet: who sends it, its title and lines, the table, what stands below it."""
    width = max(map(len, table.rows))
    return stacked(name, _head(unit, title, lines, width), table, list(foot), **looks)


def _head(unit: str, title: str, lines: tuple[str, ...], width: int) -> Page:
    """Return the sender and the national motto, the title, its lines, and that all is made up."""
    right, width = max(4, width - 6), max(6, width)
    sender = ["UBND THÀNH PHỐ SƠN LA", *[None] * (right - 1), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"]
    motto = [
        f"UBND {_unit_name(unit)}".upper(),
        *[None] * (right - 1),
        "Độc lập - Tự do - Hạnh phúc",
    ]
    below = [[line] for line in (title, *lines, SYNTHETIC)]
    rows = [sender, motto, [], *below, []]
    merged = [(0, 0, 0, 2), (1, 0, 1, 2)]
    merged += [(row, 0, row, width - 1) for row in range(3, 3 + len(below))]
    return Page("", rows, merged, capitals=frozenset({0, 1, 3}))


def _until(day: str) -> str:
    return f"(tính đến ngày {_slashed(day)})"


def _foot(note: str = "", signed: str = "") -> list[list]:
    """Return the notes and the place to sign below a table, with no name."""
    apart = [None] * 4
    notes = [[], [f"Ghi chú: {note}"]] if note else []
    place = [[None, None, *apart, signed]] if signed else []
    makers = [None, "Người lập biểu", *apart, "TM. ỦY BAN NHÂN DÂN"]
    return [*notes, [], *place, makers, [None, None, *apart, "CHỦ TỊCH"]]


# --- the senders: one function each, in the order of their codes -----------------------------


def _chieng_le(tables: Tables) -> dict[str, bytes]:
    """03646: TCVN3 letters in the fonts .VnTime and .VnTimeH; a part for each Tổ; dates as text."""
    unit, style, old = "03646", _PLAIN | {"money": _comma}, {"letters": "tcvn3"}
    register = f"""
        STT = #; Họ và tên chủ hộ = '{NO_NAME}; Mã hộ = household; Thời điểm rà soát = as_of
        Tổ, bản, tiểu khu = village; Giới tính chủ hộ = head_sex; Dân tộc = ethnicity
        Khu vực = area; Số nhân khẩu = members; Điểm > Điểm B1 = income_score
        Điểm > Điểm B2 = deprivation_score
        {_deprivations("Chỉ số thiếu hụt", OFFICIAL_NAMES)}
        Phân loại đầu năm = start_status; Kết quả rà soát = status
        {NEEDS}"""
    members = f"""
        STT = #; Thời điểm rà soát = as_of; Mã hộ = household; STT thành viên hộ = person
        Giới tính = sex; Năm sinh = birth_year
        {SUPPORTS}"""
    by_village = sorted(tables["households"], key=lambda row: (row["as_of"], row["village"]))
    households = listing(by_village, _columns(register, style), section=lambda row: row["village"])
    persons = listing(tables["members"], _columns(members, style), numbering=True)
    counts = listing(tables["unit_counts"], _columns("Thời điểm = as_of\n" + COUNTS, style))
    money = listing(tables["funding"], _columns(FUNDS + "Thời điểm = as_of", style))
    title = "DANH SÁCH HỘ NGHÈO, HỘ CẬN NGHÈO SAU KHI RÀ SOÁT"
    note = _foot("danh sách có cả các hộ ra khỏi danh sách trong năm.")
    pages = [
        _page("Danh sach ho", unit, title, households, foot=note, **old),
        _page("Nhan khau", unit, "DANH SÁCH THÀNH VIÊN HỘ", persons, **old),
        _page("So lieu chung", unit, "SỐ LIỆU CHUNG", counts, **old),
        _page("Kinh phi", unit, "KINH PHÍ GIẢM NGHÈO", money, "Đơn vị tính: triệu đồng", **old),
    ]
    return {"P.Chieng Le - bao cao giam ngheo 2020.xlsx": xlsx(pages)}


def _to_hieu(tables: Tables) -> dict[str, bytes]:
    """03649: sent twice, the number of the sending on the first sheet; the second corrects."""
    wrong = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    wrong["households"][-1]["status"] = "near_poor"
    wrong["unit_counts"][-1]["population"] = "8913"  # two digits changed places: 8193
    return {
        "Tô Hiệu/Tô Hiệu - rà soát 2019-2020.xlsx": _to_hieu_file(wrong, 1),
        "Tô Hiệu/Tô Hiệu - rà soát 2019-2020 (sửa).xlsx": _to_hieu_file(tables, 2),
    }


def _to_hieu_file(tables: Tables, number: int) -> bytes:
    unit, style = "03649", _PLAIN | {"flag": _flag("có", "không"), "deprived": _flag("có", "không")}
    register = f"""
        Số TT = #; Mã hộ = household; Địa bàn = village; Giới tính = head_sex
        Dân tộc = ethnicity; Khu vực = area; Số khẩu = members; B1 = income_score
        B2 = deprivation_score
        {_deprivations("Thiếu hụt", NUMBERED_NAMES)}
        Diện hộ năm trước = start_status; Diện hộ = status
        {NEEDS}"""
    members = f"""
        Mã hộ = household; STT thành viên = person; Họ và tên = '{NO_NAME}; Giới tính = sex
        Năm sinh = birth_year
        {SUPPORTS}"""
    notes = [["Đơn vị", "Phường Tô Hiệu"], ["Lần gửi", number], ["Số liệu giả lập", "có"]]
    pages = [stacked("Thông tin", [[SYNTHETIC], [], *notes])]
    for day, of_date in _by_date(tables).items():
        long_day = date.fromisoformat(day).strftime("ngày %d tháng %m năm %Y").replace(" 0", " ")
        households = listing(of_date["households"], _columns(register, style), numbering=True,
                             total="Cộng", totals=("members",))  # fmt: skip
        persons = listing(of_date["members"], _columns(members, style))
        said = [
            [f"{place}. {name}: {_dotted(row[field])} {word}"]
            for row in of_date["unit_counts"]
            for place, (name, field, word) in enumerate(_said_counts(), 1)
        ]
        money = listing(of_date["funding"], _columns(FUNDS, style | {"money": _comma}))
        until, short = f"(Tính đến {long_day})", day.replace("-", ".")
        pages += [
            _page(f"Hộ {short}", unit, "DANH SÁCH HỘ RÀ SOÁT", households, until),
            _page(f"Khẩu {short}", unit, "DANH SÁCH NHÂN KHẨU", persons, until),
            _page(f"Số liệu {short}", unit, "SỐ LIỆU CHUNG", Page("", said), until),
            _page(f"Vốn {short}", unit, "KINH PHÍ", money, until, "ĐVT: triệu đồng"),
        ]
    return xlsx(pages)


def _said_counts() -> list[tuple[str, str, str]]:
    """Return each count as a sentence has it: its name, its column, what is counted."""
    words = {"households": "hộ", "children": "cháu", "officers": "cán bộ"}
    found = []
    for line in re.split("[;\n]", COUNTS.strip()):
        name, field = line.strip().split(" = ")
        word = next((word for part, word in words.items() if part in field), "người")
        found.append((name, field, word))
    return found


def _quyet_thang(tables: Tables) -> dict[str, bytes]:
    """03652: official forms alone; form 1 at every date, forms 2 and 3 at the end of a year."""
    pages = []
    for day, of_date in _by_date(tables).items():
        short = date.fromisoformat(day).strftime("%d.%m.%y")
        pages.append(_form_1(f"Biểu 1 ({short})", "03652", day, of_date))
        if day.endswith("12-31"):
            pages.append(_movement_form(f"Biểu 2 ({short})", "03652", day, of_date, POOR, "nghèo"))
            near = ("near_poor",)
            pages.append(
                _movement_form(f"Biểu 3 ({short})", "03652", day, of_date, near, "cận nghèo")
            )
    return {"BIEU TONG HOP QUYET THANG.xlsx": xlsx(pages)}


POOR = ("poor_income", "poor_deprivation")


def _form_1(name: str, unit: str, day: str, tables: Tables) -> Page:
    """Return the form of results: households and persons, poor and near-poor, with rates."""
    (counts,) = tables["unit_counts"]
    all_households, population = int(counts["households"]), int(counts["population"])
    cells = [all_households, population]
    for statuses in (POOR, ("near_poor",)):
        these = [row for row in tables["households"] if row["status"] in statuses]
        persons = sum(int(row["members"]) for row in these)
        cells += [len(these), _percent(len(these), all_households)]
        cells += [persons, _percent(persons, population)]
    paths = [("TT",), ("Khu vực/Địa bàn",)]
    paths += [("Tổng số hộ dân cư (tại thời điểm rà soát)", one) for one in ("Số hộ", "Nhân khẩu")]
    result = "Kết quả rà soát chính thức"
    paths += [
        (result, kind, part, one)
        for kind, word in (("NGHÈO", "nghèo"), ("CẬN NGHÈO", "cận nghèo"))
        for part, count in ((f"Hộ {word}", "Số hộ"), (f"Khẩu {word}", "Số khẩu"))
        for one in (count, "Tỷ lệ (%)")
    ]
    heads, merged = headings(paths)
    numbers = ["A", "B", 1, 2, 3, "4=3/1*100", 5, "6=5/2*100", 7, "8=7/1*100", 9, "10=9/2*100"]
    rows = [
        *heads,
        numbers,
        ["I", "Khu vực thành thị", *cells],
        [1, _unit_name(unit), *cells],
        ["II", "Khu vực nông thôn"],
        ["III\u00a0", "Tổng cộng (I + II)", *cells],
    ]
    title = "TỔNG HỢP KẾT QUẢ RÀ SOÁT HỘ NGHÈO, HỘ CẬN NGHÈO"
    return _page(name, unit, title, Page("", rows, merged), _until(day), foot=_foot())


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}".replace(".", ",")


def _movement_form(name, unit, day, tables: Tables, statuses, word: str) -> Page:
    """Return the form of how the poor, or the near-poor, became fewer and more: two lines."""
    other = ("near_poor",) if statuses == POOR else POOR
    named = {"nghèo": "cận nghèo", "cận nghèo": "nghèo"}[word]
    flows = [
        ("Đầu kỳ", lambda start, end: start in statuses),
        (f"Trở thành hộ {named}", lambda start, end: start in statuses and end in other),
        ("Vượt chuẩn cận nghèo" if word == "nghèo" else "Thoát cận nghèo",
         lambda start, end: start in statuses and end in ("newly_escaped", "not_poor")),
        ("Giảm khác", lambda start, end: start in statuses and end == "absent"),
        (f"Hộ {named} trở thành hộ {word}",
         lambda start, end: start in other and end in statuses),
        (f"Tái {word}", lambda start, end: start == "newly_escaped" and end in statuses),
        ("Phát sinh mới", lambda start, end: start == "not_poor" and end in statuses),
        ("Tăng khác", lambda start, end: start == "absent" and end in statuses),
        ("Cuối kỳ", lambda start, end: end in statuses),
    ]  # fmt: skip
    if word == "cận nghèo":  # this form names the way out before the way down
        flows[1], flows[2] = flows[2], flows[1]
    parts = ["", "Diễn biến giảm", "Diễn biến giảm", "Diễn biến giảm", *["Diễn biến tăng"] * 4, ""]
    paths = [("TT",), ("Khu vực/Đơn vị",), ("Phân tổ",)]
    paths += [
        tuple(filter(None, (part, flow))) for part, (flow, _) in zip(parts, flows, strict=True)
    ]
    heads, merged = headings(paths)
    rows = tables["households"]
    these = [
        [row for row in rows if within(row["start_status"], row["status"])] for _, within in flows
    ]
    households = [len(one) for one in these]
    persons = [sum(int(row["members"] or 0) for row in one) for one in these]
    numbers = ["A", "B", "C", *range(1, 9), "9=1-2-3-4+5+6+7+8"]
    at = len(heads) + 1
    lines = [
        *heads,
        numbers,
        [1, _unit_name(unit), "Hộ", *households],
        [None, None, "Nhân khẩu", *persons],
        [None, "Tổng cộng", "Hộ", *households],
        [None, None, "Nhân khẩu", *persons],
    ]
    merged += [(row, column, row + 1, column) for row in (at, at + 2) for column in (0, 1)]
    title = f"DIỄN BIẾN HỘ {word.upper()} TRONG NĂM"
    return _page(name, unit, title, Page("", lines, merged), _until(day), foot=_foot())


def _quyet_tam(tables: Tables) -> dict[str, bytes]:
    """03655: the workbook to fill in, one for each date."""
    return {
        f"03655 Quyết Tâm {day}.xlsx": _filled_in(day, of_date)
        for day, of_date in _by_date(tables).items()
    }


def _filled_in(day: str, tables: Tables) -> bytes:
    unit, about = "03655", [["HƯỚNG DẪN ĐIỀN BIỂU"], [SYNTHETIC], []]
    about += [["Đơn vị", _unit_name(unit)], ["Mã đơn vị", unit]]
    about += [["Ngày số liệu", date.fromisoformat(day)], ["Lần gửi", 1], ["Số liệu giả lập", "có"]]
    above = [[_unit_name(unit), None, f"Ngày số liệu: {_slashed(day)}"], []]
    pages = [stacked("Hướng dẫn", about)]
    for table, name in _SHEETS.items():
        # schools and stations are left to the departments: headings without a row
        rows = [] if table in ("schools", "health_stations") else tables[table]
        body = listing(rows, _labelled(table), numbering=True)
        if table == "unit_counts":
            lines = [[one.heading[0], one.cell(rows[0])] for one in _labelled(table)]
            body = Page("", [["Chỉ tiêu", "Số liệu"], ["(1)", "(2)"], *lines])
        pages.append(stacked(name, [[name.upper()], *above], body))
    return xlsx(pages)


_SHEETS = {
    "households": "Hộ",
    "members": "Nhân khẩu",
    "unit_counts": "Số liệu chung",
    "health_stations": "Trạm y tế",
    "schools": "Trường học",
    "funding": "Kinh phí",
}


def _labelled(table: str) -> list[Column]:
    """Return a table's columns but date and unit, by their names in the package's own words."""
    style = _PLAIN | dict.fromkeys(
        ("status", "start_status"), lambda status: label("household", status, "vi")
    )
    known = load_plan().tables[table]
    columns = []
    for field in known:
        if field not in ("as_of", "unit", *(CARRIED if table == "members" else ())):
            name = column_name(field, known, "vi")
            columns.append(_column(f"{name[0].upper()}{name[1:]} = {field}", style))
    return columns


def _chieng_co(tables: Tables) -> dict[str, bytes]:
    """03658: a file for each date; the status is the title of the sheet; ✓ or blank, as it says."""
    files = {}
    for day, of_date in _by_date(tables).items():
        quarter = "thang " + date.fromisoformat(day).strftime("%m-%Y")
        files[f"Xã Chiềng Cọ/Chieng Co {quarter}.xlsx"] = _chieng_co_file(day, of_date)
    return files


def _chieng_co_file(day: str, tables: Tables) -> bytes:
    unit, mark = "03658", _flag("✓", None)
    style = _PLAIN | {"flag": mark, "deprived": mark, **_statuses(STATUS_SHORT)}
    style |= {"area": _words("urban TT, rural NT"), "money": _comma}
    legend = "(Đánh dấu ✓ vào ô nếu có, để trống nếu không)"
    register = f"""
        STT = #; Mã hộ = household; Bản = village; Phái = head_sex; DT = ethnicity
        Khu vực = area; NK = members; Phiếu B1 = income_score; Phiếu B2 = deprivation_score
        {_deprivations("Chỉ số thiếu hụt", SHORT_NAMES)}
        Phân loại đầu năm = start_status
        KIND
        {SHORT_NEEDS}"""
    kinds = "Hộ nghèo thu nhập = status?poor_income\n"
    kinds += "Hộ nghèo thiếu hụt đa chiều = status?poor_deprivation"
    lists = {
        "HỘ NGHÈO": POOR,
        "HỘ CẬN NGHÈO": ("near_poor",),
        "HỘ THOÁT NGHÈO": ("newly_escaped",),
        "HỘ KHÔNG NGHÈO": ("not_poor",),
    }
    pages = []
    for title, statuses in lists.items():
        rows = [row for row in tables["households"] if row["status"] in statuses]
        shape = register.replace("KIND", kinds if statuses == POOR else "")
        body = listing(rows, _columns(shape, style), numbering=True, total="Tổng cộng",
                       totals=("members",))  # fmt: skip
        lines = (_until(day), legend)
        pages.append(
            _page(title.capitalize(), unit, f"DANH SÁCH {title}", body, *lines, foot=_foot())
        )
    members = f"""
        Mã hộ = household; STT thành viên hộ = person; Nam = birth_year@male
        Nữ = birth_year@female
        {SUPPORTS}"""
    persons = listing(tables["members"], _columns(members, style))
    (counts,) = tables["unit_counts"]
    vertical = [["Chỉ tiêu", "Số liệu"]]
    vertical += [[one.heading[-1], one.cell(counts)] for one in _columns(SHORT_COUNTS, style)]
    money = listing(tables["funding"], _columns(FUNDS, style), total="Tổng cộng")
    pages += [
        _page("Thành viên hộ", unit, "DANH SÁCH THÀNH VIÊN HỘ", persons, _until(day), legend),
        _page("Số liệu", unit, "SỐ LIỆU CHUNG CỦA XÃ", Page("", vertical), _until(day)),
        _page("Kinh phí", unit, "KINH PHÍ THỰC HIỆN", money, _until(day), "ĐVT: triệu đồng"),
    ]
    return xlsx(pages)


def _chieng_den(tables: Tables) -> dict[str, bytes]:
    """03661: a folder of CSV files, two in UTF-16 and two in windows-1258, each with a title."""
    style = _PLAIN | {"flag": _flag("1", "0"), "deprived": _flag("1", "0")}
    style |= {"date": lambda day: _slashed(day).replace("/", "-"), "money": _comma}
    register = f"""
        Ngày rà soát = as_of; Xã = unit~name; Mã hộ = household; Tên bản = village
        Giới tính chủ hộ = head_sex; Dân tộc = ethnicity; Khu vực = area
        Số thành viên = members; Điểm B1 = income_score; Điểm B2 = deprivation_score
        {_flat(_deprivations("Thiếu hụt", OFFICIAL_NAMES))}
        Phân loại đầu năm = start_status; Phân loại hộ = status
        {NEEDS}"""
    members = f"""
        Ngày rà soát = as_of; Mã hộ = household; STT thành viên hộ = person; Giới tính = sex
        Năm sinh = birth_year
        {SUPPORTS}"""
    style["name"] = lambda unit: "xã Chiềng Đen"
    made = {
        "ho": ("households", register, "\t", "utf-16-le"),
        "nhan khau": ("members", members, "\t", "utf-16-le"),
        "so lieu chung": ("unit_counts", "Ngày = as_of\n" + COUNTS, ";", "cp1258"),
        "kinh phi": ("funding", "Ngày = as_of\n" + FUNDS, ";", "cp1258"),
    }
    files = {}
    for name, (table, shape, separator, encoding) in made.items():
        title = [["UBND XÃ CHIỀNG ĐEN"], [SYNTHETIC], []]
        page = stacked(name, title, listing(tables[table], _columns(shape, style)))
        files[f"Chieng Den/{name}.csv"] = csv_text(page, separator, encoding)
    return files


def _flat(lines: str) -> str:
    """Return the lines with one heading each: a CSV has no heading over others."""
    return lines.replace(" > ", ": ")


def _chieng_xom(tables: Tables) -> dict[str, bytes]:
    """03664: VNI letters; the code without its zero in every row; marks x and 0."""
    unit, mark, old = "03664", _flag("x", 0), {"letters": "vni"}
    style = _PLAIN | {"flag": mark, "deprived": mark, "unit": int, "money": _comma}
    style |= {"date": date.fromisoformat}
    register = f"""
        STT = #; Mã xã = unit; Ngày rà soát = as_of; Tổ, bản = village; Mã hộ = household
        Họ và tên chủ hộ =; Giới tính = head_sex; Dân tộc = ethnicity; Khu vực = area
        Số nhân khẩu = members; Tổng điểm B1 = income_score; Tổng điểm B2 = deprivation_score
        {_deprivations("Thiếu hụt (x: thiếu hụt, 0: không)", NUMBERED_NAMES)}
        Phân loại đầu năm = start_status; Kết quả phân loại hộ = status
        {NEEDS}"""
    members = f"""
        Mã xã = unit; Ngày rà soát = as_of; Mã hộ = household; STT thành viên hộ = person
        Quan hệ với chủ hộ = person~relation; Giới tính = sex; Năm sinh = birth_year
        {SUPPORTS}"""
    style["relation"] = lambda person: "Chủ hộ" if person == "1" else None
    households = listing(tables["households"], _columns(register, style), numbering=True)
    persons = listing(tables["members"], _columns(members, style))
    counts = listing(tables["unit_counts"], _columns("Ngày = as_of\n" + SHORT_COUNTS, style))
    money = listing(tables["funding"], _columns("Ngày = as_of\n" + FUNDS, style))
    title = "DANH SÁCH HỘ NGHÈO, CẬN NGHÈO"
    pages = [
        _page("Ho", unit, title, households, foot=_foot("x là có, 0 là không."), **old),
        _page("Nhan khau", unit, "DANH SÁCH NHÂN KHẨU", persons, "x: có; 0: không", **old),
        _page("So lieu", unit, "SỐ LIỆU CHUNG", counts, **old),
        _page("Von", unit, "KINH PHÍ", money, "Đơn vị tính: triệu đồng", **old),
    ]
    return {"chieng xom ra soat ho ngheo.xlsx": xlsx(pages)}


def _chieng_an(tables: Tables) -> dict[str, bytes]:
    """03667: households with their members in one sheet a date; points of 10; "02" persons."""
    unit = "03667"
    style = _PLAIN | {"deprived": _flag(10, 0), "size": lambda count: f"{int(count):02d}"}
    shape = f"""
        STT hộ = household; Họ và tên chủ hộ = head~no_name; STT thành viên hộ = person
        Họ và tên thành viên = person~no_name; Năm sinh > Nam = birth_year@male
        Năm sinh > Nữ = birth_year@female; Tổ, bản = village; Giới tính chủ hộ = head_sex
        Dân tộc = ethnicity; Khu vực = area; Số khẩu = members~size; Điểm B1 = income_score
        Điểm B2 = deprivation_score
        {_deprivations("Điểm thiếu hụt (10 điểm/chỉ số thiếu hụt)", OFFICIAL_NAMES)}
        Phân loại đầu năm = start_status; Kết quả rà soát = status
        {NEEDS}
        {SUPPORTS}"""
    style["no_name"] = lambda value: NO_NAME
    pages = []
    for day, of_date in _by_date(tables).items():
        body = listing(_with_members(of_date), _columns(shape, style), numbering=True)
        at = len(body.rows) - len(_with_members(of_date))
        body.rows.insert(at, ["PHƯỜNG CHIỀNG AN"])
        short = date.fromisoformat(day).strftime("%d-%m-%Y")
        title = "DANH SÁCH CHI TIẾT HỘ NGHÈO, HỘ CẬN NGHÈO"
        pages.append(_page(short, unit, title, body, _until(day), foot=_foot()))
    counts = listing(tables["unit_counts"], _columns("Ngày = as_of\n" + COUNTS, style))
    money = listing(tables["funding"], _columns("Ngày = as_of\n" + FUNDS, style))
    pages += [
        _page("Số liệu chung", unit, "SỐ LIỆU CHUNG", counts),
        _page("Kinh phí", unit, "KINH PHÍ GIẢM NGHÈO", money, "ĐVT: tr.đ"),
    ]
    return {"P. Chiềng An/Danh sách chi tiết P. Chiềng An.xlsx": xlsx(pages)}


def _with_members(tables: Tables) -> Rows:
    """Return a row a person: the household stands on its first row alone."""
    rows = []
    for household in tables["households"]:
        key = household["household"]
        persons = [one for one in tables["members"] if one["household"] == key] or [{"sex": ""}]
        rows.append(persons[0] | household | {"head": "1"})
        rows += [one | {"household": ""} for one in persons[1:]]
    return rows


def _chieng_coi(tables: Tables) -> dict[str, bytes]:
    """03670: a workbook of LibreOffice, its tones as signs of their own; dates typed as dates."""
    unit, style = "03670", _PLAIN | {"date": date.fromisoformat}
    typed = {"letters": "composed"}
    register = f"""
        STT = #; Ngày rà soát = as_of; Mã hộ = household; Địa bàn = village
        Giới tính = head_sex; Dân tộc = ethnicity; Khu vực = area; Số nhân khẩu = members
        Kết quả chấm điểm > B1 = income_score; Kết quả chấm điểm > B2 = deprivation_score
        {_deprivations("Kết quả chấm điểm > Chỉ số thiếu hụt", SHORT_NAMES)}
        Phân loại > Đầu năm = start_status; Phân loại > Sau rà soát = status
        {SHORT_NEEDS}"""
    members = f"""
        Ngày rà soát = as_of; Mã hộ = household; STT thành viên hộ = person
        Nam = birth_year@male; Nữ = birth_year@female
        {SUPPORTS}"""
    households = listing(tables["households"], _columns(register, style), numbering=True)
    persons = listing(tables["members"], _columns(members, style))
    counts = listing(tables["unit_counts"], _columns("Ngày = as_of\n" + SHORT_COUNTS, style))
    money = listing(tables["funding"], _columns("Ngày = as_of\n" + FUNDS, style))
    pages = [
        _page("Danh sách hộ", unit, "DANH SÁCH HỘ SAU RÀ SOÁT", households, foot=_foot(), **typed),
        _page("Nhân khẩu", unit, "DANH SÁCH NHÂN KHẨU (năm sinh)", persons, **typed),
        _page("Số liệu", unit, "SỐ LIỆU CHUNG", counts, **typed),
        _page("Kinh phí", unit, "KINH PHÍ", money, "Đơn vị tính: triệu đồng", **typed),
    ]
    return {"Chiềng Cơi.ods": ods(pages)}


def _chieng_ngan(tables: Tables) -> dict[str, bytes]:
    """03673: marks taken apart (NFD); "1.733" beside 1720; an old version on a hidden sheet."""
    unit, typed = "03673", {"letters": "nfd"}
    style = _PLAIN | {"deprived": _flag(10, 0), "flag": _flag(1, 0), "money": _comma}
    mixed = style | {"count": _sometimes_dotted}
    register = f"""
        TT = #; Bản = village; Thông tin hộ > Mã hộ = household
        Thông tin hộ > Giới tính chủ hộ = head_sex; Thông tin hộ > Dân tộc = ethnicity
        Thông tin hộ > Khu vực = area; Thông tin hộ > Số nhân khẩu = members
        Kết quả rà soát > Điểm > B1 = income_score
        Kết quả rà soát > Điểm > B2 = deprivation_score
        {_deprivations("Kết quả rà soát > Chỉ số thiếu hụt", OFFICIAL_NAMES)}
        Kết quả rà soát > Phân loại > Đầu năm = start_status
        Kết quả rà soát > Phân loại > Cuối kỳ = status
        {NEEDS}"""
    members = f"""
        Thời gian rà soát = as_of; Mã hộ = household; STT thành viên hộ = person
        Giới tính = sex; Năm sinh = birth_year
        {SUPPORTS}"""
    pages = []
    for day, of_date in _by_date(tables).items():
        rows = sorted(of_date["households"], key=lambda row: row["village"])
        body = listing(rows, _columns(register, style), numbering=True,
                       section=lambda row: row["village"], total="Tổng cộng",
                       totals=("members",))  # fmt: skip
        title = "DANH SÁCH HỘ NGHÈO, HỘ CẬN NGHÈO XÃ CHIỀNG NGẦN"
        pages.append(
            _page(_slashed(day).replace("/", "."), unit, title, body, _until(day), **typed)
        )
    older = [row | {"members": row["members"] and "9"} for row in rows[:40]]
    body = listing(older, _columns(register, style), numbering=True)
    pages.append(_page("Bản cũ", unit, title, body, _until(day), hidden=True, **typed))
    persons = listing(tables["members"], _columns(members, style))
    counts = listing(tables["unit_counts"], _columns("Thời gian = as_of\n" + COUNTS, mixed))
    money = listing(tables["funding"], _columns("Thời gian = as_of\n" + FUNDS, style))
    pages += [
        _page("Nhân khẩu", unit, "DANH SÁCH NHÂN KHẨU", persons, **typed),
        _page("Số liệu chung", unit, "SỐ LIỆU CHUNG", counts, **typed),
        _page("Kinh phí", unit, "KINH PHÍ", money, "Đơn vị tính: triệu đồng", **typed),
    ]
    return {"Xa Chieng Ngan.xlsx": xlsx(pages)}


def _hua_la(tables: Tables) -> dict[str, bytes]:
    """03676: x in the column of the status; check columns beside; a hidden row; money in đồng."""
    unit = "03676"
    style = _PLAIN | {"money": lambda amount: _dotted(str(int(Decimal(amount) * 1_000_000)))}
    register = f"""
        STT = #; Mã hộ = household; Tổ/bản/TK = village; Giới tính chủ hộ = head_sex
        Dân tộc = ethnicity; Khu vực = area; Khẩu = members; Điểm B1 = income_score
        Điểm B2 = deprivation_score
        {_deprivations("Thiếu hụt các dịch vụ xã hội cơ bản", OFFICIAL_NAMES)}
        Phân loại đầu năm = start_status
        Phân loại cuối kỳ > HN > Hộ nghèo thu nhập = status?poor_income
        Phân loại cuối kỳ > HN > Hộ nghèo thiếu hụt đa chiều = status?poor_deprivation
        Phân loại cuối kỳ > HCN = status?near_poor
        Phân loại cuối kỳ > Hộ MTN = status?newly_escaped
        Phân loại cuối kỳ > Hộ không nghèo = status?not_poor
        Phân loại cuối kỳ > Không còn trên địa bàn = status?absent
        {NEEDS}"""
    members = f"""
        STT chủ hộ = household; STT thành viên hộ = person; Họ tên =; Nam = birth_year@male
        Nữ = birth_year@female
        {SUPPORTS}"""
    pages = []
    for day, of_date in _by_date(tables).items():
        body = listing(of_date["households"], _columns(register, style), numbering=True,
                       total="Tổng cộng", totals=("members",))  # fmt: skip
        body = _with_checks(body, of_date["households"])
        persons = listing(of_date["members"], _columns(members, style))
        short = date.fromisoformat(day).strftime("%d%m%y")
        foot = _foot("khẩu là số người thực tế cư trú.", "Hua La, ngày 05 tháng 01 năm 2021")
        title = "DANH SÁCH HỘ NGHÈO, HỘ CẬN NGHÈO"
        pages.append(_page(f"DS ho {short}", unit, title, body, _until(day), foot=foot))
        title = "DANH SÁCH CHI TIẾT THÀNH VIÊN HỘ NGHÈO, HỘ CẬN NGHÈO"
        pages.append(_page(f"DS khau {short}", unit, title, persons, _until(day)))
    counts = listing(tables["unit_counts"], _columns("Thời điểm = as_of\n" + SHORT_COUNTS, style))
    money = listing(tables["funding"], _columns("Thời điểm = as_of\n" + FUNDS, style))
    pages += [
        _page("So lieu", unit, "SỐ LIỆU CHUNG", counts),
        _page("Kinh phi", unit, "KINH PHÍ", money, "Đơn vị tính: đồng"),
    ]
    return {"HUA LA.xlsx": xlsx(pages)}


def _with_checks(page: Page, rows: Rows) -> Page:
    """Return a table with a check beside it, as offices sum their own, and one row hidden."""
    first = len(page.rows) - len(rows) - 1
    width = len(page.rows[first])
    lines = [list(line) for line in page.rows]
    lines[0] += [None] * (width - len(lines[0])) + [None, "cột kiểm tra số bằng 0 thì khớp"]
    for line, row in zip(lines[first:], rows, strict=False):
        ten = sum(row[DEPRIVED + name] == "true" for name in DEPRIVATIONS)
        line += [None, int(row["deprivation_score"] or 0) - 10 * ten]
    return Page("", lines, page.merged, hidden_rows=frozenset({first + 2}))


def _chieng_sinh(tables: Tables) -> dict[str, bytes]:
    """03679: x or blank, as the sheet says; "2 khẩu"; days as Excel's numbers; N1, N2, CN."""
    unit, mark = "03679", _flag("x", None)
    style = _PLAIN | {"flag": mark, "deprived": mark, **_statuses(STATUS_SHORT)}
    style |= {"date": _serial, "unit": int, "persons": lambda count: f"{count} khẩu"}
    register = f"""
        STT = #; Mã PX = unit; Ngày rà soát = as_of; Tổ, bản, tiểu khu = village
        STT hộ = household; Giới tính chủ hộ = head_sex; Dân tộc = ethnicity; Khu vực = area
        Số khẩu = members~persons; Điểm B1 = income_score; Điểm B2 = deprivation_score
        {_deprivations("Chỉ số thiếu hụt", NUMBERED_NAMES)}
        Phân loại đầu năm = start_status; Phân loại hộ theo chuẩn 2016-2020 = status
        {NEEDS}"""
    gone = """
        STT = #; Mã PX = unit; Ngày rà soát = as_of; Tổ, bản, tiểu khu = village
        STT hộ = household; Giới tính chủ hộ = head_sex; Dân tộc = ethnicity; Khu vực = area
        Phân loại đầu năm = start_status; Phân loại hộ theo chuẩn 2016-2020 = status"""
    members = f"""
        Mã PX = unit; Ngày rà soát = as_of; STT hộ = household; STT thành viên hộ = person
        Phái = sex; Năm sinh = birth_year
        {SUPPORTS}"""
    legend = "(Đánh dấu x vào ô nếu có, để trống nếu không)"
    there = [row for row in tables["households"] if row["status"] != "absent"]
    absent = [row for row in tables["households"] if row["status"] == "absent"]
    households = listing(there, _columns(register, style), numbering=True)
    left = listing(absent, _columns(gone, style))
    persons = listing(tables["members"], _columns(members, style))
    counts = listing(tables["unit_counts"], _columns("Ngày = as_of\n" + COUNTS, style))
    money = listing(tables["funding"], _columns("Ngày = as_of\n" + FUNDS, style))
    pages = [
        _page("Danh sách", unit, "DANH SÁCH HỘ RÀ SOÁT", households, legend, foot=_foot()),
        _page("Chuyển đi", unit, "DANH SÁCH HỘ KHÔNG CÒN TRÊN ĐỊA BÀN", left),
        _page("Nhân khẩu", unit, "DANH SÁCH NHÂN KHẨU", persons, legend),
        _page("Số liệu", unit, "SỐ LIỆU CHUNG", counts),
        _page("Kinh phí", unit, "KINH PHÍ", money, "ĐVT: triệu đồng"),
    ]
    return {"bao cao chieng sinh 2020 (ban cuoi).xlsx": xlsx(pages)}


SENDERS: dict[str, Callable[[Tables], dict[str, bytes]]] = {
    "03646": _chieng_le,
    "03649": _to_hieu,
    "03652": _quyet_thang,
    "03655": _quyet_tam,
    "03658": _chieng_co,
    "03661": _chieng_den,
    "03664": _chieng_xom,
    "03667": _chieng_an,
    "03670": _chieng_coi,
    "03673": _chieng_ngan,
    "03676": _hua_la,
    "03679": _chieng_sinh,
}


def _education_department(schools: Rows) -> dict[str, bytes]:
    """The schools of all units, a sheet a date; a row with the unit's name before its schools."""
    style = _PLAIN | {"flag": _flag("x", None), "standard": _flag("Đạt", "Chưa đạt")}
    shape = """
        STT = #; Tên trường = name; Cấp học > MN = preschool; Cấp học > TH = primary
        Cấp học > THCS = lower_secondary
        Đạt chuẩn quốc gia = meets_national_standard~standard"""
    office = [["UBND THÀNH PHỐ SƠN LA"], ["PHÒNG GIÁO DỤC VÀ ĐÀO TẠO"], []]
    pages = []
    for day in sorted({row["as_of"] for row in schools}):
        rows = [row for row in schools if row["as_of"] == day]
        section = lambda row: _unit_name(row["unit"]).upper()  # noqa: E731
        body = listing(rows, _columns(shape, style), section=section)
        legend = "(Cấp học: đánh dấu x nếu có, để trống nếu không)"
        title = [["DANH SÁCH TRƯỜNG HỌC"], [_until(day)], [legend], [SYNTHETIC], []]
        pages.append(stacked(f"Trường {_slashed(day).replace('/', '-')}", office, title, body))
    return {"Phòng GD&ĐT - danh sách trường.xlsx": xlsx(pages)}


def _health_centre(stations: Rows) -> dict[str, bytes]:
    """The health stations of all units in one CSV of today: the unit by its short name."""
    style = _PLAIN | {"flag": _flag("Có", "Không"), "standard": _flag("Đạt", "Chưa đạt")}
    style["unit"] = lambda unit: _unit_name(unit).replace("Phường ", "P. ").replace("Xã ", "X. ")
    shape = """
        TT = #; Thời điểm = as_of; Xã/phường = unit; Tên TYT = name; Có BS = has_doctor
        Đạt BTCQGYTX = meets_national_criteria~standard"""
    title = [["TRUNG TÂM Y TẾ THÀNH PHỐ SƠN LA"], ["DANH SÁCH TRẠM Y TẾ"], [SYNTHETIC], []]
    page = stacked("", title, listing(stations, _columns(shape, style)))
    return {"Trung tâm Y tế - trạm y tế.csv": csv_text(page, ",", "utf-8-sig")}
