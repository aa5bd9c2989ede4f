"""Vietnamese text: one Unicode form, dictionary order, file names, near matches."""

import difflib
import re
import unicodedata
from datetime import date
from itertools import count

from sonla_analysis.language.phrases import message, named
from sonla_analysis.language.refusals import Message

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: chr(0x100 + rank) for rank, letter in enumerate(_LETTERS)}  # after any digit
_RANK |= {"’": "'", "–": "-"}
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
# zero-width signs, turned writing directions, control characters that are no white space; not the
# soft hyphen, which is a letter (ư) in text typed with a TCVN3 font
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
# what stands in a word only where TCVN3 or VNI letters are read as Western European ones
_SIGN = "¡-®µ-¹»-¾ÆÇËÎÏÑÖ×ØÛÜÞßåæçëîïñöø÷ûüþÿ"
_OLD_FONT = re.compile(f"(?<=[A-Za-zÀ-ÿ])[{_SIGN}]|[{_SIGN}](?=[A-Za-z])")
# the bytes of Vietnamese letters in UTF-8, each read as a letter; or a letter already replaced
_BROKEN = re.compile("[ÃÄÅÆ][\x80-\xbf‘-›€Œ-Ɵ]|á[º»]|â€|\ufffd")
_LISTED = 12  # values named in one sentence
_VIETNAMESE = re.compile("[ĂăĐđĨĩŨũƠơƯưẠ-ỹ]")  # letters that those fonts do not have


def nfc(text: str) -> str:
    """Return the text in Unicode form NFC with single ordinary spaces and nothing invisible.

    >>> nfc("Chiê\u0300ng  Lê\u0300 ") == "Chiềng Lề"
    True
    """
    if not (text.isascii() and text.isprintable()):  # a code or a number is that already
        text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return " ".join(text.split())


def misread(text: str) -> str | None:
    """Return how a text's letters were lost: `old_font`, `broken_letters`, or None.

    Text typed with a TCVN3 or VNI font, and UTF-8 that was opened as something else and saved.

    >>> misread("Ph\xad\xeang QuyÕt Th¾ng"), misread("Quyáº¿t TÃ¢m"), misread("Chiềng Lề, Tô Hiệu")
    ('old_font', 'broken_letters', None)
    """
    if text.isascii():
        return None
    if _BROKEN.search(text):
        return "broken_letters"
    old = _OLD_FONT.search(text) and not _VIETNAMESE.search(text)
    return "old_font" if old else None


def is_date(text: str) -> bool:
    """Return whether a text is a day written year-month-day.

    >>> [text for text in ("2020-12-31", "31/12/2020", "20201231", "2020-02-30") if is_date(text)]
    ['2020-12-31']
    """
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10 and text.isascii() and text[4] == "-" and "W" not in text


def number_text(number: float) -> str:
    """Return a number as a CSV has it; a point before three digits would read as thousands.

    >>> number_text(3646.0), number_text(12.5), number_text(125.125)
    ('3646', '12.5', '125.1250')
    """
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return repr(number) + "0" * looks_like_thousands(repr(number))


def looks_like_thousands(text: str) -> bool:
    """Return whether a number with a point may mean thousands to one reader, a part to another.

    >>> [text for text in ("1.250", "26.1", "1250.125", "0.125") if looks_like_thousands(text)]
    ['1.250']
    """
    return re.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}", text) is not None


def sort_key(text: str) -> tuple[str, str, str]:
    """Return a key that sorts as a Vietnamese dictionary does.

    Letters come first (a < ă < â, d < đ, e < ê, o < ô < ơ, u < ư); tones break ties (none, huyền,
    hỏi, ngã, sắc, nặng), and at the very last small letters come before capitals, as in the CLDR
    collation `vi`. A letter of another language stands with the one it is made of. Unlike there,
    numbers sort by value.

    >>> sorted(["Chiềng Xôm", "Chiềng Đen", "Chiềng Cơi", "Chiềng Cọ"], key=sort_key)
    ['Chiềng Cọ', 'Chiềng Cơi', 'Chiềng Đen', 'Chiềng Xôm']
    >>> sorted(["Tổ 10", "Tổ 2"], key=sort_key)
    ['Tổ 2', 'Tổ 10']
    """
    clean = nfc(text)
    padded = re.sub(r"\d+", lambda digits: digits.group().zfill(9), clean.lower())
    letters, tones = [], []
    for letter, tone in map(_split_tone, padded):
        letters.append(_RANK.get(letter) or _RANK.get(_base(letter), letter))
        tones.append(tone)
    return "".join(letters), "".join(tones), clean.swapcase()


def _base(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[:1]


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


def free_name(name: str, taken, joint: str = "-") -> str:
    """Return the name, numbered from 2 where something has it already.

    >>> free_name("tep", []), free_name("tep", ["tep", "tep-2"])
    ('tep', 'tep-3')
    """
    numbered = (f"{name}{joint}{number}" if number > 1 else name for number in count(1))
    return next(one for one in numbered if one not in taken)


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


def refuse(what: str, found, allowed, *, listed=None) -> Message:
    """Return the sentence that refuses a value: the rule, what was found, what is allowed.

    `what` is a name of the section `what` of the words, or a text of its own; `listed` is what
    stands for the allowed values in the sentence.

    >>> said = refuse("language", "vie", ["vi", "en"])
    >>> print(said)
    language must be one of vi, en; found 'vie' (did you mean 'vi'?)
    >>> print(said.vi)
    ngôn ngữ phải là một trong: vi, en; đã nhận 'vie' (có phải là 'vi'?)
    """
    allowed = list(map(str, allowed))
    listed = listed or ", ".join(allowed[:_LISTED]) + (", …" if len(allowed) > _LISTED else "")
    near = nearest(str(found), allowed)
    hint = message("refused.hint", near=near) if near else ""
    key = "refused.choice" if allowed else "refused.nothing"
    return message(key, what=named(what), found=str(found), allowed=listed, hint=hint)
