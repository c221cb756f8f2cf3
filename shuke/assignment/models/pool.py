"""公海: the shop's rules, who was warned, who is in it."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class PoolPolicy(models.Model):
    """Whether there is a pool, and how it is used."""

    class Steps(models.TextChoices):
        STORE = "store", _("交给店里，谁有空谁做")
        CANCEL = "cancel", _("取消")
        KEEP = "keep", _("还归原来的人")

    is_on = models.BooleanField(_("开启公海"), default=False)
    off_store_ids: Any = ArrayField(models.IntegerField(), default=list)  # stores that take no part
    warn_days = models.PositiveSmallIntegerField(_("提前几天提醒"), default=3)
    spares_key = models.BooleanField(_("重要价值客户不回公海"), default=True)
    spares_helped = models.BooleanField(_("有协作人的不回公海"), default=False)
    step_ahead_days = models.PositiveSmallIntegerField(_("这么多天内约了跟进的不回公海"), default=14)
    claims_a_day = models.PositiveSmallIntegerField(_("每人每天最多认领"), default=10)
    most_held = models.PositiveIntegerField(_("名下满多少位就不能再认领"), default=500)
    cool_off_days = models.PositiveSmallIntegerField(_("原负责人多少天内不能认领"), default=30)
    masks_contacts = models.BooleanField(_("认领前不显示完整联系方式"), default=True)
    steps = models.CharField(_("没做完的跟进"), max_length=6, choices=Steps.choices, default=Steps.STORE)
    is_single = models.BooleanField(default=True, unique=True, editable=False)


class PoolLevelRule(models.Model):
    """After how many days customers of a value level go back; nothing filled: they never do."""

    level = models.CharField(max_length=10, unique=True, blank=True)  # "" has not bought yet
    days_without_touch = models.PositiveSmallIntegerField(null=True, blank=True)
    days_without_purchase = models.PositiveSmallIntegerField(null=True, blank=True)
    needs_both = models.BooleanField(default=False)


class PoolLock(models.Model):
    """A customer who never goes back to the pool, whatever the rules say."""

    customer = models.OneToOneField("customers.Customer", on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=120, blank=True)
    locked_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    locked_at = models.DateTimeField(db_default=Now())


class PoolWarning(models.Model):
    """An account manager was told that a customer goes back on a day, unless they get in touch."""

    customer = models.OneToOneField("customers.Customer", on_delete=models.CASCADE, related_name="+")
    staff = models.ForeignKey("team.Staff", on_delete=models.CASCADE, related_name="+")
    store_id = models.IntegerField(null=True)
    recall_on = models.DateField(db_index=True)
    why: Any = models.JSONField(default=list)  # [["touch", 60], …]
    warned_at = models.DateTimeField(db_default=Now())


class PoolEntry(models.Model):
    """A customer's time in the pool: since when, why, whose they were, and how it ended. One open entry per customer."""

    class Left(models.TextChoices):
        CLAIMED = "claimed", _("被认领")
        GIVEN = "given", _("分配了负责人")
        UNDONE = "undone", _("撤销了回公海")

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    store_id = models.IntegerField(null=True)
    since = models.DateTimeField(db_default=Now())
    why: Any = models.JSONField(default=list)
    previous = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    worth_fen = models.BigIntegerField(
        default=0
    )  # value of the next 12 months when they came in: orders the list
    left_at = models.DateTimeField(null=True)
    left_how = models.CharField(max_length=8, choices=Left.choices, blank=True, db_default="")
    left_to = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer"], name="assignment_in_pool_once", condition=models.Q(left_at__isnull=True)
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["-worth_fen", "-id"],
                name="assignment_pool_worth",
                include=["store_id"],
                condition=models.Q(left_at__isnull=True),
            ),
            models.Index(
                fields=["left_to", "-left_at"],
                name="assignment_pool_claims",
                condition=models.Q(left_how="claimed"),
            ),
            models.Index(fields=["customer", "-since"], name="assignment_pool_of"),
        ]
