"""Scores of profiles, for one customer or for a million by the same statement.

What is known about each field (is it there, when did somebody last have a word about it, did something speak against it) is
read from the record, its history, contact points, identities, touches and checks; nothing of it is stored twice. What a field
earns comes from `rules.quality` as a table by months, so that the statement only looks up and adds.
"""

from collections.abc import Iterable

from django.db import connection, transaction

from shuke.customers import ports
from shuke.customers.events import ProfileQualityChanged, ProfileQualityRebuilt
from shuke.customers.models import ProfileQuality
from shuke.customers.queries.quality import quality_scheme
from shuke.customers.queries.quality_facts import facts_given, facts_select
from shuke.customers.rules import quality as rules
from shuke.customers.services.quality.figures import rebuild_figures
from shuke.kernel import clock
from shuke.kernel.outbox import publish

COLUMNS = ("customer_id", "score", "filled", "stale", "doubtful", "urgency")
LOCK = 7_301_011


@transaction.atomic
def refresh_quality(customer_ids: Iterable[int]) -> list[int]:
    """Score these customers anew, and tell the house whose score changed. Returns those."""
    ids = sorted(set(customer_ids))
    changed = _write(ids)
    ProfileQuality.objects.filter(pk__in=ids).exclude(pk__in=_living(ids)).delete()
    if changed:
        publish(ProfileQualityChanged(customer_ids=changed))
    return changed


def rebuild_quality() -> int:
    """Score everybody anew, and add the figures of the stores up; returns how many scores changed."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute("set local work_mem = '128MB'")
        changed = _write(None)
        with connection.cursor() as cursor:
            cursor.execute(_FORGET)
        rebuild_figures()
        publish(ProfileQualityRebuilt())
    _analyze()
    return len(changed)


def _living(ids: list[int]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from customers_customer where id = any(%s) and merged_into_id is null "
            "and deleted_at is null",
            [ids],
        )
        return {row[0] for row in cursor.fetchall()}


_FORGET = """
delete from customers_profilequality q where not exists (select 1 from customers_customer c
  where c.id = q.customer_id and c.merged_into_id is null and c.deleted_at is null)
"""


def _write(ids: list[int] | None) -> list[int]:
    """Write what changed; returns whose row is new or other than before."""
    scheme = quality_scheme()
    given = {**facts_given(), "now": clock.now(), "ids": ids, **_credits(scheme)}
    others = [column for column in COLUMNS if column != "customer_id"]
    old = ", ".join(f"customers_profilequality.{column}" for column in others)
    new = ", ".join(f"excluded.{column}" for column in others)
    sets = ", ".join(f"{column} = excluded.{column}" for column in others)
    statement = (
        f"insert into customers_profilequality ({', '.join(COLUMNS)}) {_scored(scheme, of_some=ids is not None)} "
        f"on conflict (customer_id) do update set {sets} where ({old}) is distinct from ({new}) returning customer_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return [row[0] for row in cursor.fetchall()]


def _credits(scheme: rules.Scheme) -> dict[str, list[int]]:
    """What each field earns by months, ready weighted, for persons and companies."""
    months = range(rules.MOST_MONTHS + 1)
    return {
        f"{kind}_{code}": [
            scheme.weight(kind, code) * rules.credit(month, scheme.half_life_days(code)) for month in months
        ]
        for kind in rules.KINDS
        for code in rules.CODES
    }


def _scored(scheme: rules.Scheme, *, of_some: bool) -> str:
    """The select of scores: facts, then states, then what they earn."""
    worth = ports.worth_select() or "select 0 as customer_id, 0 as worth_fen where false"
    points = {kind: " + ".join(_earned(kind, code, scheme) for code in rules.CODES) for kind in rules.KINDS}
    score = {
        kind: f"(2 * ({points[kind]}) + {10 * whole}) / {20 * whole}" if whole else "100"
        for kind in rules.KINDS
        for whole in (scheme.whole(kind),)
    }
    return f"""
with scored as (
  select s.id, case when s.is_company then {score[rules.COMPANY]} else {score[rules.PERSON]} end as score,
    {_mask("{0}_filled")} as filled, {_mask(_STALE, scheme)} as stale,
    {_mask("({0}_filled and {0}_doubtful)")} as doubtful, s.is_reachable
  from ({_states(of_some=of_some)}) s
)
select q.id, q.score::smallint, q.filled::smallint, q.stale::smallint, q.doubtful::smallint,
  case when q.is_reachable and q.stale + q.doubtful > 0 then least(
    (greatest(coalesce(w.worth_fen, 0), 0) / 100 + {rules.LEAST_WORTH_YUAN}) * (100 - q.score) / 100,
    {rules.MOST_URGENT}) else 0 end::int
from scored q left join ({worth}) w on w.customer_id = q.id"""


_STALE = "({0}_filled and not {0}_doubtful and {1} > 0 and {0}_months * {2} > {1})"


def _earned(kind: str, code: str, scheme: rules.Scheme) -> str:
    weight = scheme.weight(kind, code)
    if not weight:
        return "0"
    return (
        f"(case when not s.{code}_filled then 0 when s.{code}_doubtful then {weight * rules.DOUBTED} "
        f"else (%({kind}_{code})s::int[])[s.{code}_months + 1] end)"
    )


def _mask(condition: str, scheme: rules.Scheme | None = None) -> str:
    def bit(place: int, code: str) -> str:
        days = scheme.half_life_days(code) if scheme else 0
        return f"{condition.format(f's.{code}', days, rules.MONTH_DAYS)}::int * {1 << place}"

    return "(" + " + ".join(bit(place, code) for place, code in enumerate(rules.CODES)) + ")"


def _states(*, of_some: bool) -> str:
    """Facts as months and doubts; nothing is unknown."""
    columns = ", ".join(
        f"{code}_filled, coalesce({code}_lost > {code}_at, false) as {code}_doubtful, "
        f"least({rules.MOST_MONTHS}, greatest(0, floor(extract(epoch from %(now)s - {code}_at) "
        f"/ {86_400 * rules.MONTH_DAYS})))::int as {code}_months"
        for code in rules.CODES
    )
    return f"select id, is_company, is_reachable, {columns} from ({facts_select(of_some=of_some)}) f"


def _analyze() -> None:
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze) customers_profilequality")
