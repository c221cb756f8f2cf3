"""Everything somebody may type to find a customer."""

import pytest

from shuke.customers import queries
from shuke.customers.rules import IdentityKeys
from shuke.customers.services import Arrival, change_customer, identify_customer
from shuke.customers.testing import customer
from shuke.team import testing as team
from shuke.team.queries import SYSTEM
from shuke.zh import fictional

pytestmark = pytest.mark.django_db


def names(text: str) -> list[str]:
    return [found.name for found in queries.search_customers(SYSTEM, text)]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("罗静磊", "罗静磊"),
        ("罗静磊", "罗静"),
        ("罗静磊", "静磊"),
        ("罗静磊", "磊"),
        ("罗静磊", "羅靜磊"),
        ("羅靜磊", "罗静磊"),
        ("罗静磊", "luojinglei"),
        ("罗静磊", "luo'jing'lei"),
        ("罗静磊", "luo jing lei"),
        ("罗静磊", "LuoJing"),
        ("罗静磊", "jinglei"),
        ("罗静磊", "ljl"),
        ("罗静磊", "LJL"),
        ("罗静磊", "luojl"),
        ("罗静磊", "ljlei"),
        ("罗静磊", "罗静lei"),
        ("罗静磊", "罗jl"),
        ("罗静磊", "罗 磊"),
        ("罗静磊", "lei luo"),
        ("王伟", "王伟"),
        ("王伟", "伟"),
        ("王伟", "王"),
        ("王伟", "wangwei"),
        ("王伟", "ww"),
        ("王伟", "wang w"),
        ("王伟", "wangw"),
        ("王伟", "ｗａｎｇｗｅｉ"),
        ("单晓茶", "shan"),
        ("单晓茶", "shanxc"),
        ("单晓茶", "dan"),
        ("曾谷雨", "zeng"),
        ("仇白露", "qiu"),
        ("解春芽", "xie"),
        ("查茗", "zha"),
        ("朴银针", "piao"),
        ("尉迟茶山", "yuchi"),
        ("万俟露", "moqi"),
        ("欧阳娜娜", "ouyang"),
        ("欧阳娜娜", "oynn"),
        ("吕翠", "lv"),
        ("吕翠", "lu"),
        ("Li Wei", "li wei"),
        ("Li Wei", "wei"),
        ("Anna·王", "王"),
        ("🍵小李", "小李"),
        ("𠮷田茶", "𠮷"),
    ],
)
def test_a_name_is_found_as_people_type_it(name: str, typed: str) -> None:
    customer("黄不同", phone=fictional.phone(1))
    customer(name)
    assert names(typed) == [name]


@pytest.mark.parametrize(
    "typed",
    [
        "15400006621",
        "154000066",
        "154",
        "6621",
        "06621",
        "00006621",
        "+8615400006621",
        "8615400006621",
        "0086 154 0000 6621",
        "154-0000-6621",
        "１５４０",
        "白 6621",
        "6621 bai",
        "bai.cha@example.com",
        "BAI.cha@",
        "bai.cha",
        "vip-0077",
        "VIP0077",
        "cha_bai",
    ],
)
def test_a_customer_is_found_by_numbers_and_addresses(typed: str) -> None:
    customer("黄不同", phone="13900001111")
    customer(
        "白茶香",
        phone=fictional.phone(6621),
        email="Bai.Cha@example.com",
        member_number="VIP-0077",
        wechat="cha_bai",
    )
    assert names(typed) == ["白茶香"]


@pytest.mark.parametrize("typed", ["", "   ", "'", "%", "_", "()", "\x00", "\u202e", "0000", "5400", "12"])
def test_nothing_is_found_by_signs_or_digits_from_the_middle(typed: str) -> None:
    customer("白茶香", phone=fictional.phone(6621))
    assert names(typed) == []


def test_a_landline_is_found_by_its_end_and_with_its_area_code() -> None:
    customer("白茶香", phone="0571-88001234")
    assert names("88001234") == ["白茶香"]
    assert names("0571") == ["白茶香"]
    assert names("+86 571 8800") == ["白茶香"]


def test_every_phone_of_a_customer_finds_it() -> None:
    chen = customer("陈茶香", phone=fictional.phone(1), member_number="M1")
    keys = IdentityKeys(member_number="M1", phone=fictional.phone(7788))
    assert identify_customer(actor=SYSTEM, keys=keys, arrival=Arrival(origin="till")) == chen.pk
    assert names("7788") == ["陈茶香"]


def test_exact_names_come_before_longer_ones_and_beginnings_before_middles() -> None:
    for name in ("小王伟", "王伟光", "王伟"):
        customer(name)
    assert names("王伟") == ["王伟", "王伟光", "小王伟"]
    assert names("wangwei") == ["王伟", "王伟光", "小王伟"]


def test_a_clerk_finds_only_customers_of_the_own_store_and_own_ones() -> None:
    cast = team.cast()
    customer("王伟", store_id=cast.other_store.pk)
    customer("王苇", store_id=cast.store.pk)
    customer("王薇", store_id=cast.other_store.pk, account_manager_id=cast.wang.pk)
    found = [found.name for found in queries.search_customers(cast.wang, "wangwei")]
    assert sorted(found) == ["王苇", "王薇"]
    assert [found.name for found in queries.search_customers(cast.zhou, "ww")] == ["王薇", "王伟"]


def test_a_stranger_finds_nobody() -> None:
    customer("王伟", store_id=team.store().pk)
    assert queries.search_customers(team.stranger(), "王伟") == []
    assert queries.found_ids(team.stranger(), "王伟") == []


def test_contacts_are_masked_for_a_clerk_and_readable_for_the_manager() -> None:
    customer("王伟", phone=fictional.phone(6621), store_id=team.store().pk)
    assert queries.search_customers(team.clerk_wang(), "6621")[0].phone == "154****6621"
    assert queries.search_customers(team.manager_lin(), "6621")[0].phone == "15400006621"


def test_a_change_of_name_or_store_is_found_at_once() -> None:
    cast = team.cast()
    someone = customer("王伟", store_id=cast.store.pk)
    change_customer(actor=SYSTEM, customer_id=someone.pk, name="单白", store_id=cast.other_store.pk)
    assert names("王伟") == []
    assert [f.name for f in queries.search_customers(cast.zhou, "shanbai")] == ["单白"]
    assert queries.search_customers(cast.wang, "shanbai") == []


def test_ids_for_lists_are_those_of_the_search() -> None:
    wei, guang = customer("王伟"), customer("王伟光")
    customer("李白")
    assert set(queries.found_ids(SYSTEM, "王伟")) == {wei.pk, guang.pk}
    assert set(queries.found_ids(SYSTEM, "wangwg")) == {guang.pk}
    assert set(queries.found_ids(SYSTEM, "伟 王")) == {wei.pk, guang.pk}


def test_names_sort_by_pinyin_with_nameless_ones_last() -> None:
    for name in ("张茶", "单白", "安茗", "曾雨", "Zed", "汪露", "王露", "王白"):
        customer(name)
    customer(phone=fictional.phone(3))
    ordered = [row.name for row in queries.visible_customers(SYSTEM).order_by("name_key")]
    assert ordered == ["安茗", "单白", "汪露", "王白", "王露", "Zed", "曾雨", "张茶", ""]
