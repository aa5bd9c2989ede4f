"""The opening paragraph of an official report: who is poor, of how many, and since last year.

Figures and order as in real announcements: number of poor households, rate with two decimals and
its base, near-poor households and rate, the fall against the year before; of a ward also persons.
"""

import pandas as pd

from sonla_analysis.indicators.measure import year_end_before
from sonla_analysis.indicators.of_review import progress_rows
from sonla_analysis.indicators.poverty import STATUS_GROUP, status_counts
from sonla_analysis.indicators.poverty_path import RATE, known_points
from sonla_analysis.language.phrases import phrase
from sonla_analysis.sentences.figures import day, half_up, name_of, number, percent, plural
from sonla_analysis.sentences.statements import reporting


def poverty(review) -> str:
    """Return the paragraph, or "" where the rate has no single value on the date.

    >>> from sonla_analysis.definitions.folders import sample_folder
    >>> from sonla_analysis.review import open_review
    >>> poverty(open_review(sample_folder(), "03646", "2020-12-31")).split(". ")[0]
    'Đến ngày 31 tháng 12 năm 2020, phường Chiềng Lề có 4 hộ nghèo, chiếm tỷ lệ 0,11% trên tổng số \
3.547 hộ dân; 6 hộ cận nghèo, chiếm tỷ lệ 0,17%'
    """
    now = review.now
    if RATE not in now.index or pd.isna(now.loc[RATE, "value"]):
        return ""
    row = now.loc[RATE]
    if row["state"] not in ("reported", "incomplete"):
        return ""
    parts = [_now(review, row)]
    if row["state"] == "reported":
        parts += [_since(review, row), "" if review.is_area else _persons(review)]
    return " ".join(filter(None, parts))


def _now(review, row) -> str:
    """Return the numbers of the date with their base; where units are missing of the others."""
    language, poor, all_households = review.language, int(row["numerator"]), row["denominator"]
    near = _near_poor(review)
    share = percent(near / all_households * 100, language) if all_households else "–"
    words = {
        "date": day(review.as_of, language, long=True),
        "place": _place(review, row),
        "poor": plural(phrase("poverty.poor", language, n=number(poor, language)), poor),
        "rate": percent(row["value"], language),
        "households": number(all_households, language),
    }
    key = "near_poor" if near else "near_poor_none"
    said = phrase(f"poverty.{key}", language, n=number(near, language), rate=share)
    words["near_poor"] = plural(said, near)
    return phrase("poverty.now" if poor else "poverty.nobody", language, **words)


def _place(review, row) -> str:
    if row["state"] == "incomplete":
        return phrase("poverty.place_part", review.language, **reporting(review, RATE))
    return name_of(review, review.unit)


def _near_poor(review) -> int:
    """Return the near-poor households of the units whose rate is known: one base for both."""
    known = progress_rows(review, indicator=RATE, level="unit").dropna(subset="value")
    register = review.rows("households")
    counts = status_counts(register[register["unit"].isin(known["unit"])])
    return int(counts["near_poor_households"].sum())


def _since(review, row) -> str:
    """Return the fall or rise since the end of the year before; "" where that is not known."""
    language, on = review.language, year_end_before(review.as_of)
    before = next((one for one in known_points(review) if one.on == on), None)
    if before is None or before.poor is None:
        return ""
    poor = int(row["numerator"])
    change = poor - before.poor
    key = "fell" if change < 0 else "rose" if change > 0 else "same"
    words = {
        "before": phrase("poverty.before", language, year=on[:4]),
        "n": number(abs(change), language),
        "from": number(before.poor, language),
        "to": number(poor, language),
        "points": _points(row, before, key, language),
    }
    return phrase(f"poverty.{key}", language, **words)


def _points(row, before, way: str, language: str) -> str:
    """Return by how much the rate changed; "" where it is not known, or is 0,00."""
    if not before.households:
        return ""
    change = half_up(float(row["value"]) - before.poor / before.households * 100, 2)
    if not change:
        return ""
    key = "fell" if change < 0 else "rose"
    apart = "" if key == way else "_apart"
    return phrase(f"poverty.points_{key}{apart}", language, n=number(abs(change), language, 2))


def _persons(review) -> str:
    """Return the persons of poor and near-poor households; "" where a number is missing."""
    register, language = review.rows("households"), review.language
    if "members" not in register:
        return ""
    group = register["status"].astype("str").map(STATUS_GROUP)
    listed = register[group.isin(["poor", "near_poor"])]
    if listed.empty or listed["members"].isna().any():
        return ""
    counts = listed["members"].astype("int64").groupby(group[listed.index]).sum().to_dict()
    key = "persons" if len(counts) == 1 and "poor" in counts else "persons_both"
    key = "persons_near" if "poor" not in counts else key
    texts = {name: number(n, language) for name, n in counts.items()}
    return plural(phrase(f"poverty.{key}", language, **texts), next(iter(counts.values())))
