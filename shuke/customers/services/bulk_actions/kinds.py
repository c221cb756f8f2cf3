"""The ready bulk actions: tags, account manager, store, one field, the recycle bin."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from shuke.customers import rules
from shuke.customers.models import Collaborator, Customer, Tag
from shuke.customers.ports import Applied, BulkField, BulkKind
from shuke.customers.queries.collaborating import access_words
from shuke.customers.services.bulk_actions.custom import EditCustom
from shuke.customers.services.collaborating import fitting, give_access
from shuke.customers.services.many import write_stores, write_values
from shuke.customers.services.recycling import delete_locked
from shuke.customers.services.tags import TAG_LENGTH, change_tags
from shuke.team.queries import Actor, colleagues, reach_of, visible_staff, visible_stores
from shuke.team.rules import Scope

Access = Collaborator.Access
OFFERED = 60
NOBODY = "0"
Given = Mapping[str, list[str]]
NO_MORE = "none"
_ENDS = gettext_lazy("不再协作")
IS_MANAGER = gettext_noop("这位同事已经是负责人了。")
FULL = gettext_noop("这位同事协作的客户已经满了。")
NOT_WITHIN = gettext_noop("改了以后这位客户就不在您的范围内，没有改。")


class _Kind:
    """What most actions share."""

    code: str
    label: str | Promise
    icon: str
    order: int
    permission: str = "customers.edit"
    is_grave: bool = False
    opens: str = ""

    def fields(self, actor: Actor) -> Iterable[BulkField]:
        return ()

    def read(self, actor: Actor, given: Given) -> dict[str, Any]:
        return {}


class AddTags(_Kind):
    """Give tags; new words become tags."""

    code, order = "tag", 10
    icon = "tag"
    label = gettext_lazy("加标签")

    def fields(self, actor: Actor) -> Iterable[BulkField]:
        hint = gettext_lazy("几个标签用空格或逗号隔开；没有的会新建。")
        yield BulkField("tags", gettext_lazy("标签"), suggestions=_known_tags(), hint=hint)

    def read(self, actor: Actor, given: Given) -> dict[str, Any]:
        words = _split(_one(given, "tags"))
        if not words:
            raise ValidationError(_("请写一个标签。"))
        if any(len(word) > TAG_LENGTH for word in words):
            raise ValidationError(_("一个标签最多 40 个字，请写短一些。"))
        return {"tags": words}

    def title(self, arguments: Mapping[str, Any]) -> str:
        return _("加标签「%(tags)s」") % {"tags": "、".join(arguments["tags"])}

    def apply(
        self, *, actor: Actor, audit_id: int, customers: Mapping[int, Customer], arguments: Mapping[str, Any]
    ) -> Applied:
        return Applied(change_tags(customers, add=arguments["tags"], source="bulk"))


class RemoveTags(AddTags):
    """Take tags off."""

    code, order = "untag", 20
    icon = "tag-off"
    label = gettext_lazy("去掉标签")

    def fields(self, actor: Actor) -> Iterable[BulkField]:
        yield BulkField("tags", gettext_lazy("标签"), suggestions=_known_tags())

    def title(self, arguments: Mapping[str, Any]) -> str:
        return _("去掉标签「%(tags)s」") % {"tags": "、".join(arguments["tags"])}

    def apply(
        self, *, actor: Actor, audit_id: int, customers: Mapping[int, Customer], arguments: Mapping[str, Any]
    ) -> Applied:
        return Applied(change_tags(customers, remove=arguments["tags"]))


class Assign(_Kind):
    """Make somebody the account manager, or nobody."""

    code, order = "assign", 30
    icon = "user-check"
    label = gettext_lazy("分配负责人")

    def fields(self, actor: Actor) -> Iterable[BulkField]:
        people = tuple((str(one.pk), one.name) for one in visible_staff(actor))
        nobody = (NOBODY, gettext_lazy("不设负责人"))
        yield BulkField("account_manager", gettext_lazy("负责人"), choices=(*people, nobody))

    def read(self, actor: Actor, given: Given) -> dict[str, Any]:
        chosen = _number(_one(given, "account_manager"))
        person = visible_staff(actor).filter(pk=chosen).first() if chosen else None
        if chosen is None or (chosen and person is None):
            raise ValidationError(_("请选一位负责人。"))
        return {"account_manager_id": chosen or None, "name": person.name if person else ""}

    def title(self, arguments: Mapping[str, Any]) -> str:
        if not arguments["name"]:
            return _("不设负责人")
        return _("分配给%(name)s") % {"name": arguments["name"]}

    def apply(
        self, *, actor: Actor, audit_id: int, customers: Mapping[int, Customer], arguments: Mapping[str, Any]
    ) -> Applied:
        new = {"account_manager_id": arguments["account_manager_id"]}
        staying, leaving = _staying(actor, customers, new)
        written = write_values(actor, staying, dict.fromkeys(staying, new))
        return Applied(written.changes, dict.fromkeys(leaving, NOT_WITHIN) | written.problems)


class Collaborate(_Kind):
    """Let a colleague work on them too, or no longer."""

    code, order = "collaborate", 35
    icon = "users-group"
    label = gettext_lazy("加协作人")

    def fields(self, actor: Actor) -> Iterable[BulkField]:
        people = tuple((str(one.pk), one.name) for one in colleagues() if one.may("customers.view"))
        yield BulkField("staff", gettext_lazy("协作人"), choices=people)
        yield BulkField("access", gettext_lazy("能做什么"), choices=(*Access.choices, (NO_MORE, _ENDS)))

    def read(self, actor: Actor, given: Given) -> dict[str, Any]:
        chosen, access = _number(_one(given, "staff")), _one(given, "access")
        person = next((one for one in colleagues() if one.pk == chosen), None)
        if person is None or not person.may("customers.view"):
            raise ValidationError(_("请选一位在职、能看客户的同事。"))
        if access not in (*Access.values, NO_MORE):
            raise ValidationError(_("请选协作人能做什么。"))
        return {"staff_id": person.pk, "name": person.name, "access": "" if access == NO_MORE else access}

    def title(self, arguments: Mapping[str, Any]) -> str:
        if not arguments["access"]:
            return _("%(name)s不再协作") % arguments
        words = {"name": arguments["name"], "access": access_words(arguments["access"])}
        return _("请%(name)s协作（%(access)s）") % words

    def apply(
        self, *, actor: Actor, audit_id: int, customers: Mapping[int, Customer], arguments: Mapping[str, Any]
    ) -> Applied:
        staff_id, access = arguments["staff_id"], arguments["access"]
        own = [pk for pk, one in customers.items() if one.account_manager_id == staff_id and access]
        wanted = [pk for pk in customers if pk not in set(own)]
        fit = fitting(wanted, staff_id) if access else wanted
        changes = give_access(actor, fit, staff_id, access)
        full = [pk for pk in wanted if pk not in set(fit)]
        return Applied(changes, dict.fromkeys(own, IS_MANAGER) | dict.fromkeys(full, FULL))


class SetStore(_Kind):
    """Say which store looks after them."""

    code, order = "store", 40
    icon = "building-store"
    label = gettext_lazy("换门店")

    def fields(self, actor: Actor) -> Iterable[BulkField]:
        stores = tuple((str(one.pk), one.name) for one in visible_stores(actor).filter(is_active=True))
        yield BulkField("store", gettext_lazy("所属门店"), choices=stores)

    def read(self, actor: Actor, given: Given) -> dict[str, Any]:
        chosen = _number(_one(given, "store"))
        store = visible_stores(actor).filter(pk=chosen).first() if chosen else None
        if store is None:
            raise ValidationError(_("请选一家门店。"))
        return {"store_id": store.pk, "name": store.name}

    def title(self, arguments: Mapping[str, Any]) -> str:
        return _("归到%(name)s") % {"name": arguments["name"]}

    def apply(
        self, *, actor: Actor, audit_id: int, customers: Mapping[int, Customer], arguments: Mapping[str, Any]
    ) -> Applied:
        new = {"store_id": arguments["store_id"]}
        staying, leaving = _staying(actor, customers, new)
        written = write_stores(actor, staying, arguments["store_id"])
        return Applied(written.changes, dict.fromkeys(leaving, NOT_WITHIN))


EDITABLE: dict[str, str | Promise] = {
    "province": gettext_lazy("省份"),
    "city": gettext_lazy("城市"),
    "district": gettext_lazy("区县"),
    "occupation": gettext_lazy("职业"),
    "industry": gettext_lazy("行业"),
    "first_channel": gettext_lazy("来源"),
}


class EditField(_Kind):
    """Write the same into one field of everybody; nothing written empties it."""

    code, order = "edit", 50
    icon = "pencil"
    label = gettext_lazy("改一项资料")

    def fields(self, actor: Actor) -> Iterable[BulkField]:
        yield BulkField("field", gettext_lazy("哪一项"), choices=tuple(EDITABLE.items()))
        yield BulkField("value", gettext_lazy("改成"), hint=gettext_lazy("留空就是清掉这一项。"))

    def read(self, actor: Actor, given: Given) -> dict[str, Any]:
        name, value = _one(given, "field"), rules.clean_line(_one(given, "value"))
        if name not in EDITABLE:
            raise ValidationError(_("请选要改的一项。"))
        longest: int = getattr(Customer._meta.get_field(name), "max_length", 0) or 0
        if len(value) > longest:
            raise ValidationError(_("最多 %(n)s 个字，请写短一些。") % {"n": longest})
        return {"field": name, "value": value}

    def title(self, arguments: Mapping[str, Any]) -> str:
        label = str(EDITABLE[arguments["field"]])
        if not arguments["value"]:
            return _("清掉%(field)s") % {"field": label}
        return _("%(field)s改成「%(value)s」") % {"field": label, "value": arguments["value"]}

    def apply(
        self, *, actor: Actor, audit_id: int, customers: Mapping[int, Customer], arguments: Mapping[str, Any]
    ) -> Applied:
        new = {arguments["field"]: arguments["value"]}
        written = write_values(actor, customers, dict.fromkeys(customers, new))
        return Applied(written.changes, written.problems)


class Delete(_Kind):
    """Into the recycle bin, for 90 days."""

    code, order, permission, is_grave = "delete", 90, "customers.delete", True
    icon = "trash"
    label = gettext_lazy("删除")

    def title(self, arguments: Mapping[str, Any]) -> str:
        return _("删除客户")

    def apply(
        self, *, actor: Actor, audit_id: int, customers: Mapping[int, Customer], arguments: Mapping[str, Any]
    ) -> Applied:
        return Applied(delete_locked(actor, customers))


READY = cast(
    "tuple[BulkKind, ...]",
    (AddTags(), RemoveTags(), Assign(), Collaborate(), SetStore(), EditField(), EditCustom(), Delete()),
)


def _staying(
    actor: Actor, customers: Mapping[int, Customer], new: Mapping[str, int | None]
) -> tuple[dict[int, Customer], list[int]]:
    """Those the actor still reaches afterwards, and those they would lose sight of (who sees all loses nobody)."""
    reach = reach_of(actor)
    if reach.scope is Scope.ALL:
        return dict(customers), []
    staying = {
        pk: one
        for pk, one in customers.items()
        if reach.covers(
            store_id=new.get("store_id", one.store_id),
            owner_id=new.get("account_manager_id", one.account_manager_id),
        )
    }
    return staying, [pk for pk in customers if pk not in staying]


def _known_tags() -> tuple[str, ...]:
    return tuple(Tag.objects.order_by("category", "name").values_list("name", flat=True)[:OFFERED])


def _split(text: str) -> list[str]:
    for mark in "，,、;；\n\t\u3000":
        text = text.replace(mark, " ")
    return sorted({rules.clean_line(word) for word in text.split(" ")} - {""})


def _one(given: Given, name: str) -> str:
    values = given.get(name) or [""]
    return values[-1]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
