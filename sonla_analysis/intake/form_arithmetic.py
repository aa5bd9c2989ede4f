"""Do official forms agree with themselves and with each other? Every contradiction, nothing else.

A blank is unknown, never 0: what some filling of the blanks with numbers of 0 or more makes right
is no contradiction. A rate agrees with its counts when these round to it at the decimals it is
printed with; a tie may be rounded either way. What must hold is data (`definitions/forms.toml`).
"""

import re
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from sonla_analysis.intake.form_lines import Cell, Line, definitions, is_rate, plain, words
from sonla_analysis.intake.forms import Form, read_forms
from sonla_analysis.intake.sheets import KINDS, read_sheets
from sonla_analysis.tables.findings import DataError, Finding, shown, unreadable
from sonla_analysis.tables.workbook import Workbook

_STORED = Fraction(1, 10**9)  # how far a calculated rate may be off in its last stored digit
_MOST_DECIMALS = 6  # that a sentence shows


def check_forms(path: str | Path) -> list[Finding]:
    """Return every contradiction in the official forms of a file, or of the files of a folder.

    Each finding says its cell, what was found and what it should be. A file that cannot be read is
    a finding, as is a source without any form.
    """
    forms, findings = [], []
    for file in _files(Path(path)):
        try:
            forms += read_forms(read_sheets(file))
        except DataError as error:
            findings += error.findings
    if not forms and not findings:
        findings.append(Finding("no_forms" if Path(path).exists() else "no_data", str(path)))
    return findings + form_findings(forms)


def holds_forms(path: str | Path) -> bool:
    """Return whether a path is forms to check: a file or folder that holds some and no tables."""
    path = Path(path)
    try:
        if path.is_dir():
            tables = [*path.glob("*.csv"), *path.glob("*.parquet")]
            return not tables and any(map(holds_forms, _files(path)))
        if path.suffix.lower() not in KINDS or not path.is_file() or _has_tables(path):
            return False
        return bool(read_forms(read_sheets(path)))
    except (DataError, OSError):
        return False


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path] if path.exists() else []
    kinds = (one for one in sorted(path.iterdir()) if one.suffix.lower() in KINDS)
    return [one for one in kinds if one.is_file() and not one.name.startswith(("~$", "."))]


def _has_tables(path: Path) -> bool:
    """Return whether a workbook has a sheet named as a table: then it is data, not forms."""
    from sonla_analysis.definitions.input_columns import KEYS

    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return False
    with Workbook(path) as book:
        return any(name.strip().lower() in KEYS for name in book.names)


def form_findings(forms: list[Form]) -> list[Finding]:
    """Return every contradiction in forms, within each and between those of one sender and day."""
    findings, doubtful = [], set()
    for form in forms:
        findings += _unreadable(form) if form.lines else [_columns_unknown(form)]
        findings += _empty_bases(form, doubtful)
    for form in forms:
        findings += _sums(form, doubtful)
        findings += _parts(form, doubtful) + _fewer_persons(form) + _rates(form, doubtful)
        findings += _movements(form)
    families = _families(forms)
    for family in families:
        findings += _same_numbers(family)
    for form in (one for one in forms if _definition(one, "as_rates") and one.lines):
        alike = [family for family in families if any(one is form for one in family)]
        findings += _rates_of_counts(form, alike[0] if alike else [form])
    sheets = [(form.file, form.sheet) for form in forms]
    return sorted(findings, key=lambda one: (sheets.index((one.file, one.sheet)), one.row))


def finding_at(rule: str, form: Form, cell: Cell, allowed="", *, severity="error", **words):
    """Return a finding at a cell of a form; its `table` is the kind of form."""
    place = {"file": form.file, "sheet": form.sheet, "cell": cell.place, "as_of": form.as_of}
    words |= place | {"found": shown(cell.text), "allowed": str(allowed), "severity": severity}
    return Finding(rule, form.kind, row=cell.row, **words)


def _columns_unknown(form: Form) -> Finding:
    words = {"file": form.file, "sheet": form.sheet, "cell": form.place, "severity": "warning"}
    return Finding("form_columns", form.kind, **words)


# --- cells -------------------------------------------------------------------------------


def _unreadable(form: Form) -> list[Finding]:
    return [
        finding_at(unreadable(cell.text) or "form_not_number", form, cell, column=name)
        for line in form.lines
        for name, cell in line.cells.items()
        if not cell.readable
    ]


def _value(line: Line, name: str, doubtful=frozenset()):
    """Return a figure, or None where it is blank, unreadable, in doubt or not in the form."""
    cell = line.cells.get(name)
    return None if cell is None or id(cell) in doubtful else cell.value


def _definition(form: Form, name: str) -> dict:
    return definitions()["form"][form.kind].get(name, {})


def _lacking(line: Line) -> list[str]:
    return [name for name in line.cells if name.startswith("deprived_")]


def _wholes(form: Form, line: Line) -> dict[str, list[str]]:
    """Return the wholes of a line and what each is the whole of."""
    lacking = {} if _definition(form, "as_rates") else {"total": _lacking(line)}
    return _definition(form, "parts") or (lacking if _lacking(line) else {})


def _empty_bases(form: Form, doubtful: set) -> list[Finding]:
    """Return where something is counted of nothing: the whole is blank or 0; it is in doubt."""
    found = []
    for line in form.lines:
        for whole, parts in _wholes(form, line).items():
            base = line.cells.get(whole)
            counted = [line.cells[name] for name in parts if _value(line, name)]
            if base and counted and base.readable and not base.value and not _told(base):
                allowed = ", ".join(f"{cell.value} ({cell.place})" for cell in counted[:3])
                found.append(finding_at("form_empty_base", form, base, allowed, column=whole))
                doubtful.add(id(base))
    return found


def _told(cell: Cell) -> bool:
    """Return whether a cell says that its number is not known."""
    return plain(cell.text) in words("told_unknown")


# --- sums --------------------------------------------------------------------------------


def _sums(form: Form, doubtful: set) -> list[Finding]:
    """Return where a total or subtotal is not the sum of its lines, or of its columns."""
    found = []
    for line in form.lines:
        counts = [name for name in line.cells if name != "unit" and not is_rate(form.kind, name)]
        for name in counts if line.parts else ():
            parts = [_value(part, name, doubtful) for part in line.parts]
            found += _off("form_total", form, line, name, parts, doubtful)
        if "deprivations" in line.cells and not _definition(form, "as_rates"):
            parts = [_value(line, name) for name in _lacking(line)]
            found += _off("form_sum_of_columns", form, line, "deprivations", parts, doubtful)
    return found


def _off(rule: str, form: Form, line: Line, name: str, parts: list, doubtful: set):
    whole = _value(line, name, doubtful)
    expected = contradicted(whole, parts)
    cell = line.cells[name]
    return [] if expected is None else [finding_at(rule, form, cell, expected, column=name)]


def contradicted(end, plus: list, minus=()) -> int | None:
    """Return what `end` should be if no filling of the blanks can make it right, else None.

    >>> contradicted(7, [5, 3]), contradicted(7, [5, None]), contradicted(4, [5, None])
    (8, None, 5)
    >>> contradicted(7, [10], [2, None]), contradicted(9, [10], [2, None])
    (None, 8)
    """
    known = sum(one for one in plus if one is not None) - sum(one for one in minus if one)
    may_rise, may_fall = None in plus, None in minus
    gap = max(-known, 0) if end is None else end - known
    right = not gap or (may_rise if gap > 0 else may_fall)
    return None if right else known


# --- parts and persons -------------------------------------------------------------------


def _parts(form: Form, doubtful: set) -> list[Finding]:
    """Return parts above their whole, or several that exclude each other above it together."""
    found = []
    for line in form.lines:
        for name, parts in _wholes(form, line).items():
            whole, base = _value(line, name, doubtful), line.cells.get(name)
            if whole is None:
                continue
            above = [part for part in parts if (_value(line, part) or 0) > whole]
            allowed = f"{whole} ({base.place})"
            found += [
                finding_at("part_above_whole", form, line.cells[part], allowed, column=part)
                for part in above
            ]
            together = sum(_value(line, part) or 0 for part in parts)
            if not above and _definition(form, "parts") and together > whole:
                found.append(finding_at("form_parts_above", form, base, together, column=name))
    return found


def _fewer_persons(form: Form) -> list[Finding]:
    """Return counts of persons that are smaller than that of their households."""
    found = []
    for line in form.lines:
        for households, persons in _definition(form, "persons").items():
            found += _fewer(form, line, households, line, persons)
    for line, below in pairwise(form.lines if _definition(form, "order") else ()):
        if (line.noun, below.noun) == ("household", "person") and _key(line) == _key(below):
            for name in ("start", "end"):
                found += _fewer(form, line, name, below, name)
    return found


def _fewer(form: Form, line: Line, households: str, other: Line, persons: str) -> list[Finding]:
    fewest, count = _value(line, households), _value(other, persons)
    if fewest is None or count is None or count >= fewest:
        return []
    allowed = f"{fewest} ({line.cells[households].place})"
    return [finding_at("form_fewer_persons", form, other.cells[persons], allowed, column=persons)]


# --- movement ----------------------------------------------------------------------------


def _movements(form: Form) -> list[Finding]:
    """Return the lines whose end is not 1-2-3-4+5+6+7+8, and why where the cause is known."""
    if not _definition(form, "order"):
        return []
    return [one for line in form.lines for one in _movement(form, line)]


def _movement(form: Form, line: Line) -> list[Finding]:
    names, other = _definition(form, "order"), _definition(form, "other")
    flows = {name: _value(line, name) for name in names[1:-1]}
    start, end = _value(line, "start"), _value(line, "end")
    out, into = (
        {name: one for name, one in flows.items() if name.startswith(way)} for way in ("out", "in_")
    )
    cell, blank = line.cells["end"], [name for name, one in flows.items() if one is None]
    stated = (start or 0) - _sum(out) + _sum(into)
    expected = contradicted(end, [start, *into.values()], [*out.values()])
    if expected is not None:
        without = stated + _sum({name: out[name] for name in other if name in out})
        without -= _sum({name: into[name] for name in other if name in into})
        cause = "form_end_without_other" if end == without else "form_movement"
        return [finding_at(cause, form, cell, expected, column="end")]
    if start is None or end is None or end == stated:
        return []
    cause = "form_other_blank" if set(blank) <= set(other) else "form_flow_blank"
    return [finding_at(cause, form, cell, stated, column="end", severity="warning")]


def _sum(flows: dict) -> int:
    return sum(one for one in flows.values() if one is not None)


# --- rates -------------------------------------------------------------------------------


def _rates(form: Form, doubtful: set) -> list[Finding]:
    """Return rates of form 1 that its counts do not give, and rates above 100 %."""
    found = []
    for name, (part, whole) in _definition(form, "rates").items():
        lines = [line for line in form.lines if name in line.cells]
        cells = [
            (line.cells[name], _value(line, part), _value(line, whole, doubtful)) for line in lines
        ]
        found += _judged(form, cells, name)
    return found


def _rates_of_counts(form: Form, family: list[Form]) -> list[Finding]:
    """Return rates of form 5 or 7 that the counts of form 4 or 6 of its family do not give."""
    counts = _lines_by_key(family, form.kind.replace("rates", "counts"), "household")
    pairs = [(line, counts.get(_key(line))) for line in form.lines]
    found = []
    for name in _lacking(form.lines[0]):
        cells = [(line.cells[name], *_counted(name, line, other)) for line, other in pairs]
        found += _judged(form, cells, name)
    return found + [one for line, other in pairs if other for one in _in_all(form, line, other)]


def _in_all(form: Form, line: Line, other: Line) -> list[Finding]:
    """Return where all deprivations are neither the number of the counts nor its rate."""
    known, told = _value(other, "deprivations"), line.cells.get("deprivations")
    if known is None or told is None or told.value in (None, known):
        return []
    exact = _percent(known, _value(other, "total"))
    if exact is not None and _rounds(told, exact, 1, told.decimals):
        return []
    return [finding_at("form_differs", form, told, known, column="deprivations")]


def _counted(name: str, line: Line, other: Line | None) -> tuple:
    """Return how many are deprived, of how many: as the counts say, of the rates' own in need."""
    whole = _value(other, "total") if other else None
    return _value(other, name) if other else None, _value(line, "total") if whole is None else whole


def _judged(form: Form, cells: list[tuple], name: str) -> list[Finding]:
    """Return the rates of a column that their counts contradict: (rate, part, whole) a line."""
    decimals = max((cell.decimals for cell, _, _ in cells), default=0)
    cells = [(cell, _percent(part, whole), whole == 0 and not part) for cell, part, whole in cells]
    scale = _scale([(cell, exact) for cell, exact, _ in cells if exact])
    found = []
    for cell, exact, of_nothing in cells:
        places = decimals if cell.value == 0 else cell.decimals
        if exact is None and of_nothing and cell.value:
            found.append(finding_at("form_rate", form, cell, "–", column=name))
        elif exact is None and cell.value is not None and cell.value * scale > 100:
            found.append(finding_at("form_rate_above", form, cell, 100, column=name))
        elif exact is not None and not _rounds(cell, exact, scale, places):
            allowed = _printed(exact, max(places, 2)) + "%"
            found.append(finding_at("form_rate", form, cell, allowed, column=name))
    return found


def _percent(part: int | None, whole: int | None) -> Fraction | None:
    return Fraction(part * 100, whole) if whole and part is not None else None


def _scale(known: list[tuple[Cell, Fraction]]) -> int:
    """Return 100 for a column of shares of 1 that its number format shows as percent, else 1."""
    plain_numbers = [one for one in known if one[0].value and not {*"%,"} & {*one[0].text}]
    agree = {
        scale: sum(_rounds(cell, exact, scale, cell.decimals) for cell, exact in plain_numbers)
        for scale in (1, 100)
    }
    return 100 if agree[100] > agree[1] else 1


def _rounds(cell: Cell, exact: Fraction, scale: int, decimals: int) -> bool:
    """Return whether a ratio rounds to the rate as printed; a blank says nothing, NaN% is wrong."""
    if cell.value is None:
        return plain(cell.text).partition(" ")[0] not in words("undefined")
    half = max(Fraction(scale, 2 * 10**decimals), _STORED)
    return abs(cell.value * scale - exact) <= half


def _printed(number: Fraction, decimals: int) -> str:
    """Return a rate as offices write it.

    >>> _printed(Fraction(100, 8), 2), _printed(Fraction(200, 3), 2)
    ('12,50', '66,67')
    """
    step = Decimal(1).scaleb(-min(decimals, _MOST_DECIMALS))
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return str(exact.quantize(step, ROUND_HALF_UP)).replace(".", ",")


# --- the same number in several forms ----------------------------------------------------


def _families(forms: list[Form]) -> list[list[Form]]:
    """Return the forms that speak of the same units on the same day, each kind once.

    They are those of one file; and those of several files that have the same units. Where a kind
    stands twice it is not known which one belongs to the others, and none of it is compared.
    """
    files = defaultdict(list)
    for form in forms:
        if form.lines:
            files[form.file].append(form)
    families = [one for own in files.values() for one in _of_a_day(own)]
    joined = defaultdict(list)
    for family in families:
        day, units = _day(family), frozenset(unit for form in family for unit in _units(form))
        joined[day, units].append(family)
    result = []
    for same in joined.values():
        together = [form for family in same for form in family]
        result += [together] if _each_once(together) == together else map(_each_once, same)
    return result


def _of_a_day(forms: list[Form]) -> list[list[Form]]:
    """Return a file's forms by their day, and by their units where it has several of a kind."""
    days = sorted({form.as_of for form in forms if form.as_of}) or [""]
    groups = defaultdict(list)
    for form in forms:
        groups[form.as_of or (days[0] if len(days) == 1 else "")].append(form)
    result = []
    for group in groups.values():
        by_units = defaultdict(list)
        for form in group:
            alone = _each_once(group) == group
            by_units[None if alone else frozenset(_units(form))].append(form)
        result += by_units.values()
    return result


def _each_once(forms: list[Form]) -> list[Form]:
    often = Counter(form.kind for form in forms)
    return [form for form in forms if often[form.kind] == 1]


def _day(forms: list[Form]) -> str:
    return max(form.as_of for form in forms)


def _units(form: Form) -> set[str]:
    return {_key(line)[1] for line in form.lines if line.level == "unit"}


def _key(line: Line) -> tuple[str, str]:
    """Return what a line is of, so that it can be found in another form."""
    return (line.level, "" if line.level == "total" else bare_name(line.unit))


def bare_name(unit: str) -> str:
    """Return a unit's name without its kind, in small letters.

    >>> bare_name("P. Chiềng Lề"), bare_name("xã  Hua La"), bare_name("Xã")
    ('chiềng lề', 'hua la', 'xã')
    """
    kinds = r"(phường|xã|thị trấn|thành phố|thị xã|huyện|tỉnh|p\.|x\.|tt\.|tp\.?)\s*(?=\S)"
    return re.sub(rf"^{kinds}", "", plain(unit))


def _lines_by_key(family: list[Form], kind: str, noun: str) -> dict[tuple, Line]:
    """Return a form's lines by what they are of, without those that stand there twice."""
    lines = [line for form in family if form.kind == kind for line in form.lines]
    lines = [line for line in lines if line.noun == noun and _key(line) != ("unit", "")]
    often = Counter(map(_key, lines))
    return {_key(line): line for line in lines if often[_key(line)] == 1}


def _same_numbers(family: list[Form]) -> list[Finding]:
    return [one for same in definitions()["same"] for one in _differing(family, same)]


def _differing(family: list[Form], same: dict) -> list[Finding]:
    """Return the cells that differ from what most forms say, in doubt from what the first says."""
    by_key, by_kind = defaultdict(list), {form.kind: form for form in family}
    for told in same["cells"]:
        kind, noun, name = told.split()
        for key, line in _lines_by_key(family, kind, noun).items():
            if _value(line, name) is not None:
                by_key[key].append((by_kind[kind], line.cells[name], name))
    found = []
    for cells in by_key.values():
        often = Counter(cell.value for _, cell, _ in cells)
        form, right, _ = next(one for one in cells if often[one[1].value] == max(often.values()))
        allowed = f"{right.value} ({_place(form, right)})"
        found += [
            finding_at(same["rule"], own, cell, allowed, column=name)
            for own, cell, name in cells
            if cell.value != right.value
        ]
    return found


def _place(form: Form, cell: Cell) -> str:
    return f"{form.sheet}!{cell.place}"
