"""A cell that nobody filled in is neither yes nor no: it takes numbers away and changes none."""

import pandas as pd
import pytest
from cities import CITY, DATE, POOREST

from sonla_analysis import charts
from sonla_analysis.page import report_tables
from sonla_analysis.review import checked_data, review_of

COLUMNS = [
    ("households", "hygienic_water"),
    ("households", "hygienic_toilet"),
    ("households", "toilet_built"),
    ("households", "toilet_loan_wanted"),
    ("households", "loan_received"),
    ("households", "start_status"),
    ("members", "health_card"),
    ("members", "tuition_supported"),
]
WHOSE = ["grouping", "group", "result"]


@pytest.fixture(scope="module")
def of_the_date(city):
    return {
        name: frame[frame["as_of"] == DATE].reset_index(drop=True) if "as_of" in frame else frame
        for name, frame in city.items()
    }


@pytest.fixture(scope="module")
def told(of_the_date, plan):
    """The groups of the city and of a ward, where every cell is filled in."""
    data = checked_data(of_the_date, plan)
    return {unit: review_of(data, unit, DATE).groups.set_index(WHOSE) for unit in (CITY, POOREST)}


def left_blank(tables: dict, table: str, column: str, *, unit: str = "") -> dict:
    frame = tables[table]
    here = (frame["unit"] == unit) if unit else pd.Series(True, frame.index)
    return tables | {table: frame.assign(**{column: frame[column].mask(here.to_numpy())})}


@pytest.mark.parametrize(("table", "column"), COLUMNS)
@pytest.mark.parametrize("unit", ["", POOREST], ids=["everywhere", "in a ward"])
def test_what_is_left_blank_takes_numbers_of_groups_away_and_changes_none(
    of_the_date, told, plan, table, column, unit
):
    data = checked_data(left_blank(of_the_date, table, column, unit=unit), plan)
    for code, full in told.items():
        found = review_of(data, code, DATE).groups.set_index(WHOSE)
        assert found["open"].any()
        for part in ("numerator", "denominator", "value"):
            both = pd.concat([found[part], full[part]], axis=1).dropna()
            assert (both.iloc[:, 0] == both.iloc[:, 1]).all()


def test_charts_and_tables_say_that_entries_are_missing_and_print_no_zero(of_the_date, plan):
    data = checked_data(left_blank(of_the_date, "members", "health_card"), plan)
    city = review_of(data, CITY, DATE)
    card = plan["health_insurance_coverage"]
    column = charts.gaps(city).numbers[card.short["vi"]]
    assert set(column) == {"chưa ghi đủ"}
    table = report_tables.groups(city)
    place = [one.key for one in table.columns].index(f"{card.id}_rate")
    assert {row[place] for row in table.texts} <= {"…", "chưa ghi đủ", "ẩn"}


def test_the_table_of_progress_says_how_many_entries_a_count_waits_for(of_the_date, plan):
    """Of 46 poor households of the ward, fourteen say nothing about water."""
    homes = of_the_date["households"]
    poor = homes.index[(homes["unit"] == POOREST) & homes["status"].str.startswith("poor")]
    blank = poor[:14]
    served = int((homes.loc[poor[14:], "hygienic_water"] == True).sum())  # noqa: E712
    water = homes["hygienic_water"].mask(homes.index.isin(blank))
    tables = of_the_date | {"households": homes.assign(hygienic_water=water)}
    table = report_tables.progress(review_of(checked_data(tables, plan), POOREST, DATE))
    keys = [one.key for one in table.columns]
    place = [row[0] for row in table.texts].index("12")
    printed = dict(zip(keys, table.texts[place], strict=True))
    assert printed["numerator"] == f"{served} (14 chưa ghi)"
    assert printed["denominator"] == "46"
    assert printed["still_needed"] == f"≥ {46 - 14 - served}"
    kept = dict(zip(keys, table.rows[place], strict=True))
    assert kept["numerator"] is None and kept["still_needed"] is None and kept["denominator"] == 46
