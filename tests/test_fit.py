"""A notebook that was not run, or whose parts belong to different runs, is refused by every
exporter, with the name of the cell."""

import json
import subprocess
import sys
from copy import deepcopy

import handmade
import nbformat
import pytest
from nbconvert.exporters import get_exporter

from sonla_analysis import page
from sonla_analysis.definitions.folders import sample_folder, shipped
from sonla_analysis.language.refusals import SonlaError
from sonla_analysis.office.document import read_document
from sonla_analysis.page import report_tables as forms
from sonla_analysis.review import open_review

FORMATS = ("html", "docx", "pdf", "xlsx")
DATE, WARD, OTHER = "2020-12-31", "03646", "03658"


def report(unit: str, as_of: str = DATE):
    """Return a report's executed notebook: its beginning, a sentence, a chart, two tables."""
    review = open_review(sample_folder(), unit, as_of)
    name = page.document_record(review, "Báo cáo")["unit_name"]
    day = "/".join(reversed(as_of.split("-")))
    drawn = handmade.chart(subtitle=f"17 chỉ tiêu; hai; {name}, ngày {day}")
    records = [one.record() for one in (forms.progress(review), forms.annex(review)[0])]
    outputs = [
        handmade.display({"text/markdown": "# Báo cáo"}, page.document_record(review, "Báo cáo")),
        handmade.display({"text/markdown": "Đạt."}, {"kind": "text"}),
        drawn,
        *(handmade.display({"text/plain": ""}, {"kind": "table", **one}) for one in records),
    ]
    for output in outputs:
        output.metadata["sonla"]["stamp"] = review.stamp
    made = nbformat.v4.new_notebook(cells=[handmade.cell(one) for one in outputs])
    for place, cell in enumerate(made.cells, start=1):
        cell |= {"execution_count": place, "source": f"page.call({place})", "id": f"c-{place}"}
    return made


@pytest.fixture(scope="module")
def ward():
    return report(WARD)


def mixed(first, second, place: int):
    """Return the first notebook with one cell (counted from 1) of the second."""
    made = deepcopy(first)
    made.cells[place - 1] = deepcopy(second.cells[place - 1])
    return made


def of_version_0_1(notebook):
    """Return the notebook as the first version left it: no stamps, no records of sentences."""
    made = deepcopy(notebook)
    for cell in made.cells:
        for output in cell.outputs:
            del output.metadata["sonla"]["stamp"]
            if output.metadata["sonla"]["kind"] == "text":
                del output.metadata["sonla"]
    return made


def refusal(notebook) -> SonlaError:
    with pytest.raises(SonlaError) as refused:
        read_document(notebook)
    return refused.value


def test_the_report_of_one_run_is_exported(ward):
    assert read_document(ward).blocks
    assert read_document(of_version_0_1(ward)).blocks


@pytest.mark.parametrize("name", FORMATS)
def test_every_exporter_refuses_a_page_half_run_for_another_unit(ward, name):
    if name == "pdf":
        pytest.importorskip("typst")
    with pytest.raises(SonlaError, match=r"cell 3 \(page.call\(3\)\) is about 03658"):
        get_exporter(f"sonla_{name}")().from_notebook_node(mixed(ward, report(OTHER), 3))


@pytest.mark.parametrize("place", [2, 3, 4, 5])
def test_any_part_of_another_unit_date_or_plan_is_named(ward, place):
    for other in (report(OTHER), report(WARD, "2020-09-30")):
        said = refusal(mixed(ward, other, place))
        assert f"cell {place} (page.call({place}))" in said.text("en")
        assert f"ô thứ {place} (page.call({place})) là của" in said.text("vi")
    planned = deepcopy(ward)
    planned.cells[place - 1].outputs[0].metadata["sonla"]["stamp"]["plan"] = "kh1"
    assert "2020-12-31, kh1, the report begins with" in refusal(planned).text("en")


def test_a_part_made_from_other_figures_is_named(ward):
    corrected = deepcopy(ward)
    for cell in corrected.cells[:2]:
        cell.outputs[0].metadata["sonla"]["stamp"]["figures"] = "0"
    assert "cell 3 (page.call(3)) was made from other figures" in refusal(corrected).text("en")


@pytest.mark.parametrize("place", [3, 5])
def test_a_page_of_version_0_1_is_judged_by_what_it_prints(ward, place):
    said = refusal(of_version_0_1(mixed(ward, report(OTHER), place)))
    assert f"cell {place} (page.call({place})) is about" in said.text("en")
    assert "hường Chiềng Lề" in said.text("vi") and "ã Chiềng Cọ" in said.text("vi")


def test_two_beginnings_that_disagree_are_refused(ward):
    twice = deepcopy(ward)
    twice.cells.append(report(OTHER).cells[0])
    assert "cell 6 (page.call(1)) is about 03658" in refusal(twice).text("en")


def test_a_notebook_of_ones_own_may_show_charts_of_several_units():
    charts = [report(unit).cells[2] for unit in (WARD, OTHER)]
    charts[1].id = "another"
    assert len(read_document(nbformat.v4.new_notebook(cells=charts)).pictures) == 2


# --- not run -----------------------------------------------------------------------------


def stripped(notebook, *places: int):
    """Return the notebook with these cells (all by default) as they are before they are run."""
    made = deepcopy(notebook)
    for place, cell in enumerate(made.cells, start=1):
        if place in places or not places:
            cell.outputs, cell.execution_count = [], None
    return made


@pytest.mark.parametrize("name", FORMATS)
def test_every_exporter_refuses_a_notebook_that_was_not_run(ward, name):
    if name == "pdf":
        pytest.importorskip("typst")
    for empty in (stripped(ward), nbformat.v4.new_notebook()):
        with pytest.raises(SonlaError, match="has not been run") as refused:
            get_exporter(f"sonla_{name}")().from_notebook_node(empty)
        assert "Sổ tay chưa được chạy" in refused.value.text("vi")


def test_a_report_run_in_part_is_refused_with_the_cell_that_was_not(ward):
    assert "cell 4 (page.call(4)) was not" in refusal(stripped(ward, 4, 5)).text("en")


def test_cells_that_nobody_means_to_run_do_not_count(ward):
    kept = stripped(ward, 2, 4)
    kept.cells[1].metadata["tags"] = ["skip-execution"]
    kept.cells[3].source = "  "
    assert read_document(kept).pictures


def converted(folder, name: str, *options: str):
    command = [sys.executable, "-m", "nbconvert", "--to", f"sonla_{name}", "page.ipynb", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def test_jupyter_nbconvert_refuses_in_one_sentence(tmp_path, ward):
    nbformat.write(mixed(ward, report(OTHER), 3), tmp_path / "page.ipynb")
    ran = converted(tmp_path, "docx")
    assert ran.returncode == 1 and "Traceback" not in ran.stderr
    assert "ô thứ 3 (page.call(3)) là của 03658" in ran.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["page.ipynb"]


@pytest.mark.faults
def test_jupyter_nbconvert_runs_the_notebook_first_when_told_to(tmp_path):
    stored = json.loads((shipped("notebooks", "notebooks") / "commune_report.ipynb").read_text())
    stored["cells"] = stored["cells"][:4]
    (tmp_path / "page.ipynb").write_text(json.dumps(stored))
    assert "Sổ tay chưa được chạy" in converted(tmp_path, "html").stderr
    ran = converted(tmp_path, "html", "--execute")
    assert ran.returncode == 0, ran.stderr
    assert "phường Chiềng Lề" in (tmp_path / "page.html").read_text()
