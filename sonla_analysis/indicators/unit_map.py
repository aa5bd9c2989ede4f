"""Units on a map: in the order of their ranking, each near its centre and none over another."""

import numpy as np
import pandas as pd

from sonla_analysis.definitions.centres import centres
from sonla_analysis.indicators.bridge_tables import FORMER, NO_FORMER
from sonla_analysis.indicators.standing import standing

_ROUNDS, _BEYOND = 3000, 1.002  # of pushing; a hair further than needed, so that it comes to an end


def units_with_centres(review, indicator: str) -> pd.DataFrame:
    """Return the units of the area on the review's date, the one with most to do first.

    One row per unit: the columns of `standing`, `rank` (from 1; missing without a value), `lat` and
    `lon` (degrees; missing where no centre is known).
    """
    rows = standing(review, indicator=indicator)
    rows = rows[rows["level"] == "unit"]
    value = rows["value"].astype("float64")
    order = (-value if review.plan[indicator].lower_is_better else value).sort_values(
        kind="stable", na_position="last"
    )
    rows = rows.loc[order.index].reset_index(drop=True)
    rank = pd.Series(range(1, len(rows) + 1), dtype="Int64").where(rows["value"].notna())
    found = _centres(review, rows["unit"])
    return rows.assign(rank=rank, **{name: found[name].to_numpy() for name in found})


def has_centres(review) -> bool:
    """Return whether the centre of any unit of the area is known."""
    return bool(_centres(review, review.leaf_units.index)["lat"].notna().any())


def _centres(review, codes) -> pd.DataFrame:
    return centres(review.units.loc[codes], _day_of_units(review))


def _day_of_units(review) -> str:
    """Return a day of the review's units: later than its date where old rows were added to new."""
    formers = review.tables.get(FORMER, NO_FORMER)
    since = formers.loc[formers["as_of"] == review.as_of, "since"]
    return max([review.as_of, *since])


def spread_out(units: pd.DataFrame, wide: float, tall: float, radius: float, gap: float):
    """Return x and y of circles for `units` (unit, lat, lon), north up, none over another.

    Lengths are those of `wide`, `tall` and `radius`; x lies in 0 to `wide`, the top is at 0. The
    centres are scaled into the room and pushed apart, `gap` between two circles; what is pushed
    beyond `tall` stays there. Units without a centre stand in rows below, in their order.

    >>> there = pd.DataFrame({"unit": ["a", "b", "c"], "lat": [21.3, 21.3, None],
    ...                       "lon": [103.9, 103.9, None]})
    >>> spread_out(there, 4, 4, 0.5, 0.1).round(1).values.tolist()
    [[2.3, -1.4], [1.7, -0.5], [0.5, -2.6]]
    """
    known = units[units["lat"].notna()].sort_values("unit", kind="stable")
    room, step = np.array([wide, tall]) - 2 * radius, 2 * radius + gap
    at = _pushed_apart(_scaled(known, room), step, room[0])
    if len(at):
        at[:, 1] -= at[:, 1].max()
        at[:, 0] += (room[0] - at[:, 0].max() - at[:, 0].min()) / 2
    placed = pd.DataFrame(at + np.array([radius, -radius]), index=known.index, columns=["x", "y"])
    below = placed["y"].min() - step - gap if len(at) else -radius
    rest = units.index[units["lat"].isna()]
    across = max(int((room[0] + 1e-9) // step) + 1, 1)
    row, place = np.divmod(np.arange(len(rest)), across)
    others = pd.DataFrame({"x": radius + place * step, "y": below - row * step}, index=rest)
    return pd.concat([placed, others]).reindex(units.index)


def _scaled(known: pd.DataFrame, room: np.ndarray) -> np.ndarray:
    """Return the centres in the room, a kilometre as long northward as eastward."""
    eastward = np.cos(np.radians(known["lat"].mean()))
    at = np.column_stack([known["lon"] * eastward, known["lat"]])
    if len(at) == 0:
        return at.reshape(0, 2)
    at -= at.min(axis=0)
    longest = np.maximum(at.max(axis=0), 1e-9)
    at = at * (room / longest).min() + (room - longest * (room / longest).min()) / 2
    turn = 2.4 * np.arange(len(at))  # two of one centre part, each in a direction of its own
    return at + 1e-3 * np.column_stack([np.cos(turn), np.sin(turn)])


def _pushed_apart(at: np.ndarray, step: float, wide: float) -> np.ndarray:
    """Return the points at least `step` from each other, moved as little as pushing moves them."""
    for _ in range(_ROUNDS):
        way = at[:, None] - at
        far = np.hypot(way[..., 0], way[..., 1])
        np.fill_diagonal(far, np.inf)
        if (far >= step).all():
            break
        push = np.maximum(step * _BEYOND - far, 0) / 2 / np.maximum(far, 1e-12)
        at = at + 0.7 * (way * push[..., None]).sum(axis=1)
        at[:, 0] = at[:, 0].clip(0, wide)
    return at
