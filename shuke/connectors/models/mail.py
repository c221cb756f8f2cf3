"""Mailboxes, the letters that went through them, and the times of which letters may be missing."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class MailAccount(models.Model):
    """A mailbox of the shop, or of one person (`owner`); a person's stays theirs when they leave: nobody inherits it."""

    class Tls(models.TextChoices):
        IMPLICIT = "implicit", _("SSL/TLS（一般选这个）")
        STARTTLS = "starttls", _("STARTTLS")
        NONE = "none", _("不加密（只限本机）")

    is_shop = models.BooleanField(default=False)
    owner = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    preset = models.CharField(_("邮箱服务"), max_length=20)
    address = models.CharField(_("邮箱地址"), max_length=254)
    sender_name = models.CharField(_("发件人名称"), max_length=60, blank=True)
    signature = models.TextField(_("签名"), blank=True)
    username = models.CharField(_("登录名"), max_length=254)
    secret = models.TextField()  # the password, encrypted (vault)
    smtp_host = models.CharField(_("发信服务器"), max_length=253)
    smtp_port = models.PositiveIntegerField(_("端口"))
    smtp_tls = models.CharField(_("加密"), max_length=10, choices=Tls.choices)
    imap_host = models.CharField(_("收信服务器"), max_length=253, blank=True)  # empty: only sends
    imap_port = models.PositiveIntegerField(_("端口"), default=993)
    imap_tls = models.CharField(_("加密"), max_length=10, choices=Tls.choices, default=Tls.IMPLICIT)
    reads_sent = models.BooleanField(_("也看已发送"), default=False)
    keeps_unknown = models.BooleanField(_("留下不认识的来信"), default=True)
    is_active = models.BooleanField(default=True)
    polled_at = models.DateTimeField(null=True)  # the last time that everything was read
    tried_at = models.DateTimeField(null=True)
    errors = models.PositiveIntegerField(default=0)  # since the last good time
    trouble = models.CharField(max_length=40, blank=True)  # rules.Trouble, empty: well
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["address", "owner"],
                name="connectors_mailbox_once",
                nulls_distinct=False,
                condition=models.Q(is_active=True),
            ),
            models.CheckConstraint(
                condition=models.Q(is_shop=False) | models.Q(owner__isnull=True),
                name="connectors_mailbox_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.address


class MailFolder(models.Model):
    """How far a folder has been read: UIDs hold as long as its UIDVALIDITY stays."""

    account = models.ForeignKey(MailAccount, on_delete=models.CASCADE, related_name="folders")
    name = models.CharField(max_length=200)
    uidvalidity = models.BigIntegerField(null=True)
    last_uid = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "name"], name="connectors_folder_once")
        ]


class MailGap(models.Model):
    """A time of which letters may be missing. Closed when read on; `is_caught_up`: nothing is missing any more."""

    class Cause(models.TextChoices):
        TROUBLE = "trouble", _("没能收信")
        UNREADABLE = "unreadable", _("有一封信读不出来")

    account = models.ForeignKey(MailAccount, on_delete=models.CASCADE, related_name="gaps")
    cause = models.CharField(max_length=12, choices=Cause.choices)
    detail = models.CharField(max_length=120, blank=True)  # rules.Trouble, or folder and number of the letter
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    is_caught_up = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account"],
                name="connectors_one_open_gap",
                condition=models.Q(cause="trouble", ended_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["account", "detail"],
                name="connectors_unreadable_once",
                condition=models.Q(cause="unreadable"),
            ),
        ]


class MailMessage(models.Model):
    """One letter in or out. `root` names the first letter of its thread (itself, where it begins one)."""

    class Direction(models.TextChoices):
        OUT = "out", _("发出")
        IN = "in", _("收到")

    class State(models.TextChoices):
        QUEUED = "queued", _("等着发")
        SENDING = "sending", _("正在发")
        SENT = "sent", _("已发出")
        FAILED = "failed", _("没发出去")
        UNKNOWN = "unknown", _("不确定发没发出")
        CANCELLED = "cancelled", _("取消了")
        RECEIVED = "received", _("收到")

    class Filing(models.TextChoices):
        FILED = "filed", _("已归到客户")
        WAITING = "waiting", _("未认出")
        IGNORED = "ignored", _("已忽略")

    account = models.ForeignKey(MailAccount, on_delete=models.PROTECT, related_name="messages")
    direction = models.CharField(max_length=3, choices=Direction.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    filing = models.CharField(max_length=8, choices=Filing.choices)
    operation_id = models.CharField(max_length=64, null=True, unique=True)
    message_id = models.CharField(max_length=250)
    references: Any = models.JSONField(default=list)  # message ids, the oldest first
    root = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    customer = models.ForeignKey("customers.Customer", null=True, on_delete=models.CASCADE, related_name="+")
    interaction = models.ForeignKey(
        "customers.Interaction", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    staff = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    from_address = models.CharField(max_length=254, blank=True)
    from_name = models.CharField(max_length=120, blank=True)
    to_addresses: Any = models.JSONField(default=list)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    is_cut = models.BooleanField(default=False)  # too long or too large to keep whole
    is_auto_reply = models.BooleanField(default=False)
    is_bounce = models.BooleanField(default=False)
    is_seen = models.BooleanField(default=False)
    undeliverable: Any = models.JSONField(default=list)  # addresses that a bounce said do not exist
    trouble = models.CharField(max_length=40, blank=True)  # rules.Trouble of the last try
    reply_code = models.PositiveSmallIntegerField(null=True)
    claim_id = models.BigIntegerField(null=True)  # the unknown letter with which somebody claimed this one
    claim_adds_address = models.BooleanField(default=False, db_default=False)  # 撤销 takes it off again
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    happened_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "message_id"], name="connectors_letter_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer", "-happened_at"], name="connectors_letters_of"),
            models.Index(
                fields=["-happened_at"],
                name="connectors_waiting",
                condition=models.Q(filing="waiting"),
            ),
            models.Index(
                fields=["state"],
                name="connectors_unsent",
                condition=models.Q(state__in=["queued", "sending", "failed", "unknown"]),
            ),
            models.Index(
                fields=["from_address"],
                name="connectors_waiting_from",
                condition=models.Q(filing="waiting"),
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.message_id


class MailAttachment(models.Model):
    """A file of a letter, kept under a name of our own; `stored` empty: too large, only its name is known."""

    message = models.ForeignKey(MailMessage, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.BigIntegerField()
    stored = models.CharField(max_length=120, blank=True)
