"""`sonla refresh`: a Word report that people worked in, brought up to date in its place.

The page is run anew for the unit, date, plan and language that the document remembers, and what is
untouched in it gets the new figures. The file as it was stays beside it (`report.da-sua-….docx`).
"""

import shutil
import zipfile
import zlib
from itertools import groupby
from pathlib import Path

from sonla_analysis.batch.folders import kept_name, write_whole
from sonla_analysis.batch.request import EXPORTS, PAGES, checked_day, checked_plan, pages_in
from sonla_analysis.definitions.editions import PUBLIC
from sonla_analysis.definitions.folders import locate, shipped, working_folder
from sonla_analysis.definitions.office import load_office
from sonla_analysis.definitions.outline import outline_ids
from sonla_analysis.definitions.plan import load_plan, plan_ids
from sonla_analysis.language.phrases import message, phrase
from sonla_analysis.language.refusals import SonlaError, UsageError
from sonla_analysis.office.letterhead import SETTINGS
from sonla_analysis.office.word_memory import is_whole
from sonla_analysis.office.word_paper import Paper
from sonla_analysis.office.word_refresh import Change, Refreshed, as_it_is, refreshed

WORD = ("docx",)  # formats that are Word documents


def refresh(path, data=None, as_of=None, plan=None) -> tuple[Refreshed, str]:
    """Bring a Word report of ours up to date; return what was done, and how the former is named.

    `data`, `as_of` and `plan` are by default what the document was made from. A file in which
    nothing changes is not written, and its former has no name ("").
    """
    path = Path(path)
    paper = _opened(path)
    memory = paper.memory
    page, plan = _page(path, memory), _plan(path, memory, plan)
    data = _data(path, memory, data)
    given = {"data": str(data), "unit": memory["unit"], "plan": plan}
    given |= {"as_of": checked_day(as_of or memory["as_of"]), "language": memory["language"]}
    given |= {"edition": memory.get("edition", PUBLIC)}
    review = _review(path, memory, given)
    if memory.get("made_from") == review.made_from:
        return as_it_is(paper), ""
    page = page or PAGES["area" if review.is_area else "unit"]
    document, exporter = _made_anew(path, memory, given, page)
    about = {name: memory[name] for name in ("format", "settings", "outline") if name in memory}
    arranged = exporter.arranged(document)
    done = refreshed(paper, (arranged, document), exporter.letterhead(arranged), about)
    return done, _written(path, done.content) if done.content else ""


def _opened(path: Path) -> Paper:
    """Return the document; refuse what is none of ours, and what somebody has open."""
    if not path.is_file():
        raise UsageError(message("parameter.no_file", path=path))
    _check_closed(path)
    try:
        paper = Paper(path.read_bytes())
    except PermissionError:
        raise SonlaError(message("refresh.open", file=path.name)) from None
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, SyntaxError, EOFError) as error:
        words = {"file": path.name, "error": type(error).__name__}
        raise UsageError(message("refresh.not_word", **words)) from None
    except (NotImplementedError, RuntimeError):  # packed in an unknown way, or with a password
        raise UsageError(message("refresh.not_word", file=path.name, error="zip")) from None
    if not paper.memory or not is_whole(paper.memory) or paper.memory["format"] not in WORD:
        raise UsageError(message("refresh.not_ours", file=path.name))
    return paper


def _check_closed(path: Path) -> None:
    """Refuse a file beside which Word or LibreOffice left the mark that it is open."""
    names = (f"~${path.name}", f"~${path.name[2:]}", f".~lock.{path.name}#")
    for lock in (path.with_name(name) for name in names):
        if lock.exists():
            raise SonlaError(message("refresh.locked", file=path.name, lock=lock.name))


def _plan(path: Path, memory: dict, plan) -> str:
    """Return the plan, an id or a file; refuse another than the document's."""
    if plan is None and memory["plan"] not in plan_ids():  # no file that only the document names
        raise UsageError(message("refresh.no_plan", file=path.name, plan=memory["plan"]))
    asked = checked_plan(plan or memory["plan"])
    if (found := load_plan(asked).id) != memory["plan"]:
        words = {"file": path.name, "plan": memory["plan"], "found": found}
        raise UsageError(message("refresh.other_plan", **words))
    return asked


def _page(path: Path, memory: dict) -> str:
    """Return the page a document was made of, "" for a report; refuse an office's own notebook."""
    page, known = memory.get("page", ""), pages_in(shipped("notebooks", "notebooks"))
    if page and page not in known:
        words = {"file": path.name, "page": page, "allowed": ", ".join(known)}
        raise UsageError(message("pages.not_refreshed", **words))
    return page


def _data(path: Path, memory: dict, data) -> Path:
    """Return where the data lie; without any named, those of the package for a synthetic report."""
    if data is None and not memory.get("synthetic"):
        raise UsageError(message("refresh.no_data", file=path.name))
    return locate(data).absolute()


def _made_anew(path: Path, memory: dict, given: dict, name: str) -> tuple:
    """Run the page of this name; return its document, and the exporter of the document's format."""
    from sonla_analysis.batch.build import charts_for, papermill, read, run_page
    from sonla_analysis.batch.rehearsal import as_it_was
    from sonla_analysis.office.document import read_document

    page = read((shipped("notebooks", "notebooks") / f"{name}.ipynb").read_text(encoding="utf-8"))
    with as_it_was():
        charts_for(["png"], None)
        try:
            document = read_document(run_page(page, given))
        except papermill.PapermillExecutionError as error:
            words = {"file": path.name, "error": f"{error.ename}: {error.evalue}".splitlines()[0]}
            raise SonlaError(message("refresh.page_failed", **words)) from None
    from nbconvert.exporters import get_exporter

    exporter = get_exporter(EXPORTS[memory["format"]][0])()
    for name, value in memory.get("settings", {}).items():
        if name in SETTINGS:
            setattr(exporter, name, value)
    exporter.outline = _outline(memory)
    return document, exporter


def _outline(memory: dict) -> str:
    """Return the parts of the report: the office's own, else those the document was made in."""
    own, said = load_office(working_folder())["outline"], memory.get("outline")
    return own or (said if said in outline_ids() else "")


def _review(path: Path, memory: dict, given: dict):
    """Return the review of the document's unit; refuse data that do not have it on the date."""
    from sonla_analysis.review import open_review

    review = open_review(**given)
    if review.synthetic != bool(memory.get("synthetic")):
        key = "synthetic_data" if review.synthetic else "synthetic_file"
        raise UsageError(message(f"refresh.{key}", file=path.name))
    return review


def _written(path: Path, content: bytes) -> str:
    """Write the document whole or not at all; return the name under which the former stays."""
    former = path.with_name(kept_name(path.name, path.parent))
    try:
        shutil.copy2(path, former)
        write_whole(path, content)
    except PermissionError:
        former.unlink(missing_ok=True)
        raise SonlaError(message("refresh.open", file=path.name)) from None
    except OSError as error:
        former.unlink(missing_ok=True)
        words = {"file": path.name, "reason": error.strerror or type(error).__name__}
        raise SonlaError(message("refresh.not_written", **words)) from None
    return former.name


# --- what is told ------------------------------------------------------------------------


def refresh_listing(done: Refreshed, path, former: str, language: str) -> str:
    """Return what a refresh did, for a person to read: first what needs a decision."""
    lines = []
    for kind in ("outdated", "lost", "kept", "updated"):
        changes = getattr(done, kind)
        if changes:
            lines += [phrase(f"refresh.{kind}", language, n=len(changes))]
            lines += [f"  - {one}" for one in _told(changes, kind, language)] + [""]
    key = "written" if former else "nothing"
    return "\n".join([*lines, phrase(f"refresh.{key}", language, file=path, former=former)])


def _told(changes: list[Change], kind: str, language: str) -> list[str]:
    """Return one line a change; the cells of a table's row in one."""
    lines = []
    for row, group in groupby(changes, key=lambda one: one.place[:2] if one.place[2:] else one):
        if isinstance(row, Change):
            lines.append(_line(row, kind, language))
            continue
        cells = [_cell(one, kind, language) for one in group]
        where = " – ".join(part for part in row if part)
        lines.append(f"{where}: {'; '.join(cells)}")
    return lines


def _line(change: Change, kind: str, language: str) -> str:
    where = " ".join(change.place)
    if not change.old and not change.new:
        return phrase("refresh.replaced", language, place=where) if kind == "updated" else where
    said = _cell(Change(("", "", ""), change.old, change.new), kind, language)
    return f"{where}: {said}" if where else said


def _cell(change: Change, kind: str, language: str) -> str:
    shape = "kept" if change.new == change.old or kind == "kept" else "changed"
    if kind in ("outdated", "lost"):
        shape = kind
    texts = {"old": _one_line(change.old) or "–", "new": _one_line(change.new) or "–"}
    return " ".join(
        filter(None, [change.place[2], phrase(f"refresh.one_{shape}", language, **texts)])
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
