"""A nation's registers: too many rows to hold, few that differ.

An indicator looks at a handful of columns with a handful of values each. So each Parquet file is
read once, those columns only, and equal rows become one row that knows how many it stands for
(`rows`). 27 million households become about a million rows, and `measure` counts them as before.
"""

import os
import sys
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sonla_analysis import sources
from sonla_analysis.columns import COLUMNS, KEYS, REQUIRED_TABLES
from sonla_analysis.plan import Plan
from sonla_analysis.tables import school_network, typed
from sonla_analysis.units import check_units, load_units

REGISTERS = ("households", "members")
DENSE = 2**20  # so many codes are counted in one array


def read_counted(
    folder: str | Path, plan: Plan, as_of: str | None = None, *, jobs: int | None = None
) -> dict[str, pd.DataFrame]:
    """Return the tables of a folder of Parquet files for `measure`, equal rows counted once.

    The registers hold only the columns that the plan's indicators look at, and `rows`. They lie as
    `<table>/*.parquet`, in any split; `jobs` files are read at once. Cells are taken as they are:
    check each part with `read_tables` and `check_tables` before.
    """
    folder, counted = Path(folder), {}
    with _pool(jobs) as pool:
        for name in REGISTERS:
            files = sorted((folder / name).glob("*.parquet"))
            columns = _looked_at(plan, name)
            counted[name] = [pool.submit(_counted, file, columns, as_of) for file in files]
        tables = _small_tables(folder)  # meanwhile
        registers = {
            name: pd.concat([part.result() for part in parts], ignore_index=True)
            for name, parts in counted.items()
        }
    return tables | registers


def _pool(jobs: int | None) -> Executor:
    """Return processes where they are cheap to start, else threads."""
    if sys.platform == "linux":
        jobs = jobs or len(os.sched_getaffinity(0))
        return ProcessPoolExecutor(jobs, mp_context=get_context("fork"))
    return ThreadPoolExecutor(jobs or os.cpu_count())


def _small_tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the tables with one or a few rows a unit, whole."""
    small = [name for name in KEYS if name not in REGISTERS]
    raw, _ = sources.raw_tables(folder, [*small, "units"], REQUIRED_TABLES)
    units = raw.pop("units", None)
    tables = {name: typed(frame, name)[0] for name, frame in raw.items()}
    tables["units"] = load_units() if units is None else check_units(units.astype("str"))
    return tables | {"school_network": school_network(tables["schools"])}


def _looked_at(plan: Plan, table: str) -> list[str]:
    """Return the columns of a table that some indicator looks at, date and unit first."""
    counts = [count for one in plan.indicators for count in (one.numerator, one.denominator)]
    looked = {"as_of", "unit"}
    for count in counts:
        if count is not None and count.table == table:
            looked |= {*count.where, *([count.sum] if count.sum else [])}
    return [name for name in COLUMNS[table] if name in looked]


def _counted(file: Path, columns: list[str], as_of: str | None) -> pd.DataFrame:
    schema = pq.read_schema(file)
    texts = [name for name in columns if pa.types.is_string(schema.field(name).type)]
    rows = distinct(pq.read_table(file, columns=columns, read_dictionary=texts))
    return rows if as_of is None else rows[rows["as_of"] == as_of]


def distinct(table: pa.Table) -> pd.DataFrame:
    """Return each row that occurs in a table once, with `rows`: how often it does.

    >>> distinct(pa.table({"unit": ["a", "a", "b", "a"], "poor": [True, None, True, True]}))
      unit  poor  rows
    0    a  True     2
    1    a  <NA>     1
    2    b  True     1
    """
    code, size = np.zeros(len(table), dtype="int64"), 1
    for column in table.columns:
        part, levels = _codes(column)
        code *= levels
        code += part
        size *= levels
        if size > DENSE:
            code, size = _compact(code, size)
    code, size = _compact(code, size)
    example = np.empty(size, dtype="int64")
    example[code] = np.arange(len(code))
    rows = table.take(example).to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get)
    return rows.assign(rows=np.bincount(code, minlength=size))


def _codes(column: pa.ChunkedArray) -> tuple[np.ndarray, int]:
    """Return a small number for each cell (missing has one too), and how many there are."""
    if pa.types.is_boolean(column.type):
        return column.cast(pa.int8()).fill_null(2).to_numpy(), 3
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    levels = len(whole.dictionary)
    return whole.indices.fill_null(levels).to_numpy(), levels + 1


def _compact(code: np.ndarray, size: int) -> tuple[np.ndarray, int]:
    """Return the codes renumbered without gaps, in their order."""
    present = np.zeros(size, dtype=bool)
    present[code] = True
    found = np.flatnonzero(present)
    number = np.empty(size, dtype="int64")
    number[found] = np.arange(len(found))
    return number.take(code), len(found)
