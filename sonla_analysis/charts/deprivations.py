"""The deprivations of a unit's poor households, beside the whole area's.

Counts per unit are what official forms 4 and 5 publish; of near-poor households, which no form
tells, small numbers are hidden. Nothing is crossed with another trait.
"""

import numpy as np
import pandas as pd

from sonla_analysis.charts.base import (
    ACCENT,
    GREY,
    INK,
    LINE,
    MARGIN,
    PALE,
    SMALL,
    WIDTH,
    Chart,
    Sheet,
    empty_chart,
    list_names,
    new_sheet,
    styled,
    unit_start,
    wrap,
)
from sonla_analysis.indicators.measure import signed_zero
from sonla_analysis.indicators.withheld import WHOLE
from sonla_analysis.language.phrases import phrase
from sonla_analysis.review import Review
from sonla_analysis.sentences import number, percent, unit_name
from sonla_analysis.tables.input_tables import POOR, was_sent

FEW = 10  # below this number of households a share misleads: each is drawn, none is worked out
ROW, NAMES, FIGURES, SCALE, BAR = 0.335, 2.3, 1.12, 0.2, 0.085


@styled
def deprivations(review: Review) -> Chart | None:
    """Return how many poor households lack what, most common first, beside the whole area's.

    The area itself shows its near-poor households beside its poor ones. None where nobody sent a
    column of the poverty standard's deprivations.

    >>> from sonla_analysis.review import open_review
    >>> from sonla_analysis.definitions.folders import sample_folder
    >>> chart = deprivations(open_review(sample_folder(), "116", "2020-12-31", language="en"))
    >>> chart.title.startswith("Poor households are most often deprived in"), len(chart.numbers)
    (True, 10)
    """
    lacking = [one["column"] for one in review.plan.standard_data.deprivations]
    if not was_sent(review.tables, "households", *lacking):
        return None
    register = review.rows("households", unit=review.area)
    profile = deprivation_profile(register, review)
    title = _title(profile, register, review) + part_text(review, register)
    measure = _measure(review)
    if profile.empty or profile[["total", "beside_total"]].max().max() == 0:
        return empty_chart(
            review, title=title, measure=measure, slug="deprivations", kind="bars", reason=title
        )
    numbers = _numbers(profile, review)
    heads = [wrap(text, FIGURES - 0.1, SMALL) for text in list(numbers)[2:]]
    top = 0.06 + 0.125 * max(map(len, heads))
    sheet = new_sheet(
        review, title=title, measure=measure, height=ROW * len(profile) + top + SCALE,
        legend=_legend(profile, review), note=_note(profile, register, review),
    )  # fmt: skip
    rows = [sheet.height - top - ROW * (place + 0.5) for place in range(len(profile))]
    _draw_marks(sheet, profile, rows)
    _draw_texts(sheet, numbers.to_numpy(), heads, rows, known=profile["total"] > 0)
    data = "; ".join(f"{name}: {figure}" for name, _, figure, _ in numbers.to_numpy())
    return sheet.finish(slug="deprivations", kind="bars", numbers=numbers, data=data)


# --- the numbers -------------------------------------------------------------------------


def deprivation_profile(register: pd.DataFrame, review: Review) -> pd.DataFrame:
    """Return one row per deprivation of the plan's standard, most common first.

    `register` holds the whole area's households on the date.

    Columns: name, service, n deprived of `total` poor households with an entry, share (percent),
    households (with or without an entry); the same with `beside_` for the whole area's poor
    households, or for the area itself its near-poor ones; silent (why there is none: its mark).
    Ties keep the official order.
    """
    found = review.plan.standard_data.deprivations
    own, beside = _poor(register, review), register["status"].isin(POOR)
    if review.is_area:
        beside = register["status"] == "near_poor"
    counts = {**_counts(register[own], found, ""), **_counts(register[beside], found, "beside_")}
    if review.is_area:
        hidden = review.hidden_deprivations.loc["area"]
        counts["beside_hidden"] = np.array([bool(hidden[one["column"]]) for one in found])
        counts["beside_share"] = np.where(counts["beside_hidden"], np.nan, counts["beside_share"])
    unsent = not own.any() and bool(silent_units(review, review.unit, register))
    counts["silent"] = [
        "withheld"
        if review.is_withheld(review.unit, ("households", one["column"]))
        else "not_reported" * unsent
        for one in found
    ]
    texts = {key: [one[key][review.language] for one in found] for key in ("name", "service")}
    profile = pd.DataFrame({**texts, **counts})
    order = "share" if profile["total"].sum() else "beside_share"
    return profile.sort_values(order, ascending=False, kind="stable", ignore_index=True)


def _poor(register: pd.DataFrame, review: Review) -> pd.Series:
    """Return which households of the register are the unit's poor ones."""
    poor = register["status"].isin(POOR)
    return poor if review.is_area else poor & (register["unit"] == review.unit)


def _counts(households: pd.DataFrame, found: tuple[dict, ...], prefix: str) -> dict:
    """Return, in the order of `found`, how many households are deprived, of how many."""
    flags = [households[one["column"]] for one in found]
    n = np.array([int(flag.sum()) for flag in flags])
    total = np.array([int(flag.count()) for flag in flags])
    share = np.divide(n * 100, total, out=np.full(len(found), np.nan), where=total > 0)
    here = {"n": n, "total": total, "share": share, "households": len(households)}
    return {f"{prefix}{key}": values for key, values in here.items()}


def silent_units(review: Review, unit: str, register: pd.DataFrame) -> list[str]:
    """Return the units (of the area, or the one unit) that have sent no register for the date.

    A register without rows counts as sent only where the unit signed for zero households.
    """
    sent = set(register["unit"].unique())
    expected = list(review.leaf_units.index) if unit == review.area else [unit]
    if not set(expected) <= sent:
        sent |= set(signed_zero(review.rows("unit_counts", unit=review.area))["unit"])
    return [one for one in expected if one not in sent]


def part_text(review: Review, register: pd.DataFrame) -> str:
    """Return what stands behind a finding about the area that some units' registers are not in."""
    units = len(review.leaf_units)
    reported = units - len(silent_units(review, review.area, register))
    if not review.is_area or reported in (0, units):
        return ""
    return f" ({phrase('board.reporting', review.language, reporting=reported, units=units)})"


def absence(review: Review) -> str:
    """Return why a unit's register is not there: it was not sent, or is being corrected."""
    held = review.is_withheld(review.unit, ("households", WHOLE))
    return "withheld" if held else "not_reported"


# --- the words ---------------------------------------------------------------------------


def _title(profile: pd.DataFrame, register: pd.DataFrame, review: Review) -> str:
    """Return the finding: what is lacked most often, or why that cannot be said."""
    language, poor = review.language, int(_poor(register, review).sum())
    known = profile[profile["total"] > 0]
    if poor == 0:
        key = _absent(register, review)
        return phrase(f"deprivations.{key}", language, unit=unit_start(review))
    if known.empty:
        return phrase("deprivations.blank", language)
    if known["n"].max() == 0:
        key = "none" if (profile["total"] == poor).all() else "none_known"
        return phrase(f"deprivations.{key}", language, total=number(poor, language))
    most = known[known["share"] == known["share"].max()]
    key = "most" if len(most) == 1 else "most_each" if len(most) <= 3 else "most_many"
    if len(most[["n", "total"]].drop_duplicates()) > 1:
        key = "most_unequal"
    names = list_names([name[:1].lower() + name[1:] for name in most["name"]], language)
    words = {"names": names, "count": len(most), "figure": _figure(most.iloc[0], language)}
    return phrase(f"deprivations.{key}", language, **words)


def _absent(register: pd.DataFrame, review: Review) -> str:
    """Return which sentence is true of a unit without poor households in the tables."""
    silent = silent_units(review, review.unit, register)
    if not silent:
        return "no_poor"
    all_silent = not review.is_area or len(silent) == len(review.leaf_units)
    return absence(review) if all_silent else "no_poor_reported"


def _figure(row, language: str, prefix: str = "") -> str:
    """Return "n of total (share)"; without a share where the households are few."""
    n, total = row[f"{prefix}n"], row[f"{prefix}total"]
    if row.get(f"{prefix}hidden", False):
        return phrase("deprivations.hidden", language)
    if total == 0:
        key = "no_entry" if row[f"{prefix}households"] else "no_household"
        key = f"mark.{row['silent']}" if row["silent"] else f"deprivations.{key}"
        return phrase(key, language)
    words = {
        "n": number(n, language),
        "total": number(total, language),
        "percent": percent(row[f"{prefix}share"], language, 1),
    }
    return phrase(f"deprivations.figure{'_few' if total < FEW else ''}", language, **words)


def _measure(review: Review) -> str:
    key = "measure_area" if review.is_area else "measure"
    return phrase(f"deprivations.{key}", review.language, area=_area(review))


def _area(review: Review, *, start: bool = False) -> str:
    return unit_name(review.units.loc[review.area], review.language, start=start)


def _heads(review: Review) -> list[str]:
    """Return what stands above the two columns of figures."""
    if review.is_area:
        keys = ("head_poor", "head_near_poor")
        return [phrase(f"deprivations.{key}", review.language) for key in keys]
    return [unit_start(review), _area(review, start=True)]


def _legend(profile: pd.DataFrame, review: Review) -> list[tuple[str, str]]:
    language, own, beside = review.language, profile["total"].max(), profile["beside_total"].max()
    group = "near_poor" if review.is_area else "poor"
    unit, area = unit_name(review.units.loc[review.unit], language), _area(review)
    entries = []
    if own >= FEW:
        entries.append((ACCENT, phrase("deprivations.poor", language, unit=unit)))
    elif own:
        entries.append((ACCENT, phrase("deprivations.deprived", language)))
        entries.append((LINE, phrase("deprivations.not_deprived", language)))
    if beside >= FEW and not 0 < own < FEW:
        entries.append(("similar", phrase(f"deprivations.{group}", language, unit=area)))
    return entries


def _note(profile: pd.DataFrame, register: pd.DataFrame, review: Review) -> str:
    totals = profile[["total", "beside_total"]]
    blanks = (totals.max() != totals.min()).any()
    notes = [phrase("deprivations.unknown", review.language)] if blanks else []
    if review.is_area and profile["beside_hidden"].any():
        notes.append(phrase("deprivations.note_hidden", review.language))
    return " ".join([*notes, *missing_units_note(review, register)])


def missing_units_note(review: Review, register: pd.DataFrame) -> list[str]:
    """Return the sentence that says how many units the area's figures are without, if any."""
    missing = len(silent_units(review, review.area, register))
    words = {"area": _area(review), "n": missing}
    return [phrase("deprivations.missing_units", review.language, **words)] if missing else []


def _numbers(profile: pd.DataFrame, review: Review) -> pd.DataFrame:
    """Return the figures as drawn, one row per deprivation."""
    language, records = review.language, profile.to_dict("records")
    columns = {
        phrase("deprivations.column_name", language): profile["name"],
        phrase("deprivations.column_service", language): profile["service"],
    }
    for head, prefix in zip(_heads(review), ("", "beside_"), strict=True):
        columns[head] = [_figure(row, language, prefix) for row in records]
    return pd.DataFrame(columns)


# --- the drawing -------------------------------------------------------------------------


def _draw_marks(sheet: Sheet, profile: pd.DataFrame, rows: list[float]) -> None:
    """Draw bars and points on a scale in percent, or a square for each of few households."""
    below = [y - ROW / 2 for y in rows]
    sheet.strokes(MARGIN, below, WIDTH - MARGIN, below, color=PALE, width=0.7, z=0)
    if 0 < profile["total"].max() < FEW:
        return _draw_squares(sheet, profile, rows)
    inch = _draw_scale(sheet, profile[["share", "beside_share"]].max().max(), below[-1], rows[0])
    y = np.array(rows)
    ends = NAMES + profile["share"].fillna(0).to_numpy() * inch
    sheet.boxes(NAMES, y - BAR, ends, y + BAR, ACCENT, z=2)
    if profile["beside_total"].max() >= FEW:
        known = profile["beside_share"].notna().to_numpy()
        points = NAMES + profile["beside_share"].to_numpy()[known] * inch
        sheet.marks(points, y[known], "similar")


def _draw_scale(sheet: Sheet, longest: float, bottom: float, top: float) -> float:
    """Draw the scale from 0 % to the next round number; return how long 1 % is."""
    upper, step = next(scale for scale in _SCALES if longest <= scale[0])
    inch = (WIDTH - MARGIN - 2 * FIGURES - NAMES) / upper
    ticks = range(0, upper + 1, step)
    lines = [NAMES + tick * inch for tick in ticks]
    colors = [LINE, *[PALE] * (len(lines) - 1)]
    sheet.strokes(lines, bottom, lines, top + ROW / 2, color=colors, width=0.8, z=0)
    for x, tick in zip(lines, ticks, strict=True):
        sheet.write(x, bottom - 0.1, f"{tick}%", size=SMALL, color=GREY, ha="center")
    return inch


_SCALES = ((10, 5), (20, 10), (40, 10), (60, 20), (80, 20), (100, 20))  # end and step in percent


def _draw_squares(sheet: Sheet, profile: pd.DataFrame, rows: list[float]) -> None:
    """Draw a square for each household with an entry, the deprived ones first and dark."""
    boxes = [
        (NAMES + 0.21 * place, y, ACCENT if place < n else LINE)
        for y, n, total in zip(rows, profile["n"], profile["total"], strict=True)
        for place in range(total)
    ]
    x, y, colors = (np.array(part) for part in zip(*boxes, strict=True))
    sheet.boxes(x, y - 0.075, x + 0.15, y + 0.075, colors.tolist(), z=2)


def _draw_texts(sheet: Sheet, texts, heads, rows: list[float], known: pd.Series) -> None:
    """Write each row's name and service at the left, its two figures at the right."""
    ends = WIDTH - MARGIN - FIGURES, WIDTH - MARGIN
    for x, lines in zip(ends, heads, strict=True):
        looks = {"size": SMALL, "color": GREY, "ha": "right", "va": "bottom"}
        sheet.write(x, rows[0] + ROW / 2 + 0.02, "\n".join(lines), **looks)
    for y, (name, service, own, beside), told in zip(rows, texts, known, strict=True):
        sheet.write(MARGIN, y + 0.055, name)
        sheet.write(MARGIN, y - 0.075, service, size=SMALL - 0.5, color=GREY)
        sheet.write(ends[0], y, own, color=INK if told else GREY, ha="right")
        sheet.write(ends[1], y, beside, color=GREY, ha="right")
