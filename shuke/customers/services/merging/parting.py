"""Parting what was made one: everything goes back to where it was; what came since is asked, never guessed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from shuke.customers.events import CustomersUnmerged
from shuke.customers.models import Customer, DuplicatePair, Identity, Merge, MergeMove, MergeQuestion
from shuke.customers.rules.merging import BOTH, FOLLOWS, LOSER, Change, without
from shuke.customers.services.merging import columns, rows
from shuke.customers.services.merging.joining import CannotMerge, found_with
from shuke.customers.services.merging.registry import How, Part, Sides, part_named, registered
from shuke.customers.services.terms import index_terms
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require


class CannotPart(CannotMerge):
    """This merge cannot be taken back now; says why in words for the screen."""


@dataclass
class Parting:
    """A merge being taken back: `chain` leads from its winner to the record that lives, with the merges between."""

    merge: Merge
    loser: Customer
    chain: list[Customer]
    links: list[Merge]
    questions: list[MergeQuestion] = field(default_factory=list)

    @property
    def holder(self) -> Customer:
        return self.chain[-1]

    @property
    def holder_ids(self) -> list[int]:
        return [customer.pk for customer in self.chain]


@transaction.atomic
def unmerge(*, actor: Actor, merge_id: int) -> list[MergeQuestion]:
    """Part two customers again; returns what has to be asked: rows and values that came while they were one.

    Rows go back by id with their later edits, wherever later merges took them. Fields that nobody changed since get their
    old value. Raises CannotPart with the reason, PermissionDenied; then nothing has changed.
    """
    require(actor, "customers.merge")
    parting = _locked(merge_id)
    for customer in (parting.holder, parting.loser):
        require(actor, "customers.merge", customer)
    _put_rows_back(parting)
    _restore_fields(parting)
    Customer.objects.filter(pk=parting.loser.pk).update(merged_into=None)
    _close(actor, parting)
    for customer in (parting.holder, parting.loser):  # those between have their keys with the holder for now
        columns.mend_shown_keys(customer)
    _ask_for_rows(parting)
    MergeQuestion.objects.bulk_create(parting.questions)
    ids = [*parting.holder_ids, parting.loser.pk]
    record_audit(
        actor,
        "customers_unmerged",
        parting.holder,
        before={"merge": merge_id, "customer": parting.loser.pk},
        after={"questions": len(parting.questions)},
    )
    index_terms(found_with(ids))
    publish(CustomersUnmerged(merge_id=merge_id, winner_id=parting.holder.pk, loser_id=parting.loser.pk))
    return parting.questions


def _locked(merge_id: int) -> Parting:
    merge = Merge.objects.select_for_update(of=("self",)).get(pk=merge_id)
    if merge.undone_at is not None:
        raise CannotPart(_("这次合并已经撤销过了。"))
    winners, links = [merge.winner_id], []
    while link := Merge.objects.filter(loser_id=winners[-1], undone_at=None).first():
        links.append(link)
        winners.append(link.winner_id)
    found = Customer.objects.select_for_update(of=("self",)).filter(pk__in=[merge.loser_id, *winners])
    people = {customer.pk: customer for customer in found.order_by("pk")}
    holder = people[winners[-1]]
    if holder.merged_into_id is not None:
        raise CannotPart(_("资料在别处又合并过，没有记录，分不开。请联系管理员。"))
    if holder.deleted_at is not None:
        raise CannotPart(_("合并后的客户在回收站里。请先恢复，再分开。"))
    return Parting(merge, people[merge.loser_id], [people[pk] for pk in winners], links)


def _close(actor: Actor, parting: Parting) -> None:
    merge = parting.merge
    merge.undone_at, merge.undone_by_id = clock.now(), actor.id
    merge.save(update_fields=["undone_at", "undone_by"])
    answered = [merge.pair_id] if merge.pair_id else []
    DuplicatePair.objects.filter(pk__in=answered, state=DuplicatePair.State.MERGED).update(
        state=DuplicatePair.State.OPEN
    )


# --- rows ---


def _put_rows_back(parting: Parting) -> None:
    above = {(move.merge_id, move.part): move for move in MergeMove.objects.filter(merge__in=parting.links)}
    for move in MergeMove.objects.filter(merge=parting.merge).order_by("part"):
        part = part_named(move.part)
        if part is None:
            continue
        before = dict(move.before)
        for link in parting.links:  # what a row gave up on its way further up comes back too
            higher = above.get((link.pk, move.part))
            before = {**(higher.before if higher else {}), **before}
        stored = rows.Moved(moved=move.moved, before=before)
        back = rows.put_back(part, stored, holder_ids=parting.holder_ids, loser_id=parting.loser.pk)
        _forget(parting.links, part, back)


def _forget(links: list[Merge], part: Part, gone: Collection[Any]) -> None:
    """These rows have gone home past later merges: those have nothing to give back of them, should they come again."""
    for move in MergeMove.objects.filter(merge__in=links, part=part.name) if gone else ():
        move.moved = [pk for pk in move.moved if pk not in gone]
        move.save(update_fields=["moved"])


def _ask_for_rows(parting: Parting) -> None:
    """Rows that came while the two were one: told by the room that knows, else asked."""
    sides: Sides | None = None
    known = _known(parting)
    for part in registered(How.MOVE):
        if not part.asks:
            continue
        came = rows.came_since(part, holder_ids=parting.holder_ids, known=known.get(part.name, ()))
        if not came:
            continue
        told: dict[int, int] = {}
        if part.whose is not None:
            sides = sides or sides_of(parting)
            told = dict(part.whose(came, sides))
        theirs = [pk for pk in came if told.get(pk) == parting.loser.pk]
        rows.put_back(
            part, rows.Moved(moved=theirs), holder_ids=parting.holder_ids, loser_id=parting.loser.pk
        )
        parting.questions += [
            MergeQuestion(merge=parting.merge, part=part.name, row_id=pk) for pk in came if pk not in told
        ]


def _known(parting: Parting) -> dict[str, set[Any]]:
    """Per table, rows that were there before, or that came from others who were merged in: no doubt about them."""
    chain = set(parting.holder_ids)
    merges = dict(Merge.objects.filter(winner_id__in=chain).values_list("pk", "loser_id"))
    known: dict[str, set[Any]] = {}
    for move in MergeMove.objects.filter(merge__in=merges):
        rows_known = known.setdefault(move.part, set())
        if move.merge_id == parting.merge.pk:
            rows_known |= {*move.kept, *move.moved}
        elif merges[move.merge_id] in chain:
            rows_known |= set(move.kept)
        else:
            rows_known |= set(move.moved)
    return known


def sides_of(parting: Parting) -> Sides:
    """Whose keys are whose now that they are put back."""
    found: dict[bool, set[tuple[str, str]]] = {True: set(), False: set()}
    keys = Identity.objects.filter(customer_id__in=[*parting.holder_ids, parting.loser.pk])
    for customer_id, namespace, value in keys.values_list("customer_id", "namespace", "value"):
        found[customer_id == parting.loser.pk].add((namespace, value))
    return Sides(parting.holder.pk, parting.loser.pk, frozenset(found[False]), frozenset(found[True]))


# --- fields ---


def _restore_fields(parting: Parting) -> None:
    stored = parting.merge.fields
    for column in sorted(stored, key=lambda column: (column == "name_key", column)):  # it follows the name
        _take_out(parting, 0, column, Change(**stored[column]))


def _take_out(parting: Parting, place: int, column: str, change: Change) -> None:
    """Take one merge's value out of a column of `chain[place]`, and out of what later merges made of it."""
    customer = parting.chain[place]
    later = _later_layer(parting, place, column)
    if later is not None:
        _lay_under(later, column, change)
        return
    now = columns.as_stored(customer, [column])[column]
    if now == change.after:
        columns.write(customer, {column: change.before})
        if place and column in ("name", "phone"):
            columns.write(customer, {"name_key": columns.sort_key_of(customer)})
        _pass_on(parting, place, column, change)
    elif change.taken in (LOSER, BOTH):
        parting.questions.append(_question(parting, column, change, now))
    elif column == "name_key":
        columns.write(customer, {column: columns.sort_key_of(customer)})


def _later_layer(parting: Parting, place: int, column: str) -> Merge | None:
    """The next merge into the same customer that changed the same column."""
    base = parting.merge if place == 0 else parting.links[place - 1]
    later = Merge.objects.filter(winner=parting.chain[place], undone_at=None, pk__gt=base.pk)
    return later.filter(fields__has_key=column).order_by("pk").first()


def _lay_under(later: Merge, column: str, change: Change) -> None:
    """The later merge remembers, as what was there before it, what was there before this one."""
    stored = later.fields[column]
    if stored["before"] == change.after:
        stored["before"] = change.before
        later.save(update_fields=["fields"])


def _pass_on(parting: Parting, place: int, column: str, change: Change) -> None:
    """The customer was merged further: what the next one took from it changes too."""
    if place + 1 >= len(parting.chain):
        return
    link = parting.links[place]
    stored = link.fields.get(column)
    if stored is None or stored["taken"] == FOLLOWS:
        return
    taken = Change(**stored)
    after = without(column, taken, change.before)
    if after == taken.before:
        # The link gives nothing any more: what stands is the winner's, and goes with it.
        del link.fields[column]
    else:
        stored["after"] = after
    link.save(update_fields=["fields"])
    _take_out(parting, place + 1, column, Change(after, taken.after, taken.taken))


def _question(parting: Parting, column: str, change: Change, now: Any) -> MergeQuestion:
    theirs = columns.as_stored(parting.loser, [column])[column]
    facts = {"now": now, "winner": change.before, "loser": theirs}
    return MergeQuestion(merge=parting.merge, part=column, facts=facts)
