"""The funnel: each unit's share by its size, and how far a unit of that size strays by chance."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import Bbox

from sonla_analysis.charts.figure import Room, alone
from sonla_analysis.charts.rows import decimals_of, points
from sonla_analysis.charts.theme import GREY, INK, LINE, PALE, TEXT
from sonla_analysis.indicators.against_rest import LIMITS, funnel_limits
from sonla_analysis.language.phrases import phrase
from sonla_analysis.sentences import number, percent

ROOM = Room(height=3.1, left=0.75, right=1.15, above=0.1, below=0.55)
_MARK = {"no_clear_difference": "similar"}
_PLACES = [(7, 0, "left"), (-7, 0, "right"), (5, 8, "left"), (5, -9, "left"), (-5, 8, "right")]
_PLACES += [(-5, -9, "right"), (0, 11, "center"), (0, -12, "center")]
_LOOKS = {"95": {"linestyle": (0, (4, 2)), "color": GREY}, "998": {"color": INK}}


def draw(frame: pd.DataFrame, ax: Axes | None = None, *, language: str = "vi") -> Axes:
    """Draw one mark per unit, the centre, and the limits of 95 and 99.8 % around it.

    `frame` is that of `indicators.against_rest.funnel` for one date and indicator, with `name`;
    units that differ from the rest are named where there is room. What tells them apart is the
    verdict, not the lines.
    """
    ax = alone(ROOM) if ax is None else ax
    size, value = (frame[name].to_numpy("float64") for name in ("denominator", "value"))
    centre, most = frame["centre"].iloc[0], size.max() * 1.04
    sizes = np.linspace(max(size.min() * 0.6, most / 400), most, 400)
    ends = {phrase("funnel.centre", language, rate=percent(centre, language)): centre}
    for name, confidence in LIMITS.items():
        for limit in funnel_limits(centre / 100, sizes, confidence):
            ax.plot(sizes, limit, linewidth=1, gid=f"limit-{name}", zorder=2, **_LOOKS[name])
        ends[phrase(f"funnel.limit_{name}", language)] = limit[-1]
    ax.axhline(centre, color=LINE, linewidth=1.4, zorder=1)
    points(ax, size, value, frame["verdict"].replace(_MARK))
    top = max(value.max(), funnel_limits(centre / 100, size.min(), 0.95)[1]) * 1.06 or 1.0
    _scales(ax, top, most, language)
    _at_the_end(ax, most, ends)
    _names(ax, frame[frame["verdict"] != "no_clear_difference"], frame)
    return ax


def _at_the_end(ax: Axes, x: float, ends: dict[str, float]) -> None:
    """Write what the lines are at their right end, none on top of another."""
    step = 0.16 / ax.get_position().height / ax.figure.get_figheight()
    floor = -np.inf
    for said, y in sorted(ends.items(), key=lambda end: end[1]):
        floor = max(ax.transAxes.inverted().transform(ax.transData.transform((x, y)))[1], floor)
        looks = {"size": TEXT, "color": GREY, "va": "center_baseline"}
        ax.text(1.01, floor, said, transform=ax.transAxes, **looks)
        floor += step


def _names(ax: Axes, named: pd.DataFrame, every: pd.DataFrame) -> None:
    """Write names beside their marks, where they cover no mark and no other name."""
    marks = ax.transData.transform(every[["denominator", "value"]].to_numpy("float64"))
    taken = [Bbox.from_extents(*(mark - 4), *(mark + 4)) for mark in marks]
    for row in named.sort_values("value", ascending=False).itertuples(index=False):
        for across, up, side in _PLACES:
            text = ax.annotate(
                row.name, (row.denominator, row.value), (across, up),
                textcoords="offset points", size=TEXT, ha=side, va="center_baseline",
            )  # fmt: skip
            box = text.get_window_extent()
            if not box.count_overlaps(taken):
                taken.append(box)
                break
            text.remove()


def _scales(ax: Axes, top: float, most: float, language: str) -> None:
    ticks = [tick for tick in MaxNLocator(5).tick_values(0, min(top, 100)) if tick <= 100]
    decimals = decimals_of(ticks)
    ax.set_yticks(ticks, [number(tick, language, decimals) + "%" for tick in ticks])
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda count, _: number(int(count), language)))
    ax.set(ylim=(-0.05 * min(top, 100), min(top, 103)), xlim=(0, most))
    ax.set_xlabel(phrase("funnel.size", language))
    ax.grid(axis="y", color=PALE, linewidth=0.8)
