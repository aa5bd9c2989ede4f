"""Words: every sentence is true of the row it is chosen for, in both languages."""

import re
import string
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pandas as pd
import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st

from sonla_analysis import sentences
from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.indicators.bridge_tables import NO_FORMER
from sonla_analysis.indicators.progress import assess
from sonla_analysis.language.phrases import _FOLDER, message, phrase
from sonla_analysis.review import open_review

MIDDLE = "2020-07-01"
LANGUAGES = ("vi", "en")


# --- numbers and dates -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "decimals", "vietnamese", "english"),
    [
        (1304001, 0, "1.304.001", "1,304,001"),
        (1234.5, 1, "1.234,5", "1,234.5"),
        (0, 0, "0", "0"),
        (0.125, 2, "0,13", "0.13"),  # half up, as targets are judged
        (2.5, 0, "3", "3"),
        (-1.5, 1, "−1,5", "−1.5"),
        (None, 0, "–", "–"),
        (float("nan"), 2, "–", "–"),
        (pd.NA, 0, "–", "–"),
    ],
)
def test_numbers_are_written_as_each_language_writes_them(value, decimals, vietnamese, english):
    assert sentences.number(value, "vi", decimals) == vietnamese
    assert sentences.number(value, "en", decimals) == english


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.77, "0,77%"),
        (79.104477, "79,10%"),
        (100, "100%"),
        (0, "0%"),
        (99.999, ">99,99%"),
        (0.001, "<0,01%"),
        (99.994, "99,99%"),
        (99.9951, ">99,99%"),
        (0.0049, "<0,01%"),
        (None, "–"),
        (float("nan"), "–"),
        (pd.NA, "–"),
    ],
)
def test_a_percentage_never_rounds_to_all_or_nothing(value, expected):
    assert sentences.percent(value) == expected


def test_a_slight_rise_never_prints_as_a_slight_fall():
    """A fall of −0.004 % is a rise; what is said of it begins with its sign."""
    assert sentences.percent(-0.004).startswith("−")


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_only_all_prints_as_100_percent_and_only_none_as_0(numerator, denominator):
    numerator = min(numerator, denominator)
    text = sentences.percent(numerator / denominator * 100)
    assert (text == "100%") == (numerator == denominator)
    assert (text == "0%") == (numerator == 0)


@pytest.mark.parametrize(
    ("iso", "short", "long", "english"),
    [
        ("2020-03-05", "05/03/2020", "ngày 05 tháng 3 năm 2020", "5 March 2020"),
        ("2020-01-31", "31/01/2020", "ngày 31 tháng 01 năm 2020", "31 January 2020"),
        ("2020-02-09", "09/02/2020", "ngày 09 tháng 02 năm 2020", "9 February 2020"),
        ("2020-12-31", "31/12/2020", "ngày 31 tháng 12 năm 2020", "31 December 2020"),
    ],
)
def test_dates_have_a_zero_where_decree_30_asks_for_one(iso, short, long, english):
    assert sentences.day(iso) == short
    assert sentences.day(iso, long=True) == long
    assert sentences.day(iso, "en", long=True) == english


# --- the sentence about one figure -------------------------------------------------------


def review_of(row: pd.DataFrame, plan, language: str) -> SimpleNamespace:
    """Return what `sentence` needs of a review: one indicator, one unit, one date."""
    city = row.assign(level="area", unit=small.CITY)
    silent = row.assign(level="unit", unit=small.B, state="not_reported")
    wards = [row.assign(level="unit", unit=small.A, state="reported"), silent]
    return SimpleNamespace(
        now=row.set_index("indicator"),
        area_now=city.set_index("indicator"),
        progress=pd.concat([city, *wards], ignore_index=True),
        plan=plan,
        language=language,
        as_of=row["as_of"].iloc[0],
        unit=row["unit"].iloc[0],
        is_area=row["level"].iloc[0] == "area",
        area=small.CITY,
        units=small.UNITS.set_index("code"),
        formers=NO_FORMER,
    )


def said(
    language, counts, *, start=None, as_of=small.END, level="area", state="reported", open_to=None,
    **rule,
):  # fmt: skip
    """Return the sentence of one made-up row."""
    plan = small.plan_of(**rule)
    kind = rule.get("kind", "share")
    where = {"as_of": as_of, "level": level, "state": state, "open_to": open_to}
    row = small.observation(*counts, kind=kind, **where)
    if state in ("not_reported", "hidden", "withheld"):
        row[["numerator", "denominator", "value"]] = None
    rows = [row]
    if start and as_of != small.START:
        rows.insert(0, small.observation(*start, kind=kind, as_of=small.START, level=level))
    progress = assess(pd.concat(rows, ignore_index=True), plan).iloc[[-1]]
    return sentences.sentence(review_of(progress, plan, language), "x")


CASES = {
    "met": (
        {"counts": (80, 100)},
        "đạt chỉ tiêu (từ 80% trở lên).", "the target (at least 80%) is met.",
    ),
    "met by rounding": (
        {"counts": (34, 43), "target": "79.1"},
        "79,07% (34/43 hộ dân), đạt chỉ tiêu (từ 79,1% trở lên) sau khi làm tròn",
        "79.07% (34 of 43 households); the target (at least 79.1%) is met at the precision",
    ),
    "above a band": (
        {"counts": (30, 100), "kind": "reduction", "direction": "band", "target": "15–20"},
        "30,00% (từ 100 xuống 70 hộ nghèo), đạt và vượt mức chỉ tiêu (từ 15% đến 20%)",
        "30.00% (from 100 to 70 poor households); the target (from 15% to 20%) is met and exceeded",
    ),
    "one left, and one gone": (
        {"counts": (2, 3), "kind": "reduction", "direction": "band", "target": "15–20"},
        "66,67% (từ 3 xuống 1 hộ nghèo)", "66.67% (from 3 to 1 poor household);",
    ),
    "one gone, and some left": (
        {"counts": (1, 3), "kind": "reduction", "direction": "band", "target": "15–20"},
        "33,33% (từ 3 xuống 2 hộ nghèo)", "33.33% (from 3 to 2 poor households);",
    ),
    "on track": (
        {"counts": (70, 100), "start": (40, 100), "as_of": MIDDLE},
        "(từ 80% trở lên) nhưng đúng tiến độ; còn 10 hộ nghèo nữa mới đạt chỉ tiêu.",
        "is not met yet but on track; the target is 10 poor households away.",
    ),
    "behind": (
        {"counts": (41, 100), "start": (40, 100), "as_of": MIDDLE},
        "chưa đạt chỉ tiêu (từ 80% trở lên) và chậm tiến độ; còn 39 hộ nghèo nữa mới đạt chỉ tiêu.",
        "is not met and behind schedule; the target is 39 poor households away.",
    ),
    "missed": (
        {"counts": (79, 100)},
        "không đạt chỉ tiêu (từ 80% trở lên); còn 1 hộ nghèo nữa mới đạt chỉ tiêu.",
        "was missed; the target is 1 poor household away.",
    ),
    "missed from above": (
        {"counts": (12, 100), "direction": "at_most", "target": "10"},
        "không đạt chỉ tiêu (không quá 10%); còn 2 hộ nghèo trên mức chỉ tiêu.",
        "was missed; that is 2 poor households too many.",
    ),
    "no fall": (
        {"counts": (0, 100), "kind": "reduction", "direction": "band", "target": "15–20"},
        "không giảm (đầu năm 100, hiện nay 100 hộ nghèo), không đạt chỉ tiêu",
        "no fall (100 poor households at the start, 100 now); the target",
    ),
    "a rise": (
        {"counts": (-3, 100), "kind": "reduction", "direction": "band", "target": "15–20"},
        "không giảm mà tăng 3,00% (từ 100 lên 103 hộ nghèo), không đạt chỉ tiêu (từ 15% đến 20%); "
        "còn 18 hộ nghèo trên mức chỉ tiêu.",
        "no fall but a rise of 3.00% (from 100 to 103 poor households)",
    ),
    "a count": (
        {"counts": (84, None), "kind": "count", "target": "91"},
        "84 hộ nghèo, không đạt chỉ tiêu (91 hộ nghèo); còn 7 hộ nghèo nữa mới đạt chỉ tiêu.",
        "84 poor households; the target (91 poor households) was missed; the target is 7 poor",
    ),
    "no value at the start": (
        {"counts": (70, 100), "as_of": MIDDLE},
        "không có số liệu đầu kỳ nên không đánh giá tiến độ; còn 10 hộ nghèo nữa mới đạt chỉ tiêu.",
        "there is no figure at the plan's start, so the pace is not judged",
    ),
    "another year": (
        {"counts": (9, 100), "kind": "reduction", "direction": "band", "target": "15–20",
         "as_of": small.START},
        "chỉ tiêu (từ 15% đến 20%) được đánh giá từ ngày 18/05/2020.",
        "the target (from 15% to 20%) is judged from 18/05/2020 on.",
    ),
    "a ward and the city's target": (
        {"counts": (4, 3547), "level": "unit", "direction": "at_most", "target": "0.77"},
        "0,11% (4/3.547 hộ dân); toàn thành phố: 0,11%, chỉ tiêu chung: không quá 0,77%.",
        "(4 of 3,547 households); the city as a whole has 0.11%, and its target is at most 0.77%.",
    ),
    "not reported": (
        {"counts": (0, 0), "state": "not_reported"},
        "chưa có số liệu báo cáo.", "no figures have been reported.",
    ),
    "not applicable": (
        {"counts": (0, 0), "state": "not_applicable"},
        "không áp dụng vì không có đối tượng.", "this is not applicable, there is nobody",
    ),
    "incomplete": (
        {"counts": (7, 8), "state": "incomplete"},
        "chưa đánh giá được, mới có số liệu của 1/2 xã, phường: 87,50% (7/8 hộ dân).",
        "this is not judged; only 1 of 2 units have figures: 87.50% (7 of 8 households).",
    ),
    "after the plan": (
        {"counts": (50, 100), "as_of": "2021-03-31"},
        "50,00% (50/100 hộ dân); kế hoạch kết thúc ngày 31/12/2020, không đánh giá theo chỉ tiêu",
        "the plan ended on 31/12/2020, so this is not judged against its target (at least 80%).",
    ),
    "counted once a year": (
        {"counts": (9, 1000), "as_of": MIDDLE, "counted_when": "review", "target": "0.77",
         "direction": "at_most"},
        "(9/1.000 hộ dân); chỉ tiêu (không quá 0,77%) được đánh giá theo kết quả rà soát cuối "
        "năm, ngày 31/12/2020.",
        "the target (at most 0.77%) is judged by the yearly review, on 31/12/2020.",
    ),
    "a no that may still become a yes": (
        {"counts": (0, 1), "as_of": MIDDLE, "target": "100"},
        "0/1 hộ dân; chưa đạt chỉ tiêu (100%), thời hạn là ngày 31/12/2020.",
        "0 of 1 household; the target (100%) is not met yet and is due by 31/12/2020.",
    ),
    "blanks that leave it open": (
        {"counts": (20, 46), "open_to": 40},
        "43,5%–87,0% (20/46 hộ dân, 20 trường hợp chưa ghi thông tin), chưa xác định được",
        "43.5%–87.0% (20 of 46 households, 20 without an entry); whether the target",
    ),
    "blanks that leave it missed": (
        {"counts": (20, 46), "open_to": 40, "target": "100",
         "to_do": {"vi": "còn {n} hộ chưa có nước", "en": "{n} has no water|{n} have no water"}},
        "không đạt chỉ tiêu (100%); ít nhất còn 6 hộ chưa có nước.",
        "the target (100%) was missed; at least 6 have no water.",
    ),
    "what is being corrected": (
        {"counts": (0, 0), "state": "withheld"},
        "số liệu đang chờ sửa nên chưa nêu.", "the figures are being corrected",
    ),
    "the plan's own words": (
        {"counts": (79, 80), "target": "100",
         "to_do": {"vi": "còn {n} hộ chưa có nước", "en": "{n} has no water|{n} have no water"}},
        "không đạt chỉ tiêu (100%); còn 1 hộ chưa có nước.", "was missed; 1 has no water.",
    ),
    "zero": ({"counts": (0, 8)}, "0% (0/8 hộ dân), không đạt", "0% (0 of 8 households)"),
    "all": ({"counts": (8, 8), "target": "100"}, "100% (8/8 hộ dân), đạt chỉ tiêu (100%).",
            "100% (8 of 8 households); the target (100%) is met."),
    "all but one of many": (
        {"counts": (99999, 100000), "target": "100"},
        ">99,99% (99.999/100.000 hộ dân), không đạt chỉ tiêu (100%); còn 1 hộ nghèo nữa",
        ">99.99% (99,999 of 100,000 households); the target (100%) was missed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_sentence_is_true_of_its_row_in_both_languages(case):
    arguments, vietnamese, english = CASES[case]
    assert vietnamese in said("vi", **arguments)
    assert english in said("en", **arguments)


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=15)
@given(
    st.integers(0, 60),
    st.integers(0, 60),
    st.sampled_from([small.START, MIDDLE, small.END]),
    st.sampled_from(["area", "unit"]),
    st.sampled_from(["at_least", "at_most", "above"]),
    st.sampled_from(["80", "0.77", "100"]),
)
def test_no_sentence_has_a_hole_in_it(language, top, bottom, as_of, level, direction, target):
    state = "reported" if bottom else "not_applicable"
    if direction == "above" and target == "100":
        target = "95"
    rule = {"direction": direction, "target": target, "level": level, "state": state}
    text = said(language, (min(top, bottom), bottom), as_of=as_of, start=(1, 60), **rule)
    assert not re.search(r"nan|NaN|None|<NA>|\{|\}|  |; \.|\( *\)", text)
    assert text.endswith(".")


@pytest.mark.parametrize(
    ("state", "printed"),
    [
        ("not_applicable", "không áp dụng"),
        ("withheld", "số liệu đang chờ sửa"),
        ("hidden", "ẩn"),
        ("not_reported", "chưa báo cáo"),
        ("incomplete", "chưa báo cáo"),
    ],
)
def test_why_there_is_no_value_is_said_in_its_place(plan, state, printed):
    row = {"state": state, "value": None}
    assert sentences.value_text(row, plan["hygienic_water"]) == printed
    assert sentences.has_value(row) is False


def test_a_value_with_one_end_only_is_a_value(plan):
    """Blanks that change nothing leave 50 %, blanks that do leave two ends, a count in wholes."""
    one = {"state": "reported", "value": 50.0, "lowest": 50.0, "highest": 50.0}
    assert sentences.value_text(one, plan["hygienic_water"]) == "50,00%"
    two = {"state": "reported", "value": None, "lowest": 3, "highest": 5}
    assert sentences.value_text(two, plan["radios_supported"]) == "3–5"
    assert sentences.has_value(two)


@pytest.mark.parametrize(
    ("change", "verdict", "key"),
    [
        ({"state": "not_reported"}, "not_reported", "no_data"),
        ({"state": "hidden"}, "not_reported", "no_data"),
        ({"state": "withheld"}, "withheld", "withheld"),
        ({"state": "incomplete"}, "incomplete", "incomplete"),
        ({"reason": "area_target"}, "area_target", "area_target"),
        ({"reason": "rounding"}, "met_rounding", "met"),
        ({}, "met", "met"),
    ],
)
def test_a_row_is_marked_by_what_is_true_of_it(change, verdict, key):
    row = {"state": "reported", "status": "met", "reason": ""} | change
    assert (sentences.verdict(row), sentences.status_key(row)) == (verdict, key)


def test_the_one_health_station_of_a_ward_has_no_number_left_to_do(plan):
    """ "1 of 1 missing" says no more than that it is missing; of two, one is a number."""
    station = next(one for one in plan.indicators if one.numerator.table == "health_stations")
    row = {"still_needed": 1, "denominator": 1, "lowest": None}
    assert sentences.left(row, station) == ""
    assert sentences.left(row | {"denominator": 2}, station) != ""
    assert sentences.left(row | {"denominator": pd.NA}, station) != ""
    assert sentences.left(row, plan["hygienic_water"]) != ""
    assert sentences.left(row | {"still_needed": 0}, plan["hygienic_water"]) == ""
    assert sentences.left(row | {"still_needed": pd.NA}, plan["hygienic_water"]) == ""


def test_without_the_plan_s_own_words_a_fall_and_a_rate_to_lower_are_so_many_too_many():
    row = {"still_needed": 3, "denominator": 100, "lowest": None}

    def left(**rule):
        return sentences.left(row, small.plan_of(**rule)["x"])

    band = {"kind": "reduction", "direction": "band", "target": "15–20"}
    assert left(direction="at_most").endswith("trên mức chỉ tiêu")
    assert left(**band).endswith("trên mức chỉ tiêu")
    assert left(direction="at_least").endswith("nữa mới đạt chỉ tiêu")


def test_a_unit_is_named_with_its_kind_at_the_start_and_within_a_sentence():
    ward = pd.Series({"kind": "Phường", "name": "Chiềng Lề"})
    assert sentences.unit_name(ward) == "phường Chiềng Lề"
    assert sentences.unit_name(ward, start=True) == "Phường Chiềng Lề"
    other = pd.Series({"kind": "Buôn", "name": "Ea"})  # a kind that has no English word
    assert sentences.unit_name(other, "en") == "Ea buôn"


def test_groups_have_their_own_names_or_those_of_the_words():
    assert sentences.group_name("ethnicity", "Thái") == "Thái"
    assert sentences.group_name("total", "") == ""
    assert sentences.group_name("head_sex", "male") == "Nam"
    assert sentences.group_name("ethnicity", "other") != "other"
    assert sentences.group_name("head_sex", "blank", "en") != "blank"


def test_a_figure_of_the_area_without_a_ward_bears_a_star(plan):
    row = {
        "state": "incomplete", "value": 50.0, "numerator": 1, "denominator": 2,
        "status": "no_data", "reason": "", "still_needed": 1,
    }  # fmt: skip
    texts = sentences.figure_texts(row, plan["hygienic_water"])
    assert texts["value"] == "50,00%*" and texts["status"] == "Thiếu số liệu"
    texts = sentences.figure_texts(row | {"value": None}, plan["hygienic_water"])
    assert texts["value"] == "chưa báo cáo"
    texts = sentences.figure_texts(row | {"state": "reported"}, plan["hygienic_water"])
    assert texts["value"] == "50,00%"


# --- the synthetic city ------------------------------------------------------------------


@pytest.fixture(scope="module", params=LANGUAGES)
def reviews(request, city):
    units = ["116", *sorted(city["unit_counts"]["unit"].unique())]
    pages = [(unit, small.END) for unit in units]
    pages += [(unit, date) for unit in ("116", "03664") for date in (small.START, "2020-09-30")]
    return [open_review(sample_folder(), *page, language=request.param) for page in pages]


def test_every_page_of_the_city_speaks_in_whole_sentences(reviews):
    for review in reviews:
        for text in [
            *sentences.progress(review),
            sentences.headline(review),
            *(sentences.change(review, name) for name in review.now.index),
        ]:
            assert not re.search(r"\bnan\b|NaN|None|<NA>|\{|\}|  |; \.", text), (review, text)
            assert text.endswith("."), text


def test_the_headline_counts_what_the_rows_say(reviews):
    for review in reviews:
        judged = review.now[review.now["status"].isin(sentences.JUDGED)]
        met = (judged["status"] == "met").sum()
        text = sentences.headline(review)
        if review.as_of < review.plan.judged_from:
            assert judged.empty and "18/05/2020" in text
        elif 0 < met < len(judged) and review.language == "vi":
            assert f"đạt {met}/{len(judged)} chỉ tiêu được đánh giá" in text
        poor = review.now.loc["poor_household_rate"]
        if poor["state"] == "reported":
            assert sentences.number(poor["numerator"], review.language) in text


def headline(plan, **rows) -> str:
    """Return the headline of ward A of a made-up city."""
    from sonla_analysis.definitions.units import units_on
    from sonla_analysis.indicators.measure import measure

    tables = small.tables(**rows)
    progress = assess(measure(tables, plan), plan)
    now = progress[progress["unit"] == small.A].set_index("indicator")
    return sentences.headline(
        SimpleNamespace(
            language="vi",
            now=now,
            plan=plan,
            unit=small.A,
            as_of=small.END,
            units=units_on(small.END, tables["units"]),
            formers=NO_FORMER,
            is_area=False,
            tables=tables,
            rows=lambda name: tables[name][tables[name]["unit"] == small.A],
        )
    )


def test_a_ward_that_sent_nothing_is_not_said_to_have_no_poor(plan):
    text = headline(plan, unit_counts=[{"unit": small.A, "households": ""}, {"unit": small.B}])
    assert "phường Chiềng Lề chưa có chỉ tiêu nào đánh giá được." in text
    assert "Chưa có số liệu rà soát hộ nghèo, hộ cận nghèo." in text


def test_a_ward_without_poor_households_is_said_to_have_none(plan):
    signed = {"unit": small.A, "poor_households": 0, "near_poor_households": 0}
    text = headline(plan, unit_counts=[signed, {"unit": small.B}])
    assert "còn 0 hộ nghèo (0%) và 0 hộ cận nghèo" in text


def test_a_ward_that_meets_all_it_is_judged_on_has_no_gap(plan):
    text = headline(plan, households=[{"hygienic_water": "true"}])
    assert "đạt chỉ tiêu duy nhất được đánh giá" in text and "Việc cần làm" not in text


def test_the_largest_gap_names_what_is_still_to_do(plan):
    homes = [{"hygienic_water": answer} for answer in ("true", "false", "false")]
    text = headline(plan, households=homes)
    assert "chưa đạt chỉ tiêu duy nhất được đánh giá" in text
    assert (
        "Việc cần làm nhiều nhất: Nước hợp vệ sinh (còn 2 hộ nghèo chưa có nước hợp vệ sinh)."
        in text
    )


def judged(*statuses: str, as_of: str = small.END, needed=0, **changes) -> str:
    """Return the headline of ward A whose indicators have these statuses."""
    plan = small.plan_of(**changes)
    now = pd.DataFrame({"status": statuses, "reason": statuses, "still_needed": needed})
    now = now.replace({"status": {"no_target": "not_due"}})
    units = small.UNITS.set_index("code")
    return sentences.headline(
        SimpleNamespace(
            language="vi", now=now, plan=plan, unit=small.A, as_of=as_of, units=units,
            is_area=False, tables={}, formers=NO_FORMER,
        )
    )  # fmt: skip


def test_from_the_first_to_the_last_day_of_the_plan_its_targets_are_judged():
    days = {"judged_from": "2020-05-18", "end": "2020-12-31"}
    assert "được đánh giá từ ngày 18/05/2020" in judged("not_due", as_of="2020-05-17", **days)
    assert "đạt tất cả 2 chỉ tiêu" in judged("met", "met", as_of="2020-05-18", **days)
    assert "đạt tất cả 2 chỉ tiêu" in judged("met", "met", as_of="2020-12-31", **days)
    assert "đã kết thúc ngày 31/12/2020" in judged("not_due", as_of="2021-01-01", **days)


def test_the_headline_names_the_date_in_words_and_who_of_all_has_reported():
    assert judged("met", "met").startswith("Đến ngày 31 tháng 12 năm 2020, phường Chiềng Lề")
    rows = pd.DataFrame({"unit": ["a", "a", "b", "c"], "level": "unit", "as_of": small.END})
    review = SimpleNamespace(as_of=small.END, progress=rows.assign(state="reported"))
    assert sentences.reported_units(review) == {"units": 3, "reporting": 3}
    review.progress["state"] = ["not_reported", "withheld", "not_reported", "reported"]
    assert sentences.reported_units(review) == {"units": 3, "reporting": 2}


def test_what_is_not_judged_is_counted_by_its_reason_and_nothing_is_where_all_is():
    assert "Chưa đánh giá" not in judged("met", "missed")
    text = judged("met", "behind", "not_due", "not_due", "undecided", "no_data", "no_data")
    assert "đạt 1/2 chỉ tiêu được đánh giá." in text
    assert text.endswith(
        "Chưa đánh giá: 2 chỉ tiêu chưa đến kỳ, 1 chỉ tiêu còn trường hợp chưa ghi thông tin, "
        "2 chỉ tiêu chưa đủ số liệu."
    )
    assert judged("not_due", "no_target").endswith(
        "Chưa đánh giá: 1 chỉ tiêu chưa ghi mức phấn đấu, 1 chỉ tiêu chưa đến kỳ."
    )
    assert "chưa có chỉ tiêu nào đánh giá được" in judged("no_data")
    assert "đạt 2/5 chỉ tiêu" in judged("met", "met", "on_track", "missed", "not_met")


def test_what_most_is_to_do_is_said_of_three_targets_the_largest_first_equal_ones_as_in_the_plan():
    plan = small.plan_of()
    names = ["b", "a", "d", "c", "e"]
    named = [
        replace(plan["x"], id=name, number=name, short={"vi": name, "en": name}) for name in names
    ]
    review = SimpleNamespace(
        plan=replace(plan, indicators=tuple(named)),
        language="vi",
        now=pd.DataFrame(
            {"still_needed": pd.array([5, 7, 5, pd.NA, 1], "Int64"), "denominator": 9}, index=names
        ),
    )
    texts = sentences.largest_gaps(review)
    assert [text.split(" (")[0] for text in texts] == ["a", "b", "d"]
    assert "7" in texts[0]
    assert len(sentences.largest_gaps(review, most=9)) == 4


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("not_reported", "Chưa có số liệu rà soát hộ nghèo, hộ cận nghèo."),
        ("withheld", "Số liệu rà soát hộ nghèo, hộ cận nghèo đang chờ sửa."),
        ("incomplete", "Ở 1/2 xã, phường đã có số liệu còn 2 hộ nghèo (1,50%) và 1 hộ cận nghèo."),
        ("not_applicable", "Toàn thành phố còn 2 hộ nghèo và 1 hộ cận nghèo."),
        ("reported", "Toàn thành phố còn 2 hộ nghèo (1,50%) và 1 hộ cận nghèo."),
    ],
)
def test_how_many_are_poor_is_never_said_of_more_units_than_have_reported(state, expected):
    plan = small.plan_of()
    statuses = ["poor_income", "poor_deprivation", "near_poor", "newly_escaped"]
    tables = small.tables(households=[{"status": status} for status in statuses])
    row = small.observation(2, 200).assign(state=state, value=1.5)
    progress = assess(row, plan).assign(value=1.5, still_needed=0)
    review = review_of(progress, plan, "vi")
    review.units, review.tables, review.rows = small.UNITS.set_index("code"), tables, tables.get
    assert expected in sentences.headline(review)
    assert "1/2 xã, phường đã báo cáo." in sentences.headline(review)


def test_the_area_without_a_ward_says_so_beside_its_value_in_the_ward_s_sentence():
    plan = small.plan_of(direction="at_most", target="0.77")
    row = small.observation(1, 100, level="unit")
    review = review_of(assess(row, plan), plan, "vi")
    whole = sentences.sentence(review, "x")
    review.area_now = review.area_now.assign(state="incomplete")
    assert "1/2 xã, phường" in sentences.sentence(review, "x") and "1/2" not in whole


def test_the_other_reading_is_told_of_the_area_on_the_same_date_only():
    plan = small.plan_of()
    readings = {
        "all": {"name": {"vi": "mọi đơn vị", "en": "every unit"}, "kinds": ()},
        "communes": {"name": {"vi": "các xã", "en": "communes"}, "kinds": ("Xã",)},
    }
    indicator = replace(plan["x"], readings=readings, reading="all")
    row = assess(small.observation(4, 5), plan).iloc[0].to_dict() | {"reading": "communes"}
    others = [
        row,
        row | {"as_of": MIDDLE, "numerator": 3},
        row | {"indicator": "y", "numerator": 1},
    ]
    review = SimpleNamespace(
        language="vi", is_area=True, as_of=small.END,
        data=SimpleNamespace(other_readings=pd.DataFrame(others)),
    )  # fmt: skip
    assert sentences.other_reading(review, indicator) == " Nếu tính các xã: 80,00% (4/5), đạt."
    review.data.other_readings["value"] = None
    assert sentences.other_reading(review, indicator) == " Nếu tính các xã: chưa báo cáo."
    review.is_area = False
    assert sentences.other_reading(review, indicator) == ""
    review.is_area = True
    assert sentences.other_reading(review, plan["x"]) == ""


def test_the_methods_say_what_is_true_of_this_page(reviews):
    city, ward = reviews[0], reviews[1]
    said = [" ".join(sentences.methods(one)) for one in (city, ward)]
    of_all = {"vi": "không dùng để xếp đạt", "en": "no pass mark for on"}[city.language]
    assert of_all not in said[0] and of_all in said[1]
    gap = {"vi": "Khoảng cách giữa các đơn vị", "en": "The gap between units"}[city.language]
    assert gap in said[0] and gap not in said[1]  # which is told of the area
    assert len(sentences.methods(ward)) == len(sentences.methods(city))
    unsure = [one.number for one in city.plan.indicators if one.certainty != "official"]
    assert ", ".join(unsure) in said[0]
    official = [replace(one, certainty="official") for one in city.plan.indicators]
    sure = replace(city.data.plan, indicators=tuple(official))
    sure = replace(city, data=replace(city.data, plan=sure))
    assert len(sentences.methods(sure)) == len(sentences.methods(city)) - 1
    assert sentences.methods(city)[0] == phrase(
        "method.synthetic", city.language, **sentences.area_words(city)
    )


def test_a_page_lists_the_sentences_of_all_or_of_one_status(reviews):
    review = reviews[0]
    assert len(sentences.progress(review)) == len(review.now)
    met = review.now.index[review.now["status"] == "met"]
    texts = [sentences.sentence(review, name) for name in met]
    assert texts and sentences.progress(review, status="met") == texts


def test_the_star_is_explained_where_a_figure_of_the_page_bears_it():
    def page(*rows):
        now = pd.DataFrame(rows, columns=["state", "value"])
        return sentences.partial_note(SimpleNamespace(now=now, language="vi"))

    assert page(("incomplete", 5.0), ("reported", 4.0)) == ["* Chưa đủ số liệu của các xã, phường."]
    assert page(("incomplete", None), ("reported", 4.0)) == []


# --- change ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "direction", "expected"),
    [
        ((40, 100), (50, 100), "at_least", "So với 01/07/2020: tốt hơn (+10,00 điểm %)."),
        ((50, 100), (40, 100), "at_least", "So với 01/07/2020: kém hơn (−10,00 điểm %)."),
        ((40, 100), (50, 100), "at_most", "So với 01/07/2020: kém hơn (+10,00 điểm %)."),
        ((50, 100), (40, 100), "at_most", "So với 01/07/2020: tốt hơn (−10,00 điểm %)."),
        ((1, 3), (2, 6), "at_least", "So với 01/07/2020: không thay đổi."),
    ],
)
def test_better_or_worse_follows_the_direction_of_the_target(before, now, direction, expected):
    plan = small.plan_of(direction=direction)
    rows = [small.observation(*before, as_of=MIDDLE), small.observation(*now)]
    progress = assess(pd.concat(rows, ignore_index=True), plan)
    review = review_of(progress.iloc[[1]], plan, "vi")
    review.progress = progress
    assert sentences.change(review, "x") == expected


def test_without_an_earlier_figure_no_change_is_claimed():
    plan = small.plan_of()
    review = review_of(assess(small.observation(4, 5), plan), plan, "vi")
    assert sentences.change(review, "x") == "Không có số liệu kỳ trước để so sánh."


def test_a_fall_is_not_compared_with_that_of_the_year_before():
    rule = {"kind": "reduction", "direction": "band", "target": "15–20"}
    rows = [
        small.observation(20, 100, kind="reduction", as_of=small.START),
        small.observation(3, 100, kind="reduction", as_of="2020-03-31"),
    ]
    plan = small.plan_of(**rule)
    progress = assess(pd.concat(rows, ignore_index=True), plan)
    review = review_of(progress.iloc[[1]], plan, "vi")
    review.progress = progress
    assert sentences.change(review, "x") == "Không có số liệu kỳ trước để so sánh."


@pytest.mark.parametrize("state", ["not_reported", "incomplete", "withheld"])
def test_a_figure_that_is_not_whole_is_not_compared(state):
    """An incomplete one has a value, of other units than the one before."""
    plan = small.plan_of()
    rows = [small.observation(4, 5, as_of=MIDDLE), small.observation(4, 5)]
    progress = assess(pd.concat(rows, ignore_index=True), plan)
    review = review_of(progress.iloc[[1]].assign(state=state), plan, "vi")
    review.progress = progress
    said = "Số liệu kỳ này chưa đủ để so sánh với kỳ trước."
    assert sentences.change(review, "x") == said
    now = review.now.assign(state="reported", value=None)  # blanks leave it open
    review.now = now
    assert sentences.change(review, "x") == said


def test_a_count_changes_by_whole_numbers_and_is_compared_with_the_last_date_before():
    plan = small.plan_of(kind="count", target="91")
    dates = {small.START: 90, "2020-03-31": 1, MIDDLE: 4, "2020-09-30": 9, small.END: 12}
    rows = [small.observation(n, None, kind="count", as_of=date) for date, n in dates.items()]
    progress = assess(pd.concat(rows, ignore_index=True), plan)
    review = review_of(progress.iloc[[3]], plan, "vi")
    review.progress = progress
    assert sentences.change(review, "x") == "So với 01/07/2020: tốt hơn (+5)."
    review.progress = progress.assign(
        unit=small.A
    )  # the figures of another unit are no earlier ones
    assert sentences.change(review, "x") == "Không có số liệu kỳ trước để so sánh."
    review.progress = progress[progress["as_of"] != "2020-03-31"].assign(
        value=progress["value"].where(progress["as_of"] != MIDDLE)
    )
    assert sentences.change(review, "x") == "Không có số liệu kỳ trước để so sánh."


# --- the files of words ------------------------------------------------------------------


def entries():
    import tomllib

    for path in _FOLDER.iterdir():
        for section, texts in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for name, text in texts.items():
                yield path.name, section, name, text


def test_every_text_stands_in_both_languages_with_the_same_blanks():
    for file, section, name, text in entries():
        assert set(text) == set(LANGUAGES), (file, section, name)
        blanks = [
            {field for _, field, _, _ in string.Formatter().parse(text[language]) if field}
            for language in LANGUAGES
        ]
        # one language may have a noun in its text where the other needs its plural or its kind
        nouns = {"counted", "of", "kind", "unit_kind", "area_kind"}
        assert blanks[0] ^ blanks[1] <= nouns, (file, section, name)


def test_no_two_files_have_the_same_text_under_one_name():
    seen = {}
    for file, section, name, _ in entries():
        assert seen.setdefault((section, name), file) == file, (section, name)


def test_vietnamese_texts_are_in_the_unicode_form_of_the_decree():
    from sonla_analysis.language.vietnamese import nfc

    for file, section, name, text in entries():
        words = text["vi"].strip()
        assert " ".join(words.split(" ")) == nfc(words), (file, section, name)


def test_a_message_inside_a_message_is_in_the_same_language():
    hint = message("refused.hint", near="vi")
    said = message("refused.choice", what="x", found="y", allowed="z", hint=hint)
    assert "did you mean" in said and "có phải là" in said.vi


def test_an_unknown_text_is_an_error_not_an_empty_string():
    with pytest.raises(KeyError):
        phrase("left.nowhere", "vi")


def test_targets_print_as_the_announcement_prints_them(plan):
    printed = [sentences.target(one) for one in plan.indicators]
    assert printed[:2] == ["≤ 0,77%", "15% – 20%"]
    assert printed[10] == "100%" and printed[11] == "≥ 79,1%" and printed[16] == "91 hộ nghèo"
    assert sentences.half_up(Decimal("79.05"), 1) == Decimal("79.1")
