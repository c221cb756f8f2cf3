"""回收站: what was deleted, to be restored or removed for good."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from shuke.customers import services
from shuke.customers.queries import display_name
from shuke.customers.queries.recycled import MOST_COUNTED, recycle_bin
from shuke.customers.views.bulk import selection_of
from shuke.customers.views.gate import actor_of, go, needs, reached
from shuke.kernel.keyset import BadCursor
from shuke.ui.toasts import flash


@require_GET
@needs("customers.delete")
def bin_page(request: HttpRequest) -> HttpResponse:
    """Who was deleted when by whom, and how long they can still come back."""
    text = request.GET.get("q", "").strip()[:60]
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    try:
        page = recycle_bin(actor_of(request), text=text, after=after, before=before)
    except BadCursor:
        return redirect("customers:bin")
    kept = {"q": text} if text else {}
    context = {
        "page": page,
        "text": text,
        "may_purge": actor_of(request).may("customers.purge"),
        "total": _count_words(page.count),
        "next": f"?{urlencode(kept | {'after': page.next_cursor})}" if page.next_cursor else "",
        "previous": f"?{urlencode(kept | {'before': page.previous_cursor})}" if page.previous_cursor else "",
    }
    return render(request, "customers/bin.html", context)


def _count_words(count: int) -> str:
    if count > MOST_COUNTED:
        return _("超过 1 万位")
    return ngettext("共 %(n)s 位", "共 %(n)s 位", count) % {"n": count}


@require_POST
@needs("customers.delete")
def bin_restore(request: HttpRequest) -> HttpResponse:
    """Take the picked ones out of the bin."""
    count = services.restore_customers(actor=actor_of(request), customer_ids=selection_of(request).ids)
    if count:
        flash(request, ngettext("恢复了 %(n)s 位客户。", "恢复了 %(n)s 位客户。", count) % {"n": count})
    else:
        flash(request, _("先勾选要恢复的客户。"), level="warn")
    return redirect("customers:bin")


@require_POST
@needs("customers.purge")
def bin_purge(request: HttpRequest) -> HttpResponse:
    """Remove the picked ones for good."""
    count = services.purge_customers(actor=actor_of(request), customer_ids=selection_of(request).ids)
    if count:
        flash(
            request, ngettext("彻底删除了 %(n)s 位客户。", "彻底删除了 %(n)s 位客户。", count) % {"n": count}
        )
    else:
        flash(request, _("先勾选要彻底删除的客户。"), level="warn")
    return go(request, reverse("customers:bin"))


@require_POST
@needs("customers.delete")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one customer in the bin, with 撤销 at hand."""
    customer = reached(request, pk)
    name = display_name(customer)
    set_id = services.delete_customers(actor=actor_of(request), customer_ids=[pk], title=_("删除一位客户"))
    flash(
        request,
        _("%(name)s 已放进回收站，保留 90 天。") % {"name": name},
        undo_url=reverse("customers:changeset_undo", args=[set_id]),
    )
    return go(request, reverse("desk:customer_list"))
