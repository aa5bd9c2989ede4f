"""What is found in the data: where, which rule, what stands there, what is allowed.

No finding carries a person's name: words in a cell that is no word of the tables are masked.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from sonla_analysis.errors import SonlaError
from sonla_analysis.text import nfc
from sonla_analysis.words import phrase

_WORD = re.compile(r"[^\W\d_]+")
_MASKED = re.compile(r"…([\W_]*…)+")
_LONG_NUMBER = re.compile(r"\d(?:[\s.-]?\d){8,}")  # an identity or telephone number
_HARMLESS = {"hộ", "người", "khẩu", "cháu", "triệu", "đồng", "có", "không", "chưa", "true", "false"}


@dataclass(frozen=True)
class Finding:
    """One thing found in the data.

    `row` is the line in the file or sheet (the header is line 1), 0 for a whole table.
    An `error` withholds the figures that use its cell until it is corrected; a `warning` is shown.
    `as_of` is the date it speaks of ("" for the row's own, or for every date of a whole table);
    `doubts` are further cells that it leaves in doubt, as (table, column), "" for the whole table.
    """

    rule: str
    table: str
    unit: str = ""
    row: int = 0
    column: str = ""
    found: str = ""
    allowed: str = ""
    severity: str = "error"
    as_of: str = ""
    doubts: tuple[tuple[str, str], ...] = ()


class DataError(SonlaError):
    """Tables that cannot be used; `findings` says why, cell by cell."""

    def __init__(self, findings: list[Finding]):
        super().__init__(findings)
        self.findings = findings

    def text(self, language: str = "en") -> str:
        """Return the first findings, one a line."""
        lines = [finding_sentence(one, language) for one in self.findings[:5]]
        if more := len(self.findings) - len(lines):
            lines.append(phrase("finding.more", language, found=more))
        return "\n".join(lines)


def finding_sentence(finding: Finding, language: str = "vi") -> str:
    """Return where, what was found, what is allowed and what to do, in one or two sentences.

    >>> finding_sentence(Finding("not_count", "schools", "03646", 5, "x", "1,2"), "en")
    "Table schools, line 5, column x: found '1,2'; it must be a whole number of 0 or more, \
without points, commas or words. Write a whole number, or leave it blank if it is not known."
    """
    words = vars(finding) | {"found": nfc(finding.found) or "–"}
    place = "source" if finding.rule in ("no_data", "not_a_workbook") else "table"
    if finding.row:
        place = "cell" if finding.column else "line"
    where = phrase(f"where.{place}", language, **words)
    what = phrase(f"finding.{finding.rule}", language, **words)
    remedy = phrase(f"remedy.{finding.rule}", language, **words)
    return f"{where}: {what} {remedy}"


def shown(value, allowed=()) -> str:
    """Return a cell's text for a message, masked where it may tell who somebody is.

    Words are kept when they are near one of those `allowed` in the column.

    >>> shown("1,2"), shown("04 hộ"), shown("Lò Thị A 12"), shown("pooor", ["poor", "near_poor"])
    ('1,2', '04 hộ', '… 12', 'pooor')
    """
    text = nfc(str(value))[:40]
    words = {word.lower() for word in _WORD.findall(text) if len(word) > 1}
    if not words <= _HARMLESS and not get_close_matches(text.lower(), allowed, n=1, cutoff=0.7):
        text = _MASKED.sub("…", _WORD.sub("…", text))
    return _LONG_NUMBER.sub("…", text)
