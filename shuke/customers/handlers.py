"""What customers do when bulk work happened."""

from shuke.customers import jobs, services
from shuke.customers.events import CustomersImported, CustomersRemoved
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
