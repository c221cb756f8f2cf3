"""Who works on a customer beside the account manager."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shuke.customers.models.records import Customer


class Collaborator(models.Model):
    """A colleague to whom a customer is open though they are neither its account manager nor, perhaps, of its store."""

    class Access(models.TextChoices):
        READ = "read", _("只看")
        WRITE = "write", _("可以记录和跟进")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    staff = models.ForeignKey("team.Staff", on_delete=models.CASCADE, related_name="+", db_index=False)
    access = models.CharField(max_length=5, choices=Access.choices)
    added_by = models.ForeignKey(
        "team.Staff", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "staff"], name="customers_collaborator_once")
        ]
        indexes: ClassVar = [
            # answers with each page what is shared with whom, without the table
            models.Index(fields=["staff", "customer"], include=["access"], name="customers_shared_with")
        ]
