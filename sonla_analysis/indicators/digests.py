"""Marks of what a page shows: other rows, another mark; printed in every report."""

import hashlib
import json

import numpy as np
from pandas.util import hash_pandas_object

from sonla_analysis.definitions.input_columns import COLUMNS


def digest(*parts) -> str:
    """Return one short mark of all parts, which JSON can write.

    >>> digest("a", ["b"]) == digest("a", ["b"]), digest("ab") == digest("a", "b")
    (True, False)
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


# The columns of one unit that no other unit's page shows anything of, nor anything worked out from
# them. All other columns count for every page: they make the area's figures, the comparison among
# the units and the cells that must be hidden. A test changes these and looks at the other pages.
PRIVATE = {
    "households": {"village", "household", "income_score", "deprivation_score", "members"},
    "members": {"village", "person", "birth_year"},
    "health_stations": {"name"},
    "schools": {"name"},
    "funding": {"project", "source", "planned", "disbursed"},
}


def page_digests(situation, as_of: str) -> tuple[dict[str, str], str]:
    """Return the mark of each unit's rows up to the date, and of what all pages show of the rest.

    So a correction to a private column rebuilds that unit and the area, any other every page that
    shows a figure it goes into.
    """
    whole = [_table_digest(situation.tables[name]) for name in ("units", "sent")]
    withheld = [[unit, list(map(str, found))] for unit, found in situation.withheld.items()]
    standard = repr(situation.plan.standard_data)
    units, shown = {}, [*whole, situation.synthetic, withheld, standard]
    for name in [name for name in COLUMNS if name in situation.tables]:
        frame = situation.tables[name]
        frame = frame[frame["as_of"] <= as_of]
        hashes = {column: _hashes(frame[column]) for column in frame}
        rows = _combined(list(hashes.values()))
        open_columns = [one for one in hashes if one not in PRIVATE.get(name, ())]
        common = _combined([hashes[one] for one in open_columns])
        shown.append([name, open_columns, hashlib.sha256(common.tobytes()).hexdigest()])
        for unit, places in frame.groupby("unit", observed=True).indices.items():
            mark = hashlib.sha256(rows[places].tobytes()).hexdigest()
            units.setdefault(unit, []).append([name, list(frame), mark])
    sent = situation.sources
    for unit, rows in sent[sent["as_of"] <= as_of].groupby("unit"):
        when = rows[["as_of", "table", "number", "received"]].astype("str")
        units.setdefault(unit, []).append(["sources", *sorted(map(list, when.to_numpy()))])
    return {unit: digest(found) for unit, found in units.items()}, digest(shown)


def _table_digest(frame) -> str:
    columns = [_hashes(frame[name]) for name in frame]
    return digest(list(frame), hashlib.sha256(_combined(columns).tobytes()).hexdigest())


def _hashes(column):
    return hash_pandas_object(column, index=False).to_numpy()


def _combined(columns: list):
    """Return one number for each row, different when any cell or the columns' order is."""
    rows = np.zeros(len(columns[0]) if columns else 0, dtype="uint64")
    for column in columns:
        rows *= np.uint64(0x9E3779B97F4A7C15)  # any large odd number
        rows += column
    return rows
