"""The numbers of one indicator: over the review dates, or group by group on one date."""

from dataclasses import replace

import pandas as pd

from sonla_analysis.indicators.disclosure import hide, hide_small
from sonla_analysis.indicators.groups import GROUPINGS, folded
from sonla_analysis.indicators.measure import measure
from sonla_analysis.indicators.of_review import own_progress, progress_rows
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import refuse

TRAITS = ("village", *GROUPINGS, "sex")  # what the protection of breakdowns covers
SHOWN = ("reported", "incomplete")


def shown(rows: pd.DataFrame) -> pd.Series:
    """Return which rows have a value that may be drawn."""
    return rows["state"].isin(SHOWN) & rows["value"].notna()


def groupings(review, indicator_id: str) -> list[str]:
    """Return what an indicator can be divided by: `unit` for the whole area, traits, own groups.

    >>> from sonla_analysis.review import open_review
    >>> from sonla_analysis.definitions.folders import sample_folder
    >>> groupings(open_review(sample_folder(), "03646", "2020-12-31"), "hygienic_water")
    ['village', 'ethnicity', 'head_sex']
    """
    one = review.plan[indicator_id]
    tables = [count.table for count in one.counts]
    known = review.plan.tables
    own = own_groups(review.plan) if _tells_own(review, set(tables)) else []
    traits = [name for name in (*TRAITS, *own) if all(name in known[table] for table in tables)]
    # what little a group gained or lost would point at households
    if one.kind == "reduction" and not review.is_internal:
        traits = [name for name in traits if name == "area"]
    needless = "village" if review.is_area else "area"
    return ["unit"] * review.is_area + [name for name in traits if name != needless]


def _tells_own(review, tables: set[str]) -> bool:
    """Whether a plan's own groups may divide: households, and to the public the whole area alone.

    What protects the traits of every plan over results and years knows nothing of them.
    """
    return tables == {"households"} and (review.is_area or review.is_internal)


def own_groups(plan) -> list[str]:
    """Return the columns of choices that a plan itself declares; they divide households only.

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> own_groups(load_plan())
    []
    """
    return [name for name, one in plan.columns.get("households", {}).items() if one.choices]


def observations(review, indicator_id: str, by: str | None = None) -> pd.DataFrame:
    """Return the rows of an indicator: one per review date, or one per group on the date.

    Columns: as_of, unit, the group, indicator, numerator, denominator, value, unknown, state and,
    where a whole unit is judged, what `assess` adds. Small cells are hidden.
    """
    if by and by not in (allowed := groupings(review, indicator_id)):
        raise UsageError(refuse("by", by, allowed))
    if by in (None, "unit"):
        return _judged(review, indicator_id, by)
    plan = replace(review.plan, indicators=(review.plan[indicator_id],))
    observed = _measured(review, plan, by)
    observed = observed[observed["unit"] == review.unit].drop(columns="level")
    return _protected(review, indicator_id, by, observed.reset_index(drop=True))


def side_by_side(reviews: list, indicator_id: str, by: str | None = None) -> pd.DataFrame:
    """Return the rows of several units on one date, one per unit, or per unit and group.

    Each unit's groups are protected as on its own page.
    """
    if by:
        return pd.concat([observations(one, indicator_id, by) for one in reviews]).reset_index(
            drop=True
        )
    rows, units = progress_rows(reviews[0], indicator=indicator_id), [one.unit for one in reviews]
    rows = rows[rows["unit"].isin(units)].drop(columns="level")
    return rows.sort_values("unit", key=lambda codes: codes.map(units.index), ignore_index=True)


def _measured(review, plan, by: str) -> pd.DataFrame:
    tables = dict(review.tables)
    for name in ("households", "members"):
        tables[name] = folded(review.rows(name, unit=review.area), review.named_groups)
    return measure(tables, plan, review.as_of, by=("unit", by))


def _protected(review, indicator_id: str, by: str, observed: pd.DataFrame) -> pd.DataFrame:
    """Return the groups with what must not be told hidden, and those without anybody.

    Where a line is hidden as a whole, who is in no household of the unit is not told either.
    """
    if observed.empty or by == "area":
        return observed
    if by not in TRAITS:
        if review.is_internal:
            return observed
        return hide_small(observed.assign(level="area"), [by]).drop(columns="level")
    hidden = review.hidden_groups(indicator_id, by)
    groups = observed[by].astype("str").mask(observed[by].isna())
    keys = groups.fillna("" if by == "village" else "blank")
    absent = [name for name in hidden if name not in set(keys)]
    empty = observed.iloc[[0] * len(absent)].assign(
        numerator=0, denominator=0, value=None, lowest=None, highest=None, unknown=0,
        state="not_applicable",
        **{by: [None if name == "blank" else name for name in absent]},
    )  # fmt: skip
    if review.plan[indicator_id].kind == "count":
        zero = dict.fromkeys(("value", "lowest", "highest"), 0)
        empty = empty.assign(**zero, denominator=pd.NA, state="reported")
    observed = pd.concat([observed, empty.astype(observed.dtypes)], ignore_index=True)
    keys = [*keys, *absent]
    return hide(observed, pd.Series([hidden[name] for name in keys], dtype=bool))


def _judged(review, indicator_id: str, by: str | None) -> pd.DataFrame:
    if by:
        rows = progress_rows(review, indicator=indicator_id, level="unit")
    else:
        rows = own_progress(review)
        rows = rows[rows["indicator"] == indicator_id]
        if review.plan[indicator_id].kind != "share":  # counted from zero every year
            rows = rows[rows["as_of"].str[:4] == review.as_of[:4]]
    return rows.drop(columns="level").reset_index(drop=True)
