"""The desk's pages. Parse, call one service or query, render."""

from shuke.desk.views.customer import customer, orders_tab
from shuke.desk.views.listing import customer_list
from shuke.desk.views.palette import palette_answer
from shuke.desk.views.search import search
from shuke.desk.views.timeline import timeline, timeline_filters
from shuke.desk.views.today import handle_suggestion, permit, suggestion, today

__all__ = [
    "customer",
    "customer_list",
    "handle_suggestion",
    "orders_tab",
    "palette_answer",
    "permit",
    "search",
    "suggestion",
    "timeline",
    "timeline_filters",
    "today",
]
