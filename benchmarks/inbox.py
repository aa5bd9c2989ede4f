"""What offices send: the folder of the city, a register of 100,000 rows, that of a province."""

import csv
import sys
import tempfile
from itertools import cycle
from pathlib import Path

from machine import BIN, ROOT, median, timed

SENT = ROOT / "data/sample/submissions"
_PANDAS = "import sys, pandas; pandas.read_excel(sys.argv[1], engine='calamine', header=None)"
_OURS = """
import sys
from pathlib import Path
from sonla_analysis.definitions.plan import load_plan
from sonla_analysis.definitions.units import shipped_units
from sonla_analysis.intake.layout import find_blocks
from sonla_analysis.intake.reading import Reader, Sender
from sonla_analysis.intake.sheets import read_sheets
reader = Reader(load_plan(), shipped_units(), {})
(sheet,) = read_sheets(Path(sys.argv[1]))
(block,) = find_blocks(sheet, reader.headings)
assert len(reader.read(block, Sender()).frame) == int(sys.argv[2])
"""


def inbox(data, sizes) -> dict:
    """Seconds of `sonla intake` on two folders; a large register against `pandas.read_excel`."""
    rows = sizes["inbox_rows"]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        register = _register(folder / "register.xlsx", rows)
        pairs = [
            (timed(sys.executable, "-c", _OURS, register, rows),
             timed(sys.executable, "-c", _PANDAS, register))
            for _ in range(sizes["runs"])
        ]  # fmt: skip
        runs = range(sizes["runs"])
        city = median(_intake(SENT, folder / f"city{run}") for run in runs)
        province = _province(folder / "office", sizes["inbox_filled"])
        return {
            "rows": rows,
            "register": median(ours for ours, _ in pairs),
            "pandas": median(theirs for _, theirs in pairs),
            "city": city,
            "province": timed(BIN / "sonla", "intake", cwd=province, ends=(0, 1)),
            "filled": sizes["inbox_filled"],
        }


def _intake(sent: Path, out: Path) -> float:
    return timed(BIN / "sonla", "intake", sent, "--out", out / "data", ends=(0, 1))


def _register(path: Path, rows: int) -> Path:
    """Write a workbook with a register of so many rows, those of the sample again and again."""
    import xlsxwriter

    with (ROOT / "data/sample/households.csv").open(encoding="utf-8") as file:
        heading, *known = csv.reader(file)
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("households")
    sheet.write_row(0, 0, heading)
    for row, cells in zip(range(rows), cycle(known), strict=False):
        for column, text in enumerate(cells):
            number = heading[column] in ("members", "income_score", "deprivation_score")
            write = sheet.write_number if number and text else sheet.write_string
            write(row + 1, column, int(text) if number and text else text)
    book.close()
    return path


def _province(folder: Path, rows: int) -> Path:
    """Make the working folder of the province, each of its 75 workbooks filled in."""
    import openpyxl

    asked = ["--area", "14", "--standard", "nd07_2021", "--year", "2026"]
    timed(BIN / "sonla", "start", folder, *asked)
    for path in (folder / "inbox").glob("*.xlsx"):
        book = openpyxl.load_workbook(path)
        for sheet in book:
            heads = {cell.value: cell.column for row in sheet.iter_rows(max_row=8) for cell in row}
            if "Mã hộ" in heads:
                first = next(
                    cell.row for row in sheet.iter_rows(max_row=8) for cell in row
                    if cell.value == "Mã hộ"
                )  # fmt: skip
                for row in range(rows):
                    sheet.cell(first + 2 + row, heads["Mã hộ"], f"{path.stem[:5]}-{row:04}")
                    for name, column in heads.items():
                        lacking = "Không" if str(name).startswith("Thiếu hụt") else None
                        if text := _TYPED.get(name, lacking):
                            sheet.cell(first + 2 + row, column, text)
        book.save(path)
    return folder


_TYPED = {
    "Tổ, bản, tiểu khu": "Bản Mòng",
    "Giới tính chủ hộ": "Nam",
    "Dân tộc": "Thái",
    "Khu vực": "Nông thôn",
    "Số nhân khẩu": 4,
    "Điểm B1": 120,
    "Điểm B2": 30,
    "Phân loại": "Hộ nghèo",
    "Phân loại đầu năm": "Hộ nghèo",
}
