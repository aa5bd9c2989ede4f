"""What lies in an inbox: the files sent, and the workbooks that are still as they were sent out."""

import hashlib
from pathlib import Path

import pandas as pd

from sonla_analysis.language.vietnamese import nfc

SENT_OUT = "sent_out.csv"  # file, sha256: a workbook that is still just this was not filled in


def sent_files(inbox: Path) -> dict[str, Path]:
    """Return the files of an inbox by their path within it; hidden and lock files are none."""
    files = sorted(path for path in inbox.rglob("*") if path.is_file())
    inside = {nfc(path.relative_to(inbox).as_posix()): path for path in files}
    return {
        name: path
        for name, path in inside.items()
        if not any(part.startswith((".", "~$")) for part in name.split("/"))
    }


def as_sent_out(data: Path) -> set[str]:
    """Return the marks of the workbooks that `start` put into the inbox of a data folder.

    A list of the last period that nobody has looked at says nothing of the new one.
    """
    listed = data / SENT_OUT
    return set(pd.read_csv(listed, dtype=str)["sha256"]) if listed.is_file() else set()


def digest(path: Path) -> str:
    """Return the mark of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
