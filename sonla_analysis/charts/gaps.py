"""Gaps between groups of households: ethnic group, sex of the head, area.

The register knows nothing of people outside it, so only results among register households are
compared, never poverty rates of groups. Small cells are hidden for all units together, because
each unit's and the area's totals are published.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sonla_analysis.charts.figure import (
    MARGIN,
    STEP,
    WIDTH,
    Chart,
    Room,
    empty_chart,
    framed,
    panels_alone,
)
from sonla_analysis.charts.lettering import lines, wrapped
from sonla_analysis.charts.rows import (
    MORE,
    SPACING,
    column,
    heading,
    points,
    separators,
    width_of,
)
from sonla_analysis.charts.theme import GREY, INK, LINE, in_theme
from sonla_analysis.indicators.gaps import told_gaps
from sonla_analysis.indicators.groups import GROUPINGS, divisible
from sonla_analysis.language.phrases import phrase
from sonla_analysis.review import Review
from sonla_analysis.sentences.register_findings import (
    anybody,
    gap_lines,
    gaps_note,
    gaps_title,
    missing_units_note,
    part_text,
)
from sonla_analysis.tables.input_tables import was_sent

NAMES, INDENT, GAP = 1.12, 0.1, 0.1  # room for names; before a group; between two results
_HEIGHTS = {"total": 0.36, "head": 0.24, "group": 0.52, "rest": 0.22}
BOLD = ("total", "head")


@in_theme
def gaps(review: Review) -> Chart | None:
    """Return the results of each group side by side, with 95 % Wilson intervals.

    Each group is held against the first of its grouping that is told (`indicators.gaps`).

    >>> from sonla_analysis.review import open_review
    >>> chart = gaps(open_review("data/sample", "116", "2020-12-31", language="en"))
    >>> list(chart.numbers)[:3]
    ['Grouping', 'Group', 'Health-insurance cards']
    """
    if not was_sent(review.tables, "households", *GROUPINGS):
        return None
    tables = {table: review.rows(table, unit=review.area) for table in ("households", "members")}
    cells = review.groups.to_dict("records")
    found = told_gaps(cells)
    names = {one.id: one.name[review.language] for one in divisible(review.plan)}
    title = gaps_title(cells, found, names, tables, review)
    key = f"gaps.measure{'' if review.is_area else '_unit'}"
    words = {"slug": "gaps", "kind": "dots", "measure": phrase(key, review.language)}
    words["title"] = title + part_text(review, tables["households"])
    if not anybody(cells):
        return empty_chart(review, **words)
    for cell in cells:
        cell["clear"] = any(one["clear"] and one["cell"] is cell for one in found)
    frame = _frame(gap_lines(cells, review), list(names.values()))
    note = gaps_note(cells, found, names, review)
    if review.is_area:
        note += missing_units_note(review, tables["households"])
    numbers = _numbers(frame, review.language)
    data = [_spoken(one, names, review.language) for one in found if one["clear"]]
    words |= {"legend": _legend(found, review.language), "note": " ".join(note)}
    words |= {"panels": len(names), "gap": GAP}
    made = framed(review, room(frame), frame, numbers, data, **words)
    draw(frame, made.axes)
    return made


def _frame(found: list[dict], results: list[str]) -> pd.DataFrame:
    """Return one row per line and result, as `draw` wants it; a hidden cell has no numbers."""
    table, block = [], ""
    for place, line in enumerate(found):
        block = line["label"] if line["kind"] == "head" else block
        here = (place, line["kind"], block, line["label"])
        for result, cell in zip(results, line["cells"] or [{}] * len(results), strict=True):
            told = [cell.get(key, np.nan) for key in ("value", "lower", "upper")]
            text = cell.get("text", line["text"] if result == results[0] else "")
            table.append((*here, result, *told, bool(cell.get("clear")), text))
    columns = ["line", "kind", "grouping", "label", "result", "value", "lower", "upper", "clear"]
    return pd.DataFrame(table, columns=[*columns, "text"])


def _legend(found: list[dict], language: str) -> list[tuple[str, str]]:
    entries = []
    if any(one["clear"] for one in found):
        entries.append(("value", phrase("gaps.legend_clear", language)))
    if found:
        entries.append(("no_clear_difference", phrase("gaps.legend_none", language)))
    return entries


def _numbers(frame: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return the figures as drawn, one row per total or group."""
    shown = frame[frame["kind"].isin(("total", "group"))]
    results = frame["result"].unique()
    table = shown.pivot(index="line", columns="result", values="text")[results]
    firsts = shown.drop_duplicates("line").set_index("line")[["grouping", "label"]]
    heads = [phrase(f"gaps.column_{name}", language) for name in ("grouping", "group")]
    table = pd.concat([firsts.set_axis(heads, axis=1), table], axis=1)
    return table.reset_index(drop=True).rename_axis(columns=None)


def _spoken(gap: dict, names: dict, language: str) -> str:
    """Return a clear gap as alt text."""
    values = " / ".join(gap[end]["text"].replace("  ", " ") for end in ("low", "high"))
    return f"{names[gap['result']]}: {values}"


# --- drawing -----------------------------------------------------------------------------


def _label(row) -> list[str]:
    """Return a line's label in the lines that it has room for."""
    indent = INDENT if row.kind == "group" else 0
    room = NAMES - MARGIN - indent - 0.05
    return [row.label] if row.kind == "rest" else lines(row.label, room, bold=row.kind in BOLD)


def _edges(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the upper and lower edges of the lines, in inches from the top."""
    firsts = frame.drop_duplicates("line").itertuples(index=False)
    heights = [max(_HEIGHTS[row.kind], MORE * len(_label(row)) + 0.06) for row in firsts]
    bottoms = np.cumsum(heights)
    return bottoms - heights, bottoms


def room(frame: pd.DataFrame) -> Room:
    """Return the room that a chart of these lines needs."""
    results = frame["result"].unique()
    wide = (WIDTH - NAMES - MARGIN - GAP * (len(results) - 1)) / len(results)
    above = 0.08 + STEP * max(len(lines(name, wide)) for name in results)
    return Room(_edges(frame)[1][-1], NAMES, MARGIN, above=above, below=0.2)


def draw(frame: pd.DataFrame, axes: list[Axes] | None = None) -> list[Axes]:
    """Draw a panel for each result: a point with its interval for each group that may be told.

    `frame` has one row per line and result: line (0, 1 … from the top), kind (total, head, group,
    rest), label, result, value, lower, upper (percent), clear, and text, the figures as printed,
    two spaces between the share and the counts. Heights of the Axes are inches from the top.
    """
    sizes, results = room(frame), list(frame["result"].unique())
    axes = panels_alone(sizes, len(results), GAP) if axes is None else axes
    tops, bottoms = _edges(frame)
    for ax, result in zip(axes, results, strict=True):
        _draw_panel(ax, frame[frame["result"] == result], tops, bottoms, sizes)
    firsts = frame.drop_duplicates("line")
    for row, middle in zip(firsts.itertuples(index=False), (tops + bottoms) / 2, strict=True):
        _write_label(axes[0], row, middle, sizes)
    separators(axes[0], bottoms, sizes.left, WIDTH - sizes.left - width_of(axes[0]))
    return axes


def _draw_panel(ax: Axes, cells: pd.DataFrame, tops, bottoms, sizes: Room) -> None:
    ax.set_ylim(sizes.height, 0)
    heading(ax, {0: wrapped(cells["result"].iloc[0], width_of(ax))})
    kinds, known = cells["kind"].to_numpy(), cells["value"].notna().to_numpy()
    at = bottoms - np.where(kinds == "group", 0.17, (bottoms - tops) / 2)
    parted = cells["text"].where((kinds == "group") & ~known, cells["text"].str.replace("  ", "\n"))
    figures = np.isin(kinds, ("total", "group"))
    looks = {"color": [INK if told else GREY for told in known[figures]], "va": "center"}
    column(ax, at[figures], parted[figures], 0, edge=0, linespacing=1.0, **looks)
    drawn = (kinds == "group") & known
    if not drawn.any():
        return ax.set_xlim(0, 1)
    found, y = cells[drawn], tops[drawn] + 0.09
    whole = cells.loc[cells["kind"] == "total", "value"].iloc[0]
    ends = found[["lower", "value", "upper"]]
    low, high = _tens(min(ends.min().min(), whole), max(ends.max().max(), whole))
    ax.set_xlim(low, high)
    ax.vlines(np.repeat(whole, len(y)), y - 0.075, y + 0.075, color=LINE, linewidth=1.6)
    ax.hlines(y, found["lower"], found["upper"], color=GREY, linewidth=1.1, zorder=3, clip_on=False)
    points(ax, found["value"], y, np.where(found["clear"], "value", "no_clear_difference"), 22)
    ax.set_xticks([low, high], [f"{low:.0f}%", f"{high:.0f}%"])
    for label, side in zip(ax.get_xticklabels(), ("left", "right"), strict=True):
        label.set_ha(side)


def _write_label(ax: Axes, row, middle: float, sizes: Room) -> None:
    """Write a line's label at the left, and what is said on the line of a heading."""
    indent = INDENT if row.kind == "group" else 0
    if row.kind == "rest":
        return column(ax, [middle], [row.label], MARGIN - sizes.left, edge=0, color=GREY)
    weight = "bold" if row.kind in BOLD else "normal"
    looks = {"weight": weight, "va": "center", "linespacing": SPACING}
    column(ax, [middle], ["\n".join(_label(row))], MARGIN + indent - sizes.left, edge=0, **looks)
    if row.kind == "head":
        column(ax, [middle], [row.text], 0, edge=0, color=GREY)


def _tens(lowest: float, highest: float) -> tuple[float, float]:
    """Return the whole tens of percent around two shares; the interval of 100 % ends just there.

    >>> [float(end) for end in _tens(76.0, 100.00000001)]
    [70.0, 100.0]
    """
    low = np.floor(np.clip(lowest, 0, 99) / 10) * 10
    return low, np.clip(np.ceil(highest / 10) * 10, low + 10, 100)


gaps.draw = draw
