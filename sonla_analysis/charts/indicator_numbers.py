"""The numbers of one indicator: over the review dates, or group by group on one date."""

from dataclasses import replace

import pandas as pd

from sonla_analysis import sentences
from sonla_analysis.indicators.disclosure import hide
from sonla_analysis.indicators.groups import GROUPINGS, folded
from sonla_analysis.indicators.measure import measure
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import nfc, refuse
from sonla_analysis.sentences import day, number, unit_name

TRAITS = ("village", *GROUPINGS, "sex")  # what the protection of breakdowns covers
SHOWN = ("reported", "incomplete")


def shown(rows: pd.DataFrame) -> pd.Series:
    """Return which rows have a value that may be drawn."""
    return rows["state"].isin(SHOWN) & rows["value"].notna()


def groupings(review, indicator_id: str) -> list[str]:
    """Return what an indicator can be divided by: `unit` for the whole area, and traits.

    >>> from sonla_analysis.review import open_review
    >>> from sonla_analysis.definitions.folders import sample_folder
    >>> groupings(open_review(sample_folder(), "03646", "2020-12-31"), "hygienic_water")
    ['village', 'ethnicity', 'head_sex']
    """
    one = review.plan[indicator_id]
    tables = [count.table for count in (one.numerator, one.denominator) if count]
    known = review.plan.tables
    traits = [name for name in TRAITS if all(name in known[table] for table in tables)]
    if one.kind == "reduction":  # what little a group gained or lost would point at households
        traits = [name for name in traits if name == "area"]
    needless = "village" if review.is_area else "area"
    return ["unit"] * review.is_area + [name for name in traits if name != needless]


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
    tables = dict(review.tables)
    for name in ("households", "members"):
        tables[name] = folded(review.rows(name, unit=review.area), review.named_groups)
    observed = measure(tables, plan, review.as_of, by=("unit", by))
    observed = observed[observed["unit"] == review.unit].drop(columns="level")
    return _protected(review, indicator_id, by, observed.reset_index(drop=True))


def _protected(review, indicator_id: str, by: str, observed: pd.DataFrame) -> pd.DataFrame:
    """Return the groups with what must not be told hidden, and those without anybody.

    Where a line is hidden as a whole, who is in no household of the unit is not told either.
    """
    if observed.empty or by == "area":
        return observed
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
    rows = review.progress[review.progress["indicator"] == indicator_id]
    if by:
        rows = rows[(rows["as_of"] == review.as_of) & (rows["level"] == "unit")]
    else:
        rows = rows[(rows["unit"] == review.unit) & (rows["as_of"] <= review.as_of)]
        if review.plan[indicator_id].kind != "share":  # counted from zero every year
            rows = rows[rows["as_of"].str[:4] == review.as_of[:4]]
    return rows.drop(columns="level").reset_index(drop=True)


def names(review, by: str | None, observed: pd.DataFrame) -> list[str]:
    """Return what stands before each row: a date, a unit's name, a group's name."""
    if by is None:
        return [day(one, review.language) for one in observed["as_of"]]
    return [_name(review, by, one) for one in observed[by].astype("str").fillna("")]


def _name(review, by: str, value: str) -> str:
    language = review.language
    if by == "unit":
        return unit_name(review.units.loc[value], language, start=True)
    if value in ("male", "female", "urban", "rural"):
        return phrase(f"group.{value}", language)
    if by == "ethnicity" and value == "other":
        return phrase("gaps.other", language)
    return nfc(value) if value not in ("", "nan") else phrase("one.no_entry", language)


def group_word(review, by: str | None) -> str:
    """Return what the rows are divided by, as a column's heading."""
    key = {None: "one.date", "unit": "one.unit"}.get(by, f"group.{by}")
    return phrase(key, review.language)


def value_text(row, one, language: str) -> str:
    """Return a row's value, or the word that says why there is none.

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> row = {"state": "reported", "value": 96.236}
    >>> value_text(row, load_plan()["preferential_loans"], "vi")
    '96,24%'
    """
    if row["state"] == "hidden":
        return phrase("one.hidden", language)
    text = sentences.value_text(row, one, language)
    if row["state"] == "incomplete" and (pd.notna(row["value"]) or sentences.is_open(row)):
        return phrase("one.incomplete", language, value=text)
    return text


def numbers_table(review, one, by: str | None, observed: pd.DataFrame) -> pd.DataFrame:
    """Return the rows as texts in the reader's language: name, counted, of how many, value."""
    language, rows = review.language, observed.to_dict("records")
    columns = {group_word(review, by): names(review, by, observed)}
    parts = ("numerator",) if one.kind == "count" else ("numerator", "denominator")
    for part in parts:
        texts = [number(row[part], language) for row in rows]
        columns[phrase(f"one.{part}", language)] = texts
    columns[phrase("one.value", language)] = [value_text(row, one, language) for row in rows]
    return pd.DataFrame(columns)


def slug(one, by: str | None) -> str:
    """Return the chart's file name: the indicator, and what divides it."""
    return one.id.replace("_", "-") + (f"-by-{by.replace('_', '-')}" if by else "")


def tick_decimals(ticks) -> int:
    """Return the decimals that print a scale's values exactly.

    >>> tick_decimals([0, 50, 100]), tick_decimals([0.6, 0.8]), tick_decimals([0.75, 1])
    (0, 1, 2)
    """
    return next(
        (
            places
            for places in (0, 1)
            if all(round(tick, places) == round(tick, 6) for tick in ticks)
        ),
        2,
    )
