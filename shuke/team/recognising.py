"""Who is asking: the session and the person behind it, one small query each, since every page begins with them.

Nothing is kept from one request to the next: signing somebody out, or changing what they may do, holds at once.
"""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from shuke.kernel.compiled import Compiled, given
from shuke.team.models import Staff
from shuke.team.queries import signed_in

_SESSION = Compiled(
    lambda: Session.objects.filter(
        session_key=given("key", "text"), expire_date__gt=given("now", "timestamptz")
    )
)


class SessionStore(db.SessionStore):
    """Django's sessions in the database."""

    def _get_session_from_db(self) -> Any:
        found = _SESSION.first(key=self.session_key, now=timezone.now()) if self.session_key else None
        if found is None:
            self._session_key = None  # a key that is not ours is not taken over
        return found


class StaffBackend(ModelBackend):
    """Staff by name and password; a visitor comes with what the frame around every page shows them."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **rest: Any
    ) -> Any:
        """The person, else PermissionDenied: the backend that comes next is only there for sessions begun under it."""
        found = super().authenticate(request, username=username, password=password, **rest)
        if found is None:
            raise PermissionDenied
        return found

    def get_user(self, user_id: int) -> Staff | None:
        """The person of a session; None for those who left."""
        staff = signed_in(user_id)
        return staff if staff is not None and self.user_can_authenticate(staff) else None
