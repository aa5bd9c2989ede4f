"""Which deprivations the households of the register have, and whose register is not there."""

import numpy as np
import pandas as pd

from sonla_analysis.definitions.input_columns import POOR
from sonla_analysis.indicators.measure import signed_zero


def deprivation_profile(register: pd.DataFrame, review) -> pd.DataFrame:
    """Return one row per deprivation of the plan's standard, most common first.

    `register` holds the whole area's households on the date.

    Columns: name, service, n deprived of `total` poor households with an entry, share (percent),
    households (with or without an entry); the same with `beside_` for the whole area's poor
    households, or for the area itself its near-poor ones; silent (why there is none: its mark).
    Ties keep the official order.
    """
    found = review.plan.standard_data.deprivations
    own, beside = poor_households(register, review), register["status"].isin(POOR)
    if review.is_area:
        beside = register["status"] == "near_poor"
    counts = {**_counts(register[own], found, ""), **_counts(register[beside], found, "beside_")}
    if review.is_area:
        hidden = review.hidden_deprivations.loc["area"]
        counts["beside_hidden"] = np.array([bool(hidden[one["column"]]) for one in found])
        counts["beside_share"] = np.where(counts["beside_hidden"], np.nan, counts["beside_share"])
    unsent = not own.any() and bool(silent_units(review, review.unit, register))
    counts["silent"] = [
        "withheld"
        if review.is_withheld(review.unit, ("households", one["column"]))
        else "not_reported" * unsent
        for one in found
    ]
    texts = {key: [one[key][review.language] for one in found] for key in ("name", "service")}
    profile = pd.DataFrame({**texts, **counts})
    order = "share" if profile["total"].sum() else "beside_share"
    return profile.sort_values(order, ascending=False, kind="stable", ignore_index=True)


def poor_households(register: pd.DataFrame, review) -> pd.Series:
    """Return which households of the register are the unit's poor ones."""
    poor = register["status"].isin(POOR)
    return poor if review.is_area else poor & (register["unit"] == review.unit)


def _counts(households: pd.DataFrame, found: tuple[dict, ...], prefix: str) -> dict:
    """Return, in the order of `found`, how many households are deprived, of how many."""
    flags = [households[one["column"]] for one in found]
    n = np.array([int(flag.sum()) for flag in flags])
    total = np.array([int(flag.count()) for flag in flags])
    share = np.divide(n * 100, total, out=np.full(len(found), np.nan), where=total > 0)
    here = {"n": n, "total": total, "share": share, "households": len(households)}
    return {f"{prefix}{key}": values for key, values in here.items()}


def silent_units(review, unit: str, register: pd.DataFrame) -> list[str]:
    """Return the units (of the area, or the one unit) that have sent no register for the date.

    A register without rows counts as sent only where the unit signed for zero households.
    """
    sent = set(register["unit"].unique())
    expected = list(review.leaf_units.index) if unit == review.area else [unit]
    if not set(expected) <= sent:
        sent |= set(signed_zero(review.rows("unit_counts", unit=review.area))["unit"])
    return [one for one in expected if one not in sent]
