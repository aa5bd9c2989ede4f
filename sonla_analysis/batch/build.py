"""One report: run the page, scrub it, export it, all into a folder beside the final one."""

import contextlib
import errno
import json
import os
import random
import re
import shutil
import sys
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sonla_analysis.batch import fingerprint
from sonla_analysis.batch.folders import BUILDING
from sonla_analysis.batch.jobs import Job
from sonla_analysis.batch.notebooks import nbformat, papermill
from sonla_analysis.batch.places import hide_in_notebook
from sonla_analysis.batch.published import publish
from sonla_analysis.batch.request import BESIDE, EXPORTS, file_of_page
from sonla_analysis.definitions.editions import name_in
from sonla_analysis.language.refusals import SonlaError
from sonla_analysis.office.captions import write_captions, write_frames
from sonla_analysis.office.document import Document, read_document
from sonla_analysis.office.opens import unopened
from sonla_analysis.page import FOLDER_OF_CHARTS, FORMATS_SHOWN
from sonla_analysis.review import open_data

LONGEST_CAUSE = 300  # letters: a longer text is in the log
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_TEXT = re.compile(rf"\[Errno ({'|'.join(map(str, _FULL))})\]")


@cache
def read(page: str) -> nbformat.NotebookNode:
    """Return a page's notebook; papermill takes a copy of it."""
    return nbformat.reads(page, as_version=4)


def run_page(page, parameters: dict, *, on_cell=None):
    """Return a page executed with these parameters; raise papermill's error when a cell failed.

    The steps of `papermill.execute_notebook` but its last, which turns the notebook into text.
    """
    names = {"engine_name": "sonla", "kernel_name": "python3"}
    options = {"prepare_only": True, "language": "python"}
    page = papermill.execute_notebook(page, None, parameters, **names, **options)
    run = papermill.engines.papermill_engines.execute_notebook_with_engine
    page = run(nb=page, **names, progress_bar=False, on_cell=on_cell)
    papermill.execute.raise_for_execution_errors(page, None)
    return page


@cache
def exporter(name: str):
    """Return the nbconvert exporter of a name or an import path."""
    from nbconvert.exporters import get_exporter

    return get_exporter(name)(optimistic_validation=True)  # validate the notebook once, not often


def build(job: Job, say) -> None:
    """Build the job's report beside its folder; say which cell runs, and how it ended.

    `say({"cell": 3})` and at last `say({"end": …})`; long texts go to the log (standard error).
    """
    try:
        end = _built(job, say)
    except papermill.PapermillExecutionError as error:
        end = _page_problem(error)
    except MemoryError:
        end = {"problem": "memory"}
    except OSError as error:
        problem = "disk_full" if error.errno in _FULL else "writing"
        end = _problem(problem, error, job.language)
    except Exception as error:
        end = _problem("writing", error, job.language)
    say({"end": end})


def _problem(problem: str, error: Exception, language: str) -> dict:
    _log(traceback.format_exc())
    text = f"{type(error).__name__}: {error}".splitlines()[0]
    if isinstance(error, SonlaError):  # already a sentence
        text = error.text(language)
    return {"problem": problem, "error": text[:LONGEST_CAUSE]}


def _log(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # a full disk; a page closed what it prints to
        print(text, file=sys.stderr, flush=True)


def _page_problem(error: papermill.PapermillExecutionError) -> dict:
    """Return what stopped a page; its cell and traceback go to the log."""
    text = f"{error.ename}: {error.evalue}".strip(": ").splitlines()[0][:LONGEST_CAUSE]
    _log("\n".join([error.source, "", *(error.traceback or [text])]))
    if error.ename == "SystemExit":
        return {"problem": "exited", "error": error.evalue[:LONGEST_CAUSE] or "0"}
    problem = "memory" if error.ename in ("MemoryError", "ArrayMemoryError") else "error"
    if _FULL_TEXT.search(error.evalue):
        problem = "disk_full"
    return {"problem": problem, "error": text}


def _built(job: Job, say) -> dict:
    building = Path(job.out) / f"{BUILDING}{job.folder}-{os.getpid()}"
    _start_fresh(job, building)
    try:
        (building / "charts").mkdir(parents=True)
        document = _named(read_document(_executed(job, building, say)), job)
        _export(job, building, document)
        if closed := unopened(building):
            said = [one.vi if job.language == "vi" else str(one) for one in closed]
            _log("\n".join(said))
            return {"problem": "unopened", "error": said[0][:LONGEST_CAUSE]}
        if fingerprint.data_stamps(job.parameters["data"]) != list(map(tuple, job.stamps)):
            return {"problem": "data_changed"}
        return {"building": building.name}
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)  # at once: others may need the space
        raise


def _named(document: Document, job: Job) -> Document:
    """Return the document, which says of what page it is where it is none of the reports'."""
    said = {"page": job.page_name} if job.page_name and document.record else {}
    return replace(document, record=document.record | said)


def _start_fresh(job: Job, building: Path) -> None:
    """Set what a page may rely on: directory, environment, random numbers."""
    os.chdir(job.cwd)
    charts_for(job.draws, (building / "charts").absolute())
    if job.published:
        publish(open_data(job.parameters["data"], job.parameters["plan"]), job.published)
    day = datetime.fromisoformat(job.parameters["as_of"]).replace(tzinfo=UTC)
    os.environ["SOURCE_DATE_EPOCH"] = f"{day.timestamp():.0f}"  # in place of the time of today
    random.seed(0)
    if "numpy" in sys.modules:
        import numpy

        numpy.random.seed(0)


def charts_for(formats, folder: Path | None) -> None:
    """Tell `page.show` in which formats to draw, and where to save the files (nowhere: None).

    A page's calls have no argument for it: by the environment, a page runs unchanged in JupyterLab.
    """
    os.environ[FORMATS_SHOWN] = ",".join(sorted(formats))
    os.environ.pop(FOLDER_OF_CHARTS, None)
    if folder is not None:
        os.environ[FOLDER_OF_CHARTS] = str(folder)


def _executed(job: Job, building: Path, say) -> nbformat.NotebookNode:
    """Run the page through papermill, write `report.ipynb`; return the executed notebook."""
    page = run_page(read(job.page), job.parameters, on_cell=lambda cell: say({"cell": cell}))
    scrub(page, job)
    text = json.dumps(page, ensure_ascii=False, sort_keys=True)  # indenting it takes ten times long
    name = name_in(job.edition, file_of_page("report.ipynb", job.page_name))
    (building / name).write_text(f"{text}\n", encoding="utf-8")
    return page


def scrub(page: nbformat.NotebookNode, job: Job) -> None:
    """Take out what differs between two equal runs: times, random ids, places of files."""
    record = page.metadata.papermill
    page.metadata["papermill"] = {"parameters": record.parameters, "version": record.version}
    page.metadata["sonla"] = {"fingerprint": job.fingerprint}
    hide_in_notebook(page, [job.parameters["data"], job.parameters["plan"], job.out, job.cwd])
    for number, cell in enumerate(page.cells, start=1):
        cell.metadata["papermill"] = {"status": cell.metadata.papermill["status"]}
        if "injected-parameters" in cell.metadata.get("tags", []) and "id" in cell:
            cell["id"] = f"injected-{number}"


def _export(job: Job, building: Path, document: Document) -> None:
    """Write the report in each format; leave the chart files that were asked for."""
    for entry_point, file in _files(job.formats):
        body = _prepared(exporter(entry_point), job).written(document)
        path = building / name_in(job.edition, file_of_page(file, job.page_name))
        path.write_bytes(body.encode() if isinstance(body, str) else body)
    charts = building / "charts"
    for file in list(charts.iterdir()):
        if file.suffix.removeprefix(".") not in job.formats:
            file.unlink()
    if not any(charts.iterdir()):
        charts.rmdir()
    else:
        write_frames(document, charts)
        write_captions(document, charts)


def _files(formats) -> list[tuple[str, str]]:
    """Return the exporter and the file of each format, and of what stands beside it."""
    files = [EXPORTS[name] for name in formats if name in EXPORTS]
    for name in formats:
        extra, *beside = BESIDE.get(name, ("", "", ""))
        if extra and find_spec(extra):
            files.append(tuple(beside))
    return files


def _prepared(exporter, job: Job):
    """Give an exporter the settings that it knows."""
    settings = {"back": "../index.html", "word_template": job.word_template}
    settings |= {"outline": job.outline, **job.letterhead}
    for name, value in settings.items():
        if value is not None and exporter.has_trait(name):
            setattr(exporter, name, value)
    return exporter
