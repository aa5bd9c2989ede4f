"""The report as one small HTML page: offline, no code, no script, safe whatever the data say.

Everything is made anew from the document's record and blocks, never from the notebook's own HTML,
and every text is escaped. A content policy forbids the page every request.
"""

import base64
import re
from functools import cache, partial

from markupsafe import Markup
from traitlets import Unicode

from sonla_analysis.definitions.editions import name_in
from sonla_analysis.language.fonts import font_style
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import free_name, slug
from sonla_analysis.office import TEMPLATES
from sonla_analysis.office.blocks import Heading, Paragraph, Picture, block_data
from sonla_analysis.office.data_link import data_link, frame_csv, table_csv
from sonla_analysis.office.document import Document
from sonla_analysis.office.exporter import DocumentExporter
from sonla_analysis.office.inline_svg import inline_svg
from sonla_analysis.office.table_view import missed_view, numbers_view, status_html, table_view
from sonla_analysis.sentences import day
from sonla_analysis.sentences.table import Table

_VIEW_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


class PageExporter(DocumentExporter):
    """An executed notebook → one page of HTML, the same bytes for the same notebook."""

    output_mimetype = "text/html"
    extension = ".html"
    back = Unicode(help="Address of the start page that the report links back to.").tag(config=True)

    def written(self, document: Document) -> str:
        """Return the document in this exporter's format."""
        view = PageView(document)
        return render(
            "page.html.j2",
            document.language,
            title=document.title,
            synthetic=document.record.get("synthetic", False),
            internal=document.internal,
            facts=_facts(document.record, document.language),
            lead=document.lead,
            back=self.back,
            sections=view.sections,
            first=view.first,
            blocks=view.blocks[len(view.first) :],
            figures=any(block.get("svg") for block in view.blocks),
        )


def render(template: str, language: str, **values) -> str:
    """Return a template filled in, with the words of a language at hand."""
    word = partial(phrase, language=language)
    values = {"language": language, "word": word, "internal": ""} | values
    return _environment().get_template(template).render(**values)


@cache
def _environment():
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    def source(name: str) -> str:
        return (TEMPLATES / name).read_text(encoding="utf-8")

    environment = Environment(
        loader=FunctionLoader(source), autoescape=True, undefined=StrictUndefined, auto_reload=False
    )
    environment.globals["style"] = Markup(source("page.css").strip())
    environment.globals["fonts"] = Markup(font_style())
    environment.globals["status"] = lambda name, text: Markup(status_html(name, text))
    return environment


def _facts(record: dict, language: str) -> list[str]:
    """Return the short line above the title: which unit, whose plan, as of when."""
    if not record:
        return []
    return [
        record["unit_title"],
        phrase("html.plan", language, number=record["plan_number"]),
        phrase("html.as_of", language, date=day(record["as_of"], language)),
    ]


class PageView:
    """The blocks of a document in reading order, ready for the template.

    A block is a dictionary with its `kind`, that of `block_data`, or plain, missed or annex.
    `sections` lists the headings right below the title: id and text.
    """

    def __init__(self, document: Document):
        self._document = document
        self.blocks = []
        self.sections = []
        self._ids = set()
        self._level = 1
        own = {Heading: self._heading, Table: self._table, Picture: self._figure}
        for block in document.blocks:
            if isinstance(block, Paragraph) and block.plain:
                self._plain(block.text)
            else:
                self.blocks.append(own.get(type(block), block_data)(block))

    @property
    def first(self) -> list[dict]:
        """The blocks of the first screen: up to the second heading, where figures begin it."""
        kinds = [block["kind"] for block in self.blocks]
        if "glance" not in kinds:
            return []
        begin = kinds.index("glance")
        ends = [place for place, kind in enumerate(kinds) if kind == "heading" and place > begin]
        return self.blocks[: min(ends, default=len(kinds))]

    def _id(self, text: str) -> str:
        """Return an id made from a text, used once on the page."""
        name = free_name(slug(text) or "phan", self._ids)
        self._ids.add(name)
        return name

    def _heading(self, block: Heading) -> dict:
        """The title is the one heading of the first level; no level is skipped below it."""
        self._level = min(block.level + 1, self._level + 1, 6)
        name = self._id(block.text)
        if self._level == 2:
            text = f"{block.mark} {block.text}".lstrip()
            self.sections.append({"id": name, "text": text})
        return block_data(block) | {"level": self._level, "id": name}

    def _plain(self, line: str) -> None:
        if self.blocks and self.blocks[-1]["kind"] == "plain":
            self.blocks[-1]["lines"].append(line)
        else:
            self.blocks.append({"kind": "plain", "lines": [line]})

    def _table(self, block: Table) -> dict:
        if block.slug == "missed":
            view, kind = missed_view(block, self._id("chua-dat")), "missed"
        else:
            view = table_view(block, self._id(block.label or "bang"))
            kind = "annex" if block.annex else "table"
        view["data"] = self._data(table_csv(block), view["id"], block.slug)
        return {"kind": kind, "table": view}

    def _data(self, content: bytes, *parts: str) -> dict | None:
        """Return the file of a block's data; it is named after unit and date, in their edition."""
        record = self._document.record
        about = [record[key] for key in ("unit", "as_of") if key in record]
        link = data_link(content, *about, *parts)
        return link and link | {"name": name_in(self._document.edition, link["name"])}

    def _figure(self, block: Picture) -> dict:
        name = self._id(block.label)
        language = self._document.language
        title = phrase("html.figure_numbers", language, figure=block.label.lower())
        inline = inline_svg(block.svg, name, block.alt) if block.svg else None
        return block_data(block) | {
            "id": name,
            "svg": Markup(inline) if inline else "",
            "address": "" if inline else Markup(picture_address(block)),  # no quote, sign or tag
            "size": _size(block.svg),
            "table": numbers_view(block.numbers, title, f"{name}-so"),
            "data": self._data(frame_csv(block), name, block.slug),
        }


def picture_address(picture: Picture) -> str:
    """Return a picture as a data address, SVG before PNG.

    An SVG stays text (a third smaller than base64), without its comments; what ends an attribute,
    a tag or an address is written as its code; line ends, which an address loses, as spaces.

    >>> picture_address(Picture("", "", "", "", "", {}, svg="<a xlink:href=\'#b\'/>\\n"))
    'data:image/svg+xml,%3Ca href=%27%23b%27/> '
    """
    if not picture.svg:
        return f"data:image/png;base64,{base64.b64encode(picture.png).decode()}"
    first, *rest = picture.svg.split("<!--")
    text = first + "".join(part.partition("-->")[2] for part in rest)
    text = text.replace("xlink:href=", "href=").replace("\n", " ")
    for letter in "%#<'&":
        text = text.replace(letter, f"%{ord(letter):02X}")
    return f"data:image/svg+xml,{text}"


def _size(svg: str | None) -> tuple[int, ...]:
    """Return an SVG's width and height in CSS pixels where it says so."""
    box = _VIEW_BOX.search(svg or "")
    return tuple(round(float(side) * 4 / 3) for side in box.groups()) if box else ()
