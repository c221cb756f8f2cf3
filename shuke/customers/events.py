"""What happened to customers."""

from dataclasses import dataclass

from shuke.kernel.events import Event


@dataclass(frozen=True)
class CustomerAdded(Event):
    customer_id: int


@dataclass(frozen=True)
class CustomerChanged(Event):
    customer_id: int


@dataclass(frozen=True)
class CustomersChanged(Event):
    """Some hundred customers at once, by a bulk action or its undoing: as if each had been `CustomerChanged`."""

    customer_ids: list[int]


@dataclass(frozen=True)
class CustomersDeleted(Event):
    """These went into the recycle bin: hidden everywhere, every row kept."""

    customer_ids: list[int]


@dataclass(frozen=True)
class CustomersRestored(Event):
    """These came out of the recycle bin again."""

    customer_ids: list[int]


@dataclass(frozen=True)
class CustomersImported(Event):
    """A run made or changed many customers: those whose `import_run_id` is this run, and `changed_ids`."""

    run_id: int


@dataclass(frozen=True)
class CustomersRemoved(Event):
    """An undone import or a cleared demo took customers away (their ids are gone)."""

    run_id: int | None


@dataclass(frozen=True)
class CustomFieldDefined(Event):
    """The shop has a field of its own more; nobody holds a value yet."""

    field_id: int


@dataclass(frozen=True)
class CustomFieldOpened(Event):
    """A field came back into use, or is no longer sensitive, or the other way round: other words are found."""

    field_id: int


@dataclass(frozen=True)
class CustomFieldPurged(Event):
    """A deleted field is gone for good, and what customers held of it."""

    field_id: int


@dataclass(frozen=True)
class CustomersHandedOver(Event):
    """A handover, a rule, a claim or a recall gave these customers another account manager, or took theirs."""

    customer_ids: list[int]


@dataclass(frozen=True)
class InteractionsImported(Event):
    """A run brought, changed or took back many touches."""

    run_id: int


@dataclass(frozen=True)
class InteractionLogged(Event):
    customer_id: int
    interaction_id: int


@dataclass(frozen=True)
class InteractionChanged(Event):
    """A touch was mended or put back."""

    customer_id: int
    interaction_id: int


@dataclass(frozen=True)
class InteractionRemoved(Event):
    """A touch was taken back; it is kept, out of sight."""

    customer_id: int
    interaction_id: int


@dataclass(frozen=True)
class FollowUpPlanned(Event):
    customer_id: int
    follow_up_id: int


@dataclass(frozen=True)
class CustomersMerged(Event):
    """`loser_id` lives on in `winner_id`; the rows of every registered table have moved already."""

    merge_id: int
    winner_id: int
    loser_id: int


@dataclass(frozen=True)
class CustomersUnmerged(Event):
    """A merge was taken back: both are customers of their own again, with their rows."""

    merge_id: int
    winner_id: int
    loser_id: int


@dataclass(frozen=True)
class ProfileQualityChanged(Event):
    """The scores of these customers' profiles are other than before."""

    customer_ids: list[int]


@dataclass(frozen=True)
class ProfileQualityRebuilt(Event):
    """Everybody's profile was scored anew: by the night, after an import, or because the shop changed what counts."""
