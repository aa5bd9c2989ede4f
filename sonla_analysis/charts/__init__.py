"""Charts: one figure per function, each with a title that states the finding.

The only importer of matplotlib and seaborn; each function is imported when first used.
"""

from importlib import import_module

__all__ = [
    "deprivations",
    "funding",
    "gaps",
    "movement",
    "overview",
    "poverty_path",
    "progress_board",
    "ranking",
    "spine",
    "villages",
]


def __getattr__(name):
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = getattr(import_module(f"{__name__}.{name}"), name)
    return globals()[name]
