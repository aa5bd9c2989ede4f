"""A plan as data: its indicators, read once from TOML and checked.

An indicator names tables, rows and columns, never a formula and never Python; a
file that breaks the rules is refused with the indicator, the key, what was found
and what is allowed.
"""

import tomllib
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from pathlib import Path

from sonla_analysis.errors import DefinitionError
from sonla_analysis.text import refuse

KINDS = ("share", "count", "reduction")
UNITS = ("percent", "households", "persons", "units", "schools", "million_vnd")
DIRECTIONS = ("at_most", "at_least", "above", "band")
APPLIES_TO = ("city", "unit")
CERTAINTIES = ("official", "recalled", "plan_wording")
LANGUAGES = ("vi", "en")
_FOLDER = files("sonla_analysis") / "definitions/plans"


@dataclass(frozen=True)
class Count:
    """What is counted: rows of `table` that satisfy `where`, or the sum of its column `sum`.

    `where` maps a column to the tuple of allowed values, or to a (min, max) `Range`.
    """

    table: str
    where: dict = field(default_factory=dict)
    sum: str | None = None


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
    return sorted(path.name.removesuffix(".toml") for path in _FOLDER.iterdir())


def load_plan(plan: str | Path = "kh159_2020") -> Plan:
    """Return a plan by its id, or from the path of a .toml file.

    >>> plan = load_plan("kh159_2020")
    >>> len(plan.indicators), plan["poor_household_rate"].target
    (17, Decimal('0.77'))
    """
    if str(plan) in plan_ids():
        source, content = str(plan), (_FOLDER / f"{plan}.toml").read_text(encoding="utf-8")
    elif Path(plan).suffix == ".toml" and Path(plan).is_file():
        source, content = str(plan), Path(plan).read_text(encoding="utf-8")
    else:
        raise DefinitionError(refuse("plan (an id, or the path of a .toml file)", plan, plan_ids()))
    try:
        return _plan(tomllib.loads(content), source)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError(f"{source}: this is not valid TOML: {error}") from None


def _plan(content: dict, source: str) -> Plan:
    _check_keys(content, {"plan", "indicator", "new_rural"}, {"new_rural"}, source)
    header = content["plan"]
    keys = set(Plan.__dataclass_fields__) - {"indicators", "new_rural"}
    _check_keys(header, keys, set(), f"{source}: [plan]")
    criteria = content.get("new_rural", {"criteria": {}})
    indicators = tuple(_indicator(one, source, criteria) for one in content["indicator"])
    for key in ("id", "number"):
        values = [getattr(one, key) for one in indicators]
        if repeated := [value for value in values if values.count(value) > 1]:
            raise DefinitionError(
                f"{source}: {key} {repeated[0]!r} stands twice; it must be unique"
            )
    return Plan(**header, indicators=indicators, new_rural=criteria)


def _indicator(found: dict, source: str, criteria: dict) -> Indicator:
    where = f"{source}: indicator {found.get('id', '(without id)')!r}"
    optional = {"kind", "denominator", "new_rural", "among"}
    _check_keys(found, set(Indicator.__dataclass_fields__) - {"upper"}, optional, where)
    for key, allowed in (
        ("unit", UNITS),
        ("direction", DIRECTIONS),
        ("applies_to", APPLIES_TO),
        ("certainty", CERTAINTIES),
    ):
        _check_choice(found[key], allowed, f"{where}: {key}")
    kind = found.get("kind", "share")
    _check_choice(kind, KINDS, f"{where}: kind")
    if (kind == "count") == ("denominator" in found):
        rule = "has none" if kind == "count" else "needs one"
        raise DefinitionError(f"{where}: denominator: a {kind} {rule}")
    found = {"among": found.get("counted")} | found
    for key in ("name", "short", "counted", "among", "owner"):
        _check_keys(found[key], set(LANGUAGES), set(), f"{where}: {key}")
    if (criterion := found.get("new_rural")) is not None:
        _check_choice(str(criterion), criteria["criteria"], f"{where}: new_rural")
        found = found | {"new_rural": str(criterion)}
    target, upper = _target(found["target"], found["direction"], f"{where}: target")
    denominator = found.get("denominator") and _count(found["denominator"], None, where)
    shared = denominator.table if denominator else None
    numerator = _count(found["numerator"], shared, where)
    if "table" not in found["numerator"] and denominator:
        both = denominator.where | numerator.where
        numerator = Count(numerator.table, both, numerator.sum)
    texts = found | {"numerator": numerator, "denominator": denominator}
    return Indicator(**texts | {"target": target, "upper": upper, "kind": kind})


def _count(found: dict, shared_table: str | None, where: str) -> Count:
    """Return a count; without `table` it counts among the rows of the denominator's table."""
    from sonla_analysis.tables import COLUMNS

    _check_keys(found, {"table", "where", "sum"}, {"table", "where", "sum"}, where)
    table = found.get("table", shared_table)
    _check_choice(table, COLUMNS, f"{where}: table")
    conditions = found.get("where", {})
    for column in [*conditions, *([found["sum"]] if "sum" in found else [])]:
        _check_choice(column, COLUMNS[table], f"{where}: column of {table}")
    if "sum" in found and COLUMNS[table][found["sum"]] not in ("count", "money"):
        summable = [name for name, kind in COLUMNS[table].items() if kind in ("count", "money")]
        raise DefinitionError(f"{where}: {refuse('sum', found['sum'], summable)}")
    return Count(
        table, {key: _condition(value) for key, value in conditions.items()}, found.get("sum")
    )


def _condition(value) -> tuple | Range:
    if isinstance(value, dict):
        _check_keys(value, {"min", "max"}, {"min", "max"}, "where")
        return Range(**value)
    return tuple(value) if isinstance(value, list) else (value,)


def _target(found, direction: str, where: str) -> tuple[Decimal, Decimal | None]:
    texts = found if isinstance(found, list) else [found]
    wanted = 2 if direction == "band" else 1
    if len(texts) != wanted or not all(isinstance(text, str) for text in texts):
        allowed = 'two texts such as ["15", "20"]' if wanted == 2 else 'one text such as "0.77"'
        raise DefinitionError(f"{where}: found {found!r}; allowed: {allowed}")
    try:
        values = [Decimal(text) for text in texts]
    except InvalidOperation:
        raise DefinitionError(f"{where}: found {found!r}; allowed: a number as printed") from None
    if wanted == 2 and values[0] >= values[1]:
        raise DefinitionError(f"{where}: found {found!r}; the lower bound must come first")
    return values[0], values[1] if wanted == 2 else None


def _check_keys(found: dict, allowed: set, optional: set, where: str) -> None:
    if not isinstance(found, dict):
        raise DefinitionError(f"{where}: found {found!r}; allowed: a table of {sorted(allowed)}")
    for key in found:
        _check_choice(key, sorted(allowed), f"{where}: key")
    if missing := sorted(allowed - optional - set(found)):
        raise DefinitionError(f"{where}: key {missing[0]!r} is missing; required: {missing}")


def _check_choice(value, allowed, where: str) -> None:
    if value not in allowed:
        raise DefinitionError(refuse(where, value, allowed))
