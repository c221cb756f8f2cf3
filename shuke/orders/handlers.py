"""What the orders room does when customers become one, or two again."""

from shuke.customers.events import CustomersMerged, CustomersUnmerged
from shuke.kernel.events import handles
from shuke.orders.services import forget_days_of


@handles(CustomersMerged)
def forget_days_of_merged(event: CustomersMerged) -> None:
    """A first order of one may be a later order of the one that is left: their days are counted anew."""
    forget_days_of([event.winner_id, event.loser_id])


@handles(CustomersUnmerged)
def forget_days_of_parted(event: CustomersUnmerged) -> None:
    """And the other way round."""
    forget_days_of([event.winner_id, event.loser_id])
