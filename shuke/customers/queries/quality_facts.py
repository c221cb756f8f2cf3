"""What is known about each field of a profile, as one select: is it there, when was it last confirmed, what speaks against it."""

from collections.abc import Iterable
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_noop as _

from shuke.customers.rules import quality as rules

REACHED = (
    _("聊上了"),
    _("约好再联系"),
    _("说会来"),
    _("暂时不需要"),
    _("会来"),
    _("考虑"),
    _("不想被打扰"),
    _("聊过了"),
)
UNREACHED = (_("没接"), _("没接通"), _("号码不通"))
ALSO_REACHED = ("已接通", "接通", "有兴趣", "Connected")
ALSO_UNREACHED = ("没打通", "打不通", "空号", "停机", "关机", "号码不对", "无人接听", "Wrong number")
PLACE = ("province", "city", "district", "address")
ADDRESS, CHANNEL = "address", "preferred_channel"
POINTS = ("phone", "wechat", "email")
_HISTORY = {
    **{code: (code,) for code in ("name", *POINTS, "birthday", "gender", CHANNEL, "industry")},
    ADDRESS: PLACE,
}
_FILLED = {
    "name": "c.name <> ''",
    **{code: f"c.{code} <> ''" for code in (*POINTS, "gender", CHANNEL, "industry")},
    "birthday": "c.birthday_month is not null",
    ADDRESS: "(c.city <> '' or c.address <> '')",
    "tags": "g.customer_id is not null",
    "contact": "n.customer_id is not null",
    "invoice": "v.customer_id is not null",
}
_CONFIRMED = {
    **{code: (f"p.{code}", f"i.{code}", f"t.{code}") for code in POINTS},
    ADDRESS: ("a.address",),
    "contact": ("n.at",),
    "invoice": ("v.at",),
}


@cache
def facts_given() -> dict[str, list[str]]:
    """The words of results, in every language: they are stored as whoever logged a call read them."""
    return {
        "reached": [*_in_every_language(REACHED), *ALSO_REACHED],
        "unreached": [*_in_every_language(UNREACHED), *ALSO_UNREACHED],
    }


def _in_every_language(words: Iterable[str]) -> list[str]:
    found = set(words)
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found |= {translation.gettext(word) for word in words}
    return sorted(found)


def facts_select(*, of_some: bool) -> str:
    """One row a living customer: id, is_company, is_reachable and, for each field, <code>_filled, <code>_at, <code>_lost.

    Named parameters: reached, unreached (`facts_given()`), and ids where it is `of_some`.
    """
    only = "customer_id = any(%(ids)s)" if of_some else "true"
    columns = ",\n  ".join(_field(code) for code in rules.CODES)
    return f"""
select c.id, c.kind = 'company' as is_company,
  (c.phone <> '' or c.wechat <> '' or c.email <> '') and c.preferred_channel <> 'none' as is_reachable,
  {columns}
from customers_customer c
left join ({_changed(only)}) h on h.customer_id = c.id
left join ({_points(only)}) p on p.customer_id = c.id
left join ({_addresses(only)}) a on a.customer_id = c.id
left join ({_identities(only)}) i on i.customer_id = c.id
left join ({_touches(only)}) t on t.customer_id = c.id
left join ({_checks(only)}) k on k.customer_id = c.id
left join (select distinct customer_id from customers_customertag where {only}) g on g.customer_id = c.id
left join (select company_id as customer_id, max(created_at) as at from customers_companycontact
  where ended_at is null and {only.replace("customer_id", "company_id")} group by company_id) n on n.customer_id = c.id
left join (select customer_id, max(created_at) as at from customers_invoicetitle
  where removed_at is null and {only} group by customer_id) v on v.customer_id = c.id
where c.merged_into_id is null and c.deleted_at is null and {only.replace("customer_id", "c.id")}"""


def _field(code: str) -> str:
    changed = (f"h.{code}",) if code in _HISTORY else ()
    told = ", ".join(("c.created_at", f"k.{code}_right", *changed, *_CONFIRMED.get(code, ())))
    lost = f"greatest(k.{code}_wrong, t.phone_lost)" if code == "phone" else f"k.{code}_wrong"
    return f"{_FILLED[code]} as {code}_filled, greatest({told}) as {code}_at, {lost} as {code}_lost"


def _changed(only: str) -> str:
    """When a field of the record was last changed by somebody."""
    columns = ", ".join(
        f"max(changed_at) filter (where field in ({_listed(names)})) as {code}"
        for code, names in _HISTORY.items()
    )
    known = _listed(name for names in _HISTORY.values() for name in names)
    return f"select customer_id, {columns} from customers_fieldchange where field in ({known}) and {only} group by customer_id"


def _points(only: str) -> str:
    """When a phone, e-mail or WeChat was added by hand, or proven."""
    told = "greatest(verified_on::timestamptz, case when source not in ('identity', '') then created_at end)"
    columns = ", ".join(f"max({told}) filter (where kind = '{code}') as {code}" for code in POINTS)
    return f"select customer_id, {columns} from customers_contactpoint where removed_at is null and {only} group by customer_id"


def _addresses(only: str) -> str:
    told = "greatest(verified_on::timestamptz, case when source <> 'record' then created_at end)"
    return (
        f"select customer_id, max({told}) as address from customers_address "
        f"where removed_at is null and is_main and {only} group by customer_id"
    )


def _identities(only: str) -> str:
    """When a number was last named by an order or a form."""
    columns = ", ".join(f"max(last_seen) filter (where namespace = '{code}') as {code}" for code in POINTS)
    return (
        f"select customer_id, {columns} from customers_identity "
        f"where namespace in ({_listed(POINTS)}) and {only} group by customer_id"
    )


def _touches(only: str) -> str:
    """When a customer answered on a channel, and when a call did not get through."""
    came = "max(happened_at) filter (where kind = '{0}' and direction = 'in') as {0}"
    return f"""select customer_id, {came.format("wechat")}, {came.format("email")},
  max(happened_at) filter (where (kind in ('call', 'sms') and direction = 'in')
    or (kind = 'call' and result = any(%(reached)s))) as phone,
  max(happened_at) filter (where kind = 'call' and direction = 'out' and result = any(%(unreached)s)) as phone_lost
  from customers_interaction
  where removed_at is null and kind in ('call', 'sms', 'wechat', 'email') and {only} group by customer_id"""


def _checks(only: str) -> str:
    columns = ", ".join(
        f"max(checked_at) filter (where field = '{code}' and is_right) as {code}_right, "
        f"max(checked_at) filter (where field = '{code}' and not is_right) as {code}_wrong"
        for code in rules.CODES
    )
    return f"select customer_id, {columns} from customers_fieldcheck where {only} group by customer_id"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
