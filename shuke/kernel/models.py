"""The kernel's own rows: events, idempotency keys, what upgrades queued."""

from django.db import models
from django.db.models.functions import Now


class EventRow(models.Model):
    """One published event; the outbox. Its handlers are jobs written in the same transaction."""

    name = models.CharField(max_length=80)
    payload = models.JSONField()
    published_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "kernel_event"
        indexes = [models.Index(fields=["name", "id"], name="kernel_event_name")]


class IdempotencyKey(models.Model):
    """A write that was done once: the same key and body get the same answer."""

    scope = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    answer = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="kernel_idempotency_once")]


class UpgradeWork(models.Model):
    """A job of `kernel.upgrades` that was queued for this shop."""

    name = models.CharField(max_length=80, primary_key=True)
    queued_at = models.DateTimeField(db_default=Now())


class LateIndex(models.Model):
    """An index that a load dropped and that is to be built when it has ended."""

    name = models.CharField(max_length=63, unique=True)
    definition = models.TextField()
