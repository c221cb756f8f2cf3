"""Who is made account manager hears of it: from the form, the list and a bulk action; not of what they did themselves."""

import pytest

from shuke.customers import services
from shuke.customers.models import ChangeSet
from shuke.customers.queries.notices import given_back_lines, given_lines, given_many_lines
from shuke.customers.services import NewCustomer, Selection, change_customer, run_bulk, run_undo, start_bulk
from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.team import testing as team
from shuke.team.models import Notice, Staff

pytestmark = pytest.mark.django_db


def told(staff: Staff) -> list[tuple[str, dict[str, object]]]:
    return list(Notice.objects.filter(staff=staff).order_by("pk").values_list("kind", "facts"))


def test_the_new_account_manager_is_told_by_whom_and_of_whom() -> None:
    cast = team.cast()
    chen = regular_chen()
    change_customer(actor=cast.lin, customer_id=chen.pk, account_manager_id=cast.wang.pk, note="爱白茶")
    [(kind, facts)] = told(cast.wang)
    assert kind == "customer_given"
    assert given_lines(cast.wang, [facts]) == ["林店长把 陈茶香 交给你负责"]
    assert told(cast.lin) == []


def test_nobody_is_told_of_what_they_did_themselves_or_of_no_change() -> None:
    cast = team.cast()
    chen = regular_chen()
    change_customer(actor=cast.lin, customer_id=chen.pk, account_manager_id=cast.lin.pk)
    change_customer(actor=cast.lin, customer_id=chen.pk, account_manager_id=cast.lin.pk, note="爱白茶")
    change_customer(actor=cast.lin, customer_id=chen.pk, account_manager_id=None)
    assert not Notice.objects.exists()


def test_being_given_a_customer_twice_is_told_twice() -> None:
    cast = team.cast()
    chen = regular_chen()
    for manager_id in (cast.wang.pk, None, cast.wang.pk):
        change_customer(actor=cast.lin, customer_id=chen.pk, account_manager_id=manager_id)
    assert len(told(cast.wang)) == 2


def test_a_new_customer_for_a_colleague_is_told() -> None:
    cast = team.cast()
    form = NewCustomer(name="罗静磊", account_manager_id=cast.wang.pk, store_id=cast.store.pk)
    services.add_customer(actor=cast.lin, form=form)
    assert given_lines(cast.wang, [facts for _kind, facts in told(cast.wang)]) == [
        "林店长把 罗静磊 交给你负责"
    ]


def test_who_no_longer_sees_the_customer_reads_nothing_of_them() -> None:
    cast = team.cast()
    chen = regular_chen()
    change_customer(actor=cast.lin, customer_id=chen.pk, account_manager_id=cast.wang.pk)
    [(_kind, facts)] = told(cast.wang)
    change_customer(
        actor=cast.owner, customer_id=chen.pk, account_manager_id=None, store_id=cast.other_store.pk
    )
    assert given_lines(Staff.objects.get(pk=cast.wang.pk), [facts]) == [""]


def test_a_bulk_action_tells_once_with_how_many_and_again_when_it_is_taken_back() -> None:
    cast = team.cast()
    people = [
        regular_chen(),
        lapsed_zhao(),
        customer("单白", store_id=cast.store.pk, account_manager_id=cast.wang.pk),
    ]
    set_id = start_bulk(
        actor=cast.lin,
        kind="assign",
        selection=Selection(ids=tuple(one.pk for one in people)),
        arguments={"account_manager_id": cast.wang.pk, "name": cast.wang.name},
    )
    run_bulk(set_id)
    [(kind, facts)] = told(cast.wang)
    assert (kind, given_many_lines(cast.wang, [facts])) == (
        "customers_given",
        ["林店长把 2 位客户交给你负责"],
    )
    services.undo_changeset(actor=cast.lin, changeset_id=set_id)
    run_undo(set_id)
    kind, facts = told(cast.wang)[-1]
    assert (kind, given_back_lines(cast.wang, [facts])) == (
        "customers_given_back",
        ["交给你的 2 位客户撤回去了"],
    )
    assert ChangeSet.objects.get(pk=set_id).state == ChangeSet.State.UNDONE


def test_making_nobody_account_manager_tells_nobody() -> None:
    cast = team.cast()
    chen = regular_chen(account_manager_id=cast.wang.pk)
    arguments = {"account_manager_id": None, "name": ""}
    run_bulk(
        start_bulk(actor=cast.lin, kind="assign", selection=Selection(ids=(chen.pk,)), arguments=arguments)
    )
    assert told(cast.wang) == []
