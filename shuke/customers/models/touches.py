"""Touches with customers, and what is planned."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shuke.customers.models.records import Customer


class Interaction(models.Model):
    """A touch with a customer: note, call, SMS, e-mail, WeChat, visit, meeting or gift."""

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
    staff = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    happened_at = models.DateTimeField(_("时间"))
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer", "-happened_at"], name="customers_touch_recent")]


class FollowUp(models.Model):
    """Something to do for a customer on a day."""

    class State(models.TextChoices):
        OPEN = "open", _("待办")
        DONE = "done", _("已完成")
        CANCELLED = "cancelled", _("已取消")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(_("做什么"), max_length=120)
    due_on = models.DateField(_("哪天"))
    assignee = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    result = models.CharField(_("结果"), max_length=200, blank=True)
    done_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_on", "assignee"], name="customers_due", condition=models.Q(state="open")
            ),
            models.Index(fields=["customer", "-due_on"], name="customers_followup_of"),
        ]
