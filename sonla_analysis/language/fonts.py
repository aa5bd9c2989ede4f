"""The font of the charts, for pages that show their texts as text: all Vietnamese letters.

`fonts/` holds Source Sans Pro (SIL Open Font License 1.1) cut down to Vietnamese, ASCII and the
signs used here, 10 kB a face, by fontTools: `pyftsubset --flavor=woff2 --no-hinting`.
"""

import base64
from functools import cache
from importlib.resources import files

_FACES = {"regular": "normal 400", "bold": "normal 700", "italic": "italic 400"}


@cache
def font_style() -> str:
    """Return the CSS that brings the font along, nothing contacted."""
    rules = []
    for face, looks in _FACES.items():
        style, weight = looks.split()
        content = (
            files("sonla_analysis.language") / f"fonts/source-sans-{face}.woff2"
        ).read_bytes()
        address = f"data:font/woff2;base64,{base64.b64encode(content).decode()}"
        looks = f"font-style: {style}; font-weight: {weight}; src: url({address})"
        rules.append(f'@font-face {{ font-family: "Source Sans Pro"; {looks} }}')
    return "\n".join(rules)


def with_font(svg: str) -> str:
    """Return an SVG whose texts are text with the font in it, to be shown by itself.

    >>> with_font('<svg width="1"><text>a</text></svg>').startswith('<svg width="1"><style>@font')
    True
    """
    start = svg.index(">", svg.index("<svg")) + 1
    return f"{svg[:start]}<style>{font_style()}</style>{svg[start:]}"
