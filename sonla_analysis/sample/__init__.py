"""A synthetic city, province or nation: registers and counts to try and to measure with.

Nothing here describes a real household, ward or budget. The city is calibrated to what little was
published (poor households at the end of 2018, the plan's own targets and its 91 radios, the
deprivations of Kon Tum in 2019); everything else is invented. One seed, one result: the city uses
only uniform draws and plain arithmetic, so that every machine writes the same bytes.

A household is in one of five states: P poor, N near-poor, E newly escaped, O outside (not poor),
A absent. How many households of a unit go from one state to another in a year is given first, in
whole numbers; the households are made to fit. So the movement identity (start - exits + entries =
end) holds by construction, for twelve units as for ten thousand.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from sonla_analysis.definitions.input_columns import CARRIED
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError
from sonla_analysis.language.vietnamese import refuse
from sonla_analysis.sample import province
from sonla_analysis.sample.calibration import (
    ABSENT,
    CITY,
    DATES,
    LARGEST_PROVINCE,
    OUTSIDE,
    REGISTERS,
    SCALES,
)
from sonla_analysis.sample.departments import funding, health_stations, schools, unit_counts
from sonla_analysis.sample.households import (
    draw_deprivations,
    households_at,
    make_homes,
    make_persons,
    members_at,
)
from sonla_analysis.sample.places import city, invented, invented_units, parent_count, unit_tables
from sonla_analysis.tables.input_tables import ABOUT

DECLARED = """# What these data are: made up by a program, never to be shown as real.
synthetic = true
"""
_HISTORY = {  # what of the data is not made up
    "real_vi": "Riêng bảng `history` (nếu có) ghi lại số hộ đã được báo chí đăng.",
    "real_en": "Only\n`history`, where there is one, holds published counts.",
}
_UNITS = {
    "real_vi": "Tên, mã và việc sáp nhập đơn vị là thật; mọi con số, kể cả bảng `history`, đều là "
    "giả lập.",
    "real_en": "Names,\ncodes and mergers of the units are real; every number is made up, those of "
    "`history` too.",
}
_OWN = "qd59_2015"  # the standard of all other samples


def generate(
    units: int = 12,
    seed: int = 159,
    *,
    dates: Iterable[str] | None = None,
    all_households: bool = False,
) -> dict[str, pd.DataFrame]:
    """Synthetic tables in memory, by name, rows in the order date, unit, key.

    Twelve units are the city of Sơn La. Any other number is a province or nation with invented
    units, which the table `units` lists. `all_households` lists every household of the last date,
    those never poor with blank scores. Refused: no unit or over 50,000; a date not in DATES.

    >>> tables = generate()
    >>> register = tables["households"].query("as_of == '2020-12-31'")
    >>> int(register["status"].isin(["poor_income", "poor_deprivation"]).sum())
    212
    """
    dates = _dates(units, dates, all_households)
    parts = [part for _, part in _parts(units, seed, dates, all_households)]
    tables = {name: _join([_as_text(part[name]) for part in parts]) for name in parts[0]}
    tables["members"] = tables["members"].drop(columns=list(CARRIED))
    for name, table in tables.items():
        tables[name] = table.sort_values("as_of", kind="stable", ignore_index=True)
    return tables | unit_tables(units)


def write_sample(
    folder: str | Path,
    units: int = 12,
    seed: int = 159,
    *,
    dates: Iterable[str] | None = None,
    all_households: bool = False,
    standard: str = _OWN,
) -> Path:
    """The folder with the tables of `generate` in files: CSV up to twelve units, else Parquet.

    Under `nd07_2021` the 75 units are the province's own, and the only number there is: see
    `sample.province`; a plan to try them with, `plan.toml`, lies beside them.

    In Parquet the registers have one file per parent, sorted by unit, and a member already carries
    what it has from the household. A README.md that is there is kept, otherwise one is written.
    """
    if standard != _OWN:
        return _write_province(Path(folder), units, seed, standard)
    dates = _dates(units, dates, all_households)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if units <= 12 and not all_households:
        tables = generate(units, seed, dates=dates)
        for name, table in tables.items():
            _write_csv(table, folder / f"{name}.csv")
        rows = {name: len(table) for name, table in tables.items()}
    else:
        rows = _write_parquet(folder, units, _parts(units, seed, dates, all_households))
    _write_notice(folder, units, seed, dates, rows)
    return folder


def _write_province(folder: Path, units: int, seed: int, standard: str) -> Path:
    """Write the province over the merger, one Parquet file per table."""
    if standard != province.STANDARD:
        raise UsageError(refuse("standard", standard, [_OWN, province.STANDARD]))
    if units != province.UNITS:
        raise UsageError(message("refused.sample_province", found=units))
    tables = province_tables(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        _write_table(_as_text(table), folder / f"{name}.parquet")
    rows = {name: len(table) for name, table in tables.items()}
    days, made_with = sorted(set(tables["unit_counts"]["as_of"])), f"{units} --standard {standard}"
    _write_notice(folder, made_with, seed, days, rows, _UNITS)
    plan = Path(__file__).with_name("province_plan.toml").read_text(encoding="utf-8")
    (folder / "plan.toml").write_text(plan, encoding="utf-8", newline="\n")
    return folder


def province_tables(seed: int = 159) -> dict[str, pd.DataFrame]:
    """The tables of the province's 200 units at the end of 2024 and its 75 at the end of 2025."""
    dates, parts = (DATES[0], DATES[-1]), []
    for number, (_, children) in enumerate(province.former_units().groupby("parent")):
        rng = np.random.default_rng([seed, number])
        parts.append(_part(*invented(children, province.SCALE, rng), rng, dates, False))
    tables = {name: _join([_as_text(part[name]) for part in parts]) for name in parts[0]}
    tables = province.over_the_merger(tables, seed)
    tables["members"] = tables["members"].drop(columns=list(CARRIED))
    return tables


def _dates(units: int, dates: Iterable[str] | None, all_households: bool) -> tuple[str, ...]:
    """The dates asked for, else those that suit the size; every household: the last date only."""
    if not 1 <= units <= 50_000:
        raise UsageError(message("refused.sample_units", found=units))
    if all_households:
        return DATES[-1:]
    if dates is None:
        return DATES if units <= LARGEST_PROVINCE else (DATES[0], DATES[-1])
    if unknown := [date for date in dates if date not in DATES]:
        raise UsageError(refuse("as_of", unknown[0], DATES))
    return tuple(sorted(dates))


def _parts(
    units: int, seed: int, dates: Iterable[str], all_households: bool
) -> Iterator[tuple[str, dict[str, pd.DataFrame]]]:
    """The code of a parent and all tables of its units, one parent after the other."""
    if units == 12:
        yield CITY, _part(*city(), np.random.default_rng(seed), dates, all_households)
        return
    table = invented_units(units)
    scale = SCALES.loc["province" if units <= LARGEST_PROVINCE else "nation"]
    lowest = table[table["code"].str.len() == 5]
    for number, (parent, children) in enumerate(lowest.groupby("parent")):
        rng = np.random.default_rng([seed, number])
        yield parent, _part(*invented(children, scale, rng), rng, dates, all_households)


def _part(
    places: pd.DataFrame,
    before: np.ndarray,
    after: np.ndarray,
    rng: np.random.Generator,
    dates: Iterable[str],
    all_households: bool,
) -> dict[str, pd.DataFrame]:
    """All tables of some units at some dates, by date, unit and key."""
    if all_households:
        after = after.copy()
        settled = after[:, :, :ABSENT].sum(axis=(1, 2))
        after[:, OUTSIDE, OUTSIDE] = np.maximum(places["households"] - settled, 0)
    homes = make_homes(places, before, after, rng)
    persons = make_persons(homes, rng)
    draws = draw_deprivations(homes, persons, rng)
    tables = []
    for quarter in map(DATES.index, dates):
        register = households_at(homes, draws, places, quarter)
        of_date = {
            "households": register.drop(columns="home"),
            "members": members_at(register, persons, quarter),
            "unit_counts": unit_counts(places, quarter, register),
            "health_stations": health_stations(places, quarter),
            "schools": schools(places, quarter),
            "funding": funding(places, before, quarter),
        }
        tables.append(of_date)
    return {name: _join([of_date[name] for of_date in tables]) for name in tables[0]}


def _join(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """The tables one below the other."""
    return pd.concat(tables, ignore_index=True)


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    """The table with labels as plain text and flags that may be missing."""
    kinds = {name: "str" for name in table.select_dtypes("category")}
    kinds |= {name: "boolean" for name in table.select_dtypes("bool")}
    return table.astype(kinds)


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    """CSV as the package reads it: UTF-8, LF, true/false, missing = empty."""
    flags = {name: table[name].map({True: "true", False: "false"})
             for name in table.select_dtypes("boolean")}  # fmt: skip
    table.assign(**flags).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _write_parquet(
    folder: Path, units: int, parts: Iterator[tuple[str, dict[str, pd.DataFrame]]]
) -> dict[str, int]:
    """Rows written by table; the registers go out parent by parent, the rest at the end."""
    rows: dict[str, int] = {}
    small = {name: [table] for name, table in unit_tables(units).items()}
    for parent, part in tqdm(parts, total=parent_count(units), unit="parent", disable=None):
        for name, table in part.items():
            rows[name] = rows.get(name, 0) + len(table)
            if name in REGISTERS:
                by_unit = table.sort_values("unit", kind="stable")
                _write_table(by_unit, folder / name / f"{parent}.parquet")
            else:
                small.setdefault(name, []).append(_as_text(table))
    for name, tables in small.items():
        _write_table(_join(tables), folder / f"{name}.parquet")
        rows[name] = sum(map(len, tables))
    return rows


def _write_table(table: pd.DataFrame, path: Path) -> None:
    """One Parquet file in row groups of 65,536 rows, labels and short texts as dictionaries."""
    path.parent.mkdir(parents=True, exist_ok=True)
    labels = [name for name in table if name != "household"]
    pq.write_table(
        pa.Table.from_pandas(table, preserve_index=False),
        path,
        row_group_size=65_536,
        compression="zstd",
        use_dictionary=labels,
    )


def _write_notice(
    folder: Path, units, seed: int, dates: Iterable[str], rows: dict[str, int], real=_HISTORY
) -> None:
    """about.toml and README.md: that the data are synthetic, and how many rows there are."""
    (folder / f"{ABOUT}.toml").write_text(DECLARED, encoding="utf-8", newline="\n")
    readme = folder / "README.md"
    if readme.exists():
        return
    lines = "\n".join(f"| {name} | {count:,} |" for name, count in rows.items())
    text = Path(__file__).with_name("notice.md").read_text(encoding="utf-8")
    text = text.format(units=units, seed=seed, dates=", ".join(dates), rows=lines, **real)
    readme.write_text(text, encoding="utf-8", newline="\n")
