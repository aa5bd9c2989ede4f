"""One indicator by itself: over the review dates, or divided by a group on one date."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sonla_analysis.charts.course import days, line
from sonla_analysis.charts.figure import MARGIN, Chart, Room, alone, empty_chart, framed
from sonla_analysis.charts.lettering import text_width, wrapped
from sonla_analysis.charts.rows import (
    bars,
    column,
    figures_room,
    heading,
    known_looks,
    names_room,
    points,
    rows,
    rows_of_names,
    scale,
    text_at,
    tick_texts,
    width_of,
    zero_line,
)
from sonla_analysis.charts.theme import ACCENT, GREY, INK, LINE, MARKS, PALE, in_theme
from sonla_analysis.indicators.breakdown import SHOWN, observations, shown
from sonla_analysis.language.phrases import phrase
from sonla_analysis.review import Review
from sonla_analysis.sentences import day, name_of, sentence, status_key, target
from sonla_analysis.sentences.breakdown_findings import (
    breakdown_note,
    breakdown_title,
    group_figure,
    group_word,
    lower_start,
    names,
    numbers_table,
    numbers_values,
    ranked,
    slug,
    value_text,
)

HEIGHT, RIGHT, ROW = 1.95, 1.3, 0.26
ROOM = Room(HEIGHT, 0.55, RIGHT, above=0.27, below=0.24)
MOST, NAMES = 6.5, 1.9  # inches of groups; the most room for their names
_TICKS = MaxNLocator(4, steps=[1, 2, 5, 10])
_DASHED = (0, (4, 2.5))


@in_theme
def indicator(review: Review, indicator_id: str, by: str | None = None, *, observed=None) -> Chart:
    """Return the chart of one indicator: its course up to the date, or its value group by group.

    `by` is one of `breakdown.groupings`. Small cells are hidden. `observed` are the rows to draw
    where they are at hand already: `breakdown.observations`.

    >>> from sonla_analysis.review import open_review
    >>> review = open_review("data/sample", "116", "2020-12-31", language="en")
    >>> chart = indicator(review, "hygienic_water", "ethnicity")
    >>> chart.slug, len(chart.numbers) > 1
    ('hygienic-water-by-ethnicity', True)
    """
    if observed is None:
        observed = observations(review, indicator_id, by)
    of = review.plan[indicator_id]
    return _by_group(review, of, by, observed) if by else _over_time(review, of, observed)


# --- over time ---------------------------------------------------------------------------


def _over_time(review: Review, of, observed: pd.DataFrame) -> Chart:
    language = review.language
    words = {"name": of.name[language], "start": day(observed["as_of"].min(), language)}
    title = sentence(review, of.id).removesuffix(".")
    words = {"title": title, "measure": phrase("one.over_time", language, **words)}
    words |= {"slug": slug(of, None), "kind": "poverty_path"}
    if not shown(observed).any():
        return empty_chart(review, **words)
    records = observed.to_dict("records")
    statuses = [status_key(row) for row in records]
    frame = observed.assign(
        mark=[key if key in MARKS else "area_target" for key in statuses],
        date=[day(on, language) for on in observed["as_of"]],
        text=[value_text(row, of, language) for row in records],
    )
    area = _area_rows(review, of, observed)
    bounds = [float(bound) for bound in (of.target, of.upper) if bound is not None]
    ticks = _scale(of, bounds, observed, area)
    legend = [(key, phrase(f"status.{key}", language)) for key in MARKS if key in statuses]
    words |= {"legend": legend, "note": phrase("one.truncated", language) * bool(ticks[0] > 0)}
    numbers, values = numbers_table(review, of, None, observed), numbers_values(of, observed)
    known = [f"{row.date}: {row.text}" for row in frame[shown(frame)].itertuples(index=False)]
    ends = known[:1] + known[1:][-1:]
    made = framed(review, ROOM, frame, numbers, ends, values, **words)
    draw(
        frame, made.axes[0], area=area, bounds=bounds, ticks=ticks, language=language,
        said=_ends(of, review, area, bounds), sign="%" if of.unit == "percent" else "",
    )  # fmt: skip
    return made


def _area_rows(review: Review, of, observed: pd.DataFrame) -> pd.DataFrame:
    """Return the whole area's rows on the same dates; none for the area itself, none for counts."""
    found = review.progress
    found = found[(found["indicator"] == of.id) & (found["level"] == "area")]
    wanted = found["as_of"].isin(observed["as_of"]) & shown(found)
    return found[wanted & (not review.is_area and of.kind != "count")]


def _scale(of, bounds: list[float], *found: pd.DataFrame) -> np.ndarray:
    """Return round ticks that hold every value and the target; shares stay within 0–100."""
    values = [float(value) for frame in found for value in frame["value"].dropna()] + bounds
    low, high = min(values), max(values)
    room = max((high - low) * 0.25, abs(high) * 0.02, 0.01)
    from_zero = low >= 0 and (of.kind == "count" or low - room < 0.4 * high)
    ticks = _TICKS.tick_values(0 if from_zero else low - room, high + room)
    if of.kind == "share":
        ticks = ticks[(ticks >= 0) & (ticks <= 100)]
    return ticks[ticks >= 0] if min(values) >= 0 else ticks


def _ends(of, review: Review, area: pd.DataFrame, bounds: list[float]) -> list[tuple]:
    """Return (height, text, colour) of what stands at the right: what the lines are."""
    language = review.language
    key = "area_target" if of.applies_to == "area" and not review.is_area else "target"
    goal = phrase(f"one.{key}", language, target=target(of, language))
    found = [(sum(bounds) / len(bounds), goal, INK)] if bounds else []
    if len(area):
        name, last = name_of(review, review.area), area.iloc[-1]
        value = value_text(last, of, language)
        text = f"{phrase('one.area', language, unit=name)}: {value}"
        found.append((float(last["value"]), text, GREY))
    return found


def draw(
    frame: pd.DataFrame, ax: Axes | None = None, *, area=None, bounds=(), ticks=None, said=(),
    sign="%", language="vi",
) -> Axes:  # fmt: skip
    """Draw one point per date, joined by a line; a gap stays a gap.

    `frame` has as_of (ISO date), value, mark (a key of MARKS), date and text; `area` as_of and
    value of the whole area; `bounds` the heights of the target's lines; `said` what stands at the
    right of them: (height, text, colour).
    """
    ax = alone(ROOM) if ax is None else ax
    x, value = days(frame["as_of"]), frame["value"].astype("float64").to_numpy()
    ticks = _TICKS.tick_values(np.nanmin(value), np.nanmax(value)) if ticks is None else ticks
    pad = max((x[-1] - x[0]) * 0.06, 1)
    ax.set(xlim=(x[0] - pad, x[-1] + pad), ylim=(ticks[0], max(ticks[-1], ticks[0] + 1e-9)))
    ax.set_yticks(ticks, tick_texts(ticks, language, sign), color=GREY)
    ax.set_xticks(x, frame["date"])
    ax.grid(axis="y", color=PALE, linewidth=0.8)
    for bound in bounds:
        ax.axhline(bound, color=INK, linewidth=1.1, linestyle=_DASHED, zorder=1)
    if area is not None and len(area):
        _line(ax, days(area["as_of"]), area["value"], LINE, 1.6)
    _line(ax, x, value, ACCENT, 2.2)
    known = ~np.isnan(value)
    points(ax, x[known], value[known], frame["mark"][known], 44)
    _label_points(ax, frame, x, value, area, bounds)
    _label_ends(ax, said)
    return ax


def _line(ax: Axes, x, values, colour: str, width: float) -> None:
    """Draw the line through neighbouring known values, a piece for each run of them."""
    values = np.asarray(values, "float64")
    run = np.cumsum(np.isnan(values))
    for place in np.unique(run):
        own = (run == place) & ~np.isnan(values)
        line(ax, x[own], values[own], colour, width)
    ax.set(xlabel="", ylabel="")


def _label_points(ax: Axes, frame, x, value, area, bounds) -> None:
    """Write each value where no line crosses it; why there is none, on the axis."""
    (low, high), (start, end) = ax.get_ylim(), ax.get_xlim()
    known = ~np.isnan(value)
    points_an_unit = HEIGHT * 72 / (high - low)
    lines = {} if area is None else dict(zip(area["as_of"], area["value"], strict=True))
    for at, y, row in zip(x, value, frame.itertuples(index=False), strict=True):
        if np.isnan(y):
            looks = {"ha": "center", "color": GREY, "style": "italic"}
            text_at(ax, wrapped(row.text, 0.75), (at, low), (0, 6), **looks)
            continue
        others = [(line - y) * points_an_unit for line in (*bounds, lines.get(row.as_of, np.inf))]
        above = any(2 < other < 20 for other in others)
        below = any(-20 < other < -2 for other in others) or (y - low) * points_an_unit < 20
        lift, end_of = (-17, np.min) if above and not below else (8, np.max)
        half = (text_width(row.text) + 0.06) / 2 / width_of(ax) * (end - start)
        course = np.interp([at - half, at, at + half], x[known], value[known])
        text_at(ax, row.text, (at, end_of(course)), (0, lift), ha="center")


def _label_ends(ax: Axes, said) -> None:
    """Write at the right what the lines are, apart from each other."""
    low, high = ax.get_ylim()
    an_inch = (high - low) / HEIGHT
    heights = [height for height, _, _ in said]
    if len(said) == 2 and abs(heights[0] - heights[1]) < 0.42 * an_inch:
        middle = min(max(sum(heights) / 2, low + 0.2 * an_inch), high - 0.2 * an_inch)
        way = 0.21 * an_inch if heights[0] >= heights[1] else -0.21 * an_inch
        heights = [middle + way, middle - way]
    for height, (_, text, colour) in zip(heights, said, strict=True):
        text = wrapped(text, RIGHT - 0.1 - MARGIN)
        column(ax, [height], [text], 0.1, ha="left", va="center", color=colour, linespacing=1)


# --- group by group ----------------------------------------------------------------------


def _by_group(review: Review, of, by: str, observed: pd.DataFrame) -> Chart:
    language, found = review.language, ranked(review, of, by, observed)
    words = {"name": of.name[language], "group": lower_start(group_word(review, by))}
    title, numbers = breakdown_title(review, of, by, found), numbers_table(review, of, by, found)
    words = {"title": title, "measure": phrase("one.by", language, **words)}
    words |= {"slug": slug(of, by), "kind": "bars"}
    if not found["state"].isin(SHOWN).any():
        return empty_chart(review, reason=phrase("one.try_other", language), **words)
    every = found.assign(
        name=names(review, by, found),
        value=found["value"].where(found["state"].isin(SHOWN)),
        figure=[group_figure(row, of, language) for row in found.to_dict("records")],
    )
    frame = every.head(int(MOST / _step(every)))
    words["note"] = breakdown_note(found, len(found) - len(frame), language)
    known = frame.dropna(subset="value")
    ends = known.iloc[[0, -1][: len(known)]].itertuples(index=False)
    data = [f"{row.name}: {row.figure}" for row in ends]
    texts = numbers, data, numbers_values(of, found)
    made = framed(review, room_by_group(frame), frame, *texts, **words)
    draw_by_group(
        frame, made.axes[0], ticks=_group_ticks(of, frame), said=_references(review, of),
        sign="%" if of.unit == "percent" else "", language=language,
    )  # fmt: skip
    return made


def _group_ticks(of, frame: pd.DataFrame) -> np.ndarray:
    values = [*frame["value"].dropna().astype("float64"), 0.0]
    if of.kind != "count" and of.target is not None:
        values.append(float(of.upper or of.target))
    most = 100 if of.kind == "share" and not of.lower_is_better else max(values)
    return _TICKS.tick_values(min(values), max(most, 1))


def _references(review: Review, of) -> list[tuple]:
    """Return the upright lines as (value, text, colour, style): target and the whole unit."""
    language, now, found = review.language, review.now.loc[of.id], []
    if of.kind != "count" and of.target is not None and now["reason"] != "area_target":
        text = phrase("one.target", language, target=target(of, language))
        found.append((float(of.target), text, INK, _DASHED))
        if of.upper is not None:
            found.append((float(of.upper), "", INK, _DASHED))
    if of.kind != "count" and now["state"] in SHOWN and pd.notna(now["value"]):
        unit = name_of(review, review.unit)
        text = phrase("one.whole", language, unit=unit, value=value_text(now, of, language))
        found.append((float(now["value"]), text, GREY, "-"))
    return found


def room_by_group(frame: pd.DataFrame) -> Room:
    """Return the room that bars of these groups need."""
    left, right = names_room(frame["name"], NAMES), figures_room(frame["figure"])
    return Room(_step(frame) * len(frame), left, right, above=0.24, below=0.22)


def _step(frame: pd.DataFrame) -> float:
    """Return how high a row is: as the longest name needs it."""
    return ROW * rows_of_names(frame["name"], names_room(frame["name"], NAMES), ROW).max()


def draw_by_group(
    frame: pd.DataFrame, ax: Axes | None = None, *, ticks=None, said=(), sign="%", language="vi"
) -> Axes:
    """Draw one bar per group; `frame` has name, value (missing where not told) and figure.

    `said` are upright lines: (value, text, colour, style).
    """
    sizes = room_by_group(frame)
    ax = alone(sizes) if ax is None else ax
    y, known = np.arange(len(frame)), frame["value"].notna().to_numpy()
    bars(ax, frame["value"].astype("float64"), ACCENT, 0.56)
    rows(ax, frame["name"], sizes.left, right=sizes.right)
    ticks = _TICKS.tick_values(0, frame["value"].max()) if ticks is None else ticks
    scale(ax, ticks, (ticks[0], ticks[-1]), language, sign)
    zero_line(ax)
    column(ax, y, frame["figure"], sizes.right - MARGIN, **known_looks(known))
    for value, _, colour, style in said:
        ax.axvline(value, color=colour, linewidth=1.2, linestyle=style, zorder=3)
    _label_lines(ax, sorted((line[:3] for line in said if line[1]), key=lambda line: line[0]))
    return ax


def _label_lines(ax: Axes, said: list[tuple]) -> None:
    """Write what the lines are above them: the left one to its left, the right one to its right.

    Where a text has no room on its side it moves, and the other with it.
    """
    start, end = ax.get_xlim()
    left = -ax.get_position().x0 * ax.figure.get_figwidth() + MARGIN
    right = left + ax.figure.get_figwidth() - 2 * MARGIN
    lines_ = [(value - start) / (end - start) * width_of(ax) for value, _, _ in said]
    widths = [text_width(text) for _, text, _ in said]
    if len(said) == 2:
        second = max(lines_[0] - 0.05, left + widths[0]) + 0.1
        second = min(max(second, lines_[1] + 0.05), right - widths[1])
        first = min(max(lines_[0] - 0.05 - widths[0], left), second - 0.1 - widths[0])
        starts = [first, second]
    else:
        starts = [
            min(max(line - wide / 2, left), right - wide)
            for line, wide in zip(lines_, widths, strict=True)
        ]
    for x, (_, text, colour) in zip(starts, said, strict=True):
        heading(ax, {x: text}, above=0.02, color=colour)


indicator.draw, indicator.draw_by_group = draw, draw_by_group
