"""The seventeen indicators of a nation: ours against DuckDB's SQL over the same files."""

import json
import subprocess
import sys
import time
from pathlib import Path

from batches import sample
from machine import ROOT, median

DATE = "2020-12-31"


def nation(data, sizes) -> list[dict]:
    """Return, for growing numbers of units, the seconds and the peak memory of both."""
    found = []
    for units in sizes["nation_units"]:
        folder = sample(data / f"nation-{units}", units, all_households=True)
        runs = [(_alone("ours", folder), _alone("duckdb", folder)) for _ in range(sizes["runs"])]
        ours, duckdb = zip(*runs, strict=True)
        if ours[0]["counts"] != duckdb[0]["counts"]:
            raise SystemExit(f"{folder}: the two do not count the same")
        found.append(
            {
                "units": units,
                "households": ours[0]["households"],
                "ours": median(one["seconds"] for one in ours),
                "duckdb": median(one["seconds"] for one in duckdb),
                "peak_mb": max(one["peak_mb"] for one in ours),
                "duckdb_peak_mb": max(one["peak_mb"] for one in duckdb),
            }
        )
    return found


def _alone(who: str, folder: Path) -> dict:
    command = [sys.executable, __file__, who, str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return json.loads(ran.stdout)


def measure_ours(folder: Path) -> dict:
    import sonla_analysis as sonla
    from sonla_analysis.indicators.large import read_counted

    plan = sonla.load_plan()
    started = time.perf_counter()
    observed = sonla.measure(read_counted(folder, plan, DATE), plan, DATE)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "counts": digest(observed[observed["level"] == "unit"])}


def digest(observed) -> str:
    """Return one mark of every unit's numerators and denominators."""
    import hashlib

    rows = observed.sort_values(["unit", "indicator"])
    counts = rows[["numerator", "denominator"]].astype("float64").fillna(-1).round(3)
    text = rows["unit"].str.cat([rows["indicator"], *counts.astype(str).T.values], sep=" ")
    return hashlib.sha256("\n".join(text).encode()).hexdigest()


def measure_duckdb(folder: Path) -> dict:
    import duckdb
    import pandas as pd

    import sonla_analysis as sonla

    plan = sonla.load_plan()
    started = time.perf_counter()
    with duckdb.connect() as base:
        tables = {name: base.execute(_sql(plan, name, folder)).df().set_index("unit")
                  for name in _tables(plan)}  # fmt: skip
    seconds = time.perf_counter() - started
    rows = []
    for one in plan.indicators:
        number = tables[one.numerator.table][f"{one.id}_numerator"]
        total = tables[one.denominator.table][f"{one.id}_denominator"] if one.denominator else None
        if one.kind == "reduction":
            number = total - number
        rows.append(pd.DataFrame({"numerator": number, "denominator": total, "indicator": one.id}))
    return {"seconds": seconds, "counts": digest(pd.concat(rows).reset_index(names="unit"))}


def _tables(plan) -> list[str]:
    counts = [count for one in plan.indicators for count in (one.numerator, one.denominator)]
    return sorted({count.table for count in counts if count})


def _sql(plan, table: str, folder: Path) -> str:
    """Return the query for every count of a table, by unit."""
    parts = [
        f"{_aggregate(count)} AS {one.id}_{part}"
        for one in plan.indicators
        for part in ("numerator", "denominator")
        if (count := getattr(one, part)) and count.table == table
    ]
    return f"SELECT unit, {', '.join(parts)} FROM {_source(table, folder)} GROUP BY unit"


def _aggregate(count) -> str:
    what = f"sum({count.sum})" if count.sum else "count(*)"
    conditions = [_condition(name, allowed) for name, allowed in count.where.items()]
    return f"{what} FILTER (WHERE {' AND '.join(conditions)})" if conditions else what


def _condition(name: str, allowed) -> str:
    if isinstance(allowed, tuple):
        texts = [str(one).lower() if isinstance(one, bool) else f"'{one}'" for one in allowed]
        return f'"{name}" IN ({", ".join(texts)})'
    bounds = [(">=", allowed.min), ("<=", allowed.max)]
    return " AND ".join(f'"{name}" {sign} {bound}' for sign, bound in bounds if bound is not None)


def _source(table: str, folder: Path) -> str:
    if table == "school_network":
        levels = ("preschool", "primary", "lower_secondary")
        taught = ", ".join(f'bool_or("{level}") AS "{level}"' for level in levels)
        return f"(SELECT unit, {taught} FROM {_source('schools', folder)} GROUP BY unit)"
    files = (
        folder / table / "*.parquet" if (folder / table).is_dir() else folder / f"{table}.parquet"
    )
    return f"(SELECT * FROM read_parquet('{files}') WHERE as_of = '{DATE}')"


def peak_mb() -> int:
    """Return the most memory this process had; `getrusage` would count its parent's too."""
    status = Path("/proc/self/status").read_text()
    return round(int(status.partition("VmHWM:")[2].split()[0]) / 1024)


if __name__ == "__main__":
    import pyarrow.parquet as pq

    source = Path(sys.argv[2])
    found = {"ours": measure_ours, "duckdb": measure_duckdb}[sys.argv[1]](source)
    found["peak_mb"] = peak_mb()
    rows = [pq.read_metadata(file).num_rows for file in (source / "households").glob("*.parquet")]
    print(json.dumps(found | {"households": sum(rows)}))
