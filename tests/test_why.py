"""Where a figure comes from: its counts, its senders and its rule, true in every state."""

import re
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from batch import change, small_city
from cities import CITY, DATE, changed, silence
from commands import said

from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.indicators.measure import review_dates
from sonla_analysis.office.html import _environment
from sonla_analysis.page import document_record
from sonla_analysis.review import open_data, review_of
from sonla_analysis.sentences.why import by_unit, why
from sonla_analysis.tables.sources import read_sources

WARD, COMMUNE = "03646", "03661"
LABELS = {"definition": "Định nghĩa", "numerator": "Tử số", "denominator": "Mẫu số"}
LABELS |= {"value": "Cách tính và làm tròn", "rule": "Căn cứ đánh giá", "left": "Còn phải làm"}
LABELS |= {"blanks": "Chưa ghi thông tin", "senders": "Nguồn và ngày nhận"}
LABELS |= {"units": "Cộng từ các xã, phường", "count": "Cách đếm"}


def told(situation, indicator, unit=WARD, as_of=DATE, language="vi", **options) -> dict[str, str]:
    """Return what is told of a figure by the name of its label."""
    pairs = dict(why(review_of(situation, unit, as_of, language), indicator, **options))
    return {name: pairs[label] for name, label in LABELS.items() if label in pairs}


# --- at the command line -----------------------------------------------------------------


def test_a_figure_is_asked_for_by_its_number_or_its_id_and_its_unit_by_name(capsys):
    by_id = said(capsys, "why", "poor_household_rate", "--unit", WARD, "--as-of", "31/12/2020")
    by_number = said(capsys, "why", "1A", sample_folder(), "--unit", "Chiềng Lề")
    assert by_id[0] == 0 and by_id[1] == by_number[1]
    assert "4 ÷ 3.547 × 100 = 0,112771…%, ghi là 0,11%" in by_id[1]
    assert by_id[1].startswith("1a. Tỷ lệ hộ nghèo\nPhường Chiềng Lề, ngày 31/12/2020")


def test_without_a_unit_the_area_is_told_with_every_unit_and_their_sum(capsys):
    code, out, _ = said(capsys, "why", "schools_national_standard", "--as-of", "2020-09-30")
    lines = [line.split() for line in out.partition("Cộng từ các xã, phường:")[2].splitlines()]
    counts = [tuple(map(int, line[-1].split("/"))) for line in lines if line]
    assert code == 0 and len(counts) == 12 + 1
    assert tuple(map(sum, zip(*counts[:-1], strict=True))) == counts[-1] == (34, 43)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_in_an_offices_folder_no_path_is_needed(tmp_path, monkeypatch, capsys, language):
    folder = small_city(tmp_path / "data")
    change(folder, "unit_counts", lambda frame: frame)
    (tmp_path / "office.toml").write_text("")
    shutil.copy(sample_plan(), tmp_path / "plan.toml")
    monkeypatch.chdir(tmp_path)
    code, out, err = said(capsys, "why", "1a", "--unit", WARD, "--language", language)
    assert (code, err) == (0, "")
    assert ("÷" in out) and ("Định nghĩa" in out) == (language == "vi")


def sample_plan():
    from importlib.resources import files

    return files("sonla_analysis") / "definitions/plans/kh159_2020.toml"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (["1c"], "chỉ tiêu phải là một trong: 1a (poor_household_rate), 1b"),
        (["poor_household_rat"], "có phải là 'poor_household_rate'?"),
        (
            ["1a", "--unit", "3646"],
            "mã đơn vị phải là một trong: 116 thành phố Sơn La, 03646 phường",
        ),
        (["1a", "--as-of", "2020-12-30"], "có phải là '2020-12-31'?"),
        ([], "thiếu tham số FIGURE"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is_allowed(capsys, asked, sentence):
    code, out, err = said(capsys, "why", *asked)
    assert (code, out) == (2, "") and sentence in err


# --- counts and sums ---------------------------------------------------------------------


def test_every_sum_of_the_area_is_the_sum_of_what_stands_beside_its_units(situation):
    review = review_of(situation, CITY, DATE, "vi")
    for name, row in review.now.iterrows():
        *units, (label, total) = by_unit(review, name)
        counts = [text for _, text in units if re.search(r"\d", text)]
        parts = [
            [int(n.strip("()*").replace(".", "").replace("−", "-")) for n in text.split("/")]
            for text in [*counts, total]
        ]
        assert label == "Cộng" and [sum(n) for n in zip(*parts[:-1], strict=True)] == parts[-1]
        assert parts[-1][0] == row["numerator"]


def test_the_lines_that_were_looked_at_are_those_of_the_unit_on_the_date(situation):
    rows = situation.tables["households"]
    lines = ((rows["unit"] == WARD) & (rows["as_of"] == DATE)).sum()
    poor = rows[(rows["unit"] == WARD) & (rows["as_of"] == DATE)]["status"].str.startswith("poor")
    assert told(situation, "poor_household_rate")["numerator"].endswith(
        f": {poor.sum()}, đếm trong {lines} dòng của bảng “hộ trong danh sách rà soát”"
    )
    assert told(situation, "hygienic_water")["numerator"].endswith("3 trong số 4 của mẫu số")


def test_a_fall_is_worked_out_from_the_start_and_the_end(situation):
    review = review_of(situation, CITY, DATE, "vi")
    row = review.now.loc["poor_household_reduction"]
    start, fewer = row["denominator"], row["numerator"]
    assert told(situation, "poor_household_reduction", CITY)["numerator"].endswith(
        f"{start} − {start - fewer} = {fewer}"
    )


# --- the rule ----------------------------------------------------------------------------


def test_what_is_met_by_rounding_shows_both_the_exact_and_the_rounded_value(situation):
    found = told(situation, "schools_national_standard", CITY, "2020-09-30")
    assert "34 ÷ 43 × 100 = 79,069767…%" in found["value"]
    assert found["rule"].startswith("Đạt do làm tròn: 79,1% so với ≥ 79,1%, làm tròn đến 1 chữ số")


def test_the_pace_names_both_ends_of_the_line_and_where_it_stands(situation):
    found = told(situation, "health_insurance_coverage", WARD, "2020-09-30")["rule"]
    # from 40 of 42 at the start to 100 % in 366 days, 274 of them gone
    at = 40 / 42 * 100 + (100 - 40 / 42 * 100) * 274 / 366
    assert f"{at:.2f}%".replace(".", ",") in found
    assert "từ 95,24% (ngày 31/12/2019) đến 100% (ngày 31/12/2020)" in found


def test_what_accumulates_within_the_year_starts_from_nothing(situation):
    found = told(situation, "radios_supported", CITY, "2020-06-30")["rule"]
    at = 91 * 182 / 366
    assert "từ 0,0 (ngày 31/12/2019)" in found and f"{at:.1f}".replace(".", ",") in found


@pytest.mark.parametrize("as_of", ["2020-06-30", "2020-09-30", "2020-12-31"])
def test_what_is_still_to_do_is_enough_and_one_less_is_not(situation, as_of):
    """The numbers are taken out of the text, and judged with other means than the text's."""
    checked = 0
    for unit in (CITY, WARD, COMMUNE):
        review = review_of(situation, unit, as_of, "vi")
        for one in (one for one in situation.plan.indicators if not one.lower_is_better):
            text = dict(why(review, one.id)).get(LABELS["left"], "")
            if "với mẫu số" not in text:
                continue
            of, goal = map(
                int, re.search(r"mẫu số (\d+), .*?(\d+) \(", text.replace(".", "")).groups()
            )
            exact = one.target == 100 or one.direction == "above"
            reached = [
                (n / of * 100 >= one.target if exact else round(n / of * 100 + 1e-9, one.decimals))
                for n in (goal, goal - 1)
            ]
            limit = True if exact else float(one.target)
            assert reached[0] >= limit and not reached[1] >= limit
            checked += 1
    assert checked > 5


# --- every state -------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["vi", "en"])
def test_nothing_is_left_unsaid_or_half_said_whatever_the_state(situation, language):
    for as_of in review_dates(situation.tables):
        for unit in (CITY, WARD, COMMUNE, "03652"):
            review = review_of(situation, unit, as_of, language)
            for name in review.now.index:
                pairs = why(review, name) + why(review, name, inside=True)
                text = " ".join(f"{label}: {one}" for label, one in pairs)
                assert not {"nan", "None", "<NA>", "{", "}"} & set(text.split()) and "{" not in text
                assert "::" not in text and "  " not in text


def test_who_is_silent_is_named_and_left_out_of_the_sum(situation):
    quiet = changed(situation, silence(COMMUNE))
    found = told(quiet, "full_vaccination", COMMUNE)
    assert "value" not in found and "left" not in found
    assert found["rule"] == (
        "Chưa có số liệu: bảng “số liệu chung của xã, phường” không có dòng nào của đơn vị ở ngày "
        "này"
    )
    city = told(quiet, "full_vaccination", CITY)
    assert "cộng từ 11 dòng" in city["numerator"]
    assert city["units"].endswith("Chưa tính 1/12 đơn vị: xã Chiềng Đen")
    assert city["rule"].startswith("Chưa đánh giá vì còn đơn vị chưa có số liệu")


def test_lines_that_say_too_little_are_no_silence(situation):
    def blank(tables):
        counts = tables["unit_counts"]
        here = (counts["unit"] == WARD) & (counts["as_of"] == DATE)
        tables["unit_counts"] = counts.assign(households=counts["households"].mask(here))

    found = told(changed(situation, blank), "poor_household_rate")
    assert found["rule"] == (
        "Chưa có số liệu: bảng “hộ trong danh sách rà soát” có 15 dòng nhưng tử số hoặc mẫu số "
        "chưa được ghi"
    )


def test_blanks_are_told_as_what_leaves_the_value_open(situation):
    def blank(tables):
        rows = tables["households"]
        poor = rows["status"].astype("str").str.startswith("poor") & rows["hygienic_water"]
        first = rows.index[poor & (rows["unit"] == WARD) & (rows["as_of"] == DATE)][:1]
        water = rows["hygienic_water"].mask(rows.index.isin(first))
        tables["households"] = rows.assign(hygienic_water=water)

    found = told(changed(situation, blank), "hygienic_water")
    assert found["blanks"] == "1 trường hợp; vì vậy kết quả nằm trong khoảng 50,0%–75,0%"
    assert "value" not in found


def test_what_is_being_corrected_tells_no_number(tmp_path):
    folder = small_city(tmp_path / "data")

    def spoil(frame):
        here = (frame["unit"] == WARD) & (frame["as_of"] == DATE)
        frame.loc[here, "children_under_1"] = "hai trăm"

    change(folder, "unit_counts", spoil)
    found = told(open_data(folder), "full_vaccination")
    assert set(found) == {"definition", "numerator", "denominator", "rule"}
    assert found["rule"].startswith("Số liệu đã gửi đang chờ sửa")
    assert not any(letter.isdigit() for letter in found["numerator"].replace("dưới 1", ""))


def test_a_figure_of_communes_alone_does_not_apply_to_a_ward(situation):
    plan = situation.plan
    communes = [
        replace(one, reading="communes") if one.readings else one for one in plan.indicators
    ]
    plan = replace(plan, indicators=tuple(communes))
    other = changed(replace(situation, plan=plan), lambda tables: None)
    assert told(other, "health_criteria")["rule"] == (
        "Không áp dụng: chỉ tiêu được hiểu là tính riêng các xã"
    )
    assert "đếm trong 5 dòng" in told(other, "health_criteria", CITY)["denominator"]


# --- who sent ----------------------------------------------------------------------------


@pytest.fixture
def from_intake(tmp_path):
    """Return a small city with what intake writes beside its tables: file, sheet, row, when."""
    folder = small_city(tmp_path / "data")
    counts = pd.read_csv(folder / "unit_counts.csv", dtype=str)
    lines = pd.DataFrame({"table": "unit_counts", "line": range(2, len(counts) + 2)})
    lines = lines.assign(file=counts["unit"] + ".xlsx", sheet="Số liệu", row=7.0)
    lines.to_csv(folder / "source_rows.csv", index=False)
    sent = lines[["table", "file", "sheet"]].drop_duplicates()
    times = {"number": "2", "received": "2021-01-05T08:00:00"}
    sent.assign(**times).to_csv(folder / "sources.csv", index=False)
    return folder


def test_who_sent_and_when_is_told_where_intake_knows_it(from_intake, capsys):
    found = told(open_data(from_intake), "full_vaccination")
    assert found["senders"] == "số liệu chung của xã, phường: nhận ngày 05/01/2021, lần gửi 2"
    assert "senders" not in told(open_data(from_intake), "hygienic_water")
    _, out, _ = said(capsys, "why", "8", from_intake, "--unit", WARD)
    assert "tệp “03646.xlsx”, trang tính “Số liệu”, 1 dòng, lần gửi 2" in out
    city = told(open_data(from_intake), "full_vaccination", CITY)
    assert city["senders"] == "3/3 đơn vị, nhận ngày 05/01/2021"


def test_tables_changed_since_intake_wrote_them_have_no_sender(from_intake):
    lines = (from_intake / "unit_counts.csv").read_text().splitlines(keepends=True)
    (from_intake / "unit_counts.csv").write_text("".join(lines[:-1]))
    assert "senders" not in told(open_data(from_intake), "full_vaccination")


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "table,line\nunit_counts,x\n"])
def test_another_file_of_that_name_says_nothing(from_intake, content):
    (from_intake / "source_rows.csv").write_text(content)
    assert read_sources(from_intake, open_data(from_intake).tables).empty


# --- on the page -------------------------------------------------------------------------


def test_the_page_tells_the_same_and_names_no_file(from_intake):
    review = review_of(open_data(from_intake), WARD, DATE, "vi")
    figures = {one["indicator"]: one for one in document_record(review, "T")["progress"]}
    assert figures["full_vaccination"]["why"] == [list(p) for p in why(review, "full_vaccination")]
    assert ".xlsx" not in str(figures)


def test_behind_a_figure_all_is_escaped():
    hostile = "<script>alert(1)</script>"
    template = _environment().from_string(
        "{% import 'parts.html.j2' as parts %}{{ parts.figure_why(figure) }}"
    )
    made = template.render(figure={"sentence": hostile, "why": [[hostile, hostile]]})
    assert "<script" not in made and made.count("&lt;script&gt;") == 3
    assert made.startswith('<details class="why"><summary>')
