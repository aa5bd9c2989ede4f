"""The parameter contract: the cell tagged `parameters` declares, everybody else obeys.

A page's cell says `name: type = default  # help`. The same declaration serves the notebook in
JupyterLab, the command line and the batch: an unknown name is refused, a code stays text, and a
value arrives as the plain literal that stands in a notebook.
"""

import ast
import keyword
import math
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import DefinitionError, UsageError
from sonla_analysis.language.vietnamese import nearest

TYPES = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}
RUNNER_GIVES = ("data", "unit", "as_of", "plan", "language")


def read_page(path: Path):
    """Return a page's notebook; refuse a file that is not one."""
    from sonla_analysis.batch.notebooks import nbformat

    try:
        page = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(page)
    except Exception as error:  # whatever a damaged file makes of the readers
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        said = message("parameter.unreadable_page", page=path, reason=reason)
        raise DefinitionError(said) from None
    for cell in page.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return page


def declared(page) -> dict[str, dict]:
    """Return the declaration of each parameter: its type, default and help."""
    from sonla_analysis.batch.notebooks import papermill

    cells = [cell for cell in page.cells if "parameters" in cell.metadata.get("tags", [])]
    found = papermill.translators.PythonTranslator.inspect(cells[0]) if cells else []
    return {
        one.name: {"type": _type(one), "default": _default(one), "help": one.help} for one in found
    }


def declared_for_batch(page, name: str) -> dict[str, dict]:
    """Return the declaration of a page of the batch; refuse one without what a batch gives."""
    declaration = declared(page)
    for needed in RUNNER_GIVES:
        if needed not in declaration:
            raise DefinitionError(message("parameter.page_lacks", page=name, name=needed))
    return declaration


def _default(parameter):
    try:
        return ast.literal_eval(parameter.default)
    except (ValueError, SyntaxError):
        return None


def _type(parameter) -> str | None:
    stated = parameter.inferred_type_name.partition("[")[0].strip()
    if stated in TYPES:
        return stated
    default = _default(parameter)
    return None if default is None else type(default).__name__


def checked(declaration: dict[str, dict], values: dict, page: str) -> dict:
    """Return the values as plain literals; refuse what the page does not declare.

    >>> declaration = {"unit": {"type": "str", "default": "03646", "help": ""}}
    >>> checked(declaration, {"unit": "03649"}, "commune_report")
    {'unit': '03649'}
    >>> checked(declaration, {"unti": "03649"}, "commune_report")
    Traceback (most recent call last):
    sonla_analysis.language.refusals.UsageError: page commune_report declares no parameter 'unti'; \
allowed: unit (did you mean 'unit'?)
    """
    for name in values:
        _check_name(name, declaration, page)
    plain = {name: _plain(name, value, declaration[name]["type"]) for name, value in values.items()}
    for name, one in declaration.items():
        if plain.get(name, one["default"]) is None:
            raise UsageError(message("parameter.missing", page=page, name=name))
    return plain


def _check_name(name, declaration: dict, page: str) -> None:
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise UsageError(message("parameter.not_a_name", name=str(name)[:40]))
    if name not in declaration:
        near = nearest(name, declaration)
        hint = message("refused.hint", near=near) if near else ""
        words = {"page": page, "name": name, "allowed": ", ".join(declaration), "hint": hint}
        raise UsageError(message("parameter.unknown", **words))


def _plain(name: str, value, kind: str | None):
    """Return the value as its declared type writes it; refuse another type, guess nothing."""
    literal = as_literal(value)
    if kind == "float" and isinstance(literal, int) and not isinstance(literal, bool):
        literal = float(literal)
    if kind == "str" and isinstance(literal, int | float) and not isinstance(literal, bool):
        raise UsageError(message("parameter.type_code", name=name, found=repr(value)))
    if literal is not None and kind in TYPES and type(literal) is not TYPES[kind]:
        raise UsageError(message("parameter.type", name=name, type=kind, found=repr(value)))
    return literal


# --- plain literals ----------------------------------------------------------------------


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
