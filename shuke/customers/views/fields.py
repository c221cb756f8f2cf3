"""设置 · 自定义字段: what the shop wants to know of its customers beside what every shop does."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shuke.customers import services
from shuke.customers.forms.custom import DefinitionForm
from shuke.customers.models import CustomField
from shuke.customers.queries.custom import Definition, all_custom_fields
from shuke.customers.rules import custom as rules
from shuke.customers.services.custom_fields import PERMISSION
from shuke.customers.views.gate import actor_of, is_htmx, needs
from shuke.customers.views.plans import settings_tabs
from shuke.ui.toasts import flash, toast

ICONS = {
    rules.TEXT: "letter-case",
    rules.LONG: "align-left",
    rules.NUMBER: "number-123",
    rules.MONEY: "currency-yuan",
    rules.DATE: "calendar",
    rules.CHOICE: "circle-dot",
    rules.MANY: "list-check",
    rules.FLAG: "toggle-left",
    rules.LINK: "link",
}


@require_http_methods(["GET", "POST"])
@needs(PERMISSION)
def fields(request: HttpRequest) -> HttpResponse:
    """Every field in the shop's order, and the form that makes one."""
    form = DefinitionForm(request.POST or None, initial={"kind": request.GET.get("kind", rules.TEXT)})
    if request.method == "POST" and form.is_valid():
        try:
            row = services.define_field(actor=actor_of(request), form=form.definition())
        except ValidationError as error:
            form.take_problems(error)
        else:
            flash(request, _("“%(name)s”加好了，马上可以用。") % {"name": row.name})
            return redirect("customers:fields")
    context = _listed() | {"form": form, "tabs": settings_tabs(request, "fields")}
    return render(request, "customers/fields/list.html", context, status=422 if form.errors else 200)


def _listed() -> dict[str, Any]:
    known = list(all_custom_fields().values())
    living = [one for one in known if not one.is_deleted]
    return {
        "fields": [(one, ICONS[one.kind]) for one in living if not one.is_archived],
        "archived": [(one, ICONS[one.kind]) for one in living if one.is_archived],
        "deleted": [(one, ICONS[one.kind]) for one in known if one.is_deleted],
    }


@require_http_methods(["GET", "POST"])
@needs(PERMISSION)
def field(request: HttpRequest, pk: int) -> HttpResponse:
    """One field: what it is called, its choices, and putting it away."""
    known = _known(pk)
    form = DefinitionForm(request.POST or None, field=known)
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, known, form)
        except ValidationError as error:
            form.take_problems(error)
        else:
            flash(request, _("改好了。"))
            return redirect("customers:fields")
    context = {
        "field": known,
        "icon": ICONS[known.kind],
        "form": form,
        "has_choices": known.kind in rules.WITH_CHOICES,
        "tabs": settings_tabs(request, "fields"),
    }
    return render(request, "customers/fields/one.html", context, status=422 if form.errors else 200)


def _save(request: HttpRequest, known: Definition, form: DefinitionForm) -> None:
    actor = actor_of(request)
    services.change_field(actor=actor, field_id=known.id, **form.changes())
    if known.kind in rules.WITH_CHOICES:
        services.set_choices(actor=actor, field_id=known.id, choices=form.choice_forms())


def _known(pk: int) -> Definition:
    found = all_custom_fields().get(pk)
    if found is None or found.is_deleted:
        raise Http404
    return found


@require_POST
@needs(PERMISSION)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up or down."""
    ids = [one.id for one in all_custom_fields().values() if not (one.is_deleted or one.is_archived)]
    if pk in ids:
        place = ids.index(pk)
        other = place + (-1 if request.POST.get("to") == "up" else 1)
        if 0 <= other < len(ids):
            ids[place], ids[other] = ids[other], ids[place]
            services.order_fields(actor=actor_of(request), field_ids=ids)
    if is_htmx(request):
        return render(request, "customers/fields/_rows.html", _listed())
    return redirect("customers:fields")


@require_POST
@needs(PERMISSION)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for it no longer, or again."""
    is_archived = request.POST.get("archived") == "1"
    row = _done(lambda: services.archive_field(actor=actor_of(request), field_id=pk, is_archived=is_archived))
    words = _("“%(name)s”停用了，客户身上的内容都还在。") if is_archived else _("“%(name)s”又可以用了。")
    flash(request, words % {"name": row.name})
    return redirect("customers:fields")


@require_POST
@needs(PERMISSION)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it away; the toast brings it back."""
    row = _done(lambda: services.delete_field(actor=actor_of(request), field_id=pk))
    words = _("“%(name)s”删掉了，90 天内可以恢复，内容也会一起回来。") % {"name": row.name}
    flash(request, words, undo_url=reverse("customers:restore_field", args=[pk]))
    return redirect("customers:fields")


@require_POST
@needs(PERMISSION)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a deleted one back."""
    row = _done(lambda: services.restore_field(actor=actor_of(request), field_id=pk))
    words = _("“%(name)s”恢复了。") % {"name": row.name}
    if is_htmx(request):
        return toast(HttpResponse(status=204), words)
    flash(request, words)
    return redirect("customers:fields")


def _done(act: Any) -> CustomField:
    try:
        row: CustomField = act()
    except CustomField.DoesNotExist:
        raise Http404 from None
    return row
