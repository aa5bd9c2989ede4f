"""Where what travels with the package lies, and the data that a path means."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
OFFICE = "office.toml"  # a folder that holds it is an office's working folder


def sample_folder() -> Path:
    """Return the folder of the synthetic city that comes with the package."""
    return shipped("sample_city", "data/sample")


def working_folder() -> Path | None:
    """Return the folder one stands in where it is an office's working folder (`sonla start`)."""
    return Path() if Path(OFFICE).is_file() else None


def locate(data: str | Path | None) -> Path:
    """Return where data lie: the path itself, or beside the package (a notebook runs elsewhere).

    The package's own sample by default.

    >>> locate("data/sample") == sample_folder() or locate("data/sample").is_dir()
    True
    """
    if data is not None and (Path(data).exists() or Path(data).is_absolute()):
        return Path(data)
    if data is None or Path(data) == Path("data/sample"):
        return sample_folder()
    return _PACKAGE.parent / data


def shipped(inside: str, in_repository: str) -> Path:
    """Return a folder that travels with the wheel, or the repository's own copy of it."""
    installed = _PACKAGE / inside
    return installed if installed.is_dir() else _PACKAGE.parent / in_repository
