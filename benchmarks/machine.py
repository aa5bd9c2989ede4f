"""What was measured on: machine and versions; and how things are timed."""

import os
import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
LIBRARIES = [
    "pandas",
    "numpy",
    "matplotlib",
    "seaborn",
    "papermill",
    "nbconvert",
    "ipykernel",
    "pyarrow",
    "duckdb",
]


def machine() -> dict:
    """Return processor, cores, memory, system and the versions of what was measured."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES},
        "date": time.strftime("%Y-%m-%d"),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def timed(*command, cwd=ROOT, ends=(0,), **more) -> float:
    """Return the seconds a command takes; stop the benchmark when it fails."""
    started = time.perf_counter()
    ran = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, **more)
    if ran.returncode not in ends:
        raise SystemExit(f"{command}\n{ran.stdout[-2000:]}\n{ran.stderr[-4000:]}")
    return time.perf_counter() - started


def median(values) -> float:
    return round(statistics.median(values), 4)
