"""What customers do when bulk work happened."""

from shuke.customers import jobs, services
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
    CustomFieldOpened,
    FollowUpPlanned,
    InteractionChanged,
    InteractionLogged,
    InteractionRemoved,
)
from shuke.customers.services.merging import gather_late_rows
from shuke.customers.services.quality import refresh_quality
from shuke.kernel.events import handles


@handles(CustomersImported)
def index_imported_customers(event: CustomersImported) -> None:
    """Make imported customers findable."""
    services.queue_terms_of_run(event.run_id)
    jobs.start_indexing()


@handles(CustomFieldOpened)
def index_words_of_field(event: CustomFieldOpened) -> None:
    """The search box finds what customers hold of it, or finds it no longer."""
    services.queue_terms_of_field(event.field_id)
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


@handles(CustomerAdded)
def score_profile_of_new_customer(event: CustomerAdded) -> None:
    """A new profile has a score from the first minute."""
    refresh_quality([event.customer_id])


@handles(CustomerChanged)
def score_changed_profile(event: CustomerChanged) -> None:
    """What was filled in or put right shows in the score."""
    refresh_quality([event.customer_id])


@handles(CustomersChanged)
def score_changed_profiles(event: CustomersChanged) -> None:
    """The same when many were changed at once."""
    refresh_quality(event.customer_ids)


@handles(CustomersDeleted)
def forget_scores_of_deleted(event: CustomersDeleted) -> None:
    """Who is in the recycle bin is nobody to ask."""
    refresh_quality(event.customer_ids)


@handles(CustomersRestored)
def score_profiles_of_restored(event: CustomersRestored) -> None:
    """Who came back counts again."""
    refresh_quality(event.customer_ids)


@handles(CustomersMerged)
def score_merged_profile(event: CustomersMerged) -> None:
    """One profile holds what two held."""
    refresh_quality([event.winner_id, event.loser_id])


@handles(CustomersUnmerged)
def score_parted_profiles(event: CustomersUnmerged) -> None:
    """Each has their own again."""
    refresh_quality([event.winner_id, event.loser_id])


@handles(InteractionLogged)
def score_profile_after_touch(event: InteractionLogged) -> None:
    """A customer who answered has confirmed the number; a call that did not get through makes it doubtful."""
    refresh_quality([event.customer_id])


@handles(InteractionChanged)
def score_profile_after_mended_touch(event: InteractionChanged) -> None:
    """So does one that is written down anew."""
    refresh_quality([event.customer_id])


@handles(InteractionRemoved)
def score_profile_after_removed_touch(event: InteractionRemoved) -> None:
    """One taken back confirms nothing."""
    refresh_quality([event.customer_id])


@handles(CustomersImported)
def score_imported_profiles(event: CustomersImported) -> None:
    """Many new profiles: everybody by one statement; imports that follow each other share it."""
    jobs.start_scoring()


@handles(CustomersRemoved)
def forget_scores_of_removed(event: CustomersRemoved) -> None:
    """Scores of customers who are gone go too."""
    jobs.start_scoring()
