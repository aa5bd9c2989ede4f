"""A process made ready for pages: whatever is slow the first time is done before they are forked.

Modules are imported, tables read, templates compiled, fonts and texts loaded: two seconds that
every page would otherwise spend again. The rehearsal runs cells of its own, never those of a page,
so no page can leave anything behind for the next.
"""

import ast
import contextlib
import os
import re
import sys
from importlib import import_module

from nbformat.v4 import new_code_cell, new_notebook

from sonla_analysis.batch.build import exporter, read, run_page
from sonla_analysis.batch.fresh import fresh_state
from sonla_analysis.batch.jobs import EXPORTS, Job
from sonla_analysis.batch.parameters import RUNNER_GIVES
from sonla_analysis.office.document import read_document
from sonla_analysis.review import open_situation

PARAMETERS = "data = ''\nunit = ''\nas_of = ''\nplan = ''\nlanguage = ''"
OPEN = """\
from sonla_analysis import charts, open_review, page, sentences
from sonla_analysis.page import report_tables
review = open_review(data, unit, as_of, plan, language)"""
CALLS = (
    "page.begin(review)",
    "page.say(sentences.headline(review), under=sentences.section(review, 'summary'))",
    "page.say(sentences.progress(review))",
    "page.table(report_tables.progress(review))",
    "page.table(*report_tables.annex(review))",
)
THREADED = {"pdf"}  # Typst starts threads, and a forked process would wait for them forever
_ready: set[tuple] = set()


def warm(job: Job) -> None:
    """Make this process ready for jobs like this one; quick when it is.

    What fails here is left to the page, which says what is wrong.
    """
    key = (job.page, job.formats, job.language, job.parameters["data"], job.parameters["plan"])
    if key in _ready:
        return
    _ready.add(key)
    with contextlib.suppress(Exception):
        for cell in read(job.page).cells:
            if cell.cell_type == "code":
                _import_as(cell.source)
        open_situation(job.parameters["data"], job.parameters["plan"])
        if job.many:
            _rehearse(job)


def _rehearse(job: Job) -> None:
    """Run and export a small page of our own, with the charts that the job's page shows."""
    drawn = [f"page.show(charts.{name}(review))" for name in charts_of(job.page)]
    shown = [f"try:\n    {call}\nexcept Exception:\n    pass" for call in (*CALLS, *drawn)]
    cells = [new_code_cell(source) for source in (PARAMETERS, OPEN, *shown)]
    cells[0].metadata["tags"] = ["parameters"]
    with fresh_state():
        os.environ["SONLA_CHARTS_FORMATS"] = ",".join(sorted(job.draws))
        os.environ.pop("SONLA_CHARTS_FOLDER", None)
        given = {name: job.parameters[name] for name in RUNNER_GIVES}
        document = read_document(run_page(new_notebook(cells=cells), given))
        for name in job.formats:
            if name in EXPORTS and name not in THREADED:
                with contextlib.suppress(Exception):
                    exporter(EXPORTS[name][0]).written(document)


def charts_of(page: str) -> list[str]:
    """Return the chart functions of this package that a page names."""
    from sonla_analysis import charts

    named = re.findall(r"\bcharts\.(\w+)\(", page)
    return [name for name in dict.fromkeys(named) if name in charts.__all__]


def _import_as(source: str) -> None:
    """Import what a cell imports, and what it takes from that."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:  # magics; the page itself will say what is wrong
        return
    for node in nodes:
        if isinstance(node, ast.Import):
            _import([one.name for one in node.names])
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            _import([node.module, *(f"{node.module}.{one.name}" for one in node.names)])
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            with contextlib.suppress(Exception):  # `charts.spine` is imported when first used
                getattr(sys.modules.get(f"sonla_analysis.{node.value.id}"), node.attr, None)


def _import(names: list[str]) -> None:
    for name in names:
        with contextlib.suppress(Exception):  # no module by that name; the page will say so
            import_module(name)
