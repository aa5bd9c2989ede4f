"""Values as the plain literals that stand in a notebook's parameters cell."""

import math
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError

TYPES = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}


def as_literal(value):
    """Return a value as a plain literal: dates as ISO text, Decimals and numpy values exactly.

    >>> from decimal import Decimal
    >>> import numpy as np, pandas as pd
    >>> as_literal(date(2020, 12, 31)), as_literal(pd.Timestamp("2020-12-31")), as_literal(pd.NA)
    ('2020-12-31', '2020-12-31', None)
    >>> as_literal(np.int64(7)), as_literal(Decimal("0.77")), as_literal((True, np.str_("x")))
    (7, 0.77, [True, 'x'])
    """
    if value is None or type(value) in (str, bool, int):
        return value
    if isinstance(value, str | Path):
        return str(value)
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if type(value).__name__ == "datetime64":
        return None if str(value) == "NaT" else _day(datetime.fromisoformat(str(value)[:26]))
    if isinstance(value, date):
        return _day(value)
    if isinstance(value, Decimal | float) and not math.isfinite(value):
        return None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {str(key): as_literal(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_literal(one) for one in value]
    if hasattr(value, "item"):  # a scalar of numpy
        return as_literal(value.item())
    if type(value) is float:
        return value
    said = {"name": type(value).__name__, "type": ", ".join(TYPES), "found": repr(value)[:80]}
    raise UsageError(message("parameter.type", **said))


def _day(value: date) -> str:
    midnight = not isinstance(value, datetime) or not any(value.timetuple()[3:6])
    return value.isoformat()[:10] if midnight else value.isoformat()
