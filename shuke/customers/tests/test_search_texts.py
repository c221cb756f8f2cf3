"""Finding by what was written down, by tags and companies, with a slip; and why somebody was found."""

import pytest
from django.utils import timezone

from shuke.customers import handlers, queries
from shuke.customers.events import (
    CustomFieldOpened,
    InteractionChanged,
    InteractionLogged,
    InteractionRemoved,
)
from shuke.customers.jobs import index_pending
from shuke.customers.models import CompanyContact, Interaction, SearchText
from shuke.customers.queries import texts
from shuke.customers.queries.custom import forget_known_fields
from shuke.customers.services import (
    Touch,
    change_customer,
    custom_fields,
    index_terms,
    log_interaction,
    set_custom_values,
    tag_customers,
)
from shuke.customers.services.custom_values import write_values_of_many
from shuke.customers.testing import customer
from shuke.team import testing as team
from shuke.team.queries import SYSTEM, Actor
from shuke.zh import fictional

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


def names(text: str, actor: Actor = SYSTEM) -> list[str]:
    return [found.name for found in queries.search_customers(actor, text)]


def reason(text: str, actor: Actor = SYSTEM) -> str:
    match = queries.search_customers(actor, text)[0].match
    words = "".join(f"[{piece.text}]" if piece.is_hit else piece.text for piece in match.pieces)
    return f"{match.label} {words}".strip()


def touched(pk: int, body: str, kind: str = "call") -> None:
    touch = log_interaction(actor=SYSTEM, customer_id=pk, touch=Touch(kind, body, happened_at=timezone.now()))
    handlers.index_words_of_touch(InteractionLogged(customer_id=pk, interaction_id=touch.pk))


@pytest.mark.parametrize(
    "typed",
    ["白茶礼盒", "白茶", "茶禮", "礼盒 岳父", "岳父 iph", "iphone", "罗 礼盒", "luo 岳父", "6621 礼盒"],
)
def test_customers_are_found_by_what_was_written_about_them(typed: str) -> None:
    luo = customer("罗静磊", phone=fictional.phone(6621), note="白茶礼盒送岳父")
    touched(luo.pk, "用 iPhone 下的单")
    touched(customer("罗不同").pk, "白的茶没有了，盒子礼品也没有")
    assert names(typed) == ["罗静磊"]


def test_only_the_words_themselves_count_not_their_pairs() -> None:
    touched(customer("罗静磊").pk, "白茶好，茶礼多，礼盒贵")
    assert names("白茶礼盒") == []


def test_a_changed_note_and_a_touch_taken_back_are_not_found_any_more() -> None:
    luo = customer("罗静磊", note="白茶礼盒")
    change_customer(actor=SYSTEM, customer_id=luo.pk, note="普洱")
    assert (names("白茶"), names("普洱")) == ([], ["罗静磊"])


def test_nobody_about_whom_nothing_is_written_has_a_row() -> None:
    luo = customer("罗静磊", note="白茶")
    customer("王伟")
    assert list(SearchText.objects.values_list("customer_id", flat=True)) == [luo.pk]
    change_customer(actor=SYSTEM, customer_id=luo.pk, note="")
    assert not SearchText.objects.exists()


def test_a_clerk_finds_words_of_customers_within_reach_only() -> None:
    cast = team.cast()
    customer("罗静磊", note="爱喝白茶", store_id=cast.store.pk)
    customer("王秀兰", note="爱喝白茶", store_id=cast.other_store.pk)
    customer("赵松烟", note="爱喝白茶", store_id=cast.other_store.pk, account_manager_id=cast.wang.pk)
    assert sorted(names("白茶", cast.wang)) == ["罗静磊", "赵松烟"]
    assert sorted(names("白茶", cast.owner)) == ["王秀兰", "罗静磊", "赵松烟"]
    assert names("白茶", cast.stranger) == []
    change_customer(actor=SYSTEM, customer_id=queries.found_ids(SYSTEM, "王秀兰")[0], store_id=cast.store.pk)
    assert sorted(names("白茶", cast.wang)) == ["王秀兰", "罗静磊", "赵松烟"]


def test_tags_and_the_company_one_works_for_find_a_person_too() -> None:
    luo, company = customer("罗静磊"), customer("栖谷文化公司", kind="company")
    customer("王伟")
    tag_customers(actor=SYSTEM, customer_ids=[luo.pk], names=["白茶爱好者"])
    CompanyContact.objects.create(company=company, person=luo)
    index_terms([luo.pk])
    assert names("爱好者") == ["罗静磊"]
    assert names("罗 白茶") == ["罗静磊"]
    assert names("栖谷") == ["栖谷文化公司", "罗静磊"]
    assert reason("爱好者") == "标签 白茶[爱好者]"
    assert reason("罗 qgwh") == "单位 [栖谷文化]公司"
    assert [name for _pk, name in queries.tags_found(SYSTEM, "白茶")] == ["白茶爱好者"]
    assert queries.tags_found(team.stranger(), "白茶") == []


@pytest.mark.parametrize("typed", ["wanwei", "wagnwei", "wangwwi", "wangewi"])
def test_one_slip_in_a_latin_word_is_forgiven_when_nothing_else_is_found(typed: str) -> None:
    customer("王伟")
    customer("李白茶")
    assert names(typed) == ["王伟"]
    assert reason(typed) == "读音相近 wangwei"


def test_no_slip_is_looked_for_when_somebody_was_found() -> None:
    customer("王伟")
    customer("万伟")
    assert names("wanwei") == ["万伟"]


def test_a_slip_spells_no_address_to_who_reads_contacts_masked() -> None:
    cast = team.cast()
    customer("王伟", email="tea.chen@example.com", store_id=cast.store.pk)
    assert names("tea.chan@", cast.lin) == ["王伟"]
    assert names("tea.chan@", cast.wang) == []
    assert names("wagnwei", cast.wang) == ["王伟"]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("罗静", ""),
        ("ljl", ""),
        ("6621", "手机尾号 [6621]"),
        ("1540000", "手机开头 [1540000]"),
        ("+86 154-0000 6621", "手机 [15400006621]"),
        ("tea", "邮箱 luo.[tea]@example.com"),
        ("luo_tea", "微信 [luo_tea]"),
        ("vip-0077", "会员号 [VIP-0077]"),
        ("罗 岳父", "备注 白茶礼盒送[岳父]"),
    ],
)
def test_each_customer_found_says_why(typed: str, why: str) -> None:
    customer(
        "罗静磊",
        phone=fictional.phone(6621),
        email="luo.tea@example.com",
        wechat="luo_tea",
        member_number="VIP-0077",
        note="白茶礼盒送岳父",
    )
    assert reason(typed) == why


def test_reasons_show_a_clerk_no_more_of_a_contact_than_the_page_does() -> None:
    cast = team.cast()
    customer("罗静磊", email="luo.tea@example.com", wechat="luo_tea_2026", store_id=cast.store.pk)
    assert reason("luo.tea", cast.wang) == "邮箱 l***@example.com"
    assert "luo_tea_2026" not in reason("luo_tea", cast.wang)
    assert reason("luo.tea", cast.lin) == "邮箱 [luo.tea]@example.com"


def test_hostile_words_stay_words() -> None:
    customer(f"王{HOSTILE}", note=f"白茶{HOSTILE}")
    assert reason("白茶") == f"备注 [白茶]{HOSTILE}"
    assert names("<script>") == [f"王{HOSTILE}"]
    for typed in ("%白茶", "白茶'; drop table", "白茶\x00", "\x00", "\\", "{白茶}"):
        queries.search_customers(SYSTEM, typed)


def test_worth_orders_equals_and_exact_comes_before_worth() -> None:
    plain, dear, exact = customer("王伟一"), customer("王伟二"), customer("王伟")

    def worth(ids: object) -> dict[int, float]:
        return {plain.pk: 1.0, dear.pk: 900.0, exact.pk: 0.0}

    found = queries.search_customers(SYSTEM, "王伟", worth_of=worth)
    assert [one.id for one in found] == [exact.pk, dear.pk, plain.pk]


def test_common_words_give_the_newest_customers_and_stop_there() -> None:
    SearchText.objects.bulk_create(
        SearchText(customer_id=pk, keys=[7, texts.block_marker(pk), texts.store_marker(1 + pk % 2)])
        for pk in range(1, 60_000, 11)
    )
    newest = 1 + (60_000 - 2) // 11 * 11
    assert texts.ids_by_text([7], None, 3) == [newest, newest - 11, newest - 22]
    assert texts.ids_by_text([7], [1], 2) == [pk for pk in range(newest, 0, -11) if pk % 2 == 0][:2]
    assert len(texts.ids_by_text([7], None, 10_000)) == SearchText.objects.count()
    assert texts.ids_by_text([7], [], 5) == [] == texts.ids_by_text([8], None, 5)


def test_words_of_a_changed_or_removed_touch_follow_it() -> None:
    luo = customer("罗静磊")
    touch = log_interaction(actor=SYSTEM, customer_id=luo.pk, touch=Touch("call", "要白茶"))
    Interaction.objects.filter(pk=touch.pk).update(body="要普洱")
    changed = InteractionChanged(customer_id=luo.pk, interaction_id=touch.pk)
    handlers.index_words_of_mended_touch(changed)
    assert (names("白茶"), names("普洱")) == ([], ["罗静磊"])
    Interaction.objects.filter(pk=touch.pk).update(removed_at=timezone.now())
    handlers.forget_words_of_removed_touch(InteractionRemoved(customer_id=luo.pk, interaction_id=touch.pk))
    assert names("普洱") == []


def own_field(name: str = "口味", kind: str = "text", **more: bool) -> int:
    form = custom_fields.FieldForm(name=name, kind=kind, **more)
    return custom_fields.define_field(actor=SYSTEM, form=form).pk


@pytest.mark.parametrize(
    ("kind", "value", "typed", "why"),
    [
        ("text", "兰花香的单丛", "单丛", "口味 兰花香的[单丛]"),
        ("long", "先要兰花香\n后来要蜜香", "蜜香", "口味 先要兰花香 后来要[蜜香]"),
        ("link", "https://example.com/orchid", "orchid", "口味 https://example.com/[orchid]"),
    ],
)
def test_words_of_the_shops_own_fields_find_a_customer_and_say_why(
    kind: str, value: str, typed: str, why: str
) -> None:
    luo, field_id = customer("罗静磊"), own_field(kind=kind)
    set_custom_values(actor=SYSTEM, customer_id=luo.pk, values={field_id: value})
    assert (names(typed), names(f"罗 {typed}"), reason(typed)) == (["罗静磊"], ["罗静磊"], why)
    set_custom_values(actor=SYSTEM, customer_id=luo.pk, values={field_id: None})
    assert names(typed) == []


def test_what_a_bulk_action_wrote_is_found_at_once() -> None:
    luo, field_id = customer("罗静磊"), own_field()
    write_values_of_many({luo.pk: {field_id: "兰花香的单丛"}})
    assert names("单丛") == ["罗静磊"]


def test_nobody_finds_a_customer_by_a_sensitive_or_retired_field() -> None:
    luo, field_id = customer("罗静磊"), own_field()
    set_custom_values(actor=SYSTEM, customer_id=luo.pk, values={field_id: "兰花香的单丛"})
    custom_fields.change_field(actor=SYSTEM, field_id=field_id, is_sensitive=True)
    forget_known_fields()
    assert names("单丛") == []
    index_terms([luo.pk])
    assert not SearchText.objects.exists()
    custom_fields.change_field(actor=SYSTEM, field_id=field_id, is_sensitive=False)
    forget_known_fields()
    handlers.index_words_of_field(CustomFieldOpened(field_id=field_id))
    index_pending()
    assert names("单丛") == ["罗静磊"]
    custom_fields.archive_field(actor=SYSTEM, field_id=field_id, is_archived=True)
    forget_known_fields()
    assert names("单丛") == []


def test_a_field_that_is_no_words_finds_nobody() -> None:
    luo, field_id = customer("罗静磊"), own_field(kind="number")
    set_custom_values(actor=SYSTEM, customer_id=luo.pk, values={field_id: "12345"})
    assert names("12345") == [] and not SearchText.objects.exists()
