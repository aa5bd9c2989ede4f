"""What the charts of progress say: board, overview, ranking, spine."""

import pandas as pd

from sonla_analysis.indicators.against_rest import VERDICTS
from sonla_analysis.indicators.poverty_path import RATE
from sonla_analysis.indicators.standing import JUDGED
from sonla_analysis.language.phrases import phrase
from sonla_analysis.sentences.figures import is_open, name_of, number, percent, value_text
from sonla_analysis.sentences.shared import list_names, unit_start
from sonla_analysis.sentences.statements import reporting


def board_figure(row: dict, indicator, language: str) -> str:
    """Return the value with its counts as it stands in the column."""
    words = {
        "value": value_text(row, indicator, language).lstrip("−"),
        "unknown": number(row["unknown"], language),
        "numerator": number(row["numerator"], language),
        "denominator": number(row["denominator"], language),
    }
    if is_open(row):
        return phrase("board.open", language, **words)
    if pd.isna(row["value"]):
        return words["value"]
    kind = indicator.kind
    if kind == "reduction":
        words["end"] = number(row["denominator"] - row["numerator"], language)
        kind += "" if row["numerator"] > 0 else "_none" if row["numerator"] == 0 else "_rise"
    return phrase(f"board.{kind}", language, **words)


def board_title(review) -> str:
    count = review.now["status"].value_counts()
    met, track = int(count.get("met", 0)), int(count.get("on_track", 0))
    judged = int(count.reindex(list(JUDGED)).sum())
    if review.as_of < review.plan.judged_from or review.as_of > review.plan.end:
        return phrase("board.not_judged", review.language, unit=unit_start(review))
    key = "none_judged" if not judged else "all_met" if met == judged else "some_met"
    if judged and not met:
        key = "none_met"
    if judged == 1:
        key += "_single"
    words = {"unit": unit_start(review), "met": met, "judged": judged, "track": track}
    title = phrase(f"board.{key}", review.language, **words)
    return title + (phrase("board.on_track", review.language, **words) if track else "")


def overview_title(unmet: dict[str, int], silent: set[str], review) -> str:
    language = review.language
    if not unmet:
        return phrase("overview.none_judged", language)
    most = max(unmet.values())
    met = sum(count == 0 and unit not in silent for unit, count in unmet.items())
    words = {"met": met, "units": len(review.leaf_units), "n": most}
    if most == 0 and met == words["units"]:
        return phrase("overview.all_met", language, **words)
    key = f"overview.{'some' if met else 'none'}_met"
    if any(count == 0 and unit in silent for unit, count in unmet.items()):
        key += "_whole"  # others have met all they are judged on, and owe figures
    title = phrase(key, language, **words)
    last = [unit for unit, count in unmet.items() if count == most]
    if most == 0 or len(last) > 2:
        return title
    words["most"] = list_names([name_of(review, unit) for unit in last], language)
    return title + phrase(f"overview.{'last' if len(last) == 1 else 'last_two'}", language, **words)


def ranking_title(known: list[dict], review) -> str:
    language = review.language
    if RATE not in review.now.index:
        return phrase("path.no_indicator", language)
    if not known:
        return phrase("ranking.not_reported", language)
    highest = known[0]["value"]
    if highest == 0:
        return phrase("ranking.no_poor", language)
    top = [record["unit"] for record in known if record["value"] == highest]
    names = [name_of(review, unit, start=True) for unit in top]
    worse = sum(record["comparison"] == "worse" for record in known)
    words = {"units": len(known), "worse": worse, "rate": percent(highest, language)}
    words["most"] = list_names(names, language)
    tested = any(record["comparison"] in VERDICTS for record in known)
    key = "some" if worse else "none_above" if tested else "not_compared"
    title = phrase(f"ranking.{key}", language, **words)
    if review.area_now.loc[RATE, "state"] == "incomplete":
        title += f" ({phrase('board.reporting', language, **reporting(review, RATE))})"
    return title


def spine_title(indicators: pd.DataFrame, dots: pd.DataFrame, review) -> str:
    """Return the finding: on how many indicators the unit is clearly better, and worse."""
    language = review.language
    if review.is_area:
        return _widest(indicators, language)
    counts = dots["comparison"].value_counts()
    better, alike, worse = (int(counts.get(key, 0)) for key in VERDICTS)
    key = "both" if better and worse else "only_better" if better else "only_worse"
    if not (better or worse):
        key = "none_clear" if alike else "nothing"
    words = {"better": better, "worse": worse, "n": alike, "unit": unit_start(review)}
    return phrase(f"spine.title_{key}", language, **words)


def _widest(indicators: pd.DataFrame, language: str) -> str:
    """Return the indicator on which most units clearly differ from the whole area."""
    row = indicators.loc[(indicators["better"] + indicators["worse"]).idxmax()]
    words = {name: int(row[name]) for name in ("better", "worse")}
    found = [name for name, count in words.items() if count]
    key = f"spine.differ_{'_'.join(found) or 'none'}"
    return phrase(key, language, short=row["short"], **words)
