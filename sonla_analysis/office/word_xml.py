"""Pieces of WordprocessingML as text: paragraphs, tables, pictures, sections.

Elements stand in the order the schema asks for. Looks come from the styles of the template
(`Sonla …`, Heading 1–3); a piece carries only what changes from one piece to the next.
"""

from xml.sax.saxutils import escape, quoteattr

from sonla_analysis.office.columns import Head, head_rows, letter_size, merged_down, widths
from sonla_analysis.office.document import Grid, Run, clean

NAMES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
}
SPACES = " ".join(f'xmlns:{prefix}="{address}"' for prefix, address in NAMES.items())
_TWIPS = 1440 / 25.4  # twentieths of a point in a millimetre
_EMU = 36000  # English metric units in a millimetre


def twips(millimetres: float) -> int:
    return round(millimetres * _TWIPS)


def run(text: str, *, bold=False, italic=False, size: float | None = None, link: str = "") -> str:
    """Return a run of text; `link` is the relation of its address.

    >>> run("a & b", bold=True)
    '<w:r><w:rPr><w:b/><w:bCs/></w:rPr><w:t xml:space="preserve">a &amp; b</w:t></w:r>'
    """
    looks = "<w:b/><w:bCs/>" * bold + "<w:i/><w:iCs/>" * italic
    if size:
        looks += f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>'
    looks += '<w:u w:val="single"/>' if link else ""
    looks = f"<w:rPr>{looks}</w:rPr>" if looks else ""
    text = escape(clean(text).replace("\t", " ").replace("\n", " "))
    piece = f'<w:r>{looks}<w:t xml:space="preserve">{text}</w:t></w:r>'
    return f'<w:hyperlink r:id="{link}">{piece}</w:hyperlink>' if link else piece


def runs(parts: list[Run], links=dict) -> str:
    """Return runs as text; `links` gives the relation of an address."""
    return "".join(
        run(one.text, bold=one.bold, italic=one.italic, link=links(one.link) if one.link else "")
        for one in parts
    )


def paragraph(style: str, content: str, *, looks: str = "") -> str:
    """Return a paragraph of a style; `looks` are further properties, in the schema's order."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{looks}</w:pPr>{content}</w:p>'


# --- tables ------------------------------------------------------------------------------


def table(grid: Grid, room: float, depth: float = 0) -> str:
    """Return a table `room` millimetres wide: head repeated, rows whole, numbers right."""
    size = letter_size(grid, room, depth)
    columns = widths(grid, room, size)
    rows = [_head_row(cells, columns, size) for cells in _head_cells(grid)]
    if grid.numbers:
        pairs = zip(grid.numbers, columns, strict=True)
        cells = [_cell(text, width, size - 1, "center", italic=True) for text, width in pairs]
        rows.append(_row(cells, head=True))
    rows += [_body_row(grid, place, columns, size) for place in range(len(grid.texts))]
    return f"<w:tbl>{_table_looks(grid, room)}{_table_grid(columns)}{''.join(rows)}</w:tbl>"


def _table_looks(grid: Grid, room: float) -> str:
    alt = quoteattr(clean(grid.title)) if grid.title else ""
    described = f"<w:tblCaption w:val={alt}/>" if alt else ""
    return (
        f'<w:tblPr><w:tblStyle w:val="SonlaTable"/><w:tblW w:w="{twips(room)}" w:type="dxa"/>'
        '<w:jc w:val="center"/><w:tblLayout w:type="fixed"/>'
        f'<w:tblLook w:val="0020" w:firstRow="1"/>{described}</w:tblPr>'
    )


def _table_grid(columns: list[float]) -> str:
    return (
        "<w:tblGrid>"
        + "".join(f'<w:gridCol w:w="{twips(one)}"/>' for one in columns)
        + "</w:tblGrid>"
    )


def _head_cells(grid: Grid) -> list[list[Head | None]]:
    """Return the rows of the head with None where a cell of the row above goes on."""
    rows = head_rows(grid)
    if len(rows) == 1:
        return rows
    tall = [Head("", one.place, rows=0) for one in rows[0] if one.rows == 2]
    return [rows[0], sorted(rows[1] + tall, key=lambda one: one.place)]


def _head_row(cells: list[Head], columns: list[float], size: float) -> str:
    pieces = []
    for one in cells:
        width = sum(columns[one.place : one.place + one.columns])
        merge = {2: "restart", 0: "continue"}.get(one.rows, "")
        pieces.append(
            _cell(one.text, width, size, "center", bold=True, span=one.columns, merge=merge)
        )
    return _row(pieces, head=True)


def _body_row(grid: Grid, place: int, columns: list[float], size: float) -> str:
    bold, pieces = place in grid.totals, []
    together = place + 1 < len(grid.texts) and merged_down(grid, place + 1, 1)
    for at, (text, column) in enumerate(zip(grid.texts[place], grid.columns, strict=True)):
        goes_on = merged_down(grid, place, at)
        begins = place + 1 < len(grid.texts) and merged_down(grid, place + 1, at)
        merge = "continue" if goes_on else "restart" if begins else ""
        side = "center" if column["key"] == "order" else column["align"]
        looks = {"bold": bold, "merge": merge, "keep": together}
        pieces.append(_cell("" if goes_on else text, columns[at], size, side, **looks))
    return _row(pieces)


def _row(cells: list[str], *, head: bool = False) -> str:
    """Return a row that is never split and at least as high as stacked accents need."""
    repeat = "<w:tblHeader/>" if head else ""
    height = '<w:trHeight w:val="240" w:hRule="atLeast"/>'
    return f"<w:tr><w:trPr><w:cantSplit/>{height}{repeat}</w:trPr>{''.join(cells)}</w:tr>"


def _cell(
    text, width, size, side, *, bold=False, italic=False, span=1, merge="", keep=False
) -> str:
    looks = f'<w:tcW w:w="{twips(width)}" w:type="dxa"/>'
    looks += f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    looks += f'<w:vMerge w:val="{merge}"/>' if merge else ""
    looks += '<w:vAlign w:val="center"/>'
    content = run(text, bold=bold, italic=italic, size=size) if text else ""
    kept = "<w:keepNext/>" if keep else ""
    inside = paragraph("SonlaCell", content, looks=f'{kept}<w:jc w:val="{side}"/>')
    return f"<w:tc><w:tcPr>{looks}</w:tcPr>{inside}</w:tc>"


# --- pictures and sections ---------------------------------------------------------------


def picture(relation: str, number: int, *, width: float, height: float, alt: str, name: str) -> str:
    """Return a picture in the line, with its alt text; lengths in millimetres."""
    size = f'cx="{round(width * _EMU)}" cy="{round(height * _EMU)}"'
    marks = f'id="{number}" name={quoteattr(clean(name))} descr={quoteattr(clean(alt))}'
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
        f"<wp:docPr {marks}/><wp:cNvGraphicFramePr>"
        '<a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr><a:graphic>'
        f'<a:graphicData uri="{NAMES["pic"]}"><pic:pic><pic:nvPicPr><pic:cNvPr {marks}/>'
        f'<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="{relation}"/><a:stretch>'
        '<a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/>'
        f'<a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def annex_section(header: str, *, landscape: bool) -> str:
    """Return an annex's section: A4, its pages numbered from one, no number on its first page."""
    across, down = (16838, 11906) if landscape else (11906, 16838)
    turned = ' w:orient="landscape"' if landscape else ""
    return (
        f'<w:sectPr>{header}<w:type w:val="nextPage"/><w:pgSz w:w="{across}" w:h="{down}"{turned}/>'
        '<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1701" w:header="567" '
        'w:footer="567" w:gutter="0"/><w:pgNumType w:start="1"/><w:cols w:space="720"/><w:titlePg/>'
        "</w:sectPr>"
    )
