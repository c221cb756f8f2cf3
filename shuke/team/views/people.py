"""设置: who works here, and who did what."""

from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from shuke.kernel.keyset import BadCursor
from shuke.team import services
from shuke.team.forms import ROLE_WORDS, StaffForm
from shuke.team.models import Staff
from shuke.team.ports import staff_notes
from shuke.team.queries import audit_page, staff_names, staff_of
from shuke.team.services import require
from shuke.team.views.audit_lines import audit_lines
from shuke.team.views.shop import settings_tabs
from shuke.ui.toasts import flash


def staff(request: HttpRequest) -> HttpResponse:
    """Everybody the visitor may see, those who left last."""
    require(request.user, "team.view")
    people = list(staff_of(request.user))
    notes = staff_notes(request.user, people)
    for person in people:
        person.role_words = ROLE_WORDS.get(person.role)
        person.note = notes.get(person.pk)
    context = {
        "people": people,
        "role_words": ROLE_WORDS,
        "tabs": settings_tabs(request, "staff"),
        "may_manage": request.user.may("team.manage"),
    }
    return render(request, "team/staff.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def staff_add(request: HttpRequest) -> HttpResponse:
    """Add a person; their one-time password is shown once, on the answer to this form."""
    require(request.user, "team.manage")
    form = StaffForm(request.POST or None, actor=request.user)
    if request.method == "POST" and form.is_valid():
        password = services.one_time_password()
        person = _added(request, form, password)
        if person is not None:
            return _password_shown(request, person, password, is_new=True)
    return _staff_form(request, form, None)


def _added(request: HttpRequest, form: StaffForm, password: str) -> Staff | None:
    try:
        with transaction.atomic():
            return services.add_staff(
                actor=request.user,
                username=form.cleaned_data["username"],
                name=form.cleaned_data["name"],
                role=form.cleaned_data["role"],
                stores=form.cleaned_data["stores"],
                password=password,
            )
    except IntegrityError:
        form.add_error("username", _("这个登录名已经有人用了，换一个。"))
        return None


def _found(request: HttpRequest, pk: int) -> Staff:
    person = staff_of(request.user).filter(pk=pk).first()
    if person is None:
        raise Http404
    return person


@require_http_methods(["GET", "POST"])
def staff_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a person's name, role and stores."""
    require(request.user, "team.manage")
    person = _found(request, pk)
    initial = {
        "name": person.name,
        "role": person.role,
        "stores": [store.pk for store in person.stores.all()],
    }
    form = StaffForm(request.POST or None, actor=request.user, staff=person, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_staff(actor=request.user, staff_id=pk, form=form.facts)
        except services.LastOwner:
            form.add_error("role", _("店里至少要留一位店主。先让别人当店主，再改这一位。"))
        else:
            flash(request, _("员工资料保存好了。"))
            return redirect("team:staff")
    return _staff_form(request, form, person)


def _staff_form(request: HttpRequest, form: StaffForm, person: Staff | None) -> HttpResponse:
    context = {
        "form": form,
        "person": person,
        "role_words": ROLE_WORDS,
        "is_self": person is not None and person.pk == request.user.pk,
        "tabs": settings_tabs(request, "staff"),
    }
    return render(request, "team/staff_form.html", context)


@require_POST
def staff_access(request: HttpRequest, pk: int) -> HttpResponse:
    """End a person's access, or give it back."""
    require(request.user, "team.manage")
    person = _found(request, pk)
    if request.POST.get("active") == "1":
        services.enable_staff(actor=request.user, staff_id=pk)
        flash(request, _("%(name)s 可以登录了。") % {"name": person.name})
        return redirect("team:staff")
    try:
        services.disable_staff(actor=request.user, staff_id=pk)
    except services.NotYourself:
        flash(request, _("不能停用自己。请另一位店主来做。"), level="error")
    except services.LastOwner:
        flash(request, _("店里至少要留一位店主。"), level="error")
    else:
        flash(request, _("%(name)s 已停用，正在用的页面也立刻退出了。") % {"name": person.name})
        return _to_what_they_leave(request, person)
    return redirect("team:staff")


def _to_what_they_leave(request: HttpRequest, person: Staff) -> HttpResponse:
    """Somebody who leaves something behind: to the page that hands it over, else back to the list."""
    person.is_active = False
    note = staff_notes(request.user, [person]).get(person.pk)
    return redirect(note.url if note is not None else "team:staff")


@never_cache
@require_POST
def staff_password(request: HttpRequest, pk: int) -> HttpResponse:
    """A new one-time password for a person, shown once."""
    require(request.user, "team.manage")
    person = _found(request, pk)
    password = services.reset_password(actor=request.user, staff_id=pk)
    return _password_shown(request, person, password, is_new=False)


def _password_shown(request: HttpRequest, person: Staff, password: str, *, is_new: bool) -> HttpResponse:
    context = {
        "person": person,
        "password": password,
        "is_new": is_new,
        "tabs": settings_tabs(request, "staff"),
    }
    return render(request, "team/staff_password.html", context)


def audit(request: HttpRequest) -> HttpResponse:
    """Who did what, newest first; one person's when asked."""
    require(request.user, "team.manage")
    who = request.GET.get("who", "")
    actor_id = int(who) if who.isdecimal() and len(who) < 19 else None
    try:
        page = audit_page(actor_id=actor_id, after=request.GET.get("after", ""))
    except BadCursor:
        return redirect("team:audit")
    context = {
        "lines": audit_lines(page.rows),
        "page": page,
        "names": staff_names(),
        "who": actor_id,
        "tabs": settings_tabs(request, "audit"),
    }
    return render(request, "team/audit.html", context)
