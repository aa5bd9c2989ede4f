"""The Word report that an officer finishes: parts and prompts, opening, who signs; the brief."""

import io
import re
import shutil
import subprocess
from dataclasses import replace

import docx
import handmade
import pytest
from cities import changed, nobody_poor, silence
from pypdf import PdfReader
from test_office import CITY, DATE, W, chart, lines, notebook_of, part

from sonla_analysis import cli, page, sentences
from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.definitions.outline import load_outline
from sonla_analysis.language.refusals import DefinitionError
from sonla_analysis.office.brief import brief_of
from sonla_analysis.office.document import read_document
from sonla_analysis.office.docx import WordExporter
from sonla_analysis.office.html import PageExporter
from sonla_analysis.office.paper import on_paper
from sonla_analysis.office.pdf import PdfExporter
from sonla_analysis.office.word_brief import BriefExporter
from sonla_analysis.office.word_columns import widths
from sonla_analysis.page import report_tables
from sonla_analysis.review import open_data, review_of
from sonla_analysis.sentences.table import Column, Table

pytestmark = pytest.mark.whole

SMALL, LARGE = "03646", "03661"  # 4 and 46 poor households
FEW = ("03652", "03655", SMALL)  # none, 5 and 4


@pytest.fixture(scope="module")
def city():
    return open_data(sample_folder())


def prompts(review):
    found = sentences.prompts(review)
    return handmade.display({"text/markdown": "…"}, {"kind": "prompts", **found})


def glance(review):
    record = {"kind": "glance", **sentences.glance(review)}
    return handmade.display({"text/plain": record["text"]}, record)


def report(review, *more):
    """Return a page with figures, chart, what is missed, progress, prompts and annexes."""
    missed = report_tables.missed(review)
    listed = [handmade.table_of(missed)] if missed else []
    return notebook_of(review, glance(review), *listed, *more, prompts(review))


def word(review, **settings) -> bytes:
    return WordExporter(**settings).from_notebook_node(report(review))[0]


# --- parts and prompts -------------------------------------------------------------------


def heads(content: bytes) -> list[str]:
    document = docx.Document(io.BytesIO(content))
    return [one.text for one in document.paragraphs if one.style.name == "heading 1"] or [
        one.text for one in document.paragraphs if one.style.style_id == "Heading1"
    ]


def test_the_parts_are_numbered_in_the_order_of_the_outline(city):
    review = review_of(city, CITY, DATE)
    assert heads(word(review)) == [
        "I. CÔNG TÁC CHỈ ĐẠO, ĐIỀU HÀNH",
        "II. KẾT QUẢ THỰC HIỆN",
        "III. TỒN TẠI, HẠN CHẾ VÀ NGUYÊN NHÂN",
        "IV. NHIỆM VỤ, GIẢI PHÁP THỜI GIAN TỚI",
        "V. KIẾN NGHỊ, ĐỀ XUẤT",
    ]
    apart = heads(word(review, outline="causes_apart"))
    assert [one.split()[0] for one in apart] == ["I.", "II.", "III.", "IV."]
    assert apart[2] == "III. NGUYÊN NHÂN"


def test_places_to_be_filled_in_have_a_style_of_their_own_and_stand_in_word_alone(city):
    made = report(review_of(city, SMALL, DATE))
    document = docx.Document(io.BytesIO(WordExporter().from_notebook_node(made)[0]))
    marked = [one.text for one in document.paragraphs if one.style.style_id == "SonlaPrompt"]
    assert "[Nguyên nhân khách quan: …]" in marked and len(marked) >= 6
    assert all(one.startswith("[") and one.endswith("]") for one in marked)
    unmarked = [one.text for one in document.paragraphs if one.style.style_id != "SonlaPrompt"]
    assert not any(one.startswith("[") for one in unmarked)
    pytest.importorskip("typst")
    reader = PdfReader(io.BytesIO(PdfExporter().from_notebook_node(made)[0]))
    text = PageExporter().from_notebook_node(made)[0] + "".join(
        one.extract_text() for one in reader.pages
    )
    assert "Nguyên nhân khách quan" not in text


def test_no_cause_is_ever_worked_out(city):
    for unit in (SMALL, LARGE, CITY):
        for language in ("vi", "en"):
            assert sentences.prompts(review_of(city, unit, DATE, language))["facts"]["causes"] == []


def test_where_it_is_missing_adds_up_to_what_the_area_misses(city):
    review = review_of(city, CITY, DATE)
    facts = sentences.prompts(review)["facts"]["shortcomings"]
    cards = next(one for one in facts if one.startswith("Thẻ bảo hiểm y tế"))
    counts = [int(n) for n in re.findall(r"\((\d+)\)", cards.partition("Theo xã, phường")[2])]
    assert sum(counts) == review.now.loc["health_insurance_coverage", "still_needed"] == 10


def test_a_unit_that_sent_nothing_is_named_and_every_target_stands_in_one_line(city):
    silent = changed(city, silence(SMALL))
    review = review_of(silent, SMALL, DATE)
    (fact,) = sentences.prompts(review)["facts"]["shortcomings"]
    count = int((review.now["state"] == "not_reported").sum())
    assert count > 10 and fact.startswith(f"{count} chỉ tiêu chưa có số liệu báo cáo")
    of_city = " ".join(sentences.prompts(review_of(silent, CITY, DATE))["facts"]["shortcomings"])
    assert "Chưa có số liệu của: phường Chiềng Lề" in of_city


def test_a_village_is_named_in_no_prompt(city):
    villages = set(city.tables["households"]["village"].dropna().astype(str))
    review = review_of(city, CITY, DATE)
    said = str(sentences.prompts(review))
    assert not [one for one in villages if len(one) > 4 and one in said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[part]]\ntitle.vi = "A"\nholds = ["causes"]', "'results' stands in it 0 times"),
        ('[[part]]\ntitle.vi = "A"\nholds = ["results", "results"]', "stands in it 2 times"),
        ('[[part]]\ntitle.vi = "A"\nholds = ["resluts"]', "did you mean 'results'"),
        ("part = []", "part"),
    ],
)
def test_a_wrong_outline_is_refused(tmp_path, text, said):
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as refused:
        load_outline(str(path))
    assert said in str(refused.value)


# --- the opening paragraph ---------------------------------------------------------------


def test_the_opening_holds_the_figures_in_the_order_of_real_ones(city):
    said = sentences.poverty(review_of(city, SMALL, DATE))
    order = ["4 hộ nghèo", "0,11%", "3.547 hộ dân", "6 hộ cận nghèo", "0,17%", "giảm 2 hộ"]
    order += ["0,06 điểm %", "18 người", "19 người"]
    places = [said.index(one) for one in order]
    assert places == sorted(places)
    assert round(4 / 3547 * 100, 2) == 0.11


def test_the_opening_of_the_city_has_no_persons(city):
    assert "nhân khẩu" not in sentences.poverty(review_of(city, CITY, DATE))


def test_nobody_poor_is_said_so(city):
    said = sentences.poverty(review_of(changed(city, nobody_poor), SMALL, DATE))
    assert "không có hộ nghèo trên tổng số 3.547 hộ dân" in said
    assert "0 hộ nghèo," not in said


def test_with_a_unit_missing_the_opening_counts_the_others_alone_and_compares_nothing(city):
    said = sentences.poverty(review_of(changed(city, silence(SMALL)), CITY, DATE))
    assert "ở 11/12 xã, phường đã có số liệu, có 208 hộ nghèo" in said  # 212 - 4
    assert "So với" not in said


def test_without_a_register_the_opening_is_the_pages_own(city):
    review = review_of(changed(city, silence(SMALL)), SMALL, DATE)
    assert sentences.poverty(review) == "" and sentences.prompts(review)["opening"] == []


def test_no_target_of_less_is_said_to_be_fulfilled_by_a_share(city):
    for unit in (SMALL, LARGE, CITY):
        assert "% kế hoạch" not in str(sentences.prompts(review_of(city, unit, DATE)))


# --- number, date, signer ----------------------------------------------------------------


def test_a_number_for_several_reports_is_refused(tmp_path, capsys):
    code = cli.main(["report", "--number", "05", "--signer", "X", "--out", str(tmp_path / "out")])
    assert code == 2
    assert "--number, --signer là của một văn bản" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_number_date_signer_and_recipients_stand_in_the_one_report(tmp_path):
    given = {"--number": "5", "--date": "31/01/2021", "--signer": "Ký Thử", "--place": "Sơn La"}
    options = [part for pair in given.items() for part in pair]
    options += ["--position", "PHÓ CHỦ TỊCH", "--recipients", "UBND;", "--recipients", "Lưu: VT."]
    out = tmp_path / "out"
    where = ["--out", str(out), "--to", "docx,brief", "--unit", SMALL]
    assert cli.main(["report", *where, *options]) == 0
    (path,) = out.glob(f"{SMALL}-*/report.docx")
    found = lines(part(path.read_bytes()))
    wanted = ["Số: 05/BC-UBND", "Sơn La, ngày 31 tháng 01 năm 2021", "Ký Thử", "PHÓ CHỦ TỊCH"]
    assert {*wanted, "- UBND;", "- Lưu: VT."} <= set(found)
    assert (path.parent / "brief.docx").is_file()


@pytest.mark.parametrize("given", [["--date", "31/13/2021"], ["--signer", " "]])
def test_a_wrong_date_or_an_empty_name_is_refused(tmp_path, capsys, given):
    out = ["--out", str(tmp_path / "out"), "--unit", SMALL]
    assert cli.main(["report", *out, *given]) == 2
    assert "Traceback" not in capsys.readouterr().err


# --- paper -------------------------------------------------------------------------------


def test_a_unit_of_few_has_findings_in_words_and_its_forms_alone(city):
    few = on_paper(read_document(report(review_of(city, SMALL, DATE), chart("gaps"))))
    assert "gaps" not in {one.slug for one in few.pictures}
    assert [one.slug for one in few.tables if one.annex] == [f"form_{n}" for n in range(1, 6)]
    many = on_paper(read_document(report(review_of(city, LARGE, DATE), chart("gaps"))))
    assert "gaps" in {one.slug for one in many.pictures}
    assert "groups" in {one.slug for one in many.tables}


def test_what_tables_of_an_annex_all_note_is_said_once(city):
    (annex,) = on_paper(read_document(report(review_of(city, SMALL, DATE)))).annexes
    notes = [note for one in annex.tables for note in one.notes]
    assert len(notes) == len(set(notes))


def test_a_column_holds_every_word_of_its_label():
    columns = [Column(f"c{at}", label) for at, label in enumerate(["Number", "Of", "text"])]
    made = Table("t", "T", columns, [["1", "2", "y " * 80]], [["1", "2", "y " * 80]])
    number = widths(made, 60, 11)[0] - 3
    assert number >= 3.55 * 11 * 25.4 / 72  # "Number" in Times New Roman Bold


# --- the brief ---------------------------------------------------------------------------


def test_the_brief_holds_figures_what_is_missed_and_what_changed_elsewhere(city):
    made = report(review_of(city, CITY, DATE), chart("overview"), chart("poverty-path"))
    brief = brief_of(read_document(made))
    assert [figure for figure, _ in brief.figures] == ["9/16", "212", "0,77%", "155", "−27"]
    assert brief.board.slug == "overview" and brief.paths[0].slug == "poverty-path"
    missed = {row[0] for row in brief.missed.texts}
    changed_elsewhere = {one.partition(".")[0] for one in brief.changes}
    assert len(missed) == 7 and not missed & changed_elsewhere


def test_a_list_that_has_no_room_is_cut_and_says_so(city):
    document = read_document(report(review_of(city, CITY, DATE)))
    (one,) = [block for block in document.blocks if getattr(block, "slug", "") == "missed"]
    longer = replace(one, texts=one.texts * 6, rows=one.rows * 6)
    blocks = [longer if block is one else block for block in document.blocks]
    brief = brief_of(replace(document, blocks=blocks))
    kept = len(brief.missed.texts)
    assert 10 < kept < 42 and f"và {42 - kept} chỉ tiêu khác, xem báo cáo" in brief.left_out


def test_where_nothing_is_judged_the_brief_does_not_say_that_nothing_is_missed(city):
    review = review_of(city, SMALL, "2019-12-31")  # before the plan
    assert brief_of(read_document(report(review))).left_out == "Chưa có chỉ tiêu nào đánh giá được."


def pages(content: bytes, folder) -> int:
    path = folder / "made.docx"
    path.write_bytes(content)
    office = shutil.which("soffice") or pytest.skip("LibreOffice is not installed")
    own = f"-env:UserInstallation=file://{folder}/profile"
    command = [office, own, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return len(PdfReader(folder / "made.pdf").pages)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The reports and briefs of the smallest, a small and the largest unit, and of the city."""
    out = tmp_path_factory.mktemp("reports")
    units = [part for unit in (*FEW, LARGE, CITY) for part in ("--unit", unit)]
    for language in ("vi", "en"):
        where = ["--out", str(out / language), "--language", language]
        assert cli.main(["report", *where, *units, "--to", "docx,pdf,brief"]) == 0
    return out


@pytest.mark.office
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_brief_has_two_pages_and_a_report_of_few_at_most_seven(tmp_path, built, language):
    for folder in (built / language).glob("*-*"):
        assert pages((folder / "brief.docx").read_bytes(), tmp_path) == 2, folder.name
        if (folder / "brief.pdf").is_file():
            assert len(PdfReader(folder / "brief.pdf").pages) == 2, folder.name
        if folder.name[:5] in FEW:
            assert pages((folder / "report.docx").read_bytes(), tmp_path) <= 7, folder.name


@pytest.mark.office
@pytest.mark.parametrize(("language", "closing"), [("vi", "Trên đây là"), ("en", "This is the")])
def test_a_pdf_of_few_has_at_most_seven_pages_and_none_with_the_signature_alone(
    built, language, closing
):
    for folder in (built / language).glob("*-*"):
        pages = [one.extract_text() for one in PdfReader(folder / "report.pdf").pages]
        if folder.name[:5] in FEW:
            assert len(pages) <= 7, folder.name
        (signed,) = [text for text in pages if closing in text]
        above = signed.partition(closing)[0].split()
        assert len(above) > 8, folder.name  # more than the page's number: what was reported last


@pytest.mark.office
@pytest.mark.parametrize("unit", [SMALL, CITY])
def test_the_brief_of_a_silent_unit_and_of_its_city_has_two_pages(tmp_path, city, unit):
    from sonla_analysis import charts

    review = review_of(changed(city, silence(SMALL)), unit, DATE)
    drawn = [charts.overview] if unit == CITY else [charts.progress_board]
    shown = [drawn_of(one(review)) for one in (*drawn, charts.poverty_path, charts.movement)]
    content = BriefExporter().from_notebook_node(report(review, *shown))[0]
    assert pages(content, tmp_path) == 2


def drawn_of(one):
    import base64

    png = base64.b64encode(one.png(dpi=80)).decode()
    return handmade.display({"image/png": png, "text/plain": one.alt}, page._chart_record(one))


def test_only_styles_of_the_template_are_used(city):
    content = BriefExporter().from_notebook_node(report(review_of(city, CITY, DATE)))[0]
    own = {one.get(f"{W}styleId") for one in part(content, "word/styles.xml").iter(f"{W}style")}
    used = {one.get(f"{W}val") for one in part(content).iter(f"{W}pStyle", f"{W}tblStyle")}
    assert used <= own
