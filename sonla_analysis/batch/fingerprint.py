"""Fingerprints: is anything that a report was built from different now?

Two levels. The *inputs* are files, hashed without reading them as tables: when none differs, there
is nothing to do and nothing is loaded. Otherwise each job has its own fingerprint: what its page
shows of its unit and of all others, so that one ward's correction does not rebuild every ward.
"""

import hashlib
import json
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
NOT_CODE = {"__pycache__", "notebooks", "sample_city"}
# whatever draws, writes or counts: another version may give other bytes
LIBRARIES = (
    *("sonla_analysis", "babel", "docxtpl", "font-source-sans-pro", "ipython", "matplotlib"),
    *("nbconvert", "nbformat", "numpy", "pandas", "papermill", "pyarrow", "python-docx"),
    *("seaborn", "typst", "xlsxwriter"),
)


def digest(*parts) -> str:
    """Return one short mark of all parts, which JSON can write.

    >>> digest("a", ["b"]) == digest("a", ["b"]), digest("ab") == digest("a", "b")
    (True, False)
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def file_digest(path: Path) -> str:
    """Return the mark of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def content_digest(content: bytes) -> str:
    """Return the mark that `file_digest` gives of a file with this content."""
    return hashlib.sha256(content).hexdigest()[:32]


def data_files(data: Path) -> list[Path]:
    """Return the files that tables may be read from (a superset: only changes matter)."""
    if data.is_file():
        return [data]
    kinds = ("*.csv", "*.parquet", "*/*.parquet", "about.toml")
    found = [path for kind in kinds for path in data.glob(kind)]
    return sorted(path for path in found if path.is_file())


def data_digest(data: Path) -> str:
    """Return the mark of the data's content; where they lie does not matter."""
    names = [(path.relative_to(data).as_posix(), file_digest(path)) for path in data_files(data)]
    return digest(names)


def data_stamps(data: str | Path) -> list[tuple[str, int, int]]:
    """Return name, size and time of each data file: cheap, to notice a change during the run."""
    status = [(path.name, path.stat()) for path in data_files(Path(data))]
    return [(name, one.st_size, one.st_mtime_ns) for name, one in status]


@cache
def code_digest() -> str:
    """Return the mark of this package's code and definitions, and of the libraries it uses."""
    files = sorted(
        path
        for path in PACKAGE.rglob("*")
        if path.is_file() and not NOT_CODE & set(path.relative_to(PACKAGE).parts)
    )
    code = [(path.relative_to(PACKAGE).as_posix(), file_digest(path)) for path in files]
    return digest(sys.version_info[:2], [(name, _version(name)) for name in LIBRARIES], code)


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


# --- what a page shows -------------------------------------------------------------------

# The columns of one unit that no other unit's page shows anything of, nor anything worked out from
# them. All other columns count for every page: they make the area's figures, the comparison among
# the units and the cells that must be hidden. A test changes these and looks at the other pages.
PRIVATE = {
    "households": {"village", "household", "income_score", "deprivation_score", "members"},
    "members": {"village", "person", "birth_year"},
    "health_stations": {"name"},
    "schools": {"name"},
    "funding": {"project", "source", "planned", "disbursed"},
}


def page_digests(situation, as_of: str) -> tuple[dict[str, str], str]:
    """Return the mark of each unit's rows up to the date, and of what all pages show of the rest.

    So a correction to a private column rebuilds that unit and the area, any other every page that
    shows a figure it goes into.
    """
    from sonla_analysis.definitions.input_columns import COLUMNS

    whole = [_table_digest(situation.tables[name]) for name in ("units", "sent")]
    withheld = [[unit, list(map(str, found))] for unit, found in situation.withheld.items()]
    standard = repr(situation.plan.standard_data)
    units, shown = {}, [*whole, situation.synthetic, withheld, standard]
    for name in [name for name in COLUMNS if name in situation.tables]:
        frame = situation.tables[name]
        frame = frame[frame["as_of"] <= as_of]
        hashes = {column: _hashes(frame[column]) for column in frame}
        rows = _combined(list(hashes.values()))
        open_columns = [one for one in hashes if one not in PRIVATE.get(name, ())]
        common = _combined([hashes[one] for one in open_columns])
        shown.append([name, open_columns, hashlib.sha256(common.tobytes()).hexdigest()])
        for unit, places in frame.groupby("unit", observed=True).indices.items():
            mark = hashlib.sha256(rows[places].tobytes()).hexdigest()
            units.setdefault(unit, []).append([name, list(frame), mark])
    return {unit: digest(found) for unit, found in units.items()}, digest(shown)


def _table_digest(frame) -> str:
    columns = [_hashes(frame[name]) for name in frame]
    return digest(list(frame), hashlib.sha256(_combined(columns).tobytes()).hexdigest())


def _hashes(column):
    from pandas.util import hash_pandas_object

    return hash_pandas_object(column, index=False).to_numpy()


def _combined(columns: list):
    """Return one number for each row, different when any cell or the columns' order is."""
    import numpy as np

    rows = np.zeros(len(columns[0]) if columns else 0, dtype="uint64")
    for column in columns:
        rows *= np.uint64(0x9E3779B97F4A7C15)  # any large odd number
        rows += column
    return rows
