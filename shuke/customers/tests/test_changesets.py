"""Sets of changes: what is remembered, what is put back, and what is left alone because somebody changed it since."""

import pytest
from django.core.exceptions import PermissionDenied

from shuke.customers import services
from shuke.customers.models import ChangeProblem, ChangeSet, Customer, FieldChange
from shuke.customers.queries import tags_of
from shuke.customers.queries.changes import customer_changes
from shuke.customers.services import changesets
from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.kernel.models import EventRow
from shuke.team import testing as team
from shuke.team.queries import SYSTEM
from shuke.zh import fictional
from shuke.zh.calendar import Birthday

pytestmark = pytest.mark.django_db


def remembered(pk: int) -> list[tuple[str, object, object, str]]:
    rows = FieldChange.objects.filter(customer_id=pk).order_by("pk")
    return list(rows.values_list("field", "before", "after", "undo"))


def undone(actor: object, set_id: int) -> ChangeSet:
    services.undo_changeset(actor, set_id, in_background=False)  # type: ignore[arg-type]
    return ChangeSet.objects.get(pk=set_id)


def test_a_saving_by_hand_is_remembered_field_by_field() -> None:
    cast, chen = team.cast(), regular_chen()
    services.change_customer(
        actor=cast.lin, customer_id=chen.pk, city="杭州", birthday=Birthday("lunar", 6, 15), tags=("送礼",)
    )
    lunar = {"calendar": "lunar", "month": 6, "day": 15, "is_leap": False}
    assert remembered(chen.pk) == [
        ("birthday", None, lunar, ""),
        ("city", None, "杭州", ""),
        ("tags", [], ["送礼"], ""),
    ]
    one = FieldChange.objects.get(field="city")
    assert (one.actor_id, one.change_set_id) == (cast.lin.pk, None)


def test_saving_without_a_change_and_adding_leave_no_history() -> None:
    chen = regular_chen(city="杭州")
    services.change_customer(actor=SYSTEM, customer_id=chen.pk, city="杭州")
    assert remembered(chen.pk) == []


def test_a_set_goes_back_as_a_whole_except_where_somebody_went_on() -> None:
    cast, chen, zhao = team.cast(), regular_chen(), lapsed_zhao()
    set_id = services.start_changeset(cast.lin, "edit", "改城市")
    with services.within_changeset(set_id):
        for one in (chen, zhao):
            services.change_customer(actor=cast.lin, customer_id=one.pk, city="绍兴", note="旧客")
    services.finish_changeset(set_id)
    services.change_customer(actor=cast.wang, customer_id=zhao.pk, city="宁波")
    row = undone(cast.lin, set_id)
    assert (row.state, row.changed, row.restored, row.kept) == (ChangeSet.State.UNDONE, 2, 3, 1)
    assert list(Customer.objects.order_by("pk").values_list("city", "note")) == [("", ""), ("宁波", "")]
    kept = FieldChange.objects.get(change_set_id=set_id, undo=FieldChange.Undo.KEPT)
    assert (kept.customer_id, kept.field) == (zhao.pk, "city")


def test_what_was_kept_can_still_be_put_back_on_purpose() -> None:
    cast, chen = team.cast(), regular_chen(city="湖州")
    services.change_customer(actor=cast.lin, customer_id=chen.pk, city="绍兴")
    services.change_customer(actor=cast.lin, customer_id=chen.pk, city="宁波")
    first = FieldChange.objects.order_by("pk")[0]
    answer = services.undo_field_change(actor=cast.wang, change_id=first.pk)
    chen.refresh_from_db()
    assert (answer.undo, chen.city) == (FieldChange.Undo.KEPT, "宁波")
    answer = services.undo_field_change(actor=cast.wang, change_id=first.pk, is_forced=True)
    chen.refresh_from_db()
    assert (answer.undo, chen.city) == (FieldChange.Undo.RESTORED, "湖州")
    newest = customer_changes(cast.lin, chen.pk).changes[0]
    assert (newest.who, newest.fields[0].before, newest.fields[0].after) == ("王小茶", "宁波", "湖州")


def test_putting_back_is_safe_to_repeat_and_goes_on_after_a_break() -> None:
    cast = team.cast()
    people = [customer(f"客{n}", phone=fictional.phone(n), store_id=cast.store.pk) for n in range(5)]
    set_id = services.start_changeset(cast.lin, "tag", "加标签")
    with services.within_changeset(set_id):
        services.tag_customers(actor=cast.lin, customer_ids=[p.pk for p in people], names=["送礼"])
    services.finish_changeset(set_id)
    ChangeSet.objects.filter(pk=set_id).update(state="undoing", arguments={"undone_by": cast.lin.pk})
    assert changesets._undo_chunk(set_id, 2) is True  # then the worker was killed
    assert len(tags_of([p.pk for p in people])) == 3
    services.run_undo(set_id, chunk=2)
    services.run_undo(set_id, chunk=2)
    row = ChangeSet.objects.get(pk=set_id)
    assert (row.state, row.restored, row.kept) == ("undone", 5, 0)
    assert tags_of([p.pk for p in people]) == {}
    with pytest.raises(services.NotUndoable):
        services.undo_changeset(cast.lin, set_id)


def test_a_tag_goes_back_alone_and_leaves_those_given_since() -> None:
    cast, chen = team.cast(), regular_chen(tags=("爱白茶",))
    set_id = services.start_changeset(cast.lin, "tag", "加标签")
    with services.within_changeset(set_id):
        services.tag_customers(actor=cast.lin, customer_ids=[chen.pk], names=["送礼"])
        services.untag_customers(actor=cast.lin, customer_ids=[chen.pk], names=["爱白茶"])
    services.tag_customers(actor=cast.lin, customer_ids=[chen.pk], names=["老客"])
    undone(cast.lin, set_id)
    assert tags_of([chen.pk])[chen.pk] == sorted(["爱白茶", "老客"])


def test_a_number_that_somebody_else_took_is_told_and_not_forced() -> None:
    cast, chen = team.cast(), regular_chen()
    old = chen.phone
    set_id = services.start_changeset(cast.lin, "edit", "换号")
    with services.within_changeset(set_id):
        services.change_customer(actor=cast.lin, customer_id=chen.pk, phone=fictional.phone(77))
    other = customer("后来人", phone=old, store_id=cast.store.pk)
    row = undone(cast.lin, set_id)
    chen.refresh_from_db()
    assert (row.restored, row.kept, chen.phone) == (0, 1, fictional.phone(77))
    problem = ChangeProblem.objects.get(change_set_id=set_id)
    assert (problem.customer_id, problem.is_of_undo) == (chen.pk, True)
    assert "另一位客户" in problem.reason
    other.refresh_from_db()
    assert other.phone == old


def test_who_moved_customers_out_of_sight_may_take_that_back() -> None:
    cast, chen = team.cast(), regular_chen()
    set_id = services.start_changeset(cast.lin, "store", "换店")
    with services.within_changeset(set_id):
        services.change_customer(actor=cast.owner, customer_id=chen.pk, store_id=cast.other_store.pk)
    row = undone(cast.lin, set_id)
    chen.refresh_from_db()
    assert (row.restored, chen.store_id) == (1, cast.store.pk)


@pytest.mark.parametrize("visitor", ["stranger", "analyst", "zhou", "wang"])
def test_others_may_not_take_back_a_managers_set(visitor: str) -> None:
    cast, chen = team.cast(), regular_chen()
    set_id = services.start_changeset(cast.lin, "edit", "改")
    with services.within_changeset(set_id):
        services.change_customer(actor=cast.lin, customer_id=chen.pk, city="绍兴")
    services.finish_changeset(set_id)
    with pytest.raises(PermissionDenied):
        services.undo_changeset(getattr(cast, visitor), set_id)
    assert ChangeSet.objects.get(pk=set_id).state == "done"
    assert Customer.objects.get(pk=chen.pk).city == "绍兴"


def test_a_single_change_out_of_reach_is_refused() -> None:
    cast, chen = team.cast(), regular_chen()
    services.change_customer(actor=cast.lin, customer_id=chen.pk, city="绍兴")
    change = FieldChange.objects.get(field="city")
    for visitor in (cast.stranger, cast.analyst, cast.zhou):
        with pytest.raises(PermissionDenied):
            services.undo_field_change(actor=visitor, change_id=change.pk)
    assert Customer.objects.get(pk=chen.pk).city == "绍兴"


def test_the_house_is_told_once_for_a_chunk() -> None:
    cast, chen, zhao = team.cast(), regular_chen(), lapsed_zhao()
    set_id = services.start_changeset(cast.lin, "tag", "加标签")
    with services.within_changeset(set_id):
        services.tag_customers(actor=cast.lin, customer_ids=[chen.pk, zhao.pk], names=["送礼"])
    EventRow.objects.all().delete()
    undone(cast.lin, set_id)
    told = EventRow.objects.get(name="CustomersChanged")
    assert told.payload == {"customer_ids": [chen.pk, zhao.pk]}
