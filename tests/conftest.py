"""What several tests share: the synthetic city, read and measured once."""

import pytest
from hypothesis import settings

import sonla_analysis as sonla
from sonla_analysis.definitions.folders import sample_folder
from sonla_analysis.review import open_data

settings.register_profile("quick", max_examples=30, deadline=None, derandomize=True)
settings.load_profile("quick")


@pytest.fixture(scope="session")
def plan():
    return sonla.load_plan("kh159_2020")


@pytest.fixture(scope="session")
def city():
    """The tables of the synthetic city; tests must not change them."""
    return sonla.load_tables(sample_folder())


@pytest.fixture(scope="session")
def observed(city, plan):
    return sonla.measure(city, plan)


@pytest.fixture(scope="session")
def situation():
    """The synthetic city, checked and measured; tests must not change it."""
    return open_data(sample_folder())
