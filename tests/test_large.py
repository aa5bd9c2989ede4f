"""A nation's registers, counted file by file, give what the whole tables give."""

import pandas as pd
import pytest

import sonla_analysis as sonla
from sonla_analysis.indicators.large import REGISTERS, read_counted
from sonla_analysis.sample import write_sample
from sonla_analysis.tables import read_tables, sample_folder


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
    counted = read_counted(small_province, plan, date, jobs=1)
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
