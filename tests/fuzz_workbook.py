"""A workbook of the small city, damaged once: cells of its sheets, their XML, the zip around it.

Run as a program it is a process of its own, for a damaged workbook may end the process that reads
it: seeds as arguments, one line of JSON a case, nothing for the case that ended it.
"""

import csv
import io
import json
import random
import re
import resource
import signal
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import fuzz
from as_written import serial
from fuzz_oracle import KIND, Either, Judgement, Value, Wrong, judge

SECONDS, MEGABYTES = 5, 300  # more than this for one small workbook is a bomb that went off
SHEETS = [*KIND, "units"]


def case(seed: int, folder: Path) -> tuple[str, list[str]]:
    """Damage one workbook; return what was done and what is wrong with what came out."""
    rng = random.Random(f"workbook {seed}")
    tables = _tables(fuzz.city(folder / "sound"))
    parts = _parts(folder, tables)
    table, damage = rng.choice(list(KIND)), rng.choice(DAMAGES)
    content, judgement = damage(rng, table, tables, dict(parts))
    file = folder / "damaged.xlsx"
    file.write_bytes(content)
    before, start = _peak(), time.process_time()
    found = fuzz.problems(file, table, judgement)
    if time.process_time() - start > SECONDS:
        found.append(f"takes more than {SECONDS} seconds")
    if _peak() - before > MEGABYTES:
        found.append(f"takes more than {MEGABYTES} MB")
    return f"workbook {seed}: {damage.__name__} in {table}", found


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tables(sound: Path) -> dict[str, list[list[str]]]:
    read = {}
    for name in SHEETS:
        with (sound / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            read[name] = list(csv.reader(file))
    return read


# --- a plain workbook, part by part --------------------------------------------------------

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs>'
    "</styleSheet>"
)
DATED = 1  # the style of dates


def _parts(folder: Path, tables) -> dict[str, bytes]:
    """Return the parts of a sound workbook, a sheet for each table, texts in one shared list."""
    texts, sheets = {}, {}
    for number, rows in enumerate(tables.values(), 1):
        lines = [
            f'<row r="{row}">'
            + "".join(
                f'<c r="{place(row, column)}" t="s"><v>{texts.setdefault(cell, len(texts))}</v></c>'
                for column, cell in enumerate(cells)
                if cell
            )
            + "</row>"
            for row, cells in enumerate(rows, 1)
        ]
        data = "\n".join(lines)
        sheets[f"xl/worksheets/sheet{number}.xml"] = (
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><dimension ref="A1:'
            f'{place(len(rows), len(rows[0]) - 1)}"/><sheetData>\n{data}\n</sheetData></worksheet>'
        )
    shared = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    made = {
        "[Content_Types].xml": _content_types(len(tables)),
        "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": _workbook(tables),
        "xl/_rels/workbook.xml.rels": _relations(
            {
                f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml")
                for n in range(1, len(tables) + 1)
            }
            | {"rId90": ("sharedStrings", "sharedStrings.xml"), "rId91": ("styles", "styles.xml")}
        ),
        "xl/sharedStrings.xml": f'{_HEAD}<sst xmlns="{_MAIN}" count="9" uniqueCount="{len(texts)}">'
        f"{shared}</sst>",
        "xl/styles.xml": _STYLES,
    }
    return {name: text.encode() for name, text in (made | sheets).items()}


def place(row: int, column: int) -> str:
    """Return a cell's name.

    >>> place(5, 0), place(1, 29)
    ('A5', 'AD1')
    """
    letters = ""
    while column >= 0:
        letters = chr(65 + column % 26) + letters
        column = column // 26 - 1
    return f"{letters}{row}"


def _content_types(sheets: int) -> str:
    base = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    kinds = {"workbook": "sheet.main", "sharedStrings": "sharedStrings", "styles": "styles"}
    kinds |= {f"worksheets/sheet{n}": "worksheet" for n in range(1, sheets + 1)}
    listed = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{base}.{kind}+xml"/>'
        for name, kind in kinds.items()
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="'
        'application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/>{listed}</Types>'
    )


def _relations(listed: dict[str, tuple[str, str]]) -> str:
    one = '<Relationship Id="{}" Type="{}/{}" Target="{}"/>'
    each = "".join(one.format(key, _LINKS, kind, to) for key, (kind, to) in listed.items())
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'


def _workbook(tables) -> str:
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(tables, 1)
    )
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{sheets}</sheets></workbook>'
    )


def zipped(parts: dict[str, bytes]) -> bytes:
    """Return the parts as one file, the same bytes every time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _sheet(table: str) -> str:
    return f"xl/worksheets/sheet{SHEETS.index(table) + 1}.xml"


# --- one cell ------------------------------------------------------------------------------


def _text(text: str) -> str:
    return f't="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is>'


def _number(text: str) -> str:
    return f"><v>{text}</v>"


# what stands in the cell, and the text that it is for a reader (None: must be found wherever it
# stands; after "?": may be found, or read so where that is allowed)
CELLS = [
    *((f't="e"><v>{one}</v>', None) for one in ("#REF!", "#N/A", "#DIV/0!", "#NAME?", "#VALUE!")),
    *(("><f>A1+1</f>", None), ('t="str"><f>A1&amp;"x"</f>', None), ('t="e"><f>1/0</f>', None)),
    *(('t="s"><v>999999</v>', None), ('t="s"><v>-1</v>', None), ('t="s"><v>x</v>', None)),
    *(("><v>abc</v>", "?abc"), ("><v>NaN</v>", "?NaN"), ("><v>1e999</v>", "?1e999")),
    *(("><f>A1+1</f><v>12</v>", "12"), ('t="str"><f>A1</f><v>Tổ 1</v>', "Tổ 1")),
    *((_number(one), one) for one in ("0", "1", "3", "12", "12.5", "-1", "2020", "999999999999")),
    *((_number("1.0"), "1"), (_number("1E2"), "100")),
    *(('t="b"><v>1</v>', "true"), ('t="b"><v>0</v>', "false")),
    *((f's="{DATED}"><v>{serial(day)}</v>', day) for day in ("2020-12-31", "2019-12-31")),
    *((f's="{DATED}"><v>-5</v>', "?-5"), (f's="{DATED}"><v>99999999</v>', "?99999999")),
    *((f's="{DATED}"><v>44196.54</v>', "?2020-12-31"), ('t="d"><v>2020-12-31</v>', "2020-12-31")),
    *((_text(one), one) for one in ("", "12", "1.250", "31/12/2020", "có", "near_poor", "03658")),
    *((_text(one), one) for one in ("#REF!", f"Lò Văn {fuzz.SECRET}", "a\nb", "12\u200b", "=1+1")),
    *((_text("12_x0007_"), "12\x07"), ("><v></v>", ""), ("/>", "")),
    *((_number("3649"), "3649"), (_number("0.1"), "0.1")),
]


def cells(rng, table, tables, parts):
    """Replace one to three cells by others of any type."""
    rows, sheet = [list(row) for row in tables[table]], parts[_sheet(table)].decode()
    bad, unsure = set(), set()
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        row, column = rng.randrange(1, len(rows)), rng.randrange(len(rows[0]))
        xml, text = rng.choice(CELLS)
        sheet = _with_cell(sheet, row + 1, column, xml)
        at = row - 1, rows[0][column]
        bad.discard(at), unsure.discard(at)
        if text is None:
            bad.add(at)
        elif text.startswith("?"):
            unsure.add(at)
        rows[row][column] = rows[row][column] if at in bad else text.removeprefix("?")
    judgement = _judged(table, rows)
    for at in unsure:
        cell = judgement.cells[at]
        if isinstance(cell, Value):  # a time of day is no date, but may stand in a text
            timed = ("2020-12-31T12:57:36",) * (KIND[table][at[1]] in ("text", "name"))
            judgement.cells[at] = Either((cell.value, *timed))
    judgement.cells.update({at: Wrong("an error, or a formula without a value") for at in bad})
    return zipped(parts | {_sheet(table): sheet.encode()}), judgement


def _with_cell(sheet: str, row: int, column: int, xml: str) -> str:
    """Return the sheet with one cell written anew, in its place among the others of its row."""
    whole = f'<c r="{place(row, column)}" {xml}' + ("" if xml.endswith("/>") else "</c>")
    start = sheet.index(f'<row r="{row}">') + len(f'<row r="{row}">')
    end = sheet.index("</row>", start)
    found = re.findall(r'(<c r="([A-Z]+)[0-9]+" .*?(?:/>(?!<)|</c>))', sheet[start:end], re.S)
    kept = {letters: cell for cell, letters in found}
    kept[place(row, column).rstrip("0123456789")] = whole
    ordered = sorted(kept, key=lambda letters: (len(letters), letters))
    return sheet[:start] + "".join(kept[one] for one in ordered) + sheet[end:]


def _judged(table: str, rows, *, is_open: bool = False, above: int = 0) -> Judgement:
    header, *body = rows
    lines = [number + above for number in range(2, len(body) + 2)]
    dates = {"2019-12-31", "2020-12-31"}
    if table == "unit_counts":
        dates |= {row[0] for row in body}
    return judge(table, header, body, lines, fuzz.UNITS, dates, is_open=is_open)


_ENDS_WELL = Judgement(None, [])


def _must(why: str) -> Judgement:
    return Judgement({}, [], why)


def as_excel_types(rng, table, tables, parts):
    """Write every number, date and yes/no of a sheet as Excel's own type: nothing has changed."""
    rows, kinds = tables[table], KIND[table]
    sheet = parts[_sheet(table)].decode()
    for row, cells in enumerate(rows[1:], 2):
        for column, (name, cell) in enumerate(zip(rows[0], cells, strict=True)):
            kind = kinds.get(name)
            if not cell or kind not in ("count", "money", "date", "flag"):
                continue
            xml = _number(cell)
            if kind == "date":
                xml = f's="{DATED}"><v>{serial(cell)}</v>'
            elif kind == "flag":
                xml = f't="b"><v>{int(cell == "true")}</v>'
            old = re.compile(f'<c r="{place(row, column)}" .*?</c>')
            sheet = old.sub(f'<c r="{place(row, column)}" {xml}</c>', sheet, count=1)
        if row > 40:
            break
    return zipped(parts | {_sheet(table): sheet.encode()}), _judged(table, rows)


def far_cell(rng, table, tables, parts):
    """A cell that somebody touched far away: the sheet is no larger for it."""
    at = rng.choice(["XFD1048576", "XFD100000", "A1048576", "ZZ99999", "XFD1"])
    row = re.sub("[A-Z]", "", at)
    text = rng.choice(["", " ", "x"])
    cell = f'<c r="{at}" {_text(text)}</c>'
    sheet = parts[_sheet(table)].decode()
    if row == "1":
        sheet = sheet.replace("</row>", cell + "</row>", 1)
    else:
        sheet = sheet.replace("\n</sheetData>", f'\n<row r="{row}">{cell}</row></sheetData>')
    lost = at.startswith("A") and text == "x"
    judgement = _must("a cell far away") if lost else _judged(table, tables[table], is_open=True)
    return zipped(parts | {_sheet(table): sheet.encode()}), judgement


def false_dimension(rng, table, tables, parts):
    """The sheet says that it is larger, smaller or elsewhere; its cells say where they are."""
    said = rng.choice(["A1:XFD1048576", "A1", "", "B2:A1", "A1:A99999999999", "x", "A1:B2"])
    sheet = re.sub(
        'dimension ref="[^"]*"', f'dimension ref="{said}"', parts[_sheet(table)].decode()
    )
    return zipped(parts | {_sheet(table): sheet.encode()}), _judged(
        table, tables[table], is_open=True
    )


def blank_rows(rng, table, tables, parts):
    """Leave rows blank between others: they do not count, but Excel's row numbers do."""
    rows = [list(row) for row in tables[table]]
    for _ in range(rng.randint(1, 3)):
        rows.insert(rng.randrange(1, len(rows)), [""] * len(rows[0]))
    column = rng.randrange(2, len(rows[0]))
    rows[-1][column] = "#12 x"
    made = _parts(None, tables | {table: rows})
    return zipped(made), _judged(table, rows)


def rows_above_the_header(rng, table, tables, parts):
    rows = tables[table]
    above = rng.choice([[["PHÒNG LĐ-TB&XH"]], [[""]], [["Bảng 1"], [""]]])
    width = len(rows[0])
    padded = [row + [""] * (width - len(row)) for row in above]
    made = _parts(None, tables | {table: [*padded, *rows]})
    return zipped(made), _judged(table, rows, is_open=True, above=len(above))


def columns_doubled(rng, table, tables, parts):
    column = rng.randrange(len(tables[table][0]))
    rows = [[*row, row[column]] for row in tables[table]]
    return zipped(_parts(None, tables | {table: rows})), _must("a column twice")


def sheet_gone(rng, table, tables, parts):
    other = {name: rows for name, rows in tables.items() if name != table}
    must = _ENDS_WELL if table in ("history", "funding") else _must(f"no sheet {table}")
    return zipped(_parts(None, other)), must


def sheet_renamed(rng, table, tables, parts):
    name = rng.choice([f"{table} ", table.upper(), f"Bang {table}", table[:-1], "Sheet1"])
    book = parts["xl/workbook.xml"].replace(f'name="{table}"'.encode(), f'name="{name}"'.encode())
    return zipped(parts | {"xl/workbook.xml": book}), _judged(table, tables[table], is_open=True)


# --- the XML and the zip -------------------------------------------------------------------


def xml_broken(rng, table, tables, parts):
    """Cut or alter one part's bytes: refused, or what is read is not what stands there no more."""
    name = rng.choice([_sheet(table), "xl/workbook.xml", "xl/sharedStrings.xml", *parts])
    part = bytearray(parts[name])
    for _ in range(rng.choice([1, 3, 20])):
        at = rng.randrange(len(part))
        if rng.random() < 0.3:
            del part[at : at + rng.randrange(1, 200)]
            part = part or bytearray(b"<")
        else:
            part[at] = rng.randrange(256)
    return zipped(parts | {name: bytes(part)}), _ENDS_WELL


def part_gone(rng, table, tables, parts):
    name = rng.choice([_sheet(table), "xl/workbook.xml", "xl/sharedStrings.xml", *parts])
    del parts[name]
    gone = name in ("xl/sharedStrings.xml", "xl/workbook.xml")
    return zipped(parts), _must(f"no {name}") if gone else _judged(
        table, tables[table], is_open=True
    )


def entities(rng, table, tables, parts):
    """A billion laughs, a file of this machine: never expanded."""
    bomb = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    inner = rng.choice([bomb + "]>", '<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">]>'])
    name = rng.choice([_sheet(table), "xl/sharedStrings.xml", "xl/workbook.xml"])
    part = parts[name].decode().replace(_HEAD, _HEAD + inner)
    part = part.replace("<t>", "<t>&j;", 1)
    return zipped(parts | {name: part.encode()}), _ENDS_WELL


def bomb(rng, table, tables, parts):
    """A small file that unpacks to hundreds of megabytes, as space, text or rows."""
    size = rng.choice([60, 200]) * 2**20
    sheet = parts[_sheet(table)].decode()
    filling = rng.choice([" ", "<row/>", '<c t="inlineStr"><is><t>' + "x" * 1000 + "</t></is></c>"])
    more = filling * (size // len(filling))
    sheet = sheet.replace("\n</sheetData>", f"{more}\n</sheetData>")
    where = _sheet(table)
    if rng.random() < 0.3:
        where, sheet = "xl/media/image1.png", more
    return zipped(parts | {where: sheet.encode()}), _ENDS_WELL


def bytes_flipped(rng, table, tables, parts):
    content = bytearray(zipped(parts))
    for _ in range(rng.choice([1, 4, 40])):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return bytes(content), _judged(table, tables[table], is_open=True)


def cut_off(rng, table, tables, parts):
    content = zipped(parts)
    return content[: rng.choice([0, 4, rng.randrange(len(content))])], _must("half a file")


def another_kind_of_file(rng, table, tables, parts):
    old = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(rng.randrange(600))
    made = [b"", b"as_of,unit\n", old, b"<html><table></table></html>", b"PK\x03\x04", bytes(5000)]
    return rng.choice([*made, zipped({"x.txt": b"x"}), zipped({})]), _must("no workbook")


DAMAGES = [
    *(cells,) * 16,
    *(as_excel_types, far_cell, far_cell, false_dimension, blank_rows, rows_above_the_header),
    *(columns_doubled, sheet_gone, sheet_renamed, xml_broken, xml_broken, xml_broken, part_gone),
    *(entities, bomb, bytes_flipped, bytes_flipped, cut_off, another_kind_of_file),
]


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))  # a bomb ends this, not more
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as made:
        for one in sys.argv[1:]:
            signal.setitimer(signal.ITIMER_PROF, 3 * SECONDS)  # of processor time: then it ends
            print(json.dumps([int(one), *case(int(one), Path(made))]), flush=True)
