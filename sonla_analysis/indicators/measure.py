"""Tables and a plan become observations: what was counted, of how many, and whether it is known.

An observation is one indicator of one unit at one date. Counts are summed first and divided
last, so the city's row is the sum of its units, never a mean of their rates.
"""

from dataclasses import replace
from datetime import date as calendar
from datetime import timedelta

import numpy as np
import pandas as pd

from sonla_analysis.definitions.input_columns import COLUMNS, RESERVED
from sonla_analysis.definitions.plan import Count, Indicator, Plan, Range
from sonla_analysis.definitions.units import above, units_on
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import refuse

OBSERVED = [
    "indicator",
    "numerator",
    "denominator",
    "value",
    "unknown",
    "lowest",
    "highest",
    "state",
]
GROUPS = ("village", "ethnicity")  # of free words; any column of choices may be a group, too
SILENT = ("not_reported", "withheld")  # states of a unit that the area's counts leave out


def measure(
    tables, plan: Plan, as_of: str | None = None, by=("unit",), *, withheld=None
) -> pd.DataFrame:
    """Return the observations of every unit and of the whole area, for one date or all.

    Columns: as_of, unit, level (`unit` or `city`), the group columns of `by`, indicator,
    numerator, denominator, value (percent 0–100 for shares), unknown (rows that could not be
    decided because a cell is blank), lowest and highest (what the value is if all of these count
    against it, or for it), state:

    - `reported`; `not_reported`: nobody answered, counts are missing;
    - `withheld`: answered, but being corrected: a row of `withheld` (as_of, unit, indicator);
    - `not_applicable`: the denominator is truly empty, so there is no rate;
    - `incomplete`: of the area: some unit is silent, the counts are of the others; of a unit only
      where it was merged (`bridge_tables`): some former unit is silent.

    Where blanks leave more than one value possible, `value` is missing and the two bounds tell it.
    Indicators whose tables have no such group column are left out of a breakdown.

    >>> import sonla_analysis as sonla
    >>> tables = sonla.load_tables("data/sample")
    >>> observed = measure(tables, sonla.load_plan(), as_of="2020-12-31")
    >>> city = observed.query("unit == '116' and indicator == 'poor_household_rate'")
    >>> units = observed.query("level == 'unit' and indicator == 'poor_household_rate'")
    >>> bool(city["numerator"].item() == units["numerator"].sum())
    True
    """
    groups = _checked_groups(by, plan)
    dates = review_dates(tables)
    if not dates:
        raise UsageError(message("refused.no_dates"))
    if as_of is not None:
        if as_of not in dates:
            raise UsageError(refuse("as_of", as_of, dates))
        tables = tables | {name: _on(tables[name], as_of) for name in COLUMNS if name in tables}
    areas = {date: _area_and_leaves(tables, date) for date in review_dates(tables)}
    indicators = [one for one in plan.indicators if _can_split(one, groups, plan)]
    if not indicators:
        raise UsageError(message("refused.no_breakdown", by=", ".join(groups)))
    answered = _answered(tables, indicators, areas, withheld)
    observed = _with_area(answered, [], areas)
    if groups:
        silent = observed[observed["state"].isin([*SILENT, "incomplete"])]
        split = _split(_tally(tables, indicators, groups), answered, indicators)
        observed = _still_incomplete(_with_area(split, groups, areas), silent)
    if "village" in groups:  # "Tổ 1" of one ward is not "Tổ 1" of another
        observed = observed[observed["level"] == "unit"]
    elif "unit" not in by:
        observed = observed[observed["level"] == "area"]
    return _ordered(observed, indicators, groups)


def review_dates(tables) -> list[str]:
    """Return the dates for which units have reported their counts, oldest first."""
    return sorted(tables["unit_counts"]["as_of"].dropna().unique())


def year_end_before(day: str) -> str:
    """Return the last day of the year before a date, when its register began.

    >>> year_end_before("2020-06-30")
    '2019-12-31'
    """
    return f"{max(int(day[:4]) - 1, 1):04}-12-31"


def day_after(day: str) -> str:
    """Return the next day.

    >>> day_after("2020-12-31")
    '2021-01-01'
    """
    return (calendar.fromisoformat(day) + timedelta(days=1)).isoformat()


def year_of(day: str) -> float:
    """Return a day as a point in years; the end of 2020 is 2021.

    >>> year_of("2020-12-31"), year_of("2020-06-30") == 2020 + 182 / 366
    (2021.0, True)
    """
    here = calendar.fromisoformat(day).timetuple()
    return here.tm_year + here.tm_yday / calendar(here.tm_year, 12, 31).timetuple().tm_yday


def area_of(tables, date: str) -> str:
    """Return the code of the whole area: the deepest unit that all reporting units lie in.

    >>> from sonla_analysis.tables.units_table import load_units
    >>> area_of({"units": load_units(), "unit_counts": pd.DataFrame({
    ...     "as_of": ["2020-12-31"] * 2, "unit": ["03646", "03679"]})}, "2020-12-31")
    '116'
    """
    return _area_and_leaves(tables, date)[0]


def leaf_units(tables, date: str) -> pd.DataFrame:
    """Return the units below the area that have no units of their own, in the order of the list."""
    in_force = units_on(date, tables["units"])
    return in_force[in_force.index.isin(_area_and_leaves(tables, date)[1])]


def _area_and_leaves(tables, date: str) -> tuple[str, list[str]]:
    """Return the code of the whole area on a date, and the codes of its wards and communes."""
    parent = units_on(date, tables["units"])["parent"].to_dict()
    counts = tables["unit_counts"]
    area = _common_unit(set(counts.loc[counts["as_of"] == date, "unit"]), parent)
    leaves = parent.keys() - parent.values()
    return area, [code for code in parent if code in leaves and area in above(code, parent)]


def _common_unit(codes: set[str], parent: dict[str, str]) -> str:
    codes = (codes & parent.keys()) or set(parent)
    while True:
        above = {parent[code] for code in codes} & parent.keys()
        if len(above) <= 1:
            return above.pop() if above else min(codes)
        codes = above


# --- counting ----------------------------------------------------------------------------

_TALLIED = (
    *("numerator", "numerator_unknown", "denominator", "denominator_unknown", "decided"),
    *("undecided", "least_of", "most", "most_of"),
)
_SUMMED = ["numerator", "denominator", "unknown", "least", "least_of", "most", "most_of"]


def _tally(tables, indicators: list[Indicator], groups: list[str]) -> pd.DataFrame:
    """Return one row per date, unit, group and indicator with the columns of `_TALLIED`.

    Unknown is the number of rows whose cells do not say whether they are counted; `decided` the
    number of rows of the denominator for which the numerator's cells do say it. Where both are
    counted among the same rows, `undecided` is the number of rows that leave either open, and the
    share lies between numerator ÷ `least_of` and `most` ÷ `most_of`.
    """
    keys = ["as_of", "unit", *groups]
    names = {count.table: None for one in indicators for count in _counts(one)}
    grouped = {name: _grouped(tables[name], keys) for name in names}
    listed = pd.concat([own for _, own in grouped.values()], ignore_index=True)
    place, index = _grouped(listed, keys)
    numbers = np.full((len(index), len(indicators), len(_TALLIED)), np.nan)
    start = 0
    for name, (codes, own) in grouped.items():
        rows = place[start : start + len(own)]
        start += len(own)
        for column, tallied, total in _tally_table(tables[name], name, indicators, codes, len(own)):
            numbers[rows, column, _TALLIED.index(tallied)] = total
    result = index.loc[index.index.repeat(len(indicators))].reset_index(drop=True)
    result["indicator"] = pd.array([one.id for one in indicators] * len(index), dtype="str")
    result[list(_TALLIED)] = numbers.reshape(-1, len(_TALLIED))
    return result


def _counts(indicator: Indicator) -> list[Count]:
    return [count for count in (indicator.numerator, indicator.denominator) if count]


def _tally_table(frame: pd.DataFrame, table: str, indicators, codes: np.ndarray, groups: int):
    """Yield (place of the indicator, what is tallied, its number in each group) for one table."""
    known = {}
    times = frame["rows"].to_numpy("float64") if "rows" in frame else None  # see `large`

    def total(rows, weights=None):
        if times is not None:
            weights = times[rows] if weights is None else weights * times[rows]
        return np.bincount(codes[rows], weights, minlength=groups)

    for place, indicator in enumerate(indicators):
        base = np.ones(len(frame), dtype=bool)
        open_base = ~base
        for part in ("denominator", "numerator"):
            count = getattr(indicator, part)
            if count is None or count.table != table:
                continue
            true, unknown = decided(frame, count, known)
            if part == "numerator":
                yield place, "decided", total(base & ~unknown)
                if own := own_conditions(indicator):
                    ends = bounds(frame, own, base, open_base, known)
                    yield from ((place, name, total(rows)) for name, rows in ends.items())
            base, open_base, weights = true, unknown, None
            if count.sum:
                column = frame[count.sum]
                weights = column.to_numpy("float64", na_value=0)[true]
                unknown = unknown | (true & column.isna().to_numpy())
            yield place, part, total(true, weights)
            yield place, f"{part}_unknown", total(unknown)


def own_conditions(indicator: Indicator) -> Count | None:
    """Return what the numerator asks of the denominator's rows; None where it counts others."""
    number, among = indicator.numerator, indicator.denominator
    if among is None or number.table != among.table or number.sum or among.sum:
        return None
    own = {key: one for key, one in number.where.items() if among.where.get(key) != one}
    within = len(own) + len(among.where) == len(number.where)
    return replace(number, where=own) if within and not among.any else None


def bounds(frame, own: Count, base, open_base, known: dict) -> dict[str, np.ndarray]:
    """Return the rows that are open, and those counted when all open ones count against or for."""
    reached, unknown = decided(frame, own, known)
    may_be = reached | unknown
    return {
        "undecided": (base & unknown) | open_base,
        "least_of": base | (open_base & ~reached),
        "most": (base & may_be) | (open_base & may_be),
        "most_of": base | (open_base & may_be),
    }


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
        columns[key] = level.take(present % max(len(level), 1)).array
        present = present // max(len(level), 1)
    return code, pd.DataFrame({key: columns[key] for key in keys})


def decided(frame, count: Count, known: dict) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows satisfy every condition, and for which it cannot be said."""
    true = np.ones(len(frame), dtype=bool)
    false = ~true
    for column, condition in count.where.items():
        satisfied, blank = _known(frame, column, condition, known)
        true &= satisfied
        false |= ~satisfied & ~blank
    if count.any:
        found = [_known(frame, column, one, known) for column, one in count.any.items()]
        true &= np.any([satisfied for satisfied, _ in found], axis=0)
        false |= np.all([~satisfied & ~blank for satisfied, blank in found], axis=0)
    return true, ~true & ~false


def _known(frame: pd.DataFrame, column: str, condition, known: dict):
    """Return what `_satisfies` gives, worked out once for all indicators."""
    if (column, condition) not in known:
        known[column, condition] = _satisfies(frame[column], condition)
    return known[column, condition]


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


def _answered(tables, indicators: list[Indicator], areas: dict, withheld=None) -> pd.DataFrame:
    """Return one row for every date, ward or commune and indicator, with its state."""
    places = [(date, unit) for date, (_, leaves) in areas.items() for unit in leaves]
    grid = pd.DataFrame(places, columns=["as_of", "unit"], dtype="str")
    rows = grid.merge(pd.DataFrame({"indicator": [one.id for one in indicators]}), how="cross")
    tally = _tally(tables, indicators, [])
    rows = rows.merge(tally, on=["indicator", "as_of", "unit"], how="left")
    counted, empty = list(_TALLIED), _is_empty_register(rows, tables, indicators)
    rows[counted] = rows[counted].mask(rows[counted].isna() & empty[:, None], 0)
    rows = _with_states(rows, indicators)
    rows = _without(rows, _outside_reading(rows, tables, indicators), "not_applicable", 0)
    rows = _with_parts(rows, tables, indicators)
    return rows if withheld is None else _without(rows, _listed(rows, withheld), "withheld", np.nan)


def _with_parts(rows: pd.DataFrame, tables, indicators: list[Indicator]) -> pd.DataFrame:
    """Return the rows with those of merged units marked that only some former units are known of.

    `indicators.bridge_tables` lists them in `partial`: as_of, unit, table.
    """
    if "partial" not in tables or tables["partial"].empty:
        return rows
    used = [(one.id, count.table) for one in indicators for count in _counts(one)]
    partial = tables["partial"].merge(pd.DataFrame(used, columns=["indicator", "table"]))
    here = _listed(rows, partial) & rows["state"].isin(["reported", "not_applicable"]).to_numpy()
    return rows.assign(state=rows["state"].mask(here, "incomplete"))


def _without(rows: pd.DataFrame, where: np.ndarray, state: str, count: float) -> pd.DataFrame:
    """Return the rows with those marked taken out of every count."""
    counts = {name: rows[name].mask(where, count) for name in _SUMMED}
    return rows.assign(**counts, state=rows["state"].mask(where, state))


def _listed(rows: pd.DataFrame, withheld: pd.DataFrame) -> np.ndarray:
    keys = ["as_of", "unit", "indicator"]
    return pd.MultiIndex.from_frame(rows[keys]).isin(pd.MultiIndex.from_frame(withheld[keys]))


def _outside_reading(rows: pd.DataFrame, tables, indicators: list[Indicator]) -> np.ndarray:
    """Return the units that an indicator is not about, as the plan reads it: it names kinds."""
    outside = np.zeros(len(rows), dtype=bool)
    for one in (one for one in indicators if one.kinds):
        for date in rows["as_of"].unique():
            units = units_on(date, tables["units"])
            left_out = units.index[~units["kind"].isin(one.kinds)]
            here = (rows["indicator"] == one.id) & (rows["as_of"] == date)
            outside |= (here & rows["unit"].isin(left_out)).to_numpy()
    return outside


def _is_empty_register(rows: pd.DataFrame, tables, indicators: list[Indicator]) -> np.ndarray:
    """Return where no rows mean zero, not silence.

    A unit without households in the register has an empty one if it signed for zero; persons are
    listed for registered households only, so there may be none where the register is known.
    """
    here = pd.MultiIndex.from_frame(rows[["as_of", "unit"]])
    zero = signed_zero(tables["unit_counts"])
    empty = here.isin(pd.MultiIndex.from_frame(zero[["as_of", "unit"]]))
    register = pd.MultiIndex.from_frame(tables["households"][["as_of", "unit"]].drop_duplicates())
    table = rows["indicator"].map({one.id: one.numerator.table for one in indicators})
    no_persons = (table == "members").to_numpy() & (empty | here.isin(register))
    return no_persons | ((table == "households").to_numpy() & empty)


def signed_zero(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `unit_counts` that sign for no poor and no near-poor household.

    >>> counts = pd.DataFrame({"poor_households": [0, None], "near_poor_households": [0, 0]})
    >>> len(signed_zero(counts))
    1
    """
    names = ["poor_households", "near_poor_households"]
    if not set(names) <= set(counts):
        return counts.iloc[:0]
    return counts[(counts[names] == 0).fillna(False).all(axis=1).astype(bool)]


def _with_states(rows: pd.DataFrame, indicators: list[Indicator]) -> pd.DataFrame:
    """Return the rows with the kind applied, and with what is unknown told apart from zero."""
    kind = rows["indicator"].map({one.id: one.kind for one in indicators})
    counted = kind == "count"
    sums = rows["indicator"].isin([one.id for one in indicators if one.numerator.sum])
    total_sums = [one.id for one in indicators if one.denominator and one.denominator.sum]
    total_sums = rows["indicator"].isin(total_sums)
    number, total = rows["numerator"], rows["denominator"].mask(counted)
    doubt, doubt_total = rows["numerator_unknown"], rows["denominator_unknown"].fillna(0)
    absent = number.isna() | (total.isna() & ~counted)
    absent |= (sums & (doubt > 0)) | (total_sums & (doubt_total > 0))  # a blank hides how much
    absent |= ~sums & (doubt > 0) & (rows["decided"] == 0)  # not one row answered
    absent |= ~counted & (total == 0) & (doubt_total > 0)
    states = np.select(
        [absent, ~counted & (total == 0)], ["not_reported", "not_applicable"], "reported"
    )
    keys = [name for name in rows if name not in _TALLIED]
    counts = _counts_and_bounds(rows, kind, number, total, doubt, doubt_total)
    known = {name: column.mask(absent) for name, column in counts.items()}
    return rows[keys].assign(**known, state=states)


def _counts_and_bounds(rows, kind, number, total, doubt, doubt_total) -> dict[str, pd.Series]:
    """Return the columns of `_SUMMED`: what is counted, what is open, and the two ends of it.

    A reduction counts how many fewer there are: open rows of today count against it.
    """
    reduced, joint = kind == "reduction", rows["most_of"].notna()
    fewer = total - number
    return {
        "numerator": number.where(~reduced, fewer),
        "denominator": total,
        "unknown": rows["undecided"].where(joint, doubt + doubt_total),
        "least": number.where(~reduced, fewer - doubt),
        "least_of": rows["least_of"].where(joint, total.where(reduced, total + doubt_total)),
        "most": rows["most"].where(joint, (number + doubt).where(~reduced, fewer + doubt_total)),
        "most_of": rows["most_of"].where(joint, total.where(~reduced, total + doubt_total)),
    }


def _split(
    tally: pd.DataFrame, answered: pd.DataFrame, indicators: list[Indicator]
) -> pd.DataFrame:
    """Return the groups of the units that answered; a group without rows there is empty."""
    keys = ["as_of", "unit", "indicator"]
    known = answered.loc[~answered["state"].isin(SILENT), keys]
    return _with_states(tally.merge(known, on=keys).fillna(dict.fromkeys(_TALLIED, 0)), indicators)


def _with_area(rows: pd.DataFrame, groups: list[str], areas: dict) -> pd.DataFrame:
    """Return the units' rows and the area's: counts are summed first and divided last."""
    silent = rows["state"].isin(SILENT)
    rows = rows.assign(
        silent=silent,
        unsent=rows["state"] == "not_reported",
        part=silent | (rows["state"] == "incomplete"),
        counted=rows["denominator"].isna() & ~silent,
    )
    grouped = rows.groupby(["as_of", "indicator", *groups], sort=False, dropna=False)
    area = grouped[_SUMMED].sum(min_count=1)
    share = grouped[["silent", "unsent", "part", "counted"]].mean()  # of the units
    empty = (area["denominator"] == 0) & (share["counted"] == 0)
    area["state"] = np.select(
        [share["unsent"] == 1, share["silent"] == 1, share["part"] > 0, empty],
        ["not_reported", "withheld", "incomplete", "not_applicable"],
        "reported",
    )
    area = area.reset_index()
    codes = area["as_of"].map({date: code for date, (code, _) in areas.items()})
    columns = [name for name in rows if name not in ("silent", "unsent", "part", "counted")]
    both = [rows[columns].assign(level="unit"), area.assign(unit=codes, level="area")]
    return pd.concat(both, ignore_index=True)


def _still_incomplete(observed: pd.DataFrame, silent: pd.DataFrame) -> pd.DataFrame:
    """Return the groups with the area's rows marked where some unit did not answer."""
    keys = ["as_of", "unit", "indicator"]
    marked = pd.MultiIndex.from_frame(silent.loc[silent["level"] == "area", keys])
    here = pd.MultiIndex.from_frame(observed[keys]).isin(marked)
    return observed.assign(state=observed["state"].mask(here, "incomplete"))


def _ordered(
    observed: pd.DataFrame, indicators: list[Indicator], groups: list[str]
) -> pd.DataFrame:
    """Return the observations with their value, in the order dates, area, units, plan."""
    order = {one.id: place for place, one in enumerate(indicators)}
    counted = observed["indicator"].isin([one.id for one in indicators if one.kind == "count"])
    ends = {
        name: _value(observed[part], observed[whole], counted)
        for name, part, whole in (
            ("value", "numerator", "denominator"),
            ("lowest", "least", "least_of"),
            ("highest", "most", "most_of"),
        )
    }
    one_value = ends["lowest"].eq(ends["highest"]) | ends["lowest"].isna()
    ends["value"] = ends["value"].where(one_value)
    observed = observed.assign(**ends, place=observed["indicator"].map(order))
    observed = observed.sort_values(["as_of", "level", "unit", *groups, "place"])
    for name in ("numerator", "denominator", "unknown"):
        if (observed[name].dropna() % 1 == 0).all():
            observed[name] = observed[name].astype("Int64")
    columns = ["as_of", "unit", "level", *groups, *OBSERVED]
    return observed[columns].reset_index(drop=True)


def _value(number: pd.Series, total: pd.Series, counted: pd.Series) -> pd.Series:
    """Return a share in percent, or the count itself."""
    return (number / total.where(total != 0) * 100).where(~counted, number).astype("float64")


def _on(frame: pd.DataFrame, date: str) -> pd.DataFrame:
    return frame[frame["as_of"] == date]


def group_columns(plan: Plan) -> list[str]:
    """Return the columns that a breakdown may divide by: those of choices, villages, ethnic groups.

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> group_columns(load_plan())
    ['village', 'head_sex', 'ethnicity', 'area', 'start_status', 'sex']
    """
    columns = {
        name: None
        for table in plan.tables.values()
        for name, column in table.items()
        if (column.choices or name in GROUPS) and name not in RESERVED
    }
    return list(columns)


def _checked_groups(by, plan: Plan) -> list[str]:
    groups, allowed = [name for name in by if name != "unit"], group_columns(plan)
    for name in groups:
        if name not in allowed:
            raise UsageError(refuse("by", name, ("unit", *allowed)))
    return groups


def _can_split(indicator: Indicator, groups: list[str], plan: Plan) -> bool:
    return all(group in plan.tables[one.table] for one in _counts(indicator) for group in groups)
