"""What happens here when customers come, change, are touched or merged."""

from shuke.assignment import jobs, services
from shuke.customers.events import (
    CustomerAdded,
    CustomerChanged,
    CustomersChanged,
    CustomersImported,
    FollowUpPlanned,
    InteractionLogged,
)
from shuke.kernel.events import handles
from shuke.value.events import CustomerValueChanged


@handles(CustomerAdded)
def assign_added_customer(event: CustomerAdded) -> None:
    """Somebody new goes to whom the store's rule says."""
    services.assign_new([event.customer_id])


@handles(CustomersImported)
def assign_imported_customers(event: CustomersImported) -> None:
    """The same for everybody new in an import."""
    jobs.assign_imported.defer(run_id=event.run_id)


@handles(InteractionLogged)
def heed_warning_after_touch(event: InteractionLogged) -> None:
    """Somebody got in touch."""
    services.heed_warning(event.customer_id)


@handles(FollowUpPlanned)
def heed_warning_after_plan(event: FollowUpPlanned) -> None:
    """A next step was agreed on."""
    services.heed_warning(event.customer_id)


@handles(CustomerValueChanged)
def heed_warning_after_purchase(event: CustomerValueChanged) -> None:
    """They bought something."""
    services.heed_warning(event.customer_id)


@handles(CustomerChanged)
def settle_pool_of_changed_customer(event: CustomerChanged) -> None:
    """Who was given an account manager by hand is in the pool no more."""
    services.settle_pool([event.customer_id])


@handles(CustomersChanged)
def settle_pool_of_changed_customers(event: CustomersChanged) -> None:
    """The same of many."""
    services.settle_pool(event.customer_ids)
