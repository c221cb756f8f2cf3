"""公海: warned, recalled, claimed, given, locked; who sees it; what happens when people do it at the same time."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from shuke.assignment import services
from shuke.assignment.models import PoolEntry, PoolLock, PoolPolicy, PoolWarning
from shuke.assignment.notices import recalled_lines, warned_lines
from shuke.assignment.queries.pool import PoolTerms, forecast, pool_state, visible_entries
from shuke.assignment.rules.pooling import LevelRule
from shuke.assignment.services import NotClaimable, PoolForm
from shuke.assignment.services.pool import heed_warning
from shuke.assignment.testing import in_pool, long_known, pool_on
from shuke.customers import ports
from shuke.customers import services as customers
from shuke.customers.models import ChangeSet, Customer, FollowUp
from shuke.customers.queries import visible_customers
from shuke.customers.queries.changes import customer_changes
from shuke.customers.queries.timeline import timeline_entries
from shuke.customers.services import NextStep, Touch, contact
from shuke.customers.services.merging import merge_customers, unmerge
from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.models import AuditEntry, Notice, Staff
from shuke.team.queries import SYSTEM
from shuke.team.rules import READY_ROLES, Contact, Role, Scope, role_named

pytestmark = pytest.mark.django_db


def of_wang(days: int = 100, **more: Any) -> tuple[Any, Customer]:
    cast = team.cast()
    return cast, long_known(regular_chen(account_manager_id=cast.wang.pk, **more), days)


def owner_of(one: Customer) -> int | None:
    return Customer.objects.get(pk=one.pk).account_manager_id


def ran(monkeypatch: pytest.MonkeyPatch, days: int = 0) -> ChangeSet | None:
    """The night's run, some days from now, and the job that it leaves."""
    now = clock.now() + timedelta(days=days)
    with monkeypatch.context() as patched:
        patched.setattr(clock, "now", lambda: now)
        set_id = services.run_pool()
        if set_id is not None:
            customers.run_bulk(set_id)
    return ChangeSet.objects.get(pk=set_id) if set_id else None


def test_nothing_happens_while_the_pool_is_off() -> None:
    cast, chen = of_wang()
    assert services.run_pool() is None
    assert (owner_of(chen), PoolWarning.objects.count()) == (cast.wang.pk, 0)


def test_the_first_night_only_warns_and_the_fourth_takes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    cast, chen = of_wang()
    pool_on()
    assert ran(monkeypatch) is None
    warning = PoolWarning.objects.get()
    assert (warning.customer_id, warning.recall_on) == (chen.pk, clock.today() + timedelta(days=3))
    notice = Notice.objects.get(staff=cast.wang)
    assert warned_lines(cast.wang, [notice.facts]) == ["你有 1 位客户 3 天后将回到公海：联系一下就留下"]
    assert ran(monkeypatch, 2) is None
    assert owner_of(chen) == cast.wang.pk
    run = ran(monkeypatch, 3)
    assert run is not None
    assert (run.title, run.changed, owner_of(chen)) == ("回到公海：1 位客户", 1, None)
    entry = PoolEntry.objects.get()
    assert (entry.previous_id, entry.store_id, entry.why) == (cast.wang.pk, chen.store_id, [["touch", 100]])
    assert PoolWarning.objects.count() == 0
    told = Notice.objects.get(staff=cast.wang, kind="pool_recalled")
    assert recalled_lines(cast.wang, [told.facts]) == ["你的 1 位客户回到了公海"]


def test_running_twice_in_a_night_warns_and_recalls_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cast, _chen = of_wang()
    pool_on(warn_days=0)
    first, second = ran(monkeypatch), ran(monkeypatch)
    assert (first is not None, second) == (True, None)
    assert (PoolEntry.objects.count(), Notice.objects.filter(staff=cast.wang).count()) == (1, 1)


def test_who_gets_in_touch_in_time_keeps_the_customer(monkeypatch: pytest.MonkeyPatch) -> None:
    cast, chen = of_wang()
    pool_on()
    ran(monkeypatch)
    customers.log_interaction(actor=cast.wang, customer_id=chen.pk, touch=Touch("call", "约了下周"))
    heed_warning(chen.pk)
    assert PoolWarning.objects.count() == 0
    assert ran(monkeypatch, 3) is None
    assert owner_of(chen) == cast.wang.pk


def test_while_nothing_is_recalled_a_warning_waits_for_the_night(monkeypatch: pytest.MonkeyPatch) -> None:
    _cast, chen = of_wang()
    pool_on()
    ran(monkeypatch)
    pool_on(is_on=False)
    heed_warning(chen.pk)
    assert PoolWarning.objects.count() == 1
    assert ran(monkeypatch) is None
    assert PoolWarning.objects.count() == 0


def test_a_note_is_no_touch_and_a_next_step_keeps_the_customer(monkeypatch: pytest.MonkeyPatch) -> None:
    cast, chen = of_wang()
    pool_on()
    ran(monkeypatch)
    customers.log_interaction(actor=cast.wang, customer_id=chen.pk, touch=Touch("note", "想想怎么说"))
    heed_warning(chen.pk)
    assert PoolWarning.objects.count() == 1
    soon = clock.today() + timedelta(days=5)
    customers.plan_follow_up(actor=cast.wang, customer_id=chen.pk, step=NextStep("送样茶", soon))
    heed_warning(chen.pk)
    assert PoolWarning.objects.count() == 0


@pytest.mark.parametrize("why", ["lock", "contract", "store", "helped", "new owner"])
def test_exempt_customers_stay(why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cast, chen = of_wang()
    terms: dict[str, Any] = {"warn_days": 0}
    if why == "lock":
        services.lock_customer(actor=cast.lin, customer_id=chen.pk, reason="老板的朋友")
    if why == "contract":
        monkeypatch.setitem(ports._spared, "sales", lambda ids: {chen.pk} & set(ids))
    if why == "store":
        terms["off_store_ids"] = (cast.store.pk,)
    if why == "helped":
        terms["spares_helped"] = True
        customers.set_collaborator(actor=cast.lin, customer_id=chen.pk, staff_id=cast.zhou.pk, access="read")
    if why == "new owner":
        customers.change_customer(actor=cast.lin, customer_id=chen.pk, account_manager_id=cast.lin.pk)
    pool_on(**terms)
    assert ran(monkeypatch) is None
    assert owner_of(chen) is not None


def test_a_recall_is_told_on_the_timeline_and_taken_back_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    cast, chen = of_wang()
    step = customers.plan_follow_up(
        actor=cast.wang, customer_id=chen.pk, step=NextStep("改天问", clock.today() + timedelta(days=40))
    )
    pool_on(warn_days=0)
    run = ran(monkeypatch)
    assert run is not None
    entry = next(one for one in timeline_entries([chen.pk]) if one.source == "change")
    assert (entry.title, entry.body.split(" · ")[0]) == ("负责人 王小茶 不再负责", "回到公海")
    assert FollowUp.objects.get(pk=step.pk).assignee_id is None
    words = {one.field: one.after for one in customer_changes(cast.lin, chen.pk).changes[0].fields}
    assert words["pool"] == "100 天没有跟进"
    customers.undo_changeset(cast.lin, run.pk, in_background=False)
    assert (owner_of(chen), FollowUp.objects.get(pk=step.pk).assignee_id) == (cast.wang.pk, cast.wang.pk)
    assert PoolEntry.objects.get().left_how == "undone"
    assert ran(monkeypatch) is None  # whoever got them back has the whole time again


@pytest.mark.parametrize(
    ("rule", "state", "is_wangs"), [("cancel", "cancelled", False), ("keep", "open", True)]
)
def test_open_follow_ups_go_where_the_shop_says(
    rule: str, state: str, is_wangs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast, chen = of_wang()
    step = customers.plan_follow_up(
        actor=cast.wang, customer_id=chen.pk, step=NextStep("改天问", clock.today() + timedelta(days=40))
    )
    pool_on(warn_days=0, steps=rule)
    ran(monkeypatch)
    step.refresh_from_db()
    assert (step.state, step.assignee_id == cast.wang.pk) == (state, is_wangs)


def test_claiming_makes_the_customer_ones_own_and_is_taken_back() -> None:
    cast, chen = team.cast(), regular_chen()
    entry = in_pool(chen, previous_id=cast.lin.pk)
    services.claim(actor=cast.wang, entry_id=entry.pk)
    entry.refresh_from_db()
    assert (owner_of(chen), entry.left_how, entry.left_to_id) == (cast.wang.pk, "claimed", cast.wang.pk)
    assert AuditEntry.objects.filter(action="pool_claimed", object_id=chen.pk).count() == 1
    services.unclaim(actor=cast.wang, entry_id=entry.pk)
    assert (owner_of(chen), visible_entries(cast.wang).get().pk) == (None, entry.pk)


def test_who_sees_only_their_own_customers_claims_from_the_pool_of_their_store(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seller = Role("seller", role_named("clerk").permissions, Scope.OWN, Contact.READ)
    monkeypatch.setitem(READY_ROLES, "seller", seller)
    cast, chen, client = team.cast(), regular_chen(), Client()
    he = team.staff("he", "何青禾", "seller", cast.store)
    entry = in_pool(chen, previous_id=cast.lin.pk)
    far = in_pool(lapsed_zhao(store_id=cast.other_store.pk))
    assert list(visible_customers(he)) == []
    with pytest.raises(PermissionDenied):
        contact.reveal_contact(actor=he, customer_id=chen.pk, field="phone")
    client.force_login(he)
    page = client.get(reverse("assignment:pool")).content.decode()
    assert ("陈茶香" in page, chen.phone in page, "赵松烟" in page) == (True, False, False)
    with pytest.raises(NotClaimable):
        services.claim(actor=he, entry_id=far.pk)
    services.claim(actor=he, entry_id=entry.pk)
    he = Staff.objects.get(pk=he.pk)
    assert [one.pk for one in visible_customers(he)] == [chen.pk]
    assert contact.reveal_contact(actor=he, customer_id=chen.pk, field="phone") == chen.phone


def test_limits_hold_for_clerks_and_not_for_a_manager_who_gives() -> None:
    cast, chen, zhao = team.cast(), regular_chen(), lapsed_zhao()
    pool_on(claims_a_day=1, most_held=5, cool_off_days=30)
    first, second = in_pool(chen), in_pool(zhao, previous_id=cast.lin.pk)
    services.claim(actor=cast.wang, entry_id=first.pk)
    with pytest.raises(NotClaimable, match="今天认领的已经到上限"):
        services.claim(actor=cast.wang, entry_id=second.pk)
    with pytest.raises(NotClaimable, match="过些天才能再认领"):
        services.claim(actor=cast.lin, entry_id=second.pk)
    assert owner_of(zhao) is None
    services.give_from_pool(actor=cast.lin, entry_id=second.pk, staff_id=cast.wang.pk)
    assert owner_of(zhao) == cast.wang.pk


def test_hands_that_are_full_claim_nobody() -> None:
    cast, chen = team.cast(), regular_chen()
    pool_on(most_held=1)
    customer("已有", store_id=cast.store.pk, account_manager_id=cast.wang.pk)
    with pytest.raises(NotClaimable, match="已经到上限"):
        services.claim(actor=cast.wang, entry_id=in_pool(chen).pk)


@pytest.mark.parametrize(
    ("visitor", "error"),
    [("stranger", PermissionDenied), ("analyst", PermissionDenied), ("zhou", NotClaimable)],
)
def test_who_may_not_claim_here_gets_nobody(visitor: str, error: type[Exception]) -> None:
    cast, chen = team.cast(), regular_chen()
    entry = in_pool(chen)
    with pytest.raises(error):
        services.claim(actor=getattr(cast, visitor), entry_id=entry.pk)
    assert (owner_of(chen), PoolEntry.objects.get().left_at) == (None, None)
    with pytest.raises(PermissionDenied):
        services.give_from_pool(actor=cast.wang, entry_id=entry.pk, staff_id=cast.wang.pk)


def test_the_pool_is_seen_by_its_store_and_by_who_sees_all() -> None:
    cast, chen = team.cast(), regular_chen()
    in_pool(chen)
    seen = {name: visible_entries(getattr(cast, name)).count() for name in ("owner", "lin", "wang", "zhou")}
    assert seen == {"owner": 1, "lin": 1, "wang": 1, "zhou": 0}
    assert (visible_entries(cast.analyst).count(), visible_entries(cast.stranger).count()) == (0, 0)


def test_numbers_are_not_shown_until_somebody_claims() -> None:
    cast, chen = team.cast(), regular_chen()
    entry = in_pool(chen)
    with pytest.raises(PermissionDenied, match="认领以后"):
        contact.reveal_contact(actor=cast.wang, customer_id=chen.pk, field="phone")
    assert AuditEntry.objects.filter(action="contact_revealed").count() == 0
    services.claim(actor=cast.wang, entry_id=entry.pk)
    assert contact.reveal_contact(actor=cast.wang, customer_id=chen.pk, field="phone") == chen.phone
    other = lapsed_zhao()
    in_pool(other)
    PoolPolicy.objects.update_or_create(is_single=True, defaults={"masks_contacts": False})
    assert contact.reveal_contact(actor=cast.wang, customer_id=other.pk, field="phone") == other.phone


def test_who_is_assigned_by_hand_is_in_the_pool_no_more() -> None:
    cast, chen = team.cast(), regular_chen()
    in_pool(chen)
    customers.change_customer(actor=cast.lin, customer_id=chen.pk, account_manager_id=cast.wang.pk)
    services.settle_pool([chen.pk])
    assert PoolEntry.objects.get().left_how == "given"


def test_who_is_in_the_recycle_bin_is_not_in_the_pool_until_they_are_restored() -> None:
    cast, chen = team.cast(), regular_chen()
    in_pool(chen)
    customers.delete_customers(actor=cast.lin, customer_ids=[chen.pk])
    services.settle_pool([chen.pk])
    assert visible_entries(cast.lin).count() == 0
    customers.restore_customers(actor=cast.lin, customer_ids=[chen.pk])
    assert visible_entries(cast.lin).count() == 1


def test_merging_carries_the_pool_along_and_parting_brings_it_back() -> None:
    cast, chen, zhao = team.cast(), regular_chen(), lapsed_zhao()
    in_pool(zhao)
    merge = merge_customers(actor=cast.lin, winner_id=chen.pk, loser_id=zhao.pk)
    assert pool_state(chen.pk).entry is not None
    unmerge(actor=cast.lin, merge_id=getattr(merge, "pk", merge))
    assert (pool_state(chen.pk).entry, pool_state(zhao.pk).entry is not None) == (None, True)


def test_a_manager_puts_customers_into_the_pool_and_takes_that_back() -> None:
    cast, chen = of_wang()
    set_id = customers.start_bulk(
        actor=cast.lin,
        kind="recall",
        selection=customers.Selection((chen.pk,)),
        arguments={"reason": "回到公海 · 王小茶忙不过来"},
    )
    customers.run_bulk(set_id)
    assert (owner_of(chen), PoolEntry.objects.get().previous_id) == (None, cast.wang.pk)
    customers.undo_changeset(cast.lin, set_id, in_background=False)
    assert (owner_of(chen), PoolEntry.objects.get().left_how) == (cast.wang.pk, "undone")


def test_a_claim_between_keeps_the_customer_when_the_recall_is_taken_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cast, chen = of_wang()
    pool_on(warn_days=0)
    run = ran(monkeypatch)
    assert run is not None
    services.claim(actor=cast.lin, entry_id=PoolEntry.objects.get().pk)
    customers.undo_changeset(cast.lin, run.pk, in_background=False)
    run.refresh_from_db()
    assert (owner_of(chen), run.restored, run.kept) == (cast.lin.pk, 0, 2)


def test_the_dry_run_counts_and_does_nothing() -> None:
    cast, chen = of_wang()
    found = forecast(PoolTerms(levels={"": LevelRule(60)}), clock.today())
    assert (found.total, found.by_level[""], found.by_staff) == (1, 1, {cast.wang.pk: 1})
    assert forecast(PoolTerms(levels={"": LevelRule(500)}), clock.today()).total == 0
    assert (owner_of(chen), PoolWarning.objects.count()) == (cast.wang.pk, 0)


@pytest.mark.parametrize("visitor", ["stranger", "analyst", "wang", "lin"])
def test_only_the_owner_sets_the_rules(visitor: str) -> None:
    cast = team.cast()
    with pytest.raises(PermissionDenied):
        services.save_pool_policy(actor=getattr(cast, visitor), form=PoolForm(is_on=True))
    assert not PoolPolicy.objects.exists()


@pytest.mark.parametrize(
    "form",
    [
        PoolForm(is_on=True),
        PoolForm(levels={"": LevelRule(0)}),
        PoolForm(levels={"high": LevelRule(None, 5000)}),
        PoolForm(levels={"high": LevelRule(60)}, steps="burn"),
    ],
)
def test_rules_that_make_no_sense_are_refused(form: PoolForm) -> None:
    with pytest.raises(ValidationError):
        services.save_pool_policy(actor=team.owner(), form=form)
    assert not PoolPolicy.objects.filter(is_on=True).exists()


def test_a_locked_customer_is_unlocked_again_by_a_manager_of_theirs_only() -> None:
    cast, chen = of_wang()
    for visitor in (cast.wang, cast.zhou, cast.analyst, cast.stranger):
        with pytest.raises(PermissionDenied):
            services.lock_customer(actor=visitor, customer_id=chen.pk)
    assert not PoolLock.objects.exists()
    services.lock_customer(actor=cast.lin, customer_id=chen.pk)
    services.unlock_customer(actor=cast.lin, customer_id=chen.pk)
    actions = AuditEntry.objects.filter(action__startswith="pool_").values_list("action", flat=True)
    assert (PoolLock.objects.count(), sorted(actions)) == (0, ["pool_locked", "pool_unlocked"])


def test_the_pages_work_for_a_clerk_and_the_rules_for_the_owner() -> None:
    cast, chen, client = team.cast(), regular_chen(), Client()
    pool_on()
    entry = in_pool(chen, previous_id=cast.lin.pk)
    client.force_login(cast.wang)
    page = client.get(reverse("assignment:pool")).content.decode()
    assert ("60 天没有跟进" in page, chen.phone in page, "分配" in page) == (True, False, False)
    answer = client.post(reverse("assignment:claim", args=[entry.pk]))
    assert answer["Location"] == reverse("desk:customer", args=[chen.pk])
    client.post(reverse("assignment:unclaim", args=[entry.pk]))
    client.force_login(Staff.objects.get(pk=cast.lin.pk))
    assert chen.phone in client.get(reverse("assignment:pool")).content.decode()
    client.post(reverse("assignment:give", args=[entry.pk]), {"staff": cast.wang.pk})
    assert owner_of(chen) == cast.wang.pk
    assert client.get(reverse("assignment:pool_policy")).status_code == 403
    client.force_login(cast.owner)
    given = {
        "is_on": "on", "warn_days": 3, "step_ahead_days": 14, "claims_a_day": 4, "most_held": 80,
        "cool_off_days": 20, "steps": "store", "on_stores": [cast.store.pk], "touch_high": 45,
    }  # fmt: skip
    tried = client.post(reverse("assignment:dry_run"), given).content.decode()
    assert "照这条规则" in tried
    assert client.post(reverse("assignment:pool_policy"), given).status_code == 302
    kept = PoolPolicy.objects.get()
    assert (kept.claims_a_day, kept.off_store_ids) == (4, [cast.other_store.pk])
    assert services.run_pool() is None
    assert SYSTEM.id is None
