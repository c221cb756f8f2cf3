"""Sending: claimed before the server is called, tried again only when it is sure that nothing went, never twice by itself."""

from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from procrastinate.contrib.django.models import ProcrastinateJob

from shuke.connectors import vault
from shuke.connectors.mail import services, wire
from shuke.connectors.mail.rules import Trouble
from shuke.connectors.mail.services import NewFile, sending
from shuke.connectors.models import MailAccount, MailMessage
from shuke.connectors.testing import MailServers, letter
from shuke.connectors.tests.test_round_trip import written
from shuke.customers.models import Interaction
from shuke.customers.testing import lapsed_zhao, regular_chen
from shuke.team import testing as team

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(servers: MailServers) -> MailMessage:
    chen = regular_chen(email="chen@example.com")
    return written(team.manager_lin(), servers.account().pk, chen.pk)


def send(message: MailMessage) -> MailMessage:
    services.send_letter(letter_id=message.pk)
    message.refresh_from_db()
    return message


def waiting_jobs(message: MailMessage) -> int:
    jobs = ProcrastinateJob.objects.filter(task_name="connectors.send_letter", status="todo")
    return sum(job.args == {"letter_id": message.pk} for job in jobs)


def test_a_sent_letter_is_not_sent_again_when_its_job_runs_twice(
    servers: MailServers, queued: MailMessage
) -> None:
    assert send(queued).state == "sent"
    assert send(queued).state == "sent"
    assert len(servers.received.letters) == 1
    assert Interaction.objects.filter(kind="email").count() == 1


def test_the_same_operation_is_the_same_letter(servers: MailServers, queued: MailMessage) -> None:
    again = written(team.manager_lin(), queued.account_id, queued.customer_id or 0, subject="另一个主题")
    assert again.pk == queued.pk
    assert waiting_jobs(queued) == 1
    with pytest.raises(ValidationError):
        written(team.clerk_wang(), queued.account_id, queued.customer_id or 0)


def test_killed_before_the_claim_it_is_sent_by_the_next_run(
    servers: MailServers, queued: MailMessage
) -> None:
    assert queued.state == "queued"
    assert send(queued).state == "sent"


def test_killed_while_sending_nobody_can_tell_and_nothing_is_sent_again(
    servers: MailServers, queued: MailMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*given: Any, **named: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(wire, "send", die)
        with pytest.raises(KeyboardInterrupt):
            services.send_letter(letter_id=queued.pk)
    queued.refresh_from_db()
    assert queued.state == "sending"
    assert (send(queued).state, queued.trouble) == ("unknown", "stopped")
    assert send(queued).state == "unknown"
    assert servers.received.letters == []
    assert Interaction.objects.filter(kind="email").count() == 0


def test_killed_after_the_server_took_it_nobody_can_tell_until_the_answer_comes(
    servers: MailServers, queued: MailMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sending, "_settle", lambda *given: None)
        services.send_letter(letter_id=queued.pk)
    assert len(servers.received.letters) == 1
    assert send(queued).state == "unknown"
    servers.deliver(letter(answers=queued.message_id))
    services.poll_account(account_id=queued.account_id)
    queued.refresh_from_db()
    assert queued.state == "sent"
    assert Interaction.objects.filter(kind="email", direction="out").count() == 1
    assert len(servers.received.letters) == 1


def test_a_line_that_breaks_while_handing_over_leaves_it_uncertain(
    servers: MailServers, queued: MailMessage
) -> None:
    servers.received.drops_after_data = True
    assert (send(queued).state, queued.trouble) == ("unknown", "cut_off")
    assert waiting_jobs(queued) == 1  # the first one, which a worker would have taken; no second try


def test_network_trouble_puts_it_on_the_queue_again(servers: MailServers, queued: MailMessage) -> None:
    MailAccount.objects.update(smtp_port=1)
    assert (send(queued).state, queued.trouble, queued.attempts) == ("queued", "connection", 1)
    assert waiting_jobs(queued) == 2
    for _attempt in range(5):
        send(queued)
    assert (queued.state, queued.attempts) == ("failed", 6)
    assert waiting_jobs(queued) == 6


def test_a_busy_server_is_asked_again_and_a_refusing_one_is_not(
    servers: MailServers, queued: MailMessage
) -> None:
    servers.received.answer = "451 later"
    assert (send(queued).state, queued.trouble, queued.reply_code) == ("queued", "busy", 451)
    servers.received.answer = "554 no"
    assert (send(queued).state, queued.trouble, queued.reply_code) == ("failed", "refused", 554)


def test_an_address_that_the_server_refuses_is_said_so(servers: MailServers, queued: MailMessage) -> None:
    servers.received.answer_to_recipient = "550 nobody here"
    assert (send(queued).state, queued.trouble, queued.reply_code) == ("failed", "recipient", 550)


def test_a_wrong_password_fails_at_once(servers: MailServers, queued: MailMessage) -> None:
    MailAccount.objects.update(secret=vault.seal("wrong"))
    assert (send(queued).state, queued.trouble) == ("failed", "password")
    MailAccount.objects.update(secret="broken")
    services.send_again(actor=team.manager_lin(), letter_id=queued.pk)
    assert (send(queued).state, queued.trouble) == ("failed", "secret")


def test_a_person_decides_what_becomes_of_an_uncertain_letter(
    servers: MailServers, queued: MailMessage
) -> None:
    lin = team.manager_lin()
    MailMessage.objects.update(state="unknown", trouble="cut_off")
    services.cancel_letter(actor=lin, letter_id=queued.pk)
    queued.refresh_from_db()
    assert queued.state == "cancelled"
    assert services.uncancel_letter(actor=lin, letter_id=queued.pk).state == "unknown"
    assert services.confirm_sent(actor=lin, letter_id=queued.pk).state == "sent"
    assert Interaction.objects.filter(kind="email").count() == 1
    assert services.send_again(actor=lin, letter_id=queued.pk).state == "sent"


def test_sent_again_it_is_the_same_letter(servers: MailServers, queued: MailMessage) -> None:
    MailMessage.objects.update(state="unknown", trouble="cut_off")
    services.send_again(actor=team.manager_lin(), letter_id=queued.pk)
    assert send(queued).state == "sent"
    assert queued.message_id.encode() in servers.received.letters[0]


def test_letters_stuck_for_long_become_uncertain(
    servers: MailServers, queued: MailMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shuke.connectors.testing import NOON

    MailMessage.objects.update(state="sending", claimed_at=NOON - sending.STUCK_AFTER * 2)
    assert services.forget_stuck() == 1
    queued.refresh_from_db()
    assert queued.state == "unknown"


def test_files_go_along_under_safe_names(servers: MailServers) -> None:
    chen = regular_chen(email="chen@example.com")
    files = (NewFile("../../茶单.pdf", "application/pdf", b"%PDF-1"),)
    sent = send(written(team.manager_lin(), servers.account().pk, chen.pk, files=files))
    assert sent.state == "sent"
    assert [one.name for one in sent.attachments.all()] == ["茶单.pdf"]
    assert b"JVBERi0x" in servers.received.letters[0]


def test_a_lost_file_fails_the_letter_and_says_so(servers: MailServers) -> None:
    from shuke.connectors.mail import store

    chen = regular_chen(email="chen@example.com")
    files = (NewFile("a.pdf", "application/pdf", b"x"),)
    message = written(team.manager_lin(), servers.account().pk, chen.pk, files=files)
    store.forget(message.attachments.get().stored)
    assert (send(message).state, message.trouble) == ("failed", "broken")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to_address": "other@example.com"}, "to_address"),
        ({"subject": " \u202e "}, "subject"),
        ({"text": " \n"}, "text"),
        ({"files": tuple(NewFile("a", "", b"") for _number in range(11))}, "files"),
        ({"files": (NewFile("a", "", b"x" * (15 * 1024 * 1024 + 1)),)}, "files"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_field_and_nothing_is_kept(
    servers: MailServers, changes: dict[str, Any], field: str
) -> None:
    chen, account = regular_chen(email="chen@example.com"), servers.account()
    with pytest.raises(ValidationError) as caught:
        written(team.manager_lin(), account.pk, chen.pk, **changes)
    assert list(caught.value.message_dict) == [field]
    assert MailMessage.objects.count() == 0


def test_four_visitors_write(servers: MailServers) -> None:
    chen, account = regular_chen(email="chen@example.com"), servers.account()
    for actor, trouble in (
        (team.stranger(), PermissionDenied),
        (team.analyst_chen(), PermissionDenied),
        (team.clerk_zhou(), ObjectDoesNotExist),
    ):
        with pytest.raises(trouble):
            written(actor, account.pk, chen.pk)
    assert MailMessage.objects.count() == 0
    assert written(team.clerk_wang(), account.pk, chen.pk).state == "queued"


def test_nobody_writes_from_a_colleagues_own_mailbox(servers: MailServers) -> None:
    chen = regular_chen(email="chen@example.com")
    wangs = servers.account(actor=team.clerk_wang(), is_shop=False)
    for actor in (team.manager_lin(), team.owner()):
        with pytest.raises(ObjectDoesNotExist):
            written(actor, wangs.pk, chen.pk)
    assert written(team.clerk_wang(), wangs.pk, chen.pk).state == "queued"


def test_of_a_persons_mailbox_the_touch_says_nothing(servers: MailServers) -> None:
    chen, wang = regular_chen(email="chen@example.com"), team.clerk_wang()
    wangs = servers.account(actor=wang, is_shop=False)
    send(written(wang, wangs.pk, chen.pk))
    touch = Interaction.objects.get(kind="email")
    assert (touch.body, touch.staff_id) == ("个人邮箱的邮件，内容只有本人和店长看得到。", wang.pk)


def test_the_shops_limits_hold_a_letter_back_or_let_it_wait(
    servers: MailServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from shuke.connectors.testing import NOON

    monkeypatch.setattr("shuke.kernel.clock.now", lambda: NOON + timedelta(hours=11))  # 23:00
    chen, account = regular_chen(email="chen@example.com"), servers.account()
    with pytest.raises(services.Held) as caught:
        written(team.manager_lin(), account.pk, chen.pk)
    assert "安静时间" in str(caught.value)
    assert MailMessage.objects.count() == 0
    waiting = written(team.manager_lin(), account.pk, chen.pk, waits=True)
    job = ProcrastinateJob.objects.get(task_name="connectors.send_letter", args={"letter_id": waiting.pk})
    assert job.scheduled_at is not None


def test_an_answer_is_not_held_back(servers: MailServers, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from shuke.connectors.testing import NOON

    chen, account = regular_chen(email="chen@example.com"), servers.account()
    servers.deliver(letter())
    services.poll_account(account_id=account.pk)
    question = MailMessage.objects.get()
    monkeypatch.setattr("shuke.kernel.clock.now", lambda: NOON + timedelta(hours=11))
    answer = written(team.manager_lin(), account.pk, chen.pk, answers_id=question.pk)
    assert (answer.references, answer.root_id) == ([question.message_id], question.pk)
    zhao = lapsed_zhao(email="zhao@example.com")
    with pytest.raises(ObjectDoesNotExist):
        written(
            team.manager_lin(),
            account.pk,
            zhao.pk,
            operation_id="op-00000009",
            to_address="zhao@example.com",
            answers_id=question.pk,
        )


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        ({"smtp_host": "no-such-host.invalid"}, Trouble.HOST),
        ({"smtp_port": 1}, Trouble.CONNECTION),
        ({"smtp_tls": "starttls"}, Trouble.TIMEOUT),
    ],
)
def test_a_try_says_what_is_wrong(
    servers: MailServers, settings: Any, change: dict[str, Any], trouble: Trouble
) -> None:
    settings.MAIL_TIMEOUT_SECONDS = 0.3
    account = servers.account()
    assert services.try_sending(actor=team.owner(), account_id=account.pk) is None
    MailAccount.objects.update(**change)
    assert services.try_sending(actor=team.owner(), account_id=account.pk) == trouble


def test_certificates_and_addresses_are_checked(servers: MailServers, settings: Any) -> None:
    owner, account = team.owner(), servers.account()
    good = settings.MAIL_CA_FILE
    settings.MAIL_CA_FILE = ""
    assert services.try_sending(actor=owner, account_id=account.pk) == Trouble.CERTIFICATE
    assert services.try_reading(actor=owner, account_id=account.pk) == Trouble.CERTIFICATE
    settings.MAIL_CA_FILE = good
    assert services.try_reading(actor=owner, account_id=account.pk) == 0
    settings.MAIL_NEAR = frozenset()
    assert services.try_sending(actor=owner, account_id=account.pk) == Trouble.PRIVATE
    assert services.try_reading(actor=owner, account_id=account.pk) == Trouble.PRIVATE


def test_starttls_is_asked_for_and_checked_too(servers: MailServers, settings: Any) -> None:
    owner, account = team.owner(), servers.account(tls="starttls")
    assert services.try_sending(actor=owner, account_id=account.pk) is None
    assert services.try_reading(actor=owner, account_id=account.pk) == 0
    settings.MAIL_CA_FILE = ""
    assert services.try_sending(actor=owner, account_id=account.pk) == Trouble.CERTIFICATE
    assert services.try_reading(actor=owner, account_id=account.pk) == Trouble.CERTIFICATE
    MailAccount.objects.update(
        smtp_port=servers.ports["smtp_none"], imap_port=servers.ports["imap_none"], smtp_tls="starttls"
    )
    assert services.try_sending(actor=owner, account_id=account.pk) == Trouble.NO_STARTTLS
    assert services.try_reading(actor=owner, account_id=account.pk) == Trouble.NO_STARTTLS


def test_a_password_never_stands_in_a_message_of_ours(servers: MailServers) -> None:
    from shuke.connectors.mail.services.accounts import smtp_server
    from shuke.connectors.testing import PASSWORD

    account = servers.account()
    assert PASSWORD not in repr(smtp_server(account))
    assert PASSWORD not in account.secret
