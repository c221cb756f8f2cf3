"""Mailboxes: set up, tried, stopped. The password goes in and never comes out again, but to the server it was given for."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shuke.connectors import vault
from shuke.connectors.mail import rules, wire
from shuke.connectors.mail.policy import way
from shuke.connectors.mail.rules import Trouble
from shuke.connectors.mail.rules.text import many_lines, one_line
from shuke.connectors.models import MailAccount
from shuke.customers.rules import normalise_email
from shuke.kernel import clock
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require

_HOST = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*|::1"
)
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_BOUND = ("username", "smtp_host", "smtp_port", "smtp_tls", "imap_host", "imap_port", "imap_tls")
_KEPT = (*_BOUND, "preset", "address", "sender_name", "signature", "reads_sent", "keeps_unknown")
_TOLD = ("address", "smtp_host", "smtp_port", "smtp_tls", "imap_host", "imap_port", "imap_tls", "sender_name")
LOOKED_BACK_DAYS = 30


@dataclass(frozen=True)
class AccountForm:
    """A mailbox as it is filled in. An empty password leaves the stored one, as long as it goes to the same servers."""

    preset: str
    address: str
    password: str = ""
    sender_name: str = ""
    signature: str = ""
    username: str = ""
    smtp_host: str = ""
    smtp_port: int = 465
    smtp_tls: str = "implicit"
    imap_host: str = ""
    imap_port: int = 993
    imap_tls: str = "implicit"
    reads_sent: bool = False
    keeps_unknown: bool = True


@transaction.atomic
def add_account(*, actor: Actor, form: AccountForm, is_shop: bool) -> MailAccount:
    """Add a mailbox of the shop or of one's own. Raises ValidationError by field."""
    require(actor, "mail.configure" if is_shop else "mail.own")
    if not form.password:
        raise ValidationError({"password": _("请填邮箱的密码或授权码。")})
    owner_id = None if is_shop else actor.id
    account = MailAccount(is_shop=is_shop, owner_id=owner_id, **_columns(form))
    account.secret = vault.seal(form.password)
    _save(account)
    record_audit(actor, "mail_account_added", account, after=_told(account))
    return account


@transaction.atomic
def change_account(*, actor: Actor, account_id: int, form: AccountForm) -> MailAccount:
    """Change a mailbox. Raises ValidationError: also when its password would go to another server than it was given for."""
    account = _manageable(actor, account_id)
    before, bound = _told(account), [getattr(account, name) for name in _BOUND]
    for name, value in _columns(form).items():
        setattr(account, name, value)
    if form.password:
        account.secret = vault.seal(form.password)
    elif [getattr(account, name) for name in _BOUND] != bound:
        raise ValidationError({"password": _("换了服务器或登录名，请把密码再填一次。")})
    account.errors, account.trouble = 0, ""
    _save(account)
    after = _told(account) | ({"password": "***"} if form.password else {})
    record_audit(actor, "mail_account_changed", account, before=before, after=after)
    return account


@transaction.atomic
def turn_account(*, actor: Actor, account_id: int, is_active: bool) -> MailAccount:
    """Stop using a mailbox, or use it again; its letters stay. Raises ValidationError when another one took its place."""
    account = _manageable(actor, account_id)
    if account.is_active != is_active:
        account.is_active = is_active
        _save(account)
        action = "mail_account_resumed" if is_active else "mail_account_stopped"
        record_audit(actor, action, account, after={"address": account.address})
    return account


def try_sending(*, actor: Actor, account_id: int) -> Trouble | None:
    """Send a test letter to the mailbox's own address; what went wrong, or None."""
    account = _manageable(actor, account_id)
    draft = rules.Draft(
        message_id=_test_id(account),
        from_address=account.address,
        from_name=account.sender_name,
        to_address=account.address,
        subject=_("熟客的测试邮件"),
        text=_("收到这封信，说明发信已经设好了。"),
        sent_at=clock.now(),
    )
    try:
        server = smtp_server(account)
        letter = rules.compose(draft)
        wire.send(server, way(), letter=letter, sender=account.address, recipient=account.address)
    except wire.Failure as failure:
        return failure.trouble
    return None


def try_reading(*, actor: Actor, account_id: int) -> Trouble | int:
    """Look into the mailbox; how many letters came lately, or what went wrong."""
    account = _manageable(actor, account_id)
    try:
        with wire.open_mailbox(imap_server(account), way()) as mailbox:
            mailbox.select("INBOX")
            return len(mailbox.uids_since(clock.today() - timedelta(days=LOOKED_BACK_DAYS)))
    except wire.Failure as failure:
        return failure.trouble


def smtp_server(account: MailAccount) -> wire.Server:
    """Where letters are handed over. Raises Failure when the stored password cannot be read."""
    return wire.Server(
        account.smtp_host, account.smtp_port, account.smtp_tls, account.username, _password(account)
    )


def imap_server(account: MailAccount) -> wire.Server:
    """Where letters are read. Raises Failure when the stored password cannot be read."""
    return wire.Server(
        account.imap_host, account.imap_port, account.imap_tls, account.username, _password(account)
    )


def _password(account: MailAccount) -> str:
    try:
        return vault.unseal(account.secret)
    except vault.BrokenSecret as error:
        raise wire.Failure(Trouble.SECRET) from error


def _manageable(actor: Actor, account_id: int) -> MailAccount:
    account = MailAccount.objects.get(pk=account_id)
    require(actor, "mail.configure" if account.is_shop else "mail.own")
    if not account.is_shop and (actor.id is None or account.owner_id != actor.id):
        raise PermissionDenied(_("这是同事自己的邮箱。"))
    return account


def _save(account: MailAccount) -> None:
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        raise ValidationError({"address": _("这个邮箱已经加过了。")}) from error


def _columns(form: AccountForm) -> dict[str, Any]:
    """The form cleaned; servers of a known service are filled in. Raises ValidationError."""
    preset = rules.PRESETS.get(form.preset, rules.PRESETS["own"])
    found = {name: getattr(form, name) for name in _KEPT}
    found["address"] = normalise_email(form.address) or ""
    found["username"] = one_line(form.username) or found["address"]
    found["sender_name"] = one_line(form.sender_name)[:60]
    found["signature"] = many_lines(form.signature)[:1000]
    found["preset"] = preset.code
    if preset.smtp_host:
        found |= {
            "smtp_host": preset.smtp_host,
            "smtp_port": preset.smtp_port,
            "smtp_tls": preset.smtp_tls,
            "imap_host": preset.imap_host,
            "imap_port": preset.imap_port,
            "imap_tls": "implicit",
        }
    found["smtp_host"], found["imap_host"] = found["smtp_host"].strip(), found["imap_host"].strip()
    if problems := _problems(found):
        raise ValidationError(problems)
    return found


def _problems(found: dict[str, Any]) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not found["address"] or not found["address"].isascii():
        problems["address"] = _("邮箱应像 name@example.com，请检查 @ 和后面的域名。")
    for kind in ("smtp", "imap"):
        host, port, tls = found[f"{kind}_host"], found[f"{kind}_port"], found[f"{kind}_tls"]
        if not host and kind == "imap":
            continue
        if not _HOST.fullmatch(host):
            problems[f"{kind}_host"] = _("请填服务器的名字，像 smtp.example.com，不带 http:// 和端口。")
        if not 1 <= port <= 65535:
            problems[f"{kind}_port"] = _("端口是 1 到 65535 之间的数字。")
        if tls not in MailAccount.Tls.values:
            problems[f"{kind}_tls"] = _("请选择加密方式。")
        elif tls == MailAccount.Tls.NONE and host.lower() not in _OWN_MACHINE:
            problems[f"{kind}_tls"] = _("不加密只能用在本机的服务器上，请选 SSL/TLS 或 STARTTLS。")
    return problems


def _told(account: MailAccount) -> dict[str, Any]:
    """For the audit: never the password."""
    return {name: getattr(account, name) for name in _TOLD}


def _test_id(account: MailAccount) -> str:
    moment = clock.now().strftime("%Y%m%d%H%M%S%f")
    return f"<test.{account.pk}.{moment}@{account.address.rpartition('@')[2]}>"
