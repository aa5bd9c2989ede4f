"""Input tables of former units as tables of the units of a later day, so that a page can be made.

Rows keep their dates and what they say; their unit becomes the one that theirs went into. What a
unit reports as one row (its counts, its history) is added. Nothing is estimated.
"""

import numpy as np
import pandas as pd

from sonla_analysis.definitions.input_columns import KEYS, OF_ANY_LEVEL
from sonla_analysis.definitions.succession import leaves_on
from sonla_analysis.definitions.units import units_on
from sonla_analysis.indicators.bridge import MERGER, formers, list_of, named_after, names_of
from sonla_analysis.indicators.measure import area_of, places_of, review_dates, signed_zero

FORMER = "formers"  # the table that says what was merged into what
AREA_KIND = "Địa bàn"  # of an area that is no unit any more: the twelve units of a former city
_PLACE = ["as_of", "unit"]


def bridge_tables(
    tables: dict[str, pd.DataFrame], to: str = MERGER, units: pd.DataFrame | None = None
) -> dict[str, pd.DataFrame]:
    """Return the tables with every row in the unit in force on the day `to`; dates stay old.

    - registers, schools, stations: the rows as they were. In merged units a household's number gets
      the former unit's code in front, and its village the former unit's name behind: "Tổ 1" of two
      wards are two; so does a school's or station's name where two are called alike;
    - `unit_counts` and `funding`: added; a blank among them makes the sum blank, never smaller, and
      so does, in `unit_counts`, a former unit without a row;
    - `school_network`: one row per former unit still, for that is what the plan counted;
    - `history`: added; blank where a former unit has no row on that date, or was counted under
      another poverty standard than the others;
    - `units`: those in force on `to`, without a first day. An area that is no unit any more (the
      city of twelve) stays as "địa bàn … cũ", and its units lie in it;
    - `formers` says what went into what: as_of, former, former_name, unit, parts, since;
      `…_as_sent` are the tables as they were, for what must stay hidden (`as_sent`);
      `partial` where only some former units sent a table: `measure` calls these `incomplete`.

    Rows of a former district's money are the area's; its history is left out. Rows of dates from
    `to` on stay. Refused as in `bridge`, and a date on which a unit is not in the list.

    >>> import sonla_analysis as sonla
    >>> tables = sonla.load_tables("data/sample")
    >>> bridged = bridge_tables(tables)
    >>> sorted(set(bridged["unit_counts"]["unit"]))
    ['03646', '03664', '03670', '03679']
    >>> plan = sonla.load_plan()
    >>> before, after = (sonla.measure(one, plan, by=()) for one in (tables, bridged))
    >>> whole = before["state"] == "reported"  # one blank part leaves a sum blank
    >>> before.loc[whole, "numerator"].equals(after.loc[whole, "numerator"])
    True
    """
    given = tables.get("units") if units is None else units
    listed = list_of(given, to)
    area = _area(tables, listed, to)
    homes = _homes(tables, to, listed)
    names = [name for name in (*KEYS, "school_network") if name in tables]
    moved = {name: _moved(tables[name], homes) for name in names}
    for name in ("households", "members"):
        moved[name] = _register(moved[name])
    for name in ("schools", "health_stations"):
        moved[name] = _told_apart(moved[name])
    for name in ("unit_counts", "funding", "history"):
        if name in moved:
            moved[name] = _summed(_of_areas(moved[name], name, area, listed, to), name)
    kept = {name: frame.drop(columns=_ADDED) for name, frame in moved.items()}
    new = {FORMER: homes[homes["parts"] > 0], "partial": _partial(tables, homes)}
    sent = {f"{name}{_SENT}": frame for name, frame in tables.items() if not name.endswith(_SENT)}
    sent[f"units{_SENT}"] = listed
    return tables | sent | kept | new | {"units": _units(listed, to, area, homes)}


_SENT = "_as_sent"


def was_bridged(tables: dict[str, pd.DataFrame]) -> bool:
    """Whether tables come from `bridge_tables`."""
    return f"units{_SENT}" in tables


def as_sent(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables that `bridge_tables` was given, each row in the unit that sent it."""
    names = [name for name in tables if name.endswith(_SENT)]
    return {name.removesuffix(_SENT): tables[name] for name in names}


def _area(tables, units: pd.DataFrame, to: str) -> str:
    dates = [day for day in review_dates(tables) if day <= to] or review_dates(tables)
    return area_of(tables | {"units": units}, dates[-1])


_ADDED = ["former", "former_name", "parts", "since"]
NO_FORMER = pd.DataFrame(columns=["as_of", "unit", *_ADDED])


def _homes(tables, to: str, units: pd.DataFrame) -> pd.DataFrame:
    """Return what each ward or commune with a row on a date went into; see `formers`."""
    rows = places_of(tables)
    above = {
        day: set(units_on(day, units).index) - set(leaves_on(units, day))
        for day in rows["as_of"].unique()
    }
    kept = [unit not in above[day] for day, unit in rows.itertuples(index=False)]
    found = formers(rows[np.array(kept, dtype=bool)], to, units)
    since = units_on(to, units)["valid_from"]
    return found.assign(
        former_name=pd.array(names_of(found, units), dtype="str"),
        since=found["unit"].map(since).fillna("").astype("str"),
    )


def _moved(frame: pd.DataFrame, homes: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with their new unit; a unit above the wards keeps its code, `parts` is 0."""
    columns = list(frame.columns)
    keys = frame[_PLACE].astype("str").set_axis(["as_of", "former"], axis=1)
    found = keys.merge(homes, on=["as_of", "former"], how="left").set_axis(frame.index)
    unit = found["unit"].fillna(found["former"]).astype("str")
    found["parts"] = found["parts"].fillna(0).astype("int64")
    return frame.assign(unit=unit, **found[_ADDED].to_dict("series"))[[*columns, *_ADDED]]


def _register(frame: pd.DataFrame) -> pd.DataFrame:
    """Return households or persons whose number and village are their own in the merged unit."""
    merged = frame["parts"] > 1
    number = frame["household"].astype("str")
    begins = pd.Series(False, index=frame.index)
    for code, rows in frame.groupby("former", observed=True).indices.items():
        begins.iloc[rows] = number.iloc[rows].str.startswith(code).to_numpy(bool, na_value=False)
    own = number.where(begins, frame["former"].astype("str") + "-" + number)
    frame = frame.assign(household=frame["household"].where(~merged, own))
    return named_after(frame, "village") if "village" in frame else frame


def _told_apart(frame: pd.DataFrame) -> pd.DataFrame:
    """Return schools or stations with the former unit behind a name that two of a unit have."""
    twice = frame.duplicated([*_PLACE, "name"], keep=False)
    return named_after(frame, "name", twice)


def _of_areas(frame, name: str, area: str, units: pd.DataFrame, to: str) -> pd.DataFrame:
    """Return the rows with those of units above the wards that are no more: money is the area's."""
    gone = (frame["parts"] == 0) & ~frame["unit"].isin([area, *units_on(to, units).index])
    if name == "history":
        return frame[~gone]
    return frame.assign(unit=frame["unit"].mask(gone, area))


def _summed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return one row for each key, numbers added; the sum with a blank is blank."""
    if not frame.duplicated(KEYS[name]).any() and (frame["parts"] < 2).all():
        return frame
    numbers = [one for one in frame.select_dtypes("number") if one != "parts"]
    grouped = frame.groupby(KEYS[name], sort=False, dropna=False, observed=True)
    sums = (
        grouped[numbers].sum(min_count=1).mask(grouped[numbers].count().lt(grouped.size(), axis=0))
    )
    first = grouped[[one for one in frame if one not in (*KEYS[name], *numbers)]].first()
    if name != "funding":
        sums = sums.mask(grouped["former"].nunique() < grouped["parts"].first())
    if name == "history":
        first["source"] = grouped["source"].agg(_joined)
        if "standard" in frame:  # households poor under two standards have no sum
            sums = sums.mask(grouped["standard"].nunique(dropna=False) > 1)
    found = first.join(sums).reset_index()[list(frame.columns)]
    return found.astype({one: frame[one].dtype for one in numbers})


def _joined(texts: pd.Series) -> str:
    return "; ".join(dict.fromkeys(texts.dropna()))


def _partial(tables, homes: pd.DataFrame) -> pd.DataFrame:
    """Return the merged units of which some former unit sent nothing; a row is a date and a table.

    A former unit that signed for an empty register has sent it; persons are listed of registered
    households only.
    """
    merged, zero = homes[homes["parts"] > 1], _pairs(signed_zero(tables["unit_counts"]))
    register = _pairs(tables["households"]) | zero
    rows = []
    for name in (one for one in KEYS if one in tables and one not in OF_ANY_LEVEL):
        sent = _pairs(tables[name]) | (register if name in ("households", "members") else set())
        keys = zip(merged["as_of"], merged["former"], strict=True)
        known = np.array([key in sent for key in keys], dtype=bool)
        there = merged[known].groupby(_PLACE)["former"].nunique()
        parts = merged.groupby(_PLACE)["parts"].first()
        lacking = parts.index[there.reindex(parts.index, fill_value=0) < parts]
        names = [name, "school_network"] if name == "schools" else [name]
        rows += [(*place, one) for place in lacking for one in names]
    return pd.DataFrame(rows, columns=[*_PLACE, "table"], dtype="str")


def _pairs(frame: pd.DataFrame) -> set[tuple[str, str]]:
    return set(frame[_PLACE].drop_duplicates().itertuples(index=False, name=None))


def _units(units: pd.DataFrame, to: str, area: str, homes: pd.DataFrame) -> pd.DataFrame:
    """Return the list of the units in force on `to` and of later ones, the area among them."""
    now = units_on(to, units).reset_index()[list(units.columns)]
    later = units[units["valid_from"] > to]
    if area not in set(now["code"]):
        was = units[units["code"] == area].iloc[[-1]]
        name = was["kind"].str.lower() + " " + was["name"] + " cũ"
        parent = was["parent"].where(was["parent"].isin(now["code"]), "")
        ended = {"valid_to": "", "successor": ""}
        was = was.assign(kind=AREA_KIND, name=name, parent=parent, **ended)
        within = now["code"].isin(homes["unit"])
        now = pd.concat([was, now.assign(parent=now["parent"].mask(within, area))])
    return pd.concat([now.assign(valid_from=""), later], ignore_index=True).astype("str")
