"""All indicators of the plan against their targets, one line each."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from sonla_analysis.charts.base import (
    ACCENT_PALE,
    GREY,
    INK,
    LINE,
    MARGIN,
    MARKS,
    PALE,
    SMALL,
    TEXT,
    WIDTH,
    Chart,
    fitting,
    new_sheet,
    reporting,
    styled,
    text_width,
    unit_start,
    wrapped,
)
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import nfc
from sonla_analysis.sentences import (
    JUDGED,
    is_open,
    left,
    number,
    percent,
    status_key,
    status_text,
    target,
    value_text,
)

ROW, HEAD, SCALE_ROOM = 0.284, 0.3, 0.2
NAME, LANE, LANE_END, FIGURE, TARGET, STATUS = 0.4, 2.16, 3.86, 3.98, 5.4, 6.12
_TICKS = MaxNLocator(4, steps=[1, 2, 2.5, 5, 10])


@styled
def progress_board(review) -> Chart:
    """Return the chart of every indicator of a unit: value, target, verdict and what is left.

    Shares that should be high stand on one scale from 0 to 100 %; every other indicator has a
    scale of its own, whose end is printed.
    """
    rows = board_rows(review)
    groups = [[row for row in rows if row.own_scale], [row for row in rows if not row.own_scale]]
    groups = [group for group in groups if group]
    height = sum(HEAD + ROW * len(group) for group in groups) + SCALE_ROOM
    measure = phrase("board.measure", review.language, n=len(rows), plan=review.plan.number)
    sheet = new_sheet(review, title=_title(review), measure=measure, height=height)
    top = height
    for group in groups:
        _draw_heads(sheet, top, group, review, first=group is groups[0])
        ys = [top - HEAD - ROW * (line + 0.5) for line in range(len(group))]
        top -= HEAD + ROW * len(group)
        _draw_lanes(sheet, group, ys)
        _draw_texts(sheet, group, ys)
    if not groups[-1][0].own_scale:
        _draw_scale(sheet, top, review.language)
    numbers = _numbers(rows, review.language)
    data = "; ".join(f"{row.short}: {row.figure} ({row.status_text})" for row in rows)
    return sheet.finish(slug="progress-board", kind="progress_board", numbers=numbers, data=data)


class Row(NamedTuple):
    """An indicator as it is drawn: texts; value, target and zero in percent of its scale."""

    number: str
    short: str
    own_scale: bool
    general: bool  # the target is no pass mark here: it is the whole city's, or does not apply
    value: float | None
    span: tuple[float, float] | None  # where blanks leave the value open
    zero: float
    target: float
    meets: tuple[float, float]
    scale_end: str
    status: str
    mark: str  # a key of MARKS, or none where the words alone tell it
    status_text: str
    figure: str
    left: str
    target_text: str


def board_rows(review) -> list[Row]:
    """Return one row per indicator of the plan, in its order."""
    now = review.now.to_dict("index")
    return [_row(now[one.id], one, review) for one in review.plan.indicators]


def _row(row: dict, indicator, review) -> Row:
    language, status = review.language, status_key(row)
    own_scale = indicator.kind != "share" or indicator.lower_is_better
    low, high = _scale(row, indicator) if own_scale else (0.0, 100.0)
    sign = "%" if indicator.unit == "percent" else ""

    def on_scale(value) -> float:
        return (float(value) - low) / (high - low) * 100

    judges = review.is_area or indicator.applies_to == "unit"
    outside = row["note"] in ("before_plan", "after_plan")  # beside the target, without a verdict
    known, spanned = pd.notna(row["value"]), is_open(row)
    zero, target_at = on_scale(0), on_scale(indicator.target)
    most = on_scale(indicator.upper) if indicator.direction == "band" else 100.0
    remains = _left(row, indicator, language)
    if row["state"] == "incomplete":
        remains = phrase("board.reporting", language, **reporting(review, indicator.id))
    return Row(
        number=indicator.number,
        short=nfc(indicator.short[language]),
        own_scale=own_scale,
        general=not judges or outside or status == "not_applicable",
        value=on_scale(row["value"]) if known else None,
        span=(on_scale(row["lowest"]), on_scale(row["highest"])) if spanned else None,
        zero=zero,
        target=target_at,
        meets=(zero, target_at) if indicator.lower_is_better else (target_at, most),
        scale_end=number(high, language, 0 if high == int(high) else 1) + sign,
        status=status,
        mark=status if status in MARKS else "",
        status_text=status_text(row, language),
        figure=_figure(row, indicator, language),
        left=remains,
        target_text=target(indicator, language),
    )


def _left(row: dict, indicator, language: str) -> str:
    """Return how many are still needed, without their noun where the column is too narrow."""
    text = left(row, indicator, language)
    if text_width(text, SMALL - 0.5) <= TARGET - FIGURE - 0.06:
        return text
    way = "at_most" if indicator.lower_is_better else "at_least"
    text = phrase(f"board.{way}", language, n=number(row["still_needed"], language))
    return phrase("left.or_more", language, left=text) if is_open(row) else text


def _scale(row: dict, indicator) -> tuple[float, float]:
    """Return the ends of a scale that holds zero, the value and the target."""
    value = row["highest"] if is_open(row) else row["value"]
    value = 0.0 if pd.isna(value) else float(value)
    most = max(value, float(indicator.upper or indicator.target)) * 1.2
    ticks = _TICKS.tick_values(min(value * 1.1, 0), most)
    high = min(ticks[-1], 100) if indicator.unit == "percent" else ticks[-1]
    return (ticks[0] if value < 0 else 0.0), float(high)


def _figure(row: dict, indicator, language: str) -> str:
    """Return the value with its counts as it stands in the column."""
    words = {
        "value": value_text(row, indicator, language).lstrip("−"),
        "unknown": number(row["unknown"], language),
        "numerator": number(row["numerator"], language),
        "denominator": number(row["denominator"], language),
    }
    if is_open(row):
        return phrase("board.open", language, **words)
    if pd.isna(row["value"]):
        return words["value"]
    kind = indicator.kind
    if kind == "reduction":
        words["end"] = number(row["denominator"] - row["numerator"], language)
        kind += "" if row["numerator"] > 0 else "_none" if row["numerator"] == 0 else "_rise"
    return phrase(f"board.{kind}", language, **words)


# --- drawing -----------------------------------------------------------------------------


def _draw_heads(sheet, top: float, group: list[Row], review, *, first: bool) -> None:
    """Draw what stands over a group of rows, and the lines between them."""
    key, language = "own_scale" if group[0].own_scale else "shared_scale", review.language
    looks = {"size": SMALL, "color": GREY, "va": "baseline"}
    y = top - HEAD
    sheet.write(NAME, y + 0.09, phrase(f"board.{key}", language), face="Bold", **looks)
    sheet.write(LANE, y + 0.09, _lane_key(group, language), **looks)
    heads = {FIGURE: "figure", TARGET: "target", STATUS: "status"} if first else {}
    for x, name in heads.items():
        sheet.write(x, y + 0.09, phrase(f"board.{name}", language), **looks)
    edges = y - ROW * np.arange(len(group) + 1)
    sheet.strokes(MARGIN, edges[1:], WIDTH - MARGIN, edges[1:], color=PALE, width=0.7, z=0)
    sheet.strokes(MARGIN, y, WIDTH - MARGIN, y, color=LINE, width=0.8)


def _lane_key(group: list[Row], language: str) -> str:
    """Return what ticks and shading mean, as far as the group has them."""
    judged = [row for row in group if not row.general]
    shaded = any(row.meets[0] < row.meets[1] for row in judged)
    key = "lane_shaded" if shaded else "lane" if judged else "city_lane"
    return phrase(f"board.{key}", language)


def _lane(percent_of_scale) -> np.ndarray:
    return LANE + np.asarray(percent_of_scale, "float64") * (LANE_END - LANE) / 100


def _draw_lanes(sheet, group: list[Row], ys: list[float]) -> None:
    """Draw scales, the part of each that meets the target, values, and ticks at the targets."""
    y = np.asarray(ys)
    sheet.boxes(LANE, y - 0.055, LANE_END, y + 0.055, PALE)
    general = np.array([row.general for row in group])
    start, end = _lane([row.meets for row in group]).T
    at = ~general
    sheet.boxes(start[at], y[at] - 0.055, end[at], y[at] + 0.055, ACCENT_PALE)
    ticks = _lane([row.target for row in group])
    for at, look in ((~general, "-"), (general, (0, (1.5, 1.2)))):
        x = ticks[at]
        sheet.strokes(x, y[at] - 0.095, x, y[at] + 0.095, color=INK, width=1.6, style=look, z=3)
    drawn = [place for place, row in enumerate(group) if row.value is not None]
    x, zero = _lane([[group[place].value, group[place].zero] for place in drawn]).reshape(-1, 2).T
    marks = [group[place].mark or "untested" for place in drawn]
    colours = [MARKS[one][2] for one in marks]
    below = zero > LANE  # a scale that goes below zero shows where zero is
    sheet.strokes(zero[below], y[drawn][below] - 0.075, zero[below], y[drawn][below] + 0.075,
                  color=GREY, width=0.8)  # fmt: skip
    sheet.strokes(zero, y[drawn], x, y[drawn], color=colours, width=2, z=2)
    sheet.marks(x, y[drawn], marks)
    spans = [(*_lane(row.span), at) for row, at in zip(group, ys, strict=True) if row.span]
    if spans:
        low, high, at = np.array(spans).T
        sheet.boxes(low, at - 0.04, high, at + 0.04, GREY)


def _draw_texts(sheet, group: list[Row], ys: list[float]) -> None:
    for row, y in zip(group, ys, strict=True):
        judged = row.status in JUDGED
        absent = row.value is None and row.span is None
        missing = {"color": GREY, "face": "It"} if absent else {}
        lift = 0.06 if row.left else 0
        sheet.write(NAME - 0.07, y, row.number, size=SMALL, color=GREY, ha="right")
        sheet.write(NAME, y, wrapped(row.short, LANE - NAME - 0.05))
        size = fitting(row.figure, TARGET - FIGURE - 0.06)
        sheet.write(FIGURE, y + lift, row.figure, size=size, **missing)
        if row.left:
            size = fitting(row.left, TARGET - FIGURE - 0.06, SMALL - 0.5)
            sheet.write(FIGURE, y - lift, row.left, size=size, color=GREY)
        target = wrapped(row.target_text, STATUS - TARGET - 0.05)
        sheet.write(TARGET, y, target, size=SMALL if "\n" in target else TEXT)
        colour = MARKS[row.mark][2] if judged else GREY
        words = wrapped(row.status_text, WIDTH - STATUS - 0.2, 8)
        sheet.write(STATUS + 0.13, y, words, size=8 if "\n" not in words else 7, color=colour)
        if row.own_scale and (row.value or 0) < 82:
            looks = {"size": 6.5, "color": GREY, "ha": "right"}
            sheet.write(LANE_END - 0.03, y, row.scale_end, **looks)
    marked = [(y, row.mark) for row, y in zip(group, ys, strict=True) if row.mark]
    if marked:
        sheet.marks(STATUS + 0.045, *zip(*marked, strict=True), 26)


def _draw_scale(sheet, y: float, language: str) -> None:
    for value in (0, 50, 100):
        x = LANE + value / 100 * (LANE_END - LANE)
        text = percent(value, language, 0)
        sheet.write(x, y - 0.04, text, size=SMALL, color=GREY, ha="center", va="top")


# --- words -------------------------------------------------------------------------------


def _title(review) -> str:
    count = review.now["status"].value_counts()
    met, track = int(count.get("met", 0)), int(count.get("on_track", 0))
    judged = int(count.reindex(list(JUDGED)).sum())
    if review.as_of < review.plan.judged_from or review.as_of > review.plan.end:
        return phrase("board.not_judged", review.language, unit=unit_start(review))
    key = "none_judged" if not judged else "all_met" if met == judged else "some_met"
    if judged and not met:
        key = "none_met"
    if judged == 1:
        key += "_single"
    words = {"unit": unit_start(review), "met": met, "judged": judged, "track": track}
    title = phrase(f"board.{key}", review.language, **words)
    return title + (phrase("board.on_track", review.language, **words) if track else "")


def _numbers(rows: list[Row], language: str) -> pd.DataFrame:
    names = {"number": "number", "indicator": "short", "figure": "figure"}
    names |= {"target": "target_text", "status": "status_text", "left": "left"}
    columns = [phrase(f"board.{name}", language) for name in names]
    cells = [[getattr(row, name) or "–" for name in names.values()] for row in rows]
    return pd.DataFrame(cells, columns=columns)
