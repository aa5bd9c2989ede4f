"""Poverty standards as data: lines, rule and deprivations, each with its dates."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from sonla_analysis.definitions import toml_files as definition
from sonla_analysis.definitions.input_columns import DEPRIVED, POOR
from sonla_analysis.definitions.toml_files import (
    Faults,
    check_choice,
    check_date,
    check_id,
    check_keys,
    check_list,
    check_number,
    check_text,
    in_languages,
    refuse_by,
    shown,
)

RULES = ("income_or_band_and_deprivations", "income_and_deprivations")
CERTAINTIES = ("found", "recalled")
_FOLDER = files("sonla_analysis") / "definitions/standards"
_KEYS = ["id", "title", "law", "scoring", "valid_from", "valid_to", "rule", "poor_statuses"]
_DEPRIVATION_KEYS = ["column", "service", "name", "deprived_if", "certainty"]


@dataclass(frozen=True)
class Standard:
    """A dated poverty standard; `score` is empty while its survey score lines are unknown."""

    id: str
    title: dict
    law: str
    scoring: str
    valid_from: str
    valid_to: str
    rule: str
    poor_statuses: tuple[str, ...]
    income: dict
    score: dict
    deprivations: tuple[dict, ...]


def standard_ids() -> list[str]:
    """Return the ids of the standards that come with the package.

    >>> standard_ids()
    ['nd07_2021', 'nd351_2025', 'qd59_2015']
    """
    return definition.ids(_FOLDER)


def load_standard(standard: "str | Path | Standard" = "qd59_2015") -> Standard:
    """Return a standard by its id, or from the path of a .toml file; a standard is itself.

    >>> standard = load_standard("qd59_2015")
    >>> standard.score["rural"]["poor"], len(standard.deprivations)
    (120, 10)
    """
    if isinstance(standard, Standard):
        return standard
    return _standard(definition.read(standard, _FOLDER, "standard"), str(standard))


def _standard(content: dict, source: str) -> Standard:
    check_keys(content, {"standard", "income", "score", "deprivation"}, source, optional={"score"})
    faults = Faults()
    header = faults.of(_header, content["standard"], source)
    deprivations = faults.of(_deprivations, content["deprivation"], source)
    for part in ("income", "score"):
        if part in content:
            faults.of(_check_lines, content[part], part, source)
    faults.refuse()
    return Standard(
        **header,
        income=content["income"],
        score=content.get("score", {}),
        deprivations=deprivations,
    )


def _header(header, source: str) -> dict:
    where = f"{source}: [standard]"
    check_keys(header, _KEYS, where)
    check_choice(header["rule"], RULES, f"{source}: rule")
    for key in ("id", "law"):
        check_text(header[key], f"{source}: {key}")
    if header["scoring"] != "":  # not known yet
        check_text(header["scoring"], f"{source}: scoring")
    for key in ("valid_from", "valid_to"):
        check_date(header[key], f"{source}: {key}")
    check_list(header["poor_statuses"], f"{source}: poor_statuses", check_choice, POOR)
    title = in_languages(header["title"], f"{source}: title")
    return header | {"poor_statuses": tuple(header["poor_statuses"]), "title": title}


def _deprivations(listed, source: str) -> tuple[dict, ...]:
    """Return the deprivations, each a column of its own whose name begins as all of them do."""
    check_list(listed, f"{source}: [[deprivation]]")
    faults = Faults()
    found = [faults.of(_deprivation, one, source) for one in listed]
    faults.refuse()
    columns = [one["column"] for one in found]
    if repeated := [column for column in columns if columns.count(column) > 1]:
        refuse_by("twice", {"source": source, "name": "column", "found": repeated[0]})
    return tuple(found)


def _deprivation(one, source: str) -> dict:
    where = f"{source}: [[deprivation]]"
    check_keys(one, _DEPRIVATION_KEYS, where)
    for key in ("column", "deprived_if"):
        check_text(one[key], f"{where}: {key}")
    check_id(one["column"], f"{where}: column")
    if not one["column"].startswith(DEPRIVED):
        words = {"where": f"{where}: column", "found": one["column"], "allowed": DEPRIVED}
        refuse_by("not_deprived", words)
    check_choice(one["certainty"], CERTAINTIES, f"{where}: certainty")
    texts = {key: in_languages(one[key], f"{where}: {key}") for key in ("name", "service")}
    return one | texts


def _check_lines(found, part: str, source: str) -> None:
    """Refuse income or score lines that leave out an area or a line, or are no numbers."""
    extra = {"income": {"unit"}, "score": {"deprivation_cutoff", "points_per_deprivation"}}[part]
    where = f"{source}: [{part}]"
    check_keys(found, {"rural", "urban", *extra}, where)
    for area in ("rural", "urban"):
        lines = found[area]
        if not isinstance(lines, dict) or set(lines) != {"poor", "near_poor"}:
            words = {"source": source, "part": part, "area": area, "found": shown(lines)}
            refuse_by("lines", words)
        for line, value in lines.items():
            check_number(value, f"{where} {area}.{line}")
    for key in extra - {"unit"}:
        check_number(found[key], f"{where} {key}")
    if "unit" in extra:
        check_text(found["unit"], f"{where} unit")


def standard_on(date: str) -> Standard:
    """Return the standard in force on a date (ISO text).

    >>> standard_on("2021-06-30").id, standard_on("2026-12-31").id
    ('qd59_2015', 'nd07_2021')
    """
    standards = [load_standard(one) for one in standard_ids()]
    for standard in standards:
        if standard.valid_from <= date <= standard.valid_to:
            return standard
    spans = [f"{one.id}: {one.valid_from}–{one.valid_to}" for one in standards]
    refuse_by("no_standard_on", {"date": date, "known": "; ".join(spans)})
