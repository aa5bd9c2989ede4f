"""What sums up all units: the table of all figures, and the start page."""

import io
from pathlib import Path

from sonla_analysis.batch import edited, fingerprint, manifest
from sonla_analysis.language.phrases import message, phrase

LIVE = ("=", "+", "-", "@", "\t", "\r")  # a text that begins so becomes a formula in Excel


COUNTS = ["numerator", "denominator", "value", "still_needed"]


def write_summaries(request, record: dict, situation) -> tuple[list[str], list[str]]:
    """Write `indicators.csv` and `index.html`, each whole or not at all.

    Returns what went wrong, and the names under which files that a person changed are kept.
    """
    from sonla_analysis.batch.index import index_page

    as_of, language = request.as_of, request.language
    table, csv = figures(situation, as_of, language), request.out / "indicators.csv"
    page = index_page(request.out, record, situation, as_of, language)
    problems, changed = [], []
    for path, content in ((csv, as_csv(table)), (request.out / "index.html", page.encode())):
        try:
            changed += _written(path, content, record)
        except OSError as error:
            words = {"path": path, "reason": error.strerror or type(error).__name__}
            problems.append(phrase("batch.not_written", language, **words))
    return problems or [one.text(language) for one in misread(csv, table)], changed


def _written(path: Path, content: bytes, record: dict) -> list[str]:
    """Write a file; return the new name of the one that lay there, when a person changed it."""
    new = fingerprint.content_digest(content)
    kept = edited.set_aside(path, {new, record["written"].get(path.name)})
    manifest.write_whole(path, content)
    record["written"] = record["written"] | {path.name: new}
    return [kept] if kept else []


def as_csv(table) -> bytes:
    """Return a table as CSV in the form that Excel reads."""
    text = io.StringIO()
    table.to_csv(text, index=False, lineterminator="\r\n")
    return text.getvalue().encode("utf-8-sig")


def misread(path: Path, table) -> list:
    """Return where a CSV, read back, does not give the counts of the table it was made from."""
    import numpy as np
    import pandas as pd

    read = pd.read_csv(path, dtype={"unit": str, "number": str}, encoding="utf-8-sig")
    found, expected = (one[COUNTS].astype("float64").to_numpy() for one in (read, table))
    if found.shape != expected.shape:
        words = {"number": "–", "what": "", "found": len(found), "expected": len(expected)}
        return [message("verify.differs", file=path.name, **words)]
    wrong = ~np.isclose(found, expected, rtol=0, atol=1e-9, equal_nan=True)
    return [
        message(
            "verify.differs",
            file=path.name,
            number=f"{table['number'].iloc[row]} ({table['unit'].iloc[row]})",
            what=COUNTS[column],
            found=found[row, column],
            expected=expected[row, column],
        )
        for row, column in np.argwhere(wrong)
    ]


def figures(situation, as_of: str, language: str):
    """Return the progress rows of a date with the names of unit and indicator, texts made safe."""
    from sonla_analysis.definitions.units import full_name, units_on

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
