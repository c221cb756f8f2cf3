"""Customers and what proves who they are."""

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Customer(models.Model):
    """A person or company that buys, or may. `merged_into` set: this one lives on in another."""

    class Kind(models.TextChoices):
        PERSON = "person", _("个人")
        COMPANY = "company", _("公司")

    class Gender(models.TextChoices):
        UNKNOWN = "", _("未知")
        FEMALE = "female", _("女")
        MALE = "male", _("男")

    kind = models.CharField(_("类型"), max_length=8, choices=Kind.choices, default=Kind.PERSON)
    name = models.CharField(_("姓名"), max_length=80, blank=True)
    name_key = models.CharField(
        max_length=200, blank=True, db_default="", db_collation="C"
    )  # sorts names by pinyin (zh.pinyin.sort_key)
    phone = models.CharField(
        _("手机号"), max_length=20, blank=True, db_default=""
    )  # the one shown, as dialled at home (rules.shown_phone); all are identities
    email = models.CharField(_("邮箱"), max_length=254, blank=True, db_default="")
    wechat = models.CharField(_("微信号"), max_length=60, blank=True, db_default="")
    member_number = models.CharField(_("会员号"), max_length=40, blank=True, db_default="")
    gender = models.CharField(_("性别"), max_length=8, choices=Gender.choices, blank=True, db_default="")
    birthday_calendar = models.CharField(_("历法"), max_length=5, blank=True, db_default="")  # solar | lunar
    birthday_month = models.SmallIntegerField(null=True)
    birthday_day = models.SmallIntegerField(null=True)
    birthday_is_leap = models.BooleanField(db_default=False)
    birth_year = models.SmallIntegerField(null=True)
    province = models.CharField(_("省份"), max_length=40, blank=True, db_default="")
    city = models.CharField(_("城市"), max_length=40, blank=True, db_default="")
    district = models.CharField(_("区县"), max_length=40, blank=True, db_default="")
    address = models.CharField(_("详细地址"), max_length=200, blank=True, db_default="")
    occupation = models.CharField(_("职业"), max_length=60, blank=True, db_default="")
    education = models.CharField(_("学历"), max_length=30, blank=True, db_default="")
    industry = models.CharField(_("行业"), max_length=60, blank=True, db_default="")
    income_band = models.CharField(_("收入"), max_length=30, blank=True, db_default="")
    preferred_channel = models.CharField(_("愿意怎么联系"), max_length=20, blank=True, db_default="")
    preferred_hours = models.CharField(_("方便的时间"), max_length=20, blank=True, db_default="")
    preferred_products = models.CharField(_("喜欢的商品"), max_length=200, blank=True, db_default="")
    note = models.TextField(_("备注"), blank=True, db_default="")
    first_channel = models.CharField(_("来源"), max_length=40, blank=True, db_default="")
    custom: Any = models.JSONField(  # the shop's own fields: {"12": value}, see rules.custom; what is not there is empty
        default=dict, db_default=models.Value({}, models.JSONField())
    )
    store = models.ForeignKey(
        "team.Store",
        verbose_name=_("所属门店"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_constraint=False,  # bulk table, see docs/adr/0004-bulk-tables.md
    )
    account_manager = models.ForeignKey(
        "team.Staff", verbose_name=_("负责人"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    import_run = models.ForeignKey(
        "imports.ImportRun",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        db_constraint=False,  # bulk table, see docs/adr/0004-bulk-tables.md
    )
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)  # set: in the recycle bin, hidden everywhere
    deleted_by = models.ForeignKey(
        "team.Staff", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["-deleted_at", "-id"],
                name="customers_deleted",
                condition=models.Q(deleted_at__isnull=False),
            ),
            models.Index(
                fields=["birthday_month", "birthday_day", "birthday_calendar"],
                name="customers_birthday",
                condition=models.Q(birthday_month__isnull=False),
            ),
            models.Index(
                fields=["merged_into"], name="customers_merged", condition=models.Q(merged_into__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.phone or self.member_number or str(self.pk)

    @property
    def customer_id(self) -> int | None:
        """By this name `team.services.require` finds out whether a record was shared; None before it is saved."""
        return None if self.pk is None else int(self.pk)


class Identity(models.Model):
    """A value by which a customer is recognised: one value of a namespace belongs to one customer.

    Namespaces: phone (E.164), email (lower case), member, wechat, unionid, openid:<app>, external:<source>.
    """

    namespace = models.CharField(max_length=60)
    value = models.CharField(max_length=254)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="identities", db_constraint=False
    )  # bulk table, see docs/adr/0004-bulk-tables.md
    import_run_id = models.BigIntegerField(null=True)  # the run that brought it
    verified_by = models.CharField(
        max_length=40, blank=True, db_default=""
    )  # how it was proven; empty: typed
    last_seen = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["namespace", "value"], name="customers_identity_once")
        ]


class IdentityConflict(models.Model):
    """A fact named two customers at once (phone of one, card of another): somebody has to look.

    `first` is the older record. `shown_from` puts a pair off; `decision` closes it.
    """

    class Decision(models.TextChoices):
        NONE = "", _("待核实")
        DIFFERENT = "different", _("不是同一人")

    first = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    origin = models.CharField(max_length=80)
    evidence: Any = models.JSONField(default=dict)
    is_open = models.BooleanField(default=True)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True, db_default="")
    decided_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True)
    shown_from = models.DateField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first", "second"], name="customers_conflict_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="customers_conflict_older_first"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="customers_conflict_open", condition=models.Q(is_open=True))
        ]
