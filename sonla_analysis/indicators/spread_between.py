"""How far units lie apart, how much of it is chance, and whether the gap narrows."""

from math import erfc, exp, lgamma, log, sqrt

import numpy as np
import pandas as pd

from sonla_analysis.definitions.plan import Plan
from sonla_analysis.indicators.comparison import comparable, keys_of
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import refuse

DRAWS = 2000
SURE = 0.95  # of the draws agree
FEWEST = 3  # units: two have a difference, no spread


def spread_between(observed: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return how far apart the units lie: one row per date, group and indicator.

    Columns: units (compared), numerator, denominator and value of all of them together, and of the
    units' shares, weighted by their denominators:

    - `variance` (between-group variance, of proportions), `deviation` (its root, in points),
      `variation` (deviation ÷ value), `disparity` and `disparity_unweighted` (index of disparity,
      percent of the value), `theil`, `log_deviation` (missing when a unit has none);
    - `chance_variance`: what the variance would be by chance alone if all had the same rate;
      `excess_variance`: the rest; `chi_square` and `p` of the test that all have the same rate.

    What has no value is missing: everything relative when nobody counts, all spreads of fewer than
    three units.
    """
    rows = observed[comparable(observed, plan)]
    keys = keys_of(observed)
    table = [
        dict(zip(keys, key, strict=True)) | spread_of(group["numerator"], group["denominator"])
        for key, group in rows.groupby(keys, dropna=False, sort=False)
    ]
    return pd.DataFrame(table, columns=[*keys, *_FIELDS.split()])


_FIELDS = "units numerator denominator value variance deviation variation disparity "
_FIELDS += "disparity_unweighted theil log_deviation chance_variance excess_variance chi_square p"


def spread_of(numerators, denominators) -> dict:
    """Return the fields of `spread_between` for the counts of units, each above nothing.

    >>> found = spread_of([3, 14, 2, 9], [40, 120, 150, 60])
    >>> round(found["variation"], 6), round(found["disparity"], 4), round(found["theil"], 6)
    (0.725756, 66.9884, 0.311372)
    """
    part, whole = (np.asarray(counts, "float64") for counts in (numerators, denominators))
    total, everybody = float(part.sum()), float(whole.sum())
    mean, share, rate = total / everybody, whole / everybody, part / whole
    found = dict.fromkeys(_FIELDS.split(), np.nan)
    found |= {"units": len(part), "numerator": int(total), "denominator": int(everybody)}
    found["value"] = 100 * mean
    if len(part) < FEWEST:
        return found
    variance = float((share * (rate - mean) ** 2).sum())
    chance = mean * (1 - mean) * (len(part) - 1) / everybody
    found |= {"variance": variance, "deviation": 100 * sqrt(variance)}
    found |= {"chance_variance": chance, "excess_variance": variance - chance}
    found["chi_square"], found["p"] = same_rate(part, whole)
    return found | _relative(share, rate, mean, variance)


def same_rate(part: np.ndarray, whole: np.ndarray) -> tuple[float, float]:
    """Return chi-square and p of the test that all units have the same rate.

    Missing where nobody counts, or everybody.
    """
    mean = part.sum() / whole.sum()
    if mean in (0, 1):
        return np.nan, np.nan
    value = float((whole * (part / whole - mean) ** 2).sum() / (mean * (1 - mean)))
    return value, chi_square_tail(value, len(part) - 1)


def _relative(share, rate, mean: float, variance: float) -> dict:
    """Return the measures relative to the mean; nothing where it is 0."""
    if mean == 0:
        return {}
    relative, apart = rate / mean, np.abs(rate - mean) / mean
    some = rate > 0
    theil = (share[some] * relative[some] * np.log(relative[some])).sum()
    found = {"variation": sqrt(variance) / mean, "theil": float(theil)}
    found |= {"disparity": float(100 * (share * apart).sum())}
    found |= {"disparity_unweighted": float(100 * apart.mean())}
    if some.all():
        found["log_deviation"] = float(-(share * np.log(relative)).sum())
    return found


def chi_square_tail(value: float, freedom: int) -> float:
    """Return the chance of a chi-square at least this high, with whole degrees of freedom.

    >>> round(chi_square_tail(3.841459, 1), 6), round(chi_square_tail(15.9557, 3), 6)
    (0.05, 0.001158)
    """
    half, odd = value / 2, freedom % 2
    if half == 0:
        return 1.0
    steps = np.arange(freedom // 2) + odd / 2
    terms = (exp(step * log(half) - half - lgamma(step + 1)) for step in steps)
    return min(1.0, sum(terms) + (erfc(sqrt(half)) if odd else 0.0))


def narrowing(
    observed: pd.DataFrame, plan: Plan, before: str, after: str, *, draws: int = DRAWS, seed=159
) -> pd.DataFrame:
    """Return whether the units have come nearer to each other: one row per group and indicator.

    Columns: units (known on both dates, only they are counted); points_before, points_after (the
    deviation of `spread_between`; of two units the difference); ratio_before, ratio_after (the
    variation; missing for two units, or where nobody counts); in_points, in_ratio: `narrower`,
    `same`, `wider`; `statement`: `narrower` or `wider` if both say so, `same`, `mixed` (the two do
    not agree: both must be told), `points_only`; sure_points, sure_ratio: the share of draws that
    say the same; p_before, p_after: of the test that all units have the same rate; `clear`: at
    least 95 % of the draws say the same, for both, and on the wider of the two dates the units
    did differ by more than chance (p at most 0.05).

    A draw gives each unit and date a binomial count at its own rate, `draws` times, with this
    seed: how far so small units move by chance. Its rate is (x + ½) ÷ (n + 1), for a ward with
    none of five, or five of five, is not sure to be so again. Dates must have the same units:
    merged units are bridged first, for fewer units alone lower the spread. A change of law is not
    seen here.
    """
    for day in (before, after):
        if day not in set(observed["as_of"]):
            raise UsageError(refuse("as_of", day, sorted(observed["as_of"].unique())))
    both = _same_units(observed[comparable(observed, plan)], observed, before, after)
    keys = keys_of(observed)[1:]
    table = [
        dict(zip(keys, key, strict=True)) | _narrowing(rows, before, after, draws, seed)
        for key, rows in both.sort_values("unit").groupby(keys, dropna=False)
    ]
    return pd.DataFrame(table, columns=[*keys, *_NARROWING.split()])


_NARROWING = "units points_before points_after ratio_before ratio_after in_points in_ratio "
_NARROWING += "statement sure_points sure_ratio p_before p_after clear"


def _same_units(rows, observed, before: str, after: str) -> pd.DataFrame:
    """Return the rows of units known on both dates; refuse dates of other units."""
    units = [
        set(observed.loc[(observed["as_of"] == day) & (observed["level"] == "unit"), "unit"])
        for day in (before, after)
    ]
    if units[0] != units[1]:
        found = ", ".join(sorted(units[0] ^ units[1])[:5])
        raise UsageError(message("refused.other_units", before=before, after=after, found=found))
    rows = rows[rows["as_of"].isin([before, after])]
    keys = [rows[name] for name in ("unit", *keys_of(observed)[1:])]
    return rows[rows.groupby(keys, dropna=False)["as_of"].transform("nunique") == 2]


def _narrowing(rows: pd.DataFrame, before: str, after: str, draws: int, seed) -> dict:
    counts = [
        rows.loc[rows["as_of"] == day, ["numerator", "denominator"]].to_numpy("int64").T
        for day in (before, after)
    ]
    generator = np.random.default_rng(seed)  # of its own, whatever else is asked
    drawn = [
        _apart(generator.binomial(whole, (part + 0.5) / (whole + 1), (draws, len(whole))), whole)
        for part, whole in counts
    ]
    seen = [_apart(part[None], whole) for part, whole in counts]
    found = {"units": len(counts[0][0])}
    for name, (first, last), pair in zip(
        ("points", "ratio"), zip(*seen, strict=True), zip(*drawn, strict=True), strict=True
    ):
        word = str(_word(first, last)[0])
        sure = float((_word(*pair) == word).mean()) if word else np.nan
        found |= {f"{name}_before": first.item(), f"{name}_after": last.item()}
        found |= {f"in_{name}": word, f"sure_{name}": sure}
    found["statement"] = statement(found["in_points"], found["in_ratio"])
    found["p_before"], found["p_after"] = (same_rate(part, whole)[1] for part, whole in counts)
    return found | {"clear": _is_clear(found)}


def _is_clear(found: dict) -> bool:
    """Return whether the draws agree, and the spread that is spoken of was more than chance."""
    wider = "before" if found["in_points"] == "narrower" else "after"
    sure = found["sure_points"] >= SURE and not found["sure_ratio"] < SURE  # or there is none
    return bool(sure and found[f"p_{wider}"] <= 1 - SURE)


def _apart(part: np.ndarray, whole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return of each row of counts how far units lie apart, in points and as a ratio."""
    rate, share = part / whole, whole / whole.sum()
    if len(whole) < FEWEST:
        difference = 100 * np.ptp(rate, axis=1)
        return difference, np.full(len(difference), np.nan)
    mean = part.sum(axis=1) / whole.sum()
    deviation = np.sqrt((share * (rate - mean[:, None]) ** 2).sum(axis=1))
    return 100 * deviation, deviation / np.where(mean > 0, mean, np.nan)


def _word(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return `narrower`, `same` or `wider`, or "" where there is no number."""
    change, hair = after - before, 1e-12
    unknown = np.isnan(change)
    return np.select([unknown, change < -hair, change > hair], ["", "narrower", "wider"], "same")


def statement(in_points: str, in_ratio: str) -> str:
    """Return what may be said of a gap: "narrower" only if it is so in points and as a ratio.

    >>> statement("narrower", "wider")  # 40 % and 10 % became 20 % and 4 %
    'mixed'
    """
    if not in_ratio:
        return "points_only"
    return str(in_points) if in_points == in_ratio else "mixed"
