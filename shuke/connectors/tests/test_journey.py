"""From the customer page into the customer's mailbox and back onto the timeline, in a browser."""

from typing import Any

import pytest

from shuke.connectors.mail import services
from shuke.connectors.models import MailMessage
from shuke.connectors.testing import MailServers, letter
from shuke.customers.testing import regular_chen
from shuke.team import testing as team


@pytest.mark.django_db(transaction=True)
def test_a_letter_is_written_in_the_drawer_and_answered(page: Any, servers: MailServers) -> None:
    lin, chen = team.manager_lin(), regular_chen(email="chen@example.com")
    account = servers.account()
    page.goto("/sign-in/")
    page.fill("[name=username]", lin.username)
    page.fill("[name=password]", team.PASSWORD)
    page.click("main button[type=submit], form button[type=submit]")
    page.wait_for_load_state("networkidle")

    page.goto(f"/customers/{chen.pk}/")
    page.click(".person-actions a:has-text('写邮件')")
    page.fill("#drawer [name=subject]", "白茶到了")
    page.fill("#drawer [name=text]", "您要的白茶到了。")
    page.click("#drawer button:has-text('发送')")
    page.wait_for_selector("#timeline :text('邮件（等着发） · 白茶到了')")

    sent = MailMessage.objects.get()
    services.send_letter(letter_id=sent.pk)
    servers.deliver(letter(answers=sent.message_id, subject="回复：白茶到了"))
    services.poll_account(account_id=account.pk)
    page.reload()
    page.wait_for_selector("#timeline :text('邮件（已发出） · 白茶到了')")
    page.click("#timeline a:has-text('来信 · 回复：白茶到了')")
    page.wait_for_selector(".mail-letter >> nth=1")
    assert "茶收到了，谢谢。" in page.inner_text(".mail-thread")
    page.click("a:has-text('回复') >> nth=-1")
    page.wait_for_selector("[name=subject]")
    assert page.input_value("[name=subject]") == "回复：白茶到了"
