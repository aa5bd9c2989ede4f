"""Small data, small pages and a batch in a process of its own, for the tests of `reports`."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd
import psutil
from nbformat.v4 import new_code_cell, new_notebook

from sonla_analysis.definitions.folders import sample_folder

DATES = ("2019-12-31", "2020-12-31")
WARDS = ("03646", "03658", "03679")
PARAMETERS = """\
data: str = "data/sample"  # folder with the tables
unit: str = "03646"  # code of the unit
as_of: str = "2020-12-31"  # review date
plan: str = "kh159_2020"  # id of the plan
language: str = "vi"  # vi or en"""
BEGIN = """\
from sonla_analysis import page
from sonla_analysis import sentences
from sonla_analysis.review import open_review
review = open_review(data, unit, as_of, plan, language)
page.begin(review)"""
HEADLINE = "page.say(sentences.headline(review))"
PATIENCE = 300  # seconds after which something will not come any more, on however busy a machine
RUN = """\
import json, sys
from sonla_analysis.language.refusals import SonlaError
from sonla_analysis.batch.run import report
try:
    outcome = report(**json.loads(sys.argv[1]))
except SonlaError as error:
    print(error.text("en"))
    sys.exit(10 + error.exit_code)  # refused, not run
print(outcome.sentence)
sys.exit(outcome.exit_code)"""
REFUSED = 10


def small_city(folder: Path, wards=WARDS, names: dict | None = None) -> Path:
    """Write a city of a few wards of the sample, two dates, as CSV files."""
    folder.mkdir(parents=True)
    for file in sample_folder().glob("*.csv"):
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
        kept = table["unit"].isin([*wards, "116"])
        if file.stem != "history":
            kept &= table["as_of"].isin(DATES)
        table[kept].to_csv(folder / file.name, index=False)
    write_units(folder, {code: f"Thử {code}" for code in wards} | (names or {}))
    return folder


def write_units(folder: Path, names: dict[str, str], kind: str = "Phường") -> None:
    """Write units.csv: the province, the city and its wards."""
    rows = [("14", "Sơn La", "Tỉnh", "", ""), ("116", "Sơn La", "Thành phố", "urban", "14")]
    rows += [(code, name, kind, "urban", "116") for code, name in names.items()]
    units = pd.DataFrame(rows, columns=["code", "name", "kind", "area", "parent"])
    units.assign(valid_from="", valid_to="", successor="", note="").to_csv(
        folder / "units.csv", index=False
    )


def change(folder: Path, table: str, edit) -> None:
    """Rewrite a table of a folder after `edit(frame)`; all cells are text."""
    path = folder / f"{table}.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    edit(frame)
    frame.to_csv(path, index=False)


def pages(folder: Path, *cells: str, parameters: str = PARAMETERS) -> Path:
    """Write both pages with these cells after the one with the parameters."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("commune_report", "city_report"):
        made = [new_code_cell(source, id=f"c-{n}") for n, source in enumerate((parameters, *cells))]
        made[0].metadata["tags"] = ["parameters"]
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        notebook = new_notebook(cells=made, metadata={"kernelspec": kernel})
        nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder


def start(**options) -> subprocess.Popen:
    """Start a batch in a process of its own."""
    given = {name: str(one) if isinstance(one, Path) else one for name, one in options.items()}
    return subprocess.Popen(
        [sys.executable, "-c", RUN, json.dumps({"formats": "html", "language": "en"} | given)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=options["out"].parent,
        preexec_fn=as_in_a_terminal,
    )


def as_in_a_terminal() -> None:
    """Undo what `nohup` and `&`, under which the tests may run, set for all that they start."""
    for one in (signal.SIGINT, signal.SIGHUP):
        signal.signal(one, signal.SIG_DFL)


def run(**options) -> tuple[int, str, str]:
    """Run a batch to its end: exit code, last sentence, what it said on the way."""
    process = start(**options)
    said, told = process.communicate(timeout=PATIENCE)
    return process.returncode, said.strip(), told


def states(out: Path) -> dict[str, str]:
    """Return what the manifest says of each unit."""
    return {unit: record["state"] for unit, record in records(out).items()}


def records(out: Path) -> dict[str, dict]:
    """Return the manifest's records by unit."""
    jobs = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["jobs"]
    return {one["unit"]: one for one in jobs.values()}


def contents(out: Path, *endings: str) -> dict[str, bytes]:
    """Return every report file's bytes; all but the manifest when no ending is given."""
    files = [path for path in sorted(out.rglob("*")) if path.is_file()]
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in files
        if path.name != "manifest.json" and (not endings or path.suffix in endings)
    }


def nothing_half(out: Path) -> None:
    """Check that no run left anything unfinished, and that every folder holds a whole report."""
    assert not [path.name for path in out.iterdir() if path.name.startswith(".")]
    for folder in [path for path in out.iterdir() if path.is_dir()]:
        assert (folder / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
        json.loads((folder / "report.ipynb").read_text(encoding="utf-8"))


def wait_for(path: Path, seconds: float = PATIENCE) -> str:
    """Wait until a page has written a file; return its text."""
    until = time.monotonic() + seconds
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < until, f"{path} was never written"
        time.sleep(0.02)
    return path.read_text()


def gone(*processes: int, seconds: float = PATIENCE) -> None:
    """Wait until none of these processes is there any more; fail when one stays."""
    until = time.monotonic() + seconds
    while any(psutil.pid_exists(one) for one in processes):
        assert time.monotonic() < until, "a process outlived its parent"
        time.sleep(0.05)
