"""Where mail may connect to, as the house is set up (SHUKE_MAIL_NEAR, SHUKE_MAIL_CA)."""

from django.conf import settings

from shuke.connectors.mail.rules import Near
from shuke.connectors.mail.wire import Way


def way() -> Way:
    """How lines to mail servers are laid here."""
    near = frozenset(settings.MAIL_NEAR)
    return Way(
        near=Near(allows_private="private" in near, allows_loopback="loopback" in near),
        ca_file=settings.MAIL_CA_FILE,
        timeout=settings.MAIL_TIMEOUT_SECONDS,
    )
