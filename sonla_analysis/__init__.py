"""Ward by ward, is the poverty-reduction plan being kept?

The names below are the public ones; each is imported when first used, so that
``import sonla_analysis`` and ``sonla --help`` cost next to nothing.
"""

from importlib import import_module

__version__ = "0.2.0"

_HOME = {
    "load_plan": "definitions.plan",
    "load_standard": "definitions.standards",
    "units_on": "definitions.units",
    "load_units": "tables.units_table",
    "load_tables": "tables.input_tables",
    "read_tables": "tables.input_tables",
    "check_tables": "indicators.checks",
    "measure": "indicators.measure",
    "assess": "indicators.progress",
    "alkire_foster": "indicators.alkire_foster",
    "alkire_foster_indicators": "indicators.alkire_foster",
    "alkire_foster_change": "indicators.alkire_foster_change",
    "deprivation_matrix": "indicators.deprivation_matrix",
    "classify": "indicators.poverty",
    "movement": "indicators.poverty",
    "check_movement": "indicators.poverty",
    "wilson_interval": "indicators.comparison",
    "bridge": "indicators.bridge",
    "bridge_tables": "indicators.bridge_tables",
    "hide_small": "indicators.disclosure",
    "open_review": "review",
}
_ROOMS = ["charts", "page", "sentences", "text"]
# names of 0.1 and where each is now; an old name warns and is gone in 0.3
_MOVED = {
    "annex_form": "page.annex_tables",
    "checks": "indicators.checks",
    "columns": "definitions.input_columns",
    "contract": "definitions.needed",
    "definition": "definitions.toml_files",
    "errors": "language.refusals",
    "explore": "page.explore",
    "exporters": "office",
    "findings": "tables.findings",
    "forms": "page.report_tables",
    "listing": "sentences.listing",
    "official_forms": "page.official_forms",
    "plan": "definitions.plan",
    "printed": "sentences.table",
    "reports": "batch",
    "sources": "tables.files",
    "standards": "definitions.standards",
    "units": "definitions.units",
    "wording": "sentences",
    "words": "language.phrases",
    "workbook": "tables.workbook",
}

__all__ = sorted([*_HOME, *_ROOMS])


def __dir__() -> list[str]:
    return __all__


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    if name in _MOVED:
        return _old(name, _MOVED[name])
    try:
        return import_module(f"{__name__}.{name}")
    except ModuleNotFoundError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def _old(name: str, now: str):
    import warnings

    said = f"sonla_analysis.{name} is now sonla_analysis.{now}; the old name goes in version 0.3"
    warnings.warn(said, FutureWarning, stacklevel=3)
    return import_module(f"{__name__}.{now}")
