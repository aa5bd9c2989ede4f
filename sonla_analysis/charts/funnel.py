"""The funnel: each unit's share by its size, and how far a unit of that size strays by chance."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import Bbox

from sonla_analysis.charts.figure import Chart, Room, alone, empty_chart, framed
from sonla_analysis.charts.rows import points, tick_texts
from sonla_analysis.charts.theme import GREY, INK, LINE, PALE, TEXT, in_theme
from sonla_analysis.indicators.against_rest import LIMITS, VERDICTS, funnel_limits
from sonla_analysis.indicators.against_rest import funnel as points_and_limits
from sonla_analysis.indicators.of_review import progress_rows
from sonla_analysis.indicators.standing import main_share
from sonla_analysis.language.phrases import phrase
from sonla_analysis.review import Review
from sonla_analysis.sentences import number, percent, unit_name
from sonla_analysis.sentences.comparison_findings import funnel_note, funnel_title, of_all, p_text
from sonla_analysis.sentences.shared import incomplete_note

ROOM = Room(height=3.1, left=0.75, right=1.15, above=0.1, below=0.55)
_PLACES = [(7, 0, "left"), (-7, 0, "right"), (5, 8, "left"), (5, -9, "left"), (-5, 8, "right")]
_PLACES += [(-5, -9, "right"), (0, 11, "center"), (0, -12, "center")]
# behind a name, that a line does not run through its letters
_PLATE = {"boxstyle": "square,pad=0.02", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
_LOOKS = {"95": {"linestyle": (0, (4, 2)), "color": GREY}, "998": {"color": INK}}


@in_theme
def funnel(review: Review, indicator_id: str = "") -> Chart:
    """Return the funnel of the area's units: each by its share and its size.

    Of the poverty rate, or the share that tells most, unless another is named. The verdicts are
    those of every chart and table of the date (`against_the_rest`).

    >>> from sonla_analysis.review import open_review
    >>> chart = funnel(open_review("data/sample", "116", "2020-12-31", language="en"))
    >>> chart.title[:31]
    'Poverty rate: 5 clearly better,'
    """
    language, name = review.language, indicator_id or main_share(review)
    frame = _frame(review, name)
    title = funnel_title(frame, review, name)
    short = review.plan[name].short[language] if name else phrase("funnel.unit", language)
    words = {"slug": "funnel", "kind": "funnel", "title": title, "unit": review.area}
    words["measure"] = phrase("funnel.measure", language, short=short)
    if frame.empty:
        return empty_chart(review, **words)
    found = set(frame["verdict"])
    legend = [(key, phrase(f"spine.{key}", language)) for key in VERDICTS if key in found]
    note = f"{funnel_note(frame, language)} {incomplete_note(review, [name])}"
    numbers = _numbers(frame, language)
    data = [f"{row.iloc[0]}: {row.iloc[1]} ({row.iloc[2]})" for _, row in numbers.iterrows()]
    values = {1: frame["value"], 4: frame["p_adjusted"]}
    words |= {"legend": legend, "note": note}
    made = framed(review, ROOM, frame, numbers, data, values, **words)
    draw(frame, made.axes[0], language=language)
    return made


def _frame(review: Review, indicator_id: str) -> pd.DataFrame:
    """Return what is drawn: `indicators.against_rest.funnel`, names, and whose page it is."""
    found = points_and_limits(progress_rows(review, indicator=indicator_id), review.plan)
    found = found.sort_values("value", ascending=False, kind="stable").reset_index(drop=True)
    units = review.units.loc[found["unit"]]
    names = [unit_name(one, review.language, start=True) for _, one in units.iterrows()]
    return found.assign(name=names, own=found["unit"] == review.unit)


def _numbers(frame: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return the figures as drawn, one row per unit, highest first."""
    rows = frame.to_dict("records")
    columns = {
        "unit": frame["name"],
        "rate": [percent(row["value"], language) for row in rows],
        "counts": [of_all(row, language) for row in rows],
        "rest": [of_all(row, language, "rest_") for row in rows],
        "p": [p_text(row["p_adjusted"], language) for row in rows],
        "verdict": [phrase(f"spine.{row['verdict']}", language) for row in rows],
    }
    heads = {name: phrase(f"funnel.{name}", language) for name in columns}
    return pd.DataFrame(columns).rename(columns=heads)


def draw(frame: pd.DataFrame, ax: Axes | None = None, *, language: str = "vi") -> Axes:
    """Draw one mark per unit, the centre, and the limits of 95 and 99.8 % around it.

    `frame` is that of `indicators.against_rest.funnel` for one date and indicator, with `name`;
    units that differ from the rest are named where there is room. What tells them apart is the
    verdict, not the lines. A unit whose `own` is true is named before all others, in bold.
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
    points(ax, size, value, frame["verdict"])
    top = max(value.max(), funnel_limits(centre / 100, size.min(), 0.95)[1]) * 1.06 or 1.0
    _scales(ax, top, most, language)
    _at_the_end(ax, most, ends)
    differ = frame["verdict"] != "no_clear_difference"
    _names(ax, frame[differ | frame.get("own", False)], frame)
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
    """Write names beside their marks, within the Axes, where they cover no mark and no name."""
    marks = ax.transData.transform(every[["denominator", "value"]].to_numpy("float64"))
    taken = [Bbox.from_extents(*(mark - 4), *(mark + 4)) for mark in marks]
    inside = ax.get_window_extent().padded(2)
    order = ["own", "value"] if "own" in named else ["value"]
    for row in named.sort_values(order, ascending=False).itertuples(index=False):
        weight = "bold" if getattr(row, "own", False) else "normal"
        for across, up, side in _PLACES:
            text = ax.annotate(
                row.name, (row.denominator, row.value), (across, up),
                textcoords="offset points", size=TEXT, ha=side, va="center_baseline", bbox=_PLATE,
                weight=weight,
            )  # fmt: skip
            box = text.get_window_extent()
            within = all(inside.contains(*corner) for corner in box.corners())
            if within and not box.count_overlaps(taken):
                taken.append(box)
                break
            text.remove()


def _scales(ax: Axes, top: float, most: float, language: str) -> None:
    ticks = [tick for tick in MaxNLocator(5).tick_values(0, min(top, 100)) if tick <= 100]
    ax.set_yticks(ticks, tick_texts(ticks, language))
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda count, _: number(int(count), language)))
    ax.set(ylim=(-0.05 * min(top, 100), min(top, 103)), xlim=(0, most))
    ax.set_xlabel(phrase("funnel.size", language))
    ax.grid(axis="y", color=PALE, linewidth=0.8)


funnel.draw = draw
