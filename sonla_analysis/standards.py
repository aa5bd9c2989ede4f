"""Poverty standards as data: lines, rule and deprivations, each with its dates."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from sonla_analysis.errors import DefinitionError
from sonla_analysis.text import refuse

RULES = ("income_or_band_and_deprivations", "income_and_deprivations")
_FOLDER = files("sonla_analysis") / "definitions/standards"
_KEYS = {"id", "title", "law", "scoring", "valid_from", "valid_to", "rule", "poor_statuses"}


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
    return sorted(path.name.removesuffix(".toml") for path in _FOLDER.iterdir())


def load_standard(standard: str | Path = "qd59_2015") -> Standard:
    """Return a standard by its id, or from the path of a .toml file.

    >>> standard = load_standard("qd59_2015")
    >>> standard.score["rural"]["poor"], len(standard.deprivations)
    (120, 10)
    """
    if str(standard) in standard_ids():
        content = (_FOLDER / f"{standard}.toml").read_text(encoding="utf-8")
    elif Path(standard).suffix == ".toml" and Path(standard).is_file():
        content = Path(standard).read_text(encoding="utf-8")
    else:
        raise DefinitionError(refuse("standard", standard, standard_ids()))
    try:
        return _standard(tomllib.loads(content), str(standard))
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{standard}: this is not valid TOML: {error}") from None


def _standard(content: dict, source: str) -> Standard:
    for part in ("standard", "income", "deprivation"):
        if part not in content:
            raise DefinitionError(f"{source}: part [{part}] is missing; found {list(content)}")
    header = content["standard"]
    for key in [*(header.keys() - _KEYS), *(_KEYS - header.keys())]:
        raise DefinitionError(refuse(f"{source}: keys of [standard]", key, sorted(_KEYS)))
    if header["rule"] not in RULES:
        raise DefinitionError(refuse(f"{source}: rule", header["rule"], RULES))
    score = content.get("score", {})
    for area in ("rural", "urban"):
        for part, lines in (("income", content["income"]), ("score", score)):
            if lines and set(lines.get(area, ())) != {"poor", "near_poor"}:
                raise DefinitionError(
                    f"{source}: [{part}] {area} must name poor and near_poor; "
                    f"found {lines.get(area)}"
                )
    header = header | {"poor_statuses": tuple(header["poor_statuses"])}
    return Standard(
        **header,
        income=content["income"],
        score=score,
        deprivations=tuple(content["deprivation"]),
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
    raise DefinitionError(f"no poverty standard is in force on {date}; known: {'; '.join(spans)}")
