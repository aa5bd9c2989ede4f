"""What a chart costs, how large what is written is, and how much of our code one page enters."""

import gc
import json
import os
import sys
import time
from pathlib import Path

from machine import ROOT, median

_HTML = "sonla_analysis.office.html.PageExporter"
_WORD = "sonla_analysis.office.docx.WordExporter"

CHARTS = ["progress_board", "spine", "poverty_path", "movement", "deprivations", "villages"]
CHARTS += ["gaps", "funding"]
DATE = "2020-12-31"


def charts(data, sizes) -> dict:
    """The mean milliseconds of processor time of a ward page's charts, in a page just forked.

    The process it is forked from has drawn a page before, as a batch's has.
    """
    from sonla_analysis.review import open_data, review_of

    opened = open_data(ROOT / "data/sample")
    first = review_of(opened, "116", DATE)
    units = list(first.leaf_units.index)
    _cost(review_of(opened, units[0], DATE))
    gc.collect()
    gc.freeze()
    costs = [_alone(_cost, review_of(opened, unit, DATE)) for unit in units[1:] * sizes["runs"]]
    gc.unfreeze()
    return {"mean": median(sum(one.values()) / len(one) for one in costs)} | {
        name: median(one[name] for one in costs) for name in CHARTS
    }


def _cost(review) -> dict[str, float]:
    from sonla_analysis import charts

    found = {}
    for name in CHARTS:
        found[name] = _milliseconds(_drawn, getattr(charts, name), review)
    return found


def _drawn(draw, review) -> None:
    if chart := draw(review):
        chart.svg(text=True)


def _alone(work, *given):
    """Return what `work` gives in a forked process."""
    receiver, sender = os.pipe()
    child = os.fork()
    if not child:
        os.write(sender, json.dumps(work(*given)).encode())
        os._exit(0)
    os.close(sender)
    with os.fdopen(receiver) as told:
        found = json.loads(told.read())
    os.waitpid(child, 0)
    return found


def written(data, sizes) -> dict:
    """Functions of ours that one ward's page and its Word file enter; sizes of the files."""
    from batches import planned, scratch

    from sonla_analysis.batch.build import exporter, run_page

    with scratch() as folder:
        jobs = planned(folder, "html,docx")[2]
        found = {}
        for job in (jobs[1], jobs[0]):
            entered = set()
            sys.setprofile(lambda frame, event, _, entered=entered: _note(frame, event, entered))
            page, html, docx = _made(job, run_page, exporter)
            sys.setprofile(None)
            found[job.unit] = {"entered": len(entered), "html": len(html), "docx": len(docx)}
            costs = [_milliseconds(exporter(_WORD).written, page) for _ in range(7)]
            found[job.unit]["docx_ms"] = median(costs)
    return found


def _milliseconds(work, *given) -> float:
    started = time.process_time()
    work(*given)
    return (time.process_time() - started) * 1000


def _made(job, run_page, exporter):
    import nbformat

    from sonla_analysis.batch.build import charts_for
    from sonla_analysis.office.document import read_document

    charts_for(job.draws, None)
    page = read_document(run_page(nbformat.reads(job.page, 4), job.parameters))
    return (
        page,
        exporter(_HTML).written(page),
        exporter(_WORD).written(page),
    )


def _note(frame, event: str, entered: set) -> None:
    code = frame.f_code
    ours = event == "call" and f"{os.sep}sonla_analysis{os.sep}" in code.co_filename
    if ours and not code.co_name.startswith("<"):
        entered.add((Path(code.co_filename).name, code.co_qualname))
