"""The profiles of each store added up, so that the page about them is read and not counted."""

from django.db import connection

from shuke.customers.rules import quality as rules
from shuke.kernel import clock


def rebuild_figures() -> None:
    """Add everybody's scores up anew, by store and kind; in the caller's transaction."""
    columns = ", ".join(_counts(name) for name in ("filled", "stale", "doubtful"))
    with connection.cursor() as cursor:
        cursor.execute("delete from customers_qualityfigure")
        cursor.execute(
            f"""
insert into customers_qualityfigure (store_id, kind, customers, score_sum, bands, filled, stale, doubtful, as_of)
select coalesce(c.store_id, 0), c.kind, count(*), sum(q.score), {_bands()}, {columns}, %s
from customers_profilequality q join customers_customer c on c.id = q.customer_id
group by 1, 2""",
            [clock.now()],
        )


def _counts(mask: str) -> str:
    each = ", ".join(
        f"count(*) filter (where q.{mask} & {1 << place} <> 0)" for place in range(len(rules.CODES))
    )
    return f"array[{each}]::int[]"


def _bands() -> str:
    each = ", ".join(f"count(*) filter (where least(q.score / 20, 4) = {fifth})" for fifth in range(5))
    return f"array[{each}]::int[]"
