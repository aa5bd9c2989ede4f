"""One ward, one name: what people write is the unit valid on that day, or a question."""

import unicodedata
from collections import Counter

import pandas as pd
import pytest
from test_legacy import encode

import sonla_analysis as sonla
from sonla_analysis.definitions.unit_names import match_unit, unit_candidates, units_meant
from sonla_analysis.definitions.units import COLUMNS, shipped_units, units_on
from sonla_analysis.tables.units_table import check_units

IN_2020, SINCE = "2020-12-31", "2025-07-01"
PROVINCE = shipped_units("son_la_province")
BEFORE = units_on("2025-06-30", PROVINCE)
OLD, NEW = BEFORE[BEFORE["area"] != ""], units_on(SINCE, PROVINCE).query("parent == '14'")
CITY_OLD = units_on(IN_2020).query("parent == '116'")


def code(text, as_of=IN_2020, units=None) -> str | None:
    found = match_unit(text, as_of, units)
    return found.code if found else None


# --- the list of the province ------------------------------------------------------------


def test_the_province_has_75_units_since_july_2025_and_had_200_before():
    assert Counter(NEW["kind"]) == {"Xã": 67, "Phường": 8}
    assert len(OLD) == 200 and len(BEFORE) == 200 + 12 + 1
    assert set(OLD["parent"]) == set(BEFORE.query("parent == '14'").index)


def test_each_of_the_200_became_exactly_one_unit_in_force():
    assert set(OLD["successor"]) == set(NEW.index)  # and none of the 75 came from nowhere
    assert OLD.index.is_unique and NEW.index.is_unique


def test_the_province_agrees_with_the_citys_list():
    city = shipped_units().query("area != ''").reset_index(drop=True)
    same = PROVINCE.merge(city, on=["code", "valid_from"], suffixes=("", "_city"))
    assert len(same) == len(city) == 16
    for column in ("name", "kind", "area", "parent", "valid_to", "successor"):
        assert same[column].tolist() == same[f"{column}_city"].tolist()


def test_the_province_is_a_table_of_units_like_an_offices_own():
    assert check_units(PROVINCE).columns.tolist() == COLUMNS
    centres = PROVINCE.query("area != ''")[["lat", "lon"]].astype(float)
    assert centres["lat"].between(20.5, 22.1).all() and centres["lon"].between(103, 105.1).all()


# --- what means one unit -----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Chiềng Lề", "P. Chiềng Lề", "P.Chiềng Lề", "phường chiềng lề", "PHƯỜNG CHIỀNG LỀ",
        "ChiÒng LÒ", "P. ChiÒng LÒ", "Phöôøng Chieàng Leà", "Chieng Le", "phuong chieng le",
        "3646", "03646 ", "03646", 3646, 3646.0, "3646.0", "'03646", "03646-PhuongChiengLe",
        "3646 - Phường Chiềng Lề", "Chiềng Lề - TP Sơn La",
        "Phường Chiềng Lề, TP. Sơn La, tỉnh Sơn La", "Chiềng Lề (03646)",
        "UBND phường Chiềng Lề", "Chiềng  Lề", "Chiềng\u00a0Lề", "ChiềngLề",
        "Ủy ban nhân dân phường Chiềng Lề", "Chiềng Lề (phường)",
        unicodedata.normalize("NFD", "Phường Chiềng Lề"),
    ],
)  # fmt: skip
def test_every_way_to_write_a_ward_is_that_ward(text):
    found = match_unit(text, IN_2020)
    assert (found.code, found.name, found.kind) == ("03646", "Chiềng Lề", "Phường")


@pytest.mark.parametrize("code_of", CITY_OLD.index)
def test_the_units_of_the_city_match_by_name_in_every_encoding_and_without_marks(code_of):
    name, kind = CITY_OLD.loc[code_of, ["name", "kind"]]
    plain = unicodedata.normalize("NFD", name.replace("Đ", "D")).encode("ascii", "ignore").decode()
    texts = [name, f"{kind} {name}", f"{kind[0]}. {name}", name.upper(), plain, code_of.lstrip("0")]
    texts += [encode(f"{kind} {name}", font) for font in ("tcvn3", "vni")]
    assert [code(text) for text in texts] == [code_of] * len(texts)


def test_the_day_decides_which_unit_a_code_or_name_is():
    assert [code("03646", day) for day in (IN_2020, SINCE)] == ["03646"] * 2
    assert [match_unit("3646", day).name for day in (IN_2020, SINCE)] == ["Chiềng Lề", "Tô Hiệu"]
    assert [code("Tô Hiệu", day) for day in (IN_2020, SINCE)] == ["03649", "03646"]
    assert [code("Chiềng An", day) for day in (IN_2020, SINCE)] == ["03667", "03664"]
    assert [code("Hua La", day) for day in (IN_2020, SINCE)] == ["03676", None]
    assert [code("03646-Tô Hiệu", day) for day in (IN_2020, SINCE)] == [None, "03646"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("TT. Hát Lót", "04105"), ("Thị trấn Hát Lót", "04105"), ("T.T Hát Lót", "04105"),
        ("Xã Hát Lót", "04135"), ("Hát Lót (Xã)", "04135"), ("Hát Lót", None),
        ("Chiềng Chung, Mai Sơn", "04129"), ("Chiềng Chung - TX Mộc Châu", "04015"),
        ("Chiềng Chung", None), ("Xã Chiềng Chung", None), ("Mộc Lị", "03980"),
        ("Bó Mười", "03778"), ("Chiềng Lề, Mai Sơn", None),
        ("Chieng On", None), ("Chiềng On", "04084"), ("Chiềng Ơn", "03700"), ("Lien Hoa", "04009"),
        ("Liên Hoà", "04009"), ("Pi Toong", "03835"), ("TP Sơn La", "116"), ("tỉnh Sơn La", "14"),
        ("Sơn La", None), ("Huyện Mai Sơn", "125"), ("É Tòng", "03742"),
    ],
)  # fmt: skip
def test_within_the_province_what_fits_two_means_none(text, meant):
    assert code(text, IN_2020, PROVINCE) == meant


def test_every_unit_of_the_province_is_found_by_its_kind_name_and_district():
    for day, units in ((IN_2020, OLD), (SINCE, NEW)):
        above = units_on(day, PROVINCE)
        for one in units.itertuples():
            district = above.loc[one.parent]
            text = f"{one.kind} {one.name}, {district['kind']} {district['name']}"
            assert code(text, day, PROVINCE) == one.Index


@pytest.mark.parametrize(
    "text",
    [
        None, float("nan"), "", " ", "Phường Chiềng Xôm", "Chiêng Ngần", "Chiềng", "Xã", "P.",
        "3030101", "03666", "0", "Mường Chanh", "03646-Phường Tô Hiệu", "Tổng cộng", "Chiềng Lề 2",
    ],
)  # fmt: skip
def test_what_is_no_unit_or_a_near_miss_is_none(text):
    assert match_unit(text, IN_2020) is None


def test_apostrophes_and_where_the_tone_stands_do_not_matter():
    own = pd.DataFrame(
        [["1", "N'Drung", "Xã"], ["2", "Hòa Bình", "Xã"], ["3", "Thuý Mỹ", "Xã"]],
        columns=["code", "name", "kind"],
    ).reindex(columns=COLUMNS, fill_value="")
    for text, meant in [("NDrung", "1"), ("N’Drung", "1"), ("Hoà Bình", "2"), ("Thúy Mĩ", "3")]:
        assert code(text, IN_2020, own) == meant


# --- what must be asked ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "as_of", "first"),
    [
        ("Phường Chiềng Xôm", IN_2020, "03664"),
        ("Chiêng Ngần", IN_2020, "03673"),
        ("P. Lề", IN_2020, "03646"),
        ("Chieng Leee", IN_2020, "03646"),
        ("Quyết Thắng", SINCE, "03646"),
        ("03661", SINCE, "03664"),
        ("Chiềng Lề - huyện Mai Sơn", IN_2020, "03646"),
    ],
)
def test_a_near_miss_has_candidates_the_likeliest_first(text, as_of, first):
    assert match_unit(text, as_of) is None
    candidates = unit_candidates(text, as_of)
    assert candidates[0].code == first and len(candidates) <= 5


def test_a_new_name_before_its_time_is_what_it_was_made_of():
    units = [one.code for one in unit_candidates("Bình Thuận", IN_2020, PROVINCE)]
    assert set(units) >= {"03724", "03730"}  # Phổng Lái, Chiềng Pha


def test_what_fits_two_units_has_both_as_candidates():
    found = unit_candidates("Hát Lót", IN_2020, PROVINCE)
    assert [one.kind for one in found[:2]] == ["Thị trấn", "Xã"]


def test_nothing_like_a_unit_has_no_candidates():
    assert unit_candidates("Tổng cộng", IN_2020) == [] == unit_candidates("", IN_2020)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("03646", ["Chiềng Lề", "Tô Hiệu"]),
        ("3664", ["Chiềng Xôm", "Chiềng An"]),
        ("Tô Hiệu", ["Tô Hiệu", "Tô Hiệu"]),
        ("P. Chiềng An", ["Chiềng An", "Chiềng An"]),
        ("Hua La", ["Hua La"]),
        ("Xã Chiềng Xôm", ["Chiềng Xôm"]),
        ("Phường Chiềng Xôm", []),
    ],
)
def test_without_a_day_all_that_a_text_has_meant_is_named(text, meant):
    found = units_meant(text)
    assert [one.name for one in found] == meant
    assert [one.valid_from for one in found] == ["", SINCE][: len(found)]


def test_without_a_day_two_units_of_one_day_are_both_named():
    found = units_meant("Hát Lót", PROVINCE)
    assert [(one.code, one.kind) for one in found] == [("04105", "Thị trấn"), ("04135", "Xã")]


def test_a_code_of_letters_is_a_code():
    own = pd.DataFrame([["X1", "Hua La", "Xã"]], columns=["code", "name", "kind"])
    own = own.reindex(columns=COLUMNS, fill_value="")
    assert match_unit("X1", IN_2020, own).name == "Hua La"
    assert match_unit(pd.NA, IN_2020, own) is None


# --- the public front --------------------------------------------------------------------


def test_the_names_others_rely_on():
    assert sonla.text.decode_legacy("ChiÒng LÒ") == "Chiềng Lề"
    assert sonla.text.match_unit("ChiÒng LÒ", IN_2020).code == "03646"
    assert sorted(["Đen", "Da", "Dá"], key=sonla.text.sort_key) == ["Da", "Dá", "Đen"]
