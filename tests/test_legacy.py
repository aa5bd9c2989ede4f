"""Text typed with TCVN3 and VNI fonts becomes Unicode; Vietnamese and other languages stay."""

import csv
import re
import time
import unicodedata
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sonla_analysis.definitions.units import shipped_units
from sonla_analysis.intake.sheets import read_sheets
from sonla_analysis.language.legacy import _USUAL, FONTS, decode_block, decode_legacy
from sonla_analysis.language.syllables import _syllables, spelled

with (files("sonla_analysis.language") / "legacy_letters.csv").open(encoding="utf-8") as _file:
    LETTERS = list(csv.DictReader(_file))
CODES = {
    font: {one["letter"]: bytes.fromhex(one[font]).decode("latin-1") for one in LETTERS}
    for font in FONTS
}
TCVN3, VNI = FONTS
CITY = sorted(set(shipped_units().query("parent == '116'")["name"]))
SYLLABLES = sorted(_syllables())


def encode(text: str, font: str) -> str:
    return "".join(CODES[font].get(letter, letter) for letter in text)


def compose_tones_only(text: str) -> str:
    """Return the text as UniKey's "Unicode tổ hợp" has it: the shape composed, the tone apart."""
    return "".join(_tone_apart(letter) for letter in unicodedata.normalize("NFC", text))


def _tone_apart(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    tone = next((part for part in parts if part in "\u0300\u0301\u0303\u0309\u0323"), "")
    return unicodedata.normalize("NFC", parts.replace(tone, "")) + tone if tone else letter


# --- the table ---------------------------------------------------------------------------


def test_the_table_has_the_134_letters_and_no_code_twice():
    assert len({one["letter"] for one in LETTERS}) == len(LETTERS) == 134
    for font in FONTS:
        assert len({one[font] for one in LETTERS}) == 134
    assert sum(len(one[TCVN3]) == 2 for one in LETTERS) == 74


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("letter", [one["letter"] for one in LETTERS])
def test_every_letter_round_trips_among_others(letter, font):
    capital = letter != letter.lower()
    text = "QUYẾT THẮNG, PHƯỜNG " if capital else "quyết thắng, phường "
    assert decode_legacy(encode(text + letter, font)) == text + letter


# --- what was typed with a font ----------------------------------------------------------


@pytest.mark.parametrize("font", FONTS)
@pytest.mark.parametrize("name", CITY)
def test_the_twelve_units_of_the_city_decode(name, font):
    assert decode_legacy(encode(f"Phường {name}", font)) == f"Phường {name}"
    assert decode_legacy(encode(name, font)) == name


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("P. ChiÒng LÒ", "P. Chiềng Lề"),
        ("P. T« HiÖu", "P. Tô Hiệu"),
        ("X·", "Xã"),
        ("Hµ", "Hà"),
        ("Ph\xadêng", "Phường"),  # the soft hyphen is ư
        ("Phöôøng Chieàng Leà", "Phường Chiềng Lề"),  # ôø is ờ before ô is ơ
        ("Tæ 1", "Tổ 1"),
        ("Toå 1", "Tổ 1"),
        ("Q§ 59/2015/Q§-TTg", "QĐ 59/2015/QĐ-TTg"),
        ("NÑ-CP, HÑND", "NĐ-CP, HĐND"),
        ("Sè hé nghÌo", "Số hộ nghèo"),  # "Sè hé" alone is spelled as it stands
        ("“Th¸i” – Kh¬ Mó", "“Thái” – Khơ Mú"),
        ("1½ n¨m, 2 × 3 m, 25 µm", "1½ năm, 2 × 3 m, 25 µm"),
    ],
)
def test_what_the_font_explains_is_decoded(typed, meant):
    assert decode_legacy(typed) == meant


def test_capitals_that_only_the_font_drew_become_capitals():
    assert decode_legacy("CHIÒNG LÒ") == "CHIỀNG LỀ"
    assert decode_legacy("UBND X·") == "UBND Xã"


def test_the_case_sent_decodes():
    folder = Path(__file__).parent / "data/tcvn3"
    texts = {text for file in folder.iterdir() for text in read_sheets(file)[0].cells.ravel()}
    assert {"Nhân rộng mô hình giảm nghèo", "Bản Ót", "Thái", "Mông"} <= texts
    assert not any(set(text) & set("¸©«®µ\xad") for text in texts)


sentences = st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=8).map(" ".join)
cased = st.tuples(sentences, st.sampled_from([str, str.capitalize, str.title, str.upper])).map(
    lambda drawn: drawn[1](drawn[0])
)


def may_be_either(text: str) -> bool:
    """Return whether a text has a word whose codes the package's rules give another meaning.

    "àm" is typed as "µm", and "Oó" with the codes of "Ó": neither is a word of the language.
    """
    return any(word == "àm" or re.match("o[óòỏõọ]", word) for word in text.lower().split())


def as_typed(text: str, font: str) -> str:
    """Return the text a font's codes stand for, whatever else they could mean."""
    codes = sorted(CODES[font].items(), key=lambda one: -len(one[1]))
    for letter, code in codes:
        text = text.replace(code, letter)
    return text


def valid(text: str) -> bool:
    """Return whether a text can be Vietnamese as it stands."""
    return all(
        word.isascii() or (spelled(word) and word in (word.lower(), word.title(), word.upper()))
        for word in text.split()
    )


@given(cased, st.sampled_from(FONTS))
@example("Đồng bào dân tộc", TCVN3)
@example("NGHỊ QUYẾT ĐẢNG BỘ", VNI)
def test_decoding_gives_back_what_was_encoded_where_it_means_one_thing_only(text, font):
    typed = encode(text, font)
    other = as_typed(typed, FONTS[1 - FONTS.index(font)])
    assume(any(len(word) > 1 and not word.isascii() for word in text.split()))
    assume(not may_be_either(text) and not valid(typed) and not valid(other.lower()))
    assert decode_legacy(typed) == text


@given(cased, st.sampled_from(FONTS))
def test_what_is_vietnamese_as_typed_is_decoded_beside_certain_texts_only(text, font):
    typed = encode(text, font)
    other = as_typed(typed, FONTS[1 - FONTS.index(font)])
    assume(not may_be_either(text) and not valid(other.lower()) and not _USUAL & set(typed.split()))
    assert decode_block([typed, encode("Phường Quyết Thắng", font)])[0] == text
    if valid(typed):
        assert decode_legacy(typed) == typed


# --- what stays --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "café Müller", "résumé", "São Paulo", "Côte d'Ivoire", "Genève", "José", "crème brûlée",
        "Hà Nội", "Tô Hiệu", "Xã Hòa Bình", "là", "Excel®", "m²", "µ", "25 µm", "½", "2 × 3",
        "10 °C ± 1", "© 2020", "Hua La¹", "«Hà»", "in­fra­structure", "Sôn La", "03646", "",
        "TÃ¢m", "Quyáº¿t",
    ],
)  # fmt: skip
def test_what_no_font_explains_or_is_vietnamese_stays(text):
    assert decode_legacy(text) == text


@given(cased)
def test_vietnamese_in_any_unicode_form_is_only_composed(text):
    for form in (text, unicodedata.normalize("NFD", text), compose_tones_only(text)):
        assume(set(text) & set("ăđĩũơư") or set(text) & set(map(chr, range(0x1EA0, 0x1EFA))))
        assert decode_legacy(form) == text


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_plain_letters_stay(text):
    assert decode_legacy(text) == text


@given(st.text())
def test_nothing_breaks_it_and_a_second_time_changes_nothing_more(text):
    once = decode_legacy(text)
    assert unicodedata.is_normalized("NFC", once)


def test_letters_that_look_like_d_are_repaired_in_vietnamese_words_only():
    assert decode_legacy("Ðen, QÐ-UBND, ÐÔNG SANG") == "Đen, QĐ-UBND, ĐÔNG SANG"
    assert decode_legacy("Chiềng Ɖen") == "Chiềng Đen"
    assert decode_legacy("Guðrun Ðorðe") == "Guðrun Ðorðe"


# --- a block decides what a cell cannot --------------------------------------------------


def test_a_block_of_one_font_decides_a_text_that_can_be_read_twice():
    assert decode_block(["Sè hé", "ChiÒng LÒ", "Póng Tra"]) == ["Số hộ", "Chiềng Lề", "Púng Tra"]
    assert decode_block(["Sôn La", "Phöôøng"]) == ["Sơn La", "Phường"]


def test_beside_unicode_only_a_word_of_every_office_is_decoded():
    texts = ["Tô Hiệu", "Kh«ng", "Cã", "Póng Tra", "Xã"]
    assert decode_block(texts) == ["Tô Hiệu", "Không", "Có", "Póng Tra", "Xã"]


def test_two_fonts_in_one_block_are_decoded_each_and_decide_nothing():
    texts = ["ChiÒng LÒ", "Phöôøng", "Sôn La"]
    assert decode_block(texts) == ["Chiềng Lề", "Phường", "Sôn La"]


# --- a CSV -------------------------------------------------------------------------------

BODY = "mã,tên\n03646,Phường Chiềng Lề\n03649,Tô Hiệu có hộ nghèo\n03673,Bản Hay\n"


def in_cp1258(text: str) -> bytes:
    return compose_tones_only(text).encode("cp1258")


@pytest.mark.parametrize(
    "content",
    [
        BODY.encode(),
        BODY.encode("utf-8-sig"),
        BODY.encode("utf-16"),
        b"\xfe\xff" + BODY.encode("utf-16-be"),
        BODY.encode("utf-16-le"),
        BODY.encode("utf-16-be"),
        in_cp1258(BODY),
        encode(BODY, TCVN3).encode("latin-1"),
        encode(BODY, VNI).encode("latin-1"),
    ],
    ids=[
        "utf8",
        "utf8-mark",
        "utf16",
        "utf16be",
        "utf16le-bare",
        "utf16be-bare",
        "cp1258",
        "tcvn3",
        "vni",
    ],
)
def test_a_csv_is_read_in_the_encoding_that_makes_it_vietnamese(tmp_path, content):
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    cells = read_sheets(file)[0].cells.tolist()
    assert cells == [line.split(",") for line in BODY.splitlines()]


def test_one_broken_byte_does_not_spoil_a_csv(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes(BODY.encode() + b"\xff,x\n")
    cells = read_sheets(file)[0].cells[:4].tolist()
    assert cells == [line.split(",") for line in BODY.splitlines()]


# --- speed -------------------------------------------------------------------------------


def test_a_hundred_thousand_texts_take_about_a_second():
    names = [encode(f"Phường {name}", font) for name in CITY for font in FONTS]
    texts = [f"{names[at % len(names)]} {at}" for at in range(100_000)]
    began = time.process_time()
    for text in texts:
        decode_legacy(text)
    assert time.process_time() - began < 3  # measured: 0.8 s; other work on the machine is slower
