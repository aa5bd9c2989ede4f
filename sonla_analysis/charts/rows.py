"""Names at the left, one scale, figures at the right: most charts are this."""

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from sonla_analysis.charts.figure import MARGIN
from sonla_analysis.charts.lettering import lines, text_width, wrapped
from sonla_analysis.charts.theme import GREY, INK, LINE, MARKS, PALE, TEXT
from sonla_analysis.language.vietnamese import nfc
from sonla_analysis.sentences import number

SPACING = 1.1  # of lines, in heights of the font: no letter's hook touches an accent below it
MORE = 0.14  # inches from one line of a name to the next


def names_room(names, most: float, *, bold: bool = False) -> float:
    """Return the room at the left that these names need, at most `most`; longer ones break."""
    widest = max((text_width(nfc(name), bold=bold) for name in names), default=0)
    return MARGIN + min(widest, most) + 0.12


def figures_room(*columns, gap: float = 0.16) -> float:
    """Return the room at the right that these columns of figures need."""
    return MARGIN + sum(max(map(text_width, column), default=0) + gap for column in columns)


def rows_of_names(names, left: float, row: float) -> np.ndarray:
    """Return how high each name's row must be, counted in rows of `row` inches."""
    further = [len(lines(name, left - MARGIN - 0.08)) - 1 for name in names]
    return 1 + np.array(further) * MORE / row


def places(heights) -> tuple[np.ndarray, np.ndarray]:
    """Return the middles and the lower edges of rows of these heights, the first around 0."""
    edges = np.cumsum(heights) - 0.5
    return edges - np.asarray(heights) / 2, edges


def rows(ax: Axes, names, left: float, *, right: float = MARGIN, bold=(), heights=None) -> None:
    """Give the Axes a row for each name, first on top, thin lines between them.

    `left` and `right` are the rooms in inches beside the Axes; `bold` the places of names to set
    bold; `heights` how high the rows are, if not all 1.
    """
    at, edges = places(np.ones(len(names)) if heights is None else heights)
    if any(names):
        name_rows(ax, at, names, left, bold=bold)
    else:
        ax.set_yticks([])
    ax.set_ylim(max(edges, default=0.5), -0.5)
    separators(ax, edges, left, right)


def name_rows(ax: Axes, at, names, left: float, *, indent: float = 0.0, bold=()) -> None:
    """Write names at the left of their rows, as the ticks of the Axes."""
    texts = [wrapped(name, left - MARGIN - indent - 0.08) for name in names]
    ax.set_yticks(at, texts, va="center")
    ax.tick_params(axis="y", pad=(left - MARGIN - indent) * 72, length=0)
    for place, label in enumerate(ax.get_yticklabels()):
        label.set(ha="left", weight="bold" if place in bold else "normal", linespacing=SPACING)


def separators(ax: Axes, at, left: float, right: float, color: str = PALE) -> None:
    """Draw thin lines over the whole width at these heights (data)."""
    ends = (MARGIN - left, width_of(ax) + right - MARGIN)
    looks = {"colors": color, "linewidths": 0.7, "zorder": 0, "clip_on": False}
    ax.hlines(at, *ends, transform=beside(ax, 0), **looks)


def width_of(ax: Axes) -> float:
    """Return how wide the Axes are, in inches."""
    return ax.get_position().width * ax.figure.get_figwidth()


def beside(ax: Axes, edge: float = 1):
    """Return a transform: x in inches from the left (0) or right (1) edge of the Axes, y data."""
    inches = ax.figure.dpi_scale_trans + ScaledTranslation(edge, 0, ax.transAxes)
    return blended_transform_factory(inches, ax.transData)


def column(ax: Axes, at, texts, x, *, edge: float = 1, transform=None, **looks) -> None:
    """Write texts in a column, `x` inches from an edge; a look may be a list, one for each.

    With a `transform` x and the heights `at` are in its units, and x may be one for each.
    """
    looks = {"ha": "right" if edge else "left", "va": "center_baseline", "size": TEXT, **looks}
    listed = {key: value for key, value in looks.items() if isinstance(value, list)}
    place = transform or beside(ax, edge)
    lines_ = zip(np.broadcast_to(x, len(at)), at, texts, strict=True)
    for line, (across, y, text) in enumerate(lines_):
        if text:
            own = {**looks, **{key: value[line] for key, value in listed.items()}}
            ax.text(across, y, text, transform=place, **own)


def known_looks(known) -> dict[str, list]:
    """Return the looks of a column of figures: a word in place of one is grey and slanted."""
    return {
        "color": [INK if one else GREY for one in known],
        "style": ["normal" if one else "italic" for one in known],
    }


def text_at(ax: Axes, text: str, place: tuple, offset: tuple, **looks) -> None:
    """Write a text so many points right of and above a place (data), also outside the Axes."""
    looks = {"textcoords": "offset points", "annotation_clip": False, **looks}
    ax.annotate(text, place, offset, **looks)


def heading(ax: Axes, texts: dict[float, str], *, above=0.05, edge=0, **looks) -> None:
    """Write grey texts above the Axes at these places, inches from an edge."""
    inches = ax.figure.dpi_scale_trans
    place = inches + ScaledTranslation(edge, 1, ax.transAxes)
    looks = {"va": "bottom", "color": GREY, "size": TEXT, "linespacing": SPACING, **looks}
    for x, text in texts.items():
        ax.text(x, above, text, transform=place, **looks)


def scale(ax: Axes, ticks, ends, language: str, sign: str = "%", *, grid: bool = True) -> None:
    """Label the scale below, with the decimals its ticks need."""
    ax.set_xticks(list(ticks), tick_texts(ticks, language, sign))
    ax.set_xlim(*ends)
    if grid:
        ax.grid(axis="x", color=PALE, linewidth=0.8)


def tick_texts(ticks, language: str, sign: str = "%") -> list[str]:
    """Return the texts of ticks, with the decimals they need."""
    decimals = decimals_of(ticks)
    return [number(tick, language, decimals) + sign for tick in ticks]


def decimals_of(values) -> int:
    """Return the decimals that print all these ticks exactly, at most five.

    >>> decimals_of([0, 2, 4]), decimals_of([0.25, 0.5])
    (0, 2)
    """
    exact = (places for places in range(5) if all(abs(round(v, places) - v) < 1e-9 for v in values))
    return next(exact, 5)


def points(ax: Axes, x, y, keys, size: float = 34, **place) -> None:
    """Draw a mark of MARKS at every point, shape and colours by its key.

    `place` may hold another transform than that of the data.
    """
    keys = np.broadcast_to(np.asarray(keys, dtype=object), len(x))
    x, y = np.asarray(x, "float64"), np.asarray(y, "float64")
    for key in dict.fromkeys(keys):
        marker, face, edge = MARKS[key]
        area = size * {"D": 0.8, "s": 0.8}.get(marker, 1)
        looks = {"linewidths": 2} if marker in "_|" else {"linewidths": 1.1, "edgecolors": edge}
        ax.scatter(
            x[keys == key], y[keys == key], area, face, marker=marker, zorder=4, clip_on=False,
            gid=f"points-{key}", **looks, **place,
        )  # fmt: skip


def bands(ax: Axes, at, start, end, color, height: float, *, zorder: float = 1) -> None:
    """Draw a horizontal band of this height (inches) in each row, as one artist."""
    looks = {"colors": color, "linewidth": height * 72, "clip_on": False, "zorder": zorder}
    ax.hlines(at, start, end, **looks)


def bars(ax: Axes, lengths, color, width: float) -> None:
    """Draw a bar from zero for each row; a missing length has none."""
    at = np.arange(len(lengths))
    ax.set_yticks(at)  # seaborn takes the number of ticks for that of rows
    sns.barplot(
        x=np.asarray(lengths, "float64"), y=at, orient="y", color=color, saturation=1,
        width=width, errorbar=None, ax=ax, zorder=2,
    )  # fmt: skip
    ax.set(xlabel="", ylabel="")


def zero_line(ax: Axes) -> None:
    """Draw the line the bars begin at."""
    ax.axvline(0, color=LINE, linewidth=0.8, zorder=1)
