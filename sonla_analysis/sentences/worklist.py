"""What a unit still has to do for each target that is not reached, and how it is said."""

from dataclasses import dataclass

import pandas as pd

from sonla_analysis.definitions.input_columns import CARRIED
from sonla_analysis.definitions.plan import Indicator
from sonla_analysis.indicators.to_reach import TO_REACH, counts_against, is_open, to_reach
from sonla_analysis.language.phrases import has, label, phrase
from sonla_analysis.sentences.figures import (
    counted,
    figure,
    has_value,
    left,
    name_of,
    number,
    plural,
    status_text,
    target,
    value_text,
)
from sonla_analysis.sentences.figures import is_open as leaves_open
from sonla_analysis.sentences.listing import column_name, condition_text
from sonla_analysis.sentences.statements import area_words


@dataclass(frozen=True)
class Task:
    """A target that is not reached in a unit, and the rows still to reach.

    `row` is the unit's progress row, `judged` the one that is judged: the area's where the target
    is the area's. `rows` are those of `to_reach`, None where nothing has a register.
    """

    indicator: Indicator
    row: pd.Series
    judged: pd.Series
    rows: pd.DataFrame | None

    @property
    def is_listed(self) -> bool:
        return self.rows is not None and len(self.rows) > 0

    @property
    def of_area(self) -> bool:
        return self.indicator.applies_to == "area"

    @property
    def to_reach(self) -> int | None:
        """How many are not reached for sure; None where that is not known."""
        reported = self.row["state"] == "reported"
        if self.rows is not None:
            known = reported or self.is_listed
            return int((self.rows["part"] == TO_REACH).sum()) if known else None
        if not reported or self.indicator.kind == "count":
            return None
        number, whole = self.row["numerator"], self.row["denominator"]
        return number if self.indicator.lower_is_better else whole - number

    @property
    def not_known(self) -> int | None:
        """How many have no answer, or one that is being corrected; None without a list."""
        return int((self.rows["part"] != TO_REACH).sum()) if self.is_listed else None


def tasks(review) -> list[Task]:
    """Return what a unit still has to do, one entry a target, in the plan's order."""
    found = []
    for one in review.plan.indicators:
        row = review.now.loc[one.id]
        judged = (review.area_now if one.applies_to == "area" else review.now).loc[one.id]
        if row["state"] == "not_applicable" or not is_open(judged, one, review.plan):
            continue
        task = Task(one, row, judged, _rows(review, one))
        if task.is_listed or task.to_reach != 0:
            found.append(task)
    return found


def _rows(review, indicator: Indicator) -> pd.DataFrame | None:
    """Return the rows of a target still to reach, those of its register that are corrected too."""
    table = indicator.numerator.table
    withheld = [name for name in review.plan.tables[table] if is_corrected(review, table, name)]
    return to_reach(review.rows(table), indicator, review.plan, withheld)


def is_corrected(review, table: str, column: str) -> bool:
    """Whether a column of the unit is being corrected, in the table that it comes from."""
    carried = {"members": "households"} if column in CARRIED else {}
    table = ({"school_network": "schools"} | carried).get(table, table)
    return review.is_withheld(review.unit, (table, column))


# --- words -------------------------------------------------------------------------------


def need(task: Task, review) -> str:
    """Return what stands above a list: target, result, status, and how many the target needs."""
    one, language = task.indicator, review.language
    remains = left(task.judged, one, language)
    words = {
        "target": target(one, language, words=True),
        "figure": _figure(task.row, one, language),
        "area_figure": _figure(task.judged, one, language),
        "status": status_text(task.judged, language).lower(),
        "left": remains and f"; {remains}",
        "unit": name_of(review, review.unit, start=True),
        "area": area_words(review)["area_name"],
    }
    said = phrase(f"worklist.{'area' if task.of_area else 'own'}", language, **words)
    return said + ("" if task.of_area else _of_them(task, language))


def _of_them(task: Task, language: str) -> str:
    """Return how many of those listed a unit's own target needs, where it needs not all."""
    needed, n = task.row["still_needed"], task.to_reach
    if not n or pd.isna(needed) or not 0 < needed < n:
        return ""
    words = {"n": number(n, language), "needed": number(needed, language)}
    words["counted"] = counted(task.indicator, n, language)
    key = "some_or_more" if leaves_open(task.row) else "some"
    return phrase(f"worklist.{key}", language, **words)


def _figure(row, indicator: Indicator, language: str) -> str:
    return (figure if has_value(row) else value_text)(row, indicator, language)


def part_title(task: Task, part: str, language: str) -> str:
    """Return the heading over one part of a list, with how many rows it has."""
    n, one = int((task.rows["part"] == part).sum()), task.indicator
    table = one.numerator.table
    noun = plural(phrase(f"counted.{table if has('counted', table) else 'other'}", language), n)
    if part == TO_REACH:
        part, noun = "against" if counts_against(one) else part, counted(one, n, language)
    return phrase(f"worklist_part.{part}", language, n=number(n, language), noun=noun)


def missing_text(row, task: Task, review) -> str:
    """Return what a row lacks, or does not say."""
    language, table = review.language, task.indicator.numerator.table
    columns, lacks, unsaid = review.plan.tables[table], row.lacks.split(), row.unsaid.split()
    corrected = [name for name in unsaid if is_corrected(review, table, name)]
    unsaid = [name for name in unsaid if name not in corrected]
    if row.part == TO_REACH and counts_against(task.indicator):
        texts = [label("household", row.status, language)] if "status" in task.rows else []
        names = ", ".join(columns[name].name[language] for name in lacks)
        texts += [phrase("lacking.deprived", language, names=names)] if names else []
    else:
        texts = [_lacking(name, task.indicator, columns, language) for name in lacks]
    for key, names in (("unsaid", unsaid), ("corrected", corrected)):
        said = ", ".join(column_name(name, columns, language) for name in names)
        texts += [phrase(f"lacking.{key}", language, columns=said)] if said else []
    return "; ".join(texts)


def _lacking(name: str, indicator: Indicator, columns: dict, language: str) -> str:
    condition = (indicator.numerator.any | indicator.numerator.where)[name]
    if condition == (True,) and has("lacking", name):
        return phrase(f"lacking.{name}", language)
    text = condition_text(name, condition, columns, language)
    return phrase("lacking.other", language, condition=text)


def where_text(task: Task, sheet: str, language: str) -> str:
    """Return where the rows are listed, or why they are not."""
    if task.is_listed:
        return sheet
    if task.row["state"] == "withheld":
        return phrase("worklist.no_rows_withheld", language)
    if task.row["state"] != "reported":
        return phrase("worklist.no_rows", language)
    return phrase("worklist.no_list", language, owner=task.indicator.owner[language])
