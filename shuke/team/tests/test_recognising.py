from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.urls import reverse

from shuke.kernel.compiled import Compiled
from shuke.team import services
from shuke.team.models import Notice
from shuke.team.queries import Reach, frame_facts, reach_of, shop, signed_in, within_reach, within_sight
from shuke.team.rules import Scope
from shuke.team.testing import PASSWORD, Cast
from shuke.team.testing import cast as the_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return the_cast()


def test_a_visitor_comes_with_shop_and_notices_in_one_query(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    services.change_shop(actor=cast.owner, name="栖谷茶礼")
    for key in range(3):
        Notice.objects.create(staff=cast.lin, kind="told", key=str(key))

    with django_assert_num_queries(1):
        lin = signed_in(cast.lin.pk)
        facts = frame_facts(lin)
        assert lin == cast.lin
        assert (facts.shop_name, facts.unread) == ("栖谷茶礼", 3)
    assert signed_in(0) is None


def test_stores_and_what_is_shared_are_one_query_for_each_visit(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert reach_of(cast.lin).store_ids == {cast.store.pk}
        assert reach_of(cast.lin).shared_ids == frozenset()


def test_the_frame_also_speaks_to_visitors_who_came_another_way(cast: Cast) -> None:
    Notice.objects.create(staff=cast.lin, kind="told", key="1")

    assert frame_facts(cast.lin).unread == 1
    assert frame_facts(None) == frame_facts(cast.wang)
    assert frame_facts(None).shop_name == shop().name


def test_the_frame_takes_two_queries(cast: Cast, client: Client, django_assert_max_num_queries: Any) -> None:
    shop()  # made on first use
    client.force_login(cast.owner)

    with django_assert_max_num_queries(2):  # session, visitor
        client.get(reverse("team:password"))


def test_an_ended_session_is_nobody_at_once(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner)
    assert client.get("/settings/staff/").status_code == 200

    Session.objects.all().delete()

    assert client.get("/settings/staff/").status_code == 302


def test_who_left_is_nobody_at_once(cast: Cast, client: Client) -> None:
    client.force_login(cast.lin)
    services.disable_staff(actor=cast.owner, staff_id=cast.lin.pk)

    answer = client.get("/settings/staff/")

    assert answer.status_code == 302 and "sign-in" in answer["Location"]


def test_sessions_that_began_under_the_backend_before_still_hold(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/settings/staff/").status_code == 200


def test_a_wrong_password_is_looked_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(type(cast.lin), "check_password", lambda self, raw: looked.append(raw) or False)

    assert authenticate(RequestFactory().post("/"), username="lin", password="wrong") is None
    assert looked == ["wrong"]


def test_the_right_password_still_opens(cast: Cast) -> None:
    assert authenticate(RequestFactory().post("/"), username="lin", password=PASSWORD) == cast.lin


@pytest.mark.parametrize("scope", list(Scope))
def test_a_reach_is_the_same_compiled_or_not(cast: Cast, scope: Scope) -> None:
    reach = Reach(scope, frozenset({cast.store.pk}), cast.zhou.pk)
    columns = {"store": "staff__stores", "owner": "staff_id"}
    for person in (cast.lin, cast.wang, cast.zhou, cast.owner):
        Notice.objects.create(staff=person, kind="told", key="1")
    rows = Notice.objects.order_by("pk")

    plain = list(rows.filter(reach.filter(**columns)).distinct())
    compiled = Compiled(lambda: rows.filter(within_reach(scope, **columns)).distinct())

    assert compiled.rows(**reach.given) == plain
    assert len(plain) == {Scope.ALL: 4, Scope.STORE: 3, Scope.OWN: 1, Scope.NOTHING: 0}[scope]


@pytest.mark.parametrize("scope", list(Scope))
def test_what_is_seen_is_the_same_compiled_or_not(cast: Cast, scope: Scope) -> None:
    told = [
        Notice.objects.create(staff=one, kind="told", key="1") for one in (cast.lin, cast.zhou, cast.owner)
    ]
    shared = frozenset({told[2].pk}) if scope in (Scope.STORE, Scope.OWN) else frozenset()
    reach = Reach(scope, frozenset({cast.store.pk}), cast.zhou.pk, shared_to_read=shared)
    columns = {"store": "staff__stores", "owner": "staff_id"}
    rows = Notice.objects.order_by("pk")

    plain = list(rows.filter(reach.seen(**columns)).distinct())
    compiled = Compiled(lambda: rows.filter(within_sight(scope, **columns)).distinct())

    assert compiled.rows(**reach.given) == plain
    assert len(plain) == {Scope.ALL: 3, Scope.STORE: 3, Scope.OWN: 2, Scope.NOTHING: 0}[scope]


def test_whoever_came_another_way_is_asked_for_once(cast: Cast, django_assert_num_queries: Any) -> None:
    shop()  # made on first use
    with django_assert_num_queries(3):  # the shop, colleagues, notices
        first = frame_facts(cast.zhou)
    with django_assert_num_queries(0):
        assert frame_facts(cast.zhou) is first
