"""What a record says about a customer in short words, for lists to ask: occupation=老师, note, invoice, file …

A value is `<field>=<value>`, and stands beside the bare `<field>`, which says that there is one.
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, CharField, Exists, Func, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Concat, Lower, Substr, Trim

from shuke.customers.models import (
    CompanyContact,
    Customer,
    CustomerFile,
    HouseholdMember,
    InvoiceTitle,
)

VALUES = (
    "occupation", "industry", "district", "education", "income_band", "preferred_channel", "preferred_hours",
)  # fmt: skip
PRESENT = ("note", "address", "member_number", "preferred_products", "birthday_month")
LONGEST = 40


def facet(field: str, value: str = "") -> str:
    """The word that a customer bears when the field holds this value, or anything."""
    return f"{field}={value.strip().lower()[:LONGEST]}" if value else field


def facets_of() -> Func:
    """An expression on customers: the array of these words."""
    parts = [*map(_value, VALUES), *map(_present, (*VALUES, *PRESENT)), *(_kept(*one) for one in _beside())]
    return Func(
        *parts,
        template="array_remove(array[%(expressions)s]::text[], null)",
        output_field=ArrayField(TextField()),
    )


def common_values(field: str, most: int = 200) -> list[str]:
    """Values that a field of the record often has, to help typing; of a sample of the newest."""
    rows = Customer.objects.filter(merged_into=None, deleted_at=None).order_by("-pk")
    sample = rows.values_list(field, flat=True)[:20_000]
    return sorted({value for value in sample if value})[:most]


def _value(field: str) -> Case:
    word = Lower(Substr(Trim(field), 1, LONGEST))
    return Case(When(~Q(**{field: ""}), then=Concat(Value(f"{field}="), word, output_field=TextField())))


def _present(field: str) -> Case:
    there = Q(birthday_month__isnull=False) if field == "birthday_month" else ~Q(**{field: ""})
    return Case(When(there, then=Value(field, output_field=CharField())))


def _kept(word: str, rows: QuerySet[Any]) -> Case:
    return Case(When(Exists(rows), then=Value(word, output_field=CharField())))


def _beside() -> list[tuple[str, QuerySet[Any]]]:
    """What stands in tables of its own."""
    whose = OuterRef("pk")
    return [
        ("invoice", InvoiceTitle.objects.filter(customer=whose, removed_at=None)),
        ("file", CustomerFile.objects.filter(customer=whose, removed_at=None)),
        ("household", HouseholdMember.objects.filter(customer=whose, left_at=None)),
        ("at_company", CompanyContact.objects.filter(person=whose, ended_at=None)),
        ("has_contacts", CompanyContact.objects.filter(company=whose, ended_at=None)),
    ]
