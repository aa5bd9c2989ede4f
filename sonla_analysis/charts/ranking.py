"""The units of the area ranked by their poverty rate, with the counts it comes from."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from sonla_analysis.charts.base import (
    GREY,
    INK,
    LINE,
    MARGIN,
    MARKS,
    PALE,
    SMALL,
    WIDTH,
    Chart,
    decimals_of,
    empty_chart,
    incomplete_note,
    list_names,
    new_sheet,
    reporting,
    rows_now,
    styled,
    text_width,
)
from sonla_analysis.indicators.comparison import wilson_interval
from sonla_analysis.language.phrases import phrase
from sonla_analysis.sentences import number, percent, unit_name, value_text
from sonla_analysis.tables.input_tables import was_sent

RATE, ROW, FOOT, MOST_UNITS = "poor_household_rate", 0.25, 0.32, 28


@styled
def ranking(review) -> Chart | None:
    """Return the units by poverty rate, highest first, with 95 % intervals and the area's rate.

    None where the plan has no poverty rate and nobody sent a register.
    """
    if RATE not in review.area_now.index and not was_sent(review.tables, "households"):
        return None
    language = review.language
    records = ranked(review)
    known = [record for record in records if pd.notna(record["value"])]
    title, measure = _title(known, review), phrase("ranking.measure", language)
    names = {"slug": "ranking", "kind": "ranking"}
    if not known:
        names["unit"] = review.area
        return empty_chart(review, title=title, measure=measure, reason=title, **names)
    rows = [_row(record, review) for record in records[:MOST_UNITS]]
    left_out = len(records) - len(rows)
    note = phrase("chart.left_out", language, n=left_out) if left_out else ""
    note = f"{note} {incomplete_note(review, [RATE])}"
    verdicts = [row.verdict for row in rows]
    keys = [key for key in ("better", "similar", "worse") if key in verdicts]
    legend = [(key, phrase(f"spine.{key}", language)) for key in keys]
    legend += [(LINE, phrase("ranking.range", language))]
    height = ROW * len(rows) + FOOT
    sheet = new_sheet(
        review, title=title, measure=measure, height=height, legend=legend, note=note,
        unit=review.area,
    )  # fmt: skip
    _draw(sheet, rows, review)
    columns = [phrase(f"ranking.{name}", language) for name in ("unit", "rate", "counts", "beside")]
    cells = [[row.unit, row.rate, row.counts, row.beside] for row in rows]
    numbers = pd.DataFrame(cells, columns=columns)
    data = "; ".join(f"{row.unit}: {row.rate} ({row.counts})" for row in rows)
    return sheet.finish(numbers=numbers, data=data, **names)


class Row(NamedTuple):
    """A unit: its rate in percent (None where unknown) with interval, and its texts."""

    value: float | None
    lower: float
    upper: float
    verdict: str
    unit: str
    rate: str
    counts: str
    beside: str


def ranked(review) -> list[dict]:
    """Return the progress row of every unit: highest rate first, unknown last."""
    rows = [row for row in rows_now(review, indicator=RATE) if row["level"] == "unit"]
    return sorted(rows, key=lambda row: 1.0 if pd.isna(row["value"]) else -row["value"])


def _row(row: dict, review) -> Row:
    language = review.language
    unit = unit_name(review.units.loc[row["unit"]], language, start=True)
    value = value_text(row, review.plan[RATE], language)
    if pd.isna(row["value"]):
        return Row(None, 0, 0, "", unit, value, "–", "–")
    lower, upper = wilson_interval(int(row["numerator"]), int(row["denominator"]))
    counts = f"{number(row['numerator'], language)}/{number(row['denominator'], language)}"
    verdict = row["comparison"] if pd.notna(row["comparison"]) else "untested"
    texts = unit, value, counts, phrase(f"spine.{verdict}", language)
    return Row(float(row["value"]), lower, upper, verdict, *texts)


def _draw(sheet, rows: list[Row], review) -> None:
    language = review.language
    y = sheet.height - ROW * (np.arange(len(rows)) + 0.5)
    left = MARGIN + max(text_width(row.unit) for row in rows) + 0.15
    right = WIDTH - max(text_width(f"{row.rate} ({row.counts})") for row in rows) - 0.2
    known = [place for place, row in enumerate(rows) if row.value is not None]
    city = review.area_now.loc[RATE]
    top = max([rows[place].upper for place in known] + [float(city["value"])])
    scale = (right - left) / top
    _draw_scale(sheet, left, scale, top, city, language)
    edges = FOOT + ROW * np.arange(len(rows) + 1)
    sheet.strokes(MARGIN, edges, WIDTH - MARGIN, edges, color=PALE, width=0.7, z=0)
    lower, upper, value = (
        left
        + scale
        * np.array([[rows[place].lower, rows[place].upper, rows[place].value] for place in known]).T
    )
    keys = [rows[place].verdict for place in known]
    sheet.boxes(lower, y[known] - 0.035, upper, y[known] + 0.035, LINE)
    colours = [MARKS[key][2] for key in keys]
    sheet.strokes(left, y[known], value, y[known], color=colours, width=2, z=2)
    sheet.marks(value, y[known], keys)
    for row, at in zip(rows, y, strict=True):
        sheet.write(MARGIN, at, row.unit)
        if row.value is None:
            sheet.write(left, at, row.rate, face="It", color=GREY)
        else:
            sheet.write(WIDTH - MARGIN, at, f"{row.rate} ({row.counts})", ha="right")


def _draw_scale(sheet, left: float, scale: float, top: float, city, language: str) -> None:
    ticks = [tick for tick in MaxNLocator(5).tick_values(0, top) if 0 <= tick <= top]
    decimals = decimals_of(ticks)
    looks = {"size": SMALL, "color": GREY, "ha": "center", "va": "top"}
    for tick in ticks:
        text = number(tick, language, decimals) + "%"
        sheet.write(left + tick * scale, FOOT - 0.05, text, **looks)
    x = left + city["value"] * scale
    sheet.strokes(x, FOOT - 0.16, x, sheet.height, color=INK, width=1, z=3)
    rate = percent(city["value"], language) + ("*" if city["state"] == "incomplete" else "")
    sheet.write(x, 0.12, phrase("ranking.city", language, rate=rate), size=SMALL, va="top")


def _title(known: list[dict], review) -> str:
    language = review.language
    if RATE not in review.now.index:
        return phrase("path.no_indicator", language)
    if not known:
        return phrase("ranking.not_reported", language)
    highest = known[0]["value"]
    if highest == 0:
        return phrase("ranking.no_poor", language)
    top = [record["unit"] for record in known if record["value"] == highest]
    names = [unit_name(review.units.loc[unit], language, start=True) for unit in top]
    worse = sum(record["comparison"] == "worse" for record in known)
    words = {"units": len(known), "worse": worse, "rate": percent(highest, language)}
    words["most"] = list_names(names, language)
    title = phrase(f"ranking.{'some' if worse else 'none_above'}", language, **words)
    if review.area_now.loc[RATE, "state"] == "incomplete":
        title += f" ({phrase('board.reporting', language, **reporting(review, RATE))})"
    return title
