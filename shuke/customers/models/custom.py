"""Fields a shop makes for itself. Values stand on the customer (`Customer.custom`), by the field's number."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class CustomField(models.Model):
    """自定义字段: something the shop wants to know of its customers that the record has no column for.

    Archived: asked for and offered no longer, values stay. Deleted: out of sight, can be brought back until it is purged.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("短文字")
        LONG = "long", _("长文字")
        NUMBER = "number", _("数字")
        MONEY = "money", _("金额")
        DATE = "date", _("日期")
        CHOICE = "choice", _("单选")
        MANY = "many", _("多选")
        FLAG = "flag", _("是或否")
        LINK = "link", _("网址")

    class Holder(models.TextChoices):
        BOTH = "both", _("个人和公司")
        PERSON = "person", _("个人")
        COMPANY = "company", _("公司")

    name = models.CharField(_("名称"), max_length=30)
    kind = models.CharField(_("类型"), max_length=8, choices=Kind.choices)
    hint = models.CharField(_("填写提示"), max_length=100, blank=True, db_default="")
    holder = models.CharField(_("用于"), max_length=8, choices=Holder.choices, default=Holder.BOTH)
    is_required = models.BooleanField(_("必填"), default=False)
    is_in_add_form = models.BooleanField(_("添加客户时就填"), default=False)
    is_sensitive = models.BooleanField(_("敏感"), default=False)  # masked for who reads contacts masked
    place = models.IntegerField(default=0)
    archived_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], name="customers_custom_name", condition=models.Q(deleted_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.name


class CustomChoice(models.Model):
    """One word of a field of choices. Hidden: offered no longer, customers keep it."""

    field = models.ForeignKey(CustomField, on_delete=models.CASCADE, related_name="choices")
    name = models.CharField(_("选项"), max_length=40)
    place = models.IntegerField(default=0)
    is_hidden = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["field", "name"], name="customers_custom_choice_once")
        ]

    def __str__(self) -> str:
        return self.name
