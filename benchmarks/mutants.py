"""Do the tests notice a wound? Small changes to the code, one at a time, each tried by the tests.

`make mutants` tries the transforms, checks, plans and words, at most SAMPLE changes a module
(seeded), and writes what no test noticed, by line, to build/mutants.md. Cosmic Ray makes the
changes; each is tried by the tests of the same topic in a forked process of its own.

    python benchmarks/mutants.py --sample 0 indicators/comparison.py   # all of one module
"""

import argparse
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from difflib import unified_diff
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "build/mutants.md"
SEED = 159
SLOW = "not (browser or faults or office or fuzz or privacy)"
TOPICS = {
    "indicators/alkire_foster.py": ["alkire_foster"],
    "indicators/alkire_foster_change.py": ["alkire_foster"],
    "indicators/comparison.py": ["comparison"],
    "indicators/deprived_rows.py": ["alkire_foster"],
    "indicators/exact_weights.py": ["alkire_foster"],
    "indicators/disclosure.py": ["disclosure"],
    "indicators/groups.py": ["groups", "disclosure", "register_charts", "privacy"],
    "indicators/large.py": ["large"],
    "indicators/measure.py": ["measure"],
    "indicators/poverty.py": ["poverty"],
    "indicators/progress.py": ["progress"],
    "indicators/withheld.py": ["withheld"],
    "indicators/checks.py": ["checks"],
    "definitions/plan.py": ["plan"],
    "sentences/figures.py": ["sentences"],
    "sentences/statements.py": ["sentences"],
}
# of each operator the replacements nearest to it: those that a careful test alone tells apart
OPERATORS = [
    *("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Div", "Mod_Mul", "Pow_Mul"),
    *("BitOr_BitAnd", "BitAnd_BitOr", "BitXor_BitOr"),
    *("Eq_NotEq", "NotEq_Eq", "Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE"),
    *("GtE_Gt", "GtE_Lt", "Is_IsNot", "IsNot_Is", "USub_UAdd", "Delete_Not", "Delete_Invert"),
    *("AddNot", "TrueWithFalse", "FalseWithTrue", "AndWithOr", "OrWithAnd", "NumberReplacer"),
    *("BreakWithContinue", "ContinueWithBreak", "ZeroIterationForLoop", "RemoveDecorator"),
]


class Mutant(NamedTuple):
    """One change: the line it is in, what it makes of it, and the module's whole text with it."""

    line: int
    change: str
    text: str


def main() -> int:
    """Try the changes and write the report; exit code 1 when the tests fail without any."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", default=list(TOPICS), metavar="MODULE")
    parser.add_argument("--sample", type=int, default=150, help="changes a module; 0 is all")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    _import_what_is_slow()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        slots = [_copy(Path(folder) / str(number)) for number in range(options.jobs)]
        for module in options.modules:
            every = mutants((ROOT / "sonla_analysis" / module).read_text(encoding="utf-8"))
            tried = _sample(every, options.sample, module)
            print(f"{module}: {len(tried)} of {len(every)} changes", file=sys.stderr, flush=True)
            seconds = _seconds(slots[0], module)
            if seconds is None:
                print(f"{module}: its tests fail without any change", file=sys.stderr)
                return 1
            found[module] = tried, survivors(tried, module, slots, seconds)
            REPORT.parent.mkdir(exist_ok=True)
            REPORT.write_text(report(found), encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"))
    return 0


def _import_what_is_slow() -> None:
    """Import what every forked process needs, but nothing of the package that is changed."""
    import hypothesis  # noqa: F401
    import matplotlib.figure  # noqa: F401
    import nbformat  # noqa: F401
    import pandas  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    import pytest  # noqa: F401

    sys.dont_write_bytecode = True


def _copy(slot: Path) -> Path:
    """Copy what the tests need to a place where it may be changed."""
    leave = shutil.ignore_patterns("node_modules", "__pycache__", "build", "20*", "saved_charts")
    slot.mkdir()
    for path in ROOT.iterdir():
        if path.name in (".venv", ".git", "build"):
            continue
        copy = shutil.copytree if path.is_dir() else shutil.copy2
        copy(path, slot / path.name, **({"ignore": leave} if path.is_dir() else {}))
    return slot


def mutants(text: str) -> list[Mutant]:
    """Return every change of a module, in the order of its lines."""
    from cosmic_ray import plugins
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code

    made = {}
    for name in plugins.operator_names():
        if not name.endswith(tuple(OPERATORS)):
            continue
        operator = plugins.get_operator(name)()
        nodes = ast_nodes(get_ast(text))
        places = [start for node in nodes for start, _ in operator.mutation_positions(node)]
        for occurrence, (line, _) in enumerate(places):
            changed = mutate_code(text, operator, occurrence)
            made.setdefault(changed, Mutant(line, _change(text, changed), changed))
    return sorted(one for one in made.values() if one.change)


def _change(text: str, changed: str) -> str:
    """Return the lines that are new, joined; empty for a change of nothing."""
    lines = list(unified_diff(text.splitlines(), changed.splitlines(), n=0, lineterm=""))[2:]
    return " ".join(line[1:].strip() for line in lines if line.startswith("+"))


def _sample(every: list[Mutant], size: int, module: str) -> list[Mutant]:
    if not size or size >= len(every):
        return every
    return sorted(random.Random(f"{SEED} {module}").sample(every, size))


# --- trying --------------------------------------------------------------------------------


def survivors(tried: list[Mutant], module: str, slots: list[Path], seconds: float) -> list[Mutant]:
    """Return the changes that no test notices; each slot tries one at a time."""
    waiting, running, alive = list(reversed(tried)), {}, []
    free = list(slots)
    while waiting or running:
        while waiting and free:
            mutant, slot = waiting.pop(), free.pop()
            (slot / "sonla_analysis" / module).write_text(mutant.text, encoding="utf-8")
            running[_start(slot, module, seconds)] = mutant, slot
        child, status = os.wait()
        mutant, slot = running.pop(child)
        if os.waitstatus_to_exitcode(status) == 0:
            alive.append(mutant)
            told = f"  unnoticed, line {mutant.line}: {mutant.change}"
            print(told, file=sys.stderr, flush=True)
        free.append(slot)
        left = len(waiting) + len(running)
        if left % 20 == 0:
            print(f"  {left} left, {len(alive)} unnoticed", file=sys.stderr, flush=True)
    for slot in slots:
        shutil.copy2(ROOT / "sonla_analysis" / module, slot / "sonla_analysis" / module)
    return sorted(alive)


def _seconds(slot: Path, module: str) -> float | None:
    """Return the processor time that the tests of an unchanged module take; None if they fail."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _, status = os.waitpid(_start(slot, module, 600), 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return None if os.waitstatus_to_exitcode(status) else took


def _start(slot: Path, module: str, seconds: float) -> int:
    """Start the tests of a module's topic in a process of their own; return its number.

    It ends by itself when it takes three times as long as the tests of the sound module.
    """
    child = os.fork()
    if child:
        return child
    try:
        most = int(3 * seconds + 10)
        resource.setrlimit(resource.RLIMIT_CPU, (most, most + 5))
        signal.alarm(20 * most)  # should it wait for something that never comes
        os.chdir(slot)
        sys.path.insert(0, str(slot))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        os._exit(_tested(module))
    finally:
        os._exit(70)


def _tested(module: str) -> int:
    import pytest

    tests = [f"tests/test_{topic}.py" for topic in TOPICS[module]]
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", SLOW]
    return int(pytest.main([*options, *tests, f"sonla_analysis/{module}"]))


# --- telling -------------------------------------------------------------------------------


def report(found: dict) -> str:
    """Return the score of each module and of all, and every change unnoticed, by line."""
    lines = ["# What the tests notice", "", f"{time.strftime('%Y-%m-%d %H:%M')}, seed {SEED}", ""]
    lines += ["| module | changes | noticed | % |", "|---|---:|---:|---:|"]
    rows = [(module, len(tried), len(alive)) for module, (tried, alive) in found.items()]
    rows.append(("all", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    for module, tried, alive in rows:
        noticed = tried - alive
        lines.append(f"| {module} | {tried} | {noticed} | {100 * noticed / max(tried, 1):.1f} |")
    for module, (_, alive) in found.items():
        lines += ["", f"## {module}", ""] if alive else []
        lines += [f"- {module}:{one.line} `{one.change}`" for one in alive]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
