"""What offices may send, laid out at random, is read exactly or asked about; never wrong.

The whole: `make fuzz` (8,000 folders laid out again, 2,000 with damaged bytes); else 400 and 100.
"""

from pathlib import Path

import fuzz_intake
import pytest
from fuzz import batches
from test_fuzz import failing, in_a_process_of_their_own

pytestmark = pytest.mark.fuzz


@pytest.mark.parametrize("seeds", batches(8000, 50, share=20), ids=str)
def test_what_is_laid_out_again_is_read_exactly_or_asked_about(seeds, tmp_path):
    assert not failing(fuzz_intake.case(seed, tmp_path / "inbox") for seed in seeds)


@pytest.mark.parametrize("seeds", batches(2000, 50, share=20), ids=str)
def test_damaged_bytes_are_found_or_refused_never_a_traceback(seeds):
    assert not failing(in_a_process_of_their_own(list(seeds), "fuzz_intake"))


def test_nearly_every_value_comes_back_without_a_question(tmp_path):
    came = [fuzz_intake.share_read(seed, tmp_path / "inbox") for seed in range(40)]
    assert sum(came) / len(came) > 0.85  # some layouts can only be asked about


def test_a_value_read_as_another_a_lost_row_and_a_name_told_are_seen():
    rows = [{"as_of": "2020-12-31", "unit": "03649", "households": "12", "population": "40"}]
    sent = {"unit_counts": rows}
    frame = fuzz_intake.pd.DataFrame(rows)
    assert fuzz_intake.misread(sent, {"unit_counts": frame}, []) == []
    other = frame.assign(population="41")
    assert fuzz_intake.misread(sent, {"unit_counts": other}, []) == [
        "unit_counts.population: '40' read as '41'"
    ]
    blank = frame.assign(population=None)
    assert fuzz_intake.misread(sent, {"unit_counts": blank}, []) == [
        "unit_counts.population: lost and not told"
    ]
    assert fuzz_intake.misread(sent, {}, []) == ["unit_counts: a row lost"]
    told = fuzz_intake.Finding("blank", "unit_counts", column="population")
    assert fuzz_intake.misread(sent, {"unit_counts": blank}, [told]) == []
    named = fuzz_intake.Finding("blank", "unit_counts", found=f"Lò Thị {fuzz_intake.SECRET}")
    assert fuzz_intake.misread(sent, {"unit_counts": frame}, [named]) == ["a person's name is told"]


def test_a_seed_is_a_case(tmp_path):
    def sent(folder: Path) -> dict[str, bytes]:
        fuzz_intake.lay_out(7, folder)
        return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert sent(tmp_path / "a") == sent(tmp_path / "b")
