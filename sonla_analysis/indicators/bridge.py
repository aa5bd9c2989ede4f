"""Figures of former units in the units of a later day: counts are added, rates made from the sums.

Never joined by code or name: 03646 is Chiềng Lề until 30 June 2025 and Tô Hiệu since. Valid where
each former unit went whole into one other; a divided unit is refused. `docs/methods-bridge.md`.
"""

import numpy as np
import pandas as pd

from sonla_analysis.definitions.succession import became, home_of
from sonla_analysis.definitions.units import full_name, shipped_units, units_on
from sonla_analysis.indicators.measure import OBSERVED, SILENT, state_of_sums
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import is_date

MERGER = "2025-07-01"  # Resolution 1681/NQ-UBTVQH15
_KEPT = ["as_of", "unit", "level"]
_COUNTS = ["numerator", "denominator", "unknown"]
_NEAR = 1e-7  # of a percentage


def bridge(
    observed: pd.DataFrame, to: str = MERGER, units: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return observations (of `measure`) of former units in the units in force on the day `to`.

    One row per date, unit of that day, group and indicator. Numerator, denominator and unknown are
    the sums over the units that went into it, value, lowest and highest are made from the sums:

    - a former unit without a figure, or without any row, leaves the new one `incomplete`: the
      counts are those of the others; it is `not_reported` or `withheld` where all of them are;
    - one with a hidden figure hides the sum;
    - lowest and highest are exact wherever the blanks lie in the numerator; where a denominator is
      open too they may be wider than what `measure` would give, never narrower.

    Rows of the area stay: its counts are the same before and after. Rows of dates from `to` on stay
    where their unit is already in force on `to`. Villages of merged units get the former unit's
    name, for "Tổ 1" of one ward is not "Tổ 1" of another. `units` is the list of units with their
    successors, by default those of Sơn La province. Refused: a divided unit, a unit whose successor
    is not known, a unit younger than `to`, columns that `assess` adds.

    >>> row = {"as_of": "2020-12-31", "level": "unit", "indicator": "poor_household_rate",
    ...     "unknown": 0, "lowest": None, "highest": None, "state": "reported"}
    >>> former = [("03646", 22, 3300), ("03649", 16, 3600), ("03652", 5, 3100), ("03655", 3, 2900)]
    >>> observed = pd.DataFrame([row | {"unit": code, "numerator": poor, "denominator": all_of_them,
    ...     "value": 100 * poor / all_of_them} for code, poor, all_of_them in former])
    >>> found = bridge(observed)
    >>> found[["unit", "numerator", "denominator", "state"]].values.tolist()
    [['03646', 46, 12900, 'reported']]
    >>> round(found["value"].item(), 4)
    0.3566
    """
    units, groups = list_of(units, to), _groups(observed)
    of_units = observed["level"] == "unit"
    rows = observed[of_units]
    former = formers(rows, to, units)
    rows = rows.assign(former=rows["unit"]).drop(columns="unit")
    rows = rows.merge(former, on=["as_of", "former"], how="left")
    merged = rows["parts"] > 1
    if "village" in groups:
        rows = named_after(rows.assign(former_name=names_of(rows, units)), "village")
    added = _added(rows[merged], groups, former)
    same = rows.loc[~merged, list(observed.columns)]
    parts = [one for one in (observed[~of_units], same, added) if len(one)]
    return _in_order(pd.concat(parts) if parts else observed, observed, groups)


def formers(rows: pd.DataFrame, to: str, units: pd.DataFrame) -> pd.DataFrame:
    """Return what each unit with a row on a date went into by `to`; a row is a date and a unit.

    Columns: as_of, former, unit (in force on `to`), parts (how many went into it, also those
    without rows). Refuses what cannot be added.
    """
    found = []
    for day, codes in rows.groupby("as_of", sort=True, observed=True)["unit"]:
        homes = _homes(sorted(set(codes)), day, to, units)
        found += [(day, code, *home) for code, home in homes.items()]
    columns = ["as_of", "former", "unit", "parts"]
    found = pd.DataFrame(found, columns=columns)
    return found.astype(dict.fromkeys(columns[:3], "str") | {"parts": "int64"})


def _homes(codes: list[str], day: str, to: str, units: pd.DataFrame) -> dict[str, tuple[str, int]]:
    """Return for each code of a day the unit it went into, and of how many that one was made."""
    in_force = units_on(day, units)
    if unknown := [code for code in codes if code not in in_force.index]:
        raise UsageError(message("refused.bridge_unit", found=unknown[0], day=day))
    if day >= to:
        return {code: (_not_younger(in_force, code, day, to), 1) for code in codes}
    ends = became(units, day, to)
    into = pd.Series([home for homes in ends.values() for home in homes]).value_counts()
    homes = {code: home_of(units, code, ends.get(code, ()), day, to) for code in codes}
    return {code: (home, int(into[home])) for code, home in homes.items()}


def _not_younger(in_force: pd.DataFrame, code: str, day: str, to: str) -> str:
    if (since := in_force.at[code, "valid_from"]) > to:
        words = {"found": code, "day": day, "since": since, "to": to}
        raise UsageError(message("refused.bridge_back", **words))
    return code


def list_of(units: pd.DataFrame | None, to: str) -> pd.DataFrame:
    """Return the list of units that is used; refuse a day that is none."""
    if not is_date(str(to)):
        raise UsageError(message("parameter.day", found=repr(to)))
    return shipped_units("son_la_province") if units is None else units


def _groups(observed: pd.DataFrame) -> list[str]:
    """Return the group columns; refuse others that are no part of an observation."""
    if not len(observed):
        return []
    before = list(observed.columns[: list(observed.columns).index("indicator")])
    groups = [name for name in before if name not in (*_KEPT, *OBSERVED)]
    if other := [name for name in observed if name not in (*_KEPT, *groups, *OBSERVED)]:
        raise UsageError(message("refused.bridge_columns", found=other[0]))
    return groups


def names_of(rows: pd.DataFrame, units: pd.DataFrame) -> list[str]:
    """Return the former unit's name on each row, as in running text."""
    days = {day: units_on(day, units) for day in rows["as_of"].unique()}
    names = {day: one.apply(full_name, axis=1).to_dict() for day, one in days.items()}
    keys = zip(rows["as_of"], rows["former"], strict=True)
    return [names[day][code] for day, code in keys]


def named_after(rows: pd.DataFrame, column: str, where=None) -> pd.DataFrame:
    """Return the rows with the former unit behind the names of a column: all of merged units."""
    where = (rows["parts"] > 1) if where is None else where
    known = where & rows[column].notna() & (rows[column] != "nan")
    named = rows[column].astype("str") + " (" + rows["former_name"].astype("str") + ")"
    return rows.assign(**{column: rows[column].astype("str").where(~known, named)
                          .where(rows[column].notna())})  # fmt: skip


# --- adding ------------------------------------------------------------------------------


def _added(rows: pd.DataFrame, groups: list[str], former: pd.DataFrame) -> pd.DataFrame:
    """Return the sums of merged units, with the state that follows from their parts."""
    if not len(rows):
        return rows
    keys = ["as_of", "unit", "level", *groups, "indicator"]
    rows = rows.astype(dict.fromkeys(_COUNTS, "float64"))
    grouped = rows.groupby(keys, sort=False, dropna=False, observed=True)
    found = grouped[_COUNTS].sum(min_count=1).join(_ends(rows, keys)).reset_index()
    lacking = _lacks_some(rows, found)
    found["state"] = state_of_sums(rows, keys, found["denominator"], lacking)
    numbers = [*_COUNTS, "lowest", "highest"]
    found[numbers] = found[numbers].mask(found["state"] == "hidden")
    one_value = found["lowest"].eq(found["highest"])
    return found.assign(value=found["lowest"].where(one_value))


def _lacks_some(rows: pd.DataFrame, found: pd.DataFrame) -> pd.Series:
    """Return the sums to which some former unit brings nothing: no row of it is there at all."""
    keys = ["as_of", "unit", "indicator"]
    there = rows.groupby(keys, observed=True).agg(
        there=("former", "nunique"), parts=("parts", "first")
    )
    there = found[keys].merge(there.reset_index(), on=keys, how="left")
    return there["there"] < there["parts"]


def _ends(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return lowest and highest of each sum, by key."""
    known = rows[~rows["state"].isin(SILENT) & rows["numerator"].notna()]
    number, total, unknown = (known[name].astype("float64") for name in _COUNTS)
    low, high = known["lowest"].astype("float64"), known["highest"].astype("float64")
    value = 100 * number / total.where(total != 0)
    most = 100 * (number + unknown) / total.where(total != 0)
    closed = (unknown == 0) | (((low - value).abs() < _NEAR) & ((high - most).abs() < _NEAR))
    counted = total.isna()
    work = known[keys].assign(
        number=number,
        total=total,
        unknown=unknown,
        low=low.where(~counted | low.notna(), number),
        high=high.where(~counted | high.notna(), number),
        closed=closed & ~counted,
        counted=counted,
    )
    grouped = work.groupby(keys, sort=False, dropna=False, observed=True)
    sums = grouped[["number", "total", "unknown", "low", "high"]].sum(min_count=1)
    whole, all_counted = grouped["closed"].all(), grouped["counted"].all()
    base = sums["total"].where(sums["total"] != 0)
    lowest = (sums["number"] / base * 100).where(whole, sums["low"].where(all_counted))
    most = sums["number"] + sums["unknown"]
    highest = (most / base * 100).where(whole, sums["high"].where(all_counted))
    ends = pd.DataFrame({"lowest": lowest, "highest": highest})
    return _with_open_totals(ends, work, keys, ~whole & ~all_counted)


def _with_open_totals(ends: pd.DataFrame, work: pd.DataFrame, keys: list[str], open_: pd.Series):
    """Return the ends with those of sums whose denominator is open: the widest possible.

    A share of such a unit is told by its ends only, and how many households stand behind an end
    lies between the denominator and the denominator with all that is unknown.
    """
    if not open_.any():
        return ends
    work = work.set_index(keys)
    for key in open_.index[open_]:
        part = work.loc[[key]]
        part = part[part["total"] + part["unknown"] > 0]
        least = part["total"].to_numpy()
        most = least + part["unknown"].where(~part["closed"], 0).to_numpy()
        low, high = (part[name].fillna(0).to_numpy() for name in ("low", "high"))
        ends.loc[key, "lowest"] = _least_mean(low, least, most)
        ends.loc[key, "highest"] = -_least_mean(-high, least, most)
    return ends


def _least_mean(values: np.ndarray, least: np.ndarray, most: np.ndarray) -> float:
    """Return the least weighted mean of values, each weight anywhere between two bounds.

    >>> float(_least_mean(np.array([10.0, 20.0]), np.array([1, 1]), np.array([3, 1])))
    12.5
    """
    order = np.argsort(values, kind="stable")
    values, least, most = values[order], least[order], most[order]
    means = []
    for heavy in range(len(values) + 1):  # the smallest values weigh most
        weights = np.concatenate([most[:heavy], least[heavy:]])
        if weights.sum() > 0:
            means.append((weights * values).sum() / weights.sum())
    return min(means)


def _in_order(rows: pd.DataFrame, observed: pd.DataFrame, groups: list[str]) -> pd.DataFrame:
    """Return the rows with the columns, the order and the types of `measure`."""
    order = {name: place for place, name in enumerate(dict.fromkeys(observed["indicator"]))}
    rows = rows[list(observed.columns)].assign(place=rows["indicator"].map(order))
    rows = rows.sort_values(["as_of", "level", "unit", *groups, "place"], kind="stable")
    for name in _COUNTS:
        if (rows[name].dropna() % 1 == 0).all():
            rows[name] = rows[name].astype("Int64")
    ends = ["value", "lowest", "highest"]
    rows[ends] = rows[ends].astype("float64")
    return rows.drop(columns="place").reset_index(drop=True)
