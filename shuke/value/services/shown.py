"""What became of recommendations: who saw them, who bought within a month, who said that they do not suit."""

from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from shuke.customers.queries import visible_customers
from shuke.kernel import clock
from shuke.orders.queries import selling
from shuke.team.queries import Actor, shop
from shuke.team.services import record_audit, require
from shuke.value.models import Recommendation, RecommendationShown
from shuke.value.services.recommendations import forget_recommendations

COUNTS_FOR_DAYS = 30


class NothingRecommended(ValueError):
    """The product is not, or no more, recommended to this customer."""


@transaction.atomic
def note_shown(*, actor: Actor, customer_id: int, kinds: tuple[int, ...] = ()) -> int:
    """Write down that what is recommended to a customer was seen (of these kinds, if given); once a month for each. How many."""
    require(actor, "value.view")
    visible_customers(actor).only("pk").get(pk=customer_id)
    rows = Recommendation.objects.filter(customer_id=customer_id)
    rows = rows.filter(kind__in=kinds) if kinds else rows
    since = clock.today() - timedelta(days=COUNTS_FOR_DAYS)
    known = RecommendationShown.objects.filter(customer_id=customer_id, shown_on__gt=since)
    seen = set(known.values_list("kind", "product_id"))
    fresh = [
        RecommendationShown(customer_id=customer_id, kind=kind, product_id=product, shown_on=clock.today())
        for kind, product in rows.values_list("kind", "product_id")
        if (kind, product) not in seen
    ]
    RecommendationShown.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def note_mentioned(*, actor: Actor, customer_id: int) -> int:
    """Somebody talked with the customer, who was due for something: 今天 had offered to mention it. How many products."""
    return note_shown(actor=actor, customer_id=customer_id, kinds=(Recommendation.Kind.DUE,))


@transaction.atomic
def find_unsuitable(*, actor: Actor, customer_id: int, product_id: int) -> int:
    """不合适: the product is recommended to this customer no more. Returns the answer's id, to take it back.

    Raises NothingRecommended, DoesNotExist when the customer is out of reach.
    """
    customer = visible_customers(actor).only("pk").get(pk=customer_id)
    require(actor, "customers.follow_up", customer)
    row = (
        Recommendation.objects.filter(customer_id=customer_id, product_id=product_id).order_by("kind").first()
    )
    if row is None:
        raise NothingRecommended(product_id)
    answer, _is_new = RecommendationShown.objects.select_for_update().get_or_create(
        customer_id=customer_id, kind=row.kind, product_id=product_id, shown_on=clock.today()
    )
    answer.unsuitable_at, answer.answered_by_id = clock.now(), actor.id
    answer.save()
    record_audit(actor, "recommendation_unsuitable", customer, after={"product": product_id})
    return int(answer.pk)


@transaction.atomic
def find_suitable_again(*, actor: Actor, answer_id: int) -> None:
    """Take 不合适 back. Raises DoesNotExist."""
    answer = RecommendationShown.objects.select_for_update().get(pk=answer_id, unsuitable_at__isnull=False)
    customer = visible_customers(actor).only("pk").get(pk=answer.customer_id)
    require(actor, "customers.follow_up", customer)
    answer.unsuitable_at = answer.answered_by_id = None
    answer.save()
    record_audit(actor, "recommendation_suitable", customer, after={"product": answer.product_id})


@transaction.atomic
def note_bought(order_id: int) -> None:
    """An order came in: what it holds of what was recommended lately was bought, and is recommended no more. Safe to repeat."""
    basket = selling.basket_of_order(order_id)
    if basket is None:
        return
    _counting(basket.day).filter(customer_id=basket.customer_id, product_id__in=basket.product_ids).update(
        bought_on=basket.day
    )
    forget_recommendations(basket.customer_id, list(basket.product_ids))


def _counting(day: date) -> QuerySet[RecommendationShown]:
    """What was seen in the month before a day and not bought yet."""
    since = day - timedelta(days=COUNTS_FOR_DAYS)
    return RecommendationShown.objects.filter(bought_on=None, shown_on__lte=day, shown_on__gte=since)


def settle_shown() -> int:
    """Look after what imports brought in: whatever was seen and bought within a month. Returns how many; safe to repeat."""
    day = clock.today()
    found = selling.bought_lines(
        currency=shop().currency, since=day - timedelta(days=3 * COUNTS_FOR_DAYS), until=day
    )
    given = found.given | {"counts": COUNTS_FOR_DAYS, "oldest": day - timedelta(days=3 * COUNTS_FOR_DAYS)}
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE.format(bought=found.sql), given)
        return int(cursor.rowcount)


_SETTLE = """
update value_recommendationshown shown set bought_on = first.day from (
  select s.id, min(b.ordered_on) as day
  from value_recommendationshown s join ({bought}) b
    on b.customer_id = s.customer_id and b.product_id = s.product_id
    and b.ordered_on >= s.shown_on and b.ordered_on <= s.shown_on + %(counts)s
  where s.bought_on is null and s.shown_on >= %(oldest)s group by s.id
) first where shown.id = first.id
"""
