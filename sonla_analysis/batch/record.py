"""The record of a run: what each folder holds, what became of each job, how the run ended.

`manifest.json` is rewritten whole after every job. A job's `state` is what this run did: `done`,
`failed` or `not run`; its `built` describes the folder that lies there, which may be an earlier
one. A folder counts as built only while it is still the folder that was recorded.
"""

import errno
import json
import os
import re
import socket
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sonla_analysis import __version__
from sonla_analysis.batch import fingerprint, folders
from sonla_analysis.batch.jobs import Job
from sonla_analysis.batch.places import shown, without_places
from sonla_analysis.batch.published import FIGURES
from sonla_analysis.batch.request import FORMATS
from sonla_analysis.definitions.editions import name_in
from sonla_analysis.language.phrases import phrase

FORMAT = 1
DONE, FAILED, NOT_RUN = "done", "failed", "not run"
NAME = "manifest.json"
START = "index.html"
_FOLDER = re.compile(r"[a-z0-9-]{1,200}")
_FULL = (errno.ENOSPC, errno.EDQUOT)


def now() -> str:
    """Return the time as the manifest writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


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


def is_built(out: Path, record: dict | None, fingerprint: str, formats) -> bool:
    """Return whether the folder that lies there is the one recorded, from the same input."""
    built = (record or {}).get("built")
    if not built or record["state"] != DONE or built["fingerprint"] != fingerprint:
        return False
    return (
        set(formats) <= set(built["formats"])
        and folders.stamp(out / record["folder"]) == built["stamp"]
    )


def holder(manifest: dict) -> dict[str, object]:
    """Return the words for the run that holds the folder, or died in it, as it wrote them down."""
    running = manifest.get("running")
    known = running if isinstance(running, dict) else {}
    return {key: known.get(key, "?") for key in ("pid", "host", "started")}


def failure(job: Job, problem: str, *, cell=None, log: str = "", **words) -> dict:
    """Return the result of a job that was not built, with its cause in one sentence."""
    cause = phrase(f"cause.{problem}", job.language, cell=cell or "?", **words)
    return {"building": None, "cause": cause, "cell": cell or None, "log": log}


def open_record(job: Job, before: dict | None) -> dict:
    """Return a job's record before it runs; `built` still tells what lies in its folder."""
    return {
        "unit": job.unit,
        "name": job.name,
        "folder": job.folder,
        "state": NOT_RUN,
        "cause": None,
        "cell": None,
        "log": None,
        "seconds": None,
        "fingerprint": job.fingerprint,
        "built": (before or {}).get("built"),
    }


# --- a running batch ---------------------------------------------------------------------


class RunRecord:
    """The manifest of a running batch; `to_build` are the jobs that are not current."""

    def __init__(self, request, jobs, inputs: str, tell):
        self.request, self.out, self.inputs, self.tell = request, request.out, inputs, tell
        self.before, damage = read(self.out)
        if damage:
            words = {"path": self.out / NAME, "reason": damage}
            tell(phrase("batch.bad_manifest", request.language, **words))
        elif self.before.get("running"):  # no other run holds the folder: it died
            tell(phrase("batch.stale_lock", request.language, **holder(self.before)))
        self.jobs = [self._with_formats(job, self._earlier(job)) for job in jobs]
        self.built, self.kept, self.failed, self.to_build = [], [], [], []
        self.edited = []  # files that a person changed, under the names they are kept by
        self.manifest = self._opened(self.before)
        self.problems = []  # of the files that sum up all units

    def _earlier(self, job) -> dict | None:
        return self.before["jobs"].get(job.folder)

    def _with_formats(self, job, record: dict | None):
        """Keep up to date what a folder already has, unless everything is asked for anew."""
        built = (record or {}).get("built")
        if self.request.force or not built:
            return job
        both = {*job.formats, *built["formats"]}
        return replace(job, formats=tuple(one for one in FORMATS if one in both))

    def _opened(self, before: dict) -> dict:
        request = self.request
        others = {} if request.units is None else before["jobs"]
        return {
            "format": FORMAT,
            "version": __version__,
            "as_of": request.as_of,
            "plan": shown(request.plan),
            "data": shown(request.data),
            "language": request.language,
            "edition": request.edition,
            "started": (started := now()),
            "finished": None,
            "running": {"pid": os.getpid(), "host": socket.gethostname(), "started": started},
            "complete": None,
            "summaries": {},
            "written": dict(before.get("written", before.get("summaries", {}))),
            "jobs": dict(others),
        } | ({"page": request.page_name} if request.page else {})

    def open(self, situation) -> None:
        """Write down every job: kept, failed because of its data, or waiting."""
        forced = self.request.force
        for job in self.jobs:
            earlier = self._earlier(job)
            if job.unusable:
                self.manifest["jobs"][job.folder] = open_record(job, earlier)
                self._fail(job, {"cause": job.unusable, "seconds": 0.0})
            elif not forced and is_built(self.out, earlier, job.fingerprint, job.formats):
                self.manifest["jobs"][job.folder] = earlier | {"inputs": self.inputs}
                self.kept.append(job)
            else:
                waiting = phrase("cause.waiting", job.language)
                self.manifest["jobs"][job.folder] = open_record(job, earlier) | {"cause": waiting}
                self.to_build.append(job)
            cells = len(situation.withheld.get(job.unit, ()))
            self.manifest["jobs"][job.folder]["withheld"] = cells
        self.save()

    # --- one job -------------------------------------------------------------------------

    def settle(self, job, result: dict) -> None:
        """Put a finished folder in its place, or note why there is none; write it down."""
        problem = result if result["cause"] else self._placed(job, result)
        if problem:
            self._fail(job, problem)
        else:
            self.built.append(job)
        self.save()

    def _placed(self, job, result: dict) -> dict | None:
        """Give the folder its name; return what prevented it."""
        building, final = self.out / result["building"], self.out / job.folder
        if not building.is_dir():
            return result | failure(job, "not_shared", folder=self.out.absolute())
        if final.is_symlink() or final.is_file():
            return result | failure(job, "in_the_way", folder=job.folder)
        before = self.manifest["jobs"][job.folder]["built"]
        try:
            marks = folders.digests(building)
            changed = folders.carry_over(final, building, before)
            folders.put_in_place(building, final)
            stamp = folders.stamp(final)
        except PermissionError:
            return result | failure(job, "in_use", folder=job.folder)
        except OSError as error:
            problem = "disk_full" if error.errno in _FULL else "writing"
            return result | failure(job, problem, error=error.strerror or str(error))
        self.edited += [f"{job.folder}/{place}" for place in changed]
        times = {key: result[key] for key in ("started", "finished", "seconds")}
        built = {"fingerprint": job.fingerprint, "formats": job.formats, "stamp": stamp}
        done = {"state": DONE, "cause": None, "inputs": self.inputs}
        done |= {"built": built | {"digests": marks}, "edited": changed}
        self.manifest["jobs"][job.folder] |= times | done
        self._log_file(job).unlink(missing_ok=True)
        return None

    def _fail(self, job, result: dict) -> None:
        record = self.manifest["jobs"][job.folder]
        record |= {key: result.get(key) for key in ("cause", "cell", "started", "finished")}
        record |= {"state": FAILED, "seconds": result.get("seconds")}
        record["log"] = self._write_log(job, result.get("log") or record["cause"])
        self.failed.append(job)
        words = {"name": f"{job.unit} {job.name}", "cause": record["cause"]}
        record["cause"] = without_places(record["cause"], self._places)
        self.tell(phrase("batch.one_failed", job.language, **words))

    def _log_file(self, job) -> Path:
        return self.out / f"{job.folder}.log"

    def _write_log(self, job, text: str) -> str | None:
        try:
            folders.write_whole(self._log_file(job), text.rstrip() + "\n")
        except OSError:  # a full disk: the cause itself is in the manifest
            return None
        return self._log_file(job).name

    @property
    def _places(self) -> list:
        return [self.request.data, self.request.plan, self.out, Path.cwd()]

    # --- the record ----------------------------------------------------------------------

    def save(self) -> None:
        """Write the manifest; when the disk refuses, go on and say so at the end."""
        self.problems = []
        try:
            text = json.dumps(self.manifest, ensure_ascii=False, indent=1)
            folders.write_whole(self.out / NAME, f"{text}\n")
        except OSError as error:
            words = {"path": self.out / NAME, "reason": error.strerror}
            self.problems = [phrase("batch.record_not_written", self.request.language, **words)]

    def finish(self, situation, *, stopped: bool) -> None:
        """Write the start page and the table of all figures; close the record."""
        from sonla_analysis.batch.summaries import write_summaries

        for record in self.manifest["jobs"].values():
            if record["state"] == NOT_RUN and stopped:
                record["cause"] = phrase("cause.interrupted", self.request.language)
        problems, complete = [], False
        try:
            problems, changed = write_summaries(self.request, self.manifest, situation)
            self.edited += changed
            complete = not stopped and not problems
        finally:
            self._close(complete=complete)
        self.problems += problems
        for one in self.problems:
            self.tell(one)

    def _close(self, *, complete: bool) -> None:
        """End the record; only a complete run lets a later one say that there is nothing to do."""
        self.manifest["finished"], self.manifest["running"] = now(), None
        self.manifest["summaries"] = summary_marks(self.request) if complete else {}
        if self.request.units is None and complete:
            self.manifest["complete"] = self.inputs
        self.save()

    def outcome(self, stop_signal: int):
        """Return how the run ended."""
        records = self.manifest["jobs"]
        reached = {job.folder for job in (*self.built, *self.kept, *self.failed)}
        left = [job for job in self.jobs if job.folder not in reached]
        groups = {"built": self.built, "kept": self.kept, "failed": self.failed, "not_run": left}
        units = {name: tuple(job.unit for job in jobs) for name, jobs in groups.items()}
        names = [f"{job.unit} {job.name}" for job in self.failed]
        withheld = withheld_names(records[job.folder] for job in (*self.built, *self.kept))
        ended = {"incomplete": bool(self.problems), "edited": self.edited, "withheld": withheld}
        return outcome_of(self.request, stop_signal, names, **ended, **units)


# --- how a run ended ---------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """How a run ended: units by what became of them, one sentence, and the exit code."""

    folder: Path
    exit_code: int
    sentence: str
    built: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()


def outcome_of(
    request, stop_signal=0, names=(), *, incomplete=False, edited=(), withheld=(), **units
) -> Outcome:
    """Return the outcome; `units` are the codes `built`, `kept`, `failed` and `not_run`.

    `names` are those of the failed; `edited` are the files that a person changed, by the names
    under which they are kept; `withheld` the units some of whose figures are being corrected.
    """
    counts = {key: len(units.get(key, ())) for key in ("built", "kept", "failed")}
    code = 128 + stop_signal if stop_signal else int(bool(names or incomplete or withheld))
    key = "stopped" if stop_signal else "some_failed" if names else "done"
    words = counts | {
        "left": len(units.get("not_run", ())),
        "names": shortened(names, request.language, "and_more"),
        "start": request.out / START,
        "record": request.out / NAME,
        "folder": request.out,
    }
    sentences = [phrase(f"batch.{key}", request.language, **words)]
    for key, listed, more in (("withheld", withheld, "and_more"), ("edited", edited, "more_files")):
        if listed:
            words = {"names": shortened(listed, request.language, more), "n": len(listed)}
            sentences.append(phrase(f"batch.{key}", request.language, **words))
    return Outcome(request.out, code, "\n".join(sentences), **units)


def shortened(names, language: str, more: str, most: int = 5) -> str:
    """Return the first names, and how many more there are (`batch.more` says it)."""
    listed = ", ".join(names[:most])
    if len(names) <= most:
        return listed
    return phrase(f"batch.{more}", language, names=listed, n=len(names) - most)


def withheld_names(records) -> list[str]:
    """Return the units, by code and name, whose record counts cells that must be corrected."""
    return [f"{one['unit']} {one['name']}" for one in records if one.get("withheld")]


def nothing_to_do(request, inputs: str) -> Outcome | None:
    """Return the outcome when every report lies there, built from the very same files."""
    if request.force:
        return None
    found, damage = read(request.out)
    records = list(found["jobs"].values())
    if request.units is None:
        complete = found.get("complete") == inputs and bool(records)
    else:
        records = [one for one in records if one["unit"] in request.units]
        complete = len(records) == len(request.units)
    marks = summary_marks(request)
    if damage or not complete or not marks or found.get("summaries") != marks:
        return None
    if not all(_is_current(request, one, inputs) for one in records):
        return None
    kept = tuple(one["unit"] for one in records)
    return outcome_of(request, withheld=withheld_names(records), kept=kept)


def _is_current(request, record: dict, inputs: str) -> bool:
    same = record.get("inputs") == inputs and record.get("fingerprint")
    return bool(same) and is_built(request.out, record, same, request.formats)


def summary_marks(request) -> dict[str, str]:
    """Return the marks of the files that sum up all units."""
    files = [request.out / name for name in (START, name_in(request.edition, FIGURES))]
    return {file.name: fingerprint.file_digest(file) for file in files if file.is_file()}
