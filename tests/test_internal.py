"""The internal edition: everything told, marked everywhere, never where the public one lies."""

import io
import json
import re
import shutil
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import batch
import openpyxl
import pandas as pd
import pytest
from cities import CITY, DATE, LARGEST, NO_POOR, POOREST, changed, silence
from drawn import MOST_HEIGHT, everything
from nbformat.v4 import new_code_cell, new_notebook

from sonla_analysis import charts, open_review
from sonla_analysis.batch.jobs import inputs, plan_jobs
from sonla_analysis.batch.request import Request, checked
from sonla_analysis.cli import main
from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.indicators.breakdown import groupings, observations
from sonla_analysis.indicators.measure import area_of, leaf_units, review_dates
from sonla_analysis.indicators.poverty import STATUS_GROUP
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.refusals import SonlaError, UsageError
from sonla_analysis.office.document import read_document
from sonla_analysis.page import explore, official_forms, report_tables
from sonla_analysis.review import review_of
from sonla_analysis.sentences import methods

pytestmark = pytest.mark.whole

MARK = {"vi": "LƯU HÀNH NỘI BỘ", "en": "FOR INTERNAL USE ONLY"}
UNITS = ("03646", "03649", "03652", "03655", "03658", "03661")
UNITS += ("03664", "03667", "03670", "03673", "03676", "03679")
FORMS = ("form_1", "form_2", "form_3", "form_4", "form_5")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def both(situation, unit: str, date: str = DATE, language: str = "vi") -> list:
    """Return the public and the internal review of a unit."""
    return [review_of(situation, unit, date, language, one) for one in ("public", "internal")]


def forms(review) -> dict:
    return {name: getattr(official_forms, name)(review) for name in FORMS}


def blank_village(tables) -> None:
    """Take the village from every third household of a ward."""
    rows = tables["households"].copy()
    rows.loc[rows.index[(rows["unit"] == POOREST)][::3], "village"] = None
    tables["households"] = rows


# --- nothing is hidden -------------------------------------------------------------------


@pytest.mark.parametrize("unit", [CITY, *UNITS])
def test_no_table_of_any_year_hides_anything(situation, unit):
    for date in ("2019-12-31", DATE):
        review = review_of(situation, unit, date, edition="internal")
        assert not review.groups["hidden"].any() and not review.hidden_deprivations.any(axis=None)
        assert (review.villages[["poor_mark", "near_poor_mark"]] == "").all(axis=None)
        for table in (report_tables.groups(review), report_tables.deprivations(review)):
            assert not [text for row in table.texts for text in row if text == "ẩn"]
            assert not [note for note in table.notes if "ẩn" in note]


@pytest.mark.parametrize("unit", UNITS)
def test_the_villages_are_those_of_the_register(situation, unit):
    for date in review_dates(situation.tables):
        review = review_of(situation, unit, date, edition="internal")
        rows = review.rows("households")
        status = rows["status"].astype("str").map(STATUS_GROUP)
        for group in ("poor", "near_poor"):
            counted = (status == group).groupby(rows["village"].astype("str")).sum()
            assert dict(zip(review.villages["village"], review.villages[group], strict=True)) == (
                counted.to_dict()
            )


@pytest.mark.parametrize("grouping", ["ethnicity", "head_sex"])
def test_the_groups_are_those_of_the_register(situation, grouping):
    result, states = "hygienic_water", ("poor_income", "poor_deprivation")
    for unit in UNITS:
        review = review_of(situation, unit, DATE, edition="internal")
        assert review.plan[result].denominator.where == {"status": states}
        rows = review.rows("households")
        poor = rows[rows["status"].isin(states)]
        found = review.groups.query("grouping == @grouping and result == @result")
        counted = found.set_index("group")["denominator"]
        assert counted[counted > 0].to_dict() == poor[grouping].value_counts().to_dict()
        water = poor["hygienic_water"].fillna(False).groupby(poor[grouping].astype("str")).sum()
        reached = found.set_index("group")["numerator"]
        assert all(reached[name] == n for name, n in water.items())


def test_every_ethnic_group_has_its_name(situation):
    public, internal = both(situation, CITY)
    assert "other" in set(public.groups["group"])
    names = set(internal.rows("households")["ethnicity"].dropna())
    assert set(internal.groups.query("grouping == 'ethnicity'")["group"]) == names


@pytest.mark.parametrize("unit", [CITY, NO_POOR])
def test_one_indicator_is_told_whole_by_whatever_divides_it(situation, unit):
    review = review_of(situation, unit, DATE, edition="internal")
    asked = ("health_insurance_coverage", "hygienic_water", "radios_supported")
    for one in map(review.plan.__getitem__, (*asked, "poor_household_reduction")):
        for by in groupings(review, one.id):
            rows = observations(review, one.id, by)
            assert "hidden" not in set(rows["state"])
            if one.kind == "share" and by not in ("unit", "sex"):
                now = review.now.loc[one.id]
                assert rows["numerator"].sum() == now["numerator"], (one.id, by)
    assert ("village" in groupings(review, "poor_household_reduction")) == (unit != CITY)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("unit", [CITY, POOREST, NO_POOR, LARGEST])
def test_the_charts_tell_everything_and_say_that_they_are_internal(situation, unit, language):
    review = review_of(situation, unit, DATE, language, "internal")
    hidden = phrase("gaps.hidden", language)
    for draw in (charts.villages, charts.gaps, charts.deprivations):
        chart = draw(review)
        assert hidden not in everything(chart) and "1–4" not in everything(chart)
        assert MARK[language] in chart.source and MARK[language] in everything(chart)
        assert chart.figure.get_figheight() <= MOST_HEIGHT, draw
    by_village = charts.indicator(review, "hygienic_water", "ethnicity")
    assert phrase("one.hidden", language) not in by_village.numbers.to_numpy().ravel().tolist()


def test_the_title_names_the_first_village_however_small(situation):
    review = review_of(situation, NO_POOR, DATE, "en", "internal")
    assert charts.villages(review).title == (
        "Tổ 7, Tổ 10 and Tổ 11 have the most near-poor households: 1 of 3 each"
    )


def test_households_without_a_village_are_said_to_be_left_out_of_the_finding(situation):
    def nowhere(tables):
        rows = tables["households"].copy()
        rows.loc[(rows["unit"] == POOREST) & rows["status"].str.startswith("poor"), "village"] = (
            None
        )
        tables["households"] = rows

    found = changed(situation, nowhere)
    title = charts.villages(review_of(found, POOREST, DATE, "en", "internal")).title
    assert title.endswith("the register does not say in which village they live")
    found = changed(situation, blank_village)
    title = charts.villages(review_of(found, POOREST, DATE, "en", "internal")).title
    assert title.startswith("Among the households whose village is entered, ")


def test_the_methods_say_that_small_numbers_are_told_and_nothing_is_hidden(situation):
    public, internal = both(situation, POOREST, language="en")
    assert any("hidden" in one for one in methods(public))
    assert not any("hidden" in one for one in methods(internal))
    assert any("must not be published" in one for one in methods(internal))


# --- the public edition stays as it was --------------------------------------------------


def test_what_one_edition_keeps_in_memory_is_not_the_others(situation):
    fresh = changed(situation, lambda tables: None)
    alone = review_of(changed(situation, lambda tables: None), POOREST, DATE)
    after = [review_of(fresh, POOREST, DATE, edition=one) for one in ("internal", "public")]
    for one in after:
        report_tables.annex(one)
        charts.villages(one)
    for name in ("groups", "villages", "hidden_deprivations"):
        pd.testing.assert_frame_equal(getattr(after[1], name), getattr(alone, name))
    assert after[1].named_groups == alone.named_groups
    assert after[1].groups["hidden"].any()


def test_the_public_edition_is_the_default(situation):
    assert open_review(sample_folder(), POOREST, DATE).edition == "public"
    assert checked(Request(as_of=DATE)).edition == "public"
    assert charts.gaps(review_of(situation, POOREST, DATE)).stamp["edition"] == "public"


# --- official forms by village -----------------------------------------------------------


def numbers(table, place: int) -> list:
    """Return a row's cells behind the unit's name."""
    return table.rows[place][2:]


def adds_up(table, lines: int) -> None:
    """Check that the numbers of the villages make the total, line by line of the form."""
    for line in range(lines):
        total, *parts = table.rows[line::lines]
        for at, column in enumerate(table.columns):
            cells = [row[at] for row in parts]
            if column.format == "0" and None not in (*cells, total[at]):
                assert sum(cells) == total[at], (table.slug, column.key)


@pytest.mark.parametrize("unit", UNITS)
def test_the_forms_of_every_date_add_up_to_the_public_row(situation, unit):
    for date in review_dates(situation.tables):
        public, internal = map(forms, both(situation, unit, date))
        villages = review_of(situation, unit, date).rows("households")["village"].nunique()
        for slug, table in internal.items():
            lines = 2 if slug in ("form_2", "form_3") else 1
            assert len(table.rows) == lines * (1 + villages)
            assert table.rows[:lines] == public[slug].rows
            assert table.totals == list(range(lines)) and public[slug].totals == []
            adds_up(table, lines)


def test_a_form_counts_the_households_of_each_village_also_after_the_public_one(situation):
    for edition in ("internal", "public"):  # each is asked first of data of its own
        data = replace(situation, tables=dict(situation.tables))
        forms(review_of(data, POOREST, DATE, edition=edition))
        found = forms(review_of(data, POOREST, DATE, edition="public"))["form_4"]
        assert len(found.rows) == 1 and isinstance(found.rows[0][2], int)
        _counts_the_households_of_each_village(data)


def _counts_the_households_of_each_village(data):
    review = review_of(data, POOREST, DATE, edition="internal")
    rows = review.rows("households")
    poor = rows[rows["status"].str.startswith("poor")]
    by_name = {row[1]: row for row in forms(review)["form_4"].rows[1:]}
    for village, own in poor.groupby(poor["village"].astype("str")):
        flags = own.filter(regex="^deprived_")
        assert by_name[village][2:4] == [len(own), int(flags.sum().sum())]
    persons = [row for row in forms(review)["form_2"].rows if row[2] == "Nhân khẩu"][1:]
    members = poor.groupby(poor["village"].astype("str"))["members"].sum()
    assert {row[1]: row[-1] for row in persons if row[-1]} == members[members > 0].to_dict()


def test_villages_stand_in_the_order_of_their_names(situation):
    form = forms(review_of(situation, NO_POOR, DATE, edition="internal"))["form_4"]
    assert [row[:2] for row in form.rows] == [
        ["1", "Phường Quyết Thắng"],
        *([f"1.{n}", f"Tổ {one}"] for n, one in enumerate((3, 4, 7, 9, 10, 11), start=1)),
    ]


def test_households_without_a_village_have_a_row_of_their_own(situation):
    found = changed(situation, blank_village)
    public, internal = map(forms, both(found, POOREST))
    for slug, table in internal.items():
        lines = 2 if slug in ("form_2", "form_3") else 1
        assert table.rows[-1][1] == "(chưa ghi tổ, bản)"
        assert table.rows[:lines] == public[slug].rows
        adds_up(table, lines)
    assert internal["form_2"].rows[-2][-1] > 0


def test_form_1_says_that_the_villages_totals_are_not_collected(situation):
    table = forms(review_of(situation, POOREST, DATE, edition="internal"))["form_1"]
    keys = [column.key for column in table.columns]
    for row in table.texts[1:]:
        assert {row[keys.index(name)] for name in ("households", "population")} == {"…"}
        assert row[keys.index("poor_household_share")] == "…"
        assert row[keys.index("poor_households")].isdigit()
    assert "chưa có số liệu gửi lên" in table.notes[0]


def test_a_ward_that_sent_nothing_has_one_row(situation):
    found = changed(situation, silence(POOREST))
    public, internal = map(forms, both(found, POOREST))
    for slug, table in internal.items():
        assert (table.rows, table.texts) == (public[slug].rows, public[slug].texts)
        assert table.notes == public[slug].notes


def test_the_area_report_goes_by_unit_in_both_editions(situation):
    public, internal = map(forms, both(situation, CITY))
    assert [one.texts for one in public.values()] == [one.texts for one in internal.values()]


# --- a report folder ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The internal report of the smallest wards, as the command line writes it."""
    place = tmp_path_factory.mktemp("internal")
    asked = f"report --internal --unit {NO_POOR} --to html,docx,xlsx,png --as-of {DATE} --out"
    assert main([*asked.split(), str(place / "out")]) == 0
    assert [path.name for path in place.iterdir()] == ["out-noi-bo"]
    return place / "out-noi-bo"


def test_all_files_but_the_start_page_and_the_record_say_it_in_their_name(built):
    files = {path.name for path in built.rglob("*") if path.is_file()}
    named = {name for name in files if name.rpartition(".")[0].endswith("-noi-bo")}
    assert files - named == {"index.html", "manifest.json"}
    assert named >= {
        "report-noi-bo.html", "report-noi-bo.docx", "report-noi-bo.ipynb", "tables-noi-bo.xlsx",
        "captions-noi-bo.xlsx", "indicators-noi-bo.csv", "06-villages-noi-bo.png",
    }  # fmt: skip


def test_the_start_page_links_the_files_and_the_record_names_the_edition(built):
    page = (built / "index.html").read_text(encoding="utf-8")
    links = [link for link in re.findall(r'href="([^"#]+)"', page) if "/" in link]
    assert len(links) >= 3 and all(
        (built / link).is_file() for link in links if "data:" not in link
    )
    assert f'<aside class="banner internal">{MARK["vi"]}</aside>' in page
    record = json.loads((built / "manifest.json").read_text(encoding="utf-8"))
    assert record["edition"] == "internal"


def test_the_page_is_marked_on_the_screen_and_on_every_sheet_of_paper(built):
    page = next(built.rglob("report-noi-bo.html")).read_text(encoding="utf-8")
    assert f'<aside class="banner internal">{MARK["vi"]}</aside>' in page
    assert f'@top-right {{ content: "{MARK["vi"]}"' in page


def test_every_header_of_the_word_document_is_marked(built):
    archive = zipfile.ZipFile(next(built.rglob("report-noi-bo.docx")))
    body = ElementTree.fromstring(archive.read("word/document.xml"))
    targets = {
        one.get("Id"): one.get("Target")
        for one in ElementTree.fromstring(archive.read("word/_rels/document.xml.rels"))
    }
    sections = list(body.iter(f"{_W}sectPr"))
    assert len(sections) >= 3
    for section in sections:
        headers = {one.get(f"{_W}type"): one for one in section.findall(f"{_W}headerReference")}
        assert set(headers) == {"default", "first"}
        for one in headers.values():
            (at,) = (value for key, value in one.attrib.items() if key.endswith("}id"))
            header = ElementTree.fromstring(archive.read(f"word/{targets[at]}"))
            texts = [run.text for run in header.iter(f"{_W}t")]
            assert [MARK["vi"] in text for text in texts].count(True) == 1


@pytest.mark.parametrize("name", ["tables-noi-bo.xlsx", "captions-noi-bo.xlsx"])
def test_every_sheet_is_marked_on_the_screen_and_on_paper(built, name):
    book = openpyxl.load_workbook(next(built.rglob(name)))
    for sheet in book:
        assert MARK["vi"] in sheet.oddHeader.right.text, sheet.title
    front = ("Mục lục", "Ghi chú")
    for sheet in [one for one in book if one.title not in front]:
        texts = [str(cell.value) for row in sheet.iter_rows() for cell in row]
        assert any(MARK["vi"] in text for text in texts), sheet.title


def test_no_household_number_stands_in_any_file(built, situation):
    numbers_ = set(situation.tables["households"]["household"])
    assert f"{NO_POOR}-0001" in numbers_
    for path in built.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        if path.suffix in (".docx", ".xlsx"):
            archive = zipfile.ZipFile(io.BytesIO(content))
            content = b"".join(archive.read(one) for one in archive.namelist())
        found = set(re.findall(r"\b\d{5}-\d{4}\b", content.decode("utf-8", "replace")))
        assert not found & numbers_, path.name


def test_every_page_of_the_pdf_is_marked(situation, run_page):
    pytest.importorskip("typst")
    from nbconvert.exporters import get_exporter

    pages = pdf_pages(get_exporter("sonla_pdf")().from_notebook_node(run_page)[0])
    assert len(pages) > 3 and all(MARK["vi"] in page for page in pages)


def pdf_pages(content: bytes) -> list[str]:
    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


# --- where it may lie --------------------------------------------------------------------


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    return batch.small_city(tmp_path_factory.mktemp("city") / "data")


PARAMETERS = f'{batch.PARAMETERS}\nedition: str = "public"  # public or internal'
BEGIN = batch.BEGIN.replace("language)", "language, edition)")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    return batch.pages(folder, BEGIN, batch.HEADLINE, parameters=PARAMETERS)


def test_both_editions_of_one_run_lie_beside_each_other_and_neither_touches_the_other(
    city, pages, tmp_path
):
    asked = {"data": city, "pages": pages, "out": tmp_path / "out"}
    assert batch.run(**asked)[0] == 0
    public = batch.contents(tmp_path / "out")
    assert batch.run(**asked, edition="internal")[0] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out-noi-bo"]
    assert batch.contents(tmp_path / "out") == public
    assert not [name for name in public if "noi-bo" in name]
    code, sentence, _ = batch.run(**asked)
    assert code == 0 and "0 reports built, 4 unchanged" in sentence


def test_a_public_folder_is_never_up_to_date_for_the_internal_edition(city, pages, situation):
    asked = Request(city, pages=pages, as_of=DATE)
    requests = [checked(replace(asked, edition=one)) for one in ("public", "internal")]
    assert inputs(requests[0]) != inputs(requests[1])
    marks = [[job.fingerprint for job in plan_jobs(one, situation, ())] for one in requests]
    assert not set(marks[0]) & set(marks[1])


def test_a_folder_of_internal_reports_takes_no_public_ones(city, pages, tmp_path):
    out = tmp_path / "2020-noi-bo"
    with pytest.raises(UsageError) as refused:
        checked(Request(city, pages=pages, as_of=DATE, out=out))
    assert "for the internal edition only" in str(refused.value)
    assert checked(Request(city, pages=pages, as_of=DATE, out=out, edition="internal")).out == out


def test_no_internal_report_lies_within_a_public_folder(built, city, pages, tmp_path):
    public = tmp_path / "2020-12-31"
    (public / "03646").mkdir(parents=True)
    shutil.copy(built / "manifest.json", public)
    asked = Request(city, pages=pages, as_of=DATE, edition="internal")
    for inside in (public / "03646", public / "03646/deep"):
        with pytest.raises(UsageError, match="lies in the public report folder"):
            checked(replace(asked, out=inside))
    assert checked(replace(asked, out=public)).out.name == "2020-12-31-noi-bo"


def test_the_office_may_choose_it_once_for_all(city, pages, tmp_path):
    (tmp_path / "office.toml").write_text('edition = "internal"\n', encoding="utf-8")
    asked = Request(city, pages=pages, as_of=DATE, office=tmp_path)
    assert checked(asked).edition == "internal"
    assert checked(asked).out.name == "2020-12-31-noi-bo"
    assert checked(replace(asked, edition="public")).edition == "public"


# --- refused in one sentence -------------------------------------------------------------


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_value_of_the_option_is_refused_in_the_readers_language(capsys, language):
    assert main(["report", "--internal=yes", "--language", language]) == 2
    said = capsys.readouterr().err.strip()
    expected = {"vi": "tham số --internal không nhận giá trị", "en": "--internal takes no value"}
    assert expected[language] in said and "'yes'" in said and "\n" not in said


def test_another_edition_is_refused_with_those_there_are(city, pages):
    for ask in (
        lambda: open_review(sample_folder(), POOREST, DATE, edition="intern"),
        lambda: checked(Request(city, pages=pages, as_of=DATE, edition="intern")),
        lambda: explore.panel(sample_folder(), edition="intern"),
    ):
        with pytest.raises(UsageError, match="did you mean 'internal'"):
            ask()


def test_a_page_that_knows_no_edition_is_refused_before_anything_is_written(city, tmp_path):
    own = batch.pages(tmp_path / "pages", batch.BEGIN, batch.HEADLINE)
    asked = {"data": city, "pages": own, "out": tmp_path / "out"}
    code, said, _ = batch.run(**asked, edition="internal")
    assert code > batch.REFUSED and "declares no parameter 'edition'" in said
    assert not (tmp_path / "out-noi-bo").exists()


# --- one page, one edition ---------------------------------------------------------------


@pytest.fixture(scope="module")
def run_page():
    """A small internal page as run."""
    return _run("internal")


def _run(second: str):
    """Return an internal page as run, its tables of the `second` edition."""
    from sonla_analysis.batch import build
    from sonla_analysis.batch.rehearsal import as_it_was

    source = "from sonla_analysis import open_review, page"
    source += "\nfrom sonla_analysis.page import report_tables"
    opened = (
        f"review = open_review({str(sample_folder())!r}, '03652', '2020-12-31', edition={{!r}})"
    )
    cells = [
        f"{source}\n{opened.format('internal')}\npage.begin(review)",
        f"{opened.format(second)}",
        "page.table(*report_tables.annex(review))",
    ]
    made = [new_code_cell(one) for one in cells]
    made.insert(0, new_code_cell("language = 'vi'", metadata={"tags": ["parameters"]}))
    with as_it_was():
        build.charts_for(["text"], folder=None)
        return build.run_page(new_notebook(cells=made), {})


def test_parts_of_two_editions_make_no_page(situation, run_page):
    assert read_document(run_page).internal == MARK["vi"]
    with pytest.raises(SonlaError, match=r"kh159_2020, the report begins with .* internal;"):
        read_document(_run("public"))


# --- the panel ---------------------------------------------------------------------------


def test_the_panel_tells_whole_villages_and_saves_them_apart(situation, tmp_path):
    made = {"unit": POOREST, "indicator": "hygienic_water", "by": "village"}
    panel = explore.panel(
        situation, **made, language="en", edition="internal", save_to=tmp_path / "saved"
    )
    assert "hidden" not in set(panel.observations["state"])
    assert MARK["en"] in panel._numbers.value and MARK["en"] in panel.chart.source
    panel.unit.value = NO_POOR
    assert panel.review.is_internal
    saved = panel.save()
    assert {path.parent for path in saved} == {tmp_path / "saved-noi-bo"}
    assert all(path.stem.endswith("-noi-bo") for path in saved)
    public = explore.panel(situation, **made, save_to=tmp_path / "saved")
    assert "hidden" in set(public.observations["state"])
    assert MARK["vi"] not in public._numbers.value


def test_the_forms_name_the_whole_area_once(situation):
    """Whoever opens the area sees its units, not all of their villages."""
    review = review_of(situation, area_of(situation.tables, DATE), DATE, edition="internal")
    units = len(leaf_units(situation.tables, DATE))
    assert len(forms(review)["form_4"].rows) == 1 + units
