"""What the chart of funds says."""

import pandas as pd

from sonla_analysis.indicators.funding import funding_totals
from sonla_analysis.language.phrases import phrase
from sonla_analysis.review import Review
from sonla_analysis.sentences.figures import number, percent
from sonla_analysis.sentences.shared import unit_start


def funding_title(rows: pd.DataFrame, review: Review) -> str:
    """Return the finding: how much of the plan is disbursed, as far as it has been reported."""
    language, (planned, disbursed, missing) = review.language, funding_totals(rows)
    if missing == len(rows):
        nothing = rows[["planned", "disbursed"]].isna().all(axis=None)
        key = "withheld_all" if _is_held(review) else "no_data" if nothing else "unreported"
        words = {"unit": unit_start(review), "planned": money(rows["planned"].sum(), language)}
        return phrase(f"funding.{key}", language, **words)
    words = {"planned": money(planned, language), "disbursed": money(disbursed, language)}
    if planned == 0:
        return phrase(f"funding.{'unplanned' if disbursed else 'none'}", language, **words)
    key = "disbursed" if disbursed else "nothing_yet"
    words["percent"] = percent(disbursed / planned * 100, language, 1)
    return phrase(f"funding.{key}{'_part' if missing else ''}", language, **words)


def money(value: float, language: str) -> str:
    """Return million VND with one decimal; a small amount never prints as zero.

    >>> money(1234.56, "vi"), money(0.0, "vi"), money(0.02, "en")
    ('1.234,6', '0', '<0.1')
    """
    if 0 < value < 0.05:
        return phrase("funding.below", language, step=number(0.1, language, 1))
    return number(value, language, 1 if value else 0)


def rate(line: dict, language: str) -> str:
    if not line["known"] or not line["planned"]:
        return phrase("funding.no_rate", language)
    return percent(line["disbursed"] / line["planned"] * 100, language, 1)


def amount(line: dict, language: str) -> str:
    """Return "disbursed / planned"; what is not known is a dash, and words beside it say so."""
    dash = phrase("funding.no_rate", language)
    words = {
        key: dash if pd.isna(line[key]) else money(line[key], language)
        for key in ("disbursed", "planned")
    }
    return phrase("funding.amount", language, **words)


def _is_held(review: Review) -> bool:
    """Whether the unit's funds, or those of a unit of the area, are being corrected."""
    units = [review.unit, *(review.leaf_units.index if review.is_area else ())]
    cells = [("funding", "planned"), ("funding", "disbursed")]
    return any(review.is_withheld(unit, *cells) for unit in units)


def remark(line: dict, review: Review) -> str:
    """Return what a bar cannot show: zero, or something that has not been reported."""
    language = review.language
    if not line["known"] and _is_held(review):
        return phrase("mark.withheld", language)
    if pd.isna(line["planned"]):
        return phrase("funding.no_plan", language)
    if pd.isna(line["disbursed"]) or not line["known"]:
        return phrase("funding.not_reported", language)
    return phrase("funding.zero", language) if line["disbursed"] == 0 < line["planned"] else ""


def funding_note(rows: pd.DataFrame, review: Review) -> str:
    language, notes = review.language, []
    if missing := funding_totals(rows)[2]:
        notes.append(phrase("funding.note_part", language, n=missing))
    if silent := _silent(rows, review):
        notes.append(phrase("funding.note_units", language, n=silent))
    return " ".join(notes)


def _silent(rows: pd.DataFrame, review: Review) -> int:
    """Return how many units of the area have sent no funds, where it counts theirs."""
    there = set(rows["unit"])
    if not review.is_area or review.area in there:
        return 0
    return sum(unit not in there for unit in review.leaf_units.index)


def reporting_part(rows: pd.DataFrame, review: Review) -> str:
    """Return what stands behind a finding about the area that some units' funds are not in."""
    units, silent = len(review.leaf_units), _silent(rows, review)
    if silent in (0, units):
        return ""
    words = {"reporting": units - silent, "units": units}
    return f" ({phrase('board.reporting', review.language, **words)})"


def funding_numbers(lines: list[dict], review: Review) -> pd.DataFrame:
    """Return the amounts as drawn, one row per project and source."""
    language, texts = review.language, {}
    missing = phrase(f"mark.{'withheld' if _is_held(review) else 'not_reported'}", language)
    for key in ("project", "source"):
        texts[key] = [line[key] for line in lines]
    for key in ("planned", "disbursed"):
        texts[key] = [missing if pd.isna(one[key]) else money(one[key], language) for one in lines]
    texts["rate"] = [rate(line, language) for line in lines]
    heads = [phrase(f"funding.column_{key}", language) for key in texts]
    return pd.DataFrame(dict(zip(heads, texts.values(), strict=True)))
