"""The shop, its stores, its staff, and what they did."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from shuke.team import rules


class Shop(models.Model):
    """The one shop (or chain) that this installation serves."""

    name = models.CharField(_("店名"), max_length=80)
    currency = models.CharField(_("记账货币"), max_length=3, default="CNY")
    is_rise_red = models.BooleanField(_("红涨绿跌"), default=True)
    is_demo = models.BooleanField(default=False)
    is_single = models.BooleanField(default=True, unique=True, editable=False)


class Store(models.Model):
    """A place or online shop where the shop sells."""

    name = models.CharField(_("门店名称"), max_length=80, unique=True)
    city = models.CharField(_("城市"), max_length=40, blank=True)
    is_online = models.BooleanField(_("线上店"), default=False)
    is_active = models.BooleanField(_("营业中"), default=True)
    import_run_id = models.BigIntegerField(null=True, editable=False)  # opened by an import, and nobody's yet

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class StaffManager(BaseUserManager["Staff"]):
    """Looks staff up by the name they sign in with."""


class Staff(AbstractBaseUser):
    """A person who works here and signs in."""

    username = models.CharField(_("登录名"), max_length=60, unique=True)
    name = models.CharField(_("姓名"), max_length=40)
    role = models.CharField(_("角色"), max_length=20, blank=True)
    stores = models.ManyToManyField(Store, verbose_name=_("所属门店"), blank=True, related_name="+")
    is_active = models.BooleanField(_("在职"), default=True)
    must_change_password = models.BooleanField(default=True)
    session_epoch = models.IntegerField(default=0)  # raised to end every session of this person at once
    language = models.CharField(_("语言"), max_length=10, blank=True)
    theme = models.CharField(_("外观"), max_length=10, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    USERNAME_FIELD = "username"
    objects = StaffManager()

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What every session of this person is checked against: changes with the password and with the epoch."""
        content = f"{self.password}:{self.session_epoch}"
        return salted_hmac("shuke.team.Staff.session", content, secret=secret, algorithm="sha256").hexdigest()

    @property
    def ready_role(self) -> rules.Role:
        return rules.role_named(self.role) if self.is_active else rules.NO_ROLE

    def may(self, permission: str) -> bool:
        """For templates: whether this person holds the permission."""
        return rules.may(self.ready_role, permission)


class AuditEntry(models.Model):
    """Who did what to which record, before and after, from where. Append-only."""

    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=60)
    action = models.CharField(max_length=60)
    kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField(null=True)
    before: Any = models.JSONField(null=True)
    after: Any = models.JSONField(null=True)
    address = models.GenericIPAddressField(null=True)
    happened_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["kind", "object_id", "-id"], name="team_audit_object"),
            models.Index(fields=["actor_id", "-id"], name="team_audit_actor"),
        ]


class Notice(models.Model):
    """Something a person is told, once per `key`. Carries ids, never names: rooms put it in words when it is shown."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=80)
    facts: Any = models.JSONField(default=dict)
    url = models.CharField(max_length=200, blank=True)
    told_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["staff", "kind", "key"], name="team_notice_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["staff", "-id"], name="team_notice_of"),
            models.Index(fields=["staff"], name="team_notice_unread", condition=models.Q(read_at=None)),
        ]
