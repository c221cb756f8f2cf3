"""发票抬头: to whom invoices of a customer are made out."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shuke.customers import rules
from shuke.customers.models import InvoiceTitle
from shuke.customers.rules.profile import InvoiceFields, invoice_problems, tidy_tax_number
from shuke.customers.services.kept import KeptRows, note_change, opened
from shuke.team.queries import Actor

MOST = 20


class InvoiceRows(KeptRows):
    """Invoice titles."""

    prefix, model = "invoice", InvoiceTitle
    words = gettext_lazy("发票抬头")
    columns = ("kind", "title", "tax_number", "bank", "bank_account", "address", "phone", "is_default")
    follows = frozenset({"is_default"})

    def keep_in_step(self, row: InvoiceTitle) -> None:
        """One is the default while there is any."""
        others = InvoiceTitle.objects.filter(customer_id=row.customer_id, removed_at=None).exclude(pk=row.pk)
        if row.removed_at is not None:
            was_default, row.is_default = row.is_default, False
            row.save()
            heir = others.order_by("-pk").first()
            if was_default and heir is not None:
                InvoiceTitle.objects.filter(pk=heir.pk).update(is_default=True)
            return
        row.is_default = row.is_default or not others.filter(is_default=True).exists()
        if row.is_default:
            others.filter(is_default=True).update(is_default=False)
        row.save()

    def describe(self, values: Mapping[str, Any], *, is_masked: bool) -> str:
        return " · ".join(part for part in (values["title"], values["tax_number"]) if part)


INVOICES = InvoiceRows()


@transaction.atomic
def save_invoice(
    *,
    actor: Actor,
    customer_id: int,
    form: InvoiceFields,
    is_default: bool = False,
    invoice_id: int | None = None,
) -> int | None:
    """Add an invoice title, or change the one of that id; the first is the default. Raises ValidationError, DoesNotExist."""
    customer = opened(actor, customer_id)
    problems = invoice_problems(form)
    if problems:
        count = {"n": len(tidy_tax_number(form.tax_number))}
        raise ValidationError({one.field: _(one.message) % count for one in problems})
    row = InvoiceTitle(customer=customer)
    if invoice_id is not None:
        row = InvoiceTitle.objects.get(pk=invoice_id, customer=customer, removed_at=None)
    elif InvoiceTitle.objects.filter(customer=customer, removed_at=None).count() >= MOST:
        raise ValidationError(_("一位客户最多留 20 个发票抬头，请先去掉不用的。"))
    before = INVOICES.snapshot(row)
    row.kind = form.kind if form.kind in InvoiceTitle.Kind.values else InvoiceTitle.Kind.COMPANY
    row.title = rules.clean_line(form.title)[:100]
    row.tax_number = tidy_tax_number(form.tax_number)
    row.bank, row.bank_account = rules.clean_line(form.bank)[:80], rules.clean_line(form.bank_account)[:40]
    row.address, row.phone = rules.clean_line(form.address)[:200], rules.clean_line(form.phone)[:30]
    row.is_default = is_default or row.is_default
    INVOICES.keep_in_step(row)
    return note_change(actor, INVOICES, row, before, customer)


@transaction.atomic
def remove_invoice(*, actor: Actor, customer_id: int, invoice_id: int) -> int | None:
    """Take an invoice title off; the newest other one becomes the default if this was it."""
    customer = opened(actor, customer_id)
    row = InvoiceTitle.objects.get(pk=invoice_id, customer=customer)
    before = INVOICES.snapshot(row)
    INVOICES.restore(row, None)
    return note_change(actor, INVOICES, row, before, customer)
