"""What a poverty profile says: how many poor households lack much, how much, of what."""

import pandas as pd

from sonla_analysis.indicators.poverty_profile import (
    indicator_profile,
    least_lacking,
    profile_changes,
    profile_state,
    profile_units,
    unit_profile,
)
from sonla_analysis.language.phrases import phrase
from sonla_analysis.sentences.figures import day, lower_start, name_of, number, percent
from sonla_analysis.sentences.shared import list_names, unit_start


def lacking_much(review) -> str:
    """Return the finding in two or three sentences with its caveat, or why nothing is told.

    >>> from sonla_analysis.review import open_review
    >>> review = open_review("data/sample", "116", "2020-12-31", language="en")
    >>> lacking_much(review).split(" (H")[0]
    'Of 212 poor households in Sơn La city, 80 lack 3 or more of 10 services'
    """
    language, state = review.language, profile_state(review)
    if state:
        part = _part(review, "part") if state == "nobody" else ""
        key = "nobody_part" if part else state
        said = phrase(f"profile.{key}", language, unit=unit_start(review))
        return f"{said} {part}".strip()
    told = not unit_profile(review).loc[review.unit, "hidden"]
    caveat = phrase("profile.caveat", language) if told else ""
    return " ".join(filter(None, [*_finding(review), caveat]))


def _part(review, key: str) -> str:
    """Return how many of the area's units have figures; "" of a unit, and where all have."""
    units, told = len(review.leaf_units), len(profile_units(review))
    if not review.is_area or units == told:
        return ""
    return phrase(f"profile.{key}", review.language, reporting=told, units=units)


def rule_words(review) -> dict[str, int]:
    """Return how many deprivations the standard asks for, of how many."""
    standard = review.plan.standard_data
    return {"least": least_lacking(standard), "full": len(standard.deprivations)}


def m0(value, language: str) -> str:
    """Return M0 as printed, with three decimals; one above zero never as zero.

    >>> m0(0.1231, "en"), m0(0.0001, "en")
    ('0.123', '<0.001')
    """
    if 0 < value < 0.0005:
        return "<" + number(0.001, language, 3)
    return number(value, language, 3)


def _finding(review) -> list[str]:
    one, language = unit_profile(review).loc[review.unit], review.language
    whose = _part(review, "part_of") or name_of(review, review.unit)
    words = {"unit": whose, **rule_words(review)}
    words |= {"homes": number(one["households"], language)}
    if one["hidden"]:
        return [phrase("profile.hidden", language, **words)]
    if one["blank"]:
        return [_range(one, words, language)]
    many = number(one["many_low"], language)
    said = [phrase("profile.head", language, many=many, H=_share(one["H_low"], language), **words)]
    if review.plan.standard_data.rule == "income_and_deprivations" and one["H_low"] == 1:
        said.append(phrase("profile.by_law", language, **words))
    if one["hidden_A"]:
        return [*said, phrase("profile.hidden_A", language)]
    if not one["many_low"]:
        return [*said, phrase("profile.nobody_many", language)]
    words = {"mean": number(one["A"] * words["full"], language, 1)}
    words |= {"A": _share(one["A"], language), "M0": m0(one["M0_low"], language)}
    return [*said, phrase("profile.intensity", language, **words), _most(review)]


def _range(one: pd.Series, words: dict, language: str) -> str:
    ends = {end: number(one[f"many_{end}"], language) for end in ("low", "high")}
    ends |= {f"H_{end}": _share(one[f"H_{end}"], language) for end in ("low", "high")}
    ends |= {f"M0_{end}": m0(one[f"M0_{end}"], language) for end in ("low", "high")}
    key = "head_range_H" if one["hidden_A"] else "head_range"
    return phrase(f"profile.{key}", language, blank=number(one["blank"]), **ends, **words)


def _share(value, language: str) -> str:
    return percent(value * 100, language, 1)


def _most(review) -> str:
    """Return what adds most to M0, where the hidden ones cannot add more; else nothing."""
    table, language = indicator_profile(review), review.language
    most = table[table["contribution"] == table["contribution"].max()]
    if most["hidden"].any() or not len(most) or len(most) > 3:
        return ""
    names = list_names(map(lower_start, most["name"]), language)
    share = percent(most["contribution_percent"].iloc[0], language, 1)
    key = "most" if len(most) == 1 else "most_each"
    return phrase(f"profile.{key}", language, names=names, share=share)


def profile_section(review, name: str) -> str:
    """Return the heading of a section of the page."""
    return phrase(f"profile_section.{name}", review.language)


def profile_changed(review) -> list[str]:
    """Return how M0 changed since earlier dates and why, a sentence a date."""
    language = review.language
    if profile_state(review):
        return [phrase(f"profile.{profile_state(review)}", language, unit=unit_start(review))]
    found = [_changed(date, one, language) for date, one in profile_changes(review)]
    return [*found, phrase("profile.change_note" if found else "profile.no_dates", language)]


def _changed(date: str, one: pd.Series | None, language: str) -> str:
    when = day(date, language)
    if one is None or pd.isna(one["change"]):
        return phrase("profile.change_none", language, date=when)
    way = "fell" if one["change"] < 0 else "rose" if one["change"] > 0 else "same"
    words = {"date": when, "way": phrase(f"profile.{way}", language)}
    words |= {"to": phrase(f"profile.to_{way}", language)}
    words |= {"before": m0(one["M0_before"], language), "after": m0(one["M0_after"], language)}
    parts = ("change", "incidence", "intensity")
    words |= {name: _signed(one[name], language) for name in parts}
    key = "change_alone" if pd.isna(one["incidence"]) else "change"
    return phrase(f"profile.{key}", language, **words)


def _signed(value: float, language: str) -> str:
    text = number(abs(value), language, 3)
    return text if float(f"{value:.3f}") == 0 else ("+" if value > 0 else "−") + text


def profile_methods(review) -> list[str]:
    """Return what H, A and M0 are here, what they are not, and what is not told."""
    keys = ["caveat", "caveat_long", "words_H", "words_missing"]
    keys += [] if review.is_internal else ["words_hidden"]
    return [phrase(f"profile.{key}", review.language, **rule_words(review)) for key in keys]
