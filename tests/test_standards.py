"""Poverty standards: in force from and to, with their lines; wrong files are refused."""

import re

import pytest

from sonla_analysis.definitions.standards import load_standard, standard_ids, standard_on
from sonla_analysis.language.refusals import DefinitionError


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2016-01-05", "qd59_2015"),
        ("2020-12-31", "qd59_2015"),
        ("2021-12-31", "qd59_2015"),  # Decree 07/2021 keeps the old standard for 2021
        ("2022-01-01", "nd07_2021"),
        ("2026-12-31", "nd07_2021"),  # Decree 351/2025 keeps it for 2026
        ("2027-01-01", "nd351_2025"),
        ("2030-12-31", "nd351_2025"),
    ],
)
def test_one_standard_is_in_force_on_each_date(date, expected):
    assert standard_on(date).id == expected


@pytest.mark.parametrize("date", ["2016-01-04", "2031-01-01"])
def test_a_date_without_a_standard_is_refused_with_those_known(date):
    with pytest.raises(DefinitionError) as refused:
        standard_on(date)
    assert f"in force on {date}; known: nd07_2021: 2022-01-01–2026-12-31" in str(refused.value)
    assert "không có chuẩn nghèo nào có hiệu lực" in refused.value.text("vi")


def test_no_day_between_the_standards_is_left_out():
    spans = sorted((one.valid_from, one.valid_to) for one in map(load_standard, standard_ids()))
    assert [end[:4] for _, end in spans[:-1]] == ["2021", "2026"]
    assert [start[5:] for start, _ in spans[1:]] == ["01-01", "01-01"]


@pytest.mark.parametrize(
    ("standard", "area", "poor", "near_poor"),
    [
        ("qd59_2015", "rural", 700_000, 1_000_000),
        ("qd59_2015", "urban", 900_000, 1_300_000),
        ("nd07_2021", "rural", 1_500_000, 1_500_000),
        ("nd07_2021", "urban", 2_000_000, 2_000_000),
        ("nd351_2025", "rural", 2_200_000, 2_200_000),
        ("nd351_2025", "urban", 2_800_000, 2_800_000),
    ],
)
def test_income_lines_are_the_published_ones(standard, area, poor, near_poor):
    assert load_standard(standard).income[area] == {"poor": poor, "near_poor": near_poor}


@pytest.mark.parametrize(("standard", "count"), [("qd59_2015", 10), ("nd07_2021", 12)])
def test_a_standard_lists_its_deprivations(standard, count):
    columns = [one["column"] for one in load_standard(standard).deprivations]
    assert len(set(columns)) == count


@pytest.fixture
def file(tmp_path):
    """A function that writes the standard of 2015 with one text replaced."""
    from sonla_analysis.definitions.standards import _FOLDER

    def write(old: str, new: str):
        text = (_FOLDER / "qd59_2015.toml").read_text(encoding="utf-8")
        assert re.search(old, text)
        path = tmp_path / "standard.toml"
        path.write_text(re.sub(old, new, text, count=1), encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('rule = "income_or_band', 'rule = "income_and_band', "rule must be one of income_or_band"),
        ('law = "', 'lwa = "', "key must be one of id, law"),
        ("valid_to = .*", 'valid_to = "31/12/2021"', "valid_to: found '31/12/2021'"),
        (
            "rural = { poor = 120, near_poor = 150 }",
            "rural = { poor = 120 }",
            "rural must name poor",
        ),
        ("deprivation_cutoff = 30\n", "", "key 'deprivation_cutoff' is missing"),
        (r"\[income\]", "[incomes]", "key must be one of deprivation, income"),
    ],
)
def test_a_wrong_standard_is_refused_in_plain_words(file, old, new, sentence):
    with pytest.raises(DefinitionError, match=sentence):
        load_standard(file(old, new))


def test_an_unknown_standard_is_refused_with_the_nearest():
    with pytest.raises(DefinitionError, match="did you mean 'qd59_2015'"):
        load_standard("qd59-2015")
