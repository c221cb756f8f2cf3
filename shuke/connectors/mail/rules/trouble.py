"""What can go wrong between us and a mail server. The words for people are in `wording`."""

from enum import StrEnum


class Trouble(StrEnum):
    """One way to fail; the value is stored."""

    PASSWORD = "password"
    SECRET = "secret"  # the stored password cannot be read any more
    HOST = "host"
    PRIVATE = "private"
    CONNECTION = "connection"
    CERTIFICATE = "certificate"
    TIMEOUT = "timeout"
    NO_STARTTLS = "no_starttls"
    PLAIN = "plain"
    PROTOCOL = "protocol"
    BUSY = "busy"  # the server asked to come later
    SENDER = "sender"
    RECIPIENT = "recipient"
    REFUSED = "refused"
    TOO_LARGE = "too_large"
    CUT_OFF = "cut_off"  # the line broke while the letter was being handed over
    STOPPED = "stopped"  # our own process ended while sending
    FOLDER = "folder"
    BROKEN = "broken"  # our own copy of the letter cannot be put together


RETRIED = frozenset({Trouble.HOST, Trouble.CONNECTION, Trouble.TIMEOUT, Trouble.BUSY})
UNSURE = frozenset({Trouble.CUT_OFF, Trouble.STOPPED})
