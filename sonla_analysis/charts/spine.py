"""Where a unit stands among all units, indicator by indicator; right is always better."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from sonla_analysis.charts.base import (
    GREY,
    INK,
    MARGIN,
    MARKS,
    PALE,
    SMALL,
    WIDTH,
    Chart,
    incomplete_note,
    new_sheet,
    rows_now,
    styled,
    unit_start,
    wrapped,
)
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import nfc
from sonla_analysis.sentences import is_open, unit_name, value_text

ROW, HEAD, MOST_DOTS = 0.252, 0.3, 40
NAME, OWN, AREA, LANE, LANE_END, WORDS = 0.4, 2.78, 3.5, 3.66, 5.92, 6.02
RANGE, MIDDLE = "#e3e7eb", "#b9c1c9"


class Row(NamedTuple):
    """An indicator: its texts, and positions from −1 (worst side) over 0 (city) to 1."""

    number: str
    short: str
    own: str
    area: str
    dots: tuple[tuple[float, str], ...]
    ends: tuple[float, ...]  # worst, lower quarter, upper quarter, best; none where not drawn
    told: str  # said on the lane instead of, or beside, what is drawn
    verdict: str
    tally: tuple[int, int]  # units better and worse than the city
    known: bool


@styled
def spine(review) -> Chart:
    """Return the chart of this unit (all units, for the area) beside the others and the area.

    Better or worse only where the unit's 95 % interval leaves the area's value out; counts depend
    on a unit's size and are not compared.
    """
    language = review.language
    rows = spine_rows(review)
    units = len(review.leaf_units)
    height = HEAD + ROW * len(rows) + 0.02
    legend = [(key, phrase(f"spine.{key}", language)) for key in ("better", "similar", "worse")]
    legend += [(RANGE, phrase("spine.range", language, units=units))]
    legend += [(MIDDLE, phrase("spine.middle", language))]
    area = unit_name(review.units.loc[review.area], language)
    measure = phrase("spine.measure", language, units=units, area=area)
    sheet = new_sheet(
        review, title=_title(rows, review), measure=measure, height=height, legend=legend,
        note=incomplete_note(review),
    )  # fmt: skip
    ys = sheet.height - HEAD - ROW * (np.arange(len(rows)) + 0.5)
    _draw_heads(sheet, ys, review)
    _draw_lanes(sheet, rows, ys, small=review.is_area)
    _draw_texts(sheet, rows, ys, review)
    names = ("indicator", "own", "area", "verdict")
    columns = [phrase(f"spine.{name}", language) for name in names]
    cells = [[f"{row.number} {row.short}", row.own, row.area, row.verdict] for row in rows]
    data = "; ".join(f"{row.short}: {row.own} / {row.area}" for row in rows)
    numbers = pd.DataFrame(cells, columns=columns)
    return sheet.finish(slug="spine", kind="spine", numbers=numbers, data=data)


def spine_rows(review) -> list[Row]:
    """Return one row per indicator of the plan, in its order."""
    many = len(review.leaf_units) > MOST_DOTS
    everyone = review.is_area and not many
    found = rows_now(review, units=None if everyone else [review.unit, review.area])
    of = {}
    for record in found:
        of.setdefault(record["indicator"], []).append(record)
    values, tallies = spread(review.situation, review.as_of)
    rows = []
    for one in review.plan.indicators:
        own = next(record for record in of[one.id] if record["unit"] == review.unit)
        shown = [r for r in of[one.id] if r["level"] == "unit"] if review.is_area else [own]
        area = review.area_now.loc[one.id]
        tally = tallies.get(one.id, (0, 0))
        rows.append(_row(one, own, area, shown, values.get(one.id, np.array([])), tally, review))
    return rows


@lru_cache(maxsize=8)
def spread(situation, as_of: str) -> tuple[dict, dict]:
    """Return by indicator the values of the units, and how many are (better, worse)."""
    rows = situation.progress
    here = (rows["as_of"] == as_of) & (rows["level"] == "unit") & (rows["state"] == "reported")
    rows = rows.loc[here, ["indicator", "value"]].assign(comparison=situation.comparison[here])
    groups = dict(list(rows.groupby("indicator", sort=False)))
    values = {name: group["value"].dropna().to_numpy("float64") for name, group in groups.items()}
    tallies = {
        name: tuple(int((group["comparison"] == key).sum()) for key in ("better", "worse"))
        for name, group in groups.items()
    }
    return values, tallies


def _row(indicator, own, area, shown, values, tally, review) -> Row:
    language = review.language
    told, dots, ends = "", (), ()
    if indicator.kind == "count":
        told = "count"
    elif len(values) < 2 or pd.isna(area["value"]):
        told = "too_few"
    else:
        polarity, city = -1 if indicator.lower_is_better else 1, float(area["value"])
        scale = np.abs(values - city).max()
        told = "" if scale > 1e-9 else "equal"
        scale = max(scale, 1e-9)
        ends = np.percentile((values - city) * polarity / scale, [0, 25, 75, 100])
        shown = [record for record in shown if pd.notna(record["value"])]
        dots = [((r["value"] - city) * polarity / scale, _verdict(r)) for r in shown]
    verdict = phrase(f"spine.{_verdict(own)}", language) if dots else "–"
    if review.is_area:
        words = {"better": tally[0], "worse": tally[1]}
        verdict = phrase("spine.tally", language, **words) if any(tally) else "–"
    return Row(
        number=indicator.number,
        short=nfc(indicator.short[language]),
        own=value_text(own, indicator, language),
        area=value_text(area, indicator, language) + ("*" if area["state"] == "incomplete" else ""),
        dots=tuple(dots),
        ends=tuple(ends),
        told=told and phrase(f"spine.{told}", language),
        verdict=verdict,
        tally=tally,
        known=bool(pd.notna(own["value"])) or is_open(own),
    )


def _verdict(record: dict) -> str:
    return record["comparison"] if pd.notna(record["comparison"]) else "untested"


# --- drawing -----------------------------------------------------------------------------


def _lane(position) -> np.ndarray:
    return (LANE + LANE_END) / 2 + np.asarray(position, "float64") * (LANE_END - LANE - 0.16) / 2


def _draw_heads(sheet, ys, review) -> None:
    language, y = review.language, sheet.height - HEAD + 0.09
    looks = {"size": SMALL, "color": GREY, "va": "baseline"}
    if not review.is_area:
        name = wrapped(phrase("spine.own", language), 0.8, SMALL)
        sheet.write(OWN, y, name, ha="right", **looks)
    sheet.write(AREA, y, phrase("spine.area", language), ha="right", **looks)
    sheet.write(LANE, y, phrase("spine.left", language), **looks)
    sheet.write(LANE_END, y, phrase("spine.right", language), ha="right", **looks)
    edges = np.append(ys + ROW / 2, ys[-1] - ROW / 2)
    sheet.strokes(MARGIN, edges, WIDTH - MARGIN, edges, color=PALE, width=0.7, z=0)
    sheet.strokes(_lane(0), edges[0], _lane(0), edges[-1], color=INK, width=1, z=3)


def _draw_lanes(sheet, rows: list[Row], ys, *, small: bool) -> None:
    ranged = [(row.ends, y) for row, y in zip(rows, ys, strict=True) if row.ends]
    if ranged:
        ends, y = _lane([ends for ends, _ in ranged]).T, np.array([y for _, y in ranged])
        sheet.boxes(ends[0], y - 0.075, ends[3], y + 0.075, RANGE)
        sheet.boxes(ends[1], y - 0.075, ends[2], y + 0.075, MIDDLE)
    dots = [(at, y, key) for row, y in zip(rows, ys, strict=True) for at, key in row.dots]
    if dots:
        at, y, keys = zip(*dots, strict=True)
        sheet.marks(_lane(at), y, keys, 18 if small else 38)


def _draw_texts(sheet, rows: list[Row], ys, review) -> None:
    for row, y in zip(rows, ys, strict=True):
        sheet.write(NAME - 0.07, y, row.number, size=SMALL, color=GREY, ha="right")
        sheet.write(NAME, y, row.short)
        words = {"face": "It", "color": GREY, "size": SMALL}
        if not review.is_area:
            sheet.write(OWN, y, row.own, ha="right", **({} if row.known else words))
        sheet.write(AREA, y, row.area, ha="right", color=GREY)
        if row.told:
            sheet.write(_lane(0.09).item(), y, row.told, **words)
        if row.verdict != "–":
            key = "similar" if review.is_area else row.dots[0][1]
            colour = MARKS[key][2] if key in ("better", "worse") else GREY
            words = wrapped(row.verdict, WIDTH - MARGIN - WORDS, 8)
            sheet.write(WORDS, y, words, size=8 if "\n" not in words else 7, color=colour)


# --- words -------------------------------------------------------------------------------


def _title(rows: list[Row], review) -> str:
    language = review.language
    if review.is_area:
        return _widest(rows, language)
    keys = [key for row in rows for _, key in row.dots]
    better, worse = keys.count("better"), keys.count("worse")
    similar = keys.count("similar")
    key = "both" if better and worse else "only_better" if better else "only_worse"
    if not (better or worse):
        key = "all_similar" if similar else "nothing"
    words = {"better": better, "worse": worse, "similar": similar, "unit": unit_start(review)}
    return phrase(f"spine.title_{key}", language, **words)


def _widest(rows: list[Row], language: str) -> str:
    """Return the indicator on which most units clearly differ from the city."""
    row = max(rows, key=lambda row: sum(row.tally))
    words = dict(zip(("better", "worse"), row.tally, strict=True))
    found = [name for name, count in words.items() if count]
    key = f"spine.differ_{'_'.join(found) or 'none'}"
    return phrase(key, language, short=row.short, **words)
