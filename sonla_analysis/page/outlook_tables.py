"""The tables of where targets lead, method beside method, and of what each unit must bring."""

import pandas as pd

from sonla_analysis.indicators.outlook import METHODS
from sonla_analysis.indicators.poverty_path import RATE
from sonla_analysis.language.phrases import phrase
from sonla_analysis.page.annex_tables import build, dated, whole_first
from sonla_analysis.review import Review
from sonla_analysis.sentences import day, name_of, target
from sonla_analysis.sentences.bring_findings import split_by_rule
from sonla_analysis.sentences.outlook_findings import (
    borrowed,
    chance_said,
    enough,
    goal,
    goals,
    outcome,
    tried_on_published,
    value_said,
    why_silent,
)
from sonla_analysis.sentences.table import Table

_SHOWN = METHODS[:4]


def outlook(review: Review) -> Table | None:
    """Return where targets not met yet lead, by every method; a row is a target and its day.

    None where nothing is foreseen by two methods; of a unit a sentence says all of one target.
    """
    told = [rows for rows in goals(review) if enough(rows)]
    if len(told) < (1 if review.is_area else 2):
        return None
    language = review.language
    days = {rows["until"].iloc[0] for rows in told}
    lines = [_line(review, rows, several=len(days) > 1) for rows in told]
    spec = "indicator target now_on " + " ".join(f"by_{name}" for name in _SHOWN) + " says"
    key = "outlook.every" if len(days) == 1 else "outlook.every_own"
    until = phrase(key, language, until=day(min(days), language))
    past = borrowed(review) if _uses_the_past(told) else ""
    notes = [dated(review), until, why_silent(review, told), past, tried_on_published(language)]
    return build(review, "outlook", spec, lines, notes=[*filter(None, notes)], annex=False)


def _uses_the_past(told: list[pd.DataFrame]) -> bool:
    return any(rows["indicator"].iloc[0] == RATE for rows in told)


def _line(review: Review, rows: pd.DataFrame, *, several: bool) -> list[str]:
    """Return a row of texts: what is now, each method's value, what they say together."""
    language, indicator, first = review.language, goal(review, rows), rows.iloc[0]
    now = value_said(first["now"], indicator, language)
    now += f" ({day(first['now_on'], language)})" if first["now_on"] != review.as_of else ""
    by = rows.set_index("method")
    cells = [_cell(by.loc[name], indicator, language) if name in by.index else "–"
             for name in _SHOWN]  # fmt: skip
    goal_said = target(indicator, language)
    goal_said += f" ({first['until'][:4]})" if several and not indicator.leg else ""
    says = phrase(f"outlook_says.{outcome(review, rows)}", language)
    return [f"{indicator.number}. {indicator.short[language]}", goal_said, now, *cells, says]


def _cell(answer: pd.Series, indicator, language: str) -> str:
    if pd.isna(answer["value"]):
        return "–"
    value = value_said(answer["value"], indicator, language)
    if pd.isna(answer["chance"]):
        return value
    chance = chance_said(answer["chance"], language)
    return phrase("outlook.cell_chance", language, value=value, chance=chance)


def to_bring(review: Review) -> Table | None:
    """Return what each unit must bring for the area to meet its poverty target, by three rules.

    A row is the area, with the sum, or a unit. None where the target is met, or nothing can be
    split.
    """
    language, found = review.language, split_by_rule(review)
    if not found:
        return None
    by_unit = {rule: rows.set_index("unit") for rule, rows in found.items()}
    area = review.area_now.loc[RATE]
    sums = [int(rows["brings"].sum()) for rows in found.values()]
    name = name_of(review, review.area, start=True)
    rows = [[name, int(area["numerator"]), area["value"], *sums]]
    rows += [_shares(review, code, by_unit) for code in review.leaf_units.index]
    spec = "unit_name poor_households:0 poor_household_share:2"
    spec += "".join(f" {rule}:0" for rule in found)
    said = ["rules", "whose"] + ["tie"] * any(rows["tie"].any() for rows in found.values())
    notes = [dated(review), *(phrase(f"to_bring.{one}", language) for one in said)]
    made = build(review, "to_bring", spec, rows, notes=notes, totals=whole_first(review))
    for place, code in enumerate(review.leaf_units.index, start=1):
        for column, units in enumerate(by_unit.values(), start=3):
            tied = code in units.index and units.loc[code, "tie"]
            made.texts[place][column] += "*" * bool(tied)
    return made


def _shares(review: Review, code: str, by_unit: dict[str, pd.DataFrame]) -> list:
    """Return a unit's row: its poor households, their rate, what it brings by each rule."""
    name = name_of(review, code, start=True)
    units = next(iter(by_unit.values()))
    if code not in units.index:  # without any household
        return [name, *["not_applicable"] * (2 + len(by_unit))]
    one = units.loc[code]
    brings = [int(rows.loc[code, "brings"]) for rows in by_unit.values()]
    return [name, int(one["numerator"]), one["value"], *brings]
