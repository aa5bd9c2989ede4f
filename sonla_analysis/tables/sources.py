"""Who sent the rows of a data folder, and when: what `sonla intake` wrote beside the tables."""

from pathlib import Path

import pandas as pd

SOURCE_FILES = ("sources.csv", "source_rows.csv")
_OF = ["table", "file", "sheet"]
SOURCES = ["as_of", "unit", *_OF, "number", "received", "rows", "first", "last"]


def nobody_known() -> pd.DataFrame:
    """Return the sources of data of which nobody wrote down where they came from."""
    return pd.DataFrame(columns=SOURCES, dtype="str")


def read_sources(data: str | Path, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what each file and sheet gave to a table, one row for each date and unit.

    Columns: as_of, unit, table, file, sheet, number (of the sending, "" where it says none),
    received (ISO time), rows, and from which row of the sheet to which: first, last. Empty where
    intake wrote nothing, or a table has other lines than those it wrote down.
    """
    folder = Path(data)
    if not all((folder / name).is_file() for name in SOURCE_FILES):
        return nobody_known()
    try:
        sent, rows = (_read(folder / name) for name in SOURCE_FILES)
        rows = rows[["table", "line", "file", "sheet", "row"]]
        sent = sent[[*_OF, "number", "received"]].drop_duplicates(_OF)
        parts = [_of_table(name, rows[rows["table"] == name], tables) for name in tables]
        found = pd.concat([one for one in parts if one is not None]).merge(sent, on=_OF)
    except (ValueError, KeyError, OSError):  # another file of that name; nothing is to be said
        return nobody_known()
    grouped = found.groupby(SOURCES[:7], sort=False)["row"].agg(["size", "min", "max"])
    return grouped.reset_index().set_axis(SOURCES, axis=1)


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")


def _of_table(name: str, rows: pd.DataFrame, tables: dict) -> pd.DataFrame | None:
    """Return the lines of one table with their date and unit; the index of a table is line - 2."""
    table = tables[name]
    if rows.empty or not {"as_of", "unit"} <= set(table):
        return None
    lines = rows.assign(row=pd.to_numeric(rows["row"]))
    lines = lines.set_index(lines["line"].astype("int64") - 2)
    if not (lines.index.is_unique and lines.index.equals(table.index)):
        return None
    return lines.assign(as_of=table["as_of"].astype("str"), unit=table["unit"].astype("str"))
