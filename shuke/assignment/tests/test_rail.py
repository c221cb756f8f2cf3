"""公海 and 分工 stand in the rail of a shop that has a use for them: of several people, or when customers are there already."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from shuke.assignment.testing import in_pool, pool_on
from shuke.customers.testing import regular_chen
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.models import Staff

pytestmark = pytest.mark.django_db
POOL, WORKLOAD = "assignment:pool", "assignment:workload"


def rail(owner: Staff) -> set[str]:
    client = Client()
    client.force_login(owner)
    page = client.get(reverse("customers:follow_ups")).content.decode()
    nav = page[page.index('class="rail"') : page.index('class="rail-list rail-foot"')]
    return {name for name in (POOL, WORKLOAD) if f'href="{reverse(name)}"' in nav}


def test_a_shop_of_one_person_sees_neither_until_a_colleague_comes() -> None:
    owner = team.owner()
    assert rail(owner) == set()
    wang = team.clerk_wang()
    assert rail(owner) == {POOL, WORKLOAD}
    Staff.objects.filter(pk=wang.pk).delete()
    assert rail(owner) == set()


def test_who_left_may_have_left_customers_behind() -> None:
    owner, wang = team.owner(), team.clerk_wang()
    Staff.objects.filter(pk=wang.pk).update(is_active=False)
    assert rail(owner) == {WORKLOAD}


def test_one_person_with_rules_or_customers_of_the_pool_sees_it() -> None:
    owner = team.owner()
    pool_on()
    assert rail(owner) == {POOL}


def test_one_person_with_customers_in_the_pool_sees_it() -> None:
    owner = team.owner()
    entry = in_pool(regular_chen())
    assert rail(owner) == {POOL}
    entry.left_at = clock.now() + timedelta(seconds=1)
    entry.save()
    assert rail(owner) == set()


def test_the_page_itself_stays_open_and_marks_itself() -> None:
    client = Client()
    client.force_login(team.owner())
    page = client.get(reverse(POOL)).content.decode()
    nav = page[page.index('class="rail"') : page.index('class="rail-list rail-foot"')]
    assert f'href="{reverse(POOL)}"' in nav
