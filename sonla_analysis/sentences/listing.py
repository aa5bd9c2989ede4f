"""What the command line prints: findings by unit, units, dates, a plan as a table or a page."""

from collections import Counter
from dataclasses import replace

import pandas as pd

from sonla_analysis import sentences
from sonla_analysis.definitions.input_columns import DEPRIVED, Column
from sonla_analysis.definitions.plan import Count, Indicator, Plan, Range
from sonla_analysis.definitions.unit_names import match_unit, unclear, units_meant
from sonla_analysis.definitions.units import above, units_on
from sonla_analysis.language.phrases import label, message, phrase
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.tables.findings import Finding, finding_sentence

_MARKS = {"official": "", "recalled": "*", "plan_wording": "~"}
_SILENT = "unit_in_no_table"  # told in one line, however many they are
_MOST = 5  # lines with the same fault in one column; the rest is counted


# --- findings ----------------------------------------------------------------------------


def findings_listing(findings: list[Finding], units: pd.DataFrame, data, language: str) -> str:
    """Return the findings as text: errors, then warnings, each grouped by unit.

    `units` is indexed by code; a unit it does not know is named by its code alone.
    """
    silent = [one for one in findings if one.rule == _SILENT]
    findings = [one for one in findings if one.rule != _SILENT]
    errors = [one for one in findings if one.severity == "error"]
    warnings = [one for one in findings if one.severity != "error"]
    lines = [] if errors else [phrase("listing.clean", language, data=data)]
    for name, group in (("errors", errors), ("warnings", warnings)):
        if group:
            lines += ["", phrase(f"listing.{name}", language, n=len(group))]
            lines += _by_unit(group, units, language)
    for date in sorted({one.as_of for one in silent}):
        codes = sorted(one.unit for one in silent if one.as_of == date)
        lines += ["", _silent_line(codes, date, units, language)]
    if findings:
        words = {"errors": len(errors), "warnings": len(warnings)}
        lines += ["", phrase("listing.total", language, **words)]
    return "\n".join(lines).strip()


def _by_unit(findings: list[Finding], units: pd.DataFrame, language: str) -> list[str]:
    lines = []
    for code in sorted({one.unit for one in findings}):
        here = [one for one in findings if one.unit == code]
        lines += ["", _unit_heading(code, units, language), *_by_fault(here, language)]
    return lines


def _silent_line(codes: list[str], date: str, units: pd.DataFrame, language: str) -> str:
    """Return who has no figures at all on a day."""
    known = set(units.index)
    names = [sentences.unit_name(units.loc[one], language) if one in known else one
             for one in codes]  # fmt: skip
    words = {"n": len(codes), "names": ", ".join(names)}
    return phrase("listing.silent", language, date=sentences.day(date, language), **words)


def _by_fault(findings: list[Finding], language: str) -> list[str]:
    """Return one line a finding, faults in the order of their first line; most are only counted."""
    faults = {}
    for one in sorted(findings, key=lambda one: (one.table, one.row)):
        faults.setdefault((one.table, one.rule, one.column), []).append(one)
    lines = []
    for same in faults.values():
        lines += ["  - " + finding_sentence(one, language) for one in same[:_MOST]]
        if more := len(same[_MOST:]):
            lines.append("    " + phrase("listing.same_again", language, n=more))
    return lines


def _unit_heading(code: str, units: pd.DataFrame, language: str) -> str:
    if not code:
        return phrase("listing.everywhere", language)
    if code not in units.index:
        return phrase("listing.unknown_unit", language, code=code)
    name = sentences.unit_name(units.loc[code], language, start=True)
    return phrase("listing.unit", language, name=name, code=code)


# --- units and dates ---------------------------------------------------------------------


def units_listing(units: pd.DataFrame, day: str, area: str | None, language: str = "vi") -> str:
    """Return the communes and wards in force on a day, or those of one area, by their parent.

    Beside each stands what it went into, or what it was made of.
    """
    in_force = units_on(day, units)
    leaves = in_force[~in_force.index.isin(in_force["parent"])]
    if area is not None:
        parent, code = in_force["parent"].to_dict(), _area_code(area, day, units)
        leaves = leaves[[code in above(one, parent) for one in leaves.index]]
    when = sentences.day(day, language)
    if leaves.empty:
        return phrase("listing.units_none", language, date=when)
    counts = Counter(sentences.unit_kind(one, language) for _, one in leaves.iterrows())
    kinds = [
        phrase("listing.kind_count", language, n=n, kind=kind) for kind, n in counts.most_common()
    ]
    words = {"date": when, "n": len(leaves), "kinds": ", ".join(kinds)}
    lines = [phrase("listing.units_head", language, **words)]
    for parent, below in leaves.groupby("parent", sort=False):
        lines += ["", _unit_heading(parent, in_force, language)]
        lines += [_unit_line(one, units, language) for _, one in below.iterrows()]
    if (leaves["valid_from"] == "").any():
        lines += ["", phrase("listing.units_start", language)]
    return "\n".join(lines)


def _area_code(area: str, day: str, units: pd.DataFrame) -> str:
    """Return the code of an area that has units on the day; refuse another."""
    areas = units[units["code"].isin(units["parent"])]
    if found := match_unit(area, day, areas):
        return found.code
    ended = [one for one in units_meant(area, areas) if "" < one.valid_to < day]
    if ended:
        unit = sentences.unit_name(pd.Series(vars(ended[-1])), "vi")
        words = {"unit": unit, "code": ended[-1].code, "end": ended[-1].valid_to}
        raise UsageError(message("refused.area_ended", found=area, date=day, **words))
    raise UsageError(unclear(area, day, areas, "area"))


def _unit_line(unit: pd.Series, units: pd.DataFrame, language: str) -> str:
    """Return a unit's code, name and, beside them, what became of it or what it was made of."""
    name = sentences.unit_name(unit, language)
    later = units[(units["code"] == unit["successor"]) & (units["valid_from"] > unit["valid_to"])]
    made_of = units[(units["successor"] == unit.name) & (units["valid_to"] < unit["valid_from"])]
    beside = ""
    for _, one in later.iterrows():
        words = {"unit": sentences.unit_name(one, language), "code": one["code"]}
        when = sentences.day(one["valid_from"], language)
        beside = phrase("listing.went_into", language, date=when, **words)
    if len(made_of):
        beside = phrase("listing.made_of", language, names=", ".join(made_of["name"]))
    return f"  {unit.name}  {name:<28}  {beside}".rstrip()


def dates_listing(counts: pd.DataFrame, data, language: str = "vi") -> str:
    """Return the dates with counts, oldest first, and how many units have reported on each."""
    units = counts.dropna(subset="as_of").groupby("as_of")["unit"].nunique()
    if units.empty:
        return phrase("listing.dates_none", language, data=data)
    lines = [
        "  "
        + phrase("listing.date_line", language, iso=day, date=sentences.day(day, language), n=n)
        for day, n in units.items()
    ]
    return "\n".join([phrase("listing.dates_head", language, data=data), *lines])


# --- a plan ------------------------------------------------------------------------------


def plan_listing(plan: Plan, language: str = "vi") -> str:
    """Return the plan's figures as aligned text: one line each, its definition below it."""
    heads = ("number", "short", "target", "kind", "applies_to", "new_rural")
    rows = [[phrase(f"listing.{head}", language) for head in heads]]
    rows += [_plan_row(one, language) for one in plan.indicators]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    title = {"title": plan.title[language], "issued": sentences.day(plan.issued, language)}
    result = [phrase("listing.plan_head", language, number=plan.number, **title), "", lines[0]]
    for indicator, line in zip(plan.indicators, lines[1:], strict=True):
        below = _definition_lines(indicator, plan, language)
        result += [line, *(" " * (widths[0] + 2) + text for text in below)]
    return "\n".join(
        [*result, "", phrase("listing.legend", language, criteria=_criteria(plan, language))]
    )


def _plan_row(indicator: Indicator, language: str) -> list[str]:
    return [
        indicator.number + _MARKS[indicator.certainty],
        indicator.short[language],
        sentences.target(indicator, language) + _milestones(indicator, language),
        phrase(f"unit_of.{indicator.unit}", language),
        phrase(f"applies_to.{indicator.applies_to}", language),
        indicator.new_rural or "–",
    ]


def _milestones(indicator: Indicator, language: str) -> str:
    """Return the targets at the end of earlier years, "" where there are none."""
    texts = [
        f"{year}: {sentences.target(replace(indicator, target=one), language)}"
        for year, one in sorted(indicator.milestones.items())
    ]
    return f" ({'; '.join(texts)})" if texts else ""


def _definition_lines(indicator: Indicator, plan: Plan, language: str) -> list[str]:
    certainty = phrase(f"certainty.{indicator.certainty}", language)
    texts = {
        "numerator": numerator_text(indicator, plan, language),
        "denominator": denominator_text(indicator, plan, language),
        "owner": indicator.owner[language],
        "certainty": certainty,
    }
    return [phrase(f"listing.{name}", language) + text for name, text in texts.items()]


def _criteria(plan: Plan, language: str) -> str:
    listed = plan.new_rural["criteria"]
    return ", ".join(f"{number} {name[language]}" for number, name in listed.items())


def numerator_text(indicator: Indicator, plan: Plan, language: str = "vi") -> str:
    """Return what an indicator counts, read off its definition.

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> plan = load_plan()
    >>> numerator_text(plan["hygienic_water"], plan)
    'trong mẫu số: có nước hợp vệ sinh'
    """
    count, whole = indicator.numerator, indicator.denominator
    if indicator.kind == "reduction":
        end = count_text(count, plan, language)
        return phrase("counting.start_minus", language, end=end)
    if whole and not count.sum and whole.table == count.table and count.where:
        own = {key: one for key, one in count.where.items() if whole.where.get(key) != one}
        conditions = _conditions_text(replace(count, where=own), plan, language)
        return phrase("counting.of_these", language, conditions=conditions)
    return count_text(count, plan, language)


def denominator_text(indicator: Indicator, plan: Plan, language: str = "vi") -> str:
    """Return what an indicator is a share of, read off its definition."""
    if indicator.denominator is None:
        return phrase("counting.none", language)
    return count_text(indicator.denominator, plan, language)


def count_text(count: Count, plan: Plan, language: str = "vi") -> str:
    """Return in words what is counted."""
    words = {
        "table": phrase(f"table_label.{count.table}", language),
        "column": column_name(count.sum, plan.tables[count.table], language) if count.sum else "",
        "conditions": _conditions_text(count, plan, language),
    }
    key = ("sum" if count.sum else "rows") + ("_where" if count.where or count.any else "")
    return phrase(f"counting.{key}", language, **words)


def _conditions_text(count: Count, plan: Plan, language: str) -> str:
    texts = [
        condition_text(column, condition, plan.tables[count.table], language)
        for column, condition in count.where.items()
    ]
    either = [
        condition_text(column, one, plan.tables[count.table], language)
        for column, one in count.any.items()
    ]
    texts += [phrase("counting.or", language).join(either)] if either else []
    return phrase("counting.and", language).join(texts)


def column_name(name: str, columns: dict[str, Column], language: str) -> str:
    """Return a column in words: those of the package, of the poverty standard, or of the plan."""
    own = columns[name].name
    if not own:
        return phrase(f"column_label.{name}", language)
    deprived = name.startswith(DEPRIVED)
    return phrase("counting.deprived", language, name=own[language]) if deprived else own[language]


def condition_text(column: str, condition, columns: dict[str, Column], language: str) -> str:
    label = column_name(column, columns, language)
    if isinstance(condition, Range):
        limits = {name: value for name, value in vars(condition).items() if value is not None}
        key = "range" if len(limits) == 2 else next(iter(limits))
        return phrase(f"counting.{key}", language, column=label, **limits)
    if columns[column].kind == "flag" and len(condition) == 1:
        return phrase(f"counting.{str(condition[0]).lower()}", language, column=label)
    *first, last = [_value_text(value, language) for value in condition]
    joined = ", ".join(first) + (phrase("counting.or", language) if first else "") + last
    return phrase("counting.is", language, column=label, values=joined)


def _value_text(value, language: str) -> str:
    return label("group", label("household", str(value), language), language)


def plan_page(plan: Plan) -> str:
    """Return the page docs/indicators.md: every figure, its definition and how sure it is."""
    sure = Counter(one.certainty for one in plan.indicators)
    lines = [
        f"# The figures of plan {plan.number}",
        "",
        f"Made by `sonla plan {plan.id} --markdown`; a test keeps it current. Do not edit it: edit",
        f"`sonla_analysis/definitions/plans/{plan.id}.toml`.",
        "",
        f"{plan.title['vi']} ({plan.title['en']}), {plan.issuer['vi']}, {plan.issued}. "
        f"Source: {plan.source}.",
        "",
        f"{len(plan.indicators)} figures: {sure['official']} with an official definition, "
        f"{sure['recalled']} whose definition is only recalled (marked *), "
        f"{sure['plan_wording']} read from the plan's own wording (marked ~).",
        "",
        *_overview(plan),
        *(line for one in plan.indicators for line in _section(one, plan)),
    ]
    return "\n".join(lines)


def _overview(plan: Plan) -> list[str]:
    lines = ["| no. | figure | target | judges | id |", "|---|---|---:|---|---|"]
    for one in plan.indicators:
        cells = (
            one.number + _MARKS[one.certainty].replace("*", "\\*").replace("~", "\\~"),
            f"{one.short['en']} ({one.short['vi']})",
            sentences.target(one, "en"),
            phrase(f"applies_to.{one.applies_to}", "en"),
            f"`{one.id}`",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _section(indicator: Indicator, plan: Plan) -> list[str]:
    criterion = "–"
    if indicator.new_rural:
        name = plan.new_rural["criteria"][indicator.new_rural]
        criterion = f"{indicator.new_rural}, {name['en']} ({name['vi']})"
        criterion += f": {plan.new_rural['source']}; {plan.new_rural['certainty']}"
    certainty = phrase(f"certainty.{indicator.certainty}", "en")
    facts = {
        "target": sentences.target(indicator, "en", words=True),
        "direction": indicator.direction,
        "unit": indicator.unit,
        "kind": indicator.kind,
        "judges": phrase(f"applies_to.{indicator.applies_to}", "en"),
        "numerator": numerator_text(indicator, plan, "en"),
        "denominator": denominator_text(indicator, plan, "en"),
        "definition": indicator.definition["en"],
        "how sure": f"**{certainty}**" if indicator.certainty != "official" else certainty,
        "source": indicator.source["en"],
        "owner": f"{indicator.owner['en']} ({indicator.owner['vi']})",
        "frequency": indicator.frequency,
        "new-rural criterion": criterion,
    }
    return [
        "",
        f"## {indicator.number}. {indicator.name['en']}",
        "",
        f"*{indicator.name['vi']}*",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {text} |" for name, text in facts.items()),
    ]
