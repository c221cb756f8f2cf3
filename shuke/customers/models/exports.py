"""Lists that leave the house: who asked, who allowed it, and where the file lies."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Export(models.Model):
    """A list of customers asked for as a file. Above the shop's limit somebody has to allow it first."""

    class State(models.TextChoices):
        WAITING = "waiting", _("等待批准")
        REFUSED = "refused", _("没有批准")
        RUNNING = "running", _("正在导出")
        DONE = "done", _("可以下载")
        FAILED = "failed", _("没能完成")
        REMOVED = "removed", _("已过期")

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"

    asked_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    asked_by_name = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    selection: Any = models.JSONField(default=dict)  # whom: {"source", "text"} or {"source": "ids", "ids"}
    columns: Any = models.JSONField(default=list)
    format = models.CharField(max_length=4, choices=Format.choices, default=Format.XLSX)
    reads_contacts = models.BooleanField(default=False)  # whether phones were written in full
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    rows_total = models.IntegerField(default=0)
    rows_done = models.IntegerField(default=0)
    file_name = models.CharField(max_length=120, blank=True, default="")
    bytes_written = models.BigIntegerField(default=0)
    decided_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    decided_by_name = models.CharField(max_length=60, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    removed_after = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["asked_by", "-id"], name="customers_export_of")]


class ExportRule(models.Model):
    """The shop's rule: exports of more customers than this wait for a manager or the owner."""

    is_single = models.BooleanField(default=True, unique=True, editable=False)
    approval_above = models.IntegerField(default=500)
