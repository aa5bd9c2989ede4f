"""`sonla report --page`: other pages than the reports, in folders of their own; data quality."""

import io
import json
import shutil
import tomllib
import zipfile
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest
from batch import change, small_city

from sonla_analysis import cli
from sonla_analysis.batch.published import earlier_figures
from sonla_analysis.batch.refresh import refresh
from sonla_analysis.batch.request import pages_in
from sonla_analysis.batch.run import report
from sonla_analysis.definitions.folders import sample_folder, shipped
from sonla_analysis.indicators import quality
from sonla_analysis.indicators.bridge_tables import bridge_tables
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.page import quality_tables
from sonla_analysis.review import open_review
from sonla_analysis.sentences import quality as said
from sonla_analysis.tables.findings import _AT_FAULT
from sonla_analysis.tables.input_tables import _STRUCTURAL, load_tables
from sonla_analysis.tables.sources import SOURCES

pytestmark = pytest.mark.whole

TABLES = ("households", "members", "unit_counts", "schools", "health_stations")
DATE, CITY, WARD, OTHER = "2020-12-31", "116", "03646", "03679"
NOTEBOOKS = shipped("notebooks", "notebooks")


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> Path:
    return small_city(tmp_path_factory.mktemp("data") / "city")


@pytest.fixture(scope="module")
def built(city, tmp_path_factory) -> Path:
    """The page of the city and of a ward, in the formats of an office."""
    folder = tmp_path_factory.mktemp("built")
    arguments = ["report", str(city), "--page", "data_quality", "--out", str(folder / DATE)]
    units = ["--unit", CITY, "--unit", WARD, "--jobs", "1"]
    assert cli.main([*arguments, *units, "--to", "html,docx,pdf,xlsx"]) == 0
    return folder / f"{DATE}-data-quality"


def copied(city: Path, folder: Path) -> Path:
    return Path(shutil.copytree(city, folder / "city"))


def without(data: Path, unit: str, *tables: str, date: str = "") -> None:
    """Take a unit's rows (of one date, else of all) out of tables of a folder."""
    for table in tables:
        path = data / f"{table}.csv"
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        gone = (frame["unit"] == unit) & frame["as_of"].str.startswith(date)
        frame[~gone].to_csv(path, index=False)


def word_texts(path: Path) -> str:
    return zipfile.ZipFile(path).read("word/document.xml").decode()


# --- a page has its own place ------------------------------------------------------------


def test_a_page_lies_in_a_folder_of_its_own_under_its_own_names(built):
    (ward,) = built.glob("03646-*")
    names = {path.name for path in ward.iterdir()}
    assert names == {
        f"data-quality.{ending}" for ending in ("html", "docx", "pdf", "xlsx", "ipynb")
    }
    assert json.loads((built / "manifest.json").read_text("utf-8"))["page"] == "data_quality"
    start = (built / "index.html").read_text("utf-8")
    assert f"{ward.name}/data-quality.html" in start and f"{ward.name}/data-quality.docx" in start


def test_a_page_is_no_record_of_what_was_published(built):
    assert not list(built.glob("indicators*.csv"))
    assert earlier_figures(built.parent / "2021-03-31", "2021-03-31", "x") is None


def test_a_second_run_finds_nothing_to_do(built, city):
    asked = {"units": [CITY, WARD], "page": "data_quality", "progress": None}
    again = report(city, out=built.parent / DATE, formats="html", **asked)
    assert (again.built, again.kept, again.folder) == ((), (CITY, WARD), built)


def test_reports_and_pages_never_share_a_folder(built, city):
    with pytest.raises(UsageError) as refused:
        report(city, out=built, units=[WARD], formats="html", progress=None)
    assert "trang data_quality" in refused.value.text("vi")
    assert "data_quality" in str(refused.value)


def test_without_a_page_the_reports_are_as_ever(city, tmp_path):
    done = report(city, out=tmp_path / DATE, units=[WARD], formats="html", progress=None)
    assert done.folder == tmp_path / DATE
    record = json.loads((done.folder / "manifest.json").read_text("utf-8"))
    assert "page" not in record and (done.folder / "indicators.csv").is_file()
    assert [path.name for path in done.folder.rglob("*.html")].count("report.html") == 1


def test_the_internal_edition_of_a_page_has_its_own_folder_and_mark(city, tmp_path):
    asked = {"units": [WARD], "formats": "html", "page": "data_quality", "progress": None}
    done = report(city, out=tmp_path / DATE, edition="internal", **asked)
    assert done.folder.name == f"{DATE}-data-quality-noi-bo"
    assert len(list(done.folder.rglob("data-quality-noi-bo.html"))) == 1


def test_a_notebook_of_an_office_is_a_page_too(city, tmp_path):
    own = tmp_path / "cua_phong.ipynb"
    shutil.copy(NOTEBOOKS / "data_quality.ipynb", own)
    asked = {"units": [WARD], "formats": "html", "page": str(own), "progress": None}
    done = report(city, out=tmp_path / DATE, **asked)
    assert done.folder.name == f"{DATE}-cua-phong" and done.exit_code == 0
    assert list(done.folder.rglob("cua-phong.html"))


# --- what is refused ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["explore", "draw_your_own", "commune_report", "data_qualty"])
def test_what_is_no_page_is_refused_with_those_that_are(name, capsys):
    assert cli.main(["report", "--page", name, "--language", "en"]) == 2
    assert f"page must be one of {', '.join(pages_in(NOTEBOOKS))}" in capsys.readouterr().err
    assert "data_quality" in pages_in(NOTEBOOKS)


def test_a_notebook_without_the_parameters_is_refused(city, tmp_path, capsys):
    cells = json.loads((NOTEBOOKS / "data_quality.ipynb").read_text("utf-8"))
    cells["cells"][1]["source"] = 'language: str = "vi"  # vi or en'
    own = tmp_path / "own.ipynb"
    own.write_text(json.dumps(cells), "utf-8")
    out = ["--out", str(tmp_path / DATE), "--language", "en"]
    assert cli.main(["report", str(city), "--page", str(own), *out]) == 2
    assert "page own must declare the parameter 'data'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [own]


def test_a_page_has_no_brief(city, tmp_path):
    with pytest.raises(UsageError, match="format must be one of html, docx, pdf, xlsx, svg, png"):
        report(city, page="data_quality", formats="brief", out=tmp_path, progress=None)


# --- the Word document is one to sign ----------------------------------------------------


def test_word_has_the_head_the_statement_and_places_for_the_signer(built):
    (ward,) = built.glob("03646-*")
    text = word_texts(ward / "data-quality.docx")
    for part in ("Số: ……/BC-UBND", "CHỦ TỊCH", "XÁC NHẬN", "báo cáo chất lượng số liệu"):
        assert part in text, part
    assert "[Đã đối chiếu với phiếu rà soát gốc" in text
    assert "[Đã đối chiếu" not in (ward / "data-quality.html").read_text("utf-8")


def test_an_edited_page_is_refreshed_as_the_page_it_is(built, city, tmp_path, capsys):
    (ward,) = built.glob("03646-*")
    data, file = copied(city, tmp_path), tmp_path / "ban-ky.docx"
    shutil.copy(ward / "data-quality.docx", file)
    without(data, WARD, "schools")
    assert cli.main(["refresh", str(file), "--data", str(data)]) == 0
    text = word_texts(file)
    assert "mới gửi 4/5 bảng" in text and "Chất lượng số liệu" in text
    assert "Tiến độ từng chỉ tiêu" not in text


def test_a_page_of_an_office_is_not_refreshed_as_a_report(built, city, tmp_path):
    own = tmp_path / "cua_phong.ipynb"
    shutil.copy(NOTEBOOKS / "data_quality.ipynb", own)
    asked = {"units": [WARD], "formats": "docx", "page": str(own), "progress": None}
    done = report(city, out=tmp_path / DATE, **asked)
    (file,) = done.folder.rglob("cua-phong.docx")
    with pytest.raises(UsageError, match="own page cua_phong"):
        refresh(file, city)


# --- what the page says is true ----------------------------------------------------------


def states(review) -> dict:
    found = quality.table_states(review)
    return dict(zip(zip(found["unit"], found["table"], strict=True), found["state"], strict=True))


def test_a_unit_that_sent_nothing_is_named_and_confirms_nothing(city, tmp_path):
    data = copied(city, tmp_path)
    without(data, WARD, *TABLES, date=DATE)
    area, ward = (open_review(data, unit, DATE) for unit in (CITY, WARD))
    assert said.headline(area).startswith("2/3 xã, phường đã gửi đủ")
    assert said.missing(area) == ["Chưa gửi số liệu nào: phường Thử 03646."]
    assert said.headline(ward) == "Phường Thử 03646 chưa gửi số liệu nào của kỳ 31/12/2020."
    assert len(said.statement(ward)) == 1 and "không có nghĩa là bằng 0" in said.statement(ward)[0]
    assert {state for (unit, _), state in states(area).items() if unit == WARD} == {"not_sent"}
    assert quality.sent_on(area).loc[DATE].tolist() == [2] * 5
    assert quality.sent_on(ward).loc[DATE].tolist() == ["not_reported"] * 5


def test_a_row_with_nothing_in_it_is_not_taken_for_sent(city, tmp_path):
    data = copied(city, tmp_path)

    def emptied(frame):
        here = (frame["unit"] == WARD) & (frame["as_of"] == DATE)
        frame.loc[here, [name for name in frame if name not in ("as_of", "unit")]] = ""

    change(data, "unit_counts", emptied)
    review = open_review(data, WARD, DATE)
    assert states(review)[WARD, "unit_counts"] == "empty"
    assert said.headline(review).startswith("Phường Thử 03646 mới gửi 4/5 bảng")


def test_a_register_signed_as_empty_was_sent(city, tmp_path):
    data = copied(city, tmp_path)
    without(data, WARD, "households", "members")

    def signed(frame):
        frame.loc[frame["unit"] == WARD, ["poor_households", "near_poor_households"]] = "0"

    change(data, "unit_counts", signed)
    review = open_review(data, WARD, DATE)
    assert states(review)[WARD, "households"] == states(review)[WARD, "members"] == "none"
    assert quality.sent_on(review).loc[DATE, ["households", "members"]].tolist() == [0, 0]
    assert "đã gửi đủ 5 bảng" in said.headline(review)


def test_households_signed_for_without_a_register_are_one_that_never_came(city, tmp_path):
    data = copied(city, tmp_path)
    without(data, WARD, "households", "members")
    review = open_review(data, WARD, DATE)
    assert review.data.found["rule"].eq("register_not_sent").any()
    assert states(review)[WARD, "households"] == "not_sent"
    assert "mới gửi 3/5 bảng" in said.headline(review)


def test_blank_cells_are_counted_and_make_no_figure_whole(city, tmp_path):
    data = copied(city, tmp_path)

    def blanked(frame):
        here = frame.index[(frame["unit"] == OTHER) & (frame["as_of"] == DATE)]
        frame.loc[here[:20], "hygienic_water"] = ""

    before = open_review(city, OTHER, DATE)
    change(data, "households", blanked)
    review = open_review(data, OTHER, DATE)
    row = quality.blank_columns(review).set_index("column").loc["hygienic_water"]
    assert (row["blank"], row["rows"], row["state"]) == (
        20,
        len(before.rows("households")),
        "blank",
    )
    assert "Còn 20 ô dùng để tính chỉ tiêu để trống." in said.headline(review)
    assert "hygienic_water" in quality.figure_states(review)["open"]
    assert states(review)[OTHER, "households"] == "blank"


def test_a_household_that_moved_away_leaves_no_blanks(city):
    """Of 538 rows of the sample 7 are such households: their cells are not asked for."""
    review = open_review(sample_folder(), CITY, DATE)
    assert (review.rows("households")["status"] == "absent").sum() == 7
    blank = quality.blank_columns(review)
    assert set(blank["table"]) == {"unit_counts"} and blank["blank"].tolist() == [1, 1]


def wrong(frame):
    here = frame.index[(frame["unit"] == OTHER) & (frame["as_of"] == DATE)]
    frame.loc[here[0], "status"] = "poorest"
    frame.loc[here[1:3], "hygienic_toilet"] = "Lò Thị Mận"


def test_a_finding_is_told_by_rule_and_column_and_withholds_its_figures(city, tmp_path):
    data = copied(city, tmp_path)
    change(data, "households", wrong)
    for unit, more in ((OTHER, []), (CITY, ["phường Thử 03679"])):
        review = open_review(data, unit, DATE)
        rows = quality_tables.found(review).texts
        assert ["không phải có hoặc không", "Danh sách hộ", "có nhà tiêu hợp vệ sinh",
                "phải sửa", "2", *more] in rows  # fmt: skip
        assert ["ngoài các giá trị được phép", "Danh sách hộ", "phân loại",
                "phải sửa", "1", *more] in rows  # fmt: skip
        assert "Kiểm tra tự động thấy 3 chỗ phải sửa" in said.headline(review)
    assert (
        "poor_household_rate" in quality.figure_states(open_review(data, OTHER, DATE))["withheld"]
    )
    assert "Kiểm tra tự động không thấy chỗ nào phải sửa" in said.headline(
        open_review(data, WARD, DATE)
    )


def test_what_must_be_corrected_of_an_earlier_date_is_told_apart(city, tmp_path):
    data = copied(city, tmp_path)

    def of_2019(frame):
        here = frame.index[(frame["unit"] == OTHER) & (frame["as_of"] == "2019-12-31")]
        frame.loc[here[0], "loan_needed"] = "7"

    change(data, "households", of_2019)
    review = open_review(data, OTHER, DATE)
    assert quality_tables.found(review) is None
    assert said.earlier(review) == ["Ở các kỳ trước còn 1 chỗ phải sửa."]
    assert said.earlier(open_review(data, WARD, DATE)) == []


def test_every_rule_of_a_check_has_words_without_a_cell():
    """Rules of files that cannot be read at all never reach a page."""
    texts = files("sonla_analysis") / "language/phrases"
    words = {
        name: tomllib.loads((texts / f"{name}.toml").read_text("utf-8"))
        for name in ("findings", "quality")
    }
    never = {*_AT_FAULT, *_STRUCTURAL, *quality._MISSING, "units_column", "more"}
    rules, told = set(words["findings"]["finding"]) - never, words["quality"]["quality_rule"]
    assert rules - set(told) == set()
    assert not [one for one in told.values() if "{" in one["vi"] + one["en"]]


def test_who_sent_when_is_told_where_it_was_written_down(city, tmp_path):
    review = open_review(city, WARD, DATE)
    assert "Không có sổ tiếp nhận" in said.received(review)
    assert "received" not in [column.key for column in quality_tables.sent(review).columns]
    rows = [
        [DATE, unit, "households", "a.xlsx", "1", "2", f"{day}T08:00:00", 1, 1, 1]
        for unit, day in ((WARD, "2021-01-04"), (OTHER, "2021-01-11"))
    ]
    known = replace(review.data, sources=pd.DataFrame(rows, columns=SOURCES))
    ward, area = (replace(review, data=known, unit=unit) for unit in (WARD, CITY))
    assert said.received(ward).startswith("Số liệu được tiếp nhận ngày 04/01/2021")
    (first, second, *_) = quality_tables.sent(ward).texts
    assert first[:2] == ["Danh sách hộ", "đủ"] and first[3:] == ["04/01/2021", "2"]
    assert second[3:] == ["…", "…"]
    assert "từ 04/01/2021 đến 11/01/2021" in said.received(area)
    assert said.received(area).endswith("Ngày 11/01/2021 là của: phường Thử 03679.")
    assert [row[-1] for row in quality_tables.sent(area).texts] == ["04/01/2021", "…", "11/01/2021"]


# --- nobody is recognised ----------------------------------------------------------------


def test_how_many_blanks_a_column_of_groups_has_is_told_inside_the_office_only(city, tmp_path):
    data = copied(city, tmp_path)

    def blanked(frame):
        here = frame.index[(frame["unit"] == OTHER) & (frame["as_of"] == DATE)]
        frame.loc[here[:3], "ethnicity"] = ""

    change(data, "households", blanked)
    for edition, expected in (("public", ["ẩn", "ẩn"]), ("internal", ["44", "3"])):
        review = open_review(data, OTHER, DATE, edition=edition)
        (row,) = [one for one in quality_tables.blank(review).texts if one[1] == "dân tộc"]
        assert row[3:5] == expected, edition
    public = open_review(data, OTHER, DATE)
    assert "cột dùng để chia theo địa bàn, nhóm dân cư thì còn" in said.headline(public)
    assert states(public)[OTHER, "households"] == "full"  # no figure of the plan is counted from it


def test_no_file_of_a_page_names_a_household_a_village_or_what_stood_in_a_cell(city, tmp_path):
    data = copied(city, tmp_path)
    change(data, "households", wrong)
    rows = open_review(city, OTHER, DATE).rows("households")
    out = ["--out", str(tmp_path / DATE), "--unit", CITY, "--unit", OTHER, "--to", "html,xlsx,docx"]
    assert cli.main(["report", str(data), "--page", "data_quality", *out]) == 1  # to be corrected
    secret = {*rows["household"], *rows["village"].dropna(), "Mận", "poorest"}
    written = [path for path in (tmp_path / f"{DATE}-data-quality").rglob("*") if path.is_file()]
    assert len(written) >= 10
    for path in written:
        texts = [path.read_bytes()]
        if zipfile.is_zipfile(path):
            packed = zipfile.ZipFile(io.BytesIO(texts[0]))
            texts = [packed.read(name) for name in packed.namelist()]
        told = [one for one in secret for text in texts if one.encode() in text]
        assert told == [], path.name


# --- over the merger of 2025, and what was published ----------------------------------------


def test_a_merged_unit_lacks_what_one_of_its_former_units_did_not_send():
    """Of the former Quyết Thắng (03652), which is part of 03646 since July 2025, no school came."""
    tables = load_tables(sample_folder())
    schools = tables["schools"]
    gone = (schools["unit"] == "03652") & (schools["as_of"] == DATE)
    bridged = bridge_tables(tables | {"schools": schools[~gone]})
    area, ward = (open_review(bridged, unit, DATE) for unit in (CITY, WARD))
    assert states(ward)[WARD, "schools"] == "part"
    assert said.headline(area).startswith("3/4 xã, phường đã gửi đủ")
    assert said.missing(ward) == ["Chưa gửi, hoặc gửi chưa đủ: Trường học."]


def test_a_published_figure_that_is_revised_is_told(city, tmp_path):
    data = copied(city, tmp_path)
    asked = {"units": [OTHER], "formats": "html", "progress": None}
    report(data, out=tmp_path / "2019-12-31", as_of="2019-12-31", **asked)

    path = data / "schools.csv"
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    here = (frame["unit"] == OTHER) & (frame["as_of"] == "2019-12-31")
    frame.loc[here, "meets_national_standard"] = "false"
    frame.to_csv(path, index=False)
    done = report(data, out=tmp_path / DATE, page="data_quality", **asked)
    (page,) = done.folder.rglob("data-quality.html")
    assert "Trường đạt chuẩn quốc gia" in page.read_text("utf-8").split("Sửa lại so với")[-1]
