"""The measured numbers as benchmarks/RESULTS.md."""

from pathlib import Path

BARS = """\
| bar | wanted | measured | |
|---|---|---|---|
"""


def write_results(found: dict, path: Path) -> None:
    """Write what was measured, bar by bar; a part that was not run is left out."""
    parts = [_head(found), "## The bars\n\n" + BARS + "".join(_bars(found))]
    parts += [part(found[name]) for name, part in DETAILS.items() if name in found]
    notes = path.with_name("NOTES.md")
    if notes.exists():
        parts.append(notes.read_text(encoding="utf-8").rstrip())
    path.write_text("\n\n".join(part.rstrip() for part in parts) + "\n", encoding="utf-8")


def _head(found: dict) -> str:
    where = found["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in where["versions"].items())
    quick = " **Small sizes (`--quick`): not the bars' own.**" if found["quick"] else ""
    return (
        "# What was measured\n\n"
        "Written by `make bench` (benchmarks/bench.py). The two sides of each bar side by side in "
        f"one run, on the same pages and the same data; medians.{quick}\n\n"
        f"{where['date']} · {where['processor']}, {where['cores']} cores, "
        f"{where['memory_gb']} GB · "
        f"{where['system']} · Python {where['python']} · {versions}"
    )


def _row(bar: str, wanted: str, measured: str, met: bool) -> str:
    return f"| {bar} | {wanted} | {measured} | {'met' if met else '**missed**'} |\n"


def _bars(found: dict) -> list[str]:
    rows = []
    if city := found.get("city"):
        times = city["loop"] / city["ours"]
        said = f"{city['ours']:.1f} s against {city['loop']:.0f} s: {times:.1f} times"
        rows.append(
            _row("12 units and the city, html, 2 cores", "≥ 9 times the loop", said, times >= 9)
        )
    if one := found.get("province"):
        times = one["loop"] / one["first"]
        said = f"{one['first']:.0f} s against {one['loop']:.0f} s: {times:.1f} times"
        rows.append(
            _row(f"{one['units']} units, html, 2 cores", "≥ 18 times the loop", said, times >= 18)
        )
        times = one["first"] / one["again"]
        said = f"{one['again']:.2f} s: {times:.0f} times"
        rows.append(
            _row("the same again, nothing changed", "≥ 50 times the first run", said, times >= 50)
        )
        said = f"{one['rebuilt_after_one_row']} folders, {one['changed']:.1f} s"
        met = one["rebuilt_after_one_row"] == 2
        rows.append(
            _row("after a row of one ward changed (see below)", "that ward and the area", said, met)
        )
    if one := found.get("inbox"):
        said = f"{one['city']:.1f} s"
        rows.append(_row("what 12 units and 2 departments sent", "< 5 s", said, one["city"] < 5))
        times = one["register"] / one["pandas"]
        said = f"{one['register']:.1f} s against {one['pandas']:.1f} s: {times:.2f} times"
        bar = f"a register of {one['rows']:,} rows from one xlsx"
        rows.append(_row(bar, "≤ 1.5 times `pandas.read_excel`", said, times <= 1.5))
        bar = f"75 workbooks filled in with {one['filled']} households each"
        said = f"{one['province']:.1f} s"
        rows.append(_row(bar, "< 30 s", said, one["province"] < 30))
    for formats, one in found.get("limit", {}).items():
        times, wanted = one["report"] / one["plain"], 1.45 if formats == "html" else 1.15
        said = f"{one['report']:.3f} s against {one['plain']:.3f} s: {times:.2f} times"
        rows.append(
            _row(
                f"one report ({formats}), per core",
                f"≤ {wanted} times plain Python",
                said,
                times <= wanted,
            )
        )
    if one := found.get("charts"):
        rows.append(
            _row(
                "a chart of a ward's page, mean",
                "≤ 60 ms",
                f"{one['mean']:.0f} ms",
                one["mean"] <= 60,
            )
        )
    for unit, one in found.get("written", {}).items():
        said = f"{one['html'] / 1e6:.2f} and {one['docx'] / 1e6:.2f} MB"
        met = one["html"] < 1e6 and one["docx"] < 2e6
        rows.append(_row(f"html and docx of {unit}", "< 1 and < 2 MB", said, met))
        wanted, before = 3, {"03646": 59, "116": 110}.get(unit, 110)
        said = f"{one['docx_ms']:.0f} ms: {one['docx_ms'] / before:.1f} times"
        bar = f"≤ {wanted} times the {before} ms of version 0.1"
        met = one["docx_ms"] <= wanted * before
        rows.append(_row(f"Word document of {unit}", bar, said, met))
        if unit != "116":
            name = f"functions of ours entered by the page of {unit} and its Word file"
            rows.append(_row(name, "< 350", str(one["entered"]), one["entered"] < 350))
    if one := found.get("memory"):
        grown = max(one[f"{who}_last"] / one[f"{who}_first"] for who in ("parent", "workers"))
        said = "; ".join(f"{who} {one[f'{who}_first']:.0f} → {one[f'{who}_last']:.0f} MB"
                         for who in ("parent", "workers"))  # fmt: skip
        rows.append(_row(f"memory over {one['reports']:,} reports", "flat", said, grown < 1.1))
    if sizes := found.get("nation"):
        one = sizes[-1]
        times = one["ours"] / one["duckdb"]
        said = f"{one['ours']:.1f} s against {one['duckdb']:.1f} s: {times:.2f} times"
        rows.append(_row(f"17 indicators, {one['households'] / 1e6:.1f} million households",
                         "≤ 2 times DuckDB", said, times <= 2))  # fmt: skip
        said = f"{one['peak_mb'] / 1024:.1f} GB"
        rows.append(_row("its peak memory", "< 6 GB", said, one["peak_mb"] < 6144))
        costs = [one["ours"] / one["households"] * 1e6 for one in sizes]
        said = ", ".join(f"{cost:.2f}" for cost in costs) + " s per million households"
        rows.append(
            _row("its cost at 1×, 2×, 4× the rows", "linear", said, costs[-1] <= 1.15 * costs[0])
        )
    if one := found.get("alkire"):
        for what, times in one["seconds"].items():
            ratio = times["ours"] / times["duckdb"]
            said = f"{times['ours']:.3f} s against {times['duckdb']:.3f} s: {ratio:.2f} times"
            bar = f"{what} of {one['rows']:,} households × 12, {one['groups']:,} groups"
            rows.append(_row(bar, "≤ 2 times DuckDB", said, ratio <= 2))
    if one := found.get("help"):
        share = one["help"] / one["import_pandas"]
        said = f"{one['help']:.3f} s against {one['import_pandas']:.3f} s: {share:.2f}"
        rows.append(_row("`sonla --help`", "≤ 0.5 of `import pandas`", said, share <= 0.5))
    return rows


def _engine(one: dict) -> str:
    return (
        "## Why pages run in the process's own shell\n\n"
        "A page of five small cells, forked from the same warm process, median:\n\n"
        "| | seconds |\n|---|---|\n"
        f"| IPython shell in the forked process | {one['shell']:.3f} |\n"
        f"| Jupyter kernel in the forked process, cells sent over its sockets | "
        f"{one['forked_kernel']:.3f} |"
    )


def _anatomy(one: dict) -> str:
    steps = {
        "its cells as plain Python in one warm process": one["warm"],
        "a process of its own that does nothing, begun and ended": one["nothing_whole"],
        "the cells as plain Python in a process of their own": one["cells"],
        "the cells through papermill and the shell, outputs recorded": one["page"],
        "the whole report: cells, export, reading back, writing": one["built"],
        "the same with the begin and the end of its process": one["built_whole"],
    }
    return (
        "## Where an html report's time goes\n\n"
        "A ward's report, medians over the twelve wards and communes; from the third line on each "
        "line holds the one before it.\n\n"
        "| | seconds |\n|---|---:|\n"
        + "\n".join(f"| {what} | {seconds:.3f} |" for what, seconds in steps.items())
    )


def _nation(sizes: list[dict]) -> str:
    lines = [
        f"| {one['units']:,} | {one['households']:,} | {one['ours']:.2f} | {one['duckdb']:.2f} | "
        f"{one['ours'] / one['duckdb']:.2f} | {one['peak_mb']:,} | {one['duckdb_peak_mb']:,} |"
        for one in sizes
    ]
    return (
        "## A nation\n\n"
        "`measure(read_counted(folder, plan, date), plan, date)` against one SQL query a table; "
        "both give the same numerators and denominators for every unit (checked in the run). Ours "
        "also counts what is unknown and decides each figure's state. Each in a process of its "
        "own.\n\n"
        "| units | households | ours (s) | DuckDB (s) | times | ours, peak MB | DuckDB, peak MB |\n"
        "|---:|---:|---:|---:|---:|---:|---:|\n" + "\n".join(lines)
    )


def _loop(one: dict) -> str:
    return (
        "## The loop\n\n"
        "What a user would write: `papermill page.ipynb out.ipynb -r unit …`, then `jupyter "
        "nbconvert --to html --no-input out.ipynb`, one unit after the other; "
        f"{one['loop_per_report']:.1f} s a report in the city ({one['loop_timed_units']} timed)."
    )


DETAILS = {"anatomy": _anatomy, "engine": _engine, "city": _loop, "nation": _nation}
