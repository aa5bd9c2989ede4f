"""The input tables: what they hold, how they are read, what each cell may be.

A folder holds `<table>.csv`, `<table>.parquet` or a folder `<table>/` of Parquet
files; a workbook holds one sheet per table. Codes stay text, missing stays missing,
columns that are not part of a table are dropped (a column of names cannot travel on).
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from sonla_analysis.errors import SonlaError
from sonla_analysis.text import nfc
from sonla_analysis.units import check_units, load_units

POOR = ("poor_income", "poor_deprivation", "poor")
STATUSES = (*POOR, "near_poor", "newly_escaped", "not_poor", "absent")
DEPRIVATIONS = tuple(
    "deprived_" + name
    for name in (
        "health_care health_insurance adult_education child_schooling housing_quality "
        "housing_area water toilet telecommunication information_assets"
    ).split()
)
CARRIED = ("status", "village", "ethnicity", "head_sex", "area")
CHOICES = {
    "head_sex": ("male", "female"),
    "sex": ("male", "female"),
    "area": ("urban", "rural"),
    "status": STATUSES,
    "start_status": STATUSES,
}
_FLAGS = {"true": True, "1": True, "có": True, "false": False, "0": False, "không": False}


def _kinds(**columns: str) -> dict[str, str]:
    return {name: kind for kind, names in columns.items() for name in names.split()}


# kind of each column: date, unit, text, count (a whole number ≥ 0), flag (true/false), money
COLUMNS = {
    "households": _kinds(
        date="as_of",
        unit="unit",
        text="village household head_sex ethnicity area start_status status",
        count="members income_score deprivation_score",
        flag=" ".join(DEPRIVATIONS) + " hygienic_water hygienic_toilet toilet_loan_wanted "
        "toilet_built loan_needed loan_eligible loan_received radio_received",
    ),
    "members": _kinds(
        date="as_of",
        unit="unit",
        text="household person sex " + " ".join(CARRIED),
        count="birth_year",
        flag="health_card tuition_entitled tuition_supported",
    ),
    "unit_counts": _kinds(
        date="as_of",
        unit="unit",
        count="households population labour_force labour_certified children_under_1 "
        "children_under_1_vaccinated children_under_5_measured children_under_5_underweight "
        "officers officers_trained poor_area_households poor_area_households_informed "
        "poor_households near_poor_households",
    ),
    "health_stations": _kinds(
        date="as_of", unit="unit", text="name", flag="has_doctor meets_national_criteria"
    ),
    "schools": _kinds(
        date="as_of",
        unit="unit",
        text="name",
        flag="preschool primary lower_secondary meets_national_standard",
    ),
    "funding": _kinds(date="as_of", unit="unit", text="project source", money="planned disbursed"),
    "history": _kinds(
        date="as_of",
        unit="unit",
        text="source",
        count="households poor_households near_poor_households",
    ),
    # derived, one row per unit: the levels its schools teach
    "school_network": _kinds(date="as_of", unit="unit", flag="preschool primary lower_secondary"),
}
KEYS = {
    "households": ["as_of", "unit", "household"],
    "members": ["as_of", "unit", "household", "person"],
    "unit_counts": ["as_of", "unit"],
    "health_stations": ["as_of", "unit", "name"],
    "schools": ["as_of", "unit", "name"],
    "funding": ["as_of", "unit", "project", "source"],
    "history": ["as_of", "unit"],
}
REQUIRED_TABLES = tuple(name for name in KEYS if name != "history")
OPTIONAL_COLUMNS = {
    "members": set(CARRIED),  # otherwise carried over from the household
    "unit_counts": {"poor_households", "near_poor_households"},
}
# blank is refused here: without these a row cannot be counted anywhere
NEVER_BLANK = {"as_of", "unit", "household", "person", "status", "start_status", "name", "area"}


@dataclass(frozen=True)
class Finding:
    """One thing found in the data: where, which rule, what was found, what is allowed.

    `row` is the line in the file or sheet (the header is line 1), 0 for a whole table.
    An `error` must be corrected before the unit's report is built; a `warning` is shown.
    """

    rule: str
    table: str
    unit: str = ""
    row: int = 0
    column: str = ""
    found: str = ""
    allowed: str = ""
    severity: str = "error"


class DataError(SonlaError):
    """Tables that cannot be used; `findings` says why, cell by cell."""

    def __init__(self, findings: list[Finding]):
        from sonla_analysis.wording import finding_sentence

        self.findings = findings
        shown = [finding_sentence(one, "en") for one in findings[:5]]
        more = [f"… and {len(findings) - 5} more"] if len(findings) > 5 else []
        super().__init__("\n".join(shown + more))


def load_tables(path: str | Path) -> dict[str, pd.DataFrame]:
    """Return the tables of a folder or workbook; refuse them when any cell is wrong.

    >>> tables = load_tables(sample_folder())
    >>> tables["unit_counts"].loc[0, "unit"]
    '03646'
    """
    tables, findings = read_tables(path)
    if errors := [one for one in findings if one.severity == "error"]:
        raise DataError(errors)
    return tables


def read_tables(path: str | Path) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Return the tables and what is wrong with them; a wrong cell becomes missing.

    Raises `DataError` only where nothing can be read: a table or column that is missing.
    """
    raw, findings = _raw_tables(Path(path))
    tables = {}
    for name, frame in raw.items():
        tables[name], found = typed(frame, name)
        findings += found
    if structural := [one for one in findings if one.rule in _STRUCTURAL]:
        raise DataError(structural)
    tables["units"] = (
        check_units(raw_units) if (raw_units := _units(Path(path))) is not None else load_units()
    )
    return complete(tables), findings


_STRUCTURAL = ("no_data", "missing_table", "empty_table", "missing_column", "unreadable")


def complete(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables with what follows from them: carried columns, school network."""
    members, schools = tables["members"], tables["schools"]
    if missing := [name for name in CARRIED if name not in members]:
        keys = KEYS["households"]
        carried = tables["households"][[*keys, *missing]].drop_duplicates(keys)
        tables = tables | {"members": members.merge(carried, on=keys, how="left")}
    return tables | {"school_network": school_network(schools)}


def school_network(schools: pd.DataFrame) -> pd.DataFrame:
    """Return one row per date and unit: which levels its schools together teach.

    >>> schools = pd.DataFrame({"as_of": ["2020-12-31"] * 2, "unit": ["03646"] * 2,
    ...     "preschool": [True, False], "primary": [False, True], "lower_secondary": [False, True]})
    >>> school_network(schools)[["preschool", "primary", "lower_secondary"]].values.tolist()
    [[True, True, True]]
    """
    levels = ["preschool", "primary", "lower_secondary"]
    network = schools.astype(dict.fromkeys(levels, "boolean")).groupby(["as_of", "unit"])
    return network[levels].max().reset_index()


def sample_folder() -> Path:
    """Return the folder of the synthetic city that comes with the package."""
    return shipped("sample_city", "data/sample")


def locate(data: str | Path) -> Path:
    """Return where data lie: the path itself, or beside the package (a notebook runs elsewhere).

    >>> locate("data/sample") == sample_folder() or locate("data/sample").is_dir()
    True
    """
    beside = Path(__file__).parent.parent / data
    if Path(data).exists() or Path(data).is_absolute():
        return Path(data)
    return sample_folder() if Path(data) == Path("data/sample") else beside


def shipped(inside: str, in_repository: str) -> Path:
    """Return a folder that travels with the wheel, or the repository's own copy of it."""
    package = Path(__file__).parent
    installed = package / inside
    return installed if installed.is_dir() else package.parent / in_repository


# --- reading -----------------------------------------------------------------------------


def _raw_tables(path: Path) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Return what lies in a folder or workbook, unconverted, and what could not be read."""
    if not path.exists():
        raise DataError([Finding("no_data", str(path))])
    raw, findings = {}, []
    for name in KEYS:
        try:
            frame = _sheet(path, name) if path.is_file() else _files(path, name)
        except pd.errors.EmptyDataError:
            findings.append(Finding("empty_table", name))
            continue
        except Exception as error:
            findings.append(Finding("unreadable", name, found=type(error).__name__))
            continue
        if frame is None and name in REQUIRED_TABLES:
            findings.append(Finding("missing_table", name))
        elif frame is not None and frame.empty and name in REQUIRED_TABLES:
            findings.append(Finding("empty_table", name))
        elif frame is not None:
            raw[name] = frame
    return raw, findings


def source_files(path: str | Path) -> list[Path]:
    """Return the files a folder's tables are read from, sorted; a workbook is its own file."""
    path = Path(path)
    if path.is_file():
        return [path]
    names = [*KEYS, "units"]
    single = [path / f"{name}{ending}" for name in names for ending in (".csv", ".parquet")]
    many = [file for name in names for file in sorted((path / name).glob("*.parquet"))]
    return sorted([file for file in single if file.is_file()] + many)


def _files(folder: Path, name: str) -> pd.DataFrame | None:
    if (folder / f"{name}.csv").is_file():
        options = {"dtype": str, "keep_default_na": False, "encoding": "utf-8-sig"}
        return pd.read_csv(folder / f"{name}.csv", **options)
    for parquet in (folder / f"{name}.parquet", folder / name):
        if parquet.exists():
            return pd.read_parquet(parquet, dtype_backend="numpy_nullable")
    return None


def _sheet(workbook: Path, name: str) -> pd.DataFrame | None:
    import python_calamine

    with python_calamine.CalamineWorkbook.from_path(str(workbook)) as book:
        if name not in book.sheet_names:
            return None
        rows = book.get_sheet_by_name(name).to_python()
    if not rows:
        raise pd.errors.EmptyDataError
    header, *body = [[_cell_text(cell) for cell in row] for row in rows]
    return pd.DataFrame(body, columns=header, dtype=str)


def _cell_text(cell) -> str:
    """Return a workbook's cell as the text it would be in a CSV."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat()[:10] if hasattr(cell, "isoformat") else str(cell)


def _units(path: Path) -> pd.DataFrame | None:
    if path.is_file():
        return _sheet(path, "units")
    frame = _files(path, "units")
    return None if frame is None else frame.astype("str").fillna("")


# --- one table ---------------------------------------------------------------------------


def typed(frame: pd.DataFrame, table: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the table with every column in its type, and the cells that could not be."""
    kinds = COLUMNS[table]
    frame = frame.rename(columns=lambda name: nfc(str(name)).lower())
    optional = OPTIONAL_COLUMNS.get(table, set())
    if missing := [name for name in kinds if name not in frame and name not in optional]:
        found = ", ".join(map(str, frame.columns))
        return frame, [Finding("missing_column", table, column=missing[0], found=found)]
    frame = frame[[name for name in kinds if name in frame]]
    columns, findings = {}, []
    for name in frame:
        columns[name], wrong = _converted(frame[name], kinds[name])
        findings += _cell_findings(frame, wrong, table, name, f"not_{kinds[name]}")
    result = pd.DataFrame(columns)
    return result, findings + _schema_findings(result, table)


def _converted(column: pd.Series, kind: str) -> tuple[pd.Series, pd.Series]:
    """Return the column in its type, missing where wrong, and a mask of the wrong cells."""
    none_wrong = pd.Series(False, index=column.index)
    if kind in ("count", "money") and pd.api.types.is_numeric_dtype(column):
        return column.astype("Int64" if kind == "count" else "float64"), none_wrong
    if kind == "flag" and pd.api.types.is_bool_dtype(column):
        return column.astype("boolean"), none_wrong
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column, none_wrong
    text = column.astype("str").str.strip()
    text = text.where(text.notna() & (text != ""))
    converted = {
        "date": _dates,
        "unit": lambda text: text,
        "text": lambda text: text.map(nfc, na_action="ignore"),
        "count": _counts,
        "money": lambda text: pd.to_numeric(text, errors="coerce").astype("float64"),
        "flag": lambda text: text.str.lower().map(_FLAGS).astype("boolean"),
    }[kind](text)
    return converted, text.notna() & converted.isna()


def _counts(text: pd.Series) -> pd.Series:
    """Whole numbers written plainly; '1,2', '1.234' and '04 hộ' are refused, not guessed."""
    return pd.to_numeric(text.where(text.str.fullmatch(r"\d{1,15}", na=False))).astype("Int64")


def _dates(text: pd.Series) -> pd.Series:
    plain = text.where(text.str.fullmatch(r"\d{4}-\d{2}-\d{2}", na=False))
    return plain.where(pd.to_datetime(plain, format="%Y-%m-%d", errors="coerce").notna())


def shown(value) -> str:
    """Return a cell's text for a message; words are masked, they may be somebody's name.

    >>> shown("1,2"), shown("Lò Thị A")
    ('1,2', '(…)')
    """
    text = str(value)
    return "(…)" if re.search(r"[^\W\d_]+\s+[^\W\d_]+", text) else text[:40]


def _cell_findings(frame, wrong, table, column, rule, allowed="") -> list[Finding]:
    rows = frame[wrong.to_numpy()]
    return [
        Finding(rule, table, str(row.get("unit", "")), line, column, shown(row[column]), allowed)
        for line, row in zip(rows.index + 2, rows.to_dict("records"), strict=True)
    ]


@cache
def schema(table: str):
    """Return the pandera schema of a table: choices, blanks and keys."""
    import pandera.pandas as pandera

    columns = {}
    for name in COLUMNS[table]:
        allowed = CHOICES.get(name)
        columns[name] = pandera.Column(
            checks=[pandera.Check.isin(allowed, name="choice")] if allowed else [],
            nullable=name not in NEVER_BLANK or name in OPTIONAL_COLUMNS.get(table, ()),
            required=name not in OPTIONAL_COLUMNS.get(table, ()),
        )
    return pandera.DataFrameSchema(columns, unique=KEYS[table], report_duplicates="exclude_first")


def _schema_findings(frame: pd.DataFrame, table: str) -> list[Finding]:
    from pandera.errors import SchemaErrors

    try:
        schema(table).validate(frame, lazy=True)
    except SchemaErrors as errors:
        return _failures(errors.failure_cases, frame, table)
    return []


def _failures(cases: pd.DataFrame, frame: pd.DataFrame, table: str) -> list[Finding]:
    findings, repeated = [], set()
    for case in cases.to_dict("records"):
        line, column = int(case["index"]), str(case["column"])
        unit = str(frame["unit"].iloc[line])
        if case["check"] == "choice":
            allowed = ", ".join(CHOICES[column])
            found = shown(case["failure_case"])
            findings.append(Finding("not_allowed", table, unit, line + 2, column, found, allowed))
        elif case["check"] == "not_nullable":
            findings.append(Finding("blank", table, unit, line + 2, column))
        elif line not in repeated:  # one finding for a repeated row, not one for each key column
            repeated.add(line)
            findings.append(Finding("duplicate", table, unit, line + 2, ", ".join(KEYS[table])))
    return findings
