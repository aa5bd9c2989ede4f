"""An office's own Word template, filled: its placeholders checked first, nothing of it lost.

docxtpl fills single texts (escaped, in a sandbox: a template is somebody else's code). `body`,
`annexes`, charts and tables leave a mark where they stand, and Word's own pieces replace it.
"""

import io

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import nearest
from sonla_analysis.office.document import Document
from sonla_analysis.office.letterhead import Letterhead
from sonla_analysis.office.word_marks import given

OPEN, CLOSE = "\ue000", "\ue001"  # private letters; no text has them, see `clean`
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FIGURE = ("value", "numerator", "denominator", "target", "status", "still_needed")
_LETTERHEAD = (
    "superior number place_and_date subject addressee opening closing on_behalf position signer "
    "recipients synthetic ward date"
)


def context_of(document: Document, letterhead: Letterhead) -> dict:
    """Return what a template may name; charts, tables, body and annexes as marks."""
    record = document.record
    texts = {name: getattr(letterhead, name) for name in _LETTERHEAD.split()}
    texts |= {
        "agency": "\n".join(letterhead.agency),
        "recipients_title": letterhead.word("recipients"),
        "title": document.title,
        "as_of": record.get("date_text", ""),
        "plan": record.get("plan_number", ""),
        "body": mark("body"),
        "annexes": mark("annexes"),
        "charts": {_name(one.slug): mark(f"chart:{one.slug}") for one in document.pictures},
        "tables": {_name(one.slug): mark(f"table:{one.slug}") for one in document.tables},
    }
    figures = {one["indicator"]: _figure(one) for one in record.get("progress", [])}
    return given(figures | texts)


def _figure(record: dict) -> dict:
    texts = {name: record["texts"].get(name, "") for name in FIGURE}
    return texts | {name: record.get(name, "") for name in ("name", "short", "number", "sentence")}


def _name(slug: str) -> str:
    return slug.replace("-", "_")


def mark(what: str) -> str:
    """Return the mark that stands for a piece until it is put in."""
    return f"{OPEN}{what}{CLOSE}"


def fill(template: bytes, context: dict, name: str) -> tuple:
    """Return the template filled in, as a python-docx document, and the names it holds.

    An unknown placeholder is refused by name; so is a template that would lose a paragraph.
    """
    word, environment = _opened(template, name), _environment()
    tree = _parsed(word, environment, name)
    _check_names(tree, context, name)
    before = _paragraphs(word)
    try:
        word.render(context, environment, autoescape=True)
    except TemplateError as error:
        raise UsageError(message("template.wrong", file=name, error=error.message or "")) from None
    if not list(tree.find_all((nodes.If, nodes.For))) and (found := _paragraphs(word)) != before:
        raise UsageError(message("template.lost", file=name, before=before, after=found))
    names = {one.name for one in tree.find_all(nodes.Name)}
    return word.docx, names


def placeholders(template: bytes, name: str) -> set[str]:
    """Return what a template names: `ward`, `poor_household_rate.value`, `charts.spine`, …"""
    tree = _parsed(_opened(template, name), _environment(), name)
    parts = {
        f"{one.node.name}.{one.attr}"
        for one in tree.find_all(nodes.Getattr)
        if isinstance(one.node, nodes.Name)
    }
    return {one.name for one in tree.find_all(nodes.Name)} | parts


def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)


def _opened(template: bytes, name: str):
    """Return a template as docxtpl reads it; refuse what is no Word document."""
    from docxtpl import DocxTemplate

    word = DocxTemplate(io.BytesIO(template))
    try:
        word.init_docx()
    except Exception:  # whatever a damaged file makes of the readers
        raise UsageError(message("template.not_word", file=name)) from None
    return word


def _parsed(word, environment, name: str) -> nodes.Template:
    """Return the template's placeholders as Jinja reads them, headers and footers too."""
    parts = [word.get_xml()]
    for kind in (word.HEADER_URI, word.FOOTER_URI):
        parts += [word.get_part_xml(part) for _, part in word.get_headers_footers(kind)]
    try:
        return environment.parse("\n".join(word.patch_xml(one) for one in parts))
    except TemplateError as error:
        raise UsageError(message("template.wrong", file=name, error=error.message or "")) from None


def _check_names(tree: nodes.Template, context: dict, name: str) -> None:
    """Refuse a placeholder that nothing is known of, before anything is written."""
    own = {one.name for one in tree.find_all(nodes.Name) if one.ctx == "store"}
    for one in tree.find_all(nodes.Name):
        if one.name not in context and one.name not in own | {"loop", "true", "false", "none"}:
            raise _unknown(one.name, sorted(context), name)
    for one in tree.find_all(nodes.Getattr):
        known = context.get(one.node.name) if isinstance(one.node, nodes.Name) else None
        if isinstance(known, dict) and one.attr not in known:
            allowed = [f"{one.node.name}.{key}" for key in known]
            raise _unknown(f"{one.node.name}.{one.attr}", allowed, name)


def _unknown(found: str, allowed: list[str], name: str) -> UsageError:
    near = nearest(found, allowed)
    hint = message("refused.hint", near=near) if near else ""
    listed = ", ".join(allowed)
    return UsageError(
        message("template.unknown", file=name, found=found, hint=hint, allowed=listed)
    )


def _paragraphs(word) -> int:
    return sum(1 for _ in word.docx.element.body.iter(f"{_W}p"))
