"""Funds planned and disbursed, by project and source."""

import pandas as pd

from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import sort_key


def budget_lines(rows: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return one row per project and source: the largest project, and in it source, first.

    Columns: project, source, planned and disbursed (million VND, sums over the units' lines that
    state both; where no line does, what is stated), known (some line states both), lines.

    >>> rows = pd.DataFrame({"project": ["A", "A", "B"], "source": ["x", "x", "x"],
    ...     "planned": [4.0, 6.0, 30.0], "disbursed": [4.0, None, 0.0]})
    >>> budget_lines(rows, "en")[["project", "planned", "disbursed", "known"]].values.tolist()
    [['B', 30.0, 0.0, True], ['A', 4.0, 4.0, True]]
    """
    blank = phrase("funding.no_name", language)
    keys = [rows[key].astype("str").fillna(blank) for key in ("project", "source")]
    both = rows["planned"].notna() & rows["disbursed"].notna()
    amounts = rows[["planned", "disbursed"]]
    stated = amounts.groupby(keys).sum(min_count=1)
    lines = amounts.where(both).groupby(keys).sum(min_count=1).fillna(stated)
    lines = lines.assign(known=both.groupby(keys).any()).reset_index()
    size = lines[["planned", "disbursed"]].max(axis=1).fillna(0).round(6)
    order = pd.DataFrame(
        {
            "largest": -size.groupby(lines["project"]).transform("sum"),
            "project": lines["project"].map(sort_key),
            "size": -size,
            "source": lines["source"].map(sort_key),
        }
    )
    order = order.sort_values(list(order), kind="stable").index
    return lines.loc[order].reset_index(drop=True)


def funding_totals(rows: pd.DataFrame) -> tuple[float, float, int]:
    """Return planned and disbursed of the lines that state both, and how many do not."""
    both = rows[["planned", "disbursed"]].notna().all(axis=1)
    planned, disbursed = rows.loc[both, ["planned", "disbursed"]].sum()
    return planned, disbursed, int((~both).sum())
