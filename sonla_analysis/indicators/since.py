"""How the figures of a unit moved since the review before."""

import pandas as pd

from sonla_analysis.indicators.of_review import own_progress
from sonla_analysis.indicators.poverty_path import RATE

_SAME = 1e-9  # a difference of rates below it is none
COURSES = ("better", "worse", "same")


def since_last(review) -> pd.DataFrame:
    """Return how each figure of the unit moved; a row is an indicator, in the plan's order.

    - `before`: the last date before with a whole figure, "" where there is none;
    - `difference`: points of percent, or a number; missing without both figures;
    - `course`: `better` or `worse` for the target, `same`, "" for what cannot be compared.

    What starts from zero each year is compared within its year only.
    """
    earlier = _earlier(review)
    rows = [
        _moved(row, earlier.get(name), review.plan[name]) for name, row in review.now.iterrows()
    ]
    return pd.DataFrame(rows, index=review.now.index, columns=["before", "difference", "course"])


def _earlier(review) -> dict[str, pd.Series]:
    """Return by indicator the last whole figure before the review's date."""
    rows = own_progress(review)
    rows = rows[(rows["as_of"] < review.as_of) & (rows["state"] == "reported")]
    rows = rows[rows["value"].notna()]
    yearly = [
        one.id
        for one in review.plan.indicators
        if one.kind != "share" or one.counted_when == "within_year"
    ]
    other_year = rows["as_of"].str[:4] != review.as_of[:4]
    rows = rows[~(rows["indicator"].isin(yearly) & other_year)]
    last = rows.sort_values("as_of", kind="stable").drop_duplicates("indicator", keep="last")
    return {row["indicator"]: row for _, row in last.iterrows()}


def _moved(now, before, indicator) -> tuple:
    if before is None:
        return "", None, ""
    if now["state"] != "reported" or pd.isna(now["value"]):
        return before["as_of"], None, ""
    difference = float(now["value"] - before["value"])
    if abs(difference) < _SAME:
        return before["as_of"], 0.0, "same"
    better = (difference < 0) == indicator.lower_is_better
    return before["as_of"], difference, "better" if better else "worse"


def poor_course(progress: pd.DataFrame, as_of: str) -> dict[str, list[int | None]]:
    """Return the poor households of every unit on the dates up to this one, oldest first.

    None stands where a unit has no whole figure on a date: nothing reported, or being corrected.
    """
    rows = progress[(progress["indicator"] == RATE) & (progress["as_of"] <= as_of)]
    whole = rows["state"].isin(["reported", "not_applicable"])
    counts = rows.assign(poor=rows["numerator"].where(whole))
    table = counts.pivot_table(index="unit", columns="as_of", values="poor", dropna=False)
    return {
        unit: [None if pd.isna(one) else int(one) for one in line]
        for unit, line in zip(table.index, table.to_numpy("float64"), strict=True)
    }
