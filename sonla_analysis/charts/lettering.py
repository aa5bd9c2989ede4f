"""Text on charts, fast: every word is laid out once in a process and then only placed.

matplotlib shapes a text anew whenever it measures or draws it, which is most of the time of a
chart that is mostly words. Here a word's glyphs are kept; digits are kept one by one, so that a
number never seen before costs nothing. Outlines are drawn, so a chart looks the same everywhere.
"""

import re
from functools import cache, lru_cache
from pathlib import Path as FilePath
from typing import NamedTuple

import font_source_sans_pro
import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D

GRID = 5  # steps of a unit in SVG: 1/500 em is finer than print, and keeps the file small
EM = 100.0  # glyphs are kept at the size matplotlib lays out text paths: 100 units an em
_TOKENS = re.compile(r"\s|[0-9]|[^\s0-9]+")
# path code → letter of SVG path data, points that belong to it
_COMMANDS = {1: ("m", 1), 2: ("l", 1), 3: ("q", 2), 4: ("c", 3), 79: ("z", 0)}


class Run(NamedTuple):
    """A line of text laid out: (glyph, x) in 1/100 em, its advance, height and depth."""

    glyphs: tuple
    width: float
    height: float
    descent: float


@lru_cache(maxsize=20_000)
def layout(text: str, face: str) -> Run:
    """Return a line of text in a face: `Regular`, `It` or `Bold`."""
    glyphs, x = [], 0.0
    for token in _TOKENS.findall(text):
        part, advance = _token(token, face)
        glyphs += [(glyph, round(x + dx, 1)) for glyph, dx in part]
        x += advance
    return Run(tuple(glyphs), x, 80.0, 20.0)


@lru_cache(maxsize=20_000)
def _token(token: str, face: str) -> tuple[list, float]:
    """Return a word's glyphs and its advance; a bar set after it shows where it ends."""
    font = get_font(font_files(face))
    font.set_size(EM, 72)
    placed, shapes, _ = text_to_path.get_glyphs_with_font(font, token + "|")
    *placed, end = placed
    for name, _, _, _ in placed:
        _OUTLINES.setdefault(name, shapes[name])
    return [(name, x) for name, x, _, _ in placed], end[1]


_OUTLINES = {}  # glyph → (vertices, codes)


def font_files(face: str) -> tuple[str, ...]:
    """Return the files of a face; the second stands in for letters the first has not."""
    own = FilePath(font_source_sans_pro.font_directory) / f"SourceSansPro-{face}.ttf"
    fallback = {"Bold": "DejaVuSans-Bold", "It": "DejaVuSans-Oblique"}.get(face, "DejaVuSans")
    return str(own), str(FilePath(matplotlib.get_data_path()) / f"fonts/ttf/{fallback}.ttf")


def face_of(font) -> str:
    """Return the face for matplotlib's font properties."""
    if font.get_style() == "italic":
        return "It"
    return "Bold" if font.get_weight() in ("bold", 700) else "Regular"


@lru_cache(maxsize=2_000)
def _outline_svg(glyph: str) -> str:
    """Return a glyph's outline as SVG path data, on the grid."""
    vertices, codes = _OUTLINES[glyph]
    numbers = np.rint(np.asarray(vertices) * GRID).astype(int).tolist()
    parts, at, x, y, start = [], 0, 0, 0, (0, 0)
    while at < len(codes):
        letter, points = _COMMANDS[codes[at]]
        steps = [f" {px - x} {py - y}" for px, py in numbers[at : at + points]]
        parts.append(letter + "".join(steps).lstrip().replace(" -", "-"))
        x, y = numbers[at + points - 1] if points else start
        start = (x, y) if letter == "m" else start
        at += max(points, 1)
    return "".join(parts)


@lru_cache(maxsize=4_000)
def _outline(text: str, face: str) -> Path:
    """Return a line of text as one path."""
    shapes = [(*_OUTLINES[glyph], x) for glyph, x in layout(text, face).glyphs]
    vertices = [np.add(points, (x, 0)) for points, _, x in shapes if len(points)]
    codes = [codes for _, codes, _ in shapes if len(codes)]
    if not codes:
        return Path(np.empty((0, 2)))
    return Path(np.concatenate(vertices), np.concatenate(codes))


@cache
def _font(face: str, size: float) -> FontProperties:
    style = {"It": {"style": "italic"}, "Bold": {"weight": "bold"}}.get(face, {})
    return FontProperties(family=["Source Sans Pro", "DejaVu Sans"], size=size, **style)


class Line(NamedTuple):
    """A line of text on the figure: where it begins (inches), how it looks."""

    x: float
    y: float
    text: str
    size: float
    face: str
    color: str
    angle: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top in inches."""
        em = self.size / 72
        width = layout(self.text, self.face).width / EM * em
        if self.angle == 90:
            return self.x - 0.8 * em, self.y, self.x + 0.2 * em, self.y + width
        return self.x, self.y - 0.2 * em, self.x + width, self.y + 0.8 * em


class Lettering(Artist):
    """All the texts of a sheet as one artist: placed by arithmetic, one call each to draw."""

    def __init__(self):
        super().__init__()
        self.lines: list[Line] = []
        self.set_zorder(5)

    def add(self, x, y, text, *, size, face="Regular", color, ha="left", va="baseline", angle=0):
        """Place a text (with line breaks) by a point of its box: ha and va as in matplotlib."""
        em, texts = size / 72, text.split("\n")
        block = 1.2 * (len(texts) - 1)
        down = {"baseline": 0, "top": 0.8, "center": 0.3 - block / 2, "bottom": -0.2 - block}[va]
        for place, one in enumerate(texts):
            lower = (down + 1.2 * place) * em
            before = {"left": 0, "center": 0.5, "right": 1}[ha]
            before *= layout(one, face).width / EM * em
            dx, dy = (lower, -before) if angle == 90 else (-before, -lower)
            self.lines.append(Line(x + dx, y + dy, one, size, face, color, angle))

    def draw(self, renderer):
        dpi, top, pens = self.figure.dpi, self.figure.get_figheight(), {}
        for line in self.lines:
            if line.color not in pens:
                pens[line.color] = renderer.new_gc()
                pens[line.color].set_foreground(line.color)
            y = (top - line.y if renderer.flipy() else line.y) * dpi
            font = _font(line.face, line.size)
            renderer.draw_text(pens[line.color], line.x * dpi, y, line.text, font, line.angle)
        for pen in pens.values():
            pen.restore()
        self.stale = False


class _Measures:
    """What both renderers answer when a text artist asks for its size."""

    def get_text_width_height_descent(self, s, prop, ismath):
        run = layout(s, face_of(prop))
        scale = prop.get_size_in_points() * self.points_to_pixels(1) / EM
        return run.width * scale, (run.height + run.descent) * scale, run.descent * scale


class SvgRenderer(_Measures, RendererSVG):
    """SVG whose texts refer to outlines that stand once in the file."""

    def __init__(self, width, height, file, metadata):
        self._file, self._ids = file, {}
        super().__init__(width, height, file, metadata=metadata)

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        run = layout(s, face_of(prop))
        self.writer.comment(s)  # also ends the tag that is open
        new = [glyph for glyph, _ in run.glyphs if glyph not in self._ids]
        for glyph in dict.fromkeys(new):
            self._ids[glyph] = f"g{len(self._ids):x}"
            outline = _outline_svg(glyph)
            self._file.write(f'<defs><path id="{self._ids[glyph]}" d="{outline}"/></defs>\n')
        scale = prop.get_size_in_points() / EM / GRID
        turn = f" rotate({-angle:g})" if angle else ""
        colour = matplotlib.colors.to_hex(gc.get_rgb())
        uses = "".join(
            f'<use xlink:href="#{self._ids[glyph]}" x="{x * GRID:.0f}"/>' for glyph, x in run.glyphs
            if len(_OUTLINES[glyph][0])
        )  # fmt: skip
        self._file.write(
            f'<g fill="{colour}" transform="translate({x:.2f} {y:.2f}){turn} '
            f'scale({scale:.6g} {-scale:.6g})">{uses}</g>\n'
        )


class PngRenderer(_Measures, RendererAgg):
    """Pixels; a text is one filled outline."""

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        scale = prop.get_size_in_points() * self.points_to_pixels(1) / EM
        turned = Affine2D().scale(scale).rotate_deg(angle).translate(x, self.height - y)
        gc.set_linewidth(0)
        self.draw_path(gc, _outline(s, face_of(prop)), turned, gc.get_rgb())
