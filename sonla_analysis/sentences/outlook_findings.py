"""What is said of where targets lead: every method beside the others, and where they disagree."""

from functools import cache

import pandas as pd

from sonla_analysis.definitions.plan import Indicator
from sonla_analysis.definitions.published_rates import published_rates
from sonla_analysis.indicators.backtest import backtest
from sonla_analysis.indicators.foreseen import foreseen, last_moves, past_rates, rate_trend
from sonla_analysis.indicators.poverty_path import RATE
from sonla_analysis.language.phrases import has, phrase
from sonla_analysis.sentences.figures import day, half_up, number, percent, target
from sonla_analysis.sentences.statements import area_words

FEW_MOVES = 10  # households that moved in a year; of fewer no level is told


def outlook(review) -> list[str]:
    """Return what is foreseen of the unit's running targets, and the trend of its poverty rate.

    Nothing is foreseen of a target that is met, nor once the plan has ended; one method alone is
    never told.
    """
    found = goals(review)
    told, silent = ([rows for rows in found if enough(rows) is so] for so in (True, False))
    poor = [rows for rows in told if rows["indicator"].iloc[0] == RATE]
    others = [rows for rows in told if rows["indicator"].iloc[0] != RATE]
    said = [one for rows in poor for one in _of_the_rate(review, rows)]
    said += [_finding(review, rows) for rows in others] if len(others) == 1 else []
    said += [_of_others(review, others)] if len(others) > 1 else []
    said += [_new_law(review, silent), _few(review, silent), _trend(review)]
    said = [one for one in said if one]
    return said if _at_length(review, told) or not said else [" ".join(said)]


def _at_length(review, told: list[pd.DataFrame]) -> bool:
    """Whether it is a section of its own: the area's, or that of a unit with targets foreseen."""
    return review.is_area or any(not is_foreign(review, rows) for rows in told)


def outlook_heading(review) -> str:
    """Return the heading that they stand under; "" where nothing is foreseen, or one paragraph."""
    found = goals(review)
    told = [rows for rows in found if enough(rows)]
    at_length = found and _at_length(review, told)
    return phrase("section.outlook", review.language) if at_length else ""


def goals(review) -> list[pd.DataFrame]:
    """Return the rows of `foreseen`, one frame for each target and day on which it is judged.

    A target of the whole area is none of a unit: without two methods there is nothing to say of it.
    """
    found = foreseen(review).groupby(["indicator", "until"], sort=False)
    return [rows for _, rows in found if enough(rows) or not is_foreign(review, rows)]


def enough(rows: pd.DataFrame) -> bool:
    """Whether more than one method answers, so that they can stand side by side."""
    return bool(rows["answers"].iloc[0] > 1)


def is_foreign(review, rows: pd.DataFrame) -> bool:
    """Whether the target is that of the whole area, and this is one of its units."""
    return not review.is_area and goal(review, rows).applies_to == "area"


def goal(review, rows: pd.DataFrame) -> Indicator:
    """Return the indicator with the target of the day on which it is judged."""
    first = rows.iloc[0]
    return review.data.plan.on(first["until"])[first["indicator"]]


def outcome(review, rows: pd.DataFrame) -> str:
    """Return what the methods say together: a name of the section `outlook_says`."""
    if is_foreign(review, rows):
        return "no_pass_mark"
    met = rows["met"].dropna()
    return "disagree" if met.nunique() > 1 else "all_reach" if met.all() else "none_reach"


def value_said(value, indicator: Indicator, language: str) -> str:
    """Return a predicted value as printed: a rate, or a number."""
    if indicator.unit == "percent":
        return percent(value, language, max(2, indicator.decimals))
    return number(value, language)


def chance_said(chance: float, language: str) -> str:
    """Return a chance (0 to 1) in whole percent, never as if it were sure.

    >>> chance_said(0.0002, "en"), chance_said(0.456, "en"), chance_said(0.9999, "en")
    ('<1%', '46%', '>99%')
    """
    if 0.01 <= chance <= 0.99:
        return percent(100 * chance, language, 0)
    return "<1%" if chance < 0.5 else ">99%"


def _finding(review, rows: pd.DataFrame) -> str:
    """Return what the methods say of one target, each with its value."""
    indicator, language = goal(review, rows), review.language
    answers = rows[rows["value"].notna()].to_dict("records")
    values = [
        phrase(
            "outlook.said",
            language,
            value=value_said(one["value"], indicator, language),
            method=phrase(f"outlook_short.{one['method']}", language),
        )
        for one in answers
    ]
    words = {
        "short": indicator.short[language],
        "target": target(indicator, language, words=True),
        "until": day(rows["until"].iloc[0], language),
        "values": _with_households("; ".join(values), answers, language),
        "area_kind": area_words(review)["area_kind"],
    }
    return phrase(f"outlook.{outcome(review, rows)}", language, **words)


def _with_households(values: str, answers: list[dict], language: str) -> str:
    """Return the values, of the poverty rate with the households that they mean today."""
    if answers[0]["indicator"] != RATE:
        return values
    counts = [int(half_up(one["value"] * one["of"] / 100, 0)) for one in answers]
    ends = dict.fromkeys((min(counts), max(counts)))
    key = "one_household" if list(ends) == [1] else "households"
    n = "–".join(number(one, language) for one in ends)
    return phrase(f"outlook.{key}", language, values=values, n=n)


def _of_the_rate(review, rows: pd.DataFrame) -> list[str]:
    """Return the finding of the poverty rate, the chance from the moves, and where they settle."""
    language, by = review.language, rows.set_index("method")
    said, on = [_finding(review, rows)], rows["now_on"].iloc[0]
    moves = last_moves(review, on)
    if on != review.as_of:
        said[0] += " " + phrase("outlook.from", language, date=day(on, language))
    if "moves" not in by.index or pd.isna(by.loc["moves", "value"]):
        return said
    words = {name: number(moves[name], language) for name in ("exits", "entries")}
    words |= {"year": on[:4], "level": percent(by.loc["moves", "settles_at"], language)}
    level = by.loc["moves", "settles_at"]
    if pd.notna(chance := by.loc["moves", "chance"]):
        words |= {"chance": chance_said(chance, language), "years": _by_years(by, language)}
        said.append(phrase("outlook.chance", language, **words))
    if pd.notna(level):
        key = "settles_short" if pd.notna(chance) else "settles"
        key = "settles_few" if moves["exits"] + moves["entries"] < FEW_MOVES else key
        said.append(phrase(f"outlook.{key}", language, **words))
    return said


def _by_years(by: pd.DataFrame, language: str) -> str:
    """Return the chance when each year to come is one of those known; "" where one only is."""
    if "moves_of_years" not in by.index or pd.isna(by.loc["moves_of_years", "chance"]):
        return ""
    chance = chance_said(by.loc["moves_of_years", "chance"], language)
    return phrase("outlook.chance_years", language, chance=chance)


def _of_others(review, others: list[pd.DataFrame]) -> str:
    """Return how many of the other targets all methods reach, none does, or they disagree on."""
    language, parts = review.language, []
    says = [(outcome(review, rows), goal(review, rows).short[language]) for rows in others]
    for key in ("all_reach", "none_reach", "disagree"):
        names = [name for found, name in says if found == key]
        if names:
            words = {"n": len(names), "names": ", ".join(dict.fromkeys(names))}
            parts.append(phrase(f"outlook.others_{key.partition('_')[0]}", language, **words))
    return phrase("outlook.others", language, parts="; ".join(parts)) if parts else ""


def _numbers(review, silent: list[pd.DataFrame]) -> str:
    names = {rows["indicator"].iloc[0] for rows in silent}
    return ", ".join(one.number for one in review.plan.indicators if one.id in names)


def _new_law(review, silent: list[pd.DataFrame]) -> str:
    """Return that nothing is foreseen past the end of the plan's law; "" where it does not end."""
    late = [rows for rows in silent if rows["reason"].eq("new_law").all()]
    if not late:
        return ""
    last = day(review.plan.standard_data.valid_to, review.language)
    words = {"numbers": _numbers(review, late), "last": last}
    return phrase("outlook.new_law", review.language, **words)


def _few(review, silent: list[pd.DataFrame]) -> str:
    """Return of which targets there are too few dates; "" where there are enough."""
    few = [rows for rows in silent if not rows["reason"].eq("new_law").all()]
    if not few:
        return ""
    words = {"n": len(few), "numbers": _numbers(review, few)}
    return phrase(f"outlook.few{'_single' * (len(few) == 1)}", review.language, **words)


def _trend(review) -> str:
    """Return the trend of the poverty rate; "" where fewer than three years are known."""
    found, language = rate_trend(review), review.language
    if found is None:
        return ""
    words = {name: str(found[name]) for name in ("first", "last")}
    verdict = phrase(f"trend.{found['verdict']}", language)
    said = phrase("outlook.trend", language, **words, verdict=verdict)
    counted_with = "" if found["verdict"] == "too_few_points" else borrowed(review)
    return " ".join(filter(None, [said, counted_with]))


def borrowed(review) -> str:
    """Return of which year's households a rate of the past is, where they are not its own."""
    rates = past_rates(review)
    other = rates[rates["households_of"] != rates["as_of"]].to_dict("records")
    return " ".join(
        phrase("outlook.borrowed", review.language,
               year=one["as_of"][:4], later=one["households_of"][:4])
        for one in other
    )  # fmt: skip


def why_silent(review, told: list[pd.DataFrame]) -> str:
    """Return why methods have no answer for targets that others answer; "" where all have one."""
    language, reasons = review.language, {}
    for rows in told:
        empty = rows[rows["value"].isna() & (rows["method"] != "moves_of_years")]
        for one in empty.to_dict("records"):
            key = phrase(f"outlook_short.{one['method']}", language), _reason(review, one)
            reasons.setdefault(key, []).append(goal(review, rows).number)
    texts = [f"{method}: {why} ({', '.join(dict.fromkeys(numbers))})"
             for (method, why), numbers in reasons.items()]  # fmt: skip
    return phrase("outlook.silent", language, reasons="; ".join(texts)) if texts else ""


def _reason(review, one: dict) -> str:
    """Return why a method has no answer; of the moves, what is the matter with them."""
    if one["reason"] == "no_moves":
        why = last_moves(review, one["now_on"]).get("reason", "")
        if why and has("moves_reason", why):
            return phrase(f"moves_reason.{why}", review.language)
    return phrase(f"outlook_reason.{one['reason']}", review.language)


@cache
def tried_on_published(language: str) -> str:
    """Return how the methods did on the published rates of poor households, and how few those are.

    Income surveys are left out: they are of persons, and move together.
    """
    rates = published_rates()
    rates = rates[(rates["measure"] == "poverty_rate") & (rates["standard"] != "gso_income")]
    found = backtest(rates)
    off = found["error"].abs().groupby(found["method"]).mean()
    words = {name: number(value, language, 2) for name, value in off.items()}
    cases = found[found["method"] == "no_change"]
    words |= {"n": len(cases), "areas": cases["area"].nunique()}
    return phrase("outlook.tested", language, **words)
