"""Folders and records on the disk: complete or absent, held by one run, the lock the system's."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from filelock import Timeout

from sonla_analysis.batch import folders, jobs, record
from sonla_analysis.batch.request import Request


def folder(path, text):
    path.mkdir()
    (path / "report.html").write_text(text)
    return path


def test_a_new_folder_takes_the_place_of_the_old_one(tmp_path):
    old = folder(tmp_path / "x", "old")
    folders.put_in_place(folder(tmp_path / ".sonla-building-x-1", "new"), old)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (old / "report.html").read_text() == "new"


def test_when_the_swap_fails_the_old_folder_keeps_its_name(tmp_path):
    old = folder(tmp_path / "x", "old")
    with pytest.raises(OSError):
        folders.put_in_place(tmp_path / "not there", old)
    assert (old / "report.html").read_text() == "old"


def test_a_run_that_died_between_the_two_steps_is_put_right(tmp_path):
    folder(tmp_path / ".sonla-old-x", "old")
    folder(tmp_path / ".sonla-building-x-7", "half")
    (tmp_path / ".sonla-writing-manifest.json-abc").write_text("{")
    folders.tidy(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x/report.html").read_text() == "old"


def test_an_old_folder_whose_successor_is_there_goes(tmp_path):
    folder(tmp_path / ".sonla-old-x", "old")
    folder(tmp_path / "x", "new")
    folders.tidy(tmp_path)
    assert (tmp_path / "x/report.html").read_text() == "new"
    assert not (tmp_path / ".sonla-old-x").exists()


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "manifest.json"
    path.write_text("good")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError):
        folders.write_whole(path, "new")
    assert path.read_text() == "good"
    assert [one.name for one in tmp_path.iterdir()] == ["manifest.json"]


# --- a damaged record --------------------------------------------------------------------

JOB = {
    "unit": "03646", "name": "phường X", "folder": "03646-x", "state": "done", "cause": None,
    "cell": None, "log": None, "seconds": 1.5, "fingerprint": "f", "inputs": "i", "edited": [],
    "started": "t", "finished": "t",
    "built": {"fingerprint": "f", "formats": ["html"], "stamp": "s", "digests": {"a": "b"}},
}  # fmt: skip
RECORD = {
    "format": 1, "version": "0.1.0", "as_of": "2020-12-31", "plan": "p", "data": "d",
    "language": "vi", "started": "t", "finished": "t", "complete": "i", "running": None,
    "summaries": {"index.html": "m"}, "written": {"index.html": "m"}, "jobs": {"03646-x": JOB},
}  # fmt: skip
WRONG = ["1", "-1e999", "NaN", "null", "true", '"x"', "[]", "{}", "[[]]", '{"x": 1}', "9" * 4000]
WRONG += ["9" * 5000, '[{"a": [1]}]', '"' + "x" * 5000 + '"', '"../../x"', "[" * 900 + "]" * 900]
BYTES = [b"", b"{", b"\0", b"\xff\xfe", b"[" * 10**6, b'{"a":' * 10**5, b"9" * 5000, b"NaN"]


def places(part, path=()):
    """Yield the way to every value of a record."""
    yield path
    if isinstance(part, dict | list):
        for key, one in part.items() if isinstance(part, dict) else enumerate(part):
            yield from places(one, (*path, key))


def damaged(path: tuple, value: str) -> str:
    """Return the record as JSON with one value replaced."""
    whole = json.loads(json.dumps(RECORD))
    place = whole
    for key in path[:-1]:
        place = place[key]
    if not path:
        return value
    place[path[-1]] = "HERE"
    return json.dumps(whole).replace('"HERE"', value)


def used(folder):
    """Do with a record what a run does with it; return whether it was taken for good."""
    found, damage = record.read(folder)
    words = {"as_of": "2020-12-31", "plan": "p", "edition": "public"}
    request = Request("d", formats=("html",), out=folder, **words)
    for units in (None, ("03646",)):
        record.nothing_to_do(replace(request, units=units), "i")
    said = []
    plain = dict.fromkeys(jobs.Job.__dataclass_fields__)
    plain |= {"folder": "03646-x", "fingerprint": "f", "formats": ("html",), "language": "vi"}
    request = replace(request, units=("03646",))
    job, earlier = jobs.Job(**plain), found["jobs"].get("03646-x")
    opened = record.RunRecord(request, [], "i", said.append)
    record.is_built(folder, earlier, "f", opened._with_formats(job, earlier).formats)
    record.holder(found)
    opened.save()
    return damage is None and not said


@pytest.mark.parametrize("content", BYTES, ids=lambda one: repr(one[:9]))
def test_a_record_that_is_no_json_is_taken_as_absent(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)
    assert not used(tmp_path)


@pytest.mark.parametrize("path", list(places(RECORD)), ids=str)
def test_a_record_with_any_value_at_any_place_ends_in_no_traceback(tmp_path, path):
    for value in WRONG:
        (tmp_path / "manifest.json").write_text(damaged(path, value))
        used(tmp_path)


def test_the_record_itself_is_good_and_so_is_one_of_version_0_1(tmp_path):
    old = json.loads(json.dumps(RECORD))
    del old["running"], old["written"]
    del old["jobs"]["03646-x"]["edited"], old["jobs"]["03646-x"]["built"]["digests"]
    for one in (RECORD, old):
        (tmp_path / "manifest.json").write_text(json.dumps(one))
        assert used(tmp_path)


def test_a_record_that_leads_out_of_its_folder_is_not_followed(tmp_path):
    hostile = damaged(("jobs", "03646-x", "folder"), '"../x"').replace('"03646-x":', '"../x":')
    (tmp_path / "manifest.json").write_text(hostile)
    assert not used(tmp_path)


# --- the lock ----------------------------------------------------------------------------

HOLDS = """\
import pathlib, sys, time
from sonla_analysis.batch.folders import locked
with locked(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(10_000)"""


def test_the_lock_is_held_once_and_given_back(tmp_path):
    with folders.locked(tmp_path):
        with pytest.raises(Timeout), folders.locked(tmp_path):
            pass
        assert (tmp_path / ".lock").exists()
    assert list(tmp_path.iterdir()) == []
    with folders.locked(tmp_path):
        pass


@pytest.mark.parametrize("content", ["", "{}", '{"pid": 1, "host": "elsewhere"}', "\0"])
def test_a_lock_file_that_nobody_holds_is_no_lock_whatever_it_says(tmp_path, content):
    (tmp_path / ".lock").write_text(content)  # as a run of version 0.1 leaves it when it dies
    with folders.locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_lock_ends_with_its_process_however_that_ends(tmp_path):
    command = [sys.executable, "-c", HOLDS, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Timeout), folders.locked(tmp_path):
            pass
        holder.send_signal(signal.SIGSTOP)  # neither is it free while the holder is stopped
        with pytest.raises(Timeout), folders.locked(tmp_path):
            pass
        holder.kill()
    with folders.locked(tmp_path):
        pass
