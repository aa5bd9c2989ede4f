"""What of a Word document comes from data: every text and picture by name, with what it held.

A name is a hidden bookmark round a text within one paragraph (or round a picture): such bookmarks
outlive Word and LibreOffice, those round tables and empty texts do not. What was filled in is
remembered in the document's custom properties, so that `sonla refresh` can tell what a person
changed since. Names come from where a thing stands (section, table, row, column), not from figures.
"""

import hashlib
import re
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from markupsafe import escape

from sonla_analysis.language.vietnamese import free_name, slug

BOOKMARK = "_sonla_"  # a name that begins with _ is not listed in Word
PROMPT = "cho-dien"  # a place for a person to fill in or take out, which is not told as an edit
_FIRST = 10_000  # number of our first bookmark, above those of a template
_START, _MIDDLE, _END = "\ue002", "\ue003", "\ue004"  # private letters; no text has them
_TOKEN = re.compile(f"{_START}([^{_MIDDLE}]*){_MIDDLE}|{_END}")
_LABEL = re.compile(r"^[^.:]{0,20}\d+\.\s|^([IVX]+|\d+|\w)[.)]\s")  # "Bảng 1. ", "II. "
_FIGURES = re.compile(r"[\d][\d.,/]*%?")
_SIGNS = {qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:tab"): "\t", qn("w:noBreakHyphen"): "\u2011"}
_SIGNS |= {qn("w:softHyphen"): "\u00ad"}
_TEXT, _RUN, _PROPERTIES = qn("w:t"), qn("w:r"), qn("w:rPr")
_TEXTS = (_TEXT, *_SIGNS)


class Given(str):
    """A text for a template that leaves its name where it is printed; else the text itself.

    >>> str(escape(Given("xã Hua La", "ward"))).count("ward"), Given("a", "x") == "a"
    (1, True)
    """

    def __new__(cls, text: str, name: str):
        made = super().__new__(cls, text)
        made._name = name
        return made

    def __html__(self) -> str:
        text = escape(str(self))
        return f"{_START}{self._name}{_MIDDLE}{text}{_END}" if self else ""

    def upper(self):
        return Given(str(self).upper(), f"{self._name}|upper")

    def lower(self):
        return Given(str(self).lower(), f"{self._name}|lower")


def given(value, name: str = ""):
    """Return a template's texts as `Given`, each under the name by which the template calls it."""
    if isinstance(value, dict):
        return {key: given(one, f"{name}.{key}".lstrip(".")) for key, one in value.items()}
    if isinstance(value, list):
        return [given(one, f"{name}.{place}") for place, one in enumerate(value)]
    return value if "\ue000" in value else Given(value, name)


def texts_by_name(context: dict) -> dict[str, str]:
    """Return what `given` gives, flat: `poor_household_rate.value`, `recipients.0`, …"""
    found = {}
    for value in context.values():
        if isinstance(value, Given):
            found[value._name] = value
        elif not isinstance(value, str):
            parts = value if isinstance(value, dict) else dict(enumerate(value))
            found |= texts_by_name(parts)
    return found


# --- marking -----------------------------------------------------------------------------


@dataclass
class Marks:
    """The names given in a document, in its order: what each holds, where to find and tell it.

    `places` are words for a reader: a table's title, a row, a column; a picture's caption.
    """

    held: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple] = field(default_factory=dict)

    def put(self, runs: list, name: str, place: tuple = (), held: str = "") -> None:
        """Put a name round runs of one paragraph; an empty text gets none, it would swell."""
        held = held or text_of(runs)
        if not held.strip():
            return
        name = free_name(name, self.held, "#")
        bookmark(runs, name, _FIRST + len(self.held))
        self.held[name], self.places[name] = held, place


def bookmark(runs: list, name: str, number: int) -> tuple:
    """Put a bookmark round runs; return its two ends. Word allows a name forty letters."""
    mark = bookmark_name(name)
    start = OxmlElement("w:bookmarkStart", {qn("w:id"): str(number), qn("w:name"): mark})
    end = OxmlElement("w:bookmarkEnd", {qn("w:id"): str(number)})
    runs[0].addprevious(start)
    runs[-1].addnext(end)
    return start, end


def bookmark_name(name: str) -> str:
    """Return what a name is called in the document."""
    return BOOKMARK + hashlib.sha256(name.encode()).hexdigest()[:20]


def text_of(elements) -> str:
    """Return the text of runs as it stands on paper, line breaks included."""
    texts = (one for element in elements for one in filter(is_text, element.iter(*_TEXTS)))
    return "".join(one.text or "" if one.tag == _TEXT else _SIGNS[one.tag] for one in texts)


def is_text(element) -> bool:
    """Tell whether it is a piece of a run's text: letters, or what stands for a sign."""
    return element.tag in _TEXTS and not is_page_break(element)


def is_page_break(element) -> bool:
    """Tell whether it begins a new page: LibreOffice writes so what we ask of a paragraph."""
    return element.tag == qn("w:br") and element.get(qn("w:type")) in ("page", "column")


def picture_mark(content: bytes) -> str:
    """Return what is remembered of a picture."""
    return f"sha256:{hashlib.sha256(content).hexdigest()[:32]}"


# --- texts of a template -----------------------------------------------------------------


def mark_texts(word, marks: Marks) -> None:
    """Give names to what a template printed of `given` texts, in body, headers and footers."""
    kinds = ("/header", "/footer")
    relations = word.part.rels.values()
    beside = [one.target_part.element for one in relations if one.reltype.endswith(kinds)]
    for root in (word.element.body, *beside):
        for run in list(root.iter(_RUN)):
            if _START in "".join(one.text or "" for one in run.iter(_TEXT)):
                _mark_run(run, marks)


def _mark_run(run, marks: Marks) -> None:
    """Cut a run where named texts begin and end."""
    for name, children in _cut(run):
        made = OxmlElement("w:r")
        if run.rPr is not None:
            made.append(deepcopy(run.rPr))
        for one in children:
            made.append(one)
        run.addprevious(made)
        if name:
            marks.put([made], f"text:{name}")
    run.getparent().remove(run)


def _cut(run) -> list[tuple[str, list]]:
    pieces = [("", [])]
    for child in [one for one in run if one.tag != _PROPERTIES]:
        if child.tag != _TEXT:
            pieces[-1][1].append(child)
            continue
        parts = _TOKEN.split(child.text or "")
        for place, part in enumerate(parts):
            if place % 2:
                pieces.append((part or "", []))
            elif part:
                pieces[-1][1].append(text_element(part))
    return [piece for piece in pieces if piece[1]]


def text_element(text: str):
    """Return a piece of a run's text whose spaces stay."""
    made = OxmlElement("w:t", {"{http://www.w3.org/XML/1998/namespace}space": "preserve"})
    made.text = text
    return made


# --- pieces: what blocks became ----------------------------------------------------------


def mark_pieces(elements: list, word, marks: Marks) -> None:
    """Give names to the texts, pictures and cells of a report's blocks, in their order."""
    section = figure = table = ""
    for place, element in enumerate(elements):
        if element.tag == qn("w:tbl"):
            table = _mark_table(element, marks)
            continue
        style, runs = str(element.style or ""), _runs(element)
        if not runs:
            continue
        if element.find(f".//{qn('w:drawing')}") is not None:
            figure = _mark_picture(element, word, marks)
        elif style == "SonlaCaption":
            marks.put(runs, f"{figure}/caption")
        elif style == "SonlaPrompt":
            marks.put(runs, f"{section}/{PROMPT}")
        elif style.startswith(("Heading", "SonlaAnnex")):
            if style.startswith("Heading") or style == "SonlaAnnex":
                section = f"section:{_key(text_of(runs))}"
            marks.put(runs, f"{section}/{style}")
        else:
            group = table if style == "SonlaNote" else section
            if style == "SonlaTableTitle":
                group = _following_table(elements[place + 1 :]) or section
            runs = runs[1:] if style == "SonlaItem" and len(runs) > 1 else runs  # without "- "
            marks.put(runs, f"{group}/{_key(text_of(runs))}")


def _runs(paragraph) -> list:
    return [one for one in paragraph if one.tag in (_RUN, qn("w:hyperlink"))]


def _key(text: str) -> str:
    """Return what stays of a text when its figures change: what it speaks of."""
    text = _LABEL.sub("", text)
    head = text.partition(":")[0] if 0 < text.find(":") < 80 else text[:60]
    return slug(_FIGURES.sub("", head))[:60]


def _following_table(elements: list) -> str:
    follows = elements and elements[0].tag == qn("w:tbl")
    return f"table:{_key(_title_of(elements[0]))}" if follows else ""


def _title_of(table) -> str:
    return next((one.get(qn("w:val")) for one in table.iter(qn("w:tblCaption"))), "")


def _mark_picture(paragraph, word, marks: Marks) -> str:
    described = next(paragraph.iter(qn("wp:docPr")))
    name = f"figure:{described.get('name')}"
    blip = next(paragraph.iter(qn("a:blip")))
    content = word.part.related_parts[blip.get(qn("r:embed"))].blob
    place = (described.get("descr", ""),)
    marks.put(_runs(paragraph), name, place, picture_mark(content))
    return name


def _mark_table(table, marks: Marks) -> str:
    """Give names to a table's cells: by row and column. Returns the table's own name."""
    title, labels = _title_of(table), {}
    name = f"table:{_key(title)}"
    if any(one.startswith(f"{name}|") for one in marks.held):
        name = f"{name}#{sum(one.endswith('|head1|0') for one in marks.held)}"
    for key, label, cells in rows_of(table):
        for place, runs in cells.items():
            if key.startswith("head"):
                labels[place] = text_of(runs) or labels.get(place, "")
            where = (title, label, labels.get(place, ""))
            marks.put(runs, f"{name}|{key}|{place}", where)
    return name


def rows_of(table) -> list[tuple[str, str, dict]]:
    """Return a table's rows: key, label, the runs of each cell by its column.

    A row is known by the words before its first figure: with those of the cell above that goes on
    over it, and those of the row 2 for a row 2.1.
    """
    rows, seen, above, numbered = [], Counter(), [], {}
    for number, row in enumerate(table.tr_lst, start=1):
        cells = cells_of(row)
        if is_head(row):
            rows.append((f"head{number}", "", cells))
            continue
        order, above = _stub(row, cells, above)
        label = " – ".join(filter(None, above)) or order
        numbered[order] = label
        over = numbered.get(order.rpartition(".")[0], "") if "." in order else ""
        key = slug(f"{over} {label}")
        seen[key] += 1
        rows.append((key if seen[key] == 1 else f"{key}#{seen[key]}", label, cells))
    return rows


def is_head(row) -> bool:
    """Tell whether a row is repeated on every page of its table."""
    return row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None


def cells_of(row) -> dict[int, list]:
    """Return the runs of a row's cells by their column, each with all its paragraphs."""
    cells, place = {}, 0
    for cell in row.tc_lst:
        cells[place] = [run for one in cell.p_lst for run in _runs(one)]
        place += cell.grid_span
    return cells


def _stub(row, cells: dict, above: list[str]) -> tuple[str, list[str]]:
    """Return a row's order number, and the words of the cells before its first figure."""
    order, words = "", []
    for runs, cell in zip(cells.values(), row.tc_lst, strict=True):
        side = next((one.get(qn("w:val")) for one in cell.iter(qn("w:jc"))), "left")
        if side == "right":
            break
        if side == "center":
            order = text_of(runs)
        else:
            up = above[len(words)] if len(words) < len(above) else ""
            words.append(text_of(runs) or up)
    return order, words
