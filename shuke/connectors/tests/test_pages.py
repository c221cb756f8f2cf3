"""The pages of mail, as four visitors see them."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from shuke.connectors.mail import services
from shuke.connectors.models import MailAccount, MailMessage
from shuke.connectors.testing import PASSWORD, USER, MailServers, letter
from shuke.connectors.tests.test_round_trip import written
from shuke.customers.testing import customer, regular_chen
from shuke.team import testing as team
from shuke.team.models import AuditEntry, Staff

pytestmark = pytest.mark.django_db


def signed_in(person: Staff) -> Client:
    client = Client()
    client.force_login(person, backend="shuke.team.recognising.StaffBackend")
    return client


def read(answer: Any) -> str:
    text: str = answer.content.decode()
    return text


@pytest.fixture
def account(servers: MailServers) -> MailAccount:
    return servers.account()


@pytest.fixture
def filed(servers: MailServers, account: MailAccount) -> MailMessage:
    regular_chen(email="chen@example.com")
    message = letter("<b>茶</b>收到了", subject="<img src=x>")
    message["Cc"] = "friend@example.com"
    message.add_attachment(b"<script>", maintype="text", subtype="html", filename="a.html")
    servers.deliver(message)
    services.poll_account(account_id=account.pk)
    return MailMessage.objects.get()


def given(servers: MailServers, **changes: Any) -> dict[str, Any]:
    form = vars(servers.form()) | changes
    return {key: value for key, value in form.items() if value not in (False, None)}


def test_four_visitors_open_each_page(account: MailAccount, filed: MailMessage) -> None:
    cast = team.cast()
    chen, file = filed.customer_id, filed.attachments.get().pk
    pages = {
        reverse("connectors:accounts"): "owner lin wang zhou",
        reverse("connectors:account_add"): "owner lin wang zhou",
        reverse("connectors:account", args=[account.pk]): "owner",
        reverse("connectors:inbox"): "owner lin wang zhou",
        reverse("connectors:write", args=[chen]): "owner lin wang",
        reverse("connectors:customer_mail", args=[chen]): "owner lin wang",
        reverse("connectors:letter", args=[filed.pk]): "owner lin wang",
        reverse("connectors:file", args=[file]): "owner lin wang",
    }
    people = {"owner": cast.owner, "lin": cast.lin, "wang": cast.wang, "zhou": cast.zhou}
    people |= {"analyst": cast.analyst, "stranger": cast.stranger}
    for url, allowed in pages.items():
        assert Client().get(url).status_code == 302, url
        opened = {name for name, person in people.items() if signed_in(person).get(url).status_code == 200}
        assert opened == set(allowed.split()), url


def test_a_denied_post_changes_nothing(
    account: MailAccount, filed: MailMessage, servers: MailServers
) -> None:
    client = signed_in(team.manager_lin())
    assert client.post(reverse("connectors:account", args=[account.pk]), given(servers)).status_code == 403
    assert client.post(reverse("connectors:account_turn", args=[account.pk]), {"on": "0"}).status_code == 403
    assert client.post(reverse("connectors:account_try", args=[account.pk, "send"])).status_code == 403
    account.refresh_from_db()
    assert account.is_active
    assert servers.received.letters == []
    far = signed_in(team.clerk_zhou())
    assert far.post(reverse("connectors:decide", args=[filed.pk, "again"])).status_code == 404


def test_an_owner_adds_the_shops_mailbox_and_the_password_is_never_shown_again(servers: MailServers) -> None:
    client = signed_in(team.owner())
    answer = client.post(reverse("connectors:account_add") + "?shop=1", given(servers))
    account = MailAccount.objects.get()
    assert answer.url == reverse("connectors:account", args=[account.pk])
    assert (account.is_shop, account.owner_id, account.username) == (True, None, USER)
    page = read(client.get(answer.url))
    assert PASSWORD not in page
    assert account.secret not in page
    assert PASSWORD not in str([(entry.before, entry.after) for entry in AuditEntry.objects.all()])


def test_a_clerk_adds_a_mailbox_of_their_own_only(servers: MailServers) -> None:
    wang = team.clerk_wang()
    signed_in(wang).post(reverse("connectors:account_add") + "?shop=1", given(servers))
    account = MailAccount.objects.get()
    assert (account.is_shop, account.owner_id) == (False, wang.pk)
    assert (
        signed_in(team.manager_lin()).get(reverse("connectors:account", args=[account.pk])).status_code == 403
    )


def test_a_password_does_not_follow_to_another_server(servers: MailServers, account: MailAccount) -> None:
    client, url = signed_in(team.owner()), reverse("connectors:account", args=[account.pk])
    answer = client.post(url, given(servers, smtp_host="smtp.example.net", password=""))
    assert answer.status_code == 422
    assert "请把密码再填一次" in read(answer)
    account.refresh_from_db()
    assert account.smtp_host == "localhost"
    assert client.post(url, given(servers, sender_name="新名字", password="")).status_code == 302
    account.refresh_from_db()
    assert account.sender_name == "新名字"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"address": "nobody"}, "邮箱"),
        ({"password": ""}, "请填邮箱的密码或授权码"),
        ({"smtp_host": "http://smtp.example.com"}, "不带 http://"),
        ({"smtp_tls": "none", "smtp_host": "smtp.example.com"}, "不加密只能用在本机的服务器上"),
        ({"smtp_port": "99999"}, "端口是 1 到 65535"),
    ],
)
def test_a_mailbox_that_cannot_work_is_refused_in_plain_words(
    servers: MailServers, changes: dict[str, Any], words: str
) -> None:
    answer = signed_in(team.owner()).post(reverse("connectors:account_add"), given(servers, **changes))
    assert answer.status_code == 422
    assert words in read(answer)
    assert MailAccount.objects.count() == 0


def test_a_known_service_needs_no_servers(servers: MailServers) -> None:
    form = {"preset": "163", "address": "shop@163.com", "password": "x" * 16}
    assert signed_in(team.owner()).post(reverse("connectors:account_add"), form).status_code == 302
    account = MailAccount.objects.get()
    assert (account.smtp_host, account.smtp_port, account.imap_host) == ("smtp.163.com", 465, "imap.163.com")


def test_both_tries_say_what_came_of_it(servers: MailServers, account: MailAccount) -> None:
    client = signed_in(team.owner())
    send, receive = (reverse("connectors:account_try", args=[account.pk, what]) for what in ("send", "read"))
    assert "测试邮件发出去了" in read(client.post(send, headers={"HX-Request": "true"}))
    assert servers.received.recipients == [USER]
    assert "收信没问题" in read(client.post(receive, headers={"HX-Request": "true"}))
    MailAccount.objects.update(username="wrong@example.com")
    assert "登录名或密码不对" in read(client.post(send, headers={"HX-Request": "true"}))
    assert "登录名或密码不对" in read(client.post(receive, headers={"HX-Request": "true"}))


def test_stopping_a_mailbox_can_be_undone(account: MailAccount) -> None:
    client = signed_in(team.owner())
    client.post(reverse("connectors:account_turn", args=[account.pk]), {"on": "0"})
    account.refresh_from_db()
    assert not account.is_active
    undo = reverse("connectors:account_undo", args=[account.pk, "on"])
    assert client.post(undo, headers={"HX-Request": "true"}).status_code == 204
    account.refresh_from_db()
    assert account.is_active


def form_of(client: Client, url: str) -> dict[str, str]:
    page = read(client.get(url))
    operation = re.search(r'name="operation_id" value="([0-9a-f]+)"', page)
    to_address = re.search(r'name="to_address".*?<option value="([0-9a-f]+)"', page, re.DOTALL)
    account = re.search(r'name="account".*?<option value="(\d+)"', page, re.DOTALL)
    assert operation and to_address and account
    return {"operation_id": operation[1], "to_address": to_address[1], "account": account[1]}


def test_a_clerk_writes_without_seeing_the_address(servers: MailServers, account: MailAccount) -> None:
    chen = regular_chen(email="chen@example.com")
    client, url = signed_in(team.clerk_wang()), reverse("connectors:write", args=[chen.pk])
    page = read(client.get(url))
    assert "chen@example.com" not in page
    assert "c***@example.com" in page
    filled = form_of(client, url) | {"subject": "白茶到了", "text": "您好"}
    file = SimpleUploadedFile("../茶单.pdf", b"%PDF", content_type="application/pdf")
    for _twice in range(2):
        assert client.post(url, filled | {"attached": file}).status_code == 302
        file.seek(0)
    message = MailMessage.objects.get()
    assert (message.to_addresses, message.subject, message.state) == (
        ["chen@example.com"],
        "白茶到了",
        "queued",
    )
    assert [one.name for one in message.attachments.all()] == ["茶单.pdf"]


def test_an_empty_letter_is_refused_and_what_was_written_stays(
    servers: MailServers, account: MailAccount
) -> None:
    chen = regular_chen(email="chen@example.com")
    client, url = signed_in(team.manager_lin()), reverse("connectors:write", args=[chen.pk])
    answer = client.post(url, form_of(client, url) | {"subject": "", "text": "写了很久的话"})
    assert answer.status_code == 422
    assert "请写主题" in read(answer)
    assert "写了很久的话" in read(answer)


def test_without_a_mailbox_the_own_program_is_offered(servers: MailServers) -> None:
    chen = regular_chen(email="chen@example.com")
    url = reverse("connectors:write", args=[chen.pk])
    assert 'href="mailto:chen@example.com"' in read(signed_in(team.manager_lin()).get(url))
    assert "mailto:" not in read(signed_in(team.clerk_wang()).get(url))
    bare = customer("无邮箱", store_id=team.store().pk)
    assert "这位客户还没有邮箱" in read(
        signed_in(team.manager_lin()).get(reverse("connectors:write", args=[bare.pk]))
    )


def test_a_letter_is_shown_escaped_and_masked(filed: MailMessage) -> None:
    for url in (
        reverse("connectors:letter", args=[filed.pk]),
        reverse("connectors:customer_mail", args=[filed.customer_id]),
    ):
        page = read(signed_in(team.clerk_wang()).get(url))
        assert "&lt;b&gt;茶&lt;/b&gt;收到了" in page
        assert "&lt;img src=x&gt;" in page
        assert "<img src=x>" not in page
        assert "chen@example.com" not in page
        assert "friend@example.com" not in page
        assert "chen@example.com" in read(signed_in(team.manager_lin()).get(url))


def test_an_attachment_is_only_ever_saved(filed: MailMessage) -> None:
    answer = signed_in(team.manager_lin()).get(reverse("connectors:file", args=[filed.attachments.get().pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="a.html"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == b"<script>"


def test_an_unknown_letter_is_claimed_from_the_page(servers: MailServers, account: MailAccount) -> None:
    lin, chen = team.manager_lin(), regular_chen()
    servers.deliver(letter(sender="new@example.com", subject="询价"))
    services.poll_account(account_id=account.pk)
    waiting, client = MailMessage.objects.get(), signed_in(lin)
    assert "询价" in read(client.get(reverse("connectors:inbox")))
    found = client.get(reverse("connectors:candidates", args=[waiting.pk]), {"q": "陈"})
    assert f'value="{chen.pk}"' in read(found)
    client.post(reverse("connectors:settle", args=[waiting.pk, "claim"]), {"customer": chen.pk})
    waiting.refresh_from_db()
    assert waiting.customer_id == chen.pk
    undo = reverse("connectors:settle", args=[waiting.pk, "back"])
    assert client.post(undo, headers={"HX-Request": "true"}).status_code == 204
    waiting.refresh_from_db()
    assert waiting.customer_id is None


def test_an_uncertain_letter_asks_for_a_decision(servers: MailServers, account: MailAccount) -> None:
    lin, chen = team.manager_lin(), regular_chen(email="chen@example.com")
    message = written(lin, account.pk, chen.pk)
    MailMessage.objects.update(state="unknown", trouble="cut_off")
    client = signed_in(lin)
    assert "要您决定的" in read(client.get(reverse("connectors:inbox")))
    page = read(client.get(reverse("connectors:letter", args=[message.pk])))
    assert "交出这封信时断了线" in page
    assert "客户收到了" in page
    client.post(reverse("connectors:decide", args=[message.pk, "sent"]))
    message.refresh_from_db()
    assert message.state == "sent"


def test_pages_keep_their_budget_of_queries(
    filed: MailMessage, account: MailAccount, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(team.manager_lin())
    client.get(reverse("connectors:inbox"))
    with django_assert_max_num_queries(14):
        client.get(reverse("connectors:inbox"))
    with django_assert_max_num_queries(14):
        client.get(reverse("connectors:letter", args=[filed.pk]))
    with django_assert_max_num_queries(12):
        client.get(reverse("connectors:customer_mail", args=[filed.customer_id]))


def test_the_periodic_job_asks_each_mailbox_once(account: MailAccount) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    from shuke.connectors import jobs

    for _minute in range(2):
        jobs.poll_mail.func(timestamp=0)
    assert ProcrastinateJob.objects.filter(task_name="connectors.poll_account").count() == 1


# --- the link under which customers check their data ---


def test_the_link_for_a_customer_goes_off_as_a_letter(account: MailAccount) -> None:
    chen, client = regular_chen(email="chen@example.com"), signed_in(team.manager_lin())
    here = reverse("customers:profile_link", args=[chen.pk])
    assert 'value="mail"' in read(client.get(here))
    answer = client.post(here, {"do": "mail"})
    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:customer", args=[chen.pk]))
    sent = MailMessage.objects.get()
    assert (sent.customer_id, sent.to_addresses, sent.direction) == (chen.pk, ["chen@example.com"], "out")
    address = re.search(r"http://testserver(/customers/my/[^/]+/)", sent.text)
    assert address is not None
    assert Client().get(address[1]).status_code == 200


def test_without_an_address_or_a_mailbox_no_letter_is_offered(servers: MailServers) -> None:
    lin = signed_in(team.manager_lin())
    with_address, without = regular_chen(email="chen@example.com"), customer("没有邮箱的")
    pages = [reverse("customers:profile_link", args=[one.pk]) for one in (with_address, without)]
    assert ['value="mail"' in read(lin.get(one)) for one in pages] == [False, False]
    servers.account()
    assert ['value="mail"' in read(lin.get(one)) for one in pages] == [True, False]
