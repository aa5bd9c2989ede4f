"""Poverty rates as they were published, year after year under one standard, with their source."""

from importlib.resources import files

import pandas as pd

_NUMBERS = ("year", "value", "poor", "households", "exits", "entries", "aim")


def published_rates() -> pd.DataFrame:
    """Return the published rates on which a forecast can be tried: one row per area and year.

    Columns: area, standard (`gso_income`: the income surveys of the statistics office, of persons),
    measure (`poverty_rate`, `poor_and_near_poor_rate`), year (its end), value (percent); poor,
    households, exits, entries (counts, where published); aim (points a year that it was to fall
    by, where known), source, note. A run of an area is of one standard and has three years in a
    row at least; figures that contradict themselves, expected and preliminary ones are left out.

    >>> rates = published_rates()
    >>> rates.query("area == 'Sơn La'")[["year", "value"]].values.tolist()
    [[2021.0, 21.66], [2022.0, 17.8], [2023.0, 14.41], [2024.0, 11.11]]
    """
    path = files("sonla_analysis") / "definitions/published/poverty_rates.csv"
    with path.open(encoding="utf-8") as file:
        rates = pd.read_csv(file, dtype=str, keep_default_na=False)
    numbers = {name: pd.to_numeric(rates[name]) for name in _NUMBERS}
    return rates.assign(**numbers)
