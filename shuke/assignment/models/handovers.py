"""Handovers: who gets whom, what else moved, and the set of changes that did it."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Handover(models.Model):
    """One handover: proposed (its shares written down, nothing moved), then started as a set of changes, maybe taken back."""

    class Kind(models.TextChoices):
        SOME = "some", _("交接")
        LEAVER = "leaver", _("离职交接")
        BALANCE = "balance", _("均衡分配")
        NEW = "new", _("新客户分配")

    class How(models.TextChoices):
        ONE = "one", _("都交给一位")
        LOAD = "load", _("按手上的多少，公平分给几位")
        STORE = "store", _("先按所属门店，再公平分")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    how = models.CharField(max_length=6, choices=How.choices, default=How.ONE)
    from_staff = models.ForeignKey("team.Staff", null=True, on_delete=models.CASCADE, related_name="+")
    made_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    parts: Any = models.JSONField(
        default=list
    )  # what moves: "managed", "helped", "steps", codes of other rooms
    stays = models.CharField(
        max_length=5, blank=True, default=""
    )  # as what the previous person keeps helping
    reason = models.CharField(max_length=120, blank=True)
    first_taker = models.ForeignKey("team.Staff", null=True, on_delete=models.CASCADE, related_name="+")
    change_set = models.OneToOneField(
        "customers.ChangeSet", null=True, on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["made_by", "-id"], name="assignment_handover_by")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"


class HandoverShare(models.Model):
    """Who gets a customer (and whatever of theirs moves)."""

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="shares", db_index=False)
    customer_id = models.IntegerField()
    to_staff_id = models.IntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["handover", "customer_id"], name="assignment_share_once")
        ]
        indexes: ClassVar = [models.Index(fields=["handover", "to_staff_id"], name="assignment_share_of")]


class HandoverMove(models.Model):
    """A row of another room that went along: put back as long as it is still where the handover put it."""

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="moves", db_index=False)
    kind = models.CharField(max_length=30)
    row_id = models.BigIntegerField()
    from_id = models.IntegerField()
    to_id = models.IntegerField()
    is_undone = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["handover", "kind", "row_id"], name="assignment_move_once")
        ]
