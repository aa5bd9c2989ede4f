"""Places of this machine stay out of what is handed on: notebooks, the record, its causes."""

import os
import re
import sys
from pathlib import Path

from sonla_analysis.definitions.folders import sample_folder

_PACKAGE = Path(__file__).parents[1]
_TEXTS = ("text/plain", "text/html", "text/markdown")


def shown(path: str) -> str:
    """Return a path as others may read it: a relative one as it is, else its last name.

    >>> shown("/so-lieu/2020"), shown("data/sample"), shown("kh159_2020")
    ('2020', 'data/sample', 'kh159_2020')
    """
    if Path(path) == sample_folder():
        return "data/sample"
    return Path(path).name if os.path.isabs(path) else path


def without_places(text: str, places) -> str:
    """Return a text in which the folders of this machine are named as `shown` does.

    >>> without_places("[Errno 13] Permission denied: '/data/so lieu/a.csv'", ["/data/so lieu"])
    "[Errno 13] Permission denied: 'so lieu/a.csv'"
    """
    known = {os.path.abspath(one) for one in (*places, _PACKAGE, sys.prefix, sys.base_prefix)}
    known.add(str(Path.home()))
    for one in sorted(known - {os.sep}, key=len, reverse=True):
        text = re.sub(rf"{re.escape(one)}(?![\w.-])", lambda _, one=one: shown(one), text)
    return text


def hide_in_notebook(page, places) -> None:
    """Take the folders of this machine out of a page's parameters and of what its cells printed."""
    from sonla_analysis.batch.notebooks import papermill

    write = papermill.translators.PythonTranslator.codify  # as papermill did
    record = page.metadata["papermill"]
    given = record["parameters"].items()
    record["parameters"] = {
        name: shown(one) if isinstance(one, str) else one for name, one in given
    }
    for cell in page.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.source = write(record["parameters"])
        for output in cell.get("outputs", []):
            if "text" in output:
                output["text"] = without_places(output["text"], places)
            data = output.get("data", {})
            data |= {one: without_places(data[one], places) for one in _TEXTS if one in data}
