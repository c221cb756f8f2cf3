"""What can be done here: compute everybody's values, or one customer's, and change the shop's rules."""

from shuke.value.services.fact_flow import bring_up_to_date, drop_facts_of
from shuke.value.services.facts import purchase_days
from shuke.value.services.policy import PolicyForm, PolicyPreview, preview_policy, save_policy, stored_policy
from shuke.value.services.refresh import (
    forget_customer,
    recount_summaries,
    refresh_all,
    refresh_customer,
    request_refresh,
)

__all__ = [
    "PolicyForm",
    "PolicyPreview",
    "bring_up_to_date",
    "drop_facts_of",
    "forget_customer",
    "preview_policy",
    "purchase_days",
    "recount_summaries",
    "refresh_all",
    "refresh_customer",
    "request_refresh",
    "save_policy",
    "stored_policy",
]
