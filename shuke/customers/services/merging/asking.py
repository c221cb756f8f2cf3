"""归谁: answering what could not be told when two customers were parted."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shuke.customers.events import CustomersUnmerged
from shuke.customers.models import Customer, MergeQuestion
from shuke.customers.queries.records import living_id
from shuke.customers.services.merging import columns, rows
from shuke.customers.services.merging.joining import CannotMerge, found_with
from shuke.customers.services.merging.registry import part_named
from shuke.customers.services.terms import index_terms
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require

Answer = MergeQuestion.Answer


@transaction.atomic
def answer_question(*, actor: Actor, question_id: int, answer: str) -> None:
    """Say whose it is: "winner" leaves it where it is, "loser" hands it over, "" takes an answer back.

    Raises CannotMerge with the reason, PermissionDenied; then nothing has changed.
    """
    require(actor, "customers.merge")
    question = MergeQuestion.objects.select_for_update(of=("self",)).get(pk=question_id)
    if answer not in Answer.values:
        raise ValueError(f"no answer {answer!r}")
    holder, loser = _sides(question)
    for customer in (holder, loser):
        require(actor, "customers.merge", customer)
    if (question.answer == Answer.LOSER) != (answer == Answer.LOSER):
        _hand_over(question, holder, loser, is_back=answer != Answer.LOSER)
    before = question.answer
    question.answer = answer
    question.answered_by_id = actor.id if answer else None
    question.answered_at = clock.now() if answer else None
    question.save()
    record_audit(
        actor, "merge_question_answered", holder, before={"answer": before}, after={"answer": answer}
    )
    index_terms(found_with([holder.pk, loser.pk]))
    publish(CustomersUnmerged(merge_id=question.merge_id, winner_id=holder.pk, loser_id=loser.pk))


def _sides(question: MergeQuestion) -> tuple[Customer, Customer]:
    """The living records of both sides, locked; they may have been merged on since."""
    ids = [living_id(question.merge.winner_id), living_id(question.merge.loser_id)]
    people = {
        customer.pk: customer
        for customer in Customer.objects.select_for_update(of=("self",))
        .filter(pk__in=[pk for pk in ids if pk], deleted_at=None)
        .order_by("pk")
    }
    if len(people) < 2:
        raise CannotMerge(_("两份资料又合成了一份，或有一份已删除，不用再分了。"))
    return people[ids[0] or 0], people[ids[1] or 0]


def _hand_over(question: MergeQuestion, holder: Customer, loser: Customer, *, is_back: bool) -> None:
    giver, taker = (loser, holder) if is_back else (holder, loser)
    if question.row_id is None:
        _hand_value_over(question, holder, loser, is_back=is_back)
    else:
        _hand_row_over(question, giver, taker)
    for customer in (giver, taker):
        columns.mend_shown_keys(customer)


def _hand_row_over(question: MergeQuestion, giver: Customer, taker: Customer) -> None:
    part = part_named(question.part)
    if part is None:
        raise CannotMerge(_("这一条已经不在了。"))
    try:
        with transaction.atomic():
            stored = rows.Moved(moved=[question.row_id])
            moved = rows.put_back(part, stored, holder_ids=[giver.pk], loser_id=taker.pk)
    except IntegrityError as error:
        raise CannotMerge(_("那一位已经有同样的一条，不能再给一条。")) from error
    if not moved:
        raise CannotMerge(_("这一条已经不在了。"))


def _hand_value_over(question: MergeQuestion, holder: Customer, loser: Customer, *, is_back: bool) -> None:
    """The value written while the two were one goes to the one parted off; the other gets the old one back."""
    column, facts = question.part, question.facts
    wanted: dict[int, Any] = (
        {holder.pk: facts["now"], loser.pk: facts["loser"]}
        if is_back
        else {holder.pk: facts["winner"], loser.pk: facts["now"]}
    )
    for customer in (holder, loser):
        columns.write(customer, {column: wanted[customer.pk]})
        if column in ("name", "phone"):
            columns.write(customer, {"name_key": columns.sort_key_of(customer)})
