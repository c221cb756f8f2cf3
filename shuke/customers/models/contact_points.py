"""How and where a customer is reached: more than the one phone, e-mail, WeChat and address that the record shows."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shuke.customers.models.records import Customer


class ContactPoint(models.Model):
    """What is known of one phone, e-mail or WeChat of a customer: label, proof, until when.

    Identities stay what recognises a customer; a value without a row here has no label and no date, that is all. `value` is
    the identity's (E.164, lower case). `is_shared`: it is somebody else's identity, used by the family or the company.
    """

    class Kind(models.TextChoices):
        PHONE = "phone", _("电话")
        EMAIL = "email", _("邮箱")
        WECHAT = "wechat", _("微信")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    value = models.CharField(max_length=254)
    label = models.CharField(_("标签"), max_length=20, blank=True)
    source = models.CharField(max_length=40, blank=True)
    verified_on = models.DateField(null=True)
    verified_by = models.CharField(max_length=40, blank=True, default="")
    valid_until = models.DateField(_("有效期到"), null=True)
    is_shared = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "kind", "value"], name="customers_point_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["value"], name="customers_point_shared", condition=models.Q(is_shared=True)
            )  # who else uses this number
        ]


class Address(models.Model):
    """An address of a customer. The main one's place is shown on the record too, and kept in step with it."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    label = models.CharField(_("标签"), max_length=20, blank=True)
    recipient = models.CharField(_("收货人"), max_length=40, blank=True)
    province = models.CharField(_("省份"), max_length=40, blank=True)
    city = models.CharField(_("城市"), max_length=40, blank=True)
    district = models.CharField(_("区县"), max_length=40, blank=True)
    detail = models.CharField(_("详细地址"), max_length=200, blank=True)
    source = models.CharField(max_length=40, blank=True)
    verified_on = models.DateField(null=True)
    verified_by = models.CharField(max_length=40, blank=True, default="")
    valid_until = models.DateField(_("有效期到"), null=True)
    is_main = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer"],
                name="customers_address_main",
                condition=models.Q(is_main=True, removed_at__isnull=True),
            )
        ]
