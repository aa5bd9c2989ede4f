"""Where a unit lies: its centre, from the list of the province that comes along.

Good to a kilometre or two, so for who lies beside whom and for nothing finer: `units/README.md`.
"""

import pandas as pd

from sonla_analysis.definitions.units import shipped_units, units_on
from sonla_analysis.language.vietnamese import slug

_DEGREES = ["lat", "lon"]


def centres(units: pd.DataFrame, day: str) -> pd.DataFrame:
    """Return `lat` and `lon` (degrees) of units, by code; missing where no centre is known.

    `units` have `name` and are indexed by code; `day` (ISO text) is one of their days. A code alone
    is no unit: 03646 is Chiềng Lề until June 2025 and Tô Hiệu since, so the name must agree too.

    >>> centres(units_on("2020-12-31"), "2020-12-31").loc["03646"].tolist()
    [21.341397, 103.905699]
    >>> centres(units_on("2025-07-01"), "2025-07-01").loc["03646"].tolist()
    [21.3273, 103.921]
    >>> int(centres(units_on("2025-07-01"), "2020-12-31")["lat"].count())
    2
    """
    listed = units_on(day, shipped_units("son_la_province")).reindex(units.index)
    same = listed["name"].fillna("").map(slug) == units["name"].map(slug)
    return listed.loc[:, _DEGREES].where(same).apply(pd.to_numeric)
