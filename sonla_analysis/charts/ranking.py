"""The units of the area ranked by their poverty rate, with the counts it comes from."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sonla_analysis.charts.figure import Chart, Room, alone, empty_chart, framed
from sonla_analysis.charts.rows import (
    column,
    figures_room,
    names_room,
    places,
    points,
    rows,
    rows_of_names,
    scale,
    text_at,
)
from sonla_analysis.charts.theme import GREY, INK, LINE, MARKS, in_theme
from sonla_analysis.indicators.against_rest import VERDICTS
from sonla_analysis.indicators.poverty_path import RATE
from sonla_analysis.indicators.standing import ranked, standing
from sonla_analysis.language.phrases import phrase
from sonla_analysis.review import Review
from sonla_analysis.sentences import percent, unit_name, value_text
from sonla_analysis.sentences.comparison_findings import of_all, rule_note
from sonla_analysis.sentences.progress_findings import ranking_title
from sonla_analysis.sentences.shared import incomplete_note
from sonla_analysis.tables.input_tables import was_sent

ROW, MOST, NAMES = 0.235, 6.6, 1.9  # a row, all rows, names; in inches


@in_theme
def ranking(review: Review) -> Chart | None:
    """Return the units by poverty rate, highest first, with 95 % intervals and the area's rate.

    None where the plan has no poverty rate and nobody sent a register.
    """
    if RATE not in review.area_now.index and not was_sent(review.tables, "households"):
        return None
    language = review.language
    units = ranked(standing(review, indicator=RATE))
    known = units.dropna(subset="value")
    title = ranking_title(known.to_dict("records"), review)
    words = {"slug": "ranking", "kind": "ranking", "title": title, "unit": review.area}
    words["measure"] = phrase("ranking.measure", language)
    if known.empty:
        return empty_chart(review, **words)
    every = _with_texts(units, review)
    frame = every[ROW * _heights(every).cumsum() <= MOST]
    left_out = len(units) - len(frame)
    note = phrase("chart.left_out", language, n=left_out) if left_out else ""
    found = set(frame["comparison"][frame["value"].notna()])
    keys = [key for key in VERDICTS if key in found]
    legend = [(key, phrase(f"spine.{key}", language)) for key in keys]
    legend += [(LINE, phrase("ranking.range", language))]
    note = f"{note} {rule_note(frame['comparison'], language)} {incomplete_note(review, [RATE])}"
    city = review.area_now.loc[RATE]
    rate = percent(city["value"], language) + ("*" if city["state"] == "incomplete" else "")
    said = phrase("ranking.city", language, rate=rate)
    heads = [phrase(f"ranking.{name}", language) for name in ("unit", "rate", "counts", "beside")]
    numbers = frame[["name", "rate", "counts", "beside"]].set_axis(heads, axis=1)
    data = [f"{row.name}: {row.figure}" for row in frame.itertuples(index=False)]
    texts, words = (numbers, data, {1: frame["value"]}), words | {"legend": legend, "note": note}
    made = framed(review, room(frame), frame, *texts, **words)
    draw(frame, made.axes[0], reference=city["value"], said=said, language=language)
    return made


def _with_texts(units: pd.DataFrame, review: Review) -> pd.DataFrame:
    """Return the units with name, rate, counts, beside and figure as they are printed."""
    language, indicator, texts = review.language, review.plan[RATE], []
    for row in units.to_dict("records"):
        name = unit_name(review.units.loc[row["unit"]], language, start=True)
        rate, counts, beside = value_text(row, indicator, language), "–", "–"
        figure = rate
        if pd.notna(row["value"]):
            counts, beside = of_all(row, language), phrase(f"spine.{row['comparison']}", language)
            figure = f"{rate} ({counts})"
        texts.append((name, rate, counts, beside, figure))
    columns = ["name", "rate", "counts", "beside", "figure"]
    return units.join(pd.DataFrame(texts, columns=columns, index=units.index))


def room(frame: pd.DataFrame) -> Room:
    """Return the room that a ranking of these units needs."""
    left, right = names_room(frame["name"], NAMES), figures_room(frame["figure"])
    return Room(ROW * _heights(frame).sum(), left, right, above=0.04, below=0.36)


def _heights(frame: pd.DataFrame) -> np.ndarray:
    return rows_of_names(frame["name"], names_room(frame["name"], NAMES), ROW)


def draw(
    frame: pd.DataFrame, ax: Axes | None = None, *, reference=None, said="", language: str = "vi"
) -> Axes:
    """Draw one row per unit: a point with its interval, first on top.

    `frame` has name, value, lower, upper (percent), comparison (a verdict, or
    untested) and figure, the text at the right; a row without a value is told by its figure.
    `reference` is the value that an upright line is drawn at, `said` what stands under it.
    """
    sizes, heights = room(frame), _heights(frame)
    ax = alone(sizes) if ax is None else ax
    told = frame["value"].notna().to_numpy()
    known, at = frame[told], places(heights)[0]
    y = at[told]
    rows(ax, frame["name"], sizes.left, right=sizes.right, heights=heights)
    most = max([*known["upper"], reference or 0], default=1) * 1.02
    ticks = [tick for tick in MaxNLocator(5).tick_values(0, most) if 0 <= tick <= most]
    scale(ax, ticks, (0, most), language, grid=False)
    ax.hlines(y, known["lower"], known["upper"], color=LINE, linewidth=5, zorder=1)
    colours = [MARKS[key][2] for key in known["comparison"]]
    ax.hlines(y, 0, known["value"], color=colours, linewidth=1.8, zorder=2)
    points(ax, known["value"], y, known["comparison"])
    column(ax, y, known["figure"], sizes.right - 0.05, color=INK)
    column(ax, at[~told], frame["figure"][~told], 0, edge=0, color=GREY, style="italic")
    if reference is not None:
        ax.axvline(reference, color=INK, linewidth=1, zorder=3)
        looks = {"ha": "left" if reference < most * 0.7 else "right", "va": "top"}
        place = {"xycoords": ("data", "axes fraction")}
        text_at(ax, said, (reference, 0), (0, -13), **place, **looks)
    return ax


ranking.draw = draw
