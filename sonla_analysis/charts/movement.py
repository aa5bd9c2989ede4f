"""How households left and joined the poverty list since the start of the year (official form 2)."""

import pandas as pd

from sonla_analysis.charts.base import (
    ACCENT,
    ALERT,
    GREY,
    INK,
    LINE,
    MARGIN,
    PALE,
    WIDTH,
    Chart,
    empty_chart,
    households,
    new_sheet,
    reporting,
    styled,
    unit_start,
    wrapped,
)
from sonla_analysis.indicators.measure import year_end_before
from sonla_analysis.indicators.poverty import MOVEMENT
from sonla_analysis.indicators.poverty import movement as form_2
from sonla_analysis.language.phrases import phrase
from sonla_analysis.sentences import day, number
from sonla_analysis.tables.input_tables import was_sent

ROW, BARS, RATE = 0.29, 2.5, "poor_household_rate"
STOCK = "#7f8a94"


@styled
def movement(review) -> Chart | None:
    """Return the waterfall from the poor households at the start of the year to those now.

    None where nobody sent what the households were at the start of the year.
    """
    if not was_sent(review.tables, "households", "start_status"):
        return None
    language = review.language
    state = review.now["state"].get(RATE, "reported")
    register = review.rows("households")
    words = {"title": "", "measure": phrase("waterfall.measure", language)}
    steps = waterfall(register)
    words["title"] = _title(steps, review, state if register.empty else "reported")
    if state == "incomplete":
        some = phrase("board.reporting", language, **reporting(review, RATE))
        words["title"] += f" ({some})"
    if not any(amount for _, amount, _ in steps):
        names = {"slug": "movement", "kind": "movement", "reason": words["title"]}
        return empty_chart(review, **words, **names)
    sheet = new_sheet(review, height=ROW * len(steps) + 0.05, **words)
    top = max(high for _, _, (_, high) in steps)
    _draw(sheet, steps, (WIDTH - BARS - 0.7) / top, review)
    names = [_label(name, review) for name, _, _ in steps]
    amounts = [_signed(name, amount, language) for name, amount, _ in steps]
    columns = [phrase(f"waterfall.{name}", language) for name in ("step", "households")]
    numbers = pd.DataFrame({columns[0]: names, columns[1]: amounts})
    data = "; ".join(map(": ".join, zip(names, amounts, strict=True)))
    return sheet.finish(slug="movement", kind="movement", numbers=numbers, data=data)


def waterfall(register: pd.DataFrame) -> list[tuple[str, int, tuple[int, int]]]:
    """Return the form's columns in order: (name, households, (low, high) of its bar)."""
    columns = MOVEMENT["poor"]
    if register.empty:
        return [(name, 0, (0, 0)) for name in columns]
    counts = form_2(register, by=()).iloc[0]
    steps, level = [], 0
    for name in columns:
        amount = int(counts[name])
        before, level = level, level + (-amount if name.startswith("out_") else amount)
        if name == "end":
            before, level = 0, amount
        steps.append((name, amount, (min(before, level), max(before, level))))
    return steps


def _draw(sheet, steps, scale: float, review) -> None:
    language, level = review.language, 0.0
    for line, (name, amount, (low, high)) in enumerate(steps):
        y = sheet.height - ROW * (line + 0.5)
        falls, stock = name.startswith("out_"), name in ("start", "end")
        color = STOCK if stock else ACCENT if falls else ALERT
        left, right = BARS + low * scale, BARS + high * scale
        sheet.strokes(MARGIN, y - ROW / 2, WIDTH - MARGIN, y - ROW / 2, color=PALE, width=0.7, z=0)
        if line:
            sheet.strokes(level, y + ROW * 0.72, level, y + ROW * 0.28, color=LINE, width=0.9)
        if amount:
            sheet.boxes(left, y - ROW * 0.28, right, y + ROW * 0.28, color, z=2)
        else:
            sheet.strokes(left, y - ROW * 0.28, left, y + ROW * 0.28, color=GREY, width=1)
        level = left if falls else right
        face = "Bold" if stock else "Regular"
        text, label = _signed(name, amount, language), _label(name, review)
        sheet.write(MARGIN, y, wrapped(label, BARS - MARGIN - 0.1), face=face)
        ink = GREY if not amount else INK if stock else color
        sheet.write(right + 0.07, y, text, face=face, color=ink)


def _label(name: str, review) -> str:
    text = phrase(f"movement_poor.{name}", review.language)
    if name not in ("start", "end"):
        return text
    on = review.as_of if name == "end" else year_end_before(review.as_of)
    return f"{text} ({day(on, review.language)})"


def _signed(name: str, amount: int, language: str) -> str:
    sign = "" if name in ("start", "end") or not amount else "−" if name.startswith("out_") else "+"
    return sign + number(amount, language)


def _title(steps, review, state: str) -> str:
    language = review.language
    out = sum(amount for name, amount, _ in steps if name.startswith("out_"))
    into = sum(amount for name, amount, _ in steps if name.startswith("in_"))
    start, end = steps[0][1], steps[-1][1]
    key = "both" if out and into else "left" if out else "joined" if into else "unchanged"
    if not (out or into or start or end):
        silent = {"not_reported": "not_reported", "incomplete": "not_reported"}
        key = (silent | {"withheld": "withheld"}).get(state, "none")
    words = {"out": households(out, language), "into": households(into, language)}
    words["end"] = households(end, language)
    return phrase(f"waterfall.{key}", language, unit=unit_start(review), **words)
