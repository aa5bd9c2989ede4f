"""`sonla start`: an office's working folder, from the empty folder to the reports."""

import hashlib
import json
import shutil
import tomllib
from datetime import date
from pathlib import Path

import docx
import pandas as pd
import pytest
from filled_in import fill_in, read_back

from sonla_analysis import cli
from sonla_analysis.definitions.folders import sample_folder, working_folder
from sonla_analysis.definitions.office import load_office
from sonla_analysis.definitions.plan import load_plan, plan_text
from sonla_analysis.definitions.units import unit_named
from sonla_analysis.intake.folder import read_folder, take_in
from sonla_analysis.intake.start import SENT_OUT, start
from sonla_analysis.intake.workbooks import to_fill_in
from sonla_analysis.language.refusals import DefinitionError, SonlaError, UsageError
from sonla_analysis.tables.units_table import load_units

pytestmark = pytest.mark.whole

UNITS = """code,name,kind,area,parent,valid_from,valid_to
14,Sơn La,Tỉnh,,,,
03646,Tô Hiệu,Phường,urban,14,2025-07-01,
03670,Chiềng Cơi,Phường,urban,14,2025-07-01,
03682,Mường Chiên,Xã,rural,14,2025-07-01,
"""


@pytest.fixture
def units(tmp_path):
    path = tmp_path / "three.csv"
    path.write_text(UNITS, encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path, units):
    """The working folder of an office with three units, figures of 2026, no plan yet."""
    return start(tmp_path / "office", units=units, standard="nd07_2021", year=2026)


# --- what it makes -----------------------------------------------------------------------


def test_the_plan_of_2020_brings_its_city_its_day_and_its_own_text(tmp_path):
    made = start(tmp_path / "city", plan="kh159_2020")
    assert (made / "plan.toml").read_text(encoding="utf-8").endswith(plan_text("kh159_2020"))
    assert load_office(made)["as_of"] == "2020-12-31"
    assert len(list((made / "inbox").iterdir())) == 12
    assert (made / "inbox" / "03646-phuong-chieng-le.xlsx").is_file()
    assert load_units(made / "units.csv").query("code == '03646'")["name"].item() == "Chiềng Lề"


def test_the_province_of_today_has_seventy_five_units_and_a_plan_under_the_standard_in_force(
    tmp_path,
):
    made = start(tmp_path / "province", area="sơn la")
    inbox = sorted(one.name for one in (made / "inbox").iterdir())
    assert len(inbox) == 75 and "03646-phuong-to-hieu.xlsx" in inbox
    plan = load_plan(made / "plan.toml")
    today = date.today().isoformat()
    assert plan.standard_data.valid_from <= today <= plan.standard_data.valid_to
    assert (plan.area, plan.end) == ("14", f"{today[:4]}-12-31")


def test_the_city_before_july_2025_has_its_twelve_units(tmp_path):
    made = start(tmp_path / "city", area="116", date="2020-12-31")
    assert len(list((made / "inbox").iterdir())) == 12
    assert load_plan(made / "plan.toml").standard == "qd59_2015"


def test_a_plan_without_a_target_asks_for_what_the_official_forms_hold(folder):
    columns = to_fill_in(load_plan(folder / "plan.toml"))
    assert [*columns] == ["households", "unit_counts"]
    assert {"status", "start_status", "area", "members"} < {*columns["households"]}
    lacking = [name for name in columns["households"] if name.startswith("deprived_")]
    assert len(lacking) == 12
    counts = ["households", "population", "poor_households", "near_poor_households"]
    assert [*columns["unit_counts"]] == counts


@pytest.mark.parametrize(("year", "poor"), [(2020, 2), (2024, 1), (2028, 1)])
def test_the_plan_to_edit_is_read_under_every_standard_and_sets_no_target(tmp_path, year, poor):
    plan = load_plan(start(tmp_path / "office", area="14", year=year) / "plan.toml")
    assert len(plan["poor_household_rate"].numerator.where["status"]) == poor
    assert [one.target for one in plan.indicators] == [None] * 3


def test_the_files_to_edit_explain_themselves_in_vietnamese(folder):
    for name in ("plan.toml", "office.toml", "answers.toml"):
        text = (folder / name).read_text(encoding="utf-8")
        assert text.startswith("# ") and tomllib.loads(text) is not None
    answers = tomllib.loads((folder / "answers.toml").read_text(encoding="utf-8"))
    assert [*answers] == ["unit", "date", "column", "value", "number", "file"]
    assert not any(answers.values())


def test_the_guide_says_the_next_three_commands(folder):
    text = (folder / "HUONG-DAN.txt").read_text(encoding="utf-8")
    places = [text.index(f"sonla {name}") for name in ("intake", "status", "report")]
    assert places == sorted(places) and "$" not in text


def test_what_was_sent_out_is_listed_so_that_an_untouched_workbook_is_known(folder):
    listed = pd.read_csv(folder / "data" / SENT_OUT).set_index("file")["sha256"].to_dict()
    for path in (folder / "inbox").iterdir():
        assert listed.pop(path.name) == hashlib.sha256(path.read_bytes()).hexdigest()
    assert not listed


def test_the_same_start_writes_the_same_workbooks(tmp_path, units):
    one, two = (start(tmp_path / name, units=units, year=2026) for name in ("a", "b"))
    sent = [(made / "data" / SENT_OUT).read_text() for made in (one, two)]
    assert sent[0] == sent[1]


def test_a_standard_in_a_file_of_its_own_travels_with_the_plan(tmp_path, units):
    standard = Path(load_plan.__code__.co_filename).parent / "standards/nd07_2021.toml"
    shutil.copy(standard, tmp_path / "local.toml")
    text = (start(tmp_path / "a", units=units, year=2026) / "plan.toml").read_text("utf-8")
    own = tmp_path / "own.toml"
    own.write_text(text.replace('"nd07_2021"', '"local.toml"'), encoding="utf-8")
    made = start(tmp_path / "b", units=units, plan=own)
    assert load_plan(made / "plan.toml").standard == str(made / "local.toml")


# --- what is refused, and nothing left behind --------------------------------------------

REFUSED = {
    "a city that has ended": ({"area": "116"}, "31/12/2024|2024-12-31", "Tô Hiệu (03646)"),
    "the same by name": ({"area": "thành phố Sơn La"}, "--date", "--area 14"),
    "a name of two": ({"area": "Sơn La", "date": "2020-12-31"}, "116 thành phố Sơn La", "14 tỉnh"),
    "a ward": ({"area": "03646"}, "14", "'03646'"),
    "an unknown area": ({"area": "Hà Nội"}, "phải là một trong: 14", "'Hà Nội'"),
    "a plan's other area": ({"plan": "kh159_2020", "area": "14"}, "thành phố Sơn La", "--standard"),
    "a plan's other year": ({"plan": "kh159_2020", "date": "2021-12-31"}, "31/12/2020", "ngoài"),
    "plan and standard": ({"plan": "kh159_2020", "standard": "nd07_2021"}, "--plan", "--standard"),
    "date and year": ({"date": "2026-12-31", "year": 2026}, "--date", "--year"),
    "an unknown plan": ({"plan": "kh1"}, "kh159_2020", "kh1"),
    "an unknown standard": ({"standard": "nd7"}, "nd07_2021", "nd7"),
    "a standard of other years": ({"standard": "qd59_2015", "year": 2026}, "2021", "nd07_2021"),
    "a day that is none": ({"date": "2026-02-31"}, "2020-12-31", "2026-02-31"),
    "a year that is none": ({"year": 202}, "2016", "202"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_start_is_refused_with_what_to_write_and_leaves_nothing(tmp_path, name):
    given, *said = REFUSED[name]
    with pytest.raises((UsageError, DefinitionError)) as refused:
        start(tmp_path / "office", **given)
    text = refused.value.text("vi")
    assert all(any(one in text for one in words.split("|")) for words in said), text
    assert refused.value.text("en") != text
    assert not (tmp_path / "office").exists()


def test_a_list_with_several_areas_asks_which(tmp_path):
    path = tmp_path / "two.csv"
    path.write_text(UNITS.replace("03682,Mường Chiên,Xã,rural,14", "03682,Mường Chiên,Xã,rural,15")
                    + "15,Lai Châu,Tỉnh,,,,\n", encoding="utf-8")  # fmt: skip
    with pytest.raises(UsageError, match=r"Sơn La \(14\), tỉnh Lai Châu \(15\)"):
        start(tmp_path / "office", units=path, year=2026)
    assert start(tmp_path / "office", area="15", units=path, year=2026).is_dir()


def test_a_folder_that_holds_anything_is_not_touched(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"mine\.txt"):
        start(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]
    with pytest.raises(UsageError):
        start(tmp_path / "mine.txt")


def test_an_empty_folder_is_taken(tmp_path, units):
    assert start(tmp_path / ".", units=units.rename(tmp_path.parent / "u.csv"), year=2026)


# --- last period's lists -----------------------------------------------------------------


def test_last_period_s_households_are_filled_in_for_their_own_unit_only(tmp_path):
    made = start(tmp_path / "city", area="116", date="2022-12-31", last="data/sample")
    plan = load_plan(made / "plan.toml")
    rows = read_back(made / "inbox" / "03646-phuong-chieng-le.xlsx", plan)["households"]
    assert len(rows) and rows["household"].str.startswith("03646").all()


def test_a_new_unit_gets_nothing_of_another_one_that_had_its_code(tmp_path):
    city = start(tmp_path / "city", plan="kh159_2020")
    shutil.copytree(sample_folder(), city / "data", dirs_exist_ok=True)
    made = start(tmp_path / "province", area="14", date="2025-12-31", last=city)
    plan = load_plan(made / "plan.toml")
    assert read_back(made / "inbox" / "03646-phuong-to-hieu.xlsx", plan)["households"].empty


def test_lists_of_the_last_period_that_nobody_has_looked_at_are_no_sending(tmp_path):
    city = start(tmp_path / "city", area="116", date="2022-12-31", last="data/sample")
    ward = city / "inbox" / "03646-phuong-chieng-le.xlsx"
    plan, units = load_plan(city / "plan.toml"), load_units(city / "units.csv")
    assert read_folder(city / "inbox", plan, units)[0] == {}
    fill_in(ward, plan, unit_counts=[{"households": 1000}])
    tables, _ = read_folder(city / "inbox", plan, units)
    assert set(tables["households"]["unit"]) == set(tables["unit_counts"]["unit"]) == {"03646"}


@pytest.mark.parametrize(
    "counts",
    [{"households": 100}, {"population": 400}, {"households": 100, "near_poor_households": 3}],
)
def test_of_the_counts_as_few_as_were_filled_in_are_read(folder, counts):
    plan, units = load_plan(folder / "plan.toml"), load_units(folder / "units.csv")
    fill_in(folder / "inbox" / "03646-phuong-to-hieu.xlsx", plan, unit_counts=[counts])
    (row,) = take_in(folder / "inbox", plan, units).tables["unit_counts"].to_dict("records")
    assert {name: row[name] for name in counts} == {name: str(n) for name, n in counts.items()}
    assert {row[name] for name in row if name not in ("as_of", "unit", *counts)} == {""}


# --- the office --------------------------------------------------------------------------


def test_an_office_says_only_what_is_written(folder):
    assert load_office(folder) == {
        "letterhead": {}, "letter": {}, "as_of": "2026-12-31", "due": "", "edition": "public",
        "outline": "",
    }  # fmt: skip


def test_all_mistakes_in_the_office_file_are_told_at_once(tmp_path):
    wrong = 'signer = 7\ndue = "31/12/2026"\nrecipients = "Lưu"\nedition = "secret"\n'
    (tmp_path / "office.toml").write_text(wrong, encoding="utf-8")
    with pytest.raises(DefinitionError) as refused:
        load_office(tmp_path)
    said = refused.value.text("vi")
    for word in ("signer", "due", "recipients", "edition"):
        assert f"office.toml: {word}" in said
    (tmp_path / "office.toml").write_text('singer = "x"', encoding="utf-8")
    with pytest.raises(DefinitionError, match="'signer'"):
        load_office(tmp_path)


# --- commands in a working folder --------------------------------------------------------


def test_a_folder_is_a_working_folder_by_its_office_file(folder, monkeypatch):
    assert working_folder() is None
    monkeypatch.chdir(folder)
    assert working_folder() == Path()


def test_before_anything_came_a_command_says_that_intake_comes_first(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    for command in ("check", "report"):
        assert cli.main([command]) == 2
        assert "sonla intake" in capsys.readouterr().err


def test_the_plan_of_the_folder_is_the_one_that_is_listed(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    assert cli.main(["plan"]) == 0
    assert "Kế hoạch giảm nghèo năm 2026 của tỉnh Sơn La" in capsys.readouterr().out


def test_units_and_dates_are_those_of_the_folder(reported, monkeypatch, capsys):
    monkeypatch.chdir(reported[0])
    assert cli.main(["units"]) == 0
    out = capsys.readouterr().out
    assert "Mường Chiên" in out and "Chiềng Lề" not in out and "Chiềng Sinh" not in out
    assert cli.main(["dates"]) == 0
    out = capsys.readouterr().out
    assert ("31/12/2026" in out or "2026-12-31" in out) and "2020" not in out


def test_the_command_says_what_it_made(tmp_path, units, capsys):
    made = tmp_path / "office"
    assert cli.main(["start", str(made), "--units", str(units), "--date", "31/12/2026"]) == 0
    assert "3 tệp Excel" in capsys.readouterr().out
    assert cli.main(["start", str(made)]) == 2
    assert "đã có nội dung" in capsys.readouterr().err


# --- to the reports ----------------------------------------------------------------------

POOR, NEAR, LEFT = "hộ nghèo", "hộ cận nghèo", "mới thoát nghèo"
STATUSES = {  # of each unit's households: at the start, now
    "03646": [(POOR, POOR), (POOR, NEAR), (NEAR, NEAR)],
    "03670": [(POOR, LEFT), (NEAR, NEAR)],
    "03682": [(POOR, POOR), (POOR, POOR), ("không nghèo", POOR)],
}


def household(number: int, start_status: str, status: str, urban: bool, plan) -> dict:
    """Return what somebody types for a household: lacking three things where it is poor."""
    lacking = 3 if status == POOR else 1
    columns = [name for name in plan.tables["households"] if name.startswith("deprived_")]
    flags = {name: "Có" if n < lacking else "Không" for n, name in enumerate(columns)}
    score = 400 if status == LEFT else 100
    return flags | {
        "household": f"{number:04d}", "village": "Bản 1", "ethnicity": "Thái", "head_sex": "Nam",
        "area": "Thành thị" if urban else "Nông thôn", "members": 4, "income_score": score,
        "deprivation_score": 10 * lacking, "start_status": start_status, "status": status,
    }  # fmt: skip


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """A working folder whose three workbooks came back filled in, and whose reports are built."""
    tmp = tmp_path_factory.mktemp("office")
    (tmp / "three.csv").write_text(UNITS, encoding="utf-8")
    folder = start(tmp / "work", units=tmp / "three.csv", standard="nd07_2021", year=2026)
    office = folder / "office.toml"
    text = office.read_text("utf-8").replace('signer = ""', 'signer = "Người Ký Thử"')
    office.write_text(text, encoding="utf-8")
    plan = load_plan(folder / "plan.toml")
    for path in (folder / "inbox").iterdir():
        fill_in(path, plan, **_typed(path.name[:5], plan))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        commands = ["intake"], ["check"], ["report", "--to", "html,docx"]
        codes = [cli.main(command) for command in commands]
    return folder, codes


def _typed(code: str, plan) -> dict:
    rows = [
        household(number, *statuses, code != "03682", plan)
        for number, statuses in enumerate(STATUSES[code], start=1)
    ]
    now = [row["status"] for row in rows]
    counts = {"households": 100, "population": 400, "poor_households": now.count(POOR)}
    return {"households": rows, "unit_counts": [counts | {"near_poor_households": now.count(NEAR)}]}


def test_from_the_workbooks_to_the_reports_of_three_units_and_the_province(reported):
    folder, codes = reported
    assert codes == [0, 0, 0]
    built = sorted(one.parent.name for one in folder.glob("reports/2026-12-31/*/report.html"))
    assert [name[:5] for name in built] == ["03646", "03670", "03682", "14-ti"]


def test_intake_reads_of_a_workbook_just_what_was_typed_into_it(reported):
    folder, _ = reported
    plan = load_plan(folder / "plan.toml")
    back = [read_back(path, plan) for path in sorted((folder / "inbox").iterdir())]
    for table in back[0]:
        typed = pd.concat([one[table] for one in back], ignore_index=True)
        read = pd.read_csv(folder / "data" / f"{table}.csv", dtype=str, keep_default_na=False)
        assert set(read) == set(typed)
        pd.testing.assert_frame_equal(read[[*typed]], typed, check_dtype=False)


def test_the_first_report_judges_nothing_by_a_number_that_nobody_set(reported):
    rows = pd.read_csv(reported[0] / "reports/2026-12-31/indicators.csv", dtype=str)
    area = rows[rows["unit"] == "14"].set_index("indicator")
    assert set(rows["status"]) == {"not_due"} and set(rows["reason"]) == {"no_target"}
    assert rows[["target", "still_needed"]].isna().all(axis=None)
    rate = area.loc["poor_household_rate"]
    assert (rate["numerator"], rate["denominator"]) == (str(1 + 0 + 3), "300")
    fall = area.loc["poor_household_reduction"]
    assert (fall["numerator"], fall["denominator"]) == (str(5 - 4), str(2 + 1 + 2))


def test_the_first_report_says_that_the_plan_sets_no_target(reported):
    page = next(reported[0].glob("reports/2026-12-31/14-*/report.html")).read_text("utf-8")
    assert "Chưa có mức phấn đấu" in page and "3 chỉ tiêu chưa ghi mức phấn đấu" in page
    assert "nan" not in page.lower().split() and "None" not in page


def test_who_signs_the_areas_report_is_the_office_and_a_wards_the_ward(reported):
    def text(path) -> str:
        document = docx.Document(str(path))
        cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
        return "\n".join([p.text for p in document.paragraphs] + cells)

    area, ward = (
        text(next(reported[0].glob(f"reports/2026-12-31/{code}-*/report.docx")))
        for code in ("14", "03646")
    )
    assert "Người Ký Thử" in area
    assert "Người Ký Thử" not in ward and "PHƯỜNG TÔ HIỆU" in ward


def test_another_signer_builds_the_areas_report_anew_and_no_other(reported):
    folder, _ = reported
    office = folder / "office.toml"
    before = office.read_text("utf-8")
    manifest = folder / "reports/2026-12-31/manifest.json"
    marks = {key: one["fingerprint"] for key, one in _jobs(manifest).items()}
    office.write_text(before.replace("Người Ký Thử", "Người Ký Khác"), encoding="utf-8")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            assert cli.main(["report", "--to", "html,docx"]) == 0
    finally:
        office.write_text(before, encoding="utf-8")
    after = {key: one["fingerprint"] for key, one in _jobs(manifest).items()}
    assert {key for key in marks if marks[key] != after[key]} == {_area_job(manifest)}


def _jobs(manifest: Path) -> dict:
    return json.loads(manifest.read_text("utf-8"))["jobs"]


def _area_job(manifest: Path) -> str:
    return next(key for key, one in _jobs(manifest).items() if one["unit"] == "14")


def test_every_unit_of_a_list_is_in_force_on_its_day(tmp_path):
    made = start(tmp_path / "city", plan="kh159_2020")
    units = load_units(made / "units.csv")
    for code in units["code"]:
        assert unit_named(code, "2020-12-31", units) is not None


def test_wrong_data_of_the_last_period_are_refused_and_leave_nothing(tmp_path):
    with pytest.raises(SonlaError):
        start(tmp_path / "office", area="116", date="2021-12-31", last=tmp_path / "nowhere")
    assert not (tmp_path / "office").exists()
