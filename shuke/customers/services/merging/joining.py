"""Making two customers one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from shuke.customers import rules
from shuke.customers.events import CustomersMerged
from shuke.customers.models import CompanyContact, Customer, DuplicatePair, Identity, Merge, MergeMove
from shuke.customers.rules.merging import merged_columns
from shuke.customers.services.merging import columns, rows
from shuke.customers.services.terms import index_terms
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require


class CannotMerge(ValueError):
    """The two cannot become one; says why in words for the screen."""


class VerifiedDiffer(CannotMerge):
    """Both have a proven value of a kind of which a person has one: somebody has to say that they are one person."""

    def __init__(self, namespaces: list[str]) -> None:
        super().__init__(_("两边都有已验证的会员号或微信，而且不一样。确认是同一个人，才能合并。"))
        self.namespaces = namespaces


@dataclass(frozen=True)
class Choices:
    """Whose value stands, by field: "winner", "loser", for notes also "both"; what is not named fills gaps only.

    `accepts_two_verified`: a person has looked at two proven, different member numbers and says it is one customer.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    accepts_two_verified: bool = False


@transaction.atomic
def merge_customers(*, actor: Actor, winner_id: int, loser_id: int, choices: Choices = Choices()) -> Merge:
    """Make the loser part of the winner: fields as chosen, rows of every registered table moved, all of it kept for undoing.

    Raises CannotMerge (also VerifiedDiffer), PermissionDenied, ValueError for an unknown field; then nothing has changed.
    """
    require(actor, "customers.merge")
    winner, loser = _locked(winner_id, loser_id)
    for customer in (winner, loser):
        require(actor, "customers.merge", customer)
    if not choices.accepts_two_verified and (differing := verified_differences(winner_id, loser_id)):
        raise VerifiedDiffer(differing)
    chosen = [*columns.chosen_columns(), *columns.own_columns(winner, loser)]
    changes = merged_columns(
        columns.as_stored(winner, chosen), columns.as_stored(loser, chosen), choices.fields
    )
    changes |= columns.following(winner, loser, changes)
    merge = Merge.objects.create(
        winner=winner,
        loser=loser,
        actor_id=actor.id,
        actor_name=actor.name,
        fields={column: change.to_json() for column, change in changes.items()},
        pair_id=close_pair(winner_id, loser_id),
    )
    counts = _move_rows(merge)
    columns.write(winner, {column: change.after for column, change in changes.items()})
    Customer.objects.filter(pk=loser_id).update(merged_into=winner)
    record_audit(
        actor,
        "customers_merged",
        winner,
        before={"customer": loser_id},
        after={"merge": merge.pk, "fields": sorted(changes), "rows": counts},
    )
    index_terms(found_with([winner_id, loser_id]))
    publish(CustomersMerged(merge_id=merge.pk, winner_id=winner_id, loser_id=loser_id))
    return merge


def _locked(winner_id: int, loser_id: int) -> tuple[Customer, Customer]:
    if winner_id == loser_id:
        raise CannotMerge(_("这是同一份资料，不用合并。"))
    found = Customer.objects.select_for_update(of=("self",)).filter(pk__in=[winner_id, loser_id])
    both = {customer.pk: customer for customer in found.order_by("pk")}
    gone = [pk for pk in (winner_id, loser_id) if pk not in both or not _is_living(both[pk])]
    if gone:
        raise CannotMerge(_("其中一份资料已经合并或删除了，请刷新再看。"))
    if both[winner_id].kind != both[loser_id].kind:
        raise CannotMerge(_("一个是个人，一个是公司，不能合并。请先把类型改成一样。"))
    return both[winner_id], both[loser_id]


def _is_living(customer: Customer) -> bool:
    return customer.merged_into_id is None and customer.deleted_at is None


def verified_differences(one_id: int, other_id: int) -> list[str]:
    """Kinds of proven values of which a person has one, and these two have different ones."""
    found = Identity.objects.filter(
        customer_id__in=(one_id, other_id), namespace__in=rules.ONE_PER_CUSTOMER
    ).exclude(verified_by="")
    held: dict[str, set[int]] = {}
    for namespace, customer_id in found.values_list("namespace", "customer_id"):
        held.setdefault(namespace, set()).add(customer_id)
    return sorted(namespace for namespace, holders in held.items() if len(holders) > 1)


def _move_rows(merge: Merge) -> dict[str, int]:
    moves = []
    for part in rows.moved_parts():
        done = rows.move(part, winner_id=merge.winner_id, loser_id=merge.loser_id)
        moves.append(MergeMove(merge=merge, part=part.name, **asdict(done)))
    MergeMove.objects.bulk_create(moves)
    return {move.part: len(move.moved) for move in moves if move.moved}


@transaction.atomic
def gather_late_rows(merge_id: int) -> int:
    """Move rows that others wrote to the loser while the merge was under way; returns how many. Safe to repeat."""
    merge = Merge.objects.select_for_update(of=("self",)).filter(pk=merge_id, undone_at=None).first()
    if merge is None:
        return 0
    moves = {move.part: move for move in MergeMove.objects.filter(merge=merge)}
    gathered = 0
    for part in rows.moved_parts():
        move = moves.get(part.name)
        if move is None:
            continue
        late = rows.move(part, winner_id=merge.winner_id, loser_id=merge.loser_id, leaving=move.stayed)
        if late.moved or late.stayed:
            move.moved, move.stayed = [*move.moved, *late.moved], [*move.stayed, *late.stayed]
            move.before = {**move.before, **late.before}
            move.save(update_fields=["moved", "stayed", "before"])
            gathered += len(late.moved)
    link = Merge.objects.filter(loser_id=merge.winner_id, undone_at=None).first()
    if link is not None and gathered:  # the winner was merged further: so go what came late
        gather_late_rows(link.pk)
    return gathered


def found_with(customer_ids: list[int]) -> list[int]:
    """These, and the people who are found by the name of a company among them."""
    people = CompanyContact.objects.filter(company_id__in=customer_ids)
    return [*customer_ids, *people.values_list("person_id", flat=True)]


def close_pair(one_id: int, other_id: int) -> int | None:
    """The open suggestion that the two are one has been followed; returns its id, None when there is none."""
    first, second = sorted((one_id, other_id))
    pair = DuplicatePair.objects.filter(first_id=first, second_id=second, state=DuplicatePair.State.OPEN)
    pair_id = pair.values_list("pk", flat=True).first()
    pair.update(state=DuplicatePair.State.MERGED)
    return pair_id
