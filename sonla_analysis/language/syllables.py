"""How Vietnamese syllables are spelled: initial, rhyme and tone.

A general fact of the written language; letters that only names of the Central Highlands have
(Krông, Đắk) are included.
"""

import re
import unicodedata
from functools import cache

_TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
_HIGH_OR_LOW = _TONES[4:]  # the only tones before a final c, ch, p, t
_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on
ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut
uy uya uych uyên uyêt uyn uynh uyp uyt uyu ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ươu ưm ưt ưu
y yêm yên yêt yêu ak ăk ôk
"""
_INITIALS = """b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x
br pr kr đr gr bl pl kl q"""
_BEFORE_I_E = ("gh", "ngh")
_NOT_BEFORE_I_E = ("c", "ng")
_ABBREVIATION = re.compile("[BCDĐGHKLMNPQRSTVX]{2,}")  # QĐ, HĐND


def spelled(word: str) -> bool:
    """Return whether a word in NFC is one syllable that Vietnamese spelling allows, or like QĐ.

    >>> [word for word in ("Chiềng", "quýt", "hoà", "Đắk", "HĐND", "tôt", "café") if spelled(word)]
    ['Chiềng', 'quýt', 'hoà', 'Đắk', 'HĐND']
    """
    return word.lower() in _syllables() or _ABBREVIATION.fullmatch(word) is not None


@cache
def _syllables() -> frozenset[str]:
    toned = {rhyme: _toned(rhyme) for rhyme in _RHYMES.split()}
    return frozenset(
        initial + form
        for rhyme, forms in toned.items()
        for initial in ("", *_INITIALS.split())
        if _goes_with(initial, rhyme)
        for form in forms
    )


def _goes_with(initial: str, rhyme: str) -> bool:
    """Return whether spelling lets a rhyme follow an initial."""
    if initial == "q":
        return rhyme.startswith("uy")  # quý, quýt
    if initial == "qu":
        return rhyme[0] in "aăâeêiyôơ"
    if initial == "gi":
        return rhyme[0] not in "iy"
    if initial == "g":
        return rhyme[0] not in "eêy"  # gì, giếng
    if initial in _BEFORE_I_E:
        return rhyme[0] in "eêi"
    if initial in _NOT_BEFORE_I_E:
        return rhyme[0] not in "eêiy"
    return initial == "" or rhyme[0] != "y" or rhyme == "y"


def _toned(rhyme: str) -> list[str]:
    """Return a rhyme with each tone it can have, where either style puts it.

    >>> _toned("oat"), _toned("uy")[:3], _toned("ăk")
    (['oát', 'oạt'], ['uy', 'ùy', 'uỳ'], ['ăk', 'ằk', 'ẳk', 'ẵk', 'ắk', 'ặk'])
    """
    stopped = rhyme.endswith(("c", "ch", "p", "t"))
    forms = [
        unicodedata.normalize("NFC", rhyme[: at + 1] + tone + rhyme[at + 1 :])
        for tone in (_HIGH_OR_LOW if stopped else _TONES)
        for at in _places(rhyme)
    ]
    return list(dict.fromkeys(forms))


def _places(rhyme: str) -> list[int]:
    """Return where a rhyme's tone may stand: on one vowel, or two where styles differ."""
    vowels = [at for at, letter in enumerate(rhyme) if letter in "aăâeêioôơuưy"]
    for shaped in ("ăâêôơ", "ư"):  # ươ: on ơ
        if found := [at for at in vowels if rhyme[at] in shaped]:
            return found
    if rhyme[-1] not in "aeiouy":
        return vowels[-1:]
    if rhyme in ("oa", "oe", "uy"):
        return vowels
    return vowels[1:2] if len(vowels) == 3 else vowels[:1]
