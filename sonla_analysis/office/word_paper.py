"""A Word document that people have worked in, opened part by part: what is not changed stays.

Reads what Word and LibreOffice make of ours: runs cut in pieces, other style ids, other names of
parts. Not with python-docx, which refuses some of what Word opens (a picture never fetched). A mark
is a bookmark of ours; its text is that of all runs between its two ends.
"""

import io
import posixpath
import re
import zipfile
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count

from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.text.run import Run
from lxml import etree

from sonla_analysis.office.word_marks import (
    BOOKMARK,
    is_text,
    picture_mark,
    text_element,
    text_of,
)
from sonla_analysis.office.word_memory import PART, memory_of, with_memory

_RUN, _START, _END = qn("w:r"), qn("w:bookmarkStart"), qn("w:bookmarkEnd")
_PARAGRAPH, _PROPERTIES = qn("w:p"), qn("w:rPr")
_STORIES = re.compile(r"word/(document|header\d*|footer\d*)\.xml")
_CORE = "docProps/core.xml"
_RELATIONS = "word/_rels/document.xml.rels"
_PICTURE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_MOST = 300_000_000  # bytes unpacked; a hostile file must not fill the memory


@dataclass
class Spot:
    """Where a mark stands: its two ends and the runs between them."""

    start: object
    end: object = None
    runs: list = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text as it stands now; of several paragraphs it equals no text of ours."""
        paragraphs = {id(_paragraph(one)) for one in self.runs}
        return text_of(self.runs) + "\ue005" * (len(paragraphs) - 1)

    @property
    def paragraph(self):
        return _paragraph(self.runs[0]) if self.runs else None

    @property
    def picture(self):
        """The reference to the picture that it has, None where it has none (any more)."""
        return next((blip for run in self.runs for blip in run.iter(qn("a:blip"))), None)


def _paragraph(element):
    return next(element.iterancestors(_PARAGRAPH), None)


def spots_in(trees) -> dict[str, Spot]:
    """Return where our marks stand in the elements of a document, by their names in it."""
    spots = {}
    for tree in trees:
        still_open = {}
        for one in tree.iter(_RUN, _START, _END):
            if one.tag == _RUN:
                for spot in still_open.values():
                    spot.runs.append(one)
            elif one.tag == _START and one.get(qn("w:name"), "").startswith(BOOKMARK):
                spots[one.get(qn("w:name"))] = still_open[one.get(qn("w:id"))] = Spot(one)
            elif one.tag == _END and one.get(qn("w:id")) in still_open:
                still_open.pop(one.get(qn("w:id"))).end = one
    return spots


class Paper:
    """The parts of a document, by name; `spots` are our marks in them."""

    def __init__(self, content: bytes):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self._entries = archive.infolist()
            if sum(one.file_size for one in self._entries) > _MOST:
                raise zipfile.BadZipFile("too large")
            self._parts = {one.filename: archive.read(one) for one in self._entries}
        stories = filter(_STORIES.fullmatch, self._parts)
        self._trees = {name: parse_xml(self._parts[name]) for name in stories}
        self.changed = False
        self.memory = memory_of(self._parts.get(PART, b""))
        self.spots = spots_in(self._trees.values())
        marks = [one for tree in self._trees.values() for one in tree.iter(_START)]
        used = [int(one.get(qn("w:id"))) for one in marks if one.get(qn("w:id"), "").isdigit()]
        self.numbers = count(20_001 + max(used, default=0))  # those of no bookmark in it

    # --- texts ---

    def widen(self, spot: Spot, text: str) -> None:
        """Let a mark that lost a letter at its end hold its paragraph, where that is the text.

        LibreOffice takes one off at the very beginning of a document and at the end of a section.
        """
        if spot.text == text or spot.text not in text or spot.paragraph is None:
            return
        runs = list(spot.paragraph.iter(_RUN))
        for own in (runs, runs[1:]):
            if own and text_of(own) == text:
                spot.runs = own
                own[0].addprevious(spot.start)
                own[-1].addnext(spot.end)

    def set_text(self, spot: Spot, looks: list[tuple]) -> None:
        """Set a mark's text: pieces of (text, bold, italic), in the look it has in the document."""
        self.changed = True
        runs = [one for one in spot.runs if any(map(is_text, one))]
        first = runs[0]
        for run in runs:
            for child in filter(is_text, list(run)):
                run.remove(child)
        for text, *look in reversed(looks[1:]):
            made = _looking(deepcopy(first), look)
            write_text(made, text)
            first.addnext(made)
        write_text(_looking(first, looks[0][1:]) if len(looks) > 1 else first, looks[0][0])
        for run in runs[1:]:
            if all(child.tag == _PROPERTIES for child in run):
                run.getparent().remove(run)

    # --- pictures ---

    def picture(self, spot: Spot) -> bytes | None:
        """Return the picture of a mark; None when there is none any more."""
        return self._parts.get(self._picture_part(spot))

    def set_picture(self, spot: Spot, content: bytes, size: tuple[int, int], alt: str) -> None:
        """Put another picture in the place of one, as wide as it is there."""
        self.changed = True
        self._parts[self._picture_part(spot)] = content
        for run in spot.runs:
            for one in run.iter(qn("wp:extent"), qn("a:ext")):
                if one.get("cx"):
                    one.set("cy", str(round(int(one.get("cx")) * size[1] / size[0])))
            for one in run.iter(qn("wp:docPr"), qn("pic:cNvPr")):
                one.set("descr", alt)

    def _picture_part(self, spot: Spot) -> str | None:
        key = spot.picture.get(qn("r:embed")) if spot.picture is not None else None
        relations = parse_xml(self._parts.get(_RELATIONS, b"<none/>"))
        targets = {one.get("Id"): one.get("Target") for one in relations}
        return posixpath.normpath(f"word/{targets[key]}") if key in targets else None

    def add_picture(self, content: bytes) -> str:
        """Add a picture to the main part; return the id of its relation."""
        relations = parse_xml(self._parts[_RELATIONS])
        key, place = f"rIdSonla{len(relations)}", f"media/sonla{len(relations)}.png"
        _add(relations, len(relations), "Relationship", Id=key, Type=_PICTURE, Target=place)
        types = parse_xml(self._parts["[Content_Types].xml"])
        if not any(one.get("Extension", "").lower() == "png" for one in types):
            _add(types, 0, "Default", Extension="png", ContentType="image/png")
        self._parts |= {f"word/{place}": content, _RELATIONS: _packed(relations)}
        self._parts["[Content_Types].xml"] = _packed(types)
        return key

    # --- the whole ---

    def holds(self, spot: Spot, was: str) -> str | None:
        """Return what stands there, as it `was` remembered; None for a picture that is gone."""
        if not was.startswith("sha256:"):
            return spot.text
        content = self.picture(spot)
        return content and picture_mark(content)

    def ensure_style(self, style) -> None:
        """Add a style that the document does not have (LibreOffice leaves out what is unused)."""
        styles = parse_xml(self._parts["word/styles.xml"])
        if style is not None and styles.get_by_id(style.styleId) is None:
            styles.append(deepcopy(style))
            self._parts["word/styles.xml"] = _packed(styles)

    def set_title(self, old: str, new: str) -> None:
        """Change the title in the document's properties where it is still ours."""
        core = parse_xml(self._parts.get(_CORE, b"<none/>"))
        for one in core.iter(_TITLE):
            if one.text == old[:255] and old != new:
                one.text, self.changed = new[:255], True
                self._parts[_CORE] = _packed(core)

    def written(self, memory: dict) -> bytes:
        """Return the document as it is now, with what is to be remembered."""
        self._parts[PART] = with_memory(self._parts.get(PART), memory)
        self._parts |= {name: _packed(tree) for name, tree in self._trees.items()}
        file, before = io.BytesIO(), {one.filename: one for one in self._entries}
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self._parts.items():
                entry = before.get(name) or zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
        return file.getvalue()


def _packed(tree) -> bytes:
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)


def _add(parent, place: int, name: str, **settings: str) -> None:
    """Add an element of the parent's own names."""
    parent.insert(place, etree.Element(f"{{{etree.QName(parent).namespace}}}{name}", settings))


def write_text(run, text: str) -> None:
    """Write a text into a run, its lines one below the other."""
    for place, line in enumerate(text.split("\n")):
        if place:
            etree.SubElement(run, qn("w:br"))
        run.append(text_element(line))


def _looking(run, look):
    """Return a run made bold and italic, or not."""
    shown = Run(run, None)
    shown.bold, shown.italic = (one or None for one in look)
    return run
