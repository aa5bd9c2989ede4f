"""A plan as data: its indicators, read once from TOML and checked.

An indicator names tables, rows and columns, never a formula and never Python; a
file that breaks the rules is refused with the indicator, the key, what was found
and what is allowed.
"""

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from sonla_analysis.definitions import toml_files as definition
from sonla_analysis.definitions.input_columns import KEYS, RESERVED, TYPES, Column, all_columns
from sonla_analysis.definitions.standards import Standard, load_standard, standard_ids
from sonla_analysis.definitions.toml_files import LANGUAGES as LANGUAGES
from sonla_analysis.definitions.toml_files import (
    LARGEST,
    Faults,
    check_choice,
    check_date,
    check_id,
    check_keys,
    check_list,
    check_table,
    check_text,
    in_languages,
    is_number,
    refuse_by,
    shown,
)
from sonla_analysis.language.phrases import has, phrase
from sonla_analysis.language.refusals import DefinitionError
from sonla_analysis.language.vietnamese import nfc, refuse

KINDS = ("share", "count", "reduction")
UNITS = ("percent", "households", "persons", "units", "schools", "million_vnd")
DIRECTIONS = ("at_most", "at_least", "above", "band")
APPLIES_TO = ("area", "unit")
COUNTED_WHEN = ("always", "review", "within_year")
_CITY = "city"  # what was written for "area" in version 0.1
FORMATS = (1,)  # of plan files; a file that does not say is of the first
CERTAINTIES = ("official", "recalled", "plan_wording")
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


class Leg(NamedTuple):
    """The part of the way through the milestones that a date lies on."""

    start: str
    end: str  # the day on which the milestone, then the indicator's target, is judged
    before: Decimal | None  # the milestone at its start; None at the start of the plan


@dataclass(frozen=True)
class Indicator:
    """One figure of the plan; texts are dictionaries by language (`vi`, `en`).

    Without a target (the plan sets none, or it is not written down yet) it is shown, never judged.
    """

    id: str
    number: str
    name: dict
    short: dict
    unit: str
    target: Decimal | None
    direction: str
    applies_to: str
    counted: dict
    among: dict
    owner: dict
    frequency: str
    certainty: str
    definition: dict
    source: dict
    numerator: Count
    denominator: Count | None = None
    kind: str = "share"
    upper: Decimal | None = None
    new_rural: str | None = None
    counted_when: str = ""
    to_do: dict = field(default_factory=dict)
    readings: dict = field(default_factory=dict)
    reading: str | None = None
    milestones: dict[str, Decimal] = field(default_factory=dict)  # year → target at its end
    leg: Leg | None = None  # of a plan seen on a date: see `Plan.on`

    def on(self, date: str, plan: "Plan") -> "Indicator":
        """Return the indicator with the target of the year's end that a date works towards."""
        if not self.milestones:
            return self
        stops = [(f"{year}-12-31", one) for year, one in sorted(self.milestones.items())]
        stops = [(plan.start, None), *stops, (plan.end, self.target)]
        at = next((place for place, one in enumerate(stops) if place and one[0] >= date), -1)
        at = at % len(stops)
        (start, before), (end, target) = stops[at - 1 : at + 1]
        return replace(self, target=target, leg=Leg(start, end, before))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of unit that it is about, as the plan is read; empty for every kind."""
        return tuple(self.readings.get(self.reading, {}).get("kinds", ()))

    @property
    def counts(self) -> tuple[Count, ...]:
        """What it is counted from: its numerator and, where it has one, its denominator."""
        return tuple(filter(None, (self.numerator, self.denominator)))

    @property
    def decimals(self) -> int:
        """The decimals of the printed target: the precision at which it is judged."""
        return -self.target.as_tuple().exponent if self.target is not None else 0

    @property
    def lower_is_better(self) -> bool:
        return self.direction == "at_most"


@dataclass(frozen=True)
class Plan:
    """A plan: who issued it, its period, and its indicators in the order of the plan.

    `columns` are those that it adds to the tables, by table and name.
    """

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
    columns: dict[str, dict[str, Column]] = field(default_factory=dict)
    judged_from: str = ""  # the first day on which it judges; that of its issue, or its start
    review_due: str = ""  # the day from which what is counted once a year is judged; its end
    digest: str = ""  # of what its file says: eight hexadecimal digits, printed in every report

    @cached_property
    def standard_data(self) -> Standard:
        """The plan's poverty standard."""
        return load_standard(self.standard)

    @cached_property
    def tables(self) -> dict[str, dict[str, Column]]:
        """Every column that the plan's data may have, by table and name.

        Those that all plans share, the deprivations of the poverty standard, and the plan's own.
        """
        return all_columns(self.standard_data.deprivations, self.columns)

    def on(self, date: str) -> "Plan":
        """Return the plan as it judges on a date: each target is the next year's-end milestone.

        Itself where it has no milestones.
        """
        if not any(one.milestones for one in self.indicators):
            return self
        found = tuple(one.on(date, self) for one in self.indicators)
        return self._seen.setdefault(found_legs(found), replace(self, indicators=found))

    @cached_property
    def _seen(self) -> dict:
        return {}

    def span(self, indicator: Indicator) -> tuple[str, str]:
        """Return from which day to which an indicator is on its way: the plan's, or its leg's."""
        return indicator.leg[:2] if indicator.leg else (self.start, self.end)

    def due(self, indicator: Indicator) -> str:
        """Return the day from which what is counted once a year is judged, in the leg's year."""
        if indicator.leg is None or indicator.leg.end == self.end:
            return self.review_due
        return min(indicator.leg.end[:4] + self.review_due[4:], indicator.leg.end)

    def __getitem__(self, indicator: str) -> Indicator:
        for candidate in self.indicators:
            if candidate.id == indicator:
                return candidate
        raise DefinitionError(refuse("indicator", indicator, [one.id for one in self.indicators]))


def found_legs(indicators) -> tuple:
    """Return the legs that indicators are on: a plan is the same on all dates that share them."""
    return tuple(one.leg for one in indicators)


def plan_ids() -> list[str]:
    """Return the ids of the plans that come with the package.

    >>> plan_ids()
    ['kh159_2020']
    """
    return definition.ids(_FOLDER)


def load_plan(plan: "str | Path | Plan" = "kh159_2020") -> Plan:
    """Return a plan by its id, or from the path of a .toml file; a plan is itself.

    >>> plan = load_plan("kh159_2020")
    >>> len(plan.indicators), plan["poor_household_rate"].target
    (17, Decimal('0.77'))
    """
    if isinstance(plan, Plan):
        return plan
    content = definition.read(plan, _FOLDER, "plan")
    return replace(_plan(content, str(plan)), digest=definition.digest(content))


def plan_text(plan: str | Path) -> str:
    """Return what stands in a plan's file, its comments too.

    >>> plan_text("kh159_2020").splitlines()[0]
    '# Plan 159/KH-UBND of Sơn La city, 18 May 2020: its seventeen figures as data.'
    """
    return definition.located(plan, _FOLDER, "plan").read_text(encoding="utf-8-sig")


# --- checking a file, from the whole to the cell -----------------------------------------

_PARTS = {"format", "plan", "indicator", "new_rural", "columns"}
_DATES = ("issued", "start", "end")
_DAYS = ("judged_from", "review_due")  # where they are not the day of issue, and the end
_HEADER = ("id", "number", "area", "standard", "source", "title", "issuer", *_DATES)
_NO_CRITERIA = {"source": "–", "certainty": "recalled", "criteria": {}}


def _plan(content: dict, source: str) -> Plan:
    _check_format(content.get("format", FORMATS[0]), source)
    check_keys(content, _PARTS, source, optional=_PARTS - {"plan", "indicator"})
    listed, faults = content["indicator"], Faults()
    header = faults.of(_header, content["plan"], source, instead={})
    standard = faults.of(load_standard, header["standard"]) if header else None
    known = all_columns(standard.deprivations if standard else ())
    own = faults.of(_own_columns, content.get("columns", {}), known, source, instead={})
    tables = all_columns(standard.deprivations if standard else (), own)
    criteria = content.get("new_rural", _NO_CRITERIA)
    new_rural = faults.of(_new_rural, criteria, f"{source}: [new_rural]", instead=_NO_CRITERIA)
    indicators = faults.of(_indicators, listed, source, new_rural["criteria"], tables)
    faults.refuse()
    _check_years(indicators, header, source)
    _check_pattern(content["plan"], indicators, source)
    return Plan(
        **header,
        indicators=indicators,
        new_rural=new_rural,
        columns=own,
    )


def _check_pattern(header: dict, indicators, source: str) -> None:
    """Refuse a pattern, which is there to be edited, while a line of it is only recalled."""
    if not header.get("pattern", False):
        return
    if recalled := [one.id for one in indicators if one.certainty == "recalled"]:
        refuse_by("pattern", {"source": source, "found": ", ".join(recalled)})


def _check_format(found, source: str) -> None:
    if type(found) is not int or found not in FORMATS:
        words = {"source": source, "found": shown(found), "allowed": ", ".join(map(str, FORMATS))}
        refuse_by("format", words)


def _header(header, source: str) -> dict:
    """Return the part [plan], its texts in every language; a standard's file may lie beside it."""
    where = f"{source}: [plan]"
    check_keys(header, (*_HEADER, *_DAYS, "pattern"), where, optional=(*_DAYS, "pattern"))
    faults = Faults()
    faults.of(check_choice, header.get("pattern", False), (True, False), f"{where}: pattern")
    for key in ("id", "number", "area", "standard", "source"):
        faults.of(check_text, header[key], f"{where}: {key}")
    unknown = ("issued",) * (header["issued"] == "")
    for key in (key for key in (*_DATES, *_DAYS) if key in header and key not in unknown):
        faults.of(check_date, header[key], f"{where}: {key}")
    texts = {
        key: faults.of(in_languages, header[key], f"{where}: {key}") for key in ("title", "issuer")
    }
    named = header["standard"]
    if isinstance(named, str) and not named.endswith(".toml"):
        faults.of(check_choice, named, standard_ids(), f"{where}: standard")
    faults.refuse()
    if header["start"] >= header["end"]:
        dates = {"start": header["start"], "end": header["end"]}
        refuse_by("dates_reversed", {"where": where} | dates)
    beside = Path(source).parent / named
    named = str(beside) if named.endswith(".toml") and beside.is_file() else named
    days = {"judged_from": header["issued"] or header["start"], "review_due": header["end"]}
    kept = {key: value for key, value in header.items() if key != "pattern"}
    return days | kept | texts | {"standard": named}


def _new_rural(found, where: str) -> dict:
    """Return the criteria that indicators may name, their texts in every language."""
    check_keys(found, _NO_CRITERIA, where)
    check_text(found["source"], f"{where}: source")
    check_choice(found["certainty"], CERTAINTIES, f"{where}: certainty")
    check_table(found["criteria"], f"{where}: criteria")
    criteria = {
        number: in_languages(name, f"{where}: criteria.{number}")
        for number, name in found["criteria"].items()
    }
    return found | {"criteria": criteria}


def _own_columns(found, known: dict, source: str) -> dict[str, dict[str, Column]]:
    """Return the columns that a plan adds to the tables that it shares with all others."""
    where, faults, own = f"{source}: [columns]", Faults(), {}
    check_keys(found, KEYS, where, optional=KEYS)
    for table, columns in found.items():
        place = f"{source}: [columns.{table}]"
        faults.of(check_table, columns, place)
        for name, given in columns.items() if isinstance(columns, dict) else ():
            taken = {*known[table], *RESERVED}
            column = faults.of(_own_column, name, given, taken, f"{place}: {shown(name)[1:-1]}")
            own.setdefault(table, {})[name] = column
    faults.refuse()
    return own


def _own_column(name: str, given, taken, where: str) -> Column:
    """Return one column: `"yes_no"`, or `{ type = "choice", choices = […], name.vi = "…" }`."""
    check_id(name, where)
    if name in taken:
        refuse_by("column_taken", {"where": where, "found": name})
    given = {"type": given} if isinstance(given, str) else given
    check_keys(given, {"type", "choices", "name"}, where, optional={"choices", "name"})
    check_choice(given["type"], TYPES, f"{where}: type")
    if (given["type"] == "choice") != ("choices" in given):
        refuse_by("choices", {"where": where})
    choices = given.get("choices", [])
    if "choices" in given:
        check_list(choices, f"{where}: choices", check_text)
    label = in_languages(given["name"], f"{where}: name") if "name" in given else {}
    name_in_full = label or dict.fromkeys(LANGUAGES, name)
    return Column(TYPES[given["type"]], tuple(map(nfc, dict.fromkeys(choices))), name_in_full)


def _indicators(listed, source: str, criteria: dict, tables: dict) -> tuple[Indicator, ...]:
    if not isinstance(listed, list) or not listed:
        found = type(listed).__name__ if listed else shown(listed)
        refuse_by("no_indicators", {"source": source, "found": found})
    faults = Faults()
    found = [
        faults.of(_indicator, one, str(place), source, criteria, tables)
        for place, one in enumerate(listed, start=1)
    ]
    for key in ("id", "number"):
        values = [getattr(one, key) for one in found if one]
        if repeated := [value for value in values if values.count(value) > 1]:
            words = {"source": source, "name": key, "found": repeated[0]}
            faults.of(refuse_by, "twice", words)
    faults.refuse()
    return tuple(found)


def _indicator(found: dict, place: str, source: str, criteria: dict, tables: dict) -> Indicator:
    name = found.get("id", "?") if isinstance(found, dict) else "?"
    where = f"{source}: indicator {shown(name)}"
    keys = set(Indicator.__dataclass_fields__) - {"upper", "leg"}
    check_keys(found, keys, where, optional=_OPTIONAL)
    kind = found.get("kind", "share")
    found = _defaults(found, place, kind) | found
    found["applies_to"] = "area" if found["applies_to"] == _CITY else found["applies_to"]
    found |= _check_indicator(found, kind, where)
    found |= _readings(found, where)
    if (criterion := found.get("new_rural")) is not None:
        criterion = criterion if isinstance(criterion, str) else shown(criterion)
        check_choice(criterion, criteria, f"{where}: new_rural")
        found["new_rural"] = criterion
    target, upper = _target(found, f"{where}: target")
    found["milestones"] = _milestones(found, target, f"{where}: milestones")
    denominator = None
    if "denominator" in found:
        denominator = _count(found["denominator"], None, tables, f"{where}: denominator")
    numerator = _numerator(found["numerator"], denominator, tables, where)
    counts = {"numerator": numerator, "denominator": denominator}
    return Indicator(**found | counts | {"target": target, "upper": upper, "kind": kind})


_SAID = {"owner": dict.fromkeys(LANGUAGES, "–"), "certainty": "plan_wording"}
_SAID |= {"unit": "percent", "applies_to": "area"}
_SAID |= dict.fromkeys(("frequency", "definition", "source"), "–")
_OPTIONAL = {*_SAID, "kind", "denominator", "number", "short", "counted", "among", "new_rural"}
_OPTIONAL |= {"counted_when", "to_do", "reading", "readings", "milestones"}


def _defaults(found: dict, place: str, kind: str) -> dict:
    """Return what an indicator in its short form leaves out; `place` is its place in the plan."""
    always = "always" if kind == "share" else "within_year"
    counted = found.get("counted", _noun(found))
    texts = {"number": place, "short": found["name"], "counted": counted, "among": counted}
    return _SAID | texts | {"counted_when": always}


def _noun(found: dict) -> dict:
    """Return what the rows of an indicator's table are called: households, persons, schools …"""
    measures = [found["numerator"], found.get("denominator")]
    tables = [one["table"] for one in measures if isinstance(one, dict) and "table" in one]
    named = isinstance(next(iter(tables), None), str) and has("counted", tables[0])
    key = f"counted.{tables[0] if named else 'other'}"
    return {language: phrase(key, language) for language in LANGUAGES}


def _readings(found: dict, where: str) -> dict:
    """Return the readings of the plan's words, their names in every language, and the one used."""
    readings, where = found.get("readings", {}), f"{where}: readings"
    check_table(readings, where)
    checked = {name: _reading(one, f"{where}.{name}") for name, one in readings.items()}
    if checked or "reading" in found:
        check_choice(found.get("reading"), checked, where.removesuffix("s"))
    return {"readings": checked, "reading": found.get("reading")}


def _reading(found, where: str) -> dict:
    """Return one reading: its name, and the kinds of unit that it is about."""
    check_keys(found, {"name", "kinds"}, where, optional={"kinds"})
    kinds = found.get("kinds", [])
    if "kinds" in found:
        check_list(kinds, f"{where}.kinds", check_text)
    return {"name": in_languages(found["name"], f"{where}.name"), "kinds": tuple(kinds)}


def _check_indicator(found: dict, kind: str, where: str) -> dict:
    """Return the texts by language; refuse wrong ones, and a kind that does not fit its unit."""
    faults = Faults()
    for key in ("number", "frequency"):
        faults.of(check_text, found[key], f"{where}: {key}")
    faults.of(check_id, found["id"], f"{where}: id")
    texts = {
        key: faults.of(in_languages, found[key], f"{where}: {key}")
        for key in ("name", "short", "counted", "among", "owner", "to_do")
        if key in found
    }
    texts |= {
        key: faults.of(_one_text_or_more, found[key], f"{where}: {key}")
        for key in ("definition", "source")
    }
    faults.of(_check_to_do, found.get("to_do", {}), f"{where}: to_do")
    for key, allowed in _CHOICES.items():
        faults.of(check_choice, found.get(key, kind), allowed, f"{where}: {key}")
    faults.refuse()
    units = [unit for unit in UNITS if (unit == "percent") != (kind == "count")]
    if found["unit"] not in units:
        said = {"where": where, "found": found["unit"], "kind": kind, "allowed": ", ".join(units)}
        refuse_by("percent_kind", said)
    if (kind == "count") == ("denominator" in found):
        key = "denominator_unwanted" if kind == "count" else "denominator_needed"
        refuse_by(key, {"where": where, "kind": kind})
    return texts


_CHOICES = {
    "kind": KINDS,
    "unit": UNITS,
    "direction": DIRECTIONS,
    "applies_to": APPLIES_TO,
    "certainty": CERTAINTIES,
    "counted_when": COUNTED_WHEN,
}


def _one_text_or_more(found, where: str) -> dict[str, str]:
    """Return a text by language; one alone serves in every language."""
    if isinstance(found, dict):
        return in_languages(found, where)
    check_text(found, where)
    return dict.fromkeys(LANGUAGES, found)


def _check_to_do(found, where: str) -> None:
    """Refuse a phrase for what is still to do that does not say how many, or asks for more."""
    for language, text in found.items() if isinstance(found, dict) else ():
        try:
            fits = all("\0\0" in one.format(n="\0\0") for one in text.split("|"))  # all of n
        except (AttributeError, LookupError, TypeError, ValueError):
            fits = False
        if not fits:
            refuse_by("to_do", {"where": f"{where}.{language}", "found": shown(text)})


def _target(found: dict, where: str) -> tuple[Decimal, Decimal | None]:
    """Return the target, and the upper bound of a band; nothing where none is set: ""."""
    if found["target"] == "":
        return None, None
    target, band = found["target"], found["direction"] == "band"
    texts = target if isinstance(target, list) else [target]
    printed = [isinstance(one, str) and re.fullmatch(_PRINTED, one) for one in texts]
    values = [Decimal(one) for one in texts] if all(printed) else []
    if len(values) != 1 + band or (band and values[0] >= values[1]):
        key = "target_two" if band else "target_one"
        refuse_by(key, {"where": where, "found": shown(target)})
    if found["unit"] == "percent" and max(values) > 100:
        refuse_by("target_percent", {"where": where, "found": shown(target)})
    return values[0], values[1] if band else None


def _milestones(found: dict, target: Decimal | None, where: str) -> dict[str, Decimal]:
    """Return the targets at the end of earlier years, all wrong ones refused at once."""
    given, faults = found.get("milestones", {}), Faults()
    check_table(given, where)
    if given and (target is None or found["direction"] == "band"):
        refuse_by("milestones_alone", {"where": where})
    for year, value in given.items():
        if not re.fullmatch("(19|20)[0-9]{2}", year):
            faults.of(refuse_by, "milestone_year", {"where": where, "found": shown(year)})
        place = f"{where}.{shown(year)[1:-1]}"
        if not isinstance(value, str) or not value:
            faults.of(refuse_by, "target_one", {"where": place, "found": shown(value)})
            continue
        one = {"target": value, "direction": found["direction"], "unit": found["unit"]}
        faults.of(_target, one, place)
    faults.refuse()
    return {year: Decimal(value) for year, value in given.items()}


def _check_years(indicators, header: dict, source: str) -> None:
    """Refuse milestones outside the plan's years; the last year's is the target itself."""
    faults, first, last = Faults(), header["start"], header["end"]
    for one in indicators:
        for year in one.milestones:
            if not first < f"{year}-12-31" < last:
                where = f"{source}: indicator {shown(one.id)}: milestones"
                words = {"where": where, "found": year, "start": first, "end": last}
                faults.of(refuse_by, "milestone_outside", words)
    faults.refuse()


_PRINTED = r"[0-9]{1,12}(\.[0-9]{1,6})?"


def _numerator(found: dict, denominator: Count | None, tables: dict, where: str) -> Count:
    """Return the numerator; without `table` it counts among the rows of the denominator."""
    shared = denominator and isinstance(found, dict) and "table" not in found
    count = _count(found, denominator.table if shared else None, tables, f"{where}: numerator")
    return replace(count, where=denominator.where | count.where) if shared else count


def _count(found: dict, shared_table: str | None, tables: dict, where: str) -> Count:
    keys = {"table", "where", "sum", "any"}
    check_keys(found, keys, where, optional=keys)
    table = found.get("table", shared_table)
    check_choice(table, tables, f"{where}: table")
    columns = tables[table]
    if "sum" in found:
        summable = [name for name, one in columns.items() if one.kind in ("count", "money")]
        check_choice(found["sum"], summable, f"{where}: sum")
    kept = {}
    for part in ("where", "any"):
        conditions = found.get(part, {})
        check_keys(conditions, columns, f"{where}: {part}", optional=columns)
        kept[part] = {
            key: _condition(columns[key], value, f"{where}: {part} {key}")
            for key, value in conditions.items()
        }
    return Count(table, sum=found.get("sum"), **kept)


def _condition(column: Column, found, where: str) -> tuple | Range:
    """Return what a column must be; refuse what its kind can never hold."""
    numeric = column.kind in ("count", "money")
    if isinstance(found, dict) and numeric:
        check_keys(found, {"min", "max"}, where, optional={"min", "max"})
        values, condition = list(found.values()), Range(**found)
    else:
        values = condition = tuple(found) if isinstance(found, list) else (found,)
    rule, fits = _FITS.get(column.kind, ("text", str))
    for value in values:
        outside = numeric and not (is_number(value) and abs(value) < LARGEST)
        if outside or not isinstance(value, fits):
            refuse_by(f"condition_{rule}", {"where": where, "found": shown(value)})
        if column.choices:
            check_choice(value, column.choices, where)
        if column.kind == "date":
            check_date(value, where)
    if not values or (isinstance(condition, Range) and _is_reversed(condition)):
        refuse_by("condition_nothing", {"where": where, "found": shown(found)})
    return condition


def _is_reversed(bounds: Range) -> bool:
    return None not in (bounds.min, bounds.max) and bounds.min > bounds.max


_NUMBER = ("number", (int, float))
_FITS = {"flag": ("flag", bool), "count": _NUMBER, "money": _NUMBER}
