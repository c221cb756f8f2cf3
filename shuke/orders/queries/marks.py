"""Who bought what, where and how often: conditions for lists of customers, answered by one index (docs/adr/0014)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from shuke.orders.models import CustomerMark, Mark, Product

MOST_OFFERED = 300
FEW = 2_000
PRODUCT, CATEGORY, CHANNEL, STORE, RETURN = (kind.value for kind in Mark.Kind)


@dataclass(frozen=True)
class Bought:
    """Purchases that bore one of these marks: at least so many days on which they did, the last since then.

    No marks: nobody's purchases.
    """

    mark_ids: Sequence[int]
    least_days: int = 1
    since: date | None = None


def marks_of(kind: str, keys: Sequence[str]) -> list[int]:
    """The marks of these keys: names, or numbers of stores."""
    return list(Mark.objects.filter(kind=kind, key__in=list(keys)).values_list("pk", flat=True))


def marks_of_products(words: Sequence[str], *, is_part: bool = False) -> list[int]:
    """The marks of products by name or SKU, or by a part of the name; of those that were ever sold."""
    wanted = Q(name__in=list(words)) | Q(sku__in=list(words))
    if is_part:
        wanted = Q(pk__in=())
        for word in words:
            wanted |= Q(name__icontains=word)
    keys = [str(pk) for pk in Product.objects.filter(wanted).values_list("pk", flat=True)[:MOST_OFFERED]]
    return marks_of(PRODUCT, keys)


def who_bought(bought: Bought) -> Q:
    """The condition on any row with a `customer_id`; turned round with `~` it finds those who did not.

    Few are named one by one: a list then begins with them instead of walking past everybody else. Nobody can tell from
    statistics how few bought something often and lately.
    """
    rows = CustomerMark.objects.filter(mark_id__in=list(bought.mark_ids))
    if bought.least_days > 1:
        rows = rows.filter(days__gte=bought.least_days)
    if bought.since:
        rows = rows.filter(last_on__gte=bought.since)
    few = list(rows.values_list("customer_id", flat=True)[: FEW + 1])
    if len(few) <= FEW:
        return Q(customer_id__in=few)
    return Q(Exists(rows.filter(customer_id=OuterRef("customer_id"))))


def known_marks(kind: str) -> list[str]:
    """The keys of a kind there are, to choose from."""
    return list(Mark.objects.filter(kind=kind).order_by("key").values_list("key", flat=True)[:MOST_OFFERED])


def product_names(beginning: str = "") -> list[str]:
    """Names of products, to help typing."""
    rows = Product.objects.filter(name__icontains=beginning) if beginning else Product.objects.all()
    return list(rows.order_by("-is_active", "name").values_list("name", flat=True).distinct()[:MOST_OFFERED])
