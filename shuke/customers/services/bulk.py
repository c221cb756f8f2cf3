"""Finding or making customers by the hundred thousand, for imports: the rules of `identify_customer`, batch by batch.

A finder remembers the keys of its run, so that each key is looked up once; new customers and identities go in by COPY.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.db import connection, transaction

from shuke.customers import rules
from shuke.customers.models import Customer, CustomerTag, FollowUp, Identity, IdentityConflict, Interaction
from shuke.customers.services.identity import open_conflict
from shuke.kernel.bulk import copy_csv, csv_chunks, take_ids
from shuke.zh import pinyin

KEYS = ("member", "phone", "email", "unionid", "wechat", "external")  # most trusted first
FACTS = ("name", "province", "city", "district", "address", "note", "channel", "store_id")
VERIFIED_BY = "import"
MOST_REMEMBERED = 600_000
_SEPARATOR = "\x1f"
_MOBILE = r"^1[3-9]\d{9}$"
_HIDDEN = re.compile(r"[*×xX＊•]{2,}")
_RELAYED = re.compile(r"^\D*\d{8,}\s*(?:-|转|,|#|ext\.?)\s*\d{1,6}$", re.I)

Pair = tuple[str, str]


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


@dataclass
class _Fresh:
    """What a batch adds."""

    customers: list[tuple[Any, ...]] = field(default_factory=list)
    identities: list[tuple[str, str, int, str]] = field(default_factory=list)
    rivals: list[tuple[int, int, list[Pair]]] = field(default_factory=list)


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
    """Finds or makes the customers of one run's rows. Call `forget` after a rollback."""

    def __init__(self, *, run_id: int, origin: str, source: str) -> None:
        self.run_id = run_id
        self.origin = origin
        self.namespaces = (*KEYS[:-1], f"external:{source}"[:60])
        self._of_keys: dict[str, int] = {}
        self._of_combination: dict[str, int] = {}

    def forget(self) -> None:
        """Drop all that was remembered: the transaction it came from is gone."""
        self._of_keys.clear()
        self._of_combination.clear()

    def find(self, rows: pl.DataFrame) -> Found:
        """The customer of each row, in order (null without any key). `rows` has KEYS (normalised) and FACTS."""
        if len(self._of_keys) > MOST_REMEMBERED:
            self.forget()
        combination = rows.select(
            pl.concat_str([pl.col(key).fill_null("") for key in KEYS], separator=_SEPARATOR)
        ).to_series()
        known = self._of_combination
        texts = combination.to_list()
        ids = [known.get(text) for text in texts]
        result = Found(combination)
        unknown = [i for i, (text, found) in enumerate(zip(texts, ids, strict=True)) if found is None]
        if unknown:
            self._find_new(rows[unknown], [texts[i] for i in unknown], result)
            ids = [known[text] if text in known else None for text in texts]
        nobody = _SEPARATOR * (len(KEYS) - 1)
        result.customer_ids = pl.Series(
            "customer_id", [None if text == nobody else found for text, found in zip(texts, ids, strict=True)],
            dtype=pl.Int64,
        )
        return result

    def _find_new(self, rows: pl.DataFrame, texts: list[str], result: Found) -> None:
        nobody = _SEPARATOR * (len(KEYS) - 1)
        firsts = {text: i for i, text in reversed(list(enumerate(texts))) if text != nobody}
        order = sorted(firsts.values())
        pairs = {i: self._pairs(texts[i]) for i in order}
        self._look_up(pair for found in pairs.values() for pair in found)
        facts = rows.select(FACTS)[order].rows()
        fresh = _Fresh()
        free_ids = iter(take_ids("customers_customer", len(order)))
        proven = self._proven(pairs)
        for i, fact in zip(order, facts, strict=True):
            self._of_combination[texts[i]] = self._decide(pairs[i], fact, fresh, free_ids, proven)
        self._save(fresh, result)

    def _pairs(self, text: str) -> list[Pair]:
        return [
            (space, value)
            for space, value in zip(self.namespaces, text.split(_SEPARATOR), strict=True)
            if value
        ]

    def _look_up(self, pairs: Iterable[Pair]) -> None:
        """Remember who holds these keys; merged records stand for those they live on in."""
        wanted: dict[str, list[str]] = {}
        known = self._of_keys
        for space, value in pairs:
            if f"{space}\0{value}" not in known:
                wanted.setdefault(space, []).append(value)
        with connection.cursor() as cursor:
            for space, values in wanted.items():
                cursor.execute(
                    "select i.value, coalesce(c.merged_into_id, c.id) from customers_identity i"
                    " join customers_customer c on c.id = i.customer_id"
                    " where i.namespace = %s and i.value = any(%s)",
                    [space, list(dict.fromkeys(values))],
                )
                known.update({f"{space}\0{value}": holder for value, holder in cursor.fetchall()})

    def _proven(self, pairs: dict[int, list[Pair]]) -> dict[tuple[int, str], str]:
        """(customer, namespace) → value, of the kinds of which a person has one, for customers met by other keys."""
        known = self._of_keys
        holders = {
            holder
            for found in pairs.values()
            if any(space in rules.ONE_PER_CUSTOMER for space, _value in found)
            for space, value in found
            if (holder := known.get(f"{space}\0{value}")) is not None
        }
        if not holders:
            return {}
        rows = Identity.objects.filter(
            customer_id__in=sorted(holders), namespace__in=rules.ONE_PER_CUSTOMER
        ).exclude(verified_by="")
        return {(owner, space): value for owner, space, value in rows.values_list("customer_id", "namespace", "value")}

    def _decide(
        self, pairs: list[Pair], fact: tuple[Any, ...], fresh: _Fresh, free_ids: Any, proven: dict[Any, str]
    ) -> int:
        known = self._of_keys
        holders = [known.get(f"{space}\0{value}") for space, value in pairs]
        chosen = next((holder for holder in holders if holder is not None), None)
        if chosen is not None and any(
            space in rules.ONE_PER_CUSTOMER and proven.get((chosen, space), value) != value
            for space, value in pairs
        ):
            chosen = None
        free = [pair for pair, holder in zip(pairs, holders, strict=True) if holder is None]
        if chosen is None:
            chosen = next(free_ids)
            fresh.customers.append((chosen, dict(reversed(free)), fact))
        for space, value in free:
            known[f"{space}\0{value}"] = chosen
            fresh.identities.append((space, value, chosen, VERIFIED_BY))
            if space in rules.ONE_PER_CUSTOMER:
                proven[(chosen, space)] = value
        for holder in holders:
            if holder is not None and holder != chosen:
                fresh.rivals.append((chosen, holder, pairs))
        return chosen

    def _save(self, fresh: _Fresh, result: Found) -> None:
        result.created += len(fresh.customers)
        made = {row[0] for row in fresh.customers}
        result.learned += sum(owner not in made for _s, _v, owner, _how in fresh.identities)
        _insert_customers(fresh.customers, self.run_id)
        _insert_identities(fresh.identities, self.run_id)
        for one, other, pairs in {tuple(sorted(rival[:2])): rival for rival in fresh.rivals}.values():
            result.conflicts += 1
            open_conflict(one, other, origin=self.origin, pairs=pairs)


def _insert_customers(customers: Sequence[tuple[int, dict[str, str], tuple[Any, ...]]], run_id: int) -> None:
    if not customers:
        return
    columns = (
        "id", "kind", "name", "name_key", "phone", "email", "wechat", "member_number", "province", "city",
        "district", "address", "note", "first_channel", "store_id", "import_run_id",
    )  # fmt: skip
    kind = Customer.Kind.PERSON.value
    rows = []
    for pk, keys, (name, province, city, district, address, note, channel, store_id) in customers:
        phone = rules.shown_phone(keys.get(rules.PHONE, ""))
        external = next((value for space, value in keys.items() if space.startswith("external:")), "")
        shown = (rules.clean_line(name) if name else "") or external
        shown = shown[: rules.NAME_LENGTH]
        rows.append((
            pk, kind, shown, pinyin.sort_key(shown, phone), phone, keys.get(rules.EMAIL, ""),
            keys.get(rules.WECHAT, "")[:60], keys.get(rules.MEMBER, "")[:40], province or "", city or "",
            district or "", address or "", note or "", (channel or "")[:40], store_id, run_id,
        ))  # fmt: skip
    schema = {c: pl.Int64 if c in {"id", "store_id", "import_run_id"} else pl.String for c in columns}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    copy_csv("customers_customer", columns, csv_chunks(frame))


def _insert_identities(identities: Sequence[tuple[str, str, int, str]], run_id: int) -> None:
    if not identities:
        return
    columns = ("namespace", "value", "customer_id", "verified_by")
    frame = pl.DataFrame(
        identities,
        schema={"namespace": pl.String, "value": pl.String, "customer_id": pl.Int64, "verified_by": pl.String},
        orient="row",
    ).with_columns(pl.lit(run_id).alias("import_run_id"))
    copy_csv("customers_identity", (*columns, "import_run_id"), csv_chunks(frame))


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
    Identity.objects.filter(import_run_id=run_id).exclude(customer__import_run_id=run_id).delete()
    IdentityConflict.objects.filter(origin=f"import:{run_id}", is_open=True).delete()
