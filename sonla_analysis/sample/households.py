"""The households of a sample: their lives from 2018 to 2020, and the registers at a date."""

from collections.abc import Iterator
from itertools import chain

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sonla_analysis.definitions.input_columns import CARRIED
from sonla_analysis.sample.calibration import (
    ABSENT,
    ADULTS,
    ASSETS,
    DATES,
    DEPRIVATION_POOR,
    ESCAPED,
    ETHNIC_GROUPS,
    ETHNIC_MIXES,
    HAMLETS,
    INCOME_SCORES,
    INSURANCE,
    LAST_VILLAGE,
    LOAN_ELIGIBLE,
    LOAN_NEEDED,
    LOANS_GIVEN,
    NEAR_POOR,
    OUTSIDE,
    POOR,
    PROFILE,
    PUPILS_SUPPORTED,
    SCHOOLING,
    STATUSES,
    TOILET,
    WATER,
)


def make_homes(
    places: pd.DataFrame, before: np.ndarray, after: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    """One row per household that is ever listed: its states, its fixed traits, its draws."""
    homes = _life_stories(before, after, rng)
    count = len(homes)
    unit = homes["unit"].to_numpy()
    homes["number"] = _position(unit) + 1
    for draw in ("kind", "score", "need", "eligible", "loan_2019", "loan_2020", "order", "other"):
        homes[draw] = rng.random(count)
    leaving = (homes["end_2019"] < homes["end_2020"]).to_numpy()
    pace = np.where(leaving[:, None], (0.12, 0.32, 0.58), (0.30, 0.55, 0.80))
    homes["moves"] = 1 + (rng.random(count)[:, None] > pace).sum(axis=1)
    homes.loc[homes["end_2019"] == homes["end_2020"], "moves"] = 9
    homes["female"] = rng.random(count) < 0.17
    homes["members"] = 1 + (rng.random((count, 8)) < 0.41).sum(axis=1)
    cumulated = np.array([np.cumsum([ETHNIC_MIXES[mix].get(group, 0) for group in ETHNIC_GROUPS])
                          for mix in places["mix"]])  # fmt: skip
    drawn = rng.random(count)[:, None]
    homes["ethnicity"] = np.minimum((drawn >= cumulated[unit]).sum(1), len(ETHNIC_GROUPS) - 1)
    villages = places[["to", "ban", "tieu_khu"]].sum(axis=1).to_numpy()[unit]
    homes["village"] = villages - 1 - (villages * rng.random(count) ** 2).astype(int)
    return _programmes(homes, places, rng)


def _life_stories(before: np.ndarray, after: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Unit and state at the end of 2018, 2019, 2020 of each household, in mixed order by unit."""
    first = _expand(before)
    listed = first[:, 2] <= ESCAPED
    stayers = first[listed]
    stayers = stayers[np.lexsort((rng.random(len(stayers)), stayers[:, 2], stayers[:, 0]))]
    stayers = np.column_stack([stayers, _expand(after[:, :3])[:, 2]])
    gone = first[~listed][:, [0, 1, 2, 2]]
    entering = _expand(after[:, OUTSIDE:]) + np.array([0, OUTSIDE, 0])
    stories = np.concatenate([stayers, gone, entering[:, [0, 1, 1, 2]]])
    stories = stories[np.lexsort((rng.random(len(stories)), stories[:, 0]))]
    return pd.DataFrame(stories, columns=["unit", "end_2018", "end_2019", "end_2020"])


def _expand(counts: np.ndarray) -> np.ndarray:
    """One row (unit, from, to) per household counted, in that order."""
    return np.repeat(np.indices(counts.shape).reshape(3, -1).T, counts.ravel(), axis=0)


def _position(groups: np.ndarray) -> np.ndarray:
    """The place of each row in its run of equal values, from 0."""
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]][: len(groups)])
    return np.arange(len(groups)) - np.repeat(starts, np.diff(np.r_[starts, len(groups)]))


def _choose(among: np.ndarray, unit: np.ndarray, count: pd.Series, order: np.ndarray) -> np.ndarray:
    """True for `count` rows of each unit among the given ones, or for all if there are fewer."""
    rows = np.flatnonzero(among)
    rows = rows[np.lexsort((order[rows], unit[rows]))]
    chosen = np.zeros(len(unit), dtype=bool)
    chosen[rows] = _position(unit[rows]) < count.to_numpy()[unit[rows]]
    return chosen


def _programmes(
    homes: pd.DataFrame, places: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Who gets a radio, a toilet, a loan, a card, and in which quarter (9: not this year).

    Radios and toilet loans go to households poor all year, so that the counts given for a unit are
    found again at the year's end.
    """
    unit = homes["unit"].to_numpy()
    end, start = homes["end_2020"].to_numpy(), homes["end_2019"].to_numpy()
    order, other = homes["order"].to_numpy(), homes["other"].to_numpy()
    poor_all_year = (start == POOR) & (end == POOR)
    earlier = (homes["end_2018"] == POOR).to_numpy() & (start == POOR)
    listed = end <= ESCAPED
    quarter = 1 + (rng.random(len(homes))[:, None] > (0.1, 0.35, 0.7)).sum(axis=1)

    wants_loan = listed & (homes["need"] < LOAN_NEEDED)
    wants_loan &= homes["eligible"] < LOAN_ELIGIBLE
    late = _choose(wants_loan.to_numpy(), unit, places["loans_missing"], other)
    homes["loan_2020"] = np.where(late, 2.0, homes["loan_2020"])
    homes["no_card"] = _choose(end <= NEAR_POOR, unit, places["cards_missing"], 1 - order)

    homes["radio_2019"] = ~poor_all_year & (start == POOR) & (other < 0.15)
    homes["radio_needed"] = _choose(poor_all_year, unit, places["radios_needed"], order)
    given = _choose(homes["radio_needed"].to_numpy(), unit, places["radios_given"], other)
    homes["radio"] = np.where(given, quarter, 9)

    homes["toilet_wanted_2019"] = earlier & (other > 0.85)
    homes["toilet_2019"] = homes["toilet_wanted_2019"] & (order < 0.78)
    free = poor_all_year & ~homes["toilet_wanted_2019"].to_numpy()
    wanted = _choose(free, unit, places["toilets_wanted"], 1 - other)
    built = _choose(wanted, unit, places["toilets_built"], order)
    leaving = (start <= NEAR_POOR) & (end != POOR) & (end != ABSENT) & (order < 0.1)
    homes["toilet_wanted"] = wanted | leaving
    homes["toilet"] = np.where(built | (leaving & (other < 0.8)), quarter, 9)
    return homes


def make_persons(homes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row per person of a household that is ever on the register; ages as of 2019."""
    listed = (homes[["end_2018", "end_2019", "end_2020"]] <= ESCAPED).any(axis=1)
    home = np.repeat(np.flatnonzero(listed), homes["members"][listed])
    size = homes["members"].to_numpy()[home]
    number = _position(home) + 1
    head = (24 + 25 * rng.random((len(homes), 2)).sum(axis=1))[home]
    draw = rng.random(len(home))
    age = np.select(
        [number == 1, number == 2, (number == size) & (size >= 6), number >= 5],
        [head, np.maximum(head - 6 + 10 * draw, 18), head + 20 + 8 * draw, head - 38 - 16 * draw],
        head - 21 - 18 * draw,
    )
    age = np.clip(age, 4 * draw, 96).astype(int)
    female = homes["female"].to_numpy()[home] ^ (number == 2)
    female = np.where(number <= 2, female, rng.random(len(home)) < 0.48)
    persons = pd.DataFrame({"home": home, "number": number, "female": female, "age": age})
    persons["draw"], persons["help"] = rng.random((2, len(home)))
    persons["first_child"] = _first_of_home(home, (age >= 5) & (age <= 13))
    persons["last_over_5"] = _first_of_home(home[::-1], (age >= 6)[::-1])[::-1]
    return persons


def _first_of_home(home: np.ndarray, able: np.ndarray) -> np.ndarray:
    """True for the first able person of each household."""
    rows = np.flatnonzero(able)
    first = np.zeros(len(home), dtype=bool)
    first[rows[_position(home[rows]) == 0]] = True
    return first


def draw_deprivations(
    homes: pd.DataFrame, persons: pd.DataFrame, rng: np.random.Generator
) -> np.ndarray:
    """A number in 0–1 per household and deprivation: deprived when below the profile's share.

    Only a household with a child of 5–13 can lack schooling, only one with an adult born since 1986
    can lack adult education; their share is raised so that the profile holds for all.
    """
    draws = rng.random((len(homes), len(PROFILE)))
    young = {SCHOOLING: persons["age"].between(5, 13), ADULTS: persons["age"].between(16, 33)}
    for column, persons_able in young.items():
        able = np.zeros(len(homes), dtype=bool)
        able[persons["home"][persons_able]] = True
        share = len(persons["home"][persons_able].unique()) / max(persons["home"].nunique(), 1)
        draws[:, column] = np.where(able, draws[:, column] * share, np.inf)
    return draws


def households_at(
    homes: pd.DataFrame, draws: np.ndarray, places: pd.DataFrame, quarter: int
) -> pd.DataFrame:
    """The register at a date: who is listed now or was at the start of the year (and `home`)."""
    start, now = _states(homes, quarter)
    never_listed = (homes[["end_2018", "end_2019", "end_2020"]] == OUTSIDE).all(axis=1).to_numpy()
    shown = (start <= ESCAPED) | (now <= ESCAPED) | never_listed
    homes, draws, start, now = homes[shown], draws[shown], start[shown], now[shown]
    unit, kind = homes["unit"].to_numpy(), homes["kind"].to_numpy()
    urban = (places["area"] == "urban").to_numpy()[unit]
    status = _statuses(now, kind, np.interp(quarter, (0, 4), DEPRIVATION_POOR[1:]))
    start_status = _statuses(start, kind, DEPRIVATION_POOR[0 if quarter == 0 else 1])
    deprived = _deprived(homes, draws, status, quarter)
    absent = now == ABSENT
    blank = absent | never_listed[shown]
    table = {
        "home": homes.index.to_numpy(),
        "as_of": _label(np.zeros(len(homes), dtype=int), [DATES[quarter]]),
        "unit": _label(unit, places["code"]),
        "village": _villages(places, unit, homes["village"].to_numpy()),
        "household": _household_ids(places["code"], unit, homes["number"].to_numpy()),
        "head_sex": _label(homes["female"], ["male", "female"]),
        "ethnicity": _label(homes["ethnicity"], ETHNIC_GROUPS),
        "area": _label(urban, ["rural", "urban"]),
        "members": _whole(homes["members"], absent),
        "income_score": _whole(_income_scores(status, urban, homes["score"].to_numpy()), blank),
        "deprivation_score": _whole(10 * deprived.sum(axis=1), blank),
        **{name: _flag(deprived[:, column], blank) for column, name in enumerate(PROFILE.index)},
        "start_status": _label(start_status, STATUSES),
        "status": _label(status, STATUSES),
        "hygienic_water": _flag(~deprived[:, WATER], blank),
        "hygienic_toilet": _flag(~deprived[:, TOILET], blank),
        **{name: _flag(values, blank) for name, values in _support(homes, quarter).items()},
    }
    return pd.DataFrame(table)


def _states(homes: pd.DataFrame, quarter: int) -> tuple[np.ndarray, np.ndarray]:
    """States at the start of the year and now; quarter 0 is the end of 2019."""
    start = homes["end_2018" if quarter == 0 else "end_2019"].to_numpy()
    moved = (homes["moves"] <= quarter).to_numpy()
    return start, np.where(moved, homes["end_2020"], homes["end_2019"])


def _statuses(state: np.ndarray, kind: np.ndarray, deprivation_poor: float) -> np.ndarray:
    """Positions in STATUSES; the poor are split into poor by income and by deprivation."""
    by_deprivation = (state == POOR) & (kind < deprivation_poor)
    return np.where(state == POOR, by_deprivation, state + 1)


def _deprived(
    homes: pd.DataFrame, draws: np.ndarray, status: np.ndarray, quarter: int
) -> np.ndarray:
    """Which of the ten deprivations each household has: three or more, at most two, any number.

    The households nearest to a deprivation get it first, so that the rule of decision 59/2015 on
    poor by deprivation and near-poor holds for every row.
    """
    shares = PROFILE[["poor", "poor", "near_poor", "left", "left", "left"]].to_numpy().T / 100
    shares = shares * (1 - (1 - PROFILE["remaining"].to_numpy()) * quarter / 4)
    distance = draws / shares[status]
    for column, has, has_not in _known(homes, quarter):
        distance[has, column] = 0
        distance[has_not, column] = np.inf
    least = np.array([0, 3, 0, 0, 0, 0])[status]
    most = np.array([10, 10, 2, 10, 10, 10])[status]
    count = np.clip((distance < 1).sum(axis=1), least, most)
    rank = distance.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    return rank < count[:, None]


def _known(homes: pd.DataFrame, quarter: int) -> Iterator[tuple[int, pd.Series, pd.Series]]:
    """Deprivations that follow from a programme: column, households that have it, that have not."""
    never = pd.Series(False, index=homes.index)
    waiting = homes["radio_needed"] & (homes["radio"] > quarter)
    poor_before = homes["end_2019"] == POOR
    yield ASSETS, waiting, (poor_before & ~waiting) | homes["radio_2019"]
    waiting = homes["toilet_wanted"] & (homes["toilet"] > quarter)
    waiting |= homes["toilet_wanted_2019"] & ~homes["toilet_2019"] & (quarter == 0)
    yield TOILET, waiting, (homes["toilet"] <= quarter) | homes["toilet_2019"]
    yield INSURANCE, homes["no_card"], never


def _support(homes: pd.DataFrame, quarter: int) -> dict[str, pd.Series]:
    """What the programmes did for each household since the start of the year."""
    year = 2019 if quarter == 0 else 2020
    needed, eligible = homes["need"] < LOAN_NEEDED, homes["eligible"] < LOAN_ELIGIBLE
    received = homes[f"loan_{year}"] < LOANS_GIVEN[quarter]
    return {
        "toilet_loan_wanted": homes["toilet_wanted_2019" if year == 2019 else "toilet_wanted"],
        "toilet_built": homes["toilet_2019"] if year == 2019 else homes["toilet"] <= quarter,
        "loan_needed": needed,
        "loan_eligible": eligible,
        "loan_received": needed & eligible & received,
        "radio_received": homes["radio_2019"] if year == 2019 else homes["radio"] <= quarter,
    }


def _income_scores(status: np.ndarray, urban: np.ndarray, draw: np.ndarray) -> np.ndarray:
    """Income scores in steps of 5 points, on the side of the lines that the status asks for."""
    band = np.array([0, 1, 1, 2, 2, 2])[status]
    ranges = np.array([INCOME_SCORES["rural"], INCOME_SCORES["urban"]])[urban.astype(int), band]
    return ranges[:, 0] + 5 * (draw * ranges[:, 1]).astype(int)


def members_at(households: pd.DataFrame, persons: pd.DataFrame, quarter: int) -> pd.DataFrame:
    """The persons of the poor, near-poor and newly escaped households of a date."""
    listed = households[households["status"].cat.codes <= ESCAPED + 1]
    row = np.full(max(persons["home"].max(), households["home"].max(), 0) + 1, -1)
    row[listed["home"]] = np.arange(len(listed))
    there = persons[row[persons["home"]] >= 0]
    home = listed.iloc[row[there["home"]]].reset_index(drop=True)
    there = there.reset_index(drop=True)
    age = there["age"] + (quarter > 0)
    no_school = home["deprived_child_schooling"] & there["first_child"]
    pupil = age.between(5, 14) | (age.between(15, 22) & (there["draw"] < 0.45))
    entitled = pupil & ~no_school & (home["status"].cat.codes <= NEAR_POOR + 1)
    return pd.DataFrame(
        {
            "as_of": home["as_of"],
            "unit": home["unit"],
            "household": home["household"],
            "person": _label(there["number"] - 1, [str(number) for number in range(1, 10)]),
            "sex": _label(there["female"], ["male", "female"]),
            "birth_year": (2019 - there["age"]).astype("Int64"),
            "health_card": ~(home["deprived_health_insurance"] & there["last_over_5"]),
            "tuition_entitled": entitled,
            "tuition_supported": entitled & (there["help"] < PUPILS_SUPPORTED[quarter]),
            **{name: home[name] for name in CARRIED},
        }
    )


def _label(codes: np.ndarray | pd.Series, names: list[str] | tuple[str, ...] | pd.Series):
    """Text written as a small number and a list of names."""
    return pd.Categorical.from_codes(np.asarray(codes).astype(int), categories=list(names))


def _flag(values: np.ndarray | pd.Series, blank: np.ndarray):
    """true, false or missing."""
    return pd.arrays.BooleanArray(np.array(values, dtype=bool), blank.copy())


def _whole(values: np.ndarray | pd.Series, blank: np.ndarray):
    """Whole numbers or missing."""
    return pd.arrays.IntegerArray(np.array(values, dtype=np.int64), blank.copy())


def _villages(places: pd.DataFrame, unit: np.ndarray, village: np.ndarray) -> pd.Categorical:
    """The name of the nth village of a unit."""
    lists = [_village_names(place, row) for place, row in enumerate(places.to_dict("records"))]
    known = {name: code for code, name in enumerate(dict.fromkeys(chain(*lists)))}
    codes = np.zeros((len(lists), max(map(len, lists))), dtype=int)
    for place, names in enumerate(lists):
        codes[place, : len(names)] = [known[name] for name in names]
    return _label(codes[unit, village], list(known))


def _village_names(place: int, row: dict) -> list[str]:
    """Tổ and tiểu khu are numbered, a bản has a name from HAMLETS, another start in each unit."""
    names = [f"Tổ {number + 1}" for number in range(row["to"])]
    names += [f"Tiểu khu {number + 1}" for number in range(row["tieu_khu"])]
    hamlets = HAMLETS[5 * place % len(HAMLETS) :] + HAMLETS
    names += [f"Bản {name}" for name in hamlets[: row["ban"]]]
    return [*names[:-1], LAST_VILLAGE.get(row["code"], names[-1])]


def _household_ids(codes: pd.Series, unit: np.ndarray, number: np.ndarray):
    """Ids such as 03646-0007; the number says nothing about the household."""
    prefix = pa.array(codes.to_list()).take(pa.array(unit))
    digits = pc.utf8_lpad(pa.array(number).cast(pa.string()), 4, "0")
    return pd.array(pc.binary_join_element_wise(prefix, digits, "-"), dtype="str")
