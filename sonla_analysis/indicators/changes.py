"""What changed since an earlier report, in parts that add up: moved, merged, corrected.

The record of what was published is the earlier report's own table of figures; beside it stand that
date and today's date as today's data measure them. A count of poor or near-poor households splits
by official form 2 or 3, any other count only into what changed and what was corrected.
"""

from dataclasses import asdict

import pandas as pd

from sonla_analysis.definitions.plan import Indicator, Plan
from sonla_analysis.definitions.succession import became
from sonla_analysis.definitions.units import units_on
from sonla_analysis.indicators.digests import digest
from sonla_analysis.indicators.measure import year_end_before
from sonla_analysis.indicators.poverty import MOVEMENT, STATUS_GROUP

PARTS = ("moved_in", "moved_out", "counted", "boundaries", "reporting", "unsplit", "corrected")
COUNTS = ("numerator", "denominator")
COLUMNS = ["unit", "indicator", "of", "part", "amount"]
_OF_HOUSEHOLDS = ("households", "members")


def definition_mark(indicator: Indicator, plan: Plan) -> str:
    """Return a mark of how an indicator is counted: another definition, another mark.

    Its target and its words are no part of it; the poverty standard is where it counts households.

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> plan = load_plan()
    >>> len(definition_mark(plan["poor_household_rate"], plan))
    8
    """
    counts = [asdict(one) for one in indicator.counts]
    by_standard = any(one["table"] in _OF_HOUSEHOLDS for one in counts)
    standard = plan.standard_data.id if by_standard else ""
    return digest(indicator.kind, counts, indicator.kinds, standard)[:8]


def changes(
    published: pd.DataFrame,
    progress: pd.DataFrame,
    moves: dict[str, pd.DataFrame],
    units: pd.DataFrame,
    plan: Plan,
    as_of: str,
) -> pd.DataFrame:
    """Return how each count of each unit and of the area came from what was published to today's.

    `published` are the figures of one earlier date as a report printed them (`definition` holds the
    `definition_mark`, where it was written down), `progress` those of both dates today, `moves` the
    `movement` of the forms on both dates, `units` the list of units. Columns: unit, indicator, of
    (numerator or denominator), part, amount. The first part is `published`, the last `now`;
    published + those between = now:

    - `moved_in`, `moved_out`: households by form 2 or 3; `counted`: any other change of the count;
    - `boundaries`: what units that are no more bring to the unit that they went into;
    - `reporting`: of the area, units without a figure on one of the two dates;
    - `unsplit`: the earlier date is in today's data no more (or being corrected);
    - `corrected`: the rest, figures of the earlier date since corrected.

    Zero parts are left out. A figure counted by another definition has the part `definition`, whose
    amount is missing, and no others. Left out are figures not known on both dates and, between two
    years, what starts from zero each year. Only a unit that was not there before has no part
    `published`.
    """
    since = published["as_of"].iloc[0]
    split = _Split(published, progress, moves, units, since, as_of)
    rows = []
    for one in plan.indicators:
        if one.kind != "share" and since[:4] != as_of[:4]:
            continue
        if _is_redefined(one, plan, published):
            rows += split.redefined(one)
            continue
        for of in COUNTS[: 1 + (one.denominator is not None)]:
            rows += split.rows(one, of)
    return pd.DataFrame(rows, columns=COLUMNS)


def _is_redefined(indicator: Indicator, plan: Plan, published: pd.DataFrame) -> bool:
    """Whether the report says that it counted otherwise; one that says nothing counted alike."""
    marks = published.loc[published["indicator"] == indicator.id, "definition"].dropna().unique()
    return len(marks) > 0 and definition_mark(indicator, plan) not in marks


class _Split:
    """The counts of both dates, looked up by (unit, indicator, of)."""

    def __init__(self, published, progress, moves, units, since: str, as_of: str):
        self.told = _counts(published)
        self.revised = _counts(progress[progress["as_of"] == since])
        self.now = _counts(progress[progress["as_of"] == as_of])
        self.areas = [_area(published), _area(progress[progress["as_of"] == as_of])]
        self.before, self.same = _before(units, since, as_of)
        here = progress[(progress["as_of"] == as_of) & (progress["level"] == "unit")]
        self.leaves = list(here["unit"].unique())
        self.moves = _Moves(moves, since, as_of)

    def redefined(self, indicator: Indicator) -> list[tuple]:
        rows = []
        for unit in [self.areas[1], *self.leaves]:
            key = (unit, indicator.id, "numerator")
            if key in self.told and key in self.now:
                parts = [("published", self.told[key]), ("definition", None)]
                rows += [(*key, *one) for one in [*parts, ("now", self.now[key])]]
        return rows

    def rows(self, indicator: Indicator, of: str) -> list[tuple]:
        """Return the parts of every unit's count, then those of the area: their sums."""
        parts = {unit: self._of_unit(unit, indicator, of) for unit in self.leaves}
        rows = self._of_area(parts, indicator, of)
        for unit, found in parts.items():
            if found and "reporting" not in found:
                rows += _listed(unit, indicator.id, of, found)
        return rows

    def _of_unit(self, unit: str, indicator: Indicator, of: str) -> dict[str, float]:
        """Return the parts of one unit; only `reporting` where one of the dates has no figure."""
        now = self.now.get((unit, indicator.id, of))
        earlier = [(one, indicator.id, of) for one in self.before.get(unit, [unit])]
        told = [self.told[key] for key in earlier if key in self.told]
        if now is None or not told:
            return {"reporting": (now or 0) - sum(told)} if told or now is not None else {}
        parts, own = {}, self.told.get((unit, indicator.id, of))
        if unit in self.same and own is not None:
            parts["published"] = own
        parts["boundaries"] = sum(told) - parts.get("published", 0)
        revised = [self.revised.get(key) for key in earlier]
        if None in revised or len(told) < len(earlier):
            parts["unsplit"] = now - sum(told)
        else:
            parts |= self._real(indicator, of, unit, now - sum(revised))
        return _with_rest(parts, now)

    def _real(self, indicator: Indicator, of: str, unit: str, real) -> dict[str, float]:
        """Return what really changed between the dates: by the form, or as a whole."""
        codes = self.before.get(unit, [unit])
        moved = self.moves.of(indicator, unit, codes, real) if of == "numerator" else None
        return moved or {"counted": real}

    def _of_area(self, parts: dict, indicator: Indicator, of: str) -> list[tuple]:
        told, now = (
            counts.get((area, indicator.id, of))
            for area, counts in zip(self.areas, (self.told, self.now), strict=True)
        )
        if now is None or told is None:
            return []
        found = {
            part: sum(one.get(part, 0) for one in parts.values())
            for part in ("moved_in", "moved_out", "counted", "reporting", "unsplit")
        }
        there = [
            self.told.get((old, indicator.id, of), 0)
            for unit in self.leaves
            for old in self.before.get(unit, [unit])
        ]
        found["boundaries"] = sum(there) - told
        found = {"published": told} | found
        return _listed(self.areas[1], indicator.id, of, _with_rest(found, now))


def _with_rest(parts: dict[str, float], now: float) -> dict[str, float]:
    """Return the parts with the exact remainder, and what they come to."""
    rest = round(now - sum(parts.values()), 6)
    return parts | {"corrected": rest, "now": now}


def _listed(unit: str, indicator: str, of: str, parts: dict[str, float]) -> list[tuple]:
    """Return the parts that are not zero in their order, what stood and what stands in any case."""
    kept = [part for part in PARTS if round(parts.get(part, 0), 6)]
    ends = (["published"] if "published" in parts else [], ["now"])
    return [(unit, indicator, of, part, parts[part]) for part in [*ends[0], *kept, *ends[1]]]


def _counts(figures: pd.DataFrame) -> dict[tuple, float]:
    """Return the counts that are known, by (unit, indicator, of)."""
    found = {}
    for of in COUNTS:
        known = figures[figures[of].notna()]
        keys = zip(known["unit"], known["indicator"], strict=True)
        found |= {(*key, of): _plain(value) for key, value in zip(keys, known[of], strict=True)}
    return found


def _plain(value) -> float:
    """Return a whole number where it is one."""
    return int(value) if float(value) % 1 == 0 else float(value)


def _area(figures: pd.DataFrame) -> str:
    return next(iter(figures.loc[figures["level"] == "area", "unit"]), "")


def _before(units: pd.DataFrame, since: str, as_of: str) -> tuple[dict[str, list[str]], set[str]]:
    """Return for each unit in force today the units of the earlier date that are in it now, and
    the units that are the same: a code may mean another unit when its line of the list has ended.
    """
    then, ends = units_on(since, units), became(units, since, as_of)
    found = {code: [] for code in units_on(as_of, units).index}
    for code, homes in ends.items():
        if len(homes) == 1:  # nobody knows how much of a divided unit each of its parts has
            found[homes[0]].append(code)
    same = {code for code in ends if not "" < then.at[code, "valid_to"] < as_of}
    return found, same


class _Moves:
    """The households that came and left between the dates, by official form 2 or 3."""

    def __init__(self, moves: dict[str, pd.DataFrame], since: str, as_of: str):
        self.same_year = since[:4] == as_of[:4]
        self.known = self.same_year or since == year_end_before(as_of)
        self.flows = {
            (form, date): _flows(frame[frame["as_of"] == date])
            for form, frame in moves.items()
            for date in (since, as_of)
        }
        self.since, self.as_of = since, as_of

    def of(self, indicator: Indicator, unit: str, codes: list[str], real) -> dict | None:
        """Return who came and who left, where the form tells the whole of the change, `real`.

        The forms of a year count from its start: between two dates of it lies their difference.
        """
        form = _form(indicator)
        if not self.known or form is None:
            return None
        now, then = self.flows[form, self.as_of], self.flows[form, self.since]
        earlier = [then.get(one, (0, 0)) for one in codes] if self.same_year else []
        came, left = (now.get(unit, (0, 0))[way] - sum(one[way] for one in earlier)
                      for way in (0, 1))  # fmt: skip
        sign = -1 if indicator.kind == "reduction" else 1  # counts how many fewer there are
        parts = {"moved_in": sign * came, "moved_out": -sign * left}
        return parts if sum(parts.values()) == real else None


def _flows(rows: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Return how many households came and how many left by unit."""
    came, left = (rows.filter(regex=f"^{way}_").sum(axis=1) for way in ("in", "out"))
    return dict(zip(rows["unit"], zip(map(int, came), map(int, left), strict=True), strict=True))


def _form(indicator: Indicator) -> str | None:
    """Return the form whose households an indicator counts; None where it counts others."""
    count = indicator.numerator
    if count.table != "households" or count.sum or count.any or set(count.where) != {"status"}:
        return None
    groups = {STATUS_GROUP.get(one) for one in count.where["status"]}
    form = groups.pop() if len(groups) == 1 else None
    return form if form in MOVEMENT else None
