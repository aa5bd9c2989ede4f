"""The batch: one folder a unit, a true record, nothing built twice, the same bytes."""

import json
import shutil
import subprocess

import batch
import pytest

from sonla_analysis.errors import UsageError
from sonla_analysis.reports import summaries
from sonla_analysis.reports.run import report
from sonla_analysis.review import open_situation
from sonla_analysis.tables import sample_folder


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    return batch.small_city(tmp_path_factory.mktemp("city") / "data")


@pytest.fixture(scope="module")
def situation():
    return open_situation(sample_folder())


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
    batch.run(data=city, pages=pages, out=tmp_path / "again", jobs=1)
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


def test_a_ward_whose_data_fail_is_named_and_the_others_are_built(city, pages, tmp_path):
    data = changed_city(city, tmp_path, "deprivation_score", "17")
    code, said, _ = batch.run(data=data, pages=pages, out=tmp_path / "out")
    records = batch.records(tmp_path / "out")
    assert code == 1
    assert "03658" in said
    assert records["03658"]["state"] == "failed"
    assert "deprivation_score" in records["03658"]["cause"]
    assert not (tmp_path / "out/03658-phuong-thu-03658").exists()
    assert {records[unit]["state"] for unit in ("116", "03646", "03679")} == {"done"}


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


def test_an_open_figure_is_an_output_as_in_a_kernel(city, tmp_path):
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    made = batch.pages(tmp_path / "pages", batch.BEGIN, draw, draw)
    batch.run(data=city, pages=made, out=tmp_path / "out", jobs=1)
    for path in (tmp_path / "out").glob("*/report.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert ["image/png" in cell["outputs"][0]["data"] for cell in cells[3:]] == [True, True]


# on Windows a file that is open in Word or Excel cannot be replaced
OPEN_IN_WORD = """\
from sonla_analysis.reports import folders
def refuse(building, final):
    raise PermissionError(13, "Permission denied")
folders.put_in_place = refuse
"""
OPEN_IN_EXCEL = """\
from sonla_analysis.reports import manifest
write = manifest.write_whole
def refuse(path, content):
    if path.name == "indicators.csv":
        raise PermissionError(13, "Permission denied")
    write(path, content)
manifest.write_whole = refuse
"""


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


def test_a_figure_that_reads_back_differently_from_the_csv_is_found(situation, tmp_path):
    table, path = summaries.figures(situation, "2020-12-31", "vi"), tmp_path / "indicators.csv"
    path.write_bytes(summaries.as_csv(table))
    assert summaries.misread(path, table) == []
    whole = path.read_text(encoding="utf-8-sig")
    path.write_text(whole.replace(",212,27646,", ",213,27646,", 1), encoding="utf-8-sig")
    (one,) = summaries.misread(path, table)
    assert str(one).startswith("indicators.csv: target 1a (116), numerator: '213.0' is written")
    path.write_text(whole[: len(whole) // 2].rpartition("\n")[0], encoding="utf-8-sig")
    assert len(summaries.misread(path, table)) == 1


REHEARSE = """\
import sys
from sonla_analysis.reports import jobs, request, warm
from sonla_analysis.review import open_situation
asked = request.checked_request(
    sys.argv[1], units=None, as_of=None, plan="kh159_2020", formats=sys.argv[2], language="vi",
    out="out", force=False, timeout=9, memory_mb=999, word_template=None, pages=None)
planned = jobs.plan_jobs(asked, open_situation(asked.data), [])
for job in (planned[0], planned[-1]):
    warm._rehearse(job)"""


@pytest.mark.parametrize("formats", ["html", "html,docx,xlsx,png"])
def test_a_process_is_made_ready_by_pages_that_do_run(city, tmp_path, formats):
    command = [batch.sys.executable, "-c", REHEARSE, str(city), formats]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr


SPAWN = "import sonla_analysis.reports.isolation as isolation\nisolation.CAN_FORK = False\n"


def test_without_fork_a_pool_gives_the_same_bytes(built, city, pages, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "RUN", SPAWN + batch.RUN)
    code, said, told = batch.run(data=city, pages=pages, out=tmp_path / "out", jobs=1)
    assert code == 0, said + told
    assert batch.contents(tmp_path / "out") == batch.contents(built)


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
    batch.run(data=city, pages=made, out=tmp_path / "out", jobs=1, timeout=10)
    causes = {unit: record["cause"] for unit, record in batch.records(tmp_path / "out").items()}
    assert causes == {
        "116": None,
        "03646": None,
        "03658": "the page ended its own process (code 3) in cell 3",
        "03679": "took longer than the 10 seconds allowed, in cell 3",
    }


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"units": ["3646"]}, "did you mean '03646'?"),
        ({"as_of": "2020-12-30"}, "did you mean '2020-12-31'?"),
        ({"as_of": "31/12/2020"}, "year-month-day"),
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
