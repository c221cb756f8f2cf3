"""Lines to servers: names are looked up once, every address is checked, and the line goes to the address that was checked."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from shuke.connectors.mail.rules import HostRefused, Near, Trouble, may_connect, may_go_plain

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Way:
    """How lines may be laid: what is near, and certificates of one's own to trust (tests, a shop's own server)."""

    near: Near = field(default_factory=Near)
    ca_file: str = ""
    timeout: float = TIMEOUT_SECONDS
    handover_seconds: float = 60.0  # servers look a letter through before they say that they have it


@dataclass(frozen=True)
class Server:
    """One server of an account, with its login. Never printed: it holds the password."""

    host: str
    port: int
    tls: str  # implicit, starttls, none
    username: str
    password: str

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port})"


class Failure(Exception):
    """A talk with a server that ended badly: which trouble, and the server's number if it gave one."""

    def __init__(self, trouble: Trouble, code: int | None = None) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble
        self.code = code


class _PlainRefused(OSError):
    """Unencrypted words towards another machine."""


def tls_context(way: Way) -> ssl.SSLContext:
    """Certificates and names are checked, TLS 1.2 and later."""
    context = ssl.create_default_context(cafile=way.ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def connect(server: Server, way: Way) -> socket.socket:
    """A line to the first address that answers. Raises HostRefused, OSError."""
    found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    if not addresses or not all(may_connect(address, way.near) for address in addresses):
        raise HostRefused(server.host)
    if server.tls == "none" and not all(may_go_plain(address) for address in addresses):
        raise _PlainRefused(server.host)
    trouble: OSError = OSError("no address")
    for address in addresses[:4]:
        try:
            return socket.create_connection((address, server.port), timeout=way.timeout)
        except OSError as error:
            trouble = error
    raise trouble


@contextmanager
def plain_failures() -> Iterator[None]:
    """What sockets and TLS raise, as Failure."""
    try:
        yield
    except (socket.gaierror, UnicodeError) as error:
        raise Failure(Trouble.HOST) from error
    except HostRefused as error:
        raise Failure(Trouble.PRIVATE) from error
    except _PlainRefused as error:
        raise Failure(Trouble.PLAIN) from error
    except ssl.SSLCertVerificationError as error:
        raise Failure(Trouble.CERTIFICATE) from error
    except TimeoutError as error:
        raise Failure(Trouble.TIMEOUT) from error
    except ssl.SSLError as error:
        raise Failure(Trouble.PROTOCOL) from error
    except OSError as error:
        raise Failure(Trouble.CONNECTION) from error
