"""Looking through all customers for records that may be one person.

Two passes in bounded memory: the first reads everybody once and keeps, per customer, the hashes of a few keys (numpy, some
hundred bytes); records that share a key are candidates. The second reads the candidates in slices, weighs them by
`rules.duplicates` and writes what is worth a look. What somebody has decided stays decided.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from typing import Any

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from shuke.customers import rules
from shuke.customers.models import DuplicatePair, DuplicateScan
from shuke.customers.rules import duplicates
from shuke.customers.rules.duplicates import Record
from shuke.kernel import clock
from shuke.kernel.jobs import enqueue_named
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require
from shuke.zh.terms import home_digits

PEOPLE_AT_ONCE, PAIRS_AT_ONCE = 20_000, 20_000
CROWD = 24  # a key shared by more says nothing: a switchboard, a pick-up point
READ_SHARE = 60  # of the progress bar
SCAN_LOCK = 7_301_021
Ints = NDArray[np.int64]

_PEOPLE = """
select c.id, c.name, c.phone, c.email, c.wechat, c.city, c.address, c.birthday_calendar, c.birthday_month, c.birthday_day,
  c.birth_year, c.gender, i.found, p.found
from customers_customer c
left join lateral (select array_agg(namespace || ' ' || value || case when verified_by = '' then '' else ' !' end) found
  from customers_identity where customer_id = c.id and namespace in ('phone', 'email', 'wechat', 'member')) i on true
left join lateral (select array_agg(kind || ' ' || value || case when is_shared then ' !' else '' end) found
  from customers_contactpoint where customer_id = c.id and removed_at is null) p on true
where c.merged_into_id is null and c.deleted_at is null and {condition}
"""


@transaction.atomic
def start_scan(*, actor: Actor) -> DuplicateScan:
    """Have all customers looked through in the background; while one search runs, that one is returned."""
    require(actor, "customers.merge")
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [SCAN_LOCK])
    running = DuplicateScan.objects.filter(state=DuplicateScan.State.RUNNING).order_by("-pk").first()
    if running is not None:
        return running
    scan = DuplicateScan.objects.create(actor_id=actor.id)
    record_audit(actor, "duplicates_searched", scan)
    enqueue_named("customers.scan_duplicates", scan_id=scan.pk)
    return scan


def run_scan(scan_id: int) -> None:
    """Do a search from its beginning; safe to repeat. A failure is written down with its reason."""
    scan = DuplicateScan.objects.get(pk=scan_id)
    if scan.state != DuplicateScan.State.RUNNING:
        return
    try:
        candidates = _candidates(scan)
        _weigh(scan, candidates)
    except Exception as error:
        _say(scan, state=DuplicateScan.State.FAILED, problem=f"{type(error).__name__}: {error}"[:500])
        raise
    _forget_faded(scan)
    _say(scan, state=DuplicateScan.State.DONE, progress=100, finished_at=clock.now())


def _say(scan: DuplicateScan, **changes: object) -> None:
    DuplicateScan.objects.filter(pk=scan.pk).update(**changes)
    for name, value in changes.items():
        setattr(scan, name, value)


@dataclass
class _Keys:
    """Hashed keys and whose they are, as they are read; the sound of each name for how common it is."""

    keys: list[Ints] = field(default_factory=list)
    owners: list[Ints] = field(default_factory=list)
    names: list[Ints] = field(default_factory=list)

    def add(self, people: dict[int, Record]) -> None:
        pairs = [(_hash(key), pk) for pk, one in people.items() for key in set(duplicates.block_keys(one))]
        table = np.array(pairs, np.int64).reshape(-1, 2)
        self.keys.append(table[:, 0].copy())
        self.owners.append(table[:, 1].copy())
        self.names.append(np.array([_hash(duplicates.name_key(one)) for one in people.values()], np.int64))


@dataclass(frozen=True)
class _Candidates:
    """Pairs of ids, the older first, and how many customers carry a name of each sound."""

    pairs: Ints
    sounds: dict[int, int]
    people: int

    def rarity(self, record: Record) -> float:
        carriers = self.sounds.get(_hash(duplicates.name_key(record)), 1)
        return float(np.log10(max(self.people, 10_000) / carriers))


def _candidates(scan: DuplicateScan) -> _Candidates:
    found, people = _Keys(), 0
    total = _estimate()
    for chunk in everybody():
        found.add(chunk)
        people += len(chunk)
        _say(scan, customers=people, progress=min(READ_SHARE * people // max(total, 1), READ_SHARE))
    if not people:
        return _Candidates(np.zeros((0, 2), np.int64), {}, 0)
    sounds, counts = np.unique(np.concatenate(found.names), return_counts=True)
    often = counts > 1
    common = dict(zip(sounds[often].tolist(), counts[often].tolist(), strict=True))
    return _Candidates(meeting(np.concatenate(found.keys), np.concatenate(found.owners)), common, people)


def meeting(keys: Ints, owners: Ints) -> Ints:
    """Pairs of owners who share a key, each once, lower id first; keys of crowds are passed over."""
    order = np.lexsort((owners, keys))
    keys, owners = keys[order], owners[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    sizes = np.diff(np.append(starts, keys.size))
    is_useful = np.repeat((sizes > 1) & (sizes <= CROWD), sizes)
    keys, owners = keys[is_useful], owners[is_useful]
    found = []
    for step in range(1, CROWD):
        same = np.flatnonzero(keys[step:] == keys[:-step]) if keys.size > step else np.zeros(0, np.int64)
        if not same.size:
            break
        found.append(np.unique((owners[same] << 32) | owners[same + step]))
    joined = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
    pairs = np.stack((joined >> 32, joined & 0xFFFFFFFF), axis=1)
    return pairs[pairs[:, 0] != pairs[:, 1]]


def _weigh(scan: DuplicateScan, candidates: _Candidates) -> None:
    pairs = candidates.pairs
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        part = pairs[start : start + PAIRS_AT_ONCE]
        people = records_of(np.unique(part).tolist())
        rows = [
            DuplicatePair(
                first_id=one,
                second_id=other,
                score=verdict.score,
                is_sure=verdict.is_sure,
                reasons=list(verdict.reasons),
                scan_id=scan.pk,
            )
            for one, other in part.tolist()
            if one in people and other in people
            for verdict in [
                duplicates.compare(people[one], people[other], rarity=candidates.rarity(people[one]))
            ]
            if verdict.score >= duplicates.SHOWN_FROM
        ]
        write_pairs(rows)
        done = start + len(part)
        _say(
            scan,
            compared=done,
            found=scan.found + len(rows),
            sure=scan.sure + sum(row.is_sure for row in rows),
            progress=READ_SHARE + (99 - READ_SHARE) * done // len(pairs),
        )


def write_pairs(rows: Sequence[DuplicatePair]) -> None:
    """Write suggestions; those there already get the new score and keep what somebody decided."""
    DuplicatePair.objects.bulk_create(
        rows,
        batch_size=2_000,
        update_conflicts=True,
        unique_fields=["first", "second"],
        update_fields=["score", "is_sure", "reasons", "scan_id"],
    )


def _forget_faded(scan: DuplicateScan) -> None:
    """Open suggestions that nothing speaks for any more, since somebody mended the records, go."""
    faded = DuplicatePair.objects.filter(state=DuplicatePair.State.OPEN).exclude(scan_id=scan.pk)
    faded.exclude(scan_id=None).delete()


def _estimate() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select reltuples::bigint from pg_class where oid = 'customers_customer'::regclass")
        guess = int(cursor.fetchone()[0])
        if guess < PEOPLE_AT_ONCE:
            cursor.execute("select count(*) from customers_customer")
            guess = int(cursor.fetchone()[0])
    return guess


def everybody() -> Iterator[dict[int, Record]]:
    """All living customers in slices by id."""
    after = 0
    while people := _read("c.id > %s order by c.id limit %s", [after, PEOPLE_AT_ONCE]):
        after = max(people)
        yield people


def records_of(ids: Sequence[int]) -> dict[int, Record]:
    """What tells these customers apart."""
    found: dict[int, Record] = {}
    remaining = iter(ids)
    while part := list(islice(remaining, PEOPLE_AT_ONCE)):
        found |= _read("c.id = any(%s)", [part])
    return found


def _read(condition: str, given: list[Any]) -> dict[int, Record]:
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE.format(condition=condition), given)
        return {row[0]: _record(row) for row in cursor.fetchall()}


def _record(row: tuple[Any, ...]) -> Record:
    _id, name, phone, email, wechat, city, address, calendar, month, day, year, gender, keys, points = row
    phones, emails = {home_digits(phone)}, {email}
    shared: set[str] = set()
    wechats, members = {wechat}, set[str]()
    for text in [*(keys or []), *(points or [])]:
        kind, value, *mark = text.split(" ")
        if kind == rules.PHONE:
            (shared if mark and text in (points or []) else phones).add(home_digits(value))
        elif kind == rules.EMAIL:
            emails.add(value)
        elif kind == rules.WECHAT:
            wechats.add(value)
        elif mark:
            members.add(value)
    return Record(
        name=name,
        phones=_told(phones - shared),
        shared_phones=_told(shared),
        emails=_told(emails),
        wechat=max(wechats),
        city=city,
        address=address,
        birthday=(calendar, month, day) if month and day else None,
        birth_year=year,
        gender=gender,
        members=_told(members),
    )


def _told(values: set[str]) -> tuple[str, ...]:
    return tuple(sorted(value for value in values if value))


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little", signed=True)
