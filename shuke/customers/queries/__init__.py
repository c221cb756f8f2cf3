"""What is known of customers. Whatever lists starts from `visible_customers(actor)` and fails closed."""

from shuke.customers.queries.days import (
    BirthdayAhead,
    birthdays_between,
    due_follow_ups,
    follow_ups_of,
    recent_touches,
    timeline_entries,
)
from shuke.customers.queries.duplicates import Double, likely_doubles
from shuke.customers.queries.records import (
    Card,
    Contacts,
    all_tags,
    birthday_of,
    birthday_words,
    card_rows,
    contacts_for,
    count_conflicts,
    customer_card,
    display_name,
    living_id,
    living_with_store,
    open_conflicts,
    tags_of,
    visible_customers,
)
from shuke.customers.queries.search import Found, found_ids, search_customers, tags_found

__all__ = [
    "BirthdayAhead",
    "Card",
    "Contacts",
    "Double",
    "Found",
    "all_tags",
    "birthday_of",
    "birthday_words",
    "birthdays_between",
    "card_rows",
    "contacts_for",
    "count_conflicts",
    "customer_card",
    "display_name",
    "due_follow_ups",
    "follow_ups_of",
    "found_ids",
    "likely_doubles",
    "living_id",
    "living_with_store",
    "open_conflicts",
    "recent_touches",
    "search_customers",
    "tags_found",
    "tags_of",
    "timeline_entries",
    "visible_customers",
]
