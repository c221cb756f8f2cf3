"""Reading a mailbox: everything once, nothing lost, every gap shown."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import psycopg
import pytest
from django.db import connection

from shuke.connectors.mail import services
from shuke.connectors.mail.queries import account_states
from shuke.connectors.mail.services import polling
from shuke.connectors.models import MailAccount, MailFolder, MailGap, MailMessage
from shuke.connectors.testing import NOON, USER, MailServers, letter
from shuke.connectors.tests.test_round_trip import timeline_of, written
from shuke.customers.models import Interaction
from shuke.customers.testing import regular_chen
from shuke.team import testing as team
from shuke.team.queries import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(servers: MailServers) -> MailAccount:
    regular_chen(email="chen@example.com")
    return servers.account()


def poll(account: MailAccount) -> MailAccount:
    services.poll_account(account_id=account.pk)
    account.refresh_from_db()
    return account


def gap_titles(actor: Actor, customer_id: int) -> list[str]:
    return [entry.title for entry in timeline_of(actor, customer_id) if entry.kind == "gap"]


def test_each_letter_is_read_once_however_often_the_mailbox_is_read(
    servers: MailServers, account: MailAccount
) -> None:
    servers.deliver(letter("一"))
    servers.deliver(letter("二"))
    poll(account)
    poll(account)
    servers.deliver(letter("三"))
    poll(account)
    assert sorted(MailMessage.objects.values_list("text", flat=True)) == ["一", "三", "二"]
    assert Interaction.objects.filter(kind="email", direction="in").count() == 3
    assert MailFolder.objects.get().last_uid >= 3


def test_killed_between_fetching_and_storing_the_letter_is_read_again(
    servers: MailServers, account: MailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers.deliver(letter("一"))
    servers.deliver(letter("二"))
    real, taken = polling.take_in, []

    def dies_at_the_second(*given: Any) -> Any:
        taken.append(given)
        if len(taken) == 2:
            raise KeyboardInterrupt
        return real(*given)

    with monkeypatch.context() as patch:
        patch.setattr(polling, "take_in", dies_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            services.poll_account(account_id=account.pk)
    assert list(MailMessage.objects.values_list("text", flat=True)) == ["一"]
    poll(account)
    assert sorted(MailMessage.objects.values_list("text", flat=True)) == ["一", "二"]
    assert Interaction.objects.filter(kind="email").count() == 2


def test_the_same_letter_twice_in_the_mailbox_is_one(servers: MailServers, account: MailAccount) -> None:
    for _copy in range(2):
        servers.deliver(letter("一", message_id="<same@example.com>"))
    poll(account)
    assert MailMessage.objects.count() == 1


def test_a_mailbox_numbered_anew_is_read_without_doubles(servers: MailServers, account: MailAccount) -> None:
    servers.deliver(letter("一"))
    poll(account)
    servers.renumber()
    servers.deliver(letter("二"))
    poll(account)
    assert sorted(MailMessage.objects.values_list("text", flat=True)) == ["一", "二"]
    assert Interaction.objects.filter(kind="email").count() == 2


def test_the_first_reading_goes_back_thirty_days(servers: MailServers, account: MailAccount) -> None:
    servers.deliver(letter("旧"), at=NOON - timedelta(days=60))
    servers.deliver(letter("新"), at=NOON - timedelta(days=10))
    poll(account)
    assert list(MailMessage.objects.values_list("text", flat=True)) == ["新"]


def test_more_than_one_portion_is_read_in_portions(
    servers: MailServers, account: MailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "MOST_LETTERS", 2)
    for number in range(3):
        servers.deliver(letter(str(number)))
    assert services.poll_account(account_id=account.pk) is True
    account.refresh_from_db()
    assert account.polled_at is None
    assert services.poll_account(account_id=account.pk) is False
    account.refresh_from_db()
    assert account.polled_at == NOON
    assert MailMessage.objects.count() == 3


def test_one_mailbox_is_read_by_one_process_at_a_time(servers: MailServers, account: MailAccount) -> None:
    servers.deliver(letter("一"))
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as other:
        other.execute("select pg_advisory_lock(%s, %s)", [polling.MAILBOX_LOCK, account.pk])
        poll(account)
        assert MailMessage.objects.count() == 0
        # given back by hand: the server notices a closed connection only some moments later
        other.execute("select pg_advisory_unlock(%s, %s)", [polling.MAILBOX_LOCK, account.pk])
    poll(account)
    assert MailMessage.objects.count() == 1


def test_a_gap_is_shown_while_it_lasts_and_made_up_for(
    servers: MailServers, account: MailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin, chen = team.manager_lin(), regular_chen()
    poll(account)
    assert gap_titles(lin, chen.pk) == []
    good, port = NOON, account.imap_port
    MailAccount.objects.update(imap_port=1)
    monkeypatch.setattr("shuke.kernel.clock.now", lambda: NOON + timedelta(minutes=5))
    poll(account)
    poll(account)
    assert (account.errors, account.trouble, account.polled_at) == (2, "connection", good)
    gap = MailGap.objects.get()
    assert (gap.began_at, gap.ended_at, gap.is_caught_up) == (good, None, False)
    assert account_states([account])[0].gap_since == good
    assert gap_titles(lin, chen.pk) == [f"{USER} 从 11月20日 12:00 起没能收信，这之后的来信可能还没到"]
    servers.deliver(letter("断线时来的"))
    MailAccount.objects.update(imap_port=port)
    poll(account)
    gap.refresh_from_db()
    assert (account.errors, account.trouble, gap.is_caught_up) == (0, "", True)
    assert gap_titles(lin, chen.pk) == []
    assert MailMessage.objects.get().text == "断线时来的"


def test_a_worker_that_does_not_run_is_a_gap_too(
    servers: MailServers, account: MailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    lin, chen = team.manager_lin(), regular_chen()
    poll(account)
    monkeypatch.setattr("shuke.kernel.clock.now", lambda: NOON + timedelta(minutes=21))
    state = account_states([account])[0]
    assert (state.is_silent, state.gap_since) == (True, NOON)
    assert len(gap_titles(lin, chen.pk)) == 1


def test_a_customer_without_an_address_shows_no_gap(servers: MailServers, account: MailAccount) -> None:
    from shuke.customers.testing import lapsed_zhao

    MailAccount.objects.update(errors=1)
    assert gap_titles(team.manager_lin(), lapsed_zhao().pk) == []
    assert gap_titles(team.analyst_chen(), regular_chen().pk) == []


def test_mailboxes_that_fail_are_asked_less_often(servers: MailServers, account: MailAccount) -> None:
    assert services.accounts_to_poll() == [account.pk]
    MailAccount.objects.update(errors=3, tried_at=NOON - timedelta(minutes=7))
    assert services.accounts_to_poll() == []
    MailAccount.objects.update(errors=3, tried_at=NOON - timedelta(minutes=8))
    assert services.accounts_to_poll() == [account.pk]
    MailAccount.objects.update(errors=99, tried_at=NOON - timedelta(minutes=30))
    assert services.accounts_to_poll() == [account.pk]
    MailAccount.objects.update(is_active=False)
    assert services.accounts_to_poll() == []


def test_a_letter_that_cannot_be_taken_apart_leaves_a_gap_and_the_next_is_read(
    servers: MailServers, account: MailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = polling.rules.read_letter

    def fails_once(raw: bytes, **named: Any) -> Any:
        if b"Subject: bad" in raw:
            raise RecursionError
        return real(raw, **named)

    monkeypatch.setattr(polling.rules, "read_letter", fails_once)
    servers.deliver(letter("坏的", subject="bad"))
    servers.deliver(letter("好的"))
    poll(account)
    assert list(MailMessage.objects.values_list("text", flat=True)) == ["好的"]
    assert MailGap.objects.get().cause == "unreadable"
    titles = gap_titles(team.manager_lin(), regular_chen().pk)
    assert titles == [f"{USER} 这时候收到的一封信读不出来，请到邮箱里看"]


def test_hostile_letters_are_stored_as_words(servers: MailServers, account: MailAccount) -> None:
    message = EmailMessage()
    message["From"] = "<script>@example.com <chen@example.com>"
    message["Subject"] = "<img src=x onerror=alert(1)>\u202e\u0000"
    message.set_content("<script>alert(1)</script>", subtype="html")
    message.add_attachment(b"<script>", maintype="text", subtype="html", filename="../../x.html")
    servers.deliver(message)
    poll(account)
    stored = MailMessage.objects.get()
    assert stored.subject == "<img src=x onerror=alert(1)>"
    assert stored.text == ""
    file = stored.attachments.get()
    assert file.name == "x.html"
    assert ".." not in file.stored and file.stored.startswith("mail/")


def test_a_letter_that_is_too_large_leaves_its_head(
    servers: MailServers, account: MailAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shuke.connectors.mail.wire import imap

    monkeypatch.setattr(imap, "LARGEST_LETTER", 300)
    servers.deliver(letter("长" * 500, subject="很长的信"))
    poll(account)
    stored = MailMessage.objects.get()
    assert (stored.subject, stored.text, stored.is_cut) == ("很长的信", "", True)


def test_letters_sent_from_ones_own_program_appear_when_they_go_to_a_customer(servers: MailServers) -> None:
    wang, chen = team.clerk_wang(), regular_chen(email="chen@example.com")
    account = servers.account(actor=wang, is_shop=False, reads_sent=True)
    for recipient in ("chen@example.com", "mother@example.com"):
        sent = EmailMessage()
        sent["From"], sent["To"], sent["Subject"] = USER, recipient, f"写给 {recipient}"
        sent["Message-ID"] = f"<{recipient}>"
        sent.set_content("从自己的程序写的")
        servers.deliver(sent, folder="Sent")
    services.poll_account(account_id=account.pk)
    stored = MailMessage.objects.get()
    assert (stored.direction, stored.state, stored.customer_id, stored.staff_id) == (
        "out",
        "sent",
        chen.pk,
        wang.pk,
    )


def test_our_own_letter_in_the_sent_folder_is_not_doubled(servers: MailServers) -> None:
    chen = regular_chen(email="chen@example.com")
    account = servers.account(reads_sent=True)
    sent = written(team.manager_lin(), account.pk, chen.pk)
    services.send_letter(letter_id=sent.pk)
    servers.deliver(servers.received.letters[0], folder="Sent")
    services.poll_account(account_id=account.pk)
    assert MailMessage.objects.count() == 1
    assert Interaction.objects.filter(kind="email").count() == 1


def test_a_stored_password_that_cannot_be_read_is_a_gap(servers: MailServers, account: MailAccount) -> None:
    MailAccount.objects.update(secret="broken")
    assert poll(account).trouble == "secret"
    assert MailGap.objects.get().detail == "secret"
