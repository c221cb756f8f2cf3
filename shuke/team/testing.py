"""The cast of every test: owner Su, manager Lin, clerk Wang, analyst Chen, a stranger without a role."""

from dataclasses import dataclass

from shuke.team.models import Staff, Store

PASSWORD = "shan-quan-2026"


@dataclass(frozen=True)
class Cast:
    """Two stores and the people of the house. Lin and Wang work in `store`; Zhou, a clerk, in `other_store`."""

    store: Store
    other_store: Store
    owner: Staff
    lin: Staff
    wang: Staff
    zhou: Staff
    analyst: Staff
    stranger: Staff


def store(name: str = "湖畔店", *, is_online: bool = False) -> Store:
    """The store of that name."""
    return Store.objects.get_or_create(name=name, defaults={"is_online": is_online})[0]


def staff(username: str, name: str, role: str, *stores: Store) -> Staff:
    """A person who has already chosen their own password (`PASSWORD`)."""
    person = Staff.objects.filter(username=username).first()
    if person is None:
        person = Staff(username=username, name=name, role=role, must_change_password=False)
        person.set_password(PASSWORD)
        person.save()
    person.stores.add(*stores)
    return person


def owner() -> Staff:
    """Su, who owns the shop."""
    return staff("su", "苏老板", "owner")


def manager_lin() -> Staff:
    """Lin, who manages the store at the lake."""
    return staff("lin", "林店长", "manager", store())


def clerk_wang() -> Staff:
    """Wang, clerk of the same store."""
    return staff("wang", "王小茶", "clerk", store())


def clerk_zhou() -> Staff:
    """Zhou, clerk of the other store."""
    return staff("zhou", "周小满", "clerk", store("山门店"))


def analyst_chen() -> Staff:
    """Chen, who reads figures of the whole shop and no contacts."""
    return staff("chen", "陈数", "analyst")


def stranger() -> Staff:
    """Somebody who signs in but holds no role."""
    return staff("mo", "莫路人", "")


def cast() -> Cast:
    """Everybody, made on first use."""
    return Cast(
        store=store(),
        other_store=store("山门店"),
        owner=owner(),
        lin=manager_lin(),
        wang=clerk_wang(),
        zhou=clerk_zhou(),
        analyst=analyst_chen(),
        stranger=stranger(),
    )
