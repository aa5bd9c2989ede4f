"""What the wards of the synthetic city sent gives the tables of the sample again, cell by cell."""

from pathlib import Path

import pandas as pd
import pytest

import sonla_analysis as sonla
from sonla_analysis import cli
from sonla_analysis.definitions.input_columns import KEYS
from sonla_analysis.intake import read_folder
from sonla_analysis.tables.findings import finding_sentence

pytestmark = pytest.mark.whole

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
SENT = SAMPLE / "submissions"
# Quyết Thắng sent official forms alone: no register, and of its counts only these
FORMS_ONLY = "03652"
IN_FORMS = ["as_of", "unit", "households", "population", "poor_households", "near_poor_households"]
TABLES = [name for name in KEYS if name != "history"]  # which nobody sends
FROM_DEPARTMENTS = ["schools", "health_stations"]


def expected() -> dict[str, pd.DataFrame]:
    """Return the sample's tables without what no file tells."""
    loaded, tables = sonla.load_tables(SAMPLE), {}
    for name in TABLES:
        table = tables[name] = loaded[name]
        of_it = table["unit"] == FORMS_ONLY
        if name == "unit_counts":
            unsaid = [column for column in table if column not in IN_FORMS]
            tables[name] = table.assign(**{one: table[one].mask(of_it) for one in unsaid})
        elif name not in FROM_DEPARTMENTS:
            tables[name] = table[~of_it]
    return tables


@pytest.fixture(scope="module")
def came():
    return read_folder(SENT)


def in_order(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table.sort_values(list(KEYS[name]), ignore_index=True)


@pytest.mark.parametrize("name", TABLES)
def test_each_table_comes_back_exactly(came, name):
    tables, _ = came
    wanted = in_order(expected()[name], name)
    read = in_order(tables[name], name)[list(wanted)]
    pd.testing.assert_frame_equal(read, wanted, check_dtype=False, check_categorical=False)


def test_nothing_is_asked_and_nothing_wrong_but_what_quyet_thang_did_not_send(came):
    _, findings = came
    wrong = [one for one in findings if one.severity == "error" and one.unit != FORMS_ONLY]
    assert [finding_sentence(one) for one in wrong] == []


@pytest.mark.parametrize("file", ["Xa Chieng Ngan.xlsx", "HUA LA.xlsx", "Tô Hiệu", "QUYET THANG"])
def test_what_was_hidden_or_replaced_or_sent_as_forms_is_told(came, file):
    _, findings = came
    assert any(file in one.file for one in findings)


def test_a_report_is_built_from_what_intake_writes(tmp_path):
    assert cli.main(["intake", str(SENT), "--out", str(tmp_path / "data")]) in (0, 1)
    asked = ["--unit", "03646", "--as-of", "2020-12-31", "--to", "html"]
    assert cli.main(["report", str(tmp_path / "data"), *asked, "--out", str(tmp_path / "out")]) == 0
    (page,) = (tmp_path / "out").rglob("report.html")
    assert "GIẢ LẬP" in page.read_text(encoding="utf-8").upper()
