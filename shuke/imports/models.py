"""Import runs, what they learned about a source, and the rows they could not take."""

from typing import Any

from django.db import models
from django.db.models.functions import Now


class ImportSource(models.Model):
    """Where files come from (有赞导出, 总店 POS …): remembers how its columns were mapped."""

    name = models.CharField(max_length=80, unique=True)
    target = models.CharField(max_length=40)
    mappings: Any = models.JSONField(default=dict)  # header fingerprint → {column: field}
    options: Any = models.JSONField(default=dict)


class ImportRun(models.Model):
    """One file on its way in. Batches commit with `rows_done`, so a killed run goes on where it stood."""

    class State(models.TextChoices):
        CHECKING = "checking"
        READY = "ready"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        UNDOING = "undoing"
        UNDONE = "undone"

    target = models.CharField(max_length=40)
    source = models.ForeignKey(ImportSource, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.CHECKING)
    file_name = models.CharField(max_length=255)
    stored_path = models.CharField(max_length=255)
    size_bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    found: Any = models.JSONField(default=dict)  # format, encoding, delimiter, sheet, columns, samples
    mapping: Any = models.JSONField(default=dict)
    options: Any = models.JSONField(default=dict)
    rows_total = models.BigIntegerField(default=0)
    rows_done = models.BigIntegerField(default=0)
    position: Any = models.JSONField(default=dict)  # where the next batch begins
    rows_rejected = models.BigIntegerField(default=0)
    counts: Any = models.JSONField(default=dict)  # created, updated, unchanged per kind
    problem = models.TextField(blank=True)
    started_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)


class ImportReject(models.Model):
    """A row that could not be taken, with what was wrong where."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="+")
    line_number = models.BigIntegerField()
    column = models.CharField(max_length=120, blank=True)
    value = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=200)
    row: Any = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["run", "line_number"], name="imports_reject_run")]


class ImportBefore(models.Model):
    """What a run overwrote on a record that was there before, so that it can be put back: the changed fields only.

    `kind` is the target's word for its records; values are JSON.
    """

    run_id = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    before: Any = models.JSONField()
    after: Any = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run_id", "kind", "object_id"], name="imports_before_once")
        ]


class ImportWaiting(models.Model):
    """A row that names a record not there yet: tried again when all rows of the run are in."""

    run_id = models.BigIntegerField()
    line_number = models.BigIntegerField()
    cells: Any = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run_id", "line_number"], name="imports_waiting_once")]
