"""Is a notebook fit to be exported: run to its end, all of it about one and the same?

A page whose first cells were run again for another ward looks whole and is not. Every output of
`page.py` carries a stamp (unit, date, plan, edition, a mark of the figures); the parts are held
against the stamp of the page's beginning. Outputs of version 0.1 have none: what their charts and
forms print is compared instead.
"""

from sonla_analysis.definitions.editions import PUBLIC
from sonla_analysis.language.phrases import message, phrase
from sonla_analysis.language.refusals import Message, SonlaError
from sonla_analysis.office.blocks import PLACE_AND_DATE
from sonla_analysis.sentences import day

_NAMED = ("unit", "as_of", "plan")


def check_fit(notebook) -> None:
    """Refuse a notebook that was not run, or whose parts do not belong together; name the cell."""
    cells = [
        (place, cell)
        for place, cell in enumerate(notebook.cells, start=1)
        if "guide" not in _tags(cell)
    ]
    records = [
        (place, cell, record)
        for place, cell in cells
        for output in cell.get("outputs", [])
        if (record := record_of(output))
    ]
    begun = next((one for *_, one in records if one.get("kind") == "document"), None)
    _check_run(cells, is_report=begun is not None)
    for place, cell, record in records if begun else ():
        if said := _difference(record, begun, place=place, cell=_named(cell)):
            raise SonlaError(said)


def record_of(output) -> dict:
    """Return the record that `page.py` left with an output, empty when there is none."""
    return output.get("metadata", {}).get("sonla", {})


# --- was it run? -------------------------------------------------------------------------


def _check_run(cells: list, *, is_report: bool) -> None:
    """Refuse a notebook without a result, and a report some of whose cells were never run."""
    waiting = [(place, cell) for place, cell in cells if _waits(cell)]
    ran = [cell for _, cell in cells if cell["cell_type"] == "code" and _was_run(cell)]
    prose = any(cell["cell_type"] == "markdown" for _, cell in cells)
    if not ran and (waiting or not prose):
        raise SonlaError(message("office.not_run"))
    if waiting and is_report:
        place, cell = waiting[0]
        raise SonlaError(message("office.cell_not_run", place=place, cell=_named(cell)))


def _waits(cell) -> bool:
    """Tell whether a cell with code in it has never been run."""
    is_code = cell["cell_type"] == "code" and bool("".join(cell["source"]).strip())
    return is_code and "skip-execution" not in _tags(cell) and not _was_run(cell)


def _was_run(cell) -> bool:
    return bool(cell.get("execution_count") or cell.get("outputs"))


def _tags(cell) -> list[str]:
    return cell.get("metadata", {}).get("tags", [])


def _named(cell) -> str:
    """Return a cell's first line, by which its reader finds it."""
    lines = "".join(cell["source"]).strip().splitlines()
    return (lines or ["…"])[0][:60]


# --- do its parts belong together? -------------------------------------------------------


def _difference(record: dict, begun: dict, **words) -> Message | None:
    """Return the sentence that says what a part tells otherwise than the page's beginning."""
    expected = begun.get("stamp") or begun
    found = record.get("stamp") or (record if record.get("kind") == "document" else None)
    if found is None:
        texts = _printed(record, begun)
    else:
        texts = [_about(one) for one in (found, expected)]
        if texts[0] == texts[1] and _other_figures(found, expected):
            return message("office.mixed_figures", **words)
    if texts[0] == texts[1]:
        return None
    return message("office.mixed", found=texts[0], expected=texts[1], **words)


def _about(stamp: dict) -> str:
    """Return what a stamp says a part is about; where it names no edition, it is public."""
    edition = stamp.get("edition", PUBLIC)
    named = [str(stamp.get(name)) for name in _NAMED]
    return ", ".join(named if edition == PUBLIC else [*named, edition])


def _other_figures(one: dict, other: dict) -> bool:
    marks = {one.get("figures"), other.get("figures")}
    return len(marks) == 2 and None not in marks


def _printed(record: dict, begun: dict) -> tuple[str, str]:
    """Return which place a part of version 0.1 prints, and which it should; equal when none."""
    language = begun.get("language", "vi")
    keys = [column.get("key") for column in record.get("columns", [])]
    if record.get("kind") == "chart" and (
        found := PLACE_AND_DATE.search(record.get("subtitle", ""))
    ):
        date = day(begun["as_of"], language, long=language == "en")
        return found.group(1), phrase("chart.place", language, unit=begun["unit_name"], date=date)
    is_form = record.get("kind") == "table" and record.get("numbers") and "unit_name" in keys
    if is_form and record.get("texts"):
        return record["texts"][0][keys.index("unit_name")], begun["unit_title"]
    return "", ""
