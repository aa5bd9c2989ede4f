"""Measure the batch against what a user would do without it; writes RESULTS.md beside this file.

make bench                  everything; half an hour on two quiet cores
make bench QUICK=--quick    small sizes, to see that it runs
python benchmarks/bench.py help city    some parts; the others keep what was last measured
"""

import argparse
import json
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from alkire import alkire
from anatomy import anatomy
from batches import city, memory, province
from inbox import inbox
from machine import machine
from nation import nation
from pages import charts, written
from results import write_results
from single import engine_choice, help_time, limit

PARTS = {
    "help": help_time,
    "city": city,
    "limit": limit,
    "charts": charts,
    "written": written,
    "anatomy": anatomy,
    "engine": engine_choice,
    "memory": memory,
    "province": province,
    "nation": nation,
    "inbox": inbox,
    "alkire": alkire,
}
FULL = {
    "runs": 3,
    "loop_units": 13,
    "province_units": 204,
    "province_loop_units": 6,
    "memory_reports": 1000,
    "nation_units": [2650, 5300, 10600],
    "inbox_rows": 100_000,
    "inbox_filled": 150,
    "alkire_rows": 1_000_000,
    "alkire_groups": 10_600,
}
QUICK = {
    "runs": 1,
    "loop_units": 2,
    "province_units": 20,
    "province_loop_units": 1,
    "memory_reports": 40,
    "nation_units": [340, 680],
    "inbox_rows": 5_000,
    "inbox_filled": 5,
    "alkire_rows": 50_000,
    "alkire_groups": 530,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--data", help="where the large samples are made and kept")
    asked = parser.parse_args()
    here, sizes = Path(__file__).parent, QUICK if asked.quick else FULL
    store = here / "measured.json"
    found = json.loads(store.read_text(encoding="utf-8")) if store.exists() else {}
    if found.get("quick") is not asked.quick:
        found = {}
    with tempfile.TemporaryDirectory(prefix="sonla-bench-") as made:
        for name in asked.parts or PARTS:
            found |= {"machine": machine(), "quick": asked.quick}
            found[name] = _alone(PARTS[name], Path(asked.data or made), sizes)
            print(name, found[name], flush=True)
            store.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
            write_results(found, here / "RESULTS.md")


def _alone(part, *arguments):
    """Return what a part measures in a new process, so that no part warms up another."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(part, *arguments).result()


if __name__ == "__main__":
    main()
