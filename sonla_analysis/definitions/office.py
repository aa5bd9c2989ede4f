"""Who the office is: `office.toml` of a working folder, read and checked."""

from pathlib import Path

from sonla_analysis.definitions import toml_files as definition
from sonla_analysis.definitions.editions import EDITIONS
from sonla_analysis.definitions.folders import OFFICE
from sonla_analysis.definitions.outline import load_outline
from sonla_analysis.definitions.toml_files import Faults, check_choice, check_date, check_keys

# of the letterhead (`office.letterhead`): one line each; a | in `agency` begins a new line
TEXTS = ("agency", "superior", "place", "signer", "position", "on_behalf", "addressee")
DATES = ("as_of", "due")  # the day of the figures; the last day to send them
LETTERS = ("symbol", "contact")  # of a letter that asks for corrections
_KEYS = (*TEXTS, *LETTERS, *DATES, "recipients", "edition", "outline")


def load_office(folder: str | Path | None) -> dict:
    """Return what an office says of itself: `letterhead` (settings), `letter`, `as_of`, `due`,
    `edition`, `outline` (the parts of its reports: an id or a file in its folder).

    What it leaves blank or out is no setting of the letterhead, and a date "". Without a folder, or
    a file in it, all of it is. Refused with all faults at once.

    >>> load_office(None)
    {'letterhead': {}, 'letter': {}, 'as_of': '', 'due': '', 'edition': 'public', 'outline': ''}
    """
    path = Path(folder or "") / OFFICE
    content = definition.parsed(path, OFFICE) if folder is not None and path.is_file() else {}
    check_keys(content, _KEYS, OFFICE, optional=_KEYS)
    faults, given = Faults(), {key: one for key, one in content.items() if one != ""}
    for key, value in given.items():
        faults.of(_CHECKS.get(key, definition.check_text), value, f"{OFFICE}: {key}")
    faults.refuse()
    letterhead = {key: one for key, one in given.items() if key in (*TEXTS, "recipients") and one}
    dates = {key: given.get(key, "") for key in DATES}
    letter = {key: given[key] for key in LETTERS if key in given}
    return {
        "letterhead": letterhead,
        "letter": letter,
        **dates,
        "edition": given.get("edition", EDITIONS[0]),
        "outline": _outline(given.get("outline", ""), Path(folder or "")),
    }


def _outline(name: str, folder: Path) -> str:
    """Return the id of an outline, or where an office's own lies; refuse one that is wrong."""
    if name.endswith(".toml"):
        name = str(folder / name)
    if name:
        load_outline(name)
    return name


def _check_texts(value, where: str) -> None:
    """Refuse what is no list of texts; it may be empty."""
    if value != []:
        definition.check_list(value, where, definition.check_text)


_CHECKS = dict.fromkeys(DATES, check_date) | {"recipients": _check_texts}
_CHECKS |= {"edition": lambda value, where: check_choice(value, EDITIONS, where)}
