"""Processes are killed, disks filled, files damaged: no report is lost, none is half, none is
called done that is not; the next run completes the work."""

import fcntl
import json
import os
import pty
import shutil
import signal
import subprocess
import termios

import batch
import pytest

pytestmark = [pytest.mark.faults, pytest.mark.timeout(2 * batch.PATIENCE)]

ALL = {"116", *batch.WARDS}
LIMIT = 20  # seconds for a page that never ends; all others need less on however busy a machine
# a page that, the first time it is run for a unit, tells its process and waits to be killed
WAITS_ONCE = """\
import os, pathlib, time
told = pathlib.Path("{folder}") / f"told-{{unit}}"
if unit == "{unit}" and not told.exists():
    told.write_text(f"{{os.getpid()}} {{os.getppid()}}")
    time.sleep(10_000)"""


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    return batch.small_city(tmp_path_factory.mktemp("city") / "data")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def good(tmp_path):
    return batch.pages(tmp_path / "good", batch.BEGIN, batch.HEADLINE)


def broken(tmp_path, cell):
    return batch.pages(tmp_path / "broken", batch.BEGIN, cell, batch.HEADLINE)


def waiting(tmp_path, unit="03658"):
    return broken(tmp_path, WAITS_ONCE.format(folder=tmp_path, unit=unit))


def told(tmp_path, unit="03658") -> tuple[int, int]:
    """Return the process of the waiting page, and the main one that it was forked from."""
    page, main = batch.wait_for(tmp_path / f"told-{unit}").split()
    return int(page), int(main)


def all_done(out):
    batch.nothing_half(out)
    assert set(batch.states(out)) == ALL
    assert set(batch.states(out).values()) == {"done"}


def completes(city, tmp_path, out, built=None):
    """The next run, with pages that work, builds what is missing."""
    code, said, told = batch.run(data=city, pages=good(tmp_path), out=out)
    assert code == 0, said + told
    all_done(out)


# --- killed ------------------------------------------------------------------------------


def test_a_killed_page_is_run_once_more(city, tmp_path, out):
    process = batch.start(data=city, pages=waiting(tmp_path), out=out)
    os.kill(told(tmp_path)[0], signal.SIGKILL)
    assert process.wait(batch.PATIENCE) == 0
    all_done(out)


def test_a_page_killed_twice_fails_alone_and_says_so(city, tmp_path, out):
    suicide = "import os\nif unit == '03658': os.kill(os.getpid(), 9)"
    code, _, _ = batch.run(data=city, pages=broken(tmp_path, suicide), out=out)
    record = batch.records(out)["03658"]
    assert code == 1
    assert record["cause"] == "its process was killed (signal SIGKILL) in cell 3, tried 2 times"
    assert set(batch.states(out)) == ALL
    assert list(batch.states(out).values()).count("done") == 3
    batch.nothing_half(out)
    completes(city, tmp_path, out)


def test_after_a_kill_of_the_main_process_the_next_run_goes_on(city, tmp_path, out):
    made = waiting(tmp_path, "03679")  # the last one
    process = batch.start(data=city, pages=made, out=out, jobs=1)
    page, main = told(tmp_path, "03679")
    process.kill()
    process.wait()
    batch.gone(page, main)
    left = batch.states(out)
    assert left == {"116": "done", "03646": "done", "03658": "done", "03679": "not run"}
    assert not (out / "03679-phuong-thu-03679").exists()
    code, said, heard = batch.run(data=city, pages=made, out=out)
    assert code == 0
    assert f"process {process.pid}" in heard
    assert said.startswith("Done: 1 reports built, 3 unchanged.")
    all_done(out)


@pytest.mark.parametrize(
    ("asked", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_wish_to_stop_does_not_wait_for_a_page_and_is_recorded(city, tmp_path, out, asked, code):
    made = waiting(tmp_path, "03658")
    process = batch.start(data=city, pages=made, out=out, jobs=1)
    page, main = told(tmp_path)
    process.send_signal(asked)
    said, _ = process.communicate(timeout=batch.PATIENCE)  # the page itself would sleep for hours
    assert process.returncode == code
    assert "Stopped as asked: 2 reports built" in said
    batch.gone(page, main)
    batch.nothing_half(out)
    records = batch.records(out)
    assert [records[one]["state"] for one in ("116", "03646")] == ["done", "done"]
    assert records["03658"]["state"] == records["03679"]["state"] == "not run"
    assert records["03658"]["cause"] == "not built because the run was stopped"
    code, said, _ = batch.run(data=city, pages=made, out=out)
    assert said.startswith("Done: 2 reports built, 2 unchanged.")
    all_done(out)


def test_a_closed_terminal_ends_a_run_as_a_wish_to_stop_does(city, tmp_path, out):
    options = {"data": str(city), "pages": str(waiting(tmp_path, "03658")), "out": str(out)}
    command = [batch.sys.executable, "-c", batch.RUN, json.dumps(options | {"jobs": 1})]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        preexec_fn=lambda: (batch.as_in_a_terminal(), fcntl.ioctl(0, termios.TIOCSCTTY, 0)),
    )  # fmt: skip
    os.close(theirs)
    page, main = told(tmp_path)
    os.close(ours)  # the window is gone: a hang-up, and whatever is written is an error
    process.wait(batch.PATIENCE)
    batch.gone(page, main)
    batch.nothing_half(out)
    records = batch.records(out)
    assert [records[one]["state"] for one in ("116", "03658")] == ["done", "not run"]
    assert records["03658"]["cause"] == "chưa lập vì lần chạy bị dừng"
    assert not (out / ".lock").exists()


def test_a_run_under_nohup_outlives_its_terminal(city, tmp_path, out):
    ignore = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    made = waiting(tmp_path, "03658")
    given = {"data": str(city), "pages": str(made), "out": str(out), "jobs": 1}
    process = subprocess.Popen(
        [batch.sys.executable, "-c", ignore + batch.RUN, json.dumps(given | {"formats": "html"})],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    page, _ = told(tmp_path)
    process.send_signal(signal.SIGHUP)
    os.kill(page, signal.SIGKILL)  # which is run once more, and does not wait then
    assert process.wait(batch.PATIENCE) == 0
    all_done(out)


# --- pages that misbehave ----------------------------------------------------------------


def test_a_page_that_never_ends_is_stopped_at_the_time_limit(city, tmp_path, out):
    endless = "while unit == '03658': pass"
    made = broken(tmp_path, endless)
    code, _, _ = batch.run(data=city, pages=made, out=out, timeout=LIMIT)
    assert code == 1
    cause = f"took longer than the {LIMIT} seconds allowed, in cell 3"
    assert batch.records(out)["03658"]["cause"] == cause
    batch.nothing_half(out)
    completes(city, tmp_path, out)


@pytest.mark.parametrize("leave", ["os._exit(0)", "sys.exit()", "sys.exit(0)", "exit()"])
def test_a_page_that_ends_its_process_is_not_done(city, tmp_path, out, leave):
    made = broken(tmp_path, f"import os, sys\nif unit == '03658': {leave}")
    code, _, _ = batch.run(data=city, pages=made, out=out)
    record = batch.records(out)["03658"]
    assert (code, record["state"], record["cell"]) == (1, "failed", 3)
    assert "ended its own process" in record["cause"]
    assert not (out / record["folder"]).exists()
    completes(city, tmp_path, out)


@pytest.mark.parametrize("eat", ["bytearray(4 * 10**9)", "[bytes(10**8) for _ in range(60)]"])
def test_a_page_that_eats_memory_fails_alone(city, tmp_path, out, eat):
    made = broken(tmp_path, f"if unit == '03658': eaten = {eat}")
    code, _, _ = batch.run(data=city, pages=made, out=out, memory_mb=500)
    assert code == 1
    assert batch.records(out)["03658"]["cause"].startswith("needs more memory than the 500 MB")
    assert list(batch.states(out).values()).count("done") == 3
    completes(city, tmp_path, out)


def test_what_a_page_started_ends_with_it(city, tmp_path, out):
    start = f"""\
import pathlib, subprocess, time
child = subprocess.Popen(["sleep", "10000"])
pathlib.Path("{tmp_path}/child-" + unit).write_text(str(child.pid))
while unit == "03658": time.sleep(1)"""
    batch.run(data=city, pages=broken(tmp_path, start), out=out, timeout=LIMIT)
    batch.gone(*(int((tmp_path / f"child-{unit}").read_text()) for unit in ALL))


# --- the disk ----------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 400 kB; only root can make one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)]
    if subprocess.run(mounted, capture_output=True).returncode:
        pytest.skip("this user may not mount a file system")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_harms_no_earlier_report(city, tmp_path, small_disk):
    out = small_disk / "out"
    code, _, _ = batch.run(data=city, pages=good(tmp_path), out=out)
    assert code == 0
    before = batch.contents(out, ".html", ".ipynb")
    large = broken(tmp_path, "page.say('x' * 300_000)")
    code, _, heard = batch.run(data=city, pages=large, out=out)
    assert code == 1
    assert "the disk is full" in heard
    after = batch.contents(out, ".html", ".ipynb")
    assert {name: one for name, one in after.items() if name != "index.html"} == {
        name: one for name, one in before.items() if name != "index.html"
    }
    batch.nothing_half(out)
    assert "done" not in batch.states(out).values()
    completes(city, tmp_path, out)


def test_a_file_size_limit_is_met_like_a_full_disk(city, tmp_path, out):
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))"
    code, _, _ = batch.run(data=city, pages=broken(tmp_path, limit), out=out)
    assert code == 1
    assert {one["cause"] for one in batch.records(out).values()} == {
        "the disk is full; free some space and run again"
    }
    batch.nothing_half(out)
    completes(city, tmp_path, out)


@pytest.fixture
def read_only(tmp_path):
    place = tmp_path / "locked"
    place.mkdir()
    if os.geteuid():
        place.chmod(0o500)
        yield place
        place.chmod(0o700)
        return
    mounted = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(place)]
    if subprocess.run(mounted, capture_output=True).returncode:
        pytest.skip("root writes anywhere, and may not mount here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_folder_that_cannot_be_written_is_refused_at_once(city, tmp_path, read_only):
    process = batch.start(data=city, pages=good(tmp_path), out=tmp_path / "x")
    process.kill()
    process.communicate()
    for out in (read_only, read_only / "new"):
        options = {"data": str(city), "pages": str(good(tmp_path)), "out": str(out)}
        ran = subprocess.run(
            [batch.sys.executable, "-c", batch.RUN, json.dumps(options)],
            capture_output=True, text=True, cwd=tmp_path, timeout=batch.PATIENCE,
        )  # fmt: skip
        assert ran.returncode == batch.REFUSED + 1
        assert "cannot write to folder" in ran.stdout


# --- two runs ----------------------------------------------------------------------------


def test_a_second_run_on_the_same_folder_is_refused_and_told_who_holds_it(city, tmp_path, out):
    first = batch.start(data=city, pages=waiting(tmp_path), out=out)
    page, _ = told(tmp_path)
    code, said, _ = batch.run(data=city, pages=good(tmp_path), out=out)
    assert code == batch.REFUSED + 1
    assert f"process {first.pid} on" in said
    os.kill(page, signal.SIGKILL)
    assert first.wait(batch.PATIENCE) == 0
    all_done(out)


def test_a_lock_with_the_number_of_another_living_process_is_taken_over(city, tmp_path, out):
    out.mkdir()
    host = os.uname().nodename
    lock = {"pid": os.getpid(), "host": host, "started": "2020-12-31", "began": 1.0}
    (out / ".lock").write_text(json.dumps(lock))
    completes(city, tmp_path, out)


# --- damaged files -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage", ["{", "[]", '{"jobs": 1}', '{"format": 1, "jobs": {"x": {}}}', ""]
)
def test_a_damaged_manifest_is_taken_as_absent(city, tmp_path, out, damage):
    completes(city, tmp_path, out)
    (out / "manifest.json").write_text(damage)
    code, said, heard = batch.run(data=city, pages=good(tmp_path), out=out)
    assert code == 0
    assert "manifest.json is damaged" in heard
    assert said.startswith("Done: 4 reports built")
    all_done(out)


@pytest.mark.parametrize("keep", [0, 200, -20])
def test_a_damaged_page_is_refused_before_anything_runs(city, tmp_path, out, keep):
    completes(city, tmp_path, out)
    before = batch.contents(out)
    made = good(tmp_path)
    text = (made / "commune_report.ipynb").read_text()
    (made / "commune_report.ipynb").write_text(text[:keep])
    code, said, _ = batch.run(data=city, pages=made, out=out)
    assert code == batch.REFUSED + 2
    assert "commune_report.ipynb cannot be read" in said
    assert batch.contents(out) == before


def test_a_damaged_parquet_file_is_refused_before_anything_runs(city, tmp_path, out):
    import pandas as pd

    data = shutil.copytree(city, tmp_path / "data")
    table = pd.read_csv(data / "unit_counts.csv", dtype=str)
    table.to_parquet(data / "unit_counts.parquet")
    (data / "unit_counts.csv").unlink()
    completes(data, tmp_path, out)
    before = batch.contents(out)
    whole = (data / "unit_counts.parquet").read_bytes()
    (data / "unit_counts.parquet").write_bytes(whole[: len(whole) // 2])
    code, said, _ = batch.run(data=data, pages=good(tmp_path), out=out, as_of="2020-12-31")
    assert code == batch.REFUSED + 1
    assert "unit_counts" in said
    assert batch.contents(out) == before


def test_a_report_of_changed_data_is_not_called_done(city, tmp_path, out):
    data = shutil.copytree(city, tmp_path / "data")
    spoil = f"open('{data}/households.csv', 'a').write('\\n') if unit == '03646' else None"
    code, _, _ = batch.run(data=data, pages=broken(tmp_path, spoil), out=out, jobs=1)
    assert code == 1
    assert "the data were changed during the run" in batch.records(out)["03646"]["cause"]
    completes(data, tmp_path, out)


# --- hostile names -----------------------------------------------------------------------

NAMES = {
    "03646": "../../Tô Hiệu",
    "03658": "a/b\\c",
    "03679": "$x$ {x} {0.__class__} %s",
    "03652": "<script>alert(1)</script>",
    "03655": 'dòng một, dòng "hai"',
    "03661": "+1+1",
}


def test_hostile_names_stay_text_and_inside_the_folder(tmp_path, out):
    data = batch.small_city(tmp_path / "data", tuple(NAMES), NAMES)
    code, said, heard = batch.run(data=data, pages=good(tmp_path), out=out)
    assert code == 0, said + heard
    batch.nothing_half(out)
    assert {path.name for path in tmp_path.iterdir()} == {"data", "good", "out"}
    assert len([path for path in out.iterdir() if path.is_dir()]) == 7
    shown = (out / "index.html").read_text() + "".join(
        path.read_text() for path in out.glob("*/report.html")
    )
    assert "<script>alert" not in shown
    assert "'+1+1" not in shown
    figures = (out / "indicators.csv").read_text(encoding="utf-8-sig")
    assert ",+1+1" not in figures


def test_a_hostile_code_is_a_value_and_never_code(tmp_path, out):
    hostile = '03646"; import os; os._exit(3) #'
    data = batch.small_city(tmp_path / "data", ("03646",))
    for table in ("households", "members", "unit_counts", "health_stations", "schools", "funding"):
        batch.change(
            data, table, lambda frame: frame.update(frame[["unit"]].replace("03646", hostile))
        )
    batch.write_units(data, {hostile: "Thử"})
    code, said, heard = batch.run(data=data, pages=good(tmp_path), out=out)
    assert code == batch.REFUSED + 1, said + heard  # in a sentence, with what may be a name masked
    assert "Table units, line 4, column code: the unit code is '03646" in said + heard
    assert not out.exists() and "import os" not in said + heard


# --- many --------------------------------------------------------------------------------


def test_of_a_hundred_units_every_tenth_fails_and_ninety_are_built(tmp_path, out):
    import pandas as pd

    codes = [f"9{number:04d}" for number in range(100)]
    data = batch.small_city(tmp_path / "data", ("03646",))
    for file in data.glob("*.csv"):
        if file.stem in ("units", "history"):
            continue
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
        many = pd.concat([table.assign(unit=code) for code in codes])
        many.to_csv(file, index=False)
    batch.write_units(data, {code: f"Thử {code}" for code in codes})
    made = broken(tmp_path, "if unit.endswith('5'): 1 / 0")
    code, said, _ = batch.run(data=data, pages=made, out=out)
    states = batch.states(out)
    failed = {unit for unit, state in states.items() if state == "failed"}
    assert code == 1
    assert failed == {unit for unit in codes if unit.endswith("5")}
    assert list(states.values()).count("done") == 91
    assert said.startswith("10 reports failed: 90005 phường Thử 90005, ")
    batch.nothing_half(out)
