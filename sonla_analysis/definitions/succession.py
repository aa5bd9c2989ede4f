"""What became of a unit: the chain of its successors up to a day.

A unit's line in the list names its successor, several of them (`"03646; 03664"`) where it was
divided. The line of the successor is the one in force on the day after the unit ended, so that a
code which means another unit by then is never taken for the same.
"""

import pandas as pd

from sonla_analysis.definitions.units import day_after, units_listed, units_on
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError

BETWEEN = ";"  # the successors of a divided unit


def became(units: pd.DataFrame, day: str, to: str) -> dict[str, tuple[str, ...]]:
    """Return for each ward and commune of a day (ISO text) the units in force on `to` it went into.

    The unit itself where it is in force on both days; more than one where it was divided; none
    where it ended and the list names no successor.

    >>> from sonla_analysis.definitions.units import shipped_units
    >>> found = became(shipped_units(), "2020-12-31", "2025-07-01")
    >>> found["03649"], found["03646"], found["03664"], len(found)
    (('03646',), ('03646',), ('03664',), 12)
    """
    lines = {}
    for line in units.to_dict("records"):
        lines.setdefault(line["code"], []).append(line)
    return {code: _ends(lines, code, day, to) for code in leaves_on(units, day)}


def _ends(lines: dict[str, list[dict]], code: str, day: str, to: str) -> tuple[str, ...]:
    """Return what a unit of a day became by `to`; `lines` are those of the list, by code."""
    started = (one for one in lines.get(code, ()) if one["valid_from"] <= day)
    line = next((one for one in started if one["valid_to"] == "" or one["valid_to"] >= day), None)
    if line is None:
        return ()
    if to <= day or line["valid_to"] == "" or line["valid_to"] >= to:
        return (code,)
    after = day_after(line["valid_to"])
    next_codes = filter(None, map(str.strip, line["successor"].split(BETWEEN)))
    found = [end for one in next_codes for end in _ends(lines, one, after, to)]
    return tuple(dict.fromkeys(found))


def leaves_on(units: pd.DataFrame, day: str) -> list[str]:
    """Return the codes of the units of a day that no other unit of it lies in."""
    in_force = units_on(day, units)
    above = set(in_force["parent"])
    return [code for code in in_force.index if code not in above]


def home_of(units: pd.DataFrame, code: str, ends: tuple[str, ...], day: str, to: str) -> str:
    """Return the one unit that a unit went into; refuse one that was divided or has no successor.

    >>> from sonla_analysis.definitions.units import shipped_units
    >>> divided = shipped_units().replace({"successor": {"03670": "03646; 03670"}})
    >>> ends = became(divided, "2020-12-31", "2025-07-01")["03676"]
    >>> home_of(divided, "03676", ends, "2020-12-31", "2025-07-01")
    Traceback (most recent call last):
    sonla_analysis.language.refusals.UsageError: 03676 Hua La commune was divided by 2025-07-01 \
between 03646 Tô Hiệu ward, 03670 Chiềng Cơi ward: its counts cannot be added to either, for \
nobody knows how many belong to each; its villages' lists would say it
    """
    if len(ends) == 1:
        return ends[0]
    then, now = units_on(day, units).reset_index(), units_on(to, units).reset_index()
    words = {"unit": _listed(then[then["code"] == code]), "to": to}
    if ends:
        words["parts"] = _listed(now[now["code"].isin(ends)])
    raise UsageError(message("refused.divided" if ends else "refused.no_successor", **words))


def _listed(rows: pd.DataFrame):
    return units_listed(rows[["code", "kind", "name"]].itertuples(index=False), ", ")
