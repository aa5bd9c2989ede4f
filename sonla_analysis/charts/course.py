"""A course over time: dates as places on an axis that is true to time, and the line along them."""

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes


def days(dates) -> np.ndarray:
    """Return ISO dates as days since 1970, which an axis can hold."""
    return np.array(dates, dtype="datetime64[D]").astype("float64")


def line(ax: Axes, x, values, colour: str, width: float) -> None:
    """Draw one unbroken line through these points; a single point has none."""
    if len(x) > 1:
        sns.lineplot(
            x=x, y=values, color=colour, linewidth=width, estimator=None, ax=ax, legend=False,
            clip_on=False, zorder=2,
        )  # fmt: skip
