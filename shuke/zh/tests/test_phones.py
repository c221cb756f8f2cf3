"""归属地 as the tables say it, and nothing where they say nothing."""

import pytest

from shuke.zh import fictional, phones
from shuke.zh.phones import Origin


@pytest.mark.parametrize(
    ("number", "origin"),
    [
        ("+861012345678", Origin("北京市", "")),
        ("+8657100000000", Origin("浙江省杭州市", "")),
        ("+85200000000", Origin()),
        ("+12025550100", Origin()),
        (f"+86{fictional.phone(1)}", Origin()),  # a beginning that is not assigned
    ],
)
def test_a_number_tells_where_it_is_from_or_nothing(number: str, origin: Origin) -> None:
    assert phones.origin_of(number) == origin


def test_the_longest_beginning_counts() -> None:
    table = phones._Beginnings({"8613": "甲", "86130": "乙", "861301234": "丙"})
    assert [table.find(digits) for digits in ("8613912345678", "8613099999999", "8613012345678", "8655")] == [
        "甲", "乙", "丙", ""
    ]  # fmt: skip


def test_words_leave_out_what_is_not_known() -> None:
    assert Origin("浙江省杭州市", "中国移动").words == "浙江省杭州市 · 中国移动"
    assert Origin("", "中国移动").words == "中国移动"
    assert Origin().words == ""
