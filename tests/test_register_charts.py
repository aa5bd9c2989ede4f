"""Deprivations, villages, gaps and funding: what is on the charts, and what must never be."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from cities import CITY, DATE, TINY
from cities import NO_POOR as WITHOUT_POOR
from cities import POOREST as COMMUNE
from drawn import bands, bars, everything, hidden_boxes, marks, squares, texts, unreadable
from hypothesis import given, settings
from hypothesis import strategies as some

from sonla_analysis.charts import deprivations, funding, gaps, villages
from sonla_analysis.charts.theme import ACCENT, ACCENT_PALE, LINE
from sonla_analysis.definitions.input_columns import POOR
from sonla_analysis.indicators.comparison import wilson_interval
from sonla_analysis.indicators.funding import budget_lines
from sonla_analysis.indicators.gaps import told_gaps
from sonla_analysis.indicators.groups import (
    hidden_cells,
    hiding_marks,
    village_cells,
    village_counts,
)
from sonla_analysis.indicators.measure import measure
from sonla_analysis.indicators.progress import assess
from sonla_analysis.indicators.villages import ranked
from sonla_analysis.page import report_tables
from sonla_analysis.review import Review, review_of
from sonla_analysis.sentences import number


@pytest.fixture(scope="module")
def changed(situation):
    """Return a function: the review of a unit after some tables were changed on the date."""

    def review(unit, language="vi", **changes) -> Review:
        tables = dict(situation.tables)
        for name, change in changes.items():
            frame = tables[name]
            here = frame["as_of"] == DATE
            tables[name] = pd.concat([frame[~here], change(frame[here].copy())], ignore_index=True)
        progress = assess(measure(tables, situation.plan, DATE), situation.plan)
        return Review(replace(situation, tables=tables, progress=progress), unit, DATE, language)

    return review


def poor_of(review) -> pd.DataFrame:
    rows = review.rows("households")
    return rows[rows["status"].isin(POOR)]


# --- deprivations ------------------------------------------------------------------------


def test_bars_are_as_long_as_the_shares_of_poor_households(situation):
    review = review_of(situation, COMMUNE, DATE)
    chart, poor = deprivations(review), poor_of(review)
    columns = [name for name in poor if name.startswith("deprived_")]
    counts = sorted((int(poor[name].sum()) for name in columns), reverse=True)
    assert bars(chart, ACCENT) == pytest.approx(np.array(counts) / len(poor) * 100)
    printed = chart.numbers.iloc[:, 2].tolist()
    assert [int(text.split("/")[0]) for text in printed] == counts
    assert chart.title.endswith(f"{counts[0]}/{len(poor)} hộ (41,3%)") == (
        counts[0] / len(poor) == 19 / 46
    )


def test_the_city_shows_poor_and_near_poor_households(situation):
    review = review_of(situation, CITY, DATE, "en")
    chart, rows = deprivations(review), review.rows("households")
    near = rows[rows["status"] == "near_poor"]
    row = chart.numbers.set_index("Deprivation").loc["Hygienic toilet"]
    n, total = int(poor_of(review)["deprived_toilet"].sum()), len(poor_of(review))
    assert row["Poor"] == f"{n} of {total} ({number(n / total * 100, 'en', 1)}%)"
    assert row["Near-poor"].startswith(f"{int(near['deprived_toilet'].sum())} of {len(near)} ")


def test_few_households_are_squares_and_have_no_percentages(situation):
    review = review_of(situation, TINY, DATE)
    chart, poor = deprivations(review), poor_of(review)
    flags = poor[[name for name in poor if name.startswith("deprived_")]]
    assert squares(chart, ACCENT) == int(flags.sum().sum())
    assert squares(chart, LINE) == int((flags.notna().sum() - flags.sum()).sum())
    assert bars(chart, ACCENT) == [] and marks(chart) == []
    assert "%" not in chart.title + "".join(chart.numbers.iloc[:, 2])


def test_without_poor_households_only_the_area_is_drawn(situation):
    chart = deprivations(review_of(situation, WITHOUT_POOR, DATE))
    assert chart.title == "Phường Quyết Thắng không có hộ nghèo"
    assert set(chart.numbers.iloc[:, 2]) == {"không có hộ"}
    assert bars(chart, ACCENT) == [] and len(marks(chart, "beside")) == 10


def test_a_register_not_sent_is_not_a_unit_without_poor_households(changed):
    def gone(frame):
        return frame[frame["unit"] != COMMUNE]

    review = changed(COMMUNE, households=gone, members=gone)
    assert deprivations(review).title == "Xã Chiềng Đen chưa có số liệu rà soát hộ nghèo"
    assert set(deprivations(review).numbers.iloc[:, 2]) == {"chưa báo cáo"}
    assert "chưa có số liệu" in villages(review).title
    assert "chưa có số liệu" in gaps(review).title
    assert "chưa gồm 1 xã, phường" in deprivations(changed(CITY, households=gone)).source


def test_households_without_an_entry_leave_the_denominator(changed):
    def blank(frame):
        poor = frame.index[(frame["unit"] == COMMUNE) & frame["status"].isin(POOR)]
        frame.loc[poor[:20], "deprived_housing_area"] = pd.NA
        frame.loc[poor, "deprived_toilet"] = pd.NA
        return frame

    review = changed(COMMUNE, households=blank)
    chart = deprivations(review)
    printed = chart.numbers.set_index("Chỉ số")["Xã Chiềng Đen"]
    kept = poor_of(review)["deprived_housing_area"]
    assert printed["Diện tích nhà ở bình quân đầu người"].startswith(
        f"{int(kept.sum())}/{46 - 20} hộ"
    )
    assert printed["Hố xí/nhà tiêu hợp vệ sinh"] == "chưa ghi"
    assert "chưa ghi thông tin" in chart.source


def test_ties_for_the_first_place_are_all_named(changed):
    def equal(frame):
        poor = frame.index[(frame["unit"] == COMMUNE) & frame["status"].isin(POOR)]
        names = [name for name in frame if name.startswith("deprived_")]
        frame.loc[poor, names] = False
        frame.loc[poor[:7], ["deprived_water", "deprived_toilet"]] = True
        return frame

    title = deprivations(changed(COMMUNE, "en", households=equal)).title
    assert (
        "hygienic toilet" in title and "water source" in title and "7 of 46 (15.2%) each" in title
    )


def test_no_deprivation_at_all_is_said(changed):
    def none(frame):
        frame[[name for name in frame if name.startswith("deprived_")]] = False
        return frame

    title = deprivations(changed(COMMUNE, households=none)).title
    assert title == "Không hộ nghèo nào thiếu hụt dịch vụ xã hội cơ bản (46 hộ nghèo)"


# --- villages ----------------------------------------------------------------------------


def possible(marks: list[str], counts: list[int], place: int) -> set[int]:
    """Return the numbers a reader who knows the total, the marks and the rules cannot exclude."""
    told = sum(n for n, mark in zip(counts, marks, strict=True) if not mark)
    left = sum(counts) - told
    ranges = {"few": (1, 4), "many": (5, left), "hidden": (0, left)}
    others = [ranges[mark] for at, mark in enumerate(marks) if mark and at != place]
    low, high = ranges[marks[place]]
    least, most = sum(one[0] for one in others), sum(one[1] for one in others)
    return {n for n in range(low, high + 1) if least <= left - n <= most}


@given(some.lists(some.integers(0, 9), min_size=2, max_size=9))
@settings(max_examples=300, deadline=None)
def test_subtraction_from_the_total_never_tells_a_hidden_village(counts):
    marks = hiding_marks(counts)
    for place, (n, mark) in enumerate(zip(counts, marks, strict=True)):
        assert mark or not 0 < n < 5
        if mark:
            cannot_exclude = possible(marks, counts, place)
            assert n in cannot_exclude
            if mark == "few":
                assert cannot_exclude == {1, 2, 3, 4}
            assert len(cannot_exclude) >= {"few": 4, "many": 4, "hidden": 2}[mark]


@pytest.mark.parametrize(
    ("counts", "marks"),
    [
        ([12, 6, 0], ["", "", ""]),
        ([12, 2, 2, 3], ["", "few", "few", "few"]),  # 3 + 3 ≤ 7 ≤ 4·3 − 3
        ([12, 7, 4], ["", "many", "few"]),  # a single hidden number would be the rest
        ([4, 4], ["hidden", "hidden"]),  # 8 = 4 + 4 and nothing else
        ([1, 1, 1, 1, 1, 0], ["hidden"] * 6),  # 5 = 1 + 1 + 1 + 1 + 1
    ],
)
def test_a_village_is_hidden_as_far_as_the_total_demands(counts, marks):
    assert hiding_marks(counts) == marks


def moved(frame, pairs):
    """Return the households with poor ones moved between villages that are both hidden."""
    for source, target in pairs:
        rows = frame.index[
            (frame["unit"] == COMMUNE) & (frame["village"] == source) & frame["status"].isin(POOR)
        ]
        frame["village"] = frame["village"].astype("str")
        frame.loc[rows[:1], "village"] = target
    return frame


def test_nothing_in_a_chart_depends_on_a_hidden_number(situation, changed):
    before = review_of(situation, COMMUNE, DATE)
    cells = before.villages
    few = cells[cells["poor_mark"] == "few"]["village"]
    counts = village_counts(before.rows("households")).set_index("village")["poor"]
    source = next(name for name in few if counts[name] > 1)
    target = next(name for name in few if counts[name] < 4 and name != source)
    after = changed(COMMUNE, households=lambda frame: moved(frame, [(source, target)]))
    recounted = village_counts(after.rows("households")).set_index("village")["poor"]
    assert recounted[target] == counts[target] + 1
    one, other = villages(before), villages(after)
    assert (one.title, one.alt, one.svg()) == (other.title, other.alt, other.svg())
    pd.testing.assert_frame_equal(one.numbers, other.numbers)
    pd.testing.assert_frame_equal(one.frame, other.frame)


def test_told_villages_are_counted_from_the_register_and_ranked(situation):
    review = review_of(situation, COMMUNE, DATE)
    chart = villages(review)
    poor = poor_of(review).groupby("village", observed=True).size()
    printed = chart.numbers["Hộ nghèo"].tolist()
    names = chart.numbers["Tổ, bản, tiểu khu"].tolist()
    told = [(name, int(text)) for name, text in zip(names, printed, strict=True) if text.isdigit()]
    assert [n for _, n in told if n] == sorted((n for n in poor if n >= 5), reverse=True)
    assert all(poor.get(name, 0) == n for name, n in told)
    visible = [n for _, n in told if n]
    assert bars(chart, ACCENT) == [n for _, n in told]
    assert str(visible[0]) in chart.title and names[0] in chart.title
    hidden = [name for name, text in zip(names, printed, strict=True) if text == "1–4"]
    assert hidden and all(1 <= poor[name] <= 4 for name in hidden)
    assert {box for box in hidden_boxes(chart) if box[0] == "few"} == {("few", 1, 4)}


def test_hidden_villages_stand_in_alphabetical_order_not_in_that_of_their_number():
    def rows(village, poor):
        row = {"unit": "u", "village": village, "status": "poor_income"}
        return [row | {"as_of": DATE, "start_status": "not_poor"}] * poor

    named = {"Tổ 10": 4, "Tổ 2": 1, "Bản Bó": 2, "Bản Đen": 3, "Bản Cọ": 9}
    register = pd.DataFrame([row for name, n in named.items() for row in rows(name, n)])
    cells = ranked(village_cells([register]))
    assert cells["village"].tolist() == ["Bản Cọ", "Bản Bó", "Bản Đen", "Tổ 2", "Tổ 10"]
    assert cells["poor"].tolist()[0] == 9 and cells["poor"].isna().sum() == 4


def test_where_no_village_can_be_told_the_unit_is_drawn_as_a_whole(situation):
    chart = villages(review_of(situation, TINY, DATE))
    poor = len(poor_of(review_of(situation, TINY, DATE)))
    assert chart.numbers.iloc[0].tolist()[:2] == ["Phường Tô Hiệu", str(poor)]
    assert len(chart.numbers) == 1 and "Tổ" not in everything(chart).replace("Tổ, bản", "")


def test_the_city_names_only_villages_whose_ward_tells_them(situation):
    chart = villages(review_of(situation, CITY, DATE))
    assert len(chart.numbers) <= 15
    for unit in review_of(situation, CITY, DATE).leaf_units.index:
        cells = review_of(situation, unit, DATE).villages
        told = set(cells.loc[(cells["poor"] >= 5) | (cells["near_poor"] >= 5), "village"])
        name = situation.tables["units"].set_index("code")["name"][unit]
        name = name if isinstance(name, str) else name.iloc[0]
        drawn = [text for text in chart.numbers.iloc[:, 0] if text.endswith(f" {name})")]
        assert {text.split(" (")[0] for text in drawn} <= told


def test_a_village_that_may_be_the_largest_but_is_hidden_makes_the_title_say_so(changed):
    def three(frame):
        frame["village"] = frame["village"].astype("str")
        here = frame["unit"] == COMMUNE
        poor = frame.index[here & frame["status"].isin(POOR)]
        frame.loc[here, "village"] = "Bản Một"
        frame.loc[poor[:3], "village"] = "Bản Hai"
        frame.loc[poor[3:18], "village"] = "Bản Ba"
        return frame

    review = changed(COMMUNE, households=three)
    tables = {
        name: frame[frame["as_of"] == DATE] if "as_of" in frame else frame
        for name, frame in review.tables.items()
    }
    chart = villages(replace(review, data=replace(review.data, tables=tables)))
    assert chart.title.startswith("Trong các tổ, bản nêu được số, Bản Một")
    assert chart.numbers.iloc[:, 1].tolist() == ["28", "từ 5", "1–4"]
    assert "15" not in "".join(chart.numbers.to_numpy().ravel())


# --- gaps --------------------------------------------------------------------------------


def followed(hidden: np.ndarray) -> list:
    """Return the hidden cells that the published totals determine, by linear algebra."""
    rows, columns = np.nonzero(hidden)
    equations = np.zeros((sum(hidden.shape), len(rows)))
    equations[rows, np.arange(len(rows))] = 1
    of_area = rows == hidden.shape[0] - 1
    equations[hidden.shape[0] + columns, np.arange(len(rows))] = np.where(of_area, -1, 1)
    _, sizes, directions = np.linalg.svd(equations)
    free = directions[(sizes > 1e-9).sum() :]
    return [cell for cell in range(len(rows)) if np.abs(free[:, cell]).max(initial=0) < 1e-9]


@given(
    some.integers(1, 6), some.integers(2, 5), some.sampled_from([1, 4, 10]), some.integers(0, 10**6)
)
@settings(max_examples=150, deadline=None)
def test_no_hidden_group_follows_from_the_totals_of_units_and_area(units, groups, mean, seed):
    random = np.random.default_rng(seed)
    counted = random.poisson(mean, (units, groups)) * (random.random((units, groups)) < 0.8)
    reached = random.binomial(counted, 0.8)
    tables = [np.vstack([one, one.sum(axis=0)]) for one in (reached, counted, (counted + 2) // 3)]
    hidden = hidden_cells([tables])
    told = ~hidden
    for table in tables:
        assert not ((table[told] > 0) & (table[told] < 5)).any()
    assert followed(hidden) == []


def all_cells(situation, unit) -> pd.DataFrame:
    return review_of(situation, unit, DATE).groups


def test_told_groups_are_counted_from_the_register_with_wilson_intervals(situation):
    cells = all_cells(situation, CITY)
    poor = poor_of(review_of(situation, CITY, DATE))
    water = cells[(cells["result"] == "hygienic_water") & cells["value"].notna()]
    assert len(water) >= 5
    for cell in water[water["grouping"].isin(["ethnicity", "head_sex", "area"])].to_dict("records"):
        if cell["group"] in ("other", "blank"):
            continue
        own = poor[poor[cell["grouping"]] == cell["group"]]
        reached = int(own["hygienic_water"].sum())
        assert (cell["numerator"], cell["denominator"]) == (reached, len(own))
        assert (cell["lower"], cell["upper"]) == pytest.approx(wilson_interval(reached, len(own)))


def test_totals_are_those_of_the_indicators(situation):
    for unit in (CITY, COMMUNE, TINY):
        cells = all_cells(situation, unit).query("grouping == 'total'").set_index("result")
        now = review_of(situation, unit, DATE).now
        for name in cells.index.intersection(now.index):
            assert cells.loc[name, "numerator"] == now.loc[name, "numerator"]
            assert cells.loc[name, "denominator"] == now.loc[name, "denominator"]


def test_who_left_poverty_is_counted_among_those_poor_at_the_start(situation):
    cells = all_cells(situation, CITY).query("grouping == 'total' and result == 'left_poverty'")
    rows = review_of(situation, CITY, DATE).rows("households")
    start = rows[rows["start_status"].isin(POOR)]
    left = ~start["status"].isin([*POOR, "absent"])
    assert cells[["numerator", "denominator"]].values.tolist() == [[int(left.sum()), len(start)]]


def test_a_group_of_many_persons_in_few_homes_is_not_told():
    persons = np.array([[9, 30], [40, 50], [49, 80]])
    homes = np.array([[2, 12], [10, 15], [12, 27]])
    assert hidden_cells([(persons, persons, homes)])[0].tolist() == [True, True]
    assert not hidden_cells([(persons, persons, homes + 3)])[0].any()


def test_no_told_cell_of_any_unit_is_small(situation):
    for unit in [CITY, *review_of(situation, CITY, DATE).leaf_units.index]:
        told = all_cells(situation, unit).query("grouping in ['ethnicity', 'head_sex'] and ~hidden")
        for part in ("numerator", "denominator"):
            assert not told[part].between(1, 4).any()


def test_groups_too_small_to_compare_are_said_not_drawn(situation):
    chart = gaps(review_of(situation, TINY, DATE))
    assert chart.title.startswith("Không so sánh được các nhóm ở phường Tô Hiệu")
    assert chart.numbers["Nhóm"].tolist() == ["Phường Tô Hiệu", "Thành phố Sơn La"]
    assert texts(chart).count("không nêu: số quá ít, hoặc chỉ có một nhóm") == 2


def apart(frame):
    """Return the households with hygienic water in a third of the homes that women head."""
    women = frame.index[(frame["head_sex"] == "female") & frame["status"].isin(POOR)]
    others = frame.index[(frame["head_sex"] != "female") & frame["status"].isin(POOR)]
    frame.loc[others, "hygienic_water"] = [place % 12 > 0 for place in range(len(others))]
    frame.loc[women, "hygienic_water"] = [place % 3 == 0 for place in range(len(women))]
    return frame


def test_a_difference_is_called_clear_only_where_the_adjusted_test_says_so(situation, changed):
    review = changed(CITY, "en", households=apart)
    chart, table = gaps(review), report_tables.gaps(review)
    assert chart.title.startswith("Hygienic water: female heads lower than male heads (")
    assert "against 91" in chart.title
    (clear,) = [one for one in told_gaps(review.groups.to_dict("records")) if one["clear"]]
    assert clear["p_adjusted"] <= 0.05 and (clear["cell"]["group"]) == "female"
    drawn = chart.frame.loc[chart.frame["clear"], ["label", "result"]].to_numpy().tolist()
    assert drawn == [["Female", "Hygienic water"]]
    assert [row[:2] for row in table.texts] == [["Hygienic water", "Female against Male"]]


def test_where_no_difference_is_clear_the_chart_says_of_how_many_and_no_table_stands(situation):
    review = review_of(situation, CITY, DATE, "en")
    found = told_gaps(review.groups.to_dict("records"))
    assert not any(one["clear"] for one in found)
    chart = gaps(review)
    assert chart.title == f"No clear difference between groups in {len(found)} comparisons"
    assert report_tables.gaps(review) is None and not chart.frame["clear"].any()


def test_hidden_groups_are_words_in_the_figures(situation):
    chart = gaps(review_of(situation, COMMUNE, DATE))
    cells = all_cells(situation, COMMUNE)
    drawn = set(chart.numbers["Nhóm"])
    assert {"Thái", "Nam", "Nữ"} <= drawn or "không nêu" in everything(chart)
    shown = cells[cells["hidden"] & cells["group"].isin(drawn)]
    assert Counter(chart.numbers.to_numpy().ravel())["không nêu"] >= len(shown)


# --- funding -----------------------------------------------------------------------------


def test_the_title_sums_all_lines(situation):
    review = review_of(situation, CITY, DATE)
    rows = review.rows("funding")
    planned, disbursed = rows["planned"].sum(), rows["disbursed"].sum()
    share = number(disbursed / planned * 100, decimals=1)
    amounts = number(disbursed, decimals=1), number(planned, decimals=1)
    expected = f"Đã giải ngân {amounts[0]} trong {amounts[1]} triệu đồng kế hoạch ({share}%)"
    assert funding(review).title == expected


def test_bars_are_as_long_as_the_amounts(situation):
    review = review_of(situation, CITY, DATE)
    chart = funding(review)
    rows = review.rows("funding")
    sums = rows.groupby(["project", "source"])[["planned", "disbursed"]].sum()
    for column, color in (("planned", ACCENT_PALE), ("disbursed", ACCENT)):
        lengths = sorted(end for start, end, _ in bands(chart, color) if start == 0)
        assert lengths == pytest.approx(sorted(sums[column]))


def lines(*rows) -> pd.DataFrame:
    named = [
        dict(zip(("project", "source", "planned", "disbursed"), row, strict=True)) for row in rows
    ]
    return pd.DataFrame([{"as_of": DATE, "unit": COMMUNE, **row} for row in named])


def test_projects_are_sorted_by_their_plan_and_units_added_up():
    rows = lines(("Nhỏ", "a", 5, 1), ("Lớn", "a", 6, 2), ("Lớn", "b", 9, 3), ("Lớn", "a", 1, 1))
    table = budget_lines(rows, "vi")
    assert table[["project", "source", "planned", "disbursed"]].values.tolist() == [
        ["Lớn", "b", 9, 3],
        ["Lớn", "a", 6 + 1, 2 + 1],
        ["Nhỏ", "a", 5, 1],
    ]


def test_zero_missing_and_more_than_planned_are_told_apart(changed):
    rows = lines(
        ("A", "s", 10.0, 0.0), ("B", "s", 20.0, None), ("C", "s", 5.0, 8.0), ("D", "s", 3.0, 0.01)
    )  # fmt: skip
    chart = funding(changed(COMMUNE, funding=lambda frame: rows))
    figures = chart.numbers.set_index("Dự án")
    assert figures.loc["A"].tolist()[1:] == ["10,0", "0", "0%"]
    assert figures.loc["B"].tolist()[1:] == ["20,0", "chưa báo cáo", "–"]
    assert figures.loc["C", "Tỷ lệ giải ngân"] == "160,0%"
    assert figures.loc["D"].tolist()[1:] == ["3,0", "<0,1", "0,3%"]
    assert {"chưa giải ngân", "chưa báo cáo giải ngân"} <= set(texts(chart))
    share = number((0 + 8 + 0.01) / (10 + 5 + 3) * 100, decimals=1)
    assert (
        chart.title
        == f"Các khoản đã báo cáo: giải ngân 8,0 trong 18,0 triệu đồng kế hoạch ({share}%)"
    )
    assert "Chưa tính 1 khoản" in chart.source


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        ([("A", "s", 10.0, 0.0)], "Chưa giải ngân trong 10,0 triệu đồng kế hoạch"),
        ([("A", "s", 10.0, None)], "Chưa báo cáo giải ngân; kế hoạch 10,0 triệu đồng"),
        ([("A", "s", 0.0, 2.0)], "Đã giải ngân 2,0 triệu đồng không có trong kế hoạch"),
        ([("A", "s", 0.0, 0.0)], "Không có kinh phí kế hoạch và chưa giải ngân khoản nào"),
        ([("A", "s", 10.0, 9.9999)], "Đã giải ngân 10,0 trong 10,0 triệu đồng kế hoạch (>99,9%)"),
        ([("A", "s", 10.0, 10.0)], "Đã giải ngân 10,0 trong 10,0 triệu đồng kế hoạch (100%)"),
        ([], "Xã Chiềng Đen chưa có số liệu kinh phí"),
    ],
)
def test_the_title_is_true_of_every_state_of_the_funds(changed, rows, title):
    def only(frame):
        return frame[frame["unit"] != COMMUNE] if not rows else lines(*rows)

    assert funding(changed(COMMUNE, funding=only)).title == title


def test_many_projects_with_long_names_fit_on_a_page(changed):
    name = (
        "Hỗ trợ phát triển sản xuất, đa dạng hóa sinh kế cho các tổ, bản đặc biệt khó khăn vùng cao"
    )
    rows = lines(
        *(
            (f"Dự án {n}: {name}", f"Nguồn lồng ghép thứ {k}", 10.0 * n, 5.0)
            for n in range(1, 15)
            for k in (1, 2)
        )
    )
    chart = funding(changed(COMMUNE, funding=lambda frame: rows))
    assert unreadable(chart) == []
    assert chart.numbers["Dự án"].iloc[-1].startswith("Các dự án khác (")
    planned = [float(text.replace(".", "").replace(",", ".")) for text in chart.numbers.iloc[:, 2]]
    assert sum(planned) == pytest.approx(rows["planned"].sum())


# --- what lies beside a chart as CSV -----------------------------------------------------


@pytest.mark.parametrize("unit", [CITY, COMMUNE, "03646"])
def test_what_a_chart_does_not_tell_is_no_number_in_its_rows_either(situation, unit):
    review = review_of(situation, unit, DATE)
    by_village, by_group = villages(review).frame, gaps(review).frame
    for group in ("poor", "near_poor"):
        assert by_village.loc[by_village[f"{group}_mark"] != "", group].isna().all()
    silent = by_group[~by_group["text"].str.contains(r"\d")]
    assert len(silent) and silent[["value", "lower", "upper"]].isna().all(axis=None)
    lacking = deprivations(review).frame
    if "beside_hidden" in lacking:
        hidden = lacking[lacking["beside_hidden"]]
        assert hidden[["beside_n", "beside_total", "beside_share"]].isna().all(axis=None)
