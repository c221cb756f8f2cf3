"""Segments, who is in them, and who came and went. Private to this room."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Segment(models.Model):
    """Customers under a name: those who meet the conditions, or, once frozen, those who met them at that moment.

    `fields`: the fields that its conditions ask about, so that who may not ask about one does not see the segment.
    `is_stuck`: a condition cannot be asked any more; membership stays as it was until somebody mends it.
    """

    name = models.CharField(max_length=60)
    description = models.CharField(max_length=300, blank=True)
    conditions = models.CharField(max_length=2000)  # in the language of desk.queries.filtering
    fields: Any = ArrayField(models.CharField(max_length=40), default=list)
    made_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    followed_from = models.DateField(null=True)  # the day of the first count: before it nothing is known
    refreshed_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    is_stuck = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(deleted_at=None), name="segments_name_once"
            )
        ]


class Member(models.Model):
    """A customer is in a segment."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    entered_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["segment", "customer"], name="segments_member_once")
        ]


class Move(models.Model):
    """A customer entered a segment or left it, at most one of the two on a day; who does both has not moved.

    `is_redefined`: the conditions were changed, not the customer.
    """

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    moved_on = models.DateField()
    is_entry = models.BooleanField()
    is_redefined = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["segment", "moved_on", "customer"], name="segments_one_move_a_day"
            )
        ]
