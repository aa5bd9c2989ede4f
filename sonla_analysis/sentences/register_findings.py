"""What the charts of the register say: deprivations, villages, gaps, movement."""

import numpy as np
import pandas as pd

from sonla_analysis.indicators.deprivations import poor_households, silent_units
from sonla_analysis.indicators.measure import year_end_before
from sonla_analysis.indicators.villages import MARKED, least_shown, nobody_wrote
from sonla_analysis.indicators.withheld import WHOLE
from sonla_analysis.language.phrases import phrase
from sonla_analysis.review import Review
from sonla_analysis.sentences.comparison_findings import of_all
from sonla_analysis.sentences.figures import day, group_name, lower_start, name_of, number, percent
from sonla_analysis.sentences.shared import households, list_names, unit_start

MOST_DRAWN = 7  # groups of one grouping in the chart of gaps
FEW = 10  # below this number of households a share misleads: each is drawn, none is worked out


def part_text(review: Review, register: pd.DataFrame) -> str:
    """Return what stands behind a finding about the area that some units' registers are not in."""
    units = len(review.leaf_units)
    reported = units - len(silent_units(review, review.area, register))
    if not review.is_area or reported in (0, units):
        return ""
    return f" ({phrase('board.reporting', review.language, reporting=reported, units=units)})"


def absence(review: Review) -> str:
    """Return why a unit's register is not there: it was not sent, or is being corrected."""
    held = review.is_withheld(review.unit, ("households", WHOLE))
    return "withheld" if held else "not_reported"


def deprivations_title(profile: pd.DataFrame, register: pd.DataFrame, review: Review) -> str:
    """Return the finding: what is lacked most often, or why that cannot be said."""
    language, poor = review.language, int(poor_households(register, review).sum())
    known = profile[profile["total"] > 0]
    if poor == 0:
        key = _absent("no_poor", register, review)
        return phrase(f"deprivations.{key}", language, unit=unit_start(review))
    if known.empty:
        return phrase("deprivations.blank", language)
    if known["n"].max() == 0:
        key = "none" if (profile["total"] == poor).all() else "none_known"
        return phrase(f"deprivations.{key}", language, total=number(poor, language))
    most = known[known["share"] == known["share"].max()]
    key = "most" if len(most) == 1 else "most_each" if len(most) <= 3 else "most_many"
    if len(most[["n", "total"]].drop_duplicates()) > 1:
        key = "most_unequal"
    names = list_names(map(lower_start, most["name"]), language)
    words = {
        "names": names,
        "count": len(most),
        "figure": deprivation_figure(most.iloc[0], language),
    }
    return phrase(f"deprivations.{key}", language, **words)


def _absent(none: str, register: pd.DataFrame, review: Review) -> str:
    """Return which sentence is true where the tables hold nobody: `none`, or why none is told."""
    silent = silent_units(review, review.unit, register)
    if not silent:
        return none
    all_silent = not review.is_area or len(silent) == len(review.leaf_units)
    return absence(review) if all_silent else f"{none}_reported"


def deprivation_figure(row, language: str, prefix: str = "") -> str:
    """Return "n of total (share)"; without a share where the households are few."""
    n, total = row[f"{prefix}n"], row[f"{prefix}total"]
    if row.get(f"{prefix}hidden", False):
        return phrase("deprivations.hidden", language)
    if total == 0:
        key = "no_entry" if row[f"{prefix}households"] else "no_household"
        key = f"mark.{row['silent']}" if row["silent"] else f"deprivations.{key}"
        return phrase(key, language)
    words = {
        "n": number(n, language),
        "total": number(total, language),
        "percent": percent(row[f"{prefix}share"], language, 1),
    }
    return phrase(f"deprivations.figure{'_few' if total < FEW else ''}", language, **words)


def area_name(review: Review, *, start: bool = False) -> str:
    return name_of(review, review.area, start=start)


def deprivations_note(profile: pd.DataFrame, register: pd.DataFrame, review: Review) -> str:
    totals = profile[["total", "beside_total"]]
    blanks = (totals.max() != totals.min()).any()
    notes = [phrase("deprivations.unknown", review.language)] if blanks else []
    if review.is_area and profile["beside_hidden"].any():
        notes.append(phrase("deprivations.note_hidden", review.language))
    return " ".join([*notes, *missing_units_note(review, register)])


def missing_units_note(review: Review, register: pd.DataFrame) -> list[str]:
    """Return the sentence that says how many units the area's figures are without, if any."""
    missing = len(silent_units(review, review.area, register))
    words = {"area": area_name(review), "n": missing}
    return [phrase("deprivations.missing_units", review.language, **words)] if missing else []


def villages_title(
    cells: pd.DataFrame, totals: dict, register: pd.DataFrame, review: Review
) -> str:
    """Return the finding: where most poor households live, as far as it may be told."""
    language, unit = review.language, unit_start(review)
    if not any(totals.values()):
        return phrase(f"villages.{_absent('nobody', register, review)}", language, unit=unit)
    if cells[MARKED].eq("hidden").all(axis=None) or nobody_wrote(cells):
        key = "only_total_area" if review.is_area else "only_total"
        key = "no_villages" if nobody_wrote(cells) else key
        texts = {group: number(n, language) for group, n in totals.items()}
        return phrase(f"villages.{key}", language, unit=unit, **texts)
    group = "poor" if totals["poor"] else "near_poor"
    words = {
        "unit": unit,
        "group": phrase(f"household.{group}", language),
        "total": number(totals[group], language),
    }
    known = cells[(cells[group] >= least_shown(review)) & (cells["village"] != "")]
    if review.is_internal:
        all_told = not cells.loc[cells["village"] == "", group].any()
        key_none, key_some = "not_written", "among_written"
    else:
        all_told = cells[f"{group}_mark"].isin(["", "few"]).all() and cells["village"].ne("").all()
        key_none, key_some = "scattered" if all_told else "not_shown", "among_shown"
    if known.empty:
        return phrase(f"villages.{key_none}", language, **words)
    most = known[known[group] == known[group].max()]
    key = "most" if len(most) == 1 else "most_each" if len(most) <= 3 else "most_many"
    words["names"] = list_names(
        [village_label(row, review) for row in most.to_dict("records")], language
    )
    words |= {"count": len(most), "n": number(most[group].iloc[0], language)}
    finding = phrase(f"villages.{key}", language, **words)
    return finding if all_told else phrase(f"villages.{key_some}", language, finding=finding)


def village_label(row: dict, review: Review) -> str:
    """Return a village's name; in the area's chart with its ward or commune."""
    name = row["village"] or phrase("villages.no_village", review.language)
    if not review.is_area or row["unit"] == review.unit:
        return name
    unit = name_of(review, row["unit"])
    return phrase("villages.place", review.language, village=name, unit=unit)


def villages_note(rows: pd.DataFrame, left_out: int, review: Review) -> list[str]:
    language, marks = review.language, set(rows[MARKED].to_numpy().ravel())
    if not review.is_internal and rows["village"].tolist() == [unit_start(review)]:  # none is told
        marks = {"hidden"}
    if not review.is_area and review.villages[MARKED].eq("hidden").all(axis=1).any():
        marks.add("hidden")  # and without a row
    notes = [
        phrase(f"villages.note_{mark}", language)
        for mark in ("few", "many", "hidden")
        if mark in marks
    ]
    if review.is_area and not rows["unit"].eq(review.unit).all():
        key = f"villages.note_area{'_internal' if review.is_internal else ''}"
        notes.append(phrase(key, language))
    if left_out:
        notes.append(phrase("villages.note_rest", language, n=left_out))
    return notes


def anybody(cells: list[dict]) -> bool:
    return any(cell["open"] or cell["denominator"] for cell in cells if cell["grouping"] == "total")


def gaps_title(cells, found: list[dict], names: dict, rows: dict, review: Review) -> str:
    """Return the finding: the widest clear gap, or that there is none, or none can be told."""
    language = review.language
    unit = name_of(review, review.unit)
    if not anybody(cells):
        silent = silent_units(review, review.unit, rows["households"])
        key = absence(review) if silent else "nobody"
        return phrase(f"gaps.{key}", language, unit=unit_start(review))
    if not found:
        key = f"gaps.not_comparable{'_internal' if review.is_internal else ''}"
        return phrase(key, language, unit=unit)
    clear = sorted((one for one in found if one["clear"]), key=lambda one: -abs(one["difference"]))
    if not clear:
        key = "none_clear" if len(found) > 1 else "none_clear_one"
        words = {"n": len(found), "indicator": names[found[0]["result"]]}
        return phrase(f"gaps.{key}", language, **words)
    words = {"indicator": names[clear[0]["result"]]}
    for end in ("low", "high"):
        cell = clear[0][end]
        words[end] = _in_sentence(cell["grouping"], cell["group"], language)
        words[f"{end}_value"] = percent(cell["value"], language, 1)
    finding = phrase("gaps.clear", language, **words)
    more = len(clear) - 1
    return phrase("gaps.clear_more", language, finding=finding, n=more) if more else finding


def _in_sentence(grouping: str, group: str, language: str) -> str:
    """Return a group's name as it stands within a sentence."""
    if grouping == "ethnicity" and group not in ("other", "blank"):
        return phrase("gaps.within_ethnicity", language, group=group)
    return phrase(f"gaps.within_{group}", language)


def gap_text(cell: dict, language: str) -> str:
    """Return a cell as it is printed; a share only of enough cases."""
    if cell["hidden"]:
        return phrase("gaps.hidden", language)
    if cell["open"]:
        return phrase("symbol.open", language)
    if cell["denominator"] == 0:
        return phrase("gaps.nobody_here", language)
    counts = of_all(cell, language)
    if cell["denominator"] < FEW:
        return counts
    return f"{percent(cell['value'], language, 1)}  {counts}"


def gaps_note(cells: list[dict], found: list[dict], names: dict, review: Review) -> list[str]:
    language = review.language
    unit = name_of(review, review.unit)
    keys = ("note_rule", "note_line") if found else ()
    notes = [phrase(f"gaps.{key}", language, unit=unit) for key in keys]
    if any(cell["hidden"] for cell in cells):
        notes.append(phrase("gaps.note_hidden", language))
    if any(cell["open"] for cell in cells):
        notes.append(phrase("gaps.note_unknown", language))
    return notes


def gap_lines(cells: list[dict], review: Review) -> list[dict]:
    """Return the chart line by line: the totals, then each grouping's groups that may be told."""
    language = review.language
    labels = {"total": unit_start(review), "area_total": area_name(review, start=True)}
    blocks = {}
    for cell in cells:
        cell["text"] = gap_text(cell, language)
        blocks.setdefault(cell["grouping"], {}).setdefault(cell["group"], []).append(cell)
    lines = [
        _line("total", labels[grouping], blocks.pop(grouping)[""])
        for grouping in labels
        if grouping in blocks
    ]
    for grouping, groups in blocks.items():
        lines += _block(grouping, groups, language)
    return lines


def _block(grouping: str, groups: dict[str, list[dict]], language: str) -> list[dict]:
    """Return a grouping's heading, the groups of which something may be told, what is left."""
    told = [name for name in groups if not all(np.isnan(one["value"]) for one in groups[name])]
    lines, drawn = [_line("head", phrase(f"group.{grouping}", language))], told
    if len(told) > MOST_DRAWN:  # the last line says how many more there are
        drawn = told[: MOST_DRAWN - 1]
    untold = any(cell["hidden"] for name in groups if name not in told for cell in groups[name])
    lines += [_line("group", group_name(grouping, name, language), groups[name]) for name in drawn]
    if not told:
        hidden = "block_hidden" if untold else "nobody_here"
        key = "block_blank" if set(groups) == {"blank"} else hidden
        left_open = key == "nobody_here" and any(
            one["open"] for cells in groups.values() for one in cells
        )
        lines[0]["text"] = phrase("symbol.open" if left_open else f"gaps.{key}", language)
    elif untold:
        lines.append(_line("rest", phrase("gaps.rest_hidden", language)))
    elif more := len(told) - len(drawn):
        lines.append(_line("rest", phrase("gaps.rest_cut", language, n=more)))
    return lines


def _line(kind: str, label: str, cells: list[dict] | None = None) -> dict:
    return {"kind": kind, "label": label, "cells": cells or [], "text": ""}


def movement_label(name: str, review) -> str:
    text = phrase(f"movement_poor.{name}", review.language)
    if name not in ("start", "end"):
        return text
    on = review.as_of if name == "end" else year_end_before(review.as_of)
    return f"{text} ({day(on, review.language)})"


def signed(name: str, amount: int, language: str) -> str:
    sign = "" if name in ("start", "end") or not amount else "−" if name.startswith("out_") else "+"
    return sign + number(amount, language)


def movement_title(steps: pd.DataFrame, review, state: str) -> str:
    """Return the finding: how many households left the list, and how many joined it."""
    language, count = review.language, steps["households"]
    out, into = (int(count[steps["kind"] == kind].sum()) for kind in ("out", "in"))
    start, end = int(count.iloc[0]), int(count.iloc[-1])
    key = "both" if out and into else "left" if out else "joined" if into else "unchanged"
    if not (out or into or start or end):
        silent = {"not_reported": "not_reported", "incomplete": "not_reported"}
        key = (silent | {"withheld": "withheld"}).get(state, "none")
    words = {"out": households(out, language), "into": households(into, language)}
    words["end"] = households(end, language)
    return phrase(f"waterfall.{key}", language, unit=unit_start(review), **words)
