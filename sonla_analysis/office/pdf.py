"""The report as a tagged PDF (PDF/UA-1), set by Typst: no LaTeX, no browser, no foreign font.

The texts travel as data (`report.json`), so nothing in them is read as markup. Libertinus Serif
comes with Typst and has all 134 Vietnamese letters; charts bring Source Sans Pro.
"""

import json
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from traitlets import default

from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.office.columns import head_rows, letter_size, merged_down, widths
from sonla_analysis.office.document import (
    Document,
    Grid,
    Heading,
    Item,
    Paragraph,
    Picture,
    Run,
)
from sonla_analysis.office.office import (
    Frame,
    OfficeExporter,
    annex_parts,
    annex_title,
    numbered,
)
from sonla_analysis.office.word_body import PAPER, PAPER_ACROSS, lies, new_pages

FONTS = ("Libertinus Serif", "Source Sans Pro", "DejaVu Sans Mono")
_TEMPLATE = files("sonla_analysis") / "office/templates/report.typ"


class PdfExporter(OfficeExporter):
    """An executed notebook → a tagged PDF, the same bytes for the same notebook."""

    export_from_notebook = "Sonla: báo cáo PDF"
    output_mimetype = "application/pdf"

    @default("file_extension")
    def _file_extension_default(self):
        return ".pdf"

    def written(self, document: Document) -> bytes:
        """Return the document in this exporter's format."""
        return pdf(document, self.frame(document))


def pdf(document: Document, frame: Frame) -> bytes:
    """Return the document as PDF."""
    pictures = {}
    data = page_data(document, frame, pictures)
    source = {
        "main.typ": _TEMPLATE.read_bytes(),
        "report.json": json.dumps(data, ensure_ascii=False).encode(),
    }
    return _compiled(source | pictures, document.record.get("as_of", "2000-01-01"))


def _compiled(source: dict[str, bytes], day: str) -> bytes:
    """Return the PDF, dated as the report is; with a letter no font has, no longer PDF/UA."""
    try:
        import typst
    except ImportError:
        raise UsageError(message("template.no_typst")) from None
    when = datetime.fromisoformat(day).replace(tzinfo=UTC)
    options = {"font_paths": _fonts(), "timestamp": int(when.timestamp())}
    with TemporaryDirectory() as folder:
        for name, content in source.items():
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


# --- the document as data ----------------------------------------------------------------


def page_data(document: Document, frame: Frame, pictures: dict[str, bytes]) -> dict:
    """Return what the template sets; `pictures` takes the charts' files."""
    language = document.language
    texts = vars(frame) | {name: frame.word(name) for name in ("country", "motto", "type")}
    texts["recipients_title"] = frame.word("recipients")
    texts["subject"] = frame.subject.split("\n")
    return {
        "title": document.title,
        "language": language,
        "region": {"vi": "VN", "en": "GB"}[language],
        "fonts": FONTS,
        "frame": texts,
        "blocks": _blocks(document, frame, pictures),
        "annexes": [
            _annex(name, part, language)
            for name, part in zip(frame.annexes, annex_parts(document), strict=True)
        ],
    }


def _blocks(document: Document, frame: Frame, pictures: dict) -> list[dict]:
    marks = iter(numbered(one.level for one in document.body if isinstance(one, Heading)))
    blocks, tables = [], 0
    for one in document.body:
        if isinstance(one, Heading):
            blocks.append(_heading(one, next(marks)))
        elif isinstance(one, Paragraph):
            blocks.append({"kind": "plain" if one.plain else "paragraph", "runs": _runs(one.runs)})
        elif isinstance(one, Item):
            _add_item(blocks, one)
        elif isinstance(one, Picture):
            blocks.append(_chart(one, frame, pictures))
        else:
            counted = bool(one.title) and not one.numbers  # an official form has its own number
            tables += counted
            title = frame.word("table", n=tables, text=one.title) if counted else one.title
            blocks.append(_table(one, PAPER[0]) | {"title": title})
    return blocks


def _heading(one: Heading, mark: str) -> dict:
    level = min(one.level, 3)
    runs = [Run(run.text.upper() if level == 1 else run.text, link=run.link) for run in one.runs]
    return {"kind": "heading", "level": level, "runs": _runs([Run(f"{mark} "), *runs])}


def _add_item(blocks: list[dict], one: Item) -> None:
    """Add an entry to the list that is being set, or begin one."""
    kind = "list" if one.mark == "-" else "steps"
    if not blocks or blocks[-1]["kind"] != kind:
        start = int(one.mark.rstrip(".")) if kind == "steps" else 1
        blocks.append({"kind": kind, "start": start, "items": []})
    blocks[-1]["items"].append(_runs(one.runs))


def _runs(runs: list[Run]) -> list[dict]:
    return [
        {"text": run.text, "bold": run.bold, "italic": run.italic, "link": run.link} for run in runs
    ]


def _chart(one: Picture, frame: Frame, pictures: dict) -> dict:
    """Return a chart: its drawing as SVG where there is one, else as PNG."""
    number = len(pictures) + 1
    name = f"chart-{number}.{'svg' if one.svg else 'png'}"
    pictures[name] = one.svg.encode() if one.svg else one.png
    text = one.subtitle or one.title
    caption = frame.word("figure", n=number, text=text)
    return {
        "kind": "chart",
        "file": name,
        "width": PAPER[0],
        "alt": one.alt,
        "caption": caption if text else caption.rstrip(". "),
    }


def _annex(name: str, part: list[Grid], language: str) -> dict:
    room, depth = PAPER_ACROSS if lies(part) else PAPER
    breaks = new_pages(part, room, depth, 30)
    tables = [
        _table(one, room, depth) | {"breaks": new, "title": one.title if len(part) > 1 else ""}
        for one, new in zip(part, breaks, strict=True)
    ]
    title = annex_title(part, language)
    return {"name": name, "title": title, "flipped": lies(part), "tables": tables}


def _table(grid: Grid, room: float, depth: float = 0) -> dict:
    """Return a table: widths in millimetres, size in points, cells row by row."""
    size = letter_size(grid, room, depth)
    head = [
        _cell(one.text, "center", bold=True, columns=one.columns, rows=one.rows)
        for row in head_rows(grid)
        for one in row
    ]
    numbers = [text.replace("+", "\u200b+") for text in grid.numbers]  # may break there
    head += [_cell(text, "center", italic=True) for text in numbers]
    body = [one for place in range(len(grid.texts)) for one in _row(grid, place)]
    return {
        "kind": "table",
        "widths": widths(grid, room, size),
        "size": size - 0.5,
        "head": head,
        "body": body,
        "notes": grid.notes,
    }


def _row(grid: Grid, place: int) -> list[dict]:
    cells = []
    for at, (text, column) in enumerate(zip(grid.texts[place], grid.columns, strict=True)):
        if merged_down(grid, place, at):
            continue
        rows = 1
        while place + rows < len(grid.texts) and merged_down(grid, place + rows, at):
            rows += 1
        side = "center" if column["key"] == "order" else column["align"]
        cells.append(_cell(text, side, bold=place in grid.totals, rows=rows))
    return cells


def _cell(text: str, side: str, *, bold=False, italic=False, columns=1, rows=1) -> dict:
    looks = {"bold": bold, "italic": italic, "columns": columns, "rows": rows}
    return {"text": text, "side": side, **looks}
