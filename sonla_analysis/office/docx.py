"""The report as a Word document under Decree 30/2020/NĐ-CP, in the office's template or ours."""

import io
from collections import Counter
from datetime import datetime
from pathlib import Path

from traitlets import Unicode, default

from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import SonlaError, UsageError
from sonla_analysis.office.document import Document
from sonla_analysis.office.office import OfficeExporter
from sonla_analysis.office.package import repacked
from sonla_analysis.office.word_body import PAPER, WordBody, png_of, png_size
from sonla_analysis.office.word_fill import CLOSE, OPEN, context_of, fill
from sonla_analysis.office.word_template import FOLDER, styles
from sonla_analysis.office.word_xml import SPACES

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


class WordExporter(OfficeExporter):
    """An executed notebook → a Word document, the same bytes for the same notebook."""

    export_from_notebook = "Sonla: báo cáo Word (.docx)"
    output_mimetype = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    word_template = Unicode(help="The office's own template (.docx).").tag(config=True)

    @default("file_extension")
    def _file_extension_default(self):
        return ".docx"

    def written(self, document: Document) -> bytes:
        """Return the document in this exporter's format."""
        template, name = self._template(document.language)
        return word_document(document, self.frame(document), template, name)

    def _template(self, language: str) -> tuple[bytes, str]:
        if not self.word_template:
            return (FOLDER / f"report_{language}.docx").read_bytes(), f"report_{language}.docx"
        path = Path(self.word_template).expanduser()
        if not path.is_file():
            raise UsageError(message("template.not_word", file=str(path)))
        return path.read_bytes(), path.name


def word_document(document, frame, template: bytes, name: str = "template") -> bytes:
    """Return the document in a template; refuse to lose a paragraph, a table or a picture."""
    filled = fill(template, context_of(document, frame), name)
    word = filled.document
    _add_styles(word, document.language)
    body = WordBody(document, frame, _Links(word), _Images(word))
    marks = _put_in(word, body, name)
    if frame.synthetic and "synthetic" not in filled.names:  # said in every template
        word.element.body.insert(0, _xml(body.text("SonlaNotice", frame.synthetic))[0])
    _set_properties(word, document)
    file = io.BytesIO()
    word.save(file)
    content = repacked(file.getvalue())
    expected = body.written + Counter(paragraphs=filled.paragraphs - marks)
    _read_back(content, expected, name)
    return content


# --- the pieces put in -------------------------------------------------------------------


def _put_in(word, body: WordBody, name: str) -> int:
    """Replace every mark by its piece; return how many paragraphs made way.

    Annexes that the template has no place for follow at the end, when it has one for the body.
    """
    element = word.element.body
    marks, named = 0, set()
    for paragraph in [one for one in element.iter(f"{_W}p") if OPEN in _text(one)]:
        what = _text(paragraph).strip()
        if not (what.startswith(OPEN) and what.endswith(CLOSE)) or what.count(OPEN) > 1:
            raise UsageError(message("template.alone", file=name, found=what.strip(OPEN + CLOSE)))
        what = what[1:-1]
        named.add(what)
        if what == "annexes":
            _put_annexes(paragraph, body)
        else:
            _replace(paragraph, _piece(what, body, paragraph))
            marks += 1
    if "body" in named and "annexes" not in named and body.document.annexes:
        last = _xml("<w:p/>")[0]
        element.insert(len(element) - 1, last)
        body.written["paragraphs"] += 1
        _put_annexes(last, body)
    return marks


def _piece(what: str, body: WordBody, paragraph) -> str:
    if what == "body":
        return body.body()
    kind, _, slug = what.partition(":")
    room = _room(paragraph)
    if kind == "chart":
        chart = next(one for one in body.document.pictures if one.slug == slug)
        return body.picture(chart, room)
    return body.table(next(one for one in body.document.tables if one.slug == slug), room)


def _room(paragraph) -> float:
    """Return the width of the cell or page a paragraph stands in, in millimetres."""
    cell = paragraph.getparent()
    width = cell.find(f"{_W}tcPr/{_W}tcW") if cell.tag == f"{_W}tc" else None
    if width is not None and width.get(f"{_W}type") == "dxa":
        return int(width.get(f"{_W}w")) * 25.4 / 1440 - 4
    section = _section_after(paragraph)
    size, margin = section.find(f"{_W}pgSz"), section.find(f"{_W}pgMar")
    if size is None or margin is None:
        return PAPER[0]
    twips = int(size.get(f"{_W}w")) - int(margin.get(f"{_W}left")) - int(margin.get(f"{_W}right"))
    return twips * 25.4 / 1440


def _put_annexes(paragraph, body: WordBody) -> None:
    """Set the annexes, each a section of its own; the report's own section ends before them."""
    for run in paragraph.findall(f"{_W}r"):
        paragraph.remove(run)
    if not body.document.annexes:
        return
    section = _section_after(paragraph)
    header = "".join(
        f'<w:headerReference w:type="default" r:id="{one.get(_R + "id")}"/>'
        for one in section.findall(f"{_W}headerReference")
        if one.get(f"{_W}type") == "default"
    )
    pieces = [(_xml(content), _xml(end)[0]) for content, end in body.annexes(header)]
    follows = [one for one in paragraph.itersiblings() if one is not section]
    _end_section(paragraph, section)
    place = paragraph
    for blocks, end in pieces:
        for block in blocks:
            place.addnext(block)
            place = block
        _end_section(place, end)
    if not follows:  # the last annex's section is the document's own
        looks = place.find(f"{_W}pPr")
        section.getparent().replace(section, looks.find(f"{_W}sectPr"))


def _end_section(paragraph, section) -> None:
    """Let a section end with a paragraph: Word keeps it in the paragraph's properties."""
    looks = paragraph.find(f"{_W}pPr")
    if looks is None:
        looks = paragraph.makeelement(f"{_W}pPr")
        paragraph.insert(0, looks)
    looks.append(_copy(section))


def _copy(element):
    from copy import deepcopy

    return deepcopy(element)


def _section_after(paragraph):
    """Return the properties of the section a paragraph lies in: the next that follow it."""
    found = paragraph.xpath("following::w:sectPr | ancestor-or-self::w:p/w:pPr/w:sectPr")
    return found[0]


def _replace(paragraph, content: str) -> None:
    blocks = _xml(content)
    for block in blocks:
        paragraph.addprevious(block)
    parent = paragraph.getparent()
    parent.remove(paragraph)


def _xml(content: str) -> list:
    from docx.oxml import parse_xml

    return list(parse_xml(f"<w:body {SPACES}>{content}</w:body>"))


def _text(element) -> str:
    return "".join(one.text or "" for one in element.iter(f"{_W}t"))


class _Links:
    """Gives the relation of an address outside the document."""

    def __init__(self, word):
        self._part = word.part

    def __call__(self, address: str) -> str:
        return self._part.relate_to(address, _OFFICE + "hyperlink", is_external=True)


class _Images:
    """Gives the relation and the size of a chart's picture; each is stored once."""

    def __init__(self, word):
        self._part = word.part

    def __call__(self, chart) -> tuple[str, tuple[int, int]]:
        content = png_of(chart)
        relation, _ = self._part.get_or_add_image(io.BytesIO(content))
        return relation, png_size(content)


def _add_styles(word, language: str) -> None:
    """Add the styles a report needs that the template does not define itself."""
    from docx.oxml import parse_xml

    element = word.styles.element
    known = {one.get(f"{_W}styleId") for one in element.iter(f"{_W}style")}
    for style in parse_xml(styles(language).encode()).iter(f"{_W}style"):
        if style.get(f"{_W}styleId") not in known and not style.get(f"{_W}default"):
            element.append(_copy(style))


def _set_properties(word, document) -> None:
    """Set title, language and a date that is the report's, not today's."""
    properties = word.core_properties
    properties.title = document.title[:255]
    properties.language = {"vi": "vi-VN", "en": "en-GB"}[document.language]
    when = datetime.fromisoformat(document.record.get("as_of", "2000-01-01"))
    properties.created = properties.modified = when


# --- what came out -----------------------------------------------------------------------


def _read_back(content: bytes, expected: Counter, name: str) -> None:
    """Read the document again and count; a difference is an error, never silent."""
    from docx import Document

    body = Document(io.BytesIO(content)).element.body
    text = "".join(one.text or "" for one in body.iter(f"{_W}t"))
    if OPEN in text:
        raise SonlaError(
            message("template.alone", file=name, found=text.split(OPEN)[1].split(CLOSE)[0])
        )
    found = {
        "paragraphs": sum(1 for _ in body.iter(f"{_W}p")),
        "tables": sum(
            1 for one in body.iter(f"{_W}tblStyle") if one.get(f"{_W}val") == "SonlaTable"
        ),
        "pictures": sum(1 for _ in body.iter(f"{_W}drawing")),
    }
    for what, count in expected.items():
        short = found[what] < count if what == "pictures" else found[what] != count
        if short:
            words = {"what": what, "expected": count, "found": found[what]}
            raise SonlaError(message("template.incomplete", **words))
