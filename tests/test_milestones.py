"""Plans of several years: each year's end by its own milestone; a pattern makes no report."""

import re
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

import sonla_analysis as sonla
from sonla_analysis.cli import main
from sonla_analysis.definitions.plan import load_plan, plan_ids
from sonla_analysis.language.refusals import DefinitionError

PATTERN = Path("docs/examples/mau_2026_2030.toml")
PLAN = """
[plan]
id = "five_years"
number = "1/KH"
issued = "2026-01-15"
area = "14"
start = "2025-12-31"
end = "2030-12-31"
standard = "nd07_2021"
title.vi = "Năm năm"
issuer.vi = "Tỉnh"
source = "Thử"
[[indicator]]
id = "poor_household_rate"
name.vi = "Tỷ lệ hộ nghèo"
target = "3"
milestones = {milestones}
direction = "at_most"
counted_when = "{when}"
numerator = {{ table = "households", where = {{ status = ["poor"] }} }}
denominator = {{ table = "unit_counts", sum = "households" }}
"""
YEARS = '{ "2026" = "8.0", "2027" = "6.5" }'


def five_years(folder, milestones=YEARS, when="always"):
    file = folder / "five_years.toml"
    file.write_text(PLAN.format(milestones=milestones, when=when), encoding="utf-8")
    return load_plan(file)


def observed(**values) -> pd.DataFrame:
    """One area's rate of 1,000 households on dates: d2026_12_31=80 poor."""
    rows = [
        {
            **{"as_of": name[1:].replace("_", "-"), "unit": "14", "level": "area"},
            **{"indicator": "poor_household_rate", "numerator": poor, "denominator": 1000},
            **{"value": poor / 10, "unknown": 0, "state": "reported"},
        }
        for name, poor in values.items()
    ]
    return pd.DataFrame(rows)


def judged(plan, **values) -> pd.DataFrame:
    return sonla.assess(observed(**values), plan).set_index("as_of")


def test_each_years_end_is_judged_by_its_own_milestone(tmp_path):
    found = judged(
        five_years(tmp_path, when="review"),
        **{"d2025_12_31": 100, "d2026_12_31": 80, "d2027_12_31": 66, "d2030_12_31": 30},
    )
    assert found["target"].tolist() == [8.0, 8.0, 6.5, 3.0]
    assert found["status"].tolist()[1:] == ["met", "missed", "met"]
    assert found["still_needed"].tolist()[1:] == [0, 1, 0]  # 66 of 1,000; 6.5 % is 65


def test_a_milestone_is_judged_at_its_own_printed_precision(tmp_path):
    found = judged(five_years(tmp_path, '{ "2026" = "8" }', "review"), d2026_12_31=84)
    assert found["status"].tolist() == ["met"]
    found = judged(five_years(tmp_path, '{ "2026" = "8.0" }', "review"), d2026_12_31=84)
    assert found["status"].tolist() == ["missed"]


def test_the_path_goes_through_the_milestones(tmp_path):
    """From 10 % to 8 % in 2026, on to 6.5 % in 2027: half-way 7.25 %; then to 3 % in 2030."""
    plan = five_years(tmp_path)
    found = judged(plan, d2025_12_31=100, d2026_07_01=95, d2027_07_01=72, d2028_12_31=60)
    path = found["path_value"]
    assert path["2026-07-01"] == pytest.approx(10 - 2 * 182 / 365)
    assert path["2027-07-01"] == pytest.approx(8 - 1.5 * 182 / 365)
    assert path["2028-12-31"] == pytest.approx(6.5 - 3.5 / 3)
    assert found["status"].tolist()[1:] == ["behind", "on_track", "behind"]


def test_what_is_reviewed_once_a_year_is_due_at_each_years_end(tmp_path):
    plan = five_years(tmp_path, when="review")
    found = judged(plan, d2026_06_30=70, d2026_12_31=70, d2027_06_30=60)
    assert found["status"].tolist() == ["not_due", "met", "not_due"]


def test_the_order_of_rows_does_not_matter(tmp_path):
    plan = five_years(tmp_path)
    rows = observed(d2025_12_31=100, d2026_07_01=95, d2027_07_01=72, d2030_12_31=20)
    turned = sonla.assess(rows.iloc[::-1], plan).iloc[::-1]
    pd.testing.assert_frame_equal(sonla.assess(rows, plan), turned)


def test_a_plan_seen_on_a_date_has_the_target_of_the_years_end(tmp_path):
    plan = five_years(tmp_path)
    seen = [
        plan.on(day)["poor_household_rate"] for day in ("2026-03-31", "2027-12-31", "2028-01-01")
    ]
    assert [one.target for one in seen] == [Decimal("8.0"), Decimal("6.5"), Decimal("3")]
    assert plan.on("2026-03-31") is plan.on("2026-12-31")
    one = load_plan("kh159_2020")
    assert one.on("2020-06-30") is one  # has no milestones


@pytest.mark.parametrize(
    ("milestones", "said"),
    [
        ('{ "2026" = 8.0 }', "2026: found 8.0"),
        ('{ "26" = "8" }', "found the year '26'"),
        ('{ "2025" = "8" }', "the end of 2025 does not lie between"),
        ('{ "2030" = "3" }', "the end of 2030 does not lie between"),
        ('{ "2026" = "108" }', "a percentage is between 0 and 100"),
        ('["8"]', "milestones"),
    ],
)
def test_wrong_milestones_are_refused(tmp_path, milestones, said):
    with pytest.raises(DefinitionError, match=re.escape(said)):
        five_years(tmp_path, milestones)


def test_all_wrong_milestones_are_told_at_once(tmp_path):
    with pytest.raises(DefinitionError) as refused:
        five_years(tmp_path, '{ "26" = "8", "2027" = "x", "2028" = "5,5" }')
    assert len(str(refused.value).splitlines()) == 3


def test_milestones_need_a_target_at_the_end(tmp_path):
    text = PLAN.format(milestones=YEARS, when="always").replace('target = "3"', 'target = ""')
    (tmp_path / "p.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError, match="milestones go with one target"):
        load_plan(tmp_path / "p.toml")


def test_the_listing_shows_the_milestones(tmp_path, capsys):
    five_years(tmp_path)
    assert main(["plan", str(tmp_path / "five_years.toml")]) == 0
    assert "2026: ≤ 8,0%; 2027: ≤ 6,5%" in capsys.readouterr().out


# --- the pattern -------------------------------------------------------------------------


def test_no_report_can_be_made_from_the_pattern(capsys, tmp_path):
    assert main(["report", "--plan", str(PATTERN), "--out", str(tmp_path / "r")]) == 2
    said = capsys.readouterr().err
    assert "mẫu để sửa" in said
    assert "multidimensional_poverty_rate" in said
    assert not (tmp_path / "r").exists()


def test_the_pattern_is_listed_by_no_command():
    assert "mau_2026_2030" not in plan_ids()


def test_the_pattern_is_a_plan_once_its_lines_are_checked(tmp_path):
    text = PATTERN.read_text(encoding="utf-8").replace('"recalled"', '"plan_wording"')
    (tmp_path / "checked.toml").write_text(text, encoding="utf-8")
    plan = load_plan(tmp_path / "checked.toml")
    assert plan.on("2026-12-31")["poor_household_rate"].target == Decimal("6.89")


def test_every_target_of_the_pattern_says_how_sure_it_is():
    lines = PATTERN.read_text(encoding="utf-8").splitlines()
    targets = [line for line in lines if line.startswith(("target", "end", "standard", "area"))]
    assert len(targets) == 6
    assert all(re.search(r"\[(ĐÃ ĐỌC|TỰ TÍNH|NHỚ)", line) for line in targets)
