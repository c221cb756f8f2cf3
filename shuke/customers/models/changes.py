"""What was changed on customers, field by field, and in sets that can be taken back together."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shuke.customers.models.records import Customer


class ChangeSet(models.Model):
    """One act on many customers: a bulk action, a merge, a handover. Its parts are done, and undone, one transaction each.

    The numbers add up: total = changed + unchanged + failed; of the changed ones, restored + kept after undoing.
    """

    class State(models.TextChoices):
        OPEN = "open", _("进行中")  # written to by a service in its own transaction, no job of its own
        RUNNING = "running", _("进行中")
        DONE = "done", _("完成")
        FAILED = "failed", _("中断")
        UNDOING = "undoing", _("正在撤销")
        UNDONE = "undone", _("已撤销")

    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=200)
    actor = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    actor_name = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    selection: Any = models.JSONField(default=dict)  # whom: {"source", "text"} or {"source": "ids", "ids"}
    arguments: Any = models.JSONField(default=dict)  # what exactly, as the kind reads it
    is_listed = models.BooleanField(default=False)  # the parts have been written down
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    restored = models.IntegerField(default=0)  # fields put back
    kept = models.IntegerField(default=0)  # fields somebody changed since: left for a person to decide
    problem = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["actor", "-id"], name="customers_set_of")]


class ChangeSetPart(models.Model):
    """Some hundred customers of a set, as they matched when it began: done in one transaction."""

    change_set = models.ForeignKey(ChangeSet, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.IntegerField()
    customer_ids: Any = ArrayField(models.IntegerField())
    is_done = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["change_set", "number"], name="customers_set_part_once")
        ]


class ChangeProblem(models.Model):
    """Why a set did not change, or did not put back, one customer."""

    change_set = models.ForeignKey(ChangeSet, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id = models.IntegerField()
    is_of_undo = models.BooleanField(default=False)
    reason = models.CharField(max_length=200)  # a msgid, or words already chosen

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["change_set", "is_of_undo", "customer_id"], name="customers_problem_once"
            )
        ]


class FieldChange(models.Model):
    """One field of one customer before and after. Written for every saving by a person; not for what an import creates.

    Values are JSON that the field's keeper can put back. `audit_id` is the entry of the audit it was written with: rows of
    one saving share it.
    """

    class Undo(models.TextChoices):
        NONE = "", _("未撤回")
        RESTORED = "restored", _("已撤回")
        KEPT = "kept", _("后来又改过")
        FAILED = "failed", _("没能撤回")

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    field = models.CharField(max_length=60)
    before: Any = models.JSONField(null=True)
    after: Any = models.JSONField(null=True)
    actor = models.ForeignKey(
        "team.Staff", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    changed_at = models.DateTimeField()
    audit_id = models.BigIntegerField()
    change_set = models.ForeignKey(
        ChangeSet, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    undo = models.CharField(max_length=10, choices=Undo.choices, blank=True, db_default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["customer", "-audit_id"], name="customers_fieldchange_of"),
            models.Index(
                fields=["change_set", "undo", "-id"],
                name="customers_fieldchange_set",
                condition=models.Q(change_set__isnull=False),
            ),
        ]
