"""One command, one page: how quick is help, what does a page cost above the plain limit?"""

import contextlib
import io
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from forked_kernel import kernel_from_warm_process
from machine import BIN, ROOT, median, timed

FORMATS = {"html": "html", "html,png,svg": "html,png,svg"}


def help_time(data, sizes) -> dict:
    """`sonla --help` against `import pandas`, each in a new process."""
    runs = 4 * sizes["runs"]
    return {
        "help": median(timed(BIN / "sonla", "--help") for _ in range(runs)),
        "import_pandas": median(timed(sys.executable, "-c", "import pandas") for _ in range(runs)),
    }


def limit(data, sizes) -> dict:
    """The seconds of a ward's report, one at a time, against its cells as plain Python."""
    found = {}
    for name, formats in FORMATS.items():
        ours = []
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            timed(BIN / "sonla", "report", "--jobs", 1, "--to", formats, "--out", out)
            jobs = json.loads((out / "manifest.json").read_text())["jobs"].values()
            ours = [one["seconds"] for one in jobs if one["unit"] != "116"]
        plain = json.loads(_plain_python(formats, [job["unit"] for job in jobs][1:]))
        found[name] = {"report": median(ours), "plain": median(plain)}
    return found


def _plain_python(formats: str, units: list[str]) -> str:
    """Return the seconds of each unit's cells, run by `exec` in one warm process."""
    import subprocess

    command = [sys.executable, __file__, formats, *units]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def run_cells(page: dict, parameters: dict) -> None:
    """Run a page's cells with these parameters as plain Python."""
    space = {}
    for cell in page["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), "cell", "exec"), space)
            if "parameters" in cell["metadata"].get("tags", []):
                space |= parameters


def _timed_cells(units: list[str]) -> list[float]:
    page = json.loads((ROOT / "notebooks/commune_report.ipynb").read_text(encoding="utf-8"))
    seconds = []
    for unit in [units[-1], *units]:  # the first warms up and does not count
        started = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            run_cells(page, {"unit": unit})
        seconds.append(time.perf_counter() - started)
    return seconds[1:]


def engine_choice(data, sizes) -> dict:
    """A page of five small cells: in the forked process's own shell, or in a kernel forked warm."""
    from batches import planned, scratch

    from sonla_analysis.batch.processes import run_pages
    from sonla_analysis.batch.shell import page_shell

    sources = ["import pandas as pd", "x = pd.Series([1, 2])", "x", "print(x.sum())", "x.mean()"]

    def in_shell(job, say):
        with page_shell() as shell:
            for source in sources:
                shell.run(source)
        say({"end": {"building": "done"}})

    import pandas  # noqa: F401  (both start from a process that has it)

    shell, kernel = [], []
    with scratch() as folder:
        job = planned(folder)[2][1]
    for _ in range(4 * sizes["runs"]):
        started = time.perf_counter()
        list(run_pages([job], 1, lambda: False, in_shell))
        shell.append(time.perf_counter() - started)
        kernel.append(kernel_from_warm_process(sources))
    return {"shell": median(shell), "forked_kernel": median(kernel)}


if __name__ == "__main__":
    os.environ["SONLA_CHARTS_FORMATS"] = ",".join(
        sorted({"html": "text"}.get(one, one) for one in set(sys.argv[1].split(",")) | {"html"})
    )
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SONLA_CHARTS_FOLDER"] = folder
        print(json.dumps(_timed_cells(sys.argv[2:])))
