"""Damage done to files at random, and whether what comes out is right. Seeded: a seed is a case.

To see one case again, with what is wrong about it (`tests` on the path):

    python -m fuzz csv 1234          # or workbook, definition
"""

import contextlib
import io
import os
import sys
import tempfile
import traceback
from pathlib import Path
from unittest import mock

import batch
import fuzz_oracle
from fuzz_oracle import Either, Wrong

WARDS = ("03649", "03658")
UNITS = {"116": False, "14": False, **dict.fromkeys(WARDS, True)}
SECRET = "Kín"  # part of the names of persons in damaged cells: no message may tell it


def city(folder: Path) -> Path:
    """Write the small city that is damaged, if it is not there: two wards, two dates."""
    return folder if folder.exists() else batch.small_city(folder, WARDS)


def checked(data, *options) -> tuple[list[str], list, bool]:
    """Run `sonla check`; return what is wrong with how it ended, its findings, and if it passed."""
    from sonla_analysis import cli
    from sonla_analysis.indicators import checks

    kept, real = [], checks.check_data

    def recorded(*arguments, **named):
        kept.append(real(*arguments, **named))
        return kept[-1]

    with mock.patch("sonla_analysis.indicators.checks.check_data", recorded):
        problems, code, said = ended(cli.main, ["check", str(data), *options])
    if SECRET in said:
        problems.append("a person's name is told")
    findings = kept[-1][0] if kept else []
    if code == 0 and any(one.severity == "error" for one in findings):
        problems.append("exit code 0 with errors")
    return problems, findings, code == 0


def ended(run, *arguments) -> tuple[list[str], object, str]:
    """Call something that prints; return how it broke, its exit code, and what it said."""
    said, unraised = io.StringIO(), []
    try:
        with (
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
            mock.patch("sys.unraisablehook", unraised.append),
        ):
            code = run(*arguments)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        last = traceback.extract_tb(error.__traceback__)[-1]
        ours = [one for one in traceback.extract_tb(error.__traceback__) if "sonla_an" in one[0]]
        at = ours[-1] if ours else last
        place = f"{Path(at.filename).name}:{at.name}"
        return [f"traceback: {type(error).__name__} in {place}"], None, said.getvalue()
    wrong = [] if code in (0, 1, 2) else [f"exit code {code}"]
    if unraised or "Traceback" in said.getvalue():
        wrong.append("traceback printed")
    return wrong, code, said.getvalue()


def problems(data: Path, table: str, judgement) -> list[str]:
    """Return what is wrong with how a damaged folder or workbook is checked and read."""
    found, findings, passed = checked(data)
    from sonla_analysis.language.refusals import SonlaError
    from sonla_analysis.tables.input_tables import read_tables

    try:
        tables, _ = read_tables(data)
    except SonlaError:
        tables = None
    except Exception as error:
        return found or [f"traceback: {type(error).__name__} in read_tables"]
    return found or misjudged(table, judgement, findings, tables, passed)


def misjudged(table: str, judgement, findings: list, tables: dict | None, passed: bool):
    """Return where a table's reading differs from what it must come to."""
    here = [one for one in findings if one.severity == "error"]
    if judgement.must:
        return [f"not found: {judgement.must}"] if passed else []
    if judgement.cells is None:
        return []
    wrong = {at: cell for at, cell in judgement.cells.items() if isinstance(cell, Wrong)}
    maybe = judgement.open or any(isinstance(one, Either) for one in judgement.cells.values())
    if tables is None or table not in tables:
        return [] if wrong or maybe else [f"refused, though right: {_rules(here)}"]
    problems, keys = [], fuzz_oracle.KEYS[table]
    open_key = any(isinstance(one, Either) and at[1] in keys for at, one in judgement.cells.items())
    for (row, column), cell in wrong.items():
        if not column and open_key:  # the other row may have been found by that cell
            continue
        many = sum(other == column for _, other in wrong) > 1  # said once for all of them
        columns = [column, "as_of"] if column == "unit" else [column]  # a code holds on a date
        if not any(_found(here, table, judgement.lines[row], one, many) for one in columns):
            problems.append(f"not found: {cell.why} ({fuzz_oracle.kind(table, column)})")
    return problems + _misread(table, judgement, here, tables[table])


def _rules(findings) -> str:
    return ", ".join(sorted({one.rule for one in findings})) or "no finding"


def _found(findings, table, lines, column, many: bool) -> bool:
    """Whether a cell is found: by its line or the whole table's, of its column or of none."""
    return any(
        one.table == table
        and (not one.column or not column or one.column == column)
        and (many or one.row in (0, *lines))
        for one in findings
    )


def _misread(table, judgement, findings, frame):
    """Return which cells are not read as they stand."""
    if len(frame) != len(judgement.lines):
        short = len(frame) < len(judgement.lines)
        return ["rows lost"] if short else ["rows out of nowhere"]
    problems = set()
    columns = {name: _cells(frame[name]) for name in frame}
    for (row, column), cell in judgement.cells.items():
        if isinstance(cell, Wrong) or not column:
            continue
        read = columns[column][row] if column in columns else None
        values = cell.values if isinstance(cell, Either) else (cell.value,)
        if any(_same(read, value) for value in values):
            continue
        kind = fuzz_oracle.kind(table, column)
        if not isinstance(cell, Either):
            problems.add(f"misread: {kind}: {str(values[0])[:20]!r} as {str(read)[:20]!r}")
        elif not _found(findings, table, judgement.lines[row], column, False):
            problems.add(f"misread, not found: {kind}: {str(values)[:30]} as {str(read)[:20]!r}")
    return sorted(problems)


def _cells(column) -> list:
    return [None if value is None or value != value else value for value in _objects(column)]


def _objects(column) -> list:
    import pandas as pd

    return [None if pd.isna(value) else value for value in column.astype("object")]


def _same(read, value) -> bool:
    if isinstance(value, str) and isinstance(read, str):
        return fuzz_oracle.plain(read) == fuzz_oracle.plain(value)
    return (
        type(read) is not str
        and read == value
        and isinstance(read, bool) == (isinstance(value, bool))
    )


def main(arguments: list[str]) -> int:
    """Show one case."""
    import importlib

    kind, seed = arguments
    with tempfile.TemporaryDirectory() as folder:
        case = importlib.import_module(f"fuzz_{kind}").case
        what, problems = case(int(seed), Path(folder))
        print(what, *(problems or ["as it should be"]), sep="\n  ")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))


def batches(cases: int, size: int, share: int) -> list[range]:
    """Return the seeds to try, in parts that may run beside one another; a share without `make`."""
    cases = cases if os.environ.get("FUZZ") == "whole" else cases // share
    return [range(start, start + size) for start in range(0, cases, size)]
