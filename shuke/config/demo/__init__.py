"""The demo shop: 栖谷茶礼, a tea-and-gift chain that does not exist.

Four stores, 6,000 customers, 18 months of orders up to this hour; the same shop for the same day, always.
Doors: `load_demo(actor=…)`, `clear_demo(actor=…)`, `LOGINS`. It goes in through the doors of the rooms, its orders through
the importer itself, and is taken out by undoing those imports: nothing that the shop itself entered is touched.
"""

from shuke.config.demo.shop import LOGINS


def load_demo(**given: object) -> bool:
    """Put the demo in (see `services.load_demo`); imported late, for Django must be ready."""
    from shuke.config.demo import services

    return services.load_demo(**given)  # type: ignore[arg-type]


def clear_demo(**given: object) -> int:
    """Take the demo out (see `services.clear_demo`)."""
    from shuke.config.demo import services

    return services.clear_demo(**given)  # type: ignore[arg-type]


__all__ = ["LOGINS", "clear_demo", "load_demo"]
