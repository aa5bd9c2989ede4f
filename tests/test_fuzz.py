"""Damaged files end without a traceback or an abort, and what is wrong in them is found.

The whole: `make fuzz` (2,000 CSV files, 500 workbooks, 1,000 definitions); a tenth otherwise.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import fuzz_csv
import fuzz_definition
import pytest
from fuzz import batches

pytestmark = pytest.mark.fuzz


@pytest.mark.parametrize("seeds", batches(2000, 50, share=10), ids=str)
def test_what_is_wrong_in_a_damaged_csv_file_is_found_and_the_rest_read_as_it_stands(
    seeds, tmp_path
):
    assert not failing(fuzz_csv.case(seed, tmp_path) for seed in seeds)


@pytest.mark.parametrize("seeds", batches(1000, 50, share=10), ids=str)
def test_whatever_stands_in_a_definition_it_is_used_or_refused_in_a_sentence(seeds, tmp_path):
    assert not failing(fuzz_definition.case(seed, tmp_path) for seed in seeds)


@pytest.mark.parametrize("seeds", batches(500, 25, share=10), ids=str)
def test_a_damaged_workbook_is_found_or_read_as_it_stands_and_costs_little(seeds):
    assert not failing(in_a_process_of_their_own(list(seeds)))


def failing(cases) -> list:
    return [(what, problems) for what, problems in cases if problems]


def in_a_process_of_their_own(seeds: list[int], module: str = "fuzz_workbook"):
    """Yield each case of a module; one that ends its process is named, and the others go on."""
    while seeds:
        done = subprocess.run(
            [sys.executable, "-m", module, *map(str, seeds)],
            cwd=Path(__file__).parent,
            env=os.environ | {"RUST_BACKTRACE": "0"},
            capture_output=True,
            text=True,
            timeout=1800,
        )
        cases = [json.loads(line) for line in done.stdout.splitlines()]
        yield from (tuple(one[1:]) for one in cases)
        if done.returncode == 0:
            return
        said = done.stderr.strip().splitlines()[-1:]
        yield f"{module} {seeds[len(cases)]}", [f"ends the process ({done.returncode}): {said}"]
        seeds = seeds[len(cases) + 1 :]
