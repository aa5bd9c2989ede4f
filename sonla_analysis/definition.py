"""Definition files: TOML that is read, and refused in plain words where it breaks its rules.

`where` is the place in the file as its author knows it: "kh159_2020: indicator 'x': unit".
"""

import tomllib
from datetime import date
from pathlib import Path

from sonla_analysis.errors import DefinitionError
from sonla_analysis.text import refuse
from sonla_analysis.words import message


def ids(folder) -> list[str]:
    """Return the ids of the definitions that come with the package, sorted."""
    return sorted(path.name.removesuffix(".toml") for path in folder.iterdir())


def read(name: str | Path, folder, what: str) -> dict:
    """Return the content of a definition: one of the package's by its id, or any .toml file."""
    source = Path(name)
    if str(name) in ids(folder):
        source = folder / f"{name}.toml"
    elif source.suffix != ".toml" or not source.is_file():
        raise DefinitionError(refuse(what, name, ids(folder)))
    try:
        return tomllib.loads(source.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        said = message("definition.not_toml", source=name, detail=error)
    except UnicodeDecodeError:
        said = message("definition.not_utf8", source=name)
    raise DefinitionError(said)


def check_keys(found, allowed, where: str, *, optional=()) -> None:
    """Refuse what is not a table, a key that is not allowed, and a required key that is missing."""
    allowed, optional = sorted(allowed), set(optional)
    if not isinstance(found, dict):
        listed = ", ".join(allowed)
        raise DefinitionError(
            message("definition.not_a_table", where=where, found=repr(found), allowed=listed)
        )
    for key in found:
        check_choice(key, allowed, f"{where}: key")
    required = [key for key in allowed if key not in optional]
    if missing := [key for key in required if key not in found]:
        listed = ", ".join(required)
        raise DefinitionError(
            message("definition.missing_key", where=where, found=missing[0], allowed=listed)
        )


def check_choice(value, allowed, where: str) -> None:
    """Refuse a value that is not one of those allowed."""
    if value not in list(allowed):
        raise DefinitionError(refuse(where, value, allowed))


def check_text(value, where: str) -> None:
    """Refuse what is not a text."""
    if not isinstance(value, str):
        raise DefinitionError(message("definition.not_text", where=where, found=repr(value)))


def check_date(value, where: str) -> None:
    """Refuse what is not a date as ISO text."""
    try:
        date.fromisoformat(value)
        if len(value) != 10:
            raise ValueError
    except (TypeError, ValueError):
        said = message("definition.not_date", where=where, found=repr(value))
        raise DefinitionError(said) from None
