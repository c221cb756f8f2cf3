"""The pages and panels: what visitors see, what posting does, who is turned away."""

import pytest
from django.test import Client
from django.urls import reverse

from shuke.customers import services
from shuke.customers.models import Customer, FollowUp, IdentityConflict, Interaction
from shuke.customers.services import NextStep
from shuke.customers.testing import CHEN_PHONE, customer, lapsed_zhao, regular_chen
from shuke.kernel import clock
from shuke.team import testing as team
from shuke.team.models import AuditEntry, Staff

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_a_customer_is_added_with_a_phone_alone_and_shown() -> None:
    client = signed_in(team.clerk_wang())
    answer = client.post(reverse("customers:add"), {"name": "", "phone": "154 0000 1234"})
    added = Customer.objects.get()
    assert added.phone == "15400001234"
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        reverse("desk:customer", args=[added.pk]),
    )
    part = client.post(reverse("customers:add"), {"name": "王"}, headers=HTMX)
    assert part.headers["HX-Redirect"] == reverse("desk:customer", args=[Customer.objects.latest("id").pk])


def test_a_customer_just_added_is_shown_and_found_at_once() -> None:
    client = signed_in(team.clerk_wang())
    data = {"name": "单白", "phone": "154 0000 1234"}
    own = client.post(reverse("customers:add"), data).headers["Location"]
    assert own == reverse("desk:customer", args=[Customer.objects.get().pk])
    assert "单白" in client.get(own).content.decode()
    for text in ("单白", "shanbai", "sb", "1234", "15400001234"):
        found = client.get(reverse("desk:search"), {"q": text}, headers=HTMX).content.decode()
        assert f'href="{own}"' in found, text
        assert client.get(reverse("desk:search"), {"q": text}).headers["Location"] == own


def test_the_short_form_takes_birthday_tags_and_note() -> None:
    signed_in(team.clerk_wang()).post(
        reverse("customers:add"),
        {
            "name": "单白",
            "birthday_calendar": "lunar",
            "birthday_month": "6",
            "birthday_day": "15",
            "birthday_is_leap": "on",
            "tags": "送礼，爱白茶 送礼",
            "note": "第一行\r\n第二行",
        },
    )
    row = Customer.objects.get()
    assert (row.birthday_calendar, row.birthday_month, row.birthday_day, row.birthday_is_leap) == (
        "lunar", 6, 15, True
    )  # fmt: skip
    assert sorted(link.tag.name for link in row.tag_links.all()) == ["爱白茶", "送礼"]
    assert row.note == "第一行\n第二行"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "请填写姓名或手机号"),
        ({"name": "王", "phone": "123"}, "这个号码不像电话"),
        ({"name": "王", "birthday_month": "2"}, "生日要把月和日都填上"),
        ({"name": "王", "birthday_month": "2", "birthday_day": "31"}, "没有这一天"),
        ({"name": "王", "phone": CHEN_PHONE}, "已经是 陈茶香 的了"),
    ],
)
def test_a_wrong_form_comes_back_with_what_to_do_and_saves_nothing(data: dict[str, str], words: str) -> None:
    regular_chen()
    answer = signed_in(team.clerk_wang()).post(reverse("customers:add"), data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Customer.objects.count() == 1


def test_a_number_out_of_reach_is_taken_without_saying_whose() -> None:
    customer("远客", phone="15400005555", store_id=team.cast().other_store.pk)
    answer = signed_in(team.clerk_wang()).post(reverse("customers:add"), {"phone": "15400005555"})
    page = answer.content.decode()
    assert "不在您的范围内" in page
    assert "远客" not in page


def test_what_was_searched_in_vain_is_filled_in() -> None:
    client = signed_in(team.clerk_wang())
    assert 'value="单白"' in client.get(reverse("customers:add"), {"name": "单白"}).content.decode()
    assert 'name="phone" value="15400001111"' in (
        client.get(reverse("customers:add"), {"name": "15400001111"}).content.decode()
    )


def test_typing_a_known_phone_shows_who_it_may_be_masked() -> None:
    chen = regular_chen()
    page = signed_in(team.clerk_wang()).get(
        reverse("customers:duplicates"), {"name": "", "phone": CHEN_PHONE}, headers=HTMX
    )
    text = page.content.decode()
    assert "就是这位" in text
    assert "154****6621" in text
    assert CHEN_PHONE not in text
    assert reverse("desk:customer", args=[chen.pk]) in text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><b>'])
def test_hostile_names_are_shown_as_words_everywhere(name: str) -> None:
    someone = customer(name, phone="15400004444", store_id=team.store().pk, note=name, tags=("<b>",))
    services.open_conflict(someone.pk, regular_chen().pk, origin=name, pairs=[("phone", name)])
    client = signed_in(team.manager_lin())
    for address in (
        reverse("customers:edit", args=[someone.pk]),
        reverse("customers:profile_panel", args=[someone.pk]),
        reverse("customers:log", args=[someone.pk]),
        reverse("customers:conflicts"),
        reverse("customers:duplicates") + "?phone=15400004444",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert name not in answer.content.decode().replace(reverse("desk:customer", args=[someone.pk]), "")


def test_editing_saves_and_leaves_masked_contacts_alone() -> None:
    chen = regular_chen(email="chen@example.com", wechat="cha_chen")
    client = signed_in(team.clerk_wang())
    page = client.get(reverse("customers:edit", args=[chen.pk])).content.decode()
    assert CHEN_PHONE not in page
    assert "154****6621" in page
    data = {
        "name": "陈白茶",
        "phone": "",
        "email": "",
        "store_id": str(chen.store_id),
        "member_number": "M0001",
    }
    answer = client.post(reverse("customers:edit", args=[chen.pk]), data)
    assert answer.status_code == 302
    chen.refresh_from_db()
    assert (chen.name, chen.phone, chen.email, chen.wechat) == (
        "陈白茶", CHEN_PHONE, "chen@example.com", "cha_chen"
    )  # fmt: skip


def test_a_manager_edits_contacts_in_the_open() -> None:
    chen = regular_chen()
    client = signed_in(team.manager_lin())
    assert CHEN_PHONE in client.get(reverse("customers:edit", args=[chen.pk])).content.decode()
    client.post(
        reverse("customers:edit", args=[chen.pk]), {"name": "陈茶香", "phone": "", "store_id": chen.store_id}
    )
    chen.refresh_from_db()
    assert chen.phone == ""


def test_a_touch_is_logged_in_one_post_and_can_be_undone() -> None:
    chen, client = regular_chen(), signed_in(team.clerk_wang())
    log = reverse("customers:log", args=[chen.pk])
    answer = client.post(log, {"kind": "call", "body": "问新茶", "result": "will_visit"}, headers=HTMX)
    touch = Interaction.objects.get()
    assert (touch.kind, touch.body, touch.result) == ("call", "问新茶", "说会来")
    assert "touched" in answer.headers["HX-Trigger"]
    assert reverse("customers:remove_touch", args=[touch.pk]) in answer.headers["HX-Trigger"]
    client.post(reverse("customers:remove_touch", args=[touch.pk]), headers=HTMX)
    assert not Interaction.objects.exists()
    refused = client.post(log, {"kind": "note", "body": ""}, headers=HTMX)
    assert (refused.status_code, refused.content.decode()) == (400, "请写一句话再保存。")


def test_a_step_is_planned_finished_and_followed_by_the_next() -> None:
    chen, client, today = regular_chen(), signed_in(team.clerk_wang()), clock.today().isoformat()
    client.post(
        reverse("customers:follow_up", args=[chen.pk]), {"purpose": "回访", "due_on": today}, headers=HTMX
    )
    step = FollowUp.objects.get()
    data = {"result": "满意", "purpose": "送样茶", "due_on": today}
    page = client.post(
        reverse("customers:finish_follow_up", args=[step.pk]), data, headers=HTMX
    ).content.decode()
    assert "送样茶" in page
    assert list(FollowUp.objects.order_by("id").values_list("state", "result")) == [
        ("done", "满意"),
        ("open", ""),
    ]


def test_a_phone_is_revealed_on_purpose_only() -> None:
    chen, client = regular_chen(), signed_in(team.clerk_wang())
    address = reverse("customers:reveal", args=[chen.pk, "phone"])
    assert client.get(address).status_code == 404
    assert client.get(address, headers=HTMX).content.decode() == CHEN_PHONE
    assert AuditEntry.objects.filter(action="contact_revealed").count() == 1
    assert f"tel:{CHEN_PHONE}" in client.post(address, headers=HTMX).content.decode()
    assert client.get(reverse("customers:reveal", args=[chen.pk, "note"]), headers=HTMX).status_code == 404


def test_a_pair_is_decided_and_undone_on_the_page() -> None:
    services.open_conflict(regular_chen().pk, lapsed_zhao().pk, origin="总店", pairs=[("phone", "x")])
    client, pair = signed_in(team.manager_lin()), IdentityConflict.objects.get()
    assert "手机号" in client.get(reverse("customers:conflicts")).content.decode()
    client.post(reverse("customers:decide_conflict", args=[pair.pk]), {"decision": "different"}, headers=HTMX)
    assert "没有要核实的" in client.get(reverse("customers:conflicts")).content.decode()
    client.post(reverse("customers:reopen_conflict", args=[pair.pk]))
    assert "赵松烟" in client.get(reverse("customers:conflicts")).content.decode()


def test_nobody_gets_in_without_signing_in() -> None:
    chen = regular_chen()
    for name in ("edit", "profile_panel", "touch_panel", "log", "follow_up"):
        answer = Client().get(reverse(f"customers:{name}", args=[chen.pk]))
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (
            302,
            reverse("team:sign_in"),
        )


@pytest.mark.parametrize(("visitor", "status"), [("stranger", 403), ("zhou", 404), ("wang", 200)])
@pytest.mark.parametrize("name", ["edit", "profile_panel", "touch_panel", "log", "follow_up"])
def test_pages_of_a_customer_open_for_the_right_visitors(name: str, visitor: str, status: int) -> None:
    chen, cast = regular_chen(), team.cast()
    answer = signed_in(getattr(cast, visitor)).get(reverse(f"customers:{name}", args=[chen.pk]))
    assert answer.status_code == status
    if status != 200:
        assert "陈茶香" not in answer.content.decode()


@pytest.mark.parametrize(("visitor", "status"), [("stranger", 403), ("zhou", 404), ("analyst", 403)])
def test_denied_posts_change_nothing(visitor: str, status: int) -> None:
    chen, cast = regular_chen(), team.cast()
    step = services.plan_follow_up(actor=cast.wang, customer_id=chen.pk, step=NextStep("回访", clock.today()))
    client = signed_in(getattr(cast, visitor))
    for name, pk, data in (
        ("edit", chen.pk, {"name": "改了"}),
        ("log", chen.pk, {"kind": "call"}),
        ("follow_up", chen.pk, {"purpose": "x", "due_on": "2026-12-01"}),
        ("finish_follow_up", step.pk, {}),
        ("cancel_follow_up", step.pk, {}),
    ):
        assert client.post(reverse(f"customers:{name}", args=[pk]), data, headers=HTMX).status_code == status
    assert Customer.objects.get().name == "陈茶香"
    assert not Interaction.objects.exists()
    assert FollowUp.objects.get().state == "open"


def test_an_analyst_reads_a_masked_profile_without_buttons() -> None:
    chen = regular_chen()
    page = (
        signed_in(team.analyst_chen())
        .get(reverse("customers:profile_panel", args=[chen.pk]))
        .content.decode()
    )
    assert "154****6621" in page
    assert CHEN_PHONE not in page
    assert "修改资料" not in page
    assert "reveal" not in page
