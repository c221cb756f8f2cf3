"""Words the shop uses to sort customers."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shuke.customers.models.records import Customer


class TagCategory(models.Model):
    """What a group of tags is about: interests, values, needs … The known ones (rules.traits) need no row until changed."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=20)
    place = models.SmallIntegerField(default=100)
    is_hidden = models.BooleanField(default=False)


class Tag(models.Model):
    """A word the shop uses to sort customers. `merged_into` set: customers who had it have that one now."""

    name = models.CharField(_("标签"), max_length=40, unique=True)
    category = models.CharField(_("分类"), max_length=40, blank=True)  # a TagCategory's code
    is_hidden = models.BooleanField(db_default=False)  # no longer offered; customers keep it
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.name


class CustomerTag(models.Model):
    """One tag on one customer, and where it came from. `merged_from`: the tag it was before two were made one."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="tag_links")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=40, blank=True)
    merged_from = models.ForeignKey(Tag, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "tag"], name="customers_tag_once")
        ]
