"""Weights and cut-offs as whole numbers over a common denominator, so that a tie stays a tie.

In floats `sum([1/12] * 6) < 1/2`, and whoever is just at the cut-off is lost.
"""

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from numbers import Rational

import pandas as pd

from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError

_TEXT = re.compile(r"[0-9]{1,9}(/0*[1-9][0-9]{0,8}|\.[0-9]{1,9})?")


def weight_points(weights, names: list) -> tuple[list[int], int]:
    """Return each indicator's weight in points, in the order of `names`, and their sum.

    `weights` are None (all equal); one weight a name, in their order; or a dictionary by name.
    Whole numbers are points; others must sum to exactly 1. In a dictionary of dictionaries a branch
    counts as much as its neighbours, or as the pair (weight, branch) says, and weights multiply
    down; leaves that together sum to exactly 1 are the weights themselves.

    >>> weight_points({"health": {"a": 1, "b": 1}, "school": {"c": 1}}, ["a", "b", "c"])
    ([1, 1, 2], 4)
    >>> weight_points(["1/2", "1/3", "1/6"], ["a", "b", "c"])
    ([3, 2, 1], 6)
    """
    shares = dict(_named(weights, names))
    full = math.lcm(*(one.denominator for one in shares.values()))
    return [int(shares[name] * full) for name in names], full


def cutoff_points(cutoff, full: int) -> int:
    """Return the fewest points, of `full`, with which somebody is poor.

    >>> cutoff_points("1/3", 18), cutoff_points("0.33", 18), cutoff_points("0.34", 18)
    (6, 6, 7)
    """
    share = exact(cutoff, message("alkire_foster.cutoff"))
    if not 0 < share <= 1:
        raise UsageError(message("alkire_foster.cutoff_range", found=share))
    return math.ceil(share * full)


def exact(number, what: str) -> Fraction:
    """Return a whole number, a fraction or a text such as "1/6" as the fraction it is."""
    if isinstance(number, Rational) and not isinstance(number, bool):
        return Fraction(int(number.numerator), int(number.denominator))
    if isinstance(number, str) and _TEXT.fullmatch(number.strip()):
        return Fraction(number.strip())
    raise UsageError(message("alkire_foster.not_exact", what=what, found=repr(number)))


def _named(weights, names: list) -> list[tuple[str, Fraction]]:
    """Return each indicator with its share of all weights."""
    if weights is None:
        weights = dict.fromkeys(names, 1)
    if isinstance(weights, pd.Series):
        pairs = list(weights.items())
    elif isinstance(weights, Mapping):
        return _checked(_leaves(weights, Fraction(1), _final(weights)), names)
    else:
        pairs = _in_order(weights, names)
    _checked(pairs, names)
    return _leaves(dict(pairs), Fraction(1), False)


def _in_order(weights, names: list) -> list[tuple]:
    listed = list(weights) if hasattr(weights, "__iter__") else [weights]
    if isinstance(weights, str) or len(listed) != len(names):
        found = repr(weights) if isinstance(weights, str) else len(listed)
        raise UsageError(message("alkire_foster.weights_number", allowed=len(names), found=found))
    return list(zip(names, listed, strict=True))


def _checked(pairs: list[tuple], names: list) -> list[tuple]:
    found = [name for name, _ in pairs]
    if sorted(map(repr, found)) != sorted(map(repr, names)):
        words = {"allowed": ", ".join(map(str, names)), "found": ", ".join(map(str, found))}
        raise UsageError(message("alkire_foster.weights_names", **words))
    return pairs


def _leaves(tree: Mapping, share: Fraction, final: bool) -> list[tuple[str, Fraction]]:
    """Return the leaves of a tree with what they have of `share`; `final` ones as they stand."""
    split = {name: one if _has_own(one) else (1, one) for name, one in tree.items()}
    own = {
        name: _above_0(weight if isinstance(below, Mapping) else below, name)
        for name, (weight, below) in split.items()
    }
    total = 1 if final else _whole(own)
    leaves = []
    for name, (_, below) in split.items():
        part = share * own[name] / total
        if isinstance(below, Mapping):
            leaves += _leaves(below, part, final)
        else:
            leaves.append((name, part))
    return leaves


def _final(tree: Mapping) -> bool:
    """Whether the weights of all leaves, as they are written, already sum to exactly 1."""
    written = _written(tree)
    return None not in written and sum(written) == 1


def _written(tree: Mapping) -> list[Fraction | None]:
    """Return the weights of the leaves; None where a branch has a weight of its own."""
    found = []
    for name, one in tree.items():
        if isinstance(one, Mapping):
            found += _written(one)
        else:
            found.append(None if _has_own(one) else _above_0(one, name))
    return found


def _has_own(one) -> bool:
    """Whether this is a branch with a weight of its own: the pair (weight, branch)."""
    return isinstance(one, tuple) and len(one) == 2 and isinstance(one[1], Mapping)


def _above_0(weight, name) -> Fraction:
    what = message("alkire_foster.weight_of", name=str(name))
    share = exact(weight, what)
    if share <= 0:
        raise UsageError(message("alkire_foster.weight_above_0", what=what, found=share))
    return share


def _whole(own: dict) -> Fraction:
    """Return the sum that neighbours are shares of: their points, or 1."""
    total = sum(own.values())
    if not own or (total != 1 and any(one.denominator != 1 for one in own.values())):
        names = ", ".join(map(str, own))
        raise UsageError(message("alkire_foster.weights_sum", names=names, found=total))
    return total
