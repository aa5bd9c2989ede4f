"""Breakdowns of the register by group and by village, with what must not be told left out.

A unit's totals are published, so a hidden number must not follow from them by subtraction, nor from
what the marks tell; every chart, table and file takes its breakdowns from here, so that they hide
the same cells.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sonla_analysis.definitions.input_columns import POOR
from sonla_analysis.definitions.plan import Count, Plan
from sonla_analysis.indicators.comparison import wilson_interval
from sonla_analysis.indicators.disclosure import MINIMUM, hidden_cells, small
from sonla_analysis.indicators.measure import decided
from sonla_analysis.indicators.poverty import STATUS_GROUP
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import sort_key

GROUPINGS = ("ethnicity", "head_sex", "area")
STATES = ("poor", "near_poor")
MARKED = [f"{group}_mark" for group in STATES]  # the columns that say what is told of villages
OWN_GROUP = 10  # an ethnic group with fewer register households in the area is not named
MOST_RESULTS, MOST_GROUPS = 6, 5


@dataclass(frozen=True)
class Result:
    """A share that can be worked out for a group of households: its name and what is counted."""

    id: str
    name: dict
    numerator: Count
    denominator: Count


def divisible(plan: Plan) -> list[Result]:
    """Return the plan's shares of households or their members, and who left poverty.

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> [one.id for one in divisible(load_plan())][-1]
    'left_poverty'
    """
    shares = _of_plan(plan, ["share"])
    name = {language: phrase("gaps.left_poverty", language) for language in ("vi", "en")}
    start = {"start_status": POOR}
    left = start | {"status": ("near_poor", "newly_escaped", "not_poor")}
    counts = Count("households", left), Count("households", start)
    return [*shares[: MOST_RESULTS - 1], Result("left_poverty", name, *counts)]


def group_tables(
    rows: dict, plan: Plan, units: list[str], named: list[str], *before, protect: bool = True
) -> list:
    """Return what `group_cells` takes a unit's line from: worked out once for all units.

    `rows` holds the whole area's households and members on the date, `units` are all its wards and
    communes, `named` the ethnic groups that have a name of their own (`named_groups`). `before` are
    the units and the tables of the last date of an earlier year, and of this year's dates in former
    units. A table is (grouping, groups, result, numerator, denominator, hidden), the last three
    units (the area last) by groups. Without `protect` nothing is hidden.
    """
    unit_of = {table: _unit_codes(one["unit"], units) for table, one in rows.items()}
    home_of = {table: pd.factorize(one["household"])[0] for table, one in rows.items()}
    results = [*divided(plan), *_populations(plan)]
    marked = [_marked(one, rows[one.denominator.table], unit_of, home_of) for one in results]
    tables = []
    for grouping in ("total", *GROUPINGS, "sex"):
        source = rows["members" if grouping == "sex" else "households"]
        names = _group_names(source, grouping, named)
        known = {name: one for name, one in rows.items() if grouping == "total" or grouping in one}
        group_of = {table: _group_codes(one, grouping, names) for table, one in known.items()}
        counts, shape = {}, (len(units), len(names))
        for one, masks in zip(results, marked, strict=True):
            if (table := one.denominator.table) in known:
                counts[one.id] = [_table(m, unit_of[table], group_of[table], shape) for m in masks]
        of_grouping = [one for one in results if one.id in counts]
        open_ = not protect or grouping == "total"
        if open_ or _follows_units(rows["households"], grouping):
            hidden = {name: np.zeros_like(reached, bool) for name, (reached, *_) in counts.items()}
        else:
            old = [_hidden_before(*one, grouping, names, units) for one in before if one]
            hidden = _hidden_results(of_grouping, counts, old)
        tables += [(grouping, names, one, *counts[one][:2], hidden[one]) for one in counts]
    return tables


def divided(plan: Plan) -> list[Result]:
    """Return every share or count of the plan that can be divided, and who left poverty."""
    of_plan = _of_plan(plan, ["share", "count"])
    known = {one.id for one in of_plan}
    return [*of_plan, *(one for one in divisible(plan) if one.id not in known)]


def _of_plan(plan: Plan, kinds: list[str]) -> list[Result]:
    """Return the plan's figures of these kinds that count households, or persons, only."""
    return [
        Result(one.id, one.short, one.numerator, one.denominator or one.numerator)
        for one in plan.indicators
        if one.kind in kinds
        and {count.table for count in one.counts} in ({"households"}, {"members"})
    ]


def _populations(plan: Plan) -> list[Result]:
    """Return, for each result that starts from the start of the year, the same households now.

    What a group lost and gained in the year is not published; but a unit's total is (official
    form 2), and where nobody came or went off the list the two numbers tell each other.
    """
    now = {}
    for one in divided(plan):
        who = _population(one.denominator)
        if _starts_from_start(one) and who not in now:
            where = one.denominator.where
            status = {"status": where.get("status", where["start_status"])}
            rest = {name: allowed for name, allowed in where.items() if name != "start_status"}
            count = Count(one.denominator.table, rest | status)
            now[who] = Result(f"now_{len(now)}", {}, count, count)
    return list(now.values())


def _starts_from_start(result: Result) -> bool:
    return "start_status" in result.denominator.where


def _population(count: Count) -> frozenset:
    """Return who is counted, whether now or at the start of the year.

    >>> poor = Count("households", {"start_status": ("poor_income", "poor_deprivation")})
    >>> _population(poor) == _population(Count("households", {"status": ("poor",)}))
    True
    """
    where = {name: one for name, one in count.where.items() if "status" not in name}
    statuses = count.where.get("status", count.where.get("start_status", ()))
    return frozenset({**where, "status": frozenset(map(STATUS_GROUP.get, statuses))}.items())


def _hidden_results(results: list[Result], counts: dict, before: list) -> dict[str, np.ndarray]:
    """Return the hidden cells of each result; what one table hides no other one may tell.

    Results of the same households share the cells in which their number is hidden. Those that
    start from the start of the year are hidden together with the households now, and wherever the
    last year hid them: its end is this year's start.
    """
    together, hidden = {}, {}
    for one in results:
        who = one.denominator.table, _population(one.denominator)
        together.setdefault(who, []).append(one)
    for same in together.values():
        base = _hidden_numbers(same, counts, before) if len(same) > 1 else None
        for one in same:
            hidden[one.id] = base
            if not _moving(one):
                also, room = False if base is None else base, _room(one, results, counts)
                hidden[one.id] = hidden_cells([_as_counts(*counts[one.id])], also, [base], room)
    return hidden


def _hidden_numbers(same: list[Result], counts: dict, before: list) -> np.ndarray:
    """Return the cells of the same households, at the start and now, whose number is hidden.

    The start's number stays the same all year, so it is hidden for the same reasons all year, and
    it is known wherever the last year told it, or former units earlier this year.
    """
    start, opened = np.zeros_like(counts[same[0].id][1], dtype=bool), None
    for one in filter(_starts_from_start, same):
        old = [hidden[one.id] for hidden in before if one.id in hidden]
        also = np.logical_or.reduce([start, *old])
        start = hidden_cells([_number_counted(*counts[one.id])], also)
        opened = np.logical_and.reduce([start, *old])
    tables = [(one, _number_counted(*counts[one.id])) for one in same]
    tables += [(one, _as_counts(*counts[one.id])) for one in same if _moving(one)]
    open_counts = [opened if _starts_from_start(one) else None for one, _ in tables]
    return hidden_cells([cells for _, cells in tables], start, open_counts)


def _moving(result: Result) -> bool:
    """Whether a result tells who came on or went off the list since the start of the year."""
    return result.id.startswith("now_") or _starts_from_start(result)


def _room(result: Result, results: list[Result], counts: dict) -> np.ndarray:
    """Return where a result could count one more: fewer than every wider number of households."""
    among = counts[result.id][1]
    room = np.ones_like(among, dtype=bool)
    for one in results:
        if _narrower(result.denominator, one.denominator):
            room &= among < counts[one.id][1]
    return room


def _narrower(one: Count, other: Count) -> bool:
    """Whether a count is of some of those whom another one counts."""
    return (
        one.table == other.table
        and _population(one) != _population(other)
        and all(
            name in one.where and (one.where[name] == allowed or _some_of(one.where[name], allowed))
            for name, allowed in other.where.items()
        )
    )


def _some_of(part, whole) -> bool:
    return isinstance(part, tuple) and isinstance(whole, tuple) and set(part) <= set(whole)


def _number_counted(reached: np.ndarray, among: np.ndarray, homes: np.ndarray) -> tuple:
    return among, among, homes


def _as_counts(reached: np.ndarray, among: np.ndarray, homes: np.ndarray) -> tuple:
    """Return a result's counts; what was reached is a count of its own where it may be more."""
    return (reached, among, homes) if (reached <= among).all() else (reached, reached, homes)


def _hidden_before(old_units, tables, grouping: str, names: list[str], units: list[str]) -> dict:
    """Return, for each result, the cells that an earlier date hid; unnamed groups are other."""
    found = {}
    for old_grouping, old_names, result, _, _, was in tables:
        if old_grouping == grouping:
            now = [old if old in (*names, "blank") else "other" for old in old_names]
            hidden = pd.DataFrame(was.T, now, [*old_units, "area"]).groupby(level=0).any().T
            hidden = hidden.reindex([*units, "area"], columns=names, fill_value=False)
            found[result] = hidden.to_numpy(bool)
    return found


def named_groups(registers: list[pd.DataFrame], *, every: bool = False) -> list[str]:
    """Return the ethnic groups that are named, largest first; the others are one group.

    `registers` are the whole area's households on each date so far. A group is named that had
    `OWN_GROUP` households on every date: were the same households "others" on one date and named
    on another, the two tables would tell a third number. With `every` all that occur are named.

    >>> named_groups([pd.DataFrame({"ethnicity": ["Thái"] * 12 + ["Kinh"] * 9})])
    ['Thái']
    """
    sizes = [one["ethnicity"].value_counts() for one in registers]
    first = sorted(sizes[0].index, key=lambda name: (-sizes[0][name], sort_key(name)))
    if every:
        last = sizes[-1][sizes[-1] > 0]
        return sorted(last.index, key=lambda name: (-last[name], sort_key(name)))
    kept = [name for name in first if sizes[0][name] >= OWN_GROUP][:MOST_GROUPS]
    return [name for name in kept if all(one.get(name, 0) >= OWN_GROUP for one in sizes)]


def open_cells(rows: dict, plan: Plan, units: list[str], named: list[str]) -> dict:
    """Return, by grouping and result, the cells of which blanks leave open who is counted.

    Units (the area last) by groups, as in `group_tables`; a result that no blank touches has none.
    """
    found, known = {}, {}
    for one in divisible(plan):
        frame = rows[one.denominator.table]
        among, may_be = decided(frame, one.denominator, known.setdefault(one.denominator.table, {}))
        unknown = decided(frame, one.numerator, known[one.denominator.table])[1]
        if not (blank := (among & unknown) | may_be).any():
            continue
        unit_of = _unit_codes(frame["unit"], units)
        for grouping in ("total", *(name for name in GROUPINGS if name in frame)):
            names = _group_names(rows["households"], grouping, named)
            places = _group_codes(frame, grouping, names)
            found[grouping, one.id] = _table(blank, unit_of, places, (len(units), len(names))) > 0
    return found


def group_cells(
    tables: list[tuple], place: int | None = None, left_open: dict | None = None
) -> pd.DataFrame:
    """Return one row per grouping, group and result of a unit; hidden numbers are missing.

    `tables` comes from `group_tables`, `place` is the unit's among its units; without one the whole
    area is meant. `left_open` are `open_cells`: a blank is neither reached nor not, so their
    numbers are missing too.

    Columns: grouping, group, result, numerator, denominator, hidden, open, value (percent), lower
    and upper (Wilson, 95 %). The groupings `total` and `area_total` hold the published totals of
    the unit and of the whole area.
    """
    parts, left_open = [], left_open or {}
    for grouping, names, result, *cells in tables:
        if grouping == "area" and place is not None:  # a unit is urban or rural as a whole
            continue
        cells.append(left_open.get((grouping, result), np.zeros_like(cells[-1])))
        parts += _unit_rows(grouping, names, result, cells, -1 if place is None else place)
        if grouping == "total" and place is not None:
            parts += _unit_rows("area_total", names, result, cells, -1)
    return _measured(pd.DataFrame(parts, columns=_CELL))


def _unit_codes(column: pd.Series, units: list[str]) -> np.ndarray:
    """Return the place of each row's unit among the units, -1 where it is none of them."""
    codes, found = pd.factorize(column)
    places = {unit: place for place, unit in enumerate(units)}
    return np.array([places.get(unit, -1) for unit in found] or [-1], dtype="int64")[codes]


_CELL = ["grouping", "group", "result", "numerator", "denominator", "hidden", "open"]


def _unit_rows(grouping, names, result, cells, place) -> list[tuple]:
    """Return one unit's line of a table as rows of cells."""
    counts = [one[place].tolist() for one in cells]
    return [(grouping, name, result, *one) for name, *one in zip(names, *counts, strict=True)]


def _marked(result: Result, frame: pd.DataFrame, unit_of: dict, home_of: dict) -> list[np.ndarray]:
    """Return which rows a result counts as reached, among which, and one of these per household.

    A group of persons may be a single household.
    """
    known = {}
    counts = result.numerator, result.denominator
    reached, among = (decided(frame, count, known)[0] for count in counts)
    table, rows = result.denominator.table, np.flatnonzero(among)
    homes = unit_of[table][rows] * (home_of[table].max(initial=0) + 1) + home_of[table][rows]
    first = np.zeros_like(among)
    first[rows[np.unique(homes, return_index=True)[1]]] = True
    return [reached, among, first]


def _group_names(households: pd.DataFrame, grouping: str, named: list[str]) -> list[str]:
    """Return a grouping's groups, largest first; ethnic groups that are not named are one."""
    if grouping == "total":
        return [""]
    sizes = households[grouping].value_counts(dropna=False)
    sizes = {("blank" if pd.isna(name) else name): n for name, n in sizes.items()}
    order = sorted(sizes, key=lambda name: (name == "blank", -sizes[name], sort_key(name)))
    if grouping != "ethnicity":
        return order
    others = [name for name in order if name not in (*named, "blank")]
    return [*named, *(["other"] if others else []), *(["blank"] if "blank" in sizes else [])]


def _group_codes(frame: pd.DataFrame, grouping: str, names: list[str]) -> np.ndarray:
    """Return the place of each row's group among the names."""
    if grouping == "total":
        return np.zeros(len(frame), dtype="int64")
    codes, found = pd.factorize(frame[grouping], use_na_sentinel=False)
    places = {name: place for place, name in enumerate(names)}
    other = places.get("other", places.get("blank", 0))
    of_found = [places.get("blank" if pd.isna(name) else name, other) for name in found]
    return np.array(of_found, dtype="int64")[codes]


def _table(mask: np.ndarray, unit_of, group_of, shape: tuple[int, int]) -> np.ndarray:
    """Return the marked rows by unit (the area last) and group."""
    chosen = mask & (unit_of >= 0)
    units, groups = shape
    cells = np.bincount(unit_of[chosen] * groups + group_of[chosen], minlength=units * groups)
    cells = cells.reshape(shape)
    return np.vstack([cells, cells.sum(axis=0)])


def _follows_units(households: pd.DataFrame, grouping: str) -> bool:
    """Urban and rural are sums of whole units, whose numbers are published: nothing to hide."""
    if grouping != "area":
        return False
    return households.groupby("unit", observed=True)["area"].nunique(dropna=False).max() <= 1


def _measured(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with value and interval where they may be told."""
    untold = cells["hidden"] | cells["open"]
    numbers = cells[["numerator", "denominator"]].astype("Int64").mask(untold)
    total = numbers["denominator"].astype("float64").replace(0, np.nan)
    value = numbers["numerator"].astype("float64") / total * 100
    lower, upper = wilson_interval(numbers["numerator"], total)
    return cells.assign(**numbers, value=value, lower=lower, upper=upper)


def folded(frame: pd.DataFrame, named: list[str]) -> pd.DataFrame:
    """Return the rows with the ethnic groups that have no name of their own as `other`."""
    known = frame["ethnicity"].isna() | frame["ethnicity"].isin(named)
    return frame.assign(ethnicity=frame["ethnicity"].where(known, "other"))


def hidden_deprivations(near_poor: pd.DataFrame, names: list[str], units: list[str]):
    """Return which numbers of near-poor households that lack something may not be told.

    Official form 4 tells them of poor households only. A row is a unit (the last one "area"), a
    column a deprivation; how many near-poor households there are is published, so the area's
    number is a unit's total over these.
    """
    place = _unit_codes(near_poor["unit"], units)
    among = np.bincount(place[place >= 0], minlength=len(units))
    hidden = pd.DataFrame(False, index=[*units, "area"], columns=names)
    for name in names:
        lacking = near_poor[name].fillna(False).to_numpy(bool) & (place >= 0)
        reached = np.bincount(place[lacking], minlength=len(units))
        whole, total = reached.sum(), among.sum()
        area = small(whole) | small(total - whole) | small(total)
        cells = small(reached) | small(among - reached) | small(among)
        if not area:  # the area's number is told, so the units' must not follow from it
            table = np.vstack([reached, reached]), np.vstack([among, among])
            cells = hidden_cells([table], open_counts=[False], area=False)[0]
        hidden[name] = [*cells, area]
    return hidden


# --- villages ----------------------------------------------------------------------------


def village_counts(households: pd.DataFrame) -> pd.DataFrame:
    """Return every village in the register with its poor and near-poor households.

    >>> village_counts(pd.DataFrame({"unit": "u", "village": ["Bản Bó", "Bản Bó", "Bản Cọ"],
    ...     "status": ["poor_income", "near_poor", "newly_escaped"]})).values.tolist()
    [['u', 'Bản Bó', 1, 1], ['u', 'Bản Cọ', 0, 0]]
    """
    counted = pd.DataFrame(
        {
            "unit": households["unit"].astype("str"),
            "village": households["village"].astype("str").fillna(""),
            "poor": households["status"].isin(POOR),
            "near_poor": households["status"] == "near_poor",
        }
    )
    return counted.groupby(["unit", "village"], as_index=False)[list(STATES)].sum()


def village_cells(registers: list[pd.DataFrame], told=None) -> pd.DataFrame:
    """Return the villages of the last register, with marks in place of what must not be told.

    `registers` are the households of the same units on each date so far, `told` for each of them
    what former units told of their villages (`merged_breakdowns.at_home`); None where they had
    ended. Columns: unit, village, and for `poor` and `near_poor` the number (missing where hidden)
    and its `…_mark`: "" (the number itself), `few` (1 to 4), `many` (5 or more), `hidden` (nothing
    is told, not even whether it is zero).
    """
    cells, moves = village_counts(registers[-1]), [_moves(one) for one in registers]
    told = [{} if one is None else _by_unit(one) for one in told or [None] * len(registers)]
    marks = {unit: _unit_marks(moves, told, unit) for unit in cells["unit"].unique()}
    for group in STATES:
        places = zip(cells["unit"], cells["village"], strict=True)
        cells[f"{group}_mark"] = [marks[unit][group][village] for unit, village in places]
        cells[group] = cells[group].astype("Int64").mask(cells[f"{group}_mark"] != "")
    return cells


def whole_village_cells(register: pd.DataFrame) -> pd.DataFrame:
    """Return `village_cells` in which every number is told."""
    cells = village_counts(register)
    return cells.assign(
        **dict.fromkeys(MARKED, ""), **{one: cells[one].astype("Int64") for one in STATES}
    )


def hidden_villages(rows: dict, result: Result, cells: pd.DataFrame) -> dict[str, bool]:
    """Return of which villages of a unit a result may not be told; `cells` are `village_cells`.

    `rows` are the unit's households and members. What the chart of villages hides of poor or of
    near-poor households stays hidden in a result that is counted among them.
    """
    frame, names = rows[result.denominator.table], cells["village"].tolist()
    none = {table: np.zeros(len(one), dtype="int64") for table, one in rows.items()}
    homes = {table: pd.factorize(one["household"])[0] for table, one in rows.items()}
    places = {name: place for place, name in enumerate(names)}
    villages = frame["village"].astype("str").fillna("").map(places).to_numpy("int64")
    counts = [
        _table(mask, none[result.denominator.table], villages, (1, len(names)))
        for mask in _marked(result, frame, none, homes)
    ]
    who, base = dict(_population(result.denominator)), None
    for group, mark in zip(STATES, MARKED, strict=True):
        if result.denominator.table == "households" and who["status"] == {group}:
            base = np.vstack([cells[mark] != "", np.ones(len(names), dtype=bool)])
    also = False if base is None else base
    hidden = hidden_cells([_as_counts(*counts)], also, [base], area=False)
    return dict(zip(names, hidden[0].tolist(), strict=True))


def _by_unit(cells: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {unit: rows.set_index("village") for unit, rows in cells.groupby("unit")}


def _moves(register: pd.DataFrame) -> dict:
    """Return unit → (year, village → (status at the start, now) → households)."""
    start, now = (
        register[name].astype("str").map(STATUS_GROUP) for name in ("start_status", "status")
    )
    villages = register["village"].astype("str").fillna("")
    moves = {}
    columns = register["as_of"], register["unit"], villages, start, now
    for date, unit, village, *move in zip(*columns, strict=True):
        _, of_unit = moves.setdefault(unit, (date[:4], {}))
        of_unit.setdefault(village, Counter())[tuple(move)] += 1
    return moves


def _unit_marks(moves: list[dict], told: list[dict], unit: str) -> dict[str, dict[str, str]]:
    """Return, for poor and near-poor, the mark of each of a unit's villages on the last date.

    On each date in turn: the marks that the date alone demands ("" tells the number), or `hidden`
    throughout where they and what was told before would leave a number of 1 to 4 no choice; where
    that is not enough, both are hidden: who left one list may have come on the other. What former
    units told stays as they told it.
    """
    dates = {group: [] for group in STATES}
    here = zip(moves, told, strict=True)
    for year, of_unit, was in ((*one[unit], was.get(unit)) for one, was in here if unit in one):
        for group, so_far in dates.items():
            so_far.append(_Date(year, dict(sorted(of_unit.items())), group, was))
        if was is not None:
            continue
        for so_far in dates.values():
            before = _stuck(so_far[:-1])
            if _stuck(so_far) - before:
                so_far[-1].hide()
                if _stuck(so_far) - before:
                    for one in dates.values():
                        one[-1].hide()
    return {group: so_far[-1].marks for group, so_far in dates.items()}


class _Date:
    """A unit's villages on a date: what is told of them, and how their numbers came about."""

    def __init__(self, year: str, moves: dict[str, Counter], group: str, told=None):
        self.year, self.villages = year, list(moves)
        self.former = {} if told is None else told["former"].to_dict()
        self.numbers = {
            village: sum(n for (_, now), n in of_village.items() if now == group)
            for village, of_village in moves.items()
        }
        self.stayed = {village: of_village[group, group] for village, of_village in moves.items()}
        if told is None:
            marks = hiding_marks(list(self.numbers.values()))
            self.marks = dict(zip(self.villages, marks, strict=True))
        else:
            marks = told[f"{group}_mark"].to_dict()
            self.marks = {village: marks.get(village, "hidden") for village in moves}
        # moves of which the other list, poor or near-poor, knows nothing: those who came, who left
        self.came, self.left = {}, {}
        for village, of_village in moves.items():
            for (start, now), n in of_village.items():
                if now == group and start not in STATES:
                    self.came.setdefault(start, Counter())[village] += n
                if start == group and now not in STATES:
                    self.left.setdefault(now, Counter())[village] += n

    def hide(self) -> None:
        """Tell nothing of any village."""
        self.marks = dict.fromkeys(self.marks, "hidden")

    def may_be(self, village: str, change: int) -> bool:
        """Whether what is told of a village leaves it so many more."""
        mark = self.marks.get(village)
        if not mark:
            return False
        number = self.numbers[village] + change
        low, high = {"few": (1, MINIMUM - 1), "many": (MINIMUM, number)}.get(mark, (0, number))
        return low <= number <= high

    def shifted(self, more: str, fewer: str) -> bool:
        """Whether one household could live in another village; each former unit's sum is told."""
        same = self.former.get(more) == self.former.get(fewer)
        return same and self.may_be(more, 1) and self.may_be(fewer, -1)

    def moved(self, more: str, fewer: str, *, stay: bool = True) -> bool:
        """Whether a move in the year could have been the other village's, as form 2 has it."""
        enough = not stay or self.stayed[fewer] > 0
        return any(one[fewer] for one in self.came.values()) or (
            enough and any(one[more] for one in self.left.values())
        )


def _stuck(dates: list[_Date]) -> set[tuple[int, str]]:
    """Return where a hidden number of 1 to 4, on any date so far, could not be another one."""
    return {
        (place, village)
        for place, date in enumerate(dates)
        for village, mark in date.marks.items()
        if mark
        and small(date.numbers[village])
        and not any(
            _free(dates, place, *pair)
            for other in date.villages
            if other != village
            for pair in ((village, other), (other, village))
        )
    }


def _free(dates: list[_Date], place: int, more: str, fewer: str, with_date=None) -> bool:
    """Whether a household of one village could be another's on a date, all else being true.

    A move within the year can have been in either village; or the household was in the other one
    at the end of last year already, or, where that is not known, all along. What is the end of a
    year is the next one's start: the dates of that year shift as well (`with_date` must), or a
    move makes up for it.
    """
    date = dates[place]
    if not (date.shifted(more, fewer) and _taken_on(dates, place, more, fewer, with_date)):
        return False
    if date.moved(more, fewer):
        return True
    earlier = [at for at, one in enumerate(dates) if one.year < date.year]
    if earlier:
        return _free(dates, earlier[-1], more, fewer, place)
    others = [one for one in dates if one.year == date.year and one is not date]
    return date.stayed[fewer] > 0 and all(one.moved(fewer, more, stay=False) for one in others)


def _taken_on(dates: list[_Date], place: int, more: str, fewer: str, with_date=None) -> bool:
    """Whether the dates of the next year can start from the changed end of this one."""
    years = [one.year for one in dates]
    if years[place] in years[place + 1 :] or place == len(dates) - 1:
        return True
    following = years[place + 1]
    for at, one in enumerate(dates):
        if one.year != following:
            continue
        shifts = one.shifted(more, fewer) and _taken_on(dates, at, more, fewer)
        if not (shifts or (at != with_date and one.moved(fewer, more, stay=False))):
            return False
    return True


def hiding_marks(counts: list[int]) -> list[str]:
    """Return the mark of each number of a column whose total is published.

    1 to 4 become `few`. With p of them, together n, a reader who subtracts and uses the ranges
    still finds all of 1 to 4 possible for each when p + 3 ≤ n ≤ 4p − 3; otherwise one larger
    number that blurs enough becomes `many`, and where there is none the column is `hidden`.

    >>> hiding_marks([12, 3, 2, 2, 0])
    ['', 'few', 'few', 'few', '']
    >>> hiding_marks([12, 6, 3]), hiding_marks([1, 1, 0])
    (['', 'many', 'few'], ['hidden', 'hidden', 'hidden'])
    """
    marks = ["few" if 0 < n < MINIMUM else "" for n in counts]
    few = [n for n in counts if 0 < n < MINIMUM]
    lacking = len(few) + MINIMUM - 2 - sum(few)
    if not few or (lacking <= 0 and sum(few) <= (MINIMUM - 1) * len(few) - MINIMUM + 2):
        return marks
    larger = [(n, place) for place, n in enumerate(counts) if n >= MINIMUM + max(lacking, 0)]
    if not larger:
        return ["hidden"] * len(counts)
    marks[min(larger)[1]] = "many"
    return marks
