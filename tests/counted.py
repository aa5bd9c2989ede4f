"""Observations of indicator `x` from counts, for worked arithmetic: units, groups, dates."""

import pandas as pd
import small

FOUR = {"A": (3, 40), "B": (14, 120), "C": (2, 150), "D": (9, 60)}  # 28 of 370
PHE = {"A": (10232, 15232), "B": (12321, 16123), "C": (15123, 17932), "D": (13213, 18475)}


def of_units(counts: dict, as_of: str = small.END, state: str = "reported", **groups):
    """Return one row per unit as `measure` gives it, and the area's row of their sums."""
    rows = [
        small.observation(*pair, as_of=as_of, level="unit", state=state) for pair in counts.values()
    ]
    rows = [row.assign(unit=unit) for unit, row in zip(counts, rows, strict=True)]
    sums = map(sum, zip(*counts.values(), strict=True))
    frame = pd.concat([*rows, small.observation(*sums, as_of=as_of)], ignore_index=True)
    for name, value in groups.items():
        frame.insert(3, name, value)
    return frame
