"""Every kind of entry end to end: made through its own door, on the page, with who, when, channel and direction."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from shuke.customers.models import Customer
from shuke.customers.services import (
    NextStep,
    Touch,
    change_customer,
    finish_follow_up,
    follow_customer,
    log_interaction,
    merging,
    plan_follow_up,
)
from shuke.customers.testing import customer, regular_chen
from shuke.imports import services as imports
from shuke.imports.testing import csv_bytes
from shuke.kernel import clock
from shuke.kernel.events import handler_paths
from shuke.kernel.models import EventRow
from shuke.kernel.outbox import deliver
from shuke.orders.services import NewBehaviour, record_behaviour
from shuke.orders.testing import sell
from shuke.team.models import Notice
from shuke.team.queries import SYSTEM
from shuke.team.testing import Cast, cast
from shuke.zh.fictional import phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def chen(people: Cast) -> Customer:
    return regular_chen(store_id=people.store.pk)


def entries(staff: Any, pk: int, query: str = "") -> list[Any]:
    client = Client()
    client.force_login(staff)
    page = client.get(f"/customers/{pk}/timeline/?{query}").context["timeline"]
    return [entry for _day, found in page.days for entry in found]


def only(staff: Any, pk: int, kind: str) -> Any:
    found = entries(staff, pk, f"kind={kind}")
    assert len(found) == 1, [entry.title for entry in found]
    return found[0]


@pytest.mark.parametrize(
    ("kind", "title", "direction"),
    [
        ("note", "备注", ""),
        ("call", "电话", "out"),
        ("sms", "短信", "out"),
        ("wechat", "微信", "in"),
        ("email", "邮件", "out"),
        ("visit", "拜访", "out"),
        ("meeting", "见面", "in"),
        ("gift", "礼物", ""),
    ],
)
def test_a_touch_says_who_when_how_and_who_began(
    people: Cast, chen: Customer, kind: str, title: str, direction: str
) -> None:
    moment = clock.now() - timedelta(days=3)
    touch = Touch(kind, "聊了新茶", direction=direction or "out", channel="门店电话", happened_at=moment)
    log_interaction(actor=people.wang, customer_id=chen.pk, touch=touch)
    entry = only(people.lin, chen.pk, kind)
    assert (entry.title, entry.body, entry.who, entry.happened_at) == (title, "聊了新茶", "王小茶", moment)
    assert (entry.channel, entry.direction) == ("门店电话", direction)
    assert [one.id for one in entries(people.lin, chen.pk, "text=新茶")] == [entry.id]


@pytest.mark.parametrize("kind", ["browse", "search", "click"])
def test_what_a_customer_looked_at_stands_there(people: Cast, chen: Customer, kind: str) -> None:
    moment = clock.now() - timedelta(hours=5)
    seen = NewBehaviour(chen.pk, kind, "2024 白毫银针", moment, f"e-{kind}", channel="小程序")
    record_behaviour(actor=SYSTEM, behaviour=seen)
    entry = only(people.wang, chen.pk, kind)
    assert (entry.title, entry.channel, entry.direction) == ("2024 白毫银针", "小程序", "in")
    assert entry.happened_at == moment


def test_orders_and_returns_stand_there_with_their_sums(people: Cast, chen: Customer) -> None:
    day = clock.today() - timedelta(days=9)
    sell("A1", customer_id=chen.pk, on=day, channel="门店", store_id=people.store.pk)
    sell("R1", customer_id=chen.pk, on=day + timedelta(days=1), is_return=True)
    order, back = only(people.wang, chen.pk, "order"), only(people.wang, chen.pk, "return")
    assert (order.title, order.amount_fen, order.channel, order.who) == ("白毫银针", 36_800, "门店", "湖畔店")
    assert (back.title, back.amount_fen) == ("白毫银针", -36_800)


def test_a_finished_follow_up_and_a_change_stand_there(people: Cast, chen: Customer) -> None:
    step = plan_follow_up(actor=people.wang, customer_id=chen.pk, step=NextStep("回访新茶", clock.today()))
    finish_follow_up(actor=people.wang, follow_up_id=step.pk, result="约了周末")
    done = only(people.lin, chen.pk, "follow_up")
    assert (done.title, done.who) == ("完成跟进：回访新茶", "王小茶")
    change_customer(actor=people.lin, customer_id=chen.pk, occupation="老师")
    change = next(one for one in entries(people.lin, chen.pk, "kind=change") if one.source == "change")
    assert (change.title, change.body, change.who) == ("修改资料", "职业", "林店长")


def test_an_import_that_made_a_customer_stands_there_with_its_file(
    people: Cast, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    rows = [["姓名", "手机号", "来源", "备注"], ["导入甲", phone(41), "展会", "x"]]
    run = imports.receive_file(
        actor=people.owner, name="名单.csv", chunks=[csv_bytes(rows)], target="customers"
    )
    imports.start_run(actor=people.owner, run_id=run.pk, in_background=False)
    imports.run_import(run.pk)
    entry = only(people.owner, Customer.objects.get(name="导入甲").pk, "import")
    assert (entry.title, entry.body, entry.channel) == ("从导入建档", "名单.csv", "展会")


def test_a_merge_stands_there_and_the_changes_of_the_other_say_whose_they_were(people: Cast) -> None:
    one = customer("王秀兰", store_id=people.store.pk)
    other = customer("秀兰", store_id=people.store.pk)
    third = customer("王女士", store_id=people.store.pk)
    change_customer(actor=people.lin, customer_id=third.pk, occupation="老师")
    merging.merge_customers(actor=people.lin, winner_id=other.pk, loser_id=third.pk)
    merge = merging.merge_customers(actor=people.lin, winner_id=one.pk, loser_id=other.pk)
    found = entries(people.lin, one.pk)
    assert [entry.who for entry in found if entry.kind == "merge"] == ["林店长", "林店长"]
    titles = [entry.title for entry in found]
    assert "修改资料（合并进来的 王女士）" in titles
    assert "建档（合并进来的 秀兰）" in titles
    assert titles.count("建档") == 1
    merging.unmerge(actor=people.lin, merge_id=merge.pk)
    assert [t for t in (entry.title for entry in entries(people.lin, one.pk)) if "合并进来" in t] == []


def test_a_mentioned_colleague_and_a_follower_are_told_by_the_page(people: Cast, chen: Customer) -> None:
    follow_customer(actor=people.owner, customer_id=chen.pk)
    client = Client()
    client.force_login(people.wang)
    given = {"kind": "note", "body": "@林店长 请看一下"}
    client.post(f"/customers/{chen.pk}/log/", given, headers={"HX-Request": "true"})
    for row in EventRow.objects.filter(name="InteractionLogged"):
        for path in handler_paths(row.name):
            deliver(event_id=row.pk, handler=path)
    assert only(people.lin, chen.pk, "note").body == given["body"]
    told = Notice.objects.order_by("kind").values_list("kind", "staff__username")
    assert list(told) == [("followed", "su"), ("mentioned", "lin")]
    client.force_login(people.lin)
    assert "陈茶香" in client.get("/notices/").content.decode()
