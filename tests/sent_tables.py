"""Sheets written as one sees them, and what the intake reads from them: for tests of the intake.

A line is a row, "|" stands between cells. Names of persons are made up; none must come out again.
"""

from functools import cache
from pathlib import Path

import numpy as np
from spreadsheets import Page, xlsx

from sonla_analysis.definitions.plan import load_plan
from sonla_analysis.definitions.units import shipped_units
from sonla_analysis.intake.folder import take_in
from sonla_analysis.intake.layout import find_blocks
from sonla_analysis.intake.reading import Reader, Rows, Sender
from sonla_analysis.intake.sheets import Sheet

CHIENG_LE = Sender("03646", "2020-12-31")
plan = cache(load_plan)
without_answers = cache(lambda: Reader(plan(), shipped_units(), {}))


def lines(text: str) -> list[list[str]]:
    """Return the rows of a sheet, all of one width."""
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip("\n").split("\n")]
    return [row + [""] * (max(map(len, rows)) - len(row)) for row in rows]


def page(name: str, text: str, **looks) -> Page:
    return Page(name, lines(text), **looks)


def notes(unit: str = "", number="", day: str = "", made_up: str = "") -> Page:
    """Return the sheet on which a sender says who sends what."""
    said = f"Đơn vị | {unit}\nNgày số liệu | {day}\nLần gửi | {number}\nSố liệu giả lập | {made_up}"
    return page("Hướng dẫn", said)


def blocks(text: str, sender=CHIENG_LE, answers=None, name="Sheet1", **sheet) -> list[Rows]:
    """Return what is read of the tables of one sheet."""
    reader = Reader(plan(), shipped_units(), answers) if answers else without_answers()
    cells = np.array(lines(text), dtype=object)
    found = find_blocks(Sheet("a.xlsx", name, cells, **sheet), reader.headings)
    return [reader.read(block, sender) for block in found]


def block(text: str, *others, **more) -> Rows:
    (rows,) = blocks(text, *others, **more)
    return rows


def column(rows: Rows, name: str) -> list[str]:
    return list(rows.frame[name])


def table(rows: Rows, *names: str) -> str:
    """Return some columns as the lines of a sheet."""
    return "\n".join(" | ".join(row) for row in rows.frame[list(names)].to_numpy())


def told(found, rule: str) -> list[tuple[str, str]]:
    """Return the cells and contents of the findings of a rule."""
    return [(one.cell, one.found) for one in found.findings if one.rule == rule]


def asked(found) -> list[tuple[str, str, tuple]]:
    return [(one.section, one.key, one.candidates) for one in found.questions]


def sent(folder: Path, **files) -> Path:
    """Write an inbox: pages are a workbook, bytes are as they are, a text is a CSV in UTF-8."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = "\n".join(",".join(f'"{cell}"' for cell in row) for row in lines(content))
            content = content.encode()
        file.write_bytes(xlsx(content) if isinstance(content, list) else content)
    return folder


def taken(folder: Path, answers=None, **files):
    """Return what is taken in of an inbox with these files."""
    return take_in(sent(folder, **files), plan(), None, answers)
