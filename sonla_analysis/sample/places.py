"""The units of a sample: what each is given, and how many of its households move."""

from pathlib import Path

import numpy as np
import pandas as pd

from sonla_analysis.definitions.units import units_on
from sonla_analysis.sample.calibration import (
    CITY,
    DATES,
    ENTRY_RATES,
    ESCAPED,
    ETHNIC_MIXES,
    HISTORY,
    LARGEST_PROVINCE,
    MOVE_RATES,
    NEAR_POOR,
    POOR,
    STATES,
)


def unit_tables(units: int) -> dict[str, pd.DataFrame]:
    """`history` for the city; `units` for an invented province or nation."""
    return {"history": HISTORY.copy()} if units == 12 else {"units": invented_units(units)}


def parent_count(units: int) -> int:
    """Districts of about 17 units in a province, provinces of about 168 units in a nation."""
    return max(1, round(units / (17 if units <= LARGEST_PROVINCE else 168)))


def invented_units(units: int) -> pd.DataFrame:
    """The root, its parents and the units, one row each, with codes that no real unit has."""
    root, middle = ("Tỉnh", "Huyện") if units <= LARGEST_PROVINCE else ("Quốc gia", "Tỉnh")
    parents = parent_count(units)
    parent = np.sort(np.arange(units) % parents)
    ward = np.arange(units) % 5 == 0
    digits = len(str(units))
    table = pd.DataFrame(
        {
            "code": [f"{90_000 - units + number:05d}" for number in range(units)],
            "name": [f"Giả lập {number + 1:0{digits}d}" for number in range(units)],
            "kind": np.where(ward, "Phường", "Xã"),
            "area": np.where(ward, "urban", "rural"),
            "parent": [f"9{number + 1:02d}" for number in parent],
        }
    )
    above = pd.DataFrame(
        {
            "code": ["99"] + [f"9{number + 1:02d}" for number in range(parents)],
            "name": ["Giả lập"] + [f"Giả lập {number + 1:02d}" for number in range(parents)],
            "kind": [root] + [middle] * parents,
            "area": "",
            "parent": [""] + ["99"] * parents,
        }
    )
    table = pd.concat([above, table], ignore_index=True)
    return table.assign(valid_from="", valid_to="", successor="", note="SYNTHETIC").astype("str")


def _read(name: str) -> pd.DataFrame:
    """A table of the city that lies beside this module, one row per unit."""
    return pd.read_csv(Path(__file__).with_name(name), dtype={"code": str}, index_col="code")


def _flows(stocks: np.ndarray, moves: pd.DataFrame) -> np.ndarray:
    """Households by unit, state before and state after; who does not move stays."""
    flows = np.zeros((len(stocks), 5, 5), dtype=np.int64)
    for pair in moves.columns:
        flows[:, STATES.index(pair[-2]), STATES.index(pair[-1])] = moves[pair]
    for state in (POOR, NEAR_POOR, ESCAPED):
        flows[:, state, state] = stocks[:, state] - flows[:, state].sum(axis=1)
    return flows


def stocks_of(flows: np.ndarray) -> np.ndarray:
    """Households of each unit that are poor, near-poor, newly escaped after the moves."""
    return flows.sum(axis=1)[:, :3]


def city() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """The twelve units with what they are given, and their moves in 2019 and 2020."""
    units = units_on(DATES[-1])
    units = units.loc[units["parent"] == CITY, ["name", "kind", "area"]]
    places = units.join(_read("city_units.csv"), validate="1:1").reset_index(names="code")
    moves = _read("city_moves.csv")
    before = _flows(moves[["2018_P", "2018_N", "2018_E"]].to_numpy(), moves.filter(like="2019_"))
    return places, before, _flows(stocks_of(before), moves.filter(like="2020_"))


def invented(
    units: pd.DataFrame, scale: pd.Series, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Invented units of very unequal size and poverty, and their moves in 2019 and 2020."""
    count = len(units)
    places = units[["code", "name", "kind", "area"]].reset_index(drop=True)
    urban = (places["area"] == "urban").to_numpy()
    places["households"] = (scale["households"] * _spread(0.5, count, rng)).astype(int) + 50
    places["size"] = scale["size"] * (0.9 + 0.2 * rng.random(count))
    places["certified"] = np.where(urban, 45, 18) + 15 * rng.random(count)
    places["to"] = np.where(urban, 6 + 8 * rng.random(count), 0).astype(int)
    places["ban"] = np.where(urban, 0, 7 + 10 * rng.random(count)).astype(int)
    places["tieu_khu"] = (rng.random(count) < 0.2).astype(int)
    places["mix"] = rng.choice(list(ETHNIC_MIXES), count, p=[0.05, 0.1, 0.15, 0.15, 0.55])
    hardship = (
        _spread(scale["uneven"], 1, rng) * _spread(0.6, count, rng) * np.where(urban, 0.4, 1.15)
    )
    stocks = [places["households"] * np.minimum(hardship * scale[key], 0.6)
              for key in ("poor", "near")]  # fmt: skip
    stocks = np.column_stack([*stocks, stocks[0] * 0.35]).astype(int)
    before = _drawn_flows(stocks, scale["pace"], rng)
    after = _drawn_flows(stocks_of(before), scale["pace"], rng)
    return _invented_needs(places, stocks_of(after)[:, POOR], rng), before, after


def _spread(sigma: float, count: int, rng: np.random.Generator) -> np.ndarray:
    """Log-normal factors with mean one."""
    return rng.lognormal(-sigma * sigma / 2, sigma, count)


def _drawn_flows(stocks: np.ndarray, pace: float, rng: np.random.Generator) -> np.ndarray:
    """Moves of one year drawn at MOVE_RATES and ENTRY_RATES."""
    moves = {}
    for state in range(3):
        pairs = [pair for pair in MOVE_RATES if pair[0] == STATES[state]]
        rates = [MOVE_RATES[pair] * pace for pair in pairs]
        drawn = rng.multinomial(stocks[:, state], [*rates, 1 - sum(rates)])
        moves |= dict(zip(pairs, drawn.T, strict=False))
    for pair, rate in ENTRY_RATES.items():
        moves[pair] = rng.binomial(stocks[:, STATES.index(pair[1])], rate)
    return _flows(stocks, pd.DataFrame(moves))


def _invented_needs(
    places: pd.DataFrame, poor: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """The columns of city_units.csv that say what a unit needs and what it still misses."""
    count = len(places)
    population = places["households"] * places["size"]
    needs = {
        "radios_needed": rng.binomial(poor, 0.30),
        "toilets_wanted": rng.binomial(poor, 0.22),
        "loans_missing": rng.binomial(poor, 0.03),
        "cards_missing": rng.binomial(poor, 0.05),
        "poor_area": np.where(rng.random(count) < 0.15, rng.integers(40, 160, count), 0),
        "doctor": np.where(rng.random(count) < 0.1, rng.integers(1, 10, count), 0),
        "criteria": np.where(rng.random(count) < 0.3, rng.integers(1, 10, count), 0),
        "reached": 0,
        "under_1": rng.binomial((population * 0.018).astype(int), 0.95),
        "measured": rng.binomial((population * 0.085).astype(int), 0.95),
        "untrained": rng.binomial(2, 0.1, count),
        "schools": rng.choice(["ML", "MTC", "MMTC", "MMTL", "MT"], count),
        "not_standard": rng.binomial(2, 0.25, count),
    }
    needs["radios_given"] = rng.binomial(needs["radios_needed"], 0.92)
    needs["toilets_built"] = rng.binomial(needs["toilets_wanted"], 0.83)
    needs["informed"] = rng.binomial(needs["poor_area"], 0.97)
    needs["vaccinated"] = rng.binomial(needs["under_1"], 0.95)
    needs["underweight"] = rng.binomial(needs["measured"], 0.11)
    return places.assign(**needs)
