"""Funds planned and disbursed, by project and source."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sonla_analysis.charts.figure import (
    MARGIN,
    STEP,
    WIDTH,
    Chart,
    Room,
    alone,
    empty_chart,
    framed,
)
from sonla_analysis.charts.lettering import lines, text_width
from sonla_analysis.charts.rows import bands, column, heading, name_rows, separators, width_of
from sonla_analysis.charts.theme import ACCENT, ACCENT_PALE, GREY, INK, LINE, PALE, in_theme
from sonla_analysis.indicators.funding import budget_lines
from sonla_analysis.language.phrases import phrase
from sonla_analysis.review import Review
from sonla_analysis.sentences.funding_findings import (
    amount,
    funding_note,
    funding_numbers,
    funding_title,
    rate,
    remark,
    reporting_part,
)
from sonla_analysis.tables.input_tables import was_sent

MOST = 6.8  # inches for all lines; smaller projects are added up where they do not fit
NAMES, AMOUNTS, RATES = 1.75, 1.25, 0.55
HEAD, MORE, ROW = 0.25, 0.155, 0.215  # a project's name, each further line of a name, a source
AFTER, INDENT = 0.07, 0.12


@in_theme
def funding(review: Review) -> Chart | None:
    """Return what was planned and what is disbursed, largest project first, in million VND.

    None where nobody sent the table.

    >>> from sonla_analysis.review import open_review
    >>> chart = funding(open_review("data/sample", "116", "2020-12-31", language="en"))
    >>> chart.title.endswith("have been disbursed (93.8%)"), len(chart.numbers)
    (True, 11)
    """
    if not was_sent(review.tables, "funding"):
        return None
    language, sent = review.language, review.rows("funding")
    words = {"slug": "funding", "kind": "bars", "measure": phrase("funding.measure", language)}
    words["title"] = funding_title(sent, review) + reporting_part(sent, review)
    if sent.empty:
        return empty_chart(review, **words)
    found = _shortened(budget_lines(sent, language), language)
    found = found.astype({"planned": "float64", "disbursed": "float64"})
    records = found.to_dict("records")
    frame = found.assign(
        amount=[amount(line, language) for line in records],
        rate=[rate(line, language) for line in records],
        remark=[remark(line, review) for line in records],
    )
    words["legend"] = [(colour, phrase(f"funding.{key}", language)) for colour, key in _KEYS]
    words["note"] = funding_note(sent, review)
    numbers = funding_numbers(records, review)
    data = [f"{row.project}, {row.source}: {row.amount}" for row in frame.itertuples(index=False)]
    share = 100 * frame["disbursed"] / frame["planned"]
    values = {2: frame["planned"], 3: frame["disbursed"], 4: share}
    made = framed(review, room(frame), frame, numbers, data, values, **words)
    draw(frame, made.axes[0], language=language)
    return made


_KEYS = ((ACCENT_PALE, "planned_key"), (ACCENT, "disbursed_key"))


def _shortened(found: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return the lines with the smallest projects added up where all would not fit on a page."""
    heights = pd.Series({name: sum(_heights(one)) for name, one in _projects(found)})
    if heights.sum() <= MOST:
        return found
    kept = heights.index[heights.cumsum() <= MOST - HEAD - ROW - AFTER]
    rest = found[~found["project"].isin(kept)]
    chosen = rest[rest["known"]] if rest["known"].any() else rest
    total = {
        "project": phrase("funding.others", language, n=rest["project"].nunique()),
        "source": phrase("funding.all_sources", language),
        **chosen[["planned", "disbursed"]].sum(min_count=1),
        "known": rest["known"].any(),
    }
    return pd.concat([found[found["project"].isin(kept)], pd.DataFrame([total])], ignore_index=True)


# --- drawing -----------------------------------------------------------------------------


def _projects(frame: pd.DataFrame):
    return frame.groupby("project", sort=False)


def _name_lines(project: str) -> list[str]:
    return lines(project, WIDTH - 2 * MARGIN - AMOUNTS - RATES - 0.1, bold=True)


def _source_lines(source: str) -> list[str]:
    return lines(source, NAMES - MARGIN - INDENT - 0.08)


def _heights(project: pd.DataFrame) -> list[float]:
    """Return the heights of a project's name, of each of its sources, and of what follows."""
    name = HEAD + MORE * (len(_name_lines(project["project"].iloc[0])) - 1)
    sources = [ROW + MORE * (len(_source_lines(one)) - 1) for one in project["source"]]
    return [name, *sources, AFTER]


def room(frame: pd.DataFrame) -> Room:
    """Return the room that a chart of these budget lines needs."""
    height = sum(sum(_heights(project)) for _, project in _projects(frame))
    return Room(height, NAMES, AMOUNTS + RATES + 0.1, above=STEP + 0.08)


def draw(frame: pd.DataFrame, ax: Axes | None = None, *, language: str = "vi") -> Axes:
    """Draw one bar of the plan and one within it of what is disbursed, for each row of `frame`.

    `frame` has project, source, planned, disbursed (million VND), known, and as texts amount,
    rate and remark. Heights of the Axes are inches from the top.
    """
    sizes = room(frame)
    ax = alone(sizes) if ax is None else ax
    middles, tops, lanes, y = [], [], [], 0.0
    for _, project in _projects(frame):
        tops.append(y)
        name, *sources, after = _heights(project)
        y += name
        lanes.append((y, y + sum(sources)))
        for height in sources:
            middles.append(y + height / 2)
            y += height
        y += after
    ends = zip(*lanes, strict=True)
    ax.vlines([0] * len(lanes), *ends, color=LINE, linewidth=0.8, clip_on=False, zorder=1)
    at = np.array(middles)
    name_rows(ax, at, frame["source"], sizes.left, indent=INDENT)
    ax.set_ylim(sizes.height, 0)
    ax.set_xlim(0, frame[["planned", "disbursed"]].fillna(0).max().max() or 1)
    for key, height, colour in (("planned", 0.13, ACCENT_PALE), ("disbursed", 0.075, ACCENT)):
        some = (frame[key] > 0).to_numpy()
        bands(ax, at[some], 0, frame[key][some], colour, height, zorder=2)
    _draw_texts(ax, frame, at, tops, sizes, language)
    return ax


def _draw_texts(ax: Axes, frame: pd.DataFrame, at, tops, sizes: Room, language: str) -> None:
    separators(ax, tops, sizes.left, sizes.right, PALE)
    ends = AMOUNTS + 0.05, sizes.right - MARGIN
    for top, (name, project) in zip(tops, _projects(frame), strict=True):
        text = "\n".join(_name_lines(name))
        left = {"edge": 0, "weight": "bold", "va": "top", "linespacing": 1.15}
        column(ax, [top + 0.06], [text], MARGIN - sizes.left, **left)
        if len(project) > 1 and project["known"].all():
            total = {**project[["planned", "disbursed"]].sum(), "known": True}
            for x, said in zip(ends, (amount(total, language), rate(total, language)), strict=True):
                column(ax, [top + 0.06], [said], x, weight="bold", va="top")
    for x, key in zip(ends, ("amount", "rate"), strict=True):
        column(ax, at, frame[key], x)
    heads = [phrase(f"funding.{key}", language) for key in ("head_amount", "head_rate")]
    heading(ax, dict(zip(ends, heads, strict=True)), ha="right", edge=1)
    most, wide = ax.get_xlim()[1], width_of(ax)
    ends = frame[["planned", "disbursed"]].max(axis=1).fillna(0) / most * wide
    for y, end, remark_ in zip(at, ends, frame["remark"], strict=True):
        on_bar = end + 0.06 + text_width(remark_) > wide
        looks = {"ha": "right" if on_bar else "left", "color": INK if on_bar else GREY}
        column(ax, [y], [remark_], end - 0.06 if on_bar else end + 0.06, edge=0, **looks)


funding.draw = draw
