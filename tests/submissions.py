"""The synthetic city as its wards would have sent it: raw workbooks, each messy in its own way.

Headings, abbreviations and habits are those met in real files of offices (a few are recalled), the
figures those of `data/sample`. No name of a person stands anywhere. One function makes the files of
one sender.
"""

import csv
import re
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from as_written import (
    COUNTS,
    DEPRIVATIONS,
    FUNDS,
    NEEDS,
    NO_NAME,
    NUMBERED_NAMES,
    OFFICIAL_NAMES,
    PLAIN,
    SHORT_COUNTS,
    SHORT_NAMES,
    SHORT_NEEDS,
    STATUS_SHORT,
    SUPPORTS,
    SYNTHETIC,
    Rows,
    Tables,
    below,
    column_from,
    columns_from,
    deprivations,
    dotted,
    in_words,
    sent_page,
    serial,
    slashed,
    sometimes_dotted,
    statuses_in,
    unit_name,
    until,
    with_comma,
    yes_no,
)
from spreadsheets import (
    Column,
    Page,
    csv_text,
    listing,
    ods,
    stacked,
    xlsx,
)
from ward_forms import POOR, movement_form, result_form

from sonla_analysis.definitions.input_columns import CARRIED, DEPRIVED
from sonla_analysis.definitions.plan import load_plan
from sonla_analysis.language.phrases import label
from sonla_analysis.sentences.listing import column_name

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


# --- the senders: one function each, in the order of their codes -----------------------------


def _chieng_le(tables: Tables) -> dict[str, bytes]:
    """03646: TCVN3 letters in the fonts .VnTime and .VnTimeH; a part for each Tổ; dates as text."""
    unit, style, old = "03646", PLAIN | {"money": with_comma}, {"letters": "tcvn3"}
    register = f"""
        STT = #; Họ và tên chủ hộ = '{NO_NAME}; Mã hộ = household; Thời điểm rà soát = as_of
        Tổ, bản, tiểu khu = village; Giới tính chủ hộ = head_sex; Dân tộc = ethnicity
        Khu vực = area; Số nhân khẩu = members; Điểm > Điểm B1 = income_score
        Điểm > Điểm B2 = deprivation_score
        {deprivations("Chỉ số thiếu hụt", OFFICIAL_NAMES)}
        Phân loại đầu năm = start_status; Kết quả rà soát = status
        {NEEDS}"""
    members = f"""
        STT = #; Thời điểm rà soát = as_of; Mã hộ = household; STT thành viên hộ = person
        Giới tính = sex; Năm sinh = birth_year
        {SUPPORTS}"""
    by_village = sorted(tables["households"], key=lambda row: (row["as_of"], row["village"]))
    households = listing(
        by_village, columns_from(register, style), section=lambda row: row["village"]
    )
    persons = listing(tables["members"], columns_from(members, style), numbering=True)
    counts = listing(tables["unit_counts"], columns_from("Thời điểm = as_of\n" + COUNTS, style))
    money = listing(tables["funding"], columns_from(FUNDS + "Thời điểm = as_of", style))
    title = "DANH SÁCH HỘ NGHÈO, HỘ CẬN NGHÈO SAU KHI RÀ SOÁT"
    note = below("danh sách có cả các hộ ra khỏi danh sách trong năm.")
    pages = [
        sent_page("Danh sach ho", unit, title, households, foot=note, **old),
        sent_page("Nhan khau", unit, "DANH SÁCH THÀNH VIÊN HỘ", persons, **old),
        sent_page("So lieu chung", unit, "SỐ LIỆU CHUNG", counts, **old),
        sent_page("Kinh phi", unit, "KINH PHÍ GIẢM NGHÈO", money, "Đơn vị tính: triệu đồng", **old),
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
    unit, style = (
        "03649",
        PLAIN | {"flag": yes_no("có", "không"), "deprived": yes_no("có", "không")},
    )
    register = f"""
        Số TT = #; Mã hộ = household; Địa bàn = village; Giới tính = head_sex
        Dân tộc = ethnicity; Khu vực = area; Số khẩu = members; B1 = income_score
        B2 = deprivation_score
        {deprivations("Thiếu hụt", NUMBERED_NAMES)}
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
        households = listing(of_date["households"], columns_from(register, style), numbering=True,
                             total="Cộng", totals=("members",))  # fmt: skip
        persons = listing(of_date["members"], columns_from(members, style))
        said = [
            [f"{place}. {name}: {dotted(row[field])} {word}"]
            for row in of_date["unit_counts"]
            for place, (name, field, word) in enumerate(_said_counts(), 1)
        ]
        money = listing(of_date["funding"], columns_from(FUNDS, style | {"money": with_comma}))
        at_day, short = f"(Tính đến {long_day})", day.replace("-", ".")
        pages += [
            sent_page(f"Hộ {short}", unit, "DANH SÁCH HỘ RÀ SOÁT", households, at_day),
            sent_page(f"Khẩu {short}", unit, "DANH SÁCH NHÂN KHẨU", persons, at_day),
            sent_page(f"Số liệu {short}", unit, "SỐ LIỆU CHUNG", Page("", said), at_day),
            sent_page(f"Vốn {short}", unit, "KINH PHÍ", money, at_day, "ĐVT: triệu đồng"),
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
        pages.append(result_form(f"Biểu 1 ({short})", "03652", day, of_date))
        if day.endswith("12-31"):
            pages.append(movement_form(f"Biểu 2 ({short})", "03652", day, of_date, POOR, "nghèo"))
            near = ("near_poor",)
            pages.append(
                movement_form(f"Biểu 3 ({short})", "03652", day, of_date, near, "cận nghèo")
            )
    return {"BIEU TONG HOP QUYET THANG.xlsx": xlsx(pages)}


def _quyet_tam(tables: Tables) -> dict[str, bytes]:
    """03655: the workbook to fill in, one for each date."""
    return {
        f"03655 Quyết Tâm {day}.xlsx": _filled_in(day, of_date)
        for day, of_date in _by_date(tables).items()
    }


def _filled_in(day: str, tables: Tables) -> bytes:
    unit, about = "03655", [["HƯỚNG DẪN ĐIỀN BIỂU"], [SYNTHETIC], []]
    about += [["Đơn vị", unit_name(unit)], ["Mã đơn vị", unit]]
    about += [["Ngày số liệu", date.fromisoformat(day)], ["Lần gửi", 1], ["Số liệu giả lập", "có"]]
    above = [[unit_name(unit), None, f"Ngày số liệu: {slashed(day)}"], []]
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
    style = PLAIN | dict.fromkeys(
        ("status", "start_status"), lambda status: label("household", status, "vi")
    )
    known = load_plan().tables[table]
    columns = []
    for field in known:
        if field not in ("as_of", "unit", *(CARRIED if table == "members" else ())):
            name = column_name(field, known, "vi")
            columns.append(column_from(f"{name[0].upper()}{name[1:]} = {field}", style))
    return columns


def _chieng_co(tables: Tables) -> dict[str, bytes]:
    """03658: a file for each date; the status is the title of the sheet; ✓ or blank, as it says."""
    files = {}
    for day, of_date in _by_date(tables).items():
        quarter = "thang " + date.fromisoformat(day).strftime("%m-%Y")
        files[f"Xã Chiềng Cọ/Chieng Co {quarter}.xlsx"] = _chieng_co_file(day, of_date)
    return files


def _chieng_co_file(day: str, tables: Tables) -> bytes:
    unit, mark = "03658", yes_no("✓", None)
    style = PLAIN | {"flag": mark, "deprived": mark, **statuses_in(STATUS_SHORT)}
    style |= {"area": in_words("urban TT, rural NT"), "money": with_comma}
    legend = "(Đánh dấu ✓ vào ô nếu có, để trống nếu không)"
    register = f"""
        STT = #; Mã hộ = household; Bản = village; Phái = head_sex; DT = ethnicity
        Khu vực = area; NK = members; Phiếu B1 = income_score; Phiếu B2 = deprivation_score
        {deprivations("Chỉ số thiếu hụt", SHORT_NAMES)}
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
        body = listing(rows, columns_from(shape, style), numbering=True, total="Tổng cộng",
                       totals=("members",))  # fmt: skip
        lines = (until(day), legend)
        pages.append(
            sent_page(title.capitalize(), unit, f"DANH SÁCH {title}", body, *lines, foot=below())
        )
    members = f"""
        Mã hộ = household; STT thành viên hộ = person; Nam = birth_year@male
        Nữ = birth_year@female
        {SUPPORTS}"""
    persons = listing(tables["members"], columns_from(members, style))
    (counts,) = tables["unit_counts"]
    vertical = [["Chỉ tiêu", "Số liệu"]]
    vertical += [[one.heading[-1], one.cell(counts)] for one in columns_from(SHORT_COUNTS, style)]
    money = listing(tables["funding"], columns_from(FUNDS, style), total="Tổng cộng")
    pages += [
        sent_page("Thành viên hộ", unit, "DANH SÁCH THÀNH VIÊN HỘ", persons, until(day), legend),
        sent_page("Số liệu", unit, "SỐ LIỆU CHUNG CỦA XÃ", Page("", vertical), until(day)),
        sent_page("Kinh phí", unit, "KINH PHÍ THỰC HIỆN", money, until(day), "ĐVT: triệu đồng"),
    ]
    return xlsx(pages)


def _chieng_den(tables: Tables) -> dict[str, bytes]:
    """03661: a folder of CSV files, two in UTF-16 and two in windows-1258, each with a title."""
    style = PLAIN | {"flag": yes_no("1", "0"), "deprived": yes_no("1", "0")}
    style |= {"date": lambda day: slashed(day).replace("/", "-"), "money": with_comma}
    register = f"""
        Ngày rà soát = as_of; Xã = unit~name; Mã hộ = household; Tên bản = village
        Giới tính chủ hộ = head_sex; Dân tộc = ethnicity; Khu vực = area
        Số thành viên = members; Điểm B1 = income_score; Điểm B2 = deprivation_score
        {_flat(deprivations("Thiếu hụt", OFFICIAL_NAMES))}
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
        page = stacked(name, title, listing(tables[table], columns_from(shape, style)))
        files[f"Chieng Den/{name}.csv"] = csv_text(page, separator, encoding)
    return files


def _flat(lines: str) -> str:
    """Return the lines with one heading each: a CSV has no heading over others."""
    return lines.replace(" > ", ": ")


def _chieng_xom(tables: Tables) -> dict[str, bytes]:
    """03664: VNI letters; the code without its zero in every row; marks x and 0."""
    unit, mark, old = "03664", yes_no("x", 0), {"letters": "vni"}
    style = PLAIN | {"flag": mark, "deprived": mark, "unit": int, "money": with_comma}
    style |= {"date": date.fromisoformat}
    register = f"""
        STT = #; Mã xã = unit; Ngày rà soát = as_of; Tổ, bản = village; Mã hộ = household
        Họ và tên chủ hộ =; Giới tính = head_sex; Dân tộc = ethnicity; Khu vực = area
        Số nhân khẩu = members; Tổng điểm B1 = income_score; Tổng điểm B2 = deprivation_score
        {deprivations("Thiếu hụt (x: thiếu hụt, 0: không)", NUMBERED_NAMES)}
        Phân loại đầu năm = start_status; Kết quả phân loại hộ = status
        {NEEDS}"""
    members = f"""
        Mã xã = unit; Ngày rà soát = as_of; Mã hộ = household; STT thành viên hộ = person
        Quan hệ với chủ hộ = person~relation; Giới tính = sex; Năm sinh = birth_year
        {SUPPORTS}"""
    style["relation"] = lambda person: "Chủ hộ" if person == "1" else None
    households = listing(tables["households"], columns_from(register, style), numbering=True)
    persons = listing(tables["members"], columns_from(members, style))
    counts = listing(tables["unit_counts"], columns_from("Ngày = as_of\n" + SHORT_COUNTS, style))
    money = listing(tables["funding"], columns_from("Ngày = as_of\n" + FUNDS, style))
    title = "DANH SÁCH HỘ NGHÈO, CẬN NGHÈO"
    pages = [
        sent_page("Ho", unit, title, households, foot=below("x là có, 0 là không."), **old),
        sent_page("Nhan khau", unit, "DANH SÁCH NHÂN KHẨU", persons, "x: có; 0: không", **old),
        sent_page("So lieu", unit, "SỐ LIỆU CHUNG", counts, **old),
        sent_page("Von", unit, "KINH PHÍ", money, "Đơn vị tính: triệu đồng", **old),
    ]
    return {"chieng xom ra soat ho ngheo.xlsx": xlsx(pages)}


def _chieng_an(tables: Tables) -> dict[str, bytes]:
    """03667: households with their members in one sheet a date; points of 10; "02" persons."""
    unit = "03667"
    style = PLAIN | {"deprived": yes_no(10, 0), "size": lambda count: f"{int(count):02d}"}
    shape = f"""
        STT hộ = household; Họ và tên chủ hộ = head~no_name; STT thành viên hộ = person
        Họ và tên thành viên = person~no_name; Năm sinh > Nam = birth_year@male
        Năm sinh > Nữ = birth_year@female; Tổ, bản = village; Giới tính chủ hộ = head_sex
        Dân tộc = ethnicity; Khu vực = area; Số khẩu = members~size; Điểm B1 = income_score
        Điểm B2 = deprivation_score
        {deprivations("Điểm thiếu hụt (10 điểm/chỉ số thiếu hụt)", OFFICIAL_NAMES)}
        Phân loại đầu năm = start_status; Kết quả rà soát = status
        {NEEDS}
        {SUPPORTS}"""
    style["no_name"] = lambda value: NO_NAME
    pages = []
    for day, of_date in _by_date(tables).items():
        body = listing(_with_members(of_date), columns_from(shape, style), numbering=True)
        at = len(body.rows) - len(_with_members(of_date))
        body.rows.insert(at, ["PHƯỜNG CHIỀNG AN"])
        short = date.fromisoformat(day).strftime("%d-%m-%Y")
        title = "DANH SÁCH CHI TIẾT HỘ NGHÈO, HỘ CẬN NGHÈO"
        pages.append(sent_page(short, unit, title, body, until(day), foot=below()))
    counts = listing(tables["unit_counts"], columns_from("Ngày = as_of\n" + COUNTS, style))
    money = listing(tables["funding"], columns_from("Ngày = as_of\n" + FUNDS, style))
    pages += [
        sent_page("Số liệu chung", unit, "SỐ LIỆU CHUNG", counts),
        sent_page("Kinh phí", unit, "KINH PHÍ GIẢM NGHÈO", money, "ĐVT: tr.đ"),
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
    unit, style = "03670", PLAIN | {"date": date.fromisoformat}
    typed = {"letters": "composed"}
    register = f"""
        STT = #; Ngày rà soát = as_of; Mã hộ = household; Địa bàn = village
        Giới tính = head_sex; Dân tộc = ethnicity; Khu vực = area; Số nhân khẩu = members
        Kết quả chấm điểm > B1 = income_score; Kết quả chấm điểm > B2 = deprivation_score
        {deprivations("Kết quả chấm điểm > Chỉ số thiếu hụt", SHORT_NAMES)}
        Phân loại > Đầu năm = start_status; Phân loại > Sau rà soát = status
        {SHORT_NEEDS}"""
    members = f"""
        Ngày rà soát = as_of; Mã hộ = household; STT thành viên hộ = person
        Nam = birth_year@male; Nữ = birth_year@female
        {SUPPORTS}"""
    households = listing(tables["households"], columns_from(register, style), numbering=True)
    persons = listing(tables["members"], columns_from(members, style))
    counts = listing(tables["unit_counts"], columns_from("Ngày = as_of\n" + SHORT_COUNTS, style))
    money = listing(tables["funding"], columns_from("Ngày = as_of\n" + FUNDS, style))
    pages = [
        sent_page(
            "Danh sách hộ", unit, "DANH SÁCH HỘ SAU RÀ SOÁT", households, foot=below(), **typed
        ),
        sent_page("Nhân khẩu", unit, "DANH SÁCH NHÂN KHẨU (năm sinh)", persons, **typed),
        sent_page("Số liệu", unit, "SỐ LIỆU CHUNG", counts, **typed),
        sent_page("Kinh phí", unit, "KINH PHÍ", money, "Đơn vị tính: triệu đồng", **typed),
    ]
    return {"Chiềng Cơi.ods": ods(pages)}


def _chieng_ngan(tables: Tables) -> dict[str, bytes]:
    """03673: marks taken apart (NFD); "1.733" beside 1720; an old version on a hidden sheet."""
    unit, typed = "03673", {"letters": "nfd"}
    style = PLAIN | {"deprived": yes_no(10, 0), "flag": yes_no(1, 0), "money": with_comma}
    mixed = style | {"count": sometimes_dotted}
    register = f"""
        TT = #; Bản = village; Thông tin hộ > Mã hộ = household
        Thông tin hộ > Giới tính chủ hộ = head_sex; Thông tin hộ > Dân tộc = ethnicity
        Thông tin hộ > Khu vực = area; Thông tin hộ > Số nhân khẩu = members
        Kết quả rà soát > Điểm > B1 = income_score
        Kết quả rà soát > Điểm > B2 = deprivation_score
        {deprivations("Kết quả rà soát > Chỉ số thiếu hụt", OFFICIAL_NAMES)}
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
        body = listing(rows, columns_from(register, style), numbering=True,
                       section=lambda row: row["village"], total="Tổng cộng",
                       totals=("members",))  # fmt: skip
        title = "DANH SÁCH HỘ NGHÈO, HỘ CẬN NGHÈO XÃ CHIỀNG NGẦN"
        pages.append(
            sent_page(slashed(day).replace("/", "."), unit, title, body, until(day), **typed)
        )
    older = [row | {"members": row["members"] and "9"} for row in rows[:40]]
    body = listing(older, columns_from(register, style), numbering=True)
    pages.append(sent_page("Bản cũ", unit, title, body, until(day), hidden=True, **typed))
    persons = listing(tables["members"], columns_from(members, style))
    counts = listing(tables["unit_counts"], columns_from("Thời gian = as_of\n" + COUNTS, mixed))
    money = listing(tables["funding"], columns_from("Thời gian = as_of\n" + FUNDS, style))
    pages += [
        sent_page("Nhân khẩu", unit, "DANH SÁCH NHÂN KHẨU", persons, **typed),
        sent_page("Số liệu chung", unit, "SỐ LIỆU CHUNG", counts, **typed),
        sent_page("Kinh phí", unit, "KINH PHÍ", money, "Đơn vị tính: triệu đồng", **typed),
    ]
    return {"Xa Chieng Ngan.xlsx": xlsx(pages)}


def _hua_la(tables: Tables) -> dict[str, bytes]:
    """03676: x in the column of the status; check columns beside; a hidden row; money in đồng."""
    unit = "03676"
    style = PLAIN | {"money": lambda amount: dotted(str(int(Decimal(amount) * 1_000_000)))}
    register = f"""
        STT = #; Mã hộ = household; Tổ/bản/TK = village; Giới tính chủ hộ = head_sex
        Dân tộc = ethnicity; Khu vực = area; Khẩu = members; Điểm B1 = income_score
        Điểm B2 = deprivation_score
        {deprivations("Thiếu hụt các dịch vụ xã hội cơ bản", OFFICIAL_NAMES)}
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
        body = listing(of_date["households"], columns_from(register, style), numbering=True,
                       total="Tổng cộng", totals=("members",))  # fmt: skip
        body = _with_checks(body, of_date["households"])
        persons = listing(of_date["members"], columns_from(members, style))
        short = date.fromisoformat(day).strftime("%d%m%y")
        foot = below("khẩu là số người thực tế cư trú.", "Hua La, ngày 05 tháng 01 năm 2021")
        title = "DANH SÁCH HỘ NGHÈO, HỘ CẬN NGHÈO"
        pages.append(sent_page(f"DS ho {short}", unit, title, body, until(day), foot=foot))
        title = "DANH SÁCH CHI TIẾT THÀNH VIÊN HỘ NGHÈO, HỘ CẬN NGHÈO"
        pages.append(sent_page(f"DS khau {short}", unit, title, persons, until(day)))
    counts = listing(
        tables["unit_counts"], columns_from("Thời điểm = as_of\n" + SHORT_COUNTS, style)
    )
    money = listing(tables["funding"], columns_from("Thời điểm = as_of\n" + FUNDS, style))
    pages += [
        sent_page("So lieu", unit, "SỐ LIỆU CHUNG", counts),
        sent_page("Kinh phi", unit, "KINH PHÍ", money, "Đơn vị tính: đồng"),
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
    unit, mark = "03679", yes_no("x", None)
    style = PLAIN | {"flag": mark, "deprived": mark, **statuses_in(STATUS_SHORT)}
    style |= {"date": serial, "unit": int, "persons": lambda count: f"{count} khẩu"}
    register = f"""
        STT = #; Mã PX = unit; Ngày rà soát = as_of; Tổ, bản, tiểu khu = village
        STT hộ = household; Giới tính chủ hộ = head_sex; Dân tộc = ethnicity; Khu vực = area
        Số khẩu = members~persons; Điểm B1 = income_score; Điểm B2 = deprivation_score
        {deprivations("Chỉ số thiếu hụt", NUMBERED_NAMES)}
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
    households = listing(there, columns_from(register, style), numbering=True)
    left = listing(absent, columns_from(gone, style))
    persons = listing(tables["members"], columns_from(members, style))
    counts = listing(tables["unit_counts"], columns_from("Ngày = as_of\n" + COUNTS, style))
    money = listing(tables["funding"], columns_from("Ngày = as_of\n" + FUNDS, style))
    pages = [
        sent_page("Danh sách", unit, "DANH SÁCH HỘ RÀ SOÁT", households, legend, foot=below()),
        sent_page("Chuyển đi", unit, "DANH SÁCH HỘ KHÔNG CÒN TRÊN ĐỊA BÀN", left),
        sent_page("Nhân khẩu", unit, "DANH SÁCH NHÂN KHẨU", persons, legend),
        sent_page("Số liệu", unit, "SỐ LIỆU CHUNG", counts),
        sent_page("Kinh phí", unit, "KINH PHÍ", money, "ĐVT: triệu đồng"),
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
    style = PLAIN | {"flag": yes_no("x", None), "standard": yes_no("Đạt", "Chưa đạt")}
    shape = """
        STT = #; Tên trường = name; Cấp học > MN = preschool; Cấp học > TH = primary
        Cấp học > THCS = lower_secondary
        Đạt chuẩn quốc gia = meets_national_standard~standard"""
    office = [["UBND THÀNH PHỐ SƠN LA"], ["PHÒNG GIÁO DỤC VÀ ĐÀO TẠO"], []]
    pages = []
    for day in sorted({row["as_of"] for row in schools}):
        rows = [row for row in schools if row["as_of"] == day]
        section = lambda row: unit_name(row["unit"]).upper()  # noqa: E731
        body = listing(rows, columns_from(shape, style), section=section)
        legend = "(Cấp học: đánh dấu x nếu có, để trống nếu không)"
        title = [["DANH SÁCH TRƯỜNG HỌC"], [until(day)], [legend], [SYNTHETIC], []]
        pages.append(stacked(f"Trường {slashed(day).replace('/', '-')}", office, title, body))
    return {"Phòng GD&ĐT - danh sách trường.xlsx": xlsx(pages)}


def _health_centre(stations: Rows) -> dict[str, bytes]:
    """The health stations of all units in one CSV of today: the unit by its short name."""
    style = PLAIN | {"flag": yes_no("Có", "Không"), "standard": yes_no("Đạt", "Chưa đạt")}
    style["unit"] = lambda unit: unit_name(unit).replace("Phường ", "P. ").replace("Xã ", "X. ")
    shape = """
        TT = #; Thời điểm = as_of; Xã/phường = unit; Tên TYT = name; Có BS = has_doctor
        Đạt BTCQGYTX = meets_national_criteria~standard"""
    title = [["TRUNG TÂM Y TẾ THÀNH PHỐ SƠN LA"], ["DANH SÁCH TRẠM Y TẾ"], [SYNTHETIC], []]
    page = stacked("", title, listing(stations, columns_from(shape, style)))
    return {"Trung tâm Y tế - trạm y tế.csv": csv_text(page, ",", "utf-8-sig")}
