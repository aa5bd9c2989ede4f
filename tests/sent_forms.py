"""Official forms as offices lay them out, written for the tests; all figures are made up.

Each function returns the rows of one sheet and its merged ranges; `write` makes a workbook of them.
"""

from pathlib import Path

from openpyxl import Workbook

ABOVE = [
    ["UBND HUYỆN A", "", "", "", "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
    ["PHÒNG LĐ-TBXH", "", "", "", "", "Độc lập - Tự do - Hạnh phúc"],
    ["", "", "", "", "", "", "", "", "Mẫu số 08"],
]
BELOW = [
    ["Ghi chú: số liệu tại thời điểm rà soát, hộ nghèo theo chuẩn 2022 - 2025"],
    ["", "", "", "", "", "", "A, ngày 05 tháng 12 năm 2023"],
    ["", "NGƯỜI LẬP BIỂU", "", "", "", "", "CHỦ TỊCH UBND"],
]
UNITS = ("Thị trấn Một", "Xã Hai", "Xã Ba")


def write(path: Path, **sheets) -> Path:
    """Write sheets, given as (rows, merged ranges), with the figures as numbers."""
    book = Workbook()
    book.remove(book.active)
    for name, (rows, merged) in sheets.items():
        sheet = book.create_sheet(name)
        for row, cells in enumerate(rows, start=1):
            for column, value in enumerate(cells, start=1):
                if value != "":
                    sheet.cell(row, column, value)
        for top, left, bottom, right in merged:
            sheet.merge_cells(
                start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1
            )
    book.save(path)
    return path


def framed(title: str, heads: list[list], lines: list[list], merged=(), year=2023):
    """Return a form with what stands above and under it; `merged` counts from its first heading."""
    above = [*ABOVE, [title], [f"Năm rà soát: {year}"]]
    first = len(above)
    ranges = [(top + first, left, bottom + first, right) for top, left, bottom, right in merged]
    ranges += [(3, 0, 3, len(heads[-1]) - 1)]
    return [*above, *heads, *lines, *BELOW], ranges


def in_sections(urban: list[list], rural: list[list], add=None) -> list[list]:
    """Return lines under I, II and III, numbered anew in each part, with their sums."""
    add = add or sums
    return [
        ["I", "Khu vực thành thị", *add(urban)],
        *([place, *line] for place, line in enumerate(urban, start=1)),
        ["II", "Khu vực nông thôn", *add(rural)],
        *([place, *line] for place, line in enumerate(rural, start=1)),
        ["III\xa0", "Tổng cộng (I + II)", *add(urban + rural)],
    ]


def sums(lines: list[list]) -> list:
    return [sum(column) for column in list(zip(*lines, strict=True))[1:]]


def result(lines: list[list], title="MẪU SỐ 08. TỔNG HỢP KẾT QUẢ RÀ SOÁT HỘ NGHÈO, HỘ CẬN NGHÈO"):
    """Return form 7.1: its lines are number, unit, and ten columns."""
    heads = [
        ["TT", "Khu vực/Địa bàn", "Tổng số hộ dân cư(tại thời điểm rà soát)", "",
         "Kết quả rà soát (sơ bộ/chính thức)", "", "", "", "", "", "", ""],
        ["", "", "", "", "NGHÈO", "", "", "", "CẬN NGHÈO", "", "", ""],
        ["", "", "Số hộ", "Nhân khẩu", "Hộ nghèo", "", "Khẩu nghèo", "", "Hộ cận nghèo", "",
         "Khẩu cận nghèo", ""],
        ["", "", "", "", *["Số hộ", "Tỷ lệ", "Số khẩu", "Tỷ lệ"] * 2],
        ["A", "B", "1", "2", "3", "4=3/1*100", "5", "6=5/2*100", "7", "8=7/1*100", "9",
         "10=9/2*100"],
    ]  # fmt: skip
    merged = [(0, 0, 3, 0), (0, 1, 3, 1), (0, 2, 1, 3), (0, 4, 0, 11), (1, 4, 1, 7), (1, 8, 1, 11)]
    merged += [(2, 2, 3, 2), (2, 3, 3, 3), (2, 4, 2, 5), (2, 6, 2, 7), (2, 8, 2, 9), (2, 10, 2, 11)]
    return framed(title, heads, lines, merged)


def with_rates(counts: list) -> list:
    """Return a line of form 7.1 from households, persons, poor, theirs, near-poor, theirs."""
    households, persons, poor, poor_persons, near, near_persons = counts[-6:]
    figures = [households, persons, poor, rate(poor, households)]
    figures += [poor_persons, rate(poor_persons, persons), near, rate(near, households)]
    return [*counts[:-6], *figures, near_persons, rate(near_persons, persons)]


def rate(part: int, whole: int):
    return f"{part / whole * 100:.2f}".replace(".", ",") if whole else "NaN%"


MOVES = {
    "poor": (
        "MẪU SỐ 09. TỔNG HỢP DIỄN BIẾN HỘ NGHÈO TRONG NĂM",
        ["Trở thành hộ cận nghèo", "Vượt chuẩn cận nghèo"],
        ["Số hộ cận nghèo trở thành hộ nghèo", "Tái nghèo", "Phát sinh mới"],
    ),
    "near_poor": (
        "MẪU SỐ 10. TỔNG HỢP DIỄN BIẾN HỘ CẬN NGHÈO TRONG NĂM",
        ["Thoát cận nghèo", "Trở thành hộ nghèo"],
        ["Số hộ nghèo trở thành hộ cận nghèo", "Tái cận nghèo", "Phát sinh mới"],
    ),
}
CHANGE = "Nguyên nhân: thay đổi nhân khẩu, chuyển {way}, tách, nhập…"


def moves(lines: list[list], status="poor", line_column=True, noun="hộ", check=()):
    """Return form 7.2 or 7.3: number, unit, (Hộ or Nhân khẩu), nine columns, a check beside it."""
    title, out, into = MOVES[status]
    what = "nghèo" if status == "poor" else "cận nghèo"
    words = ["TT", "Khu vực/ Đơn vị", *(["Phân tổ"] if line_column else [])]
    side = len(words)
    start = f"Tổng số {noun} {what} đầu năm (theo Quyết định phê duyệt của cấp có thẩm quyền)"
    end = f"Tổng số {noun} {what} cuối năm (theo Quyết định)"
    blank = [""] * side
    heads = [
        [*words, start, "Diễn biến giảm", "", "", "Diễn biến tăng", "", "", "", end],
        [*blank, "", f"Số hộ thoát {what}", "", CHANGE.format(way="đi"), into[0],
         "Hộ ngoài danh sách hộ nghèo, hộ cận nghèo gặp khó khăn đột xuất", "",
         CHANGE.format(way="đến"), ""],
        [*blank, "", *out, "", "", *into[1:], "", ""],
        [*"ABC"[:side], "1", "2", "3", "4", "5", "6", "7", "8", "9=1-2-3-4+5+6+7+8"],
    ]  # fmt: skip
    merged = [(0, at, 2, at) for at in (*range(side + 1), side + 8)]
    merged += [(0, side + 1, 0, side + 3), (0, side + 4, 0, side + 7), (1, side + 1, 1, side + 2)]
    merged += [(1, side + 3, 2, side + 3), (1, side + 4, 2, side + 4), (1, side + 5, 1, side + 6)]
    merged += [(1, side + 7, 2, side + 7)]
    if check:
        heads[0].append("cột kiểm tra số bằng 0 thì khớp")
        lines = [[*line, one] for line, one in zip(lines, check, strict=True)]
    if line_column:
        merged += [(at, column, at + 1, column) for at in range(4, 4 + len(lines), 2)
                   for column in (0, 1)]  # fmt: skip
    return framed(title, heads, lines, merged)


def deprivations(lines: list[list], how="SỐ LƯỢNG", check=False):
    """Return form 7.4 or 7.5: number, unit, poor households, twelve columns known by number."""
    title = f"MẪU SỐ 11. TỔNG HỢP {how} CÁC CHỈ SỐ THIẾU HỤT DỊCH VỤ XÃ HỘI CƠ BẢN CỦA HỘ NGHÈO"
    meaning = (
        "Trong đó hộ thiếu hụt: 1 việc làm; 2 người phụ thuộc; 3 dinh dưỡng; 4 bảo hiểm y tế; …"
    )
    tail = ["Chi số kiểm tra", "TRUE LÀ ĐÚNG"] if check else []
    heads = [
        ["TT", "Khu vực/ Đơn vị", "Tổng số Hộ nghèo", meaning, *[""] * 11, *tail],
        ["", "", "", *map(str, range(1, 13))],
        ["A", "B", *map(str, range(1, 14))],
    ]
    if check:
        lines = [[*line, "12.5", "TRUE"] for line in lines]
    return framed(title, heads, lines, [(0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 14)])
