"""The shop's limits of contacting customers, and letting somebody through in spite of them."""

from dataclasses import asdict, dataclass
from datetime import time, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shuke.customers import rules
from shuke.customers.models import ContactPermit, ContactPolicy, Customer
from shuke.customers.queries.contact import contact_policy
from shuke.kernel import clock
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require

MOST_DAYS, MOST_TOUCHES = 90, 50


@dataclass(frozen=True)
class PolicyForm:
    """At most so many touches in so many days; quiet hours; after how many days a manager hears of what is overdue."""

    most_touches: int
    within_days: int
    quiet_from: time
    quiet_until: time
    escalate_after_days: int


@transaction.atomic
def save_contact_policy(*, actor: Actor, form: PolicyForm) -> ContactPolicy:
    """Keep the shop's limits. Raises ValidationError for days or numbers that cannot be meant."""
    require(actor, "shop.configure")
    _check(form)
    row = ContactPolicy.objects.select_for_update().get_or_create(is_single=True)[0]
    before = _described(row)
    for field, value in asdict(form).items():
        setattr(row, field, value)
    row.save()
    record_audit(actor, "contact_policy_saved", before=before, after=_described(row))
    return row


@transaction.atomic
def permit_contact(*, actor: Actor, customer_id: int, reason: str) -> ContactPermit:
    """Let the customer be contacted today in spite of the limit. Raises ValidationError without a reason."""
    customer = Customer.objects.get(pk=customer_id)
    require(actor, "customers.plan", customer)
    words = rules.clean_line(reason)[:200]
    if not words:
        raise ValidationError({"reason": _("请写一句为什么要破例，比如：客户自己约的今天。")})
    now = clock.now()
    ends_at = max(clock.day_start(clock.today() + timedelta(days=1)), now + timedelta(hours=2))
    permit = ContactPermit.objects.create(
        customer=customer, reason=words, given_by_id=actor.id, given_at=now, valid_until=ends_at
    )
    record_audit(actor, "contact_permitted", customer, after={"reason": words})
    return permit


@transaction.atomic
def withdraw_permit(*, actor: Actor, permit_id: int) -> None:
    """The limit holds again, from now on."""
    permit = (
        ContactPermit.objects.select_for_update(of=("self",)).select_related("customer").get(pk=permit_id)
    )
    require(actor, "customers.plan", permit.customer)
    permit.valid_until = clock.now()
    permit.save(update_fields=["valid_until"])
    record_audit(actor, "contact_permit_withdrawn", permit.customer)


def stored_policy() -> PolicyForm:
    """The limits as they stand."""
    row = contact_policy()
    return PolicyForm(**{name: getattr(row, name) for name in PolicyForm.__dataclass_fields__})


def _check(form: PolicyForm) -> None:
    if not 0 <= form.most_touches <= MOST_TOUCHES:
        raise ValidationError({"most_touches": _("请填 0 到 50，0 就是不限。")})
    if not 1 <= form.within_days <= MOST_DAYS:
        raise ValidationError({"within_days": _("请填 1 到 90 天。")})
    if not 1 <= form.escalate_after_days <= MOST_DAYS:
        raise ValidationError({"escalate_after_days": _("请填 1 到 90 天。")})


def _described(row: ContactPolicy) -> dict[str, object]:
    return {
        "most_touches": row.most_touches,
        "within_days": row.within_days,
        "quiet_from": f"{row.quiet_from:%H:%M}",
        "quiet_until": f"{row.quiet_until:%H:%M}",
        "escalate_after_days": row.escalate_after_days,
    }
