"""A reader of every report of every date finds no number of 1 to 4 that the reports hide.

What counts as found: that the least and the most a hidden count can be, given everything told, are
the same number. That a count is known to lie in a narrower range than 1 to 4 is not counted as
found; a unit's own totals, which are published by law, can leave no more.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from attacker import System
from drawn import everything

from sonla_analysis import charts
from sonla_analysis.definitions.input_columns import POOR
from sonla_analysis.indicators.breakdown import groupings, observations
from sonla_analysis.indicators.disclosure import small
from sonla_analysis.indicators.groups import OWN_GROUP, divided, named_groups
from sonla_analysis.indicators.measure import area_of, review_dates
from sonla_analysis.indicators.poverty import STATUS_GROUP
from sonla_analysis.page import report_tables as forms
from sonla_analysis.review import CheckedData, Review, open_data, review_of
from sonla_analysis.sample import write_sample
from sonla_analysis.sample.calibration import DATES

DATE, CITY, COMMUNE = "2020-12-31", "116", "03661"


# --- what the reports tell of groups -----------------------------------------------------


def of_groups(situation: CheckedData, grouping: str) -> tuple[System, dict]:
    """Return what the reports of all dates tell of a grouping, and the counts they hide."""
    system, wanted, starts, ends = System(), {}, {}, {}
    register = situation.tables["households"]
    seen = {*register["status"].unique(), *register["start_status"].unique()}
    poor = frozenset(seen & set(POOR))
    for date in review_dates(situation.tables):
        review = review_of(situation, area_of(situation.tables, date), date)
        cells = _told(system, wanted, review, grouping, seen)
        _link_totals(system, cells, list(review.leaf_units.index))
        start, now = (cells.get(("households", ((name, poor),))) for name in _STATUSES)
        if start and now:
            left = next(cells[key] for key in cells if {*_STATUSES} <= {*dict(key[1])})
            _link_form_2(system, review, grouping, (start, left, now))
            _link_same(system, start, starts.setdefault(date[:4], start))
            if earlier := [year for year in ends if year < date[:4]]:
                _link_same(system, start, ends[max(earlier)])
            ends[date[:4]] = now
    return system, wanted


_STATUSES = ("start_status", "status")


def _told(system: System, wanted: dict, review: Review, grouping: str, seen: set) -> dict:
    """Let the told cells be known; return condition → (unit, group) → count."""
    units, tables = review.group_tables
    results, cells = {one.id: one for one in divided(review.plan)}, {}
    for of_grouping, names, result, numerator, denominator, hidden in tables:
        if of_grouping != grouping or result not in results:
            continue
        one = results[result]
        keys = [_condition(count, seen) for count in (one.numerator, one.denominator)]
        for (row, column), is_hidden in np.ndenumerate(hidden):
            cell = ([*units, "area"][row], names[column])
            reached, among = (
                system.count((review.as_of, *key, cell), table[row, column])
                for key, table in zip(keys, (numerator, denominator), strict=True)
            )
            for key, place in zip(keys, (reached, among), strict=True):
                cells.setdefault(key, {})[cell] = place
            asked = {"reached": {reached: 1}, "counted": {among: 1}}
            if reached != among:
                asked["not reached"] = {among: 1, reached: -1}
            if not is_hidden:
                system.tell(reached)
                system.tell(among)
            for part, terms in asked.items():
                if small(sum(system.truth[at] * factor for at, factor in terms.items())):
                    assert is_hidden, (review.as_of, grouping, result, cell, part)
                    wanted[review.as_of, grouping, result, cell, part] = terms
    return cells


def _condition(count, seen: set) -> tuple:
    """Return who is counted, without the statuses that no household has."""
    where = {
        name: frozenset(seen & set(one)) if name in _STATUSES else frozenset(one)
        for name, one in count.where.items()
    }
    return count.table, tuple(sorted(where.items()))


def _link_totals(system: System, cells: dict, units: list[str]) -> None:
    """Let totals be known, and that a narrower condition counts some of a wider one's."""
    for key, places in cells.items():
        groups = {name for _, name in places}
        for unit in [*units, "area"]:
            system.sum({places[unit, name]: 1 for name in groups})
        for name in groups:
            system.sum({places[unit, name]: 1 for unit in units} | {places["area", name]: -1})
        for other, wider in cells.items():
            own, outer = dict(key[1]), dict(other[1])
            some = key[0] == other[0] and {*outer} <= {*own}
            if key != other and some and all(own[name] <= one for name, one in outer.items()):
                for cell, place in places.items():
                    system.within(place, wider[cell])


def _link_form_2(system: System, review: Review, grouping: str, counts: tuple) -> None:
    """Let official form 2 be known: how many came on and went off each unit's list in the year."""
    start, left, now = counts
    names = list(dict.fromkeys(name for _, name in start))
    rows = review.rows("households")
    group = rows[grouping].astype("str").mask(rows[grouping].isna(), "blank")
    group = group.where(group.isin(names), "other")
    poor, was = rows["status"].isin(POOR), rows["start_status"].isin(POOR)
    moves = {"gone": was & (rows["status"] == "absent"), "new": poor & ~was}
    for unit in review.leaf_units.index:
        places = {}
        for name in names:
            here, cell = (rows["unit"] == unit) & (group == name), (unit, name)
            for move, did in moves.items():
                key = (review.as_of, move, cell)
                places[move, name] = system.count(key, int((here & did).sum()))
            off, on = places["gone", name], places["new", name]
            system.sum({now[cell]: 1, start[cell]: -1, left[cell]: 1, off: 1, on: -1})
        for move in moves:
            system.sum({places[move, name]: 1 for name in names})


def _link_same(system: System, start: dict, ended: dict) -> None:
    """Let the start of a year be what it was on an earlier date, or the end of the last year."""
    names = {name for _, name in start}
    for (unit, name), place in start.items():
        old = [
            other
            for (where, was), other in ended.items()
            if where == unit and (was == name or (name == "other" and was not in {*names, "blank"}))
        ]
        if old and place not in old:
            system.sum({place: 1} | dict.fromkeys(old, -1))


# --- what the reports tell of villages ---------------------------------------------------

RANGES = {"few": (1, 4), "many": (5, None), "hidden": (0, None)}
KINDS = ("poor", "near_poor", "newly_escaped", "not_poor", "absent")
LISTED = KINDS[:2]
# what official forms 2 and 3 tell of a unit: who went from where to where
FORMS = [
    *[[(one, to)] for one in LISTED for to in (*LISTED, "absent")],
    *[[(one, "newly_escaped"), (one, "not_poor")] for one in LISTED],
    *[[(one, to)] for one in KINDS[2:] for to in LISTED],
]


def of_villages(situation: CheckedData) -> tuple[System, dict]:
    """Return what the reports of all dates tell of the villages, and the counts they hide."""
    system, wanted, years = System(), {}, {}
    for date in review_dates(situation.tables):
        review = review_of(situation, area_of(situation.tables, date), date)
        rows = review.rows("households")
        statuses = [rows[name].astype("str").map(STATUS_GROUP) for name in _STATUSES]
        moves = rows.groupby(["unit", rows["village"].fillna(""), *statuses]).size().to_dict()
        last = years.get(max((one for one in years if one < date[:4]), default=""), {})
        now = years[date[:4]] = {}
        for unit, cells in review.villages.groupby("unit"):
            before = {name for where, name, _ in last if where == unit}
            _tell_villages(system, wanted, cells.set_index("village"), (date, unit), moves, before)
            for name in {*cells["village"], *before}:
                for group in LISTED:
                    now[unit, name, group] = system.places[date, unit, name, group]
                    if (unit, name, group) in last:
                        start = [system.places[date, unit, name, group, to] for to in KINDS]
                        system.sum(dict.fromkeys(start, 1) | {last[unit, name, group]: -1})
    return system, wanted


def _tell_villages(
    system: System, wanted: dict, cells, at: tuple, moves: dict, before: set
) -> None:
    """Let a unit's marks and its forms 2 and 3 be known."""
    names = sorted({*cells.index, *before})
    flow = {
        (name, was, now): system.count((*at, name, was, now), moves.get((at[1], name, was, now), 0))
        for name in names
        for was in KINDS
        for now in KINDS
    }
    for pairs in FORMS:
        system.sum({flow[name, *pair]: 1 for name in names for pair in pairs})
    for group in LISTED:
        marks = cells[f"{group}_mark"]
        for name in names:
            parts = [flow[name, was, group] for was in KINDS]
            truth = sum(system.truth[one] for one in parts)
            here = system.count((*at, name, group), truth)
            system.sum(dict.fromkeys(parts, 1) | {here: -1})
            mark = marks.get(name, "hidden" if (marks == "hidden").all() else "")
            system.tell(here, *RANGES.get(mark, ()))
            assert mark or not small(truth)
            if small(truth):
                wanted[(*at, name, group)] = {here: 1}


# --- the attack --------------------------------------------------------------------------


@pytest.mark.parametrize("grouping", ["ethnicity", "head_sex", "sex"])
def test_no_small_count_of_a_group_is_found(situation, grouping):
    system, wanted = of_groups(situation, grouping)
    assert len(wanted) > 40
    assert system.found(wanted) == {}


def test_no_small_count_of_a_village_is_found(situation):
    system, wanted = of_villages(situation)
    assert len(wanted) > 500
    assert system.found(wanted) == {}


def test_the_attacker_finds_what_totals_give_away():
    system = System()
    cells = [system.count(name, n) for name, n in (("a", 30), ("b", 7), ("c", 2), ("d", 4))]
    system.sum(dict.fromkeys(cells, 1))
    system.tell(cells[0])
    system.tell(cells[1])
    both = {"c": {cells[2]: 1}, "d": {cells[3]: 1}}
    assert system.found(both) == {}
    system.tell(cells[3])
    assert set(system.found({"c": both["c"]})) == {"c"}


# --- what the pages do -------------------------------------------------------------------


def until(situation: CheckedData, date: str) -> CheckedData:
    """Return the situation as it was on a date."""
    tables = {
        name: frame[frame["as_of"] <= date] if "as_of" in frame else frame
        for name, frame in situation.tables.items()
    }
    progress = situation.progress[situation.progress["as_of"] <= date]
    return replace(situation, tables=tables, progress=progress)


@pytest.mark.parametrize("unit", [CITY, COMMUNE])
def test_a_later_date_never_changes_an_earlier_page(situation, unit):
    date = "2020-06-30"
    now, then = (review_of(one, unit, date) for one in (situation, until(situation, date)))
    for chart in (charts.villages, charts.gaps, charts.deprivations):
        for part in ("numbers", "frame"):
            pd.testing.assert_frame_equal(getattr(chart(now), part), getattr(chart(then), part))
    assert [one.texts for one in forms.annex(now)] == [one.texts for one in forms.annex(then)]


def told(review: Review, by: str):
    """Yield every row of the panel's breakdowns that has a number."""
    for one in review.plan.indicators:
        if by in groupings(review, one.id):
            rows = observations(review, one.id, by)
            yield from rows[rows["numerator"].notna()].assign(kind=one.kind).to_dict("records")


@pytest.mark.parametrize("by", ["village", "ethnicity", "head_sex", "sex"])
def test_the_panel_tells_no_small_count(situation, by):
    seen = 0
    for unit in (CITY, COMMUNE):
        for row in told(review_of(situation, unit, DATE), by):
            among = row["numerator"] if row["kind"] == "count" else row["denominator"]
            counts = np.array([row["numerator"], among, among - row["numerator"]])
            assert not small(counts).any(), row
            seen += 1
    assert seen > 1


def test_the_panel_hides_what_the_chart_of_groups_hides(situation):
    review = review_of(situation, CITY, DATE)
    groups = review.groups.query("grouping == 'ethnicity'").set_index(["result", "group"])
    for result in ("hygienic_water", "health_insurance_coverage"):
        rows = observations(review, result, "ethnicity").set_index("ethnicity")
        for name, row in rows.iterrows():
            assert (row["state"] == "hidden") == groups.loc[(result, name), "hidden"]


def test_the_panel_hides_what_the_chart_of_villages_hides(situation):
    review = review_of(situation, COMMUNE, DATE)
    marks = review.villages.set_index("village")["poor_mark"]
    rows = observations(review, "hygienic_water", "village").set_index("village")
    assert (rows.loc[marks.index[marks != ""], "state"] == "hidden").all()


def test_an_ethnic_group_is_named_from_ten_households_in_the_area_on_every_date():
    assert OWN_GROUP == 10

    def register(**sizes):
        return pd.DataFrame({"ethnicity": [name for name, n in sizes.items() for _ in range(n)]})

    assert named_groups([register(Thái=30, Kinh=10, Mông=9)]) == ["Thái", "Kinh"]
    assert named_groups([register(Thái=30, Kinh=10), register(Thái=9, Kinh=10)]) == ["Kinh"]
    assert named_groups([register(Thái=30, Kinh=9), register(Thái=30, Kinh=10)]) == ["Thái"]


def test_a_group_of_nine_households_is_among_the_others_everywhere(situation):
    rows = situation.tables["households"]
    thai = rows[rows["ethnicity"] == "Thái"].groupby("as_of").head(9).index
    rows = rows.assign(ethnicity=rows["ethnicity"].astype("str"))
    rows.loc[thai, "ethnicity"] = "Ơ Đu"
    changed = replace(situation, tables={**situation.tables, "households": rows})
    review = review_of(changed, CITY, DATE)
    pages = [everything(chart) for chart in (charts.gaps(review), charts.villages(review))]
    pages += [str(forms.groups(review).texts)]
    pages += [str(observations(review, "hygienic_water", "ethnicity").to_dict())]
    assert "Ơ Đu" not in " ".join(pages) and "Thái" in pages[0]


def test_near_poor_deprivations_are_hidden_where_one_to_four_lack_them_or_do_not(situation):
    for unit in review_of(situation, CITY, DATE).leaf_units.index:
        review = review_of(situation, unit, DATE)
        near_poor = review.rows("households").query("status == 'near_poor'")
        for row in forms.deprivations(review).rows:
            if row[4] is not None:
                assert not small(np.array([row[4], len(near_poor) - row[4], len(near_poor)])).any()


def test_no_household_number_stands_in_what_a_page_shows(situation):
    review = review_of(situation, COMMUNE, DATE)
    made = [getattr(charts, name)(review) for name in ("villages", "gaps", "deprivations")]
    shown = " ".join(everything(one) for one in made)
    shown += " ".join(str(one.texts) for one in forms.annex(review))
    numbers = review.rows("households")["household"].unique()
    assert len(numbers) and not [one for one in numbers if len(one) > 3 and one in shown]


# --- other cities, and another judge -----------------------------------------------------


@pytest.mark.privacy
@pytest.mark.parametrize(("units", "seed"), [(12, 2), (12, 23), (6, 45), (3, 8), (30, 5), (1, 10)])
def test_nothing_is_found_in_other_cities(tmp_path, units, seed):
    made = open_data(write_sample(tmp_path, units, seed, dates=DATES))
    for grouping in ("ethnicity", "head_sex", "sex"):
        system, wanted = of_groups(made, grouping)
        assert system.found(wanted) == {}
    system, wanted = of_villages(made)
    assert system.found(wanted) == {}


@pytest.mark.privacy
@pytest.mark.parametrize("grouping", ["ethnicity", "head_sex"])
def test_tau_argus_finds_nothing_in_a_table_either(situation, tmp_path, monkeypatch, grouping):
    """Tau-Argus works out from each table what a hidden cell can be: never one number only.

    To Tau-Argus a cell without anybody is known to be zero, also where we do not tell that it is
    one; so it is asked of the lines without such a cell.
    """
    units, tables = review_of(situation, CITY, DATE).group_tables
    judged = 0
    monkeypatch.chdir(tmp_path)  # its solver leaves logs where it runs
    for of_grouping, names, result, numerator, denominator, hidden in tables:
        if of_grouping == grouping and result in {one.id for one in divided(situation.plan)}:
            parts = (numerator, denominator, denominator - numerator)
            for place, part in enumerate(parts):
                found = _audited(part, hidden, units, names, tmp_path / f"{result}-{place}")
                judged += len(found)
                assert [one for one in found if one["min"] == one["max"]] == []
    assert judged > 5


def _audited(counts, hidden, units: list[str], names: list[str], folder) -> list[dict]:
    """Return what Tau-Argus makes of the hidden cells of 1 to 4: the least and the most."""
    protect = pytest.importorskip("pytauargus").protect
    from pytauargus.batch import Apriory

    groups = [f"g{place}" for place in range(len(names))]
    rows = [
        (unit, group)
        for (row, column), n in np.ndenumerate(counts[:-1])
        for unit, group in [(units[row], groups[column])] * int(n)
    ]
    if not rows or not small(counts[hidden]).any():
        return []
    folder.mkdir()
    frame = pd.DataFrame(rows, columns=["Unit", "Group"]).assign(One=1)
    engine = protect(
        frame, ["Unit", "Group"], response="One", safety_rules="FREQ(5,30)", suppress="OPT(1)",
        workdir=str(folder),
    ).engine  # fmt: skip
    told = folder / "told.hst"
    lines = [f"{unit},Total,S" for unit in [*units, "Total"]]
    for (row, column), is_hidden in np.ndenumerate(hidden):
        lines.append(f"{[*units, 'Total'][row]},{groups[column]},{'M' if is_hidden else 'S'}")
    told.write_text("\n".join(lines) + "\n")
    engine.apply_apriori(Apriory(str(told), 1, ","))
    present = counts[:, counts[-1] > 0][counts.sum(axis=1) > 0]  # Tau-Argus's lines, total last
    untold = (hidden & (counts == 0))[:, counts[-1] > 0][counts.sum(axis=1) > 0]
    order = [len(present) - 1, *range(len(present) - 1)]  # Tau-Argus puts the total first
    known = ~untold.any(axis=1)[order][:, None] & ~untold.any(axis=0)
    known = np.hstack([np.zeros((len(known), 1), bool), known]).ravel()
    return [one for one in engine.audit(0) if small(one["value"]) and known[one["cell"]]]


# --- what nobody wrote down --------------------------------------------------------------


@pytest.mark.parametrize("unit", [CITY, COMMUNE])
def test_where_nobody_wrote_a_village_or_ethnic_group_the_page_says_so(situation, unit):
    rows = situation.tables["households"].assign(village=pd.NA, ethnicity=pd.NA)
    review = review_of(
        replace(situation, tables={**situation.tables, "households": rows}), unit, DATE
    )
    chart = charts.villages(review)
    assert "danh sách không ghi hộ ở tổ, bản nào" in chart.title
    assert "chưa ghi" not in everything(chart)
    lines = {row[0]: row[1:3] for row in forms.groups(review).texts}
    assert lines["Dân tộc"] == ["danh sách không ghi thông tin này", "…"]
    by = observations(review, "hygienic_water", "ethnicity")
    chart = charts.indicator(review, "hygienic_water", "ethnicity", observed=by)
    assert chart.title.endswith("danh sách không ghi thông tin này")
