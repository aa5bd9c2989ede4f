"""The letterhead of an official document, Decree 30/2020/NĐ-CP: who, to whom, when, signed how.

Texts stand in the words' section `office`; what the record of the page does not tell (number,
date, signer, recipients) comes from the exporter's settings, or is left blank to be filled in.
"""

from dataclasses import dataclass
from itertools import takewhile

from sonla_analysis.language.phrases import has, phrase
from sonla_analysis.language.vietnamese import slug
from sonla_analysis.office.blocks import cleaned
from sonla_analysis.office.document import Document, roman
from sonla_analysis.sentences import day

_NOBODY = "?"  # stands for a superior agency that the page does not name


@dataclass(frozen=True)
class Letterhead:
    """The texts around a report, all of one line each but `agency` and `recipients`."""

    language: str
    superior: str
    agency: list[str]
    number: str
    place_and_date: str
    subject: str
    addressee: str
    opening: str
    closing: str
    on_behalf: str
    position: str
    signer: str
    recipients: list[str]
    annexed_to: str
    synthetic: str
    ward: str
    date: str
    internal: str = ""

    def word(self, name: str, /, **values) -> str:
        """Return a fixed text of the document in its language."""
        return phrase(f"office.{name}", self.language, **values)


SETTINGS = ("number", "date", "place", "superior", "agency", "addressee")
SETTINGS += ("on_behalf", "position", "signer", "recipients")


def letterhead_of(document: Document, settings: dict) -> Letterhead:
    """Return the texts around a document, from its record and the settings given.

    >>> record = {"unit_name": "xã Hua La", "area_name": "thành phố Sơn La", "is_area": False}
    >>> settings = {"number": "05", "date": "2021-01-05"}
    >>> made = letterhead_of(Document(record, [], []), settings)
    >>> made.superior, made.agency, made.number
    ('UBND THÀNH PHỐ SƠN LA', ['ỦY BAN NHÂN DÂN', 'XÃ HUA LA'], 'Số: 05/BC-UBND')
    >>> made.place_and_date
    'Hua La, ngày 05 tháng 01 năm 2021'
    """
    language, record = document.language, document.record
    word, given = _words(language), {name: one for name, one in settings.items() if one}
    texts = _defaults(record, language) | given
    number = given.get("number", word("blank_number"))
    date = day(given["date"], language, long=True) if "date" in given else word("blank_date")
    committee, annexes = word("committee", unit=_committee_of(record)), _annexed(document, word)
    made = Letterhead(
        language=language,
        superior=texts["superior"],
        agency=texts["agency"].split("|"),
        number=word("number", number=number),
        place_and_date=f"{texts['place']}, {date}",
        subject=_subject(document.title, word("type"), _unit(record)),
        addressee=word("addressee", name=texts["addressee"]) if texts["addressee"] else "",
        opening=_opening(record, committee, word),
        closing=word("closing", committee=committee, annexes=annexes),
        on_behalf=texts["on_behalf"],
        position=texts["position"],
        signer=texts["signer"],
        recipients=[f"- {one}" for one in texts["recipients"]],
        annexed_to=word("annexed_to", number=number, date=date, committee=committee),
        synthetic=word("synthetic") if record.get("synthetic") else "",
        internal=document.internal,
        ward=_unit(record),
        date=date,
    )
    return Letterhead(**cleaned(vars(made)))


def _defaults(record: dict, language: str) -> dict:
    """Return what stands there when no setting says otherwise."""
    word, unit, parent = _words(language), _committee_of(record), _parent(record)
    return {
        "superior": word("superior", unit=parent.upper()) if parent else "",
        "agency": f"{word('agency')}|{unit.upper()}",
        "place": _place(unit, language),
        "addressee": "",
        "on_behalf": word("on_behalf"),
        "position": word("position"),
        "signer": "",
        "recipients": _recipients(record, parent, word),
    }


def _unit(record: dict) -> str:
    return record.get("unit_name", "……")


def _committee_of(record: dict) -> str:
    """Return the unit whose committee reports: a former city that is an area only has none."""
    return record.get("committee_of") or _unit(record)


def _parent(record: dict) -> str:
    """Return the unit above: as the page names it; above a ward always the area."""
    return record.get("parent_name") or (
        "" if record.get("is_area") else record.get("area_name", "")
    )


def _words(language: str):
    return lambda key, /, **values: phrase(f"office.{key}", language, **values)


def _place(unit: str, language: str) -> str:
    """Return the place of issue: the unit's bare name, with its kind when it is a person's."""
    words = unit.split()
    capital = [place for place, word in enumerate(words) if word[:1].isupper()]
    bare = " ".join(words[capital[0] : capital[-1] + 1]) if capital else unit
    known = has("office_place", slug(bare))
    return phrase(f"office_place.{slug(bare)}", language) if known else bare


def _subject(title: str, kind: str, unit: str) -> str:
    """Return the trích yếu: the title without the word that stands above it, the unit unbroken.

    >>> _subject("Báo cáo tiến độ của xã Hua La", "BÁO CÁO", "xã Hua La")
    'Tiến độ\\ncủa xã Hua La'
    """
    if title.casefold().startswith(kind.casefold() + " "):
        title = title[len(kind) + 1 :]
    subject = title[:1].upper() + title[1:]
    return subject.replace(f" của {unit}", f"\ncủa {unit}").replace(f": {unit}", f":\n{unit}")


def _opening(record: dict, committee: str, word) -> str:
    if "plan_issued" not in record:
        return ""
    page = record.get("page", "")
    return word(
        f"opening_{page}" if has("office", f"opening_{page}") else "opening",
        plan=record["plan_number"],
        issued=day(record["plan_issued"], record["language"]),
        issuer=record["issuer"],
        committee=committee,
        date=record["date_text"],
    )


def _annexed(document: Document, word) -> str:
    names = [roman(place + 1) for place in range(len(document.annexes))]
    if not names:
        return ""
    return word("annexed_one" if len(names) == 1 else "annexed", first="I", names=", ".join(names))


def _recipients(record: dict, parent: str, word) -> list[str]:
    kind = " ".join(takewhile(str.islower, record.get("unit_name", "").split(" ")))
    name = slug(kind) if has("office_party", slug(kind)) else "other"
    party = phrase(f"office_party.{name}", record.get("language", "vi"))
    key = "recipients_area" if record.get("is_area") else "recipients_unit"
    listed = word(key, parent=parent or _NOBODY, kind=kind, party=party).split("|")
    return [one for one in listed if _NOBODY not in one]
