"""What lies in a folder: found under the names people give, or refused by its true name."""

import shutil
from pathlib import Path

import pandas as pd
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from sonla_analysis.definitions.input_columns import KEYS
from sonla_analysis.indicators.checks import check_data
from sonla_analysis.tables.findings import DataError
from sonla_analysis.tables.input_tables import load_tables, source_files

DATA = Path(__file__).parent / "data/two_wards"
TABLES = [*KEYS, "units"]


@pytest.fixture(scope="module")
def expected():
    return load_tables(DATA)


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(DATA, tmp_path / "data")
    return tmp_path / "data"


def rewrite(file: Path, change, encoding="utf-8") -> None:
    file.write_bytes(change(file.read_text(encoding="utf-8")).encode(encoding))


def assert_same(found: dict, expected: dict) -> None:
    for name in TABLES:
        both = (one[name].reset_index(drop=True) for one in (found, expected))
        pd.testing.assert_frame_equal(*both)


def found(data: Path) -> list[tuple]:
    """Return rule, table, row, column of each finding."""
    return [(one.rule, one.table, one.row, one.column) for one in check_data(data)[0]]


# --- as people send it: read -------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "sep=;\n" + text.replace(",", ";"),
        lambda text: '"sep=,"\r\n' + text,
        lambda text: text.replace(",", "\t"),
        lambda text: "\n,,,\n\n" + text,
        lambda text: text.replace("\n", "\r"),
        lambda text: "\n".join(line + ",," for line in text.splitlines()),
        lambda text: text.replace("03646", "03646\u200b").replace("true", "true\x02"),
        lambda text: text.replace("Trường", "\x1fTrường\x08"),
        lambda text: text.replace("true", '"true"'),
    ],
    ids=["sep", "sep quoted", "tabs", "blank above", "old Mac", "trailing", "invisible", "control",
         "quoted"],
)  # fmt: skip
def test_a_csv_as_programs_write_it_is_read(folder, expected, change):
    rewrite(folder / "schools.csv", change)
    assert_same(load_tables(folder), expected)


def test_names_of_files_in_capitals_are_recognised(folder, expected):
    (folder / "schools.csv").rename(folder / "SCHOOLS.CSV")
    assert folder / "SCHOOLS.CSV" in source_files(folder)
    assert_same(load_tables(folder), expected)


def test_a_finding_names_the_line_in_the_file_whatever_stands_above_the_heading(folder):
    rewrite(folder / "schools.csv", lambda text: "sep=,\n\n" + text.replace("true", "maybe", 1))
    assert found(folder) == [("not_flag", "schools", 4, "preschool")]


def test_a_table_without_rows_is_a_table(folder):
    rewrite(folder / "history.csv", lambda text: text.splitlines()[0] + "\n")
    assert load_tables(folder)["history"].empty


# --- Parquet -----------------------------------------------------------------------------


def dictionaries(table):
    return pyarrow.table({name: table[name].dictionary_encode() for name in table.column_names})


def large(table):
    return table.cast(
        pyarrow.schema([(name, pyarrow.large_string()) for name in table.schema.names])
    )


def timestamps(table):
    frame = table.to_pandas()
    for name in {"as_of", "valid_to"} & set(frame):
        frame[name] = pd.to_datetime(frame[name])
    return pyarrow.Table.from_pandas(frame)


def days(table):
    frame = timestamps(table).to_pandas()
    for name in {"as_of", "valid_to"} & set(frame):
        frame[name] = frame[name].dt.date
    return pyarrow.Table.from_pandas(frame)


def indexed(table):
    return pyarrow.Table.from_pandas(table.to_pandas().set_index(table.column_names[:2]))


def numbered(table):
    return pyarrow.Table.from_pandas(table.to_pandas().sample(frac=1, random_state=1).sort_index())


@pytest.mark.parametrize("kind", [dictionaries, large, timestamps, days, indexed, numbered])
def test_parquet_of_every_kind_of_column_is_the_same_as_the_csv(tmp_path, expected, kind):
    for name in TABLES:
        text = pd.read_csv(DATA / f"{name}.csv", dtype=str).where(lambda cells: cells.notna(), None)
        parquet.write_table(kind(pyarrow.Table.from_pandas(text)), tmp_path / f"{name}.parquet")
    assert_same(load_tables(tmp_path), expected)


def test_an_hour_that_is_not_midnight_is_a_finding(folder):
    frame = pd.read_csv(folder / "schools.csv", dtype=str)
    frame["as_of"] = pd.to_datetime(frame["as_of"]) + pd.to_timedelta([1] + [0] * 7, unit="h")
    (folder / "schools.csv").unlink()
    frame.to_parquet(folder / "schools.parquet")
    assert [one[:4] for one in found(folder)] == [("not_date", "schools", 2, "as_of")]


def test_files_of_a_table_may_hold_codes_of_different_kinds(tmp_path, folder, expected):
    frame = pd.read_csv(folder / "schools.csv", dtype=str)
    (folder / "schools.csv").unlink()
    (folder / "schools").mkdir()
    frame[:4].to_parquet(folder / "schools/a.parquet")
    frame[4:].astype("category").to_parquet(folder / "schools/b.parquet")
    assert_same(load_tables(folder), expected)


# --- refused by its true name ------------------------------------------------------------


def test_a_csv_beside_a_parquet_file_of_the_same_name_is_refused(folder):
    pd.read_csv(folder / "schools.csv", dtype=str).to_parquet(folder / "schools.parquet")
    assert found(folder) == [("table_twice", "schools", 0, "")]


def test_a_table_under_another_name_is_asked_about(folder):
    (folder / "schools.csv").rename(folder / "Trường học.csv")
    (finding,) = check_data(folder)[0]
    assert (finding.rule, finding.table) == ("renamed_table", "schools")
    assert finding.found == "Trường học.csv"


@pytest.mark.parametrize("ending", [".xls", ".ods", ".xlsx", ".txt"])
def test_a_table_in_another_format_is_refused_by_the_name_of_its_file(folder, ending):
    (folder / "schools.csv").rename(folder / f"schools{ending}")
    (finding,) = check_data(folder)[0]
    assert (finding.rule, finding.found) == ("other_format", f"schools{ending}")


def test_a_folder_that_holds_only_a_workbook_says_so(tmp_path):
    (tmp_path / "so lieu.xlsx").write_bytes(b"PK")
    (finding,) = check_data(tmp_path)[0]
    assert (finding.rule, finding.found) == ("workbook_in_folder", "so lieu.xlsx")


@pytest.mark.parametrize("above", ["BIỂU TỔNG HỢP\n", "BIỂU TỔNG HỢP, năm 2020\n\n", "Sơn La;;\n"])
def test_a_title_above_the_heading_is_one_finding_with_the_line_of_the_heading(folder, above):
    rewrite(folder / "schools.csv", lambda text: above + text)
    assert found(folder) == [("heading_not_first", "schools", above.count("\n") + 1, "")]


def test_what_stands_in_a_column_without_a_name_is_said_to_be_unread(folder):
    rewrite(folder / "schools.csv", lambda text: text.replace("\n", ",x\n").replace(",x", ",", 1))
    (finding,) = check_data(folder)[0]
    assert (finding.rule, finding.found, finding.cells) == ("unnamed_column", "H", 8)
    assert finding.severity == "warning"


def test_utf16_is_refused_as_not_utf8(folder):
    rewrite(folder / "schools.csv", str, encoding="utf-16")
    assert found(folder) == [("not_utf8", "schools", 0, "")]


# --- a quotation mark that does not close ------------------------------------------------

SCHOOLS = (DATA / "schools.csv").read_text(encoding="utf-8")
FIGURES = ["as_of", "unit", "preschool", "primary", "lower_secondary", "meets_national_standard"]


@pytest.mark.fuzz
@given(st.lists(st.integers(0, len(SCHOOLS)), min_size=1, max_size=2))
def test_stray_quotation_marks_never_change_a_figure_in_silence(tmp_path_factory, places):
    folder = tmp_path_factory.mktemp("quoted")
    for file in DATA.iterdir():
        shutil.copy(file, folder)
    text = SCHOOLS
    for place in sorted(places, reverse=True):
        text = text[:place] + '"' + text[place:]
    (folder / "schools.csv").write_text(text, encoding="utf-8")
    findings, _ = check_data(folder)
    if not findings:
        both = (load_tables(one)["schools"][FIGURES] for one in (folder, DATA))
        pd.testing.assert_frame_equal(*both)


def test_each_line_on_which_a_quotation_mark_stays_open_is_named(folder):
    def stray(text):
        lines = text.splitlines()
        lines[2], lines[5] = (lines[at].replace(",Trường", ',"Trường') for at in (2, 5))
        return "\n".join(lines)

    rewrite(folder / "schools.csv", stray)
    assert found(folder) == [("quote_open", "schools", 3, ""), ("quote_open", "schools", 6, "")]


def test_a_line_break_inside_a_cell_is_a_finding_in_parquet_too(folder):
    frame = pd.read_csv(folder / "schools.csv", dtype=str)
    frame.loc[0, "name"] = "Trường A\n2020-12-31,03646,Trường B"
    (folder / "schools.csv").unlink()
    frame.to_parquet(folder / "schools.parquet")
    assert ("line_break", "schools", 2, "name") in found(folder)


def test_the_error_says_which_file_cannot_be_opened(folder):
    (folder / "schools.csv").write_bytes(b"as_of,unit\n\xff\xfe\x00")
    with pytest.raises(DataError) as refused:
        load_tables(folder)
    assert ("not_utf8", "schools") in {(one.rule, one.table) for one in refused.value.findings}


@pytest.mark.parametrize("end", ["\r", "\r\n", "\u2028", "\u2029", "\x85"])
def test_lines_that_end_otherwise_are_lines(tmp_path, end):
    """A table whose one line swallowed all others would be an empty one."""
    from sonla_analysis.tables.files import raw_tables

    rows = ["as_of,unit,project,source,planned,disbursed", "2020-12-31,03646,a,b,1,1"]
    (tmp_path / "funding.csv").write_text(end.join(rows) + end, encoding="utf-8", newline="")
    found, findings = raw_tables(tmp_path, ["funding"], [])
    assert findings == [] and found["funding"]["disbursed"].tolist() == ["1"]
