"""The link under which a customer checks their own data: who makes it, when it opens, what it shows, what an answer does."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from shuke.customers import services
from shuke.customers.models import Customer, FieldChange, ProfileLink, ProfileProposal, QualityPolicy
from shuke.customers.queries.asking import open_proposals, proposals_shown
from shuke.customers.queries.timeline import timeline_entries
from shuke.customers.services import IdentityTaken, merging
from shuke.customers.services.quality.links import (
    Answer,
    LinkGone,
    answer_link,
    decide_proposal,
    issue_link,
    open_link,
    reopen_proposal,
    revoke_link,
)
from shuke.customers.testing import CHEN_PHONE, customer, lapsed_zhao, regular_chen
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.queries import SYSTEM
from shuke.zh.calendar import LUNAR, Birthday

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert(1)</script>"><img src=x>'


@pytest.fixture(autouse=True)
def _nobody_knocked_before() -> None:
    cache.clear()


def linked(person: Customer) -> str:
    return issue_link(actor=team.clerk_wang(), customer_id=person.pk)


def page_of(token: str) -> str:
    return reverse("customers:own_data", args=[token])


def signed_in(visitor: Any) -> Client:
    client = Client()
    client.force_login(visitor)
    return client


def chen_with_everything() -> Customer:
    return regular_chen(
        email="chen@example.com",
        wechat="chen_tea",
        province="浙江省",
        city="杭州市",
        address="龙井路 18 号 2 单元",
        preferred_channel="wechat",
    )


# --- the address ---


def test_only_the_digest_of_an_address_is_kept() -> None:
    token = linked(regular_chen())
    link = ProfileLink.objects.get()
    assert re.fullmatch(r"[\w-]{22}\.[0-9a-f]{12}", token)
    assert len(link.digest) == 64
    assert token.partition(".")[0] not in repr(ProfileLink.objects.values())
    assert link.expires_at.date() == (clock.now() + timedelta(days=7)).date()


def test_a_new_address_ends_the_one_before() -> None:
    chen = regular_chen()
    first, second = linked(chen), linked(chen)
    with pytest.raises(LinkGone):
        open_link(first)
    assert open_link(second).customer_id == chen.pk


@pytest.mark.parametrize("token", ["", "x", "a.b", "a" * 5000, "../../etc", "%00", "."])
def test_a_forged_address_costs_no_query(token: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0), pytest.raises(LinkGone):
        open_link(token)


def test_a_signature_of_another_address_does_not_open_this_one() -> None:
    one, other = linked(regular_chen()), linked(lapsed_zhao())
    with pytest.raises(LinkGone):
        open_link(f"{one.partition('.')[0]}.{other.partition('.')[2]}")


@pytest.mark.parametrize("how", ["revoked", "expired", "answered", "merged", "deleted", "unknown"])
def test_every_address_that_does_not_open_answers_alike(how: str) -> None:
    chen = regular_chen()
    token, wang = linked(chen), team.clerk_wang()
    if how == "revoked":
        revoke_link(actor=wang, customer_id=chen.pk)
    elif how == "expired":
        ProfileLink.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    elif how == "answered":
        answer_link(token, Answer(right=("phone",)))
    elif how == "merged":
        merging.merge_customers(actor=SYSTEM, winner_id=lapsed_zhao().pk, loser_id=chen.pk)
    elif how == "deleted":
        services.delete_customers(actor=SYSTEM, customer_ids=[chen.pk])
    else:
        ProfileLink.objects.all().delete()
    known, unknown = Client().get(page_of(token)), Client().get(page_of("nobody.knows"))
    assert known.status_code == unknown.status_code == 404
    assert known.content == unknown.content
    assert "链接打不开了" in known.content.decode()
    assert Client().post(page_of(token), {"consent": "on", "phone": "15400001234"}).status_code == 404
    assert not ProfileProposal.objects.exists()


@pytest.mark.parametrize("visitor", ["clerk_zhou", "analyst_chen", "stranger"])
def test_others_make_no_link(visitor: str) -> None:
    chen, actor = regular_chen(), getattr(team, visitor)()
    for act in (issue_link, revoke_link):
        with pytest.raises(PermissionDenied):
            act(actor=actor, customer_id=chen.pk)
    assert not ProfileLink.objects.exists()


# --- the page ---


def test_a_visitor_without_signing_in_sees_their_data_masked() -> None:
    chen = chen_with_everything()
    answer = Client().get(page_of(linked(chen)))
    page = answer.content.decode()
    assert answer.status_code == 200
    for shown in ("陈**", "154****6621", "c***@example.com", "c***a", "浙江省杭州市龙井****", "微信"):
        assert shown in page, shown
    for hidden in ("陈茶香", CHEN_PHONE, "chen@example.com", "chen_tea", "18 号", "M0001"):
        assert hidden not in page, hidden


def test_the_page_is_kept_from_machines_and_small() -> None:
    answer = Client().get(page_of(linked(chen_with_everything())))
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    page = answer.content.decode()
    assert "<script" not in page
    assert len(answer.content) < 20_000


@pytest.mark.parametrize(
    ("accepts", "words"),
    [("zh-CN", "核对您的资料"), ("zh-TW", "核對您的資料"), ("en", "Check your data"), ("fr", "核对您的资料")],
)
def test_it_speaks_the_visitor_s_language(accepts: str, words: str) -> None:
    answer = Client().get(page_of(linked(regular_chen())), headers={"accept-language": accepts})
    assert words in answer.content.decode()


def test_a_language_can_be_chosen_on_the_page() -> None:
    token = linked(regular_chen())
    assert "Check your data" in Client().get(page_of(token) + "?lang=en").content.decode()
    assert "核对您的资料" in Client().get(page_of(token) + "?lang=xx").content.decode()


def test_who_tries_many_addresses_waits_and_holds_nobody_up() -> None:
    client = Client()
    codes = [client.get(page_of("a.b")).status_code for _time in range(41)]
    assert codes == [404] * 40 + [429]
    assert client.get(page_of(linked(regular_chen()))).status_code == 200


def test_a_link_opened_hundreds_of_times_is_no_customer_s() -> None:
    token = linked(regular_chen())
    ProfileLink.objects.update(opened_count=200)
    assert Client().get(page_of(token)).status_code == 404


# --- the answer ---


def send(token: str, **given: str) -> Any:
    return Client().post(page_of(token), {"consent": "on", **given})


def test_without_consent_nothing_is_taken() -> None:
    chen = regular_chen()
    answer = Client().post(page_of(linked(chen)), {"birthday_month": "3", "birthday_day": "8"})
    assert answer.status_code == 422
    assert "请先勾选同意" in answer.content.decode()
    chen.refresh_from_db()
    assert chen.birthday_month is None
    assert ProfileLink.objects.get().answered_at is None


def test_blanks_are_filled_in_and_numbers_wait_for_a_look() -> None:
    chen = regular_chen()
    answer = send(
        linked(chen),
        phone="154 0000 1234",
        email="New@Example.com",
        birthday_calendar="lunar",
        birthday_month="10",
        birthday_day="4",
        address="浙江省杭州市西湖区龙井路 18 号",
    )
    assert answer.status_code == 200
    assert "收到了，谢谢您" in answer.content.decode()
    chen.refresh_from_db()
    assert (chen.birthday_calendar, chen.birthday_month, chen.birthday_day) == ("lunar", 10, 4)
    assert (chen.province, chen.city, chen.district, chen.address) == (
        "浙江省",
        "杭州市",
        "西湖区",
        "龙井路 18 号",
    )
    assert (chen.phone, chen.email) == (CHEN_PHONE, "")
    waiting = {row.field: (row.before, row.after) for row in ProfileProposal.objects.all()}
    assert waiting == {"phone": (CHEN_PHONE, "15400001234"), "email": (None, "new@example.com")}
    assert ProfileLink.objects.get().answer == {
        "right": ["name", "gender"],
        "changed": ["birthday", "address"],
        "proposed": ["phone", "email"],
    }


def test_what_is_there_waits_too_unless_the_shop_trusts() -> None:
    chen = chen_with_everything()
    send(linked(chen), gender="male", preferred_channel="none")
    assert set(ProfileProposal.objects.values_list("field", flat=True)) == {"gender", "preferred_channel"}
    QualityPolicy.objects.create(takes="but_identities")
    send(linked(chen), gender="male")
    chen.refresh_from_db()
    assert chen.gender == "male"


def test_what_was_left_alone_is_confirmed() -> None:
    chen = chen_with_everything()
    send(linked(chen))
    from shuke.customers.models import FieldCheck

    checks = FieldCheck.objects.filter(customer=chen, is_right=True, source="customer")
    assert set(checks.values_list("field", flat=True)) == {
        "name", "phone", "wechat", "email", "gender", "address", "preferred_channel",
    }  # fmt: skip


def test_the_answer_stands_on_the_timeline() -> None:
    chen = regular_chen()
    answer_link(
        linked(chen), Answer(("phone",), {"birthday": Birthday(LUNAR, 10, 4), "email": "a@example.com"})
    )
    entry = next(one for one in timeline_entries([chen.pk]) if one.source == "answer")
    assert entry.title == "客户自己核对了资料"
    assert entry.body == "确认了 手机号；填写了 生日；想改 邮箱，等店里看过"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"phone": "12"}, "这个号码不像电话"),
        ({"email": "x@"}, "邮箱应像"),
        ({"birthday_month": "2", "birthday_day": "30"}, "没有这一天"),
        ({"birthday_month": "13", "birthday_day": "1"}, ""),
        ({"gender": "other"}, ""),
        ({"preferred_channel": "pigeon"}, ""),
        ({"name": "x" * 500}, ""),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_taken(given: dict[str, str], words: str) -> None:
    chen = regular_chen()
    answer = send(linked(chen), **given)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert ProfileLink.objects.get().answered_at is None
    assert not FieldChange.objects.filter(customer=chen).exists()


def test_hostile_words_are_words() -> None:
    chen = customer("", phone="15400008899", store_id=team.store().pk)
    send(linked(chen), name=HOSTILE[:40], address=HOSTILE, wechat=HOSTILE[:50])
    client = signed_in(team.manager_lin())
    for address in (
        reverse("customers:profiles"),
        reverse("desk:customer", args=[chen.pk]),
        reverse("customers:profile_panel", args=[chen.pk]),
    ):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    again = Client().get(page_of(linked(chen))).content.decode()
    assert "<img src=x" not in again


def test_other_fields_cannot_be_smuggled_in() -> None:
    chen = regular_chen()
    send(linked(chen), note="VIP", member_number="M9", store_id="1", tags="x", account_manager_id="1")
    chen.refresh_from_db()
    assert (chen.note, chen.member_number, chen.store_id) == ("", "M0001", team.store().pk)


# --- what waits for a look ---


def proposed(person: Customer, **given: Any) -> ProfileProposal:
    answer_link(linked(person), Answer(given=given))
    return ProfileProposal.objects.latest("pk")


def test_taking_over_writes_with_history_and_comes_back() -> None:
    chen, wang = regular_chen(), team.clerk_wang()
    waiting = proposed(chen, phone="15400001234")
    assert open_proposals(wang).count() == 1
    decide_proposal(actor=wang, proposal_id=waiting.pk, is_taken=True)
    chen.refresh_from_db()
    assert chen.phone == "15400001234"
    assert FieldChange.objects.get(customer=chen, field="phone").actor_id == wang.pk
    reopen_proposal(actor=wang, proposal_id=waiting.pk)
    chen.refresh_from_db()
    assert chen.phone == CHEN_PHONE
    assert open_proposals(wang).count() == 1


def test_refusing_changes_nothing() -> None:
    chen, wang = regular_chen(), team.clerk_wang()
    waiting = proposed(chen, phone="15400001234")
    decide_proposal(actor=wang, proposal_id=waiting.pk, is_taken=False)
    chen.refresh_from_db()
    assert (chen.phone, open_proposals(wang).count()) == (CHEN_PHONE, 0)


def test_nobody_gets_somebody_else_s_number() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    waiting = proposed(chen, phone=zhao.phone)
    with pytest.raises(IdentityTaken):
        decide_proposal(actor=team.clerk_wang(), proposal_id=waiting.pk, is_taken=True)
    zhao.refresh_from_db()
    assert zhao.phone != ""
    address = reverse("customers:decide_proposal", args=[waiting.pk])
    assert signed_in(team.clerk_wang()).post(address, {"decision": "take"}).status_code == 302
    waiting.refresh_from_db()
    assert waiting.state == "open"


def test_a_clerk_reads_what_is_proposed_masked() -> None:
    proposed(regular_chen(), phone="15400001234")
    assert [(one.before, one.after) for one in proposals_shown(team.clerk_wang())] == [
        ("154****6621", "154****1234")
    ]
    assert [one.after for one in proposals_shown(team.manager_lin())] == ["15400001234"]


@pytest.mark.parametrize("visitor", ["clerk_zhou", "analyst_chen", "stranger"])
def test_others_neither_see_nor_decide(visitor: str) -> None:
    chen, actor = regular_chen(), getattr(team, visitor)()
    waiting = proposed(chen, phone="15400001234")
    assert list(open_proposals(actor)) == []
    with pytest.raises(PermissionDenied):
        decide_proposal(actor=actor, proposal_id=waiting.pk, is_taken=True)
    address = reverse("customers:decide_proposal", args=[waiting.pk])
    assert signed_in(actor).post(address, {"decision": "take"}).status_code in (403, 404)
    chen.refresh_from_db()
    assert chen.phone == CHEN_PHONE


def test_a_proposal_follows_a_merge() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    waiting = proposed(chen, email="a@example.com")
    merging.merge_customers(actor=SYSTEM, winner_id=zhao.pk, loser_id=chen.pk)
    waiting.refresh_from_db()
    assert waiting.customer_id == zhao.pk


# --- staff make the link ---


def test_staff_see_the_address_once_with_a_code_to_scan() -> None:
    chen, client = regular_chen(), signed_in(team.manager_lin())
    here = reverse("customers:profile_link", args=[chen.pk])
    made = client.post(here, {"do": "make"})
    page = made.content.decode()
    token = re.search(r"/customers/my/([^/]+)/", page)
    assert token is not None
    assert made["Cache-Control"] == "no-store"
    assert '<svg class="link-qr"' in page
    assert f"sms:{CHEN_PHONE}?body=" in page
    assert Client().get(page_of(token[1])).status_code == 200
    assert "/customers/my/" not in client.get(here).content.decode()
    client.post(here, {"do": "revoke"})
    assert Client().get(page_of(token[1])).status_code == 404


def test_a_clerk_who_reads_masked_gets_no_number_with_the_link() -> None:
    chen = regular_chen()
    page = signed_in(team.clerk_wang()).post(
        reverse("customers:profile_link", args=[chen.pk]), {"do": "make"}
    )
    assert CHEN_PHONE not in page.content.decode()
