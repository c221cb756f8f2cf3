"""资料完整度 on pages: the overview, what counts, where a field came from, and lists by it; who gets to see them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shuke.customers import services
from shuke.customers.models import Customer, FieldChange, QualityPolicy
from shuke.customers.queries.origins import Origin, field_origins
from shuke.customers.queries.quality import profile_quality
from shuke.customers.rules import IdentityKeys
from shuke.customers.rules import quality as rules
from shuke.customers.services import merging
from shuke.customers.services.quality import Word, note_field, rebuild_quality
from shuke.customers.testing import customer, regular_chen
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db
OVERVIEW, POLICY = reverse("customers:quality"), reverse("customers:quality_policy")


def signed_in(visitor: Any) -> Client:
    client = Client()
    client.force_login(visitor)
    return client


def origin(person: Customer, key: str) -> Origin:
    person = Customer.objects.get(pk=person.pk)
    return field_origins(person, profile_quality(person.pk))[key]


@pytest.mark.parametrize(
    ("visitor", "status"), [("owner", 200), ("manager_lin", 200), ("clerk_wang", 200), ("stranger", 403)]
)
def test_the_overview_is_for_who_sees_customers(visitor: str, status: int) -> None:
    assert signed_in(getattr(team, visitor)()).get(OVERVIEW).status_code == status


def test_nobody_sees_the_overview_without_signing_in() -> None:
    assert Client().get(OVERVIEW)["Location"].startswith("/sign-in/")


def test_the_overview_links_each_figure_to_the_customers_behind_it() -> None:
    regular_chen()
    rebuild_quality()
    page = signed_in(team.manager_lin()).get(OVERVIEW).content.decode()
    address = f"{reverse('desk:customer_list')}?f=lacks.in.birthday~kind.in.person"
    assert f'href="{address}">1</a>' in page


def test_somebody_else_s_store_is_not_in_the_sums() -> None:
    regular_chen()
    rebuild_quality()
    assert "还没有可看的" in signed_in(team.clerk_zhou()).get(OVERVIEW).content.decode()


def test_the_owner_says_what_counts() -> None:
    client = signed_in(team.owner())
    given = {
        f"{kind}_{one.code}": one.weights[place]
        for one in rules.FIELDS
        for place, kind in enumerate(rules.KINDS)
    }
    given |= {f"age_{one.code}": one.half_life_days // 30 for one in rules.FIELDS}
    given |= {"takes": "nothing", "link_days": 14}
    answer = client.post(POLICY, {**given, "person_birthday": 40, "age_phone": 12})
    assert (answer.status_code, answer["Location"]) == (302, POLICY)
    policy = QualityPolicy.objects.get()
    assert (policy.person, policy.company, policy.half_lives) == ({"birthday": 40}, {}, {"phone": 360})
    assert (policy.takes, policy.link_days) == ("nothing", 14)
    assert 'name="person_birthday" value="40"' in client.get(POLICY).content.decode()
    refused = client.post(POLICY, {**given, "person_birthday": 400})
    assert refused.status_code == 422
    assert QualityPolicy.objects.get().person == {"birthday": 40}


@pytest.mark.parametrize("visitor", ["manager_lin", "clerk_wang", "stranger"])
def test_others_do_not_say_what_counts(visitor: str) -> None:
    client = signed_in(getattr(team, visitor)())
    assert client.get(POLICY).status_code == 403
    assert client.post(POLICY, {"person_birthday": "0"}).status_code == 403
    assert not QualityPolicy.objects.exists()


# --- where a field came from ---


def test_a_field_typed_when_adding_says_who_typed_it() -> None:
    lin = team.manager_lin()
    person = services.add_customer(actor=lin, form=services.NewCustomer(name="孟翠", gender="female"))
    found = origin(person, "gender")
    assert (found.source, found.at, found.checked_at) == ("林店长 建档时填写", person.created_at, None)


def test_a_field_changed_later_says_by_whom_and_a_check_says_so_too() -> None:
    lin, chen = team.manager_lin(), regular_chen()
    services.change_customer(actor=lin, customer_id=chen.pk, gender="male")
    assert origin(chen, "gender").source == "林店长 填写"
    note_field(
        actor=lin, customer_id=chen.pk, word=Word("gender", is_right=True, at=clock.now() + timedelta(1))
    )
    assert origin(chen, "gender").checked == "林店长 核实过"


def test_putting_a_field_back_is_somebody_s_change_too() -> None:
    lin, chen = team.manager_lin(), regular_chen()
    services.change_customer(actor=lin, customer_id=chen.pk, gender="male")
    change = FieldChange.objects.get(customer_id=chen.pk)
    services.undo_field_change(actor=lin, change_id=change.pk)
    assert origin(chen, "gender").source == "林店长 填写"


def test_a_customer_made_by_an_order_says_so() -> None:
    arrival = services.Arrival(origin="有赞:2026")
    pk = services.identify_customer(actor=SYSTEM, keys=IdentityKeys(phone="15400001234"), arrival=arrival)
    assert origin(Customer.objects.get(pk=pk), "phone").source == "订单（有赞）"


def test_what_a_merge_brought_says_so() -> None:
    chen = regular_chen()
    double = customer("陈茶香", city="杭州市", wechat="chen_tea")
    merging.merge_customers(actor=SYSTEM, winner_id=chen.pk, loser_id=double.pk)
    assert origin(chen, "wechat").source == "合并进来的资料"
    assert origin(chen, "address").source == "合并进来的资料"
    assert origin(chen, "gender").source == "建档"


def test_a_use_by_the_customer_counts_as_a_check() -> None:
    chen = regular_chen()
    Customer.objects.filter(pk=chen.pk).update(created_at=clock.now() - timedelta(days=800))
    found = origin(chen, "phone")
    assert (found.checked, found.is_stale) == ("客户用过", False)
    chen.identities.update(last_seen=clock.now() - timedelta(days=790))
    assert origin(chen, "phone").trouble == "好久没人核实过了"


def test_the_profile_shows_score_reasons_and_origins() -> None:
    chen = regular_chen()
    page = (
        signed_in(team.clerk_wang()).get(reverse("customers:profile_panel", args=[chen.pk])).content.decode()
    )
    assert '<strong class="num">50</strong>' in page
    assert "缺生日、微信号、地址、邮箱、愿意怎么联系、标签" in page
    assert "来自 建档" in page
