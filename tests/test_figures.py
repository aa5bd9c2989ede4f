"""Every chart: it can be read, one row is one mark, and it is matplotlib that anyone takes further.

What the single charts show is tested in test_charts, test_register_charts and test_explore.
"""

import re
from collections import Counter
from dataclasses import replace
from io import BytesIO
from xml.etree import ElementTree

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from cities import (
    CITY,
    DATE,
    LARGEST,
    NO_POOR,
    POOREST,
    SMALLEST,
    TINY,
    TWIN,
    changed,
    in_millions,
    nobody_poor,
    one_village,
    same_village_everywhere,
    silence,
)
from drawn import bands, bars, cells, hidden_boxes, marks, texts, unreadable
from PIL import Image

from sonla_analysis import charts
from sonla_analysis.charts.figure import Chart
from sonla_analysis.charts.spine import spine_rows
from sonla_analysis.charts.theme import ACCENT, ACCENT_PALE, LINE
from sonla_analysis.charts.theme import GREY as SPAN
from sonla_analysis.review import review_of
from sonla_analysis.sample import write_sample

pytestmark = pytest.mark.whole

OF_A_UNIT = (
    *("progress_board", "poverty_path", "movement", "spine"),
    *("deprivations", "villages", "gaps", "funding"),
)
EVERY = (*OF_A_UNIT, "overview", "ranking", "unit_map")
ONE = ("hygienic_water", "hygienic_water:head_sex", "poor_household_rate:unit")
FEW_CASES = [(CITY, name) for name in (*EVERY, *ONE)]


def draw(review, name: str) -> Chart:
    """Return a chart by its name; `indicator:by` is the chart of one indicator."""
    if name in EVERY:
        return getattr(charts, name)(review)
    indicator, _, by = name.partition(":")
    return charts.indicator(review, indicator, by or None)


@pytest.fixture(scope="module")
def made(situation):
    """Return a function: a chart of the sample, drawn once for all tests, which only look."""
    kept = {}

    def chart(name, unit=CITY, as_of=DATE, language="vi", change=None) -> Chart:
        key = name, unit, as_of, language, change
        if key not in kept:
            where = (change, "situation")
            if change and where not in kept:
                kept[where] = changed(situation, change)
            base = kept[where] if change else situation
            kept[key] = draw(review_of(base, unit, as_of, language), name)
        return kept[key]

    return chart


# --- what the helpers find ---------------------------------------------------------------


def test_texts_that_cannot_be_read_are_found():
    figure = matplotlib.figure.Figure(figsize=(6.3, 2))
    ax = figure.add_axes([0.1, 0.1, 0.8, 0.8])
    ax.set(xlim=(0, 10), ylim=(0, 10), xticks=[], yticks=[])
    looks = {"size": 10, "family": "Source Sans Pro"}
    for x, y, text in ((0, 9, "Quyết"), (0, 8.4, "Thắng"), (6, 2, "one"), (6.2, 2, "other")):
        ax.text(x, y, text, **looks)
    ax.text(9.8, 4, "beyond the end", **looks)
    ax.text(1, 5, "small", size=8)
    ax.scatter([3, 4], [5, 8], gid="points-met")
    ax.text(4, 8, "under", **looks)
    chart = Chart(figure, *("",) * 5, pd.DataFrame(), pd.DataFrame())
    found = {(kind, words[0]) for kind, *words in unreadable(chart)}
    assert found == {
        *(("small", "small"), ("under a mark", "under"), ("cut off", "beyond the end")),
        *(("over each other", "Quyết"), ("over each other", "one")),
    }
    assert marks(chart, "met") == [(3, 5), (4, 8)] and marks(chart, "missed") == []


# --- read --------------------------------------------------------------------------------

READ = [
    *((SMALLEST, name, "vi") for name in OF_A_UNIT),
    *((LARGEST, name, "en") for name in OF_A_UNIT),
    *((CITY, name, "vi en") for name in (*EVERY, *ONE)),
    *((NO_POOR, name, "vi") for name in OF_A_UNIT),
    *((POOREST, name, "en") for name in OF_A_UNIT),
    *((TINY, name, "vi") for name in ("deprivations", "villages", "gaps", "movement")),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("unit, name, languages", READ)
def test_a_chart_can_be_read(made, unit, name, languages):
    for language in languages.split():
        chart = made(name, unit, language=language)
        assert unreadable(chart) == []
        assert_words_are_whole(chart)
        assert ("giả lập" if language == "vi" else "Synthetic") in chart.source


def assert_words_are_whole(chart):
    on_chart = texts(chart)
    numbers = map(str, [*chart.numbers.columns, *chart.numbers.to_numpy().ravel()])
    everything = " ".join([*on_chart, chart.title, chart.subtitle, chart.alt, *numbers])
    assert not re.search(r"\b(nan|NaN|None|NaT)\b|<NA>|\{\w*\}", everything)
    whole = " ".join(on_chart)
    assert chart.title in whole and chart.subtitle in whole and chart.source in whole


@pytest.mark.parametrize(
    "unit, as_of, language",
    [
        *((CITY, as_of, "vi") for as_of in ("2019-12-31", "2020-03-31", "2020-06-30")),
        *((POOREST, as_of, "en") for as_of in ("2019-12-31", "2020-09-30")),
        (CITY, "2020-09-30", "en"),
    ],
)
def test_every_chart_can_be_read_at_every_date(made, unit, as_of, language):
    for name in EVERY if unit == CITY else OF_A_UNIT:
        assert unreadable(made(name, unit, as_of, language)) == [], name


@pytest.mark.parametrize("name", EVERY)
def test_counts_of_a_nation_still_fit(made, name):
    chart = made(name, change=in_millions)
    assert unreadable(chart) == []


LONG = "Chiềng Đen $x_1$ <b>&amp; Thượng Nguyên Quyết Thắng Đông Bắc"
UNBROKEN = "Chiềngđenthượngnguyênquyếtthắngđôngbắcsơnla"


def hostile(tables):
    """Give a unit, its villages and the city's projects long names full of markup."""
    units = tables["units"]
    units["name"] = units["name"].astype("str").mask(units["code"] == POOREST, LONG)
    rows, money = tables["households"], tables["funding"]
    homes = rows["village"].astype("str")
    homes = homes.mask(homes == "Bản Muông", LONG).mask(homes == "Bản Lun", UNBROKEN)
    tables["households"] = rows.assign(village=homes)
    long = {"project": f"{LONG} {LONG} " + money["project"].astype("str"), "source": LONG}
    tables["funding"] = money.assign(**long)


@pytest.mark.parametrize("name", [*EVERY, "poor_household_rate:unit"])
def test_a_hostile_long_name_is_drawn_as_it_stands(made, name):
    chart = made(name, POOREST if name in OF_A_UNIT else CITY, change=hostile)
    assert unreadable(chart) == []
    assert "$x_1$" in " ".join(texts(chart)) and "<b>" not in chart.svg()
    assert ElementTree.fromstring(chart.svg(text=True)).tag.endswith("svg")


# --- one row is one mark -----------------------------------------------------------------


def from_above(points) -> list[float]:
    """Return the x of points in the order of their rows, first on top."""
    return [x for x, _ in sorted(points, key=lambda point: (point[1], point[0]))]


def told(values) -> list[float]:
    return [float(value) for value in values if pd.notna(value)]


def drawn_and_given(name: str, chart) -> list[tuple]:
    """Return, kind by kind of mark, the lengths that are drawn and those of the frame's rows."""
    frame = chart.frame
    if name == "progress_board":
        spans = [(start, end) for start, end, _ in bands(chart, SPAN) if start != 0]
        ends = frame[["low_at", "high_at"]].dropna().itertuples(index=False, name=None)
        return [(from_above(marks(chart)), told(frame["value_at"])), (spans, list(ends))]
    if name == "poverty_path":
        points = sorted(marks(chart, "value", "earlier"))
        return [([y for _, y in points], told(frame["poor"]))]
    if name == "movement":
        steps = [*bands(chart, charts.PALETTE["stock"]), *bands(chart, ACCENT)]
        steps = sorted([*steps, *bands(chart, charts.PALETTE["alert"])], key=lambda band: band[2])
        given = frame[["low", "high"]].itertuples(index=False, name=None)
        return [([(start, end) for start, end, _ in steps], [*given])]
    if name == "spine":
        order = list(dict.fromkeys(frame["number"]))
        given = frame.assign(row=frame["number"].map(order.index))
        return [
            (from_above(marks(chart)), told(given.sort_values(["row", "position"])["position"]))
        ]
    if name == "deprivations":
        pairs = [(bars(chart, ACCENT), told(frame["share"]))]
        return [*pairs, (from_above(marks(chart)), told(frame["beside_share"]))]
    if name == "villages":
        marked = frame[["poor_mark", "near_poor_mark"]].to_numpy().ravel()
        boxes = Counter(mark for mark, _, _ in hidden_boxes(chart))
        given = Counter(mark for mark in marked if mark in ("few", "many"))
        lengths = [(bars(chart, ACCENT), told(frame["poor"]))]
        return [*lengths, (bars(chart, ACCENT_PALE), told(frame["near_poor"])), (boxes, given)]
    if name == "gaps":
        found = frame[(frame["kind"] == "group") & frame["value"].notna()]
        spans = sorted((start, end) for start, end, _ in bands(chart, SPAN))
        given = sorted(zip(found["lower"], found["upper"], strict=True))
        return [(sorted(x for x, _ in marks(chart)), sorted(found["value"])), (spans, given)]
    if name == "funding":
        pairs = ((ACCENT_PALE, "planned"), (ACCENT, "disbursed"))
        return [
            ([end for _, end, _ in bands(chart, colour)], [v for v in told(frame[key]) if v > 0])
            for colour, key in pairs
        ]
    if name == "overview":
        known = frame["value"].notna() | (frame["verdict"] != "absent")
        return [(cells(chart), int(known.sum()))]
    if name == "ranking":
        spans = [(start, end) for start, end, _ in bands(chart, LINE)]
        given = frame[["lower", "upper"]].dropna().itertuples(index=False, name=None)
        return [(from_above(marks(chart)), told(frame["value"])), (spans, [*given])]
    if name == "unit_map":
        rim = frame["radius"] * np.sqrt(0.5)  # marks stand on the circles' rims
        return [
            (sorted(marks(chart)), sorted(zip(frame["x"] + rim, frame["y"] + rim, strict=True)))
        ]
    if ":" in name:
        return [(bars(chart, ACCENT), told(frame["value"]))]
    return [([y for _, y in sorted(marks(chart))], told(frame["value"]))]


def assert_one_row_is_one_mark(name, chart):
    if chart.frame.empty:
        assert marks(chart) == [] and bars(chart, ACCENT) == []
        return
    for found, given in drawn_and_given(name, chart):
        if not isinstance(given, list):
            assert found == given
            continue
        assert len(found) == len(given)
        np.testing.assert_allclose(found, given, rtol=1e-9, atol=1e-9)


MARKED = [*FEW_CASES, *((POOREST, name) for name in OF_A_UNIT)]


@pytest.mark.parametrize("unit, name", MARKED)
def test_one_row_is_one_mark_of_its_length(made, unit, name):
    assert_one_row_is_one_mark(name, made(name, unit))
    if unit == CITY:
        assert_one_row_is_one_mark(name, made(name, change=quiet))


WORDS = {
    "progress_board": ("value", "figure"),
    "poverty_path": ("poor", "count"),
    "deprivations": ("share", "figure"),
    "gaps": ("value", "text"),
    "funding": ("disbursed", "remark"),
    "overview": ("value", "text"),
    "ranking": ("value", "figure"),
    "unit_map": ("value", "figure"),
}


@pytest.mark.parametrize("name", sorted(WORDS))
def test_a_row_without_a_value_is_told_in_words(made, name):
    value, words = WORDS[name]
    for unit in {CITY, CITY if name in ("overview", "ranking") else SMALLEST}:
        chart = made(name, unit, change=quiet)
        if chart.frame.empty:
            assert chart.title in " ".join(texts(chart))
            continue
        without = chart.frame[chart.frame[value].isna()]
        said = Counter(" ".join(text.split()) for text in without[words] if text)
        assert said <= Counter(texts(chart)) and "" not in said


def quiet(tables):
    """Let a unit send nothing, another no register, and nobody say what was disbursed."""
    silence(SMALLEST)(tables)
    rows, money = tables["households"], tables["funding"]
    tables["households"] = rows[~((rows["unit"] == LARGEST) & (rows["as_of"] == DATE))]
    tables["funding"] = money.assign(disbursed=money["disbursed"].mask(money.index % 3 > 0))


def test_two_villages_of_one_name_stay_two(made):
    chart = made("villages", change=same_village_everywhere)
    twins = chart.frame[chart.frame["village"] == TWIN]
    assert len(twins) > 2 and twins["unit"].is_unique
    assert_one_row_is_one_mark("villages", chart)
    assert sum(text.startswith(TWIN) for text in texts(chart)) == len(twins)


@pytest.mark.parametrize("name", ["villages", "ranking", "overview", "movement", *ONE[1:]])
def test_rows_of_one_name_stay_as_many(made, name):
    chart = made(name)
    frame = chart.frame.assign(name="Bản Mới")
    again = replace(chart, figure=drawn_alone(name, frame), frame=frame)
    assert_one_row_is_one_mark(name, again)
    assert texts(again.figure).count("Bản Mới") == (
        frame["unit"].nunique() if name == "overview" else len(frame)
    )


# --- anyone's own ------------------------------------------------------------------------


def drawing(name: str):
    """Return the chart's `draw`, which knows no review."""
    if name in EVERY:
        return getattr(charts, name).draw
    return charts.indicator.draw_by_group if ":" in name else charts.indicator.draw


def drawn_alone(name, frame):
    found = drawing(name)(frame)
    return (found[0] if isinstance(found, list) else found).figure


@pytest.mark.parametrize(
    "unit, name", [one for one in MARKED if one[1] not in ("gaps", "villages")]
)
def test_a_frame_is_drawn_on_anyone_s_axes(situation, made, unit, name):
    chart = made(name, unit)
    frames = (chart.frame,)
    if name == "spine":
        frames = spine_rows(review_of(situation, unit, DATE))
    own, (left, right) = plt.subplots(1, 2, figsize=(14, 6), gridspec_kw={"left": 0.3})
    try:
        before = len(left.get_children())
        assert drawing(name)(*frames, ax=right) is right
        assert len(left.get_children()) == before and own.axes == [left, right]
        assert_one_row_is_one_mark(name, replace(chart, figure=own))
        assert_one_row_is_one_mark(name, replace(chart, figure=drawing(name)(*frames).figure))
    finally:
        plt.close(own)


@pytest.mark.parametrize("name", ["gaps", "villages"])
def test_a_frame_is_drawn_on_several_axes(made, name):
    chart = made(name)
    number = 2 if name == "villages" else chart.frame["result"].nunique()
    own, axes = plt.subplots(1, number, figsize=(14, 6), gridspec_kw={"left": 0.3})
    try:
        assert drawing(name)(chart.frame, list(axes)) == list(axes)
        assert_one_row_is_one_mark(name, replace(chart, figure=own))
        assert_one_row_is_one_mark(name, replace(chart, figure=drawn_alone(name, chart.frame)))
    finally:
        plt.close(own)


@pytest.mark.parametrize("name", [one for one in (*EVERY, *ONE) if one not in ("spine", "gaps")])
def test_some_rows_of_a_frame_are_drawn_like_all(made, name):
    chart = made(name)
    frame = chart.frame
    first = frame["number"] == frame["number"].iloc[0] if name == "overview" else frame.index == 0
    kept = frame[~first]
    figure = drawn_alone(name, kept)
    assert_one_row_is_one_mark(name, replace(chart, figure=figure, frame=kept))


# --- matplotlib --------------------------------------------------------------------------


@pytest.mark.parametrize("unit, name", FEW_CASES)
def test_a_line_and_another_title_show_in_both_formats(situation, unit, name):
    chart = draw(review_of(situation, unit, DATE), name)
    ax = chart.figure.axes[0]
    middle = sum(ax.get_xlim()) / 2
    ax.axvline(middle, color="#ff00ff", linewidth=6)
    title = chart.figure.texts[0]
    assert chart.title.startswith(title.get_text())
    title.set_text("Tên khác")
    svg = chart.svg(text=True)
    assert "stroke: #ff00ff" in svg and "Tên khác" in written(svg)
    pixels = np.asarray(Image.open(BytesIO(chart.png(50))).convert("RGB")).astype(int)
    assert (np.abs(pixels - (255, 0, 255)) < 40).all(axis=2).any()
    title.set_text("Lại khác")
    assert (np.asarray(Image.open(BytesIO(chart.png(50))).convert("RGB")) != pixels).any()


def written(svg: str) -> str:
    """Return the texts of an SVG in their order, joined."""
    found = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    return " ".join("".join(one.itertext()) for one in found)


@pytest.mark.parametrize("unit, name", [*FEW_CASES, (POOREST, "villages")])
def test_the_same_review_gives_the_same_bytes_whatever_the_reader_s_settings(situation, unit, name):
    review = review_of(situation, unit, DATE)
    of_pyplot = plt.get_fignums()
    first = draw(review, name)
    files = first.svg(), first.svg(text=True), first.png(50)
    settings = {
        **{"font.size": 30, "figure.facecolor": "red", "text.parse_math": True},
        **{"axes.grid": True, "axes.prop_cycle": matplotlib.cycler(color="c"), "svg.hashsalt": "x"},
    }
    with matplotlib.rc_context(settings):
        before = dict(matplotlib.rcParams)
        second = draw(review_of(situation, unit, DATE), name)
        assert (second.svg(), second.svg(text=True), second.png(50)) == files
        assert dict(matplotlib.rcParams) == before
    assert plt.get_fignums() == of_pyplot
    assert not any(word in files[0] for word in ("Matplotlib", "<dc:date>", "<text"))
    words = written(files[1])
    assert first.title in words and first.subtitle in words and first.source in words
    assert len(files[1]) < (140_000 if name == "overview" else 60_000)


@pytest.mark.parametrize("name", ["ranking", "villages"])
def test_a_chart_written_twice_is_the_same(made, name):
    chart = made(name)
    assert chart.svg() == chart.svg() and chart.png(50) == chart.png(50)


KINDS = {
    *("Biểu đồ chỉ tiêu", "Biểu đồ đường", "Biểu đồ thác nước", "Biểu đồ so sánh các xã, phường"),
    *("Biểu đồ thanh", "Biểu đồ điểm", "Bảng màu", "Biểu đồ điểm xếp hạng"),
    *("Target chart", "Line chart", "Waterfall chart", "Spine chart", "Bar chart"),
    *("Dot chart", "Colour table", "Ranked dot chart", "Sơ đồ vị trí", "Unit map"),
}


@pytest.mark.parametrize("unit, name", [*MARKED, (TINY, "gaps"), (NO_POOR, "deprivations")])
def test_the_alt_text_says_kind_finding_and_at_most_three_figures(made, unit, name):
    for language in ("vi", "en") if unit == CITY else ("vi",):
        alt = made(name, unit, language=language).alt
        chart = made(name, unit, language=language)
        kind, _, rest = alt.partition(": ")
        assert kind in KINDS
        assert rest.startswith(f"{chart.subtitle}. {chart.title}.")
        data = rest.removeprefix(f"{chart.subtitle}. {chart.title}.")
        assert data.count(";") <= 2 and len(alt) <= 500


# --- what is hidden ----------------------------------------------------------------------


@pytest.mark.parametrize("unit", [CITY, POOREST, SMALLEST, TINY])
def test_no_frame_holds_a_hidden_number_of_a_village(situation, made, unit):
    cells_ = review_of(situation, unit, DATE).villages.set_index(["unit", "village"])
    frame = made("villages", unit).frame
    if len(frame) == 1 and unit != CITY:
        assert "village" not in frame or (unit, frame["village"].iloc[0]) not in cells_.index
        return
    for row in frame.to_dict("records"):
        cell = cells_.loc[(row["unit"], row["village"])]
        for group in ("poor", "near_poor"):
            assert row[f"{group}_mark"] == cell[f"{group}_mark"]
            assert pd.isna(row[group]) == bool(row[f"{group}_mark"])
            assert pd.isna(row[group]) or row[group] == 0 or row[group] >= 5
    others = set(frame.columns) - {"poor", "near_poor"}
    assert not any(pd.api.types.is_numeric_dtype(frame[name]) for name in others)


@pytest.mark.parametrize("unit", [CITY, POOREST, TINY])
def test_no_frame_holds_a_hidden_number_of_a_group(situation, made, unit):
    frame, groups = made("gaps", unit).frame, review_of(situation, unit, DATE).groups
    numbers = ["value", "lower", "upper"]
    hidden = frame[frame["text"] == "không nêu"]
    assert hidden[numbers].isna().all(axis=None)
    cells_ = frame[frame["kind"].isin(("group", "total"))]
    known = groups[~groups["hidden"] & groups["value"].notna()]
    assert sorted(told(cells_["value"])) == pytest.approx(sorted(told(known["value"])))
    for by in ("ethnicity", "head_sex"):
        rows = made(f"health_insurance_coverage:{by}", unit).frame
        if not rows.empty:
            parts = rows[["numerator", "denominator", "value", "lowest", "highest", "unknown"]]
            assert parts[rows["state"] == "hidden"].isna().all(axis=None)


def test_no_frame_holds_a_hidden_number_of_near_poor_households(situation, made):
    review, frame = review_of(situation, CITY, DATE), made("deprivations").frame
    assert frame["beside_hidden"].sum() == review.hidden_deprivations.loc["area"].sum() > 0
    told_of = ["beside_n", "beside_total", "beside_share"]
    assert frame.loc[frame["beside_hidden"], told_of].isna().all(axis=None)
    known = frame[~frame["beside_hidden"]]
    for part in (known["beside_n"], known["beside_total"] - known["beside_n"]):
        assert not part.between(1, 4).any()


# --- edges -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_a_city_where_nobody_is_poor_gets_charts_or_sentences(made, name):
    assert_stands(made(name, change=nobody_poor), name)
    if name in ("movement", "deprivations", "villages", "poverty_path"):
        assert_stands(made(name, TINY, change=nobody_poor), name)


@pytest.mark.parametrize("name", EVERY)
def test_a_city_where_one_village_is_all_and_a_unit_is_silent_gets_charts(made, name):
    assert_stands(made(name, change=one_village), name)
    assert_stands(made(name, change=quiet), name)
    if name in OF_A_UNIT:
        assert_stands(made(name, SMALLEST, change=quiet), name)


def nobody_reports(tables):
    for name, frame in tables.items():
        if "as_of" in frame and name != "history":
            tables[name] = frame[frame["as_of"] != DATE]
    counts = tables["unit_counts"]
    one = counts[counts["as_of"] == "2020-09-30"].head(1).assign(as_of=DATE)
    blank = counts.columns.difference(["as_of", "unit"])
    tables["unit_counts"] = pd.concat([counts, one.assign(**dict.fromkeys(blank, pd.NA))])


@pytest.mark.parametrize("name", EVERY)
def test_a_city_of_which_nothing_is_known_gets_sentences(made, name):
    assert_stands(made(name, change=nobody_reports), name)
    if name in OF_A_UNIT:
        assert_stands(made(name, POOREST, change=nobody_reports), name)


def assert_stands(chart, name):
    if chart is not None:
        assert unreadable(chart) == []
        assert_words_are_whole(chart)
        assert_one_row_is_one_mark(name, chart)


@pytest.fixture(scope="module")
def province(tmp_path_factory):
    from sonla_analysis.review import open_data

    folder = write_sample(tmp_path_factory.mktemp("province"), 34, 7, dates=[DATE])
    return open_data(folder)


@pytest.mark.parametrize("name", [*EVERY, "poor_household_rate:unit"])
def test_of_more_units_than_fit_a_page_some_are_drawn_and_the_others_counted(province, name):
    area = province.progress.query("level == 'area'")["unit"].iloc[0]
    chart = draw(review_of(province, area, DATE), name)
    assert_stands(chart, name)
    if name in ("overview", "ranking"):
        left = 34 - chart.frame["unit"].nunique() + (name == "overview")
        assert f"{left} xã, phường khác không vẽ" in chart.source
    if name == "poor_household_rate:unit":
        assert len(chart.frame) < len(chart.numbers) == 34
        assert str(34 - len(chart.frame)) in chart.source
