"""Names as they are read, and the terms they are found by."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shuke.zh import pinyin, script, terms


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("王伟", "wangwei", "ww"),
        ("罗静磊", "luojinglei", "ljl"),
        ("单白", "shanbai", "sb"),
        ("曾雨", "zengyu", "zy"),
        ("仇露", "qiulu", "ql"),
        ("解茗", "xieming", "xm"),
        ("查芽", "zhaya", "zy"),
        ("朴春", "piaochun", "pc"),
        ("乐茶", "yuecha", "yc"),
        ("盖尖", "gejian", "gj"),
        ("尉迟恭", "yuchigong", "ycg"),
        ("万俟露", "moqilu", "mql"),
        ("欧阳娜娜", "ouyangnana", "oynn"),
        ("長孫露", "zhangsunlu", "zsl"),
        ("吕翠", "lvcui", "lc"),
        ("Li Wei", "liwei", "lw"),
        ("", "", ""),
    ],
)
def test_a_name_is_read_as_people_read_it(name: str, full: str, initials: str) -> None:
    assert pinyin.full(name) == full
    assert pinyin.initials(name) == initials


def test_a_surname_is_found_by_its_other_reading_too() -> None:
    assert {"shanbai", "danbai", "sb", "db"} <= terms.name_terms("单白")


def test_a_name_gives_every_ending_in_characters_pinyin_and_initials() -> None:
    assert terms.name_terms("罗静磊") == {
        "罗静磊", "静磊", "磊", "luojinglei", "jinglei", "lei", "ljl", "jl"
    }  # fmt: skip


def test_traditional_full_width_and_marked_spellings_fold_to_one() -> None:
    assert script.fold(" 羅・靜磊\u202e\u200b ") == script.fold("罗静磊") == "罗静磊"
    assert script.fold("ＡＮＮＡ·王") == "anna王"


def test_a_phone_gives_its_digits_forwards_and_backwards_without_the_country() -> None:
    assert terms.phone_terms("+8615400006621") == {"15400006621", "~12660000451"}
    assert terms.phone_terms("+8657188001234") == {"057188001234", "~432100881750"}
    assert terms.phone_terms("+85291234567") == {"85291234567", "~76543219258"}


def test_terms_stay_few_and_short_for_a_name_without_end() -> None:
    made = terms.terms_for("单" * 5000, ["1" * 400], ["x" * 300 + "@example.com"])
    assert len(made) < 300
    assert max(map(len, made)) == terms.TERM_LENGTH


def test_a_word_of_letters_becomes_a_range_that_ends_before_the_next_word() -> None:
    word = terms.query_terms("Wang").whole
    assert word is not None
    assert word.ranges[0].low == "wang"
    assert "wang" <= "wangwei" < word.ranges[0].high
    assert word.ranges[0].high < "wanh"


@pytest.mark.parametrize(
    ("typed", "segments"),
    [("luojl", ("luo", "j", "l")), ("王xl", ("王", "x", "l")), ("罗静lei", ("罗", "静", "lei"))],
)
def test_mixtures_are_read_unit_by_unit(typed: str, segments: tuple[str, ...]) -> None:
    word = terms.query_terms(typed).whole
    assert word is not None
    assert segments in [guess.segments for guess in word.guesses]


def test_spelling_is_checked_against_the_name() -> None:
    assert terms.is_spelt("罗静磊", ("luo", "j", "l"))
    assert terms.is_spelt("小罗静磊", ("罗", "j", "lei"))
    assert not terms.is_spelt("李金兰", ("luo", "j", "l"))


@pytest.mark.parametrize(
    "typed", ["+86 154 0000 6621", "8615400006621", "154-0000-6621", "００８６15400006621"]
)
def test_a_typed_phone_is_read_without_country_and_signs(typed: str) -> None:
    word = terms.query_terms(typed).whole
    assert word is not None
    assert word.text == "15400006621"


def test_sort_keys_group_the_same_character_and_put_the_nameless_last() -> None:
    names = ["张茶", "汪露", "王白", "单白", "王露", "", "曾雨", "安茗"]
    assert sorted(names, key=pinyin.sort_key) == ["安茗", "单白", "汪露", "王白", "王露", "曾雨", "张茶", ""]


def test_mandarin_has_its_syllables() -> None:
    assert {"a", "zhuang", "xiong", "lv", "er"} <= pinyin.syllables()
    assert not {"b", "ng", "wangw", ""} & pinyin.syllables()
    assert len(pinyin.syllables()) == 409


@given(
    st.text(
        st.sampled_from("王伟欧阳歐陽单曾仇尉迟〇A b1·.-é①ﬁ㈱½℃e\u0301\u3099がｶﾞ각\u1100\u1161\0ÀⅣ"),
        max_size=8,
    )
)
@settings(max_examples=400)
def test_sort_keys_taken_by_character_are_those_taken_by_unit(name: str) -> None:
    units = script.split_units(name)
    assert pinyin._spaced_keys(name) == [pinyin._toned_reading[unit] for unit in units]


@given(st.lists(st.text(max_size=6), max_size=6))
@example(["王伟", "欧阳娜娜", "Li Wei", "", "曾\n小贤", "尉迟", "㐂子", "é e\u0301"])
def test_many_sort_keys_are_those_of_each_name(names: list[str]) -> None:
    others = [f"1540000000{place}" for place in range(len(names))]
    single = [pinyin.sort_key(name, other) for name, other in zip(names, others, strict=True)]
    assert pinyin.sort_keys(names, others) == single
