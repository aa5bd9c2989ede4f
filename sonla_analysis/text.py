"""Vietnamese text: one Unicode form, dictionary order, file names, near matches."""

import difflib
import re
import unicodedata

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: f"{rank:02d}" for rank, letter in enumerate(_LETTERS, start=10)}
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_SHAPES = "\u0302\u0306\u031b"


def nfc(text: str) -> str:
    """Return the text in Unicode form NFC with single ordinary spaces.

    >>> nfc("Chiê\u0300ng  Lê\u0300 ") == "Chiềng Lề"
    True
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def sort_key(text: str) -> tuple[str, str]:
    """Return a key that sorts as a Vietnamese dictionary does.

    Letters come first (a < ă < â, d < đ, e < ê, o < ô < ơ, u < ư); tones only
    break ties (none, huyền, hỏi, ngã, sắc, nặng), as in the CLDR collation `vi`.

    >>> sorted(["Chiềng Xôm", "Chiềng Đen", "Chiềng Cơi", "Chiềng Cọ"], key=sort_key)
    ['Chiềng Cọ', 'Chiềng Cơi', 'Chiềng Đen', 'Chiềng Xôm']
    """
    letters, tones = [], []
    for letter, tone in map(_split_tone, nfc(text).lower()):
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

    A code that lost its leading zero is recognised first.

    >>> nearest("3646", ["03646", "03649"]), nearest("pln", ["plan", "unit"])
    ('03646', 'plan')
    """
    allowed = [str(value) for value in allowed]
    same_digits = [value for value in allowed if value.lstrip("0") == str(found).lstrip("0")]
    close = same_digits or difflib.get_close_matches(str(found), allowed, n=1)
    return close[0] if close else None


def refuse(what: str, found, allowed, *, show: int = 12) -> str:
    """Return the sentence that refuses a value: the rule, what was found, what is allowed.

    >>> refuse("language", "vn", ["vi", "en"])
    "language must be one of vi, en; found 'vn' (did you mean 'vi'?)"
    """
    allowed = list(map(str, allowed))
    listed = ", ".join(allowed[:show]) + (", …" if len(allowed) > show else "")
    near = nearest(str(found), allowed)
    hint = f" (did you mean {near!r}?)" if near else ""
    return f"{what} must be one of {listed}; found {str(found)!r}{hint}"
