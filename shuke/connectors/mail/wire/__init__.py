"""Talking to mail servers: every line has a time limit, an address that was checked, and a certificate that was checked."""

from shuke.connectors.mail.wire.imap import Fetched, Mailbox, open_mailbox
from shuke.connectors.mail.wire.lines import Failure, Server, Way
from shuke.connectors.mail.wire.smtp import check_login, send

__all__ = ["Failure", "Fetched", "Mailbox", "Server", "Way", "check_login", "open_mailbox", "send"]
