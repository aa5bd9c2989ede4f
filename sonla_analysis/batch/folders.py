"""Report folders on the disk: complete or absent, held by one run, nothing of a person's lost.

Whatever a run leaves when it dies has a name that begins with `.sonla-`, and only that is removed:
the folder of the reports may be one that holds other things. A file of a report that is not as it
was built gets a name with the day it was changed (`report.da-sua-2021-01-05.docx`); a file that is
not ours keeps the name it has.
"""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from datetime import datetime
from itertools import count
from pathlib import Path, PurePosixPath

from sonla_analysis.batch import fingerprint

BUILDING, OLD, WRITING = ".sonla-building-", ".sonla-old-", ".sonla-writing-"
LOCK = ".lock"
LISTS = ".sonla-danh-sach.json"  # marks of work lists: a folder that holds it is none of reports
MARK = "da-sua"  # "đã sửa": changed


# --- whole or not at all -----------------------------------------------------------------


def write_whole(path: str | Path, content: str | bytes) -> None:
    """Write a file whole or not at all: beside it first, then renamed over it."""
    path = Path(path)
    data = content.encode() if isinstance(content, str) else content
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f"{WRITING}{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, 0o644 & ~_umask())
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def put_in_place(building: Path, final: Path) -> None:
    """Give a folder that is complete its name; what had the name goes, and only then.

    A run that dies between the two steps leaves the old folder under another name: see `tidy`.
    """
    old = final.with_name(f"{OLD}{final.name}")
    had_one = final.exists()
    if had_one:
        os.rename(final, old)
    try:
        os.rename(building, final)
    except OSError:
        if had_one:
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


@contextlib.contextmanager
def locked(out: Path):
    """Hold a report folder; raise `filelock.Timeout` when another run holds it.

    The lock is the operating system's: it ends with the process that holds it, however that ends.
    """
    from filelock import FileLock

    with FileLock(out / LOCK, blocking=False):
        try:
            yield
        finally:
            with contextlib.suppress(OSError):  # Windows removes no file that is open
                (out / LOCK).unlink()


def stamp(folder: Path) -> str | None:
    """Return a cheap mark of a folder's files: names, sizes and times; None when it is not there.

    Equal marks mean that nobody wrote into the folder since; no file is opened.
    """
    if not folder.is_dir():
        return None
    mark = hashlib.sha256()
    for place in sorted(_files(folder), key=os.path.split):
        status = (folder / place).lstat()
        mark.update(f"/{place}\\0{status.st_size}\\0{status.st_mtime_ns}\\n".encode())
    return mark.hexdigest()


# --- what a person wrote -----------------------------------------------------------------


def digests(folder: Path) -> dict[str, str]:
    """Return the mark of each file's content, by its place in the folder."""
    return {place: fingerprint.file_digest(folder / place) for place in _files(folder)}


def carry_over(final: Path, building: Path, built: dict | None) -> list[str]:
    """Copy what is not ours of a finished folder into the one that takes its place.

    `built` is the manifest's record of the finished one. Returns the places of the copies of files
    that somebody changed, under their new names.
    """
    if not final.is_dir():
        return []
    ours = (built or {}).get("digests", {})
    untouched = bool(built) and stamp(final) == built["stamp"]
    changed = []
    for place in _files(final):
        if untouched and (place in ours or not ours):
            continue
        mark = _digest(final / place)
        if mark is not None and mark in (ours.get(place), _digest(building / place)):
            continue
        is_ours = place in ours or os.path.lexists(building / place)
        target = kept_name(place, final, building) if is_ours else place
        (building / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(final / place, building / target, follow_symlinks=False)
        changed += [target] if is_ours else []
    return changed


def put(path: Path, content: bytes | None, marks: dict[str, str]) -> list[str]:
    """Write a file of ours whole, or take it away (None); what a person made of it stays.

    `marks` says what each file was written as, by its name, and is kept up to date. Returns the new
    name of the file that somebody had changed, if any.
    """
    new = fingerprint.content_digest(content) if content else ""
    aside = path.is_file() and _digest(path) not in (marks.get(path.name, ""), new)
    names = [kept_name(path.name, path.parent)] if aside else []
    if aside:
        path.rename(path.with_name(*names))
    if content is None:
        path.unlink(missing_ok=True)
        marks.pop(path.name, None)
    else:
        write_whole(path, content)
        marks[path.name] = new
    return names


def recorded(path: Path) -> dict:
    """Return a record of ours, a JSON file; an empty one where there is none or it is damaged."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def kept_name(place: str, folder: Path, *others: Path) -> str:
    """Return a new place for a changed file of a folder, one that no file has, there or in others.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "report.docx")
    ...     path.touch()
    ...     os.utime(path, (1609804800, 1609804800))
    ...     kept_name("report.docx", Path(folder))
    'report.da-sua-2021-01-05.docx'
    """
    day = datetime.fromtimestamp((folder / place).lstat().st_mtime).date().isoformat()
    path = PurePosixPath(place)
    for number in count(1):
        again = f"-{number}" if number > 1 else ""
        kept = path.with_name(f"{path.stem}.{MARK}-{day}{again}{path.suffix}").as_posix()
        if not any(os.path.lexists(one / kept) for one in (folder, *others)):
            return kept


def _digest(path: Path) -> str | None:
    """Return a file's mark; None where there is none, or a link."""
    return fingerprint.file_digest(path) if path.is_file() and not path.is_symlink() else None


def _files(folder: Path, place: str = "") -> list[str]:
    """Return the places of a folder's files and links, those of folders in it included."""
    found = []
    for entry in sorted(os.scandir(folder), key=lambda one: one.name):
        if entry.is_dir(follow_symlinks=False):
            found += _files(Path(entry.path), f"{place}{entry.name}/")
        elif entry.is_file() or entry.is_symlink():
            found.append(f"{place}{entry.name}")
    return found
