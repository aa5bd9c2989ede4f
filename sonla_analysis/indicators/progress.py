"""Observations and a plan become progress: reached or not, how many are still missing, how fast.

All comparisons are made on whole numbers, so 53 schools of 67 is 79.1 % and no floating-point
surprise. A value is judged at the precision of the printed target, half up; "above" is exact, and
so are 100 % and 0 %, which mean all and none: 99.6 % of the cards is not "all".
"""

from decimal import Decimal

import numpy as np
import pandas as pd

from sonla_analysis.definitions.plan import Plan, found_legs
from sonla_analysis.indicators.measure import OBSERVED, year_end_before, year_of
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError

_SCALE = 1000  # money has up to three decimals; counts have none
_FINE = 10**9


def assess(observed: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the observations with target, status, still needed, path and forecast.

    - `status`: `met`; `on_track` (not met, but at or ahead of the straight line from the value at
      the plan's start to the target at its end); `behind`; `missed` (not met when the time is up);
      `not_met` (not met, and no pace to judge by); `undecided` (blanks leave both possible);
      `not_due` (the plan judges nothing on that day, or not this yet); `no_data`;
      `not_applicable`.
    - `still_needed`: whole households, persons, schools … missing to the target; 0 when met. Where
      blanks leave more than one number possible, the smallest.
    - `path_value`: where the straight line is on that date; `forecast`: the value at the end if
      the pace since the start goes on.
    - `reason`: `rounding` (met only because the value is judged at the target's printed precision),
      `above_band` (better than the upper bound), `no_target` (the plan sets none), `area_target` (a
      target of the whole city is no pass mark for one ward), `before_plan`, `after_plan`, `review`
      (counted once a year, and the review is not due), `until_end` (a yes or no that may still
      come), `incomplete` (some units have not reported), `no_baseline` (no value at the plan's
      start to compare the pace with), `first_day` (no pace yet), `unknown` (blanks leave the pace
      open).

    What accumulates within the year is paced from zero over the year, anything else from the value
    at the plan's start, which `observed` should hold too.

    >>> import sonla_analysis as sonla
    >>> plan = sonla.load_plan()
    >>> one = pd.DataFrame({"as_of": ["2020-12-31"], "unit": ["116"], "level": ["area"],
    ...     "indicator": ["schools_national_standard"], "numerator": [52], "denominator": [67],
    ...     "value": [52 / 67 * 100], "unknown": [0], "state": ["reported"]})
    >>> assess(one, plan)[["status", "still_needed"]].values.tolist()
    [['missed', 1]]
    """
    dates = {date: plan.on(date) for date in observed["as_of"].unique()}
    views = {found_legs(one.indicators): one for one in dates.values()}
    if len(views) > 1:  # milestones: each date is judged by those of its own leg
        own = observed["as_of"].map(dates)
        parts = [_assessed(observed, one)[own.map(lambda at, one=one: at is one)]
                 for one in views.values()]  # fmt: skip
        return pd.concat(parts).loc[observed.index]
    return _assessed(observed, next(iter(views.values()), plan))


def _assessed(observed: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return what `assess` says under one view of the plan."""
    rules = _rules(plan)
    if unknown := set(observed["indicator"]) - set(rules.index):
        raise UsageError(message("refused.other_plan", found=min(unknown), plan=plan.id))
    rows = observed.merge(rules, left_on="indicator", right_index=True, how="left")
    rows = _with_bounds(rows.set_axis(observed.index))
    missing, exact_missing = _missing(rows)
    sure, possible = _reached(rows, missing)
    known = rows["state"].eq("reported")
    why = _why_not_judged(rows, plan, known, ~possible)
    judged = (known & why.eq("")).to_numpy()
    elapsed = _elapsed(rows, plan)
    keys = [name for name in observed if name not in _NO_KEYS]
    path, forecast = _path(rows, keys, plan, elapsed)
    pace, no_pace = _pace(rows, path, elapsed)
    status = np.select(
        [
            judged & sure,
            judged & possible,
            judged & (elapsed >= 1),
            judged,
            why.eq("area_target") | rows["state"].eq("not_applicable"),
            why.ne(""),
        ],
        ["met", "undecided", "missed", pace, "not_applicable", "not_due"],
        "no_data",
    )
    met = status == "met"
    reasons = {
        "rounding": met & (exact_missing > 0),
        "above_band": met & _above_band(rows),
        "incomplete": rows["state"] == "incomplete",
    }
    other = np.where(status == "not_met", no_pace, why)
    reason = np.select(list(reasons.values()), list(reasons), other)
    told = (judged & (status != "undecided")) | (why == "until_end").to_numpy()
    return observed.assign(
        target=rows["target"].astype("float64"),
        upper=rows["upper"].astype("float64"),
        direction=rows["direction"],
        status=status,
        still_needed=missing.where(told).astype("Int64"),
        path_value=path.where(judged),
        forecast=forecast.where(judged),
        reason=reason,
    )


def _with_bounds(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the lowest and highest value possible: the value, where none is told."""
    if "lowest" in rows:
        return rows
    return rows.assign(lowest=rows["value"], highest=rows["value"])


def _why_not_judged(rows: pd.DataFrame, plan: Plan, known: pd.Series, unmet) -> pd.Series:
    """Return the reason of each known row on which the plan says nothing that day; "" elsewhere."""
    day, year = rows["as_of"], rows["counted_when"]
    whys = {
        "no_target": rows["target"].isna(),
        "area_target": rows["applies_to"].eq("area") & rows["level"].eq("unit"),
        "before_plan": (day < plan.judged_from) | (year.eq("within_year") & (day <= plan.start)),
        "after_plan": day > plan.end,
        "review": year.eq("review") & (day < rows["due"]),
        "until_end": _yes_or_no(rows) & unmet & (day < rows["end"]),
    }
    found = np.select([known & at for at in whys.values()], list(whys), "")
    return pd.Series(found, index=rows.index)


def _yes_or_no(rows: pd.DataFrame) -> pd.Series:
    """Return where one thing is so or not: a ward's one health station has no pace."""
    return rows["denominator"].astype("float64").eq(1)


def _rules(plan: Plan) -> pd.DataFrame:
    """Return what assess needs of each indicator; `steps` is the target in its last digit."""
    return pd.DataFrame(
        {
            one.id: {
                "kind": one.kind,
                "direction": one.direction,
                "applies_to": one.applies_to,
                "counted_when": one.counted_when,
                "target": np.nan if one.target is None else float(one.target),
                "upper": np.nan if one.upper is None else float(one.upper),
                "steps": int((one.target or Decimal()).scaleb(one.decimals)),  # 0.77 → 77
                "base": (1 if one.kind == "count" else 100) * 10**one.decimals,
                "start": plan.span(one)[0],
                "end": plan.span(one)[1],
                "due": plan.due(one),
                "line_from": np.nan
                if not one.leg or one.leg.before is None
                else float(one.leg.before),
            }
            for one in plan.indicators
        }
    ).T


def _missing(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the whole number missing to the target, judged as printed and judged exactly.

    Where blanks leave the numerator open, what is missing at its better end, so that so many are
    missing for sure; missing where they leave the denominator open.

    With N counted of D, a target of T last digits and B = 100 · 10^decimals, the printed value
    reaches "at least" when 2·B·N + D ≥ 2·D·T, and "at most" when 2·B·N < D·(2·T + 1).
    """
    counted = (rows["kind"] == "count").to_numpy()
    better = _better_count(rows)
    number = _whole(better)
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
    printed = np.where(_means_all(rows), exact, printed)
    whole = (-(-np.maximum(missing, 0) // _SCALE) for missing in (printed, exact))
    return tuple(pd.Series(one, index=rows.index).where(better.notna()) for one in whole)


def missing_to_target(observed: pd.DataFrame, plan: Plan) -> pd.Series:
    """Return the whole number still missing to the target, judged as printed, on any day.

    As `still_needed` of `assess`, but also where the plan does not judge on that day; missing
    where there is no target or no number.
    """
    rows = observed.merge(_rules(plan), left_on="indicator", right_index=True, how="left")
    rows = _with_bounds(rows.set_axis(observed.index))
    return _missing(rows)[0].where(rows["target"].notna()).astype("Int64")


def prints_as_met(rows: pd.DataFrame, plan: Plan) -> np.ndarray:
    """Return where the `value` of a row's `indicator` reaches its target as printed."""
    rules = _rules(plan).loc[rows["indicator"]].set_axis(rows.index)
    return _prints_as_reached(rows["value"], rules)


def _open(rows: pd.DataFrame) -> pd.Series:
    """Return where blanks leave more than one value possible."""
    return rows["lowest"].notna() & (rows["lowest"] != rows["highest"])


def _ends(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the worse and the better end of the value."""
    falling = rows["direction"] == "at_most"
    low, high = rows["lowest"].astype("float64"), rows["highest"].astype("float64")
    return high.where(falling, low), low.where(falling, high)


def _better_count(rows: pd.DataFrame) -> pd.Series:
    """Return the numerator at the better end of what blanks leave open."""
    number = rows["numerator"].astype("float64")
    total = rows["denominator"].astype("float64").where(rows["kind"] != "count", 100.0)
    better = (_ends(rows)[1] * total / 100).round(6)
    only_numerator = better.between(number, number + rows["unknown"].astype("float64")) & (
        better % 1 == 0
    )
    return number.where(~_open(rows), better.where(only_numerator))


def _reached(rows: pd.DataFrame, missing: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return where the target is reached for sure, and where it may be."""
    by_count, still_open = missing.eq(0).to_numpy(), _open(rows).to_numpy()
    worse, better = (_prints_as_reached(end, rows) for end in _ends(rows))
    return np.where(still_open, worse, by_count), np.where(still_open, better, by_count)


def _prints_as_reached(value: pd.Series, rows: pd.DataFrame) -> np.ndarray:
    """Return where a value reaches the target as printed; compared in billionths."""
    value = np.rint(value.fillna(0).to_numpy("float64") * _FINE).astype("int64")
    steps, base = rows["steps"].to_numpy("int64"), rows["base"].to_numpy("int64")
    unit = np.where(rows["kind"] == "count", 1, 100)
    digit = _FINE * unit // base  # the target's last digit
    target, direction = steps * digit, rows["direction"].to_numpy()
    half = np.where(_means_all(rows), 0, digit)
    return np.select(
        [direction == "at_most", direction == "above"],
        [np.where(half == 0, value <= target, 2 * value < 2 * target + half), value > target],
        2 * value >= 2 * target - half,
    )


def _means_all(rows: pd.DataFrame) -> np.ndarray:
    """Return where a target is a whole number, all or none: nothing is rounded."""
    direction, steps = rows["direction"].to_numpy(), rows["steps"].to_numpy("int64")
    all_of_them = (direction == "at_least") & (steps == rows["base"].to_numpy("int64"))
    counted = (rows["kind"] == "count").to_numpy()
    return counted | all_of_them | ((direction == "at_most") & (steps == 0))


def _whole(column: pd.Series) -> np.ndarray:
    """Return the counts as exact whole thousandths (0 where unknown; never used there)."""
    return np.rint(column.astype("float64").fillna(0).to_numpy() * _SCALE).astype("int64")


def _above_band(rows: pd.DataFrame) -> np.ndarray:
    """Return where the printed value is above the upper bound: 2·B·N ≥ D·(2·U + 1)."""
    number, total = _whole(rows["numerator"]), _whole(rows["denominator"])
    base = rows["base"].to_numpy("int64")
    upper = np.rint(rows["upper"].astype("float64").fillna(0) * base / 100).astype("int64")
    return rows["upper"].notna().to_numpy() & (2 * base * number >= total * (2 * upper + 1))


def _elapsed(rows: pd.DataFrame, plan: Plan) -> pd.Series:
    """Return the share of the time that has passed, 0 at its start and 1 at its end.

    The time is the plan's, or the year of the date for what accumulates within the year.
    """
    within_year = rows["counted_when"] == "within_year"
    keys = pd.Series(list(zip(rows["as_of"], rows["start"], rows["end"], strict=True)), rows.index)
    spans = {key: _share_of_time(*key) for key in set(keys)}
    years = {
        day: _share_of_time(day, year_end_before(day), min(plan.end, f"{day[:4]}-12-31"))
        for day in rows["as_of"].unique()
    }
    elapsed = keys.map(spans).mask(within_year, rows["as_of"].map(years))
    return elapsed.astype("float64")


def _share_of_time(day: str, start: str, end: str) -> float:
    if day >= end:
        return 1.0
    first = year_of(start)  # every year is as long as another, as in the outlook
    return max((year_of(day) - first) / (year_of(end) - first), 0.0)


def _path(rows: pd.DataFrame, keys: list[str], plan: Plan, elapsed: pd.Series) -> tuple:
    """Return the straight line's value on the date, and where today's pace leads.

    `keys` are the columns that say whose value it is. Missing where there is no pace: for what is
    counted once a year, and a yes or no.
    """
    start = rows[(rows["as_of"] == rows["start"]) & (rows["state"] == "reported")]
    start = start.set_index(keys)["value"].rename("baseline")
    baseline = rows[keys].merge(start, left_on=keys, right_index=True, how="left")["baseline"]
    baseline = baseline.set_axis(rows.index).astype("float64")
    baseline = baseline.mask(rows["counted_when"] == "within_year", 0.0)
    target, value = rows["target"].astype("float64"), rows["value"].astype("float64")
    line = rows["line_from"].astype("float64").fillna(baseline)
    line = line.mask(rows["counted_when"] == "within_year", 0.0)
    path = (line + (target - line) * elapsed).where(elapsed < 1, target)
    forecast = baseline + (value - baseline) / elapsed.where(elapsed > 0)
    share = rows["kind"] == "share"  # a reduction may be a rise, a count has no upper limit
    forecast = forecast.where(~share, forecast.clip(0, 100)).where(elapsed < 1, value)
    paced = rows["counted_when"].ne("review") & ~_yes_or_no(rows) & (elapsed > 0)
    return path.where(paced), forecast.where(paced)


_NO_KEYS = {"as_of", "level", *OBSERVED} - {"indicator"}


def _pace(rows: pd.DataFrame, path: pd.Series, elapsed: pd.Series) -> tuple:
    """Return the status of what is not met and may still be, and why where there is no pace."""
    worse, better = _ends(rows)
    falling = rows["direction"] == "at_most"
    worst, best = ((path - end).where(falling, end - path) for end in (worse, better))
    hair = 1e-9
    pace = np.select([worst >= -hair, best < -hair], ["on_track", "behind"], "not_met")
    why = np.select(
        [rows["counted_when"] == "review", elapsed <= 0, path.isna()],
        ["", "first_day", "no_baseline"],
        "unknown",
    )
    return pace, why
