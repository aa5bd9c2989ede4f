"""What a chart shows, asked of its figure: texts where they are set, marks, bands and bars.

Places of texts are inches on the figure, all else is in the units of the data.
"""

import itertools
from functools import cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

import matplotlib
import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.collections import LineCollection, PathCollection, QuadMesh
from matplotlib.colors import to_rgba
from matplotlib.transforms import Affine2D

from sonla_analysis.charts import theme

WIDTH, MOST_HEIGHT, LEAST_SIZE = 6.3, 8.6, 9  # inches, inches, points
HAIR = 0.005  # inches that two letters may share: at 200 dots an inch, one dot
DOTS = 200


class Drawn(NamedTuple):
    """A line of text and the box of its ink; `text` is the number of the artist it is part of."""

    line: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    text: int


class _Reader(RendererBase):
    """Draws nothing, and notes each line of text that it is asked to draw."""

    def __init__(self):
        super().__init__()
        self.letters = RendererAgg(10, 10, DOTS)
        self.begin((0, 0))

    def begin(self, pixels):
        self.pixels, self.found, self.artists = pixels, [], 0

    def flipy(self):
        return False

    def get_canvas_width_height(self):
        return self.pixels

    def points_to_pixels(self, points):
        return points / 72 * DOTS

    @cache  # noqa: B019 there is one reader
    def get_text_width_height_descent(self, s, prop, ismath):
        return self.letters.get_text_width_height_descent(s, prop, ismath)

    def open_group(self, s, gid=None):
        self.artists += s == "text"

    def draw_path(self, *path, **looks):
        pass

    def draw_path_collection(self, *paths, **looks):
        pass

    def draw_quad_mesh(self, *mesh, **looks):
        pass

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        width, height, below = self.get_text_width_height_descent(s, prop.copy(), ismath)
        turn = Affine2D().rotate_deg(angle).translate(x, y)
        ends = turn.transform([(0, -below), (width, height - below)]) / DOTS
        (left, bottom), (right, top) = ends.min(axis=0), ends.max(axis=0)
        size = prop.get_size_in_points()
        self.found.append(Drawn(s, left, bottom, right, top, size, self.artists))


_READER, _READ = _Reader(), WeakKeyDictionary()


def lines(chart) -> list[Drawn]:
    """Return every line of text that is drawn, with its ink; a figure is read once."""
    figure = getattr(chart, "figure", chart)
    if figure not in _READ:
        with matplotlib.rc_context(theme()):
            figure.set_dpi(DOTS)
            _READER.begin((figure.bbox.width, figure.bbox.height))
            figure.draw(_READER)
        _READ[figure] = [one for one in _READER.found if one.line.strip()]
    return _READ[figure]


def texts(chart) -> list[str]:
    """Return every text that is drawn, whole: its lines are joined."""
    groups = itertools.groupby(lines(chart), key=lambda one: one.text)
    return [" ".join(one.line for one in group) for _, group in groups]


def everything(chart) -> str:
    """Return all that a chart tells: what is drawn, its texts, its numbers and its frame."""
    tables = [one.to_csv() for one in (chart.numbers, chart.frame)]
    return " ".join([*texts(chart), chart.title, chart.subtitle, chart.source, chart.alt, *tables])


def touching(chart) -> list[tuple[str, str]]:
    """Return the pairs of lines whose letters lie over each other."""
    found = lines(chart)
    left, bottom, right, top = np.array([one[1:5] for one in found]).T
    across = np.minimum.outer(right, right) - np.maximum.outer(left, left)
    along = np.minimum.outer(top, top) - np.maximum.outer(bottom, bottom)
    pairs = np.argwhere(np.triu((across > HAIR) & (along > HAIR), 1))
    return [(found[one].line, found[other].line) for one, other in pairs]


def under_marks(chart) -> list[str]:
    """Return the lines of text that a mark hides a part of; legends and maps have none."""
    found, hidden = lines(chart), []
    for ax, one in _collections(chart, PathCollection):
        if one.get_gid() and not any(isinstance(other, QuadMesh) for other in ax.collections):
            reach = np.sqrt(one.get_sizes()[0]) / 2 / 72
            for x, y in one.get_offset_transform().transform(one.get_offsets()) / DOTS:
                hidden += [
                    text.line
                    for text in found
                    if text.left < x + reach - HAIR
                    and text.right > x - reach + HAIR
                    and text.bottom < y + reach - HAIR
                    and text.top > y - reach + HAIR
                ]
    return hidden


def unreadable(chart) -> list[tuple]:
    """Return what is wrong with the texts of a chart: too small, cut off, over or under others."""
    width, height = map(float, chart.figure.get_size_inches())
    wrong = []
    if width != WIDTH or height > MOST_HEIGHT:
        wrong.append(("no page", width, height))
    for one in lines(chart):
        if one.size < LEAST_SIZE:
            wrong.append(("small", one.line))
        if one.left < 0 or one.right > WIDTH or one.bottom < 0 or one.top > height:
            wrong.append(("cut off", one.line))
    wrong += [("over each other", *pair) for pair in touching(chart)]
    return wrong + [("under a mark", line) for line in under_marks(chart)]


# --- marks -------------------------------------------------------------------------------


def marks(chart, *keys: str) -> list[tuple[float, float]]:
    """Return the points of these marks (of all), in the units of their Axes."""
    found = []
    for ax, one in _collections(chart, PathCollection):
        start, _, key = str(one.get_gid()).partition("points-")
        if not start and (key in keys or not keys) and one.get_offset_transform() == ax.transData:
            found += [tuple(map(float, point)) for point in one.get_offsets()]
    return found


def bands(chart, colour: str) -> list[tuple[float, float, float]]:
    """Return the level lines of a colour as (start, end, y)."""
    found = []
    for ax, one in _collections(chart, LineCollection):
        colours = itertools.cycle(one.get_colors())
        for ends, own in zip(one.get_segments(), colours, strict=False):
            level = len(ends) == 2 and ends[0][1] == ends[1][1]
            if level and one.get_transform() == ax.transData and np.allclose(own, to_rgba(colour)):
                found.append((float(ends[0][0]), float(ends[1][0]), float(ends[0][1])))
    return found


def bars(chart, colour: str) -> list[float]:
    """Return the lengths of the bars of a colour, those without a length too."""
    patches = [one for ax in chart.figure.axes for one in ax.patches]
    return [float(one.get_width()) for one in patches if one.get_facecolor() == to_rgba(colour)]


def hidden_boxes(chart) -> list[tuple[str, float, float]]:
    """Return the boxes that stand for hidden numbers as (mark, start, end)."""
    patches = [one for ax in chart.figure.axes for one in ax.patches if one.get_hatch()]
    return [
        (str(one.get_gid()).removeprefix("hidden-"), one.get_x(), one.get_x() + one.get_width())
        for one in patches
    ]


def squares(chart, colour: str) -> int:
    """Return how many squares of a colour there are."""
    found = [one for _, one in _collections(chart, PathCollection) if not one.get_gid()]
    own = [one for one in found if np.allclose(one.get_facecolors(), to_rgba(colour))]
    return sum(len(one.get_offsets()) for one in own)


def cells(chart) -> int:
    """Return how many cells of a heat map have a colour."""
    (mesh,) = (one for _, one in _collections(chart, QuadMesh))
    return int(np.ma.count(mesh.get_array()))


def _collections(chart, kind: type) -> list:
    return [
        (ax, one) for ax in chart.figure.axes for one in ax.collections if isinstance(one, kind)
    ]
