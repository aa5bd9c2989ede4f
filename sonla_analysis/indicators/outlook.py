"""Will the target be reached? Several answers side by side, for no single one is always right.

Formulas, worked numbers and how each did on published series: docs/methods-outlook.md.
"""

import numpy as np
import pandas as pd

from sonla_analysis.definitions.plan import Indicator, Plan
from sonla_analysis.definitions.units import day_after
from sonla_analysis.indicators.measure import year_end_before, year_of
from sonla_analysis.indicators.moves import Rates, chance_at_most, drawn_poor, expected_poor
from sonla_analysis.indicators.poverty_path import RATE, most_allowed
from sonla_analysis.indicators.progress import prints_as_met

METHODS = ("line", "last_points", "last_ratio", "moves", "moves_of_years")


def outlook(
    observed: pd.DataFrame, plan: Plan, as_of: str, *, moves=None, since: str = ""
) -> pd.DataFrame:
    """Return where each running target leads, by method: one row per unit, indicator and method.

    Columns: as_of, unit, level, indicator, method; `now`, `of` and `now_on` (the value it starts
    from, of how many, and its day); `until`; `value` (predicted, for that day); `met` (would that
    reach the target as printed) and `now_met` (does today's value); `chance` (of reaching it) and
    `settles_at` (percent; only from moves); `reason` why a method says nothing; `disagree`: the
    methods that answer do not all say the same. Of a target with milestones the next one and the
    last are told, each with its `until`.

    - `line`: from the plan's start (from nothing at the start of the year, for what accumulates
      within it) through today's value, on to the end.
    - `last_points`, `last_ratio`: the change over the last year, in points or as a ratio, again
      every year.
    - `moves` (poverty rate; needs `moves`, of `yearly_moves`): the moves of the last year go on;
      `moves_of_years`: those of the past years, drawn by chance (2,000 draws, seeded).

    Reasons: `no_baseline`, `first_day`, `no_year_before`, `zero` (no ratio to nothing),
    `within_year`, `no_moves`, `one_year` (only one year of moves is known), `new_law` (the plan's
    poverty standard is in force no more on the day, and it counts the poor). `since` is the day of
    the last change of law or boundaries: no earlier value is used. Left out are targets of the
    whole area for its units, yes or no facts, values that are not known, days outside the plan.

    >>> import sonla_analysis as sonla
    >>> plan = sonla.load_plan()
    >>> observed = sonla.measure(sonla.load_tables("data/sample"), plan)
    >>> found = outlook(observed, plan, "2020-06-30").query("unit == '116'")
    >>> found.query("indicator == 'hygienic_water'")[["method", "reason"]].values.tolist()
    [['line', ''], ['last_points', 'no_year_before'], ['last_ratio', 'no_year_before']]
    """
    known = observed[(observed["state"] == "reported") & observed["value"].notna()]
    known = known[(known["as_of"] <= as_of) & (known["as_of"] >= since)]
    ahead, last = plan.on(day_after(as_of)), plan.on(plan.end)
    views = [ahead] if ahead is last else [ahead, last]
    found = pd.concat([_of_view(known, view, as_of, moves) for view in views])
    return found.drop_duplicates([*_GOAL, "method"], ignore_index=True)


_GOAL = ["unit", "indicator", "until"]


def _of_view(known: pd.DataFrame, plan: Plan, as_of: str, moves) -> pd.DataFrame:
    """Return the rows of the targets that one view of the plan has."""
    rows = [
        row
        for one in plan.indicators
        for row in _of_indicator(known[known["indicator"] == one.id], one, plan, as_of, moves)
    ]
    found = pd.DataFrame(rows, columns=_COLUMNS)
    answered = found["value"].notna()
    met = pd.Series(prints_as_met(found, plan), found.index).astype("boolean").where(answered)
    now_met = prints_as_met(found.assign(value=found["now"]), plan)
    says = met.groupby([found[name] for name in _GOAL])
    return found.assign(met=met, now_met=now_met, disagree=says.transform("nunique") > 1)


_COLUMNS = ["as_of", "unit", "level", "indicator", "method", "now", "of", "now_on", "until"]
_COLUMNS += ["value", "met", "chance", "settles_at", "reason"]


def _of_indicator(known: pd.DataFrame, indicator: Indicator, plan: Plan, as_of: str, moves):
    """Yield the rows of an indicator that has a running target."""
    until = _until(indicator, plan, as_of)
    running = indicator.target is not None and plan.start <= as_of < until
    if not running or indicator.kind not in ("share", "count"):
        return
    review = indicator.counted_when == "review" and not as_of.endswith("-12-31")
    day = year_end_before(as_of) if review else as_of  # once a year: the last review
    if indicator.applies_to == "area":
        known = known[known["level"] == "area"]
    for unit, points in known.groupby("unit", sort=False):
        now = points[points["as_of"] == day].to_dict("records")
        if now and not (indicator.kind == "share" and now[0]["denominator"] == 1):
            own = None if moves is None else moves[moves["unit"] == unit]
            values = dict(zip(points["as_of"], points["value"], strict=True))
            for answer in _answers(now[0], values, indicator, plan, own, until):
                yield {"unit": unit, "level": now[0]["level"], "as_of": as_of} | answer


def _until(indicator: Indicator, plan: Plan, as_of: str) -> str:
    """Return the day on which the target is judged; of what is counted anew each year, its end.

    Of such a one nothing can be said of another year: "", the target of that year.
    """
    end, own_year = plan.span(indicator)[1], f"{as_of[:4]}-12-31"
    if indicator.counted_when != "within_year":
        return end
    return "" if indicator.leg and end > own_year else min(end, own_year)


def _answers(now: dict, values: dict, indicator: Indicator, plan: Plan, moves, until: str):
    """Return the answers of the methods, one dictionary each."""
    day, within = now["as_of"], indicator.counted_when == "within_year"
    start = year_end_before(day) if within else plan.start
    values = values | {start: 0.0} if within else values
    ahead = year_of(until) - year_of(day)
    answers = {"line": _line(values, start, day, ahead)}
    answers |= {name: _last(values, day, ahead, name, within) for name in METHODS[1:3]}
    if indicator.id == RATE and moves is not None:
        answers |= _by_moves(now, indicator, moves, ahead)
    if _of_the_poor(indicator) and until > (plan.standard_data.valid_to or until):
        answers = {name: {"reason": "new_law"} for name in answers}
    common = {"indicator": indicator.id, "now": now["value"], "of": now["denominator"]}
    common |= {"now_on": day, "until": until}
    return [
        common | {"method": name} | _clipped(answer, indicator) for name, answer in answers.items()
    ]


def _of_the_poor(indicator: Indicator) -> bool:
    """Whether it is counted from the register of the poor, which another law makes another one."""
    return any(one.table in ("households", "members") for one in indicator.counts)


def _clipped(answer: dict, indicator: Indicator) -> dict:
    """Return the answer with a share kept within 0 and 100 %."""
    if indicator.kind == "share" and "value" in answer:
        return answer | {"value": float(np.clip(answer["value"], 0, 100))}
    return answer


def _line(values: dict, start: str, day: str, ahead: float) -> dict:
    if day <= start:
        return {"reason": "first_day"}
    if start not in values:
        return {"reason": "no_baseline"}
    elapsed = year_of(day) - year_of(start)
    return {"reason": "", "value": in_points(values[start], values[day], elapsed, ahead)}


def _last(values: dict, day: str, ahead: float, method: str, within: bool) -> dict:
    before = f"{int(day[:4]) - 1:04}{day[4:]}"
    if within:
        return {"reason": "within_year"}
    if before not in values:
        return {"reason": "no_year_before"}
    if method == "last_points":
        return {"reason": "", "value": in_points(values[before], values[day], 1, ahead)}
    if not values[before]:
        return {"reason": "zero"}
    return {"reason": "", "value": as_ratio(values[before], values[day], 1, ahead)}


def in_points(first: float, last: float, years: float, ahead: float) -> float:
    """Return where a value leads if it goes on to change by as many points a year.

    >>> round(in_points(34.44, 25.42, 3, 2), 6)
    19.406667
    """
    return last + (last - first) / years * ahead


def as_ratio(first: float, last: float, years: float, ahead: float) -> float:
    """Return where a value leads if it goes on to change by the same ratio a year.

    >>> round(as_ratio(21.66, 11.11, 3, 1), 6)
    8.893361
    """
    return last * (last / first) ** (ahead / years)


def _by_moves(now: dict, indicator: Indicator, moves: pd.DataFrame, ahead: float) -> dict:
    """Return the answers of the moves, for whole years from the end of a year."""
    past = moves[(moves["as_of"] <= now["as_of"]) & (moves["reason"] == "")].sort_values("as_of")
    last = past[past["as_of"] == now["as_of"]]
    if not len(last) or ahead % 1:
        return {name: {"reason": "no_moves"} for name in METHODS[3:]}
    rates = [Rates(*pair) for pair in past[["leave", "come"]].to_numpy()]
    poor, households, years = int(now["numerator"]), int(now["denominator"]), int(ahead)
    most, level = most_allowed(indicator, households), 100 * rates[-1].settles_at
    value = 100 * expected_poor(poor, households, rates[-1], years) / households
    chance = chance_at_most(most, poor, households, rates[-1], years)
    answers = {"moves": {"value": value, "chance": chance, "settles_at": level, "reason": ""}}
    if len(rates) < 2:
        return answers | {"moves_of_years": {"reason": "one_year"}}
    drawn = drawn_poor(poor, households, rates, years)
    value, chance = 100 * float(drawn.mean()) / households, float((drawn <= most).mean())
    return answers | {"moves_of_years": {"value": value, "chance": chance, "reason": ""}}
