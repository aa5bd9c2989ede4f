"""Workbooks: every cell is seen, a date is a date, and what cannot be data is not unpacked."""

import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from sonla_analysis.tables.findings import DataError
from sonla_analysis.tables.workbook import Workbook

ROW = "</row></sheetData>"


def rows(path: Path, sheet: str = "Sheet") -> dict:
    with Workbook(path) as book:
        return book.rows(sheet)


def text_of(path: Path, cell) -> str:
    """Return what is read of one cell that openpyxl wrote."""
    book = openpyxl.Workbook()
    book.active["B3"] = cell
    book.save(path)
    return rows(path)[3][2]


@pytest.fixture
def book(tmp_path):
    """A function that writes a workbook with one row of cells and changes its XML."""

    def write(changes: dict[str, str], more=None) -> Path:
        made, changed = tmp_path / "made.xlsx", tmp_path / "changed.xlsx"
        plain = openpyxl.Workbook()
        plain.active.append(["name", 5, True])
        plain.save(made)
        with zipfile.ZipFile(made) as old, zipfile.ZipFile(changed, "w", 8) as new:
            for name in old.namelist():
                content = old.read(name).decode()
                for before, after in changes.items():
                    content = content.replace(before, after)
                new.writestr(name, content)
            for name, content in (more or {}).items():
                new.writestr(name, content)
        return changed

    return write


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as refused:
        rows(path)
    (finding,) = refused.value.findings
    return finding.rule


# --- what a cell holds -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("03646", "03646"),
        (3646, "3646"),
        (12.5, "12.5"),
        (125.125, "125.1250"),  # not to be taken for a thousands point
        (True, "true"),
        (date(2020, 12, 31), "2020-12-31"),
        (datetime(2020, 12, 31, 10, 30), "2020-12-31T10:30:00"),
        (date(1900, 1, 5), "1900-01-05"),
        ("Tổ 1\nTổ 2", "Tổ 1\nTổ 2"),
        (CellRichText("Tổ ", TextBlock(InlineFont(b=True), "1")), "Tổ 1"),
    ],
)
def test_a_cell_is_read_as_the_text_it_would_be_in_a_csv(tmp_path, cell, text):
    assert text_of(tmp_path / "a.xlsx", cell) == text


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        ("dd/mm/yyyy", "2020-12-31"),
        ('"ngày" d "tháng" m', "2020-12-31"),
        ("[$-42A]dd mmmm yyyy", "2020-12-31"),
        ('#,##0" đồng (d)"', "44196"),
        ("0.00", "44196"),
        ("[Red]0", "44196"),
    ],
)
def test_a_number_is_a_date_where_its_format_shows_one(tmp_path, style, shown):
    made = openpyxl.Workbook()
    made.active["A1"] = 44196
    made.active["A1"].number_format = style
    made.save(tmp_path / "a.xlsx")
    assert rows(tmp_path / "a.xlsx") == {1: {1: shown}}


def test_days_are_counted_from_1904_in_a_workbook_from_an_old_mac(tmp_path):
    made = openpyxl.Workbook()
    made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    made.active["A1"] = date(2020, 12, 31)
    made.save(tmp_path / "a.xlsx")
    assert rows(tmp_path / "a.xlsx") == {1: {1: "2020-12-31"}}


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ('<c r="B1" t="e"><v>#DIV/0!</v></c>', "#DIV/0! (Sheet!B1)"),
        ('<c r="B1" t="e"><v>?</v></c>', "#ERROR! (Sheet!B1)"),
        ('<c r="B1"><f>A1+1</f><v></v></c>', "=A1+1 (Sheet!B1)"),
        ('<c r="B1"><f>A1+1</f></c>', "=A1+1 (Sheet!B1)"),
        ('<c r="B1" t="str"><f>A1&amp;1</f></c>', "=A1&1 (Sheet!B1)"),
        ('<c r="B1"><f>A1+1</f><v>6</v></c>', "6"),
        ('<c r="B1" t="s"><v>999</v></c>', "#SST!999 (Sheet!B1)"),
        ('<c r="B1" t="s"><v>-1</v></c>', "#SST!-1 (Sheet!B1)"),
        ('<c t="d"><v>2020-12-31T00:00:00</v></c>', "2020-12-31"),
        ('<c><v>abc</v></c>', "abc"),
        ('<c t="str"><v>a_x000D_b</v></c>', "a\rb"),
    ],
)  # fmt: skip
def test_a_cell_without_a_value_says_what_stands_there_and_where(book, xml, text):
    assert rows(book({'<c r="B1" t="n"><v>5</v></c>': xml}))[1][2] == text


@pytest.mark.parametrize(
    "xml", ['<c r="B1" t="str"><f>A1</f><v></v></c>', '<c r="B1"/>', '<c r="B1" s="0"><v/></c>']
)
def test_a_formula_that_gives_nothing_and_a_formatted_cell_are_blank(book, xml):
    assert 2 not in rows(book({'<c r="B1" t="n"><v>5</v></c>': xml}))[1]


def test_rows_have_the_number_that_excel_shows(book):
    far = f'</row><row r="40"><c r="C40"><v>1</v></c>{ROW}'
    assert rows(book({ROW: far}))[40] == {3: "1"}


# --- what it costs -----------------------------------------------------------------------


def test_a_cell_far_away_costs_no_more_than_a_near_one(book):
    far = f'</row><row r="1048576"><c r="XFD1048576"><v>1</v></c>{ROW}'
    assert rows(book({ROW: far}))[1_048_576] == {16_384: "1"}


BOMB = "x" * 5_000_000
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("changes", "more", "rule"),
    [
        ({ROW: f"</row>{' ' * 50_000_000}</sheetData>"}, {}, "workbook_too_large"),
        ({ROW: f'<c t="inlineStr"><is><t>{BOMB[:999_999]}</t></is></c>{ROW}'}, {},
         "workbook_too_large"),
        ({}, {"xl/media/picture.bin": "0" * 400_000_000}, "workbook_too_large"),
        ({}, {f"more/{number}": "" for number in range(3000)}, "workbook_too_large"),
        ({"<worksheet": f"{ENTITIES}<worksheet"}, {}, "broken_workbook"),
        ({'r="B1"': 'r="ZZZZ1"'}, {}, "broken_workbook"),
        ({'r="B1"': 'r="A1"'}, {}, "broken_workbook"),  # a cell that stands twice
        ({"</sheetData>": ""}, {}, "broken_workbook"),
    ],
    ids=["blanks", "text", "picture", "parts", "entities", "column", "twice", "open"],
)  # fmt: skip
def test_what_cannot_be_data_is_refused_in_one_sentence(book, changes, more, rule):
    assert refusal(book(changes, more=more)) == rule


def test_texts_that_are_used_too_often_are_refused(book):
    cells = '<row><c t="s"><v>0</v></c></row>' * 20_000
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    related = f'<Relationship Id="x" Type="{kind}" Target="texts.xml"/></Relationships>'
    changes = {ROW: f"</row>{cells}</sheetData>", "</Relationships>": related}
    texts = {"xl/texts.xml": f"<sst><si><t>{'x' * 20_000}</t></si></sst>"}
    assert refusal(book(changes, more=texts)) == "workbook_too_large"


LIMITED = """
import resource, sys, time
from pathlib import Path
from sonla_analysis.tables import files as sources, input_tables as tables, workbook
import pandas, pyarrow
pages = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (pages + 150 * 2**20,) * 2)
start = time.monotonic()
try:
    sources.raw_tables(Path(sys.argv[1]), ["schools"], ["schools"])
except tables.DataError as error:
    print(error.findings[0].rule)
assert time.monotonic() - start < 1
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a process")
def test_a_bomb_is_refused_in_a_second_with_little_memory(book):
    made = book({}, more={"xl/media/picture.bin": "0" * 400_000_000})
    ran = subprocess.run([sys.executable, "-c", LIMITED, made], capture_output=True, text=True)
    assert (ran.stdout.strip(), ran.stderr) == ("workbook_too_large", "")


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "old_workbook"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "locked_workbook",
        ),
        (b"as_of,unit\n", "not_a_workbook"),
        (b"", "not_a_workbook"),
        (b"PK\x03\x04 and no more", "not_a_workbook"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused_by_its_true_name(tmp_path, content, rule):
    (tmp_path / "a.xlsx").write_bytes(content)
    assert refusal(tmp_path / "a.xlsx") == rule


def test_a_spreadsheet_of_another_program_is_refused_by_its_true_name(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", "<x/>")
    assert refusal(tmp_path / "a.ods") == "old_workbook"


def test_a_sheet_whose_part_is_gone_is_refused_by_whatever_looks_at_it(tmp_path):
    openpyxl.Workbook().save(tmp_path / "whole.xlsx")
    with zipfile.ZipFile(tmp_path / "whole.xlsx") as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(tmp_path / "lost.xlsx", "w") as lost:
        for name, content in parts.items():
            lost.writestr(name.replace("sheet1.xml", "shoot1.xml"), content)
    with Workbook(tmp_path / "lost.xlsx") as book:
        for look in (book.is_plain, book.rows, book.sheet):
            with pytest.raises(DataError) as refused:
                look("Sheet")
            assert refused.value.findings[0].rule == "broken_workbook"
