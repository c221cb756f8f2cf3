"""May a customer be contacted now? One answer for every room that calls, writes or sends."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from shuke.customers.models import ContactPermit, ContactPolicy, Customer, Interaction
from shuke.customers.rules import keeping
from shuke.kernel import clock
from shuke.kernel.compiled import Compiled, given, given_list

NO_CHANNEL = "none"  # what the customer wants: not to be contacted


@dataclass(frozen=True)
class Verdict:
    """Whether a customer may be contacted, else why not in plain words and from when they may.

    `code` is too_often, quiet, unwanted, or empty; `is_permitted`: a manager let it through although the limit was reached.
    """

    is_allowed: bool
    code: str = ""
    reason: str = ""
    free_from: datetime | None = None
    is_permitted: bool = False


def contact_policy() -> ContactPolicy:
    """The shop's limits; the defaults where none were saved."""
    return _POLICY.first() or ContactPolicy()


_POLICY = Compiled(lambda: ContactPolicy.objects.order_by("pk")[:1])
_WISHES = Compiled(
    lambda: (
        Customer.objects.filter(pk__among=given_list("ids", "bigint"))
        .annotate(
            is_permitted=Exists(
                ContactPermit.objects.filter(
                    customer=OuterRef("pk"),
                    given_at__lte=given("moment", "timestamptz"),
                    valid_until__gt=given("moment", "timestamptz"),
                )
            )
        )
        .values_list("pk", "preferred_channel", "is_permitted")
    )
)
_COUNTED = Compiled(
    lambda: (
        Interaction.objects.filter(
            customer_id__among=given_list("ids", "bigint"),
            direction=Interaction.Direction.OUT,
            kind__in=sorted(keeping.COUNTED),
            happened_at__gt=given("since", "timestamptz"),
            happened_at__lte=given("moment", "timestamptz"),
        )
        .order_by("happened_at")
        .values_list("customer_id", "happened_at")
    )
)


def contact_allowed(customer_id: int, channel: str, at: datetime | None = None) -> Verdict:
    """Whether a customer may be contacted on a channel (call, sms, wechat, email, visit …) at a moment, by default now.

    Counts every outgoing touch of the shop with this customer, whoever had it and on whatever channel. The caller has checked
    that the customer may be seen.
    """
    return contacts_allowed([customer_id], channel, at)[customer_id]


def contacts_allowed(
    customer_ids: Iterable[int], channel: str, at: datetime | None = None
) -> dict[int, Verdict]:
    """`contact_allowed` of many, in three statements however many they are."""
    ids = list(dict.fromkeys(customer_ids))
    moment = timezone.localtime(at or clock.now())
    wishes, policy = _wishes(ids, moment), contact_policy()
    past = _counted(ids, moment, policy.within_days)
    return {pk: _verdict(wishes.get(pk, _Wish()), policy, (channel, moment), past.get(pk, [])) for pk in ids}


@dataclass(frozen=True)
class _Wish:
    """How a customer wants to be contacted, and whether a manager lets them be contacted now."""

    channel: str = ""
    is_permitted: bool = False


def _verdict(
    wish: _Wish, policy: ContactPolicy, contact: tuple[str, datetime], past: list[datetime]
) -> Verdict:
    channel, moment = contact
    if channel in keeping.COUNTED and wish.channel == NO_CHANNEL:
        return Verdict(False, keeping.UNWANTED, _("客户说过不要联系。要改，请先改资料里的“愿意怎么联系”。"))
    held = keeping.contact_hold(limits_of(policy), channel, moment, past)
    if held.code == keeping.FREE:
        return Verdict(True)
    reason = _reason(held, policy, len(past))
    if wish.is_permitted:
        return Verdict(True, held.code, reason, held.free_from, is_permitted=True)
    return Verdict(False, held.code, reason, held.free_from)


def _wishes(customer_ids: list[int], moment: datetime) -> dict[int, _Wish]:
    found = _WISHES.rows(ids=customer_ids, moment=moment)
    return {pk: _Wish(channel, is_permitted) for pk, channel, is_permitted in found}


def never_to_contact() -> QuerySet[Customer, int]:
    """Ids of the customers who said that they want no contact; no reach: for jobs and subqueries."""
    return Customer.objects.filter(preferred_channel=NO_CHANNEL).values_list("pk", flat=True)


def limits_of(policy: ContactPolicy) -> keeping.Limits:
    """The limits as the rules read them."""
    return keeping.Limits(policy.most_touches, policy.within_days, policy.quiet_from, policy.quiet_until)


def _counted(customer_ids: list[int], moment: datetime, days: int) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = {}
    since = moment - timedelta(days=days)
    for pk, happened_at in _COUNTED.rows(ids=customer_ids, since=since, moment=moment):
        found.setdefault(pk, []).append(happened_at)
    return found


def _reason(held: keeping.Held, policy: ContactPolicy, count: int) -> str:
    again = _when(held.free_from) if held.free_from else ""
    if held.code == keeping.TOO_OFTEN:
        return _("%(days)s 天内已联系 %(count)s 次，店里规定最多 %(most)s 次。%(again)s之后可以再联系。") % {
            "days": policy.within_days,
            "count": count,
            "most": policy.most_touches,
            "again": again,
        }
    return _("现在是安静时间（%(from)s 到 %(until)s），先别打扰。%(again)s之后可以联系。") % {
        "from": f"{policy.quiet_from:%H:%M}",
        "until": f"{policy.quiet_until:%H:%M}",
        "again": again,
    }


def _when(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return _("%(month)s月%(day)s日 %(time)s ") % {
        "month": local.month,
        "day": local.day,
        "time": f"{local:%H:%M}",
    }
