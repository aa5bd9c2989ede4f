"""Fingerprints: is anything that a report was built from different now?

Two levels. The *inputs* are files, hashed without reading them as tables: when none differs, there
is nothing to do and nothing is loaded. Otherwise each job has its own fingerprint: what its page
shows of its unit and of all others, so that one ward's correction does not rebuild every ward.
"""

import hashlib
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sonla_analysis.indicators.digests import digest

PACKAGE = Path(__file__).parents[1]
NOT_CODE = {"__pycache__", "notebooks", "sample_city"}
# whatever draws, writes or counts: another version may give other bytes
LIBRARIES = (
    *("sonla_analysis", "babel", "docxtpl", "font-source-sans-pro", "ipython", "matplotlib"),
    *("nbconvert", "nbformat", "numpy", "pandas", "papermill", "pyarrow", "python-docx"),
    *("seaborn", "typst", "xlsxwriter"),
)


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
