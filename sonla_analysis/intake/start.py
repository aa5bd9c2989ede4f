"""`sonla start`: an office's working folder, with a workbook to send to every unit."""

import json
import shutil
from dataclasses import replace
from datetime import date as Date
from importlib.resources import files
from pathlib import Path
from string import Template

import pandas as pd

from sonla_analysis.definitions.folders import OFFICE, locate
from sonla_analysis.definitions.input_columns import KEYS
from sonla_analysis.definitions.plan import Plan, load_plan, plan_text
from sonla_analysis.definitions.standards import (
    Standard,
    load_standard,
    standard_ids,
    standard_on,
)
from sonla_analysis.definitions.unit_names import match_unit, unclear, units_meant
from sonla_analysis.definitions.units import above, folder_name, full_name, shipped_units, units_on
from sonla_analysis.indicators.measure import area_of, review_dates, year_end_before
from sonla_analysis.intake.inbox import SENT_OUT, digest
from sonla_analysis.intake.workbooks import write_workbook
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import is_date, refuse
from sonla_analysis.sentences import day
from sonla_analysis.tables.input_tables import ABOUT, load_tables
from sonla_analysis.tables.units_table import load_units

LISTED = "son_la_province"  # the list of units that comes along
_TEMPLATES = files("sonla_analysis") / "intake/templates"
_GUIDE = "HUONG-DAN.txt"
_YEARS = range(2016, 2101)  # from the first standard on


def start(
    folder: str | Path,
    area: str | None = None,
    units: str | Path | None = None,
    plan: str | Path | None = None,
    standard: str | None = None,
    year: int | None = None,
    date: str | None = None,
    last: str | Path | None = None,
) -> Path:
    """Make the working folder of an office, and return it; one that holds anything is refused.

    `area` is the code or name of a unit that has units of its own, in the list that comes along or
    in the file `units`. With a `plan` it is the plan's; without one a plan to edit is written, for
    the `year`, under the `standard` (that in force). `date` is the day of the figures, by default
    the last day of the plan; the units are those in force on it. `last` are the data of the period
    before, whose lists are filled in.
    """
    _check_options(plan, standard, year, date)
    folder, listed = _empty(Path(folder)), listed_units(units)
    if plan:
        text, loaded = _filled("plan_head.toml") + plan_text(plan), load_plan(plan)
        as_of = _day(date) or loaded.end
        chosen = _area_of_plan(loaded, area, listed, as_of)
    else:
        as_of = _day(date) or f"{_year(year)}-12-31"
        chosen = _area(area, listed, as_of)
        text = _new_plan(chosen, _standard(standard, as_of), as_of[:4])
    part = _part(units_on(as_of, listed), chosen.name)
    try:
        _write(folder, text, part, chosen, as_of)
        _bring_standard(folder, plan)
        _write_workbooks(folder, _leaves(part, chosen.name), as_of, last)
    except BaseException:  # all of it or nothing
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _check_options(plan, standard, year, date) -> None:
    if plan and (standard or year):
        raise UsageError(message("start.plan_or_standard"))
    if date and year:
        raise UsageError(message("start.date_or_year"))


def listed_units(file: str | Path | None = None) -> pd.DataFrame:
    """Return the units of an office's file, or of the list that comes along."""
    return load_units(file) if file else shipped_units(LISTED)


def _empty(folder: Path) -> Path:
    """Return the folder; refuse one that holds anything."""
    try:
        found = sorted(one.name for one in folder.iterdir()) if folder.exists() else []
    except OSError:
        raise UsageError(message("start.not_a_folder", folder=folder)) from None
    if found:
        listed = ", ".join(found[:3]) + (" …" if found[3:] else "")
        raise UsageError(message("start.not_empty", folder=folder, found=listed))
    return folder


# --- when --------------------------------------------------------------------------------


def _day(date: str | None) -> str | None:
    """Return a day (ISO text); refuse what is none."""
    if date is not None and not is_date(date):
        raise UsageError(message("parameter.day", found=repr(date)))
    return date


def _year(year: int | None) -> int:
    if year is not None and year not in _YEARS:
        raise UsageError(message("start.year", found=year))
    return year or Date.today().year


def _standard(asked: str | None, as_of: str) -> Standard:
    """Return the standard asked for, or that in force; refuse one that is not in force that day."""
    if asked and asked not in standard_ids():
        raise UsageError(refuse("standard", asked, standard_ids()))
    found = load_standard(asked or standard_on(as_of))
    if not found.valid_from <= as_of <= found.valid_to:
        words = {"standard": found.id, "start": found.valid_from, "end": found.valid_to}
        other = standard_on(as_of).id
        raise UsageError(message("start.standard_year", date=as_of, other=other, **words))
    return found


# --- where -------------------------------------------------------------------------------


def _area(asked: str | None, listed: pd.DataFrame, as_of: str) -> pd.Series:
    """Return the unit whose units report: the one asked for, or that in which all others lie."""
    in_force = units_on(as_of, listed)
    with_units = in_force[in_force.index.isin(in_force["parent"])]
    if asked is None:
        return in_force.loc[_only_area(in_force, with_units, listed, as_of)]
    if found := match_unit(asked, as_of, with_units.reset_index()):
        return in_force.loc[found.code]
    _refuse_another_day(asked, listed, as_of)
    what = message("start.area", date=day(as_of))
    raise UsageError(unclear(asked, as_of, with_units.reset_index(), what))


def _only_area(in_force, with_units, listed: pd.DataFrame, as_of: str) -> str:
    """Return the code of the deepest unit in which all others lie; refuse a list of several."""
    tops = with_units[~with_units["parent"].isin(with_units.index)]
    if len(tops) != 1:
        words = {"candidates": _names(tops), "first": next(iter(tops.index), "…")}
        raise UsageError(message("start.which_area", **words))
    leaves = in_force.index.difference(with_units.index)
    counts = pd.DataFrame({"as_of": as_of, "unit": leaves})
    return area_of({"units": listed, "unit_counts": counts}, as_of)


def _names(units: pd.DataFrame) -> str:
    return ", ".join(f"{full_name(unit)} ({code})" for code, unit in units.iterrows())


def _refuse_another_day(asked: str, listed: pd.DataFrame, as_of: str) -> None:
    """Refuse an area that has ended by that day, with what to write instead."""
    meant = units_meant(asked, listed[listed["code"].isin(listed["parent"])])
    ended = [one for one in meant if "" < one.valid_to < as_of]
    if len(meant) != 1 or not ended:
        return
    unit, in_force = ended[0], units_on(as_of, listed)
    within = listed[(listed["parent"] == unit.code) & (listed["valid_to"] == unit.valid_to)]
    after = in_force[in_force.index.isin(within["successor"])]
    raise UsageError(
        message(
            "start.ended",
            unit=f"{unit.kind.lower()} {unit.name}",
            code=unit.code,
            end=day(unit.valid_to),
            day=year_end_before(unit.valid_to),
            successors=_names(after) or "–",
            parent=next(iter(after["parent"]), "…"),
        )
    )


def _area_of_plan(plan: Plan, asked: str | None, listed: pd.DataFrame, as_of: str) -> pd.Series:
    """Return the plan's area; refuse a day outside the plan, and any other area."""
    if not plan.start <= as_of <= plan.end:
        words = {"date": day(as_of), "start": day(plan.start), "end": day(plan.end)}
        raise UsageError(message("start.outside_plan", **words))
    in_force = units_on(as_of, listed)
    words = {"number": plan.number, "code": plan.area}
    if plan.area not in in_force.index:
        raise UsageError(message("start.plan_units", date=day(as_of), **words))
    unit = in_force.loc[plan.area]
    if asked is not None and not match_unit(asked, as_of, in_force.loc[[plan.area]].reset_index()):
        words |= {"unit": full_name(unit), "found": asked}
        raise UsageError(message("start.plan_area", **words))
    return unit


def _part(in_force: pd.DataFrame, area: str) -> pd.DataFrame:
    """Return the area, what it lies in and all that lies in it, at any depth."""
    parent = in_force["parent"].to_dict()
    kept = {area, *above(area, parent)}
    return in_force[[code in kept or area in above(code, parent) for code in parent]]


# --- what is written ---------------------------------------------------------------------


def _new_plan(area: pd.Series, standard: Standard, year: str) -> str:
    """Return the text of a plan to edit: the rates that every office follows, without targets."""
    return _filled(
        "plan.toml",
        year=year,
        area=area.name,
        start=year_end_before(f"{year}-12-31"),
        end=f"{year}-12-31",
        standard=standard.id,
        law=standard.law,
        name=full_name(area),
        poor=json.dumps(standard.poor_statuses),
    )


def _filled(template: str, **words) -> str:
    return Template((_TEMPLATES / template).read_text(encoding="utf-8")).substitute(words)


def _write(folder: Path, plan: str, units: pd.DataFrame, area: pd.Series, as_of: str) -> None:
    """Write everything but the workbooks."""
    try:
        for name in ("inbox", "data", "reports"):
            (folder / name).mkdir(parents=True)
    except OSError:
        raise UsageError(message("start.not_a_folder", folder=folder)) from None
    words = {"name": full_name(area), "day": day(as_of), "folder": folder.resolve()}
    words["count"] = len(_leaves(units, area.name))
    texts = {"plan.toml": plan, OFFICE: _filled(OFFICE, as_of=as_of)}
    texts |= {"answers.toml": _filled("answers.toml"), "HUONG-DAN.txt": _filled(_GUIDE, **words)}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    units.reset_index().to_csv(folder / "units.csv", index=False, lineterminator="\n")


def _leaves(units: pd.DataFrame, area: str) -> pd.DataFrame:
    """Return the units that fill in a workbook: those that have no units of their own."""
    return units[~units.index.isin([*units["parent"], area])]


def _bring_standard(folder: Path, plan: str | Path | None) -> None:
    """Copy a plan's poverty standard that lies in a file of its own."""
    own = Path(load_plan(plan).standard) if plan else Path()
    if own.is_file():
        shutil.copy(own, folder)


def _write_workbooks(folder: Path, units: pd.DataFrame, as_of: str, last) -> None:
    """Write a workbook a unit, and a list of what they are as they were sent out."""
    plan = load_plan(folder / "plan.toml")
    before, sent = _last(last, plan, as_of) if last else {}, []
    synthetic = bool(before) and before[ABOUT]["synthetic"].item()
    for code, unit in units.iterrows():
        path, rows = folder / "inbox" / f"{folder_name(unit)}.xlsx", _of_unit(before, code, unit)
        write_workbook(path, plan, unit, as_of, last=rows, synthetic=synthetic)
        sent.append({"file": path.name, "sha256": digest(path)})
    pd.DataFrame(sent).to_csv(folder / "data" / SENT_OUT, index=False, lineterminator="\n")


def _last(last: str | Path, plan: Plan, as_of: str) -> dict[str, pd.DataFrame]:
    """Return the last period's tables on their last day.

    They are another working folder's, or data of the standard in force at the end of the year
    before.
    """
    last, standard = locate(last), standard_on(year_end_before(as_of)).id
    plan = replace(plan, standard=standard)
    if (last / OFFICE).is_file():
        last, plan = last / "data", load_plan(last / "plan.toml")
    tables = load_tables(last, plan)
    on = review_dates(tables)[-1]
    kept = {table: tables[table][tables[table]["as_of"] == on] for table in KEYS}
    return kept | {ABOUT: tables[ABOUT], "units": units_on(on, tables["units"])}


def _of_unit(before: dict, code: str, unit: pd.Series) -> dict[str, pd.DataFrame] | None:
    """Return a unit's rows of the last period; none of another unit that had its code."""
    known = before["units"] if before else pd.DataFrame()
    if code not in known.index or known.loc[code, "name"] != unit["name"]:
        return None
    return {
        table: frame[frame["unit"] == code]
        for table, frame in before.items()
        if table not in (ABOUT, "units")
    }
