"""What a run is asked for: checked, completed with defaults, refused with the nearest value."""

import os
import re
from dataclasses import dataclass, replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from sonla_analysis.batch.parameters import as_literal
from sonla_analysis.definitions.editions import (
    PUBLIC,
    SUFFIX,
    checked_edition,
    folder_in,
    is_internal_folder,
)
from sonla_analysis.definitions.folders import locate, shipped
from sonla_analysis.definitions.office import load_office
from sonla_analysis.definitions.plan import LANGUAGES, plan_ids
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import is_date, refuse, slug

# format → (nbconvert exporter, file in the report folder)
EXPORTS = {
    "html": ("sonla_analysis.office.html.PageExporter", "report.html"),
    "docx": ("sonla_analysis.office.docx.WordExporter", "report.docx"),
    "pdf": ("sonla_analysis.office.pdf.PdfExporter", "report.pdf"),
    "xlsx": ("sonla_analysis.office.xlsx.AnnexExporter", "tables.xlsx"),
    "brief": ("sonla_analysis.office.word_brief.BriefExporter", "brief.docx"),
}
# what a format is beside its own file, where the extra for it is installed
BESIDE = {"brief": ("typst", "sonla_analysis.office.pdf.BriefPdfExporter", "brief.pdf")}
CHART_FORMATS = ("svg", "png")
FORMATS = (*EXPORTS, *CHART_FORMATS)
PAGES = {"unit": "commune_report", "area": "city_report"}
OF_REPORTS = ("brief",)  # formats that no other page has
LETTERHEAD = ("number", "date", "place", "signer", "position", "recipients")  # of one report
MOST = 1_000_000  # seconds or megabytes: what the system can still wait for, or limit
_ADDRESS = re.compile(r"((tcp|tls|wss?)://)?([\w.-]+|\[[\da-fA-F:]+\]):\d{1,5}|inproc://\S+")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_WRITTEN = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")  # 31/12/2020


@dataclass(frozen=True)
class Request:
    """What a run can be asked for, each with its default; `checked` completes it."""

    data: str | Path | None = None  # a folder or workbook; the package's own sample by default
    units: tuple[str, ...] | str | None = None  # codes or names; all and the area by default
    as_of: str | date | None = None  # the latest date with data by default
    plan: str | Path = "kh159_2020"  # the id of a plan, or a file
    formats: tuple[str, ...] | str = ("html", *CHART_FORMATS)
    language: str = "vi"
    out: str | Path | None = None  # reports/DATE by default
    jobs: int | None = None  # pages run at once; one for each processor by default
    scheduler: str | None = None  # address of a Dask cluster whose workers run the pages
    force: bool = False  # build anew what is unchanged, and exactly these formats
    timeout: float = 300.0  # seconds for each page
    memory_mb: float = 2048  # megabytes for each page
    word_template: str | Path | None = None
    letterhead: dict | None = None  # number, date, signer … of one report; before `office`
    edition: str | None = None  # public or internal; the office's own by default, else public
    office: str | Path | None = None  # the folder of an office.toml: who signs the area's report
    pages: str | Path | None = None  # a folder with other notebooks than the package's
    page: str | Path | None = None  # another page in place of the reports: a name, or a notebook

    @property
    def has_own_pages(self) -> bool:
        other = self.pages is not None and Path(self.pages) != shipped("notebooks", "notebooks")
        return other or self.page is not None

    @property
    def page_name(self) -> str:
        """The name of the page that is built in place of the reports; "" for these."""
        return "" if self.page is None else Path(self.page).stem


def checked(request: Request) -> Request:
    """Return the request completed; raise `UsageError` for what can be refused without the data."""
    if request.language not in LANGUAGES:
        raise UsageError(refuse("language", request.language, LANGUAGES))
    for name in ("data", "out", "plan", "pages", "page", "word_template", "office"):
        checked_path(name, getattr(request, name))
    plan = checked_plan(request.plan)
    data, as_of = locate(request.data), request.as_of
    edition = checked_edition(request.edition or load_office(request.office)["edition"])
    folder = _page_folder(request.pages)
    page = checked_page(request.page, folder)
    day = checked_day(as_of) if as_of is not None else latest_date(data, request.plan)
    return replace(
        request,
        data=str(data),
        units=_codes(request.units),
        as_of=day,
        plan=plan,
        formats=checked_formats(request.formats, [] if page is None else OF_REPORTS),
        out=_out(request.out, day, edition, page),
        edition=edition,
        jobs=worker_count(request.jobs),
        scheduler=checked_address(request.scheduler),
        timeout=positive("timeout", request.timeout),
        memory_mb=int(positive("memory_mb", request.memory_mb)),
        word_template=_file(request.word_template),
        letterhead=checked_letterhead(request.letterhead),
        pages=folder,
        page=page,
    )


def _out(out, day: str, edition: str, page: str | None) -> Path:
    """Return the folder of the reports; the two editions, and other pages, never share one.

    The internal one has its own, and lies in no public report folder.
    """
    folder = Path("reports") / day if out is None else Path(out)
    folder = folder_in(edition, folder_of_page(folder, page))
    if edition == PUBLIC and is_internal_folder(folder):
        raise UsageError(message("batch.internal_folder", folder=folder))
    if edition != PUBLIC:
        for above in folder.absolute().parents:
            if (above / "manifest.json").is_file() and not is_internal_folder(above):
                raise UsageError(message("batch.in_public_folder", folder=folder, public=above))
    return folder


def folder_of_page(folder: Path, page: str | Path | None) -> Path:
    """Return the folder of a page: beside that of the reports, with its name behind.

    >>> folder_of_page(Path("reports/2020-12-31"), "notebooks/data_quality.ipynb").name
    '2020-12-31-data-quality'
    """
    if page is None:
        return folder
    folder = folder.resolve() if folder.name in ("", "..") else folder
    name, ending = folder.name.removesuffix(SUFFIX), f"-{page_slug(page)}"
    mark = folder.name.removeprefix(name)
    return folder.with_name(f"{name.removesuffix(ending)}{ending}{mark}")


def page_slug(page: str | Path) -> str:
    """Return a page's name as folders and files are called after it."""
    return slug(Path(page).stem)[:60] or "trang"


def file_of_page(name: str, page: str) -> str:
    """Return what a file of a report is called where another page was built; "" is a report's.

    >>> file_of_page("tables.xlsx", "data_quality"), file_of_page("tables.xlsx", "")
    ('data-quality.xlsx', 'tables.xlsx')
    """
    return f"{page_slug(page)}{Path(name).suffix}" if page else name


def checked_formats(formats, without=()) -> tuple[str, ...]:
    """Return the formats in a fixed order, each once; refuse those that a page is `without`.

    >>> checked_formats("png,html,png")
    ('html', 'png')
    """
    asked = formats.split(",") if isinstance(formats, str) else list(formats)
    asked = [str(one).strip().lower() for one in asked]
    allowed = [one for one in FORMATS if one not in without]
    for one in asked or [""]:
        if one not in allowed:
            raise UsageError(refuse("format", one, allowed))
    if "pdf" in asked and find_spec("typst") is None:
        raise UsageError(message("batch.no_extra", what="pdf", extra="pdf"))
    return tuple(one for one in FORMATS if one in asked)


def checked_letterhead(given: dict | None) -> dict:
    """Return what is given of a report's number, date, place, signer, position and recipients.

    >>> checked_letterhead({"number": " 5 ", "date": "31/12/2020"})
    {'number': '05', 'date': '2020-12-31'}
    """
    made = {}
    for name, value in (given or {}).items():
        if name not in LETTERHEAD:
            raise UsageError(refuse("letterhead", name, LETTERHEAD))
        texts = value if isinstance(value, list) else [value]
        if any(not isinstance(one, str) or not one.strip() or "\n" in one for one in texts):
            raise UsageError(message("parameter.one_line", name=name, found=_shown(value)))
        texts = [one.strip() for one in texts]
        made[name] = texts if name == "recipients" else texts[-1]
    if made.get("number", "").isdigit():
        made["number"] = made["number"].zfill(2)  # Decree 30/2020: 05
    if "date" in made:
        made["date"] = checked_day(made["date"])
    return made


def positive(name: str, value) -> float:
    """Return a number above zero that a system can count.

    >>> positive("timeout", 10**400)
    Traceback (most recent call last):
    sonla_analysis.language.refusals.UsageError: timeout must be > 0, <= 1000000; found \
10000000000000000000…
    """
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = 0.0
    if not 0 < number <= MOST:
        words = {"allowed": f"> 0, <= {MOST}", "found": _shown(value)}
        raise UsageError(message("parameter.number", name=name, **words))
    return number


def _shown(value) -> str:
    """Return a value as a sentence shows it, a long one cut short."""
    try:
        text = repr(value)
    except ValueError:  # a whole number of more than 4300 digits
        return "…"
    return text if len(text) <= 40 else f"{text[:20]}…"


def checked_address(scheduler) -> str | None:
    """Return the address of a Dask scheduler; refuse a text that cannot be one.

    >>> checked_address("tcp://10.0.0.5:8786"), checked_address(None)
    ('tcp://10.0.0.5:8786', None)
    >>> checked_address("garbage")
    Traceback (most recent call last):
    sonla_analysis.language.refusals.UsageError: the scheduler's address must be written like \
tcp://10.0.0.5:8786; found 'garbage'
    """
    if scheduler is None:
        return None
    _, _, port = str(scheduler).rpartition(":")
    if not _ADDRESS.fullmatch(str(scheduler)) or (port.isdigit() and int(port) > 65535):
        raise UsageError(message("parameter.address", found=_shown(scheduler)))
    return str(scheduler)


def checked_path(name: str, path):
    """Return a path that the system can look for, or None; refuse an empty or impossible one.

    >>> checked_path("out", "")
    Traceback (most recent call last):
    sonla_analysis.language.refusals.UsageError: out must name a folder or file; found ''
    """
    if path is None or _can_be_sought(str(path)):
        return path
    raise UsageError(message("parameter.no_path", name=name, found=_shown(str(path))))


def _can_be_sought(path: str) -> bool:
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return bool(path.strip())  # empty, it would mean the folder one happens to be in
    except (OSError, ValueError):  # too long, a circle of links, a letter no name may have
        return False
    return True


def checked_plan(plan) -> str:
    """Return a plan, an id or a file; refuse what is neither."""
    if str(plan) not in plan_ids() and not os.path.isfile(plan):
        raise UsageError(refuse("plan", plan, plan_ids()))
    return str(plan)


def worker_count(jobs) -> int:
    """Return how many pages are run at once: as asked, else one for each processor we may use."""
    if jobs is not None:
        if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
            allowed = "1, 2, 3, …"
            said = message("parameter.number", name="jobs", allowed=allowed, found=_shown(jobs))
            raise UsageError(said)
        return jobs
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def latest_date(data: Path, plan) -> str:
    """Return the latest date with data; of one column alone where files make that possible."""
    if days := {day for day in _column_of_counts(data) if _ISO.fullmatch(day)}:
        return max(days)
    from sonla_analysis.indicators.measure import review_dates
    from sonla_analysis.tables.input_tables import read_tables

    return max(review_dates(read_tables(data, plan)[0]), default="")


def _column_of_counts(data: Path) -> set[str]:
    """Return the dates in the table of counts, unchecked; none where it must be read in full."""
    import pandas as pd

    text, parquet = data / "unit_counts.csv", data / "unit_counts.parquet"
    try:
        if text.is_file():
            words = {"usecols": ["as_of"], "dtype": "str", "encoding": "utf-8-sig"}
            return set(pd.read_csv(text, **words)["as_of"].dropna().str.strip())
        if parquet.is_file():
            return set(pd.read_parquet(parquet, columns=["as_of"])["as_of"].map(str))
    except (ValueError, LookupError, TypeError, NotImplementedError):  # not such a table
        pass
    return set()


def checked_day(as_of) -> str:
    """Return a date as ISO text; one written with slashes only where it can be one day.

    >>> checked_day("31/12/2020"), checked_day("2020-12-31")
    ('2020-12-31', '2020-12-31')
    >>> checked_day("5/3/2020")
    Traceback (most recent call last):
    sonla_analysis.language.refusals.UsageError: '5/3/2020' may be 2020-03-05 or 2020-05-03; \
write it year-month-day
    """
    day = as_of if isinstance(as_of, str) else str(as_literal(as_of))
    if written := _WRITTEN.fullmatch(day.strip()):
        first, second, year = map(int, written.groups())
        either = {f"{year:04}-{second:02}-{first:02}", f"{year:04}-{first:02}-{second:02}"}
        days = sorted(filter(is_date, either))
        if len(days) == 2:
            words = {"found": day, "first": days[0], "second": days[1]}
            raise UsageError(message("parameter.day_either", **words))
        day = days[0] if days else day
    if not is_date(day):
        raise UsageError(message("parameter.day", found=repr(day)))
    return day


def opened(request: Request) -> tuple:
    """Return the request with its units' codes, and its data opened.

    Refused are a date or unit that the data do not have.
    """
    from sonla_analysis.indicators.measure import area_of, leaf_units, review_dates
    from sonla_analysis.review import open_data

    situation = open_data(request.data, request.plan)
    dates = review_dates(situation.tables)
    if request.as_of not in dates:
        raise UsageError(refuse("as_of", request.as_of, dates))
    area = area_of(situation.tables, request.as_of)
    known = [area, *leaf_units(situation.tables, request.as_of).index]
    listed = situation.tables["units"].set_index("code", drop=False).loc[known]
    codes = (unit_code(one, request.as_of, listed) for one in request.units or ())
    return replace(request, units=tuple(dict.fromkeys(codes)) or None), situation


def asked_review(options):
    """Return the review of one unit (the area, where none is named) that a command asks for."""
    from sonla_analysis.indicators.measure import area_of
    from sonla_analysis.review import review_of

    plan = options.plan or Request.plan
    asked = Request(options.data, options.units, options.as_of, plan, language=options.language)
    request, situation = opened(checked(asked))
    (unit,) = request.units or (area_of(situation.tables, request.as_of),)
    return review_of(situation, unit, request.as_of, request.language)


def unit_code(text: str, day: str, units) -> str:
    """Return the code that a code or a name means among the units of a run; refuse another.

    >>> from sonla_analysis.definitions.units import shipped_units
    >>> unit_code("Hua La", "2020-12-31", shipped_units())
    '03676'
    """
    from sonla_analysis.definitions.unit_names import match_unit, unclear
    from sonla_analysis.definitions.units import refuse_unit

    if text in set(units["code"]):
        return text
    if text.strip().isdigit():  # a code that lost its zero is refused, not repaired
        raise UsageError(refuse_unit(text, units.set_index("code")))
    if found := match_unit(text, day, units):
        return found.code
    raise UsageError(unclear(text, day, units))


def _codes(units) -> tuple[str, ...] | None:
    """Return codes or names as text; a number is refused, it may have lost its leading zero."""
    if units is None:
        return None
    codes = [units] if isinstance(units, str) else list(units)
    for code in codes:
        if not isinstance(as_literal(code), str):
            said = message("parameter.type_code", name="unit", found=repr(code))
            raise UsageError(said)
    return tuple(dict.fromkeys(str(code) for code in codes)) or None


def _page_folder(pages) -> Path:
    folder = Path(pages) if pages is not None else shipped("notebooks", "notebooks")
    for name in PAGES.values():
        _file(folder / f"{name}.ipynb")
    return folder


def pages_in(folder: Path) -> list[str]:
    """Return the pages of a folder that are none of the reports': notebooks that begin a page."""
    found = [path for path in sorted(folder.glob("*.ipynb")) if path.stem not in PAGES.values()]
    return [one.stem for one in found if "page.begin(" in one.read_text("utf-8", "replace")]


def checked_page(page, folder: Path) -> str | None:
    """Return the notebook of a page: a file, or a name of the folder's; refuse what is none."""
    if page is None:
        return None
    if str(page).endswith(".ipynb"):
        return _file(page)
    if str(page) not in (known := pages_in(folder)):
        raise UsageError(refuse("page", str(page), known))
    return str(folder / f"{page}.ipynb")


def _file(path) -> str | None:
    if path is not None and not os.path.isfile(path):
        raise UsageError(message("parameter.no_file", path=path))
    return None if path is None else str(path)
