"""Files kept with a customer: contracts, pictures, recordings."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shuke.customers.models.records import Customer


class CustomerFile(models.Model):
    """A file on the disk under a random name; `name` is what it was called. Removed ones wait before they are deleted."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("文件名"), max_length=120)
    kind = models.CharField(max_length=10)  # what the content is, see rules.files
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_name = models.CharField(max_length=40)  # random, below MEDIA_ROOT/customers
    uploaded_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_by_name = models.CharField(max_length=60, blank=True)
    removed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["removed_at"],
                name="customers_file_removed",
                condition=models.Q(removed_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name
