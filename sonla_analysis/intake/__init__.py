"""What offices send → the input tables; what must be asked; letters back.

The names below are imported when first used, as the package's own are.
"""

from importlib import import_module

_HOME = {"check_forms": "form_arithmetic"}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
