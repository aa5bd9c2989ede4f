"""Every page in a process of its own: fresh state, a time limit, a memory limit, a true end.

Where the platform can fork, the page's process is forked from one that already holds the imports,
the tables and the figures: it costs milliseconds, and whatever the page does to settings, modules,
environment, random state or working directory dies with it. A cluster's worker has other threads,
which may hold locks, so there a process is started beside it and forks the pages. Elsewhere
(Windows, macOS) pages run in such a process, which puts its state back after each and is replaced
after fifty.
"""

import contextlib
import ctypes
import gc
import json
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from multiprocessing import connection, current_process, get_context

from sonla_analysis.batch.stop import SIGNALS

PAGES_PER_PROCESS = 50  # where processes cannot be forked
READING = 600.0  # seconds that a process beside may take to read the data
NO_LIMIT = 2**20  # megabytes
LOG_LIMIT = 64_000
CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"  # macOS forks, but its libraries break
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_KEPT = {-1: 2**30, -3: 2**25}  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD (which takes no more)


@dataclass
class Ended:
    """How a page's process ended.

    `how` is `result`, `timeout`, `exited` (it left by itself, with `code`) or `killed` (by the
    signal `code`). `said` is what it sent last, `cell` the cell it was in, `log` what it printed
    outside of any cell.
    """

    how: str
    code: int = 0
    said: dict = field(default_factory=dict)
    cell: int = 0
    log: str = ""


def run_alone(work, job, *, timeout: float, memory_mb: int) -> Ended:
    """Run `work(job, say)` in a forked process; `say({...})` sends a message to this one."""
    gc.collect()
    gc.freeze()  # the child's collector then leaves the shared pages alone
    with tempfile.TemporaryFile() as log:
        receiver, sender = connection.Pipe(duplex=False)
        with receiver:
            pid = _fork(work, job, receiver, sender, log, memory_mb)
            sender.close()
            ended = Ended("killed")
            try:
                hung = _listen(receiver, ended, time.monotonic() + timeout)
            finally:  # also when this process is told to stop
                _kill(pid)
                status = os.waitpid(pid, 0)[1]
        log.seek(max(0, os.fstat(log.fileno()).st_size - LOG_LIMIT))
        ended.log = log.read().decode(errors="replace")
    return _verdict(ended, hung, status)


def _fork(work, job, receiver, sender, log, memory_mb: int) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    if pid := os.fork():
        return pid
    try:
        receiver.close()
        _settle(parent, log.fileno(), memory_mb)
        work(job, lambda message: sender.send_bytes(json.dumps(message).encode()))
    except BaseException:
        with contextlib.suppress(BaseException):
            sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
        os._exit(70)
    os._exit(0)  # nothing of the parent's exit handlers


def _settle(parent: int, log: int, memory_mb: int) -> None:
    """Make the new process one that dies with its parent, prints to the log and has limits."""
    die_with(parent)
    keep_freed_memory()
    with contextlib.suppress(OSError):
        os.setsid()  # Ctrl-C in the terminal is for the main process, which then ends this one
    for one in SIGNALS:
        signal.signal(one, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, target)
    words = {"buffering": 1, "closefd": False, "errors": "replace"}
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  (they live as long as the process)
    sys.stdout, sys.stderr = (open(number, "w", **words) for number in (1, 2))  # noqa: SIM115
    limit_memory(memory_mb)


def die_with(parent: int) -> None:
    """Have this process killed when its parent dies, however that dies (Linux)."""
    if _libc is not None:
        _libc.prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)


def keep_freed_memory() -> None:
    """Let this process use a freed picture's memory for the next one, not fetch it anew (glibc)."""
    mallopt = getattr(_libc, "mallopt", None)
    if mallopt is not None:
        for option, size in _KEPT.items():
            mallopt(option, size)


def limit_memory(megabytes: int) -> None:
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


def _listen(receiver, ended: Ended, deadline: float) -> bool:
    """Take messages until the process ends or has a result; True when the time is over."""
    while receiver.poll(max(0.0, deadline - time.monotonic())):
        try:
            message = json.loads(receiver.recv_bytes())
        except (EOFError, OSError):
            return False
        if "cell" in message:
            ended.cell = message["cell"]
        if "end" in message:
            ended.how, ended.said = "result", message["end"]
            return False
    return True


def _kill(pid: int) -> None:
    """End the process and whatever it started; one that is ending by itself gets a moment."""
    for _ in range(20):
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            break
        time.sleep(0.001)
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(OSError):
            kill(pid, signal.SIGKILL)


def _verdict(ended: Ended, hung: bool, status: int) -> Ended:
    if ended.how == "result":
        return ended
    if hung:
        ended.how = "timeout"
    elif os.WIFSIGNALED(status):
        ended.how, ended.code = "killed", os.WTERMSIG(status)
    else:
        ended.how, ended.code = "exited", os.waitstatus_to_exitcode(status)
    return ended


# --- where this process cannot be forked ----------------------------------------------------


class Standby:
    """A started process that runs pages one after another and is replaced now and then."""

    def __init__(self):
        self.process, self.ours, self.pages = None, None, 0

    def run_alone(self, work, job, *, timeout: float, memory_mb: int) -> Ended:
        """Run `work(job, say)` in the standing process; as the function of the same name."""
        if self.pages >= PAGES_PER_PROCESS:
            self.stop()
        if self.process is None:
            self._start(memory_mb)
        self.pages += 1
        ended = Ended("killed")
        try:
            self.ours.send((work, job))
            hung = _listen(self.ours, ended, time.monotonic() + timeout)
        except OSError:
            hung = False
        if ended.how == "result":
            return ended
        self.process.join(1)
        code = self.process.exitcode
        self.stop()
        ended.how = "timeout" if hung else "exited" if (code or 0) >= 0 else "killed"
        ended.code = abs(code or 0)
        return ended

    def _start(self, memory_mb: int) -> None:
        context = get_context("spawn")
        self.ours, theirs = context.Pipe()
        arguments = (theirs, memory_mb, os.getpid())
        process = context.Process(target=_stand_by, args=arguments, daemon=True)
        with _allowed_children():
            process.start()
        self.process = process
        theirs.close()
        self.pages = 0

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.ours.close()
            self.process = None


@contextlib.contextmanager
def _allowed_children():
    """Let a daemonic process, as a cluster's worker is, start one: ours dies with it."""
    config = current_process()._config
    before = config.get("daemon")
    config["daemon"] = False
    try:
        yield
    finally:
        config["daemon"] = before


def _stand_by(ours, memory_mb: int, parent: int) -> None:
    """Run whatever work comes, until this process is ended; `work` must leave no state behind."""
    die_with(parent)
    keep_freed_memory()
    limit_memory(memory_mb)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):  # what a page prints past its cells has nowhere to go
        os.dup2(nothing, number)
    while True:
        work, job = ours.recv()
        work(job, lambda message: ours.send_bytes(json.dumps(message).encode()))
