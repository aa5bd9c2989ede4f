"""What there is: units in force on a day, dates with data; a unit or a day said in words."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from commands import said

from sonla_analysis.batch.request import checked_day, unit_code
from sonla_analysis.definitions.units import shipped_units, units_on
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.sentences.listing import dates_listing

TWO_WARDS = str(Path(__file__).parent / "data/two_wards")
PROVINCE = shipped_units("son_la_province")


def codes(out: str) -> list[str]:
    return [line.split()[0] for line in out.splitlines() if line.startswith("  0")]


# --- sonla units -------------------------------------------------------------------------


def test_today_the_province_has_75_units_each_with_what_it_was_made_of(capsys):
    code, out, _ = said(capsys, "units")
    assert code == 0 and f"{date.today():%d/%m/%Y}: 75 (67 xã, 8 phường)" in out
    assert codes(out) == units_on("2025-07-01", PROVINCE).query("parent == '14'").index.tolist()
    assert out.count("Tô Hiệu, Quyết Thắng, Quyết Tâm") == 1


def test_an_area_may_be_named_and_the_day_written_as_people_do(capsys):
    code, out, _ = said(capsys, "units", "--area", "TP Sơn La", "--as-of", "31/12/2020")
    assert code == 0 and "31/12/2020: 12 (7 phường, 5 xã)" in out
    assert codes(out) == units_on("2020-12-31").query("parent == '116'").index.tolist()
    assert "xã Hua La                     từ 01/07/2025 thuộc phường Chiềng Cơi (03670)" in out
    assert "chưa rõ" in out  # since when they existed


def test_the_province_of_2020_stands_by_district(capsys):
    _, out, _ = said(capsys, "units", "--area", "14", "--as-of", "2020-12-31", "--language", "en")
    assert len(codes(out)) == 200
    assert "\nMai Sơn district (125)\n  04105  Hát Lót township" in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--area", "116"], "thành phố Sơn La (116) có hiệu lực đến 2025-06-30; hãy thêm --as-of"),
        (["--area", "Sơn La", "--as-of", "2020-12-31"], "14 tỉnh Sơn La; 116 thành phố Sơn La"),
        (["--area", "Xyz"], "địa bàn phải là một trong: 14 tỉnh Sơn La; đã nhận 'Xyz'"),
        (["--as-of", "hôm qua"], "ngày báo cáo phải ghi dạng năm-tháng-ngày"),
    ],
)
def test_an_area_or_day_that_is_none_or_two_is_refused(capsys, arguments, sentence):
    code, out, err = said(capsys, "units", *arguments)
    assert (code, out) == (2, "") and sentence in err


# --- sonla dates -------------------------------------------------------------------------


def test_the_dates_with_data_are_listed_oldest_first(capsys):
    code, out, _ = said(capsys, "dates", TWO_WARDS)
    lines = out.splitlines()[1:]
    assert code == 0
    assert lines == [
        "  2019-12-31: ngày 31/12/2019, 2 xã, phường",
        "  2020-12-31: ngày 31/12/2020, 2 xã, phường",
    ]


def test_no_date_is_said():
    nothing = pd.DataFrame({"as_of": pd.Series(dtype="str"), "unit": pd.Series(dtype="str")})
    assert dates_listing(nothing, "data") == "Không có ngày nào có số liệu trong data."


# --- sonla report: a unit or a day in words ----------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("31/12/2020", "2020-12-31"), ("31-12-2020", "2020-12-31"), ("30.6.2020", "2020-06-30"),
        ("5/5/2020", "2020-05-05"), (" 31/3/2020 ", "2020-03-31"),
        (date(2020, 12, 31), "2020-12-31"),
    ],
)  # fmt: skip
def test_a_day_that_can_be_one_day_only_is_that_day(written, meant):
    assert checked_day(written) == meant


def test_a_day_that_can_be_two_is_refused_naming_both():
    with pytest.raises(UsageError, match="2020-03-05 or 2020-05-03"):
        checked_day("05/03/2020")


@pytest.mark.parametrize("written", ["31/2/2020", "0/1/2020", "31/12/20", "2020/12/31"])
def test_what_is_no_day_is_refused(written):
    with pytest.raises(UsageError, match="year-month-day"):
        checked_day(written)


@pytest.mark.parametrize("text", ["Hua La", "xã hua la", "X. Hua La - TP Sơn La", "03676"])
def test_a_unit_may_be_named(text):
    assert unit_code(text, "2020-12-31", shipped_units()) == "03676"


def test_a_name_that_two_units_have_is_refused_naming_both():
    with pytest.raises(UsageError, match="04105 Hát Lót township; 04135 Hát Lót commune"):
        unit_code("Hát Lót", "2020-12-31", PROVINCE)


def test_a_code_without_its_zero_is_refused_not_repaired():
    with pytest.raises(UsageError, match="did you mean '03646'"):
        unit_code("3646", "2020-12-31", shipped_units())


def test_report_builds_the_unit_named_and_the_city_by_its_name(capsys, tmp_path):
    out = tmp_path / "out"
    asked = ["--unit", "Chieng Le", "--unit", "P. Chiềng Lề", "--unit", "Sơn La"]
    arguments = [TWO_WARDS, *asked, "--as-of", "31/12/2020", "--to", "svg", "--out", str(out)]
    code, _, err = said(capsys, "report", *arguments)
    assert code == 0, err
    folders = sorted(folder.name for folder in out.iterdir() if folder.is_dir())
    assert folders == ["03646-phuong-chieng-le", "116-thanh-pho-son-la"]
