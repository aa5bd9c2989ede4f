"""What intake leaves in the data folder: the tables, and where each of their rows came from."""

import os
import shutil
import tempfile
from pathlib import Path

import pandas as pd

from sonla_analysis.intake.sendings import Intake
from sonla_analysis.tables.sources import SOURCE_FILES


def write_data(taken: Intake, data: Path) -> None:
    """Write the tables as the input contract has them, `sources.csv` and `source_rows.csv`.

    `sources.csv` has one row a table, file and sheet: unit, dates, sending number, when it was
    received, how many rows, and in which column of the sheet each field stands; `source_rows.csv`
    one row a line of a table: file, sheet and the row there. All is written beside and moved, so
    that a folder never holds half.
    """
    data.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".intake-", dir=data))
    try:
        for name, frame in taken.tables.items():
            frame.to_csv(beside / f"{name}.csv", index=False, lineterminator="\n")
        for name, frame in zip(SOURCE_FILES, (_sources(taken), _rows(taken)), strict=True):
            frame.to_csv(beside / name, index=False, lineterminator="\n")
        about = f"synthetic = {str(taken.synthetic).lower()}\n"
        (beside / "about.toml").write_text(about, encoding="utf-8")
        for file in sorted(beside.iterdir()):
            os.replace(file, data / file.name)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _sources(taken: Intake) -> pd.DataFrame:
    """Return what each sheet gave to each table, one row a table, file and sheet."""
    listed = []
    for table, places in taken.places.items():
        rows = taken.tables[table][["unit", "as_of"]].assign(**places[["file", "sheet"]])
        for (file, sheet), here in rows.groupby(["file", "sheet"], sort=False):
            sending = taken.sending_of(file)
            letters = taken.letters.get((file, sheet, table), {})
            listed.append(
                {
                    "table": table,
                    "file": file,
                    "sheet": sheet,
                    "unit": " ".join(sorted(set(here["unit"]))),
                    "as_of": " ".join(sorted(set(here["as_of"]))),
                    "number": sending.number,
                    "received": sending.received,
                    "rows": len(here),
                    "columns": " ".join(f"{name}:{letter}" for name, letter in letters.items()),
                }
            )
    names = ["table", "file", "sheet", "unit", "as_of", "number", "received", "rows", "columns"]
    return pd.DataFrame(listed, columns=names).astype({"number": "Int64"})


def _rows(taken: Intake) -> pd.DataFrame:
    """Return where each line of each table stands, its heading being line 1."""
    parts = [
        places.assign(table=table, line=range(2, len(places) + 2))
        for table, places in taken.places.items()
    ]
    names = ["table", "line", "file", "sheet", "row"]
    return pd.concat(parts)[names] if parts else pd.DataFrame(columns=names)
