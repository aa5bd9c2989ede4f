"""The tables of the poverty profile: units, deprivations, groups and villages, two standards."""

import pandas as pd

from sonla_analysis.definitions.standards import load_standard, standard_ids
from sonla_analysis.indicators.of_review import progress_rows
from sonla_analysis.indicators.poverty_path import RATE, known_points
from sonla_analysis.indicators.poverty_profile import (
    PROFILE_GROUPS,
    cutoff_of,
    group_profile,
    indicator_profile,
    least_lacking,
    measured,
    poor_rows,
    profile_state,
    unit_profile,
)
from sonla_analysis.language.phrases import has, phrase
from sonla_analysis.page.annex_tables import build, unit_codes
from sonla_analysis.review import Review
from sonla_analysis.sentences import day, group_name, name_of, number, percent, value_text
from sonla_analysis.sentences.profile_findings import m0, profile_methods, rule_words
from sonla_analysis.sentences.shared import list_names
from sonla_analysis.sentences.table import Table
from sonla_analysis.tables.input_tables import was_sent


def _table(review: Review, slug: str, spec: str, texts: list, notes=(), **words) -> Table:
    language, keys = review.language, spec.replace(":", "").split()
    labels = {
        key: phrase(f"profile_column.{key}", language, **rule_words(review))
        for key in keys if has("profile_column", key)
    }  # fmt: skip
    some = any(phrase("symbol.hidden", language) in row for row in texts)
    remarks = [phrase(f"annex_note.{one}", language) for one in ["hidden"] * some + ["symbols"]]
    words |= {"labels": labels, "notes": [*notes, *remarks]}
    return build(review, f"profile_{slug}", spec, texts, texts=texts, annex=False, **words)


def measures(review: Review) -> Table | None:
    """Return H, A and M0 of the unit beside the official rate; of the area, of its units too.

    >>> from sonla_analysis.review import open_review
    >>> table = measures(open_review("data/sample", "116", "2020-12-31", language="en"))
    >>> table.texts[0]
    ['Sơn La city', '0.77%', '212', '80', '37.7', '32.6', '0.123']
    """
    if profile_state(review) in ("not_sent", "no_cutoff"):
        return None
    found, language = unit_profile(review), review.language
    codes = unit_codes(review) if review.is_area else [review.unit, review.area]
    texts = []
    for code in dict.fromkeys(codes):
        name = name_of(review, code, start=True)
        cells = ["…"] * 5
        if code in found.index and (code != review.area or len(found) > 1):
            cells = _cells(found.loc[code], language)
        texts.append([name, _official(review, code), *cells])
    spec = "unit_name official_rate: households: many: H: A: M0:"
    return _table(review, "measures", spec, texts, profile_methods(review)[:1])


def _official(review: Review, unit: str) -> str:
    rows = progress_rows(review, unit=unit, indicator=RATE)
    if rows.empty or rows["value"].isna().any():
        return "…"
    text = value_text(rows.iloc[0], review.plan[RATE], review.language)
    return text + "*" * (rows["state"].item() == "incomplete")


def _cells(one: pd.Series, language: str) -> list[str]:
    """Return households, those at the cut-off, H, A and M0 as printed."""
    hidden = phrase("symbol.hidden", language)
    homes = hidden if one.get("hidden_households", False) else number(one["households"], language)
    if one["hidden"]:
        return [homes, *[hidden] * 4]
    if not one["households"]:
        return [homes, *["–"] * 4]
    many, head = _ends(one, "many", number, language), _ends(one, "H", _points, language)
    if one["hidden_A"]:
        return [homes, many, head, hidden, hidden]
    mean = "…" if one["blank"] else _points(one["A"], language)
    return [homes, many, head, mean, _ends(one, "M0", m0, language)]


def _ends(one, name: str, text, language: str) -> str:
    low, high = (text(one[f"{name}_{end}"], language) for end in ("low", "high"))
    return low if low == high else f"{low}–{high}"


def _points(share, language: str) -> str:
    return "–" if pd.isna(share) else percent(share * 100, language, 1).rstrip("%")


def indicators(review: Review) -> Table | None:
    """Return what the unit's poor households lack, and what it adds to M0; the last row is M0."""
    if profile_state(review):
        return None
    language, unit = review.language, unit_profile(review).loc[review.unit]
    hidden, texts = phrase("symbol.hidden", language), []
    for one in indicator_profile(review).to_dict("records"):
        told = [_ends(one, "lacking", number, language), _of(one, "lacking", language)]
        cells = [hidden] * 4
        if not one["hidden"]:
            both = _ends(one, "both", number, language), _of(one, "both", language)
            cells = [*both, *_added(one, language)]
        texts.append([one["service"], one["name"], *told, *cells])
    whole = hidden if unit["hidden_A"] else _cells(unit, language)[-1]
    known = not unit["hidden_A"] and not unit["blank"] and unit["many_low"]
    last = phrase("profile_table.total", language)
    texts.append([last, "", "", "", "", "", whole, "100" if known else "–"])
    spec = "service deprivation lacking: uncensored: both: censored: contribution:"
    spec += " contribution_percent:"
    return _table(review, "indicators", spec, texts, profile_methods(review)[2:3])


def _of(one: dict, name: str, language: str) -> str:
    share = {f"{name}_{end}": one[f"{name}_{end}"] / one["households"] for end in ("low", "high")}
    return _ends(share, name, _points, language)


def _added(one: dict, language: str) -> list[str]:
    if pd.isna(one["contribution"]):
        return ["–", "–"]
    share = one["contribution_percent"]
    shown = "–" if pd.isna(share) else percent(share, language, 1).rstrip("%")
    return [m0(one["contribution"], language), shown]


def groups(review: Review) -> Table | None:
    """Return H, A and M0 of the unit's groups and, of a ward or commune, of its villages."""
    if profile_state(review):
        return None
    language, texts = review.language, []
    traits = [one for one in PROFILE_GROUPS if review.is_area or one != "area"]
    for by in [*traits, *(() if review.is_area else ("village",))]:
        if not was_sent(review.tables, "households", by):
            continue
        of_village = by == "village"
        trait = phrase("profile_table.village" if of_village else f"group.{by}", language)
        for name, one in group_profile(review, by).iterrows():
            label = name if of_village else group_name(by, name, language)
            label = label or phrase("villages.no_village", language)
            texts.append([trait, label, *_cells(one, language)])
    if not texts:
        return None
    return _table(review, "groups", "trait group households: many: H: A: M0:", texts)


def standards(review: Review) -> Table | None:
    """Return the poor households of the date under each standard, side by side, never as a change.

    Official counts from the register (the plan's standard) and from `history`; H where the register
    has all of a standard's deprivations, else which columns it lacks.
    """
    if not was_sent(review.tables, "households", "status"):
        return None
    language = review.language
    own, official, texts = review.plan.standard_data, _officially_poor(review), []
    for standard in [own, *(load_standard(one) for one in standard_ids() if one != own.id)]:
        if standard.score:
            poor = official.get(standard.id)
            counted = "…" if poor is None else number(poor, language)
            name = f"{standard.title[language]} ({standard.id})"
            texts.append([name, cutoff_of(standard), counted, _many(review, standard)])
    notes = [phrase(f"profile.{key}", language) for key in ("standards_note", "standards_many")]
    date = day(review.as_of, language)
    return _table(review, "standards", "standard rule official: H:", texts, notes, date=date)


def _officially_poor(review: Review) -> dict[str, int]:
    """Return the unit's poor households on the date by standard: of `history`, of the register."""
    history, found = review.tables.get("history"), {}
    if history is not None and "standard" in history:
        of_day = history[(history["as_of"] == review.as_of) & (history["unit"] == review.unit)]
        of_day = of_day.dropna(subset=["standard", "poor_households"])
        found = dict(zip(of_day["standard"], of_day["poor_households"], strict=True))
    points = known_points(review) if RATE in review.now.index else []
    return found | {one.standard: one.poor for one in points if one.on == review.as_of}


def _many(review: Review, standard) -> str:
    """Return H of the plan's poor households under a standard, or which columns are missing."""
    language, own = review.language, review.plan.standard_data
    names = {one["column"]: one["name"][language] for one in standard.deprivations}
    if missing := [names[one] for one in names if not was_sent(review.tables, "households", one)]:
        return phrase("profile.standards_missing", language, names=list_names(missing, language))
    if profile_state(review) or not least_lacking(standard):
        return "…"
    if standard.id == own.id:
        return _cells(unit_profile(review).loc[review.unit], language)[2]
    if not review.is_internal:  # another list over the same households would tell more of them
        return phrase("symbol.hidden", language)
    rows = poor_rows(review)
    rows = rows if review.is_area else rows[rows["unit"] == review.unit]
    whole = measured(rows, rows["unit"], standard).iloc[-1]
    return _ends(whole, "H", _points, language)
