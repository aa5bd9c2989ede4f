"""Which units are better or worse than the rest of the area, and the funnel they are drawn in.

One rule for chart and table: each unit against all the others together (Fisher's exact test,
two-sided), the p values of one date and indicator adjusted for being many (Benjamini–Hochberg).
"""

import numpy as np
import pandas as pd

from sonla_analysis.definitions.plan import Plan
from sonla_analysis.indicators.comparison import comparable, keys_of, normal_quantile
from sonla_analysis.indicators.two_shares import benjamini_hochberg, fisher_p

RULE = "fisher_bh"
VERDICTS = ("better", "no_clear_difference", "worse")
CLEAR, VERY_CLEAR = 0.05, 0.002  # levels of the adjusted p
LIMITS = {"95": 0.95, "998": 0.998}


def against_the_rest(observed: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return for each row of `observed` whether the unit differs from the rest of its area.

    One row per row of `observed`, same index. Columns: rest_numerator, rest_denominator (the other
    units whose share is known), p, p_adjusted, `verdict`: `better`, `no_clear_difference`, `worse`
    (what is better follows the target's direction), missing where nothing is compared; `at_level`:
    0.002 or 0.05, the stricter one that the adjusted p reaches; `rule`: `fisher_bh`.

    Compared are shares of units, counted in whole things: no counts, no reductions, nothing that
    blanks leave open, no yes or no (one station per ward), no unit that is the whole area.

    >>> import sonla_analysis as sonla
    >>> plan = sonla.load_plan()
    >>> observed = sonla.measure(sonla.load_tables("data/sample"), plan, as_of="2020-12-31")
    >>> found = against_the_rest(observed, plan)
    >>> sorted(found["verdict"].dropna().unique())
    ['better', 'no_clear_difference', 'worse']
    """
    part, whole = (observed[name].astype("float64") for name in ("numerator", "denominator"))
    known = comparable(observed, plan)
    keys = [observed[name] for name in keys_of(observed)]
    rest = {
        name: counts.where(known).groupby(keys, dropna=False).transform("sum") - counts
        for name, counts in (("rest_numerator", part), ("rest_denominator", whole))
    }
    known &= rest["rest_denominator"] > 0
    found = pd.DataFrame(rest).where(known).astype("Int64")
    rows = zip(part[known], whole[known], *(rest[name][known] for name in rest), strict=True)
    p = pd.Series([fisher_p(*map(int, row)) for row in rows], known.index[known], "float64")
    p = p.reindex(observed.index)
    adjusted = benjamini_hochberg(p, observed.groupby(keys_of(observed), dropna=False).ngroup())
    more = part * rest["rest_denominator"] > rest["rest_numerator"] * whole
    falling = observed["indicator"].isin([one.id for one in plan.indicators if one.lower_is_better])
    side = pd.Series(np.where(more == falling, "worse", "better"), observed.index, dtype="str")
    return found.assign(
        p=p,
        p_adjusted=adjusted,
        verdict=side.where(adjusted <= CLEAR, "no_clear_difference").where(known),
        at_level=_level(adjusted),
        rule=RULE,
    )


def _level(p: pd.Series) -> np.ndarray:
    return np.select([p <= VERY_CLEAR, p <= CLEAR], [VERY_CLEAR, CLEAR], np.nan)


def funnel(observed: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the points and limits of the funnel: one row per unit that is compared.

    Columns of `observed` and of `against_the_rest`, and in percent: `centre` (the units compared,
    together, this one among them), lower_95, upper_95, lower_998, upper_998: a unit of this size
    lies outside them when its Wilson interval of the same level leaves the centre out. The limits
    are the picture; the verdict is that of `against_the_rest`.
    """
    rows = observed.join(against_the_rest(observed, plan))
    rows = rows[rows["verdict"].notna()]
    part = (rows["numerator"] + rows["rest_numerator"]).astype("float64")
    centre = part / (rows["denominator"] + rows["rest_denominator"]).astype("float64")
    limits = {"centre": 100 * centre}
    for name, confidence in LIMITS.items():
        ends = funnel_limits(centre, rows["denominator"].astype("float64"), confidence)
        limits |= dict(zip((f"lower_{name}", f"upper_{name}"), ends, strict=True))
    return rows.assign(**limits).reset_index(drop=True)


def funnel_limits(centre, size, confidence: float = 0.95) -> tuple:
    """Return the limits (lower, upper) in percent round `centre` (0–1) for units of this size.

    >>> [round(float(limit), 4) for limit in funnel_limits(50889 / 67762, 15232, 0.95)]
    [74.4129, 75.7864]
    """
    half = normal_quantile(confidence) * np.sqrt(centre * (1 - centre) / size)
    return np.clip(100 * (centre - half), 0, 100), np.clip(100 * (centre + half), 0, 100)
