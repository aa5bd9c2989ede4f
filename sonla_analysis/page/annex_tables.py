"""An annex table: its cells, its marks, and what offices expect around its columns.

A cell is a number, or the name of a mark that says why there is none: `not_reported`,
`not_collected`, `not_applicable`, `hidden` (section `symbol` of the words).
"""

import pandas as pd

from sonla_analysis.indicators.of_review import once_by
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.vietnamese import nfc, sort_key
from sonla_analysis.review import Review
from sonla_analysis.sentences import day, name_of, number, percent
from sonla_analysis.sentences.table import Column, Table
from sonla_analysis.tables.input_tables import was_sent


@once_by("as_of", "unit")
def villages_of(review: Review) -> list[str]:
    """Return the villages that have a row of their own: in a unit's forms of the internal edition.

    In the order of their names, the households whose village is blank ("") last.
    """
    sent = was_sent(review.tables, "households", "village")
    if not review.is_internal or review.is_area or not sent:
        return []
    return sorted(review.villages["village"], key=lambda name: (name == "", sort_key(name)))


def unit_codes(review: Review) -> list[str]:
    """Return the units of the rows: the area first and its units after it, or the one unit."""
    return [review.area, *review.leaf_units.index] if review.is_area else [review.unit]


def unit_stubs(review: Review) -> dict[str, list[str]]:
    """Return the first two columns: 1 and the area, 1.1 and its first unit, and so on.

    A unit's villages follow it as the units do the area.
    """
    codes = unit_codes(review)
    names = [name_of(review, code, start=True) for code in codes]
    nowhere = phrase("villages.no_village", review.language)
    names += [nfc(village) or nowhere for village in villages_of(review)]
    order = ["1", *(f"1.{place}" for place in range(1, len(names)))]
    return {"order": order, "unit_name": names}


def unit_cells(
    values: pd.Series,
    review: Review,
    *sources: tuple[str, str],
    by_village: pd.Series | None = None,
) -> list:
    """Return a column's cells from values by unit, the area's first.

    The area's is the sum of the units that reported; a blank of one that did leaves it unknown.
    `sources` are the cells, (table, column), that the values come from: a unit in which one of them
    is being corrected is `withheld`, and is not in the area's sum. A unit's villages follow where
    they have rows: `by_village` holds their values; without it nobody asked for them.
    """
    codes = unit_codes(review)
    own = codes[1:] if review.is_area else codes
    held = [code for code in own if review.is_withheld(code, *sources)]
    values = values.drop(values.index.intersection(held))
    known = values.reindex(own)
    whole = len(values) > 0 and not values.isna().any()
    total = [cell(known.sum() if whole else None)] if review.is_area else []
    cells = zip(own, known, strict=True)
    cells = total + ["withheld" if code in held else cell(value) for code, value in cells]
    villages = villages_of(review)
    if held or by_village is None:
        return cells + ["withheld" if held else "not_collected"] * len(villages)
    return cells + [cell(value) for value in by_village.reindex(villages)]


def cell(value):
    """Return a number as plain Python, or `not_reported` for a missing one."""
    if pd.isna(value):
        return "not_reported"
    return value.item() if hasattr(value, "item") else value


def share(part, whole):
    """Return part of whole in percent, or the mark that says why there is none.

    >>> share(1, 4), share(0, 0), share("not_reported", 4)
    (25.0, 'not_applicable', 'not_reported')
    """
    marks = [one for one in (part, whole) if isinstance(one, str)]
    if marks:
        return marks[0]
    return part / whole * 100 if whole else "not_applicable"


def shares(parts: list, wholes: list, review: Review) -> list:
    """Return a column of rates; the area's is unknown as long as one of its units is."""
    rates = [share(part, whole) for part, whole in zip(parts, wholes, strict=True)]
    if review.is_area and {"not_reported", "withheld"}.intersection(rates[1:]):
        rates[0] = "not_reported"
    return rates


def form_rows(spec: str, cells: dict[str, list]) -> list[list]:
    names = [one.partition(":")[0] for one in spec.split()]
    return [list(row) for row in zip(*(cells[name] for name in names), strict=True)]


def build(
    review: Review,
    slug: str,
    spec: str,
    rows: list[list],
    *,
    texts: list[list[str]] | None = None,
    labels: dict | None = None,
    heads: list[str] | None = None,
    numbers: list[str] | None = None,
    totals: list[int] = (),
    remarks: list[str] = (),
    notes: list[str] | None = None,
    annex: bool = True,
    **words,
) -> Table:
    """Return a table from rows of cells, of an annex or of the text.

    `spec` names the columns, `:n` their decimals, `:` alone a column of figures that are texts.
    `labels` are the columns' labels where the words have others. Below stand the date, the
    `remarks` and what is missing, or `notes` instead. `words` are filled into the title.
    """
    language, columns = review.language, []
    for key, figures, decimals in (one.partition(":") for one in spec.split()):
        label = (labels or {}).get(key) or phrase(f"annex_column.{key}", language)
        columns.append(Column(key, label, "right" if figures else "left", decimals))
    formats = [column.format for column in columns]
    words = {"plan": review.plan.number, "n": len(rows)} | words
    return Table(
        slug=slug,
        title=phrase(f"annex_title.{slug}", language, **words),
        columns=columns,
        rows=[list(map(_raw, row, formats)) for row in rows],
        texts=texts
        or [[text_of(*one, language) for one in zip(row, formats, strict=True)] for row in rows],
        notes=_notes(review, rows, columns, remarks) if notes is None else notes,
        annex=annex,
        stamp=review.stamp,
        heads=heads or [],
        numbers=numbers or [],
        totals=list(totals),
    )


def whole_first(review: Review) -> list[int]:
    """Return the place of the row of the whole area, or of a unit above its villages."""
    return [0] if review.is_area or villages_of(review) else []


def _raw(one, decimals: str):
    return None if decimals and isinstance(one, str) else one


def text_of(one, decimals: str, language: str) -> str:
    """Return a cell as printed: a text as it is, a mark as its symbol, a number with its decimals.

    >>> text_of(99.999, "2", "vi"), text_of("hidden", "0", "vi"), text_of(1234, "0", "vi")
    ('>99,99', 'ẩn', '1.234')
    """
    if not decimals:
        return one
    if isinstance(one, str):
        return phrase(f"symbol.{one}", language)
    nearly = percent(one, language).rstrip("%") if decimals == "2" else ""
    return nearly if nearly[:1] in ("<", ">") else number(one, language, int(decimals))


def dated(review: Review) -> str:
    """Return the note that says where a table's figures come from, and their date."""
    source = "source" if was_sent(review.tables, "households") else "source_reports"
    date = day(review.as_of, review.language)
    return phrase(f"annex_note.{source}", review.language, date=date)


def _notes(review: Review, rows, columns, remarks) -> list[str]:
    """Return the date and the remarks, and which units the totals leave out."""
    language, by_unit = review.language, columns[1].key == "unit_name"
    if any("withheld" in row for row in rows):
        remarks = [*remarks, "withheld"]
    notes = [dated(review), *(phrase(f"annex_note.{name}", language) for name in remarks)]
    if review.is_area and by_unit and (silent := _silent(rows)):
        units = [f"{unit} ({phrase(f'mark.{why}', language)})" for unit, why in silent.items()]
        notes.append(phrase("annex_note.missing", language, units=", ".join(units)))
    whole = by_unit and villages_of(review)  # a long table: leave room for its rows
    return [" ".join(notes)] if whole else notes


def _silent(rows: list[list]) -> dict[str, str]:
    """Return the units without a number in a column whose total has one, and why there is none."""
    lines = sum(row[0] == rows[0][0] for row in rows)  # one line a unit, or two
    return {
        row[1]: one
        for place, row in enumerate(rows)
        for total, one in zip(rows[place % lines], row, strict=True)
        if one in ("not_reported", "withheld") and not isinstance(total, str)
    }
