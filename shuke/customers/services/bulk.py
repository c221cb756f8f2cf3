"""Finding or making customers by the hundred thousand, for imports: the rules of `identify_customer`, batch by batch.

A finder remembers the keys of its run, so that each key is looked up once; new customers and identities go in by COPY.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from threading import RLock
from typing import Any

import numpy as np
import polars as pl
from django.db import connection, transaction

from shuke.customers import rules
from shuke.customers.models import Customer, CustomerTag, FollowUp, Identity, IdentityConflict, Interaction
from shuke.customers.services.identity import open_conflict
from shuke.customers.services.remembering import I64, Combinations, Holders
from shuke.customers.services.terms import queue_terms
from shuke.kernel.bulk import ReadyRows, take_ids
from shuke.zh import pinyin

KEYS = ("member", "phone", "email", "unionid", "wechat", "external")  # most trusted first
FACTS = ("name", "province", "city", "district", "address", "note", "channel", "store_id")
VERIFIED_BY = "import"
MOST_REMEMBERED = 3_000_000
_SEPARATOR = "\x1f"
NOBODY = _SEPARATOR * (len(KEYS) - 1)
_MOBILE = r"^1[3-9]\d{9}$"
_HIDDEN = re.compile(r"[*×xX＊•]{2,}")
_RELAYED = re.compile(r"^\D*\d{8,}\s*(?:-|转|,|#|ext\.?)\s*\d{1,6}$", re.I)

Pair = tuple[str, str]
Flags = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Normalised:
    """One key column made comparable; `is_bad` marks cells that should have been a key and cannot be one."""

    values: pl.Series
    is_bad: pl.Series


@dataclass
class Found:
    """What one batch came to: the customer of each row, and how many are new or in doubt."""

    customer_ids: pl.Series
    created: int = 0
    learned: int = 0
    conflicts: int = 0
    unwritten: list[ReadyRows] = field(default_factory=list)

    def write(self) -> None:
        """Put in what is not yet in."""
        for rows in self.unwritten:
            rows.write()
        self.unwritten.clear()


@dataclass
class _Fresh:
    """What a batch adds."""

    customers: list[tuple[int, int, dict[str, str]]] = field(default_factory=list)  # id, row, keys
    identities: list[tuple[str, str, int]] = field(default_factory=list)
    rivals: list[tuple[int, int, list[Pair]]] = field(default_factory=list)


@dataclass
class _Decision:
    """Who rows are whose keys somebody has or that share keys, one by one, by the rules of identify_customer."""

    known: dict[Pair, int]
    proven: dict[tuple[int, str], str]
    fresh: _Fresh
    free_ids: Iterator[int]

    def row(self, row: int, pairs: list[Pair]) -> int:
        """The customer of a row; what is new about them goes to `known` and `fresh`."""
        holders = [self.known.get(pair) for pair in pairs]
        chosen = self._trusted(pairs, holders)
        free = [pair for pair, holder in zip(pairs, holders, strict=True) if holder is None]
        if chosen is None:
            chosen = next(self.free_ids)
            self.fresh.customers.append((chosen, row, dict(reversed(free))))
        for space, value in free:
            self.known[(space, value)] = chosen
            self.fresh.identities.append((space, value, chosen))
            if space in rules.ONE_PER_CUSTOMER:
                self.proven[(chosen, space)] = value
        for holder in holders:
            if holder is not None and holder != chosen:
                self.fresh.rivals.append((chosen, holder, pairs))
        return chosen

    def _trusted(self, pairs: list[Pair], holders: list[int | None]) -> int | None:
        """The holder of the most trusted key, unless they are proven to have another key of which a person has one."""
        chosen = next((holder for holder in holders if holder is not None), None)
        if chosen is None:
            return None
        contradicts = any(
            space in rules.ONE_PER_CUSTOMER
            and holder is None
            and self.proven.get((chosen, space), value) != value
            for (space, value), holder in zip(pairs, holders, strict=True)
        )
        return None if contradicts else chosen


def normalise_phones(texts: pl.Series) -> Normalised:
    """E.164; hidden (138****1234) and relayed numbers are no keys and no mistakes either."""
    is_plain = texts.str.contains(_MOBILE)
    fast = pl.select(pl.when(is_plain).then(pl.lit("+86") + texts)).to_series()
    return _with_odd(texts, fast, _phone)


def _phone(text: str) -> str | None:
    if _HIDDEN.search(text) or _RELAYED.match(text):
        return ""
    return rules.normalise_phone(text)


def normalise_emails(texts: pl.Series) -> Normalised:
    """Lower case; hidden ones are no keys."""
    none = pl.Series([None] * len(texts), dtype=pl.String)
    return _with_odd(texts, none, lambda text: "" if "**" in text else rules.normalise_email(text))


def normalise_words(texts: pl.Series) -> Normalised:
    """Member numbers, union ids, account names: one clean line; hidden ones are no keys."""
    fast = pl.select(pl.when(texts.str.contains(r"^[!-)+-~]{1,254}$")).then(texts)).to_series()
    return _with_odd(texts, fast, lambda text: "" if "**" in text else rules.clean_line(text)[:254])


def _with_odd(texts: pl.Series, fast: pl.Series, exact: Any) -> Normalised:
    unknown = fast.is_null() & texts.is_not_null()
    if not unknown.any():
        return Normalised(fast, pl.Series([False]).new_from_index(0, len(texts)))
    odd = texts.filter(unknown).unique().to_list()
    answers = [exact(text) for text in odd]
    table = pl.DataFrame({"cell": odd, "answer": answers}, schema={"cell": pl.String, "answer": pl.String})
    joined = pl.DataFrame({"cell": texts, "fast": fast}).join(
        table, on="cell", how="left", maintain_order="left"
    )
    value = pl.coalesce("fast", "answer")
    done = joined.select(
        pl.when(value != "").then(value).alias("value"),
        (pl.col("cell").is_not_null() & value.is_null()).alias("bad"),
    )
    return Normalised(done["value"], done["bad"])


class CustomerFinder:
    """Finds or makes the customers of one run's rows. Call `forget` after a rollback.

    `foresee` does for a batch ahead what `find` does for the batch whose turn it is; both know each other's answers.
    """

    def __init__(self, *, run_id: int, origin: str, source: str) -> None:
        self.run_id = run_id
        self.origin = origin
        self.namespaces = (*KEYS[:-1], f"external:{source}"[:60])
        self.generation = 0
        self._turn = RLock()
        self._of_keys = Holders()
        self._of_combination = Combinations()
        self._is_alone: dict[str, bool] = {}

    def forget(self) -> None:
        """Drop all that was remembered: the transaction it came from is gone."""
        with self._turn:
            self._of_keys = Holders()
            self._of_combination = Combinations()
            self._is_alone.clear()
            self.generation += 1

    def holders(self, key: str, values: pl.Series) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Who holds these values of a key that were met lately; 0 where nobody is known to."""
        with self._turn:
            return self._of_keys.get(self.namespaces[KEYS.index(key)], values)

    def find(self, rows: pl.DataFrame) -> Found:
        """The customer of each row, in order (null without any key). `rows` has KEYS (normalised) and FACTS."""
        with self._turn:
            if len(self._of_keys) > MOST_REMEMBERED:
                self.forget()
            found = self._find(rows, ahead=False)
            assert found is not None
            found.write()
        return found

    def foresee(self, rows: pl.DataFrame) -> Found | None:
        """As `find`, but nothing is written or looked up yet; None where that will not do."""
        with self._turn:
            if self.generation or len(self._of_keys) > MOST_REMEMBERED:
                return None
            used = (s for k, s in zip(KEYS, self.namespaces, strict=True) if rows[k].null_count() < len(rows))
            if not all(self._is_alone.get(space) for space in used):
                return None
            return self._find(rows, ahead=True)

    def _find(self, rows: pl.DataFrame, *, ahead: bool) -> Found | None:
        texts = combinations_of(rows)
        known = self._of_combination
        marks = known.marks(texts)
        result = Found(rows["name"])
        ids = known.get(marks)
        unknown = np.flatnonzero((ids == 0) & (texts != NOBODY).to_numpy())
        if len(unknown):
            _different, first = np.unique(marks.first[unknown], return_index=True)
            firsts = unknown[np.sort(first)]
            if not self._find_new(rows[firsts], texts.gather(firsts), result, ahead=ahead):
                return None
            ids = known.get(marks)
        answer = pl.Series("customer_id", ids)
        result.customer_ids = pl.select(pl.when(answer != 0).then(answer)).to_series()
        return result

    def _find_new(self, rows: pl.DataFrame, texts: pl.Series, result: Found, *, ahead: bool) -> bool:
        """Combinations of keys that were not met before in this run, each once, in order.

        Ahead, rows that need a decision make it a no, and nothing is remembered.
        """
        keys = [key for key in KEYS if rows[key].null_count() < len(rows)]
        if not ahead:
            self._look_up(rows, keys)
        holders = [self._of_keys.get(self.namespaces[KEYS.index(key)], rows[key]) for key in keys]
        is_plain = self._plain(rows, keys, holders)
        if ahead and not is_plain.all():
            return False
        owners = np.zeros(len(rows), dtype=np.int64) if ahead else _sole_holders(rows, keys, holders)
        if (owned := np.flatnonzero(owners)).size:
            self._of_combination.add(texts.gather(owned), owners[owned].tolist())
        ids = iter(take_ids("customers_customer", int((owners == 0).sum())))
        if (plain := np.flatnonzero(is_plain)).size:
            self._make_plain(rows[plain], texts.gather(plain), ids, result)
        if (odd := np.flatnonzero(~is_plain & (owners == 0))).size:
            result.write()
            self._decide_each(rows[odd], texts.gather(odd), ids, result)
        return True

    def _look_up(self, rows: pl.DataFrame, keys: list[str]) -> None:
        """Remember who holds these keys; merged records stand for those they live on in."""
        with connection.cursor() as cursor:
            for key in keys:
                space = self.namespaces[KEYS.index(key)]
                if self._alone_in(space):
                    continue
                values = rows[key]
                wanted = values.filter(pl.Series(self._of_keys.get(space, values) == 0)).drop_nulls().unique()
                cursor.execute(
                    "select i.value, coalesce(c.merged_into_id, c.id) from customers_identity i"
                    " join customers_customer c on c.id = i.customer_id"
                    " where i.namespace = %s and i.value = any(%s)",
                    [space, wanted.to_list()],
                )
                self._of_keys.update(space, dict(cursor.fetchall()))

    def _alone_in(self, space: str) -> bool:
        """Whether nobody had keys of this kind when the run began: then all there are is remembered here.

        Should somebody add one meanwhile, the unique constraint rolls the batch back, and from then on all is looked up.
        """
        if self.generation:
            return False
        if space not in self._is_alone:
            self._is_alone[space] = not Identity.objects.filter(namespace=space).exists()
        return self._is_alone[space]

    def _plain(self, rows: pl.DataFrame, keys: list[str], holders: list[I64]) -> Flags:
        """Which rows are surely somebody new: none of their keys is known or in another row."""
        fine = np.ones(len(rows), dtype=np.bool_)
        for key, known in zip(keys, holders, strict=True):
            fine &= (known == 0) & (rows[key].is_null() | ~rows[key].is_duplicated()).to_numpy()
        return fine

    def _make_plain(
        self, rows: pl.DataFrame, texts: pl.Series, free_ids: Iterator[int], result: Found
    ) -> None:
        ids = list(islice(free_ids, len(rows)))
        rows = rows.with_columns(pl.Series("id", ids, dtype=pl.Int64))
        self._of_combination.add(texts, ids)
        result.unwritten.append(_new_customers(rows, self.run_id))
        identities = []
        for key, space in zip(KEYS, self.namespaces, strict=True):
            part = rows.filter(pl.col(key).is_not_null()).select(
                pl.lit(space).alias("namespace"),
                pl.col(key).alias("value"),
                pl.col("id").alias("customer_id"),
            )
            if len(part):
                identities.append(part)
                self._of_keys.add(space, part["value"], part["customer_id"].to_list())
        result.unwritten.append(_new_identities(pl.concat(identities), self.run_id))
        result.created += len(rows)

    # --- rows whose keys somebody has, or that share keys: one by one, by the rules of identify_customer ---

    def _decide_each(
        self, rows: pl.DataFrame, texts: pl.Series, free_ids: Iterator[int], result: Found
    ) -> None:
        pairs = [self._pairs(text) for text in texts.to_list()]
        known = self._known(rows)
        fresh = _Fresh()
        decide = _Decision(known, self._proven(pairs, known), fresh, free_ids)
        chosen = [decide.row(i, found) for i, found in enumerate(pairs)]
        for space, value, owner in fresh.identities:
            self._of_keys.update(space, {value: owner})
        self._of_combination.add(texts, chosen)
        self._save(rows, fresh, result)

    def _pairs(self, text: str) -> list[Pair]:
        return [
            (space, value)
            for space, value in zip(self.namespaces, text.split(_SEPARATOR), strict=True)
            if value
        ]

    def _known(self, rows: pl.DataFrame) -> dict[Pair, int]:
        """The holders of all keys in these rows."""
        known: dict[Pair, int] = {}
        for key, space in zip(KEYS, self.namespaces, strict=True):
            holders = self._of_keys.get(space, rows[key])
            at = np.flatnonzero(holders)
            known |= {(space, rows[key][int(i)]): int(holders[i]) for i in at}
        return known

    def _proven(self, pairs: list[list[Pair]], known: dict[Pair, int]) -> dict[tuple[int, str], str]:
        """(customer, namespace) → value, of the kinds of which a person has one, for customers met by other keys."""
        holders: set[int] = set()
        for found in pairs:
            held = [known.get(pair) for pair in found]
            is_single = [space in rules.ONE_PER_CUSTOMER for space, _value in found]
            if any(single and holder is None for single, holder in zip(is_single, held, strict=True)):
                holders.update(holder for holder in held if holder is not None)
        if not holders:
            return {}
        rows = Identity.objects.filter(
            customer_id__in=sorted(holders), namespace__in=rules.ONE_PER_CUSTOMER
        ).exclude(verified_by="")
        found_rows = rows.values_list("customer_id", "namespace", "value")
        return {(owner, space): value for owner, space, value in found_rows}

    def _save(self, rows: pl.DataFrame, fresh: _Fresh, result: Found) -> None:
        made = {pk for pk, _row, _keys in fresh.customers}
        result.created += len(made)
        result.learned += sum(owner not in made for _space, _value, owner in fresh.identities)
        if made:
            # Keys that belong to others are not theirs to show.
            own = rows[[row for _pk, row, _keys in fresh.customers]].with_columns(
                pl.Series("id", [pk for pk, _row, _keys in fresh.customers], dtype=pl.Int64),
                *(
                    pl.Series(key, [keys.get(space) for _pk, _row, keys in fresh.customers], dtype=pl.String)
                    for key, space in zip(KEYS, self.namespaces, strict=True)
                ),
            )
            _new_customers(own, self.run_id).write()
        if fresh.identities:
            schema = {"namespace": pl.String, "value": pl.String, "customer_id": pl.Int64}
            _new_identities(pl.DataFrame(fresh.identities, schema=schema, orient="row"), self.run_id).write()
        for one, other, pairs in {tuple(sorted(rival[:2])): rival for rival in fresh.rivals}.values():
            result.conflicts += 1
            open_conflict(one, other, origin=self.origin, pairs=pairs)


def _sole_holders(rows: pl.DataFrame, keys: list[str], holders: list[I64]) -> I64:
    """The one customer who holds all keys of a row, with whom there is nothing to decide; 0 for other rows."""
    owner = np.maximum.reduce(holders)
    for key, known in zip(keys, holders, strict=True):
        owner = np.where((known == owner) | rows[key].is_null().to_numpy(), owner, 0)
    return owner


def combinations_of(rows: pl.DataFrame) -> pl.Series:
    """All keys of each row as one text."""
    keys = [pl.col(key).fill_null("") for key in KEYS]
    return rows.select(pl.concat_str(keys, separator=_SEPARATOR)).to_series()


_WORDS = ("kind", "name", "name_key", "phone", "email", "wechat", "member_number", "province", "city", "district", "address",
          "note", "first_channel")  # fmt: skip
CUSTOMER_KINDS = (
    {"id": "int8"} | dict.fromkeys(_WORDS, "text") | {"store_id": "int8", "import_run_id": "int8"}
)
IDENTITY_KINDS = {
    "namespace": "text",
    "value": "text",
    "customer_id": "int8",
    "verified_by": "text",
    "import_run_id": "int8",
}


def _new_customers(rows: pl.DataFrame, run_id: int) -> ReadyRows:
    """`rows` has id, KEYS and FACTS."""
    phones = _shown_phones(rows["phone"])
    names = _clean_names(rows["name"])
    external = rows["external"].fill_null("").str.slice(0, rules.NAME_LENGTH)
    names = pl.select(pl.when(names == "").then(external).otherwise(names)).to_series()
    sort_keys = pinyin.sort_keys(names.to_list(), phones.to_list())
    empty = {code: pl.col(code).fill_null("") for code in ("province", "city", "district", "address", "note")}
    frame = rows.select(
        "id",
        pl.lit(Customer.Kind.PERSON.value).alias("kind"),
        names.alias("name"),
        pl.Series("name_key", sort_keys, dtype=pl.String),
        phones.alias("phone"),
        pl.col("email").fill_null(""),
        pl.col("wechat").fill_null("").str.slice(0, 60),
        pl.col("member").fill_null("").str.slice(0, 40).alias("member_number"),
        *empty.values(),
        pl.col("channel").fill_null("").str.slice(0, 40).alias("first_channel"),
        "store_id",
        pl.lit(run_id).alias("import_run_id"),
    )
    frame.columns = list(CUSTOMER_KINDS)
    return ReadyRows.binary("customers_customer", CUSTOMER_KINDS, frame)


def _clean_names(names: pl.Series) -> pl.Series:
    """As `rules.clean_line` does; most names hold nothing that it would mend."""
    names = names.fill_null("")
    odd = names.str.contains(r"[\s\p{C}]")
    if odd.any():
        names = names.replace({name: rules.clean_line(name) for name in names.filter(odd).unique().to_list()})
    return names.str.slice(0, rules.NAME_LENGTH).alias("name")


def _shown_phones(phones: pl.Series) -> pl.Series:
    plain = phones.fill_null("")
    mobile = plain.str.contains(r"^\+861[3-9]\d{9}$")
    shown = pl.select(pl.when(mobile).then(plain.str.slice(3)).otherwise(plain)).to_series()
    odd = ~mobile & (plain != "")
    if not odd.any():
        return shown
    return shown.replace({text: rules.shown_phone(text) for text in plain.filter(odd).unique().to_list()})


def _new_identities(identities: pl.DataFrame, run_id: int) -> ReadyRows:
    """In the order of their index, which is quicker to write in than at random."""
    frame = identities.sort("namespace", "value").with_columns(
        pl.lit(VERIFIED_BY).alias("verified_by"), pl.lit(run_id).alias("import_run_id")
    )
    return ReadyRows.binary("customers_identity", IDENTITY_KINDS, frame)


# --- taking a run back ---


def count_of_run(run_id: int) -> int:
    """How many customers a run made."""
    return Customer.objects.filter(import_run_id=run_id).count()


def customers_of_run(run_id: int, *, after: int, limit: int) -> list[int]:
    """Ids of customers a run made, in order, page by page."""
    made = Customer.objects.filter(import_run_id=run_id, pk__gt=after)
    return list(made.order_by("pk").values_list("pk", flat=True)[:limit])


@transaction.atomic
def remove_untouched(customer_ids: Sequence[int]) -> int:
    """Remove those that nobody has worked with since: no touches, plans, tags, edits, merges or keys of other origin."""
    wanted = Customer.objects.filter(pk__in=customer_ids, merged_into=None)
    rows = wanted.values_list("pk", "import_run_id", "created_at", "updated_at")
    fresh = {pk: run for pk, run, created, updated in rows if updated <= created}
    busy: set[int] = set()
    for model in (Interaction, FollowUp, CustomerTag):
        busy |= set(model.objects.filter(customer_id__in=fresh).values_list("customer_id", flat=True))
    busy |= set(Customer.objects.filter(merged_into__in=fresh).values_list("merged_into_id", flat=True))
    keys = Identity.objects.filter(customer_id__in=fresh).values_list("customer_id", "import_run_id")
    busy |= {pk for pk, run in keys if run != fresh[pk]}
    free = sorted(fresh.keys() - busy)
    Customer.objects.filter(pk__in=free).delete()
    return len(free)


@transaction.atomic
def forget_run(run_id: int) -> None:
    """Take back keys that the run gave to customers who were there before, and doubts it raised."""
    lent = Identity.objects.filter(import_run_id=run_id).exclude(customer__import_run_id=run_id)
    queue_terms(set(lent.values_list("customer_id", flat=True)))
    lent.delete()
    IdentityConflict.objects.filter(origin=f"import:{run_id}", is_open=True).delete()
