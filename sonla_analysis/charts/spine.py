"""Where a unit stands among all units, indicator by indicator; right is always better."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from sonla_analysis.charts.figure import MARGIN, Chart, Room, alone, framed
from sonla_analysis.charts.lettering import wrapped
from sonla_analysis.charts.rows import (
    bands,
    column,
    heading,
    known_looks,
    points,
    rows,
    width_of,
)
from sonla_analysis.charts.theme import GREY, INK, MARKS, PALETTE, in_theme
from sonla_analysis.indicators.against_rest import VERDICTS
from sonla_analysis.indicators.standing import spread, standing
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import nfc
from sonla_analysis.review import Review
from sonla_analysis.sentences import has_value, name_of, value_text
from sonla_analysis.sentences.comparison_findings import rule_note
from sonla_analysis.sentences.progress_findings import spine_title
from sonla_analysis.sentences.shared import incomplete_note

ROW, MOST_DOTS = 0.265, 40
NAMES, OWN, AREA, WORDS = 3.5, 0.74, 0.1, 1.18  # the columns before the lane, the words after it


@in_theme
def spine(review: Review) -> Chart:
    """Return the chart of this unit (all units, for the area) beside the others and the area.

    Better or worse by `against_the_rest`; counts depend on a unit's size and are not compared.
    """
    language, (indicators, dots) = review.language, spine_rows(review)
    legend = [(key, phrase(f"spine.{key}", language)) for key in VERDICTS]
    units = len(review.leaf_units)
    legend += [(PALETTE["range"], phrase("spine.range", language, units=units))]
    legend += [(PALETTE["middle"], phrase("spine.middle", language))]
    area = name_of(review, review.area)
    heads = [phrase(f"spine.{name}", language) for name in ("indicator", "own", "area", "verdict")]
    labels = indicators["number"] + " " + indicators["short"]
    shown = indicators.assign(label=labels)[["label", "own", "area", "verdict"]]
    numbers = shown.set_axis(heads, axis=1)
    values = {1: indicators["own_value"], 2: indicators["area_value"]}
    made = framed(
        review, room(indicators), dots, numbers, values=values, slug="spine", kind="spine",
        title=spine_title(indicators, dots, review), legend=legend,
        measure=phrase("spine.measure", language, units=units, area=area),
        note=f"{_rule(indicators, dots, language)} {incomplete_note(review)}",
    )  # fmt: skip
    draw(indicators, dots, made.axes[0], language=language)
    return made


def _rule(indicators: pd.DataFrame, dots: pd.DataFrame, language: str) -> str:
    """Return the rule of the comparison, where anything is compared."""
    tallied = indicators[["better", "worse"]].to_numpy().any() and indicators["is_area"].all()
    return rule_note([*dots["comparison"], *["better"] * bool(tallied)], language)


def spine_rows(review: Review) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the indicators in the plan's order, and the points drawn for them.

    Indicators: number, short, own and area (texts; with `_value` the numbers), worst,
    lower_quarter, upper_quarter, best (−1 worst side, 0 the area, 1; missing where not drawn),
    told (said instead), verdict, better and worse (how many units), known, tone (the mark
    whose colour the verdict has), is_area.
    Points: number, unit, value, position (as above), comparison.
    """
    many = len(review.leaf_units) > MOST_DOTS
    wanted = None if review.is_area and not many else [review.unit, review.area]
    found, areas = {}, review.area_now.to_dict("index")
    for row in standing(review, units=wanted).to_dict("records"):
        found.setdefault(row["indicator"], []).append(row)
    data, as_of = review.data, review.as_of
    values, tallies = data.once(("spread", as_of), lambda: spread(data, as_of))
    indicators, points_ = [], []
    for one in review.plan.indicators:
        rows_, area = found[one.id], areas[one.id]
        own = next(row for row in rows_ if row["unit"] == review.unit)
        shown = [row for row in rows_ if row["level"] == "unit"] if review.is_area else [own]
        scale = _scale(one, values.get(one.id, np.array([])), area)
        drawn = _points(one, shown, scale) if "worst" in scale else []
        tally = tallies.get(one.id, (0, 0))
        indicators.append(_row(one, own, area, scale, drawn, tally, review))
        points_ += drawn
    columns = ["number", "unit", "value", "position", "comparison"]
    return pd.DataFrame(indicators), pd.DataFrame(points_, columns=columns)


def _scale(indicator, values: np.ndarray, area: dict) -> dict:
    """Return the indicator's scale: the quarters of all units on it, or what is told instead."""
    if indicator.kind == "count":
        return {"told": "count"}
    if len(values) < 2 or pd.isna(area["value"]):
        return {"told": "too_few"}
    polarity, middle = -1 if indicator.lower_is_better else 1, float(area["value"])
    length = np.abs(values - middle).max()
    told = "" if length > 1e-9 else "equal"
    length = max(length, 1e-9)
    ends = np.percentile((values - middle) * polarity / length, [0, 25, 75, 100])
    names = ("worst", "lower_quarter", "upper_quarter", "best")
    return {"told": told, "of": (middle, polarity, length)} | dict(zip(names, ends, strict=True))


def _points(indicator, shown: list[dict], scale: dict) -> list[tuple]:
    middle, polarity, length = scale["of"]
    return [
        (indicator.number, row["unit"], row["value"], (row["value"] - middle) * polarity / length,
         _comparison(row))
        for row in shown if pd.notna(row["value"])
    ]  # fmt: skip


def _comparison(row: dict) -> str:
    return row["comparison"] if pd.notna(row["comparison"]) else "untested"


def _row(indicator, own: dict, area: dict, scale: dict, drawn, tally, review: Review) -> dict:
    language = review.language
    verdict = phrase(f"spine.{_comparison(own)}", language) if drawn else ""
    if review.is_area:
        words = {"better": tally[0], "worse": tally[1]}
        verdict = phrase("spine.tally", language, **words) if any(tally) else ""
    star = "*" if area["state"] == "incomplete" else ""
    ends = ("worst", "lower_quarter", "upper_quarter", "best")
    return {
        **{"number": indicator.number, "short": nfc(indicator.short[language])},
        "own": value_text(own, indicator, language),
        "area": value_text(area, indicator, language) + star,
        **{"own_value": own["value"], "area_value": area["value"]},
        **{name: scale.get(name, np.nan) for name in ends},
        "told": phrase(f"spine.{scale['told']}", language) if scale["told"] else "",
        "verdict": verdict or "–",
        **{"better": tally[0], "worse": tally[1], "known": has_value(own)},
        "tone": _comparison(own) if drawn and not review.is_area else "untested",
        "is_area": review.is_area,
    }


def room(indicators: pd.DataFrame) -> Room:
    """Return the room that a spine of these indicators needs."""
    left = NAMES - (0.88 if indicators["is_area"].all() else 0)
    return Room(ROW * len(indicators), left, WORDS, above=0.36, below=0.03)


def draw(
    indicators: pd.DataFrame, dots: pd.DataFrame, ax: Axes | None = None, *, language: str = "vi"
) -> Axes:
    """Draw one row per indicator and one point per row of `dots`; see `spine_rows`.

    Pale is the range of all units, darker its middle half; the upright line is the whole area.
    """
    sizes = room(indicators)
    ax = alone(sizes) if ax is None else ax
    y = np.arange(len(indicators))
    rows(ax, [""] * len(y), sizes.left, right=sizes.right)
    ax.set_xlim(-1.06, 1.06)
    for start, end, shade in (
        ("worst", "best", "range"),
        ("lower_quarter", "upper_quarter", "middle"),
    ):
        some = indicators[start].notna().to_numpy()
        ends = indicators[start][some], indicators[end][some]
        bands(ax, y[some], *ends, PALETTE[shade], 0.15)
    ax.axvline(0, color=INK, linewidth=1, zorder=3)
    at = dots["number"].map(list(indicators["number"]).index).to_numpy()
    whole = indicators["is_area"].all()
    points(ax, dots["position"], at, dots["comparison"], 18 if whole else 38)
    _draw_texts(ax, indicators, y, sizes, language)
    return ax


def _draw_texts(ax: Axes, indicators: pd.DataFrame, y, sizes: Room, language: str) -> None:
    column(ax, y, indicators["number"], 0.27 - sizes.left, edge=0, ha="right", color=GREY)
    column(ax, y, indicators["short"], 0.34 - sizes.left, edge=0)
    if not indicators["is_area"].all():
        looks = {"edge": 0, "ha": "right", **known_looks(indicators["known"])}
        column(ax, y, indicators["own"], -OWN, **looks)
        own = wrapped(phrase("spine.own", language), 0.8)
        heading(ax, {-OWN: own}, ha="right")
    areas = [wrapped(text, OWN - AREA - 0.05) for text in indicators["area"]]
    looks = {"va": "center", "linespacing": 0.95}
    column(ax, y, areas, -AREA, edge=0, ha="right", color=GREY, **looks)
    heading(ax, {-AREA: wrapped(phrase("spine.area", language), 0.62)}, ha="right")
    heading(ax, {0: phrase("spine.left", language)})
    heading(ax, {0: phrase("spine.right", language)}, ha="right", edge=1)
    middle = width_of(ax) / 2 + 0.09
    column(ax, y, indicators["told"], middle, edge=0, color=GREY, style="italic")
    plain = (indicators["verdict"] == "–") | (indicators["told"] != "")
    verdicts = indicators["verdict"].mask(plain, "")
    verdicts = [wrapped(text, WORDS - MARGIN - 0.08) for text in verdicts]
    tones = [MARKS[key][2] if key in ("better", "worse") else GREY for key in indicators["tone"]]
    column(ax, y, verdicts, 0.08, ha="left", color=tones, **looks)


spine.draw = draw
