"""The tables of the page on data quality: who sent what, what is blank, found and published."""

import pandas as pd

from sonla_analysis.definitions.needed import needed
from sonla_analysis.indicators import quality
from sonla_analysis.indicators.measure import leaf_units
from sonla_analysis.language.phrases import has, label, phrase
from sonla_analysis.page.annex_tables import build, cell, text_of
from sonla_analysis.review import Review
from sonla_analysis.sentences import day, name_of, number
from sonla_analysis.sentences.quality import table_name
from sonla_analysis.sentences.shared import unit_names
from sonla_analysis.sentences.table import Table

_MOST = 40  # rows of a table in the text


def _table(review: Review, slug: str, spec: str, rows: list[list], labels=None, notes=()) -> Table:
    words = {"date": day(review.as_of, review.language)}
    words["unit"] = name_of(review, review.unit)
    words |= {"labels": labels, "notes": list(notes)}
    return build(review, f"quality_{slug}", spec, rows, annex=False, **words)


def _note(review: Review, name: str, **values) -> str:
    return phrase(f"quality_note.{name}", review.language, **values)


def sent(review: Review) -> Table:
    """Return how each table of the date came: of the area a row is a unit, else a table."""
    return _of_units(review) if review.is_area else _of_tables(review)


def _of_units(review: Review) -> Table:
    states, language = quality.table_states(review), review.language
    days = quality.received(review).groupby("unit")["received"].max()
    tables, spec, rows = list(needed(review.plan)), "order unit_name", []
    for place, (code, own) in enumerate(states.groupby("unit", sort=False), start=1):
        name = name_of(review, code, start=True)
        by_table = own.set_index("table")
        cells = [_state(by_table.loc[one], language) for one in tables]
        when = [day(days[code], language) if code in days else "…"] if len(days) else []
        rows.append([str(place), name, *cells, *when])
    spec += "".join(f" {one}" for one in tables) + (" received" if len(days) else "")
    labels = {one: table_name(one, language) for one in tables}
    return _table(review, "units", spec, rows, labels, _legend(review, states))


def _state(row: pd.Series, language: str) -> str:
    n = number(row["blank"], language)
    return phrase(f"quality_state.{row['state']}", language, n=n)


def _legend(review: Review, states: pd.DataFrame) -> list[str]:
    """Return what the words mean that stand in the table."""
    used = [
        one for one in ("blank", "empty", "none", "part", "withheld") if one in set(states["state"])
    ]
    notes = [_note(review, f"state_{one}") for one in used]
    return [" ".join([*notes, _note(review, "not_zero")])]


def _of_tables(review: Review) -> Table:
    states, language = quality.table_states(review), review.language
    own, came = states[states["unit"] == review.unit], quality.received(review).set_index("table")
    rows = []
    for one in own.to_dict("records"):
        table, lines = one["table"], one["rows"]
        if not lines and one["state"] in ("withheld", "not_sent"):
            lines = one["state"].replace("not_sent", "not_reported")
        row = [table_name(table, language), _state(one, language), lines]
        if len(came):
            there = table in came.index
            row.append(day(came.loc[table, "received"], language) if there else "…")
            row.append((came.loc[table, "number"] or "–") if there else "…")
        rows.append(row)
    spec = "table state rows:0" + (" received sending" if len(came) else "")
    return _table(review, "tables", spec, rows, notes=_legend(review, own))


def dates(review: Review) -> Table:
    """Return what came on each date up to this one; a row is a date, a column a table."""
    found, language = quality.sent_on(review), review.language
    rows = []
    for date, counts in found.iterrows():
        texts = [_came(n, date, review) for n in counts]
        rows.append([day(date, language), *texts])
    labels = {one: table_name(one, language) for one in found}
    spec = "date" + "".join(f" {one}" for one in found)
    kind = "area" if review.is_area else "unit"
    return _table(review, f"dates_{kind}", spec, rows, labels, [_note(review, f"dates_{kind}")])


def _came(n, date: str, review: Review) -> str:
    """Return how many units sent a table on a date, or how many rows of it this one sent."""
    if review.is_area:
        units = len(leaf_units(review.tables, date))
        return phrase("index.of", review.language, n=number(n, review.language), total=units)
    return text_of(n, "0", review.language)


def blank(review: Review) -> Table | None:
    """Return the columns with blank cells; a row is a column. None where none is blank."""
    found, language = quality.blank_columns(review), review.language
    rows = []
    for one in found.to_dict("records"):
        counts = [one["rows"] - one["blank"], one["blank"], one["rows"], one["units"]]
        if one["state"] == "protected":
            counts = ["hidden", "hidden", one["rows"], "hidden"]
        table, text = one["table"], phrase(f"quality_blank.{one['state']}", language)
        names = [table_name(table, language), column_name(review, table, one["column"])]
        rows.append([*names, text, *counts[: 4 if review.is_area else 3]])
    if not rows:
        return None
    spec = "table column blank_state known:0 blank:0 rows:0" + " units:0" * review.is_area
    protected = ["protected"] if (found["state"] == "protected").any() else []
    notes = [_note(review, one) for one in ("blank", *protected)]
    return _table(review, "blank", spec, rows, notes=[" ".join(notes)])


def column_name(review: Review, table: str, column: str) -> str:
    """Return what a column is called: by the plan or its standard, else by the words."""
    own = review.plan.tables.get(table, {}).get(column)
    name = (own.name if own else {}).get(review.language)
    if name and column.startswith("deprived_"):
        return phrase("counting.deprived", review.language, name=name)
    return name or label("column_label", column, review.language)


def found(review: Review) -> Table | None:
    """Return what was found in the data, by rule and column, most to correct first.

    No row and no value is told. None where nothing was found.
    """
    here, language = quality.found_here(review), review.language
    if here.empty:
        return None
    keys = ["severity", "rule", "table", "column"]
    alike = here.groupby(keys, sort=False).agg(
        cells=("cells", "sum"), units=("unit", lambda codes: list(dict.fromkeys(codes)))
    )
    alike = alike.sort_values("cells", ascending=False, kind="stable").reset_index()
    alike = alike.sort_values("severity", kind="stable")  # errors before warnings
    rows = [_found_row(review, one) for one in alike.head(_MOST).to_dict("records")]
    spec = "rule table column severity cells:0" + (" where" if review.is_area else "")
    notes = [_note(review, "found")]
    if (more := len(alike) - _MOST) > 0:
        notes.append(_note(review, "more", n=number(more, language)))
    return _table(review, "found", spec, rows, notes=[" ".join(notes)])


def _found_row(review: Review, one: dict) -> list:
    language = review.language
    rule = one["rule"] if has("quality_rule", one["rule"]) else "other"
    table, column = table_name(one["table"], language), one["column"]
    row = [
        phrase(f"quality_rule.{rule}", language),
        table,
        column_name(review, one["table"], column) if column else "–",
        phrase(f"quality_severity.{one['severity']}", language),
        cell(one["cells"]),
    ]
    everywhere = phrase("quality.everywhere", language)
    where = everywhere if "" in one["units"] else unit_names(review, one["units"])
    return [*row, where] if review.is_area else row


def figures(review: Review) -> Table:
    """Return how much is known of the plan's figures; a row is a state, with the figures in it."""
    rows = []
    for state, names in quality.figure_states(review).items():
        plan = [review.plan[one] for one in names]
        listed = "; ".join(f"{one.number}. {one.short[review.language]}" for one in plan)
        rows.append([phrase(f"quality_figure.{state}", review.language), len(names), listed])
    notes = [_note(review, "figures")] if "open" in quality.figure_states(review) else []
    return _table(review, "figures", "figure_state n:0 names", rows, notes=notes)
