"""A process made ready for pages: whatever is slow the first time is done before they are forked.

Modules are imported, tables read, templates compiled, fonts and texts loaded: two seconds that
every page would otherwise spend again. The rehearsal runs cells of its own, never those of a page,
so no page can leave anything behind for the next.
"""

import contextlib
import os
import re

from nbformat.v4 import new_code_cell, new_notebook

from sonla_analysis.batch.build import charts_for, exporter, run_page
from sonla_analysis.batch.jobs import Job
from sonla_analysis.batch.parameters import RUNNER_GIVES
from sonla_analysis.batch.request import EXPORTS
from sonla_analysis.office.document import read_document
from sonla_analysis.review import open_data

PARAMETERS = "data = ''\nunit = ''\nas_of = ''\nplan = ''\nlanguage = ''\nedition = ''"
OPEN = """\
from sonla_analysis import charts, open_review, page, sentences
from sonla_analysis.page import report_tables
review = open_review(data, unit, as_of, plan, language, edition)"""
CALLS = (
    "page.begin(review)",
    "page.say(sentences.headline(review), under=sentences.section(review, 'summary'))",
    "page.say(sentences.progress(review))",
    "page.table(report_tables.progress(review))",
    "page.table(*report_tables.annex(review))",
)
MANY = 8  # reports from which on it pays to rehearse one
THREADED = {"pdf"}  # Typst starts threads, and a forked process would wait for them forever
_ready: set[tuple] = set()


def make_ready(jobs: list[Job], *, rehearse: bool = False) -> None:
    """Make this process ready for jobs like these; quick when it is.

    What fails here is left to the page, which says what is wrong.
    """
    job = jobs[-1]  # a unit's; the area's page comes first
    given = job.parameters["data"], job.parameters["plan"]
    key = (job.page, job.formats, job.language, job.edition, *given)
    if key in _ready:
        return
    _ready.add(key)
    with contextlib.suppress(Exception):
        open_data(job.parameters["data"], job.parameters["plan"])
        if rehearse or len(jobs) >= MANY:
            rehearse_page(job)


def rehearse_page(job: Job) -> None:
    """Run and export a small page of our own, with the charts that the job's page shows."""
    drawn = [f"page.show(charts.{name}(review))" for name in charts_of(job.page)]
    shown = [f"try:\n    {call}\nexcept Exception:\n    pass" for call in (*CALLS, *drawn)]
    cells = [new_code_cell(source) for source in (PARAMETERS, OPEN, *shown)]
    cells[0].metadata["tags"] = ["parameters"]
    with _as_it_was():
        charts_for(job.draws, folder=None)
        given = {name: job.parameters[name] for name in RUNNER_GIVES} | {"edition": job.edition}
        document = read_document(run_page(new_notebook(cells=cells), given))
        for name in job.formats:
            if name in EXPORTS and name not in THREADED:
                with contextlib.suppress(Exception):
                    exporter(EXPORTS[name][0]).written(document)


@contextlib.contextmanager
def _as_it_was():
    """Undo what the engine and our own cells set: the environment, matplotlib's settings."""
    import matplotlib

    environment = dict(os.environ)
    try:
        with matplotlib.rc_context():
            yield
    finally:
        os.environ.clear()
        os.environ.update(environment)


def charts_of(page: str) -> list[str]:
    """Return the chart functions of this package that a page names."""
    from sonla_analysis import charts

    named = re.findall(r"\bcharts\.(\w+)\(", page)
    return [name for name in dict.fromkeys(named) if name in charts.__all__]
