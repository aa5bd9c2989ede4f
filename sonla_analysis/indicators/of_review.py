"""What is asked of a review again and again: rows of its figures, and what is worked out once."""

from functools import wraps

import numpy as np
import pandas as pd


def progress_rows(review, **where: str) -> pd.DataFrame:
    """Return the progress rows with these values, of the review's date where no `as_of` is asked.

    A row is an indicator of a unit, or of the area.
    """
    rows, asked = review.progress, {"as_of": review.as_of} | where
    return rows[np.logical_and.reduce([rows[name] == value for name, value in asked.items()])]


def own_progress(review) -> pd.DataFrame:
    """Return the progress rows of the unit, or area, on this date and those before."""
    rows = review.progress
    return rows[(rows["unit"] == review.unit) & (rows["as_of"] <= review.as_of)]


def once_by(*names: str):
    """Have a function of a review worked out once for all that have these attributes in common.

    The edition always counts: what one may tell, another may not; its other arguments count as
    well. What it gives must not depend on anything else of the review, such as its unit or
    language, and nobody may change it.

    >>> once_by("as_of")(lambda review, table: table).__name__
    '<lambda>'
    """

    def decorated(make):
        @wraps(make)
        def kept(review, *asked):
            common = [getattr(review, name) for name in ("edition", *names)]
            key = (make.__module__, make.__qualname__, *common, *asked)
            return review.data.once(key, lambda: make(review, *asked))

        return kept

    return decorated
