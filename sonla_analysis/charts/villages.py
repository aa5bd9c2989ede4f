"""A unit's villages ranked by poor and near-poor households, small numbers hidden.

The unit's totals are published, so a hidden number must not follow from them by subtraction, nor
from the ranges the marks tell; a mark is drawn alike whatever stands behind it.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sonla_analysis.charts.figure import STEP, Chart, Room, empty_chart, framed, panels_alone
from sonla_analysis.charts.lettering import lines
from sonla_analysis.charts.rows import bars, heading, names_room, rows, text_at, zero_line
from sonla_analysis.charts.theme import ACCENT, ACCENT_PALE, GREY, INK, PALETTE, in_theme
from sonla_analysis.indicators.disclosure import MINIMUM
from sonla_analysis.indicators.groups import STATES
from sonla_analysis.indicators.villages import (
    nobody_wrote,
    ranked,
    register_totals,
    villages_shown,
)
from sonla_analysis.language.phrases import phrase
from sonla_analysis.review import Review
from sonla_analysis.sentences import number
from sonla_analysis.sentences.register_findings import (
    missing_units_note,
    part_text,
    village_label,
    villages_note,
    villages_title,
)
from sonla_analysis.sentences.shared import unit_start
from sonla_analysis.tables.input_tables import was_sent

MOST, NAMES = 7.0, 2.4  # inches of villages in a unit's chart; the most room for names
ROW, MORE, GAP, FIGURE = 0.22, 0.15, 0.62, 0.5
LOOKS = {"poor": ACCENT, "near_poor": ACCENT_PALE}
BOX = {"few": (1, MINIMUM - 1), "many": (MINIMUM, MINIMUM + 3)}  # ends of a hidden number's box


@in_theme
def villages(review: Review) -> Chart | None:
    """Return the villages by poor and near-poor households; of the area, the 15 with most.

    >>> from sonla_analysis.review import open_review
    >>> chart = villages(open_review("data/sample", "03661", "2020-12-31", language="en"))
    >>> sorted(set(chart.numbers["Poor households"]) - {"1–4"})
    ['0', '12', '6']
    """
    if not was_sent(review.tables, "households", "village"):
        return None
    register = review.rows("households")
    cells, totals = ranked(review.villages), register_totals(register)
    key = f"villages.measure{'_area' if review.is_area else ''}"
    words = {"slug": "villages", "kind": "bars", "measure": phrase(key, review.language)}
    title = villages_title(cells, totals, register, review) + part_text(review, register)
    words["title"] = title
    if not any(totals.values()) or nobody_wrote(cells):
        return empty_chart(review, **words)
    every = _with_texts(villages_shown(cells, totals, review, unit_start(review)), review)
    frame = every.head(int(MOST / _step(every)))
    note = villages_note(frame, len(every) - len(frame), review)
    if review.is_area:
        note += missing_units_note(review, register)
    language = review.language
    groups = [phrase(f"household.{group}", language) for group in STATES]
    heads = [group[:1].upper() + group[1:] for group in groups]
    counts = [number(totals[state], language) for state in STATES]
    tops = [
        phrase("villages.head", language, group=head, n=n)
        for head, n in zip(heads, counts, strict=True)
    ]
    shown = frame[["name", *(f"{group}_text" for group in STATES)]]
    numbers = shown.set_axis([phrase("villages.column_village", language), *heads], axis=1)
    data = [f"{name}: {groups[0]} {n}, {groups[1]} {near}" for name, n, near in shown.to_numpy()]
    values = {place: frame[group] for place, group in enumerate(STATES, start=1)}
    words |= {"note": " ".join(note), "panels": 2, "gap": GAP}
    made = framed(review, room(frame), frame, numbers, data, values, **words)
    draw(frame, made.axes, heads=tops)
    return made


def _with_texts(rows_: pd.DataFrame, review: Review) -> pd.DataFrame:
    """Return the villages with name, and the text of each number: itself, or its mark."""
    records = rows_.to_dict("records")
    texts = {"name": [village_label(row, review) for row in records]}
    for group in STATES:
        texts[f"{group}_text"] = [
            phrase(f"villages.{row[f'{group}_mark']}", review.language)
            if row[f"{group}_mark"]
            else number(row[group], review.language)
            for row in records
        ]
    return rows_.assign(**texts)


def _step(frame: pd.DataFrame) -> float:
    left = names_room(frame["name"], NAMES)
    return ROW + MORE * (max(len(lines(name, left - 0.13)) for name in frame["name"]) - 1)


def room(frame: pd.DataFrame) -> Room:
    """Return the room that a chart of these villages needs."""
    left = names_room(frame["name"], NAMES)
    return Room(_step(frame) * len(frame), left, FIGURE, above=STEP + 0.08, below=0.04)


def draw(frame: pd.DataFrame, axes: list[Axes] | None = None, *, heads=("", "")) -> list[Axes]:
    """Draw one row per village in two panels on one scale: poor and near-poor households.

    `frame` has name and, for poor and near_poor, the number, its `_mark` ("" where it is told)
    and `_text`. A number that is not told has one and the same hatched box.
    """
    sizes = room(frame)
    axes = panels_alone(sizes, 2, GAP) if axes is None else axes
    told = frame[list(STATES)].max().max()
    longest = max(BOX["many"][1], 0 if pd.isna(told) else int(told))
    for ax, group, head in zip(axes, STATES, heads, strict=True):
        _panel(ax, frame, group)
        ax.set_xlim(0, longest)
        heading(ax, {0: head})
    rows(axes[0], frame["name"], sizes.left, right=sizes.right)
    for ax in axes:
        ax.set_ylim(len(frame) - 0.5, -0.5)
    return axes


def _panel(ax: Axes, frame: pd.DataFrame, group: str) -> None:
    """Draw bars where the number is told, and the same box for all of a mark where it is not."""
    y, marks = np.arange(len(frame)), frame[f"{group}_mark"]
    told = frame[group].astype("Float64").to_numpy("float64", na_value=np.nan)
    bars(ax, told, LOOKS[group], 0.68)
    lengths = np.nan_to_num(told)
    for mark, (start, end) in BOX.items():
        hidden = (marks == mark).to_numpy()
        lengths[hidden] = end
        ax.barh(
            y[hidden], end - start, left=start, height=0.68, facecolor="none", linewidth=0,
            edgecolor=PALETTE["hatch"], hatch="//////", zorder=2, gid=f"hidden-{mark}",
        )  # fmt: skip
    ax.set_yticks([])
    zero_line(ax)
    for at, length, text, mark in zip(y, lengths, frame[f"{group}_text"], marks, strict=True):
        colour = INK if length and not mark else GREY
        text_at(ax, text, (length, at), (4, 0), va="center_baseline", color=colour)


villages.draw = draw
