"""Where units stand on a date: their progress rows, ranked, spread, and what is not met."""

import pandas as pd

from sonla_analysis.indicators.comparison import wilson_interval
from sonla_analysis.indicators.measure import SILENT
from sonla_analysis.indicators.of_review import progress_rows
from sonla_analysis.indicators.poverty_path import RATE

JUDGED = ("met", "on_track", "behind", "missed", "not_met")
UNMET = JUDGED[2:]  # and not on track either
_NEEDED = "as_of unit level indicator numerator denominator value lowest highest unknown "
_NEEDED += "state status reason"


def standing(review, *, units=None, indicator: str = "") -> pd.DataFrame:
    """Return the progress rows on the review's date, each with its `comparison`.

    All of them, or those of these `units`, or of an `indicator`; one row per unit and indicator.
    """
    rows = progress_rows(review, indicator=indicator) if indicator else progress_rows(review)
    rows = rows if units is None else rows[rows["unit"].isin(units)]
    return rows[_NEEDED.split()].assign(comparison=review.data.comparison)


def ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the units of one indicator's rows, highest value first, unknown last.

    Columns of `standing`, and lower and upper: the 95 % Wilson interval in percent, missing where
    the value is. `comparison` is "untested" where it is missing.
    """
    found = rows[rows["level"] == "unit"].copy()
    total = found["denominator"].where(found["value"].notna())
    found["lower"], found["upper"] = wilson_interval(found["numerator"], total)
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


def main_share(review) -> str:
    """Return the share that tells most of the units: the poverty rate; else the one on which most
    of them differ from the others; "" where the plan has none that is compared."""
    if RATE in review.area_now.index:
        return RATE
    rows = standing(review).dropna(subset="comparison")
    differ = rows["comparison"].ne("no_clear_difference").groupby(rows["indicator"], sort=False)
    return differ.sum().idxmax() if len(rows) else ""


def not_compared(review, indicator_id: str) -> str:
    """Return why no unit is held against the others on the date; "" where some are.

    `not_share`, `no_figures`, `one_unit`, `yes_or_no`, `open` (blanks), `not_counts` (money).
    """
    rows = standing(review, indicator=indicator_id)
    rows = rows[rows["level"] == "unit"]
    if rows["comparison"].notna().any():
        return ""
    known = rows[(rows["state"] == "reported") & rows["value"].notna()]
    reasons = {
        "not_share": review.plan[indicator_id].kind != "share",
        "open": known.empty and rows["highest"].notna().any(),
        "no_figures": known.empty,
        "one_unit": len(known) == 1,
        "yes_or_no": rows["denominator"].astype("float64").median() <= 1,
    }
    return next((name for name, true in reasons.items() if true), "not_counts")


def unmet_targets(review) -> tuple[dict[str, int], set[str]]:
    """Return the unmet targets of the units judged on any, and the units that owe a figure."""
    own = [one.id for one in review.plan.indicators if one.applies_to == "unit"]
    rows = progress_rows(review, level="unit")
    rows = rows[rows["indicator"].isin(own)]
    judged = rows[rows["status"].isin(JUDGED)]
    unmet = (judged["status"] != "met").groupby(judged["unit"], sort=False).sum()
    return unmet.astype(int).to_dict(), set(rows.loc[rows["state"].isin(SILENT), "unit"])


def by_size(now: pd.DataFrame, names) -> list[str]:
    """Return targets in the order of the households, persons or places that they still mean."""
    size = now.loc[names, "still_needed"].fillna(0).astype("int64")
    return list(size.sort_values(ascending=False, kind="stable").index)
