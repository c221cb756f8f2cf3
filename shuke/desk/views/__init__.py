"""The desk's pages. Parse, call one service or query, render."""

from shuke.desk.views.customer import add_note, customer, orders_tab, timeline
from shuke.desk.views.listing import customer_list
from shuke.desk.views.search import search
from shuke.desk.views.today import handle_suggestion, suggestion, today

__all__ = [
    "add_note",
    "customer",
    "customer_list",
    "handle_suggestion",
    "orders_tab",
    "search",
    "suggestion",
    "timeline",
    "today",
]
