"""The plan as data: the announcement's seventeen targets, and every mistake refused."""

import re
import unicodedata
from dataclasses import FrozenInstanceError
from decimal import Decimal
from pathlib import Path

import pytest

from sonla_analysis import sentences
from sonla_analysis.definitions.plan import _FOLDER, CERTAINTIES, Count, Range, load_plan
from sonla_analysis.language.refusals import DefinitionError
from sonla_analysis.sentences.listing import plan_listing

# Announcement of Plan 159/KH-UBND, in its order: number, target as printed, direction, judges
ANNOUNCED = [
    ("1a", "0.77", "at_most", "area"),  # "giảm còn 0,77%"
    ("1b", "15–20", "band", "area"),  # "giảm từ 15 đến 20% tổng số hộ nghèo"
    ("2", "100", "at_least", "unit"),  # "100% người thuộc hộ nghèo, hộ cận nghèo"
    ("3", "100", "at_least", "unit"),  # "100% hộ … được vay vốn tín dụng ưu đãi"
    ("4", "100", "at_least", "unit"),  # "100% học sinh, sinh viên"
    ("5", "50.7", "at_least", "area"),  # "đạt 50,7%"
    ("6", "100", "at_least", "unit"),  # "100% số xã"
    ("7", "100", "at_least", "unit"),  # "đạt 100% trạm y tế"
    ("8", "95", "above", "area"),  # "đạt trên 95%"
    ("9", "9.5", "at_most", "area"),  # "giảm còn 9,5%"
    ("10", "100", "at_least", "unit"),  # "100% xã"
    ("11", "79.1", "at_least", "area"),  # "79,1% số trường"
    ("12", "100", "at_least", "unit"),  # "100% hộ nghèo"
    ("13", "80", "at_least", "area"),  # "80% số hộ nghèo"
    ("14", "100", "at_least", "unit"),  # "100% cán bộ"
    ("15", "98", "at_least", "area"),  # "98% các hộ dân"
    ("16", "91", "at_least", "area"),  # "91 hộ nghèo"
]
# criteria of Decision 1980/QĐ-TTg that a figure also serves: recalled, not found
NEW_RURAL = {
    "11": {"1a", "1b"},
    "15": {"2", "6", "7", "8", "9"},
    "14": {"4", "5"},
    "5": {"10", "11"},
    "17": {"12", "13"},
    "8": {"15", "16"},
    None: {"3", "14"},
}


def test_the_seventeen_targets_are_those_of_the_announcement(plan):
    found = [
        (
            one.number,
            str(one.target) if one.upper is None else f"{one.target}–{one.upper}",
            one.direction,
            one.applies_to,
        )
        for one in plan.indicators
    ]
    assert found == ANNOUNCED


def test_the_plan_is_that_of_2020(plan):
    assert (plan.number, plan.issued, plan.area) == ("159/KH-UBND", "2020-05-18", "116")
    assert (plan.start, plan.end, plan.standard) == ("2019-12-31", "2020-12-31", "qd59_2015")


@pytest.mark.parametrize(("criterion", "numbers"), NEW_RURAL.items())
def test_figures_name_the_new_rural_criterion_they_serve(plan, criterion, numbers):
    assert {one.number for one in plan.indicators if one.new_rural == criterion} == numbers


def test_new_rural_criteria_are_marked_as_recalled(plan):
    assert plan.new_rural["certainty"] == "recalled"
    assert set(plan.new_rural["criteria"]) == {"5", "8", "11", "14", "15", "17"}


def test_a_figure_without_an_official_definition_says_so(plan):
    unsure = {one.number for one in plan.indicators if one.certainty == "plan_wording"}
    assert unsure >= {"3", "4", "10", "14", "15", "16"}  # none was found for these
    assert {one.certainty for one in plan.indicators} == set(CERTAINTIES)


def test_the_count_of_radios_is_a_count_and_the_fall_a_reduction(plan):
    kinds = {one.number: one.kind for one in plan.indicators if one.kind != "share"}
    assert kinds == {"1b": "reduction", "16": "count"}


def test_a_numerator_without_a_table_counts_among_the_denominator(plan):
    water = plan["hygienic_water"]
    assert water.numerator.table == "households"
    assert water.numerator.where == {
        "status": ("poor_income", "poor_deprivation"),
        "hygienic_water": (True,),
    }


def test_every_figure_reads_columns_that_the_tables_have(plan):
    for one in plan.indicators:
        for count in filter(None, (one.numerator, one.denominator)):
            assert {*count.where, *filter(None, [count.sum])} <= set(plan.tables[count.table])


def test_a_target_keeps_its_printed_decimals(plan):
    assert plan["poor_household_rate"].target == Decimal("0.77")
    assert plan["poor_household_rate"].decimals == 2
    assert plan["health_insurance_coverage"].decimals == 0


def test_an_unknown_indicator_is_refused_with_the_nearest(plan):
    with pytest.raises(DefinitionError, match="did you mean 'hygienic_water'"):
        plan["hygenic_water"]


# --- wrong files -------------------------------------------------------------------------

HEAD = """
[plan]
id = "trial"
number = "1/KH"
issued = "2020-05-18"
area = "116"
start = "2019-12-31"
end = "2020-12-31"
standard = "qd59_2015"
title = { vi = "thử", en = "trial" }
issuer = { vi = "thử", en = "trial" }
source = "test"

[new_rural]
source = "test"
certainty = "recalled"
criteria = { 11 = { vi = "Hộ nghèo", en = "Poor households" } }
"""
WATER = """
[[indicator]]
id = "water"
number = "1"
name = { vi = "Nước", en = "Water" }
short = { vi = "Nước", en = "Water" }
counted = { vi = "hộ", en = "household|households" }
owner = { vi = "Phòng", en = "Office" }
unit = "percent"
target = "100"
direction = "at_least"
applies_to = "unit"
frequency = "annual"
certainty = "recalled"
definition = "test"
source = "test"
new_rural = 11
numerator = { where = { hygienic_water = true } }
denominator = { table = "households", where = { status = ["poor_income"] } }
"""


@pytest.fixture
def written(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "trial.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_plan_for_another_city_needs_no_python(written):
    plan = load_plan(written(HEAD + WATER))
    assert [one.id for one in plan.indicators] == ["water"]
    assert plan["water"].among == {"vi": "hộ", "en": "household|households"}


def test_a_condition_may_be_a_range(written):
    text = WATER.replace('status = ["poor_income"]', "members = { min = 2, max = 5 }")
    assert load_plan(written(HEAD + text))["water"].denominator.where == {"members": Range(2, 5)}


MISTAKES = {
    "a misspelt key": ('target = "100"', 'targte = "100"', "key must be one of", "'targte'"),
    "a key too many": ('id = "water"', 'id = "water"\ncolour = "red"', "key must be", "'colour'"),
    "a missing key": ('target = "100"\n', "", "key 'target' is missing", "required: "),
    "an unknown unit": ('"percent"', '"percents"', "unit must be one of percent", "'percents'"),
    "an unknown direction": ('"at_least"', '"atleast"', "direction must be", "'at_least'?"),
    "an unknown level": ('"unit"\nfreq', '"ward"\nfreq', "applies_to must be", "'ward'"),
    "an unknown certainty": ('y = "recalled"\nd', 'y = "sure"\nd', "certainty must be", "'sure'"),
    "an unknown kind": ('id = "water"', 'id = "water"\nkind = "mean"', "kind must be", "'mean'"),
    "a target as a number": ('"100"', "100", "target: found 100", "as a text"),
    "a target with a comma": ('"100"', '"79,1"', "target: found '79,1'", "one number as printed"),
    "a target that is no number": ('"100"', '"NaN"', "target: found 'NaN'", "one number"),
    "a target above 100 %": ('"100"', '"120"', "target: found '120'", "between 0 and 100"),
    "a band where one number is due": ('"100"', '["15", "20"]', "target: found", "one number"),
    "one language only": ('Nước", en = "Water" }\ns', 'Nước", eng = "" }\ns', "name: key", "'en'"),
    "a text that is a number": ('number = "1"', "number = 1", "number: found 1", "quotation marks"),
    "an id with a blank": ('id = "water"', 'id = "the water"', "id: found 'the water'", "a–z"),
    "a table that is none": ('table = "households"', 'table = "homes"', "table must be", "'homes'"),
    "a column that is none": ("hygienic_water", "hygenic_water", "where: key", "'hygienic_water'?"),
    "a value no cell has": ('"poor_income"', '"pooor"', "where status must be", "'pooor'"),
    "a text for a true or false": ("= true", '= "true"', "where hygienic_water: found", "true or"),
    "a number for a text": ('["poor_income"]', "[1]", "where status: found 1", "quotation marks"),
    "a text for a number": (
        'status = ["poor_income"]', 'members = "4"', "where members: found '4'", "a number",
    ),
    "a range of a text": ('["poor_income"]', "{ min = 1 }", "where status: found", "quotation"),
    "a range with a wrong key": (
        'status = ["poor_income"]', "members = { from = 1 }", "where members: key", "'from'",
    ),
    "a sum of texts": ('"households", w', '"households", sum = "status", w', "sum must", "members"),
    "a share without denominator": (
        'denominator = { table = "households", where = { status = ["poor_income"] } }', "",
        "denominator", "a share needs one",
    ),
    "a count with denominator": (
        'unit = "percent"', 'kind = "count"\nunit = "households"', "denominator", "a count has",
    ),
    "a count in percent": ('id = "water"', 'id = "water"\nkind = "count"', "unit: found", "count"),
    "a share in households": ('"percent"', '"households"', "unit: found 'households'", "percent"),
    "an unknown criterion": ("new_rural = 11", "new_rural = 12", "new_rural must be", "'12'"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_an_indicator_is_refused_with_place_found_and_allowed(written, mistake):
    old, new, rule, found = MISTAKES[mistake]
    assert old in WATER
    with pytest.raises(DefinitionError) as refused:
        load_plan(written(HEAD + WATER.replace(old, new, 1)))
    said = str(refused.value)
    assert "indicator '" in said and rule in said and found in said
    assert refused.value.text("vi") != said


HEAD_MISTAKES = {
    "a misspelt key": ("issued", "isued", "[plan]: key must be one of", "'issued'?"),
    "a date of another form": ('"2019-12-31"', '"31/12/2019"', "start: found", "a date such as"),
    "an end before the start": ('"2020-12-31"', '"2018-12-31"', "start 2019-12-31 must be", "2018"),
    "an unknown standard": ('"qd59_2015"', '"qd59"', "standard must be one of", "'qd59_2015'?"),
    "no table": ("[plan]", "[plans]", "key must be one of", "'plan'?"),
}


@pytest.mark.parametrize("mistake", HEAD_MISTAKES)
def test_a_mistake_in_the_head_is_refused(written, mistake):
    old, new, rule, found = HEAD_MISTAKES[mistake]
    with pytest.raises(DefinitionError) as refused:
        load_plan(written(HEAD.replace(old, new, 1) + WATER))
    assert rule in str(refused.value) and found in str(refused.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (HEAD + WATER + WATER, "id 'water' stands twice; it must be unique"),
        (HEAD + WATER + WATER.replace('"water"', '"other"'), "number '1' stands twice"),
        (HEAD, "key 'indicator' is missing"),
        ("indicator = []" + HEAD, "at least one .*indicator.* is needed"),
        (HEAD + WATER.replace("[[indicator]]", "[indicator]"), "is needed; found dict"),
        (HEAD + "[[indicator]]\nid = [", "this is not valid TOML"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_plan_is_refused(written, text, sentence):
    with pytest.raises(DefinitionError, match=sentence):
        load_plan(written(text))


def test_a_band_needs_the_lower_bound_first(written):
    text = WATER.replace('"100"', '["20", "15"]').replace('"at_least"', '"band"')
    with pytest.raises(DefinitionError, match="two numbers as texts, the lower first"):
        load_plan(written(HEAD + text))


def test_a_file_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "trial.toml"
    path.write_bytes((HEAD + WATER).encode("utf-16"))
    with pytest.raises(DefinitionError, match="must be saved as UTF-8"):
        load_plan(path)


@pytest.mark.parametrize("name", ["kh159", "missing.toml", ".", ""])
def test_an_unknown_plan_is_refused_with_those_there_are(name):
    with pytest.raises(DefinitionError, match="must be one of kh159_2020; found"):
        load_plan(name)


# --- what need not be there, and what is said at once -------------------------------------


def test_english_texts_of_a_plan_are_optional(written):
    english = r', en = "[^"]*"'
    plan = load_plan(written(re.sub(english, "", HEAD + WATER)))
    assert plan["water"].name == {"vi": "Nước", "en": "Nước"}
    assert plan.title["en"] == "thử" and plan.new_rural["criteria"]["11"]["en"] == "Hộ nghèo"


def test_all_missing_keys_of_a_plan_are_told_at_once(written):
    other = WATER.replace('id = "water"', 'id = "other"').replace('target = "100"\n', "")
    text = HEAD.replace('issued = "2020-05-18"\n', "").replace('area = "116"\n', "")
    lacking = WATER.replace('target = "100"\n', "").replace('direction = "at_least"\n', "")
    with pytest.raises(DefinitionError) as refused:
        load_plan(written(text + lacking + other))
    said = str(refused.value)
    assert "[plan]: keys area, issued are missing" in said
    assert "indicator 'water': keys direction, target are missing" in said
    assert "indicator 'other': key 'target' is missing" in said
    assert "thiếu các khóa area, issued" in refused.value.text("vi")


SHORT = """
[[indicator]]
id = "poor_rate"
name.vi = "Tỷ lệ hộ nghèo"
target = "2.5"
direction = "at_most"
numerator = { table = "households", where = { status = ["poor_income", "poor_deprivation"] } }
denominator = { table = "unit_counts", sum = "households" }
"""


def test_six_lines_make_an_indicator(written):
    one = load_plan(written(HEAD + WATER + SHORT))["poor_rate"]
    assert (one.number, one.unit, one.applies_to) == ("2", "percent", "area")
    assert one.short == one.name and one.counted["vi"] == one.among["vi"] == "hộ"
    assert one.certainty == "plan_wording"  # nobody has found an official definition


@pytest.mark.parametrize(
    "line", [line for line in SHORT.splitlines() if "=" in line], ids=lambda line: line.split()[0]
)
def test_none_of_the_six_lines_can_be_left_out(written, line):
    with pytest.raises(DefinitionError, match=line.split()[0].removesuffix(".vi")):
        load_plan(written(HEAD + WATER + SHORT.replace(line + "\n", "")))


def test_an_indicator_whose_target_is_left_blank_has_none(written):
    plan = load_plan(written(HEAD + WATER + SHORT.replace('"2.5"', '""')))
    assert plan["poor_rate"].target is None
    assert sentences.target(plan["poor_rate"]) == "chưa ghi"


def test_a_plan_whose_day_of_issue_is_not_known_judges_from_its_start(written):
    plan = load_plan(written(HEAD.replace('issued = "2020-05-18"', 'issued = ""') + WATER))
    assert plan.judged_from == plan.start
    assert sentences.day(plan.issued) == "……/……/………"


def test_a_target_of_the_area_is_one_of_the_city(written):
    text = WATER.replace('applies_to = "unit"', 'applies_to = "area"')
    assert load_plan(written(HEAD + text))["water"].applies_to == "area"


def test_a_file_with_a_byte_order_mark_or_a_mac_s_letters_is_read(tmp_path, plan):
    text = (_FOLDER / "kh159_2020.toml").read_text(encoding="utf-8")
    path = tmp_path / "plan.toml"
    path.write_text(unicodedata.normalize("NFD", text), encoding="utf-8-sig")
    assert load_plan(path) == plan


@pytest.mark.parametrize("found", ["2", "0", "true", '"1"', "1.0"])
def test_a_format_of_another_version_is_refused(written, found):
    assert load_plan(written("format = 1\n" + HEAD + WATER)).id == "trial"
    with pytest.raises(DefinitionError, match="reads plans of format 1"):
        load_plan(written(f"format = {found}\n" + HEAD + WATER))


BIG = "9" * 5000
ANYTHING = [
    *("1", "-1", "nan", "inf", "true", '""', "[]", "{}", "[[]]", "{ a = 1 }", "2020-01-01", BIG),
    *("0x" + "f" * 5000, "[" * 5000 + "]" * 5000, '"' + "x" * 5000 + '"', '"1e5"', '"2020-W01-1"'),
]


@pytest.mark.parametrize("value", ANYTHING, ids=[one[:9] for one in ANYTHING])
def test_whatever_stands_in_a_file_what_is_said_of_it_is_a_sentence(written, value):
    lines = [line for line in (HEAD + WATER).splitlines() if " = " in line]
    for line in lines:
        key = line.split(" = ")[0]
        text = (HEAD + WATER).replace(line, f"{key} = {value}", 1)
        try:
            plan_listing(load_plan(written(text)))
        except DefinitionError as refused:
            assert refused.text("vi") and len(refused.text("en")) < 3000


@pytest.mark.parametrize(
    "condition",
    ["status = []", "members = {}", "members = { min = 5, max = 2 }", "members = nan",
     "members = { min = 0x" + "f" * 400 + " }"],
)  # fmt: skip
def test_a_condition_that_nothing_can_satisfy_is_refused(written, condition):
    with pytest.raises(DefinitionError, match="denominator: where"):
        load_plan(written(HEAD + WATER.replace('status = ["poor_income"]', condition)))


# --- where the line lies between what is allowed and what is not ------------------------------

AMONG = 'where = { status = ["poor_income"] } }'
LARGE = 10**15


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("members = { min = 2, max = 2 }", Range(2, 2)),
        ("members = { min = 0 }", Range(0, None)),
        ("members = { max = 3 }", Range(None, 3)),
        (f"members = {LARGE - 1}", (LARGE - 1,)),
        ("members = [1, 2]", (1, 2)),
        ('head_sex = "female"', ("female",)),
        ("radio_received = [true, false]", (True, False)),
        ('as_of = "2020-12-31"', ("2020-12-31",)),
    ],
)
def test_a_condition_is_kept_as_it_is_written(written, condition, expected):
    plan = load_plan(written(HEAD + WATER.replace('status = ["poor_income"]', condition)))
    assert list(plan["water"].denominator.where.values()) == [expected]


@pytest.mark.parametrize(
    "condition",
    [f"members = {LARGE}", f"members = -{LARGE}", "members = true", "members = [1, true]",
     'members = { min = "2" }', "members = { min = true }", 'as_of = "31/12/2020"',
     'as_of = ["2020-12-31", "x"]', "hygienic_water = 1", "hygienic_water = { min = 1 }"],
)  # fmt: skip
def test_a_condition_of_another_kind_or_out_of_all_measure_is_refused(written, condition):
    with pytest.raises(DefinitionError, match="denominator: where"):
        load_plan(written(HEAD + WATER.replace('status = ["poor_income"]', condition)))


def test_a_numerator_counts_among_the_denominator_unless_it_names_its_table(written):
    water = load_plan(written(HEAD + WATER))["water"]
    assert water.numerator == Count(
        "households", {"status": ("poor_income",), "hygienic_water": (True,)}
    )
    own = WATER.replace("numerator = { where", 'numerator = { table = "households", where')
    own = load_plan(written(HEAD + own))["water"]
    assert own.numerator == Count("households", {"hygienic_water": (True,)})
    count = '{ table = "unit_counts", sum = "officers", any = { officers = { min = 1 } } }'
    text = re.sub("(numerator|denominator) = .*", rf"\1 = {count}", WATER)
    officers = load_plan(written(HEAD + text))["water"].numerator
    assert officers == Count("unit_counts", sum="officers", any={"officers": Range(1, None)})
    assert officers.columns == {"officers"}
    assert Count("households", {"a": (1,)}, any={"b": (1,)}).columns == {"a", "b"}
    assert Count("households", {"a": (1,)}, sum="c").columns == {"a", "c"}


def banded(target: str) -> str:
    return WATER.replace('"100"', target).replace('"at_least"', '"band"')


def test_a_target_of_all_or_none_is_one_and_a_band_has_two_ends(written):
    for target in ("0", "100", "99.99"):
        found = load_plan(written(HEAD + WATER.replace('"100"', f'"{target}"')))["water"]
        assert (found.target, found.upper) == (Decimal(target), None)
    found = load_plan(written(HEAD + banded('["99", "100"]')))["water"]
    assert (found.target, found.upper) == (Decimal(99), Decimal(100))
    refused = ['"100.01"', '"1234567890123"', '"1.1234567"', '"1."', '"-1"', "[]"]
    texts = [WATER.replace('"100"', target) for target in refused]
    bands = ['["15"]', '["15", "15"]', '["15", "100.01"]', '["1", "2", "3"]', '"15"', '["15", 20]']
    for text in [*texts, *map(banded, bands)]:
        with pytest.raises(DefinitionError, match="target: found"):
            load_plan(written(HEAD + text))


def counting(unit: str = "households") -> str:
    """Return an indicator that counts, without a denominator."""
    text = WATER.replace('unit = "percent"', f'kind = "count"\nunit = "{unit}"')
    text = re.sub("denominator = .*\n", "", text)
    return text.replace("numerator = { where", 'numerator = { table = "households", where')


def test_a_count_may_be_more_than_a_hundred_and_accumulates_within_the_year(written):
    text = counting().replace('"100"', '"120"')
    found = load_plan(written(HEAD + text))["water"]
    assert (found.target, found.denominator) == (Decimal(120), None)
    assert (found.kind, found.counted_when) == ("count", "within_year")
    assert load_plan(written(HEAD + WATER))["water"].counted_when == "always"
    fall = WATER.replace('id = "water"', 'id = "water"\nkind = "reduction"')
    assert load_plan(written(HEAD + fall))["water"].counted_when == "within_year"
    said = WATER.replace('id = "water"', 'id = "water"\ncounted_when = "review"')
    assert load_plan(written(HEAD + said))["water"].counted_when == "review"
    with pytest.raises(DefinitionError, match="unit: found 'percent'"):
        load_plan(written(HEAD + counting("percent")))


def test_what_is_counted_among_others_has_its_own_noun_or_that_of_what_is_counted(written):
    among = 'among = { vi = "người", en = "person|persons" }\n'
    found = load_plan(written(HEAD + WATER + among))["water"]
    assert found.among["vi"] == "người" and found.counted["vi"] == "hộ"


def test_only_a_rate_to_lower_is_better_lower(written):
    directions = {"at_most": True, "at_least": False, "above": False}
    for direction, lower in directions.items():
        found = load_plan(written(HEAD + WATER.replace('"at_least"', f'"{direction}"')))["water"]
        assert found.lower_is_better is lower


# --- the head ---------------------------------------------------------------------------------


def test_a_plan_judges_from_its_issue_and_reviews_at_its_end_unless_it_says_otherwise(written):
    plan = load_plan(written(HEAD + WATER))
    assert (plan.judged_from, plan.review_due) == ("2020-05-18", "2020-12-31")
    days = 'judged_from = "2020-06-01"\nreview_due = "2020-11-30"\n\n[new_rural]'
    plan = load_plan(written(HEAD.replace("[new_rural]", days) + WATER))
    assert (plan.judged_from, plan.review_due) == ("2020-06-01", "2020-11-30")
    with pytest.raises(DefinitionError, match="review_due: found"):
        load_plan(written(HEAD.replace("[new_rural]", days.replace("-11-30", "")) + WATER))


def test_a_plan_that_ends_on_its_first_day_is_none(written):
    one_day = HEAD.replace('end = "2020-12-31"', 'end = "2019-12-31"')
    with pytest.raises(DefinitionError, match="start 2019-12-31 must be before end 2019-12-31"):
        load_plan(written(one_day + WATER))
    next_day = HEAD.replace('end = "2020-12-31"', 'end = "2020-01-01"')
    assert load_plan(written(next_day + WATER)).end == "2020-01-01"


def test_a_standard_may_be_a_file_beside_the_plan(written, tmp_path):
    from sonla_analysis.definitions.standards import _FOLDER as standards

    own = standards.joinpath("nd07_2021.toml").read_text(encoding="utf-8")
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    plan = load_plan(written(HEAD.replace('"qd59_2015"', '"own.toml"') + WATER))
    assert plan.standard == str(tmp_path / "own.toml")
    assert "deprived_employment" in plan.tables["households"]
    with pytest.raises(DefinitionError):
        load_plan(written(HEAD.replace('"qd59_2015"', '"gone.toml"') + WATER))
    (tmp_path / "qd59_2015").write_text(own, encoding="utf-8")  # no .toml: the package's is meant
    assert load_plan(written(HEAD + WATER)).standard == "qd59_2015"


def test_a_plan_that_was_read_is_not_changed(plan):
    with pytest.raises(FrozenInstanceError):
        plan.end = "2021-12-31"
    with pytest.raises(FrozenInstanceError):
        plan.indicators[0].target = Decimal(1)


def test_a_plan_need_not_know_the_criteria_of_new_rural_areas(written):
    head = HEAD[: HEAD.index("[new_rural]")]
    plan = load_plan(written(head + WATER.replace("new_rural = 11\n", "")))
    assert plan["water"].new_rural is None
    assert load_plan(written(HEAD + WATER))["water"].new_rural == "11"
    text = WATER.replace("new_rural = 11", 'new_rural = "11"')
    assert load_plan(written(HEAD + text))["water"].new_rural == "11"
    with pytest.raises(DefinitionError, match="new_rural: nothing is allowed here"):
        load_plan(written(head + WATER))
    for old, new, rule in (
        ('certainty = "recalled"\ncriteria', 'certainty = "sure"\ncriteria', "certainty must be"),
        ('source = "test"\ncertainty', "source = 1\ncertainty", "source: found 1"),
        ("criteria = {", "criterion = {", "key must be one of"),
    ):
        with pytest.raises(DefinitionError, match=rule):
            load_plan(written(HEAD.replace(old, new) + WATER))


# --- an office's own columns, the readings, the words of what is to do ------------------------


def test_a_plan_adds_columns_of_its_own_to_a_table(written):
    text = """
[columns.households]
has_internet = "yes_no"
road = { type = "choice", choices = ["đất", "nhựa", "đất"], name = { vi = "Đường", en = "Road" } }
built_on = "date"
"""
    plan = load_plan(written(HEAD + WATER + text))
    columns = plan.columns["households"]
    assert {name: one.kind for name, one in columns.items()} == {
        "has_internet": "flag", "road": "text", "built_on": "date",
    }  # fmt: skip
    assert columns["road"].choices == ("đất", "nhựa") and columns["has_internet"].choices == ()
    assert columns["road"].name == {"vi": "Đường", "en": "Road"}
    assert columns["has_internet"].name == {"vi": "has_internet", "en": "has_internet"}
    assert {"has_internet", "hygienic_water"} <= {*plan.tables["households"]}
    assert "has_internet" not in plan.tables["members"]


@pytest.mark.parametrize(
    ("column", "rule"),
    [
        ('status = "yes_no"', "'status' is in use already"),
        ('numerator = "yes_no"', "'numerator' is in use already"),
        ('deprived_health_insurance = "yes_no"', "is in use already"),
        ('road = "choice"', "a column of type choice, and no other"),
        ('road = { type = "count", choices = ["1"] }', "a column of type choice, and no other"),
        ('road = { type = "choice", choices = [] }', "a list of at least one entry"),
        ('road = { type = "choice", choices = [1] }', "choices: found 1"),
        ('road = { type = "colour" }', "type must be one of"),
        ("road = { choices = [] }", "key 'type' is missing"),
        ('road = { type = "count", unit = "km" }', "key must be one of"),
        ('road = { type = "count", name = { en = "Road" } }', "name: key"),
        ('"the road" = "count"', "found 'the road'"),
    ],
)
def test_a_column_that_is_taken_or_half_described_is_refused(written, column, rule):
    text = f"\n[columns.households]\n{column}\n"
    with pytest.raises(DefinitionError, match=rule) as refused:
        load_plan(written(HEAD + WATER + text))
    name = column.partition(" = ")[0].strip('"')
    assert f"[columns.households]: {name}:" in str(refused.value)


def test_a_table_of_columns_is_one_of_the_tables(written):
    for text, rule in (
        ('\n[columns.homes]\nx = "count"\n', "key must be one of"),
        ('\n[columns]\nhouseholds = "count"\n', r"\[columns.households\]"),
        ('\n[columns.units]\nx = "count"\n', "key must be one of"),
    ):
        with pytest.raises(DefinitionError, match=rule):
            load_plan(written(HEAD + WATER + text))


READINGS = """
reading = "communes"
[indicator.readings]
communes = { name = { vi = "các xã", en = "communes" }, kinds = ["Xã"] }
every = { name = { vi = "mọi đơn vị", en = "every unit" } }
"""


def test_a_target_is_about_the_kinds_of_unit_that_the_reading_used_names(written):
    plan = load_plan(written(HEAD + WATER + READINGS))
    assert plan["water"].kinds == ("Xã",)
    assert plan["water"].readings["every"] == {
        "name": {"vi": "mọi đơn vị", "en": "every unit"}, "kinds": (),
    }  # fmt: skip
    plan = load_plan(written(HEAD + WATER + READINGS.replace('"communes"\n', '"every"\n')))
    assert plan["water"].kinds == ()
    plan = load_plan(written(HEAD + WATER))
    assert (plan["water"].kinds, plan["water"].reading) == ((), None)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('"communes"\n', '"towns"\n', "reading must be one of communes, every"),
        ('reading = "communes"\n', "", "reading must be one of"),
        (READINGS[READINGS.index("[") :], "", "reading: nothing is allowed here"),
        ('["Xã"]', "[]", "readings.communes.kinds: found"),
        ('["Xã"]', "[1]", "readings.communes.kinds: found 1"),
        ('["Xã"]', '["Xã"], kind = "Xã"', "readings.communes: key"),
        ("name = { vi", "named = { vi", "readings.communes: key"),
    ],
)
def test_a_reading_that_is_none_is_refused(written, old, new, rule):
    assert old in READINGS
    with pytest.raises(DefinitionError, match=rule):
        load_plan(written(HEAD + WATER + READINGS.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("phrase", "fits"),
    [
        ("còn {n} hộ", True),
        ("{n} home|{n} homes", True),
        ("{n} home|homes", False),
        ("còn hộ", False),
        ("còn {m} hộ", False),
        ("còn {n hộ", False),
        ("còn {} hộ {n}", False),
        ("{n.x}", False),
        ("còn {n[0]} hộ", False),  # of 12 only the 1
    ],
)
def test_what_is_to_do_says_how_many_and_nothing_else(written, phrase, fits):
    text = f'to_do = {{ vi = "{phrase}", en = "{{n}} left" }}\n'
    if fits:
        assert load_plan(written(HEAD + WATER + text))["water"].to_do["vi"] == phrase
        return
    with pytest.raises(DefinitionError, match=r"to_do\.vi: found"):
        load_plan(written(HEAD + WATER + text))


def test_faults_of_the_head_the_columns_and_the_indicators_are_told_together(written):
    text = HEAD.replace('"1/KH"', "1").replace('"2020-05-18"', '"18/5"')
    with pytest.raises(DefinitionError) as refused:
        load_plan(written(text + WATER.replace('"at_least"', '"most"').replace('"1"', "1", 1)))
    said = str(refused.value)
    for part in ("number: found 1", "issued: found '18/5'", "direction must be", "'water': number"):
        assert part in said, part
    columns = '\n[columns.households]\nstatus = "yes_no"\n'
    with pytest.raises(DefinitionError) as refused:
        load_plan(written(HEAD + WATER.replace('"at_least"', '"most"') + columns))
    assert "is in use already" in str(refused.value) and "direction must" in str(refused.value)
