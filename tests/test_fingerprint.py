"""What a fingerprint leaves out must not be on any other unit's page: changed, and looked at."""

import numpy as np
import pandas as pd
import pytest

from sonla_analysis.indicators import digests

DATE, UNIT = "2020-12-31", "03658"


def with_others_changed(situation, columns: dict):
    """Return the situation with these columns of all units but one shuffled or made up."""
    from dataclasses import replace

    tables = dict(situation.tables)
    for name, changed in columns.items():
        frame = tables[name].copy()
        others = (frame["unit"] != UNIT).to_numpy()
        for column in changed:
            frame.loc[others, column] = made_up(frame.loc[others, column])
        tables[name] = frame
    return replace(situation, tables=tables)


def made_up(column: pd.Series):
    if pd.api.types.is_numeric_dtype(column):
        return np.random.default_rng(1).permutation(column.to_numpy())
    return column.map(lambda text: f"khác {text}")


def test_a_private_column_of_another_unit_leaves_the_fingerprint(situation):
    before, shown = digests.page_digests(situation, DATE)
    changed = with_others_changed(situation, digests.PRIVATE)
    after, still = digests.page_digests(changed, DATE)
    assert (after[UNIT], still) == (before[UNIT], shown)
    assert all(after[one] != before[one] for one in before if one not in (UNIT, "116"))


def test_any_other_column_changes_every_fingerprint(situation):
    _, shown = digests.page_digests(situation, DATE)
    for table, frame in situation.tables.items():
        for column in set(frame) - digests.PRIVATE.get(table, set()) - {"unit", "as_of"}:
            if table not in ("units", "history", "sent", "about"):
                changed = with_others_changed(situation, {table: []})
                cells = changed.tables[table][column].copy()
                first = int(np.flatnonzero(changed.tables[table]["unit"] != UNIT)[0])
                cells.iloc[first] = None if pd.notna(cells.iloc[first]) else cells.dropna().iloc[0]
                changed.tables[table] = changed.tables[table].assign(**{column: cells})
                assert digests.page_digests(changed, DATE)[1] != shown, (table, column)


def test_a_later_date_does_not_count(situation):
    from dataclasses import replace

    later = {
        name: frame.assign(as_of="2021-12-31") for name, frame in situation.tables.items()
        if name in digests.PRIVATE
    }  # fmt: skip
    both = {
        name: pd.concat([situation.tables[name], frame], ignore_index=True)
        for name, frame in later.items()
    }
    more = replace(situation, tables=situation.tables | both)
    assert digests.page_digests(more, DATE) == digests.page_digests(situation, DATE)


@pytest.mark.parametrize("unit", [UNIT])
def test_a_page_shows_nothing_of_the_columns_left_out(situation, unit, monkeypatch, capsys):
    """Run the page's own calls on both situations: every output is the same."""
    changed = with_others_changed(situation, digests.PRIVATE)
    assert shown_on_page(changed, unit, monkeypatch) == shown_on_page(situation, unit, monkeypatch)


def shown_on_page(situation, unit, monkeypatch) -> list:
    import json

    from sonla_analysis import page, review
    from sonla_analysis.definitions.folders import shipped

    outputs = []
    monkeypatch.setenv("SONLA_CHARTS_FORMATS", "svg")
    monkeypatch.setattr(page, "display", lambda *shown, **more: outputs.append((shown, more)))
    monkeypatch.setattr(review, "open_data", lambda data, plan: situation)
    notebook = json.loads((shipped("notebooks", "notebooks") / "commune_report.ipynb").read_text())
    space = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), space)
            if "parameters" in cell["metadata"].get("tags", []):
                space["unit"] = unit
    assert len(outputs) > 10
    return [
        ([getattr(one, "data", one) for one in shown], more.get("metadata"))
        for shown, more in outputs
    ]
