"""The search box of the header: results as one types, the list of everybody found on Enter."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from shuke.customers.queries import search_customers, tags_found
from shuke.desk.forms import LONGEST_TEXT, STAGE_WORDS
from shuke.desk.queries.search import hits_for
from shuke.team.gate import needs

SHOWN = 8


@require_GET
@needs("customers.view")
def search(request: HttpRequest) -> HttpResponse:
    """Results under the box over htmx. Enter without a choice opens the only exact hit, or the list of all found."""
    text = request.GET.get("q", "").strip()[:LONGEST_TEXT]
    if request.headers.get("HX-Request") == "true":
        context = {
            "text": text,
            "hits": hits_for(request.user, text, SHOWN) if text else [],
            "tags": tags_found(request.user, text) if text else [],
            "stages": STAGE_WORDS,
            "is_full": SHOWN,
        }
        return render(request, "desk/_found.html", context)
    found = search_customers(request.user, text, 2) if text else []
    if len(found) == 1 or (found and found[0].is_exact and not found[-1].is_exact):
        return redirect("desk:customer", pk=found[0].id)
    return redirect(f"{reverse('desk:customer_list')}?{urlencode({'q': text})}")
