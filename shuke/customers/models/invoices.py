"""To whom invoices are made out."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shuke.customers.models.records import Customer


class InvoiceTitle(models.Model):
    """发票抬头 of a customer: a person's name, or a company with its tax number and bank. One is the default."""

    class Kind(models.TextChoices):
        COMPANY = "company", _("单位")
        PERSON = "person", _("个人")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("抬头类型"), max_length=8, choices=Kind.choices, default=Kind.COMPANY)
    title = models.CharField(_("发票抬头"), max_length=100)
    tax_number = models.CharField(_("税号"), max_length=20, blank=True)
    bank = models.CharField(_("开户行"), max_length=80, blank=True)
    bank_account = models.CharField(_("银行账号"), max_length=40, blank=True)
    address = models.CharField(_("注册地址"), max_length=200, blank=True)
    phone = models.CharField(_("注册电话"), max_length=30, blank=True)
    is_default = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer"],
                name="customers_invoice_default",
                condition=models.Q(is_default=True, removed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.title, self.tax_number) if part)
