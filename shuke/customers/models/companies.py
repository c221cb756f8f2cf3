"""Who belongs to whom: people at a company, people of one household."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shuke.customers.models.records import Customer


class CompanyContact(models.Model):
    """A person at a company and what they do there. `ended_at`: no longer."""

    company = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(_("身份"), max_length=40, blank=True)
    is_main = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company", "person"], name="customers_contact_once"),
            models.CheckConstraint(
                condition=~models.Q(company=models.F("person")), name="customers_contact_not_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company} · {self.person}" + (f" · {self.role}" if self.role else "")


class Household(models.Model):
    """People who live together and may share a phone or an address."""

    name = models.CharField(_("称呼"), max_length=40, blank=True)
    created_at = models.DateTimeField(db_default=Now())


class HouseholdMember(models.Model):
    """One person of a household; nobody is in two at once. `left_at`: no longer."""

    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    relation = models.CharField(_("关系"), max_length=20, blank=True)
    left_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer"], name="customers_one_household", condition=models.Q(left_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer}" + (f" · {self.relation}" if self.relation else "")
