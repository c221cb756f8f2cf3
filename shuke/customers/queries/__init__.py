"""What is known of customers. Whatever lists starts from `visible_customers(actor)` and fails closed."""

from shuke.customers.queries.bulk_bar import BulkBar, bulk_bar
from shuke.customers.queries.collaborating import Helper, collaborators_of, customers_shared_with
from shuke.customers.queries.contact import (
    Verdict,
    contact_allowed,
    contact_policy,
    contacts_allowed,
    never_to_contact,
)
from shuke.customers.queries.day_words import (
    birthday_shown,
    birthday_words,
    day_names_shown,
    lunar_shown,
)
from shuke.customers.queries.days import BirthdayAhead, birthdays_between
from shuke.customers.queries.duplicates import Double, likely_doubles
from shuke.customers.queries.facets import common_values, customers_with, facet
from shuke.customers.queries.follow_ups import (
    DayChoice,
    day_choices,
    due_follow_ups,
    follow_up_counts,
    follow_ups_in,
    follow_ups_of,
    next_follow_ups_of,
    open_follow_ups,
)
from shuke.customers.queries.merging import count_pairs
from shuke.customers.queries.profile import people_behind
from shuke.customers.queries.records import (
    Card,
    Contacts,
    all_tags,
    birthday_of,
    card_rows,
    contacts_for,
    count_conflicts,
    customer_card,
    display_name,
    last_touch,
    living_id,
    living_ids,
    living_with_store,
    note_for,
    open_conflicts,
    people_reached,
    tags_of,
    visible_customers,
)
from shuke.customers.queries.search import Found, found_ids, search_customers, tags_found
from shuke.customers.queries.timeline import (
    TimelinePerson,
    recent_touches,
    timeline_entries,
    timeline_people,
    touch_channels,
)
from shuke.customers.queries.traits import tag_categories
from shuke.customers.queries.watching import is_following

__all__ = [
    "BirthdayAhead",
    "BulkBar",
    "Card",
    "Contacts",
    "DayChoice",
    "Double",
    "Found",
    "Helper",
    "TimelinePerson",
    "Verdict",
    "all_tags",
    "birthday_of",
    "birthday_shown",
    "birthday_words",
    "birthdays_between",
    "bulk_bar",
    "card_rows",
    "collaborators_of",
    "common_values",
    "contact_allowed",
    "contact_policy",
    "contacts_allowed",
    "contacts_for",
    "count_conflicts",
    "count_pairs",
    "customer_card",
    "customers_shared_with",
    "customers_with",
    "day_choices",
    "day_names_shown",
    "display_name",
    "due_follow_ups",
    "facet",
    "follow_up_counts",
    "follow_ups_in",
    "follow_ups_of",
    "found_ids",
    "is_following",
    "last_touch",
    "likely_doubles",
    "living_id",
    "living_ids",
    "living_with_store",
    "lunar_shown",
    "never_to_contact",
    "next_follow_ups_of",
    "note_for",
    "open_conflicts",
    "open_follow_ups",
    "people_behind",
    "people_reached",
    "recent_touches",
    "search_customers",
    "tag_categories",
    "tags_found",
    "tags_of",
    "timeline_entries",
    "timeline_people",
    "touch_channels",
    "visible_customers",
]
