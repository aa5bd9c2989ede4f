"""The deprivations of a register under a standard, as `alkire_foster` takes them."""

import pandas as pd

from sonla_analysis.definitions.standards import Standard, load_standard
from sonla_analysis.language.phrases import message
from sonla_analysis.language.refusals import UsageError


def deprivation_matrix(
    households: pd.DataFrame, standard: str | Standard = "qd59_2015"
) -> pd.DataFrame:
    """Return the standard's deprivations of each household: true, false or blank, rows as given.

    **A register of the poor says nothing of who is not on it.** H of all its rows is the headcount
    among the listed households (poor, near-poor and who left), never the rate of a ward or city;
    an indicator that is rare in it may be common outside. Say so beside every figure, and choose
    the rows (date, status) before.

    Neither is it the official classification: that also asks for the income (`sonla.classify`),
    with 3 of 10 or 12 as a count.

    >>> from sonla_analysis.indicators.alkire_foster import alkire_foster
    >>> from sonla_analysis.tables.input_tables import load_tables
    >>> register = load_tables("data/sample")["households"].query("as_of == '2020-12-31'")
    >>> poor = register[register["status"].isin(["poor_income", "poor_deprivation"])]
    >>> lacking = deprivation_matrix(poor, "qd59_2015")
    >>> found = alkire_foster(lacking, "3/10", by=poor["unit"])
    >>> found[["unit", "n", "poor"]].tail(1).values.tolist()
    [[nan, 212, 80]]
    """
    rule = load_standard(standard)
    columns = [one["column"] for one in rule.deprivations]
    if missing := [name for name in columns if name not in households]:
        words = {"standard": rule.id, "missing": ", ".join(missing)}
        raise UsageError(message("alkire_foster.no_columns", **words))
    return households[columns].copy()


def service_weights(standard: str | Standard = "qd59_2015") -> dict[str, dict[str, int]]:
    """Return weights for `alkire_foster` that give each basic service of a standard the same.

    The law counts deprivations and weighs none; this is an analyst's choice, to be named as such.

    >>> list(service_weights("nd07_2021")["Health"])
    ['deprived_nutrition', 'deprived_health_insurance']
    """
    tree = {}
    for one in load_standard(standard).deprivations:
        tree.setdefault(one["service"]["en"], {})[one["column"]] = 1
    return tree
