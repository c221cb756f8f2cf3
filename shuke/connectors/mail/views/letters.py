"""写邮件, a customer's letters, one thread, and what to do about a letter that did not go."""

import uuid
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shuke.connectors.mail import services, store
from shuke.connectors.mail.forms import LetterForm, address_key
from shuke.connectors.mail.queries import (
    Thread,
    accounts_to_send_from,
    answerable_letter,
    threads_of,
    visible_letters,
    waiting_letters,
)
from shuke.connectors.mail.rules import new_words, reply_subject
from shuke.connectors.mail.views.gate import actor_of, is_drawer, needs, reached
from shuke.connectors.mail.wording import trouble_words
from shuke.connectors.models import MailAttachment, MailMessage
from shuke.customers.queries import contact_allowed, display_name
from shuke.customers.queries.addresses import emails_of
from shuke.customers.rules import mask_email
from shuke.team.queries import reads_contacts, staff_names
from shuke.ui.toasts import flash


@require_http_methods(["GET", "POST"])
@needs("mail.send")
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Write to a customer; with ?answers= as the answer to a letter."""
    customer = reached(request, pk)
    accounts = list(accounts_to_send_from(actor_of(request)))
    answered = _answered(request, pk)
    form = LetterForm(
        request.POST or None,
        request.FILES or None,
        accounts=accounts,
        addresses=emails_of(pk),
        is_masked=not reads_contacts(actor_of(request)),
        initial=_initial(answered),
    )
    held = ""
    if request.method == "POST" and form.is_valid():
        try:
            services.write_letter(actor=actor_of(request), letter=_letter(form, pk, answered))
        except ValidationError as error:
            _show(form, error)
        except services.Held as error:
            held = str(error)
        else:
            flash(request, _("交给邮箱去发了，发没发出看时间线。"))
            return redirect(f"{reverse('desk:customer', args=[pk])}#timeline")
    return _writing(request, customer, form, answered, held)


def _answered(request: HttpRequest, pk: int) -> MailMessage | None:
    given = request.POST.get("answers") or request.GET.get("answers") or ""
    if not given.isdecimal():
        return None
    letter = answerable_letter(actor_of(request), int(given))
    if letter is None or letter.customer_id != pk:
        raise Http404
    return letter


def _initial(answered: MailMessage | None) -> dict[str, Any]:
    first: dict[str, Any] = {"operation_id": uuid.uuid4().hex}
    if answered is not None:
        is_in = answered.direction == MailMessage.Direction.IN
        to_address = answered.from_address if is_in else next(iter(answered.to_addresses), "")
        first |= {
            "subject": reply_subject(answered.subject),
            "account": answered.account_id,
            "to_address": address_key(to_address),
        }
    return first


def _letter(form: LetterForm, pk: int, answered: MailMessage | None) -> services.NewLetter:
    return services.NewLetter(
        operation_id=form.cleaned_data["operation_id"],
        account_id=int(form.cleaned_data["account"]),
        customer_id=pk,
        to_address=form.chosen_address(),
        subject=form.cleaned_data["subject"],
        text=form.cleaned_data["text"],
        answers_id=answered.pk if answered else None,
        files=form.new_files(),
        waits=form.data.get("waits") == "1",
    )


def _show(form: LetterForm, error: ValidationError) -> None:
    if not hasattr(error, "error_dict"):
        form.add_error(None, error.messages)
        return
    for field, messages in error.message_dict.items():
        shown = "attached" if field == "files" else field
        form.add_error(shown if shown in form.fields else None, messages)


def _writing(
    request: HttpRequest, customer: Any, form: LetterForm, answered: MailMessage | None, held: str
) -> HttpResponse:
    actor = actor_of(request)
    verdict = contact_allowed(customer.pk, "email")
    if not held and answered is None and not verdict.is_allowed:
        held = verdict.reason
    context = {
        "customer": customer,
        "name": display_name(customer),
        "form": form,
        "answered": _shown(answered, actor) if answered else None,
        "held": held,
        "free_from": verdict.free_from if held else None,
        "has_accounts": bool(form.fields["account"].choices),  # type: ignore[attr-defined]
        "has_addresses": bool(form.addresses),
        "mailto": next(iter(form.addresses.values()), "") if reads_contacts(actor) else "",
        "may_own": actor.may("mail.own"),
    }
    template = "connectors/_write.html" if is_drawer(request) else "connectors/write.html"
    return render(request, template, context, status=422 if form.errors or (held and form.is_bound) else 200)


@require_GET
@needs("mail.view")
def customer_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """The tab 邮件 of the customer page: threads, the one with the newest letter first."""
    reached(request, pk)
    actor = actor_of(request)
    names = staff_names()
    usable = set(accounts_to_send_from(actor).values_list("pk", flat=True))
    threads = [
        {
            "thread": thread,
            "letters": [_shown(letter, actor, names) for letter in thread.letters],
            "answer_url": _thread_answer_url(thread, pk, usable),
        }
        for thread in threads_of(actor, pk)
    ]
    context = {
        "threads": threads,
        "pk": pk,
        "may_send": actor.may("mail.send"),
        "has_email": bool(emails_of(pk)),
    }
    return render(request, "connectors/_customer_mail.html", context)


@require_GET
@needs("mail.view")
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter within its thread."""
    actor = actor_of(request)
    found = visible_letters(actor).select_related("customer").filter(pk=pk).first()
    if found is None or found.customer is None or found.customer_id is None:
        raise Http404
    root = found.root_id or found.pk
    rows = (
        visible_letters(actor).filter(root_id=root, customer_id=found.customer_id).select_related("account")
    )
    names = staff_names()
    letters = rows.prefetch_related("attachments").order_by("happened_at", "pk")
    context = {
        "found": found,
        "name": display_name(found.customer),
        "letters": [_shown(one, actor, names) for one in letters],
        "answer_url": _answer_url(actor, found),
        "trouble_words": trouble_words(found.trouble),
    }
    template = "connectors/_letter.html" if is_drawer(request) else "connectors/letter.html"
    return render(request, template, context)


def _thread_answer_url(thread: Thread, pk: int, usable: set[int]) -> str:
    """Where the newest letter that can be answered is answered."""
    exchanged = (MailMessage.State.SENT, MailMessage.State.RECEIVED)
    answerable = [
        one
        for one in thread.letters
        if one.account_id in usable and one.state in exchanged and not one.is_bounce
    ]
    return f"{reverse('connectors:write', args=[pk])}?answers={answerable[-1].pk}" if answerable else ""


def _answer_url(actor: Any, found: MailMessage) -> str:
    if answerable_letter(actor, found.pk) is None or found.customer_id is None:
        return ""
    return f"{reverse('connectors:write', args=[found.customer_id])}?answers={found.pk}"


def _shown(letter: MailMessage, actor: Any, names: dict[int, str] | None = None) -> dict[str, Any]:
    """A letter ready for a page: addresses masked by role, what was quoted apart from what was written."""
    is_masked = not reads_contacts(actor)
    words = new_words(letter.text)
    quoted = letter.text[len(words) :].strip() if letter.text.startswith(words) else ""
    is_out = letter.direction == MailMessage.Direction.OUT
    mine = is_out and actor.may("mail.send")
    state = MailMessage.State
    return {
        "letter": letter,
        "words": words,
        "quoted": quoted,
        "is_out": is_out,
        "from": letter.from_address if not is_masked or is_out else mask_email(letter.from_address),
        "to": [
            mask_email(one) if is_masked and one != letter.account.address else one
            for one in letter.to_addresses
        ],
        "who": (names or {}).get(letter.staff_id or 0, ""),
        "trouble": trouble_words(letter.trouble),
        "may_again": mine and letter.state in (state.FAILED, state.UNKNOWN, state.CANCELLED),
        "may_confirm": mine and letter.state == state.UNKNOWN,
        "may_cancel": mine and letter.state in (state.QUEUED, state.FAILED, state.UNKNOWN),
        "undeliverable": [mask_email(one) if is_masked else one for one in letter.undeliverable],
    }


@require_POST
@needs("mail.send")
def decide(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Send again, say that it arrived, or let it be; `back` undoes letting it be."""
    deeds = {
        "again": (services.send_again, _("又交给邮箱去发了。")),
        "sent": (services.confirm_sent, _("记为已发出。")),
        "cancel": (services.cancel_letter, _("这封信不发了。")),
        "back": (services.uncancel_letter, _("恢复了。")),
    }
    if what not in deeds:
        raise Http404
    do, words = deeds[what]
    try:
        found = do(actor=actor_of(request), letter_id=pk)
    except ObjectDoesNotExist:
        raise Http404 from None
    if what == "back":
        return HttpResponse(status=204)
    undo = reverse("connectors:decide", args=[pk, "back"]) if what == "cancel" else ""
    flash(request, words, undo_url=undo)
    return redirect("connectors:letter", pk=found.pk)


@require_GET
@needs("mail.view")
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """An attachment, to be saved; never shown in the browser."""
    actor = actor_of(request)
    found = MailAttachment.objects.filter(pk=pk).exclude(stored="").first()
    if found is None or not _may_read(actor, found.message_id):
        raise Http404
    try:
        content = store.path_of(found.stored).open("rb")
    except OSError:
        raise Http404 from None
    answer = FileResponse(content, as_attachment=True, filename=found.name)
    answer["Content-Type"] = "application/octet-stream"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _may_read(actor: Any, letter_id: int) -> bool:
    if visible_letters(actor).filter(pk=letter_id).exists():
        return True
    return any(waiting_letters(actor, ignored=given).filter(pk=letter_id).exists() for given in (False, True))
