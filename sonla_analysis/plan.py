"""A plan as data: its indicators, read once from TOML and checked.

An indicator names tables, rows and columns, never a formula and never Python; a
file that breaks the rules is refused with the indicator, the key, what was found
and what is allowed.
"""

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from sonla_analysis import definition
from sonla_analysis.columns import CHOICES, COLUMNS
from sonla_analysis.definition import check_choice, check_date, check_keys, check_text
from sonla_analysis.errors import DefinitionError
from sonla_analysis.standards import standard_ids
from sonla_analysis.text import refuse
from sonla_analysis.words import message

KINDS = ("share", "count", "reduction")
UNITS = ("percent", "households", "persons", "units", "schools", "million_vnd")
DIRECTIONS = ("at_most", "at_least", "above", "band")
APPLIES_TO = ("city", "unit")
COUNTED_WHEN = ("always", "review", "within_year")
CERTAINTIES = ("official", "recalled", "plan_wording")
LANGUAGES = ("vi", "en")
_FOLDER = files("sonla_analysis") / "definitions/plans"


@dataclass(frozen=True)
class Count:
    """What is counted: rows of `table` that satisfy `where`, or the sum of its column `sum`.

    `where` maps a column to the tuple of allowed values, or to a (min, max) `Range`; of the
    conditions in `any`, written alike, one is enough.
    """

    table: str
    where: dict = field(default_factory=dict)
    sum: str | None = None
    any: dict = field(default_factory=dict)

    @property
    def columns(self) -> set[str]:
        """The columns that it is counted from."""
        return {*self.where, *self.any, *([self.sum] if self.sum else [])}


@dataclass(frozen=True)
class Range:
    """Inclusive bounds on a column; None is open."""

    min: float | None = None
    max: float | None = None


@dataclass(frozen=True)
class Indicator:
    """One figure of the plan; texts are dictionaries by language (`vi`, `en`)."""

    id: str
    number: str
    name: dict
    short: dict
    unit: str
    target: Decimal
    direction: str
    applies_to: str
    counted: dict
    among: dict
    owner: dict
    frequency: str
    certainty: str
    definition: str
    source: str
    numerator: Count
    denominator: Count | None = None
    kind: str = "share"
    upper: Decimal | None = None
    new_rural: str | None = None
    counted_when: str = ""
    to_do: dict = field(default_factory=dict)
    readings: dict = field(default_factory=dict)
    reading: str | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of unit that it is about, as the plan is read; empty for every kind."""
        return tuple(self.readings.get(self.reading, {}).get("kinds", ()))

    @property
    def decimals(self) -> int:
        """The decimals of the printed target: the precision at which it is judged."""
        return -self.target.as_tuple().exponent

    @property
    def lower_is_better(self) -> bool:
        return self.direction == "at_most"


@dataclass(frozen=True)
class Plan:
    """A plan: who issued it, its period, and its indicators in the order of the plan."""

    id: str
    number: str
    issued: str
    area: str
    start: str
    end: str
    standard: str
    title: dict
    issuer: dict
    source: str
    indicators: tuple[Indicator, ...]
    new_rural: dict
    judged_from: str = ""  # the first day on which it judges; that of its issue
    review_due: str = ""  # the day from which what is counted once a year is judged; its end

    def __getitem__(self, indicator: str) -> Indicator:
        for candidate in self.indicators:
            if candidate.id == indicator:
                return candidate
        raise DefinitionError(refuse("indicator", indicator, [one.id for one in self.indicators]))


def plan_ids() -> list[str]:
    """Return the ids of the plans that come with the package.

    >>> plan_ids()
    ['kh159_2020']
    """
    return definition.ids(_FOLDER)


def load_plan(plan: str | Path = "kh159_2020") -> Plan:
    """Return a plan by its id, or from the path of a .toml file.

    >>> plan = load_plan("kh159_2020")
    >>> len(plan.indicators), plan["poor_household_rate"].target
    (17, Decimal('0.77'))
    """
    return _plan(definition.read(plan, _FOLDER, "plan"), str(plan))


# --- checking a file, from the whole to the cell -----------------------------------------


def _plan(content: dict, source: str) -> Plan:
    check_keys(content, {"plan", "indicator", "new_rural"}, source, optional={"new_rural"})
    header = content["plan"]
    _check_header(header, f"{source}: [plan]")
    criteria = content.get("new_rural", {"source": "", "certainty": "recalled", "criteria": {}})
    check_keys(criteria, {"source", "certainty", "criteria"}, f"{source}: [new_rural]")
    listed = content["indicator"]
    if not isinstance(listed, list) or not listed:
        found = type(listed).__name__ if listed else repr(listed)
        raise DefinitionError(message("definition.no_indicators", source=source, found=found))
    indicators = tuple(_indicator(one, source, criteria["criteria"]) for one in listed)
    for key in ("id", "number"):
        values = [getattr(one, key) for one in indicators]
        if repeated := [value for value in values if values.count(value) > 1]:
            raise DefinitionError(
                message("definition.twice", source=source, name=key, found=repeated[0])
            )
    days = {"judged_from": header["issued"], "review_due": header["end"]}
    return Plan(**(days | header), indicators=indicators, new_rural=criteria)


def _check_header(header: dict, where: str) -> None:
    keys = set(Plan.__dataclass_fields__) - {"indicators", "new_rural"}
    check_keys(header, keys, where, optional=_DAYS)
    for key in ("title", "issuer"):
        _check_languages(header[key], f"{where}: {key}")
    for key in ("issued", "start", "end", *_DAYS.intersection(header)):
        check_date(header[key], f"{where}: {key}")
    if header["start"] >= header["end"]:
        dates = {"start": header["start"], "end": header["end"]}
        raise DefinitionError(message("definition.dates_reversed", where=where, **dates))
    if not str(header["standard"]).endswith(".toml"):
        check_choice(header["standard"], standard_ids(), f"{where}: standard")


_DAYS = {"judged_from", "review_due"}


def _indicator(found: dict, source: str, criteria: dict) -> Indicator:
    name = found.get("id", "?") if isinstance(found, dict) else "?"
    where = f"{source}: indicator {name!r}"
    keys = set(Indicator.__dataclass_fields__) - {"upper"}
    check_keys(found, keys, where, optional=_OPTIONAL)
    kind = found.get("kind", "share")
    always = "always" if kind == "share" else "within_year"
    found = {"among": found.get("counted"), "counted_when": always} | found
    _check_indicator(found, kind, where)
    _check_readings(found, where)
    if (criterion := found.get("new_rural")) is not None:
        check_choice(str(criterion), criteria, f"{where}: new_rural")
        found = found | {"new_rural": str(criterion)}
    target, upper = _target(found, f"{where}: target")
    denominator = _count(found["denominator"], None, where) if "denominator" in found else None
    numerator = _numerator(found["numerator"], denominator, where)
    counts = {"numerator": numerator, "denominator": denominator}
    return Indicator(**found | counts | {"target": target, "upper": upper, "kind": kind})


_OPTIONAL = {"kind", "denominator", "new_rural", "among"}
_OPTIONAL |= {"counted_when", "to_do", "reading", "readings"}


def _check_readings(found: dict, where: str) -> None:
    """Refuse a reading of the plan's words that is not one, and a choice that is none of them."""
    readings = found.get("readings", {})
    check_keys(readings, readings, f"{where}: readings")
    for name, one in readings.items():
        check_keys(one, {"name", "kinds"}, f"{where}: readings.{name}", optional={"kinds"})
        _check_languages(one["name"], f"{where}: readings.{name}.name")
        kinds = one.get("kinds", [])
        for kind in kinds if isinstance(kinds, list) else [kinds]:
            check_text(kind, f"{where}: readings.{name}.kinds")
    if readings or "reading" in found:
        check_choice(found.get("reading"), readings, f"{where}: reading")


def _check_indicator(found: dict, kind: str, where: str) -> None:
    """Refuse wrong texts and choices, and a kind that does not fit its unit or denominator."""
    for key in ("id", "number", "frequency", "definition", "source"):
        check_text(found[key], f"{where}: {key}")
    if not re.fullmatch("[a-z][a-z0-9_]*", found["id"]):
        said = {"where": f"{where}: id", "found": repr(found["id"])}
        raise DefinitionError(message("definition.not_id", **said))
    for key in ("name", "short", "counted", "among", "owner", "to_do"):
        if key != "to_do" or key in found:
            _check_languages(found[key], f"{where}: {key}")
    _check_to_do(found.get("to_do", {}), f"{where}: to_do")
    for key, allowed in _CHOICES.items():
        check_choice(found.get(key, kind), allowed, f"{where}: {key}")
    units = [unit for unit in UNITS if (unit == "percent") != (kind == "count")]
    if found["unit"] not in units:
        said = {"where": where, "found": found["unit"], "kind": kind, "allowed": ", ".join(units)}
        raise DefinitionError(message("definition.percent_kind", **said))
    if (kind == "count") == ("denominator" in found):
        key = "denominator_unwanted" if kind == "count" else "denominator_needed"
        raise DefinitionError(message(f"definition.{key}", where=where, kind=kind))


_CHOICES = {
    "kind": KINDS,
    "unit": UNITS,
    "direction": DIRECTIONS,
    "applies_to": APPLIES_TO,
    "certainty": CERTAINTIES,
    "counted_when": COUNTED_WHEN,
}


def _check_to_do(found: dict, where: str) -> None:
    """Refuse a phrase for what is still to do that does not say how many, or asks for more."""
    for language, text in found.items():
        try:
            fits = all("\0" in one.format(n="\0") for one in text.split("|"))
        except (AttributeError, LookupError, TypeError, ValueError):
            fits = False
        if not fits:
            said = {"where": f"{where}.{language}", "found": repr(text)}
            raise DefinitionError(message("definition.to_do", **said))


def _check_languages(found, where: str) -> None:
    check_keys(found, LANGUAGES, where)
    for language in LANGUAGES:
        check_text(found[language], f"{where}.{language}")


def _target(found: dict, where: str) -> tuple[Decimal, Decimal | None]:
    """Return the target, and the upper bound of a band."""
    target, band = found["target"], found["direction"] == "band"
    texts = target if isinstance(target, list) else [target]
    printed = [isinstance(one, str) and re.fullmatch(r"[0-9]+(\.[0-9]+)?", one) for one in texts]
    values = [Decimal(one) for one in texts] if all(printed) else []
    if len(values) != 1 + band or (band and values[0] >= values[1]):
        key = "target_two" if band else "target_one"
        raise DefinitionError(message(f"definition.{key}", where=where, found=repr(target)))
    if found["unit"] == "percent" and max(values) > 100:
        raise DefinitionError(message("definition.target_percent", where=where, found=repr(target)))
    return values[0], values[1] if band else None


def _numerator(found: dict, denominator: Count | None, where: str) -> Count:
    """Return the numerator; without `table` it counts among the rows of the denominator."""
    shared = denominator and isinstance(found, dict) and "table" not in found
    count = _count(found, denominator.table if shared else None, where)
    return replace(count, where=denominator.where | count.where) if shared else count


def _count(found: dict, shared_table: str | None, where: str) -> Count:
    keys = {"table", "where", "sum", "any"}
    check_keys(found, keys, where, optional=keys)
    table = found.get("table", shared_table)
    check_choice(table, COLUMNS, f"{where}: table")
    if "sum" in found:
        summable = [name for name, kind in COLUMNS[table].items() if kind in ("count", "money")]
        check_choice(found["sum"], summable, f"{where}: sum")
    kept = {}
    for part in ("where", "any"):
        conditions = found.get(part, {})
        check_keys(conditions, COLUMNS[table], f"{where}: {part}", optional=COLUMNS[table])
        kept[part] = {key: _condition(table, key, one, where) for key, one in conditions.items()}
    return Count(table, sum=found.get("sum"), **kept)


def _condition(table: str, column: str, found, where: str) -> tuple | Range:
    """Return what a column must be; refuse what its kind can never hold."""
    where = f"{where}: where {column}"
    kind = COLUMNS[table][column]
    numeric = kind in ("count", "money")
    if isinstance(found, dict) and numeric:
        check_keys(found, {"min", "max"}, where, optional={"min", "max"})
        values, condition = found.values(), Range(**found)
    else:
        values = condition = tuple(found) if isinstance(found, list) else (found,)
    rule, fits = _FITS.get(kind, ("text", str))
    for value in values:
        if not isinstance(value, fits) or (numeric and isinstance(value, bool)):
            raise DefinitionError(
                message(f"definition.condition_{rule}", where=where, found=repr(value))
            )
        if column in CHOICES:
            check_choice(value, CHOICES[column], where)
    return condition


_NUMBER = ("number", (int, float))
_FITS = {"flag": ("flag", bool), "count": _NUMBER, "money": _NUMBER}
