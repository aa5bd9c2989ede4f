"""A plan, a poverty standard or a list of units, damaged once: keys, values, lines, bytes."""

import copy
import csv
import datetime
import io
import json
import random
import re
import shutil
import tomllib
from importlib.resources import files
from pathlib import Path

import fuzz
import fuzz_oracle

from sonla_analysis import sentences
from sonla_analysis.cli import main
from sonla_analysis.definitions.standards import load_standard
from sonla_analysis.language.refusals import SonlaError
from sonla_analysis.review import open_review
from sonla_analysis.tables.units_table import load_units

SHIPPED = files("sonla_analysis") / "definitions"


class Raw(str):
    """A value as it shall stand in the file."""


DEEP = Raw("[" * 3000 + "]" * 3000)
VALUES = [
    *("", " ", "x", "0.77", "-1", "1e5", "NaN", "100.0001", "0", "100", "x" * 10000, "Sơn La"),
    *("2020-12-31", "2020-13-01", "2020-W53-4", "31/12/2020", "9999-12-31", "0001-01-01"),
    *("households", "status", "kh159_2020", "qd59_2015", "../x.toml", "116", "03649", "percent"),
    *("\0", "\x07", "\ud7ff", "{found}", "{n} {", "<b>", "=1+1", "a|b|c", "|", "%s", "\u202e"),
    *(True, False, 0, 1, -1, 11, 2**63, 10**30, Raw("9" * 5000), 1.5, float("nan"), float("inf")),
    *([], [[]], {}, {"a": 1}, ["x"], ["x", 1], [0.5], ["0.77", "1"], {"vi": 1}, {"vi": "x"}, DEEP),
    *(datetime.date(2020, 1, 1), datetime.time(1), datetime.datetime(2020, 1, 1)),
]
KEYS = ["x", "", "vi", "en", "id", "table", "where", "sum", "status", "min", "max", "ten", "a.b"]


def case(seed: int, folder: Path) -> tuple[str, list[str]]:
    """Damage one definition; return what was done and what is wrong with what came of it."""
    rng = random.Random(f"definition {seed}")
    kind = rng.choices(["plan", "standard", "units"], [5, 3, 2])[0]
    damage, problems = _CASES[kind](rng, fuzz.city(folder / "sound"), folder)
    return f"definition {seed}: {damage} in {kind}", problems


def written(content: dict) -> str:
    """Return a definition as TOML, one line a key.

    >>> print(written({"a": [1, {"b": "c"}], "d": True}), end="")
    "a" = [1, {"b" = "c"}]
    "d" = true
    """
    return "".join(f"{json.dumps(key)} = {_toml(value)}\n" for key, value in content.items())


def _toml(value) -> str:
    if isinstance(value, Raw):
        return value
    if isinstance(value, dict):
        pairs = [f"{json.dumps(key)} = {_toml(one)}" for key, one in value.items()]
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool | float | int):
        return str(value).lower()
    return value.isoformat()


# --- damage ------------------------------------------------------------------------------


def _damaged(rng, text: str) -> tuple[str, bytes]:
    """Return what was done to a TOML file, and its bytes."""
    if rng.random() < 0.25:
        damage = rng.choice([_flipped, _cut, _line_twice, _other_bytes, _value_replaced])
        return damage.__name__.strip("_"), damage(rng, text)
    content, names = tomllib.loads(text), []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        damage = rng.choice([_dropped, _dropped, _changed, _changed, _changed, _renamed, _doubled])
        names.append(damage.__name__.strip("_"))
        damage(rng, *rng.choice(list(_places(content))))
    return " and ".join(names), written(content).encode("utf-8", "surrogatepass")


def _places(content):
    """Yield each (holder, key) of a nested value."""
    pairs = content.items() if isinstance(content, dict) else enumerate(content)
    for key, value in list(pairs):
        yield content, key
        if isinstance(value, dict | list):
            yield from _places(value)


def _dropped(rng, holder, key):
    del holder[key]


def _changed(rng, holder, key):
    holder[key] = copy.deepcopy(rng.choice(VALUES))


def _renamed(rng, holder, key):
    if isinstance(holder, dict):
        other = rng.choice([*KEYS, f"{key}s", str(key)[:-1], str(key).upper()])
        holder[other] = holder.pop(key)


def _doubled(rng, holder, key):
    if isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:
        holder[f"{key}_2"] = copy.deepcopy(holder[key])


def _flipped(rng, text: str) -> bytes:
    content = bytearray(text.encode())
    for _ in range(rng.choice([1, 2, 10])):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return bytes(content)


def _cut(rng, text: str) -> bytes:
    return text.encode()[: rng.choice([0, rng.randrange(len(text))])]


def _line_twice(rng, text: str) -> bytes:
    lines = text.splitlines(keepends=True)
    place = rng.randrange(len(lines))
    return "".join([*lines[:place], lines[place], *lines[place:]]).encode()


def _other_bytes(rng, text: str) -> bytes:
    name = rng.choice(["utf-16", "cp1258", "latin-1", "utf-8-sig", "utf-32"])
    made = text.encode(name, "ignore")
    return rng.choice([made, made.replace(b"\n", b"\r\n"), b"\0" + made, made + b"\xff"])


def _value_replaced(rng, text: str) -> bytes:
    lines = text.splitlines()
    place = rng.choice([n for n, line in enumerate(lines) if "=" in line and line[0] != "#"])
    key = lines[place].split("=")[0]
    deep = ".".join("a" * 3000)
    inline = "{a=" * 2000 + "1" + "}" * 2000
    value = rng.choice(["9" * 5000, DEEP, inline, "nan", "-inf", "'", '"""', f"1\n{deep} = 1"])
    lines[place] = f"{key}= {value}"
    return "\n".join(lines).encode()


# --- plans -------------------------------------------------------------------------------


def _plan(rng, city: Path, folder: Path) -> tuple[str, list[str]]:
    text = (SHIPPED / "plans/kh159_2020.toml").read_text(encoding="utf-8")
    damage, content = _damaged(rng, text)
    file = folder / "plan.toml"
    file.write_bytes(content)
    return damage, _used(file, city, _refusal(content, _plan_fault))


def _used(plan: Path, city: Path, must: str) -> list[str]:
    """Return what is wrong with how a plan is listed, checked against and opened."""
    problems, code, _ = fuzz.ended(main, ["plan", str(plan)])
    if must:
        return problems or ([] if code == 2 else [f"not refused: {must}"])
    if problems or code == 2:
        return problems
    problems, _, _ = fuzz.ended(main, ["plan", str(plan), "--markdown"])
    found, _, _ = fuzz.checked(city, "--plan", str(plan))
    return problems + found + fuzz.ended(_opened, city, plan)[0]


def _opened(city: Path, plan: Path) -> int:
    """Open the review of the whole area under a plan and say its headline."""
    try:
        sentences.headline(open_review(city, "116", "2020-12-31", str(plan)))
    except SonlaError as error:
        return error.exit_code
    return 0


def _refusal(content: bytes, fault) -> str:
    """Return why a definition must be refused, if it must."""
    try:
        return fault(tomllib.loads(content.decode("utf-8-sig")))
    except (ValueError, RecursionError):
        return "no TOML"


_TARGET = re.compile(r"[0-9]+(\.[0-9]+)?")


def _plan_fault(content: dict) -> str:
    header, listed = content.get("plan"), content.get("indicator")
    if not isinstance(header, dict) or not isinstance(listed, list) or not listed:
        return "no plan or no indicators"
    if not all(isinstance(header.get(key), str) for key in ("id", "number", "area", "standard")):
        return "id, number, area, standard"
    days = ["start", "end", *(["issued"] if header.get("issued") != "" else [])]  # "": not known
    if not all(_is_day(header.get(key)) for key in days):
        return "issued, start, end"
    if header["start"] >= header["end"]:
        return "ends before it starts"
    return next(filter(None, map(_indicator_fault, listed)), "")


def _is_day(found) -> bool:
    if not isinstance(found, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", found):
        return False
    try:
        datetime.date.fromisoformat(found)
    except ValueError:
        return False
    return True


def _indicator_fault(found) -> str:
    if not isinstance(found, dict):
        return "an indicator that is none"
    if not isinstance(found.get("id"), str) or not re.fullmatch("[a-z][a-z0-9_]*", found["id"]):
        return "id"
    if not isinstance(found.get("number", ""), str):
        return "number"
    name = found.get("name")
    if not isinstance(name, dict) or not isinstance(name.get("vi"), str):
        return "name"
    if found.get("direction") not in ("at_most", "at_least", "above", "band"):
        return "direction"
    target = found.get("target")
    if target == "":  # none is set
        return "" if isinstance(found.get("numerator"), dict) else "numerator"
    texts = target if isinstance(target, list) else [target]
    if not all(isinstance(one, str) and _TARGET.fullmatch(one) for one in texts):
        return "target"
    if len(texts) != 1 + (found["direction"] == "band"):
        return "target"
    if found.get("unit") == "percent" and max(map(float, texts)) > 100:
        return "target above 100 %"
    if not isinstance(found.get("numerator"), dict):
        return "numerator"
    return ""


# --- standards ---------------------------------------------------------------------------


def _standard(rng, city: Path, folder: Path) -> tuple[str, list[str]]:
    name = rng.choice(["qd59_2015", "nd07_2021", "nd351_2025"])
    text = (SHIPPED / f"standards/{name}.toml").read_text(encoding="utf-8")
    damage, content = _damaged(rng, text)
    standard, plan = folder / "standard.toml", folder / "plan_of_it.toml"
    standard.write_bytes(content)
    must = _refusal(content, _standard_fault)
    problems, code, _ = fuzz.ended(_loaded, load_standard, standard)
    if must and not problems and code == 0:
        problems = [f"not refused: {must}"]
    text = (SHIPPED / "plans/kh159_2020.toml").read_text(encoding="utf-8")
    plan.write_text(text.replace('"qd59_2015"', json.dumps(str(standard))), encoding="utf-8")
    return damage, problems or _used(plan, city, "")


def _loaded(load, file: Path) -> int:
    try:
        load(file)
    except SonlaError as error:
        return error.exit_code
    return 0


def _standard_fault(content: dict) -> str:
    header = content.get("standard")
    if not isinstance(header, dict) or not isinstance(content.get("deprivation"), list):
        return "no standard or no deprivations"
    if not all(_is_day(header.get(key)) for key in ("valid_from", "valid_to")):
        return "valid_from, valid_to"
    rules = ("income_or_band_and_deprivations", "income_and_deprivations")
    if header.get("rule") not in rules:
        return "rule"
    for part in ("income", "score"):
        if part == "score" and part not in content:
            continue
        for area in ("rural", "urban"):
            lines = content[part].get(area) if isinstance(content.get(part), dict) else None
            values = lines.values() if isinstance(lines, dict) else ()
            if len(values) != 2 or not all(map(_is_line, values)):
                return f"{part} lines"
    if "score" in content and not _is_line(content["score"].get("deprivation_cutoff")):
        return "deprivation_cutoff"
    columns = [one.get("column") if isinstance(one, dict) else 0 for one in content["deprivation"]]
    if not all(isinstance(one, str) and one for one in columns):
        return "a deprivation without a column"
    return "a deprivation twice" if len(set(columns)) < len(columns) else ""


def _is_line(found) -> bool:
    """Whether a value can be a line: a number of 0 or more that is one."""
    return isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found < 10**12


# --- units -------------------------------------------------------------------------------

UNIT_TEXTS = [
    *("", "31/12/2019", "2019-12-31", "2020-02-30", "2020-W53-4", "116", "03649", "14", "99999"),
    *("3649", "x", "x" * 101, "x" * 30000, "Phường Tô Hiệu", "=1+1", "a\nb", "\x07", "\0", "1e5"),
    *("9" * 5000, "../..", "<b>", "-", "None", "nan", "Xã", "urban", "Phường", "😀", "03658.0"),
]


def _units(rng, city: Path, folder: Path) -> tuple[str, list[str]]:
    text = (city / "units.csv").read_text(encoding="utf-8")
    header, *rows = csv.reader(io.StringIO(text))
    damage = rng.choice([_unit_cells, _unit_cells, _unit_cells, _unit_columns, _unit_bytes])
    content = damage(rng, header, rows)
    must = _units_fault(header, rows) if damage is _unit_cells else ""
    damaged = folder / "damaged_units"
    shutil.copytree(city, damaged, dirs_exist_ok=True)
    (damaged / "units.csv").write_bytes(content)
    problems, _, passed = fuzz.checked(damaged)
    if must and passed:
        problems.append(f"not found: {must}")
    problems += fuzz.ended(_loaded, load_units, damaged / "units.csv")[0]
    return damage.__name__.strip("_"), problems


def _csv(header, rows) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()


def _unit_cells(rng, header, rows) -> bytes:
    for _ in range(rng.choice([1, 1, 2])):
        rng.choice(rows)[rng.randrange(len(header) - 1)] = rng.choice(UNIT_TEXTS)
    return _csv(header, rows)


def _unit_columns(rng, header, rows) -> bytes:
    column = rng.randrange(len(header))
    if rng.random() < 0.5:
        header[column] = rng.choice(["x", "", "code", "name", "tên"])
    else:
        for row in [header, *rows]:
            del row[column]
    return _csv(header, rows)


def _unit_bytes(rng, header, rows) -> bytes:
    content = _csv(header, rows).decode()
    return rng.choice([_flipped, _cut, _line_twice, _other_bytes])(rng, content)


def _units_fault(header, rows) -> str:
    """Return what must be found in a list of units, if anything."""
    units = [dict(zip(header, row, strict=True)) for row in rows]
    codes = [one["code"] for one in units]
    for one in units:
        for key in ("valid_from", "valid_to"):
            if (day := fuzz_oracle.plain(one[key])) and not _is_day(day):
                return f"{key}: no date"
        if one["parent"] and one["parent"] not in codes:
            return "a parent that does not exist"
        if len(one["name"]) > 100:
            return "a name of more than 100 letters"
        if one["parent"] == one["code"]:
            return "a unit within itself"
    pairs = [(one["code"], one["valid_from"]) for one in units]
    if len(set(pairs)) < len(pairs):
        return "a unit twice"
    return "" if all(codes) else "a unit without a code"


_CASES = {"plan": _plan, "standard": _standard, "units": _units}
