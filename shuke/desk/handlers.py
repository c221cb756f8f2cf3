"""What the desk does when something happened in the rooms below."""

from shuke.customers.events import (
    CustomerAdded,
    CustomerChanged,
    CustomersChanged,
    CustomersDeleted,
    CustomersImported,
    CustomersMerged,
    CustomersRemoved,
    CustomersRestored,
    CustomersUnmerged,
    CustomFieldDefined,
    CustomFieldPurged,
    InteractionChanged,
    InteractionLogged,
    InteractionRemoved,
    InteractionsImported,
    ProfileQualityChanged,
    ProfileQualityRebuilt,
)
from shuke.customers.services import tell_followers
from shuke.desk import jobs
from shuke.desk.services.own_columns import drop_column, make_column
from shuke.desk.services.rows import refresh_rows
from shuke.desk.services.suggestions import close_answered
from shuke.kernel.events import handles
from shuke.kernel.jobs import enqueue_once
from shuke.orders.events import OrderRecorded
from shuke.orders.queries import order_card
from shuke.team.queries import SYSTEM, shop
from shuke.value.events import CustomerValueChanged, ValuesRefreshed


@handles(CustomerAdded)
def add_row_of_new_customer(event: CustomerAdded) -> None:
    """A new customer stands in the list."""
    refresh_rows([event.customer_id])


@handles(CustomerChanged)
def refresh_row_of_changed_customer(event: CustomerChanged) -> None:
    """A changed name, store or tag shows in the list."""
    refresh_rows([event.customer_id])


@handles(CustomersChanged)
def refresh_rows_of_changed_customers(event: CustomersChanged) -> None:
    """What a bulk action wrote shows in the list."""
    refresh_rows(event.customer_ids)


@handles(CustomFieldDefined)
def make_column_of_new_field(event: CustomFieldDefined) -> None:
    """The list can be filtered, counted and sorted by it."""
    make_column(event.field_id)


@handles(CustomFieldPurged)
def drop_column_of_purged_field(event: CustomFieldPurged) -> None:
    """Nothing of it is left."""
    drop_column(event.field_id)


@handles(CustomersDeleted)
def hide_rows_of_deleted_customers(event: CustomersDeleted) -> None:
    """Who is in the recycle bin stands in no list and on no day's page."""
    refresh_rows(event.customer_ids)


@handles(CustomersRestored)
def show_rows_of_restored_customers(event: CustomersRestored) -> None:
    """Who came back stands in the list again."""
    refresh_rows(event.customer_ids)


@handles(CustomerValueChanged)
def refresh_row_of_changed_value(event: CustomerValueChanged) -> None:
    """A new order moves its customer in the list, and answers a suggestion to call them."""
    refresh_rows([event.customer_id])
    close_answered([event.customer_id])


@handles(InteractionLogged)
def show_last_touch(event: InteractionLogged) -> None:
    """Lists know whom somebody has just talked to."""
    refresh_rows([event.customer_id])


@handles(InteractionChanged)
def show_changed_touch(event: InteractionChanged) -> None:
    """A mended touch may be another day's, or of another kind."""
    refresh_rows([event.customer_id])


@handles(InteractionRemoved)
def show_touch_before(event: InteractionRemoved) -> None:
    """The touch before is the last one again."""
    refresh_rows([event.customer_id])


@handles(InteractionsImported)
def show_imported_touches(event: InteractionsImported) -> None:
    """Many last touches may be others: all rows at once, soon."""
    enqueue_once(jobs.rebuild_rows, lock="desk.rebuild_rows")


@handles(OrderRecorded)
def tell_followers_of_order(event: OrderRecorded) -> None:
    """Whoever follows the customer hears that they bought something, or brought it back."""
    card = order_card(SYSTEM, event.order_id) if event.customer_id else None
    if event.customer_id is None or card is None:
        return
    what = "return" if card.kind == "return" or card.amount_fen < 0 else "order"
    number = abs(card.amount_fen) if card.currency == shop().currency else 0
    tell_followers(customer_id=event.customer_id, what=what, key=str(card.id), number=number)


@handles(CustomersImported)
def rebuild_rows_after_import(event: CustomersImported) -> None:
    """Many new customers: all rows at once, soon; imports that follow each other share one rebuild."""
    enqueue_once(jobs.rebuild_rows, lock="desk.rebuild_rows")


@handles(CustomersRemoved)
def rebuild_rows_after_removal(event: CustomersRemoved) -> None:
    """Rows of customers that are gone go too."""
    enqueue_once(jobs.rebuild_rows, lock="desk.rebuild_rows")


@handles(ValuesRefreshed)
def rebuild_rows_after_refresh(event: ValuesRefreshed) -> None:
    """New values: new rows, and 今天 filled from them."""
    enqueue_once(jobs.rebuild_rows_and_today, lock="desk.rebuild_rows_and_today")


@handles(CustomersMerged)
def refresh_rows_of_merged(event: CustomersMerged) -> None:
    """One line less in the list."""
    refresh_rows([event.winner_id, event.loser_id])


@handles(CustomersUnmerged)
def refresh_rows_of_parted(event: CustomersUnmerged) -> None:
    """Both stand in the list again."""
    refresh_rows([event.winner_id, event.loser_id])


@handles(ProfileQualityChanged)
def refresh_rows_of_scored_profiles(event: ProfileQualityChanged) -> None:
    """A better profile stands further up."""
    refresh_rows(event.customer_ids)


@handles(ProfileQualityRebuilt)
def rebuild_rows_after_scoring(event: ProfileQualityRebuilt) -> None:
    """Everybody's score may be another."""
    enqueue_once(jobs.rebuild_rows, lock="desk.rebuild_rows")
