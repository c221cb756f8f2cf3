"""What the orders room does when orders come or go, and when customers become one, or two again."""

from shuke.customers.events import CustomersMerged, CustomersUnmerged
from shuke.kernel.events import handles
from shuke.kernel.jobs import enqueue, enqueue_once
from shuke.orders import jobs
from shuke.orders.events import OrderRecorded, OrdersImported, OrdersRemoved
from shuke.orders.services import forget_days_of, refresh_marks


@handles(OrderRecorded)
def mark_customer_of_order(event: OrderRecorded) -> None:
    """Lists know at once what was bought."""
    if event.customer_id is not None:
        refresh_marks([event.customer_id])


@handles(OrdersImported)
def mark_customers_of_import(event: OrdersImported) -> None:
    """So they do after an import, a little later."""
    enqueue(jobs.mark_run, run_id=event.run_id)


@handles(OrdersRemoved)
def mark_everybody_after_removal(event: OrdersRemoved) -> None:
    """What was taken back was not bought."""
    enqueue_once(jobs.mark_everybody, lock="orders.mark_everybody")


@handles(CustomersMerged)
def count_merged_anew(event: CustomersMerged) -> None:
    """A first order of one may be a later order of the one that is left: days and marks are counted anew."""
    forget_days_of([event.winner_id, event.loser_id])
    refresh_marks([event.winner_id, event.loser_id])


@handles(CustomersUnmerged)
def count_parted_anew(event: CustomersUnmerged) -> None:
    """And the other way round."""
    forget_days_of([event.winner_id, event.loser_id])
    refresh_marks([event.winner_id, event.loser_id])
