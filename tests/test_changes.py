"""What changed since an earlier report: parts that add up, and what is true of each."""

import json
import random
from dataclasses import replace

import batch
import pandas as pd
import pytest
from batch import BEGIN, small_city
from cities import CITY
from hypothesis import given, settings
from hypothesis import strategies as st

from sonla_analysis.batch.published import earlier_figures, publish
from sonla_analysis.cli import main
from sonla_analysis.definitions.plan import Count, load_plan
from sonla_analysis.definitions.units import shipped_units
from sonla_analysis.indicators.changes import PARTS, changes, definition_mark
from sonla_analysis.indicators.poverty import movement
from sonla_analysis.page import report_tables
from sonla_analysis.review import open_data, review_of
from sonla_analysis.sentences.changes import changed, revised

pytestmark = pytest.mark.whole

A, B = "03646", "03658"
BEFORE, NOW = "2020-09-30", "2020-12-31"
RATE, FALL, SHOTS = "poor_household_rate", "poor_household_reduction", "full_vaccination"
WHOLE = load_plan()
PLAN = replace(WHOLE, indicators=tuple(WHOLE[one] for one in (RATE, FALL, SHOTS)))
UNITS = shipped_units()
NOBODY = {form: movement(pd.DataFrame(
    {name: pd.array([], dtype="str") for name in ("as_of", "unit", "start_status", "status")}
), form) for form in ("poor", "near_poor")}  # fmt: skip


def figures(date: str, indicator: str, counts: dict, level: str = "unit") -> pd.DataFrame:
    """Return figures as a report has them: unit → (numerator, denominator); None is not known.

    With the level `unit` the sum of those known is added as the city's.
    """
    rows = [
        (date, unit, level, indicator, *(pair or (None, None))) for unit, pair in counts.items()
    ]
    if level == "unit":
        known = [pair for pair in counts.values() if pair]
        total = tuple(map(sum, zip(*known, strict=True))) if known else (None, None)
        rows.append((date, CITY, "area", indicator, *total))
    names = ["as_of", "unit", "level", "indicator", "numerator", "denominator"]
    return pd.DataFrame(rows, columns=names).assign(definition=None)


def split(published: dict, revised: dict, now: dict, *, of=SHOTS, moves=NOBODY, before=BEFORE):
    """Return the parts by (unit, numerator or denominator)."""
    progress = pd.concat([figures(before, of, revised), figures(NOW, of, now)])
    found = changes(figures(before, of, published), progress, moves, UNITS, PLAN, NOW)
    parts = {}
    for row in found.itertuples(index=False):
        parts.setdefault((row.unit, row.of), {})[row.part] = row.amount
    return parts


def register(**statuses: list[tuple[str, str]]) -> dict[str, pd.DataFrame]:
    """Return forms 2 and 3 of a register: date (with _) → (start status, status) of ward A."""
    rows = [
        (date.removeprefix("d").replace("_", "-"), A, *pair)
        for date, pairs in statuses.items()
        for pair in pairs
    ]
    frame = pd.DataFrame(rows, columns=["as_of", "unit", "start_status", "status"], dtype="str")
    return {form: movement(frame, form) for form in ("poor", "near_poor")}


# --- worked arithmetic -------------------------------------------------------------------


def test_a_count_splits_into_what_changed_and_what_was_corrected():
    parts = split({A: (201, 211)}, {A: (198, 211)}, {A: (206, 214)})
    assert parts[A, "numerator"] == {"published": 201, "counted": 8, "corrected": -3, "now": 206}
    assert parts[A, "denominator"] == {"published": 211, "counted": 3, "now": 214}
    assert parts[CITY, "numerator"] == parts[A, "numerator"]


def test_poor_households_split_by_form_2_and_the_correction_is_the_exact_rest():
    stayed, left, new = (
        ("poor_income",) * 2,
        ("poor_income", "near_poor"),
        ("not_poor", "poor_income"),
    )
    moves = register(
        d2020_09_30=[stayed] * 5 + [left], d2020_12_31=[stayed] * 2 + [left] * 4 + [new]
    )
    parts = split({A: (4, 100)}, {A: (5, 100)}, {A: (3, 100)}, of=RATE, moves=moves)
    assert parts[A, "numerator"] == {
        "published": 4, "moved_in": 1, "moved_out": -(4 - 1), "corrected": 5 - 4, "now": 3
    }  # fmt: skip


def test_since_the_end_of_last_year_the_whole_of_form_2_counts():
    stayed, left = ("poor_income",) * 2, ("poor_income", "newly_escaped")
    moves = register(d2019_12_31=[left] * 9 + [stayed] * 6, d2020_12_31=[stayed] * 4 + [left] * 2)
    parts = split({A: (6, 9)}, {A: (6, 9)}, {A: (4, 9)}, of=RATE, moves=moves, before="2019-12-31")
    assert parts[A, "numerator"] == {"published": 6, "moved_out": -2, "now": 4}


def test_a_fall_grows_by_who_leaves_and_shrinks_by_who_comes():
    stayed, left, new = (
        ("poor_income",) * 2,
        ("poor_income", "near_poor"),
        ("not_poor", "poor_income"),
    )
    moves = register(d2020_09_30=[stayed] * 6, d2020_12_31=[stayed] * 3 + [left] * 3 + [new])
    parts = split({A: (0, 6)}, {A: (0, 6)}, {A: (2, 6)}, of=FALL, moves=moves)
    assert parts[A, "numerator"] == {"published": 0, "moved_in": -1, "moved_out": 3, "now": 2}


def test_where_the_form_does_not_tell_the_whole_change_it_is_not_split_by_it():
    moves = register(d2020_09_30=[("poor_income",) * 2] * 6, d2020_12_31=[("poor_income",) * 2] * 4)
    parts = split({A: (6, 9)}, {A: (6, 9)}, {A: (4, 9)}, of=RATE, moves=moves)  # two are gone
    assert parts[A, "numerator"] == {"published": 6, "counted": -2, "now": 4}


def test_who_has_a_figure_on_one_date_only_is_a_part_of_the_city_and_no_correction():
    parts = split({A: (5, 10), B: None}, {A: (5, 10), B: None}, {A: (6, 10), B: (3, 4)})
    assert parts[CITY, "numerator"] == {"published": 5, "counted": 1, "reporting": 3, "now": 9}
    assert (B, "numerator") not in parts
    parts = split({A: (5, 10), B: (3, 4)}, {A: (5, 10), B: (3, 4)}, {A: (6, 10), B: None})
    assert parts[CITY, "denominator"] == {"published": 14, "reporting": -4, "now": 10}


def test_where_the_earlier_date_is_gone_from_the_data_nothing_is_called_a_correction():
    parts = split({A: (5, 10)}, {A: None}, {A: (7, 10)})
    assert parts[A, "numerator"] == {"published": 5, "unsplit": 2, "now": 7}


@pytest.mark.parametrize("by_way_of_another", [False, True])
def test_units_that_went_into_another_bring_their_published_figures(by_way_of_another):
    """Chiềng Cọ, Chiềng Cơi and Hua La became the new ward Chiềng Cơi, under a code in use.

    Once more as if Chiềng Cọ had first gone into Hua La, and that into the new ward.
    """
    then, now, new, units = "2024-12-31", "2025-12-31", "03670", UNITS.copy()
    if by_way_of_another:
        first = units.index[(units["code"] == "03658") & (units["valid_to"] != "")]
        units.loc[first, ["valid_to", "successor"]] = ["2025-02-28", "03676"]
    old = {"03658": (3, 10), "03670": (4, 20), "03676": (5, 30)}
    published = figures(then, SHOTS, old)
    progress = pd.concat([published, figures(now, SHOTS, {new: (14, 62)})])
    found = changes(published, progress, NOBODY, units, PLAN, now)
    ward = found[(found["unit"] == new) & (found["of"] == "numerator")]
    assert dict(zip(ward["part"], ward["amount"], strict=True)) == {
        "boundaries": 3 + 4 + 5, "counted": 2, "now": 14
    }  # fmt: skip
    city = found[(found["unit"] == CITY) & (found["of"] == "numerator")]
    assert dict(zip(city["part"], city["amount"], strict=True)) == {
        "published": 12, "counted": 2, "now": 14
    }  # fmt: skip


def test_a_figure_counted_otherwise_is_named_and_not_split():
    published = figures(BEFORE, SHOTS, {A: (5, 10)}).assign(definition="00000000")
    progress = pd.concat([published, figures(NOW, SHOTS, {A: (7, 10)})])
    found = changes(published, progress, NOBODY, UNITS, PLAN, NOW)
    assert found[found["unit"] == A]["part"].tolist() == ["published", "definition", "now"]
    alike = published.assign(definition=definition_mark(PLAN[SHOTS], PLAN))
    found = changes(alike, progress, NOBODY, UNITS, PLAN, NOW)
    assert "definition" not in set(found["part"])


def test_the_mark_of_a_definition_is_of_what_is_counted_not_of_its_target():
    one = PLAN[SHOTS]
    assert definition_mark(replace(one, target=None, name={"vi": "x"}), PLAN) == definition_mark(
        one, PLAN
    )
    other = replace(one, denominator=Count("unit_counts", sum="children_under_5_measured"))
    assert definition_mark(other, PLAN) != definition_mark(one, PLAN)
    newer = replace(PLAN, standard="nd07_2021")
    assert definition_mark(one, newer) == definition_mark(one, PLAN)  # counts no households
    assert definition_mark(PLAN[RATE], newer) != definition_mark(PLAN[RATE], PLAN)


def test_what_starts_from_zero_each_year_is_not_compared_with_another_year():
    parts = split({A: (5, 6)}, {A: (5, 6)}, {A: (2, 6)}, of=FALL, before="2019-12-31")
    assert parts == {}


# --- for every change there is -----------------------------------------------------------

COUNT = st.none() | st.tuples(st.integers(0, 50), st.integers(50, 99))
CITIES = st.fixed_dictionaries({unit: COUNT for unit in (A, B, "03661")})
PAIRS = st.lists(st.tuples(*[st.sampled_from(["poor_income", "near_poor", "not_poor"])] * 2))


@settings(deadline=None, max_examples=20)
@given(CITIES, CITIES, CITIES, PAIRS, PAIRS, st.sampled_from([RATE, FALL, SHOTS]))
def test_the_parts_add_up_exactly_and_the_city_is_the_sum_of_its_units(
    told, today, now, then_pairs, now_pairs, indicator
):
    moves = register(d2020_09_30=then_pairs, d2020_12_31=now_pairs)
    if indicator == RATE:  # the register is where the poor households are counted
        poor = {BEFORE: then_pairs, NOW: now_pairs}
        counts = {date: sum(end == "poor_income" for _, end in one) for date, one in poor.items()}
        today, now = today | {A: (counts[BEFORE], 99)}, now | {A: (counts[NOW], 99)}
    parts = split(told, today, now, of=indicator, moves=moves)
    for found in parts.values():
        assert sum(amount for part, amount in found.items() if part != "now") == found["now"]
        assert all(found[part] for part in PARTS if part in found)
    for of in ("numerator", "denominator"):
        if (city := parts.get((CITY, of))) is None:
            continue
        for part in ("moved_in", "moved_out", "counted", "unsplit", "corrected"):
            units = sum(found.get(part, 0) for (unit, of_), found in parts.items()
                        if of_ == of and unit != CITY)  # fmt: skip
            assert city.get(part, 0) == units
    for (unit, of), found in parts.items():
        if unit != CITY and today[unit]:
            place = ("numerator", "denominator").index(of)
            assert found.get("corrected", 0) == today[unit][place] - told[unit][place]


def test_the_order_of_the_rows_does_not_matter():
    told = {A: (5, 10), B: (1, 4)}
    first = split(told, told, {A: (7, 10), B: (2, 4)})
    published, progress = figures(BEFORE, SHOTS, told), figures(NOW, SHOTS, {A: (7, 10), B: (2, 4)})
    progress = pd.concat([figures(BEFORE, SHOTS, told), progress]).sample(frac=1, random_state=1)
    found = changes(published.iloc[::-1], progress, NOBODY, UNITS, PLAN, NOW)
    amounts = found.set_index(["unit", "of", "part"])["amount"].to_dict()
    assert amounts == {(*key, part): n for key, one in first.items() for part, n in one.items()}


# --- the record of what was published ----------------------------------------------------


@pytest.fixture
def office(tmp_path, monkeypatch):
    """Stand in a folder with data of three wards, and pages that show what changed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reports").mkdir()
    small_city(tmp_path / "data")
    show = (
        "from sonla_analysis.page import report_tables\npage.table(report_tables.changes(review))"
    )
    return tmp_path, batch.pages(tmp_path / "pages", BEGIN, show)


def built(office, as_of: str, *more: str) -> tuple[int, str]:
    folder, pages = office
    out = folder / "reports" / as_of
    options = {"as_of": as_of, "pages": pages, "out": out, "jobs": 1, "units": list(more) or None}
    code, said, told = batch.run(data=folder / "data", **options)
    assert code == 0, told
    return code, said


def correct(folder, by: int = -2) -> None:
    """Take back some of the vaccinated children of ward A at the end of 2019."""

    def edit(frame):
        here = (frame["unit"] == A) & (frame["as_of"] == "2019-12-31")
        column = "children_under_1_vaccinated"
        frame.loc[here, column] = (frame.loc[here, column].astype(int) + by).astype(str)

    batch.change(folder / "data", "unit_counts", edit)


def told_by_command(capsys, *arguments) -> str:
    assert main(["why", *arguments, "--language", "en"]) == 0
    line = capsys.readouterr().out.partition("Since the report before: ")[2]
    return line.partition("\n")[0]


def test_a_count_corrected_after_its_report_is_told_as_corrected_and_the_parts_add_up(
    office, capsys
):
    folder, _ = office
    before = pd.read_csv(folder / "data/unit_counts.csv", dtype={"unit": str})
    before = before[before["unit"] == A].set_index("as_of")["children_under_1_vaccinated"]
    was, now = before["2019-12-31"], before["2020-12-31"]
    built(office, "2019-12-31")
    correct(folder)
    built(office, "2020-12-31")
    said = told_by_command(capsys, "8", "data", "--unit", A)
    assert said.startswith(
        f"numerator: {was} (published for 31/12/2019) + {now - was + 2} (changed since) − 2 "
        f"(earlier figures corrected) = {now}; denominator: "
    )
    assert said.endswith("; the published figure is revised")
    page = next((folder / "reports/2020-12-31").glob(f"{A}-*")) / "report.html"
    table = pd.read_html(page)[0].set_index("Target")
    assert table.loc["Full vaccination", "Revised"] == "−2"
    city = told_by_command(capsys, "8", "data")
    assert "− 2 (earlier figures corrected)" in city and "the published figure is revised" in city


def test_the_report_is_built_anew_when_what_was_published_is_another(office):
    built(office, "2020-12-31", A)
    assert built(office, "2020-12-31", A)[1].startswith("Done: 0 reports built, 1 unchanged")
    built(office, "2019-12-31", A)
    assert built(office, "2020-12-31", A)[1].startswith("Done: 1 reports built")
    assert built(office, "2020-12-31", A)[1].startswith("Done: 0 reports built, 1 unchanged")


def folder_of(tmp_path, date: str, data: str = "data", content: str = "x") -> None:
    (tmp_path / date).mkdir()
    (tmp_path / date / "manifest.json").write_text(json.dumps({"data": data}))
    (tmp_path / date / "indicators.csv").write_text(content)


def test_the_record_is_that_of_the_latest_earlier_date_beside_the_report(tmp_path):
    for date in ("2019-12-31", "2020-06-30", "2020-12-31", "2021-12-31", "2020-06-30-noi-bo"):
        folder_of(tmp_path, date)
    (tmp_path / "2020-09-30").mkdir()  # of nobody's making
    assert earlier_figures(tmp_path / "2020-12-31", "2020-12-31", "data") == (
        tmp_path / "2020-06-30/indicators.csv"
    )
    assert earlier_figures(tmp_path / "2019-12-31", "2019-12-31", "data") is None
    assert earlier_figures(tmp_path / "elsewhere", "2020-12-31", "data") is None
    assert earlier_figures(tmp_path / "no/2020-12-31", "2020-12-31", "data") is None


def test_the_packages_sample_is_never_the_past_of_an_offices_data(tmp_path):
    folder_of(tmp_path, "2019-12-31", "data/sample")
    assert earlier_figures(tmp_path / "2020-12-31", "2020-12-31", "data") is None
    assert earlier_figures(tmp_path / "2020-12-31", "2020-12-31", "data/sample") is not None


@pytest.mark.parametrize("content", ["", "x", "a,b\n1,2\n", "as_of,unit\n2020-09-30,03646\n", "\0"])
def test_a_file_that_is_no_record_compares_with_nothing(tmp_path, situation, content):
    (tmp_path / "indicators.csv").write_text(content)
    publish(situation, tmp_path / "indicators.csv")
    review = review_of(situation, A, NOW)
    assert (review.changes, report_tables.changes(review), revised(review)) == (None, None, [])
    assert changed(review, SHOTS) == ""


# --- in words ----------------------------------------------------------------------------


@pytest.fixture
def compared(tmp_path):
    """Return a city whose earlier figures were published as another than today's data say."""
    situation = open_data(small_city(tmp_path / "data"))
    rows = situation.progress[situation.progress["as_of"] == "2019-12-31"]
    rng = random.Random(159)
    shaken = rows["numerator"].map(lambda n: n if pd.isna(n) else max(0, n + rng.choice([0, 2])))
    rows.assign(numerator=shaken).to_csv(tmp_path / "indicators.csv", index=False)
    publish(situation, tmp_path / "indicators.csv")
    yield situation
    publish(situation, None)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("unit", [A, B, CITY])
def test_every_sum_that_is_printed_adds_up(compared, unit, language):
    review = review_of(compared, unit, NOW, language)
    table = report_tables.changes(review)
    keys = [column.key for column in table.columns]
    assert len(table.rows) > 10 and "corrected" in keys
    for row, texts in zip(table.rows, table.texts, strict=True):
        printed = [text.replace(".", "").replace(",", "").replace("−", "-") for text in texts[3:]]
        *parts, now = [0 if text == "–" else int(text) for text in printed]
        assert sum(parts) == now == row[-1]
    for name in review.now.index:
        assert "{" not in changed(review, name)


def test_a_revised_figure_is_named_with_what_was_published_and_what_it_is_now(compared):
    review = review_of(compared, A, NOW)
    told = revised(review)
    corrected = review.changes.query("unit == @A and part == 'corrected'")["indicator"].unique()
    assert len(told) == len(corrected) > 0
    assert all("(đã điều chỉnh)" in one and "báo cáo ngày 31/12/2019 ghi" in one for one in told)


def test_a_flow_that_has_become_less_is_not_told_as_people_who_came(compared):
    from sonla_analysis.sentences.changes import _part_name

    rate, fall = compared.plan[RATE], compared.plan[FALL]
    assert _part_name("moved_in", -1, rate, "en") == "counted as having come in then, no longer"
    assert _part_name("moved_in", -1, fall, "en") == _part_name("moved_in", 1, rate, "en")
    assert _part_name("moved_out", -2, rate, "en") == "left"
