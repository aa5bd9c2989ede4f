"""The papermill engine: outputs as a kernel sends them, and a record that never says too much."""

import json
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

pytestmark = pytest.mark.whole

KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
SHOWS = """\
import sys
from IPython.display import HTML, display, update_display
print("một"); print("hai"); print("ba", file=sys.stderr)
shown = display(HTML("<b>x</b>"), display_id="here")
print("bốn")
update_display(HTML("<b>y</b>"), display_id="here")
6 * 7"""
DRAWS = """\
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.gca().set_title("hình");"""
CLEARS = """\
from IPython.display import clear_output
print("trước")
clear_output(wait=True)
print("sau")"""


RUN = """\
import json, sys
from sonla_analysis.batch.notebooks import papermill
papermill.execute_notebook(
    "in.ipynb", "out.ipynb", json.loads(sys.argv[1]), sys.argv[2], progress_bar=False)"""


def run(folder, *sources, engine="sonla", command=(sys.executable, "-c", RUN), **parameters):
    """Run cells in a process of their own; return its exit code and the notebook it leaves."""
    cells = [new_markdown_cell("Lời dẫn"), *(new_code_cell(source) for source in sources)]
    cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), folder / "in.ipynb")
    if command[1] == "-c":
        command = [*command, json.dumps(parameters), engine]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    return ran.returncode, nbformat.read(folder / "out.ipynb", as_version=4)


def statuses(notebook) -> list[str]:
    return [
        cell.metadata.papermill.status for cell in notebook.cells if "papermill" in cell.metadata
    ]


def plain(outputs) -> list:
    """Return outputs without what differs between two kernels."""
    kept = json.loads(json.dumps(outputs))
    for one in kept:
        one.get("data", {}).pop("image/png", None)
    return kept


def test_papermills_own_command_finds_the_engine_and_codes_stay_text(tmp_path):
    words = ["papermill", "--engine", "sonla", "in.ipynb", "out.ipynb", "-r", "unit", "03646"]
    command = [sys.executable, "-m", *words]
    code, notebook = run(tmp_path, "unit = '1'", "unit", command=command)
    assert code == 0
    assert notebook.cells[-1].outputs[0]["data"]["text/plain"] == "'03646'"
    assert set(statuses(notebook)) == {"completed"}


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (["-r", "unti", "03646"], "declares no parameter 'unti'; allowed: unit (did you mean 'uni"),
        (["-p", "unit", "03646"], "parameter 'unit' is text"),
        (["-p", "x\nimport os", "1"], "is no parameter name"),
    ],
)
def test_papermills_own_command_obeys_the_declaration(tmp_path, given, refusal):
    cell = new_code_cell("unit: str = '1'", metadata={"tags": ["parameters"]})
    nbformat.write(new_notebook(cells=[cell], metadata=KERNEL), tmp_path / "in.ipynb")
    words = ["papermill", "--engine", "sonla", "in.ipynb", "out.ipynb", *given]
    ran = subprocess.run(
        [sys.executable, "-m", *words], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 1
    assert refusal in ran.stderr
    assert not (tmp_path / "out.ipynb").exists()


def test_cells_leave_what_they_leave_in_a_kernel(tmp_path):
    sources = ["a = 1", SHOWS, DRAWS, CLEARS, "None", "x = 1", "1 / 2;", "[1, 2]", "print(a); a"]
    cells = {}
    for engine in ("sonla", "nbclient"):
        (tmp_path / engine).mkdir()
        code, notebook = run(tmp_path / engine, *sources, engine=engine)
        assert code == 0
        cells[engine] = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for ours, theirs in zip(*cells.values(), strict=True):
        assert ours.execution_count == theirs.execution_count
        assert [list(one.get("data", {})) for one in ours.outputs] == [
            list(one.get("data", {})) for one in theirs.outputs
        ], ours.source
        assert plain(ours.outputs) == plain(theirs.outputs), ours.source


def test_an_error_stops_the_page_and_the_rest_stays_pending(tmp_path):
    code, notebook = run(tmp_path, "a = 1", "1 / 0", "print('never')")
    assert code != 0
    *_, failed, never = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert failed.metadata.papermill.status == "failed"
    assert never.metadata.papermill.status == "pending"
    assert failed.outputs[0].ename == "ZeroDivisionError"
    assert notebook.metadata.papermill.exception is True


WRONG = """\
from sonla_analysis.definitions.units import unit_named
unit_named("3646", "2020-12-31")"""


@pytest.mark.parametrize(
    ("language", "sentence"), [("vi", "mã đơn vị (có"), ("en", "unit (in for")]
)
def test_a_refusal_is_one_sentence_in_a_kernel_and_the_batch_s_cause_is_as_ever(
    tmp_path, language, sentence
):
    causes = set()
    for engine in ("sonla", "nbclient"):
        (tmp_path / engine).mkdir()
        source = f'language: str = "{language}"'
        _, notebook = run(tmp_path / engine, source, WRONG, engine=engine)
        (error,) = [one for cell in notebook.cells for one in cell.get("outputs", [])
                    if one.output_type == "error"]  # fmt: skip
        (line,) = error.traceback
        assert line.startswith(sentence) and "'03646'" in line
        causes.add((error.ename, error.evalue))
    ((name, cause),) = causes
    assert name == "UsageError" and cause.startswith("unit (in force on 2020-12-31) must be")


def test_a_syntax_error_is_an_error(tmp_path):
    code, notebook = run(tmp_path, "a = 1", "if:")
    assert code != 0
    assert statuses(notebook)[-1] == "failed"


@pytest.mark.parametrize("leave", ["import sys; sys.exit()", "exit()", "raise SystemExit(0)"])
def test_an_early_exit_is_not_the_end(tmp_path, leave):
    code, notebook = run(tmp_path, "a = 1", leave, "print('never')")
    assert code != 0
    assert statuses(notebook)[-2:] == ["failed", "pending"]


def test_a_killed_run_leaves_a_record_of_how_far_it_came(tmp_path):
    code, notebook = run(tmp_path, "a = 1", "import os; os.kill(os.getpid(), 9)", "print('never')")
    assert code == -9
    assert statuses(notebook)[-2:] == ["running", "pending"]
    assert notebook.metadata.papermill.end_time is None


def test_top_level_await_works_as_in_a_kernel(tmp_path):
    code, notebook = run(tmp_path, "a = 1", "import asyncio\nawait asyncio.sleep(0, 'xong')")
    assert code == 0
    assert notebook.cells[-1].outputs[0]["data"]["text/plain"] == "'xong'"
