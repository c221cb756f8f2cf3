"""Letters of the shop's mailbox that wait for a decision: they go to whoever takes over the customer.

Personal mailboxes stay with their owner; nobody inherits them.
"""

from collections.abc import Collection, Sequence

from django.utils.translation import gettext_lazy as _

from shuke.connectors.models import MailMessage
from shuke.customers.ports import Given, HandedRow

State = MailMessage.State
WAITING = (State.QUEUED, State.FAILED, State.UNKNOWN)


class UnsentLetters:
    """What somebody wrote that did not surely go out."""

    code, label, order, is_personal = "letters", _("没发出去的邮件"), 35, False

    def held(self, staff_id: int, customer_ids: Collection[int] | None) -> list[HandedRow]:
        rows = MailMessage.objects.filter(
            staff_id=staff_id, state__in=WAITING, account__is_shop=True, customer_id__isnull=False
        )
        if customer_ids is not None:
            rows = rows.filter(customer_id__in=list(customer_ids))
        return [HandedRow(row.pk, row.customer_id, row.subject) for row in rows.order_by("-happened_at")]

    def give(self, given: Sequence[Given]) -> set[int]:
        return {
            one.row_id
            for one in given
            if MailMessage.objects.filter(pk=one.row_id, staff_id=one.from_id).update(staff_id=one.to_id)
        }
