"""What offices send → the input tables; what must be asked; letters back.

The names below are imported when first used, as the package's own are.

>>> from sonla_analysis.definitions.folders import sample_folder
>>> from sonla_analysis.intake import read_folder
>>> tables, findings = read_folder(sample_folder() / "submissions")
>>> len(tables["health_stations"])
60
"""

from importlib import import_module

_HOME = {"check_forms": "form_arithmetic", "read_folder": "folder"}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
