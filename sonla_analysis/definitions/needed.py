"""What must be sent: it follows from a plan's indicators and its poverty standard.

Templates, reading, checks, forms and the sample ask here; nothing else says what is demanded. What
is not demanded may be sent all the same: it is read, typed and used where it belongs.
"""

from sonla_analysis.definitions.input_columns import CARRIED, KEYS, LEVELS, Column
from sonla_analysis.definitions.plan import Count, Plan

# what the survey of a poverty standard says of a household, beside its status and deprivations
SURVEYED = ("area", "members")
SCORES = ("income_score", "deprivation_score")


def needed(plan: Plan) -> dict[str, dict[str, Column]]:
    """Return the tables that must be sent, and of each the columns, in the tables' order.

    They are the columns that some indicator looks at, with the table's keys, and

    - `unit_counts` in any case: its rows say which units report for which date;
    - with a household's status what the plan's standard makes it from: area, members, the scores
      (where the standard has score lines) and the standard's own deprivations;
    - with a person of a household whatever is said of the household.

    >>> from sonla_analysis.definitions.plan import load_plan
    >>> list(needed(load_plan()))
    ['households', 'members', 'unit_counts', 'health_stations', 'schools']
    """
    looked = {"unit_counts": set()}
    for count in counts(plan):
        for table, columns in _looked_at(count).items():
            looked.setdefault(table, set()).update(columns)
    if {"status", "start_status"} & looked.get("households", set()):
        standard = plan.standard_data
        deprivations = [one["column"] for one in standard.deprivations]
        looked["households"].update(SURVEYED, SCORES if standard.score else (), deprivations)
    return {
        table: {
            name: column
            for name, column in plan.tables[table].items()
            if name in looked[table].union(keys)
        }
        for table, keys in KEYS.items()
        if table in looked
    }


def counts(plan: Plan) -> list[Count]:
    """Return everything that the plan's indicators count."""
    return [count for one in plan.indicators for count in one.counts]


def _looked_at(count: Count) -> dict[str, set[str]]:
    """Return the columns that a count looks at, in the tables that are sent."""
    columns = count.columns
    if count.table == "school_network":  # made from the schools
        return {"schools": {*LEVELS}}
    if count.table == "members":  # carries what its household is
        return {"members": columns.difference(CARRIED), "households": columns & {*CARRIED}}
    return {count.table: columns}
