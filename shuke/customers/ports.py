"""What others fill: how a field is put back, where the ids of a list come from, what goes with a purge."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


# --- fields that remember ---


@dataclass(frozen=True)
class Held:
    """What a change wrote: the value before it and after it, as JSON."""

    before: Any
    after: Any


@dataclass(frozen=True)
class PutBack:
    """Which customers got their old value back, which hold something newer, and what went wrong with whom (msgids)."""

    restored: frozenset[int] = frozenset()
    kept: frozenset[int] = frozenset()
    problems: Mapping[int, str] = field(default_factory=dict)


class FieldKeeper(Protocol):
    """Knows the fields of one prefix that are no columns of the customer: tags, custom fields, the recycle bin."""

    def label(self, name: str) -> Words:
        """The field in the shop's words."""

    def shown(self, name: str, value: Any, *, is_masked: bool) -> str:
        """A stored value in words; contacts masked if asked."""

    def put_back(
        self, *, actor: Any, audit_id: int, name: str, changes: Mapping[int, Held], is_forced: bool
    ) -> PutBack:
        """Put the old values back where the field still holds what was written, or everywhere if forced.

        Called within a transaction, the customers locked and within the actor's reach. Writes its own `FieldChange` rows
        with `record_field_changes(actor=…, audit_id=…, changes=…)`; audit and event are the caller's.
        """


_keepers: dict[str, FieldKeeper] = {}


def register_keeper(prefix: str, keeper: FieldKeeper) -> None:
    """Say who keeps the fields `prefix` and `prefix.<anything>`: register_keeper("custom", …) keeps custom.size."""
    _keepers[prefix] = keeper


def keeper_of(name: str) -> FieldKeeper | None:
    """Who keeps this field; None: it is a column of the customer."""
    return _keepers.get(name.partition(".")[0])


# --- customers of a list ---

IdsOf = Callable[[Any, str], Iterable[int]]
CountOf = Callable[[Any, str], int]


@dataclass(frozen=True)
class IdSource:
    """Where the customers of a stored filter come from: `ids(actor, text)` walks them, `count` says how many at most."""

    ids: IdsOf
    count: CountOf


_sources: dict[str, IdSource] = {}


def register_id_source(name: str, source: IdSource) -> None:
    """Offer the customers behind an address: the desk registers "list", whose text is the query of the 客户 list."""
    _sources[name] = source


def id_source(name: str) -> IdSource | None:
    """The source of that name."""
    return _sources.get(name)


# --- leaving for good ---

Purge = Callable[[list[int]], None]
_purges: dict[str, Purge] = {}


def register_purge(room: str, purge: Purge) -> None:
    """Say what a room removes, or keeps without the person, when customers leave the recycle bin for good.

    Called with their ids inside the transaction that deletes them, before their rows go.
    """
    _purges[room] = purge


def purges() -> Iterator[Purge]:
    """What every room does, in the order they were registered."""
    yield from _purges.values()


# --- what can be done to many ---


@dataclass(frozen=True)
class BulkField:
    """A question of a bulk action. With `choices` one is picked, or several; `suggestions` help typing; else a line of text.

    `shows`: questions named with `only` stand below this one, each only while that choice is picked. `kind` says what is
    typed: text, date, decimal, url, long.
    """

    name: str
    label: Words
    choices: tuple[tuple[str, Words], ...] = ()
    suggestions: tuple[str, ...] = ()
    hint: Words = ""
    is_multiple: bool = False
    shows: str = ""
    only: str = ""
    kind: str = "text"


@dataclass(frozen=True)
class Applied:
    """What became of a chunk: the changes made (`services.FieldChanged`), and why some were left as they are (msgids).

    Whoever is in neither was so already.
    """

    changes: list[Any] = field(default_factory=list)
    problems: Mapping[int, str] = field(default_factory=dict)


class BulkKind(Protocol):
    """Something that can be done to many customers. Register an instance with `register_bulk_kind`.

    One that has nothing to offer at times says so with `is_offered(actor)`.
    """

    code: str
    label: Words
    icon: str
    permission: str
    order: int
    is_grave: bool  # drawn as dangerous
    opens: str  # the name of a page that asks by itself; empty: the usual page

    def fields(self, actor: Any) -> Iterable[BulkField]:
        """What to ask before starting."""

    def read(self, actor: Any, given: Mapping[str, list[str]]) -> dict[str, Any]:
        """The answers as JSON. Raises ValidationError with words that say what to mend."""

    def title(self, arguments: Mapping[str, Any]) -> str:
        """What is done, as the result page says it: 加标签「送礼」."""

    def apply(
        self, *, actor: Any, audit_id: int, customers: Mapping[int, Any], arguments: Mapping[str, Any]
    ) -> Applied:
        """Do it to a chunk of customers, locked and within the actor's reach, in the caller's transaction.

        The caller writes the changes returned to the history of the set, and tells the house (`CustomersChanged`).
        """


_kinds: dict[str, BulkKind] = {}


def register_bulk_kind(kind: BulkKind) -> None:
    """Offer a bulk action; the same code replaces."""
    _kinds[kind.code] = kind


def bulk_kind(code: str) -> BulkKind | None:
    """The action of that code."""
    return _kinds.get(code)


def bulk_kinds() -> list[BulkKind]:
    """Every action, in order."""
    return sorted(_kinds.values(), key=lambda kind: (kind.order, kind.code))


# --- whom a plan of follow-ups is for ---


@dataclass(frozen=True)
class Audience:
    """Customers by something that a higher room knows: `choices` are (code, words), `members(code)` selects their ids."""

    key: str
    label: Words
    choices: tuple[tuple[str, Words], ...]
    members: Callable[[str], Any]


@dataclass(frozen=True)
class AudienceChoice:
    """One choice of an audience: "level:high"."""

    audience: Audience
    code: str
    words: Words

    def members(self) -> Any:
        """A queryset of customer ids, to stand in `pk__in`."""
        return self.audience.members(self.code)


_audiences: dict[str, Audience] = {}


def register_audience(audience: Audience) -> None:
    """Offer plans of follow-ups a way to choose customers: the value room registers its levels and stages."""
    _audiences[audience.key] = audience


def audiences() -> list[Audience]:
    """Every way to choose customers, in the order they were registered."""
    return list(_audiences.values())


def audience_choice(name: str) -> AudienceChoice | None:
    """The choice of that name, "level:high"; None when there is no such choice."""
    key, _colon, code = name.partition(":")
    audience = _audiences.get(key)
    words = dict(audience.choices).get(code) if audience else None
    return AudienceChoice(audience, code, words) if audience and words is not None else None


# --- still in use ---

InUse = Callable[[list[int]], set[int]]
_uses: dict[str, InUse] = {}


def register_use(room: str, in_use: InUse) -> None:
    """Say which of these customers a room has facts about: an undone import leaves those where they are."""
    _uses[room] = in_use


def unused(ids: Iterable[int]) -> list[int]:
    """Those of these customers about whom no room has facts, in order."""
    wanted = list(ids)
    busy: set[int] = set()
    for in_use in _uses.values():
        busy |= in_use(wanted)
    return [pk for pk in wanted if pk not in busy]


# --- lists that leave the house ---


@dataclass(frozen=True)
class ExportColumn:
    """A column of an exported list. `kind` is text, number, money (fen) or date; `permission` beyond that to export."""

    code: str
    label: Words
    kind: str = "text"
    is_usual: bool = False
    permission: str = ""


class ExportColumns(Protocol):
    """Columns that one room fills."""

    def columns(self, actor: Any) -> Iterable[ExportColumn]:
        """What there is, in order."""

    def read(self, actor: Any, customer_ids: list[int], codes: list[str]) -> Mapping[int, Mapping[str, Any]]:
        """The values of some columns for up to 2,000 customers, masked as the actor reads them; missing ones are empty."""


_export_columns: dict[str, ExportColumns] = {}


def register_export_columns(room: str, columns: ExportColumns) -> None:
    """Offer a room's columns for export; the same room replaces."""
    _export_columns[room] = columns


def export_columns() -> list[ExportColumns]:
    """Every room's columns, in the order they were registered."""
    return list(_export_columns.values())


# --- letters to customers ---

MayMail = Callable[[Any], bool]
MailCustomer = Callable[[Any, int, str, str], str]
_letters: list[tuple[MayMail, MailCustomer]] = []


def register_letters(may_send: MayMail, send: MailCustomer) -> None:
    """Say how letters are sent: whether this actor has a mailbox, and `send(actor, customer_id, subject, text)`.

    It answers with what went wrong in words, or nothing.
    """
    _letters[:] = [(may_send, send)]


def may_mail(actor: Any) -> bool:
    """Whether this actor can send a letter from here."""
    return any(may_send(actor) for may_send, _send in _letters)


def mail_customer(actor: Any, customer_id: int, subject: str, text: str) -> str:
    """Send a letter to the address that the record shows; returns what went wrong in words, or nothing."""
    for _may_send, send in _letters:
        return send(actor, customer_id, subject, text)
    raise LookupError("no room sends letters")


# --- what customers are worth ---

_worth: list[str] = []


def register_worth(select: str) -> None:
    """Say what customers are worth in a year: a select of customer_id and worth_fen, to stand in another statement's FROM."""
    _worth[:] = [select]


def worth_select() -> str:
    """That select; empty while no room knows."""
    return _worth[0] if _worth else ""


# --- handing over ---

MANAGED_WORDS, HELPED_WORDS, STEPS_WORDS = _("当负责人的客户"), _("协作的客户"), _("待办的跟进")


@dataclass(frozen=True)
class HandedRow:
    """Something a person holds. `customer_id`: it goes to whoever takes over this customer; None: it is the person's own."""

    row_id: int
    customer_id: int | None
    words: str


@dataclass(frozen=True)
class Given:
    """One row on its way from one person to another."""

    row_id: int
    from_id: int
    to_id: int


class HandoverKind(Protocol):
    """What a room hands over beside customers: complaints, opportunities, letters, shared lists."""

    code: str
    label: Words
    order: int
    is_personal: bool  # hangs on the person, not on a customer: moves only when everything of theirs does

    def held(self, staff_id: int, customer_ids: Collection[int] | None) -> list[HandedRow]:
        """What the person holds and is not finished, the first to be seen first; about these customers only, if given."""

    def give(self, given: Sequence[Given]) -> set[int]:
        """Move each row that is still where `from_id` says to `to_id`; returns those that moved.

        In the caller's transaction. Undoing calls it the other way round, so what was changed since stays as it is.
        """


_handovers: dict[str, HandoverKind] = {}


def register_handover(room: str, kind: HandoverKind) -> None:
    """Let something of a room go along when customers are handed over; the same room and code replaces."""
    _handovers[f"{room}.{kind.code}"] = kind


def handover_kinds() -> list[HandoverKind]:
    """Everything that may go along, in order."""
    return sorted(_handovers.values(), key=lambda kind: (kind.order, kind.code))


# --- sets of changes that carry more than fields ---


@dataclass(frozen=True)
class Companion:
    """What else happens to a set of some kind, each in the transaction that does it: at its end, when it was taken back, when it
    broke off (in a transaction of its own)."""

    finished: Callable[[int], None]
    undone: Callable[[int], None]
    broken: Callable[[int], None]


_companions: dict[str, Companion] = {}


def register_companion(kind: str, companion: Companion) -> None:
    """Say what goes along with sets of a bulk kind."""
    _companions[kind] = companion


def companion_of(kind: str) -> Companion | None:
    """What goes along with sets of that kind."""
    return _companions.get(kind)


# --- staying out of the pool, and out of sight ---

Spared = Callable[[Collection[int]], Collection[int]]
_spared: dict[str, Spared] = {}


def register_pool_exemption(room: str, spared: Spared) -> None:
    """Say which of these customers a room keeps out of the pool: those with a running contract, say."""
    _spared[room] = spared


def spared_from_pool(customer_ids: Collection[int]) -> set[int]:
    """Those of the customers whom some room keeps out of the pool."""
    return {pk for spared in _spared.values() for pk in spared(customer_ids)}


Guard = Callable[[int], bool]
_guards: list[Guard] = []


def register_reveal_guard(guard: Guard) -> None:
    """Say of a customer that nobody below a manager is shown their whole number now."""
    _guards.append(guard)


def is_guarded(customer_id: int) -> bool:
    """Whether a room keeps this customer's contacts hidden for now."""
    return any(guard(customer_id) for guard in _guards)
