"""The units of the area where they lie, marked by how they stand, beside their ranking."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection

from sonla_analysis.charts.figure import (
    MARGIN,
    WIDTH,
    Chart,
    Room,
    alone,
    empty_chart,
    framed,
)
from sonla_analysis.charts.lettering import lines, text_width, wrapped
from sonla_analysis.charts.overview import FILLS
from sonla_analysis.charts.rows import MORE, SPACING, column, known_looks, points, text_at
from sonla_analysis.charts.theme import GREY, INK, PALE, PALETTE, in_theme
from sonla_analysis.indicators.poverty_path import RATE
from sonla_analysis.indicators.unit_map import spread_out, units_with_centres
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import nfc
from sonla_analysis.review import Review
from sonla_analysis.sentences import unit_name, value_text
from sonla_analysis.sentences.breakdown_findings import (
    group_figure,
    numbers_table,
    numbers_values,
)
from sonla_analysis.sentences.comparison_findings import rule_note
from sonla_analysis.sentences.map_findings import (
    MARKED,
    map_mark,
    map_title,
    mark_word,
    short_figure,
)
from sonla_analysis.sentences.shared import incomplete_note

NAMED, ROUND, CHORD = 14, 0.37, 0.62  # most units named in circles; their radius, a line's width
SMALL, SMALLEST, GAP = 0.155, 0.14, 0.05  # radius of numbered circles, of three digits; between
WIDE, TALL, ALL = 6.0, 3.4, 7.1  # inches: a map above its list; both together at most
NAMES, ROW, APART = 1.35, 0.235, 0.22  # of a list beside: names, a row, the room before it
LONGEST, LOW, BETWEEN, ABOVE = 2.4, 0.165, 0.12, 0.12  # of a list below: names, a line, gaps
STEP = 10.8  # points from one line in a circle to the next


@in_theme
def unit_map(review: Review, indicator: str = RATE) -> Chart | None:
    """Return the map of the area's units: circles near their centres, and the units in order.

    None where the plan has no such indicator, or no unit's centre is known. The colour and the
    mark are the unit's status or, for a target of the whole area, how it compares.

    >>> from sonla_analysis.review import open_review
    >>> chart = unit_map(open_review("data/sample", "116", "2020-12-31"))
    >>> chart.slug, len(chart.frame), chart.frame["name"].iloc[0]
    ('unit-map', 12, 'Xã Chiềng Đen')
    """
    if indicator not in review.area_now.index:
        return None
    of, language = review.plan[indicator], review.language
    units = units_with_centres(review, indicator)
    if units["lat"].isna().all():
        return None
    units = _with_texts(units, review, of)
    slug = "unit-map" if indicator == RATE else f"{indicator.replace('_', '-')}-map"
    words = {"slug": slug, "kind": "unit_map", "unit": review.area}
    words["title"] = map_title(review, of, units)
    words["measure"] = phrase("unit_map.measure", language, name=of.name[language])
    if (units["mark"] == "no_data").all():
        return empty_chart(review, **words)
    frame = placed(units)
    listed = frame if _is_named(frame) else frame.head(_most_listed(frame))
    legend = [(key, mark_word(key, language)) for key in MARKED if key in set(frame["mark"])]
    words |= {"legend": legend, "note": _note(review, indicator, frame, len(listed))}
    data = [f"{row.name}: {row.figure}" for row in frame.itertuples(index=False)]
    numbers, values = _numbers(review, of, frame)
    made = framed(review, room(frame, listed), frame, numbers, data, values, **words)
    draw(frame, made.axes[0])
    draw_list(listed, made.axes[0])
    return made


def _with_texts(units: pd.DataFrame, review: Review, of) -> pd.DataFrame:
    """Return the units with their number in the list, mark, names and figures."""
    language, rows = review.language, units.to_dict("records")
    of_unit = [review.units.loc[row["unit"]] for row in rows]
    return units.assign(
        number=range(1, len(units) + 1),
        mark=[map_mark(row) for row in rows],
        name=[unit_name(one, language, start=True) for one in of_unit],
        short=[nfc(one["name"]) for one in of_unit],
        figure=[group_figure(row, of, language) for row in rows],
        told=[short_figure(row, of, language) for row in rows],
        rate=[_rate(row, of, language) for row in rows],
    )


def _rate(row: dict, of, language: str) -> str:
    """Return the value as the list below a map has it: no counts, no words."""
    known = pd.notna(row["value"])
    return value_text(row, of, language) if known else short_figure(row, of, language)


def _note(review: Review, indicator: str, frame: pd.DataFrame, listed: int) -> str:
    language, lost = review.language, int(frame["lat"].isna().sum())
    texts = [phrase("unit_map.note", language)]
    if not _is_named(frame):
        texts.append(phrase("unit_map.numbered", language))
    if lost:
        texts.append(phrase("unit_map.no_centre", language, n=lost))
    if listed < len(frame):
        texts.append(phrase("unit_map.listed", language, n=listed, units=len(frame)))
    rule = rule_note(frame["mark"], language)
    return " ".join(filter(None, [rule, *texts, incomplete_note(review, [indicator])]))


def _numbers(review: Review, of, frame: pd.DataFrame) -> tuple[pd.DataFrame, dict]:
    """Return the texts of the table of numbers, and the numbers that its columns print."""
    language, numbers = review.language, numbers_table(review, of, "unit", frame)
    numbers.insert(0, phrase("unit_map.number", language), frame["number"].astype("str"))
    verdicts = [mark_word(key, language) for key in frame["mark"]]
    numbers[phrase("unit_map.verdict", language)] = verdicts
    values = {place + 1: one for place, one in numbers_values(of, frame).items()}
    return numbers, {0: frame["number"], **values}


# --- where they stand --------------------------------------------------------------------


def placed(units: pd.DataFrame) -> pd.DataFrame:
    """Return the units with x, y and radius (inches), and what stands in each circle.

    `label` is the name where the names of all fit, else the number; `inside` the figure below it.
    """
    names = [wrapped(name, CHORD) for name in units["short"]]
    named = len(units) <= NAMED and all(_fits(name) for name in units["short"])
    radius = ROUND if named else SMALL if len(units) < 100 else SMALLEST
    beside = _list_width(units) + APART if named else 0
    wide = WIDTH - 2 * MARGIN - beside if named else WIDE
    tall = max(ROW * len(units), 2.2) if named else TALL
    places = spread_out(units, wide, tall, radius, GAP)
    return units.assign(
        **places,
        radius=radius,
        label=names if named else units["number"].astype("str"),
        inside=units["told"] if named else "",
    )


def _fits(name: str) -> bool:
    """Whether a name stands in a circle in two lines, no word broken."""
    words = max(map(text_width, name.split()), default=0)
    return words <= CHORD and len(lines(name, CHORD)) <= 2


def _is_named(frame: pd.DataFrame) -> bool:
    return (frame["inside"] != "").all()


def room(frame: pd.DataFrame, listed: pd.DataFrame | None = None) -> Room:
    """Return the room that a map of these units needs, and the list of `listed` beside or below."""
    (left, right), (low, high) = _ends(frame)
    height = high - low
    if listed is None:
        return Room(height, MARGIN, WIDTH - MARGIN - (right - left))
    if not _is_named(frame):
        spare = (WIDTH - (right - left)) / 2
        return Room(height, spare, spare, below=ABOVE + _list_below_of(listed)[0])
    height = max(height, _heights(listed).sum())
    return Room(height, MARGIN, MARGIN + _list_width(listed) + APART)


def _ends(frame: pd.DataFrame) -> tuple:
    """Return the left and right, the lower and upper end of all circles."""
    reach = frame["radius"].max() + GAP
    return tuple((frame[axis].min() - reach, frame[axis].max() + reach) for axis in "xy")


# --- the map -----------------------------------------------------------------------------


def draw(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw a circle for each unit, with a mark on its rim.

    `frame` has x, y and radius (in one unit of length), mark (a key of MARKS), label, and inside,
    a second text below it or "".
    """
    ax = alone(room(frame)) if ax is None else ax
    ends = _ends(frame)
    ax.set(xlim=ends[0], ylim=ends[1], aspect="equal", anchor="N", xticks=[], yticks=[])
    _circles(ax, frame[frame["mark"] != "no_data"], "-")
    _circles(ax, frame[frame["mark"] == "no_data"], (0, (2.4, 1.8)))
    rim = frame["radius"] * np.sqrt(0.5)
    points(ax, frame["x"] + rim, frame["y"] + rim, frame["mark"], 30)
    looks = {"ha": "center", "va": "center", "color": INK}
    for row in frame.itertuples(index=False):
        below = STEP / 2 * (row.label.count("\n") + 1) if row.inside else 0
        up = STEP / 2 if row.inside else 0
        text_at(ax, row.label, (row.x, row.y), (0, up), linespacing=SPACING, **looks)
        if row.inside:
            text_at(ax, row.inside, (row.x, row.y), (0, -below), weight="bold", **looks)
    return ax


def _circles(ax: Axes, frame: pd.DataFrame, style) -> None:
    fills = [PALETTE[FILLS.get(mark, "pale")] for mark in frame["mark"]]
    fills = fills if style == "-" else "white"
    across = 2 * frame["radius"]
    circles = EllipseCollection(
        across, across, np.zeros(len(frame)), units="xy", offsets=frame[["x", "y"]],
        offset_transform=ax.transData, facecolors=fills, edgecolors=GREY, linewidths=0.6,
        linestyles=style, clip_on=False, zorder=2,
    )  # fmt: skip
    ax.add_collection(circles)


# --- the list ----------------------------------------------------------------------------


def draw_list(frame: pd.DataFrame, ax: Axes) -> None:
    """Write the units in order: beside the map where names stand in its circles, else below."""
    box, figure = ax.get_position(original=True), ax.figure
    top = box.y1 * figure.get_figheight()
    if _is_named(frame):
        _list_beside(frame, ax, top)
    else:
        _list_below(frame, ax, top - box.height * figure.get_figheight() - 0.12)


def _list_width(frame: pd.DataFrame) -> float:
    names = [line for name in frame["name"] for line in lines(name, NAMES)]
    return 0.2 + max(map(text_width, names)) + 0.16 + max(map(text_width, frame["figure"]))


def _heights(frame: pd.DataFrame) -> np.ndarray:
    return ROW + MORE * np.array([len(lines(name, NAMES)) - 1 for name in frame["name"]])


def _list_beside(frame: pd.DataFrame, ax: Axes, top: float) -> None:
    left, right, heights = WIDTH - MARGIN - _list_width(frame), WIDTH - MARGIN, _heights(frame)
    y, inches = top - heights.cumsum() + heights / 2, ax.figure.dpi_scale_trans
    points(ax, np.full(len(frame), left + 0.07), y, frame["mark"], transform=inches)
    _write(ax, left + 0.2, y, [wrapped(name, NAMES) for name in frame["name"]])
    told = frame["value"].notna() | frame["lowest"].notna()
    _write(ax, right, y, frame["figure"], ha="right", **known_looks(told))
    edges = top - heights.cumsum()[:-1]
    ax.hlines(edges, left, right, colors=PALE, linewidths=0.7, transform=inches, clip_on=False)


def _list_below(frame: pd.DataFrame, ax: Axes, top: float) -> None:
    tall, rows, number, wide = _list_below_of(frame)
    beside, row = np.divmod(np.arange(len(frame)), rows)
    left, y = MARGIN + beside * (wide + BETWEEN), top - (row + 0.5) * tall / rows
    _write(ax, left + number, y, frame["number"].astype("str"), ha="right", color=GREY)
    _write(ax, left + number + 0.06, y, [wrapped(name, LONGEST) for name in frame["short"]])
    _write(ax, left + wide, y, frame["rate"], ha="right")


def _list_below_of(frame: pd.DataFrame) -> tuple:
    """Return a list's height, its rows, the width of its numbers and that of a column."""
    names = [lines(name, LONGEST) for name in frame["short"]]
    number = max(map(text_width, frame["number"].astype("str")))
    own = max(text_width(line) for name in names for line in name)
    wide = number + own + max(map(text_width, frame["rate"])) + 0.14
    across = WIDTH - 2 * MARGIN
    columns = max(int((across + BETWEEN) / (wide + BETWEEN)), 1)
    rows = -(-len(frame) // columns)
    return (rows * LOW * max(map(len, names)), rows, number,
            (across + BETWEEN) / columns - BETWEEN)  # fmt: skip


def _most_listed(frame: pd.DataFrame) -> int:
    """Return how many units the list below has room for."""
    low, high = _ends(frame)[1]
    tall, rows, *_ = _list_below_of(frame)
    columns = -(-len(frame) // rows)
    return columns * int(max(ALL - ABOVE - (high - low), 1) / (tall / rows))


def _write(ax: Axes, x, y, texts, ha: str = "left", **looks) -> None:
    """Write texts at places in inches on the figure."""
    place = ax.figure.dpi_scale_trans
    column(ax, y, texts, x, transform=place, ha=ha, linespacing=SPACING, **looks)


unit_map.draw = draw
