"""The report as a tagged PDF (PDF/UA-1), set by Typst: no LaTeX, no browser, no foreign font.

The document travels as data (`report.json`), so nothing in it is read as markup; `report.typ` lays
it out. Libertinus Serif comes with Typst and has all 134 Vietnamese letters; charts bring Source
Sans Pro.
"""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import slug
from sonla_analysis.office import TEMPLATES
from sonla_analysis.office.blocks import Annex, Picture, block_data
from sonla_analysis.office.brief import brief_of
from sonla_analysis.office.document import Document
from sonla_analysis.office.exporter import OfficeExporter
from sonla_analysis.office.letterhead import Letterhead
from sonla_analysis.office.paper import on_paper
from sonla_analysis.sentences.table import Table

_REGION = {"vi": "VN", "en": "GB"}
FONTS = ("Libertinus Serif", "Source Sans Pro", "DejaVu Sans Mono")


class PdfExporter(OfficeExporter):
    """An executed notebook → a tagged PDF, the same bytes for the same notebook."""

    output_mimetype = "application/pdf"
    extension = ".pdf"

    def written(self, document: Document) -> bytes:
        """Return the document in this exporter's format."""
        paper = on_paper(document)  # the places to be filled in are Word's: a PDF is final
        return _compiled("report.typ", _report_data(paper, self.letterhead(paper)), paper)


class BriefPdfExporter(PdfExporter):
    """An executed notebook → its brief as PDF, the same bytes for the same notebook."""

    def written(self, document: Document) -> bytes:
        """Return the brief of a document."""
        letterhead = self.letterhead(document)
        marks = {"synthetic": letterhead.synthetic, "internal": letterhead.internal}
        return _compiled("brief.typ", marks | {"brief": vars(brief_of(document))}, document)


def _compiled(template: str, data: dict, document: Document) -> bytes:
    """Return the PDF, dated as the report is; with a letter no font has, no longer PDF/UA.

    `data` is what the template sets: blocks and tables in it become plain data by `_plain`.
    """
    try:
        import typst
    except ImportError:
        raise UsageError(message("template.no_typst")) from None
    when = datetime.fromisoformat(document.record.get("as_of", "2000-01-01")).replace(tzinfo=UTC)
    options = {"font_paths": _fonts(), "timestamp": int(when.timestamp())}
    files = {_file(one): one.svg.encode() if one.svg else one.png for one in document.pictures}
    data |= {"language": document.language, "region": _REGION[document.language], "fonts": FONTS}
    files["report.json"] = json.dumps(data, ensure_ascii=False, default=_plain).encode()
    files["main.typ"] = (TEMPLATES / template).read_bytes()
    with TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
        main = Path(folder, "main.typ")
        try:
            return typst.compile(main, root=folder, pdf_standards=["ua-1"], **options)
        except typst.TypstError as error:
            if "could not be displayed" not in str(error):
                raise
            return typst.compile(main, root=folder, **options)


@cache
def _fonts():
    import font_source_sans_pro
    import typst

    return typst.Fonts(
        include_system_fonts=False, font_paths=[str(font_source_sans_pro.font_directory)]
    )


def _report_data(document: Document, letterhead: Letterhead) -> dict:
    words = {name: letterhead.word(name) for name in ("country", "motto", "type")}
    words |= {"recipients_title": letterhead.word("recipients")}
    return {
        "title": document.title,
        "letterhead": vars(letterhead) | words | {"subject": letterhead.subject.split("\n")},
        "blocks": document.body,
        "annexes": document.annexes,
    }


def _plain(block) -> dict:
    """Return a block, or a part of one, as plain data with its kind."""
    data = block_data(block)
    if isinstance(block, Annex):
        return data | {"flipped": block.is_landscape}
    if isinstance(block, Picture):
        return data | {"file": _file(block), "caption": block.caption, "png": None, "svg": None}
    if isinstance(block, Table):
        return data | {
            "caption": block.caption,
            "head": block.head_rows(),
            "spans": block.spans(),
            "sides": [column.side for column in block.columns],
        }
    return data


def _file(picture: Picture) -> str:
    return f"{slug(picture.label)}.{'svg' if picture.svg else 'png'}"
