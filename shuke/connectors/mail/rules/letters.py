"""Reading a letter as it came over the wire. Everything in it is a stranger's word."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from shuke.connectors.mail.rules.text import decoded, header_text, many_lines, one_line, plain_text_of
from shuke.customers.rules import normalise_email

LONGEST_BODY = 100_000
MOST_PARTS = 200
DEEPEST = 20
LARGEST_FILE = 15 * 1024 * 1024
MOST_FILES = 30
_ID = re.compile(r"<[^<>\s]{1,240}>")
_BOUNCE_FROM = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon)@", re.IGNORECASE)
_BOUNCE_SUBJECT = re.compile(
    r"退信|无法投递|投递失败|发送失败|undeliver|returned mail|delivery (?:status|fail)|failure notice|mail delivery",
    re.IGNORECASE,
)
_AUTO_SUBJECT = re.compile(r"^\s*(?:自动回复|自動回覆|Auto(?:matic)?[ -]?reply|Out of office)", re.IGNORECASE)
_QUIET = frozenset({"bulk", "junk", "auto_reply", "list"})


@dataclass(frozen=True)
class Attachment:
    """A file in a letter; without content it was too large to keep."""

    name: str
    content_type: str
    size: int
    content: bytes | None


@dataclass(frozen=True)
class Bounce:
    """What a mail server says about a letter that could not be delivered."""

    original_id: str
    recipients: tuple[str, ...]
    is_permanent: bool


@dataclass(frozen=True)
class Letter:
    """A letter in plain words. `sent_at` as its writer claims."""

    message_id: str
    references: tuple[str, ...] = ()
    from_address: str = ""
    from_name: str = ""
    to_addresses: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    sent_at: datetime | None = None
    attachments: tuple[Attachment, ...] = ()
    is_auto_reply: bool = False
    is_cut: bool = False
    bounce: Bounce | None = None


@dataclass
class _Body:
    plain: list[str] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    parts: int = 0
    is_cut: bool = False


def read_letter(raw: bytes, *, is_whole: bool = True) -> Letter:
    """The letter in these bytes; `is_whole` false: only its head was fetched."""
    message = message_from_bytes(raw)
    body = _Body(is_cut=not is_whole)
    if is_whole:
        _collect(message, body, depth=0)
    text = many_lines("\n\n".join(body.plain))
    senders = _addresses(message, "From", "Sender")
    name, address = senders[0] if senders else ("", "")
    subject = header_text(message.get("Subject"))[:300]
    return Letter(
        message_id=_message_id(message, raw),
        references=_references(message),
        from_address=address,
        from_name=name[:120],
        to_addresses=tuple(dict.fromkeys(one for _name, one in _addresses(message, "To", "Cc")))[:50],
        subject=subject,
        text=text[:LONGEST_BODY],
        sent_at=_moment(message.get("Date")),
        attachments=tuple(body.files),
        is_auto_reply=_is_automatic(message, subject),
        is_cut=body.is_cut or len(text) > LONGEST_BODY,
        bounce=_bounce(message, address, subject, text),
    )


def _message_id(message: Message, raw: bytes) -> str:
    found = _ids(message.get("Message-ID"))
    return found[0] if found else f"<sha256.{hashlib.sha256(raw).hexdigest()}@unnamed.invalid>"


def _ids(value: Any) -> list[str]:
    return _ID.findall(str(value)) if value is not None else []


def _references(message: Message) -> tuple[str, ...]:
    """Letters this one answers, the oldest first."""
    found = [*_ids(message.get("References")), *_ids(message.get("In-Reply-To"))]
    return tuple(dict.fromkeys(found))[-50:]


def _addresses(message: Message, *headers: str) -> list[tuple[str, str]]:
    """(name, address) of readable addresses; the address is taken before names are decoded, so that a name cannot fake one."""
    found = []
    for header in headers:
        raw = [str(value) for value in message.get_all(header, [])]
        for name, address in getaddresses(raw):
            if normal := normalise_email(address):
                found.append((header_text(name), normal))
    return found


def _moment(value: Any) -> datetime | None:
    try:
        moment = parsedate_to_datetime(str(value)) if value is not None else None
        if moment is None:
            return None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _collect(part: Message, body: _Body, *, depth: int) -> None:
    body.parts += 1
    if body.parts > MOST_PARTS or depth > DEEPEST:
        body.is_cut = True
        return
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        _collect_alternative(part, body, depth=depth)
    elif part.is_multipart() and kind != "message/rfc822":
        for child in _children(part):
            _collect(child, body, depth=depth + 1)
    elif kind in ("text/plain", "text/html") and not _is_file(part):
        words = decoded(_content(part), part.get_content_charset())
        body.plain.append(plain_text_of(words) if kind == "text/html" else words)
    elif not kind.startswith("multipart/") and kind not in ("message/delivery-status", "text/rfc822-headers"):
        _keep_file(part, body)


def _collect_alternative(part: Message, body: _Body, *, depth: int) -> None:
    """The plain one of several forms of the same words; where it is empty, the HTML one. Files of all of them."""
    forms = []
    for child in _children(part):
        form = _Body(parts=body.parts)
        _collect(child, form, depth=depth + 1)
        body.parts, body.is_cut = form.parts, body.is_cut or form.is_cut
        body.files.extend(form.files)
        forms.append(form)
    best = next((form for form in forms if any(words.strip() for words in form.plain)), None)
    if best:
        body.plain.extend(best.plain)


def _children(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (child for child in payload if isinstance(child, Message))


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _content(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        return b"".join(child.as_bytes() for child in _children(part))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _keep_file(part: Message, body: _Body) -> None:
    if len(body.files) >= MOST_FILES:
        body.is_cut = True
        return
    content = _content(part)
    is_mail = part.get_content_type() == "message/rfc822"
    name = safe_file_name(header_text(part.get_filename()) or ("来信.eml" if is_mail else ""))
    is_small = len(content) <= LARGEST_FILE
    kind = one_line(part.get_content_type())[:100]
    body.files.append(Attachment(name, kind, len(content), content if is_small else None))


def safe_file_name(name: str) -> str:
    """A name to show and to save under: no folders, no control or direction characters, never hidden, never too long."""
    base = re.split(r"[\\/]", one_line(name))[-1]
    base = re.sub(r'[<>:"|?*%;]+', "_", base).strip(" .")
    if not base:
        return "附件"
    stem, dot, ending = base.rpartition(".")
    if dot and len(ending) <= 12:
        return f"{stem[: 140 - len(ending)]}.{ending}"
    return base[:140]


def _is_automatic(message: Message, subject: str) -> bool:
    """An answer that no person wrote."""
    submitted = header_text(message.get("Auto-Submitted")).partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return True
    if message.get("X-Autoreply") or message.get("X-Autorespond"):
        return True
    if header_text(message.get("Precedence")).lower() in _QUIET:
        return True
    return bool(_AUTO_SUBJECT.match(subject))


def _bounce(message: Message, address: str, subject: str, text: str) -> Bounce | None:
    is_report = (
        message.get_content_type() == "multipart/report"
        and str(message.get_param("report-type") or "").lower() == "delivery-status"
    )
    if not is_report and not (_BOUNCE_FROM.match(address) and _BOUNCE_SUBJECT.search(subject)):
        return None
    blocks = [block for part in _walk(message) for block in _status_blocks(part)]
    failed = [block for block in blocks if header_text(block.get("Action")).lower() == "failed"]
    gone = [address for block in failed if (address := _recipient(block))]
    codes = [header_text(block.get("Status")) for block in failed]
    return Bounce(
        original_id=_original_id(message, text),
        recipients=tuple(dict.fromkeys(gone)),
        is_permanent=any(code.startswith("5") for code in codes) if blocks else True,
    )


def _walk(part: Message, depth: int = 0) -> Iterator[Message]:
    yield part
    if depth < DEEPEST and part.is_multipart() and part.get_content_type() != "message/rfc822":
        for child in _children(part):
            yield from _walk(child, depth + 1)


def _status_blocks(part: Message) -> Iterator[Message]:
    if part.get_content_type() == "message/delivery-status":
        yield from _children(part)


def _recipient(block: Message) -> str:
    value = header_text(block.get("Final-Recipient") or block.get("Original-Recipient"))
    return normalise_email(value.rpartition(";")[2]) or ""


def _original_id(message: Message, text: str) -> str:
    """The letter that came back: from its copy in the report, else what the report answers, else its words."""
    for part in _walk(message):
        if part.get_content_type() == "message/rfc822":
            for child in _children(part):
                if found := _ids(child.get("Message-ID")):
                    return found[0]
        if part.get_content_type() == "text/rfc822-headers":
            head = message_from_bytes(_content(part))
            if found := _ids(head.get("Message-ID")):
                return found[0]
    named = _ids(message.get("In-Reply-To")) or list(_references(message))
    if named:
        return named[-1]
    quoted = re.search(r"Message-ID:\s*(<[^<>\s]{1,240}>)", text, re.IGNORECASE)
    return quoted[1] if quoted else ""
