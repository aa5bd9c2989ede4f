"""Where units stand on a date: their progress rows, ranked, spread, and what is not met."""

import numpy as np
import pandas as pd

from sonla_analysis.indicators.comparison import wilson_interval
from sonla_analysis.indicators.measure import SILENT

JUDGED = ("met", "on_track", "behind", "missed", "not_met")
UNMET = JUDGED[2:]  # and not on track either
_NEEDED = "as_of unit level indicator numerator denominator value lowest highest unknown "
_NEEDED += "state status reason"


def standing(review, *, units=None, indicator: str = "") -> pd.DataFrame:
    """Return the progress rows on the review's date, each with its `comparison`.

    All of them, or those of these `units`, or of an `indicator`; one row per unit and indicator.
    """
    here = review.progress["as_of"] == review.as_of
    if units is not None:
        here &= review.progress["unit"].isin(units)
    if indicator:
        here &= review.progress["indicator"] == indicator
    rows = review.progress.loc[here, _NEEDED.split()]
    return rows.assign(comparison=review.data.comparison[here])


def ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the units of one indicator's rows, highest value first, unknown last.

    Columns of `standing`, and lower and upper: the 95 % Wilson interval in percent, missing where
    the value is. `comparison` is "untested" where it is missing.
    """
    found = rows[rows["level"] == "unit"].copy()
    bounds = [
        (np.nan, np.nan)
        if pd.isna(row["value"])
        else wilson_interval(int(row["numerator"]), int(row["denominator"]))
        for row in found.to_dict("records")
    ]
    found["lower"], found["upper"] = np.array(bounds, "float64").reshape(-1, 2).T
    found["comparison"] = found["comparison"].astype("object").fillna("untested")
    order = (-found["value"].astype("float64")).sort_values(na_position="last", kind="stable")
    return found.loc[order.index].reset_index(drop=True)


def spread(data, as_of: str) -> tuple[dict, dict]:
    """Return by indicator the values of the units, and how many are (better, worse)."""
    rows = data.progress
    here = (rows["as_of"] == as_of) & (rows["level"] == "unit") & (rows["state"] == "reported")
    rows = rows.loc[here, ["indicator", "value"]].assign(comparison=data.comparison[here])
    groups = dict(list(rows.groupby("indicator", sort=False)))
    values = {name: group["value"].dropna().to_numpy("float64") for name, group in groups.items()}
    tallies = {
        name: tuple(int((group["comparison"] == key).sum()) for key in ("better", "worse"))
        for name, group in groups.items()
    }
    return values, tallies


def unmet_targets(review) -> tuple[dict[str, int], set[str]]:
    """Return the unmet targets of the units judged on any, and the units that owe a figure."""
    own = [one.id for one in review.plan.indicators if one.applies_to == "unit"]
    rows = review.progress
    rows = rows[(rows["as_of"] == review.as_of) & (rows["level"] == "unit")]
    rows = rows[rows["indicator"].isin(own)]
    judged = rows[rows["status"].isin(JUDGED)]
    unmet = (judged["status"] != "met").groupby(judged["unit"], sort=False).sum()
    return unmet.astype(int).to_dict(), set(rows.loc[rows["state"].isin(SILENT), "unit"])


def by_size(now: pd.DataFrame, names) -> list[str]:
    """Return targets in the order of the households, persons or places that they still mean."""
    size = now.loc[names, "still_needed"].fillna(0).astype("int64")
    return list(size.sort_values(ascending=False, kind="stable").index)
