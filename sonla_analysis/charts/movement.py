"""How households left and joined the poverty list since the start of the year (official form 2)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sonla_analysis.charts.figure import Chart, Room, alone, empty_chart, framed
from sonla_analysis.charts.rows import bands, names_room, rows, text_at
from sonla_analysis.charts.theme import ACCENT, ALERT, GREY, INK, LINE, PALETTE, in_theme
from sonla_analysis.indicators.poverty import waterfall
from sonla_analysis.indicators.poverty_path import RATE
from sonla_analysis.language.phrases import phrase
from sonla_analysis.review import Review
from sonla_analysis.sentences import reporting
from sonla_analysis.sentences.register_findings import movement_label, movement_title, signed
from sonla_analysis.tables.input_tables import was_sent

ROW, FIGURES = 0.26, 0.5
TONES = {"stock": PALETTE["stock"], "out": ACCENT, "in": ALERT}


@in_theme
def movement(review: Review) -> Chart | None:
    """Return the waterfall from the poor households at the start of the year to those now.

    None where nobody sent what the households were at the start of the year.
    """
    if not was_sent(review.tables, "households", "start_status"):
        return None
    language, register = review.language, review.rows("households")
    state = review.now["state"].get(RATE, "reported")
    steps = waterfall(register)
    title = movement_title(steps, review, state if register.empty else "reported")
    if state == "incomplete":
        some = phrase("board.reporting", language, **reporting(review, RATE))
        title += f" ({some})"
    words = {"slug": "movement", "kind": "movement", "title": title}
    words["measure"] = phrase("waterfall.measure", language)
    if not steps["households"].any():
        return empty_chart(review, **words)
    frame = steps.assign(
        name=[movement_label(step, review) for step in steps["step"]],
        figure=[signed(*row, language) for row in steps[["step", "households"]].to_numpy()],
    )
    heads = [phrase(f"waterfall.{head}", language) for head in ("step", "households")]
    numbers = frame[["name", "figure"]].set_axis(heads, axis=1)
    ends = frame.iloc[[0, -1]].itertuples(index=False)
    data = [f"{row.name}: {row.figure}" for row in ends]
    values = {1: frame["households"].mask(frame["kind"] == "out", -frame["households"])}
    made = framed(review, room(frame), frame, numbers, data, values, **words)
    draw(frame, made.axes[0])
    return made


def room(frame: pd.DataFrame) -> Room:
    """Return the room that a waterfall of these steps needs."""
    return Room(ROW * len(frame), names_room(frame["name"], 2.4, bold=True), FIGURES, above=0.04)


def draw(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw one row per step: a bar from `low` to `high`, its figure beside it.

    `frame` has name, kind (stock, out, in), households, low, high and figure.
    """
    sizes = room(frame)
    ax = alone(sizes) if ax is None else ax
    y, stock = np.arange(len(frame)), frame["kind"] == "stock"
    rows(ax, frame["name"], sizes.left, right=sizes.right, bold=np.flatnonzero(stock))
    ax.set_xlim(0, frame["high"].max())
    tones = frame["kind"].map(TONES)
    bands(ax, y, frame["low"], frame["high"], list(tones), 0.15, zorder=2)
    none = (frame["households"] == 0).to_numpy()
    ends = y[none] - 0.28, y[none] + 0.28
    ax.vlines(frame["low"][none], *ends, color=GREY, linewidth=1, clip_on=False)
    level = np.where(frame["kind"] == "out", frame["low"], frame["high"])[:-1]
    ax.vlines(level, y[:-1] + 0.28, y[1:] - 0.28, color=LINE, linewidth=0.9, clip_on=False)
    for at, row in zip(y, frame.itertuples(index=False), strict=True):
        ink = GREY if not row.households else INK if row.kind == "stock" else TONES[row.kind]
        looks = {"va": "center_baseline", "weight": "bold" if row.kind == "stock" else "normal"}
        text_at(ax, row.figure, (row.high, at), (5, 0), color=ink, **looks)
    return ax


movement.draw = draw
