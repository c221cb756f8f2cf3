"""Rows of any table, made up from its columns: tests over all rooms need no list of them."""

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, models, transaction

from shuke.customers.models import Customer
from shuke.customers.services import NewCustomer, add_customer
from shuke.team.models import Staff, Store
from shuke.team.queries import SYSTEM
from shuke.zh import fictional
from shuke.zh.calendar import Birthday

FIRST_DAY = date(2025, 3, 1)
POOL = 4  # rows of tables that others point to


class Filler:
    """Makes customers, and rows of a model for them, by chance but always the same; another seed, other rows."""

    def __init__(self, chance: random.Random, seed: str = "") -> None:
        self.chance = chance
        self.seed = seed
        self.made = 0
        self.pools: dict[type[models.Model], list[models.Model]] = {}

    def customers(self, count: int) -> list[Customer]:
        """People with some of what a record can hold."""
        return [self._customer(n) for n in range(count)]

    def fill(self, model: type[models.Model], column: str, customers: list[Customer]) -> None:
        """About two rows for every other customer; what a constraint refuses is left out.

        Each table has its own chance, so that a new one leaves the rows of all others as they were.
        """
        self.chance = random.Random(f"{self.seed}{model._meta.label}.{column}")
        for customer in self.chance.sample(customers, max(len(customers) // 2, 1)):
            for _ in range(self.chance.randint(1, 3)):
                is_key = model._meta.get_field(column).is_relation
                self._try(model, {column: customer if is_key else customer.pk}, customers)

    def _customer(self, n: int) -> Customer:
        often = self.chance.random
        person = fictional.person(n)
        customer = add_customer(
            actor=SYSTEM,
            form=NewCustomer(
                name=person.name,
                phone=fictional.phone(self.chance.randrange(fictional.PHONES)) if often() < 0.8 else "",
                email=f"f{n}@example.com" if often() < 0.5 else "",
                member_number=f"V{n}" if often() < 0.3 else "",
                gender=person.gender if often() < 0.5 else "",
                birthday=Birthday("lunar", self.chance.randint(1, 12), 5) if often() < 0.4 else None,
                city=self.chance.choice(["杭州市", "湖州市", ""]),
                note=self.chance.choice(["爱喝白茶", "周末来", ""]),
                store_id=self.chance.choice(list(Store.objects.values_list("pk", flat=True))),
                tags=tuple(self.chance.sample(["送礼", "老友", "白茶"], self.chance.randint(0, 2))),
            ),
        )
        made = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=self.chance.randint(0, 9000))
        Customer.objects.filter(pk=customer.pk).update(created_at=made, updated_at=made)
        return customer

    def _try(self, model: type[models.Model], given: dict[str, Any], customers: list[Customer]) -> Any:
        values = {
            field.name: self._value(field, customers)
            for field in model._meta.concrete_fields
            if field.name not in given and not self._is_left_out(field)
        }
        values |= given
        values |= self._ordered(values)
        try:
            with transaction.atomic():
                return model._base_manager.create(**values)
        except IntegrityError:
            return None

    def _ordered(self, values: dict[str, Any]) -> dict[str, Any]:
        """Pairs hold the older record first."""
        if not {"first", "second"} <= values.keys():
            return {}
        low, high = sorted((values["first"], values["second"]), key=lambda customer: customer.pk)
        return {"first": low, "second": high}

    def _is_left_out(self, field: Any) -> bool:
        if getattr(field, "generated", False) or isinstance(field, models.CompositePrimaryKey):
            return True
        if field.primary_key and not field.is_relation:
            return isinstance(field, models.AutoField | models.BigAutoField)
        return bool(field.null) and self.chance.random() < 0.6

    def _value(self, field: Any, customers: list[Customer]) -> Any:
        self.made += 1
        if field.is_relation:
            return self._related(field.related_model, customers)
        if field.choices:
            return self.chance.choice([value for value, _label in field.flatchoices])
        return self._plain(field)

    def _related(self, model: type[models.Model], customers: list[Customer]) -> Any:
        if model is Customer:
            return self.chance.choice(customers)
        if model in (Staff, Store):
            return self.chance.choice(list(model._base_manager.order_by("pk")[:POOL]))
        if model not in self.pools:
            self.pools[model] = []
            rows = [self._try(model, {}, customers) for _ in range(POOL)]
            self.pools[model] = [row for row in rows if row is not None]
        return self.chance.choice(self.pools[model]) if self.pools[model] else None

    def _plain(self, field: Any) -> Any:
        day = FIRST_DAY + timedelta(days=self.chance.randint(0, 500))
        moment = datetime.combine(day, time(self.chance.randint(1, 22)), tzinfo=UTC)
        makers: list[tuple[Any, Any]] = [
            (models.BooleanField, lambda: self.chance.random() < 0.4),
            (models.DateTimeField, lambda: moment),
            (models.DateField, lambda: day),
            (models.TimeField, lambda: time(9, 0)),
            (models.DecimalField, lambda: Decimal(1)),
            (models.FloatField, lambda: 0.5),
            (models.SmallIntegerField, lambda: self.chance.randint(1, 9)),
            (models.IntegerField, lambda: self.chance.randint(1, 99_999)),
            (models.JSONField, dict),
            (models.GenericIPAddressField, lambda: "192.0.2.1"),
            (models.UUIDField, lambda: None),
            (models.CharField, lambda: f"{self.made:x}"[: field.max_length]),
            (models.TextField, lambda: f"第{self.made}条"),
        ]
        for kind, make in makers:
            if isinstance(field, kind):
                return make()
        return [] if hasattr(field, "base_field") else None
