"""One indicator group by group: bars with the target and the whole unit's value beside them."""

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from sonla_analysis.charts.base import (
    ACCENT,
    GREY,
    INK,
    LINE,
    MARGIN,
    PALE,
    SMALL,
    TEXT,
    WIDTH,
    Chart,
    empty_chart,
    new_sheet,
    wrapped,
)
from sonla_analysis.charts.indicator_numbers import (
    SHOWN,
    group_word,
    names,
    numbers_table,
    slug,
    tick_decimals,
    value_text,
)
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import sort_key
from sonla_analysis.sentences import number, target, unit_name

MOST_ROWS = 30
ROW, NAMES, FIGURES, SCALE = 0.27, 2.05, 1.6, 0.3


def by_group(review, one, by: str, observed: pd.DataFrame) -> Chart:
    """Return the chart of an indicator's value in every group that may be told."""
    language, rows = review.language, ranked(review, one, by, observed)
    words = {"name": one.name[language], "group": _small(group_word(review, by))}
    measure = phrase("one.by", language, **words)
    title, numbers = _title(review, one, by, rows), numbers_table(review, one, by, rows)
    if not rows["state"].isin(SHOWN).any():
        return empty_chart(
            review, title=title, measure=measure, slug=slug(one, by), kind="bars",
            reason=phrase("one.try_other", language),
        )  # fmt: skip
    drawn = rows.head(MOST_ROWS)
    height, note = ROW * len(drawn) + SCALE + 0.22, _note(rows, language)
    sheet = new_sheet(review, title=title, measure=measure, height=height, note=note)
    axis = _axis(review, one, drawn)
    _draw_scale(sheet, one, axis, height, language)
    _draw_rows(sheet, one, names(review, by, drawn), drawn, axis, height, language)
    _draw_references(sheet, review, one, axis, height)
    data = "; ".join(f"{row[0]}: {row[-1]}" for row in numbers.to_numpy())
    return sheet.finish(slug=slug(one, by), kind="bars", numbers=numbers, data=data)


def ranked(review, one, by: str, observed: pd.DataFrame) -> pd.DataFrame:
    """Return the rows, the one with most to do first; what may not be told stands last, by name."""
    value = observed["value"].astype("float64").where(observed["state"].isin(SHOWN))
    keys = pd.DataFrame(
        {
            "value": -value if one.lower_is_better else value,
            "name": [sort_key(name) for name in names(review, by, observed)],
        },
        index=observed.index,
    )
    order = keys.sort_values(["value", "name"], na_position="last", kind="stable").index
    return observed.loc[order].reset_index(drop=True)


def _title(review, one, by: str, rows: pd.DataFrame) -> str:
    """Return the finding: the lowest and the highest of the groups that may be told."""
    language, told = review.language, rows[rows["state"].isin(SHOWN)]
    words = {"short": one.short[language], "group": _small(group_word(review, by))}
    if told.empty:
        blank = rows[by].astype("str").fillna("").isin(["", "nan"]).all()
        return phrase("one.not_written" if blank else "one.nothing", language, **words)
    order = told["value"].astype("float64").sort_values(kind="stable").index
    low, high = told.loc[order[0]], told.loc[order[-1]]
    name = dict(zip(rows.index, names(review, by, rows), strict=True))
    words |= {"low": value_text(low, one, language), "high": value_text(high, one, language)}
    words |= {"lowest": name[order[0]], "highest": name[order[-1]]}
    if len(told) == 1:
        return phrase("one.single", language, name=name[order[0]], value=words["low"], **words)
    key = "same" if words["low"] == words["high"] else "range"
    return phrase(f"one.{key}", language, value=words["low"], **words)


def _note(rows: pd.DataFrame, language: str) -> str:
    cut, notes = len(rows) - MOST_ROWS, []
    if (rows["state"] == "hidden").any():
        notes.append(phrase("one.hidden_note", language))
    if cut > 0:
        notes.append(phrase("one.cut", language, n=cut))
    return " ".join(notes)


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


# --- drawing -----------------------------------------------------------------------------


def _axis(review, one, rows: pd.DataFrame):
    """Return the scale: its ticks, and a function from a value to its x."""
    values = [*rows["value"].dropna().astype("float64"), 0.0]
    if one.kind != "count":
        values.append(float(one.upper or one.target))
    most = 100 if one.kind == "share" and not one.lower_is_better else max(values)
    ticks = MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(min(values), max(most, 1))
    low, high = ticks[0], ticks[-1]
    left, right = NAMES + 0.12, WIDTH - FIGURES

    def x(value):
        return left + (np.asarray(value, "float64") - low) / (high - low) * (right - left)

    return ticks, x


def _draw_scale(sheet, one, axis, height: float, language: str) -> None:
    ticks, x = axis
    sign = "%" if one.unit == "percent" else ""
    decimals = tick_decimals(ticks)
    sheet.strokes(x(ticks), SCALE, x(ticks), height - 0.2, color=PALE, width=0.8, z=0)
    for tick in ticks:
        text = number(tick, language, decimals) + sign
        looks = {"size": SMALL, "color": GREY, "ha": "center", "va": "top"}
        sheet.write(float(x(tick)), SCALE - 0.04, text, **looks)


def _draw_rows(sheet, one, labels, rows: pd.DataFrame, axis, height: float, language: str) -> None:
    _, x = axis
    zero, end = float(x(0)), WIDTH - FIGURES + 0.12
    middle = height - 0.2 - ROW * (np.arange(len(rows)) + 0.5)
    told = rows["state"].isin(SHOWN).to_numpy()
    ends, y = x(rows["value"][told].astype("float64")), middle[told]
    sheet.boxes(np.minimum(zero, ends), y - 0.075, np.maximum(zero, ends), y + 0.075, ACCENT, z=1)
    for label, row, y in zip(labels, rows.to_dict("records"), middle, strict=True):
        text = wrapped(label, NAMES - MARGIN, TEXT)
        sheet.write(NAMES, y, text, ha="right", size=SMALL - 0.5 if "\n" in text else TEXT)
        looks = {} if row["state"] in SHOWN else {"color": GREY, "face": "It"}
        sheet.write(end, y, _figure(row, one, language), **looks)
    sheet.strokes(zero, SCALE, zero, height - 0.2, color=LINE, width=0.8)


def _figure(row: dict, one, language: str) -> str:
    text = value_text(row, one, language)
    if row["state"] not in SHOWN or one.kind == "count":
        return text
    return f"{text} ({number(row['numerator'], language)}/{number(row['denominator'], language)})"


def _draw_references(sheet, review, one, axis, height: float) -> None:
    """Draw the target, where these groups' unit is judged by it, and the whole unit's value."""
    _, x = axis
    language, now = review.language, review.now.loc[one.id]
    top = height - 0.2
    lines = []
    if one.kind != "count" and now["note"] != "city_target":
        text = phrase("one.target", language, target=target(one, language))
        lines.append((float(x(float(one.target))), text, INK, (0, (4, 2.5))))
        if one.upper is not None:
            lines.append((float(x(float(one.upper))), "", INK, (0, (4, 2.5))))
    if one.kind != "count" and now["state"] in SHOWN:
        unit = unit_name(review.units.loc[review.unit], language)
        text = phrase("one.whole", language, unit=unit, value=value_text(now, one, language))
        lines.append((float(x(now["value"])), text, GREY, "-"))
    for at, _, colour, style in lines:
        sheet.strokes(at, SCALE, at, top + 0.02, color=colour, width=1.2, style=style, z=3)
    _label(sheet, [line for line in lines if line[1]], top)


def _label(sheet, lines: list[tuple], top: float) -> None:
    """Write what the lines are above them: the left one to its left, the right one to its right."""
    lines = sorted(lines, key=lambda line: line[0])
    sides = ["right", "left"] if len(lines) == 2 else ["center"]
    for (at, text, colour, _), side in zip(lines, sides, strict=False):
        nudge = {"right": -0.05, "left": 0.05, "center": 0}[side]
        sheet.write(at + nudge, top + 0.1, text, size=SMALL, color=colour, ha=side)
