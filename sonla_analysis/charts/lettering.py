"""How wide a text is, and where it breaks: from the font's own metrics, in inches."""

import re
from functools import cache, lru_cache

from PIL import ImageFont

from sonla_analysis.charts.theme import TEXT, font_file
from sonla_analysis.language.vietnamese import nfc


@cache
def _font(face: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_file(face), 100, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=20_000)
def text_width(text: str, size: float = TEXT, *, bold: bool = False) -> float:
    """Return the width of a line of text.

    >>> text_width("Chiềng Lề", 18) / text_width("Chiềng Lề", 9)
    2.0
    """
    return _font("Bold" if bold else "Regular").getlength(text) / 100 * size / 72


def lines(text: str, room: float, size: float = TEXT, *, bold: bool = False) -> list[str]:
    """Return the text in lines that fit into `room`; nothing is cut off.

    Only a word that has no room alone is broken, after a hyphen where it has one.

    >>> lines("hộ nghèo và hộ cận nghèo", 0.9)
    ['hộ nghèo và hộ', 'cận nghèo']
    >>> lines("Health-insurance cards", 0.85)
    ['Health-', 'insurance cards']
    """
    found = []
    for word in nfc(text).split():
        if text_width(word, size, bold=bold) > room:
            found += _pieces(word, room, size, bold)
            continue
        longer = f"{found[-1]} {word}" if found else word
        if found and text_width(longer, size, bold=bold) <= room:
            found[-1] = longer
        else:
            found.append(word)
    return found


def _pieces(word: str, room: float, size: float, bold: bool) -> list[str]:
    """Return a long word in pieces that fit into the room."""
    found = [""]
    for part in re.findall(r"[^-]+-?|-", word):
        fits = text_width(part, size, bold=bold) <= room
        for piece in [part] if fits else part:
            if found[-1] and text_width(found[-1] + piece, size, bold=bold) > room:
                found.append("")
            found[-1] += piece
    return found


def wrapped(text: str, room: float, size: float = TEXT, *, bold: bool = False) -> str:
    """Return the text with line breaks where it must break."""
    return "\n".join(lines(text, room, size, bold=bold))


def balanced(text: str, room: float, size: float = TEXT, *, bold: bool = False) -> list[str]:
    """Return the text in as few lines as it needs, of about the same length."""
    found = lines(text, room, size, bold=bold)
    for share in (0.55, 0.65, 0.75, 0.85):
        narrower = lines(text, room * share, size, bold=bold)
        if len(found) > 1 and len(narrower) == len(found):
            return narrower
    return found
