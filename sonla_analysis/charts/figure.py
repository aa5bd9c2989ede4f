"""A chart's figure: heading, legend and source around Axes of fixed place. Lengths are inches.

A place is worked out from the rows and from the font's metrics, never by trial, so that a chart
takes some hundredths of a second and the same input gives the same bytes.
"""

from dataclasses import dataclass, field
from io import BytesIO, StringIO
from typing import NamedTuple

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from PIL import Image

from sonla_analysis.charts.lettering import balanced, lines, text_width, wrapped
from sonla_analysis.charts.theme import GREY, MARKS, SUBTITLE, TEXT, TITLE, theme
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import nfc
from sonla_analysis.sentences.shared import place_and_date, source_text

WIDTH, MOST_HEIGHT, MARGIN = 6.3, 8.6, 0.05  # 16 cm: the width between the margins of a page
STEP = 0.165  # from one line of text to the next
SCREEN = 150  # dots an inch


class Room(NamedTuple):
    """The height of Axes, and what is kept free around them for names, figures, heads, ticks."""

    height: float
    left: float = MARGIN
    right: float = MARGIN
    above: float = 0.0
    below: float = 0.0


@dataclass(frozen=True, eq=False)
class Chart:
    """A finished chart: a matplotlib figure with its texts.

    `frame` holds what is drawn, one row per mark, numbers as numbers, small numbers hidden;
    `numbers` the same as texts in the reader's language, and `values` the numbers that a column of
    them prints, by its place. `stamp` says which review it was drawn from (`Review.stamp`).
    """

    figure: Figure = field(repr=False)
    title: str
    subtitle: str
    source: str
    alt: str
    slug: str
    numbers: pd.DataFrame = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    stamp: dict = field(repr=False, default_factory=dict)
    values: dict = field(repr=False, default_factory=dict)

    @property
    def axes(self) -> list[Axes]:
        """The Axes of the figure, from the left."""
        return self.figure.axes

    def svg(self, *, text: bool = False) -> str:
        """Return the chart as SVG; the same chart gives the same characters.

        Its letters are outlines, which every program shows alike; with `text` they are text, small
        and found by a search, for a page that brings the font.
        """
        silent = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        settings = {**theme(), "svg.fonttype": "none" if text else "path"}
        file = StringIO()
        with matplotlib.rc_context(settings):
            self.figure.savefig(file, format="svg", metadata={"Title": self.title, **silent})
        return file.getvalue()

    def png(self, dpi: int = SCREEN) -> bytes:
        """Return the chart as PNG; the same chart gives the same bytes."""
        file = BytesIO()
        with matplotlib.rc_context(theme()):
            self.figure.set_dpi(dpi)
            canvas = FigureCanvasAgg(self.figure)
            canvas.draw()
        pixels = _few_colours(Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB"))
        pixels.save(file, "PNG", dpi=(dpi, dpi), compress_level=3)
        return file.getvalue()

    def _repr_png_(self) -> bytes:
        return self.png()


def _few_colours(pixels: Image.Image) -> Image.Image:
    """Return the picture with 64 colours, a third of the size, its background still white."""
    method, dither = Image.Quantize.FASTOCTREE, Image.Dither.NONE
    reduced = pixels.quantize(64, method=method, dither=dither)
    palette, background = reduced.getpalette(), reduced.getpixel((0, 0))
    palette[3 * background : 3 * background + 3] = [255, 255, 255]
    reduced.putpalette(palette)
    return reduced


# --- with a heading and a source ---------------------------------------------------------


def framed(
    review, room: Room, frame, numbers, data=(), values=None, *, slug, kind, title, measure,
    legend=(), note="", unit="", panels=1, gap=0.0,
) -> Chart:  # fmt: skip
    """Return a chart with its heading, legend and source, whose Axes are still to be drawn on.

    The Axes (`panels` of them, `gap` between) lie in the `room`. `measure` is what is shown; place
    and date are added to it. `legend` lists (mark, label), a mark being a key of MARKS or a colour.
    `note` stands before the source. `unit` is the unit shown where it is not the review's. The alt
    text is the `kind` of chart, the finding and at most three of `data`.
    """
    title, where = nfc(title), place_and_date(review, unit or review.unit)
    subtitle = nfc(phrase("chart.subtitle", review.language, measure=measure, place=where))
    source = nfc(f"{note} {source_text(review)}".strip())
    across = WIDTH - 2 * MARGIN
    heads = balanced(title, across, TITLE, bold=True), lines(subtitle, across, SUBTITLE)
    keys, foot = _legend_lines(legend, across), lines(source, across)
    below = MARGIN + 0.02 + STEP * len(foot) + 0.06
    above = MARGIN + 0.2 * len(heads[0]) + 0.17 * len(heads[1]) + 0.08 + 0.2 * len(keys)
    figure = new_figure(below + room.below + room.height + room.above + above)
    top = figure.get_figheight() - MARGIN
    write(figure, top, heads[0], TITLE, 0.2, weight="bold")
    write(figure, top - 0.2 * len(heads[0]), heads[1], SUBTITLE, 0.17, color=GREY)
    _draw_legend(figure, keys, top - 0.2 * len(heads[0]) - 0.17 * len(heads[1]) - 0.04)
    write(figure, MARGIN + 0.02 + STEP * len(foot), foot, TEXT, STEP, color=GREY)
    new_axes(figure, room, below, panels, gap)
    words = {"kind": phrase(f"chart_kind.{kind}", review.language), "data": "; ".join(data[:3])}
    alt = phrase("chart.alt", review.language, subtitle=subtitle, title=title, **words)
    texts = title, subtitle, source, nfc(alt.strip()), slug
    return Chart(figure, *texts, numbers, frame, review.stamp, values or {})


def empty_chart(review, *, reason: str = "", **words) -> Chart:
    """Return a chart that says in a sentence, its title if no other, why there is nothing to draw.

    `words` are those of `framed`.
    """
    reason = reason or words["title"]
    numbers = pd.DataFrame({phrase("chart.nothing", review.language): [reason]})
    made = framed(review, Room(0.9), pd.DataFrame(), numbers, **words)
    (ax,) = made.axes
    ax.set_axis_off()
    text = wrapped(reason, WIDTH - 1.2, 10)
    ax.text(0.5, 0.5, text, ha="center", va="center", size=10, color=GREY, style="italic")
    return made


def new_figure(height: float) -> Figure:
    """Return a figure of the house's width, that pyplot does not know of."""
    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    return figure


def new_axes(figure: Figure, room: Room, base=0.0, panels=1, gap=0.0) -> list[Axes]:
    """Return Axes side by side in a room that begins `base` above the foot."""
    height = figure.get_figheight()
    wide = (WIDTH - room.left - room.right - gap * (panels - 1)) / panels
    bottom, axes = (base + room.below) / height, []
    for place in range(panels):
        left = room.left + place * (wide + gap)
        ax = figure.add_axes([left / WIDTH, bottom, wide / WIDTH, room.height / height])
        ax.set(xticks=[], yticks=[])
        axes.append(ax)
    return axes


def panels_alone(room: Room, panels: int, gap: float) -> list[Axes]:
    """Return Axes side by side in a new figure that holds nothing else."""
    return new_axes(new_figure(room.below + room.height + room.above), room, 0, panels, gap)


def alone(room: Room) -> Axes:
    """Return Axes in a new figure that holds nothing else."""
    return panels_alone(room, 1, 0)[0]


def write(figure: Figure, top: float, texts: list[str], size: float, step: float, **looks) -> None:
    """Write lines of text from a height downwards."""
    for place, text in enumerate(texts):
        y = top - step * (place + 0.78)
        words = {"size": size, "va": "baseline", "transform": figure.dpi_scale_trans, **looks}
        figure.text(MARGIN, y, text, **words)


def _legend_lines(entries, room: float) -> list[list]:
    """Return (mark, label, x) by line: as many entries beside each other as fit."""
    found, x = [], room
    for mark, label in entries:
        wide = 0.17 + text_width(nfc(label)) + 0.2
        if x + wide - 0.2 > room:
            found.append([])
            x = 0.0
        found[-1].append((mark, nfc(label), MARGIN + x))
        x += wide
    return found


def _draw_legend(figure: Figure, rows: list[list], top: float) -> None:
    inches = {"transform": figure.dpi_scale_trans}
    for place, row in enumerate(rows):
        y = top - 0.2 * place - 0.1
        for mark, label, x in row:
            figure.text(x + 0.17, y, label, va="center_baseline", size=TEXT, color=GREY, **inches)
            if mark in MARKS:
                figure.add_artist(Line2D([x + 0.06], [y], **_look(mark), **inches))
            else:
                box = Rectangle((x, y - 0.05), 0.11, 0.1, facecolor=mark, linewidth=0, **inches)
                figure.add_artist(box)


def _look(mark: str) -> dict:
    marker, face, edge = MARKS[mark]
    size = {"D": 4.8, "s": 5.2, "_": 11, "|": 11}.get(marker, 5.6)
    return {
        "marker": marker, "markerfacecolor": face, "markeredgecolor": edge, "markersize": size,
        "markeredgewidth": 2 if marker in "_|" else 1.1, "linestyle": "none",
    }  # fmt: skip
