"""A unit's villages by poor and near-poor households, in an order that tells nothing more."""

import pandas as pd

from sonla_analysis.definitions.input_columns import POOR
from sonla_analysis.indicators.disclosure import MINIMUM
from sonla_analysis.indicators.groups import MARKED, STATES
from sonla_analysis.language.vietnamese import sort_key

MOST_OF_AREA = 15  # villages in the area's chart


def register_totals(register: pd.DataFrame) -> dict[str, int]:
    """Return the unit's poor and near-poor households, as the unit publishes them."""
    status = register["status"]
    return {"poor": int(status.isin(POOR).sum()), "near_poor": int((status == "near_poor").sum())}


def villages_shown(cells: pd.DataFrame, totals: dict, review, whole: str) -> pd.DataFrame:
    """Return the villages worth a row: of the area those with 5 or more, of a unit all but zeros.

    A village of which nothing is told has no row: where its former unit told nothing of any, the
    others' rows would tell that all of them are among these.
    Where nothing can be told of any village, the row is the unit as a `whole`. In the internal
    edition the area's are the first of all villages with anybody.
    """
    if review.is_area:
        kept = cells[list(STATES)].ge(least_shown(review)).fillna(False).any(axis=1)
        kept &= cells["village"] != ""
    else:
        kept = ~cells[list(STATES)].eq(0).fillna(False).all(axis=1)
        kept &= ~cells[MARKED].eq("hidden").all(axis=1)
    rows = cells[kept].head(MOST_OF_AREA) if review.is_area else cells[kept]
    ranges = rows[MARKED].isin(["few", "many"]).any(axis=None)
    told = ranges or rows[list(STATES)].fillna(0).gt(0).any(axis=None)
    return rows.reset_index(drop=True) if told else _whole(totals, review.unit, whole)


def least_shown(review) -> int:
    """Return the smallest number of households that may be told of a village."""
    return 1 if review.is_internal else MINIMUM


def ranked(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the villages, most poor households first; hidden ones in alphabetical order.

    Households without a village stand last.

    Only what is told decides the order, so the order tells nothing more.
    """
    places = []
    for row in cells.to_dict("records"):
        ranks = [_rank(row[group], row[f"{group}_mark"]) for group in STATES]
        places.append((row["village"] == "", *ranks, sort_key(row["village"]), row["unit"]))
    order = sorted(range(len(cells)), key=places.__getitem__)
    return cells.iloc[order].reset_index(drop=True)


def _rank(number_shown, mark: str) -> tuple[int, int]:
    """Numbers of 5 or more, then hidden larger ones, then 1 to 4 and untold ones, then the rest."""
    if mark:
        return (1 if mark == "many" else 2), 0
    return (0 if number_shown >= MINIMUM else 3), -int(number_shown)


def nobody_wrote(cells: pd.DataFrame) -> bool:
    """Whether no household's village was written down."""
    return cells["village"].eq("").all()


def _whole(totals: dict, unit: str, name: str) -> pd.DataFrame:
    """Return the unit as a single row, where no village can be told by itself."""
    row = {"unit": unit, "village": name, **totals, **dict.fromkeys(MARKED, "")}
    return pd.DataFrame([row])
