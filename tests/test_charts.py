"""The charts of progress: what is drawn is what the review says, every title is true."""

from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest
from cities import CITY, DATE, LARGEST, NO_POOR, POOREST, SMALLEST, changed, silence
from drawn import bands, cells, marks, texts
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.textpath import text_to_path

from sonla_analysis import charts
from sonla_analysis.charts.lettering import balanced, lines, text_width
from sonla_analysis.charts.theme import ACCENT, ALERT, PALETTE, font_file
from sonla_analysis.indicators.measure import measure
from sonla_analysis.indicators.poverty import movement as form_2
from sonla_analysis.indicators.poverty import waterfall
from sonla_analysis.indicators.poverty_path import known_points
from sonla_analysis.indicators.progress import assess
from sonla_analysis.review import checked_data, review_of
from sonla_analysis.sentences import JUDGED, percent, unit_name
from sonla_analysis.sentences.progress_findings import board_title

LETTERS = (
    "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯưẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊị"
    "ỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹ"
)


@pytest.fixture(scope="module")
def review(situation):
    def opened(unit=CITY, as_of=DATE, language="vi", change=None):
        return review_of(changed(situation, change) if change else situation, unit, as_of, language)

    return opened


# --- the font ----------------------------------------------------------------------------


@pytest.mark.parametrize("face", ["Regular", "Bold", "It"])
def test_the_font_has_every_vietnamese_letter(face):
    letters = get_font([font_file(face)]).get_charmap()
    assert len(set(LETTERS)) == 134
    assert [letter for letter in LETTERS + "≤≥−–" if ord(letter) not in letters] == []


@pytest.mark.parametrize("face", ["Regular", "Bold"])
def test_a_text_is_as_wide_as_matplotlib_sets_it(face):
    text = "Tỷ lệ hộ nghèo 1.234,5% (từ 262 xuống 212)"
    font = FontProperties(fname=font_file(face), size=9)
    width = text_to_path.get_text_width_height_descent(text, font, ismath=False)[0] / 72
    assert text_width(text, 9, bold=face == "Bold") == pytest.approx(width, rel=0.02)


def test_wrapped_text_loses_no_word_and_fits():
    text = "Tỷ lệ hộ nghèo của xã Chiềng Đen cao hơn rõ mức chung của thành phố Sơn La"
    for cut in (lines, balanced):
        assert " ".join(cut(text, 2.0)) == text
        assert all(text_width(line) <= 2.0 for line in cut(text, 2.0))


def test_a_word_wider_than_its_room_is_broken_and_loses_no_letter():
    for word in ("Health-insurance", "Chiềngđenthượngnguyênquyếtthắng"):
        found = lines(f"a {word} b", 0.7)
        assert "".join(found).replace(" ", "") == f"a{word}b"
        assert all(text_width(line) <= 0.7 for line in found)


# --- progress board ----------------------------------------------------------------------


@pytest.mark.parametrize("unit", [SMALLEST, CITY])
def test_the_board_draws_every_known_value_at_its_place(review, unit):
    one = review(unit)
    chart = charts.progress_board(one)
    rows = chart.frame.set_index("indicator")
    shares = rows.index[~rows["own_scale"]]
    values = one.now["value"].astype(float)
    points = sorted(marks(chart), key=lambda point: point[1])
    assert len(points) == values.notna().sum()
    known = [name for name in rows.index if pd.notna(values[name])]
    for (x, _), name in zip(points, known, strict=True):
        low, high = (0, 100) if name in shares else (0, scale_end(rows.loc[name]))
        assert x == pytest.approx((values[name] - low) / (high - low) * 100)
    assert {"1a", "1b", "9", "16"} == set(rows.loc[rows["own_scale"], "number"])
    assert chart.frame["number"].tolist()[:4] == ["1a", "1b", "9", "16"]


def scale_end(row) -> float:
    return float(row["scale_end"].rstrip("%").replace(".", "").replace(",", "."))


def test_the_board_s_marks_and_bars_have_the_colour_of_the_verdict(review):
    chart = charts.progress_board(review())
    status = chart.frame.loc[chart.frame["value"].notna(), "status"]
    for key in ("met", "missed", "not_met"):
        assert len(marks(chart, key)) == (status == key).sum()
    stems = [end for start, end, _ in bands(chart, ALERT)]
    assert sorted(stems) == sorted(x for x, _ in marks(chart, "missed", "not_met", "behind"))


def test_a_area_target_is_no_pass_mark_for_a_ward(review):
    rows = on_the_board(review(LARGEST))
    general = rows.index[rows["general"]].tolist()
    assert sorted(general) == sorted(["1a", "1b", "5", "8", "9", "11", "13", "15", "16"])
    assert tuple(rows.loc["16", ["status", "figure"]]) == ("area_target", "6")
    assert not on_the_board(review(CITY))["general"].any()


def on_the_board(review) -> pd.DataFrame:
    return charts.progress_board(review).frame.set_index("number")


def test_zero_not_applicable_and_not_reported_are_three_things(review):
    rows = on_the_board(review(NO_POOR))
    assert tuple(rows.loc["1a", ["value", "figure"]]) == (0, "0% (0/2.653)")
    assert pd.isna(rows.loc["12", "value"]) and rows.loc["12", "figure"] == "không áp dụng"
    silent = on_the_board(review(NO_POOR, change=silence(NO_POOR)))
    assert pd.isna(silent.loc["12", "value"]) and silent.loc["12", "figure"] == "chưa báo cáo"


@pytest.mark.parametrize("as_of", ["2020-06-30", DATE])
def test_the_board_s_title_counts_the_targets_met(review, as_of):
    for unit in [*review().leaf_units.index, CITY]:
        one = review(unit, as_of)
        status = one.now["status"]
        met = (status == "met").sum()
        judged = status.isin(JUDGED).sum()
        title = board_title(one)
        expected = f"đạt {met}/{judged} chỉ tiêu" if 0 < met < judged else "đạt"
        expected = expected if judged else "nêu bên cạnh chỉ tiêu"
        assert title.startswith(unit_name(one.units.loc[unit], start=True)) and expected in title
        assert ("tất cả" in title) == (met == judged > 1)
        assert ("đúng tiến độ" in title) == bool((status == "on_track").any())
    assert charts.progress_board(one).title == title


# --- path --------------------------------------------------------------------------------


def test_the_path_joins_published_and_reviewed_counts(review):
    points = known_points(review())
    assert [point.poor for point in points[:2]] == [414, 289]
    reviewed = review().progress.query("unit == '116' and indicator == 'poor_household_rate'")
    assert [point.poor for point in points[2:]] == reviewed["numerator"].tolist()
    chart = charts.poverty_path(review())
    drawn = sorted(marks(chart, "value", "earlier"))
    days = pd.to_datetime([point.on for point in points]) - pd.Timestamp("1970-01-01")
    assert drawn == [(day, point.poor) for day, point in zip(days.days, points, strict=True)]
    assert chart.figure.axes[0].get_ylim()[0] == 0
    joined = [x for line in chart.figure.axes[0].lines[:2] for x in line.get_xdata()]
    assert set(joined) == set(days.days)


def test_a_ward_starts_from_its_register_and_has_no_target_line(review):
    one = review(POOREST)
    register = one.tables["households"].query("as_of == '2019-12-31' and unit == @POOREST")
    poor = register["start_status"].isin(["poor_income", "poor_deprivation"]).sum()
    assert known_points(one)[0][:2] == ("2018-12-31", poor)
    assert not marks(charts.poverty_path(one), "goal")
    assert marks(charts.poverty_path(review()), "goal")


def test_what_nobody_wrote_of_the_start_of_the_year_is_no_count_of_nobody(city, plan):
    register = city["households"]
    blank = register["start_status"].mask(register["as_of"] == "2019-12-31")
    data = checked_data(city | {"households": register.assign(start_status=blank)}, plan)
    points = known_points(review_of(data, POOREST, "2020-12-31"))
    assert [point.on for point in points if point.source == "start_of_year"] == []
    assert 0 not in [point.poor for point in points]


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
    steps = waterfall(register).set_index("step")
    assert steps["households"].tolist() == form_2(register, by=()).iloc[0, 1:].tolist()
    assert (steps["high"] - steps["low"]).equals(steps["households"])
    end = steps["high"].iloc[-1]
    assert end in steps[["low", "high"]].iloc[-2].tolist()  # the last flow ends where it stands
    assert end == one.now.loc["poor_household_rate", "numerator"]
    chart = charts.movement(one)
    for colour, kind in ((ACCENT, "out"), (ALERT, "in"), (PALETTE["stock"], "stock")):
        given = steps.loc[steps["kind"] == kind, ["low", "high"]]
        assert [one[:2] for one in bands(chart, colour)] == list(
            given.itertuples(index=False, name=None)
        )
    out = steps.loc[steps["kind"] == "out", "households"].sum()
    assert f": {out} hộ ra khỏi" in chart.title


def test_a_unit_without_poor_households_gets_a_sentence(review):
    def nobody(tables):
        moved = {"start_status": "not_poor", "status": "near_poor"}
        tables["households"] = tables["households"].assign(**moved)

    chart = charts.movement(review(SMALLEST, change=nobody))
    assert texts(chart).count(chart.title) == 2  # its heading, and the reason
    assert chart.title == "Xã Chiềng Cọ không có hộ nghèo đầu năm và hiện nay"
    silent = charts.movement(review(SMALLEST, change=silence(SMALLEST)))
    assert silent.title == "Xã Chiềng Cọ chưa báo cáo danh sách hộ nghèo"


# --- units beside each other -------------------------------------------------------------


@pytest.mark.parametrize("unit", [SMALLEST, LARGEST, POOREST])
def test_on_the_spine_right_is_better(review, unit):
    one = review(unit)
    area = one.area_now["value"].astype(float)
    chart = charts.spine(one)
    numbers = {indicator.number: indicator for indicator in one.plan.indicators}
    assert len(marks(chart)) == len(chart.frame) > 10 and chart.frame["number"].is_unique
    for x, y in marks(chart):
        indicator = list(numbers.values())[int(y)]
        difference = float(one.now.loc[indicator.id, "value"]) - area[indicator.id]
        better = -difference if indicator.lower_is_better else difference
        assert (x > 1e-9, x < -1e-9) == (better > 1e-9, better < -1e-9)
        assert indicator.kind != "count"


def test_the_city_s_spine_has_a_mark_for_every_value_of_every_unit(review):
    one = review()
    rows = one.progress.query("as_of == @DATE and level == 'unit'")
    drawn = charts.spine(one).frame
    known = rows[rows["value"].notna()].groupby("indicator").size()
    counted = drawn.groupby("number").size()
    for indicator in one.plan.indicators:
        if indicator.number in counted.index:
            assert counted[indicator.number] == known[indicator.id]
    assert set(counted.index) >= {"1a", "2", "9", "12"} and drawn["position"].between(-1, 1).all()


def test_the_spine_s_title_counts_clear_differences_only(review):
    for unit in (SMALLEST, LARGEST, POOREST, NO_POOR):
        one = review(unit)
        rows = one.progress
        here = (rows["as_of"] == DATE) & (rows["unit"] == unit)
        count = one.data.comparison[here].value_counts()
        title = charts.spine(one).title
        for key, words in (("better", "tốt hơn"), ("worse", "kém hơn")):
            assert (f"{count.get(key, 0)} chỉ tiêu" in title) == (count.get(key, 0) > 0), words


def test_the_whole_area_is_no_better_than_itself_when_all_have_all(review):
    compared = review(POOREST).data.comparison
    rows = review().progress
    alike = compared[(rows["as_of"] == DATE) & (rows["indicator"] == "tuition_support")]
    assert set(alike.dropna()) == {"no_clear_difference"}


def test_the_overview_shows_every_unit_s_value(review):
    one = review()
    chart = charts.overview(one)
    numbers = chart.numbers.set_index("Chỉ tiêu")
    assert numbers.shape == (17, 1 + 12)
    assert numbers.columns[0] == "Thành phố Sơn La"
    rows = one.progress.query("as_of == @DATE and indicator == 'certified_labour'")
    rows = rows.set_index("unit")
    for unit, name in zip([CITY, *one.leaf_units.index], numbers.columns, strict=True):
        expected = percent(rows.loc[unit, "value"], decimals=1).rstrip("%")
        assert numbers.loc["5 Lao động có chứng chỉ", name] == expected
    poor = numbers["Phường Quyết Thắng"]
    assert (poor["1a Tỷ lệ hộ nghèo"], poor["12 Nước hợp vệ sinh"]) == ("0", "–")
    assert numbers.loc["9 Trẻ suy dinh dưỡng", "Xã Chiềng Cọ"] == "?"
    shown = Counter(numbers.to_numpy().ravel())
    assert (
        shown <= Counter(texts(chart)) and cells(chart) == shown.total() - shown["–"] - shown["?"]
    )


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
    drawn = sorted(marks(chart), key=lambda point: point[1])
    assert drawn == [(value, place) for place, value in enumerate(rows["value"])]
    area = one.area_now.loc["poor_household_rate", "value"]
    assert any(line.get_xdata()[0] == area for line in chart.figure.axes[0].lines)
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
