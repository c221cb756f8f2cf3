"""What a company and its contacts bought together."""

from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from shuke.customers.queries import people_behind
from shuke.team.gate import needs
from shuke.value.queries import Value, values_for


@dataclass(frozen=True)
class Sums:
    """Figures of several customers as one. `people` counts those who bought."""

    people: int
    purchases: int
    spent_fen: int
    last_on: date | None


@require_GET
@needs("value.view")
def company_sums(request: HttpRequest, pk: int) -> HttpResponse:
    """The sums of a company with its contacts, of those within reach; nothing where nobody bought."""
    ids = people_behind(request.user, pk)  # type: ignore[arg-type]
    if pk not in ids:
        raise Http404
    return render(request, "desk/_company_sums.html", {"sums": _sums(list(values_for(ids).values()))})


def _sums(values: list[Value]) -> Sums:
    buyers = [one for one in values if one.purchases]
    return Sums(
        people=len(buyers),
        purchases=sum(one.purchases for one in buyers),
        spent_fen=sum(one.spent_fen for one in buyers),
        last_on=max((one.last_on for one in buyers if one.last_on), default=None),
    )
