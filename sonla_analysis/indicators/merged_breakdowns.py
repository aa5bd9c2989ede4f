"""Breakdowns of a date in the units of a later day: what its own units' reports hid stays hidden.

A new unit's number is the sum of its former units', which have published reports of their own.
It is told where all of these were told: then it tells nothing that they did not. Were it told where
one is hidden, it would tell that one by subtraction. A village keeps its former unit's mark.
"""

import pandas as pd

from sonla_analysis.indicators.bridge import named_after


def hidden_as_told(hidden: pd.DataFrame, homes: pd.DataFrame, units: list[str]) -> pd.DataFrame:
    """Return which cells of new units and the "area" are hidden: where any former unit's is.

    `hidden` has a row for each former unit and one "area", `homes` says by `former` the `unit`.

    >>> homes = pd.DataFrame({"unit": ["N", "N", "C"]}, index=["A", "B", "C"])
    >>> hidden = pd.DataFrame({"x": [False, True, False, False]}, index=["A", "B", "C", "area"])
    >>> hidden_as_told(hidden, homes, ["N", "C"])["x"].to_dict()
    {'N': True, 'C': False, 'area': False}
    """
    home = homes["unit"].to_dict()
    found = hidden.groupby([home.get(unit, unit) for unit in hidden.index]).any()
    return found.reindex([*units, "area"], fill_value=False)


def tables_as_told(tables: list, units: list[str], told: tuple, homes: pd.DataFrame) -> list:
    """Return `group_tables` of new units, hidden where the former units' hid a part.

    `told` are the former units and their tables. A group that they did not name is hidden.
    """
    old_units, old = told
    was = {
        (grouping, result): pd.DataFrame(hidden, index=[*old_units, "area"], columns=names)
        for grouping, names, result, _, _, hidden in old
    }
    found = []
    for grouping, names, result, *counts, _ in tables:
        hidden = hidden_as_told(was[grouping, result], homes, units)
        hidden = hidden.reindex(columns=names, fill_value=True).to_numpy(bool)
        found.append((grouping, names, result, *counts, hidden))
    return found


def at_home(cells: pd.DataFrame, homes: pd.DataFrame) -> pd.DataFrame:
    """Return the villages of former units as the new units': named as `bridge_tables` names them.

    The column `former` is added. Households without a village are one line of the new unit: its
    marks are hidden where any of the lines that it is made of is marked.
    """
    home = homes.reindex(cells["unit"]).set_axis(cells.index)
    cells = cells.assign(former=cells["unit"], unit=home["unit"].fillna(cells["unit"]))
    cells = cells.assign(parts=home["parts"].fillna(1), former_name=home["former_name"])
    cells = named_after(cells, "village", (cells["parts"] > 1) & (cells["village"] != ""))
    twice = cells.duplicated(["unit", "village"], keep=False)
    marks = [name for name in cells if name.endswith("_mark")]
    marked = (cells[marks] != "").groupby([cells["unit"], cells["village"]]).transform("any")
    cells[marks] = cells[marks].mask(marked & twice.to_numpy()[:, None], "hidden")
    cells["former"] = cells["former"].mask(twice, "")
    return cells.drop(columns=["parts", "former_name"])
