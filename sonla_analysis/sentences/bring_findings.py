"""What each unit must bring so that the whole area meets its poverty target, in words."""

import pandas as pd

from sonla_analysis.indicators.fair_split import what_each_brings
from sonla_analysis.indicators.measure import OBSERVED
from sonla_analysis.indicators.of_review import once_by, progress_rows
from sonla_analysis.indicators.poverty_path import RATE
from sonla_analysis.indicators.progress import missing_to_target
from sonla_analysis.language.phrases import phrase
from sonla_analysis.sentences.figures import name_of, number, target
from sonla_analysis.sentences.shared import list_names
from sonla_analysis.sentences.statements import area_words

SHOWN = ("equal_fall", "in_proportion", "largest_gap_first")
_KEYS = ["as_of", "unit", "level"]


def to_bring(review) -> list[str]:
    """Return how many households the area still needs, and where most of them are by each rule.

    [] of a unit, where the target is met, and outside the plan's time; where a unit has no full
    figure, that nothing can be split, and why.
    """
    language, found = review.language, split_by_rule(review)
    if not found:
        return _cannot(review)
    n = int(found[SHOWN[0]]["brings"].sum())
    words = area_words(review) | {
        "n": number(n, language),
        "target": target(review.plan[RATE], language, words=True),
        "rules": "; ".join(_most(review, rule, rows) for rule, rows in found.items()),
    }
    return [phrase(f"to_bring.needs{'_one' * (n == 1)}", language, **words)]


@once_by("unit", "as_of")
def split_by_rule(review) -> dict[str, pd.DataFrame]:
    """Return what each unit must bring, by rule; {} where the target is met or nothing is known."""
    if not _asked(review) or _silent_units(review):
        return {}
    here = progress_rows(review, indicator=RATE, level="area")[[*_KEYS, *OBSERVED]]
    needed = missing_to_target(here, review.plan)
    if needed.isna().any() or not needed.sum():
        return {}
    rows = review.progress.loc[review.progress["indicator"] == RATE, [*_KEYS, *OBSERVED]]
    return {one: what_each_brings(rows, review.plan, RATE, review.as_of, one) for one in SHOWN}


def _asked(review) -> bool:
    """Whether it is the area's page, and its plan has a running target for the poverty rate."""
    plan = review.plan
    if not review.is_area or RATE not in review.area_now.index:
        return False
    one = plan[RATE]
    running = plan.judged_from <= review.as_of <= plan.end
    return running and one.target is not None and one.kind == "share"


def _silent_units(review) -> list[str]:
    """Return the units without a full figure of poor households on the date."""
    units = progress_rows(review, indicator=RATE, level="unit")
    units = units[units["state"] != "not_applicable"]
    known = (units["state"] == "reported") & units["value"].notna()
    return units.loc[~known, "unit"].tolist()


def _cannot(review) -> list[str]:
    silent = _silent_units(review) if _asked(review) else []
    if not silent:
        return []
    language = review.language
    units = list_names([name_of(review, code) for code in silent], language)
    if len(silent) > 3:
        units = phrase("to_bring.units", language, n=len(silent))
    why = phrase("to_bring.silent", language, units=units)
    return [phrase("to_bring.cannot", language, why=why)]


def _most(review, rule: str, rows: pd.DataFrame) -> str:
    """Return a rule and the unit that brings most by it; all of them where several do."""
    language, most = review.language, rows["brings"].max()
    codes = rows.loc[rows["brings"] == most, "unit"]
    said = list_names([name_of(review, code) for code in codes[:3]], language)
    said += ", …" * (len(codes) > 3)
    words = {"rule": phrase(f"to_bring.{rule}", language), "n": number(most, language)}
    return phrase("to_bring.most", language, unit=said, **words)
