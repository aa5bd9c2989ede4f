"""A chart's SVG as a part of an HTML page: text that is found, colours that follow the page.

Only plain shapes and text pass: a notebook's pictures may be anybody's.
"""

import re
from xml.etree import ElementTree

_SVG, _LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_SHAPES = {"svg", "g", "defs", "clipPath", "pattern", "path", "rect", "circle", "use"}
_SHAPES |= {"text", "tspan"}
_LEFT_OUT = ("metadata", "title", "style")  # `style` would hold for the whole page
_ATTRIBUTES = {"id", "d", "x", "y", "width", "height", "viewBox", "transform", "style"}
_ATTRIBUTES |= {"clip-path", "patternUnits"}
_HARMLESS = (("version", "1.1"), ("fill", "none"))
_LOOKS = re.compile(r"[-\w\s:;.,#%()'\"]*")
_ADDRESS = re.compile(r"url\((?!#\w+\))|expression|@|\\", re.IGNORECASE)
_COLOUR = re.compile(r"#([0-9a-f]{6})\b")
_FINE = re.compile(r"(\.\d\d)\d+")
_FAMILY = "'Source Sans Pro', 'DejaVu Sans'"  # of nearly every text: said once for all of them
_NO_TURN = re.compile(r"rotate\(-?0 [^)]*\)")


def inline_svg(svg: str, name: str, alt: str) -> str | None:
    """Return an SVG for the middle of a page, its ids begun with `name`; None if it may not be.

    >>> svg = '<svg xmlns="http://www.w3.org/2000/svg"><text style="fill: #22282e">a</text></svg>'
    >>> print(inline_svg(svg, "hinh-1", "b").partition(">")[2])
    <text style="fill: var(--c-22282e,#22282e)">a</text></svg>
    >>> inline_svg('<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>', "hinh-1", "") is None
    True
    """
    try:
        root = ElementTree.fromstring(svg)
    except ElementTree.ParseError:
        return None
    if root.tag != f"{_SVG}svg" or not _is_plain(root):
        return None
    used = set(re.findall(r"#(\w+)", " ".join(_links(root))))
    for element in root.iter():
        _made_ready(element, used, name)
    for width in ("width", "height"):
        root.attrib.pop(width, None)
    looks = f"stroke-linejoin:round;stroke-linecap:butt;font-family:{_FAMILY}"
    root.attrib.update({"role": "img", "aria-label": alt, "style": looks})
    text = ElementTree.tostring(root, encoding="unicode")
    return re.sub(r">\s+<", "><", text)


def _is_plain(root) -> bool:
    """Drop what a page has no use for; return whether nothing but shapes and text is left."""
    for parent in list(root.iter()):
        for child in list(parent):
            if str(child.tag).removeprefix(_SVG) in _LEFT_OUT:
                parent.remove(child)
    return all(map(_is_shape, root.iter()))


def _is_shape(element) -> bool:
    own = {key: text for key, text in element.items() if (key, text) not in _HARMLESS}
    link = own.pop(_LINK, "#")
    known = str(element.tag).removeprefix(_SVG) in _SHAPES and set(own) <= _ATTRIBUTES
    texts = "".join(own.values())
    return (
        known
        and link.startswith("#")
        and bool(_LOOKS.fullmatch(texts))
        and not (_ADDRESS.search(texts))
    )


def _links(root):
    """Return all texts that may refer to an id."""
    return (one.get(name, "") for one in root.iter() for name in (_LINK, "clip-path", "style"))


def _made_ready(element, used: set[str], name: str) -> None:
    """Take namespace and needless marks off an element; give colours the page may change."""
    element.tag = element.tag.removeprefix(_SVG)
    own = element.attrib
    own.pop("version", None)
    if own.get("id") in used:
        own["id"] = f"{name}-{own['id']}"
    else:
        own.pop("id", None)
    if _LINK in own:
        own["href"] = f"#{name}-{own.pop(_LINK)[1:]}"
    for place in ("clip-path", "style"):
        if "url(#" in own.get(place, ""):
            own[place] = own[place].replace("url(#", f"url(#{name}-")
    for place in ("d", "transform"):  # a hundredth of a point is finer than any screen
        if place in own:
            own[place] = " ".join(_FINE.sub(r"\1", own[place]).split())
    if _NO_TURN.fullmatch(own.get("transform", "")):
        del own["transform"]
    if "style" in own:
        looks = _COLOUR.sub(r"var(--c-\1,#\1)", own["style"])
        own["style"] = looks.replace(f"font-family: {_FAMILY}; ", "")
