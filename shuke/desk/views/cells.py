"""Changing a cell of the list where it stands."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shuke.customers.queries import customer_card, visible_customers
from shuke.customers.services import change_customer
from shuke.team.gate import needs
from shuke.team.queries import staff_names, visible_staff

NAME, MANAGER, TAGS = "name", "manager", "tags"
MOST_CHOICES = 200


@needs("customers.edit")
@require_http_methods(["GET", "POST"])
def cell(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """The inputs of a cell, or, sent off, the cell as it is afterwards."""
    actor: Any = request.user
    person = visible_customers(actor).filter(pk=pk).first()
    if person is None or code not in (NAME, MANAGER, TAGS):
        raise Http404
    problem = ""
    if request.method == "POST":
        try:
            change_customer(actor=actor, customer_id=pk, **_changes(request, code, person))
            return _shown(request, pk, code)
        except ValidationError as error:
            problem = error.messages[0]
    card = customer_card(actor, pk)
    context = {
        "code": code,
        "pk": pk,
        "problem": problem,
        "people": visible_staff(actor).only("pk", "name")[:MOST_CHOICES] if code == MANAGER else [],
        "manager_id": person.account_manager_id,
        "name": request.POST.get("value", person.name),
        "tags": "、".join(card.tags) if card and code == TAGS else "",
    }
    return render(request, "desk/filter/_cell.html", context, status=422 if problem else 200)


def _changes(request: HttpRequest, code: str, person: Any) -> dict[str, Any]:
    value = request.POST.get("value", "").strip()
    if code == NAME:
        if not value and person.name:
            raise ValidationError(_("姓名不能空着。"))
        return {"name": value}
    if code == TAGS:
        words = value.replace("，", "、").replace(",", "、").split("、")
        return {"tags": [word.strip() for word in words if word.strip()]}
    if value and not (value.isascii() and value.isdigit()):
        raise ValidationError(_("请选一位负责人。"))
    return {"account_manager_id": int(value) if value else None}


def _shown(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    actor: Any = request.user
    person = visible_customers(actor).filter(pk=pk).first()
    card = customer_card(actor, pk) if person else None
    context = {
        "code": code,
        "is_done": True,
        "name": card.display_name if card else "",
        "tags": card.tags if card else (),
        "manager": staff_names().get(person.account_manager_id or 0, "") if person else "",
    }
    return render(request, "desk/filter/_cell.html", context)
