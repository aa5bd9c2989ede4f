"""Tables of what is held against each other: units, groups, the spread between units."""

from dataclasses import replace

import pandas as pd

from sonla_analysis.indicators.against_rest import RULE
from sonla_analysis.indicators.comparison import comparable
from sonla_analysis.indicators.gaps import METHOD, told_gaps
from sonla_analysis.indicators.groups import GROUPINGS, divisible
from sonla_analysis.indicators.of_review import progress_rows
from sonla_analysis.indicators.spread_between import spread_between
from sonla_analysis.indicators.standing import main_share, not_compared, standing
from sonla_analysis.language.phrases import phrase
from sonla_analysis.page.annex_tables import build, dated
from sonla_analysis.review import Review
from sonla_analysis.sentences import group_name, half_up, name_of, number, percent, value_text
from sonla_analysis.sentences.comparison_findings import (
    compared_on,
    narrowed,
    of_all,
    p_text,
    verdict_text,
)
from sonla_analysis.sentences.table import Table
from sonla_analysis.tables.input_tables import was_sent

_MOST = 5  # gaps in a report


def gaps(review: Review, *, every: bool = False) -> Table | None:
    """Return the clear differences between groups, what means most households first.

    A row is a group and the first one of its grouping that is told. None where nothing differs
    clearly; with `every` all comparisons, clear or not. Small numbers are hidden before.
    """
    if not was_sent(review.tables, "households", *GROUPINGS):
        return None
    cells = review.groups.to_dict("records")
    found = told_gaps(cells)
    shown = found if every else [one for one in found if one["clear"]]
    shown = sorted(shown, key=lambda one: (not one["clear"], -abs(one["stands_for"])))
    rows = [_gap_row(one, review) for one in (shown if every else shown[:_MOST])]
    if not rows:
        return None
    spec = "indicator gap_groups gap_here gap_there gap_difference gap_ratio gap_stands_for"
    spec += " gap_verdict" * every
    rows = rows if every else [row[:-1] for row in rows]
    notes = _gap_notes(cells if every else [], found, len(shown) - len(rows), review.language)
    made = build(review, "gaps", spec, rows, notes=[dated(review), *notes], annex=False)
    title = phrase("annex_title.gaps_every", review.language, n=len(rows))
    return replace(made, title=title) if every else made


def _gap_row(one: dict, review: Review) -> list[str]:
    language = review.language
    result = next(each for each in divisible(review.plan) if each.id == one["result"])
    here, there = one["cell"], one["reference"]
    names = [group_name(one["grouping"], each["group"], language) for each in (here, there)]
    points = [number(one[name], language, 1) for name in ("difference", "lower", "upper")]
    ratios = [number(one[f"ratio{end}"], language, 2) for end in ("", "_lower", "_upper")]
    verdict = phrase(f"gap.{'clear' if one['clear'] else 'not_clear'}", language)
    p = p_text(one["p_adjusted"], language)
    return [
        result.name[language],
        phrase("gap.beside", language, group=names[0], reference=names[1]),
        *(_share(each, language) for each in (here, there)),
        _limits(points, language),
        "–" if pd.isna(one["ratio"]) else _limits(ratios, language),
        _stands_for(one["stands_for"], result.denominator.table, language),
        f"{verdict}, {p}",
    ]


def _share(cell: dict, language: str) -> str:
    words = {"rate": percent(cell["value"], language, 1), "counts": of_all(cell, language)}
    return phrase("gap.share", language, **words)


def _limits(texts: list[str], language: str) -> str:
    words = dict(zip(("middle", "lower", "upper"), texts, strict=True))
    return phrase("gap.limits", language, **words)


def _stands_for(amount, table: str, language: str) -> str:
    """Return how many more or fewer it is, to the whole household or person."""
    whole = int(half_up(abs(float(amount)), 0))
    if not whole:
        return phrase("gap.none", language)
    key = f"gap.{'more' if amount > 0 else 'fewer'}_{table}"
    return phrase(key, language, n=number(whole, language))


def _gap_notes(cells: list[dict], found: list[dict], left_out: int, language: str) -> list[str]:
    rules = {name: phrase(f"comparison_rule.{name}", language) for name in (METHOD, "register")}
    firsts = {(one["grouping"], one["result"]) for one in found}
    groups = sum(one["grouping"] in GROUPINGS for one in cells)
    untold = groups - len(found) - len(firsts)
    words = {"n": untold, "reason": phrase("gap_reason.unknown", language)}
    return [
        *[phrase("gap.note_rest", language, n=left_out)] * bool(left_out),
        phrase("gap.note_rule", language, n=len(found), limits=rules[METHOD]),
        phrase("gap.note_stands", language),
        phrase("gap.note_register", language, register=rules["register"]),
        *[phrase("gap.note_reason", language, **words)] * (untold > 0),
    ]


def compared(review: Review, indicator_id: str = "") -> Table | None:
    """Return how units stand against the others, by the rule of every chart.

    Of the area a row is a unit, on the poverty rate or the share that tells most; of a unit a row
    is a figure of the plan. What is not compared says why. None where the plan has no such share.
    """
    name = indicator_id or main_share(review)
    if review.is_area and not name:
        return None
    found, language = standing(review), review.language
    if review.is_area:
        rows = found[(found["level"] == "unit") & (found["indicator"] == name)]
        stubs = [name_of(review, code, start=True) for code in rows["unit"]]
    else:
        rows = found[found["unit"] == review.unit]
        stubs = [review.plan[one].short[language] for one in rows["indicator"]]
    rows = rows.to_dict("records")
    lines = [_compared_line(row, stub, review) for row, stub in zip(rows, stubs, strict=True)]
    first = "unit_name" if review.is_area else "indicator"
    spec = f"{first} compared_rate:2 compared_counts compared_rest compared_p:4 compared_verdict"
    raw, texts = [raw for raw, _ in lines], [texts for _, texts in lines]
    slug = f"compared_{'units' if review.is_area else 'figures'}"
    rules = [phrase(f"comparison_rule.{one}", language) + "." for one in (RULE, "register")]
    of = [f"{review.plan[name].name[language]}."] if review.is_area else []
    notes = [*of, dated(review), *rules]
    return build(review, slug, spec, raw, texts=texts, notes=notes, annex=False)


def _compared_line(row: dict, stub: str, review: Review) -> tuple[list, list[str]]:
    """Return rate, counts, the others' counts, p and the verdict: with numbers, and as printed."""
    language, one = review.language, review.plan[row["indicator"]]
    rate, verdict = value_text(row, one, language), verdict_text(row, review)
    told = one.kind == "share" and pd.notna(row["value"])
    counts, p, p_said = [of_all(row, language) if told else "–", "–"], None, "–"
    if found := compared_on(review).get((row["unit"], row["indicator"])):
        counts = [of_all(found, language), of_all(found, language, "rest_")]
        p, p_said = found["p_adjusted"], p_text(found["p_adjusted"], language)
    value = None if pd.isna(row["value"]) else float(row["value"])
    return [stub, value, *counts, p, verdict], [stub, rate, *counts, p_said, verdict]


def spread(review: Review) -> Table | None:
    """Return how far apart the units lie; a row is a share of the plan that they are compared by.

    With the change since the first date of the plan, and whether it is more than chance.
    """
    rows = progress_rows(review)
    rows = rows[comparable(rows, review.plan)]
    found = spread_between(rows, review.plan).set_index("indicator")
    found = found[found["units"] > 1]
    if found.empty:
        return None
    language, rows, lines = review.language, [], []
    for one in (each for each in review.plan.indicators if each.id in found.index):
        row, stub = found.loc[one.id], [one.number, one.short[language]]
        numbers = [row["units"].item(), row["value"], row["deviation"], 100 * row["variation"]]
        numbers = [None if pd.isna(each) else float(each) for each in (*numbers, row["p"])]
        since = _since(review, one.id)
        rows.append([*stub, *numbers, since])
        lines.append([*stub, *_spread_texts(*numbers, language), since])
    spec = "order indicator spread_units:0 spread_value:2 spread_deviation:2 spread_variation:1"
    spec += " spread_p:4 spread_since"
    names = [one for one in review.plan.indicators if one.id not in found.index]
    left = [f"{one.number} ({_reason(review, one.id)})" for one in names]
    notes = [dated(review), phrase("annex_note.spread_method", language)]
    notes += [phrase("comparison_rule.register", language) + "."]
    notes += ["; ".join(left) + "."] * bool(left)
    return build(review, "spread", spec, rows, texts=lines, notes=notes, annex=False)


def _spread_texts(units, value, deviation, variation, p, language: str) -> list[str]:
    texts = [number(units, language), percent(value, language).rstrip("%")]
    texts += [number(deviation, language, 2), number(variation, language, 1)]
    return [*texts, "–" if p is None else p_text(p, language)]


def _since(review: Review, indicator_id: str) -> str:
    """Return whether units have come nearer to each other, in a few words, or why none is said."""
    found, language = narrowed(review, indicator_id), review.language
    if isinstance(found, str):
        return phrase(f"spread_reason.{found}", language)
    words = {"clear": phrase(f"spread.is_{'' if found['clear'] else 'not_'}clear", language)}
    words["points"] = phrase(f"spread.{found['in_points']}", language)
    if not found["in_ratio"]:
        return phrase("spread.since_points", language, **words)
    words["ratio"] = phrase(f"spread.{found['in_ratio']}", language)
    return phrase("spread.since", language, **words)


def _reason(review: Review, indicator_id: str) -> str:
    key = not_compared(review, indicator_id) or "no_figures"
    return phrase(f"compare_reason.{key}", review.language)
