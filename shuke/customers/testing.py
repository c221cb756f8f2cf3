"""The cast: regular Chen and lapsed Zhao of the store at the lake, and customers as a test needs them."""

from typing import Any

from shuke.customers.models import Customer
from shuke.customers.services import NewCustomer, add_customer
from shuke.team import testing as team
from shuke.team.queries import SYSTEM
from shuke.zh import fictional

CHEN_PHONE, ZHAO_PHONE = fictional.phone(6621), fictional.phone(9035)


def customer(name: str = "", **fields: Any) -> Customer:
    """A customer as the service makes them; of no store unless `store_id` is given."""
    return add_customer(actor=SYSTEM, form=NewCustomer(name=name, **fields))


def regular_chen(**fields: Any) -> Customer:
    """陈茶香, who comes every three weeks to the store at the lake."""
    return _once("陈茶香", CHEN_PHONE, member_number="M0001", gender="female", **fields)


def lapsed_zhao(**fields: Any) -> Customer:
    """赵松烟, who has not come for a year."""
    return _once("赵松烟", ZHAO_PHONE, member_number="M0002", gender="male", **fields)


def _once(name: str, phone: str, **fields: Any) -> Customer:
    found = Customer.objects.filter(phone=phone).first()
    return found or customer(name, phone=phone, store_id=fields.pop("store_id", team.store().pk), **fields)
