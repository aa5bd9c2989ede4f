"""What a page leaves in its notebook: text taken literally, tables escaped, a record of each."""

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from sonla_analysis import charts, page
from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.page import report_tables as forms
from sonla_analysis.review import open_review
from sonla_analysis.sentences.table import Column, Table


@pytest.fixture(scope="module")
def review():
    return open_review(sample_folder(), "03661", "2020-12-31")


@pytest.fixture
def shown():
    """Run a page's call in a shell, and return the outputs it left."""
    InteractiveShell.instance()

    def outputs(call, *arguments, **options):
        with capture_output() as captured:
            call(*arguments, **options)
        return captured.outputs

    yield outputs
    InteractiveShell.clear_instance()


class Drawn:
    """A chart as page.show sees it."""

    slug, title, subtitle, source, alt = "movement", "Một hộ", "Phường A", "Nguồn", "Biểu đồ"
    numbers = pd.DataFrame({"Năm": [2020, None]})
    frame = pd.DataFrame(
        {"year": pd.array([2020, None], dtype="Int64"), "share": [0.5, float("nan")]}
    )

    @property
    def values(self):
        return {0: self.frame["year"]}

    def svg(self, *, text=False):
        return "<svg><text/></svg>" if text else "<svg/>"

    def png(self, dpi=150):
        return b"png"


def test_markup_in_a_sentence_is_taken_literally(shown):
    (output,) = shown(page.say, "a <b>*c*</b> $d$ [e](f)")
    text = output.data["text/markdown"]
    assert text == r"a \<b\>\*c\*\</b\> \$d\$ \[e\](f)"


def test_several_sentences_become_a_list_under_the_section_s_heading(shown):
    heading, text = shown(page.say, ["một", "hai"], under="Kết quả")
    assert heading.data["text/markdown"] == "## Kết quả"
    assert text.data["text/markdown"] == "- một\n- hai"


def test_a_table_shows_hostile_text_as_text(shown):
    hostile = "<script>alert(1)</script>"
    table = Table("t", hostile, [Column("a", hostile)], [[hostile]], [[hostile]], [hostile])
    (output,) = shown(page.table, table)
    assert "<script" not in output.data["text/html"]
    assert output.data["text/html"].count("&lt;script&gt;") == 4


def test_a_chart_carries_its_alt_text_and_its_numbers(shown):
    (output,) = shown(page.show, Drawn())
    assert output.data["text/plain"] == "Biểu đồ"
    record = output.metadata["sonla"]
    rows = {"rows": [["2020.0"], ["–"]], "values": [[2020, None]]}
    assert record["numbers"] == {"columns": ["Năm"]} | rows
    assert record["frame"] == {"columns": ["year", "share"], "rows": [[2020, 0.5], [None, None]]}


def test_at_the_keyboard_no_file_is_written(shown, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown(page.show, Drawn())
    assert list(tmp_path.iterdir()) == []


def test_in_a_batch_charts_are_saved_in_the_order_of_the_page(shown, tmp_path, monkeypatch):
    monkeypatch.setenv("SONLA_CHARTS_FOLDER", str(tmp_path))
    monkeypatch.setenv("SONLA_CHARTS_FORMATS", "svg,png")
    shown(page.show, Drawn(), Drawn())
    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["01-movement.png", "01-movement.svg", "02-movement.png", "02-movement.svg"]


def test_a_chart_is_shown_with_its_texts_as_text_and_at_the_keyboard_with_their_font(
    shown, tmp_path, monkeypatch
):
    monkeypatch.delenv("SONLA_CHARTS_FORMATS", raising=False)
    (output,) = shown(page.show, Drawn())
    assert "<text" in output.data["image/svg+xml"] and "@font-face" in output.data["image/svg+xml"]
    monkeypatch.setenv("SONLA_CHARTS_FOLDER", str(tmp_path))
    monkeypatch.setenv("SONLA_CHARTS_FORMATS", "svg,text")
    (output,) = shown(page.show, Drawn())
    assert output.data["image/svg+xml"] == Drawn().svg(text=True)
    assert (tmp_path / "01-movement.svg").read_text() == Drawn().svg()


def test_the_document_record_holds_every_figure_of_the_plan(shown, review):
    (output,) = shown(page.begin, review)
    record = output.metadata["sonla"]
    assert len(record["progress"]) == 17
    assert record["unit_name"] == "xã Chiềng Đen"
    assert record["synthetic"] is True
    figures = {one["indicator"]: one for one in record["progress"]}
    assert figures["poor_area_information"]["texts"]["value"] == "không áp dụng"
    assert figures["poor_area_information"]["value"] is None


def test_the_page_s_first_lines_say_that_the_data_are_synthetic(shown, review):
    (output,) = shown(page.begin, review)
    assert "giả lập" in output.data["text/markdown"]


# --- what every output is about ----------------------------------------------------------


def stamps(outputs) -> list[dict]:
    return [output.metadata["sonla"]["stamp"] for output in outputs]


def test_every_output_of_a_page_carries_its_unit_date_plan_and_figures(shown, review):
    outputs = shown(page.begin, review) + shown(page.say, ["một", "hai"], under="Kết quả")
    outputs += shown(page.say, "một") + shown(page.table, Table("t", "T", [], [], []))
    outputs += shown(page.show, Drawn())
    assert stamps(outputs) == [review.stamp] * 6
    told = {"unit": "03661", "as_of": "2020-12-31", "plan": "kh159_2020"}
    assert review.stamp.items() > told.items()


def test_a_table_and_a_chart_of_another_unit_carry_that_units_stamp(shown, review):
    other = open_review(sample_folder(), "03646", "2020-12-31")
    shown(page.begin, review)
    outputs = shown(page.table, forms.progress(other)) + shown(page.show, charts.spine(other))
    assert stamps(outputs) == [other.stamp] * 2


def test_before_a_page_has_begun_its_outputs_are_about_nothing(shown):
    assert stamps(shown(page.say, "một")) == [{}]


def test_other_figures_are_another_stamp(review):
    from dataclasses import replace

    progress = review.progress.assign(numerator=review.progress["numerator"] + 1)
    changed = replace(review, data=replace(review.data, progress=progress))
    differs = {key for key in review.stamp if review.stamp[key] != changed.stamp[key]}
    assert differs == {"figures"}
