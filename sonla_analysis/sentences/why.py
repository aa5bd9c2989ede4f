"""Where a figure comes from: definition, counts, who sent them, the rule that gave its status.

Only what the figure itself is made of: a unit's own counts and, of the area, those of its units,
which are all published; nothing by village or group.
"""

from decimal import Decimal

import pandas as pd

from sonla_analysis.definitions.plan import Indicator, Plan
from sonla_analysis.indicators.measure import SILENT, year_end_before
from sonla_analysis.indicators.of_review import once_by, progress_rows
from sonla_analysis.language.phrases import message, named, phrase
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import nearest
from sonla_analysis.sentences.changes import changed, plain
from sonla_analysis.sentences.comparison_findings import compared
from sonla_analysis.sentences.figures import (
    day,
    has_value,
    is_open,
    left,
    number,
    percent,
    target,
    unit_name,
    value_text,
    verdict,
)
from sonla_analysis.sentences.listing import denominator_text, numerator_text
from sonla_analysis.sentences.statements import sentence

_MOST_UNITS = 30  # listed on a page; the command line lists all
_NONE = "–"


def why(review, indicator_id: str, *, inside: bool = False) -> list[tuple[str, str]]:
    """Return where a figure of this unit on this date comes from, as pairs of label and text.

    `inside` the office the files and sheets that the rows came in are named, which a page that is
    handed on does not; the area's units then stand in a list of their own, `by_unit`.

    >>> from sonla_analysis.definitions.folders import sample_folder
    >>> from sonla_analysis.review import open_review
    >>> review = open_review(sample_folder(), "03646", "2020-12-31", language="en")
    >>> dict(why(review, "full_vaccination"))["Worked out and rounded"]
    '204 ÷ 211 × 100 = 96.682464…%, printed as 96.68%'
    """
    indicator, row = review.plan[indicator_id], _figures(review)[indicator_id]
    texts = {
        "definition": _definition(indicator, review.language),
        "certainty": phrase(f"certainty.{indicator.certainty}", review.language),
        **_counts(review, indicator, row),
        "blanks": _blanks(row, indicator, review.language),
        "units": _units(review, indicator) if review.is_area and not inside else "",
        "senders": _senders(review, indicator, inside=inside),
        "value": _value(row, indicator, review.language),
        "rule": _rule(review, indicator, row),
        "left": _left(row, indicator, review.language),
        "compared": "" if review.is_area else compared(review, indicator_id),
        "changed": changed(review, indicator_id),
    }
    return [(phrase(f"why.{name}", review.language), text) for name, text in texts.items() if text]


def by_unit(review, indicator_id: str) -> list[tuple[str, str]]:
    """Return the area's units with their counts, as they are added up, and the sum at the end.

    A unit that is left out says why: not reported, being corrected.
    """
    indicator, language = review.plan[indicator_id], review.language
    rows, units = _of_units(review).get(indicator_id, []), _named(review)
    lines = [
        (unit_name(units[row["unit"]], language, start=True), _counted(row, language))
        for row in rows
    ]
    total = _counted(_figures(review)[indicator.id], language)
    return [*lines, (phrase("why.sum", language), total)]


def figure_named(plan: Plan, text: str) -> str:
    """Return the id of the figure that an id or a number of the plan means; refuse another.

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> figure_named(load_plan(), "1A")
    'poor_household_rate'
    """
    asked = text.strip().lower()
    for one in plan.indicators:
        if asked in (one.id, one.number.lower()):
            return one.id
    allowed = ", ".join(f"{one.number} ({one.id})" for one in plan.indicators)
    near = nearest(asked, [one.id for one in plan.indicators])
    words = {"what": named("indicator"), "found": text, "allowed": allowed}
    words["hint"] = message("refused.hint", near=near) if near else ""
    raise UsageError(message("refused.choice", **words))


def why_listing(review, indicator_id: str) -> str:
    """Return where a figure comes from as text: what it says, then one line a fact."""
    language, indicator = review.language, review.plan[indicator_id]
    place = {
        "unit": unit_name(_named(review)[review.unit], language, start=True),
        "date": day(review.as_of, language),
        "plan": review.plan.number,
    }
    name = {"number": indicator.number, "name": indicator.name[language]}
    lines = [phrase("why.title", language, **name), phrase("why.place", language, **place)]
    lines += [phrase("mark.synthetic", language)] if review.synthetic else []
    lines += ["", sentence(review, indicator_id), ""]
    for label, text in why(review, indicator_id, inside=True):
        lines.append(f"{label}: {text}")
    if review.is_area:
        found = by_unit(review, indicator_id)
        width = max(len(name) for name, _ in found)
        lines += ["", phrase("why.units", language) + ":"]
        lines += [f"  {name.ljust(width)}  {text}" for name, text in found]
    return "\n".join(lines)


# --- what was counted --------------------------------------------------------------------


@once_by("unit", "as_of")
def _figures(review) -> dict[str, dict]:
    """Return this unit's figures on the date by indicator."""
    return review.now.to_dict("index")


@once_by("as_of")
def _of_units(review) -> dict[str, list[dict]]:
    """Return the figures of the area's units on the date, by indicator."""
    found = {}
    for row in progress_rows(review, level="unit").to_dict("records"):
        found.setdefault(row["indicator"], []).append(row)
    return found


@once_by("as_of")
def _named(review) -> dict[str, dict]:
    """Return name and kind of the units in force on the date, by code."""
    return review.units[["name", "kind"]].to_dict("index")


def _lines(review, table: str, units) -> int:
    """Return how many lines a table has of these units on the date."""
    found = _sizes(review, table)
    return sum(found.get((review.as_of, unit), 0) for unit in units)


@once_by()
def _sizes(review, table: str) -> dict[tuple, int]:
    return review.tables[table].groupby(["as_of", "unit"], observed=True).size().to_dict()


@once_by("language")
def _counting(review, indicator_id: str) -> dict[str, str]:
    """Return the definitions of numerator and denominator, the same for every unit."""
    of = (review.plan[indicator_id], review.plan, review.language)
    return {"numerator": numerator_text(*of), "denominator": denominator_text(*of)}


def _definition(indicator: Indicator, language: str) -> str:
    """Return the definition in words and where it stands."""
    texts = {"text": indicator.definition[language], "source": indicator.source[language]}
    known = [name for name, text in texts.items() if text != _NONE]
    key = "both" if len(known) == 2 else known[0] if known else ""
    return key and phrase(f"why_definition.{key}", language, **texts)


def _counts(review, indicator: Indicator, row: dict) -> dict[str, str]:
    """Return numerator and denominator in words, each with what was counted and among how many."""
    texts = _counting(review, indicator.id)
    parts = {"numerator": "numerator", "denominator": "denominator"}
    if indicator.kind == "count":
        parts = {"count": "numerator"}
    if row["state"] in ("not_reported", "withheld", "hidden") or _is_outside(review, indicator):
        return {name: texts[part] for name, part in parts.items()}
    return {
        name: phrase(f"why.{key}", review.language, text=texts[part], **words)
        for name, part in parts.items()
        for key, words in [_counted_in(review, indicator, part, row)]
    }


def _is_outside(review, indicator: Indicator) -> bool:
    """Whether the plan's words, as they are read, are not about a unit of this kind."""
    if not indicator.kinds or review.is_area:
        return False
    return _named(review)[review.unit]["kind"] not in indicator.kinds


def _counted_in(review, indicator: Indicator, part: str, row: dict) -> tuple[str, dict]:
    """Return which sentence says how a part was counted, and its words."""
    language, count, whole = review.language, getattr(indicator, part), indicator.denominator
    n = None if row["state"] == "incomplete" and not has_value(row) else row[part]
    words = {"n": _plain(n, language)}
    if indicator.kind == "reduction" and part == "numerator":
        now = row["denominator"] - n
        words |= {"start": number(row["denominator"], language), "now": number(now, language)}
        return "counted_fall", words
    among = part == "numerator" and whole and whole.table == count.table
    if among and not (count.sum or whole.sum):
        return "counted_among", words | {"of": number(row["denominator"], language)}
    units = _counted_units(review, indicator)
    words["lines"] = number(_lines(review, count.table, units), language)
    words["table"] = phrase(f"table_label.{count.table}", language)
    return "counted_sum" if count.sum else "counted_rows", words


def _counted_units(review, indicator: Indicator) -> list[str]:
    """Return the units whose rows are counted: the unit, or those of the area that have answered
    and that the figure is about."""
    if not review.is_area:
        return [review.unit]
    rows = _of_units(review).get(indicator.id, [])
    known = [row["unit"] for row in rows if row["state"] not in SILENT]
    kinds = indicator.kinds
    return [unit for unit in known if not kinds or _named(review)[unit]["kind"] in kinds]


def _blanks(row: dict, indicator: Indicator, language: str) -> str:
    """Return how many cases are not written down, and whether they leave the value open."""
    if pd.isna(row["unknown"]) or row["unknown"] == 0 or row["state"] in SILENT:
        return ""
    words = {"n": number(row["unknown"], language), "value": value_text(row, indicator, language)}
    return phrase(f"why.blanks_{'open' if is_open(row) else 'closed'}", language, **words)


# --- the units of the area, and who sent ---------------------------------------------------


def _counted(row: dict, language: str) -> str:
    """Return the counts of a figure, or why there are none."""
    if row["state"] in ("not_reported", "withheld", "hidden"):
        return phrase(f"mark.{row['state']}", language)
    n, total = row["numerator"], row["denominator"]
    if row["state"] == "not_applicable" or (row["state"] == "incomplete" and not has_value(row)):
        return phrase("mark.not_applicable", language)
    texts = {"numerator": _plain(n, language), "denominator": _plain(total, language)}
    star = "*" if row["state"] == "incomplete" else ""
    if pd.isna(total):
        return texts["numerator"] + star
    return phrase("counts.of", language, **texts) + star


def _units(review, indicator: Indicator) -> str:
    """Return the units' counts in a row, so that the sum can be checked, and who is missing."""
    language = review.language
    rows = _of_units(review).get(indicator.id, [])
    missing = [row["unit"] for row in rows if row["state"] in SILENT]
    texts = []
    if len(rows) <= _MOST_UNITS:
        texts.append("; ".join(f"{name}: {text}" for name, text in by_unit(review, indicator.id)))
    if missing:
        names = [unit_name(_named(review)[unit], language) for unit in missing[:_MOST_UNITS]]
        words = {"n": len(missing), "units": len(rows), "names": ", ".join(names)}
        texts.append(phrase("why.units_missing", language, **words))
    return ". ".join(texts) or phrase("why.units_whole", language, n=len(rows))


def _senders(review, indicator: Indicator, *, inside: bool) -> str:
    """Return who sent the rows and when, where intake has written it down."""
    counts = indicator.counts
    tables = {"schools" if one.table == "school_network" else one.table for one in counts}
    found = [one for one in _sent(review) if one["table"] in tables]
    if not found:
        return ""
    language = review.language
    if review.is_area:
        days = sorted(one["received"][:10] for one in found)
        words = {"n": len({one["unit"] for one in found}), "units": len(review.leaf_units)}
        words |= {"first": day(days[0], language), "last": day(days[-1], language)}
        key = "senders_area" if days[0] != days[-1] else "senders_area_day"
        return phrase(f"why.{key}", language, **words)
    key = "sender_file" if inside else "sender"
    return "; ".join(dict.fromkeys(_sender(one, key, language) for one in found))


@once_by("unit", "as_of")
def _sent(review) -> list[dict]:
    """Return what is known of who sent this unit's rows (of the area: all units') of the date."""
    sent = review.data.sources
    sent = sent[sent["as_of"] == review.as_of]
    sent = sent if review.is_area else sent[sent["unit"] == review.unit]
    return [one for one in sent.to_dict("records") if one["received"]]


def _sender(one: dict, key: str, language: str) -> str:
    words = {"table": phrase(f"table_label.{one['table']}", language), "file": one["file"]}
    words |= {"sheet": one["sheet"], "n": number(one["rows"], language)}
    words |= {"date": day(one["received"][:10], language)}
    text = phrase(f"why.{key}", language, **words)
    return text + (phrase("why.sending", language, n=one["number"]) if one["number"] else "")


# --- from the counts to the value, the status and what is left ------------------------------


def _value(row: dict, indicator: Indicator, language: str) -> str:
    """Return the value worked out, exactly and as it is printed."""
    if pd.isna(row["value"]) or indicator.kind == "count":
        return ""
    n, total = row["numerator"], row["denominator"]
    exact = _exact(n, total, language)
    words = {"n": _plain(n, language), "of": _plain(total, language)}
    words |= {"exact": exact, "value": percent(row["value"], language)}
    return phrase("why.worked_out", language, **words)


def _exact(n, total, language: str) -> str:
    """Return a share as far as it goes, or to six decimals and an ellipsis."""
    value = Decimal(str(n)) * 100 / Decimal(str(total))
    cut = value.quantize(Decimal("0.000001"), rounding="ROUND_DOWN")
    decimals = max(0, -int(cut.normalize().as_tuple().exponent))
    goes_on = "" if cut == value else "…"
    return number(cut, language, 6 if goes_on else decimals) + goes_on + "%"


def _rule(review, indicator: Indicator, row: dict) -> str:
    """Return the rule that gave the status, with the numbers it compared."""
    language, found = review.language, verdict(row)
    words = {
        "target": target(indicator, language),
        "compare": _compare(row, indicator, language),
        "date": day(review.as_of, language),
        **_times(review, indicator),
        "area_name": unit_name(_named(review)[review.area], language),
        "reading": _reading(indicator, language),
    }
    if found in ("on_track", "behind"):
        words["path"] = _path(review, indicator, row)
    if found == "not_applicable" and _is_outside(review, indicator):
        found = "outside"
    if found == "not_reported":
        found, more = _not_reported(review, indicator)
        words |= more
    return phrase(f"why_rule.{found}", language, **words)


def _not_reported(review, indicator: Indicator) -> tuple[str, dict]:
    """Return what is missing: every unit's figure, every line of the table, or what is in them."""
    if review.is_area:
        return "not_reported_area", {}
    for count in (indicator.numerator, indicator.denominator or indicator.numerator):
        words = {"table": phrase(f"table_label.{count.table}", review.language)}
        if not _lines(review, count.table, [review.unit]):
            return "not_reported_none", words
    lines = _lines(review, indicator.numerator.table, [review.unit])
    words["table"] = phrase(f"table_label.{indicator.numerator.table}", review.language)
    return "not_reported_some", words | {"lines": number(lines, review.language)}


def _reading(indicator: Indicator, language: str) -> str:
    return indicator.readings[indicator.reading]["name"][language] if indicator.reading else ""


def _compare(row: dict, indicator: Indicator, language: str) -> str:
    """Return the value beside the target, at the precision at which they are compared."""
    if indicator.target is None or not has_value(row):
        return ""
    key = _precision(indicator)
    decimals = indicator.decimals if key in ("rounded", "whole") else 2
    value = value_text(row, indicator, language, decimals)
    words = {"value": value, "target": target(indicator, language), "decimals": indicator.decimals}
    return phrase(f"why_compare.{key}", language, **words)


def _precision(indicator: Indicator) -> str:
    """Return how value and target are compared: counted, rounded, or exactly."""
    if indicator.kind == "count":
        return "counted"
    if indicator.direction == "above":
        return "above"
    if indicator.direction == "at_least" and indicator.target == 100:
        return "all"
    if indicator.lower_is_better and indicator.target == 0:
        return "none"
    return "rounded" if indicator.decimals else "whole"


def _times(review, indicator: Indicator) -> dict[str, str]:
    """Return the days between which the pace is judged, and the days of the plan."""
    plan, language, as_of = review.plan, review.language, review.as_of
    start, end = plan.span(indicator)
    if indicator.counted_when == "within_year":
        start, end = year_end_before(as_of), min(plan.end, f"{as_of[:4]}-12-31")
    days = {"start": start, "end": end, "from": plan.judged_from, "due": plan.due(indicator)}
    return {name: day(one, language) for name, one in days.items()}


def _path(review, indicator: Indicator, row: dict) -> str:
    """Return the straight line in words: from where, to where, where it is on the date."""
    base = 0.0
    if indicator.counted_when != "within_year":
        base = _at_the_start(review).get(indicator.id)
        if indicator.leg and indicator.leg.before is not None:
            base = float(indicator.leg.before)
    values = {"base": base, "goal": float(indicator.target), "path": row["path_value"]}
    texts = {
        name: percent(value, review.language, max(2, indicator.decimals))
        if indicator.unit == "percent"
        else number(value, review.language, 1)
        for name, value in values.items()
    }
    value = value_text(row, indicator, review.language)
    return phrase("why.path", review.language, value=value, date=day(review.as_of, review.language),
                  **texts, **_times(review, indicator))  # fmt: skip


@once_by("unit")
def _at_the_start(review) -> dict[str, float]:
    """Return this unit's values at the plan's start by indicator."""
    rows = progress_rows(review, as_of=review.plan.start, unit=review.unit)
    return rows.set_index("indicator")["value"].to_dict()


def _left(row: dict, indicator: Indicator, language: str) -> str:
    """Return how what is still to do is worked out; nothing where nothing is known of it."""
    n = row["still_needed"]
    if pd.isna(n):
        return ""
    if n == 0:
        return phrase("why_left.nothing", language)
    said = left(row, indicator, language) or phrase("left.nothing_yet", language)
    if is_open(row):
        return phrase("why_left.open", language, said=said)
    falling, now = indicator.lower_is_better, row["numerator"]
    goal = now - n if falling else now + n
    key = "at_most" if falling else "at_least"
    words = {
        name: _plain(one, language) for name, one in {"n": n, "now": now, "goal": goal}.items()
    }
    if indicator.kind == "count":
        return phrase(f"why_left.count{'_at_most' * falling}", language, said=said, **words)
    beside, total = goal + 1 if falling else goal - 1, row["denominator"]
    decimals = indicator.decimals if _precision(indicator) in ("rounded", "whole") else 2
    shares = {"reached": goal, "beside_value": beside}
    words |= {key: percent(float(one) / float(total) * 100, language, decimals)
              for key, one in shares.items()}  # fmt: skip
    words |= {"of": _plain(total, language), "beside": _plain(beside, language)}
    return phrase(f"why_left.{key}", language, said=said, **words)


def _plain(n, language: str) -> str:
    """Return a count as it stands in a calculation: what is below zero in brackets."""
    text = plain(n, language)
    return f"({text})" if text.startswith("−") else text
