"""What a user reads agrees with the same figures computed a second time, without the package."""

import ast
import csv
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import independent
import pytest
from bs4 import BeautifulSoup
from independent import CITY, TARGETS

pytestmark = pytest.mark.whole

SAMPLE = Path(__file__).parents[1] / "data/sample"
END = "2020-12-31"
DAYS = ("2019-12-31", "2020-03-31", "2020-06-30", "2020-09-30", END)
NOT_MET = ("on_track", "behind", "missed")


@pytest.fixture
def tables():
    return independent.read(SAMPLE)


@pytest.fixture(
    params=[pytest.param(day, marks=[] if day == END else pytest.mark.faults) for day in DAYS]
)
def reported(request, tmp_path):
    """A day, and the report folder of it: all units at the end of the plan, else the city."""
    out = tmp_path / request.param
    only = [] if request.param == END else ["--unit", CITY]
    command = [sys.executable, "-m", "sonla_analysis.cli", "report", str(SAMPLE), "--to", "html"]
    command += ["--as-of", request.param, "--out", str(out), "--jobs", "1", *only]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return request.param, out


def written(out: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Return the rows of indicators.csv by (unit, number)."""
    with (out / "indicators.csv").open(encoding="utf-8-sig", newline="") as lines:
        return {(row["unit"], row["number"]): row for row in csv.DictReader(lines)}


def whole(cell: str) -> int | None:
    return int(Fraction(cell)) if cell else None


def test_the_second_computation_imports_nothing_but_the_standard_library():
    tree = ast.parse(Path(independent.__file__).read_text(encoding="utf-8"))
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
        for node in imported
    }
    assert names <= sys.stdlib_module_names


def test_on_the_last_day_nine_figures_of_the_city_are_met(tables):
    figures = independent.figures(tables, END)
    met = [number for number in TARGETS if figures[CITY, number].met]
    assert met == ["1a", "1b", "4", "5", "7", "8", "11", "13", "15"]


def test_every_number_of_every_report_is_what_the_second_computation_gives(tables, reported):
    day, out = reported
    rows, figures = written(out), independent.figures(tables, day)
    assert rows.keys() == figures.keys() and len(rows) == 13 * 17
    for place, figure in figures.items():
        row = rows[place]
        assert whole(row["numerator"]) == figure.numerator, place
        assert whole(row["denominator"]) == figure.denominator, place
        if figure.blank:
            ends = figure.numerator, figure.numerator + figure.blank
            assert (whole(row["lowest"]), whole(row["highest"])) == ends and not row["value"], place
        elif row["value"]:
            value = figure.numerator if figure.denominator is None else figure.percent
            assert abs(Fraction(row["value"]) - value) <= Fraction(1, 10**8), place
        else:
            assert not figure.complete or figure.denominator == 0, place
    assert not judged_otherwise(rows, figures)
    if day == END:  # before its end some figures are not due
        assert not left_out(rows, figures)
    for page in sorted(out.glob("*/report.html")):
        assert not misprinted(page, figures)


def judged_otherwise(rows, figures) -> list:
    """Return the figures called met that are not, or not met that are."""
    wrong = []
    for place, figure in figures.items():
        status = rows[place]["status"]
        if (status == "met" and figure.met is not True) or (
            status in NOT_MET and figure.met is not False
        ):
            wrong.append((place, status, figure))
    return wrong


def left_out(rows, figures) -> set:
    """Return the figures that can be judged and are not, or the other way round."""
    judged = {place for place, row in rows.items() if row["status"] in ("met", *NOT_MET)}
    return judged ^ {place for place, figure in figures.items() if figure.met is not None}


def misprinted(page: Path, figures) -> list:
    """Return the lines of a page's table of progress whose numbers are not the figures'."""
    unit = page.parent.name.partition("-")[0]
    lines, wrong = progress_lines(page), []
    assert lines.keys() == TARGETS.keys(), page
    for number, cells in lines.items():
        figure = figures[unit, number]
        if not printed_right(figure, cells["Kết quả"]):
            wrong.append((unit, number, figure, cells["Kết quả"]))
        for heading, count in (
            ("Số lượng", figure.numerator),
            ("Trên tổng số", figure.denominator),
        ):
            if re.match(r"[0-9−]", cells[heading]) and vietnamese(cells[heading]) != count:
                wrong.append((unit, number, figure, cells[heading]))
    return wrong


def progress_lines(page: Path) -> dict[str, dict[str, str]]:
    """Return the table of progress of a page: its lines by number, their cells by heading."""
    for table in BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").find_all("table"):
        head, *rows = (
            [cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])]
            for row in table.find_all("tr")
        )
        if {"Kết quả", "Số lượng", "Trên tổng số"} <= set(head):
            return {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    return {}


def printed_right(figure: independent.Figure, text: str) -> bool:
    """Whether a printed result is its figure, rounded to the digits it shows; "all" is all."""
    number = re.match(r"(−?[0-9.]+(,[0-9]+)?)(%?)", text)
    if not number:
        return not figure.complete or figure.denominator == 0
    shown = vietnamese(number[1])
    if not number[3]:
        return shown == figure.numerator
    half = Fraction(1, 2 * 10 ** len((number[2] or ",")[1:]))
    exact = shown == figure.percent if shown in (0, 100) else True
    return exact and abs(shown - figure.percent) <= half


def vietnamese(text: str) -> Fraction:
    """Return the number that a text begins with, `1.234,5` as 1234.5."""
    digits = re.match(r"−?[0-9.]+(,[0-9]+)?", text)[0]
    return Fraction(digits.replace(".", "").replace(",", ".").replace("−", "-"))
