"""A small line in a table: how a number went over the dates."""

from html import escape

_WIDE, _HIGH, _EDGE = 72, 18, 3  # pixels; the edge has room for the last point


def spark(values: list[int | None], text: str) -> str:
    """Return a small line as inline SVG, its last point marked; a date without a number is a gap.

    It shows the course, between its own least and most; `text` says it in numbers.

    >>> spark([4, None, 2], "4 → – → 2")
    '<svg class=spark viewBox="0 0 72 18" role=img aria-label="4 → – → 2">\
<circle cx="3" cy="3" r="1.5"/><circle cx="69" cy="15" r="2.5"/></svg>'
    """
    known = [one for one in values if one is not None]
    if not known:
        return ""
    low, step = min(known), (_WIDE - 2 * _EDGE) / max(len(values) - 1, 1)
    scale = (_HIGH - 2 * _EDGE) / (max(known) - low or 1)
    lift = 0 if max(known) > low else (_HIGH - 2 * _EDGE) / 2
    runs, points = [[]], []
    for place, one in enumerate(values):
        if one is None:
            runs.append([])
            continue
        points.append((_EDGE + place * step, _HIGH - _EDGE - lift - (one - low) * scale))
        runs[-1].append(points[-1])
    lines = [_line(run) for run in runs if run != points[-1:]]
    marks = "".join(lines) + _dot(points[-1], 2.5)
    opening = f'<svg class=spark viewBox="0 0 {_WIDE} {_HIGH}" role=img'
    return f'{opening} aria-label="{escape(text)}">{marks}</svg>'


def _line(run: list[tuple]) -> str:
    """Return a stretch without gaps: a line, or a dot where it is one date alone."""
    if len(run) < 2:
        return "".join(_dot(point, 1.5) for point in run)
    return f'<polyline points="{" ".join(f"{x:.3g},{y:.3g}" for x, y in run)}"/>'


def _dot(point: tuple, size: float) -> str:
    return f'<circle cx="{point[0]:.3g}" cy="{point[1]:.3g}" r="{size}"/>'
