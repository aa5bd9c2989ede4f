"""Official forms 1–7 as offices send them, known by title and headings, read line by line.

What the titles, headings and marks are is data (`definitions/forms.toml`). Nothing is judged here;
`form_arithmetic` does that.
"""

import re
from dataclasses import dataclass
from itertools import pairwise, takewhile

import numpy as np

from sonla_analysis.intake.form_lines import (
    Line,
    definitions,
    has,
    names_line,
    noun_of,
    plain,
    read_lines,
    words,
)
from sonla_analysis.intake.sheets import Sheet
from sonla_analysis.intake.values import day
from sonla_analysis.language.vietnamese import nfc

_MOST_HEAD_ROWS = 8
_MOST_TITLES = 2000  # rows of a sheet that hold one to three texts and may be a title
_NUMBERING = re.compile(r"\(?[A-Da-d]\)?|[(\[]?\d{1,2}[)\]]?\s*(=.*)?")
_DAY = re.compile(r"(?:ngày\s*)?(\d{1,2})(?:[/.-]|\s*tháng\s*)(\d{1,2})(?:[/.-]|\s*năm\s*)(\d{4})")
_STATED = re.compile(r"thời điểm|tính đến|đến ngày")
_YEAR = re.compile(r"năm(?: rà soát)?\s*:?\s*(20\d\d)")


@dataclass
class Form:
    """A form as it was sent; `labels` are its columns' lowest headings, `as_of` "" if not told.

    Kinds: result (form 1), movement_poor (2), movement_near_poor (3), deprivation_counts (4),
    deprivation_rates (5), and the last two of the near-poor (6, 7). A form whose title is known
    and whose columns are not has no lines; `place` is its title's.
    """

    kind: str
    title: str
    as_of: str
    file: str
    sheet: str
    lines: list[Line]
    labels: dict[str, str]
    place: str = ""


def read_forms(sheets: list[Sheet]) -> list[Form]:
    """Return the official forms among the sheets of a file, in their order.

    A form whose title is known but not its columns has no lines.
    """
    return [form for sheet in sheets for form in _forms_of(sheet)]


def _forms_of(sheet: Sheet) -> list[Form]:
    titles = _titles(sheet)
    heads = {row: head for row in titles if (head := _head_row(sheet, row)) is not None}
    found = []
    for head, following in pairwise([*sorted(set(heads.values())), None]):
        own = {row: titles[row] for row in titles if heads.get(row) == head}
        end = min((row for row in heads if heads[row] == following), default=len(sheet.cells))
        found.append(_form(own, _Block(sheet, max(own), head, end)))
    return [form for form in found if form]


# --- where a form stands -----------------------------------------------------------------


def _titles(sheet: Sheet) -> dict[int, str]:
    """Return the titles of forms by their row: a text (almost) alone in its row, or over two."""
    held = (sheet.cells != "").sum(axis=1)
    rows = np.flatnonzero((held > 0) & (held < 4))[:_MOST_TITLES]
    alone = {int(row): text for row in rows if (text := _longest(sheet.cells[row]))}
    titles = {row: text for row, text in alone.items() if _kinds(text)}
    for row, text in alone.items():
        if not titles.keys() & {row, row + 1} and row + 1 in alone:
            both = f"{text} {alone[row + 1]}"
            titles |= {row: both} if _kinds(both) else {}
    return titles


def _longest(row) -> str:
    """Return the longest text of a row, unless it says what the form is attached to."""
    text = nfc(max(row, key=len))
    return "" if text.startswith(("(", "Kèm theo")) or len(text) < 8 else text


def _kinds(title: str) -> list[str]:
    """Return the kinds of form that a title may be of.

    >>> _kinds("MẪU SỐ 09. TỔNG HỢP DIỄN BIẾN HỘ NGHÈO TRONG NĂM"), _kinds("Danh sách hộ nghèo")
    (['movement_poor'], [])
    """
    text = plain(title)
    return [
        kind
        for kind, form in definitions()["form"].items()
        if all(word in text for word in form["title"]["all"])
        and has(text, form["title"].get("any", [""]))
        and not has(text, form["title_none"] + words("title_none"))
    ]


def _head_row(sheet: Sheet, title: int) -> int | None:
    """Return the row of headings below a title: the first of three cells, one of them the units."""
    for row in range(title + 1, min(title + 12, len(sheet.cells))):
        held = [text for text in sheet.cells[row] if text]
        if len(held) > 2 and any(map(_is_unit_heading, held)):
            return row
    return None


def _is_unit_heading(text: str) -> bool:
    """Return whether a heading is that of the units.

    >>> [_is_unit_heading(one) for one in ("Phường/Xã", "Tổng số hộ", "Đơn vị tính: hộ")]
    [True, False, False]
    """
    text = plain(text)
    names = any(re.match(rf"{re.escape(word)}(?!\w)", text) for word in words("unit"))
    return names and not has(text, words("not_unit"))


class _Block:
    """The headings of a form, and the rows under them: `heads[column]`, the lowest heading first.

    `numbers` are the columns' numbers where the form prints them.
    """

    def __init__(self, sheet: Sheet, title: int, head: int, end: int):
        self.sheet, self.end = sheet, end
        cells = sheet.cells
        self.unit = next(at for at, text in enumerate(cells[head]) if _is_unit_heading(text))
        self.first = head
        while self.first > title + 1 and sum(map(bool, cells[self.first - 1, self.unit + 1 :])) > 1:
            self.first -= 1  # headings whose lower part names the units
        rows = range(head + 1, min(end, head + _MOST_HEAD_ROWS))
        below = list(takewhile(self._is_head, rows))
        numbering = [row for row in below if _is_numbering(cells[row])]
        self.last = max(numbering or [head, *below])
        self.numbers = _numbers(cells[self.last]) if numbering else {}
        self.heads = self._heads(min(numbering, default=self.last + 1) - 1)
        self.columns = [at for at in sorted(self.heads) if at > self.unit]

    def _is_head(self, row: int) -> bool:
        cells = self.sheet.cells[row]
        return _is_numbering(cells) or not any(cells[: self.unit + 1])

    def _heads(self, last: int) -> dict[int, list[str]]:
        rows = _unmerged(self.sheet, self.first, last, self.unit)
        heads = {}
        for at in range(rows.shape[1]):
            texts = [plain(text) for text in rows[::-1, at] if text]
            if texts and has(" ".join(texts), words("check")) and at > self.unit:
                break
            if (texts or at in self.numbers) and not (self.numbers and at > max(self.numbers)):
                heads[at] = texts or [""]
        return heads


def _numbers(cells) -> dict[int, str]:
    texts = {at: nfc(text) for at, text in enumerate(cells)}
    return {at: text for at, text in texts.items() if _NUMBERING.fullmatch(text)}


def _is_numbering(cells) -> bool:
    """Return whether a row holds the numbers of columns: A, B, 1, 2, 3, 4=3/1*100, …

    >>> _is_numbering(["A", "B", "1", "2", "3=2/1*100", ""]), _is_numbering(["1", "Xã A", "2", "3"])
    (True, False)
    """
    held = [bool(_NUMBERING.fullmatch(nfc(text))) for text in cells if text]
    return sum(held) > 2 and held == sorted(held, reverse=True)


def _unmerged(sheet: Sheet, first: int, last: int, unit: int):
    """Return the heading rows with each merged text in all its cells; a CSV has lost the ranges."""
    rows = sheet.cells[first : last + 1].copy()
    for top, left, bottom, right in sheet.merged:
        if first <= top and bottom <= last:
            rows[top - first : bottom - first + 1, left : right + 1] = sheet.cells[top, left]
    if not sheet.merged:
        for row in range(len(rows) - 1):
            for at in range(unit + 2, rows.shape[1]):
                below = rows[row + 1 :, [at - 1, at]].any(axis=0)
                if not rows[row, at] and below.all():
                    rows[row, at] = rows[row, at - 1]
    return rows


# --- which form it is, and its columns ---------------------------------------------------


def _form(titles: dict[int, str], block: _Block) -> Form | None:
    """Return the form of a block of headings, by the first of its titles that fits them."""
    if any(has(text, words("personal")) for heads in block.heads.values() for text in heads):
        return None
    sheet = block.sheet
    for title in titles.values():
        for kind in _kinds(title):
            if columns := _columns(kind, title, block):
                columns = dict(sorted(columns.items(), key=lambda one: one[1]))
                labels = {name: block.heads[at][0] for name, at in columns.items()}
                lines = read_lines(kind, columns, block, _noun(kind, title, columns, block))
                as_of = _as_of(sheet.cells[min(titles) : block.first])
                return Form(kind, title, as_of, sheet.file, sheet.name, lines, labels)
    row, title = next(iter(titles.items()))
    place = sheet.place(row, 0)
    unknown = Form(_kinds(title)[0], title, "", sheet.file, sheet.name, [], {}, place)
    return unknown if block.numbers else None


def _columns(kind: str, title: str, block: _Block) -> dict[str, int]:
    """Return the columns of a form by name; none when the headings are not those of the kind."""
    form = definitions()["form"][kind]
    if "lacking" in form:
        as_rates = has(plain(title), words("rate")) or _prints_rates(block)
        return _lacking(form, block) if as_rates == form.get("as_rates", False) else {}
    columns = _moves(form, block) if "columns" in form else _results(form, block)
    return columns if columns.keys() >= set(form["required"]) else {}


def _results(form: dict, block: _Block) -> dict[str, int]:
    columns, before = {}, []
    for at in block.columns:
        heads = block.heads[at]
        if has(heads[0], words("rate")) and not any(map(_status, heads)):
            heads = heads + before  # a bare "Tỷ lệ" is that of the column before it
        before = heads
        if any(has(head, form["heads_none"]) for head in heads):
            return {}
        if any(has(head, words("aside") + form["aside"]) for head in heads):
            continue
        columns.setdefault(_result_column(heads), at)
    columns.pop("", None)
    return columns


def _result_column(heads: list[str]) -> str:
    """Return what a column of form 1 counts, from its headings, the lowest first.

    >>> _result_column(["số hộ", "hộ nghèo", "nghèo", "kết quả rà soát"])
    'poor_households'
    >>> _result_column(["tỷ lệ", "khẩu cận nghèo"]), _result_column(["nhân khẩu", "tổng số hộ"])
    ('near_poor_person_rate', 'population')
    """
    status = next(filter(None, map(_status, heads)), "")
    noun = next(filter(None, map(noun_of, heads)), "")
    rate = "rate" if has(heads[0], words("rate")) else ""
    if not status:
        whole = {"household": "households", "person": "population"}.get(noun, "")
        return "" if rate else whole
    return f"{status}_{noun}_rate" if rate else f"{status}_{noun}s" if noun else ""


def _status(head: str) -> str:
    """Return the one status a heading names; of "hộ nghèo, hộ cận nghèo" none.

    >>> _status("hộ cận nghèo"), _status("hộ nghèo, hộ cận nghèo")
    ('near_poor', '')
    """
    found, rest = set(), head
    for name, wanted in definitions()["status"].items():
        found |= {name} if has(rest, wanted) else set()
        rest = re.sub("|".join(wanted), "", rest)  # what is left of "cận nghèo" is not "nghèo"
    return found.pop() if len(found) == 1 else ""


def _moves(form: dict, block: _Block) -> dict[str, int]:
    """Return the columns of a movement; what the lowest headings tell goes before the others."""
    columns, rates = {}, words("rate") + words("aside")
    told = [at for at in block.columns if not any(has(one, rates) for one in block.heads[at])]
    for depth in range(max(map(len, block.heads.values()), default=0)):
        for at in told:
            heads = block.heads[at]
            if depth < len(heads) and at not in columns.values():
                name = _move(form["columns"], heads[depth], heads)
                if name and name not in columns:
                    columns[name] = at
    numbered = [at for at in block.columns if block.numbers.get(at, "A")[0].isdigit()]
    if len(columns) < len(form["order"]) == len(numbered):
        return dict(zip(form["order"], numbered, strict=True))
    return columns


def _move(columns: dict, head: str, heads: list[str]) -> str:
    for name, told in columns.items():
        above = "under" not in told or any(has(one, told["under"]) for one in heads)
        if has(head, told["any"]) and above:
            return name
    return ""


def _prints_rates(block: _Block) -> bool:
    """Return whether the deprivations stand as rates: their heading says so, or their cells do."""
    lowest = block.columns[-1:]
    heads = [head for at in lowest for head in block.heads[at]]
    cells = block.sheet.cells[block.last + 1 : block.end, lowest].ravel()
    return any(has(head, words("rate")) for head in heads) or any("%" in text for text in cells)


def _lacking(form: dict, block: _Block) -> dict[str, int]:
    """Return the columns of forms 4–7: all households, perhaps all deprivations, and each."""
    columns, rest = {}, [at for at in block.columns if not _is_aside(block.heads[at])]
    rest = [at for at in rest if not names_line(block, at)]
    while rest and "total" not in columns:
        at = rest.pop(0)
        if "nghèo" in block.heads[at][0] and "thiếu hụt" not in block.heads[at][0]:
            columns["total"] = at
    if rest and re.search("tổng.*thiếu hụt", block.heads[rest[0]][0]):
        in_all = rest.pop(0)
        if not noun_of(block.heads[in_all][0]):  # of households it is no sum of the columns
            columns["deprivations"] = in_all
    if "total" not in columns or len(rest) not in form["lacking"]:
        return {}
    return columns | {f"deprived_{number}": at for number, at in enumerate(rest, start=1)}


def _is_aside(heads: list[str]) -> bool:
    return any(has(head, words("aside")) for head in heads)


# --- whom it counts, and for which day ----------------------------------------------------


def _noun(kind: str, title: str, columns: dict[str, int], block: _Block) -> str:
    """Return whom the lines of a form count where none says it: a movement may be in persons."""
    if not kind.startswith("movement"):
        return "household"
    told = words("not_unit")
    above = [plain(text) for text in block.sheet.cells[: block.first].ravel() if text]
    measures = [
        re.split("đơn vị tính|đvt", text)[-1] for text in above if has(text, ["tính", "đvt"])
    ]
    told = [block.heads[columns["start"]][0], plain(title), *measures]
    return "person" if any(noun_of(text) == "person" for text in told) else "household"


def _as_of(above) -> str:
    """Return the day that a form's title and the rows under it name, or the end of their year."""
    texts = [plain(text) for text in above.ravel() if text]
    told = [found for text in texts if _STATED.search(text) and (found := _DAY.search(text))]
    days = [day("/".join(found.groups())) for found in told]
    years = [_YEAR.search(text) for text in texts if "ngày" not in text]
    return next(filter(None, [*days, *(f"{year[1]}-12-31" for year in years if year)]), "")
