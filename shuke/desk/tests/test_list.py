"""The customer list: who sees whom, filters, sorts, pages, and what it costs."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.desk import testing
from shuke.kernel import clock
from shuke.team.testing import Cast, cast

pytestmark = pytest.mark.django_db
LIST = "/customers/"


@pytest.fixture
def people() -> Cast:
    return cast()


def signed_in(staff: Any) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def names(client: Client, query: str = "") -> list[str]:
    page = client.get(f"{LIST}{query}").context["page"]
    return [row.name for row in page.rows]


def test_nobody_and_a_stranger_see_no_list(people: Cast) -> None:
    regular_chen()
    testing.rows()
    assert Client().get(LIST).status_code == 302
    assert signed_in(people.stranger).get(LIST).status_code == 403


def test_a_clerk_never_meets_customers_of_another_store(people: Cast) -> None:
    mine = regular_chen(store_id=people.store.pk)
    canary = customer("金丝雀", phone="15400009999", store_id=people.other_store.pk)
    testing.value(canary, last_on=clock.today() - timedelta(days=45), at_stake_fen=900_000)
    testing.rows()
    wang = signed_in(people.wang)
    assert names(wang) == [mine.name]
    assert wang.get(LIST).context["page"].count.number == 1
    for address in (
        LIST,
        f"{LIST}?q=金丝雀",
        f"{LIST}?q=9999",
        f"{LIST}?slipping=1&sort=-stake",
        f"{LIST}?store={people.other_store.pk}",
        "/",
    ):
        body = wang.get(address).content.decode()
        assert f"/customers/{canary.pk}/" not in body, address
        assert "15400009999" not in body and "154****9999" not in body, address
    found = wang.get("/search/?q=jinsique", headers={"HX-Request": "true"}).content.decode()
    assert f"/customers/{canary.pk}/" not in found
    assert wang.get(f"/customers/{canary.pk}/").status_code == 404
    assert wang.get(f"/customers/{canary.pk}/timeline/").status_code == 404
    assert wang.get(f"/customers/{canary.pk}/orders/").status_code == 404
    assert wang.post(f"/customers/{canary.pk}/log/", {"body": "x"}).status_code == 404
    assert names(signed_in(people.owner)) == ["金丝雀", mine.name]


def test_an_account_manager_keeps_their_customer_in_another_store(people: Cast) -> None:
    own = customer("远亲", store_id=people.other_store.pk, account_manager_id=people.wang.pk)
    testing.rows()
    assert names(signed_in(people.wang)) == [own.name]


def test_a_clerk_reads_phones_masked_and_a_manager_in_full(people: Cast) -> None:
    chen = regular_chen(store_id=people.store.pk)
    testing.rows()
    assert chen.phone not in signed_in(people.wang).get(LIST).content.decode()
    assert chen.phone in signed_in(people.lin).get(LIST).content.decode()


def test_a_hostile_name_is_shown_as_text(people: Cast) -> None:
    customer("<script>alert(1)</script>", store_id=people.store.pk)
    testing.rows()
    body = signed_in(people.owner).get(LIST).content.decode()
    assert "<script>alert(1)" not in body
    assert "&lt;script&gt;alert(1)" in body


def test_filters_narrow_and_sorts_order(people: Cast) -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    testing.value(chen, last_on=clock.today() - timedelta(days=10), clv_year_fen=500_000, spent_fen=100_000)
    testing.value(
        zhao,
        last_on=clock.today() - timedelta(days=400),
        stage="lapsed",
        phase="leave",
        level="low",
        group="rescue",
        r_score=1,
        clv_year_fen=1_000,
        spent_fen=900_000,
    )
    testing.rows()
    owner = signed_in(people.owner)
    assert names(owner) == [chen.name, zhao.name]
    assert names(owner, "?sort=-spent") == [zhao.name, chen.name]
    assert names(owner, "?sort=last") == [zhao.name, chen.name]
    assert names(owner, "?sort=name") == [chen.name, zhao.name]
    for query in (
        "stage=lapsed",
        "phase=leave",
        "level=low",
        "group=rescue",
        "r=1",
        "last=366-",
        "spent=5000-",
    ):
        assert names(owner, f"?{query}") == [zhao.name], query
    assert names(owner, "?stage=lapsed&stage=loyal&sort=name") == [chen.name, zhao.name]
    assert names(owner, "?last=0-30") == [chen.name]


def test_pages_walk_forward_and_back_without_losing_anybody(people: Cast) -> None:
    everybody = [customer(f"茶客{n:03}", store_id=people.store.pk) for n in range(96)]
    testing.rows()
    owner = signed_in(people.owner)
    seen: list[str] = []
    query = "?sort=-added"
    for _page in range(3):
        answer = owner.get(f"{LIST}{query}")
        seen += [row.name for row in answer.context["page"].rows]
        previous, query = answer.context["previous_query"], answer.context["next_query"]
    assert sorted(seen) == [one.name for one in everybody]
    assert query == ""
    back = owner.get(f"{LIST}{previous}").context["page"].rows
    assert [row.name for row in back] == seen[32:64]


def test_a_made_up_cursor_leads_to_the_first_page(people: Cast) -> None:
    assert signed_in(people.owner).get(f"{LIST}?sort=name&after=x").url == "?sort=name"


def test_the_list_keeps_its_budget_of_queries_and_bytes(
    people: Cast, django_assert_max_num_queries: Any
) -> None:
    for n in range(60):
        known = customer(f"茶客{n:03}", store_id=people.store.pk, phone=f"154000{n:05}")
        testing.value(known, last_on=clock.today() - timedelta(days=n), next_expected_on=clock.today())
    testing.rows()
    owner = signed_in(people.owner)
    owner.get(LIST)
    with django_assert_max_num_queries(11):
        body = owner.get(LIST).content
    assert len(body) < 40_500, len(body)  # of which each entry of the rail takes some 250


def test_an_empty_list_teaches_and_an_empty_filter_says_so(people: Cast) -> None:
    owner = signed_in(people.owner)
    assert "导入第一份订单" in owner.get(LIST).content.decode()
    assert "没有符合这些条件的客户" in owner.get(f"{LIST}?stage=loyal").content.decode()
