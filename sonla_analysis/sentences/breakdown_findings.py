"""What the chart of one indicator says, over time or group by group."""

import pandas as pd

from sonla_analysis.indicators.breakdown import SHOWN
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import nfc, sort_key
from sonla_analysis.sentences import figures
from sonla_analysis.sentences.figures import (
    day,
    is_open,
    lower_start,
    name_of,
    number,
    printed_count,
)


def names(review, by: str | None, observed: pd.DataFrame) -> list[str]:
    """Return what stands before each row: a date, a unit's name, a group's name.

    Where several units stand side by side, a group's name is followed by its unit's.
    """
    if by is None:
        return [day(one, review.language) for one in observed["as_of"]]
    found = [_name(review, by, one) for one in observed[by].astype("str").fillna("")]
    if by == "unit" or observed["unit"].nunique() < 2:
        return found
    units = observed["unit"]
    return [f"{name} ({name_of(review, one)})" for name, one in zip(found, units, strict=True)]


def _name(review, by: str, value: str) -> str:
    language = review.language
    if by == "unit":
        return name_of(review, value, start=True)
    if value in ("male", "female", "urban", "rural"):
        return phrase(f"group.{value}", language)
    if by == "ethnicity" and value == "other":
        return phrase("gaps.other", language)
    return nfc(value) if value not in ("", "nan") else phrase("one.no_entry", language)


def group_word(review, by: str | None) -> str:
    """Return what the rows are divided by, as a column's heading."""
    if by in (None, "unit"):
        return phrase("one.unit" if by else "one.date", review.language)
    own = review.plan.columns.get("households", {})
    if by in own:
        return own[by].name.get(review.language, by)
    return phrase(f"group.{by}", review.language)


def value_text(row, one, language: str) -> str:
    """Return a row's value, or the word that says why there is none.

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> row = {"state": "reported", "value": 96.236}
    >>> value_text(row, load_plan()["preferential_loans"], "vi")
    '96,24%'
    """
    if row["state"] == "hidden":
        return phrase("one.hidden", language)
    text = figures.value_text(row, one, language)
    if row["state"] == "incomplete" and (pd.notna(row["value"]) or figures.is_open(row)):
        return phrase("one.incomplete", language, value=text)
    return text


def numbers_table(review, one, by: str | None, observed: pd.DataFrame) -> pd.DataFrame:
    """Return the rows as texts in the reader's language: name, counted, of how many, value."""
    language, rows = review.language, observed.to_dict("records")
    columns = {group_word(review, by): names(review, by, observed)}
    for part in _parts(one):
        texts = [printed_count(row, part, language) for row in rows]
        columns[phrase(f"one.{part}", language)] = texts
    columns[phrase("one.value", language)] = [value_text(row, one, language) for row in rows]
    return pd.DataFrame(columns)


def numbers_values(one, observed: pd.DataFrame) -> dict[int, pd.Series]:
    """Return the numbers that the columns of `numbers_table` print, by the column's place."""
    exact = [not is_open(row) for row in observed.to_dict("records")]
    shown = observed.assign(numerator=observed["numerator"].where(exact))
    return dict(enumerate((shown[part] for part in (*_parts(one), "value")), start=1))


def _parts(one) -> tuple[str, ...]:
    return ("numerator",) if one.kind == "count" else ("numerator", "denominator")


def slug(one, by: str | None) -> str:
    """Return the chart's file name: the indicator, and what divides it."""
    return one.id.replace("_", "-") + (f"-by-{by.replace('_', '-')}" if by else "")


def ranked(review, one, by: str, observed: pd.DataFrame) -> pd.DataFrame:
    """Return the rows, the one with most to do first; what may not be told stands last, by name."""
    value = observed["value"].astype("float64").where(observed["state"].isin(SHOWN))
    keys = pd.DataFrame(
        {
            "value": -value if one.lower_is_better else value,
            "name": [sort_key(name) for name in names(review, by, observed)],
        },
        index=observed.index,
    )
    order = keys.sort_values(["value", "name"], na_position="last", kind="stable").index
    return observed.loc[order].reset_index(drop=True)


def breakdown_title(review, one, by: str, rows: pd.DataFrame) -> str:
    """Return the finding: the lowest and the highest of the groups that may be told."""
    language, told = review.language, rows[rows["state"].isin(SHOWN)]
    words = {"short": one.short[language], "group": lower_start(group_word(review, by))}
    if told.empty:
        blank = rows[by].astype("str").fillna("").isin(["", "nan"]).all()
        nothing = f"one.nothing{'_internal' if review.is_internal else ''}"
        return phrase("one.not_written" if blank else nothing, language, **words)
    order = told["value"].astype("float64").sort_values(kind="stable").index
    low, high = told.loc[order[0]], told.loc[order[-1]]
    name = dict(zip(rows.index, names(review, by, rows), strict=True))
    words |= {"low": value_text(low, one, language), "high": value_text(high, one, language)}
    words |= {"lowest": name[order[0]], "highest": name[order[-1]]}
    if len(told) == 1:
        return phrase("one.single", language, name=name[order[0]], value=words["low"], **words)
    key = "same" if words["low"] == words["high"] else "range"
    return phrase(f"one.{key}", language, value=words["low"], **words)


def breakdown_note(rows: pd.DataFrame, left_out: int, language: str) -> str:
    """Return what the hidden figures mean, and how many rows are not drawn."""
    notes = []
    if (rows["state"] == "hidden").any():
        notes.append(phrase("one.hidden_note", language))
    if left_out:
        notes.append(phrase("one.cut", language, n=left_out))
    return " ".join(notes)


def group_figure(row: dict, one, language: str) -> str:
    text = value_text(row, one, language)
    if row["state"] not in SHOWN or one.kind == "count":
        return text
    return f"{text} ({number(row['numerator'], language)}/{number(row['denominator'], language)})"
