"""The seventeen figures of Plan 159, computed a second time: plain Python, nothing of the package.

Written after the plan's announcement and data/sample/README.md, row by row, with fractions. It
reads the CSV files itself and knows nothing of how the package reads, counts or judges.
"""

import csv
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

CITY = "116"
POOR = ("poor_income", "poor_deprivation")


class Figure(NamedTuple):
    """What was counted, of how many (None: a count), whether all answered, whether it is met.

    `met` is None where the plan sets this unit no target, nothing can be divided, or it hangs on
    the `blank` ones: so many did not answer and may count as well.
    """

    numerator: int | None
    denominator: int | None
    blank: int
    complete: bool
    met: bool | None

    @property
    def percent(self) -> Fraction | None:
        """The exact share in percent; None where there is nothing to divide by."""
        return Fraction(100 * self.numerator, self.denominator) if self.denominator else None


class Target(NamedTuple):
    """A target as printed: its digits, the side on which it is reached, and whom it binds."""

    printed: str
    side: str
    binds: str


# the announcement's numbers in the announcement's order; "city": a target of the whole city only
TARGETS = {
    "1a": Target("0.77", "at most", "city"),
    "1b": Target("15", "at least", "city"),  # from 15 to 20 %: more than 20 % is no failure
    "2": Target("100", "at least", "unit"),
    "3": Target("100", "at least", "unit"),
    "4": Target("100", "at least", "unit"),
    "5": Target("50.7", "at least", "city"),
    "6": Target("100", "at least", "unit"),
    "7": Target("100", "at least", "unit"),
    "8": Target("95", "more than", "city"),
    "9": Target("9.5", "at most", "city"),
    "10": Target("100", "at least", "unit"),
    "11": Target("79.1", "at least", "city"),
    "12": Target("100", "at least", "unit"),
    "13": Target("80", "at least", "city"),
    "14": Target("100", "at least", "unit"),
    "15": Target("98", "at least", "city"),
    "16": Target("91", "at least", "city"),
}


def read(folder: Path) -> dict[str, list[dict[str, str]]]:
    """Return the rows of each CSV file, every cell a text."""
    tables = {}
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            tables[file.stem] = list(csv.DictReader(lines))
    return tables


def figures(tables, day: str) -> dict[tuple[str, str], Figure]:
    """Return the figures of a day by (unit, number), the whole city under `116`."""
    units = sorted({row["unit"] for row in tables["unit_counts"]} - {CITY})
    counted = {unit: _counted(tables, unit, day) for unit in units}
    found = {}
    for number in TARGETS:
        pairs = [counted[unit][number] for unit in units]
        for unit, pair in zip(units, pairs, strict=True):
            found[unit, number] = _figure(number, pair, "unit", pair is not None)
        known = [pair for pair in pairs if pair is not None]
        whole = (
            sum(pair[0] for pair in known),
            None if known[0][1] is None else sum(pair[1] for pair in known),
            sum(sum(pair[2:]) for pair in known),
        )
        found[CITY, number] = _figure(number, whole, "city", len(known) == len(units))
    return found


def _figure(number: str, pair, level: str, complete: bool) -> Figure:
    if pair is None:
        return Figure(None, None, 0, False, None)
    target, (number, total, *blank) = TARGETS[number], pair
    judged = complete and level in (target.binds, "city") and total != 0
    ends = {_met(target, number + more, total) for more in (0, sum(blank))} if judged else {None}
    return Figure(number, total, sum(blank), complete, ends.pop() if len(ends) == 1 else None)


def _met(target: Target, numerator: int, denominator: int | None) -> bool:
    """Whether a figure, printed with the target's decimals (half up), reaches the target.

    All (100 %), counts and "more than" are exact: 99.6 % is not all.
    """
    value = Fraction(numerator) if denominator is None else Fraction(100 * numerator, denominator)
    goal = Fraction(target.printed)
    if target.side == "more than":
        return value > goal
    if denominator is None or goal == 100:
        return value >= goal
    steps = 10 ** len(target.printed.partition(".")[2])
    shown = Fraction(int(value * steps + Fraction(1, 2)) if value >= 0 else -1, steps)
    return shown <= goal if target.side == "at most" else shown >= goal


def _counted(tables, unit: str, day: str) -> dict[str, tuple[int, int | None] | None]:
    """Return (numerator, denominator) of each figure of a unit; None where nobody answered."""
    here = {
        name: [row for row in rows if (row["as_of"], row["unit"]) == (day, unit)]
        for name, rows in tables.items()
    }
    households, members, schools = here["households"], here["members"], here["schools"]
    stations, (counts,) = here["health_stations"], here["unit_counts"]
    status = {one["household"]: one["status"] for one in households}
    poor = [one for one in households if one["status"] in POOR]
    were_poor = [one for one in households if one["start_status"] in POOR]
    insured = [one for one in members if status[one["household"]] in (*POOR, "near_poor")]
    borrowers = [
        one
        for one in households
        if one["status"] in (*POOR, "near_poor", "newly_escaped")
        and _yes(one, "loan_needed", "loan_eligible")
    ]
    pupils = [one for one in members if _yes(one, "tuition_entitled")]
    builders = [one for one in poor if _yes(one, "toilet_loan_wanted")]
    levels = [
        any(_yes(one, level) for one in schools)
        for level in ("preschool", "primary", "lower_secondary")
    ]
    ever_poor = [one for one in households if {one["status"], one["start_status"]} & {*POOR}]
    silent = sum(one["radio_received"] == "" for one in ever_poor)
    return {
        "1a": (len(poor), int(counts["households"])),
        "1b": (len(were_poor) - len(poor), len(were_poor)),
        "2": (_number(insured, "health_card"), len(insured)),
        "3": (_number(borrowers, "loan_received"), len(borrowers)),
        "4": (_number(pupils, "tuition_supported"), len(pupils)),
        "5": _of(counts, "labour_certified", "labour_force"),
        "6": (_number(stations, "meets_national_criteria"), len(stations)),
        "7": (_number(stations, "has_doctor"), len(stations)),
        "8": _of(counts, "children_under_1_vaccinated", "children_under_1"),
        "9": _of(counts, "children_under_5_underweight", "children_under_5_measured"),
        "10": (int(all(levels)), 1),
        "11": (_number(schools, "meets_national_standard"), len(schools)),
        "12": (_number(poor, "hygienic_water"), len(poor)),
        "13": (_number(builders, "toilet_built", "hygienic_toilet"), len(builders)),
        "14": _of(counts, "officers_trained", "officers"),
        "15": _of(counts, "poor_area_households_informed", "poor_area_households"),
        "16": (_number(ever_poor, "radio_received"), None, silent),
    }


def _yes(row: dict[str, str], *columns: str) -> bool:
    return all(row[column] == "true" for column in columns)


def _number(rows, *columns: str) -> int:
    return sum(_yes(row, *columns) for row in rows)


def _of(row: dict[str, str], part: str, whole: str) -> tuple[int, int] | None:
    return (int(row[part]), int(row[whole])) if row[part] and row[whole] else None
