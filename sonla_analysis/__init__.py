"""Ward by ward, is the poverty-reduction plan being kept?

The names below are the public ones; each is imported when first used, so that
``import sonla_analysis`` and ``sonla --help`` cost next to nothing.
"""

from importlib import import_module

__version__ = "0.1.0"

_HOME = {
    "load_plan": "plan",
    "load_standard": "standards",
    "load_units": "units",
    "units_on": "units",
    "load_tables": "tables",
    "read_tables": "tables",
    "check_tables": "checks",
    "measure": "indicators.measure",
    "assess": "indicators.progress",
    "classify": "indicators.poverty",
    "movement": "indicators.poverty",
    "check_movement": "indicators.poverty",
    "wilson_interval": "indicators.comparison",
    "hide_small": "indicators.disclosure",
    "open_review": "review",
}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    try:
        return import_module(f"{__name__}.{name}")
    except ModuleNotFoundError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
