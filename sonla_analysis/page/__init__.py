"""What a notebook calls: begin a page, say a sentence, show a chart, set a table.

The only importer of IPython. Whatever a page shows is an ordinary notebook output, with a record
(`metadata["sonla"]`) from which every exporter builds its format.
"""

import base64
import os
from functools import partial
from html import escape
from pathlib import Path

import pandas as pd
from IPython import get_ipython
from IPython.display import Markdown, display

from sonla_analysis import sentences
from sonla_analysis.definitions.editions import PUBLIC, name_in
from sonla_analysis.indicators.bridge_tables import AREA_KIND
from sonla_analysis.language.fonts import with_font
from sonla_analysis.language.phrases import phrase
from sonla_analysis.review import Review
from sonla_analysis.sentences.table import Table
from sonla_analysis.sentences.why import why

# how a batch tells `show` what to draw and where to save it; a page's calls are the same everywhere
FORMATS_SHOWN, FOLDER_OF_CHARTS = "SONLA_CHARTS_FORMATS", "SONLA_CHARTS_FOLDER"
PRINT_DPI = 200  # over the 16 cm of a page: small, and sharp in print


def begin(review: Review, page: str = "") -> None:
    """Show the page's title, and leave the record of the document for the exporters.

    `page` is the name of another page than a report, as `sonla report --page` calls it.
    """
    _open(review)
    title = sentences.page_title(review, page)
    lines = [f"# {_plain(title)}", _plain(sentences.page_subtitle(review))]
    if review.synthetic:
        lines.append(f"**{phrase('mark.synthetic', review.language)}.**")
    if review.is_internal:
        lines.append(f"**{phrase('mark.internal', review.language)}.**")
    record = document_record(review, title) | ({"page": page} if page else {})
    _emit({"text/markdown": "\n\n".join(lines)}, record)


def say(text: str | list[str], *, under: str = "") -> None:
    """Show a sentence, or several as a list; `under` is the heading of the section it opens."""
    _head(under)
    if isinstance(text, str):
        _write(_plain(text))
    elif text:
        _write(_listed(text))


def prompts(found: dict) -> None:
    """Leave what a Word report holds for its author (`sentences.prompts`), and show it here.

    The page made of the notebook, and the PDF, are for readers and go without.
    """
    places = found["prompts"]
    lines = [one for piece in places for one in (*found["facts"][piece], *places[piece])]
    _emit({"text/markdown": _listed(lines)}, {"kind": "prompts", **found})


def places(lines: list[str]) -> None:
    """Leave places to be filled in at the end of a page's Word document, and show them here."""
    _emit({"text/markdown": _listed(lines)}, {"kind": "prompts", "places": lines})


def glance(review: Review, *, under: str = "") -> None:
    """Show the few figures that are read first; documents have them as their opening paragraph."""
    _head(under)
    first = sentences.glance(review)
    figures = "".join(
        f"<td><b>{escape(figure)}</b><br>{escape(what)}</td>" for figure, what in first["figures"]
    )
    remarks = "".join(f"<p>{escape(one)}</p>" for one in first["remarks"])
    html = f"<table><tr>{figures}</tr></table>{remarks}"
    _emit({"text/html": html, "text/plain": first["text"]}, {"kind": "glance", **first})


def explain(review: Review) -> None:
    """Show one sentence for each figure of the plan; a report folds them away."""
    _emit({"text/markdown": _listed(sentences.progress(review))}, {"kind": "explained"})


def show(*charts, under: str = "") -> None:
    """Show charts with their alt text; in a batch also save them in the formats asked for.

    Their texts are shown as text: small, and found by a search in the page made of it.

    A chart that there is nothing for, because nobody sent its table, is left out, and with all of
    them the heading.
    """
    charts = [chart for chart in charts if chart is not None]
    _head(under if charts else "")
    formats = os.environ.get(FORMATS_SHOWN, "text,font").split(",")
    for chart in charts:
        draw = {"svg": chart.svg, "png": partial(chart.png, dpi=PRINT_DPI)}
        drawn = {name: draw[name]() for name in draw if name in formats}
        _save(chart, drawn)
        if "text" in formats:  # a page made of it brings the font, JupyterLab does not
            drawn["svg"] = chart.svg(text=True)
        if "font" in formats:
            drawn["svg"] = with_font(drawn["svg"])
        _emit(_images(drawn) | {"text/plain": chart.alt}, _chart_record(chart))


def _images(drawn: dict) -> dict:
    data = {"image/svg+xml": drawn["svg"]} if "svg" in drawn else {}
    return data | ({"image/png": base64.b64encode(drawn["png"]).decode()} if "png" in drawn else {})


def _chart_record(chart) -> dict:
    """Return what an exporter needs of a chart, the very numbers drawn included."""
    record = {name: getattr(chart, name) for name in ("slug", "title", "subtitle", "source", "alt")}
    numbers = chart.numbers.astype("str").where(chart.numbers.notna(), "–")
    values = [_plain_rows(chart.values.get(place)) for place in range(numbers.shape[1])]
    rows = {"columns": list(numbers), "rows": numbers.to_numpy().tolist(), "values": values}
    frame = {"columns": list(chart.frame), "rows": _plain_rows(chart.frame)}
    record |= {"kind": "chart", "numbers": rows, "frame": frame}
    return record | {"stamp": getattr(chart, "stamp", {})}


def _plain_rows(found) -> list | None:
    """Return a table's rows, or a column, as plain data: missing values as None."""
    if found is None:
        return None
    found = pd.DataFrame(found) if found.ndim > 1 else pd.Series(found)
    return found.astype("object").where(found.notna(), None).to_numpy().tolist()


def script(source: str) -> None:
    """Let the browser of a live notebook run a script; it is in no report."""
    display({"application/javascript": source, "text/plain": ""}, raw=True)


def table(*tables: Table | None, under: str = "") -> None:
    """Show tables, every cell escaped; without any of them no heading either."""
    tables = [content for content in tables if content is not None]
    _head(under if tables else "")
    for content in tables:
        record = {"kind": "table", **content.record()}
        _emit({"text/html": table_html(content), "text/plain": content.title}, record)


def table_html(content: Table) -> str:
    """Return a table as plain HTML with caption and header cells, every text escaped.

    >>> from sonla_analysis.sentences.table import Column
    >>> one = Table("t", "A & B", [Column("unit", "Đơn vị")], [["<x>"]], [["<x>"]])
    >>> table_html(one)[:35]
    '<table><caption>A &amp; B</caption>'
    """
    sides = [f' style="text-align:{column.align}"' for column in content.columns]
    head = "".join(
        f'<th scope="col"{side}>{escape(column.label)}</th>'
        for column, side in zip(content.columns, sides, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{side}>{escape(text)}</td>" for text, side in zip(row, sides, strict=True))
        + "</tr>"
        for row in content.texts
    )
    notes = "".join(f"<p><small>{escape(note)}</small></p>" for note in content.notes)
    caption = f"<caption>{escape(content.title)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}"


def document_record(review: Review, title: str) -> dict:
    """Return what an exporter needs to know of the page as a whole, every figure included."""
    language, plan = review.language, review.plan
    unit = review.units.loc[review.unit]
    return {
        "kind": "document",
        "unit": review.unit,
        "unit_name": sentences.unit_name(unit, language),
        "unit_title": sentences.unit_name(unit, language, start=True),
        "is_area": review.is_area,
        "committee_of": _name_of(review, _committee_of(review)),
        "parent_name": _name_of(review, _parent_of(review, _committee_of(review))),
        "area_name": sentences.name_of(review, review.area),
        "as_of": review.as_of,
        "date_text": sentences.day(review.as_of, language, long=True),
        "language": language,
        "plan": plan.id,
        "plan_number": plan.number,
        "plan_issued": plan.issued,
        "issuer": plan.issuer[language],
        "title": title,
        "synthetic": review.synthetic,
        "edition": review.edition,
        "stamp": review.stamp,
        "made_from": review.made_from,
        "progress": [_figure_record(review, name) for name in review.now.index],
    }


def _committee_of(review: Review) -> str:
    """Return the unit whose committee reports; an area that is no unit any more has none."""
    area_only = review.units.loc[review.unit, "kind"] == AREA_KIND
    return review.units.loc[review.unit, "parent"] if area_only else review.unit


def _parent_of(review: Review, unit: str) -> str:
    """Return the unit above one, past an area that is no unit any more."""
    parent = review.units["parent"].get(unit, "")
    area_only = review.units["kind"].get(parent, "") == AREA_KIND
    return review.units.loc[parent, "parent"] if area_only else parent


def _name_of(review: Review, unit: str) -> str:
    """Return a unit's name, empty where the list of units has none."""
    known = unit in review.units.index
    return sentences.name_of(review, unit) if known else ""


def _figure_record(review: Review, name: str) -> dict:
    """Return one figure of the plan: raw, and as the texts that every format must print alike."""
    row, indicator, language = review.now.loc[name], review.plan[name], review.language
    raw = row[["numerator", "denominator", "value", "still_needed", "state", "status", "reason"]]
    return {
        "indicator": name,
        "number": indicator.number,
        "name": indicator.name[language],
        "short": indicator.short[language],
        **raw.where(raw.notna(), None).to_dict(),
        "texts": sentences.figure_texts(row, indicator, language),
        "sentence": sentences.sentence(review, name),
        "why": [list(pair) for pair in why(review, name)],
    }


def _save(chart, drawn: dict) -> None:
    """Save the chart beside the report when a batch asks for it, numbered in the page's order."""
    if not (folder := os.environ.get(FOLDER_OF_CHARTS)):
        return
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    place = len({file.stem for file in folder.iterdir()}) + 1
    edition = _stamped({"stamp": getattr(chart, "stamp", {})})["stamp"].get("edition", PUBLIC)
    for ending, content in drawn.items():
        data = content.encode() if isinstance(content, str) else content
        name = name_in(edition, f"{place:02d}-{chart.slug}.{ending}")
        (folder / name).write_bytes(data)


def _head(under: str) -> None:
    if under:
        _write(f"## {_plain(under)}")


def _plain(text: str) -> str:
    """Return the text with markup characters taken literally."""
    return "".join("\\" + letter if letter in r"\`*_{}[]<>#|$!" else letter for letter in text)


def _listed(texts: list[str]) -> str:
    return "\n".join(f"- {_plain(one)}" for one in texts)


def _write(markdown: str) -> None:
    display(Markdown(markdown), metadata={"sonla": _stamped({"kind": "text"})})


def _emit(data: dict, record: dict) -> None:
    display(data, metadata={"sonla": _stamped(record)}, raw=True)


# --- what every output is about ----------------------------------------------------------


def _open(review: Review) -> None:
    """Keep with the shell, which every page has to itself, the review that the page began with."""
    if shell := get_ipython():
        shell.sonla_stamp = review.stamp


def _stamped(record: dict) -> dict:
    """Return a record with the stamp of its review: its own, else that of the page's beginning."""
    stamp = record.get("stamp") or getattr(get_ipython(), "sonla_stamp", {})
    return record | {"stamp": stamp}
