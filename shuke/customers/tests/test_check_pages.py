"""核对: likely pairs one after the other, merging on the page, taking it back, and who gets to see it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shuke.customers import services
from shuke.customers.models import Customer, DuplicatePair, DuplicateScan, Interaction, Merge, MergeQuestion
from shuke.customers.rules import IdentityKeys
from shuke.customers.services import Touch, merging
from shuke.customers.services.pairs import decide_pair
from shuke.customers.services.scanning import run_scan, start_scan
from shuke.customers.testing import CHEN_PHONE, customer, lapsed_zhao, regular_chen
from shuke.team import testing as team
from shuke.team.queries import SYSTEM
from shuke.team.rules import CLERK

pytestmark = pytest.mark.django_db


def signed_in(visitor: Any) -> Client:
    client = Client()
    client.force_login(visitor)
    return client


def double_of_chen(**fields: Any) -> Customer:
    """The same Chen with two digits of her phone the wrong way round, name in traditional characters."""
    wrong = CHEN_PHONE[:-2] + CHEN_PHONE[-1] + CHEN_PHONE[-2]
    return customer("陳茶香", phone=wrong, store_id=team.store().pk, **fields)


def scanned() -> DuplicateScan:
    scan = start_scan(actor=SYSTEM)
    run_scan(scan.pk)
    scan.refresh_from_db()
    return scan


def test_a_search_finds_the_double_and_says_why() -> None:
    chen, double = regular_chen(), double_of_chen()
    lapsed_zhao()
    scan = scanned()
    assert (scan.state, scan.progress, scan.customers, scan.found, scan.sure) == ("done", 100, 3, 1, 1)
    pair = DuplicatePair.objects.get()
    assert (pair.first_id, pair.second_id, pair.score, pair.is_sure) == (chen.pk, double.pk, 78, True)
    assert pair.reasons == ["name", "phone_slip"]


def test_a_search_again_keeps_decisions_and_forgets_what_was_mended() -> None:
    double = double_of_chen()
    regular_chen()
    scanned()
    pair = DuplicatePair.objects.get()
    decide_pair(actor=SYSTEM, pair_id=pair.pk, decision="different")
    scanned()
    pair.refresh_from_db()
    assert pair.state == "different"
    DuplicatePair.objects.update(state="open")
    services.change_customer(actor=SYSTEM, customer_id=double.pk, name="孟翠", phone="15477777777")
    scanned()
    assert not DuplicatePair.objects.exists()


def test_while_one_search_runs_no_other_begins() -> None:
    assert start_scan(actor=SYSTEM).pk == start_scan(actor=SYSTEM).pk


def test_a_failing_search_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_scan: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr("shuke.customers.services.scanning._candidates", fail)
    scan = start_scan(actor=SYSTEM)
    with pytest.raises(RuntimeError):
        run_scan(scan.pk)
    scan.refresh_from_db()
    assert (scan.state, scan.problem) == ("failed", "RuntimeError: no room")


def test_the_pair_is_merged_on_the_page_and_parted_again() -> None:
    chen, double = regular_chen(note="爱白茶"), double_of_chen(note="周末来", city="杭州市")
    scanned()
    client = signed_in(team.manager_lin())
    page = client.get(reverse("customers:pairs")).content.decode()
    assert "建议合并" in page and "电话只差一位或两位颠倒" in page and "两边都留" in page
    answer = client.post(
        reverse("customers:merge", args=[chen.pk, double.pk]),
        {"take-note": "both", "take-name": "winner", "next": "queue", "take-id": "loser"},
    )
    assert answer.headers["Location"] == reverse("customers:pairs")
    chen.refresh_from_db()
    assert (chen.note, chen.city) == ("爱白茶\n\n周末来", "杭州市")
    assert "没有要核对的" in client.get(reverse("customers:pairs")).content.decode()
    listed = client.get(reverse("customers:merges")).content.decode()
    assert "陳茶香" in listed and "撤销合并" in listed
    client.post(reverse("customers:unmerge", args=[Merge.objects.get().pk]))
    chen.refresh_from_db()
    assert (chen.note, chen.city) == ("爱白茶", "")
    assert DuplicatePair.objects.get().state == "open"


def test_all_from_one_side_and_changing_sides() -> None:
    chen, double = regular_chen(note="爱白茶"), double_of_chen(note="周末来")
    client = signed_in(team.manager_lin())
    address = reverse("customers:merge", args=[chen.pk, double.pk])
    page = client.get(address + "?all=loser").content.decode()
    assert 'name="take-note" value="loser" checked' in page
    turned = client.get(address + f"?keep={double.pk}").content.decode()
    assert reverse("customers:merge", args=[double.pk, chen.pk]) in turned


def test_a_decision_brings_the_next_pair_and_can_be_taken_back() -> None:
    double_of_chen()
    regular_chen()
    scanned()
    client, pair = signed_in(team.manager_lin()), DuplicatePair.objects.get()
    client.post(reverse("customers:decide_pair", args=[pair.pk]), {"decision": "later"})
    assert "没有要核对的" in client.get(reverse("customers:pairs")).content.decode()
    client.post(reverse("customers:reopen_pair", args=[pair.pk]))
    assert "陳茶香" in client.get(reverse("customers:pairs")).content.decode()


def test_two_verified_numbers_ask_for_a_tick() -> None:
    people = [
        services.identify_customer(
            actor=SYSTEM,
            keys=IdentityKeys(member_number=number),
            arrival=services.Arrival("till", verified_by="till", store_id=team.store().pk),
        )
        for number in ("M81", "M82")
    ]
    client = signed_in(team.manager_lin())
    address = reverse("customers:merge", args=people)
    assert "我核对过，是同一个人" in client.get(address).content.decode()
    assert client.post(address).status_code == 422
    assert not Merge.objects.exists()
    assert client.post(address, {"accepts_two_verified": "1"}).status_code == 302
    assert Merge.objects.count() == 1


def test_what_came_meanwhile_is_asked_on_the_page() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    done = merging.merge_customers(actor=SYSTEM, winner_id=chen.pk, loser_id=zhao.pk)
    services.log_interaction(actor=SYSTEM, customer_id=chen.pk, touch=Touch(kind="call", body="要两盒白茶"))
    client = signed_in(team.manager_lin())
    client.post(reverse("customers:unmerge", args=[done.pk]))
    page = client.get(reverse("customers:questions")).content.decode()
    assert "要两盒白茶" in page and "归 赵松烟" in page
    question = MergeQuestion.objects.get()
    client.post(reverse("customers:answer_question", args=[question.pk]), {"answer": "loser"})
    assert Interaction.objects.get().customer_id == zhao.pk
    assert "没有要分的" in client.get(reverse("customers:questions")).content.decode()


def test_the_page_of_the_one_merged_leads_to_the_other() -> None:
    chen, zhao = regular_chen(), lapsed_zhao()
    merging.merge_customers(actor=SYSTEM, winner_id=chen.pk, loser_id=zhao.pk)
    client = signed_in(team.manager_lin())
    answer = client.get(reverse("desk:customer", args=[zhao.pk]), follow=True)
    assert answer.redirect_chain == [(reverse("desk:customer", args=[chen.pk]), 302)]
    assert "已并入" in answer.content.decode()


def test_the_other_record_is_looked_up() -> None:
    chen, double = regular_chen(), double_of_chen()
    client = signed_in(team.manager_lin())
    address = reverse("customers:merge_choose", args=[chen.pk])
    assert reverse("customers:merge", args=[chen.pk, double.pk]) in client.get(address).content.decode()
    zhao = lapsed_zhao()
    found = client.get(address, {"q": "赵松"}).content.decode()
    assert reverse("customers:merge", args=[chen.pk, zhao.pk]) in found


def test_a_clerk_decides_but_leaves_merging_to_the_manager() -> None:
    assert "customers.merge" not in CLERK.permissions
    double_of_chen()
    regular_chen()
    scanned()
    page = signed_in(team.clerk_wang()).get(reverse("customers:pairs")).content.decode()
    assert "请店长来合并" in page and CHEN_PHONE not in page and 'type="radio"' not in page


@pytest.mark.parametrize(("visitor", "status"), [("stranger", 403), ("analyst", 403), ("zhou", 200)])
def test_the_queue_shows_nothing_to_others(visitor: str, status: int) -> None:
    double_of_chen()
    regular_chen()
    scanned()
    answer = signed_in(getattr(team.cast(), visitor)).get(reverse("customers:pairs"))
    assert answer.status_code == status
    assert "陳茶香" not in answer.content.decode()


@pytest.mark.parametrize(
    ("visitor", "status"), [("stranger", 403), ("wang", 403), ("zhou", 403), ("analyst", 403)]
)
def test_denied_merging_leaves_both_as_they_were(visitor: str, status: int) -> None:
    chen, zhao, cast = regular_chen(), lapsed_zhao(), team.cast()
    done = merging.merge_customers(
        actor=SYSTEM, winner_id=chen.pk, loser_id=customer("单白", store_id=cast.store.pk).pk
    )
    client = signed_in(getattr(cast, visitor))
    for name, args in (
        ("merge", [chen.pk, zhao.pk]),
        ("unmerge", [done.pk]),
        ("scan_duplicates", []),
    ):
        assert client.post(reverse(f"customers:{name}", args=args)).status_code == status
    zhao.refresh_from_db()
    assert zhao.merged_into_id is None
    assert Merge.objects.filter(undone_at=None).count() == 1 and not DuplicateScan.objects.exists()


def test_nobody_gets_in_without_signing_in() -> None:
    for name in ("pairs", "merges", "questions"):
        answer = Client().get(reverse(f"customers:{name}"))
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (
            302,
            reverse("team:sign_in"),
        )


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><b>'])
def test_hostile_names_are_words_on_these_pages(name: str) -> None:
    one = customer(name, phone="15400004444", store_id=team.store().pk, note=name, email="h@example.com")
    other = customer(name, phone="15400004445", store_id=team.store().pk, note=name + "!")
    scanned()
    client = signed_in(team.manager_lin())
    merge_page = reverse("customers:merge", args=[one.pk, other.pk])
    for address in (reverse("customers:pairs"), merge_page):
        assert name not in client.get(address).content.decode()
