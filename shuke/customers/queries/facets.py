"""What a record says about a customer in short words, for lists to ask: occupation=老师, note, address …

A value is `<field>=<value>`, and stands beside the bare `<field>`, which says that there is one.
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, CharField, Func, Q, QuerySet, TextField, Value, When
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
    parts = [*map(_value, VALUES), *map(_present, (*VALUES, *PRESENT))]
    return Func(
        *parts,
        template="array_remove(array[%(expressions)s]::text[], null)",
        output_field=ArrayField(TextField()),
    )


def customers_with(word: str) -> QuerySet[Any, Any] | None:
    """The ids of customers of whom something is kept in a table of its own, named by its word; None for other words.

    The table says itself how few there are; the words of a row do not.
    """
    owners = {word: (rows, "customer_id") for word, rows in _tables().items()}
    owners |= {"at_company": (_places(), "person_id"), "has_contacts": (_places(), "company_id")}
    if word not in owners:
        return None
    rows, owner = owners[word]
    return rows.values(owner)


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


def _tables() -> dict[str, QuerySet[Any]]:
    return {
        "invoice": InvoiceTitle.objects.filter(removed_at=None),
        "file": CustomerFile.objects.filter(removed_at=None),
        "household": HouseholdMember.objects.filter(left_at=None),
    }


def _places() -> QuerySet[Any]:
    return CompanyContact.objects.filter(ended_at=None)
