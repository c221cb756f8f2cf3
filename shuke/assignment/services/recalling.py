"""Sending customers back to the pool as a set of changes: by the night's run, or by a manager who puts them there."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from shuke.assignment.models import PoolEntry, PoolWarning
from shuke.assignment.queries.pool import stored_pool_policy
from shuke.assignment.queries.workload import with_value
from shuke.assignment.services.pool_entries import FIELD, entry_value, leave_pool
from shuke.assignment.wording import why_words
from shuke.customers.events import CustomersHandedOver
from shuke.customers.ports import Applied, BulkField, Held, PutBack
from shuke.customers.queries.holding import customers_by_id
from shuke.customers.services import FieldChanged, record_field_changes
from shuke.customers.services.reassigning import Reassignment, reassign_locked
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor
from shuke.team.services import notify

CODE = "recall"
RECALLED = "pool_recalled"
IN_POOL = gettext_noop("这位客户已经在公海里了。")


class Recall:
    """Back to the pool: no account manager any more, the store stays, follow-ups go where the shop's rule says."""

    code, order, permission, is_grave = CODE, 32, "assignment.hand_over", False
    icon = "ripple"
    label: str | Promise = gettext_lazy("放回公海")
    opens = ""

    def fields(self, actor: Actor) -> Iterable[BulkField]:
        yield BulkField("reason", gettext_lazy("为什么"), hint=gettext_lazy("可以不写；时间线里会说。"))

    def read(self, actor: Actor, given: Mapping[str, list[str]]) -> dict[str, Any]:
        if not stored_pool_policy().is_on:
            raise ValidationError(_("公海还没有开，先在设置里开启。"))
        reason = " ".join((given.get("reason") or [""])[-1].split())[:120]
        return {"reason": " · ".join(part for part in (_("回到公海"), reason) if part)}

    def title(self, arguments: Mapping[str, Any]) -> str:
        if arguments.get("count"):
            return _("回到公海：%(n)s 位客户") % {"n": arguments["count"]}
        return str(self.label)

    def apply(
        self, *, actor: Actor, audit_id: int, customers: Mapping[int, Any], arguments: Mapping[str, Any]
    ) -> Applied:
        inside = set(
            PoolEntry.objects.filter(customer_id__in=list(customers), left_at=None).values_list(
                "customer_id", flat=True
            )
        )
        owned = [pk for pk in inside if customers[pk].account_manager_id]  # of a merge: it was not theirs
        leave_pool(owned, how=PoolEntry.Left.GIVEN)
        inside -= set(owned)
        going = {pk: one for pk, one in customers.items() if pk not in inside}
        owners = {pk: one.account_manager_id for pk, one in going.items()}
        reasons = dict(
            PoolWarning.objects.filter(customer_id__in=list(going)).values_list("customer_id", "why")
        )
        wanted = Reassignment(to=dict.fromkeys(going), otherwise=stored_pool_policy().steps)
        written = reassign_locked(actor, going, wanted)
        entries = [_entry(pk, one, owners[pk], reasons.get(pk, [])) for pk, one in going.items()]
        _keep(entries)
        changes = [FieldChanged(one.customer_id, FIELD, None, entry_value(one)) for one in entries]
        _tell(owners)
        publish(CustomersHandedOver(customer_ids=sorted(going)))
        return Applied(
            [*written.changes, *changes], dict.fromkeys(sorted(inside), IN_POOL) | written.problems
        )


def _entry(pk: int, customer: Any, owner_id: int | None, why: list[Any]) -> PoolEntry:
    return PoolEntry(
        customer_id=pk, store_id=customer.store_id, previous_id=owner_id, why=why, since=clock.now()
    )


def _keep(entries: list[PoolEntry]) -> None:
    ids = [one.customer_id for one in entries]
    worth = dict(with_value(customers_by_id(ids)).values_list("pk", "worth_fen"))
    for one in entries:
        one.worth_fen = worth.get(one.customer_id) or 0
    PoolEntry.objects.bulk_create(entries)
    PoolWarning.objects.filter(customer_id__in=ids).delete()


def _tell(owners: Mapping[int, int | None]) -> None:
    """Each previous account manager, once a day."""
    counts: dict[int, int] = {}
    for owner in owners.values():
        if owner:
            counts[owner] = counts.get(owner, 0) + 1
    for staff_id, count in sorted(counts.items()):
        key = f"{clock.today().isoformat()}:{min(pk for pk, who in owners.items() if who == staff_id)}"
        notify(staff_ids=[staff_id], kind=RECALLED, key=key, facts={"count": count}, url="/assignment/pool/")


class PoolKeeper:
    """Takes a customer out of the pool again, or puts them back, unless that was settled otherwise since."""

    def label(self, name: str) -> Any:
        return gettext_lazy("公海")

    def shown(self, name: str, value: Any, *, is_masked: bool) -> str:
        return why_words(value["why"]) if value else ""

    def put_back(
        self, *, actor: Any, audit_id: int, name: str, changes: Mapping[int, Held], is_forced: bool
    ) -> PutBack:
        ids = list(changes)
        inside = set(
            PoolEntry.objects.filter(customer_id__in=ids, left_at=None).values_list("customer_id", flat=True)
        )
        owned = {one.pk for one in customers_by_id(ids) if one.account_manager_id}
        out = [pk for pk, held in changes.items() if held.before is None]
        back = [pk for pk, held in changes.items() if held.before and pk not in owned and pk not in inside]
        leave_pool([pk for pk in out if pk in inside], how=PoolEntry.Left.UNDONE)
        PoolEntry.objects.bulk_create([_entry_of(pk, changes[pk].before) for pk in back])
        restored = {pk for pk in out if pk in inside} | set(back)
        written = [FieldChanged(pk, name, changes[pk].after, changes[pk].before) for pk in sorted(restored)]
        record_field_changes(actor=actor, audit_id=audit_id, changes=written)
        return PutBack(frozenset(restored), frozenset(changes) - frozenset(restored))


def _entry_of(pk: int, value: Any) -> PoolEntry:
    return PoolEntry(
        customer_id=pk,
        store_id=value["store"],
        since=value["since"],
        why=value["why"],
        previous_id=value["previous"],
        worth_fen=value["worth"],
    )
