"""Units: a code means a unit only together with a date."""

import io
import re
from pathlib import Path

import pandas as pd
import pytest
import small

from sonla_analysis.definitions.units import folder_name, refuse_unit, unit_named, units_on
from sonla_analysis.indicators.measure import area_of, leaf_units
from sonla_analysis.language.refusals import DefinitionError, UsageError
from sonla_analysis.tables.units_table import check_units, load_units, read_units


@pytest.mark.parametrize(
    ("code", "in_2020", "in_2025"),
    [
        ("03646", "Chiềng Lề", "Tô Hiệu"),
        ("03664", "Chiềng Xôm", "Chiềng An"),
        ("03670", "Chiềng Cơi", "Chiềng Cơi"),
        ("03679", "Chiềng Sinh", "Chiềng Sinh"),
    ],
)
def test_four_codes_mean_another_unit_since_july_2025(code, in_2020, in_2025):
    assert unit_named(code, "2025-06-30")["name"] == in_2020
    assert unit_named(code, "2025-07-01")["name"] == in_2025


def test_a_name_moved_to_another_code_in_july_2025():
    before, after = units_on("2020-12-31"), units_on("2025-07-01")
    assert before.index[before["name"] == "Tô Hiệu"].tolist() == ["03649"]
    assert after.index[after["name"] == "Tô Hiệu"].tolist() == ["03646"]


def test_every_ward_of_2020_has_a_successor_in_force_in_2025():
    before = units_on("2020-12-31").query("parent == '116'")
    assert len(before) == 12
    assert set(before["successor"]) == set(units_on("2025-07-01").query("parent == '14'").index)


def test_a_code_no_longer_in_force_is_refused():
    with pytest.raises(UsageError, match="found '03649'"):
        unit_named("03649", "2025-07-01")


def test_a_lost_zero_is_refused_with_the_code_that_was_meant():
    with pytest.raises(UsageError) as refused:
        unit_named("3646", "2020-12-31")
    assert "did you mean '03646'?" in str(refused.value)
    assert refused.value.text("vi").startswith("mã đơn vị (có hiệu lực ngày 2020-12-31) phải là")


def test_folders_sort_by_code_and_say_the_name():
    assert folder_name(unit_named("03646", "2020-12-31")) == "03646-phuong-chieng-le"


def test_the_area_is_the_unit_that_all_reporting_units_lie_in(city):
    assert area_of(city, "2020-12-31") == "116"
    assert len(leaf_units(city, "2020-12-31")) == 12


def test_a_single_reporting_ward_still_lies_in_its_city():
    tables = small.tables(unit_counts=[{"unit": small.A}])
    assert area_of(tables, small.END) == small.CITY


def test_units_of_a_province_lie_in_it_at_any_depth():
    units = pd.DataFrame(
        [("1", ""), ("11", "1"), ("12", "1"), ("111", "11"), ("121", "12"), ("122", "12")],
        columns=["code", "parent"],
    ).assign(name="x", kind="", area="")
    counts = pd.DataFrame({"as_of": small.END, "unit": ["111", "122"]})
    tables = {"units": check_units(units), "unit_counts": counts}
    assert area_of(tables, small.END) == "1"
    assert leaf_units(tables, small.END).index.tolist() == ["111", "121", "122"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"parent": ["", "999", ""]}, "line 3, column parent: the parent is '999', which is not"),
        ({"parent": ["3", "1", "2"]}, "line 2, column parent: unit '1' is its own parent"),
        ({"code": ["1", "1", "3"], "parent": ["", "", ""]}, "line 3, column code: code '1' stands"),
    ],
)
def test_a_wrong_list_of_units_is_refused(change, sentence):
    good = {"code": ["1", "2", "3"], "parent": ["", "1", "1"], "name": "x", "kind": "", "area": ""}
    with pytest.raises(DefinitionError, match=sentence):
        check_units(pd.DataFrame(good | change))


def test_a_list_of_units_without_a_column_is_refused():
    with pytest.raises(DefinitionError, match="column 'kind' is missing; found code, name, area"):
        check_units(load_units()[["code", "name", "area", "parent"]])


# --- the table of units as it is sent ----------------------------------------------------

GOOD = pd.DataFrame(
    {
        "code": ["123", "03979", "03985"],
        "name": ["Mộc Châu", "Mộc Châu", "Chiềng Sơn"],
        "kind": ["Huyện", "Thị trấn", "Xã"],
        "area": ["", "urban", "rural"],
        "parent": ["", "123", "123"],
        "valid_to": ["2025-06-30"] * 3,
    }
)


def faults(**changes) -> list[tuple]:
    """Return rule, row and column of what is wrong once row 3 of the good table is changed."""
    table = GOOD.copy()
    table.loc[1, list(changes)] = list(changes.values())
    return [(one.rule, one.row, one.column) for one in read_units(table)[1]]


def test_the_units_of_a_district_are_read():
    assert faults() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"valid_to": "31/12/2019"}, ("not_date", 3, "valid_to")),
        ({"valid_to": "2025-06-30T10:00:00"}, ("not_date", 3, "valid_to")),
        ({"area": "thành thị"}, ("not_allowed", 3, "area")),
        ({"parent": "124"}, ("unit_parent_unknown", 3, "parent")),
        ({"parent": "03979"}, ("unit_within_itself", 3, "parent")),
        ({"name": ""}, ("blank", 3, "name")),
        ({"name": "x" * 95}, ("unit_name_long", 3, "name")),
        ({"name": "thị trấn Mộc Châu"}, ("unit_kind_again", 3, "name")),
        ({"name": "TT. Mộc Châu"}, ("unit_kind_again", 3, "name")),
        ({"name": "#N/A"}, ("excel_error", 3, "name")),
        ({"code": "03/979"}, ("not_unit", 3, "code")),
        ({"code": "9" * 21}, ("not_unit", 3, "code")),
        ({"code": "="}, ("formula", 3, "code")),
    ],
)
def test_a_wrong_cell_of_the_units_is_named_by_row_and_column(changes, expected):
    assert faults(**changes) == [expected]


def test_a_code_that_means_two_units_on_one_day_is_found():
    again = GOOD[2:].assign(valid_from="2025-01-01", valid_to="")
    table = pd.concat([GOOD, again], ignore_index=True)
    assert [(one.rule, one.row) for one in read_units(table)[1]] == [("unit_twice", 5)]
    later = pd.concat([GOOD, again.assign(valid_from="2025-07-01")], ignore_index=True)
    assert read_units(later)[1] == []


def test_only_units_on_the_circle_are_said_to_be_their_own_parent():
    table = GOOD.assign(parent=["03979", "123", "123"])
    assert [(one.rule, one.row) for one in read_units(table)[1]] == [
        ("unit_within_itself", 2),
        ("unit_within_itself", 3),
    ]


def test_columns_may_stand_twice_or_be_missing_without_a_traceback():
    twice = pd.concat([GOOD, GOOD[["code"]]], axis=1)
    assert [one.rule for one in read_units(twice)[1]] == ["column_twice"]
    assert [one.rule for one in read_units(GOOD[:0])[1]] == ["empty_table"]
    assert {one.column for one in read_units(GOOD[["code"]])[1]} == {
        "name",
        "kind",
        "area",
        "parent",
    }


def test_the_units_written_in_the_readme_of_the_sample_are_read():
    text = (Path(__file__).parents[1] / "data/sample/README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```\n(code,name.*?)```", text, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        units = pd.read_csv(io.StringIO(block), dtype=str, keep_default_na=False)
        assert read_units(units)[1] == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b'"code', b"code,name\n1,2,3\n1\n", b"\0"])
def test_a_file_of_units_that_is_none_is_refused(tmp_path, content):
    (tmp_path / "units.csv").write_bytes(content)
    with pytest.raises(DefinitionError):
        load_units(tmp_path / "units.csv")


def test_a_refusal_names_the_units_it_lists_in_the_language_it_is_written_in():
    said = refuse_unit("3646", units_on("2020-12-31").loc[["116", "03646"]])
    assert said.startswith(
        "unit must be one of 116 Sơn La city, 03646 Chiềng Lề ward; found '3646' (did you mean"
    )
    assert said.vi.startswith(
        "mã đơn vị phải là một trong: 116 thành phố Sơn La, 03646 phường Chiềng Lề; đã nhận '3646'"
    )
