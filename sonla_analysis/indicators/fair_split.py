"""What each unit must bring so that the area meets its target: named rules, whole numbers.

All arithmetic is in fractions; the parts add up exactly and no unit brings more than it has.
Rules and worked numbers: docs/methods-outlook.md.
"""

from fractions import Fraction
from math import floor

import pandas as pd

from sonla_analysis.definitions.plan import Indicator, Plan
from sonla_analysis.indicators.progress import missing_to_target
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import refuse

RULES = ("equal_fall", "in_proportion", "by_gap", "largest_gap_first")


def what_each_brings(
    observed: pd.DataFrame, plan: Plan, indicator: str, as_of: str, rule: str
) -> pd.DataFrame:
    """Return what each unit must bring so that the area meets a target: one row per unit.

    Columns: as_of, unit, indicator, numerator, denominator, value; `has` (poor households, or
    households without what the target asks for); `quota` (the exact share, as a number); `brings`
    (whole, adds up to what the area still needs, never more than `has`); numerator_after,
    value_after; `tie`: among those of equal claim to the last household, decided by size and then
    by code; `rule`:

    - `equal_fall`: the same relative fall for all since the plan's start, so that who has fallen
      already brings less; a unit without any at the start, or without a number, counts from today.
    - `in_proportion`: in proportion to what each has today.
    - `by_gap`: in proportion to what each has above the target's rate.
    - `largest_gap_first`: the highest rates come down first, to one common rate.

    It is an arithmetic of fairness, no plan: who can bring how much is for people to say.

    >>> import sonla_analysis as sonla
    >>> plan = sonla.load_plan()
    >>> observed = sonla.measure(sonla.load_tables("data/sample"), plan)
    >>> found = what_each_brings(
    ...     observed, plan, "hygienic_toilet", "2020-06-30", "in_proportion")
    >>> int(found["brings"].sum()) == int(missing_to_target(observed, plan)[
    ...     observed.eval("unit == '116' and as_of == '2020-06-30'")
    ...     & (observed["indicator"] == "hygienic_toilet")].item())
    True
    """
    if rule not in RULES:
        raise UsageError(refuse("rule", rule, RULES))
    one = _share_with_target(plan, indicator)
    rows = observed[observed["indicator"] == indicator]
    now = rows[rows["as_of"] == as_of]
    if now.empty:
        raise UsageError(refuse("as_of", as_of, sorted(rows["as_of"].unique())))
    total, units = _needed(now, plan)
    start = rows[(rows["as_of"] == plan.start) & (rows["state"] == "reported")]
    start = dict(zip(start["unit"], _has(start, one), strict=True))
    found = split(_claims(units, one, start), total, rule)
    step = -1 if one.lower_is_better else 1
    after = units["numerator"] + step * found["brings"]
    kept = units[["as_of", "unit", "indicator", "numerator", "denominator", "value"]]
    kept = kept.join(found).assign(
        numerator_after=after, value_after=100 * after / units["denominator"], rule=rule
    )
    return kept.reset_index(drop=True)


def _share_with_target(plan: Plan, indicator: str) -> Indicator:
    allowed = [one.id for one in plan.indicators if one.kind == "share" and one.target is not None]
    if indicator not in allowed:
        raise UsageError(refuse("indicator", indicator, allowed))
    return plan[indicator]


def _needed(now: pd.DataFrame, plan: Plan) -> tuple[int, pd.DataFrame]:
    """Return what the area still needs, and its units; refused where not all of them are known."""
    units, area = now[now["level"] == "unit"], now[now["level"] == "area"]
    empty = units["state"] == "not_applicable"
    silent = units[~empty & ((units["state"] != "reported") | units["value"].isna())]
    if len(silent):
        raise UsageError(message("refused.split_unknown", found=", ".join(silent["unit"])))
    needed = missing_to_target(area, plan)
    if len(needed) != 1 or needed.isna().any() or area["state"].item() != "reported":
        raise UsageError(message("refused.split_no_area"))
    return int(needed.item()), units[~empty].sort_values("unit")


def _has(rows: pd.DataFrame, indicator: Indicator) -> list[int]:
    """Return how many are still what the target wants fewer of."""
    if indicator.lower_is_better:
        return [int(count) for count in rows["numerator"]]
    return [int(count) for count in rows["denominator"] - rows["numerator"]]


def _claims(units: pd.DataFrame, indicator: Indicator, start: dict) -> pd.DataFrame:
    """Return what the rules look at, one row per unit: code, has, size, start, gap."""
    has, size = _has(units, indicator), [int(count) for count in units["denominator"]]
    rate = Fraction(indicator.target) / 100
    if not indicator.lower_is_better:
        rate = 1 - rate
    claims = pd.DataFrame({"unit": units["unit"], "has": has, "size": size}, units.index)
    first = [start.get(unit) or own for unit, own in zip(claims["unit"], has, strict=True)]
    gap = [max(Fraction(0), own - rate * all_) for own, all_ in zip(has, size, strict=True)]
    return claims.assign(start=first, gap=pd.Series(gap, units.index, dtype="object"))


def split(claims: pd.DataFrame, total: int, rule: str) -> pd.DataFrame:
    """Return `has`, `quota`, `brings`, `tie` of units by a rule; they bring `total` together.

    `claims` has a row per unit: unit, has, size (households), start, gap (fractions).
    """
    caps = dict(zip(claims["unit"], claims["has"], strict=True))
    if total > sum(caps.values()):
        raise UsageError(message("refused.split_too_much", n=total, has=sum(caps.values())))
    base = {"equal_fall": "start", "largest_gap_first": "size"}.get(rule)
    if base:
        quotas = _levelled(total, caps, dict(zip(claims["unit"], claims[base], strict=True)))
        parts, tied = _rounded(quotas, caps)
    else:
        weights = claims["has" if rule == "in_proportion" else "gap"]
        weights = dict(zip(claims["unit"], weights, strict=True))
        parts, tied, quotas = by_weight(total, weights, caps)
    found = {
        "has": claims["has"],
        "quota": claims["unit"].map(quotas).astype("float64"),
        "brings": claims["unit"].map(parts).astype("int64"),
        "tie": claims["unit"].isin(tied),
    }
    return pd.DataFrame(found, index=claims.index)


def by_weight(total: int, weights: dict, caps: dict) -> tuple[dict, set, dict]:
    """Return whole parts in proportion to the weights that add up to the total, none over its cap.

    Each part is its exact quota cut to a whole, and one more for those with the largest
    remainders; equal ones by the larger weight, then by name. Who would pass its cap gets the cap,
    and the rest is split again among the others. With them, whose remainders tied, and the quotas.

    >>> by_weight(10, {"A": 50, "B": 30, "C": 20}, {"A": 3, "B": 10, "C": 10})[0]
    {'A': 3, 'B': 4, 'C': 3}
    """
    fixed, quotas = {}, {}
    while True:
        free = {name: Fraction(weights[name]) for name in weights if name not in fixed}
        left = total - sum(fixed.values())
        if left and not sum(free.values()):
            raise UsageError(message("refused.split_nothing", n=left))
        whole = sum(free.values()) or 1
        quotas |= fixed | {name: left * weight / whole for name, weight in free.items()}
        parts, tied = _rounded({name: quotas[name] for name in free}, free)
        over = {name: caps[name] for name in free if parts[name] > caps[name]}
        if not over:
            parts |= fixed
            return {name: parts[name] for name in weights}, tied, quotas
        fixed |= over


def _levelled(total: int, has: dict, base: dict) -> dict:
    """Return what each is above one common multiple of its base, the multiple that gives total.

    Those farthest above come down first: Σ max(0, has − level · base) = total.
    """
    order = sorted(
        (name for name in has if has[name]), key=lambda one: -Fraction(has[one], base[one])
    )
    level, taken = Fraction(0), []
    for name in order:
        if taken and Fraction(has[name], base[name]) <= level:
            break
        taken.append(name)
        above = sum(has[one] for one in taken) - total
        level = Fraction(above, sum(base[one] for one in taken))
    return {name: max(Fraction(0), has[name] - level * base[name]) for name in has}


def _rounded(quotas: dict, weights: dict) -> tuple[dict, set]:
    """Return the quotas as whole numbers with the same sum, and whose remainder was a tie."""
    parts = {name: floor(quota) for name, quota in quotas.items()}
    rest = {name: quotas[name] - parts[name] for name in quotas}
    left = int(sum(quotas.values())) - sum(parts.values())
    order = sorted(quotas, key=lambda name: (-rest[name], -weights[name], name))
    for name in order[:left]:
        parts[name] += 1
    if not 0 < left < len(order) or rest[order[left - 1]] != rest[order[left]]:
        return parts, set()
    return parts, {name for name in order if rest[name] == rest[order[left]]}
