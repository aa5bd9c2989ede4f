"""How much the poor households of the register lack at once: H, A and M0, in units and groups.

Everything is of the households that are officially poor on the date: nobody else was asked, or is
told of in public. H is the share of them that lack as many of the standard's deprivations as its
rule names (3 of 10, 3 of 12), A how much these lack, M0 both. The official classification also
asks for the income; it stays a thing of its own.
"""

from dataclasses import replace
from fractions import Fraction
from math import ceil

import numpy as np
import pandas as pd

from sonla_analysis.definitions.input_columns import POOR
from sonla_analysis.definitions.standards import Standard
from sonla_analysis.indicators.alkire_foster import alkire_foster, alkire_foster_indicators
from sonla_analysis.indicators.alkire_foster_change import alkire_foster_change
from sonla_analysis.indicators.deprivation_matrix import deprivation_matrix
from sonla_analysis.indicators.deprivations import silent_units
from sonla_analysis.indicators.disclosure import hidden_cells, small
from sonla_analysis.indicators.groups import folded
from sonla_analysis.indicators.measure import area_of, leaf_units
from sonla_analysis.indicators.of_review import once_by
from sonla_analysis.indicators.profile_protection import (
    Part,
    hidden_indicators,
    hidden_units,
    many_within,
    points_within,
    sums_tell,
)
from sonla_analysis.tables.input_tables import was_sent

ENDS = {"low": "not_deprived", "high": "deprived"}  # what a blank is taken for
PROFILE_GROUPS = ("ethnicity", "head_sex", "area")


def least_lacking(standard: Standard) -> int:
    """Return how many deprivations the standard's rule asks for; 0 where nobody knows it yet.

    >>> from sonla_analysis.definitions.standards import load_standard
    >>> [least_lacking(load_standard(one)) for one in ("qd59_2015", "nd351_2025")]
    [3, 0]
    """
    rule = standard.score
    if not rule:
        return 0
    cutoff, each = (str(rule[key]) for key in ("deprivation_cutoff", "points_per_deprivation"))
    return ceil(Fraction(cutoff) / Fraction(each))


def profile_state(review) -> str:
    """Return why there is no profile of the unit: not_sent, no_cutoff, withheld, …; or "".

    `not_reported`: nobody sent a register; `nobody`: there are no poor households in it.
    """
    names = _columns(review)
    if not all(was_sent(review.tables, "households", one) for one in ("status", *names)):
        return "not_sent"
    if not least_lacking(review.plan.standard_data):
        return "no_cutoff"
    if not review.is_area and review.unit not in profile_units(review):
        return "withheld" if _is_withheld(review, review.unit) else "not_reported"
    if review.is_area and not profile_units(review):
        return "not_reported"
    return "" if unit_profile(review).loc[review.unit, "households"] else "nobody"


def _columns(review) -> list[str]:
    return [one["column"] for one in review.plan.standard_data.deprivations]


def _is_withheld(review, unit: str) -> bool:
    cells = [("households", name) for name in ("status", *_columns(review))]
    return review.is_withheld(unit, *cells)


def profile_units(review) -> list[str]:
    """Return the area's units whose register is there, and no deprivation being corrected."""
    silent = silent_units(review, review.area, review.rows("households", unit=review.area))
    out = {*silent, *(one for one in review.leaf_units.index if _is_withheld(review, one))}
    return [one for one in review.leaf_units.index if one not in out]


def poor_rows(review) -> pd.DataFrame:
    """Return the poor households of these units on the date; a row is a household."""
    rows = review.rows("households", unit=review.area)
    return rows[rows["status"].isin(POOR) & rows["unit"].isin(profile_units(review))]


@once_by("as_of")
def unit_profile(review) -> pd.DataFrame:
    """Return H, A and M0 of every unit of the area, and of the area; indexed by code.

    Columns: households (poor), blank (of them, a deprivation is not known); many (they lack at
    least `least_lacking`), points (what these lack, all together), H, M0, each also as `_low`, the
    least that blanks leave possible, and `_high`; A, missing where there are blanks or nobody lacks
    so many; lacking (all deprivations of the poor); hidden and hidden_A: whether many and H, and
    whether A and M0, may not be told.
    """
    units, rows = profile_units(review), poor_rows(review)
    standard = review.plan.standard_data
    found = measured(rows, rows["unit"], standard)
    found.index = [*found.index[:-1], review.area]
    found = found.reindex([*(one for one in units if one != review.area), review.area])
    found = _every(found, found.index)
    own, area = hidden_of_units(rows, found, standard)
    hidden = np.zeros((len(found), 2), dtype=bool)
    if not review.is_internal:
        hidden[:-1], hidden[-1] = own, area
    found["hidden"], found["hidden_A"] = hidden[:, 0], hidden.any(axis=1)
    return found


_COUNTED = ["many_low", "many_high", "points_low", "points_high", "lacking_low", "lacking_high"]


def measured(rows: pd.DataFrame, by: pd.Series, standard: Standard) -> pd.DataFrame:
    """Return the measures of groups of poor households, indexed by group, the whole last."""
    lacking, keys = deprivation_matrix(rows, standard), by.astype("str").to_numpy(object)
    found = {}
    for end, missing in ENDS.items():
        one = alkire_foster(lacking, cutoff_of(standard), by=keys, missing=missing)
        every = _filled(lacking, missing).sum(axis=1)
        of_group = every.groupby(keys).sum().reindex(one["group"][:-1]).to_list()
        found |= {"households": one["n"], "blank": one["incomplete"]}  # the same at both ends
        found |= {f"{name}_{end}": one[of] for name, of in _OF.items()}
        found[f"lacking_{end}"] = [*of_group, every.sum()]
    found["A"] = one["A"].mask(one["incomplete"] > 0)
    return pd.DataFrame(found).set_axis(one["group"].to_list())


_OF = {"many": "poor", "points": "points", "H": "H", "M0": "M0"}


def _filled(lacking: pd.DataFrame, missing: str) -> pd.DataFrame:
    """Return 1 where a household lacks something, 0 where not, blanks taken for one of them."""
    return lacking.fillna(missing == "deprived").astype("int64")


def cutoff_of(standard: Standard) -> str:
    """Return the rule's deprivations as a share of all, such as "3/10"."""
    return f"{least_lacking(standard)}/{len(standard.deprivations)}"


# --- what may be told of units -----------------------------------------------------------


def hidden_of_units(rows: pd.DataFrame, found: pd.DataFrame, standard: Standard) -> tuple:
    """Return, for each unit and for the area, whether (many, points) may not be told.

    `rows` are the poor households, `found` their measures by unit, the area last.
    """
    own = found.iloc[:-1]
    least, full = least_lacking(standard), len(standard.deprivations)
    homes, forms = own["households"].to_numpy(), _forms_4(rows, own.index, standard)
    many = [
        Part(own[f"many_{end}"].to_numpy(), *many_within(form, homes, least))
        for end, form in forms.items()
    ]
    unsafe = np.any([_small(one, homes) & one.open for one in many], axis=0)
    hidden = hidden_units(many, [homes] * 2, unsafe)
    area = sums_tell(many, [homes] * 2, unsafe) or _small_whole(many, homes)
    points, unsafe = [], hidden.copy()
    for (end, form), part in zip(forms.items(), many, strict=True):
        ends = [np.where(hidden, one, part.counts) for one in (part.low, part.high)]
        within = points_within(form, homes, *ends, least)
        points.append(Part(own[f"points_{end}"].to_numpy(), *within))
        unsafe |= _uneven(points[-1].counts, part.counts, form, homes, least, full)
    unsafe &= np.any([one.open for one in points], axis=0)
    hidden_points = hidden_units(points, [full * homes] * 2, unsafe)
    area_points = area or sums_tell(points, [full * homes] * 2, unsafe)
    for form, part, sums in zip(forms.values(), many, points, strict=True):
        whole = [np.array([one]) for one in (sums.counts.sum(), part.counts.sum(), form.sum(0))]
        whole[2] = whole[2].reshape(1, -1)
        uneven = _uneven(*whole, np.array([homes.sum()]), least, full)[0]
        area_points |= bool(uneven and sums.open.any())
    return np.column_stack([hidden, hidden_points]), [area, area_points]


def _forms_4(rows: pd.DataFrame, units: pd.Index, standard: Standard) -> dict[str, np.ndarray]:
    """Return how many poor households of each unit lack what, for both ends of the blanks."""
    lacking, found = deprivation_matrix(rows, standard), {}
    for end, missing in ENDS.items():
        of_unit = _filled(lacking, missing).groupby(rows["unit"].astype("str")).sum()
        found[end] = of_unit.reindex(units, fill_value=0).to_numpy()
    return found


def _small(part: Part, among: np.ndarray) -> np.ndarray:
    return small(part.counts) | small(among - part.counts)


def _small_whole(parts: list[Part], among: np.ndarray) -> bool:
    totals = [(one.counts.sum(), one.open.any()) for one in parts]
    return any(is_open and (small(np.array(n)) | small(among.sum() - n)) for n, is_open in totals)


def _uneven(points, many, lacking, homes, least: int, full: int) -> np.ndarray:
    """Return where the sum of deprivations tells that one to four households lack more, or less."""
    every, few = lacking.sum(axis=1), homes - many
    rest = every - points
    counts = points - least * many, full * many - points, rest, (least - 1) * few - rest
    return np.any([small(one) for one in counts], axis=0)


# --- of one unit: its deprivations, groups, changes ---------------------------------------


def indicator_profile(review) -> pd.DataFrame:
    """Return one row per deprivation of the unit's poor households, in the official order.

    Columns: column, name, service (in the page's language), households; lacking (who lacks it,
    as in form 4) and both (who lacks at least `least_lacking` and this), each `_low` and `_high`;
    contribution to M0 and contribution_percent, missing where there are blanks; hidden (of both and
    the contribution). In public they are told of the area, and where form 4 tells them.
    """
    standard, rows = review.plan.standard_data, poor_rows(review)
    rows = rows if review.is_area else rows[rows["unit"] == review.unit]
    lacking, unit = deprivation_matrix(rows, standard), unit_profile(review).loc[review.unit]
    found = {key: [one[key][review.language] for one in standard.deprivations] for key in _TEXTS}
    found = {"column": lacking.columns} | found | {"households": len(rows)}
    for end, missing in ENDS.items():
        one = alkire_foster_indicators(lacking, cutoff_of(standard), missing=missing)
        found |= {f"lacking_{end}": one["deprived"], f"both_{end}": one["deprived_poor"]}
        if end == "low":
            known = not unit["blank"]
            found |= {name: one[name] if known else np.nan for name in _CONTRIBUTIONS}
    table = pd.DataFrame(found)
    return table.assign(hidden=_hidden_indicators(table, unit, review))


_TEXTS, _CONTRIBUTIONS = ("name", "service"), ("contribution", "contribution_percent")


def _hidden_indicators(table: pd.DataFrame, unit: pd.Series, review) -> np.ndarray:
    hidden = np.zeros(len(table), dtype=bool)
    for end in () if review.is_internal else ENDS:
        both, lacking = (table[f"{name}_{end}"].to_numpy() for name in ("both", "lacking"))
        many, homes = int(unit[f"many_{end}"]), int(unit["households"])
        told = _told_by_form(lacking, homes, least_lacking(review.plan.standard_data))
        told |= not unit["hidden"] and many == homes  # then both is what form 4 says
        if unit["hidden_A"] or not review.is_area:
            hidden |= ~told
        else:
            hidden |= hidden_indicators(both, lacking, many, homes) & ~told
    return hidden


def _told_by_form(lacking: np.ndarray, homes: int, least: int) -> np.ndarray:
    """Return where form 4 says it all: nobody lacks it, or every household lacks much."""
    (low,), _ = many_within(lacking[None], np.array([homes]), least)
    return (lacking == 0) | (low == homes)


def group_profile(review, by: str) -> pd.DataFrame:
    """Return the unit's groups (ethnicity, head_sex, area, village) as `unit_profile` does.

    Indexed by group, as in `review.groups`; also hidden_households, whether not even the number of
    poor households may be told. In public every group has a row, also one without anybody.
    """
    return _of_villages(review) if by == "village" else _of_groups(review, by)[review.unit]


@once_by("as_of")
def _of_groups(review, by: str) -> dict[str, pd.DataFrame]:
    """Return for each unit and the area its groups."""
    rows = poor_rows(review)
    rows = folded(rows, review.named_groups) if by == "ethnicity" else rows
    groups = rows[by].astype("str").mask(rows[by].isna(), "blank")
    units, standard = profile_units(review), review.plan.standard_data
    own = measured(rows, rows["unit"].astype("str") + _BETWEEN + groups, standard).iloc[:-1]
    keys = [one.split(_BETWEEN, 1) for one in own.index]
    of_unit = dict(list(own.groupby([unit for unit, _ in keys], sort=False)))
    found = {unit: of_unit.get(unit, own.iloc[:0]) for unit in units}
    found = {unit: one.rename(lambda key: key.split(_BETWEEN)[1]) for unit, one in found.items()}
    found[review.area] = measured(rows, groups, standard).iloc[:-1]
    table = next(one for one in review.group_tables[1] if one[0] == by and _is_of_now(one))
    hidden = _hidden_groups(found, by, table[1], review)
    for place, unit in enumerate(found):
        flags = dict(zip(_HIDDEN, (one[place] for one in hidden), strict=True))
        found[unit] = _every(found[unit], table[1]).assign(**flags)
        if review.is_internal:
            found[unit] = found[unit][found[unit]["households"] > 0]
    return found


def _every(found: pd.DataFrame, names) -> pd.DataFrame:
    """Return a row for each of the names; of those without anybody the counts are zero."""
    found, counts = found.reindex(names), ["households", "blank", *_COUNTED]
    return found.assign(**found[counts].fillna(0).astype("int64"))


_BETWEEN = "\x1f"  # no name of a group holds it
_HIDDEN = ("hidden_households", "hidden", "hidden_A")


def _is_of_now(table: tuple) -> bool:
    """Whether a table of `group_tables` counts who is poor, or listed, on the date itself."""
    return table[2].startswith("now_")


def _hidden_groups(found: dict, by: str, names: list[str], review) -> list[np.ndarray]:
    """Return which numbers of poor households, which H, and which A may not be told.

    Rows are the units of `found`, the area last; columns the groups of `names`.
    """
    shape = len(found), len(names)
    if review.is_internal:
        return [np.zeros(shape, dtype=bool)] * 3
    units, tables = review.group_tables
    lines = [[*units, review.area].index(unit) for unit in found]
    base = np.any([one[5] for one in tables if one[0] == by and _is_of_now(one)], axis=0)[lines]
    known = unit_profile(review).loc[list(found)]
    count = {
        name: np.array([found[unit][name].reindex(names, fill_value=0) for unit in found])
        for name in ("households", *_COUNTED)
    }
    count = {name: one.astype("int64") for name, one in count.items()}
    also = base | known[["hidden"]].to_numpy()
    if by == "area":  # sums of whole units: told where every unit is
        also = also | known["hidden"].any()
    return [base, *_hidden_measures(count, also, base, known[["hidden_A"]].to_numpy(), review)]


def _hidden_measures(count: dict, also, opened, also_a, review, *, area: bool = True) -> list:
    """Return which H, and which A, of a table of groups may not be told (`hidden_cells`)."""
    standard, homes = review.plan.standard_data, count["households"]
    least, full = least_lacking(standard), len(standard.deprivations)
    many, points = ([count[f"{name}_{end}"] for end in ENDS] for name in ("many", "points"))
    hidden = hidden_cells([(one, homes) for one in many], also, [opened] * 2, area=area)
    extra = [
        (total - least * one, (full - least) * one) for total, one in zip(points, many, strict=True)
    ]
    return [hidden, hidden_cells(extra, hidden | also_a, [hidden] * 2, area=area) | hidden]


def _of_villages(review) -> pd.DataFrame:
    """Return the villages of the unit that have poor households, or of which that is not told."""
    rows = poor_rows(review)
    rows = rows[rows["unit"] == review.unit]
    groups = rows["village"].astype("str").fillna("")
    found = measured(rows, groups, review.plan.standard_data).iloc[:-1]
    cells = review.villages
    cells = cells[cells["unit"] == review.unit].set_index("village")
    found = _every(found, cells.index)
    base = (cells["poor_mark"] != "").to_numpy()
    hidden = [np.zeros(len(found), dtype=bool)] * 3
    if not review.is_internal and len(found):
        hidden = _hidden_villages(found, base, review)
    found = found.assign(**dict(zip(_HIDDEN, hidden, strict=True)))
    return found[(found["households"] > 0) | found["hidden_households"]]


def _hidden_villages(found: pd.DataFrame, base: np.ndarray, review) -> list[np.ndarray]:
    unit = unit_profile(review).loc[review.unit]
    count = {
        name: np.vstack([found[name]] * 2).astype("int64") for name in ("households", *_COUNTED)
    }
    opened = np.vstack([base, np.ones_like(base)])
    also = np.vstack([base, base]) | unit["hidden"]
    hidden = _hidden_measures(count, also, opened, unit["hidden_A"], review, area=False)
    return [base, *(one[0] for one in hidden)]


def profile_dates(review) -> list[str]:
    """Return the dates a profile is compared with: the last one, and the end of the last year."""
    earlier = [one for one in review.dates if one < review.as_of]
    last_year = [one for one in earlier if one[:4] < review.as_of[:4]]
    return sorted({*earlier[-1:], *last_year[-1:]})


def profile_changes(review) -> list[tuple[str, pd.Series | None]]:
    """Return, for earlier dates, the parts of the change of M0 (`alkire_foster_change`).

    None where it may not be told, or cannot be worked out: a date without figures, or blanks.
    """
    now = _of_date(review, review.as_of)
    found = []
    for date in profile_dates(review):
        before = _of_date(review, date)
        told = now is not None and before is not None
        found.append((date, alkire_foster_change(before, now).iloc[-1] if told else None))
    return found


def _of_date(review, date: str) -> pd.DataFrame | None:
    """Return the unit's own measures on a date, where they are known and may be told."""
    unit = area_of(review.tables, date) if review.is_area else review.unit
    if unit not in (*leaf_units(review.tables, date).index, area_of(review.tables, date)):
        return None
    review = replace(review, unit=unit, as_of=date)
    partial = review.is_area and len(profile_units(review)) < len(review.leaf_units)
    if profile_state(review) or partial:
        return None
    unit = unit_profile(review).loc[review.unit]
    if unit["hidden_A"] or unit["blank"]:
        return None
    rows = poor_rows(review)
    rows = rows if review.is_area else rows[rows["unit"] == review.unit]
    standard = review.plan.standard_data
    return alkire_foster(deprivation_matrix(rows, standard), cutoff_of(standard))
