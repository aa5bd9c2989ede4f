"""A copy of what was sent with its wrong cells marked: filled yellow, a note says what is asked.

An .xlsx is changed in its package, and nothing but the looks of the marked cells: values, formulas
and their stored results, pictures, drop-down lists stay as they are (openpyxl would lose the
results, and charts). A sheet that has notes of its own keeps them and gets the colour only. Any
other file becomes a workbook of the cells as they were read; so no macro is carried into a copy.
"""

import io
import posixpath
import zipfile
from copy import deepcopy
from itertools import count
from pathlib import Path

import numpy as np
from lxml import etree

from sonla_analysis.intake.sheets import Sheet, read_sheets
from sonla_analysis.language.vietnamese import nfc
from sonla_analysis.office.blocks import clean
from sonla_analysis.office.document import Document
from sonla_analysis.office.package import packed, parts_of
from sonla_analysis.office.worksheet import Formats, new_workbook, sheet_name

_YELLOW = "#FFF2A8"
_LONGEST = 32_767  # letters of a cell in Excel
_WIDEST = 40  # letters of a column
_MOST_BYTES = 64 * 2**20  # of a sheet's part: as a tree it takes 25 times as much memory
_MOST_CELLS = 500_000  # written anew: ten seconds
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ID = f"{{{_OFFICE}}}id"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_NOTES = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML = "application/vnd.openxmlformats-officedocument.vmlDrawing"
# what stands in a sheet's part behind the reference to its notes, in the order of the format
_BEHIND = ("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems")
_BEHIND += ("tableParts", "extLst")

Notes = dict[str, dict[str, str]]  # by sheet and cell


def marked_copy(path: Path, notes: Notes) -> bytes | None:
    """Return a copy of a sent file as an .xlsx, the cells of `notes` marked; the file stays.

    None where it is too large to be copied while somebody waits (some 100,000 rows). `notes` has a
    sentence for each cell (such as C12) of each sheet.
    """
    notes = {
        sheet: {cell: clean(text) for cell, text in cells.items()}
        for sheet, cells in notes.items()
        if cells
    }
    marked = _in_package(path.read_bytes(), notes) if path.suffix.lower() == ".xlsx" else None
    return marked or _as_read(path, notes)


# --- in the package ----------------------------------------------------------------------


def _in_package(content: bytes, notes: Notes) -> bytes | None:
    """Return the workbook with its cells marked; None where it is not as the format has it."""
    try:
        return packed(_marked_parts(parts_of(content), notes))
    except (KeyError, ValueError, IndexError, AttributeError, TypeError):
        return None
    except (SyntaxError, zipfile.BadZipFile):  # of XML, of the package
        return None


def _marked_parts(parts: dict[str, bytes], notes: Notes) -> dict[str, bytes]:
    """Return the parts of a workbook, of which those of the sheets and of the looks are new."""
    if b"macro" in parts["[Content_Types].xml"].lower():
        raise ValueError("macros")
    book = next(iter(_targets(parts, "", "/officeDocument").values()))
    styles = next(iter(_targets(parts, book, "/styles").values()))
    sheets = _sheets(parts, book)
    looks, made = _Looks(_tree(parts[styles])), dict(parts)
    written = _note_parts(notes)
    for number, (name, cells) in enumerate(notes.items(), start=1):
        sheet, root = sheets[name], _tree(parts[sheets[name]])
        _mark(root, cells, looks)
        if root.find(f"{_MAIN}legacyDrawing") is None:
            _attach(made, sheet, root, number, written)
        made[sheet] = _text(root)
    made[styles] = _text(looks.root)
    return made


def _tree(part: bytes):
    if len(part) > _MOST_BYTES:
        raise ValueError(len(part))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(part, parser)


def _text(root) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _relations(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, f"_rels/{name}.rels")


def _targets(parts: dict[str, bytes], part: str, kind: str) -> dict[str, str]:
    """Return the parts that a part refers to, by id: those whose kind ends so."""
    folder = posixpath.dirname(part)
    return {
        one.get("Id"): posixpath.normpath(posixpath.join("/", folder, one.get("Target")))[1:]
        for one in _tree(parts[_relations(part)])
        if one.get("Type").endswith(kind)
    }


def _sheets(parts: dict[str, bytes], book: str) -> dict[str, str]:
    """Return the part of each sheet by its name."""
    targets, root = _targets(parts, book, "/worksheet"), _tree(parts[book])
    sheets = {nfc(one.get("name")): one.get(_ID) for one in root.iter(f"{_MAIN}sheet")}
    return {name: targets[known] for name, known in sheets.items() if known in targets}


class _Looks:
    """The looks of a workbook's cells: `marked(style)` is that style, filled yellow."""

    def __init__(self, root):
        self.root, self._made = root, {}
        self._styles, fills = root.find(f"{_MAIN}cellXfs"), root.find(f"{_MAIN}fills")
        fill = etree.SubElement(fills, f"{_MAIN}fill")
        pattern = etree.SubElement(fill, f"{_MAIN}patternFill", patternType="solid")
        etree.SubElement(pattern, f"{_MAIN}fgColor", rgb=_YELLOW.replace("#", "FF"))
        fills.set("count", str(len(fills)))
        self._fill = str(len(fills) - 1)

    def marked(self, style: str) -> str:
        if style not in self._made:
            look = deepcopy(self._styles[int(style)])
            look.set("fillId", self._fill)
            look.set("applyFill", "1")
            self._styles.append(look)
            self._styles.set("count", str(len(self._styles)))
            self._made[style] = str(len(self._styles) - 1)
        return self._made[style]


def _mark(root, cells: dict[str, str], looks: _Looks) -> None:
    """Give the cells of a sheet their marked look; an empty one that is not there is put in."""
    data = root.find(f"{_MAIN}sheetData")
    rows = {int(row.get("r")): row for row in data}
    for place in cells:
        number = int(place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        if number not in rows:
            rows[number] = _put_in(data, "row", str(number), int)
        row = rows[number]
        cell = next((one for one in row if one.get("r") == place), None)
        if cell is None:
            cell = _put_in(row, "c", place, lambda name: (len(name), name))
            cell.set("s", row.get("s", "0"))
        cell.set("s", looks.marked(cell.get("s", "0")))


def _put_in(parent, tag: str, place: str, order):
    """Put an empty row or cell where it belongs among the others."""
    made = parent.makeelement(f"{_MAIN}{tag}", {"r": place})
    others = (at for at, one in enumerate(parent) if order(one.get("r")) > order(place))
    parent.insert(next(others, len(parent)), made)
    return made


# --- the notes ---------------------------------------------------------------------------


def _note_parts(notes: Notes) -> dict[str, bytes]:
    """Return the parts of a workbook that has nothing but the notes, sheet by sheet."""
    file = io.BytesIO()
    book = new_workbook(file, Document({}, [], []))
    for cells in notes.values():
        sheet = book.add_worksheet()
        for cell, text in cells.items():
            _write_note(sheet, cell, text)
    book.close()
    return parts_of(file.getvalue())


def _write_note(sheet, cell: str, text: str) -> None:
    sheet.write_comment(cell, text, {"width": 320, "height": 30 + 17 * (len(text) // 45 + 1)})


def _attach(made: dict[str, bytes], sheet: str, root, number: int, written: dict) -> None:
    """Attach the notes number so and so of those written: two parts, their kinds, their places."""
    parts = {"comments": f"xl/comments{number}.xml"}
    parts["vmlDrawing"] = f"xl/drawings/vmlDrawing{number}.vml"
    free = next(name for at in count(1) if (name := f"xl/danhDau{at}") + ".xml" not in made)
    relations = _tree(made.get(_relations(sheet), _NO_RELATIONS))
    for kind, name in parts.items():
        new = free + posixpath.splitext(name)[1]
        made[new] = written[name]
        known = {"Id": f"danhDau{kind}", "Type": f"{_OFFICE}/{kind}", "Target": f"/{new}"}
        relations.append(relations.makeelement(relations.tag.removesuffix("s"), known))
    made[_relations(sheet)] = _text(relations)
    made["[Content_Types].xml"] = _with_kinds(made["[Content_Types].xml"], f"/{free}.xml")
    drawing = root.makeelement(f"{_MAIN}legacyDrawing", {_ID: "danhDauvmlDrawing"})
    behind = (root.find(f"{_MAIN}{name}") for name in _BEHIND)
    first = next((one for one in behind if one is not None), None)
    root.append(drawing) if first is None else first.addprevious(drawing)


_NO_RELATIONS = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
)


def _with_kinds(part: bytes, name: str) -> bytes:
    """Return the list of the parts' kinds with those of one sheet's notes."""
    kinds = _tree(part)
    if not any((one.get("Extension") or "").lower() == "vml" for one in kinds):
        known = {"Extension": "vml", "ContentType": _VML}
        kinds.insert(0, kinds.makeelement(f"{_TYPES}Default", known))
    known = {"PartName": name, "ContentType": _NOTES}
    kinds.append(kinds.makeelement(f"{_TYPES}Override", known))
    return _text(kinds)


# --- any other file ----------------------------------------------------------------------


def _as_read(path: Path, notes: Notes) -> bytes | None:
    """Return a workbook of the cells as they were read, all of them texts."""
    file, names, sheets = io.BytesIO(), [], read_sheets(path)
    if sum(sheet.cells.size for sheet in sheets) > _MOST_CELLS:
        return None
    book = new_workbook(file, Document({}, [], [], clean(path.stem)))
    formats = Formats(book)
    for sheet in sheets:
        names.append(sheet_name(clean(sheet.name), "vi", names))
        _write_cells(book.add_worksheet(names[-1]), sheet, notes.get(sheet.name, {}), formats)
    book.close()
    return file.getvalue()


def _write_cells(written, sheet: Sheet, cells: dict[str, str], formats: Formats) -> None:
    from xlsxwriter.utility import xl_cell_to_rowcol

    texts = {place: text for place, text in np.ndenumerate(sheet.cells) if text}
    marked = {xl_cell_to_rowcol(cell): text for cell, text in cells.items()}
    plain, yellow = formats.made(num_format="@"), formats.made(num_format="@", bg_color=_YELLOW)
    for place in texts | marked:
        text, look = clean(texts.get(place, "")), yellow if place in marked else plain
        write = written.write_string if text else written.write_blank
        write(*place, text[:_LONGEST], look)
    for cell, text in cells.items():
        _write_note(written, cell, text)
    for at, column in enumerate(sheet.cells.T):
        written.set_column(at, at, min(max(map(len, column)) + 3, _WIDEST))
    written.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
