"""What mail does when customers change."""

from shuke.connectors.mail.services import file_all_known, file_known, file_known_among
from shuke.customers.events import (
    CustomerAdded,
    CustomerChanged,
    CustomersChanged,
    CustomersImported,
    CustomersRestored,
)
from shuke.kernel.events import handles


@handles(CustomerAdded)
def file_letters_of_new_customer(event: CustomerAdded) -> None:
    """Letters that waited for this address are theirs."""
    file_known(event.customer_id)


@handles(CustomerChanged)
def file_letters_of_new_address(event: CustomerChanged) -> None:
    """The same when a customer gets an address."""
    file_known(event.customer_id)


@handles(CustomersChanged)
def file_letters_of_new_addresses(event: CustomersChanged) -> None:
    """The same when many get one at once: a bulk action, or taking one back."""
    file_known_among(event.customer_ids)


@handles(CustomersImported)
def file_letters_after_import(event: CustomersImported) -> None:
    """Many new addresses at once."""
    file_all_known()


@handles(CustomersRestored)
def file_letters_after_restoring(event: CustomersRestored) -> None:
    """Who came back from the recycle bin gets what came meanwhile."""
    file_all_known()
