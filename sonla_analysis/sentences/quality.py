"""What is true of the data of a date: who sent, what is blank, what must be corrected; a statement.

No household and no cell is named: a finding is told by its rule, its table and its column.
"""

import pandas as pd

from sonla_analysis.indicators import quality
from sonla_analysis.indicators.quality import SENT
from sonla_analysis.language.phrases import label, phrase
from sonla_analysis.sentences.changes import revised
from sonla_analysis.sentences.figures import day, name_of, number
from sonla_analysis.sentences.shared import unit_names


def headline(review) -> str:
    """Return who has sent, how many cells are blank or must be corrected, how many figures stand.

    >>> from sonla_analysis.definitions.folders import sample_folder
    >>> from sonla_analysis.review import open_review
    >>> headline(open_review(sample_folder(), "03652", "2020-12-31")).split(". ")[0]
    'Phường Quyết Thắng đã gửi đủ 5 bảng số liệu kỳ 31/12/2020'
    """
    states = _own(review)
    told = [_who_sent(review, states)]
    if came(states).any():
        told += [_blank(review, states), _found(review), _figures(review)]
    return " ".join(filter(None, told))


def _own(review) -> pd.DataFrame:
    """Return the states of this unit's tables; the area: of all units'."""
    states = quality.table_states(review)
    return states if review.is_area else states[states["unit"] == review.unit]


def _word(key: str, review, /, **values) -> str:
    numbers = {name: number(n, review.language) if isinstance(n, int) else n
               for name, n in values.items()}  # fmt: skip
    return phrase(f"quality.{key}", review.language, **numbers)


def came(states: pd.DataFrame) -> pd.Series:
    """Return whether each table came: also what is being corrected did."""
    return states["state"].isin([*SENT, "withheld"])


def _who_sent(review, states: pd.DataFrame) -> str:
    date, whole = day(review.as_of, review.language), came(states).groupby(states["unit"]).all()
    if not review.is_area:
        words = {"unit": name_of(review, review.unit, start=True)}
        words |= {"n": int(came(states).sum()), "all": len(states), "date": date}
        key = "sent_all" if came(states).all() else "sent_some" if words["n"] else "sent_nothing"
        return _word(key, review, **words)
    words = {"n": int(whole.sum()), "units": len(whole), "date": date}
    return _word("area_all" if whole.all() else "area_some", review, **words)


def _blank(review, states: pd.DataFrame) -> str:
    n, units = (
        int(states["blank"].sum()),
        int(states["blank"].gt(0).groupby(states["unit"]).any().sum()),
    )
    columns = quality.blank_columns(review)["state"]
    if n:
        return _word("blank_area" if review.is_area else "blank", review, n=n, units=units)
    held = "_but_held" if states["state"].eq("withheld").any() else ""
    return _word("blank_groups" if len(columns) else f"blank_none{held}", review)


def _found(review) -> str:
    found = quality.found_here(review)
    errors, others = (found[found["severity"].eq("error") == one] for one in (True, False))
    held = review.data.doubts.query("as_of == @review.as_of")["unit"]
    if review.is_area:
        words = {"units": int(held.nunique())}
    else:
        held, words = held[held == review.unit], {"units": 1}
    key = "errors_area" if review.is_area else "errors"
    text = _word(key, review, n=int(errors["cells"].sum()), **words) if len(errors) else ""
    if not text:
        text = _word("errors_none" if held.empty else "errors_follow", review, **words)
    n = int(others["cells"].sum())
    return f"{text} {_word('warnings', review, n=n)}" if n else text


def _figures(review) -> str:
    states = quality.figure_states(review)
    n = sum(len(names) for state, names in states.items() if state != "not_applicable")
    if not n:
        return ""
    whole = len(states.get("whole", []))
    key = "figures_all" if whole == n else "figures" if whole else "figures_none"
    return _word(key, review, n=whole, all=n)


def missing(review) -> list[str]:
    """Return which tables have not come, or not whole; of the area from which units, alike in one.

    Nothing of a unit that has sent none: its headline says so.
    """
    states = _own(review)
    lacking = states[~came(states)].groupby("unit", sort=False)["table"].agg(tuple)
    every = states["table"].nunique()
    if not review.is_area:
        own = [names for names in lacking if len(names) < every]
        return [_word("lacks", review, tables=_tables(review, names)) for names in own]
    alike = {}
    for unit, names in lacking.items():
        alike.setdefault(names, []).append(unit)
    return [
        _word("nothing" if len(names) == every else "lack", review,
              tables=_tables(review, names), units=unit_names(review, units))
        for names, units in sorted(alike.items(), key=lambda one: -len(one[0]))
    ]  # fmt: skip


def _tables(review, names) -> str:
    return ", ".join(table_name(one, review.language) for one in names)


def table_name(table: str, language: str) -> str:
    """Return what a table is called in the workbooks that are sent out."""
    return label("fill_sheet", table, language)


def received(review) -> str:
    """Return from when to when the tables of the date came; or that nobody wrote it down."""
    found, language = quality.received(review), review.language
    if found.empty:  # a record of other dates says that nothing came
        return _word("not_received", review) if review.data.sources.empty else ""
    days = sorted(found["received"])
    key = "received_day" if days[0] == days[-1] else "received"
    text = _word(key, review, first=day(days[0], language), last=day(days[-1], language))
    if not review.is_area or days[0] == days[-1]:
        return text
    late = found.loc[found["received"] == days[-1], "unit"].unique()
    words = {"last": day(days[-1], language), "units": unit_names(review, list(late))}
    return f"{text} {_word('received_last', review, **words)}"


def earlier(review) -> list[str]:
    """Return how many places of earlier dates must be corrected; nothing where none are."""
    found = quality.found_here(review, earlier=True)
    n = int(found.loc[found["severity"] == "error", "cells"].sum())
    return [_word("earlier", review, n=n)] if n else []


def revisions(review) -> list[str]:
    """Return which published figures of the report before are revised; or that none is known."""
    if not review.since:
        return [_word("nothing_published", review)]
    since = day(review.since, review.language)
    return revised(review) or [_word("not_revised", review, date=since)]


def statement(review) -> list[str]:
    """Return what is signed: what the figures are, what they are not, and the mark of the data."""
    states, language = _own(review), review.language
    words = {"date": day(review.as_of, language, long=True), "mark": review.digest}
    if not came(states).any():
        return [_word("signed_nothing", review, **words)]
    figures = quality.figure_states(review)
    is_open = not came(states).all() or set(figures) - {"whole", "not_applicable"}
    told = [_word("signed", review, **words)]
    told.append(_word("signed_open" if is_open else "signed_whole", review))
    return [*told, _word("signed_limits", review)]


def places(review) -> list[str]:
    """Return the places to be filled in by who signs: what no data tell."""
    states, found = _own(review), quality.found_here(review)
    wrong = not states["state"].isin(["full", "none"]).all() or found["severity"].eq("error").any()
    return _word("places_open" if wrong else "places", review).split("|")
