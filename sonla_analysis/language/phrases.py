"""The texts a reader sees, by section and name, from `language/phrases/*.toml`.

Apart from `sentences`, which chooses the true sentence and needs pandas: a definition is refused,
and a run that finds nothing to do ends, without it.
"""

import tomllib
from functools import cache
from importlib.resources import files

from sonla_analysis.language.refusals import Message

_FOLDER = files("sonla_analysis") / "language/phrases"


@cache
def _words() -> dict:
    words = {}
    for path in sorted(_FOLDER.iterdir(), key=lambda path: path.name):
        for section, entries in tomllib.loads(path.read_text(encoding="utf-8")).items():
            words.setdefault(section, {}).update(entries)
    return words


def phrase(key: str, language: str, **values) -> str:
    """Return the text of `section.name` in a language, filled in.

    >>> phrase("left.at_least", "vi", n=14, counted="hộ nghèo")
    'còn 14 hộ nghèo nữa mới đạt chỉ tiêu'
    """
    section, name = key.split(".")
    return _words()[section][name][language].format(**values)


def has(section: str, name: str) -> bool:
    """Whether a section has a text of this name.

    >>> has("status", "met"), has("status", "met_above_band")
    (True, False)
    """
    return name in _words()[section]


def message(key: str, **values) -> Message:
    """Return the text of `section.name` in English, with the Vietnamese as its `vi`.

    A value that is itself a message is filled in in the same language.

    >>> said = message("refused.hint", near="vi")
    >>> str(said), said.vi
    (" (did you mean 'vi'?)", " (có phải là 'vi'?)")
    """
    said = Message(phrase(key, "en", **values))
    in_vietnamese = {name: getattr(value, "vi", value) for name, value in values.items()}
    said.vi = phrase(key, "vi", **in_vietnamese)
    return said


def named(what: str) -> str:
    """Return the message of the section `what` with this name, or the text itself.

    >>> named("language").vi
    'ngôn ngữ'
    """
    return message(f"what.{what}") if what in _words()["what"] else what


def label(section: str, name: str, language: str) -> str:
    """Return the word for a name in a section, or the name itself where there is none.

    >>> label("household", "near_poor", "vi"), label("household", "Bản Hay", "vi")
    ('hộ cận nghèo', 'Bản Hay')
    """
    return _words()[section].get(name, {}).get(language, name)
