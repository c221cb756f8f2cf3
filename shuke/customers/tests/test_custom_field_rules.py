"""What a value of an own field is: read from words, kept, said again."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuke.customers.rules import custom
from shuke.customers.rules.custom import Choice, Shape, Unfit, checked, guessed_kind, read_words, typed_words

TASTES = (Choice(3, "清香"), Choice(1, "浓香"), Choice(2, "陈香", is_hidden=True))
MANY, CHOICE = Shape(custom.MANY, TASTES), Shape(custom.CHOICE, TASTES)


@pytest.mark.parametrize(
    ("kind", "words", "value"),
    [
        (custom.TEXT, "  爱喝\t老茶 ", "爱喝 老茶"),
        (custom.TEXT, "'=1+1", "=1+1"),
        (custom.TEXT, "'90后", "'90后"),
        (custom.TEXT, "无", "无"),
        (custom.LONG, "第一行\r\n第二行 ", "第一行\n第二行"),
        (custom.NUMBER, "１２，３４５.50", "12345.5"),
        (custom.NUMBER, "-0.0", "0"),
        (custom.NUMBER, "0.1234", "0.1234"),
        (custom.MONEY, "¥1,280.5", 128050),
        (custom.MONEY, "0", 0),
        (custom.MONEY, "-3.2万", -3200000),
        (custom.DATE, "2026年11月8日", "2026-11-08"),
        (custom.DATE, "2026/2/29 ", None),
        (custom.DATE, "20261128", "2026-11-28"),
        (custom.DATE, "2026-11-28 00:00:00", "2026-11-28"),
        (custom.FLAG, "是", True),
        (custom.FLAG, "No", False),
        (custom.LINK, "example.com/茶", "https://example.com/茶"),
        (custom.LINK, "HTTP://example.com", "HTTP://example.com"),
        (custom.LINK, "example.com:8080", "https://example.com:8080"),
        (custom.LINK, "javascript:alert(1)//a.bc", None),
        (custom.LINK, "https://user@example.com", None),
        (custom.LINK, 'https://example.com/"onclick', None),
        (custom.NUMBER, "十二", None),
        (custom.NUMBER, "1.23456", None),
        (custom.NUMBER, "1000000000000", None),
        (custom.MONEY, "很贵", None),
        (custom.FLAG, "也许", None),
        (custom.TEXT, "长" * 201, None),
    ],
)
def test_words_become_a_value_or_say_what_to_mend(kind: str, words: str, value: object) -> None:
    if value is None:
        with pytest.raises(Unfit):
            read_words(Shape(kind), words)
    else:
        assert read_words(Shape(kind), words) == value


def test_choices_are_found_by_their_name_and_several_are_parted() -> None:
    assert read_words(CHOICE, " 浓香 ") == 1
    assert read_words(MANY, "浓香，清香；浓香") == [1, 3]
    assert typed_words(MANY, [1, 3]) == "清香、浓香"  # in the order of the field
    with pytest.raises(Unfit):
        read_words(CHOICE, "果香")


def test_programs_give_values_of_the_right_type_only() -> None:
    assert checked(Shape(custom.NUMBER), Decimal("2.50")) == "2.5"
    assert checked(Shape(custom.MONEY), 128050) == 128050
    assert checked(CHOICE, 2) == 2
    assert checked(MANY, ["3", 1]) == [1, 3]
    assert checked(MANY, []) is None
    assert checked(Shape(custom.FLAG), False) is False
    for shape, value in (
        (Shape(custom.NUMBER), True),
        (Shape(custom.NUMBER), 1.5),
        (Shape(custom.MONEY), "x"),
        (CHOICE, 9),
        (CHOICE, True),
        (MANY, 3),
        (Shape(custom.TEXT), 12),
        (Shape(custom.FLAG), 1),
    ):
        with pytest.raises(Unfit):
            checked(shape, value)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([], custom.TEXT),
        (["是", "否", "是"], custom.FLAG),
        (["2026-01-02", "2026/3/4"], custom.DATE),
        (["12", "3.5", "-7"], custom.NUMBER),
        (["¥12.00", "¥3.50"], custom.MONEY),
        (["12.00", "3.50"], custom.MONEY),
        (["0571001", "0571002"], custom.TEXT),
        (["13800000000123", "13800000000124"], custom.TEXT),
        (["https://a.example/x", "b.example/y"], custom.LINK),
        (["清香", "浓香"] * 5, custom.CHOICE),
        (["清香、浓香", "浓香", "陈香，清香"] * 5, custom.MANY),
        (["长" * 300], custom.LONG),
        (["第一行\n第二行"], custom.LONG),
        (["王", "李", "张", "赵", "钱", "孙", "周"], custom.TEXT),
    ],
)
def test_the_kind_of_a_column_is_guessed_from_its_cells(cells: list[str], kind: str) -> None:
    assert guessed_kind(cells) == kind


@given(st.text(max_size=80))
def test_reading_what_was_kept_gives_the_same(words: str) -> None:
    for kind in (custom.TEXT, custom.LONG):
        kept = read_words(Shape(kind), words)
        assert kept is None or read_words(Shape(kind), kept) == kept


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=4))
def test_any_number_and_amount_is_typed_again_as_it_is_kept(number: Decimal) -> None:
    kept = checked(Shape(custom.NUMBER), number)
    assert read_words(Shape(custom.NUMBER), typed_words(Shape(custom.NUMBER), kept)) == kept
    assert Decimal(kept) == number
    fen = int(number)
    assert read_words(Shape(custom.MONEY), typed_words(Shape(custom.MONEY), fen)) == fen


def test_a_code_names_one_field() -> None:
    assert custom.id_in(custom.code_of(12)) == custom.id_in(custom.name_of(12)) == 12
    assert [custom.id_in(code) for code in ("custom", "custom_", "custom_x", "customs_1", "custom_1.2")] == [
        None
    ] * 5
