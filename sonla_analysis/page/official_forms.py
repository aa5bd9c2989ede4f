"""Official forms 1–5 as the offices know them, filled from a review.

Layouts (titles, columns, the row of column numbers): the forms of Circular 07/2021/TT-BLĐTBXH.
Counts per unit are published whole, as the official forms are; nothing here is crossed with
another trait. In the internal edition a unit's row is the total of those of its villages, which
follow it.
"""

import pandas as pd

from sonla_analysis.definitions.input_columns import POOR
from sonla_analysis.definitions.units import units_on
from sonla_analysis.indicators.measure import signed_zero, year_end_before
from sonla_analysis.indicators.of_review import once_by
from sonla_analysis.indicators.poverty import MOVEMENT, movement
from sonla_analysis.indicators.withheld import WHOLE
from sonla_analysis.language.phrases import phrase
from sonla_analysis.page.annex_tables import (
    build,
    form_rows,
    shares,
    unit_cells,
    unit_codes,
    unit_stubs,
    villages_of,
    whole_first,
)
from sonla_analysis.review import Review
from sonla_analysis.sentences.table import Table

STATUSES = {"poor": POOR, "near_poor": ("near_poor",)}


def form_1(review: Review) -> Table:
    """Return form 1: households and persons, poor and near-poor; a row is a unit.

    >>> from sonla_analysis.review import open_review
    >>> from sonla_analysis.definitions.folders import sample_folder
    >>> form = form_1(open_review(sample_folder(), "116", "2020-12-31"))
    >>> form.numbers[:6], len(form.rows)
    (['A', 'B', '1', '2', '3', '4=3/1*100'], 13)
    """
    language = review.language
    cells, spec = unit_stubs(review), "order unit_name households:0 population:0"
    counts = review.rows("unit_counts").set_index("unit")
    for name in ("households", "population"):
        cells[name] = unit_cells(counts[name], review, ("unit_counts", name))
    heads, numbers = ["", "", "", ""], ["A", "B", "1", "2"]
    for noun, whole in (("household", "households"), ("person", "population")):
        for status in ("poor", "near_poor", "average"):
            part, share = f"{status}_{noun}s", f"{status}_{noun}_share"
            cells[part] = _counted(review, status, noun)
            cells[share] = shares(cells[part], cells[whole], review)
            spec += f" {part}:0 {share}:2"
            heads += [phrase(f"annex_head.{status}_{noun}", language)] * 2
            column = len(numbers) - 1
            divisor = 1 if whole == "households" else 2
            numbers += [f"{column}", f"{column + 1}={column}/{divisor}*100"]
    remarks = ["average", *_remarks(review, "village_totals"), "symbols", "rates"]
    return build(
        review,
        "form_1",
        spec,
        form_rows(spec, cells),
        heads=heads,
        numbers=numbers,
        totals=whole_first(review),
        remarks=remarks,
    )


def form_2(review: Review) -> Table:
    """Return form 2: how poor households moved in the year; a unit has two rows."""
    return _movement_form(review, "form_2", "poor")


def form_3(review: Review) -> Table:
    """Return form 3: how near-poor households moved in the year; two rows a unit."""
    return _movement_form(review, "form_3", "near_poor")


def form_4(review: Review) -> Table:
    """Return form 4: how many poor households are deprived in what; a row is a unit."""
    return _deprivation_form(review, "form_4")


def form_5(review: Review) -> Table:
    """Return form 5: form 4 as shares of the poor households, in percent."""
    return _deprivation_form(review, "form_5")


# --- the forms' cells --------------------------------------------------------------------


def _counted(review: Review, status: str, noun: str) -> list:
    if status == "average":
        return ["not_collected"] * (len(unit_codes(review)) + len(villages_of(review)))
    count = "households" if noun == "household" else "members"
    own, villages = _register(review, status, count)["end"], _by_village(review, status, count)
    return unit_cells(own, review, *_LINES[count], by_village=villages["end"])


# what the lines of a form come from: the register, and the persons of its households
_LINES = {"households": [("households", WHOLE)]}
_LINES["members"] = [*_LINES["households"], ("households", "members")]


@once_by("as_of")
def _register(review: Review, status: str, count: str) -> pd.DataFrame:
    """Return the movement columns of all units; a unit that reported no register has no row."""
    households, columns = review.rows("households", unit=review.area), MOVEMENT[status]
    rows = pd.concat([_year_before(review), households]) if count == "members" else households
    table = movement(rows, status, count=count).query("as_of == @review.as_of")
    table = table.set_index("unit")[columns]
    signed = review.rows("unit_counts", unit=review.area).set_index("unit")
    empty = signed_zero(signed).index.difference(households["unit"])
    return table.reindex(table.index.union(empty), fill_value=0)


@once_by("as_of", "unit")
def _by_village(review: Review, status: str, count: str) -> pd.DataFrame:
    """Return the movement columns of a unit's villages where these have rows of their own.

    The persons at the start, too, stand in the village that their household lives in now.
    """
    if not villages_of(review):
        return pd.DataFrame(columns=MOVEMENT[status])
    rows = review.rows("households")
    if count == "members":
        before = _year_before(review)
        rows = pd.concat([before[before["unit"] == review.unit], rows])
    table = movement(_with_village(rows), status, by=("village",), count=count)
    return table[table["as_of"] == review.as_of].set_index("village")[MOVEMENT[status]]


def _with_village(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a blank village as "", as `groups.village_counts` has it."""
    return rows.assign(village=rows["village"].astype("str").fillna(""))


def _remarks(review: Review, *names: str) -> list[str]:
    return ["villages", *names] if villages_of(review) else []


def _year_before(review: Review) -> pd.DataFrame:
    """Return the register of the end of the year before, of the units that are still the same."""
    before = year_end_before(review.as_of)
    then, now = (
        units_on(day, review.tables["units"])["valid_from"] for day in (before, review.as_of)
    )
    same = then.index[then.eq(now.reindex(then.index))]
    register = review.data.rows("households", as_of=before)
    return register[register["unit"].isin(same)]


def _movement_form(review: Review, slug: str, status: str) -> Table:
    columns, language = MOVEMENT[status], review.language
    rows = []
    for line in ("households", "members"):
        cells, table = unit_stubs(review), _register(review, status, line)
        villages = _by_village(review, status, line)
        cells |= {
            name: unit_cells(table[name], review, *_LINES[line], by_village=villages[name])
            for name in columns
        }
        cells["line"] = [phrase(f"annex_row.{line}", language)] * len(cells["order"])
        spec = "order unit_name line " + " ".join(f"{name}:0" for name in columns)
        rows.append(form_rows(spec, cells))
    way = {"out": f"annex_head.decrease_{status}", "in_": f"annex_head.increase_{status}"}
    return build(
        review,
        slug,
        spec,
        [row for pair in zip(*rows, strict=True) for row in pair],
        labels={name: phrase(f"movement_{status}.{name}", language) for name in columns},
        heads=[
            "",
            "",
            "",
            *(phrase(way[one], language) if (one := name[:3]) in way else "" for name in columns),
        ],
        numbers=["A", "B", "C", *map(str, range(1, 9)), "9=1-2-3-4+5+6+7+8"],
        totals=[0, 1] if whole_first(review) else [],
        remarks=["persons", *_remarks(review), "symbols"],
    )


def _deprivation_form(review: Review, slug: str) -> Table:
    names, as_rate = deprivation_names(review), slug == "form_5"
    cells = unit_stubs(review) | deprived(review, "poor")
    if as_rate:
        cells |= {name: shares(cells[name], cells["total"], review) for name in names}
    spec = "order unit_name total:0 deprivations:0 "
    spec += " ".join(f"{name}:{2 if as_rate else 0}" for name in names)
    head = phrase(f"annex_head.{slug}", review.language)
    columns = [str(column) for column in range(3, len(names) + 3)]
    return build(
        review,
        slug,
        spec,
        form_rows(spec, cells),
        labels=names | {"total": phrase("annex_column.poor_households", review.language)},
        heads=["", "", "", "", *[head] * len(names)],
        numbers=["A", "B", "1", f"2=3+…+{columns[-1]}", *columns],
        totals=whole_first(review),
        remarks=[*["form_5"] * as_rate, *_remarks(review), "symbols", *["rates"] * as_rate],
    )


def deprivation_names(review: Review) -> dict[str, str]:
    """Return the deprivations of the plan's standard: column → name, in the official order."""
    deprivations = review.plan.standard_data.deprivations
    return {one["column"]: one["name"][review.language] for one in deprivations}


def deprived(review: Review, status: str) -> dict[str, list]:
    """Return the columns of form 4: how many households there are, and how many lack what."""
    table, villages = _lacking_of_units(review, status), _lacking_of_villages(review, status)
    names = deprivation_names(review)
    sources = {name: [("households", name)] for name in names}
    sources |= {"total": [("households", WHOLE)]}
    every = [("households", name) for name in names]  # their sum
    return {
        name: unit_cells(
            table[name], review, *sources.get(name, every), by_village=villages.get(name)
        )
        for name in table
    }


@once_by("as_of")
def _lacking_of_units(review: Review, status: str) -> pd.DataFrame:
    total = _register(review, status, "households")["end"]
    return _lacking(review, review.rows("households", unit=review.area), status, total)


@once_by("as_of", "unit")
def _lacking_of_villages(review: Review, status: str) -> pd.DataFrame:
    if not villages_of(review):
        return pd.DataFrame()
    total = _by_village(review, status, "households")["end"]
    return _lacking(review, _with_village(review.rows("households")), status, total)


def _lacking(review: Review, households: pd.DataFrame, status: str, total) -> pd.DataFrame:
    """Return how many households lack what; `total` holds all of them, by unit or by village."""
    rows = households[households["status"].isin(STATUSES[status])]
    names = list(deprivation_names(review))
    place = rows[total.index.name]
    lacking = rows[names].astype("Int64").groupby(place).sum()
    table = lacking.mask(rows[names].isna().groupby(place).any())
    table["deprivations"] = table.sum(axis=1, skipna=False)
    return table.reindex(total.index, fill_value=0).assign(total=total)
