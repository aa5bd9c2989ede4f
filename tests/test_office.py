"""Word, PDF and Excel: the layout of Decree 30/2020, safe texts, same bytes, the same number.

The documents are made from a notebook after the contract of `page.py`, with the real tables of the
synthetic city and one plain drawing, so that no chart is drawn here.
"""

import io
import re
import struct
import subprocess
import tomllib
import zipfile
import zlib
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import docx
import handmade
import openpyxl
import pandas as pd
import pytest
import readback
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from nbconvert.exporters import get_exporter

from sonla_analysis import page
from sonla_analysis.batch.request import EXPORTS
from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.language.refusals import SonlaError, UsageError
from sonla_analysis.office import shipped_template
from sonla_analysis.office.captions import write_captions, write_frames
from sonla_analysis.office.document import read_document
from sonla_analysis.office.docx import WordExporter
from sonla_analysis.office.html import PageExporter
from sonla_analysis.office.opens import unopened
from sonla_analysis.office.package import repacked
from sonla_analysis.office.pdf import PdfExporter
from sonla_analysis.office.word_fill import context_of, placeholders
from sonla_analysis.office.xlsx import AnnexExporter
from sonla_analysis.page import report_tables as forms
from sonla_analysis.review import open_data, open_review, review_of
from sonla_analysis.sample import write_sample
from sonla_analysis.sentences.table import Column, Table

DATE, WARD, CITY = "2020-12-31", "03661", "116"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
FILES = {"html": "report.html", "docx": "report.docx", "pdf": "report.pdf", "xlsx": "tables.xlsx"}
NOTICE = "SỐ LIỆU GIẢ LẬP ĐỂ THỬ PHẦN MỀM - KHÔNG PHẢI SỐ LIỆU THẬT"
HOSTILE = ["=1+1", "<x> & {{ y }}", "@SUM(1)", "+1", "-1", "A \"B\" 'C'", "{% if 1 %}", "\x0b\x01"]


def png(width: int = 60, height: int = 40) -> bytes:
    """Return a white picture."""

    def part(kind, content):
        size = struct.pack(">I", len(content))
        return size + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\xff" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", rows) + part(b"IEND", b"")


def chart(slug: str = "progress_board", subtitle: str = "17 chỉ tiêu", alt: str = "Biểu đồ"):
    import base64

    numbers = {
        "columns": ["Chỉ tiêu", "Kết quả"],
        "rows": [["Hộ nghèo", "1.304"], ["=1+1", "–"], ["tăng", "+2"]],
        "values": [None, [1304, None, 2]],
    }
    record = {"kind": "chart", "slug": slug, "title": "Tựa", "subtitle": subtitle, "alt": alt}
    record |= {"source": "Nguồn", "numbers": numbers}
    data = {"image/png": base64.b64encode(png()).decode(), "text/plain": alt}
    return handmade.display(data, record)


def notebook(unit: str = WARD, language: str = "vi", *more):
    """Return the executed page of a unit of the sample."""
    return notebook_of(open_review(sample_folder(), unit, DATE, language=language), *more)


def notebook_of(review, *more):
    """Return the executed page of a review: text, a chart, the progress table, all annexes."""
    title = f"Báo cáo tiến độ của {review.units.loc[review.unit, 'name']}"
    begin = handmade.display(
        {"text/markdown": f"# {title}\n\nTình hình đến 31/12/2020."},
        page.document_record(review, title),
    )
    outputs = [
        begin,
        handmade.text(
            "## Kết quả chung\n\nĐạt **4/8** chỉ tiêu, xem [cổng](https://example.vn/a)."
        ),
        chart(),
        handmade.text("## Tiến độ\n\n- một\n- hai\n\n### Chi tiết\n\n#### Nhỏ"),
        handmade.table_of(forms.progress(review)),
        *more,
        handmade.text("## Phụ lục"),
        *map(handmade.table_of, forms.annex(review)),
    ]
    import nbformat

    return nbformat.v4.new_notebook(cells=[handmade.cell(one) for one in outputs])


@pytest.fixture(scope="module")
def ward():
    return notebook()


@pytest.fixture(scope="module")
def word(ward) -> bytes:
    return WordExporter().from_notebook_node(ward)[0]


@pytest.fixture(scope="module")
def book(ward):
    content = AnnexExporter().from_notebook_node(ward)[0]
    return openpyxl.load_workbook(io.BytesIO(content))


def part(content: bytes, name: str = "word/document.xml"):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return etree.fromstring(archive.read(name))


def lines(element) -> list[str]:
    """Return the texts of the paragraphs, line breaks as spaces."""
    found = []
    for paragraph in element.iter(f"{W}p"):
        found.append(
            "".join(
                " " if one.tag == f"{W}br" else one.text or ""
                for one in paragraph.iter(f"{W}t", f"{W}br")
            )
        )
    return found


def template(*paragraphs: str) -> bytes:
    """Return an office's own template with these paragraphs."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def filled(tmp_path, ward, *paragraphs: str) -> bytes:
    path = tmp_path / "office.docx"
    path.write_bytes(template(*paragraphs))
    return WordExporter(word_template=str(path)).from_notebook_node(ward)[0]


# --- Decree 30/2020 ----------------------------------------------------------------------


def test_every_format_is_an_exporter_that_nbconvert_finds():
    endings = [get_exporter(path)().file_extension for path, _ in EXPORTS.values()]
    assert endings == [".html", ".docx", ".pdf", ".xlsx", ".docx"]


def test_the_names_in_jupyterlab_s_menu_say_what_is_made():
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))
    listed = project["project"]["entry-points"]["nbconvert.exporters"]
    found = {path.replace(":", "."): name for name, path in listed.items()}
    names = ["Bao_cao_HTML", "Bao_cao_Word", "Bao_cao_PDF", "Bang_so_lieu_Excel", "Tom_tat_Word"]
    assert [found[path] for path, _ in EXPORTS.values()] == names
    assert all(re.fullmatch(r"[A-Z]\w+", name, re.ASCII) for name in names)  # as the server asks


@pytest.mark.parametrize("exporter", [PageExporter, WordExporter, PdfExporter, AnnexExporter])
def test_a_file_saved_from_jupyterlab_says_which_unit_it_is_of(exporter, ward):
    made = exporter()
    _, resources = made.from_notebook_node(ward, {"metadata": {"name": "commune_report"}})
    ending = f"-03661-xa-chieng-den-2020-12-31{made.file_extension}"
    assert resources["output_extension"] == ending


def test_paper_margins_and_the_number_that_the_first_page_does_not_show(word):
    sections = list(part(word).iter(f"{W}sectPr"))
    millimetres = 1440 / 25.4
    for section in sections:
        margins = section.find(f"{W}pgMar")
        top, bottom, left, right = (
            int(margins.get(f"{W}{side}")) / millimetres
            for side in ("top", "bottom", "left", "right")
        )
        assert 20 <= round(top) <= 25 and 20 <= round(bottom) <= 25
        assert 30 <= round(left) <= 35 and 15 <= round(right) <= 20
        assert section.find(f"{W}titlePg") is not None
        assert section.find(f"{W}headerReference").get(f"{W}type") == "default"
    first = sections[0].find(f"{W}pgSz")
    assert (first.get(f"{W}w"), first.get(f"{W}h")) == ("11906", "16838")
    header = part(word, "word/header1.xml")
    assert header.find(f".//{W}instrText").text.strip() == "PAGE"


def test_annexes_are_sections_of_their_own_with_pages_counted_from_one(word):
    sections = list(part(word).iter(f"{W}sectPr"))
    assert len(sections) == 3  # the report, the official forms, the other tables
    starts = [one.find(f"{W}pgNumType") for one in sections]
    assert starts[0] is None and {one.get(f"{W}start") for one in starts[1:]} == {"1"}
    assert sections[1].find(f"{W}pgSz").get(f"{W}orient") == "landscape"


def test_times_new_roman_stands_in_all_four_slots_and_no_theme_font(word):
    slots = {"ascii", "hAnsi", "eastAsia", "cs"}
    fonts = list(part(word, "word/styles.xml").iter(f"{W}rFonts"))
    assert len(fonts) > 15
    for one in [*fonts, *part(word).iter(f"{W}rFonts")]:
        assert {one.get(f"{W}{slot}") for slot in slots} == {"Times New Roman"}
        assert not any("Theme" in name for name in one.attrib)


def test_the_heading_of_the_report(word):
    found = lines(part(word))
    assert found[:2] == ["UBND THÀNH PHỐ SƠN LA", "ỦY BAN NHÂN DÂN XÃ CHIỀNG ĐEN"]
    for text in (
        "Số: ……/BC-UBND",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Chiềng Đen, ngày …… tháng …… năm ……",
        "BÁO CÁO",
        NOTICE,
        "TM. ỦY BAN NHÂN DÂN",
        "CHỦ TỊCH",
        "Nơi nhận:",
        "- Lưu: VT.",
    ):
        assert text in found
    closing = next(one for one in found if one.endswith("./."))
    assert "các Phụ lục I, II kèm theo" in closing
    assert {"Phụ lục I", "Phụ lục II"} <= set(found)


def test_a_superior_agency_that_the_page_does_not_name_is_left_out():
    found = lines(part(WordExporter().from_notebook_node(notebook(CITY))[0]))
    assert found[0] == "ỦY BAN NHÂN DÂN THÀNH PHỐ SƠN LA" or found[0] == "UBND TỈNH SƠN LA"
    assert not any(one.startswith("- UBND ;") or "?" in one for one in found)


def test_number_date_signer_and_recipients_come_from_settings(ward):
    settings = {
        "number": "05", "date": "2021-01-05", "signer": "Nguyễn Văn A", "position": "PHÓ CHỦ TỊCH",
        "on_behalf": "KT. CHỦ TỊCH", "addressee": "UBND thành phố Sơn La", "place": "Sơn La",
        "recipients": ["Như trên;", "Lưu: VT."], "superior": "UBND TP", "agency": "ỦY BAN|XÃ X",
    }  # fmt: skip
    found = lines(part(WordExporter(**settings).from_notebook_node(ward)[0]))
    for text in (
        "Số: 05/BC-UBND", "Sơn La, ngày 05 tháng 01 năm 2021", "Nguyễn Văn A", "PHÓ CHỦ TỊCH",
        "KT. CHỦ TỊCH", "Kính gửi: UBND thành phố Sơn La", "- Như trên;", "UBND TP", "ỦY BAN XÃ X",
    ):  # fmt: skip
        assert text in found


def test_sections_are_numbered_in_the_office_way(word):
    styles = {
        "".join(one.text or "" for one in paragraph.iter(f"{W}t")): style.get(f"{W}val")
        for paragraph in part(word).iter(f"{W}p")
        if (style := paragraph.find(f"{W}pPr/{W}pStyle")) is not None
    }
    assert styles["I. KẾT QUẢ CHUNG"] == "Heading1"
    assert styles["II. TIẾN ĐỘ"] == "Heading1"
    assert styles["1. Chi tiết"] == "Heading2"
    assert styles["a) Nhỏ"] == "Heading3"
    assert "III. PHỤ LỤC" not in styles  # nothing but annexes stands below it


def test_body_is_justified_with_a_first_line_of_127_and_six_points_between():
    styles = part(shipped_template("vi"), "word/styles.xml")
    body = next(one for one in styles.iter(f"{W}style") if one.get(f"{W}styleId") == "SonlaBody")
    assert body.find(f".//{W}jc").get(f"{W}val") == "both"
    assert body.find(f".//{W}ind").get(f"{W}firstLine") == "720"
    assert int(body.find(f".//{W}spacing").get(f"{W}after")) >= 120
    assert 26 <= int(body.find(f".//{W}sz").get(f"{W}val")) <= 28


def test_tables_repeat_their_head_keep_rows_whole_and_never_cut_accents(word):
    tables = [
        one for one in part(word).iter(f"{W}tbl") if one.find(f"{W}tblPr/{W}tblStyle") is not None
    ]
    assert len(tables) == 9
    for one in tables:
        rows = one.findall(f"{W}tr")
        assert rows[0].find(f"{W}trPr/{W}tblHeader") is not None
        for row in rows:
            assert row.find(f"{W}trPr/{W}cantSplit") is not None
            assert row.find(f"{W}trPr/{W}trHeight").get(f"{W}hRule") == "atLeast"
        assert one.find(f"{W}tblPr/{W}tblCaption").get(f"{W}val")
    exact = [one for one in part(word).iter(f"{W}spacing") if one.get(f"{W}lineRule") == "exact"]
    for one in exact:  # only the drawn lines of the heading, which hold no text
        assert not "".join(text.text or "" for text in one.getparent().getparent().iter(f"{W}t"))


def test_numbers_stand_right_and_text_left(word):
    table = next(one for one in part(word).iter(f"{W}tbl") if "Kế hoạch" in lines(one))
    row = table.findall(f"{W}tr")[1]
    sides = [one.find(f".//{W}jc").get(f"{W}val") for one in row.findall(f"{W}tc")]
    numbers = ["right"] * 4
    assert sides == ["center", "left", "left", *numbers, "left"]


def test_a_chart_has_its_caption_its_alt_text_and_the_width_of_the_text(word):
    drawing = next(part(word).iter(f"{WP}inline"))
    assert drawing.find(f"{WP}docPr").get("descr") == "Biểu đồ"
    assert int(drawing.find(f"{WP}extent").get("cx")) == 160 * 36000
    assert "Hình 1. 17 chỉ tiêu" in lines(part(word))


def test_bold_text_and_links_stay(word):
    document = part(word)
    bold = [
        "".join(run.itertext())
        for run in document.iter(f"{W}r")
        if run.find(f"{W}rPr/{W}b") is not None
    ]
    assert "4/8" in bold
    links = [link for link in document.iter(f"{W}hyperlink")]
    assert ["".join(one.itertext()) for one in links] == ["cổng"]
    relations = part(word, "word/_rels/document.xml.rels")
    assert "https://example.vn/a" in {one.get("Target") for one in relations}


def test_elements_stand_in_the_order_of_the_schema(word):
    orders = {
        "pPr": "pStyle keepNext keepLines pageBreakBefore pBdr spacing ind jc outlineLvl rPr "
        "sectPr",
        "rPr": "rStyle rFonts b bCs i iCs color sz szCs u shd lang",
        "tblPr": "tblStyle tblW jc tblInd tblBorders tblLayout tblCellMar tblLook tblCaption",
        "tcPr": "tcW gridSpan vMerge vAlign",
        "sectPr": "headerReference type pgSz pgMar pgNumType cols titlePg",
        "style": "name basedOn qFormat pPr rPr tblPr",
    }
    for name in ("word/document.xml", "word/styles.xml"):
        for kind, order in orders.items():
            for element in part(word, name).iter(f"{W}{kind}"):
                places = [order.split().index(etree.QName(child).localname) for child in element]
                assert places == sorted(places), etree.tostring(element)[:300]


def test_the_english_report_is_english():
    found = " ".join(lines(part(WordExporter().from_notebook_node(notebook(WARD, "en"))[0])))
    for text in ("SOCIALIST REPUBLIC OF VIET NAM", "Figure 1. 17", "Annex I", "SYNTHETIC DATA"):
        assert text in found
    assert "Phụ lục I" not in found and "Nơi nhận" not in found


def test_the_shipped_templates_are_filled_whole_and_define_every_style_used():
    for language in ("vi", "en"):
        template = shipped_template(language)
        own = {
            one.get(f"{W}styleId") for one in part(template, "word/styles.xml").iter(f"{W}style")
        }
        content = WordExporter().from_notebook_node(notebook(WARD, language))[0]
        used = part(content).iter(f"{W}pStyle", f"{W}tblStyle")
        assert {one.get(f"{W}val") for one in used} <= own
        assert not [one for one in lines(part(content)) if "{{" in one or "{%" in one]
        assert {"body", "annexes", "closing"} <= placeholders(template, "t")


# --- the office's own template -----------------------------------------------------------


def test_an_own_template_takes_single_figures_texts_body_and_charts(tmp_path, ward):
    content = filled(
        tmp_path, ward, "Xã: {{ ward }}", "Tỷ lệ: {{ poor_household_rate.value }}",
        "{{ charts.progress_board }}", "{{ body }}", "{{ tables.form_1 }}", "Hết {{ as_of }}",
    )  # fmt: skip
    found = lines(part(content))
    assert found[:3] == [NOTICE, "Xã: xã Chiềng Đen", "Tỷ lệ: 3,51%"]
    assert found.count("Hình 1. 17 chỉ tiêu") == 2  # the same figure has the same number
    assert "Hết ngày 31 tháng 12 năm 2020" in found
    assert "Phụ lục I" in found  # annexes follow even when the template has no place for them
    assert sum(1 for _ in part(content).iter(f"{W}drawing")) == 2


def test_an_own_template_without_a_body_holds_only_what_it_names(tmp_path, ward):
    found = lines(part(filled(tmp_path, ward, "Còn thiếu {{ hygienic_water.still_needed }} hộ")))
    assert found == [NOTICE, "Còn thiếu 7 hộ"]


def test_a_form_without_a_body_numbers_what_it_names_in_its_own_order(tmp_path):
    ward = notebook(WARD, "vi", chart(slug="funding", subtitle="Kinh phí"))
    pieces = "{{ charts.funding }}", "{{ tables.funding }}", "{{ charts.progress_board }}"
    found = lines(part(filled(tmp_path, ward, *pieces)))
    assert {"Hình 1. Kinh phí", "Hình 2. 17 chỉ tiêu", "Bảng 1. Kinh phí thực hiện"} <= set(found)


def test_a_form_without_a_body_may_still_have_the_annexes(tmp_path, ward):
    found = lines(
        part(filled(tmp_path, ward, "{{ charts.progress_board }}", "{{ annexes }}", "Hết"))
    )
    assert found.index("Hình 1. 17 chỉ tiêu") < found.index("Phụ lục I") < found.index("Phụ lục II")
    assert found[-1] == "Hết"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ wrad }}", "no placeholder 'wrad' (did you mean 'ward'?)"),
        ("{{ poor_household_rate.valu }}", "'poor_household_rate.valu' (did you mean"),
        ("{{ charts.spine }}", "no placeholder 'charts.spine'; allowed: charts.progress_board"),
        ("{{ ward", "written wrongly"),
        ("{{ ward.__class__.__mro__ }}", "written wrongly"),
        ("Ở đây: {{ body }}", "body must stand alone"),
    ],
)
def test_a_wrong_placeholder_is_refused_by_name(tmp_path, ward, text, said):
    with pytest.raises(SonlaError) as refused:
        filled(tmp_path, ward, "đầu", text)
    assert said in str(refused.value)
    assert refused.value.text("vi") != str(refused.value)


def test_synthetic_data_are_named_so_in_every_template(tmp_path, ward):
    real = deepcopy(ward)
    real.cells[0].outputs[0].metadata["sonla"]["synthetic"] = False
    assert lines(part(filled(tmp_path, ward, "a"))) == [NOTICE, "a"]
    assert lines(part(filled(tmp_path, ward, "{{ synthetic }}", "a"))) == [NOTICE, "a"]
    assert lines(part(filled(tmp_path, real, "a"))) == ["a"]


def test_the_guide_names_every_placeholder_and_no_other(ward):
    document = read_document(ward)
    known = context_of(document, WordExporter().letterhead(document))
    figures = {one["indicator"] for one in document.record["progress"]}
    guide = (Path(__file__).parents[1] / "docs/word-templates.md").read_text(encoding="utf-8")
    rows = guide.partition("## Placeholders")[2].partition("## ")[0]
    named = set(re.findall(r"`([a-z_]+)`", re.sub(r"\|[^|]*\|$", "|", rows, flags=re.M)))
    assert named == set(known) - figures - {"charts", "tables"}


def test_what_is_no_word_document_is_refused(tmp_path, ward):
    path = tmp_path / "office.docx"
    path.write_bytes(b"PK no")
    for one in (path, tmp_path / "missing.docx"):
        with pytest.raises(UsageError, match="not a Word document"):
            WordExporter(word_template=str(one)).from_notebook_node(ward)


def test_a_template_cannot_run_code(tmp_path, ward):
    with pytest.raises(SonlaError):
        filled(tmp_path, ward, "{{ ''.__class__.__base__.__subclasses__() }}")


def test_a_placeholder_split_over_runs_is_still_one(tmp_path, ward):
    document = docx.Document()
    paragraph = document.add_paragraph("Xã {{ wa")
    paragraph.add_run("rd }}").bold = True
    file = io.BytesIO()
    document.save(file)
    (tmp_path / "office.docx").write_bytes(file.getvalue())
    exporter = WordExporter(word_template=str(tmp_path / "office.docx"))
    assert lines(part(exporter.from_notebook_node(ward)[0]))[1] == "Xã xã Chiềng Đen"


# --- hostile texts -----------------------------------------------------------------------


def hostile_notebook():
    columns = [Column("order", "=2+2"), Column("unit_name", "<b>"), Column("n", "@n", "right", "0")]
    rows = [[text, text, place] for place, text in enumerate(HOSTILE)]
    texts = [[text, text, str(place)] for place, text in enumerate(HOSTILE)]
    content = Table("hostile", "=cmd|'/c calc'!A1", columns, rows, texts, ["=note"])
    made = handmade.notebook(
        *(handmade.text(handmade.plain(text)) for text in HOSTILE),
        chart(subtitle="<x> & {{ y }}", alt='"A" & <b>'),
        handmade.table_of(content),
        handmade.table_of(replace(content, slug="annexed", annex=True)),
        unit="Xã =1+1 <x> & {{ ward }} {% raw %}",
    )
    return made


def test_hostile_texts_come_out_of_word_as_they_went_in():
    content = WordExporter().from_notebook_node(hostile_notebook())[0]
    found = lines(part(content))
    for text in HOSTILE[:-1]:
        assert text in found
    assert "Hình 1. <x> & {{ y }}" in found
    assert any("XÃ =1+1 <X> & {{ WARD }} {% RAW %}" in one for one in found)
    assert next(part(content).iter(f"{WP}docPr")).get("descr") == '"A" & <b>'


def test_no_text_of_a_workbook_is_a_formula_or_a_link(tmp_path):
    content = AnnexExporter().from_notebook_node(hostile_notebook())[0]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name]
        assert not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)
        assert not any("externalLink" in name for name in archive.namelist())
        assert not any(
            b"External" in archive.read(name)
            for name in archive.namelist()
            if name.endswith(".rels")
        )
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {"=1+1", "@SUM(1)", "+1", "-1"} <= cells
    types = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in types


def test_hostile_texts_come_out_of_the_pdf_as_they_went_in():
    pytest.importorskip("typst")
    text = pdf_text(PdfExporter().from_notebook_node(hostile_notebook())[0])
    for one in HOSTILE[:-1]:
        assert re.sub(r"\s", "", one) in text
    assert "{{y}}" in text


# --- the workbook ------------------------------------------------------------------------


def test_the_workbook_has_cover_contents_notes_then_one_table_a_sheet(book):
    assert book.sheetnames == [
        "Bìa", "Mục lục", "Ghi chú", "Biểu 1", "Biểu 2", "Biểu 3", "Biểu 4", "Biểu 5", "Tiến độ",
        "Thiếu hụt", "Nhóm dân cư", "Kinh phí",
    ]  # fmt: skip
    assert book["Mục lục"]["A4"].value == "Biểu 1"
    assert book["Mục lục"]["A4"].hyperlink.location == "'Biểu 1'!A1"


def test_a_form_has_its_title_in_a4_and_its_data_from_row_9(book):
    sheet = book["Biểu 2"]
    assert sheet["A4"].value.startswith("BIỂU SỐ 2. TỔNG HỢP DIỄN BIẾN HỘ NGHÈO")
    assert [sheet.cell(8, column).value for column in (1, 3, 4, 12)] == [
        "A",
        "C",
        "1",
        "9=1-2-3-4+5+6+7+8",
    ]
    row = [sheet.cell(9, column).value for column in range(1, 13)]
    assert row[:4] == ["1", "Xã Chiềng Đen", "Hộ", 57]
    start, *moves, end = row[3:]
    assert end == start - sum(moves[:3]) + sum(moves[3:])


def test_sheets_print_on_a4_with_their_head_on_every_page(book):
    for sheet in book.worksheets[3:]:
        assert sheet.page_setup.paperSize == 9
        assert sheet.print_title_rows == "$6:$8"
        assert sheet.freeze_panes == "C9"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert book["Biểu 1"].page_setup.orientation == "landscape"


def test_numbers_are_numbers_and_symbols_are_explained(book):
    sheet = book["Tiến độ"]
    assert (sheet["D9"].value, sheet["D9"].number_format) == (
        pytest.approx(3.506, abs=1e-3),
        '#,##0.00"%"',
    )
    assert sheet["E9"].value == 46 and sheet["E9"].number_format == "#,##0"
    assert book["Biểu 1"]["I9"].value == "…"  # not collected is not zero
    notes = [row[0].value for row in book["Ghi chú"].iter_rows()]
    assert {"…", "–", "ẩn", "0"} <= set(notes)


# --- the charts to attach ----------------------------------------------------------------


def test_captions_hold_files_texts_and_the_very_numbers_drawn(tmp_path, ward):
    (tmp_path / "01-progress_board.png").write_bytes(png())
    path = write_captions(read_document(ward), tmp_path)
    book = openpyxl.load_workbook(path)
    row = [cell.value for cell in book.worksheets[0][2]]
    assert row == ["01-progress_board.png", "Tựa", "17 chỉ tiêu", "Nguồn", "Biểu đồ"]
    numbers = book["01 progress_board"]
    assert [cell.value for cell in numbers[2]][:2] == ["Hộ nghèo", 1304]
    assert numbers["A3"].value == "=1+1" and numbers["A3"].data_type == "s"
    assert (numbers["B4"].value, numbers["B4"].number_format) == (2, "+#,##0")


def test_without_charts_no_captions_are_written(tmp_path, ward):
    assert write_captions(read_document(ward), tmp_path / "charts") is None


def drawn(columns: list, values: list, frame: dict | None = None):
    """Return a document with one chart: one printed column, its numbers, and what is drawn."""
    output = handmade.chart()
    rows = [[text] for text in columns]
    output.metadata["sonla"] |= {
        "numbers": {"columns": ["Cột"], "rows": rows, "values": [values]},
        "frame": frame or {"columns": ["n"], "rows": [[value] for value in values or []]},
    }
    return read_document(handmade.notebook(output))


def captions_of(document, folder: Path):
    (folder / "01-path.png").write_bytes(png())
    write_frames(document, folder)
    return openpyxl.load_workbook(write_captions(document, folder))["01 path"]


@pytest.mark.parametrize(
    ("text", "value", "told", "looks"),
    [
        ("1.304", 1304, 1304, "#,##0"),
        ("0,77%", 212 / 276.46, 212 / 276.46, '#,##0.00"%"'),
        ("−34", -34, -34, "#,##0"),
        ("+2", 2, 2, "+#,##0"),
        (">99,99%", 99.9951, ">99,99%", "General"),  # a format would print it as 100,00%
        ("1–4", None, "1–4", "General"),
        ("12", None, "12", "General"),  # a village of this name
    ],
)
def test_captions_hold_a_number_as_itself_and_print_it_as_the_chart_does(
    tmp_path, text, value, told, looks
):
    cell = captions_of(drawn([text], [value]), tmp_path)["A2"]
    assert (cell.value, cell.number_format) == (told, looks)


def test_beside_what_is_printed_stands_what_is_drawn(tmp_path):
    frame = {
        "columns": ["name", "share", "told"],
        "rows": [["=1+1", 47.5, True], ["b", None, None]],
    }
    sheet = captions_of(drawn(["47,5% (19/40)", "ẩn"], None, frame), tmp_path)
    assert [cell.value for cell in sheet[2]] == ["47,5% (19/40)", None, "=1+1", 47.5, "True"]
    assert sheet["C2"].data_type == "s" and sheet["D3"].value is None


def test_each_chart_s_rows_lie_beside_it_as_csv(tmp_path):
    frame = {"columns": ["name", "n"], "rows": [["=1+1", 12], ["Bản Hay", None]]}
    captions_of(drawn(["12"], [12], frame), tmp_path)
    text = (tmp_path / "01-path.csv").read_bytes().decode("utf-8-sig")
    assert text == "name,n\r\n'=1+1,12\r\nBản Hay,\r\n"


def test_a_chart_of_one_s_own_has_no_csv(tmp_path, ward):
    (tmp_path / "01-progress_board.png").write_bytes(png())
    write_frames(read_document(ward), tmp_path)
    assert list(tmp_path.glob("*.csv")) == []


# --- the same bytes, the same number ------------------------------------------------------


@pytest.mark.parametrize("name", ["docx", "pdf", "xlsx"])
def test_the_same_notebook_gives_the_same_bytes(name, ward):
    if name == "pdf":
        pytest.importorskip("typst")
    exporter = get_exporter(EXPORTS[name][0])
    again = deepcopy(ward)
    assert exporter().from_notebook_node(ward)[0] == exporter().from_notebook_node(again)[0]


def test_a_package_keeps_its_parts_and_loses_its_times():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("[Content_Types].xml", b"2")
    content = repacked(file.getvalue())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["[Content_Types].xml", "a"] and archive.read("a") == b"1"
        assert {one.date_time[0] for one in archive.infolist()} == {1980}
    assert repacked(content) == content


def all_formats(notebook) -> dict[str, bytes]:
    """Return every format of a page, by the name of its file."""
    contents = {}
    for name, file in FILES.items():
        if name == "pdf":
            pytest.importorskip("typst")
        content, _ = get_exporter(EXPORTS[name][0])().from_notebook_node(notebook)
        contents[file] = content.encode() if isinstance(content, str) else content
    return contents


@pytest.fixture(scope="module")
def written(ward) -> dict[str, bytes]:
    return all_formats(ward)


@pytest.fixture
def folder(tmp_path, written):
    """A report folder with every format of one page."""
    where = tmp_path / "03661"
    where.mkdir()
    for name, content in written.items():
        (where / name).write_bytes(content)
    return where


@pytest.mark.parametrize("unit", [WARD, "03652", CITY])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_format_prints_every_cell_and_number_of_the_document(unit, language):
    made = notebook(unit, language)
    assert readback.differences(all_formats(made), read_document(made)) == []


@pytest.mark.parametrize("file", ["report.html", "report.docx", "report.pdf", "tables.xlsx"])
def test_a_number_that_differs_in_one_file_is_found(written, ward, file):
    other = deepcopy(ward)
    record = table_record(other, "progress")
    record["texts"][0][3] = "3,52%"
    (found,) = readback.differences({file: written[file]}, read_document(other))
    assert found.startswith(f"{file}: progress") and "3,52%" in found


def test_the_progress_table_is_the_record(ward):
    document = read_document(ward)
    (table,) = [one for one in document.tables if one.slug == "progress"]
    for row, one in zip(table.texts, document.record["progress"], strict=True):
        figures = [one["texts"][key] for key in readback.FIGURES]
        assert row[:-1] == [one["number"], one["name"], *figures]


def test_a_figure_that_an_own_form_names_is_printed(tmp_path, ward):
    template, named = "Tỷ lệ: {{ poor_household_rate.value }}", {"poor_household_rate.value"}
    content = filled(tmp_path, ward, template)
    assert placeholders((tmp_path / "office.docx").read_bytes(), "t") >= named
    assert readback.missing_in_form(content, read_document(ward), named) == []
    assert readback.missing_in_form(content, read_document(ward), {"hygienic_water.value"})


def table_record(notebook, slug: str) -> dict:
    records = [cell.outputs[0].metadata.get("sonla", {}) for cell in notebook.cells]
    return next(one for one in records if one.get("slug") == slug and one["kind"] == "table")


def test_the_tables_that_a_form_may_name_are_those_a_page_shows(ward):
    from sonla_analysis.batch.template import FIGURE, TABLES

    document = read_document(ward)
    assert [one.slug for one in document.tables] == TABLES
    assert set(FIGURE) == set(document.record["progress"][0]["texts"])


def test_files_that_are_whole_open(folder):
    assert unopened(folder) == []


@pytest.mark.parametrize("file", ["report.html", "report.docx", "report.pdf", "tables.xlsx"])
def test_a_file_that_is_cut_off_or_is_something_else_does_not_open(folder, file):
    whole = (folder / file).read_bytes()
    for broken in (whole[: len(whole) // 2], whole[:-40], b"", b"broken"):
        (folder / file).write_bytes(broken)
        (said,) = unopened(folder)
        assert said.startswith(file) and said.vi != said


@pytest.mark.office
@settings(max_examples=3)
@given(seed=st.integers(0, 9999), units=st.integers(2, 4), blank=st.integers(0, 3))
def test_every_format_of_a_generated_province_says_the_same_number(seed, units, blank):
    with TemporaryDirectory() as data:
        write_sample(data, units, seed, dates=[DATE])
        _silence(Path(data) / "unit_counts.csv", blank)
        situation = open_data(data)
        codes = situation.progress["unit"].unique()
        for code in {codes[seed % len(codes)], codes[0]}:
            made = notebook_of(review_of(situation, code, DATE, ("vi", "en")[seed % 2]))
            assert readback.differences(all_formats(made), read_document(made)) == []


def _silence(path: Path, columns: int) -> None:
    """Blank some departments' figures in the first unit, as if they had not reported."""
    counts = pd.read_csv(path, dtype=str)
    names = ["labour_certified", "children_under_1_vaccinated", "officers_trained"][:columns]
    counts.loc[0, names] = ""
    counts.to_csv(path, index=False)


# --- the PDF -----------------------------------------------------------------------------


def pdf_text(content: bytes) -> str:
    from pypdf import PdfReader

    pages = PdfReader(io.BytesIO(content)).pages
    return re.sub(r"[\s\u200b]", "", "".join(one.extract_text() for one in pages))


def test_the_pdf_is_tagged_titled_in_vietnamese_and_carries_its_fonts(written):
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(written["report.pdf"]))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"].startswith("vi")
    assert b"pdfuaid" in reader.xmp_metadata.stream.get_data()
    assert reader.metadata.title.startswith("Báo cáo tiến độ")
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()
        for one in reader.pages
        for font in one["/Resources"]["/Font"].get_object().values()
    ]
    names = {one["/BaseFont"].split("+")[-1].split("-")[0] for one in fonts}
    assert names == {"LibertinusSerif"}
    assert all("/FontFile3" in one["/FontDescriptor"].get_object() for one in fonts)


def test_a_letter_that_no_font_has_does_not_stop_the_pdf():
    pytest.importorskip("typst")
    strange = handmade.notebook(handmade.text("Xã \U00013080 Hua La"))
    content = PdfExporter().from_notebook_node(strange)[0]
    assert content.startswith(b"%PDF")


# --- a foreign or broken notebook ---------------------------------------------------------


def test_a_failed_cell_is_never_left_out_in_silence():
    import nbformat

    broken = handmade.notebook(nbformat.v4.new_output("error", ename="KeyError", evalue="x"))
    for name in ("docx", "xlsx"):
        with pytest.raises(SonlaError, match="KeyError"):
            get_exporter(EXPORTS[name][0])().from_notebook_node(broken)


def test_a_notebook_of_ones_own_is_exported_too():
    import nbformat

    own = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell(
                "# Việc của tôi\n\n1. một\n2. hai\n\n|a|b|\n|-|-:|\n|1|2|"
            ),
            handmade.cell(handmade.display({"text/plain": "   x  1"})),
        ]
    )
    found = lines(part(WordExporter().from_notebook_node(own)[0]))
    assert {"I. VIỆC CỦA TÔI", "1. một", "2. hai", "   x  1", "a", "2"} <= set(found)
    assert openpyxl.load_workbook(io.BytesIO(AnnexExporter().from_notebook_node(own)[0]))


# --- LibreOffice -------------------------------------------------------------------------


@pytest.mark.office
@pytest.mark.parametrize(("unit", "language"), [(WARD, "vi"), (CITY, "vi"), ("03652", "en")])
def test_libreoffice_keeps_every_paragraph_table_and_picture(tmp_path, unit, language):
    (tmp_path / "report.docx").write_bytes(
        WordExporter().from_notebook_node(notebook(unit, language))[0]
    )
    before = counts(part((tmp_path / "report.docx").read_bytes()))
    converted = convert(tmp_path / "report.docx", "docx:MS Word 2007 XML", tmp_path / "again")
    assert counts(part(converted.read_bytes())) == before
    printed = convert(tmp_path / "report.docx", "pdf", tmp_path / "printed")
    text = subprocess.run(["pdftotext", printed, "-"], capture_output=True, text=True).stdout
    assert ("Phụ lục I" if language == "vi" else "Annex I") in text
    assert not {"%", "%)"} & {line.strip() for line in text.splitlines()}  # no number is broken


@pytest.mark.office
def test_libreoffice_opens_the_workbook_and_prints_each_form_on_one_page(tmp_path):
    path = tmp_path / "tables.xlsx"
    path.write_bytes(AnnexExporter().from_notebook_node(notebook(CITY))[0])
    printed = convert(path, "pdf", tmp_path / "printed")
    from pypdf import PdfReader

    assert len(PdfReader(printed).pages) == 12


def convert(path: Path, kind: str, folder: Path) -> Path:
    profile = f"-env:UserInstallation=file://{folder}-profile"
    command = ["soffice", "--headless", profile, "--convert-to", kind, "--outdir", str(folder)]
    subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=120)
    return next(folder.iterdir())


def counts(document) -> dict[str, int]:
    texts = [one for one in lines(document) if one.strip()]
    return {
        "texts": len(texts),
        "tables": sum(1 for _ in document.iter(f"{W}tbl")),
        "pictures": sum(1 for _ in document.iter(f"{W}drawing")),
    }
