"""Alkire–Foster by group: ours against DuckDB's SQL over the same frame, for the same counts."""

import time

from machine import median

INDICATORS = [f"d{number}" for number in range(12)]
CUTOFF = 4  # of 12, all equal
SCORE = " + ".join(f"{name}::int" for name in INDICATORS)
MEASURES = ["count(*)", "count(*) FILTER (WHERE poor)", "sum(score) FILTER (WHERE poor)"]
HEADCOUNTS = [f"sum({name}){poor}" for name in INDICATORS for poor in ("", " FILTER (WHERE poor)")]


def alkire(data, sizes) -> dict:
    """Return the seconds of both for H, A and M0, and for the headcounts of each indicator.

    Called in turn, after a first call of each that does not count; DuckDB's connection stays open.
    """
    import duckdb

    import sonla_analysis as sonla

    rows, groups, seconds = sizes["alkire_rows"], sizes["alkire_groups"], {}
    frame = households(rows, groups)
    base = duckdb.connect()
    for what, ask, counts, columns in (
        ("H, A and M0", sonla.alkire_foster, MEASURES, ["n", "poor", "points"]),
        ("headcounts", sonla.alkire_foster_indicators, HEADCOUNTS, ["deprived", "deprived_poor"]),
    ):
        query, runs = _sql(counts), []
        for _ in range(3 * sizes["runs"] + 1):
            started = time.perf_counter()
            ours = ask(frame, f"{CUTOFF}/12", by="unit")
            between = time.perf_counter()
            theirs = base.execute(query).df()
            runs.append((between - started, time.perf_counter() - between))
        own = ours.loc[ours["level"] == "group", columns].to_numpy().reshape(-1, len(counts))
        if (theirs.sort_values("unit").iloc[:, 1:].fillna(0).to_numpy() != own).any():
            raise SystemExit(f"{what}: the two do not count the same")
        ours, theirs = zip(*runs[1:], strict=True)
        seconds[what] = {"ours": median(ours), "duckdb": median(theirs)}
    return {"rows": rows, "groups": groups, "seconds": seconds}


def _sql(counts: list[str]) -> str:
    scored = f"(SELECT *, {SCORE} AS score, {SCORE} >= {CUTOFF} AS poor FROM frame)"
    return f"SELECT unit, {', '.join(counts)} FROM {scored} GROUP BY unit"


def households(rows: int, groups: int):
    """Return made-up households, by group, deprived in what is rare and what is common."""
    import numpy as np
    import pandas as pd

    chance = np.random.default_rng(12)
    frame = pd.DataFrame(
        {name: chance.random(rows) < 0.1 + 0.03 * place for place, name in enumerate(INDICATORS)}
    )
    codes = np.char.mod("%05d", chance.integers(0, groups, rows))
    return frame.assign(unit=pd.Series(codes, dtype="str"))
