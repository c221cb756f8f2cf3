"""A letter goes out over a real SMTP server, its answer comes in over a real IMAP server, both on the timeline."""

from email import message_from_bytes, policy

import pytest

from shuke.connectors.mail import services
from shuke.connectors.models import MailMessage
from shuke.connectors.testing import USER, MailServers, letter
from shuke.customers.models import Interaction
from shuke.customers.queries import timeline_entries
from shuke.customers.testing import regular_chen
from shuke.kernel.timeline import TimelineEntry, TimelineWanted, entries_of_sources, laid_side_by_side
from shuke.team import testing as team

pytestmark = pytest.mark.django_db


def timeline_of(actor: object, customer_id: int) -> list[TimelineEntry]:
    """The entries of customers and of mail side by side, as the desk lays them."""
    ids, wanted = [customer_id], TimelineWanted()
    return laid_side_by_side([*timeline_entries(ids, wanted), *entries_of_sources(actor, ids, wanted)])


def written(actor: object, account_id: int, customer_id: int, **changes: object) -> MailMessage:
    given: dict[str, object] = {
        "operation_id": "op-00000001",
        "account_id": account_id,
        "customer_id": customer_id,
        "to_address": "chen@example.com",
        "subject": "白茶到了",
        "text": "王姐好，\n\n您要的白茶到了。",
    }
    return services.write_letter(actor=actor, letter=services.NewLetter(**(given | changes)))  # type: ignore[arg-type]


@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
def test_a_letter_is_sent_answered_and_both_stand_on_the_timeline(servers: MailServers, tls: str) -> None:
    lin = team.manager_lin()
    chen = regular_chen(email="chen@example.com")
    account = servers.account(tls=tls)
    sent = written(lin, account.pk, chen.pk)
    services.send_letter(letter_id=sent.pk)

    assert servers.received.recipients == ["chen@example.com"]
    over_the_wire = message_from_bytes(servers.received.letters[0], policy=policy.default)
    assert over_the_wire["Subject"] == "白茶到了"
    assert over_the_wire["From"] == f"栖谷茶礼 <{USER}>"
    assert over_the_wire["Message-ID"] == sent.message_id
    assert over_the_wire.get_content() == "王姐好，\r\n\r\n您要的白茶到了。\r\n"

    servers.deliver(letter(answers=sent.message_id))
    assert services.poll_account(account_id=account.pk) is False

    answer = MailMessage.objects.get(direction="in")
    assert (answer.customer_id, answer.root_id, answer.state) == (chen.pk, sent.pk, "received")
    mail = [entry for entry in timeline_of(lin, chen.pk) if entry.kind == "email"]
    assert {(entry.title, entry.body, entry.direction, entry.who) for entry in mail} == {
        ("来信 · 收到了", "茶收到了，谢谢。", "in", "陈茶香"),
        ("邮件（已发出） · 白茶到了", "王姐好，\n您要的白茶到了。", "out", "林店长"),
    }
    assert Interaction.objects.filter(customer=chen, kind="email").count() == 2
