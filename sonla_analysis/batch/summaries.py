"""What sums up all units: the table of all figures, and the start page of a report folder.

The start page shows the area at a glance, every unit, and what its run came to.
"""

import os
from functools import partial
from pathlib import Path

from markupsafe import Markup

from sonla_analysis import sentences
from sonla_analysis.batch import folders
from sonla_analysis.batch.published import FIGURES
from sonla_analysis.batch.record import DONE, FAILED, START, shortened
from sonla_analysis.batch.request import file_of_page
from sonla_analysis.definitions.editions import PUBLIC, name_in
from sonla_analysis.definitions.units import folder_name, full_name, units_on
from sonla_analysis.indicators.changes import definition_mark
from sonla_analysis.indicators.poverty_path import RATE
from sonla_analysis.indicators.since import poor_course
from sonla_analysis.language.phrases import label, phrase
from sonla_analysis.office.csv_text import as_csv
from sonla_analysis.office.html import render
from sonla_analysis.office.spark import spark
from sonla_analysis.office.table_view import table_view
from sonla_analysis.review import CheckedData, Review, area_of, review_of
from sonla_analysis.sentences.table import Column, Table

REPORT = "report.html"
DOWNLOADS = {"word": "report.docx", "pdf": "report.pdf", "excel": "tables.xlsx"}
DOWNLOADS |= {"brief": "brief.docx", "brief_pdf": "brief.pdf"}
_SHOWN_AS = {
    "met": "met",
    "on_track": "on_track",
    "behind": "behind",
    "missed": "behind",
    "not_met": "behind",
    "undecided": "no_data",
    "not_due": "",
    "withheld": "no_data",
    "no_data": "no_data",
    "incomplete": "no_data",
}


def write_summaries(request, record: dict, situation) -> tuple[list[str], list[str]]:
    """Write `indicators.csv` and `index.html`, each whole or not at all; of a page the latter.

    Returns what went wrong, and the names under which files that a person changed are kept.
    """
    as_of, language = request.as_of, request.language
    files, problems, changed = {}, [], []
    if not request.page:  # a page is no record of what was published
        files[name_in(request.edition, FIGURES)] = as_csv(figures(situation, as_of, language))
    page = index_page(request.out, record, situation, as_of, language)
    for name, content in (files | {START: page.encode()}).items():
        path = request.out / name
        try:
            changed += folders.put(path, content, record["written"])
        except OSError as error:
            words = {"path": path, "reason": error.strerror or type(error).__name__}
            problems.append(phrase("batch.not_written", language, **words))
    return problems, changed


def figures(situation, as_of: str, language: str):
    """Return the progress rows of a date with the names of unit and indicator.

    It is the record of what was published: `definition` marks how each figure was counted.
    """
    progress = situation.progress
    rows = progress[progress["as_of"] == as_of].reset_index(drop=True)
    units = units_on(as_of, situation.tables["units"])
    names = {code: full_name(unit) for code, unit in units.iterrows()}
    indicators = {one.id: one for one in situation.plan.indicators}
    rows.insert(2, "unit_name", rows["unit"].map(names))
    place = rows.columns.get_loc("indicator")
    numbers = {key: one.number for key, one in indicators.items()}
    rows.insert(place, "number", rows["indicator"].map(numbers))
    texts = {key: one.name[language] for key, one in indicators.items()}
    rows.insert(place + 2, "indicator_name", rows["indicator"].map(texts))
    marks = {key: definition_mark(one, situation.plan) for key, one in indicators.items()}
    rows["definition"] = rows["indicator"].map(marks)
    exact = rows.select_dtypes("float").columns
    rows[exact] = rows[exact].round(9)
    return rows


# --- the start page ----------------------------------------------------------------------


def index_page(
    folder: Path, manifest: dict, situation: CheckedData, as_of: str, language: str
) -> str:
    """Return the start page of a report folder; of another page's, only each unit's files.

    Each unit shows what this run did (a job's `state` and, where it failed, its `cause`) and
    links the files that lie there, even those of an earlier run.
    """
    edition, page = manifest.get("edition", PUBLIC), manifest.get("page", "")
    review = review_of(situation, area_of(situation.tables, as_of), as_of, language, edition)
    jobs = {job["unit"]: job for job in manifest["jobs"].values()}
    units = {
        code: {
            "name": sentences.name_of(review, code, start=True),
            "is_area": code == review.area,
            **_files(code, review, jobs.get(code), folder, page),
        }
        for code in [review.area, *review.leaf_units.index]
    }
    unbuilt = sum(unit["run"]["failed"] for unit in units.values())
    name = sentences.name_of(review, review.area)
    shown = _of_page(page, name, review) if page else _of_reports(name, review, units)
    return render(
        "index_page.html.j2" if page else "index.html.j2",
        language,
        synthetic=review.synthetic,
        internal=phrase("mark.internal", language) if review.is_internal else "",
        problem=phrase("index.run_problem", language, n=unbuilt) if unbuilt else "",
        units=list(units.values()),
        **shown,
    )


def _of_page(page: str, area: str, review: Review) -> dict:
    """Return what stands at the head where another page than the reports was built."""
    when = sentences.day(review.as_of, review.language)
    facts = [area, phrase("html.as_of", review.language, date=when)]
    return {"title": label("pages_title", page, review.language), "facts": facts}


def _of_reports(area: str, review: Review, units: dict[str, dict]) -> dict:
    """Return the area at a glance and its targets; add to each unit how it stands."""
    language, plan = review.language, review.plan
    today = review.progress[review.progress["as_of"] == review.as_of].set_index("indicator")
    courses = poor_course(review.progress, review.as_of)
    rows = dict(list(today.groupby("unit")))
    for code, unit in units.items():
        course = _course(courses.get(code, []), language)
        unit |= _standing(rows[code], review) | {"course": course}
    first, when = sentences.glance(review), sentences.day(review.as_of, language)
    shown = units.values()
    return {
        "title": phrase("index.title", language, unit=area, date=when),
        "facts": [phrase("html.plan", language, number=plan.number), plan.issuer[language]],
        "remarks": first["remarks"],
        "withheld": _withheld_units(review),
        "tiles": [*first["figures"], *_tiles(review, shown)],
        "running": review.as_of < plan.end,
        "partial": any(one["poor"].endswith("*") for one in shown),
        "files_shown": any(
            one["downloads"] or one["run"]["text"] or one["withheld"] for one in shown
        ),
        "units_caption": phrase("index.units_caption", language, date=when),
        "targets_title": phrase("index.targets", language, unit=area),
        "targets": _targets(review),
        "symbols": _symbols(review),
    }


def _files(code: str, review: Review, job: dict | None, folder: Path, page: str = "") -> dict:
    """Return what a unit's folder holds, and what its run came to."""
    place = (job or {}).get("folder") or folder_name(review.units.loc[code])
    names = [file_of_page(one, page) for one in (REPORT, *DOWNLOADS.values())]
    report, *others = (name_in(review.edition, one) for one in names)
    downloads = dict(zip(DOWNLOADS, others, strict=True))
    files = [one for one in (report, *others) if os.path.isfile(folder / place / one)]
    return {
        "run": _run(job, bool(files), review.language),
        "withheld": _withheld(code, review),
        "report": f"{place}/{report}" if report in files else "",
        "downloads": {
            phrase(f"download.{kind}", review.language): f"{place}/{file}"
            for kind, file in downloads.items()
            if file in files and not (page and kind.startswith("brief"))
        },
    }


def _course(counts: list, language: str) -> Markup:
    """Return a unit's poor households on the dates as a small line."""
    return Markup(spark(counts, sentences.course_text(counts, language)))


def _tiles(review: Review, units) -> list[tuple[str, str]]:
    """Return what the run came to: (figure, what it is)."""
    word = partial(phrase, language=review.language)
    done = sum(unit["run"]["done"] for unit in units)
    sent, tiles = sentences.reported_units(review), []
    if sent["reporting"] < sent["units"]:
        of = word("index.of", n=sent["reporting"], total=sent["units"])
        tiles.append((of, word("index.tile_reporting")))
    return [*tiles, (word("index.of", n=done, total=len(units)), word("index.tile_reports"))]


def _standing(rows, review: Review) -> dict:
    """Return how a unit stands: its targets counted by status, and its poverty."""
    judged_by = rows[["as_of", "state", "status", "reason"]].to_dict("records")
    found = [sentences.status_key(row) for row in judged_by]
    shown = list(filter(None, map(_SHOWN_AS.get, found)))
    counts = {key: shown.count(key) for key in ("met", "on_track", "behind", "no_data")}
    judged = len(shown) - counts["no_data"]
    return {**counts, "judged": judged, "bar": _bar(counts), **_poverty(rows, review)}


def _bar(counts: dict) -> list[dict]:
    """Return the parts of a small bar: where each status begins and ends, in targets."""
    parts, begin = [], 0
    for key, count in counts.items():
        if count:
            parts.append({"status": key, "begin": begin, "count": count})
        begin += count
    return parts


def _poverty(rows, review: Review) -> dict:
    """Return the poor households and their rate as texts, or why there is no figure."""
    if RATE not in rows.index:
        return {"poor": "", "rate": ""}
    printed = sentences.count_and_share(rows.loc[RATE], review.plan[RATE], review.language)
    return dict(zip(("poor", "rate"), printed, strict=True))


def _run(job: dict | None, has_files: bool, language: str) -> dict:
    """Return what this run did for a unit: empty words when all is well."""
    state = (job or {}).get("state")
    if state == DONE:
        return {"done": True, "failed": False, "text": "", "older": ""}
    failed = state == FAILED
    text = phrase("index.not_run", language)
    if failed:
        cause = job.get("cause") or phrase("index.no_cause", language)
        text = phrase("index.failed", language, cause=cause)
    older = phrase("index.older", language) if has_files else ""
    return {"done": False, "failed": failed, "text": text, "older": older}


def _withheld(code: str, review: Review) -> str:
    """Return the note that some of a unit's figures are being corrected, empty when none are."""
    cells = len(review.data.withheld.get(code, ()))
    return phrase("index.withheld", review.language, n=cells) if cells else ""


def _withheld_units(review: Review) -> str:
    """Return the sentence that names the units some of whose figures are being corrected."""
    codes = [code for code in review.leaf_units.index if review.data.withheld.get(code)]
    names = [sentences.name_of(review, code) for code in codes]
    named = shortened(names, review.language, "and_more")
    return phrase("index.withheld_units", review.language, names=named) if names else ""


def _targets(review: Review) -> dict:
    """Return the table of the area's targets."""
    language, plan = review.language, review.plan
    sides = {"result": "right", "counts": "right", "target": "right"}
    keys = ("number", "indicator", "result", "counts", "target", "status", "still_needed")
    columns = [
        Column(key, phrase(f"index.{key}", language), sides.get(key, "left")) for key in keys
    ]
    lines = [_target_line(review, name) for name in review.now.index]
    words = {"n": len(lines), "plan": plan.number, "date": sentences.day(review.as_of, language)}
    title = phrase("index.targets_caption", language, **words)
    rows, texts = [raw for raw, _ in lines], [texts for _, texts in lines]
    notes = sentences.partial_note(review)
    return table_view(Table("targets", title, columns, rows, texts, notes), "targets")


def _target_line(review: Review, name: str) -> tuple[list, list[str]]:
    row, indicator, language = review.now.loc[name], review.plan[name], review.language
    texts = sentences.figure_texts(row, indicator, language)
    status = sentences.status_key(row)
    counts = phrase("index.of", language, n=texts["numerator"], total=texts["denominator"])
    line = [
        indicator.number,
        indicator.name[language],
        texts["value"],
        counts if "–" not in (texts["numerator"], texts["denominator"]) else "",
        texts["target"],
        texts["status"],
        sentences.left(row, indicator, language) or "–",
    ]
    return [*line[:5], status, line[6]], line


def _symbols(review: Review) -> list[tuple[str, str]]:
    """Return the statuses in the table of targets with their words, in the order of the words."""
    found = {sentences.status_key(row) for row in review.now.to_dict("records")}
    return [(key, phrase(f"status.{key}", review.language)) for key in _SHOWN_AS if key in found]
