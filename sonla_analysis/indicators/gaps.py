"""The gap between a group and another: in points, as a ratio, and the households it stands for."""

import numpy as np
import pandas as pd

from sonla_analysis.definitions.plan import Plan
from sonla_analysis.indicators.against_rest import CLEAR
from sonla_analysis.indicators.comparison import groups_of
from sonla_analysis.indicators.groups import GROUPINGS
from sonla_analysis.indicators.two_shares import Gap, benjamini_hochberg, gap_between
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import refuse

METHOD = "newcombe_mover"


def gaps(observed: pd.DataFrame, plan: Plan, reference: str) -> pd.DataFrame:
    """Return the gap of every group to the reference group, of observations by one group column.

    One row per share that is not of the reference group itself: its columns as_of, unit, level,
    the group, indicator, numerator, denominator; reference_numerator, reference_denominator;
    difference, lower, upper (points); ratio, ratio_lower, ratio_upper; stands_for (so many more
    than at the reference's rate; below zero: fewer); p; `method`: `newcombe_mover`; `reason`: "",
    `unknown` (one of the two is not known, hidden or empty), `not_counts` (money, not things).

    Small numbers are hidden before (`hide_small`), never after: a gap tells the counts.

    >>> import sonla_analysis as sonla
    >>> plan, tables = sonla.load_plan(), sonla.load_tables("data/sample")
    >>> by_head = sonla.measure(tables, plan, "2020-12-31", by=("head_sex",))
    >>> water = gaps(by_head, plan, "male").query("indicator == 'hygienic_water'")
    >>> len(water), water["head_sex"].item()
    (1, 'female')
    """
    group = _only_group(observed)
    shares = [one.id for one in plan.indicators if one.kind == "share"]
    allowed = sorted(observed[group].dropna().unique())
    if reference not in allowed:
        raise UsageError(refuse("reference", reference, allowed))
    keys = ["as_of", "unit", "indicator"]
    is_reference = observed[group] == reference
    columns = [*keys, "numerator", "denominator", "state", "value"]
    beside = observed.loc[is_reference, columns].set_index(keys).add_prefix("reference_")
    rows = observed[~is_reference & observed["indicator"].isin(shares)]
    rows = rows.merge(beside, left_on=keys, right_index=True, how="left")
    found = pd.DataFrame([_gap(row) for row in rows.to_dict("records")], rows.index, _COLUMNS)
    kept = ["as_of", "unit", "level", group, "indicator", "numerator", "denominator"]
    kept += ["reference_numerator", "reference_denominator"]
    return rows[kept].join(found).assign(method=METHOD).reset_index(drop=True)


_COLUMNS = [*Gap._fields, "reason"]
_COUNTS = ("numerator", "denominator", "reference_numerator", "reference_denominator")


def _gap(row: dict) -> list:
    states = row["state"], row["reference_state"]
    values = row["value"], row["reference_value"]
    if states != ("reported", "reported") or any(map(pd.isna, values)):
        return [*[np.nan] * len(Gap._fields), "unknown"]
    counts = [row[name] for name in _COUNTS]
    if any(count % 1 for count in counts) or counts[0] > counts[1] or counts[2] > counts[3]:
        return [*[np.nan] * len(Gap._fields), "not_counts"]
    return [*map(float, gap_between(*map(int, counts))), ""]


def _only_group(observed: pd.DataFrame) -> str:
    groups = groups_of(observed)
    if len(groups) != 1:
        raise UsageError(message("refused.one_group", found=", ".join(groups) or "–"))
    return groups[0]


def told_gaps(cells: list[dict]) -> list[dict]:
    """Return the gap of every group to the first one of its grouping and result that is told.

    `cells` are `group_cells` with small numbers hidden, and only what is told is compared. One
    record per gap: grouping, result, `cell` and `reference` (two of the cells), `low` and `high`
    (the same two), the fields of `Gap`, `p_adjusted` (by Benjamini–Hochberg, over all of them) and
    `clear` (at most 0.05).
    """
    told = {}
    for cell in cells:
        if cell["grouping"] in GROUPINGS and _is_told(cell):
            told.setdefault((cell["grouping"], cell["result"]), []).append(cell)
    found = [
        {"grouping": grouping, "result": result} | _beside(cell, reference)
        for (grouping, result), (reference, *others) in told.items()
        for cell in others
    ]
    adjusted = benjamini_hochberg(pd.Series([one["p"] for one in found], dtype="float64"))
    return [
        one | {"p_adjusted": float(p), "clear": bool(p <= CLEAR)}
        for one, p in zip(found, adjusted, strict=True)
    ]


def _is_told(cell: dict) -> bool:
    return not np.isnan(cell["value"]) and cell["numerator"] <= cell["denominator"]


def _beside(cell: dict, reference: dict) -> dict:
    counts = (one[name] for one in (cell, reference) for name in ("numerator", "denominator"))
    gap = gap_between(*map(int, counts))
    low, high = (cell, reference) if gap.difference < 0 else (reference, cell)
    return {"cell": cell, "reference": reference, "low": low, "high": high} | gap._asdict()
