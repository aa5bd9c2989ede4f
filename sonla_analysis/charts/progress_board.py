"""All indicators of the plan against their targets, one line each."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sonla_analysis.charts.figure import MARGIN, WIDTH, Chart, Room, alone, framed
from sonla_analysis.charts.lettering import lines, text_width, wrapped
from sonla_analysis.charts.rows import (
    bands,
    beside,
    column,
    known_looks,
    places,
    points,
    separators,
)
from sonla_analysis.charts.theme import ACCENT_PALE, GREY, INK, LINE, MARKS, PALE, in_theme
from sonla_analysis.indicators.standing import JUDGED
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import nfc
from sonla_analysis.review import Review
from sonla_analysis.sentences import (
    has_value,
    is_open,
    left,
    number,
    percent,
    reporting,
    status_key,
    status_text,
    target,
)
from sonla_analysis.sentences.progress_findings import board_figure, board_title

ROW, HEAD, STEP = 0.35, 0.75, 0.38  # a row; a block's head and a line of text, counted in rows
NAMES, LANE, FIGURE, TARGET, STATUS = 1.86, 1.2, 0.1, 1.52, 2.22  # the last three: from the lane
_TICKS = MaxNLocator(4, steps=[1, 2, 2.5, 5, 10])


@in_theme
def progress_board(review: Review) -> Chart:
    """Return the chart of every indicator of a unit: value, target, verdict and what is left.

    Shares that should be high stand on one scale from 0 to 100 %; every other indicator has a
    scale of its own, whose end is printed.
    """
    language, board = review.language, board_rows(review)
    frame = board.sort_values("own_scale", ascending=False, kind="stable", ignore_index=True)
    measure = phrase("board.measure", language, n=len(frame), plan=review.plan.number)
    shown = board[["number", "short", "figure", "target_text", "status_text", "left"]]
    heads = ("number", "indicator", "figure", "target", "status", "left")
    numbers = shown.replace("", "–").set_axis(
        [phrase(f"board.{head}", language) for head in heads], axis=1
    )
    missed = frame[frame["status"].isin(("behind", "missed", "not_met"))]
    data = [f"{row.short}: {row.figure}" for row in missed.itertuples(index=False)]
    made = framed(
        review, room(frame), frame, numbers, data, slug="progress-board", kind="progress_board",
        title=board_title(review), measure=measure, legend=_legend(frame, language),
    )  # fmt: skip
    draw(frame, made.axes[0], language=language)
    return made


def _legend(frame: pd.DataFrame, language: str) -> list[tuple[str, str]]:
    judged, other = frame[~frame["general"]], frame[frame["general"]]
    shaded = (judged["meets_from"] < judged["meets_to"]).any()
    entries = [
        ("target", phrase("board.lane", language), len(judged)),
        (ACCENT_PALE, phrase("board.lane_shaded", language), shaded),
        ("general", phrase("board.city_lane", language), other["target_at"].notna().any()),
    ]
    return [(mark, said) for mark, said, there in entries if there]


def board_rows(review: Review) -> pd.DataFrame:
    """Return one row per indicator of the plan, in its order.

    Columns: indicator, number, short, own_scale, general (the target is no pass mark here), value,
    lowest, highest; value_at, low_at, high_at, zero_at, target_at, meets_from, meets_to in percent
    of the scale, scale_end; status, mark (a key of MARKS or ""), and the texts figure, left,
    target_text, status_text.
    """
    now = review.now.to_dict("index")
    found = [_row(now[one.id], one, review) for one in review.plan.indicators]
    return pd.DataFrame(found)


def _row(row: dict, indicator, review: Review) -> dict:
    language, status = review.language, status_key(row)
    own_scale = indicator.kind != "share" or indicator.lower_is_better
    low, high = _scale(row, indicator) if own_scale else (0.0, 100.0)
    sign = "%" if indicator.unit == "percent" else ""

    def at(value) -> float:
        return np.nan if pd.isna(value) else (float(value) - low) / (high - low) * 100

    judges = review.is_area or indicator.applies_to == "unit"
    outside = row["reason"] in ("before_plan", "after_plan")  # beside the target, without a verdict
    outside = outside or indicator.target is None
    remains = _left(row, indicator, language)
    if row["state"] == "incomplete":
        remains = phrase("board.reporting", language, **reporting(review, indicator.id))
    bound = at(indicator.upper) if indicator.direction == "band" else 100.0
    zero, goal = at(0), at(indicator.target)
    open_ends = is_open(row)
    return {
        **{"indicator": indicator.id, "number": indicator.number},
        **{"short": nfc(indicator.short[language]), "own_scale": own_scale},
        "general": not judges or outside or status == "not_applicable",
        **{name: row[name] for name in ("value", "lowest", "highest")},
        **{"value_at": at(row["value"]), "zero_at": zero, "target_at": goal},
        "low_at": at(row["lowest"]) if open_ends else np.nan,
        "high_at": at(row["highest"]) if open_ends else np.nan,
        "meets_from": zero if indicator.lower_is_better else goal,
        "meets_to": goal if indicator.lower_is_better else bound,
        "scale_end": number(high, language, 0 if high == int(high) else 1) + sign,
        **{"status": status, "mark": status if status in MARKS else ""},
        **{"figure": board_figure(row, indicator, language), "left": remains},
        "target_text": target(indicator, language),
        "status_text": status_text(row, language),
        "known": has_value(row),
    }


def _left(row: dict, indicator, language: str) -> str:
    """Return how many are still needed, without their noun where the column is too narrow."""
    text = left(row, indicator, language)
    if text_width(text) <= TARGET - FIGURE - 0.06:
        return text
    way = "at_most" if indicator.lower_is_better else "at_least"
    text = phrase(f"board.{way}", language, n=number(row["still_needed"], language))
    return phrase("left.or_more", language, left=text) if is_open(row) else text


def _scale(row: dict, indicator) -> tuple[float, float]:
    """Return the ends of a scale that holds zero, the value and the target."""
    value = row["highest"] if is_open(row) else row["value"]
    value = 0.0 if pd.isna(value) else float(value)
    most = max(value, float(indicator.upper or indicator.target or value or 1)) * 1.2
    ticks = _TICKS.tick_values(min(value * 1.1, 0), most)
    high = min(ticks[-1], 100) if indicator.unit == "percent" else ticks[-1]
    return (ticks[0] if value < 0 else 0.0), float(high)


# --- drawing -----------------------------------------------------------------------------


def _figures(frame: pd.DataFrame) -> list[list[str]]:
    """Return each value with its counts in the lines that its column has room for."""
    return [lines(text, TARGET - FIGURE - 0.05) for text in frame["figure"]]


def _places(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the upper edges, middles and lower edges of the rows, counted in rows.

    Each block of one kind of scale has a head; figures of three lines need a higher row.
    """
    further = frame["left"].ne("").to_numpy().astype(int)
    texts = np.array([len(figure) for figure in _figures(frame)]) + further
    heights = np.maximum(1, STEP * texts + 0.16)
    middles, edges = places(heights)
    heads = HEAD * (frame["own_scale"] != frame["own_scale"].shift()).cumsum().to_numpy()
    return edges + heads - heights, middles + heads, edges + heads


def room(frame: pd.DataFrame) -> Room:
    """Return the room that a board of these rows needs."""
    height = ROW * (_places(frame)[2][-1] + 0.5)
    below = 0.04 if frame["own_scale"].all() else 0.2
    return Room(height, NAMES, WIDTH - NAMES - LANE, below=below)


def draw(frame: pd.DataFrame, ax: Axes | None = None, *, language: str = "vi") -> Axes:
    """Draw one row per indicator: its scale, the part that meets the target, its value.

    `frame` has the columns of `board_rows`, its rows one block after the other. A tick is the
    target, grey and dotted where it is no pass mark.
    """
    sizes, (tops, y, edges) = room(frame), _places(frame)
    ax = alone(sizes) if ax is None else ax
    ax.set(xlim=(0, 100), ylim=(edges[-1], -0.5), yticks=[])
    separators(ax, edges, sizes.left, sizes.right)
    starts = np.flatnonzero(frame["own_scale"] != frame["own_scale"].shift())
    for start in starts:
        _draw_head(ax, tops[start], sizes, language, bool(frame["own_scale"].iloc[start]))
    _draw_lanes(ax, frame, y)
    _draw_texts(ax, frame, y, sizes)
    if not frame["own_scale"].all():
        ax.set_xticks([0, 50, 100], [percent(value, language, 0) for value in (0, 50, 100)])
    return ax


def _draw_head(ax: Axes, top: float, sizes: Room, language: str, own_scale: bool) -> None:
    separators(ax, [top], sizes.left, sizes.right, LINE)
    key = "own_scale" if own_scale else "shared_scale"
    looks = {"color": GREY, "va": "baseline", "ha": "left"}
    name = phrase(f"board.{key}", language)
    column(ax, [top - 0.2], [name], MARGIN - sizes.left, edge=0, weight="bold", **looks)
    if top < 0.5:
        for x, word in ((FIGURE, "figure"), (TARGET, "target"), (STATUS, "status")):
            column(ax, [top - 0.2], [phrase(f"board.{word}", language)], x, **looks)


def _draw_lanes(ax: Axes, frame: pd.DataFrame, y: np.ndarray) -> None:
    general, below = frame["general"].to_numpy(), frame["zero_at"].to_numpy() > 0
    bands(ax, y, 0, 100, PALE, 0.105, zorder=0)
    own = frame[~general]
    bands(ax, y[~general], own["meets_from"], own["meets_to"], ACCENT_PALE, 0.105)
    for which, style in ((~general, "-"), (general, (0, (1.5, 1.2)))):
        at = frame["target_at"][which]
        looks = {
            "colors": INK if style == "-" else GREY,
            "linewidth": 1.6,
            "linestyles": [style],
            "clip_on": False,
        }
        ax.vlines(at, y[which] - 0.27, y[which] + 0.27, zorder=3, **looks)
    ax.vlines(frame["zero_at"][below], y[below] - 0.2, y[below] + 0.2, color=GREY, linewidth=0.8)
    known = frame["value_at"].notna().to_numpy()
    marks = frame["mark"].where(frame["mark"] != "", "untested")[known]
    colours = [MARKS[mark][2] for mark in marks]
    ends = frame["zero_at"][known], frame["value_at"][known]
    ax.hlines(y[known], *ends, color=colours, linewidth=2, zorder=2, clip_on=False)
    points(ax, frame["value_at"][known], y[known], marks)
    spans = frame["low_at"].notna().to_numpy()
    bands(ax, y[spans], frame["low_at"][spans], frame["high_at"][spans], GREY, 0.08, zorder=2)


def _draw_texts(ax: Axes, frame: pd.DataFrame, y: np.ndarray, sizes: Room) -> None:
    column(ax, y, frame["number"], 0.27 - sizes.left, edge=0, ha="right", color=GREY)
    shorts = [wrapped(text, sizes.left - 0.4) for text in frame["short"]]
    column(ax, y, shorts, 0.34 - sizes.left, edge=0, va="center", linespacing=1)
    figures = _figures(frame)
    lift = np.where(frame["left"] != "", STEP / 2, 0)
    below = STEP / 2 * np.array([len(figure) for figure in figures])
    looks = {"va": "center", "ha": "left", "linespacing": 1}
    shown = ["\n".join(figure) for figure in figures]
    column(ax, y - lift, shown, FIGURE, **known_looks(frame["known"]), **looks)
    column(ax, y + below, frame["left"], FIGURE, ha="left", color=GREY)
    targets = [wrapped(text, STATUS - TARGET - 0.08) for text in frame["target_text"]]
    column(ax, y, targets, TARGET, **looks)
    words = [wrapped(text, sizes.right - STATUS - 0.2) for text in frame["status_text"]]
    tones = [
        MARKS[row.mark][2] if row.mark and row.status in JUDGED else GREY
        for row in frame.itertuples(index=False)
    ]
    column(ax, y, words, STATUS + 0.14, color=tones, **looks)
    marked = frame["mark"].to_numpy() != ""
    shown = np.full(marked.sum(), STATUS + 0.045)
    points(ax, shown, y[marked], frame["mark"][marked], 26, transform=beside(ax))
    ends = frame["scale_end"].where(frame["own_scale"] & (frame["value_at"].fillna(0) < 70), "")
    column(ax, y, ends, -0.03, color=GREY)


progress_board.draw = draw
