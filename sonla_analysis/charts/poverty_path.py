"""The number of poor households over the years, and the straight line to the plan's target."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sonla_analysis.charts.course import days, line
from sonla_analysis.charts.figure import MARGIN, Chart, Room, alone, empty_chart, framed
from sonla_analysis.charts.lettering import text_width, wrapped
from sonla_analysis.charts.rows import points, text_at, width_of
from sonla_analysis.charts.theme import ACCENT, ALERT, GREY, INK, LINE, PALETTE, in_theme
from sonla_analysis.indicators.poverty_path import (
    RATE,
    Break,
    Goal,
    breaks,
    known_points,
    path_goal,
)
from sonla_analysis.language.phrases import phrase
from sonla_analysis.review import Review
from sonla_analysis.sentences import day, left, number, target
from sonla_analysis.sentences.path_findings import (
    goal_said,
    path_note,
    path_numbers,
    path_rate,
    path_title,
)
from sonla_analysis.tables.input_tables import was_sent

HEIGHT, LEFT, RIGHT = 1.75, 0.5, 1.6


@in_theme
def poverty_path(review: Review) -> Chart | None:
    """Return the chart of poor households from the oldest known date to the review's.

    The straight line to the target is drawn where the target judges the unit. None where the plan
    has no poverty rate and nobody sent a register.
    """
    if RATE not in review.now.index and not was_sent(review.tables, "households"):
        return None
    language = review.language
    found = known_points(review) if RATE in review.now.index else []
    known = [point for point in found if point.poor is not None]
    title = path_title(review, known) if found else phrase("path.no_indicator", language)
    words = {"slug": "poverty-path", "kind": "poverty_path", "title": title}
    words["measure"] = phrase("path.measure", language)
    if not known:
        return empty_chart(review, **words)
    goal, broken = path_goal(review), breaks(review, found)
    frame = _frame(found, review)
    sources = frame.dropna(subset="poor").drop_duplicates("source")
    legend = [(row.mark, phrase(f"path.{row.source}", language)) for row in sources.itertuples()]
    legend += [("goal", goal_said(review, goal))] if goal else []
    words |= {"legend": legend, "note": path_note(review, goal, broken)}
    ends = [known[0], known[-1]]
    data = [f"{day(one.on, language)}: {number(one.poor, language)}" for one in ends]
    numbers = path_numbers(found, language)
    values = {1: frame["poor"], 2: 100 * frame["poor"] / frame["households"]}
    made = framed(review, room(goal, broken), frame, numbers, data, values, **words)
    said = _goal_texts(goal, review) if goal else []
    told = {one.kind: phrase(f"path.mark_{one.kind}", language) for one in broken}
    draw(frame, made.axes[0], goal=goal, said=said, broken=broken, told=told)
    return made


def _frame(found, review: Review) -> pd.DataFrame:
    """Return one row per date; see `draw`."""
    language = review.language
    frame = pd.DataFrame(found, columns=["on", "poor", "households", "source", "standard"])
    first = [review.as_of, review.plan.start, frame["on"].iloc[0]]
    silent = phrase("mark.not_reported", language)
    return frame.assign(
        poor=frame["poor"].astype("Float64"),
        mark=np.where(frame["source"] == "review", "value", "earlier"),
        date=[day(on, language) for on in frame["on"]],
        count=[silent if pd.isna(n) else number(n, language) for n in frame["poor"]],
        rate=[path_rate(one, language) if one.poor is not None else "" for one in found],
        rank=[first.index(on) if on in first else 3 for on in frame["on"]],
    )


def _goal_texts(goal: Goal, review: Review) -> list[tuple[str, dict]]:
    """Return what stands beside the target: it, the most it allows, what is still to do."""
    language, now, indicator = review.language, review.now.loc[RATE], review.plan[RATE]
    words = {"target": target(indicator, language), "most": number(goal.most, language)}
    colour = ALERT if now["status"] == "behind" else INK
    return [
        (phrase("path.target", language, **words), {"weight": "bold"}),
        (phrase("path.most", language, **words), {"color": GREY}),
        (left(now, indicator, language), {"color": colour}),
    ]


def room(goal: Goal | None, broken=()) -> Room:
    """Return the room that a path needs, with its target's texts at the right."""
    return Room(HEIGHT, LEFT, RIGHT if goal else 0.45, above=0.6 if broken else 0.38, below=0.22)


def draw(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    *,
    goal: Goal | None = None,
    said=(),
    broken: list[Break] = (),
    told=None,
) -> Axes:
    """Draw one point per date, joined by a line, over an axis that is true to time.

    `frame` has on (ISO date), poor (missing where nothing was reported), mark (a key of MARKS), as
    texts date, count and rate, and rank: texts of a low rank are written first, others where they
    still fit. `goal` is the straight line to the target, `said` the texts beside it. At each day of
    `broken` stands a line with its text of `told`; points of two standards (column `standard`) are
    not joined.
    """
    ax = alone(room(goal, broken)) if ax is None else ax
    known = frame.dropna(subset="poor")
    x, poor = days(known["on"]), known["poor"].astype("float64").to_numpy()
    ends = [days([goal.end])[0]] if goal else []
    top = max([*poor, goal.most if goal else 1, 1])
    last = max([*days(frame["on"]), *ends])
    ax.set(xlim=(days(frame["on"])[0], last + 1e-9), ylim=(0, top))
    standards = known["standard"] if "standard" in known else known["mark"].map(lambda _: "")
    for one in dict.fromkeys(standards):
        at = (standards == one).to_numpy()
        _draw_line(ax, x[at], poor[at], known["mark"][at])
    _draw_breaks(ax, broken, told or {})
    ax.axhline(0, color=LINE, linewidth=0.8, zorder=1, clip_on=False)
    looks = {"ha": "right", "va": "center", "color": GREY}
    text_at(ax, "0", (0, 0), (-22, 0), xycoords="axes fraction", **looks)
    points(ax, x, poor, known["mark"])
    _draw_labels(ax, frame)
    if goal:
        _draw_goal(ax, goal, said)
    return ax


def _draw_line(ax: Axes, x, poor, marks) -> None:
    """Join the points; what was before the first review is paler."""
    ax.fill_between(x, poor, color=PALETTE["below"], linewidth=0, zorder=0)
    early = np.flatnonzero(marks.to_numpy() != "value")
    split = early[-1] + 2 if len(early) else 0
    paler, later = slice(0, split), slice(max(split - 1, 0), None)
    for part, colour in ((paler, PALETTE["earlier"]), (later, ACCENT)):
        line(ax, x[part], poor[part], colour, 2)
    ax.set(xlabel="", ylabel="", yticks=[])


def _draw_breaks(ax: Axes, broken, told: dict) -> None:
    """Draw a line over the whole height on each day from which the figures are others."""
    wide, (start, end), taken = width_of(ax), ax.get_xlim(), []
    for one in broken:
        (x,) = days([one.on])
        ax.axvline(x, color=GREY, linewidth=0.9, linestyle=(0, (1, 2)), clip_on=False, zorder=1)
        at, text = (x - start) / (end - start) * wide, told.get(one.kind, "")
        if _fits(taken, at, text_width(text)):
            place = {"xycoords": ax.get_xaxis_transform()}
            text_at(ax, text, (x, 1), (0, 33), ha="center", color=GREY, **place)


def _draw_goal(ax: Axes, goal: Goal, said) -> None:
    start, end = days([goal.start, goal.end])
    if goal.start_poor is not None:
        looks = {"color": GREY, "linewidth": 1.1, "linestyle": (0, (4, 2.5)), "clip_on": False}
        ax.plot([start, end], [goal.start_poor, goal.most], zorder=1, **looks)
    points(ax, [end], [goal.most], ["goal"], 130)
    lowest = 0.24 * ax.get_ylim()[1]
    lift = 10.0
    for text, looks in said:
        lines = wrapped(text, RIGHT - 0.32 - MARGIN)
        place = end, max(goal.most, lowest)
        text_at(ax, lines, place, (20, lift), va="top", linespacing=1.05, **looks)
        lift -= 11.5 * (lines.count("\n") + 1)


def _draw_labels(ax: Axes, frame: pd.DataFrame) -> None:
    """Write counts and rates at the points and dates under them, as many as fit."""
    wide = width_of(ax)
    start, end = ax.get_xlim()
    known, taken, dated, ticks = frame.dropna(subset="poor"), [], [], {}
    course = days(known["on"]), known["poor"].astype("float64").to_numpy()
    for row in frame.sort_values("rank", kind="stable").itertuples(index=False):
        (x,) = days([row.on])
        at = (x - start) / (end - start) * wide
        if _fits(dated, at, text_width(row.date)):
            ticks[x] = row.date
        if pd.isna(row.poor):
            if _fits(taken, at, text_width(row.count)):
                text_at(ax, row.count, (x, 0), (0, 5), ha="center", color=GREY, style="italic")
            continue
        size = 11 if row.rank == 0 else 9
        width = text_width(row.count, size, bold=row.rank == 0)
        rated = row.rate and _fits(taken, at, max(width, text_width(row.rate)))
        half = (width + 0.06) / 2 / wide * (end - start)
        y = np.interp([x - half, x, x + half], *course).max()  # above the line, not across it
        if rated:
            text_at(ax, row.rate, (x, y), (0, 7), ha="center", color=GREY)
        if rated or _fits(taken, at, width):
            looks = {"weight": "bold" if row.rank == 0 else "normal", "size": size}
            text_at(ax, row.count, (x, y), (0, 17.5 if rated else 7), ha="center", **looks)
    ax.set_xticks(list(ticks), list(ticks.values()))


def _fits(taken: list, at: float, wide: float) -> bool:
    """Say whether a text has room among those written; if so it takes the room."""
    start, end = at - wide / 2 - 0.03, at + wide / 2 + 0.03
    free = all(end <= other[0] or start >= other[1] for other in taken)
    if free:
        taken.append((start, end))
    return free


poverty_path.draw = draw
