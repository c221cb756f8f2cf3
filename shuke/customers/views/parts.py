"""The parts of a profile, each edited on its own: one address shows a part (GET) and does something to it (POST `do`).

Everything that was done can be taken back from the toast: it is a change in the customer's history.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shuke.customers.forms.parts import (
    ADDRESS_LABELS,
    POINT_LABELS,
    RELATIONS,
    ROLES,
    AddressPart,
    ContactPart,
    FilePart,
    InvoicePart,
    MemberPart,
    PartForm,
    PointPart,
)
from shuke.customers.models import Customer, InvoiceTitle
from shuke.customers.queries import display_name, visible_customers
from shuke.customers.queries.profile import (
    Place,
    Point,
    companies_of,
    company_contacts,
    contact_points,
    files_of,
    household_of,
    invoices_of,
    places,
    point_named,
)
from shuke.customers.services import IdentityTaken, companies, files, invoices, points
from shuke.customers.views.gate import actor_of, go, is_htmx, needs, reached
from shuke.team.queries import reads_contacts
from shuke.ui.toasts import flash, toast
from shuke.zh import regions

PLAIN = "text/plain; charset=utf-8"


@dataclass
class Done:
    """What a post did: words for the toast, the change to take back, or a form with what to mend."""

    words: str = ""
    change_id: int | None = None
    form: PartForm | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Fold:
    """A part as the edit page holds it: folded, with how much is in it."""

    part: str
    title: str
    count: int
    inside: str


Act = Callable[[HttpRequest, Customer], Done]


@require_http_methods(["GET", "POST"])
@needs("customers.edit")
def part(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """A part of the edit page; posts name what to do and answer with the part as it stands then."""
    if part not in SHOWN:
        raise Http404
    customer = reached(request, pk)
    if request.method == "GET":
        if not is_htmx(request):
            return go(request, f"{reverse('customers:edit', args=[pk])}#part-{part}")
        return _show(request, customer, part)
    act = ACTS.get((part, request.POST.get("do", "")))
    if act is None:
        raise Http404
    try:
        done = act(request, customer)
    except ObjectDoesNotExist:
        return _say(request, pk, part, _("这一条已经不在了，请刷新页面。"))
    except ValidationError as error:
        return _say(request, pk, part, " ".join(error.messages))
    except IdentityTaken:
        return _say(request, pk, part, _("这个号码已经是另一位客户的。"))
    return _answer(request, pk, part, done)


def _show(
    request: HttpRequest, customer: Customer, part: str, done: Done | None = None, status: int = 200
) -> HttpResponse:
    context = part_context(request, customer, part) | (done.extra if done else {})
    if done and done.form is not None:
        context["form"] = done.form
    return render(request, f"customers/parts/_{part}.html", context, status=status)


def _say(request: HttpRequest, pk: int, part: str, words: str) -> HttpResponse:
    if is_htmx(request):
        return HttpResponse(words, status=400, content_type=PLAIN)
    flash(request, words, level="error")
    return go(request, f"{reverse('customers:edit', args=[pk])}#part-{part}")


def _answer(request: HttpRequest, pk: int, part: str, done: Done) -> HttpResponse:
    if done.form is not None and is_htmx(request):
        return _show(request, reached(request, pk), part, done, status=422)
    if done.form is not None:
        messages = [text for texts in done.form.errors.values() for text in texts]
        return _say(request, pk, part, " ".join(map(str, messages)))
    undo = reverse("customers:undo_change", args=[pk, done.change_id]) if done.change_id else ""
    if is_htmx(request):
        return toast(_show(request, reached(request, pk), part), done.words, undo_url=undo)
    flash(request, done.words, undo_url=undo)
    return go(request, f"{reverse('customers:edit', args=[pk])}#part-{part}")


# --- what each part shows ---


def folds(request: HttpRequest, customer: Customer) -> list[Fold]:
    """Every part, drawn, for the edit page."""
    is_company = customer.kind == Customer.Kind.COMPANY
    titles = {
        "points": _("联系方式"),
        "addresses": _("地址"),
        "people": _("联系人") if is_company else _("公司和家人"),
        "invoices": _("发票抬头"),
        "files": _("文件"),
    }
    return [_fold(request, customer, part, title) for part, title in titles.items()]


def _fold(request: HttpRequest, customer: Customer, part: str, title: str) -> Fold:
    context = part_context(request, customer, part)
    home = context.get("household")
    counted = [
        context.get(name) for name in ("points", "places", "contacts", "companies", "invoices", "files")
    ]
    count = sum(len(rows) for rows in counted if rows) + (
        len(home.members) + home.others_hidden if home else 0
    )
    return Fold(part, title, count, render_to_string(f"customers/parts/_{part}.html", context, request))


def part_context(request: HttpRequest, customer: Customer, part: str) -> dict[str, Any]:
    """What a part's template needs."""
    return {"customer": customer, "part": part, **SHOWN[part](request, customer)}


def _points(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    found = contact_points(actor_of(request), customer)
    kinds = Counter(point.kind for point in found)
    return {
        "points": [(point, _point_form(point), kinds[point.kind] > 1) for point in found],
        "form": PointPart(part="points"),
        "labels": POINT_LABELS,
        "is_masked": not reads_contacts(actor_of(request)),
    }


def _point_form(point: Point) -> PointPart:
    initial = {"label": point.label, "valid_until": point.valid_until, "is_verified": bool(point.verified_on)}
    form = PointPart(part="points", key=point.key, is_new=False, initial=initial)
    form.fields["value"].widget.attrs["placeholder"] = point.shown
    return form


def _addresses(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    return {
        "places": [(place, _address_form(place)) for place in places(customer)],
        "form": AddressPart(part="addresses"),
        "labels": ADDRESS_LABELS,
        "provinces": regions.provinces(),
    }


def _address_form(place: Place) -> AddressPart:
    names = ("detail", "province", "city", "district", "label", "recipient", "valid_until", "is_verified")
    initial = {name: getattr(place, name) for name in names}
    return AddressPart(part="addresses", key=str(place.id), initial=initial)


def _people(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    actor = actor_of(request)
    is_company = customer.kind == Customer.Kind.COMPANY
    return {
        "is_company": is_company,
        "contacts": company_contacts(actor, customer) if is_company else [],
        "companies": [] if is_company else companies_of(actor, customer),
        "household": None if is_company else household_of(actor, customer),
        "form": ContactPart(part="people"),
        "roles": ROLES,
        "relations": RELATIONS,
    }


def _invoices(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    rows = invoices_of(customer)
    start = {"kind": "company", "title": customer.name if customer.kind == "company" else ""}
    return {
        "invoices": [(row, _invoice_form(row)) for row in rows],
        "form": InvoicePart(part="invoices", initial=start),
    }


def _invoice_form(row: InvoiceTitle) -> InvoicePart:
    initial = {name: getattr(row, name) for name in InvoicePart.base_fields}
    return InvoicePart(part="invoices", key=str(row.pk), initial=initial)


def _files(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    return {"files": files_of(customer), "form": FilePart(part="files")}


SHOWN: dict[str, Callable[[HttpRequest, Customer], dict[str, Any]]] = {
    "points": _points,
    "addresses": _addresses,
    "people": _people,
    "invoices": _invoices,
    "files": _files,
}


# --- what can be done to each ---


def _refused(form: PartForm, error: ValidationError, **extra: Any) -> Done:
    if hasattr(error, "error_dict"):
        for name, messages in error.message_dict.items():
            form.add_error(name if name in form.fields else None, messages)
    else:
        form.add_error(None, error)
    return Done(form=form, extra=extra)


def _add_point(request: HttpRequest, customer: Customer) -> Done:
    form = PointPart(request.POST, part="points")
    if not form.is_valid():
        return Done(form=form)
    point = form.point()
    try:
        change = points.add_point(actor=actor_of(request), customer_id=customer.pk, form=point)
    except ValidationError as error:
        return _refused(form, error)
    except IdentityTaken as error:
        return _taken(request, form, error)
    holder_id = request.POST.get("holder", "")
    if point.is_shared and request.POST.get("as") == "family" and holder_id.isdecimal():
        companies.join_household(
            actor=actor_of(request), customer_id=customer.pk, other_id=reached(request, int(holder_id)).pk
        )
    return Done(_("存好了。"), change)


def _taken(request: HttpRequest, form: PointPart, error: IdentityTaken) -> Done:
    """Somebody else has it: whoever reaches both may say that they share it."""
    holder = visible_customers(actor_of(request)).filter(pk=error.customer_id).first()
    if holder is None:
        form.add_error("value", _("已经登记在另一位客户名下，但不在您的范围内。请让店长核实。"))
        return Done(form=form)
    form.add_error("value", _("已经是 %(name)s 的了。") % {"name": display_name(holder)})
    return Done(form=form, extra={"holder": holder})


def _known(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """Whose point, and which, as the services take it."""
    found = point_named(customer, request.POST.get("key", ""))
    if found is None:
        raise Customer.DoesNotExist
    return {"actor": actor_of(request), "customer_id": customer.pk, "kind": found[0], "value": found[1]}


def _change_point(request: HttpRequest, customer: Customer) -> Done:
    form = PointPart(request.POST, part="points", is_new=False)
    if not form.is_valid():
        raise ValidationError(_("请检查日期，要像 2026-12-31。"))
    return Done(_("改好了。"), points.change_point(**_known(request, customer), form=form.point()))


def _show_point(request: HttpRequest, customer: Customer) -> Done:
    points.show_point(**_known(request, customer))
    return Done(_("以后先用这个。"))


def _verify_point(request: HttpRequest, customer: Customer) -> Done:
    return Done(_("记下了：今天验证过。"), points.verify_point(**_known(request, customer)))


def _remove_point(request: HttpRequest, customer: Customer) -> Done:
    return Done(_("去掉了。"), points.remove_point(**_known(request, customer)))


def _save_address(request: HttpRequest, customer: Customer) -> Done:
    key = request.POST.get("key", "")
    form = AddressPart(request.POST, part="addresses")
    if not form.is_valid():
        return Done(form=form)
    try:
        change = points.save_address(
            actor=actor_of(request),
            customer_id=customer.pk,
            form=form.address(),
            address_id=_address_id(customer, key),
        )
    except ValidationError as error:
        if key:
            raise
        return _refused(form, error)
    return Done(_("存好了。"), change)


def _address_id(customer: Customer, key: str) -> int | None:
    """The row of an address; the one that only the record shows gets its row first."""
    if key == "0":
        row = points.keep_address_of_record(customer)
        return row.pk if row else None
    return int(key) if key.isdecimal() else None


def _remove_address(request: HttpRequest, customer: Customer) -> Done:
    address_id = _address_id(customer, request.POST.get("key", ""))
    if address_id is None:
        raise Customer.DoesNotExist
    change = points.remove_address(actor=actor_of(request), customer_id=customer.pk, address_id=address_id)
    return Done(_("去掉了。"), change)


def _add_contact(request: HttpRequest, customer: Customer) -> Done:
    form = ContactPart(request.POST, part="people")
    if not form.is_valid():
        return Done(form=form)
    actor, chosen = actor_of(request), form.cleaned_data["person"]
    try:
        if chosen:
            person = reached(request, chosen).pk
            change = companies.link_contact(
                actor=actor, company_id=customer.pk, person_id=person, form=form.contact()
            )
            return Done(_("加上了。"), change)
        companies.add_contact(
            actor=actor, company_id=customer.pk, new=form.new_customer(), form=form.contact()
        )
    except ValidationError as error:
        return _refused(form, error)
    except IdentityTaken as error:
        holder = visible_customers(actor).filter(pk=error.customer_id).first()
        form.add_error("phone", _("这个号码已经是另一位客户的。请在上面搜出来再选。"))
        return Done(form=form, extra={"holder": holder})
    return Done(_("加上了。"))


def _end_contact(request: HttpRequest, customer: Customer) -> Done:
    link_id = _number(request, "key")
    mine = {
        one.link_id
        for one in (
            *company_contacts(actor_of(request), customer),
            *companies_of(actor_of(request), customer),
        )
    }
    if link_id not in mine:
        raise Customer.DoesNotExist
    return Done(_("不再是联系人了。"), companies.unlink_contact(actor=actor_of(request), contact_id=link_id))


def _join_company(request: HttpRequest, customer: Customer) -> Done:
    form = MemberPart(request.POST, part="people")
    if not form.is_valid():
        raise ValidationError(_("请先搜出公司，再点选。"))
    company = reached(request, form.cleaned_data["person"])
    change = companies.link_contact(
        actor=actor_of(request),
        company_id=company.pk,
        person_id=customer.pk,
        form=companies.ContactForm(form.cleaned_data["role"]),
    )
    return Done(_("加上了。"), change)


def _join_household(request: HttpRequest, customer: Customer) -> Done:
    form = MemberPart(request.POST, part="people")
    if not form.is_valid():
        raise ValidationError(_("请先搜出家人，再点选。"))
    other = reached(request, form.cleaned_data["person"])
    change = companies.join_household(
        actor=actor_of(request),
        customer_id=customer.pk,
        other_id=other.pk,
        other_relation=form.cleaned_data["role"],
    )
    return Done(_("记下了：是一家人。"), change)


def _leave_household(request: HttpRequest, customer: Customer) -> Done:
    return Done(
        _("不再是一家人了。"), companies.leave_household(actor=actor_of(request), customer_id=customer.pk)
    )


def _save_invoice(request: HttpRequest, customer: Customer) -> Done:
    key = request.POST.get("key", "")
    form = InvoicePart(request.POST, part="invoices", key=key or "new")
    extra = {"open_key": key}
    if not form.is_valid():
        return Done(form=form, extra=extra)
    try:
        change = invoices.save_invoice(
            actor=actor_of(request),
            customer_id=customer.pk,
            form=form.fields_of_invoice(),
            is_default=form.cleaned_data["is_default"],
            invoice_id=int(key) if key.isdecimal() else None,
        )
    except ValidationError as error:
        return _refused(form, error, **extra)
    return Done(_("存好了。"), change)


def _remove_invoice(request: HttpRequest, customer: Customer) -> Done:
    change = invoices.remove_invoice(
        actor=actor_of(request), customer_id=customer.pk, invoice_id=_number(request, "key")
    )
    return Done(_("去掉了。"), change)


def _add_file(request: HttpRequest, customer: Customer) -> Done:
    upload = request.FILES.get("file")
    if upload is None:
        raise ValidationError(_("请先选一个文件。"))
    change = files.keep_file(
        actor=actor_of(request), customer_id=customer.pk, name=upload.name or "", chunks=upload.chunks()
    )
    return Done(_("存好了。"), change)


def _remove_file(request: HttpRequest, customer: Customer) -> Done:
    change = files.remove_file(
        actor=actor_of(request), customer_id=customer.pk, file_id=_number(request, "key")
    )
    return Done(_("去掉了，90 天内可以找回。"), change)


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not text.isdecimal() or len(text) > 18:
        raise Http404
    return int(text)


ACTS: dict[tuple[str, str], Act] = {
    ("points", "add"): _add_point,
    ("points", "change"): _change_point,
    ("points", "show"): _show_point,
    ("points", "verify"): _verify_point,
    ("points", "remove"): _remove_point,
    ("addresses", "save"): _save_address,
    ("addresses", "remove"): _remove_address,
    ("people", "add"): _add_contact,
    ("people", "end"): _end_contact,
    ("people", "company"): _join_company,
    ("people", "household"): _join_household,
    ("people", "leave"): _leave_household,
    ("invoices", "save"): _save_invoice,
    ("invoices", "remove"): _remove_invoice,
    ("files", "add"): _add_file,
    ("files", "remove"): _remove_file,
}
