"""What to build: page × unit × date → job, with everything a worker needs and a fingerprint."""

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from sonla_analysis.batch import fingerprint
from sonla_analysis.batch.published import earlier_figures
from sonla_analysis.batch.request import CHART_FORMATS, PAGES, Request
from sonla_analysis.definitions.editions import PUBLIC
from sonla_analysis.definitions.office import load_office
from sonla_analysis.definitions.outline import DEFAULT, load_outline
from sonla_analysis.language.phrases import message, phrase
from sonla_analysis.language.refusals import UsageError

NEEDS = {
    "html": "text",
    "pdf": "text",
    "docx": "png",
    "brief": "png",
}  # the pictures an export is made with
LONGEST = 120  # letters of a folder's name: files in it must have room on every system


@dataclass(frozen=True)
class Job:
    """One report to build; plain values only, so that it travels to any worker."""

    unit: str
    name: str
    folder: str
    out: str
    cwd: str
    page: str  # the notebook itself: what was fingerprinted is what is run
    parameters: dict
    formats: tuple[str, ...]
    language: str
    fingerprint: str
    stamps: tuple
    timeout: float
    memory_mb: int
    edition: str = PUBLIC
    word_template: str | None = None
    letterhead: dict = field(default_factory=dict)  # settings of the exporters, see `office.toml`
    outline: str = ""  # of a Word report: an id or a file
    published: str | None = None  # the figures of the report before this one: see `published`
    unusable: str = ""  # why the unit's name can be no folder
    page_name: str = ""  # of another page than the reports': its files are named after it

    @property
    def draws(self) -> set[str]:
        """The picture formats that the page must draw: those asked for, those exports need."""
        return set(self.formats) & set(CHART_FORMATS) | {
            NEEDS[name] for name in self.formats if name in NEEDS
        }


def inputs(request: Request) -> str:
    """Return the mark of every file that a run depends on; no file is read as a table."""
    from sonla_analysis.definitions.plan import load_plan

    pages = [fingerprint.file_digest(page_file(request, kind)) for kind in PAGES]
    standard = Path(load_plan(request.plan).standard)  # an office's own is a file
    pages += [fingerprint.file_digest(standard)] if standard.is_file() else []
    said = _said_of_all(request)
    office = [said["office"]["letterhead"], request.letterhead]
    return _mark(request, "", [fingerprint.data_digest(Path(request.data)), pages, *office], said)


def page_file(request: Request, kind: str) -> Path:
    """Return the notebook of a kind of page; the one asked for is that of units and area alike."""
    if request.page is not None:
        return Path(request.page)
    return request.pages / f"{PAGES[kind]}.ipynb"


def plan_jobs(request: Request, situation, stamps) -> list[Job]:
    """Return the jobs, the area's first; a unit whose data fail gets one too (to be told)."""
    from sonla_analysis.batch.parameters import read_page
    from sonla_analysis.definitions.units import full_name, unit_named
    from sonla_analysis.indicators.measure import area_of, leaf_units

    pages = {kind: read_page(page_file(request, kind)) for kind in PAGES}
    area = area_of(situation.tables, request.as_of)
    codes = [area, *leaf_units(situation.tables, request.as_of).index]
    units = {
        code: unit_named(code, request.as_of, situation.tables["units"])
        for code in codes
        if request.units is None or code in request.units
    }
    if request.letterhead and len(units) > 1:
        names = ", ".join(f"--{name}" for name in request.letterhead)
        raise UsageError(message("batch.one_report", names=names, n=len(units)))
    marks, shown = situation.page_digests(request.as_of)
    said, jobs = _said_of_all(request) | {"stamps": tuple(stamps)}, []
    for code, unit in units.items():
        rows = sorted(marks.items()) if code == area else marks.get(code)
        kind = "area" if code == area else "unit"
        jobs.append(_job(request, kind, pages[kind], unit, full_name(unit), [rows, shown], said))
    return _with_folders(jobs)


def _job(request: Request, kind: str, page, unit, name: str, shows, said: dict) -> Job:
    from sonla_analysis.batch.notebooks import nbformat
    from sonla_analysis.batch.parameters import checked, declared_for_batch
    from sonla_analysis.definitions.units import folder_name

    given = {name: getattr(request, name) for name in ("data", "as_of", "plan", "language")}
    if request.edition != PUBLIC:  # a page of one's own may know the public edition only
        given["edition"] = request.edition
    called = request.page_name or PAGES[kind]
    values = checked(declared_for_batch(page, called), given | {"unit": unit.name}, called)
    text = nbformat.writes(page)
    office = said["office"]
    letterhead = (office["letterhead"] if kind == "area" else {}) | request.letterhead
    return Job(
        unit=unit.name,
        name=name,
        folder=folder_name(unit),
        out=str(request.out),
        cwd=str(Path.cwd()),
        page=text,
        parameters=values,
        formats=request.formats,
        language=request.language,
        fingerprint=_mark(request, text, [unit.name, name, shows, letterhead], said),
        stamps=said["stamps"],
        timeout=request.timeout,
        memory_mb=request.memory_mb,
        edition=request.edition,
        word_template=request.word_template,
        letterhead=letterhead,
        outline=office["outline"],
        published=said["published"],
        page_name=request.page_name,
    )


def _said_of_all(request: Request) -> dict:
    """Return what all jobs of a run are made with and is read from files, read once for them.

    `office`; `outline`, the parts of a Word report; `published`, where the figures of the report
    before this one lie (None where there is none), and `published_mark`, what they are.
    """
    office = load_office(request.office)
    earlier = earlier_figures(request.out, request.as_of, request.data)
    return {
        "office": office,
        "outline": load_outline(office["outline"] or DEFAULT),
        "published": earlier and str(earlier),
        "published_mark": earlier and fingerprint.file_digest(earlier),
    }


def _mark(request: Request, page: str, shows, said: dict) -> str:
    plan, template = Path(request.plan), request.word_template
    return fingerprint.digest(
        fingerprint.code_digest(),
        fingerprint.file_digest(plan) if plan.is_file() else request.plan,
        fingerprint.file_digest(Path(template)) if template else None,
        [request.as_of, request.language, request.edition],
        [said["outline"], said["published_mark"]],
        page,
        shows,
    )


def _with_folders(jobs: list[Job]) -> list[Job]:
    """Return the jobs, those marked whose unit's name is no folder of its own."""
    shared, made = Counter(job.folder for job in jobs), []
    for place, job in enumerate(jobs):
        is_shared = bool(job.folder) and shared[job.folder] > 1
        if is_shared or not 0 < len(job.folder) <= LONGEST:
            key = "same_folder" if is_shared else "no_folder_name"
            cause = phrase(f"cause.{key}", job.language, folder=job.folder[:LONGEST])
            job = replace(job, folder=f"khong-dat-ten-duoc-{place}", unusable=cause)
        made.append(job)
    return made
