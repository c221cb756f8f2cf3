"""公海: who is in it, claiming, giving, locking."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shuke.assignment import services
from shuke.assignment.models import PoolEntry, PoolLock
from shuke.assignment.queries.pool import claims_left, pool_state, stored_pool_policy, visible_entries
from shuke.assignment.queries.workload import workloads
from shuke.assignment.views.typed import number_of
from shuke.assignment.wording import why_words
from shuke.customers import rules as customer_rules
from shuke.customers.queries import contacts_for, display_name, visible_customers
from shuke.kernel.keyset import BadCursor, keyset_page
from shuke.team.gate import actor_of, needs
from shuke.team.queries import store_names
from shuke.ui.toasts import flash
from shuke.value.queries import values_for

CLAIM, GIVE = "assignment.claim", "assignment.hand_over"
PAGE = 40


@require_GET
@needs(CLAIM)
def pool(request: HttpRequest) -> HttpResponse:
    """Who is in the pool of one's stores, the dearest first."""
    actor, policy = actor_of(request), stored_pool_policy()
    rows = visible_entries(actor).select_related("customer", "previous")
    try:
        page = keyset_page(
            rows,
            order="-worth_fen",
            key="id",
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
            size=PAGE,
        )
    except BadCursor:
        return redirect("assignment:pool")
    may_give = actor.may(GIVE)
    context = {
        "lines": _lines(request, page.rows, hides=policy.masks_contacts and not may_give),
        "policy": policy,
        "left": claims_left(actor),
        "people": workloads(actor) if may_give else [],
        "may_give": may_give,
        "may_configure": actor.may("assignment.configure"),
        "next": f"?{urlencode({'after': page.next_cursor})}" if page.next_cursor else "",
        "previous": f"?{urlencode({'before': page.previous_cursor})}" if page.previous_cursor else "",
    }
    return render(request, "assignment/pool.html", context)


def _lines(request: HttpRequest, rows: Iterable[PoolEntry], *, hides: bool) -> list[dict[str, Any]]:
    actor, found = actor_of(request), list(rows)
    ids = [row.customer_id for row in found]
    seen = set(visible_customers(actor).filter(pk__in=ids).values_list("pk", flat=True))
    values, stores = values_for(ids), store_names()
    return [
        {
            "entry": row,
            "name": display_name(row.customer),
            "phone": customer_rules.mask_phone(row.customer.phone)
            if hides
            else contacts_for(actor, row.customer).phone,
            "is_seen": row.customer_id in seen,
            "value": values.get(row.customer_id),
            "store": stores.get(row.store_id or 0, ""),
            "why": why_words(row.why),
        }
        for row in found
    ]


@require_GET
@needs("customers.view")
def standing(request: HttpRequest, pk: int) -> HttpResponse:
    """On the page of who looks after a customer: the pool, the lock, and the way to a handover."""
    customer = visible_customers(actor_of(request)).filter(pk=pk).first()
    if customer is None:
        raise Http404
    context = {
        "pk": pk,
        "state": pool_state(pk),
        "is_on": stored_pool_policy().is_on,
        "may_give": actor_of(request).may(GIVE),
    }
    return render(request, "assignment/_standing.html", context)


@require_POST
@needs(CLAIM)
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """认领."""
    try:
        entry = services.claim(actor=actor_of(request), entry_id=pk)
    except services.NotClaimable as error:
        flash(request, str(error), level="warn")
        return redirect("assignment:pool")
    flash(request, _("认领到了，现在归您照看。"), undo_url=reverse("assignment:unclaim", args=[pk]))
    return redirect("desk:customer", entry.customer_id)


@require_POST
@needs(CLAIM)
def unclaim(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own claim back."""
    try:
        services.unclaim(actor=actor_of(request), entry_id=pk)
        flash(request, _("放回公海了。"))
    except services.NotClaimable as error:
        flash(request, str(error), level="warn")
    return redirect("assignment:pool")


@require_POST
@needs(GIVE)
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """分配给一位同事."""
    try:
        services.give_from_pool(
            actor=actor_of(request), entry_id=pk, staff_id=number_of(request.POST.get("staff", ""))
        )
        flash(request, _("分配好了。"))
    except services.NotClaimable as error:
        flash(request, str(error), level="warn")
    return redirect("assignment:pool")


@require_POST
@needs(GIVE)
def lock(request: HttpRequest, pk: int) -> HttpResponse:
    """不回公海, or the rules hold again."""
    is_locked = PoolLock.objects.filter(customer_id=pk).exists()
    try:
        if is_locked:
            services.unlock_customer(actor=actor_of(request), customer_id=pk)
        else:
            services.lock_customer(
                actor=actor_of(request), customer_id=pk, reason=request.POST.get("reason", "")
            )
    except ObjectDoesNotExist as error:
        raise Http404 from error
    words = _("公海规则又适用了。") if is_locked else _("锁定了，不会回公海。")
    flash(request, words, undo_url=reverse("assignment:lock", args=[pk]))
    return redirect("desk:customer", pk)
