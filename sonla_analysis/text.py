"""Vietnamese text: one Unicode form, dictionary order, file names, near matches."""

import difflib
import re
import unicodedata

from sonla_analysis.errors import Message
from sonla_analysis.words import message, named

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: chr(0x100 + rank) for rank, letter in enumerate(_LETTERS)}  # after any digit
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff"))


def nfc(text: str) -> str:
    """Return the text in Unicode form NFC with single ordinary spaces and nothing invisible.

    >>> nfc("Chiê\u0300ng  Lê\u0300 ") == "Chiềng Lề"
    True
    """
    return " ".join(unicodedata.normalize("NFC", text).translate(_INVISIBLE).split())


def sort_key(text: str) -> tuple[str, str]:
    """Return a key that sorts as a Vietnamese dictionary does.

    Letters come first (a < ă < â, d < đ, e < ê, o < ô < ơ, u < ư); tones only
    break ties (none, huyền, hỏi, ngã, sắc, nặng), as in the CLDR collation `vi`. Numbers
    sort by value.

    >>> sorted(["Chiềng Xôm", "Chiềng Đen", "Chiềng Cơi", "Chiềng Cọ"], key=sort_key)
    ['Chiềng Cọ', 'Chiềng Cơi', 'Chiềng Đen', 'Chiềng Xôm']
    >>> sorted(["Tổ 10", "Tổ 2"], key=sort_key)
    ['Tổ 2', 'Tổ 10']
    """
    padded = re.sub(r"\d+", lambda digits: digits.group().zfill(9), nfc(text).lower())
    letters, tones = [], []
    for letter, tone in map(_split_tone, padded):
        letters.append(_RANK.get(letter, letter))
        tones.append(tone)
    return "".join(letters), "".join(tones)


def _split_tone(letter: str) -> tuple[str, str]:
    """Return the letter without its tone, and the tone's rank."""
    parts = unicodedata.normalize("NFD", letter)
    tone = next((_TONES[part] for part in parts if part in _TONES), "0")
    kept = "".join(part for part in parts if part not in _TONES)
    return unicodedata.normalize("NFC", kept), tone


def slug(text: str) -> str:
    """Return the text as a safe part of a file name: a–z, 0–9 and hyphens.

    >>> slug("Phường Chiềng Lề"), slug("../Tô Hiệu/<x>")
    ('phuong-chieng-le', 'to-hieu-x')
    """
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    letters = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")


def nearest(found: str, allowed) -> str | None:
    """Return the allowed value most like the one found, or None.

    A code that lost its leading zero, or became a decimal number, is recognised first.

    >>> nearest("3646", ["03646", "03649"]), nearest("Pln", ["plan", "unit"])
    ('03646', 'plan')
    """
    by_key = {_plain(value): str(value) for value in allowed}
    key = _plain(found)
    close = [key] if key in by_key else difflib.get_close_matches(key, by_key, n=1)
    return by_key[close[0]] if close else None


def _plain(value) -> str:
    """Return a value without what is easily lost: case, leading zeros, a trailing `.0`."""
    return str(value).strip().casefold().removesuffix(".0").lstrip("0")


def refuse(what: str, found, allowed, *, show: int = 12) -> Message:
    """Return the sentence that refuses a value: the rule, what was found, what is allowed.

    `what` is a name of the section `what` of the words, or a text of its own.

    >>> said = refuse("language", "vie", ["vi", "en"])
    >>> print(said)
    language must be one of vi, en; found 'vie' (did you mean 'vi'?)
    >>> print(said.vi)
    ngôn ngữ phải là một trong: vi, en; đã nhận 'vie' (có phải là 'vi'?)
    """
    allowed = list(map(str, allowed))
    listed = ", ".join(allowed[:show]) + (", …" if len(allowed) > show else "")
    near = nearest(str(found), allowed)
    hint = message("refused.hint", near=near) if near else ""
    key = "refused.choice" if allowed else "refused.nothing"
    return message(key, what=named(what), found=str(found), allowed=listed, hint=hint)
