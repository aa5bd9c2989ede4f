"""A page's process: however it ends, its cause has a name and the others go on; really killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import batch
import pytest

from sonla_analysis.batch import jobs, processes

pytestmark = pytest.mark.whole

TESTS = Path(__file__).parent
LIMIT = 3  # seconds for a page; started anew, it needs some for its imports
LONG = ["sleep", "10000"]


# --- what pages do -----------------------------------------------------------------------


def good(job, say):
    say({"cell": 1})
    say({"end": {"building": f"{job.folder}-built"}})


def raises(job, say):
    say({"cell": 4})
    say({"end": {"problem": "error", "error": "ZeroDivisionError: division by zero"}})


def ends_itself(job, say):
    say({"cell": 2})
    os._exit(3)


def exits(job, say):
    sys.exit("xong")


def breaks(job, say):
    raise ValueError("nobody caught this")


def says_what_cannot_be_sent(job, say):
    say({"end": {"building": object()}})


def says_much(job, say):
    for cell in range(10_000):
        say({"cell": cell})
    say({"end": {"building": "built"}})


def kills_itself(job, say):
    say({"cell": 2})
    os.kill(os.getpid(), signal.SIGKILL)


def hangs(job, say):
    say({"cell": 2})
    while True:
        pass


def is_deaf(job, say):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    hangs(job, say)


def is_stopped(job, say):
    say({"cell": 2})
    os.kill(os.getpid(), signal.SIGSTOP)


def closes_everything(job, say):
    os.closerange(3, 200)
    time.sleep(10_000)


def eats_memory(job, say):
    try:
        bytearray(4 * 10**9)
    except MemoryError:
        say({"end": {"problem": "memory"}})


def prints(job, say):
    print("in lời")
    subprocess.run(["sh", "-c", "echo lời của tiến trình con"], check=True)
    print("lời cuối", file=sys.stderr)
    os._exit(1)


def leaves_a_child(job, say):
    child = subprocess.Popen(LONG)
    Path(job.out, f"{job.folder}.child").write_text(str(child.pid))
    say({"end": {"building": "built"}})


def leaves_a_fork_and_dies(job, say):
    if not (child := os.fork()):
        time.sleep(10_000)
    Path(job.out, f"{job.folder}.child").write_text(str(child))
    os.kill(os.getpid(), signal.SIGKILL)


def has_the_opened_data(job, say):
    say({"end": {"building": processes.review.opened["data"]}})


def uses_processes(job, say):
    from multiprocessing import get_context

    with get_context("fork").Pool(2) as pool:
        say({"end": {"building": str(sum(pool.map(abs, [-1, -2])))}})


def tells_and_waits(job, say):
    Path(job.out, f"{job.folder}.pids").write_text(f"{os.getpid()} {subprocess.Popen(LONG).pid}")
    if job.folder == "stopped":
        os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(10_000)


# --- a main process ----------------------------------------------------------------------


def job(folder: str, out: str, timeout: float = 60) -> jobs.Job:
    plain = dict.fromkeys(jobs.Job.__dataclass_fields__) | {"folder": folder, "out": out}
    known = {"formats": ("html",), "language": "en", "timeout": timeout, "memory_mb": 500}
    return jobs.Job(**plain | known)


def do(job, say):
    """Do what the job's name says; under its own name it is found in a process started anew too."""
    globals()[job.folder.partition("-")[0]](job, say)


def main(kind: str, out: str, names: list[str], timeout: float, size: int) -> None:
    processes.CAN_FORK = kind == "fork"
    processes.review.opened["data"] = "opened once"
    made = [job(f"{name}-{number}", out, timeout) for number, name in enumerate(names)]
    ended = processes.run_pages(made, size, lambda: False, do)
    print(json.dumps({one.folder.partition("-")[0]: result for one, result in ended}))


def start(kind: str, out: Path, *names: str, timeout: float = 60, size: int = 2):
    given = json.dumps([kind, str(out), names, timeout, size])
    code = f"import test_processes; test_processes.main(*{given})"
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, cwd=TESTS, stdout=subprocess.PIPE, text=True)


def run(kind: str, out: Path, *names: str, **options) -> dict[str, dict]:
    said, _ = start(kind, out, *names, **options).communicate(timeout=batch.PATIENCE)
    return json.loads(said)


KINDS = pytest.mark.parametrize("kind", ["fork", pytest.param("spawn", marks=pytest.mark.faults)])
CAUSES = {
    "good": None,
    "raises": "the page stopped in cell 4: ZeroDivisionError: division by zero",
    "ends_itself": "the page ended its own process (code 3) in cell 2",
    "exits": "the page ended its own process (code 1) in cell ?",
    "breaks": "the page ended its own process (code 1) in cell ?",
    "says_what_cannot_be_sent": "the page ended its own process (code 1) in cell ?",
    "says_much": None,
    "kills_itself": "its process was killed (signal SIGKILL) in cell 2, tried 2 times",
    "eats_memory": "needs more memory than the 500 MB allowed, in cell ?",
}


@pytest.fixture(scope="module", params=["fork", pytest.param("spawn", marks=pytest.mark.faults)])
def ended(request, tmp_path_factory):
    """What became of a page of each kind, all run by one main process; and its folder."""
    out = tmp_path_factory.mktemp(request.param)
    others = ["prints", "leaves_a_child", "has_the_opened_data"]
    others += ["leaves_a_fork_and_dies", "uses_processes"] if request.param == "fork" else []
    return run(request.param, out, *CAUSES, *others), out


def test_every_end_has_a_name_and_the_others_go_on(ended):
    found, _ = ended
    assert {name: found[name]["cause"] for name in CAUSES} == CAUSES
    assert "nobody caught this" in found["breaks"]["log"]
    assert "not JSON serializable" in found["says_what_cannot_be_sent"]["log"]
    assert [name for name in CAUSES if found[name]["building"]] == ["good", "says_much"]


def test_what_a_page_and_its_children_print_is_its_log(ended):
    log = ended[0]["prints"]["log"]
    assert log.splitlines() == ["in lời", "lời của tiến trình con", "lời cuối"]


def test_what_a_page_started_ends_with_it(ended):
    found, out = ended
    assert found["leaves_a_child"]["cause"] is None
    batch.gone(*(int(path.read_text()) for path in out.glob("*.child")))


def test_a_page_whose_fork_lives_on_is_seen_to_be_dead(ended):
    found, out = ended
    if "leaves_a_fork_and_dies" in found:
        assert "was killed (signal SIGKILL)" in found["leaves_a_fork_and_dies"]["cause"]
        assert len(list(out.glob("leaves_a_fork*.child"))) == 1


def test_a_page_is_given_the_data_that_the_main_process_opened(ended):
    assert ended[0]["has_the_opened_data"]["building"] == "opened once"


def test_a_page_may_use_processes_itself(ended):
    assert ended[0].get("uses_processes", {"building": "3"})["building"] == "3"


@KINDS
def test_the_time_limit_meets_hanging_deaf_stopped_and_silent_pages(kind, tmp_path):
    names = ("hangs", "is_deaf", "is_stopped", "closes_everything")
    limit = LIMIT if kind == "fork" else 8 * LIMIT
    started = time.monotonic()
    found = run(kind, tmp_path, *names, "good", timeout=limit, size=5)
    late = f"took longer than the {limit} seconds allowed, in cell "
    assert {name: one["cause"] for name, one in found.items()} == {
        "good": None, "closes_everything": f"{late}?",
        **{name: f"{late}2" for name in names[:3]},
    }  # fmt: skip
    assert time.monotonic() - started < limit + 60


@KINDS
@pytest.mark.parametrize("asked", [signal.SIGKILL, signal.SIGTERM])
def test_when_the_main_process_is_killed_its_pages_end_and_what_they_started(kind, tmp_path, asked):
    names = ["tells_and_waits"] * 3
    process = start(kind, tmp_path, *names, size=3)
    told = [batch.wait_for(tmp_path / f"tells_and_waits-{n}.pids") for n in range(3)]
    if kind == "fork":  # a stopped page hears nothing
        os.kill(int(told[0].split()[0]), signal.SIGSTOP)
    process.send_signal(asked)
    process.communicate(timeout=batch.PATIENCE)
    batch.gone(*(int(one) for line in told for one in line.split()))


def test_a_wish_to_stop_ends_the_running_pages_at_once(tmp_path):
    code = f"""\
import json, test_processes as t
stop = lambda: len(list(t.Path({str(tmp_path)!r}).glob("*.pids"))) == 2
made = [t.job("tells_and_waits-" + n, {str(tmp_path)!r}) for n in "abc"]
print(list(t.processes.run_pages(made, 2, stop, t.do)))"""
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, timeout=batch.PATIENCE)
    assert ran.stdout == "[]\n", ran.stderr
    told = [path.read_text() for path in tmp_path.glob("*.pids")]
    batch.gone(*(int(one) for line in told for one in line.split()))


def test_a_process_with_threads_is_not_forked(tmp_path):
    code = """\
import threading, time, test_processes as t
threading.Thread(target=time.sleep, args=(10_000,), daemon=True).start()
with t.processes._ready_to_fork({'html'}) as context:
    print(context.get_start_method())"""
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=TESTS, capture_output=True, text=True)
    assert ran.stdout == "spawn\n", ran.stderr


def test_a_process_that_has_set_a_pdf_sets_the_next_without_waiting_for_ever(tmp_path):
    pytest.importorskip("typst")
    code = f"""\
import typst
typst.compile(b"mot trang")
from sonla_analysis.batch.run import report
if __name__ == "__main__":
    asked = dict(units=["03646"], formats="pdf", timeout=100, progress=None)
    print(report(out={str(tmp_path / "out")!r}, **asked).exit_code)"""
    (tmp_path / "run.py").write_text(code, encoding="utf-8")
    command = [sys.executable, tmp_path / "run.py"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=batch.PATIENCE)
    assert ran.stdout == "0\n", ran.stderr


def test_a_new_process_that_ends_before_it_reads_anything_is_not_waited_for(tmp_path):
    """The opened data are more than a pipe holds: nobody would read what is written into it."""
    dies = "import os, sys\nif '--multiprocessing-fork' in sys.orig_argv:\n    os._exit(7)\n"
    (tmp_path / "sitecustomize.py").write_text(dies)
    code = f"""\
import json, test_processes as t
t.processes.CAN_FORK = False
t.processes.review.opened["data"] = "x" * 1_000_000
ended = t.processes.run_pages([t.job("good-1", {str(tmp_path)!r})], 1, lambda: False, t.do)
print(json.dumps([result["cause"] for _, result in ended]))"""
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    command, env = [sys.executable, "-c", code], os.environ | {"PYTHONPATH": path}
    ran = subprocess.run(command, cwd=TESTS, env=env, capture_output=True, text=True, timeout=60)
    assert json.loads(ran.stdout) == ["the page ended its own process (code 7) in cell ?"]
