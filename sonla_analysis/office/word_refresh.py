"""An edited Word report brought up to date: new figures into what is untouched, nothing else.

Untouched is what still says what was filled in. A table whose rows came or went is changed as a
whole, or, where somebody edited it, left as a whole; so is a list of sentences, entry by entry.
"""

from copy import deepcopy
from dataclasses import dataclass, field

from docx.oxml.ns import qn

from sonla_analysis.office.document import Document
from sonla_analysis.office.letterhead import Letterhead
from sonla_analysis.office.word_elements import (
    is_alone,
    is_bold,
    move_section_end,
    says,
    take_out,
    width_of,
)
from sonla_analysis.office.word_made import Made
from sonla_analysis.office.word_marks import (
    PROMPT,
    bookmark,
    bookmark_name,
    cells_of,
    is_head,
    rows_of,
    text_of,
)
from sonla_analysis.office.word_memory import about_document
from sonla_analysis.office.word_paper import Paper, Spot, write_text


@dataclass(frozen=True)
class Change:
    """One place of the document: what stands there (`old`) and what the data say now (`new`).

    `place` names a cell (table, row, column) or a picture; it is empty for a sentence.
    """

    place: tuple
    old: str
    new: str


@dataclass
class Refreshed:
    """What a refresh did; `content` is the new document, None when nothing had to be changed.

    `updated`: old → new. `outdated`: edited by a person, and the data say something else now.
    `kept`: edited, the data as they were. `lost`: deleted or typed over as a whole.
    """

    content: bytes | None = None
    updated: list[Change] = field(default_factory=list)
    outdated: list[Change] = field(default_factory=list)
    kept: list[Change] = field(default_factory=list)
    lost: list[Change] = field(default_factory=list)


def refreshed(
    paper: Paper, documents: tuple[Document, Document], letterhead: Letterhead, about: dict
) -> Refreshed:
    """Return a document of ours with the figures of the same page, made anew.

    `documents` are the page as its format arranges it, and the whole of it.
    """
    document = documents[0]
    work = _Work(paper, Made(documents, letterhead, paper.memory["pieces"]))
    work.run()
    paper.set_title(paper.memory.get("title", ""), document.title)
    if paper.changed:
        known = about_document(document, paper.memory["pieces"])
        work.done.content = paper.written(known | about | {"held": work.held})
    return work.done


def as_it_is(paper: Paper) -> Refreshed:
    """Return what a person changed in a document whose data are as they were."""
    work = _Work(paper, None)
    for name, was in work.was.items():
        if (spot := work.spot(name)) and not work.is_untouched(name):
            caption = (work.was.get(f"{name}/caption", name),) if _is_picture(was) else ()
            work.tell("kept", caption, "" if _is_picture(was) else spot.text, was, name)
    return work.done


class _Work:
    """The names of the document held against those of what is made now, one after the other."""

    def __init__(self, paper: Paper, made: Made | None):
        self.paper, self.made, self.done = paper, made, Refreshed()
        self.was = paper.memory["held"]
        self.new = made.held if made else {}
        self.held = {}  # what is remembered afterwards
        self.anchors = {}  # new unit → its element in the document

    def run(self) -> None:
        for name in filter(_is_of_template, self.was):
            self._template_text(name)
        old, new = _by_unit(self.was), _by_unit(self.new)
        pairs = _paired(list(old), list(new))
        for unit, before in pairs.items():
            if _is_table(unit):
                self._table(unit, old[unit], new[unit])
            else:
                self._single(before, unit)
        for unit in old:
            if unit not in pairs.values():
                self._take_out(unit, old[unit])
        units = list(new)
        for place, unit in enumerate(units):
            if unit not in pairs:
                self._put_in(unit, new[unit], units[:place][::-1], units[place + 1 :])
        order = {name: place for place, name in enumerate(self.new)}
        self.held = dict(sorted(self.held.items(), key=lambda one: order.get(one[0], -1)))

    def tell(self, kind: str, place: tuple, old: str, new: str, name: str = "") -> None:
        """Tell of a change, a picture's without texts; `kind` is a list of `Refreshed`.

        What becomes of a text that asks a person to write is no one's business.
        """
        if PROMPT not in name.rpartition("/")[2]:
            shown = ("" if _is_picture(text) else text for text in (old, new))
            getattr(self.done, kind).append(Change(place, *shown))

    # --- states ---

    def spot(self, name: str):
        """Return where a name stands; None when it stands nowhere with a text any more."""
        spot = self.paper.spots.get(bookmark_name(name))
        if spot is None or spot.end is None or not spot.runs:
            return None
        self.paper.widen(spot, self.was.get(name, ""))
        return spot

    def is_untouched(self, name: str) -> bool:
        spot, was = self.spot(name), self.was[name]
        return spot is not None and self.paper.holds(spot, was) == was

    # --- single texts and pictures ---

    def _template_text(self, name: str) -> None:
        base, _, change = name.removeprefix("text:").partition("#")[0].partition("|")
        new = str(self.made.texts.get(base, ""))
        new = getattr(new, change)() if change in ("upper", "lower") else new
        if base in self.made.texts:
            self._bring(name, name, new, lambda spot: self._set_plain(spot, new))
        else:
            self._empty(name)  # a line that goes, as a recipient

    def _set_plain(self, spot: Spot, text: str) -> None:
        self.paper.set_text(spot, [(text, False, False)])

    def _empty(self, name: str, place: tuple = ()) -> bool:
        """Empty a text that the data no longer give, if nobody changed it; tell whether."""
        if untouched := self.is_untouched(name):
            self._set_plain(self.spot(name), "")
            self.tell("updated", place, self.was[name], "")
        return untouched

    def _single(self, before: str, name: str, place: tuple = ()) -> None:
        """Bring a text or a picture of the report up to date; `before` is its name until now."""
        new = self.new[name]
        if not _is_picture(new):
            looks = self.made.looks(name)
            self._bring(before, name, new, lambda spot: self.paper.set_text(spot, looks), place)
            return
        content, size, alt = self.made.picture(name)
        place = (self.new.get(f"{name}/caption") or alt,)
        self._bring(
            before, name, new, lambda spot: self.paper.set_picture(spot, content, size, alt), place
        )

    def _bring(self, before: str, name: str, new: str, put, place: tuple = ()) -> None:
        """`put` what is new in its place where that is untouched, or say why not."""
        was, spot = self.was[before], self.spot(before)
        now = self.paper.holds(spot, was) if spot else None
        if spot:
            self.anchors[name] = spot.paragraph
            spot.start.set(qn("w:name"), bookmark_name(name))
        if now is None:  # said once
            told = "lost" if new != was else ""
        elif now in (was, new):
            told = "updated" if now != new else ""
        else:
            told = "outdated" if new != was else "kept"
        self.held[name] = was if told in ("outdated", "kept") else new
        if told == "updated":
            put(spot)
        if told:
            self.tell(told, place, was if now is None else now, new, name)

    # --- tables ---

    def _table(self, unit: str, old: list[str], new: list[str]) -> None:
        title, table = self.made.places[new[0]][:1], self._table_of(old)
        if table is None:
            held = {name: self.new[name] for name in new}
            self.held |= held
            if list(held.items()) != [(name, self.was[name]) for name in old]:
                self.tell("lost", title, "", "")
            return
        self.anchors[unit] = table
        source = self.made.element(new[0])
        wide = width_of(table) == width_of(source)
        if wide and _rows(old) == _rows(new):
            self._cells(old, new)
        elif self._is_all_ours(table, old) and len(table.tr_lst) == len(_rows(old)):
            if wide:
                self._rewrite_rows(unit, table, source)
            else:
                made = self.anchors[unit] = self._adopted(new, deepcopy(source))
                self.paper.ensure_style(self.made.style(source))
                table.addnext(made)
                table.getparent().remove(table)
            self.tell("updated", title, "", "")
        else:
            self.held |= {name: self.was[name] for name in old}
            self.tell("outdated", title, "", "")

    def _table_of(self, names: list[str]):
        spots = filter(None, map(self.spot, names))
        tables = (next(one.runs[0].iterancestors(qn("w:tbl")), None) for one in spots)
        return next((one for one in tables if one is not None), None)

    def _is_all_ours(self, table, names: list[str]) -> bool:
        """Tell whether a table says what was filled in and nothing besides."""
        ours = {id(one) for name in names if (spot := self.spot(name)) for one in spot.runs}
        own = [one for one in table.iter(qn("w:r")) if id(one) not in ours and says(one)]
        return not own and all(map(self.is_untouched, names))

    def _cells(self, old: list[str], new: list[str]) -> None:
        """Bring a table of the same rows up to date, cell by cell."""
        places = self.made.places
        for name in [one for one in old if one in self.new]:
            self._single(name, name, places[name])
        for name in [one for one in old if one not in self.new]:  # as a cell that is hidden
            beside = (places[one] for one in new if _row(one) == _row(name))
            if not self._empty(name, next(beside, ())):
                self.held[name] = self.was[name]
        for name in [one for one in new if one not in self.was]:
            self._fill_empty(name, old)

    def _fill_empty(self, name: str, old: list[str]) -> None:
        """Write into a cell that was empty when the document was made."""
        spots = (self.spot(one) for one in old if _row(one) == _row(name))
        if spot := next(filter(None, spots), None):
            line = next(spot.runs[0].iterancestors(qn("w:tr")), None)
            runs = cells_of(line).get(int(name.rpartition("|")[2])) if line is not None else None
            if runs and not text_of(runs).strip():
                self._write(name, runs[0])
                self.tell("updated", self.made.places[name], "", self.held[name])

    def _write(self, name: str, run) -> None:
        """Write a new text over the text of a run and put its name round it."""
        for one in list(run):
            if one.tag != qn("w:rPr"):
                run.remove(one)
        write_text(run, self.new[name])
        start, end = bookmark([run], name, next(self.paper.numbers))
        self.held[name], self.paper.changed = self.new[name], True
        self.paper.spots[bookmark_name(name)] = Spot(start, end, [run])

    def _rewrite_rows(self, unit: str, table, source) -> None:
        """Give an untouched table other rows: each is written in the look of a row it has."""
        lines = [one for one in table.tr_lst if not is_head(one)]
        bold = [one for one in lines if is_bold(one)]
        plain = [one for one in lines if not is_bold(one)] or lines
        models = {True: (bold or plain)[0], False: plain[0]}
        for one in lines:
            table.remove(one)
        for one in source.tr_lst:
            if not is_head(one):
                table.append(deepcopy(models[is_bold(one)]))
        for (key, *_), line, own in zip(rows_of(source), table.tr_lst, source.tr_lst, strict=True):
            self._rewrite(f"{unit}|{key}", line, own)

    def _rewrite(self, row: str, line, source) -> None:
        """Write the texts of a row into a row of the document that has as many cells."""
        for one in list(line.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd"))):
            one.getparent().remove(one)
        for box, own in zip(line.tc_lst, source.tc_lst, strict=True):
            box.vMerge = own.vMerge
        for place, runs in cells_of(line).items():
            for one in runs[1:]:
                one.getparent().remove(one)
            if runs and f"{row}|{place}" in self.new:
                self._write(f"{row}|{place}", runs[0])
            elif runs:
                for one in runs[0].iter(qn("w:t")):
                    one.text = ""

    # --- what only one has ---

    def _take_out(self, unit: str, names: list[str]) -> None:
        """Take out what the data no longer give, where nobody wrote into it."""
        spots = [spot for name in names if (spot := self.spot(name))]
        if not spots:
            return
        if len(names) > 1:
            element = self._table_of(names)
            ours = element is not None and self._is_all_ours(element, names)
        else:
            element = spots[0].paragraph
            ours = element is not None and self.is_untouched(unit) and is_alone(element, spots[0])
        if ours:
            take_out(element)
            self.paper.changed = True
            self.tell("updated", (), self.was[names[0]], "", unit)
        else:  # from now on a person's own
            self.tell("outdated", (), text_of(spots[0].runs) or self.was[names[0]], "", unit)

    def _put_in(self, unit: str, names: list[str], before: list[str], after: list[str]) -> None:
        """Put in what the data give anew, after what stands before it."""
        place = next((self.anchors[one] for one in before if one in self.anchors), None)
        follower = next((self.anchors[one] for one in after if one in self.anchors), None)
        if place is None and follower is None:
            return
        made = self._adopted(names, self._in_its_look(names[0]))
        if place is None:
            follower.addprevious(made)
        else:
            place.addnext(made)
            move_section_end(place, made)
        self.anchors[unit] = made
        self.tell("updated", self.made.places[names[0]][:1], "", self.new.get(unit, ""))

    def _adopted(self, names: list[str], element):
        """Return an element with its names taken over, under numbers of this document."""
        numbers = {}
        for one in element.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd")):
            number = one.get(qn("w:id"))
            numbers.setdefault(number, str(next(self.paper.numbers)))
            one.set(qn("w:id"), numbers[number])
        self.held |= {name: self.new[name] for name in names}
        self.paper.changed = True
        return element

    def _in_its_look(self, name: str):
        """Return a new element as its like looks in this document, or as we would write it."""
        source = self.made.element(name)
        made, like = deepcopy(source), self._like(source)
        if like is not None and like.pPr is not None:
            if made.pPr is not None:
                made.remove(made.pPr)
            made.insert(0, deepcopy(like.pPr))
            for one in made.pPr.findall(qn("w:sectPr")):
                made.pPr.remove(one)
            self._letters_of(like, made)
        else:
            self.paper.ensure_style(self.made.style(source))
        for blip in made.iter(qn("a:blip")):
            blip.set(qn("r:embed"), self.paper.add_picture(self.made.picture(name)[0]))
        return made

    def _letters_of(self, like, made) -> None:
        look = next((one.rPr for one in like.iter(qn("w:r")) if text_of([one]).strip()), None)
        for run in made.iter(qn("w:r")):
            if look is not None and text_of([run]):
                if run.rPr is not None:
                    run.remove(run.rPr)
                run.insert(0, deepcopy(look))

    def _like(self, source):
        """Return a paragraph of the document that was made in the same style."""
        if source.tag != qn("w:p"):
            return None
        for name in self.new:
            own = self.anchors.get(name)
            if own is not None and self.made.spot(name).paragraph.style == source.style:
                return own
        return None


def _is_of_template(name: str) -> bool:
    return name.startswith("text:")


def _is_table(unit: str) -> bool:
    return unit.startswith("table:") and "/" not in unit


def _is_picture(held: str) -> bool:
    return held.startswith("sha256:")


def _by_unit(held: dict[str, str]) -> dict[str, list[str]]:
    """Return the names by what they belong to: a cell to its table, all else to itself."""
    units = {}
    for name in held:
        if not _is_of_template(name):
            unit = name.partition("|")[0] if name.startswith("table:") else name
            units.setdefault(unit, []).append(name)
    return units


def _group(name: str) -> str:
    return name.rpartition("/")[0] if "/" in name else ""


def _paired(old: list[str], new: list[str]) -> dict[str, str]:
    """Return for each new unit the old one: of the same name, else in the same gap of a group.

    >>> _paired(["a/x", "a/y", "a/z"], ["a/x", "a/q", "a/z", "a/r"])
    {'a/x': 'a/x', 'a/q': 'a/y', 'a/z': 'a/z'}
    """
    pairs = {name: name for name in new if name in set(old)}
    gaps = {}
    for names, side in ((old, 0), (new, 1)):
        last = ""
        for name in names:
            if name in pairs:
                last = name
            elif _group(name) and not name.startswith(("table:", "figure:")):
                gaps.setdefault((last, _group(name)), ([], []))[side].append(name)
    for before, after in gaps.values():
        pairs |= dict(zip(after, before, strict=False))
    return {name: pairs[name] for name in new if name in pairs}


def _row(name: str) -> str:
    return name.rpartition("|")[0]


def _rows(names: list[str]) -> list[str]:
    return list(dict.fromkeys(map(_row, names)))
