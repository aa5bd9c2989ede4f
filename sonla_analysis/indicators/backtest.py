"""How well the methods of `outlook` would have done, a year ahead, on published series."""

import numpy as np
import pandas as pd

from sonla_analysis.indicators.moves import Rates, chance_at_most, expected_poor
from sonla_analysis.indicators.outlook import as_ratio, in_points

_SERIES = ["area", "standard", "measure"]


def backtest(rates: pd.DataFrame) -> pd.DataFrame:
    """Return what each method would have said of the next year: one row per prediction.

    `rates` are those of `published_rates`. Predicted is every year whose two years before are in
    the run, with nothing but what was known then; never across a change of law, for a run has one
    standard. Columns: area, standard, measure, year, method (`no_change`, `line`, `last_points`,
    `last_ratio`, and `moves` where exits and entries were published), predicted, actual, error
    (points, predicted − actual); reached (did the rate fall by the aim?), foretold (did the method
    say so?), chance (of moves: how sure), all three missing without an aim.

    >>> from sonla_analysis.definitions.published_rates import published_rates
    >>> found = backtest(published_rates()).query("area == 'Việt Nam' and year == 2020")
    >>> found[["method", "predicted"]].round(3).values[:4].tolist()[2:]
    [['last_points', 2.27], ['last_ratio', 2.689]]
    """
    runs = rates.sort_values("year").groupby(_SERIES, sort=False)
    rows = [
        dict(zip(_SERIES, key, strict=True)) | row
        for key, run in runs
        for row in _of_run(run.set_index("year"))
    ]
    return pd.DataFrame(rows, columns=[*_SERIES, *_COLUMNS])


_COLUMNS = ["year", "method", "predicted", "actual", "error", "reached", "foretold", "chance"]


def _of_run(run: pd.DataFrame):
    """Yield the predictions of one area under one standard."""
    value, first = run["value"], run.index[0]
    for year in run.index:
        if year - 1 not in run.index or year - 2 not in run.index:
            continue
        before, now, actual = value[year - 2], value[year - 1], value[year]
        most = now - run["aim"].iloc[0]  # missing without an aim
        said = {
            "no_change": (now, np.nan),
            "line": (in_points(value[first], now, year - 1 - first, 1), np.nan),
            "last_points": (in_points(before, now, 1, 1), np.nan),
            "last_ratio": (as_ratio(before, now, 1, 1), np.nan),
            "moves": _moved(run.loc[year - 1], run["poor"][year - 2], most),
        }
        for method, (predicted, chance) in said.items():
            if not np.isnan(predicted):
                yield _judged(year, method, predicted, actual, most) | {"chance": chance}


def _judged(year: int, method: str, predicted: float, actual: float, most: float) -> dict:
    hair = 1e-9  # 5.23 − 1.0 is 4.23
    told = not np.isnan(most)
    return {
        "year": int(year),
        "method": method,
        "predicted": predicted,
        "actual": actual,
        "error": predicted - actual,
        "reached": actual <= most + hair if told else None,
        "foretold": predicted <= most + hair if told else None,
    }


def _moved(year: pd.Series, start: float, most: float) -> tuple[float, float]:
    """Return what the moves of a year lead to, in percent, and the chance of at most `most`."""
    if pd.isna(year[["exits", "entries", "households"]]).any() or pd.isna(start):
        return np.nan, np.nan
    poor, households = int(year["poor"]), int(year["households"])
    rates = Rates(year["exits"] / start, year["entries"] / (households - start))
    predicted = 100 * expected_poor(poor, households, rates) / households
    if np.isnan(most):
        return predicted, np.nan
    most = int(np.floor(most * households / 100 + 1e-9))
    return predicted, chance_at_most(most, poor, households, rates)


def scores(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return how the methods did: one row per standard, measure and method, and how few they are.

    Columns: predictions (how many), areas, mean_error (mean absolute, points), bias (mean,
    points), within_a_point, nearest (in how many cases no other method was nearer); aims (cases
    with an aim), right (of these, foretold as it came); chances and brier (mean squared difference
    of chance and outcome, where a chance was told; 0 is best, always one half gives 0.25).
    """
    error = predictions["error"].abs()
    case = [predictions[name] for name in (*_SERIES, "year")]
    nearest = error <= error.groupby(case).transform("min") + 1e-9
    aimed = predictions["reached"].notna()
    right = (predictions["foretold"] == predictions["reached"]).astype("Int64").where(aimed)
    rows = predictions.assign(off=error, nearest=nearest, within=error <= 1, right=right)
    rows["squared"] = (rows["chance"] - rows["reached"].astype("float64")) ** 2
    table = rows.groupby(["standard", "measure", "method"], sort=False).agg(
        predictions=("error", "size"),
        areas=("area", "nunique"),
        mean_error=("off", "mean"),
        bias=("error", "mean"),
        within_a_point=("within", "sum"),
        nearest=("nearest", "sum"),
        aims=("right", "count"),
        right=("right", "sum"),
        chances=("squared", "count"),
        brier=("squared", "mean"),
    )
    return table.reset_index()
