"""What mail does when customers change."""

from shuke.connectors.mail.services import file_known
from shuke.customers.events import CustomerAdded, CustomerChanged
from shuke.kernel.events import handles


@handles(CustomerAdded)
def file_letters_of_new_customer(event: CustomerAdded) -> None:
    """Letters that waited for this address are theirs."""
    file_known(event.customer_id)


@handles(CustomerChanged)
def file_letters_of_new_address(event: CustomerChanged) -> None:
    """The same when a customer gets an address."""
    file_known(event.customer_id)
