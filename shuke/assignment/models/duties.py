"""How much each person can carry, and to whom new customers go."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from shuke.assignment.rules import sharing


class AssignmentPolicy(models.Model):
    """What customers and follow-ups weigh, and who may get key customers."""

    weight_high = models.PositiveSmallIntegerField(_("高价值客户"), default=5)
    weight_potential = models.PositiveSmallIntegerField(_("有潜力客户"), default=3)
    weight_low = models.PositiveSmallIntegerField(_("低价值客户"), default=1)
    weight_none = models.PositiveSmallIntegerField(_("还没消费的客户"), default=1)
    weight_follow_up = models.PositiveSmallIntegerField(_("一件待办跟进"), default=2)
    seniors_for_key = models.BooleanField(_("重要价值客户只给资深同事"), default=False)
    is_single = models.BooleanField(default=True, unique=True, editable=False)


class Duty(models.Model):
    """What one person can take: nothing kept means the usual."""

    staff = models.OneToOneField("team.Staff", primary_key=True, on_delete=models.CASCADE, related_name="+")
    capacity = models.PositiveIntegerField(_("能照看多少"), default=sharing.USUAL_CAPACITY)
    is_senior = models.BooleanField(_("资深"), default=False)
    away_from = models.DateField(_("休假从"), null=True, blank=True)
    away_until = models.DateField(_("休假到"), null=True, blank=True)


class StoreRule(models.Model):
    """To whom a store's new customers without an account manager go."""

    class How(models.TextChoices):
        OFF = "off", _("不自动分配")
        LOAD = "load", _("谁手上最松给谁")
        MANAGER = "manager", _("都给店长")
        CHANNEL = "channel", _("按来源指定，其余谁松给谁")

    store = models.OneToOneField("team.Store", primary_key=True, on_delete=models.CASCADE, related_name="+")
    how = models.CharField(max_length=8, choices=How.choices, default=How.OFF)
    channels: Any = models.JSONField(default=dict)  # first channel → staff id

    class Meta:
        ordering: ClassVar = ["store"]
