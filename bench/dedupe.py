"""`bin/bench dedupe [--customers N]`: how good the suggestions to merge are on a shop whose doubles are known, and how fast.

A double is one person in two records with slips of the pen; families share phones and addresses, namesakes a city.
"""

import os
import resource
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench._doubles import Person, World, world
from bench.report import Report

CHECKOUT = Path(__file__).resolve().parent.parent
SEED = 20261123
COLUMNS = (
    "id", "kind", "name", "phone", "email", "city", "address", "birthday_calendar", "birthday_month",
    "birthday_day", "birth_year", "gender",
)  # fmt: skip


def main(argv: Sequence[str]) -> int:
    """Make the shop, look it through, count."""
    from shuke.kernel.postgres import EmbeddedPostgres

    count = int(argv[argv.index("--customers") + 1]) if "--customers" in argv else 100_000
    folder = CHECKOUT / ".cache" / "bench-dedupe"
    with EmbeddedPostgres(folder, for_tests=True) as postgres:
        os.environ.update(
            SHUKE_DATA=str(folder), DATABASE_URL=postgres.url, DJANGO_SETTINGS_MODULE="shuke.config.settings"
        )
        import django

        django.setup()
        return _run(count, list(argv))


def _run(count: int, argv: list[str]) -> int:
    from django.db import connection

    from shuke.customers.models import DuplicatePair, DuplicateScan
    from shuke.customers.services.scanning import run_scan

    made = world(count, SEED)
    _fill(made)
    scan = DuplicateScan.objects.create()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    run_scan(scan.pk)
    seconds = time.perf_counter() - began
    scan.refresh_from_db()
    report = Report(f"查重 · {len(made.people):,} 位客户，{len(made.doubles):,} 对真重复")
    found = {(pair.first_id, pair.second_id): pair.is_sure for pair in DuplicatePair.objects.iterator()}
    connection.close()
    _quality(report, made, found)
    report.note("candidate pairs compared", scan.compared)
    report.note("customers a second", round(len(made.people) / seconds), "/s")
    report.at_most("seconds for a million at this speed", seconds / len(made.people) * 1_000_000, 900, "s")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    report.at_most("memory the search adds", grown, 900, "MB")
    if "--misses" in argv:
        _print_misses(made, found)
    return report.finish(argv)


def _quality(report: Report, made: World, found: dict[tuple[int, int], bool]) -> None:
    sure = {pair for pair, is_sure in found.items() if is_sure}
    right = sure & made.doubles
    report.at_least("precision of suggestions", len(right) / max(len(sure), 1), 0.99)
    report.at_least("recall of suggestions", len(right) / len(made.doubles), 0.90)
    report.note("recall of the whole queue", len(found.keys() & made.doubles) / len(made.doubles))
    report.note("pairs in the queue for each double", len(found) / len(made.doubles))


def _print_misses(made: World, found: dict[tuple[int, int], bool]) -> None:
    sure = {pair for pair, is_sure in found.items() if is_sure}
    for title, pairs in (("wrong", sure - made.doubles), ("missed", made.doubles - sure)):
        for one, other in sorted(pairs)[:15]:
            print(
                title, made.people[one - 1], made.people[other - 1], found.get((one, other)), file=sys.stderr
            )


def _fill(made: World) -> None:
    from django.core.management import call_command
    from django.db import connection, transaction

    from shuke.kernel.bulk import copy_rows

    with connection.cursor() as cursor:
        cursor.execute("drop schema public cascade")
        cursor.execute("create schema public")
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        copy_rows("customers_customer", COLUMNS, map(_row, range(1, len(made.people) + 1), made.people))
        copy_rows("customers_identity", ("namespace", "value", "customer_id"), _identities(made.people))
        points = ("customer_id", "kind", "value", "label", "source", "verified_by", "is_shared")
        copy_rows("customers_contactpoint", points, _shared(made.people))
    with connection.cursor() as cursor:
        cursor.execute("analyze")


def _row(pk: int, one: Person) -> tuple[object, ...]:
    month, day = one.birthday or (None, None)
    phone = "" if one.is_phone_shared else one.phone
    calendar = "solar" if one.birthday else ""
    place = (one.city, one.address, calendar, month, day, one.birth_year, one.gender)
    return (pk, "person", one.name, phone, one.email, *place)


def _identities(people: Iterable[Person]) -> Iterable[tuple[object, ...]]:
    """A number belongs to whoever had it first."""
    taken: set[str] = set()
    for pk, one in enumerate(people, 1):
        phone = "" if one.is_phone_shared or not one.phone else f"+86{one.phone}"
        for space, value in (("phone", phone), ("email", one.email)):
            if value and value not in taken:
                taken.add(value)
                yield (space, value, pk)


def _shared(people: Iterable[Person]) -> Iterable[tuple[object, ...]]:
    for pk, one in enumerate(people, 1):
        if one.is_phone_shared and one.phone:
            yield (pk, "phone", f"+86{one.phone}", "家里", "", "", True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
