"""The synthetic city as it is and changed, for the tests of charts."""

from dataclasses import replace

from sonla_analysis.indicators.measure import measure
from sonla_analysis.indicators.progress import assess
from sonla_analysis.review import CheckedData

DATE, CITY = "2020-12-31", "116"
SMALLEST, LARGEST, POOREST, NO_POOR, TINY = "03658", "03679", "03661", "03652", "03649"
REGISTERS = ("households", "members", "unit_counts", "health_stations", "schools")


def changed(situation: CheckedData, change) -> CheckedData:
    """Return the situation after `change(tables)`, measured again."""
    tables = {name: frame.copy() for name, frame in situation.tables.items()}
    change(tables)
    progress = assess(measure(tables, situation.plan), situation.plan)
    return replace(situation, tables=tables, progress=progress)


def silence(unit: str, as_of: str = DATE):
    """Return a change after which the unit has sent nothing on the date."""

    def change(tables):
        for name in REGISTERS:
            frame = tables[name]
            tables[name] = frame[~((frame["unit"] == unit) & (frame["as_of"] == as_of))]

    return change


def nobody_poor(tables):
    """Leave no poor and no near-poor household in the city, now or at the start of the year."""
    states = {"start_status": "not_poor", "status": "not_poor"}
    tables["households"] = tables["households"].assign(**states)


def one_village(tables):
    """Let all households live in one village of their unit."""
    tables["households"] = tables["households"].assign(village="Bản Một")


def in_millions(tables):
    """Multiply all counts of the units by a thousand, as in a nation."""
    counts = tables["unit_counts"]
    for name in counts.columns.difference(["as_of", "unit", "poor_households"]):
        counts[name] = counts[name] * 1000
    money = tables["funding"]
    tables["funding"] = money.assign(**{name: money[name] * 1000 for name in MONEY})


MONEY = ("planned", "disbursed")


def same_village_everywhere(tables):
    """Let the villages with most households of every unit have one name."""
    rows = tables["households"]
    first = rows.groupby("unit")["village"].transform(lambda names: names.mode().iloc[0])
    tables["households"] = rows.assign(village=rows["village"].mask(rows["village"] == first, TWIN))


TWIN = "Bản Trùng Tên"
