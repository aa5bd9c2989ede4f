"""Work lists: for each unit a workbook of whom it still has to reach, in a folder of its own.

They have household numbers, so they never lie in a folder of reports. A file that is not as it was
written has been ticked by somebody: it is kept under another name (`….da-sua-DATE.xlsx`).
"""

import contextlib
import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

from sonla_analysis.batch.folders import LISTS, put, recorded, write_whole
from sonla_analysis.batch.record import NAME as MANIFEST
from sonla_analysis.batch.record import Outcome, shortened
from sonla_analysis.batch.request import Request, checked, opened
from sonla_analysis.definitions.units import folder_name, full_name
from sonla_analysis.indicators.measure import area_of
from sonla_analysis.language.phrases import message, phrase
from sonla_analysis.language.refusals import SonlaError, UsageError
from sonla_analysis.language.vietnamese import slug
from sonla_analysis.review import Review, review_of
from sonla_analysis.sentences import day, number
from sonla_analysis.sentences.worklist import Task, tasks

FOLDER, ENDING = "danh-sach-can-ho-tro", "-danh-sach-noi-bo.xlsx"
_LONGEST = 120  # letters of a file's name before its ending


def write_worklists(data=None, *, out=None, **asked) -> Outcome:
    """Write a workbook for every unit that has something left to do, and say where they lie.

    What can be `asked`: units (all by default; the area means all), as_of, plan, language. Exit
    code 1 where figures are being corrected, so that some list is not complete. A folder of reports
    is refused.
    """
    request, situation = opened(checked(Request(data, **asked)))
    out = Path(out) if out is not None else Path(FOLDER) / request.as_of
    refuse_reports(out)
    reviews = _reviews(request, situation)
    lists = {name: (review, tasks(review)) for name, review in reviews.items()}
    kept = _write(out, lists)
    doubted = set(situation.doubts.query("as_of == @request.as_of")["unit"])
    wrong = [one for one in reviews.values() if one.unit in doubted]
    return Outcome(out, int(bool(wrong)), _told(replace(request, out=out), lists, kept, wrong))


def refuse_reports(folder: Path) -> None:
    """Refuse a folder that is one of reports, lies in one, or bears its name."""
    there, here = folder.resolve(), Path().resolve()
    named = there.relative_to(here) if there.is_relative_to(here) else there
    inside = any(os.path.lexists(one / MANIFEST) for one in (there, *there.parents))
    if inside or "reports" in map(str.lower, named.parts):
        raise UsageError(message("refused.list_in_reports", folder=str(folder)))


def _reviews(request: Request, situation) -> dict[str, Review]:
    """Return the units asked for, by the name of their file; the area means all of its units."""
    whole = area_of(situation.tables, request.as_of)
    area = review_of(situation, whole, request.as_of, request.language)
    units = area.leaf_units
    if request.units and area.area not in request.units:
        units = units.loc[list(request.units)]
    names = [folder_name(one)[:_LONGEST] for _, one in units.iterrows()]
    shared = Counter(names)
    named = (
        name if name and shared[name] == 1 else f"{slug(code)}-{place}"
        for place, (name, code) in enumerate(zip(names, units.index, strict=True))
    )
    reviews = (replace(area, unit=code) for code in units.index)
    return {f"{name}{ENDING}": one for name, one in zip(named, reviews, strict=True)}


def _write(out: Path, lists: dict[str, tuple[Review, list[Task]]]) -> list[str]:
    """Write the workbooks; return the new names of those that somebody had written in."""
    from sonla_analysis.office.worklist import workbook_bytes

    kept, marks = [], recorded(out / LISTS)
    try:
        for name, (review, open_tasks) in lists.items():
            content = workbook_bytes(review, open_tasks) if open_tasks else None
            if content:
                out.mkdir(parents=True, exist_ok=True)
            kept += put(out / name, content, marks)
    except OSError as error:
        words = {"path": out / name, "reason": error.strerror or type(error).__name__}
        raise SonlaError(message("batch.not_written", **words)) from None
    finally:
        with contextlib.suppress(OSError):  # a list without a mark is kept when it is made anew
            if out.is_dir():
                write_whole(out / LISTS, json.dumps(marks, indent=1))
    return kept


def _told(request: Request, lists, kept: list[str], wrong: list[Review]) -> str:
    """Return where the files lie and how much is in each, what was kept, what is not complete."""
    language, said = request.language, []
    made = {name: open_tasks for name, (_, open_tasks) in lists.items() if open_tasks}
    if made:
        words = {"n": len(made), "folder": request.out}
        said.append(phrase("worklist.written", language, **words))
        said += [_line(name, open_tasks, language) for name, open_tasks in made.items()]
    else:
        said.append(phrase("worklist.nothing", language, date=day(request.as_of, language)))
    idle = [_name(review) for review, open_tasks in lists.values() if not open_tasks]
    if idle and made:
        said.append(phrase("worklist.nothing_left", language, names=", ".join(idle)))
    for key, names in (("kept", kept), ("withheld", [_name(one) for one in wrong])):
        if names:
            more = "more_files" if key == "kept" else "and_more"
            words = {"n": len(names), "names": shortened(names, language, more)}
            said.append(phrase(f"worklist.{key}", language, **words))
    return "\n".join([*said, *([phrase("worklist.privacy", language)] if made else [])])


def _line(name: str, open_tasks: list[Task], language: str) -> str:
    rows = sum(len(one.rows) for one in open_tasks if one.is_listed)
    words = {"file": name, "targets": len(open_tasks), "rows": number(rows, language)}
    return phrase("worklist.line", language, **words)


def _name(review: Review) -> str:
    return f"{review.unit} {full_name(review.units.loc[review.unit])}"
