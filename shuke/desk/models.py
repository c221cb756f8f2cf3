"""The read model of lists and the contact suggestions of the day. Private to this room."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now

FAR_DAY = "9999-12-31"


class CustomerRow(models.Model):
    """What the customer list sorts and filters by, in one narrow row. No column is null: keyset steps are row comparisons."""

    customer = models.OneToOneField(
        "customers.Customer", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    name_key = models.CharField(max_length=200, db_collation="C")
    store_id = models.BigIntegerField(null=True)
    account_manager_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    stage = models.CharField(max_length=10, db_default="prospect")
    phase = models.CharField(max_length=10, db_default="acquire")
    group = models.CharField(max_length=12, db_default="")
    level = models.CharField(max_length=10, db_default="")
    r_score = models.SmallIntegerField(db_default=0)
    fm_score = models.SmallIntegerField(db_default=0)
    purchases = models.IntegerField(db_default=0)
    spent_fen = models.BigIntegerField(db_default=0)
    clv_year_fen = models.BigIntegerField(db_default=0)
    at_stake_fen = models.BigIntegerField(db_default=0)
    leaving_chance = models.FloatField(db_default=0)
    last_on = models.DateField(db_default="0001-01-01")
    next_expected_on = models.DateField(db_default=FAR_DAY)
    birthday_key = models.SmallIntegerField(db_default=0)  # month * 100 + day on this year's solar calendar
    tag_ids = ArrayField(models.BigIntegerField(), db_default=[])

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["name_key", "customer"], name="desk_row_name"),
            models.Index(fields=["clv_year_fen", "customer"], name="desk_row_clv"),
            models.Index(fields=["spent_fen", "customer"], name="desk_row_spent"),
            models.Index(fields=["last_on", "customer"], name="desk_row_last"),
            models.Index(fields=["at_stake_fen", "customer"], name="desk_row_stake"),
            models.Index(fields=["created_at", "customer"], name="desk_row_created"),
            models.Index(fields=["next_expected_on", "customer"], name="desk_row_next"),
            GinIndex(fields=["tag_ids"], name="desk_row_tags"),
        ]


class Suggestion(models.Model):
    """Whom to contact today and why; one per customer, reason and occurrence."""

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        LATER = "later"
        DISMISSED = "dismissed"

    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    store_id = models.BigIntegerField(null=True)
    account_manager_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=20)  # slipping, birthday, welcome, due, follow_up …
    occurrence = models.CharField(
        max_length=40
    )  # which slip, which birthday: the same is not suggested twice
    shown_on = models.DateField()
    weight = models.BigIntegerField()  # fen at stake: the order of the list
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    result = models.CharField(max_length=40, blank=True)
    handled_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    handled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "reason", "occurrence"], name="desk_suggestion_once")
        ]
        indexes: ClassVar = [models.Index(fields=["shown_on", "store_id", "-weight"], name="desk_today")]
