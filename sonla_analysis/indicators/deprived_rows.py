"""What Alkire–Foster is told of each row, checked: deprived or not, its group, its weight."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import refuse

MISSING = ("refuse", "drop", "not_deprived", "deprived")


@dataclass(frozen=True)
class DeprivedRows:
    """Rows in checked arrays: `flags` (one array an indicator) and what belongs to each row.

    `group` numbers the rows of `groups`; `times` is what a row counts for, whole numbers where
    `whole`; `blank` marks rows with a blank cell, whatever was made of them.
    """

    names: list
    flags: list[np.ndarray]
    groups: pd.DataFrame | None
    group: np.ndarray
    times: np.ndarray | None
    whole: bool
    blank: np.ndarray

    @property
    def size(self) -> int:
        """How many groups there are."""
        return 1 if self.groups is None else len(self.groups)

    def only(self, which: np.ndarray) -> "DeprivedRows":
        """Return some of the rows; the groups stay, some may be empty."""
        times = None if self.times is None else self.times[which]
        flags = [flag[which] for flag in self.flags]
        kept = {"group": self.group[which], "blank": self.blank[which]}
        return replace(self, flags=flags, times=times, **kept)

    @property
    def most(self) -> int:
        """What all rows together count for, rounded up."""
        return len(self.group) if self.times is None else math.ceil(self.times.sum())

    def totals(self, which: np.ndarray) -> list[np.ndarray]:
        """Return two tables, of rows and of what they count for.

        Each has all of them and those marked as its two lines; a group a column, the whole last.
        """
        place, found = self.group * 2 + which, []
        for times in (None, self.times):
            if times is None and found:
                return found * 2
            counts = np.bincount(place, times, self.size * 2).reshape(self.size, 2)
            counts[:, 0] += counts[:, 1]
            found.append(self.with_whole(counts).T)
        return found

    def with_whole(self, counts: np.ndarray) -> np.ndarray:
        """Return the counts of the groups with their sum, the whole, as last row."""
        whole = counts.sum(axis=0, keepdims=True)
        return counts if self.groups is None else np.concatenate([counts, whole])


def deprived_rows(deprived, by, sample_weight, missing: str) -> DeprivedRows:
    """Return the rows, or refuse what cannot be counted exactly; `deprived` is left as it is."""
    if not isinstance(deprived, pd.DataFrame):
        raise UsageError(message("alkire_foster.not_a_frame", found=type(deprived).__name__))
    if missing not in MISSING:
        raise UsageError(refuse("missing", missing, MISSING))
    if not deprived.columns.is_unique:
        twice = deprived.columns[deprived.columns.duplicated()][0]
        raise UsageError(message("alkire_foster.column_twice", found=str(twice)))
    keys, group_names = _columns(by, deprived, "by")
    weight, weight_name = _columns(sample_weight, deprived, "sample_weight")
    if weight is not None and len(weight.columns) != 1:
        found = _short(sample_weight)
        raise UsageError(message("alkire_foster.not_aligned", what="sample_weight", found=found))
    names = [name for name in deprived if name not in (*group_names, *weight_name)]
    if not names:
        raise UsageError(message("alkire_foster.no_indicator"))
    flags, blank = _flags(deprived[names], missing)
    group, groups = _groups(keys, len(deprived))
    times, whole = _times(weight)
    return DeprivedRows(names, flags, groups, group, times, whole, blank)


def _columns(given, deprived: pd.DataFrame, what: str) -> tuple[pd.DataFrame | None, list[str]]:
    """Return what is given for each row, as a table, and the columns of `deprived` it names."""
    if given is None:
        return None, []
    names = list(given) if isinstance(given, (list, tuple)) else [given]
    if names and all(isinstance(name, str) for name in names) and set(names) <= set(deprived):
        return deprived[names], names
    if isinstance(given, (pd.Series, pd.DataFrame)):
        aligned = given.index.equals(deprived.index)
    else:
        aligned = not isinstance(given, str) and np.ndim(given) == 1 and len(given) == len(deprived)
    if not aligned:
        raise UsageError(message("alkire_foster.not_aligned", what=what, found=_short(given)))
    if isinstance(given, pd.DataFrame):
        return given, []
    values = pd.Series(given, index=deprived.index)
    return values.to_frame("group" if values.name is None else values.name), []


def _short(given) -> str:
    """Return what was given as it fits into a sentence."""
    if isinstance(given, (pd.Series, pd.DataFrame)):
        return f"{type(given).__name__} ({len(given)})"
    text = repr(given)
    return text if len(text) < 60 else text[:57] + "…"


# --- deprived or not ---------------------------------------------------------------------


def _flags(deprived: pd.DataFrame, missing: str) -> tuple[list[np.ndarray], np.ndarray]:
    """Return where each indicator is deprived, and which rows have a blank cell."""
    blank = np.zeros(len(deprived), dtype=bool)
    flags, with_blanks = [], []
    for name, column in deprived.items():
        flag, open_cells = _flag(name, column)
        if open_cells is not None:
            blank |= open_cells
            with_blanks.append(str(name))
            flag = flag | open_cells if missing == "deprived" else flag
        flags.append(flag)
    if with_blanks and missing == "refuse":
        words = {"rows": int(blank.sum()), "total": len(blank), "columns": ", ".join(with_blanks)}
        raise UsageError(message("alkire_foster.blanks", **words))
    return flags, blank


def _flag(name, column: pd.Series) -> tuple[np.ndarray, np.ndarray | None]:
    """Return where a column says deprived, and where it is blank (None: nowhere)."""
    if column.dtype == bool:
        return column.to_numpy(), None
    open_cells = column.isna().to_numpy()
    if pd.api.types.is_bool_dtype(column.dtype) and column.dtype != object:
        flag, other = column.to_numpy(bool, na_value=False), None
    elif pd.api.types.is_numeric_dtype(column.dtype):
        values = column.to_numpy("float64", na_value=0)
        flag, other = values == 1, (values != 0) & (values != 1) & ~open_cells
    else:
        flag, other = _object_flag(column)
        other &= ~open_cells
    if other is not None and other.any():
        words = {"column": str(name), "cells": int(other.sum())}
        found = repr(column[other].tolist()[0])
        raise UsageError(message("alkire_foster.not_a_deprivation", found=found, **words))
    return flag, open_cells if open_cells.any() else None


def _object_flag(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return where cells of any kind are True or 1, and where they are neither that nor False or 0.

    Texts such as "0" are other cells: what they mean is not ours to guess.
    """
    values = column.astype(object)
    kinds = (bool, int, float, np.bool_, np.number)
    number = values.map(lambda value: isinstance(value, kinds)).to_numpy(bool)
    flag, zero = (values.isin([one]).to_numpy() & number for one in (1, 0))
    return flag, ~(flag | zero)


# --- groups and sampling weights ---------------------------------------------------------


def _groups(keys: pd.DataFrame | None, rows: int) -> tuple[np.ndarray, pd.DataFrame | None]:
    """Return each row's group, and the groups that occur, in order; a blank is a group, too."""
    if keys is None:
        return np.zeros(rows, dtype="int64"), None
    if not keys.columns.is_unique:
        raise UsageError(message("alkire_foster.by_taken", found=str(keys.columns[0])))
    grouped = keys.groupby(list(keys), sort=True, dropna=False, observed=True)
    return grouped.ngroup().to_numpy(), grouped.size().index.to_frame(index=False)


def _times(weight: pd.DataFrame | None) -> tuple[np.ndarray | None, bool]:
    """Return what each row counts for, and whether these are whole numbers (sums are exact)."""
    if weight is None:
        return None, True
    column = weight.iloc[:, 0]
    times = pd.to_numeric(column, errors="coerce").to_numpy("float64", na_value=np.nan)
    wrong = ~(np.isfinite(times) & (times > 0))
    if wrong.any():
        words = {"rows": int(wrong.sum()), "found": repr(column[wrong].tolist()[0])}
        raise UsageError(message("alkire_foster.sample_weight", **words))
    return times, bool((times % 1 == 0).all() and times.sum() < 2**53)
