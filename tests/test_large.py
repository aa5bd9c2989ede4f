"""A nation's registers, counted file by file, give what the whole tables give."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sonla_analysis as sonla
from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.definitions.plan import Count
from sonla_analysis.indicators import large
from sonla_analysis.indicators.large import REGISTERS, distinct, read_counted
from sonla_analysis.sample import write_sample
from sonla_analysis.tables.input_tables import read_tables


@pytest.fixture(scope="module")
def small_province(tmp_path_factory):
    return write_sample(tmp_path_factory.mktemp("province"), 20, dates=("2019-12-31", "2020-12-31"))


def test_counting_equal_rows_once_changes_no_figure(small_province):
    plan = sonla.load_plan()
    whole, _ = read_tables(small_province)
    counted = read_counted(small_province, plan)
    assert sum(len(counted[name]) for name in REGISTERS) < len(whole["households"])
    pd.testing.assert_frame_equal(sonla.measure(counted, plan), sonla.measure(whole, plan))


def test_one_date_alone_gives_that_dates_figures(small_province):
    plan, date = sonla.load_plan(), "2020-12-31"
    counted = read_counted(small_province, plan, as_of=date, jobs=1)
    assert set(counted["households"]["as_of"]) == {date}
    whole, _ = read_tables(small_province)
    pd.testing.assert_frame_equal(
        sonla.measure(counted, plan, date), sonla.measure(whole, plan, date)
    )


def test_blank_cells_stay_unknown(tmp_path):
    plan, tables = sonla.load_plan(), sonla.load_tables(sample_folder())
    tables["members"].loc[::7, "health_card"] = pd.NA
    tables["households"].loc[::5, "hygienic_water"] = pd.NA
    for name in REGISTERS:
        for unit, part in tables[name].groupby("unit"):
            (tmp_path / name).mkdir(exist_ok=True)
            part.to_parquet(tmp_path / name / f"{unit}.parquet")
    for name in ("unit_counts", "health_stations", "schools", "funding"):
        tables[name].to_parquet(tmp_path / f"{name}.parquet")
    observed = sonla.measure(read_counted(tmp_path, plan), plan)
    expected = sonla.measure(tables, plan)
    assert observed["unknown"].sum() > 0
    pd.testing.assert_frame_equal(observed, expected)


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1), st.floats(0, 0.6), st.integers(1, 5), st.booleans())
def test_however_registers_are_split_and_whatever_is_blank_no_figure_changes(
    tmp_path_factory, seed, blank, files, categories
):
    """Rows in any order in any number of files, texts plain or coded, cells of any column gone."""
    chance, plan = np.random.default_rng(seed), sonla.load_plan()
    tables, folder = sonla.load_tables(sample_folder()), tmp_path_factory.mktemp("split")
    for name in REGISTERS:
        table = tables[name] = tables[name].sample(frac=1, random_state=chance, ignore_index=True)
        for column in ("status", "start_status", "health_card", "hygienic_water", "loan_received"):
            if column in table and not (name == "members" and column == "status"):
                table.loc[chance.random(len(table)) < blank, column] = pd.NA
        (folder / name).mkdir()
        coded = {one: "category" for one in table.select_dtypes("str") if categories}
        for place, rows in enumerate(np.array_split(np.arange(len(table)), files)):
            table.iloc[rows].astype(coded).to_parquet(folder / name / f"{place}.parquet")
    for name in ("unit_counts", "health_stations", "schools", "funding"):
        tables[name].to_parquet(folder / f"{name}.parquet")
    counted = sonla.measure(read_counted(folder, plan), plan)
    pd.testing.assert_frame_equal(counted, sonla.measure(tables, plan))


def test_a_sum_over_the_register_counts_every_household_as_often_as_it_stands_there(
    small_province, plan
):
    """Persons of poor households: a column that is added up is read like those looked at."""
    poor = {"status": ("poor_income", "poor_deprivation")}
    persons = replace(plan["poor_household_rate"], numerator=Count("households", poor, "members"))
    plan = replace(plan, indicators=(persons,))
    whole, _ = read_tables(small_province)
    counted = sonla.measure(read_counted(small_province, plan), plan)
    expected = whole["households"].query("status in ('poor_income', 'poor_deprivation')")
    per_day = expected.groupby("as_of")["members"].sum()
    city = counted[counted["level"] == "area"].set_index("as_of")["numerator"]
    assert city.to_dict() == per_day.to_dict()


def test_more_combinations_than_an_array_can_hold_are_counted_all_the_same():
    columns = {
        name: [(place * step) % 2000 for place in range(2000)] for name, step in STEPS.items()
    }
    assert [row["rows"] for row in distinct(pa.table(columns)).to_pylist()] == [1] * 2000


STEPS = {"a": 1, "b": 3, "c": 7, "d": 9, "e": 11, "f": 13}  # 2000 values each: 6 · 10^19 together

cell = st.sampled_from(["a", "b", "", None])
line = st.tuples(cell, cell, st.sampled_from([True, False, None]), st.sampled_from([1, 2, None]))


@given(st.lists(line, max_size=30), st.sampled_from([1, 3, 8, 2**20]))
def test_each_row_is_counted_as_often_as_it_occurs_however_few_codes_fit_one_array(lines, dense):
    columns = dict(zip("wxyz", map(list, zip(*lines, strict=True)), strict=False))
    types = {"w": pa.string(), "x": pa.string(), "y": pa.bool_(), "z": pa.int64()}
    table = pa.table({name: pa.array(columns.get(name, []), types[name]) for name in types})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large, "DENSE", dense)
        found = distinct(table).to_pylist()
    assert {tuple(row[name] for name in types): row["rows"] for row in found} == {
        one: lines.count(one) for one in lines
    }
    assert len(found) == len(set(lines))
