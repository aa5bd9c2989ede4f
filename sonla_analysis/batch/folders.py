"""Report folders on the disk: complete or absent, never half.

Whatever a run leaves when it dies has a name that begins with `.sonla-`, and only that is removed:
the folder of the reports may be one that holds other things.
"""

import contextlib
import ctypes
import os
import shutil
import sys
from pathlib import Path

BUILDING, OLD, WRITING = ".sonla-building-", ".sonla-old-", ".sonla-writing-"
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD, RENAME_EXCHANGE


def put_in_place(building: Path, final: Path) -> None:
    """Give a folder that is complete its name; what had the name goes, and only then."""
    if not final.exists():
        os.rename(building, final)
    elif not _exchange(building, final):
        _swap(building, final)
    shutil.rmtree(building, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where the system cannot."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    return rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0


def _swap(building: Path, final: Path) -> None:
    """Exchange two names in two steps; `tidy` puts the old one back if it ends in between."""
    old = final.with_name(f"{OLD}{final.name}")
    os.rename(final, old)
    try:
        os.rename(building, final)
    except OSError:
        os.rename(old, final)
        raise
    shutil.rmtree(old, ignore_errors=True)


def tidy(out: Path) -> None:
    """Remove what dead runs left behind, and give a folder its name back that lost it midway."""
    for old in out.glob(f"{OLD}*"):
        final = old.with_name(old.name.removeprefix(OLD))
        if final.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.rename(old, final)
    for left in out.glob(f"{BUILDING}*"):
        with contextlib.suppress(OSError):
            shutil.rmtree(left)
    for left in out.glob(f"{WRITING}*"):
        with contextlib.suppress(OSError):
            left.unlink()
