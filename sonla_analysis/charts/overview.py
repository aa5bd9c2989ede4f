"""All indicators and all units of the area at a glance: a heat map of verdicts."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from sonla_analysis.charts.figure import MARGIN, Chart, Room, alone, framed
from sonla_analysis.charts.lettering import text_width, wrapped
from sonla_analysis.charts.rows import column, names_room, points, separators, width_of
from sonla_analysis.charts.theme import GREY, INK, LINE, PALETTE, in_theme
from sonla_analysis.indicators.standing import JUDGED, standing, unmet_targets
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import nfc
from sonla_analysis.review import Review
from sonla_analysis.sentences import is_open, name_of, number, status_key, value_text
from sonla_analysis.sentences.comparison_findings import rule_note
from sonla_analysis.sentences.progress_findings import overview_title
from sonla_analysis.sentences.shared import incomplete_note

ROW, GAP, FIGURES = 0.232, 0.45, 14  # a row; rows between blocks; most units with their numbers
MOST_UNITS, HEADS = 32, 2.2  # units that are drawn at most; inches of a unit's name
FILLS = {
    **dict.fromkeys(("met", "better"), "good"),
    "on_track": "fair",
    **dict.fromkeys(("behind", "missed", "not_met", "worse"), "bad"),
}
MARKED = ("on_track", "behind", "missed", "not_met", "undecided", "better", "worse")
BOLD = ("on_track", "behind", "missed", "not_met", "worse")
_SHADES = ["pale", "good", "fair", "bad"]


@in_theme
def overview(review: Review) -> Chart:
    """Return the table of indicators by units (the area first), coloured by verdict.

    A target that judges each unit is compared with the target; for a target of the whole area a
    unit is compared with the other units. Beyond 14 units the cells have colours and marks only.
    """
    language, plan = review.language, review.plan
    unmet, silent = unmet_targets(review)
    everyone = list(review.leaf_units.index)
    drawn = sorted(everyone, key=lambda unit: -unmet.get(unit, 0))[:MOST_UNITS]
    units, left_out = [unit for unit in everyone if unit in drawn], len(everyone) - len(drawn)
    note = phrase("chart.left_out", language, n=left_out) if left_out else ""
    frame = cells(review, [review.area, *units])
    key = "measure" if any(one.kind == "count" for one in plan.indicators) else "measure_plain"
    words = {"n": len(plan.indicators), "units": len(review.leaf_units)}
    rule = rule_note(frame["verdict"], language)
    most = sorted(unmet, key=lambda unit: -unmet[unit])[:3]
    data = [f"{name_of(review, unit)}: {unmet[unit]}" for unit in most]
    data = [phrase("overview.data", language, data="; ".join(data))]
    numbers = _numbers(frame, phrase("overview.indicator", language))
    values = dict(enumerate(_grid(frame, "value").to_numpy().T, start=1))
    made = framed(
        review, room(frame), frame, numbers, data, values, slug="overview", kind="overview",
        title=overview_title(unmet, silent, review), unit=review.area,
        measure=phrase(f"overview.{key}", language, **words), legend=_legend(frame, language),
        note=" ".join([phrase("overview.note", language), note, rule, incomplete_note(review)]),
    )  # fmt: skip
    draw(frame, made.axes[0])
    return made


def cells(review: Review, units: list[str]) -> pd.DataFrame:
    """Return one row per indicator and unit, in the order they are drawn.

    Columns: block (its heading), number, short, unit, name, value, text, verdict: a status, a
    comparison, "absent" without a value, "" where nothing is judged.
    """
    language, found = review.language, {}
    for row in standing(review, units=units).to_dict("records"):
        found[row["indicator"], row["unit"]] = row
    names = {one: name_of(review, one, start=True) for one in units}
    table = []
    for one in sorted(review.plan.indicators, key=lambda one: one.applies_to != "unit"):
        block = "unit_block" if one.applies_to == "unit" else "city_block"
        stub = phrase(f"overview.{block}", language), one.number, nfc(one.short[language])
        for unit, name in names.items():
            row = found[one.id, unit]
            table.append((*stub, unit, name, row["value"], *_cell(row, one, language)))
    heads = ["block", "number", "short", "unit", "name", "value", "text", "verdict"]
    return pd.DataFrame(table, columns=heads)


def _cell(row: dict, indicator, language: str) -> tuple[str, str]:
    if pd.isna(row["value"]) and not is_open(row):
        return ("–" if row["state"] == "not_applicable" else "?"), "absent"
    status = status_key(row)
    judged = status in (*JUDGED, "undecided")
    verdict = status if judged else row["comparison"] if pd.notna(row["comparison"]) else ""
    star = "*" if row["state"] == "incomplete" else ""
    if is_open(row):
        ends = (number(row[end], language) for end in ("lowest", "highest"))
        return "–".join(ends) + star, verdict
    decimals = 2 if abs(row["value"]) < 10 else 1
    text = value_text(row, indicator, language, decimals).rstrip("%") + star
    return ("≈" if row["reason"] == "rounding" else "") + text, verdict


def _legend(frame: pd.DataFrame, language: str) -> list[tuple]:
    found = set(frame["verdict"])
    good = [(PALETTE["good"], phrase("overview.met", language))] if "met" in found else []
    marked = [(key, phrase(f"overview.{key}", language)) for key in MARKED if key in found]
    return [*good, *marked, (PALETTE["pale"], phrase("overview.neutral", language))]


def _numbers(frame: pd.DataFrame, head: str) -> pd.DataFrame:
    """Return the texts of the cells, one row per indicator, one column per unit."""
    names = frame.drop_duplicates("unit")["name"]
    grid = _grid(frame, "text").set_axis(names, axis=1)
    return grid.rename_axis(index=head, columns=None).reset_index()


def _grid(frame: pd.DataFrame, values: str) -> pd.DataFrame:
    labels = frame["number"] + " " + frame["short"]
    grid = frame.assign(label=labels).pivot(index="label", columns="unit", values=values)
    return grid.loc[labels.unique(), frame["unit"].unique()]


def room(frame: pd.DataFrame) -> Room:
    """Return the room that a heat map of these cells needs."""
    shorts = frame["number"] + "  " + frame["short"]
    above = 0.1 + max(text_width(line) for name in _heads(frame) for line in name.split("\n"))
    left = names_room([*shorts.unique(), *frame["block"].unique()], 2.2, bold=True)
    return Room(ROW * _lines(frame)[-1], left, MARGIN, above=above)


def _heads(frame: pd.DataFrame) -> list[str]:
    """Return the units' names, in two lines or more where that leaves them readable."""
    names = frame.drop_duplicates("unit")["name"]
    return [wrapped(name, HEADS) for name in names] if len(names) <= FIGURES else list(names)


def _lines(frame: pd.DataFrame) -> list[float]:
    """Return where the rows' upper edges are, counted in rows, and the lowest edge of all."""
    blocks = frame.drop_duplicates("number")["block"]
    headings = (blocks != blocks.shift()).cumsum()
    return [*(place + head for place, head in enumerate(headings)), len(blocks) + headings.max()]


def draw(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw a cell for every row of `frame` (see `cells`): indicators down, units across."""
    ax = alone(room(frame)) if ax is None else ax
    sizes, lines = room(frame), _lines(frame)
    units = list(frame["unit"].unique())
    x = frame["unit"].map(units.index).to_numpy() + 0.5
    y = np.repeat(lines[:-1], len(units)) + 0.5
    _heat_map(ax, frame, lines, len(units))
    ax.set_xticks(np.arange(len(units)) + 0.5, _heads(frame), rotation=90)
    ax.tick_params(axis="x", top=False, labeltop=True, bottom=False, labelbottom=False, pad=3)
    ax.get_xticklabels()[0].set(weight="bold")
    for label in ax.get_xticklabels():
        label.set(color=INK)
    first = frame.drop_duplicates("number")
    at = np.array(lines[:-1]) + 0.5
    column(ax, at, first["number"], 0.27 - sizes.left, edge=0, ha="right", color=GREY)
    column(ax, at, first["short"], 0.36 - sizes.left, edge=0)
    starts = np.flatnonzero(first["block"] != first["block"].shift())
    heads = [lines[place] - 0.42 for place in starts]
    texts = [first["block"].iloc[place] for place in starts]
    column(ax, heads, texts, 0.05 - sizes.left, edge=0, weight="bold", color=GREY)
    separators(ax, [lines[place] - 0.04 for place in starts], sizes.left, sizes.right, LINE)
    wide, verdicts = width_of(ax) / len(units), frame["verdict"]
    if len(units) <= FIGURES:
        fits = np.array([text_width(text, bold=True) < wide for text in frame["text"]])
        bold = verdicts.isin(BOLD) & fits
        looks = {"weight": ["bold" if one else "normal" for one in bold], "ha": "center"}
        looks["color"] = [GREY if one == "absent" else INK for one in verdicts]
        column(ax, y, frame["text"], x, transform=ax.transData, **looks)
    marked = verdicts.isin(MARKED).to_numpy()
    corner = x[marked] + 0.5 - 0.05 / wide, y[marked] - 0.5 + 0.05 / ROW
    points(ax, *corner, verdicts[marked], 6)
    return ax


def _heat_map(ax: Axes, frame: pd.DataFrame, lines: list[float], units: int) -> None:
    """Draw the cells' colours; what is absent has none, and headings leave a row free."""
    shades = frame["verdict"].map(FILLS).fillna("pale").map(_SHADES.index).astype("float64")
    shades = shades.mask(frame["verdict"] == "absent").to_numpy().reshape(-1, units)
    grid = np.full((int(lines[-1]), units), np.nan)
    grid[np.array(lines[:-1], dtype=int)] = shades
    colours = ListedColormap([PALETTE[shade] for shade in _SHADES])
    sns.heatmap(
        grid, cmap=colours, vmin=0, vmax=len(_SHADES), cbar=False, linewidths=1.4, ax=ax,
        linecolor="white", xticklabels=False, yticklabels=False,
    )  # fmt: skip


overview.draw = draw
