"""What can be done here: compute everybody's values, or one customer's, and change the shop's rules."""

from shuke.value.services.cohorts import count_views
from shuke.value.services.fact_flow import bring_up_to_date, drop_facts_of, rebuild_facts
from shuke.value.services.facts import purchase_days
from shuke.value.services.policy import PolicyForm, PolicyPreview, preview_policy, save_policy, stored_policy
from shuke.value.services.products import count_products
from shuke.value.services.recommendations import recommend_all
from shuke.value.services.refresh import (
    forget_customer,
    recount_summaries,
    refresh_all,
    refresh_customer,
    request_refresh,
)
from shuke.value.services.rfm_edges import save_edges, stored_edges
from shuke.value.services.shown import (
    NothingRecommended,
    find_suitable_again,
    find_unsuitable,
    note_bought,
    note_mentioned,
    note_shown,
    settle_shown,
)
from shuke.value.services.strategies import save_strategies
from shuke.value.services.warning import reasons_of_warning

__all__ = [
    "NothingRecommended",
    "PolicyForm",
    "PolicyPreview",
    "bring_up_to_date",
    "count_products",
    "count_views",
    "drop_facts_of",
    "find_suitable_again",
    "find_unsuitable",
    "forget_customer",
    "note_bought",
    "note_mentioned",
    "note_shown",
    "preview_policy",
    "purchase_days",
    "reasons_of_warning",
    "rebuild_facts",
    "recommend_all",
    "recount_summaries",
    "refresh_all",
    "refresh_customer",
    "request_refresh",
    "save_edges",
    "save_policy",
    "save_strategies",
    "settle_shown",
    "stored_edges",
    "stored_policy",
]
