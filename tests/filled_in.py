"""Workbooks to fill in, filled in and read back as an office does it, without `sonla intake`."""

import openpyxl
import pandas as pd

from sonla_analysis.intake.sheets import read_sheets
from sonla_analysis.intake.workbooks import DATA, HEAD, VERTICAL, choices, heading, to_fill_in
from sonla_analysis.language.phrases import phrase


def sheet_name(table: str) -> str:
    return phrase(f"fill_sheet.{table}", "vi")


def fill_in(path, plan, **rows) -> None:
    """Type rows, as {column: what somebody types}, below the headings of a workbook's sheets."""
    book = openpyxl.load_workbook(path)
    for table, lines in rows.items():
        sheet = book[sheet_name(table)]
        for place, line in enumerate(lines):
            for name, typed in line.items():
                if table in VERTICAL:
                    at = list(to_fill_in(plan)[table]).index(name)
                    sheet.cell(DATA + 1 + at, 2, typed)
                else:
                    heads = [cell.value for cell in sheet[HEAD + 1]]
                    at = heads.index(heading(table, name, plan))
                    sheet.cell(DATA + 1 + place, at + 1, typed)
    book.save(path)


def read_back(path, plan) -> dict[str, pd.DataFrame]:
    """Return the tables of a filled-in workbook in the words of the input contract, all text."""
    sheets = {one.name: one for one in read_sheets(path)}
    about = {row[0]: row[1] for row in sheets[sheet_name("notes")].cells[2:6]}
    given = {"as_of": about["Ngày số liệu"], "unit": about["Mã đơn vị"]}
    tables = {}
    for table, columns in to_fill_in(plan).items():
        cells = sheets[sheet_name(table)].cells
        if table in VERTICAL:
            rows = pd.DataFrame([cells[DATA : DATA + len(columns), 1]], columns=[*columns])
        else:
            rows = pd.DataFrame(cells[DATA:, : len(columns)], columns=[*columns])
        rows = rows[(rows != "").any(axis=1)]
        for name, column in columns.items():
            codes = ("true", "false") if column.kind == "flag" else column.choices
            words = dict(zip(choices(column), codes, strict=True))
            rows[name] = rows[name].replace(words)
        tables[table] = rows.assign(**given)
    return tables
