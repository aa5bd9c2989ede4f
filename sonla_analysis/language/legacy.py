"""Text typed with TCVN3 and VNI fonts, as Unicode.

In a cell such text is Western European letters and signs that only the font turns into Vietnamese:
"ChiÒng LÒ", "Phöôøng". Each text is read in every way it can be meant, and the readings' syllables
are looked up among those that Vietnamese spelling allows. What is Vietnamese as it stands is never
changed, and a text is changed only where the font explains every sign in it; where two readings
are as good it stays, unless the other texts of its block are certain (`decode_block`).

Letters: three independent tables that agree (`legacy_letters.csv`, codes in hexadecimal).
"""

import csv
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from sonla_analysis.language.syllables import spelled

FONTS = ("tcvn3", "vni")

# words with what may be a letter of a font; not ½ or × after a number, nor the unit µm
_WORD = re.compile(
    r"(?!(?:(?<=\d)|(?<=\d\s))[¼½¾×](?![A-Za-z]))(?!(?<![A-Za-z])µm\b)[A-Za-z¡-®µ-¹»-¾À-ÿ]+"
)
_UNICODE = re.compile("[\u0100-\u1fff]")  # letters and marks that no old font has
_NO_WORD = re.compile("[A-Za-zß-ÿ][¡-¾×÷]|[¡-¾×÷][A-Za-zß-ÿ]|[a-zß-ÿ][A-ZÀ-Þ]")  # "¾n", "iÒ"
_ETH = str.maketrans("ÐðƉɖ", "ĐđĐđ")  # letters of other languages that look like Đ
# words of every office that a font would make rare ones of: "xã" read as TCVN3 is "xó"
_USUAL = frozenset(["xã", "có", "là", "và", "số", "hộ", "tổ", "từ", "không", "chưa", "nđ"])


class _Reading(NamedTuple):
    """A word as it stands or decoded: whether it is Vietnamese, whether all of it is letters."""

    text: str
    spelled: bool
    whole: bool = True


class _Verdict(NamedTuple):
    """What a text is: certainly typed with a font, maybe with some, or certainly Unicode."""

    font: str = ""
    possible: tuple[str, ...] = ()
    unicode: bool = False


def decode_legacy(text: str) -> str:
    """Return the text in Unicode form NFC, decoded where it was typed with a TCVN3 or VNI font.

    To be called before any other cleaning: a soft hyphen is the letter ư, and a change of case
    changes letters. Text that is Vietnamese already, or of another language, stays.

    >>> decode_legacy("Ph\xadêng QuyÕt Th¾ng")
    'Phường Quyết Thắng'
    >>> decode_legacy("Phöôøng Chieàng Leà"), decode_legacy("café Müller"), decode_legacy("Tô Hiệu")
    ('Phường Chiềng Lề', 'café Müller', 'Tô Hiệu')
    """
    return text if text.isascii() else _decoded(text, _verdict(text).font)


def decode_block(texts) -> list[str]:
    """Return the texts of one sheet or column in Unicode.

    A text that may be either follows the others when these are certain and of one font.

    >>> decode_block(["Cã", "Kh«ng"]), decode_block(["Sôn La", "Phöôøng"])
    (['Có', 'Không'], ['Sơn La', 'Phường'])
    """
    texts = list(texts)
    verdicts = [_Verdict() if text.isascii() else _verdict(text) for text in texts]
    found = {one.font for one in verdicts if one.font}
    font = found.pop() if len(found) == 1 else ""
    mixed = any(one.unicode for one in verdicts)
    return [
        text
        if text.isascii()
        else _decoded(
            text, one.font or (font if _follows(text, one, font, mixed) else ""), not mixed
        )
        for text, one in zip(texts, verdicts, strict=True)
    ]


def spelled_words(text: str) -> int:
    """Return how many words with a Vietnamese letter are spelled as Vietnamese, less the others.

    >>> spelled_words("Tổ Mót café"), spelled_words("Tæ")
    (1, -1)
    """
    words = [word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii()]
    return sum(1 if spelled(word) else -1 for word in words)


def _follows(text: str, verdict: _Verdict, font: str, mixed: bool) -> bool:
    """Return whether an undecided text is to be read with the font of its block."""
    if font not in verdict.possible:
        return False
    now, then = (_usual(one) for one in (text, _decoded(text, font)))
    return then and not now if mixed else then or not now


def _usual(text: str) -> bool:
    """Return whether a text has Vietnamese letters only in words that every office writes."""
    words = re.split(r"[\s\d/().,:;-]+", text.lower())
    return all(word in _USUAL or word.isascii() for word in words)


def _verdict(text: str) -> _Verdict:
    if _UNICODE.search(text):
        return _Verdict(unicode=True)
    words = [_readings(word) for word in _WORD.findall(text) if not word.isascii()]
    gains = {font: _gain(words, font) for font in FONTS}
    best = max(gains.values())
    if best < 0:
        return _Verdict(unicode=any(word["as_it_stands"].spelled for word in words))
    fonts = tuple(font for font in FONTS if gains[font] == best)
    if len(fonts) > 1:
        fonts = tuple(font for font in fonts if _usual(_decoded(text, font))) or fonts
    return _Verdict(fonts[0]) if best and len(fonts) == 1 else _Verdict(possible=fonts)


def _gain(words: list[dict], font: str) -> int:
    """Return how many words become Vietnamese by the font; -1 where it cannot be the font.

    A single letter proves nothing; where words that are none either way, such as a name of another
    language, are as many as those gained, it is 0: the block decides.
    """
    lost, gained, left = 0, 0, 0
    for word in words:
        now, then = word["as_it_stands"], word[font]
        lost += not then.whole or (now.spelled and not then.spelled)
        gained += then.spelled and not now.spelled and len(then.text) > 1
        left += not then.spelled and now.whole
    proved = any(word[font].spelled and len(word[font].text) > 1 for word in words)
    if lost or not proved:
        return -1
    return 0 if left and left >= gained else gained


def _decoded(text: str, font: str, all_of_it: bool = False) -> str:
    """Return the text by a font: words that become Vietnamese, or every word it explains."""
    if not font:
        return unicodedata.normalize("NFC", _with_d(text))
    letters, code = _letters(font)

    def read(word: re.Match) -> str:
        readings = _readings(word[0])
        if readings[font].spelled or not (all_of_it and readings[font].whole):
            return readings[font].text
        now = readings["as_it_stands"]
        return now.text if now.spelled else code.sub(lambda one: letters[one[0]], word[0])

    decoded = _WORD.sub(read, text)
    if not re.search("[a-z]", text) and any(map(_half_capital, decoded.split())):
        decoded = decoded.upper()  # toned capitals of TCVN3 are small letters in a font of capitals
    return unicodedata.normalize("NFC", decoded)


def _half_capital(word: str) -> bool:
    return len(re.findall("[A-Z]", word)) > 1 and word != word.upper()


def _with_d(text: str) -> str:
    """Return the text with Đ where another letter that looks like it stands in its place.

    >>> _with_d("Ðen, Chiềng Ðen, QÐ-UBND, Guðrun")
    'Đen, Chiềng Đen, QĐ-UBND, Guðrun'
    """
    if not re.search("[ÐðƉɖ]", text):
        return text
    return re.sub(r"[^\W\d_]+", lambda word: _repaired(word[0]), text)


def _repaired(word: str) -> str:
    repaired = unicodedata.normalize("NFC", word).translate(_ETH)
    return repaired if spelled(repaired) else word


@lru_cache(maxsize=2**16)
def _readings(word: str) -> dict[str, _Reading]:
    """Return a word as it stands and as each font shows it."""
    if word.isascii():
        return dict.fromkeys(("as_it_stands", *FONTS), _Reading(word, False))
    possible = not _NO_WORD.search(word)
    stands = _Reading(word, possible and spelled(_repaired(word)), possible)
    return {"as_it_stands": stands} | {font: _read(word, font, possible) for font in FONTS}


def _read(word: str, font: str, possible: bool) -> _Reading:
    letters, code = _letters(font)
    decoded = code.sub(lambda found: letters[found[0]], word)
    cased = not re.search("[a-z]", decoded) or decoded[1:].islower()
    right = len(decoded) == 1 or (spelled(decoded) and cased)
    return _Reading(decoded if right or not possible else word, right, code.sub("", word).isascii())


@cache
def _letters(font: str) -> tuple[dict[str, str], re.Pattern]:
    """Return the letters of a font by their codes, and what finds a code, the longest first."""
    with (files("sonla_analysis.language") / "legacy_letters.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    letters = {bytes.fromhex(row[font]).decode("latin-1"): row["letter"] for row in rows}
    return letters, re.compile("|".join(sorted(map(re.escape, letters), key=len, reverse=True)))
