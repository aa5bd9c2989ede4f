"""Which shares may be held against each other, and the interval of a share."""

from statistics import NormalDist

import numpy as np
import pandas as pd

from sonla_analysis.definitions.plan import Plan


def wilson_interval(numerator, denominator, confidence: float = 0.95) -> tuple:
    """Return the Wilson score interval (lower, upper) of a share, in percent.

    Missing where the denominator is zero or missing. Source: Wilson (1927), the interval English
    public-health indicators use.

    >>> tuple(round(float(limit), 2) for limit in wilson_interval(65, 100))
    (55.25, 73.64)
    """
    z = normal_quantile(confidence)
    number, total = _floats(numerator), _floats(denominator)
    total = np.where(total > 0, total, np.nan)
    share = number / total
    middle = share + z**2 / (2 * total)
    half = z * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    scale = 100 / (1 + z**2 / total)
    lower = np.where(number == 0, 0 * total, (middle - half) * scale)  # exactly, none is 0 %
    upper = np.where(number == total, 100 + 0 * total, (middle + half) * scale)
    limits = lower, upper
    return limits if np.ndim(numerator) else tuple(limit.item() for limit in limits)


def normal_quantile(confidence: float) -> float:
    """Return how many standard deviations on both sides hold this share of a normal law.

    >>> round(normal_quantile(0.95), 6), round(normal_quantile(0.998), 6)
    (1.959964, 3.090232)
    """
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _floats(values) -> np.ndarray:
    counts = pd.Series(values if np.ndim(values) else [values], dtype="Float64")
    return counts.to_numpy("float64", na_value=np.nan)


def keys_of(observed: pd.DataFrame) -> list[str]:
    """Return the columns within which units are beside each other: date, groups, indicator."""
    return ["as_of", *groups_of(observed), "indicator"]


def groups_of(observed: pd.DataFrame) -> list[str]:
    """Return the columns that a breakdown is by: those between `level` and `indicator`."""
    names = list(observed)
    return names[names.index("level") + 1 : names.index("indicator")]


def comparable(observed: pd.DataFrame, plan: Plan) -> pd.Series:
    """Return where a row is a share of a unit that another unit's may be held against.

    It is known (reported, no blank leaves it open) and counts so many of a whole number of things.
    What units have one each of, such as a health station, is a yes or no and never compared.
    """
    part, whole = (observed[name].astype("float64") for name in ("numerator", "denominator"))
    shares = observed["indicator"].isin([one.id for one in plan.indicators if one.kind == "share"])
    known = shares & (observed["level"] == "unit") & (observed["state"] == "reported")
    known &= observed["value"].notna() & (part % 1 == 0) & (whole % 1 == 0)
    known &= (part >= 0) & (part <= whole) & (whole > 1)
    keys = [observed[name] for name in keys_of(observed)]
    typical = whole.where(observed["level"] == "unit").groupby(keys, dropna=False)
    return known & (typical.transform("median") > 1)
