"""Which column a heading means, which value a spelling: from `definitions/headings.toml`."""

import re
import unicodedata
from functools import cache
from importlib.resources import files

from sonla_analysis.definitions.input_columns import DEPRIVED
from sonla_analysis.definitions.plan import Plan
from sonla_analysis.definitions.toml_files import parsed
from sonla_analysis.language.vietnamese import nfc
from sonla_analysis.sentences.listing import column_name

_NUMBER = re.compile(r"^(ct ?)?[\divx]{1,4}[.)] ?|^\(\d+\) ?|^ct\d+ ", re.IGNORECASE)
_DROPPED = re.compile(r"\([^()]*\)|[*:“”\"']")
_LACKING = "thiếu hụt"
_OLD_TONE = re.compile("[òóỏõọ][ae]|[ùúủũụ]y")
_SPACES = re.compile(r"[\s/,.;–_-]+")


@cache
def words() -> dict:
    """Return the headings and spellings as their file has them."""
    return parsed(files("sonla_analysis") / "definitions/headings.toml", "headings.toml")


@cache
def key(text: str) -> str:
    """Return a heading or spelling for matching: small letters, no number in front, no signs.

    >>> key("1. Số hộ nghèo (hộ)"), key("Tổ/bản, TK "), key("Lũy kế") == key("Luỹ kế")
    ('số hộ nghèo', 'tổ bản tk', True)
    """
    plain = _DROPPED.sub(" ", nfc(text).lower())
    plain = _OLD_TONE.sub(lambda pair: _new_tone(pair[0]), plain)
    return _SPACES.sub(" ", _NUMBER.sub("", plain.strip())).strip()


def _new_tone(pair: str) -> str:
    """Return "òa" as "oà": the same word, its tone on the other letter."""
    first, tone, second = unicodedata.normalize("NFD", pair)
    return unicodedata.normalize("NFC", first + second + tone)


@cache
def bare(text: str) -> str:
    """Return a key without its accents, for what was typed without.

    >>> bare("Số hộ cận nghèo")
    'so ho can ngheo'
    """
    letters = unicodedata.normalize("NFD", key(text).replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


class Headings:
    """The headings of a plan's tables: `field(table, path)` is what a column holds.

    A field is a column's name, `unit_code`, `status=poor` where an x below the heading says so, or
    `?deprived_water` where the heading does not say whether the thing is there or lacking.
    """

    def __init__(self, plan: Plan):
        self.tables = {
            table: _fields(table, plan) for table in plan.tables if table in words()["headings"]
        }
        self.lacking = _deprivations(plan)
        self._bare = {table: _without_accents(known) for table, known in self.tables.items()}
        self._bare_lacking = _without_accents(self.lacking)
        self._ignored = {key(text) for text in words()["ignored"]["headings"]}
        of_all = [*self.tables.values(), *self._bare.values(), self.lacking, self._bare_lacking]
        known = {part for fields in of_all for text in fields for part in text.split(" > ")}
        self._known = known | self._ignored

    def may_be(self, texts: list[str]) -> bool:
        """Return whether rows of texts may be a heading: three in ten of them are known."""
        known = self.known(texts)
        return known > 1 and 10 * known >= 3 * len(texts)

    def known(self, texts: list[str]) -> int:
        """Return how many texts are headings that mean something."""
        return sum(key(text).removeprefix(f"{_LACKING} ") in self._known for text in texts)

    def field(self, table: str, path: tuple[str, ...]) -> str | None:
        """Return the field that a column's headings mean, from the top one to the lowest, or None.

        The longest part of the path that is known decides: "Năm sinh > Nam" before "Nam".
        """
        levels = [key(text) for text in path if key(text)]
        if table == "households" and any(_LACKING in level for level in levels):
            name = levels[-1].removeprefix(_LACKING).strip()
            if field := _looked_up(name, self.lacking, self._bare_lacking):
                return field
        tails = [" > ".join(levels[first:]) for first in range(len(levels))]
        for text in [*tails, *reversed(levels[:-1])]:
            if field := _looked_up(text, self.tables[table], self._bare[table]):
                rest = " ".join(level for level in levels if level not in text.split(" > "))
                if any(start in rest for start in words()["rows"]["at_start"]):
                    return f"start_{field}" if field.startswith("status") else None
                return field
        if table == "households" and levels:
            field = _looked_up(levels[-1], self.lacking, self._bare_lacking)
            return field and f"?{field}"
        return None

    def is_ignored(self, path: tuple[str, ...]) -> bool:
        """Return whether a column is known and read no further, as one of names."""
        keys = [key(text) for text in path]
        checks = words()["ignored"]["check"]
        return any(text in self._ignored or any(one in text for one in checks) for text in keys)


def _looked_up(text: str, known: dict, without_accents: dict) -> str | None:
    """Return what a text means; one typed without accents only where one thing can be meant."""
    return known.get(text) or (without_accents.get(text) if text == bare(text) else None)


def _fields(table: str, plan: Plan) -> dict[str, str]:
    """Return the fields of a table by key: their own names, their labels, the headings as met."""
    columns = plan.tables[table]
    found = {key(text): "as_of" for text in words()["sender"]["as_of"]}
    met = [*words()["headings"]["all"].items(), *words()["headings"][table].items()]
    for name, texts in met:
        if name in columns or name == "unit_code":
            found |= {_path_key(text): name for text in texts if not name.startswith(DEPRIVED)}
    for field, values in words()["marks"].get(table, {}).items():
        for value, texts in values.items():
            found |= {_path_key(text): f"{field}={value}" for text in texts}
    for name in columns:
        if not name.startswith(DEPRIVED):
            found[key(column_name(name, columns, "vi"))] = name
        found[key(name)] = name
    return found


def _path_key(text: str) -> str:
    return " > ".join(map(key, text.split(" > ")))


def _deprivations(plan: Plan) -> dict[str, str]:
    """Return the deprivations of a plan's standard by key: the standard's names, those as met."""
    names = {one["column"]: one["name"]["vi"] for one in plan.standard_data.deprivations}
    met = words()["headings"]["households"]
    found = {key(text): name for name in names for text in met.get(name, ())}
    return found | {key(text): name for name, text in names.items()}


def _without_accents(known: dict[str, str]) -> dict[str, str]:
    """Return the fields by key without accents, of those that stay different."""
    found = {}
    for text, field in known.items():
        found.setdefault(bare(text), set()).add(field)
    return {text: fields.pop() for text, fields in found.items() if len(fields) == 1}
