"""What a run is asked for: checked, completed with defaults, refused with the nearest value."""

import csv
import os
import re
from datetime import date
from pathlib import Path

from sonla_analysis.errors import UsageError
from sonla_analysis.plan import LANGUAGES, plan_ids
from sonla_analysis.reports.jobs import FORMATS, PAGES, Request
from sonla_analysis.reports.literals import as_literal
from sonla_analysis.text import refuse
from sonla_analysis.words import message

DEFAULT_FORMATS = ("html", "png", "svg")
TIMEOUT, MEMORY_MB = 300.0, 2048
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def checked_request(
    data,
    *,
    units,
    as_of,
    plan,
    formats,
    language,
    out,
    force,
    timeout,
    memory_mb,
    word_template,
    pages,
) -> Request:
    """Return the request; raise `UsageError` for whatever can be refused without the data."""
    if language not in LANGUAGES:
        raise UsageError(refuse("language", language, LANGUAGES))
    if str(plan) not in plan_ids() and not Path(plan).is_file():
        raise UsageError(refuse("plan", plan, plan_ids()))
    data = located(data)
    day = _day(as_of) if as_of is not None else latest_date(data, plan)
    return Request(
        data=str(data),
        units=_codes(units),
        as_of=day,
        plan=str(plan),
        formats=checked_formats(formats),
        language=language,
        out=Path(out) if out is not None else Path("reports") / day,
        pages=_page_folder(pages),
        force=force,
        timeout=positive("timeout", timeout),
        memory_mb=int(positive("memory_mb", memory_mb)),
        word_template=_file(word_template),
    )


def located(data) -> Path:
    """Return where the data lie; the package's own sample by default."""
    if data is None:
        return _travelling("sample_city", "data/sample")
    if Path(data).exists():
        return Path(data)
    from sonla_analysis.tables import locate

    return locate(data)


def _travelling(inside: str, in_repository: str) -> Path:
    """Return a folder of the wheel, or the repository's; `tables.shipped` without pandas."""
    package = Path(__file__).parents[1]
    installed = package / inside
    return installed if installed.is_dir() else package.parent / in_repository


def checked_formats(formats) -> tuple[str, ...]:
    """Return the formats in a fixed order, each once.

    >>> checked_formats("png,html,png")
    ('html', 'png')
    """
    asked = formats.split(",") if isinstance(formats, str) else list(formats)
    asked = [str(one).strip().lower() for one in asked]
    for one in asked or [""]:
        if one not in FORMATS:
            raise UsageError(refuse("format", one, FORMATS))
    if "pdf" in asked:
        _need("typst", "pdf", "pdf")
    return tuple(one for one in FORMATS if one in asked)


def positive(name: str, value) -> float:
    """Return a number above zero."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = 0.0
    if not 0 < number < float("inf"):
        raise UsageError(message("parameter.number", name=name, allowed="> 0", found=repr(value)))
    return number


def worker_count(jobs) -> int:
    """Return how many pages are run at once: as asked, else one for each processor we may use."""
    if jobs is not None:
        if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
            allowed = "1, 2, 3, …"
            said = message("parameter.number", name="jobs", allowed=allowed, found=repr(jobs))
            raise UsageError(said)
        return jobs
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def latest_date(data: Path, plan) -> str:
    """Return the latest date with data; of one column alone where files make that possible."""
    days = {day for day in _column_of_counts(data) if _ISO.fullmatch(day)}
    return max(days or dates_of(data, plan), default="")


def _column_of_counts(data: Path) -> set[str]:
    """Return the dates in the table of counts, unchecked; none where it must be read in full."""
    text, parquet = data / "unit_counts.csv", data / "unit_counts.parquet"
    if text.is_file():
        try:
            with text.open(encoding="utf-8-sig", newline="") as file:
                return {str(row.get("as_of")).strip() for row in csv.DictReader(file)}
        except (UnicodeDecodeError, csv.Error):
            return set()
    if parquet.is_file():
        from pyarrow import ArrowException
        from pyarrow import parquet as files

        try:
            return set(map(str, files.read_table(parquet, columns=["as_of"])["as_of"].unique()))
        except (ArrowException, KeyError):
            return set()
    return set()


def dates_of(data, plan) -> list[str]:
    """Return the dates with data, oldest first; reads the data."""
    from sonla_analysis.indicators.measure import review_dates
    from sonla_analysis.tables import read_tables

    return review_dates(read_tables(data, plan)[0])


def _day(as_of) -> str:
    day = as_of if isinstance(as_of, str) else str(as_literal(as_of))
    try:
        return date.fromisoformat(day).isoformat() if _ISO.fullmatch(day) else str(date(day))
    except (ValueError, TypeError):
        raise UsageError(message("parameter.day", found=repr(day))) from None


def _codes(units) -> tuple[str, ...] | None:
    """Return the unit codes as text; a number is refused, it may have lost its leading zero."""
    if units is None:
        return None
    codes = [units] if isinstance(units, str) else list(units)
    for code in codes:
        if not isinstance(as_literal(code), str):
            said = message("parameter.type_code", name="unit", found=repr(code))
            raise UsageError(said)
    return tuple(dict.fromkeys(str(code) for code in codes)) or None


def _page_folder(pages) -> Path:
    folder = Path(pages) if pages is not None else _travelling("notebooks", "notebooks")
    for name in PAGES.values():
        _file(folder / f"{name}.ipynb")
    return folder


def _file(path) -> str | None:
    if path is not None and not Path(path).is_file():
        raise UsageError(message("parameter.no_file", path=path))
    return None if path is None else str(path)


def _need(module: str, what: str, extra: str) -> None:
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise UsageError(message("batch.no_extra", what=what, extra=extra))
