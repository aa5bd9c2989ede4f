"""What a worker does with a job: keep warm, run the page alone, say plainly how it ended."""

import signal
import threading
import time
from dataclasses import asdict

from sonla_analysis.batch import isolation, manifest, shell
from sonla_analysis.batch.build import build
from sonla_analysis.batch.fresh import fresh_state
from sonla_analysis.batch.jobs import Job
from sonla_analysis.batch.stop import SIGNALS
from sonla_analysis.batch.warm import warm
from sonla_analysis.language.phrases import phrase

_of_thread = threading.local()
_is_pool_process = False  # a worker of a cluster is not ours alone
TRIES = 2  # a process killed from outside is started once more


def run_job(job: Job) -> dict:
    """Build one report in a process of its own; return what became of it.

    Keys: building (the finished folder beside, or None), cause (one sentence, or None), cell, log,
    started, finished, seconds. Any executor may call this: everything comes with the job.
    """
    started, clock = manifest.now(), time.monotonic()
    alone = _way_of(job)
    limits = {"timeout": job.timeout, "memory_mb": job.memory_mb}
    ended, tries = alone(job, **limits), 1
    while ended.how == "killed" and tries < TRIES:
        ended, tries = alone(job, **limits), tries + 1
    times = {"started": started, "finished": manifest.now()}
    return _outcome(job, ended, tries) | times | {"seconds": round(time.monotonic() - clock, 3)}


def _way_of(job: Job):
    """Return how a page gets a process of its own here."""
    if not job.can_fork:
        return _started_anew
    return _forked if threading.active_count() == 1 else _forked_beside


def _forked(job: Job, **limits) -> isolation.Ended:
    warm(job)
    if _is_pool_process:
        shell.prepare()
    return isolation.run_alone(build, job, **limits)


def _forked_beside(job: Job, *, timeout: float, memory_mb: int) -> isolation.Ended:
    """Fork the page from a process beside: threads of this one may hold locks."""
    limits = {"timeout": timeout + isolation.READING, "memory_mb": isolation.NO_LIMIT}
    ended = _standby().run_alone(_fork_there, job, **limits)
    return isolation.Ended(**ended.said) if ended.how == "result" else ended


def _fork_there(job: Job, say) -> None:
    global _is_pool_process
    _is_pool_process = True
    ended = _forked(job, timeout=job.timeout, memory_mb=job.memory_mb)
    say({"end": asdict(ended)})


def _started_anew(job: Job, **limits) -> isolation.Ended:
    return _standby().run_alone(_build_and_forget, job, **limits)


def _build_and_forget(job: Job, say) -> None:
    warm(job)
    with fresh_state():
        build(job, say)


def _standby() -> isolation.Standby:
    """Return the process that stands by for this thread: a worker of a cluster may have several."""
    if not hasattr(_of_thread, "standby"):
        _of_thread.standby = isolation.Standby()
    return _of_thread.standby


def start_worker(parent: int) -> None:
    """Make a pool's new process one that leaves the terminal to its parent and dies with it."""
    global _is_pool_process
    _is_pool_process = True
    isolation.die_with(parent)
    for one in SIGNALS:
        signal.signal(one, signal.SIG_DFL if one == signal.SIGTERM else signal.SIG_IGN)


def failure(job: Job, problem: str, *, cell=None, log: str = "", **words) -> dict:
    """Return the result of a job that was not built, with its cause in one sentence."""
    cause = phrase(f"cause.{problem}", job.language, cell=cell or "?", **words)
    return {"building": None, "cause": cause, "cell": cell or None, "log": log}


def _outcome(job: Job, ended: isolation.Ended, tries: int) -> dict:
    said, log = ended.said, ended.log
    if building := said.get("building"):
        return {"building": building, "cause": None, "cell": None, "log": log}
    words = {
        "seconds": f"{job.timeout:g}",
        "megabytes": job.memory_mb,
        "error": said.get("error", ""),
        "code": said.get("error", ended.code),
        "signal": _signal_name(ended.code),
        "tries": tries,
        "folder": job.out,
    }
    problem = said.get("problem", ended.how)
    log = "\n".join(part for part in (said.get("trace"), log) if part)
    return failure(job, problem, cell=ended.cell, log=log, **words)


def _signal_name(code: int) -> str:
    try:
        return signal.Signals(code).name
    except ValueError:
        return str(code)
