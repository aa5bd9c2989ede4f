"""Who is poor under a dated standard, and how households moved (official forms 2 and 3)."""

import numpy as np
import pandas as pd

from sonla_analysis.definitions.input_columns import POOR, STATUSES
from sonla_analysis.definitions.standards import Standard, load_standard
from sonla_analysis.indicators.measure import year_end_before
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import DefinitionError, UsageError
from sonla_analysis.language.vietnamese import refuse

STATUS_GROUP = {one: "poor" if one in POOR else one for one in STATUSES}
# official form 2 (poor) and 3 (near-poor): the column each move from → to is counted in
_OUT = {
    "poor": {"near_poor": "out_to_near_poor", "absent": "out_other"},
    "near_poor": {"poor": "out_to_poor", "absent": "out_other"},
}
_IN = {
    "poor": {"near_poor": "in_from_near_poor", "newly_escaped": "in_again", "not_poor": "in_new"},
    "near_poor": {"poor": "in_from_poor", "newly_escaped": "in_again", "not_poor": "in_new"},
}
MOVEMENT = {
    "poor": [
        *("start", "out_to_near_poor", "out_above", "out_other"),
        *("in_from_near_poor", "in_again", "in_new", "in_other", "end"),
    ],
    "near_poor": [
        *("start", "out_above", "out_to_poor", "out_other"),
        *("in_from_poor", "in_again", "in_new", "in_other", "end"),
    ],
}


def classify(households: pd.DataFrame, standard: str | Standard = "qd59_2015") -> pd.Series:
    """Return each household's status under a standard, from its scores B1 and B2.

    Statuses: poor_income, poor_deprivation, near_poor, not_poor (2016–2021); poor, near_poor,
    not_poor (from 2022). Missing where a score or the area is missing. Source: facts of
    Circular 17/2016/TT-BLĐTBXH and Circular 07/2021/TT-BLĐTBXH, in the standard's file.

    >>> households = pd.DataFrame({"area": ["rural", "rural", "urban"],
    ...     "income_score": [115, 140, 160], "deprivation_score": [10, 30, 20]})
    >>> classify(households).tolist()  # the first is a published worked case
    ['poor_income', 'poor_deprivation', 'near_poor']
    """
    rule = load_standard(standard)
    if not rule.score:
        raise DefinitionError(message("definition.no_score", standard=rule.id))
    lines = {
        line: households["area"].map({area: rule.score[area][line] for area in ("rural", "urban")})
        for line in ("poor", "near_poor")
    }
    score = households["income_score"].astype("float64")
    deprivations = households["deprivation_score"].astype("float64")
    many = deprivations >= rule.score["deprivation_cutoff"]
    below = score <= lines["poor"].astype("float64")
    in_band = score <= lines["near_poor"].astype("float64")
    if rule.rule == "income_or_band_and_deprivations":
        choices = [below, in_band & many, in_band], ["poor_income", "poor_deprivation", "near_poor"]
        undecided = deprivations.isna() & in_band & ~below
    else:
        choices = [below & many, below], ["poor", "near_poor"]
        undecided = deprivations.isna() & below
    status = pd.Series(np.select(*choices, "not_poor"), index=households.index, dtype="str")
    unknown = score.isna() | lines["poor"].isna() | undecided
    return status.mask(unknown)


def movement(
    households: pd.DataFrame, form: str = "poor", by=("unit",), count: str = "households"
) -> pd.DataFrame:
    """Return official form 2 (`poor`) or 3 (`near_poor`): one row per date and group.

    `count` is `households`, or `members` for the line of persons. Columns, in the form's order:
    start; out_… (left), in_… (came), end. "Again" is tái nghèo: a newly escaped household that
    fell back.

    The persons at the start are those that the household had at the end of the year before, so the
    rows of that date must be there too; where they are not, what rests on them is missing. What a
    household that stayed gained or lost stands in `in_other` and `out_other`.

    >>> households = pd.DataFrame({"as_of": "2020-12-31", "unit": "03646",
    ...     "start_status": ["poor_income", "poor_income", "not_poor", "newly_escaped"],
    ...     "status": ["poor_income", "newly_escaped", "poor_income", "poor_deprivation"]})
    >>> movement(households).iloc[0, 2:].tolist()
    [2, 0, 1, 0, 0, 1, 1, 0, 3]
    """
    if form not in MOVEMENT:
        raise UsageError(refuse("form", form, MOVEMENT))
    start, end = (
        households[name].astype("str").map(STATUS_GROUP) for name in ("start_status", "status")
    )
    was, now = start == form, end == form
    left = end.map(_OUT[form]).fillna("out_above").where(was & ~now & end.notna())
    came = start.map(_IN[form]).fillna("in_other").where(now & ~was & start.notna())
    before, today = _weights(households, count)
    moves = households[["as_of", *by]].assign(weight=today)
    parts = [
        moves.assign(column=left, weight=before),
        moves.assign(column=came),
        moves[was].assign(column="start", weight=before[was]),
        moves[now].assign(column="end"),
        moves.assign(column="start", weight=0),  # a group in which nobody moved
    ]
    for column, more in (("in_other", today - before), ("out_other", before - today)):
        parts.append(moves.assign(column=column, weight=more)[was & now & (more > 0).fillna(True)])
    keys = ["as_of", *by, "column"]
    flows = pd.concat(parts).dropna(subset="column").groupby(keys, dropna=False)["weight"]
    table = flows.sum().where(flows.count() == flows.size(), -1)  # a blank is not a zero
    table = table.unstack("column").reindex(columns=MOVEMENT[form]).fillna(0).astype("Int64")
    return table.mask(table < 0).rename_axis(columns=None).reset_index()


def _weights(households: pd.DataFrame, count: str) -> tuple[pd.Series, pd.Series]:
    """Return what a household counts for at the start of the year, and on the date."""
    if count != "members":
        one = pd.Series(1, index=households.index, dtype="Int64")
        return one, one
    today, keys = households["members"].astype("Int64"), ["as_of", "unit", "household"]
    known = pd.Series(today.array, index=pd.MultiIndex.from_frame(households[keys].astype("str")))
    known = known[~known.index.duplicated()]
    year_before = households["as_of"].astype("str").map(year_end_before)
    wanted = households[keys].astype("str").assign(as_of=year_before)
    before = known.reindex(pd.MultiIndex.from_frame(wanted)).array
    return pd.Series(before, index=households.index), today


def check_movement(form: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a form 2 or 3 that break its identity, with what the end should be.

    end = start − (everything out) + (everything in).

    >>> form = pd.DataFrame({"start": [10], "out_above": [3], "in_new": [1], "end": [7]})
    >>> check_movement(form)[["end", "expected_end"]].values.tolist()
    [[7, 8]]
    """
    out = form.filter(regex="^out_").sum(axis=1)
    into = form.filter(regex="^in_").sum(axis=1)
    expected = form["start"] - out + into
    wrong = (form["end"] != expected).fillna(True).astype(bool)
    return form.assign(expected_end=expected)[wrong]


def status_counts(households: pd.DataFrame, column: str = "status") -> pd.DataFrame:
    """Return the poor and near-poor households, one row per date and unit."""
    group = households[column].astype("str").map(STATUS_GROUP)
    keys = [households[key] for key in ("as_of", "unit")]
    counts = {
        f"{form}_households": (group == form).groupby(keys, observed=True).sum()
        for form in MOVEMENT
    }
    return pd.DataFrame(counts).astype("Int64")


def waterfall(register: pd.DataFrame) -> pd.DataFrame:
    """Return the steps from the poor households at the start of the year to those now.

    One row per column of official form 2, in its order: step, kind (stock, out, in), households,
    and from where to where its bar goes: low, high.
    """
    columns = MOVEMENT["poor"]
    counts = dict.fromkeys(columns, 0) if register.empty else movement(register, by=()).iloc[0]
    steps, level = [], 0
    for name in columns:
        amount, kind = int(counts[name]), name.partition("_")[0]
        kind = kind if kind in ("out", "in") else "stock"
        before, level = level, level - amount if kind == "out" else level + amount
        if name == "end":
            before, level = 0, amount
        steps.append((name, kind, amount, min(before, level), max(before, level)))
    return pd.DataFrame(steps, columns=["step", "kind", "households", "low", "high"])
