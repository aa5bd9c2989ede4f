"""What the input tables hold: their columns, keys and choices.

Here stands what every plan has in common. The deprivations come from a plan's poverty standard, an
office's own columns from the plan itself: `Plan.tables` holds them all, `tables` reads them, and
`contract.needed` says which must be sent.
"""

from dataclasses import dataclass, field

POOR = ("poor_income", "poor_deprivation", "poor")
STATUSES = (*POOR, "near_poor", "newly_escaped", "not_poor", "absent")
DEPRIVED = "deprived_"  # begins the name of every deprivation, in all standards
CARRIED = ("status", "village", "ethnicity", "head_sex", "area")
CHOICES = {
    "head_sex": ("male", "female"),
    "sex": ("male", "female"),
    "area": ("urban", "rural"),
    "status": STATUSES,
    "start_status": STATUSES,
}
FLAGS = {"true": True, "1": True, "có": True, "false": False, "0": False, "không": False}


def _kinds(**columns: str) -> dict[str, str]:
    """Return the kind of each column of a table: every row is of a date and a unit."""
    own = {name: kind for kind, names in columns.items() for name in names.split()}
    return {"as_of": "date", "unit": "unit"} | own


@dataclass(frozen=True)
class Column:
    """A column: its kind, the values allowed (none: any of its kind), its own name by language.

    `name` is empty where the words have one (section `column_label`).
    """

    kind: str
    choices: tuple[str, ...] = ()
    name: dict = field(default_factory=dict)


# what the author of a plan calls a kind → the kind; a choice is a text with its choices
TYPES = {
    "yes_no": "flag",
    "count": "count",
    "money": "money",
    "text": "text",
    "choice": "text",
    "date": "date",
}
# kind of each column: date, unit, text, count (a whole number ≥ 0), flag (true/false), money
COLUMNS = {
    "households": _kinds(
        text="village household head_sex ethnicity area start_status status",
        count="members income_score deprivation_score",
        flag="hygienic_water hygienic_toilet toilet_loan_wanted toilet_built loan_needed "
        "loan_eligible loan_received radio_received",
    ),
    "members": _kinds(
        text="household person sex " + " ".join(CARRIED),
        count="birth_year",
        flag="health_card tuition_entitled tuition_supported",
    ),
    "unit_counts": _kinds(
        count="households population labour_force labour_certified children_under_1 "
        "children_under_1_vaccinated children_under_5_measured children_under_5_underweight "
        "officers officers_trained poor_area_households poor_area_households_informed "
        "poor_households near_poor_households",
    ),
    "health_stations": _kinds(text="name", flag="has_doctor meets_national_criteria"),
    "schools": _kinds(
        text="name",
        flag="preschool primary lower_secondary meets_national_standard",
    ),
    "funding": _kinds(text="project source", money="planned disbursed"),
    "history": _kinds(
        text="standard source",
        count="households poor_households near_poor_households",
    ),
    # derived, one row per unit: the levels its schools teach
    "school_network": _kinds(flag="preschool primary lower_secondary"),
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
OF_ANY_LEVEL = ("history", "funding")  # the other tables hold wards and communes only
LEVELS = ("preschool", "primary", "lower_secondary")  # what the school network is made of
# no column of a plan's own: results and breakdowns have columns of these names
RESERVED = {
    *("rows", "level", "indicator", "numerator", "denominator", "value", "unknown", "state"),
    *("lowest", "highest", "status", "note", "reason", "target"),
}
# blank is refused here: without these a row cannot be counted anywhere
NEVER_BLANK = {"as_of", "unit", "household", "person", "status", "start_status", "name", "area"}

# what people write in place of an allowed value: shown in a message, for it is nobody's name
SAID_INSTEAD = ("nam", "nữ", "thành thị", "nông thôn", "hộ nghèo", "hộ cận nghèo", "thoát nghèo")


def is_carried(table: str, name: str) -> bool:
    """Return whether a person has the column from the household: it is sent once, with that."""
    return table == "members" and name in CARRIED


def all_columns(deprivations=(), own=None) -> dict[str, dict[str, Column]]:
    """Return the columns of every table: the common ones, a standard's deprivations, a plan's own.

    `deprivations` are a standard's, `own` maps a table to columns.

    >>> lacks_work = {"column": "deprived_employment", "name": {"vi": "Việc làm", "en": "Work"}}
    >>> all_columns([lacks_work])["households"]["deprived_employment"].kind
    'flag'
    """
    tables = {
        table: {name: Column(kind, CHOICES.get(name, ())) for name, kind in kinds.items()}
        for table, kinds in COLUMNS.items()
    }
    for one in deprivations:
        tables["households"][one["column"]] = Column("flag", name=one["name"])
    return {table: columns | (own or {}).get(table, {}) for table, columns in tables.items()}
