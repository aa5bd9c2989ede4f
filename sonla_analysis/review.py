"""A review: one unit at one date under one plan, with everything a page is drawn from."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from sonla_analysis.definitions.editions import INTERNAL, PUBLIC, checked_edition
from sonla_analysis.definitions.folders import locate
from sonla_analysis.definitions.plan import LANGUAGES, Plan, load_plan
from sonla_analysis.definitions.units import full_name, refuse_unit, unit_named, units_on
from sonla_analysis.indicators.against_rest import against_the_rest
from sonla_analysis.indicators.bridge_tables import FORMER, NO_FORMER, as_sent, was_bridged
from sonla_analysis.indicators.changes import changes
from sonla_analysis.indicators.checks import check_tables
from sonla_analysis.indicators.digests import digest, page_digests
from sonla_analysis.indicators.groups import (
    divided,
    divisible,
    group_cells,
    group_tables,
    hidden_deprivations,
    hidden_villages,
    named_groups,
    open_cells,
    village_cells,
    whole_village_cells,
)
from sonla_analysis.indicators.measure import area_of, leaf_units, measure, review_dates
from sonla_analysis.indicators.merged_breakdowns import at_home, hidden_as_told, tables_as_told
from sonla_analysis.indicators.of_review import once_by, progress_rows
from sonla_analysis.indicators.poverty import MOVEMENT, movement
from sonla_analysis.indicators.progress import assess
from sonla_analysis.indicators.quality import found_in
from sonla_analysis.indicators.seen_on import between, bridged, seen_on
from sonla_analysis.indicators.withheld import WHOLE, doubted, withheld_figures, without
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import refuse
from sonla_analysis.tables.input_tables import (
    ABOUT,
    KEYS,
    DataError,
    Finding,
    read_tables,
    source_files,
)
from sonla_analysis.tables.sources import nobody_known, read_sources


@dataclass(frozen=True, eq=False)
class CheckedData:
    """The data of all units, checked and measured once; a batch shares it between its pages.

    `doubts` are the cells that must be corrected (`indicators.withheld`): they are not in `tables`,
    and the figures that use them are withheld. `withheld` maps a unit to the findings that say so.
    `sources` says who sent which rows, where it is known (`tables.sources`). `found` says where
    the findings are (`indicators.quality`).
    """

    tables: dict[str, pd.DataFrame]
    plan: Plan
    progress: pd.DataFrame
    findings: list[Finding]
    synthetic: bool = False
    withheld: dict[str, list[Finding]] = field(default_factory=dict)
    doubts: pd.DataFrame = field(default_factory=lambda: doubted([], {}))
    sources: pd.DataFrame = field(default_factory=nobody_known)
    found: pd.DataFrame = field(default_factory=lambda: found_in([], {}))
    origin: "CheckedData | None" = None  # the data as they were sent, where former units were added
    former: "CheckedData | None" = None  # the same in the units that their reports were of

    @property
    def whole(self) -> "CheckedData":
        """These data as they were sent, each date in its own units."""
        return self.origin or self

    def seen_on(self, as_of: str) -> "CheckedData":
        """Return the data up to a date in the units in force on it: former units' figures added.

        The data themselves where no unit that has figures ended before it. Where one was divided,
        or nobody says what it went into, the dates before are left out.
        """
        seen = self.whole.once(("seen_on", as_of), lambda: seen_on(self.whole, as_of))
        return seen or self.whole

    def held_on(self, as_of: str) -> "CheckedData":
        """Return the data up to a date in its units, whichever of their dates is then looked at."""
        seen, latest = self.seen_on(as_of), review_dates(self.whole.tables)[-1]
        if seen is self.whole and self.seen_on(latest) is self.whole:
            return seen
        seen = between(seen, "", as_of) if seen is self.whole else seen
        return replace(seen, origin=None)

    @cached_property
    def other_readings(self) -> pd.DataFrame:
        """What the area's figures would be, were the plan's words read the other way.

        One row per date, indicator and reading that is not used: as `assess` gives it, `reading`.
        """
        if self.origin:
            return self.origin.other_readings
        parts = []
        for one in self.plan.indicators:
            for name in (name for name in one.readings if name != one.reading):
                other = replace(self.plan, indicators=(replace(one, reading=name),))
                withheld = withheld_figures(self.doubts, other)
                observed = measure(self.tables, other, by=(), withheld=withheld)
                parts.append(assess(observed, other).assign(reading=name))
        return pd.concat(parts) if parts else self.progress.iloc[:0].assign(reading="")

    @cached_property
    def compared(self) -> pd.DataFrame:
        """For each row of `progress` how the unit stands against the others: `against_the_rest`."""
        return against_the_rest(self.progress, self.plan)

    @property
    def comparison(self) -> pd.Series:
        """For each row of `progress`: better, no_clear_difference, worse, or missing."""
        return self.compared["verdict"]

    @cached_property
    def _memory(self) -> dict:
        return {}

    def once(self, key: tuple, make: Callable):
        """Return what `make()` gives, worked out once for all pages of these data.

        What it gives must not depend on a page's unit, and nobody may change it.
        """
        if key not in self._memory:
            self._memory[key] = make()
        return self._memory[key]

    def publish(self, figures: pd.DataFrame | None) -> None:
        """Keep what a report of an earlier date published: who runs a page knows where it lies."""
        memory = self.whole._memory
        if figures is memory.get("published"):
            return
        memory["published"] = figures
        for key in [one for one in memory if one[0] == "changes"]:
            del memory[key]

    def published_before(self, as_of: str) -> pd.DataFrame | None:
        """Return the figures of the earlier report, where one is known: see `publish`."""
        figures = self.whole._memory.get("published")
        earlier = figures is not None and figures["as_of"].iloc[0] < as_of
        return figures if earlier and _of_these_units(figures, self.whole) else None

    def page_digests(self, as_of: str) -> tuple[dict[str, str], str]:
        """Return the mark of each unit's rows, and of what all pages show: see `digests`."""
        return self.once(("digests", as_of), lambda: page_digests(self, as_of))

    def rows(self, table: str, **where: str) -> pd.DataFrame:
        """Return a table's rows with these values, in their order; found by places kept once.

        Those of a whole date are kept too: every page sets its unit beside them.
        """
        if not where:
            return self.tables[table]
        if list(where) == ["as_of"]:
            return self.once(("rows", table, *where.values()), lambda: self._taken(table, **where))
        return self._taken(table, **where)

    def _taken(self, table: str, **where: str) -> pd.DataFrame:
        frame, columns = self.tables[table], list(where)
        grouped = self.once(
            ("places", table, *columns),
            lambda: frame.groupby(columns, sort=False, observed=True).indices,
        )
        values = tuple(where.values())
        return frame.take(grouped.get(values if len(values) > 1 else values[0], []))


@dataclass(frozen=True)
class Review:
    """One unit (or the whole area) at one date; `progress` holds all units and all dates.

    In the internal edition nothing is hidden by the protection of small numbers.
    """

    data: CheckedData = field(repr=False)
    unit: str
    as_of: str
    language: str
    edition: str = PUBLIC

    @property
    def plan(self) -> Plan:
        """The plan as it judges on the date: with milestones, the targets of the next of them."""
        return self.data.plan.on(self.as_of)

    @property
    def is_internal(self) -> bool:
        """Whether it is for the office's own eyes; everything drawn from it must say so."""
        return self.edition == INTERNAL

    @property
    def synthetic(self) -> bool:
        """Whether the data are made up; everything drawn from them must say so."""
        return self.data.synthetic

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        return self.data.tables

    @property
    def progress(self) -> pd.DataFrame:
        return self.data.progress

    @cached_property
    def area(self) -> str:
        """The code of the whole area, the city."""
        return area_of(self.tables, self.as_of)

    @property
    def is_area(self) -> bool:
        return self.unit == self.area

    @cached_property
    def units(self) -> pd.DataFrame:
        """All units in force on the date, indexed by code, the area and its parents included."""
        return units_on(self.as_of, self.tables["units"])

    @cached_property
    def leaf_units(self) -> pd.DataFrame:
        """The wards and communes of the area, indexed by code."""
        return leaf_units(self.tables, self.as_of)

    @cached_property
    def now(self) -> pd.DataFrame:
        """This unit's progress rows on the date, indexed by indicator, in the plan's order."""
        return progress_rows(self, unit=self.unit).set_index("indicator")

    @cached_property
    def area_now(self) -> pd.DataFrame:
        """The area's progress rows on the date, indexed by indicator."""
        return progress_rows(self, level="area").set_index("indicator")

    @cached_property
    def digest(self) -> str:
        """A mark of the data that the page is made from, printed in its report."""
        units, shown = self.data.page_digests(self.as_of)
        return digest(units if self.is_area else units.get(self.unit, []), shown)[:8]

    @cached_property
    def made_from(self) -> str:
        """A mark of all that its page is made from: the data, the plan, this program's version."""
        from sonla_analysis import __version__

        return digest(__version__, self.plan.digest, self.digest, self.as_of)

    @cached_property
    def stamp(self) -> dict[str, str]:
        """What a page of this review is about; the parts of one page must agree in it.

        `figures` is a mark of the unit's and the area's figures: it differs when the data do.
        """
        rows = pd.concat([self.now, self.area_now])
        figures = rows[["numerator", "denominator", "state", "status"]].astype("str")
        mark = hashlib.sha256(figures.to_csv().encode()).hexdigest()[:16]
        about = {"unit": self.unit, "as_of": self.as_of, "plan": self.plan.id}
        return about | {"edition": self.edition, "figures": mark}

    @cached_property
    def dates(self) -> list[str]:
        """The review dates up to this one, oldest first."""
        return [date for date in review_dates(self.tables) if date <= self.as_of]

    def is_withheld(self, unit: str, *cells: tuple[str, str]) -> bool:
        """Whether any of these cells, (table, column), of a unit is being corrected on the date.

        `WHOLE` for the column asks for the table as a whole.
        """
        wanted = ((table, column) for table, name in cells for column in (name, WHOLE))
        doubted = self._doubted()
        return any((self.as_of, unit, *cell) in doubted for cell in wanted)

    @once_by()
    def _doubted(self) -> set[tuple]:
        return set(self.data.doubts.itertuples(index=False, name=None))

    def rows(
        self, table: str, *, unit: str | None = None, every_date: bool = False
    ) -> pd.DataFrame:
        """Return a table's rows of this unit (of all units for the area) on the date."""
        where = {} if every_date else {"as_of": self.as_of}
        if (unit or self.unit) != self.area:
            where["unit"] = unit or self.unit
        key = (table, *where.values())
        if key not in self._rows:
            self._rows[key] = self.data.rows(table, **where)
        return self._rows[key]

    @cached_property
    def _rows(self) -> dict:
        """What has been asked of `rows`: several charts ask for the same."""
        return {}

    @property
    def since(self) -> str:
        """The date of the earlier report that this one is compared with; "" where none is known."""
        published = self.data.published_before(self.as_of)
        return "" if published is None else published["as_of"].iloc[0]

    @property
    def changes(self) -> pd.DataFrame | None:
        """The parts of what changed since the earlier report (`indicators.changes`), of all units.

        None where no earlier report is known.
        """
        if not self.since:
            return None
        return self.data.whole.once(("changes", self.as_of), self._changes)

    def _changes(self) -> pd.DataFrame:
        data, dates = self.data.whole, [self.since, self.as_of]  # each date in its own units
        published = data.published_before(self.as_of)
        register = pd.concat([data.rows("households", as_of=date) for date in dates])
        moves = {form: movement(register, form) for form in MOVEMENT}
        progress = data.progress[data.progress["as_of"].isin(dates)]
        return changes(published, progress, moves, data.tables["units"], self.plan, self.as_of)

    @cached_property
    def formers(self) -> pd.DataFrame:
        """The former units that are this unit's figures of earlier dates (the area: all units').

        Not one that only went on as it was.

        A row is a date and a former unit: as_of, former, former_name, unit, parts, since.
        """
        found = self.tables.get(FORMER, NO_FORMER)
        names = self.units.apply(full_name, axis=1)
        other = (found["parts"] > 1) | (found["former_name"] != found["unit"].map(names))
        found = found[other & (found["as_of"] < found["since"]) & (found["as_of"] <= self.as_of)]
        return found if self.is_area else found[found["unit"] == self.unit]

    @property
    def groups(self) -> pd.DataFrame:
        """This unit's `group_cells`: results by ethnic group, sex of head and area."""
        units, tables = self.group_tables
        shown = {one.id for one in divisible(self.plan)}
        tables = [one for one in tables if one[0] != "sex" and one[2] in shown]
        place = None if self.is_area else units.index(self.unit)
        return group_cells(tables, place, self._open_groups())

    @once_by("as_of")
    def _open_groups(self) -> dict:
        rows = {table: self.rows(table, unit=self.area) for table in ("households", "members")}
        return open_cells(rows, self.plan, list(self.leaf_units.index), self.named_groups)

    def hidden_groups(self, indicator: str, by: str) -> dict[str, bool]:
        """Return a result's groups in this unit and whether each is hidden; "blank" without entry.

        The same cells as in every chart and table of the date.
        """
        if self.is_internal:
            return dict.fromkeys(self._group_names(by), False)
        if by == "village" and self._told:
            return self._hidden_villages_as_told(indicator)
        if by == "village":
            rows = {table: self.rows(table) for table in ("households", "members")}
            result = next(one for one in divided(self.plan) if one.id == indicator)
            return hidden_villages(rows, result, self.villages)
        units, tables = self.group_tables
        names, hidden = next(
            (one[1], one[5]) for one in tables if (one[0], one[2]) == (by, indicator)
        )
        place = -1 if self.is_area else units.index(self.unit)
        return dict(zip(names, hidden[place].tolist(), strict=True))

    def _hidden_villages_as_told(self, indicator: str) -> dict[str, bool]:
        homes, found = self._homes, []
        for former in homes.index[homes["unit"] == self.unit]:
            hidden = replace(self._told, unit=former).hidden_groups(indicator, "village")
            found += [(former, name, one) for name, one in hidden.items()]
        cells = pd.DataFrame(found, columns=["unit", "village", "hidden"])
        return at_home(cells, homes).groupby("village")["hidden"].any().to_dict()

    def _group_names(self, by: str) -> list[str]:
        if by == "village":
            return self.villages["village"].tolist()
        return next(names for grouping, names, *_ in self.group_tables[1] if grouping == by)

    @property
    @once_by("as_of")
    def hidden_deprivations(self) -> pd.DataFrame:
        """Which deprivations of near-poor households may not be told: units and "area" by name."""
        rows = self.rows("households", unit=self.area)
        listed = self.plan.standard_data.deprivations
        names = [one["column"] for one in listed if one["column"] in rows]
        near_poor = rows[rows["status"] == "near_poor"]
        units = list(self.leaf_units.index)
        if self._told and not self.is_internal:
            return hidden_as_told(self._told.hidden_deprivations, self._homes, units)
        hidden = hidden_deprivations(near_poor, names, units)
        return hidden & (not self.is_internal)

    @property
    @once_by("as_of")
    def named_groups(self) -> list[str]:
        """The ethnic groups that have a name of their own up to the date."""
        registers = [self.data.rows("households", as_of=one) for one in self.dates]
        return named_groups(registers, every=self.is_internal)

    @property
    @once_by("as_of")
    def group_tables(self) -> tuple[list[str], list[tuple]]:
        """The units of the area and their `group_tables`, the same for every page of the date."""
        rows = {table: self.rows(table, unit=self.area) for table in ("households", "members")}
        units = list(self.leaf_units.index)
        if self.is_internal:
            return units, group_tables(rows, self.plan, units, self.named_groups, protect=False)
        if self._told:
            tables = group_tables(rows, self.plan, units, self.named_groups, protect=False)
            return units, tables_as_told(tables, units, self._told.group_tables, self._homes)
        before = [self._of_area(one).group_tables for one in self._dates_that_told_the_start()]
        return units, group_tables(rows, self.plan, units, self.named_groups, *before)

    def _dates_that_told_the_start(self) -> list[str]:
        """The last date of an earlier year, and this year's dates told in units that have ended."""
        last_year = [one for one in self.dates if one[:4] < self.as_of[:4]][-1:]
        this_year = [one for one in self.dates if self.as_of[:4] <= one < self.as_of]
        return last_year + [one for one in this_year if self._of_area(one)._told]

    @cached_property
    def _homes(self) -> pd.DataFrame:
        """What was merged by the date's units and their successors; see `bridge_tables`."""
        found = self.tables.get(FORMER, NO_FORMER)
        return found[found["as_of"] == self.as_of].set_index("former")

    @cached_property
    def _told(self) -> "Review | None":
        """The area's review of the date as it was published, in units that have ended since.

        None where the date is told in its own units.
        """
        homes = self._homes
        ended = (homes["parts"] > 1) | (homes.index != homes["unit"])
        if self.data.former is None or not ended.any():
            return None
        data = self.data.former.seen_on(self.as_of)
        area = area_of(data.tables, self.as_of)
        return Review(data, area, self.as_of, self.language, self.edition)

    @property
    def villages(self) -> pd.DataFrame:
        """This unit's (of the area all units') `village_cells`, as they may be told."""
        found = self._villages()
        return found if self.is_area else found[found["unit"] == self.unit].reset_index(drop=True)

    @once_by("as_of")
    def _villages(self) -> pd.DataFrame:
        if self.is_internal:
            return whole_village_cells(self.data.rows("households", as_of=self.as_of))
        dates = [self._of_area(one) for one in self.dates]
        told = [one._told and at_home(one._told.villages, one._homes) for one in dates]
        registers = [self.data.rows("households", as_of=one) for one in self.dates]
        return village_cells(registers, told)

    def _of_area(self, date: str) -> "Review":
        return replace(self, unit=area_of(self.tables, date), as_of=date)


def open_review(
    data: str | Path | dict,
    unit: str,
    as_of: str,
    plan: str | Path = "kh159_2020",
    language: str = "vi",
    edition: str = PUBLIC,
) -> Review:
    """Return the review of a unit; refuse an unknown unit, date, plan, language or edition.

    The edition is `public`, or `internal`: nothing is hidden, and it must not be published. `data`
    is a folder or workbook, or tables (of `load_tables`, `bridge_tables`). Figures of former units
    of earlier dates are added to the unit that they went into (`CheckedData.seen_on`).

    >>> from sonla_analysis.definitions.folders import sample_folder
    >>> review = open_review(sample_folder(), "03646", "2020-12-31")
    >>> review.area, len(review.now)
    ('116', 17)
    """
    tables = isinstance(data, dict)
    opened_data = checked_data(data, load_plan(plan)) if tables else open_data(data, plan)
    return review_of(opened_data, unit, as_of, language, edition)


def review_of(
    situation: CheckedData, unit: str, as_of: str, language: str = "vi", edition: str = PUBLIC
) -> Review:
    """Return one unit's review out of a situation that is already open."""
    checked_edition(edition)
    if language not in LANGUAGES:
        raise UsageError(refuse("language", language, LANGUAGES))
    dates = review_dates(situation.tables)
    if as_of not in dates:
        raise UsageError(refuse("as_of", as_of, dates))
    situation = situation.seen_on(as_of)
    unit_named(unit, as_of, situation.tables["units"])
    allowed = [area_of(situation.tables, as_of), *leaf_units(situation.tables, as_of).index]
    if unit not in allowed:
        in_force = units_on(as_of, situation.tables["units"])
        raise UsageError(refuse_unit(unit, in_force.loc[allowed]))
    return Review(situation, unit, as_of, language, edition)


def open_data(data: str | Path, plan: str | Path = "kh159_2020") -> CheckedData:
    """Return the data of all units, measured; kept in memory until a file of it changes."""
    data = locate(data)
    stamps = tuple(
        (str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in source_files(data)
    )
    key = (Path(data), str(plan), stamps)
    if key not in opened:
        opened[key] = _checked(Path(data), str(plan))
    return opened[key]


opened: dict[tuple, CheckedData] = {}  # a batch hands it to processes that it starts anew


def _checked(data: Path, plan_name: str) -> CheckedData:
    plan = load_plan(plan_name)
    tables, findings = read_tables(data, plan)
    checked = checked_data(tables, plan, findings)
    checked = replace(checked, sources=read_sources(data, tables))
    if day := tables[ABOUT]["units_of"].item():
        return replace(bridged(checked, day), origin=None)
    return checked


def checked_data(tables: dict, plan: Plan, findings=()) -> CheckedData:
    """Return tables checked and measured; `findings` are what reading them found."""
    findings = [*findings, *check_tables(tables, plan, findings)]
    errors = [one for one in findings if one.severity == "error"]
    if homeless := [one for one in errors if _is_of_everything(one)]:
        raise DataError(homeless)
    doubts = doubted(errors, tables)
    kept = without(tables, doubts)
    progress = assess(measure(kept, plan, withheld=withheld_figures(doubts, plan)), plan)
    withheld = {}
    for one in errors:
        for unit in [one.unit] if one.unit else sorted(set(doubts["unit"])):
            withheld.setdefault(unit, []).append(one)
    synthetic = tables[ABOUT]["synthetic"].item() if ABOUT in tables else False
    former = checked_data(as_sent(tables), plan) if was_bridged(tables) else None
    more = {"former": former, "found": found_in(findings, tables)}
    return CheckedData(kept, plan, progress, findings, synthetic, withheld, doubts, **more)


def _of_these_units(figures: pd.DataFrame, data: CheckedData) -> bool:
    """Whether a report was of units that the data have: not where a folder's were replaced."""
    units = figures.loc[figures["level"] == "unit", "unit"]
    return FORMER not in data.tables or units.isin(data.tables["units"]["code"]).all()


def _is_of_everything(one: Finding) -> bool:
    """Whether nothing can be told before this is corrected: it belongs to no unit."""
    in_a_row = one.column and one.column not in KEYS.get(one.table, ())
    return one.rule == "unknown_unit" or (not one.unit and not in_a_row)
