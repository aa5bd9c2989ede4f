"""Small cells: a cross-table must not point at one household.

Counts 1–4 are hidden (never written as zero), zeros are shown; further cells are hidden until no
hidden one follows from a total. No Vietnamese rule with a number was found: 5 is common practice.
"""

import pandas as pd

MINIMUM = 5


def hide_small(observed: pd.DataFrame, groups, minimum: int = MINIMUM) -> pd.DataFrame:
    """Return a breakdown with small cells hidden: state `hidden`, numbers missing.

    `observed` comes from `measure(..., by=("unit", *groups))`. A cell is hidden when its
    numerator or denominator is between 1 and minimum − 1. Then, within a unit (its total is
    published) and across units (the area's total is published), the next smallest cells are
    hidden too until at least two are hidden and together they hold at least `minimum`.

    >>> observed = pd.DataFrame({"as_of": "d", "unit": "u", "level": "unit", "indicator": "i",
    ...     "ethnicity": ["Thái", "Kinh", "Mông"], "numerator": [30, 7, 2],
    ...     "denominator": [40, 9, 6], "value": [75.0, 77.8, 33.3], "unknown": 0, "state": "reported"})
    >>> hide_small(observed, ["ethnicity"])["state"].tolist()
    ['reported', 'hidden', 'hidden']
    """
    numerator = observed["numerator"].astype("float64")
    denominator = observed["denominator"].astype("float64")
    small = numerator.between(1, minimum - 1) | denominator.between(1, minimum - 1)
    hidden = small & observed["state"].isin(["reported", "incomplete"])
    sets = [["as_of", "unit", "indicator"], ["as_of", "level", "indicator", *groups]]
    hidden = enough_hidden(numerator, hidden, [observed[keys] for keys in sets], minimum)
    numbers = ["numerator", "denominator", "value", "unknown"]
    blanked = observed[numbers].mask(hidden)
    return observed.assign(**blanked, state=observed["state"].mask(hidden, "hidden"))


def enough_hidden(values: pd.Series, hidden: pd.Series, sets: list, minimum: int) -> pd.Series:
    """Return the mask grown until, in every set with a hidden cell, two are and hold `minimum`.

    A set is the cells that add up to a published total; zeros are never hidden.
    """
    while True:
        grown = hidden
        for keys in sets:
            grown = grown | _next_to_hide(values, grown, keys, minimum)
        if grown.equals(hidden):
            return hidden
        hidden = grown


def _next_to_hide(
    values: pd.Series, hidden: pd.Series, keys: pd.DataFrame, minimum: int
) -> pd.Series:
    """Return the smallest visible non-zero cell of each set whose hidden cells are too few."""
    label = pd.Series(keys.groupby(list(keys), dropna=False).ngroup(), index=values.index)
    count = hidden.groupby(label).transform("sum")
    held = values.where(hidden).groupby(label).transform("sum")
    weak = (count > 0) & ((count < 2) | (held < minimum))
    candidates = values.where(weak & ~hidden & (values > 0)).dropna()
    first = candidates.sort_values(kind="stable").groupby(label[candidates.index]).head(1)
    return pd.Series(values.index.isin(first.index), index=values.index)
