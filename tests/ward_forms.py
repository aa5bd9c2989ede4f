"""Official forms as wards fill them by hand: the results of a review, and the year's movement."""

from as_written import Tables, below, sent_page, unit_name, until
from spreadsheets import Page, headings

POOR = ("poor_income", "poor_deprivation")


def result_form(name: str, unit: str, day: str, tables: Tables) -> Page:
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
        [1, unit_name(unit), *cells],
        ["II", "Khu vực nông thôn"],
        ["III\u00a0", "Tổng cộng (I + II)", *cells],
    ]
    title = "TỔNG HỢP KẾT QUẢ RÀ SOÁT HỘ NGHÈO, HỘ CẬN NGHÈO"
    return sent_page(name, unit, title, Page("", rows, merged), until(day), foot=below())


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}".replace(".", ",")


def movement_form(name, unit, day, tables: Tables, statuses, word: str) -> Page:
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
        [1, unit_name(unit), "Hộ", *households],
        [None, None, "Nhân khẩu", *persons],
        [None, "Tổng cộng", "Hộ", *households],
        [None, None, "Nhân khẩu", *persons],
    ]
    merged += [(row, column, row + 1, column) for row in (at, at + 2) for column in (0, 1)]
    title = f"DIỄN BIẾN HỘ {word.upper()} TRONG NĂM"
    return sent_page(name, unit, title, Page("", lines, merged), until(day), foot=below())
