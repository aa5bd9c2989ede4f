"""`sonla refresh`: new figures into what is untouched, and never over what a person wrote."""

import base64
import io
import shutil
import subprocess
import zipfile
from copy import deepcopy
from pathlib import Path

import docx
import handmade
import nbformat
import pytest
from cities import changed, silence
from commands import said
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from test_office import convert, png

import sonla_analysis
from sonla_analysis import page, sentences
from sonla_analysis.cli import main
from sonla_analysis.office.document import read_document
from sonla_analysis.office.docx import WordExporter
from sonla_analysis.office.word_marks import bookmark_name
from sonla_analysis.office.word_memory import RELATION, TYPE, memory_of, with_memory
from sonla_analysis.office.word_paper import Paper
from sonla_analysis.office.word_refresh import refreshed
from sonla_analysis.page import report_tables
from sonla_analysis.review import review_of

pytestmark = pytest.mark.whole

WARD, CITY, BEFORE, NOW = "03661", "116", "2020-09-30", "2020-12-31"
MAIN, CUSTOM = "word/document.xml", "docProps/custom.xml"
TWO_WARDS = Path(__file__).parent / "data/two_wards"
PLAN = Path(sonla_analysis.__file__).parent / "definitions/plans/kh159_2020.toml"
HEADLINE = "Toàn xã còn 53 hộ nghèo"


# --- a page made by hand: its charts are drawn by nobody -----------------------------------


def notebook(review, charts=("board", "path"), without=()):
    """Return an executed page of a review; a chart's picture differs from date to date."""
    title = sentences.page_title(review)
    begin = handmade.display({"text/markdown": f"# {title}"}, page.document_record(review, title))
    listed = [one for one in sentences.progress(review) if not one.startswith(tuple(without))]
    outputs = [
        begin,
        handmade.text(f"## Kết quả chung\n\n{handmade.plain(sentences.headline(review))}"),
        handmade.text("\n".join(f"- {handmade.plain(one)}" for one in listed)),
        *(chart(name, review) for name in charts),
        handmade.table_of(report_tables.progress(review)),
        handmade.text("## Phụ lục"),
        *map(handmade.table_of, report_tables.annex(review)),
    ]
    return nbformat.v4.new_notebook(cells=[handmade.cell(one) for one in outputs])


def chart(slug: str, review):
    size = 20 + len(slug) + int(review.as_of[5:7])
    content = png(size, 2 * size)
    record = {"kind": "chart", "slug": slug, "title": slug, "subtitle": f"{slug}; {review.as_of}"}
    data = {"image/png": base64.b64encode(content).decode(), "text/plain": slug}
    return handmade.display(data, record | {"alt": f"{slug} {review.as_of}", "source": ""})


def word(page_made, **settings) -> bytes:
    return WordExporter(**settings).from_notebook_node(page_made)[0]


def brought(content: bytes, page_made, **settings):
    """Return what becomes of a document when its page is made anew."""
    exporter, paper = WordExporter(**settings), Paper(content)
    document = read_document(page_made)
    arranged = exporter.arranged(document)
    made = {"format": "docx"}
    return refreshed(paper, (arranged, document), exporter.letterhead(arranged), made)


@pytest.fixture(scope="module")
def before(situation):
    return notebook(review_of(situation, WARD, BEFORE))


@pytest.fixture(scope="module")
def now(situation):
    return notebook(review_of(situation, WARD, NOW))


@pytest.fixture(scope="module")
def old(before) -> bytes:
    return word(before)


@pytest.fixture(scope="module")
def new(now) -> bytes:
    return word(now)


# --- what stands in a document, and what a person does to it -------------------------------


def tree(content: bytes, name: str = MAIN):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return parse_xml(archive.read(name))


def lines(content: bytes) -> list[str]:
    """Return the texts of all paragraphs, those of tables too."""
    paragraphs = tree(content).iter(qn("w:p"))
    return ["".join(one.text or "" for one in p.iter(qn("w:t"))) for p in paragraphs]


def pictures(content: bytes) -> list[bytes]:
    document = docx.Document(io.BytesIO(content))
    shown = document.element.body.iter(qn("a:blip"))
    return [document.part.related_parts[one.get(qn("r:embed"))].blob for one in shown]


def edited(content: bytes, edit, name: str = MAIN) -> bytes:
    """Return the document after `edit(root)` of one of its parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(file, "w") as made:
        for one in archive.namelist():
            part = archive.read(one)
            if one == name:
                root = parse_xml(part)
                edit(root)
                part = etree.tostring(root)
            made.writestr(one, part)
    return file.getvalue()


def typed(old: str, new: str):
    """Return an edit: the first text that holds `old` gets `new` in its place."""

    def edit(root):
        place = next(one for one in root.iter(qn("w:t")) if old in (one.text or ""))
        place.text = place.text.replace(old, new, 1)

    return edit


def typed_over(old: str, new: str):
    """Return an edit as Word does it: a text wholly typed over takes its bookmark with it."""

    def edit(root):
        run = next(one for one in root.iter(qn("w:r")) if old in "".join(one.itertext()))
        for one in (run.getprevious(), run.getnext()):
            run.getparent().remove(one)
        next(run.iter(qn("w:t"))).text = new

    return edit


def saved_by_word(root):
    """Cut every run in two, with the ids and marks of the spell checker that Word writes."""
    for run in list(root.iter(qn("w:r"))):
        texts = list(run.iter(qn("w:t")))
        if len(texts) == 1 and len(texts[0].text or "") > 1:
            second = deepcopy(run)
            text, half = texts[0].text, len(texts[0].text) // 2
            for one, part, mark in ((run, text[:half], "00A1"), (second, text[half:], "00B2")):
                place = next(one.iter(qn("w:t")))
                place.text = part
                place.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
                one.set(qn("w:rsidR"), f"{mark}0000")
            error = root.makeelement(qn("w:proofErr"), {qn("w:type"): "spellStart"})
            run.addnext(second)
            run.addnext(error)


def told(changes) -> str:
    return "\n".join(f"{one.place} {one.old} {one.new}" for one in changes)


# --- nothing changed, everything untouched --------------------------------------------------


def test_with_the_same_figures_nothing_is_written(old, before):
    done = brought(old, before)
    assert done.content is None
    assert done.updated == done.outdated == done.kept == done.lost == []


@pytest.mark.parametrize("unit", [WARD, CITY])
def test_an_untouched_report_of_last_quarter_becomes_that_of_this_one(situation, unit):
    reviews = [review_of(situation, unit, date) for date in (BEFORE, NOW)]
    first, second = map(notebook, reviews)
    done = brought(word(first), second)
    assert lines(done.content) == lines(word(second))
    assert pictures(done.content) == pictures(word(second))
    assert done.outdated == done.kept == done.lost == []
    assert brought(done.content, second).content is None  # and it remembers what it holds now


def test_the_other_language_is_brought_up_to_date_too(situation):
    first, second = (
        notebook(review_of(situation, WARD, date, language="en")) for date in (BEFORE, NOW)
    )
    assert lines(brought(word(first), second).content) == lines(word(second))


def test_what_is_remembered_names_the_report_and_no_place(old):
    with zipfile.ZipFile(io.BytesIO(old)) as archive:
        content = archive.read(CUSTOM)
    memory = memory_of(content)
    assert (memory["unit"], memory["as_of"], memory["plan"]) == (WARD, BEFORE, "kh159_2020")
    assert memory["format"] == "docx" and memory["language"] == "vi" and memory["synthetic"]
    values = list(parse_xml(content).iter("{*}lpwstr"))
    assert max(len(one.text) for one in values) <= 255  # what Word allows
    standing = "\n".join(lines(old)).replace("\n", "")
    texts = [one for one in memory["held"].values() if not one.startswith("sha256:")]
    assert [one for one in texts if one.replace("\n", "") not in standing] == []


def test_every_cell_with_a_text_every_picture_and_every_sentence_has_a_name(old):
    paper, root = Paper(old), tree(old)
    named = {id(run) for spot in paper.spots.values() for run in spot.runs}
    assert len(paper.spots) == len(paper.memory["held"])
    cells = [one for one in paper._trees[MAIN].iter(qn("w:t")) if (one.text or "").strip()]
    unnamed = {one.text for one in cells if id(one.getparent()) not in named}
    assert unnamed == {
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "BÁO CÁO", "- ",
    }  # fmt: skip
    names = [one.get(qn("w:name")) for one in root.iter(qn("w:bookmarkStart"))]
    assert max(map(len, names)) <= 40 and len(set(names)) == len(names)  # what Word allows


def test_the_same_page_gives_the_same_bytes(before, old):
    assert word(before) == old


def test_settings_of_the_letterhead_stay(before, now):
    settings = {"number": "05", "signer": "Nguyễn Văn A", "recipients": ["Như trên"]}
    done = brought(word(before, **settings), now, **settings)
    assert lines(done.content) == lines(word(now, **settings))


def test_the_title_in_the_properties_follows(situation, before):
    again = notebook(review_of(situation, WARD, NOW))
    again.cells[0].outputs[0].metadata["sonla"]["title"] = "Báo cáo khác"
    done = brought(word(before), again)
    assert docx.Document(io.BytesIO(done.content)).core_properties.title == "Báo cáo khác"


def test_bold_and_italic_words_are_so_after_a_refresh(situation):
    def made(date: str, sentence: str):
        review = review_of(situation, WARD, date)
        title = sentences.page_title(review)
        begin = handmade.display({"text/markdown": title}, page.document_record(review, title))
        cells = [begin, handmade.text(f"## Kết quả\n\n{sentence}")]
        return nbformat.v4.new_notebook(cells=[handmade.cell(one) for one in cells])

    first = made(BEFORE, "Toàn xã: **53** hộ nghèo, *giảm*")
    second = made(NOW, "Toàn xã: **41** hộ nghèo, *giảm nhanh*")
    done = brought(word(first), second)
    expected = [("Toàn xã: ", None, None), ("41", True, None)]
    expected += [(" hộ nghèo, ", None, None), ("giảm nhanh", None, True)]
    for content in (word(second), done.content):
        paragraphs = docx.Document(io.BytesIO(content)).paragraphs
        (own,) = [one for one in paragraphs if one.text.startswith("Toàn xã:")]
        assert [(one.text, one.bold, one.italic) for one in own.runs] == expected


# --- edited by a person ---------------------------------------------------------------------


def test_an_edited_sentence_stays_and_is_told_with_what_the_data_say(old, now):
    mine = "Toàn xã chỉ còn 53 hộ nghèo, giảm rất nhanh"
    done = brought(edited(old, typed(HEADLINE, mine)), now)
    assert mine in "\n".join(lines(done.content))
    (change,) = done.outdated
    assert mine in change.old and "Toàn xã còn" in change.new and mine not in change.new


def test_an_edited_cell_stays_and_its_neighbours_are_brought_up_to_date(situation, old, now, new):
    value = row_of(old, "Tỷ lệ hộ nghèo")[3]

    def edit(root):
        cell = next(one for one in root.iter(qn("w:t")) if one.text == value)
        cell.text = "chừng 4%"

    done = brought(edited(old, edit), now)
    assert [one.new for one in done.outdated if one.place] == [row_of(new, "Tỷ lệ hộ nghèo")[3]]
    row = row_of(done.content, "Tỷ lệ hộ nghèo")
    assert row[3] == "chừng 4%" and row[4:] == row_of(new, "Tỷ lệ hộ nghèo")[4:]


def row_of(content: bytes, name: str) -> list[str]:
    for row in tree(content).iter(qn("w:tr")):
        texts = ["".join(t.text for t in cell.iter(qn("w:t"))) for cell in row.iter(qn("w:tc"))]
        if name in texts and "%" in "".join(texts):
            return texts
    raise AssertionError(name)


def test_what_is_edited_while_the_data_stay_is_kept_without_alarm(old, before):
    done = brought(edited(old, typed(HEADLINE, "Xã còn 53 hộ nghèo")), before)
    assert done.content is None and done.outdated == []
    assert "Xã còn 53 hộ nghèo" in done.kept[0].old


def test_a_person_who_already_typed_the_new_figures_is_not_told_anything(old, now, new):
    fresh = next(one for one in lines(new) if "hộ cận nghèo. Việc cần làm" in one)
    stale = next(one for one in lines(old) if "hộ cận nghèo. Việc cần làm" in one)
    done = brought(edited(old, typed(stale, fresh)), now)
    assert done.outdated == done.kept == [] and lines(done.content) == lines(new)


def test_text_added_around_ours_stays(old, now, new):
    def edit(root):
        sentence = next(one for one in root.iter(qn("w:p")) if HEADLINE in "".join(one.itertext()))
        own = root.makeelement(qn("w:r"))
        text = etree.SubElement(own, qn("w:t"))
        text.text = "Nguyên nhân: mưa lũ."
        sentence.append(own)
        other = deepcopy(sentence)
        for one in list(other):
            other.remove(one)
        other.append(deepcopy(own))
        sentence.addnext(other)

    done = brought(edited(old, edit), now)
    assert done.outdated == []
    found = lines(done.content)
    assert found.count("Nguyên nhân: mưa lũ.") == 1
    assert [
        one.replace("Nguyên nhân: mưa lũ.", "") for one in found if one != "Nguyên nhân: mưa lũ."
    ] == lines(new)


def test_a_text_typed_over_as_a_whole_is_lost_and_said(old, now):
    stale = next(one for one in lines(old) if one.startswith("- Hỗ trợ radio"))[2:]
    done = brought(edited(old, typed_over(stale, "radio: xem văn bản khác")), now)
    assert [one.old for one in done.lost] == [stale]
    found = "\n".join(lines(done.content))
    assert "radio: xem văn bản khác" in found and "- Hỗ trợ radio" not in found
    assert brought(done.content, now).lost == []  # said once, while the data stay


def test_a_paragraph_deleted_by_a_person_does_not_come_back(old, now):
    def edit(root):
        gone = next(p for p in root.iter(qn("w:p")) if "Hỗ trợ radio:" in "".join(p.itertext()))
        gone.getparent().remove(gone)

    done = brought(edited(old, edit), now)
    assert "Hỗ trợ radio:" not in "\n".join(lines(done.content))
    assert "Hỗ trợ radio:" in told(done.lost)


def test_runs_cut_in_pieces_by_word_are_still_untouched(old, now, new):
    done = brought(edited(old, saved_by_word), now)
    assert lines(done.content) == lines(new)
    assert done.outdated == done.kept == done.lost == []


def test_a_tracked_deletion_is_an_edit(old, now):
    def edit(root):
        run = next(one for one in root.iter(qn("w:r")) if HEADLINE in "".join(one.itertext()))
        wrap = root.makeelement(qn("w:del"), {qn("w:id"): "1", qn("w:author"): "x"})
        run.addprevious(wrap)
        wrap.append(run)
        for one in run.iter(qn("w:t")):
            one.tag = qn("w:delText")

    done = brought(edited(old, edit), now)
    assert HEADLINE in "".join(tree(done.content).itertext())
    assert "Toàn xã còn" in told(done.outdated)


def test_the_look_a_person_gave_a_text_stays(old, now):
    def edit(root):
        run = next(one for one in root.iter(qn("w:r")) if HEADLINE in "".join(one.itertext()))
        run.get_or_add_rPr().append(root.makeelement(qn("w:highlight"), {qn("w:val"): "yellow"}))

    done = brought(edited(old, edit), now)
    marked = [
        run
        for run in tree(done.content).iter(qn("w:r"))
        if run.find(f".//{qn('w:highlight')}") is not None
    ]
    assert len(marked) == 1 and "31 tháng 12" in "".join(marked[0].itertext())


def test_a_picture_put_in_by_a_person_stays(old, now):
    def edit(content: bytes, other: bytes) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(file, "w") as made:
            first = next(one for one in archive.namelist() if one.endswith(".png"))
            for one in archive.namelist():
                made.writestr(one, other if one == first else archive.read(one))
        return file.getvalue()

    own = png(7, 7)
    done = brought(edit(old, own), now)
    assert own in pictures(done.content)
    assert len(done.outdated) == 1 and "Hình" in done.outdated[0].place[0]


def test_a_document_without_properties_gets_none(old, now, new):
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(old)) as archive, zipfile.ZipFile(file, "w") as made:
        for one in archive.namelist():
            if one != "docProps/core.xml":
                made.writestr(one, archive.read(one))
    done = brought(file.getvalue(), now)
    assert lines(done.content) == lines(new)
    assert "docProps/core.xml" not in zipfile.ZipFile(io.BytesIO(done.content)).namelist()


def test_a_picture_keeps_the_width_a_person_gave_it(old, now):
    def edit(root):
        next(root.iter(qn("wp:extent"))).set("cx", "1000000")

    done = brought(edited(old, edit), now)
    extent = next(tree(done.content).iter(qn("wp:extent")))
    assert extent.get("cx") == "1000000"
    assert int(extent.get("cy")) == pytest.approx(2_000_000, rel=0.001)  # twice as high as wide
    assert NOW in next(tree(done.content).iter(qn("wp:docPr"))).get("descr")


def test_a_picture_that_word_never_fetched_does_not_stop_a_refresh(old, now, new):
    """Word writes such a relation, to a part that is not there; python-docx would refuse it."""

    def edit(root):
        kind = f"{RELATION.rpartition('/')[0]}/image"
        known = {"Id": "rIdNone", "Type": kind, "Target": "NULL"}
        root.append(root.makeelement(root[0].tag, known))

    done = brought(edited(old, edit, "word/_rels/document.xml.rels"), now)
    assert lines(done.content) == lines(new)
    assert b"NULL" in zipfile.ZipFile(io.BytesIO(done.content)).read("word/_rels/document.xml.rels")


@settings(max_examples=8)
@given(data=st.data())
def test_whatever_is_edited_survives_and_all_else_equals_the_new_record(data, old, now, new):
    held = memory_of(zipfile.ZipFile(io.BytesIO(old)).read(CUSTOM))["held"]
    texts = sorted(name for name, one in held.items() if not one.startswith("sha256:"))
    chosen = data.draw(st.lists(st.sampled_from(texts), unique=True, max_size=20))

    def edit(root):
        for name in chosen:
            start = root.find(
                f".//{qn('w:bookmarkStart')}[@{qn('w:name')}='{bookmark_name(name)}']"
            )
            place = next(start.getnext().iter(qn("w:t")))
            place.text = f"{place.text[:-1]}✎{place.text[-1:]}"

    before = edited(old, edit)
    done = brought(before, now)
    content = done.content or before
    was, found, fresh = lines(before), lines(content), lines(new)
    assert sorted(one for one in found if "✎" in one) == sorted(one for one in was if "✎" in one)
    assert len(done.outdated) + len(done.kept) == len(chosen)
    assert [one for one in found if "✎" not in one] == [
        one for one, own in zip(fresh, found, strict=True) if "✎" not in own
    ]


# --- rows, entries and charts that come and go ----------------------------------------------


@pytest.fixture(scope="module")
def with_a_silent_ward(situation):
    """The city while one ward has sent nothing: a row less in the forms, other sentences."""
    silent = changed(situation, silence("03679", NOW))
    return notebook(review_of(silent, CITY, NOW))


@pytest.fixture(scope="module")
def whole_city(situation):
    return notebook(review_of(situation, CITY, NOW))


def test_a_ward_that_reports_later_gets_its_rows(with_a_silent_ward, whole_city):
    done = brought(word(with_a_silent_ward), whole_city)
    assert lines(done.content) == lines(word(whole_city))
    assert done.outdated == done.lost == []
    assert brought(done.content, whole_city).content is None


def test_a_table_of_other_columns_is_taken_as_a_whole(situation, before):
    ward = notebook(review_of(situation, WARD, BEFORE))
    cell = ward.cells[-1].outputs[0].metadata["sonla"]
    for part in (cell["columns"], cell["heads"], *cell["rows"], *cell["texts"]):
        part[-1:] = []
    done = brought(word(ward), before)
    assert lines(done.content) == lines(word(before))


def test_rows_and_edited_cells_leave_the_table_as_it_is(situation, before):
    fewer = deepcopy(before)
    cell = fewer.cells[-1].outputs[0].metadata["sonla"]
    cell["rows"], cell["texts"] = cell["rows"][1:], cell["texts"][1:]
    cell["totals"] = [one - 1 for one in cell["totals"]]
    made = word(fewer)
    mine = edited(made, typed(cell["texts"][0][1], "sửa tay"))
    done = brought(mine, before)
    assert [one.place for one in done.outdated] == [("Kinh phí thực hiện",)]
    assert done.content is None or lines(done.content) == lines(mine)
    assert lines(brought(made, before).content) == lines(word(before))


def test_a_column_of_a_persons_own_is_never_thrown_away(before):
    fewer = deepcopy(before)
    cell = fewer.cells[-1].outputs[0].metadata["sonla"]
    cell["rows"], cell["texts"] = cell["rows"][1:], cell["texts"][1:]
    cell["totals"] = [one - 1 for one in cell["totals"]]

    def edit(root):
        named = (one for one in root.iter(qn("w:tblCaption")) if "Kinh phí" in one.get(qn("w:val")))
        for row in next(next(named).iterancestors(qn("w:tbl"))).iter(qn("w:tr")):
            own = deepcopy(row.findall(qn("w:tc"))[-1])
            for one in list(own.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd"))):
                one.getparent().remove(one)
            next(own.iter(qn("w:t"))).text = "ghi chú của tôi"
            row.append(own)

    mine = edited(word(fewer), edit)
    done = brought(mine, before)
    assert [one.place for one in done.outdated] == [("Kinh phí thực hiện",)]
    assert done.content is None or "ghi chú của tôi" in "".join(lines(done.content))


@pytest.mark.parametrize("own", ["*", "(xem phụ lục)"])
def test_a_sentence_that_goes_stays_where_a_person_added_to_its_paragraph(situation, old, own):
    without = notebook(review_of(situation, WARD, BEFORE), without=("Vay vốn",))

    def edit(root):
        paragraph = next(p for p in root.iter(qn("w:p")) if "Vay vốn ưu đãi:" in text(p))
        etree.SubElement(etree.SubElement(paragraph, qn("w:r")), qn("w:t")).text = own

    done = brought(edited(old, edit), without)
    assert "Vay vốn ưu đãi:" in told(done.outdated) and done.content is None


def text(paragraph) -> str:
    return "".join(one.text or "" for one in paragraph.iter(qn("w:t")))


def test_a_sentence_that_comes_and_one_that_goes(situation, before, old):
    review = review_of(situation, WARD, BEFORE)
    without = notebook(review, without=("Vay vốn", "Hỗ trợ radio"))
    assert lines(brought(word(without), before).content) == lines(old)
    done = brought(old, without)
    assert lines(done.content) == lines(word(without))
    assert "Vay vốn ưu đãi" in told(done.updated)


def test_a_sentence_that_goes_but_was_edited_stays_and_is_told(situation, old):
    without = notebook(review_of(situation, WARD, BEFORE), without=("Vay vốn",))
    done = brought(edited(old, typed("Vay vốn ưu đãi:", "Về vay vốn:")), without)
    assert [one.old[:11] for one in done.outdated] == ["Về vay vốn:"]
    assert done.content is None


def test_charts_that_come_and_go(situation, before, old):
    review = review_of(situation, WARD, BEFORE)
    more = notebook(review, charts=("board", "new", "path"))
    done = brought(old, more)
    assert lines(done.content) == lines(word(more))
    assert pictures(done.content) == pictures(word(more))
    back = brought(done.content, before)
    assert lines(back.content) == lines(old) and pictures(back.content) == pictures(old)


# --- an office's own template ---------------------------------------------------------------


def own_template(tmp_path, *texts: str) -> str:
    document = docx.Document()
    for text in texts:
        document.add_paragraph(text)
    document.sections[0].header.paragraphs[0].text = "{{ ward|upper }}, {{ as_of }}"
    path = tmp_path / "mau.docx"
    document.save(path)
    return str(path)


FORM = (
    "Báo cáo của {{ ward }} ngày {{ date }}",
    "Tỷ lệ {{ poor_household_rate.value }} ({{ poor_household_rate.numerator }} hộ), lặp lại: "
    "{{ poor_household_rate.value }}{% if poor_household_rate.status == 'x' %} sai{% endif %}",
    "{{ tables.progress }}",
    "{{ charts.path }}",
)


@pytest.mark.parametrize("form", [FORM, (*FORM[:2], "{{ body }}", "{{ annexes }}")])
def test_a_report_in_the_offices_own_template_needs_no_template_again(tmp_path, before, now, form):
    template = own_template(tmp_path, *form)
    done = brought(word(before, word_template=template), now)
    fresh = word(now, word_template=template)
    assert lines(done.content) == lines(fresh) and pictures(done.content) == pictures(fresh)
    name = next(one for one in zipfile.ZipFile(io.BytesIO(fresh)).namelist() if "header" in one)
    texts = ["".join(tree(one, name).itertext()) for one in (done.content, fresh)]
    assert texts[0].strip() == texts[1].strip() and "31 tháng 12" in texts[0]


def test_properties_of_the_template_stay_beside_ours(tmp_path, before, now):
    template = own_template(tmp_path, "{{ body }}")
    document = docx.Document(template)
    own = with_memory(None, {}).replace(b"sonla_0000", "Phòng".encode())
    part = Part(PackURI(f"/{CUSTOM}"), TYPE, own, document.part.package)
    document.part.package.relate_to(part, RELATION)
    document.save(template)
    done = brought(word(before, word_template=template), now)
    with zipfile.ZipFile(io.BytesIO(done.content)) as archive:
        content = archive.read(CUSTOM)
    assert [one.get("name") for one in parse_xml(content)].count("Phòng") == 1
    assert memory_of(content)["as_of"] == NOW


# --- the command ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_wards(tmp_path_factory) -> Path:
    """A report of the batch, of the small city's first ward."""
    folder = tmp_path_factory.mktemp("reports")
    words = ["report", str(TWO_WARDS), "--unit", "03646", "--to", "docx", "--out", str(folder)]
    assert main(words) == 0
    return next(folder.glob("*/report.docx"))


@pytest.fixture
def file(two_wards, tmp_path) -> Path:
    return Path(shutil.copy2(two_wards, tmp_path / "report.docx"))


def test_the_command_writes_nothing_where_nothing_changed(capsys, file):
    content = file.read_bytes()
    code, out, _ = said(capsys, "refresh", file, "--data", TWO_WARDS)
    assert code == 0 and "Không có gì phải cập nhật" in out
    assert file.read_bytes() == content and list(file.parent.iterdir()) == [file]


def test_the_command_updates_in_place_and_keeps_the_former_file(capsys, file, tmp_path):
    data = Path(shutil.copytree(TWO_WARDS, tmp_path / "data"))
    counts = data / "unit_counts.csv"
    first, *rows = counts.read_text(encoding="utf-8").splitlines()
    place = first.split(",").index("officers_trained")
    cells = [row.split(",") for row in rows]
    trained = next(row for row in cells if "03646" in row and NOW in row)
    was, trained[place] = trained[place], "1"
    counts.write_text("\n".join([first, *(",".join(row) for row in cells)]), encoding="utf-8")
    content = file.read_bytes()
    code, out, _ = said(capsys, "refresh", file, "--data", data)
    assert code == 0 and "ĐÃ CẬP NHẬT" in out and f"Số lượng {was} → 1" in out
    (former,) = file.parent.glob("report.da-sua-*.docx")
    assert former.read_bytes() == content and former.name in out
    words = ["report", str(data), "--unit", "03646", "--to", "docx", "--out", str(tmp_path / "r")]
    assert main(words) == 0
    fresh = next(tmp_path.glob("r/*/report.docx")).read_bytes()
    assert lines(file.read_bytes()) == lines(fresh)
    assert pictures(file.read_bytes()) == pictures(fresh)


def test_in_a_working_folder_its_data_and_plan_are_taken(capsys, file, tmp_path, monkeypatch):
    shutil.copytree(TWO_WARDS, tmp_path / "data")
    (tmp_path / "office.toml").write_text("", encoding="utf-8")
    shutil.copy2(PLAN, tmp_path / "plan.toml")
    monkeypatch.chdir(tmp_path)
    code, out, err = said(capsys, "refresh", "report.docx")
    assert (code, err) == (0, "") and "Không có gì phải cập nhật" in out


def broken(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2000])


def foreign(path: Path) -> None:
    docx.Document().save(path)


def forgotten(path: Path) -> None:
    path.write_bytes(edited(path.read_bytes(), lambda root: root.remove(root[0]), CUSTOM))


def opened(path: Path) -> None:
    path.with_name(".~lock.report.docx#").write_text("")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (broken, "không phải tệp Word"),
        (foreign, "không phải báo cáo do phần mềm này lập"),
        (forgotten, "không phải báo cáo do phần mềm này lập"),
        (opened, "đang mở trong Word hoặc LibreOffice"),
        (Path.unlink, "không có tệp"),
    ],
)
def test_what_is_no_report_of_ours_is_refused_in_one_sentence(capsys, file, spoil, words):
    spoil(file)
    before = {one: one.read_bytes() for one in file.parent.iterdir()}
    code, out, err = said(capsys, "refresh", file, "--data", TWO_WARDS)
    assert code in (1, 2) and out == "" and words in err and len(err.splitlines()) == 1
    assert {one: one.read_bytes() for one in file.parent.iterdir()} == before


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (("--as-of", "2018-12-31"), "2018-12-31"),
        (("--plan", "nowhere"), "nowhere"),
        (("--plan", "{plan}"), "phải lập mới"),
        (("--data", "{real}"), "số liệu giả lập, còn số liệu này là số liệu thật"),
        (("--data", "{other}"), "03646"),
    ],
)
def test_other_data_dates_and_plans_are_refused(capsys, file, tmp_path, words, refusal):
    plan = tmp_path / "other.toml"
    plan.write_text(
        PLAN.read_text(encoding="utf-8").replace('id = "kh159_2020"', 'id = "other"', 1),
        encoding="utf-8",
    )
    real = Path(shutil.copytree(TWO_WARDS, tmp_path / "real"))
    (real / "about.toml").unlink()
    other = Path(shutil.copytree(TWO_WARDS, tmp_path / "other"))
    for one in other.glob("*.csv"):
        rows = one.read_text(encoding="utf-8").splitlines()
        one.write_text("\n".join(row for row in rows if "03646" not in row), encoding="utf-8")
    given = [one.format(plan=plan, real=real, other=other) for one in words]
    data = [] if "--data" in words else ["--data", TWO_WARDS]
    content = file.read_bytes()
    code, out, err = said(capsys, "refresh", file, *data, *given)
    assert code == 2 and out == "" and refusal in err
    assert file.read_bytes() == content


def test_a_full_disk_leaves_the_file_as_it_was(capsys, file, monkeypatch):
    import sonla_analysis.batch.refresh as module

    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_whole", full)
    content = file.read_bytes()
    code, _, err = said(capsys, "refresh", file, "--data", TWO_WARDS, "--as-of", "2019-12-31")
    assert code == 1 and "không ghi được" in err
    assert file.read_bytes() == content and list(file.parent.iterdir()) == [file]


# --- LibreOffice ----------------------------------------------------------------------------


@pytest.mark.office
@pytest.mark.parametrize("unit", [WARD, CITY])
def test_a_report_saved_twice_by_libreoffice_with_an_edit_between(tmp_path, situation, unit):
    first, second = (notebook(review_of(situation, unit, date)) for date in (BEFORE, NOW))
    path = tmp_path / "report.docx"
    path.write_bytes(word(first))
    once = convert(path, "docx:MS Word 2007 XML", tmp_path / "once")
    mine = "Vay vốn (xem báo cáo của ngân hàng):"
    once.write_bytes(edited(once.read_bytes(), typed("Vay vốn ưu đãi:", mine)))
    content = convert(once, "docx:MS Word 2007 XML", tmp_path / "twice").read_bytes()
    done = brought(content, second)
    assert [mine in one.old for one in done.outdated] == [True] and done.lost == done.kept == []
    stale = next(one for one in lines(word(second)) if one.startswith("- Vay vốn ưu đãi"))
    found = [one for one in lines(done.content) if one]
    expected = [one for one in lines(word(second)) if one]
    place = expected.index(stale)
    assert (
        mine in found[place]
        and found[:place] + found[place + 1 :] == expected[:place] + expected[place + 1 :]
    )
    assert pictures(done.content) == pictures(word(second))
    path.write_bytes(done.content)
    again = convert(path, "docx:MS Word 2007 XML", tmp_path / "thrice").read_bytes()
    assert brought(again, second).content is None


@pytest.mark.office
def test_rows_and_charts_that_come_into_a_report_saved_by_libreoffice(
    tmp_path, situation, with_a_silent_ward
):
    whole = notebook(review_of(situation, CITY, NOW), charts=("board", "new", "path"))
    path = tmp_path / "report.docx"
    path.write_bytes(word(with_a_silent_ward))
    saved = convert(path, "docx:MS Word 2007 XML", tmp_path / "saved").read_bytes()
    done = brought(saved, whole)
    assert [one for one in lines(done.content) if one] == [one for one in lines(word(whole)) if one]
    path.write_bytes(done.content)
    printed = convert(path, "pdf", tmp_path / "printed")
    text = subprocess.run(["pdftotext", printed, "-"], capture_output=True, text=True).stdout
    assert "Chiềng Sinh" in text
