"""As on Windows: what only Unix has is hidden; every module imports, and a report is built."""

import os
import subprocess
import sys

import batch
import pytest

HIDDEN = """\
import builtins, os, signal

ONLY_UNIX = {"fcntl", "resource", "termios", "pwd", "grp", "pty"}
shown = builtins.__import__


def without(name, namespace=None, *others, **more):
    asking = (namespace or {}).get("__name__", "")
    if name.partition(".")[0] in ONLY_UNIX and asking.startswith("sonla_analysis"):
        raise ImportError(f"No module named {name!r} (as on Windows)")
    return shown(name, namespace, *others, **more)


builtins.__import__ = without  # other packages know Windows by its name
for name in ("fork", "forkpty", "setsid", "killpg", "getpgid", "sched_getaffinity"):
    delattr(os, name)
del signal.SIGHUP
"""
IMPORT_ALL = """\
import importlib, os, pkgutil
import sonla_analysis

assert not hasattr(os, "fork")
found = [one.name for one in pkgutil.walk_packages(sonla_analysis.__path__, "sonla_analysis.")]
for name in found:
    importlib.import_module(name)
print(len(found))"""


@pytest.fixture
def windows(tmp_path):
    """Run Python where these things are missing, also in the processes that it starts."""
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden/sitecustomize.py").write_text(HIDDEN)

    def run(*arguments):
        return subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True,
            env=os.environ | {"PYTHONPATH": str(tmp_path / "hidden")}, timeout=batch.PATIENCE,
        )  # fmt: skip

    return run


def test_every_module_imports(windows):
    ran = windows("-c", IMPORT_ALL)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 60


def test_what_is_hidden_is_missed(windows):
    asks = "exec('import fcntl', {'__name__': 'sonla_analysis.batch.processes'})"
    assert "No module named 'fcntl' (as on Windows)" in windows("-c", asks).stderr


@pytest.mark.faults
@pytest.mark.timeout(2 * batch.PATIENCE)
def test_a_report_is_built_by_a_process_started_anew_the_same_bytes(windows, tmp_path):
    report = ["-m", "sonla_analysis.cli", "report", "--unit", "03646", "--to", "html"]
    ran = windows(*report, "--out", "windows")
    assert (ran.returncode, ran.stdout.partition(":")[0]) == (0, "Xong"), ran.stderr
    code, said, _ = batch.run(data=None, out=tmp_path / "here", units=["03646"], language="vi")
    assert code == 0, said
    assert batch.contents(tmp_path / "windows") == batch.contents(tmp_path / "here")
    assert not (tmp_path / "windows/.lock").exists()
