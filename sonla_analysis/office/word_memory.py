"""What a Word document remembers of its making, in its custom properties.

One JSON text, packed and cut into properties of at most 255 letters, which is what Word allows one.
It holds what made the document (unit, date, plan, language, settings of the letterhead) and what
stood in it when it was filled in: nothing that it does not print, and no place of a machine.
"""

import base64
import json
import zlib

from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from lxml import etree

from sonla_analysis.office.document import Document

PART = "docProps/custom.xml"
TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
RELATION = f"{_OFFICE}/relationships/custom-properties"
_NAMES, _VALUES = f"{{{_OFFICE}/custom-properties}}", f"{{{_OFFICE}/docPropsVTypes}}"
_PROPERTY, _NAME, _LETTERS = f"{_NAMES}property", "sonla_", 255
_OWN = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # the set of properties that users define
_MOST = 20_000_000  # letters; a hostile file must not fill the memory


def about_document(document: Document, pieces: list[str]) -> dict:
    """Return what a document is about, and which pieces its template has places for."""
    names = ("unit", "as_of", "plan", "language", "edition", "synthetic", "made_from", "page")
    known = {name: document.record[name] for name in names if name in document.record}
    return known | {"title": document.title, "pieces": pieces}


def remember(word, memory: dict) -> None:
    """Write into a python-docx document what was filled in, beside the properties it has."""
    package = word.part.package
    for relation in package.rels.values():
        if relation.reltype == RELATION:
            relation.target_part._blob = with_memory(relation.target_part.blob, memory)
            return
    part = Part(PackURI(f"/{PART}"), TYPE, with_memory(None, memory), package)
    package.relate_to(part, RELATION)


def with_memory(content: bytes | None, memory: dict) -> bytes:
    """Return a part of custom properties in which this is remembered, its other ones as they are.

    >>> memory_of(with_memory(None, {"unit": "03646"}))
    {'unit': '03646'}
    """
    root = parse_xml(content) if content else _empty()
    for one in list(root):
        if one.get("name", "").startswith(_NAME):
            root.remove(one)
    used = max((int(one.get("pid", 1)) for one in root), default=1)
    for place, text in enumerate(_cut(memory)):
        names = {"fmtid": _OWN, "pid": str(used + 1 + place), "name": f"{_NAME}{place:04d}"}
        own = etree.SubElement(root, _PROPERTY, names)
        etree.SubElement(own, f"{_VALUES}lpwstr").text = text
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)


def _empty():
    return etree.Element(f"{_NAMES}Properties", nsmap={None: _NAMES[1:-1], "vt": _VALUES[1:-1]})


def _cut(memory: dict) -> list[str]:
    plain = json.dumps(memory, ensure_ascii=False, separators=(",", ":")).encode()
    text = base64.b64encode(zlib.compress(plain, 9)).decode()
    return [text[start : start + _LETTERS] for start in range(0, len(text), _LETTERS)]


def memory_of(content: bytes) -> dict | None:
    """Return what a part of custom properties remembers; None when it is nothing of ours."""
    try:
        own = [one for one in parse_xml(content) if one.get("name", "").startswith(_NAME)]
        texts = {one.get("name"): "".join(one.itertext()).strip() for one in own}
        packed = "".join(texts[name] for name in sorted(texts))
        plain = zlib.decompressobj().decompress(base64.b64decode(packed), _MOST)
        memory = json.loads(plain)
    except (etree.XMLSyntaxError, ValueError, zlib.error):
        return None
    return memory if isinstance(memory, dict) else None


def is_whole(memory: dict) -> bool:
    """Tell whether all is there that `sonla refresh` needs, each of its kind."""
    texts = [memory.get(name) for name in ("unit", "as_of", "plan", "language", "format", "title")]
    texts += [*memory.get("pieces", [None]), *memory.get("held", {None: None}).values()]
    settings = memory.get("settings", {})
    texts += [one for value in settings.values() for one in (value if value != [] else [""])]
    return all(isinstance(one, str) for one in texts) and isinstance(memory["pieces"], list)
