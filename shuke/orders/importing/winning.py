"""What wins where a file and an order that is there differ.

Whose it is, and what was bought for how much, are each one thing: money, lines and refunds of two tellings never mix. Store,
channel and time go by rules of their own.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import connection
from django.utils.translation import gettext as _

from shuke.imports.ports import Choice, Difference, Setting
from shuke.imports.rules.winning import BLANKS, FILE, OURS, rule_for
from shuke.imports.services.choosing import wins_choice
from shuke.orders.importing.former import kept_before
from shuke.orders.models import Order
from shuke.team.queries import store_names

SINGLE = {"store": ("store_id",), "channel": ("channel",), "moment": ("ordered_at", "ordered_on")}
GOODS = ("kind", "amount_fen", "refund_fen", "currency")
SAME = "same"  # as the shop said for all fields
WHOSE, WHAT = "customer", "goods"
SHOWN_DIFFERENCES = 12


@dataclass(frozen=True)
class Decided:
    """Of staged orders that are there: who is touched at all, whose lines are replaced; how many fields differ."""

    touched: list[int]
    replaced: list[int]
    differing: int


class OrderRules:
    """The shop's choices for one run."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.rules = {code: rule_for(code, setting.options) for code in (*SINGLE, WHOSE, WHAT)}

    def held_customers(self, numbers: pl.Series) -> pl.Series | None:
        """Whose each of these orders is and stays: null for new ones, and for those of nobody; None if files decide."""
        if not self.keeps_whose:
            return None
        held = Order.objects.filter(source=self.setting.source, number__in=numbers.to_list())
        whose = dict(held.exclude(customer=None).values_list("number", "customer_id"))
        return pl.Series([whose.get(number) for number in numbers.to_list()], dtype=pl.Int64)

    def made_by_run(self, known: Mapping[str, tuple[int, int, int | None]]) -> list[str]:
        """The numbers of those (id, fingerprint, run) that were not there before this run."""
        run_id = self.setting.run_id
        mine = {number: pk for number, (pk, _print, run) in known.items() if run == run_id}
        replaced = kept_before(run_id, list(mine.values()))
        return [number for number, pk in mine.items() if pk not in replaced]

    @property
    def keeps_whose(self) -> bool:
        """Whether an order that has a customer keeps them."""
        return self.rules[WHOSE] != FILE

    @property
    def keeps_goods(self) -> bool:
        """Whether lines and money of an order that is there stay."""
        return self.rules[WHAT] != FILE

    @property
    def salt(self) -> int:
        """Part of the fingerprint of an order of which not everything was taken: other rules may take more of the same file."""
        if set(self.rules.values()) == {FILE}:
            return 0
        said = repr(sorted(self.rules.items())).encode()
        return int.from_bytes(hashlib.sha256(said).digest()[:8], signed=True)

    def is_same(self, ours: int, theirs: int) -> bool:
        """Whether a file of this fingerprint has nothing to add to an order of that one."""
        return ours in (theirs, theirs ^ self.salt)

    def decide(self) -> Decided:
        """Look at the orders staged in orders_staged, `s`, beside ours, `o`."""
        takes = [self._takes(code) for code in SINGLE]
        differs = [_differs(code) for code in SINGLE]
        with connection.cursor() as cursor:
            cursor.execute(
                f"select o.id, {self._is_replaced}, {' or '.join((self._is_replaced, _WHOSE, *takes))},"
                f" {' + '.join(f'({one})::int' for one in (*differs, _AMOUNT))}"
                " from orders_staged s join orders_order o on o.id = s.id"
            )
            rows = cursor.fetchall()
        return Decided(
            touched=[pk for pk, _replaced, is_touched, _n in rows if is_touched],
            replaced=[pk for pk, is_replaced, _touched, _n in rows if is_replaced],
            differing=sum(n for *_flags, n in rows),
        )

    def write(self, touched: list[int]) -> None:
        """Give the staged orders among these what the rules take; say by the fingerprint what was left."""
        lost = " or ".join([*(f"({_differs(code)} and not {self._takes(code)})" for code in SINGLE)])
        is_whole = f"{self._is_replaced} and not ({lost})"
        assigned = [
            *(f"{column} = case when {self._takes(code)} then s.{column} else o.{column} end"
              for code, columns in SINGLE.items() for column in columns),
            *(f"{column} = case when {self._is_replaced} then s.{column} else o.{column} end" for column in GOODS),
            "customer_id = coalesce(s.customer_id, o.customer_id)",
            f"fingerprint = case when {is_whole} then s.fingerprint else s.fingerprint # {self.salt} end",
            "import_run_id = s.import_run_id",
        ]  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(
                f"update orders_order o set {', '.join(assigned)} from orders_staged s"
                " where o.id = s.id and o.id = any(%s)",
                [touched],
            )

    def shown(self, staged: pl.DataFrame, lines: pl.DataFrame, *, limit: int) -> list[Difference]:
        """The first differences of staged orders, for the page where the file is checked."""
        if limit <= 0:
            return []
        firsts = lines.group_by("order").agg(pl.col("line").first())
        places = dict(staged.select("order", "id").join(firsts, on="order").select("id", "line").rows())
        parts = " union all ".join(
            f"select o.id, o.number, '{code}', o.{columns[0]}::text, s.{columns[0]}::text, {self._takes(code)}"
            f" from orders_staged s join orders_order o on o.id = s.id where {_differs(code)}"
            for code, columns in SINGLE.items()
        )
        money = (
            f"select o.id, o.number, 'amount', round(o.amount_fen / 100.0, 2)::text, round(s.amount_fen / 100.0, 2)::text,"
            f" {self._is_replaced} from orders_staged s join orders_order o on o.id = s.id where {_AMOUNT}"
        )
        with connection.cursor() as cursor:
            cursor.execute(f"{parts} union all {money} order by 1, 3 limit {int(limit)}")
            rows = cursor.fetchall()
        stores = store_names()
        return [
            Difference(
                places.get(pk, 0),
                number,
                code,
                _told(code, ours, stores),
                _told(code, theirs, stores),
                is_taken,
            )
            for pk, number, code, ours, theirs, is_taken in rows
        ]

    @property
    def _is_replaced(self) -> str:
        return "false" if self.keeps_goods else "true"

    def _takes(self, code: str) -> str:
        column = SINGLE[code][0]
        wins = {FILE: "true", BLANKS: _is_blank("o", column)}.get(self.rules[code], "false")
        return f"(not {_is_blank('s', column)} and s.{column} is distinct from o.{column} and {wins})"


_WHOSE = "(s.customer_id is not null and s.customer_id is distinct from o.customer_id)"
_AMOUNT = "(s.amount_fen is distinct from o.amount_fen)"


def _is_blank(table: str, column: str) -> str:
    return f"coalesce({table}.{column}::text, '') = ''"


def _differs(code: str) -> str:
    column = SINGLE[code][0]
    return (
        f"(not {_is_blank('s', column)} and not {_is_blank('o', column)}"
        f" and s.{column} is distinct from o.{column})"
    )


def _told(code: str, value: Any, stores: Mapping[int, str]) -> str:
    if code == "store":
        return stores.get(int(value), "")
    return str(value)[:16] if code == "moment" else str(value)


def ruled(mapping: Mapping[str, str]) -> frozenset[str]:
    """Columns for each of which the shop may say who wins."""
    return frozenset(SINGLE.keys() & mapping.keys())


def wins_choices(setting: Setting) -> list[Choice]:
    """Who wins in general, and in the two things that several columns tell together."""
    answers = ((SAME, _("照前面的")), (FILE, _("以文件为准")), (OURS, _("保留我们的")))
    return [
        wins_choice(setting, hint=_("订单已经有了时才用到；门店、渠道、时间可在下面单独选。")),
        Choice(
            "wins_goods", _("金额和商品不一样时"), answers, str(setting.options.get("wins_goods") or SAME)
        ),
        Choice(
            "wins_customer", _("顾客不一样时"), answers, str(setting.options.get("wins_customer") or SAME)
        ),
    ]
