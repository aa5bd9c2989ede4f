"""Charts: one figure per function, each with a title that states the finding.

`charts.ranking(review)` is what a page calls; `charts.ranking.draw(frame, ax=ax)` draws anyone's
own frame on anyone's Axes. Every chart is a matplotlib figure whose marks, ticks and texts are
ordinary artists: `chart.figure.axes[0].axvline(3)`. The only importer of matplotlib and seaborn.

Imported here by name, so that `charts.spine` is always the function, never the module.
"""

from sonla_analysis.charts.deprivations import deprivations
from sonla_analysis.charts.funding import funding
from sonla_analysis.charts.funnel import funnel
from sonla_analysis.charts.gaps import gaps
from sonla_analysis.charts.indicator import indicator
from sonla_analysis.charts.movement import movement
from sonla_analysis.charts.overview import overview
from sonla_analysis.charts.poverty_path import poverty_path
from sonla_analysis.charts.progress_board import progress_board
from sonla_analysis.charts.ranking import ranking
from sonla_analysis.charts.spine import spine
from sonla_analysis.charts.theme import MARKS, PALETTE, theme
from sonla_analysis.charts.unit_map import unit_map
from sonla_analysis.charts.villages import villages

__all__ = [
    "MARKS",
    "PALETTE",
    "deprivations",
    "funding",
    "funnel",
    "gaps",
    "indicator",
    "movement",
    "overview",
    "poverty_path",
    "progress_board",
    "ranking",
    "spine",
    "theme",
    "unit_map",
    "villages",
]
