"""The address under which a person's own calendar program reads their follow-ups: secret, shown once, revocable."""

import hashlib
import secrets

from django.core.exceptions import PermissionDenied
from django.db import transaction

from shuke.customers.models import CalendarFeed
from shuke.kernel import clock
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require


def digest_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def issue_feed(*, actor: Actor) -> str:
    """A new secret for one's own calendar; the one before stops working. It is not kept readable: show it now."""
    require(actor, "customers.follow_up")
    if actor.id is None:
        raise PermissionDenied
    secret = secrets.token_urlsafe(32)
    given = {"digest": digest_of(secret), "created_at": clock.now(), "read_at": None}
    CalendarFeed.objects.update_or_create(staff_id=actor.id, defaults=given)
    record_audit(actor, "calendar_feed_issued")
    return secret


@transaction.atomic
def revoke_feed(*, actor: Actor) -> None:
    """The address works no more."""
    if actor.id is None:
        return
    gone, _rows = CalendarFeed.objects.filter(staff_id=actor.id).delete()
    if gone:
        record_audit(actor, "calendar_feed_revoked")


def note_feed_read(feed_id: int) -> None:
    """Remember that a calendar program came by; for the page that shows whether it works."""
    CalendarFeed.objects.filter(pk=feed_id).update(read_at=clock.now())
