"""Data checked and measured, seen from a date: former units' figures in the units of that day.

`data` is a `review.CheckedData`; what comes back is another one, with the first as its `origin`.
"""

from dataclasses import replace

import pandas as pd

from sonla_analysis.definitions.units import units_on
from sonla_analysis.indicators.bridge import bridge
from sonla_analysis.indicators.bridge_tables import FORMER, bridge_tables
from sonla_analysis.indicators.measure import OBSERVED, places_of
from sonla_analysis.indicators.progress import assess
from sonla_analysis.language.refusals import UsageError


def seen_on(data, as_of: str):
    """Return the data up to a date in its units; None where they are in them already."""
    first = _last_change(data.tables, as_of)
    if not first:
        return None
    seen = between(data, "", as_of)
    try:
        return bridged(seen, as_of)
    except UsageError:
        return replace(between(seen, first, as_of), origin=data)


def _last_change(tables: dict, as_of: str) -> str:
    """Return the first day of a date's units, where some with figures ended before; else ""."""
    if not tables["units"]["valid_to"].between("0", as_of, inclusive="left").any():
        return ""
    ends = set()
    for day, codes in places_of(tables).groupby("as_of")["unit"]:
        ended = units_on(day, tables["units"]).query("valid_to != '' and valid_to < @as_of")
        ends |= set(ended.loc[ended.index.isin(codes), "valid_to"]) if day < as_of else set()
    units = units_on(as_of, tables["units"])
    return units.loc[units["valid_from"] > max(ends), "valid_from"].max() if ends else ""


def between(data, first: str, last: str):
    """Return the data of the dates between two, and nothing of others."""

    def kept(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[(frame["as_of"] >= first) & (frame["as_of"] <= last)]

    dated = [name for name in data.tables if "as_of" in data.tables[name]]
    tables = data.tables | {name: kept(data.tables[name]) for name in dated}
    of_dates = {name: kept(getattr(data, name)) for name in ("progress", "doubts", "sources")}
    return replace(data, tables=tables, **of_dates, origin=data.whole)


def bridged(data, to: str):
    """Return the data with the figures of former units in the units in force on the day `to`."""
    units = data.tables["units"]
    tables = bridge_tables(data.tables, to, units)
    observed = data.progress[["as_of", "unit", "level", *OBSERVED]]
    homes = tables[FORMER].set_index(["as_of", "former"])["unit"].to_dict()
    return replace(
        data,
        tables=tables,
        progress=assess(bridge(observed, to, units), data.plan),
        withheld=_rehoused(data.withheld, homes),
        doubts=_at_home(data.doubts, homes),
        sources=_at_home(data.sources, homes),
        found=_at_home(data.found, homes),
        origin=data.whole,
        former=data.whole,
    )


def _at_home(frame: pd.DataFrame, homes: dict) -> pd.DataFrame:
    keys = zip(frame["as_of"], frame["unit"], strict=True)
    return frame.assign(unit=pd.array([homes.get(key, key[1]) for key in keys], dtype="str"))


def _rehoused(withheld: dict, homes: dict) -> dict:
    """Return what is withheld by the unit that a former one went into; of any date where unsaid."""
    found = {}
    for unit, findings in withheld.items():
        ever = [home for (_, former), home in homes.items() if former == unit] or [unit]
        for one in findings:
            for home in {homes.get((one.as_of, unit), unit)} if one.as_of else {*ever}:
                found.setdefault(home, []).append(one)
    return found
