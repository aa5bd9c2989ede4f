"""Funds planned and disbursed, by project and source."""

import numpy as np
import pandas as pd

from sonla_analysis.charts.base import (
    ACCENT,
    ACCENT_PALE,
    GREY,
    INK,
    LINE,
    MARGIN,
    PALE,
    SMALL,
    TEXT,
    WIDTH,
    Chart,
    Sheet,
    empty_chart,
    new_sheet,
    styled,
    text_width,
    unit_start,
    wrap,
)
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import sort_key
from sonla_analysis.review import Review
from sonla_analysis.sentences import number, percent
from sonla_analysis.tables.input_tables import was_sent

MOST = 7.2  # inches for all lines; smaller projects are added up where they do not fit
NAMES, AMOUNTS, RATES, TOP = 1.9, 1.5, 0.6, 0.18
HEAD, MORE, ROW, AFTER = 0.24, 0.14, 0.195, 0.07  # a project's name, its next lines, a source
BAR = 0.065


@styled
def funding(review: Review) -> Chart | None:
    """Return what was planned and what is disbursed, largest project first, in million VND.

    None where nobody sent the table.

    >>> from sonla_analysis.review import open_review
    >>> from sonla_analysis.definitions.folders import sample_folder
    >>> chart = funding(open_review(sample_folder(), "116", "2020-12-31", language="en"))
    >>> chart.title.endswith("have been disbursed (93.8%)"), len(chart.numbers)
    (True, 11)
    """
    if not was_sent(review.tables, "funding"):
        return None
    language, rows = review.language, review.rows("funding")
    title = _title(rows, review) + _part(rows, review)
    names = {"slug": "funding", "kind": "bars"}
    measure = phrase("funding.measure", language)
    if rows.empty:
        return empty_chart(review, title=title, measure=measure, reason=title, **names)
    projects = _projects(budget_lines(rows, language))
    legend = [(colour, phrase(f"funding.{key}", language)) for colour, key in _KEYS]
    sheet = new_sheet(
        review, title=title, measure=measure, legend=legend, note=_note(rows, review),
        height=TOP + sum(_height(project, lines) for project, lines in projects.items()),
    )  # fmt: skip
    _draw(sheet, projects)
    numbers = _numbers([line for lines in projects.values() for line in lines], review)
    data = "; ".join(_spoken(row, language) for row in numbers.to_numpy())
    return sheet.finish(numbers=numbers, data=data, **names)


_KEYS = ((ACCENT_PALE, "planned_key"), (ACCENT, "disbursed_key"))


# --- the numbers -------------------------------------------------------------------------


def budget_lines(rows: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return one row per project and source: the largest project, and in it source, first.

    Columns: project, source, planned and disbursed (million VND, sums over the units' lines that
    state both; where no line does, what is stated), known (some line states both), lines.

    >>> rows = pd.DataFrame({"project": ["A", "A", "B"], "source": ["x", "x", "x"],
    ...     "planned": [4.0, 6.0, 30.0], "disbursed": [4.0, None, 0.0]})
    >>> budget_lines(rows, "en")[["project", "planned", "disbursed", "known"]].values.tolist()
    [['B', 30.0, 0.0, True], ['A', 4.0, 4.0, True]]
    """
    blank = phrase("funding.no_name", language)
    keys = [rows[key].astype("str").fillna(blank) for key in ("project", "source")]
    both = rows["planned"].notna() & rows["disbursed"].notna()
    amounts = rows[["planned", "disbursed"]]
    stated = amounts.groupby(keys).sum(min_count=1)
    lines = amounts.where(both).groupby(keys).sum(min_count=1).fillna(stated)
    lines = lines.assign(known=both.groupby(keys).any()).reset_index()
    size = lines[["planned", "disbursed"]].max(axis=1).fillna(0).round(6)
    order = pd.DataFrame(
        {
            "largest": -size.groupby(lines["project"]).transform("sum"),
            "project": lines["project"].map(sort_key),
            "size": -size,
            "source": lines["source"].map(sort_key),
        }
    )
    order = order.sort_values(list(order), kind="stable").index
    return _shortened(lines.loc[order].reset_index(drop=True), language)


def _shortened(lines: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return the lines with the smallest projects added up where all would not fit on a page."""
    heights = pd.Series({name: _height(name, one) for name, one in _projects(lines).items()})
    if heights.sum() <= MOST:
        return lines
    kept = heights.index[heights.cumsum() <= MOST - HEAD - ROW - AFTER]
    rest = lines[~lines["project"].isin(kept)]
    chosen = rest[rest["known"]] if rest["known"].any() else rest
    total = {
        "project": phrase("funding.others", language, n=rest["project"].nunique()),
        "source": phrase("funding.all_sources", language),
        **chosen[["planned", "disbursed"]].sum(min_count=1),
        "known": rest["known"].any(),
    }
    return pd.concat([lines[lines["project"].isin(kept)], pd.DataFrame([total])], ignore_index=True)


def _projects(lines: pd.DataFrame) -> dict[str, list[dict]]:
    """Return each project's lines, in the order of the lines."""
    projects = {}
    for line in lines.to_dict("records"):
        projects.setdefault(line["project"], []).append(line)
    return projects


def _totals(rows: pd.DataFrame) -> tuple[float, float, int]:
    """Return planned and disbursed of the lines that state both, and how many do not."""
    both = rows[["planned", "disbursed"]].notna().all(axis=1)
    planned, disbursed = rows.loc[both, ["planned", "disbursed"]].sum()
    return planned, disbursed, int((~both).sum())


# --- the words ---------------------------------------------------------------------------


def _title(rows: pd.DataFrame, review: Review) -> str:
    """Return the finding: how much of the plan is disbursed, as far as it has been reported."""
    language, (planned, disbursed, missing) = review.language, _totals(rows)
    held = _is_held(review)
    if rows[["planned", "disbursed"]].isna().all(axis=None):
        key = "funding.withheld_all" if held else "funding.no_data"
        return phrase(key, language, unit=unit_start(review))
    if missing == len(rows) and held:
        return phrase("funding.withheld_all", language, unit=unit_start(review))
    if missing == len(rows):
        amount = _money(rows["planned"].sum(), language)
        return phrase("funding.unreported", language, planned=amount)
    words = {"planned": _money(planned, language), "disbursed": _money(disbursed, language)}
    if planned == 0:
        return phrase(f"funding.{'unplanned' if disbursed else 'none'}", language, **words)
    key = "disbursed" if disbursed else "nothing_yet"
    words["percent"] = percent(disbursed / planned * 100, language, 1)
    return phrase(f"funding.{key}{'_part' if missing else ''}", language, **words)


def _money(value: float, language: str) -> str:
    """Return million VND with one decimal; a small amount never prints as zero.

    >>> _money(1234.56, "vi"), _money(0.0, "vi"), _money(0.02, "en")
    ('1.234,6', '0', '<0.1')
    """
    if 0 < value < 0.05:
        return phrase("funding.below", language, step=number(0.1, language, 1))
    return number(value, language, 1 if value else 0)


def _rate(line: dict, language: str) -> str:
    if not line["known"] or not line["planned"]:
        return phrase("funding.no_rate", language)
    return percent(line["disbursed"] / line["planned"] * 100, language, 1)


def _amount(line: dict, language: str) -> str:
    """Return "disbursed / planned"; what is not known is a dash, and words beside it say so."""
    dash = phrase("funding.no_rate", language)
    words = {
        key: dash if pd.isna(line[key]) else _money(line[key], language)
        for key in ("disbursed", "planned")
    }
    return phrase("funding.amount", language, **words)


def _is_held(review: Review) -> bool:
    """Whether the unit's funds, or those of a unit of the area, are being corrected."""
    units = [review.unit, *(review.leaf_units.index if review.is_area else ())]
    cells = [("funding", "planned"), ("funding", "disbursed")]
    return any(review.is_withheld(unit, *cells) for unit in units)


def _remark(line: dict, review: Review) -> str:
    """Return what a bar cannot show: zero, or something that has not been reported."""
    language = review.language
    if not line["known"] and _is_held(review):
        return phrase("mark.withheld", language)
    if pd.isna(line["planned"]):
        return phrase("funding.no_plan", language)
    if pd.isna(line["disbursed"]) or not line["known"]:
        return phrase("funding.not_reported", language)
    return phrase("funding.zero", language) if line["disbursed"] == 0 < line["planned"] else ""


def _note(rows: pd.DataFrame, review: Review) -> str:
    language, notes = review.language, []
    if missing := _totals(rows)[2]:
        notes.append(phrase("funding.note_part", language, n=missing))
    if silent := _silent(rows, review):
        notes.append(phrase("funding.note_units", language, n=silent))
    return " ".join(notes)


def _silent(rows: pd.DataFrame, review: Review) -> int:
    """Return how many units of the area have sent no funds, where it counts theirs."""
    there = set(rows["unit"])
    if not review.is_area or review.area in there:
        return 0
    return sum(unit not in there for unit in review.leaf_units.index)


def _part(rows: pd.DataFrame, review: Review) -> str:
    """Return what stands behind a finding about the area that some units' funds are not in."""
    units, silent = len(review.leaf_units), _silent(rows, review)
    if silent in (0, units):
        return ""
    words = {"reporting": units - silent, "units": units}
    return f" ({phrase('board.reporting', review.language, **words)})"


def _numbers(lines: list[dict], review: Review) -> pd.DataFrame:
    """Return the amounts as drawn, one row per project and source."""
    language, texts = review.language, {}
    missing = phrase(f"mark.{'withheld' if _is_held(review) else 'not_reported'}", language)
    for key in ("project", "source"):
        texts[key] = [line[key] for line in lines]
    for key in ("planned", "disbursed"):
        texts[key] = [missing if pd.isna(one[key]) else _money(one[key], language) for one in lines]
    texts["rate"] = [_rate(line, language) for line in lines]
    heads = [phrase(f"funding.column_{key}", language) for key in texts]
    return pd.DataFrame(dict(zip(heads, texts.values(), strict=True)))


def _spoken(row, language: str) -> str:
    """Return a row of the figures as alt text."""
    project, source, planned, disbursed, rate = row
    amount = phrase("funding.amount", language, disbursed=disbursed, planned=planned)
    return f"{project}, {source}: {amount} ({rate})"


# --- the drawing -------------------------------------------------------------------------


def _name_lines(project: str) -> list[str]:
    return wrap(project, WIDTH - 2 * MARGIN - AMOUNTS - RATES - 0.1, TEXT, "bold")


def _source_lines(source: str) -> list[str]:
    return wrap(source, NAMES - MARGIN - 0.2, TEXT - 0.3)


def _source_height(source: str) -> float:
    return ROW + MORE * (len(_source_lines(source)) - 1)


def _height(project: str, lines: list[dict]) -> float:
    sources = sum(_source_height(line["source"]) for line in lines)
    return HEAD + MORE * (len(_name_lines(project)) - 1) + sources + AFTER


def _draw(sheet: Sheet, projects: dict[str, list[dict]]) -> None:
    """Draw each project's name and total, then a bar for each of its sources."""
    language, ends = sheet.review.language, (WIDTH - MARGIN - RATES, WIDTH - MARGIN)
    for x, key in zip(ends, ("amount", "rate"), strict=True):
        looks = {"size": SMALL, "color": GREY, "ha": "right"}
        sheet.write(x, sheet.height - 0.08, phrase(f"funding.head_{key}", language), **looks)
    longest = max(max(_amounts(line)) for lines in projects.values() for line in lines)
    scale = (ends[0] - AMOUNTS - NAMES) / (longest or 1)
    y, edges, middles, drawn = sheet.height - TOP, [], [], []
    for project, lines in projects.items():
        edges.append(y)
        names = _name_lines(project)
        for place, name in enumerate(names):
            sheet.write(MARGIN, y - HEAD / 2 - MORE * place, name, face="Bold")
        if len(lines) > 1 and all(line["known"] for line in lines):
            total = {key: sum(line[key] for line in lines) for key in ("planned", "disbursed")}
            _write_amounts(sheet, {**total, "known": True}, ends, y - HEAD / 2, face="Bold")
        y -= HEAD + MORE * (len(names) - 1)
        top = y
        for line in lines:
            height = _source_height(line["source"])
            _write_source(sheet, line, y, height, scale, ends)
            middles.append(y - ROW / 2)
            drawn.append(_amounts(line))
            y -= height
        sheet.strokes(NAMES, y, NAMES, top, color=LINE, width=0.8)
        y -= AFTER
    sheet.strokes(MARGIN, edges, WIDTH - MARGIN, edges, color=PALE, width=0.8, z=0)
    _draw_bars(sheet, np.array(middles), np.array(drawn).T * scale)


def _amounts(line: dict) -> list[float]:
    return [0.0 if pd.isna(line[key]) else line[key] for key in ("planned", "disbursed")]


def _draw_bars(sheet: Sheet, middles, lengths) -> None:
    """Draw the plan as pale bars and what is disbursed as dark ones within them."""
    looks = [(BAR, ACCENT_PALE), (BAR * 0.55, ACCENT)]
    for layer, (length, (half, colour)) in enumerate(zip(lengths, looks, strict=True), start=1):
        some, y = length > 0, middles[length > 0]
        sheet.boxes(NAMES, y - half, NAMES + length[some], y + half, colour, z=layer)


def _write_amounts(sheet: Sheet, line: dict, ends, y: float, **looks) -> None:
    texts = _amount(line, sheet.review.language), _rate(line, sheet.review.language)
    for x, text in zip(ends, texts, strict=True):
        sheet.write(x, y, text, ha="right", **looks)


def _write_source(sheet: Sheet, line: dict, top: float, height: float, scale: float, ends) -> None:
    """Write a source's name, its amounts, and what its bar cannot show."""
    y, looks = top - ROW / 2, {"size": TEXT - 0.3}
    name = "\n".join(_source_lines(line["source"]))
    sheet.write(MARGIN + 0.12, top - height / 2, name, **looks)
    _write_amounts(sheet, line, ends, y, **looks)
    if remark := _remark(line, sheet.review):
        end = NAMES + max(_amounts(line)) * scale
        _write_remark(sheet, remark, end, y, ends[0] - AMOUNTS)


def _write_remark(sheet: Sheet, text: str, end: float, y: float, room: float) -> None:
    """Write beside a bar what it cannot show; on the bar where there is no room beside it."""
    on_bar = end + 0.06 + text_width(text, SMALL) > room + 0.3
    x, side = (end - 0.06, "right") if on_bar else (end + 0.06, "left")
    sheet.write(x, y, text, size=SMALL, color=INK if on_bar else GREY, ha=side)
