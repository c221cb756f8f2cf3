"""Touches with customers, and what is planned."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shuke.customers.models.records import Customer


class KeptInteractions(models.Manager["Interaction"]):
    """Touches that nobody took back."""

    def get_queryset(self) -> models.QuerySet["Interaction"]:
        return super().get_queryset().filter(removed_at=None)


class Interaction(models.Model):
    """A touch with a customer: note, call, SMS, e-mail, WeChat, visit, meeting or gift.

    `staff` is who had it; `author_name` names somebody who is no staff here (history that came from elsewhere).
    `objects` leaves out what was taken back, `everything` does not.
    """

    class Kind(models.TextChoices):
        NOTE = "note", _("备注")
        CALL = "call", _("电话")
        SMS = "sms", _("短信")
        EMAIL = "email", _("邮件")
        WECHAT = "wechat", _("微信")
        VISIT = "visit", _("拜访")
        MEETING = "meeting", _("见面")
        GIFT = "gift", _("礼物")

    class Direction(models.TextChoices):
        OUT = "out", _("我方联系")
        IN = "in", _("客户联系")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("方式"), max_length=10, choices=Kind.choices)
    direction = models.CharField(_("方向"), max_length=3, choices=Direction.choices, default=Direction.OUT)
    body = models.TextField(_("内容"), blank=True)
    result = models.CharField(_("结果"), max_length=40, blank=True)
    channel = models.CharField(_("渠道"), max_length=40, blank=True, db_default="")
    staff = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(_("记录人"), max_length=60, blank=True, db_default="")
    happened_at = models.DateTimeField(_("时间"))
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(null=True)
    earlier: Any = models.JSONField(null=True)  # as it was before the last change
    removed_at = models.DateTimeField(null=True)
    origin = models.CharField(max_length=120, null=True)  # source:number of the row elsewhere, known once
    import_run_id = models.BigIntegerField(null=True)

    everything: ClassVar[models.Manager["Interaction"]] = models.Manager()
    objects: ClassVar[KeptInteractions] = KeptInteractions()

    class Meta:
        default_manager_name = "objects"
        indexes: ClassVar = [
            models.Index(fields=["customer", "-happened_at"], name="customers_touch_recent"),
            models.Index(
                fields=["import_run_id"],
                name="customers_touch_run",
                condition=models.Q(import_run_id__isnull=False),
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["origin"],
                name="customers_touch_once",
                condition=models.Q(origin__isnull=False),
            )
        ]


class FollowUp(models.Model):
    """Something to do for a customer on a day; of a person, or of whoever is in the store.

    One that a plan made carries it; of each plan a customer has one open at most.
    """

    class State(models.TextChoices):
        OPEN = "open", _("待办")
        DONE = "done", _("已完成")
        CANCELLED = "cancelled", _("已取消")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(_("做什么"), max_length=120)
    kind = models.CharField(_("怎么联系"), max_length=10, blank=True, db_default="")
    due_on = models.DateField(_("哪天"))
    due_time = models.TimeField(_("几点"), null=True, blank=True)
    assignee = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    plan = models.ForeignKey(
        "customers.FollowUpPlan", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    previous = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    interaction = models.ForeignKey(
        Interaction, null=True, on_delete=models.SET_NULL, related_name="+"
    )  # the touch that finished it
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    result = models.CharField(_("结果"), max_length=200, blank=True)
    done_at = models.DateTimeField(null=True)
    escalated_on = models.DateField(null=True)
    created_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    origin = models.CharField(max_length=120, null=True)
    import_run_id = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_on", "assignee"], name="customers_due", condition=models.Q(state="open")
            ),
            models.Index(
                fields=["assignee", "due_on"], name="customers_due_of", condition=models.Q(state="open")
            ),
            models.Index(
                fields=["due_on", "due_time", "id"],
                name="customers_due_by_hour",
                condition=models.Q(state="open"),
            ),
            models.Index(fields=["customer", "-due_on"], name="customers_followup_of"),
            models.Index(
                fields=["plan", "customer"],
                name="customers_followup_plan",
                condition=models.Q(plan__isnull=False),
            ),
            models.Index(
                fields=["import_run_id"],
                name="customers_followup_run",
                condition=models.Q(import_run_id__isnull=False),
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "customer"],
                name="customers_plan_once",
                condition=models.Q(state="open", plan__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["origin"],
                name="customers_followup_once",
                condition=models.Q(origin__isnull=False),
            ),
        ]
