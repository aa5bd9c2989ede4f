"""The frame of an official document under Decree 30/2020/NĐ-CP: who, to whom, when, signed how.

Texts stand in the words' section `office`; what the record of the page does not tell (number,
date, signer, recipients) comes from the exporter's settings, or is left blank to be filled in.
"""

from dataclasses import dataclass
from itertools import takewhile

from traitlets import List, Unicode

from sonla_analysis.language.phrases import label, phrase
from sonla_analysis.language.vietnamese import slug
from sonla_analysis.office.document import Document, Grid, clean
from sonla_analysis.office.exporter import DocumentExporter
from sonla_analysis.sentences import day

ALPHABET = "abcdđeghiklmnopqrstuvxy"  # điểm a), b), c), d), đ), e) …
_NOBODY = "?"  # stands for a superior agency that the page does not name
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


@dataclass(frozen=True)
class Frame:
    """The texts around a report, all of one line each but `agency`, `recipients`, `annexes`."""

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
    annexes: list[str]
    annexed_to: str
    synthetic: str
    ward: str
    date: str

    def word(self, name: str, /, **values) -> str:
        """Return a fixed text of the document in its language."""
        return phrase(f"office.{name}", self.language, **values)


class OfficeExporter(DocumentExporter):
    """Settings that Word and PDF share; an empty one is taken from the page or left blank."""

    number = Unicode(help="Number of the document, such as 05; left to be filled in.").tag(
        config=True
    )
    date = Unicode(help="Date of issue, such as 2021-01-05; left to be filled in.").tag(config=True)
    place = Unicode(help="Place of issue; by default the unit's name.").tag(config=True)
    superior = Unicode(help="The superior agency, above the issuing one.").tag(config=True)
    agency = Unicode(help="The issuing agency; a | begins a new line.").tag(config=True)
    addressee = Unicode(help="Whom the report is addressed to (Kính gửi).").tag(config=True)
    on_behalf = Unicode(help="TM., KT., TL. and for whom.").tag(config=True)
    position = Unicode(help="Position of the signer.").tag(config=True)
    signer = Unicode(help="Name of the signer.").tag(config=True)
    recipients = List(Unicode(), help="The list Nơi nhận, one entry each.").tag(config=True)

    def frame(self, document: Document) -> Frame:
        """Return the texts around a document."""
        return frame_of(document, {name: getattr(self, name) for name in _SETTINGS})


_SETTINGS = ("number", "date", "place", "superior", "agency", "addressee")
_SETTINGS += ("on_behalf", "position", "signer", "recipients")


def frame_of(document: Document, settings: dict) -> Frame:
    """Return the texts around a document, from its record and the settings given.

    >>> record = {"unit_name": "xã Hua La", "area_name": "thành phố Sơn La", "is_area": False}
    >>> frame = frame_of(Document(record, [], []), {"number": "05", "date": "2021-01-05"})
    >>> frame.superior, frame.agency, frame.number
    ('UBND THÀNH PHỐ SƠN LA', ['ỦY BAN NHÂN DÂN', 'XÃ HUA LA'], 'Số: 05/BC-UBND')
    >>> frame.place_and_date
    'Hua La, ngày 05 tháng 01 năm 2021'
    """
    language, record = document.language, document.record
    word, given = _words(language), {name: one for name, one in settings.items() if one}
    texts = _defaults(record, language) | given
    number = given.get("number", word("blank_number"))
    date = day(given["date"], language, long=True) if "date" in given else word("blank_date")
    committee, parts = word("committee", unit=_unit(record)), annex_parts(document)
    frame = Frame(
        language=language,
        superior=texts["superior"],
        agency=texts["agency"].split("|"),
        number=word("number", number=number),
        place_and_date=f"{texts['place']}, {date}",
        subject=_subject(document.title, word("type"), _unit(record)),
        addressee=word("addressee", name=texts["addressee"]) if texts["addressee"] else "",
        opening=_opening(record, committee, word),
        closing=word("closing", committee=committee, annexes=_annexed(len(parts), word)),
        on_behalf=texts["on_behalf"],
        position=texts["position"],
        signer=texts["signer"],
        recipients=[f"- {one}" for one in texts["recipients"]],
        annexes=[word("annex", n=roman(place + 1)) for place in range(len(parts))],
        annexed_to=word("annexed_to", number=number, date=date, committee=committee),
        synthetic=word("synthetic") if record.get("synthetic") else "",
        ward=_unit(record),
        date=date,
    )
    return Frame(**{name: _cleaned(value) for name, value in vars(frame).items()})


def _defaults(record: dict, language: str) -> dict:
    """Return what stands in the frame when no setting says otherwise."""
    word, unit, parent = _words(language), _unit(record), _parent(record)
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


def _parent(record: dict) -> str:
    """Return the unit above: as the page names it; above a ward always the area."""
    return record.get("parent_name") or (
        "" if record.get("is_area") else record.get("area_name", "")
    )


def _words(language: str):
    return lambda key, /, **values: phrase(f"office.{key}", language, **values)


def _cleaned(value):
    return [clean(one) for one in value] if isinstance(value, list) else clean(value)


def _place(unit: str, language: str) -> str:
    """Return the place of issue: the unit's bare name, with its kind when it is a person's."""
    words = unit.split()
    capital = [place for place, word in enumerate(words) if word[:1].isupper()]
    bare = " ".join(words[capital[0] : capital[-1] + 1]) if capital else unit
    try:
        return phrase(f"office_place.{slug(bare)}", language)
    except (KeyError, ValueError):
        return bare


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
    return word(
        "opening",
        plan=record["plan_number"],
        issued=day(record["plan_issued"], record["language"]),
        issuer=record["issuer"],
        committee=committee,
        date=record["date_text"],
    )


def annex_parts(document: Document) -> list[list[Grid]]:
    """Return the annexes: the official forms make one, all other tables the next."""
    forms = [one for one in document.annexes if one.numbers]
    others = [one for one in document.annexes if not one.numbers]
    return [part for part in (forms, others) if part]


def annex_title(part: list[Grid], language: str) -> str:
    """Return an annex's title: of its one table, or of them all."""
    if len(part) == 1:
        return part[0].title.upper()
    return phrase(f"office.annex_{'forms' if part[0].numbers else 'tables'}", language)


def _annexed(count: int, word) -> str:
    if not count:
        return ""
    names = [roman(place + 1) for place in range(count)]
    return word("annexed_one" if count == 1 else "annexed", first="I", names=", ".join(names))


def _recipients(record: dict, parent: str, word) -> list[str]:
    kind = " ".join(takewhile(str.islower, record.get("unit_name", "").split(" ")))
    party = label("office_party", slug(kind), record.get("language", "vi"))
    if party == slug(kind):
        party = phrase("office_party.other", record.get("language", "vi"))
    key = "recipients_area" if record.get("is_area") else "recipients_unit"
    listed = word(key, parent=parent or _NOBODY, kind=kind, party=party).split("|")
    return [one for one in listed if _NOBODY not in one]


def roman(number: int) -> str:
    """Return a number from 1 to 39 in Roman figures.

    >>> roman(4), roman(9), roman(12)
    ('IV', 'IX', 'XII')
    """
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text


def numbered(headings) -> list[str]:
    """Return the mark of every heading level in turn: I., 1., a) with the Vietnamese letter đ.

    >>> numbered([1, 2, 2, 3, 1, 2])
    ['I.', '1.', '2.', 'a)', 'II.', '1.']
    """
    counts, marks = [0, 0, 0], []
    for level in headings:
        level = min(level, 3)
        counts[level - 1] += 1
        counts[level:] = [0] * (3 - level)
        number = counts[level - 1]
        marks.append((f"{roman(number)}.", f"{number}.", f"{_letter(number)})")[level - 1])
    return marks


def _letter(number: int) -> str:
    return ALPHABET[(number - 1) % len(ALPHABET)]
