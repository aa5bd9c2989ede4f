"""A target and a register become the rows still to reach: whom to go to, and what is missing.

The rows are those that `measure` counts, by the same conditions of the plan: of the denominator
those that the numerator does not count, or, where less is better, those that it counts.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from sonla_analysis.definitions.input_columns import DEPRIVED, KEYS
from sonla_analysis.definitions.plan import Count, Indicator, Plan
from sonla_analysis.indicators.measure import bounds, decided, own_conditions
from sonla_analysis.language.vietnamese import sort_key

TO_REACH, BLANK, WITHHELD = PARTS = ("to_reach", "blank", "withheld")
OPEN = ("on_track", "behind", "missed", "not_met", "undecided")
NAMED = ("village", "household", "person", "name")  # what a row of a list is found by


def is_open(row, indicator: Indicator, plan: Plan) -> bool:
    """Whether a target is not reached on the day of a progress row, or not known to be.

    No target is open that the plan does not judge that day; a yes or no that may still come is, and
    one that is due but has no figures.

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> plan = load_plan()
    >>> row = {"as_of": "2020-12-31", "status": "behind", "reason": ""}
    >>> is_open(row, plan["hygienic_water"], plan)
    True
    """
    if row["status"] == "no_data":
        return _is_due(indicator, plan, row["as_of"])
    return row["status"] in OPEN or row["reason"] == "until_end"


def _is_due(indicator: Indicator, plan: Plan, day: str) -> bool:
    """Whether the plan judges an indicator on a day, as `assess` does where there are figures."""
    if indicator.target is None or not plan.judged_from <= day <= plan.end:
        return False
    if indicator.counted_when == "within_year":
        return day > plan.start
    return indicator.counted_when != "review" or day >= plan.due(indicator)


def counts_against(indicator: Indicator) -> bool:
    """Whether the rows that the numerator counts are those to reach: fewer of them are better."""
    return indicator.lower_is_better or indicator.kind == "reduction"


def to_reach(
    frame: pd.DataFrame, indicator: Indicator, plan: Plan, withheld=()
) -> pd.DataFrame | None:
    """Return the rows of a target's register that are not reached; None where it has no register.

    `frame` is the numerator's table, of one unit and date; `withheld` are its columns that are
    being corrected (blank in it). A row is a household, person, school …, by village. Columns:
    village, household, person, name (those the table has), status, and

    - `part`: `to_reach`; `blank` where missing answers leave it open; `withheld` where they do
      because they are being corrected;
    - `lacks`: the columns whose answer must become another, in one text; where less is better, the
      deprivations of the household;
    - `unsaid`: the columns that have no answer.

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> rows = pd.DataFrame({"household": ["1", "2", "3"], "status": ["poor_income"] * 3,
    ...     "hygienic_water": pd.array([True, None, False], dtype="boolean")})
    >>> to_reach(rows, load_plan()["hygienic_water"], load_plan()).values.tolist()
    [['3', 'poor_income', 'to_reach', 'hygienic_water', ''], \
['2', 'poor_income', 'blank', '', 'hygienic_water']]
    """
    columns, against = plan.tables[indicator.numerator.table], counts_against(indicator)
    found = _among_and_asked(indicator, columns)
    if found is None:
        return None
    among, asked = found
    asks = dict.fromkeys((*among.where, *among.any, *asked.where, *asked.any))
    deprived = [one for one in columns if one.startswith(DEPRIVED) and one in frame and against]
    lacks = {name: frame[name].fillna(False) for name in deprived} or _lacks(frame, asked)
    unsaid = {name: frame[name].isna() for name in (*asks, *deprived)}
    parts = _parts(frame, indicator, among, asked)
    corrected = np.any([unsaid[name] for name in asks if name in withheld] or [False], axis=0)
    named = [name for name in (*NAMED, "status") if name in frame and _may_name(name, indicator)]
    rows = frame[named].assign(
        part=np.where((parts == BLANK) & corrected, WITHHELD, parts),
        lacks=_joined(lacks, frame),
        unsaid=_joined(unsaid, frame),
    )
    rows.loc[rows["part"] != TO_REACH, "lacks"] = ""
    return _in_order(rows[rows["part"] != ""])


def _may_name(name: str, indicator: Indicator) -> bool:
    """Whether a column may stand in a list: no name of a person, only that of a school, a station.

    A plan may add columns to any table; none of these is one that names a row.
    """
    return name != "name" or "name" in KEYS.get(indicator.numerator.table, ())


def _among_and_asked(indicator: Indicator, columns: dict) -> tuple[Count, Count] | None:
    """Return among whom to look, and what is asked of them; None where nothing is listed.

    Where the numerator is a share of other rows, or of none, what it says besides yes and no tells
    who is meant, and its yes-or-no columns what is asked of them.
    """
    number, whole = indicator.numerator, indicator.denominator
    if number.sum:
        return None
    own = own_conditions(indicator)
    if own is not None:
        return whole, own
    if counts_against(indicator):
        return Count(number.table), number
    if whole and whole.table == number.table and not whole.sum:
        return whole, number
    return _who_and_what(number, columns)


def _who_and_what(number: Count, columns: dict) -> tuple[Count, Count] | None:
    either_asked = all(columns[name].kind == "flag" for name in number.any)
    asked = {name: one for name, one in number.where.items() if columns[name].kind == "flag"}
    if not asked and not (number.any and either_asked):
        return None
    who = {name: one for name, one in number.where.items() if name not in asked}
    nothing = {}
    among = replace(number, where=who, any=nothing if either_asked else number.any)
    return among, replace(number, where=asked, any=number.any if either_asked else nothing)


def _parts(frame, indicator: Indicator, among: Count, asked: Count) -> np.ndarray:
    """Return the part of the list that each row belongs to; "" for those that are not on it.

    Who has moved away is not to be reached, except where the plan counts him in its denominator.
    """
    known = {}
    base, open_base = decided(frame, among, known)
    reached, unknown = decided(frame, asked, known)
    undecided = bounds(frame, asked, base, open_base, known)["undecided"]
    left = base & (reached if counts_against(indicator) else ~reached & ~unknown)
    if among is not indicator.denominator and "status" in frame:
        left &= frame["status"].ne("absent").to_numpy(bool)
    return np.select([undecided, left], [BLANK, TO_REACH], "")


def _lacks(frame, asked: Count) -> dict[str, np.ndarray]:
    """Return, for each column that is asked about, the rows in which its answer is another one."""
    either = decided(frame, replace(asked, where={}), {})[0] & bool(asked.any)
    lacking = {}
    for name, condition in (asked.where | asked.any).items():
        true, unknown = decided(frame, replace(asked, where={name: condition}, any={}), {})
        lacking[name] = ~true & ~unknown & ~(either & (name in asked.any))
    return lacking


def _joined(marked: dict, frame) -> list[str]:
    """Return for each row the names of the columns that are marked in it, as one text."""
    rows = zip(*marked.values(), strict=True) if marked else [()] * len(frame)
    return [" ".join(name for name, one in zip(marked, row, strict=True) if one) for row in rows]


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows by part, village and number; those of no village last in their part."""
    named = [name for name in NAMED if name in rows]

    def place(at: int) -> tuple:
        row = rows.iloc[at]
        texts = [(pd.isna(row[name]), sort_key(str(row[name]))) for name in named]
        return PARTS.index(row["part"]), *texts

    return rows.iloc[sorted(range(len(rows)), key=place)].reset_index(drop=True)
