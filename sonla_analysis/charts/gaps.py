"""Gaps between groups of households: ethnic group, sex of the head, area.

The register knows nothing of people outside it, so only results among register households are
compared, never poverty rates of groups. Small cells are hidden for all units together, because
each unit's and the area's totals are published.
"""

import numpy as np
import pandas as pd

from sonla_analysis.charts.base import (
    GREY,
    INK,
    LINE,
    MARGIN,
    PALE,
    SMALL,
    TEXT,
    WIDTH,
    Chart,
    Sheet,
    empty_chart,
    new_sheet,
    styled,
    unit_start,
    wrap,
    wrapped,
)
from sonla_analysis.charts.deprivations import (
    FEW,
    absence,
    missing_units_note,
    part_text,
    silent_units,
)
from sonla_analysis.indicators.groups import GROUPINGS, divisible, told_gaps
from sonla_analysis.language.phrases import phrase
from sonla_analysis.review import Review
from sonla_analysis.sentences import group_name, number, percent, unit_name
from sonla_analysis.tables.input_tables import was_sent

NAMES, POINT = 1.3, 0.085  # room for names; how far a point stands above the middle of its line
_HEIGHTS = {"total": 0.27, "head": 0.28, "group": 0.35, "rest": 0.2}


@styled
def gaps(review: Review) -> Chart | None:
    """Return the results of each group side by side, with 95 % Wilson intervals.

    A difference is called clear only where the intervals of two groups do not overlap.

    >>> from sonla_analysis.review import open_review
    >>> from sonla_analysis.definitions.folders import sample_folder
    >>> chart = gaps(open_review(sample_folder(), "116", "2020-12-31", language="en"))
    >>> list(chart.numbers)[:3]
    ['Grouping', 'Group', 'Health-insurance cards']
    """
    if not was_sent(review.tables, "households", *GROUPINGS):
        return None
    rows = {table: review.rows(table, unit=review.area) for table in ("households", "members")}
    cells = review.groups.to_dict("records")
    found = told_gaps(cells)
    names = {one.id: one.name[review.language] for one in divisible(review.plan)}
    title = _title(cells, found, names, rows, review) + part_text(review, rows["households"])
    words = {"title": title, "measure": _measure(review)}
    if not _anybody(cells):
        return empty_chart(review, slug="gaps", kind="dots", reason=title, **words)
    lines = _lines(cells, review)
    room = (WIDTH - NAMES - MARGIN) / len(names)
    heads = [wrap(name, room - 0.1, SMALL) for name in names.values()]
    top = 0.09 + 0.125 * max(map(len, heads))
    height = top + sum(_HEIGHTS[line["kind"]] for line in lines) + 0.16
    note = _note(cells, found, names, review)
    if review.is_area:
        note += missing_units_note(review, rows["households"])
    legend = _legend(found, review.language)
    sheet = new_sheet(review, height=height, legend=legend, note=" ".join(note), **words)
    numbers = _numbers(lines, names, review.language)
    _draw(sheet, lines, heads, top)
    data = "; ".join(_spoken(row, list(names.values())) for row in numbers.to_numpy())
    return sheet.finish(slug="gaps", kind="dots", numbers=numbers, data=data)


def _anybody(cells: list[dict]) -> bool:
    return any(cell["denominator"] for cell in cells if cell["grouping"] == "total")


# --- the words ---------------------------------------------------------------------------


def _title(cells, found: list[dict], names: dict, rows: dict, review: Review) -> str:
    """Return the finding: the widest clear gap, or that there is none, or none can be told."""
    language = review.language
    unit = unit_name(review.units.loc[review.unit], language)
    if not _anybody(cells):
        silent = silent_units(review, review.unit, rows["households"])
        key = absence(review) if silent else "nobody"
        return phrase(f"gaps.{key}", language, unit=unit_start(review))
    if not found:
        return phrase("gaps.not_comparable", language, unit=unit)
    clear = sorted((one for one in found if one["clear"]), key=lambda one: -one["gap"])
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


def _measure(review: Review) -> str:
    return phrase(f"gaps.measure{'' if review.is_area else '_unit'}", review.language)


def _text(cell: dict, language: str) -> str:
    """Return a cell as it is printed; a share only of enough cases."""
    if cell["hidden"]:
        return phrase("gaps.hidden", language)
    if cell["denominator"] == 0:
        return phrase("gaps.nobody_here", language)
    counts = "/".join(number(cell[part], language) for part in ("numerator", "denominator"))
    if cell["denominator"] < FEW:
        return counts
    return f"{percent(cell['value'], language, 1)}  {counts}"


def _legend(found: list[dict], language: str) -> list[tuple[str, str]]:
    entries = []
    if any(one["clear"] for one in found):
        entries.append(("value", phrase("gaps.legend_clear", language)))
    if not all(one["clear"] for one in found):
        entries.append(("similar", phrase("gaps.legend_similar", language)))
    return entries


def _note(cells: list[dict], found: list[dict], names: dict, review: Review) -> list[str]:
    language = review.language
    unit = unit_name(review.units.loc[review.unit], language)
    notes = [phrase("gaps.note_line", language, unit=unit)] if found else []
    if any(cell["hidden"] for cell in cells):
        notes.append(phrase("gaps.note_hidden", language))
    unknown = review.now.loc[review.now.index.isin(list(names)), "unknown"]
    if (unknown.fillna(0) > 0).any():
        notes.append(phrase("gaps.note_unknown", language))
    return notes


def _lines(cells: list[dict], review: Review) -> list[dict]:
    """Return the chart line by line: the totals, then each grouping's groups that may be told."""
    language = review.language
    area = unit_name(review.units.loc[review.area], language, start=True)
    labels = {"total": unit_start(review), "area_total": area}
    blocks = {}
    for cell in cells:
        cell["text"] = _text(cell, language)
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
    lines = [_line("head", phrase(f"group.{grouping}", language))]
    lines += [_line("group", group_name(grouping, name, language), groups[name]) for name in told]
    untold = any(cell["hidden"] for name in groups if name not in told for cell in groups[name])
    if not told:
        key = "block_blank" if set(groups) == {"blank"} else "block_hidden"
        lines[0]["text"] = phrase(f"gaps.{key}", language)
    elif untold:
        lines.append(_line("rest", phrase("gaps.rest_hidden", language)))
    return lines


def _line(kind: str, label: str, cells: list[dict] | None = None) -> dict:
    return {"kind": kind, "label": label, "cells": cells or [], "text": ""}


def _numbers(lines: list[dict], names: dict, language: str) -> pd.DataFrame:
    """Return the figures as drawn, one row per total or group."""
    rows, block = [], ""
    for line in lines:
        block = line["label"] if line["kind"] == "head" else block
        if line["cells"]:
            rows.append([block, line["label"], *(cell["text"] for cell in line["cells"])])
    heads = [phrase(f"gaps.column_{name}", language) for name in ("grouping", "group")]
    return pd.DataFrame(rows, columns=[*heads, *names.values()])


def _spoken(row, results: list[str]) -> str:
    """Return a row of the figures as alt text."""
    figures = [f"{name} {text}" for name, text in zip(results, row[2:], strict=True)]
    return f"{row[1]}: {', '.join(figures)}".replace("  ", " ")


# --- the drawing -------------------------------------------------------------------------


def _draw(sheet: Sheet, lines: list[dict], heads: list[list[str]], top: float) -> None:
    """Draw a column for each result, each on a scale of its own that all groups share."""
    room = (WIDTH - NAMES - MARGIN) / len(heads)
    edges = [NAMES + room * place for place in range(len(heads))]
    y = sheet.height - top
    heights = []
    for line in lines:
        y -= _HEIGHTS[line["kind"]]
        heights.append(y)
        _write_line(sheet, line, edges, y + _HEIGHTS[line["kind"]] / 2)
    sheet.strokes(MARGIN, heights, WIDTH - MARGIN, heights, color=PALE, width=0.7, z=0)
    for place, (x, head) in enumerate(zip(edges, heads, strict=True)):
        looks = {"size": SMALL, "va": "bottom", "color": GREY}
        sheet.write(x, sheet.height - top + 0.05, "\n".join(head), **looks)
        drawn = [
            (height + _HEIGHTS["group"] / 2 + POINT, line["cells"][place])
            for height, line in zip(heights, lines, strict=True)
            if line["kind"] == "group" and not np.isnan(line["cells"][place]["value"])
        ]
        if drawn:
            whole = lines[0]["cells"][place]["value"]
            _draw_points(sheet, *zip(*drawn, strict=True), whole, x, room - 0.16, heights[-1])


def _write_line(sheet: Sheet, line: dict, edges: list[float], y: float) -> None:
    """Write a line's label and figures; a group's figures leave room for its point above them."""
    kind = line["kind"]
    x = MARGIN + 0.1 * (kind == "group")
    if kind == "rest":
        sheet.write(x, y, line["label"], size=SMALL, color=GREY)
    else:
        face = "Regular" if kind == "group" else "Bold"
        weight = "normal" if kind == "group" else "bold"
        sheet.write(x, y, wrapped(line["label"], NAMES - x - 0.05, TEXT, weight), face=face)
    if line["text"]:
        sheet.write(NAMES, y, line["text"], size=SMALL, color=GREY)
    for left, cell in zip(edges, line["cells"], strict=False):
        told = not np.isnan(cell["value"])
        looks = {"size": SMALL - 0.3, "color": INK if told else GREY}
        sheet.write(left, y - POINT * (kind == "group"), cell["text"], **looks)


def _draw_points(sheet: Sheet, y, cells, whole: float, left: float, room: float, bottom: float):
    """Draw a result's intervals and points, the whole unit's value, and the ends of the scale."""
    found = np.array([[cell[name] for name in ("lower", "value", "upper")] for cell in cells])
    low, high = _tens(min(found.min(), whole), max(found.max(), whole))
    lower, value, upper = (left + (found - low) / (high - low) * room).T
    line = left + (whole - low) / (high - low) * room
    sheet.strokes(line, np.array(y) - 0.075, line, np.array(y) + 0.075, color=LINE, width=1.6)
    sheet.strokes(lower, y, upper, y, color=GREY, width=1.1, z=3)
    sheet.marks(value, y, ["value" if cell["clear"] else "similar" for cell in cells], 22)
    sheet.strokes(left, bottom - 0.04, left + room, bottom - 0.04, color=LINE, width=0.8)
    for x, end, side in ((left, low, "left"), (left + room, high, "right")):
        sheet.write(x, bottom - 0.11, f"{end:.0f}%", size=SMALL - 1, color=GREY, ha=side)


def _tens(lowest: float, highest: float) -> tuple[float, float]:
    """Return the whole tens of percent around two shares; the interval of 100 % ends just there.

    >>> [float(end) for end in _tens(76.0, 100.00000001)]
    [70.0, 100.0]
    """
    low = np.floor(np.clip(lowest, 0, 99) / 10) * 10
    return low, np.clip(np.ceil(highest / 10) * 10, low + 10, 100)
