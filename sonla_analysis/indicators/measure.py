"""Tables and a plan become observations: what was counted, of how many, and whether it is known.

An observation is one indicator of one unit at one date. Counts are summed first and divided
last, so the city's row is the sum of its units, never a mean of their rates.
"""

import numpy as np
import pandas as pd

from sonla_analysis.errors import UsageError
from sonla_analysis.plan import Count, Indicator, Plan, Range
from sonla_analysis.tables import COLUMNS
from sonla_analysis.text import refuse
from sonla_analysis.units import units_on

OBSERVED = ["indicator", "numerator", "denominator", "value", "unknown", "state"]
GROUPS = ("village", "ethnicity", "head_sex", "area", "sex")


def measure(tables, plan: Plan, as_of: str | None = None, by=("unit",)) -> pd.DataFrame:
    """Return the observations of every unit and of the whole area, for one date or all.

    Columns: as_of, unit, level (`unit` or `city`), the group columns of `by`, indicator,
    numerator, denominator, value (percent 0–100 for shares), unknown (rows that could not be
    decided because a cell is blank), state:

    - `reported`; `not_reported`: nobody answered, counts are missing;
    - `not_applicable`: the denominator is truly empty, so there is no rate;
    - `incomplete`: only for the area: some unit has not reported, the counts are of the others.

    Indicators whose tables have no such group column are left out of a breakdown.

    >>> import sonla_analysis as sonla
    >>> tables = sonla.load_tables(sonla.tables.sample_folder())
    >>> observed = measure(tables, sonla.load_plan(), as_of="2020-12-31")
    >>> city = observed.query("unit == '116' and indicator == 'poor_household_rate'")
    >>> units = observed.query("level == 'unit' and indicator == 'poor_household_rate'")
    >>> bool(city["numerator"].item() == units["numerator"].sum())
    True
    """
    groups = _checked_groups(by)
    if as_of is not None:
        tables = tables | {name: _on(tables[name], as_of) for name in COLUMNS if name in tables}
    answered = _answered(tables, plan)
    observed = _with_area(answered, [], tables)
    if groups:
        divisible = [one for one in plan.indicators if _can_split(one, groups)]
        silent = observed[observed["state"].isin(["not_reported", "incomplete"])]
        split = _split(_tally(tables, divisible, groups), answered, plan)
        observed = _still_incomplete(_with_area(split, groups, tables), silent)
    if "village" in groups:  # "Tổ 1" of one ward is not "Tổ 1" of another
        observed = observed[observed["level"] == "unit"]
    if "unit" not in by:
        observed = observed[observed["level"] == "city"]
    return _ordered(observed, plan, groups)


def review_dates(tables) -> list[str]:
    """Return the dates for which units have reported their counts, oldest first."""
    return sorted(tables["unit_counts"]["as_of"].dropna().unique())


def area_of(tables, date: str) -> str:
    """Return the code of the whole area: the deepest unit that all reporting units lie in.

    >>> from sonla_analysis.units import load_units
    >>> area_of({"units": load_units(), "unit_counts": pd.DataFrame({
    ...     "as_of": ["2020-12-31"] * 2, "unit": ["03646", "03679"]})}, "2020-12-31")
    '116'
    """
    in_force = units_on(date, tables["units"])
    counts = tables["unit_counts"]
    codes = set(counts.loc[counts["as_of"] == date, "unit"]) & set(in_force.index)
    codes = codes or set(in_force.index)
    while True:
        parents = {in_force.loc[code, "parent"] for code in codes} - {""}
        parents = {code for code in parents if code in in_force.index}
        if len(parents) <= 1:
            return parents.pop() if parents else sorted(codes)[0]
        codes = parents


def leaf_units(tables, date: str) -> pd.DataFrame:
    """Return the units below the area that have no units of their own, in the order of the list."""
    in_force = units_on(date, tables["units"])
    below, frontier = [], {area_of(tables, date)}
    while frontier:
        children = in_force[in_force["parent"].isin(frontier)]
        below += list(children.index[~children.index.isin(in_force["parent"])])
        frontier = set(children.index) - set(below)
    return in_force[in_force.index.isin(below)]


# --- counting ----------------------------------------------------------------------------


def _tally(tables, indicators, groups: list[str]) -> pd.DataFrame:
    """Return one row per indicator, date, unit and group: numerator, denominator and unknowns."""
    wanted = {}
    for indicator in indicators:
        for part in ("numerator", "denominator"):
            if count := getattr(indicator, part):
                wanted.setdefault(count.table, []).append((indicator.id, part, count))
    parts = [
        tally_table(tables[table], counts, ["as_of", "unit", *groups])
        for table, counts in wanted.items()
    ]
    long = pd.concat(parts, ignore_index=True)
    keys = ["indicator", "as_of", "unit", *groups]
    wide = long.set_index([*keys, "part"])[["count", "unknown"]].unstack("part")
    wide.columns = [part if what == "count" else f"{part}_unknown" for what, part in wide.columns]
    return wide.reset_index()


def tally_table(frame: pd.DataFrame, counts: list, keys: list[str]) -> pd.DataFrame:
    """Return the counts of one table, one row per key and (indicator, part), zeros kept.

    `counts` lists (indicator id, part, `Count`). Unknown is the number of rows whose cells do
    not decide whether they are counted.
    """
    codes, index = _grouped(frame, keys)
    known_conditions, tallies = {}, []
    for indicator, part, count in counts:
        true, unknown = _decided(frame, count, known_conditions)
        weights, blank = None, unknown
        if count.sum:
            column = frame[count.sum]
            weights = column.to_numpy("float64", na_value=0)[true]
            blank = unknown | (true & column.isna().to_numpy())
        total = np.bincount(codes[true], weights, minlength=len(index))
        doubt = np.bincount(codes[blank], minlength=len(index))
        names = {"indicator": indicator, "part": part, "count": total, "unknown": doubt}
        tallies.append(index.assign(**names))
    return pd.concat(tallies, ignore_index=True)


def _grouped(frame: pd.DataFrame, keys: list[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Return each row's group number, and the table of the groups."""
    code = np.zeros(len(frame), dtype="int64")
    levels = []
    for key in keys:
        part, level = pd.factorize(frame[key], use_na_sentinel=False)
        levels.append(pd.Series(level).astype("str"))
        code = code * max(len(level), 1) + part
    code, present = pd.factorize(code)
    columns = {}
    for key, level in zip(reversed(keys), reversed(levels), strict=True):
        columns[key] = level.to_numpy()[present % max(len(level), 1)]
        present = present // max(len(level), 1)
    return code, pd.DataFrame({key: columns[key] for key in keys}).astype("str")


def _decided(frame, count: Count, known: dict) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows satisfy every condition, and for which it cannot be said."""
    true = np.ones(len(frame), dtype=bool)
    false = np.zeros(len(frame), dtype=bool)
    for column, condition in count.where.items():
        if (column, condition) not in known:
            known[column, condition] = _satisfies(frame[column], condition)
        satisfied, blank = known[column, condition]
        true &= satisfied
        false |= ~satisfied & ~blank
    return true, ~true & ~false


def _satisfies(column: pd.Series, condition) -> tuple[np.ndarray, np.ndarray]:
    """Return where the condition holds, and where the cell is blank."""
    blank = column.isna().to_numpy()
    if isinstance(condition, Range):
        low = -np.inf if condition.min is None else condition.min
        high = np.inf if condition.max is None else condition.max
        return column.between(low, high).to_numpy(bool, na_value=False), blank
    if isinstance(column.dtype, pd.BooleanDtype) and condition in ((True,), (False,)):
        satisfied = column.to_numpy(bool, na_value=not condition[0])
        return satisfied if condition[0] else ~satisfied, blank
    return column.isin(condition).to_numpy(bool), blank


# --- what the counts say -----------------------------------------------------------------


def _answered(tables, plan: Plan) -> pd.DataFrame:
    """Return one row for every date, unit in force and indicator, with its state."""
    indicators = pd.DataFrame({"indicator": [one.id for one in plan.indicators]})
    grid = [
        pd.DataFrame({"as_of": date, "unit": leaf_units(tables, date).index})
        for date in review_dates(tables)
    ]
    rows = pd.concat(grid).merge(indicators, how="cross")
    rows = rows.merge(
        _tally(tables, plan.indicators, []), on=["indicator", "as_of", "unit"], how="left"
    )
    counted = [name for name in rows if name.startswith(("numerator", "denominator"))]
    empty = _is_empty_register(rows, tables, plan)
    rows[counted] = rows[counted].mask(rows[counted].isna() & empty[:, None], 0)
    return _with_states(rows, plan)


def _is_empty_register(rows, tables, plan: Plan) -> np.ndarray:
    """A unit without register rows has an empty register only if it signed for zero households."""
    counts = tables["unit_counts"]
    if "poor_households" not in counts:
        return np.zeros(len(rows), dtype=bool)
    signed_zero = counts[(counts["poor_households"] == 0) & (counts["near_poor_households"] == 0)]
    keys = pd.MultiIndex.from_frame(signed_zero[["as_of", "unit"]])
    in_register = [
        one.id for one in plan.indicators if one.numerator.table in ("households", "members")
    ]
    here = pd.MultiIndex.from_frame(rows[["as_of", "unit"]]).isin(keys)
    return here & rows["indicator"].isin(in_register).to_numpy()


def _with_states(rows: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the rows with the kind applied, and with what is unknown told apart from zero."""
    kind = rows["indicator"].map({one.id: one.kind for one in plan.indicators})
    counted, reduced = kind == "count", kind == "reduction"
    is_sum = rows["indicator"].isin([one.id for one in plan.indicators if one.numerator.sum])
    number, total = rows["numerator"], rows["denominator"].mask(counted)
    doubt, doubt_total = rows["numerator_unknown"], rows["denominator_unknown"].fillna(0)
    absent = number.isna() | (total.isna() & ~counted)
    absent |= is_sum & ((doubt > 0) | (doubt_total > 0))  # a blank in a sum hides how much
    decided = total.where(~counted, number + doubt) - doubt
    absent |= ~is_sum & (doubt > 0) & (decided <= 0)  # not one row answered
    absent |= ~counted & (total == 0) & (doubt_total > 0)
    states = np.select(
        [absent, ~counted & (total == 0)], ["not_reported", "not_applicable"], "reported"
    )
    keys = [name for name in rows if not name.startswith(("numerator", "denominator"))]
    return rows[keys].assign(
        numerator=number.where(~reduced, total - number).mask(absent),
        denominator=total.mask(absent),
        unknown=doubt.mask(absent),
        state=states,
    )


def _split(tally: pd.DataFrame, answered: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the groups of the units that answered."""
    keys = ["as_of", "unit", "indicator"]
    known = answered.loc[answered["state"] != "not_reported", keys]
    return _with_states(tally.merge(known, on=keys), plan)


def _with_area(rows: pd.DataFrame, groups: list[str], tables) -> pd.DataFrame:
    """Return the units' rows and the area's: counts are summed first and divided last."""
    silent = rows["state"] == "not_reported"
    rows = rows.assign(silent=silent, counted=rows["denominator"].isna() & ~silent)
    grouped = rows.groupby(["as_of", "indicator", *groups], sort=False, dropna=False)
    area = grouped[["numerator", "denominator", "unknown"]].sum(min_count=1)
    some, every = grouped["silent"].any(), grouped["silent"].all()
    empty = (area["denominator"] == 0) & ~grouped["counted"].any()
    area["state"] = np.select(
        [every, some, empty], ["not_reported", "incomplete", "not_applicable"], "reported"
    )
    area = area.reset_index()
    codes = {date: area_of(tables, date) for date in area["as_of"].unique()}
    area = area.assign(unit=area["as_of"].map(codes), level="city")
    return pd.concat([rows.assign(level="unit"), area], ignore_index=True)


def _still_incomplete(observed: pd.DataFrame, silent: pd.DataFrame) -> pd.DataFrame:
    """Return the groups with the area's rows marked where some unit did not answer."""
    keys = ["as_of", "unit", "indicator"]
    marked = pd.MultiIndex.from_frame(silent.loc[silent["level"] == "city", keys])
    here = pd.MultiIndex.from_frame(observed[keys]).isin(marked)
    return observed.assign(state=observed["state"].mask(here, "incomplete"))


def _ordered(observed: pd.DataFrame, plan: Plan, groups: list[str]) -> pd.DataFrame:
    """Return the observations with their value, in the order dates, area, units, plan."""
    order = {one.id: place for place, one in enumerate(plan.indicators)}
    counted = observed["indicator"].isin([one.id for one in plan.indicators if one.kind == "count"])
    share = observed["numerator"] / observed["denominator"].where(observed["denominator"] != 0)
    observed = observed.assign(
        value=(share * 100).where(~counted, observed["numerator"]),
        place=observed["indicator"].map(order),
    )
    observed = observed.sort_values(["as_of", "level", "unit", *groups, "place"])
    for name in ("numerator", "denominator", "unknown"):
        if (observed[name].dropna() % 1 == 0).all():
            observed[name] = observed[name].astype("Int64")
    columns = ["as_of", "unit", "level", *groups, *OBSERVED]
    return observed[columns].reset_index(drop=True)


def _on(frame: pd.DataFrame, date: str) -> pd.DataFrame:
    return frame[frame["as_of"] == date]


def _checked_groups(by) -> list[str]:
    groups = [name for name in by if name != "unit"]
    for name in groups:
        if name not in GROUPS:
            raise UsageError(refuse("by", name, ("unit", *GROUPS)))
    return groups


def _can_split(indicator: Indicator, groups: list[str]) -> bool:
    counts = [count for count in (indicator.numerator, indicator.denominator) if count]
    return all(group in COLUMNS[count.table] for count in counts for group in groups)
