"""What an earlier report published: the table of figures of the report folder before this one.

Report folders of one office lie beside each other under the names of their dates; `indicators.csv`
of the latest earlier one is the record of what was published.
"""

import re
from functools import cache
from pathlib import Path

from sonla_analysis.batch.folders import recorded
from sonla_analysis.batch.places import shown

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TEXTS = ["as_of", "unit", "level", "indicator", "state"]
_COUNTS = ["numerator", "denominator"]
FIGURES, SAMPLE = "indicators.csv", "data/sample"


def earlier_figures(out: Path, as_of: str, data: str | Path) -> Path | None:
    """Return the table of figures of the latest report of an earlier date beside a report folder.

    None where the folder has not the name of its date, or there is none. Reports of the package's
    own sample and those of an office's data are never compared with each other.
    """
    if not out.name.startswith(as_of) or not out.parent.is_dir():
        return None
    dates = sorted(one.name for one in out.parent.iterdir() if _DATE.fullmatch(one.name))
    for date in reversed([one for one in dates if one < as_of]):
        folder = out.parent / date
        made_from = str(recorded(folder / "manifest.json").get("data", ""))
        same = made_from == shown(str(data)) or SAMPLE not in (made_from, shown(str(data)))
        if made_from and same and (folder / FIGURES).is_file():
            return folder / FIGURES
    return None


def publish(situation, path: str | Path | None) -> None:
    """Let the pages of these data compare themselves with what was published, if anything."""
    status = Path(path).stat() if path else None
    situation.publish(_read(str(path), status.st_mtime_ns, status.st_size) if path else None)


@cache
def _read(path: str, *_stamp: int):
    """Return the figures of one date; None where the file is not such a table."""
    import pandas as pd

    try:
        rows = pd.read_csv(path, dtype="str", encoding="utf-8-sig")
        rows = rows.reindex(columns=[*rows, *({"definition"} - set(rows))])
        rows = rows[[*_TEXTS, *_COUNTS, "definition"]]
        counts = {name: pd.to_numeric(rows[name], errors="coerce") for name in _COUNTS}
    except (ValueError, KeyError, OSError):
        return None
    return rows.assign(**counts) if rows["as_of"].nunique() == 1 else None
