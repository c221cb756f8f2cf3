"""What customers do when bulk work happened."""

from shuke.customers import jobs, services
from shuke.customers.events import (
    CustomerChanged,
    CustomersChanged,
    CustomersImported,
    CustomersMerged,
    CustomersRemoved,
    FollowUpPlanned,
    InteractionChanged,
    InteractionLogged,
    InteractionRemoved,
)
from shuke.customers.services.merging import gather_late_rows
from shuke.kernel.events import handles


@handles(CustomersImported)
def index_imported_customers(event: CustomersImported) -> None:
    """Make imported customers findable."""
    services.queue_terms_of_run(event.run_id)
    jobs.start_indexing()


@handles(CustomersRemoved)
def forget_terms_of_removed_customers(event: CustomersRemoved) -> None:
    """Take the terms of removed customers away, and write those anew who lost a key with the run."""
    jobs.forget_orphaned_terms.defer()
    jobs.start_indexing()


@handles(CustomersMerged)
def gather_rows_written_meanwhile(event: CustomersMerged) -> None:
    """An order that came for the loser while the merge was under way goes to the winner too."""
    gather_late_rows(event.merge_id)


@handles(CustomersChanged)
def tell_followers_of_changes(event: CustomersChanged) -> None:
    """The same when many were changed at once; most are followed by nobody."""
    for customer_id in services.followed_among(event.customer_ids):
        services.tell_of_change(customer_id)


@handles(InteractionLogged)
def tell_colleagues_of_touch(event: InteractionLogged) -> None:
    """Whoever was called by @name in it, and whoever follows the customer."""
    services.tell_of_touch(event.interaction_id)


@handles(FollowUpPlanned)
def tell_colleague_of_step(event: FollowUpPlanned) -> None:
    """Somebody else's follow-up was given to them."""
    services.tell_of_step(event.follow_up_id)


@handles(CustomerChanged)
def tell_followers_of_change(event: CustomerChanged) -> None:
    """Once a day whoever follows the customer hears that their record was changed."""
    services.tell_of_change(event.customer_id)


@handles(InteractionLogged)
def index_words_of_touch(event: InteractionLogged) -> None:
    """Make what was written down findable."""
    services.index_texts([event.customer_id])


@handles(InteractionChanged)
def index_words_of_mended_touch(event: InteractionChanged) -> None:
    """What was mended, or put back, is found by its new words."""
    services.index_texts([event.customer_id])


@handles(InteractionRemoved)
def forget_words_of_removed_touch(event: InteractionRemoved) -> None:
    """What was taken back is found no more."""
    services.index_texts([event.customer_id])
