"""Poverty standards as data: lines, rule and deprivations, each with its dates."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from sonla_analysis import definition
from sonla_analysis.definition import check_choice, check_date, check_keys
from sonla_analysis.errors import DefinitionError
from sonla_analysis.words import message

RULES = ("income_or_band_and_deprivations", "income_and_deprivations")
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


def load_standard(standard: str | Path = "qd59_2015") -> Standard:
    """Return a standard by its id, or from the path of a .toml file.

    >>> standard = load_standard("qd59_2015")
    >>> standard.score["rural"]["poor"], len(standard.deprivations)
    (120, 10)
    """
    return _standard(definition.read(standard, _FOLDER, "standard"), str(standard))


def _standard(content: dict, source: str) -> Standard:
    check_keys(content, {"standard", "income", "score", "deprivation"}, source, optional={"score"})
    header = content["standard"]
    check_keys(header, _KEYS, f"{source}: [standard]")
    check_choice(header["rule"], RULES, f"{source}: rule")
    for key in ("valid_from", "valid_to"):
        check_date(header[key], f"{source}: {key}")
    _check_lines(content, source)
    for one in content["deprivation"]:
        check_keys(one, _DEPRIVATION_KEYS, f"{source}: [[deprivation]]")
    header = header | {"poor_statuses": tuple(header["poor_statuses"])}
    return Standard(
        **header,
        income=content["income"],
        score=content.get("score", {}),
        deprivations=tuple(content["deprivation"]),
    )


def _check_lines(content: dict, source: str) -> None:
    """Refuse income or score lines that leave out an area or a line."""
    extra = {"income": {"unit"}, "score": {"deprivation_cutoff", "points_per_deprivation"}}
    for part, keys in extra.items():
        if part not in content:
            continue
        check_keys(content[part], {"rural", "urban", *keys}, f"{source}: [{part}]")
        for area in ("rural", "urban"):
            found = content[part][area]
            if not isinstance(found, dict) or set(found) != {"poor", "near_poor"}:
                raise DefinitionError(
                    message("definition.lines", source=source, part=part, area=area, found=found)
                )


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
    known = "; ".join(spans)
    raise DefinitionError(message("definition.no_standard_on", date=date, known=known))
