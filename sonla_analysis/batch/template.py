"""The office's Word template, tried on an empty report before the first page runs."""

import base64
from pathlib import Path

from sonla_analysis.batch.rehearsal import charts_of
from sonla_analysis.language.refusals import SonlaError, UsageError
from sonla_analysis.office.blocks import Picture
from sonla_analysis.office.document import Document
from sonla_analysis.office.word_fill import FIGURE, placeholders
from sonla_analysis.sentences.table import Column, Table

TABLES = ["progress", "form_1", "form_2", "form_3", "form_4", "form_5"]
TABLES += ["deprivations", "groups", "funding"]
_DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
)


def check_template(request, jobs, plan) -> None:
    """Refuse a template that no page of the run could fill in, before anything is written.

    What only some pages show, as `charts.spine` of a ward, fails the others alone.
    """
    if not request.word_template:
        return
    from sonla_analysis.office.docx import WordExporter

    charts = [name for page in {job.page: None for job in jobs} for name in charts_of(page)]
    own = _own_pieces(request)
    report = _empty_report(plan, request.language, charts + own["charts"], TABLES + own["tables"])
    try:
        WordExporter(word_template=request.word_template).written(report)
    except UsageError:
        raise
    except SonlaError as error:
        raise UsageError(error.args[0]) from None


def _own_pieces(request) -> dict[str, list]:
    """Return the charts and tables that a template names where pages of one's own may show any."""
    template = Path(request.word_template)
    named = placeholders(template.read_bytes(), template.name) if request.has_own_pages else ()
    pieces = [one.split(".", 1) for one in sorted(named) if "." in one]
    return {kind: [name for of, name in pieces if of == kind] for kind in ("charts", "tables")}


def _empty_report(plan, language: str, charts, tables) -> Document:
    """Return a report with every figure, chart and table a page has, all of them empty."""
    figures = [
        {"indicator": one.id, "number": one.number, "texts": dict.fromkeys(FIGURE, "0")}
        for one in plan.indicators
    ]
    record = {"language": language, "progress": figures, "plan_number": plan.number}
    pictures = [
        Picture(slug, "0", "0", "", "0", {"columns": [], "rows": []}, _DOT)
        for slug in dict.fromkeys(charts)
    ]
    columns = [Column("order", "0")]
    empty = [
        Table(slug, "0", columns, [["0"]], [["0"]], annex=slug != "progress")
        for slug in dict.fromkeys(tables)
    ]
    return Document(record, [], [*pictures, *empty])
