"""What people already call goes on working: the public names, and those of version 0.1."""

import inspect
import subprocess
import sys

import pytest

import sonla_analysis as sonla


def test_the_tab_key_shows_the_public_names_and_no_other():
    assert dir(sonla) == sonla.__all__ == sorted(sonla.__all__)
    assert {"load_plan", "load_tables", "measure", "assess", "open_review", "charts"} <= set(
        dir(sonla)
    )


@pytest.mark.parametrize("name", sonla.__all__)
def test_a_public_name_says_what_comes_back(name):
    found = getattr(sonla, name)
    assert inspect.getdoc(found)
    if inspect.isfunction(found):
        assert ">>>" in found.__doc__ or name in ("read_tables", "check_tables"), name


@pytest.mark.parametrize("old", sorted(sonla._MOVED))
def test_a_name_of_version_0_1_works_and_warns(old):
    with pytest.warns(FutureWarning, match=f"sonla_analysis.{old} is now sonla_analysis"):
        module = getattr(sonla, old)
    assert module.__name__ == f"sonla_analysis.{sonla._MOVED[old]}"


def test_the_sentences_of_version_0_1_are_found_by_their_old_name():
    with pytest.warns(FutureWarning):
        wording = sonla.wording
    with pytest.warns(FutureWarning, match=r"sentences\.progress"):
        assert wording.sentences is wording.progress


def test_a_name_that_never_was_is_refused():
    with pytest.raises(AttributeError, match="no attribute 'mesure'"):
        sonla.mesure  # noqa: B018


def test_importing_the_package_costs_next_to_nothing():
    code = "import sys, sonla_analysis; print('pandas' in sys.modules, 'matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
