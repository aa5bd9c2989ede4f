"""The funnel: what is drawn is the verdict's frame."""

from itertools import combinations

import counted
import matplotlib.pyplot as plt
import pytest
import small

from sonla_analysis.charts.funnel import draw
from sonla_analysis.indicators.against_rest import VERDICTS, funnel, funnel_limits

LOWER = small.plan_of(direction="at_most", target="5")
SIX = counted.FOUR | {"E": (60, 160), "F": (0, 90)}


@pytest.fixture(params=["vi", "en"])
def drawn(request):
    frame = funnel(counted.of_units(SIX), LOWER)
    frame["name"] = "Chiềng " + frame["unit"]
    ax = draw(frame, language=request.param)
    yield frame, ax
    plt.close(ax.figure)


def points_of(ax) -> dict:
    return {
        mark.get_gid(): sorted(map(tuple, mark.get_offsets().tolist()))
        for mark in ax.collections
        if mark.get_gid()
    }


def test_every_unit_is_a_point_at_its_size_and_value_marked_by_its_verdict(drawn):
    frame, ax = drawn
    found = points_of(ax)
    for verdict in VERDICTS:
        rows = frame.loc[frame["verdict"] == verdict, ["denominator", "value"]]
        expected = sorted(map(tuple, rows.astype(float).to_numpy().tolist()))
        assert found.get(f"points-{verdict}", []) == expected


def test_only_units_that_differ_are_named_and_no_name_covers_another(drawn):
    frame, ax = drawn
    named = {text.get_text(): text for text in ax.texts if text.get_text().startswith("Chiềng")}
    assert set(named) == set(frame.loc[frame["verdict"] != "no_clear_difference", "name"])
    boxes = [text.get_window_extent() for text in named.values()]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_the_lines_are_the_limits_of_each_size(drawn):
    frame, ax = drawn
    centre = frame["centre"].iloc[0]
    for name, confidence in (("95", 0.95), ("998", 0.998)):
        lines = [line for line in ax.lines if line.get_gid() == f"limit-{name}"]
        sizes = lines[0].get_xdata()
        for line, limit in zip(lines, funnel_limits(centre / 100, sizes, confidence), strict=True):
            assert list(line.get_ydata()) == pytest.approx(list(limit))


def test_a_funnel_of_nobody_is_drawn_too():
    frame = funnel(counted.of_units({"A": (0, 50), "B": (0, 90), "C": (0, 70)}), LOWER)
    ax = draw(frame.assign(name=frame["unit"]))
    assert len(points_of(ax)["points-no_clear_difference"]) == 3
    plt.close(ax.figure)
