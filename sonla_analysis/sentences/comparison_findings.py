"""What is said of units and groups held against each other: funnel, spread, the rule."""

import pandas as pd

from sonla_analysis.indicators.against_rest import VERDICTS
from sonla_analysis.indicators.measure import SILENT
from sonla_analysis.indicators.of_review import once_by, progress_rows
from sonla_analysis.indicators.spread_between import DRAWS, narrowing
from sonla_analysis.indicators.standing import main_share, not_compared
from sonla_analysis.language.phrases import phrase
from sonla_analysis.sentences.figures import day, is_open, lower_start, number, percent
from sonla_analysis.sentences.shared import unit_start


def rule_note(verdicts, language: str) -> str:
    """Return the rule by which units are better or worse, where any of them is compared."""
    compared = set(VERDICTS) & set(verdicts)
    return phrase("comparison_rule.short", language) if compared else ""


def p_text(p: float, language: str) -> str:
    """Return a p value as it is printed.

    >>> p_text(0.0321, "vi"), p_text(0.00000001, "en")
    ('p = 0,0321', 'p < 0.0001')
    """
    least = 0.0001
    key = "p_below" if p < least else "p"
    return phrase(f"comparison_rule.{key}", language, p=number(max(p, least), language, 4))


def of_all(row, language: str, prefix: str = "") -> str:
    """Return counts as "3/40"."""
    return "/".join(number(row[prefix + part], language) for part in ("numerator", "denominator"))


def compared(review, indicator_id: str) -> str:
    """Return how this unit's share stands against the other units'; "" where it is not compared."""
    row = compared_on(review).get((review.unit, indicator_id))
    if row is None:
        return ""
    language = review.language
    words = {"own": of_all(row, language), "rest": of_all(row, language, "rest_")}
    words |= {"p": p_text(row["p"], language), "adjusted": p_text(row["p_adjusted"], language)}
    words["verdict"] = phrase(f"verdict.{row['verdict']}", language)
    return phrase("why.compared_with", language, **words)


@once_by("as_of")
def compared_on(review) -> dict[tuple, dict]:
    """Return the rows of the date that are compared, by unit and indicator."""
    rows = progress_rows(review).join(review.data.compared.dropna(subset="verdict"), how="inner")
    return rows.set_index(["unit", "indicator"]).to_dict("index")


def verdict_text(row, review) -> str:
    """Return how a unit's figure of the date stands against the others', or why it does not.

    `row` is one of `indicators.standing.standing`.
    """
    language = review.language
    if pd.notna(row["comparison"]):
        return phrase(f"spine.{row['comparison']}", language)
    if row["state"] in SILENT or row["state"] == "not_applicable":
        return phrase(f"mark.{row['state']}", language)
    reason = not_compared(review, row["indicator"])
    own = "open" if is_open(row) else "single" if row["denominator"] == 1 else "not_counts"
    reason = reason or own
    return phrase(f"compare_reason.{reason}", language)


def funnel_title(frame: pd.DataFrame, review, indicator_id: str) -> str:
    """Return the finding: how the unit stands; of the area, how many units differ; or why none."""
    language, words = review.language, {}
    if not indicator_id:
        return phrase("funnel.no_share", language)
    words["short"] = review.plan[indicator_id].short[language]
    if frame.empty:
        reason = phrase(f"compare_reason.{not_compared(review, indicator_id)}", language)
        return f"{words['short']}: {reason}"
    own = frame[frame["unit"] == review.unit]
    if len(own):
        (row,) = own.to_dict("records")
        words |= {"unit": unit_start(review), "rate": percent(row["value"], language)}
        words["short"] = lower_start(words["short"])
        words["verdict"] = phrase(f"spine.{row['verdict']}", language).lower()
        words["rest"] = percent(100 * row["rest_numerator"] / row["rest_denominator"], language)
        return phrase("funnel.own", language, **words)
    counts = frame["verdict"].value_counts()
    words |= {name: int(counts.get(name, 0)) for name in ("better", "worse")}
    found = "_".join(name for name in ("better", "worse") if words[name])
    key = {"": "none", "better_worse": "both"}.get(found, f"only_{found}")
    return phrase(f"funnel.{key}", language, n=len(frame), **words)


def funnel_note(frame: pd.DataFrame, language: str) -> str:
    """Return the rule, what the lines are, and that not every unit outside is an outlier."""
    differ = (frame["verdict"] != "no_clear_difference").mean()
    keys = ["comparison_rule.short", "funnel.note", *["funnel.many"] * bool(differ > 0.5)]
    return " ".join(phrase(key, language) for key in keys)


# --- the spread between units ---------------------------------------------------------------


def spread(review, indicator_id: str = "") -> list[str]:
    """Return whether the gap between the units narrows since the first date, and how sure that is.

    Of the poverty rate, or the share that tells most (`main_share`); nothing where the plan has
    none; where it cannot be said, the reason. The method stands with the others (`methods`).

    >>> from sonla_analysis.review import open_review
    >>> said = spread(open_review("data/sample", "116", "2020-12-31", language="en"))
    >>> said[0][:39]
    'Poverty rate, 31/12/2019 to 31/12/2020:'
    """
    indicator_id, language = indicator_id or main_share(review), review.language
    if not indicator_id:
        return []
    short = review.plan[indicator_id].short[language]
    found = narrowed(review, indicator_id)
    if isinstance(found, str):
        reason = phrase(f"spread_reason.{found}", language)
        return [phrase("spread.not_said", language, short=short, reason=reason)]
    some = found["units"] < len(review.leaf_units)
    words = {"n": found["units"], "units": len(review.leaf_units)}
    said = [_narrowing_text(found, short, language)]
    said += [phrase("spread.some_units", language, **words)] if some else []
    return said


@once_by("as_of")
def narrowed(review, indicator_id: str) -> dict | str:
    """Return the row of `narrowing` since the first date, with the date `before`; or why there is
    none, a name of `spread_reason`."""
    rows = review.progress[review.progress["indicator"] == indicator_id]
    before = _first_day(review, indicator_id, rows)
    if not before:
        return "one_date"
    rows = rows[rows["as_of"].isin([before, review.as_of])]
    units = rows[rows["level"] == "unit"].groupby("as_of")["unit"].agg(frozenset)
    if units[before] != units[review.as_of]:
        return "other_units"
    found = narrowing(rows, review.plan, before, review.as_of).to_dict("records")
    if not found:
        reason = not_compared(review, indicator_id)
        return "not_compared" if reason in ("not_share", "yes_or_no", "not_counts") else "few_units"
    (row,) = found
    return row | {"before": before, "as_of": review.as_of} if row["units"] > 1 else "few_units"


def _first_day(review, indicator_id: str, rows: pd.DataFrame) -> str:
    """Return the first date before this one whose figure may stand beside this one's; or "".

    The start of the plan's period where its figures are there. What accumulates within the year
    stands only beside the same day of another year.
    """
    known = rows[(rows["level"] == "unit") & (rows["state"] == "reported")]["as_of"]
    days = [one for one in review.dates[:-1] if one in set(known)]
    if review.plan[indicator_id].counted_when == "within_year":
        days = [one for one in days if one[4:] == review.as_of[4:]]
    start = review.plan.start
    return start if start in days else next(iter(days), "")


def _narrowing_text(found: dict, short: str, language: str) -> str:
    two = found["units"] == 2
    words = {
        "statement": lower_start(narrowing_words(found, language)),
        "measure": phrase(f"spread.{'difference' if two else 'deviation'}", language),
        "points": _course(found["points_before"], found["points_after"], 2, language),
        "before": day(found["before"], language),
        "after": day(found["as_of"], language),
        "sure": _sure_text(found, language),
        "ratio": "",
    }
    if found["in_ratio"]:
        ends = 100 * found["ratio_before"], 100 * found["ratio_after"]
        words["ratio"] = phrase("spread.ratio", language, course=_course(*ends, 1, language))
    return phrase("spread.said", language, short=short, **words)


def _course(before: float, after: float, decimals: int, language: str) -> str:
    """Return two numbers with so many decimals that they are seen to differ, where they do.

    >>> _course(120.24, 120.21, 1, "vi"), _course(2.0, 2.0, 1, "en")
    ('120,24 → 120,21', '2.0 → 2.0')
    """
    for more in range(decimals, decimals + 5):
        ends = [number(one, language, more) for one in (before, after)]
        if ends[0] != ends[1]:
            break
    else:
        ends = [number(one, language, decimals) for one in (before, after)]
    return phrase("spread.course", language, before=ends[0], after=ends[1])


def narrowing_words(found: dict, language: str) -> str:
    """Return the statement of `narrowing` in words: what is so in points and as a ratio."""
    points, ratio = found["in_points"], found["in_ratio"]
    name = points if points == ratio else f"{points}_{ratio}" if ratio else f"points_{points}"
    return phrase(f"narrowing.{name}", language)


def _sure_text(found: dict, language: str) -> str:
    """Return how sure a change is; nothing of what did not change."""
    if found["in_points"] == "same":
        return ""
    shares = {"points": percent(100 * found["sure_points"], language, 1)}
    if pd.notna(found["sure_ratio"]):
        shares["ratio"] = percent(100 * found["sure_ratio"], language, 1)
    key = f"spread.sure_{'both' if len(shares) > 1 else 'points'}"
    words = {"shares": phrase(key, language, **shares), "draws": number(DRAWS, language)}
    return phrase(f"spread.{'clear' if found['clear'] else 'not_clear'}", language, **words)
