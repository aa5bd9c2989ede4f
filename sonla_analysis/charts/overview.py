"""All units and all indicators of the area at a glance: the tartan rug."""

from typing import NamedTuple

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
    incomplete_note,
    list_names,
    new_sheet,
    rows_now,
    styled,
    text_width,
    wrapped,
)
from sonla_analysis.indicators.measure import SILENT
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import nfc
from sonla_analysis.sentences import JUDGED, is_open, number, status_key, unit_name, value_text

ROW, BLOCKS, GAP, NAMES, MOST_UNITS = 0.232, 0.2, 0.1, 1.5, 24
GOOD, BAD = "#d3e4f0", "#efb488"  # light and dark, so that grey print keeps them apart
COLOURS = {
    "met": GOOD,
    "on_track": "#eaf2f8",
    "better": GOOD,
    "behind": BAD,
    "missed": BAD,
    "not_met": BAD,
    "worse": BAD,
}
MARKED = ("on_track", "behind", "missed", "not_met", "undecided", "better", "worse")
UNMET = ("on_track", "behind", "missed", "not_met")


class Cell(NamedTuple):
    """One indicator of one unit: its text and its verdict (a key of COLOURS, "" or "absent")."""

    text: str
    verdict: str


@styled
def overview(review) -> Chart:
    """Return the table of units (the area on top) by indicators, coloured by verdict.

    A target that judges each unit is compared with the target; for a city-wide target a unit is
    compared with the city.
    """
    language, plan = review.language, review.plan
    unmet, silent = unmet_targets(review)
    everyone = list(review.leaf_units.index)
    drawn = sorted(everyone, key=lambda unit: -unmet.get(unit, 0))[:MOST_UNITS]
    units, left_out = [unit for unit in everyone if unit in drawn], len(everyone) - len(drawn)
    note = phrase("chart.left_out", language, n=left_out) if left_out else ""
    table = cells(review, [review.area, *units])
    columns = sorted(plan.indicators, key=lambda one: one.applies_to != "unit")
    head = max(text_width(nfc(one.short[language]), 8) for one in columns) + 0.28
    height = BLOCKS + head + ROW * (len(units) + 1) + GAP
    words = {"n": len(columns), "units": len(review.leaf_units)}
    key = "measure" if any(one.kind == "count" for one in columns) else "measure_plain"
    note = f"{phrase('overview.note', language)} {note} {incomplete_note(review)}"
    sheet = new_sheet(
        review, title=_title(unmet, silent, review), height=height, note=note, unit=review.area,
        measure=phrase(f"overview.{key}", language, **words), legend=_legend(table, language),
    )  # fmt: skip
    rows = [review.area, *units]
    names = [unit_name(review.units.loc[unit], language, start=True) for unit in rows]
    wide, x = _columns(names, columns)
    _draw_heads(sheet, x, wide, columns, len(rows), language)
    _draw_cells(sheet, table, names, rows, columns, x, wide)
    counts = [f"{name}: {unmet.get(unit, 0)}" for name, unit in zip(names[1:], units, strict=True)]
    data = phrase("overview.data", language, data="; ".join(counts))
    numbers = _numbers(table, names, rows, columns, language)
    return sheet.finish(slug="overview", kind="overview", numbers=numbers, data=data)


def cells(review, units) -> dict[tuple[str, str], Cell]:
    """Return the cell of every one of these units and indicator."""
    return {
        (row["unit"], row["indicator"]): _cell(row, review.plan[row["indicator"]], review)
        for row in rows_now(review, units=units)
    }


def _cell(row: dict, indicator, review) -> Cell:
    if pd.isna(row["value"]) and not is_open(row):
        return Cell("–" if row["state"] == "not_applicable" else "?", "absent")
    status = status_key(row)
    judged = status in (*JUDGED, "undecided")
    verdict = status if judged else row["comparison"] if pd.notna(row["comparison"]) else ""
    star = "*" if row["state"] == "incomplete" else ""
    if is_open(row):
        places = 0  # two numbers share the room of one
        ends = (number(row[end], review.language, places) for end in ("lowest", "highest"))
        return Cell("–".join(ends) + star, verdict)
    decimals = 2 if abs(row["value"]) < 10 else 1
    text = value_text(row, indicator, review.language, decimals).rstrip("%") + star
    return Cell(("≈" if row["note"] == "rounding" else "") + text, verdict)


def unmet_targets(review) -> tuple[dict[str, int], set[str]]:
    """Return the unmet targets of the units judged on any, and the units that owe a figure."""
    own = [one.id for one in review.plan.indicators if one.applies_to == "unit"]
    rows = review.progress
    rows = rows[(rows["as_of"] == review.as_of) & (rows["level"] == "unit")]
    rows = rows[rows["indicator"].isin(own)]
    judged = rows[rows["status"].isin(JUDGED)]
    unmet = (judged["status"] != "met").groupby(judged["unit"], sort=False).sum()
    return unmet.astype(int).to_dict(), set(rows.loc[rows["state"].isin(SILENT), "unit"])


# --- drawing -----------------------------------------------------------------------------


def _columns(names: list[str], columns) -> tuple[float, np.ndarray]:
    """Return the width of a column and the left edge of each; two blocks stand apart."""
    widest = max(text_width(name, TEXT, "bold") for name in names)
    left = MARGIN + min(widest, NAMES) + 0.1
    own = sum(one.applies_to == "unit" for one in columns)
    split = GAP if 0 < own < len(columns) else 0
    wide = min((WIDTH - MARGIN - left - split) / len(columns), 0.6)
    places = np.arange(len(columns))
    return wide, left + wide * places + np.where(places >= own, split, 0)


def _draw_heads(sheet, x, wide: float, columns, rows: int, language: str) -> None:
    top, at = ROW * rows + GAP, sheet.height - BLOCKS + 0.06
    for one, left in zip(columns, x, strict=True):
        middle = left + wide / 2 - 0.01
        sheet.write(middle, top + 0.09, one.number, size=SMALL, color=GREY, ha="center")
        sheet.write(middle, top + 0.19, nfc(one.short[language]), size=8, angle=90)
    own = sum(one.applies_to == "unit" for one in columns)
    looks = {"size": SMALL, "face": "Bold", "color": GREY, "va": "baseline"}
    for key, block in (("unit_block", x[:own]), ("city_block", x[own:])):
        if len(block):
            end = block[-1] + wide - 0.02
            sheet.write(block[0], at, phrase(f"overview.{key}", language), **looks)
            sheet.strokes(block[0], at - 0.05, end, at - 0.05, color=LINE, width=0.8)


def _draw_cells(sheet, table, names, rows, columns, x, wide: float) -> None:
    lines = np.arange(len(rows))
    ys = ROW * len(rows) + GAP - ROW * (lines + 0.5) - np.where(lines > 0, GAP, 0)
    drawn, marks = [], []
    for unit, name, y in zip(rows, names, ys, strict=True):
        name, face = wrapped(name, NAMES), "Bold" if unit == rows[0] else "Regular"
        sheet.write(MARGIN, y, name, face=face, size=7 if "\n" in name else TEXT)
        drawn += [(table[unit, one.id], left, y) for one, left in zip(columns, x, strict=True)]
    half, wide = ROW / 2 - 0.01, wide - 0.02
    filled = [(left, y, cell.verdict) for cell, left, y in drawn if cell.verdict != "absent"]
    if filled:
        left, y, verdicts = map(np.array, zip(*filled, strict=True))
        colours = [COLOURS.get(verdict, PALE) for verdict in verdicts]
        sheet.boxes(left, y - half, left + wide, y + half, colours)
    for cell, left, y in drawn:
        face = "Bold" if cell.verdict in (*UNMET, "worse") else "Regular"
        looks = {"color": GREY if cell.verdict == "absent" else INK, "face": face}
        sheet.write(left + wide / 2, y - 0.012, cell.text, size=7, ha="center", **looks)
        if cell.verdict in MARKED:
            marks.append((left + wide - 0.035, y + half - 0.035, cell.verdict))
    if marks:
        sheet.marks(*zip(*marks, strict=True), 5)


# --- words -------------------------------------------------------------------------------


def _legend(table, language: str) -> list[tuple]:
    found = {cell.verdict for cell in table.values()}
    legend = [(COLOURS["met"], phrase("overview.met", language))] if "met" in found else []
    legend += [(key, phrase(f"overview.{key}", language)) for key in MARKED if key in found]
    return [*legend, (PALE, phrase("overview.neutral", language))]


def _title(unmet: dict[str, int], silent: set[str], review) -> str:
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
    names = [unit_name(review.units.loc[unit], language) for unit in last]
    words["most"] = list_names(names, language)
    return title + phrase(f"overview.{'last' if len(last) == 1 else 'last_two'}", language, **words)


def _numbers(table, names, rows, columns, language: str) -> pd.DataFrame:
    grid = [[table[unit, one.id].text for one in columns] for unit in rows]
    heads = [f"{one.number} {one.short[language]}" for one in columns]
    numbers = pd.DataFrame(grid, columns=heads)
    numbers.insert(0, phrase("overview.unit", language), names)
    return numbers
