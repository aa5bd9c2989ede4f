"""Reading: folders of CSV and Parquet, workbooks, and what people do to them in Excel."""

import unicodedata
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from sonla_analysis.definitions.input_columns import COLUMNS, KEYS
from sonla_analysis.tables.findings import DataError, finding_sentence, shown
from sonla_analysis.tables.input_tables import (
    load_tables,
    read_tables,
    school_network,
    source_files,
    typed,
)

DATA = Path(__file__).parent / "data/two_wards"
NAMES = [*KEYS, "units"]


@pytest.fixture(scope="module")
def expected():
    return load_tables(DATA)


@pytest.fixture
def raw():
    """The files' cells as text."""
    return {
        name: pd.read_csv(DATA / f"{name}.csv", dtype=str, keep_default_na=False) for name in NAMES
    }


def assert_same(found: dict, expected: dict) -> None:
    for name in expected.keys() - {"about", "sent"}:
        both = found[name][list(expected[name])], expected[name]
        pd.testing.assert_frame_equal(*both, check_index_type=False)


def workbook(path: Path, sheets: dict[str, pd.DataFrame]) -> Path:
    """Write a workbook as officers' Excel does: codes as numbers or text, real dates, TRUE."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        for name, table in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate([list(table), *table.to_numpy().tolist()]):
                for column, value in enumerate(row):
                    if not pd.isna(value):
                        sheet.write(place, column, value)
    return path


def as_excel(cell: str, kind: str):
    """Return a cell as Excel stores it."""
    if cell == "":
        return None
    if kind == "date":
        return date.fromisoformat(cell)
    if kind == "flag":
        return cell == "true"
    return float(cell) if kind in ("count", "money") else cell


def excel_sheets(raw) -> dict[str, pd.DataFrame]:
    kinds = {name: COLUMNS.get(name, {}) for name in raw}
    return {
        name: table.apply(
            lambda column, name=name: [as_excel(c, kinds[name].get(column.name)) for c in column]
        ).astype(object)
        for name, table in raw.items()
    }


# --- the same tables from every kind of file ---------------------------------------------


def test_codes_stay_text_and_blanks_stay_blank(expected):
    assert expected["households"]["unit"].unique().tolist() == ["03646", "03658"]
    assert expected["history"]["households"].isna().all()
    assert expected["households"]["members"].dtype == "Int64"
    assert expected["households"]["loan_needed"].dtype == "boolean"


def test_a_member_carries_what_its_household_is(expected):
    member = expected["members"].iloc[-1]
    assert (member["status"], member["ethnicity"], member["village"]) == (
        "poor_income", "Mông", "Bản Ót",
    )  # fmt: skip


def test_a_workbook_with_a_sheet_per_table_is_the_same(raw, expected, tmp_path):
    book = workbook(tmp_path / "data.xlsx", excel_sheets(raw))
    assert_same(load_tables(book), expected)
    assert source_files(book) == [book]


def test_parquet_files_are_the_same(raw, expected, tmp_path):
    for name, table in expected.items():
        if name in NAMES:
            table.to_parquet(tmp_path / f"{name}.parquet")
    assert_same(load_tables(tmp_path), expected)


def test_a_folder_of_parquet_files_is_the_same(expected, tmp_path):
    for name, table in expected.items():
        if name not in NAMES:
            continue
        (tmp_path / name).mkdir()
        for code, rows in table.groupby("unit" if "unit" in table else "code", sort=False):
            rows.to_parquet(tmp_path / name / f"{code}.parquet")
    found = load_tables(tmp_path)
    for name in KEYS:
        both = (one[name].sort_values(KEYS[name], ignore_index=True) for one in (found, expected))
        pd.testing.assert_frame_equal(*both, check_like=True)


@pytest.mark.parametrize(
    ("change", "encoding"),
    [
        (lambda text: text, "utf-8-sig"),  # Excel's "CSV UTF-8" begins with a byte order mark
        (lambda text: text.replace("\n", "\r\n"), "utf-8"),
        (lambda text: text.replace(",", ";"), "utf-8"),  # Excel in Vietnamese
        (lambda text: unicodedata.normalize("NFD", text), "utf-8"),  # a Mac
        (lambda text: text + "\n\n", "utf-8"),
        (lambda text: text.replace("true", "TRUE").replace("false", "0"), "utf-8"),
        (lambda text: text.replace("true", " có ").replace("false", "Không"), "utf-8"),
    ],
    ids=["BOM", "windows lines", "semicolons", "NFD", "blank lines", "TRUE and 0", "có and Không"],
)
def test_a_csv_written_another_way_is_the_same(raw, expected, tmp_path, change, encoding):
    for name in NAMES:
        text = (DATA / f"{name}.csv").read_text(encoding="utf-8")
        (tmp_path / f"{name}.csv").write_bytes(change(text).encode(encoding))
    assert_same(load_tables(tmp_path), expected)


# --- what Excel does to a sheet ----------------------------------------------------------


@pytest.fixture
def sheets(raw):
    return excel_sheets(raw)


def test_columns_that_are_not_part_of_a_table_do_not_travel_on(sheets, expected, tmp_path):
    sheets["households"].insert(3, "Họ và tên chủ hộ", "Lò Thị Mẫu")
    found = load_tables(workbook(tmp_path / "data.xlsx", sheets))
    assert_same(found, expected)
    assert not any((table == "Lò Thị Mẫu").any(axis=None) for table in found.values())


def test_header_names_of_a_mac_with_spaces_and_capitals_are_recognised(sheets, expected, tmp_path):
    sheets["schools"] = sheets["schools"].rename(columns=lambda name: f" {name.upper()} ")
    sheets[unicodedata.normalize("NFD", "ghi chú")] = pd.DataFrame({"x": ["thử"]})
    assert_same(load_tables(workbook(tmp_path / "data.xlsx", sheets)), expected)


def test_a_code_that_excel_made_a_number_is_found_and_the_right_one_named(sheets, tmp_path):
    from sonla_analysis.indicators.checks import check_data

    sheets["schools"]["unit"] = sheets["schools"]["unit"].astype(float)
    sheets["about"] = pd.DataFrame({"synthetic": [True]})
    findings, _ = check_data(workbook(tmp_path / "data.xlsx", sheets))
    assert {(one.rule, one.found, one.allowed) for one in findings} == {
        ("unknown_unit", "3646", "03646"),
        ("unknown_unit", "3658", "03658"),
    }


def test_blank_rows_are_left_out_and_line_numbers_stay_right(sheets, expected, tmp_path):
    blank = pd.DataFrame([[None] * 7], columns=list(sheets["schools"]))
    table = sheets["schools"]
    sheets["schools"] = pd.concat([table[:2], blank, table[2:], blank, blank], ignore_index=True)
    found = load_tables(workbook(tmp_path / "data.xlsx", sheets))["schools"]
    pd.testing.assert_frame_equal(found.reset_index(drop=True), expected["schools"])
    sheets["schools"].loc[4, "primary"] = "có thể"
    _, findings = read_tables(workbook(tmp_path / "again.xlsx", sheets))
    assert [(one.row, one.column) for one in findings] == [(6, "primary")]


@pytest.mark.parametrize(
    ("cell", "fits"),
    [
        ("12", True),
        ("04", True),
        ("0", True),
        ("1,2", False),
        ("1.234", False),
        ("1.5", False),
        ("-3", False),
        ("04 hộ", False),
        ("1e3", False),
        ("١٢", False),
        ("NaN", False),
        ("9" * 16, False),
    ],
)
def test_a_count_is_a_plain_whole_number_or_refused(raw, cell, fits):
    raw["unit_counts"].loc[0, "population"] = cell
    table, findings = typed(raw["unit_counts"], "unit_counts")
    assert [one.rule for one in findings] == ([] if fits else ["not_count"])
    assert pd.isna(table.loc[0, "population"]) != fits


@pytest.mark.parametrize(
    ("cell", "fits"),
    [
        ("12.5", True),
        ("0", True),
        ("26.1", True),
        ("1250.5", True),
        ("0.125", True),
        ("1250.125", True),  # no thousands point stands so
        ("1.2500", True),
        ("1.250", False),  # 1250 to one reader, 1.25 to another
        ("125.125", False),
        ("1.250.000", False),
        ("12,5", False),
        ("inf", False),
        ("-1", False),
    ],
)
def test_money_is_a_plain_number_or_refused(raw, cell, fits):
    raw["funding"].loc[0, "planned"] = cell
    assert (typed(raw["funding"], "funding")[1] == []) == fits


@pytest.mark.parametrize(
    "cell",
    ["31/12/2020", "2020-13-01", "2020-02-30", "44196", "2020", "2020-12-31 00:00", "hôm nay"],
)
def test_a_date_is_written_year_month_day_or_refused(raw, cell):
    raw["unit_counts"].loc[0, "as_of"] = cell
    _, findings = typed(raw["unit_counts"], "unit_counts")
    assert [one.rule for one in findings] == ["not_date"]


def test_a_true_number_of_parquet_is_not_taken_for_a_thousands_point(raw):
    table, findings = typed(raw["funding"].assign(planned=125.125), "funding")
    assert (findings, set(table["planned"])) == ([], {125.125})


@pytest.mark.parametrize("cell", ["#REF!", "#N/A", "=A1+B1", "Tổ 1\nTổ 2", "#SST!7 (schools!C2)"])
def test_what_cannot_be_read_is_no_text_either(raw, cell):
    raw["schools"].loc[0, "name"] = cell
    table, findings = typed(raw["schools"], "schools")
    assert pd.isna(table.loc[0, "name"])
    assert [(one.row, one.column) for one in findings] == [(2, "name")]
    assert findings[0].rule in ("excel_error", "formula", "line_break", "string_lost")


@pytest.mark.parametrize("kind", ["unit", "preschool", "as_of"])
def test_invisible_signs_do_not_count_in_any_kind_of_cell(raw, kind):
    expected, _ = typed(raw["schools"], "schools")
    changed = raw["schools"].assign(**{kind: "\u200b" + raw["schools"][kind] + "\x02\x9f"})
    found, findings = typed(changed, "schools")
    assert findings == []
    pd.testing.assert_frame_equal(found, expected)


# --- a column that is wrong throughout ---------------------------------------------------


def days_first(column: pd.Series) -> pd.Series:
    return column.str.replace(r"(\d+)-(\d+)-(\d+)", r"\3/\2/\1", regex=True)


def listed(table) -> list[tuple]:
    return [(one.rule, one.unit, one.row, one.cells) for one in typed(table, "members")[1]]


def test_a_wrong_date_column_is_one_finding(raw):
    table = raw["members"].assign(as_of=days_first(raw["members"]["as_of"]))
    assert listed(table) == [("not_date", "", 0, 26)]
    sentence = finding_sentence(typed(table, "members")[1][0])
    assert sentence.startswith("Bảng members, cột as_of (26 ô): ngày ghi là '31/12/2019'")


def test_a_date_column_wrong_in_one_ward_is_one_finding_of_that_ward(raw):
    table, here = raw["members"], raw["members"]["unit"] == "03658"
    table.loc[here, "as_of"] = days_first(table.loc[here, "as_of"])
    assert listed(table) == [("not_date", "03658", 0, 16)]


def test_words_in_place_of_those_allowed_throughout_are_one_finding(raw):
    table = raw["members"].assign(sex=raw["members"]["sex"].map({"male": "Nam", "female": "Nữ"}))
    assert listed(table) == [("not_allowed", "", 0, 26)]


def test_one_right_cell_and_the_others_are_named_one_by_one(raw):
    table = raw["members"].assign(birth_year="x")
    table.loc[[0, 5], "birth_year"] = "1975"
    assert len(listed(table)) == 24


def test_rows_without_a_key_are_not_said_to_repeat_each_other(raw):
    table = raw["members"].assign(person="")
    assert listed(table) == [("blank", "", 0, 26)]


# --- letters that were lost --------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("Nh©n réng m« h×nh gi¶m nghÌo", "old_font"),  # TCVN3
        ("Ph\xad\xeang Chi\xd2ng L\xd2", "old_font"),  # the soft hyphen is its ư
        ("Phöôøng", "old_font"),  # VNI
        ("QuyÃªÌt tÃ¢m", "broken_letters"),
        ("Chiá»\x81ng Lá»\x81", "broken_letters"),
        ("Chi\ufffdng", "broken_letters"),
    ],
)
def test_lost_letters_are_warned_about_once_a_column(raw, name, rule):
    _, (finding,) = typed(raw["funding"].assign(project=name), "funding")
    assert (finding.rule, finding.column, finding.severity) == (rule, "project", "warning")
    assert (finding.cells, finding.found) == (4, "")


@pytest.mark.parametrize("name", ["Trường «Hoa Sen»", "8 m²", "20 °C", "K'Ho", "Bản Bó – Xôm", "½"])
def test_signs_between_words_are_not_taken_for_lost_letters(raw, name):
    assert typed(raw["funding"].assign(project=name), "funding")[1] == []


def test_numbers_in_parquet_are_held_to_the_same_rule(expected):
    table = expected["unit_counts"].astype({"population": "float64"})
    table.loc[0, "population"], table.loc[1, "population"] = 12.5, -1
    _, findings = typed(table, "unit_counts")
    assert [(one.rule, one.found) for one in findings] == [
        ("not_count", "12.5"),
        ("not_count", "-1.0"),
    ]


def test_every_repeated_row_is_named_once(raw):
    table = pd.concat([raw["schools"]] + [raw["schools"][:1]] * 2, ignore_index=True)
    _, findings = typed(table, "schools")
    assert [(one.rule, one.row) for one in findings] == [("duplicate", 10), ("duplicate", 11)]


def test_every_missing_column_is_named(raw):
    _, findings = typed(raw["schools"].drop(columns=["primary", "name"]), "schools")
    assert {one.column for one in findings} == {"primary", "name"}


# --- folders that cannot be used ---------------------------------------------------------


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataError, match="there is no such data folder or file"):
        load_tables(tmp_path / "nowhere")


def test_an_empty_folder_names_every_table_that_is_needed(tmp_path):
    with pytest.raises(DataError) as refused:
        load_tables(tmp_path)
    missing = [one.table for one in refused.value.findings]
    assert missing == [name for name in KEYS if name not in ("history", "funding")]


def test_a_damaged_parquet_file_is_named(tmp_path):
    (tmp_path / "schools.parquet").write_bytes(b"PAR1 but nothing else")
    with pytest.raises(DataError) as refused:
        load_tables(tmp_path)
    assert ("unreadable", "schools") in {(one.rule, one.table) for one in refused.value.findings}


def test_the_error_survives_the_way_between_processes():
    import pickle

    with pytest.raises(DataError) as refused:
        load_tables("nowhere")
    again = pickle.loads(pickle.dumps(refused.value))
    assert again.text("vi") == refused.value.text("vi") != refused.value.text("en")


def test_only_the_first_findings_are_told_and_the_rest_is_counted(tmp_path):
    (tmp_path / "funding.csv").touch()  # empty
    with pytest.raises(DataError, match="… and 1 more; run `sonla check` to see them all"):
        load_tables(tmp_path)


# --- the rest ----------------------------------------------------------------------------


def test_a_level_is_taught_where_one_school_teaches_it_and_unknown_where_a_cell_is_blank():
    schools = pd.DataFrame(
        {
            "as_of": "2020-12-31",
            "unit": ["a", "a", "b"],
            "preschool": [True, None, True],
            "primary": [False, None, True],
            "lower_secondary": [False, False, False],
        }
    )
    network = school_network(schools).set_index("unit").drop(columns="as_of")
    assert network.loc["a", "preschool"] is True or bool(network.loc["a", "preschool"])
    assert pd.isna(network.loc["a", "primary"])
    assert not network.loc["a", "lower_secondary"]
    assert network.loc["b"].tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Lò Thị Mẫu", "…"),
        ("LÒ THỊ MẪU", "…"),
        ("Lò-Thị_Mẫu", "…"),
        ("Mẫu", "…"),
        ("Lò Văn Mẫu, 1980", "…, 1980"),
        ("014180001234", "…"),
        ("0915 331 585", "…"),
        ("31/12/2020", "31/12/2020"),
        ("1,2", "1,2"),
        ("04 hộ", "04 hộ"),
        ("x", "x"),
        ("O3646", "O3646"),
        ("0364B", "0364B"),
        ("12tr", "12tr"),
        ("31/12/2O20", "31/12/2O20"),
        ("2020-12-31 00:00", "2020-12-31 00:00"),
        ("Lò 12", "… 12"),
        ("#REF! (schools!F4)", "#REF! (schools!F4)"),
        ('=IF(B2="Lò Thị Mẫu",1,0) (schools!F4)', '=IF(B2="… … …",1,0) (schools!F4)'),
        ("", ""),
    ],
)
def test_a_message_never_carries_a_persons_name_or_number(cell, expected):
    assert shown(cell) == expected


def test_a_misspelt_value_is_shown_beside_those_allowed():
    assert shown("pooor", ["poor", "near_poor"]) == "pooor"
    assert shown("Pao", ["poor", "near_poor"]) == "…"
