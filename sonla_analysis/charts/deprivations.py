"""What poor households are deprived of, next to the whole area's poor households.

A unit's counts are those of its official form 4 (Circular 02/2022), and are printed whole. Of
near-poor households in the area's chart, which no form tells, small numbers are hidden.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sonla_analysis.charts.figure import MARGIN, STEP, Chart, Room, alone, empty_chart, framed
from sonla_analysis.charts.lettering import lines, text_width, wrapped
from sonla_analysis.charts.rows import (
    bars,
    column,
    heading,
    names_room,
    points,
    rows,
    scale,
    zero_line,
)
from sonla_analysis.charts.theme import ACCENT, GREY, INK, LINE, in_theme
from sonla_analysis.indicators.deprivations import deprivation_profile
from sonla_analysis.language.phrases import phrase
from sonla_analysis.review import Review
from sonla_analysis.sentences import name_of
from sonla_analysis.sentences.register_findings import (
    FEW,
    area_name,
    deprivation_figure,
    deprivations_note,
    deprivations_title,
    part_text,
)
from sonla_analysis.sentences.shared import unit_start
from sonla_analysis.tables.input_tables import was_sent

ROW, FIGURES, BAR = 0.375, 1.12, 0.42  # a row, a column of figures; a bar's share of its row
_SCALES = ((10, 5), (20, 10), (40, 10), (60, 20), (80, 20), (100, 20))  # end and step in percent


@in_theme
def deprivations(review: Review) -> Chart | None:
    """Return how many poor households lack what, most common first, beside the whole area's.

    The area itself shows its near-poor households beside its poor ones. None where nobody sent a
    column of the poverty standard's deprivations.

    >>> from sonla_analysis.review import open_review
    >>> chart = deprivations(open_review("data/sample", "116", "2020-12-31", language="en"))
    >>> chart.title.startswith("Poor households are most often deprived in"), len(chart.numbers)
    (True, 10)
    """
    lacking = [one["column"] for one in review.plan.standard_data.deprivations]
    if not was_sent(review.tables, "households", *lacking):
        return None
    register = review.rows("households", unit=review.area)
    profile = deprivation_profile(register, review)
    key = "measure_area" if review.is_area else "measure"
    words = {
        **{"slug": "deprivations", "kind": "bars"},
        "title": deprivations_title(profile, register, review) + part_text(review, register),
        "measure": phrase(f"deprivations.{key}", review.language, area=area_name(review)),
    }
    if profile.empty or profile[["total", "beside_total"]].max().max() == 0:
        return empty_chart(review, **words)
    frame = _with_figures(profile, review)
    heads = _heads(review)
    first = [phrase(f"deprivations.column_{name}", review.language) for name in ("name", "service")]
    shown = frame[["name", "service", "figure", "beside_figure"]]
    numbers = shown.set_axis([*first, *heads], axis=1)
    words |= {"legend": _legend(frame, review)}
    words |= {"note": deprivations_note(profile, register, review)}
    data = [f"{row.name}: {row.figure}" for row in frame.itertuples(index=False)]
    made = framed(review, room(frame, heads), frame, numbers, data, **words)
    draw(frame, made.axes[0], heads=heads, language=review.language)
    return made


def _with_figures(profile: pd.DataFrame, review: Review) -> pd.DataFrame:
    """Return the profile with figure and beside_figure as printed, without what these hide."""
    records = profile.to_dict("records")
    figures = {
        f"{prefix}figure": [deprivation_figure(row, review.language, prefix) for row in records]
        for prefix in ("", "beside_")
    }
    frame = profile.assign(**figures)
    if "beside_hidden" in frame:
        told = ["beside_n", "beside_total"]
        frame[told] = frame[told].astype("Int64").mask(frame["beside_hidden"])
    return frame


def _heads(review: Review) -> list[str]:
    """Return what stands above the two columns of figures."""
    if review.is_area:
        keys = ("head_poor", "head_near_poor")
        return [phrase(f"deprivations.{key}", review.language) for key in keys]
    return [unit_start(review), area_name(review, start=True)]


def _legend(frame: pd.DataFrame, review: Review) -> list[tuple[str, str]]:
    language, own, beside = review.language, *frame[["total", "beside_total"]].fillna(0).max()
    group = "near_poor" if review.is_area else "poor"
    unit, area = name_of(review, review.unit), area_name(review)
    entries = []
    if own >= FEW:
        entries.append((ACCENT, phrase("deprivations.poor", language, unit=unit)))
    elif own:
        entries.append((ACCENT, phrase("deprivations.deprived", language)))
        entries.append((LINE, phrase("deprivations.not_deprived", language)))
    if beside >= FEW and not 0 < own < FEW:
        entries.append(("beside", phrase(f"deprivations.{group}", language, unit=area)))
    return entries


def room(frame: pd.DataFrame, heads=("", "")) -> Room:
    """Return the room that a chart of these deprivations needs."""
    wide = _column(frame)
    above = 0.07 + STEP * max(len(lines(head, wide - 0.1)) for head in heads)
    left = names_room([*frame["name"], *frame["service"]], 2.05)
    return Room(ROW * len(frame), left, 2 * wide + 0.1, above=above, below=0.2)


def _column(frame: pd.DataFrame) -> float:
    """Return how wide a column of figures is; a longer figure stands in two lines."""
    texts = [*frame["figure"], *frame["beside_figure"]]
    return max(FIGURES, 0.1 + max(text_width(word) for text in texts for word in text.split()))


def draw(
    frame: pd.DataFrame, ax: Axes | None = None, *, heads=("", ""), language: str = "vi"
) -> Axes:
    """Draw one row per deprivation: a bar, and a point for those it is compared with.

    `frame` has the columns of `deprivation_profile`, and figure and beside_figure, the texts at
    the right. Below ten households no share is drawn, but a square for each household.
    """
    sizes = room(frame, heads)
    ax = alone(sizes) if ax is None else ax
    y = np.arange(len(frame))
    if 0 < frame["total"].max() < FEW:
        _squares(ax, frame)
    else:
        _bars(ax, frame, y, language)
    rows(ax, [""] * len(frame), sizes.left, right=sizes.right)
    column(ax, y - 0.17, frame["name"], MARGIN - sizes.left, edge=0)
    column(ax, y + 0.2, frame["service"], MARGIN - sizes.left, edge=0, color=GREY)
    told, wide = [INK if total else GREY for total in frame["total"]], _column(frame)
    looks, ends = {"va": "center", "linespacing": 1}, (wide, 2 * wide + 0.05)
    for end, key, colour in zip(ends, ("figure", "beside_figure"), (told, GREY), strict=True):
        column(
            ax, y, [wrapped(text, wide - 0.05) for text in frame[key]], end, color=colour, **looks
        )
    tops = [wrapped(head, wide - 0.1) for head in heads]
    heading(ax, dict(zip(ends, tops, strict=True)), ha="right", edge=1)
    return ax


def _bars(ax: Axes, frame: pd.DataFrame, y, language: str) -> None:
    """Draw shares as bars, those beside them as points, on a scale to the next round number."""
    longest = frame[["share", "beside_share"]].max().max()
    upper, step = next(scale for scale in _SCALES if longest <= scale[0])
    bars(ax, frame["share"], ACCENT, BAR)
    scale(ax, range(0, upper + 1, step), (0, upper), language)
    zero_line(ax)
    if (frame["beside_total"] >= FEW).any():
        known = frame["beside_share"].notna().to_numpy()
        points(ax, frame["beside_share"][known], y[known], "beside")


def _squares(ax: Axes, frame: pd.DataFrame) -> None:
    """Draw a square for each household with an entry, the deprived ones first and dark."""
    n, total = (frame[key].to_numpy("int64") for key in ("n", "total"))
    for colour, starts, ends in ((ACCENT, 0 * n, n), (LINE, n, total)):
        x = np.concatenate([np.arange(*one) for one in zip(starts, ends, strict=True)])
        at = np.repeat(np.arange(len(frame)), ends - starts)
        ax.scatter(x + 0.4, at, marker="s", s=105, color=colour, linewidths=0, zorder=2)
    ax.set(xlim=(0, max(9, total.max())), xticks=[])


deprivations.draw = draw
