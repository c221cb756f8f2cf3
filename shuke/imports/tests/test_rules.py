"""Cells are read exactly, and the fast reader says the same as the exact one."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuke.imports import rules
from shuke.imports.rules import Hints, Unreadable, columns

HINTS = Hints(ZoneInfo("Asia/Shanghai"), datetime(2026, 12, 31))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026/1/3 9:05", datetime(2026, 1, 3, 9, 5)),
        ("20260103", datetime(2026, 1, 3)),
        ("20260103 0905", datetime(2026, 1, 3, 9, 5)),
        ("2026年1月3日 9时5分", datetime(2026, 1, 3, 9, 5)),
        ("2026年1月3日 下午3:05", datetime(2026, 1, 3, 15, 5)),
        ("2026-01-03T09:05:06Z", datetime(2026, 1, 3, 17, 5, 6)),
        ("2026-01-03 09:05:06 +0800", datetime(2026, 1, 3, 9, 5, 6)),
        ("46025", datetime(2026, 1, 3)),
        ("46025.378472222", datetime(2026, 1, 3, 9, 5)),
        ("1767402300", datetime(2026, 1, 3, 9, 5)),
        ("１/３/2026".replace("１/３", "31/１"), datetime(2026, 1, 31)),
        ("2026.1.3 周六", datetime(2026, 1, 3)),
    ],
)
def test_moments_are_read_in_the_forms_of_chinese_exports(text: str, moment: datetime) -> None:
    assert rules.parse_moment(text, HINTS) == moment


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("明天", "bad_moment"),
        ("2026-02-30", "bad_moment"),
        ("03/04/2025", "day_or_month"),
        ("2062-01-01", "moment_in_future"),
        ("1970-01-01", "moment_too_old"),
        ("=NOW()", "formula"),
    ],
)
def test_moments_that_cannot_be_read_say_why(text: str, code: str) -> None:
    with pytest.raises(Unreadable) as problem:
        rules.parse_moment(text, HINTS)
    assert problem.value.code == code


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("￥1,234.50", 123450),
        ("1,234.5元", 123450),
        ("１２３．４５", 12345),
        ("(12.00)", -1200),
        ("12.00-", -1200),
        ("-0.5", -50),
        ("1.2345E+3", 123450),
        ("¥ 99", 9900),
        ("3万元", 3_000_000),
        ("0", 0),
        ("0.005", 1),
    ],
)
def test_amounts_are_read_in_the_forms_of_chinese_exports(text: str, fen: int) -> None:
    assert rules.parse_amount_fen(text) == fen


@pytest.mark.parametrize("text", ["一百多块", "12,34,5", "1.2.3", "abc", "=SUM(A1:A2)", "99999999999999"])
def test_amounts_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        rules.parse_amount_fen(text)


def test_quantities_may_carry_their_unit() -> None:
    assert [rules.parse_quantity(text) for text in ("2件", "x3", "0.5斤", "-1")] == [
        Decimal("2.000"), Decimal("3.000"), Decimal("0.500"), Decimal("-1.000"),
    ]  # fmt: skip


def test_a_phone_that_a_spreadsheet_spoiled_is_named_as_such() -> None:
    assert rules.plain_key("15400000001.0") == "15400000001"
    with pytest.raises(Unreadable) as problem:
        rules.plain_key("1.54E+10")
    assert problem.value.code == "key_lost_digits"


def _exactly(text: str, read: object) -> tuple[object, str | None]:
    try:
        return read(text), None  # type: ignore[operator]
    except Unreadable as problem:
        return None, problem.code


MOMENT_TEXTS = st.one_of(
    st.datetimes(datetime(1970, 1, 1), datetime(2040, 1, 1)).flatmap(
        lambda m: st.sampled_from(
            [
                "%Y-%m-%d %H:%M:%S",
                "%Y/%m/%d %H:%M",
                "%Y%m%d",
                "%Y-%m-%d",
                "%Y/%m/%d",
                "%Y年%m月%d日",
                "%d/%m/%Y",
                "%Y%m%d%H%M%S",
            ]
        ).map(m.strftime)
    ),
    st.from_regex(r"\A\d{4}[-/]\d{1,2}[-/]\d{1,2}( \d{1,2}:\d{2}(:\d{2})?)?\Z"),
    st.integers(0, 10**14).map(str),
)
AMOUNT_TEXTS = st.one_of(
    st.decimals(-(10**6), 10**6, places=2).map(str),
    st.decimals(-(10**6), 10**6, places=4).map(str),
    st.from_regex(r"\A[-(¥￥]?\d{1,4}(,\d{3})*(\.\d{0,3})?[)元-]?\Z"),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(MOMENT_TEXTS, min_size=1, max_size=30))
def test_fast_and_exact_moments_agree(texts: list[str]) -> None:
    tidy = columns.tidy(pl.Series("x", texts, dtype=pl.String))
    parsed = columns.read_moments(tidy, HINTS)
    expected = [
        _exactly(text, lambda t: rules.parse_moment(t, HINTS)) if text else (None, None) for text in tidy
    ]
    assert list(zip(parsed.values.to_list(), parsed.problems.to_list(), strict=True)) == expected


@settings(max_examples=150, deadline=None)
@given(st.lists(AMOUNT_TEXTS, min_size=1, max_size=30))
def test_fast_and_exact_amounts_agree(texts: list[str]) -> None:
    tidy = columns.tidy(pl.Series("x", texts, dtype=pl.String))
    parsed = columns.read_amounts(tidy)
    expected = [_exactly(text, rules.parse_amount_fen) if text else (None, None) for text in tidy]
    assert list(zip(parsed.values.to_list(), parsed.problems.to_list(), strict=True)) == expected


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=20))
def test_fast_and_exact_tidying_agree(texts: list[str]) -> None:
    cleaned = [rules.clean(text) for text in texts]
    expected = [None if rules.is_nothing(text) else text for text in cleaned]
    assert columns.tidy(pl.Series("x", texts, dtype=pl.String)).to_list() == expected


@pytest.mark.parametrize(
    ("cells", "is_clean"),
    [
        (["王伟", "15400000001", ""], True),
        ([], True),
        ([None, "a b"], True),
        (["茶（特级）"], False),  # full width: looked at cell by cell
        ([" a"], False),
        (["a "], False),
        (["'007"], False),
        (['="007"'], False),
        (["a\tb"], False),
        (["a\u200b"], False),
        (["\u00a0a"], False),
        (["\u3000"], False),
    ],
)
def test_a_column_is_clean_by_its_bytes_only_when_no_cell_would_change(
    cells: list[str], is_clean: bool
) -> None:
    column = pl.Series("c", cells, dtype=pl.String)
    assert columns._is_clean(column) is is_clean
    assert columns._is_clean(pl.concat([pl.Series("c", ["x "]), column]).slice(1)) is is_clean


@given(
    st.lists(st.text(st.sampled_from("a王 \t'=\"\u200b\ufeff\u00a0\u3000-无\x7f（"), max_size=5), max_size=6)
)
def test_tidying_by_the_million_says_what_cleaning_one_by_one_says(cells: list[str]) -> None:
    cleaned = [rules.clean(cell) for cell in cells]
    expected = [None if rules.is_nothing(cell) else cell for cell in cleaned]
    assert columns.tidy(pl.Series("c", cells, dtype=pl.String)).to_list() == expected
