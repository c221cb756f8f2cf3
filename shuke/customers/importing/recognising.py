"""Whose row is it: the record with its number, somebody with its phone or card, or somebody new.

A row with a number of its own is a record of its own: it may join somebody whom the source's numbers do not name yet, never
one who goes by another number there. Two people at one switchboard stay two people; their shared number is kept with both.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from shuke.customers import rules
from shuke.customers.models import Customer, IdentityConflict
from shuke.kernel.bulk import take_ids

KEYS = (
    "external",
    "member",
    "phone",
    "email",
    "unionid",
    "wechat",
)  # a source's own number is the surest here
NEW, KNOWN, SKIPPED = "new", "known", "skipped"
BY_NAME = "company-name"  # how a key was come by that is a company's name, not its number
Pair = tuple[str, str]


@dataclass
class Recognised:
    """What the rows of a batch came to. `claims` are keys nobody had, `shared` keys of others that rows also name."""

    ids: list[int | None] = field(default_factory=list)
    fates: list[str] = field(default_factory=list)
    claims: list[tuple[str, str, int]] = field(default_factory=list)
    shared: list[tuple[str, str, int]] = field(default_factory=list)
    rivals: list[tuple[int, int, int, list[Pair], bool]] = field(
        default_factory=list
    )  # row, one, other, keys, sure


class Recogniser:
    """Looks rows up batch by batch; remembers nothing between batches, so that a rollback needs no care."""

    def __init__(self, *, run_id: int, source: str, mode: str) -> None:
        self.spaces = {key: key for key in KEYS} | {"external": external_space(source)}
        self.mode = mode
        self.run_id = run_id

    def recognise(self, columns: dict[str, list[Any]]) -> Recognised:
        """Decide for every row, in order. A row with our own number (`own`: the living record's id) is that record's."""
        pairs = self._pairs(columns)
        known = holders_of({pair for found in pairs for pair in found})
        owned = {owner for owner in columns["own"] if owner}
        singles = self._singles(pairs, known, owned)
        owners = columns["own"]
        made = self._made({*known.values(), *owned}) if self.mode == "create" else set()
        free_ids = _fresh_ids(
            sum(
                not (owner or any(pair in known for pair in found))
                for owner, found in zip(owners, pairs, strict=True)
            )
        )
        result = Recognised()
        for row, found in enumerate(pairs):
            self._decide(row, found, owners[row], known, singles, free_ids, made, result)
        return result

    def _made(self, met: set[int]) -> set[int]:
        """Those met here whom this very run has made: later rows about them are no repetition of what was there."""
        mine = Customer.objects.filter(pk__in=met, import_run_id=self.run_id)
        return set(mine.values_list("pk", flat=True))

    def _pairs(self, columns: dict[str, list[str | None]]) -> list[list[Pair]]:
        used = [(self.spaces[key], columns[key]) for key in KEYS if any(columns[key])]
        height = len(columns["external"])
        return [[(space, value) for space, values in used if (value := values[row])] for row in range(height)]

    def _singles(
        self, pairs: list[list[Pair]], known: dict[Pair, int], owned: set[int]
    ) -> dict[tuple[int, str], set[str]]:
        """(customer, namespace) → values, of the kinds of which one record has one, for everybody met here."""
        kinds = [*rules.ONE_PER_CUSTOMER, self.spaces["external"]]
        met = sorted(owned | {known[pair] for found in pairs for pair in found if pair in known})
        if not met:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(
                "select customer_id, namespace, value from customers_identity where customer_id = any(%s)"
                " and namespace = any(%s) and verified_by not in ('', %s)",
                [met, kinds, BY_NAME],
            )
            found: dict[tuple[int, str], set[str]] = {}
            for customer, space, value in cursor.fetchall():
                found.setdefault((customer, space), set()).add(value)
        return found

    def _decide(  # noqa: PLR0913
        self, row: int, pairs: list[Pair], owner: int | None, known: dict[Pair, int],
        singles: dict[tuple[int, str], set[str]], free_ids: Iterator[int], made: set[int], result: Recognised,
    ) -> None:  # fmt: skip
        own = self.spaces["external"]
        is_numbered = bool(pairs) and pairs[0][0] == own
        kinds = {*rules.ONE_PER_CUSTOMER, own}
        chosen = owner or (known.get(pairs[0]) if is_numbered else None)
        is_numbered = is_numbered or owner is not None
        if chosen is None:
            for pair in pairs:
                holder = known.get(pair)
                if holder is not None and not _is_somebody_else(holder, pairs, kinds, singles):
                    chosen = holder
                    break
        is_new = chosen is None
        if (is_new and self.mode == "update") or (
            not is_new and self.mode == "create" and chosen not in made
        ):
            result.ids.append(None)
            result.fates.append(SKIPPED)
            return
        if chosen is None:
            chosen = next(free_ids)
            made.add(chosen)
        result.ids.append(chosen)
        result.fates.append(NEW if is_new else KNOWN)
        for pair in pairs:
            self._claim(row, pair, chosen, known, singles, kinds, is_numbered, pairs, result)

    def _claim(  # noqa: PLR0913
        self, row: int, pair: Pair, chosen: int, known: dict[Pair, int], singles: dict[tuple[int, str], set[str]],
        kinds: set[str], is_numbered: bool, pairs: list[Pair], result: Recognised,
    ) -> None:  # fmt: skip
        space, value = pair
        holder = known.get(pair)
        if holder is None:
            if space in kinds and (chosen, space) in singles:
                return  # they have another one already: the shop decides by hand
            known[pair] = chosen
            result.claims.append((space, value, chosen))
            if space in kinds:
                singles[(chosen, space)] = {value}
        elif holder != chosen:
            result.shared.append((space, value, chosen))
            result.rivals.append((row, chosen, holder, pairs, not is_numbered))


def _is_somebody_else(
    holder: int, pairs: list[Pair], kinds: set[str], singles: dict[tuple[int, str], set[str]]
) -> bool:
    return any(
        space in kinds and value not in singles.get((holder, space), {value}) for space, value in pairs
    )


def external_space(source: str) -> str:
    """The namespace of a source's own numbers."""
    return f"external:{source}"[:60]


def holders_of(pairs: Iterable[Pair]) -> dict[Pair, int]:
    """Who holds these keys; merged records stand for those they live on in."""
    by_space: dict[str, list[str]] = {}
    for space, value in pairs:
        by_space.setdefault(space, []).append(value)
    found: dict[Pair, int] = {}
    with connection.cursor() as cursor:
        for space, values in by_space.items():
            cursor.execute(
                "select i.value, coalesce(c.merged_into_id, c.id) from customers_identity i"
                " join customers_customer c on c.id = i.customer_id where i.namespace = %s and i.value = any(%s)",
                [space, values],
            )
            found.update({(space, value): holder for value, holder in cursor.fetchall()})
    return found


def _fresh_ids(expected: int) -> Iterator[int]:
    yield from take_ids("customers_customer", expected)
    while True:
        yield from take_ids("customers_customer", 1_000)


def open_conflicts(
    run_id: int, rivals: Iterable[tuple[int, int, int, list[Pair], bool]], names: list[str | None]
) -> int:
    """Put pairs up for review: always where keys alone told who it was, else only where the names agree too."""
    wanted: dict[tuple[int, ...], tuple[int, int, list[Pair], bool]] = {}
    for row, one, other, pairs, is_sure in rivals:
        wanted.setdefault(tuple(sorted((one, other))), (row, other, pairs, is_sure))
    if not wanted:
        return 0
    theirs = dict(
        Customer.objects.filter(pk__in={other for _row, other, _pairs, _sure in wanted.values()}).values_list(
            "pk", "name"
        )
    )
    fresh = [
        IdentityConflict(
            first_id=first, second_id=second, origin=f"import:{run_id}",
            evidence={"keys": [list(pair) for pair in pairs]},
        )
        for (first, second), (row, other, pairs, is_sure) in wanted.items()
        if is_sure or (names[row] and rules.fold_name(names[row] or "") == rules.fold_name(theirs.get(other, "")))
    ]  # fmt: skip
    pairs_there = set(
        IdentityConflict.objects.filter(first_id__in=[c.first_id for c in fresh]).values_list(
            "first_id", "second_id"
        )
    )
    fresh = [conflict for conflict in fresh if (conflict.first_id, conflict.second_id) not in pairs_there]
    IdentityConflict.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=2000)
    return len(fresh)
