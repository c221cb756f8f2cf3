"""Filters of which the indexes of the sorts know nothing: a bounded walk, then whatever matches; always the same page."""

from datetime import date

import pytest
from django.db.models import Exists, OuterRef, Q

from shuke.customers.models import Customer
from shuke.customers.services import NextStep, finish_follow_up, plan_follow_up
from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.desk import testing
from shuke.desk.queries.filtering import Narrowed, read
from shuke.desk.queries.listing import Wanted, list_page
from shuke.desk.queries.rows import is_uneven
from shuke.kernel import clock
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Q(), False),
        (Q(level=1, last_on__gte=date(2026, 1, 1)), False),
        (Q(store_id=1) | ~Q(stage__in=[1, 2]), False),
        (Q(gender="female"), True),
        (Q(level=1) & (Q(stage=1) | Q(facets__contains=["occupation=老师"])), True),
        (~Q(Exists(Customer.objects.filter(pk=OuterRef("customer_id")))), True),
        (Q(customer_id__in=[1, 2]), True),
    ],
)
def test_a_filter_is_uneven_that_asks_for_what_the_sorts_indexes_do_not_know(
    condition: Q, expected: bool
) -> None:
    assert is_uneven(condition) is expected


@pytest.mark.parametrize("sort", ["-value", "name"])
@pytest.mark.parametrize("steps", [0, 2, 1_000])
def test_a_page_of_rare_words_is_the_same_however_far_it_was_walked(
    steps: int, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shuke.desk.queries.rows.STEPS", steps)
    made = [customer(f"茶友{n}", occupation="老师" if n % 3 == 0 else "职员") for n in range(9)]
    testing.rows()
    wanted = Wanted(narrowed=Narrowed(wanted=read("occupation.in.老师")), sort=sort)
    page = list_page(SYSTEM, wanted)
    assert {row.id for row in page.rows} == {one.pk for one in made[::3]}
    assert (page.count.number, page.next_cursor) == (3, "")


def test_a_word_and_a_condition_together_count_exactly() -> None:
    for n in range(3):
        customer(f"陈茶{n}", occupation="老师" if n else "职员")
    testing.rows()
    wanted = Wanted(narrowed=Narrowed(text="陈茶", wanted=read("occupation.in.老师")), sort="-value")
    page = list_page(SYSTEM, wanted)
    assert (len(page.rows), page.count.number) == (2, 2)


def test_who_has_nothing_planned_is_found_and_a_done_follow_up_is_no_plan() -> None:
    chen, zhao, other = regular_chen(), lapsed_zhao(), customer("单白")
    step = NextStep(purpose="回访", due_on=clock.today())
    plan_follow_up(actor=SYSTEM, customer_id=chen.pk, step=step)
    done = plan_follow_up(actor=SYSTEM, customer_id=zhao.pk, step=step)
    finish_follow_up(actor=SYSTEM, follow_up_id=done.pk, result="好")
    testing.rows()
    page = list_page(SYSTEM, Wanted(narrowed=Narrowed(wanted=read("follow.in.nothing")), sort="-value"))
    assert {row.id for row in page.rows} == {zhao.pk, other.pk}
