"""What sums up all units: the table of all figures, and the start page."""

import io
from pathlib import Path

from sonla_analysis.reports import manifest

LIVE = ("=", "+", "-", "@", "\t", "\r")  # a text that begins so becomes a formula in Excel


def write_summaries(request, record: dict, situation) -> None:
    """Write `indicators.csv` and `index.html` into the report folder, each whole."""
    from sonla_analysis.reports import index

    write_figures(request.out / "indicators.csv", situation, request.as_of, request.language)
    index.write_index(request.out, record, situation, request.as_of, request.language)


def write_figures(path: Path, situation, as_of: str, language: str) -> None:
    """Write the progress of all units on the date, one row per unit and indicator."""
    table = figures(situation, as_of, language)
    text = io.StringIO()
    table.to_csv(text, index=False, lineterminator="\r\n")
    manifest.write_whole(path, text.getvalue().encode("utf-8-sig"))  # so that Excel reads it


def figures(situation, as_of: str, language: str):
    """Return the progress rows of a date with the names of unit and indicator, texts made safe."""
    from sonla_analysis.units import full_name, units_on

    progress = situation.progress
    rows = progress[progress["as_of"] == as_of].reset_index(drop=True)
    units = units_on(as_of, situation.tables["units"])
    names = {code: full_name(unit) for code, unit in units.iterrows()}
    indicators = {one.id: one for one in situation.plan.indicators}
    rows.insert(2, "unit_name", rows["unit"].map(names))
    place = rows.columns.get_loc("indicator")
    numbers = {key: one.number for key, one in indicators.items()}
    rows.insert(place, "number", rows["indicator"].map(numbers))
    texts = {key: one.name[language] for key, one in indicators.items()}
    rows.insert(place + 2, "indicator_name", rows["indicator"].map(texts))
    exact = rows.select_dtypes("float").columns
    rows[exact] = rows[exact].round(9)
    written = rows.select_dtypes(["str", "object"]).columns
    return rows.assign(**{name: rows[name].map(safe_text) for name in written})


def safe_text(value):
    """Return a text that no spreadsheet takes for a formula.

    >>> safe_text("=1+1"), safe_text("phường Chiềng Lề")
    ("'=1+1", 'phường Chiềng Lề')
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(LIVE) else value
