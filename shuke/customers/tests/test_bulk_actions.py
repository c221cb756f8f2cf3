"""Doing something to many: whom it reaches, what the numbers say, a kill on the way, and taking it back."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from shuke.customers import ports, services
from shuke.customers.models import ChangeProblem, ChangeSet, ChangeSetPart, Customer
from shuke.customers.ports import Applied, IdSource
from shuke.customers.queries import tags_of
from shuke.customers.services import Selection
from shuke.customers.services.bulk_actions import running
from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.team import testing as team
from shuke.team.models import Staff
from shuke.zh import fictional

pytestmark = pytest.mark.django_db


def people(count: int, **fields: Any) -> list[int]:
    store = fields.pop("store_id", team.store().pk)
    return [customer(f"客{n}", phone=fictional.phone(n), store_id=store, **fields).pk for n in range(count)]


def started(actor: Staff, kind: str, ids: Iterable[int], **arguments: Any) -> int:
    return services.start_bulk(
        actor=actor,
        kind=kind,
        selection=Selection(tuple(ids)),
        arguments=arguments,
        in_background=False,
    )


def done(actor: Staff, kind: str, ids: Iterable[int], **arguments: Any) -> ChangeSet:
    set_id = started(actor, kind, ids, **arguments)
    services.run_bulk(set_id)
    return ChangeSet.objects.get(pk=set_id)


def figures(row: ChangeSet) -> tuple[str, int, int, int, int]:
    assert row.done == row.changed + row.unchanged + row.failed
    return row.state, row.total, row.changed, row.unchanged, row.failed


def test_tagging_many_adds_up_and_tells_why_somebody_was_left_out() -> None:
    cast, ids = team.cast(), people(4)
    elsewhere = customer("远客", phone=fictional.phone(90), store_id=cast.other_store.pk).pk
    services.tag_customers(actor=cast.lin, customer_ids=ids[:1], names=["送礼"])
    row = done(cast.wang, "tag", [*ids, elsewhere, 999_999_999], tags=["送礼"])
    assert figures(row) == ("done", 6, 3, 1, 2)
    assert tags_of(ids) == {pk: ["送礼"] for pk in ids}
    reasons = dict(ChangeProblem.objects.values_list("customer_id", "reason"))
    assert reasons == {elsewhere: "这位客户不在您的范围内。", 999_999_999: "这位客户已经删除或并入别人了。"}
    assert tags_of([elsewhere]) == {}


def test_a_killed_run_goes_on_where_it_stood_and_changes_nobody_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "PART", 2)
    cast, ids = team.cast(), people(5)
    set_id = started(cast.lin, "tag", ids, tags=["送礼"])
    running._write_down(ChangeSet.objects.get(pk=set_id))
    assert running._do_part(set_id) is True  # and then the worker was killed
    assert len(tags_of(ids)) == 2
    services.run_bulk(set_id)
    services.run_bulk(set_id)
    row = ChangeSet.objects.get(pk=set_id)
    assert figures(row) == ("done", 5, 5, 0, 0)
    assert ChangeSetPart.objects.filter(change_set=row, is_done=True).count() == 3
    services.undo_changeset(cast.lin, set_id, in_background=False)
    assert tags_of(ids) == {}


def test_everybody_of_a_filter_is_written_down_before_the_first_one_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "PART", 2)
    cast, ids = team.cast(), people(5)

    def without_city(actor: Any, text: str) -> Iterable[int]:
        return (
            Customer.objects.filter(city="", name__startswith=text)
            .order_by("pk")
            .values_list("pk", flat=True)
        )

    source = IdSource(without_city, lambda actor, text: 5)
    ports.register_id_source("test", source)
    set_id = services.start_bulk(
        actor=cast.lin,
        kind="edit",
        selection=Selection(source="test", text="客"),
        arguments={"field": "city", "value": "绍兴"},
        in_background=False,
    )
    services.run_bulk(set_id)
    assert figures(ChangeSet.objects.get(pk=set_id)) == ("done", 5, 5, 0, 0)
    assert Customer.objects.filter(pk__in=ids, city="绍兴").count() == 5


def test_one_odd_record_does_not_hold_up_the_others() -> None:
    class Fragile:
        code, label, icon, permission, order, is_grave = "fragile", "试", "tag", "customers.edit", 99, False

        def title(self, arguments: Any) -> str:
            return "试"

        def apply(self, *, actor: Any, audit_id: int, customers: Any, arguments: Any) -> Applied:
            if arguments["odd"] in customers:
                raise RuntimeError("odd record")
            return Applied(
                running.ports.bulk_kind("tag")
                .apply(  # type: ignore[union-attr]
                    actor=actor, audit_id=audit_id, customers=customers, arguments={"tags": ["好"]}
                )
                .changes
            )

    ports.register_bulk_kind(Fragile())  # type: ignore[arg-type]
    cast, ids = team.cast(), people(3)
    row = done(cast.lin, "fragile", ids, odd=ids[1])
    ports._kinds.pop("fragile")
    assert figures(row) == ("done", 3, 2, 0, 1)
    assert sorted(tags_of(ids)) == [ids[0], ids[2]]


def test_account_managers_and_stores_are_set_and_put_back() -> None:
    cast, ids = team.cast(), people(3)
    given = done(cast.lin, "assign", ids, account_manager_id=cast.wang.pk, name="王小茶")
    assert given.title == "分配给王小茶"
    assert set(Customer.objects.values_list("account_manager_id", flat=True)) == {cast.wang.pk}
    moved = done(cast.owner, "store", ids, store_id=cast.other_store.pk, name="山门店")
    assert set(Customer.objects.values_list("store_id", flat=True)) == {cast.other_store.pk}
    services.undo_changeset(cast.owner, moved.pk, in_background=False)
    services.undo_changeset(cast.lin, given.pk, in_background=False)
    assert set(Customer.objects.values_list("store_id", "account_manager_id")) == {(cast.store.pk, None)}


def test_somebody_known_by_a_member_number_alone_is_edited_like_the_others() -> None:
    cast = team.cast()
    nameless = Customer.objects.create(member_number="M9", store=cast.store)
    row = done(cast.lin, "edit", [nameless.pk, *people(1)], field="city", value="绍兴")
    assert figures(row) == ("done", 2, 2, 0, 0)
    nameless.refresh_from_db()
    assert nameless.city == "绍兴"


def test_who_would_lose_sight_of_a_customer_does_not_move_them_away() -> None:
    cast, ids = team.cast(), people(1)
    row = done(cast.wang, "store", ids, store_id=cast.other_store.pk, name="山门店")
    assert figures(row) == ("done", 1, 0, 0, 1)
    assert Customer.objects.get(pk=ids[0]).store_id == cast.store.pk


def test_a_kind_reads_its_answers_carefully() -> None:
    from django.core.exceptions import ValidationError

    cast = team.cast()
    tag, assign, edit = (ports.bulk_kind(code) for code in ("tag", "assign", "edit"))
    assert tag and assign and edit
    assert tag.read(cast.lin, {"tags": ["送礼， 爱白茶;送礼\u202e"]}) == {"tags": ["爱白茶", "送礼"]}
    for kind, given in (
        (tag, {"tags": [" "]}),
        (tag, {"tags": ["长" * 41]}),
        (assign, {"account_manager": ["no"]}),
        (assign, {"account_manager": [str(cast.zhou.pk)]}),
        (edit, {"field": ["deleted_at"], "value": ["x"]}),
        (edit, {"field": ["city"], "value": ["长" * 41]}),
    ):
        with pytest.raises(ValidationError):
            kind.read(cast.lin, given)


@pytest.mark.parametrize("visitor", ["stranger", "analyst"])
def test_those_without_the_right_begin_nothing(visitor: str) -> None:
    cast, chen = team.cast(), regular_chen()
    with pytest.raises(PermissionDenied):
        started(getattr(cast, visitor), "tag", [chen.pk], tags=["送礼"])
    with pytest.raises(PermissionDenied):
        started(cast.wang, "delete", [chen.pk])
    assert not ChangeSet.objects.exists()


def test_who_lost_the_right_meanwhile_changes_nothing() -> None:
    cast, ids = team.cast(), people(2)
    set_id = started(cast.wang, "tag", ids, tags=["送礼"])
    Staff.objects.filter(pk=cast.wang.pk).update(is_active=False)
    with pytest.raises(PermissionDenied):
        services.run_bulk(set_id)
    assert ChangeSet.objects.get(pk=set_id).state == "failed"
    assert tags_of(ids) == {}


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_the_page_asks_starts_shows_and_takes_back() -> None:
    cast, chen, zhao = team.cast(), regular_chen(), lapsed_zhao()
    client = signed_in(cast.wang)
    chosen = {"kind": "tag", "ids": [chen.pk, zhao.pk], "source": "list", "text": "stage=loyal"}
    asked = client.post(reverse("customers:bulk_ask"), chosen)
    assert asked.status_code == 200
    page = asked.content.decode()
    assert "2 位客户" in page and f'name="ids" value="{chen.pk}"' in page and "?stage=loyal" in page
    refused = client.post(reverse("customers:bulk_start"), chosen | {"tags": ""})
    assert refused.status_code == 422 and "请写一个标签" in refused.content.decode()
    begun = client.post(reverse("customers:bulk_start"), chosen | {"tags": "<b>送礼</b>"})
    set_id = ChangeSet.objects.get().pk
    assert begun.headers["Location"] == reverse("customers:changeset", args=[set_id])
    busy = client.get(reverse("customers:changeset_progress", args=[set_id]))
    assert "hx-get" in busy.content.decode() and "HX-Refresh" not in busy.headers
    services.run_bulk(set_id)
    over = client.get(reverse("customers:changeset_progress", args=[set_id]))
    assert over.headers["HX-Refresh"] == "true"
    result = client.get(reverse("customers:changeset", args=[set_id])).content.decode()
    assert "2 = 2 + 0 + 0" in result and "<b>送礼" not in result and "&lt;b&gt;送礼&lt;/b&gt;" in result
    client.post(reverse("customers:changeset_undo", args=[set_id]))
    assert tags_of([chen.pk, zhao.pk]) == {}
    assert "2 处已经改回原样" in client.get(reverse("customers:changeset", args=[set_id])).content.decode()
    assert "加标签" in client.get(reverse("customers:changesets")).content.decode()


@pytest.mark.parametrize(
    ("visitor", "status"),
    [("stranger", 403), ("analyst", 403), ("zhou", 404), ("wang", 404), ("lin", 200), ("owner", 200)],
)
def test_a_set_is_shown_to_who_made_it_and_to_who_may_undo(visitor: str, status: int) -> None:
    cast, chen = team.cast(), regular_chen()
    row = done(cast.lin, "tag", [chen.pk], tags=["送礼"])
    addresses = [
        reverse("customers:changeset", args=[row.pk]),
        reverse("customers:changeset_progress", args=[row.pk]),
    ]
    for address in addresses:
        assert Client().get(address).status_code == 302
        assert signed_in(getattr(cast, visitor)).get(address).status_code == status
    if status != 200:
        answer = signed_in(getattr(cast, visitor)).post(reverse("customers:changeset_undo", args=[row.pk]))
        assert answer.status_code == status
        assert tags_of([chen.pk]) == {chen.pk: ["送礼"]}


def test_picking_nobody_or_a_list_nobody_offers_leads_back() -> None:
    client = signed_in(team.cast().wang)
    for given in ({"ids": ["x", "-1", "１２", "9" * 30]}, {"everyone": "1", "source": "nothing"}, {}):
        answer = client.post(reverse("customers:bulk_ask"), {"kind": "tag", **given})
        assert answer.status_code == 302
    assert client.post(reverse("customers:bulk_ask"), {"kind": "drop table"}).status_code == 404


def test_one_item_of_the_history_is_taken_back_from_the_page() -> None:
    cast, chen = team.cast(), regular_chen()
    services.change_customer(actor=cast.lin, customer_id=chen.pk, city="绍兴")
    panel = reverse("customers:changes_panel", args=[chen.pk])
    client = signed_in(cast.wang)
    from shuke.customers.models import FieldChange

    change = FieldChange.objects.get()
    address = reverse("customers:undo_change", args=[chen.pk, change.pk])
    assert address in client.get(panel).content.decode()
    assert address not in signed_in(cast.analyst).get(panel).content.decode()
    for visitor, status in (("stranger", 403), ("analyst", 403), ("zhou", 404)):
        assert signed_in(getattr(cast, visitor)).post(address).status_code == status
    assert Customer.objects.get(pk=chen.pk).city == "绍兴"
    wrong = reverse("customers:undo_change", args=[lapsed_zhao().pk, change.pk])
    assert client.post(wrong).status_code == 404
    client.post(address)
    assert Customer.objects.get(pk=chen.pk).city == ""
    assert "已撤回" in client.get(panel).content.decode()


def test_the_result_page_costs_the_same_for_one_trouble_and_for_many(
    django_assert_max_num_queries: Any,
) -> None:
    cast, ids = team.cast(), people(12, store_id=team.cast().other_store.pk)
    row = done(cast.lin, "tag", ids, tags=["送礼"])
    assert figures(row) == ("done", 12, 0, 0, 12)
    client = signed_in(cast.owner)
    client.get(reverse("customers:changesets"))
    with django_assert_max_num_queries(12):
        page = client.get(reverse("customers:changeset", args=[row.pk])).content.decode()
    assert page.count("这位客户不在您的范围内。") == 12
