"""The run's book: which jobs there are, what became of each, written down after every one."""

import errno
from dataclasses import replace
from pathlib import Path

from sonla_analysis import __version__
from sonla_analysis.batch import edited, folders, manifest
from sonla_analysis.batch.jobs import FORMATS, open_record
from sonla_analysis.batch.outcome import outcome_of, summary_marks, withheld_names
from sonla_analysis.batch.places import shown, without_places
from sonla_analysis.language.phrases import phrase

_FULL = (errno.ENOSPC, errno.EDQUOT)
MANY = 8  # reports from which on it pays to rehearse one


class Book:
    """The manifest of a running batch; `to_build` are the jobs that are not current."""

    def __init__(self, request, jobs, inputs: str, tell):
        self.request, self.out, self.inputs, self.tell = request, request.out, inputs, tell
        before, damage = manifest.read(self.out)
        if damage:
            words = {"path": self.out / manifest.NAME, "reason": damage}
            tell(phrase("batch.bad_manifest", request.language, **words))
        self.jobs = [self._with_formats(job, before["jobs"].get(job.folder)) for job in jobs]
        self.built, self.kept, self.failed, self.to_build = [], [], [], []
        self.edited = []  # files that a person changed, under the names they are kept by
        self.manifest = self._opened(before)
        self.problems = []  # of the files that sum up all units

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
            "format": manifest.FORMAT,
            "version": __version__,
            "as_of": request.as_of,
            "plan": shown(request.plan),
            "data": shown(request.data),
            "language": request.language,
            "started": manifest.now(),
            "finished": None,
            "complete": None,
            "summaries": {},
            "written": before.get("written", before.get("summaries", {})),
            "jobs": dict(others),
        }

    def open(self, situation) -> None:
        """Write down every job: kept, failed because of its data, or waiting."""
        before, _ = manifest.read(self.out)
        for job in self.jobs:
            earlier = before["jobs"].get(job.folder)
            if job.unusable:
                self.manifest["jobs"][job.folder] = open_record(job, earlier)
                self._fail(job, {"cause": job.unusable, "seconds": 0.0})
            elif self._is_current(job, earlier):
                self.manifest["jobs"][job.folder] = earlier | {"inputs": self.inputs}
                self.kept.append(job)
            else:
                waiting = phrase("cause.waiting", job.language)
                self.manifest["jobs"][job.folder] = open_record(job, earlier) | {"cause": waiting}
                self.to_build.append(job)
            cells = len(situation.withheld.get(job.unit, ()))
            self.manifest["jobs"][job.folder]["withheld"] = cells
        if len(self.to_build) >= MANY:
            self.to_build = [replace(job, many=True) for job in self.to_build]
        self.save()

    def _is_current(self, job, earlier: dict | None) -> bool:
        if self.request.force:
            return False
        return manifest.is_built(self.out, earlier, job.fingerprint, job.formats)

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
        from sonla_analysis.batch.worker import failure

        building, final = self.out / result["building"], self.out / job.folder
        if not building.is_dir():
            return result | failure(job, "not_shared", folder=self.out.absolute())
        if final.is_symlink() or final.is_file():
            return result | failure(job, "in_the_way", folder=job.folder)
        before = self.manifest["jobs"][job.folder]["built"]
        try:
            marks = edited.digests(building)
            changed = edited.carry_over(final, building, before)
            folders.put_in_place(building, final)
            stamp = manifest.stamp(final)
        except PermissionError:
            return result | failure(job, "in_use", folder=job.folder)
        except OSError as error:
            problem = "disk_full" if error.errno in _FULL else "writing"
            return result | failure(job, problem, error=error.strerror or str(error))
        self.edited += [f"{job.folder}/{place}" for place in changed]
        times = {key: result[key] for key in ("started", "finished", "seconds")}
        built = {"fingerprint": job.fingerprint, "formats": job.formats, "stamp": stamp}
        done = {"state": manifest.DONE, "cause": None, "inputs": self.inputs}
        done |= {"built": built | {"digests": marks}, "edited": changed}
        self.manifest["jobs"][job.folder] |= times | done
        self._log_file(job).unlink(missing_ok=True)
        return None

    def _fail(self, job, result: dict) -> None:
        record = self.manifest["jobs"][job.folder]
        record |= {key: result.get(key) for key in ("cause", "cell", "started", "finished")}
        record |= {"state": manifest.FAILED, "seconds": result.get("seconds")}
        record["log"] = self._write_log(job, result.get("log") or record["cause"])
        self.failed.append(job)
        words = {"name": f"{job.unit} {job.name}", "cause": record["cause"]}
        record["cause"] = without_places(record["cause"], self._places)
        self.tell(phrase("batch.one_failed", job.language, **words))

    def _log_file(self, job) -> Path:
        return self.out / f"{job.folder}.log"

    def _write_log(self, job, text: str) -> str | None:
        try:
            manifest.write_whole(self._log_file(job), text.rstrip() + "\n")
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
            manifest.save(self.out, self.manifest)
        except OSError as error:
            words = {"path": self.out / manifest.NAME, "reason": error.strerror}
            self.problems = [phrase("batch.record_not_written", self.request.language, **words)]

    def finish(self, situation, *, stopped: bool) -> None:
        """Write the start page and the table of all figures; close the record."""
        for record in self.manifest["jobs"].values():
            if record["state"] == manifest.NOT_RUN and stopped:
                record["cause"] = phrase("cause.interrupted", self.request.language)
        problems, complete = [], False
        try:
            problems = self._write_summaries(situation)
            complete = not stopped and not problems
        finally:
            self._close(complete=complete)
        self.problems += problems
        for one in self.problems:
            self.tell(one)

    def _write_summaries(self, situation) -> list[str]:
        from sonla_analysis.batch.summaries import write_summaries

        problems, changed = write_summaries(self.request, self.manifest, situation)
        self.edited += changed
        return problems

    def _close(self, *, complete: bool) -> None:
        """End the record; only a complete run lets a later one say that there is nothing to do."""
        self.manifest["finished"] = manifest.now()
        self.manifest["summaries"] = summary_marks(self.out) if complete else {}
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
        return outcome_of(self.request, units, names, stop_signal, **ended)
