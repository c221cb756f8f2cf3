"""Reading a mailbox by IMAP. Nothing is changed there: folders are opened to be read only, letters stay unread."""

import base64
import imaplib
import re
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from shuke.connectors.mail.rules import Trouble
from shuke.connectors.mail.wire.lines import Failure, Server, Way, connect, plain_failures, tls_context

LARGEST_LETTER = 25 * 1024 * 1024
_SENT_NAMES = ("sent messages", "sent", "sent items", "已发送", "已发送邮件", "寄件備份")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
imaplib.Commands.setdefault("ID", ("AUTH", "SELECTED"))


@dataclass(frozen=True)
class Fetched:
    """One letter as the server gave it; not whole: it was too large, only its head is here."""

    uid: int
    raw: bytes
    received_at: datetime | None
    is_whole: bool


class _Line(imaplib.IMAP4):
    """IMAP over a line of ours."""

    def __init__(self, server: Server, way: Way) -> None:
        self._server, self._way = server, way
        super().__init__(server.host, server.port, timeout=way.timeout)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        line = connect(self._server, self._way)
        if self._server.tls == "implicit":
            return tls_context(self._way).wrap_socket(line, server_hostname=self._server.host)
        return line


class Mailbox:
    """An open mailbox."""

    def __init__(self, line: _Line) -> None:
        self._line = line

    def select(self, folder: str) -> int:
        """Open a folder to read; its UIDVALIDITY. Raises Failure."""
        with _answers(), plain_failures():
            state, _count = self._line.select(_quoted(folder), readonly=True)
            if state != "OK":
                raise Failure(Trouble.FOLDER)
            _name, found = self._line.response("UIDVALIDITY")
            return int(found[0]) if found and found[0] else 0

    def uids_after(self, last: int) -> list[int]:
        """UIDs greater than `last`, ascending."""
        return [uid for uid in self._search(f"UID {last + 1}:*") if uid > last]

    def uids_since(self, day: date) -> list[int]:
        """UIDs of letters that arrived on or after a day, ascending."""
        return self._search(f"SINCE {day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}")

    def _search(self, what: str) -> list[int]:
        with _answers(), plain_failures():
            state, found = self._line.uid("SEARCH", what)
            if state != "OK":
                raise Failure(Trouble.PROTOCOL)
            return sorted(int(uid) for part in found if part for uid in part.split())

    def fetch(self, uid: int) -> Fetched | None:
        """One letter; None when it is gone meanwhile. Raises Failure."""
        with _answers(), plain_failures():
            facts, _raw = self._ask(uid, "(RFC822.SIZE INTERNALDATE)")
            size = re.search(rb"RFC822\.SIZE (\d+)", facts)
            if not facts:
                return None
            is_whole = size is None or int(size[1]) <= LARGEST_LETTER
            _facts, raw = self._ask(uid, "(BODY.PEEK[])" if is_whole else "(BODY.PEEK[HEADER])")
            return None if raw is None else Fetched(uid, raw, _received(facts), is_whole)

    def _ask(self, uid: int, what: str) -> tuple[bytes, bytes | None]:
        state, found = self._line.uid("FETCH", str(uid), what)
        if state != "OK":
            raise Failure(Trouble.PROTOCOL)
        return _taken_apart(found)

    def sent_folder(self) -> str:
        """The folder of sent letters: what the server marks so, else what is called so; empty: none."""
        with _answers(), plain_failures():
            state, lines = self._line.list()
        if state != "OK":
            return ""
        known = [found for line in lines if (found := _folder_line(line))]
        marked = [name for flags, name in known if "\\sent" in flags.lower()]
        called = [name for _flags, name in known if decode_folder(name).lower() in _SENT_NAMES]
        return next(iter([*marked, *called]), "")


@contextmanager
def open_mailbox(server: Server, way: Way) -> Iterator[Mailbox]:
    """Connect, encrypt, sign in; closed at the end. Raises Failure."""
    with _answers(), plain_failures():
        line = _Line(server, way)
    try:
        with _answers(), plain_failures():
            if server.tls == "starttls":
                if "STARTTLS" not in line.capabilities:
                    raise Failure(Trouble.NO_STARTTLS)
                line.starttls(ssl_context=tls_context(way))
            _sign_in(line, server)
        yield Mailbox(line)
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            line.logout()
        with suppress(OSError):
            line.shutdown()


def _sign_in(line: _Line, server: Server) -> None:
    try:
        if server.username.isascii() and server.password.isascii():
            line.login(server.username, server.password)
        else:
            words = f"\0{server.username}\0{server.password}".encode()
            line.authenticate("PLAIN", lambda _challenge: words)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeError):
        raise Failure(Trouble.PASSWORD) from None
    if (
        "ID" in line.capabilities
    ):  # 163 and 126 refuse to open folders for programs that do not say who they are
        with suppress(imaplib.IMAP4.error):
            line._simple_command("ID", '("name" "shuke" "version" "1")')


@contextmanager
def _answers() -> Iterator[None]:
    """What imaplib raises, as Failure."""
    try:
        yield
    except imaplib.IMAP4.abort as error:
        cause = error.__context__ or error.__cause__
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise Failure(Trouble.CERTIFICATE) from None
        raise Failure(Trouble.TIMEOUT if isinstance(cause, TimeoutError) else Trouble.CONNECTION) from None
    except (imaplib.IMAP4.error, ValueError, IndexError, TypeError):  # also an answer that is no IMAP at all
        raise Failure(Trouble.PROTOCOL) from None


def _taken_apart(found: Iterable[Any]) -> tuple[bytes, bytes | None]:
    """The facts of a FETCH answer in one line, and its literal."""
    facts, raw = b"", None
    for part in found:
        if isinstance(part, tuple):
            facts += part[0]
            raw = part[1]
        elif isinstance(part, bytes):
            facts += part
    return facts, raw


def _received(facts: bytes) -> datetime | None:
    found = re.search(rb'INTERNALDATE "([^"]+)"', facts)
    if not found:
        return None
    try:
        return datetime.strptime(found[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except (ValueError, UnicodeDecodeError):
        return None


def _folder_line(line: Any) -> tuple[str, str] | None:
    """(flags, name) of a line of LIST."""
    if isinstance(line, tuple):  # the name came as a literal
        head = re.match(rb"\(([^)]*)\)", line[0])
        return (head[1].decode("ascii", "replace") if head else "", line[1].decode("ascii", "replace"))
    if not isinstance(line, bytes):
        return None
    found = re.match(rb'\(([^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (.+)$', line)
    if not found:
        return None
    name = found[2].decode("ascii", "replace").strip()
    if name.startswith('"') and name.endswith('"'):
        name = name[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return found[1].decode("ascii", "replace"), name


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def decode_folder(name: str) -> str:
    """A folder's name out of IMAP's modified UTF-7: &XfJT0ZAB- is 已发送."""

    def part(found: "re.Match[str]") -> str:
        if not found[1]:
            return "&"
        padded = found[1].replace(",", "/") + "=" * (-len(found[1]) % 4)
        try:
            return base64.b64decode(padded).decode("utf-16-be")
        except (ValueError, UnicodeDecodeError):
            return found[0]

    return re.sub(r"&([A-Za-z0-9+,]*)-", part, name)
