"""What the value room does when orders come, change or go."""

from shuke.customers.events import (
    CustomerAdded,
    CustomersDeleted,
    CustomersImported,
    CustomersMerged,
    CustomersRemoved,
    CustomersRestored,
    CustomersUnmerged,
)
from shuke.customers.services.quality import refresh_quality
from shuke.kernel.events import handles
from shuke.orders.events import OrderRecorded, OrdersImported, OrdersRemoved
from shuke.value.events import CustomerValueChanged, RefreshRequested, ValuePolicyChanged, ValuesRefreshed
from shuke.value.jobs import ask_for_ready_figures, ask_for_recount, ask_for_refresh
from shuke.value.services import forget_customer, note_bought, refresh_customer


@handles(OrderRecorded)
def refresh_value_after_order(event: OrderRecorded) -> None:
    """One order re-scores its customer at once."""
    if event.customer_id is not None:
        refresh_customer(event.customer_id)


@handles(OrdersImported)
def refresh_values_after_import(event: OrdersImported) -> None:
    """An import re-scores everybody once, at its end."""
    ask_for_refresh()


@handles(OrdersRemoved)
def refresh_values_after_removal(event: OrdersRemoved) -> None:
    """So does taking an import back."""
    ask_for_refresh()


@handles(CustomerAdded)
def place_new_customer(event: CustomerAdded) -> None:
    """Somebody new stands in 潜在 from the first minute."""
    refresh_customer(event.customer_id)


@handles(ValuePolicyChanged)
def refresh_values_after_policy(event: ValuePolicyChanged) -> None:
    """New rules, new values."""
    ask_for_refresh()


@handles(RefreshRequested)
def refresh_values_on_request(event: RefreshRequested) -> None:
    """Asked for by hand."""
    ask_for_refresh()


@handles(CustomersImported)
def place_imported_customers(event: CustomersImported) -> None:
    """Imported people stand in 潜在, and are counted."""
    ask_for_refresh()


@handles(CustomersRemoved)
def forget_removed_customers(event: CustomersRemoved) -> None:
    """Their values went with them; the summaries follow."""
    ask_for_refresh()


@handles(CustomersMerged)
def refresh_value_of_merged(event: CustomersMerged) -> None:
    """All purchases count for the one that is left; the other has no value of its own."""
    forget_customer(event.loser_id)
    refresh_customer(event.winner_id)


@handles(CustomersUnmerged)
def refresh_values_of_parted(event: CustomersUnmerged) -> None:
    """Each has their own purchases again."""
    refresh_customer(event.winner_id)
    refresh_customer(event.loser_id)


@handles(CustomersDeleted)
def forget_values_of_deleted(event: CustomersDeleted) -> None:
    """Who is in the recycle bin is worth nothing to the lists, and is counted nowhere."""
    for customer_id in event.customer_ids:
        forget_customer(customer_id)
    ask_for_recount()


@handles(CustomersRestored)
def refresh_values_of_restored(event: CustomersRestored) -> None:
    """Who came back is valued again, from the orders that stayed."""
    for customer_id in event.customer_ids:
        refresh_customer(customer_id)
    ask_for_recount()


@handles(CustomerValueChanged)
def score_profile_after_value(event: CustomerValueChanged) -> None:
    """An order confirms the phone it came with; and who is worth more is asked first."""
    refresh_quality([event.customer_id])


@handles(ValuesRefreshed)
def make_figures_ready_after_refresh(event: ValuesRefreshed) -> None:
    """After the night's run, an import or a change of rules, recommendations and figures of products are due as well."""
    ask_for_ready_figures()


@handles(OrderRecorded)
def note_recommendations_bought(event: OrderRecorded) -> None:
    """What was bought is recommended no more; and if it was recommended, that worked."""
    note_bought(event.order_id)
