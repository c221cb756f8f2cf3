"""What the orders room offers to others at start-up."""

from shuke.imports.ports import register_target
from shuke.orders.importing.target import OrderTarget

register_target(OrderTarget())
