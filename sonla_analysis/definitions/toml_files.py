"""Definition files: TOML that is read, and refused in plain words where it breaks its rules.

`where` is the place in the file as its author knows it: "kh159_2020: indicator 'x': unit". Whatever
lies in a file, what is said of it is a sentence.
"""

import hashlib
import json
import re
import tomllib
from pathlib import Path
from unicodedata import normalize

from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import DefinitionError, Message
from sonla_analysis.language.vietnamese import is_date, refuse

LANGUAGES = ("vi", "en")
LARGEST = 10**15  # no number of a definition is larger
_SHOWN = 80  # letters of a value that a sentence repeats


def ids(folder) -> list[str]:
    """Return the ids of the definitions that come with the package, sorted."""
    return sorted(path.name.removesuffix(".toml") for path in folder.iterdir())


def read(name: str | Path, folder, what: str) -> dict:
    """Return the content of a definition: one of the package's by its id, or any .toml file."""
    return parsed(located(name, folder, what), name)


def located(name: str | Path, folder, what: str):
    """Return where a definition lies: one of the package's by its id, or any .toml file."""
    source = Path(str(name).replace("\0", ""))
    if str(name) in ids(folder):
        source = folder / f"{name}.toml"
    elif source.suffix != ".toml" or not source.is_file():
        raise DefinitionError(refuse(what, shown(str(name))[1:-1], ids(folder)))
    return source


def parsed(source, name) -> dict:
    """Return the content of a TOML file, with or without a byte order mark; `name` is said of it.

    A file that nests too deep or holds a number of thousands of digits is refused like any other.
    """
    try:
        return tomllib.loads(normalize("NFC", source.read_text(encoding="utf-8-sig")))
    except UnicodeDecodeError:
        said = message("definition.not_utf8", source=name)
    except RecursionError:
        said = message("definition.too_deep", source=name)
    except ValueError as error:  # not TOML, or a number that Python refuses to read
        said = message("definition.not_toml", source=name, detail=str(error)[:200])
    except OSError as error:
        said = message("definition.unreadable", source=name, detail=error.strerror)
    raise DefinitionError(said)


def digest(content: dict) -> str:
    """Return a mark of what a file says, eight hexadecimal digits; comments and order do not count.

    >>> digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1}), len(digest({}))
    (True, 8)
    """
    written = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(written.encode()).hexdigest()[:8]


def shown(value) -> str:
    """Return a value as a sentence repeats it: as it is written, and short.

    >>> shown("x"), shown([1, 2]), len(shown("x" * 1000))
    ("'x'", '[1, 2]', 80)
    """
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits; nested too deep
        text = type(value).__name__
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


class Faults:
    """What is wrong with a file, gathered until all of it is known.

    >>> faults = Faults()
    >>> faults.of(check_keys, {}, ["id"], "plan"), faults.of(check_text, 1, "name", instead="?")
    (None, '?')
    >>> faults.refuse()
    Traceback (most recent call last):
    sonla_analysis.language.refusals.DefinitionError: plan: key 'id' is missing; required: id
    name: found 1; allowed: a text in quotation marks
    """

    def __init__(self):
        self.said = []

    def of(self, check, *arguments, instead=None):
        """Return what the check gives; where it refuses, note that and return `instead`."""
        try:
            return check(*arguments)
        except DefinitionError as error:
            self.said.append(error)
            return instead

    def refuse(self) -> None:
        """Refuse the file, if anything is wrong with it, in a line for each fault."""
        if self.said:
            lines = Message("\n".join(error.text("en") for error in self.said))
            lines.vi = "\n".join(error.text("vi") for error in self.said)
            raise DefinitionError(lines)


def refuse_by(rule: str, words: dict) -> None:
    """Refuse a definition by a rule: a name of the section `definition`, with what its text asks.

    >>> refuse_by("condition_flag", {"where": "plan: where x", "found": "1"})
    Traceback (most recent call last):
    sonla_analysis.language.refusals.DefinitionError: plan: where x: found 1; allowed: true or false
    """
    raise DefinitionError(message(f"definition.{rule}", **words))


def check_table(found, where: str, allowed=()) -> None:
    """Refuse what is not a table of keys."""
    if not isinstance(found, dict):
        listed = ", ".join(sorted(allowed)) or "…"
        refuse_by("not_a_table", {"where": where, "found": shown(found), "allowed": listed})


def check_keys(found, allowed, where: str, *, optional=()) -> None:
    """Refuse what is not a table, a key that is not allowed, and required keys that are missing."""
    allowed, optional = sorted(allowed), set(optional)
    check_table(found, where, allowed)
    for key in found:
        check_choice(key, allowed, message("definition.key", where=where))
    required = [key for key in allowed if key not in optional]
    if missing := [key for key in required if key not in found]:
        words = {"where": where, "found": ", ".join(missing), "allowed": ", ".join(required)}
        refuse_by("missing_key" if len(missing) == 1 else "missing_keys", words)


def check_choice(value, allowed, where: str) -> None:
    """Refuse a value that is not one of those allowed."""
    if value not in list(allowed):
        found = shown(value)
        raise DefinitionError(
            refuse(where, found[1:-1] if isinstance(value, str) else found, allowed)
        )


def check_text(value, where: str) -> None:
    """Refuse what is not a text, or is an empty one."""
    _check(isinstance(value, str) and value.strip(), "not_text", value, where)


def check_id(value, where: str) -> None:
    """Refuse what is no name for a program: a–z, digits, underscores."""
    fits = isinstance(value, str) and re.fullmatch("[a-z][a-z0-9_]{0,59}", value)
    _check(fits, "not_id", value, where)


def check_number(value, where: str) -> None:
    """Refuse what is not an ordinary number of 0 or more."""
    _check(is_number(value) and 0 <= value < LARGEST, "not_number", value, where)


def is_number(value) -> bool:
    """Return whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_list(value, where: str, check=None, *allowed) -> None:
    """Refuse what is not a list of at least one entry, and an entry that a check refuses."""
    _check(isinstance(value, list) and value, "not_list", value, where)
    for one in value if check else ():
        check(one, *allowed, where)


def check_date(value, where: str) -> None:
    """Refuse what is not a date as ISO text."""
    _check(isinstance(value, str) and is_date(value), "not_date", value, where)


def _check(fits, rule: str, value, where: str) -> None:
    if not fits:
        refuse_by(rule, {"where": where, "found": shown(value)})


def in_languages(found, where: str) -> dict[str, str]:
    """Return a text in each language: where there is no English one, the Vietnamese one.

    >>> in_languages({"vi": "hộ nghèo"}, "name")
    {'vi': 'hộ nghèo', 'en': 'hộ nghèo'}
    """
    check_keys(found, LANGUAGES, where, optional=LANGUAGES[1:])
    for language, text in found.items():
        check_text(text, f"{where}.{language}")
    return {language: found.get(language, found["vi"]) for language in LANGUAGES}
