"""Folders and records on the disk: complete or absent, locked by one, stale locks taken over."""

import json
import os

import pytest

from sonla_analysis.errors import SonlaError
from sonla_analysis.reports import folders, manifest


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
