"""The look of the house: colours and marks by meaning, one style; usable in anyone's notebook.

with plt.rc_context(charts.theme()):
    sns.barplot(frame, x="value", y="name", color=charts.PALETTE["accent"])
"""

from functools import cache, wraps
from importlib.resources import files
from pathlib import Path

import font_source_sans_pro
import matplotlib
from matplotlib import font_manager

INK, GREY, LINE, PALE = "#22282e", "#5f6871", "#c9cfd6", "#eef1f4"
ACCENT, ACCENT_PALE, ALERT = "#1d5c88", "#c3daea", "#c4500c"
PALETTE = {
    **{"ink": INK, "grey": GREY, "line": LINE, "pale": PALE, "paper": "#ffffff"},
    **{"accent": ACCENT, "accent_pale": ACCENT_PALE, "alert": ALERT, "hatch": "#9aa4ae"},
    **{"good": "#d3e4f0", "fair": "#eaf2f8", "bad": "#efb488"},  # fills that grey print keeps apart
    **{"stock": "#7f8a94", "earlier": "#9db8cb", "below": "#e9f0f6", "on_track": "#6aa5cb"},
    **{"range": "#e3e7eb", "middle": "#b9c1c9"},
}
TITLE, SUBTITLE, TEXT = 12, 9.5, 9  # points at the width of print: nothing is smaller than TEXT

# marker, face, edge: one meaning, one shape; a state without a mark is told in words
MARKS = {
    "met": ("o", ACCENT, ACCENT),
    "on_track": ("^", PALETTE["on_track"], ACCENT),
    "behind": ("v", ALERT, ALERT),
    "missed": ("D", ALERT, ALERT),
    "not_met": ("D", "white", ALERT),
    "undecided": ("s", "white", INK),
    "no_data": ("s", "white", GREY),
    "withheld": ("s", "white", GREY),
    "incomplete": ("s", "white", GREY),
    "area_target": ("o", "white", GREY),
    "better": ("o", ACCENT, ACCENT),
    "no_clear_difference": ("o", "white", INK),
    "worse": ("D", ALERT, ALERT),
    "untested": ("o", "white", GREY),
    "beside": ("o", "white", INK),
    "value": ("o", ACCENT, ACCENT),
    "earlier": ("o", "white", ACCENT),
    "goal": ("_", INK, INK),
    "target": ("|", INK, INK),
    "general": ("|", GREY, GREY),
}


def theme() -> dict:
    """Return the settings of matplotlib under which every chart is drawn.

    >>> theme()["font.family"][0]
    'Source Sans Pro'
    """
    return dict(_settings())


def in_theme(draw):
    """Draw under `theme()` and nothing else; no setting leaks in or out."""

    @wraps(draw)
    def drawn(*arguments, **options):
        with matplotlib.rc_context(_settings()):
            return draw(*arguments, **options)

    return drawn


@cache
def _settings() -> dict:
    for face in ("Regular", "It", "Bold"):
        font_manager.fontManager.addfont(font_file(face))
    style = matplotlib.rc_params_from_file(
        files("sonla_analysis.charts") / "sonla.mplstyle", use_default_template=False
    )
    kept = {key: value for key, value in matplotlib.rcParamsDefault.items() if _is_drawn_with(key)}
    return {**kept, **style}


def _is_drawn_with(key: str) -> bool:
    drawn = "font. text. figure. axes. xtick. ytick. lines. patch. path. scatter. hatch. svg."
    return key.startswith((*drawn.split(), "savefig."))


def font_file(face: str) -> str:
    """Return the file of a face: Regular, It or Bold; it has all 134 Vietnamese letters."""
    return str(Path(font_source_sans_pro.font_directory) / f"SourceSansPro-{face}.ttf")
