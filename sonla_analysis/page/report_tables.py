"""The tables of a report: progress in its text; forms and what the charts show in its annex."""

from dataclasses import replace
from functools import partial

import pandas as pd

from sonla_analysis.indicators.changes import PARTS
from sonla_analysis.indicators.groups import GROUPINGS, divisible
from sonla_analysis.indicators.measure import SILENT
from sonla_analysis.indicators.poverty_path import RATE
from sonla_analysis.indicators.since import poor_course
from sonla_analysis.indicators.standing import UNMET, by_size, standing
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import sort_key
from sonla_analysis.page.annex_tables import (
    build,
    cell,
    dated,
    share,
    text_of,
    unit_codes,
    whole_first,
)
from sonla_analysis.page.comparison_tables import compared, gaps, spread  # noqa: F401
from sonla_analysis.page.official_forms import (
    STATUSES,
    deprivation_names,
    deprived,
    form_1,
    form_2,
    form_3,
    form_4,
    form_5,
)
from sonla_analysis.page.outlook_tables import outlook as outlook
from sonla_analysis.page.outlook_tables import to_bring
from sonla_analysis.review import Review
from sonla_analysis.sentences import (
    change_texts,
    count_and_share,
    course_text,
    day,
    figure,
    figure_texts,
    group_name,
    is_open,
    left,
    name_of,
    other_reading,
    partial_note,
    status_key,
)
from sonla_analysis.sentences.changes import count_name, parts_of, plain
from sonla_analysis.sentences.table import Table
from sonla_analysis.tables.input_tables import was_sent


def annex(review: Review) -> list[Table]:
    """Return the annex tables of a unit, in the order of the annexes; none of what nobody sent.

    >>> from sonla_analysis.review import open_review
    >>> from sonla_analysis.definitions.folders import sample_folder
    >>> review = open_review(sample_folder(), "03652", "2020-12-31")
    >>> [one.slug for one in annex(review)][:3]
    ['form_1', 'form_2', 'form_3']
    """
    sent, register = partial(was_sent, review.tables), "households"
    lacking = [one["column"] for one in review.plan.standard_data.deprivations]
    made = {
        form_1: sent(register, "status"),
        form_2: sent(register, "start_status"),
        form_3: sent(register, "start_status"),
        form_4: sent(register, *lacking),
        form_5: sent(register, *lacking),
        deprivations: sent(register, *lacking),
        groups: sent(register, *GROUPINGS),
        funding: sent("funding"),
    }
    told = [make(review) for make, there in made.items() if there]
    return [*told, *filter(None, [to_bring(review), changes(review)])]


def progress(review: Review) -> Table:
    """Return the progress table; a row is one figure of the plan, printed as everywhere else."""
    language, plan = review.language, review.plan
    changes = change_texts(review)
    rows, texts = [], []
    for name, row in review.now.iterrows():
        stub = [plan[name].number, plan[name].name[language]]
        printed = figure_texts(row, plan[name], language) | {"change": changes[name]}
        untold = [one for one in _NUMERIC if printed[one] == "–"]
        untold += ["numerator", "still_needed"] * is_open(row)  # told in words
        raw = {one: cell(None if one in untold else row[one]) for one in _NUMERIC}
        raw = printed | raw
        raw["status"] = status_key(row)
        rows.append([*stub, *(raw[one] for one in _PROGRESS)])
        texts.append([*stub, *(printed[one] for one in _PROGRESS)])
    spec = "order indicator target value:2 numerator:0 denominator:0 still_needed:0 status change"
    labels = _since(review, changes)
    made = build(review, "progress", spec, rows, texts=texts, labels=labels, annex=False)
    others = {one.number: other_reading(review, one).strip() for one in plan.indicators}
    readings = [f"{number}. {text}" for number, text in others.items() if text]
    return replace(made, notes=[*made.notes, *readings, *partial_note(review)])


_PROGRESS = ("target", "value", "numerator", "denominator", "still_needed", "status", "change")
_NUMERIC = _PROGRESS[1:5]


def _since(review: Review, changes: pd.Series) -> dict[str, str]:
    """Return the label of the column of changes, with the date they are counted from."""
    date = changes.name
    key = "annex_column.since" if date else "annex_column.change"
    return {"change": phrase(key, review.language, date=date)}


def missed(review: Review) -> Table | None:
    """Return only what is missed or behind, what means most households or persons first.

    A row is a target, with what is still to do; None where nothing is.
    """
    language, plan, now = review.language, review.plan, review.now
    order = by_size(now, now.index[now["status"].isin(UNMET)])
    if not order:
        return None
    changes, rows = change_texts(review), []
    for name in order:
        row, one = now.loc[name], plan[name]
        printed = figure_texts(row, one, language)
        to_do = left(row, one, language) or phrase("left.nothing_yet", language)
        figures = [figure(row, one, language), printed["target"], to_do, changes[name]]
        rows.append([one.number, one.short[language], *figures])
    spec, labels = "order indicator result target to_do change", _since(review, changes)
    notes = partial_note(review)
    return build(review, "missed", spec, rows, labels=labels, notes=notes, annex=False)


def poor_over_time(review: Review) -> Table | None:
    """Return the poor households of the area's units on the dates, and their rate now.

    A row is the area or a unit; `course` is drawn as a small line where a format can. None where
    the plan has no poverty rate, or nobody sent a register.
    """
    language = review.language
    if RATE not in review.now.index or not was_sent(review.tables, "households", "status"):
        return None
    now = standing(review, indicator=RATE).set_index("unit")
    courses, rows, texts = poor_course(review.progress, review.as_of), [], []
    for code in unit_codes(review):
        row = now.loc[code]
        name = name_of(review, code, start=True)
        known = row["state"] in ("reported", "incomplete")
        counted = cell(row["numerator"]) if known and not is_open(row) else None
        rows.append([name, counted, row["value"], courses[code]])
        printed = count_and_share(row, review.plan[RATE], language)
        texts.append([name, *printed, course_text(courses[code], language)])
    words = {"first": day(review.dates[0], language), "last": day(review.as_of, language)}
    labels = {"course": phrase("annex_column.course", language, **words)}
    spec = "unit_name poor_households:0 poor_household_share:2 course"
    return build(
        review, "poor_over_time", spec, rows, texts=texts, labels=labels,
        totals=whole_first(review), notes=[dated(review), *partial_note(review)], annex=False,
    )  # fmt: skip


def changes(review: Review) -> Table | None:
    """Return what changed since the report before; a row is one count of one figure.

    The published count and the parts after it add up to this date's; a denominator stands there
    only where it changed. None where no earlier report is known.
    """
    language, found = review.language, parts_of(review)
    counts = [
        (name, of, parts)
        for name, figure in found.items()
        for of, parts in figure.items()
        if of == "numerator" or len(parts) > 2
    ]
    if not counts:
        return None
    used = [part for part in PARTS if any(part in parts for *_, parts in counts)]
    keys, word = ["order", "indicator", "of", "published", *used, "now"], "changes_column"
    labels = {key: phrase(f"{word if key in used else 'changes'}.{key}", language) for key in keys}
    rows, texts = zip(*(_change_line(review, one, used) for one in counts), strict=True)
    spec = " ".join(keys[:3] + [f"{key}:" for key in keys[3:]])
    since = day(review.since, language)
    notes = [phrase("changes.note_sum", language)]
    notes += [phrase("changes.note_forms", language)] if {"moved_in", "moved_out"} & {*used} else []
    notes += [phrase("changes.note_revised", language, since=since)] if "corrected" in used else []
    words = {"labels": labels, "notes": notes, "since": since}
    return build(review, "changes", spec, list(rows), texts=list(texts), **words)


def _change_line(review: Review, count: tuple, used: list[str]) -> tuple[list, list[str]]:
    """Return one row: numbers, and as they are printed, a part with its sign."""
    (name, of, parts), language = count, review.language
    indicator = review.plan[name]
    stub = [indicator.number, indicator.short[language], count_name(of, indicator, language)]
    keys = ["published", *used, "now"]
    raw = [*stub, *(cell(parts.get(key)) for key in keys)]
    texts = [plain(parts.get(key), language, signed=key in used) for key in keys]
    if "definition" in parts:
        stub[2] = raw[2] = phrase("changes.redefined_short", language)
    return raw, [*stub, *texts]


def deprivations(review: Review) -> Table:
    """Return how many poor and near-poor households lack what; a row is one deprivation.

    Of poor households as in official form 4; of near-poor ones small numbers are hidden.
    """
    language, counts = review.language, {one: deprived(review, one) for one in STATUSES}
    hidden = review.hidden_deprivations.loc["area" if review.is_area else review.unit]
    for name in hidden.index[hidden]:
        counts["near_poor"][name] = ["hidden"]
    service = {
        one["column"]: one["service"][language] for one in review.plan.standard_data.deprivations
    }
    rows = [
        [service[name], label, *_number_and_rate(counts, name)]
        for name, label in deprivation_names(review).items()
    ]
    spec, heads = "service deprivation", ["", ""]
    for status, columns in counts.items():
        spec += f" {status}_number:0 {status}_rate:2"
        total = text_of(columns["total"][0], "0", language)
        head = phrase(f"annex_head.{status}_household", language)
        heads += [phrase("annex_head.in_all", language, head=head, n=total)] * 2
    remarks = [*(["hidden_near_poor"] if hidden.any() else []), "symbols", "rates"]
    return build(review, "deprivations", spec, rows, heads=heads, remarks=remarks)


def _number_and_rate(counts: dict[str, dict], name: str) -> list:
    cells = []
    for columns in counts.values():
        number, total = columns[name][0], columns["total"][0]
        cells += [number, share(number, total)]
    return cells


def groups(review: Review) -> Table:
    """Return what share of each group reached what; a row is a group, small cells hidden.

    The internal edition hides none.
    """
    language = review.language
    results = divisible(review.plan)
    numbers = {one.id: one.number for one in review.plan.indicators}
    rows = [
        [trait, group, *(value for one in results for value in cells[one.id])]
        for trait, group, cells in _groups(review)
    ]
    spec, heads, labels = "trait group", ["", ""], {}
    for one in results:
        spec += f" {one.id}_total:0 {one.id}_rate:2"
        number = f"{numbers[one.id]}. " if one.id in numbers else ""
        heads += [number + one.name[language]] * 2
        labels |= {
            f"{one.id}_{part}": phrase(f"annex_column.group_{part}", language)
            for part in ("total", "rate")
        }
    return build(
        review, "groups", spec, rows, labels=labels, heads=heads, totals=[0],
        remarks=["base", *([] if review.is_internal else ["hidden"]), "symbols", "rates"],
    )  # fmt: skip


def _groups(review: Review) -> list[tuple]:
    """Return (grouping, group, cells by result) of the unit as a whole and of each group."""
    found, language, lines = review.groups, review.language, {}
    written = found[found["group"] != "blank"].groupby("grouping").size()  # somebody wrote it down
    if review.is_internal:  # every group of the area has a name: leave out those without anybody
        counted = found.groupby(["grouping", "group"])["denominator"].transform("sum")
        found = found[(counted > 0) | found["open"] | (found["grouping"] == "total")]
    for one in found[found["grouping"] != "area_total"].to_dict("records"):
        name, known = group_name(one["grouping"], one["group"], language), True
        if one["grouping"] not in written:
            name, known = phrase("gaps.block_blank", language), False
        cells = _group_cell(one, review) if known else ["not_collected"] * 2
        lines.setdefault((one["grouping"], name), {})[one["result"]] = cells
    everybody = phrase("annex_row.everybody", language)
    return [
        (everybody if grouping == "total" else phrase(f"group.{grouping}", language), name, cells)
        for (grouping, name), cells in lines.items()
    ]


def _group_cell(one: dict, review: Review) -> list:
    """Return how many a result counts of in a group, and the share reached."""
    states = review.now["state"]
    if one["hidden"]:
        return ["hidden"] * 2
    if (state := states.get(one["result"])) in SILENT:
        return [state] * 2
    if one["open"]:
        return ["open"] * 2
    return [cell(one["denominator"]), share(cell(one["numerator"]), cell(one["denominator"]))]


def funding(review: Review) -> Table:
    """Return the money planned and disbursed; a row is a project, or a source of its money."""
    money = review.rows("funding")
    rows, totals = [], []
    for place, (project, lines) in enumerate(_parts(money, "project"), start=1):
        totals.append(len(rows))
        rows.append([str(place), project, *_spent(lines, review)])
        sources = enumerate(_parts(lines, "source"), start=1)
        rows += [[f"{place}.{n}", source, *_spent(part, review)] for n, (source, part) in sources]
    totals.append(len(rows))
    rows.append(["", phrase("annex_row.all", review.language), *_spent(money, review)])
    spec = "order project planned:1 disbursed:1 disbursed_rate:2"
    return build(review, "funding", spec, rows, totals=totals, remarks=["symbols", "rates"])


def _parts(lines: pd.DataFrame, column: str) -> list:
    """Return the lines by a column's values, in dictionary order."""
    return sorted(lines.groupby(column), key=lambda part: sort_key(part[0]))


def _spent(lines: pd.DataFrame, review: Review) -> list:
    """Return planned, disbursed and the rate; unknown as soon as one line is."""
    sums = []
    for name in ("planned", "disbursed"):
        units = set(lines["unit"]) or {review.unit}
        if any(review.is_withheld(unit, ("funding", name)) for unit in units):
            sums.append("withheld")
        else:
            sums.append(cell(lines[name].sum(skipna=False)) if len(lines) else "not_reported")
    return [*sums, share(sums[1], sums[0])]
