"""What can be done here: compute everybody's values, or one customer's, and change the shop's rules."""

from shuke.value.services.policy import PolicyForm, save_policy
from shuke.value.services.refresh import refresh_all, refresh_customer

__all__ = ["PolicyForm", "refresh_all", "refresh_customer", "save_policy"]
