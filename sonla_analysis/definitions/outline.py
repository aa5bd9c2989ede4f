"""The parts of an official report in their order: `outlines/*.toml`, or an office's own file."""

from importlib.resources import files
from pathlib import Path

from sonla_analysis.definitions import toml_files as definition
from sonla_analysis.definitions.toml_files import Faults

DEFAULT = "results_first"
PIECES = ("results", "direction", "strengths", "shortcomings", "causes", "tasks", "proposals")
_FOLDER = files("sonla_analysis") / "definitions/outlines"


def outline_ids() -> list[str]:
    """Return the ids of the outlines that come with the package.

    >>> outline_ids()
    ['assessment', 'causes_apart', 'results_first']
    """
    return definition.ids(_FOLDER)


def load_outline(name: str | Path = DEFAULT) -> list[dict]:
    """Return the parts of an outline, of an id or a .toml file: `title` and what each `holds`.

    A wrong file is refused with all its faults; so is one in which a piece stands twice or the
    results nowhere.

    >>> [one["holds"] for one in load_outline("causes_apart")]
    [['results'], ['shortcomings'], ['causes'], ['tasks', 'proposals']]
    """
    content, faults = definition.read(name, _FOLDER, "outline"), Faults()
    where = Path(name).stem
    definition.check_keys(content, ["part"], where)
    definition.check_list(content["part"], f"{where}: part")
    parts = [
        faults.of(_part, one, f"{where}: part {place}")
        for place, one in enumerate(content["part"], start=1)
    ]
    faults.refuse()
    _check_pieces([piece for one in parts for piece in one["holds"]], where)
    return parts


def _part(found, where: str) -> dict:
    definition.check_keys(found, ["title", "holds"], where)
    definition.check_list(found["holds"], f"{where}: holds", definition.check_choice, PIECES)
    title = definition.in_languages(found["title"], f"{where}: title")
    return {"title": title, "holds": found["holds"]}


def _check_pieces(held: list[str], where: str) -> None:
    """Refuse an outline that holds a piece twice, or the results not at all."""
    for piece in PIECES:
        count = held.count(piece)
        if count > 1 or (piece == "results" and not count):
            definition.refuse_by("piece", {"where": where, "piece": piece, "n": count})
