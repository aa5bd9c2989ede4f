"""What the author of a report must still write, and the facts that belong there.

Facts are true sentences of the record: what is missed, by how much and in which units, what is
missing in the data. Causes are never worked out: they are a place to be filled in, and so is
whatever else only the office knows.
"""

import pandas as pd

from sonla_analysis.indicators.of_review import progress_rows
from sonla_analysis.indicators.standing import UNMET, by_size
from sonla_analysis.language.phrases import phrase
from sonla_analysis.sentences.figures import left, name_of, number, target
from sonla_analysis.sentences.opening import poverty
from sonla_analysis.sentences.shared import MOST_NAMED, unit_names
from sonla_analysis.sentences.statements import sentence, silence, targets_met

_OPEN = ("no_data", "undecided")
PIECES = ("direction", "strengths", "shortcomings", "causes", "tasks", "proposals")


def prompts(review) -> dict:
    """Return what a document holds beside what its page says.

    `opening`: its first paragraphs, none where a page's own say all that is known; `facts` and
    `prompts`: for each piece of an outline its true sentences, and the places to be filled in.

    >>> from sonla_analysis.definitions.folders import sample_folder
    >>> from sonla_analysis.review import open_review
    >>> found = prompts(open_review(sample_folder(), "03679", "2020-12-31"))
    >>> found["facts"]["tasks"][0]
    'Nước hợp vệ sinh: còn 7 hộ nghèo chưa có nước hợp vệ sinh.'
    >>> found["facts"]["causes"], found["prompts"]["causes"][0]
    ([], '[Nguyên nhân khách quan: …]')
    """
    status = review.now["status"]
    missed = by_size(review.now, status.index[status.isin(UNMET)])
    waiting = list(status.index[status.isin(_OPEN)])
    facts = {
        "strengths": _together(review, "met", list(status.index[status == "met"])),
        "shortcomings": [_shortcoming(review, name) for name in missed] + _missing(review, waiting),
        "tasks": [_task(review, name) for name in missed] + _together(review, "complete", waiting),
    }
    facts = {piece: facts.get(piece, []) for piece in PIECES}
    targets = " ".join(filter(None, [silence(review), targets_met(review)]))
    paragraphs = [poverty(review), targets] if poverty(review) else []
    return {"opening": paragraphs, "facts": facts, "prompts": _places(review, facts, missed)}


def _names(review, names) -> str:
    return "; ".join(review.plan[name].short[review.language] for name in names)


def _together(review, key: str, names: list[str]) -> list[str]:
    """Return one sentence for these targets together; none where there are none."""
    words = {"n": len(names), "names": _names(review, names)}
    return [phrase(f"fact.{key}", review.language, **words)] if names else []


def _shortcoming(review, name: str) -> str:
    return sentence(review, name) + (_where(review, name) if review.is_area else "")


def _units_of(review, name: str) -> pd.DataFrame:
    return progress_rows(review, indicator=name, level="unit").set_index("unit")


def _where(review, name: str) -> str:
    """Return in which units how much is missing: of a target of units all, else the most."""
    units, indicator = _units_of(review, name), review.plan[name]
    if indicator.applies_to == "unit":
        return _listed(review, "where", units["still_needed"])
    units = units[units["state"].eq("reported") & units["unknown"].eq(0)]
    if indicator.kind != "share":
        return ""
    if indicator.lower_is_better:
        return _listed(review, "where_most_counted", units["numerator"], 3)
    return _listed(review, "where_most", units["denominator"] - units["numerator"], 3)


def _listed(review, key: str, sizes: pd.Series, most: int = MOST_NAMED) -> str:
    sizes = sizes.fillna(0).astype("int64")
    sizes = sizes[sizes > 0].sort_values(ascending=False, kind="stable")
    if sizes.empty:
        return ""
    texts = [_unit(review, code, n) for code, n in sizes.items()]
    units = ", ".join(texts[:most])
    if key == "where" and len(texts) > most:
        units = phrase("fact.more", review.language, units=units, n=len(texts) - most)
    return phrase(f"fact.{key}", review.language, units=units)


def _unit(review, code: str, n: int) -> str:
    words = {"unit": name_of(review, code), "n": number(n, review.language)}
    return phrase("fact.unit", review.language, **words)


def _missing(review, names: list[str]) -> list[str]:
    """Return what cannot be judged and why; of more than two for the same reason in one line."""
    reasons = {}
    for name in names:
        reasons.setdefault(_reason(review, name), []).append(name)
    said = []
    for reason, alike in reasons.items():
        why, silent = reason
        if len(alike) > 2 and why != "other":
            found = _together(review, why, alike)
        else:
            found = [sentence(review, name) for name in alike]
        said += [one + silent for one in found]
    return said


def _reason(review, name: str) -> tuple[str, str]:
    """Return why a figure cannot be judged, and of the area whose figures are not there."""
    row = review.now.loc[name]
    why = row["state"] if row["state"] in ("not_reported", "withheld", "incomplete") else "other"
    return f"{why}_many" if why != "other" else why, _silent(review, name)


def _silent(review, name: str) -> str:
    if not review.is_area:
        return ""
    state, text = _units_of(review, name)["state"], ""
    for key, why in (("silent", "not_reported"), ("withheld", "withheld")):
        units = unit_names(review, list(state.index[state == why]))
        known = 0 < (state == why).sum() < len(state)
        text += phrase(f"fact.{key}", review.language, units=units) if known else ""
    return text


def _task(review, name: str) -> str:
    language, indicator = review.language, review.plan[name]
    short, remains = indicator.short[language], left(review.now.loc[name], indicator, language)
    if remains:
        return phrase("fact.task", language, short=short, left=remains)
    goal = target(indicator, language, words=True)
    return phrase("fact.task_plain", language, short=short, target=goal)


def _places(review, facts: dict, missed: list[str]) -> dict[str, list[str]]:
    """Return the places to be filled in; proposals by the office in charge of what is missed."""
    language, places = review.language, {}
    for piece in PIECES:
        none = piece in ("shortcomings", "tasks") and not facts[piece]
        places[piece] = phrase(f"prompt.{piece}{'_none' * none}", language).split("|")
    owners = {}
    for name in missed:
        owners.setdefault(review.plan[name].owner[language], []).append(name)
    for owner, names in owners.items():
        words = {"owner": owner, "names": _names(review, names)}
        places["proposals"].append(phrase("prompt.owner", language, **words))
    return places
