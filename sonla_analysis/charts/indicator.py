"""One indicator by itself: over the review dates, or divided by a group on one date."""

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from sonla_analysis.charts.base import (
    ACCENT,
    GREY,
    INK,
    LINE,
    MARGIN,
    MARKS,
    PALE,
    SMALL,
    WIDTH,
    Chart,
    empty_chart,
    new_sheet,
    styled,
    wrapped,
)
from sonla_analysis.charts.indicator_groups import by_group
from sonla_analysis.charts.indicator_numbers import (
    numbers_table,
    observations,
    shown,
    slug,
    tick_decimals,
    value_text,
)
from sonla_analysis.language.phrases import phrase
from sonla_analysis.sentences import day, number, sentence, status_key, target, unit_name

_LEFT, _RIGHT, _HEIGHT, _FOOT = 0.55, 1.35, 2.35, 0.42
_TICKS = MaxNLocator(4, steps=[1, 2, 5, 10])


@styled
def indicator(review, indicator_id: str, by: str | None = None, *, observed=None) -> Chart:
    """Return the chart of one indicator: its course up to the date, or its value group by group.

    `by` is one of `indicator_numbers.groupings`. Small cells are hidden. `observed` are the
    rows to draw where they are at hand already: `indicator_numbers.observations`.

    >>> from sonla_analysis.review import open_review
    >>> from sonla_analysis.definitions.folders import sample_folder
    >>> review = open_review(sample_folder(), "116", "2020-12-31", language="en")
    >>> chart = indicator(review, "hygienic_water", "ethnicity")
    >>> chart.slug, len(chart.numbers) > 1
    ('hygienic-water-by-ethnicity', True)
    """
    if observed is None:
        observed = observations(review, indicator_id, by)
    if by:
        return by_group(review, review.plan[indicator_id], by, observed)
    return _over_time(review, review.plan[indicator_id], observed)


def _over_time(review, one, observed: pd.DataFrame) -> Chart:
    language, known = review.language, shown(observed)
    title = sentence(review, one.id).removesuffix(".")
    words = {"name": one.name[language], "start": day(observed["as_of"].min(), language)}
    measure_text = phrase("one.over_time", language, **words)
    statuses = [status_key(row) for row in observed.to_dict("records")]
    if not known.any():
        return empty_chart(
            review, title=title, measure=measure_text, slug=slug(one, None), kind="poverty_path",
            reason=title,
        )  # fmt: skip
    area = _area_rows(review, one, observed)
    ticks = _scale(one, observed, area)
    legend = [(key, phrase(f"status.{key}", language)) for key in MARKS if key in statuses]
    note = phrase("one.truncated", language) if ticks[0] > 0 else ""
    sheet = new_sheet(
        review, title=title, measure=measure_text, height=_HEIGHT, legend=legend, note=note
    )
    place = _places(observed["as_of"]), _height_of(ticks)
    _draw_scale(sheet, one, ticks, place, observed, language)
    _draw_course(sheet, area, place, LINE, 1.6)
    _draw_course(sheet, observed, place, ACCENT, 2.2)
    _label_ends(sheet, one, review, area, place)
    _draw_points(sheet, one, observed, area, statuses, place, language)
    numbers = numbers_table(review, one, None, observed)
    data = "; ".join(f"{row[0]}: {row[-1]}" for row in numbers.to_numpy())
    return sheet.finish(slug=slug(one, None), kind="poverty_path", numbers=numbers, data=data)


def _area_rows(review, one, observed: pd.DataFrame) -> pd.DataFrame:
    """Return the whole area's rows on the same dates; none for the area itself, none for counts."""
    rows = review.progress
    rows = rows[(rows["indicator"] == one.id) & (rows["level"] == "city")]
    wanted = rows["as_of"].isin(observed["as_of"]) & shown(rows)
    return rows[wanted & (not review.is_area and one.kind != "count")]


def _scale(one, *rows: pd.DataFrame) -> np.ndarray:
    """Return round ticks that hold every value and the target; shares stay within 0–100."""
    values = [float(value) for frame in rows for value in frame["value"].dropna()]
    values += [float(one.target if one.upper is None else one.upper), float(one.target)]
    low, high = min(values), max(values)
    room = max((high - low) * 0.25, abs(high) * 0.02, 0.01)
    from_zero = low >= 0 and (one.kind == "count" or low - room < 0.4 * high)
    ticks = _TICKS.tick_values(0 if from_zero else low - room, high + room)
    if one.kind == "share":
        ticks = ticks[(ticks >= 0) & (ticks <= 100)]
    return ticks[ticks >= 0] if min(values) >= 0 else ticks


def _places(dates: pd.Series):
    """Return a function from a date to its x: true to time."""
    days = [date.fromisoformat(one).toordinal() for one in dates]
    first, span = min(days), max(max(days) - min(days), 1)
    room = WIDTH - _LEFT - _RIGHT - 0.5
    at_start = _LEFT + 0.25 if len(days) > 1 else _LEFT + 0.25 + room / 2

    def x(one: str) -> float:
        return at_start + (date.fromisoformat(one).toordinal() - first) / span * room

    return x


def _height_of(ticks: np.ndarray):
    low, high = ticks[0], max(ticks[-1], ticks[0] + 1e-9)
    return lambda value: _FOOT + (float(value) - low) / (high - low) * (_HEIGHT - _FOOT - 0.28)


def _draw_scale(sheet, one, ticks, place, observed, language: str) -> None:
    x, y = place
    end = WIDTH - _RIGHT
    decimals = tick_decimals(ticks)
    sign = "%" if one.unit == "percent" else ""
    for tick in ticks:
        sheet.strokes(_LEFT, y(tick), end, y(tick), color=PALE, width=0.8, z=0)
        text = number(tick, language, decimals) + sign
        sheet.write(_LEFT - 0.08, y(tick), text, size=SMALL, color=GREY, ha="right")
    for row in observed.to_dict("records"):
        looks = {"size": SMALL, "color": GREY, "ha": "center"}
        sheet.write(x(row["as_of"]), _FOOT - 0.2, day(row["as_of"], language), **looks)
        if pd.isna(row["value"]):
            text = wrapped(value_text(row, one, language), 0.7, SMALL)
            sheet.write(x(row["as_of"]), _FOOT + 0.12, text, face="It", va="bottom", **looks)


def _draw_course(sheet, rows: pd.DataFrame, place, colour: str, width: float) -> None:
    """Draw the line through neighbouring known values; a gap stays a gap."""
    x, y = place
    points = [
        (x(row["as_of"]), y(row["value"])) if pd.notna(row["value"]) else None
        for row in rows.to_dict("records")
    ]
    for before, after in pairwise(points):
        if before and after:
            sheet.strokes(*before, *after, color=colour, width=width, z=2)


def _draw_points(sheet, one, observed, area, statuses, place, language: str) -> None:
    """Draw a mark for each date's verdict, and its value where no line crosses it."""
    x, y = place
    lines = {row["as_of"]: y(row["value"]) for row in area.to_dict("records")}
    targets = [y(bound) for bound in (one.target, one.upper) if bound is not None]
    for row, status in zip(observed.to_dict("records"), statuses, strict=True):
        if pd.isna(row["value"]):
            continue
        at = x(row["as_of"]), y(row["value"])
        sheet.marks([at[0]], [at[1]], [status if status in MARKS else "city_target"], 44)
        crossing = [*targets, lines.get(row["as_of"], np.inf)]
        blocked = [
            any(low < line - at[1] < low + 0.24 for line in crossing) for low in (0.05, -0.29)
        ]
        lift = -0.22 if blocked[0] and not blocked[1] and at[1] > _FOOT + 0.3 else 0.13
        text = value_text(row, one, language)
        sheet.write(at[0], at[1] + lift, text, ha="center", va="baseline")


def _label_ends(sheet, one, review, area: pd.DataFrame, place) -> None:
    """Draw the target's line, and write at the right what the lines are, apart from each other."""
    _, y = place
    language, end = review.language, WIDTH - _RIGHT
    bounds = [one.target] if one.upper is None else [one.target, one.upper]
    for bound in bounds:
        sheet.strokes(_LEFT, y(bound), end, y(bound), color=INK, width=1.1, style=(0, (4, 2.5)))
    key = "area_target" if one.applies_to == "city" and not review.is_area else "target"
    middle = sum(map(float, bounds)) / len(bounds)
    labels = [(y(middle), phrase(f"one.{key}", language, target=target(one, language)), INK)]
    if len(area):
        name = unit_name(review.units.loc[review.area], language)
        last = area.iloc[-1]
        text = f"{phrase('one.area', language, unit=name)}: {value_text(last, one, language)}"
        labels.append((y(last["value"]), text, GREY))
    for at, text, colour in _apart(labels):
        lines = wrapped(text, _RIGHT - 0.1 - MARGIN, SMALL)
        sheet.write(end + 0.1, at, lines, size=SMALL, color=colour)


def _apart(labels: list[tuple]) -> list[tuple]:
    """Return the labels with at least 0.36 inches between two of them."""
    if len(labels) < 2 or abs(labels[0][0] - labels[1][0]) >= 0.36:
        return labels
    upper, lower = sorted(labels, key=lambda label: -label[0])
    middle = min(max((upper[0] + lower[0]) / 2, _FOOT + 0.18), _HEIGHT - 0.3)
    return [(middle + 0.18, *upper[1:]), (middle - 0.18, *lower[1:])]
