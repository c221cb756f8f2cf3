"""Parting chains of merges where rows name two customers: both may have been merged, and rows may meet at one."""

import itertools

import pytest

from shuke.customers.models import CompanyContact, Customer, Merge
from shuke.customers.services import merging
from shuke.customers.testing import customer
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db

Contacts = set[tuple[int, str, str]]
Order = tuple[int, ...]


def company(name: str) -> Customer:
    return customer(name, kind=Customer.Kind.COMPANY)


def link(firm: Customer, person: Customer) -> None:
    CompanyContact.objects.create(company=firm, person=person)


def merge(winner: Customer, loser: Customer, **fields: str) -> Merge:
    choices = merging.Choices(fields=fields)
    return merging.merge_customers(actor=SYSTEM, winner_id=winner.pk, loser_id=loser.pk, choices=choices)


def part(merges: list[Merge], order: Order) -> None:
    for place in order:
        assert merging.unmerge(actor=SYSTEM, merge_id=merges[place].pk) == []


def contacts() -> Contacts:
    return set(CompanyContact.objects.values_list("pk", "company__name", "person__name"))


def test_two_contacts_that_became_one_go_home_with_a_company_parted_off_a_chain() -> None:
    tea, west, lake = company("云栖茶业"), company("西溪茶业"), company("湖州茶业")
    chen, zhao = customer("陈伯"), customer("赵姨")
    link(tea, chen)
    link(tea, zhao)
    link(lake, zhao)
    before = contacts()
    merges = [merge(west, tea), merge(lake, west), merge(chen, zhao)]

    part(merges, (0,))
    visible = CompanyContact.objects.filter(company=tea, person__merged_into=None)
    assert [row.person for row in visible] == [chen]

    part(merges, (1, 2))
    assert contacts() == before


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_contacts_are_as_they_were_in_whatever_order_merges_of_both_sides_are_parted(order: Order) -> None:
    tea, west, lake = company("云栖茶业"), company("西溪茶业"), company("湖州茶业")
    chen, zhao, wu = customer("陈伯"), customer("赵姨"), customer("吴叔")
    for firm, person in ((tea, chen), (tea, zhao), (lake, zhao), (west, chen), (west, wu), (lake, wu)):
        link(firm, person)
    before = contacts()
    merges = [merge(west, tea), merge(chen, zhao), merge(lake, west), merge(wu, chen)]

    part(merges, order)

    assert contacts() == before


def test_a_row_waiting_at_the_parted_company_gives_way_to_one_that_comes_home() -> None:
    tea, west = company("云栖茶业"), company("西溪茶业")
    chen, zhao = customer("陈伯"), customer("赵姨")
    link(tea, chen)
    link(tea, zhao)
    link(west, zhao)
    before = contacts()
    merges = [merge(west, tea), merge(chen, zhao)]

    part(merges, (0, 1))

    assert contacts() == before


def test_a_company_merged_again_after_parting_is_not_parted_with_an_older_merge() -> None:
    tea, west, lake = company("云栖茶业"), company("西溪茶业"), company("湖州茶业")
    chen = customer("陈伯")
    link(tea, chen)
    first, second = merge(west, tea), merge(lake, west)
    part([first], (0,))
    merge(lake, tea)

    part([second], (0,))

    assert {(firm, person) for _pk, firm, person in contacts()} == {("湖州茶业", "陈伯")}


def test_a_value_goes_with_its_owner_when_a_later_merge_has_nothing_left_to_give() -> None:
    chen, zhao = customer("陈伯"), customer("赵姨")
    wu, lin = customer("吴叔", gender="male"), customer("林姐", gender="female")
    merges = [merge(zhao, lin), merge(chen, wu), merge(chen, zhao, gender="loser")]

    part(merges, (0, 1))

    chen.refresh_from_db()
    assert chen.gender == ""
