"""Whose letter it is: by address, by thread, or as a person says."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist

from shuke.connectors import handlers
from shuke.connectors.mail import services, store
from shuke.connectors.mail.queries import visible_letters, waiting_letters
from shuke.connectors.models import MailAccount, MailMessage
from shuke.connectors.testing import NOON, MailServers, letter
from shuke.connectors.tests.test_round_trip import written
from shuke.customers.events import CustomersChanged
from shuke.customers.models import Customer, Identity, Interaction
from shuke.customers.queries.addresses import emails_of
from shuke.customers.queries.quality import profile_quality
from shuke.customers.services import recycling
from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.team import testing as team

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(servers: MailServers) -> MailAccount:
    return servers.account()


def arrived(servers: MailServers, account: MailAccount, message: EmailMessage) -> MailMessage | None:
    servers.deliver(message)
    before = set(MailMessage.objects.values_list("pk", flat=True))
    services.poll_account(account_id=account.pk)
    return MailMessage.objects.exclude(pk__in=before).first()


def known(found: MailMessage | None) -> MailMessage:
    assert found is not None
    return found


def test_an_answer_from_another_address_is_filed_by_its_thread(
    servers: MailServers, account: MailAccount
) -> None:
    chen = regular_chen(email="chen@example.com")
    sent = written(team.manager_lin(), account.pk, chen.pk)
    found = known(arrived(servers, account, letter(sender="tea@example.cn", answers=sent.message_id)))
    assert (found.customer_id, found.root_id, found.from_address) == (chen.pk, sent.pk, "tea@example.cn")


def test_letters_of_nobody_known_wait_and_are_claimed_together(
    servers: MailServers, account: MailAccount
) -> None:
    lin, chen = team.manager_lin(), regular_chen()
    first = known(arrived(servers, account, letter("一", sender="new@example.com")))
    second = known(arrived(servers, account, letter("二", sender="new@example.com")))
    other = known(arrived(servers, account, letter("三", sender="else@example.com")))
    assert {row.filing for row in MailMessage.objects.all()} == {"waiting"}
    assert Interaction.objects.count() == 0
    assert services.claim_letter(actor=lin, letter_id=first.pk, customer_id=chen.pk) == 2
    assert sorted(visible_letters(lin).values_list("pk", flat=True)) == [first.pk, second.pk]
    assert list(waiting_letters(lin)) == [other]
    assert Interaction.objects.filter(customer=chen, direction="in").count() == 2
    assert services.unclaim_letter(actor=lin, letter_id=first.pk) == 2
    assert waiting_letters(lin).count() == 3
    assert Interaction.objects.filter(customer=chen).count() == 0


def test_the_writer_becomes_a_customer_with_their_letters(servers: MailServers, account: MailAccount) -> None:
    found = known(arrived(servers, account, letter(sender="xu@example.cn", name="许经理")))
    pk = services.welcome_writer(actor=team.manager_lin(), letter_id=found.pk, name="")
    made = Customer.objects.get(pk=pk)
    assert (made.name, made.email) == ("许经理", "xu@example.cn")
    found.refresh_from_db()
    assert (found.customer_id, found.filing) == (pk, "filed")


def test_an_ignored_letter_is_out_of_sight_and_comes_back(servers: MailServers, account: MailAccount) -> None:
    lin = team.manager_lin()
    found = known(arrived(servers, account, letter(sender="spam@example.com")))
    services.ignore_letter(actor=lin, letter_id=found.pk)
    assert list(waiting_letters(lin)) == []
    assert list(waiting_letters(lin, ignored=True)) == [found]
    services.unclaim_letter(actor=lin, letter_id=found.pk)
    assert list(waiting_letters(lin)) == [found]


def test_a_customer_who_gets_the_address_gets_the_letters(servers: MailServers, account: MailAccount) -> None:
    found = known(arrived(servers, account, letter(sender="new@example.com")))
    made = customer("新客", email="new@example.com")
    assert services.file_known(made.pk) == 1
    assert services.file_known(made.pk) == 0
    found.refresh_from_db()
    assert found.customer_id == made.pk


def test_customers_changed_at_once_get_the_letters_that_waited_for_them_alone(
    servers: MailServers, account: MailAccount
) -> None:
    first = known(arrived(servers, account, letter(sender="new@example.com")))
    other = known(arrived(servers, account, letter(sender="else@example.com")))
    made, left = customer("新客", email="new@example.com"), customer("旁人", email="else@example.com")
    event = CustomersChanged(customer_ids=[made.pk, regular_chen().pk])
    handlers.file_letters_of_new_addresses(event)
    handlers.file_letters_of_new_addresses(event)
    first.refresh_from_db()
    other.refresh_from_db()
    assert (first.customer_id, other.customer_id) == (made.pk, None)
    assert Interaction.objects.filter(customer__in=[made, left]).count() == 1


def test_a_bounce_marks_the_letter_and_is_no_touch(servers: MailServers, account: MailAccount) -> None:
    from shuke.connectors.tests.test_rules import REPORT

    chen = regular_chen(email="chen@example.com")
    sent = written(team.manager_lin(), account.pk, chen.pk)
    services.send_letter(letter_id=sent.pk)
    servers.deliver(REPORT.replace(b"<a@example.com>", sent.message_id.encode()))
    services.poll_account(account_id=account.pk)
    sent.refresh_from_db()
    assert sent.undeliverable == ["chen@example.com"]
    report = MailMessage.objects.get(direction="in")
    assert (report.is_bounce, report.customer_id, report.interaction_id) == (True, chen.pk, None)
    assert Interaction.objects.filter(kind="email", direction="in").count() == 0


def has_doubtful_email(person: Customer) -> bool:
    found = profile_quality(person.pk)
    assert found is not None
    return found.states["email"].is_doubtful


def test_a_bounce_makes_the_address_of_the_record_doubtful_and_no_other(
    servers: MailServers, account: MailAccount
) -> None:
    from shuke.connectors.tests.test_rules import REPORT

    chen, zhao = regular_chen(email="chen@example.com"), lapsed_zhao(email="zhao@example.com")
    Customer.objects.update(created_at=NOON - timedelta(days=30))
    Identity.objects.update(last_seen=NOON - timedelta(days=30))
    sent = written(team.manager_lin(), account.pk, chen.pk)
    services.send_letter(letter_id=sent.pk)
    servers.deliver(REPORT.replace(b"<a@example.com>", sent.message_id.encode()))
    assert [has_doubtful_email(one) for one in (chen, zhao)] == [False, False]
    services.poll_account(account_id=account.pk)
    assert [has_doubtful_email(one) for one in (chen, zhao)] == [True, False]


def test_a_forged_bounce_about_somebody_else_marks_nothing(
    servers: MailServers, account: MailAccount
) -> None:
    from shuke.connectors.tests.test_rules import REPORT

    zhao = lapsed_zhao(email="zhao@example.com")
    sent = written(team.manager_lin(), account.pk, zhao.pk, to_address="zhao@example.com")
    servers.deliver(REPORT.replace(b"<a@example.com>", sent.message_id.encode()))
    services.poll_account(account_id=account.pk)
    sent.refresh_from_db()
    assert sent.undeliverable == []


def test_an_automatic_answer_is_shown_and_no_touch(servers: MailServers, account: MailAccount) -> None:
    regular_chen(email="chen@example.com")
    message = letter("我在休假")
    message["Auto-Submitted"] = "auto-replied"
    found = known(arrived(servers, account, message))
    assert (found.is_auto_reply, found.filing, found.interaction_id) == (True, "filed", None)


def test_private_letters_in_a_persons_mailbox_are_not_kept(servers: MailServers) -> None:
    wang = team.clerk_wang()
    account = servers.account(actor=wang, is_shop=False, keeps_unknown=False)
    assert arrived(servers, account, letter(sender="mother@example.com")) is None
    regular_chen(email="chen@example.com")
    assert arrived(servers, account, letter()) is not None


def test_four_visitors_read_the_shops_letters(servers: MailServers, account: MailAccount) -> None:
    cast = team.cast()
    regular_chen(email="chen@example.com")
    filed = known(arrived(servers, account, letter()))
    waiting = known(arrived(servers, account, letter(sender="new@example.com")))
    for actor in (cast.owner, cast.lin, cast.wang):
        assert list(visible_letters(actor)) == [filed]
    for actor in (cast.zhou, cast.analyst, cast.stranger):
        assert list(visible_letters(actor)) == []
    for actor in (cast.owner, cast.lin):
        assert list(waiting_letters(actor)) == [waiting]
    for actor in (cast.wang, cast.zhou, cast.analyst, cast.stranger):
        assert list(waiting_letters(actor)) == []
        with pytest.raises(ObjectDoesNotExist):
            services.ignore_letter(actor=actor, letter_id=waiting.pk)
    waiting.refresh_from_db()
    assert waiting.filing == "waiting"


def test_a_persons_letters_are_theirs_and_their_managers(servers: MailServers) -> None:
    cast = team.cast()
    account = servers.account(actor=cast.wang, is_shop=False, keeps_unknown=True)
    regular_chen(email="chen@example.com")
    filed = known(arrived(servers, account, letter()))
    waiting = known(arrived(servers, account, letter(sender="mother@example.com")))
    colleague = team.staff("he", "何小叶", "clerk", cast.store)
    for actor in (cast.wang, cast.lin, cast.owner):
        assert list(visible_letters(actor)) == [filed]
    for actor in (colleague, cast.zhou, cast.analyst):
        assert list(visible_letters(actor)) == []
    assert list(waiting_letters(cast.wang)) == [waiting]
    for actor in (cast.owner, cast.lin, colleague):
        assert list(waiting_letters(actor)) == []
    cast.wang.delete()
    assert list(waiting_letters(cast.owner)) == []


def test_a_letter_cannot_be_claimed_for_a_customer_out_of_reach(
    servers: MailServers, account: MailAccount
) -> None:
    cast = team.cast()
    found = known(arrived(servers, account, letter(sender="new@example.com")))
    far = customer("远客", store_id=cast.other_store.pk)
    with pytest.raises(ObjectDoesNotExist):
        services.claim_letter(actor=cast.lin, letter_id=found.pk, customer_id=far.pk)
    found.refresh_from_db()
    assert found.filing == "waiting"


def test_a_claimed_address_is_remembered_until_the_claim_is_taken_back(
    servers: MailServers, account: MailAccount
) -> None:
    lin, chen = team.manager_lin(), regular_chen(email="chen@example.com")
    first = known(arrived(servers, account, letter("一", sender="new@example.com")))
    services.claim_letter(actor=lin, letter_id=first.pk, customer_id=chen.pk)
    assert emails_of(chen.pk) == ["chen@example.com", "new@example.com"]
    second = known(arrived(servers, account, letter("二", sender="new@example.com")))
    assert second.customer_id == chen.pk
    services.unclaim_letter(actor=lin, letter_id=first.pk)
    assert emails_of(chen.pk) == ["chen@example.com"]


def test_a_claim_never_takes_an_address_from_somebody_else(
    servers: MailServers, account: MailAccount
) -> None:
    lin, chen = team.manager_lin(), regular_chen()
    found = known(arrived(servers, account, letter(sender="zhao@example.com")))
    zhao = lapsed_zhao(email="zhao@example.com")
    services.claim_letter(actor=lin, letter_id=found.pk, customer_id=chen.pk)
    assert (emails_of(chen.pk), emails_of(zhao.pk)) == ([], ["zhao@example.com"])


def test_a_letter_to_somebody_in_the_recycle_bin_waits_until_they_are_back(
    servers: MailServers, account: MailAccount
) -> None:
    owner, chen = team.owner(), regular_chen(email="chen@example.com")
    recycling.delete_customers(actor=owner, customer_ids=[chen.pk])
    found = known(arrived(servers, account, letter()))
    assert found.filing == "waiting"
    recycling.restore_customers(actor=owner, customer_ids=[chen.pk])
    assert services.file_all_known() == 1
    found.refresh_from_db()
    assert found.customer_id == chen.pk


def test_letters_go_with_a_customer_who_leaves_for_good(
    servers: MailServers, account: MailAccount, django_capture_on_commit_callbacks: Any
) -> None:
    owner, chen = team.owner(), regular_chen(email="chen@example.com")
    message = letter()
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")
    found = known(arrived(servers, account, message))
    kept = store.path_of(found.attachments.get().stored)
    assert kept.exists()
    recycling.delete_customers(actor=owner, customer_ids=[chen.pk])
    with django_capture_on_commit_callbacks(execute=True):
        recycling.purge_customers(actor=owner, customer_ids=[chen.pk])
    assert MailMessage.objects.count() == 0
    assert not kept.exists()
