"""Observations and a plan become progress: reached or not, how many are still missing, how fast.

All comparisons are made on whole numbers, so 53 schools of 67 is 79.1 % and no floating-point
surprise. A value is judged at the precision of the printed target, half up; "above" is exact, and
so are 100 % and 0 %, which mean all and none: 99.6 % of the cards is not "all".
"""

from datetime import date

import numpy as np
import pandas as pd

from sonla_analysis.errors import UsageError
from sonla_analysis.plan import Plan
from sonla_analysis.words import message

_SCALE = 1000  # money has up to three decimals; counts have none


def assess(observed: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the observations with target, status, still needed, path and forecast.

    - `status`: `met`; `on_track` (not met, but at or ahead of the straight line from the value at
      the plan's start to the target at its end); `behind`; `no_data`; `not_applicable`.
    - `still_needed`: whole households, persons, schools … missing to the target; 0 when met.
    - `path_value`: where the straight line is on that date; `forecast`: the value at the plan's
      end if the pace since its start goes on.
    - `note`: `rounding` (met only because the value is judged at the target's printed precision),
      `above_band` (better than the upper bound), `city_target` (a target of the whole city is no
      pass mark for one ward), `outside_period` (a count or reduction of another year than the
      plan's), `incomplete` (some units have not reported), `no_baseline` (not met, and no value at
      the plan's start to compare the pace with).

    `observed` should hold the plan's start date too; counts and reductions start from zero.

    >>> import sonla_analysis as sonla
    >>> plan = sonla.load_plan()
    >>> one = pd.DataFrame({"as_of": ["2020-12-31"], "unit": ["116"], "level": ["city"],
    ...     "indicator": ["schools_national_standard"], "numerator": [52], "denominator": [67],
    ...     "value": [52 / 67 * 100], "unknown": [0], "state": ["reported"]})
    >>> assess(one, plan)[["status", "still_needed"]].values.tolist()
    [['behind', 1]]
    """
    rules = _rules(plan)
    if unknown := set(observed["indicator"]) - set(rules.index):
        raise UsageError(message("refused.other_plan", found=min(unknown), plan=plan.id))
    rows = observed.merge(rules, left_on="indicator", right_index=True, how="left")
    rows = rows.set_axis(observed.index)
    elapsed = rows["as_of"].map(lambda day: _elapsed(day, plan)).astype("float64")
    known = rows["state"].eq("reported").to_numpy()
    city_target = ((rows["applies_to"] == "city") & (rows["level"] == "unit")).to_numpy()
    outside = _within_year(rows) & ~rows["as_of"].between(plan.start, plan.end, inclusive="right")
    outside = outside.to_numpy()
    judged = known & ~city_target & ~outside
    still_needed, exact_missing = _missing(rows)
    met = judged & (still_needed == 0)
    path, forecast = _path(rows, plan, elapsed)
    ahead = _at_or_ahead(rows, path)
    running = (elapsed < 1).to_numpy()
    no_baseline = judged & ~met & running & path.isna().to_numpy()
    empty = (rows["state"] == "not_applicable").to_numpy()
    status = np.select(
        [met, known & ~judged, empty, ~known | no_baseline, running & ahead],
        ["met", "not_applicable", "not_applicable", "no_data", "on_track"],
        "behind",
    )
    note = np.select(
        [
            rows["state"] == "incomplete",
            known & city_target,
            known & outside,
            met & (exact_missing > 0),
            met & _above_band(rows),
            no_baseline,
        ],
        ["incomplete", "city_target", "outside_period", "rounding", "above_band", "no_baseline"],
        "",
    )
    return observed.assign(
        target=rows["target"].astype("float64"),
        upper=rows["upper"].astype("float64"),
        direction=rows["direction"],
        status=status,
        still_needed=pd.Series(still_needed, index=observed.index).where(judged).astype("Int64"),
        path_value=path.where(judged),
        forecast=forecast.where(judged),
        note=note,
    )


def _rules(plan: Plan) -> pd.DataFrame:
    """Return what assess needs of each indicator; `steps` is the target in its last digit."""
    return pd.DataFrame(
        {
            one.id: {
                "kind": one.kind,
                "direction": one.direction,
                "applies_to": one.applies_to,
                "target": float(one.target),
                "upper": np.nan if one.upper is None else float(one.upper),
                "steps": int(one.target.scaleb(one.decimals)),  # 0.77 → 77
                "base": (1 if one.kind == "count" else 100) * 10**one.decimals,
            }
            for one in plan.indicators
        }
    ).T


def _missing(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the whole number missing to the target, judged as printed and judged exactly.

    With N counted of D, a target of T last digits and B = 100 · 10^decimals, the printed value
    reaches "at least" when 2·B·N + D ≥ 2·D·T, and "at most" when 2·B·N < D·(2·T + 1).
    """
    counted = (rows["kind"] == "count").to_numpy()
    number = _whole(rows["numerator"])
    total = np.where(counted, _SCALE, _whole(rows["denominator"]))
    steps, base = rows["steps"].to_numpy("int64"), rows["base"].to_numpy("int64")
    at_least_printed = -(-total * (2 * steps - 1) // (2 * base))
    at_least = -(-total * steps // base)
    above = total * steps // base + 1
    at_most_printed = -(-total * (2 * steps + 1) // (2 * base)) - 1
    at_most = total * steps // base
    direction = rows["direction"].to_numpy()
    lower, strict = direction == "at_most", direction == "above"
    printed = np.select(
        [lower, strict], [number - at_most_printed, above - number], at_least_printed - number
    )
    exact = np.select([lower, strict], [number - at_most, above - number], at_least - number)
    means_all = counted | ((direction == "at_least") & (steps == base)) | (lower & (steps == 0))
    printed = np.where(means_all, exact, printed)
    return tuple(-(-np.maximum(missing, 0) // _SCALE) for missing in (printed, exact))


def _whole(column: pd.Series) -> np.ndarray:
    """Return the counts as exact whole thousandths (0 where unknown; never used there)."""
    return np.rint(column.astype("float64").fillna(0).to_numpy() * _SCALE).astype("int64")


def _above_band(rows: pd.DataFrame) -> np.ndarray:
    """Return where N of D is more than the upper bound: B·N > D·U, in whole numbers."""
    number, total = _whole(rows["numerator"]), _whole(rows["denominator"])
    upper = _whole(rows["upper"].astype("float64"))  # thousandths of a percent
    return rows["upper"].notna().to_numpy() & (number * 100 * _SCALE > total * upper)


def _within_year(rows: pd.DataFrame) -> pd.Series:
    """Return where a figure starts from zero each year: counts and reductions."""
    return rows["kind"].isin(["count", "reduction"])


def _elapsed(day: str, plan: Plan) -> float:
    """Return the share of the plan's period that has passed, 0 at its start and 1 at its end."""
    start, end, now = map(date.fromisoformat, (plan.start, plan.end, day))
    return min(max((now - start) / (end - start), 0.0), 1.0)


def _path(rows: pd.DataFrame, plan: Plan, elapsed: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the straight line's value on the date, and where today's pace leads."""
    keys = [name for name in rows if name in _KEYS]
    start = rows[(rows["as_of"] == plan.start) & (rows["state"] == "reported")]
    start = start.set_index(keys)["value"].rename("baseline")
    baseline = rows[keys].merge(start, left_on=keys, right_index=True, how="left")["baseline"]
    baseline = baseline.set_axis(rows.index).astype("float64").mask(_within_year(rows), 0.0)
    target, value = rows["target"].astype("float64"), rows["value"].astype("float64")
    path = (baseline + (target - baseline) * elapsed).where(elapsed < 1, target)
    forecast = baseline + (value - baseline) / elapsed.where(elapsed > 0)
    share = rows["kind"] == "share"  # a reduction may be a rise, a count has no upper limit
    forecast = forecast.where(~share, forecast.clip(0, 100))
    return path, forecast.where(elapsed < 1, value)


_KEYS = ("unit", "indicator", "village", "ethnicity", "head_sex", "area", "sex")


def _at_or_ahead(rows: pd.DataFrame, path: pd.Series) -> np.ndarray:
    value = rows["value"].astype("float64")
    ahead = np.where(rows["direction"] == "at_most", path - value, value - path)
    return ahead >= -1e-9
