"""What every chart shares: the sheet it is drawn on, the font, the colours and marks.

Lengths are inches. A sheet is laid out by arithmetic from its rows, never by trial, so that a
chart takes some hundredths of a second and the same input gives the same bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property, wraps
from importlib.resources import files
from io import BytesIO, StringIO

import matplotlib
import numpy as np
import pandas as pd
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, IdentityTransform
from PIL import Image

from sonla_analysis.charts.lettering import (
    EM,
    Lettering,
    PngRenderer,
    SvgRenderer,
    font_files,
    layout,
)
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import nfc
from sonla_analysis.sentences import day, number, reporting, unit_name
from sonla_analysis.tables.input_tables import was_sent

WIDTH, MOST_HEIGHT, MARGIN = 7.2, 9.0, 0.08
TITLE, SUBTITLE, TEXT, SMALL = 12.5, 9.5, 8.5, 7.5  # sizes in points

INK, GREY, LINE, PALE = "#22282e", "#5f6871", "#c9cfd6", "#eef1f4"
ACCENT, ACCENT_PALE = "#1d5c88", "#c3daea"
ALERT = "#c4500c"

# marker, face, edge: one meaning, one shape; a state without a mark is told in words
MARKS = {
    "met": ("o", ACCENT, ACCENT),
    "on_track": ("^", "#6aa5cb", ACCENT),
    "behind": ("v", ALERT, ALERT),
    "missed": ("D", ALERT, ALERT),
    "not_met": ("D", "white", ALERT),
    "undecided": ("s", "white", INK),
    "no_data": ("s", "white", GREY),
    "withheld": ("s", "white", GREY),
    "incomplete": ("s", "white", GREY),
    "city_target": ("o", "white", GREY),
    "better": ("o", ACCENT, ACCENT),
    "similar": ("o", "white", INK),
    "worse": ("D", ALERT, ALERT),
    "untested": ("o", "white", GREY),
    "value": ("o", ACCENT, ACCENT),
    "earlier": ("o", "white", ACCENT),
    "goal": ("_", INK, INK),
}


@dataclass(frozen=True, eq=False)
class Chart:
    """A finished chart. `numbers` holds what is drawn, as texts in the reader's language.

    `stamp` says which review it was drawn from (`Review.stamp`).
    """

    figure: Figure = field(repr=False)
    title: str
    subtitle: str
    source: str
    alt: str
    slug: str
    numbers: pd.DataFrame = field(repr=False)
    stamp: dict = field(repr=False, default_factory=dict)

    def svg(self) -> str:
        """Return the chart as SVG; the same chart gives the same text."""
        silent = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        file = StringIO()
        with matplotlib.rc_context(_settings()):
            self.figure.set_dpi(72)
            width, height = self.figure.get_size_inches() * 72
            renderer = SvgRenderer(width, height, file, {"Title": self.title, **silent})
            self.figure.draw(renderer)
            renderer.finalize()
        return file.getvalue()

    def png(self, dpi: int = 150) -> bytes:
        """Return the chart as PNG; the same chart gives the same bytes."""
        file = BytesIO()
        with matplotlib.rc_context(_settings()):
            self.figure.set_dpi(dpi)
            width, height = self.figure.get_size_inches() * dpi
            renderer = PngRenderer(width, height, dpi)
            self.figure.draw(renderer)
        pixels = Image.fromarray(np.asarray(renderer.buffer_rgba())).convert("RGB")
        pixels = _few_colours(pixels)
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


def styled(draw: Callable[..., Chart | None]) -> Callable[..., Chart | None]:
    """Draw under `sonla.mplstyle` and nothing else; no setting leaks in or out."""

    @wraps(draw)
    def in_style(*arguments, **options) -> Chart | None:
        with matplotlib.rc_context(_settings()):
            return draw(*arguments, **options)

    return in_style


@cache
def _settings() -> dict:
    for face in ("Regular", "It", "Bold"):
        font_manager.fontManager.addfont(font_files(face)[0])
    style = matplotlib.rc_params_from_file(
        files("sonla_analysis.charts") / "sonla.mplstyle", use_default_template=False
    )
    defaults = {
        key: value
        for key, value in matplotlib.rcParamsDefault.items()
        if key.startswith(_DRAWN_WITH)
    }
    return {**defaults, **style}


_DRAWN_WITH = "font. text. figure. axes. xtick. ytick. lines. patch. path. scatter. svg. savefig."
_DRAWN_WITH = tuple(_DRAWN_WITH.split())


# --- the sheet ---------------------------------------------------------------------------


@dataclass
class Sheet:
    """A figure with its title, subtitle and source, and a free body of `height` inches.

    Everything is drawn in inches from the body's lower left corner.
    """

    review: object
    figure: Figure
    title: str
    subtitle: str
    source: str
    bottom: float
    height: float
    lettering: Lettering = field(repr=False)

    def write(self, x, y, text: str, *, size=TEXT, color=INK, **place) -> None:
        """Write a text; `place` may hold face (Regular, It, Bold), ha, va and angle (0 or 90)."""
        place = {"va": "center", **place}
        self.lettering.add(x, y + self.bottom, text, size=size, color=color, **place)

    def strokes(self, x0, y0, x1, y1, *, color, width: float, style="-", z=1) -> None:
        """Draw straight lines, one artist a colour; coordinates and colours may be lists."""
        x0, y0, x1, y1, color = np.broadcast_arrays(*map(np.atleast_1d, (x0, y0, x1, y1, color)))
        gap = np.full(x0.shape, np.nan)
        for one in dict.fromkeys(color.ravel().tolist()):
            own = color == one
            xs, ys = np.array([[x0, x1, gap], [y0, y1, gap]])[:, :, own].transpose(0, 2, 1)
            line = Line2D(
                xs.ravel(), ys.ravel(), color=one, linewidth=width, linestyle=style, zorder=z,
                transform=self._inches, gid="strokes",
            )  # fmt: skip
            self.figure.add_artist(line)

    def boxes(self, x0, y0, x1, y1, color, z=0) -> None:
        """Draw filled rectangles, one artist a colour."""
        x0, y0, x1, y1, color = np.broadcast_arrays(*map(np.atleast_1d, (x0, y0, x1, y1, color)))
        corners = np.array([[x0, y0], [x0, y1], [x1, y1], [x1, y0], [x0, y0]]).transpose(2, 0, 1)
        for one in dict.fromkeys(color.tolist()):
            own = corners[color == one].reshape(-1, 2)
            codes = [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY] * (len(own) // 5)
            patch = PathPatch(
                Path(own, codes), facecolor=one, linewidth=0, zorder=z,
                transform=self._inches, gid="boxes",
            )  # fmt: skip
            self.figure.add_artist(patch)

    def area(self, corners, color) -> None:
        """Fill the polygon with these corners, behind everything else."""
        shape = Polygon(corners, facecolor=color, linewidth=0, transform=self._inches, zorder=0)
        self.figure.add_artist(shape)

    def marks(self, x, y, keys, size: float = 34) -> None:
        """Draw a mark of MARKS at every point."""
        for collection in mark_collections(x, y, keys, size, self._inches):
            self.figure.add_artist(collection)

    @cached_property
    def _inches(self):
        return Affine2D().translate(0, self.bottom) + self.figure.dpi_scale_trans

    def finish(self, *, slug: str, kind: str, numbers: pd.DataFrame, data: str = "") -> Chart:
        """Return the chart; its alt text is the kind of chart, what it shows, the finding, data."""
        language = self.review.language
        words = {"kind": phrase(f"chart_kind.{kind}", language), "data": data}
        alt = phrase("chart.alt", language, subtitle=self.subtitle, title=self.title, **words)
        texts = (self.title, self.subtitle, self.source, nfc(alt), slug)
        return Chart(self.figure, *texts, numbers, self.review.stamp)


def new_sheet(
    review, *, title: str, measure: str, height: float, legend=(), note: str = "", unit: str = ""
) -> Sheet:
    """Return a sheet with a body of `height` inches between its heading and its source.

    `measure` is what is shown; place and date are added to it. `legend` lists (mark, label), a
    mark being a key of MARKS or a colour. `note` stands before the source. `unit` is the unit
    shown where it is not the review's.
    """
    where = place(review, unit or review.unit)
    subtitle = nfc(phrase("chart.subtitle", review.language, measure=measure, place=where))
    source, title = nfc(f"{note} {source_text(review)}"), nfc(title)
    room = WIDTH - 2 * MARGIN
    head = [(text, TITLE, "Bold", INK, 0.205) for text in balanced(title, room, TITLE, "bold")]
    head += [(text, SUBTITLE, "Regular", GREY, 0.165) for text in wrap(subtitle, room, SUBTITLE)]
    keys, foot = legend_lines(legend, room), wrap(source, room, SMALL)
    below = 0.08 + MARGIN + 0.13 * len(foot)
    above = MARGIN + sum(line[-1] for line in head) + 0.09 + len(keys) * 0.19
    figure = Figure(figsize=(WIDTH, below + height + above))
    FigureCanvasAgg(figure)
    sheet = Sheet(review, figure, title, subtitle, source, below, height, Lettering())
    figure.add_artist(sheet.lettering)
    y = height + above - MARGIN
    for text, size, face, color, step in head:
        y -= step
        looks = {"size": size, "face": face, "color": color, "va": "baseline"}
        sheet.write(MARGIN, y + 0.05, text, **looks)
    for line, text in enumerate(foot, start=1):
        sheet.write(MARGIN, -0.05 - 0.13 * line, text, size=SMALL, color=GREY, va="baseline")
    _draw_legend(sheet, keys, y - 0.05)
    return sheet


def empty_chart(
    review, *, title: str, measure: str, slug: str, kind: str, reason: str, unit: str = ""
) -> Chart:
    """Return a chart that says in a sentence why there is nothing to draw."""
    sheet = new_sheet(review, title=title, measure=measure, height=0.9, unit=unit)
    looks = {"ha": "center", "size": 10, "color": GREY, "face": "It"}
    sheet.write(WIDTH / 2, 0.45, wrapped(reason, WIDTH - 1.2, 10), **looks)
    column = phrase("chart.nothing", review.language)
    return sheet.finish(slug=slug, kind=kind, numbers=pd.DataFrame({column: [reason]}), data=reason)


def place(review, unit: str) -> str:
    """Return unit and date as they stand in a subtitle."""
    unit = unit_name(review.units.loc[unit], review.language)
    when = day(review.as_of, review.language, long=review.language == "en")
    return phrase("chart.place", review.language, unit=unit, date=when)


def unit_start(review) -> str:
    """Return the unit's name as a sentence begins with it."""
    return unit_name(review.units.loc[review.unit], review.language, start=True)


_NEEDED = "as_of unit level indicator numerator denominator value lowest highest unknown "
_NEEDED += "state status note"


def rows_now(review, *, units=None, indicator: str = "") -> list[dict]:
    """Return the progress rows on the date, each with its `comparison`; all, or of these units."""
    here = review.progress["as_of"] == review.as_of
    if units is not None:
        here &= review.progress["unit"].isin(units)
    if indicator:
        here &= review.progress["indicator"] == indicator
    rows = review.progress.loc[here, _NEEDED.split()]
    return rows.assign(comparison=review.situation.comparison[here]).to_dict("records")


def incomplete_note(review, indicators=None) -> str:
    """Return the note to a star: indicators (all, or these) that some units have not reported."""
    silent = review.area_now.index[review.area_now["state"] == "incomplete"]
    silent = [name for name in silent if indicators is None or name in indicators]
    if len(silent) > 3:
        return phrase("chart.incomplete_many", review.language, n=len(silent))
    shorts = [review.plan[name].short[review.language] for name in silent]
    texts = [
        phrase("chart.incomplete", review.language, short=short, **reporting(review, name))
        for name, short in zip(silent, shorts, strict=True)
    ]
    return f"* {'; '.join(texts)}." if texts else ""


def source_text(review) -> str:
    key = "source" if was_sent(review.tables, "households") else "source_reports"
    text = phrase(f"chart.{key}", review.language, plan=review.plan.number)
    if review.synthetic:
        text += f" {phrase('mark.synthetic', review.language)}."
    return text


# --- marks and legend --------------------------------------------------------------------


def mark_collections(x, y, keys, size: float, transform) -> list[PathCollection]:
    """Return a collection for each kind of mark, its points given in the transform's units."""
    x, y, keys = np.broadcast_arrays(np.asarray(x, "float64"), np.asarray(y, "float64"), keys)
    collections = []
    for key in dict.fromkeys(keys.tolist()):
        marker, face, edge = MARKS[key]
        shape = MarkerStyle(marker)
        path = shape.get_path().transformed(shape.get_transform())
        area = size * {"D": 0.8, "s": 0.8, "_": 4}.get(marker, 1)
        collection = PathCollection(
            [path], [area], facecolors=face, edgecolors=edge,
            linewidths=2 if marker == "_" else 1.1, offsets=np.column_stack([x, y])[keys == key],
            offset_transform=transform, zorder=4, gid=f"mark-{key}",
        )  # fmt: skip
        collection.set_transform(IdentityTransform())
        collections.append(collection)
    return collections


def legend_lines(entries, room: float) -> list[list]:
    """Return the legend's entries as (mark, label, x) in lines that fit."""
    lines, x = [], room
    for mark, label in entries:
        needed = 0.17 + text_width(nfc(label), SMALL + 0.5) + 0.2
        if x + needed - 0.2 > room:
            lines.append([])
            x = 0.0
        lines[-1].append((mark, nfc(label), MARGIN + x))
        x += needed
    return lines


def _draw_legend(sheet: Sheet, lines: list[list], top: float) -> None:
    for row, line in enumerate(lines):
        y = top - 0.19 * row - 0.095
        for mark, label, x in line:
            sheet.write(x + 0.15, y, label, size=SMALL + 0.5, color=GREY)
            if mark in MARKS:
                sheet.marks([x + 0.05], [y], [mark], 28)
            else:
                sheet.boxes([x], [y - 0.05], [x + 0.1], [y + 0.05], [mark])


# --- text --------------------------------------------------------------------------------


def text_width(text: str, size: float = TEXT, weight: str = "normal") -> float:
    """Return the width of a line of text in inches."""
    return layout(text, "Bold" if weight == "bold" else "Regular").width / EM * size / 72


def wrap(text: str, room: float, size: float = TEXT, weight: str = "normal") -> list[str]:
    """Return the text in lines that fit into `room` inches; nothing is cut off."""
    lines = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, weight) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def balanced(text: str, room: float, size: float = TEXT, weight: str = "normal") -> list[str]:
    """Return the text in as few lines as wrap needs, of about the same length."""
    lines = wrap(text, room, size, weight)
    for share in (0.55, 0.65, 0.75, 0.85):
        narrower = wrap(text, room * share, size, weight)
        if len(lines) > 1 and len(narrower) == len(lines):
            return narrower
    return lines


def wrapped(text: str, room: float, size: float = TEXT, weight: str = "normal") -> str:
    """Return the text for one artist, with line breaks where it must break."""
    return "\n".join(wrap(nfc(text), room, size, weight))


def fitting(text: str, room: float, size: float = TEXT) -> float:
    """Return the size, or as much less as the text needs to fit on one line."""
    return min(size, size * room / max(text_width(text, size), 1e-9))


# --- numbers and names in words ---------------------------------------------------------


def decimals_of(values) -> int:
    """Return the decimals that print all these ticks exactly, at most five.

    >>> decimals_of([0, 2, 4]), decimals_of([0.25, 0.5])
    (0, 2)
    """
    exact = (places for places in range(5) if all(abs(round(v, places) - v) < 1e-9 for v in values))
    return next(exact, 5)


def households(n: int, language: str) -> str:
    """Return a number of households in words: "3 hộ", "1 household"."""
    key = "one_household" if n == 1 else "households"
    return phrase(f"chart.{key}", language, n=number(n, language))


def list_names(names, language: str) -> str:
    """Return names as one phrase: "A", "A và B", "A, B và C".

    >>> list_names(["a", "b", "c"], "en")
    'a, b and c'
    """
    *first, last = names
    joined = ", ".join(first)
    return phrase("chart.and", language, first=joined, last=last) if first else last
