"""The synthetic province over the merger: 200 units at the end of 2024, its 75 at the end of 2025.

Units, codes and mergers are real; every count is made up. The households are those of the sample,
five years later and under Decree 07/2021: poor is who has a score up to the line and three
deprivations of twelve. The year 2025 is what the former 200 would have reported, added by
`bridge_tables`. The history of 2016 to 2019, under Decision 59/2015, has one row per former unit
and year, and each says that it is synthetic.
"""

import numpy as np
import pandas as pd

from sonla_analysis.definitions.input_columns import POOR
from sonla_analysis.definitions.standards import load_standard
from sonla_analysis.definitions.units import shipped_units, units_on
from sonla_analysis.indicators.bridge import MERGER
from sonla_analysis.indicators.bridge_tables import bridge_tables
from sonla_analysis.sample.calibration import DATES

STANDARD, UNITS, PROVINCE = "nd07_2021", 75, "14"
FIRST, LAST, LATER = DATES[0], DATES[-1], 5  # the sample's two year ends, told five years later
# Decree 07: published for the province in 2022 and 2023 (52,883 of 297,104 households; 14.41 %
# poor); the near-poor of 2022 (9.66 %)
SCALE = pd.Series({"households": 1486, "size": 4.3, "poor": 0.1441, "near": 0.0966, "pace": 0.65,
                   "uneven": 0.2})  # fmt: skip
# how many times the poor of 2023 a year had: rates published for 2017 and 2018; those of 2016
# and 2019 lie half-way to 2015 (34.44 %) and 2020 (18.62 %)
PAST = {"2016": 31.82 / 14.41, "2017": 29.2 / 14.41, "2018": 25.42 / 14.41, "2019": 22.02 / 14.41}
PAST_SOURCE = "Giả lập: máy tính tạo ra để chạy thử, không phải số liệu đã công bố"
_NEW = {  # in % of the poor, the near-poor and others: invented
    "deprived_employment": (45, 20, 10),
    "deprived_dependants": (20, 10, 5),
    "deprived_nutrition": (25, 10, 4),
}
# what a poor household is made to lack where it lacks fewer than three; nothing else says it
_FREE = (*_NEW, "deprived_housing_quality", "deprived_housing_area", "deprived_telecommunication")
_LINES = {"urban": 175, "rural": 140}


def former_units() -> pd.DataFrame:
    """Return the province's 200 wards, communes and towns of before the merger."""
    units = units_on(FIRST, shipped_units("son_la_province")).reset_index()
    return units[units["code"].str.len() == 5]


def over_the_merger(tables: dict[str, pd.DataFrame], seed: int) -> dict[str, pd.DataFrame]:
    """Return the sample's tables of the 200 units as the province's of 2024 and 2025."""
    rng = np.random.default_rng([seed, 2025])
    tables = tables | {"households": _under_decree_07(tables["households"], rng)}
    units = shipped_units("son_la_province")
    ends = {name: frame[frame["as_of"] == LAST] for name, frame in tables.items()}
    history = _history(tables)
    ends = bridge_tables(ends | {"units": units}, MERGER)
    found = {
        name: pd.concat([frame[frame["as_of"] == FIRST], ends[name]], ignore_index=True)
        for name, frame in tables.items()
    }
    found = {name: _later(frame) for name, frame in found.items()}
    return found | {"history": history, "units": units.drop(columns=["lat", "lon"])}


def _later(frame: pd.DataFrame) -> pd.DataFrame:
    years = {date: f"{int(date[:4]) + LATER}{date[4:]}" for date in (FIRST, LAST)}
    frame = frame.assign(as_of=frame["as_of"].map(years))
    if "birth_year" in frame:
        frame["birth_year"] += LATER
    return frame


def _under_decree_07(households: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the register with statuses, twelve deprivations and scores of the decree."""
    poor = households["status"].isin(POOR).to_numpy()
    near = (households["status"] == "near_poor").to_numpy()
    blank = households["deprived_water"].isna().to_numpy()
    names = [one["column"] for one in load_standard(STANDARD).deprivations]
    lacks = _deprivations(households, names, poor, near, rng)
    flags = {name: pd.array(np.where(blank, None, lacks[name]), dtype="boolean") for name in names}
    score = pd.Series(10 * lacks.sum(axis=1).to_numpy(), dtype="Int64").mask(blank)
    line = households["area"].astype("str").map(_LINES).to_numpy()
    steps = 5 * (rng.random(len(households)) * 12).astype(int)
    income = pd.Series(np.where(poor | near, line - steps, line + 5 + steps), dtype="Int64")
    dropped = [name for name in households if name.startswith("deprived_")]
    known = households.drop(columns=dropped).reset_index(drop=True)
    known["income_score"], known["deprivation_score"] = income.mask(blank), score
    for column in ("status", "start_status"):
        known[column] = known[column].astype("str").replace(dict.fromkeys(POOR, "poor"))
    place = known.columns.get_loc("deprivation_score") + 1
    for number, name in enumerate(names):
        known.insert(place + number, name, flags[name])
    return known


def _deprivations(households, names, poor, near, rng) -> pd.DataFrame:
    """Return who lacks what: the poor three or more, the near-poor two at most."""
    lacks = pd.DataFrame(index=range(len(households)))
    for name in names:
        if name in _NEW:
            share = np.select([poor, near], _NEW[name][:2], _NEW[name][2]) / 100
            lacks[name] = rng.random(len(lacks)) < share
        else:
            lacks[name] = households[name].fillna(False).to_numpy(bool)
    order = rng.random((len(lacks), len(_FREE))).argsort(axis=1)
    for place in range(len(_FREE)):
        column = np.array(_FREE)[order[:, place]]
        few, many = poor & (lacks.sum(axis=1) < 3), near & (lacks.sum(axis=1) > 2)
        for name in _FREE:
            here = column == name
            lacks[name] = (lacks[name] | (few & here)) & ~(many & here)
    return lacks


def _history(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return a row for each former unit and year, made from who was poor at the end of 2023."""
    counts, register = (tables[name] for name in ("unit_counts", "households"))
    counts = counts[counts["as_of"] == FIRST].set_index("unit")
    register = register[register["as_of"] == FIRST]
    listed = pd.crosstab(register["unit"], register["start_status"]).reindex(
        index=counts.index, columns=["poor", "near_poor"], fill_value=0
    )
    parts = []
    for year, times in PAST.items():
        households = (
            counts["households"].astype("int64") * (1 - 0.01 * (2024 - int(year)))
        ).round()
        poor = np.minimum((listed["poor"] * times).round(), (0.9 * households).round())
        near = np.minimum((listed["near_poor"] * times * 0.7).round(), households - poor)
        rows = {"households": households, "poor_households": poor, "near_poor_households": near}
        parts.append(pd.DataFrame(rows).astype("Int64").assign(as_of=f"{year}-12-31"))
    past = pd.concat(parts).rename_axis("unit").reset_index()
    past = past.assign(standard="qd59_2015", source=PAST_SOURCE)
    columns = ["as_of", "unit", "standard", "households", "poor_households"]
    return past[[*columns, "near_poor_households", "source"]]
