"""What changed since the report before, in words: published + parts = now."""

import pandas as pd

from sonla_analysis.definitions.plan import Indicator
from sonla_analysis.indicators.changes import COUNTS, PARTS
from sonla_analysis.language.phrases import phrase
from sonla_analysis.sentences.figures import day, number


def changed(review, indicator_id: str) -> str:
    """Return how a figure came from the one published before; "" where none is known."""
    parts, indicator = parts_of(review).get(indicator_id), review.plan[indicator_id]
    if not parts:
        return ""
    language, since = review.language, day(review.since, review.language)
    if "definition" in parts["numerator"]:
        ends = {name: plain(parts["numerator"][name], language) for name in ("published", "now")}
        return phrase("changes.redefined", language, since=since, **ends)
    texts = [_sum(parts[of], of, indicator, review) for of in COUNTS if of in parts]
    revised = any("corrected" in parts[of] for of in parts)
    return "; ".join([*texts, *([phrase("changes.revised", language)] if revised else [])])


def revised(review) -> list[str]:
    """Return a sentence for each figure of the report before that is revised or counted otherwise.

    Empty where no earlier report is known, or it holds as it was published.
    """
    said = []
    for name, parts in parts_of(review).items():
        words = {"short": review.plan[name].short[review.language]}
        words |= {"since": day(review.since, review.language)}
        if "definition" in parts["numerator"]:
            said.append(phrase("changes.redefined_figure", review.language, **words))
        elif any("corrected" in one for one in parts.values()):
            words |= _before_and_after(parts, review.language)
            said.append(phrase("changes.revised_figure", review.language, **words))
    return said


def parts_of(review) -> dict[str, dict[str, dict[str, float]]]:
    """Return the parts of this unit's changes: indicator → numerator or denominator → part."""
    if (frame := review.changes) is None:
        return {}

    def by_figure() -> dict:
        found = {}
        for row in frame[frame["unit"] == review.unit].itertuples(index=False):
            parts = found.setdefault(row.indicator, {}).setdefault(row.of, {})
            parts[row.part] = row.amount
        return found

    return review.data.once(("changes", review.as_of, review.unit), by_figure)


def _before_and_after(parts: dict, language: str) -> dict[str, str]:
    """Return the counts as they were published, and as today's data have them of that date."""
    told = [one.get("published", 0) for one in parts.values()]
    today = [one.get("published", 0) + one.get("corrected", 0) for one in parts.values()]
    texts = {"published": told, "revised": today}
    return {name: "/".join(plain(n, language) for n in one) for name, one in texts.items()}


def _sum(parts: dict[str, float], of: str, indicator: Indicator, review) -> str:
    """Return one count as a sum: 5 (published) − 1 (left) = 4."""
    language, since = review.language, day(review.since, review.language)
    words = {"of": count_name(of, indicator, language), "now": plain(parts["now"], language)}
    if set(parts) == {"published", "now"}:
        return phrase("changes.same", language, **words)
    key, first = "from_nothing", ""
    if "published" in parts:
        key, first = "published_term", plain(parts["published"], language)
    terms = [phrase(f"changes.{key}", language, n=first, since=since)]
    for part in (part for part in PARTS if part in parts):
        amount, text = parts[part], _part_name(part, parts[part], indicator, language)
        signed = {"sign": "+" if amount > 0 else "−", "n": plain(abs(amount), language)}
        terms.append(phrase("changes.term", language, part=text, **signed))
    return phrase("changes.sum", language, parts=" ".join(terms), **words)


def _part_name(part: str, amount: float, indicator: Indicator, language: str) -> str:
    """Return what a part is called: a flow of the year that has become less is another thing."""
    usual = {"moved_in": 1, "moved_out": -1}.get(part)
    if usual and indicator.kind == "reduction":  # counts how many fewer there are
        usual = -usual
    back = "_back" if usual and amount * usual < 0 else ""
    return phrase(f"changes_part.{part}{back}", language)


def count_name(of: str, indicator: Indicator, language: str) -> str:
    """Return what a count is called."""
    key = "count" if indicator.kind == "count" else of
    return phrase(f"changes.{key}", language)


def plain(n, language: str, *, signed: bool = False) -> str:
    """Return a count as it stands in a sum, money with decimals; `signed`: with + if above zero.

    >>> plain(1234, "vi"), plain(3, "vi", signed=True), plain(-2, "vi", signed=True)
    ('1.234', '+3', '−2')
    """
    if n is None or pd.isna(n):
        return "–"
    text = number(n, language, 0 if float(n) % 1 == 0 else 3)
    return f"+{text}" if signed and n > 0 else text
