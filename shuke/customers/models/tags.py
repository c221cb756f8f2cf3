"""Words the shop uses to sort customers."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shuke.customers.models.records import Customer


class Tag(models.Model):
    """A word the shop uses to sort customers."""

    name = models.CharField(_("标签"), max_length=40, unique=True)
    category = models.CharField(_("分类"), max_length=40, blank=True)

    def __str__(self) -> str:
        return self.name


class CustomerTag(models.Model):
    """One tag on one customer, and where it came from."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="tag_links")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "tag"], name="customers_tag_once")
        ]
