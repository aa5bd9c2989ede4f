"""Where jobs run: processes of this machine, or the workers of a Dask cluster.

Both are `concurrent.futures` executors and run the same function. A worker that dies loses
nothing: what it was building is built again, one at a time, so that a second death has a name.
"""

import os
import threading
from collections import Counter, deque
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, wait
from concurrent.futures.process import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

from sonla_analysis.batch.isolation import CAN_FORK
from sonla_analysis.batch.warm import warm
from sonla_analysis.batch.worker import TRIES, failure, run_job, start_worker
from sonla_analysis.language.phrases import message, phrase
from sonla_analysis.language.refusals import SonlaError, UsageError

POLL = 0.2  # seconds until a wish to stop is noticed


class LocalPool:
    """Processes of this machine, forked from this one where that is possible."""

    deadly = (BrokenExecutor,)

    def __init__(self, size: int, jobs):
        self.size = size
        if CAN_FORK:  # before forking, so that every worker has it; the last is a unit's page
            for job in {job.page: job for job in jobs}.values():
                warm(replace(job, many=job.many and job is jobs[-1]))
        self._open()

    def _open(self) -> None:
        forkable = CAN_FORK and threading.active_count() == 1  # a lock held elsewhere stays held
        self.executor = ProcessPoolExecutor(
            self.size,
            mp_context=get_context("fork" if forkable else "spawn"),
            initializer=start_worker,
            initargs=(os.getpid(),),
        )

    def submit(self, job):
        return self.executor.submit(run_job, job)

    def restart(self) -> None:
        self.stop()
        self._open()

    def stop(self) -> None:
        """End the workers at once; the pages they run die with them."""
        for worker in list((self.executor._processes or {}).values()):
            worker.kill()
        self.executor.shutdown(cancel_futures=True)

    def close(self) -> None:
        self.executor.shutdown()


class DaskPool:
    """The workers of a Dask cluster; they must see the same folders as this machine."""

    def __init__(self, address: str):
        try:
            import distributed
        except ImportError:
            said = message("batch.no_extra", what="--scheduler", extra="cluster")
            raise UsageError(said) from None
        from distributed.scheduler import KilledWorker

        self.deadly = (KilledWorker, CancelledError)
        try:
            self.client = distributed.Client(address, timeout=20, set_as_default=False)
            self.client.wait_for_workers(1, timeout=30)
        except (OSError, TimeoutError) as error:
            words = {"address": address, "reason": type(error).__name__}
            raise SonlaError(message("batch.no_workers", **words)) from None
        self.size = sum(self.client.nthreads().values())
        self.executor = self.client.get_executor(pure=False)
        self.futures = []

    def submit(self, job):
        future = self.executor.submit(run_job, job)
        self.futures.append(future)
        return future

    def restart(self) -> None:
        """Nothing to do: the cluster starts its workers again by itself."""

    def stop(self) -> None:
        for future in self.futures:
            future.cancel()
        self.client.close(timeout=5)

    def close(self) -> None:
        self.executor.shutdown()
        self.client.close()


def finished(pool, jobs, stop, tell):
    """Yield (job, result) as the jobs end, until all have or `stop()` is true."""
    waiting, suspects, running, tries = deque(jobs), deque(), {}, Counter()
    while (waiting or suspects or running) and not stop():
        _fill(pool, waiting, suspects, running)
        done = wait(running, timeout=POLL, return_when=FIRST_COMPLETED).done
        ended = [(running.pop(future), future) for future in done]
        if any(isinstance(future.exception(), BrokenExecutor) for _, future in ended):
            wait(running)  # one death breaks the whole pool: these have ended too
            ended += [(running.pop(future), future) for future in list(running)]
            pool.restart()
            tell(phrase("batch.pool_broke", ended[0][0].language))
        for job, future in ended:
            tries[job.folder] += 1
            error = future.exception()
            if error is None:
                yield job, future.result()
            elif isinstance(error, pool.deadly) and tries[job.folder] < TRIES:
                suspects.append(job)
            else:
                yield job, _lost(job, error, pool, tries[job.folder])


def _fill(pool, waiting: deque, suspects: deque, running: dict) -> None:
    """Keep every worker busy; what was running when a worker died runs alone."""
    if suspects:
        if not running:
            job = suspects.popleft()
            running[_submitted(pool, job)] = job
        return
    while waiting and len(running) < pool.size:
        job = waiting.popleft()
        running[_submitted(pool, job)] = job


def _submitted(pool, job):
    try:
        return pool.submit(job)
    except BrokenExecutor:  # a worker died while it had nothing to do
        pool.restart()
        return pool.submit(job)


def _lost(job, error: BaseException, pool, tries: int) -> dict:
    if isinstance(error, pool.deadly):
        result = failure(job, "worker_died", tries=tries)
    else:
        result = failure(job, "writing", error=f"{type(error).__name__}: {error}"[:300])
    return result | {"started": None, "finished": None, "seconds": None}
