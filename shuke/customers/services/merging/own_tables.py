"""The tables of this room that point to a customer."""

from collections.abc import Collection, Mapping

from django.utils.translation import gettext_lazy as _

from shuke.customers.models import Address, ContactPoint, FollowUp, Identity, Interaction
from shuke.customers.rules import PHONE, mask_email, mask_phone, mask_word
from shuke.customers.services.merging.registry import How, register_rows

SHOWN_LENGTH = 60


def register_own_tables() -> None:
    """Called once at start."""
    rows = "customers."
    register_rows(rows + "Identity", words=_("号码和账号"), describe=_identities)
    register_rows(rows + "CustomerTag", words=_("标签"), asks=False)
    register_rows(rows + "Interaction", words=_("往来记录"), describe=_touches)
    register_rows(rows + "FollowUp", words=_("回访"), describe=_follow_ups)
    register_rows(rows + "ContactPoint", words=_("联系方式"), describe=_points)
    register_rows(rows + "Address", words=_("地址"), yields={"is_main": False}, describe=_addresses)
    register_rows(rows + "InvoiceTitle", words=_("发票抬头"), yields={"is_default": False})
    register_rows(rows + "CustomerFile", words=_("文件"))
    register_rows(rows + "CompanyContact", "company", words=_("公司联系人"))
    register_rows(rows + "CompanyContact", "person", words=_("所在公司"))
    register_rows(rows + "HouseholdMember", words=_("家庭"))
    register_rows(rows + "ContactPermit", words=_("联系许可"), asks=False)
    register_rows(rows + "Collaborator", words=_("协作人"), asks=False)
    register_rows(rows + "CustomerFollower", words=_("关注的同事"), asks=False)
    for label, column in (
        ("FieldChange", "customer"),  # what was changed on the record itself
        ("ReleasedIdentity", "customer"),  # of deleted records
        ("ChangeProblem", "customer_id"),
        ("Merge", "winner"),
        ("Merge", "loser"),
        ("Customer", "merged_into"),
        ("IdentityConflict", "first"),  # doubts about two records: hidden while one of them is merged
        ("IdentityConflict", "second"),
        ("DuplicatePair", "first"),
        ("DuplicatePair", "second"),
        ("ProfileLink", "customer"),  # an address dies with its record
    ):
        register_rows(rows + label, column, how=How.STAY)
    register_rows(rows + "ProfileReview", words=_("核实记录"), asks=False)
    register_rows(rows + "ProfileProposal", words=_("客户想改的资料"))
    register_rows(rows + "FieldCheck", words=_("核实过的资料"), asks=False)
    for label in ("SearchTerm", "SearchPending", "SearchText", "ProfileQuality"):
        register_rows(rows + label, "customer_id", how=How.DERIVED)


def _identities(ids: Collection[int]) -> Mapping[int, str]:
    found = Identity.objects.filter(pk__in=ids).values_list("pk", "namespace", "value")
    return {pk: mask_phone(value) if space == PHONE else _masked(value) for pk, space, value in found}


def _points(ids: Collection[int]) -> Mapping[int, str]:
    found = ContactPoint.objects.filter(pk__in=ids).values_list("pk", "kind", "value")
    return {pk: mask_phone(value) if kind == PHONE else _masked(value) for pk, kind, value in found}


def _masked(value: str) -> str:
    return mask_email(value) if "@" in value else mask_word(value)


def _touches(ids: Collection[int]) -> Mapping[int, str]:
    return {
        row.pk: f"{row.happened_at:%Y-%m-%d} {row.get_kind_display()} {row.body[:SHOWN_LENGTH]}".strip()
        for row in Interaction.objects.filter(pk__in=ids)
    }


def _follow_ups(ids: Collection[int]) -> Mapping[int, str]:
    return {
        row.pk: f"{row.due_on:%Y-%m-%d} {row.purpose[:SHOWN_LENGTH]}"
        for row in FollowUp.objects.filter(pk__in=ids)
    }


def _addresses(ids: Collection[int]) -> Mapping[int, str]:
    return {
        row.pk: " ".join(part for part in (row.province, row.city, row.district) if part)
        for row in Address.objects.filter(pk__in=ids)
    }
