"""Gaps between groups of households: ethnic group, sex of the head, area.

The register knows nothing of people outside it, so only results among register households are
compared, never poverty rates of groups. Small cells are hidden for all units together, because
each unit's and the area's totals are published.
"""

from dataclasses import dataclass

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
from sonla_analysis.charts.deprivations import FEW, missing_units_note, silent_units
from sonla_analysis.indicators.comparison import wilson_interval
from sonla_analysis.indicators.disclosure import MINIMUM
from sonla_analysis.indicators.measure import _decided as decided
from sonla_analysis.plan import Count
from sonla_analysis.review import Review
from sonla_analysis.tables import POOR
from sonla_analysis.text import sort_key
from sonla_analysis.wording import number, percent, unit_name
from sonla_analysis.words import phrase

GROUPINGS = ("ethnicity", "head_sex", "area")
OWN_GROUP = 10  # an ethnic group with fewer register households in the area is not named
MOST_RESULTS, MOST_GROUPS = 6, 5
NAMES, POINT = 1.3, 0.085  # room for names; how far a point stands above the middle of its line
_HEIGHTS = {"total": 0.27, "head": 0.28, "group": 0.35, "rest": 0.2}


@dataclass(frozen=True)
class Result:
    """A share that can be worked out for a group of households: its name and what is counted."""

    id: str
    name: dict
    numerator: Count
    denominator: Count


@styled
def gaps(review: Review) -> Chart:
    """Return the results of each group side by side, with 95 % Wilson intervals.

    A difference is called clear only where the intervals of two groups do not overlap.

    >>> from sonla_analysis.review import open_review
    >>> from sonla_analysis.tables import sample_folder
    >>> chart = gaps(open_review(sample_folder(), "116", "2020-12-31", language="en"))
    >>> list(chart.numbers)[:3]
    ['Grouping', 'Group', 'Health-insurance cards']
    """
    rows = {table: review.rows(table, unit=review.area) for table in ("households", "members")}
    cells = group_cells(rows, review).to_dict("records")
    found = told_gaps(cells)
    names = {one.id: one.name[review.language] for one in divisible(review)}
    title = _title(cells, found, names, rows, review)
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


# --- the numbers -------------------------------------------------------------------------


def divisible(review: Review) -> list[Result]:
    """Return the plan's shares of households or their members, and who left poverty.

    >>> from sonla_analysis.review import open_review
    >>> from sonla_analysis.tables import sample_folder
    >>> [one.id for one in divisible(open_review(sample_folder(), "116", "2020-12-31"))][-1]
    'left_poverty'
    """
    shares = [
        Result(one.id, one.short, one.numerator, one.denominator)
        for one in review.plan.indicators
        if one.kind == "share"
        and {one.numerator.table, one.denominator.table} in ({"households"}, {"members"})
    ]
    name = {language: phrase("gaps.left_poverty", language) for language in ("vi", "en")}
    start = {"start_status": POOR}
    left = start | {"status": ("near_poor", "newly_escaped", "not_poor")}
    counts = Count("households", left), Count("households", start)
    return [*shares[: MOST_RESULTS - 1], Result("left_poverty", name, *counts)]


def group_cells(rows: dict, review: Review) -> pd.DataFrame:
    """Return one row per grouping, group and result of the unit; hidden numbers are missing.

    `rows` holds the whole area's households and members on the date.

    Columns: grouping, group, result, numerator, denominator, hidden, value (percent), lower and
    upper (Wilson, 95 %), clear (the interval lies apart from another group's). The groupings
    `total` and `area_total` hold the published totals of the unit and of the whole area.
    """
    units = list(review.leaf_units.index)
    unit_of = {table: _unit_codes(one["unit"], units) for table, one in rows.items()}
    home_of = {table: pd.factorize(one["household"])[0] for table, one in rows.items()}
    marked = [
        (one, _marked(one, rows[one.denominator.table], unit_of, home_of))
        for one in divisible(review)
    ]
    place = len(units) if review.is_area else units.index(review.unit)
    parts = []
    for grouping in ("total", *(GROUPINGS if review.is_area else GROUPINGS[:2])):
        names = _group_names(rows["households"], grouping)
        group_of = {table: _group_codes(one, grouping, names) for table, one in rows.items()}
        for result, masks in marked:
            table = result.denominator.table
            counts = [
                _table(mask, unit_of[table], group_of[table], (len(units), len(names)))
                for mask in masks
            ]
            published = grouping == "total" or _follows_units(counts[1], grouping)
            hidden = np.zeros_like(counts[0], bool) if published else hidden_cells(*counts)
            parts += _unit_rows(grouping, names, result.id, *counts[:2], hidden, place)
            if grouping == "total" and not review.is_area:
                parts += _unit_rows("area_total", names, result.id, *counts[:2], hidden, -1)
    return _measured(pd.DataFrame(parts, columns=_CELL))


def _unit_codes(column: pd.Series, units: list[str]) -> np.ndarray:
    """Return the place of each row's unit among the units, -1 where it is none of them."""
    codes, found = pd.factorize(column)
    places = {unit: place for place, unit in enumerate(units)}
    return np.array([places.get(unit, -1) for unit in found] or [-1], dtype="int64")[codes]


_CELL = ["grouping", "group", "result", "numerator", "denominator", "hidden"]


def _unit_rows(grouping, names, result, numerator, denominator, hidden, place) -> list[tuple]:
    """Return one unit's line of a table as rows of cells."""
    counts = numerator[place].tolist(), denominator[place].tolist(), hidden[place].tolist()
    return [(grouping, name, result, *one) for name, *one in zip(names, *counts, strict=True)]


def _marked(result: Result, frame: pd.DataFrame, unit_of: dict, home_of: dict) -> list[np.ndarray]:
    """Return which rows a result counts as reached, among which, and one of these per household.

    A group of persons may be a single household.
    """
    known = {}
    counts = result.numerator, result.denominator
    reached, among = (decided(frame, count, known)[0] for count in counts)
    table, rows = result.denominator.table, np.flatnonzero(among)
    homes = unit_of[table][rows] * (home_of[table].max(initial=0) + 1) + home_of[table][rows]
    first = np.zeros_like(among)
    first[rows[np.unique(homes, return_index=True)[1]]] = True
    return [reached, among, first]


def _group_names(households: pd.DataFrame, grouping: str) -> list[str]:
    """Return a grouping's groups, largest first; ethnic groups too small to be named are one."""
    if grouping == "total":
        return [""]
    sizes = households[grouping].value_counts(dropna=False)
    sizes = {("blank" if pd.isna(name) else name): n for name, n in sizes.items()}
    order = sorted(sizes, key=lambda name: (name == "blank", -sizes[name], sort_key(name)))
    if grouping != "ethnicity":
        return order
    named = [name for name in order if sizes[name] >= OWN_GROUP and name != "blank"][:MOST_GROUPS]
    others = [name for name in order if name not in (*named, "blank")]
    return [*named, *(["other"] if others else []), *(["blank"] if "blank" in sizes else [])]


def _group_codes(frame: pd.DataFrame, grouping: str, names: list[str]) -> np.ndarray:
    """Return the place of each row's group among the names."""
    if grouping == "total":
        return np.zeros(len(frame), dtype="int64")
    codes, found = pd.factorize(frame[grouping], use_na_sentinel=False)
    places = {name: place for place, name in enumerate(names)}
    other = places.get("other", places.get("blank", 0))
    of_found = [places.get("blank" if pd.isna(name) else name, other) for name in found]
    return np.array(of_found, dtype="int64")[codes]


def _table(mask: np.ndarray, unit_of, group_of, shape: tuple[int, int]) -> np.ndarray:
    """Return the marked rows by unit (the area last) and group."""
    chosen = mask & (unit_of >= 0)
    units, groups = shape
    cells = np.bincount(unit_of[chosen] * groups + group_of[chosen], minlength=units * groups)
    cells = cells.reshape(shape)
    return np.vstack([cells, cells.sum(axis=0)])


def _follows_units(among: np.ndarray, grouping: str) -> bool:
    """Urban and rural are sums of whole units, whose numbers are published: nothing to hide."""
    return grouping == "area" and bool(((among[:-1] > 0).sum(axis=1) <= 1).all())


def hidden_cells(numerator, denominator, households) -> np.ndarray:
    """Return which cells of one result may not be told: units (the area last) by groups.

    Hidden are 1 to 4 reached, counted, or households behind them; then the next smaller ones
    until what is hidden of a total, which is published, is at least two cells that together hold
    5 reached and 5 counted, and no cell follows from several totals together. Where that cannot
    be had, the whole line is hidden, zeros as well; a line with one group only is the total and
    says what everybody belongs to, so it is hidden too.

    >>> table = np.array([[30, 7, 2], [20, 9, 8], [50, 16, 10]])
    >>> hidden_cells(table, table, table).tolist()
    [[False, True, True], [False, True, True], [False, False, False]]
    """
    hidden = np.zeros_like(denominator, dtype=bool)
    for part in (numerator, denominator, households):
        hidden |= (part > 0) & (part < MINIMUM)
    hidden[(denominator > 0).sum(axis=1) == 1] = True
    before = None
    while before is None or (hidden != before).any():
        before = hidden.copy()
        for row in range(len(hidden)):
            if not _cover(hidden[row], numerator[row], denominator[row]):
                hidden[row] = True
        for column in np.flatnonzero(~hidden[-1]):
            line = slice(None, -1), column
            if not _cover(hidden[line], numerator[line], denominator[line]):
                hidden[-1, column] = True
        if (hidden == before).all():
            hidden[_followed(hidden)] = True
    return hidden


def _cover(hidden: np.ndarray, numerator: np.ndarray, denominator: np.ndarray) -> bool:
    """Hide the smallest told cells of a line until its total tells no hidden one, if that works."""
    while hidden.any() and not (
        hidden.sum() >= 2
        and numerator[hidden].sum() >= MINIMUM
        and denominator[hidden].sum() >= MINIMUM
    ):
        told = np.flatnonzero(~hidden & (denominator > 0))
        if not len(told):
            return False
        hidden[told[denominator[told].argmin()]] = True
    return True


def _followed(hidden: np.ndarray) -> np.ndarray:
    """Return the lines with a hidden cell that several totals together would tell.

    Lines and groups are the nodes of a graph, hidden cells its edges, totals its equations: a
    cell follows from them when it is a bridge, an edge whose effective resistance is 1.
    """
    rows, columns = np.nonzero(hidden)
    if not len(rows):
        return rows
    ends = np.zeros((len(rows), sum(hidden.shape)))
    ends[np.arange(len(rows)), rows] = 1
    ends[np.arange(len(rows)), hidden.shape[0] + columns] = -1
    resistance = ((ends @ np.linalg.pinv(ends.T @ ends)) * ends).sum(axis=1)
    return np.unique(rows[resistance > 1 - 1e-6])


def _measured(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with value and interval where they may be told."""
    numbers = cells[["numerator", "denominator"]].astype("Int64").mask(cells["hidden"])
    total = numbers["denominator"].astype("float64").replace(0, np.nan)
    value = numbers["numerator"].astype("float64") / total * 100
    lower, upper = wilson_interval(numbers["numerator"], total)
    cells = cells.assign(**numbers, value=value, lower=lower, upper=upper)
    return cells.assign(clear=_clear(cells))


def _clear(cells: pd.DataFrame) -> pd.Series:
    """Return whether a group's interval lies apart from another one of its grouping."""
    keys = [cells["grouping"], cells["result"]]
    highest = cells["lower"].groupby(keys).transform("max")
    lowest = cells["upper"].groupby(keys).transform("min")
    return (cells["upper"] < highest) | (cells["lower"] > lowest)


def told_gaps(cells: list[dict]) -> list[dict]:
    """Return one record per grouping and result that has two groups or more to compare.

    Keys: grouping, result, low and high (the cells whose intervals lie farthest apart), gap
    (percentage points between their values), clear (whether their intervals do not overlap).
    """
    told = {}
    for cell in cells:
        if cell["grouping"] in GROUPINGS and not np.isnan(cell["value"]):
            told.setdefault((cell["grouping"], cell["result"]), []).append(cell)
    found = []
    for (grouping, result), groups in told.items():
        if len(groups) > 1:
            low = min(groups, key=lambda cell: cell["upper"])
            high = max(groups, key=lambda cell: cell["lower"])
            gap, clear = high["value"] - low["value"], high["lower"] > low["upper"]
            ends = {"low": low, "high": high, "gap": gap, "clear": clear}
            found.append({"grouping": grouping, "result": result, **ends})
    return found


def _anybody(cells: list[dict]) -> bool:
    return any(cell["denominator"] for cell in cells if cell["grouping"] == "total")


# --- the words ---------------------------------------------------------------------------


def _title(cells, found: list[dict], names: dict, rows: dict, review: Review) -> str:
    """Return the finding: the widest clear gap, or that there is none, or none can be told."""
    language = review.language
    unit = unit_name(review.units.loc[review.unit], language)
    if not _anybody(cells):
        silent = silent_units(review, review.unit, rows["households"])
        key = "not_reported" if silent else "nobody"
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


def _group_name(grouping: str, group: str, language: str) -> str:
    """Return a group's name; those of ethnic groups are names of their own."""
    if group in ("other", "blank"):
        return phrase(f"gaps.{group}", language)
    return group if grouping == "ethnicity" else phrase(f"group.{group}", language)


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
    lines += [_line("group", _group_name(grouping, name, language), groups[name]) for name in told]
    untold = any(cell["hidden"] for name in groups if name not in told for cell in groups[name])
    if not told:
        lines[0]["text"] = phrase("gaps.block_hidden", language)
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
