"""What changed in M0 between two dates: how many are poor, or how poor; in groups, or between."""

from fractions import Fraction

import pandas as pd

from sonla_analysis.indicators.alkire_foster import COLUMNS
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError

_SETTING = ["cutoff_points", "full_points"]
_PARTS = [
    *("M0_before", "M0_after", "change", "incidence", "intensity"),
    *("within", "shift"),
]


def alkire_foster_change(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the change of M0 between two results of `alkire_foster`, in parts that add up exactly.

    One row a group and, last, the whole. Columns: those of `by`, level, M0_before, M0_after,
    change; incidence (more or fewer are poor) and intensity (the poor lack more or less), which sum
    to change: ΔH·(A₁+A₂)/2 and ΔA·(H₁+H₂)/2 (Shapley). Of a group also what it adds to the change
    of the whole: within (its own M0 changed) and shift (its share of the population changed); the
    whole's are their sums, within + shift = change.

    Missing: incidence and intensity where nobody is poor at one of the dates (A is undefined);
    within and shift of a group that is not there at one of the dates, and then of the whole.
    Refused: results of other weights, cut-offs or groups, such as those of two standards: across a
    change of the law there is no change to be told.

    >>> from sonla_analysis.indicators.alkire_foster import alkire_foster
    >>> before = alkire_foster(pd.DataFrame([[1, 1], [1, 1], [0, 0], [0, 0]]), "1/2")
    >>> after = alkire_foster(pd.DataFrame([[1, 0], [0, 0], [0, 0], [0, 0]]), "1/2")
    >>> alkire_foster_change(before, after)[["change", "incidence", "intensity"]].values.tolist()
    [[-0.375, -0.1875, -0.1875]]
    """
    keys = _same_groups(before, after)
    one, two = _by_group(before, keys), _by_group(after, keys)
    places = [*one, *(place for place in two if place not in one)]
    places.sort(key=lambda place: place[0] == "whole")
    parts = {place: _parts(one.get(place), two.get(place)) for place in places}
    whole = parts[places[-1]]
    for name in ("within", "shift") if keys else ():
        own = [parts[place][name] for place in places[:-1]]
        whole[name] = None if None in own else sum(own)
    rows = [[None if part is None else float(part) for part in parts[at].values()] for at in places]
    table = pd.DataFrame(rows, columns=_PARTS, dtype="float64")
    named = pd.concat([before[[*keys, "level"]], after[[*keys, "level"]]], ignore_index=True)
    named = named.drop_duplicates()
    named = pd.concat([named[named["level"] == level] for level in ("group", "whole")])
    return pd.concat([named.reset_index(drop=True), table], axis=1)


def _same_groups(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """Return the columns of groups, the same in both; refuse what cannot be compared."""
    for result in (before, after):
        missing = [name for name in COLUMNS if name not in result]
        if not missing and (result["level"] == "whole").sum() != 1:
            missing = ["level = whole"]
        if missing:
            raise UsageError(message("alkire_foster.not_a_result", missing=", ".join(missing)))
    keys = [[name for name in one if name not in COLUMNS] for one in (before, after)]
    setting = [one[_SETTING].iloc[-1].tolist() for one in (before, after)]
    if keys[0] != keys[1] or setting[0] != setting[1]:
        said = (_told(*one) for one in zip(setting, keys, strict=True))
        words = dict(zip(("before", "after"), said, strict=True))
        raise UsageError(message("alkire_foster.not_comparable", **words))
    return keys[0]


def _told(setting: list[int], keys: list[str]) -> str:
    return "/".join(map(str, setting)) + (f" ({', '.join(keys)})" if keys else "")


def _by_group(result: pd.DataFrame, keys: list[str]) -> dict[tuple, dict]:
    """Return for each group, in order, the exact H, A and M0 and its share of the population."""
    whole = Fraction(result.loc[result["level"] == "whole", "population"].item())
    names = ["poor_population", "population", "points", "full_points"]
    found = {}
    for place, counts in zip(_places(result, keys), result[names].values.tolist(), strict=True):
        poor, people, points, full = map(Fraction, counts)
        found[place] = {
            "H": _over(poor, people),
            "A": _over(points, poor * full),
            "M0": _over(points, people * full),
            "share": _over(people, whole),
        }
    return found


def _places(result: pd.DataFrame, keys: list[str]) -> list[tuple]:
    cells = result[["level", *keys]].astype(object)
    return list(cells.where(cells.notna(), None).itertuples(index=False, name=None))


def _over(part: Fraction, whole: Fraction) -> Fraction | None:
    return part / whole if whole else None


def _parts(one: dict | None, two: dict | None) -> dict[str, Fraction | None]:
    """Return the columns of `_PARTS` for one group; None is missing."""
    empty = dict.fromkeys(("H", "A", "M0", "share"))
    one, two = one or empty, two or empty
    own = {"M0_before": one["M0"], "M0_after": two["M0"], "change": _less(two["M0"], one["M0"])}
    return own | {
        "incidence": _shapley(one, two, "H", "A"),
        "intensity": _shapley(one, two, "A", "H"),
        "within": _shapley(one, two, "M0", "share"),
        "shift": _shapley(one, two, "share", "M0"),
    }


def _less(after: Fraction | None, before: Fraction | None) -> Fraction | None:
    return None if before is None or after is None else after - before


def _shapley(one: dict, two: dict, moved: str, mean: str) -> Fraction | None:
    """Return what the change of one factor makes, at the mean of the other."""
    if None in (one[moved], two[moved], one[mean], two[mean]):
        return None
    return (two[moved] - one[moved]) * (one[mean] + two[mean]) / 2
