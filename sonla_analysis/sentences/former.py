"""What is said of the former units whose figures were added."""

from sonla_analysis.language.phrases import phrase
from sonla_analysis.sentences.figures import day


def bridged(review) -> str:
    """Return that figures before a merger are sums of former units, by unit; "" where none are."""
    language = review.language
    said = [
        phrase(
            "page.bridged", language, date=day(since, language), former=former_units(review, since)
        )
        for since in sorted(set(review.formers["since"]))
    ]
    return " ".join(said)


def former_units(review, since: str = "") -> str:
    """Return the names of the former units of this one; of the area, how many they are."""
    rows = review.formers
    rows = rows[rows["since"] == since] if since else rows
    names = rows.drop_duplicates(["former", "former_name"])["former_name"].tolist()
    if review.is_area:
        return phrase("page.former_number", review.language, n=len(names))
    return ", ".join(names)
