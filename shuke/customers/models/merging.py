"""Merges of customers and what they moved; pairs of records that may be one person."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shuke.customers.models.records import Customer


class Merge(models.Model):
    """One customer was merged into another; with its moves it holds all that is needed to part them again.

    `fields` says what changed on the winner: {column: {"before", "after", "taken": "loser" | "both" | "least"}}.
    """

    winner = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    loser = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    actor = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=60, blank=True)
    fields: Any = models.JSONField(default=dict)
    pair_id = models.BigIntegerField(null=True)  # the suggestion it answered
    created_at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["loser"], name="customers_merged_once", condition=models.Q(undone_at__isnull=True)
            ),
            models.CheckConstraint(
                condition=~models.Q(winner=models.F("loser")), name="customers_merge_of_two"
            ),
        ]


class MergeMove(models.Model):
    """What one merge moved of one registered table (`part`: "orders.Order.customer").

    `moved`: ids of rows that went from the loser to the winner. `stayed`: rows of which the winner had the like; they
    stay with the loser. `kept`: ids the winner had already, so that rows that came later can be told. `before`:
    {id: {column: value}} of rows that gave something up on the way.
    """

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="+", db_index=False)
    part = models.CharField(max_length=100)
    moved: Any = models.JSONField(default=list)
    kept: Any = models.JSONField(default=list)
    stayed: Any = models.JSONField(default=list)
    before: Any = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["merge", "part"], name="customers_move_once")
        ]


class MergeQuestion(models.Model):
    """After parting two customers: something that came or changed while they were one. Whose is it? Asked, never guessed.

    `row_id` set: a row of `part`. Else `part` is a column of the customer and `facts` hold its values.
    """

    class Answer(models.TextChoices):
        NONE = "", _("待定")
        WINNER = "winner", _("留在原处")
        LOSER = "loser", _("归分出来的这位")

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="+", db_index=False)
    part = models.CharField(max_length=100)
    row_id = models.BigIntegerField(null=True)
    facts: Any = models.JSONField(default=dict)
    answer = models.CharField(max_length=6, choices=Answer.choices, blank=True, db_default="")
    answered_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["merge", "part", "row_id"], name="customers_question_once", nulls_distinct=False
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["merge"], name="customers_question_open", condition=models.Q(answer=""))
        ]


class DuplicateScan(models.Model):
    """One search of all customers for records that may be one person."""

    class State(models.TextChoices):
        RUNNING = "running", _("正在查找")
        DONE = "done", _("完成")
        FAILED = "failed", _("中断")

    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    progress = models.SmallIntegerField(default=0)  # percent
    customers = models.IntegerField(default=0)
    compared = models.BigIntegerField(default=0)  # pairs looked at
    found = models.IntegerField(default=0)  # pairs worth a look, sure ones among them
    sure = models.IntegerField(default=0)
    problem = models.TextField(blank=True, db_default="")
    actor = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)


class DuplicatePair(models.Model):
    """Two records that may be one person: how likely, and why. `first` is the older record."""

    class State(models.TextChoices):
        OPEN = "open", _("待核对")
        MERGED = "merged", _("已合并")
        DIFFERENT = "different", _("不是同一人")

    first = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    score = models.SmallIntegerField()  # 0–100
    is_sure = models.BooleanField(default=False)  # above the level from which merging is suggested
    reasons: Any = models.JSONField(default=list)  # codes of rules.duplicates
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    shown_from = models.DateField(null=True)
    scan_id = models.BigIntegerField(null=True)  # the scan that saw it last
    decided_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first", "second"], name="customers_pair_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="customers_pair_older_first"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["-score", "id"], name="customers_pair_open", condition=models.Q(state="open")
            )
        ]
