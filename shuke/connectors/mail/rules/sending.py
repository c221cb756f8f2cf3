"""Writing a letter for the wire, and what follows from how an attempt ended."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from shuke.connectors.mail.rules.text import many_lines, one_line
from shuke.connectors.mail.rules.trouble import RETRIED, UNSURE, Trouble

MOST_ATTEMPTS = 6
LONGEST_TEXT = 50_000
MOST_FILES = 10
MOST_ATTACHED_BYTES = 15 * 1024 * 1024
LONGEST_WAIT_SECONDS = 3600


@dataclass(frozen=True)
class File:
    """A file that goes along."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Draft:
    """A letter before it is put into its envelope. Addresses are normalised ones."""

    message_id: str
    from_address: str
    from_name: str
    to_address: str
    subject: str
    text: str
    sent_at: datetime
    references: tuple[str, ...] = ()
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """The state a letter has after an attempt, and how long to wait for the next one (None: no next one)."""

    state: str
    wait_seconds: int | None = None


def compose(draft: Draft) -> EmailMessage:
    """The letter as it goes over the wire. No line of the writer's can become a header of its own."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = one_line(draft.subject)
    message["From"] = Address(one_line(draft.from_name), addr_spec=draft.from_address)
    message["To"] = draft.to_address
    message["Date"] = format_datetime(draft.sent_at)
    message["Message-ID"] = draft.message_id
    if draft.references:
        message["In-Reply-To"] = draft.references[-1]
        message["References"] = " ".join(draft.references[-20:])
    message.set_content(many_lines(draft.text) + "\n", cte="base64")
    for file in draft.files:
        kind, _slash, detail = _file_kind(file.content_type).partition("/")
        message.add_attachment(file.content, maintype=kind, subtype=detail, filename=file.name)
    return message


def _file_kind(claimed: str) -> str:
    """What the browser said of a file, as far as it fits a header; letters within letters go as plain files."""
    plain = claimed.partition(";")[0].strip().lower()
    is_fit = re.fullmatch(r"(?:application|audio|font|image|model|text|video)/[\w.+-]{1,80}", plain)
    return plain if is_fit else "application/octet-stream"


def after_attempt(trouble: Trouble | None, attempts: int) -> Outcome:
    """Sent; waits for another try (network trouble before the letter was handed over); failed; or nobody can tell."""
    if trouble is None:
        return Outcome("sent")
    if trouble in UNSURE:
        return Outcome("unknown")
    if trouble in RETRIED and attempts < MOST_ATTEMPTS:
        return Outcome("queued", wait_seconds(attempts))
    return Outcome("failed")


def wait_seconds(attempts: int) -> int:
    """Half a minute, then four times as long each time, an hour at most."""
    return int(min(30 * 4 ** max(attempts - 1, 0), LONGEST_WAIT_SECONDS))


def reply_subject(subject: str) -> str:
    """回复： once, however often it is answered."""
    plain = one_line(subject)
    if plain.lower().startswith(("re:", "re：", "回复:", "回复：")):
        return plain
    return f"回复：{plain}"
