"""请核实: pairs of records that look like one person, for people to decide."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from shuke.customers import services
from shuke.customers.models import IdentityConflict
from shuke.customers.queries import contacts_for, display_name, open_conflicts, tags_of
from shuke.customers.views.gate import actor_of, go, is_htmx, needs
from shuke.customers.views.merging import check_tabs
from shuke.kernel.keyset import BadCursor, keyset_page
from shuke.ui.toasts import flash, toast

PAGE_SIZE = 20
NAMESPACES = {
    "member": gettext_lazy("会员号"),
    "phone": gettext_lazy("手机号"),
    "email": gettext_lazy("邮箱"),
    "unionid": gettext_lazy("微信"),
    "wechat": gettext_lazy("微信号"),
}


@require_GET
@needs("customers.edit")
def conflicts(request: HttpRequest) -> HttpResponse:
    """The queue, the oldest first."""
    try:
        page = keyset_page(
            open_conflicts(actor_of(request)), order="id", after=request.GET.get("after", ""), size=PAGE_SIZE
        )
    except BadCursor:
        return go(request, reverse("customers:conflicts"))
    ids = [pk for pair in page.rows for pk in (pair.first_id, pair.second_id)]
    tags = tags_of(ids)
    pairs = [_shown(request, pair, tags) for pair in page.rows]
    return render(
        request,
        "customers/conflicts.html",
        {"tab": "conflicts", "pairs": pairs, "page": page, **check_tabs(request)},
    )


def _shown(request: HttpRequest, pair: IdentityConflict, tags: dict[int, list[str]]) -> dict[str, object]:
    sides = [
        {
            "customer": customer,
            "name": display_name(customer),
            "contacts": contacts_for(actor_of(request), customer),
            "tags": tags.get(customer.pk, []),
        }
        for customer in (pair.first, pair.second)
    ]
    named = [NAMESPACES.get(space, space) for space, _value in pair.evidence.get("keys", [])]
    return {"pair": pair, "sides": sides, "named": list(dict.fromkeys(named))}


@require_POST
@needs("customers.edit")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Not the same person, or later."""
    get_object_or_404(open_conflicts(actor_of(request)), pk=pk)
    decision = "later" if request.POST.get("decision") == "later" else "different"
    services.decide_conflict(actor=actor_of(request), conflict_id=pk, decision=decision)
    words = _("一周后再提醒。") if decision == "later" else _("记下了：不是同一人。")
    undo = reverse("customers:reopen_conflict", args=[pk])
    if is_htmx(request):
        return toast(HttpResponse(""), words, undo_url=undo)
    flash(request, words, undo_url=undo)
    return go(request, reverse("customers:conflicts"))


@require_POST
@needs("customers.edit")
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision back."""
    services.reopen_conflict(actor=actor_of(request), conflict_id=pk)
    return go(request, reverse("customers:conflicts"))
