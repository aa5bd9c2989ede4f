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
    is_head,
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
    picture_mark,
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
    work, done = _Work(paper, None), Refreshed()
    for name, was in work.was.items():
        if (spot := work.spot(name)) and not (work.is_untouched(name) or _is_prompt(name)):
            is_picture = was.startswith("sha256:")
            caption = (work.was.get(f"{name}/caption", name),) if is_picture else ()
            texts = ("", "") if is_picture else (spot.text, was)
            done.kept.append(Change(caption, *texts))
    return done


def _is_prompt(name: str) -> bool:
    """Tell whether a text asks a person to write: what becomes of it is no one's business."""
    return PROMPT in name.rpartition("/")[2]


class _Work:
    """The names of the document held against those of what is made now, one after the other."""

    def __init__(self, paper: Paper, made: Made):
        self.paper, self.made, self.done = paper, made, Refreshed()
        self.was = paper.memory["held"]
        self.held = {}  # what is remembered afterwards
        self.anchors = {}  # new unit → its element in the document

    def run(self) -> None:
        old = list(dict.fromkeys(map(_unit, self.was)))
        old = [name for name in old if not name.startswith("text:")]
        new = list(dict.fromkeys(map(_unit, self.made.marks.held)))
        for name in [one for one in self.was if one.startswith("text:")]:
            self._template_text(name)
        pairs = _paired(old, new)
        for unit, before in pairs.items():
            self._bring(before, unit)
        for unit in old:
            if unit not in pairs.values():
                self._take_out(unit)
        for place, unit in enumerate(new):
            if unit not in pairs:
                self._put_in(unit, new[:place][::-1], new[place + 1 :])
        order = {name: place for place, name in enumerate(self.made.marks.held)}
        self.held = dict(sorted(self.held.items(), key=lambda one: order.get(one[0], -1)))

    # --- states ---

    def spot(self, name: str):
        """Return where a name stands; None when it stands nowhere with a text any more."""
        spot = self.paper.spots.get(bookmark_name(name))
        if spot is None or spot.end is None or not spot.runs:
            return None
        self.paper.widen(spot, self.was.get(name, ""))
        return spot

    def holds(self, name: str) -> str:
        """Return what stands at a name now, in the form in which it is remembered."""
        spot = self.spot(name)
        if not self.was[name].startswith("sha256:"):
            return spot.text
        content = self.paper.picture(spot)
        return picture_mark(content) if content else ""

    def is_untouched(self, name: str) -> bool:
        return self.spot(name) is not None and self.holds(name) == self.was[name]

    # --- texts of the template ---

    def _template_text(self, name: str) -> None:
        base, _, change = name.removeprefix("text:").partition("#")[0].partition("|")
        new = str(self.made.texts.get(base, ""))
        new = getattr(new, change)() if change in ("upper", "lower") else new
        if base in self.made.texts:
            self._text(name, name, new, [(new, False, False)], ())
        elif self.spot(name) and self.is_untouched(name):  # a line that goes, as a recipient
            self.paper.set_text(self.spot(name), [("", False, False)])
            self.done.updated.append(Change((), self.was[name], ""))

    # --- units that both have ---

    def _bring(self, before: str, unit: str) -> None:
        if unit.startswith("table:") and "/" not in unit:
            self._table(unit)
        elif unit.startswith("figure:") and "/" not in unit:
            self._picture(unit)
        else:
            self._text(before, unit, self.made.marks.held[unit], self.made.looks(unit), ())

    def _text(self, before: str, name: str, new: str, looks: list, place: tuple) -> None:
        """Bring one text up to date, or say why not; `before` is its name until now."""
        was, spot = self.was[before], self.spot(before)
        if spot is None:
            self.held[name] = new  # said once
            if new != was and not _is_prompt(name):
                self.done.lost.append(Change(place, was, new))
            return
        self.anchors[name], now = spot.paragraph, spot.text
        self.held[name] = new if now in (was, new) else was
        spot.start.set(qn("w:name"), bookmark_name(name))
        if now not in (was, new):
            told = self.done.outdated if new != was else self.done.kept
            told += [Change(place, now, new)] * (not _is_prompt(name))
        elif now != new:
            self.paper.set_text(spot, looks)
            self.done.updated += [Change(place, now, new)] * (not _is_prompt(name))

    def _picture(self, name: str) -> None:
        content, size, alt = self.made.picture(name)
        new, was, spot = picture_mark(content), self.was[name], self.spot(name)
        place = (self.made.marks.held.get(f"{name}/caption") or alt,)
        now = self.holds(name) if spot else ""
        self.held[name] = new if now in ("", was, new) else was
        if spot:
            self.anchors[name] = spot.paragraph
        if not now:
            self.done.lost.append(Change(place, "", "")) if new != was else None
        elif now not in (was, new):
            told = self.done.outdated if new != was else self.done.kept
            told.append(Change(place, "", ""))
        elif now != new:
            self.paper.set_picture(spot, content, size, alt)
            self.done.updated.append(Change(place, "", ""))

    # --- tables ---

    def _table(self, unit: str) -> None:
        old = [name for name in self.was if name.startswith(f"{unit}|")]
        new = [name for name in self.made.marks.held if name.startswith(f"{unit}|")]
        title, table = self.made.marks.places[new[0]][0], self._table_of(old)
        if table is None:
            self.held |= {name: self.made.marks.held[name] for name in new}
            self.done.lost.append(Change((title,), "", "")) if self._differs(old, new) else None
            return
        self.anchors[unit] = table
        source = next(self.made.marks.elements[new[0]].iterancestors(qn("w:tbl")))
        if _rows(old) == _rows(new) and width_of(table) == width_of(source):
            self._cells(old, new, table, source)
        elif self._is_all_ours(table, old) and len(table.tr_lst) == len(_rows(old)):
            self._other_rows(unit, table, source)
        else:
            self.held |= {name: self.was[name] for name in old}
            self.done.outdated.append(Change((title,), "", ""))

    def _table_of(self, names: list[str]):
        for name in names:
            if spot := self.spot(name):
                found = next(spot.runs[0].iterancestors(qn("w:tbl")), None)
                if found is not None:
                    return found
        return None

    def _is_all_ours(self, table, names: list[str]) -> bool:
        """Tell whether a table says what was filled in and nothing besides."""
        ours = {id(one) for name in names if (spot := self.spot(name)) for one in spot.runs}
        own = [one for one in table.iter(qn("w:r")) if id(one) not in ours and says(one)]
        return not own and all(map(self.is_untouched, names))

    def _differs(self, old: list[str], new: list[str]) -> bool:
        return [(n, self.was[n]) for n in old] != [(n, self.made.marks.held[n]) for n in new]

    def _cells(self, old: list[str], new: list[str], table, source) -> None:
        """Bring a table of the same rows up to date, cell by cell."""
        held, places = self.made.marks.held, self.made.marks.places
        for name in [one for one in old if one in held]:
            self._text(name, name, held[name], self.made.looks(name), places[name])
        for name in [one for one in old if one not in held]:  # emptied, as a cell that is hidden
            if self.is_untouched(name):
                self.paper.set_text(self.spot(name), [("", False, False)])
                self.done.updated.append(Change(self._near(name, new), self.was[name], ""))
            else:
                self.held[name] = self.was[name]
        for name in [one for one in new if one not in self.was]:
            self._fill_empty(name, old)

    def _near(self, name: str, new: list[str]) -> tuple:
        row = name.rpartition("|")[0]
        return next((self.made.marks.places[n] for n in new if n.rpartition("|")[0] == row), ())

    def _fill_empty(self, name: str, old: list[str]) -> None:
        """Write into a cell that was empty when the document was made."""
        row, _, place = name.rpartition("|")
        spots = [self.spot(one) for one in old if one.rpartition("|")[0] == row]
        spot = next(filter(None, spots), None)
        line = next(spot.runs[0].iterancestors(qn("w:tr")), None) if spot else None
        runs = cells_of(line).get(int(place)) if line is not None else None
        if runs and not text_of(runs).strip():
            self._write(name, runs[0])
            where = self.made.marks.places[name]
            self.done.updated.append(Change(where, "", self.held[name]))

    def _write(self, name: str, run) -> None:
        """Write a new text over the text of a run and put its name round it."""
        for one in list(run):
            if one.tag != qn("w:rPr"):
                run.remove(one)
        write_text(run, self.made.marks.held[name])
        self._name(name, run, run)
        self.paper.spots[bookmark_name(name)] = Spot("", run.getprevious(), run.getnext(), [run])

    def _name(self, name: str, first, last) -> None:
        start, end = bookmark(name, self.paper.next_number())
        first.addprevious(start)
        last.addnext(end)
        self.held[name], self.paper.changed = self.made.marks.held[name], True

    def _other_rows(self, unit: str, table, source) -> None:
        """Give an untouched table other rows: each is written in the look of a row it has."""
        title = self.made.marks.places[
            next(n for n in self.made.marks.held if n.startswith(f"{unit}|"))
        ]
        if width_of(table) != width_of(source):
            self._replace_table(unit, table, source)
        else:
            self._rewrite_rows(unit, table, source)
        self.done.updated.append(Change(title[:1], "", ""))

    def _rewrite_rows(self, unit: str, table, source) -> None:
        lines = [one for one in table.tr_lst if not is_head(one)]
        totals = [one for one in source.tr_lst if not is_head(one)]
        bold = [one for one in lines if is_bold(one)]
        plain = [one for one in lines if not is_bold(one)] or lines
        models = {True: deepcopy((bold or plain)[0]), False: deepcopy(plain[0])}
        for one in lines:
            table.remove(one)
        made = [deepcopy(models[is_bold(one)]) for one in totals]
        for one in made:
            table.append(one)
        heads = [one for one in table.tr_lst if is_head(one)]
        for (key, _, cells), line, own in zip(
            rows_of(source), heads + made, source.tr_lst, strict=True
        ):
            self._rewrite(unit, key, cells, line, own)

    def _rewrite(self, unit: str, key: str, cells: dict, line, source) -> None:
        """Write the texts of a row into a row of the document that has as many cells."""
        for one in list(line.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd"))):
            one.getparent().remove(one)
        for box, own in zip(line.tc_lst, source.tc_lst, strict=True):
            box.vMerge = own.vMerge
        for place, runs in cells_of(line).items():
            for one in runs[1:]:
                one.getparent().remove(one)
            name = f"{unit}|{key}|{place}"
            if not runs:
                continue
            if name in self.made.marks.held:
                self._write(name, runs[0])
            else:
                for one in list(runs[0].iter(qn("w:t"))):
                    one.text = ""

    def _replace_table(self, unit: str, table, source) -> None:
        made = deepcopy(source)
        self.paper.ensure_style(self.made.style(source))
        table.addnext(made)
        table.getparent().remove(table)
        self._adopt(unit, made)

    def _adopt(self, unit: str, element) -> None:
        """Take over an element with its names, under numbers of this document."""
        numbers = {}
        for one in element.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd")):
            number = one.get(qn("w:id"))
            numbers.setdefault(number, str(self.paper.next_number()))
            one.set(qn("w:id"), numbers[number])
        names = [name for name in self.made.marks.held if _unit(name) == unit]
        self.held |= {name: self.made.marks.held[name] for name in names}
        self.anchors[unit], self.paper.changed = element, True

    # --- units that only one has ---

    def _take_out(self, unit: str) -> None:
        """Take out what the data no longer give, where nobody wrote into it."""
        names = [name for name in self.was if _unit(name) == unit]
        spots = [spot for name in names if (spot := self.spot(name))]
        if not spots:
            return
        told = "" if self.was[names[0]].startswith("sha256:") else self.was[names[0]]
        element = self._table_of(names) if len(names) > 1 else spots[0].paragraph
        if element is not None and (
            self._is_all_ours(element, names)
            if len(names) > 1
            else self.is_untouched(unit) and is_alone(element, spots[0])
        ):
            take_out(element)
            self.paper.changed = True
            self.done.updated += [Change((), told, "")] * (not _is_prompt(unit))
        else:  # from now on a person's own
            now = text_of(spots[0].runs) or told
            self.done.outdated += [Change((), now, "")] * (not _is_prompt(unit))

    def _put_in(self, unit: str, before: list[str], after: list[str]) -> None:
        """Put in what the data give anew, after what stands before it."""
        place = next((self.anchors[one] for one in before if one in self.anchors), None)
        follower = next((self.anchors[one] for one in after if one in self.anchors), None)
        if place is None and follower is None:
            return
        made = self._in_its_look(unit)
        if place is None:
            follower.addprevious(made)
        else:
            place.addnext(made)
            move_section_end(place, made)
        self._adopt(unit, made)
        held = self.made.marks.held.get(unit, "")
        told = "" if held.startswith("sha256:") else held
        self.done.updated.append(Change(self._place_of(unit), "", told))

    def _place_of(self, unit: str) -> tuple:
        names = [name for name in self.made.marks.held if _unit(name) == unit]
        return self.made.marks.places[names[0]][:1]

    def _in_its_look(self, unit: str):
        """Return a new element as its like looks in this document, or as we would write it."""
        name = next(one for one in self.made.marks.held if _unit(one) == unit)
        source = self.made.marks.elements[name]
        if "|" in name:
            source = next(source.iterancestors(qn("w:tbl")))
        made = deepcopy(source)
        like = self._like(source)
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
        for name, element in self.made.marks.elements.items():
            own = self.anchors.get(name)
            if own is not None and own.tag == source.tag and element.style == source.style:
                return own
        return None


def _unit(name: str) -> str:
    """Return what a name belongs to: a cell to its table, all else to itself."""
    return name.partition("|")[0] if name.startswith("table:") else name


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


def _rows(names: list[str]) -> list[str]:
    return list(dict.fromkeys(name.rpartition("|")[0] for name in names))
