"""Official forms 1–5 and the annex tables, by worked arithmetic on two made-up wards."""

import pandas as pd
import pytest
from small import CITY, A, B, tables

import sonla_analysis as sonla
from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.definitions.plan import load_plan
from sonla_analysis.page import report_tables as forms
from sonla_analysis.review import CheckedData, Review, open_review

DATE = "2020-12-31"
LACKING = [one["column"] for one in load_plan().standard_data.deprivations]
POOR, NEAR, OUT = "poor_income", "near_poor", "not_poor"


def review(unit: str = CITY, **rows) -> Review:
    """Return the review of made-up tables, measured."""
    made, plan = tables(**rows), load_plan()
    progress = sonla.assess(sonla.measure(made, plan), plan)
    return Review(CheckedData(made, plan, progress, [], {}), unit, DATE, "vi")


def homes(*moves: tuple, unit: str = A, **cells) -> list[dict]:
    """Return one household a move: (status at the start, status now, members)."""
    return [
        {"unit": unit, "start_status": start, "status": now, "members": str(members)} | cells
        for start, now, members in moves
    ]


def year_before(moves: list[dict], *members) -> list[dict]:
    """Return the same households at the end of the year before, with the members they had then."""
    return [
        move | {"as_of": "2019-12-31", "household": str(place), "members": str(then)}
        for place, (move, then) in enumerate(zip(moves, members, strict=True))
    ]


COUNTS = [
    {"unit": A, "households": "200", "population": "800"},
    {"unit": B, "households": "100", "population": "500"},
]


def column(form, name: str) -> list:
    place = [one.key for one in form.columns].index(name)
    return [row[place] for row in form.texts]


# --- form 1 ------------------------------------------------------------------------------


def test_form_1_divides_summed_counts_and_leaves_what_was_not_surveyed_open():
    registers = homes((POOR, POOR, 3), (OUT, NEAR, 4)) + homes((POOR, POOR, 5), unit=B)
    form = forms.form_1(review(households=registers, unit_counts=COUNTS))
    assert column(form, "order") == ["1", "1.1", "1.2"]
    assert column(form, "poor_households") == ["2", "1", "1"]
    assert column(form, "poor_household_share") == ["0,67", "0,50", "1,00"]  # (1 + 1) / (200 + 100)
    assert column(form, "poor_persons") == ["8", "3", "5"]
    assert column(form, "poor_person_share") == ["0,62", "0,38", "1,00"]
    assert column(form, "average_households") == ["…", "…", "…"]
    assert form.rows[0][form.texts[0].index("…")] is None  # never 0


def test_a_ward_has_one_row_of_its_own():
    form = forms.form_1(review(A, households=homes((POOR, POOR, 3)), unit_counts=COUNTS))
    assert [row[:2] for row in form.texts] == [["1", "Phường Chiềng Lề"]]
    assert form.totals == []


def test_a_ward_that_sent_no_register_is_open_and_named_never_zero():
    form = forms.form_1(review(households=homes((POOR, POOR, 3)), unit_counts=COUNTS))
    assert column(form, "poor_households") == ["1", "1", "…"]
    assert column(form, "poor_household_share") == ["…", "0,50", "…"]
    assert any("Xã Chiềng Cọ (chưa báo cáo)" in note for note in form.notes)


def test_a_ward_that_signed_for_no_poor_household_has_zero():
    counts = [COUNTS[0], COUNTS[1] | {"poor_households": "0", "near_poor_households": "0"}]
    form = forms.form_1(review(households=homes((POOR, POOR, 3)), unit_counts=counts))
    assert column(form, "poor_households") == ["1", "1", "0"]
    assert not any("chưa báo cáo" in note for note in form.notes)


# --- forms 2 and 3 -------------------------------------------------------------------------


def test_form_2_counts_every_way_out_and_in_and_its_formula_holds():
    moves = homes(
        (POOR, POOR, 2), (POOR, NEAR, 3), (POOR, "newly_escaped", 4), (POOR, "absent", 5),
        (NEAR, POOR, 6), ("newly_escaped", POOR, 7), (OUT, POOR, 8), ("absent", POOR, 9),
    )  # fmt: skip
    then = year_before(moves, 2, 3, 4, 5, 6, 7, 8, 9)
    form = forms.form_2(review(A, households=moves + then, unit_counts=COUNTS))
    households, persons = form.texts
    assert households[2:] == ["Hộ", "4", "1", "1", "1", "1", "1", "1", "1", "5"]
    assert persons[2:] == ["Nhân khẩu", "14", "3", "4", "5", "6", "7", "8", "9", "32"]
    for line in form.rows:
        start, *flows, end = line[3:]
        assert end == start - sum(flows[:3]) + sum(flows[3:])


def test_the_persons_at_the_start_are_those_of_the_year_before():
    """One was born in the first, two died in the second, the third left with the four it had."""
    moves = homes((POOR, POOR, 3), (POOR, POOR, 1), (POOR, "newly_escaped", 5), (OUT, POOR, 6))
    then = year_before(moves, 2, 3, 4, 7)
    form = forms.form_2(review(A, households=moves + then, unit_counts=COUNTS))
    assert form.texts[1][3:] == ["9", "0", "4", "2", "0", "0", "6", "1", "10"]  # 9 = 2 + 3 + 4
    assert 9 - 4 - 2 + 6 + 1 == 10


def test_without_the_register_of_the_year_before_the_persons_at_the_start_are_not_known():
    moves = homes((POOR, POOR, 3), (OUT, POOR, 6))
    form = forms.form_2(review(A, households=moves, unit_counts=COUNTS))
    assert form.texts[1][3:] == ["…", "0", "0", "…", "0", "0", "6", "…", "9"]


def test_a_blank_number_of_persons_leaves_its_columns_open():
    moves = homes((POOR, POOR, 2), (POOR, "absent", ""))
    then = year_before(moves, 2, "")
    form = forms.form_2(review(households=moves + then, unit_counts=COUNTS))
    assert form.texts[2][2:] == ["Hộ", "2", "0", "0", "1", "0", "0", "0", "0", "1"]
    assert form.texts[3][2:] == ["Nhân khẩu", "…", "0", "0", "…", "0", "0", "0", "0", "2"]
    assert form.texts[1][3] == "…"  # nor does the total pass for whole


def test_form_3_is_form_2_for_near_poor_households():
    form = forms.form_3(review(A, households=homes((NEAR, POOR, 2)), unit_counts=COUNTS))
    assert form.texts[0][3:6] == ["1", "0", "1"]
    assert form.numbers[-1] == "9=1-2-3-4+5+6+7+8"


# --- forms 4 and 5, deprivations -----------------------------------------------------------


def test_forms_4_and_5_are_counts_and_their_shares_of_the_poor():
    lacking = dict.fromkeys(LACKING, "false")
    registers = homes((POOR, POOR, 1), **lacking | {"deprived_water": "true"})
    registers += homes((POOR, POOR, 1), (POOR, POOR, 1), (POOR, POOR, 1), **lacking)
    registers += homes((NEAR, NEAR, 1), **lacking | {"deprived_toilet": "true"})
    made = review(A, households=registers, unit_counts=COUNTS)
    four, five = forms.form_4(made), forms.form_5(made)
    assert column(four, "total") == ["4"] and column(four, "deprivations") == ["1"]
    assert column(four, "deprived_water") == ["1"] and column(five, "deprived_water") == ["25,00"]
    assert column(five, "deprived_toilet") == ["0,00"]
    table = forms.deprivations(made)
    assert table.texts[7][2:] == ["0", "0,00", "ẩn", "ẩn"]  # a single near-poor household


def test_a_share_of_no_poor_household_is_not_applicable():
    counts = [COUNTS[0] | {"poor_households": "0", "near_poor_households": "0"}, COUNTS[1]]
    form = forms.form_5(review(A, unit_counts=counts))
    assert column(form, "total") == ["0"] and column(form, "deprived_water") == ["–"]


# --- funding, progress, the synthetic city -------------------------------------------------


def test_funding_adds_up_and_a_blank_leaves_its_sums_open():
    money = [
        {"unit": A, "project": "Dự án 1", "source": "tỉnh", "planned": "10", "disbursed": "9"},
        {"unit": B, "project": "Dự án 1", "source": "tỉnh", "planned": "10", "disbursed": "6"},
        {"unit": A, "project": "Dự án 2", "source": "tỉnh", "planned": "5", "disbursed": ""},
    ]
    form = forms.funding(review(funding=money, unit_counts=COUNTS))
    assert form.texts[0] == ["1", "Dự án 1", "20,0", "15,0", "75,00"]
    assert form.texts[2] == ["2", "Dự án 2", "5,0", "…", "…"]
    assert form.texts[-1] == ["", "Tổng cộng", "25,0", "…", "…"]


def test_the_progress_table_prints_what_the_record_prints():
    from sonla_analysis import page

    made = open_review(sample_folder(), "03661", DATE)
    record = page.document_record(made, "x")["progress"]
    names = ("target", "value", "numerator", "denominator", "still_needed", "status")
    expected = [
        [one["number"], one["name"], *(one["texts"][key] for key in names)] for one in record
    ]
    assert [row[:-1] for row in forms.progress(made).texts] == expected  # its last is the change


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_city_s_forms_are_the_sums_of_its_wards(language):
    made = open_review(sample_folder(), CITY, DATE, language=language)
    for form in forms.annex(made)[:4]:
        lines = sum(row[0] == "1" for row in form.rows)
        for place, one in enumerate(form.columns):
            if one.format != "0":
                continue
            for line in range(lines):
                total, *units = (row[place] for row in form.rows[line::lines])
                assert total is None or total == sum(units)


def test_an_annex_is_plain_data_that_a_notebook_can_keep():
    made = open_review(sample_folder(), "03652", DATE)
    import json

    for form in forms.annex(made):
        assert json.loads(json.dumps(form.record()))["annex"] is True
        widths = {len(row) for row in form.rows} | {len(row) for row in form.texts}
        assert widths == {len(form.columns)}
        assert len(form.heads) in (0, len(form.columns))
        assert len(form.numbers) in (0, len(form.columns))
        assert not any(text in ("nan", "<NA>", "None") for row in form.texts for text in row)


def test_tables_are_never_changed_by_a_form(city):
    made = open_review(sample_folder(), CITY, DATE)
    before = made.tables["households"].copy()
    forms.annex(made)
    pd.testing.assert_frame_equal(made.tables["households"], before)
