"""Charts: what is drawn is what the review says, every title is true, every text can be read."""

import itertools
import re
from dataclasses import replace
from xml.etree import ElementTree

import matplotlib
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.textpath import text_to_path

from sonla_analysis import charts
from sonla_analysis.charts.base import MOST_HEIGHT, WIDTH, balanced, wrap
from sonla_analysis.charts.lettering import Lettering, font_files, layout
from sonla_analysis.charts.movement import waterfall
from sonla_analysis.charts.poverty_path import FLOOR, known_points
from sonla_analysis.charts.progress_board import LANE, LANE_END, board_rows
from sonla_analysis.charts.spine import spine_rows
from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.indicators.measure import measure
from sonla_analysis.indicators.poverty import movement as form_2
from sonla_analysis.indicators.progress import assess
from sonla_analysis.review import Situation, open_situation, review_of
from sonla_analysis.sentences import JUDGED, percent, unit_name

DATE, CITY, SMALLEST, LARGEST, POOREST = "2020-12-31", "116", "03658", "03679", "03661"
NO_POOR = "03652"
OF_A_UNIT = ["progress_board", "poverty_path", "movement", "spine"]
OF_THE_CITY = ["overview", "ranking"]
DRAWN = [(unit, name) for unit in (SMALLEST, LARGEST, NO_POOR, CITY) for name in OF_A_UNIT]
DRAWN += [(CITY, name) for name in OF_THE_CITY]
LETTERS = (
    "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯưẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊị"
    "ỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹ"
)


@pytest.fixture(scope="module")
def situation():
    return open_situation(sample_folder())


@pytest.fixture(scope="module")
def review(situation):
    def opened(unit=CITY, as_of=DATE, language="vi", change=None):
        return review_of(changed(situation, change) if change else situation, unit, as_of, language)

    return opened


def changed(situation, change) -> Situation:
    """Return the situation after `change(tables)`, measured again."""
    tables = {name: frame.copy() for name, frame in situation.tables.items()}
    change(tables)
    progress = assess(measure(tables, situation.plan), situation.plan)
    return replace(situation, tables=tables, progress=progress)


def silence(unit, as_of=DATE):
    """Return a change after which the unit has sent nothing on the date."""

    def change(tables):
        for name in ("households", "members", "unit_counts", "health_stations", "schools"):
            frame = tables[name]
            tables[name] = frame[~((frame["unit"] == unit) & (frame["as_of"] == as_of))]

    return change


def lines(chart) -> list:
    return [line for part in chart.figure.findobj(Lettering) for line in part.lines]


def texts(chart) -> list[str]:
    return [line.text for line in lines(chart)]


def marks(chart, *keys) -> list[tuple[float, float]]:
    """Return the points of these marks in inches, those of the legend left out."""
    found = [one for one in chart.figure.findobj(PathCollection) if one.get_gid()]
    wanted = [f"mark-{key}" for key in keys]
    points = [one.get_offsets() for one in found if not keys or one.get_gid() in wanted]
    return [tuple(map(float, point)) for group in points for point in group]


# --- the font ----------------------------------------------------------------------------


@pytest.mark.parametrize("face", ["Regular", "Bold", "It"])
def test_the_font_has_every_vietnamese_letter(face):
    letters = get_font([font_files(face)[0]]).get_charmap()
    assert len(set(LETTERS)) == 134
    assert [letter for letter in LETTERS + "≤≥−–" if ord(letter) not in letters] == []


def test_a_text_is_as_wide_as_matplotlib_sets_it():
    text = "Tỷ lệ hộ nghèo 1.234,5% (từ 262 xuống 212)"
    font = FontProperties(fname=font_files("Regular")[0], size=100)
    width = text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]
    assert layout(text, "Regular").width == pytest.approx(width, rel=0.02)


def test_wrapped_text_loses_no_word_and_fits():
    text = "Tỷ lệ hộ nghèo của xã Chiềng Đen cao hơn rõ mức chung của thành phố Sơn La"
    for cut in (wrap, balanced):
        assert " ".join(cut(text, 2.0)) == text
        assert all(layout(line, "Regular").width * 8.5 / 7200 <= 2.0 for line in cut(text, 2.0))


# --- every chart -------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("unit, name", DRAWN)
def test_a_chart_can_be_read(review, unit, name, language):
    chart = getattr(charts, name)(review(unit, language=language))
    assert chart.figure.get_figheight() <= MOST_HEIGHT
    assert_texts_lie_inside_and_apart(chart)
    numbers = " ".join(map(str, [*chart.numbers.columns, *chart.numbers.to_numpy().ravel()]))
    everything = " ".join([*texts(chart), chart.alt, numbers])
    assert not re.search(r"\b(nan|NaN|None|NaT)\b|<NA>|\{\w*\}", everything)
    assert chart.title in chart.alt and chart.subtitle in chart.alt
    assert ("giả lập" if language == "vi" else "Synthetic") in chart.source


@pytest.mark.parametrize("as_of", ["2019-12-31", "2020-03-31", "2020-06-30", "2020-09-30"])
@pytest.mark.parametrize("unit", [POOREST, CITY])
def test_the_board_can_be_read_at_every_date(review, unit, as_of):
    for language in ("vi", "en"):
        assert_texts_lie_inside_and_apart(charts.progress_board(review(unit, as_of, language)))


def test_counts_of_a_nation_still_fit(review):
    def multiply(tables):
        counts = tables["unit_counts"]
        for name in counts.columns.difference(["as_of", "unit", "poor_households"]):
            counts[name] = counts[name] * 1000

    one = review(change=multiply)
    for chart in OF_A_UNIT + OF_THE_CITY:
        assert_texts_lie_inside_and_apart(getattr(charts, chart)(one))


def assert_texts_lie_inside_and_apart(chart):
    boxes = [(line.box, line.text) for line in lines(chart)]
    for (left, bottom, right, top), text in boxes:
        assert left >= 0 and right <= WIDTH, text
        assert bottom >= 0 and top <= chart.figure.get_figheight(), text
    for (one, first), (other, second) in itertools.combinations(boxes, 2):
        across = min(one[2], other[2]) - max(one[0], other[0])
        along = min(one[3], other[3]) - max(one[1], other[1])
        assert across < 0.005 or along < 0.02, f"{first!r} touches {second!r}"


@pytest.mark.parametrize("name", OF_A_UNIT + OF_THE_CITY)
def test_the_same_review_gives_the_same_bytes(review, name):
    first, second = (getattr(charts, name)(review()) for _ in range(2))
    svg = first.svg()
    assert first.png(80) == second.png(80)
    assert second.svg() == svg == first.svg()
    assert "Matplotlib" not in svg and "<dc:date>" not in svg


def test_settings_of_the_notebook_neither_reach_a_chart_nor_change(review):
    svg = charts.spine(review()).svg()
    settings = {"font.size": 30, "figure.facecolor": "red", "text.parse_math": True}
    with matplotlib.rc_context(settings):
        before = dict(matplotlib.rcParams)
        assert charts.spine(review()).svg() == svg
        assert dict(matplotlib.rcParams) == before


def test_a_hostile_long_name_is_drawn_as_it_stands(review):
    name = "Chiềng Đen $x_1$ <b>&amp; Thượng Nguyên Quyết Thắng Đông Bắc"

    def rename(tables):
        tables["units"].loc[tables["units"]["code"] == POOREST, "name"] = name

    ward = review(POOREST, change=rename)
    city = review_of(ward.situation, CITY, DATE)
    for chart in OF_A_UNIT + OF_THE_CITY:
        drawn = getattr(charts, chart)(city if chart in OF_THE_CITY else ward)
        assert_texts_lie_inside_and_apart(drawn)
        assert "$x_1$" in " ".join(texts(drawn))
        svg = drawn.svg()
        assert ElementTree.fromstring(svg).tag.endswith("svg")
        assert "<b>" not in svg


# --- progress board ----------------------------------------------------------------------


@pytest.mark.parametrize("unit", [SMALLEST, CITY])
def test_the_board_draws_every_known_value_at_its_place(review, unit):
    one = review(unit)
    chart = charts.progress_board(one)
    drawn = sorted(round(x, 6) for x, _ in marks(chart) if x > LANE - 1e-6 and x <= LANE_END + 1e-6)
    shares = [row for row in board_rows(one) if not row.own_scale]
    values = one.now["value"].astype(float)
    for row, indicator in zip(board_rows(one), one.plan.indicators, strict=True):
        if not row.own_scale and row.value is not None:
            assert row.value == values[indicator.id]
            at = LANE + (LANE_END - LANE) * values[indicator.id] / 100
            assert round(at, 6) in drawn
    assert len(drawn) == values.notna().sum()
    assert {row.number for row in shares}.isdisjoint({"1a", "1b", "9", "16"})


def test_a_city_target_is_no_pass_mark_for_a_ward(review):
    rows = {row.number: row for row in board_rows(review(LARGEST))}
    general = [number for number, row in rows.items() if row.general]
    assert general == ["1a", "1b", "5", "8", "9", "11", "13", "15", "16"]
    assert rows["16"].status == "city_target" and rows["16"].figure == "6"
    assert not any(row.general for row in board_rows(review(CITY)))


def test_zero_not_applicable_and_not_reported_are_three_things(review):
    rows = {row.number: row for row in board_rows(review(NO_POOR))}
    assert (rows["1a"].value, rows["1a"].figure) == (0, "0% (0/2.653)")
    assert (rows["12"].value, rows["12"].figure) == (None, "không áp dụng")
    silent = {row.number: row for row in board_rows(review(NO_POOR, change=silence(NO_POOR)))}
    assert (silent["12"].value, silent["12"].figure) == (None, "chưa báo cáo")


@pytest.mark.parametrize("as_of", ["2020-06-30", DATE])
def test_the_board_s_title_counts_the_targets_met(review, as_of):
    for unit in [*review().leaf_units.index, CITY]:
        one = review(unit, as_of)
        status = one.now["status"]
        met = (status == "met").sum()
        judged = status.isin(JUDGED).sum()
        title = charts.progress_board(one).title
        expected = f"đạt {met}/{judged} chỉ tiêu" if 0 < met < judged else "đạt"
        expected = expected if judged else "nêu bên cạnh chỉ tiêu"
        assert title.startswith(unit_name(one.units.loc[unit], start=True)) and expected in title
        assert ("tất cả" in title) == (met == judged > 1)
        assert ("đúng tiến độ" in title) == bool((status == "on_track").any())


# --- path --------------------------------------------------------------------------------


def test_the_path_joins_published_and_reviewed_counts(review):
    points = known_points(review())
    assert [point.poor for point in points[:2]] == [414, 289]
    reviewed = review().progress.query("unit == '116' and indicator == 'poor_household_rate'")
    assert [point.poor for point in points[2:]] == reviewed["numerator"].tolist()
    drawn = sorted(marks(charts.poverty_path(review()), "value", "earlier"))
    drawn = [y - FLOOR for _, y in drawn if y < 2.3]  # the legend stands above
    assert drawn == pytest.approx([drawn[0] * point.poor / 414 for point in points])


def test_a_ward_starts_from_its_register_and_has_no_target_line(review):
    one = review(POOREST)
    register = one.tables["households"].query("as_of == '2019-12-31' and unit == @POOREST")
    poor = register["start_status"].isin(["poor_income", "poor_deprivation"]).sum()
    assert known_points(one)[0][:2] == ("2018-12-31", poor)
    assert not marks(charts.poverty_path(one), "goal")
    assert marks(charts.poverty_path(review()), "goal")


@pytest.mark.parametrize("as_of", ["2020-03-31", "2020-06-30", "2020-09-30"])
def test_the_most_households_allowed_print_as_the_target_and_one_more_does_not(review, as_of):
    households = int(review(as_of=as_of).now.loc["poor_household_rate", "denominator"])
    allowed = -(-households * 775 // 100_000) - 1  # below 0.775 %, which prints as 0.78 %
    assert f"nhiều nhất {allowed} hộ" in texts(charts.poverty_path(review(as_of=as_of)))


@pytest.mark.parametrize(
    "unit, as_of, title",
    [
        (CITY, DATE, "Thành phố Sơn La còn 212 hộ nghèo, giảm 50 hộ so với ngày 31/12/2019; đạt"),
        (
            CITY,
            "2020-06-30",
            "Thành phố Sơn La còn 252 hộ nghèo, giảm 10 hộ so với ngày 31/12/2019",
        ),
        (NO_POOR, DATE, "không còn hộ nghèo, giảm 3 hộ"),
        (LARGEST, DATE, "có 21 hộ nghèo, tăng 1 hộ so với ngày 31/12/2019"),
        (POOREST, "2020-03-31", "còn 57 hộ nghèo, không thay đổi so với ngày 31/12/2019"),
    ],
)
def test_the_path_s_title_is_true(review, unit, as_of, title):
    assert title in charts.poverty_path(review(unit, as_of)).title


def test_a_path_without_today_s_figure_says_so(review):
    chart = charts.poverty_path(review(POOREST, change=silence(POOREST)))
    assert chart.title == "Xã Chiềng Đen chưa báo cáo số hộ nghèo"
    assert "chưa báo cáo" in texts(chart)
    city = charts.poverty_path(review(change=silence(POOREST)))
    assert city.title == "Mới có số hộ nghèo của 11/12 xã, phường"


# --- movement ----------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [SMALLEST, LARGEST, NO_POOR, CITY])
def test_the_waterfall_is_form_2(review, unit):
    one = review(unit)
    register = one.rows("households")
    steps = waterfall(register)
    assert [amount for _, amount, _ in steps] == form_2(register, by=()).iloc[0, 1:].tolist()
    levels = {name: high - low for name, _, (low, high) in steps}
    assert levels == {name: amount for name, amount, _ in steps}
    end = steps[-1][2][1]
    assert end in steps[-2][2]  # the last flow ends where the end stands
    assert end == one.now.loc["poor_household_rate", "numerator"]
    out = sum(amount for name, amount, _ in steps if name.startswith("out_"))
    assert f": {out} hộ ra khỏi" in charts.movement(one).title


def test_a_unit_without_poor_households_gets_a_sentence(review):
    def nobody(tables):
        moved = {"start_status": "not_poor", "status": "near_poor"}
        tables["households"] = tables["households"].assign(**moved)

    chart = charts.movement(review(SMALLEST, change=nobody))
    assert chart.title in texts(chart) or chart.title == " ".join(texts(chart)[:2])
    assert chart.title == "Xã Chiềng Cọ không có hộ nghèo đầu năm và hiện nay"
    silent = charts.movement(review(SMALLEST, change=silence(SMALLEST)))
    assert silent.title == "Xã Chiềng Cọ chưa báo cáo danh sách hộ nghèo"


# --- units beside each other -------------------------------------------------------------


@pytest.mark.parametrize("unit", [SMALLEST, LARGEST, POOREST])
def test_on_the_spine_right_is_better(review, unit):
    one = review(unit)
    area = one.area_now["value"].astype(float)
    for row, indicator in zip(spine_rows(one), one.plan.indicators, strict=True):
        for position, _ in row.dots:
            difference = float(one.now.loc[indicator.id, "value"]) - area[indicator.id]
            better = -difference if indicator.lower_is_better else difference
            assert (position > 1e-9, position < -1e-9) == (better > 1e-9, better < -1e-9)
        assert bool(row.dots) <= (indicator.kind != "count")


def test_the_spine_s_title_counts_clear_differences_only(review):
    for unit in (SMALLEST, LARGEST, POOREST, NO_POOR):
        one = review(unit)
        rows = one.progress
        here = (rows["as_of"] == DATE) & (rows["unit"] == unit)
        count = one.situation.comparison[here].value_counts()
        title = charts.spine(one).title
        for key, words in (("better", "tốt hơn"), ("worse", "kém hơn")):
            assert (f"{count.get(key, 0)} chỉ tiêu" in title) == (count.get(key, 0) > 0), words


def test_the_whole_area_is_no_better_than_itself_when_all_have_all(review):
    compared = review(POOREST).situation.comparison
    rows = review().progress
    alike = compared[(rows["as_of"] == DATE) & (rows["indicator"] == "tuition_support")]
    assert set(alike.dropna()) == {"similar"}


def test_the_overview_shows_every_unit_s_value(review):
    one = review()
    numbers = charts.overview(one).numbers.set_index("Xã, phường")
    assert len(numbers) == 1 + 12
    assert numbers.index[0] == "Thành phố Sơn La"
    rows = one.progress.query("as_of == @DATE and indicator == 'certified_labour'")
    rows = rows.set_index("unit")
    for unit, name in zip([CITY, *one.leaf_units.index], numbers.index, strict=True):
        expected = percent(rows.loc[unit, "value"], decimals=1).rstrip("%")
        assert numbers.loc[name, "5 Lao động có chứng chỉ"] == expected
    poor = numbers.loc["Phường Quyết Thắng"]
    assert (poor["1a Tỷ lệ hộ nghèo"], poor["12 Nước hợp vệ sinh"]) == ("0", "–")
    assert numbers.loc["Xã Chiềng Cọ", "9 Trẻ suy dinh dưỡng"] == "?"


def test_the_overview_s_title_counts_units_that_meet_all_they_are_judged_on(review):
    one = review()
    rows = one.progress.query("as_of == @DATE and level == 'unit'")
    judged = rows[rows["status"].isin(JUDGED)]
    unmet = (judged["status"] != "met").groupby(judged["unit"]).sum()
    title = charts.overview(one).title
    assert title.startswith(f"{(unmet == 0).sum()}/12 xã, phường đạt mọi chỉ tiêu được đánh giá")
    assert f"còn {unmet.max()} chỉ tiêu chưa đạt, nhiều nhất" in title


def test_the_ranking_is_in_order_and_names_the_highest(review):
    one = review()
    rows = one.progress.query(
        "as_of == @DATE and level == 'unit' and indicator == 'poor_household_rate'"
    ).sort_values("value", ascending=False)
    chart = charts.ranking(one)
    names = [unit_name(one.units.loc[unit], start=True) for unit in rows["unit"]]
    assert chart.numbers["Xã, phường"].tolist() == names
    drawn = sorted(marks(chart, "better", "similar", "worse"), key=lambda point: -point[1])
    drawn = [x for x, y in drawn if y < chart.figure.get_figheight() - 1.1]
    start, highest = drawn[-1], rows["value"].max()
    expected = [start + (drawn[0] - start) * value / highest for value in rows["value"]]
    assert drawn == pytest.approx(expected)
    assert chart.title.startswith(f"{names[0]} có tỷ lệ hộ nghèo cao nhất (3,51%)")


def test_a_unit_that_has_not_reported_stands_last_in_words(review):
    chart = charts.ranking(review(change=silence(POOREST)))
    last = chart.numbers.iloc[-1].tolist()
    assert last == ["Xã Chiềng Đen", "chưa báo cáo", "–", "–"]
    assert "(số liệu 11/12 xã, phường)" in chart.title


def test_a_plan_without_a_poverty_rate_gets_sentences_and_the_other_charts(situation):
    kept = [one for one in situation.plan.indicators if one.id == "school_network"]
    plan = replace(situation.plan, indicators=tuple(kept))
    progress = assess(measure(situation.tables, plan), plan)
    one = review_of(replace(situation, plan=plan, progress=progress), CITY, DATE)
    missing = "Kế hoạch này không có chỉ tiêu về tỷ lệ hộ nghèo"
    assert charts.poverty_path(one).title == charts.ranking(one).title == missing
    assert charts.progress_board(one).title.endswith("chưa đạt chỉ tiêu duy nhất được đánh giá")
    assert isinstance(charts.overview(one).numbers, pd.DataFrame)
