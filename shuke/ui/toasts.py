"""Short words after an action, with 撤销 where it can be undone."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

Text = str | Promise


def toast(response: HttpResponse, text: Text, *, undo_url: str = "", level: str = "ok") -> HttpResponse:
    """Show a toast when htmx receives this response. `level` is ok, warn or error."""
    triggers = json.loads(response.headers.get("HX-Trigger", "{}"))
    triggers["toast"] = {"text": str(text), "undo": undo_url, "level": level}
    response["HX-Trigger"] = json.dumps(triggers)
    return response


def flash(request: HttpRequest, text: Text, *, undo_url: str = "", level: str = "ok") -> None:
    """Show a toast on the next full page."""
    tags = f"undo:{undo_url}" if undo_url else ""
    kind = {"ok": messages.SUCCESS, "warn": messages.WARNING, "error": messages.ERROR}[level]
    messages.add_message(request, kind, str(text), extra_tags=tags)
