"""Give a process back its state after a page: only where pages share a process (no fork)."""

import os
import random
import sys
from contextlib import contextmanager


@contextmanager
def fresh_state():
    """Undo what a page did to directory, environment, modules, settings and random numbers."""
    folder, environment, path = os.getcwd(), dict(os.environ), list(sys.path)
    modules, settings, numbers = set(sys.modules), _settings(), random.getstate()
    try:
        yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.path[:] = path
        random.setstate(numbers)
        for name in [one for one in set(sys.modules) - modules if _is_pages_own(one)]:
            del sys.modules[name]
        _restore(settings)


def _is_pages_own(name: str) -> bool:
    """Modules beside the page go; a library that was imported late stays, like any other."""
    file = getattr(sys.modules[name], "__file__", None) or ""
    return bool(file) and "site-packages" not in file and not file.startswith(sys.base_prefix)


def _settings() -> dict:
    settings = {}
    if matplotlib := sys.modules.get("matplotlib"):
        settings["matplotlib"] = matplotlib.rcParams.copy()
    if pandas := sys.modules.get("pandas"):
        from pandas._config.config import _registered_options as options

        settings["pandas"] = {name: pandas.get_option(name) for name in options}
    if numpy := sys.modules.get("numpy"):
        settings["numpy"] = numpy.random.get_state()
    return settings


def _restore(settings: dict) -> None:
    if matplotlib := sys.modules.get("matplotlib"):
        if pyplot := sys.modules.get("matplotlib.pyplot"):
            pyplot.close("all")
        before = settings.get("matplotlib", matplotlib.rcParamsDefault)
        matplotlib.rcParams.update(before)
    for name, value in settings.get("pandas", {}).items():
        if sys.modules["pandas"].get_option(name) != value:
            sys.modules["pandas"].set_option(name, value)
    if "numpy" in settings:
        sys.modules["numpy"].random.set_state(settings["numpy"])
