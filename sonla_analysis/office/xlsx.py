"""The annex workbook `tables.xlsx`: cover, contents, notes, then one table a sheet.

Official forms come first and stand where offices expect them: title in A4, data from row 9.
No text can become a formula or a link.
"""

import io

from sonla_analysis.language.phrases import phrase
from sonla_analysis.office.document import Document
from sonla_analysis.office.exporter import OfficeExporter
from sonla_analysis.office.letterhead import Letterhead
from sonla_analysis.office.worksheet import (
    Formats,
    mark_sheet,
    new_workbook,
    sheet_name,
    write_table,
)
from sonla_analysis.sentences import day
from sonla_analysis.sentences.table import Table

_ORDER = ("form_", "progress", "missed", "poor_over_time", "deprivations", "groups", "funding")
_SYMBOLS = ("not_reported", "withheld", "not_applicable", "hidden")


class AnnexExporter(OfficeExporter):
    """An executed notebook → a workbook of its tables, the same bytes for the same notebook."""

    output_mimetype = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    extension = ".xlsx"

    def written(self, document: Document) -> bytes:
        """Return the document in this exporter's format."""
        return workbook_bytes(document, self.letterhead(document))


def workbook_bytes(document: Document, letterhead: Letterhead) -> bytes:
    """Return the workbook of a document."""
    file = io.BytesIO()
    book = new_workbook(file, document, author=" ".join(letterhead.agency)[:255])
    formats, tables = Formats(book), _named(document)
    _cover(book, formats, document, letterhead)
    _contents(book, formats, document, tables)
    _notes(book, formats, document, letterhead)
    for name, table in tables.items():
        write_table(book, formats, name, table, document, letterhead)
    book.close()
    return file.getvalue()


def _named(document: Document) -> dict[str, Table]:
    """Return the tables by the name of their sheet: official forms first, then the others."""
    tables = [one for one in document.blocks if isinstance(one, Table)]
    named = {}
    for table in sorted(tables, key=_place):
        named[sheet_name(table.title, document.language, named, table.slug)] = table
    return named


def _place(table: Table) -> int:
    return next((n for n, slug in enumerate(_ORDER) if table.slug.startswith(slug)), len(_ORDER))


# --- the sheets in front -----------------------------------------------------------------


def _cover(book, formats: Formats, document: Document, letterhead: Letterhead) -> None:
    sheet = _front(book, "cover", document, formats)
    record, word = document.record, _words(document.language)
    lines = [
        (word("title"), "title"),
        (word("subtitle", title=document.title), "text"),
        (" ".join(letterhead.agency), "bold"),
    ]
    if "plan_issued" in record:
        date = day(record["as_of"], document.language, long=True)
        issued = day(record["plan_issued"], document.language)
        words = {"plan": record["plan_number"], "issued": issued, "issuer": record["issuer"]}
        lines += [(word("as_of", date=date), "text"), (word("plan", **words), "text")]
    notices = (letterhead.internal, letterhead.synthetic)
    lines += [(one, "notice") for one in notices if one]
    for row, (text, look) in enumerate(lines):
        sheet.write_string(row * 2, 0, text, formats[look])


def _contents(book, formats: Formats, document: Document, tables: dict[str, Table]) -> None:
    sheet, word = _front(book, "contents", document, formats), _words(document.language)
    rows = [(word("sheet"), word("table")), *((name, tables[name].caption) for name in tables)]
    _listing(sheet, formats, word("contents"), rows)
    for row, name in enumerate(tables, start=3):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", formats["link"], name)
    sheet.freeze_panes(3, 0)


def _notes(book, formats: Formats, document: Document, letterhead: Letterhead) -> None:
    """Write what the symbols mean and how the figures were made."""
    language = document.language
    sheet, word = _front(book, "notes", document, formats), _words(language)
    rows = [(word("symbol"), word("meaning"))]
    symbols = _SYMBOLS[:-1] if letterhead.internal else _SYMBOLS
    rows += [(phrase(f"symbol.{name}", language), word(name)) for name in symbols]
    near = ">99,99; <0,01" if language == "vi" else ">99.99; <0.01"
    rows += [("0", word("zero")), (near, word("near"))]
    _listing(sheet, formats, word("notes"), rows)
    about = [word(f"about_{name}") for name in ("rates", "forms", "text")]
    about += [letterhead.synthetic] if letterhead.synthetic else []
    about += [phrase("method.internal", language)] if letterhead.internal else []
    for row, text in enumerate(about, start=len(rows) + 3):
        sheet.write_string(row, 1, text, formats["wrapped"])
        sheet.set_row(row, _high(text))


def _listing(sheet, formats: Formats, title: str, rows: list[tuple[str, str]]) -> None:
    """Write two columns under a title; the first row is their head."""
    sheet.set_column(0, 0, 18, formats["text"])
    sheet.set_column(1, 1, 80, formats["text"])
    sheet.write_string(0, 0, title, formats["title"])
    for row, texts in enumerate(rows, start=2):
        sheet.set_row(row, _high(texts[1]))
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, formats["cell" if row > 2 else "head"])


def _high(text: str) -> float:
    """Return the height, in points, at which a text has room in the wide column."""
    return 17.0 * (1 + len(text) // 80)


def _front(book, name: str, document: Document, formats: Formats):
    """Return a sheet without a table, set for A4 upright."""
    sheet = book.add_worksheet(phrase(f"workbook.{name}", document.language))
    sheet.set_column(0, 0, 90, formats["text"])
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)
    mark_sheet(sheet, document)
    return sheet


def _words(language: str):
    return lambda key, /, **values: phrase(f"workbook.{key}", language, **values)
