"""Every page in a process of its own: fresh state, a time limit, a memory limit, a true end.

A page's process is forked from this one, which holds the imports, the opened data and what the
rehearsal left: it costs milliseconds, and whatever the page does to settings, modules, environment,
random state or working directory dies with it. Where this process cannot be forked (Windows, macOS,
or threads that may hold locks), a new one is started and handed the opened data.
"""

import contextlib
import gc
import json
import os
import pickle
import signal
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import connection, get_context, parent_process
from pathlib import Path

from sonla_analysis import review
from sonla_analysis.batch.build import build
from sonla_analysis.batch.jobs import Job
from sonla_analysis.batch.record import failure, now
from sonla_analysis.batch.request import BESIDE

CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"  # macOS forks, but its libraries break
SET_BY_TYPST = {"pdf", *BESIDE}
POLL = 0.2  # seconds until a wish to stop or an unannounced end is noticed
TRIES = 2  # a process killed from outside is started once more
LOG_LIMIT = 64_000
STOPPED_BY = ("SIGINT", "SIGTERM", "SIGHUP")  # what the main process obeys in a page's place


def run_pages(
    jobs: Iterable[Job], size: int, stop: Callable[[], bool], work: Callable = build
) -> Iterator[tuple[Job, dict]]:
    """Yield each job with what became of it, as they end, until all have or `stop()` is true.

    `size` of them run at once, each as `work(job, say)` in a process of its own. When the iterator
    is closed, its pages are killed. What became of a job: building (the finished folder beside, or
    None), cause (one sentence, or None), cell, log, started, finished, seconds.
    """
    waiting, running = deque((job, 1) for job in jobs), []
    ready = _ready_to_fork({one for job, _ in waiting for one in job.formats})
    with tempfile.TemporaryDirectory(prefix="sonla-") as folder, ready as context:
        opened = _handed_over(context, Path(folder))
        try:
            while (waiting or running) and not stop():
                ended = [page for page in running if page.is_over()]
                for page in ended:
                    running.remove(page)
                    page.kill()
                again = [page for page in ended if page.is_to_run_again]
                waiting.extendleft((page.job, page.tries + 1) for page in again)
                while waiting and len(running) < size:
                    running.append(_Page(context, *waiting.popleft(), (work, opened), folder))
                yield from ((page.job, page.result()) for page in ended if page not in again)
                if running:
                    connection.wait([one for page in running for one in page.signs], POLL)
        finally:
            for page in running:
                page.kill()
                page.process.join()


@contextlib.contextmanager
def _ready_to_fork(formats: set[str]):
    """Give the way processes are started here; a fork is made of a process that runs no thread.

    Typst's are none of Python's, and only who uses it in the fork would wait for them forever.
    """
    typst_runs = "typst" in sys.modules and bool(formats & SET_BY_TYPST)
    if not CAN_FORK or threading.active_count() > 1 or typst_runs:
        yield get_context("spawn")
        return
    gc.freeze()  # a page's collector then leaves the shared memory alone
    try:
        yield get_context("fork")
    finally:
        gc.unfreeze()


def _handed_over(context, folder: Path) -> dict | Path:
    """Return the opened data as a page's process is given them: to a new one, as a file of them.

    What starts a new process goes through a pipe that holds 64 KB. Were it more, and the process
    ended before it read that, the main process would wait forever.
    """
    if context.get_start_method() == "fork":
        return review.opened
    file = folder / "opened"
    file.write_bytes(pickle.dumps(review.opened))
    return file


class _Page:
    """A page's process, as the main process sees it."""

    def __init__(self, context, job: Job, tries: int, given: tuple, folder: str):
        self.job, self.tries = job, tries
        self.cell, self.said, self.exitcode = None, {}, None
        self.log = Path(folder, f"{job.folder}.log")
        self.started, self.clock = now(), time.monotonic()
        self.receiver, sender = context.Pipe(duplex=False)
        self.process = context.Process(target=_run, args=(*given, job, sender, self.log))
        self.process.start()
        sender.close()

    @property
    def signs(self) -> list:
        """What to wait for: a message, or the end."""
        said = [] if self.receiver.closed else [self.receiver]
        return [*said, self.process.sentinel]

    def is_over(self) -> bool:
        """Take in what the page said; tell whether it has a result, has ended or must end now."""
        self.exitcode = self.process.exitcode  # before what it said last
        late = time.monotonic() >= self.clock + self.job.timeout
        self._listen()
        return bool(self.said) or self.exitcode is not None or late

    def _listen(self) -> None:
        try:
            while not self.receiver.closed and self.receiver.poll():
                message = json.loads(self.receiver.recv_bytes())
                self.cell = message.get("cell", self.cell)
                self.said = message.get("end", self.said)
        except (EOFError, OSError):
            self.receiver.close()

    def kill(self) -> None:
        """End the process and whatever it started."""
        with contextlib.suppress(OSError, AttributeError):  # Windows has no groups of processes
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.receiver.close()
        self.finished, self.seconds = now(), round(time.monotonic() - self.clock, 3)

    @property
    def how(self) -> str:
        """How it ended: `result`, `timeout`, `killed` (by a signal) or `exited` (by itself)."""
        if self.said or self.exitcode is None:
            return "result" if self.said else "timeout"
        return "killed" if self.exitcode < 0 else "exited"

    @property
    def is_to_run_again(self) -> bool:
        return self.how == "killed" and self.tries < TRIES

    def result(self) -> dict:
        """Return what became of the job."""
        self.process.join()
        times = {key: getattr(self, key) for key in ("started", "finished", "seconds")}
        if building := self.said.get("building"):
            return {"building": building, "cause": None, "cell": None, "log": ""} | times
        code = abs(self.exitcode or 0)
        words = {
            "seconds": f"{self.job.timeout:g}",
            "megabytes": self.job.memory_mb,
            "error": self.said.get("error", ""),
            "code": self.said.get("error", code),
            "signal": _signal_name(code),
            "tries": self.tries,
        }
        problem = self.said.get("problem", self.how)
        return failure(self.job, problem, cell=self.cell, log=self._log(), **words) | times

    def _log(self) -> str:
        """Return the end of what it printed outside of any cell."""
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - LOG_LIMIT))
            return log.read().decode(errors="replace")
        return ""


def _signal_name(code: int) -> str:
    try:
        return signal.Signals(code).name
    except ValueError:
        return str(code)


# --- in the page's process ---------------------------------------------------------------


def _run(work: Callable, opened: dict | Path, job: Job, sender, log: Path) -> None:
    """Do the work, saying what goes on in messages so short that they arrive whole or not."""
    _settle(log)
    if isinstance(opened, Path):  # of a process that was started anew
        review.opened.update(pickle.loads(opened.read_bytes()))
    _limit_memory(job.memory_mb)
    work(job, lambda message: sender.send_bytes(json.dumps(message).encode()))


def _settle(log: Path) -> None:
    """Make this a process that ends with the main one, prints to the log and reads nothing."""
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C in the terminal is for the main process, which then ends this one
    _end_with_parent()
    for name in STOPPED_BY:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    nothing, out = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_CREAT)
    for target, source in ((0, nothing), (1, out), (2, out)):
        os.dup2(source, target)
    words = {"buffering": 1, "closefd": False, "encoding": "utf-8", "errors": "replace"}
    sys.stdout, sys.stderr = (open(number, "w", **words) for number in (1, 2))  # noqa: SIM115


def _end_with_parent() -> None:
    """Have this process, and whatever it starts, killed when the main one ends, however it ends.

    The main process holds the other end of a pipe that the system closes for it. Where it can, the
    system is asked to answer that with a signal, which ends stopped processes too.
    """
    pipe = parent_process().sentinel
    try:
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETOWN, -os.getpid())  # the signal goes to the whole session
        fcntl.fcntl(pipe, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
    except (ImportError, AttributeError):
        threading.Thread(target=_wait_for_parent, daemon=True).start()
    if connection.wait([pipe], timeout=0):  # it ended before
        os._exit(1)


def _wait_for_parent() -> None:
    parent_process().join()
    os._exit(1)


def _limit_memory(megabytes: int) -> None:
    """Let this process take so much more memory than it has now; then it gets a MemoryError."""
    try:
        import resource

        with open("/proc/self/statm") as statm:
            used = int(statm.read().split()[0]) * resource.getpagesize()
        limit = used + megabytes * 2**20
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        if hard == resource.RLIM_INFINITY or limit < hard:
            resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (ImportError, OSError, ValueError):
        pass  # no such limit on this platform
