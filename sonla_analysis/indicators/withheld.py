"""What errors leave in doubt: the figures that use a wrong cell are withheld, and no others.

A doubt is one column of one table of a unit on a date, or the whole table of it (`WHOLE`): a row
that is counted wrongly makes every count of its table wrong.
"""

import pandas as pd

from sonla_analysis.definitions.input_columns import COLUMNS, KEYS
from sonla_analysis.definitions.plan import Plan
from sonla_analysis.indicators.measure import listed_in, places_of
from sonla_analysis.tables.findings import Finding

WHOLE = ""
# a wrong cell here says that a row is counted, or where, wrongly: the whole table is in doubt
_OF_THE_ROW = {"status", "start_status", *(key for keys in KEYS.values() for key in keys)}
# persons are of registered households, and the signed counts are those of the register
_FOLLOWS = {
    ("households", WHOLE): (
        ("members", WHOLE),
        ("unit_counts", "poor_households"),
        ("unit_counts", "near_poor_households"),
    ),
}
_PLACE = ["as_of", "unit"]


def doubted(findings: list[Finding], tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what the errors among the findings leave in doubt; a row is a doubt.

    Columns: as_of, unit, table, column (`WHOLE` for the whole table of the unit on the date).

    >>> households = pd.DataFrame({"as_of": ["2020-12-31"], "unit": ["03646"]})
    >>> wrong = Finding("not_flag", "households", "03646", 2, "hygienic_water")
    >>> doubted([wrong], {"households": households}).values.tolist()
    [['2020-12-31', '03646', 'households', 'hygienic_water']]
    """
    errors = [one for one in findings if one.severity == "error" and one.table in COLUMNS]
    everywhere = places_of(tables) if errors else None
    rows = {
        (date, unit, table, column)
        for one in errors
        for date, unit in _places_of(one, tables, everywhere)
        for table, column in _cells(one)
    }
    return pd.DataFrame(sorted(rows), columns=[*_PLACE, "table", "column"], dtype="str")


def _places_of(one: Finding, tables, places: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the dates and units that a finding speaks of; all of them where it names none."""
    day, unit = one.as_of, one.unit
    if not day and one.row and one.table in tables:
        day = tables[one.table]["as_of"].get(one.row - 2)
    if one.column == "as_of":  # a row of no date may be one of any
        day = ""
    if one.rule == "unit_above":  # a row of no ward may be one of any
        unit = ""
    named = {"as_of": day, "unit": unit}
    for key, value in named.items():
        if pd.notna(value) and value:
            places = places[places[key] == value]
    return list(places.itertuples(index=False, name=None))


def _cells(one: Finding) -> set[tuple[str, str]]:
    column = WHOLE if one.column in _OF_THE_ROW else one.column
    cells = {(one.table, column), *one.doubts}
    return cells.union(*(_FOLLOWS.get(cell, ()) for cell in cells))


def without(tables: dict[str, pd.DataFrame], doubts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the tables without what is in doubt: cells blank, rows left out.

    A unit's counts keep their row, blank, for it says that the unit reported on that date.
    """
    kept = dict(tables)
    for (table, column), rows in doubts.groupby(["table", "column"]):
        for name in (table, *(["school_network"] if table == "schools" else [])):
            if name in kept:
                kept[name] = _frame_without(kept[name], name, column, rows)
    return kept


def _frame_without(frame: pd.DataFrame, table: str, column: str, doubts) -> pd.DataFrame:
    here = listed_in(frame[_PLACE].astype("str"), doubts, _PLACE)
    if column != WHOLE:
        return frame.assign(**{column: frame[column].mask(here)}) if column in frame else frame
    if table != "unit_counts":
        return frame[~here]
    keep = ~(here & frame.duplicated(_PLACE))
    once, here = frame[keep], here[keep]
    cells = [name for name in once if name not in _PLACE]
    return once.assign(**{name: once[name].mask(here) for name in cells})


def withheld_figures(doubts: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the figures that use what is in doubt: as_of, unit, indicator."""
    parts = []
    for one in plan.indicators:
        uses = _uses(one)
        touched = [cell in uses for cell in zip(doubts["table"], doubts["column"], strict=True)]
        parts.append(doubts.loc[touched, _PLACE].assign(indicator=one.id))
    return pd.concat(parts, ignore_index=True).drop_duplicates()


def _uses(indicator) -> set[tuple[str, str]]:
    """Return the tables and columns that an indicator is counted from."""
    uses = set()
    for count in indicator.counts:
        table = "schools" if count.table == "school_network" else count.table
        uses |= {(table, column) for column in (*count.columns, WHOLE)}
    return uses
