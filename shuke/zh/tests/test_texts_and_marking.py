"""Keys of running text, and showing what was found."""

import pytest

from shuke.zh import marking, terms, texts
from shuke.zh.marking import Piece


def shown(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"[{piece.text}]" if piece.is_hit else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("喜欢白茶礼盒", "白茶"),
        ("喜歡白茶禮盒", "白茶礼盒"),
        ("买了iPhone 15", "iph"),
        ("买了ＩＰＨＯＮＥ", "iphone"),
        ("20260103到货", "2026"),
    ],
)
def test_a_text_has_every_key_of_the_words_it_holds(text: str, typed: str) -> None:
    assert texts.asked_keys(typed) and texts.asked_keys(typed) <= texts.text_keys(text)
    assert texts.holds(texts.fold(text), texts.fold(typed))


@pytest.mark.parametrize("typed", ["", "茶", "a", " ", "。", "15400006621", "057188001234"])
def test_one_character_signs_and_whole_phones_are_not_looked_for_in_texts(typed: str) -> None:
    assert texts.asked_keys(typed) == frozenset()


def test_phones_in_a_text_give_no_keys() -> None:
    assert texts.text_keys("打 15400006621") == set()


def test_keys_of_pairs_are_their_own_and_all_fit_four_bytes() -> None:
    assert texts.text_keys("白茶") != texts.text_keys("茶白")
    assert all(0 <= key < 2**31 for key in texts.text_keys("㐀鿿鿿㐀 𠮷田 abcdefghijkl"))


def test_latin_words_are_found_from_their_beginning_only() -> None:
    assert not texts.holds("the aiphone", "iph")
    assert texts.holds("白茶iphone", "iph")


@pytest.mark.parametrize(
    ("name", "typed", "marked"),
    [
        ("罗静磊", "静", "罗[静]磊"),
        ("罗静磊", "luoj", "[罗静]磊"),
        ("罗静磊", "jinglei", "罗[静磊]"),
        ("罗静磊", "罗jl", "[罗静磊]"),
        ("羅靜磊", "罗 磊", "[羅]靜[磊]"),
        ("单晓茶", "shanxc", "[单晓茶]"),
        ("曾谷雨", "zeng", "[曾]谷雨"),
        ("Li Wei", "wei", "Li [Wei]"),
        ("㎏王", "kg", "[㎏]王"),
        ("王伟", "6621", "王伟"),
        ("王伟", "<b>", "王伟"),
        ("", "王", ""),
    ],
)
def test_what_was_typed_is_marked_in_a_name(name: str, typed: str, marked: str) -> None:
    assert shown(marking.in_name(name, typed)) == marked


def test_a_long_text_is_cut_around_what_was_found() -> None:
    text = "前面的话" * 20 + "\n白茶禮盒，" + "后面的话" * 20
    cut = shown(marking.in_text(text, ["白茶礼盒"]))
    assert cut == "…话" + "前面的话" * 3 + " [白茶禮盒]，" + "后面的话" * 6 + "后面的话后" + "…"


def test_a_short_text_is_shown_whole() -> None:
    assert shown(marking.in_text("送岳父的白茶", ["白茶", "岳父"])) == "送[岳父]的[白茶]"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wanwei", "wangwei"),
        ("wagnwei", "wangwei"),
        ("wangweii", "wangwei"),
        ("zangwei", "zhangwei"),
        ("niuxiang", "liuxiang"),
        ("xangwei", "wangwei"),
        ("chen.bai@exmple.cn", "chen.bai@example.cn"),
    ],
)
def test_one_slip_is_mended(typed: str, meant: str) -> None:
    assert meant in terms.misspellings(typed)


@pytest.mark.parametrize("typed", ["ww", "wan", "15400006621", "王伟", "a" * 21, ""])
def test_short_words_numbers_and_characters_are_taken_as_they_are(typed: str) -> None:
    assert terms.misspellings(typed) == ()


def test_an_address_is_found_by_each_part_before_the_at() -> None:
    assert terms.email_terms("Bai.Cha+tea@example.com") == {
        "bai.cha+tea@example.com",
        "cha+tea@example.com",
        "tea@example.com",
    }
