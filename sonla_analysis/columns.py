"""What the input tables hold: their columns, keys and choices. Data only; `tables` reads them."""

POOR = ("poor_income", "poor_deprivation", "poor")
STATUSES = (*POOR, "near_poor", "newly_escaped", "not_poor", "absent")
DEPRIVATIONS = (
    *("deprived_health_care", "deprived_health_insurance"),
    *("deprived_adult_education", "deprived_child_schooling"),
    *("deprived_housing_quality", "deprived_housing_area"),
    *("deprived_water", "deprived_toilet"),
    *("deprived_telecommunication", "deprived_information_assets"),
)
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

# what people write in place of an allowed value: shown in a message, for it is nobody's name
SAID_INSTEAD = ("nam", "nữ", "thành thị", "nông thôn", "hộ nghèo", "hộ cận nghèo", "thoát nghèo")
