"""What a deleted customer was known by. Kept aside so that the recycle bin can give it back, and others may use it meanwhile."""

from typing import ClassVar

from django.db import models

from shuke.customers.models.records import Customer


class ReleasedIdentity(models.Model):
    """An identity taken off a deleted customer, as it was."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    namespace = models.CharField(max_length=60)
    value = models.CharField(max_length=254)
    verified_by = models.CharField(max_length=40, blank=True, db_default="")
    import_run_id = models.BigIntegerField(null=True)
    last_seen = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "namespace", "value"], name="customers_released_once")
        ]
        indexes: ClassVar = [models.Index(fields=["value"], name="customers_released_value")]
