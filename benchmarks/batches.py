"""A city, a province, a thousand reports: ours against the loop a user would write."""

import contextlib
import itertools
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from machine import BIN, ROOT, median, timed

CITY = ROOT / "data/sample"
UNITS = [
    "116",
    "03646",
    "03649",
    "03652",
    "03655",
    "03658",
    "03661",
    "03664",
    "03667",
    "03670",
    "03673",
    "03676",
    "03679",
]
AREA = "116"
CORES = 2


@contextlib.contextmanager
def scratch():
    folder = Path(tempfile.mkdtemp())
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def ours(data: Path, out: Path, *options) -> float:
    """Return the seconds of `sonla report` from the command line."""
    report = [BIN / "sonla", "report", data, "--out", out, "--to", "html", "--jobs", CORES]
    return timed(*report, *options)


def loop(data: Path, units: list[str], area: str, folder: Path) -> list[float]:
    """Return the seconds of each report of a loop over papermill and nbconvert."""
    seconds = []
    for unit in units:
        page = ROOT / f"notebooks/{'city' if unit == area else 'commune'}_report.ipynb"
        executed = folder / f"{unit}.ipynb"
        given = ["-r", "unit", unit, "-r", "data", data]
        run = timed(BIN / "papermill", page, executed, *given)
        convert = timed(BIN / "jupyter", "nbconvert", "--to", "html", "--no-input", executed)
        seconds.append(run + convert)
    return seconds


def city(data, sizes) -> dict:
    """Twelve units and the city as HTML, each time from nothing."""
    with scratch() as folder:
        runs = [ours(CITY, folder / f"ours-{n}") for n in range(sizes["runs"])]
        units = UNITS[: sizes["loop_units"]]
        looped = loop(CITY, units, AREA, folder)
    return {
        "units": len(UNITS),
        "ours": median(runs),
        "loop": round(sum(looped) * len(UNITS) / len(units), 2),
        "loop_timed_units": len(units),
        "loop_per_report": median(looped),
    }


def province(data, sizes) -> dict:
    """The first run, one with nothing changed, one with a row changed; the loop on a sample."""
    n = sizes["province_units"]
    source = sample(data / f"province-{n}", n)
    with scratch() as folder:
        copied = shutil.copytree(source, folder / "data")
        out = folder / "out"
        first = ours(copied, out)
        again = [ours(copied, out) for _ in range(3 * sizes["runs"])]
        before = _folder_times(out)
        area, units = _change_a_village(copied)
        changed = ours(copied, out)
        rebuilt = sum(before[name] != time for name, time in _folder_times(out).items())
        some = units[:: max(1, len(units) // sizes["province_loop_units"])]
        looped = loop(copied, some[: sizes["province_loop_units"]], area, folder)
    return {
        "units": n,
        "first": round(first, 2),
        "again": median(again),
        "changed": round(changed, 2),
        "rebuilt_after_one_row": rebuilt,
        "loop": round(median(looped) * (n + 1), 1),
        "loop_timed_units": len(looped),
        "loop_per_report": median(looped),
    }


def sample(folder: Path, units: int, **options) -> Path:
    """Return a folder with synthetic data, made once."""
    if not (folder / "done").exists():
        from sonla_analysis.sample import write_sample

        shutil.rmtree(folder, ignore_errors=True)
        write_sample(folder, units, **options)
        (folder / "done").touch()
    return folder


def _folder_times(out: Path) -> dict[str, int]:
    return {path.name: (path / "report.html").stat().st_mtime_ns for path in out.iterdir()
            if path.is_dir()}  # fmt: skip


def _change_a_village(data: Path) -> tuple[str, list[str]]:
    """Rename the village of one household of one unit; return the area and its units."""
    import pandas as pd

    file = sorted((data / "households").glob("*.parquet"))[0]
    table = pd.read_parquet(file)
    table["village"] = table["village"].astype("str")
    table.loc[table.index[-1], "village"] = "Bản Mới"
    table.to_parquet(file)
    units = pd.read_parquet(data / "units.parquet").astype("str")
    counts = pd.read_parquet(data / "unit_counts.parquet")
    from sonla_analysis.indicators.measure import area_of

    area = area_of({"units": units, "unit_counts": counts}, "2020-12-31")
    return area, sorted(set(counts["unit"].astype("str")))


def memory(data, sizes) -> dict:
    """The memory of the main process and of its pages over a thousand reports of one run."""
    from sonla_analysis.batch import processes, record, rehearsal

    with scratch() as folder:
        asked, situation, units = planned(folder)
        every = itertools.cycle(units)
        jobs = [
            replace(next(every), folder=f"report-{n:04d}") for n in range(sizes["memory_reports"])
        ]
        written = record.RunRecord(asked, jobs, "mark", print)
        written.open(situation)
        rehearsal.make_ready(written.to_build)
        sizes_seen = []
        for job, result in processes.run_pages(written.to_build, CORES, lambda: False):
            written.settle(job, result)
            shutil.rmtree(folder / job.folder)
            sizes_seen.append(_megabytes())
    return {"reports": len(written.built), **_trend(sizes_seen)}


def planned(out: Path, formats: str = "html") -> tuple:
    """Return the request for the city's reports, its opened data, and the jobs."""
    from sonla_analysis.batch import request
    from sonla_analysis.batch.fingerprint import data_stamps
    from sonla_analysis.batch.jobs import plan_jobs
    from sonla_analysis.review import open_data

    asked = request.checked(request.Request(CITY, formats=formats, out=out, force=True))
    situation = open_data(asked.data)
    return asked, situation, plan_jobs(asked, situation, data_stamps(asked.data))


def _megabytes() -> tuple[float, float]:
    """Return the private memory of this process, and of the pages that run now together."""
    import psutil

    own = psutil.Process()
    used = [0.0]
    for one in own.children():
        with contextlib.suppress(psutil.Error):  # it ended meanwhile
            used.append(one.memory_full_info().uss / 2**20)
    return own.memory_full_info().uss / 2**20, sum(used)


def _trend(seen: list[tuple[float, float]]) -> dict:
    """Return the mean of the first and of the last tenth, for parent and workers, in MB."""
    tenth = max(1, len(seen) // 10)
    found = {}
    for place, name in enumerate(("parent", "workers")):
        values = [one[place] for one in seen]
        found[f"{name}_first"] = round(sum(values[tenth : 2 * tenth]) / tenth, 1)
        found[f"{name}_last"] = round(sum(values[-tenth:]) / tenth, 1)
        found[f"{name}_peak"] = round(max(values), 1)
    return found
