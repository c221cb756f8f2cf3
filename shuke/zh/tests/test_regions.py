"""Addresses as people type and paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuke.zh import regions
from shuke.zh.credit_code import credit_code_check_sign, is_citizen_number, is_credit_code
from shuke.zh.regions import Region, parse_region


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("浙江省杭州市西湖区文三路 1 号", ("浙江省", "杭州市", "西湖区", "文三路 1 号")),
        ("浙江杭州西湖区文三路1号", ("浙江省", "杭州市", "西湖区", "文三路1号")),
        ("浙江省 杭州市 西湖区 文三路", ("浙江省", "杭州市", "西湖区", "文三路")),
        ("杭州市余杭区仓前街道", ("浙江省", "杭州市", "余杭区", "仓前街道")),
        ("北京朝阳区建国路88号", ("北京市", "北京市", "朝阳区", "建国路88号")),
        ("北京市市辖区海淀区中关村", ("北京市", "北京市", "海淀区", "中关村")),
        ("上海市浦东新区世纪大道100号", ("上海市", "上海市", "浦东新区", "世纪大道100号")),
        ("重庆市县云阳县", ("重庆市", "重庆市", "云阳县", "")),
        ("内蒙古锡林郭勒盟锡林浩特市", ("内蒙古自治区", "锡林郭勒盟", "锡林浩特市", "")),
        ("广西桂林阳朔县", ("广西壮族自治区", "桂林市", "阳朔县", "")),
        ("吉林市船营区", ("吉林省", "吉林市", "船营区", "")),
        ("青海省海南藏族自治州共和县", ("青海省", "海南藏族自治州", "共和县", "")),
        ("云南省大理市", ("云南省", "大理白族自治州", "大理市", "")),
        ("四川阿坝州九寨沟县", ("四川省", "阿坝藏族羌族自治州", "九寨沟县", "")),
        ("江苏省苏州市昆山市玉山镇", ("江苏省", "苏州市", "昆山市", "玉山镇")),
        ("广东省东莞市虎门镇", ("广东省", "东莞市", "", "虎门镇")),
        ("廣東省廣州市天河區體育西路", ("广东省", "广州市", "天河区", "體育西路")),
        ("中国香港中环", ("香港特别行政区", "香港特别行政区", "", "中环")),
        ("浙江", ("浙江省", "", "", "")),
        ("文三路1号", ("", "", "", "文三路1号")),
        ("北京路 5 号", ("", "", "", "北京路 5 号")),
        ("浙江大学玉泉校区", ("", "", "", "浙江大学玉泉校区")),
        ("朝阳小区3号楼", ("", "", "", "朝阳小区3号楼")),
        ("南京西路 100 号", ("", "", "", "南京西路 100 号")),
        ("<script>alert(1)</script>", ("", "", "", "<script>alert(1)</script>")),
        ("", ("", "", "", "")),
    ],
)
def test_an_address_is_taken_apart(text: str, found: tuple[str, str, str, str]) -> None:
    assert parse_region(text) == Region(*found)


@given(st.text(max_size=60))
def test_whatever_is_typed_the_end_of_it_stays_word_for_word(text: str) -> None:
    found = parse_region(text)
    assert " ".join(text.split()).endswith(found.detail)


def test_an_address_said_in_full_is_read_as_the_same_again() -> None:
    for text in ("浙江杭州西湖区文三路1号", "北京朝阳区建国路", "云南大理市", "广西桂林阳朔县西街"):
        found = parse_region(text)
        assert parse_region(str(found)) == found


@pytest.mark.parametrize(
    ("text", "province"),
    [
        ("广东", "广东省"),
        ("廣東", "广东省"),
        ("内蒙古", "内蒙古自治区"),
        ("北京", "北京市"),
        ("广东人", ""),
        ("", ""),
    ],
)
def test_a_province_gets_its_full_name(text: str, province: str) -> None:
    assert regions.normalise_province(text) == province


def test_there_are_34_provinces_and_their_cities() -> None:
    assert len(regions.provinces()) == 34
    assert regions.cities_of("浙江")[:2] == ["杭州市", "宁波市"]
    assert regions.cities_of("上海市") == ["上海市"]
    assert regions.cities_of("哪里") == []
    assert regions.province_of_city("杭州") == "浙江省"
    assert regions.normalise_city("杭州") == "杭州市"
    assert regions.normalise_city("湘西", "湖南省") == "湘西土家族苗族自治州"
    assert regions.normalise_city("某地") == "某地"


def test_a_credit_code_needs_its_check_character() -> None:
    first = "91330106MA2ABCDEF"
    code = first + "U"
    assert credit_code_check_sign(first) == "U"
    assert is_credit_code(code)
    wrong = [first + sign for sign in "0123456789ABCDEFGHJKLMNPQRTUWXY" if sign != code[17]]
    assert not any(is_credit_code(one) for one in wrong)
    assert not is_credit_code(code.lower())
    assert not is_credit_code(first)
    assert not is_credit_code("91330106MA2ABCDEI" + code[17])  # I is never used


def test_a_citizen_number_needs_its_check_digit() -> None:
    assert is_citizen_number("11010519491231002X")  # the example of the standard
    assert not is_citizen_number("110105194912310021")
    assert not is_citizen_number("11010519491231002")
