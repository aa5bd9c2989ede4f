"""The batch: one folder a unit, a true record, nothing built twice, the same bytes."""

import json
import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import batch
import pandas as pd
import pytest

from sonla_analysis.batch import summaries
from sonla_analysis.batch.run import report
from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.review import open_data

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    return batch.small_city(tmp_path_factory.mktemp("city") / "data")


@pytest.fixture(scope="module")
def situation():
    return open_data(sample_folder())


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    return batch.pages(tmp_path_factory.mktemp("pages"), batch.BEGIN, batch.HEADLINE)


@pytest.fixture(scope="module")
def built(city, pages, tmp_path_factory):
    """A report folder as the first run leaves it; tests copy it."""
    out = tmp_path_factory.mktemp("built") / "out"
    code, said, _ = batch.run(data=city, pages=pages, out=out)
    assert code == 0, said
    return out


@pytest.fixture
def out(built, tmp_path):
    return shutil.copytree(built, tmp_path / "out", copy_function=shutil.copy2)


def test_one_run_gives_a_folder_for_the_city_and_each_ward(built):
    folders = sorted(path.name for path in built.iterdir() if path.is_dir())
    assert folders == [
        "03646-phuong-thu-03646",
        "03658-phuong-thu-03658",
        "03679-phuong-thu-03679",
        "116-thanh-pho-son-la",
    ]
    batch.nothing_half(built)
    assert set(batch.states(built).values()) == {"done"}
    assert (built / "index.html").exists()


def test_a_second_run_builds_nothing_and_loads_nothing(built, city, pages):
    before = batch.contents(built)
    code, said, told = batch.run(data=city, pages=pages, out=built)
    assert (code, told) == (0, "")
    assert said.startswith("Done: 0 reports built, 4 unchanged.")
    assert batch.contents(built) == before


def test_two_runs_give_the_same_bytes(built, city, pages, tmp_path):
    _, _, told = batch.run(data=city, pages=pages, out=tmp_path / "again", jobs=1)
    assert "4/4 reports |" in told or "4/4 báo cáo |" in told  # the bar says what it counts
    again = batch.contents(tmp_path / "again")
    assert again == batch.contents(built)


def test_force_builds_everything_again(out, city, pages):
    _, said, _ = batch.run(data=city, pages=pages, out=out, force=True)
    assert said.startswith("Done: 4 reports built, 0 unchanged.")


def changed_city(city, tmp_path, column, value, row=0):
    data = shutil.copytree(city, tmp_path / "data")

    def edit(frame):
        ward = frame[(frame["unit"] == "03658") & (frame["as_of"] == "2020-12-31")]
        frame.loc[ward.index[row], column] = value

    batch.change(data, "households", edit)
    return data


def test_a_changed_row_that_changes_no_figure_rebuilds_that_ward_and_the_city(
    city, pages, out, tmp_path
):
    data = changed_city(city, tmp_path, "village", "Bản Mới")
    _, said, _ = batch.run(data=data, pages=pages, out=out)
    assert said.startswith("Done: 2 reports built, 2 unchanged.")


def test_a_changed_figure_rebuilds_every_page_that_shows_it(city, pages, out, tmp_path):
    data = shutil.copytree(city, tmp_path / "data")

    def edit(frame):
        here = (frame["unit"] == "03658") & (frame["as_of"] == "2020-12-31")
        frame.loc[here, "officers_trained"] = "0"

    batch.change(data, "unit_counts", edit)
    _, said, _ = batch.run(data=data, pages=pages, out=out)
    assert said.startswith("Done: 4 reports built, 0 unchanged.")


def test_a_file_edited_by_hand_is_built_again(city, pages, out):
    report = out / "03646-phuong-thu-03646/report.html"
    report.write_text(report.read_text(encoding="utf-8") + " ", encoding="utf-8")
    _, said, _ = batch.run(data=city, pages=pages, out=out)
    assert said.startswith("Done: 1 reports built, 3 unchanged.")
    batch.nothing_half(out)


# what the reading of the data will say of a ward with a wrong cell
WITHHELD = """\
from dataclasses import replace
from sonla_analysis import review
from sonla_analysis.tables.findings import Finding
opened = review.open_data
finding = Finding("not_count", "unit_counts", "03658")
review.open_data = lambda *given: replace(opened(*given), withheld={"03658": [finding]})
"""


def test_a_unit_with_withheld_figures_is_built_named_and_the_run_is_not_all_right(
    city, pages, tmp_path, monkeypatch
):
    monkeypatch.setattr(batch, "RUN", WITHHELD + batch.RUN)
    out = tmp_path / "out"
    for times, first in enumerate(("Done: 4 reports built, 0", "Done: 0 reports built, 4")):
        code, said, told = batch.run(data=city, pages=pages, out=out)
        assert (code, said.startswith(first)) == (1, True), told
        assert said.splitlines()[1].startswith(
            "Figures being corrected in 1 units: 03658 phường Thử 03658."
        )
        assert (told == "") == (times == 1)
    assert set(batch.states(out).values()) == {"done"}


@pytest.mark.faults
def test_once_the_cell_is_right_the_pages_are_built_again(city, pages, tmp_path, monkeypatch):
    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr(batch, "RUN", WITHHELD + batch.RUN)
        batch.run(data=city, pages=pages, out=out)
    code, said, _ = batch.run(data=city, pages=pages, out=out, force=False, as_of="2020-12-31")
    assert code == 1  # the same files: nothing is read again
    (Path(shutil.copytree(city, tmp_path / "data")) / "funding.csv").open("a").write("\n")
    code, said, _ = batch.run(data=tmp_path / "data", pages=pages, out=out)
    assert (code, said.partition(",")[0]) == (0, "Done: 4 reports built")


# --- what a person wrote -----------------------------------------------------------------


def edited(path, text="của tôi"):
    """Change a file as somebody does on 5 January 2021."""
    path.write_text(text, encoding="utf-8")
    os.utime(path, (1609804800, 1609804800))
    return path


@pytest.mark.parametrize(
    "options",
    [{}, {"force": True}, {"formats": "xlsx", "force": True}, {"formats": "svg"},
     {"units": ["03646"]}],
    ids=str,
)  # fmt: skip
def test_a_file_that_a_person_changed_is_kept_and_named_whatever_is_asked(
    city, pages, out, options
):
    folder = out / "03646-phuong-thu-03646"
    edited(folder / "report.html")
    own = edited(folder / "ghi-chu.txt")
    _, said, _ = batch.run(**{"data": city, "pages": pages, "out": out} | options)
    kept = "03646-phuong-thu-03646/report.da-sua-2021-01-05.html"
    assert said.endswith(f"is kept beside the new one: {kept}")
    assert (out / kept).read_text(encoding="utf-8") == own.read_text(encoding="utf-8") == "của tôi"
    assert batch.records(out)["03646"]["edited"] == ["report.da-sua-2021-01-05.html"]


@pytest.mark.faults
def test_an_earlier_kept_file_is_never_overwritten_and_stays(city, pages, out):
    folder = out / "03646-phuong-thu-03646"
    for text in ("một", "hai", "ba"):
        edited(folder / "report.html", text)
        batch.run(data=city, pages=pages, out=out)
    batch.run(data=city, pages=pages, out=out, force=True)
    kept = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*da-sua*")}
    assert kept == {
        "report.da-sua-2021-01-05.html": "một",
        "report.da-sua-2021-01-05-2.html": "hai",
        "report.da-sua-2021-01-05-3.html": "ba",
    }
    _, said, _ = batch.run(data=city, pages=pages, out=out)
    assert said.startswith("Done: 0 reports built, 4 unchanged") and "kept beside" not in said


@pytest.mark.faults
def test_a_changed_chart_and_the_files_that_sum_up_are_kept_too(city, tmp_path):
    out = tmp_path / "out"
    shows = "from sonla_analysis import charts\npage.show(charts.movement(review))"
    made = batch.pages(tmp_path / "pages", batch.BEGIN, shows)
    run = {"data": city, "pages": made, "out": out, "units": ["03646"], "formats": "svg"}
    assert batch.run(**run)[0] == 0
    chart = "03646-phuong-thu-03646/charts/01-movement"
    for name in (f"{chart}.svg", "indicators.csv", "index.html"):
        edited(out / name)
    _, said, _ = batch.run(**run)
    assert "Files changed by somebody since they were built: 3" in said
    for name in (f"{chart}.da-sua-2021-01-05.svg", "indicators.da-sua-2021-01-05.csv",
                 "index.da-sua-2021-01-05.html"):  # fmt: skip
        assert name in said
        assert (out / name).read_text(encoding="utf-8") == "của tôi"
    assert "<svg" in (out / f"{chart}.svg").read_text(encoding="utf-8")


def test_without_a_record_nothing_that_differs_is_lost(city, pages, out):
    folder = out / "03646-phuong-thu-03646"
    edited(folder / "report.html")
    (out / "manifest.json").unlink()
    _, said, _ = batch.run(data=city, pages=pages, out=out)
    assert "since they were built: 1; each" in said
    assert (folder / "report.da-sua-2021-01-05.html").is_file()


def test_a_copied_report_folder_is_nobodys_change(city, pages, built, tmp_path):
    copied = shutil.copytree(built, tmp_path / "out", copy_function=shutil.copy)
    _, said, _ = batch.run(data=city, pages=pages, out=copied)
    assert "kept beside" not in said and not list(copied.rglob("*da-sua*"))


def test_a_file_where_a_folder_belongs_is_left_and_named(city, pages, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "03646-phuong-thu-03646").write_text("của tôi")
    code, _, told = batch.run(data=city, pages=pages, out=out, units=["03646"])
    assert code == 1 and "a file 03646-phuong-thu-03646 lies where" in told
    assert (out / "03646-phuong-thu-03646").read_text() == "của tôi"


# --- names, places, leftovers ------------------------------------------------------------


def test_a_name_that_can_be_no_folder_fails_its_unit_and_not_the_index(pages, tmp_path):
    wards, out = ("03646", "03658", "03679"), tmp_path / "out"
    data = batch.small_city(tmp_path / "data", wards)
    units = pd.read_csv(data / "units.csv", dtype=str, keep_default_na=False)
    code = "3" * 20
    units.loc[units["code"] == "03658", ["code", "name"]] = code, "X" * 94
    units.to_csv(data / "units.csv", index=False)
    for file in data.glob("*.csv"):
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
        if "unit" in table:
            table.assign(unit=table["unit"].replace("03658", code)).to_csv(file, index=False)
    ended, _, _ = batch.run(data=data, pages=pages, out=out)
    assert ended == 1
    assert batch.states(out) == {"116": "done", "03646": "done", code: "failed", "03679": "done"}
    assert "its code and name cannot name a folder" in batch.records(out)[code]["cause"]
    assert "cannot name a folder" in (out / "index.html").read_text(encoding="utf-8")


def test_two_units_with_one_folder_fail_and_the_others_do_not(pages, tmp_path):
    data = batch.small_city(tmp_path / "data", ("03646", "03658"), {"03646": "X"})
    for name in ("households", "members", "unit_counts", "health_stations", "schools", "funding"):
        table = pd.read_csv(data / f"{name}.csv", dtype=str, keep_default_na=False)
        rows = table[table["unit"] == "03646"]
        both = [rows.assign(unit=code) for code in ("a1", "A1")]
        pd.concat([table[table["unit"] != "03646"], *both]).to_csv(
            data / f"{name}.csv", index=False
        )
    batch.write_units(data, {"a1": "X", "A1": "X", "03658": "Y"})
    code, _, told = batch.run(data=data, pages=pages, out=tmp_path / "out")
    states = batch.states(tmp_path / "out")
    assert (code, states) == (
        1, {"116": "done", "a1": "failed", "A1": "failed", "03658": "done"},
    ), told  # fmt: skip
    assert "would be another unit's too" in batch.records(tmp_path / "out")["a1"]["cause"]


def test_no_place_of_the_machine_stands_in_notebook_or_record(city, tmp_path):
    told = "import warnings\nprint('ở', data)\nwarnings.warn(data)\ndata"
    made = batch.pages(tmp_path / "pages", batch.BEGIN, told)
    plan = tmp_path / "plans/ke-hoach.toml"
    plan.parent.mkdir()
    shipped = files("sonla_analysis") / "definitions/plans/kh159_2020.toml"
    plan.write_bytes(shipped.read_bytes())
    out = tmp_path / "out"
    assert batch.run(data=city, pages=made, out=out, plan=plan)[0] == 0
    texts = [path.read_text(encoding="utf-8") for path in out.glob("*/report.ipynb")]
    texts.append((out / "manifest.json").read_text(encoding="utf-8"))
    for place in (city.parent, tmp_path, Path.home(), sys.prefix):
        assert not [text for text in texts if str(place) in text], place
    parameters = json.loads(texts[0])["metadata"]["papermill"]["parameters"]
    assert (parameters["data"], parameters["plan"]) == ("data", "ke-hoach.toml")
    assert all('data = \\"data\\"' in text for text in texts[:-1])
    manifest = json.loads(texts[-1])
    assert (manifest["data"], manifest["plan"]) == ("data", "ke-hoach.toml")


def test_the_sample_keeps_its_name_so_that_the_notebook_runs_again(pages, tmp_path):
    out = tmp_path / "out"
    batch.run(data=None, pages=pages, out=out, units=["03646"])
    (path,) = out.glob("*/report.ipynb")
    record = json.loads(path.read_text(encoding="utf-8"))["metadata"]["papermill"]
    assert record["parameters"]["data"] == "data/sample"


def test_only_what_our_own_runs_left_is_removed(city, pages, tmp_path):
    out = tmp_path / "out"
    for name in (".old-anh", "anh", ".building-nha-2020", ".sonla-building-x-7"):
        (out / name).mkdir(parents=True)
    for name in (".config.json-backup", ".sonla-writing-index.html-abc", ".sonla-writing-x.log-a"):
        (out / name).write_text("x")
    batch.run(data=city, pages=pages, out=out, units=["03646"])
    hidden = {path.name for path in out.iterdir() if path.name.startswith(".")}
    assert hidden == {".old-anh", ".building-nha-2020", ".config.json-backup"}


@pytest.mark.faults
def test_one_unit_alone_leaves_the_others(city, pages, out):
    _, said, _ = batch.run(data=city, pages=pages, out=out, units=["03646"], force=True)
    assert said.startswith("Done: 1 reports built")
    assert set(batch.states(out)) == {"116", *batch.WARDS}
    _, said, told = batch.run(data=city, pages=pages, out=out)
    assert told != "" and said.startswith("Done: 0 reports built, 4 unchanged.")


def test_a_format_asked_for_once_is_kept_up_to_date(city, pages, out):
    _, said, _ = batch.run(data=city, pages=pages, out=out, formats="svg", units="03646")
    assert said.startswith("Done: 1 reports built")
    assert (out / "03646-phuong-thu-03646/report.html").exists()
    assert batch.records(out)["03646"]["built"]["formats"] == ["html", "svg"]


def test_a_ward_with_a_cell_to_correct_is_named_and_every_report_is_built(city, pages, tmp_path):
    data = changed_city(city, tmp_path, "deprivation_score", "17")
    code, said, _ = batch.run(data=data, pages=pages, out=tmp_path / "out")
    records = batch.records(tmp_path / "out")
    assert code == 1
    assert "03658" in said and "figures" in said
    assert records["03658"]["withheld"] > 0
    assert {record["state"] for record in records.values()} == {"done"}


def test_a_failing_page_is_named_with_its_cell_and_its_log(city, tmp_path):
    made = batch.pages(
        tmp_path / "pages", batch.BEGIN, "1 / len(unit[3:]) if unit < '1' else 1 / 0"
    )
    code, _, _ = batch.run(data=city, pages=made, out=tmp_path / "out")
    city_record = batch.records(tmp_path / "out")["116"]
    assert code == 1
    assert city_record["cause"] == "the page stopped in cell 3: ZeroDivisionError: division by zero"
    assert city_record["cell"] == 3
    assert "ZeroDivisionError" in (tmp_path / "out" / city_record["log"]).read_text()
    assert batch.states(tmp_path / "out")["03646"] == "done"


@pytest.mark.faults
def test_nothing_of_one_page_reaches_the_next(city, tmp_path):
    spoil = """\
import os, random, sys, matplotlib, numpy, pandas
state = [matplotlib.rcParams["font.size"], os.environ.get("SPOILT"), os.getcwd() == "/",
         "spoilt" in sys.modules, random.random(), numpy.random.rand(),
         pandas.get_option("display.max_rows"), hasattr(open_review, "spoilt")]
print(state)
matplotlib.rcParams["font.size"] = 44
os.environ["SPOILT"] = "yes"
os.chdir("/")
sys.modules["spoilt"] = sys
pandas.set_option("display.max_rows", 3)
open_review.spoilt = True"""
    made = batch.pages(tmp_path / "pages", batch.BEGIN, spoil)
    batch.run(data=city, pages=made, out=tmp_path / "out", jobs=1)
    seen = set()
    for path in (tmp_path / "out").glob("*/report.ipynb"):
        cell = json.loads(path.read_text(encoding="utf-8"))["cells"][3]
        seen.add("".join(cell["outputs"][0]["text"]))
    assert len(seen) == 1
    assert "None, False, False, " in seen.pop()


@pytest.mark.faults
def test_an_open_figure_is_an_output_as_in_a_kernel(city, tmp_path):
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    made = batch.pages(tmp_path / "pages", batch.BEGIN, draw, draw)
    batch.run(data=city, pages=made, out=tmp_path / "out", jobs=1)
    for path in (tmp_path / "out").glob("*/report.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert ["image/png" in cell["outputs"][0]["data"] for cell in cells[3:]] == [True, True]


# on Windows a file that is open in Word or Excel cannot be replaced
OPEN_IN_WORD = """\
from sonla_analysis.batch import folders
def refuse(building, final):
    raise PermissionError(13, "Permission denied")
folders.put_in_place = refuse
"""
OPEN_IN_EXCEL = """\
from sonla_analysis.batch import folders
write = folders.write_whole
def refuse(path, content):
    if path.name == "indicators.csv":
        raise PermissionError(13, "Permission denied")
    write(path, content)
folders.write_whole = refuse
"""


@pytest.mark.faults
def test_a_report_that_is_open_in_word_stays_and_its_user_is_told(
    built, city, pages, tmp_path, monkeypatch
):
    out = shutil.copytree(built, tmp_path / "out")
    with monkeypatch.context() as patched:
        patched.setattr(batch, "RUN", OPEN_IN_WORD + batch.RUN)
        code, _, _ = batch.run(data=city, pages=pages, out=out, units=["03646"], force=True)
    assert code == 1
    record = batch.records(out)["03646"]
    assert "one of its files is open in Word, Excel or another program" in record["cause"]
    assert batch.contents(out, ".html")[f"{record['folder']}/report.html"]
    batch.nothing_half(out)
    assert batch.run(data=city, pages=pages, out=out)[0] == 0


@pytest.mark.faults
def test_a_table_that_is_open_in_excel_is_named_and_the_rest_is_written(
    city, pages, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr(batch, "RUN", OPEN_IN_EXCEL + batch.RUN)
        code, _, told = batch.run(data=city, pages=pages, out=out)
    assert code == 1
    assert "indicators.csv could not be written (Permission denied); if it is open" in told
    assert set(batch.states(out).values()) == {"done"}
    assert (out / "index.html").is_file() and not (out / "indicators.csv").exists()
    code, said, _ = batch.run(data=city, pages=pages, out=out)
    assert (code, said.partition(".")[0]) == (0, "Done: 0 reports built, 4 unchanged")
    assert (out / "indicators.csv").is_file()


COUNTS = ["numerator", "denominator", "value", "still_needed"]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("as_of", batch.DATES)
def test_every_figure_reads_back_from_the_csv_as_it_is(situation, tmp_path, language, as_of):
    table, path = summaries.figures(situation, as_of, language), tmp_path / "indicators.csv"
    path.write_bytes(summaries.as_csv(table))
    read = pd.read_csv(path, dtype={"unit": str, "number": str}, encoding="utf-8-sig")
    assert len(read) > 100
    assert list(read["unit"]) == list(table["unit"])
    assert list(read["indicator_name"]) == list(table["indicator_name"])
    for name in COUNTS:
        found, expected = (one[name].astype("float64") for one in (read, table))
        pd.testing.assert_series_equal(found, expected, rtol=0, atol=1e-9)


REHEARSE = """\
import sys
from sonla_analysis.batch import jobs, rehearsal, request
from sonla_analysis.review import open_data
asked = request.checked(request.Request(sys.argv[1], formats=sys.argv[2], out="out"))
planned = jobs.plan_jobs(asked, open_data(asked.data), [])
for job in (planned[0], planned[-1]):
    rehearsal.rehearse_page(job)"""


@pytest.mark.faults
@pytest.mark.parametrize("formats", ["html", "html,docx,xlsx,png"])
def test_a_process_is_made_ready_by_pages_that_do_run(city, tmp_path, formats):
    command = [batch.sys.executable, "-c", REHEARSE, str(city), formats]
    ran = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=batch.PATIENCE
    )
    assert ran.returncode == 0, ran.stderr


SPAWN = "from sonla_analysis.batch import processes\nprocesses.CAN_FORK = False\n"


@pytest.mark.faults
def test_without_fork_pages_give_the_same_bytes(built, city, pages, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "RUN", SPAWN + batch.RUN)
    code, said, told = batch.run(data=city, pages=pages, out=tmp_path / "out", jobs=1)
    assert code == 0, said + told
    assert batch.contents(tmp_path / "out") == batch.contents(built)


@pytest.mark.faults
def test_without_fork_pages_leave_each_other_alone_and_end_in_time(city, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "RUN", SPAWN + batch.RUN)
    spoil = """\
import os, random, matplotlib
assert matplotlib.rcParams["font.size"] != 44 and "SPOILT" not in os.environ
assert random.random() == 0.8444218515250481
matplotlib.rcParams["font.size"], os.environ["SPOILT"] = 44, "yes"
if unit == "03658": os._exit(3)
while unit == "03679": pass"""
    made = batch.pages(tmp_path / "pages", batch.BEGIN, spoil)
    batch.run(data=city, pages=made, out=tmp_path / "out", jobs=1, timeout=20)
    causes = {unit: record["cause"] for unit, record in batch.records(tmp_path / "out").items()}
    assert causes == {
        "116": None,
        "03646": None,
        "03658": "the page ended its own process (code 3) in cell 3",
        "03679": "took longer than the 20 seconds allowed, in cell 3",
    }


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"units": ["3646"]}, "did you mean '03646'?"),
        ({"as_of": "2020-12-30"}, "did you mean '2020-12-31'?"),
        ({"as_of": "31/13/2020"}, "year-month-day"),
        ({"plan": "kh159"}, "did you mean 'kh159_2020'?"),
        ({"language": "vn"}, "language must be one of vi, en"),
        ({"formats": "html,doc"}, "did you mean 'docx'?"),
        ({"jobs": 0}, "jobs must be"),
        ({"timeout": -1}, "timeout must be"),
        ({"timeout": 10**5000}, "timeout must be > 0, <= 1000000; found …"),
        ({"memory_mb": 10**9}, "memory_mb must be > 0, <= 1000000"),
        ({"scheduler": "tcp://10.0.0.5:99999"}, "the scheduler's address must be written like"),
        ({"scheduler": "http://10.0.0.5:80"}, "the scheduler's address must be written like"),
        ({"word_template": "a\0b"}, "word_template must name a folder or file"),
        ({"units": [3646]}, "leading zeros stay"),
    ],
)
def test_a_wrong_call_is_refused_before_anything_runs(city, pages, tmp_path, options, refusal):
    out = tmp_path / "out"
    given = {"language": "en", "formats": "html", "progress": None} | options
    with pytest.raises(UsageError) as refused:
        report(city, pages=pages, out=out, **given)
    assert refusal in str(refused.value)
    assert not out.exists()
