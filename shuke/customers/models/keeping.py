"""How a shop keeps in touch: plans of follow-ups, how often is too often, who follows whom, calendars of their own."""

from datetime import time
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shuke.customers.models.records import Customer


class FollowUpPlan(models.Model):
    """Every so many days, for everybody of a value level or stage, until a date."""

    class AssignTo(models.TextChoices):
        MANAGER = "manager", _("负责人")
        STORE = "store", _("所属门店")

    name = models.CharField(_("名称"), max_length=60)
    purpose = models.CharField(_("做什么"), max_length=120)
    kind = models.CharField(_("怎么联系"), max_length=10, blank=True, db_default="")
    audience = models.CharField(
        _("给谁"), max_length=60
    )  # "level:high": an audience that a room has registered, and one of its choices
    store = models.ForeignKey("team.Store", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    every_days = models.PositiveSmallIntegerField(_("每隔多少天"))
    starts_on = models.DateField(_("从哪天起"))
    until_on = models.DateField(_("到哪天为止"), null=True, blank=True)
    assign_to = models.CharField(_("归谁做"), max_length=10, choices=AssignTo.choices)
    most_a_day = models.PositiveSmallIntegerField(_("每人每天最多"), default=10)
    is_working_days_only = models.BooleanField(_("避开周末和节假日"), default=True)
    is_active = models.BooleanField(_("启用"), default=True)
    created_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    last_run_at = models.DateTimeField(null=True)
    last_result: Any = models.JSONField(null=True)


class ContactPolicy(models.Model):
    """How often and when a customer may be contacted, and when an overdue follow-up goes to the manager."""

    most_touches = models.PositiveSmallIntegerField(_("最多联系几次"), default=3)
    within_days = models.PositiveSmallIntegerField(_("多少天内"), default=7)
    quiet_from = models.TimeField(_("晚上几点以后不打扰"), default=time(21, 0))
    quiet_until = models.TimeField(_("早上几点以前不打扰"), default=time(9, 0))
    escalate_after_days = models.PositiveSmallIntegerField(_("逾期几天告诉店长"), default=3)
    is_single = models.BooleanField(default=True, unique=True, editable=False)


class ContactPermit(models.Model):
    """A manager let somebody contact a customer although the limit was reached."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=200)
    given_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    given_at = models.DateTimeField()
    valid_until = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["customer", "-valid_until"], name="customers_permit_of")]


class CustomerFollower(models.Model):
    """Somebody who wants to be told what happens with a customer."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    staff = models.ForeignKey("team.Staff", on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "staff"], name="customers_follows_once")
        ]


class CalendarFeed(models.Model):
    """The secret address under which a person's calendar program reads their follow-ups."""

    staff = models.OneToOneField("team.Staff", on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)  # of the secret: the address itself is shown once
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
