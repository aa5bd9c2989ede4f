"""The templates that come with the package, written part by part: Decree 30/2020/NĐ-CP, Annex I.

`python -m sonla_analysis.office.word_template` writes `templates/report_vi.docx` and
`report_en.docx`; an office makes its own in Word with the same placeholders.
"""

from importlib.resources import files
from pathlib import Path
from xml.sax.saxutils import escape

from sonla_analysis.language.phrases import phrase
from sonla_analysis.office.package import zipped
from sonla_analysis.office.word_xml import SPACES, twips

FOLDER = files("sonla_analysis") / "office/templates"
TEXT_WIDTH, LEFT, RIGHT = 160, 64, 96  # millimetres: between the margins, the two heads
# lines of the heading, in millimetres: as long as the motto; a third to a half of the agency's
# and the subject's text (measured in the metrics of Times New Roman)
MOTTO = {"vi": 56.1, "en": 72.9}
AGENCY_LINE, SUBJECT_LINE, SUBJECT_INDENT = 18, 52, 15
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"


def template_bytes(language: str) -> bytes:
    """Return the template of a language, the same bytes every time."""
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations(
            ("officeDocument", "word/document.xml"), ("extended-properties", "docProps/app.xml")
        ).replace("</Relationships>", _core_relation()),
        "docProps/app.xml": f'{_XML}<Properties xmlns="http://schemas.openxmlformats.org/'
        'officeDocument/2006/extended-properties"><Application>sonla_analysis</Application>'
        "</Properties>",
        "docProps/core.xml": _core(language),
        "word/_rels/document.xml.rels": _relations(
            ("styles", "styles.xml"), ("settings", "settings.xml"), ("header", "header1.xml")
        ),
        "word/document.xml": f"{_XML}<w:document {SPACES}><w:body>{_body(language)}</w:body>"
        "</w:document>",
        "word/header1.xml": f"{_XML}<w:hdr {SPACES}>{_page_number()}</w:hdr>",
        "word/settings.xml": f"{_XML}<w:settings {SPACES}>{_SETTINGS}</w:settings>",
        "word/styles.xml": styles(language),
    }
    return zipped({name: content.encode() for name, content in parts.items()})


_SETTINGS = (
    '<w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/><w:characterSpacingControl '
    'w:val="doNotCompress"/><w:compat><w:compatSetting w:name="compatibilityMode" '
    'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
)


def _content_types() -> str:
    overrides = {
        "/word/document.xml": _TYPES + "document.main+xml",
        "/word/styles.xml": _TYPES + "styles+xml",
        "/word/settings.xml": _TYPES + "settings+xml",
        "/word/header1.xml": _TYPES + "header+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "/docProps/app.xml": _TYPES.replace("wordprocessingml.", "extended-properties+xml"),
    }
    listed = "".join(
        f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in overrides.items()
    )
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="png" ContentType="image/png"/>{listed}</Types>'
    )


def _relations(*relations: tuple[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{place}" Type="{_RELATION}{kind}" Target="{target}"/>'
        for place, (kind, target) in enumerate(relations, start=1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}relationships">{listed}</Relationships>'


def _core_relation() -> str:
    kind = _PACKAGE + "relationships/metadata/core-properties"
    return f'<Relationship Id="rId9" Type="{kind}" Target="docProps/core.xml"/></Relationships>'


def _core(language: str) -> str:
    return (
        f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{phrase('office.untitled', language)}</dc:title>"
        "<dc:creator>sonla_analysis</dc:creator>"
        f"<dc:language>{_locale(language)}</dc:language></cp:coreProperties>"
    )


def _locale(language: str) -> str:
    return {"vi": "vi-VN", "en": "en-GB"}[language]


# --- the page ----------------------------------------------------------------------------


def _body(language: str) -> str:
    """Return the page: heading, what is reported, signature, annexes."""
    centred = '<w:jc w:val="center"/>'
    indent = f'<w:ind w:left="{twips(SUBJECT_INDENT)}" w:right="{twips(SUBJECT_INDENT)}"/>{centred}'
    parts = [
        _pair(_issuer(), _country(language)),
        _line(
            phrase("office.type", language),
            "b",
            14,
            f'<w:spacing w:before="360" w:after="0"/>{centred}',
        ),
        _line("{{ subject }}", "b", 14, f'<w:spacing w:before="0" w:after="0"/>{indent}'),
        _rule(SUBJECT_LINE, TEXT_WIDTH, after=240),
        _plain("{%p if synthetic %}"),
        _line(
            "{{ synthetic }}", "b", 13, _BOX + f'<w:spacing w:before="0" w:after="240"/>{centred}'
        ),
        _plain("{%p endif %}"),
        _plain("{%p if addressee %}"),
        _line("{{ addressee }}", "", 14, f'<w:spacing w:before="0" w:after="240"/>{centred}'),
        _plain("{%p endif %}"),
        _plain("{%p if opening %}"),
        _styled("SonlaBody", "{{ opening }}"),
        _plain("{%p endif %}"),
        _plain("{{ body }}"),
        _styled("SonlaBody", "{{ closing }}", "<w:keepNext/>"),
        _line("", "", 6, '<w:keepNext/><w:spacing w:before="0" w:after="0"/>'),
        _pair(_recipients(), _signature()),
        _plain("{{ annexes }}"),
    ]
    return "".join(parts) + _SECTION


_SECTION = (
    '<w:sectPr><w:headerReference w:type="default" r:id="rId3"/><w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1701" w:header="567" '
    'w:footer="567" w:gutter="0"/><w:cols w:space="720"/><w:titlePg/></w:sectPr>'
)
_BOX = "<w:pBdr>" + "".join(
    f'<w:{side} w:val="single" w:sz="8" w:space="4" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right")
) + "</w:pBdr>"  # fmt: skip


def _issuer() -> str:
    """Return the left head: superior agency, issuing agency with its line, number."""
    tight = '<w:spacing w:before="0" w:after="0"/><w:jc w:val="center"/>'
    return (
        _plain("{%p if superior %}")
        + _line("{{ superior }}", "", 12, tight)
        + _plain("{%p endif %}")
        + _line("{{ agency }}", "b", 12, tight)
        + _rule(AGENCY_LINE, LEFT, after=120)
        + _line("{{ number }}", "", 13, tight)
    )


def _country(language: str) -> str:
    """Return the right head: country, motto with its line, place and date."""
    tight = '<w:spacing w:before="0" w:after="0"/><w:jc w:val="center"/>'
    return (
        _line(phrase("office.country", language), "b", 12, tight)
        + _line(phrase("office.motto", language), "b", 13, tight)
        + _rule(MOTTO[language], RIGHT, after=180)
        + _line("{{ place_and_date }}", "i", 13, tight)
    )


def _recipients() -> str:
    tight = '<w:spacing w:before="0" w:after="0"/>'
    return (
        _line("{{ recipients_title }}", "bi", 12, tight)
        + _plain("{%p for one in recipients %}")
        + _line("{{ one }}", "", 11, tight)
        + _plain("{%p endfor %}")
    )


def _signature() -> str:
    tight = '<w:spacing w:before="0" w:after="0"/><w:jc w:val="center"/>'
    blank = _line("", "", 14, '<w:spacing w:before="0" w:after="0"/>') * 4
    return (
        _line("{{ on_behalf }}", "b", 14, tight)
        + _line("{{ position }}", "b", 14, tight)
        + blank
        + _line("{{ signer }}", "b", 14, tight)
    )


def _pair(left: str, right: str) -> str:
    """Return two heads side by side: a table without borders, its rows never split."""
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{twips(width)}" w:type="dxa"/></w:tcPr>{content}</w:tc>'
        for width, content in ((LEFT, left), (RIGHT, right))
    )
    columns = "".join(f'<w:gridCol w:w="{twips(width)}"/>' for width in (LEFT, RIGHT))
    margins = "".join(f'<w:{side} w:w="0" w:type="dxa"/>' for side in ("left", "right"))
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{twips(LEFT + RIGHT)}" w:type="dxa"/><w:tblLayout '
        f'w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar></w:tblPr><w:tblGrid>{columns}'
        f"</w:tblGrid><w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr></w:tbl>"
    )


def _line(text: str, look: str, size: int, looks: str) -> str:
    """Return a line of the frame; `look` has b for bold, i for italic."""
    marks = "<w:b/><w:bCs/>" * ("b" in look) + "<w:i/><w:iCs/>" * ("i" in look)
    marks += f'<w:sz w:val="{size * 2}"/><w:szCs w:val="{size * 2}"/>'
    content = f'<w:r><w:rPr>{marks}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    return f"<w:p><w:pPr>{looks}<w:rPr>{marks}</w:rPr></w:pPr>{content if text else ''}</w:p>"


def _rule(length: float, room: float, *, after: int) -> str:
    """Return a drawn line of a length (millimetres), centred in a room."""
    aside = twips((room - length) / 2)
    border = '<w:pBdr><w:bottom w:val="single" w:sz="6" w:space="0" w:color="000000"/></w:pBdr>'
    space = f'<w:spacing w:before="0" w:after="{after}" w:line="60" w:lineRule="exact"/>'
    return f'<w:p><w:pPr>{border}{space}<w:ind w:left="{aside}" w:right="{aside}"/></w:pPr></w:p>'


def _plain(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def _styled(style: str, text: str, looks: str = "") -> str:
    looks = f'<w:pStyle w:val="{style}"/>{looks}'
    return f"<w:p><w:pPr>{looks}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def _page_number() -> str:
    field = "".join(
        f"<w:r>{part}</w:r>"
        for part in (
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>2</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
        )
    )
    return f'<w:p><w:pPr><w:pStyle w:val="SonlaPage"/></w:pPr>{field}</w:p>'


def styles(language: str) -> str:
    """Return the styles part (`templates/styles.xml`) in a language."""
    text = (FOLDER / "styles.xml").read_text(encoding="utf-8")
    return text.replace("{locale}", _locale(language))


def main() -> None:
    """Write the templates into the package."""
    for language in ("vi", "en"):
        path = Path(str(FOLDER)) / f"report_{language}.docx"
        path.write_bytes(template_bytes(language))
        print(path.name)


if __name__ == "__main__":
    main()
