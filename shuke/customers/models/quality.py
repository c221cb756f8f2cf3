"""How good profiles are, and what people said about their fields. Only what cannot be read elsewhere is stored."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shuke.customers.models.records import Customer


class QualityPolicy(models.Model):
    """What a good profile is to this shop. Only what differs from the usual (rules.quality.FIELDS) is kept."""

    person: Any = models.JSONField(default=dict)  # weights by field
    company: Any = models.JSONField(default=dict)
    half_lives: Any = models.JSONField(default=dict)  # days by field
    takes = models.CharField(
        max_length=20, default="blanks"
    )  # rules.asking.TAKES: what a customer's answer writes at once
    link_days = models.PositiveSmallIntegerField(default=7)  # for how long a customer's link opens
    is_single = models.BooleanField(default=True, unique=True, editable=False)


class ProfileQuality(models.Model):
    """The score of one living customer, and which fields are there, stale and doubtful: a bit each (rules.quality.CODES).

    Computed by one statement (services.quality), so narrow and without constraints; `urgency` orders the queue 请核实.
    """

    customer_id = models.IntegerField(primary_key=True)
    urgency = models.IntegerField(db_default=0)
    score = models.SmallIntegerField(db_default=0)
    filled = models.SmallIntegerField(db_default=0)
    stale = models.SmallIntegerField(db_default=0)
    doubtful = models.SmallIntegerField(db_default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["-urgency", "customer_id"],
                name="customers_quality_urgent",
                condition=models.Q(urgency__gt=0),
            )
        ]


class QualityFigure(models.Model):
    """The profiles of one store added up, persons and companies apart; store 0: of no store. Arrays by field, or by fifth."""

    store_id = models.IntegerField()
    kind = models.CharField(max_length=8)
    customers = models.IntegerField()
    score_sum = models.BigIntegerField()
    bands: Any = ArrayField(models.IntegerField())
    filled: Any = ArrayField(models.IntegerField())
    stale: Any = ArrayField(models.IntegerField())
    doubtful: Any = ArrayField(models.IntegerField())
    as_of = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store_id", "kind"], name="customers_quality_figure_once")
        ]


class FieldCheck(models.Model):
    """The last word about a field of a customer: still right, or not to be relied on. A change of the field counts by itself."""

    class Source(models.TextChoices):
        STAFF = "staff", _("店里核实")
        CUSTOMER = "customer", _("客户自己核对")
        BOUNCE = "bounce", _("退信")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    field = models.CharField(max_length=20)
    is_right = models.BooleanField()
    source = models.CharField(max_length=8, choices=Source.choices)
    staff = models.ForeignKey(
        "team.Staff", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    checked_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "field"], name="customers_check_once")
        ]
