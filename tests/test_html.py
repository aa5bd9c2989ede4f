"""The HTML page: complete, accessible, and safe whatever the data say. See also test_browser."""

import csv
import io
import re
import tomllib
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote

import handmade
import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import get_exporter

from sonla_analysis import charts, sentences
from sonla_analysis.batch.summaries import index_page
from sonla_analysis.definitions.units import folder_name
from sonla_analysis.language.refusals import SonlaError
from sonla_analysis.office.csv_text import safe_text
from sonla_analysis.office.html import PageExporter
from sonla_analysis.review import review_of
from sonla_analysis.tables.findings import Finding

DATE = "2020-12-31"
ADDRESSES = {"src", "href", "action", "formaction", "poster", "background", "srcset", "data"}


def exported(*outputs, back="", **options) -> str:
    notebook = handmade.notebook(*outputs, **options)
    return PageExporter(back=back).from_notebook_node(notebook)[0]


def parsed(*outputs, **options) -> BeautifulSoup:
    return BeautifulSoup(exported(*outputs, **options), "html.parser")


def texts(found) -> list[str]:
    return [one.get_text(strip=True) for one in found]


# --- the page ----------------------------------------------------------------------------


def test_the_exporter_is_found_by_nbconvert_under_its_path():
    assert get_exporter("sonla_analysis.office.html.PageExporter") is PageExporter
    assert PageExporter().file_extension == ".html"


@pytest.mark.parametrize("old", ["sonla_html", "sonla_docx", "sonla_pdf", "sonla_xlsx"])
def test_an_exporter_of_an_old_name_works_and_says_what_it_is_called_now(old):
    exporter, page = get_exporter(old)(), handmade.notebook(handmade.text("xong"))
    with pytest.warns(FutureWarning, match=f"it is now {exporter.now}"):
        content = exporter.from_notebook_node(page)[0]
    assert content == get_exporter(exporter.now)().from_notebook_node(page)[0]


def test_a_page_has_a_language_one_main_heading_and_a_title():
    page = parsed(handmade.text("# Một tựa khác\n\nxong"), language="en", unit="Chiềng Lề ward")
    assert page.html["lang"] == "en"
    assert texts(page.find_all("h1")) == ["Báo cáo tiến độ của Chiềng Lề ward"]
    assert page.title.get_text() == page.h1.get_text()


def test_headings_never_skip_a_level():
    markdown = "#### a\n\n## b\n\n##### c\n\n###### d\n\n## e"
    page = parsed(handmade.text(markdown))
    levels = [int(one.name[1]) for one in page.find_all(re.compile("^h[1-6]$"))]
    assert levels == [1, 2, 2, 3, 4, 2]


def test_the_contents_lead_to_every_section_and_ids_are_unique():
    page = parsed(handmade.text("## Kinh phí\n\na\n\n## Kinh phí\n\n## <b>"), handmade.chart())
    links = page.select("nav.contents a")
    assert texts(links) == ["I. Kinh phí", "Kinh phí", "II. <b>"]
    ids = [one["id"] for one in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert all(link["href"][1:] in ids for link in page.select("a[href^='#']"))


def test_no_code_no_guide_and_no_script_are_in_the_page():
    page = exported(handmade.text("## a"), handmade.chart(), handmade.table())
    assert "mã lệnh" not in page and "Dành cho người soạn" not in page
    assert "<script" not in page


def test_a_content_policy_forbids_the_page_every_request():
    page = parsed(handmade.chart())
    policy = page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert "default-src 'none'" in policy and "img-src data:" in policy
    assert page.head.find("meta", {"http-equiv": True}) is page.head.find_all("meta")[1]
    addresses = [
        one[name]
        for one in page.find_all()
        for name in ADDRESSES
        if one.name != "a" and one.get(name)
    ]
    assert addresses and all(one.startswith(("data:", "#")) for one in addresses)


def test_synthetic_data_are_called_so_and_real_data_are_not():
    assert "Số liệu giả lập" in parsed().find("aside").get_text()
    assert parsed(synthetic=False).find("aside") is None


def test_the_page_links_back_only_where_there_is_a_start_page():
    assert parsed(back="../index.html").select("nav.back a")[0]["href"] == "../index.html"
    assert parsed().select("nav.back") == []


def test_the_same_notebook_gives_the_same_bytes():
    outputs = handmade.text("## a"), handmade.chart(), handmade.table(annex=True)
    assert exported(*outputs) == exported(*outputs)


def test_a_notebook_with_a_failed_cell_is_refused():
    failed = nbformat.v4.new_output("error", ename="ValueError", evalue="x", traceback=[])
    with pytest.raises(SonlaError, match="ValueError"):
        exported(failed)


def test_what_a_reader_s_own_cell_printed_stays_text():
    stream = nbformat.v4.new_output("stream", name="stdout", text="<b>1</b>\n2\n")
    frame = handmade.display({"text/html": "<script>1</script>", "text/plain": "   a\n0  1"})
    page = parsed(stream, frame)
    assert page.pre.get_text().startswith("<b>1</b>\n2")
    assert page.find("script") is None


def test_lists_nest_and_numbered_ones_keep_their_numbers():
    page = parsed(handmade.text("- a\n    - b\n- c\n\n3. x\n4. y"))
    assert texts(page.main.ul.find_all("li")) == ["ab", "b", "c"]
    assert page.main.ol["start"] == "3" and texts(page.main.ol.find_all("li")) == ["x", "y"]


# --- pictures and tables -----------------------------------------------------------------


def test_a_chart_has_a_number_a_caption_its_description_and_its_numbers():
    page = parsed(handmade.chart(), handmade.chart(subtitle="Hai", alt='A "B" <c>'))
    figures = page.find_all("figure")
    assert texts(one.figcaption for one in figures) == [
        "Hình 1.Số hộ nghèo, 31/12/2020",
        "Hình 2.Hai",
    ]
    assert figures[1].img["alt"] == 'A "B" <c>'
    assert texts(figures[0].details.find_all("td")) == ["14", "12"]
    assert figures[0].img["width"] == "96"


@pytest.mark.parametrize("colour", ["#1d5c88", "'red'", "50%", "&amp;"])
def test_a_picture_reaches_the_page_unharmed(colour):
    from urllib.parse import unquote

    page = parsed(handmade.chart(colour=colour))
    kind, _, content = page.img["src"].partition(",")
    assert kind == "data:image/svg+xml"
    assert unquote(content) == handmade.SVG.format(colour=colour).replace("\n", " ")


def with_svg(svg: str):
    """Return a chart's output that holds this SVG."""
    output = handmade.chart(alt='A "B" <c>')
    output["data"]["image/svg+xml"] = svg
    return output


def test_a_chart_of_ours_stands_in_the_page_as_text_in_the_page_s_colours(situation):
    chart = charts.villages(review_of(situation, "03661", DATE))
    page = parsed(with_svg(chart.svg(text=True)), with_svg(chart.svg(text=True)))
    first, second = page.select("figure svg")
    assert chart.title in first.get_text(" ", strip=True) and "Bản Muông" in first.get_text(" ")
    assert first["role"] == "img" and first["aria-label"] == 'A "B" <c>'
    assert not page.select("figure img") and "@font-face" in str(page.head)
    colours = set(re.findall(r"#[0-9a-f]{6}", str(first)))
    assert colours == set(re.findall(r"var\(--c-[0-9a-f]{6},(#[0-9a-f]{6})\)", str(first)))
    dark = str(page.head).partition("prefers-color-scheme: dark")[2]
    assert all(f"--c-{colour[1:]}:" in dark for colour in colours)
    ids = [one["id"] for one in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    links = re.findall(r'(?:href="#|url\(#)([\w-]+)', str(first) + str(second))
    assert links and set(links) <= set(ids)


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<style>body { display: none }</style><a href='javascript:x()'><text>b</text></a>",
        '<text onclick="x()">b</text>',
        "<foreignObject><p xmlns='http://www.w3.org/1999/xhtml'>b</p></foreignObject>",
        '<rect style="fill: url(http://example.org/a)"/>',
        '<rect style="fill: url(data:image/png,a)"/>',
        "<rect style=\"background: u\\72l('a')\"/>",
        '<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="http://example.org/#a"/>',
        "<image href='http://example.org/a.png'/>",
        "<text>",
    ],
)
def test_a_picture_that_may_be_anybody_s_is_shown_and_never_part_of_the_page(hostile):
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{hostile}</svg>'
    page = parsed(with_svg(svg))
    assert not page.select("figure svg") and page.img["src"].startswith("data:image/svg+xml,")
    assert "@font-face" not in str(page.head)


def test_a_table_is_made_from_its_record_with_caption_and_header_cells():
    page = parsed(handmade.table(notes=["Ghi chú <1>"]))
    table = page.table
    assert table.caption.get_text() == "Bảng 1. Tiến độ"
    assert [one["scope"] for one in table.find_all("th")] == ["col", "col", "row"]
    assert texts(table.tbody.find_all(["th", "td"])) == ["03646", "Đạt"]
    assert table.tbody.td.use["href"] == "#mark-met"
    assert page.select("p.note")[0].get_text() == "Ghi chú <1>"
    assert "alert(2)" not in str(page)


def test_a_form_keeps_its_grouped_headings_column_numbers_and_totals():
    columns = [("unit", "Đơn vị"), ("a", "Số"), ("b", "Tỷ lệ"), ("c", "Số"), ("d", "Tỷ lệ")]
    form = handmade.table(
        [("X", 1, 2, 3, 4)], columns, heads=["", "Nghèo", "Nghèo", "Cận nghèo", "Cận nghèo"],
        numbers=["A", "1", "2=1/3", "3", "4"], totals=[0],
    )  # fmt: skip
    table = parsed(form).table
    above, below, order = table.thead.find_all("tr")
    assert [(one.get_text(), one.get("colspan", "1")) for one in above.find_all("th")] == [
        ("Đơn vị", "1"), ("Nghèo", "2"), ("Cận nghèo", "2"),
    ]  # fmt: skip
    assert above.th["rowspan"] == "2" and len(below.find_all("th")) == 4
    assert texts(order.find_all("td")) == ["A", "1", "2=1/3", "3", "4"]
    assert table.tbody.tr["class"] == ["total"]


def test_a_wide_table_scrolls_in_a_region_that_the_keyboard_reaches():
    columns = [(str(number), str(number)) for number in range(6)]
    page = parsed(handmade.table([("a", *"12345")], columns), handmade.table())
    region = page.select("div.scroll")
    assert len(region) == 1 and region[0]["tabindex"] == "0"
    assert page.find(id=region[0]["aria-labelledby"]).name == "caption"


def test_annex_tables_are_folded():
    page = parsed(handmade.table(annex=True, title="Biểu số 1"))
    assert page.details.summary.get_text() == "Phụ lục I. Biểu số 1" and not page.details.has_attr(
        "open"
    )


def rows_of(address: str) -> list[list[str]]:
    """Return the rows of the CSV file that an address holds, as a browser saves it."""
    text = unquote(address.partition(",")[2])
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def test_each_chart_and_table_has_its_rows_beside_it():
    raw = [["03646", 0.766838, None], ["=1+1", 2, True]]
    texts_ = [["Chiềng Lề", "0,77%", "ẩn"], ["=1+1", "2", "có"]]
    columns = [("unit", "Đơn vị"), ("rate", "Tỷ lệ"), ("n", "Số hộ")]
    heads = {"texts": texts_, "heads": ["", "Hộ nghèo", "Hộ nghèo"]}
    page = parsed(handmade.chart(), handmade.table(raw, columns, **heads))
    figure, table = page.figure.select_one(".data a"), page.select_one(".table .data a")
    assert figure["download"] == "03646-2020-12-31-hinh-1-path.csv"
    assert table["download"] == "03646-2020-12-31-bang-1-progress.csv"
    assert rows_of(table["href"]) == [
        ["Đơn vị", "Hộ nghèo – Tỷ lệ", "Hộ nghèo – Số hộ"],
        ["Chiềng Lề", "0.766838", "ẩn"],
        ["'=1+1", "2", "có"],
    ]
    assert len(rows_of(figure["href"])) == 3 and figure["aria-label"] == "Số liệu (CSV): Hình 1"


@pytest.mark.parametrize("name", handmade.HOSTILE)
def test_nothing_from_data_becomes_markup(name):
    table = handmade.table(
        [(name, "met")], [("unit", name), ("status", name)], title=name, notes=[name]
    )
    said = handmade.text(f"## {handmade.plain(name)}\n\n- {handmade.plain(name)}")
    page = parsed(
        said, handmade.text(name), handmade.chart(subtitle=name, alt=name), table, unit=name
    )
    assert page.find(["script", "iframe", "object", "embed", "form", "base", "template"]) is None
    for element in page.find_all():
        assert not [attribute for attribute in element.attrs if attribute.startswith("on")]
    assert [one["src"][:5] for one in page.find_all("img")] == ["data:"]
    data = [one["href"] for one in page.find_all("a", download=True)]
    assert all(one.startswith("data:text/csv;charset=utf-8,") for one in data)
    others = [one["href"] for one in page.find_all("a", download=False)]
    assert all(one.startswith(("#", "https://", "http://")) for one in others)
    names = [one["download"] for one in page.find_all("a", download=True)]
    assert all(re.fullmatch(r"[a-z0-9-]+\.csv", one) for one in names)
    drawn, table = map(rows_of, data)
    assert drawn == [["year", safe_text(name)], ["2019", "14"], ["2020", safe_text(name)]]
    assert table == [[safe_text(name)] * 2, [safe_text(name), "Đạt"]]
    assert page.img["alt"] == name and page.h1.get_text().endswith(name)
    assert name in page.h2.get_text() and name in page.select(".table tbody")[0].get_text()


def test_the_words_of_page_start_page_and_panel_exist_in_both_languages():
    for topic in ("html", "explore"):
        path = files("sonla_analysis") / f"language/phrases/{topic}.toml"
        words = tomllib.loads(path.read_text(encoding="utf-8"))
        for section in words.values():
            assert all(set(texts) == {"vi", "en"} for texts in section.values())


# --- the start page ----------------------------------------------------------------------


@pytest.fixture
def built(tmp_path, situation) -> tuple[Path, dict]:
    """A report folder in which one unit failed, one was left out and all others are done."""
    review = review_of(situation, "116", DATE)
    jobs = {}
    for code in ["116", *review.leaf_units.index]:
        place = folder_name(review.units.loc[code])
        state = {"03649": "failed", "03652": "not run"}.get(code, "done")
        jobs[place] = {"unit": code, "folder": place, "state": state, "cause": None, "built": None}
        if code != "03649":
            (tmp_path / place).mkdir()
            (tmp_path / place / "report.html").write_text("x")
    (tmp_path / jobs["116-thanh-pho-son-la"]["folder"] / "report.docx").write_bytes(b"x")
    jobs["03649-phuong-to-hieu"]["cause"] = "Bảng <households>, dòng 12"
    return tmp_path, {"jobs": jobs}


def start_page(built, situation, language="vi", as_of=DATE) -> BeautifulSoup:
    return BeautifulSoup(index_page(*built, situation, as_of, language), "html.parser")


def test_the_start_page_tells_every_unit_and_what_its_run_came_to(built, situation):
    rows = start_page(built, situation).select("table.units tbody tr")
    assert len(rows) == 13 and rows[0].th.get_text() == "Thành phố Sơn La"
    said = {row.th.get_text(): row.select("td.files")[0].get_text(" ", strip=True) for row in rows}
    assert said["Phường Tô Hiệu"] == "Không lập được: Bảng <households>, dòng 12"
    assert "lần lập trước" in said["Phường Quyết Thắng"]
    assert said["Thành phố Sơn La"] == "Word"
    assert said["Xã Hua La"] == ""


def test_the_start_page_names_the_units_whose_figures_are_being_corrected(built, situation):
    finding = Finding("not_count", "unit_counts", "03652")
    page = start_page(built, replace(situation, withheld={"03652": [finding, finding]}))
    notes = texts(page.select("p.problem"))
    assert notes[-1].startswith("Một số chỉ tiêu của phường Quyết Thắng ghi “số liệu đang chờ sửa”")
    rows = {row.th.get_text(): row.get_text() for row in page.select("table.units tbody tr")}
    told = [name for name, text in rows.items() if "Số liệu đang chờ sửa: 2 chỗ." in text]
    assert told == ["Phường Quyết Thắng"]
    assert "đang chờ sửa" not in start_page(built, situation).get_text()


def test_the_start_page_links_only_files_that_are_there(built, situation):
    links = [one["href"] for one in start_page(built, situation).find_all("a")]
    files = [link for link in links if not link.startswith("#")]
    assert len(files) == 13  # twelve reports and one Word file
    assert all((built[0] / link).is_file() for link in files)


def test_where_nothing_can_be_downloaded_the_start_page_has_no_column_for_it(built, situation):
    folder, manifest = built
    assert start_page(built, situation).select("td.files")
    for job in manifest["jobs"].values():
        job |= {"state": "done", "cause": None}
        (folder / job["folder"]).mkdir(exist_ok=True)
        (folder / job["folder"] / "report.docx").unlink(missing_ok=True)
        (folder / job["folder"] / "report.html").write_text("x")
    page = start_page(built, situation)
    assert not page.select("td.files") and "Tải về" not in page.get_text()


def test_the_start_page_counts_as_the_progress_table_does(built, situation):
    page = start_page(built, situation)
    review = review_of(situation, "116", DATE)
    met = int((review.now["status"] == "met").sum())
    row = page.select("table.units tbody tr")[0]
    assert row.select("td.met")[0].get_text() == f"{met}/16"
    targets = page.find(id="targets").find_parent("table")
    assert len(targets.tbody.find_all("tr")) == 17
    first = sentences.glance(review)
    tiles = [tuple(texts(one.find_all(["b", "span"]))) for one in page.select(".tiles li")]
    assert tiles[:5] == first["figures"]
    assert texts(page.select(".remark")) == first["remarks"]


def test_the_bar_of_a_unit_is_as_long_as_its_targets(built, situation):
    for row in start_page(built, situation, as_of="2020-09-30").select("table.units tbody tr"):
        parts = [int(one["width"]) for one in row.find_all("rect")]
        assert sum(parts) == float(row.svg["viewbox"].split()[2])


def test_the_start_page_speaks_english(built, situation):
    page = start_page(built, situation, "en")
    assert page.html["lang"] == "en" and "Could not be built" in page.get_text()


def test_the_start_page_is_the_same_every_time(built, situation):
    pages = [index_page(*built, situation, DATE, "vi") for _ in range(2)]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("name", handmade.HOSTILE[:4])
def test_a_unit_s_name_cannot_become_markup_on_the_start_page(tmp_path, situation, name):
    units = situation.tables["units"].copy()
    units.loc[units["code"] == "03646", "name"] = name
    hostile = replace(situation, tables={**situation.tables, "units": units})
    page = start_page((tmp_path, {"jobs": {}}), hostile)
    assert page.find("script") is None and page.find("img") is None
    assert name in page.select("table.units")[0].get_text()
