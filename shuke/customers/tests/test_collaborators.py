"""Collaborators: what is open to them, who may let them in, what they are told, and how all of it is taken back."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from shuke.customers import services
from shuke.customers.models import ChangeSet, Collaborator, Customer, FieldChange, FollowUp, Interaction
from shuke.customers.queries import search_customers, visible_customers
from shuke.customers.queries.changes import customer_changes
from shuke.customers.queries.notices import collaborating_lines
from shuke.customers.queries.timeline import timeline_entries
from shuke.customers.services import NextStep, Touch, collaborating
from shuke.customers.services.bulk_actions import Selection
from shuke.customers.services.changesets import undo_field_change
from shuke.customers.services.merging import merge_customers, unmerge
from shuke.customers.testing import lapsed_zhao, regular_chen
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.models import AuditEntry, Notice, Staff
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db


def fresh(staff: Staff) -> Staff:
    """As the next request sees them: what somebody reaches is asked once per request."""
    return Staff.objects.get(pk=staff.pk)


def shared(actor: Staff, chen: Customer, staff: Staff, access: str = "read") -> int | None:
    return services.set_collaborator(actor=actor, customer_id=chen.pk, staff_id=staff.pk, access=access)


def test_a_collaborator_of_another_store_sees_the_customer_and_nobody_else_of_it_does() -> None:
    cast, chen = team.cast(), regular_chen()
    lapsed_zhao()
    assert list(visible_customers(fresh(cast.zhou))) == []
    shared(cast.lin, chen, cast.zhou)
    zhou = fresh(cast.zhou)
    assert [one.pk for one in visible_customers(zhou)] == [chen.pk]
    assert [one.id for one in search_customers(zhou, "陈茶")] == [chen.pk]
    assert search_customers(zhou, "赵松") == []
    shared(cast.lin, chen, cast.zhou, "")
    assert list(visible_customers(fresh(cast.zhou))) == []


def test_who_may_only_look_writes_nothing_and_who_may_write_changes_no_record() -> None:
    cast, chen = team.cast(), regular_chen()
    shared(cast.lin, chen, cast.zhou)
    with pytest.raises(PermissionDenied):
        services.log_interaction(actor=fresh(cast.zhou), customer_id=chen.pk, touch=Touch("call", "问过新茶"))
    assert Interaction.objects.count() == 0
    shared(cast.lin, chen, cast.zhou, "write")
    zhou = fresh(cast.zhou)
    services.log_interaction(actor=zhou, customer_id=chen.pk, touch=Touch("call", "问过新茶"))
    services.plan_follow_up(actor=zhou, customer_id=chen.pk, step=NextStep("送样茶", clock.today()))
    assert (Interaction.objects.count(), FollowUp.objects.get().assignee_id) == (1, zhou.pk)
    with pytest.raises(PermissionDenied):
        services.change_customer(actor=zhou, customer_id=chen.pk, city="杭州")
    with pytest.raises(PermissionDenied):
        shared(zhou, chen, cast.wang)
    chen.refresh_from_db()
    assert chen.city == ""


def test_a_bulk_action_of_a_collaborator_leaves_shared_customers_alone() -> None:
    cast, chen = team.cast(), regular_chen()
    shared(cast.lin, chen, cast.zhou, "write")
    set_id = services.start_bulk(
        actor=fresh(cast.zhou), kind="tag", selection=Selection((chen.pk,)), arguments={"tags": ["送礼"]}
    )
    services.run_bulk(set_id)
    row = ChangeSet.objects.get(pk=set_id)
    assert (row.changed, row.failed) == (0, 1)


@pytest.mark.parametrize("visitor", ["stranger", "zhou", "analyst"])
def test_who_may_not_change_the_customer_lets_nobody_in(visitor: str) -> None:
    cast, chen = team.cast(), regular_chen()
    with pytest.raises(PermissionDenied):
        shared(getattr(cast, visitor), chen, cast.zhou)
    assert not Collaborator.objects.exists()


def test_account_managers_strangers_and_who_left_cannot_be_let_in() -> None:
    cast, chen = team.cast(), regular_chen(account_manager_id=team.clerk_wang().pk)
    Staff.objects.filter(pk=cast.zhou.pk).update(is_active=False)
    for staff, words in (
        (cast.wang, "这位同事已经是负责人了。"),
        (cast.stranger, "请选一位在职、能看客户的同事。"),
        (cast.zhou, "请选一位在职、能看客户的同事。"),
    ):
        with pytest.raises(ValidationError) as error:
            shared(cast.lin, chen, staff)
        assert error.value.messages == [words]
    with pytest.raises(ValidationError):
        shared(cast.lin, chen, cast.analyst, "all")
    assert not Collaborator.objects.exists()


def test_nobody_collaborates_on_more_than_a_page_can_ask_for(monkeypatch: pytest.MonkeyPatch) -> None:
    cast, chen, zhao = team.cast(), regular_chen(), lapsed_zhao()
    monkeypatch.setattr(collaborating, "MOST_SHARED", 1)
    shared(cast.lin, chen, cast.zhou)
    with pytest.raises(ValidationError):
        shared(cast.lin, zhao, cast.zhou)
    assert Collaborator.objects.count() == 1
    shared(cast.lin, chen, cast.zhou, "write")
    assert Collaborator.objects.get().access == "write"


def test_being_let_in_is_told_once_and_stands_in_audit_and_history() -> None:
    cast, chen = team.cast(), regular_chen()
    shared(cast.lin, chen, cast.zhou)
    assert shared(cast.lin, chen, cast.zhou) is None
    notice = Notice.objects.get(staff=cast.zhou)
    assert collaborating_lines(fresh(cast.zhou), [notice.facts]) == ["林店长请你协作 陈茶香：只看"]
    assert AuditEntry.objects.filter(action="customer_changed").count() == 1
    field = customer_changes(cast.lin, chen.pk).changes[0].fields[0]
    assert (field.field, field.before, field.after) == (f"collaborator.{cast.zhou.pk}", "", "周小满（只看）")


def test_a_change_of_collaborators_is_taken_back_unless_it_was_changed_since() -> None:
    cast, chen = team.cast(), regular_chen()
    first = shared(cast.lin, chen, cast.zhou)
    second = shared(cast.lin, chen, cast.zhou, "write")
    assert first is not None and second is not None
    answer = undo_field_change(actor=cast.lin, change_id=first)
    assert (answer.undo, Collaborator.objects.get().access) == (FieldChange.Undo.KEPT, "write")
    undo_field_change(actor=cast.lin, change_id=second)
    assert Collaborator.objects.get().access == "read"


def test_many_are_shared_at_once_and_taken_back_together() -> None:
    cast, chen = team.cast(), regular_chen()
    zhao = lapsed_zhao(account_manager_id=cast.zhou.pk)
    given = {"staff_id": cast.zhou.pk, "name": "周小满", "access": "read"}
    set_id = services.start_bulk(
        actor=cast.lin, kind="collaborate", selection=Selection((chen.pk, zhao.pk)), arguments=given
    )
    services.run_bulk(set_id)
    row = ChangeSet.objects.get(pk=set_id)
    assert (row.title, row.changed, row.failed) == ("请周小满协作（只看）", 1, 1)
    services.undo_changeset(cast.lin, set_id, in_background=False)
    assert not Collaborator.objects.exists()


def test_merging_and_parting_carry_collaborators_along() -> None:
    cast, chen, zhao = team.cast(), regular_chen(), lapsed_zhao()
    shared(cast.lin, zhao, cast.zhou)
    merge = merge_customers(actor=cast.lin, winner_id=chen.pk, loser_id=zhao.pk)
    assert [one.pk for one in visible_customers(fresh(cast.zhou))] == [chen.pk]
    unmerge(actor=cast.lin, merge_id=getattr(merge, "pk", merge))
    assert [one.pk for one in visible_customers(fresh(cast.zhou))] == [zhao.pk]


def test_who_is_in_the_recycle_bin_is_not_open_to_collaborators() -> None:
    cast, chen = team.cast(), regular_chen()
    shared(cast.lin, chen, cast.zhou)
    services.delete_customers(actor=cast.lin, customer_ids=[chen.pk])
    assert list(visible_customers(fresh(cast.zhou))) == []


def test_the_page_lets_a_colleague_in_and_shows_a_collaborator_no_forms() -> None:
    cast, chen = team.cast(), regular_chen()
    client = Client()
    client.force_login(cast.lin)
    address = reverse("customers:set_collaborator", args=[chen.pk])
    answer = client.post(address, {"staff": cast.zhou.pk, "access": "read"}, HTTP_HX_REQUEST="true")
    assert answer.status_code == 200
    assert "周小满" in answer.content.decode()
    client.force_login(fresh(cast.zhou))
    page = client.get(reverse("customers:in_charge", args=[chen.pk])).content.decode()
    assert ("周小满" in page, "<form" in page.split("in-charge")[1]) == (True, False)
    refused = client.post(address, {"staff": cast.zhou.pk, "access": "write"})
    assert (refused.status_code, Collaborator.objects.get().access) == (403, "read")


def test_the_timeline_says_in_words_who_looks_after_the_customer_now() -> None:
    cast, chen = team.cast(), regular_chen()
    for after in (cast.wang.pk, cast.lin.pk, None):
        services.change_customer(actor=SYSTEM, customer_id=chen.pk, account_manager_id=after)
    titles = [one.title for one in timeline_entries([chen.pk]) if one.source == "change"]
    assert titles == ["负责人 林店长 不再负责", "负责人由 王小茶 改为 林店长", "负责人定为 王小茶"]
