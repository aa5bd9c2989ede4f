"""Folders and records on the disk: complete or absent, locked by one, stale locks taken over."""

import json
import os
from types import SimpleNamespace

import pytest

from sonla_analysis.batch import book, folders, jobs, manifest, outcome
from sonla_analysis.language.refusals import SonlaError


def folder(path, text):
    path.mkdir()
    (path / "report.html").write_text(text)
    return path


@pytest.mark.parametrize("exchange", [True, False])
def test_a_new_folder_takes_the_place_of_the_old_one(tmp_path, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr(folders, "_exchange", lambda one, other: False)
    old = folder(tmp_path / "x", "old")
    folders.put_in_place(folder(tmp_path / ".sonla-building-x-1", "new"), old)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (old / "report.html").read_text() == "new"


def test_when_the_swap_fails_the_old_folder_keeps_its_name(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "_exchange", lambda one, other: False)
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
        manifest.write_whole(path, "new")
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
    "language": "vi", "started": "t", "finished": "t", "complete": "i",
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
    record = json.loads(json.dumps(RECORD))
    place = record
    for key in path[:-1]:
        place = place[key]
    if not path:
        return value
    place[path[-1]] = "HERE"
    return json.dumps(record).replace('"HERE"', value)


def used(folder):
    """Do with a record what a run does with it; return whether it was taken for good."""
    found, damage = manifest.read(folder)
    request = SimpleNamespace(
        out=folder, units=None, force=False, formats=("html",), language="vi", as_of="2020-12-31",
        plan="p", data="d", word_template=None,
    )  # fmt: skip
    for units in (None, ("03646",)):
        request.units = units
        outcome.nothing_to_do(request, "i")
    said = []
    plain = dict.fromkeys(jobs.Job.__dataclass_fields__)
    plain |= {"folder": "03646-x", "fingerprint": "f", "formats": ("html",), "language": "vi"}
    job, record = jobs.Job(**plain), found["jobs"].get("03646-x")
    opened = book.Book(request, [], "i", said.append)
    opened._is_current(opened._with_formats(job, record), record)
    manifest.save(folder, opened.manifest)
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
    del old["written"], old["jobs"]["03646-x"]["edited"], old["jobs"]["03646-x"]["built"]["digests"]
    for record in (RECORD, old):
        (tmp_path / "manifest.json").write_text(json.dumps(record))
        assert used(tmp_path)


def test_a_record_that_leads_out_of_its_folder_is_not_followed(tmp_path):
    record = damaged(("jobs", "03646-x", "folder"), '"../x"').replace('"03646-x":', '"../x":')
    (tmp_path / "manifest.json").write_text(record)
    assert not used(tmp_path)


def test_the_lock_is_held_once_and_given_back(tmp_path):
    with manifest.locked(tmp_path, "en", print):
        again = manifest.locked(tmp_path, "en", print)
        with pytest.raises(SonlaError, match=f"process {os.getpid()} on"):
            again.__enter__()
        assert (tmp_path / ".lock").exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"pid": "x"}', "\0"])
def test_a_damaged_lock_is_taken_over(tmp_path, content):
    (tmp_path / ".lock").write_text(content)
    said = []
    with manifest.locked(tmp_path, "en", said.append):
        pass
    assert len(said) == 1


def test_a_lock_of_another_machine_is_respected(tmp_path):
    (tmp_path / ".lock").write_text(json.dumps({"pid": 1, "host": "elsewhere", "started": "then"}))
    lock = manifest.locked(tmp_path, "en", print)
    with pytest.raises(SonlaError, match="process 1 on elsewhere, started then"):
        lock.__enter__()
