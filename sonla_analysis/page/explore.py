"""The panel for the statistician at the keyboard: choose, see at once, save, go on in pandas."""

import base64
from html import escape
from pathlib import Path

import ipywidgets as widgets
import pandas as pd

from sonla_analysis import sentences
from sonla_analysis.charts import indicator as draw
from sonla_analysis.charts import unit_map
from sonla_analysis.charts.figure import Chart
from sonla_analysis.definitions.editions import PUBLIC, folder_in, name_in
from sonla_analysis.definitions.units import folder_name
from sonla_analysis.indicators.breakdown import groupings, observations, side_by_side
from sonla_analysis.indicators.measure import area_of, review_dates
from sonla_analysis.indicators.unit_map import has_centres
from sonla_analysis.language.phrases import phrase
from sonla_analysis.language.refusals import SonlaError
from sonla_analysis.page import script, table_html
from sonla_analysis.review import CheckedData, Review, open_data, review_of
from sonla_analysis.sentences.breakdown_findings import group_word
from sonla_analysis.sentences.table import Column, Table

SAVED = "saved_charts"
WHOLE = ""  # the choice not to divide: a list shows nothing for None
MAP = "map"  # the choice to see the units of the area where they lie
_WIDE = {"style": {"description_width": "6.5em"}, "layout": {"width": "min(34em, 100%)"}}
# JupyterLab takes keys as commands of the notebook (x cuts the cell) unless the element that has
# the focus says otherwise; asked before JupyterLab is, for keys of the panel without Ctrl or Alt
_KEYS = """
window.addEventListener("keydown", (event) => {
  if (!event.target.closest?.(".sonla-panel")) return;
  const runs = event.shiftKey && event.key === "Enter";
  const own = !(event.ctrlKey || event.altKey || event.metaKey || runs);
  event.target.toggleAttribute("data-lm-suppress-shortcuts", own);
}, true);
"""


def panel(
    data: str | Path | CheckedData = "data/sample",
    *,
    unit: str | None = None,
    as_of: str | None = None,
    indicator: str | None = None,
    by: str | None = None,
    plan: str | Path = "kh159_2020",
    language: str = "vi",
    edition: str = PUBLIC,
    save_to: str | Path = SAVED,
) -> "Panel":
    """Return the panel; without a choice it opens on the area, the last date, the first indicator.

    In the `internal` edition nothing is hidden, and what is saved lies in a folder of its own.

    >>> shown = panel(unit="03661", indicator="hygienic_water", language="en")
    >>> shown.review.unit, len(shown.observations)
    ('03661', 5)
    """
    situation = data if isinstance(data, CheckedData) else open_data(data, plan)
    last = as_of or review_dates(situation.tables)[-1]
    situation = situation.held_on(last)  # a unit's code means one unit, whatever date is chosen
    start = review_of(situation, unit or area_of(situation.tables, last), last, language, edition)
    first = indicator or situation.plan.indicators[0].id
    return Panel(start, situation.plan[first].id, by, Path(save_to))


class Panel(widgets.VBox):
    """Choices above a sentence, a chart and its numbers, all redrawn when a choice changes.

    `review`, `chart` and `observations` (a DataFrame) are always those on the screen; `names` are
    the units' names by code. Units chosen in `beside` stand side by side with the review's.
    """

    review: Review
    chart: Chart
    observations: pd.DataFrame

    def __init__(self, review: Review, indicator: str, by: str | None, save_to: Path):
        self.review, self.save_to = review, save_to
        self._busy, self._reviews = False, {(review.unit, review.as_of): review}
        self._sentence, self._picture, self._numbers, self._told = (
            widgets.HTML(layout={"max_width": "54em"}) for _ in range(4)
        )
        self.unit = self._choice("unit", _units(review), review.unit)
        self.beside = widgets.SelectMultiple(
            description=self._word("beside"), options=_units(review), rows=4, **_WIDE
        )
        self.beside.observe(self._changed, names="value")
        self.indicator = self._choice("indicator", _indicators(review), indicator)
        self.as_of = self._choice("as_of", _dates(review), review.as_of)
        self.by = self._choice("by", _groups(review, indicator), by or WHOLE)
        save = widgets.Button(
            description=self._word("save"), tooltip=self._word("save_hint"), icon="download"
        )
        save.on_click(lambda _: self._save_and_tell())
        choices = widgets.VBox([self.unit, self.beside, self.indicator, self.as_of, self.by])
        below = widgets.HBox(
            [save, self._told], layout={"align_items": "center", "flex_flow": "wrap"}
        )
        super().__init__([choices, self._sentence, self._picture, below, self._numbers])
        self.add_class("sonla-panel")
        self._redraw()

    def _repr_mimebundle_(self, **kwargs):
        """Show the panel; its choices take their keys before JupyterLab does."""
        script(_KEYS)
        return super()._repr_mimebundle_(**kwargs)

    @property
    def names(self) -> pd.Series:
        """The names of the area and its units, by code."""
        return pd.Series(dict(_named(self.review)))

    def save(self, folder: str | Path | None = None) -> tuple[Path, Path]:
        """Write the chart as PNG (300 dpi) and SVG; return where they are."""
        edition = self.review.edition
        place = folder_in(edition, Path(folder or self.save_to).absolute())
        place.mkdir(parents=True, exist_ok=True)
        unit = folder_name(self.review.units.loc[self.review.unit])
        stem = f"{self.review.as_of}-{unit}-{self.chart.slug}"
        png, svg = (place / name_in(edition, f"{stem}.{ending}") for ending in ("png", "svg"))
        png.write_bytes(self.chart.png(dpi=300))
        svg.write_text(self.chart.svg(), encoding="utf-8")
        return png, svg

    def _word(self, name: str, **values) -> str:
        return phrase(f"explore.{name}", self.review.language, **values)

    def _choice(self, name: str, options, value) -> widgets.Dropdown:
        choice = widgets.Dropdown(
            description=self._word(name), options=options, value=value, **_WIDE
        )
        choice.observe(self._changed, names="value")
        return choice

    def _changed(self, change) -> None:
        if self._busy:  # choices are being adapted to a change: it is redrawn once
            return
        self._busy = True
        try:
            self._choose()
        finally:
            self._busy = False

    def _choose(self) -> None:
        """Follow the choices: another review, the groups that it can be divided by, the chart."""
        try:
            self.review = self._review_of(self.unit.value, self.as_of.value)
            groups = self._groups()
        except SonlaError as error:
            self._refuse(error)
            return
        chosen = self.by.value
        if groups != list(self.by.options):
            self.by.options = groups
            self.by.value = chosen if chosen in [value for _, value in groups] else WHOLE
        self._redraw()

    def _review_of(self, unit: str, as_of: str) -> Review:
        """Return a review; one that was open before is kept, with all that it has worked out."""
        if (unit, as_of) not in self._reviews:
            now = self.review
            self._reviews[unit, as_of] = review_of(now.data, unit, as_of, now.language, now.edition)
        return self._reviews[unit, as_of]

    def _shown(self) -> list[Review]:
        """Return the reviews of the units side by side, the chosen one first."""
        codes = dict.fromkeys([self.review.unit, *self.beside.value])
        return [self._review_of(code, self.review.as_of) for code in codes]

    def _groups(self) -> list[tuple[str, str]]:
        """Return what all units shown can be divided by."""
        first, *others = [_groups(one, self.indicator.value) for one in self._shown()]
        if not others:
            return first
        divided = [one for one in first[1:] if all(one in other for other in others)]
        of_one = ("unit", MAP)
        return [(self._word("each"), WHOLE), *[one for one in divided if one[1] not in of_one]]

    def _observed(self, indicator: str, by: str | None) -> tuple[pd.DataFrame, Chart]:
        """Return the rows on the screen and their chart: of the unit, or of several."""
        first, *others = shown = self._shown()
        if by == MAP:
            return observations(first, indicator, "unit"), unit_map(first, indicator)
        if not others:
            rows = observations(first, indicator, by)
            return rows, draw(first, indicator, by, observed=rows)
        rows = side_by_side(shown, indicator, by)
        area = self._review_of(first.area, first.as_of)
        return rows, draw(area, indicator, by or "unit", observed=rows)

    def _refuse(self, error: SonlaError) -> None:
        said = error.text(self.review.language)
        unit = next(label for label, code in self.unit.options if code == self.unit.value)
        self._sentence.value = _paragraph(self._word("failing", unit=unit, cause=said))
        self._picture.value = self._numbers.value = self._told.value = ""

    def _redraw(self) -> None:
        indicator, by, review = self.indicator.value, self.by.value or None, self.review
        rows, self.chart = self._observed(indicator, by)
        self.observations = rows.assign(unit_name=rows["unit"].map(self.names))
        self._sentence.value = _paragraph(_sentence(review, indicator, by, self.chart))
        self._picture.value = _image(self.chart)
        table = _table(self.chart, self._word("table"))
        self._numbers.value = _mark(review) + table + self._code(indicator, by)
        self._told.value = ""

    def _code(self, indicator: str, by: str | None) -> str:
        """Return the line that puts this very chart on a page."""
        if self.beside.value:
            return ""
        group = f", by={by!r}" if by and by != MAP else ""
        name = "unit_map" if by == MAP else "indicator"
        line = f"page.show(charts.{name}(panel.review, {indicator!r}{group}))"
        return f"<p>{escape(self._word('code'))} <code>{escape(line)}</code></p>"

    def _save_and_tell(self) -> None:
        try:
            png, svg = self.save()
            told = self._word("saved", png=png, svg=svg.name)
        except OSError as error:
            told = self._word("not_saved", cause=error)
        self._told.value = f"<span role='status'>{escape(told)}</span>"


# --- choices -----------------------------------------------------------------------------


def _units(review: Review) -> list[tuple[str, str]]:
    """Return the area and its units, as names with their codes, and codes."""
    return [(f"{name} ({code})", code) for code, name in _named(review)]


def _named(review: Review) -> list[tuple[str, str]]:
    units, language = review.units.loc[[review.area, *review.leaf_units.index]], review.language
    return [
        (code, sentences.unit_name(unit, language, start=True)) for code, unit in units.iterrows()
    ]


def _indicators(review: Review) -> list[tuple[str, str]]:
    return [
        (f"{one.number}. {one.short[review.language]}", one.id) for one in review.plan.indicators
    ]


def _dates(review: Review) -> list[tuple[str, str]]:
    """Return the dates with data, the last one first."""
    dates = reversed(review_dates(review.tables))
    return [(sentences.day(one, review.language), one) for one in dates]


def _groups(review: Review, indicator: str) -> list[tuple[str, str]]:
    language = review.language
    groups = [(group_word(review, group), group) for group in groupings(review, indicator)]
    if review.is_area and has_centres(review):
        groups.insert(1, (phrase("explore.map", language), MAP))
    return [(phrase("explore.all", language), WHOLE), *groups]


# --- what is shown -----------------------------------------------------------------------


def _sentence(review: Review, indicator: str, by: str | None, chart: Chart) -> str:
    if by or (len(chart.frame) and chart.frame["unit"].nunique() > 1):
        return f"{chart.title}. {sentences.sentence(review, indicator)}"
    return f"{sentences.sentence(review, indicator)} {sentences.change(review, indicator)}"


def _paragraph(text: str) -> str:
    return f"<p style='font-size:1.1em;line-height:1.5' aria-live='polite'>{escape(text)}</p>"


def _mark(review: Review) -> str:
    """Return what an internal edition says above its numbers."""
    text = phrase("mark.internal", review.language) if review.is_internal else ""
    return f"<p><b>{escape(text)}</b></p>" if text else ""


def _image(chart: Chart) -> str:
    """Return the chart as a picture with its alt text, on white whatever the theme."""
    address = base64.b64encode(chart.svg().encode()).decode()
    look = "width:100%;max-width:54em;background:#fff;padding:6px;border-radius:4px"
    source = f"data:image/svg+xml;base64,{address}"
    return f'<img alt="{escape(chart.alt)}" style="{look}" src="{source}">'


def _table(chart: Chart, title: str) -> str:
    numbers = chart.numbers
    sides = ["left", *["right"] * (numbers.shape[1] - 1)]
    columns = [Column("", label, side) for label, side in zip(numbers, sides, strict=True)]
    texts = numbers.astype("str").to_numpy().tolist()
    table = table_html(Table(chart.slug, title, columns, texts, texts))
    return f"<div style='line-height:1.35;padding-top:.5em'>{table}</div>"
