"""A unit's villages ranked by poor and near-poor households, small numbers hidden.

The unit's totals are published, so a hidden number must not follow from them by subtraction, nor
from the ranges the marks tell; a mark is drawn alike whatever stands behind it.
"""

import re

import numpy as np
import pandas as pd

from sonla_analysis.charts.base import (
    ACCENT,
    ACCENT_PALE,
    GREY,
    INK,
    LINE,
    MARGIN,
    SMALL,
    TEXT,
    WIDTH,
    Chart,
    Sheet,
    empty_chart,
    list_names,
    new_sheet,
    styled,
    text_width,
    unit_start,
    wrapped,
)
from sonla_analysis.charts.deprivations import absence, missing_units_note, part_text, silent_units
from sonla_analysis.indicators.disclosure import MINIMUM
from sonla_analysis.indicators.groups import STATES
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import sort_key
from sonla_analysis.review import Review
from sonla_analysis.sentences import number, unit_name
from sonla_analysis.tables.input_tables import POOR, was_sent

MOST, MOST_OF_AREA = 7.2, 15  # inches of villages in a unit's chart, villages in the area's
NAMES, TOP = 2.5, 0.3  # the most room for names; the room above the first row
ROW, MORE = 0.22, 0.12  # a village; each further line of the longest name


@styled
def villages(review: Review) -> Chart | None:
    """Return the villages by poor and near-poor households; of the area, the 15 with most.

    >>> from sonla_analysis.review import open_review
    >>> from sonla_analysis.definitions.folders import sample_folder
    >>> chart = villages(open_review(sample_folder(), "03661", "2020-12-31", language="en"))
    >>> sorted(set(chart.numbers["Poor households"]) - {"1–4"})
    ['0', '12', '6']
    """
    if not was_sent(review.tables, "households", "village"):
        return None
    register = review.rows("households")
    cells, totals = ranked(review.villages), _totals(register)
    title = _title(cells, totals, register, review) + part_text(review, register)
    names = {"slug": "villages", "kind": "bars"}
    measure = phrase(f"villages.measure{'_area' if review.is_area else ''}", review.language)
    if not any(totals.values()) or _nobody_wrote(cells):
        return empty_chart(review, title=title, measure=measure, reason=title, **names)
    rows = _drawn(cells, totals, review)
    labels = [_label(row, review) for row in rows.to_dict("records")]
    room = min(NAMES, MARGIN + 0.1 + max(map(text_width, labels)))
    labels = [_wrapped(label, room - MARGIN - 0.09) for label in labels]
    step = ROW + MORE * max(label.count("\n") for label in labels)
    shown = rows.head(int(MOST / step))
    note = _note(shown, len(rows) - len(shown), review)
    if review.is_area:
        note += missing_units_note(review, register)
    sheet = new_sheet(
        review, title=title, measure=measure, height=step * len(shown) + TOP, note=" ".join(note)
    )
    numbers = _numbers(shown, review)
    _draw(sheet, shown, totals, numbers, labels, room)
    groups = [phrase(f"household.{group}", review.language) for group in STATES]
    data = "; ".join(
        f"{name}: {groups[0]} {poor}, {groups[1]} {near}" for name, poor, near in numbers.to_numpy()
    )
    return sheet.finish(numbers=numbers, data=data, **names)


def _wrapped(label: str, room: float) -> str:
    """Return a name in lines that fit: two or more are smaller."""
    return label if text_width(label) <= room else wrapped(label, room, SMALL)


# --- the numbers -------------------------------------------------------------------------


def _totals(register: pd.DataFrame) -> dict[str, int]:
    """Return the unit's poor and near-poor households, as the unit publishes them."""
    status = register["status"]
    return {"poor": int(status.isin(POOR).sum()), "near_poor": int((status == "near_poor").sum())}


def _drawn(cells: pd.DataFrame, totals: dict, review: Review) -> pd.DataFrame:
    """Return the villages worth a row: of the area those with 5 or more, of a unit all but zeros.

    Where nothing can be told of any village, the row is the unit as a whole.
    """
    if review.is_area:
        kept = cells[list(STATES)].ge(MINIMUM).fillna(False).any(axis=1) & (cells["village"] != "")
    else:
        kept = ~cells[list(STATES)].eq(0).fillna(False).all(axis=1)
    rows = cells[kept].head(MOST_OF_AREA) if review.is_area else cells[kept]
    ranges = rows[_MARKS].isin(["few", "many"]).any(axis=None)
    told = ranges or rows[list(STATES)].fillna(0).gt(0).any(axis=None)
    return rows.reset_index(drop=True) if told else _whole(totals, review)


_MARKS = [f"{group}_mark" for group in STATES]


def ranked(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the villages, most poor households first; hidden ones in alphabetical order.

    Households without a village stand last.

    Only what is told decides the order, so the order tells nothing more.
    """
    places = []
    for row in cells.to_dict("records"):
        ranks = [_rank(row[group], row[f"{group}_mark"]) for group in STATES]
        places.append((row["village"] == "", *ranks, _natural(row["village"]), row["unit"]))
    order = sorted(range(len(cells)), key=places.__getitem__)
    return cells.iloc[order].reset_index(drop=True)


def _rank(number_shown, mark: str) -> tuple[int, int]:
    """Numbers of 5 or more, then hidden larger ones, then 1 to 4 and untold ones, then zero."""
    if mark:
        return (1 if mark == "many" else 2), 0
    return (0, -int(number_shown)) if number_shown >= MINIMUM else (3, 0)


def _natural(name: str) -> tuple:
    """Tổ 2 stands before Tổ 10; otherwise as in a Vietnamese dictionary."""
    return sort_key(re.sub(r"\d+", lambda digits: digits[0].zfill(4), name))


def _nobody_wrote(cells: pd.DataFrame) -> bool:
    """Whether no household's village was written down."""
    return cells["village"].eq("").all()


def _whole(totals: dict, review: Review) -> pd.DataFrame:
    """Return the unit as a single row, where no village can be told by itself."""
    here = {"unit": review.unit, "village": unit_start(review)}
    return pd.DataFrame([{**here, **totals, **dict.fromkeys(_MARKS, "")}])


# --- the words ---------------------------------------------------------------------------


def _title(cells: pd.DataFrame, totals: dict, register: pd.DataFrame, review: Review) -> str:
    """Return the finding: where most poor households live, as far as it may be told."""
    language, unit = review.language, unit_start(review)
    if not any(totals.values()):
        return phrase(f"villages.{_absent(register, review)}", language, unit=unit)
    if cells[_MARKS].eq("hidden").all(axis=None) or _nobody_wrote(cells):
        key = "only_total_area" if review.is_area else "only_total"
        key = "no_villages" if _nobody_wrote(cells) else key
        texts = {group: number(n, language) for group, n in totals.items()}
        return phrase(f"villages.{key}", language, unit=unit, **texts)
    group = "poor" if totals["poor"] else "near_poor"
    words = {
        "unit": unit,
        "group": phrase(f"household.{group}", language),
        "total": number(totals[group], language),
    }
    known = cells[(cells[group] >= MINIMUM) & (cells["village"] != "")]
    all_told = cells[f"{group}_mark"].isin(["", "few"]).all() and cells["village"].ne("").all()
    if known.empty:
        return phrase(f"villages.{'scattered' if all_told else 'not_shown'}", language, **words)
    most = known[known[group] == known[group].max()]
    key = "most" if len(most) == 1 else "most_each" if len(most) <= 3 else "most_many"
    words["names"] = list_names([_label(row, review) for row in most.to_dict("records")], language)
    words |= {"count": len(most), "n": number(most[group].iloc[0], language)}
    finding = phrase(f"villages.{key}", language, **words)
    return finding if all_told else phrase("villages.among_shown", language, finding=finding)


def _absent(register: pd.DataFrame, review: Review) -> str:
    """Return which sentence is true where the tables hold no poor or near-poor household."""
    silent = silent_units(review, review.unit, register)
    if not silent:
        return "nobody"
    all_silent = not review.is_area or len(silent) == len(review.leaf_units)
    return absence(review) if all_silent else "nobody_reported"


def _label(row: dict, review: Review) -> str:
    """Return a village's name; in the area's chart with its ward or commune."""
    name = row["village"] or phrase("villages.no_village", review.language)
    if not review.is_area or row["unit"] == review.unit:
        return name
    unit = unit_name(review.units.loc[row["unit"]], review.language)
    return phrase("villages.place", review.language, village=name, unit=unit)


def _text(number_shown, mark: str, language: str) -> str:
    return phrase(f"villages.{mark}", language) if mark else number(number_shown, language)


def _numbers(rows: pd.DataFrame, review: Review) -> pd.DataFrame:
    """Return the numbers and marks as drawn, one row per village."""
    language, records = review.language, rows.to_dict("records")
    columns = {
        phrase("villages.column_village", language): [_label(row, review) for row in records]
    }
    for group in STATES:
        texts = [_text(row[group], row[f"{group}_mark"], language) for row in records]
        columns[_start(phrase(f"household.{group}", language))] = texts
    return pd.DataFrame(columns)


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]


def _note(rows: pd.DataFrame, left_out: int, review: Review) -> list[str]:
    language, marks = review.language, set(rows[_MARKS].to_numpy().ravel())
    if rows["village"].tolist() == [unit_start(review)]:  # no village can be told
        marks = {"hidden"}
    notes = [
        phrase(f"villages.note_{mark}", language)
        for mark in ("few", "many", "hidden")
        if mark in marks
    ]
    if review.is_area and not rows["unit"].eq(review.unit).all():
        notes.append(phrase("villages.note_area", language))
    if left_out:
        notes.append(phrase("villages.note_rest", language, n=left_out))
    return notes


# --- the drawing -------------------------------------------------------------------------

BAR = 0.075  # half a bar's height
LOOKS = {"poor": ACCENT, "near_poor": ACCENT_PALE}
_BOX = {"few": (1, MINIMUM - 1), "many": (MINIMUM, MINIMUM + 3)}  # ends of a hidden number's box


def _draw(sheet: Sheet, rows: pd.DataFrame, totals: dict, numbers, labels, room: float) -> None:
    """Draw two panels on one scale: poor households, near-poor households."""
    step = (sheet.height - TOP) / len(rows)
    lines = [sheet.height - TOP - step * (place + 0.5) for place in range(len(rows))]
    for y, label in zip(lines, labels, strict=False):
        sheet.write(room - 0.09, y, label, size=SMALL if "\n" in label else TEXT, ha="right")
    panel = (WIDTH - room - MARGIN) / 2
    inch = (panel - 0.62) / _longest(rows)
    for place, (group, head) in enumerate(zip(STATES, list(numbers)[1:], strict=True)):
        left, n = room + place * panel, number(totals[group], sheet.review.language)
        text = phrase("villages.head", sheet.review.language, group=head, n=n)
        sheet.write(left, sheet.height - 0.17, text, color=GREY, size=SMALL + 0.5)
        sheet.strokes(left, 0, left, sheet.height - TOP, color=LINE, width=0.8)
        _draw_panel(sheet, rows, group, numbers[head], lines, left, inch)


def _longest(rows: pd.DataFrame) -> int:
    """Return the end of the scale; hidden numbers have boxes of one size."""
    told = rows[list(STATES)].max().max()
    return max(_BOX["many"][1], 0 if pd.isna(told) else int(told))


def _draw_panel(sheet, rows, group: str, texts, lines, left: float, inch: float) -> None:
    """Draw bars where the number is told, one and the same hatched box where it is not."""
    marks, ends = rows[f"{group}_mark"], rows[group].fillna(0).astype("int64").to_numpy(copy=True)
    y = np.array(lines)
    told = ends > 0
    sheet.boxes(left, y[told] - BAR, left + ends[told] * inch, y[told] + BAR, LOOKS[group], z=2)
    for mark, (start, end) in _BOX.items():
        hidden = (marks == mark).to_numpy()
        ends[hidden] = end
        _hatch(sheet, left + start * inch, left + end * inch, y[hidden])
    for at, end, text, plain in zip(lines, ends, texts, told, strict=True):
        color = INK if plain else GREY
        sheet.write(left + end * inch + 0.06, at, text, color=color, size=TEXT - 0.5)


def _hatch(sheet: Sheet, left: float, right: float, middles) -> None:
    """Draw slanted lines over boxes of one width around these heights."""
    starts = np.arange(left - 2 * BAR, right, 0.045)
    x0, x1 = np.clip(starts, left, right), np.clip(starts + 2 * BAR, left, right)
    y0, y1 = ((x - starts - BAR) + np.reshape(middles, (-1, 1)) for x in (x0, x1))
    x0, x1 = (np.tile(x, len(middles)) for x in (x0, x1))
    sheet.strokes(x0, y0.ravel(), x1, y1.ravel(), color=HATCH, width=0.7)


HATCH = "#9aa4ae"
