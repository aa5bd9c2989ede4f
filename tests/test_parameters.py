"""The parameter contract: one declaration, nothing guessed, nothing injected."""

from datetime import date, datetime
from decimal import Decimal

import batch
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from sonla_analysis.batch import parameters
from sonla_analysis.batch.notebooks import papermill
from sonla_analysis.batch.parameters import as_literal
from sonla_analysis.definitions.folders import shipped
from sonla_analysis.language.refusals import DefinitionError, UsageError

EXTRA = (
    batch.PARAMETERS
    + """
top: int = 5  # how many villages
share: float = 0.5
draft: bool = False
groups: list = []
secret: str = None  # must be given"""
)


@pytest.fixture
def declaration(tmp_path):
    folder = batch.pages(tmp_path, parameters=EXTRA)
    page = parameters.read_page(folder / "commune_report.ipynb")
    return parameters.declared(page)


def test_the_cell_declares_name_type_default_and_help(declaration):
    assert declaration["unit"] == {"type": "str", "default": "03646", "help": "code of the unit"}
    assert [declaration[name]["type"] for name in ("top", "share", "draft", "groups")] == [
        "int", "float", "bool", "list",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["commune_report", "city_report"])
def test_the_packages_pages_declare_what_the_runner_gives(name):
    page = parameters.read_page(shipped("notebooks", "notebooks") / f"{name}.ipynb")
    declared = parameters.declared_for_batch(page, name)
    assert set(declared) == {*parameters.RUNNER_GIVES, "edition"}
    assert all(one["help"] for one in declared.values())


def test_a_page_without_a_needed_parameter_is_refused(tmp_path):
    folder = batch.pages(tmp_path, parameters='unit: str = "03646"')
    page = parameters.read_page(folder / "commune_report.ipynb")
    with pytest.raises(DefinitionError, match="must declare the parameter 'data'"):
        parameters.declared_for_batch(page, "commune_report")


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"unti": "03646"}, "did you mean 'unit'?"),
        ({"unit": 3646}, "leading zeros stay"),
        ({"unit": np.int64(3646)}, "leading zeros stay"),
        ({"top": "5"}, "must be a int"),
        ({"top": 2.5}, "must be a int"),
        ({"top": True}, "must be a int"),
        ({"draft": 1}, "must be a bool"),
        ({"unit": object()}, "found <object"),
        ({"x\nimport os": 1}, "no parameter name"),
        ({"class": 1}, "no parameter name"),
        ({}, "'secret' of page p needs a value"),
        ({"secret": pd.NA}, "'secret' of page p needs a value"),
        ({"secret": float("nan")}, "'secret' of page p needs a value"),
    ],
)
def test_what_the_page_does_not_declare_is_refused(declaration, values, refusal):
    given = {"secret": "x"} | values if values and "secret" not in values else values
    with pytest.raises(UsageError) as refused:
        parameters.checked(declaration, given, "p")
    assert refusal in str(refused.value)
    assert refused.value.text("vi") != str(refused.value)


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("03646", "03646"),
        (np.str_("03646"), "03646"),
        (date(2020, 12, 31), "2020-12-31"),
        (datetime(2020, 12, 31), "2020-12-31"),
        (datetime(2020, 12, 31, 8, 30), "2020-12-31T08:30:00"),
        (pd.Timestamp("2020-12-31"), "2020-12-31"),
        (np.datetime64("2020-12-31"), "2020-12-31"),
        (np.datetime64("2020-12-31T00:00:00.000000000"), "2020-12-31"),
        (Decimal("0.77"), 0.77),
        (Decimal("91"), 91),
        (np.float64(0.77), 0.77),
        (np.bool_(True), True),
        (pd.NaT, None),
        ((1, Decimal("2")), [1, 2]),
        ({"a": np.int8(1)}, {"a": 1}),
    ],
)
def test_values_of_other_libraries_become_plain_literals(value, literal):
    found = as_literal(value)
    assert (found, type(found)) == (literal, type(literal))


def test_a_whole_number_is_taken_for_a_share(declaration):
    checked = parameters.checked(declaration, {"share": 1, "secret": "x"}, "p")
    assert repr(checked["share"]) == "1.0"


@given(some.text())
def test_a_text_arrives_as_it_was_and_never_as_code(value):
    source = papermill.translators.PythonTranslator.codify({"unit": value})
    space = {}
    exec(source, {"__builtins__": {}}, space)
    assert space == {"unit": value}
