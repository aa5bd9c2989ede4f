"""A Word document that people have worked in, opened part by part: what is not changed stays.

Reads what Word and LibreOffice make of ours: runs cut in pieces, other style ids, other names of
parts. A mark is a bookmark of ours; its text is that of all runs between its two ends.
"""

import io
import posixpath
import re
import zipfile
from copy import deepcopy
from dataclasses import dataclass, field

from docx.oxml import parse_xml
from docx.oxml.ns import qn
from lxml import etree

from sonla_analysis.office.word_marks import BOOKMARK, is_page_break, text_element, text_of
from sonla_analysis.office.word_memory import PART, memory_of, with_memory

MAIN = "word/document.xml"
_STORIES = re.compile(r"word/(document|header\d*|footer\d*)\.xml")
_RUN, _PARAGRAPH, _PROPERTIES = qn("w:r"), qn("w:p"), qn("w:rPr")
_TEXTS = {qn(f"w:{name}") for name in ("t", "br", "cr", "tab", "noBreakHyphen", "softHyphen")}
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_PICTURE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_MOST = 300_000_000  # bytes unpacked; a hostile file must not fill the memory


@dataclass
class Spot:
    """Where a mark stands: its two ends and the runs between them."""

    part: str
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


def _paragraph(element):
    return next(element.iterancestors(_PARAGRAPH), None)


class Paper:
    """The parts of a document, by name; `spots` are our marks in them."""

    def __init__(self, content: bytes):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self._entries = archive.infolist()
            if sum(one.file_size for one in self._entries) > _MOST:
                raise zipfile.BadZipFile("too large")
            self._parts = {one.filename: archive.read(one) for one in self._entries}
        self._trees = {
            name: parse_xml(one) for name, one in self._parts.items() if _STORIES.fullmatch(name)
        }
        self.changed = False
        self.memory = memory_of(self._parts.get(PART, b""))
        self.spots = {}
        for name, tree in self._trees.items():
            self._find_spots(name, tree)
        self._number = 20_000 + max((int(n) for n in self._numbers()), default=0)

    def _find_spots(self, part: str, tree) -> None:
        open_spots = {}
        start, end = qn("w:bookmarkStart"), qn("w:bookmarkEnd")
        for one in tree.iter(_RUN, start, end):
            if one.tag == _RUN:
                for spot in open_spots.values():
                    spot.runs.append(one)
            elif one.tag == start and one.get(qn("w:name"), "").startswith(BOOKMARK):
                spot = open_spots[one.get(qn("w:id"))] = Spot(part, one)
                self.spots[one.get(qn("w:name"))] = spot
            elif one.tag == end and one.get(qn("w:id")) in open_spots:
                open_spots.pop(one.get(qn("w:id"))).end = one

    def _numbers(self):
        for tree in self._trees.values():
            for one in tree.iter(qn("w:bookmarkStart")):
                yield one.get(qn("w:id")) if one.get(qn("w:id"), "").isdigit() else 0

    def next_number(self) -> int:
        """Return a number that no bookmark of the document has."""
        self._number += 1
        return self._number

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
        runs = [one for one in spot.runs if any(map(_is_text, one))]
        first = runs[0]
        for run in runs:
            for child in filter(_is_text, list(run)):
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
        name = self._picture_part(spot)
        return self._parts.get(name) if name else None

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
        blips = [blip for run in spot.runs for blip in run.iter(qn("a:blip"))]
        relation = self._relation(spot.part, blips[0].get(qn("r:embed"))) if blips else None
        folder = posixpath.dirname(spot.part)
        return posixpath.normpath(posixpath.join(folder, relation)) if relation else None

    def _relation(self, part: str, key: str) -> str | None:
        relations = parse_xml(self._parts.get(_relations_of(part), b"<none/>"))
        return next((one.get("Target") for one in relations if one.get("Id") == key), None)

    def add_picture(self, content: bytes) -> str:
        """Add a picture to the main part; return the id of its relation."""
        name = _relations_of(MAIN)
        relations = parse_xml(self._parts[name])
        key, place = f"rIdSonla{len(relations)}", f"media/sonla{len(relations)}.png"
        settings = {"Id": key, "Type": _PICTURE, "Target": place}
        relations.append(etree.Element(_RELATIONS, settings))
        self._parts[name] = _packed(relations)
        self._parts[f"word/{place}"] = content
        types = parse_xml(self._parts["[Content_Types].xml"])
        if not any(one.get("Extension", "").lower() == "png" for one in types):
            kind = types.tag.replace("Types", "Default")
            types.insert(0, etree.Element(kind, {"Extension": "png", "ContentType": "image/png"}))
            self._parts["[Content_Types].xml"] = _packed(types)
        return key

    # --- the whole ---

    def ensure_style(self, style) -> None:
        """Add a style that the document does not have (LibreOffice leaves out what is unused)."""
        styles = parse_xml(self._parts["word/styles.xml"])
        known = {one.get(qn("w:styleId")) for one in styles}
        if style is not None and style.get(qn("w:styleId")) not in known:
            styles.append(deepcopy(style))
            self._parts["word/styles.xml"] = _packed(styles)

    def set_title(self, old: str, new: str) -> None:
        """Change the title in the document's properties where it is still ours."""
        core = parse_xml(self._parts.get("docProps/core.xml", b"<none/>"))
        for one in core.iter(_TITLE):
            if one.text == old[:255] and old != new:
                one.text, self.changed = new[:255], True
        self._parts["docProps/core.xml"] = _packed(core)

    def written(self, memory: dict) -> bytes:
        """Return the document as it is now, with what is to be remembered."""
        self._parts[PART] = with_memory(self._parts.get(PART), memory)
        for name, tree in self._trees.items():
            self._parts[name] = _packed(tree)
        file, before = io.BytesIO(), {one.filename: one for one in self._entries}
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self._parts.items():
                entry = before.get(name) or zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
        return file.getvalue()


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return f"{folder}/_rels/{name}.rels"


def _packed(tree) -> bytes:
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)


def _is_text(child) -> bool:
    return child.tag in _TEXTS and not is_page_break(child)


def write_text(run, text: str) -> None:
    """Write a text into a run, its lines one below the other."""
    for place, line in enumerate(text.split("\n")):
        if place:
            etree.SubElement(run, qn("w:br"))
        run.append(text_element(line))


def _looking(run, look):
    """Return a run made bold and italic, or not."""
    run.bold, run.italic = (one or None for one in look)
    return run
