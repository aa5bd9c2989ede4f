"""How offices write: words for values, headings, what stands above and below a table."""

import re
from collections.abc import Callable
from datetime import date

from spreadsheets import Column, Page, stacked

from sonla_analysis.definitions.input_columns import COLUMNS, DEPRIVED
from sonla_analysis.definitions.units import units_on

Rows = list[dict[str, str]]
Tables = dict[str, Rows]
Style = dict[str, Callable[[str], object]]  # kind of a column → how this sender writes its values

SYNTHETIC = "SỐ LIỆU GIẢ LẬP - không dùng làm số liệu chính thức"
NO_NAME = "(không ghi trong bản giả lập)"


# --- how values are written ---------------------------------------------------------------


def in_words(text: str) -> Callable[[str], object]:
    """Return what writes each value by its word: "male Nam, female Nữ"."""
    words = dict(pair.strip().split(" ", 1) for pair in text.split(","))
    return words.__getitem__


def yes_no(yes, no) -> Callable[[str], object]:
    return {"true": yes, "false": no}.__getitem__


def slashed(day: str) -> str:
    return date.fromisoformat(day).strftime("%d/%m/%Y")


def serial(day: str) -> int:
    return (date.fromisoformat(day) - date(1899, 12, 30)).days


def with_comma(amount: str) -> str:
    return amount.replace(".", ",")


def dotted(count: str) -> str:
    return f"{int(count):,}".replace(",", ".")


def sometimes_dotted(count: str) -> object:
    """Return "13.389" or 2510: both in one column, as in real tables."""
    return int(count) if int(count) % 2 else dotted(count)


STATUS_WORDS = (
    "poor_income Hộ nghèo thu nhập, poor_deprivation Hộ nghèo thiếu hụt đa chiều, near_poor Hộ cận"
    " nghèo, newly_escaped Hộ mới thoát nghèo, not_poor Hộ không nghèo,"
    " absent Không còn trên địa bàn"
)
STATUS_SHORT = (
    "poor_income N1, poor_deprivation N2, near_poor CN, newly_escaped MTN, not_poor KN,"
    " absent Không còn trên địa bàn"
)


def statuses_in(text: str) -> Style:
    """Return what writes a status; one that was absent at the start was not there yet."""
    start = text.replace("Không còn trên", "Chưa ở trên")
    return {"status": in_words(text), "start_status": in_words(start)}


PLAIN: Style = {
    "date": slashed,
    "unit": str,
    "text": str,
    "count": int,
    "money": float,
    "flag": yes_no("Có", "Không"),
    "deprived": yes_no("Có", "Không"),
    "sex": in_words("male Nam, female Nữ"),
    "area": in_words("urban Thành thị, rural Nông thôn"),
    **statuses_in(STATUS_WORDS),
}
_KIND = {name: kind for table in COLUMNS.values() for name, kind in table.items()}
_KIND |= dict.fromkeys(("head_sex", "sex"), "sex")
_KIND |= {name: name for name in ("area", "start_status", "status")}


def columns_from(lines: str, style: Style) -> list[Column]:
    """Return the columns that the lines describe: `Heading > Lower heading = field`.

    The field may be `#` (running numbers), `field?value` (x where it is so), `birth_year@male`
    (only in rows of that sex), `'text` (always that), `field~kind` (written as that kind), or
    nothing (an empty column).
    """
    return [column_from(one, style) for one in re.split("[;\n]", lines) if one.strip()]


def column_from(line: str, style: Style) -> Column:
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


def deprivations(parent: str, names: str) -> str:
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


def unit_name(unit: str) -> str:
    found = units_on("2020-12-31").loc[unit]
    return f"{found['kind']} {found['name']}"


def sent_page(name: str, unit: str, title: str, table: Page, *lines: str, foot=(), **looks) -> Page:
    """Return a sheet: who sends it, its title and lines, the table, what stands below it."""
    width = max(map(len, table.rows))
    return stacked(name, _head(unit, title, lines, width), table, list(foot), **looks)


def _head(unit: str, title: str, lines: tuple[str, ...], width: int) -> Page:
    """Return the sender and the national motto, the title, its lines, and that all is made up."""
    right, width = max(4, width - 6), max(6, width)
    sender = ["UBND THÀNH PHỐ SƠN LA", *[None] * (right - 1), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"]
    motto = [
        f"UBND {unit_name(unit)}".upper(),
        *[None] * (right - 1),
        "Độc lập - Tự do - Hạnh phúc",
    ]
    below = [[line] for line in (title, *lines, SYNTHETIC)]
    rows = [sender, motto, [], *below, []]
    merged = [(0, 0, 0, 2), (1, 0, 1, 2)]
    merged += [(row, 0, row, width - 1) for row in range(3, 3 + len(below))]
    return Page("", rows, merged, capitals=frozenset({0, 1, 3}))


def until(day: str) -> str:
    return f"(tính đến ngày {slashed(day)})"


def below(note: str = "", signed: str = "") -> list[list]:
    """Return the notes and the place to sign below a table, with no name."""
    apart = [None] * 4
    notes = [[], [f"Ghi chú: {note}"]] if note else []
    place = [[None, None, *apart, signed]] if signed else []
    makers = [None, "Người lập biểu", *apart, "TM. ỦY BAN NHÂN DÂN"]
    return [*notes, [], *place, makers, [None, None, *apart, "CHỦ TỊCH"]]
