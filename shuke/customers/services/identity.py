"""Recognising customers: one value of a namespace belongs to one customer; doubts go to people."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shuke.customers import rules
from shuke.customers.events import CustomerAdded
from shuke.customers.models import Customer, Identity, IdentityConflict
from shuke.customers.rules import IdentityKeys
from shuke.customers.services.terms import index_terms
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require
from shuke.zh import pinyin

Pair = tuple[str, str]


@dataclass(frozen=True)
class Arrival:
    """Where a fact about a customer comes from. `verified_by` says how its keys were proven; empty: typed."""

    origin: str
    channel: str = ""
    store_id: int | None = None
    verified_by: str = ""
    import_run_id: int | None = None


class IdentityTaken(ValueError):
    """A value that the customer should get belongs to another one."""

    def __init__(self, namespace: str, customer_id: int) -> None:
        super().__init__(_("这个号码已经是另一位客户的。"))
        self.namespace = namespace
        self.customer_id = customer_id


def identify_customer(*, actor: Actor, keys: IdentityKeys, arrival: Arrival, name: str = "") -> int:
    """The customer whom these keys name, else a new one; returns the id.

    Member number is trusted first, then phone, e-mail, unionid, others. Keys nobody has are added to the customer found.
    Where keys name two customers, the more trusted wins and the pair is put up for review. Raises ValueError
    without any readable key.
    """
    require(actor, "customers.add")
    pairs = keys.pairs()
    if not pairs:
        raise ValueError("no readable identity key")
    try:
        with transaction.atomic():
            return _identify(actor, pairs, arrival, name)
    except IntegrityError:  # somebody else added the same key meanwhile: now it is found
        with transaction.atomic():
            return _identify(actor, pairs, arrival, name)


def _identify(actor: Actor, pairs: list[Pair], arrival: Arrival, name: str) -> int:
    holders = _holders(pairs)
    chosen = next((holders[pair] for pair in pairs if pair in holders), None)
    rivals = {holder.pk for holder in holders.values()}
    if chosen is not None and _is_somebody_else(chosen, pairs, arrival):
        chosen = None
    customer = chosen or _create(pairs, holders, arrival, name)
    _attach_free(customer, pairs, holders, arrival)
    for rival_id in sorted(rivals - {customer.pk}):
        open_conflict(customer.pk, rival_id, origin=arrival.origin, pairs=pairs)
    if chosen is None:
        record_audit(actor, "customer_added", customer, after={"origin": arrival.origin})
        index_terms([customer.pk])
        publish(CustomerAdded(customer_id=customer.pk))
    return customer.pk


def _holders(pairs: list[Pair]) -> dict[Pair, Customer]:
    """Who holds each pair, merged records replaced by those they live on in."""
    wanted = Identity.objects.filter(value__in=[value for _space, value in pairs])
    rows = wanted.filter(namespace__in=[space for space, _value in pairs]).select_related("customer")
    found = {(row.namespace, row.value): living(row.customer) for row in rows}
    return {pair: found[pair] for pair in pairs if pair in found}


def living(customer: Customer) -> Customer:
    """The record a merged one lives on in."""
    while customer.merged_into_id is not None:
        customer = Customer.objects.get(pk=customer.merged_into_id)
    return customer


def _is_somebody_else(customer: Customer, pairs: list[Pair], arrival: Arrival) -> bool:
    """Both have a proven value of a kind of which a person has one, and the values differ: not to be linked."""
    singles = {space: value for space, value in pairs if space in rules.ONE_PER_CUSTOMER}
    if not singles or not arrival.verified_by:
        return False
    theirs = Identity.objects.filter(customer=customer, namespace__in=singles).exclude(verified_by="")
    held: dict[str, set[str]] = {}  # a merged customer may have two, by a person's decision
    for namespace, value in theirs.values_list("namespace", "value"):
        held.setdefault(namespace, set()).add(value)
    return any(singles[namespace] not in values for namespace, values in held.items())


def _create(pairs: list[Pair], holders: dict[Pair, Customer], arrival: Arrival, name: str) -> Customer:
    free = dict(reversed([pair for pair in pairs if pair not in holders]))
    phone = rules.shown_phone(free.get(rules.PHONE, ""))
    name = rules.clean_line(name)[: rules.NAME_LENGTH]
    return Customer.objects.create(
        name=name,
        name_key=pinyin.sort_key(name, phone),
        phone=phone,
        email=free.get(rules.EMAIL, ""),
        member_number=free.get(rules.MEMBER, "")[:40],
        wechat=free.get(rules.WECHAT, "")[:60],
        first_channel=arrival.channel[:40],
        store_id=arrival.store_id,
        import_run_id=arrival.import_run_id,
    )


def _attach_free(
    customer: Customer, pairs: list[Pair], holders: dict[Pair, Customer], arrival: Arrival
) -> None:
    has = set(Identity.objects.filter(customer=customer).values_list("namespace", flat=True))
    free = [
        (space, value)
        for space, value in pairs
        if (space, value) not in holders and not (space in rules.ONE_PER_CUSTOMER and space in has)
    ]
    now = clock.now()
    Identity.objects.bulk_create(
        Identity(namespace=s, value=v, customer=customer, verified_by=arrival.verified_by[:40], last_seen=now)
        for s, v in free
    )
    seen = [value for (_space, value), holder in holders.items() if holder.pk == customer.pk]
    Identity.objects.filter(customer=customer, value__in=seen).update(last_seen=now)
    if holders and free:
        _show_new(customer, dict(reversed(free)))


def _show_new(customer: Customer, values: dict[str, str]) -> None:
    """Fill what the record did not show yet with keys that were just learned."""
    shown = {
        "phone": rules.shown_phone(values.get(rules.PHONE, "")),
        "email": values.get(rules.EMAIL, ""),
        "member_number": values.get(rules.MEMBER, "")[:40],
        "wechat": values.get(rules.WECHAT, "")[:60],
    }
    changes = {field: value for field, value in shown.items() if value and not getattr(customer, field)}
    Customer.objects.filter(pk=customer.pk).update(**changes, updated_at=clock.now())
    index_terms([customer.pk])


def open_conflict(one_id: int, other_id: int, *, origin: str, pairs: list[Pair]) -> None:
    """Put two customers up for review; a pair is put up once."""
    first, second = sorted((one_id, other_id))
    IdentityConflict.objects.get_or_create(
        first_id=first,
        second_id=second,
        defaults={"origin": origin[:80], "evidence": {"keys": [list(pair) for pair in pairs]}},
    )


def claim_identity(customer: Customer, namespace: str, value: str, *, verified_by: str = "") -> None:
    """Give the customer a value. Raises IdentityTaken when another one holds it."""
    row, _is_new = Identity.objects.get_or_create(
        namespace=namespace, value=value, defaults={"customer": customer, "verified_by": verified_by}
    )
    if living(row.customer).pk != customer.pk:
        raise IdentityTaken(namespace, living(row.customer).pk)


@transaction.atomic
def decide_conflict(*, actor: Actor, conflict_id: int, decision: str, later_days: int = 7) -> None:
    """Answer whether two records are one person: `different` closes the pair, `later` hides it for some days."""
    conflict = IdentityConflict.objects.select_for_update(of=("self",)).get(pk=conflict_id)
    require(actor, "customers.edit", conflict.first)
    require(actor, "customers.edit", conflict.second)
    if decision == "later":
        conflict.shown_from = clock.today() + timedelta(days=later_days)
    elif decision == IdentityConflict.Decision.DIFFERENT:
        conflict.decision, conflict.is_open = decision, False
    else:
        raise ValueError(f"no decision {decision!r}")
    conflict.decided_by_id = actor.id
    conflict.decided_at = clock.now()
    conflict.save()
    record_audit(actor, "identity_conflict_decided", conflict, after={"decision": decision})


@transaction.atomic
def reopen_conflict(*, actor: Actor, conflict_id: int) -> None:
    """Take a decision back."""
    conflict = IdentityConflict.objects.select_for_update(of=("self",)).get(pk=conflict_id)
    require(actor, "customers.edit", conflict.first)
    require(actor, "customers.edit", conflict.second)
    before = {"decision": conflict.decision, "shown_from": str(conflict.shown_from or "")}
    conflict.is_open, conflict.decision, conflict.shown_from = True, "", None
    conflict.save()
    record_audit(actor, "identity_conflict_reopened", conflict, before=before)
