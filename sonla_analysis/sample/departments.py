"""What wards and departments report of a sample: counts, stations, schools, money."""

import numpy as np
import pandas as pd

from sonla_analysis.sample.calibration import (
    CITY_GAPS,
    DATES,
    FUNDING,
    MADE_UP,
    NEAR_POOR,
    NOTHING_SPENT,
    POOR,
    SCHOOLS,
)
from sonla_analysis.sample.places import stocks_of


def unit_counts(places: pd.DataFrame, quarter: int, register: pd.DataFrame) -> pd.DataFrame:
    """What the ward signs and the departments count, on the way to the year's end."""
    ahead = 1 - quarter / 4
    households = (places["households"] * (1 - 0.009 * ahead)).round()
    population = (households * places["size"]).round()
    labour = (population * 0.575).round()
    villages = places[["to", "ban", "tieu_khu"]].sum(axis=1)
    poor = register["status"].cat.codes <= 1
    near_poor = register["status"].cat.codes == 2
    informed = places["informed"] - (places["poor_area"] * 0.16 * ahead).round()
    columns = {
        "households": households,
        "population": population,
        "labour_force": labour,
        "labour_certified": (labour * (places["certified"] - 0.9 * ahead) / 100).round(),
        "children_under_1": places["under_1"],
        "children_under_1_vaccinated": places["vaccinated"]
        - (places["under_1"] * 0.012 * ahead).round(),
        "children_under_5_measured": places["measured"],
        "children_under_5_underweight": places["underweight"]
        + (places["measured"] * 0.007 * ahead).round(),
        "officers": villages + 3,
        "officers_trained": villages + 3 - places["untrained"]
        - ((villages + 3) * 0.4 * ahead).round(),
        "poor_area_households": places["poor_area"],
        "poor_area_households_informed": informed.clip(lower=0),
        "poor_households": np.bincount(register["unit"].cat.codes[poor], minlength=len(places)),
        "near_poor_households": np.bincount(
            register["unit"].cat.codes[near_poor], minlength=len(places)
        ),
    }  # fmt: skip
    table = pd.DataFrame(columns).clip(lower=0).astype("Int64")
    table.insert(0, "unit", places["code"])
    table.insert(0, "as_of", DATES[quarter])
    for date, unit, column in CITY_GAPS:
        table.loc[(table["as_of"] == date) & (table["unit"] == unit), column] = pd.NA
    return table


def health_stations(places: pd.DataFrame, quarter: int) -> pd.DataFrame:
    """One health station per unit."""
    return pd.DataFrame(
        {
            "as_of": DATES[quarter],
            "unit": places["code"],
            "name": "Trạm Y tế " + places["kind"].str.lower() + " " + places["name"] + MADE_UP,
            "has_doctor": places["doctor"] <= quarter,
            "meets_national_criteria": places["criteria"] <= quarter,
        }
    )


def schools(places: pd.DataFrame, quarter: int) -> pd.DataFrame:
    """One row per school; the last schools of a unit are those below the standard."""
    rows = []
    columns = ["code", "name", "schools", "not_standard", "reached"]
    for code, name, letters, below, reached in places[columns].itertuples(index=False):
        meeting = len(letters) - below - (reached > quarter)
        for place, letter in enumerate(letters):
            title, *levels = SCHOOLS[letter]
            same = f" {letters[: place + 1].count(letter)}" if letters.count(letter) > 1 else ""
            school = (DATES[quarter], code, f"{title} {name}{same}{MADE_UP}", *levels)
            school += (place < meeting,)
            rows.append(school)
    levels = ["preschool", "primary", "lower_secondary"]
    return pd.DataFrame(rows, columns=["as_of", "unit", "name", *levels, "meets_national_standard"])


def funding(places: pd.DataFrame, before: np.ndarray, quarter: int) -> pd.DataFrame:
    """One row per unit and budget line: planned for the year, disbursed so far (million VND)."""
    at_start = before.sum(axis=2)[:, :3] if quarter == 0 else stocks_of(before)
    households = at_start[:, [POOR, NEAR_POOR]].sum(axis=1)
    lag = np.array([1.0, 0.96, 1.0, 0.9])[np.arange(len(places)) % 4]
    lines = []
    for order, (project, source, each, shares) in enumerate(FUNDING):
        planned = (households * each).round(1)
        spent = [(code, project, source) not in NOTHING_SPENT for code in places["code"]]
        line = {"as_of": DATES[quarter], "unit": places["code"], "order": order,
                "project": project, "source": source, "planned": planned,
                "disbursed": (planned * shares[quarter] * lag * spent).round(1)}  # fmt: skip
        lines.append(pd.DataFrame(line))
    return pd.concat(lines, ignore_index=True).sort_values(["unit", "order"]).drop(columns="order")
