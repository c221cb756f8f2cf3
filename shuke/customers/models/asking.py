"""Going through profiles with customers: what clerks found, links to customers, and what customers want changed."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shuke.customers.models.records import Customer


class ProfileReview(models.Model):
    """A clerk went through a profile, or put it off. It holds what is needed to take that back.

    `before`: {field: the check that stood there, or null}. `changes`: ids of the field changes it made. `shown_from`: the queue
    leaves the customer out until then.
    """

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", _("核实过")
        CORRECTED = "corrected", _("改过")
        UNREACHED = "unreached", _("没联系上")
        LATER = "later", _("以后再说")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    staff = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    fields: Any = models.JSONField(default=list)
    before: Any = models.JSONField(default=dict)
    changes: Any = models.JSONField(default=list)
    interaction_id = models.BigIntegerField(null=True)
    shown_from = models.DateField(null=True)
    decided_at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["customer", "-shown_from"], name="customers_review_of"),
            models.Index(fields=["-decided_at"], name="customers_review_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.decided_at:%Y-%m-%d} {self.get_outcome_display()}"


class ProfileLink(models.Model):
    """An address under which a customer checks their own data. Only the digest of its secret is kept; it answers once."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    opened_count = models.IntegerField(default=0)
    answered_at = models.DateTimeField(null=True)
    answer: Any = models.JSONField(
        default=dict
    )  # {"right": [...], "changed": [...], "proposed": [...]}: fields, no values

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["customer", "-answered_at"],
                name="customers_link_answered",
                condition=models.Q(answered_at__isnull=False),
            )
        ]


class ProfileProposal(models.Model):
    """What a customer wants changed and somebody has to look at first. One open one for a field; values as JSON."""

    class State(models.TextChoices):
        OPEN = "open", _("待核实")
        TAKEN = "taken", _("采用了")
        REFUSED = "refused", _("没采用")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    link = models.ForeignKey(
        ProfileLink, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    field = models.CharField(max_length=20)
    before: Any = models.JSONField(null=True)
    after: Any = models.JSONField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    changes: Any = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "field"], name="customers_proposal_once", condition=models.Q(state="open")
            )
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.get_state_display()}"
