"""A nation's registers: too many rows to hold, few that differ.

An indicator looks at a handful of columns with a handful of values each. So each Parquet file is
read once, those columns only, and equal rows become one row that knows how many it stands for
(`rows`). 27 million households become about a million rows, and `measure` counts them as before.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sonla_analysis.definitions.needed import counts, needed
from sonla_analysis.definitions.plan import Plan
from sonla_analysis.tables import files as sources
from sonla_analysis.tables.findings import DataError
from sonla_analysis.tables.input_tables import converted, filled, school_network
from sonla_analysis.tables.units_table import check_units, load_units

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
    with ThreadPoolExecutor(jobs or 2 * os.cpu_count()) as pool:  # Arrow and numpy let go the GIL
        for name in REGISTERS:
            files = sorted((folder / name).glob("*.parquet"))
            columns = _looked_at(plan, name)
            counted[name] = [pool.submit(_counted, file, columns, as_of) for file in files]
        tables = _small_tables(folder, plan)  # meanwhile
        registers = {name: _joined([one.result() for one in counted[name]]) for name in counted}
    return tables | {name: rows for name, rows in registers.items() if len(rows.columns)}


def _small_tables(folder: Path, plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the tables with one or a few rows a unit that are looked at, whole."""
    small = [name for name in needed(plan) if name not in REGISTERS]
    raw, findings = sources.raw_tables(folder, [*small, "units"], small)
    if errors := [one for one in findings if one.severity == "error"]:
        raise DataError(errors)
    units = raw.pop("units", None)
    sent = {name: converted(frame, name, plan)[0] for name, frame in raw.items()}
    tables = filled(sent, plan)
    tables["units"] = load_units() if units is None else check_units(units.astype("str"))
    return tables | {"school_network": school_network(tables["schools"])}


def _looked_at(plan: Plan, table: str) -> list[str]:
    """Return the columns of a table that some indicator looks at, date and unit first."""
    looked = {"as_of", "unit"}
    for count in counts(plan):
        if count.table == table:
            looked |= count.columns
    return [name for name in plan.tables[table] if name in looked]


def _counted(file: Path, columns: list[str], as_of: str | None) -> pa.Table:
    schema = pq.read_schema(file)
    texts = [name for name in columns if pa.types.is_string(schema.field(name).type)]
    with pq.ParquetFile(file, read_dictionary=texts) as source:
        rows = distinct(source.read(columns, use_threads=False))  # each file has a thread
    return rows if as_of is None else rows.filter(pc.equal(rows["as_of"], as_of))


def _joined(parts: list[pa.Table]) -> pd.DataFrame:
    """Return the rows of all files, texts as categories."""
    if not parts:
        return pd.DataFrame()
    rows = pa.concat_tables(parts, promote_options="permissive").unify_dictionaries()
    return rows.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get)


def distinct(table: pa.Table) -> pa.Table:
    """Return each row that occurs in a table once, with `rows`: how often it does.

    >>> cells = {"unit": ["a", "a", "b", "a"], "poor": [True, None, True, True]}
    >>> distinct(pa.table(cells)).to_pylist()[1:]
    [{'unit': 'a', 'poor': True, 'rows': 2}, {'unit': 'b', 'poor': True, 'rows': 1}]
    """
    code, size = np.zeros(len(table), dtype="int8"), 1
    for part, levels in sorted(map(_codes, table.columns), key=itemgetter(1)):
        if size * levels > DENSE:
            code, size = _compact(code, size)
        size *= levels
        code = code.astype(np.min_scalar_type(-size), copy=False)  # narrow numbers are quick
        code *= levels
        code += part
    example = np.empty(size, dtype="int64")
    example[code] = np.arange(len(code))
    rows = np.bincount(code, minlength=size)
    found = np.flatnonzero(rows)
    return table.take(example[found]).append_column("rows", [rows[found]])


def _codes(column: pa.ChunkedArray) -> tuple[np.ndarray, int]:
    """Return a small number for each cell (missing has one too), and how many there are."""
    if pa.types.is_boolean(column.type):
        return _flag_codes(column.combine_chunks()), 3
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    number, levels = whole.indices, len(whole.dictionary)
    return (number.fill_null(levels) if number.null_count else number).to_numpy(), levels + 1


def _flag_codes(cells: pa.BooleanArray) -> np.ndarray:
    """Return 0 for each missing cell, 1 for false, 2 for true: Arrow holds two bits of each."""
    valid, true = (
        1 if bits is None else np.unpackbits(np.frombuffer(bits, "uint8"), bitorder="little")
        for bits in cells.buffers()
    )
    return ((valid & true) + valid)[cells.offset :][: len(cells)].view("int8")


def _compact(code: np.ndarray, size: int) -> tuple[np.ndarray, int]:
    """Return the codes renumbered without gaps, in their order."""
    present = np.zeros(size, dtype=bool)
    present[code] = True
    found = np.flatnonzero(present)
    number = np.empty(size, dtype=np.min_scalar_type(-size))
    number[found] = np.arange(len(found))
    return number.take(code), max(1, len(found))
