"""The language of filters, the fields, and the builder."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.test import Client
from django.utils.translation import override

from shuke.customers.models import Tag
from shuke.customers.rules.profile import InvoiceFields
from shuke.customers.services import (
    NextStep,
    Touch,
    change_customer,
    log_interaction,
    plan_follow_up,
    tag_customers,
)
from shuke.customers.services.invoices import save_invoice
from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.desk import testing
from shuke.desk.forms import COLUMNS, read_state
from shuke.desk.picking import count_of_list, ids_of_list
from shuke.desk.ports import Kind
from shuke.desk.queries.filtering import (
    BadFilter,
    Condition,
    Group,
    op_words,
    read,
    replaced,
    with_more,
    written,
)
from shuke.desk.queries.filtering.ready import ready_fields
from shuke.kernel import clock
from shuke.orders.services import rebuild_marks
from shuke.orders.testing import sell, tea
from shuke.team.queries import SYSTEM
from shuke.team.testing import Cast, cast

LIST = "/customers/"
LOYAL, RICH, MINE = (
    Condition("stage", "in", ("loyal",)),
    Condition("spent", "span", ("1000-",)),
    Condition("manager", "in", ("me",)),
)


@pytest.fixture
def people(db: None) -> Cast:
    return cast()


def signed_in(staff: Any) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def names(client: Client, query: str = "") -> list[str]:
    return [row.name for row in client.get(f"{LIST}{query}").context["page"].rows]


@pytest.mark.parametrize(
    ("group", "text"),
    [
        (Group(), ""),
        (Group((LOYAL,)), "stage.in.loyal"),
        (Group((LOYAL, RICH)), "stage.in.loyal~spent.span.1000-"),
        (Group((LOYAL, RICH), is_any=True), "any(stage.in.loyal~spent.span.1000-)"),
        (
            Group((MINE, Group((LOYAL, RICH), is_any=True))),
            "manager.in.me~any(stage.in.loyal~spent.span.1000-)",
        ),
        (
            Group((Group((LOYAL, RICH)), MINE), is_any=True),
            "any(all(stage.in.loyal~spent.span.1000-)~manager.in.me)",
        ),
        (
            Group((Condition("place", "in", ("a,b~c.d(e)", "杭州")),)),
            "place.in.a%2Cb%7Ec.d%28e%29,%E6%9D%AD%E5%B7%9E",
        ),
        (Group((Condition("tag", "none"),)), "tag.none"),
    ],
)
def test_a_filter_is_written_and_read_back(group: Group, text: str) -> None:
    assert written(group) == text
    assert read(text) == group


@pytest.mark.parametrize(
    "text",
    [
        "stage",
        "stage.",
        "~",
        "stage.in.x~",
        "any(stage.in.x",
        "any()",
        "stage.in.x)",
        "any(any(any(any(a.in.b))))",
        "customer__name.in.x" * 200,
        "~".join(["a.in.b"] * 31),
        "a.in." + ",".join("b" * 61),
        "Stage.in.x",
        "1=1.in.x",
    ],
)
def test_what_is_not_a_filter_is_refused(text: str) -> None:
    with pytest.raises(BadFilter):
        read(text)


def test_conditions_are_put_in_changed_and_taken_out() -> None:
    both = Group((LOYAL, RICH))
    assert with_more(both, MINE) == Group((LOYAL, RICH, MINE))
    either = Group((LOYAL, RICH), is_any=True)
    assert with_more(either, MINE) == Group((either, MINE))
    assert replaced(both, (0,), MINE) == Group((MINE, RICH))
    assert replaced(both, (0,), None) == Group((RICH,))
    assert replaced(Group((MINE, either)), (1, 0), None) == Group((MINE, Group((RICH,), is_any=True)))


def test_every_ready_field_answers_each_of_its_questions(people: Cast) -> None:
    testing.rows()
    values = {"choice": "1", "text": "杭州", "day": "20260101-20260202", "bought": "1,*2,<30"}
    owner = signed_in(people.owner)
    words = {"group": "key_value", "level": "high", "stage": "loyal", "phase": "mature", "gender": "female"}
    words |= {"trend": "rising"}
    words |= {
        "kind": "person",
        "follow": "open",
        "touch_kind": "call",
        "lacks": "birthday",
        "unsure": "phone",
    }
    for field in ready_fields(people.owner):
        code = field.code
        for op in field.ops:
            value = words.get(code, values.get(field.kind.value, "1-9"))
            page = owner.get(f"{LIST}?f={code}.{op}.{value}").context["page"]
            assert page.left_out == 0, (code, op)


@pytest.fixture
def trio(people: Cast) -> list[str]:
    """Chen: loyal, came 10 days ago, Hangzhou; Zhao: lapsed, a big spender; 无名 has never bought."""
    chen, zhao = regular_chen(store_id=people.store.pk), lapsed_zhao(store_id=people.store.pk)
    new = customer("无名", store_id=people.store.pk, account_manager_id=people.wang.pk)
    change_customer(
        actor=SYSTEM,
        customer_id=chen.pk,
        province="浙江省",
        city="杭州市",
        district="西湖区",
        gender="female",
        occupation="老师",
        education="bachelor",
        preferred_channel="none",
        birth_year=clock.today().year - 35,
        note="爱喝白茶",
    )
    today = clock.today()
    sell("A1", customer_id=chen.pk, on=today - timedelta(days=31))
    sell("A2", customer_id=chen.pk, on=today - timedelta(days=10), channel="小程序")
    sell("B1", customer_id=zhao.pk, on=today - timedelta(days=400), store_id=people.other_store.pk,
         lines=(tea(), tea("寿眉")))  # fmt: skip
    sell("B2", customer_id=zhao.pk, on=today - timedelta(days=390), is_return=True)
    rebuild_marks()
    log_interaction(actor=people.wang, customer_id=chen.pk, touch=Touch("call", "聊过了"))
    log_interaction(actor=people.lin, customer_id=zhao.pk, touch=Touch("note", "备注不算联系"))
    save_invoice(actor=SYSTEM, customer_id=new.pk, form=InvoiceFields(kind="person", title="无名"))
    tag_customers(actor=SYSTEM, customer_ids=[zhao.pk], names=["钓鱼"])
    Tag.objects.filter(name="钓鱼").update(category="interest")
    cache.clear()
    testing.value(
        chen, last_on=clock.today() - timedelta(days=10), spent_fen=100_000, next_expected_on=clock.today()
    )
    testing.value(
        zhao,
        last_on=clock.today() - timedelta(days=400),
        stage="lapsed",
        group="rescue",
        spent_fen=900_000,
        at_stake_fen=50_000,
        next_expected_on=clock.today() - timedelta(days=300),
    )
    tag_customers(actor=SYSTEM, customer_ids=[zhao.pk], names=["送礼"])
    plan_follow_up(actor=people.owner, customer_id=new.pk, step=NextStep("回访", clock.today()))
    testing.rows()
    return [chen.name, zhao.name, new.name]


FINDS = (
    ("stage.in.loyal", [0]),
    ("stage.not.loyal", [1, 2]),
    ("any(stage.in.loyal~spent.span.5000-)", [0, 1]),
    ("any(stage.in.loyal~all(stage.in.lapsed~spent.span.1-100))", [0]),
    ("last.span.0-30", [0]),
    ("last.span.365-", [1]),
    ("last.none", [2]),
    ("spent.span.1000-1000", [0]),
    ("tag.none", [0, 2]),
    ("tag.some", [1]),
    ("place.in.杭州", [0]),
    ("place.in.浙江", [0]),
    ("place.none", [1, 2]),
    ("gender.in.female", [0]),
    ("gender.in.unknown", [2]),
    ("follow.in.today", [2]),
    ("follow.in.nothing", [0, 1]),
    ("slipping.yes", [1]),
    ("slipping.no", [0, 2]),
    ("overdue.span.1-", [1]),
    ("next.span.0-7", [0]),
    ("next.none", [2]),
    ("phone.no", [2]),
    ("added.span.0-1", [0, 1, 2]),
    ("manager.in.0", [0, 1]),
    ("product.in.白毫银针", [0, 1]),
    ("product.in.寿眉", [1]),
    ("product.like.银", [0, 1]),
    ("product.all.白毫银针,寿眉", [1]),
    ("product.not.寿眉", [0, 2]),
    ("product.in.白毫银针,*2", [0]),
    ("product.in.白毫银针,<30", [0]),
    ("product.not.白毫银针,<30", [1, 2]),
    ("product.in.没卖过的", []),
    ("product.not.没卖过的", [0, 1, 2]),
    ("category.in.白茶,*2,<30", [0]),
    ("category.in.普洱", []),
    ("bought_through.in.小程序", [0]),
    ("bought_through.not.小程序", [1, 2]),
    ("bought_at.in.{store}", [1]),
    ("returned.yes", [1]),
    ("returned.no", [0, 2]),
    ("returns.span.1-1", [1]),
    ("returns.span.2-", []),
    ("returned_in.span.0-500", [1]),
    ("returned_in.span.0-30", []),
    ("any(returned.yes~product.in.白毫银针,*2)", [0, 1]),
    ("first.span.100-", [1]),
    ("first.none", [2]),
    ("basket.span.500-", [0, 1]),
    ("basket.span.600-", []),
    ("leaving.span.50-", [0, 1]),
    ("leaving.span.0-10", []),
    ("touched.span.0-1", [0]),
    ("touched.none", [1, 2]),
    ("touch_kind.in.call", [0]),
    ("touch_kind.not.call", [1, 2]),
    ("touch_by.in.{wang}", [0]),
    ("touch_by.in.me", []),
    ("preferred_channel.in.none", [0]),
    ("preferred_channel.not.none", [1, 2]),
    ("preferred_channel.none", [1, 2]),
    ("preferred_channel.some", [0]),
    ("occupation.in.老师", [0]),
    ("occupation.in.老师,茶农", [0]),
    ("occupation.not.老师", [1, 2]),
    ("district.in.西湖区", [0]),
    ("education.in.bachelor", [0]),
    ("income_band.some", []),
    ("age.span.30-40", [0]),
    ("age.span.0-20", []),
    ("age.none", [1, 2]),
    ("trait_interest.in.{fishing}", [1]),
    ("trait_interest.some", [1]),
    ("trait_interest.none", [0, 2]),
    ("run.none", [0, 1, 2]),
    ("run.in.77", []),
    ("changed.span.0-1", [0, 1, 2]),
    ("has_note.yes", [0]),
    ("has_address.no", [0, 1, 2]),
    ("has_birthday_month.no", [0, 1, 2]),
    ("has_household.yes", []),
    ("has_at_company.yes", []),
    ("has_invoice.yes", [2]),
    ("has_file.no", [0, 1, 2]),
)


def test_each_condition_finds_whom_it_names(people: Cast, trio: list[str]) -> None:
    """All in one: the three people are dear to make."""
    owner = signed_in(people.owner)
    ids = {"store": people.other_store.pk, "wang": people.wang.pk, "fishing": Tag.objects.get(name="钓鱼").pk}
    wrong = {}
    for text, found in FINDS:
        answer = sorted(names(owner, f"?f={text.format(**ids)}"))
        if answer != sorted(trio[place] for place in found):
            wrong[text] = answer
    assert wrong == {}


def test_me_is_whoever_looks(people: Cast, trio: list[str]) -> None:
    assert names(signed_in(people.wang), "?f=manager.in.me") == [trio[2]]
    assert names(signed_in(people.owner), "?f=manager.in.me") == []


@pytest.mark.parametrize(
    "text", ["nonsense.in.x", "stage.in.nowhere", "stage.span.1-2", "spent.span.x", "tag.in.送礼"]
)
def test_a_condition_without_sense_is_said_to_be_left_out(people: Cast, trio: list[str], text: str) -> None:
    answer = signed_in(people.owner).get(f"{LIST}?f={text}")
    assert answer.context["page"].left_out == 1
    assert "有 1 个条件现在用不了" in answer.content.decode()
    assert answer.context["bulk"].total == ""


@pytest.mark.parametrize("text", ["f=nonsense.in.x", "f=stage.in.loyal~", "f=any(stage.in.loyal~no.in.x)"])
def test_nothing_is_ever_done_to_everybody_because_a_filter_was_not_understood(
    people: Cast, trio: list[str], text: str
) -> None:
    assert list(ids_of_list(people.owner, text)) == []
    assert count_of_list(people.owner, text) == 0
    assert len(ids_of_list(people.owner, "")) == 3  # type: ignore[arg-type]


def test_chips_say_what_is_asked(people: Cast, trio: list[str]) -> None:
    query = "?f=stage.in.loyal,repeat~spent.span.1000-5000~last.span.31-90~any(slipping.yes~tag.none)"
    chips = signed_in(people.owner).get(f"{LIST}{query}").context["chips"]
    assert [(str(chip.label), chip.value) for chip in chips] == [
        ("阶段", "忠诚、复购"),
        ("累计消费", "1,000–5,000 元"),
        ("最近消费", "31–90 天前"),
        ("满足任一", "即将流失 是 或 标签 没有"),
    ]
    assert chips[1].clear == "?f=stage.in.loyal,repeat~last.span.31-90~any(slipping.yes~tag.none)"


def test_a_chip_is_edited_where_it_stands(people: Cast, trio: list[str]) -> None:
    owner = signed_in(people.owner)
    menu = owner.get("/customers/filter/one/?f=stage.in.loyal~spent.span.1000-&at=1").content.decode()
    assert 'name="c0.low" value="1000"' in menu
    answer = owner.get(
        "/customers/filter/set/?f=stage.in.loyal~spent.span.1000-&at=1&c0.field=spent&c0.op=span&c0.low=2,000&c0.high=50"
    )
    assert answer.url == "/customers/?f=stage.in.loyal~spent.span.50-2000"
    answer = owner.get("/customers/filter/set/?f=stage.in.loyal&sort=name&at=&c0.field=tag&c0.op=none")
    assert answer.url == "/customers/?f=stage.in.loyal~tag.none&sort=name"
    answer = owner.get("/customers/filter/set/?f=stage.in.loyal&at=0&c0.field=stage&c0.op=in")
    assert answer.url == "/customers/?"


def test_the_builder_turns_rows_into_a_filter_and_counts(people: Cast, trio: list[str]) -> None:
    owner = signed_in(people.owner)
    rows = (
        "rows=1&any0=0&any1=1&c0.field=kind&c0.op=in&c0.v=person&c0.group=0&c1.field=stage&c1.op=in&c1.v=loyal&c1.group=1"
        "&c2.field=spent&c2.op=span&c2.low=5000&c2.group=1"
    )
    count = owner.get(f"/customers/filter/count/?{rows}").content.decode()
    assert "2 位" in count
    shown = owner.get(f"/customers/filter/?{rows}&do=show&sort=name")
    assert shown.url == "/customers/?f=kind.in.person~any(stage.in.loyal~spent.span.5000-)&sort=name"
    page = owner.get(f"/customers/filter/?{shown.url.partition('?')[2]}")
    assert [(block.is_any, len(block.rows)) for block in page.context["blocks"]] == [(False, 1), (True, 2)]
    more = owner.get(f"/customers/filter/?{rows}&add1=tag")
    assert [row.field.code for row in more.context["blocks"][1].rows] == ["stage", "spent", "tag"]
    less = owner.get(f"/customers/filter/?{rows}&do=drop-1")
    assert [row.field.code for row in less.context["blocks"][0].rows] == ["kind", "spent"]


def test_columns_are_chosen_in_an_order(people: Cast, trio: list[str]) -> None:
    owner = signed_in(people.owner)
    assert owner.get("/customers/columns/?col=spent&col=store&col=x").url == "/customers/?cols=spent,store"
    answer = owner.get(f"{LIST}?cols=spent,store&sort=-spent")
    assert [column.code for column in answer.context["columns"]] == ["spent", "store"]
    assert "滨江店" in answer.content.decode() or people.store.name in answer.content.decode()
    assert read_state(QueryDict("cols=nonsense")).columns == read_state(QueryDict("")).columns


def test_every_column_shows_what_it_says(people: Cast, trio: list[str]) -> None:
    every = ",".join(COLUMNS)
    body = signed_in(people.owner).get(f"{LIST}?cols={every}").content.decode()
    first = (clock.today() - timedelta(days=400)).strftime("%Y")
    for words in (
        "老师",
        "本科",
        "不要联系",
        "爱喝白茶",
        "电话 · 王小茶",
        "¥500",
        "35",
        '<td class="np num-text">K',
    ):
        assert words in body, words
    assert first in body
    assert "备注不算联系" not in body


def test_groups_are_counted_and_open_their_part(people: Cast, trio: list[str]) -> None:
    answer = signed_in(people.owner).get("/customers/groups/?by=stage")
    assert [(one.value, one.count.number) for one, _query in answer.context["groups"]] == [
        ("prospect", 1),
        ("loyal", 1),
        ("lapsed", 1),
    ]
    assert answer.context["groups"][1][1] == "?f=stage.in.loyal&by=stage"


def test_a_clerk_counts_and_edits_only_what_is_within_reach(people: Cast) -> None:
    far = customer("远方", store_id=people.other_store.pk)
    testing.rows()
    wang = signed_in(people.wang)
    assert "0 位" in wang.get("/customers/filter/count/?rows=1").content.decode()
    assert wang.get("/customers/groups/?by=stage").context["groups"] == []
    assert wang.post(f"/customers/{far.pk}/cell/tags/", {"value": "x"}).status_code == 404
    assert wang.get(f"/customers/{far.pk}/cell/manager/").status_code == 404


FRAGMENTS = (
    "filter/",
    "filter/fields/",
    "filter/one/?field=stage",
    "filter/count/",
    "columns/",
    "menu/",
    "views/",
)


@pytest.mark.parametrize("address", FRAGMENTS)
def test_nobody_and_a_stranger_get_no_menu(people: Cast, address: str) -> None:
    assert Client().get(f"{LIST}{address}").status_code == 302
    assert signed_in(people.stranger).get(f"{LIST}{address}").status_code == 403


def test_a_cell_is_changed_where_it_stands(people: Cast) -> None:
    chen = regular_chen(store_id=people.store.pk)
    testing.rows()
    lin = signed_in(people.lin)
    assert "<select" in lin.get(f"/customers/{chen.pk}/cell/manager/").content.decode()
    answer = lin.post(f"/customers/{chen.pk}/cell/manager/", {"value": str(people.wang.pk)})
    assert answer.content.decode().strip() == people.wang.name
    chen.refresh_from_db()
    assert chen.account_manager_id == people.wang.pk
    shown = lin.post(f"/customers/{chen.pk}/cell/tags/", {"value": "送礼、<b>"}).content.decode()
    assert shown.count("chip") == 2 * 2 and "&lt;b&gt;" in shown
    assert 'value="陈茶香"' in lin.get(f"/customers/{chen.pk}/cell/name/").content.decode()
    assert lin.post(f"/customers/{chen.pk}/cell/name/", {"value": " "}).status_code == 422
    renamed = lin.post(f"/customers/{chen.pk}/cell/name/", {"value": "陈<i>茶"}).content.decode()
    assert renamed.strip() == "陈&lt;i&gt;茶"
    chen.refresh_from_db()
    assert (chen.name, chen.account_manager_id) == ("陈<i>茶", people.wang.pk)
    assert lin.post(f"/customers/{chen.pk}/cell/manager/", {"value": "x"}).status_code == 422
    assert lin.get(f"/customers/{chen.pk}/cell/note/").status_code == 404


def test_in_english_a_condition_is_and_a_flag_says_yes() -> None:
    with override("en"):
        assert op_words(Kind.CHOICE)["in"] == "is"
        assert op_words(Kind.FLAG)["yes"] == "Yes"
