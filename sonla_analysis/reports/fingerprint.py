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


def data_files(data: Path) -> list[Path]:
    """Return the files that tables may be read from (a superset: only changes matter)."""
    if data.is_file():
        return [data]
    found = [*data.glob("*.csv"), *data.glob("*.parquet"), *data.glob("*/*.parquet")]
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


def unit_digests(situation, as_of: str) -> dict[str, str]:
    """Return the mark of each unit's rows up to the date, in every table, in their order."""
    from sonla_analysis.tables import COLUMNS

    marks: dict[str, list] = {}
    for name in COLUMNS:
        frame = situation.tables.get(name)
        if frame is None:
            continue
        frame = frame[frame["as_of"] <= as_of]
        hashes = _row_hashes(frame)
        for unit, places in frame.groupby("unit", observed=True).indices.items():
            rows = hashlib.sha256(hashes[places].tobytes()).hexdigest()
            marks.setdefault(unit, []).append([name, list(frame), rows])
    return {unit: digest(found) for unit, found in marks.items()}


def shown_of_others(situation, as_of: str) -> str:
    """Return the mark of what every page may show of the other units and of the area.

    That is: all figures of the plan up to the date (the area's value beside the unit's, the unit
    among the others), the units' names, and the area's register counted by status, deprivation
    and group. A correction that changes none of these changes no other unit's page.
    """
    progress = situation.progress
    return digest(
        _frame_digest(progress[progress["as_of"] <= as_of]),
        _frame_digest(situation.tables["units"]),
        [_frame_digest(one) for one in _area_counts(situation, as_of)],
        situation.synthetic,
    )


def _area_counts(situation, as_of: str):
    """Yield the counts of all units on which hidden cells and the area's shares depend."""
    from sonla_analysis.indicators.measure import measure
    from sonla_analysis.tables import DEPRIVATIONS

    households = situation.tables["households"]
    households = households[households["as_of"] == as_of]
    yield households.groupby("status", observed=True)[list(DEPRIVATIONS)].agg(["sum", "count"])
    for group in ("ethnicity", "head_sex", "area", "sex"):
        yield measure(situation.tables, situation.plan, as_of, by=("unit", group))


def _frame_digest(frame) -> str:
    mark = hashlib.sha256(repr(list(frame)).encode())
    mark.update(_row_hashes(frame.reset_index()).tobytes())
    return mark.hexdigest()


def _row_hashes(frame):
    from pandas.util import hash_pandas_object

    return hash_pandas_object(frame, index=False).to_numpy()
