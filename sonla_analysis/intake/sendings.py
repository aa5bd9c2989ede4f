"""What came in: one `Sending` a file, and all of them together with what is asked."""

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from sonla_analysis.definitions.units import units_on
from sonla_analysis.intake.forms import Form
from sonla_analysis.tables.findings import Finding


@dataclass
class Sending:
    """One file as it came: who sent it for which day, and what became of it.

    `unit` is the sender's code, "" where the file is of several units (a department's) or nobody
    knows; `number` is the sending number of its notes sheet; `received` the file's own time (ISO).
    `rows` are the accepted rows by table, `forms` the official forms in it. `replaced_by` names the
    later file that is taken instead.
    """

    file: str
    unit: str = ""
    as_of: tuple[str, ...] = ()
    number: int | None = None
    received: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    replaced_by: str = ""
    synthetic: bool = False
    forms: list[Form] = field(default_factory=list, repr=False)
    findings: list[Finding] = field(default_factory=list)

    def warn(self, rule: str, table: str = "", **words) -> None:
        """Add to the findings what is to be looked at in this file, and need not be corrected."""
        words = {"unit": self.unit, "file": self.file} | words
        self.findings.append(Finding(rule, table, severity="warning", **words))


@dataclass
class Intake:
    """All that was sent: the tables (as text, unchecked), the sendings, what is asked or wrong.

    `tables` maps a table to a frame whose columns are the table's, all text, with the index 0, 1,
    …; `places` maps a table to a frame of the same index: file, sheet, row (Excel's), and
    `letters[file, sheet, table]` is the column of each field as Excel names it, the cell
    in a table with a line a field. `findings` holds
    the findings of all sendings and those of no single one. `questions` are findings whose answer
    goes into answers.toml: section, key and candidates.
    """

    tables: dict[str, pd.DataFrame]
    places: dict[str, pd.DataFrame]
    letters: dict[tuple[str, str, str], dict[str, str]]
    sendings: list[Sending]
    findings: list[Finding]
    questions: list["Question"]
    units: pd.DataFrame | None = None  # those that may send

    def sending_of(self, file: str) -> Sending | None:
        """Return the sending that a file is, or that is the file's folder."""
        return self._by_file.get(file) or self._by_file.get(file.rpartition("/")[0])

    @cached_property
    def _by_file(self) -> dict[str, Sending]:
        return {one.file: one for one in self.sendings}

    @property
    def in_force(self) -> pd.DataFrame:
        """The units in force on the last day of what was sent, by code."""
        days = [day for one in self.sendings for day in one.as_of]
        return units_on(max(days, default="9999-12-31"), self.units)

    @property
    def synthetic(self) -> bool:
        """Whether the data say that they are made up: all files that gave a row do."""
        giving = [one for one in self.sendings if one.rows]
        return bool(giving) and all(one.synthetic for one in giving)


@dataclass(frozen=True)
class Question:
    """What only a person knows: answered by `key = "…"` in the section of answers.toml.

    Sections: unit, date, column, value, number, file.
    """

    section: str
    key: str
    candidates: tuple[str, ...]
    finding: Finding
