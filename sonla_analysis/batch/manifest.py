"""The record of a run: what each folder holds and what became of each job.

`manifest.json` is rewritten whole after every job. A job's `state` is what this run did: `done`,
`failed` or `not run`; its `built` describes the folder that lies there, which may be an earlier
one. A folder counts as built only while it is still the folder that was recorded.
"""

import contextlib
import hashlib
import json
import os
import re
import socket
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from sonla_analysis.batch.folders import WRITING
from sonla_analysis.language.phrases import message, phrase
from sonla_analysis.language.refusals import SonlaError

FORMAT = 1
DONE, FAILED, NOT_RUN = "done", "failed", "not run"
NAME, LOCK = "manifest.json", ".lock"
_FOLDER = re.compile(r"[a-z0-9-]{1,200}")


def now() -> str:
    """Return the time as the manifest writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


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


# --- the manifest ------------------------------------------------------------------------


def read(out: Path) -> tuple[dict, str | None]:
    """Return the manifest of a report folder, empty when there is none; and why it is unusable."""
    path = out / NAME
    try:
        found = json.loads(path.read_bytes())
        if is_manifest(found):
            return found, None
        reason = "format"
    except FileNotFoundError:
        return {"jobs": {}}, None
    except (ValueError, OSError, RecursionError) as error:
        reason = type(error).__name__
    return {"jobs": {}}, reason


def is_manifest(found) -> bool:
    """Tell whether a record is one of ours, every part of it that is used of the right type.

    >>> is_manifest({"format": 1, "jobs": {}}), is_manifest([]), is_manifest({"format": 1})
    (True, False, False)
    """
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        return False
    jobs = found.get("jobs")
    known = isinstance(jobs, dict) and all(_is_job(*one) for one in jobs.items())
    return known and all(_is_marks(found.get(key, {})) for key in ("summaries", "written"))


def _is_job(folder: str, job) -> bool:
    if not isinstance(job, dict) or job.get("folder") != folder or not _FOLDER.fullmatch(folder):
        return False
    texts = all(isinstance(job.get(key), str) for key in ("unit", "name", "fingerprint"))
    perhaps = all(isinstance(job.get(key), str | None) for key in ("cause", "log", "inputs"))
    built = job.get("built")
    is_known = built is None or _is_built_record(built)
    is_known &= isinstance(job.get("withheld", 0), int)
    return texts and perhaps and job.get("state") in (DONE, FAILED, NOT_RUN) and is_known


def _is_built_record(built) -> bool:
    """Tell whether a record describes a folder; those of version 0.1 have no `digests`."""
    if not isinstance(built, dict) or not isinstance(built.get("formats"), list):
        return False
    texts = [built.get("fingerprint"), built.get("stamp"), *built["formats"]]
    return all(isinstance(one, str) for one in texts) and _is_marks(built.get("digests", {}))


def _is_marks(marks) -> bool:
    return isinstance(marks, dict) and all(isinstance(one, str) for one in marks.values())


def save(out: Path, manifest: dict) -> None:
    """Write the manifest, whole or not at all."""
    write_whole(out / NAME, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")


def stamp(folder: Path) -> str | None:
    """Return a cheap mark of a folder's files: names, sizes and times; None when it is not there.

    Equal marks mean that nobody wrote into the folder since; no file is opened.
    """
    if not folder.is_dir():
        return None
    mark = hashlib.sha256()
    for place, name, size, time in sorted(_files(folder, "")):
        mark.update(f"{place}/{name}\\0{size}\\0{time}\\n".encode())
    return mark.hexdigest()


def _files(folder: Path | str, place: str):
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path, f"{place}/{entry.name}")
            else:
                status = entry.stat(follow_symlinks=False)
                yield place, entry.name, status.st_size, status.st_mtime_ns


def is_built(out: Path, record: dict | None, fingerprint: str, formats) -> bool:
    """Return whether the folder that lies there is the one recorded, from the same input."""
    built = (record or {}).get("built")
    if not built or record["state"] != DONE or built["fingerprint"] != fingerprint:
        return False
    return set(formats) <= set(built["formats"]) and stamp(out / record["folder"]) == built["stamp"]


# --- the lock ----------------------------------------------------------------------------


@contextlib.contextmanager
def locked(out: Path, language: str, tell):
    """Hold the report folder for this run; refuse when another run holds it."""
    import psutil

    lock = out / LOCK
    mine = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "started": now(),
        "began": psutil.Process().create_time(),
    }
    if not _claim(lock, mine):
        _take_over(lock, language, tell)
        if not _claim(lock, mine):
            raise _refused(lock)
    try:
        yield
    finally:
        if _holder(lock) == mine:
            lock.unlink(missing_ok=True)


def _claim(lock: Path, mine: dict) -> bool:
    """Make the lock, with its content at once where links are known; False when it is there."""
    beside = lock.with_name(f"{LOCK}-{os.getpid()}")
    beside.write_text(json.dumps(mine))
    try:
        os.link(beside, lock)
    except FileExistsError:
        return False
    except OSError:  # a drive without links
        return _claim_without_links(lock, mine)
    finally:
        beside.unlink()
    return True


def _claim_without_links(lock: Path, mine: dict) -> bool:
    try:
        with lock.open("x") as file:
            json.dump(mine, file)
    except FileExistsError:
        return False
    return True


def _take_over(lock: Path, language: str, tell) -> None:
    """Remove a lock whose process is dead; refuse when it may be alive."""
    holder = _holder(lock)
    if holder is None:
        return
    if holder.get("host") != socket.gethostname() or _is_alive(holder):
        raise _refused(lock)
    aside = lock.with_name(f"{LOCK}-{os.getpid()}")
    with contextlib.suppress(FileNotFoundError):  # somebody else was quicker
        os.rename(lock, aside)
        caught = _holder(aside)
        if caught != holder:  # a living run's lock was caught: give it back
            _claim(lock, caught)
        aside.unlink(missing_ok=True)
    tell(phrase("batch.stale_lock", language, **_words(holder)))


def _holder(lock: Path) -> dict | None:
    """Return who holds the lock, None when it is not there; nobody living if it is damaged."""
    try:
        found = json.loads(lock.read_bytes())
        if isinstance(found["pid"], int) and isinstance(found["host"], str):
            return found
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, OSError):
        pass
    return {"host": socket.gethostname()}


def _is_alive(holder: dict) -> bool:
    """Tell whether the process that made a lock runs; its number may belong to another by now."""
    import psutil

    try:
        found = psutil.Process(holder.get("pid", -1)).create_time()
    except (psutil.NoSuchProcess, ValueError):
        return False
    except psutil.AccessDenied:
        return True
    began = holder.get("began")
    return isinstance(began, int | float) and abs(found - began) < 2


def _refused(lock: Path) -> SonlaError:
    words = _words(_holder(lock) or {})
    return SonlaError(message("batch.locked", folder=lock.parent, lock=lock, **words))


def _words(holder: dict) -> dict:
    return {key: holder.get(key, "?") for key in ("pid", "host", "started")}
