"""Pages on the workers of a Dask cluster, which must see the same folders as this machine.

A cluster's worker runs threads, so it forks no pages: a process beside it reads the data once and
runs them, as the main process does on one machine.
"""

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

from sonla_analysis.batch.jobs import Job
from sonla_analysis.batch.processes import POLL, TRIES, run_pages
from sonla_analysis.batch.record import failure
from sonla_analysis.batch.rehearsal import make_ready
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import SonlaError, UsageError

_of_thread = threading.local()


def run_on_cluster(
    jobs: list[Job], address: str, stop: Callable[[], bool]
) -> Iterator[tuple[Job, dict]]:
    """Yield each job with what became of it, as `processes.run_pages` does.

    The page of a worker that dies is built by another; the cluster counts how often.
    """
    try:
        import distributed
    except ImportError:
        said = message("batch.no_extra", what="--scheduler", extra="cluster")
        raise UsageError(said) from None
    with _client(distributed, address) as client:
        futures = {client.submit(run_beside, job, pure=False): job for job in jobs}
        ended, left = distributed.as_completed(futures, loop=client.loop), len(futures)
        try:
            while left and not stop():
                if not ended.has_ready():
                    time.sleep(POLL / 4)
                    continue
                future, left = next(ended), left - 1
                yield futures[future], _result(futures[future], future)
        finally:
            client.cancel(list(futures))


def _client(distributed, address: str):
    try:
        client = distributed.Client(address, timeout=20, set_as_default=False)
        client.wait_for_workers(1, timeout=30)
    except (OSError, TimeoutError) as error:
        words = {"address": address, "reason": type(error).__name__}
        raise SonlaError(message("batch.no_workers", **words)) from None
    return client


def _result(job: Job, future) -> dict:
    if future.status == "finished":
        return future.result()
    error = future.exception() if future.status == "error" else None
    if error is None or type(error).__name__ == "KilledWorker":
        return failure(job, "worker_died", tries=getattr(error, "allowed_failures", 0) + 1)
    return failure(job, "writing", error=f"{type(error).__name__}: {error}"[:300])


# --- on a worker of the cluster ----------------------------------------------------------


def run_beside(job: Job) -> dict:
    """Return what became of a job, built by the process beside this thread."""
    for _ in range(TRIES):
        beside = _process_beside()
        try:
            pickle.dump(job, beside.stdin)
            beside.stdin.flush()
            return pickle.load(beside.stdout)
        except (OSError, EOFError):
            beside.kill()
            beside.wait()
    return failure(job, "worker_died", tries=TRIES)


def _process_beside() -> subprocess.Popen:
    """Return the process that stands by for this thread; no fork of this one."""
    beside = getattr(_of_thread, "beside", None)
    if beside is None or beside.poll() is not None:
        command = [sys.executable, "-c", f"from {__name__} import stand_by; stand_by()"]
        pipe = subprocess.PIPE
        beside = _of_thread.beside = subprocess.Popen(command, stdin=pipe, stdout=pipe)
    return beside


def stand_by() -> None:
    """Build the reports that are asked for on standard input, until nobody is there to ask."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed is no answer
    parent = os.getppid()
    while True:
        try:
            job = pickle.load(asked)
        except EOFError:
            return
        make_ready([job], rehearse=True)
        for _, result in run_pages([job], 1, lambda: os.getppid() != parent):
            pickle.dump(result, answers)
            answers.flush()
