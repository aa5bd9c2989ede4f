"""Vietnamese text: one form, dictionary order, file names, near matches, refusals."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonla_analysis.language.vietnamese import nearest, nfc, refuse, slug, sort_key

WARDS = ["Chiềng An", "Chiềng Cọ", "Chiềng Cơi", "Chiềng Đen", "Chiềng Lề", "Chiềng Ngần"]
WARDS += ["Chiềng Sinh", "Chiềng Xôm", "Hua La", "Quyết Tâm", "Quyết Thắng", "Tô Hiệu"]


@pytest.mark.parametrize("form", ["NFD", "NFC"])
def test_a_name_typed_in_any_unicode_form_is_the_same_name(form):
    assert nfc(unicodedata.normalize(form, "Quyết Thắng")) == "Quyết Thắng"


def test_the_form_with_only_the_tone_apart_is_the_same_name():
    assert nfc("Quyê\u0301t Thă\u0301ng") == "Quyết Thắng"


def test_invisible_and_double_spaces_are_lost():
    assert nfc(" Xã\u00a0 Đắk\u200b  Lao\ufeff ") == "Xã Đắk Lao"


def test_wards_sort_as_in_a_vietnamese_dictionary():
    assert sorted(reversed(WARDS), key=sort_key) == WARDS


def test_letters_come_before_tones():
    words = ["a", "à", "ả", "ã", "á", "ạ", "ă", "â", "d", "đ", "e", "ê", "o", "ô", "ơ", "u", "ư"]
    assert sorted(reversed(words), key=sort_key) == words


def test_villages_sort_by_their_number():
    villages = ["Tổ 1", "Tổ 2", "Tổ 10", "Tổ a"]
    assert sorted(reversed(villages), key=sort_key) == villages


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Phường Chiềng Lề", "phuong-chieng-le"),
        ("../../etc/passwd", "etc-passwd"),
        ("Xã <Đắk> & 'Lao'", "xa-dak-lao"),
        ("Ơ Ư Ă Â Ê Ô Đ", "o-u-a-a-e-o-d"),
    ],
)
def test_a_file_name_is_plain_letters(name, expected):
    assert slug(name) == expected


@given(st.text())
def test_a_file_name_holds_nothing_that_a_system_could_misread(name):
    assert set(slug(name)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


@pytest.mark.parametrize("found", ["3646", "3646.0", " 03646", "003646"])
def test_a_code_that_lost_its_zero_is_recognised(found):
    assert nearest(found, ["03664", "03646", "03649"]) == "03646"


def test_nothing_is_suggested_where_nothing_is_near():
    assert nearest("xyz", ["plan", "unit"]) is None


def test_a_refusal_names_rule_found_and_allowed_in_both_languages():
    said = refuse("language", "vie", ["vi", "en"])
    assert said == "language must be one of vi, en; found 'vie' (did you mean 'vi'?)"
    assert said.vi == "ngôn ngữ phải là một trong: vi, en; đã nhận 'vie' (có phải là 'vi'?)"


def test_a_long_list_of_allowed_values_is_cut_short():
    said = refuse("unit", "x", range(100))
    assert "10, 11, …; found 'x'" in said
