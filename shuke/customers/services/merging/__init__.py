"""Two records become one, and can be parted again.

Each room registers its tables that point to a customer (`register_rows`); a merge moves their rows in one transaction and
stores what it moved. Computed rows follow by the events CustomersMerged and CustomersUnmerged.
"""

from shuke.customers.services.merging.registry import How, Sides, register_rows, registered

__all__ = ["How", "Sides", "register_rows", "registered"]
